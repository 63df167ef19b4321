package projections

import (
	"strings"
)

// The KPI dictionary: what each figure is, once, and a view for each thing that it can be
// seen by. Rates and averages are of the row; over several rows they are made again from
// the columns they are made of, never averaged.

const ofTickets = "sale-recorded, refund-recorded"

// ratio is a quotient as a decimal, NULL where there is nothing to divide by. Digits
// beyond the sixth are cut off.
func ratio(name, over, under string) string {
	return "CAST(if(" + under + " = 0, NULL, toDecimal128(" + over + ", 6) / greatest(" + under + ", 1)) AS Nullable(Decimal(18, 6))) AS " + name
}

// perCoin is a quotient of an amount, in units of the currency.
func perCoin(name, amount, under string) string {
	return ratio(name, amount, "("+under+" * intExp10(exponent))")
}

// kpis are the figures of a row of sums, whose names they read.
var kpis = `sales, refunds, qty_milli, returned_milli,
    CAST(toDecimal128(qty_milli, 3) / 1000 AS Decimal(18, 3)) AS qty,
    gross_minor, discount_minor, sold_net_minor, returned_net_minor, net_minor, tax_minor, total_minor,
    ` + decimals("gross", "discount", "sold_net", "returned_net", "net", "tax", "total") + `,
    ` + perCoin("average_ticket", "net_minor", "sales") + `,
    ` + ratio("units_per_ticket", "qty_milli", "(sales * 1000)") + `,
    CAST(if(qty_milli <= 0, NULL, toDecimal128(net_minor, 6) * 1000 / greatest(qty_milli, 1) / intExp10(exponent)) AS Nullable(Decimal(18, 6))) AS average_price,
    ` + ratio("discount_rate", "discount_minor", "greatest(gross_minor, 0)") + `,
    ` + ratio("return_rate", "returned_net_minor", "greatest(sold_net_minor, 0)") + `,
    position`

// kpiSums are what kpis are made of, from rows of sums.
const kpiSums = `any(x.exponent) AS exponent,
    sumIf(x.tickets, x.kind = 'sale') AS sales, sumIf(x.tickets, x.kind = 'refund') AS refunds,
    sumIf(x.qty_milli, x.kind = 'sale') AS qty_milli, -sumIf(x.qty_milli, x.kind = 'refund') AS returned_milli,
    sumIf(x.gross_minor, x.kind = 'sale') AS gross_minor, sumIf(x.discount_minor, x.kind = 'sale') AS discount_minor,
    sumIf(x.net_minor, x.kind = 'sale') AS sold_net_minor, -sumIf(x.net_minor, x.kind = 'refund') AS returned_net_minor,
    sum(x.net_minor) AS net_minor, sum(x.tax_minor) AS tax_minor, sum(x.total_minor) AS total_minor, max(x.position) AS position`

const (
	inOnes   = "; decimal, in units of one: 0.05 is five in a hundred"
	perCoins = "; decimal, in units of currency, cut after the sixth decimal"
)

