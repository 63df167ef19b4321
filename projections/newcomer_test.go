package projections_test

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/ledger/stock"
)

// An article is ordered by the rate of its category until it has been in stock for 21 whole days,
// and by its own from then on.
//
// A sells 10 a day on 30 days, the newcomer 4 a day on its k days in stock; lead time 4 days,
// an order every day, service 95 % (z = 1.6449). On hand of the newcomer: 10.
//
//	k = 20: d = (300 + 80)/50 = 7.6; σ² = (50·(3000 + 320) - 380²)/(50·49) = 8.8163, σ = 2.9692
//	        point  = 7.6·4 + 1.6449·2.9692·√4 = 30.4 + 9.77, up to 41
//	        target = 7.6·5 + 1.6449·2.9692·√5 = 38 + 10.92, up to 49: 39 are ordered
//	k = 21: d = 4, σ = 0; point 16, target 20: 10 are ordered
func TestNewcomersSellAsTheirCategory(t *testing.T) {
	const stocked = 30
	for _, want := range []struct {
		days          int
		method        stock.Method
		point, target int64
	}{
		{20, stock.ByCategory, 41_000, 49_000},
		{21, stock.ByDemand, 16_000, 20_000},
	} {
		s := newStory(t)
		var facts []any
		noon := func(day ledger.BusinessDay) time.Time { return day.Midnight().Add(4 * time.Hour).In(shanghai) }
		received := func(sku stock.SKU, on int, milli int64) {
			day := monday.AddDays(on)
			facts = append(facts, stock.StockRecorded{Kind: stock.Received, Store: "S1", Doc: "DN-" + string(sku), Day: day, At: noon(day), Lines: []stock.Line{{SKU: sku, QtyMilli: milli}}})
		}
		sold := func(sku string, on int, milli int64) {
			day := monday.AddDays(on)
			facts = append(facts, ledger.SaleRecorded{
				Till: ledger.Till{Terminal: "T1", Seq: uint64(len(facts)), Store: "S1", BusinessDay: day, At: noon(day).Add(time.Hour)},
				Sale: fmt.Sprint("R", len(facts)), Lines: []ledger.SaleLine{{SKU: sku, QtyMilli: milli, Unit: ledger.Minor(900, "CNY"), Net: ledger.Minor(900, "CNY")}}, Total: ledger.Minor(900, "CNY"),
			})
		}
		received("A", 0, 1_000_000)
		received("newcomer", stocked-want.days, int64(want.days)*4_000+10_000)
		for on := range stocked {
			sold("A", on, 10_000)
			if on >= stocked-want.days {
				sold("newcomer", on, 4_000)
			}
		}
		sold("A", stocked, 10_000) // the newest day, which is not over
		s.record(facts, func() {})
		catalogue := stock.File{Name: "products.csv", SHA256: "catalogue", Suppliers: []stock.Supplier{{ID: "sup", LeadDays: 4_000, ReviewDays: 1_000}}}
		for _, sku := range []stock.SKU{"A", "newcomer"} {
			catalogue.Products = append(catalogue.Products, stock.Product{SKU: sku, Category: "goods", Supplier: "sup"})
		}
		if _, err := stock.NewIntake(s.journal, s.codec).File(t.Context(), catalogue, false); err != nil {
			t.Fatal(err)
		}
		s.plan(stock.NewPlanner(s.journal, s.codec, shelf{}), rand.New(rand.NewPCG(1, 1)))
		var proposed []stock.ReorderProposed
		for _, e := range s.events() {
			payload, err := s.codec.Decode(e.Event)
			if err != nil {
				t.Fatal(err)
			}
			if p, is := payload.(stock.ReorderProposed); is {
				proposed = append(proposed, p)
			}
		}
		if len(proposed) != 1 {
			t.Fatalf("after %d days: %d proposals: %+v", want.days, len(proposed), proposed)
		}
		why := proposed[0].Why
		if proposed[0].SKU != "newcomer" || why.Method != want.method || why.InStockDays != want.days || why.OnHand != 10_000 || why.ReorderPoint != want.point || why.Target != want.target || proposed[0].QtyMilli != want.target-10_000 {
			t.Errorf("after %d days: %+v, want %+v", want.days, proposed[0], want)
		}
	}
}
