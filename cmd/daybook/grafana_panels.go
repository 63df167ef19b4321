package main

import "daybook/ledger"

// board is a dashboard, as data: a panel is one statement and how to show its answer.
type board struct {
	uid    string // and the file's name; it stays, so that an import replaces the one before
	title  ledger.Text
	panels []panel
}

// panel is one statement. It reads public views only, and filters by the dashboard's time
// ($__dateFilter), stores and currency: amounts of two currencies are never added.
type panel struct {
	title ledger.Text
	about ledger.Text // the formula, where the title does not say it
	kind  string      // of Grafana: stat, timeseries, barchart, piechart or table
	wide  int         // of 24 columns
	sql   string
	units map[string]string // of Grafana, by column; amounts have two decimals
	heat  bool              // numbers of a table are coloured by how large they are
}

// Conditions of the dashboard's variables.
const (
	ofStores   = "$__conditionalAll(store IN (${store:singlequote}), $store)"
	ofCurrency = "currency = '${currency}'"
	ofTime     = "$__dateFilter(business_date) AND " + ofStores
	inMoney    = ofTime + " AND " + ofCurrency

	// How many minor units one of the chosen currency has, where a view has no decimals.
	oneOfCurrency = "intExp10(multiIf('${currency}' IN ('BIF', 'CLP', 'DJF', 'GNF', 'ISK', 'JPY', 'KMF', 'KRW', 'PYG', 'RWF', 'UGX', 'UYI', 'VND', 'VUV', 'XAF', 'XOF', 'XPF'), 0, " +
		"'${currency}' IN ('BHD', 'IQD', 'JOD', 'KWD', 'LYD', 'OMR', 'TND'), 3, 2))"
)

var share = map[string]string{"discount_rate": "percentunit", "return_rate": "percentunit", "approval_rate": "percentunit", "void_rate": "percentunit", "share": "percentunit"}

// boards are all dashboards. A panel about inventory stands in stockBoard, over the views
// that inventory has; the tests run whatever stands here, and look up its columns' headings
// in grafanaHeadings.
func boards() []board {
	return []board{salesBoard(), stockBoard(), reconciliationBoard(), terminalsBoard()}
}

