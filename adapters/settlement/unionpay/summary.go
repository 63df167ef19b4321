package unionpay

import (
	"regexp"
	"slices"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// summary is the printed file RD2010 as far as it is read.
type summary struct {
	cleared  ledger.BusinessDay
	merchant string
	rows     []total
}

// total is one row of its tables: credit less debit in fen.
type total struct {
	line, table            int
	name                   string
	count, gross, fee, net int64
}

// certainly are the rows whose meaning is certain, with the 交易类型 that they count; nil for
// all.
var certainly = map[string][]string{"消费": {"01"}, "退货": {"04"}, all: nil}

// all is the row below each table.
const all = "总计"

var clearingDate = regexp.MustCompile(`清算日期[:：]\s*([0-9]{8})`)
var clearedFor = regexp.MustCompile(`商户代码[:：]\s*([0-9A-Za-z]{15})`)
var clearingMoney = regexp.MustCompile(`清算币种[:：]\s*(\S+)`)

// readSummary reads the two tables, by 交易类型 and by 卡性质. Each begins with its headings
// and ends with its row 总计. (RD2010, settlement formats 3.4: columns divided by runs of blanks.)
func (b *bill) readSummary(file, text string) *summary {
	s := &summary{}
	table, open := 0, false
	wrong := func(line int, value string, text ledger.Text) {
		b.problems.Add(&files.Error{File: file, Row: line, Value: value, Text: text,
			Hint: ledger.Say("import the zip as it was downloaded")})
	}
	for number, line := range files.Lines(text) {
		if found := clearingDate.FindStringSubmatch(line); found != nil {
			if day, err := time.Parse("20060102", found[1]); err == nil && day.Year() >= 1900 {
				s.cleared = ledger.DayOf(day)
			}
		}
		if found := clearedFor.FindStringSubmatch(line); found != nil {
			s.merchant = found[1]
		}
		if found := clearingMoney.FindStringSubmatch(line); found != nil && found[1] != "人民币" {
			wrong(number, found[1], ledger.Say("daybook reads UnionPay's bills in 人民币 only"))
		}
		words := strings.Fields(line)
		switch {
		case slices.Contains(words, "交易笔数"):
			if open {
				wrong(number, line, ledger.Say("the table before this one has no row %s", all))
			}
			table, open = table+1, true
			continue
		case !open || len(words) == 0 || strings.Trim(line, "_ \t") == "" || strings.Trim(line, "借贷 \t\u3000") == "":
			continue
		}
		row, ok := readTotal(words)
		if !ok {
			wrong(number, line, ledger.Say("this total cannot be read"))
			continue
		}
		row.line, row.table = number, table
		s.rows = append(s.rows, row)
		open = row.name != all
	}
	if open || table == 0 {
		wrong(0, "", ledger.Say("the summary is cut short: its last table has no row %s", all))
	}
	if s.cleared.IsZero() {
		wrong(0, "", ledger.Say("the summary has no clearing date (清算日期)"))
	}
	return s
}

// readTotal reads a name, a count and six amounts: debit and credit of amount, fee and net.
func readTotal(words []string) (total, bool) {
	if len(words) < 8 {
		return total{}, false
	}
	name, words := strings.Join(words[:len(words)-7], " "), words[len(words)-7:]
	count, ok := files.Whole(words[0])
	if !ok {
		return total{}, false
	}
	var fen [6]int64
	for i, word := range words[1:] {
		var err error
		if fen[i], err = ledger.ParseAmount(word, currency); err != nil {
			return total{}, false
		}
	}
	return total{name: files.Truncate(name), count: count, gross: fen[1] - fen[0], fee: fen[3] - fen[2], net: fen[5] - fen[4]}, true
}

// control compares the rows of the summary whose meaning is certain with the transactions.
// Disputes are in neither.
func (b *bill) control(s *summary) {
	for _, row := range s.rows {
		kinds, known := certainly[row.name]
		if !known {
			continue
		}
		computed := total{}
		for i, line := range b.statement.Lines {
			if !line.Dispute && (kinds == nil || slices.Contains(kinds, b.kinds[i])) {
				computed.add(total{count: 1, gross: line.Gross, fee: -line.Fee, net: line.Net})
			}
		}
		b.tie(row, row.name, computed)
	}
}

// tieTables compares each table with its own total, and the totals with each other.
func (b *bill) tieTables(s *summary) {
	sums, first := total{}, total{}
	for _, row := range s.rows {
		if row.name != all {
			sums.add(row)
			continue
		}
		b.tie(row, "Σ = "+all, sums)
		sums = total{}
		if row.table == 1 {
			first = row
		} else {
			b.tie(row, all+" = "+all, first)
		}
	}
}

// whole is the total of the first table: of everything.
func (s *summary) whole() total {
	for _, row := range s.rows {
		if row.name == all {
			return row
		}
	}
	return total{} // and was reported
}

func (t total) nothing() bool { return t.count == 0 && t.gross == 0 && t.fee == 0 && t.net == 0 }

func (t *total) add(other total) {
	t.count += other.count
	t.gross, t.fee, t.net = settlement.Add(t.gross, other.gross), settlement.Add(t.fee, other.fee), settlement.Add(t.net, other.net)
}

// tie makes Controls of a row's figures.
func (b *bill) tie(row total, name string, computed total) {
	for _, c := range []struct {
		name             string
		currency         ledger.Currency
		stated, computed int64
	}{
		{"交易笔数", "", row.count, computed.count}, {amount, currency, row.gross, computed.gross},
		{"费用", currency, row.fee, computed.fee}, {"资金清算差额", currency, row.net, computed.net},
	} {
		b.statement.Controls = append(b.statement.Controls, reconcile.Control{
			Name: name + " " + c.name, Row: row.line, Currency: c.currency, Stated: c.stated, Computed: c.computed})
	}
}
