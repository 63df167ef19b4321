package till

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"

	"github.com/shopspring/decimal"
)

// Receipts reads till-receipt CSVs of one shape, described by a Profile.
type Receipts struct {
	profile Profile
	rate    ledger.Rate     // of every row that names none
	named   map[string]bool // folded headings that are read or kept
}

// NewReceipts makes the source of a valid profile; the error is that of Validate.
func NewReceipts(profile Profile) (*Receipts, error) {
	if err := profile.Validate(); err != nil {
		return nil, err
	}
	s := &Receipts{profile: profile, named: map[string]bool{}}
	for _, heading := range append(profile.headings(), profile.Notes...) {
		s.named[files.Fold(heading)] = true
	}
	if profile.TaxRate != "" {
		s.rate, _ = ledger.ParseRate(profile.TaxRate) // Validate has read it
	}
	return s, nil
}

// Sources are all sources: the NDJSON form, the POS journal and one for each profile.
func Sources(profiles []Profile) ([]Source, error) {
	sources := []Source{NDJSON{}, POSCSV{}}
	for _, profile := range profiles {
		receipts, err := NewReceipts(profile)
		if err != nil {
			return nil, err
		}
		sources = append(sources, receipts)
	}
	return sources, nil
}

// Name is "receipts-csv:" and the profile's name.
func (s *Receipts) Name() string { return "receipts-csv:" + s.profile.Name }

// Sniff asks for the receipt number, the time and three quarters of the other columns,
// so that a file without one of them is still recognised and the missing column named.
func (s *Receipts) Sniff(doc *files.Document) bool {
	return headed(doc, s.profile.Separator, func(header files.Row) bool {
		headings := s.profile.headings()
		found := 0
		for _, heading := range headings {
			if header.Names(heading) {
				found++
			}
		}
		return header.Names(s.profile.Columns.Doc) && header.Names(s.profile.Columns.Time...) && 4*found >= 3*len(headings)
	})
}

// Read reads every receipt, or returns everything that is wrong with the file.
func (s *Receipts) Read(doc *files.Document, rules Rules) (*Reading, error) {
	book := receiptBook{reading: newReading(), ended: map[receiptKey]int{}}
	var problems files.Problems
	columns := append(s.profile.headings(), s.profile.Notes...)
	readSheets(doc, s.profile.Separator, columns, &problems, book.reading, s.personal, func(part *files.Part, sheet *files.Sheet, record *files.Record) {
		s.dropRest(sheet, record)
		row := s.row(record, rules)
		if record.Sound() {
			book.add(partName(doc, part), record, row)
		}
	})
	book.end()
	reading, err := book.reading.unless(&problems)
	sortByRow(err)
	return reading, err
}

// sortByRow puts errors in row order: what is wrong with a receipt as a whole shows
// only at the row after it.
func sortByRow(err error) {
	var list files.ErrorList
	if !errors.As(err, &list) {
		return
	}
	more := list[len(list)-1].More
	list[len(list)-1].More = 0
	slices.SortStableFunc(list, func(a, b *files.Error) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Row, b.Row))
	})
	list[len(list)-1].More = more
}

// dropRest empties the columns that the profile does not name: nobody has said that
// they may be kept.
func (s *Receipts) dropRest(sheet *files.Sheet, r *files.Record) {
	for _, heading := range sheet.Headings {
		if !s.named[files.Fold(heading)] {
			r.Drop(heading)
		}
	}
}

// receiptRow is one row: an article on a receipt.
type receiptRow struct {
	head     ledger.Till
	columns  Columns
	channel  string
	payment  string
	customer string
	currency ledger.Currency
	line     ledger.SaleLine
	tax      decimal.Decimal // exact, in minor units
	total    decimal.Decimal // as the file has it, in minor units
	stated   bool            // the file has a total
	notes    map[string]string
}

func (s *Receipts) row(r *files.Record, rules Rules) receiptRow {
	c := s.profile.Columns
	row := receiptRow{columns: c}
	row.head.Doc = needID(r, c.Doc, maxReference)
	row.head.Store = s.store(r)
	store := storeOf(r, c.Store, row.head.Store, rules)
	row.head.Terminal = ledger.TerminalID(row.head.Store + "-till")
	if c.Terminal != "" {
		row.head.Terminal = ledger.TerminalID(needID(r, c.Terminal, maxReference))
	}
	if store.Clock.Zone != nil {
		row.head.At = s.time(r, store.Clock.Zone)
		row.head.BusinessDay = store.Clock.Day(row.head.At)
		row.head.Series = row.head.BusinessDay.String()
	}
	row.head.Cashier = optionalID(r, c.Cashier, 32)
	row.channel = channelOf(r, c.Tender, rules)
	row.payment = row.head.Doc
	if c.Payment != "" {
		row.payment = needID(r, c.Payment, maxReference)
	}
	row.customer = optionalID(r, c.Customer, maxReference)
	row.currency = ledger.Currency(s.profile.Currency)
	if c.Currency != "" || row.currency == "" {
		row.currency = currencyOf(r, c.Currency, store)
	}
	if row.currency.Known() {
		s.amounts(r, &row)
	}
	row.notes = s.notes(r)
	return row
}

