package reconcile

import (
	"slices"
	"time"

	"daybook/ledger"
)

// apply tries a rule in auto mode on everything that is free.
func (p *pairing) apply(r *Rule) {
	p.tracer.begin(r.Name)
	for _, fields := range r.Same {
		k := keyer{fields: fields, amount: r.exactAmount(), basis: r.Basis, loose: r.Loose}
		k.groupsOf(p, func(x row) bool { return p.freeFor(r, x) }, func(items, lines []int) {
			p.found(r, items, lines, func(items, lines []int) { p.joinBy(r, items, lines) }, func(items, lines []int) {
				p.note(Ambiguous, r.Name, items, lines, "")
			})
		})
	}
}

// exactAmount: amounts must be equal, so that they belong to the key.
func (r *Rule) exactAmount() bool {
	return r.Shape == OneToOne && r.Absolute == 0 && r.Relative == 0
}

func (p *pairing) freeFor(r *Rule, x row) bool {
	if !r.serves(p.provider(x)) {
		return false
	}
	if x.line {
		return p.lines[x.n].place == free
	}
	return p.items[x.n].place == free
}

// joinBy records what a rule found. On another basis than gross, and within a tolerance,
// the sums differ; the match says by how much.
func (p *pairing) joinBy(r *Rule, items, lines []int) {
	if p.in.Items[items[0]].Expect != Settles {
		p.join(r.Name, items, lines)
		return
	}
	p.match(Match{Rule: r.Name, Basis: r.Basis, Score: r.Score}, items, lines)
}

// found hands what a rule makes of a group of items and lines with equal keys to join,
// and what fits each other in several ways to ambiguous.
func (p *pairing) found(r *Rule, items, lines []int, join, ambiguous func(items, lines []int)) {
	switch {
	case r.Shape == InSum:
		items = p.settling(items)
		if len(items) > 0 && len(items)+len(lines) > 2 && p.equalSums(items, lines) && !p.isApart(items, lines) {
			join(items, lines)
		}
	case r.Shape == Subset:
		p.subsets(r, p.settling(items), lines, join, ambiguous)
	case r.exact() && len(r.Unless) == 0:
		// Under one key all items tell the same story and so do all lines; what is left
		// over is a duplicate, which is found later.
		for n := range min(len(items), len(lines)) {
			if !p.isApart(items[n:n+1], lines[n:n+1]) {
				join(items[n:n+1], lines[n:n+1])
			}
		}
	default:
		p.components(items, lines, func(item, line int) bool { return p.couldBe(r, item, line) }, func(items, lines []int) {
			if len(items) == 1 && len(lines) == 1 {
				join(items, lines)
			} else {
				ambiguous(items, lines)
			}
		})
	}
}

func (p *pairing) settling(items []int) []int {
	return slices.DeleteFunc(slices.Clone(items), func(n int) bool { return p.in.Items[n].Expect != Settles })
}

// equalSums of amounts in one currency.
func (p *pairing) equalSums(items, lines []int) bool {
	currency := p.in.Lines[lines[0]].Currency
	var sum int64
	for _, n := range items {
		if p.in.Items[n].Amount.Currency != currency {
			return false
		}
		sum = ledger.AddMinor(sum, p.in.Items[n].Amount.Minor)
	}
	for _, n := range lines {
		if p.in.Lines[n].Currency != currency {
			return false
		}
		sum = ledger.AddMinor(sum, -p.in.Lines[n].Gross)
	}
	return sum == 0
}

// couldBe: close enough in amount and time, and no other reference says otherwise.
func (p *pairing) couldBe(r *Rule, item, line int) bool {
	i, e := &p.in.Items[item], &p.in.Lines[line]
	return p.closeAmounts(r, item, line) && r.closeTimes(i.At, e.At) && r.contradiction(i, e) == "" && !p.isApart([]int{item}, []int{line})
}

