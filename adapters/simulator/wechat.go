package simulator

import (
	"bytes"
	"fmt"
	"strings"

	"daybook/ledger"
)

// WeChat Pay's trade bill of all orders: 27 columns and a summary of 7, every value
// behind a backtick (merchant documentation, bill format, 2024-11-25).
const (
	wechatHeader  = "交易时间,公众账号ID,商户号,特约商户号,设备号,微信订单号,商户订单号,用户标识,交易类型,交易状态,付款银行,货币种类,应结订单金额,代金券金额,微信退款单号,商户退款单号,退款金额,充值券退款金额,退款类型,退款状态,商品名称,商户数据包,手续费,费率,订单金额,申请退款金额,费率备注"
	wechatSummary = "总交易单数,应结订单总金额,退款总金额,充值券退款总金额,手续费总金额,订单总金额,申请退款总金额"
	byteOrderMark = "\ufeff"
)

func (g *generator) wechatBill(p *provider, day ledger.BusinessDay, lines []*line) File {
	var out bytes.Buffer
	out.WriteString(byteOrderMark + wechatHeader + "\r\n")
	var orders, settled, refunded, fees int64
	for i, l := range lines {
		order, due, back := l.gross, l.gross-l.discount, int64(0)
		state, refundNumber, refundNo, way, progress := "SUCCESS", "0", "0", "", ""
		if l.word == refund {
			order, due, back = 0, 0, -l.gross
			state, refundNumber, refundNo, way, progress = "REFUND", l.numbers.refund, l.refundNo, "ORIGINAL", "SUCCESS"
		}
		orders += order
		settled += due
		refunded += back
		fees += l.fee
		ticked(&out,
			g.at(l.second).Format("2006-01-02 15:04:05"), "wx00000000000000a1", p.account, "0", l.till.device, l.numbers.sale, l.orderNo,
			fmt.Sprintf("oTESTUSER%017d", i+1), "MICROPAY", state, "OTHERS", "CNY", yuan(due), yuan(order-due),
			refundNumber, refundNo, yuan(back), "0.00", way, progress, l.goods, string(l.till.store.id),
			yuan(l.fee)+"000", "0.60%", yuan(order), yuan(back), "")
	}
	out.WriteString(wechatSummary + "\r\n")
	ticked(&out, fmt.Sprint(len(lines)), yuan(settled), yuan(refunded), "0.00", yuan(fees)+"000", yuan(orders), yuan(refunded))
	return File{fmt.Sprintf("%sAll%s.csv", p.account, day), out.Bytes()}
}

// ticked writes a row whose values each begin with a backtick.
func ticked(out *bytes.Buffer, values ...string) {
	out.WriteString("`" + strings.Join(values, ",`") + "\r\n")
}
