package projections_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"daybook/ledger"
)

// Perpetual totals and tax by rate of two days at two terminals, by plain arithmetic:
//
//	T1, 5 Jan   sold 113.00 (100.00 and 13 %), 54.50 (50.00 and 9 %, in two lines)
//	T2, 5 Jan   sold  20.00 without lines, tax 2.00; practised 999.00
//	T1, 6 Jan   gave back 56.50 (50.00 and 13 %); sold 10.00 free of tax
//	T1, 7 Jan   sold 10.90 (10.00 and 9 %), of which a discount on the whole ticket takes 0.90
//	            with 0.08 of the tax: the ticket says net 9.18, tax 0.82
func TestPerpetualAndTax(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := newStory(t)
	at := func(terminal ledger.TerminalID, days int) ledger.Till {
		head := s.till()
		head.Terminal, head.BusinessDay, head.At = terminal, monday.AddDays(days), head.At.Add(time.Duration(days)*24*time.Hour)
		return head
	}
	line := func(net, tax int64, ppm ledger.Rate) ledger.SaleLine {
		return ledger.SaleLine{QtyMilli: 1000, Unit: cny(net), Net: cny(net), Tax: cny(tax), TaxRate: ppm}
	}
	practice := at("T2", 0)
	practice.Mode = ledger.Training
	for _, action := range []ledger.Action{
		ledger.SaleRecorded{Till: at("T1", 0), Sale: "A", Lines: []ledger.SaleLine{line(10000, 1300, 130000)}, Tax: cny(1300), Total: cny(11300)},
		ledger.SaleRecorded{Till: at("T1", 0), Sale: "B", Lines: []ledger.SaleLine{line(2000, 180, 90000), line(3000, 270, 90000)}, Tax: cny(450), Total: cny(5450)},
		ledger.SaleRecorded{Till: at("T2", 0), Sale: "C", Tax: cny(200), Total: cny(2000)},
		ledger.SaleRecorded{Till: practice, Sale: "D", Lines: []ledger.SaleLine{line(90000, 9900, 110000)}, Tax: cny(9900), Total: cny(99900)},
		ledger.RefundRecorded{Till: at("T1", 1), Refund: "E", Original: "A", Lines: []ledger.SaleLine{line(5000, 650, 130000)}, Tax: cny(650), Total: cny(5650)},
		ledger.SaleRecorded{Till: at("T1", 1), Sale: "F", Lines: []ledger.SaleLine{line(1000, 0, 0)}, Total: cny(1000)},
		ledger.SaleRecorded{Till: at("T1", 2), Sale: "G", Lines: []ledger.SaleLine{line(1000, 90, 90000)}, Discount: cny(90), Tax: cny(82), Total: cny(1000)},
	} {
		s.act(action)
	}
	apply(t, projector, s.events())
	for sql, want := range map[string][]string{
		"SELECT toString((terminal, business_date, total_minor, perpetual_minor, grand_total_minor)) FROM fct_shift_reports ORDER BY terminal, business_date": {
			"('T1','2026-01-05',16750,16750,16750)", // 113.00 + 54.50
			"('T1','2026-01-06',-4650,12100,23400)", // - 56.50 + 10.00; grown by 66.50
			"('T1','2026-01-07',1000,13100,24400)",
			"('T2','2026-01-05',2000,2000,2000)",
		},
		"SELECT toString((business_date, sold_minor, refunded_minor, total_minor, perpetual_minor, grand_total_minor)) FROM agg_perpetual_day ORDER BY business_date": {
			"('2026-01-05',18750,0,18750,18750,18750)",
			"('2026-01-06',1000,5650,-4650,14100,25400)",
			"('2026-01-07',1000,0,1000,15100,26400)",
		},
		"SELECT toString((business_date, tax_ppm, net_minor, tax_minor, total_minor, refunded_tax_minor)) FROM agg_tax_day ORDER BY business_date, tax_ppm": {
			"('2026-01-05',90000,5000,450,5450,0)",
			"('2026-01-05',130000,10000,1300,11300,0)",
			"('2026-01-05',NULL,1800,200,2000,0)", // C, which has no lines
			"('2026-01-06',0,1000,0,1000,0)",
			"('2026-01-06',130000,-5000,-650,-5650,650)",
			"('2026-01-07',90000,1000,90,1090,0)",
			"('2026-01-07',NULL,-82,-8,-90,0)", // the discount on the whole ticket
		},
	} {
		if diff := cmp.Diff(want, list(t, warehouse, sql)); diff != "" {
			t.Errorf("%s\n%s", sql, diff)
		}
	}
}
