package stripe

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
	payoutID    = "automatic_payout_id"
	transaction = "balance_transaction_id"
	createdUTC  = "created_utc"
	created     = "created"
	money       = "currency"
	gross       = "gross"
	fee         = "fee"
	net         = "net"
	category    = "reporting_category"
	source      = "source_id"
	description = "description"
	charge      = "charge_id"
	intent      = "payment_intent_id"
	method      = "payment_method_type"
	funding     = "card_funding"
	brand       = "card_brand"
)

var required = []string{transaction, money, gross, fee, net, category}

// orderColumns are where tills are known to put their own number.
var orderColumns = []string{"payment_metadata[order_no]", "payment_metadata[order_id]", "payment_metadata[reference]",
	"payment_metadata[transaction_id]"}

const refundColumn = "refund_metadata[refund_no]"

// personal lists the columns of a header that say who paid.
func personal(headings []string) []string {
	var list []string
	for _, heading := range headings {
		folded := files.Fold(heading)
		if strings.HasPrefix(folded, "customer_") && !strings.HasPrefix(folded, "customer_facing_") ||
			strings.HasPrefix(folded, "shipping_") || strings.HasPrefix(folded, "card_name") || strings.HasPrefix(folded, "card_address") {
			list = append(list, heading)
		}
	}
	return list
}

var dialect = files.Dialect{Quoted: true}

type format struct{}

// New returns the format "stripe-payout".
func New() settlement.Format { return format{} }

func (format) Name() string { return "stripe-payout" }

// Sniff knows the header.
func (format) Sniff(doc *files.Document) bool {
	return settlement.Headed(doc, dialect, required...)
}

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	part := &doc.Parts[0]
	r := &report{
		file:      doc.FileOf(part),
		orders:    map[string]string{},
		payouts:   map[payoutKey]*payoutSum{},
		statement: &reconcile.Statement{Format: "stripe-payout", Kind: reconcile.TradeBill},
	}
	r.read(part.Text)
	r.linkRefunds()
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
	charges   []string          // charge_id of each line
	orders    map[string]string // the order number of each charge
	payouts   map[payoutKey]*payoutSum
	paid      []payoutKey // those with a payout row, as they come
}

// payoutKey is one payout. Its id is empty where the file has no column for it.
type payoutKey struct {
	id       string
	currency ledger.Currency
}

// payoutSum holds a payout against what it pays.
type payoutSum struct {
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
			readable = r.readHeader(row)
		case readable:
			r.readRow(row)
		}
	}
}

func (r *report) readHeader(row files.Row) bool {
	r.sheet = files.NewSheet(r.file, row, &r.problems)
	r.statement.Truncated, r.statement.Dropped = r.sheet.Truncated, r.sheet.Dropped
	r.personal = personal(r.sheet.Headings)
	return r.sheet.Require(append([]string{r.sheet.Find(createdUTC, created)}, required...)...)
}

func (r *report) readRow(row files.Row) {
	rec := r.sheet.Record(row)
	if !rec.Sound() {
		return
	}
	rec.Drop(r.personal...)
	at := rec.Time(r.sheet.Find(createdUTC, created), time.DateTime, time.UTC)
	line := reconcile.Line{
		Row: row.Line, Day: ledger.DayOf(at), At: at, Channel: channelOf(rec.Text(method)),
		CardKind: cardKinds[rec.Text(funding)], Scheme: schemes[strings.ToLower(rec.Text(brand))], RawKind: rec.Text(category),
	}
	line.Kind = kindOf(line.RawKind)
	identify(rec, &line)
	readAmounts(rec, &line)
	line.Raw = rec.Raw()
	if !rec.Sound() {
		return
	}
	r.enter(rec, line)
}

// enter adds a line that could be read to the statement and to its payout.
func (r *report) enter(rec *files.Record, line reconcile.Line) {
	r.statement.Lines = append(r.statement.Lines, line)
	r.charges = append(r.charges, rec.Text(charge))
	if line.Kind == reconcile.SaleLine && line.OrderNo != "" && rec.Has(charge) {
		r.orders[rec.Text(charge)] = line.OrderNo
	}
	key := payoutKey{rec.Text(payoutID), line.Currency}
	sum := r.payouts[key]
	if sum == nil {
		sum = &payoutSum{}
		r.payouts[key] = sum
	}
	if line.Kind != reconcile.PayoutLine {
		sum.owed = settlement.Add(sum.owed, line.Net)
		return
	}
	sum.paid, sum.row = settlement.Add(sum.paid, -line.Net), line.Row
	if !sum.closed {
		sum.closed = true
		r.paid = append(r.paid, key)
	}
}

