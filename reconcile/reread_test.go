package reconcile_test

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/ledger"
	"daybook/reconcile"
)

func (h *history) reread(t *testing.T, f bill, record bool) (reconcile.Rereading, error) {
	statement := f.statement
	file := reconcile.StatementFile{Name: f.title, SHA256: shaOf(f.title), Statement: &statement}
	return reconcile.NewImporter(h.journal, codec, h.terms).Reread(t.Context(), file, record, nil)
}

// A bill that was read under a wrong profile (its amounts ten times what they are) is read
// again: in the end stands what would have stood had it been read right at
// once; what was said before is in the journal still, and can be said again. A locked day
// keeps its figures, and the difference counts on the next open one.
func TestAFileIsReadAgain(t *testing.T) {
	files := lostSales()
	right := files[1].(bill)
	wrong := right
	wrong.statement.Lines = slices.Clone(right.statement.Lines)
	for n := range wrong.statement.Lines {
		line := &wrong.statement.Lines[n]
		line.Gross, line.Fee = 10*line.Gross, 10*line.Fee
		line.Net = line.Gross - line.Fee
	}
	h, plain := newHistory(ourTerms()), newHistory(ourTerms())
	h.mustTake(t, files[0], wrong, files[2])
	plain.mustTake(t, files...)
	h.mustCatchUp(t)
	plain.mustCatchUp(t)
	if _, err := h.reread(t, again(right, "nobody's", func(lines []reconcile.Line) []reconcile.Line { return lines }), true); err == nil || !strings.Contains(err.Error(), "not taken in yet") {
		t.Fatalf("a file that was never taken in: %v", err)
	}

	// Monday is locked as it was read.
	h.nameAll(t)
	if err := h.desk().Sign(t.Context(), monday, "li", h.terms, "c"); err != nil {
		t.Fatal(err)
	}
	if err := h.desk().Lock(t.Context(), monday, "boss", h.terms); err != nil {
		t.Fatal(err)
	}
	signed := h.facts(t, monday).Movements

	before := len(everything(t, h.journal))
	shown, err := h.reread(t, right, false)
	if err != nil || len(shown.Changed) != 3 || shown.Before.Totals[0].Gross != 3000 || shown.After.Totals[0].Gross != 300 || len(everything(t, h.journal)) != before {
		t.Fatalf("the preview: %+v, %v", shown, err)
	}
	cut := &cutOff{h.journal, "day-"} // dead before it is listed
	file := reconcile.StatementFile{Name: right.title, SHA256: shaOf(right.title), Statement: &right.statement}
	if _, err := reconcile.NewImporter(cut, codec, h.terms).Reread(t.Context(), file, true, nil); !errors.Is(err, errCutOff) {
		t.Fatal(err)
	}
	if _, err := h.reread(t, right, true); err == nil || !strings.Contains(err.Error(), "nothing has changed") { // listed by this one
		t.Fatal(err)
	}
	h.mustCatchUp(t)
	got, want := h.standing(t), plain.standing(t)
	got.exclusive(t)
	got.balanced(t)
	if diff := cmp.Diff(want.kinds(), got.kinds()); diff != "" {
		t.Errorf("differences (-read right at once +read again):\n%s", diff)
	}
	for stream, joined := range want.Joined {
		if diff := cmp.Diff(joined.Sheets, got.Joined[stream].Sheets); diff != "" {
			t.Errorf("%s (-read right at once +read again):\n%s", stream, diff)
		}
	}
	f := h.facts(t, monday)
	if diff := cmp.Diff(signed, f.Movements); diff != "" {
		t.Errorf("the locked day has other figures:\n%s", diff)
	}
	if diff := cmp.Diff(movedOf(plain.period(t, monday, monday.AddDays(9)).Booked), movedOf(h.period(t, monday, monday.AddDays(9)).Booked)); diff != "" {
		t.Errorf("what the days come to:\n%s", diff)
	}

	// The same file again is here; a correction counts as one of what is in force; and what a
	// correction has replaced is not read again.
	if again, err := imported(h, right); err != nil || !again.Already || again.Otherwise != 0 || again.Summary.Version != 2 || again.Summary.Rereads != shaOf(right.title) {
		t.Errorf("the same file again: %+v, %v", again, err)
	}
	// Back, as it was read first, and a day late: another version, and nothing is gone; the
	// bill has left Monday.
	wrong.statement.From, wrong.statement.To = monday.AddDays(1), monday.AddDays(1)
	for n := range wrong.statement.Lines {
		wrong.statement.Lines[n].Day = monday.AddDays(1)
	}
	if back, err := h.reread(t, wrong, true); err != nil || back.After.Version != 3 {
		t.Errorf("back again: %+v, %v", back, err)
	}
	h.mustCatchUp(t)
	if sheets := h.standing(t).Joined["outcome-"+monday.String()].Sheets; len(sheets) != 1 || sheets[0].Bill.Lines != 0 || sheets[0].Reported {
		t.Errorf("the bill is still on Monday: %+v", sheets)
	}
	if forth, err := h.reread(t, right, true); err != nil || forth.After.Version != 4 {
		t.Errorf("and forth: %+v, %v", forth, err)
	}
	h.mustTake(t, again(right, "corrected", func(lines []reconcile.Line) []reconcile.Line { return lines[:2] }))
	refusal := (*ledger.Refusal)(nil)
	if _, err := h.reread(t, wrong, true); !errors.As(err, &refusal) || !strings.Contains(err.Error(), "replaced by a correction") {
		t.Errorf("after a correction: %v", err)
	}
}
