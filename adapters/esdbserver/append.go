package esdbserver

import (
	"context"
	"errors"
	"io"
	"time"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
)

// streamsServer is the Streams service over a journal.
type streamsServer struct {
	streams.UnimplementedStreamsServer
	journal        ledger.Journal
	maxAppendBytes int
	now            func() time.Time
	stripes        stripes
	stopping       chan struct{}
}

// maxAppendEvents bounds the events of one append, which may be empty.
const maxAppendEvents = 16 << 10

// written is where an append ended up.
type written struct {
	revision ledger.Revision // of the last event, or of the stream when nothing was appended; -1 without events
	position ledger.Position // of the last event; 0 when nothing was appended
}

// append writes events under EventStoreDB's rules for deleted streams. A refused
// expectation is a *wrongRevision.
func (s *streamsServer) append(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events []ledger.Event) (written, error) {
	lock := s.stripes.of(stream)
	lock.RLock()
	h, err := s.look(ctx, stream)
	if err == nil && !h.deleted() && !isMetadataStream(stream) {
		defer lock.RUnlock()
		return s.appendTo(ctx, h, expect, events)
	}
	lock.RUnlock()
	if err != nil {
		return written{}, err
	}
	lock.Lock()
	defer lock.Unlock()
	if isMetadataStream(stream) {
		return s.appendMetadata(ctx, stream, expect, events)
	}
	return s.revive(ctx, stream, expect, events)
}

// appendTo writes to a stream that is not deleted.
func (s *streamsServer) appendTo(ctx context.Context, h history, expect ledger.Revision, events []ledger.Event) (written, error) {
	if h.tombstoned {
		return written{}, streamDeleted(h.stream)
	}
	if expect == ledger.Exists && h.last < 0 && h.exists() {
		expect = ledger.NoStream // it has metadata, which is enough, but no events
	}
	position, err := s.journal.Append(ctx, h.stream, expect, events...)
	if errors.Is(err, ledger.ErrConflict) {
		now, lookErr := s.look(ctx, h.stream)
		if lookErr != nil {
			return written{}, lookErr
		}
		return written{}, &wrongRevision{h.stream, expect, now.last}
	}
	if err != nil {
		return written{}, err
	}
	if len(events) == 0 {
		return written{revision: h.last}, nil
	}
	return s.writtenAt(ctx, position)
}

// writtenAt finds the revision of the event at a position: after a replay it is not
// the stream's last.
func (s *streamsServer) writtenAt(ctx context.Context, position ledger.Position) (written, error) {
	for event, err := range s.journal.Read(ctx, ledger.Query{After: position - 1, Limit: 1}) {
		return written{event.Revision, position}, err
	}
	return written{}, errors.New("what was just appended cannot be read")
}

// revive writes to a deleted stream. Its revisions go on where they ended, and what was
// deleted stays so: $tb moves to the first new event. That is written first, so that an
// append that was answered is never hidden.
func (s *streamsServer) revive(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events []ledger.Event) (written, error) {
	h, err := s.look(ctx, stream)
	if err != nil {
		return written{}, err
	}
	if h.tombstoned || !h.deleted() {
		return s.appendTo(ctx, h, expect, events)
	}
	switch {
	case expect == ledger.Exists, expect >= 0 && expect != h.last:
		return written{}, &wrongRevision{stream, expect, h.last}
	case expect == ledger.NoStream && h.last >= 0:
		expect = h.last
	}
	if err := s.putMetadata(ctx, h, withBefore(h.raw, h.last+1)); err != nil {
		return written{}, err
	}
	return s.appendTo(ctx, h, expect, events)
}

// appendMetadata writes to the metadata of a stream. Metadata of a deleted stream
// revive it, without what was deleted.
func (s *streamsServer) appendMetadata(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events []ledger.Event) (written, error) {
	of, err := s.look(ctx, stream[len(metadataPrefix):])
	if err != nil {
		return written{}, err
	}
	if of.tombstoned {
		return written{}, streamDeleted(of.stream)
	}
	if of.deleted() {
		for i := range events {
			events[i].Data = withBefore(events[i].Data, of.last+1)
		}
	}
	h, err := s.look(ctx, stream)
	if err != nil {
		return written{}, err
	}
	return s.appendTo(ctx, h, expect, events)
}

func (s *streamsServer) putMetadata(ctx context.Context, h history, data []byte) error {
	_, err := s.journal.Append(ctx, metadataStream(h.stream), ledger.Any, metadataEvent(h, data))
	return err
}

