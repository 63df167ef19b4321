package main

import "daybook/ledger"

// benchQueries are what dashboards ask, one for each picture. Rows of the views that tables
// fill are read to the end.
var benchQueries = []struct {
	what ledger.Text
	sql  string
}{
	{ledger.Say("sales by day and store"), `
SELECT business_date, store, currency, sum(total), sum(sales) FROM agg_sales_hour WHERE kind = 'sale' GROUP BY ALL ORDER BY ALL`},
	{ledger.Say("sales by hour and weekday"), `
SELECT toDayOfWeek(business_date) AS weekday, local_hour, currency, sum(total) FROM agg_sales_hour WHERE kind = 'sale' GROUP BY ALL ORDER BY ALL`},
	{ledger.Say("average ticket by tender"), `
SELECT tender, currency, sum(total) / sum(sales) AS ticket FROM agg_sales_hour WHERE kind = 'sale' GROUP BY ALL ORDER BY ALL`},
	{ledger.Say("twenty articles that sell most"), `
SELECT sku, any(name) AS article, currency, sum(net) AS takings, sum(qty) AS quantity FROM fct_sale_lines GROUP BY sku, currency ORDER BY takings DESC LIMIT 20`},
	{ledger.Say("sales by category"), `
SELECT category, currency, sum(net) AS takings FROM fct_sale_lines GROUP BY ALL ORDER BY ALL`},
	{ledger.Say("refunds by store"), `
SELECT store, currency, sumIf(total, kind = 'refund') AS refunded, countIf(kind = 'refund') / count() AS rate FROM fct_sales GROUP BY ALL ORDER BY ALL`},
	{ledger.Say("payments by channel and outcome"), `
SELECT channel, outcome, currency, count(), sum(amount) FROM fct_payments GROUP BY ALL ORDER BY ALL`},
	{ledger.Say("settled by provider and day"), `
SELECT provider, day, currency, count(), sum(gross), sum(fee), sum(net) FROM fct_settlement_lines GROUP BY ALL ORDER BY ALL`},
	{ledger.Say("control sheet"), `
SELECT * FROM agg_control_sheet ORDER BY day, provider, currency`},
	{ledger.Say("differences by kind"), `
SELECT kind, channel, state, count(), sum(difference_minor) FROM fct_breaks GROUP BY ALL ORDER BY ALL`},
	{ledger.Say("trial balance"), `
SELECT * FROM agg_trial_balance ORDER BY account, currency`},
}
