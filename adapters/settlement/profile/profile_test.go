package profile

import (
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/xuri/excelize/v2"

	"daybook/adapters/files"
	"daybook/adapters/settlement/settlementtest"
	"daybook/ledger"
	"daybook/reconcile"
)

// acquirers is one format over all profiles in testdata: the first that knows a file reads it.
type acquirers []*Format

func (acquirers) Name() string { return "profile" }

func (a acquirers) Encodings() (list []string) {
	for _, format := range a {
		list = append(list, format.Encodings()...)
	}
	return list
}

func (a acquirers) of(doc *files.Document) *Format {
	for _, format := range a {
		if format.Sniff(doc) {
			return format
		}
	}
	return nil
}

func (a acquirers) Sniff(doc *files.Document) bool { return a.of(doc) != nil }

func (a acquirers) Parse(doc *files.Document) (*reconcile.Statement, error) {
	format := a.of(doc)
	if format == nil { // the row that it was known by was set aside
		format = a[0]
	}
	return format.Parse(doc)
}

func all(t testing.TB) (formats acquirers) {
	t.Helper()
	paths, err := filepath.Glob("testdata/profiles/*.yaml")
	if err != nil || len(paths) < 3 {
		t.Fatalf("%d profiles, %v", len(paths), err)
	}
	for _, path := range paths {
		formats = append(formats, formatOf(t, path))
	}
	return formats
}

func formatOf(t testing.TB, path string) *Format {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	p, err := Read(text)
	if err != nil {
		t.Fatalf("%s: %v", path, err)
	}
	format, err := New(p)
	if err != nil {
		t.Fatal(err)
	}
	return format
}

func TestGolden(t *testing.T) { settlementtest.Golden(t, all(t)) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, all(t), rowsOf(all(t))) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, all(f), rowsOf(all(f))) }

// rowsOf counts the records of the table that are no totals and nothing to skip: each of them
// is a line.
func rowsOf(formats acquirers) func(doc *files.Document) int {
	return func(doc *files.Document) int {
		format := formats.of(doc)
		text, err := format.text(doc)
		if err != nil {
			return -1
		}
		at, _ := format.find(text, &doc.Parts[0])
		reader := format.records("", text, at.dialect)
		n := 0
		for {
			row, err := reader.Read()
			if err == io.EOF {
				return n
			}
			if err == nil && (row.Line > at.line || row.Line == at.line && len(format.headings) > 0) && !format.aside(row) {
				n++
			}
		}
	}
}

// FuzzProfile reads whatever file with whatever profile: a profile is refused with a sentence,
// or reads the file or refuses it, and what it reads holds.
func FuzzProfile(f *testing.F) {
	paths, _ := filepath.Glob("testdata/profiles/*.yaml")
	for _, path := range paths {
		text, err := os.ReadFile(path)
		if err != nil {
			f.Fatal(err)
		}
		name := strings.TrimSuffix(filepath.Base(path), ".yaml")
		bills, _ := filepath.Glob("testdata/" + name + "*[a-z]")
		for _, bill := range bills {
			if data, err := os.ReadFile(bill); err == nil {
				f.Add(string(text), data)
			}
		}
	}
	f.Fuzz(func(t *testing.T, text string, data []byte) {
		p, err := Read([]byte(text))
		if err != nil {
			var refusal *ledger.Refusal
			if !errors.As(err, &refusal) || refusal.Text.String() == "" {
				t.Fatalf("no refusal: %v", err)
			}
			return
		}
		format, err := New(p)
		if err != nil {
			t.Fatalf("valid, and yet: %v", err)
		}
		var further []string
		if p.Encoding != "" {
			further = append(further, p.Encoding)
		}
		doc, err := files.Open("fuzz", data, further...)
		if err != nil {
			return
		}
		reading, err := format.Read(doc)
		var list files.ErrorList
		switch {
		case err == nil && !format.Sniff(doc):
			t.Error("read, but not known")
		case err == nil:
			settlementtest.Hold(t, reading.Statement)
			if want := rowsOf(acquirers{format})(doc); len(reading.Statement.Lines) != want {
				t.Errorf("%d lines of %d rows", len(reading.Statement.Lines), want)
			}
		case !errors.As(err, &list) || len(list) == 0:
			t.Errorf("no list of errors: %v", err)
		}
	})
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, formatOf(t, "testdata/profiles/hualian.yaml"), "testdata/hualian_plain.csv", "商户编号", "'",
		[]string{"商户编号", "终端编号", "批次", "流水号", "检索参考号", "卡号", "卡种", "交易类型", "交易状态", "持卡人姓名", "备注"})
}

