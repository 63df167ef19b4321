package projections

import (
	"time"

	"daybook/ledger"
)

// articleRecord is an article as a ticket names it; what the catalogue says of it is in dim_products.
type articleRecord struct {
	position            uint64
	sku, name, category string
	unit                ledger.Money
	day                 ledger.BusinessDay
}

var articlesTable = table[articleRecord]{
	name:   "r_articles",
	grain:  "one row per article, as the ticket latest in the journal names it",
	events: ofTickets,
	key:    "sku",
	columns: []column[articleRecord]{
		col("sku", "String", "article number", func(r *articleRecord) string { return r.sku }),
		col("name", "String", "article name, as it was last sold", func(r *articleRecord) string { return r.name }),
		col("category", word, "product line, as it was last sold", func(r *articleRecord) string { return r.category }),
		col("unit_minor", "Int64", "price of one, as it was last sold"+inMinor+"currency", func(r *articleRecord) int64 { return r.unit.Minor }),
		col("last_day", "Date", "business day on which it was last sold, or given back", func(r *articleRecord) time.Time { return date(r.day) }),
		col("currency", word, "ISO 4217 code of every amount in the row", func(r *articleRecord) string { return string(r.unit.Currency) }),
		col("exponent", "UInt8", "decimals of the currency's minor unit: 0, 2 or 3", func(r *articleRecord) uint8 { return uint8(r.unit.Currency.Exponent()) }),
		positionColumn(func(r *articleRecord) uint64 { return r.position }),
	},
}

// article notes what a line says of its article. Of a block's lines the last counts, and
// of one ticket's the last as well; both are in the order of the journal.
func (b *block) article(s source, head *ledger.Till, line *ledger.SaleLine) {
	if line.SKU != "" && head.Mode.Counts() {
		if b.articleAt == nil {
			b.articleAt = map[string]int{}
		}
		record := articleRecord{s.position, line.SKU, line.Name, line.Category, line.Unit, head.BusinessDay}
		if at, known := b.articleAt[line.SKU]; known {
			b.articles[at] = record
			return
		}
		b.articleAt[line.SKU] = len(b.articles)
		b.articles = append(b.articles, record)
	}
}

var articlesView = view{
	name:  "dim_articles",
	grain: "one row per article that tickets name, as it was last sold; not a catalogue",
	key:   "sku",
	query: `
SELECT sku, name, category, currency, unit_minor, ` + decimals("unit") + `, last_day, position
FROM r_articles FINAL`,
	from: []describer{articlesTable},
}

// dimension is a view of what tickets are counted under.
func dimension(name, grain, key, query string, notes ...note) view {
	return view{name: name, grain: grain, key: key, query: query, from: []describer{saleSums.table()}, notes: append(notes,
		note{"first_day", "first business day with a ticket", ofTickets},
		note{"last_day", "last business day with a ticket", ofTickets},
		note{"days", "business days with tickets", ofTickets},
		note{"tickets", "sales and refunds", ofTickets},
		note{"position", latest, ofTickets})}
}

const span = `min(x.business_date) AS first_day, max(x.business_date) AS last_day, uniqExact(x.business_date) AS days, sum(x.tickets) AS tickets, max(x.position) AS position`

var storesView = dimension("dim_stores", "one row per store that has tickets", "store", `
SELECT x.store AS store, uniqExact(x.value) AS terminals, arraySort(groupUniqArray(x.currency)) AS currencies, `+span+`
FROM (SELECT * FROM r_sale_sums FINAL WHERE dimension = 'terminal') AS x
GROUP BY store`,
	note{"terminals", "how many terminals have tickets in it", ofTickets},
	note{"currencies", "ISO 4217 codes of its tickets", ofTickets})

var terminalsView = dimension("dim_terminals", "one row per terminal that has tickets", "terminal", `
SELECT x.value AS terminal, argMax(x.store, (x.business_date, x.position)) AS store, uniqExact(x.store) AS stores, `+span+`,
    toUInt16(greatest((SELECT max(day) FROM r_fact_days), max(x.business_date)) - max(x.business_date)) AS silent_days
FROM (SELECT * FROM r_sale_sums FINAL WHERE dimension = 'terminal') AS x
GROUP BY terminal`,
	note{"terminal", "the retailer's own number of the terminal", ofTickets},
	note{"store", "store of its last day", ofTickets},
	note{"stores", "how many stores it has tickets in", ofTickets},
	note{"silent_days", "days from its last ticket to the newest day of which there are facts", ofTickets + ", storeday-opened, statement-listed"})

var staffView = dimension("dim_staff", "one row per member of staff who has tickets; the number, never a name", "cashier", `
SELECT x.value AS cashier, argMax(x.store, (x.business_date, x.position)) AS store, uniqExact(x.store) AS stores, `+span+`
FROM (SELECT * FROM r_sale_sums FINAL WHERE dimension = 'cashier' AND value != '') AS x
GROUP BY cashier`,
	note{"cashier", "staff number", ofTickets},
	note{"store", "store of the last day", ofTickets},
	note{"stores", "how many stores", ofTickets})

const ofFactDays = "storeday-opened, statement-listed"

var calendarView = view{
	name:  "dim_calendar",
	grain: "one row per calendar day, from the first to the newest of which there are facts, and per day of a till whose clock is ahead",
	key:   "day",
	query: `
SELECT day, toYear(day) AS year, toQuarter(day) AS quarter, toMonth(day) AS month, toStartOfMonth(day) AS month_begins, toISOYear(day) AS iso_year, toISOWeek(day) AS iso_week, toMonday(day) AS week_begins,
    toDayOfWeek(day) AS weekday, CAST(toDayOfWeek(day) > 5, 'Bool') AS weekend, CAST(is_ahead, 'Bool') AS ahead, position
FROM
(
    SELECT day, min(of_ahead) AS is_ahead, max(position) AS position FROM
    (
        SELECT toDate(arrayJoin(range(toUInt32(min(f.day)), toUInt32(max(f.day)) + 1))) AS day, toUInt8(0) AS of_ahead, max(f.position) AS position
        FROM r_fact_days AS f FINAL
        HAVING count() > 0
        UNION ALL
        SELECT business_date AS day, toUInt8(1) AS of_ahead, position FROM r_days_ahead FINAL
    )
    GROUP BY day
)`,
	from: []describer{factDaysTable, aheadTable},
	notes: []note{
		{"day", "the calendar day; business days are named by it", ofFactDays},
		{"year", "calendar year", ofFactDays},
		{"quarter", "1 to 4", ofFactDays},
		{"month", "1 to 12", ofFactDays},
		{"month_begins", "first day of the month", ofFactDays},
		{"iso_year", "year that the week belongs to (ISO 8601)", ofFactDays},
		{"iso_week", "1 to 53 (ISO 8601)", ofFactDays},
		{"week_begins", "Monday of the week", ofFactDays},
		{"weekday", "1 Monday to 7 Sunday", ofFactDays},
		{"weekend", "Saturday or Sunday", ofFactDays},
		{"ahead", "a day that is not there yet, which a till whose clock is ahead has named; the newest of the others stands for today", ofFactDays},
		{"position", latest, ofFactDays},
	},
}
