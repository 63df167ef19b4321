package paypal

import (
	"errors"
	"io"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// Headings of CH.
const (
	transaction = "Transaction ID"
	invoice     = "Invoice ID"
	reference   = "PayPal Reference ID"
	event       = "Transaction Event Code"
	completed   = "Transaction Completion Date"
	grossSide   = "Transaction Debit or Credit"
	gross       = "Gross Transaction Amount"
	money       = "Gross Transaction Currency"
	feeSide     = "Fee Debit or Credit"
	fee         = "Fee Amount"
	feeMoney    = "Fee Currency"
	consumer    = "Consumer ID"
	store       = "Store ID"
	terminal    = "Terminal ID"
)

var required = []string{transaction, invoice, reference, event, completed, grossSide, gross, money, feeSide, fee, feeMoney}

var dialect = files.Dialect{Quoted: true}

const clock = "2006/01/02 15:04:05 -0700"

type format struct{}

// New returns the format "paypal-stl".
func New() settlement.Format { return format{} }

func (format) Name() string { return "paypal-stl" }

// Sniff knows the records that a file begins with.
func (format) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	reader := files.NewReader(doc.Name, doc.Parts[0].Text, dialect)
	for _, want := range []string{"RH", "FH", "SH"} {
		row, err := reader.Read()
		if err != nil || recordType(row) != want {
			return false
		}
	}
	return true
}

func recordType(row files.Row) string { return strings.TrimSpace(row.Cells[0]) }

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	r := &report{
		file:   doc.FileOf(part),
		whole:  totals{},
		orders: map[string]string{},
		statement: &reconcile.Statement{Format: "paypal-stl", Kind: reconcile.TradeBill,
			Truncated: map[string]int{}, Dropped: map[string]int{}},
	}
	r.read(part.Text)
	r.finish()
	settlement.Check(r.file, r.statement, &r.problems)
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return r.statement, nil
}

// report is one document being read.
type report struct {
	file       string
	problems   files.Problems
	statement  *reconcile.Statement
	sections   int
	sheet      *files.Sheet // of the section
	readable   bool
	open       bool // in a section whose SC has not come
	section    totals
	whole      totals
	inSection  int64 // transactions
	total      int64
	ended      map[string]bool   // trailers seen
	orders     map[string]string // Invoice ID of each payment
	references []string          // PayPal Reference ID of each line
}

// totals are what SF and RF state, per currency: gross credits and debits, fee credits
// and debits, in minor units.
type totals map[ledger.Currency]*[4]int64

func (t totals) of(currency ledger.Currency) *[4]int64 {
	if t[currency] == nil {
		t[currency] = &[4]int64{}
	}
	return t[currency]
}

func (r *report) wrong(row files.Row, text, hint ledger.Text) {
	r.problems.Add(&files.Error{File: r.file, Row: row.Line, Value: row.Raw, Text: text, Hint: hint})
}

func (r *report) read(text string) {
	r.ended = map[string]bool{}
	reader := files.NewReader(r.file, text, dialect)
	for {
		row, err := reader.Read()
		var wrong *files.Error
		switch {
		case err == io.EOF:
			return
		case errors.As(err, &wrong):
			r.problems.Add(wrong)
			continue
		case r.ended["FF"]:
			r.wrong(row, ledger.Say("a row stands behind the end of the file (FF)"),
				ledger.Say("two bills may have been joined; import each as it was downloaded"))
			return
		}
		r.readRecord(row)
	}
}

func (r *report) readRecord(row files.Row) {
	switch word := recordType(row); word {
	case "RH", "FH":
	case "SH":
		r.readSection(row)
	case "CH":
		r.readHeader(row)
	case "SB":
		r.readTransaction(row)
	case "SF":
		r.readTotals(row, r.section)
	case "SC":
		r.count(row, word, r.inSection)
		r.open = false
	case "RF":
		r.readTotals(row, r.whole)
	case "RC", "FF":
		r.count(row, word, r.total)
	default:
		r.wrong(row, ledger.Say("this is no record of a settlement report (RH, FH, SH, CH, SB, SF, SC, RF, RC, FF)"),
			ledger.Say("compare the row with the original file"))
	}
}

