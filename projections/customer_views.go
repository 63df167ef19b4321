package projections

// What analysts see of customers: ids, never personal data. Views depend on each other in
// this order.
var customerViews = []view{
	customersView, consentsView, originalsView, customerTicketsView, customerLinesView, customerSumsView, rfmView, segmentsView,
	cohortsView, affinityView, offersView, upliftView,
}

const (
	customerEvents = "customer-described, customer-merged, consent-set, customer-restricted, customer-disclosed, customer-erased, offer-made, offer-redeemed"
	bought         = "sale-recorded, refund-recorded, customer-merged, customer-erased"
)

var customersView = view{
	name:  "dim_customers",
	grain: "one row per customer that anything was written down about; whoever tills name and nobody registered has none",
	key:   "customer",
	query: `
SELECT
    customer,
    countIf(what = 'described') > 0 AND NOT erased AS registered,
    minIf(at, what = 'described') AS since,
    argMaxIf(into, e.position, what = 'merged') AS merged_into,
    argMaxIf(yes, e.position, what = 'consent' AND purpose = 'marketing') AND NOT erased AS marketing,
    argMaxIf(yes, e.position, what = 'consent' AND purpose = 'personalise') AND NOT erased AS personalise,
    argMaxIf(yes, e.position, what = 'consent' AND purpose = 'share') AND NOT erased AS share,
    argMaxIf(yes, e.position, what = 'restricted') AND NOT erased AS restricted,
    countIf(what = 'erased') > 0 AS erased,
    countIf(what = 'disclosed') AS disclosed,
    max(e.position) AS position
FROM r_customer_events AS e FINAL
GROUP BY customer`,
	from: []describer{customersTable},
	notes: []note{
		{"registered", "somebody wrote down who the customer is, and they were not erased", "customer-described, customer-erased"},
		{"since", "when the customer was registered; 1970-01-01 when they were not", "customer-described"},
		{"merged_into", "the customer who is the same person, at the end of all merges; empty when nobody is", "customer-merged"},
		{"marketing", "has agreed to offers and news", "consent-set"},
		{"personalise", "has agreed to be put into segments by what was bought", "consent-set"},
		{"share", "has agreed that data is given to partners", "consent-set"},
		{"restricted", "the data may be stored and not used", "customer-restricted"},
		{"erased", "the customer is forgotten: the id stands for nobody", "customer-erased"},
		{"disclosed", "how often personal data was shown or handed out", "customer-disclosed"},
		{"position", latest, customerEvents},
	},
}

var consentsView = view{
	name:  "fct_consents",
	grain: "one row per time a customer agreed to something, or no longer did; without erased customers",
	key:   "customer, position",
	query: `
SELECT customer, purpose, yes AS given, how AS source, text_version, by, at, position
FROM r_customer_events AS e FINAL
WHERE what = 'consent' AND customer NOT IN (SELECT customer FROM r_customer_events WHERE what = 'erased')`,
	from: []describer{customersTable},
	notes: []note{
		{"given", "agreed; false: withdrawn", "consent-set"},
		{"source", "through what the customer said so: till, app, web, phone, mail, paper, file", "consent-set"},
	},
}

// originalsView says whose the sale is that a refund refers to: by the payment, which is unique
// per retailer, or by the receipt when one customer alone has its number.
var originalsView = view{
	name:  "v_originals",
	grain: "one row per reference of a refund to a sale of a customer",
	key:   "original",
	query: `
SELECT original, any(o.customer) AS customer
FROM
(
    SELECT p.reference AS original, s.customer AS customer
    FROM r_payments AS p FINAL
    INNER JOIN r_sales AS s FINAL ON p.store = s.store AND p.business_date = s.business_date AND p.sale = s.sale AND p.terminal = s.terminal AND p.series = s.series AND p.seq = s.seq AND p.doc = s.doc
    WHERE p.kind = 'sale' AND p.mode = 'live' AND s.kind = 'sale' AND p.reference IN (SELECT original FROM r_sales WHERE kind = 'refund')
    UNION ALL
    SELECT sale AS original, customer
    FROM r_sales FINAL
    WHERE kind = 'sale' AND mode = 'live' AND sale IN (SELECT original FROM r_sales WHERE kind = 'refund')
) AS o
WHERE original != ''
GROUP BY original
HAVING uniqExact(o.customer) = 1 AND any(o.customer) != ''`,
}

