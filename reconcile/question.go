package reconcile

import (
	"context"
	"fmt"
	"iter"
	"slices"
	"strings"

	"daybook/ledger"
)

// What people ask of the matcher, and decide about what it found. These methods read the
// journal as it is and, the Desk's Decide apart, write nothing. They are for the matcher's
// goroutine.

// Explain says what became of a payment or line of a settlement day, and what each rule
// saw of it. found is false when the day has no such row.
func (m *Matcher) Explain(ctx context.Context, day ledger.BusinessDay, id string) (e Explanation, found bool, err error) {
	m.reread()
	d, err := m.readDay(ctx, day)
	if err != nil {
		return e, false, err
	}
	around, err := m.openAround(ctx, day, m.terms.LateWindow())
	if err != nil {
		return e, false, err
	}
	e, found = Explain(m.terms, d.in, around, id)
	if err := m.namePlaces(ctx, &e); err != nil {
		return e, found, err
	}
	if e.State != "open" {
		return e, found, nil
	}
	late, err := m.said(ctx, lateStream(day))
	for _, match := range late.matches {
		if slices.Contains(match.Items, id) || slices.Contains(match.Lines, id) {
			e.Match, e.State = &match, "matched"
		}
	}
	for _, b := range late.breaks {
		if slices.Contains(b.Items, id) || slices.Contains(b.Lines, id) {
			e.Break, e.State = &b, "differs"
		}
	}
	return e, found, err
}

// namePlaces puts file and row where a candidate's statement stands.
func (m *Matcher) namePlaces(ctx context.Context, e *Explanation) error {
	if e.Item == nil {
		return nil
	}
	im := Importer{m.journal, m.codec, m.terms}
	files := map[string]string{}
	for s := range e.Steps {
		for c := range e.Steps[s].Candidates {
			candidate := &e.Steps[s].Candidates[c]
			file, known := files[candidate.Place]
			if !known {
				summary, _, err := im.recorded(ctx, candidate.Place)
				if err != nil {
					return err
				}
				file = summary.File
				files[candidate.Place] = file
			}
			_, row, _ := strings.Cut(candidate.ID, ":")
			candidate.Place = file + ":" + row
		}
	}
	return nil
}

// openAround reads what the last runs of Pair left open on the days around one.
func (m *Matcher) openAround(ctx context.Context, day ledger.BusinessDay, reach int) ([]*Open, error) {
	var near []*Open
	for d := range around(day, reach) {
		open, err := m.openOn(ctx, d)
		if err != nil {
			return nil, err
		}
		if open != nil {
			near = append(near, open)
		}
	}
	return near, nil
}

// Standing is what the matcher last said of a settlement day, late matches included.
type Standing struct {
	Matches     []Match
	Suggestions []Match
	Breaks      []Break
}

// Standing reads what stands of a settlement day, each in order of id.
func (m *Matcher) Standing(ctx context.Context, day ledger.BusinessDay) (Standing, error) {
	var s Standing
	for _, stream := range []ledger.StreamID{outcomeStream(day), lateStream(day)} {
		said, err := m.said(ctx, stream)
		if err != nil {
			return s, err
		}
		for _, id := range sortedKeys(said.matches) {
			s.Matches = append(s.Matches, said.matches[id])
		}
		for _, id := range sortedKeys(said.suggestions) {
			s.Suggestions = append(s.Suggestions, said.suggestions[id])
		}
		for _, id := range sortedKeys(said.breaks) {
			s.Breaks = append(s.Breaks, said.breaks[id])
		}
	}
	return s, nil
}

// Decided are the groups of a settlement day that people decided about, under the ids they
// would have as matches.
func (m *Matcher) Decided(ctx context.Context, day ledger.BusinessDay) ([]Match, error) {
	decided, _, err := decisionsOn(ctx, m.journal, m.codec, day)
	var list []Match
	for _, d := range standing(decided) {
		list = append(list, Match{Rule: Manual, Day: day, Items: d.Items, Lines: d.Lines, By: d.By}.withID())
		if d.Rule != "" {
			list = append(list, Match{Rule: d.Rule, Day: day, Items: d.Items, Lines: d.Lines, By: d.By}.withID())
		}
	}
	return list, err
}