func (s *Receipts) store(r *files.Record) ledger.StoreID {
	word := needText(r, s.profile.Columns.Store)
	if id, mapped := s.profile.Stores[word]; mapped {
		word = id
	}
	if err := checkID(word, 32); err != nil {
		r.Wrong(s.profile.Columns.Store, unknownStore, ledger.Say("add it under stores: in the receipt profile, with the id of the store"))
		return ""
	}
	return ledger.StoreID(word)
}

func (s *Receipts) time(r *files.Record, zone *time.Location) time.Time {
	var parts []string
	for _, heading := range s.profile.Columns.Time {
		parts = append(parts, needText(r, heading))
	}
	text := strings.Join(parts, " ")
	at, ok := parseLocal(text, zone, s.profile.Layouts...)
	if !ok && r.Sound() {
		wrong := ledger.Say("this is not a time written like %s", strings.Join(s.profile.Layouts, ", "))
		if len(parts) > 1 {
			wrong = ledger.Say("%q is not a time written like %s", text, strings.Join(s.profile.Layouts, ", "))
		}
		r.Wrong(s.profile.Columns.Time[0], wrong, ledger.Say("add its layout under layouts: in the receipt profile"))
	}
	return at
}

// amounts computes what one row is worth: net is unit price × quantity, exact, and
// rounded half up where a quantity with decimals makes a fraction of a minor unit.
func (s *Receipts) amounts(r *files.Record, row *receiptRow) {
	c := s.profile.Columns
	unit := exact(r, c.UnitPrice, row.currency)
	if !unit.IsInteger() {
		r.Wrong(c.UnitPrice, ledger.Say("this has more decimals than %s counts", string(row.currency)),
			ledger.Say("a unit price must be in whole minor units; ask for the original file"))
	}
	milli, err := parseUnsigned(needText(r, c.Quantity), 3)
	if err != nil && r.Has(c.Quantity) {
		r.Wrong(c.Quantity, textOf(err), ledger.Say("a quantity is digits with at most three decimals; goods taken back need a refund of their own"))
	}
	net := unit.Mul(decimal.New(milli, -3))
	if net.GreaterThan(decimal.NewFromInt(maxDigits)) {
		r.Wrong(c.UnitPrice, ledger.Say("unit price × quantity has more than twelve digits"), ledger.Say("compare the row with the original file"))
		return
	}
	rate := s.rate
	if c.TaxRate != "" {
		if rate, err = ledger.ParseRate(needText(r, c.TaxRate)); err != nil && r.Has(c.TaxRate) {
			r.Wrong(c.TaxRate, ledger.Say("this is not a percentage such as %q, up to 100%% with at most four decimals", "5%"), ledger.Text{})
		}
	}
	row.tax = net.Mul(decimal.New(int64(rate), -6))
	if c.Tax != "" {
		row.tax = exact(r, c.Tax, row.currency)
	}
	if c.Total != "" {
		row.total, row.stated = exact(r, c.Total, row.currency), true
	}
	row.line = ledger.SaleLine{
		SKU: optionalID(r, c.SKU, maxReference), Name: optionalText(r, c.Item), Category: optionalText(r, c.Category),
		QtyMilli: milli, TaxRate: rate,
		Unit: ledger.Minor(unit.IntPart(), row.currency),
		Net:  ledger.Minor(net.Round(0).IntPart(), row.currency),
	}
}

// exact is an amount of major units with any decimals, in minor units.
func exact(r *files.Record, heading string, currency ledger.Currency) decimal.Decimal {
	text := needText(r, heading)
	if text == "" {
		return decimal.Decimal{}
	}
	whole, fraction, point := strings.Cut(text, ".")
	if !allDigits(whole) || point && !allDigits(fraction) || len(text) > 40 {
		r.Wrong(heading, ledger.Say("this is not an unsigned amount written as digits with a point before the decimals"),
			ledger.Say("the file may have been saved by a spreadsheet: ask for the original; goods taken back need a refund of their own"))
		return decimal.Decimal{}
	}
	amount := decimal.RequireFromString(text).Shift(int32(currency.Exponent()))
	if amount.GreaterThan(decimal.NewFromInt(maxDigits)) {
		r.Wrong(heading, ledger.Say("this has more than twelve digits"), ledger.Say("compare the row with the original file"))
		return decimal.Decimal{}
	}
	return amount
}