var customerTicketsView = view{
	name:  "v_customer_tickets",
	grain: "one row per sale or refund of a customer who is not erased",
	key:   "business_date, store, id",
	query: `
SELECT business_date, store, id, kind, sale, currency, exponent, net_minor, position,
    if(ifNull(d.merged_into, '') = '', t.bought_by, ifNull(d.merged_into, '')) AS customer,
    t.bought_by IN (SELECT customer FROM dim_customers WHERE restricted) OR customer IN (SELECT customer FROM dim_customers WHERE restricted) AS restricted
FROM
(
    SELECT business_date, store, id, kind, sale, currency, exponent, net_minor, position, customer AS bought_by
    FROM r_sales FINAL
    WHERE kind = 'sale' AND mode = 'live' AND customer != ''
    UNION ALL
    SELECT s.business_date AS business_date, s.store AS store, s.id AS id, s.kind AS kind, s.sale AS sale, s.currency AS currency, s.exponent AS exponent,
        s.net_minor AS net_minor, s.position AS position, o.customer AS bought_by
    FROM r_sales AS s FINAL
    INNER JOIN v_originals AS o ON s.original = o.original
    WHERE s.kind = 'refund' AND s.mode = 'live'
) AS t
LEFT JOIN (SELECT customer AS was, merged_into FROM dim_customers WHERE merged_into != '') AS d ON t.bought_by = d.was
WHERE t.bought_by NOT IN (SELECT customer FROM r_customer_events WHERE what = 'erased')`,
}

var customerLinesView = view{
	name:  "fct_customer_lines",
	grain: "one row per line of a sale or refund of a customer, in any store; quantities and amounts of refunds are negative; erased customers have none",
	key:   "customer, business_date, store, id, line",
	query: `
SELECT
    t.customer AS customer, t.restricted AS restricted, t.business_date AS business_date, t.store AS store, t.sale AS sale, t.kind AS kind, l.line AS line,
    l.category AS category, l.sku AS sku, l.name AS name,
    l.qty_milli AS qty_milli, CAST(toDecimal128(qty_milli, 3) / 1000 AS Decimal(18, 3)) AS qty,
    l.currency AS currency, l.net_minor AS net_minor, l.tax_minor AS tax_minor, l.total_minor AS total_minor,
    ` + decimalsOf("l.exponent", "Decimal(18, 3)", "net", "tax", "total") + `,
    l.id AS id, l.position AS position
FROM (SELECT * FROM r_sale_lines FINAL WHERE mode = 'live') AS l
INNER JOIN v_customer_tickets AS t ON l.business_date = t.business_date AND l.store = t.store AND l.id = t.id`,
	from: []describer{saleLinesTable},
	notes: []note{
		{"customer", "customer id, after all merges; of a refund that of the sale it refers to", bought},
		{"restricted", "the customer's data may be stored and not used: leave the row out of analyses", "customer-restricted"},
		{"qty", "quantity in units, up to thousandths; negative on a refund", saleLinesTable.events},
	},
}

