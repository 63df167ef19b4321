package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"daybook/adapters/simulator"
	"daybook/projections"
)

// checkGoods folds the moves of what is in the shelves by hand: never below nothing, what is
// there now, at the end of each day and by the views is the same, counts find what the keys say
// is missing and nothing else, and nobody brings back more than was sold.
func (p *program) checkGoods(keys ...simulator.Key) {
	p.t.Helper()
	type article struct{ store, sku string }
	type day struct {
		article
		day string
	}
	hand, changed, kinds := map[article]int64{}, map[day]int64{}, map[string]int64{}
	var missing []string
	for _, m := range ask[[]struct {
		Store, SKU, Day, Kind string
		Qty                   int64
	}](p, "query", "SELECT store, sku, toString(business_date) AS day, kind, toInt32(qty_milli) AS qty FROM fct_stock_moves ORDER BY store, sku, moment, qty_milli DESC") {
		of := article{m.Store, m.SKU}
		hand[of] += m.Qty
		changed[day{of, m.Day}] += m.Qty
		kinds[m.Kind]++
		if hand[of] < 0 {
			p.t.Errorf("%s %s is below nothing on %s: %d after %s", m.Store, m.SKU, m.Day, hand[of], m.Kind)
		}
		if m.Kind == "counted" && m.Qty != 0 || m.Kind == "opening" {
			missing = append(missing, fmt.Sprint(m.Day, m.Store, m.SKU, m.Qty))
		}
	}
	for _, kind := range []string{"sold", "returned", "received", "sent", "arrived", "wasted", "counted"} {
		if kinds[kind] == 0 && (kind != "arrived" || len(keys) > 1) {
			p.t.Errorf("nothing was %s", kind)
		}
	}
	var planted []string
	for _, key := range keys {
		for _, s := range key.Shrinkage {
			planted = append(planted, fmt.Sprint(key.BusinessDate, s.Store, s.SKU, -s.QtyMilli))
		}
	}
	slices.Sort(planted)
	slices.Sort(missing)
	if len(planted) == 0 || !slices.Equal(planted, missing) {
		p.t.Errorf("counts find missing %v, the keys %v", missing, planted)
	}

	now := ask[[]struct {
		Store, SKU     string
		OnHand, Listed int64
	}](p, "query", "SELECT store, sku, toInt32(on_hand_milli) AS OnHand, toInt32(listed) AS Listed FROM agg_stock")
	for _, row := range now {
		if got := hand[article{row.Store, row.SKU}]; got != row.OnHand || row.Listed != 1 {
			p.t.Errorf("%s %s: the moves come to %d, the view says %+v", row.Store, row.SKU, got, row)
		}
	}
	byDay := map[article]int64{}
	days := ask[[]struct {
		Store, SKU, Day           string
		Changed, Closed, Returned int64
	}](p, "query", `SELECT store, sku, toString(business_date) AS Day, toInt32(changed_milli) AS Changed, toInt32(closed_milli) AS Closed, toInt32(returned_milli) AS Returned
		FROM agg_stock_day ORDER BY store, sku, business_date`)
	for _, row := range days {
		of := article{row.Store, row.SKU}
		byDay[of] += row.Changed
		if row.Changed != changed[day{of, row.Day}] || row.Closed != byDay[of] {
			p.t.Errorf("%+v: the moves of the day come to %d, those up to it to %d", row, changed[day{of, row.Day}], byDay[of])
		}
	}
	if len(now) != len(hand) || len(days) != len(changed) || len(now) == 0 {
		p.t.Errorf("%d articles of %d, %d days of %d", len(now), len(hand), len(days), len(changed))
	}
	for of, milli := range hand {
		if byDay[of] != milli {
			p.t.Errorf("%v: the moves come to %d, the days to %d", of, milli, byDay[of])
		}
	}
	// Also what came back beyond what was sold, and orders that do not fit.
	if flags := ask[[]projections.StockFlagRow](p, "stock", "flags"); len(flags) > 0 {
		p.t.Errorf("flagged: %+v", flags)
	}
}

// checkMembers registers the members that the days' tickets name, and finds their purchases
// under the same customers as before.
func (p *program) checkMembers(dir string) {
	p.t.Helper()
	path := filepath.Join(dir, simulator.CustomersDir, "customers.csv")
	rows := strings.Count(readText(p.t, path), "\n") - 1
	lines := func() (n [3]int) {
		row := ask[[]map[string]int](p, "query", `SELECT toInt32(count()) AS lines, toInt32(uniqExact(customer)) AS customers,
			toInt32(countIf(customer IN (SELECT customer FROM dim_customers WHERE registered = 1))) AS known FROM fct_customer_lines`)[0]
		return [3]int{row["lines"], row["customers"], row["known"]}
	}
	before := lines()
	p.must(exitFine, "import", path, "--as", simulator.Registrar)
	after := lines()
	if after[0] != before[0] || after[1] != before[1] || before[2] != 0 || after[2] <= after[0]/2 || after[2] >= after[0] {
		p.t.Errorf("lines, customers and lines of registered ones: %v before, %v after", before, after)
	}
	got := ask[[]map[string]int](p, "query", `SELECT toInt32(countIf(registered = 1)) AS registered, toInt32(countIf(marketing)) AS marketing FROM dim_customers`)[0]
	if got["registered"] != rows || got["marketing"] < rows/3 || got["marketing"] > rows*5/6 {
		p.t.Errorf("of %d members %v", rows, got)
	}
}
