package projections

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"daybook/ledger"
)

// Verified is what a comparison of the tables with the journal came to.
type Verified struct {
	Generation  uint32          `json:"generation"`
	Position    ledger.Position `json:"position"` // both up to here
	Events      uint64          `json:"events"`   // read from the journal
	Tables      int             `json:"tables"`   // and views
	Totals      int             `json:"totals"`   // compared: of each table, day, currency and sum
	Differences []Difference    `json:"differences"`
}

// Difference is one total in which a table differs from the journal.
type Difference struct {
	Table    string `json:"table"`
	Day      string `json:"day"`      // empty when the table has none
	Currency string `json:"currency"` // likewise
	Total    string `json:"total"`    // rows, or what is added up
	Expected int64  `json:"expected"` // by the journal
	Found    int64  `json:"found"`    // in the table
}

// group is what totals are apart by.
type group struct{ day, currency string }

// tally adds up what one table should hold. What it keeps grows with the days and with what
// is replaced (breaks, files, days' sheets, articles, documents of goods) or added up in one row,
// not with sales, payments and lines.
type tally struct {
	totals   map[group][]int64 // the number of rows first
	kept     map[any]entry     // rows that a later event replaces, by their key
	gathered map[any]bool      // keys of rows that several events add to
}

type entry struct {
	group group
	sums  []int64
}

func groupOf(day ledger.BusinessDay, currency ledger.Currency) group {
	return group{time.Unix(dayNumber(day)*24*60*60, 0).UTC().Format(time.DateOnly), string(currency)}
}

// add counts a row; takeOff takes one off again.
func (t *tally) add(day ledger.BusinessDay, currency ledger.Currency, sums ...int64) {
	t.change(groupOf(day, currency), 1, sums)
}

func (t *tally) takeOff(day ledger.BusinessDay, currency ledger.Currency, sums ...int64) {
	t.change(groupOf(day, currency), -1, sums)
}

// put counts a row in the place of the one that had its key.
func (t *tally) put(key any, day ledger.BusinessDay, currency ledger.Currency, sums ...int64) {
	if former, there := t.kept[key]; there {
		t.change(former.group, -1, former.sums)
	}
	now := entry{groupOf(day, currency), sums}
	t.kept[key] = now
	t.change(now.group, 1, sums)
}

// gather adds to the row that has a key, and counts the row the first time.
func (t *tally) gather(key any, day ledger.BusinessDay, currency ledger.Currency, sums ...int64) {
	g := groupOf(day, currency)
	if t.change(g, 1, sums); t.gathered[key] {
		t.totals[g][0]--
	}
	t.gathered[key] = true
}

func (t *tally) change(g group, sign int64, sums []int64) {
	total := t.totals[g]
	if total == nil {
		total = make([]int64, 1+len(sums))
		t.totals[g] = total
	}
	total[0] += sign
	for n, sum := range sums {
		total[n+1] += sign * sum
	}
}

// fold reads the journal into a tally per control.
type fold struct {
	codec    *ledger.Codec
	position ledger.Position
	events   uint64
	tallies  []*tally
}

func newFold(codec *ledger.Codec) *fold {
	f := &fold{codec: codec}
	for range controls {
		f.tallies = append(f.tallies, &tally{map[group][]int64{}, map[any]entry{}, map[any]bool{}})
	}
	return f
}

// to goes on to a position.
func (f *fold) to(ctx context.Context, journal ledger.Journal, position ledger.Position, progress func(ledger.Position)) error {
	for recorded, err := range journal.Read(ctx, ledger.Query{After: f.position}) {
		if err != nil {
			return err
		}
		if recorded.Position > position {
			break
		}
		f.position = recorded.Position
		if f.events++; f.events%1024 == 0 {
			progress(f.position)
		}
		payload, err := f.codec.Decode(recorded.Event)
		if errors.Is(err, ledger.ErrUnknownType) {
			continue
		}
		if err != nil {
			return fmt.Errorf("position %d in %s: %w", recorded.Position, recorded.Stream, err)
		}
		for n := range controls {
			controls[n].fold(f.tallies[n], fact{recorded.Stream, payload, recorded.RecordedAt})
		}
	}
	f.position = max(f.position, position)
	return nil
}

