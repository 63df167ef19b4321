package projections

// Stock is a view over the lines of sales and the documents of stores: no move is written
// twice. Moves are in the order of their moment; stock.Moment computes the same.

const moment = `toInt64(toUInt16(business_date)) * 1000000000
        + least(greatest(toUnixTimestamp64Milli(at) - toInt64(toUInt16(business_date)) * 86400000 + 432000000, 0), 999999999)`

// stockLinesView are the lines of the versions of documents that count.
var stockLinesView = view{
	name:  "v_stock_lines",
	grain: "one row per line of a document, in the version that counts",
	key:   "store, kind, doc, line",
	query: `
SELECT *, ` + moment + ` AS moment
FROM r_stock_lines FINAL
WHERE (store, kind, doc, position) IN (SELECT store, kind, doc, position FROM r_stock_docs FINAL)`,
	from: []describer{stockLinesTable},
}

// stockFlowView are all moves but those that counts make.
var stockFlowView = view{
	name:  "v_stock_flow",
	grain: "one row per change of what is on hand, but for counts",
	key:   "store, sku, moment, id, kind, line",
	query: `
SELECT business_date, store, at, ` + moment + ` AS moment, if(kind = 'sale', 'sold', 'returned') AS kind, sku, -qty_milli AS qty_milli,
    sale AS doc, line, '' AS other_store, '' AS supplier, '' AS order_no, if(wasted = 1, 'waste', '') AS reason, '' AS lot, toDate(0) AS use_by, toUInt8(0) AS valued, toInt64(0) AS value_minor, currency,
    id, file, file_row, position
FROM r_sale_lines FINAL
WHERE mode = 'live' AND sku != ''
UNION ALL
SELECT business_date, store, at, ` + moment + ` AS moment, 'wasted' AS kind, sku, qty_milli,
    sale AS doc, line, '' AS other_store, '' AS supplier, '' AS order_no, 'returned' AS reason, '' AS lot, toDate(0) AS use_by, toUInt8(0) AS valued, toInt64(0) AS value_minor, currency,
    id, file, file_row, position
FROM r_sale_lines AS l FINAL
WHERE l.mode = 'live' AND l.sku != '' AND l.kind = 'refund' AND l.wasted = 1
UNION ALL
SELECT business_date, store, at, moment, toString(kind) AS kind, sku, if(kind IN ('sent', 'wasted'), -line_milli, line_milli) AS qty_milli,
    doc, line, toString(other_store) AS other_store, toString(supplier) AS supplier, order_no, toString(reason) AS reason, lot, use_by, valued, value_minor, currency,
    '' AS id, file, file_row, position
FROM v_stock_lines
WHERE kind IN ('received', 'sent', 'arrived', 'adjusted', 'wasted')`,
}

// stockCountsView turns counts into moves. With M the sum of all other moves up to a count, what
// is counted less M is how far all counts so far have moved the stock; one count has moved it by what
// that differs from the count before.
var stockCountsView = view{
	name:  "v_stock_counts",
	grain: "one row per article of a count, with what it changes",
	key:   "store, sku, moment, doc",
	query: `
SELECT *, apart - lagInFrame(apart, 1, toInt64(0)) OVER w AS qty_milli, row_number() OVER w = 1 AND came = 0 AS first
FROM
(
    SELECT *, counted_milli - moved AS apart
    FROM
    (
        SELECT *, sum(flow) OVER (PARTITION BY store, sku ORDER BY moment, counts, doc ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS moved,
            sum(comes) OVER (PARTITION BY store, sku ORDER BY moment, counts, doc ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS came
        FROM
        (
            SELECT store, sku, moment, toUInt8(0) AS counts, '' AS doc, qty_milli AS flow, toUInt64(kind IN ('received', 'arrived')) AS comes, toInt64(0) AS counted_milli,
                toDate(0) AS business_date, toDateTime64(0, 3, 'UTC') AS at, toUInt32(0) AS line, '' AS file, toUInt32(0) AS file_row, toUInt64(0) AS position
            FROM v_stock_flow
            WHERE (store, sku) IN (SELECT store, sku FROM v_stock_lines WHERE kind = 'counted')
            UNION ALL
            SELECT store, sku, moment, toUInt8(1) AS counts, doc, toInt64(0) AS flow, toUInt64(0) AS comes, line_milli AS counted_milli,
                business_date, at, line, toString(file) AS file, file_row, position
            FROM v_stock_lines
            WHERE kind = 'counted'
        )
    )
    WHERE counts
)
WINDOW w AS (PARTITION BY store, sku ORDER BY moment, doc ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)`,
}

const moveEvents = "sale-recorded, refund-recorded, stock-recorded"