// readSection reads the period and the account: SH, from, to, account, partner.
func (r *report) readSection(row files.Row) {
	if r.open {
		r.cut("SC")
	}
	r.open, r.section, r.inSection = true, totals{}, 0
	r.sections++
	if len(row.Cells) < 4 {
		r.wrong(row, ledger.Say("the section has no period and account"), ledger.Say("download it again"))
		return
	}
	from, err1 := time.Parse(clock, strings.TrimSpace(row.Cells[1]))
	to, err2 := time.Parse(clock, strings.TrimSpace(row.Cells[2]))
	if err1 != nil || err2 != nil || to.Before(from) || from.Year() < 1900 || to.Year() > 2299 {
		r.wrong(row, ledger.Say("this is not a period written like %s", clock), ledger.Say("compare the row with the original file"))
		return
	}
	if to.After(from) {
		to = to.Add(-time.Second) // a period that ends at midnight ends on the day before
	}
	s := r.statement
	if begin := ledger.DayOf(from); s.From.IsZero() || begin.Compare(s.From) < 0 {
		s.From = begin
	}
	if end := ledger.DayOf(to); s.To.IsZero() || end.Compare(s.To) > 0 {
		s.To = end
	}
	account := files.Truncate(strings.TrimSpace(row.Cells[3]))
	if r.sections == 1 {
		s.Account = account
	} else if s.Account != account {
		s.Account = ""
	}
}

func (r *report) readHeader(row files.Row) {
	r.sheet = files.NewSheet(r.file, row, &r.problems)
	r.readable = r.sheet.Require(required...)
	r.sheet.Truncated, r.sheet.Dropped = r.statement.Truncated, r.statement.Dropped
}

func (r *report) readTransaction(row files.Row) {
	r.inSection++
	r.total++
	switch {
	case !r.open || r.sheet == nil:
		r.wrong(row, ledger.Say("a transaction stands outside of a section"), ledger.Say("download it again"))
		return
	case !r.readable:
		return
	}
	rec := r.sheet.Record(row)
	if !rec.Sound() {
		return
	}
	rec.Drop(consumer)
	at := rec.Time(completed, clock, time.UTC)
	line := reconcile.Line{
		Row: row.Line, Day: ledger.DayOf(at), At: at, Channel: "paypal",
		Store: ledger.StoreID(rec.Text(store)), TID: ledger.TID(rec.Text(terminal)),
		ProviderNo: rec.ID(transaction, 64), RawKind: rec.Text(event),
	}
	credit := r.readAmounts(rec, &line)
	line.Kind = kindOf(line.RawKind, credit)
	if line.Kind == reconcile.FeeLine {
		line.Gross, line.Fee = 0, line.Fee-line.Gross
	}
	number := rec.ID(invoice, 127)
	if line.Kind == reconcile.RefundLine || line.Kind == reconcile.ChargebackLine {
		line.OriginalNo = number
	} else {
		line.OrderNo = number
	}
	line.Raw = rec.Raw()
	if !rec.Sound() {
		return
	}
	if line.Kind == reconcile.SaleLine && number != "" {
		r.orders[line.ProviderNo] = number
	}
	r.references = append(r.references, rec.Text(reference))
	r.statement.Lines = append(r.statement.Lines, line)
}

// readAmounts reads gross, fee and net into the line and adds them to the totals. It
// reports whether the money comes in.
func (r *report) readAmounts(rec *files.Record, line *reconcile.Line) (credit bool) {
	currency, err := ledger.ParseCurrency(rec.Text(money))
	if err != nil {
		rec.Wrong(money, ledger.Say("this is not an ISO 4217 currency code"), ledger.Say("compare the row with the original file"))
		return false
	}
	line.Currency = currency
	amount, credit := readSide(rec, gross, grossSide)
	line.Gross = amount
	back := false
	if rec.Has(fee) {
		if rec.Has(feeMoney) && rec.Text(feeMoney) != string(currency) {
			rec.Wrong(feeMoney, ledger.Say("the fee is not in the currency of the payment, %s", string(currency)),
				ledger.Say("compare the row with the original file"))
		}
		var taken int64
		if rec.Text(fee) == "0" && !rec.Has(feeSide) {
			taken = 0
		} else {
			taken, back = readSide(rec, fee, feeSide)
		}
		line.Fee = -taken
	}
	line.Net = line.Gross - line.Fee
	if !rec.Sound() {
		return credit
	}
	for _, sums := range []totals{r.section, r.whole} {
		sum := sums.of(currency)
		add(sum, 0, credit, line.Gross)
		add(sum, 2, back, line.Fee)
	}
	return credit
}

// add adds an amount to the credits at place n, or to the debits behind them.
func add(sum *[4]int64, n int, credit bool, amount int64) {
	if !credit {
		n++
	}
	sum[n] = settlement.Add(sum[n], max(amount, -amount))
}

