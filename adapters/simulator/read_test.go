package simulator_test

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"daybook/adapters/simulator"
	"daybook/ledger"
)

// What follows reads the files in the plainest way that works for them, so that the
// tests depend on no format of ours.

// texts are a day's files decoded, by name; a zip's entries by theirs.
func texts(t *testing.T, files []simulator.File) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, file := range files {
		switch {
		case strings.HasSuffix(file.Name, ".zip"):
			archive, err := zip.NewReader(bytes.NewReader(file.Data), int64(len(file.Data)))
			if err != nil {
				t.Fatal(err)
			}
			for _, entry := range archive.File {
				if plain := strings.IndexFunc(entry.Name, func(r rune) bool { return r > '~' }) < 0; !plain && !entry.NonUTF8 {
					t.Errorf("entry %q claims to have a UTF-8 name", entry.Name)
				}
				r, err := entry.Open()
				if err != nil {
					t.Fatal(err)
				}
				data, err := io.ReadAll(r)
				if err != nil {
					t.Fatal(err)
				}
				found[gbk(t, []byte(entry.Name))] = gbk(t, data)
			}
		case strings.HasPrefix(file.Name, "icbc"):
			found[file.Name] = gbk(t, file.Data)
		default:
			found[file.Name] = string(file.Data)
		}
	}
	return found
}

func gbk(t *testing.T, data []byte) string {
	t.Helper()
	text, err := simplifiedchinese.GBK.NewDecoder().Bytes(data)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// find is the text whose name contains a word.
func find(t *testing.T, of map[string]string, word string) string {
	t.Helper()
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if strings.Contains(name, word) {
			return of[name]
		}
	}
	t.Fatalf("no file named like %s among %v", word, slices.Sorted(maps.Keys(of)))
	return ""
}

// row is a record by heading.
type row map[string]string

// table cuts a comma-separated text without quotes. Lines before the one that begins
// with first are skipped, and lines from the one that begins with end on.
func table(text, first, end string) []row {
	var header []string
	var rows []row
	for line := range strings.Lines(strings.TrimPrefix(text, "\ufeff")) {
		line = strings.TrimRight(line, "\r\n")
		if header == nil {
			if strings.HasPrefix(line, first) {
				header = strings.Split(line, ",")
			}
			continue
		}
		if end != "" && strings.HasPrefix(line, end) {
			break
		}
		r := row{}
		for i, value := range strings.Split(line, ",") {
			r[header[i]] = strings.TrimPrefix(strings.TrimSpace(value), "`")
		}
		rows = append(rows, r)
	}
	return rows
}

// fen reads yuan with two decimals or more.
func fen(t *testing.T, text string) int64 {
	t.Helper()
	whole, decimals, _ := strings.Cut(text, ".")
	if len(decimals) < 2 || strings.Trim(decimals[2:], "0") != "" {
		t.Fatalf("%q is no amount in yuan", text)
	}
	n, err := strconv.ParseInt(whole+decimals[:2], 10, 64)
	if err != nil {
		t.Fatal(err)
	}
	return n
}

func allinpayRows(t *testing.T, of map[string]string) []row {
	return table(find(t, of, "allinpay"), "商户号", "")
}

func alipayRows(t *testing.T, of map[string]string) []row {
	return table(find(t, of, "业务明细.csv"), "支付宝交易号", "#")
}

func wechatRows(t *testing.T, of map[string]string) []row {
	return table(find(t, of, "All"), "交易时间", "总交易单数")
}

// unionpayRow is a row of ZM: what moves, to the merchant positive.
type unionpayRow struct{ gross, fee, net int64 }

// unionpayRows cuts a ZM by its offsets; there is none where the bill is late.
func unionpayRows(t *testing.T, of map[string]string) (rows []unionpayRow) {
	t.Helper()
	minor := func(digits string) int64 {
		n, err := strconv.ParseInt(digits, 10, 64)
		if err != nil {
			t.Fatal(err)
		}
		return n
	}
	towards := func(cell string) int64 { return map[byte]int64{'C': 1, 'D': -1, ' ': 0}[cell[0]] * minor(cell[1:]) }
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if !strings.Contains(name, "ZM_") {
			continue
		}
		for line := range strings.Lines(of[name]) {
			r := unionpayRow{minor(line[66:78]), towards(line[166:179]), towards(line[180:193])}
			if line[:3] == "S30" {
				r.gross = -r.gross
			}
			rows = append(rows, r)
		}
	}
	return rows
}

func bankRows(t *testing.T, of map[string]string) []row {
	return table(find(t, of, "icbc"), "凭证号", "")
}

// action is what the tests look at in a line of a till report.
type action struct {
	Kind, Terminal, Store, At, Mode, Original, Outcome, Batch, Total, Currency string
	Seq                                                                        uint64
	Lines                                                                      []struct{ Net, Tax string }
	Tenders                                                                    []tender
	Tender                                                                     *tender
	Sales, Refunds, Voids                                                      struct {
		Count  int
		Amount string
	}
}

type tender struct {
	Payment, Channel, Amount, Outcome, Batch, Stan, Rrn, Tid string
	OrderNo                                                  string `json:"order_no"`
}

func actions(t *testing.T, of map[string]string) []action {
	t.Helper()
	var all []action
	for _, name := range slices.Sorted(maps.Keys(of)) {
		if !strings.HasPrefix(name, "till_") {
			continue
		}
		for line := range strings.Lines(of[name]) {
			var a action
			if err := json.Unmarshal([]byte(line), &a); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			if a.Tender != nil {
				a.Tenders = []tender{*a.Tender}
			}
			all = append(all, a)
		}
	}
	return all
}

var monday = ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}

func generate(t *testing.T, seed uint64, payments, breaks int) *simulator.Day {
	t.Helper()
	day, err := simulator.Generate(simulator.Options{
		Seed: seed, Day: monday, Stores: 3, TerminalsPerStore: 3, Payments: payments, Breaks: breaks,
	})
	if err != nil {
		t.Fatal(err)
	}
	return day
}
