package reconcile_test

import (
	"fmt"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// A bill is missing and its money has come: the missing bill is the one difference, in
// whatever order the files came, and the credit waits for it. When it comes, the payout is
// received to the fen, and a credit that was another's is told.
func TestMoneyOfAMissingBill(t *testing.T) {
	tuesday, wednesday := monday.AddDays(1), monday.AddDays(2)
	one := &till{id: "T1"}
	first := tillFile{"till, Monday", []ledger.Action{
		sold(one.head(monday, 9, 0), paid(1, cny(10_000))),
		sold(one.head(monday, 9, 5), paid(2, cny(20_000))),
	}}
	second := tillFile{"till, Tuesday", []ledger.Action{sold(one.head(tuesday, 9, 0), paid(3, cny(5_000)))}}
	missing := billOf("acquirer", monday, monday, settled(2, monday, 9, 0, paid(1, cny(10_000))), settled(3, monday, 9, 5, paid(2, cny(20_000))))
	here := billOf("acquirer", tuesday, tuesday, settled(2, tuesday, 9, 0, paid(3, cny(5_000))))
	for _, memo := range []string{"M1 " + monday.Compact(), "M1"} { // by its day, or by when it came
		paidOut := bankOf(tuesday, credit(2, tuesday, "Acquirer Ltd", net(missing), memo))
		after := bankOf(wednesday, credit(2, wednesday, "Acquirer Ltd", net(here), "M1"))
		files := []file{first, second, here, paidOut, after}
		checks(t, 12, func(t *rapid.T) {
			h := newHistory(ourTerms())
			for _, f := range rapid.Permutation(files).Draw(t, "order") {
				h.mustTake(t, f)
				if rapid.Bool().Draw(t, "reckoned in between") {
					h.mustCatchUp(t)
				}
			}
			h.mustCatchUp(t)
			s := h.standing(t)
			if difference := cmp.Diff(map[reconcile.BreakKind]int{reconcile.FileMissing: 1}, s.kinds()); difference != "" {
				t.Fatalf("%q, without the bill (-want +got):\n%s", memo, difference)
			}
			stream := fmt.Sprint("payout-acquirer.CNY.", tuesday)
			if p := s.Payouts[stream]; p.State != reconcile.PayoutUnbilled || p.Received != net(missing) || len(p.Credits) != 1 || len(p.Days) != 1 || p.Days[0] != monday {
				t.Fatalf("%q: the payout stands at %+v", memo, p)
			}
			h.mustTake(t, missing)
			h.mustCatchUp(t)
			s = h.standing(t)
			if p := s.Payouts[stream]; len(s.kinds()) > 0 || p.State != reconcile.PayoutReceived || p.Expected != net(missing) {
				t.Fatalf("%q, with the bill: %v, %+v", memo, s.kinds(), p)
			}
		})
	}

	// Money on a day on which nothing was sold waits for nothing.
	h := newHistory(ourTerms())
	h.mustTake(t, second, here, bankOf(tuesday, credit(2, tuesday, "Acquirer Ltd", 777, "M1")), bankOf(wednesday, credit(2, wednesday, "Acquirer Ltd", net(here), "M1")))
	h.mustCatchUp(t)
	if difference := cmp.Diff(map[reconcile.BreakKind]int{reconcile.UnexpectedLine: 1}, h.standing(t).kinds()); difference != "" {
		t.Errorf("nothing sold (-want +got):\n%s", difference)
	}
	// Nor does money beyond a bill that is here.
	h = newHistory(ourTerms())
	h.mustTake(t, first, missing, bankOf(tuesday, credit(2, tuesday, "Acquirer Ltd", net(missing)+1, "M1")))
	h.mustCatchUp(t)
	if difference := cmp.Diff(map[reconcile.BreakKind]int{reconcile.UnexpectedLine: 1}, h.standing(t).kinds()); difference != "" {
		t.Errorf("more than the bill (-want +got):\n%s", difference)
	}
}
