package projections

import (
	"context"
	"strconv"

	"daybook/ledger"
)

// lotDays are the use-by dates that receipts give for lots: a document that names the lot alone means
// the same goods. Of several dates the earliest holds.
const lotDays = "SELECT sku, lot, min(use_by) AS lot_until FROM (" + stockLinesNow + ") WHERE lot != '' AND use_by != toDate(0) GROUP BY sku, lot"

// datedMoves are the moves of what was ever received with a use-by date, each with the date that it
// is of: that of its row or its lot; else none.
const datedMoves = `SELECT m.store AS store, m.sku AS sku, m.business_date AS day, m.kind AS kind, m.doc AS doc, m.reason AS reason, m.lot AS lot, m.qty_milli AS qty_milli,
        if(m.use_by != toDate(0), m.use_by, ifNull(l.lot_until, toDate(0))) AS until, m.valued AS valued, m.value_minor AS value_minor, toString(m.currency) AS currency, m.position AS position
    FROM (SELECT * FROM fct_stock_moves WHERE sku IN (SELECT sku FROM r_stock_lines WHERE use_by != toDate(0) OR lot != '')) AS m
    LEFT JOIN (` + lotDays + `) AS l ON l.sku = m.sku AND l.lot = m.lot`

// expiryView is first expired, first out, day by day: what came in of a day is there before what
// goes out of it. With W(u) the sum, up to a day, of what came in of goods that are to be used by u or
// sooner, less all that went out without saying of which, what is left of these goods is W(u) less its lowest
// point so far, if that is below nothing (Lindley, 1952: demand that found nothing took of what has a later
// date). What is left of u itself is that less the same of the date before.
var expiryView = view{
	name: "agg_stock_expiry",
	grain: "what is left of goods with a use-by date: one row per store, article and use-by date of which something is there, by first expired, first out. " +
		"Sales and counts take what expires first; a document that names a lot or date takes of that; customers' returns have no date any more",
	key: "store, sku, use_by",
	query: `
SELECT x.store AS store, x.sku AS sku, x.until AS use_by, x.lots AS lots, x.left_milli AS left_milli, ` + units("left") + `,
    toInt32(x.until) - toInt32((SELECT max(day) FROM r_fact_days)) AS days_left, toUInt8(days_left < 0) AS expired,
    ifNull(c.currency, '') AS currency, toInt64(intDiv(toInt128(x.left_milli) * ifNull(c.average_micro, 0) + 500000000, 1000000000)) AS value_minor, x.position AS position
FROM
(
    SELECT store, sku, p.1 AS until, p.2 AS lots, p.3 AS left_milli, position
    FROM
    (
        SELECT store, sku, position, arraySort(arrayDistinct(arrayFilter(u -> u > toDate(0), flow.3))) AS dates,
            arrayMap(u -> arrayCumSum(arrayMap(f -> if(f.3 = toDate(0) AND f.2 = 0 OR f.3 > u, toInt64(0), f.4), flow)), dates) AS sums,
            arrayMap(w -> w[-1] - least(arrayMin(w), 0), sums) AS rest,
            arrayMap((u, r, i) -> (u, arraySort(arrayDistinct(arrayMap(f -> f.5, arrayFilter(f -> f.3 = u AND f.5 != '', flow)))), toInt64(r - if(i = 1, 0, rest[i - 1]))), dates, rest, arrayEnumerate(dates)) AS parts
        FROM
        (
            SELECT store, sku, max(at) AS position, arraySort(groupArray((day, out, until, qty, lot))) AS flow
            FROM
            (
                SELECT store, sku, day, toUInt8(qty_milli < 0) AS out, until, lot, toInt64(sum(qty_milli)) AS qty, max(position) AS at
                FROM (` + datedMoves + `)
                GROUP BY store, sku, day, out, until, lot
            )
            GROUP BY store, sku
        )
    )
    ARRAY JOIN parts AS p
    WHERE p.3 > 0
) AS x
LEFT JOIN v_stock_average AS c ON c.store = x.store AND c.sku = x.sku`,
	from: []describer{stockLinesTable},
	notes: []note{
		{"store", "the retailer's own number of the store", moveEvents},
		{"use_by", "last day on which it may be sold", documentEvents},
		{"lots", "numbers of the lots with this date, where documents name them", documentEvents},
		{"left_milli", "what is left of it" + inMilli, moveEvents}, {"left", "what is left of it, in units", moveEvents},
		{"days_left", "days from the newest day of which there are facts to use_by; negative: it has expired", moveEvents},
		{"expired", "1: use_by is before the newest day of which there are facts", moveEvents},
		{"currency", "ISO 4217 code of value; empty where no receipt has a cost", documentEvents},
		{"value_minor", "what is left at the moving average cost, half up" + inMinor + "currency", moveEvents},
		{"position", latest, moveEvents},
	},
}

