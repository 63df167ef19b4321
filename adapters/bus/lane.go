package bus

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// A lane is the way from the journal to one follower. It is the Subscriber that the
// follower's handler reads from.
type lane struct {
	journal  ledger.Journal
	follower Follower
	retry    retryPolicy
	changed  func(State)                // nil, or told when the follower is parked or goes on
	drain    bool                       // end when caught up, or at the first page that cannot be applied
	progress func(done ledger.Position) // nil, or told of every acknowledged page
	fatal    context.CancelCauseFunc    // on a Bus: ends all its lanes

	again chan struct{} // a request to try a parked page again; holds at most one

	position atomic.Uint64 // after the last page acknowledged
	caughtUp atomic.Bool   // that page was at the journal's end
	behind   atomic.Int64  // when the oldest event being applied was recorded, Unix nanoseconds; 0 when caught up
	events   atomic.Uint64
	pages    atomic.Uint64
	failures atomic.Uint64
	applying atomic.Int64 // nanoseconds spent in Apply

	mu     sync.Mutex
	parked *parking
}

// parking says why and since when a follower does not move.
type parking struct {
	reason error
	since  time.Time
	wakeAt time.Time // zero when only a command helps
}

func newLane(journal ledger.Journal, follower Follower, retry retryPolicy) *lane {
	return &lane{journal: journal, follower: follower, retry: retry, again: make(chan struct{}, 1)}
}

// A delivery is a page on its way. It rides in the message's context: pages are not
// encoded, since they never leave the process.
type delivery struct {
	page ledger.Page
	err  error // why the page was not applied; written before Nack, read after
}

type deliveryKey struct{}

func deliveryOf(msg *message.Message) *delivery {
	d, _ := msg.Context().Value(deliveryKey{}).(*delivery)
	return d
}

// Subscribe implements message.Subscriber. The channel is closed when ctx ends, or,
// draining, when the follower has caught up or cannot go on.
func (l *lane) Subscribe(ctx context.Context, _ string) (<-chan *message.Message, error) {
	out := make(chan *message.Message)
	go func() {
		defer close(out)
		for tries, from := 0, uint64(0); ctx.Err() == nil; tries++ {
			tried, err := l.deliver(ctx, out)
			if err == nil || ctx.Err() != nil {
				return
			}
			if errors.Is(err, ledger.ErrMoved) {
				continue // from the cursor that it has now
			}
			// A page has been tried as often as it should. The journal and the cursor
			// have not, unless it was here that they failed before.
			if now := l.position.Load(); now != from {
				tries, from = 0, now
			}
			if !tried && l.retry.worthTrying(err) && tries < l.retry.tries {
				l.noteFailure(err)
				sleep(ctx, l.retry.pause(tries))
				continue
			}
			l.park(err)
			if l.drain {
				return
			}
			if errors.Is(err, ledger.ErrCorrupt) {
				l.fatal(fmt.Errorf("%s: %w", l.follower.Name(), err))
				return
			}
			if !l.waitParked(ctx) {
				return
			}
		}
	}()
	return out, nil
}

// Close implements message.Subscriber. The router ends the lane through its context.
func (l *lane) Close() error { return nil }

// deliver sends pages from the follower's cursor on. It returns nil when it is done,
// and otherwise why it cannot go on, and whether that is a page that was tried again
// already.
func (l *lane) deliver(ctx context.Context, out chan<- *message.Message) (tried bool, err error) {
	cursor, err := l.follower.Cursor(ctx)
	if err != nil {
		return false, err
	}
	l.position.Store(uint64(cursor))
	if l.progress != nil {
		l.progress(cursor)
	}
	underway := false // the follower has been given something, and not the end
	following, stop := context.WithCancel(ctx)
	for page, err := range ahead(gather(l.journal.Follow(following, cursor, l.follower.Filter())), stop) {
		if err != nil {
			return false, err
		}
		// At the end of the journal there may be a page with nothing in it. It is news to a
		// follower that acts at the end, when the page before was not the end yet.
		if len(page.Events) > 0 || page.Next > cursor || page.CaughtUp && underway {
			if err := l.send(ctx, out, page); err != nil {
				return true, err
			}
			underway = !page.CaughtUp
		}
		cursor = page.Next
		l.reached(page)
		if l.drain && page.CaughtUp {
			return false, nil
		}
	}
	return false, errEnded
}

// Followers write what a page comes to as one block, which costs them the same whether it
// is small or large: so pages are put together, while there is more to come, until they
// have about so many events or bytes.
const (
	gatherEvents = 32 << 10
	gatherBytes  = 32 << 20
)

// gather puts pages together. One that is at the journal's end is passed on at once, and
// so is what there is before an error.
func gather(pages iter.Seq2[ledger.Page, error]) iter.Seq2[ledger.Page, error] {
	return func(yield func(ledger.Page, error) bool) {
		var held ledger.Page
		bytes := 0
		for page, err := range pages {
			if err != nil {
				if len(held.Events) == 0 || yield(held, nil) {
					yield(ledger.Page{}, err)
				}
				return
			}
			held.Events = append(held.Events, page.Events...)
			held.Next, held.CaughtUp = page.Next, page.CaughtUp
			for _, event := range page.Events {
				bytes += len(event.Data) + len(event.Meta)
			}
			if !page.CaughtUp && len(held.Events) < gatherEvents && bytes < gatherBytes {
				continue
			}
			if !yield(held, nil) {
				return
			}
			held, bytes = ledger.Page{}, 0
		}
	}
}

