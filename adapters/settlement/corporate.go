package settlement

import (
	"errors"
	"io"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"
	"daybook/reconcile"
)

// Corporate describes the table that a Chinese bank's corporate online banking exports:
// one row per movement, perhaps below rows of title, columns told by heading. 借方 and 贷方
// are the bank's view: 贷方 is money in. A Corporate is a Format.
type Corporate struct {
	FormatName string
	// Headings are the columns a file must have. Two thirds of them make a header.
	Headings []string
	// Known are further columns to know a header by; a file may lack them.
	Known []string

	Account, Currency, Out, In, Balance            string
	Counterparty, CounterpartyAccount, OtherNumber string
	ProviderNo, RawKind                            string
	Memo                                           []string

	// Signed is the one column of movements that some banks write in place of Out and In:
	// money in is positive.
	Signed string
	// Payer and Payee are the two sides of a movement where a bank names both. The one that
	// is not the account of the file is the counterparty.
	Payer, PayerAccount, Payee, PayeeAccount string
	// AccountTitle, OutTitle and InTitle stand in the first cell of rows above the header;
	// the second cell is the account, and what went out and came in on it in all.
	AccountTitle, OutTitle, InTitle string

	// Days reads when a row was booked, at what time, and from which day it counts.
	Days func(r *files.Record) (booked, day ledger.BusinessDay, at time.Time)
}

// Beijing is the zone of every time that a Chinese bank writes. China has had one zone
// without summer time since 1991, so a fixed offset needs no time zone data.
var Beijing = time.FixedZone("CST", 8*60*60)

// maxTitle is how many rows may stand above the header.
const maxTitle = 20

var quoted = files.Dialect{Quoted: true}

// Name is what the configuration calls the format.
func (c *Corporate) Name() string { return c.FormatName }

// ReadsWorkbooks is true: banks offer the table as XLSX too.
func (c *Corporate) ReadsWorkbooks() bool { return true }

// Sniff knows the header, below at most twenty rows of title.
func (c *Corporate) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	reader := files.NewReader(doc.Name, doc.Parts[0].Text, quoted)
	for range maxTitle + 1 {
		row, err := reader.Read()
		if err == io.EOF {
			return false
		}
		if err == nil && c.isHeader(row) {
			return true
		}
	}
	return false
}

func (c *Corporate) isHeader(row files.Row) bool {
	return Resembles(row, append(append([]string(nil), c.Headings...), c.Known...)...)
}

// Parse reads the rows below the header and checks their running balances.
func (c *Corporate) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	e := &export{
		Corporate: c, file: doc.FileOf(part),
		statement: &reconcile.Statement{Format: c.FormatName, Kind: reconcile.BankStatement},
		accounts:  map[account]*history{},
	}
	e.read(part.Text)
	e.checkBalances()
	e.checkTotals()
	if len(e.names) == 1 {
		e.statement.Account = e.names[0]
	}
	Check(e.file, e.statement, &e.problems)
	if err := e.problems.Err(); err != nil {
		return nil, err
	}
	return e.statement, nil
}

// export is one document being read.
type export struct {
	*Corporate
	file      string
	problems  files.Problems
	sheet     *files.Sheet
	statement *reconcile.Statement
	names     []string // accounts; two at most are kept
	order     []account
	accounts  map[account]*history
	titles    []files.Row // those above the header
}

// account is what has a balance of its own.
type account struct {
	name     string
	currency ledger.Currency
}

// history is the rows of one account, by index into the statement's lines, with the
// balance after each.
type history struct {
	lines    []int
	balances []int64
}