var customerSumsView = view{
	name:  "agg_customers",
	grain: "one row per customer and currency in which they bought; erased customers have none",
	key:   "customer, currency",
	query: `
SELECT
    customer, currency, restricted, first_day, last_day, orders, refunds, stores, net_minor, net,
    toInt32(if(empty(gaps), 0, intDiv(gaps[intDiv(length(gaps) + 1, 2)] + gaps[intDiv(length(gaps), 2) + 1], 2))) AS interval_d,
    position
FROM
(
    SELECT
        v.customer AS customer, v.currency AS currency, max(v.restricted) AS restricted,
        minIf(v.business_date, v.kind = 'sale') AS first_day,
        maxIf(v.business_date, v.kind = 'sale') AS last_day,
        countIf(v.kind = 'sale') AS orders,
        countIf(v.kind = 'refund') AS refunds,
        uniqExact(v.store) AS stores,
        sum(v.net_minor) AS net_minor,
        CAST(sum(toDecimal128(v.net_minor, 3) / intExp10(v.exponent)) AS Decimal(18, 3)) AS net,
        arraySort(arrayPopFront(arrayDifference(arraySort(groupUniqArrayIf(toInt32(toUInt16(v.business_date)), v.kind = 'sale'))))) AS gaps,
        max(v.position) AS position
    FROM v_customer_tickets AS v
    GROUP BY customer, currency
)`,
	from: []describer{customersTable},
	notes: []note{
		{"customer", "customer id, after all merges", bought},
		{"currency", "ISO 4217 code of every amount in the row", bought},
		{"restricted", "the data may be stored and not used", "customer-restricted"},
		{"first_day", "business day of the first sale; 1970-01-01 when there are refunds alone", bought},
		{"last_day", "business day of the last sale; 1970-01-01 when there are refunds alone", bought},
		{"orders", "number of sales", bought},
		{"refunds", "number of refunds", bought},
		{"stores", "number of stores with sales or refunds of the customer", bought},
		{"net_minor", "sales less refunds, before tax" + inMinor + signed, bought},
		{"interval_d", "repeat interval: median of the days between one day with a sale and the next; 0 when there is only one", bought},
		{"position", latest, bought},
	},
}

var rfmView = view{
	name:  "agg_customer_rfm",
	grain: "one row per customer and currency, without restricted and erased customers",
	key:   "customer, currency",
	query: `
SELECT
    customer, currency, as_of, toInt32(dateDiff('day', last_day, as_of)) AS recency_d, orders, net_minor, net,
    toUInt8(least(5, 1 + intDiv(5 * (rank() OVER (PARTITION BY currency ORDER BY last_day) - 1), count() OVER (PARTITION BY currency)))) AS r,
    toUInt8(least(5, 1 + intDiv(5 * (rank() OVER (PARTITION BY currency ORDER BY orders) - 1), count() OVER (PARTITION BY currency)))) AS f,
    toUInt8(least(5, 1 + intDiv(5 * (rank() OVER (PARTITION BY currency ORDER BY net_minor) - 1), count() OVER (PARTITION BY currency)))) AS m,
    multiIf(r >= 4 AND f >= 4, 'champions', r <= 2 AND f >= 4, 'at_risk', f >= 4, 'loyal', r >= 4 AND orders = 1, 'new', r <= 2, 'lost', 'occasional') AS segment,
    customer IN (SELECT customer FROM dim_customers WHERE registered AND personalise AND NOT restricted) AS personalise,
    customer IN (SELECT customer FROM dim_customers WHERE registered AND marketing AND NOT restricted) AS marketing,
    position
FROM agg_customers
CROSS JOIN (SELECT max(business_date) AS as_of FROM r_sales WHERE mode = 'live') AS newest
WHERE NOT restricted AND orders > 0`,
	from: []describer{customerSumsView},
	notes: []note{
		{"as_of", "newest business day with sales, which stands for today", bought},
		{"recency_d", "days from the last sale to as_of", bought},
		{"r", "recency, 1 (longest ago) to 5: the fifth of the currency's customers that the customer is in; equals are in the same one", bought},
		{"f", "frequency by number of sales, 1 to 5", bought},
		{"m", "money by net, 1 to 5", bought},
		{"segment", "champions: r and f 4 or more; at_risk: f 4 or more, r 2 or less; loyal: other f of 4 or more; new: one sale, r 4 or more; lost: r 2 or less; occasional: the others", bought},
		{"personalise", "has agreed to be put into segments: without it nothing may be offered by segment", "consent-set"},
		{"marketing", "has agreed to offers and news", "consent-set"},
	},
}

