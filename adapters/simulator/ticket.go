package simulator

import (
	"cmp"
	"slices"

	"daybook/ledger"
)

// ticket is one thing a till does for a customer, at one moment.
type ticket struct {
	form     form
	till     *terminal
	second   int // of the day
	goods    []ledger.SaleLine
	total    int64
	tax      int64
	attempts []*payment
	original *payment       // what a refund, void, reversal or answer is about
	answer   ledger.Outcome // of an inquiry
	mode     ledger.Mode
	customer string
	doc      string          // receipt number
	currency ledger.Currency // of a till that is set to another than the country's; else empty
}

type form string

const (
	sale     form = "sale"
	refund   form = "refund"
	void     form = "void"
	reversal form = "reversal"
	answer   form = "answer"
	dispute  form = "dispute" // a chargeback, on bills only
)

// payment is one attempt to pay or to pay back, as the till sees it, and the plan for
// what its provider makes of it.
type payment struct {
	*ticket
	by      *provider // nil for cash
	amount  int64     // unsigned
	outcome ledger.Outcome
	entry   ledger.Entry
	check   ledger.Verification
	plastic *plastic
	auth    ledger.AuthCode
	coupon  int64 // the merchant's own, taken off by the wallet
	subsidy int64 // the wallet's own, which the merchant never feels
	plan    plan
	twin    *payment // the payment this one reports again

	// Given out when the day is complete, in order of time.
	ref     string
	batch   ledger.BatchNo
	stan    ledger.STAN
	rrn     ledger.RRN // the host's; the till knows it when it got an answer
	orderNo string     // the merchant's
	numbers providerNumbers
}

// providerNumbers are the numbers under which a provider books a payment.
type providerNumbers struct {
	sale   string
	refund string // the wallet's number of a refund
}

// plan is what the provider makes of a payment: one of the kinds of breaks, or one of
// the following, which are none.
type plan string

const (
	settled      plan = ""              // one line, as it should be
	absent       plan = "absent"        // rightly no line
	withoutRRN   plan = "without rrn"   // a line to be found by batch and trace
	withoutTrace plan = "without trace" // a line to be found by auth code, card and time
	inParts      plan = "in parts"      // a wallet order in two lines that add up
	grouped      plan = "grouped"       // settled together with others, see pairs
)

// pair are two payments that no line can tell apart, and how many lines there are.
type pair struct {
	by       *provider
	payments [2]*payment
	lines    int
}

// signed is the amount in the merchant's view.
func (p *payment) signed() int64 {
	if p.form == sale {
		return p.amount
	}
	return -p.amount
}

// money is an amount as the till reports it.
func (t *ticket) money(minor int64) ledger.Money {
	return ledger.Minor(minor, cmp.Or(t.currency, t.till.store.region.currency))
}

// taken reports whether the till counts the payment as approved.
func (p *payment) taken() bool {
	return p.outcome == ledger.Approved || p.outcome == ledger.Unknown && p.answer == ledger.Approved
}

// put places a ticket on a terminal's day.
func (g *generator) put(t *ticket) {
	t.second = t.till.open(t.second)
	t.till.tickets = append(t.till.tickets, t)
}

// sell puts a sale that one payment pays in full.
func (g *generator) sell(till *terminal, second int, by *provider, goods []ledger.SaleLine) *payment {
	t := &ticket{form: sale, till: till, second: second, goods: goods}
	t.total, t.tax = sums(goods)
	if g.oneIn(4) {
		t.customer = g.member()
	}
	g.put(t)
	return g.attempt(t, by, t.total, ledger.Approved)
}

// attempt adds an attempt to pay to a ticket.
func (g *generator) attempt(t *ticket, by *provider, amount int64, outcome ledger.Outcome) *payment {
	p := &payment{ticket: t, by: by, amount: amount, outcome: outcome}
	switch {
	case by == nil:
	case by.class != wallet:
		g.present(p, g.someCard())
	default:
		p.entry = ledger.QRCustomer
		if g.oneIn(5) {
			p.entry = ledger.QRMerchant
		}
	}
	t.attempts = append(t.attempts, p)
	return p
}

// present reads a card.
func (g *generator) present(p *payment, c *plastic) {
	p.plastic, p.auth = c, g.authCode(c)
	switch n := g.dice.IntN(10); {
	case n < 1:
		p.entry, p.check = ledger.Swipe, ledger.PIN
	case n < 5:
		p.entry, p.check = ledger.Chip, ledger.PIN
	case n < 7: // the payer's phone asks for a finger
		p.entry, p.check = ledger.Contactless, ledger.Fingerprint
	default:
		p.entry, p.check = ledger.Contactless, ledger.NoCheck
	}
}

// follow puts a later action about a payment on a till, on the same terminal unless
// told otherwise.
func (g *generator) follow(p *payment, f form, till *terminal, second int) *ticket {
	t := &ticket{form: f, till: till, second: second, original: p, mode: p.mode}
	g.put(t)
	return t
}

// giveBack puts a refund of part or all of a payment.
func (g *generator) giveBack(p *payment, till *terminal, second int, amount int64) *payment {
	t := g.follow(p, refund, till, second)
	t.total = amount
	back := g.attempt(t, p.by, amount, ledger.Approved)
	back.plastic, back.auth, back.check = p.plastic, "", ""
	if p.by.class == wallet {
		back.entry = ""
	}
	return back
}

// cancel puts the void of a card payment.
func (g *generator) cancel(p *payment, after int) *payment {
	t := g.follow(p, void, p.till, p.second+after)
	undo := g.attempt(t, p.by, p.amount, ledger.Approved)
	undo.plastic, undo.auth = p.plastic, ""
	return undo
}

// claim takes an ordinary sale out of the plain ones for something to happen to it.
func (g *generator) claim(fits func(p *payment) bool) *payment {
	for i, p := range g.plain {
		if fits(p) {
			last := len(g.plain) - 1
			g.plain[i] = g.plain[last]
			g.plain = slices.Delete(g.plain, last, last+1)
			return p
		}
	}
	return nil
}

// byCard: through an acquirer whose bill has everything a card line can have.
func byCard(p *payment) bool { return p.by.complete() }

// complete reports whether the bill shows batch, trace and retrieval number, and rows that are no payments.
func (p *provider) complete() bool { return p.id == "allinpay" }

// coupons reports whether the bill has a column for what the merchant gives off.
func (p *provider) coupons() bool { return p.id == alipay || p.id == wechat }
