package projections

import (
	"time"

	"daybook/ledger"
)

// feedRecord is what is there of a terminal's numbering. Each acceptance has all of it.
type feedRecord struct {
	position         uint64
	terminal, series string
	store            ledger.StoreID
	day              ledger.BusinessDay
	first, last      uint64
	there, missing   uint64
	gaps             []ledger.Gap
}

func (b *block) feed(s source, accepted ledger.FeedAccepted) {
	r := feedRecord{position: s.position, terminal: string(accepted.Terminal), series: accepted.Series, gaps: accepted.Gaps}
	for n, run := range accepted.Seen {
		if n == 0 {
			r.first = run.From
		}
		r.last, r.store, r.day = run.To, run.Store, run.Day
		r.there += run.To - run.From + 1
	}
	for _, gap := range accepted.Gaps {
		r.missing += gap.To - gap.From + 1
	}
	b.feeds = append(b.feeds, r)
}

func gapColumn[V any](name, chType, comment string, value func(ledger.Gap) V) column[feedRecord] {
	return col(name, chType, comment, func(r *feedRecord) []V {
		list := make([]V, len(r.gaps))
		for n, gap := range r.gaps {
			list[n] = value(gap)
		}
		return list
	})
}

const ofFeeds = "feed-accepted"

var feedsTable = table[feedRecord]{
	name:   "r_feeds",
	grain:  "one row per terminal and series of numbers",
	events: ofFeeds,
	key:    "terminal, series",
	columns: []column[feedRecord]{
		col("terminal", word, "the retailer's own number of the terminal", func(r *feedRecord) string { return r.terminal }),
		col("series", "String", "the numbering; empty when the terminal numbers through", func(r *feedRecord) string { return r.series }),
		col("store", word, "store of the last run of numbers; empty when the source numbers nothing", func(r *feedRecord) string { return string(r.store) }),
		col("business_date", "Date", "business day on which the last run of numbers begins; 1970-01-01 when the source numbers nothing", func(r *feedRecord) time.Time { return date(r.day) }),
		col("first_number", "UInt64", "lowest number there; 0 when the source numbers nothing", func(r *feedRecord) uint64 { return r.first }),
		col("last_number", "UInt64", "highest number there", func(r *feedRecord) uint64 { return r.last }),
		col("numbers", "UInt64", "how many numbers are there", func(r *feedRecord) uint64 { return r.there }),
		col("missing", "UInt64", "how many numbers between them are missing", func(r *feedRecord) uint64 { return r.missing }),
		gapColumn("gap_from", "Array(UInt64)", "first number of each gap", func(g ledger.Gap) uint64 { return g.From }),
		gapColumn("gap_to", "Array(UInt64)", "last number of each gap", func(g ledger.Gap) uint64 { return g.To }),
		gapColumn("gap_store", "Array(String)", "store of the action after each gap", func(g ledger.Gap) string { return string(g.Store) }),
		gapColumn("gap_day", "Array(Date)", "business day of the action after each gap", func(g ledger.Gap) time.Time { return date(g.Day) }),
		positionColumn(func(r *feedRecord) uint64 { return r.position }),
	},
}

var feedsView = view{
	name:  "fct_feeds",
	grain: "one row per terminal and series of numbers: what is there of it, and what is missing. Numbers count all actions of the terminal, not only receipts",
	key:   "terminal, series",
	query: `
SELECT terminal, series, store, business_date, first_number, last_number, numbers, missing, toUInt64(length(gap_from)) AS gaps, position
FROM r_feeds FINAL`,
	from:  []describer{feedsTable},
	notes: []note{{"gaps", "how many gaps the missing numbers make", ofFeeds}},
}

var gapsView = view{
	name:  "fct_number_gaps",
	grain: "one row per gap in the numbers of a terminal: the actions with these numbers were never seen",
	key:   "terminal, series, from_number",
	query: `
SELECT terminal, series, g.3 AS store, g.4 AS business_date, g.1 AS from_number, g.2 AS to_number, g.2 - g.1 + 1 AS missing, position
FROM (SELECT terminal, series, position, arrayJoin(arrayZip(gap_from, gap_to, gap_store, gap_day)) AS g FROM r_feeds FINAL)`,
	from: []describer{feedsTable},
	notes: []note{
		{"store", "store of the action after the gap", ofFeeds},
		{"business_date", "business day of the action after the gap", ofFeeds},
		{"from_number", "first missing number", ofFeeds},
		{"to_number", "last missing number", ofFeeds},
		{"missing", "how many numbers are missing", ofFeeds},
	},
}

const ofReceipts = "sale-recorded, refund-recorded, payment-voided, feed-accepted"

var receiptsView = view{
	name: "fct_receipts",
	grain: "register of receipts, without holes: one row per sale, refund or void in any mode, in the order of the terminal's numbers, and one per gap, named by its numbers. " +
		"A number that is in neither is of another action, such as a sign-on",
	key: "terminal, series, number, kind, doc",
	query: `
SELECT terminal, series, number, to_number, kind, mode, business_date, store, at, cashier, doc, receipt, tender, reference, currency, total_minor, ` + decimals("total") + `, position
FROM
(
    SELECT terminal, series, seq AS number, seq AS to_number, toString(kind) AS kind, mode, business_date, store, at, cashier, doc, sale AS receipt, toString(tender) AS tender, original AS reference, currency, exponent, total_minor, position
    FROM r_sales FINAL
    UNION ALL
    SELECT terminal, series, seq AS number, seq AS to_number, 'void' AS kind, mode, business_date, store, at, cashier, doc, p.reference AS receipt, toString(channel) AS tender, original AS reference, currency, exponent, amount_minor AS total_minor, position
    FROM (SELECT * FROM r_payments FINAL WHERE kind = 'void') AS p
    UNION ALL
    SELECT terminal, series, from_number AS number, to_number, 'gap' AS kind, 'live' AS mode, business_date, store, toDateTime64(0, 3, 'UTC') AS at, '' AS cashier, '' AS doc, '' AS receipt, '' AS tender, '' AS reference, '' AS currency, toUInt8(0) AS exponent, toInt64(0) AS total_minor, position
    FROM fct_number_gaps
)`,
	from: []describer{salesTable},
	notes: []note{
		{"number", "the terminal's own number; the first missing one of a gap; 0 when the source numbers nothing", ofReceipts},
		{"to_number", "the same; of a gap the last missing one", ofReceipts},
		{"kind", "sale, refund or void; gap where numbers are missing", ofReceipts},
		{"mode", "live, training or test: practice uses numbers too", ofReceipts},
		{"receipt", "receipt number; of a refund its document number, of a void its own reference; empty in a gap", ofReceipts},
		{"tender", "how it was paid: a channel, or mixed", ofReceipts},
		{"reference", "of a refund or void: what it refers to", ofReceipts},
		{"at", "the terminal's clock, as an instant; 1970-01-01 of a gap", ofReceipts},
		{"business_date", "the store's business day; of a gap that of the action after it", ofReceipts},
		{"total_minor", "what the customer owes, tax included; negative on refunds and voids; 0 of a gap" + inMinor + signed, ofReceipts},
	},
}
