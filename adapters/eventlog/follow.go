package eventlog

import (
	"context"
	"iter"

	"daybook/ledger"
)

// Follow implements ledger.Journal. Pages have at most 1024 events or about 1 MiB, and
// are read from disk when the consumer asks for them.
func (l *Log) Follow(ctx context.Context, after ledger.Position, filter ledger.Filter) iter.Seq2[ledger.Page, error] {
	return func(yield func(ledger.Page, error) bool) {
		if err := l.follow(ctx, after, filter, func(page ledger.Page) bool { return yield(page, nil) }); err != nil {
			yield(ledger.Page{}, err)
		}
	}
}

// follow calls yield for each page, until it wants no more.
func (l *Log) follow(ctx context.Context, after ledger.Position, filter ledger.Filter, yield func(ledger.Page) bool) error {
	for first := true; ; first = false {
		head, grown := l.visible()
		if err := ledger.CheckAfter(after, head); err != nil {
			return err
		}
		s := scan{log: l, head: head, filter: filter, position: after + 1, done: after == head}
		for after < head || first {
			if err := ctx.Err(); err != nil {
				return err
			}
			var err error
			if !s.done {
				s.events = make([]ledger.Recorded, 0, min(head-after, fullWindow))
				err = s.stepAll(window{fullWindow, windowBytes, windowLooks})
				after = s.position - 1
			}
			if s.done {
				after = head
			}
			page := ledger.Page{Events: s.events, Next: after, CaughtUp: after == head}
			s.events, first = nil, false // the page is the consumer's
			if err != nil && len(page.Events) == 0 {
				return err
			}
			if !yield(page) || err != nil {
				return err
			}
		}
		select {
		case <-grown:
		case <-ctx.Done():
			return ctx.Err()
		case <-l.closing:
			return ErrClosed
		}
	}
}
