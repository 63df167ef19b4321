package projections_test

import (
	"strconv"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/ledger"
	"daybook/ledger/customer"
)

// people is a row in every view of customers: C9, who bought (R1) and was found to be C7 as well;
// C8, who is held out of the campaign; C6, who was erased; and C4, who bought and is restricted
// C5 as well.
func (s *story) people() {
	s.tb.Helper()
	say := func(id customer.ID, events ...any) {
		s.tb.Helper()
		for _, event := range events {
			s.say(customer.Stream(id), event)
		}
	}
	for _, id := range []customer.ID{"C9", "C8", "C7", "C6", "C5"} {
		say(id, customer.Described{Customer: id, Sealed: "AA==", Source: "file", By: "sun.li"},
			customer.ConsentSet{Customer: id, Purpose: customer.Marketing, Given: true, Source: "web", Text: "2026-01", By: "sun.li"},
			customer.ConsentSet{Customer: id, Purpose: customer.Personalise, Given: true, Source: "web", Text: "2026-01", By: "sun.li"})
	}
	offered := func(id customer.ID, heldOut bool) customer.OfferMade {
		return customer.OfferMade{Offer: "spring-" + string(id), Customer: id, Campaign: "spring", Reason: "new", HeldOut: heldOut, From: monday, Until: monday.AddDays(9), By: "chen.yu"}
	}
	for _, id := range []customer.ID{"C9", "C7", "C6"} {
		say(id, offered(id, false))
	}
	say("C8", offered("C8", true), customer.ConsentSet{Customer: "C8", Purpose: customer.Share, Given: false, Source: "phone", Text: "2026-01", By: "sun.li"})
	say("C7", customer.Merged{Customer: "C7", Into: "C9", By: "sun.li"}, customer.OfferRedeemed{Offer: "spring-C7", Customer: "C7", Campaign: "spring", Sale: "R1", Day: monday, By: "sun.li"})
	say("C6", customer.Erased{Customer: "C6", Basis: "gdpr17", By: "sun.li"})
	elsewhere := s.till()
	elsewhere.Terminal, elsewhere.Store, elsewhere.Cashier = "T3", "S2", ""
	s.act(ledger.SaleRecorded{Till: elsewhere, Sale: "R11", Customer: "C4", Total: cny(1200)})
	say("C4", customer.Merged{Customer: "C4", Into: "C5", By: "sun.li"})
	say("C5", customer.Restricted{Customer: "C5", Restricted: true, Basis: "gdpr18", By: "sun.li"}, customer.Disclosed{Customer: "C5", How: "shown", Basis: "request", By: "sun.li"})
}

