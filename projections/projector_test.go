package projections_test

import (
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/chdb/chdbtest"
	"daybook/ledger"
	"daybook/ledger/customer"
	"daybook/ledger/stock"
	"daybook/projections"
	"daybook/reconcile"
)

func codec() *ledger.Codec {
	return ledger.NewCodec(ledger.ActionKinds(), ledger.IntakeKinds(), reconcile.Kinds(), stock.Kinds(), customer.Kinds())
}

func TestMain(m *testing.M) { chdbtest.Main(m) }

// emptied are warehouses whose tables other tests have made and emptied again: making them
// takes longer than most tests do.
var emptied []projections.Warehouse

// open gives a test empty tables, to fill and to read. Who makes generations of them, or other
// tables, takes apart.
func open(tb testing.TB) (projections.Warehouse, *projections.Projector, *projections.Views) {
	tb.Helper()
	var warehouse projections.Warehouse
	if last := len(emptied) - 1; last >= 0 {
		warehouse, emptied = emptied[last], emptied[:last]
	} else {
		warehouse = chdbtest.Keep(tb)
	}
	tb.Cleanup(func() {
		if clear(tb, warehouse); !tb.Failed() {
			emptied = append(emptied, warehouse)
		}
	})
	return warehouse, migrated(tb, warehouse), projections.NewViews(warehouse)
}

// apart gives a test empty tables that no other has used or will.
func apart(tb testing.TB) (projections.Warehouse, *projections.Projector, *projections.Views) {
	tb.Helper()
	warehouse := chdbtest.Open(tb)
	return warehouse, migrated(tb, warehouse), projections.NewViews(warehouse)
}

func migrated(tb testing.TB, warehouse projections.Warehouse) *projections.Projector {
	tb.Helper()
	projector := projections.New(warehouse, codec())
	if err := projector.Migrate(context.Background()); err != nil {
		tb.Fatal(err)
	}
	return projector
}

func dump(tb testing.TB, views *projections.Views, except ...string) string {
	tb.Helper()
	var out bytes.Buffer
	if err := views.Dump(context.Background(), &out, except...); err != nil {
		tb.Fatal(err)
	}
	return out.String()
}

// dumpTables is every row of every table, of which all views are made, in an order that
// depends on the rows alone. It takes a tenth of the time of all views.
func dumpTables(tb testing.TB, warehouse projections.Warehouse) string {
	tb.Helper()
	var out strings.Builder
	for _, table := range list(tb, warehouse, "SELECT name || ' FINAL ORDER BY (' || sorting_key || ')' FROM system.tables WHERE database = currentDatabase() AND engine = 'ReplacingMergeTree' AND name != 'r_cursor' ORDER BY name") {
		out.WriteString(table + "\n")
		for _, row := range list(tb, warehouse, "SELECT toString(tuple(*)) FROM "+table) {
			out.WriteString(row + "\n")
		}
	}
	return out.String()
}

// list are the rows of a result of one text column.
func list(tb testing.TB, warehouse projections.Warehouse, sql string) (texts []string) {
	tb.Helper()
	rows, err := warehouse.Query(context.Background(), sql)
	if err != nil {
		tb.Fatalf("%v: %s", err, sql)
	}
	defer rows.Close()
	for rows.Next() {
		var text string
		if err := rows.Scan(&text); err != nil {
			tb.Fatal(err)
		}
		texts = append(texts, text)
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
	return texts
}

// apply gives events to a projector as one page.
func apply(tb testing.TB, projector *projections.Projector, events []ledger.Recorded) {
	tb.Helper()
	if err := projector.Apply(context.Background(), page(events)); err != nil {
		tb.Fatal(err)
	}
}

func page(events []ledger.Recorded) ledger.Page {
	return ledger.Page{Events: events, Next: events[len(events)-1].Position, CaughtUp: true}
}

// clear empties the tables, so that one engine serves many runs.
func clear(tb testing.TB, warehouse projections.Warehouse) {
	tb.Helper()
	ctx := context.Background()
	rows, err := warehouse.Query(ctx, "SELECT name FROM system.tables WHERE database = currentDatabase() AND engine LIKE '%MergeTree' AND name != 'r_generations'")
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var name string
		if err := rows.Scan(&name); err != nil {
			tb.Fatal(err)
		}
		if err := warehouse.Exec(ctx, "TRUNCATE TABLE "+name); err != nil {
			tb.Fatal(err)
		}
	}
	if err := rows.Err(); err != nil {
		tb.Fatal(err)
	}
}

