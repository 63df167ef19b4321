package reconcile

import (
	"context"
	"slices"
	"strings"

	"daybook/ledger"
)

// Decision is what a person decided about a group of payments and lines: that they belong
// together, or that they do not.
type Decision struct {
	Items   []string `json:"items"`
	Lines   []string `json:"lines"`
	Verdict Verdict  `json:"verdict"`
	By      string   `json:"by"`
	Reason  string   `json:"reason,omitempty"`
	Rule    string   `json:"rule,omitempty"` // whose match or suggestion it was about
}

// Verdict of a decision. The last one about a group counts.
type Verdict string

const (
	Together  Verdict = "together"  // they are a match, whatever the rules say
	Apart     Verdict = "apart"     // no rule may join exactly these
	Withdrawn Verdict = "withdrawn" // the rules decide again
)

// Manual is the rule of matches that a person made.
const Manual = "manual"

func decisionStream(day ledger.BusinessDay) ledger.StreamID {
	return ledger.Stream("decisions", day.String())
}

// decisionsOn reads what was decided about payments of a day, and where its stream ends.
func decisionsOn(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, day ledger.BusinessDay) (decided []Decision, at ledger.Revision, err error) {
	at = -1
	for recorded, err := range journal.Read(ctx, ledger.Query{Stream: decisionStream(day)}) {
		if err != nil {
			return nil, at, err
		}
		at = recorded.Revision
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return nil, at, err
		}
		if p, is := payload.(PairingDecided); is {
			decided = append(decided, p.Decision)
		}
	}
	return decided, at, nil
}

// groupID names a group of items and lines, whatever their order.
func groupID(items, lines []string) string {
	items, lines = slices.Clone(items), slices.Clone(lines)
	slices.Sort(items)
	slices.Sort(lines)
	return digest(strings.Join(items, " "), strings.Join(lines, " "))
}

// standing are the last words about each group, in the order of the first.
func standing(decisions []Decision) []Decision {
	var list []Decision
	at := map[string]int{}
	for _, d := range decisions {
		id := groupID(d.Items, d.Lines)
		n, known := at[id]
		if !known {
			n = len(list)
			at[id] = n
			list = append(list, d)
		}
		list[n] = d
	}
	return slices.DeleteFunc(list, func(d Decision) bool { return d.Verdict == Withdrawn })
}

// decided carries out what people decided. A group of which a part lies on another day,
// or has not come yet, is kept out of everything else: it is joined in Conclude. When two
// decisions claim the same item or line, the earlier one has it; one that claims a payment
// that should not settle has nothing.
func (p *pairing) decided() {
	if len(p.in.Decided) == 0 {
		return
	}
	items, lines := map[string]int{}, map[string]int{}
	for n := range p.in.Items {
		items[p.in.Items[n].ID] = n
	}
	for n := range p.in.Lines {
		lines[p.in.Lines[n].ID] = n
	}
	p.apart = map[string]bool{}
	for _, d := range standing(p.in.Decided) {
		if d.Verdict == Apart {
			p.apart[groupID(d.Items, d.Lines)] = true
			continue
		}
		is, allItems := found(items, d.Items)
		ls, allLines := found(lines, d.Lines)
		if slices.ContainsFunc(is, func(n int) bool { return p.items[n].place != free || p.in.Items[n].Expect != Settles }) ||
			slices.ContainsFunc(ls, func(n int) bool { return p.lines[n].place != free }) {
			continue
		}
		switch {
		case len(is)+len(ls) == 0:
		case allItems && allLines && p.oneCurrency(is, ls):
			p.tracer.begin(Manual)
			p.match(Match{Rule: Manual, By: d.By}, is, ls)
		case allItems && allLines: // in two currencies: a difference that people cannot decide away
		default:
			p.place(reserved, is, nil)
			p.place(reserved, nil, ls)
		}
	}
}

func found(at map[string]int, ids []string) (found []int, all bool) {
	for _, id := range ids {
		if n, is := at[id]; is {
			found = append(found, n)
		}
	}
	return found, len(found) == len(ids)
}

// oneCurrency: a match is in one currency; what is in two stays a difference.
func (p *pairing) oneCurrency(items, lines []int) bool {
	var currency ledger.Currency
	for _, n := range lines {
		if currency != "" && currency != p.in.Lines[n].Currency {
			return false
		}
		currency = p.in.Lines[n].Currency
	}
	return !slices.ContainsFunc(items, func(n int) bool { return p.in.Items[n].Amount.Currency != currency })
}

// isApart reports whether a person said that exactly these do not belong together.
func (p *pairing) isApart(items, lines []int) bool {
	if len(p.apart) == 0 {
		return false
	}
	var is, ls []string
	for _, n := range items {
		is = append(is, p.in.Items[n].ID)
	}
	for _, n := range lines {
		ls = append(ls, p.in.Lines[n].ID)
	}
	return p.apart[groupID(is, ls)]
}