var stockMovesView = view{
	name:  "fct_stock_moves",
	grain: "one row per change of what a store has on hand; the sum of a store and article is what is there. Lines of tickets without an article number move nothing",
	key:   "business_date, store, sku, moment, id, kind, doc, line",
	query: `
SELECT business_date, store, at, moment, kind, sku, qty_milli, ` + units("qty") + `, toInt64(0) AS counted_milli, doc, line, other_store, supplier, order_no, reason, lot, use_by,
    valued, value_minor, currency, id, file, file_row, position
FROM v_stock_flow
UNION ALL
SELECT business_date, store, at, moment, if(first, 'opening', 'counted') AS kind, sku, qty_milli, ` + units("qty") + `, counted_milli, doc, line,
    '' AS other_store, '' AS supplier, '' AS order_no, '' AS reason, '' AS lot, toDate(0) AS use_by, toUInt8(0) AS valued, toInt64(0) AS value_minor, '' AS currency, '' AS id, file, file_row, position
FROM v_stock_counts`,
	from: []describer{stockLinesTable, saleLinesTable},
	notes: []note{
		{"moment", "order of the moves of a store: business day, then clock", moveEvents},
		{"kind", "sold, returned, received, sent, arrived, adjusted, wasted; opening: a first count before which nothing was received; counted: what another count found more or less than the moves before it", moveEvents},
		{"qty_milli", "change of what is on hand" + inMilli + ", signed", moveEvents},
		{"qty", "change of what is on hand, in units, signed", moveEvents},
		{"counted_milli", "of a count: what was there" + inMilli, documentEvents},
		{"doc", "number of the document; of a sale or refund that of its receipt", moveEvents},
		{"line", "place on the document or ticket, from 1", moveEvents},
		{"reason", "why it was adjusted or wasted; of what was returned where it went; returned: wasted because it came back so", moveEvents},
		{"id", "of a sale or refund: terminal/series/number of the action", "sale-recorded, refund-recorded"},
	},
}

// stockCostsView is the moving average: at every receipt with a known cost the stock before it at
// the average so far, and the receipt, give the new average. Stock that was negative counts as
// nothing. In millionths of a minor unit per unit, rounded half up at every step.
var stockCostsView = view{
	name:  "v_stock_costs",
	grain: "one row per receipt that has a cost, with the moving average after it",
	key:   "store, sku, moment, step",
	query: `
SELECT store, sku, point.1 AS moment, step, point.2 AS average_micro, currency
FROM
(
    SELECT store, sku, currency, arrayFold((acc, x) -> (
            if(x.2 <= 0, intDiv(x.4 * 1000000000 + intDiv(x.3, 2), x.3), intDiv(x.2 * acc.1 + x.4 * 1000000000 + intDiv(x.2 + x.3, 2), x.2 + x.3)),
            arrayPushBack(acc.2, (x.1, if(x.2 <= 0, intDiv(x.4 * 1000000000 + intDiv(x.3, 2), x.3), intDiv(x.2 * acc.1 + x.4 * 1000000000 + intDiv(x.2 + x.3, 2), x.2 + x.3))))
        ), receipts, (toInt128(0), CAST([], 'Array(Tuple(Int64, Int128))'))).2 AS points
    FROM
    (
        SELECT store, sku, min(receipt_currency) AS currency,
            arraySort(x -> x.5, groupArray((moment, toInt128(before), toInt128(qty_milli), toInt128(cost), place))) AS receipts
        FROM
        (
            SELECT store, sku, moment, qty_milli, kind, sum(qty_milli) OVER w - qty_milli AS before, row_number() OVER w AS place,
                if(valued, value_minor, if(cost_known, toInt64(intDiv(toInt128(cost_minor) * qty_milli + 500, 1000)), -1)) AS cost, if(valued, currency, cost_currency) AS receipt_currency
            FROM
            (
                SELECT m.store AS store, m.sku AS sku, m.moment AS moment, m.qty_milli AS qty_milli, m.kind AS kind, m.doc AS doc, m.line AS line, m.id AS id, m.valued AS valued,
                    m.value_minor AS value_minor, m.currency AS currency, ifNull(p.known, 0) AS cost_known, ifNull(p.cost_minor, 0) AS cost_minor, ifNull(p.currency, '') AS cost_currency
                FROM (SELECT * FROM fct_stock_moves WHERE (store, sku) IN (SELECT store, sku FROM v_stock_lines WHERE kind IN ('received', 'arrived', 'counted'))) AS m
                LEFT JOIN (SELECT sku, cost_minor, toString(currency) AS currency, toUInt8(cost_minor > 0) AS known FROM dim_products) AS p ON p.sku = m.sku
            )
            WINDOW w AS (PARTITION BY store, sku ORDER BY moment, kind IN ('opening', 'counted'), doc, line, id, kind ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
        )
        WHERE kind IN ('received', 'arrived', 'opening') AND cost >= 0 AND qty_milli > 0
        GROUP BY store, sku
    )
)
ARRAY JOIN points AS point, arrayEnumerate(points) AS step`,
}

