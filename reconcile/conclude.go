package reconcile

import (
	"cmp"
	"slices"
	"strconv"

	"daybook/ledger"
)

// fileWindow is how many days after a day a later bill tells that the day's own is missing.
const fileWindow = 3

// Open is what Pair could not place on one settlement day.
type Open struct {
	Day      ledger.BusinessDay
	Items    []Item
	Lines    []Entry
	Reported map[ledger.ProviderID]bool
	// Waiting sums the payments whose provider has not reported, per provider.
	Waiting []ledger.Money
	// WaitingFor names the providers, in the order of Waiting.
	WaitingFor []ledger.ProviderID
	// Decided is what people decided about payments of the day.
	Decided []Decision
}

// Conclusion is what became of a day's open items and lines, in the light of the days
// around it.
type Conclusion struct {
	Matches     []Match // by rules that look over several days; each is also in the conclusion of its other day
	Breaks      []Break
	Doubts      []Break // breaks of which nobody can say yet that they are some: see Break.ExpectedBy
	Suggestions []Match
}

// Conclude places what Pair left open on day own.
//
// M8, and any other rule that looks over several days: references and the amount agree,
// the days differ by at most so many. A payment and a line match when each is the other's
// nearest: by the earlier rule, then by the fewer days, then the earlier of two equally
// near. That depends on nothing but the open items and lines within twice the window, so
// that both days come to the same match whichever is concluded first.
//
// A payment shortly before its provider's cut, whose next bill is not here, is
// in transit (日切/在途), and in doubt (存疑) until the day on which its own bill is due;
// everything else is missing. Payments whose bill is not here are in doubt until it is due.
// What day it is decides nothing here: whoever reads a break compares its ExpectedBy with
// the newest day of which there are facts.
//
// around holds the open items and lines of the days within twice the terms' LateWindow,
// own included. covered reports whether a bank statement covers a day.
func Conclude(terms *Terms, own *Open, around []*Open, covered func(ledger.BusinessDay) bool) Conclusion {
	c := &conclusion{terms: terms, own: own, around: slices.Clone(around), placed: map[string]bool{}, apart: map[string]bool{}}
	slices.SortFunc(c.around, func(a, b *Open) int { return a.Day.Compare(b.Day) })
	c.rules = terms.lateRules()
	c.decided()
	c.index()
	for _, open := range c.around {
		for n := range open.Items {
			c.place(&open.Items[n])
		}
	}
	for _, item := range own.Items {
		if !c.placed[item.ID] {
			kind := MissingInSettlement
			if c.inTransit(item) {
				kind = TimingNextDay
			}
			b := newBreak(kind, "", own.Day, []Item{item}, nil, "")
			if provider, known := c.terms.Provider(item.Provider); known && kind == TimingNextDay {
				b.ExpectedBy = provider.Bills.Due(own.Day)
			}
			c.out.Breaks = append(c.out.Breaks, b)
		}
	}
	for _, line := range own.Lines {
		if !c.placed[line.ID] {
			c.out.Breaks = append(c.out.Breaks, newBreak(MissingInLedger, "", own.Day, nil, []Entry{line}, ""))
		}
	}
	c.missingFiles(covered)
	slices.SortFunc(c.out.Matches, func(a, b Match) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.out.Suggestions, func(a, b Match) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(c.out.Breaks, compareBreaks)
	slices.SortFunc(c.out.Doubts, compareBreaks)
	return c.out
}

type conclusion struct {
	terms  *Terms
	own    *Open
	around []*Open // in order of days
	rules  []Rule  // that look over several days, those in auto mode first
	items  map[string][]*Item
	lines  map[string][]*Entry
	placed map[string]bool // own and others' items and lines that found each other
	apart  map[string]bool
	out    Conclusion
}

// lateRules are the rules that look over several days, those in auto mode first.
func (t *Terms) lateRules() []Rule {
	rules := t.Rules
	if rules == nil {
		rules = DefaultRules()
	}
	rules = slices.DeleteFunc(slices.Clone(rules), func(r Rule) bool { return r.Days == 0 })
	slices.SortStableFunc(rules, func(a, b Rule) int { return cmp.Compare(a.Mode, b.Mode) }) // "" before "suggest"
	return rules
}

// LateWindow is how many days apart a payment and its line may lie, at most.
func (t *Terms) LateWindow() int {
	window := fileWindow
	for _, r := range t.lateRules() {
		window = max(window, r.Days)
	}
	return window
}

// decided carries out what people decided about groups whose parts lie on several days.
func (c *conclusion) decided() {
	var all []Decision
	items, lines := map[string]*Item{}, map[string]*Entry{}
	for _, open := range c.around {
		all = append(all, open.Decided...)
		for n := range open.Items {
			items[open.Items[n].ID] = &open.Items[n]
		}
		for n := range open.Lines {
			lines[open.Lines[n].ID] = &open.Lines[n]
		}
	}
	for _, d := range standing(all) {
		if d.Verdict == Apart {
			c.apart[groupID(d.Items, d.Lines)] = true
			continue
		}
		if slices.ContainsFunc(slices.Concat(d.Items, d.Lines), func(id string) bool { return c.placed[id] }) {
			continue
		}
		m := Match{Rule: Manual, By: d.By, Items: slices.Clone(d.Items), Lines: slices.Clone(d.Lines)}
		if c.complete(&m, items, lines) {
			c.settle(m, items, lines)
		}
	}
}

// complete fills in a match of which all parts must be open, in one currency.
func (c *conclusion) complete(m *Match, items map[string]*Item, lines map[string]*Entry) bool {
	var currency ledger.Currency
	var expected int64
	for _, id := range m.Lines {
		line := lines[id]
		if line == nil || currency != "" && line.Currency != currency {
			return false
		}
		currency = line.Currency
		m.Gross = m.Gross.Add(ledger.Minor(line.Gross, currency))
	}
	slices.Sort(m.Items)
	for n, id := range m.Items {
		item := items[id]
		if item == nil || item.Amount.Currency != currency {
			return false
		}
		if n == 0 {
			m.Day = item.Day
		}
		expected = ledger.AddMinor(expected, item.Amount.Minor)
	}
	m.Difference = ledger.AddMinor(m.Gross.Minor, -expected)
	return len(m.Items) > 0 && len(m.Lines) > 0
}

// settle places a match, and tells it when a part of it is the day's own.
func (c *conclusion) settle(m Match, items map[string]*Item, lines map[string]*Entry) {
	own := false
	for _, id := range m.Items {
		c.placed[id] = true
		own = own || items[id].Day == c.own.Day
	}
	for _, id := range m.Lines {
		c.placed[id] = true
		own = own || lines[id].Day == c.own.Day
	}
	if own {
		c.out.Matches = append(c.out.Matches, m.withID())
	}
}

// place joins an item with its nearest line when it is that line's nearest, too.
func (c *conclusion) place(item *Item) {
	if c.placed[item.ID] {
		return
	}
	near := c.nearestLine(item)
	if near.line == nil || c.nearestItem(near.line).item != item {
		return
	}
	rule := &c.rules[near.rule]
	m := Match{
		Rule: rule.Name, Day: item.Day, Items: []string{item.ID}, Lines: []string{near.line.ID},
		Gross: ledger.Minor(near.line.Gross, near.line.Currency), Score: rule.Score,
	}.withID()
	if rule.Mode == Auto {
		c.placed[item.ID], c.placed[near.line.ID] = true, true
	}
	switch {
	case item.Day != c.own.Day && near.line.Day != c.own.Day:
	case rule.Mode == Auto:
		c.out.Matches = append(c.out.Matches, m)
	default:
		c.out.Suggestions = append(c.out.Suggestions, m)
	}
}

func (c *conclusion) index() {
	c.items, c.lines = map[string][]*Item{}, map[string][]*Entry{}
	for _, open := range c.around {
		for n := range open.Items {
			item := &open.Items[n]
			if c.placed[item.ID] {
				continue
			}
			c.keys(item, nil, func(_ int, k string) { c.items[k] = append(c.items[k], item) })
		}
		for n := range open.Lines {
			line := &open.Lines[n]
			if c.placed[line.ID] {
				continue
			}
			c.keys(nil, line, func(_ int, k string) { c.lines[k] = append(c.lines[k], line) })
		}
	}
}

// keys yields the keys of an item or of a line, with the rule each is of.
func (c *conclusion) keys(item *Item, line *Entry, yield func(rule int, key string)) {
	for n := range c.rules {
		r := &c.rules[n]
		for _, fields := range r.Same {
			var key string
			var ok bool
			var provider ledger.ProviderID
			var amount ledger.Money
			if item != nil {
				key, ok = itemKey(item, fields, r.Loose)
				provider, amount = item.Provider, item.Amount
			} else {
				key, ok = lineKey(line, fields, r.Loose)
				provider, amount = line.Provider, ledger.Minor(line.Gross, line.Currency)
			}
			if ok && r.serves(provider) {
				yield(n, strconv.Itoa(n)+key+separator+string(provider)+separator+strconv.FormatInt(amount.Minor, 10)+string(amount.Currency))
			}
		}
	}
}

// nearby is an item and a line that a rule would join.
type nearby struct {
	rule int
	item *Item
	line *Entry
}

func (c *conclusion) nearestLine(item *Item) nearby {
	best := nearby{item: item}
	c.keys(item, nil, func(rule int, k string) {
		for _, line := range c.lines[k] {
			best = c.nearer(best, nearby{rule, item, line})
		}
	})
	return best
}

func (c *conclusion) nearestItem(line *Entry) nearby {
	best := nearby{line: line}
	c.keys(nil, line, func(rule int, k string) {
		for _, item := range c.items[k] {
			best = c.nearer(best, nearby{rule, item, line})
		}
	})
	return best
}

// nearer is the better of two: one that is complete, and allowed, before one that is not.
func (c *conclusion) nearer(best, other nearby) nearby {
	if !c.late(other) {
		return best
	}
	if best.item == nil || best.line == nil || compareNearby(other, best) < 0 {
		return other
	}
	return best
}

// late: on different days, and near enough. On the same day Pair has had its say.
func (c *conclusion) late(n nearby) bool {
	rule, apart := &c.rules[n.rule], n.line.Day.Sub(n.item.Day)
	return apart != 0 && max(apart, -apart) <= rule.Days && rule.inForce(n.item.Day) &&
		(len(c.apart) == 0 || !c.apart[groupID([]string{n.item.ID}, []string{n.line.ID})])
}

func compareNearby(a, b nearby) int {
	distance := func(n nearby) int { return max(n.line.Day.Sub(n.item.Day), n.item.Day.Sub(n.line.Day)) }
	return cmp.Or(cmp.Compare(a.rule, b.rule), cmp.Compare(distance(a), distance(b)), a.line.Day.Compare(b.line.Day), a.item.Day.Compare(b.item.Day),
		cmp.Compare(a.item.ID, b.item.ID), cmp.Compare(a.line.ID, b.line.ID))
}

// inTransit: accepted shortly before the cut, and the next bill is not here yet.
func (c *conclusion) inTransit(item Item) bool {
	provider, known := c.terms.Provider(item.Provider)
	if !known || c.reported(item.Provider, item.Day.AddDays(1)) {
		return false
	}
	return provider.Clock.End(item.Day).Sub(item.At) <= provider.CutMargin
}

func (c *conclusion) reported(provider ledger.ProviderID, day ledger.BusinessDay) bool {
	for _, open := range c.around {
		if open.Day == day {
			return open.Reported[provider]
		}
	}
	return false
}

// missingFiles: payments wait for a bill that should be here, because a later bill of
// the same provider is, or because the bank statement of the day it pays out on is; or that
// is missing when the day comes on which it is due.
func (c *conclusion) missingFiles(covered func(ledger.BusinessDay) bool) {
	for n, id := range c.own.WaitingFor {
		provider, known := c.terms.Provider(id)
		if !known {
			continue
		}
		later := false
		for ahead := 1; ahead <= fileWindow; ahead++ {
			later = later || c.reported(id, c.own.Day.AddDays(ahead))
		}
		expected := c.own.Waiting[n]
		b := Break{
			Kind: FileMissing, Leg: FileLeg, Day: c.own.Day, BusinessDay: c.own.Day, Provider: id, Channel: provider.Channel,
			Reference: string(id) + " " + c.own.Day.String(),
			Expected:  expected, Actual: ledger.Minor(0, expected.Currency),
		}.withID()
		if later || covered(provider.Payout.Due(c.own.Day)) {
			c.out.Breaks = append(c.out.Breaks, b)
			continue
		}
		b.ExpectedBy = provider.Bills.Due(c.own.Day)
		c.out.Doubts = append(c.out.Doubts, b)
	}
}