// Decide records what a person decided about a group of which the first payment is of
// settlement day day. From the matcher's next run on it holds. It takes the right to
// prepare. Together is refused when a part is not there, was claimed by another decision,
// or is in another currency; so is everything without both sides, and on a locked day.
// Deciding the same again writes nothing.
func (desk *Desk) Decide(ctx context.Context, m *Matcher, day ledger.BusinessDay, d Decision) error {
	if d.By == "" {
		return ledger.Problem("a decision needs the person who makes it")
	}
	if err := desk.mayPrepare(d.By); err != nil {
		return err
	}
	if len(d.Items) == 0 || len(d.Lines) == 0 {
		return ledger.Problem("a decision is about at least one payment and one row of a bill")
	}
	d.Items, d.Lines = distinctTexts(d.Items), distinctTexts(d.Lines)
	m.reread()
	if err := desk.mayPost(ctx, day); err != nil {
		return err
	}
	decided, at, err := decisionsOn(ctx, desk.journal, desk.codec, day)
	if err != nil {
		return err
	}
	last := -1
	for n, other := range decided {
		if groupID(other.Items, other.Lines) == groupID(d.Items, d.Lines) {
			last = n
		}
	}
	if last >= 0 && decided[last].Verdict == d.Verdict {
		return nil
	}
	if d.Verdict == Withdrawn && last < 0 {
		return ledger.Problem("nothing was decided about these payments and rows")
	}
	if d.Verdict == Together {
		if err := m.mayJoin(ctx, day, d); err != nil {
			return err
		}
	}
	event, err := desk.event(decisionStream(day), at, day, d.By, PairingDecided{Day: day, Decision: d})
	if err != nil {
		return err
	}
	return desk.admit(ctx, d.By, day, decisionStream(day), at, event, day.String())
}

func distinctTexts(list []string) []string {
	list = slices.Clone(list)
	slices.Sort(list)
	return slices.Compact(list)
}

// mayJoin refuses a group that cannot become a match.
func (m *Matcher) mayJoin(ctx context.Context, day ledger.BusinessDay, d Decision) error {
	currencies := map[string]ledger.Currency{}
	own, err := m.readDay(ctx, day)
	if err != nil {
		return err
	}
	for n := range own.in.Items {
		if item := &own.in.Items[n]; item.Expect == Settles {
			currencies[item.ID] = item.Amount.Currency
		}
	}
	for n := range own.in.Lines {
		currencies[own.in.Lines[n].ID] = own.in.Lines[n].Currency
	}
	open, err := m.openAround(ctx, day, m.terms.LateWindow())
	if err != nil {
		return err
	}
	for _, o := range open {
		for n := range o.Items {
			currencies[o.Items[n].ID] = o.Items[n].Amount.Currency
		}
		for n := range o.Lines {
			currencies[o.Lines[n].ID] = o.Lines[n].Currency
		}
	}
	var currency ledger.Currency
	for _, id := range slices.Concat(d.Items, d.Lines) {
		found, known := currencies[id]
		switch {
		case !known:
			return ledger.Refuse(ledger.Say("%s is no payment that should settle and no row of a bill of %s, nor open on a day near it", id, day.String()),
				ledger.Say("daybook explain %s says what became of it", id))
		case currency != "" && found != currency:
			return ledger.Problem("%s is in %s, and what stands before it in %s: a match is in one currency", id, string(found), string(currency))
		}
		currency = found
	}
	for near := range around(day, m.terms.LateWindow()) {
		decided, err := m.decisions(ctx, near)
		if err != nil {
			return err
		}
		for _, other := range standing(decided) {
			if other.Verdict != Together || groupID(other.Items, other.Lines) == groupID(d.Items, d.Lines) {
				continue
			}
			for _, id := range slices.Concat(other.Items, other.Lines) {
				if slices.Contains(d.Items, id) || slices.Contains(d.Lines, id) {
					return ledger.Refuse(ledger.Say("%s is in another match that %s made", id, other.By), ledger.Say("undo that one first"))
				}
			}
		}
	}
	return nil
}

// Fate is what became of one payment or line.
type Fate struct {
	Rule string    `json:"rule,omitempty"` // of its match
	With []string  `json:"with,omitempty"` // what it was matched with
	Kind BreakKind `json:"kind,omitempty"` // of its break, when it has no match
}