func salesBoard() board {
	return board{"daybook-sales", ledger.Say("daybook: sales"), []panel{
		{title: ledger.Say("Key figures"), about: ledger.Say("net = gross - discounts - returns, before tax; average ticket = net / tickets; rates are of the whole period"), kind: "stat", wide: 24, units: share, sql: `
SELECT sum(s.net) AS net, sum(s.sales) AS tickets, toFloat64(sum(s.net)) / nullIf(sum(s.sales), 0) AS average_ticket, toFloat64(sum(s.qty)) / nullIf(sum(s.sales), 0) AS units_per_ticket,
    toFloat64(sum(s.discount)) / nullIf(toFloat64(sum(s.gross)), 0) AS discount_rate, toFloat64(sum(s.returned_net)) / nullIf(toFloat64(sum(s.sold_net)), 0) AS return_rate
FROM agg_sales_day AS s
WHERE ` + inMoney},
		{title: ledger.Say("Net sales by day"), kind: "timeseries", wide: 16, sql: `
SELECT business_date AS time, sum(net) AS net, sum(returned_net) AS returned
FROM agg_sales_day
WHERE ` + inMoney + `
GROUP BY time
ORDER BY time`},
		{title: ledger.Say("Tickets by day"), kind: "timeseries", wide: 8, sql: `
SELECT business_date AS time, sum(sales) AS tickets, sum(refunds) AS refunds
FROM agg_sales_day
WHERE ` + inMoney + `
GROUP BY time
ORDER BY time`},
		{title: ledger.Say("Net sales by hour and weekday"), kind: "table", wide: 16, heat: true, sql: `
SELECT local_hour, sumIf(net, weekday = 1) AS monday, sumIf(net, weekday = 2) AS tuesday, sumIf(net, weekday = 3) AS wednesday, sumIf(net, weekday = 4) AS thursday,
    sumIf(net, weekday = 5) AS friday, sumIf(net, weekday = 6) AS saturday, sumIf(net, weekday = 7) AS sunday
FROM agg_sales_day_hour
WHERE ` + inMoney + `
GROUP BY local_hour
ORDER BY local_hour`},
		{title: ledger.Say("Sales by tender"), kind: "piechart", wide: 8, sql: `
SELECT tender, sum(total) AS total
FROM agg_sales_day_tender
WHERE ` + inMoney + `
GROUP BY tender
ORDER BY total DESC`},
		{title: ledger.Say("Net sales by store"), kind: "barchart", wide: 8, sql: `
SELECT store, sum(net) AS net
FROM agg_sales_day
WHERE ` + inMoney + `
GROUP BY store
ORDER BY net DESC
LIMIT 50`},
		{title: ledger.Say("Net sales by product line"), kind: "barchart", wide: 8, sql: `
SELECT category, sum(net) AS net
FROM agg_sales_day_category
WHERE ` + inMoney + `
GROUP BY category
ORDER BY net DESC
LIMIT 50`},
		{title: ledger.Say("Sales by what receipts note"), about: ledger.Say("columns of the source that the receipts profile keeps as notes, such as gender and customer type"), kind: "table", wide: 8, sql: `
SELECT note, value, sum(net) AS net, sum(sales) AS tickets
FROM agg_sales_day_note
WHERE ` + inMoney + `
GROUP BY note, value
ORDER BY note, net DESC
LIMIT 200`},
		{title: ledger.Say("Best-selling articles"), kind: "table", wide: 12, sql: `
SELECT l.sku AS sku, p.name AS name, p.category AS category, l.qty AS qty, l.net AS net
FROM
(
    SELECT a.sku AS sku, toDecimal128(sum(a.qty_milli) - sum(a.returned_milli), 3) / 1000 AS qty, sum(a.net) AS net
    FROM agg_sales_day_product AS a
    WHERE ` + inMoney + `
    GROUP BY sku
    ORDER BY net DESC
    LIMIT 20
) AS l
LEFT JOIN dim_articles AS p ON p.sku = l.sku
ORDER BY net DESC`},
		{title: ledger.Say("Bought together"), about: ledger.Say("tickets with both articles, by week, over the period"), kind: "table", wide: 12, sql: `
SELECT sku_a, sku_b, sum(tickets) AS tickets, max(lift) AS best_lift
FROM agg_basket_pairs
WHERE $__dateFilter(week) AND ` + ofStores + `
GROUP BY sku_a, sku_b
ORDER BY tickets DESC, sku_a, sku_b
LIMIT 20`},
		{title: ledger.Say("Cashiers"), kind: "table", wide: 12, units: share, sql: `
SELECT cashier, sum(s.sales) AS tickets, sum(s.net) AS net, toFloat64(sum(s.net)) / nullIf(sum(s.sales), 0) AS average_ticket,
    toFloat64(sum(s.discount)) / nullIf(toFloat64(sum(s.gross)), 0) AS discount_rate, toFloat64(sum(s.returned_net)) / nullIf(toFloat64(sum(s.sold_net)), 0) AS return_rate
FROM agg_sales_day_cashier AS s
WHERE ` + inMoney + `
GROUP BY cashier
ORDER BY net DESC
LIMIT 100`},
		{title: ledger.Say("Checkout time, median and nine in ten"), about: ledger.Say("from the first article to the end of the ticket, of tills that tell when a sale began"), kind: "timeseries", wide: 12, units: map[string]string{"p50": "ms", "p90": "ms"}, sql: `
SELECT business_date AS time, quantileExact(0.5)(checkout_ms) AS p50, quantileExact(0.9)(checkout_ms) AS p90
FROM fct_sales
WHERE checkout_ms > 0 AND kind = 'sale' AND ` + ofTime + `
GROUP BY time
ORDER BY time`},
	}}
}