// Append implements streams.StreamsServer.
func (s *streamsServer) Append(call streams.Streams_AppendServer) error {
	first, err := call.Recv()
	if err != nil {
		return badRequest("an append begins with its options")
	}
	options := first.GetOptions()
	stream, err := streamOf(options.GetStreamIdentifier())
	if err != nil {
		return err
	}
	expect, err := expectationOf(options.GetExpectedStreamRevision())
	if err != nil {
		return err
	}
	events, err := s.receive(call)
	if err != nil {
		return err
	}
	done, err := s.append(call.Context(), stream, expect, events)
	var wrong *wrongRevision
	switch {
	case errors.As(err, &wrong):
		return call.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_WrongExpectedVersion_{WrongExpectedVersion: wrong.toAppend()}})
	case err != nil:
		return err
	}
	return call.SendAndClose(&streams.AppendResp{Result: &streams.AppendResp_Success_{Success: done.toAppend()}})
}

// receive reads the events of an append, no more than it may carry.
func (s *streamsServer) receive(call streams.Streams_AppendServer) ([]ledger.Event, error) {
	var events []ledger.Event
	size := 0
	for {
		request, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return events, nil
		}
		if err != nil {
			return nil, err
		}
		proposed := request.GetProposedMessage()
		event, err := eventOf(proposed.GetId(), proposed.GetMetadata(), proposed.GetData(), proposed.GetCustomMetadata())
		if err != nil {
			return nil, err
		}
		if size += len(event.Data) + len(event.Meta); size > s.maxAppendBytes || len(events) == maxAppendEvents {
			return nil, appendTooLarge(s.maxAppendBytes)
		}
		events = append(events, event)
	}
}

// Delete implements streams.StreamsServer: the stream's events are not shown any more,
// until it is written to again.
func (s *streamsServer) Delete(ctx context.Context, request *streams.DeleteReq) (*streams.DeleteResp, error) {
	h, unlock, err := s.toEnd(ctx, request.GetOptions().GetStreamIdentifier(), request.GetOptions().GetExpectedStreamRevision())
	if err != nil {
		return nil, err
	}
	defer unlock()
	event := metadataEvent(h, withBefore(nil, noMore))
	position, err := s.journal.Append(ctx, metadataStream(h.stream), ledger.Any, event)
	if err != nil {
		return nil, err
	}
	return &streams.DeleteResp{PositionOption: &streams.DeleteResp_Position_{Position: &streams.DeleteResp_Position{
		CommitPosition: uint64(position), PreparePosition: uint64(position),
	}}}, nil
}

// Tombstone implements streams.StreamsServer: the stream's events are never shown, nor
// is it written to, again.
func (s *streamsServer) Tombstone(ctx context.Context, request *streams.TombstoneReq) (*streams.TombstoneResp, error) {
	h, unlock, err := s.toEnd(ctx, request.GetOptions().GetStreamIdentifier(), request.GetOptions().GetExpectedStreamRevision())
	if err != nil {
		return nil, err
	}
	defer unlock()
	position, err := s.journal.Append(ctx, h.stream, h.last, tombstone(h.stream))
	if errors.Is(err, ledger.ErrConflict) {
		return nil, &fault{code: codes.Aborted, message: "the stream was written to meanwhile; try again"}
	}
	if err != nil {
		return nil, err
	}
	return &streams.TombstoneResp{PositionOption: &streams.TombstoneResp_Position_{Position: &streams.TombstoneResp_Position{
		CommitPosition: uint64(position), PreparePosition: uint64(position),
	}}}, nil
}

// toEnd locks a stream that is to be deleted, and checks that it may be.
func (s *streamsServer) toEnd(ctx context.Context, identifier *shared.StreamIdentifier, expected any) (h history, unlock func(), err error) {
	stream, err := streamOf(identifier)
	if err != nil {
		return h, nil, err
	}
	expect, err := expectationOf(expected)
	if err != nil {
		return h, nil, err
	}
	lock := s.stripes.of(stream)
	lock.Lock()
	defer func() {
		if err != nil {
			lock.Unlock()
		}
	}()
	if h, err = s.look(ctx, stream); err != nil {
		return h, nil, err
	}
	if h.tombstoned {
		return h, nil, streamDeleted(stream)
	}
	fits := expect == ledger.Any || expect == ledger.Exists && h.exists() || expect == h.last
	if !fits || h.last < 0 {
		return h, nil, &wrongRevision{stream, expect, h.last}
	}
	return h, lock.Unlock, nil
}
