package reconcile_test

import (
	"context"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// Today is the newest day with facts, and no till's clock can move it past the day after its
// file was received. What banks and providers date counts as they date it.
func TestNewestDayIsNoTillsClock(t *testing.T) {
	ctx := context.Background()
	received := at(monday, 23, 30)
	journal := ledger.NewMemory(func() time.Time { return received })
	h := &history{journal, ourTerms(), "terms 1", &cursor{}}
	newest := func(want ledger.BusinessDay) {
		t.Helper()
		if got, err := reconcile.NewestDay(ctx, journal, codec); err != nil || got != want {
			t.Errorf("today is %s (%v), want %s", got, err, want)
		}
	}
	on := func(day ledger.BusinessDay, title string) {
		t.Helper()
		head := ledger.Till{Terminal: "T1", Store: "S1", Doc: title, At: at(day, 12, 0), BusinessDay: day}
		if err := (tillFile{title, []ledger.Action{sold(head, paid(1, cny(10_000)))}}).take(ctx, h); err != nil {
			t.Fatal(err)
		}
	}
	on(monday.AddDays(-1), "T1")
	newest(monday.AddDays(-1))
	on(monday.AddDays(1), "east") // where the day begins earlier
	newest(monday.AddDays(1))
	on(monday.AddDays(2), "T2")
	on(ledger.BusinessDay{Year: 2031, Month: 1, Day: 5}, "T3")
	newest(monday.AddDays(1))
	received = at(monday.AddDays(3), 9, 0)
	on(monday.AddDays(3), "T1 next")
	newest(monday.AddDays(3))
	if _, err := imported(h, billOf("acquirer", monday.AddDays(6), monday.AddDays(6))); err != nil {
		t.Fatal(err)
	}
	newest(monday.AddDays(6))
}
