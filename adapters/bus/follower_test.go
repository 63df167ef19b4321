package bus

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/prometheus/client_golang/prometheus"
)

// tally is a follower that keeps what it was given, as a table with its cursor would.
type tally struct {
	name   string
	filter ledger.Filter
	fail   func(page ledger.Page, try int) error // before the effect
	after  func(page ledger.Page, try int) error // after the effect

	mu      sync.Mutex
	unknown error // instead of the cursor
	cursor  ledger.Position
	applied []ledger.Position
	tries   map[ledger.Position]int
	busy    bool
}

func (f *tally) Name() string          { return f.name }
func (f *tally) Filter() ledger.Filter { return f.filter }

func (f *tally) Cursor(context.Context) (ledger.Position, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.cursor, f.unknown
}

func (f *tally) Apply(ctx context.Context, page ledger.Page) error {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.busy {
		panic("applied twice at a time")
	}
	f.busy = true
	defer func() { f.busy = false }()
	if f.tries == nil {
		f.tries = map[ledger.Position]int{}
	}
	f.tries[page.Next]++
	try := f.tries[page.Next]
	if f.fail != nil {
		if err := f.fail(page, try); err != nil {
			return err
		}
	}
	for _, event := range page.Events {
		if event.Position > f.cursor {
			f.applied = append(f.applied, event.Position)
		}
	}
	f.cursor = max(f.cursor, page.Next)
	if f.after != nil {
		return f.after(page, try)
	}
	return nil
}

// positions returns what was applied, and fails unless it is 1, 2, 3, …
func (f *tally) inOrder(t *testing.T, want int) {
	t.Helper()
	f.mu.Lock()
	defer f.mu.Unlock()
	for i, position := range f.applied {
		if position != ledger.Position(i+1) {
			t.Fatalf("%s: event %d was applied as number %d", f.name, position, i+1)
		}
	}
	if len(f.applied) != want {
		t.Fatalf("%s: %d events were applied, want %d", f.name, len(f.applied), want)
	}
}

// write appends n events one by one.
func write(t *testing.T, journal ledger.Journal, stream ledger.StreamID, from, n int) {
	t.Helper()
	for i := range n {
		event := ledger.Event{ID: ledger.DeriveID(string(stream), fmt.Sprint(from+i)), Type: "sale-recorded.v1", Data: []byte(`{}`)}
		if _, err := journal.Append(t.Context(), stream, ledger.Any, event); err != nil {
			t.Fatal(err)
		}
	}
}

func TestDrain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		f := &tally{name: "tally"}
		var heard []ledger.Position
		drain := func() {
			t.Helper()
			if err := Drain(t.Context(), journal, f, func(done ledger.Position) { heard = append(heard, done) }); err != nil {
				t.Fatal(err)
			}
		}
		drain()
		if len(f.tries) != 0 {
			t.Fatal("an empty journal was applied")
		}
		write(t, journal, "sale-1", 0, 2000)
		drain()
		f.inOrder(t, 2000)
		pages := len(f.tries)
		drain()
		if len(f.tries) != pages {
			t.Fatal("a page was applied although there was nothing new")
		}
		write(t, journal, "sale-2", 0, 7)
		drain()
		f.inOrder(t, 2007)
		if !slices.IsSorted(heard) || heard[0] != 0 || heard[len(heard)-1] != 2007 {
			t.Fatalf("progress went %v", heard)
		}
	})
}

func TestDrainMovesTheCursorPastWhatTheFilterHoldsBack(t *testing.T) {
	journal := ledger.NewMemory(nil)
	f := &tally{name: "tally", filter: ledger.Filter{Streams: []string{"shift-"}}}
	write(t, journal, "sale-1", 0, 600)
	if err := Drain(t.Context(), journal, f, nil); err != nil {
		t.Fatal(err)
	}
	if f.cursor != 600 || len(f.applied) != 0 {
		t.Fatalf("the cursor is at %d with %d events applied", f.cursor, len(f.applied))
	}
}

