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

	Account, Currency, Out, In, Balance            string
	Counterparty, CounterpartyAccount, OtherNumber string
	ProviderNo, RawKind                            string
	Memo                                           []string

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
		if err == nil && Resembles(row, c.Headings...) {
			return true
		}
	}
	return false
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
			if Resembles(row, e.Headings...) {
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
	line := reconcile.Line{
		Row: row.Line, Kind: reconcile.OtherLine, Day: day, At: at, Currency: currency,
		Net:          e.readMovement(r, currency),
		ProviderNo:   r.ID(e.ProviderNo, 64),
		Counterparty: r.Text(e.Counterparty),
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
	e.enter(account{r.Text(e.Account), currency}, len(s.Lines), after)
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
	lines := e.statement.Lines
	for _, a := range e.order {
		h := e.accounts[a]
		step := 1
		if e.newestFirst(h) {
			step = -1
		}
		for i, at := range h.lines {
			before := i - step
			if before < 0 || before >= len(h.lines) {
				continue
			}
			e.statement.Controls = append(e.statement.Controls, reconcile.Control{
				Name: e.Balance, Row: lines[at].Row, Currency: a.currency,
				Stated: h.balances[i], Computed: Add(h.balances[before], lines[at].Net)})
		}
	}
}

// newestFirst tells the order of an account's rows by their times, and where those are
// all equal by the order in which more balances tie.
func (e *export) newestFirst(h *history) bool {
	lines := e.statement.Lines
	first, last := lines[h.lines[0]], lines[h.lines[len(h.lines)-1]]
	if order := first.At.Compare(last.At); order != 0 {
		return order > 0
	}
	down, up := 0, 0
	for i := 1; i < len(h.lines); i++ {
		if Add(h.balances[i-1], lines[h.lines[i]].Net) == h.balances[i] {
			down++
		}
		if Add(h.balances[i], lines[h.lines[i-1]].Net) == h.balances[i-1] {
			up++
		}
	}
	return up > down
}