// A card number that two columns of type make together is cut too.
func TestCardsAcrossColumns(t *testing.T) {
	format := formatOf(t, "testdata/profiles/hualian.yaml")
	text, err := os.ReadFile("testdata/hualian_plain.csv")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := files.Open("x.csv", []byte(strings.Replace(string(text), "消费,成功", "62000000,00000005", 1)))
	if err != nil {
		t.Fatal(err)
	}
	reading, err := format.Read(doc)
	if err != nil {
		t.Fatal(err)
	}
	settlementtest.Hold(t, reading.Statement)
	if words := strings.Join(reading.Unknown["交易类型"], ""); words == "" || ledger.TruncateCards(words) != words {
		t.Errorf("the unknown words are %v", reading.Unknown)
	}
}

// An acquirer that hands out workbooks too is read from them alike.
func TestWorkbook(t *testing.T) {
	format := formatOf(t, "testdata/profiles/hualian.yaml")
	want, err := settlementtest.Read(t, format, "testdata/hualian_plain.csv")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile("testdata/hualian_plain.csv")
	if err != nil {
		t.Fatal(err)
	}
	book := excelize.NewFile()
	defer book.Close()
	n := 0
	for line := range strings.Lines(string(text)) {
		n++
		for column, cell := range strings.Split(strings.TrimSpace(line), ",") {
			at, _ := excelize.CoordinatesToCellName(column+1, n)
			if err := book.SetCellStr("Sheet1", at, cell); err != nil {
				t.Fatal(err)
			}
		}
	}
	path := filepath.Join(t.TempDir(), "bill.xlsx")
	if err := book.SaveAs(path); err != nil {
		t.Fatal(err)
	}
	got, err := settlementtest.Read(t, format, path)
	if err != nil {
		t.Fatal(err)
	}
	for _, statement := range []*reconcile.Statement{want, got} {
		for n := range statement.Lines {
			statement.Lines[n].Raw = "" // quotes and empty cells at the end differ
		}
	}
	if one, other := settlementtest.Text(want, nil), settlementtest.Text(got, nil); one != other {
		t.Errorf("as CSV\n%sas a workbook\n%s", one, other)
	}
}

// base is the smallest profile there is.
const base = `name: small
columns: {time: When, gross: Amount}
currency: EUR
time: {zone: Europe/Berlin, layouts: 2006-01-02 15:04:05}
`

