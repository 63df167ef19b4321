package reconcile_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"daybook/ledger"
	"daybook/reconcile"

	"github.com/google/go-cmp/cmp"
)

func imported(h *history, f bill) (reconcile.Imported, error) {
	statement := f.statement
	file := reconcile.StatementFile{Name: f.title, SHA256: shaOf(f.title), Statement: &statement}
	return reconcile.NewImporter(h.journal, codec, h.terms).Statement(context.Background(), file, f.correction, nil)
}

func aBill() bill {
	return billOf("acquirer", monday, monday, settled(2, monday, 9, 0, paid(1, cny(10_000))), settled(3, monday, 9, 5, paid(2, cny(20_000))))
}

func TestImporterRecordsAStatement(t *testing.T) {
	h := newHistory(ourTerms())
	got, err := imported(h, aBill())
	if err != nil {
		t.Fatal(err)
	}
	sum := []reconcile.Total{{Currency: "CNY", Lines: 2, Gross: 30_000, Fee: 150, Net: 29_850}}
	want := reconcile.StatementImported{Statement: shaOf("acquirer 2026-01-05"), File: "acquirer 2026-01-05", Format: "acquirer-bill", Kind: reconcile.TradeBill,
		Sender: "acquirer", Account: "M1", From: monday, To: monday, Lines: 2, Pages: 1, Totals: sum, Version: 1}
	if difference := cmp.Diff(want, got.Summary); difference != "" || got.Already {
		t.Errorf("imported, already %v:\n%s", got.Already, difference)
	}
	var types []string
	for _, recorded := range everything(t, h.journal) {
		types = append(types, recorded.Stream.Noun()+" "+recorded.Type)
	}
	if got := strings.Join(types, ", "); got != "statement import-begun.v1, statement lines-recorded.v1, statement statement-imported.v2, day statement-listed.v1" {
		t.Errorf("the journal holds %s", got)
	}
	again, err := imported(h, aBill())
	if err != nil || !again.Already || again.Otherwise != 0 || len(everything(t, h.journal)) != 4 {
		t.Errorf("again: already %v, %d events (%v)", again.Already, len(everything(t, h.journal)), err)
	}
}

func TestImporterRefuses(t *testing.T) {
	control := func(stated, computed int64) []reconcile.Control {
		return []reconcile.Control{{Name: "总金额", Row: 9, Currency: "CNY", Stated: stated, Computed: computed}}
	}
	change := func(f func(*reconcile.Statement)) bill { b := aBill(); f(&b.statement); return b }
	for _, test := range []struct {
		name string
		bill bill
		want []string
	}{
		{"nobody's account", change(func(s *reconcile.Statement) { s.Account = "M9" }), []string{`"M9"`, "list the format under formats: of its provider, and the account"}},
		{"nobody's format", change(func(s *reconcile.Statement) { s.Format = "other" }), []string{"other"}},
		{"no day", change(func(s *reconcile.Statement) { s.From, s.To, s.Lines = ledger.BusinessDay{}, ledger.BusinessDay{}, nil }), []string{"no rows", "--day"}},
		{"a period that runs backwards", change(func(s *reconcile.Statement) { s.To = monday.AddDays(-1) }), []string{"no period"}},
		{"a period too long", change(func(s *reconcile.Statement) { s.To = monday.AddDays(401) }), []string{"no period"}},
		{"a total that does not tie", change(func(s *reconcile.Statement) { s.Controls = control(30_001, 30_000) }), []string{":9: 总金额", "300.01 CNY", "300.00 CNY", "nothing was imported"}},
	} {
		h := newHistory(ourTerms())
		_, err := imported(h, test.bill)
		var refusal *ledger.Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("%s: %v", test.name, err)
			continue
		}
		for _, word := range test.want {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%s: %q does not say %q", test.name, err, word)
			}
		}
		if all := everything(t, h.journal); len(all) != 0 {
			t.Errorf("%s: refused, and %d events written", test.name, len(all))
		}
	}
	h := newHistory(ourTerms())
	h.terms.Providers[0].ReportControls = true
	got, err := imported(h, change(func(s *reconcile.Statement) { s.Controls = control(30_001, 30_000) }))
	if err != nil || len(got.Summary.Untied) != 1 || got.Summary.Checked != 1 {
		t.Errorf("to be reported: %+v (%v)", got.Summary, err)
	}
	h.mustCatchUp(t)
	if kinds := h.standing(t).kinds(); kinds[reconcile.ControlTotalMismatch] != 1 {
		t.Errorf("to be reported: %v", kinds)
	}
}

