package antom

import (
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// lone is a summary that came without its items.
type lone struct {
	bill
	batch string
}

// parseSummary reads a summary that is a file of its own. Its rows are kept and move no
// money; what it states of its settlement must be what the items come to, in another file.
func parseSummary(file, text string) (*reconcile.Statement, error) {
	l := &lone{bill: bill{file: file, statement: &reconcile.Statement{Format: "antom-settlement", Kind: reconcile.BillSummary}}}
	sheet := l.read(file, text, append([]string{settledAt}, summaryHeadings...), true, l.readRow)
	s := l.statement
	s.Truncated, s.Dropped = sheet.Truncated, sheet.Dropped
	if len(s.Lines) > 0 && len(s.Sums) == 0 {
		l.problems.Add(&files.Error{File: file, Column: summaryType,
			Text: ledger.Say("the summary has no row %s", total), Hint: ledger.Say("download it again")})
	}
	settlement.Check(file, s, &l.problems)
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	return s, nil
}

func (l *lone) readRow(r *files.Record) {
	s := l.statement
	at := r.Time(settledAt, time.RFC3339, time.UTC)
	line := reconcile.Line{Row: r.Line, Kind: reconcile.InfoLine, Day: ledger.DayOf(at), At: at, Currency: readCurrency(r, netCurrency),
		ProviderNo: r.ID(batch, 64), RawKind: r.Text(summaryType)}
	stated := sum{count: r.Int(count), net: readSum(r, net), fee: readSum(r, fee)}
	account := r.Text(customer)
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	switch {
	case len(s.Lines) == 0:
		l.batch, s.Account, s.From, s.To = line.ProviderNo, account, line.Day, line.Day
	case line.ProviderNo != l.batch || account != s.Account || line.Day != s.From:
		r.Wrong(batch, ledger.Say("the summary speaks of several settlements"), ledger.Say("import a file for each, or each in one zip with its items"))
		return
	}
	s.Lines = append(s.Lines, line)
	settles(s, line.ProviderNo, line.Currency)
	if line.RawKind == total {
		s.Sums = append(s.Sums, reconcile.KindTotal{Total: reconcile.Total{Currency: line.Currency, Lines: int(stated.count), Gross: ledger.AddMinor(stated.net, -stated.fee), Fee: -stated.fee, Net: stated.net}})
	}
}
