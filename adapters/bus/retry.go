package bus

import (
	"errors"
	"fmt"
	"time"

	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
)

// A retryPolicy says how often a page, or the reading of pages, is tried before the
// follower is parked.
type retryPolicy struct {
	tries     int           // after the first
	first     time.Duration // about half the pause before the second try, which then grows fourfold
	longest   time.Duration // pauses grow no longer than this
	wakeEvery time.Duration // a follower parked for a passing reason tries again so often
}

var (
	// quickRetry serves a person who waits.
	quickRetry = retryPolicy{tries: 3, first: 100 * time.Millisecond, longest: 500 * time.Millisecond}
	// patientRetry rides out the restart of a server (about half a minute) before
	// it says anything.
	patientRetry = retryPolicy{tries: 6, first: 100 * time.Millisecond, longest: 10 * time.Second, wakeEvery: time.Minute}
)

// worthTrying reports whether the same page may succeed later without anybody doing
// anything. A rule that said no, a damaged journal, an event that is not what its type
// says, and a panic will be there again.
func (retryPolicy) worthTrying(err error) bool {
	var refusal *ledger.Refusal
	var panicked middleware.RecoveredPanicError
	return !errors.As(err, &refusal) && !errors.Is(err, ledger.ErrCorrupt) && !errors.Is(err, ledger.ErrUndecodable) && !errors.Is(err, ledger.ErrMoved) && !errors.As(err, &panicked)
}

// pause is how long to wait after a number of tries.
func (p retryPolicy) pause(tries int) time.Duration {
	return min(2*p.first<<(2*min(tries, 10)), p.longest)
}

func (p retryPolicy) middleware(failed func(error)) message.HandlerMiddleware {
	return middleware.Retry{
		MaxRetries:          p.tries,
		InitialInterval:     p.first,
		MaxInterval:         p.longest,
		Multiplier:          2,   // taken twice between tries, once of them to ask ShouldRetry
		RandomizationFactor: 0.2, // so that followers of one database do not all return at once
		ShouldRetry: func(params middleware.RetryParams) bool {
			failed(params.Err)
			return p.worthTrying(params.Err)
		},
		ResetContextOnRetry: true,
	}.Middleware
}

// plainReason shortens a panic to what a person can use; its stack is in the log.
func plainReason(err error) error {
	var panicked middleware.RecoveredPanicError
	if !errors.As(err, &panicked) {
		return err
	}
	if cause, is := panicked.V.(error); is {
		return fmt.Errorf("panic: %w", cause)
	}
	return fmt.Errorf("panic: %v", panicked.V)
}