var productsView = view{
	name:  "dim_products",
	grain: "one row per product of the catalogue: of several entries the one that holds latest",
	key:   "sku",
	query: `
SELECT sku, name, category, unit, barcodes, supplier, discontinued, listed_class, pack_milli, min_order_milli, min_stock_milli, max_stock_milli, lead_milli_days, since,
    currency, price_minor, cost_minor, ` + decimals("price", "cost") + `, file, file_sha256, file_row, position
FROM (SELECT * FROM r_products FINAL ORDER BY since DESC LIMIT 1 BY sku)`,
	from: []describer{productsTable},
}

var barcodesView = view{
	name:  "dim_barcodes",
	grain: "one row per barcode and product",
	key:   "barcode, sku",
	query: `
SELECT arrayJoin(barcodes) AS barcode, sku, name
FROM dim_products`,
	from:  []describer{productsTable},
	notes: []note{{"barcode", "GTIN, as it was listed", catalogueEvents}},
}

var suppliersView = view{
	name:  "dim_suppliers",
	grain: "one row per supplier",
	key:   "supplier",
	query: `
SELECT supplier, supplier_name, lead_milli_days, lead_sd_milli_days, review_milli_days, currency, order_cost_minor, ` + decimals("order_cost") + `, holding_ppm, file, file_sha256, file_row, position
FROM r_suppliers FINAL`,
	from: []describer{suppliersTable},
}

// ordersView: what is open of an order is awaited until the order is closed.
var ordersView = view{
	name:  "fct_order_lines",
	grain: "one row per purchase order and article",
	key:   "store, order_no, sku",
	query: `
SELECT o.store AS store, o.doc AS order_no, o.sku AS sku, o.supplier AS supplier, o.business_date AS ordered_on, o.due AS due, o.by AS by,
    o.ordered AS ordered_milli, ifNull(r.received, 0) AS received_milli, ifNull(c.closed, 0) AS closed,
    if(closed, toInt64(0), greatest(ordered_milli - received_milli, 0)) AS open_milli,
    multiIf(closed AND received_milli < ordered_milli, 'closed', received_milli >= ordered_milli, 'received', received_milli > 0, 'partly received', 'open') AS state,
    ` + units("ordered", "received", "open") + `,
    o.currency AS currency, o.value AS value_minor, ` + strOrderDecimals + `, o.proposals AS proposals,
    ifNull(r.first_on, toDate(0)) AS first_received_on, ifNull(r.last_on, toDate(0)) AS last_received_on,
    greatest(o.position, ifNull(r.position, 0), ifNull(c.position, 0)) AS position
FROM
(
    SELECT store, doc, sku, any(supplier) AS supplier, any(business_date) AS business_date, any(due) AS due, any(by) AS by, sum(line_milli) AS ordered,
        max(toString(currency)) AS currency, max(exponent) AS exponent, sum(value_minor) AS value, arraySort(groupArrayIf(proposal, proposal > 0)) AS proposals, max(position) AS position
    FROM v_stock_lines WHERE kind = 'ordered' GROUP BY store, doc, sku
) AS o
LEFT JOIN
(
    SELECT store, order_no, sku, sum(line_milli) AS received, min(business_date) AS first_on, max(business_date) AS last_on, max(position) AS position
    FROM v_stock_lines WHERE kind = 'received' AND order_no != '' GROUP BY store, order_no, sku
) AS r ON r.store = o.store AND r.order_no = o.doc AND r.sku = o.sku
LEFT JOIN (SELECT store, doc, toUInt8(1) AS closed, position FROM r_stock_docs FINAL WHERE kind = 'closed') AS c ON c.store = o.store AND c.doc = o.doc`,
	from: []describer{stockLinesTable},
	notes: []note{
		{"order_no", "number of the purchase order", documentEvents},
		{"ordered_on", "day of the order", documentEvents},
		{"ordered_milli", "ordered" + inMilli, documentEvents},
		{"ordered", "ordered, in units", documentEvents},
		{"received_milli", "received for the order" + inMilli, documentEvents},
		{"received", "received for the order, in units", documentEvents},
		{"closed", "1: nothing more is expected", documentEvents},
		{"open_milli", "still awaited" + inMilli, documentEvents},
		{"open", "still awaited, in units", documentEvents},
		{"state", "open, partly received, received, or closed before all of it came", documentEvents},
		{"proposals", "journal positions of the proposals it came from", documentEvents},
		{"first_received_on", "day of the first receipt; 1970-01-01: none", documentEvents},
		{"last_received_on", "day of the last receipt; 1970-01-01: none", documentEvents},
		{"position", latest, documentEvents},
	},
}

const strOrderDecimals = `CAST(toDecimal128(o.value, 3) / intExp10(o.exponent) AS Decimal(18, 3)) AS value`