func optionalID(r *files.Record, heading string, maxLen int) string {
	if heading == "" {
		return ""
	}
	return r.ID(heading, maxLen)
}

func optionalText(r *files.Record, heading string) string {
	if heading == "" {
		return ""
	}
	return r.Text(heading)
}

func (s *Receipts) notes(r *files.Record) map[string]string {
	var notes map[string]string
	for _, heading := range s.profile.Notes {
		if !r.Has(heading) {
			continue
		}
		if notes == nil {
			notes = map[string]string{}
		}
		notes[heading] = r.Text(heading)
	}
	return notes
}

// receiptBook puts the rows of one receipt together. They stand next to each other: a
// number that comes again later is either another receipt under the same number or a
// file that was sorted, and which of them can't be known.
type receiptBook struct {
	reading *Reading
	ended   map[receiptKey]int // row at which a receipt began
	open    *receipt
}

type receiptKey struct {
	part     string
	terminal ledger.TerminalID
	series   string
	doc      string
}

type receipt struct {
	key   receiptKey
	first receiptRow
	last  *files.Record
	sale  ledger.SaleRecorded
	tax   decimal.Decimal // exact, of the rows so far
	total decimal.Decimal
	row   int
}

func (b *receiptBook) add(part string, r *files.Record, row receiptRow) {
	key := receiptKey{part, row.head.Terminal, row.head.Series, row.head.Doc}
	if b.open == nil || b.open.key != key {
		b.end()
		if began, again := b.ended[key]; again {
			r.Wrong(row.columns.Doc, ledger.Say("this receipt number stands in row %d already, with other receipts between", began),
				ledger.Say("sort the file by receipt number; if two receipts have the same number, map the column that tells them apart"))
			return
		}
		b.ended[key] = r.Line
		b.open = &receipt{key: key, first: row, row: r.Line}
		b.open.sale = ledger.SaleRecorded{Till: row.head, Sale: row.head.Doc, Customer: row.customer, Notes: row.notes}
	}
	b.open.add(r, row)
}

func (c *receipt) add(r *files.Record, row receiptRow) {
	c.last = r
	switch {
	case row.channel != c.first.channel || row.payment != c.first.payment:
		r.Wrong(row.columns.Tender, ledger.Say("this differs from row %d of the same receipt", c.row),
			ledger.Say("a profile reads one payment per receipt; export the payments in the NDJSON form"))
		return
	case row.currency != c.first.currency:
		r.Wrong(row.columns.Currency, ledger.Say("this differs from row %d of the same receipt", c.row), ledger.Text{})
		return
	case c.sale.Total.Minor > maxDigits:
		r.Wrong(row.columns.Doc, ledger.Say("the receipt's total has more than twelve digits"), ledger.Say("compare the rows with the original file"))
		return
	}
	// Each line has its share of the receipt's rounded tax: the shares add up to it.
	before := c.tax.Round(0)
	c.tax = c.tax.Add(row.tax)
	row.line.Tax = ledger.Minor(c.tax.Round(0).Sub(before).IntPart(), row.currency)
	c.total = c.total.Add(row.total)
	c.sale.Lines = append(c.sale.Lines, row.line)
	c.sale.Tax = c.sale.Tax.Add(row.line.Tax)
	c.sale.Total = c.sale.Total.Add(row.line.Net).Add(row.line.Tax)
}

// end closes the open receipt: its total is checked against the file's, and paid.
func (b *receiptBook) end() {
	c := b.open
	if c == nil {
		return
	}
	b.open = nil
	if !c.last.Sound() {
		return
	}
	total := decimal.NewFromInt(c.sale.Total.Minor)
	if stated := c.total.Round(0); c.first.stated && stated.Sub(total).Abs().GreaterThan(decimal.NewFromInt(1)) {
		c.last.Wrong(c.first.columns.Total, ledger.Say("unit price × quantity and tax make %s, but the file has %s for this receipt",
			c.sale.Total.Amount(), ledger.Minor(stated.IntPart(), c.first.currency).Amount()),
			ledger.Say("compare the row with the original file; a discount needs the NDJSON form"))
		return
	}
	c.sale.Tenders = []ledger.Tender{{Payment: c.first.payment, Channel: c.first.channel, Amount: c.sale.Total, Outcome: ledger.Approved}}
	b.reading.Actions = append(b.reading.Actions, Entry{c.key.part, c.row, c.sale})
}
