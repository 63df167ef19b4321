package projections_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daybook/ledger"
)

// What is bought together, by plain arithmetic:
//
//	S1, week of 5 Jan   a b c · a b · b (twice on the ticket) · 51 articles, which is too many
//	                    b a, given back; a b, practised
//	S1, week of 12 Jan  a b
//	S2, week of 5 Jan   a c
func TestBoughtTogether(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := newStory(t)
	at := func(store ledger.StoreID, days int) ledger.Till {
		head := s.till()
		head.Store, head.BusinessDay, head.At = store, monday.AddDays(days), head.At.Add(time.Duration(days)*24*time.Hour)
		return head
	}
	sell := func(head ledger.Till, skus ...string) {
		sale := ledger.SaleRecorded{Till: head, Sale: fmt.Sprintf("R%d", head.Seq)}
		for _, sku := range skus {
			sale.Lines = append(sale.Lines, ledger.SaleLine{SKU: sku, QtyMilli: 1000, Unit: cny(100), Net: cny(100)})
			sale.Total = sale.Total.Add(cny(100))
		}
		s.act(sale)
	}
	sell(at("S1", 0), "a", "c", "b")
	sell(at("S1", 6), "b", "a")
	sell(at("S1", 1), "b", "b", "")
	many := make([]string, 51)
	for n := range many {
		many[n] = fmt.Sprintf("x%d", n)
	}
	sell(at("S1", 1), many...)
	practised := at("S1", 0)
	practised.Mode = ledger.Training
	sell(practised, "a", "b")
	s.act(ledger.RefundRecorded{Till: at("S1", 0), Refund: "B", Original: "R1", Total: cny(200),
		Lines: []ledger.SaleLine{{SKU: "a", QtyMilli: 1000, Unit: cny(100), Net: cny(100)}, {SKU: "b", QtyMilli: 1000, Unit: cny(100), Net: cny(100)}}})
	sell(at("S1", 7), "a", "b")
	sell(at("S2", 2), "a", "c")
	// A day is made anew as its pages come.
	events := s.events()
	apply(t, projector, events[:3])
	apply(t, projector, events[3:])
	want := []string{ // week, store, a, b, both, a, b, all, support, confidence, lift
		"('2026-01-05','S1','a','b',2,2,3,3,0.666666,1,1)",
		"('2026-01-05','S1','a','c',1,2,1,3,0.333333,0.5,1.5)",
		"('2026-01-05','S1','b','c',1,3,1,3,0.333333,0.333333,1)",
		"('2026-01-12','S1','a','b',1,1,1,1,1,1,1)",
		"('2026-01-05','S2','a','c',1,1,1,1,1,1,1)",
	}
	got := list(t, warehouse, `SELECT toString((week, store, sku_a, sku_b, tickets, tickets_a, tickets_b, tickets_all, support, confidence, lift))
FROM agg_basket_pairs ORDER BY store, week, sku_a, sku_b`)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

// What is asked for all the time is not added up from all tickets each time.
func TestSumsAreAskedAndNotTickets(t *testing.T) {
	warehouse, _ := told(t)
	for _, view := range []string{"agg_sales_day", "agg_sales_day_product", "agg_basket_pairs", "agg_tax_day", "agg_perpetual_day", "fct_shift_reports", "dim_articles"} {
		plan := strings.Join(list(t, warehouse, "SELECT explain FROM (EXPLAIN PLAN SELECT * FROM "+view+")"), "\n")
		for _, many := range []string{"r_sales", "r_sale_lines"} {
			if strings.Contains(plan, many+")") {
				t.Errorf("%s reads %s:\n%s", view, many, plan)
			}
		}
	}
}

// What a small dashboard waits for is planning, some milliseconds for each table that a statement comes to.
func TestViewsPlanFewTables(t *testing.T) {
	warehouse, _ := told(t)
	for view, most := range map[string]int{"agg_stock_units": 11} {
		plan := strings.Join(list(t, warehouse, "SELECT explain FROM (EXPLAIN PLAN SELECT * FROM "+view+")"), "\n")
		if tables := strings.Count(plan, "ReadFrom"); tables == 0 || tables > most {
			t.Errorf("%s plans %d tables, at most %d were expected", view, tables, most)
		}
	}
}
