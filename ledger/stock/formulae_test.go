package stock

import (
	"math/big"
	"math/rand/v2"
	"testing"
)

// The vectors of pos-domain.md §10.
func TestFormulae(t *testing.T) {
	d := Demand{Mean: big.NewRat(20, 1), Variance: big.NewRat(25, 1), Days: 42}
	for _, c := range []struct {
		what      string
		got, want int64
	}{
		{"safety stock, constant lead time", d.SafetyStock(950_000, 7_000, 0), 22},
		{"reorder point, constant lead time", d.ReorderPoint(950_000, 7_000, 0), 162},
		{"safety stock, variable lead time", d.SafetyStock(950_000, 7_000, 2_000), 70},
		{"reorder point, variable lead time", d.ReorderPoint(950_000, 7_000, 2_000), 210},
		{"order-up-to level", d.OrderUpTo(950_000, 7_000, 0, 7_000), 311},
		{"economic order quantity, thousandths", EOQ(big.NewRat(7300, 1), big.NewRat(50, 1), big.NewRat(5, 2)), 540_370},
	} {
		if c.got != c.want {
			t.Errorf("%s: %d, want %d", c.what, c.got, c.want)
		}
	}
}

// 50 sold on 42 days, 10 of them out of stock: 50/32 a day.
func TestDemandOfInStockDays(t *testing.T) {
	sold := make([]int64, 32)
	for n := range sold {
		sold[n] = 1_000
	}
	sold[0], sold[1] = 10_000, 10_000
	d := DemandOf(sold)
	if want := big.NewRat(50, 32); d.Mean.Cmp(want) != 0 {
		t.Errorf("mean %s, want %s", d.Mean, want)
	}
	if missed := new(big.Rat).Mul(d.Mean, big.NewRat(10, 1)); missed.Cmp(big.NewRat(15_625, 1000)) != 0 {
		t.Errorf("missed %s, want 15.625", missed.FloatString(3))
	}
}

// Slow movers: quantiles of the Poisson distribution, from its tables.
func TestPoisson(t *testing.T) {
	for _, c := range []struct {
		mean    *big.Rat
		service int64
		want    int64
	}{
		{big.NewRat(0, 1), 950_000, 0}, {big.NewRat(1, 10), 950_000, 1}, {big.NewRat(1, 10), 900_000, 0}, {big.NewRat(1, 1), 900_000, 2},
		{big.NewRat(1, 1), 950_000, 3}, {big.NewRat(1, 1), 990_000, 4}, {big.NewRat(5, 1), 950_000, 9}, {big.NewRat(7, 2), 975_000, 8}, {big.NewRat(10, 1), 990_000, 18},
	} {
		d := Demand{Mean: new(big.Rat).Quo(c.mean, big.NewRat(30, 1)), Variance: new(big.Rat), Days: 42}
		for _, service := range ServiceLevels {
			if got := d.ReorderPoint(service, 30_000, 0); int64(service) == c.service && got != c.want {
				t.Errorf("mean %s at %s: %d, want %d", c.mean, service, got, c.want)
			}
		}
	}
}

// More service, a longer or less certain way, or more demand never lowers the point; what is
// ordered fits the pack, the smallest order and the bound, and reaches the target where it may.
func TestFormulaeHold(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	for range 2_000 {
		sold := make([]int64, 21+random.IntN(35))
		for n := range sold {
			sold[n] = random.Int64N(40_000)
		}
		d := DemandOf(sold)
		lead, spread := 1_000+random.Int64N(30_000), random.Int64N(5_000)
		last := int64(0)
		for _, service := range ServiceLevels {
			point := d.ReorderPoint(service, lead, spread)
			if point < last || d.ReorderPoint(service, lead+1_000, spread) < point || d.ReorderPoint(service, lead, spread+1_000) < point {
				t.Fatalf("%v: point %d falls (lead %d, deviation %d)", sold, point, lead, spread)
			}
			last = point
		}
		position, target, pack := random.Int64N(100_000)-50_000, random.Int64N(200_000), 1+random.Int64N(12_000)
		smallest, most := random.Int64N(20_000), random.Int64N(2)*(target+random.Int64N(50_000))
		q := Order(position, target, 0, pack, smallest, most)
		switch {
		case q < 0, q%pack != 0, q > 0 && q < smallest, q > 0 && most > 0 && position+q > most:
			t.Fatalf("order %d of position %d, target %d, pack %d, smallest %d, most %d", q, position, target, pack, smallest, most)
		case most == 0 && position+q < target:
			t.Fatalf("order %d leaves position %d below target %d", q, position, target)
		}
	}
}