var transfersView = view{
	name:  "fct_transfer_lines",
	grain: "one row per transfer, article and the two stores",
	key:   "from_store, to_store, doc, sku",
	query: `
SELECT from_store, to_store, doc, sku, toInt64(sum(l_sent)) AS sent_milli, toInt64(sum(l_arrived)) AS arrived_milli, toUInt8(max(is_closed)) AS closed,
    if(closed, toInt64(0), greatest(sent_milli - arrived_milli, 0)) AS in_transit_milli,
    if(closed OR arrived_milli > sent_milli, arrived_milli - sent_milli, toInt64(0)) AS difference_milli,
    ` + units("sent", "arrived", "in_transit", "difference") + `,
    minIf(business_date, is_sent) AS sent_on, max(pos) AS position
FROM
(
    SELECT l.from_store AS from_store, l.to_store AS to_store, l.doc AS doc, l.sku AS sku, l_sent, l_arrived, business_date, is_sent, pos, ifNull(c.is_there, 0) AS is_closed
    FROM
    (
        SELECT if(kind = 'sent', store, other_store) AS from_store, if(kind = 'sent', other_store, store) AS to_store, doc, sku,
            if(kind = 'sent', line_milli, 0) AS l_sent, if(kind = 'arrived', line_milli, 0) AS l_arrived, business_date, kind = 'sent' AS is_sent, position AS pos
        FROM v_stock_lines WHERE kind IN ('sent', 'arrived')
    ) AS l
    LEFT JOIN (SELECT store, doc, toUInt8(1) AS is_there FROM r_stock_docs FINAL WHERE kind = 'closed') AS c ON c.store = l.to_store AND c.doc = l.doc
)
GROUP BY from_store, to_store, doc, sku`,
	from: []describer{stockLinesTable},
	notes: []note{
		{"from_store", "where the goods left", documentEvents},
		{"to_store", "where they are to arrive", documentEvents},
		{"sent_milli", "sent" + inMilli, documentEvents}, {"sent", "sent, in units", documentEvents},
		{"arrived_milli", "arrived" + inMilli, documentEvents}, {"arrived", "arrived, in units", documentEvents},
		{"closed", "1: nothing more is expected", documentEvents},
		{"in_transit_milli", "on its way" + inMilli, documentEvents}, {"in_transit", "on its way, in units", documentEvents},
		{"difference_milli", "arrived less sent, where nothing more is expected or more arrived than was sent" + inMilli, documentEvents},
		{"difference", "arrived less sent, in units, where nothing more is expected or more arrived than was sent", documentEvents},
		{"sent_on", "business day on which it was sent; 1970-01-01: nothing was", documentEvents},
		{"position", latest, documentEvents},
	},
}