// A profile that cannot be right is refused with the key, the value and the next step.
func TestContradictions(t *testing.T) {
	if _, err := Read([]byte(base)); err != nil {
		t.Fatal(err)
	}
	for change, want := range map[string]string{
		"colums: {}":                                         "unknown field \"colums\"",
		"time: {zon: UTC}":                                   "",
		"name: two words":                                    "needs a name",
		"encoding: ebcdic":                                   `encoding: "ebcdic"`,
		"separator: x":                                       `separator: "x"`,
		"separator: [';', ';']":                              "stands twice",
		"headings: [When, Amount]":                           "recognise",
		"headings: [When, When]":                             `headings: "When"`,
		"recognise: {When: []}":                              "no word is named",
		"optional: [Store]":                                  `optional: "Store"`,
		"optional: [Amount]":                                 `optional: "Amount"`,
		"types: {Sale: sale}":                                "columns: type",
		"channels: {V: card}":                                "columns: channel",
		"card_kinds: {V: debit}":                             "columns: card_kind",
		"currency: EURO":                                     `currency: "EURO"`,
		"amounts: {unit: cents}":                             `amounts: unit: "cents"`,
		"amounts: {sign: by_type}":                           "no column says the type",
		"amounts: {fees: negative}":                          "no column of a fee",
		"amounts: {thousands: .}":                            "decimals are written with the same character",
		"preamble: {from: From}":                             "first and a last day",
		"preamble: {day: Day}":                               "day_layouts",
		"personal: [Amount]":                                 `personal: "Amount"`,
		"skip: ['']":                                         "begins with nothing",
		"totals: [{row: T, of: gross}]":                      "exactly one of column:, cell: and label:",
		"totals: [{row: T, of: tax, cell: 1}]":               `totals: 1: of: "tax"`,
		"totals: [{row: T, of: gross, cell: 1, types: [x]}]": `totals: 1: types: "x"`,
		"skip: T\ntotals: [{row: TT, of: gross, cell: 1}]":   `totals: 1: row: "TT"`,
		"skip: E\nend: END":                                  `end: "END"`,
		"amounts: {unit: fen, decimal: ','}":                 "whole minor units",
		"unquoted: true\nseparator: ','\namounts: {decimal: ','}":               "lets no cell hold it",
		"columns: {time: When}":                                                 "nothing says what was paid",
		"columns: {time: When, gross: Amount, net: Amount}":                     `columns: "Amount"`,
		"columns: {time: When, gross_credit: In}":                               "a column each",
		"columns: {time: When, gross: A, gross_credit: In, gross_debit: Out}":   "money in and money out are named too",
		"columns: {gross: Amount}":                                              "nothing says when",
		"columns: {time: When, gross: Amount, type: Type}":                      "nothing says what the words of Type mean",
		"columns: {time: When, gross: Amount, store: Cardholder name}":          `columns: "Cardholder name"`,
		"columns: {time: When, gross: A, refund_no: R, original_no: O}":         `original_no: "O"`,
		"columns: {time: When, gross: A, merchant: M}\npreamble: {merchant: M}": `preamble: merchant: "M"`,
		"columns: {time: When, gross: A, channel: C}\nchannel: card":            `channel: "card"`,
		"columns: {time: When, gross: A, type: T}\ntypes: {x: credit}":          `types: x: "credit"`,
		"columns: {time: When, gross: A, card_kind: T}\ncard_kinds: {x: gold}":  `card_kinds: x: "gold"`,
		"time: {zone: Mars/Olympus, layouts: 2006-01-02 15:04:05}":              `time: zone: "Mars/Olympus"`,
		"time: {zone: UTC, layouts: 2006-01-02 03:04:05}":                       `time: layouts: "2006-01-02 03:04:05"`,
		"time: {zone: UTC, layouts: 2006-01-02 15:04:05 MST}":                   "time: layouts",
		"time: {zone: UTC, layouts: [01/02/2006, 02/01/2006]}":                  "another day",
		"time: {zone: UTC}": "time: layouts",
		"fixed: {detail: {columns: [{heading: When, start: 1, length: 19}]}}":                                                                                                                  "of which encoding",
		"encoding: gb18030\nfixed: {}":                                                                                                                                                         "where the columns of a row are",
		"encoding: gb18030\nseparator: ;\nfixed: {detail: {columns: [{heading: When, start: 1, length: 19}]}}":                                                                                 "separator: a file of fixed places has none",
		"encoding: gb18030\nfixed: {detail: {columns: [{heading: When, start: 1, length: 19}, {heading: Amount, start: 20, length: 9}]}}":                                                      "recognise",
		"encoding: gb18030\nfixed: {detail: {is: D, columns: [{heading: When, start: 1, length: 19}, {heading: Amount, start: 20, length: 9}]}}":                                               "nothing tells this record",
		"encoding: gb18030\nfixed: {mark: {start: 1, length: 1}, detail: {is: D, columns: [{heading: When, start: 2, length: 19}, {heading: Amount, start: 20, length: 9}]}}":                  "do not overlap",
		"encoding: gb18030\nfixed: {mark: {start: 1, length: 1}, head: {is: D}, detail: {is: D, columns: [{heading: When, start: 2, length: 19}]}}":                                            "a mark of its own",
		"encoding: gb18030\nfixed: {mark: {start: 1, length: 1}, detail: {is: D, columns: [{heading: When, start: 2, length: 19}]}}":                                                           "none of headings",
		"encoding: gb18030\nfixed: {mark: {start: 1, length: 1}, detail: {is: D, columns: [{heading: When, start: 2, length: 19}]}}\npreamble: {merchant: M}":                                  "no column of the head",
		"encoding: gb18030\nfixed: {mark: {start: 1, length: 1}, trailer: {is: T}, detail: {is: D, columns: [{heading: When, start: 2, length: 19}]}}\ntotals: [{row: T, of: gross, cell: 1}]": "a column of its trailer",
		"encoding: gb18030\nend: D\nfixed: {mark: {start: 1, length: 1}, detail: {is: D, columns: [{heading: When, start: 2, length: 19}]}}":                                                   "a mark of its own",
		"encoding: gb18030\nfixed: {mark: {start: 0, length: 1}, detail: {is: D, columns: [{heading: When, start: 2, length: 19}]}}":                                                           "fixed: mark",
		"time: {zone: UTC, layouts: 2006-01-02, day_cut: 25h}":                                                                                                                                 `time: day_cut: "25h"`,
	} {
		var lines []string
		replaced := map[string]bool{}
		for line := range strings.Lines(change + "\n") {
			key, _, _ := strings.Cut(line, ":")
			replaced[key] = true
			lines = append(lines, line)
		}
		for line := range strings.Lines(base) {
			if key, _, _ := strings.Cut(line, ":"); !replaced[key] {
				lines = append(lines, line)
			}
		}
		_, err := Read([]byte(strings.Join(lines, "")))
		var refusal *ledger.Refusal
		if !errors.As(err, &refusal) || !strings.Contains(refusal.Text.String(), want) {
			t.Errorf("%s: got %v, want %q", change, err, want)
		} else if want != "" && !strings.Contains(err.Error(), "unknown field") && refusal.Hint.Format == "" {
			t.Errorf("%s: no next step: %v", change, err)
		}
	}
}