// ahead reads the next page while the one before is being applied. stop must end the
// reading, wherever it waits.
func ahead(pages iter.Seq2[ledger.Page, error], stop func()) iter.Seq2[ledger.Page, error] {
	type next struct {
		page ledger.Page
		err  error
	}
	return func(yield func(ledger.Page, error) bool) {
		read, enough := make(chan next), make(chan struct{})
		go func() {
			defer close(read)
			for page, err := range pages {
				select {
				case read <- next{page, err}:
				case <-enough:
					return
				}
			}
		}()
		defer func() {
			stop()
			close(enough)
			for range read { // the reading has ended when the channel is closed
			}
		}()
		for n := range read {
			if !yield(n.page, n.err) {
				return
			}
		}
	}
}

// send hands over a page and waits until it is acknowledged.
func (l *lane) send(ctx context.Context, out chan<- *message.Message, page ledger.Page) error {
	d := &delivery{page: page}
	if len(page.Events) > 0 {
		l.behind.Store(page.Events[0].RecordedAt.UnixNano())
	}
	l.caughtUp.Store(false)
	msg := message.NewMessageWithContext(context.WithValue(ctx, deliveryKey{}, d),
		fmt.Sprintf("%s@%d", l.follower.Name(), uint64(page.Next)), nil)
	select {
	case out <- msg:
	case <-ctx.Done():
		return ctx.Err()
	}
	// Once a page is handed over, only its Ack or Nack ends the wait: the follower may
	// still be at work on it when ctx has ended.
	select {
	case <-msg.Acked():
		return nil
	case <-msg.Nacked():
		if d.err == nil {
			return errors.New("a page was handed back without a reason")
		}
		return d.err
	}
}

// reached notes that everything up to the page's end is applied.
func (l *lane) reached(page ledger.Page) {
	l.position.Store(uint64(page.Next))
	if page.CaughtUp {
		l.behind.Store(0)
	}
	l.caughtUp.Store(page.CaughtUp)
	if len(page.Events) > 0 {
		l.pages.Add(1)
		l.events.Add(uint64(len(page.Events)))
	}
	l.unpark()
	if l.progress != nil {
		l.progress(page.Next)
	}
}

// handle is the router's handler.
func (l *lane) handle(msg *message.Message) error {
	return l.follower.Apply(msg.Context(), deliveryOf(msg).page)
}

// middlewares are in the order in which they are passed. The inner Recoverer turns a
// panic of the follower into an error before Retry and keepReason see it; the outer one
// is for what they do themselves.
func (l *lane) middlewares() []message.HandlerMiddleware {
	return []message.HandlerMiddleware{
		middleware.Recoverer,
		l.measure,
		l.keepReason,
		l.retry.middleware(l.noteFailure),
		middleware.Recoverer,
	}
}

// measure counts the time a page takes, retries included.
func (l *lane) measure(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		start := time.Now()
		defer func() { l.applying.Add(int64(time.Since(start))) }()
		return next(msg)
	}
}

// keepReason stands where a poison queue would: it keeps the error for the lane, and
// lets the router hand the page back.
func (l *lane) keepReason(next message.HandlerFunc) message.HandlerFunc {
	return func(msg *message.Message) ([]*message.Message, error) {
		produced, err := next(msg)
		deliveryOf(msg).err = err
		return produced, err
	}
}

func (l *lane) noteFailure(err error) {
	l.failures.Add(1)
	slog.Debug("follower: a try failed", "follower", l.follower.Name(), "error", err)
}

// park writes down that the follower does not move.
func (l *lane) park(err error) {
	p := &parking{reason: plainReason(err), since: time.Now()}
	if l.retry.worthTrying(err) {
		p.wakeAt = p.since.Add(l.retry.wakeEvery)
	}
	l.mu.Lock()
	if l.parked != nil { // it did not get past the same place
		p.since = l.parked.since
	}
	l.parked = p
	l.mu.Unlock()
	l.tell()
}

func (l *lane) unpark() {
	l.mu.Lock()
	was := l.parked
	l.parked = nil
	l.mu.Unlock()
	if was != nil {
		l.tell()
	}
}

func (l *lane) tell() {
	if l.changed != nil {
		l.changed(l.state())
	}
}

func (l *lane) parkedFor() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.parked == nil {
		return nil
	}
	return l.parked.reason
}

// waitParked waits for the command to try again, or until it is time to, and reports
// false when ctx ended first.
func (l *lane) waitParked(ctx context.Context) bool {
	l.mu.Lock()
	wakeAt := l.parked.wakeAt
	l.mu.Unlock()
	var wake <-chan time.Time
	if !wakeAt.IsZero() {
		timer := time.NewTimer(time.Until(wakeAt))
		defer timer.Stop()
		wake = timer.C
	}
	select {
	case <-l.again:
		return true
	case <-wake:
		return true
	case <-ctx.Done():
		return false
	}
}

// state is a snapshot for people.
func (l *lane) state() State {
	s := State{
		Name:     l.follower.Name(),
		Position: ledger.Position(l.position.Load()),
		CaughtUp: l.caughtUp.Load(),
		Events:   l.events.Load(),
		Pages:    l.pages.Load(),
		Failures: l.failures.Load(),
		Applying: time.Duration(l.applying.Load()),
	}
	if behind := l.behind.Load(); behind != 0 {
		s.Lag = max(0, time.Since(time.Unix(0, behind)))
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.parked != nil {
		s.Parked, s.ParkedSince, s.NextTry = l.parked.reason, l.parked.since, l.parked.wakeAt
	}
	return s
}
