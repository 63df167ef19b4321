package projections

// The figures of stock, pos-domain.md §9. A window is the 56 whole days before the newest day of
// a store, as the planner has it. A ratio stands beside what it is made of: averages of ratios
// over rows would be wrong.

// stockNewestView is the day that a store's window ends before: the newest of its facts.
var stockNewestView = view{
	name:  "v_stock_newest",
	grain: "one row per store",
	key:   "store",
	query: `
SELECT store, max(day) AS newest
FROM
(
    SELECT toString(store) AS store, business_date AS day FROM r_sales WHERE mode = 'live'
    UNION ALL
    SELECT toString(store) AS store, business_date AS day FROM v_stock_lines WHERE kind IN ('received', 'sent', 'arrived', 'counted', 'adjusted', 'wasted')
)
GROUP BY store`,
}

// stockWindowView is what happened to an article on each day of the window.
var stockWindowView = view{
	name:  "v_stock_window",
	grain: "one row per store and article, with arrays of the 56 days of the window",
	key:   "store, sku",
	query: `
SELECT store, sku, newest, first_on, base, nets, sold, position,
    arrayMap((after, net) -> base + after - net, arrayCumSum(nets), nets) AS opened,
    arrayMap((day, o, s, i) -> day >= first_on AND (o > 0 OR s > 0 OR i > 0), days, opened, sold, ins) AS there,
    arrayMap((day, t) -> day >= first_on AND NOT t, days, there) AS away,
    returned, came, counted, wasted, adjusted
FROM
(
    SELECT m.store AS store, m.sku AS sku, any(n.newest) AS newest, min(m.business_date) AS first_on, sumIf(m.qty_milli, m.business_date < n.newest - 56) AS base,
        arrayMap(i -> toDate(any(n.newest) - 56 + i), range(56)) AS days,
        sumResample(0, 56, 1)(m.qty_milli, dateDiff('day', n.newest - 56, m.business_date)) AS nets,
        sumResample(0, 56, 1)(if(m.kind = 'sold', -m.qty_milli, 0), dateDiff('day', n.newest - 56, m.business_date)) AS sold,
        sumResample(0, 56, 1)(toInt64(m.counted_milli > 0 OR m.qty_milli > 0 AND m.kind NOT IN ('sold', 'counted', 'opening') AND NOT (m.kind = 'returned' AND m.reason = 'waste')), dateDiff('day', n.newest - 56, m.business_date)) AS ins,
        sumIf(m.qty_milli, m.kind = 'returned' AND m.business_date >= n.newest - 56 AND m.business_date < n.newest) AS returned,
        sumIf(m.qty_milli, m.kind IN ('received', 'arrived') AND m.business_date >= n.newest - 56 AND m.business_date < n.newest) AS came,
        sumIf(m.qty_milli, m.kind = 'counted' AND m.business_date >= n.newest - 56 AND m.business_date < n.newest) AS counted,
        -sumIf(m.qty_milli, m.kind = 'wasted' AND m.business_date >= n.newest - 56 AND m.business_date < n.newest) AS wasted,
        sumIf(m.qty_milli, m.kind = 'adjusted' AND m.business_date >= n.newest - 56 AND m.business_date < n.newest) AS adjusted,
        max(m.position) AS position
    FROM fct_stock_moves AS m
    INNER JOIN v_stock_newest AS n ON n.store = m.store
    GROUP BY m.store, m.sku
)`,
}

