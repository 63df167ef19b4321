package adyen

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

// Headings.
const (
	account       = "Merchant Account"
	pspReference  = "Psp Reference"
	reference     = "Merchant Reference"
	method        = "Payment Method"
	variant       = "Payment Method Variant"
	created       = "Creation Date"
	zone          = "TimeZone"
	kind          = "Type"
	modification  = "Modification Reference"
	modifiedRef   = "Modification Merchant Reference"
	grossCurrency = "Gross Currency"
	grossDebit    = "Gross Debit (GC)"
	grossCredit   = "Gross Credit (GC)"
	netCurrency   = "Net Currency"
	netDebit      = "Net Debit (NC)"
	netCredit     = "Net Credit (NC)"
	commission    = "Commission (NC)"
	batch         = "Batch Number"
	authCode      = "Authorisation Code"
	store         = "Store"
	terminal      = "Terminal"
)

var required = []string{pspReference, reference, kind, grossDebit, grossCredit, netCurrency, netDebit, netCredit,
	created, zone, modification, batch}

// fees are what is taken off between gross and net. Commission and the other three are
// two ways to say the same; only one is filled.
var fees = []string{commission, "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)"}

// personal lists the columns of a header that may hold who paid. They are optional; the
// merchant asked for them.
func personal(headings []string) []string {
	var list []string
	for _, heading := range headings {
		switch folded := strings.ToLower(files.Fold(heading)); {
		case folded == "shoppercountry":
		case strings.HasPrefix(folded, "shopper"), strings.HasPrefix(folded, "cardholder"), folded == "metadata":
			list = append(list, heading)
		}
	}
	return list
}

var dialect = files.Dialect{Quoted: true}

type format struct{}

// New returns the format "adyen-settlement".
func New() settlement.Format { return format{} }

func (format) Name() string { return "adyen-settlement" }

// Sniff knows the header.
func (format) Sniff(doc *files.Document) bool {
	return settlement.Headed(doc, dialect, required...)
}

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	r := &report{
		file:      doc.FileOf(part),
		batches:   map[batchKey]*batchSum{},
		statement: &reconcile.Statement{Format: "adyen-settlement", Kind: reconcile.TradeBill},
	}
	r.read(part.Text)
	r.control()
	settlement.PaidTogether(r.statement)
	settlement.Check(r.file, r.statement, &r.problems)
	if err := r.problems.Err(); err != nil {
		return nil, err
	}
	return r.statement, nil
}

// report is one document being read.
type report struct {
	file      string
	problems  files.Problems
	sheet     *files.Sheet
	personal  []string
	statement *reconcile.Statement
	accounts  int // different ones seen
	batches   map[batchKey]*batchSum
	order     []batchKey // those with a payout, as they come
}

// batchKey is what one MerchantPayout pays.
type batchKey struct {
	batch    string
	currency ledger.Currency
}

// batchSum holds a batch's payout against what it pays.
type batchSum struct {
	row        int
	paid, owed int64
	closed     bool
}

func (r *report) read(text string) {
	reader := files.NewReader(r.file, text, dialect)
	readable := true
	for {
		row, err := reader.Read()
		var wrong *files.Error
		switch {
		case err == io.EOF:
			return
		case errors.As(err, &wrong):
			r.problems.Add(wrong)
		case r.sheet == nil:
			r.sheet = files.NewSheet(r.file, row, &r.problems)
			r.statement.Truncated, r.statement.Dropped = r.sheet.Truncated, r.sheet.Dropped
			r.personal = personal(r.sheet.Headings)
			readable = r.sheet.Require(required...)
		case readable:
			r.readRow(row)
		}
	}
}

func (r *report) readRow(row files.Row) {
	rec := r.sheet.Record(row)
	if !rec.Sound() {
		return
	}
	rec.Drop(r.personal...)
	at := readTime(rec)
	line := reconcile.Line{
		Row: row.Line, Day: ledger.DayOf(at), At: at, Currency: readCurrency(rec, netCurrency),
		Channel: channelOf(rec.Text(method)), CardKind: cardKindOf(rec.Text(variant)), Scheme: schemes[strings.ToLower(rec.Text(method))],
		TID: ledger.TID(rec.Text(terminal)), Store: ledger.StoreID(rec.Text(store)),
		AuthCode: ledger.AuthCode(rec.ID(authCode, 16)),
		RawKind:  rec.Text(kind),
	}
	line.Kind = kindOf(line.RawKind)
	identify(rec, &line)
	if line.Currency.Known() {
		readAmounts(rec, &line)
	}
	line.Raw = rec.Raw()
	if !rec.Sound() {
		return
	}
	r.enter(rec, line)
}