// stockSums is what is where, without what it is worth: one row per store and article that ever moved,
// was ordered, sent or reserved. What is on hand comes to the sum of fct_stock_moves, which goes through every
// line of every ticket: of what was counted it is the last count and the moves after it. What was sold it takes
// from the sums by article; only of days that end in a count it asks the lines, which alone say when.
var stockSums = `
SELECT m.store AS store, m.sku AS sku, toInt64(sumIf(m.flow, multiIf(ifNull(c.counted, 0) = 0, m.part != 'line', m.part = 'day', m.day > c.day, m.part = 'line', m.day = c.day AND m.moment > c.moment, m.moment > c.moment)) + any(ifNull(c.counted_milli, 0))) AS on_hand_milli,
    toInt64(sum(m.reserved)) AS reserved_milli, toInt64(sum(m.in_transit)) AS in_transit_milli, toInt64(sum(m.on_order)) AS on_order_milli,
    minIf(m.day, m.day > toDate(0)) AS first_on, max(m.sold_on) AS last_sold_on, max(m.in_on) AS last_in_on, max(m.pos) AS position
FROM
(
    SELECT 'day' AS part, toString(store) AS store, sku, toInt64(0) AS moment, wasted_milli - qty_milli AS flow, toInt64(0) AS reserved, toInt64(0) AS in_transit, toInt64(0) AS on_order, business_date AS day,
        if(kind = 'sale', business_date, toDate(0)) AS sold_on, toDate(0) AS in_on, position AS pos
    FROM r_article_sums FINAL
    UNION ALL
    SELECT 'line', toString(store), sku, ` + moment + `, if(kind = 'refund' AND wasted = 1, 0, -qty_milli), toInt64(0), toInt64(0), toInt64(0), business_date,
        toDate(0), toDate(0), position
    FROM r_sale_lines FINAL
    WHERE mode = 'live' AND (business_date, store, sku) IN (SELECT business_date, store, sku FROM r_stock_lines WHERE kind = 'counted')
    UNION ALL
    SELECT 'doc', toString(store), sku, ` + moment + `, multiIf(kind IN ('sent', 'wasted'), -line_milli, kind = 'counted', 0, line_milli), toInt64(0), toInt64(0), toInt64(0), business_date,
        toDate(0), if(kind IN ('received', 'arrived'), business_date, toDate(0)), position
    FROM (` + stockLinesNow + `) WHERE kind IN ('received', 'sent', 'arrived', 'adjusted', 'wasted', 'counted')
    UNION ALL
    SELECT 'open', g.at_store, g.sku, toInt64(0), toInt64(0), if(g.part = 'reserved', g.rest, 0), if(g.part = 'transfer' AND ifNull(k.closed, 0) = 0, g.rest, 0), if(g.part = 'order' AND ifNull(k.closed, 0) = 0, g.rest, 0),
        toDate(0), toDate(0), toDate(0), greatest(g.pos, if(g.part = 'order', ifNull(k.closed_at, 0), 0))
    FROM
    (
        SELECT multiIf(kind IN ('reserved', 'released'), 'reserved', kind IN ('sent', 'arrived'), 'transfer', 'order') AS part,
            toString(if(kind = 'sent', other_store, store)) AS at_store, toString(multiIf(kind = 'sent', store, kind = 'arrived', other_store, '')) AS from_store, if(kind = 'received', order_no, doc) AS number, sku,
            greatest(sum(if(kind IN ('released', 'arrived', 'received'), -line_milli, line_milli)), 0) AS rest, countIf(kind = 'ordered') AS ordered, max(position) AS pos
        FROM (` + stockLinesNow + `) WHERE kind IN ('reserved', 'released', 'sent', 'arrived', 'ordered') OR kind = 'received' AND order_no != ''
        GROUP BY part, at_store, from_store, number, sku
    ) AS g
    LEFT JOIN (SELECT toString(store) AS store, doc, toUInt8(1) AS closed, position AS closed_at FROM r_stock_docs FINAL WHERE kind = 'closed') AS k ON k.store = g.at_store AND k.doc = g.number
    WHERE g.part != 'order' OR g.ordered > 0
) AS m
LEFT JOIN
(
    SELECT toString(store) AS store, sku, toUInt8(1) AS counted, max(at_moment) AS moment, argMax(business_date, (at_moment, doc)) AS day, argMax(line_milli, (at_moment, doc)) AS counted_milli
    FROM (SELECT *, ` + moment + ` AS at_moment FROM (` + stockLinesNow + `) WHERE kind = 'counted')
    GROUP BY store, sku
) AS c ON c.store = m.store AND c.sku = m.sku
GROUP BY store, sku`

// stockLinesNow are the lines of the versions of documents that count.
const stockLinesNow = "SELECT * FROM r_stock_lines FINAL WHERE (store, kind, doc, position) IN (SELECT store, kind, doc, position FROM r_stock_docs FINAL)"

// stockAverageView is the moving average as it is now.
var stockAverageView = view{
	name:  "v_stock_average",
	grain: "one row per store and article of which a receipt has a cost",
	key:   "store, sku",
	query: `
SELECT toString(store) AS store, sku, argMax(average_micro, (moment, step)) AS average_micro, any(currency) AS currency
FROM v_stock_costs
GROUP BY store, sku`,
}

var stockUnitsView = view{
	name:  "agg_stock_units",
	grain: "what is where, without what it is worth: one row per store and article that ever moved, was ordered, sent or reserved",
	key:   "store, sku",
	query: `
SELECT s.store AS store, s.sku AS sku, ifNull(p.name, '') AS name, ifNull(p.category, '') AS category, ifNull(p.supplier, '') AS supplier, toUInt8(ifNull(p.listed, 0)) AS listed,
    s.on_hand_milli AS on_hand_milli, s.reserved_milli AS reserved_milli, s.on_hand_milli - s.reserved_milli AS available_milli, s.in_transit_milli AS in_transit_milli,
    s.on_order_milli AS on_order_milli, s.on_hand_milli + s.on_order_milli + s.in_transit_milli - s.reserved_milli AS position_milli,
    ` + units("on_hand", "reserved", "available", "in_transit", "on_order") + `, CAST(toDecimal128(position_milli, 3) / 1000 AS Decimal(18, 3)) AS inventory_position,
    s.first_on AS first_on, s.last_sold_on AS last_sold_on, s.last_in_on AS last_in_on, s.position AS position
FROM (` + stockSums + `) AS s
LEFT JOIN
(
    SELECT sku, name, toString(category) AS category, toString(supplier) AS supplier, toUInt8(1) AS listed
    FROM (SELECT * FROM r_products FINAL ORDER BY since DESC LIMIT 1 BY sku)
) AS p ON p.sku = s.sku`,
	from: []describer{productsTable},
	notes: []note{
		{"store", "the retailer's own number of the store", moveEvents},
		{"listed", "1: the catalogue has the article", catalogueEvents},
		{"on_hand_milli", "what is there: the sum of all moves" + inMilli + "; below zero when more was sold than anybody recorded as received", moveEvents},
		{"on_hand", "what is there, in units", moveEvents},
		{"reserved_milli", "of that, set aside" + inMilli, documentEvents}, {"reserved", "of that, set aside, in units", documentEvents},
		{"available_milli", "on hand less reserved" + inMilli, moveEvents}, {"available", "on hand less reserved, in units", moveEvents},
		{"in_transit_milli", "on its way from other stores" + inMilli, documentEvents}, {"in_transit", "on its way from other stores, in units", documentEvents},
		{"on_order_milli", "on order and not received" + inMilli, documentEvents}, {"on_order", "on order and not received, in units", documentEvents},
		{"position_milli", "inventory position: on hand + on order + in transit - reserved" + inMilli, moveEvents},
		{"inventory_position", "inventory position: on hand + on order + in transit - reserved, in units", moveEvents},
		{"first_on", "business day of the first move; 1970-01-01: none", moveEvents},
		{"last_sold_on", "business day of the last sale; 1970-01-01: none", moveEvents},
		{"last_in_on", "business day of the last receipt or transfer in; 1970-01-01: none", moveEvents},
		{"position", latest, moveEvents},
	},
}