var segmentsView = view{
	name:  "agg_segments",
	grain: "one row per segment and currency",
	key:   "segment, currency",
	query: `
SELECT
    segment, currency, count() AS customers, countIf(v.marketing AND v.personalise) AS addressable, sum(v.orders) AS orders,
    sum(v.net_minor) AS net_minor, CAST(sum(v.net) AS Decimal(18, 3)) AS net, max(v.position) AS position
FROM agg_customer_rfm AS v
GROUP BY segment, currency`,
	from: []describer{rfmView},
	notes: []note{
		{"customers", "number of customers", bought},
		{"addressable", "those of them who agreed to offers and to segments", "consent-set"},
		{"orders", "number of their sales", bought},
		{"net_minor", "their sales less refunds, before tax" + inMinor + signed, bought},
		{"position", latest, bought},
	},
}

var cohortsView = view{
	name:  "agg_cohorts",
	grain: "one row per month of a first sale, month after it, and currency; without restricted and erased customers",
	key:   "cohort, month_n, currency",
	query: `
SELECT
    c.cohort AS cohort, t.month_n AS month_n, c.currency AS currency, c.customers AS customers, t.active AS active, t.orders AS orders,
    toUInt32(intDiv(1000000 * active, customers)) AS retention_ppm, t.net_minor AS net_minor, t.net AS net, t.position AS position
FROM
(
    SELECT toStartOfMonth(first_day) AS cohort, currency, count() AS customers
    FROM agg_customers WHERE NOT restricted AND orders > 0 GROUP BY cohort, currency
) AS c
INNER JOIN
(
    SELECT toStartOfMonth(a.first_day) AS cohort, v.currency AS currency, toUInt16(dateDiff('month', cohort, toStartOfMonth(v.business_date))) AS month_n,
        uniqExactIf(v.customer, v.kind = 'sale') AS active, countIf(v.kind = 'sale') AS orders,
        sum(v.net_minor) AS net_minor, CAST(sum(toDecimal128(v.net_minor, 3) / intExp10(v.exponent)) AS Decimal(18, 3)) AS net, max(v.position) AS position
    FROM v_customer_tickets AS v
    INNER JOIN (SELECT customer, currency, first_day FROM agg_customers WHERE NOT restricted AND orders > 0) AS a ON v.customer = a.customer AND v.currency = a.currency
    WHERE v.business_date >= a.first_day
    GROUP BY cohort, currency, month_n
) AS t ON c.cohort = t.cohort AND c.currency = t.currency`,
	from: []describer{customerSumsView},
	notes: []note{
		{"cohort", "first day of the month in which the customers first bought", bought},
		{"month_n", "months since then; 0 is that month itself", bought},
		{"customers", "size of the cohort", bought},
		{"active", "those of them who bought in the month", bought},
		{"orders", "number of their sales in the month", bought},
		{"retention_ppm", "active in parts per million of the cohort", bought},
		{"net_minor", "their sales less refunds in the month, before tax" + inMinor + signed, bought},
		{"position", latest, bought},
	},
}

