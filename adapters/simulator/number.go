package simulator

import (
	"slices"
	"strconv"
	"strings"

	"daybook/ledger"
)

const secondsPerDay = 24 * 3600

// number gives everything its numbers, in order of time: trace numbers count per
// terminal from 1 in each batch, retrieval numbers over all terminals.
func (g *generator) number() {
	var attempts []*payment
	for _, t := range g.terminals {
		t.tickets = inOrder(t.tickets, func(t **ticket) int { return (*t).second })
		traces := [2]int{}
		for i, tk := range t.tickets {
			tk.doc = padded(string(t.id)+"-", t.docs+i+1, 4)
			for _, p := range tk.attempts {
				attempts = append(attempts, p)
				if !p.provided() || p.twin != nil {
					continue
				}
				shift := t.shift(tk.second)
				traces[shift]++
				p.batch = t.batchNo(shift)
				p.stan = ledger.STAN(numbered("", traces[shift]))
				g.numberOrder(p, i+1)
			}
		}
		t.docs += len(t.tickets)
	}
	attempts = inOrder(attempts, func(p **payment) int { return (*p).second })
	day := g.date.compact[2:]
	for _, p := range attempts {
		g.refs++
		p.ref = numbered("L"+day+"-", g.refs)
		if !p.provided() {
			continue
		}
		g.payments = append(g.payments, p)
		if p.by.class == acquirer && p.twin == nil {
			p.rrn = g.nextRRN(p.second)
		}
	}
	for _, p := range g.payments {
		if p.twin != nil {
			p.batch, p.stan, p.rrn, p.orderNo, p.numbers = p.twin.batch, p.twin.stan, p.twin.rrn, p.twin.orderNo, p.twin.numbers
		}
	}
}

// inOrder are the elements in order of their seconds, those of one second as they came. It
// sorts numbers instead of elements, which is a third of the time.
func inOrder[T any](list []T, second func(*T) int) []T {
	keys := make([]int64, len(list))
	for i := range list {
		keys[i] = int64(second(&list[i]))<<32 | int64(i)
	}
	slices.Sort(keys)
	sorted := make([]T, len(list))
	for i, key := range keys {
		sorted[i] = list[key&(1<<32-1)]
	}
	return sorted
}

// provided reports whether a provider took part in the payment.
func (p *payment) provided() bool { return p.by != nil && p.mode.Counts() }

// numberOrder gives a payment the merchant's order number and the provider's numbers.
// A refund by a wallet stays under the provider's number of the sale.
func (g *generator) numberOrder(p *payment, n int) {
	if p.by.class == acquirer {
		p.numbers.sale = g.providerNumber(p.by, p.second)
		return
	}
	prefix := "POS"
	if p.form == refund {
		prefix = "RF"
		p.numbers.refund = g.refundNumber(p.by, p.second)
	} else {
		p.numbers.sale = g.providerNumber(p.by, p.second)
	}
	p.orderNo = g.orderNo(prefix, p.till, p.second, n)
}

func (g *generator) orderNo(prefix string, till *terminal, second, n int) string {
	return numbered(prefix+g.compact(second)[2:]+string(till.store.id)+till.device, n)
}

// compact is the date of a second of the day.
func (g *generator) compact(second int) string {
	if second >= 0 && second < secondsPerDay {
		return g.date.compact
	}
	return g.date.at(second).Format("20060102")
}

// numbered is a number of six digits behind a prefix; of more, when they do not do.
func numbered(prefix string, n int) string { return padded(prefix, n, 6) }

func padded(prefix string, n, digits int) string {
	var room [64]byte
	return string(appendPadded(append(room[:0], prefix...), int64(n), digits))
}

// appendPadded appends a number of so many digits at least.
func appendPadded(b []byte, n int64, digits int) []byte {
	var room [20]byte
	text := strconv.AppendInt(room[:0], n, 10)
	for range digits - len(text) {
		b = append(b, '0')
	}
	return append(b, text...)
}

// nextRRN is YDDDhh and six digits, as hosts commonly build them (ISO 8583, DE 37). Behind
// a million an hour come letters.
func (g *generator) nextRRN(second int) ledger.RRN {
	g.answered++
	when := g.date.at(second)
	var room [16]byte
	b := append(room[:0], '0'+byte(when.Year()%10))
	b = appendPadded(b, int64(when.YearDay()), 3)
	b = appendPadded(b, int64(when.Hour()), 2)
	n := int64(g.answered)
	if n < 1_000_000 {
		return ledger.RRN(appendPadded(b, n, 6))
	}
	n -= 1_000_000
	const letters = 36 * 36 * 36 * 36 * 36
	b = append(b, 'A'+byte(n/letters))
	text := strings.ToUpper(strconv.FormatInt(n%letters, 36))
	for range 5 - len(text) {
		b = append(b, '0')
	}
	return ledger.RRN(append(b, text...))
}

// providerNumber is the provider's number of a sale. Digits alone are so many, or begin
// so, that they are no card number; other numbers have letters.
func (g *generator) providerNumber(p *provider, second int) string {
	g.numbered++
	day := g.compact(second)
	switch p.id {
	case alipay:
		return padded(day+"22001400", g.numbered, 12)
	case wechat:
		return padded("4200001001"+day, g.numbered, 10)
	case "unionpay":
		return padded(day, g.numbered, 13) // queryId, 21 digits
	case "antom":
		return padded(day+"19074101000", g.numbered, 12)
	case "adyen":
		return padded("QK", g.numbered, 14)
	case "stripe":
		return padded("pi_"+day, g.numbered, 10)
	case "paypal":
		return padded("5TX", g.numbered, 12)
	}
	return padded("1"+day[2:], g.numbered, 9)
}

// refundNumber is the provider's number of a refund. Alipay has none.
func (g *generator) refundNumber(p *provider, second int) string {
	if p.id == wechat {
		g.numbered++
		return padded("5030000100"+g.compact(second), g.numbered, 11)
	}
	return g.providerNumber(p, second)
}