func TestImporterRefusesASecondFile(t *testing.T) {
	h := newHistory(ourTerms())
	h.mustTake(t, aBill())
	length := len(everything(t, h.journal))

	other := aBill()
	other.title = "other.csv"
	other.statement.Lines[1] = settled(3, monday, 9, 5, paid(2, cny(20_001)))
	other.statement.Lines[1].Raw = "the row that differs"
	fewer := aBill()
	fewer.title, fewer.statement.Lines = "fewer.csv", fewer.statement.Lines[:1]
	overlapping := aBill()
	overlapping.title, overlapping.statement.To = "overlapping.csv", monday.AddDays(1)
	for _, test := range []struct {
		bill bill
		want []string
	}{
		{other, []string{"other.csv", "already here from acquirer 2026-01-05", "1 of its 2 rows", "row 3", "the row that differs", "--correction"}},
		{fewer, []string{"fewer.csv", "nothing new", "--correction"}},
		{overlapping, []string{"overlapping.csv", "2026-01-06", "same period"}},
	} {
		_, err := imported(h, test.bill)
		var refusal *ledger.Refusal
		if !errors.As(err, &refusal) {
			t.Errorf("%s: %v", test.bill.title, err)
			continue
		}
		for _, word := range test.want {
			if !strings.Contains(err.Error(), word) {
				t.Errorf("%q does not say %q", err, word)
			}
		}
	}
	if now := len(everything(t, h.journal)); now != length {
		t.Errorf("refused, and %d events written", now-length)
	}
	other.correction = true
	if got, err := imported(h, other); err != nil || got.Summary.Version != 2 || got.Summary.Replaces != shaOf("acquirer 2026-01-05") {
		t.Errorf("as a correction: %+v (%v)", got.Summary, err)
	}
	fewer.correction = true
	if got, err := imported(h, fewer); err != nil || got.Summary.Version != 3 || got.Summary.Replaces != shaOf("other.csv") {
		t.Errorf("as a second correction: %+v (%v)", got.Summary, err)
	}
}

func TestImporterOneSendersFilesDoNotStandInAnothersWay(t *testing.T) {
	h := newHistory(ourTerms())
	h.mustTake(t, aBill(), bankOf(monday), billOf("wallet", monday, monday), billOf("acquirer", monday.AddDays(1), monday.AddDays(1)))
}

// The same bytes may be read otherwise, by a profile that was changed. What is in the journal
// stays, and a file that is half in it is not finished by another reading.
func TestImporterKeepsTheFirstReading(t *testing.T) {
	whole := aBill()
	for n := range 250 {
		whole.statement.Lines = append(whole.statement.Lines, settled(n+10, monday, 9, 0, paid(n+10, cny(100))))
	}
	other := whole
	other.statement.Lines = append([]reconcile.Line(nil), whole.statement.Lines...)
	other.statement.Lines[1].Day = monday.AddDays(3)
	other.statement.Lines[1].Fee, other.statement.Lines[1].Net = 0, other.statement.Lines[1].Gross
	longer := whole
	longer.statement.Lines = append(append([]reconcile.Line(nil), whole.statement.Lines...), settled(900, monday, 9, 0, paid(900, cny(100))))

	h := newHistory(ourTerms())
	h.mustTake(t, whole)
	before := everything(t, h.journal)
	again, err := imported(h, other)
	if err != nil || !again.Already || again.Otherwise != 1 {
		t.Errorf("again: %+v, %v", again, err)
	}
	sameJournal(t, everything(t, h.journal), before, "after the other reading")

	for name, c := range map[string]struct {
		bill bill
		at   int
	}{"after a page, another line": {other, 3}, "after the last page, one line more": {longer, 4}} {
		h := newHistory(ourTerms())
		memory := h.journal
		h.journal = &failing{Journal: memory, at: c.at}
		if _, err := imported(h, whole); !errors.Is(err, errLost) {
			t.Fatal(err)
		}
		h.journal = memory
		begun := everything(t, memory)
		_, err := imported(h, c.bill)
		var refusal *ledger.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(err.Error(), "was interrupted after") {
			t.Errorf("%s: %v", name, err)
		}
		sameJournal(t, everything(t, memory), begun, name)
		h.mustTake(t, whole)
	}
}

func TestImporterSurvivesACrashAtEveryAppend(t *testing.T) {
	long := aBill()
	long.title = "long"
	long.statement.To = monday.AddDays(3)
	for n := range 900 {
		line := settled(n+10, monday.AddDays(n%5), 9, 0, paid(n+10, cny(100)))
		if n%100 == 0 {
			line.Raw = strings.Repeat("原", 40_000) // rows so long that a page of them is cut by size
		}
		long.statement.Lines = append(long.statement.Lines, line)
	}
	corrected := again(long, "long, corrected", func(lines []reconcile.Line) []reconcile.Line { return lines[:300] })
	for name, story := range map[string]struct {
		before []file
		bill   bill
	}{"short": {nil, aBill()}, "long": {nil, long}, "correction": {[]file{long}, corrected}} {
		t.Run(name, func(t *testing.T) {
			whole := newHistory(ourTerms())
			whole.mustTake(t, story.before...)
			memory := whole.journal
			counting := &failing{Journal: memory}
			whole.journal = counting
			whole.mustTake(t, story.bill)
			want := everything(t, memory)
			for at := 1; at <= counting.appends; at++ {
				for _, written := range []bool{false, true} {
					h := newHistory(ourTerms())
					h.mustTake(t, story.before...)
					memory := h.journal
					h.journal = &failing{Journal: memory, at: at, written: written}
					if _, err := imported(h, story.bill); !errors.Is(err, errLost) {
						t.Fatalf("append %d fails, and the import: %v", at, err)
					}
					h.journal = memory
					h.mustTake(t, story.bill)
					sameJournal(t, everything(t, memory), want, fmt.Sprintf("after a crash at append %d (written: %v)", at, written))
				}
			}
		})
	}
}
