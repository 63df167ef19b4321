package settlement

import (
	"daybook/ledger"
	"daybook/reconcile"
)

// PaidTogether dates a bill that is one payout, whatever its rows are: its period is the
// days of its payments (of all rows when there is none), and a row booked outside of it
// (a fee at night, a chargeback weeks later) counts for the nearest day in it. So the
// days of the bill add up to the payout, and the period does not reach into the next
// bill's. Line.At keeps the time that is written.
func PaidTogether(s *reconcile.Statement) {
	for _, counts := range []func(reconcile.LineKind) bool{
		func(kind reconcile.LineKind) bool { return kind == reconcile.SaleLine },
		func(kind reconcile.LineKind) bool { return kind != reconcile.PayoutLine },
		func(reconcile.LineKind) bool { return true },
	} {
		for _, line := range s.Lines {
			if !counts(line.Kind) {
				continue
			}
			if s.From.IsZero() || line.Day.Compare(s.From) < 0 {
				s.From = line.Day
			}
			if s.To.IsZero() || line.Day.Compare(s.To) > 0 {
				s.To = line.Day
			}
		}
		if !s.From.IsZero() {
			break
		}
	}
	for i := range s.Lines {
		s.Lines[i].Day = Within(s.Lines[i].Day, s.From, s.To)
	}
}

// Within is the day of a period that is nearest to day.
func Within(day, from, to ledger.BusinessDay) ledger.BusinessDay {
	switch {
	case day.Compare(from) < 0:
		return from
	case day.Compare(to) > 0:
		return to
	}
	return day
}
