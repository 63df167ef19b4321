package simulator

import (
	"fmt"

	"daybook/ledger"
)

// line is one row of a bill. Gross is signed in the merchant's view; discount and fee
// are what is taken off, negative where given back.
type line struct {
	by     *provider
	word   form
	raw    string // the acquirer's word where it is none of ours
	till   *terminal
	date   *date
	second int // of the day of business; from 24 hours on it is the next day
	begun  int // of a refund: when the sale was

	gross    int64
	discount int64
	subsidy  int64
	fee      int64

	batch ledger.BatchNo
	stan  ledger.STAN
	rrn   ledger.RRN
	auth  ledger.AuthCode
	card  *plastic

	orderNo  string // the merchant's number of the sale
	refundNo string // and of the refund
	numbers  providerNumbers
	original string // the acquirer's number of what is given back
	goods    string
}

func (l *line) net() int64 { return l.gross - l.discount - l.fee }

// reference is how the key calls a line that has no payment.
func (l *line) reference() string {
	switch {
	case l.by.class != acquirer:
		return l.orderNo
	case l.rrn != "":
		return string(l.rrn)
	}
	return l.numbers.sale
}

// settle lets the providers write their bills, by plan, and enters into the key what
// they do wrong.
func (g *generator) settle() {
	for _, p := range g.payments {
		g.items++
		g.book(p)
	}
	for _, alike := range g.pairs {
		g.bookPair(alike)
	}
	for i := g.firstBreak; i < g.firstBreak+g.opts.Breaks; i++ {
		g.inventLine(i)
		g.inventOther(i)
		g.inventDispute(i)
	}
	g.lines = inOrder(g.lines, func(l **line) int { return (*l).second })
}

// lineOf is the line a payment should have.
func (g *generator) lineOf(p *payment) *line {
	l := &line{
		by: p.by, word: p.form, till: p.till, date: g.date,
		second: p.second + g.dice.IntN(3), // the provider's clock runs a little late
		gross:  p.signed(), discount: p.coupon, subsidy: p.subsidy,
		batch: p.batch, stan: p.stan, rrn: p.rrn, auth: p.auth, card: p.plastic,
		orderNo: p.orderNo, numbers: p.numbers, goods: "便利店商品",
	}
	if p.form != sale {
		l.begun, l.original = p.original.second, p.original.numbers.sale
		if p.by.class != acquirer {
			l.orderNo, l.refundNo, l.numbers.sale = p.original.orderNo, p.orderNo, p.original.numbers.sale
		}
	}
	l.fee = l.by.fee(l.card, l.gross-l.discount)
	return l
}

func (g *generator) book(p *payment) {
	l := g.lineOf(p)
	switch p.plan {
	case absent, grouped:
		return
	case MissingInSettlement, DuplicateInLedger:
		g.found(string(p.plan), p.by, p.ref, p.signed(), 0)
		return
	case TimingNextDay:
		l.second = secondsPerDay + g.dice.IntN(60)
		g.late = append(g.late, l)
		g.found(TimingNextDay, p.by, p.ref, p.signed(), 0)
		return
	case TimeoutButSettled, ReversedButSettled:
		g.found(string(p.plan), p.by, p.ref, 0, l.gross)
	case AmountMismatch:
		l.gross += wrongBy[g.dice.IntN(len(wrongBy))]
		l.fee = l.by.fee(l.card, l.gross-l.discount)
		g.found(AmountMismatch, p.by, p.ref, p.signed(), l.gross)
	case CurrencyMismatch:
		g.found(CurrencyMismatch, p.by, p.ref, p.signed(), l.gross)
		b := &g.breaks[len(g.breaks)-1]
		b.Currency, b.ActualCurrency = p.currency, b.Currency
	case TerminalMismatch:
		l.till, l.batch = g.otherTerminal(p.till), "000009"
		l.stan = ledger.STAN(fmt.Sprintf("%06d", 980_000+len(g.breaks)%10_000))
		g.found(TerminalMismatch, p.by, p.ref, p.signed(), l.gross)
	case MethodMismatch:
		l.by = g.otherWallet(p.by)
		l.numbers.sale = g.providerNumber(l.by, l.second)
		g.found(MethodMismatch, p.by, p.ref, p.signed(), l.gross)
	default:
		g.matched[p.by]++
		g.sold[p.by] += p.signed()
		g.bookMatched(p, l)
		return
	}
	g.lines = append(g.lines, l)
}

// wrongBy are the errors in amounts that are seen: a fen, a transposed digit, a yuan.
// The payments they are planted on are above a yuan.
var wrongBy = []int64{1, -1, 9, -9, 90, 100, -100}

