package projections_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// Sums that are kept are those of the tickets, by whatever they are kept; and each figure of
// the dictionary is what its comment says.
func TestSumsAreThoseOfTickets(t *testing.T) {
	warehouse, _ := told(t)
	off := func(what, sql string) {
		t.Helper()
		var count uint64
		if one(t, warehouse, sql, &count); count != 0 {
			t.Errorf("not so: %s (%d)", what, count)
		}
	}
	for view, from := range map[string]string{
		"agg_sales_day":          "SELECT '' AS of, * FROM fct_sales",
		"agg_sales_day_hour":     "SELECT toString(local_hour) AS of, * FROM fct_sales",
		"agg_sales_day_tender":   "SELECT toString(tender) AS of, * FROM fct_sales",
		"agg_sales_day_terminal": "SELECT toString(terminal) AS of, * FROM fct_sales",
		"agg_sales_day_cashier":  "SELECT toString(cashier) AS of, * FROM fct_sales",
		"agg_sales_day_category": "SELECT toString(category) AS of, * FROM fct_sale_lines",
		"agg_sales_day_product":  "SELECT toString(sku) AS of, * FROM fct_sale_lines WHERE sku != ''",
		"agg_sales_day_note":     "SELECT concat(n.1, '=', n.2) AS of, s.* FROM fct_sales AS s ARRAY JOIN CAST(notes, 'Array(Tuple(String, String))') AS n",
	} {
		name := map[string]string{"agg_sales_day": "''", "agg_sales_day_hour": "toString(local_hour)", "agg_sales_day_product": "toString(sku)", "agg_sales_day_note": "concat(note, '=', value)"}[view]
		if name == "" {
			name = "toString(" + strings.TrimPrefix(view, "agg_sales_day_") + ")"
		}
		off(view+" adds up as the tickets do", `
SELECT count() FROM
(
    SELECT business_date, store, currency, `+name+` AS of, sales, refunds, toInt64(qty_milli - returned_milli) AS qty, net_minor, tax_minor, total_minor, net, total, position FROM `+view+`
    EXCEPT
    SELECT business_date, store, currency, of, uniqExactIf(id, kind = 'sale'), uniqExactIf(id, kind = 'refund'), sum(f.qty_milli), sum(f.net_minor), sum(f.tax_minor), sum(f.total_minor),
        CAST(sum(f.net) AS Decimal(18, 3)), CAST(sum(f.total) AS Decimal(18, 3)), max(f.position)
    FROM (`+from+`) AS f GROUP BY business_date, store, currency, of
)`)
		off(view+" leaves nothing out", `SELECT (SELECT sum(total_minor) FROM `+view+`) != (SELECT sum(total_minor) FROM (`+from+`))`)
	}
	off("tax by rate adds up to that of the tickets", `SELECT count() FROM
(
    SELECT business_date, store, currency, sum(t.net_minor), sum(t.tax_minor), sum(t.total_minor) FROM agg_tax_day AS t GROUP BY business_date, store, currency
    EXCEPT
    SELECT business_date, store, currency, net_minor, tax_minor, total_minor FROM agg_sales_day
)`)
	off("net = gross - discount - returns", "SELECT countIf(net_minor != gross_minor - discount_minor - returned_net_minor OR net != gross - discount - returned_net) FROM agg_sales_day")
	off("the average ticket is net by sales", "SELECT countIf(average_ticket != CAST(toDecimal128(net, 6) / sales AS Decimal(18, 6))) FROM agg_sales_day WHERE sales > 0")
	off("payments by outcome are those of the tills", `SELECT count() FROM
(
    SELECT business_date, store, channel, currency, sum(approved), sum(declined), sum(unknown), sum(refunds), sum(voids), sum(approved_amount_minor), sum(refunded_amount_minor), sum(voided_amount_minor) FROM agg_payments_day GROUP BY business_date, store, channel, currency
    EXCEPT
    SELECT business_date, store, channel, currency, countIf(kind = 'sale' AND reported = 'approved'), countIf(kind = 'sale' AND reported = 'declined'), countIf(kind = 'sale' AND reported = 'unknown'),
        countIf(kind = 'refund' AND reported = 'approved'), countIf(kind = 'void' AND reported = 'approved'), sumIf(amount_minor, kind = 'sale' AND reported = 'approved'),
        -sumIf(amount_minor, kind = 'refund' AND reported = 'approved'), -sumIf(amount_minor, kind = 'void' AND reported = 'approved')
    FROM fct_payments GROUP BY business_date, store, channel, currency
)`)
	off("every receipt and every gap is in the register", "SELECT (SELECT countIf(kind != 'gap') FROM fct_receipts) != (SELECT count() FROM g1_r_sales FINAL) + (SELECT count() FROM g1_r_payments FINAL WHERE kind = 'void')")
}

