package reconcile_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"pgregory.net/rapid"
)

// account is a statement of the bank for some days, from one balance to another.
func account(title string, from, to ledger.BusinessDay, opening, closing int64) bill {
	b := bankOf(from, credit(1, from, "somebody", closing-opening, ""))
	b.title, b.statement.To = title, to
	b.statement.AddBalance(reconcile.Balance{Account: "6222", Currency: "CNY", Opening: opening, Closing: closing})
	return b
}

// untied are the differences that are open in a journal, as people read them.
func untied(t fataler, h *history) (list []string) {
	t.Helper()
	open := map[string]reconcile.Break{}
	for _, e := range everything(t, h.journal) {
		payload, err := codec.Decode(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		switch p := payload.(type) {
		case reconcile.BreakOpened:
			open[p.Break.ID] = p.Break
		case reconcile.BreakClosed:
			delete(open, p.Break.ID)
		}
	}
	for _, b := range open {
		if b.Kind == reconcile.ControlTotalMismatch && b.Leg == reconcile.FileLeg {
			list = append(list, fmt.Sprintf("%s %s %s %s: %s, %s", b.Day, b.Channel, b.Reference, b.Detail, b.Expected, b.Actual))
		}
	}
	slices.Sort(list)
	return list
}

// A bank statement that does not begin where the one before it ended is a difference of its
// first day, until the one between them comes, or a correction; in any order of the files.
func TestBankStatementsGoOn(t *testing.T) {
	day := func(n int) ledger.BusinessDay { return monday.AddDays(n) }
	h := newHistory(ourTerms())
	is := func(want ...string) {
		t.Helper()
		h.mustCatchUp(t)
		if got := untied(t, h); !slices.Equal(got, want) {
			t.Errorf("open are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	}
	h.mustTake(t, account("one", day(0), day(0), 1000, 1500), account("four", day(3), day(4), 1800, 2000))
	is("2026-01-08 bank four 期初余额 one: 15.00 CNY, 18.00 CNY")
	facts, err := reconcile.FactsOf(context.Background(), h.journal, codec, h.terms, day(3), 1000)
	if err != nil || len(facts.Breaks) != 1 || facts.Breaks[0].Amount() != ledger.Minor(300, "CNY") {
		t.Errorf("the day of the difference has %v, %v", facts.Breaks, err)
	}
	h.mustTake(t, account("two", day(1), day(2), 1500, 1700))
	is("2026-01-08 bank four 期初余额 two: 17.00 CNY, 18.00 CNY")
	h.mustTake(t, account("six", day(5), day(5), 2000, 1999)) // goes on from four
	is("2026-01-08 bank four 期初余额 two: 17.00 CNY, 18.00 CNY")
	mended := account("two again", day(1), day(2), 1500, 1800)
	mended.correction = true
	h.mustTake(t, mended)
	is()
	bare := account("seven", day(6), day(6), 0, 5) // says nothing of balances, and so does nobody know where eight begins
	bare.statement.Balances = nil
	h.mustTake(t, bare, account("eight", day(7), day(7), 7, 8))
	is()
	odd := account("nine", day(8), day(9), 8, 9) // two pieces that do not tie
	odd.statement.AddBalance(reconcile.Balance{Account: "6222", Currency: "CNY", Opening: 11, Closing: 12})
	h.mustTake(t, odd)
	is("2026-01-13 bank nine 期初余额 nine: 0.09 CNY, 0.11 CNY")
	h.mustTake(t, account("much later", day(60), day(60), 77, 78))
	is("2026-01-13 bank nine 期初余额 nine: 0.09 CNY, 0.11 CNY")

	// A total of a statement that its rows do not come to, since rows of it could not be read.
	short := account("short", day(61), day(61), 78, 90)
	short.statement.Controls = []reconcile.Control{{Name: "余额", Row: 4, Currency: "CNY", Stated: 90, Computed: 88}}
	file := reconcile.StatementFile{Name: "short", SHA256: shaOf("short"), Statement: &short.statement, Quarantined: []ledger.RowQuarantined{{Row: 4, Faults: []ledger.Fault{{Why: "no"}}}}}
	if _, err := reconcile.NewImporter(h.journal, codec, h.terms).Statement(context.Background(), file, false, nil); err != nil {
		t.Fatal(err)
	}
	is("2026-01-13 bank nine 期初余额 nine: 0.09 CNY, 0.11 CNY", "2026-03-07 bank short:4 余额: 0.88 CNY, 0.90 CNY")
	odd = account("odd", day(62), day(62), 90, 91)
	odd.statement.Controls = []reconcile.Control{{Name: "余额", Row: 4, Currency: "CNY", Stated: 91, Computed: 95}}
	if err := odd.take(context.Background(), h); err == nil || !strings.Contains(err.Error(), "control_totals: report for this bank") {
		t.Errorf("a statement that contradicts itself: %v", err)
	}
	h.terms.Banks[0].ReportControls = true
	h.mustTake(t, odd)
	is("2026-01-13 bank nine 期初余额 nine: 0.09 CNY, 0.11 CNY", "2026-03-07 bank short:4 余额: 0.88 CNY, 0.90 CNY", "2026-03-08 bank odd:4 余额: 0.95 CNY, 0.91 CNY")
	mended = account("odd again", day(62), day(62), 90, 91)
	mended.correction = true
	h.mustTake(t, mended)

	whole := account("whole", day(61), day(61), 78, 90)
	whole.correction = true
	h.mustTake(t, whole)
	is("2026-01-13 bank nine 期初余额 nine: 0.09 CNY, 0.11 CNY")
}

// In whatever order statements and corrections come, in however many goes: what is open is
// what does not tie in the end.
func TestBankStatementsGoOnInAnyOrder(t *testing.T) {
	checks(t, 20, func(t *rapid.T) {
		var files []file
		var want []string
		before, closing := "", int64(0)
		for n, day := 0, 0; n < 6; n++ {
			day += rapid.IntRange(1, 20).Draw(t, "pause")
			opening := closing + rapid.SampledFrom([]int64{0, 0, 0, 5, -5}).Draw(t, "off")
			title := fmt.Sprint("statement ", n)
			if before != "" && opening != closing {
				want = append(want, fmt.Sprintf("%s bank %s 期初余额 %s: %s, %s", monday.AddDays(day), title, before, ledger.Minor(closing, "CNY"), ledger.Minor(opening, "CNY")))
			}
			before, closing = title, opening+rapid.Int64Range(1, 9).Draw(t, "moved")
			files = append(files, account(title, monday.AddDays(day), monday.AddDays(day), opening, closing))
		}
		h := newHistory(ourTerms())
		for _, f := range rapid.Permutation(files).Draw(t, "order") {
			h.mustTake(t, f)
			if rapid.Bool().Draw(t, "caught up") {
				h.mustCatchUp(t)
			}
		}
		h.mustCatchUp(t)
		slices.Sort(want)
		if got := untied(t, h); !slices.Equal(got, want) {
			t.Fatalf("open are\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
		}
	})
}
