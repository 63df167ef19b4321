package projections

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"daybook/ledger"
)

// A generation is one complete set of tables. Theirs are the names of the list tables with g,
// the generation's number and _ in front. What is said to it of those names it says to the
// warehouse of its own: nothing that makes, fills or reads a table knows which generation it is
// at work in. Views there are of the one that is shown only: the engine reads the definition of
// each whenever a program starts, and would plan one more layer in each statement.
type generation struct {
	Warehouse
	number uint32
}

// ourNames finds the names of tables in a statement, and texts in quotes, in which there are
// none.
var ourNames = sync.OnceValue(func() *regexp.Regexp { return namesIn(append([]string{cursorTable}, tableNames...)) })

// ourViews finds those of views.
var ourViews = sync.OnceValue(func() *regexp.Regexp {
	var names []string
	for _, v := range views {
		names = append(names, v.name)
	}
	return namesIn(names)
})

func namesIn(names []string) *regexp.Regexp {
	return regexp.MustCompile(`'(?:[^'\\]|\\.)*'|\b(?:` + strings.Join(names, "|") + `)\b`)
}

func (g generation) sql(statement string) string {
	return ourNames().ReplaceAllStringFunc(statement, func(found string) string {
		if found[0] == '\'' {
			return found
		}
		return g.prefix() + found
	})
}

// alone is a question of tables and views of a generation, whether it is shown or not: it brings
// along the views that it asks.
func (g generation) alone(question string) string {
	asked, from := map[string]bool{}, []string(nil)
	look := func(statement string) {
		for _, name := range ourViews().FindAllString(statement, -1) {
			asked[name] = true
		}
	}
	look(question)
	for n := len(views) - 1; n >= 0; n-- { // those that it is made from stand before it
		if v := views[n]; asked[v.name] {
			look(v.query)
			from = append(from, v.name+" AS ("+v.query+")")
		}
	}
	if len(from) == 0 {
		return question
	}
	slices.Reverse(from)
	return "WITH " + strings.Join(from, ", ") + "\n" + question
}

func (g generation) prefix() string { return "g" + strconv.FormatUint(uint64(g.number), 10) + "_" }

// Exec, Query and Insert are a Warehouse's.
func (g generation) Exec(ctx context.Context, sql string, args ...Arg) error {
	return g.Warehouse.Exec(ctx, g.sql(sql), args...)
}

func (g generation) Query(ctx context.Context, sql string, args ...Arg) (Rows, error) {
	return g.Warehouse.Query(ctx, g.sql(sql), args...)
}

func (g generation) Insert(ctx context.Context, table string, columns ...Column) error {
	return g.Warehouse.Insert(ctx, g.sql(table), columns...)
}

// State of a generation.
type State string

const (
	Building  State = "building"  // being filled; shown by itself at the end when none of this layout is live
	Ready     State = "ready"     // filled beside the live one, and waiting to be shown
	Switching State = "switching" // being shown: some views may still be the former's. It counts as live
	Live      State = "live"      // what everyone reads and the projector fills
	Previous  State = "previous"  // live before; kept to go back to
	dropping  State = "dropping"
	dropped   State = "dropped"
)

// Generation is what is known of one.
type Generation struct {
	Number   uint32          `json:"generation"`
	State    State           `json:"state"`
	Ours     bool            `json:"ours"` // its layout is that of this version of daybook
	Position ledger.Position `json:"position"`
	Rows     uint64          `json:"rows"` // stored, those that later ones replace included
	Bytes    uint64          `json:"bytes"`
	Since    time.Time       `json:"since"` // in this state
	layout   string
	shape    string
	change   uint64
}

func (g Generation) shown() bool { return g.State == Live || g.State == Switching }

// generationsTable holds what has been said of each generation; the last counts. A block
// that says something of several is one insert: all of it holds or nothing.
const generationsTable = "r_generations"

