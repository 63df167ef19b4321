package settlement

import "daybook/reconcile"

// RunningBalance makes a Control of every balance of an account but the earliest: the
// balance before, plus in, less out. rows are the account's lines in the order of the file,
// by index into the statement's; balances are those after each.
func RunningBalance(s *reconcile.Statement, heading string, rows []int, balances []int64) {
	if len(rows) == 0 {
		return
	}
	step := 1
	if newestFirst(s.Lines, rows, balances) {
		step = -1
	}
	for i, at := range rows {
		before := i - step
		if before < 0 || before >= len(rows) {
			continue
		}
		s.Controls = append(s.Controls, reconcile.Control{
			Name: heading, Row: s.Lines[at].Row, Currency: s.Lines[at].Currency,
			Stated: balances[i], Computed: Add(balances[before], s.Lines[at].Net)})
	}
}

// newestFirst tells the order of an account's rows by their times, and where those are
// all equal by the order in which more balances tie.
func newestFirst(lines []reconcile.Line, rows []int, balances []int64) bool {
	first, last := lines[rows[0]], lines[rows[len(rows)-1]]
	if order := first.At.Compare(last.At); order != 0 {
		return order > 0
	}
	down, up := 0, 0
	for i := 1; i < len(rows); i++ {
		if Add(balances[i-1], lines[rows[i]].Net) == balances[i] {
			down++
		}
		if Add(balances[i], lines[rows[i-1]].Net) == balances[i-1] {
			up++
		}
	}
	return up > down
}
