package reconcile

import (
	"cmp"
	"slices"

	"daybook/ledger"
)

// lateWindow is how many days apart a payment and its line may lie for M8.
const lateWindow = 3

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
}

// Conclusion is what became of a day's open items and lines, in the light of the days
// around it.
type Conclusion struct {
	Matches []Match // M8; each is also in the conclusion of its other day
	Breaks  []Break
}

// Conclude places what Pair left open on day own.
//
// M8: references of M1 to M3 and the amount agree, the days differ by at most three.
// A payment and a line match when each is the other's nearest (the earlier of two
// equally near). That depends on nothing but the open items and lines within twice the
// window, so that both days come to the same match whichever is concluded first.
//
// A payment shortly before its provider's cut, whose next bill is not here, is
// in transit (日切/在途); everything else is missing.
//
// around holds the open items and lines of the days within twice lateWindow, own
// included. covered reports whether a bank statement covers a day.
func Conclude(terms *Terms, own *Open, around []*Open, covered func(ledger.BusinessDay) bool) Conclusion {
	c := &conclusion{terms: terms, own: own, around: around}
	c.index()
	var out Conclusion
	placed := map[string]bool{}
	for _, open := range around {
		for n := range open.Items {
			item := &open.Items[n]
			line := c.nearestLine(item)
			if line == nil || c.nearestItem(line) != item {
				continue
			}
			if item.Day != own.Day && line.Day != own.Day {
				continue
			}
			placed[item.ID], placed[line.ID] = true, true
			out.Matches = append(out.Matches, Match{
				Rule: "M8", Day: item.Day, Items: []string{item.ID}, Lines: []string{line.ID},
				Gross: ledger.Minor(line.Gross, line.Currency),
			}.withID())
		}
	}
	for _, item := range own.Items {
		if !placed[item.ID] {
			kind := MissingInSettlement
			if c.inTransit(item) {
				kind = TimingNextDay
			}
			out.Breaks = append(out.Breaks, newBreak(kind, "", own.Day, []Item{item}, nil, ""))
		}
	}
	for _, line := range own.Lines {
		if !placed[line.ID] {
			out.Breaks = append(out.Breaks, newBreak(MissingInLedger, "", own.Day, nil, []Entry{line}, ""))
		}
	}
	out.Breaks = append(out.Breaks, c.missingFiles(covered)...)
	slices.SortFunc(out.Matches, func(a, b Match) int { return cmp.Compare(a.ID, b.ID) })
	slices.SortFunc(out.Breaks, compareBreaks)
	return out
}

type conclusion struct {
	terms  *Terms
	own    *Open
	around []*Open
	items  map[string][]*Item
	lines  map[string][]*Entry
}

func (c *conclusion) index() {
	c.items, c.lines = map[string][]*Item{}, map[string][]*Entry{}
	for _, open := range c.around {
		for n := range open.Items {
			item := &open.Items[n]
			for _, k := range lateItemKeys(item) {
				c.items[k] = append(c.items[k], item)
			}
		}
		for n := range open.Lines {
			line := &open.Lines[n]
			for _, k := range lateLineKeys(line) {
				c.lines[k] = append(c.lines[k], line)
			}
		}
	}
}

func lateItemKeys(i *Item) []string {
	return notEmpty(itemRRN(i), itemSTAN(i), itemOrder(i), itemProviderNo(i), itemOriginal(i))
}

func lateLineKeys(e *Entry) []string {
	return notEmpty(lineRRN(e), lineSTAN(e), lineOrder(e), lineProviderNo(e), lineOriginal(e))
}

func (c *conclusion) nearestLine(item *Item) *Entry {
	var best *Entry
	for _, k := range lateItemKeys(item) {
		for _, line := range c.lines[k] {
			if late(item, line) && (best == nil || compareLate(item, line, item, best) < 0) {
				best = line
			}
		}
	}
	return best
}

func (c *conclusion) nearestItem(line *Entry) *Item {
	var best *Item
	for _, k := range lateLineKeys(line) {
		for _, item := range c.items[k] {
			if late(item, line) && (best == nil || compareLate(item, line, best, line) < 0) {
				best = item
			}
		}
	}
	return best
}

// late: on different days, and near enough. On the same day Pair has had its say.
func late(item *Item, line *Entry) bool {
	apart := line.Day.Sub(item.Day)
	return apart != 0 && apart <= lateWindow && apart >= -lateWindow
}

func compareLate(i1 *Item, l1 *Entry, i2 *Item, l2 *Entry) int {
	distance := func(i *Item, l *Entry) int { return max(l.Day.Sub(i.Day), i.Day.Sub(l.Day)) }
	return cmp.Or(cmp.Compare(distance(i1, l1), distance(i2, l2)), l1.Day.Compare(l2.Day), i1.Day.Compare(i2.Day),
		cmp.Compare(i1.ID, i2.ID), cmp.Compare(l1.ID, l2.ID))
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
// the same provider is, or because the bank statement of the day it pays out on is.
func (c *conclusion) missingFiles(covered func(ledger.BusinessDay) bool) []Break {
	var breaks []Break
	for n, id := range c.own.WaitingFor {
		provider, known := c.terms.Provider(id)
		if !known {
			continue
		}
		later := false
		for ahead := 1; ahead <= lateWindow; ahead++ {
			later = later || c.reported(id, c.own.Day.AddDays(ahead))
		}
		if !later && !covered(provider.Payout.Due(c.own.Day)) {
			continue
		}
		expected := c.own.Waiting[n]
		breaks = append(breaks, Break{
			Kind: FileMissing, Leg: FileLeg, Day: c.own.Day, BusinessDay: c.own.Day, Provider: id, Channel: provider.Channel,
			Reference: string(id) + " " + c.own.Day.String(),
			Expected:  expected, Actual: ledger.Minor(0, expected.Currency),
		}.withID())
	}
	return breaks
}