var stockView = view{
	name:  "agg_stock",
	grain: "one row per store and article that ever moved, was ordered, sent or reserved",
	key:   "store, sku",
	query: `
SELECT s.store AS store, s.sku AS sku, s.name AS name, s.category AS category, s.supplier AS supplier, s.listed AS listed,
    s.on_hand_milli AS on_hand_milli, s.reserved_milli AS reserved_milli, s.available_milli AS available_milli, s.in_transit_milli AS in_transit_milli, s.on_order_milli AS on_order_milli, s.position_milli AS position_milli,
    s.on_hand AS on_hand, s.reserved AS reserved, s.available AS available, s.in_transit AS in_transit, s.on_order AS on_order, s.inventory_position AS inventory_position,
    ifNull(c.currency, '') AS currency, toInt64(ifNull(c.average_micro, 0)) AS average_cost_micro,
    toInt64(if(on_hand_milli > 0, intDiv(toInt128(on_hand_milli) * average_cost_micro + 500000000, 1000000000), 0)) AS value_minor,
    s.first_on AS first_on, s.last_sold_on AS last_sold_on, s.last_in_on AS last_in_on, s.position AS position
FROM agg_stock_units AS s
LEFT JOIN v_stock_average AS c ON c.store = s.store AND c.sku = s.sku`,
	from: []describer{stockUnitsView},
	notes: []note{
		{"currency", "ISO 4217 code of cost and value; empty where no receipt has a cost", documentEvents},
		{"average_cost_micro", "moving average cost of one unit, in millionths of a minor unit of currency", documentEvents},
		{"value_minor", "on hand at the average cost, half up; 0 when nothing is there" + inMinor + "currency", moveEvents},
	},
}

var stockDayView = view{
	name:  "agg_stock_day",
	grain: "one row per store, article and business day on which it moved. closed is the stock at the end of the day: never add it up over days",
	key:   "business_date, store, sku",
	query: `
SELECT business_date, store, sku, closed_milli - changed_milli AS opened_milli, sold_milli, returned_milli, received_milli, arrived_milli, sent_milli, adjusted_milli, wasted_milli, counted_milli,
    changed_milli, sum(changed_milli) OVER (PARTITION BY store, sku ORDER BY business_date ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS closed_milli,
    ` + units("changed", "closed") + `, position
FROM
(
    SELECT business_date, store, sku, -sumIf(qty_milli, kind = 'sold') AS sold_milli, sumIf(qty_milli, kind = 'returned') AS returned_milli, sumIf(qty_milli, kind = 'received') AS received_milli,
        sumIf(qty_milli, kind = 'arrived') AS arrived_milli, -sumIf(qty_milli, kind = 'sent') AS sent_milli, sumIf(qty_milli, kind = 'adjusted') AS adjusted_milli,
        -sumIf(qty_milli, kind = 'wasted') AS wasted_milli, sumIf(qty_milli, kind IN ('counted', 'opening')) AS counted_milli, sum(m.qty_milli) AS changed_milli, max(m.position) AS position
    FROM fct_stock_moves AS m
    GROUP BY business_date, store, sku
)`,
	from: []describer{stockLinesTable},
	notes: []note{
		{"opened_milli", "stock when the day began" + inMilli, moveEvents},
		{"sold_milli", "sold" + inMilli, moveEvents}, {"returned_milli", "brought back by customers, waste included" + inMilli, moveEvents},
		{"received_milli", "received from suppliers" + inMilli, moveEvents}, {"arrived_milli", "arrived from other stores" + inMilli, moveEvents},
		{"sent_milli", "sent to other stores" + inMilli, moveEvents}, {"adjusted_milli", "found, less lost" + inMilli, moveEvents},
		{"wasted_milli", "thrown away" + inMilli, moveEvents}, {"counted_milli", "what counts found more, less what they found missing" + inMilli, moveEvents},
		{"changed_milli", "sum of all of it" + inMilli, moveEvents}, {"changed", "sum of all moves of the day, in units", moveEvents},
		{"closed_milli", "stock when the day ended" + inMilli, moveEvents}, {"closed", "stock when the day ended, in units", moveEvents},
		{"position", latest, moveEvents},
	},
}

