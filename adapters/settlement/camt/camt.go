package camt

import (
	"encoding/xml"
	"errors"
	"io"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// format is one of the two messages: its name, its element under Document, and the
// element in that which is about one account.
type format struct{ name, message, report string }

// NewStatement returns the format "camt053".
func NewStatement() settlement.Format { return format{"camt053", "BkToCstmrStmt", "Stmt"} }

// NewNotification returns the format "camt054".
func NewNotification() settlement.Format {
	return format{"camt054", "BkToCstmrDbtCdtNtfctn", "Ntfctn"}
}

func (f format) Name() string { return f.name }

// sniffed is how many elements may stand around the message: an envelope and its header.
const sniffed = 200

// Sniff knows the message's element.
func (f format) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 || !strings.HasPrefix(strings.TrimLeft(doc.Parts[0].Text, " \t\r\n"), "<") {
		return false
	}
	s := newSource(doc.Parts[0].Text)
	for range sniffed {
		token, err := s.decoder.RawToken() // Parse says what is wrong with a document
		if err != nil {
			return false
		}
		if start, isStart := token.(xml.StartElement); isStart && start.Name.Local == f.message {
			return true
		}
	}
	return false
}

func newSource(text string) *source {
	s := &source{decoder: xml.NewDecoder(strings.NewReader(text)), cut: map[string]int{}}
	// The text is decoded already; what the declaration says of its bytes no longer holds.
	s.decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	return s
}

func (f format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	return f.parse(doc, &files.Problems{})
}

// ParseApart reads the entries that can be read. What the others are worth is missing in
// the closing balance, and in the counts and sums of TxsSummry.
func (f format) ParseApart(doc *files.Document) (*reconcile.Statement, []files.Quarantined, error) {
	var problems files.Problems
	problems.SetAside()
	statement, err := f.parse(doc, &problems)
	return statement, problems.Aside(), err
}

func (f format) parse(doc *files.Document, problems *files.Problems) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	m := &message{
		format: f, file: doc.FileOf(part), source: newSource(part.Text), problems: problems,
		statement: &reconcile.Statement{Format: f.name, Kind: reconcile.BankStatement, Dropped: map[string]int{}},
	}
	m.statement.Truncated = m.source.cut
	if err := m.read(); err != nil {
		m.broken(err)
	} else if m.reports == 0 {
		m.wrong(0, f.report, "", ledger.Say("the file holds no statement"), download())
	}
	if len(m.accounts) == 1 {
		m.statement.Account = m.accounts[0]
	}
	settlement.Check(m.file, m.statement, m.problems)
	if err := m.problems.Err(); err != nil {
		return nil, err
	}
	return m.statement, nil
}

// message is one document being read.
type message struct {
	format    format
	file      string
	problems  *files.Problems
	source    *source
	statement *reconcile.Statement
	accounts  []string // two at most are kept
	reports   int
	entries   int      // read so far, good or bad
	entry     *element // being read; nil between them
	unsound   bool     // it cannot be read
}

func download() ledger.Text {
	return ledger.Say("download the file again; if it stays so, show the message to the bank")
}

func (m *message) wrong(row int, column, value string, text, hint ledger.Text) {
	e := &files.Error{File: m.file, Row: row, Column: column, Value: value, Text: text, Hint: hint}
	if m.entry != nil {
		m.unsound = true
		e = e.ApartAs(m.entry.raw())
	}
	m.problems.Add(e)
}

// broken says why the XML could not be read to its end.
func (m *message) broken(err error) {
	line, _ := m.source.decoder.InputPos()
	text := ledger.Say("the XML is damaged or cut off at line %d", line)
	switch {
	case errors.Is(err, errTooDeep):
		text = ledger.Say("elements are nested deeper than %d at line %d", maxDepth, line)
	case errors.Is(err, errTooLarge):
		text = ledger.Say("an element has more than %d others in it at line %d", maxElements, line)
	case errors.Is(err, errDoctype):
		text = ledger.Say("the XML declares a document type at line %d, which no bank statement needs and attacks use", line)
	}
	m.wrong(0, "", "", text, download())
}

// read walks down to the reports and reads each.
func (m *message) read() error {
	for {
		token, err := m.source.token()
		switch {
		case err == io.EOF:
			return nil
		case err != nil:
			return err
		}
		if start, isStart := token.(xml.StartElement); isStart && start.Name.Local == m.format.report {
			m.reports++
			if err := m.readReport(); err != nil {
				return err
			}
		}
	}
}

