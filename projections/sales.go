package projections

import (
	"maps"
	"slices"
	"time"

	"daybook/ledger"
)

// saleRecord is a completed sale or refund, without its lines. Of a refund all amounts
// are negative.
type saleRecord struct {
	source
	ledger.Till
	id, kind, sale, original, customer, tender string
	lines                                      uint32
	currency                                   ledger.Currency
	qty, net, discount, tax, total             int64
	checkout                                   uint32
	articles, noteNames, noteValues            []string
}

var salesTable = table[saleRecord]{
	name:   "r_sales",
	grain:  "one row per sale or refund, in any mode",
	events: "sale-recorded, refund-recorded",
	key:    "business_date, store, id",
	columns: slices.Concat(
		tillColumns(func(r *saleRecord) *ledger.Till { return &r.Till }),
		[]column[saleRecord]{
			col("id", "String", "terminal/series/number of the action", func(r *saleRecord) string { return r.id }),
			col("kind", word, "sale or refund", func(r *saleRecord) string { return r.kind }),
			col("sale", "String", "receipt number; of a refund its document number", func(r *saleRecord) string { return r.sale }),
			col("original", "String", "of a refund: the payment or sale it refers to", func(r *saleRecord) string { return r.original }),
			col("customer", "String", "customer id, never a number that a person knows; empty when the till named nobody, or who it was is erased", func(r *saleRecord) string { return r.customer }),
			col("tender", word, "how it was paid: the channel of the approved tenders (of all, when none was approved), or mixed", func(r *saleRecord) string { return r.tender }),
			col("lines", "UInt32", "number of lines the source gave; 0 when it gives none", func(r *saleRecord) uint32 { return r.lines }),
			col("qty_milli", "Int64", "quantity of all lines in thousandths of a unit; negative on a refund", func(r *saleRecord) int64 { return r.qty }),
			col("articles", "Array(LowCardinality(String))", "article numbers on the ticket, each once, sorted", func(r *saleRecord) []string { return r.articles }),
			col("checkout_ms", "UInt32", "milliseconds from the first article to the end of the ticket; 0 when the till does not say when it began", func(r *saleRecord) uint32 { return r.checkout }),
			minor("net", "total less tax", func(r *saleRecord) int64 { return r.net }),
			taken("discount", "discounts on the ticket and on its lines; contained in total already", func(r *saleRecord) int64 { return r.discount }),
			minor("tax", "tax contained in total", func(r *saleRecord) int64 { return r.tax }),
			minor("total", "what the customer owes, tax included; negative on a refund", func(r *saleRecord) int64 { return r.total }),
			col("note_names", "Array(LowCardinality(String))", "names of further columns of the source, sorted", func(r *saleRecord) []string { return r.noteNames }),
			col("note_values", "Array(String)", "their values", func(r *saleRecord) []string { return r.noteValues }),
		},
		currencyColumns(func(r *saleRecord) ledger.Currency { return r.currency }),
		sourceColumns(func(r *saleRecord) *source { return &r.source }),
	),
}

var salesView = view{
	name:  "fct_sales",
	grain: "one row per sale or refund; amounts of refunds are negative; training and test are left out",
	key:   "business_date, store, terminal, series, seq, id",
	query: `
SELECT
    ` + tillView + `, sale, kind, mode, original, ` + unlessErased + ` AS customer, tender, lines,
    qty_milli, CAST(toDecimal128(qty_milli, 3) / 1000 AS Decimal(18, 3)) AS qty, articles, checkout_ms, currency, net_minor, discount_minor, tax_minor, total_minor,
    ` + decimals("net", "discount", "tax", "total") + `,
    CAST((note_names, note_values), 'Map(String, String)') AS notes,
    id, series, seq, doc, file, file_sha256, file_row, position
FROM r_sales FINAL
WHERE mode = 'live'`,
	from: []describer{salesTable},
	notes: []note{
		{"mode", "always live: training and test are left out", salesTable.events},
		{"notes", "further columns of the source, by their name", salesTable.events},
		{"qty", "quantity of all lines in units, up to thousandths; negative on a refund", salesTable.events},
	},
}