// separate is a journal that says in a page of its own that there is nothing more, as
// servers do.
type separate struct{ ledger.Journal }

func (j separate) Follow(ctx context.Context, after ledger.Position, filter ledger.Filter) iter.Seq2[ledger.Page, error] {
	return func(yield func(ledger.Page, error) bool) {
		for page, err := range j.Journal.Follow(ctx, after, filter) {
			end := page.CaughtUp
			page.CaughtUp = false
			if !yield(page, err) || end && !yield(ledger.Page{Next: page.Next, CaughtUp: true}, nil) {
				return
			}
		}
	}
}

func TestDrainTellsOfTheEnd(t *testing.T) {
	journal := separate{ledger.NewMemory(nil)}
	ends := 0
	f := &tally{name: "tally", after: func(page ledger.Page, _ int) error {
		if page.CaughtUp {
			ends++
		}
		return nil
	}}
	for round := range 3 {
		write(t, journal, "sale-1", round*700, 700)
		for range 2 { // the second time there is nothing new
			if err := Drain(t.Context(), journal, f, nil); err != nil {
				t.Fatal(err)
			}
		}
		if ends != round+1 {
			t.Fatalf("in round %d the follower had heard of the end %d times", round, ends)
		}
	}
	f.inOrder(t, 2100)
}

func TestDrainReturnsTheFollowersError(t *testing.T) {
	refusal := ledger.Refuse(ledger.Say("the table %s is older than the program", "sales"), ledger.Say("rebuild it"))
	plain := errors.New("connection refused")
	for _, test := range []struct {
		name  string
		err   error
		tries int
	}{
		{"a refusal at once", fmt.Errorf("apply: %w", refusal), 1},
		{"damage at once", fmt.Errorf("apply: %w", ledger.ErrCorrupt), 1},
		{"anything else after a few tries", plain, 4},
	} {
		t.Run(test.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				journal := ledger.NewMemory(nil)
				write(t, journal, "sale-1", 0, 3)
				f := &tally{name: "tally", fail: func(ledger.Page, int) error { return test.err }}
				start := time.Now()
				err := Drain(t.Context(), journal, f, nil)
				if !errors.Is(err, test.err) {
					t.Fatalf("got %v, want %v", err, test.err)
				}
				if want := "tally: " + test.err.Error(); err.Error() != want {
					t.Fatalf("got %q, want %q", err, want)
				}
				if f.tries[3] != test.tries {
					t.Fatalf("tried %d times, want %d", f.tries[3], test.tries)
				}
				if took := time.Since(start); took > 2*time.Second {
					t.Fatalf("it took %s to give up", took)
				}
			})
		})
	}
	var as *ledger.Refusal
	journal := ledger.NewMemory(nil)
	write(t, journal, "sale-1", 0, 1)
	if err := Drain(t.Context(), journal, &tally{name: "tally", fail: func(ledger.Page, int) error { return refusal }}, nil); !errors.As(err, &as) || as.Hint.Format != "rebuild it" {
		t.Fatalf("the refusal was lost: %v", err)
	}
}

func TestDrainSurvivesPassingTroubleAndPanics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		write(t, journal, "sale-1", 0, 1500)
		f := &tally{name: "tally",
			fail: func(_ ledger.Page, try int) error { return []error{errors.New("not now"), nil, nil}[min(try, 3)-1] },
			after: func(_ ledger.Page, try int) error {
				return []error{nil, errors.New("lost the answer"), nil}[min(try, 3)-1]
			},
		}
		if err := Drain(t.Context(), journal, f, nil); err != nil {
			t.Fatal(err)
		}
		f.inOrder(t, 1500)

		write(t, journal, "sale-1", 1500, 1)
		tries := 0
		f.fail = func(ledger.Page, int) error { tries++; panic("index out of range") }
		if err := Drain(t.Context(), journal, f, nil); err == nil || err.Error() != "tally: panic: index out of range" || tries != 1 {
			t.Fatalf("after %d tries: %v", tries, err)
		}
	})
}

