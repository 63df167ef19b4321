package bus

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
	"time"

	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
)

// A Bus keeps followers at the end of a journal. All methods may be called from many
// goroutines, Run once.
type Bus struct {
	journal ledger.Journal
	lanes   []*lane
}

// New makes a bus for followers with different names. changed, when it is not nil, hears
// of a follower that was parked or goes on, from that follower's goroutine, which waits
// for it.
func New(journal ledger.Journal, changed func(State), followers ...Follower) (*Bus, error) {
	b := &Bus{journal: journal}
	seen := map[string]bool{}
	for _, follower := range followers {
		if seen[follower.Name()] {
			return nil, fmt.Errorf("two followers are called %s", follower.Name())
		}
		seen[follower.Name()] = true
		l := newLane(journal, follower, patientRetry)
		l.changed = changed
		b.lanes = append(b.lanes, l)
	}
	return b, nil
}

// Run gives every follower its pages until ctx ends, and returns nil then, when the
// last Apply has returned. Each follower goes at its own pace. One whose page fails is
// given it again after growing pauses; after about half a minute, or at once when
// trying again cannot help, it is parked: see State. It then tries again every minute,
// or, when trying cannot help, when Retry says so. A parked follower is no
// reason for Run to end, except for ledger.ErrCorrupt: what has lost its memory must not
// go on deciding.
func (b *Bus) Run(ctx context.Context) error {
	if len(b.lanes) == 0 {
		<-ctx.Done()
		return nil
	}
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	for _, l := range b.lanes {
		l.fatal = cancel
	}
	if err := route(ctx, b.lanes...); err != nil {
		return err
	}
	if cause := context.Cause(ctx); errors.Is(cause, ledger.ErrCorrupt) {
		return cause
	}
	return nil
}

// State is how far a follower is.
type State struct {
	Name     string
	Position ledger.Position // everything up to here is applied
	CaughtUp bool            // that was the journal's end when it was read
	Lag      time.Duration   // the age of the oldest event being applied; 0 when caught up
	Events   uint64          // applied since Run
	Pages    uint64          // applied since Run, without empty ones
	Failures uint64          // tries that failed since Run
	Applying time.Duration   // time spent applying since Run, pauses between tries included

	Parked      error     // why the follower does not move; nil when it does
	ParkedSince time.Time // zero when it moves
	NextTry     time.Time // zero when only Retry helps
}

// States returns the state of every follower, in the order of New.
func (b *Bus) States() []State {
	states := make([]State, len(b.lanes))
	for i, l := range b.lanes {
		states[i] = l.state()
	}
	return states
}

// Retry makes a parked follower try again at once, from its own cursor. It returns an
// error wrapping ledger.ErrNotFound when there is no follower of this name, and a
// Refusal when it is not parked.
func (b *Bus) Retry(name string) error {
	for _, l := range b.lanes {
		if l.follower.Name() != name {
			continue
		}
		if l.parkedFor() == nil {
			return ledger.Refuse(ledger.Say("the follower %s is not parked", name), ledger.Say("look at its position instead"))
		}
		select {
		case l.again <- struct{}{}:
		default: // it has been told already
		}
		return nil
	}
	return fmt.Errorf("follower %s: %w", name, ledger.ErrNotFound)
}

// route runs lanes on one router until all have ended or ctx has.
func route(ctx context.Context, lanes ...*lane) error {
	// A router that closes waits for its handlers so long; whoever closes the
	// journal and the warehouse after us relies on that, so it is for ever.
	router, err := message.NewRouter(message.RouterConfig{CloseTimeout: math.MaxInt64}, quiet())
	if err != nil {
		return err
	}
	for _, l := range lanes {
		// The router gets no publisher: it would close it under running handlers.
		handler := router.AddConsumerHandler(l.follower.Name(), "journal", l, l.handle)
		handler.AddMiddleware(l.middlewares()...)
	}
	return router.Run(ctx)
}

// quiet logs the router's words at debug, since an error of a follower is reported
// where its state is, once.
func quiet() watermill.LoggerAdapter {
	return watermill.NewSlogLoggerWithLevelMapping(slog.Default(), map[slog.Level]slog.Level{
		slog.LevelInfo:  slog.LevelDebug,
		slog.LevelError: slog.LevelDebug,
	})
}
