package reconcile_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/ledger"
	"daybook/reconcile"
)

// A bill that lists its own payout says nothing new: what is due, matched and broken is
// the same as without the row.
func TestMatcherPayoutRowChangesNothing(t *testing.T) {
	told := func(change func(*reconcile.Statement)) standing {
		h := newHistory(ourTerms())
		for _, f := range fourDays() {
			if b, is := f.(bill); is && b.statement.Kind == reconcile.TradeBill {
				change(&b.statement)
				f = b
			}
			h.mustTake(t, f)
		}
		h.mustCatchUp(t)
		return h.standing(t)
	}
	changed := 0
	want := told(func(*reconcile.Statement) {})
	got := told(func(s *reconcile.Statement) {
		if len(s.Lines) == 0 {
			return
		}
		last := s.Lines[len(s.Lines)-1]
		row := reconcile.Line{Row: last.Row + 1, Kind: reconcile.PayoutLine, Day: last.Day, At: last.At, Currency: last.Currency, Raw: "payout"}
		for _, line := range s.Lines {
			row.Net = ledger.AddMinor(row.Net, -line.Net)
		}
		row.Gross = row.Net
		s.Lines = append(append([]reconcile.Line(nil), s.Lines...), row)
		changed++
	})
	if changed == 0 {
		t.Fatal("no bill has a row")
	}
	if difference := cmp.Diff(want, got); difference != "" {
		t.Errorf("with payout rows (-without +with):\n%s", difference)
	}
}
