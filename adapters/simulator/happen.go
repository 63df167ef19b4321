package simulator

import (
	"fmt"

	"daybook/ledger"
)

// happen adds what goes on in stores every day and is no mistake: it takes sales that
// nothing was planted on, as long as there are any.
func (g *generator) happen() {
	for range g.share(10) { // a line that lost its retrieval number
		g.onto(byCard, func(p *payment) { p.plan = withoutRRN })
	}
	for range min(200, g.share(3)) { // a line that lost every number
		g.onto(byCard, g.loseTrace)
	}
	for range g.share(5) {
		g.onto(divisible, func(p *payment) { p.plan = inParts })
	}
	for range g.share(30) {
		g.onto(anyPayment, g.declinedFirst)
	}
	for range g.share(20) {
		g.onto(func(p *payment) bool { return p.amount > 100 }, g.splitWithCash)
	}
	for i := range g.share(4) {
		g.onto(anyPayment, func(p *payment) { g.timeout(p, i%2 == 0); p.plan = absent })
	}
	for i := range g.share(5) {
		g.onto(anyPayment, func(p *payment) { g.reverse(p, i%2 == 0); p.plan = absent })
	}
	for i := range g.share(3) {
		g.onto(sameBatchSoon, func(p *payment) { g.inquire(p, i%2 == 0) })
	}
	for i := range g.share(10) {
		g.onto(voidable, func(p *payment) { g.voided(p, i%4 == 3) })
	}
	for i := range g.share(25) {
		g.refunded(i)
	}
	for range g.share(6) {
		g.practise()
	}
}

// onto lets something happen to an ordinary sale that fits, if one is left.
func (g *generator) onto(fits func(*payment) bool, act func(*payment)) {
	if p := g.claim(fits); p != nil {
		act(p)
	}
}

func anyPayment(*payment) bool { return true }

// sameBatchSoon: there is time for more before the payment's batch is closed.
func sameBatchSoon(p *payment) bool {
	return p.till.shift(p.second) == p.till.shift(p.second+600)
}

// voidable: card sales with time enough for a void.
func voidable(p *payment) bool { return p.by.class == acquirer && sameBatchSoon(p) }

// divisible: wallet sales that can come in two unequal lines whose fees, each rounded,
// add up to the fee on the whole.
func divisible(p *payment) bool {
	if !p.by.coupons() {
		return false
	}
	_, ok := p.by.firstPart(p.amount)
	return ok
}

// firstPart is about a third of an amount.
func (p *provider) firstPart(amount int64) (int64, bool) {
	for part := amount / 3; part > 50; part-- {
		if p.fee(nil, part)+p.fee(nil, amount-part) == p.fee(nil, amount) {
			return part, true
		}
	}
	return 0, false
}

// loseTrace leaves auth code, card and time to find the line by; the card is nobody
// else's, so that they are enough.
func (g *generator) loseTrace(p *payment) {
	g.present(p, g.newCard())
	p.auth, p.plan = g.someAuthCode(), withoutTrace
}

// declinedFirst puts an attempt that was declined before the one that was approved.
func (g *generator) declinedFirst(p *payment) {
	t := p.ticket
	t.attempts = nil
	g.attempt(t, p.by, p.amount, ledger.Declined).plan = absent
	t.attempts = append(t.attempts, p)
}

// splitWithCash pays a part of the ticket in cash.
func (g *generator) splitWithCash(p *payment) {
	notes := p.amount / 2
	p.amount -= notes
	g.attempt(p.ticket, nil, notes, ledger.Approved)
}

// timeout leaves the payment without an answer. The customer pays cash, or leaves.
func (g *generator) timeout(p *payment, paysCash bool) {
	p.outcome, p.auth = ledger.Unknown, ""
	if paysCash {
		g.attempt(p.ticket, nil, p.amount, ledger.Approved)
	}
}

// reverse makes the till undo a payment that had no answer: within the payment itself,
// or by an action of its own a minute later.
func (g *generator) reverse(p *payment, itself bool) {
	if itself {
		p.outcome, p.auth = ledger.Reversed, ""
	} else {
		g.timeout(p, false)
		g.follow(p, reversal, p.till, p.second+45+g.dice.IntN(30))
	}
	g.attempt(p.ticket, nil, p.amount, ledger.Approved)
}

// inquire lets the till ask later what became of a payment without an answer.
func (g *generator) inquire(p *payment, approved bool) {
	g.timeout(p, false)
	p.ticket.answer = ledger.Declined
	if approved {
		p.ticket.answer = ledger.Approved
	} else {
		p.plan = absent
	}
	g.follow(p, answer, p.till, p.second+60+g.dice.IntN(240)).answer = p.ticket.answer
}

// voided cancels a payment in the same batch. The acquirer prints both or, rightly
// too, neither.
func (g *generator) voided(p *payment, unsettled bool) {
	undo := g.cancel(p, 30+g.dice.IntN(570))
	if unsettled {
		p.plan, undo.plan = absent, absent
	}
}

// refunded gives money back: for a sale of today, in full, in part, or in two equal
// parts, or for a sale of last week.
func (g *generator) refunded(i int) {
	if i%3 == 0 {
		till := g.anyTerminal()
		old := g.lastWeek(g.way())
		g.giveBack(old, till, g.moment(), old.amount)
		return
	}
	g.onto(func(p *payment) bool { return p.amount > 300 && p.second < quietUntil-3*3600 }, func(p *payment) {
		till, second := g.anyTerminal(), p.second+900+g.dice.IntN(7200)
		switch i % 5 {
		case 0:
			g.giveBack(p, till, second, p.amount/3)
			g.giveBack(p, till, second+300, p.amount/3)
		case 1, 2:
			g.giveBack(p, till, second, p.amount/2)
		default:
			back := g.giveBack(p, till, second, p.amount)
			if p.amount == p.total { // all of it: the goods come back, too
				back.goods, back.tax = p.goods, p.tax
			}
		}
	})
}

// lastWeek is a payment of some days ago, which is on none of the day's files.
func (g *generator) lastWeek(by *provider) *payment {
	days := 1 + g.dice.IntN(6)
	till := g.anyTerminal()
	old := &ticket{form: sale, till: till, second: g.moment() - days*secondsPerDay, goods: g.basket()}
	old.total, old.tax = sums(old.goods)
	p := g.attempt(old, by, old.total, ledger.Approved)
	g.past++
	// Numbers that no payment of that day has, whichever day gives the money back.
	p.ref = fmt.Sprintf("P%s-%d%06d", g.date.at(old.second).Format("060102"), days, g.refs+g.past)
	g.numberOrder(p, 200_000+100_000*days+g.past)
	return p
}

// practise rings up a sale in training mode, with an attempt to pay that never left
// the till.
func (g *generator) practise() {
	p := g.sell(g.anyTerminal(), g.moment(), g.way(), g.basket())
	p.ticket.mode = ledger.Training
}
