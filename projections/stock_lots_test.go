package projections_test

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	gocmp "github.com/google/go-cmp/cmp"

	"daybook/ledger"
	"daybook/ledger/stock"
	"daybook/projections"
)

// larder is first expired, first out, played through day by day.
type larder map[ledger.BusinessDay]int64

func (l larder) take(qty int64) {
	for _, until := range slices.SortedFunc(maps.Keys(l), ledger.BusinessDay.Compare) {
		taken := min(qty, l[until])
		l[until], qty = l[until]-taken, qty-taken
	}
}

// What is left of each use-by date is what a shelf has from which goods are taken in the order of their
// dates; waste that names a lot takes of that lot, and is listed by lot.
func TestUseByDates(t *testing.T) {
	warehouse, projector, views := open(t)
	s := newStory(t)
	random := rand.New(rand.NewPCG(7, 7))
	want := map[string]int64{}
	wasted := map[string]int64{}
	docs := 0
	say := func(kind stock.DocKind, sku string, day ledger.BusinessDay, hour int, lines ...stock.Line) {
		docs++
		for n := range lines {
			lines[n].SKU = stock.SKU(sku)
		}
		d := stock.StockRecorded{Kind: kind, Store: "S1", Doc: fmt.Sprintf("D%d", docs), Day: day, At: day.Midnight().Add(time.Duration(hour) * time.Hour), Lines: lines}
		s.say(d.Stream(), d)
	}
	for n := range 40 {
		sku, shelf, lots := fmt.Sprintf("A%02d", n), larder{}, map[string]ledger.BusinessDay{}
		for days := range 12 {
			day := monday.AddDays(days)
			for range random.IntN(3) {
				until, qty := day.AddDays(random.IntN(9)), 1000*int64(1+random.IntN(8))
				line := stock.Line{QtyMilli: qty, UseBy: until, Value: cny(qty / 10)} // one costs 1.00
				if random.IntN(2) == 0 {
					line.Lot = fmt.Sprintf("L%d", docs)
					lots[line.Lot] = until
				}
				say(stock.Received, sku, day, 6, line)
				shelf[until] += qty
			}
			if qty := 1000 * int64(random.IntN(9)); qty > 0 {
				head := s.till()
				head.BusinessDay, head.At = day, day.Midnight().Add(9*time.Hour)
				s.act(ledger.SaleRecorded{Till: head, Sale: fmt.Sprintf("R%d", head.Seq), Total: cny(qty), Lines: []ledger.SaleLine{{SKU: sku, QtyMilli: qty, Unit: cny(1000), Net: cny(qty)}}})
				shelf.take(qty)
			}
			// At the end of a day somebody throws away what a lot still has.
			for _, lot := range slices.Sorted(maps.Keys(lots)) {
				if until := lots[lot]; random.IntN(6) == 0 && shelf[until] > 0 {
					qty := shelf[until]
					line := stock.Line{QtyMilli: qty, Lot: lot, Reason: "expired"}
					say(stock.Wasted, sku, day, 20, line)
					shelf[until] = 0
					wasted[fmt.Sprintf("%s %s %s", sku, lot, until)] += qty
				}
			}
		}
		for until, left := range shelf {
			if left > 0 {
				want[fmt.Sprintf("%s %s", sku, until)] = left
			}
		}
	}
	s.say(ledger.StoredayStream("S1", monday.AddDays(11)), ledger.StoredayOpened{Store: "S1", Day: monday.AddDays(11)})
	apply(t, projector, s.events())
	got, soon := map[string]int64{}, 0
	rows, err := views.Expiring(context.Background(), projections.StockFilter{Store: "S1"}, 1000)
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rows {
		got[fmt.Sprintf("%s %s", r.SKU, r.UseBy)] = r.Left
		if r.Value != r.Left/10 || r.Currency != "CNY" || r.UseBy != monday.AddDays(11+int(r.DaysLeft)) {
			t.Errorf("%+v: every unit cost 1.00, and the newest day is %s", r, monday.AddDays(11))
		}
		if r.DaysLeft <= 2 {
			soon++
		}
	}
	if diff := gocmp.Diff(want, got); diff != "" || len(want) < 20 {
		t.Errorf("what is left of %d dates:\n%s", len(want), diff)
	}
	if rows, err := views.Expiring(context.Background(), projections.StockFilter{}, 2); err != nil || len(rows) != soon || soon == 0 {
		t.Errorf("%d rows within two days, want %d (%v)", len(rows), soon, err)
	}
	if !slices.IsSortedFunc(rows, func(a, b projections.ExpiryRow) int {
		return cmp.Or(a.UseBy.Compare(b.UseBy), cmp.Compare(a.SKU, b.SKU))
	}) {
		t.Error("what expires first does not come first")
	}
	thrown := map[string]int64{}
	for _, row := range list(t, warehouse, "SELECT toString(sku) || ' ' || lot || ' ' || toString(use_by) || ' ' || toString(wasted_milli) FROM agg_waste_lots") {
		var sku, lot, until string
		var qty int64
		if _, err := fmt.Sscan(row, &sku, &lot, &until, &qty); err != nil {
			t.Fatal(row, err)
		}
		thrown[sku+" "+lot+" "+until] = qty
	}
	if diff := gocmp.Diff(wasted, thrown); diff != "" || len(wasted) < 10 {
		t.Errorf("what was thrown away of %d lots:\n%s", len(wasted), diff)
	}
}
