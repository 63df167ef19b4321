package esdbserver

import (
	"context"
	"errors"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
)

// stop ends the subscriptions, which would otherwise go on for ever.
func (s *streamsServer) stop() {
	select {
	case <-s.stopping:
	default:
		close(s.stopping)
	}
}

// subscribed runs a subscription until the client or the server ends it.
func (r *reader) subscribed(subscription func(context.Context) error) error {
	if r.backwards {
		return badRequest("a subscription reads forwards")
	}
	ctx, cancel := context.WithCancelCause(r.call.Context())
	defer cancel(nil)
	go func() {
		select {
		case <-r.stopping:
			cancel(errStopping)
		case <-ctx.Done():
		}
	}()
	err := subscription(ctx)
	if cause := context.Cause(ctx); errors.Is(cause, errStopping) {
		return cause
	}
	return err
}

// subscribeAll sends the events of all streams strictly after a position.
func (r *reader) subscribeAll(ctx context.Context) error {
	after := ledger.Position(r.position)
	if r.fromEnd {
		head, err := ledger.Head(ctx, r.journal)
		if err != nil {
			return err
		}
		after = head
	}
	if err := r.confirm(uuid.NewString()); err != nil {
		return err
	}
	tail := tail{reader: r, checkpoint: after}
	for page, err := range r.journal.Follow(ctx, after, ledger.Filter{}) {
		if err != nil {
			return err
		}
		if err := tail.send(ctx, page); err != nil {
			return err
		}
	}
	return errors.New("the journal stopped being followed")
}

// tail sends pages of all streams, and between them says how far it has looked.
type tail struct {
	*reader
	looked     int             // events since the last checkpoint
	checkpoint ledger.Position // the last one sent, or where the subscription began
	caughtUp   bool
}

func (t *tail) send(ctx context.Context, page ledger.Page) error {
	for _, event := range page.Events {
		if t.filter.admits(event) {
			if err := t.reader.send(ctx, event); err != nil {
				return err
			}
		}
		if t.looked++; t.filter.filters && t.looked >= t.filter.interval {
			if err := t.mark(event.Position); err != nil {
				return err
			}
		}
	}
	if !page.CaughtUp || t.caughtUp {
		t.caughtUp = page.CaughtUp
		return nil
	}
	t.caughtUp = true
	if t.filter.filters {
		if err := t.mark(page.Next); err != nil {
			return err
		}
	}
	return t.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}})
}

// mark sends a checkpoint, unless one at this place was sent before: clients refuse
// one that does not rise.
func (t *tail) mark(position ledger.Position) error {
	t.looked = 0
	if position <= t.checkpoint {
		return nil
	}
	t.checkpoint = position
	return t.call.Send(&streams.ReadResp{Content: &streams.ReadResp_Checkpoint_{Checkpoint: &streams.ReadResp_Checkpoint{
		CommitPosition: uint64(position), PreparePosition: uint64(position),
	}}})
}

// subscribeStream sends the events of a stream strictly after a revision. What is there
// comes from the stream, and what was not there when that was read from the journal as
// a whole, from where it then ended.
func (r *reader) subscribeStream(ctx context.Context) error {
	head, err := ledger.Head(ctx, r.journal)
	if err != nil {
		return err
	}
	h, err := r.look(ctx, r.stream)
	if err != nil {
		return err
	}
	if h.tombstoned {
		return streamDeleted(r.stream)
	}
	if err := r.confirm(uuid.NewString()); err != nil {
		return err
	}
	sent := r.revision
	switch {
	case r.fromStart:
		sent = -1
	case r.fromEnd:
		sent = h.last
	}
	if sent, err = r.sendPast(ctx, h, sent); err != nil {
		return err
	}
	return r.sendLive(ctx, head, sent)
}

// sendPast sends what the stream holds after a revision, and returns the revision from
// which it goes on.
func (r *reader) sendPast(ctx context.Context, h history, sent ledger.Revision) (ledger.Revision, error) {
	if sent >= h.last || h.deleted() {
		return max(sent, h.last), nil
	}
	first, notBefore := h.firstKept(), h.notBefore(r.now())
	for event, err := range r.journal.Read(ctx, ledger.Query{Stream: r.stream, From: max(sent+1, first)}) {
		if err != nil {
			return sent, err
		}
		if isTombstone(event) {
			return sent, streamDeleted(r.stream)
		}
		sent = event.Revision
		if event.RecordedAt.Before(notBefore) {
			continue
		}
		if err := r.send(ctx, event); err != nil {
			return sent, err
		}
	}
	return max(sent, h.last), nil
}

// sendLive sends the stream's events after a revision out of all events after a
// position.
func (r *reader) sendLive(ctx context.Context, after ledger.Position, sent ledger.Revision) error {
	caughtUp := false
	for page, err := range r.journal.Follow(ctx, after, ledger.Filter{Streams: []string{string(r.stream)}}) {
		if err != nil {
			return err
		}
		for _, event := range page.Events {
			if event.Stream != r.stream || event.Revision <= sent {
				continue
			}
			if isTombstone(event) {
				return streamDeleted(r.stream)
			}
			if err := r.send(ctx, event); err != nil {
				return err
			}
			sent = event.Revision
		}
		if page.CaughtUp && !caughtUp {
			if err := r.call.Send(&streams.ReadResp{Content: &streams.ReadResp_CaughtUp_{CaughtUp: &streams.ReadResp_CaughtUp{}}}); err != nil {
				return err
			}
		}
		caughtUp = page.CaughtUp
	}
	return errors.New("the journal stopped being followed")
}
