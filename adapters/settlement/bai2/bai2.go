package bai2

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

type format struct{}

// New returns the format "bai2".
func New() settlement.Format { return format{} }

func (format) Name() string { return "bai2" }

// header is a file header: nine fields, the last the version.
var header = regexp.MustCompile(`^01,[^,]*,[^,]*,[0-9]{6},[0-9]{0,4},[^,]*,[^,]*,[^,]*,2/`)

// Sniff knows the file header.
func (format) Sniff(doc *files.Document) bool {
	return len(doc.Parts) == 1 && header.MatchString(strings.TrimLeft(doc.Parts[0].Text, " \t\r\n"))
}

func (f format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	return f.parse(doc, &files.Problems{})
}

// ParseApart reads the transactions that can be read. What the others are worth is missing
// in the control totals of account, group and file; as records they are counted.
func (f format) ParseApart(doc *files.Document) (*reconcile.Statement, []files.Quarantined, error) {
	var problems files.Problems
	problems.SetAside()
	statement, err := f.parse(doc, &problems)
	return statement, problems.Aside(), err
}

func (format) parse(doc *files.Document, problems *files.Problems) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	r := &report{
		file: doc.FileOf(part), problems: problems,
		statement: &reconcile.Statement{Format: "bai2", Kind: reconcile.BankStatement, Truncated: map[string]int{}},
	}
	for _, record := range records(part.Text) {
		r.take(record)
	}
	if r.state != "99" {
		r.wrong(0, "99", "", ledger.Say("the file has no trailer 99; it was cut off"), again())
	}
	if len(r.accounts) == 1 {
		r.statement.Account = r.accounts[0]
	}
	settlement.Check(r.file, r.statement, r.problems)
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return r.statement, nil
}

// level is what is counted of a file, a group or an account.
type level struct {
	total    int64 // control total so far
	records  int64
	children int64 // groups of a file, accounts of a group
	currency ledger.Currency
	mixed    bool // amounts are of several currencies
}

// add takes in what a trailer closed.
func (l *level) add(inner level) {
	l.total = settlement.Add(l.total, inner.total)
	l.records += inner.records
	l.children++
	if l.currency != "" && l.currency != inner.currency || inner.mixed {
		l.mixed = true
	}
	l.currency = inner.currency
}

// report is one document being read.
type report struct {
	file      string
	problems  *files.Problems
	statement *reconcile.Statement
	accounts  []string // two at most are kept
	state     string   // code of the last header or trailer, the place in the file
	entry     string   // the transaction being read, as it may be kept; empty between them
	unsound   bool     // it cannot be read

	whole, group, account level
	groupCurrency         string
	interim               bool // the group's balances are not those with which its day ended (as-of-date modifier)
	day                   ledger.BusinessDay
	at                    time.Time
}

func (r *report) wrong(row int, column, value string, text, hint ledger.Text) {
	e := &files.Error{File: r.file, Row: row, Column: column, Value: value, Text: text, Hint: hint}
	if r.entry != "" {
		r.unsound = true
		e = e.ApartAs(r.entry)
	}
	r.problems.Add(e)
}

func again() ledger.Text {
	return ledger.Say("download the file again; if it stays so, show the message to the bank")
}

// follows lists the records that may follow a header, a transaction or a trailer.
var follows = map[string]string{
	"":   "01",
	"01": "02",
	"02": "03 98",
	"03": "16 49",
	"16": "16 49",
	"49": "03 98",
	"98": "02 99",
	"99": "01",
}

func (r *report) take(rec *record) {
	if !strings.Contains(follows[r.state], rec.code) || rec.code == "" {
		r.wrong(rec.row, rec.code, rec.raw[0],
			ledger.Say("this record can't follow a record %q; a header or trailer is missing", r.state), again())
	}
	if rec.code == "" || rec.code == "88" {
		return // nothing it could continue
	}
	r.state = rec.code
	text := rec.text.String()
	switch rec.code {
	case "01":
		r.whole = level{records: rec.count}
	case "02":
		r.group = level{records: rec.count}
		r.readGroup(rec, newFields(text))
	case "03":
		r.account = level{records: rec.count}
		r.readAccount(rec, newFields(text))
	case "16":
		r.account.records += rec.count
		r.readTransaction(rec, newFields(text))
	case "49":
		r.account.records += rec.count
		r.close(rec, newFields(text), &r.account, false)
		r.group.add(r.account)
	case "98":
		r.group.records += rec.count
		r.close(rec, newFields(text), &r.group, true)
		r.whole.add(r.group)
	case "99":
		r.whole.records += rec.count
		r.close(rec, newFields(text), &r.whole, true)
	}
}