var stockKPIView = view{
	name:  "agg_stock_kpi",
	grain: "one row per store and article: the figures of the 56 whole days before the newest day of the store. Ratios are of the columns beside them; never add or average them",
	key:   "store, sku",
	query: `
SELECT store, sku, name, multiIf(listed_class != '', listed_class, net_all <= 0 OR net_minor <= 0, 'C', net_before * 100 < net_all * 80, 'A', net_before * 100 < net_all * 95, 'B', 'C') AS class,
    newest AS window_ends, on_hand_milli, sold_milli, in_stock_days, out_days, opening_milli, received_milli, missed_milli,
    if(in_stock_days = 0, NULL, toDecimal64(toDecimal128(sold_milli, 6) / in_stock_days / 1000, 6)) AS demand_per_day,
    if(sold_milli = 0, NULL, toDecimal64(toDecimal128(on_hand_milli, 3) * in_stock_days / sold_milli, 3)) AS cover_days,
    if(opening_milli + received_milli <= 0, NULL, toDecimal64(toDecimal128(sold_milli, 6) / (opening_milli + received_milli), 6)) AS sell_through,
    if(in_stock_days + out_days = 0, NULL, toDecimal64(toDecimal128(out_days, 6) / (in_stock_days + out_days), 6)) AS stockout_rate,
    currency, net_minor, cost_of_sales_minor, net_minor - cost_of_sales_minor AS margin_minor, average_stock_minor,
    if(average_stock_minor <= 0, NULL, toDecimal64(toDecimal128(margin_minor, 6) / average_stock_minor, 6)) AS gmroi,
    shrinkage_milli, shrinkage_minor, if(net_minor <= 0, NULL, intDiv(toInt128(shrinkage_minor) * 1000000, net_minor)) AS shrinkage_ppm,
    if(last_sold_on = toDate(0), NULL, dateDiff('day', last_sold_on, newest)) AS days_since_sold, position
FROM
(
    SELECT *, sum(net_minor) OVER (PARTITION BY store) AS net_all,
        sum(net_minor) OVER (PARTITION BY store ORDER BY net_minor DESC, sku ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW) - net_minor AS net_before
    FROM
    (
        SELECT w.store AS store, w.sku AS sku, a.name AS name, toString(ifNull(p.listed_class, '')) AS listed_class, w.newest AS newest, a.on_hand_milli AS on_hand_milli, a.last_sold_on AS last_sold_on,
            toInt64(arraySum(arrayMap((s, t) -> if(t, s, 0), w.sold, w.there))) AS sold_milli, toInt64(arraySum(w.there)) AS in_stock_days, toInt64(arraySum(w.away)) AS out_days,
            w.base AS opening_milli, w.came AS received_milli,
            if(in_stock_days = 0, toInt64(0), intDiv(sold_milli * out_days, in_stock_days)) AS missed_milli,
            a.currency AS currency, toInt64(ifNull(s.net, 0)) AS net_minor,
            toInt64(intDiv(toInt128(sold_milli - w.returned) * a.average_cost_micro, 1000000000)) AS cost_of_sales_minor,
            toInt64(intDiv(toInt128(arraySum(arrayMap((o, n) -> greatest(o + n, 0), w.opened, w.nets))) * a.average_cost_micro, toInt128(56000000000))) AS average_stock_minor,
            w.wasted - w.counted - w.adjusted AS shrinkage_milli, toInt64(intDiv(toInt128(shrinkage_milli) * a.average_cost_micro, 1000000000)) AS shrinkage_minor, w.position AS position
        FROM v_stock_window AS w
        INNER JOIN agg_stock AS a ON a.store = w.store AND a.sku = w.sku
        LEFT JOIN (SELECT sku, listed_class FROM dim_products) AS p ON p.sku = w.sku
        LEFT JOIN
        (
            SELECT toString(l.store) AS store, l.sku AS sku, toString(l.currency) AS currency, sum(l.net_minor) AS net
            FROM (SELECT * FROM r_sale_lines FINAL WHERE mode = 'live' AND sku != '') AS l
            INNER JOIN v_stock_newest AS n ON n.store = toString(l.store)
            WHERE l.business_date >= n.newest - 56 AND l.business_date < n.newest
            GROUP BY store, sku, currency
        ) AS s ON s.store = w.store AND s.sku = w.sku AND s.currency = a.currency
    )
)`,
	from: []describer{stockView},
	notes: []note{
		{"class", "A, B or C: of the catalogue, else by the store's net sales: the first 80 %, the next 15 %, the rest", moveEvents},
		{"window_ends", "newest day of the store, which the window ends before", moveEvents},
		{"sold_milli", "sold on the days in stock, returns not taken off" + inMilli, moveEvents},
		{"in_stock_days", "days on which it was there when the day began, came in or was sold", moveEvents},
		{"out_days", "other days, from the first on which it ever moved in the store", moveEvents},
		{"opening_milli", "stock when the window began" + inMilli, moveEvents},
		{"received_milli", "received, and arrived from other stores" + inMilli, moveEvents},
		{"missed_milli", "what would have been sold on the days out" + inMilli + ", rounded down: sold × out_days / in_stock_days", moveEvents},
		{"demand_per_day", "units a day: sold / in_stock_days", moveEvents},
		{"cover_days", "days that what is on hand lasts: on_hand / demand_per_day", moveEvents},
		{"sell_through", "sold / (opening + received)", moveEvents},
		{"stockout_rate", "out_days / (in_stock_days + out_days)", moveEvents},
		{"net_minor", "net sales, refunds taken off" + inMinor + "currency; sales in other currencies are left out", "sale-recorded, refund-recorded"},
		{"cost_of_sales_minor", "sold less returned, at the average cost of now, rounded towards zero" + inMinor + "currency", moveEvents},
		{"margin_minor", "net less cost of sales" + inMinor + "currency", moveEvents},
		{"average_stock_minor", "mean of the stock at the end of each day of the window, at the average cost of now, rounded towards zero; stock below zero counts as nothing" + inMinor + "currency", moveEvents},
		{"gmroi", "margin / average_stock, of the window and not of a year", moveEvents},
		{"shrinkage_milli", "wasted, and what counts and adjustments found missing" + inMilli + "; negative when more was found", documentEvents},
		{"shrinkage_minor", "shrinkage at the average cost of now, rounded towards zero" + inMinor + "currency", documentEvents},
		{"shrinkage_ppm", "shrinkage in millionths of net sales", moveEvents},
		{"days_since_sold", "days from the last sale to the newest day of the store; NULL: never sold", moveEvents},
		{"position", latest, moveEvents},
	},
}