// stockLayersView is first in, first out: what is there is what came last.
var stockLayersView = view{
	name:  "fct_stock_layers",
	grain: "one row per receipt or transfer of which something is still there, by first in, first out; what nobody recorded as received is in no layer",
	key:   "store, sku, moment, doc, line",
	query: `
SELECT store, sku, business_date, moment, doc, line, supplier, lot, received_milli, left_milli, ` + units("received", "left") + `, currency, received_value_minor,
    toInt64(if(received_milli = 0, 0, intDiv(toInt128(received_value_minor) * left_milli + intDiv(received_milli, 2), received_milli))) AS value_minor,
    toUInt32(dateDiff('day', business_date, newest)) AS age_days, position
FROM
(
    SELECT m.store AS store, m.sku AS sku, m.business_date AS business_date, m.moment AS moment, m.doc AS doc, m.line AS line, m.supplier AS supplier, m.lot AS lot, m.currency AS currency,
        m.position AS position, m.qty_milli AS received_milli, m.value_minor AS received_value_minor, n.newest AS newest,
        toInt64(greatest(least(m.qty_milli, h.on_hand - m.newer), 0)) AS left_milli
    FROM
    (
        SELECT *, sum(qty_milli) OVER (PARTITION BY store, sku ORDER BY moment DESC, doc DESC, line DESC ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - qty_milli AS newer
        FROM v_stock_flow WHERE kind IN ('received', 'arrived')
    ) AS m
    INNER JOIN (SELECT store, sku, sum(qty_milli) AS on_hand FROM fct_stock_moves GROUP BY store, sku HAVING on_hand > 0) AS h ON h.store = m.store AND h.sku = m.sku
    INNER JOIN (SELECT store, max(business_date) AS newest FROM v_stock_flow GROUP BY store) AS n ON n.store = m.store
)
WHERE left_milli > 0`,
	from: []describer{stockLinesTable},
	notes: []note{
		{"moment", "order of the moves of a store: business day, then clock", moveEvents},
		{"received_milli", "what came in" + inMilli, documentEvents}, {"received", "what came in, in units", documentEvents},
		{"left_milli", "what of it is still there" + inMilli, moveEvents}, {"left", "what of it is still there, in units", moveEvents},
		{"received_value_minor", "what all of it cost; 0 where the document does not say" + inMinor + "currency", documentEvents},
		{"value_minor", "what the rest of it cost, in proportion, half up" + inMinor + "currency", moveEvents},
		{"age_days", "days from its receipt to the newest day of the store", moveEvents},
	},
}

var reordersView = view{
	name:  "fct_reorders",
	grain: "one row per word about what a store should order; the open proposal of a store and article is the one in state open",
	key:   "store, sku, position",
	query: `
SELECT r.store AS store, r.sku AS sku, ifNull(p.name, '') AS name, r.said AS said, multiIf(said != 'proposed', 'settled', r.position = last_position, 'open', 'past') AS state,
    r.business_date AS business_date, r.supplier AS supplier, r.qty_milli AS qty_milli, ` + units("qty") + `, r.currency AS currency, r.value_minor AS value_minor,
    CAST(toDecimal128(r.value_minor, 3) / intExp10(r.exponent) AS Decimal(18, 3)) AS value, r.order_no AS order_no, r.by AS by, r.reason AS reason, r.method AS method,
    r.on_hand_milli AS on_hand_milli, r.on_order_milli AS on_order_milli, r.in_transit_milli AS in_transit_milli, r.reserved_milli AS reserved_milli, r.position_milli AS position_milli,
    r.reorder_point_milli AS reorder_point_milli, r.target_milli AS target_milli, r.sold_milli AS sold_milli, r.in_stock_days AS in_stock_days, r.out_days AS out_days,
    if(r.in_stock_days = 0, toInt64(0), intDiv(r.sold_milli * r.out_days, r.in_stock_days)) AS missed_milli, r.position AS position
FROM (SELECT *, max(position) OVER (PARTITION BY store, sku) AS last_position FROM r_reorders FINAL) AS r
LEFT JOIN (SELECT sku, name FROM dim_products) AS p ON p.sku = r.sku`,
	from: []describer{reordersTable, productsTable},
	notes: []note{
		{"state", "open: nobody has decided; past: another word came after it; settled: it is a decision", reorderEvents},
		{"qty", "quantity to order, in units", reorderEvents},
		{"missed_milli", "what would have been sold on the days out of stock, at the demand of the days in stock" + inMilli, reorderEvents},
	},
}

