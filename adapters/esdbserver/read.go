package esdbserver

import (
	"context"
	"math"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
)

// Read implements streams.StreamsServer: reads and subscriptions, of one stream or of
// all.
func (s *streamsServer) Read(request *streams.ReadReq, call streams.Streams_ReadServer) error {
	r, err := s.reader(request.GetOptions(), call)
	if err != nil {
		return err
	}
	_, subscribes := request.GetOptions().GetCountOption().(*streams.ReadReq_Options_Subscription)
	switch {
	case subscribes && r.stream != "":
		return r.subscribed(r.subscribeStream)
	case subscribes:
		return r.subscribed(r.subscribeAll)
	case r.limit == 0:
		return nil
	case r.stream != "":
		return r.readStream(call.Context())
	}
	return r.readAll(call.Context())
}

// reader is one call of Read.
type reader struct {
	*streamsServer
	call    streams.Streams_ReadServer
	wire    wire
	resolve bool // links

	stream    ledger.StreamID // empty for all
	revision  ledger.Revision // where to start in it
	position  uint64          // where to start in all
	fromStart bool
	fromEnd   bool

	backwards bool
	limit     int // events to send
	filter    filter
}

func (s *streamsServer) reader(options *streams.ReadReq_Options, call streams.Streams_ReadServer) (*reader, error) {
	r := &reader{streamsServer: s, call: call, resolve: options.GetResolveLinks()}
	r.backwards = options.GetReadDirection() == streams.ReadReq_Options_Backwards
	switch options.GetUuidOption().GetContent().(type) {
	case *streams.ReadReq_Options_UUIDOption_Structured:
	case *streams.ReadReq_Options_UUIDOption_String_:
		r.wire.stringIDs = true
	default:
		return nil, badRequest("a read says how it wants ids")
	}
	r.limit = int(min(options.GetCount(), math.MaxInt32))
	var err error
	if r.filter, err = filterOf(options.GetFilter()); err != nil {
		return nil, err
	}
	return r, r.startAt(options)
}

// startAt reads where to start.
func (r *reader) startAt(options *streams.ReadReq_Options) error {
	switch option := options.GetStreamOption().(type) {
	case *streams.ReadReq_Options_Stream:
		var err error
		if r.stream, err = streamOf(option.Stream.GetStreamIdentifier()); err != nil {
			return err
		}
		switch from := option.Stream.GetRevisionOption().(type) {
		case *streams.ReadReq_Options_StreamOptions_Revision:
			r.revision = ledger.Revision(min(from.Revision, math.MaxInt64))
		case *streams.ReadReq_Options_StreamOptions_End:
			r.fromEnd, r.revision = true, ledger.LatestRevision
		default:
			r.fromStart = true
		}
	case *streams.ReadReq_Options_All:
		switch from := option.All.GetAllOption().(type) {
		case *streams.ReadReq_Options_AllOptions_Position:
			r.position = from.Position.GetCommitPosition()
		case *streams.ReadReq_Options_AllOptions_End:
			r.fromEnd = true
		default:
			r.fromStart = true
		}
	default:
		return badRequest("a read names a stream, or all")
	}
	return nil
}

// visible returns the stream's history when it has any to show; otherwise it has told
// the reader.
func (r *reader) visible(ctx context.Context) (h history, visible bool, err error) {
	h, err = r.look(ctx, r.stream)
	switch {
	case err != nil:
		return h, false, err
	case h.tombstoned:
		return h, false, streamDeleted(r.stream)
	case h.last < 0 || h.deleted():
		return h, false, r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_StreamNotFound_{StreamNotFound: &streams.ReadResp_StreamNotFound{
			StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(r.stream)},
		}}})
	}
	return h, true, nil
}

func (r *reader) readStream(ctx context.Context) error {
	h, visible, err := r.visible(ctx)
	if err != nil || !visible {
		return err
	}
	query := ledger.Query{Stream: r.stream, From: r.revision, Backwards: r.backwards}
	if !r.backwards {
		query.From = max(r.revision, h.firstKept())
	}
	if h.metadata.MaxAge == nil { // otherwise some of those read are not sent
		query.Limit = r.limit
	}
	return r.sendStream(ctx, h, query, r.limit)
}

// sendStream sends the events of a stream that are kept, at most so many.
func (r *reader) sendStream(ctx context.Context, h history, query ledger.Query, limit int) error {
	first, notBefore := h.firstKept(), h.notBefore(r.now())
	for event, err := range r.journal.Read(ctx, query) {
		if err != nil {
			return err
		}
		if event.Revision < first || event.RecordedAt.Before(notBefore) {
			if r.backwards {
				return nil
			}
			continue
		}
		if err := r.send(ctx, event); err != nil {
			return err
		}
		if limit--; limit == 0 {
			return nil
		}
	}
	return nil
}

func (r *reader) readAll(ctx context.Context) error {
	query := ledger.Query{Backwards: r.backwards, After: ledger.Position(r.position)}
	switch {
	case r.backwards && r.fromStart, !r.backwards && r.fromEnd:
		return nil
	case r.backwards && r.fromEnd:
		query.After = ledger.LatestPosition
	case !r.backwards && r.position > 0: // the event at the position is included
		query.After--
	}
	if !r.filter.filters {
		query.Limit = r.limit
	}
	left := r.limit
	for event, err := range r.journal.Read(ctx, query) {
		if err != nil {
			return err
		}
		if !r.filter.admits(event) {
			continue
		}
		if err := r.send(ctx, event); err != nil {
			return err
		}
		if left--; left == 0 {
			return nil
		}
	}
	return nil
}

// send sends an event, or what a link points to together with the link.
func (r *reader) send(ctx context.Context, event ledger.Recorded) error {
	sent := &streams.ReadResp_ReadEvent{
		Event:    r.wire.recorded(event),
		Position: &streams.ReadResp_ReadEvent_CommitPosition{CommitPosition: uint64(event.Position)},
	}
	if r.resolve && event.Type == linkType {
		sent.Link, sent.Event = sent.Event, nil
		target, found, err := r.target(ctx, event)
		if err != nil {
			return err
		}
		if found {
			sent.Event = r.wire.recorded(target)
		}
	}
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Event{Event: sent}})
}

// target finds what a link points to; it may be gone.
func (r *reader) target(ctx context.Context, link ledger.Recorded) (event ledger.Recorded, found bool, err error) {
	stream, revision, is := parseLink(link.Data)
	if !is {
		return event, false, nil
	}
	h, err := r.look(ctx, stream)
	if err != nil || h.tombstoned || revision < h.firstKept() || revision > h.last {
		return event, false, err
	}
	for event, err := range r.journal.Read(ctx, ledger.Query{Stream: stream, From: revision, Limit: 1}) {
		return event, err == nil && !event.RecordedAt.Before(h.notBefore(r.now())), err
	}
	return event, false, nil
}

// confirm tells a subscriber that it is one.
func (r *reader) confirm(id string) error {
	return r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Confirmation{
		Confirmation: &streams.ReadResp_SubscriptionConfirmation{SubscriptionId: id},
	}})
}