func TestDrainCancelled(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		write(t, journal, "sale-1", 0, gatherEvents+2000)
		ctx, cancel := context.WithCancel(t.Context())
		f := &tally{name: "tally", after: func(ledger.Page, int) error { cancel(); return nil }}
		if err := Drain(ctx, journal, f, nil); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want cancelled", err)
		}
		if f.busy || len(f.tries) != 1 {
			t.Fatalf("it went on for %d pages", len(f.tries))
		}
		if err := Drain(ctx, journal, f, nil); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v from an ended context, want cancelled", err)
		}
		// Retrying stops as well.
		ctx, cancel = context.WithCancel(t.Context())
		f.after, f.fail = nil, func(ledger.Page, int) error { cancel(); return errors.New("not now") }
		if err := Drain(ctx, journal, f, nil); !errors.Is(err, context.Canceled) {
			t.Fatalf("got %v, want cancelled", err)
		}
	})
}

func TestDrainReturnsTheJournalsError(t *testing.T) {
	f := &tally{name: "tally", cursor: 9}
	var refusal *ledger.Refusal
	if err := Drain(t.Context(), ledger.NewMemory(nil), f, nil); !errors.As(err, &refusal) {
		t.Fatalf("got %v for a cursor beyond the journal's end", err)
	}
}

// A follower killed anywhere, any number of times, has at the end applied every event
// exactly once in effect.
func TestDrainStoppedAnywhere(t *testing.T) {
	journal := ledger.NewMemory(nil)
	random := rand.New(rand.NewPCG(1, 2))
	f := &tally{name: "tally"}
	total := 0
	for range 40 {
		n := 1 + random.IntN(400)
		write(t, journal, "sale-1", total, n)
		total += n
		ctx, cancel := context.WithCancel(t.Context())
		left := random.IntN(3)
		f.fail = func(ledger.Page, int) error {
			if left--; left < 0 {
				cancel()
			}
			return ctx.Err()
		}
		if random.IntN(2) == 0 {
			f.fail, f.after = nil, f.fail
		}
		if err := Drain(ctx, journal, f, nil); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
		cancel()
		f.fail, f.after = nil, nil
	}
	if err := Drain(t.Context(), journal, f, nil); err != nil {
		t.Fatal(err)
	}
	f.inOrder(t, total)
}

// run runs a bus in the background and returns how to end it.
func run(t *testing.T, b *Bus) (end func() error) {
	ctx, cancel := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- b.Run(ctx) }()
	return func() error { cancel(); return <-done }
}