// bookMatched books lines that belong to their payment in spite of what is odd.
func (g *generator) bookMatched(p *payment, l *line) {
	switch p.plan {
	case withoutRRN:
		l.rrn = ""
	case withoutTrace:
		l.batch, l.stan, l.rrn = "", "", ""
	case inParts:
		rest := *l
		l.gross, _ = p.by.firstPart(p.amount)
		l.fee = l.by.fee(nil, l.gross)
		rest.gross -= l.gross
		rest.fee = l.by.fee(nil, rest.gross)
		rest.numbers.sale = g.providerNumber(l.by, l.second)
		g.lines = append(g.lines, &rest)
	case FeeDeviation:
		right := l.fee
		l.fee += []int64{1, 15, 50, -1}[g.dice.IntN(4)]
		if l.fee < 0 {
			l.fee = right + 1
		}
		if g.wrongFee == nil && l.by.complete() {
			g.wrongFee = &corrected{line: l, of: p.ref, fee: right}
		}
		g.found(FeeDeviation, p.by, p.ref, right, l.fee)
	case DuplicateInSettlement:
		again := *l
		if l.by.class == acquirer {
			again.numbers.sale = g.providerNumber(l.by, l.second)
		}
		g.lines = append(g.lines, &again)
		g.found(DuplicateInSettlement, p.by, p.ref, 0, l.gross)
	}
	g.lines = append(g.lines, l)
}

// bookPair books lines that fit either of two payments.
func (g *generator) bookPair(alike *pair) {
	var expected, actual int64
	for i, p := range alike.payments {
		expected += p.signed()
		if i >= alike.lines {
			continue
		}
		l := g.lineOf(p)
		l.batch, l.stan, l.rrn = "", "", ""
		g.lines = append(g.lines, l)
		actual += l.gross
	}
	first := min(alike.payments[0].ref, alike.payments[1].ref)
	g.found(Ambiguous, alike.by, first, expected, actual)
}

// inventLine books a payment or, now and then, a refund that no till knows.
func (g *generator) inventLine(i int) {
	till, all := g.anyTerminal(), g.fitting(anyProvider)
	l := &line{
		by: all[i%len(all)], word: sale, till: till, date: g.date, goods: "便利店商品",
		second: tradeAt + g.dice.IntN(quietUntil-tradeAt),
	}
	l.gross, _ = sums(g.basket())
	if l.by.class == acquirer {
		l.card, l.auth = g.newCard(), g.someAuthCode()
		l.batch = till.batchNo(till.shift(l.second))
		l.stan = ledger.STAN(fmt.Sprintf("%06d", 990_000+i))
		l.rrn = g.nextRRN(l.second)
		l.numbers.sale = g.providerNumber(l.by, l.second)
		if i%2 == 1 {
			l.word, l.gross = refund, -l.gross
		}
	} else {
		l.orderNo = g.orderNo("ONL", till, l.second, i+1)
		l.numbers.sale = g.providerNumber(l.by, l.second)
		if l.by.class == gateway {
			l.card = g.newCard()
		}
	}
	l.fee = l.by.fee(l.card, l.gross)
	g.lines = append(g.lines, l)
	g.found(MissingInLedger, l.by, l.reference(), 0, l.gross)
}

// inventOther books a row of the acquirer's that is no payment at all.
func (g *generator) inventOther(i int) {
	providers := g.fitting((*provider).complete)
	if len(providers) == 0 {
		return
	}
	till := g.anyTerminal()
	l := &line{
		by: providers[i%len(providers)], raw: "调整", till: till, date: g.date,
		second: tradeAt + g.dice.IntN(quietUntil-tradeAt),
		gross:  -int64(100 + g.dice.IntN(3000)),
	}
	l.numbers.sale = g.providerNumber(l.by, l.second)
	switch i % 3 {
	case 0:
		l.rrn = g.nextRRN(l.second)
	case 1:
		l.raw = "手续费"
	case 2:
		l.gross = -l.gross
	}
	g.lines = append(g.lines, l)
	g.found(UnexpectedLine, l.by, l.reference(), 0, l.gross)
}

// inventDispute books what a payer's bank took back.
func (g *generator) inventDispute(i int) {
	providers := g.fitting(func(p *provider) bool { return p.disputes })
	if len(providers) == 0 {
		return
	}
	l := &line{
		by: providers[i%len(providers)], word: dispute, till: g.anyTerminal(), date: g.date,
		second: tradeAt + g.dice.IntN(quietUntil-tradeAt), gross: -int64(1000 + g.dice.IntN(9000)),
		stan: ledger.STAN(numbered("", 970_000+i)), card: g.newCard(),
	}
	l.numbers.sale, l.numbers.refund = g.providerNumber(l.by, l.second), g.providerNumber(l.by, l.second)
	g.lines = append(g.lines, l)
	if l.by.id != "unionpay" { // whose disputes are known by their place in the file alone, see unionpayBill
		g.found(Chargeback, l.by, l.numbers.refund, 0, l.gross)
	}
}

// otherTerminal is any but one. A cell of one terminal has another: nobody's.
func (g *generator) otherTerminal(than *terminal) *terminal {
	if len(g.terminals) == 1 {
		other := *than
		other.tid = ledger.TID("0" + string(than.tid)[1:6] + "00")
		return &other
	}
	for {
		if t := g.anyTerminal(); t != than {
			return t
		}
	}
}

// otherWallet is the wallet a payment by one wallet is mistaken for.
func (g *generator) otherWallet(than *provider) *provider {
	if than.id == alipay {
		return g.world.find(wechat)
	}
	return g.world.find(alipay)
}