func kpiNotes(more ...note) []note {
	return append(more,
		note{"sales", "completed sales, each ticket once", ofTickets},
		note{"refunds", "refunds given on this day", ofTickets},
		note{"qty_milli", "units sold, refunds not taken off, in thousandths", ofTickets},
		note{"returned_milli", "units given back on this day, in thousandths", ofTickets},
		note{"qty", "what was sold, refunds not taken off, in units", ofTickets},
		note{"gross_minor", "gross sales: net of sales + discounts; returns and tax not in it" + inMinor + signed, ofTickets},
		note{"discount_minor", "discounts on sales" + inMinor + "currency, positive where it is taken off", ofTickets},
		note{"sold_net_minor", "net of sales before returns: gross - discount" + inMinor + signed, ofTickets},
		note{"returned_net_minor", "net of refunds, by the day of the refund" + inMinor + "currency, positive where it is taken off", ofTickets},
		note{"net_minor", "net sales: gross - discount - returned_net, before tax" + inMinor + signed, ofTickets},
		note{"tax_minor", "tax on sales less tax on refunds" + inMinor + signed, ofTickets},
		note{"total_minor", "net and tax" + inMinor + signed, ofTickets},
		note{"average_ticket", "average ticket (ATV): net / sales; NULL without sales" + perCoins, ofTickets},
		note{"units_per_ticket", "units per ticket (UPT): qty / sales; NULL without sales; decimal, in units of one", ofTickets},
		note{"average_price", "average selling price (ASP): net / qty; NULL without quantities" + perCoins, ofTickets},
		note{"discount_rate", "discount / gross; NULL without gross sales" + inOnes, ofTickets},
		note{"return_rate", "returned_net / sold_net, both of this day; NULL without sales" + inOnes, ofTickets},
		note{"position", latest, ofTickets},
	)
}

// salesBy is the view of one dimension of the sums of tickets. as names its value, and may
// turn it into something else: "toUInt8(x.value) AS local_hour".
func salesBy(name, grain, dimension, as string, notes ...note) view {
	value := as
	if _, alias, found := strings.Cut(as, " AS "); found {
		value = alias
	}
	group, extra := "", ""
	if as != "" {
		group, as = ", "+value, as+", "
		extra = value + ", "
	}
	if dimension == "note" {
		group, as, extra = ", note, value", "x.name AS note, x.value AS value, ", "note, value, "
	}
	if dimension == "hour" {
		extra += "toDayOfWeek(business_date) AS weekday, "
	}
	return view{
		name:  name,
		grain: grain + ". net = gross - discount - returned_net; rates are of the row",
		key:   "business_date, store, currency" + group,
		query: `
SELECT business_date, store, ` + extra + `currency, ` + kpis + `
FROM
(
    SELECT x.business_date AS business_date, x.store AS store, ` + as + `x.currency AS currency, ` + kpiSums + `
    FROM (SELECT * FROM r_sale_sums FINAL WHERE dimension = '` + dimension + `') AS x
    GROUP BY business_date, store, currency` + group + `
)`,
		from:  []describer{saleSums.table()},
		notes: kpiNotes(notes...),
	}
}

var (
	salesDayView = salesBy("agg_sales_day", "sales of a day: one row per business day, store and currency", "terminal", "")

	salesDayHourView = salesBy("agg_sales_day_hour", "sales by hour, for hour × weekday: one row per business day, store, local hour and currency", "hour", "toUInt8(CAST(x.value, 'String')) AS local_hour",
		note{"local_hour", "hour of the day on the terminal's clock, 0 to 23", ofTickets},
		note{"weekday", "1 Monday to 7 Sunday, of the business day", ofTickets})

	salesDayTenderView = salesBy("agg_sales_day_tender", "sales by how the ticket was paid: one row per business day, store, tender and currency", "tender", "x.value AS tender",
		note{"tender", "how it was paid: the channel of the approved tenders, or mixed", ofTickets})

	salesDayCategoryView = salesBy("agg_sales_day_category", "sales by product line, from the lines of tickets: one row per business day, store, category and currency. "+
		"A ticket counts once in each category it has; a discount on the whole ticket is in none", "category", "x.value AS category",
		note{"category", "product line", ofTickets})

	salesDayTerminalView = salesBy("agg_sales_day_terminal", "sales by terminal: one row per business day, store, terminal and currency", "terminal", "x.value AS terminal",
		note{"terminal", "the retailer's own number of the terminal", ofTickets})

	salesDayCashierView = salesBy("agg_sales_day_cashier", "sales by cashier: one row per business day, store, cashier and currency", "cashier", "x.value AS cashier",
		note{"cashier", "staff number", ofTickets})

	salesDayNoteView = salesBy("agg_sales_day_note", "sales by a note of the receipt, such as gender or customer type: one row per business day, store, note, value and currency. "+
		"A ticket counts once under each of its notes", "note", "",
		note{"note", "name of the column of the source that the profile keeps as a note", ofTickets},
		note{"value", "what it says", ofTickets})
)