func (e *export) read(text string) {
	reader := files.NewReader(e.file, text, quoted)
	readable := false
	for {
		row, err := reader.Read()
		var wrong *files.Error
		switch {
		case err == io.EOF:
			return
		case errors.As(err, &wrong):
			if e.sheet != nil { // a title is no business of ours
				e.problems.Add(wrong)
			}
		case e.sheet == nil:
			if !e.isHeader(row) {
				e.titles = append(e.titles, row)
			} else {
				e.sheet = files.NewSheet(e.file, row, &e.problems)
				e.statement.Truncated, e.statement.Dropped = e.sheet.Truncated, e.sheet.Dropped
				readable = e.sheet.Require(e.Headings...)
			}
		case readable:
			e.readRow(row)
		}
	}
}

func (e *export) readRow(row files.Row) {
	r := e.sheet.Record(row)
	if !r.Sound() {
		return
	}
	r.KeepLastFour(e.CounterpartyAccount)
	r.KeepLastFour(e.OtherNumber)
	booked, day, at := e.Days(r)
	currency := e.readCurrency(r)
	if !r.Sound() {
		return
	}
	net := e.readMovement(r, currency)
	own, counterparty := e.readSides(r, net)
	line := reconcile.Line{
		Row: row.Line, Kind: reconcile.OtherLine, Day: day, At: at, Currency: currency,
		Net:          net,
		Counterparty: counterparty,
		ProviderNo:   r.ID(e.ProviderNo, 64),
		Memo:         files.Truncate(e.memo(r)),
		RawKind:      r.Text(e.RawKind),
	}
	if line.Net > 0 {
		line.Kind = reconcile.PayoutLine
	}
	after := r.Amount(e.Balance, currency)
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	s := e.statement
	if len(s.Lines) == 0 || booked.Compare(s.From) < 0 {
		s.From = booked
	}
	if len(s.Lines) == 0 || booked.Compare(s.To) > 0 {
		s.To = booked
	}
	e.enter(account{own, currency}, len(s.Lines), after)
	s.Lines = append(s.Lines, line)
}

// enter adds a line to its account's history.
func (e *export) enter(a account, line int, after int64) {
	h := e.accounts[a]
	if h == nil {
		h = &history{}
		e.accounts[a] = h
		e.order = append(e.order, a)
		if a.name != "" && len(e.names) < 2 && !(len(e.names) == 1 && e.names[0] == a.name) {
			e.names = append(e.names, a.name)
		}
	}
	h.lines, h.balances = append(h.lines, line), append(h.balances, after)
}

// currencies are the words of the column 币种, beside the codes of ISO 4217.
var currencies = map[string]ledger.Currency{
	"人民币": "CNY", "人民币元": "CNY", "RMB": "CNY", "美元": "USD", "港币": "HKD", "港元": "HKD", "港币元": "HKD",
	"欧元": "EUR", "日元": "JPY", "英镑": "GBP", "澳门元": "MOP", "新加坡元": "SGD", "澳大利亚元": "AUD", "澳元": "AUD",
	"加拿大元": "CAD", "加元": "CAD", "瑞士法郎": "CHF",
}

// readCurrency reads 币种; a file or row without it is in yuan.
func (e *export) readCurrency(r *files.Record) ledger.Currency {
	word := r.Text(e.Currency)
	if word == "" {
		return "CNY"
	}
	if currency, known := currencies[word]; known {
		return currency
	}
	currency, err := ledger.ParseCurrency(word)
	if err != nil {
		r.Wrong(e.Currency, ledger.Say("this is no currency that daybook can count in"),
			ledger.Say("compare the row with the original file"))
	}
	return currency
}

// readMovement is in less out. A correction is a negative amount in the column it corrects.
func (e *export) readMovement(r *files.Record, currency ledger.Currency) int64 {
	if e.Signed != "" {
		return r.Amount(e.Signed, currency)
	}
	var came, went int64
	if r.Has(e.In) {
		came = r.Amount(e.In, currency)
	}
	if r.Has(e.Out) {
		went = r.Amount(e.Out, currency)
	}
	switch {
	case !r.Has(e.In) && !r.Has(e.Out):
		r.Reject(ledger.Say("the row has neither %s nor %s", e.Out, e.In), ledger.Say("compare the row with the original file"))
	case came != 0 && went != 0:
		r.Reject(ledger.Say("the row has both %s and %s", e.Out, e.In), ledger.Say("compare the row with the original file"))
	}
	return came - went
}