func TestPagesMayBeCutAndRepeated(t *testing.T) {
	warehouse, projector, _ := open(t)
	events := tell(t).events()
	apply(t, projector, events)
	want := dumpTables(t, warehouse)
	if lines := strings.Count(want, "\n"); lines < 50 {
		t.Fatalf("the story fills only %d lines:\n%s", lines, want)
	}
	check := func(how string) {
		t.Helper()
		if diff := cmp.Diff(want, dumpTables(t, warehouse)); diff != "" {
			t.Fatalf("%s:\n%s", how, diff)
		}
	}
	apply(t, projector, events)
	check("the same page again")
	apply(t, migrated(t, warehouse), events[3:9])
	check("an old page again, by another projector")

	clear(t, warehouse)
	projector = migrated(t, warehouse)
	for n := range events {
		if err := projector.Apply(context.Background(), ledger.Page{Events: events[n : n+1], Next: events[n].Position, CaughtUp: n%16 == 15 || n == len(events)-1}); err != nil {
			t.Fatal(err)
		}
	}
	check("one event a page")

	random := rand.New(rand.NewPCG(7, 1))
	rounds := 1
	if *everyInsert {
		rounds = 3
	}
	for round := range rounds {
		clear(t, warehouse)
		projector = migrated(t, warehouse)
		for at := 0; at < len(events); {
			from := max(0, at-random.IntN(4)) // some of them again
			at = min(len(events), at+1+random.IntN(9))
			apply(t, projector, events[from:at])
		}
		check(fmt.Sprintf("random pages, round %d", round))
	}
	if err := warehouse.Exec(context.Background(), "OPTIMIZE TABLE g1_r_payments FINAL"); err != nil {
		t.Fatal(err)
	}
	check("after a merge")
}

// frail is a warehouse that works for so many inserts and statements, and then no more.
type frail struct {
	projections.Warehouse
	left int
}

var errGone = errors.New("gone")

func (f *frail) Insert(ctx context.Context, table string, columns ...projections.Column) error {
	if f.left--; f.left < 0 {
		return errGone
	}
	return f.Warehouse.Insert(ctx, table, columns...)
}

func (f *frail) Exec(ctx context.Context, sql string, args ...projections.Arg) error {
	if f.left--; f.left < 0 {
		return errGone
	}
	return f.Warehouse.Exec(ctx, sql, args...)
}

// All places to die at: go test ./projections -run CrashBetweenInserts -inserts
var everyInsert = flag.Bool("inserts", false, "die at many more inserts and statements")

// stride is how far one place to die at is from the next.
func stride(n int) int {
	if *everyInsert {
		return n
	}
	return 9 * n
}

// A process that dies between any two inserts, and another that takes over at the cursor it finds,
// end in the tables of one that never died.
func TestCrashBetweenInserts(t *testing.T) {
	ctx := context.Background()
	warehouse, projector, _ := open(t)
	events := tell(t).events()
	// Two pages: what tills report, and the rest.
	half := slices.IndexFunc(events, func(e ledger.Recorded) bool { return e.Stream.Noun() == "statement" })
	apply(t, projector, events)
	want := dumpTables(t, warehouse)

	crashes, step := 0, stride(1)
	for n := 0; ; n += step {
		clear(t, warehouse)
		dying := projections.New(&frail{warehouse, n}, codec())
		err := dying.Apply(ctx, page(events[:half]))
		if err == nil {
			err = dying.Apply(ctx, page(events[half:]))
		}
		if err == nil {
			break
		}
		if crashes++; !errors.Is(err, errGone) {
			t.Fatal(err)
		}
		next := projections.New(warehouse, codec())
		cursor, err := next.Cursor(ctx)
		if err != nil {
			t.Fatal(err)
		}
		apply(t, next, events[slices.IndexFunc(events, func(e ledger.Recorded) bool { return e.Position > cursor }):])
		if diff := cmp.Diff(want, dumpTables(t, warehouse)); diff != "" {
			t.Fatalf("died at insert %d, taken up after position %d:\n%s", n, cursor, diff)
		}
	}
	if crashes < 24/step {
		t.Errorf("only %d inserts to die at", crashes)
	}
}

func TestCursor(t *testing.T) {
	ctx := context.Background()
	warehouse, projector, views := open(t)
	at := func(want ledger.Position) {
		t.Helper()
		asOf, err := views.AsOf(ctx)
		if err != nil {
			t.Fatal(err)
		}
		cursor, err := projector.Cursor(ctx)
		if err != nil || asOf != want || cursor != want {
			t.Fatalf("as of %d, cursor %d (%v), want %d", asOf, cursor, err, want)
		}
	}
	at(0)
	if err := projector.Apply(ctx, ledger.Page{Next: 40}); err != nil { // nothing to see, but read
		t.Fatal(err)
	}
	at(40)
	if err := projections.New(warehouse, codec()).Apply(ctx, ledger.Page{Next: 30}); err != nil { // a replay
		t.Fatal(err)
	}
	at(40)
}

