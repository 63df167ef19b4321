package ledger_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/ledger/ledgertest"
)

func TestMemory(t *testing.T) {
	ledgertest.TestJournal(t, func(*testing.T) ledger.Journal { return ledger.NewMemory(nil) })
}

func TestMemoryClockNeverGoesBack(t *testing.T) {
	times := []time.Time{
		time.Date(2026, 1, 5, 9, 0, 0, 0, time.FixedZone("", 8*3600)),
		time.Date(2026, 1, 5, 0, 0, 0, 0, time.UTC), // an hour earlier
		time.Date(2026, 1, 5, 2, 0, 0, 0, time.UTC),
	}
	calls := 0
	journal := ledger.NewMemory(func() time.Time { calls++; return times[calls-1] })
	for i := range times {
		event := ledger.Event{ID: ledger.DeriveID(fmt.Sprint(i)), Type: "drawer-opened.v1"}
		if _, err := journal.Append(t.Context(), "till-01", ledger.Any, event); err != nil {
			t.Fatal(err)
		}
	}
	want := []string{"2026-01-05T01:00:00Z", "2026-01-05T01:00:00Z", "2026-01-05T02:00:00Z"}
	for event, err := range journal.Read(t.Context(), ledger.Query{}) {
		if got := event.RecordedAt.Format(time.RFC3339); err != nil || got != want[event.Revision] {
			t.Errorf("revision %d was recorded at %s (%v), want %s", event.Revision, got, err, want[event.Revision])
		}
	}
}

func TestMemoryFollowBeyondTheEnd(t *testing.T) {
	for _, err := range ledger.NewMemory(nil).Follow(t.Context(), 7, ledger.Filter{}) {
		if err == nil {
			t.Fatal("a cursor beyond the end was accepted")
		}
	}
}

func ExampleMemory() {
	ctx := context.Background()
	journal := ledger.NewMemory(nil)
	opened := ledger.Event{ID: ledger.DeriveID("till 01", "1"), Type: "drawer-opened.v1", Data: []byte(`{"float":"200.00"}`)}
	for range 2 { // the till sends it twice
		position, err := journal.Append(ctx, "till-01", ledger.Any, opened)
		fmt.Println(position, err)
	}
	for event := range journal.Read(ctx, ledger.Query{Stream: "till-01"}) {
		fmt.Println(event.Revision, event.Type, string(event.Data))
	}
	// Output:
	// 1 <nil>
	// 1 <nil>
	// 0 drawer-opened.v1 {"float":"200.00"}
}