// stockFlagsView is what somebody should look at. Facts are never refused.
var stockFlagsView = view{
	name:  "fct_stock_flags",
	grain: "one row per thing about a store's goods that somebody should look at",
	key:   "flag, store, sku, doc",
	query: `
SELECT flag, store, sku, '' AS doc, if(flag = 'reserved_beyond_stock', on_hand_milli - reserved_milli, on_hand_milli) AS qty_milli, last_sold_on AS business_date, position
FROM
(
    SELECT *, arrayJoin(arrayFilter(f -> f != '', [if(on_hand_milli < 0, 'below_zero', ''), if(sku NOT IN (SELECT sku FROM r_products), 'not_in_catalogue', ''),
        if(reserved_milli > 0 AND on_hand_milli < reserved_milli, 'reserved_beyond_stock', '')])) AS flag
    FROM (` + stockSums + `)
)
UNION ALL
SELECT 'transfer_differs' AS flag, to_store AS store, sku, doc, difference_milli AS qty_milli, sent_on AS business_date, position
FROM fct_transfer_lines WHERE difference_milli != 0
UNION ALL
SELECT 'received_beyond_order' AS flag, store, sku, order_no AS doc, received_milli - ordered_milli AS qty_milli, last_received_on AS business_date, position
FROM fct_order_lines WHERE received_milli > ordered_milli
UNION ALL
SELECT 'received_without_order' AS flag, store, sku, order_no AS doc, toInt64(sum(qty_milli)) AS qty_milli, max(business_date) AS business_date, max(position) AS position
FROM
(
    SELECT store, sku, order_no, line_milli AS qty_milli, business_date, position FROM v_stock_lines
    WHERE kind = 'received' AND order_no != '' AND (store, order_no, sku) NOT IN (SELECT store, doc, sku FROM v_stock_lines WHERE kind = 'ordered')
)
GROUP BY store, sku, order_no
UNION ALL
SELECT 'returned_beyond_sold' AS flag, store, sku, original AS doc, toInt64(back - sold) AS qty_milli, day AS business_date, pos AS position
FROM
(
    SELECT any(r.store) AS store, r.sku AS sku, r.ticket AS original, sum(r.qty) AS back, max(r.sold) AS sold, max(r.day) AS day, max(r.pos) AS pos
    FROM
    (
        SELECT l.store AS store, l.sku AS sku, l.qty AS qty, l.day AS day, l.pos AS pos, l.original AS ticket, ifNull(s.sold, 0) AS sold
        FROM
        (
            SELECT toString(l.store) AS store, l.sku AS sku, -l.qty_milli AS qty, l.business_date AS day, l.position AS pos, if(ifNull(p.sale, '') != '', p.sale, t.original) AS original
            FROM (SELECT * FROM r_sale_lines FINAL WHERE mode = 'live' AND kind = 'refund' AND sku != '') AS l
            INNER JOIN (SELECT id, original FROM r_sales FINAL WHERE kind = 'refund' AND original != '') AS t ON t.id = l.id
            LEFT JOIN (SELECT reference, any(sale) AS sale FROM r_payments FINAL WHERE kind = 'sale' GROUP BY reference) AS p ON p.reference = t.original
        ) AS l
        LEFT JOIN
        (
            SELECT sale, sku, sum(qty_milli) AS sold FROM r_sale_lines FINAL WHERE mode = 'live' AND kind = 'sale' AND sku != '' GROUP BY sale, sku
        ) AS s ON s.sale = l.original AND s.sku = l.sku
    ) AS r
    GROUP BY r.sku, r.ticket
)
WHERE back > sold`,
	from: []describer{stockLinesTable},
	notes: []note{
		{"flag", "below_zero: more went out than anybody recorded as in; not_in_catalogue: no product is listed under the number; reserved_beyond_stock; transfer_differs: other than sent arrived; received_beyond_order; received_without_order: for an order that does not have the article; returned_beyond_sold: more came back than the ticket has", moveEvents},
		{"store", "the retailer's own number of the store", moveEvents},
		{"doc", "document, order, transfer or ticket it is about; empty for the stock as a whole", moveEvents},
		{"qty_milli", "by how much" + inMilli + ", signed; of what is not in the catalogue its stock", moveEvents},
		{"business_date", "day of the newest fact about it; 1970-01-01: none", moveEvents},
		{"position", latest, moveEvents},
	},
}

// stockViews, in the order in which they can be made.
var stockViews = []view{
	productsView, barcodesView, suppliersView, stockLinesView, stockFlowView, stockCountsView, stockMovesView, stockCostsView, stockAverageView, ordersView, transfersView, stockUnitsView, stockView, stockDayView,
	stockLayersView, reordersView, stockFlagsView, stockNewestView, stockWindowView, stockKPIView, shrinkageView, supplierKPIView, expiryView, wasteLotsView,
}
