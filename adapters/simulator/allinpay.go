package simulator

import (
	"bytes"
	"fmt"
	"strings"

	"daybook/ledger"
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

func (g *generator) allinpayBill(p *provider, day ledger.BusinessDay, lines []*line) File {
	var out bytes.Buffer
	out.WriteString(strings.Join(allinpayHeader, ",") + "\n")
	for _, l := range lines {
		word := l.raw
		if word == "" {
			word = allinpayWords[l.word]
		}
		var number, kind, issuerCode, issuerName string
		if l.card != nil {
			number, kind = l.card.ref.String(), kindWords[l.card.kind]
			issuerCode, issuerName = l.card.issuer.code, l.card.issuer.name
		}
		at := g.at(l.second)
		date, clock := at.Format("2006-01-02"), at.Format("15:04:05")
		gross, fee := yuan(l.gross), yuan(l.fee)
		row := []string{
			p.account, l.till.store.name, string(l.till.tid), clock, word, string(l.batch), string(l.stan), string(l.rrn), number, kind,
			issuerCode, issuerName, gross, fee, date, l.numbers.sale, "", "", "",
			gross, yuan(l.net()), "", "0.00", clock, "", "", "", "0.00",
			gross, l.original, "", "", string(l.till.store.id), date, string(l.auth),
		}
		out.WriteString(strings.Join(row, ",") + "\n")
	}
	return File{fmt.Sprintf("allinpay_%s_%s.csv", p.account, day.Compact()), out.Bytes()}
}
