package alipay

import (
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"
)

// maxCommas bounds the search for the commas of one row.
const maxCommas = 50

// rejoin puts a text together again that was cut at its own, unquoted commas. Only
// 商品名称 and 备注 are free text, so the surplus cells belong to one or both; every way to
// deal them out but the true one moves a time or an amount into another column. When
// that leaves more than one way, or none, the row is a problem.
func rejoin(sheet *files.Sheet, file string, row files.Row, problems *files.Problems) (files.Row, bool) {
	surplus := len(row.Cells) - len(sheet.Headings)
	if surplus <= 0 || surplus > maxCommas {
		return row, true // Record refuses too few and too many
	}
	first, second := position(sheet, goods), position(sheet, remark)
	if first < 0 || second < 0 {
		return row, true
	}
	if first > second {
		first, second = second, first
	}
	var fitting []files.Row
	for n := 0; n <= surplus; n++ {
		dealt := row.Join(first, first+n).Join(second, second+surplus-n)
		if plausible(sheet, dealt) {
			fitting = append(fitting, dealt)
		}
	}
	if len(fitting) == 1 {
		return fitting[0], true
	}
	if e := culprit(sheet, file, row, surplus); e != nil {
		problems.Add(e.Apart())
		return row, false
	}
	e := &files.Error{File: file, Row: row.Line,
		Text: ledger.Say("the row has %d cells, but the header has %d, and the commas inside 商品名称 or 备注 cannot be told from those between cells", len(row.Cells), len(sheet.Headings)),
		Hint: ledger.Say("compare the row with the original file and take the commas out of the two texts")}
	problems.Add(e.Apart())
	return row, false
}

// culprit names the amount that holds the surplus commas, as 12,3x does: the
// first column with which, put together again, all the others are plausible.
func culprit(sheet *files.Sheet, file string, row files.Row, surplus int) *files.Error {
	for i, heading := range sheet.Headings {
		joined := row.Join(i, i+surplus)
		value := joined.Cells[i]
		joined.Cells[i] = ""
		if isAmount(files.Fold(heading)) && plausible(sheet, joined) {
			return &files.Error{File: file, Row: row.Line, Column: heading, Value: value,
				Text: ledger.Say("this is not an amount that daybook accepts"),
				Hint: ledger.Say("the file may have been saved by a spreadsheet; ask for the original")}
		}
	}
	return nil
}

func position(sheet *files.Sheet, heading string) int {
	for i, cell := range sheet.Headings {
		if files.Fold(cell) == heading {
			return i
		}
	}
	return -1
}

// plausible reports whether times and amounts stand where the header says.
func plausible(sheet *files.Sheet, row files.Row) bool {
	for i, heading := range sheet.Headings {
		cell := strings.TrimSpace(row.Cells[i])
		switch heading = files.Fold(heading); {
		case heading == created || heading == done || heading == booked:
			if _, err := time.Parse(timeLayout, cell); err != nil {
				return false
			}
		case isAmount(heading) && cell != "":
			if _, err := ledger.ParseAmount(cell, currency); err != nil {
				return false
			}
		}
	}
	return true
}

// isAmount reports whether a folded heading is that of a column of yuan. The account's may
// stand without their parentheses.
func isAmount(heading string) bool {
	return strings.HasSuffix(heading, "元)") || heading == "收入金额" || heading == "支出金额" || heading == "账户余额"
}