func (p *pairing) closeAmounts(r *Rule, item, line int) bool {
	ours, currency := p.amountOf(row{n: int32(item)}, r.Basis)
	theirs, other := p.amountOf(row{n: int32(line), line: true}, r.Basis)
	apart := ledger.AddMinor(theirs, -ours)
	return currency == other && max(apart, -apart) <= max(r.Absolute, r.Relative.Of(ledger.Minor(max(ours, -ours), currency)).Minor)
}

func (r *Rule) closeTimes(ours, theirs time.Time) bool {
	return r.Within == 0 || !theirs.IsZero() && theirs.Sub(ours).Abs() <= r.Within
}

// contradiction is the first field that both sides have and that speaks against the pair.
func (r *Rule) contradiction(i *Item, e *Entry) Field {
	for _, f := range r.Unless {
		if ours, theirs := f.ofItem(i), f.ofLine(e); ours != "" && theirs != "" && ours != theirs {
			return f
		}
	}
	return ""
}

// components parts a group into those that are linked, directly or over others, and
// hands on the parts that have both sides.
func (p *pairing) components(items, lines []int, linked func(item, line int) bool, part func(items, lines []int)) {
	items, lines = slices.Clone(items), slices.Clone(lines)
	for len(items) > 0 && len(lines) > 0 {
		someItems, someLines := items[:1:1], []int(nil)
		items = items[1:]
		newItems := someItems
		for len(newItems) > 0 {
			var newLines []int
			newLines, lines = partedInts(lines, func(l int) bool {
				return slices.ContainsFunc(newItems, func(i int) bool { return linked(i, l) })
			})
			someLines = append(someLines, newLines...)
			newItems, items = partedInts(items, func(i int) bool {
				return slices.ContainsFunc(newLines, func(l int) bool { return linked(i, l) })
			})
			someItems = append(someItems, newItems...)
		}
		if len(someLines) > 0 {
			part(someItems, someLines)
		}
	}
}

func partedInts(all []int, in func(int) bool) (yes, no []int) {
	for _, n := range all {
		if in(n) {
			yes = append(yes, n)
		} else {
			no = append(no, n)
		}
	}
	return yes, no
}

// suggest tries the rules in suggest mode on what is open, and on what is in question
// because amount, terminal or provider differ. Each item and line is in one suggestion at
// most: the first rule's.
func (p *pairing) suggest() {
	taken := map[row]bool{}
	inQuestion := map[string]bool{}
	for _, b := range p.out.Breaks {
		switch b.Kind {
		case AmountMismatch, TerminalMismatch, MethodMismatch, CurrencyMismatch, Ambiguous:
			for _, id := range slices.Concat(b.Items, b.Lines) {
				inQuestion[id] = true
			}
		}
	}
	candidate := func(r *Rule, x row) bool {
		if taken[x] || !r.serves(p.provider(x)) {
			return false
		}
		if x.line {
			at := p.lines[x.n].place
			return at == inOpen || at == inBreak && inQuestion[p.in.Lines[x.n].ID]
		}
		at := p.items[x.n].place
		return p.in.Items[x.n].Expect == Settles && (at == inOpen || at == inBreak && inQuestion[p.in.Items[x.n].ID])
	}
	for n := range p.rules {
		r := &p.rules[n]
		if r.Mode != Suggest {
			continue
		}
		p.tracer.begin(r.Name)
		for _, fields := range r.Same {
			k := keyer{fields: fields, amount: r.exactAmount(), basis: r.Basis, loose: r.Loose}
			k.groupsOf(p, func(x row) bool { return candidate(r, x) }, func(items, lines []int) {
				p.found(r, items, lines, func(items, lines []int) {
					for _, n := range items {
						taken[row{n: int32(n)}] = true
					}
					for _, n := range lines {
						taken[row{n: int32(n), line: true}] = true
					}
					p.out.Suggestions = append(p.out.Suggestions, p.matchOf(Match{Rule: r.Name, Basis: r.Basis, Score: r.Score}, items, lines))
				}, func(items, lines []int) {})
			})
		}
	}
}
