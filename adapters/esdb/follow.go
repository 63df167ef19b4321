package esdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"time"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

const (
	// pageEvents and pageBytes bound a page, and with it what waits in memory.
	pageEvents = 512
	pageBytes  = 1 << 20
)

// Follow implements ledger.Journal. A subscription that ends is made again from the
// last position; when no server is found for Options.Patience, the error is yielded.
func (j *Journal) Follow(ctx context.Context, after ledger.Position, filter ledger.Filter) iter.Seq2[ledger.Page, error] {
	return func(yield func(ledger.Page, error) bool) {
		f := &following{journal: j, filter: filter, next: after, yield: func(page ledger.Page) bool { return yield(page, nil) }}
		if err := f.run(ctx); err != nil {
			yield(ledger.Page{}, fmt.Errorf("follow: %w", err))
		}
	}
}

// following is one call of Follow.
type following struct {
	journal *Journal
	filter  ledger.Filter
	yield   func(ledger.Page) bool

	next    ledger.Position // everything up to here has been yielded
	heard   bool            // the subscription has brought something
	stopped bool            // the consumer has had enough
}

func (f *following) run(ctx context.Context) error {
	head, err := f.journal.end(ctx)
	if err != nil {
		return err
	}
	if err := ledger.CheckAfter(f.next, head); err != nil {
		return err
	}
	lost := time.Time{} // since when there is no server
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		f.heard = false
		err := f.subscribe(ctx)
		switch {
		case f.stopped:
			return nil
		case ctx.Err() != nil:
			return ctx.Err()
		case !isLost(err):
			return err
		}
		if f.heard || lost.IsZero() {
			lost, pause = time.Now(), firstPause
		}
		if time.Since(lost) > f.journal.options.Patience {
			return err
		}
		if !sleep(ctx, pause) {
			return ctx.Err()
		}
	}
}

// end is the position of the last event of all, the server's own included.
func (j *Journal) end(ctx context.Context) (ledger.Position, error) {
	options := newOptions()
	options.ReadDirection = streams.ReadReq_Options_Backwards
	options.CountOption = &streams.ReadReq_Options_Count{Count: 1}
	options.FilterOption = &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}}
	options.StreamOption = &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{
		AllOption: &streams.ReadReq_Options_AllOptions_End{End: &shared.Empty{}},
	}}
	call, err := j.call(ctx, options)
	if err != nil {
		return 0, err
	}
	defer call.end()
	answer, err := j.receive(call, j.options.Timeout)
	if errors.Is(err, io.EOF) {
		return 0, nil
	}
	if err != nil {
		return 0, err
	}
	return ledger.Position(answer.GetEvent().GetCommitPosition()), nil
}

// subscribe yields what comes after next until the subscription ends, and returns why
// it did.
func (f *following) subscribe(ctx context.Context) error {
	options := newOptions()
	options.CountOption = &streams.ReadReq_Options_Subscription{Subscription: &streams.ReadReq_Options_SubscriptionOptions{}}
	options.FilterOption = filterOption(f.filter)
	start := &streams.ReadReq_Options_AllOptions{AllOption: at(f.next)}
	if f.next == 0 {
		start.AllOption = &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}}
	}
	options.StreamOption = &streams.ReadReq_Options_All{All: start}
	call, err := f.journal.call(ctx, options)
	if err != nil {
		return err
	}
	// What is received is handed over one by one: the connection's own window is all
	// that waits beside the page.
	arrived := make(chan arrival)
	go func() {
		defer close(arrived)
		f.journal.receiveAll(call, arrived)
	}()
	defer func() {
		call.end()
		for range arrived {
		}
	}()
	return f.pages(arrived)
}

// arrival is a message of a subscription, or why there is none.
type arrival struct {
	answer *streams.ReadResp
	err    error
}

// receiveAll has no timeout: nothing may happen for a long time, and that the server is
// gone shows in the pings of the connection.
func (j *Journal) receiveAll(call *reading, arrived chan<- arrival) {
	for {
		answer, err := j.receive(call, 0)
		select {
		case arrived <- arrival{answer, err}:
		case <-call.call.Context().Done():
			return
		}
		if err != nil {
			return
		}
	}
}

// pages hands on what arrives until it ends.
func (f *following) pages(arrived <-chan arrival) error {
	g := gathering{following: f, page: ledger.Page{Next: f.next}}
	for !f.stopped {
		a, is := next(arrived, g.waits())
		switch {
		case !is:
			g.hand(true)
		case errors.Is(a.err, io.EOF):
			return errEnded
		case a.err != nil:
			return a.err
		default:
			f.heard = true
			if err := g.take(a.answer); err != nil {
				return err
			}
		}
	}
	return nil
}

// errEnded: a subscription has no end of its own.
var errEnded = status.Error(codes.Unavailable, "the event store ended the subscription")

// gathering is a page in the making. It ends where it is full, where the server has
// caught up, and, in the present, when nothing more comes at once. Without an event it
// ends where the server says how far it has looked.
type gathering struct {
	*following
	page  ledger.Page
	bytes int
	live  bool // the server has caught up
	said  bool // and the last page was the end of the journal
}

// waits reports whether the page, or that the end is reached, waits only for more.
func (g *gathering) waits() bool { return g.live && (len(g.page.Events) > 0 || !g.said) }

func (g *gathering) hand(caughtUp bool) {
	g.page.CaughtUp, g.said = caughtUp, caughtUp
	g.next, g.bytes = g.page.Next, 0
	g.stopped = !g.yield(g.page)
	g.page = ledger.Page{Next: g.next}
}

func (g *gathering) take(answer *streams.ReadResp) error {
	switch content := answer.GetContent().(type) {
	case *streams.ReadResp_Event:
		return g.takeEvent(content.Event)
	case *streams.ReadResp_Checkpoint_:
		g.page.Next = max(g.page.Next, ledger.Position(content.Checkpoint.GetCommitPosition()))
		if len(g.page.Events) == 0 {
			g.hand(false)
		}
	case *streams.ReadResp_CaughtUp_:
		g.live = true
		g.hand(true)
	case *streams.ReadResp_FellBehind_:
		g.live = false
	}
	return nil
}

func (g *gathering) takeEvent(read *streams.ReadResp_ReadEvent) error {
	event, is, err := recordedOf(read)
	if err != nil {
		return err
	}
	// An event of the server's own moves the cursor too.
	g.page.Next, g.said = max(g.page.Next, place(read)), false
	if !is || event.Position <= g.next || !g.filter.Admits(event.Stream, event.Type) {
		return nil
	}
	g.page.Events = append(g.page.Events, event)
	g.bytes += len(event.Data) + len(event.Meta)
	if len(g.page.Events) >= pageEvents || g.bytes >= pageBytes {
		g.hand(false)
	}
	return nil
}

// gatherFor is how long a page of the present waits for one more event.
const gatherFor = 2 * time.Millisecond

// next takes the next arrival; when hurry is set, it waits only a moment.
func next(arrived <-chan arrival, hurry bool) (a arrival, is bool) {
	var late <-chan time.Time
	if hurry {
		timer := time.NewTimer(gatherFor)
		defer timer.Stop()
		late = timer.C
	}
	select {
	case a, open := <-arrived:
		if !open {
			a.err = errEnded
		}
		return a, true
	case <-late:
		return a, false
	}
}

// place is the position of an event in all streams.
func place(read *streams.ReadResp_ReadEvent) ledger.Position {
	return ledger.Position(min(originalOf(read).GetCommitPosition(), math.MaxInt64))
}
