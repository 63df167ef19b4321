package settlementtest

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// Hold checks what is true of every statement, whatever the file: amounts tie, lines
// come in the order of the file and within its period, nothing carries a card number.
func Hold(t testing.TB, statement *reconcile.Statement) {
	t.Helper()
	row := 0
	for _, line := range statement.Lines {
		if statement.Kind == reconcile.TradeBill && line.Net != line.Gross-line.Discount-line.Fee {
			t.Errorf("row %d: net %d is not gross %d - discount %d - fee %d", line.Row, line.Net, line.Gross, line.Discount, line.Fee)
		}
		if statement.Kind == reconcile.BankStatement && (line.Gross != 0 || line.Fee != 0 || line.Discount != 0) {
			t.Errorf("row %d: a bank line has more than a net amount", line.Row)
		}
		if line.Row <= row {
			t.Errorf("row %d follows row %d", line.Row, row)
		}
		row = line.Row
		if line.Day.IsZero() || line.At.IsZero() || !line.Currency.Known() || line.Kind == "" || line.Raw == "" {
			t.Errorf("row %d: day, time, currency, kind or raw is missing: %+v", line.Row, line)
		}
	}
	encoded, err := json.Marshal(statement)
	if err != nil {
		t.Fatal(err)
	}
	if cut := ledger.TruncateCards(string(encoded)); cut != string(encoded) {
		t.Errorf("the statement carries a card number: %s", encoded)
	}
}

// Fuzz feeds a format whatever the fuzzer makes of the cases in testdata. It may refuse
// everything, with a list of errors that carry no card number; what it reads must Hold,
// and must have as many lines as the document has rows.
func Fuzz(f *testing.F, format settlement.Format, rows func(*files.Document) int) {
	for _, path := range Cases(f) {
		data, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := files.Open("fuzz", data)
		if err != nil {
			refused(t, err)
			return
		}
		if !format.Sniff(doc) {
			return // Parse is only ever given what Sniff accepts
		}
		statement, err := format.Parse(doc)
		if err != nil {
			refused(t, err)
			return
		}
		Hold(t, statement)
		if want := rows(doc); len(statement.Lines) != want {
			t.Errorf("%d lines of %d rows", len(statement.Lines), want)
		}
	})
}

func refused(t *testing.T, err error) {
	t.Helper()
	var list files.ErrorList
	if !errors.As(err, &list) || len(list) == 0 {
		t.Fatalf("not a list of errors: %v", err)
	}
	for _, e := range list {
		if e.Text.Format == "" || e.Hint.Format == "" || e.File == "" {
			t.Errorf("no file, text or next step: %v", e)
		}
		if shown := e.Error(); ledger.TruncateCards(shown) != shown || len(shown) > 16<<10 {
			t.Errorf("carries a card number, or is too long: %s", shown)
		}
	}
}

// Card is a card number of the schemes' test range.
const Card = "6200000000000005"

var disguises = []string{Card, "6200 0000 0000 0005", "6200-0000-0000-0005", "６２０００００００００００００５"}

// Plant writes a card number into every column of a plain comma-separated case in turn,
// with the cell's mark (a backtick, or nothing) before it. No part of a statement or of
// an error may carry it. The columns in texts must be read all the same, and counted.
func Plant(t *testing.T, format settlement.Format, path, headerStart, mark string, texts []string) {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := files.Open("planted.csv", data)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(doc.Parts[0].Text, "\n")
	header := slices.IndexFunc(lines, func(line string) bool { return strings.HasPrefix(line, headerStart) })
	headings := strings.Split(strings.TrimRight(lines[header], "\r\n"), ",")
	for column, heading := range headings {
		for _, disguise := range disguises {
			planted := slices.Clone(lines)
			cells := strings.Split(planted[header+1], ",")
			end := cells[column][len(strings.TrimRight(cells[column], "\r\n")):] // of the last cell
			cells[column] = mark + disguise + end
			planted[header+1] = strings.Join(cells, ",")
			doc, err := files.Open("planted.csv", []byte(strings.Join(planted, "")))
			if err != nil {
				t.Fatal(err)
			}
			statement, err := format.Parse(doc)
			if said := Text(statement, err); strings.Contains(plain(said), Card) {
				t.Errorf("%q in %s survives: %s", disguise, heading, said)
			}
			folded := files.Fold(heading)
			if !slices.Contains(texts, folded) {
				continue
			}
			if err != nil {
				t.Errorf("%q in %s: %v", disguise, heading, err)
				continue
			}
			if encoded, _ := json.Marshal(statement); strings.Contains(plain(string(encoded)), Card) {
				t.Errorf("%q in %s survives: %s", disguise, heading, encoded)
			}
			if statement.Truncated[strings.TrimSpace(heading)] == 0 {
				t.Errorf("%q in %s is not counted: %v", disguise, heading, statement.Truncated)
			}
		}
	}
	for _, text := range texts {
		if !slices.ContainsFunc(headings, func(heading string) bool { return files.Fold(heading) == text }) {
			t.Errorf("%s is not a column of %s", text, path)
		}
	}
}

// plain undoes the disguises.
func plain(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == ' ' || r == '-':
			return -1
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return r
	}, text)
}

// Totals are the sums over all lines, in minor units.
func Totals(statement *reconcile.Statement) (gross, fee, net int64) {
	for _, line := range statement.Lines {
		gross, fee, net = gross+line.Gross, fee+line.Fee, net+line.Net
	}
	return gross, fee, net
}

// Tied checks that a statement states totals and that every one of them ties.
func Tied(t testing.TB, statement *reconcile.Statement) {
	t.Helper()
	if len(statement.Controls) == 0 {
		t.Error("the statement has no control")
	}
	for _, control := range statement.Controls {
		if !control.Ties() {
			t.Errorf("%s: stated %d, computed %d", control.Name, control.Stated, control.Computed)
		}
	}
}