// What analysts read of customers, of a history that is small enough to reckon by hand. Of ten
// customers each fifth has two: with n of them in order, equals in the place of the first, the
// score of place p is 1 + 5·(p-1) ÷ 10, cut.
//
//	    last day  place  r   orders  place  f   net     place  m
//	K   Jan  8      1    1      6     10    5     6.00    2    1   at_risk     (r ≤ 2, f ≥ 4)
//	L   Jan 15      2    1      1      1    1     5.00    1    1   lost        (r ≤ 2)
//	C   Feb  3      3    2      1      1    1   500.00   10    5   lost
//	B   Feb 11      4    2      3      6    3    80.00    7    4   lost
//	D   Feb 28      5    3      3      6    3   145.00    8    4   occasional
//	A   Mar  1      6    3      4      8    4   200.00    9    5   loyal       (f ≥ 4, r = 3)
//	M   Mar  2      7    4      1      1    1     7.00    3    2   new         (one order, r ≥ 4)
//	N   Mar  3      8    4      2      5    3    18.00    5    3   occasional
//	J   Mar  4      9    5      5      9    5    50.00    6    3   champions   (r and f ≥ 4)
//	E   Mar  5     10    5      1      1    1    15.00    4    2   new
//
// In yen A is alone: place 1 of 1 in everything, and so lost.
func TestCustomersByHand(t *testing.T) {
	warehouse, projector, _ := open(t)
	s := newStory(t)
	sales := 0
	buy := func(who, on string, net ledger.Money, store ledger.StoreID, articles ...string) (payment string) {
		t.Helper()
		head := s.till()
		head.Store, head.BusinessDay = store, day("2026-"+on)
		sales++
		payment = "P" + strconv.Itoa(sales)
		sale := ledger.SaleRecorded{Till: head, Sale: "S" + strconv.Itoa(sales), Customer: who, Total: net, Tenders: []ledger.Tender{paid(payment, "cash", net, ledger.Approved)}}
		for n, sku := range articles {
			line := ledger.SaleLine{SKU: sku, QtyMilli: 1000, Net: ledger.Minor(0, net.Currency)}
			if n == 0 {
				line.Net = net
			}
			sale.Lines = append(sale.Lines, line)
		}
		s.act(sale)
		return payment
	}
	buy("A", "01-10", cny(10000), "S1", "tea", "milk")
	returned := buy("A", "01-20", cny(5000), "S1", "tea")
	buy("A", "02-15", cny(8000), "S1", "tea", "milk")
	buy("A", "03-01", cny(2000), "S1", "milk")
	buy("A", "02-10", ledger.Minor(1000, "JPY"), "S1", "bread")
	buy("B", "01-12", cny(3000), "S1", "milk", "bread")
	buy("B", "01-12", cny(1000), "S1", "bread")
	buy("B", "02-11", cny(4000), "S1", "tea", "bread")
	buy("C", "02-03", cny(50000), "S1", "tv")
	buy("G", "01-06", cny(2500), "S2", "bread") // G is D
	buy("D", "02-20", cny(6000), "S1", "tea", "milk", "bread")
	buy("D", "02-28", cny(6000), "S1", "tea")
	buy("E", "03-05", cny(1500), "S1", "milk")
	for _, on := range []string{"01-09", "02-09", "03-01", "03-04"} {
		buy("J", on, cny(1000), "S1", "milk")
	}
	buy("J", "02-16", cny(1000), "S1", "tea", "milk")
	for _, on := range []string{"01-05", "01-05", "01-05", "01-08", "01-08", "01-08"} {
		buy("K", on, cny(100), "S1", "milk")
	}
	buy("L", "01-15", cny(500), "S1", "bread")
	buy("M", "03-02", cny(700), "S1", "bread")
	buy("N", "02-01", cny(900), "S1", "tea")
	buy("N", "03-03", cny(900), "S1", "tea")
	buy("F", "03-01", cny(99900), "S1", "tea", "milk") // restricted
	buy("H", "01-07", cny(7700), "S1", "tea", "milk")  // erased
	buy("", "01-07", cny(4200), "S1", "tea", "milk")   // nobody
	back := s.till()
	back.Store, back.BusinessDay = "S2", day("2026-03-05")
	s.act(ledger.RefundRecorded{Till: back, Refund: "B1", Original: returned, Total: cny(5000), Lines: []ledger.SaleLine{{SKU: "tea", QtyMilli: 1000, Net: cny(5000)}}})
	practice := s.till()
	practice.Mode, practice.BusinessDay = ledger.Training, day("2026-03-09")
	s.act(ledger.SaleRecorded{Till: practice, Sale: "X", Customer: "A", Total: cny(100)})
	s.say(customer.Stream("G"), customer.Merged{Customer: "G", Into: "D", By: "sun.li"})
	s.say(customer.Stream("F"), customer.Restricted{Customer: "F", Restricted: true, Basis: "gdpr18", By: "sun.li"})
	s.say(customer.Stream("H"), customer.Erased{Customer: "H", Basis: "gdpr17", By: "sun.li"})
	apply(t, projector, s.events())

	for sql, want := range map[string][]string{
		// The repeat interval is the median of the days between days with a sale; of an even number
		// the mean of the two in the middle, cut.
		"SELECT toString((customer, currency, formatDateTime(first_day, '%m-%d'), formatDateTime(last_day, '%m-%d'), orders, refunds, stores, net_minor, interval_d, restricted)) FROM agg_customers ORDER BY customer, currency": {
			"('A','CNY','01-10','03-01',4,1,2,20000,14,0)", // 10 26 14 days; 250.00 less 50.00
			"('A','JPY','02-10','02-10',1,0,1,1000,0,0)",
			"('B','CNY','01-12','02-11',3,0,1,8000,30,0)", // two sales on one day are one day
			"('C','CNY','02-03','02-03',1,0,1,50000,0,0)",
			"('D','CNY','01-06','02-28',3,0,2,14500,26,0)", // 45 8 days, with what G bought: 26½
			"('E','CNY','03-05','03-05',1,0,1,1500,0,0)",
			"('F','CNY','03-01','03-01',1,0,1,99900,0,1)",
			"('J','CNY','01-09','03-04',5,0,1,5000,10,0)", // 31 7 13 3 days: (7 + 13) ÷ 2
			"('K','CNY','01-05','01-08',6,0,1,600,3,0)",
			"('L','CNY','01-15','01-15',1,0,1,500,0,0)",
			"('M','CNY','03-02','03-02',1,0,1,700,0,0)",
			"('N','CNY','02-01','03-03',2,0,1,1800,30,0)",
		},
		// Today is March 5, the newest day with tickets.
		"SELECT toString((customer, currency, recency_d, orders, net_minor, r, f, m, segment)) FROM agg_customer_rfm ORDER BY customer, currency": {
			"('A','CNY',4,4,20000,3,4,5,'loyal')",
			"('A','JPY',23,1,1000,1,1,1,'lost')",
			"('B','CNY',22,3,8000,2,3,4,'lost')",
			"('C','CNY',30,1,50000,2,1,5,'lost')",
			"('D','CNY',5,3,14500,3,3,4,'occasional')",
			"('E','CNY',0,1,1500,5,1,2,'new')",
			"('J','CNY',1,5,5000,5,5,3,'champions')",
			"('K','CNY',56,6,600,1,5,1,'at_risk')",
			"('L','CNY',49,1,500,1,1,1,'lost')",
			"('M','CNY',3,1,700,4,1,2,'new')",
			"('N','CNY',2,2,1800,4,3,3,'occasional')",
		},
		"SELECT toString((segment, currency, customers, addressable, orders, net_minor)) FROM agg_segments ORDER BY segment, currency": {
			"('at_risk','CNY',1,0,6,600)", "('champions','CNY',1,0,5,5000)", "('lost','CNY',3,0,5,58500)", "('lost','JPY',1,0,1,1000)",
			"('loyal','CNY',1,0,4,20000)", "('new','CNY',2,0,2,2200)", "('occasional','CNY',2,0,5,16300)",
		},
		"SELECT toString((formatDateTime(cohort, '%m'), month_n, currency, customers, active, orders, retention_ppm, net_minor)) FROM agg_cohorts ORDER BY currency, cohort, month_n": {
			"('01',0,'CNY',6,6,13,1000000,23600)", // A 2 B 2 D 1 J 1 K 6 L 1; 150 + 40 + 25 + 10 + 6 + 5
			"('01',1,'CNY',6,4,6,666666,26000)",   // A 1 B 1 D 2 J 2; 80 + 40 + 120 + 20
			"('01',2,'CNY',6,2,3,333333,-1000)",   // A 1 J 2; 20 - 50 + 20
			"('02',0,'CNY',2,2,2,1000000,50900)",  // C N
			"('02',1,'CNY',2,1,1,500000,900)",     // N
			"('03',0,'CNY',2,2,2,1000000,2200)",   // E M
			"('02',0,'JPY',1,1,1,1000000,1000)",   // A
		},
		// together, with a, with b and baskets; support is together by baskets, confidence together
		// by a, lift together × baskets by a × b. Single articles make no pair.
		"SELECT toString((segment, sku_a, sku_b, together, with_a, with_b, baskets, support_ppm, confidence_ppm, lift_ppm)) FROM agg_affinity ORDER BY segment, sku_a, sku_b": {
			"('all','bread','milk',2,8,17,28,71428,250000,411764)", // 2×28 ÷ (8×17)
			"('all','bread','tea',2,8,9,28,71428,250000,777777)",   // 2×28 ÷ (8×9)
			"('all','milk','tea',4,17,9,28,142857,235294,732026)",  // 4×28 ÷ (17×9)
			"('champions','milk','tea',1,5,1,5,200000,200000,1000000)",
			"('lost','bread','milk',1,5,1,6,166666,200000,1200000)", // B 3, C, L, and A's in yen
			"('lost','bread','tea',1,5,1,6,166666,200000,1200000)",
			"('loyal','milk','tea',2,3,3,4,500000,666666,888888)", // 2×4 ÷ (3×3)
			"('occasional','bread','milk',1,2,1,5,200000,500000,2500000)",
			"('occasional','bread','tea',1,2,4,5,200000,500000,625000)",
			"('occasional','milk','tea',1,1,4,5,200000,1000000,1250000)",
		},
	} {
		if diff := cmp.Diff(want, list(t, warehouse, sql)); diff != "" {
			t.Errorf("%s\n%s", sql, diff)
		}
	}
}