// readSide reads an amount of minor units with the sign of its column CR or DR.
func readSide(rec *files.Record, heading, side string) (amount int64, credit bool) {
	if minor, ok := readMinor(rec.Text(heading)); ok {
		amount = minor
	} else {
		rec.Wrong(heading, ledger.Say("this is not an amount in minor units: digits without a point or sign"),
			ledger.Say("the file may have been saved by a spreadsheet; ask for the original"))
	}
	switch rec.Text(side) {
	case "CR":
		return amount, true
	case "DR":
		return -amount, false
	}
	rec.Wrong(side, ledger.Say("this is neither CR nor DR"), ledger.Say("compare the row with the original file"))
	return 0, false
}

func readMinor(text string) (int64, bool) {
	minor, ok := files.Whole(text)
	return minor, ok && minor >= 0 && minor <= ledger.MaxMinor
}

// totalNames are the totals of SF and RF in their order.
var totalNames = [4]string{"gross credits", "gross debits", "fee credits", "fee debits"}

// readTotals compares a footer with the transactions: type, currency, four totals. The
// balances behind them are about the account, not about this report.
func (r *report) readTotals(row files.Row, sums totals) {
	r.ended[recordType(row)] = true
	unreadable := func() {
		r.wrong(row, ledger.Say("this total cannot be read"), ledger.Say("compare the row with the original file"))
	}
	if len(row.Cells) < 6 {
		unreadable()
		return
	}
	currency, err := ledger.ParseCurrency(strings.TrimSpace(row.Cells[1]))
	if err != nil {
		unreadable()
		return
	}
	for n, name := range totalNames {
		stated, ok := readTotal(strings.TrimSpace(row.Cells[2+n]))
		if !ok {
			unreadable()
			return
		}
		r.statement.Controls = append(r.statement.Controls, reconcile.Control{
			Name: recordType(row) + " " + string(currency) + " " + name, Row: row.Line, Currency: currency,
			Stated: stated, Computed: sums.of(currency)[n]})
	}
}

// readTotal reads a sum, which may be larger than a single amount.
func readTotal(text string) (int64, bool) {
	n, ok := files.Whole(text)
	return n, ok && n >= 0
}

func (r *report) count(row files.Row, word string, counted int64) {
	r.ended[word] = true
	stated, ok := int64(0), false
	if len(row.Cells) > 1 {
		stated, ok = readTotal(strings.TrimSpace(row.Cells[1]))
	}
	if !ok {
		r.wrong(row, ledger.Say("this total cannot be read"), ledger.Say("compare the row with the original file"))
		return
	}
	r.statement.Controls = append(r.statement.Controls, reconcile.Control{Name: word, Row: row.Line, Stated: stated, Computed: counted})
}

func (r *report) cut(trailer string) {
	r.problems.Add(&files.Error{File: r.file,
		Text: ledger.Say("the file is cut short, or its report goes on in another file: it has no record %s", trailer),
		Hint: ledger.Say("download it again; daybook reads reports that lie in one file")})
}

// finish checks that the file is whole and links and dates its lines.
func (r *report) finish() {
	if r.open {
		r.cut("SC")
	}
	for _, trailer := range []string{"RC", "FF"} {
		if !r.ended[trailer] {
			r.cut(trailer)
		}
	}
	s := r.statement
	for i := range s.Lines {
		line := &s.Lines[i]
		if line.Kind == reconcile.RefundLine || line.Kind == reconcile.ChargebackLine {
			if sale := r.orders[r.references[i]]; sale != "" {
				line.OriginalNo = sale
			}
		}
		line.Day = settlement.Within(line.Day, s.From, s.To)
	}
}

// codes are the event codes that differ from their group, groups the rest by their first
// two digits. (PayPal, "Transaction event codes".)
var codes = map[string]reconcile.LineKind{
	"T1106": reconcile.ChargebackLine,
	"T1107": reconcile.RefundLine,
	"T1108": reconcile.FeeLine,
	"T1109": reconcile.FeeLine,
	"T1201": reconcile.ChargebackLine,
	"T1202": reconcile.ChargebackLine,
}

var groups = map[string]reconcile.LineKind{
	"T01": reconcile.FeeLine,
	"T02": reconcile.AdjustmentLine, // conversion between balances
	"T03": reconcile.AdjustmentLine, // deposit from the bank
	"T04": reconcile.PayoutLine,
	"T11": reconcile.AdjustmentLine, // reversals, holds and releases
	"T12": reconcile.AdjustmentLine,
	"T19": reconcile.AdjustmentLine,
}

func kindOf(code string, credit bool) reconcile.LineKind {
	if kind, known := codes[code]; known {
		return kind
	}
	if len(code) < 3 {
		return reconcile.OtherLine
	}
	if code[:3] == "T00" && credit {
		return reconcile.SaleLine
	}
	if kind, known := groups[code[:3]]; known {
		return kind
	}
	return reconcile.OtherLine
}