// stockBoard is what sales say of articles. Panels over agg_stock… and fct_stock… go here.
func stockBoard() board {
	return board{"daybook-stock", ledger.Say("daybook: articles and stock"), []panel{
		{title: ledger.Say("Units sold by day"), kind: "timeseries", wide: 12, sql: `
SELECT business_date AS time, sum(qty) AS qty, toDecimal128(sum(returned_milli), 3) / 1000 AS returned_qty
FROM agg_sales_day_category
WHERE ` + inMoney + `
GROUP BY time
ORDER BY time`},
		{title: ledger.Say("Units sold by product line"), kind: "barchart", wide: 12, sql: `
SELECT category, sum(qty) AS qty
FROM agg_sales_day_category
WHERE ` + inMoney + `
GROUP BY category
ORDER BY qty DESC
LIMIT 50`},
		{title: ledger.Say("Articles without a sale for the longest"), about: ledger.Say("among those that were ever sold; days up to the newest day of which there are facts"), kind: "table", wide: 12, sql: `
SELECT sku, name, category, last_day, toInt32((SELECT max(day) FROM dim_calendar WHERE NOT ahead) - last_day) AS silent_days
FROM dim_articles
ORDER BY silent_days DESC, sku
LIMIT 100`},
		{title: ledger.Say("Articles by units sold"), kind: "table", wide: 12, sql: `
SELECT sku, toDecimal128(sum(a.qty_milli) - sum(a.returned_milli), 3) / 1000 AS qty, sum(a.sales) + sum(a.refunds) AS tickets
FROM agg_sales_day_product AS a
WHERE ` + inMoney + `
GROUP BY sku
ORDER BY qty DESC, sku
LIMIT 100`},
		{title: ledger.Say("Proposed orders"), about: ledger.Say("open proposals; daybook reorder approve makes purchase orders of them"), kind: "table", wide: 12, sql: `
SELECT store, sku, name, supplier, qty, inventory_position, proposed_on
FROM (SELECT store, sku, name, supplier, qty, CAST(toDecimal128(position_milli, 3) / 1000 AS Decimal(18, 3)) AS inventory_position, business_date AS proposed_on FROM fct_reorders WHERE state = 'open')
ORDER BY store, sku
LIMIT 100`},
		{title: ledger.Say("Stock of the catalogue"), about: ledger.Say("what is nearest to running out comes first"), kind: "table", wide: 12, sql: `
SELECT store, sku, name, on_hand, in_transit, on_order, inventory_position
FROM agg_stock_units
WHERE listed = 1
ORDER BY on_hand, store, sku
LIMIT 100`},
	}}
}

