// Package alipay reads the trade bill (业务明细) of Alipay 支付宝, as
// alipay.data.dataservice.bill.downloadurl.query delivers it for bill_type "trade":
// a zip of a detail and a summary file, or the detail file alone, of a day or a month.
// (Alipay open platform, bill download documentation and its field tables; column
// order and frame as in files of 2019 and later.)
//
// The file:
//
//	#支付宝业务明细查询
//	#账号：[20880000000000010156]
//	#起始日期：[2026年01月05日 00:00:00]   终止日期：[2026年01月06日 00:00:00]
//	#----业务明细列表----
//	header, 25 columns, and rows
//	#----业务明细列表结束----
//	#交易合计：3笔，商家实收共146.40元，商家优惠共1.00元
//	#退款合计：1笔，商家实收退款共-5.50元，商家优惠退款共0.00元
//	#导出时间：[2026年01月06日 04:12:33]
//
// The period's end is an exclusive midnight. Values may end in a tab. Texts are not
// quoted: a comma in 商品名称 or 备注 is found by what the other columns must hold.
// Amounts are yuan, negative on refunds. A refund has the sale's 支付宝交易号 and
// 商户订单号, the merchant's own number in 退款批次号/请求号, and the refund's time in
// 完成时间.
//
// We promise: Gross is 订单金额, Discount is 订单金额 less 商家实收 (what Alipay itself
// funds is inside 商家实收), Net is 商家实收 plus 服务费 plus 分润. A positive 服务费 on a
// sale is taken as a charge: the documentation does not state the sign, files print it
// negative. 交易合计, 退款合计 and each row of the summary file become Controls. A file
// without its end mark or totals is refused as cut short. 对方账户, the payer, is dropped.
//
// We assume every amount is CNY and every time Beijing's.
//
// NewFund reads the account (bill_type "signcustomer", 账务明细), alone or with its summary:
// every movement on the balance that Alipay keeps for the merchant, fees in rows of their
// own, withdrawals (提现) too. (Settlement formats 1.4.) Its frame is that of the trade bill,
// but for 支出合计 and 收入合计 below the list. Headings come with 16 columns or 12, in any
// order, with or without parentheses; the unused side of a row is 0.00 or blank, and 支出 may
// be printed negative or not.
//
// We promise: the statement is a reconcile.ProviderAccount, which adds nothing to what is
// due. Net is the movement. A fee (收费, 退费, 交易分账) is in Fee, everything else in Gross;
// ProviderNo of a fee is the payment's number, from the brackets in 备注 where they hold
// one. Each 账户余额 but the earliest is a Control (the one before, plus in, less out), and
// so are both 合计 and each row of the summary. 对方账号 is dropped. A 业务类型 that is not
// known (转账 among them), and a payment the merchant made, are other lines.
//
// We assume: the rows of one second stand in the order in which they were booked.
package alipay