// readSides tells the account of the file from the counterparty. Where the row names both
// sides, the account in the title decides, and without it the sign: the payer of money
// that came in is the counterparty.
func (e *export) readSides(r *files.Record, net int64) (own, counterparty string) {
	if e.Payer == "" {
		return r.Text(e.Account), r.Text(e.Counterparty)
	}
	titled := ""
	if row, ok := e.title(e.AccountTitle); ok {
		titled = files.Truncate(clean(row.Cells[1]))
	}
	payer, payee := r.Text(e.PayerAccount), r.Text(e.PayeeAccount)
	received := net > 0
	if titled != "" && payer != payee && (payer == titled || payee == titled) {
		received = payee == titled
	}
	own, counterparty, account := payer, r.Text(e.Payee), e.PayeeAccount
	if received {
		own, counterparty, account = payee, r.Text(e.Payer), e.PayerAccount
	}
	if titled != "" {
		own = titled
	}
	r.KeepLastFour(account)
	return own, counterparty
}

// clean takes the blanks off a cell of the title.
func clean(cell string) string { return strings.Trim(cell, " \t\f\u00a0\u3000\ufeff\x1a") }

// title finds the row above the header that begins with a heading and has a value.
func (e *export) title(heading string) (files.Row, bool) {
	for _, row := range e.titles {
		if heading != "" && len(row.Cells) > 1 && files.Fold(row.Cells[0]) == files.Fold(heading) && clean(row.Cells[1]) != "" {
			return row, true
		}
	}
	return files.Row{}, false
}

// checkTotals makes a Control of each total above the header. Corrections count on the
// side whose sign they have.
func (e *export) checkTotals() {
	if len(e.order) > 1 {
		return // the totals are of one account in one currency
	}
	currency := ledger.Currency("CNY")
	came, went := int64(0), int64(0)
	for _, line := range e.statement.Lines {
		currency = line.Currency
		if line.Net > 0 {
			came = Add(came, line.Net)
		} else {
			went = Add(went, -line.Net)
		}
	}
	for _, total := range []struct {
		heading  string
		computed int64
	}{{e.OutTitle, went}, {e.InTitle, came}} {
		row, ok := e.title(total.heading)
		if !ok {
			continue
		}
		stated, err := ledger.ParseAmount(clean(row.Cells[1]), currency)
		if err != nil {
			e.problems.Add(&files.Error{File: e.file, Row: row.Line, Column: total.heading, Value: files.Truncate(clean(row.Cells[1])),
				Text: ledger.Say("this is not an amount that daybook accepts"),
				Hint: ledger.Say("the file may have been saved by a spreadsheet; ask for the original")})
			continue
		}
		e.statement.Controls = append(e.statement.Controls, reconcile.Control{
			Name: total.heading, Row: row.Line, Currency: currency, Stated: stated, Computed: total.computed})
	}
}

// memo joins what is written about a movement.
func (e *export) memo(r *files.Record) string {
	var words []string
	for _, heading := range e.Memo {
		if r.Has(heading) {
			words = append(words, r.Text(heading))
		}
	}
	return strings.Join(words, " ")
}

// checkBalances makes a Control of every balance but each account's earliest: the balance
// before, plus in, less out.
func (e *export) checkBalances() {
	for _, a := range e.order {
		h := e.accounts[a]
		RunningBalance(e.statement, e.Balance, h.lines, h.balances)
		if opening, closing, known := Ends(e.statement, h.lines, h.balances); known {
			e.statement.AddBalance(reconcile.Balance{Account: a.name, Currency: a.currency, Opening: opening, Closing: closing})
		}
	}
}