// control compares each payout with the other rows of it.
func (r *report) control() {
	for _, key := range r.paid {
		sum := r.payouts[key]
		r.statement.Controls = append(r.statement.Controls, reconcile.Control{
			Name: strings.TrimSpace(payout + " " + key.id), Row: sum.row, Currency: key.currency,
			Stated: sum.paid, Computed: sum.owed})
	}
}

// linkRefunds gives refunds and disputes the order number of the payment they name.
func (r *report) linkRefunds() {
	for i := range r.statement.Lines {
		line := &r.statement.Lines[i]
		if line.OriginalNo == "" && (line.Kind == reconcile.RefundLine || line.Kind == reconcile.ChargebackLine) {
			line.OriginalNo = r.orders[r.charges[i]]
		}
	}
}

func identify(rec *files.Record, line *reconcile.Line) {
	order := ""
	for _, heading := range orderColumns {
		if order == "" && rec.Has(heading) {
			order = rec.ID(heading, 80)
		}
	}
	line.ProviderNo = rec.ID(source, 64)
	switch line.Kind {
	case reconcile.SaleLine:
		if text := rec.Text(description); order == "" && ledger.CheckID(description, text, 80) == nil {
			order = text
		}
		line.OrderNo = order
		if rec.Has(intent) {
			line.ProviderNo = rec.ID(intent, 64)
		}
	case reconcile.RefundLine:
		line.OrderNo, line.OriginalNo = rec.ID(refundColumn, 80), order
	case reconcile.ChargebackLine:
		line.OriginalNo = order
	}
}

// readAmounts reads gross, fee and net into the line.
func readAmounts(rec *files.Record, line *reconcile.Line) {
	currency, err := ledger.ParseCurrency(strings.ToUpper(rec.Text(money)))
	if err != nil {
		rec.Wrong(money, ledger.Say("this is not an ISO 4217 currency code"), ledger.Say("compare the row with the original file"))
		return
	}
	line.Currency = currency
	line.Gross, line.Fee, line.Net = rec.Amount(gross, currency), rec.Amount(fee, currency), rec.Amount(net, currency)
	if line.Kind == reconcile.FeeLine {
		line.Gross, line.Fee = 0, line.Fee-line.Gross
	}
}

const payout = "payout"

// kinds are the values of reporting_category. (Stripe documentation, "Reporting
// categories".)
var kinds = map[string]reconcile.LineKind{
	"charge":                      reconcile.SaleLine,
	"refund":                      reconcile.RefundLine,
	"dispute":                     reconcile.ChargebackLine,
	"dispute_reversal":            reconcile.ChargebackLine,
	"fee":                         reconcile.FeeLine,
	"tax":                         reconcile.FeeLine,
	"refund_failure":              reconcile.AdjustmentLine,
	"charge_failure":              reconcile.AdjustmentLine,
	"partial_capture_reversal":    reconcile.AdjustmentLine,
	"adjustment":                  reconcile.AdjustmentLine,
	"other_adjustment":            reconcile.AdjustmentLine,
	"transfer":                    reconcile.AdjustmentLine,
	"transfer_reversal":           reconcile.AdjustmentLine,
	"payout_reversal":             reconcile.AdjustmentLine,
	"payout_minimum_balance_hold": reconcile.AdjustmentLine,
	"reserve_transaction":         reconcile.AdjustmentLine,
	"topup":                       reconcile.AdjustmentLine,
	payout:                        reconcile.PayoutLine,
}

func kindOf(word string) reconcile.LineKind {
	if kind, known := kinds[word]; known {
		return kind
	}
	return reconcile.OtherLine
}

// channelOf turns payment_method_type into a word of ledger.Tender; one we do not know
// keeps its name.
func channelOf(method string) string {
	switch method {
	case "card", "card_present", "interac_present":
		return "card"
	case "wechat_pay":
		return "wechat"
	}
	return method
}

// schemes are the values of card_brand. (Stripe documentation, "Card brands".)
var schemes = map[string]string{
	"visa": "visa", "mastercard": "mastercard", "american express": "amex", "amex": "amex", "discover": "discover",
	"diners club": "diners", "diners": "diners", "jcb": "jcb", "unionpay": "unionpay",
}

var cardKinds = map[string]string{"debit": "debit", "credit": "credit", "prepaid": "prepaid"}