// What the story's second terminal did, as its views tell it.
func TestTillViews(t *testing.T) {
	warehouse, _ := told(t)
	for sql, want := range map[string][]string{
		"SELECT groupArray(concat(terminal, ' ', drawer, ' ', currency, ' ', toString((float, cash_sales, cash_back, paid_in, paid_out, expected, counted_amount, over_short, no_sales)))) FROM (SELECT * FROM fct_drawer_sessions ORDER BY terminal, session, currency)": {
			"T1  CNY (0,60,0,0,0,60,NULL,NULL,0)", "T2 D1 CNY (500,30,10,200,600,120,119.9,-0.1,1)"},
		"SELECT groupArray(concat(terminal, ' ', shift, ' ', report, toString(z_number), ' ', currency, ' ', toString((sales, refunds, voids, no_sales, sold, refunded, total, voided, tenders)))) FROM (SELECT * FROM fct_shift_reports ORDER BY terminal, session, currency)": {
			"T1  X0 CNY (6,1,1,0,317,20,297,70,{'alipay':88,'card':79,'cash':100,'mixed':30})", "T1  X0 JPY (1,0,0,0,1234,0,1234,0,{'card':1234})", "T1  X0 KWD (1,0,0,0,1.234,0,1.234,0,{'card':1.234})",
			"T2 early Z1 CNY (1,1,0,1,30,10,20,0,{'cash':20})", "T3  X0 CNY (1,0,0,0,12,0,12,0,{'':12})"},
		"SELECT groupArray(toString((terminal, currency, total, perpetual, grand_total))) FROM (SELECT * FROM fct_shift_reports ORDER BY terminal, session, currency)": {
			"('T1','CNY',297,297,337)", "('T1','JPY',1234,1234,1234)", "('T1','KWD',1.234,1.234,1.234)", "('T2','CNY',20,20,40)", "('T3','CNY',12,12,12)"},
		"SELECT groupArray(toString((store, currency, sold, refunded, total, perpetual, grand_total))) FROM (SELECT * FROM agg_perpetual_day ORDER BY store, currency)": {
			"('S1','CNY',347,30,317,317,377)", "('S1','JPY',1234,0,1234,1234,1234)", "('S1','KWD',1.234,0,1.234,1.234,1.234)", "('S2','CNY',12,0,12,12,12)"},
		"SELECT groupArray(toString((store, currency, tax_ppm, tax_percent, net, tax, total, refunded_tax))) FROM (SELECT * FROM agg_tax_day ORDER BY store, currency, tax_ppm)": {
			"('S1','CNY',90000,9,55,5,60,0)", "('S1','CNY',NULL,NULL,252,5,257,2)", "('S1','JPY',NULL,NULL,1234,0,1234,0)", "('S1','KWD',NULL,NULL,1.234,0,1.234,0)", "('S2','CNY',NULL,NULL,12,0,12,0)"},
		"SELECT groupArray(toString((terminal, batch, sales, sales_amount, voids_amount))) FROM fct_batches":                                                                            {"('T2','000013',2,79,70)"},
		"SELECT groupArray(toString((terminal, first_number, last_number, numbers, missing, gaps))) FROM fct_feeds":                                                                     {"('T2',1,20,17,3,1)"},
		"SELECT groupArray(toString((terminal, store, from_number, to_number, missing))) FROM fct_number_gaps":                                                                          {"('T2','S1',4,6,3)"},
		"SELECT groupArray(toString((number, receipt, tender, reference, total))) FROM fct_receipts WHERE kind = 'void'":                                                                {"(7,'v4','card','p4',-70)"},
		"SELECT groupArray(toString((terminal, number, to_number))) FROM fct_receipts WHERE kind = 'gap'":                                                                               {"('T2',4,6)"},
		"SELECT groupArray(toString((terminal, local_hour, sales, p50_ms, p90_ms, items_per_minute))) FROM agg_checkout_speed":                                                          {"('T2',9,1,42500,42500,2.823529)"},
		"SELECT groupArray(toString((week, store, sku_a, sku_b, tickets, tickets_a, tickets_b, tickets_all, support, confidence, lift))) FROM agg_basket_pairs":                         {"('2026-01-05','S1','4711','4712',1,2,1,2,0.5,0.5,1)"},
		"SELECT groupArray(toString((sold_on, store, currency, refunds, returned_net))) FROM agg_returns_day":                                                                           {"('2026-01-05','S1','CNY',2,28)"},
		"SELECT groupArray(toString((sku, name, category, unit))) FROM (SELECT * FROM dim_articles ORDER BY sku)":                                                                       {"('4711','','',13.5)", "('4712','','',36)"},
		"SELECT groupArray(toString((store, terminals, currencies, tickets))) FROM (SELECT * FROM dim_stores ORDER BY store)":                                                           {"('S1',2,['CNY','JPY','KWD'],11)", "('S2',1,['CNY'],1)"},
		"SELECT groupArray(toString((terminal, store, tickets, silent_days))) FROM (SELECT * FROM dim_terminals ORDER BY terminal)":                                                     {"('T1','S1',9,0)", "('T2','S1',2,0)", "('T3','S2',1,0)"},
		"SELECT groupArray(toString((cashier, store, tickets))) FROM dim_staff":                                                                                                         {"('e7','S1',11)"},
		"SELECT groupArray(toString((day, iso_week, weekday, weekend, ahead))) FROM (SELECT * FROM dim_calendar ORDER BY day)":                                                          {"('2026-01-05',2,1,false,false)", "('2031-01-05',1,7,true,true)"},
		"SELECT groupArray(toString((sales, refunds, gross, discount, net, returned_net, units_per_ticket, discount_rate))) FROM agg_sales_day WHERE currency = 'CNY' AND store = 'S1'": {"(7,2,341,6,307,28,0.642857,0.017595)"},
		"SELECT groupArray(toString((channel, approved, declined, unknown, approval_rate, void_rate))) FROM agg_payments_day WHERE channel = 'card' AND currency = 'CNY'":               {"('card',1,1,1,0.5,1)"},
	} {
		var got []string
		one(t, warehouse, sql, &got)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s\n%s", sql, diff)
		}
	}
}
