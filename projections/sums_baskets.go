package projections

// maxBasket bounds what pairs are made of: a ticket of a hundred articles has 4,950 pairs,
// and says nothing about what goes together.
const maxBasket = "50"

// basketSums are what is bought together, of each storeday. A storeday has at most 1,225 rows of
// pairs for each of its tickets (those of fifty articles), and never more than its articles have
// pairs: tickets with more articles are in no row.
var basketSums = daySums{
	name: "r_basket_sums",
	grain: "one row per business day, store and pair of articles that are on one ticket, per article, and for all tickets; " +
		"sales with 1 to " + maxBasket + " articles",
	events: "sale-recorded",
	key:    "part, business_date, store, sku_a, sku_b",
	columns: []column[struct{}]{
		derived("part", word, "pair: tickets with both articles; article: tickets with sku_a; all: all tickets that name articles"),
		derived("business_date", "Date", "the store's business day"),
		derived("store", word, "the retailer's own number of the store"),
		derived("sku_a", "String", "article number; of a pair the first in order; of all tickets empty"),
		derived("sku_b", "String", "article number; empty but for a pair"),
		derived("tickets", "UInt64", "number of sales"),
		derived("position", "UInt64", latest),
	},
	query: `
SELECT c.1 AS part, business_date, store, c.2 AS sku_a, c.3 AS sku_b, count(), max(position)
FROM
(
    SELECT business_date, store, position, arrayMap(a -> toString(a), articles) AS skus,
        arrayJoin(arrayConcat([('all', '', '')], arrayMap(a -> ('article', a, ''), skus),
            arrayFlatten(arrayMap((a, i) -> arrayMap(b -> ('pair', a, b), arraySlice(skus, i + 1)), skus, arrayEnumerate(skus))))) AS c
    FROM r_sales FINAL
    WHERE ` + touched + ` AND kind = 'sale' AND length(articles) BETWEEN 1 AND ` + maxBasket + `
)
GROUP BY part, business_date, store, sku_a, sku_b`,
}

var pairsView = view{
	name: "agg_basket_pairs",
	grain: "what is bought together: one row per week, store and pair of articles. Tickets with more than " + maxBasket + " articles are left out. " +
		"support = tickets / tickets_all; confidence = tickets / tickets_a; lift = tickets * tickets_all / (tickets_a * tickets_b)",
	key: "week, store, sku_a, sku_b",
	query: `
SELECT p.week AS week, p.store AS store, p.sku_a AS sku_a, p.sku_b AS sku_b, p.tickets AS tickets, a.tickets AS tickets_a, b.tickets AS tickets_b, n.tickets AS tickets_all,
    ` + ratio("support", "p.tickets", "n.tickets") + `,
    ` + ratio("confidence", "p.tickets", "a.tickets") + `,
    ` + ratio("lift", "p.tickets * n.tickets", "(a.tickets * b.tickets)") + `,
    p.position AS position
FROM (` + basketsOf("pair") + `) AS p
INNER JOIN (` + basketsOf("article") + `) AS a ON a.week = p.week AND a.store = p.store AND a.sku_a = p.sku_a
INNER JOIN (` + basketsOf("article") + `) AS b ON b.week = p.week AND b.store = p.store AND b.sku_a = p.sku_b
INNER JOIN (` + basketsOf("all") + `) AS n ON n.week = p.week AND n.store = p.store`,
	from: []describer{basketSums.table()},
	notes: []note{
		{"week", "Monday of the week of the business day", "sale-recorded"},
		{"sku_a", "article number, before sku_b in order", "sale-recorded"},
		{"sku_b", "article number", "sale-recorded"},
		{"tickets", "sales with both", "sale-recorded"},
		{"tickets_a", "sales with sku_a", "sale-recorded"},
		{"tickets_b", "sales with sku_b", "sale-recorded"},
		{"tickets_all", "sales of the week and store that name articles", "sale-recorded"},
		{"support", "tickets / tickets_all" + inOnes, "sale-recorded"},
		{"confidence", "tickets / tickets_a: how many of those with sku_a have sku_b" + inOnes, "sale-recorded"},
		{"lift", "tickets * tickets_all / (tickets_a * tickets_b): above one, they are bought together more often than by chance; decimal, in units of one", "sale-recorded"},
		{"position", latest, "sale-recorded"},
	},
}

// basketsOf are the sums of a part, by week.
func basketsOf(part string) string {
	return `
    SELECT toMonday(s.business_date) AS week, s.store AS store, s.sku_a AS sku_a, s.sku_b AS sku_b, sum(s.tickets) AS tickets, max(s.position) AS position
    FROM (SELECT * FROM r_basket_sums FINAL WHERE part = '` + part + `') AS s
    GROUP BY week, store, sku_a, sku_b`
}
