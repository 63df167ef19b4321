package projections_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/bus"
	"daybook/ledger"
	"daybook/projections"
)

// frailer is a warehouse that dies at an insert or at another statement, whichever comes first.
type frailer struct {
	projections.Warehouse
	left int
}

func (f *frailer) Exec(ctx context.Context, sql string, args ...projections.Arg) error {
	if f.left--; f.left < 0 {
		return errGone
	}
	return f.Warehouse.Exec(ctx, sql, args...)
}

func (f *frailer) Insert(ctx context.Context, table string, columns ...projections.Column) error {
	if f.left--; f.left < 0 {
		return errGone
	}
	return f.Warehouse.Insert(ctx, table, columns...)
}

func states(tb testing.TB, projector *projections.Projector) (list []string) {
	tb.Helper()
	generations, err := projector.Generations(context.Background())
	if err != nil {
		tb.Fatal(err)
	}
	for _, g := range generations {
		list = append(list, fmt.Sprintf("%d %s @%d", g.Number, g.State, g.Position))
	}
	return list
}

// A new layout is filled beside the old one, which everyone reads until the new one has
// everything, whatever dies meanwhile and wherever.
func TestLayoutChanges(t *testing.T) {
	ctx := context.Background()
	warehouse, old, views := apart(t)
	s := tell(t)
	events := s.events()
	apply(t, old, events)
	want := dump(t, views)
	head := events[len(events)-1].Position
	remark(t, warehouse, "'another'", "'another'")

	deaths := 0
	for left := 5; ; left += stride(31) {
		projector := projections.New(&frailer{warehouse, left}, codec())
		err := projector.Migrate(ctx)
		if err == nil {
			err = bus.Drain(ctx, s.journal, projector, nil)
		}
		if err == nil {
			break
		}
		if deaths++; !strings.Contains(err.Error(), errGone.Error()) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, dump(t, views)); diff != "" {
			t.Fatalf("a reader, after death at %d:\n%s", left, diff)
		}
		if asOf, err := views.AsOf(ctx); err != nil || asOf != head {
			t.Fatalf("as of %d (%v), death at %d", asOf, err, left)
		}
	}
	if deaths < 1 {
		t.Errorf("it died only %d times", deaths)
	}
	projector := migrated(t, warehouse)
	list := states(t, projector)
	if len(list) != 2 || list[0] != fmt.Sprintf("1 previous @%d", head) || !strings.HasSuffix(list[1], fmt.Sprintf(" live @%d", head)) {
		t.Errorf("generations %q", list)
	}
	if diff := cmp.Diff(want, dump(t, views)); diff != "" {
		t.Error(diff)
	}
}

// A rebuild that dies anywhere is taken up; the live tables stay, and stay filled; a follower
// that was at work on them while another generation was shown goes on with that one.
func TestRebuild(t *testing.T) {
	ctx := context.Background()
	warehouse, following, views := apart(t)
	s := tell(t)
	if err := bus.Drain(ctx, s.journal, following, nil); err != nil {
		t.Fatal(err)
	}
	want := dump(t, views)
	deaths := 0
	for left := 3; ; left += stride(41) {
		filling, number, err := projections.New(&frailer{warehouse, left}, codec()).Rebuild(ctx, false)
		if err == nil {
			err = bus.Drain(ctx, s.journal, filling, nil)
		}
		if err == nil {
			err = following.Filled(ctx, number)
			if err != nil {
				t.Fatal(err)
			}
			break
		}
		if deaths++; !strings.Contains(err.Error(), errGone.Error()) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, dump(t, views)); diff != "" {
			t.Fatalf("a reader of the live tables:\n%s", diff)
		}
	}
	if deaths < 1 {
		t.Errorf("it died only %d times", deaths)
	}
	// Meanwhile there is more, which only the live one gets.
	s.sell("R77", paid("p77", "cash", cny(700), ledger.Approved))
	if err := bus.Drain(ctx, s.journal, following, nil); err != nil {
		t.Fatal(err)
	}
	more := dump(t, views)
	if more == want {
		t.Fatal("the live tables are not filled any more")
	}
	filling, number, err := following.Candidate(ctx, projections.Ready)
	if err != nil {
		t.Fatal(err)
	}
	if err := bus.Drain(ctx, s.journal, filling, nil); err != nil {
		t.Fatal(err)
	}
	// Shown, with deaths in the middle of it: every view is whole at every moment.
	for left := 1; ; left += stride(19) {
		err := projections.New(&frailer{warehouse, left}, codec()).Show(ctx, number)
		if err == nil {
			break
		}
		if !errors.Is(err, errGone) {
			t.Fatal(err)
		}
		if diff := cmp.Diff(more, dump(t, views)); diff != "" {
			t.Fatalf("a reader while it is shown, death at %d:\n%s", left, diff)
		}
	}
	events := s.events()
	if err := following.Apply(ctx, page(events[len(events)-1:])); !errors.Is(err, ledger.ErrMoved) {
		t.Errorf("a follower of the former generation was told %v", err)
	}
	s.sell("R78", paid("p78", "cash", cny(800), ledger.Approved))
	if err := bus.Drain(ctx, s.journal, following, nil); err != nil {
		t.Fatal(err)
	}
	now := dump(t, views)
	if !strings.Contains(now, "p78") || !strings.Contains(now, "p77") {
		t.Error("what came after the exchange is not in the tables")
	}
	// Back again, brought to the end first; and no further back than one.
	filling, number, err = following.Candidate(ctx, projections.Previous)
	if err != nil || number != 1 {
		t.Fatalf("back to %d: %v", number, err)
	}
	if err := bus.Drain(ctx, s.journal, filling, nil); err != nil {
		t.Fatal(err)
	}
	if err := following.Show(ctx, number); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(now, dump(t, views)); diff != "" {
		t.Errorf("after going back:\n%s", diff)
	}
	if list := states(t, following); len(list) != 2 || !strings.HasPrefix(list[0], "1 live") || !strings.Contains(list[1], " previous ") {
		t.Errorf("generations %q", list)
	}
	var left uint64
	one(t, warehouse, "SELECT count() FROM system.tables WHERE database = currentDatabase() AND match(name, '^g[0-9]+_')", &left)
	if len(states(t, following)) != 2 || left != uint64(2*(len(projections.Tables())+1)) {
		t.Errorf("%d tables are there", left)
	}
}

// No table, view or column has a name that a statement about a generation would be read to
// mean another thing by.
func TestNamesStandApart(t *testing.T) {
	names := map[string]bool{"r_cursor": true, "r_generations": true}
	for name := range projections.Tables() {
		names[name] = true
	}
	for _, name := range projections.ViewNames() {
		names[name] = true
	}
	for table, create := range projections.Tables() {
		for _, column := range regexp.MustCompile(`(?m)^    ([a-z0-9_]+) `).FindAllStringSubmatch(create, -1) {
			if names[column[1]] {
				t.Errorf("a column of %s is called as a table or view: %s", table, column[1])
			}
		}
	}
}
