package simulator

import (
	"cmp"
	"fmt"
	"slices"

	"daybook/ledger"
)

const secondsPerDay = 24 * 3600

// number gives everything its numbers, in order of time: trace numbers count per
// terminal from 1 in each batch, retrieval numbers over all terminals.
func (g *generator) number() {
	var attempts []*payment
	for _, t := range g.terminals {
		slices.SortStableFunc(t.tickets, func(a, b *ticket) int { return cmp.Compare(a.second, b.second) })
		traces := [2]int{}
		for i, tk := range t.tickets {
			tk.doc = fmt.Sprintf("%s-%04d", t.id, i+1)
			for _, p := range tk.attempts {
				attempts = append(attempts, p)
				if !p.provided() || p.twin != nil {
					continue
				}
				shift := t.shift(tk.second)
				traces[shift]++
				p.batch = t.batchNo(shift)
				p.stan = ledger.STAN(fmt.Sprintf("%06d", traces[shift]))
				g.numberOrder(p, i+1)
			}
		}
	}
	slices.SortStableFunc(attempts, func(a, b *payment) int { return cmp.Compare(a.second, b.second) })
	for i, p := range attempts {
		p.ref = fmt.Sprintf("L%s-%06d", g.midnight.Format("060102"), i+1)
		if !p.provided() {
			continue
		}
		g.payments = append(g.payments, p)
		if p.channel == card && p.twin == nil {
			p.rrn = g.nextRRN(p.second)
		}
	}
	for _, p := range g.payments {
		if p.twin != nil {
			p.batch, p.stan, p.rrn, p.orderNo, p.numbers = p.twin.batch, p.twin.stan, p.twin.rrn, p.twin.orderNo, p.twin.numbers
		}
	}
}

// provided reports whether a provider took part in the payment.
func (p *payment) provided() bool { return p.channel != cash && p.mode.Counts() }

// numberOrder gives a payment the merchant's order number and the provider's numbers.
// A refund by a wallet stays under the provider's number of the sale.
func (g *generator) numberOrder(p *payment, n int) {
	if p.channel == card {
		p.numbers.sale = g.cardNumber(p.second)
		return
	}
	prefix := "POS"
	if p.form == refund {
		prefix = "RF"
		p.numbers.refund = g.refundNumber(p.second)
	} else {
		p.numbers.sale = g.walletNumber(p.channel, p.second)
	}
	p.orderNo = g.orderNo(prefix, p.till, p.second, n)
}

func (g *generator) orderNo(prefix string, till *terminal, second, n int) string {
	return fmt.Sprintf("%s%s%s%s%06d", prefix, g.at(second).Format("060102"), till.store.id, till.device, n)
}

// nextRRN is YDDDhh and six digits, as hosts commonly build them (ISO 8583, DE 37).
func (g *generator) nextRRN(second int) ledger.RRN {
	g.answered++
	when := g.at(second)
	return ledger.RRN(fmt.Sprintf("%d%03d%02d%06d", when.Year()%10, when.YearDay(), when.Hour(), g.answered))
}

// cardNumber is the acquirer's 交易单号. The leading 1 keeps its sixteen digits out of
// every range of card numbers, whatever the year.
func (g *generator) cardNumber(second int) string {
	g.numbered++
	return fmt.Sprintf("1%s%09d", g.at(second).Format("060102"), g.numbered)
}

// walletNumber is the wallet's number of a sale, 28 digits.
func (g *generator) walletNumber(channel string, second int) string {
	g.numbered++
	day := g.at(second).Format("20060102")
	if channel == alipay {
		return fmt.Sprintf("%s22001400%012d", day, g.numbered)
	}
	return fmt.Sprintf("4200001001%s%010d", day, g.numbered)
}

// refundNumber is WeChat's number of a refund, 29 digits. Alipay has none.
func (g *generator) refundNumber(second int) string {
	g.numbered++
	return fmt.Sprintf("5030000100%s%011d", g.at(second).Format("20060102"), g.numbered)
}
