package main

import (
	"archive/zip"
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"
)

// hostile is a question whose answer a spreadsheet would like to understand in its own way.
const hostile = `SELECT toString(number) || '234567890123456789' AS reference, toInt64(9007199254740993) AS big, toInt64(-1234) AS amount_minor,
    CAST('-12.340' AS Decimal(18, 3)) AS amount, CAST('1234567890123.456' AS Decimal(18, 3)) AS many_digits, toDate('2026-01-05') AS day,
    toDateTime64('2026-01-05 08:09:10.123', 3, 'UTC') AS at, true AS live, CAST(NULL AS Nullable(Int64)) AS nothing, ['a', 'b'] AS list, '00123' AS zeros,
    '=1+1' AS formula, '+1' AS plus, '-1' AS minus, '@x' AS at_sign, '\tx' AS tab, '\r=1' AS cr, '门店 & <x>' AS words
FROM system.numbers LIMIT 2`

func TestQueryToSpreadsheet(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	path := filepath.Join(t.TempDir(), "answer.xlsx")
	got := p.run("query", "-o", "xlsx", "--to", path, hostile)
	if got.code != exitFine || got.stdout != "" || !strings.Contains(got.stderr, path) {
		t.Fatalf("exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	book, err := excelize.OpenFile(path)
	if err != nil {
		t.Fatal(err)
	}
	defer book.Close()
	sheet := book.GetSheetName(0)
	header, err := book.GetRows(sheet)
	if err != nil || len(header) != 3 {
		t.Fatalf("%d rows (%v)", len(header), err)
	}
	if panes, err := book.GetPanes(sheet); err != nil || !panes.Freeze || panes.YSplit != 1 {
		t.Errorf("the heading is not frozen: %+v (%v)", panes, err)
	}
	type cell struct {
		Type         excelize.CellType
		Shown, Value string
	}
	text, number := excelize.CellTypeInlineString, excelize.CellTypeUnset
	want := map[string]cell{
		"reference": {text, "0234567890123456789", "0234567890123456789"}, "big": {text, "9007199254740993", "9007199254740993"},
		"amount_minor": {number, "-1234", "-1234"}, "amount": {number, "-12.34", "-12.34"}, "many_digits": {text, "1234567890123.456", "1234567890123.456"},
		"day": {number, "2026-01-05", "46027"}, "at": {number, "", "46027.3397004977"}, "live": {excelize.CellTypeBool, "TRUE", "1"},
		"nothing": {number, "", ""}, "list": {text, `["a","b"]`, `["a","b"]`}, "zeros": {text, "00123", "00123"},
		"formula": {text, "=1+1", "=1+1"}, "plus": {text, "+1", "+1"}, "minus": {text, "-1", "-1"}, "at_sign": {text, "@x", "@x"}, "tab": {text, "\tx", "\tx"},
		"cr": {text, "\r=1", "\r=1"}, "words": {text, "门店 & <x>", "门店 & <x>"},
	}
	cells := map[string]cell{}
	for n, name := range header[0] {
		place, err := excelize.CoordinatesToCellName(n+1, 2)
		if err != nil {
			t.Fatal(err)
		}
		var c cell
		if c.Type, err = book.GetCellType(sheet, place); err != nil {
			t.Fatal(err)
		}
		if c.Shown, err = book.GetCellValue(sheet, place); err != nil {
			t.Fatal(err)
		}
		if c.Value, err = book.GetCellValue(sheet, place, excelize.Options{RawCellValue: true}); err != nil {
			t.Fatal(err)
		}
		if name == "at" { // which this reader shows without milliseconds
			c.Shown = ""
		}
		if formula, err := book.GetCellFormula(sheet, place); err != nil || formula != "" {
			t.Errorf("%s is the formula %q (%v)", name, formula, err)
		}
		cells[name] = c
	}
	if diff := cmp.Diff(want, cells); diff != "" {
		t.Error(diff)
	}
	if strings.Contains(sheetText(t, path), "<f>") {
		t.Error("the sheet has a formula")
	}

	// On standard output, when that is no screen, it is the same file.
	if piped := p.run("query", "-o", "xlsx", hostile); piped.code != exitFine || !strings.HasPrefix(piped.stdout, "PK") {
		t.Errorf("piped: exit code %d, %s", piped.code, piped.stderr)
	}
	// An answer without rows has its heading.
	empty := filepath.Join(t.TempDir(), "empty.xlsx")
	p.must(exitFine, "query", "-o", "xlsx", "--to", empty, "SELECT id, total FROM fct_sales WHERE id = 'nobody'")
	if text := sheetText(t, empty); !strings.Contains(text, "<t>total</t>") {
		t.Errorf("an empty answer: %s", text)
	}
	// What no sheet can hold is refused, and leaves nothing behind.
	for sql, says := range map[string]string{
		"SELECT repeat('x', 32768) AS long":               "column long",
		"SELECT number FROM system.numbers LIMIT 1048576": "1048575 rows",
	} {
		dir := t.TempDir()
		got := p.run("query", "-o", "xlsx", "--to", filepath.Join(dir, "x.xlsx"), sql)
		if left, err := os.ReadDir(dir); got.code != exitRefused || !strings.Contains(got.stderr, says) || err != nil || len(left) != 0 {
			t.Errorf("%s: exit code %d, %s, leaves %v", sql, got.code, got.stderr, left)
		}
	}
}

// sheetText is the XML of a workbook's only sheet.
func sheetText(t *testing.T, path string) string {
	t.Helper()
	archive, err := zip.OpenReader(path)
	if err != nil {
		t.Fatal(err)
	}
	defer archive.Close()
	file, err := archive.Open("xl/worksheets/sheet1.xml")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	content, err := io.ReadAll(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(content)
}

func TestQueryToTextFile(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	path := filepath.Join(t.TempDir(), "answer.csv")
	p.must(exitFine, "query", "-o", "csv", "--to", path, hostile)
	rows, err := csv.NewReader(strings.NewReader(readText(t, path))).ReadAll()
	if err != nil || len(rows) != 3 {
		t.Fatalf("%d rows (%v)", len(rows), err)
	}
	for name, want := range map[string]string{"formula": "'=1+1", "plus": "'+1", "minus": "'-1", "at_sign": "'@x", "tab": "'\tx", "cr": "'\r=1", "amount": "-12.34", "amount_minor": "-1234", "zeros": "00123"} {
		if got := rows[1][slices.Index(rows[0], name)]; got != want {
			t.Errorf("%s is %q in the file, want %q", name, got, want)
		}
	}
	// For programs there is no apostrophe.
	if printed := p.must(exitFine, "query", "-o", "csv", "SELECT '=1+1' AS formula"); printed != "formula\n=1+1\n" {
		t.Errorf("on standard output: %q", printed)
	}
	path = filepath.Join(t.TempDir(), "answer.json")
	p.must(exitFine, "query", "-o", "json", "--to", path, hostile)
	var objects []map[string]any
	if err := json.Unmarshal([]byte(readText(t, path)), &objects); err != nil || len(objects) != 2 || objects[0]["formula"] != "=1+1" {
		t.Errorf("%v: %v", err, objects)
	}
}

// A file that is there stays unless told otherwise, and until the new one is complete.
func TestQueryToRefuses(t *testing.T) {
	p := newProgram(t, scenarioConfig)
	dir := t.TempDir()
	there := writeFile(t, dir, "there.csv", []byte("mine\n"))
	for _, c := range []struct {
		args []string
		says string
	}{
		{[]string{"-o", "csv", "--to", there, "SELECT 1"}, "--force"},
		{[]string{"-o", "csv", "--force", "--to", dir, "SELECT 1"}, "--to"},
		{[]string{"-o", "csv", "--force", "--to", filepath.Join(dir, "no", "x.csv"), "SELECT 1"}, "--to"},
		{[]string{"-o", "csv", "--force", "--to", there, "SELEC 1"}, "SHOW TABLES"},
		{[]string{"-o", "csv", "--force", "--to", there, "SELECT throwIf(number = 100000) FROM system.numbers"}, "code 395"},
		{[]string{"--to", filepath.Join(dir, "x"), "SELECT 1"}, "-o xlsx"},
		{[]string{"-o", "csv", "--force", "SELECT 1"}, "--to"},
		{[]string{"-o", "avro", "--to", filepath.Join(dir, "x"), "SELECT 1"}, "xlsx"},
	} {
		got := p.run(append([]string{"query"}, c.args...)...)
		if got.code != exitRefused || !strings.Contains(got.stderr, c.says) {
			t.Errorf("%v: exit code %d, %q; it should name %q", c.args, got.code, got.stderr, c.says)
		}
		files, err := os.ReadDir(dir)
		if err != nil || len(files) != 1 || readText(t, there) != "mine\n" {
			t.Errorf("%v: %v are there (%v), the old one with %q", c.args, files, err, readText(t, there))
		}
	}
	p.must(exitFine, "query", "-o", "csv", "--force", "--to", there, "SELECT 1 AS x")
	if got := readText(t, there); got != "x\n1\n" {
		t.Errorf("replaced by %q", got)
	}
	// Other commands print no spreadsheets.
	if got := p.run("-o", "xlsx", "status"); got.code != exitRefused || !strings.Contains(got.stderr, "csv") {
		t.Errorf("status -o xlsx: exit code %d, %s", got.code, got.stderr)
	}
	screen, err := os.OpenFile("/dev/ptmx", os.O_RDWR, 0)
	if err != nil {
		t.Skip("has no terminal to try: ", err)
	}
	defer screen.Close()
	if !isTerminal(screen) {
		t.Skip("/dev/ptmx is no terminal here")
	}
	var stderr bytes.Buffer
	if code := run(context.Background(), p.args([]string{"query", "-o", "xlsx", "SELECT 1"}), screen, &stderr); code != exitRefused || !strings.Contains(stderr.String(), "--to") {
		t.Errorf("to a terminal: exit code %d, %s", code, stderr.String())
	}
}