var salesHourView = view{
	name:  "agg_sales_hour",
	grain: "one row per business day, store, terminal, local hour, tender, kind and currency",
	key:   "business_date, store, terminal, local_hour, tender, kind, currency",
	query: `
SELECT
    business_date, store, terminal, local_hour, tender, kind, currency,
    count() AS sales,
    sum(s.net_minor) AS net_minor, sum(s.tax_minor) AS tax_minor, sum(s.total_minor) AS total_minor,
    sum(s.net) AS net, sum(s.tax) AS tax, sum(s.total) AS total,
    max(s.position) AS position
FROM fct_sales AS s
GROUP BY business_date, store, terminal, local_hour, tender, kind, currency`,
	from: []describer{salesView},
	notes: []note{
		{"sales", "number of sales, or of refunds", salesTable.events},
		{"net_minor", "sum of net in fct_sales" + inMinor + signed, salesTable.events},
		{"tax_minor", "sum of tax in fct_sales" + inMinor + signed, salesTable.events},
		{"total_minor", "sum of total in fct_sales" + inMinor + signed, salesTable.events},
		{"position", latest, salesTable.events},
	},
}

// saleLineRecord is one article on a ticket. Of a refund, quantity and amounts are
// negative, the unit price is not.
type saleLineRecord struct {
	source
	ledger.Till
	id, kind, sale, tender string
	line                   uint32
	ledger.SaleLine
	currency           ledger.Currency
	qty                int64
	discount, net, tax int64
	wasted             bool
}

var saleLinesTable = table[saleLineRecord]{
	name:   "r_sale_lines",
	grain:  "one row per line of a sale or refund, in any mode",
	events: "sale-recorded, refund-recorded",
	key:    "business_date, store, id, line",
	columns: slices.Concat(
		tillColumns(func(r *saleLineRecord) *ledger.Till { return &r.Till }),
		[]column[saleLineRecord]{
			col("id", "String", "terminal/series/number of the action", func(r *saleLineRecord) string { return r.id }),
			col("line", "UInt32", "place on the ticket, from 1", func(r *saleLineRecord) uint32 { return r.line }),
			col("kind", word, "sale or refund", func(r *saleLineRecord) string { return r.kind }),
			col("sale", "String", "receipt number; of a refund its document number", func(r *saleLineRecord) string { return r.sale }),
			col("tender", word, "how the ticket was paid: a channel, or mixed", func(r *saleLineRecord) string { return r.tender }),
			col("sku", word, "article number", func(r *saleLineRecord) string { return r.SKU }),
			col("name", "String", "article name at the time of sale", func(r *saleLineRecord) string { return r.Name }),
			col("category", word, "product line", func(r *saleLineRecord) string { return r.Category }),
			col("qty_milli", "Int64", "quantity in thousandths of a unit; negative on a refund", func(r *saleLineRecord) int64 { return r.qty }),
			col("unit_minor", "Int64", "price of one, as the source states it; on a refund as on a sale"+inMinor+"currency", func(r *saleLineRecord) int64 { return r.Unit.Minor }),
			taken("discount", "discount on the line", func(r *saleLineRecord) int64 { return r.discount }),
			minor("net", "before tax", func(r *saleLineRecord) int64 { return r.net }),
			minor("tax", "tax on the line", func(r *saleLineRecord) int64 { return r.tax }),
			minor("total", "net and tax", func(r *saleLineRecord) int64 { return r.net + r.tax }),
			col("tax_ppm", "Int64", "tax rate in parts per million", func(r *saleLineRecord) int64 { return int64(r.TaxRate) }),
			col("wasted", "UInt8", "of a refund: 1 when the goods cannot be sold again", func(r *saleLineRecord) uint8 { return flag(r.wasted) }),
		},
		currencyColumns(func(r *saleLineRecord) ledger.Currency { return r.currency }),
		sourceColumns(func(r *saleLineRecord) *source { return &r.source }),
	),
}

