package simulator

import "daybook/ledger"

var allChannels = []string{card, alipay, wechat}
var wallets = []string{alipay, wechat}

// plant hides the mistakes that concern payments. Those of whole batches, sequences
// and payouts are made where these are written.
func (g *generator) plant() error {
	n := g.opts.Breaks
	for i := range n {
		// Every fourth is a refund nobody settled.
		if i%4 == 3 {
			old := g.lastWeek()
			g.giveBack(old, g.anyTerminal(), tradeAt+g.dice.IntN(quietUntil-tradeAt), old.amount).plan = MissingInSettlement
			continue
		}
		if err := g.plantOn(MissingInSettlement, allChannels[i%3], nil); err != nil {
			return err
		}
	}
	for _, mistake := range []struct {
		kind     plan
		channels []string
		act      func(p *payment, i int)
	}{
		{AmountMismatch, allChannels, nil},
		{FeeDeviation, allChannels, nil},
		{DuplicateInSettlement, allChannels, nil},
		{DuplicateInLedger, allChannels, g.reportTwice},
		{TimeoutButSettled, allChannels, func(p *payment, i int) { g.timeout(p, i%2 == 0) }},
		{ReversedButSettled, allChannels, func(p *payment, i int) { g.reverse(p, i%2 == 0) }},
		{TerminalMismatch, []string{card}, nil},
		{MethodMismatch, wallets, nil},
	} {
		for i := range n {
			act := func(p *payment) {
				if mistake.act != nil {
					mistake.act(p, i)
				}
			}
			if err := g.plantOn(mistake.kind, mistake.channels[i%len(mistake.channels)], act); err != nil {
				return err
			}
		}
	}
	for i := range n {
		g.sellLate(allChannels[(i+2)%3])
		g.sellAlike(1 + i%2)
	}
	return nil
}

// plantOn hides a mistake in an ordinary sale.
func (g *generator) plantOn(kind plan, channel string, act func(*payment)) error {
	p := g.claim(func(p *payment) bool {
		// A second report must fall into the same batch.
		return p.channel == channel && p.amount > 100 && sameBatchSoon(p)
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

// sellLate sells in the last five minutes before midnight what the provider books
// after it.
func (g *generator) sellLate(channel string) {
	second := secondsPerDay - 290 + g.dice.IntN(240)
	p := g.sell(g.anyTerminal(), second, channel, g.basket())
	p.plan = TimingNextDay
}

// sellAlike sells the same twice in a few minutes, to one card on one terminal and
// with one auth code; so many lines will show nothing else.
func (g *generator) sellAlike(lines int) {
	till := g.anyTerminal()
	second := tradeAt + 1800 + g.dice.IntN(quietUntil-tradeAt-3600)
	if till.shift(second) != till.shift(second+900) {
		second += 1800
	}
	goods, c, auth := g.basket(), g.newCard(), g.someAuthCode()
	alike := &pair{lines: lines}
	for i := range alike.payments {
		p := g.sell(till, second+i*(30+g.dice.IntN(300)), card, goods)
		g.present(p, c)
		p.auth, p.plan = auth, grouped
		alike.payments[i] = p
	}
	g.pairs = append(g.pairs, alike)
}
