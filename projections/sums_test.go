package projections_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/ledger"
	"daybook/projections"
)

// adding counts how often the days of a page are added up.
type adding struct {
	projections.Warehouse
	times int
}

func (a *adding) Exec(ctx context.Context, sql string, args ...projections.Arg) error {
	if strings.HasPrefix(sql, "INSERT INTO g1_r_sale_sums") {
		a.times++
	}
	return a.Warehouse.Exec(ctx, sql, args...)
}

// A day that comes in many pages is added up a few times, not with each; whoever takes over
// in the middle ends in the same sums, since the cursor never passes a page whose day was not
// added up after it.
func TestALongDayIsAddedUpAFewTimes(t *testing.T) {
	ctx := context.Background()
	warehouse, projector, _ := open(t)
	s := tell(t)
	for n := range 60 {
		s.sell(fmt.Sprintf("L%d", n), paid(fmt.Sprintf("l%d", n), "cash", cny(int64(100+n)), ledger.Approved))
	}
	events := s.events()
	apply(t, projector, events)
	want := dumpTables(t, warehouse)

	clear(t, warehouse)
	counting := &adding{Warehouse: warehouse}
	projector = projections.New(counting, codec())
	pages := slices.Collect(slices.Chunk(events, 5))
	for n, events := range pages {
		if n == len(pages)*2/3 || n == len(pages)-1 { // somebody else takes over
			projector = projections.New(counting, codec())
			cursor, err := projector.Cursor(ctx)
			if err != nil {
				t.Fatal(err)
			}
			if before := pages[n-1]; cursor >= before[len(before)-1].Position || cursor == 0 {
				t.Errorf("the cursor is at %d, and was to wait for the sums of a part of the pages up to %d", cursor, before[len(before)-1].Position)
			}
			for again := range slices.Chunk(s.events()[slices.IndexFunc(s.events(), func(e ledger.Recorded) bool { return e.Position > cursor }):slices.IndexFunc(s.events(), func(e ledger.Recorded) bool { return e.Position >= events[0].Position })], 5) {
				if err := projector.Apply(ctx, ledger.Page{Events: again, Next: again[len(again)-1].Position}); err != nil {
					t.Fatal(err)
				}
			}
		}
		if err := projector.Apply(ctx, ledger.Page{Events: events, Next: events[len(events)-1].Position, CaughtUp: n == len(pages)-1}); err != nil {
			t.Fatal(err)
		}
	}
	if counting.times < 3 || counting.times > len(pages)/2 {
		t.Errorf("the days of %d pages were added up %d times", len(pages), counting.times)
	}
	t.Logf("%d pages, added up %d times", len(pages), counting.times)
	if diff := cmp.Diff(want, dumpTables(t, warehouse)); diff != "" {
		t.Errorf("in pages, with others that took over:\n%s", diff)
	}
}