// However they are written, amounts are the same minor units, and what is none is refused.
func TestAmounts(t *testing.T) {
	european := Profile{Amounts: Amounts{Decimal: ",", Thousands: "."}}
	swiss := Profile{Amounts: Amounts{Thousands: "'"}}
	french := Profile{Amounts: Amounts{Decimal: ",", Thousands: " "}}
	fen := Profile{Amounts: Amounts{Unit: "fen"}}
	for _, c := range []struct {
		profile Profile
		text    string
		want    int64
		ok      bool
	}{
		{Profile{}, "1,234.50", 123450, true}, {Profile{}, "(12.00)", -1200, true}, {Profile{}, "12.00-", -1200, true}, {Profile{}, "-12.00-", 0, false},
		{Profile{}, "12,00", 0, false}, {Profile{}, "￥9.9", 990, true}, {Profile{}, "1.005", 0, false}, {Profile{}, "", 0, false}, {Profile{}, "-", 0, false},
		{european, "1.234,50", 123450, true}, {european, "1.234.567,5", 123456750, true}, {european, "12,00-", -1200, true}, {european, "(2,00)", -200, true},
		{european, "1,234.50", 0, false}, {european, "12.50", 0, false}, {european, "1.23,45", 0, false},
		{Profile{Amounts: Amounts{Decimal: ","}}, "1.234,50", 0, false}, {Profile{Amounts: Amounts{Decimal: ","}}, "1234,5", 123450, true},
		{swiss, "1'234.50", 123450, true}, {swiss, "1,234.50", 0, false}, {french, "1\u202f234,50", 123450, true},
		{fen, "000000001234", 1234, true}, {fen, "12.34", 0, false}, {fen, "-5", -5, true}, {fen, "5-", -5, true}, {fen, "1e3", 0, false},
	} {
		got, err := c.profile.parse(c.text, "EUR")
		if got != c.want && c.ok || (err == nil) != c.ok {
			t.Errorf("%+v: %q is %d, %v", c.profile.Amounts, c.text, got, err)
		}
	}
}
