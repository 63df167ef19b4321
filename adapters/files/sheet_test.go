package files

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"daybook/ledger"
)

func readAll(t testing.TB, text string, dialect Dialect) []Row {
	t.Helper()
	reader := NewReader("f", text, dialect)
	var rows []Row
	for {
		row, err := reader.Read()
		if err == io.EOF {
			return rows
		}
		if err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
}

func TestReaderLines(t *testing.T) {
	for _, c := range []struct {
		text    string
		dialect Dialect
		want    string
	}{
		{"a,b\nc,d", Dialect{}, `1[a b] 2[c d]`},
		{"a,b\r\nc,d\r\n", Dialect{}, `1[a b] 2[c d]`},
		{"a,b\rc,d\r", Dialect{}, `1[a b] 2[c d]`},
		{"\n \t\na\r\n\r\nb,\n,\n", Dialect{}, `3[a] 5[b ] 6[ ]`},
		{"#x,y\na|b\n", Dialect{Comma: "|", Comment: "#"}, `2[a b]`},
		{`"a,b"`, Dialect{}, `1["a b"]`},
		{"\"a\r\nb\",\"c\"\"\"\nd", Dialect{Quoted: true}, "1[a\r\nb c\"] 3[d]"},
		{`a"b,"",c`, Dialect{Quoted: true}, `1[a"b  c]`},
		{"", Dialect{}, ``},
	} {
		var got []string
		for _, row := range readAll(t, c.text, c.dialect) {
			got = append(got, fmt.Sprint(row.Line, row.Cells))
		}
		if joined := strings.ReplaceAll(strings.Join(got, " "), " [", "["); joined != c.want {
			t.Errorf("%q: got %q, want %q", c.text, joined, c.want)
		}
	}
}

// A bad quote costs its line, not the rest of the file.
func TestReaderGoesOnBehindABadQuote(t *testing.T) {
	reader := NewReader("f", "a,\"b\"x\nc\n\"d\ne", Dialect{Quoted: true})
	var got []string
	for {
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		var wrong *Error
		if errors.As(err, &wrong) {
			got = append(got, fmt.Sprintf("%d!", wrong.Row))
			continue
		}
		got = append(got, fmt.Sprintf("%d%s", row.Line, row.Cells))
	}
	if want := []string{"1!", "2[c]", "3!", "4[e]"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
}

// What encoding/csv writes is read back, and Raw is the text between the line ends.
func TestReaderAgreesWithCSV(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		cell := rapid.StringMatching(`[a-z",商 \n]{0,6}`)
		want := rapid.SliceOfN(rapid.SliceOfN(cell, 2, 4), 1, 5).Draw(t, "records")
		var b strings.Builder
		w := csv.NewWriter(&b)
		if err := w.WriteAll(want); err != nil {
			t.Fatal(err)
		}
		reader := NewReader("f", b.String(), Dialect{Quoted: true})
		var raws []string
		for _, cells := range want {
			row, err := reader.Read()
			if err != nil || !slices.Equal(row.Cells, cells) {
				t.Fatalf("got %q, %v, want %q", row.Cells, err, cells)
			}
			raws = append(raws, row.Raw)
		}
		if _, err := reader.Read(); err != io.EOF {
			t.Fatalf("more than was written: %v", err)
		}
		if strings.Join(raws, "\n")+"\n" != b.String() {
			t.Fatalf("raw %q of %q", raws, b.String())
		}
	})
}

func TestSheetReadsByHeading(t *testing.T) {
	rows := readAll(t, "\ufeff 订单金额（元）\t,\"卡号\",时 间,备用\n 1,5.00\t\n12.30,6200000000000005,2026-01-05 08:00:00,x 6200-0000-0000-0005\n", Dialect{})
	var problems Problems
	s := NewSheet("f.csv", rows[0], &problems)
	if !s.Require("订单金额(元)", "卡号", "时间") {
		t.Fatal(problems.Err())
	}
	short := s.Record(rows[1])
	if short.Sound() || short.Amount("订单金额(元)", "CNY") != 0 || problems.Count() != 1 {
		t.Errorf("a short row: %v", problems.Err())
	}
	r := s.Record(rows[2])
	zone := time.FixedZone("CST", 8*3600)
	amount, card, at := r.Amount("订单金额(元)", "CNY"), r.Card("卡号"), r.Time("时间", time.DateTime, zone)
	if amount != 1230 || card.String() != "620000******0005" || at.Format(time.RFC3339) != "2026-01-05T08:00:00+08:00" || !r.Sound() {
		t.Errorf("got %d %s %s, %v", amount, card, at, problems.Err())
	}
	if id := r.ID("卡号", 4); id != "620000******0005" {
		t.Errorf("an identifier that is a card number: %q", id)
	}
	if raw := r.Raw(); raw != "12.30,620000******0005,2026-01-05 08:00:00,x 620000******0005" {
		t.Errorf("raw is %q", raw)
	}
	r.Drop("备用", "不存在")
	if raw := r.Raw(); raw != "12.30,620000******0005,2026-01-05 08:00:00," || r.Has("备用") {
		t.Errorf("raw is %q", raw)
	}
	if s.Truncated["\"卡号\""] != 1 || s.Truncated["备用"] != 1 || s.Dropped["备用"] != 1 {
		t.Errorf("truncated %v, dropped %v", s.Truncated, s.Dropped)
	}
}

