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

// Ends are the balances of an account before its first row and after its last, told from the
// balances after each row, as of RunningBalance. Each row leads from one balance to another,
// so the first balance is the one with which more rows begin than end, in whatever order
// the file has them. known is false where no balance is the one: rows are missing, or the
// account came back to where it was and any of its balances could have been the first.
func Ends(s *reconcile.Statement, rows []int, balances []int64) (opening, closing int64, known bool) {
	more := map[int64]int{}
	for n, at := range rows {
		more[Add(balances[n], -s.Lines[at].Net)]++
		more[balances[n]]--
	}
	ends := 0
	for balance, surplus := range more {
		switch {
		case surplus == 1:
			opening = balance
		case surplus == -1:
			closing = balance
		}
		ends += max(surplus, -surplus)
	}
	return opening, closing, ends == 2
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
	var days [][]int
	for len(sorted) > 0 {
		n := 1
		for n < len(sorted) && day(sorted[n]) == day(sorted[0]) {
			n++
		}
		days = append(days, sorted[:n])
		sorted = sorted[n:]
	}
	start := h.opening(days)
	for _, rows := range days {
		list = append(list, h.within(rows, start)...)
		start = h.balances[list[len(list)-1]]
	}
	return list
}

// opening is the balance that the first day begins with: of which more rows begin than end.
// Where the day's rows come back to where they began that is any balance of theirs, and the
// first day after it that does not come back tells which.
func (h running) opening(days [][]int) int64 {
	for _, rows := range days {
		if start, one := h.surplus(rows); one {
			return start
		}
	}
	for _, n := range days[0] { // no day tells: they have a balance in common
		start := h.from(n)
		if !slices.ContainsFunc(days[1:], func(rows []int) bool {
			return !slices.ContainsFunc(rows, func(m int) bool { return h.from(m) == start })
		}) {
			return start
		}
	}
	return h.from(days[0][0])
}

// surplus is the balance with which more rows of a day begin than end, if there is one.
func (h running) surplus(rows []int) (start int64, one bool) {
	more := map[int64]int{}
	for _, n := range rows {
		more[h.from(n)]++
		more[h.balances[n]]--
	}
	for _, n := range rows {
		if more[h.from(n)] > 0 {
			return h.from(n), true
		}
	}
	return 0, false
}

// from is the balance that a row begins with.
func (h running) from(n int) int64 { return Add(h.balances[n], -h.lines[n].Net) }

// within is the trail through the rows of one day from a balance, or, when none begins with
// it, from where the rows themselves say.
func (h running) within(rows []int, start int64) []int {
	leaving := map[int64][]int{} // the rows that begin with a balance
	for _, n := range rows {
		leaving[h.from(n)] = append(leaving[h.from(n)], n)
	}
	if len(leaving[start]) == 0 {
		start = h.from(rows[0])
		if own, one := h.surplus(rows); one {
			start = own
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
