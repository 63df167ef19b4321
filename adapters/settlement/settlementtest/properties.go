package settlementtest

import (
	"encoding/json"
	"errors"
	"os"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// Hold checks what is true of every statement, whatever the file: amounts tie, lines
// come in the order of the file and within its period, nothing carries a card number.
func Hold(t failer, statement *reconcile.Statement) {
	t.Helper()
	row := 0
	for _, line := range statement.Lines {
		if statement.Kind != reconcile.BankStatement && line.Net != line.Gross-line.Discount-line.Fee {
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
		t.Fatalf("%v", err)
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
	f.Fuzz(func(t *testing.T, data []byte) { judge(t, format, rows, data) })
}

// judgedName has in it what formats look for whose rows have no year.
const judgedName = "INN26010588ZM_777290000000001 IND26010532ACOMN"

// judge reads whatever the bytes are and checks what was made of them. It reports
// whether they became a statement.
func judge(t failer, format settlement.Format, rows func(*files.Document) int, data []byte) bool {
	t.Helper()
	doc, err := settlement.Open(judgedName, data, []settlement.Format{format})
	if err != nil {
		refused(t, err)
		return false
	}
	if !format.Sniff(doc) {
		return false // Parse is only ever given what Sniff accepts
	}
	statement, err := format.Parse(doc)
	judgeApart(t, format, doc, statement, err)
	if err != nil {
		refused(t, err)
		return false
	}
	Hold(t, statement)
	if want := rows(doc); len(statement.Lines) != want {
		t.Errorf("%d lines of %d rows", len(statement.Lines), want)
	}
	return true
}

// failer is what testing.T and rapid.T have in common.
type failer interface {
	Helper()
	Errorf(format string, args ...any)
	Fatalf(format string, args ...any)
}

// Mutate does to the cases in testdata what people and programs do to files: cells
// changed, emptied and swapped, lines lost, doubled and moved. A fuzzer that flips bytes
// rarely gets past the header; these get into every column. The properties are Fuzz's.
func Mutate(t *testing.T, format settlement.Format, rows func(*files.Document) int) {
	var texts []string
	for _, path := range Cases(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if doc, err := files.Open(path, data); err == nil {
			for _, part := range doc.Parts {
				texts = append(texts, part.Text)
			}
		}
	}
	read := 0
	property := func(t *rapid.T) {
		lines := strings.SplitAfter(rapid.SampledFrom(texts).Draw(t, "case"), "\n")
		for range rapid.IntRange(0, 4).Draw(t, "edits") {
			at := rapid.IntRange(0, len(lines)-1).Draw(t, "line")
			switch rapid.IntRange(0, 9).Draw(t, "edit") {
			case 0:
				lines = slices.Insert(slices.Clone(lines), at, lines[rapid.IntRange(0, len(lines)-1).Draw(t, "copy")])
			case 1:
				if len(lines) > 1 {
					lines = slices.Delete(slices.Clone(lines), at, at+1)
				}
			default:
				cells := strings.Split(lines[at], ",")
				cell := rapid.IntRange(0, len(cells)-1).Draw(t, "cell")
				value := rapid.SampledFrom(values).Draw(t, "value")
				if rapid.Bool().Draw(t, "backtick") {
					value = "`" + value
				}
				cells[cell] = value + cells[cell][len(strings.TrimRight(cells[cell], "\r\n")):]
				lines = slices.Clone(lines)
				lines[at] = strings.Join(cells, ",")
			}
		}
		if judge(t, format, rows, []byte(strings.Join(lines, ""))) {
			read++
		}
	}
	for range 10 { // a hundred checks, rapid's own number, are too few for files this size
		rapid.Check(t, property)
	}
	if read == 0 {
		t.Error("no changed file was ever read: the changes are too rough to test anything")
	}
}

// values are what cells are changed to.
var values = []string{
	"", " ", "\t", "0", "0.00", "-0.01", "1", "+12.30", "1,234.56", "\"1,234.56\"", "(5.00)", "￥9.90", "12,3x", "1e9",
	"999999999999999", "9999999999999.99", "-9999999999999.99", "99999999999999999999", "0.10000", "0.10500",
	"2026-01-05 23:59:59", "2026-01-06", "23:59:59", "2026年01月05日", "9999-12-31 00:00:00", "2026-02-30 00:00:00",
	Card, "6200 0000 0000 0005", "4111-1111-1111-1111", "622202******3321", "6222*1", "x\"y", "\"", "\"a\nb\"", "a,b",
	"交易", "退款", "退货", "消费撤销", "微信退款", "预授权", "SUCCESS", "REFUND", "REVOKED", "CNY", "JPY", "KWD", "RMB",
	"#", "#业务明细列表结束", "合计", "总交易单数", "\u0085", "\ufeff", "\x1a", "商户号", "6.00509E+11",
}

func refused(t failer, err error) {
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
