package settlement

import (
	"slices"

	"daybook/ledger"
	"daybook/reconcile"
)

// RunningBalance makes a Control of every balance of an account but the earliest: the
// balance before, plus in, less out. rows are the account's lines in the order of the file,
// by index into the statement's; balances are those after each.
//
// Banks list an account oldest first or newest first, and some of them the rows of a day in
// an order of their own. The rows are taken in the order in which all balances tie, and where
// there is none in that in which most do, so that what is missing or was changed is named,
// and not every row behind it.
func RunningBalance(s *reconcile.Statement, heading string, rows []int, balances []int64) {
	if len(rows) == 0 {
		return
	}
	h := running{balances: balances}
	for _, at := range rows {
		h.lines = append(h.lines, &s.Lines[at])
	}
	before := make([]int, len(rows)) // the row before each in time
	last := -1
	for _, n := range h.order() {
		before[n], last = last, n
	}
	for n, line := range h.lines {
		if before[n] >= 0 {
			s.Controls = append(s.Controls, reconcile.Control{
				Name: heading, Row: line.Row, Currency: line.Currency, Stated: balances[n], Computed: Add(balances[before[n]], line.Net)})
		}
	}
}

// running is an account's rows in the order of the file.
type running struct {
	lines    []*reconcile.Line
	balances []int64
}

// order is that in which most balances tie; of several such orders the one that is nearest
// to how the times run from the first row to the last.
func (h running) order() []int {
	file := make([]int, len(h.lines))
	for n := range file {
		file[n] = n
	}
	reversed := slices.Clone(file)
	slices.Reverse(reversed)
	one, other := file, reversed
	if h.lines[0].At.After(h.lines[len(h.lines)-1].At) {
		one, other = reversed, file
	}
	var best []int
	most := -1
	for _, order := range []func() []int{
		func() []int { return one }, func() []int { return other },
		func() []int { return h.sorted(one) }, func() []int { return h.sorted(other) },
		func() []int { return h.trail(one) },
	} {
		candidate := order()
		if ties := h.ties(candidate); ties > most {
			best, most = candidate, ties
		}
		if most == len(h.lines)-1 {
			break
		}
	}
	return best
}

// ties counts the balances that are the one before, plus in, less out.
func (h running) ties(order []int) (n int) {
	for i := 1; i < len(order); i++ {
		if h.balances[order[i]] == Add(h.balances[order[i-1]], h.lines[order[i]].Net) {
			n++
		}
	}
	return n
}

// sorted is by time; rows of the same time stay as they are in an order.
func (h running) sorted(order []int) []int {
	list := slices.Clone(order)
	slices.SortStableFunc(list, func(a, b int) int { return h.lines[a].At.Compare(h.lines[b].At) })
	return list
}

// trail goes day by day, and through the rows of a day from each balance to a row that
// begins with it, so that every row is passed once: each day's rows are the edges of a graph
// of balances, and the order looked for is a trail through all of them. (Hierholzer 1873.)
// Where there is none, what is left of the day follows in its order.
func (h running) trail(order []int) []int {
	list := make([]int, 0, len(order))
	sorted := slices.Clone(order)
	day := func(n int) ledger.BusinessDay { return ledger.DayOf(h.lines[n].At) }
	slices.SortStableFunc(sorted, func(a, b int) int { return day(a).Compare(day(b)) })
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && day(sorted[n]) == day(sorted[0]) {
			n++
		}
		list = append(list, h.within(sorted[:n], list)...)
		sorted = sorted[n:]
	}
	return list
}

// within is the trail through the rows of one day, behind those of the days before.
func (h running) within(rows, behind []int) []int {
	from := func(n int) int64 { return Add(h.balances[n], -h.lines[n].Net) }
	leaving := map[int64][]int{} // the rows that begin with a balance
	surplus := map[int64]int{}   // by which more rows begin with it than end
	for _, n := range rows {
		leaving[from(n)] = append(leaving[from(n)], n)
		surplus[from(n)]++
		surplus[h.balances[n]]--
	}
	start := from(rows[0])
	for _, n := range rows {
		if surplus[from(n)] > 0 {
			start = from(n)
			break
		}
	}
	if len(behind) > 0 {
		if last := h.balances[behind[len(behind)-1]]; len(leaving[last]) > 0 {
			start = last
		}
	}
	var reversed []int
	type step struct {
		at  int64
		row int // by which it was reached; -1 for the start
	}
	path := []step{{start, -1}}
	for len(path) > 0 {
		top := path[len(path)-1]
		if next := leaving[top.at]; len(next) > 0 {
			leaving[top.at] = next[1:]
			path = append(path, step{h.balances[next[0]], next[0]})
			continue
		}
		path = path[:len(path)-1]
		if top.row >= 0 {
			reversed = append(reversed, top.row)
		}
	}
	slices.Reverse(reversed)
	passed := map[int]bool{}
	for _, n := range reversed {
		passed[n] = true
	}
	for _, n := range rows {
		if !passed[n] {
			reversed = append(reversed, n)
		}
	}
	return reversed
}