const createGenerations = "CREATE TABLE IF NOT EXISTS " + generationsTable + `
(
    number UInt32 COMMENT 'number of the generation; its tables begin with g, it and _',
    state LowCardinality(String) COMMENT 'building, ready, switching, live, previous, dropping or dropped',
    layout String COMMENT 'digest of the tables',
    shape String COMMENT 'digest of the tables and views',
    at DateTime64(3, 'UTC') DEFAULT now64(3, 'UTC') COMMENT 'when it came into the state',
    change UInt64 COMMENT 'counts the changes; of rows with one number, the highest counts'
)
ENGINE = ReplacingMergeTree(change)
ORDER BY number
SETTINGS fsync_after_insert = 1, fsync_part_directory = 1
COMMENT 'one row per generation of tables and views'`

// noSuchTable is ClickHouse's UNKNOWN_TABLE.
const noSuchTable = 60

// registered lists all generations that ever were, by number. There is none, and no table of
// them, in a warehouse that is new or of a version that knew no generations.
func (p *Projector) registered(ctx context.Context) (list []Generation, there bool, err error) {
	ours, _ := layout()
	list, err = query(ctx, p.warehouse, "SELECT number, state, layout, shape, at, change FROM "+generationsTable+" FINAL ORDER BY number",
		func(g *Generation) []any { return []any{&g.Number, &g.State, &g.layout, &g.shape, &g.Since, &g.change} })
	var refused *SQLError
	if errors.As(err, &refused) && refused.Code == noSuchTable {
		return nil, false, nil
	}
	for n := range list {
		list[n].Ours = list[n].layout == ours
	}
	return list, true, err
}

// record says something new of generations, which become what the list says.
func (p *Projector) record(ctx context.Context, list []Generation, changed ...Generation) ([]Generation, error) {
	change := uint64(1)
	for _, g := range list {
		change = max(change, g.change+1)
	}
	var numbers []uint32
	var states, layouts, shapes []string
	var changes []uint64
	for _, g := range changed {
		numbers, states, changes = append(numbers, g.Number), append(states, string(g.State)), append(changes, change)
		layouts, shapes = append(layouts, g.layout), append(shapes, g.shape)
		g.change = change
		list = slices.DeleteFunc(slices.Clone(list), func(other Generation) bool { return other.Number == g.Number })
		list = append(list, g)
	}
	err := p.warehouse.Insert(ctx, generationsTable, Column{"number", numbers}, Column{"state", states}, Column{"layout", layouts},
		Column{"shape", shapes}, Column{"change", changes})
	if err != nil {
		return nil, fmt.Errorf("record the state of a generation: %w", err)
	}
	slices.SortFunc(list, func(a, b Generation) int { return int(a.Number) - int(b.Number) })
	return list, nil
}

// live is the generation that everyone reads. One that another version was about to show
// when it died does not count: this one cannot finish that.
func live(list []Generation) (g Generation, some bool) {
	for _, g := range list {
		if g.State == Switching && g.Ours {
			return g, true
		}
	}
	for _, g := range list {
		if g.State == Live {
			return g, true
		}
	}
	return Generation{}, false
}

// target is the generation that pages go into: the live one, or else, when that has another
// version's layout, the newest of ours.
func target(list []Generation) (g Generation, some bool) {
	if g, some := live(list); some && g.Ours {
		return g, true
	}
	for n := len(list) - 1; n >= 0; n-- {
		if g := list[n]; g.Ours && g.State != dropping && g.State != dropped {
			return g, true
		}
	}
	return Generation{}, false
}

// Migrate makes the tables and views, and does nothing when they are there. When the live
// generation has another layout, it makes a new one; that one is shown as soon as it
// has been filled up to the end of the journal, and until then the old one serves. A crash in
// the middle is made good by the next Migrate.
func (p *Projector) Migrate(ctx context.Context) error {
	if err := p.migrate(ctx); err != nil {
		return fmt.Errorf("make the tables of the read models: %w", err)
	}
	return nil
}

