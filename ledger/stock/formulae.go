package stock

import (
	"math/big"
	"slices"

	"daybook/ledger"
)

// The arithmetic of reordering. Quantities are thousandths of a unit, time thousandths of a
// day; demand is exact fractions of units per day. What is rounded is rounded once, up, to
// whole units, so that stock errs on the side of being there.

// Demand is what is known of the sales of a product in a store: on days on which it was there.
type Demand struct {
	Mean     *big.Rat // units a day
	Variance *big.Rat // of units a day
	Days     int      // days in stock
}

// DemandOf reckons the demand of daily sales in thousandths: mean and variance with n-1. No day
// is no demand.
func DemandOf(sold []int64) Demand {
	d := Demand{Mean: new(big.Rat), Variance: new(big.Rat), Days: len(sold)}
	if len(sold) == 0 {
		return d
	}
	sum, squares, n := new(big.Int), new(big.Int), big.NewInt(int64(len(sold)))
	for _, x := range sold {
		v := big.NewInt(x)
		sum.Add(sum, v)
		squares.Add(squares, v.Mul(v, v))
	}
	d.Mean.SetFrac(sum, new(big.Int).Mul(n, thousand))
	if len(sold) > 1 {
		// (n·Σx² − (Σx)²) / (n·(n−1)), in millionths of squared units
		top := new(big.Int).Mul(n, squares)
		top.Sub(top, new(big.Int).Mul(sum, sum))
		bottom := new(big.Int).Mul(n, big.NewInt(int64(len(sold)-1)))
		d.Variance.SetFrac(top, bottom.Mul(bottom, million))
	}
	return d
}

var (
	thousand = big.NewInt(1_000)
	million  = big.NewInt(1_000_000)
)

// quantile of the standard normal distribution, in ten-thousandths.
func quantile(service ledger.Rate) int64 {
	return []int64{12816, 16449, 19600, 23263}[slices.Index(ServiceLevels, service)]
}

// rat is a number of thousandths.
func rat(milli int64) *big.Rat { return big.NewRat(milli, 1000) }

// Safety is the radicand of safety stock: SS² = z²·(L·σ_d² + d²·σ_L²). Without a deviation of
// the lead time it is that of z·σ_d·√L.
func (d Demand) safety(service ledger.Rate, lead, leadSD int64) *big.Rat {
	z := big.NewRat(quantile(service), 10_000)
	sum := new(big.Rat).Mul(rat(lead), d.Variance)
	spread := new(big.Rat).Mul(d.Mean, rat(leadSD))
	sum.Add(sum, spread.Mul(spread, spread))
	return sum.Mul(sum, z.Mul(z, z))
}

// SafetyStock in whole units, rounded up.
func (d Demand) SafetyStock(service ledger.Rate, lead, leadSD int64) int64 {
	return ceilPlusRoot(new(big.Rat), d.safety(service, lead, leadSD))
}

// slow: products that sell less than one a day do not sell normally distributed.
func (d Demand) slow() bool { return d.Mean.Cmp(big.NewRat(1, 1)) < 0 }

// ReorderPoint in whole units, rounded up: demand over the lead time and safety stock. Of
// what sells less than one a day it is the quantile of the Poisson distribution.
func (d Demand) ReorderPoint(service ledger.Rate, lead, leadSD int64) int64 {
	expected := new(big.Rat).Mul(d.Mean, rat(lead))
	if d.slow() {
		return poisson(expected, service)
	}
	return ceilPlusRoot(expected, d.safety(service, lead, leadSD))
}

// OrderUpTo is the level of periodic review, S = d·(L+R) + safety over L+R, in whole units,
// rounded up.
func (d Demand) OrderUpTo(service ledger.Rate, lead, leadSD, review int64) int64 {
	return d.ReorderPoint(service, lead+review, leadSD)
}

// ceilPlusRoot is the smallest whole number that is at least base + √radicand.
func ceilPlusRoot(base, radicand *big.Rat) int64 {
	k := new(big.Int).Quo(base.Num(), base.Denom()) // base is not negative
	root := new(big.Int).Quo(radicand.Num(), radicand.Denom())
	k.Add(k, root.Sqrt(root))
	for {
		rest := new(big.Rat).SetInt(k)
		rest.Sub(rest, base)
		if rest.Sign() >= 0 && rest.Mul(rest, rest).Cmp(radicand) >= 0 {
			return k.Int64()
		}
		k.Add(k, big.NewInt(1))
	}
}

// poisson is the smallest k with P(X ≤ k) ≥ service, for a mean. P(X ≤ k) is the k-th partial
// sum of e^mean by e^mean; both are summed with forty decimals, which decides alike everywhere.
func poisson(mean *big.Rat, service ledger.Rate) int64 {
	one := new(big.Int).Exp(big.NewInt(10), big.NewInt(40), nil)
	term, whole := new(big.Int).Set(one), new(big.Int)
	var partial []*big.Int
	for i := int64(1); term.Sign() > 0; i++ {
		whole.Add(whole, term)
		partial = append(partial, new(big.Int).Set(whole))
		term.Mul(term, mean.Num())
		term.Quo(term, new(big.Int).Mul(mean.Denom(), big.NewInt(i)))
	}
	wanted := new(big.Int).Mul(whole, big.NewInt(int64(service)))
	for k, sum := range partial {
		if sum.Mul(sum, million).Cmp(wanted) >= 0 {
			return int64(k)
		}
	}
	return int64(len(partial))
}

// EOQ is the economic order quantity √(2·D·K/h), in thousandths of a unit, rounded down to
// them: D units a year, K per order, h per unit and year, both in the same minor units.
func EOQ(yearly *big.Rat, order, holding *big.Rat) int64 {
	if holding.Sign() <= 0 {
		return 0
	}
	q := new(big.Rat).Mul(yearly, order)
	q.Mul(q, big.NewRat(2, 1)).Quo(q, holding)
	q.Mul(q, new(big.Rat).SetInt(million)) // thousandths, squared
	n := new(big.Int).Quo(q.Num(), q.Denom())
	return n.Sqrt(n).Int64()
}

// Order is how much to order, in thousandths: what is missing to target, or the economic
// quantity if that is more, in whole packs, at least the smallest order, and never beyond most (0: no
// bound). It is 0 when nothing may be ordered.
func Order(position, target, economic, pack, smallest, most int64) int64 {
	pack = max(pack, 1)
	quantity := max(target-position, economic, smallest)
	if quantity <= 0 {
		return 0
	}
	quantity = (quantity + pack - 1) / pack * pack
	if most > 0 {
		quantity = min(quantity, (most-position)/pack*pack)
	}
	if quantity < smallest {
		return 0
	}
	return max(quantity, 0)
}