func reconciliationBoard() board {
	const onDay = "$__dateFilter(day)"
	return board{"daybook-reconciliation", ledger.Say("daybook: reconciliation"), []panel{
		{title: ledger.Say("Open differences"), about: ledger.Say("value = the money in question; in doubt is what is missing and not due yet"), kind: "stat", wide: 24, sql: `
SELECT countIf(state = 'open') AS open_breaks, countIf(state = 'doubt') AS doubts, sumIf(amount, state = 'open') AS value, sumIf(amount, state = 'doubt') AS doubt_value
FROM fct_breaks
WHERE ` + ofCurrency + ` AND $__dateFilter(listed_on)`},
		{title: ledger.Say("Sold, matched and billed by day"), kind: "timeseries", wide: 16, sql: `
SELECT day AS time, sum(ledger) AS sold, sum(matched) AS matched, sum(bill_gross) AS billed
FROM agg_control_sheet
WHERE ` + onDay + ` AND ` + ofCurrency + `
GROUP BY time
ORDER BY time`},
		{title: ledger.Say("Open differences by kind"), kind: "barchart", wide: 8, sql: `
SELECT kind, count() AS differences
FROM fct_breaks
WHERE state = 'open' AND ` + ofCurrency + ` AND $__dateFilter(listed_on)
GROUP BY kind
ORDER BY differences DESC`},
		{title: ledger.Say("Control sheet"), kind: "table", wide: 24, sql: `
SELECT day, provider, ledger AS sold, matched, late, open AS differing, waiting, bill_gross AS billed, bill_fee AS fee, contract_fee, bill_net AS net_billed, payout_received AS received, payout_state
FROM agg_control_sheet
WHERE ` + onDay + ` AND ` + ofCurrency + `
ORDER BY day DESC, provider
LIMIT 500`},
		{title: ledger.Say("Open differences by age"), about: ledger.Say("days from the day they are listed under to the newest day of which there are facts"), kind: "barchart", wide: 8, sql: `
SELECT multiIf(age <= 1, '0-1', age <= 3, '2-3', age <= 7, '4-7', age <= 30, '8-30', '> 30') AS days, sum(amount) AS value, count() AS differences
FROM (SELECT amount, toInt32((SELECT max(day) FROM dim_calendar WHERE NOT ahead) - listed_on) AS age FROM fct_breaks WHERE state = 'open' AND ` + ofCurrency + `)
GROUP BY days
ORDER BY min(age)`},
		{title: ledger.Say("Largest open differences"), kind: "table", wide: 16, sql: `
SELECT listed_on, id, kind, provider, store, terminal, reference, amount, handling, assignee, due
FROM fct_breaks
WHERE state = 'open' AND ` + ofCurrency + ` AND $__dateFilter(listed_on)
ORDER BY amount DESC, id
LIMIT 100`},
		{title: ledger.Say("What providers owe"), about: ledger.Say("balance at the end of a day: sold - coupons - contract fees - received + adjusted, of all days up to it"), kind: "timeseries", wide: 12, sql: `
SELECT time, provider, toDecimal128(balance, 3) / ` + oneOfCurrency + ` AS balance
FROM
(
    SELECT day AS time, provider, sum(movement_minor) OVER (PARTITION BY provider ORDER BY day ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) AS balance
    FROM agg_receivables
    WHERE ` + ofCurrency + `
)
WHERE $__dateFilter(time)
ORDER BY time, provider`},
		{title: ledger.Say("Payouts"), kind: "table", wide: 12, sql: `
SELECT due, provider, state, expected, received, difference
FROM fct_payouts
WHERE $__dateFilter(due) AND ` + ofCurrency + `
ORDER BY due DESC, provider
LIMIT 200`},
		{title: ledger.Say("Cash to the bank"), kind: "table", wide: 24, sql: `
SELECT due, store, state, sold, over_short, to_deposit, received, difference
FROM fct_deposits
WHERE $__dateFilter(due) AND ` + ofStores + ` AND ` + ofCurrency + `
ORDER BY due DESC, store
LIMIT 200`},
	}}
}