// readReport reads what is inside a Stmt or Ntfctn, one child at a time.
func (m *message) readReport() error {
	r := &report{message: m}
	for {
		token, err := m.source.token()
		if err != nil {
			return err
		}
		switch token := token.(type) {
		case xml.EndElement:
			r.finish()
			return nil
		case xml.StartElement:
			child, err := m.source.element(token)
			if err != nil {
				return err
			}
			r.take(child)
		}
	}
}

// report is one Stmt or Ntfctn.
type report struct {
	*message
	account  string
	opening  *balance
	previous *balance
	closing  *balance
	summary  *element
	dated    bool // FrToDt was read
	days     []ledger.BusinessDay

	booked        int64 // net of the booked entries
	counted       tally
	entryCurrency ledger.Currency
	mixed         bool // entries are of several currencies
}

type balance struct {
	ledger.Money
	day ledger.BusinessDay
}

func (r *report) take(e *element) {
	switch e.name {
	case "Acct":
		account := e.value("Id", "IBAN")
		if account == "" {
			account = e.value("Id", "Othr", "Id")
		}
		r.account = account
		if account != "" && len(r.accounts) < 2 && !(len(r.accounts) == 1 && r.accounts[0] == account) {
			r.accounts = append(r.accounts, account)
		}
	case "FrToDt":
		r.readPeriod(e)
	case "Bal":
		r.readBalance(e)
	case "TxsSummry":
		r.summary = e
	case "Ntry":
		r.entries++
		r.readEntry(e)
	}
}

func (r *report) readPeriod(e *element) {
	from, okFrom := r.instant(0, "FrToDt/FrDtTm", e.value("FrDtTm"))
	to, okTo := r.instant(0, "FrToDt/ToDtTm", e.value("ToDtTm"))
	if !okFrom || !okTo {
		return
	}
	last := ledger.DayOf(to)
	if to.After(from) && to.Hour() == 0 && to.Minute() == 0 && to.Second() == 0 && to.Nanosecond() == 0 && last != ledger.DayOf(from) {
		last = last.AddDays(-1)
	}
	r.dated = true
	r.cover(ledger.DayOf(from))
	r.cover(last)
}

// cover widens the period by a day.
func (m *message) cover(day ledger.BusinessDay) {
	s := m.statement
	if s.From.IsZero() || day.Compare(s.From) < 0 {
		s.From = day
	}
	if s.To.IsZero() || day.Compare(s.To) > 0 {
		s.To = day
	}
}

// readBalance keeps the balances a statement is checked by. A statement in pages has
// several; its opening is the first and its closing the last.
func (r *report) readBalance(e *element) {
	code := e.value("Tp", "CdOrPrtry", "Cd")
	if code != "OPBD" && code != "PRCD" && code != "CLBD" {
		return
	}
	minor, currency, ok := r.amount(0, "Bal/"+code, e)
	day, dated := r.date(0, "Bal/"+code+"/Dt", e.at("Dt"))
	if !ok || !dated {
		return
	}
	b := &balance{ledger.Minor(minor, currency), ledger.DayOf(day)}
	switch {
	case code == "CLBD":
		r.closing = b
	case code == "OPBD" && r.opening == nil:
		r.opening = b
	case code == "PRCD" && r.previous == nil:
		r.previous = b
	}
}

// amount reads Amt and CdtDbtInd: positive is to the credit of the account.
func (m *message) amount(row int, place string, e *element) (int64, ledger.Currency, bool) {
	amount := e.at("Amt")
	currency, err := ledger.ParseCurrency(amount.currency)
	if err != nil {
		m.wrong(row, place+"/Amt@Ccy", amount.currency, ledger.Say("this is no currency that daybook can count in"), download())
		return 0, "", false
	}
	minor, ok := m.number(row, place+"/Amt", amount.text, currency)
	switch e.value("CdtDbtInd") {
	case "CRDT":
		return minor, currency, ok
	case "DBIT":
		return -minor, currency, ok
	}
	m.wrong(row, place+"/CdtDbtInd", e.value("CdtDbtInd"), ledger.Say("this is neither CRDT nor DBIT"), download())
	return 0, "", false
}

// number reads an unsigned decimal, as the schema writes it.
func (m *message) number(row int, place, text string, currency ledger.Currency) (int64, bool) {
	plain := text != "" && strings.Trim(text, "0123456789.") == "" && strings.Count(text, ".") <= 1
	minor, err := ledger.ParseAmount(text, currency)
	switch {
	case plain && err == nil:
		return minor, true
	case plain:
		if _, err := ledger.ParseAmountHalfUp(text, currency); err == nil {
			m.wrong(row, place, text, ledger.Say("this has more decimals than %s counts", string(currency)), download())
			return 0, false
		}
	}
	m.wrong(row, place, text, ledger.Say("this is not an amount that daybook accepts"), download())
	return 0, false
}

