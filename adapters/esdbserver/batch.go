package esdbserver

import (
	"context"
	"errors"
	"io"
	"sync"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	rpc "google.golang.org/genproto/googleapis/rpc/status"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/anypb"
)

const (
	// maxOpenBytes bounds what the unfinished appends of one BatchAppend may hold.
	maxOpenBytes = 64 << 20
	// maxAtOnce bounds how many of its appends are written at the same time.
	maxAtOnce = 64
)

// BatchAppend implements streams.StreamsServer: many appends share a call, told apart
// by their correlation ids. Those to the same stream are written in the order in which
// they were finished; others together.
func (s *streamsServer) BatchAppend(call streams.Streams_BatchAppendServer) error {
	b := &batches{server: s, call: call, open: map[string]*batch{}, tails: map[ledger.StreamID]chan struct{}{}, room: make(chan struct{}, maxAtOnce)}
	defer b.running.Wait()
	for {
		request, err := call.Recv()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
		if err := b.take(request); err != nil {
			return err
		}
	}
}

// batches are the appends of one call. Only its goroutine uses open, openBytes; the
// rest is shared with those that write.
type batches struct {
	server    *streamsServer
	call      streams.Streams_BatchAppendServer
	open      map[string]*batch
	openBytes int

	running sync.WaitGroup
	room    chan struct{}

	mu    sync.Mutex
	tails map[ledger.StreamID]chan struct{} // of each stream the append that was finished last, closed when it is written
	reply sync.Mutex                        // one answer at a time
}

// batch is one append, as far as it has come in.
type batch struct {
	correlation *shared.UUID
	options     *streams.BatchAppendReq_Options
	stream      ledger.StreamID
	expect      ledger.Revision
	events      []ledger.Event
	size        int
	refused     error // what is wrong with it; it is answered when it is complete
}

func (b *batches) take(request *streams.BatchAppendReq) error {
	key := request.GetCorrelationId().String()
	current := b.open[key]
	if current == nil {
		current = &batch{correlation: request.GetCorrelationId()}
		b.open[key] = current
	}
	before := current.size
	b.server.collect(current, request)
	b.openBytes += current.size - before
	if b.openBytes > maxOpenBytes {
		return &fault{code: codes.ResourceExhausted, message: "too many appends are unfinished"}
	}
	if request.GetIsFinal() {
		delete(b.open, key)
		b.openBytes -= current.size
		b.finish(current)
	}
	return nil
}

// collect adds a request to an append, and keeps what is wrong with it.
func (s *streamsServer) collect(b *batch, request *streams.BatchAppendReq) {
	if b.options == nil {
		if b.options = request.GetOptions(); b.options == nil {
			b.refused = badRequest("an append begins with its options")
			return
		}
		b.stream, b.refused = streamOf(b.options.GetStreamIdentifier())
		if b.refused == nil {
			b.expect, b.refused = expectationOf(b.options.GetExpectedStreamPosition())
		}
	}
	for _, proposed := range request.GetProposedMessages() {
		if b.refused != nil {
			b.events = nil
			return
		}
		var event ledger.Event
		event, b.refused = eventOf(proposed.GetId(), proposed.GetMetadata(), proposed.GetData(), proposed.GetCustomMetadata())
		b.events = append(b.events, event)
		if b.size += len(event.Data) + len(event.Meta); b.refused == nil && (b.size > s.maxAppendBytes || len(b.events) > maxAppendEvents) {
			b.refused = appendTooLarge(s.maxAppendBytes)
		}
	}
}

// finish writes an append in the background, after those to the same stream that
// were finished before it.
func (b *batches) finish(done *batch) {
	own := make(chan struct{})
	b.mu.Lock()
	before := b.tails[done.stream]
	b.tails[done.stream] = own
	b.mu.Unlock()
	// The room is taken here and in order, so that those who wait for one before them
	// never take the room that it needs.
	b.room <- struct{}{}
	b.running.Go(func() {
		if before != nil {
			<-before
		}
		response := b.write(done)
		b.reply.Lock()
		// An answer that cannot be sent ends the call at the next Recv.
		_ = b.call.Send(response)
		b.reply.Unlock()
		b.mu.Lock()
		if b.tails[done.stream] == own {
			delete(b.tails, done.stream)
		}
		b.mu.Unlock()
		close(own)
		<-b.room
	})
}

func (b *batches) write(done *batch) *streams.BatchAppendResp {
	response := &streams.BatchAppendResp{
		CorrelationId:    done.correlation,
		StreamIdentifier: done.options.GetStreamIdentifier(),
	}
	switch expected := done.options.GetExpectedStreamPosition().(type) {
	case *streams.BatchAppendReq_Options_StreamPosition:
		response.ExpectedStreamPosition = &streams.BatchAppendResp_StreamPosition{StreamPosition: expected.StreamPosition}
	case *streams.BatchAppendReq_Options_NoStream:
		response.ExpectedStreamPosition = &streams.BatchAppendResp_NoStream{NoStream: expected.NoStream}
	case *streams.BatchAppendReq_Options_Any:
		response.ExpectedStreamPosition = &streams.BatchAppendResp_Any{Any: expected.Any}
	case *streams.BatchAppendReq_Options_StreamExists:
		response.ExpectedStreamPosition = &streams.BatchAppendResp_StreamExists{StreamExists: expected.StreamExists}
	}
	ctx, cancel := done.deadline(b.call.Context())
	defer cancel()
	var where written
	err := done.refused
	if err == nil {
		where, err = b.server.append(ctx, done.stream, done.expect, done.events)
	}
	if err != nil {
		response.Result = &streams.BatchAppendResp_Error{Error: b.server.statusOf(done, err)}
	} else {
		response.Result = &streams.BatchAppendResp_Success_{Success: where.toBatch()}
	}
	return response
}

// deadline bounds an append as its client asked, by a duration or, before 21.10, by a
// point in time.
func (b *batch) deadline(ctx context.Context) (context.Context, context.CancelFunc) {
	if duration := b.options.GetDeadline(); duration != nil {
		return context.WithTimeout(ctx, duration.AsDuration())
	}
	if at := b.options.GetDeadline_21_10_0(); at != nil {
		return context.WithDeadline(ctx, at.AsTime())
	}
	return context.WithCancel(ctx)
}

// statusOf is the status for an append that was refused, with exactly one detail: the
// protocol has room for one, and clients read no other.
func (s *streamsServer) statusOf(b *batch, err error) *rpc.Status {
	var wrong *wrongRevision
	var f *fault
	code, message := codes.Unknown, err.Error()
	var detail proto.Message = &shared.Unknown{}
	kind := ""
	if errors.As(err, &f) || errors.As(faultOf(err), &f) {
		code, message = f.code, f.message
		if kinds := f.trailer.Get("exception"); len(kinds) > 0 {
			kind = kinds[0]
		}
	}
	switch {
	case errors.As(err, &wrong):
		detail = wrong.toBatch()
	case kind == "stream-deleted":
		detail = &shared.StreamDeleted{StreamIdentifier: b.options.GetStreamIdentifier()}
	case kind == "maximum-append-size-exceeded":
		detail = &shared.MaximumAppendSizeExceeded{MaxAppendSize: uint32(s.maxAppendBytes)}
	case errors.Is(err, context.DeadlineExceeded):
		detail = &shared.Timeout{}
	case code == codes.InvalidArgument:
		detail = &shared.BadRequest{Message: message}
	}
	status := &rpc.Status{Code: int32(code), Message: message}
	if packed, err := anypb.New(detail); err == nil {
		status.Details = []*anypb.Any{packed}
	}
	return status
}