func terminalsBoard() board {
	return board{"daybook-terminals", ledger.Say("daybook: terminals"), []panel{
		{title: ledger.Say("What has arrived"), about: ledger.Say("missing numbers are actions that a terminal counted and nobody has seen; silent terminals have no ticket on the newest day"), kind: "stat", wide: 24, sql: `
SELECT (SELECT max(day) FROM dim_calendar WHERE NOT ahead) AS newest_day, (SELECT count() FROM dim_terminals) AS terminals, (SELECT countIf(silent_days > 0) FROM dim_terminals) AS silent,
    (SELECT sum(missing) FROM fct_feeds) AS missing, (SELECT count() FROM fct_quarantined) AS quarantined, (SELECT countIf(state = 'begun') FROM fct_files) AS unfinished_files`},
		{title: ledger.Say("Tickets by terminal"), kind: "timeseries", wide: 12, sql: `
SELECT business_date AS time, terminal, sum(sales) + sum(refunds) AS tickets
FROM agg_sales_day_terminal
WHERE ` + ofTime + `
GROUP BY time, terminal
ORDER BY time, terminal`},
		{title: ledger.Say("Payments by outcome at the till"), kind: "timeseries", wide: 12, sql: `
SELECT business_date AS time, sum(approved) AS approved, sum(declined) AS declined, sum(unknown) AS unknown, sum(reversed) AS reversed, sum(voids) AS voids
FROM agg_payments_day
WHERE ` + inMoney + `
GROUP BY time
ORDER BY time`},
		{title: ledger.Say("Approval and voids by channel"), about: ledger.Say("approval = approved / (approved + declined), without an answer apart; voids / approved"), kind: "table", wide: 12, units: share, sql: `
SELECT channel, entry, sum(p.approved) AS approved, sum(p.declined) AS declined, sum(p.unknown) AS unknown, sum(p.voids) AS voids,
    toFloat64(sum(p.approved)) / nullIf(sum(p.approved) + sum(p.declined), 0) AS approval_rate, toFloat64(sum(p.voids)) / nullIf(sum(p.approved), 0) AS void_rate
FROM agg_payments_day AS p
WHERE ` + inMoney + `
GROUP BY channel, entry
ORDER BY channel, entry`},
		{title: ledger.Say("Silent terminals"), kind: "table", wide: 12, sql: `
SELECT terminal, store, last_day, silent_days, tickets
FROM dim_terminals
WHERE ` + ofStores + `
ORDER BY silent_days DESC, terminal
LIMIT 200`},
		{title: ledger.Say("Gaps in the numbers of terminals"), kind: "table", wide: 12, sql: `
SELECT business_date, store, terminal, series, from_number, to_number, missing
FROM fct_number_gaps
WHERE ` + ofTime + `
ORDER BY business_date DESC, terminal, series, from_number
LIMIT 200`},
		{title: ledger.Say("Drawers: over and short"), about: ledger.Say("counted - (float + cash sales - cash back + paid in - paid out)"), kind: "table", wide: 12, sql: `
SELECT business_date, store, terminal, drawer, cashier, expected, counted_amount, over_short, no_sales
FROM fct_drawer_sessions
WHERE ` + inMoney + `
ORDER BY business_date DESC, store, terminal, session
LIMIT 200`},
		{title: ledger.Say("X and Z reports"), kind: "table", wide: 24, sql: `
SELECT business_date, store, terminal, shift, report, z_number, sales AS tickets, refunds, voids, net, tax, total
FROM fct_shift_reports
WHERE ` + inMoney + `
ORDER BY business_date DESC, store, terminal, session
LIMIT 200`},
		{title: ledger.Say("Batches closed"), kind: "table", wide: 12, sql: `
SELECT business_date, store, terminal, batch, sales_amount, refunds_amount, voids_amount
FROM fct_batches
WHERE ` + ofTime + `
ORDER BY business_date DESC, store, terminal, batch
LIMIT 200`},
		{title: ledger.Say("Files taken in last"), kind: "table", wide: 12, sql: `
SELECT file, format, state, bytes, position
FROM fct_files
ORDER BY position DESC
LIMIT 50`},
	}}
}

