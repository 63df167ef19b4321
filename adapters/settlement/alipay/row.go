package alipay

import (
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

const timeLayout = time.DateTime

// readRow turns a row into a line and adds it to the totals.
func (b *bill) readRow(row files.Row) {
	row, ok := rejoin(b.sheet, b.file, row, &b.problems)
	if !ok {
		return
	}
	r := b.sheet.Record(row)
	if !r.Sound() {
		return
	}
	word := r.Text(kind)
	at := r.Time(done, timeLayout, beijing)
	a := amounts{
		order:    r.Amount(order, currency),
		received: r.Amount(received, currency),
		coupon:   r.Amount(coupon, currency),
		fee:      r.Amount(fee, currency),
		share:    r.Amount(share, currency),
	}
	if b.sheet.Has(funded) {
		a.funded = r.Amount(funded, currency)
	}
	if b.sheet.Has(card) {
		a.card = r.Amount(card, currency)
	}
	r.Drop(payer)
	line := reconcile.Line{
		Row: row.Line, Day: ledger.DayOf(at), At: at, Currency: currency, Channel: "alipay",
		OrderNo:    r.ID(orderNo, 64),
		ProviderNo: r.ID(tradeNo, 64),
		TID:        ledger.TID(r.Text(terminal)),
		Store:      ledger.StoreID(r.Text(store)),
		RawKind:    word,
	}
	charge := a.fee
	switch word {
	case "交易":
		line.Kind = reconcile.SaleLine
		if charge > 0 {
			charge = -charge
		}
		if a.order < 0 {
			r.Wrong(order, ledger.Say("a sale (交易) has a negative amount"), ledger.Say("compare the row with the original file"))
		}
	case "退款":
		line.Kind = reconcile.RefundLine
		line.OrderNo, line.OriginalNo = r.ID(refundNo, 64), line.OrderNo
		if a.order > 0 {
			r.Wrong(order, ledger.Say("a refund (退款) has a positive amount"), ledger.Say("compare the row with the original file"))
		}
	default:
		line.Kind = reconcile.OtherLine
	}
	line.Gross = a.order
	line.Discount = a.order - a.received
	line.Fee = -charge - a.share
	line.Net = a.received + charge + a.share
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	b.statement.Lines = append(b.statement.Lines, line)
	a.net = line.Net
	b.of(whole).add(line.Kind, a)
	if line.Store != whole {
		b.of(string(line.Store)).add(line.Kind, a)
	}
}

// amounts are the columns of one row that totals are made of, with the file's signs.
type amounts struct {
	order, received, funded, coupon, card, fee, share, net int64
}

func (t *totals) add(kind reconcile.LineKind, a amounts) {
	add := func(to *int64, n int64) { *to = settlement.Add(*to, n) }
	switch kind {
	case reconcile.SaleLine:
		t.sales++
		add(&t.saleReceived, a.received)
		add(&t.saleCoupon, a.coupon)
	case reconcile.RefundLine:
		t.refunds++
		add(&t.refundReceived, a.received)
		add(&t.refundCoupon, a.coupon)
	}
	add(&t.order, a.order)
	add(&t.received, a.received)
	add(&t.funded, a.funded)
	add(&t.coupon, a.coupon)
	add(&t.card, a.card)
	add(&t.fee, a.fee)
	add(&t.share, a.share)
	add(&t.net, a.net)
}

// readSummaryRow compares a row of the summary with the lines: one for each store, and 合计.
func (b *bill) readSummaryRow(sheet *files.Sheet, r *files.Record) {
	key := r.Text(store)
	t := b.sums[key]
	if t == nil {
		t = &totals{}
	}
	name := "汇总 " + key
	if key == "" {
		name = "汇总 (无门店)"
	}
	for _, c := range []struct {
		heading  string
		detail   string // the detail's column of the same meaning; empty when it needs none
		computed int64
	}{
		{sales, "", t.sales}, {refunds, "", t.refunds},
		{order, order, t.order}, {received, received, t.received}, {funded, funded, t.funded},
		{coupon, coupon, t.coupon}, {card, card, t.card}, {fee, fee, t.fee}, {share, share, t.share},
		{net, "", t.net},
	} {
		if !sheet.Has(c.heading) || c.detail != "" && (b.sheet == nil || !b.sheet.Has(c.detail)) {
			continue
		}
		if c.heading == sales || c.heading == refunds {
			b.control(name+" "+c.heading, r.Line, "", r.Int(c.heading), c.computed)
		} else {
			b.control(name+" "+c.heading, r.Line, currency, r.Amount(c.heading, currency), c.computed)
		}
	}
}
