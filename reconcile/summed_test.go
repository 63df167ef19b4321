package reconcile_test

import (
	"fmt"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

// The summary of a settlement, which names its number and not the days of its payments, is
// held against the bill whose rows bear the number, whichever comes first; and against no
// other, of the same day or of its own.
func TestSummaryOfASettlement(t *testing.T) {
	const number = "2026010611021040123"
	rapid.Check(t, func(t *rapid.T) {
		off := pick[int64](t, "off", 0, 0, 1)
		one := &till{id: "T1"}
		first, other := paid(1, cny(10_000)), paid(2, cny(20_000))
		row, stray := settled(2, monday, 9, 0, first), settled(2, monday.AddDays(1), 9, 0, other)
		row.Raw = number + ",row 2"
		summary := bill{title: "summary", statement: reconcile.Statement{
			Format: "acquirer-bill", Kind: reconcile.BillSummary, Account: "M1", From: monday.AddDays(1), To: monday.AddDays(1),
			Lines: []reconcile.Line{{Row: 2, Kind: reconcile.InfoLine, Day: monday.AddDays(1), At: at(monday.AddDays(1), 10, 0), Currency: "CNY", ProviderNo: number, RawKind: "TOTAL", Raw: number}},
			Sums:  []reconcile.KindTotal{{Total: reconcile.Total{Currency: "CNY", Lines: 1, Gross: row.Gross, Fee: row.Fee, Net: row.Net + off}}},
		}}
		files := []file{
			tillFile{"till", []ledger.Action{sold(one.head(monday, 9, 0), first)}}, billOf("acquirer", monday, monday, row),
			tillFile{"till next", []ledger.Action{sold(one.head(monday.AddDays(1), 9, 0), other)}}, billOf("acquirer", monday.AddDays(1), monday.AddDays(1), stray), summary,
		}
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
		open := map[string]reconcile.Break{}
		for _, recorded := range everything(t, h.journal) {
			payload, err := codec.Decode(recorded.Event)
			if err != nil {
				t.Fatal(err)
			}
			switch p := payload.(type) {
			case reconcile.BreakOpened:
				if p.Break.Kind == reconcile.ControlTotalMismatch {
					open[p.Break.ID] = p.Break
				}
			case reconcile.BreakClosed:
				delete(open, p.Break.ID)
			}
		}
		if len(open) != int(off) {
			t.Fatalf("off by %d, and the differences are %v", off, open)
		}
		for _, b := range open {
			if b.Day != monday || b.Amount() != cny(1) || b.Detail != "TOTAL settlementAmountValue" {
				t.Fatal(fmt.Sprintf("%+v", b))
			}
		}
	})
}