// grafanaHeadings are the words that stand for the columns of panels.
var grafanaHeadings = map[string]ledger.Text{
	"in_transit": ledger.Say("in transit"), "inventory_position": ledger.Say("inventory position"), "on_hand": ledger.Say("on hand"), "on_order": ledger.Say("on order"),
	"proposed_on": ledger.Say("proposed on"), "supplier": ledger.Say("supplier"),
	"amount": ledger.Say("amount"), "approval_rate": ledger.Say("approval rate"), "approved": ledger.Say("approved"), "assignee": ledger.Say("assignee"), "average_ticket": ledger.Say("average ticket"),
	"balance": ledger.Say("balance"), "batch": ledger.Say("batch"), "best_lift": ledger.Say("highest lift of a week"), "billed": ledger.Say("billed"), "business_date": ledger.Say("business day"), "bytes": ledger.Say("bytes"),
	"cashier": ledger.Say("cashier"), "category": ledger.Say("product line"), "channel": ledger.Say("channel"), "contract_fee": ledger.Say("fee by contract"), "counted_amount": ledger.Say("counted amount"),
	"day": ledger.Say("day"), "days": ledger.Say("days"), "declined": ledger.Say("declined"), "difference": ledger.Say("difference"), "differences": ledger.Say("differences"), "differing": ledger.Say("differing"),
	"discount_rate": ledger.Say("discount rate"), "doubt_value": ledger.Say("value in doubt"), "doubts": ledger.Say("in doubt"), "drawer": ledger.Say("drawer"), "due": ledger.Say("due"),
	"entry": ledger.Say("read by"), "expected": ledger.Say("expected"), "fee": ledger.Say("fee"), "file": ledger.Say("file"), "format": ledger.Say("format"), "friday": ledger.Say("Friday"), "from_number": ledger.Say("from number"),
	"handling": ledger.Say("handling"), "id": ledger.Say("id"), "kind": ledger.Say("kind"), "last_day": ledger.Say("last day"), "late": ledger.Say("with another day"), "lines": ledger.Say("lines"), "listed_on": ledger.Say("day"), "local_hour": ledger.Say("hour"),
	"matched": ledger.Say("matched"), "missing": ledger.Say("missing numbers"), "monday": ledger.Say("Monday"), "name": ledger.Say("name"), "net": ledger.Say("net sales"), "net_billed": ledger.Say("net"), "newest_day": ledger.Say("newest day"), "no_sales": ledger.Say("opened without a sale"), "note": ledger.Say("note"),
	"open_breaks": ledger.Say("open"), "over_short": ledger.Say("over/short"), "p50": ledger.Say("median"), "p90": ledger.Say("nine in ten"), "payout_state": ledger.Say("payout"), "position": ledger.Say("journal position"), "provider": ledger.Say("provider"),
	"qty": ledger.Say("units"), "quarantined": ledger.Say("set aside"), "received": ledger.Say("money received"), "reference": ledger.Say("reference"), "refunds": ledger.Say("refunds"), "refunds_amount": ledger.Say("refunds on the slip"), "report": ledger.Say("report"),
	"return_rate": ledger.Say("return rate"), "returned": ledger.Say("returns"), "returned_qty": ledger.Say("units given back"), "reversed": ledger.Say("reversed"), "sales_amount": ledger.Say("sales on the slip"), "saturday": ledger.Say("Saturday"), "series": ledger.Say("series"), "shift": ledger.Say("shift"),
	"silent": ledger.Say("silent"), "silent_days": ledger.Say("days silent"), "sku": ledger.Say("article"), "sku_a": ledger.Say("article"), "sku_b": ledger.Say("with article"), "sold": ledger.Say("sold"), "state": ledger.Say("state"), "store": ledger.Say("store"), "sunday": ledger.Say("Sunday"),
	"tax": ledger.Say("tax"), "tender": ledger.Say("tender"), "terminal": ledger.Say("terminal"), "terminals": ledger.Say("terminals"), "thursday": ledger.Say("Thursday"), "tickets": ledger.Say("tickets"), "time": ledger.Say("day"), "to_deposit": ledger.Say("to the bank"), "to_number": ledger.Say("to number"), "total": ledger.Say("total amount"), "tuesday": ledger.Say("Tuesday"),
	"unfinished_files": ledger.Say("files half taken in"), "units_per_ticket": ledger.Say("units per ticket"), "unknown": ledger.Say("no answer"), "value": ledger.Say("value of a note"), "void_rate": ledger.Say("void rate"), "voids": ledger.Say("voids"), "voids_amount": ledger.Say("voids on the slip"),
	"waiting": ledger.Say("waiting"), "wednesday": ledger.Say("Wednesday"), "z_number": ledger.Say("Z number"),
}