// A number in a card column is cut even when no scheme would issue it.
func TestCardCutsWhatIsNoCard(t *testing.T) {
	rows := readAll(t, "卡号\n1234567890123456\n", Dialect{})
	var problems Problems
	r := NewSheet("f", rows[0], &problems).Record(rows[1])
	if card := r.Card("卡号"); card.String() != "123456******3456" || r.Raw() != "123456******3456" {
		t.Errorf("got %s, raw %q", card, r.Raw())
	}
}

func TestHeadersThatCannotBeRead(t *testing.T) {
	rows := readAll(t, "金额（元）,金额 (元),,\n", Dialect{})
	var problems Problems
	s := NewSheet("f.csv", rows[0], &problems)
	s.Require("金额(元)", "日期", "时间")
	list := problems.Err().(ErrorList)
	if len(list) != 2 ||
		!strings.Contains(list[0].Error(), "stands twice, in columns 1 and 2") ||
		!strings.Contains(list[1].Error(), "expected 日期, 时间; found 金额（元）, 金额 (元)") {
		t.Errorf("got %v", list)
	}
}

func TestCellsThatCannotBeRead(t *testing.T) {
	for _, c := range []struct {
		cell string
		read func(*Record)
		want string
	}{
		{"12,3x", func(r *Record) { r.Amount("c", "CNY") }, `f:2: c "12,3x": this is not an amount that daybook accepts`},
		{"1.005", func(r *Record) { r.Amount("c", "CNY") }, `more decimals than CNY counts`},
		{"", func(r *Record) { r.Amount("c", "CNY") }, `f:2: c: the cell is empty`},
		{"1.5", func(r *Record) { r.Int("c") }, `not a whole number`},
		{"99999999999999999999", func(r *Record) { r.Int("c") }, `not a whole number`},
		{"2026-02-30", func(r *Record) { r.Day("c") }, `not a day`},
		{"0001-01-01 00:00:00", func(r *Record) { r.Time("c", time.DateTime, time.UTC) }, `not a time`},
		{"12345", func(r *Record) { r.ID("c", 4) }, `at most 4`},
		{"商", func(r *Record) { r.ID("c", 4) }, `at most 4`},
		{"6.00509E+11", func(r *Record) { r.ID("c", 12) }, `a spreadsheet has rounded`},
		{"6222*3321", func(r *Record) { r.Card("c") }, `f:2: c "****3321": this is not a card number`},
	} {
		var problems Problems
		s := NewSheet("f", Row{Line: 1, Cells: []string{"c", "d"}}, &problems)
		r := s.Record(Row{Line: 2, Cells: []string{c.cell, "d"}})
		c.read(r)
		if err := problems.Err(); err == nil || !strings.Contains(err.Error(), c.want) || r.Sound() {
			t.Errorf("%q: got %v, want %q", c.cell, err, c.want)
		}
	}
	var problems Problems
	r := NewSheet("f", Row{Cells: []string{"c"}}, &problems).Record(Row{Cells: []string{"1.005"}})
	if got := r.AmountHalfUp("c", "CNY"); got != 101 || problems.Err() != nil {
		t.Errorf("1.005 rounds to %d, %v", got, problems.Err())
	}
}

func TestProblemsCountWhatTheyDoNotList(t *testing.T) {
	var problems Problems
	if problems.Err() != nil {
		t.Error("an error of nothing")
	}
	for i := range 250 {
		problems.Add(&Error{File: "f", Row: i + 1, Value: "卡6200000000000005" + strings.Repeat("x", 1<<16), Text: ledger.Say("wrong")})
	}
	list := problems.Err().(ErrorList)
	if len(list) != 100 || list.Count() != 250 || list[99].More != 150 || list[98].More != 0 {
		t.Errorf("%d listed, %d counted, %d more", len(list), list.Count(), list[99].More)
	}
	if !strings.HasSuffix(list.Error(), ": wrong (and 249 more)") || len(list.Error()) > 1000 || strings.Contains(list.Error(), "6200000000000005") {
		t.Errorf("got %q", list.Error())
	}
}
