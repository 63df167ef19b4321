package simulator

import (
	"slices"

	"daybook/ledger"
)

// fitting are the region's providers on which a mistake can be planted; those whose bill of the
// day is missing have that one.
func (g *generator) fitting(fits func(*provider) bool) (list []*provider) {
	for _, way := range g.region.ways {
		if fits(way.by) && !g.history.comesLate(way.by, g.date.n) {
			list = append(list, way.by)
		}
	}
	return list
}

func anyProvider(*provider) bool { return true }

// plant hides the mistakes that concern payments. Those of whole batches, sequences
// and payouts are made where these are written.
func (g *generator) plant() error {
	from, to := g.firstBreak, g.firstBreak+g.opts.Breaks
	all := g.fitting(anyProvider)
	for i := from; i < to; i++ {
		// Every fourth is a refund nobody settled.
		if i%4 == 3 {
			old := g.lastWeek(all[i%len(all)])
			g.giveBack(old, g.anyTerminal(), tradeAt+g.dice.IntN(quietUntil-tradeAt), old.amount).plan = MissingInSettlement
			continue
		}
		if err := g.plantOn(MissingInSettlement, all[i%len(all)], nil); err != nil {
			return err
		}
	}
	for _, mistake := range []struct {
		kind plan
		fits func(*provider) bool
		act  func(p *payment, i int)
	}{
		{AmountMismatch, anyProvider, nil},
		{FeeDeviation, func(p *provider) bool { return p.rate > 0 }, nil},
		{DuplicateInSettlement, anyProvider, nil},
		{DuplicateInLedger, anyProvider, g.reportTwice},
		{TimeoutButSettled, anyProvider, func(p *payment, i int) { g.timeout(p, i%2 == 0) }},
		{ReversedButSettled, anyProvider, func(p *payment, i int) { g.reverse(p, i%2 == 0) }},
		{CurrencyMismatch, anyProvider, func(p *payment, _ int) { p.ticket.rungUpIn(mistaken[g.region.currency]) }},
		{TerminalMismatch, (*provider).complete, nil},
		{MethodMismatch, (*provider).coupons, nil},
	} {
		providers := g.fitting(mistake.fits)
		for i := from; i < to && len(providers) > 0; i++ {
			act := func(p *payment) {
				if mistake.act != nil {
					mistake.act(p, i)
				}
			}
			if err := g.plantOn(mistake.kind, providers[i%len(providers)], act); err != nil {
				return err
			}
		}
	}
	complete := g.fitting((*provider).complete)
	punctual := g.fitting(func(p *provider) bool { return !g.history.comesLate(p, g.date.n+1) })
	for i := from; i < to; i++ {
		g.sellLate(punctual[(i+2)%len(punctual)])
		if len(complete) > 0 {
			g.sellAlike(complete[i%len(complete)], 1+i%2)
		}
	}
	return nil
}

// plantOn hides a mistake in an ordinary sale.
func (g *generator) plantOn(kind plan, by *provider, act func(*payment)) error {
	p := g.claim(func(p *payment) bool {
		// A second report must fall into the same batch.
		return p.by == by && p.amount > 100 && sameBatchSoon(p)
	})
	if p == nil {
		return ledger.Refuse(
			ledger.Say("there are too few payments (%d) to plant every mistake %d times", g.opts.Payments, g.opts.Breaks),
			ledger.Say("ask for more payments or fewer breaks"))
	}
	p.plan = kind
	if act != nil {
		act(p)
	}
	return nil
}

// reportTwice makes the till send a payment again, in another sale, at once or soon
// after. The one that counts as the double is the later.
func (g *generator) reportTwice(p *payment, i int) {
	p.plan = settled
	again := &ticket{
		form: sale, till: p.till, second: p.second + i%2*(1+g.dice.IntN(90)),
		goods: p.goods, total: p.total, tax: p.tax, customer: p.customer,
	}
	g.put(again)
	double := *p
	double.ticket, double.twin, double.plan = again, p, DuplicateInLedger
	again.attempts = []*payment{&double}
}

// mistaken are the currencies that tills are set to by mistake, some with other decimals.
var mistaken = map[ledger.Currency]ledger.Currency{"CNY": "HKD", "JPY": "CNY", "KWD": "USD", "ISK": "EUR", "USD": "CAD"}

// rungUpIn has the till report the figures of a ticket in another currency. What its customer
// paid, and what the provider settles, is what was on the shelf.
func (t *ticket) rungUpIn(currency ledger.Currency) {
	t.currency = currency
	t.goods = slices.Clone(t.goods)
	for i := range t.goods {
		l := &t.goods[i]
		for _, m := range []*ledger.Money{&l.Unit, &l.Net, &l.Tax} {
			m.Currency = currency
		}
		if l.Discount != (ledger.Money{}) {
			l.Discount.Currency = currency
		}
	}
}

// sellLate sells in the last five minutes before midnight what the provider books
// after it.
func (g *generator) sellLate(by *provider) {
	second := secondsPerDay - 290 + g.dice.IntN(240)
	p := g.sell(g.anyTerminal(), second, by, g.basket())
	p.plan = TimingNextDay
}

// sellAlike sells the same twice in a few minutes, to one card on one terminal and
// with one auth code; so many lines will show nothing else.
func (g *generator) sellAlike(by *provider, lines int) {
	till := g.anyTerminal()
	second := tradeAt + 1800 + g.dice.IntN(quietUntil-tradeAt-3600)
	if till.shift(second) != till.shift(second+900) {
		second += 1800
	}
	goods, c, auth := g.basket(), g.newCard(), g.someAuthCode()
	alike := &pair{by: by, lines: lines}
	for i := range alike.payments {
		p := g.sell(till, second+i*(30+g.dice.IntN(300)), by, goods)
		g.present(p, c)
		p.auth, p.plan = auth, grouped
		alike.payments[i] = p
	}
	g.pairs = append(g.pairs, alike)
}