// enter adds a line that could be read to the statement and to its batch.
func (r *report) enter(rec *files.Record, line reconcile.Line) {
	s := r.statement
	if name := rec.Text(account); r.accounts == 0 && name != "" {
		r.accounts, s.Account = 1, name
	} else if name != "" && name != s.Account && r.accounts == 1 {
		r.accounts, s.Account = 2, "" // a report of the company: of several merchants
	}
	s.Lines = append(s.Lines, line)
	key := batchKey{rec.Text(batch), line.Currency}
	sum := r.batches[key]
	if sum == nil {
		sum = &batchSum{}
		r.batches[key] = sum
	}
	if line.Kind != reconcile.PayoutLine {
		sum.owed = settlement.Add(sum.owed, line.Net)
		return
	}
	sum.paid, sum.row = settlement.Add(sum.paid, -line.Net), line.Row
	if !sum.closed {
		sum.closed = true
		r.order = append(r.order, key)
	}
}

// control compares each payout with the other rows of its batch.
func (r *report) control() {
	for _, key := range r.order {
		sum := r.batches[key]
		r.statement.Controls = append(r.statement.Controls, reconcile.Control{
			Name: strings.TrimSpace(payout + " " + key.batch), Row: sum.row, Currency: key.currency,
			Stated: sum.paid, Computed: sum.owed})
	}
}

// identify reads the row's numbers. The number of what was paid first stands in Psp
// Reference and Merchant Reference on every row that follows from it.
func identify(rec *files.Record, line *reconcile.Line) {
	own, paid := rec.ID(modifiedRef, 80), rec.ID(reference, 80)
	switch line.Kind {
	case reconcile.SaleLine:
		line.OrderNo, line.ProviderNo = paid, rec.ID(pspReference, 64)
	case reconcile.RefundLine, reconcile.ChargebackLine, reconcile.AdjustmentLine:
		line.OriginalNo = paid
		if own != paid { // else it is only repeated
			line.OrderNo = own
		}
		if rec.Text(pspReference) != "" {
			line.ProviderNo = rec.ID(modification, 64)
		}
	default:
		line.OrderNo, line.ProviderNo = paid, rec.ID(pspReference, 64)
	}
}

// readAmounts reads gross, fee and net into the line.
func readAmounts(rec *files.Record, line *reconcile.Line) {
	side := func(credit, debit string, currency ledger.Currency) (amount int64, filled bool) {
		read := func(heading string) int64 {
			if !rec.Has(heading) {
				return 0
			}
			filled = true
			minor := rec.Amount(heading, currency)
			if minor < 0 {
				rec.Wrong(heading, ledger.Say("the amount is negative, where the column already says which way the money goes"),
					ledger.Say("compare the row with the original file"))
			}
			return minor
		}
		in, out := read(credit), read(debit)
		if in != 0 && out != 0 {
			rec.Reject(ledger.Say("the row has both %s and %s", credit, debit), ledger.Say("compare the row with the original file"))
		}
		return in - out, filled
	}
	net, filled := side(netCredit, netDebit, line.Currency)
	if !filled {
		rec.Reject(ledger.Say("the row has neither %s nor %s", netCredit, netDebit), ledger.Say("compare the row with the original file"))
		return
	}
	fee := int64(0)
	for _, heading := range fees {
		if rec.Has(heading) {
			fee = settlement.Add(fee, rec.Amount(heading, line.Currency))
		}
	}
	line.Net, line.Fee = net, fee
	paidIn := line.Currency
	if rec.Has(grossCurrency) {
		paidIn = readCurrency(rec, grossCurrency)
	}
	if !paidIn.Known() {
		return // and was reported
	}
	gross, stated := side(grossCredit, grossDebit, paidIn)
	switch {
	case line.Kind == reconcile.FeeLine && gross == 0:
		line.Fee = -net
	case stated && paidIn == line.Currency:
		line.Gross = gross
	default:
		line.Gross = settlement.Add(net, fee)
	}
}

func readCurrency(rec *files.Record, heading string) ledger.Currency {
	currency, err := ledger.ParseCurrency(rec.Text(heading))
	if err != nil {
		rec.Wrong(heading, ledger.Say("this is not an ISO 4217 currency code"), ledger.Say("compare the row with the original file"))
	}
	return currency
}

// readTime reads Creation Date in the zone that stands beside it.
func readTime(rec *files.Record) time.Time {
	name := rec.Text(zone)
	hours, known := zones[name]
	if !known {
		rec.Wrong(zone, ledger.Say("daybook does not know this time zone"),
			ledger.Say("choose a report time zone such as CET, BST, PST or UTC at the provider and create the report again"))
		return time.Time{}
	}
	return rec.Time(created, time.DateTime, time.FixedZone(name, hours*60*60))
}

// zones are the abbreviations that TimeZone holds, in hours from UTC. An abbreviation is
// not a zone, but it does say whether summer time was on.
var zones = map[string]int{
	"UTC": 0, "GMT": 0, "WET": 0, "BST": 1, "WEST": 1, "CET": 1, "CEST": 2, "EET": 2, "EEST": 3, "MSK": 3,
	"EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7, "BRT": -3, "BRST": -2,
	"HKT": 8, "SGT": 8, "AWST": 8, "JST": 9, "AEST": 10, "AEDT": 11, "NZST": 12, "NZDT": 13,
}
