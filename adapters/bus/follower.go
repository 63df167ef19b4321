package bus

import (
	"context"
	"errors"
	"fmt"

	"daybook/ledger"
)

// A Follower applies the journal to something of its own: tables, a proof, decisions.
type Follower interface {
	// Name says who it is, in messages and metrics; no two on a Bus have the same.
	Name() string
	// Cursor is the position up to which everything has been applied.
	Cursor(ctx context.Context) (ledger.Position, error)
	// Filter says which events it is given.
	Filter() ledger.Filter
	// Apply applies a page, and moves the cursor to page.Next; while there is more to come it
	// may leave the cursor behind and move it with a later page. It may be given a page
	// again that it has applied, and an empty page, which moves the cursor or only says
	// that the journal has nothing more: after anything else it is told so once, by the
	// page's CaughtUp. It is never called twice at a time. A *ledger.Refusal or an error wrapping
	// ledger.ErrCorrupt or ledger.ErrUndecodable says that trying again will not help; one
	// wrapping ledger.ErrMoved, that the pages to give are those after what Cursor says now.
	Apply(ctx context.Context, page ledger.Page) error
}

// Drain brings a follower up to the end of the journal and returns. Progress, when it
// is not nil, hears the cursor at the start and after every page.
//
// The error is the follower's or the journal's own, under the follower's name. What
// fails is tried a few times within about a second, unless trying again cannot help. When ctx ends, so does Drain, with its error, as soon as Apply has returned.
func Drain(ctx context.Context, journal ledger.Journal, follower Follower, progress func(done ledger.Position)) error {
	l := newLane(journal, follower, quickRetry)
	l.drain, l.progress = true, progress
	if err := route(ctx, l); err != nil {
		return err
	}
	if l.caughtUp.Load() {
		return nil
	}
	if reason := l.parkedFor(); reason != nil {
		return fmt.Errorf("%s: %w", follower.Name(), reason)
	}
	if ctx.Err() != nil {
		return fmt.Errorf("%s: %w", follower.Name(), context.Cause(ctx))
	}
	return fmt.Errorf("%s: %w", follower.Name(), errEnded)
}

// errEnded: Journal.Follow yields until its context ends or it yields an error.
var errEnded = errors.New("the journal stopped being followed")
