package settlementtest_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/xuri/excelize/v2"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/abc"
	"daybook/adapters/settlement/boc"
	"daybook/adapters/settlement/ccb"
	"daybook/adapters/settlement/cmb"
	"daybook/adapters/settlement/icbc"
	"daybook/adapters/settlement/settlementtest"
	"daybook/reconcile"
)

var banks = map[string]settlement.Format{
	"../abc/testdata/titles_above.csv": abc.New(), "../boc/testdata/titles_above.csv": boc.New(),
	"../ccb/testdata/plain.csv": ccb.New(), "../cmb/testdata/plain.csv": cmb.New(), "../icbc/testdata/newest_first.csv": icbc.New(),
}

// workbookOf writes the rows of a CSV case into a workbook: as texts, or with the amounts
// and the times as numbers.
func workbookOf(t testing.TB, path string, numbers bool) []byte {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := files.Open(path, data)
	if err != nil {
		t.Fatal(err)
	}
	book := excelize.NewFile()
	defer book.Close()
	format := "yyyy-mm-dd hh:mm:ss"
	dated, err := book.NewStyle(&excelize.Style{CustomNumFmt: &format})
	if err != nil {
		t.Fatal(err)
	}
	reader := files.NewReader(path, doc.Parts[0].Text, files.Dialect{Quoted: true})
	for {
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		for i, cell := range row.Cells {
			at, _ := excelize.CoordinatesToCellName(i+1, row.Line)
			trimmed := strings.TrimSpace(strings.ReplaceAll(cell, ",", ""))
			set := func(err error) {
				if err != nil {
					t.Fatal(err)
				}
			}
			when, err := time.Parse(time.DateTime, trimmed)
			switch amount, bad := strconv.ParseFloat(trimmed, 64); {
			case numbers && err == nil:
				set(book.SetCellValue("Sheet1", at, when))
				set(book.SetCellStyle("Sheet1", at, at, dated))
			case numbers && bad == nil && strings.Contains(trimmed, "."):
				set(book.SetCellFloat("Sheet1", at, amount, -1, 64))
			default:
				set(book.SetCellStr("Sheet1", at, cell))
			}
		}
	}
	var out bytes.Buffer
	if err := book.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

func parsed(t *testing.T, data []byte, format settlement.Format) *reconcile.Statement {
	t.Helper()
	doc, err := files.Open("bank.dat", data)
	if err != nil {
		t.Fatal(err)
	}
	found, err := settlement.Recognise(doc, []settlement.Format{abc.New(), boc.New(), ccb.New(), cmb.New(), icbc.New()})
	if err != nil || found.Name() != format.Name() {
		t.Fatalf("recognised %v, %v, want %s", found, err, format.Name())
	}
	statement, err := format.Parse(doc)
	if err != nil {
		t.Fatal(err)
	}
	settlementtest.Hold(t, statement)
	for i := range statement.Lines {
		statement.Lines[i].Raw = "" // quotes and zeros at the end differ
	}
	return statement
}

// A workbook of the same rows is the same statement, with row numbers and balances.
func TestWorkbooksReadLikeCSV(t *testing.T) {
	for path, format := range banks {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		want := parsed(t, data, format)
		for _, numbers := range []bool{false, true} {
			if diff := cmp.Diff(settlementtest.Text(want, nil), settlementtest.Text(parsed(t, workbookOf(t, path, numbers), format), nil)); diff != "" {
				t.Errorf("%s, numbers %v (-csv +xlsx):\n%s", path, numbers, diff)
			}
		}
	}
}

func TestCutWorkbooksAreRefused(t *testing.T) {
	data := workbookOf(t, "../abc/testdata/plain.csv", true)
	for n := 4; n < len(data); n += 97 {
		var list files.ErrorList
		if _, err := files.Open("cut.xlsx", data[:n]); !errors.As(err, &list) || list[0].Hint.Format == "" {
			t.Fatalf("cut at %d: %v", n, err)
		}
	}
}

// A number that has lost digits is refused with its place, one with noise is read.
func TestNumbersOfWorkbooks(t *testing.T) {
	for stored, want := range map[string]string{
		"1.1000000000000001": "1.1", "0.30000000000000004": "0.3", "5127.6599999999999": "5127.66", "-99.999999999999999": "-100",
		"12": "12", "1.005": "1.005", "1.5E+20": "1.5E+20", "12345678901234567": `workbook.xlsx:2: B "12345678901234567": a spreadsheet keeps`,
	} {
		book := excelize.NewFile()
		book.SetCellStr("Sheet1", "A2", "x")
		book.SetCellDefault("Sheet1", "B2", stored)
		var out bytes.Buffer
		if err := book.Write(&out); err != nil {
			t.Fatal(err)
		}
		doc, err := files.Open("workbook.xlsx", out.Bytes())
		if err != nil {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v", stored, err)
			}
		} else if doc.Parts[0].Text != "\nx,"+want+"\n" {
			t.Errorf("%s: got %q, want %s", stored, doc.Parts[0].Text, want)
		}
	}
}

func FuzzWorkbook(f *testing.F) {
	f.Add(workbookOf(f, "../abc/testdata/plain.csv", true))
	f.Add(workbookOf(f, "../boc/testdata/titles_above.csv", false))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := files.Open("fuzz.xlsx", data)
		var list files.ErrorList
		if err != nil && !errors.As(err, &list) {
			t.Fatalf("not a list of errors: %v", err)
		}
		if err == nil {
			for _, format := range []settlement.Format{abc.New(), boc.New()} {
				if format.Sniff(doc) {
					format.Parse(doc)
				}
			}
		}
	})
}