var shrinkageView = view{
	name:  "agg_stock_shrinkage",
	grain: "one row per month, store, article, kind and reason of what went without being sold; positive is loss",
	key:   "month, store, sku, kind, reason",
	query: `
SELECT toStartOfMonth(m.business_date) AS month, toString(m.store) AS store, m.sku AS sku, m.kind AS kind, m.reason AS reason, -sum(m.qty_milli) AS lost_milli, ` + units("lost") + `,
    any(ifNull(a.currency, '')) AS currency, toInt64(intDiv(toInt128(lost_milli) * any(ifNull(a.average_micro, 0)), 1000000000)) AS lost_minor, max(m.position) AS position
FROM (SELECT * FROM fct_stock_moves WHERE kind IN ('counted', 'adjusted', 'wasted')) AS m
LEFT JOIN v_stock_average AS a ON a.store = m.store AND a.sku = m.sku
GROUP BY month, store, sku, kind, reason`,
	from: []describer{stockMovesView},
	notes: []note{
		{"month", "first day of the month", moveEvents},
		{"lost_milli", "what went, less what was found" + inMilli, moveEvents},
		{"lost", "what went, less what was found, in units", moveEvents},
		{"currency", "ISO 4217 code of lost_minor; empty where no receipt has a cost", documentEvents},
		{"lost_minor", "that at the average cost of now, rounded towards zero" + inMinor + "currency", moveEvents},
		{"position", latest, moveEvents},
	},
}

var supplierKPIView = view{
	name:  "agg_suppliers",
	grain: "one row per supplier of purchase orders",
	key:   "supplier",
	query: `
SELECT supplier, orders, order_lines, ordered_milli, received_milli,
    if(ordered_milli = 0, NULL, toDecimal64(toDecimal128(received_milli, 6) / ordered_milli, 6)) AS fill_rate,
    received_lines, lead_days_sum,
    if(received_lines = 0, NULL, toDecimal64(toDecimal128(lead_days_sum, 3) / received_lines, 3)) AS lead_days, late_lines, position
FROM
(
    SELECT supplier, uniqExact(store, order_no) AS orders, count() AS order_lines, sum(l_ordered) AS ordered_milli, sum(least(l_received, l_ordered)) AS received_milli,
        countIf(whole) AS received_lines, sumIf(dateDiff('day', ordered_on, last_received_on), whole) AS lead_days_sum,
        countIf(whole AND due > toDate(0) AND last_received_on > due) AS late_lines, max(l_position) AS position
    FROM
    (
        SELECT toString(supplier) AS supplier, store, order_no, ordered_milli AS l_ordered, received_milli AS l_received, state = 'received' AS whole, ordered_on, due, last_received_on, position AS l_position
        FROM fct_order_lines
    )
    GROUP BY supplier
)`,
	from: []describer{ordersView},
	notes: []note{
		{"orders", "purchase orders", documentEvents},
		{"order_lines", "articles on them", documentEvents},
		{"received_milli", "received of what was ordered, surplus left out" + inMilli, documentEvents},
		{"fill_rate", "received / ordered", documentEvents},
		{"received_lines", "order lines that came whole", documentEvents},
		{"lead_days_sum", "days from order to last receipt of these, together", documentEvents},
		{"lead_days", "lead_days_sum / received_lines", documentEvents},
		{"late_lines", "of these, later than due", documentEvents},
		{"position", latest, documentEvents},
	},
}