func TestEventsThatCannotBeRead(t *testing.T) {
	ctx := context.Background()
	_, projector, views := open(t)
	s := newStory(t)
	s.sell("R1", paid("p1", "cash", cny(100), ledger.Approved))
	events := s.events()

	unknown := events[0]
	unknown.Type, unknown.Position = "sale-recorded.v9", 2
	apply(t, projector, []ledger.Recorded{unknown})

	for _, damage := range []func(*ledger.Recorded){
		func(r *ledger.Recorded) { r.Data = []byte(`{"total":{"minor":1.5,"currency":"CNY"}}`) },
		func(r *ledger.Recorded) { r.Meta = []byte(`{`) },
	} {
		broken := events[0]
		broken.Position = 77
		damage(&broken)
		err := projector.Apply(ctx, page([]ledger.Recorded{events[0], broken}))
		if err == nil || !strings.Contains(err.Error(), "position 77") || !strings.Contains(err.Error(), "sale-recorded.v1") {
			t.Errorf("error %v does not name position and type", err)
		}
	}
	if rows := dump(t, views); strings.Contains(rows, "p1") {
		t.Errorf("something of a page with an error was written:\n%s", rows)
	}
	if cursor, err := projector.Cursor(ctx); err != nil || cursor != 2 {
		t.Errorf("cursor %d (%v), want 2", cursor, err)
	}
}

func TestFilterAdmitsWhatFillsTables(t *testing.T) {
	warehouse, projector, views := open(t)
	events := tell(t).events()
	apply(t, projector, events)
	want := dump(t, views)

	clear(t, warehouse)
	filter := projector.Filter()
	admitted := slices.DeleteFunc(slices.Clone(events), func(e ledger.Recorded) bool { return !filter.Admits(e.Stream, e.Type) })
	if len(admitted) == len(events) {
		t.Fatal("the filter passes everything")
	}
	apply(t, migrated(t, warehouse), admitted)
	if diff := cmp.Diff(want, dump(t, views)); diff != "" {
		t.Error(diff)
	}
}

// broken is a warehouse that refuses statements after so many.
type broken struct {
	projections.Warehouse
	left int
}

func (b *broken) Exec(ctx context.Context, sql string, args ...projections.Arg) error {
	if b.left--; b.left < 0 {
		return errGone
	}
	return b.Warehouse.Exec(ctx, sql, args...)
}

func TestMigrate(t *testing.T) {
	ctx := context.Background()
	warehouse := chdbtest.Open(t)
	views := projections.NewViews(warehouse)
	events := tell(t).events()

	// It may die anywhere; the next one makes it good, and touches nothing when all is there.
	for left := 0; ; left += stride(13) {
		if err := projections.New(&broken{warehouse, left}, codec()).Migrate(ctx); err == nil {
			break
		} else if !errors.Is(err, errGone) {
			t.Fatal(err)
		}
	}
	apply(t, projections.New(warehouse, codec()), events)
	want := dump(t, views)
	if err := projections.New(&broken{warehouse, 0}, codec()).Migrate(ctx); err != nil {
		t.Fatalf("a second Migrate changes something: %v", err)
	}

	// Views that differ are made again; the rows stay.
	remark(t, warehouse, "layout", "'other'")
	if err := warehouse.Exec(ctx, "DROP VIEW fct_sales"); err != nil {
		t.Fatal(err)
	}
	migrated(t, warehouse)
	if diff := cmp.Diff(want, dump(t, views)); diff != "" {
		t.Fatalf("after new views:\n%s", diff)
	}
}

// remark lets the live generation be of another layout, or have other views.
func remark(t *testing.T, warehouse projections.Warehouse, layout, shape string) {
	t.Helper()
	err := warehouse.Exec(context.Background(), "INSERT INTO r_generations (number, state, layout, shape, change) "+
		"SELECT number, state, "+layout+", "+shape+", change + 1 FROM r_generations FINAL WHERE state = 'live'")
	if err != nil {
		t.Fatal(err)
	}
}

// one scans the only row of a result.
func one(tb testing.TB, warehouse projections.Warehouse, sql string, dest ...any) {
	tb.Helper()
	rows, err := warehouse.Query(context.Background(), sql)
	if err != nil {
		tb.Fatal(err)
	}
	defer rows.Close()
	if !rows.Next() {
		tb.Fatalf("no row (%v): %s", rows.Err(), sql)
	}
	if err := rows.Scan(dest...); err != nil {
		tb.Fatal(err)
	}
	if rows.Next() {
		tb.Fatalf("more than one row: %s", sql)
	}
}