func TestRunFollowsIntoLive(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		write(t, journal, "sale-1", 0, 700)
		one, two := &tally{name: "one"}, &tally{name: "two", filter: ledger.Filter{Streams: []string{"sale-2"}}}
		b, err := New(journal, nil, one, two)
		if err != nil {
			t.Fatal(err)
		}
		end := run(t, b)
		synctest.Wait()
		for i := range 50 {
			write(t, journal, "sale-1", 700+i, 1)
			synctest.Wait()
		}
		one.inOrder(t, 750)
		if two.cursor != 750 || len(two.applied) != 0 {
			t.Fatalf("two is at %d with %d events", two.cursor, len(two.applied))
		}
		for _, s := range b.States() {
			if s.Position != 750 || !s.CaughtUp || s.Lag != 0 || s.Parked != nil {
				t.Errorf("state is %+v", s)
			}
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRunParksAndRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		write(t, journal, "sale-1", 0, 10)
		poison := ledger.Problem("event %d is poison", 5)
		sick := &tally{name: "sick", fail: func(ledger.Page, int) error { return poison }}
		away := &tally{name: "away", fail: func(ledger.Page, int) error { return errors.New("connection refused") }}
		well := &tally{name: "well"}
		var heardOf sync.Mutex
		var heard []string
		b, err := New(journal, func(s State) {
			heardOf.Lock()
			defer heardOf.Unlock()
			heard = append(heard, fmt.Sprint(s.Name, " ", s.Parked))
		}, sick, away, well)
		if err != nil {
			t.Fatal(err)
		}
		end := run(t, b)
		synctest.Wait()
		well.inOrder(t, 10)
		s := b.States()[0]
		if !errors.Is(s.Parked, poison) || !s.NextTry.IsZero() || s.Failures != 1 || s.Position != 0 {
			t.Fatalf("sick is %+v", s)
		}
		if s := b.States()[1]; s.Parked != nil {
			t.Fatalf("away was parked before its retries: %+v", s)
		}
		time.Sleep(50 * time.Second)
		s = b.States()[1]
		if s.Parked == nil || s.NextTry.IsZero() || s.Failures != 7 || s.Lag < 40*time.Second {
			t.Fatalf("away is %+v", s)
		}
		since := s.ParkedSince
		time.Sleep(5 * time.Minute)
		if s := b.States()[1]; s.Failures < 20 || !s.ParkedSince.Equal(since) {
			t.Fatalf("away did not try again by itself: %+v", s)
		}
		if s := b.States()[0]; s.Failures != 1 {
			t.Fatalf("sick tried again by itself: %+v", s)
		}

		if err := b.Retry("sick"); err != nil {
			t.Fatal(err)
		}
		synctest.Wait()
		if s := b.States()[0]; s.Failures != 2 || s.Parked == nil {
			t.Fatalf("sick is %+v after the command", s)
		}
		sick.fail, away.fail = nil, nil
		if err := b.Retry("sick"); err != nil {
			t.Fatal(err)
		}
		time.Sleep(2 * time.Minute)
		sick.inOrder(t, 10)
		away.inOrder(t, 10)
		for _, s := range b.States() {
			if s.Parked != nil || !s.ParkedSince.IsZero() || s.Lag != 0 {
				t.Errorf("state is %+v", s)
			}
		}
		if err := b.Retry("sick"); err == nil {
			t.Error("a follower that is not parked was retried")
		}
		if err := b.Retry("nobody"); !errors.Is(err, ledger.ErrNotFound) {
			t.Errorf("retrying nobody: %v", err)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
		heard = slices.DeleteFunc(heard, func(line string) bool { return strings.HasPrefix(line, "away") }) // many times
		if want := []string{"sick " + poison.Error(), "sick " + poison.Error(), "sick <nil>"}; !slices.Equal(heard, want) {
			t.Errorf("heard %q, want %q", heard, want)
		}
	})
}

// The journal and the cursor may be away for a moment as well.
func TestJournalAndCursorAreTriedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		memory := ledger.NewMemory(nil)
		write(t, memory, "sale-1", 0, 1500)
		f := &tally{name: "tally"}
		if err := Drain(t.Context(), failing{memory}, f, nil); err != nil {
			t.Fatal(err) // it breaks off after every page, of which there are three
		}
		f.inOrder(t, 1500)

		away := errors.New("connection refused")
		f.unknown = away
		start := time.Now()
		if err := Drain(t.Context(), memory, f, nil); !errors.Is(err, away) || time.Since(start) > 2*time.Second {
			t.Fatalf("got %v after %s", err, time.Since(start))
		}
		b, err := New(memory, nil, f)
		if err != nil {
			t.Fatal(err)
		}
		end := run(t, b)
		time.Sleep(10 * time.Second)
		if s := b.States()[0]; s.Parked != nil || s.Failures < 3 {
			t.Fatalf("after 10 s it is %+v", s)
		}
		time.Sleep(time.Minute)
		if s := b.States()[0]; !errors.Is(s.Parked, away) {
			t.Fatalf("after a minute it is %+v", s)
		}
		f.mu.Lock()
		f.unknown = nil
		f.mu.Unlock()
		time.Sleep(time.Minute)
		if s := b.States()[0]; s.Parked != nil || !s.CaughtUp {
			t.Fatalf("in the end it is %+v", s)
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRunEndsWhileParked(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		write(t, journal, "sale-1", 0, 1)
		b, err := New(journal, nil, &tally{name: "sick", fail: func(ledger.Page, int) error { return ledger.Problem("no") }})
		if err != nil {
			t.Fatal(err)
		}
		end := run(t, b)
		synctest.Wait()
		if err := end(); err != nil {
			t.Fatal(err)
		}
	})
}

