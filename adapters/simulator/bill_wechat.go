package simulator

import (
	"errors"
	"fmt"
	"slices"
)

// WeChat Pay's trade bill of all orders: 27 columns and a summary of 7, every value
// behind a backtick (merchant documentation, bill format, 2024-11-25); and its account of
// 11 columns (资金账单).
const (
	wechatHeader      = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
	wechatSummary     = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
	wechatFundHeader  = "记账时间,微信支付业务单号,资金流水单号,业务名称,业务类型,收支类型,收支金额(元),账户结余(元),资金变更提交申请人,备注,业务凭证号"
	wechatFundSummary = "资金流水总笔数,收入笔数,收入金额,支出笔数,支出金额"
	byteOrderMark     = "\ufeff"
)

type wechatBill struct {
	b                               *bill
	t                               *text
	rows                            int64
	orders, settled, refunded, fees int64
	fund                            *wechatFund
}

func wechatName(b *bill) string { return b.by.account + "All" + b.date.dashed + ".csv" }

func openWechat(b *bill) rows {
	w := &wechatBill{b: b, t: b.create(wechatName(b), false)}
	w.t.put(byteOrderMark + wechatHeader)
	w.t.crlf()
	if slices.Contains(b.by.formats, "wechat-fund") {
		w.fund = openWechatFund(b)
	}
	return w
}

// ticked appends a value behind a backtick and, but for the first of a row, a comma.
func (t *text) ticked(values ...string) {
	for _, v := range values {
		if len(t.row) > 0 {
			t.row = append(t.row, ',')
		}
		t.row = append(t.row, '`')
		t.row = append(t.row, v...)
	}
}

// tickedYuan does so with amounts.
func (t *text) tickedYuan(amounts ...int64) {
	for _, fen := range amounts {
		t.ticked("")
		t.yuan(fen)
	}
}

func (w *wechatBill) add(l *line) {
	order, due, back := l.gross, l.gross-l.discount, int64(0)
	state, refundNumber, refundNo, way, progress := "SUCCESS", "0", "0", "", ""
	if l.word == refund {
		order, due, back = 0, 0, -l.gross
		state, refundNumber, refundNo, way, progress = "REFUND", l.numbers.refund, l.refundNo, "ORIGINAL", "SUCCESS"
	}
	w.orders += order
	w.settled += due
	w.refunded += back
	w.fees += l.fee
	w.rows++
	t := w.t
	t.ticked("")
	t.stamp(l.date, l.second, " ")
	t.ticked("wx00000000000000a1", w.b.by.account, "0", l.till.device, l.numbers.sale, l.orderNo, "oTESTUSER")
	t.padded(w.rows, 17)
	t.ticked("MICROPAY", state, "OTHERS", "CNY")
	t.tickedYuan(due, order-due)
	t.ticked(refundNumber, refundNo)
	t.tickedYuan(back, 0)
	t.ticked(way, progress, l.goods, string(l.till.store.id))
	t.tickedYuan(l.fee)
	t.put("000")
	t.ticked("0.60%")
	t.tickedYuan(order, back)
	t.ticked("")
	t.crlf()
	if w.fund != nil {
		w.fund.add(l)
	}
}

func (w *wechatBill) close() error {
	t, orders := w.t, w.orders
	if w.b.s.opts.Breaks > 0 { // the summary is not what the rows come to
		orders += 100
		w.b.s.found(ControlTotalMismatch, w.b.by, fmt.Sprintf("%s:%d", wechatName(w.b), w.rows+3), w.orders, orders)
	}
	t.put(wechatSummary)
	t.crlf()
	t.ticked("")
	t.int(w.rows)
	t.tickedYuan(w.settled, w.refunded, 0, w.fees)
	t.put("000")
	t.tickedYuan(orders, w.refunded)
	t.crlf()
	err := t.close()
	if w.fund != nil {
		err = errors.Join(err, w.fund.close())
	}
	return err
}

// wechatFund is the account: what the bill says, each fee in a row of its own, and in the
// morning the withdrawal of what came the day before.
type wechatFund struct {
	b       *bill
	t       *text
	balance int64
	rows    int64
	sums    fundSums
}

func openWechatFund(b *bill) *wechatFund {
	f := &wechatFund{b: b, t: b.create(b.by.account+"Fund"+b.date.dashed+".csv", false), balance: b.s.accountOf(b.by)}
	f.t.put(wechatFundHeader)
	f.t.crlf()
	if paid := b.s.paid[b.by]; paid > 0 {
		f.move(b.date, 0, "充值/提现", "提现", -paid, "", "", "自动提现")
	}
	return f
}

func (f *wechatFund) add(l *line) {
	if l.word == refund {
		// The fee that is given back is in the amount, as the remark says.
		about := "退款总金额" + yuan(-l.gross) + "元;含手续费" + yuan(-l.fee) + "元"
		f.move(l.date, l.second, "退款", "退款", l.gross-l.fee, l.numbers.refund, l.refundNo, about)
		return
	}
	f.move(l.date, l.second, "交易", "交易", l.gross-l.discount, l.numbers.sale, l.orderNo, "结算总金额 "+yuan(l.gross-l.discount)+" 元;含手续费 "+yuan(l.fee)+" 元")
	if l.fee != 0 {
		f.move(l.date, l.second, "交易", "扣除交易手续费", -l.fee, l.numbers.sale, l.orderNo, "")
	}
}

func (f *wechatFund) move(d *date, second int, business, kind string, net int64, trade, no, about string) {
	f.balance += net
	f.rows++
	f.sums.add(net)
	t := f.t
	t.ticked("")
	t.stamp(d, second, " ")
	t.ticked(trade, "1"+f.b.date.compact)
	t.padded(f.rows, 12)
	way := "收入"
	if net < 0 {
		way, net = "支出", -net
	}
	t.ticked(business, kind, way)
	t.tickedYuan(net, f.balance)
	t.ticked("system", about, no)
	t.crlf()
}

func (f *wechatFund) close() error {
	t := f.t
	t.put(wechatFundSummary)
	t.crlf()
	t.ticked("")
	t.int(f.rows)
	t.ticked("")
	t.int(f.sums.ins)
	t.tickedYuan(f.sums.in)
	t.ticked("")
	t.int(f.sums.outs)
	t.tickedYuan(f.sums.out)
	t.crlf()
	f.b.s.accounts[f.b.by] = f.balance
	return t.close()
}