func (p *Projector) migrate(ctx context.Context) error {
	list, there, err := p.registered(ctx)
	if err != nil {
		return err
	}
	if !there {
		if err := p.begin(ctx); err != nil {
			return err
		}
	}
	_, shape := layout()
	into, some := target(list)
	if !some {
		if into, list, err = p.make(ctx, list); err != nil {
			return err
		}
	}
	if into.shape != shape {
		if into.shown() {
			if err := p.show(ctx, into); err != nil {
				return err
			}
		}
		into.shape = shape
		if list, err = p.record(ctx, list, into); err != nil {
			return err
		}
	}
	for _, other := range list {
		if other.State == Switching && !other.Ours && into.State == Live {
			// Another version died while it showed its own; this one's are asked for again.
			if err := p.show(ctx, into); err != nil {
				return err
			}
			other.State = Ready
			if list, err = p.record(ctx, list, other); err != nil {
				return err
			}
		}
	}
	current, some := live(list)
	switch {
	case into.State == Switching || !some:
		return p.exchange(ctx, list, into) // died in the middle of it; or nothing is there that could serve
	case into.State == Previous || into.State == Ready:
		if current.Number != into.Number { // this version was started after another: its tables are wanted again
			into.State = Building
			if list, err = p.record(ctx, list, into); err != nil {
				return err
			}
		}
	}
	if into.State == Building {
		if served, err := cursor(ctx, p.of(current)); err == nil && served == 0 {
			return p.exchange(ctx, list, into) // empty tables serve nobody
		}
	}
	return p.drop(ctx, list)
}

// begin makes the table of generations, in place of what a version left that knew none.
func (p *Projector) begin(ctx context.Context) error {
	place, err := p.placement(ctx)
	if err != nil {
		return err
	}
	for _, name := range slices.Concat([]string{cursorTable}, tableNames) {
		if err := p.exec(ctx, p.warehouse, place.of("DROP TABLE IF EXISTS "+name+" SYNC")); err != nil {
			return err
		}
	}
	return p.exec(ctx, p.warehouse, place.of(createGenerations))
}

// make makes the tables of a new generation.
func (p *Projector) make(ctx context.Context, list []Generation) (Generation, []Generation, error) {
	g := Generation{Number: 1, State: Building, Ours: true}
	if len(list) > 0 {
		g.Number = list[len(list)-1].Number + 1
	}
	g.layout, g.shape = layout()
	place, err := p.placement(ctx)
	if err != nil {
		return g, nil, err
	}
	if err := p.sweep(ctx, place, g); err != nil { // of somebody who died in the middle of this
		return g, nil, err
	}
	for _, t := range tables {
		if err := p.exec(ctx, p.of(g), place.of(t.create())); err != nil {
			return g, nil, err
		}
	}
	if err := p.exec(ctx, p.of(g), place.of(createCursor)); err != nil {
		return g, nil, err
	}
	list, err = p.record(ctx, list, g)
	return g, list, err
}

// show lets the names that everyone reads stand for a generation, one after the other: there
// is no statement that does it for all. A statement may see both generations in these moments;
// they are at the same position then.
func (p *Projector) show(ctx context.Context, g Generation) error {
	place, err := p.placement(ctx)
	if err != nil {
		return err
	}
	for _, v := range views {
		if err := v.make(ctx, p.of(g), place); err != nil {
			return fmt.Errorf("make the view %s: %w", v.name, err)
		}
	}
	return p.exec(ctx, p.warehouse, place.of("CREATE OR REPLACE VIEW "+cursorTable+" AS\nSELECT * FROM "+p.of(g).sql(cursorTable)))
}

