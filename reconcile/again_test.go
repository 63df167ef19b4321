package reconcile_test

import (
	"fmt"
	"slices"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

// openKinds are the kinds of the open differences about payments, with the rows they name.
func (h *history) openKinds(t fataler) []string {
	t.Helper()
	open := map[string]string{}
	for _, recorded := range everything(t, h.journal) {
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			t.Fatal(err)
		}
		switch p := payload.(type) {
		case reconcile.BreakOpened:
			if p.Break.Leg == reconcile.PaymentLeg {
				open[p.Break.ID] = fmt.Sprint(p.Break.Kind, " ", p.Break.Day, " ", p.Break.Actual)
			}
		case reconcile.BreakClosed:
			delete(open, p.Break.ID)
		}
	}
	var kinds []string
	for _, kind := range open {
		kinds = append(kinds, kind)
	}
	slices.Sort(kinds)
	return kinds
}

// A payment that two bills have was settled twice, whichever bill comes first and whatever
// its currency; one that no till reported is missing once and settled twice once; one that
// was taken back in between was settled once.
func TestOnePaymentInTwoBills(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		currency := pick[ledger.Currency](t, "currency", "CNY", "JPY", "KWD")
		amount := ledger.Minor(pick[int64](t, "amount", 1, 100, 123_456_789), currency)
		reported, revoked := rapid.Bool().Draw(t, "reported"), rapid.Bool().Draw(t, "revoked")
		later := monday.AddDays(rapid.IntRange(1, 3).Draw(t, "days"))
		one := &till{id: "T1"}
		other := paid(9, ledger.Minor(700, currency))
		actions := []ledger.Action{sold(one.head(monday, 9, 0), other)}
		if reported {
			actions = append(actions, sold(one.head(monday, 9, 1), paid(1, amount)))
		}
		first := []reconcile.Line{settled(2, monday, 9, 0, other), settled(3, monday, 9, 1, paid(1, amount))}
		again := []reconcile.Line{settled(2, later, 9, 1, paid(1, amount))}
		if revoked {
			back := settled(4, monday, 10, 0, paid(1, amount.Neg()))
			back.Kind, back.Fee, back.Net = reconcile.ReversalLine, -first[1].Fee, -first[1].Net
			first = append(first, back)
		}
		files := []file{tillFile{"till", actions}, billOf("acquirer", monday, monday, first...), billOf("acquirer", later, later, again...)}
		h := newHistory(ourTerms())
		for _, f := range rapid.Permutation(files).Draw(t, "order") {
			if err := f.take(t.Context(), h); err != nil {
				t.Fatal(err)
			}
			if rapid.Bool().Draw(t, "catch up") {
				h.mustCatchUp(t)
			}
		}
		h.mustCatchUp(t)
		want := []string{fmt.Sprint("duplicate_in_settlement ", later, " ", amount)}
		switch {
		case revoked && reported: // late: the till's payment is the one that was settled in the end
			want = nil
		case revoked:
			want = []string{fmt.Sprint("missing_in_ledger ", later, " ", amount)}
		case !reported:
			want = append(want, fmt.Sprint("missing_in_ledger ", monday, " ", amount))
		}
		if got := h.openKinds(t); !slices.Equal(got, want) {
			t.Fatalf("the differences are %q, want %q", got, want)
		}
	})
}
