package antom

import (
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// Headings of the items; the summary has batch, count, summaryType, net and fee with
// their currencies.
const (
	batch         = "settlementBatchId"
	customer      = "customerId"
	transaction   = "transactionId"
	request       = "transactionRequestId"
	original      = "originalTransactionRequestId"
	reference     = "referenceTransactionId"
	method        = "paymentMethodType"
	wallet        = "pspName"
	kind          = "transactionType"
	paid          = "paymentTime"
	settledAt     = "settlementTime"
	gross         = "transactionAmountValue"
	grossCurrency = "transactionCurrency"
	net           = "settlementAmountValue"
	netCurrency   = "settlementCurrency"
	fee           = "feeAmountValue"
	feeCurrency   = "feeCurrency"
	summaryType   = "summaryType"
	count         = "count"
)

var (
	itemHeadings = []string{batch, customer, transaction, request, original, kind, paid, settledAt, gross, grossCurrency,
		net, netCurrency, fee, feeCurrency}
	summaryHeadings = []string{batch, customer, summaryType, count, net, netCurrency, fee, feeCurrency}
)

var dialect = files.Dialect{Quoted: true}

// endMark is the last line of every file.
const endMark = "<END>"

type format struct{}

// New returns the format "antom-settlement".
func New() settlement.Format { return format{} }

func (format) Name() string { return "antom-settlement" }

// Sniff knows the items and the summary by their headers.
func (format) Sniff(doc *files.Document) bool {
	for i := range doc.Parts {
		if isItems(&doc.Parts[i]) || isSummary(&doc.Parts[i]) {
			return true
		}
	}
	return false
}

func isItems(part *files.Part) bool {
	row, err := files.NewReader(part.Name, part.Text, dialect).Read()
	return err == nil && settlement.Resembles(row, itemHeadings...) && !row.Names(summaryType)
}

func isSummary(part *files.Part) bool {
	row, err := files.NewReader(part.Name, part.Text, dialect).Read()
	return err == nil && settlement.Resembles(row, summaryHeadings...) && row.Names(summaryType)
}

func (format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	var items, summaries []*files.Part
	for i := range doc.Parts {
		switch part := &doc.Parts[i]; {
		case isItems(part):
			items = append(items, part)
		case isSummary(part):
			summaries = append(summaries, part)
		}
	}
	switch {
	case len(items) == 0 && len(doc.Parts) == 1:
		return parseSummary(doc.FileOf(summaries[0]), summaries[0].Text)
	case len(items) != 1 || len(summaries) > 1 || len(items)+len(summaries) < len(doc.Parts):
		return nil, files.Wrong(doc.Name,
			ledger.Say("the archive holds more than the items and the summary of one Antom settlement"),
			ledger.Say("unpack it and import the bills one by one"))
	}
	b := &bill{
		file:      doc.FileOf(items[0]),
		sums:      map[sumKey]*sum{},
		statement: &reconcile.Statement{Format: "antom-settlement", Kind: reconcile.TradeBill},
	}
	sheet := b.read(b.file, items[0].Text, itemHeadings, false, b.readItem)
	b.statement.Truncated, b.statement.Dropped = sheet.Truncated, sheet.Dropped
	if len(summaries) == 1 {
		b.read(doc.FileOf(summaries[0]), summaries[0].Text, summaryHeadings, true, b.readSummary)
	}
	if len(b.statement.Settlements) > maxSettlements {
		b.statement.Settlements = nil
	}
	settlement.PaidTogether(b.statement)
	settlement.Check(b.file, b.statement, &b.problems)
	if err := b.problems.Err(); err != nil {
		return nil, err
	}
	return b.statement, nil
}

// bill is one document being read.
type bill struct {
	file      string
	problems  files.Problems
	statement *reconcile.Statement
	accounts  int
	sums      map[sumKey]*sum
}

// sumKey is what one row of the summary is about; kind is TOTAL for all.
type sumKey struct {
	batch, kind string
	currency    ledger.Currency
}

type sum struct{ count, net, fee int64 }

// total is the summary's word for all rows of a batch.
const total = "TOTAL"

// read reads one file: header, rows, end mark.
func (b *bill) read(file, text string, needed []string, frame bool, readRow func(*files.Record)) *files.Sheet {
	var sheet *files.Sheet
	reader := files.NewReader(file, text, dialect)
	readable, ended := true, false
	for {
		row, err := reader.Read()
		var wrong *files.Error
		switch {
		case err == io.EOF:
			if !ended {
				b.problems.Add(&files.Error{File: file,
					Text: ledger.Say("the file is cut short: it does not end in %s", endMark),
					Hint: ledger.Say("download it again")})
			}
			return sheet
		case errors.As(err, &wrong):
			b.problems.Add(wrong)
		case ended:
			b.problems.Add(&files.Error{File: file, Row: row.Line, Value: row.Raw,
				Text: ledger.Say("a row stands behind the end mark %s", endMark),
				Hint: ledger.Say("two bills may have been joined; import each as it was downloaded")})
			return sheet
		case sheet == nil:
			sheet = files.NewSheet(file, row, &b.problems)
			sheet.Frame = frame
			readable = sheet.Require(needed...)
		case strings.Trim(files.Fold(row.Raw), ",") == endMark: // a spreadsheet adds commas
			ended = true
		case readable:
			if r := sheet.Record(row); r.Sound() {
				readRow(r)
			}
		}
	}
}

func (b *bill) readItem(r *files.Record) {
	at := readTime(r, paid)
	word := r.Text(kind)
	line := reconcile.Line{
		Row: r.Line, Day: ledger.DayOf(at), At: at, Currency: readCurrency(r, netCurrency),
		Channel: channelOf(r.Text(wallet), r.Text(method)), ProviderNo: r.ID(transaction, 64),
		RawKind: word, Kind: kindOf(word),
	}
	line.OrderNo = r.ID(request, 64)
	if line.OrderNo == "" {
		line.OrderNo = r.ID(reference, 64)
	}
	if line.Kind != reconcile.SaleLine {
		line.OriginalNo = r.ID(original, 64)
	}
	readAmounts(r, &line)
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	b.enter(r, line)
}

// enter adds a line that could be read to the statement and to the sums of its batch.
func (b *bill) enter(r *files.Record, line reconcile.Line) {
	s := b.statement
	if name := r.Text(customer); b.accounts == 0 {
		b.accounts, s.Account = 1, name
	} else if name != s.Account {
		b.accounts, s.Account = 2, "" // of several merchants
	}
	s.Lines = append(s.Lines, line)
	settles(s, r.Text(batch), line.Currency)
	for _, kind := range []string{total, line.RawKind} {
		key := sumKey{r.Text(batch), kind, line.Currency}
		if b.sums[key] == nil {
			b.sums[key] = &sum{}
		}
		b.sums[key].count++
		b.sums[key].net = settlement.Add(b.sums[key].net, line.Net)
		b.sums[key].fee = settlement.Add(b.sums[key].fee, -line.Fee)
	}
}

// maxSettlements is of how many settlements a file may be and still be told from another of
// its day by them.
const maxSettlements = 100

// settles notes which settlement a row is of: a day may have several, and each has a file for
// each of its currencies.
func settles(s *reconcile.Statement, number string, currency ledger.Currency) {
	name := number + " " + string(currency)
	if number != "" && len(s.Settlements) <= maxSettlements && !slices.Contains(s.Settlements, name) {
		s.Settlements = append(s.Settlements, name)
	}
}

// readAmounts reads gross, fee and net into the line.
func readAmounts(r *files.Record, line *reconcile.Line) {
	if !line.Currency.Known() {
		return // and was reported
	}
	settled, taken := readMinor(r, net), int64(0)
	if r.Has(fee) {
		taken = readMinor(r, fee)
		if r.Has(feeCurrency) && r.Text(feeCurrency) != string(line.Currency) {
			r.Wrong(feeCurrency, ledger.Say("the fee is not in the currency of the settlement, %s", string(line.Currency)),
				ledger.Say("compare the row with the original file"))
		}
	}
	line.Net, line.Fee, line.Gross = settled, -taken, settled-taken
	owed := readMinor(r, gross)
	if readCurrency(r, grossCurrency) == line.Currency {
		line.Gross = owed
	}
}

// readMinor reads a whole number of the smallest unit, with its sign.
func readMinor(r *files.Record, heading string) int64 {
	n := r.Int(heading)
	if n > ledger.MaxMinor || n < -ledger.MaxMinor {
		r.Wrong(heading, ledger.Say("this is not an amount that daybook accepts"), ledger.Say("compare the row with the original file"))
		return 0
	}
	return n
}

func readCurrency(r *files.Record, heading string) ledger.Currency {
	currency, err := ledger.ParseCurrency(r.Text(heading))
	if err != nil {
		r.Wrong(heading, ledger.Say("this is not an ISO 4217 currency code"), ledger.Say("compare the row with the original file"))
	}
	return currency
}

// readTime reads the time of payment, or where a row (a correction) has none, that of
// its settlement.
func readTime(r *files.Record, heading string) time.Time {
	if !r.Has(heading) {
		heading = settledAt
	}
	return r.Time(heading, time.RFC3339, time.UTC)
}

// checked are the rows of the summary that count the items of one transactionType.
var checked = map[string]bool{total: true, "PAYMENT": true, "REFUND": true, "CAPTURE": true}

func (b *bill) readSummary(r *files.Record) {
	word := r.Text(summaryType)
	currency := readCurrency(r, netCurrency)
	stated := sum{count: r.Int(count), net: readSum(r, net), fee: readSum(r, fee)}
	if !r.Sound() || !checked[word] {
		return
	}
	found := b.sums[sumKey{r.Text(batch), word, currency}]
	if found == nil {
		found = &sum{}
	}
	for _, c := range []struct {
		heading          string
		currency         ledger.Currency
		stated, computed int64
	}{{count, "", stated.count, found.count}, {net, currency, stated.net, found.net}, {fee, currency, stated.fee, found.fee}} {
		b.statement.Controls = append(b.statement.Controls, reconcile.Control{
			Name: word + " " + c.heading, Row: r.Line, Currency: c.currency, Stated: c.stated, Computed: c.computed})
	}
}

// readSum reads a total, which is blank where there is nothing to add up.
func readSum(r *files.Record, heading string) int64 {
	if !r.Has(heading) {
		return 0
	}
	return r.Int(heading)
}

// kinds are the values of transactionType. (Antom documentation, "Settlement details".)
var kinds = map[string]reconcile.LineKind{
	"PAYMENT": reconcile.SaleLine,
	"CAPTURE": reconcile.SaleLine,
	"REFUND":  reconcile.RefundLine,
	"CANCEL":  reconcile.ReversalLine,
	"DEFAULT": reconcile.AdjustmentLine,
}

func kindOf(word string) reconcile.LineKind {
	if kind, known := kinds[word]; known {
		return kind
	}
	if strings.Contains(word, "DISPUTE") || strings.Contains(word, "CHARGEBACK") {
		return reconcile.ChargebackLine
	}
	return reconcile.OtherLine
}

// channelOf is the wallet as a word of ledger.Tender.
func channelOf(wallet, method string) string {
	if wallet == "" {
		wallet = method
	}
	wallet = strings.ToLower(wallet)
	if strings.HasPrefix(wallet, "alipay_cn") || wallet == "alipay" {
		return "alipay"
	}
	return wallet
}