// Change is a payment or line whose fate differs between two sets of terms.
type Change struct {
	Day    ledger.BusinessDay `json:"day"`
	ID     string             `json:"id"`
	Before Fate               `json:"before"`
	After  Fate               `json:"after"`
}

// Simulation compares what two sets of terms make of the same days. Nothing of it is
// recorded.
type Simulation struct {
	Matched [2]int   `json:"matched"` // matches before and after
	Breaks  [2]int   `json:"breaks"`
	Gained  []Change `json:"gained"`  // matched only after
	Lost    []Change `json:"lost"`    // matched only before
	Changed []Change `json:"changed"` // with another partner, by another rule, or another kind of break
}

// Simulate runs matchers under two sets of terms over the days from first to last.
func Simulate(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, before, after *Terms, first, last ledger.BusinessDay, progress func(done, total int)) (Simulation, error) {
	var s Simulation
	reach := 2 * max(before.LateWindow(), after.LateWindow())
	days := last.Sub(first) + 1
	if days < 1 {
		return s, ledger.Problem("%s comes after %s", first.String(), last.String())
	}
	var fates [2]map[string]Change
	for n, terms := range []*Terms{before, after} {
		shadow := &shadow{journal, ledger.NewMemory(nil)}
		m := NewMatcher(shadow, codec, terms, "simulation", nil)
		fates[n] = map[string]Change{}
		for ahead := -reach; ahead < days+reach; ahead++ {
			if err := m.joinDay(ctx, first.AddDays(ahead)); err != nil {
				return s, fmt.Errorf("reconcile %s: %w", first.AddDays(ahead), err)
			}
			if progress != nil {
				progress(n*(days+2*reach)+ahead+reach+1, 2*(days+2*reach))
			}
		}
		for ahead := range days {
			day := first.AddDays(ahead)
			if err := m.concludeDay(ctx, day); err != nil {
				return s, fmt.Errorf("conclude %s: %w", day, err)
			}
			standing, err := m.Standing(ctx, day)
			if err != nil {
				return s, err
			}
			s.Matched[n] += len(standing.Matches)
			s.Breaks[n] += len(standing.Breaks)
			note := func(ids []string, fate Fate) {
				for _, id := range ids {
					if known, is := fates[n][id]; is && known.After.Rule != "" {
						continue // a match tells more than the fee that differs in it
					}
					fates[n][id] = Change{Day: day, ID: id, After: fate}
				}
			}
			for _, match := range standing.Matches {
				note(match.Items, Fate{Rule: match.Rule, With: match.Lines})
				note(match.Lines, Fate{Rule: match.Rule, With: match.Items})
			}
			for _, b := range standing.Breaks {
				note(slices.Concat(b.Items, b.Lines), Fate{Kind: b.Kind})
			}
		}
	}
	s.compare(fates)
	return s, nil
}

func (s *Simulation) compare(fates [2]map[string]Change) {
	s.Gained, s.Lost, s.Changed = []Change{}, []Change{}, []Change{}
	ids := map[string]bool{}
	for n := range fates {
		for id := range fates[n] {
			ids[id] = true
		}
	}
	for _, id := range sortedKeys(ids) {
		before, after := fates[0][id], fates[1][id]
		change := Change{after.Day, id, before.After, after.After}
		if change.Day.IsZero() {
			change.Day = before.Day
		}
		switch b, a := change.Before, change.After; {
		case b.Rule == "" && a.Rule != "":
			s.Gained = append(s.Gained, change)
		case b.Rule != "" && a.Rule == "":
			s.Lost = append(s.Lost, change)
		case b.Rule != a.Rule || b.Kind != a.Kind || strings.Join(b.With, " ") != strings.Join(a.With, " "):
			s.Changed = append(s.Changed, change)
		}
	}
}

// shadow is a journal in which a matcher's own words go to memory, and only there.
type shadow struct {
	ledger.Journal
	memory *ledger.Memory
}

func (s *shadow) Append(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events ...ledger.Event) (ledger.Position, error) {
	return s.memory.Append(ctx, stream, expect, events...)
}

func (s *shadow) Read(ctx context.Context, query ledger.Query) iter.Seq2[ledger.Recorded, error] {
	switch query.Stream.Noun() {
	case "outcome", "late", "payout", "gaps":
		return s.memory.Read(ctx, query)
	}
	return s.Journal.Read(ctx, query)
}