// exchange shows a generation and keeps the one it takes the place of. Others go.
func (p *Projector) exchange(ctx context.Context, list []Generation, g Generation) (err error) {
	former, some := live(list)
	if some && former.State == Switching {
		former, some = live(slices.DeleteFunc(slices.Clone(list), func(other Generation) bool { return other.Number == former.Number }))
	}
	g.State = Switching
	if list, err = p.record(ctx, list, g); err != nil {
		return err
	}
	if err := p.show(ctx, g); err != nil {
		return err
	}
	g.State = Live
	changed := []Generation{g}
	for _, other := range list {
		switch {
		case other.Number == g.Number || other.State == dropped:
			continue
		case some && other.Number == former.Number:
			other.State = Previous
		default:
			other.State = dropping
		}
		changed = append(changed, other)
	}
	if list, err = p.record(ctx, list, changed...); err != nil {
		return err
	}
	return p.drop(ctx, list)
}

// drop ends what exchange has given up.
func (p *Projector) drop(ctx context.Context, list []Generation) error {
	for _, g := range list {
		if g.State != dropping {
			continue
		}
		place, err := p.placement(ctx)
		if err != nil {
			return err
		}
		if err := p.sweep(ctx, place, g); err != nil {
			return err
		}
		g.State = dropped
		if list, err = p.record(ctx, list, g); err != nil {
			return err
		}
	}
	return nil
}

// sweep drops every table and view whose name is of a generation, whatever version made it.
func (p *Projector) sweep(ctx context.Context, place placement, g Generation) error {
	type object struct{ name, engine string }
	found, err := query(ctx, p.warehouse, "SELECT name, engine FROM system.tables WHERE database = currentDatabase() AND startsWith(name, {prefix:String}) ORDER BY engine != 'View', name",
		func(o *object) []any { return []any{&o.name, &o.engine} }, Arg{"prefix", p.of(g).prefix()})
	if err != nil {
		return err
	}
	for _, o := range found {
		kind := "TABLE"
		if o.engine == "View" {
			kind = "VIEW"
		}
		if err := p.exec(ctx, p.warehouse, place.of("DROP "+kind+" IF EXISTS "+o.name+" SYNC")); err != nil {
			return err
		}
	}
	return nil
}

// Reset empties the read models: the journal fills them again from the start. It is for a
// journal that is not the one they were filled from.
func (p *Projector) Reset(ctx context.Context) error {
	list, _, err := p.registered(ctx)
	if err != nil {
		return fmt.Errorf("empty the read models: %w", err)
	}
	var gone []Generation
	for _, g := range list {
		if g.State != dropped {
			g.State = dropping
			gone = append(gone, g)
		}
	}
	if len(gone) > 0 {
		// All of them in one block: there is no moment at which one of another journal could
		// be taken for live.
		if list, err = p.record(ctx, list, gone...); err != nil {
			return err
		}
	}
	p.into, p.moved = generation{}, 0
	return p.Migrate(ctx) // where none is live, it makes one and shows it, and then drops the others
}

// of is the generation to say statements to.
func (p *Projector) of(g Generation) generation { return generation{p.warehouse, g.Number} }

// aim finds out which generation pages go into now. Somebody else may have shown another
// one since the last page; the pages to give are then those after that one's cursor.
func (p *Projector) aim(ctx context.Context) (Generation, error) {
	if p.fills != 0 {
		return Generation{Number: p.fills, State: Building}, nil
	}
	list, _, err := p.registered(ctx)
	if err != nil {
		return Generation{}, fmt.Errorf("read the generations of the read models: %w", err)
	}
	g, some := target(list)
	if !some {
		return g, errors.New("the read models have no tables of this version: Migrate was not called")
	}
	return g, nil
}

// shows reports whether pages at the journal's end bring the generation to light.
func (p *Projector) shows(g Generation) bool { return g.State == Building && p.fills == 0 }