var affinityView = view{
	name:  "agg_affinity",
	grain: "one row per segment (or all) and two articles that a customer of it bought with one receipt; without restricted and erased customers",
	key:   "segment, sku_a, sku_b",
	query: `
WITH
    baskets AS
    (
        SELECT arrayJoin([ifNull(s.segment, ''), 'all']) AS segment, l.business_date AS business_date, l.store AS store, l.id AS id, l.sku AS sku, max(l.position) AS position
        FROM fct_customer_lines AS l
        LEFT JOIN (SELECT customer, currency, segment FROM agg_customer_rfm) AS s ON l.customer = s.customer AND l.currency = s.currency
        WHERE l.kind = 'sale' AND l.sku != '' AND NOT l.restricted
        GROUP BY segment, business_date, store, id, sku
    ),
    single AS (SELECT segment, sku, count() AS n FROM baskets GROUP BY segment, sku),
    whole AS (SELECT segment, uniqExact(business_date, store, id) AS n FROM baskets GROUP BY segment)
SELECT
    p.segment AS segment, p.sku_a AS sku_a, p.sku_b AS sku_b, p.n AS together, a.n AS with_a, b.n AS with_b, w.n AS baskets,
    toUInt64(intDiv(1000000 * p.n, w.n)) AS support_ppm,
    toUInt64(intDiv(1000000 * p.n, a.n)) AS confidence_ppm,
    toUInt64(intDiv(1000000 * toUInt128(p.n) * w.n, toUInt128(a.n) * b.n)) AS lift_ppm,
    p.position AS position
FROM
(
    SELECT x.segment AS segment, x.sku AS sku_a, y.sku AS sku_b, count() AS n, max(greatest(x.position, y.position)) AS position
    FROM baskets AS x
    INNER JOIN baskets AS y ON x.segment = y.segment AND x.business_date = y.business_date AND x.store = y.store AND x.id = y.id
    WHERE x.sku < y.sku
    GROUP BY segment, sku_a, sku_b
) AS p
INNER JOIN single AS a ON a.segment = p.segment AND a.sku = p.sku_a
INNER JOIN single AS b ON b.segment = p.segment AND b.sku = p.sku_b
INNER JOIN whole AS w ON w.segment = p.segment
WHERE p.segment != ''`,
	notes: []note{
		{"segment", "segment of agg_customer_rfm, or all", bought},
		{"sku_a", "article number", bought},
		{"sku_b", "article number, behind sku_a in the alphabet", bought},
		{"together", "receipts with both", bought},
		{"with_a", "receipts with sku_a", bought},
		{"with_b", "receipts with sku_b", bought},
		{"baskets", "receipts of the segment's customers", bought},
		{"support_ppm", "together in parts per million of baskets", bought},
		{"confidence_ppm", "together in parts per million of with_a", bought},
		{"lift_ppm", "together × baskets ÷ (with_a × with_b), in parts per million: above 1000000 they go together more often than by chance", bought},
		{"position", latest, bought},
	},
}

var offersView = view{
	name:  "fct_offers",
	grain: "one row per customer and campaign: offered, or held out; without erased customers",
	key:   "campaign, customer",
	query: `
SELECT
    offer, campaign, customer, anyIf(e.reason, what = 'offered') AS reason, anyIf(yes, what = 'offered') AS held_out,
    minIf(e.first_day, what = 'offered') AS first_day, maxIf(e.last_day, what = 'offered') AS last_day,
    countIf(what = 'redeemed') > 0 AS redeemed, maxIf(e.redeemed_on, what = 'redeemed') AS redeemed_on, anyIf(e.redeemed_sale, what = 'redeemed') AS redeemed_sale,
    minIf(at, what = 'offered') AS offered_at, max(e.position) AS position
FROM r_customer_events AS e FINAL
WHERE what IN ('offered', 'redeemed') AND customer NOT IN (SELECT customer FROM r_customer_events WHERE what = 'erased')
GROUP BY offer, campaign, customer`,
	from: []describer{customersTable},
	notes: []note{
		{"held_out", "nothing was offered, to compare with: decided by campaign and customer id alone", "offer-made"},
		{"redeemed", "the customer made use of it", "offer-redeemed"},
		{"offered_at", "when it was decided", "offer-made"},
		{"position", latest, "offer-made, offer-redeemed"},
	},
}