// totals asks a generation for what a table adds up to.
func (c control) totals(ctx context.Context, g generation) (map[group][]int64, error) {
	// What a row has no day or currency of is named as the fold names it.
	day, currency, rows := "'"+firstDay.Format(time.DateOnly)+"'", "''", c.of+" FINAL"
	if c.day != "" {
		day = "toString(" + c.day + ")"
	}
	if c.currency != "" {
		currency = "toString(" + c.currency + ")"
	}
	if c.rows != "" {
		rows = c.rows
	}
	sums := []string{"toInt64(count())"}
	for _, sum := range c.sums {
		sums = append(sums, "sum(toInt64("+sum+"))")
	}
	type line struct {
		group
		sums []int64
	}
	lines, err := query(ctx, g, g.alone("SELECT "+day+" AS on_day, "+currency+" AS in_currency, ["+strings.Join(sums, ", ")+"] FROM "+rows+" GROUP BY on_day, in_currency"),
		func(l *line) []any { return []any{&l.day, &l.currency, &l.sums} })
	if err != nil {
		return nil, fmt.Errorf("add up %s: %w", c.of, err)
	}
	totals := map[group][]int64{}
	for _, l := range lines {
		totals[l.group] = l.sums
	}
	return totals, nil
}

// compare names every total in which what was found is not what was expected.
func (c control) compare(expected, found map[group][]int64) (list []Difference, compared int) {
	groups := maps.Clone(found)
	maps.Copy(groups, expected)
	for _, g := range slices.SortedFunc(maps.Keys(groups), func(a, b group) int {
		return strings.Compare(a.day+" "+a.currency, b.day+" "+b.currency)
	}) {
		for n := range 1 + len(c.sums) {
			d := Difference{Table: c.of, Day: g.day, Currency: g.currency, Total: "rows"}
			if n > 0 {
				d.Total = c.sums[n-1]
			}
			if c.day == "" {
				d.Day = ""
			}
			if e := expected[g]; e != nil {
				d.Expected = e[n]
			}
			if f := found[g]; f != nil {
				d.Found = f[n]
			}
			if compared++; d.Expected != d.Found {
				list = append(list, d)
			}
		}
	}
	return list, compared
}

// Others may be filling the tables while they are looked at.
const (
	looks     = 10
	lookAgain = 300 * time.Millisecond
)

// Verify folds the journal up to where a generation is and compares every control total with
// its tables; number 0 is the live one. A difference counts when it is there three times while
// nobody moves the cursor: rows come in before it moves.
func (p *Projector) Verify(ctx context.Context, journal ledger.Journal, number uint32, progress func(done ledger.Position)) (Verified, error) {
	if number == 0 {
		list, _, err := p.registered(ctx)
		if err != nil {
			return Verified{}, err
		}
		current, _ := live(list)
		number = current.Number
	}
	tables := p.of(Generation{Number: number})
	f := newFold(p.codec)
	var before *Verified
	same := 0
	for range looks {
		at, err := cursor(ctx, tables)
		if err != nil {
			return Verified{}, err
		}
		if err := f.to(ctx, journal, at, progress); err != nil {
			return Verified{}, fmt.Errorf("fold the journal: %w", err)
		}
		v := Verified{Generation: number, Position: at, Events: f.events, Tables: len(controls), Differences: []Difference{}}
		for n, c := range controls {
			found, err := c.totals(ctx, tables)
			if err != nil {
				return Verified{}, err
			}
			list, compared := c.compare(f.tallies[n].totals, found)
			v.Differences, v.Totals = append(v.Differences, list...), v.Totals+compared
		}
		if same++; before == nil || before.Position != at || !slices.Equal(before.Differences, v.Differences) {
			same = 1
		}
		if len(v.Differences) == 0 || same == 3 {
			return v, nil
		}
		before = &v
		select {
		case <-ctx.Done():
			return Verified{}, ctx.Err()
		case <-time.After(lookAgain):
		}
	}
	return Verified{}, ledger.Refuse(ledger.Say("the tables are written to all the time, and were not twice the same"),
		ledger.Say("try again when fewer events come in"))
}
