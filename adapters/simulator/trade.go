package simulator

// How busy the hours from seven in the morning to eleven at night are: on working days at
// noon and after work, at weekends all afternoon.
var (
	workdayHours = []int{3, 5, 4, 3, 4, 8, 7, 4, 4, 4, 6, 9, 10, 8, 6, 4, 2}
	weekendHours = []int{1, 2, 4, 6, 7, 8, 8, 8, 8, 8, 8, 8, 8, 7, 5, 3, 2}
)

// trade makes the ordinary sales: by card and wallet as many as asked for, and cash.
func (g *generator) trade() {
	previous := g.moment()
	for range g.opts.Payments {
		previous = g.sameOr(previous)
		p := g.sell(g.anyTerminal(), previous, g.way(), g.basket())
		if p.by.coupons() && p.amount > 1000 && g.oneIn(30) {
			p.coupon = 100
		}
		if p.by.id == alipay && p.amount > 3000 && g.oneIn(30) {
			p.subsidy = 300
		}
		if p.second < quietUntil && p.coupon == 0 {
			g.plain = append(g.plain, p)
		}
	}
	for range g.share(140) {
		previous = g.sameOr(previous)
		g.sell(g.anyTerminal(), previous, nil, g.basket())
	}
	g.dice.Shuffle(len(g.plain), func(i, j int) { g.plain[i], g.plain[j] = g.plain[j], g.plain[i] })
}

// moment draws a second of the trading day.
func (g *generator) moment() int {
	return min(tradeAt+3600*g.pick(g.hours)+g.dice.IntN(3600), lastSale)
}

// sameOr is a moment of its own or, now and then, the same as the one before.
func (g *generator) sameOr(previous int) int {
	if g.oneIn(12) {
		return previous
	}
	return g.moment()
}

func (g *generator) anyTerminal() *terminal { return g.terminals[g.dice.IntN(len(g.terminals))] }

// way is a provider that customers pay through.
func (g *generator) way() *provider { return g.region.ways[g.pick(g.region.shares)].by }

// member is a customer's number.
func (g *generator) member() string { return memberNo(1 + g.dice.IntN(g.history.members())) }
