package projections

var taxSums = daySums{
	name:   "r_tax_sums",
	grain:  "one row per business day, store, kind, currency and tax rate, from lines of tickets that say one",
	events: "sale-recorded, refund-recorded",
	key:    "business_date, store, kind, currency, tax_ppm",
	columns: []column[struct{}]{
		derived("business_date", "Date", "the store's business day"),
		derived("store", word, "the retailer's own number of the store"),
		derived("kind", word, "sale or refund"),
		derived("currency", word, "ISO 4217 code of every amount in the row"),
		derived("exponent", "UInt8", "decimals of the currency's minor unit: 0, 2 or 3"),
		derived("tax_ppm", "Int64", "tax rate in parts per million; a line with tax and no rate is left out"),
		derived("lines", "UInt64", "number of lines of tickets"),
		derived("net_minor", "Int64", "before tax, after discounts"+inMinor+signed),
		derived("tax_minor", "Int64", "tax"+inMinor+signed),
		derived("position", "UInt64", latest),
	},
	query: `
SELECT business_date, store, kind, currency, any(exponent), tax_ppm, count(), sum(net_minor), sum(tax_minor), max(position)
FROM r_sale_lines FINAL
WHERE ` + touched + ` AND (tax_ppm != 0 OR tax_minor = 0)
GROUP BY business_date, store, kind, currency, tax_ppm`,
}

// Tax by rate is added up from the lines of tickets, which alone say a rate. What is on no line,
// or on one that has tax and says no rate, is the rest of the tickets: so the rows of a day come
// to what its tickets come to, whatever their source tells.
var taxDayView = view{
	name: "agg_tax_day",
	grain: "tax by rate: one row per business day, store, currency and tax rate, sales less refunds. " +
		"The row without a rate is what tickets have beyond lines with one; the rows of a day add up to net, tax and total of agg_sales_day",
	key: "business_date, store, currency, tax_ppm",
	query: `
SELECT business_date, store, currency, tax_ppm, CAST(toDecimal128(tax_ppm, 6) / 10000 AS Nullable(Decimal(18, 4))) AS tax_percent,
    net_minor, tax_minor, net_minor + tax_minor AS total_minor, refunded_tax_minor,
    ` + decimals("net", "tax") + `, CAST(toDecimal128(net_minor + tax_minor, 3) / intExp10(exponent) AS Decimal(18, 3)) AS total, ` + decimals("refunded_tax") + `, position
FROM
(
    SELECT x.business_date AS business_date, x.store AS store, x.currency AS currency, x.rate AS tax_ppm, any(x.exponent) AS exponent,
        sum(x.net) AS net_minor, sum(x.tax) AS tax_minor, -sumIf(x.tax, x.kind = 'refund') AS refunded_tax_minor, max(x.position) AS position
    FROM
    (
        SELECT business_date, store, kind, currency, exponent, r.1 AS rate, net_minor * r.2 AS net, tax_minor * r.2 AS tax, position
        FROM r_tax_sums FINAL
        ARRAY JOIN [(toNullable(tax_ppm), 1), (NULL, -1)] AS r
        UNION ALL
        SELECT business_date, store, kind, currency, exponent, CAST(NULL AS Nullable(Int64)) AS rate, net_minor AS net, tax_minor AS tax, position
        FROM r_sale_sums FINAL
        WHERE dimension = 'terminal'
    ) AS x
    GROUP BY business_date, store, currency, tax_ppm
)
WHERE tax_ppm IS NOT NULL OR net_minor != 0 OR tax_minor != 0`,
	from: []describer{taxSums.table()},
	notes: []note{
		{"business_date", "the store's business day", ofTickets},
		{"store", "the retailer's own number of the store", ofTickets},
		{"currency", "ISO 4217 code of every amount in the row", ofTickets},
		{"tax_ppm", "tax rate in parts per million; NULL where no line says one", ofTickets},
		{"tax_percent", "the same in percent: 13 is thirteen in a hundred", ofTickets},
		{"net_minor", "sales less refunds at this rate, before tax" + inMinor + signed, ofTickets},
		{"tax_minor", "tax on sales less tax on refunds" + inMinor + signed, ofTickets},
		{"total_minor", "net and tax" + inMinor + signed, ofTickets},
		{"refunded_tax_minor", "tax on refunds, which is taken off in tax" + inMinor + "currency, positive where it is taken off", ofTickets},
		{"position", latest, ofTickets},
	},
}

const ofPerpetual = "sale-recorded, refund-recorded"

// A perpetual total is never reset (NF525 and its likes: pos-domain §3, PeriodClosed). It is
// that of the store's or terminal's history as it is known: a sale that a till tells late counts
// on its own business day, and in every total from that day on.
var perpetualView = view{
	name: "agg_perpetual_day",
	grain: "perpetual totals of a store: one row per business day with tickets, store and currency, at the end of that day; training and test are left out. " +
		"Those of a terminal stand in fct_shift_reports",
	key: "business_date, store, currency",
	query: `
SELECT business_date, store, currency, sold_minor, refunded_minor, sold_minor - refunded_minor AS total_minor,
    sum(sold_minor - refunded_minor) OVER run AS perpetual_minor, sum(turned_minor) OVER run AS grand_total_minor,
    ` + decimals("sold", "refunded") + `, CAST(toDecimal128(sold_minor - refunded_minor, 3) / intExp10(exponent) AS Decimal(18, 3)) AS total,
    ` + decimals("perpetual", "grand_total") + `, max(last) OVER run AS position
FROM
(
    SELECT x.business_date AS business_date, x.store AS store, toLowCardinality(x.f.currency) AS currency, any(x.f.exponent) AS exponent,
        sum(x.f.sold_minor) AS sold_minor, sum(x.f.refunded_minor) AS refunded_minor, sum(x.f.turned_minor) AS turned_minor, max(x.position) AS last
    FROM (SELECT business_date, store, position, arrayJoin(figures) AS f FROM r_shifts FINAL) AS x
    WHERE x.f.sales + x.f.refunds > 0
    GROUP BY business_date, store, currency
)
WINDOW run AS (PARTITION BY store, currency ORDER BY business_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`,
	from: []describer{shiftSums.table()},
	notes: []note{
		{"currency", "ISO 4217 code of every amount in the row", ofPerpetual},
		{"sold_minor", "sales of the day, tax included" + inMinor + signed, ofPerpetual},
		{"refunded_minor", "refunds of the day, tax included" + inMinor + "currency, positive where it is taken off", ofPerpetual},
		{"total_minor", "sold - refunded" + inMinor + signed, ofPerpetual},
		{"perpetual_minor", perpetualTotal + ", at the end of the day" + inMinor + signed, ofPerpetual},
		{"grand_total_minor", grandTotal + ", at the end of the day" + inMinor + "currency", ofPerpetual},
		{"position", latest, ofPerpetual},
	},
}

const (
	perpetualTotal = "perpetual total, never reset: all sales less all refunds since the first, tax included"
	grandTotal     = "grand total, which only grows: all sales and all refunds since the first, added without their signs, tax included"
)
