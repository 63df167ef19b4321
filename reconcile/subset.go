package reconcile

import (
	"cmp"
	"slices"

	"daybook/ledger"
)

// subsets joins some of a group's items with some of its lines: again and again the
// smallest choice whose sums are equal, if it is the only one of its size. What has several
// choices of that size is ambiguous, all together. When the budget is spent, the rest stays
// as it is.
func (p *pairing) subsets(r *Rule, items, lines []int, join, ambiguous func(items, lines []int)) {
	budget := cmp.Or(r.Budget, DefaultBudget)
	currencies := map[ledger.Currency]bool{}
	for _, n := range lines {
		currencies[p.in.Lines[n].Currency] = true
	}
	for _, currency := range sortedKeys(currencies) {
		ours := slices.DeleteFunc(slices.Clone(items), func(n int) bool { return p.in.Items[n].Amount.Currency != currency })
		theirs := slices.DeleteFunc(slices.Clone(lines), func(n int) bool { return p.in.Lines[n].Currency != currency })
		for len(ours) > 0 && len(theirs) > 0 {
			choices := p.choices(r, ours, theirs, &budget)
			if len(choices) == 0 {
				break
			}
			var is, ls []int
			for _, c := range choices {
				is, ls = append(is, c.items...), append(ls, c.lines...)
			}
			is, ls = distinct(is, p.itemOrder), distinct(ls, p.lineOrder)
			if len(choices) == 1 && !p.isApart(is, ls) {
				join(is, ls)
			} else {
				ambiguous(is, ls)
			}
			ours = slices.DeleteFunc(ours, func(n int) bool { return slices.Contains(is, n) })
			theirs = slices.DeleteFunc(theirs, func(n int) bool { return slices.Contains(ls, n) })
		}
	}
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K {
	var keys []K
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
}

func distinct(list []int, order func(a, b int) int) []int {
	slices.Sort(list)
	list = slices.Compact(list)
	slices.SortFunc(list, order)
	return list
}

// choice is some of each side with equal sums.
type choice struct{ items, lines []int }

// maxChoices bounds how many equally small choices are told apart.
const maxChoices = 8

// choices are the smallest choices with equal sums. Small is told by what a choice takes,
// or, when one side is a single row, by what it leaves of the other: a batch settled in
// one sum, of which two payments are missing, is found by the two.
func (p *pairing) choices(r *Rule, items, lines []int, budget *int) []choice {
	ours, theirs := make([]int64, len(items)), make([]int64, len(lines))
	for i, n := range items {
		ours[i] = p.in.Items[n].Amount.Minor
	}
	for i, n := range lines {
		theirs[i] = p.in.Lines[n].Gross
	}
	limit := len(items) + len(lines)
	for size := 1; size <= limit && *budget > 0; size++ {
		var found []choice
		keep := func(is, ls []int) bool {
			c := choice{picked(items, is), picked(lines, ls)}
			if !slices.ContainsFunc(found, func(other choice) bool {
				return slices.Equal(c.items, other.items) && slices.Equal(c.lines, other.lines)
			}) {
				found = append(found, c)
			}
			return len(found) < maxChoices
		}
		if size >= 2 {
			bothSides(ours, theirs, size, budget, keep)
		}
		if *budget > 0 {
			for l := range theirs {
				leaving(ours, theirs[l], size-1, budget, func(is []int) bool { return keep(is, []int{l}) })
			}
			for i := range ours {
				leaving(theirs, ours[i], size-1, budget, func(ls []int) bool { return keep([]int{i}, ls) })
			}
		}
		if len(found) > 0 && *budget > 0 {
			return found
		}
	}
	return nil
}

func picked(list, at []int) []int {
	out := make([]int, len(at))
	for i, n := range at {
		out[i] = list[n]
	}
	return out
}

// bothSides yields every choice of size rows, at least one of each side, whose sums are
// equal. keep returns false when enough are found.
func bothSides(ours, theirs []int64, size int, budget *int, keep func(is, ls []int) bool) {
	all := make([]int64, 0, len(ours)+len(theirs))
	all = append(all, ours...)
	for _, n := range theirs {
		all = append(all, -n)
	}
	if size > len(all) {
		return
	}
	chosen := make([]int, 0, size)
	var search func(from int, sum int64) bool
	search = func(from int, sum int64) bool {
		if len(chosen) == size {
			if sum != 0 || chosen[0] >= len(ours) || chosen[size-1] < len(ours) {
				return true
			}
			at, _ := slices.BinarySearch(chosen, len(ours))
			ls := make([]int, 0, size-at)
			for _, n := range chosen[at:] {
				ls = append(ls, n-len(ours))
			}
			return keep(chosen[:at], ls)
		}
		for n := from; n <= len(all)-(size-len(chosen)); n++ {
			if *budget--; *budget <= 0 {
				return false
			}
			next, over := addWouldOverflow(sum, all[n])
			if over {
				continue
			}
			chosen = append(chosen, n)
			more := search(n+1, next)
			chosen = chosen[:len(chosen)-1]
			if !more {
				return false
			}
		}
		return true
	}
	search(0, 0)
}

// leaving yields every choice that leaves out so many rows and sums up to target. It takes
// at least two rows: one for one is for other rules.
func leaving(values []int64, target int64, out int, budget *int, keep func(is []int) bool) {
	if len(values)-out < 2 {
		return
	}
	var total int64
	for _, v := range values {
		sum, over := addWouldOverflow(total, v)
		if over {
			return
		}
		total = sum
	}
	left := make([]int, 0, out)
	var search func(from int, sum int64) bool
	search = func(from int, sum int64) bool {
		if len(left) == out {
			if sum != target {
				return true
			}
			taken := make([]int, 0, len(values)-out)
			for n := range values {
				if !slices.Contains(left, n) {
					taken = append(taken, n)
				}
			}
			return keep(taken)
		}
		for n := from; n <= len(values)-(out-len(left)); n++ {
			if *budget--; *budget <= 0 {
				return false
			}
			left = append(left, n)
			next, over := addWouldOverflow(sum, -values[n])
			more := over || search(n+1, next)
			left = left[:len(left)-1]
			if !more {
				return false
			}
		}
		return true
	}
	if *budget--; *budget > 0 {
		search(0, total)
	}
}

// addWouldOverflow adds, and reports whether the sum leaves int64.
func addWouldOverflow(a, b int64) (sum int64, over bool) {
	sum = a + b
	return sum, (sum > a) != (b > 0) && b != 0
}