var upliftView = view{
	name:  "agg_offer_uplift",
	grain: "one row per campaign and currency in which customers of the campaign bought on its days (empty when none did); without erased customers",
	key:   "campaign, currency",
	query: `
WITH
    people AS (SELECT o.campaign AS campaign, o.person AS customer, max(o.held_out) AS held_out, min(o.first_day) AS first_day, max(o.last_day) AS last_day,
        max(o.redeemed) AS redeemed, max(o.position) AS position
        FROM (SELECT f.*, if(d.merged_into = '', f.customer, d.merged_into) AS person FROM fct_offers AS f INNER JOIN dim_customers AS d ON f.customer = d.customer) AS o
        GROUP BY o.campaign, o.person HAVING uniqExact(o.held_out) = 1),
    purchases AS (SELECT p.campaign AS campaign, p.customer AS customer, t.currency AS currency, any(t.exponent) AS exponent, sum(t.net_minor) AS net_minor, countIf(t.kind = 'sale') AS orders
        FROM people AS p INNER JOIN v_customer_tickets AS t ON p.customer = t.customer
        WHERE t.business_date BETWEEN p.first_day AND p.last_day GROUP BY campaign, customer, currency),
    sizes AS (SELECT campaign, countIf(NOT held_out) AS offered, countIf(held_out) AS held_out_n, countIf(p.redeemed) AS redemptions, max(p.position) AS last FROM people AS p GROUP BY campaign),
    results AS (SELECT p.campaign AS campaign, b.currency AS currency, any(b.exponent) AS exponent,
        countIf(NOT p.held_out AND b.orders > 0) AS offered_buyers, countIf(p.held_out AND b.orders > 0) AS held_buyers,
        sumIf(b.net_minor, NOT p.held_out) AS offered_sum, sumIf(b.net_minor, p.held_out) AS held_sum
        FROM people AS p INNER JOIN purchases AS b ON p.campaign = b.campaign AND p.customer = b.customer GROUP BY campaign, currency)
SELECT
    s.campaign AS campaign, ifNull(r.currency, '') AS currency,
    s.offered AS offered, s.held_out_n AS held_out, s.redemptions AS redeemed,
    ifNull(r.offered_buyers, 0) AS offered_bought, ifNull(r.held_buyers, 0) AS held_out_bought,
    toInt64(if(offered = 0, 0, intDiv(1000000 * offered_bought, offered))) AS offered_rate_ppm,
    toInt64(if(held_out = 0, 0, intDiv(1000000 * held_out_bought, held_out))) AS held_out_rate_ppm,
    toInt64(if(offered = 0 OR held_out = 0, 0, offered_rate_ppm - held_out_rate_ppm)) AS uplift_ppm,
    toInt64(if(offered = 0 OR held_out = 0, 0, round(1.96 * sqrt(offered_rate_ppm * (1000000.0 - offered_rate_ppm) / offered + held_out_rate_ppm * (1000000.0 - held_out_rate_ppm) / held_out)))) AS interval_ppm,
    toInt64(if(offered = 0, 0, intDiv(ifNull(r.offered_sum, 0), offered))) AS offered_net_minor,
    toInt64(if(held_out = 0, 0, intDiv(ifNull(r.held_sum, 0), held_out))) AS held_out_net_minor,
    toInt64(if(offered = 0 OR held_out = 0, 0, offered_net_minor - held_out_net_minor)) AS uplift_net_minor,
    s.last AS position
FROM sizes AS s
LEFT JOIN results AS r ON s.campaign = r.campaign`,
	from: []describer{offersView},
	notes: []note{
		{"currency", "ISO 4217 code of every amount in the row", bought},
		{"offered", "customers who were offered something", "offer-made"},
		{"held_out", "customers who were held out", "offer-made"},
		{"redeemed", "customers who redeemed", "offer-redeemed"},
		{"offered_bought", "of those offered, who bought on the campaign's days", bought},
		{"held_out_bought", "of those held out, who bought on the campaign's days", bought},
		{"offered_rate_ppm", "buyers in parts per million of those offered", bought},
		{"held_out_rate_ppm", "buyers in parts per million of those held out", bought},
		{"uplift_ppm", "offered_rate_ppm - held_out_rate_ppm: what the offer did; 0 when one of the groups is empty", bought},
		{"interval_ppm", "uplift_ppm lies between uplift_ppm - interval_ppm and uplift_ppm + interval_ppm with 95 % (normal approximation: for groups of thirty and more)", bought},
		{"offered_net_minor", "net bought on the campaign's days for each customer offered, cut to whole units" + inMinor + signed, bought},
		{"held_out_net_minor", "the same for each customer held out" + inMinor + signed, bought},
		{"uplift_net_minor", "offered_net_minor - held_out_net_minor" + inMinor + signed, bought},
		{"position", "journal position of the last event of the campaign", "offer-made, offer-redeemed"},
	},
}