func (r *report) readGroup(rec *record, f *fields) {
	f.next() // receiver
	f.next() // originator
	switch status := f.next(); status {
	case "1", "3":
	case "2":
		r.wrong(rec.row, "02 group status", status, ledger.Say("this group deletes what an earlier file said"),
			ledger.Say("ask the bank for a file with all that counts, and import it with --correction"))
	case "4":
		r.wrong(rec.row, "02 group status", status, ledger.Say("this group is a test"),
			ledger.Say("ask the bank for the file of production"))
	default:
		r.wrong(rec.row, "02 group status", status, ledger.Say("this is no group status from 1 to 4"), again())
	}
	date := f.next()
	day, ok := parseDay(date)
	if !ok {
		r.wrong(rec.row, "02 as-of date", date, ledger.Say("this is not a day written YYMMDD"), again())
	}
	clock := f.next()
	at, ok := onClock(day, clock)
	if !ok {
		r.wrong(rec.row, "02 as-of time", clock, ledger.Say("this is not a time written HHMM"), again())
	}
	r.day, r.at, r.groupCurrency = day, at, f.next()
	modifier := f.next()
	r.interim = modifier == "1" || modifier == "3"
	if r.groupCurrency == "" {
		r.groupCurrency = "USD"
	}
	s := r.statement
	if s.From.IsZero() || day.Compare(s.From) < 0 {
		s.From = day
	}
	if s.To.IsZero() || day.Compare(s.To) > 0 {
		s.To = day
	}
}

// readAccount reads the account's number and currency, and adds its amounts up.
func (r *report) readAccount(rec *record, f *fields) {
	account := r.cut("03 account", f.next())
	if account != "" && len(r.accounts) < 2 && !(len(r.accounts) == 1 && r.accounts[0] == account) {
		r.accounts = append(r.accounts, account)
	}
	code := f.next()
	if code == "" {
		code = r.groupCurrency
	}
	currency, err := ledger.ParseCurrency(code)
	if err != nil {
		r.wrong(rec.row, "03 currency", code, ledger.Say("this is no currency that daybook can count in"), again())
	}
	r.account.currency = currency
	stated := map[string]int64{}
	for f.rest != nil {
		kind, amount := f.next(), f.next()
		f.next() // item count
		if _, ok := f.funds(); !ok {
			r.wrong(rec.row, "03 funds type", kind, ledger.Say("the funds type is none of blank, 0, 1, 2, S, V, D and Z"), again())
			return
		}
		if minor, ok := r.count(rec.row, "03 "+kind, amount); ok && amount != "" {
			stated[kind] = minor
		}
	}
	opening, opens := stated[openingLedger]
	closing, closes := stated[closingLedger]
	if opens && closes && err == nil && !r.interim {
		r.statement.AddBalance(reconcile.Balance{Account: account, Currency: currency, Opening: opening, Closing: closing})
	}
}

// The balances that continue from one report to the next. (BAI2 type codes, status.)
const (
	openingLedger = "010"
	closingLedger = "015"
)

// count adds an amount, signed as written, to the account's control total.
func (r *report) count(row int, column, text string) (int64, bool) {
	if text == "" {
		return 0, true // a type without an amount says nothing
	}
	minor, ok := whole(text)
	if !ok {
		r.wrong(row, column, text, ledger.Say("this is not an amount that daybook accepts"), again())
		return 0, false
	}
	r.account.total = settlement.Add(r.account.total, minor)
	return minor, true
}