var saleLinesView = view{
	name:  "fct_sale_lines",
	grain: "one row per line of a sale or refund; quantities and amounts of refunds are negative; training and test are left out",
	key:   "business_date, store, terminal, series, seq, id, line",
	query: `
SELECT
    ` + tillView + `, sale, kind, mode, tender, line, category, sku, name,
    qty_milli, CAST(toDecimal128(qty_milli, 3) / 1000 AS Decimal(18, 3)) AS qty,
    currency, exponent, unit_minor, discount_minor, net_minor, tax_minor, total_minor, tax_ppm,
    ` + decimals("unit", "discount", "net", "tax", "total") + `,
    id, series, seq, doc, file, file_sha256, file_row, position
FROM r_sale_lines FINAL
WHERE mode = 'live'`,
	from: []describer{saleLinesTable},
	notes: []note{
		{"mode", "always live: training and test are left out", salesTable.events},
		{"qty", "quantity in units, up to thousandths; negative on a refund", saleLinesTable.events},
	},
}

func (b *block) sale(s source, action ledger.SaleRecorded) {
	record := saleRecord{
		source: s, Till: action.Till, id: actionID(action.Till), kind: "sale", sale: action.Sale, customer: action.Customer,
		tender: tenderOf(action.Tenders), currency: action.Total.Currency,
		discount: action.Discount.Minor, tax: action.Tax.Minor, total: action.Total.Minor, checkout: checkoutOf(action),
	}
	for _, name := range slices.Sorted(maps.Keys(action.Notes)) {
		record.noteNames, record.noteValues = append(record.noteNames, name), append(record.noteValues, action.Notes[name])
	}
	b.ticket(record, action.Lines, 1)
	b.tenders(s, action.Till, "sale", action.Sale, "", action.Tenders)
}

func (b *block) refund(s source, action ledger.RefundRecorded) {
	b.ticket(saleRecord{
		source: s, Till: action.Till, id: actionID(action.Till), kind: "refund", sale: action.Refund, original: action.Original,
		tender: tenderOf(action.Tenders), currency: action.Total.Currency, tax: -action.Tax.Minor, total: -action.Total.Minor,
	}, action.Lines, -1)
	for _, line := range action.Wasted {
		if at := len(b.saleLines) - len(action.Lines) + line - 1; line >= 1 && line <= len(action.Lines) {
			b.saleLines[at].wasted = true
		}
	}
	b.tenders(s, action.Till, "refund", action.Refund, action.Original, action.Tenders)
}

// ticket adds a sale or refund and its lines, to whose amounts it gives the sign.
func (b *block) ticket(record saleRecord, lines []ledger.SaleLine, sign int64) {
	record.net, record.lines = record.total-record.tax, uint32(len(lines))
	for n, line := range lines {
		b.article(record.source, &record.Till, &line)
		record.discount += sign * line.Discount.Minor
		record.qty += sign * line.QtyMilli
		if line.SKU != "" {
			record.articles = append(record.articles, line.SKU)
		}
		b.saleLines = append(b.saleLines, saleLineRecord{
			source: record.source, Till: record.Till, id: record.id, kind: record.kind, sale: record.sale, tender: record.tender,
			line: uint32(n + 1), SaleLine: line, currency: line.Net.Currency, qty: sign * line.QtyMilli,
			discount: sign * line.Discount.Minor, net: sign * line.Net.Minor, tax: sign * line.Tax.Minor,
		})
	}
	slices.Sort(record.articles)
	record.articles = slices.Compact(record.articles)
	b.sales = append(b.sales, record)
}

// checkoutOf is how long a ticket took, in milliseconds. A clock that was put back, or
// more than a day, says nothing.
func checkoutOf(action ledger.SaleRecorded) uint32 {
	if took := action.At.Sub(action.Begun); !action.Begun.IsZero() && took > 0 && took < 24*time.Hour {
		return uint32(took.Milliseconds())
	}
	return 0
}

// tenderOf is the one channel a ticket was paid through, or mixed.
func tenderOf(tenders []ledger.Tender) string {
	channels := map[string]bool{}
	for _, approvedOnly := range []bool{true, false} {
		for _, tender := range tenders {
			if tender.Outcome == ledger.Approved || !approvedOnly {
				channels[tender.Channel] = true
			}
		}
		if len(channels) > 0 {
			break
		}
	}
	if len(channels) > 1 {
		return "mixed"
	}
	for channel := range channels {
		return channel
	}
	return ""
}