// date reads Dt or DtTm.
func (m *message) date(row int, place string, e *element) (time.Time, bool) {
	if text := e.value("DtTm"); text != "" {
		return m.instant(row, place+"/DtTm", text)
	}
	text := e.value("Dt")
	if t, ok := parseTime(text, time.DateOnly, time.DateOnly+"Z07:00"); ok {
		return t, true
	}
	m.wrong(row, place+"/Dt", text, ledger.Say("this is not a day written like 2006-01-02"), download())
	return time.Time{}, false
}

// instant reads a date and time, with or without a zone.
func (m *message) instant(row int, place, text string) (time.Time, bool) {
	if t, ok := parseTime(text, time.RFC3339, "2006-01-02T15:04:05"); ok {
		return t, true
	}
	m.wrong(row, place, text, ledger.Say("this is not a time written like %s", time.RFC3339), download())
	return time.Time{}, false
}

func parseTime(text string, layouts ...string) (time.Time, bool) {
	for _, layout := range layouts {
		if t, err := time.Parse(layout, text); err == nil && t.Year() >= 1900 && t.Year() <= 2299 {
			if _, offset := t.Zone(); offset%60 == 0 && offset > -24*3600 && offset < 24*3600 {
				return t, true
			}
		}
	}
	return time.Time{}, false
}

// finish adds the period and the controls of a report.
func (r *report) finish() {
	if !r.dated {
		for _, day := range r.days {
			r.cover(day)
		}
		if r.closing != nil {
			r.cover(r.closing.day)
		}
	}
	r.checkBalance()
	if r.summary != nil {
		r.checkSummary()
	}
}

func (r *report) control(name string, currency ledger.Currency, stated, computed int64) {
	r.statement.Controls = append(r.statement.Controls, reconcile.Control{
		Name: name, Row: r.entries, Currency: currency, Stated: stated, Computed: computed})
}

func (r *report) checkBalance() {
	opening := r.opening
	if opening == nil {
		opening = r.previous
	}
	if opening != nil && r.closing != nil && opening.Currency == r.closing.Currency {
		r.statement.AddBalance(reconcile.Balance{Account: r.account, Currency: opening.Currency, Opening: opening.Minor, Closing: r.closing.Minor})
	}
	if opening == nil || r.closing == nil || opening.Currency != r.closing.Currency || r.mixed ||
		r.counted.count() > 0 && r.entryCurrency != opening.Currency {
		return
	}
	r.control("CLBD", opening.Currency, r.closing.Minor, settlement.Add(opening.Minor, r.booked))
}

// tally is what TxsSummry counts: all entries, whatever their status.
type tally struct{ credits, debits, creditSum, debitSum int64 }

func (t tally) count() int64 { return t.credits + t.debits }

// count adds an entry to what the report's own totals are compared with.
func (r *report) count(line reconcile.Line, debit, booked bool) {
	if r.counted.count() == 0 {
		r.entryCurrency = line.Currency
	}
	r.mixed = r.mixed || line.Currency != r.entryCurrency
	if booked {
		r.booked = settlement.Add(r.booked, line.Net)
	}
	if debit {
		r.counted.debits++
		r.counted.debitSum = settlement.Add(r.counted.debitSum, -line.Net)
	} else {
		r.counted.credits++
		r.counted.creditSum = settlement.Add(r.counted.creditSum, line.Net)
	}
}

// checkSummary compares the counts and sums of TxsSummry. A sum names no currency; it is
// the entries', and adds up nothing where these have several.
func (r *report) checkSummary() {
	currency, t := r.entryCurrency, r.counted
	for _, total := range []struct {
		name       string
		count, sum int64
	}{
		{"TtlNtries", t.count(), settlement.Add(t.creditSum, t.debitSum)},
		{"TtlCdtNtries", t.credits, t.creditSum},
		{"TtlDbtNtries", t.debits, t.debitSum},
	} {
		if text := r.summary.value(total.name, "NbOfNtries"); text != "" {
			count, ok := files.Whole(text)
			if !ok {
				r.wrong(r.entries, total.name+"/NbOfNtries", text, ledger.Say("this is not a whole number"), download())
			}
			r.control(total.name+"/NbOfNtries", "", count, total.count)
		}
		if text := r.summary.value(total.name, "Sum"); text != "" && !r.mixed && currency.Known() {
			if stated, ok := r.number(r.entries, total.name+"/Sum", text, currency); ok {
				r.control(total.name+"/Sum", currency, stated, total.sum)
			}
		}
	}
}