// readTransaction makes a line of a record 16. One that cannot be read is set aside whole,
// and its amount with it.
func (r *report) readTransaction(rec *record, f *fields) {
	before := r.account.total
	kind := f.next()
	written := f.next()
	valueDate, fundsKnown := f.funds()
	bankNo, customerNo, text := f.next(), f.next(), f.all()
	words := strings.Join(strings.Fields(strings.TrimSuffix(text, "/")), " ")
	counterparty := r.cut("16 text", words)
	memo := r.cut("16 text", strings.Join(strings.Fields(words+" "+customerNo+" "+bankNo), " "))
	raw := strings.Join(rec.raw, "\n")
	if whole := rec.text.String(); counterparty != words || files.Truncate(whole) != whole {
		raw = "16," + kind + "," + written + ",…," + memo // a number may run over a line's end
	}
	line := reconcile.Line{
		Row: rec.row, Kind: reconcile.OtherLine, Day: r.day, At: r.at, Currency: r.account.currency,
		ProviderNo: r.cut("16 bank reference", bankNo), RawKind: r.cut("16 type", kind),
		Counterparty: settlement.Shorten(counterparty, settlement.MaxMemo),
		Memo:         settlement.Shorten(memo, settlement.MaxMemo),
		Raw:          settlement.Shorten(r.cut("16", raw), settlement.MaxRaw),
	}
	r.entry, r.unsound = line.Raw, false
	defer func() { r.entry = "" }()
	amount, _ := r.count(rec.row, "16 amount", written)
	if !fundsKnown {
		r.wrong(rec.row, "16 funds type", kind, ledger.Say("the funds type is none of blank, 0, 1, 2, S, V, D and Z"), again())
	}
	if valueDate != "" {
		var ok bool
		if line.Day, ok = parseDay(valueDate); !ok {
			r.wrong(rec.row, "16 value date", valueDate, ledger.Say("this is not a day written YYMMDD"), again())
		}
	}
	code, isCode := digits(kind)
	switch {
	case !isCode || len(kind) != 3:
		r.wrong(rec.row, "16 type", kind, ledger.Say("this is not a type of three digits"), again())
	case amount < 0:
		r.wrong(rec.row, "16 amount", written, ledger.Say("the amount is negative, but the type says which way the money goes"), again())
	case code >= 100 && code <= 399:
		if line.Net = amount; amount > 0 {
			line.Kind = reconcile.PayoutLine
		}
	case code >= 400 && code <= 699:
		line.Net = -amount
	}
	if r.unsound {
		r.account.total = before
		return
	}
	r.statement.Lines = append(r.statement.Lines, line)
}

// cut takes card numbers out of a text and counts it.
func (r *report) cut(column, text string) string {
	cut := files.Truncate(text)
	if cut != text {
		r.statement.Truncated[column]++
	}
	return cut
}

// close makes Controls of a trailer.
func (r *report) close(rec *record, f *fields, l *level, hasChildren bool) {
	currency := l.currency
	if l.mixed {
		currency = "" // plain digits: the sum of several currencies is of none
	}
	control := func(name string, currency ledger.Currency, computed int64) {
		text := f.next()
		stated, ok := whole(text)
		if !ok {
			r.wrong(rec.row, rec.code+" "+name, text, ledger.Say("this is not a whole number"), again())
			return
		}
		r.statement.Controls = append(r.statement.Controls, reconcile.Control{
			Name: rec.code + " " + name, Row: rec.row, Currency: currency, Stated: stated, Computed: computed})
	}
	control("control total", currency, l.total)
	if hasChildren {
		name := "number of accounts"
		if rec.code == "99" {
			name = "number of groups"
		}
		control(name, "", l.children)
	}
	control("number of records", "", l.records)
}

// whole reads a number with or without a sign, of a size that daybook accepts.
func whole(text string) (int64, bool) {
	n, ok := files.Whole(text)
	return n, ok && n <= ledger.MaxMinor && n >= -ledger.MaxMinor
}

// parseDay reads YYMMDD. Years from 80 on are of the last century.
func parseDay(text string) (ledger.BusinessDay, bool) {
	if _, ok := digits(text); !ok || len(text) != 6 {
		return ledger.BusinessDay{}, false
	}
	century := "20"
	if text >= "80" {
		century = "19"
	}
	t, err := time.Parse("20060102", century+text)
	return ledger.DayOf(t), err == nil
}

// onClock is a time HHMM of a day. 2400 and 9999 are its end; none is its beginning.
func onClock(day ledger.BusinessDay, text string) (time.Time, bool) {
	midnight := day.Midnight()
	switch n, ok := digits(text); {
	case text == "":
		return midnight, true
	case !ok || len(text) != 4:
		return midnight, false
	case n == 2400 || n == 9999:
		return midnight.Add(24*time.Hour - time.Minute), true
	case n/100 > 23 || n%100 > 59:
		return midnight, false
	default:
		return midnight.Add(time.Duration(n/100)*time.Hour + time.Duration(n%100)*time.Minute), true
	}
}

// digits reads a number of at most nine digits.
func digits(text string) (int, bool) {
	if text == "" || len(text) > 9 || strings.Trim(text, "0123456789") != "" {
		return 0, false
	}
	n, err := strconv.Atoi(text)
	return n, err == nil
}