// Generations lists those that there are.
func (p *Projector) Generations(ctx context.Context) ([]Generation, error) {
	list, _, err := p.registered(ctx)
	if err != nil {
		return nil, err
	}
	list = slices.DeleteFunc(list, func(g Generation) bool { return g.State == dropping || g.State == dropped })
	for n := range list {
		g := &list[n]
		if g.Position, err = cursor(ctx, p.of(*g)); err != nil {
			return nil, err
		}
		sizes, err := query(ctx, p.warehouse, "SELECT ifNull(sum(total_rows), 0), ifNull(sum(total_bytes), 0) FROM system.tables WHERE database = currentDatabase() AND startsWith(name, {prefix:String})",
			func(s *[2]uint64) []any { return []any{&s[0], &s[1]} }, Arg{"prefix", p.of(*g).prefix()})
		if err != nil {
			return nil, err
		}
		g.Rows, g.Bytes = sizes[0][0], sizes[0][1]
	}
	return list, nil
}

// Rebuild makes a generation beside the live one, or finds the one that an earlier Rebuild
// did not finish, and the follower that fills it. The live one is not touched. again gives up
// what an earlier one has filled.
func (p *Projector) Rebuild(ctx context.Context, again bool) (*Projector, uint32, error) {
	list, _, err := p.registered(ctx)
	if err != nil {
		return nil, 0, err
	}
	current, _ := live(list)
	var unfinished []Generation
	for _, g := range list {
		if g.Ours && g.Number != current.Number && (g.State == Building || g.State == Ready) {
			unfinished = append(unfinished, g)
		}
	}
	if again {
		for n := range unfinished {
			unfinished[n].State = dropping
		}
		if len(unfinished) > 0 {
			if list, err = p.record(ctx, list, unfinished...); err != nil {
				return nil, 0, err
			}
			if err = p.drop(ctx, list); err != nil {
				return nil, 0, err
			}
		}
		unfinished = nil
	}
	if len(unfinished) == 0 {
		g, _, err := p.make(ctx, list)
		if err != nil {
			return nil, 0, err
		}
		unfinished = append(unfinished, g)
	}
	number := unfinished[len(unfinished)-1].Number
	return p.filling(number), number, nil
}

// filling is the follower that fills one generation, whatever is live.
func (p *Projector) filling(number uint32) *Projector {
	return &Projector{warehouse: p.warehouse, codec: p.codec, cluster: p.cluster, fills: number}
}

// Filled says that a generation has everything up to the end of the journal.
func (p *Projector) Filled(ctx context.Context, number uint32) error {
	list, _, err := p.registered(ctx)
	if err != nil {
		return err
	}
	for _, g := range list {
		if g.Number == number && g.State == Building {
			g.State = Ready
			_, err = p.record(ctx, list, g)
		}
	}
	return err
}

// Candidate is the generation to be shown next: one that a Rebuild has filled, or, to go
// back, the one that was live before. The follower brings it to the end of the journal first.
func (p *Projector) Candidate(ctx context.Context, state State) (*Projector, uint32, error) {
	list, _, err := p.registered(ctx)
	if err != nil {
		return nil, 0, err
	}
	for n := len(list) - 1; n >= 0; n-- {
		switch g := list[n]; {
		case g.State != state:
		case !g.Ours:
			return nil, 0, ledger.Refuse(ledger.Say("generation %d has the layout of another version of daybook", int(g.Number)),
				ledger.Say("start that version: it shows its own tables again when it has brought them up to date"))
		default:
			return p.filling(g.Number), g.Number, nil
		}
	}
	if state == Previous {
		return nil, 0, ledger.Refuse(ledger.Say("there is no generation to go back to"), ledger.Say("see which there are: daybook projections list"))
	}
	return nil, 0, ledger.Refuse(ledger.Say("no generation is ready to be shown"), ledger.Say("fill one: daybook projections rebuild"))
}

// Show lets everyone read a generation, which should be at the live one's position, and keeps
// the live one as the previous. All others are dropped.
func (p *Projector) Show(ctx context.Context, number uint32) error {
	list, _, err := p.registered(ctx)
	if err != nil {
		return err
	}
	for _, g := range list {
		if g.Number == number {
			return p.exchange(ctx, list, g)
		}
	}
	return fmt.Errorf("generation %d: %w", number, ledger.ErrNotFound)
}
