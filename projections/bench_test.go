package projections_test

import (
	"context"
	"strconv"
	"testing"

	"daybook/ledger"
)

// BenchmarkApply measures sales with two lines and one payment, 500 a page, from events as
// they are stored to rows that are on disk.
//
//	go test ./projections -run - -bench Apply
func BenchmarkApply(b *testing.B) {
	const perPage = 500
	ctx := context.Background()
	_, projector, _ := open(b)
	s := newStory(b)
	for n := range perPage {
		receipt := strconv.Itoa(n)
		s.act(ledger.SaleRecorded{
			Till: s.till(), Sale: receipt, Tax: cny(900), Total: cny(10000),
			Lines: []ledger.SaleLine{
				{SKU: "4711", Name: "苹果", Category: "Food", QtyMilli: 1500, Unit: cny(4000), Net: cny(5500), Tax: cny(500)},
				{SKU: "4712", Name: "杯子", Category: "Home", QtyMilli: 1000, Unit: cny(3600), Net: cny(3600), Tax: cny(400)},
			},
			Tenders: []ledger.Tender{paid(receipt, "alipay", cny(10000), ledger.Approved)},
		})
	}
	events := s.events()
	next := ledger.Position(0)
	for b.Loop() {
		for n := range events {
			events[n].Position += perPage // other versions of the same rows
		}
		next += perPage
		if err := projector.Apply(ctx, ledger.Page{Events: events, Next: next}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N*perPage)/b.Elapsed().Seconds(), "events/s")
}