var wasteLotsView = view{
	name:  "agg_waste_lots",
	grain: "what was thrown away of goods that have lots or use-by dates: one row per store, article, lot, use-by date and reason",
	key:   "store, sku, lot, use_by, reason",
	query: `
SELECT w.store AS store, w.sku AS sku, w.lot AS lot, w.until AS use_by, w.reason AS reason, w.wasted AS wasted_milli, ` + units("wasted") + `, w.late AS expired_milli,
    w.first_on AS first_on, w.last_on AS last_on, ifNull(c.currency, '') AS currency,
    toInt64(intDiv(toInt128(w.wasted) * ifNull(c.average_micro, 0) + 500000000, 1000000000)) AS value_minor, w.position AS position
FROM
(
    SELECT store, sku, lot, until, reason, toInt64(-sum(qty_milli)) AS wasted, toInt64(-sumIf(qty_milli, until != toDate(0) AND day > until)) AS late,
        min(day) AS first_on, max(day) AS last_on, max(d.position) AS position
    FROM (` + datedMoves + `) AS d
    WHERE kind = 'wasted'
    GROUP BY store, sku, lot, until, reason
) AS w
LEFT JOIN v_stock_average AS c ON c.store = w.store AND c.sku = w.sku`,
	from: []describer{stockLinesTable},
	notes: []note{
		{"store", "the retailer's own number of the store", moveEvents},
		{"lot", "lot number; empty where the document names none", documentEvents},
		{"use_by", "last day on which it might have been sold: as the document says it, or the receipt of the lot; 1970-01-01: nobody did", documentEvents},
		{"reason", "why; returned: a customer brought it back so", moveEvents},
		{"wasted_milli", "thrown away" + inMilli, moveEvents}, {"wasted", "thrown away, in units", moveEvents},
		{"expired_milli", "of that, after its use-by date" + inMilli, moveEvents},
		{"first_on", "first business day on which some of it was thrown away", moveEvents},
		{"last_on", "last business day on which some of it was thrown away", moveEvents},
		{"currency", "ISO 4217 code of value; empty where no receipt has a cost", documentEvents},
		{"value_minor", "what it cost, at the moving average cost of now, half up" + inMinor + "currency", moveEvents},
		{"position", latest, moveEvents},
	},
}

// ExpiryRow is what is left of an article with a use-by date. Quantities are thousandths, Value minor units.
type ExpiryRow struct {
	Store    ledger.StoreID     `json:"store"`
	SKU      string             `json:"sku"`
	UseBy    ledger.BusinessDay `json:"use_by"`
	Lots     []string           `json:"lots"`
	Left     int64              `json:"left_milli"`
	DaysLeft int32              `json:"days_left"` // negative: it has expired
	Currency ledger.Currency    `json:"currency"`  // empty where no cost is known
	Value    int64              `json:"value_minor"`
	Position ledger.Position    `json:"position"` // the row reflects the journal up to here
}

// Expiring lists what is to be used within so many days, and what has expired.
func (v *Views) Expiring(ctx context.Context, filter StockFilter, within int) ([]ExpiryRow, error) {
	return query(ctx, v.warehouse, `
SELECT store, sku, toString(use_by), lots, left_milli, days_left, currency, value_minor, position
FROM agg_stock_expiry
WHERE `+filter.where()+` AND days_left <= toInt32({within:String})
ORDER BY use_by, store, sku`, func(r *ExpiryRow) []any {
		return []any{&r.Store, &r.SKU, text{&r.UseBy}, &r.Lots, &r.Left, &r.DaysLeft, &r.Currency, &r.Value, &r.Position}
	}, append(filter.args(), Arg{"within", strconv.Itoa(within)})...)
}
