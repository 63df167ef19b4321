package unionpay

import "daybook/adapters/files"

// Headings of the record ZM.
const (
	code       = "交易代码"
	acquirer   = "代理机构标识码"
	trace      = "系统跟踪号"
	sent       = "交易传输时间"
	card       = "帐号"
	amount     = "交易金额"
	mcc        = "商户类别"
	queryID    = "查询流水号"
	orderNo    = "商户订单号"
	cardKind   = "支付卡类型"
	fee        = "商户手续费"
	settled    = "结算金额"
	kind       = "交易类型"
	originalID = "原交易查询流水号"
	merchant   = "商户代码"
	net        = "清算净额"
	terminal   = "终端号"
	discount   = "优惠金额"
	originalNo = "原始交易订单号"
)

// transactions is the layout of ZM. (parseZMFile; the fields' names in UnionPay's
// all-channel documentation.)
var transactions = files.Columns{
	{Heading: code, Width: 3}, {Heading: acquirer, Width: 11}, {Heading: "发送机构标识码", Width: 11}, {Heading: trace, Width: 6},
	{Heading: sent, Width: 10}, {Heading: card, Width: 19}, {Heading: amount, Width: 12}, {Heading: mcc, Width: 4},
	{Heading: "终端类型", Width: 2}, {Heading: queryID, Width: 21}, {Heading: "支付方式(旧)", Width: 2}, {Heading: orderNo, Width: 32},
	{Heading: cardKind, Width: 2}, {Heading: "原始交易的系统跟踪号", Width: 6}, {Heading: "原始交易日期时间", Width: 10},
	{Heading: fee, Width: 13}, {Heading: settled, Width: 13}, {Heading: "支付方式", Width: 4}, {Heading: "集团商户代码", Width: 15},
	{Heading: kind, Width: 2}, {Heading: "交易子类", Width: 2}, {Heading: "业务类型", Width: 6}, {Heading: "帐号类型", Width: 2},
	{Heading: "账单类型", Width: 4}, {Heading: "账单号码", Width: 32}, {Heading: "交互方式", Width: 1}, {Heading: originalID, Width: 21},
	{Heading: merchant, Width: 15}, {Heading: "分账入账方式", Width: 1}, {Heading: "二级商户代码", Width: 15},
	{Heading: "二级商户简称", Width: 32}, {Heading: "二级商户分账入账金额", Width: 13}, {Heading: net, Width: 13},
	{Heading: terminal, Width: 8}, {Heading: "商户自定义域", Width: 32}, {Heading: discount, Width: 13}, {Heading: "发票金额", Width: 13},
	{Heading: "分期付款附加手续费", Width: 12}, {Heading: "分期期数", Width: 2}, {Heading: "交易介质", Width: 1}, {Heading: originalNo, Width: 32},
}

// certain is how many columns of ZM are the same in every edition.
const certain = 33

// Headings of the record COMN that ZM has not.
const (
	pan       = "主账号"
	sentAt    = "传输时间"
	message   = "报文类型"
	process   = "处理码"
	terminal8 = "终端代码"
	store15   = "受卡方代码"
	retrieval = "检索参考号"
	approval  = "授权码"
)

// institution is the layout of COMN and ACOMN, and the beginning of COMA and ACOMA.
// (Settlement formats 3.5; offsets checked there against real rows.)
var institution = files.Columns{
	{Heading: acquirer, Width: 11}, {Heading: "发送机构标识码", Width: 11}, {Heading: trace, Width: 6}, {Heading: sentAt, Width: 10},
	{Heading: pan, Width: 19}, {Heading: amount, Width: 12}, {Heading: "部分代收承兑金额", Width: 12}, {Heading: "持卡人手续费", Width: 12},
	{Heading: message, Width: 4}, {Heading: process, Width: 6}, {Heading: mcc, Width: 4}, {Heading: terminal8, Width: 8},
	{Heading: store15, Width: 15}, {Heading: retrieval, Width: 12}, {Heading: "服务点条件码", Width: 2}, {Heading: approval, Width: 6},
	{Heading: "接收机构标识码", Width: 11}, {Heading: "原始交易的系统跟踪号", Width: 6}, {Heading: "返回码", Width: 2},
	{Heading: "服务点输入方式", Width: 3}, {Heading: "受理方应收手续费", Width: 12}, {Heading: "受理方应付手续费", Width: 12},
	{Heading: "转接服务费", Width: 12}, {Heading: "单双转换", Width: 1}, {Heading: "卡序列号", Width: 3}, {Heading: "终端读取能力", Width: 1},
	{Heading: "IC卡条件码", Width: 1}, {Heading: "原始交易日期时间", Width: 10}, {Heading: "发卡机构标识码", Width: 11}, {Heading: "地域标志", Width: 1},
	{Heading: "终端类型", Width: 2}, {Heading: "ECI", Width: 2}, {Heading: "分期付款附加手续费", Width: 12}, {Heading: "其他", Width: 14},
}

// whole299 is how many columns of COMN a row must reach into: all but the last, which is
// blanks where an editor has cut them off.
const whole299 = 33

// disputes is the layout of ZME as far as its columns can be told. (parseZMEFile; what
// follows the amounts is not public.)
var disputes = files.Columns{
	{Heading: code, Width: 3}, {Heading: acquirer, Width: 11}, {Heading: "发送机构标识码", Width: 11}, {Heading: trace, Width: 6},
	{Heading: sent, Width: 10}, {Heading: card, Width: 19}, {Heading: amount, Width: 12}, {Heading: mcc, Width: 4},
	{Heading: "终端类型", Width: 2}, {Heading: "支付方式", Width: 2}, {Heading: "原始交易的系统跟踪号", Width: 6},
	{Heading: "原始交易日期时间", Width: 10}, {Heading: "差错原因", Width: 4}, {Heading: "差错金额", Width: 12},
	{Heading: fee, Width: 13}, {Heading: settled, Width: 13}, {Heading: merchant, Width: 15},
}
