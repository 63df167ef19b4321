package wechatpay

import (
	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// list is a bill or an account being read: header, rows, and header and row of the summary.
type list struct {
	file       string
	problems   files.Problems
	sheet      *files.Sheet
	statement  *reconcile.Statement
	unreadable bool // a column is missing: rows would only repeat that
}

// parts are what tells a bill from an account.
type parts struct {
	required func(sheet *files.Sheet) []string // columns it cannot do without
	row      func(row files.Row)
	first    string                       // heading of the summary
	passes   func(foot *files.Sheet) bool // whether the summary can be read, which reports why not
	summary  func(foot *files.Sheet, row files.Row)
	cut      ledger.Text // what there is to say when there is no summary
}

func (l *list) read(text string, p parts) {
	var foot *files.Sheet
	closed, useless := false, false
	settlement.Framed{
		File: l.file, Problems: &l.problems,
		Behind: ledger.Say("a row stands behind the summary"),
		Ended:  func() bool { return closed },
		Frame: func(row files.Row) bool {
			switch {
			case l.sheet == nil:
				return false
			case foot == nil && files.Fold(row.Cells[0]) == p.first:
				foot = files.NewSheet(l.file, row, &l.problems)
				useless = !p.passes(foot)
				closed = useless
			case foot == nil || closed && !useless:
				return false
			case !closed:
				closed = true
				p.summary(foot, row)
			}
			return true
		},
		Header: func(row files.Row) {
			l.sheet = files.NewSheet(l.file, row, &l.problems)
			l.unreadable = !l.sheet.Require(p.required(l.sheet)...)
			l.statement.Truncated, l.statement.Dropped = l.sheet.Truncated, l.sheet.Dropped
		},
		Row: func(row files.Row) {
			if !l.unreadable {
				p.row(row)
			}
		},
	}.Read(text)
	if !closed {
		l.problems.Add(&files.Error{File: l.file, Text: p.cut, Hint: ledger.Say("download it again")})
	}
}