var salesDayProductView = view{
	name: "agg_sales_day_product",
	grain: "sales by article, from the lines of tickets: one row per business day, store, article and currency. net = gross - discount - returned_net; " +
		"a discount on the whole ticket is on no article; rates are of the row",
	key: "business_date, store, sku, currency",
	query: `
SELECT business_date, store, sku, currency, ` + kpis + `
FROM
(
    SELECT x.business_date AS business_date, x.store AS store, x.sku AS sku, x.currency AS currency, ` + kpiSums + `
    FROM (SELECT * FROM r_article_sums FINAL) AS x
    GROUP BY business_date, store, sku, currency
)`,
	from:  []describer{articleSums.table()},
	notes: kpiNotes(),
}

var returnsDayView = view{
	name: "agg_returns_day",
	grain: "returns by the day of the sale they take back: one row per business day of the original sale, store of the refund and currency. " +
		"return_rate of agg_sales_day is by the day of the refund; for the other, divide by sold_net of this day",
	key: "sold_on, store, currency",
	query: `
SELECT sold_on, store, currency, refunds, returned_net_minor, ` + decimals("returned_net") + `, position
FROM
(
    SELECT o.day AS sold_on, r.store AS store, r.currency AS currency, any(r.exponent) AS exponent,
        count() AS refunds, -sum(r.net_minor) AS returned_net_minor, max(r.position) AS position
    FROM (SELECT store, original, currency, exponent, net_minor, position FROM r_sales FINAL WHERE mode = 'live' AND kind = 'refund') AS r
    INNER JOIN
    (
        SELECT original, min(day) AS day
        FROM
        (
            SELECT reference AS original, business_date AS day FROM r_payments FINAL
            WHERE mode = 'live' AND kind = 'sale' AND reference != '' AND reference IN (SELECT original FROM r_sales WHERE kind = 'refund')
            UNION ALL
            SELECT sale AS original, business_date AS day FROM r_sales FINAL
            WHERE mode = 'live' AND kind = 'sale' AND sale != '' AND sale IN (SELECT original FROM r_sales WHERE kind = 'refund')
        )
        GROUP BY original
    ) AS o ON o.original = r.original
    GROUP BY sold_on, store, currency
)`,
	from: []describer{salesTable},
	notes: []note{
		{"sold_on", "business day of the sale that was taken back; refunds of sales that nobody knows are left out", ofTickets},
		{"refunds", "how many refunds", ofTickets},
		{"returned_net_minor", "net of these refunds" + inMinor + "currency, positive where it is taken off", ofTickets},
		{"position", latest, ofTickets},
	},
}

const ofPayments = "sale-recorded, refund-recorded, payment-voided"

