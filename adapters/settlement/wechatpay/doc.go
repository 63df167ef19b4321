// Package wechatpay reads the trade bill (交易账单) of WeChat Pay 微信支付 in all its
// variants: ALL, SUCCESS and REFUND of API v2 and v3, and the older 24-column one.
// (WeChat Pay merchant documentation, "申请交易账单" and the bill's field tables,
// edition of 2024-11-25.)
//
// The file has four parts and no marks between them: a header, rows, a summary header
// (its first heading is 总交易单数) and one summary row. Values begin with a backtick,
// headings do not. Variants differ in columns only and are told apart by heading:
//
//	SUCCESS  has no refund columns
//	REFUND   has 退款申请时间 and 退款成功时间 more than ALL
//	legacy   has 总金额 in place of 应结订单金额, and no 订单金额 and 申请退款金额
//
// Amounts are in the row's own 货币种类; refund columns are positive and the fee of a
// refund is negative; fees are printed with five decimals, of which three are zero.
//
// We promise: Gross is 订单金额 on payments and minus 申请退款金额 on refunds, Net is
// 应结订单金额 less 退款金额 less 手续费, and Discount is what lies between. The summary's
// columns become Controls, computed from the columns of the rows. A file without its
// summary is refused as cut short. 用户标识, the payer, is dropped. The answer "No Bill
// Exist", which the interface gives for a day without payments, is an empty statement;
// like an empty bill it names neither merchant nor day.
//
// We assume: the period is the days of 交易时间, in Beijing. What a REVOKED row (a payment
// taken back at the till) holds is not documented: it is a reversal of the larger of its
// refund columns. A row that is a payment and a refund at once is refused.
//
// NewFund reads the account (资金账单): every movement on one account that WeChat Pay keeps
// for the merchant, fees in rows of their own, withdrawals too. (Settlement formats 2.3;
// "申请资金账单".) Its four parts are those of the trade bill; the summary begins with
// 资金流水总笔数.
//
// We promise: the statement is a reconcile.ProviderAccount, which adds nothing to what is
// due. Net is the movement, 收支类型 its direction. A refund that is booked less the fee given
// back with it, as its 备注 and its amount say together (退款总金额6.60元;含手续费0.04元), is
// taken apart into Gross and Fee. Each 账户结余 but the earliest is a Control, and so is each
// column of the summary. An unknown 业务类型 is an other line.
//
// We assume: amounts are CNY, as the headings say. The file names neither the merchant nor
// which of its accounts (BASIC, OPERATION, FEES) it is of: it is the only WeChat Pay
// provider's in the configuration, and one account of it can be taken in for a day. The
// answer "No Bill Exist" is read as an empty trade bill.
package wechatpay
