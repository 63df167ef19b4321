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
	cleared ledger.BusinessDay
	rows    []total
}

// total is one row of its tables: credit less debit in fen.
type total struct {
	line                   int
	name                   string
	kinds                  []string // of 交易类型 that it counts; nil for all
	count, gross, fee, net int64
}

// tables are the rows whose meaning is certain.
var tables = map[string][]string{"消费": {"01"}, "退货": {"04"}, "总计": nil}

var clearingDate = regexp.MustCompile(`清算日期[:：]\s*([0-9]{8})`)
var clearingMoney = regexp.MustCompile(`清算币种[:：]\s*(\S+)`)

func (b *bill) readSummary(file, text string) *summary {
	s := &summary{}
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
		if found := clearingMoney.FindStringSubmatch(line); found != nil && found[1] != "人民币" {
			wrong(number, found[1], ledger.Say("daybook reads UnionPay's bills in 人民币 only"))
		}
		words := strings.Fields(line)
		if len(words) == 0 {
			continue
		}
		if kinds, known := tables[words[0]]; known {
			row, ok := readTotal(words[1:])
			if !ok {
				wrong(number, line, ledger.Say("this total cannot be read"))
				continue
			}
			row.line, row.name, row.kinds = number, words[0], kinds
			s.rows = append(s.rows, row)
		}
	}
	if s.cleared.IsZero() {
		wrong(0, "", ledger.Say("the summary has no clearing date (清算日期)"))
	}
	return s
}

// readTotal reads a count and six amounts: debit and credit of amount, fee and net.
func readTotal(words []string) (total, bool) {
	if len(words) != 7 {
		return total{}, false
	}
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
	return total{count: count, gross: fen[1] - fen[0], fee: fen[3] - fen[2], net: fen[5] - fen[4]}, true
}

// control compares the summary's tables with the transactions. Disputes are in neither.
func (b *bill) control(s *summary) {
	for _, row := range s.rows {
		var count, gross, fees, nets int64
		for i, line := range b.statement.Lines {
			if b.kinds[i] == "" && line.Kind == reconcile.OtherLine || row.kinds != nil && !slices.Contains(row.kinds, b.kinds[i]) {
				continue
			}
			count++
			gross, fees, nets = settlement.Add(gross, line.Gross), settlement.Add(fees, -line.Fee), settlement.Add(nets, line.Net)
		}
		for _, c := range []struct {
			name             string
			currency         ledger.Currency
			stated, computed int64
		}{
			{"交易笔数", "", row.count, count}, {amount, currency, row.gross, gross},
			{"费用", currency, row.fee, fees}, {"资金清算差额", currency, row.net, nets},
		} {
			b.statement.Controls = append(b.statement.Controls, reconcile.Control{
				Name: row.name + " " + c.name, Row: row.line, Currency: c.currency, Stated: c.stated, Computed: c.computed})
		}
	}
}