var paymentsDayView = view{
	name: "agg_payments_day",
	grain: "tender mix: one row per business day, store, channel, way of reading, kind of card and currency. Outcomes are those that the till reported at first; " +
		"what was learned later is in fct_payments",
	key: "business_date, store, channel, entry, card_kind, currency",
	query: `
SELECT business_date, store, channel, entry, card_kind, currency,
    approved, declined, unknown, reversed, refunds, voids, approved_amount_minor, refunded_amount_minor, voided_amount_minor,
    ` + decimals("approved_amount", "refunded_amount", "voided_amount") + `,
    ` + ratio("approval_rate", "approved", "(approved + declined)") + `,
    ` + ratio("void_rate", "voids", "approved") + `,
    position
FROM
(
    SELECT x.business_date AS business_date, x.store AS store, x.channel AS channel, x.entry AS entry, x.card_kind AS card_kind, x.currency AS currency, any(x.exponent) AS exponent,
        sumIf(x.payments, x.kind = 'sale' AND x.reported = 'approved') AS approved, sumIf(x.payments, x.kind = 'sale' AND x.reported = 'declined') AS declined,
        sumIf(x.payments, x.kind = 'sale' AND x.reported = 'unknown') AS unknown, sumIf(x.payments, x.kind = 'sale' AND x.reported = 'reversed') AS reversed,
        sumIf(x.payments, x.kind = 'refund' AND x.reported = 'approved') AS refunds, sumIf(x.payments, x.kind = 'void' AND x.reported = 'approved') AS voids,
        sumIf(x.amount_minor, x.kind = 'sale' AND x.reported = 'approved') AS approved_amount_minor, -sumIf(x.amount_minor, x.kind = 'refund' AND x.reported = 'approved') AS refunded_amount_minor,
        -sumIf(x.amount_minor, x.kind = 'void' AND x.reported = 'approved') AS voided_amount_minor, max(x.position) AS position
    FROM (SELECT * FROM r_payment_sums FINAL) AS x
    GROUP BY business_date, store, channel, entry, card_kind, currency
)`,
	from: []describer{paymentSums.table()},
	notes: []note{
		{"approved", "payments for sales that were approved", ofPayments},
		{"declined", "payments for sales that were declined", ofPayments},
		{"unknown", "payments for sales without an answer in time", ofPayments},
		{"reversed", "payments for sales whose reversal was acknowledged at once", ofPayments},
		{"refunds", "approved payments back", ofPayments},
		{"voids", "approved voids", ofPayments},
		{"approved_amount_minor", "sum of approved payments for sales" + inMinor + signed, ofPayments},
		{"refunded_amount_minor", "sum of approved payments back" + inMinor + "currency, positive where it is taken off", ofPayments},
		{"voided_amount_minor", "sum of approved voids" + inMinor + "currency, positive where it is taken off", ofPayments},
		{"approval_rate", "approved / (approved + declined), unknown apart; NULL without either" + inOnes, ofPayments},
		{"void_rate", "voids / approved; NULL without approved payments" + inOnes, ofPayments},
		{"position", latest, ofPayments},
	},
}

var checkoutView = view{
	name: "agg_checkout_speed",
	grain: "checkout speed: one row per business day, store, terminal, cashier and local hour, of sales whose till says when they began. " +
		"Quantiles are exact, of the row; over several rows take quantileExact of checkout_ms in fct_sales",
	key: "business_date, store, terminal, cashier, local_hour",
	query: `
SELECT business_date, store, terminal, cashier, local_hour, count() AS sales, sum(s.qty_milli) AS qty_milli, sum(toUInt64(s.checkout_ms)) AS checkout_ms,
    quantileExact(0.5)(s.checkout_ms) AS p50_ms, quantileExact(0.9)(s.checkout_ms) AS p90_ms,
    ` + ratio("items_per_minute", "sum(s.qty_milli) * 60", "sum(toUInt64(s.checkout_ms))") + `, max(s.position) AS position
FROM (SELECT * FROM r_sales FINAL WHERE mode = 'live' AND kind = 'sale' AND checkout_ms > 0) AS s
GROUP BY business_date, store, terminal, cashier, local_hour`,
	from: []describer{salesTable},
	notes: []note{
		{"sales", "sales whose till says when they began", "sale-recorded"},
		{"qty_milli", "units on them, in thousandths", "sale-recorded"},
		{"checkout_ms", "sum of milliseconds from the first article to the end of the ticket", "sale-recorded"},
		{"p50_ms", "median of them, in milliseconds", "sale-recorded"},
		{"p90_ms", "what nine in ten do not exceed, in milliseconds", "sale-recorded"},
		{"items_per_minute", "units / minutes of checkout; decimal, in units of one", "sale-recorded"},
		{"position", latest, "sale-recorded"},
	},
}