func TestRunEndsOnDamage(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		write(t, journal, "sale-1", 0, 1)
		b, err := New(journal, nil, &tally{name: "well"}, &tally{name: "sick", fail: func(ledger.Page, int) error { return ledger.ErrCorrupt }})
		if err == nil {
			err = b.Run(t.Context())
		}
		if !errors.Is(err, ledger.ErrCorrupt) || !strings.HasPrefix(err.Error(), "sick: ") {
			t.Fatalf("got %v", err)
		}
	})
}

func TestNewRefusesTwins(t *testing.T) {
	if _, err := New(ledger.NewMemory(nil), nil, &tally{name: "a"}, &tally{name: "a"}); err == nil {
		t.Fatal("two followers with one name")
	}
}

// The order is what makes parking work: a panic must be an error before Retry and
// keepReason see it, and keepReason must see what is left after the retries.
func TestOrderOfMiddlewares(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := newLane(ledger.NewMemory(nil), &tally{name: "tally"}, quickRetry)
		tries := 0
		handler := func(msg *message.Message) ([]*message.Message, error) {
			if tries++; tries < 2 {
				return nil, errors.New("not now")
			}
			panic("at the second try")
		}
		chain := l.middlewares()
		for i := len(chain) - 1; i >= 0; i-- {
			handler = chain[i](handler)
		}
		d := &delivery{}
		msg := message.NewMessageWithContext(context.WithValue(t.Context(), deliveryKey{}, d), "", nil)
		_, err := handler(msg)
		if err == nil || d.err == nil || plainReason(d.err).Error() != "panic: at the second try" || tries != 2 {
			t.Fatalf("after %d tries the reason is %v, the error %v", tries, d.err, err)
		}
		if l.failures.Load() != 2 || l.applying.Load() == 0 {
			t.Fatalf("%d failures were counted, in %d ns", l.failures.Load(), l.applying.Load())
		}
	})
}

func TestMetrics(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		journal := ledger.NewMemory(nil)
		write(t, journal, "sale-1", 0, 3)
		b, err := New(journal, nil, &tally{name: "well"}, &tally{name: "sick", fail: func(ledger.Page, int) error { return ledger.Problem("no") }})
		if err != nil {
			t.Fatal(err)
		}
		end := run(t, b)
		synctest.Wait()
		time.Sleep(time.Second)
		registry := prometheus.NewPedanticRegistry()
		registry.MustRegister(b)
		families, err := registry.Gather()
		if err != nil {
			t.Fatal(err)
		}
		var got []string
		for _, family := range families {
			for _, metric := range family.GetMetric() {
				line := family.GetName()
				for _, label := range metric.GetLabel() {
					line += " " + label.GetValue()
				}
				got = append(got, fmt.Sprint(line, " ", metric.GetGauge().GetValue()+metric.GetCounter().GetValue()))
			}
		}
		for _, want := range []string{
			"daybook_journal_position 3",
			"daybook_follower_position well 3", "daybook_follower_position sick 0",
			"daybook_follower_lag_seconds well 0", "daybook_follower_lag_seconds sick 1",
			"daybook_follower_events_total well 3", "daybook_follower_pages_total well 1",
			"daybook_follower_failures_total sick 1", "daybook_follower_parked sick 1", "daybook_follower_parked well 0",
		} {
			if !slices.Contains(got, want) {
				t.Errorf("%q is missing in\n%s", want, strings.Join(got, "\n"))
			}
		}
		if err := end(); err != nil {
			t.Fatal(err)
		}
	})
}

// BenchmarkDrainNothing is what every one-shot command pays for a follower that has
// nothing to do.
func BenchmarkDrainNothing(b *testing.B) {
	journal, f := ledger.NewMemory(nil), &tally{name: "tally"}
	for b.Loop() {
		if err := Drain(b.Context(), journal, f, nil); err != nil {
			b.Fatal(err)
		}
	}
}
