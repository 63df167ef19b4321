package simulator

import (
	"fmt"
	"strings"
)

// allinpayHeader is Allinpay's transaction file, 34 columns (merchant product
// documentation, document 1403), and the authorisation code, which the acquirer adds on
// request. Files are read by heading, so a further column does no harm.
var allinpayHeader = []string{
	"商户号", "门店名称", "终端号", "交易时间", "交易类型", "交易批次号", "凭证号", "参考号", "卡号", "卡类别",
	"发卡行机构代码", "发卡行名称", "交易金额", "手续费", "交易日期", "交易单号", "订单号", "商户备注", "对接应用号",
	"原始金额", "结算金额", "产品类型", "分期贴息", "交易完成时间", "持卡人姓名", "持卡人身份证", "分期数", "优惠金额",
	"实付金额", "原交易单", "渠道交易类型", "出金方账户名称", "门店编号", "交易完成日期", "授权码",
}

var allinpayWords = map[form]string{sale: "消费", refund: "退货", void: "消费撤销"}

type allinpayBill struct {
	b *bill
	t *text
}

func allinpayName(p *provider, day *date, version string) string {
	return fmt.Sprintf("allinpay_%s_%s%s.csv", p.account, day.compact, version)
}

func openAllinpay(b *bill) rows {
	a := &allinpayBill{b, b.create(allinpayName(b.by, b.date, ""), false)}
	a.t.put(strings.Join(allinpayHeader, ","))
	a.t.end()
	return a
}

func (a *allinpayBill) add(l *line) { a.row(l); a.t.end() }

func (a *allinpayBill) row(l *line) {
	word := l.raw
	if word == "" {
		word = allinpayWords[l.word]
	}
	var number, kind string
	var from issuer
	if l.card != nil {
		number, kind, from = l.card.text, kindWords[l.card.kind], l.card.issuer
	}
	t, st := a.t, l.till.store
	t.put(a.b.by.account)
	t.cells(st.name, string(l.till.tid))
	t.put(",")
	t.clock(l.second, ":")
	t.cells(word, string(l.batch), string(l.stan), string(l.rrn), number, kind, from.code, from.name)
	t.yuans(l.gross, l.fee)
	t.cells(l.date.on(l.second), l.numbers.sale, "", "", "")
	t.yuans(l.gross, l.net())
	t.cells("", "0.00")
	t.put(",")
	t.clock(l.second, ":")
	t.cells("", "", "", "0.00")
	t.yuans(l.gross)
	t.cells(l.original, "", "", string(st.id), l.date.on(l.second), string(l.auth))
}

func (a *allinpayBill) close() error { return a.t.close() }
