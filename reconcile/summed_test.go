package reconcile_test

import (
	"fmt"
	"strings"
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

// A day has several settlements of a merchant, each with a bill and a summary of its own: all
// of them count, each summary is held against the rows of its settlement and currency, and
// what is a second version of one of them is refused or, as a correction, takes its place.
func TestSettlementsOfOneDay(t *testing.T) {
	const morning, evening = "2026010611021040123", "2026010621021040999"
	one := &till{id: "T1"}
	payments := []ledger.Tender{paid(1, cny(10_000)), paid(2, cny(20_000)), paid(3, ledger.Minor(3_000, "USD"))}
	var rows []reconcile.Line
	var actions []ledger.Action
	for n, p := range payments {
		row := settled(2+n, monday, 9, n, p)
		row.Raw = fmt.Sprint([]string{morning, evening, evening}[n], ",row ", n)
		rows, actions = append(rows, row), append(actions, sold(one.head(monday, 9, n), p))
	}
	document := func(title string, settlements []string, rows ...reconcile.Line) bill {
		b := billOf("acquirer", monday, monday, rows...)
		b.title, b.statement.Settlements = title, settlements
		return b
	}
	summary := func(number string, row reconcile.Line) bill {
		currency := row.Currency
		day := monday.AddDays(1)
		return bill{title: fmt.Sprint("summary ", number, " ", currency), statement: reconcile.Statement{
			Format: "acquirer-bill", Kind: reconcile.BillSummary, Account: "M1", From: day, To: day, Settlements: []string{number + " " + string(currency)},
			Lines: []reconcile.Line{{Row: 2, Kind: reconcile.InfoLine, Day: day, At: at(day, 10, 0), Currency: currency, ProviderNo: number, RawKind: "TOTAL", Raw: number}},
			Sums:  []reconcile.KindTotal{{Total: reconcile.Total{Currency: currency, Lines: 1, Gross: row.Gross, Fee: row.Fee, Net: row.Net}}},
		}}
	}
	second := document("evening", []string{evening + " CNY", evening + " USD"}, rows[1:]...)
	files := []file{tillFile{"till", actions}, document("morning", []string{morning + " CNY"}, rows[0]), second,
		summary(morning, rows[0]), summary(evening, rows[1]), summary(evening, rows[2])}
	h := newHistory(ourTerms())
	h.mustTake(t, files...)
	h.mustCatchUp(t)
	if standing := h.standing(t); len(standing.Matches) != 3 || standing.kinds()[reconcile.ControlTotalMismatch] != 0 {
		t.Errorf("%d matches of three, and %v", len(standing.Matches), standing.kinds())
	}

	again := document("evening again", second.statement.Settlements, rows[1], rows[2])
	again.statement.Lines[0].Raw += " mended"
	if _, err := imported(h, again); err == nil || !strings.Contains(err.Error(), "1 of its 2 rows") {
		t.Errorf("a second version: %v", err)
	}
	again.correction = true
	if got, err := imported(h, again); err != nil || got.Summary.Replaces != shaOf("evening") {
		t.Errorf("as a correction: %+v, %v", got.Summary, err)
	}
	if _, err := imported(h, document("nameless", nil, rows[0])); err == nil {
		t.Error("a bill that names no settlement is of any, and was taken in beside another")
	}
	h.mustCatchUp(t)
	if standing := h.standing(t); len(standing.Matches) != 3 {
		t.Errorf("%d matches of three after the correction", len(standing.Matches))
	}
}
