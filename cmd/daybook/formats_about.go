package main

import (
	"daybook/ledger"
)

// about says what a built-in format reads, for people. The formats' own doc.go files say it in
// full; headings and marks stand here as the files spell them.
type about struct {
	what    ledger.Text
	known   ledger.Text   // what it is recognised by
	columns []string      // that are read
	units   ledger.Text   // of amounts
	signs   ledger.Text   // whose view, and where the sign comes from
	zone    ledger.Text   // of times, and what dates a row
	keys    []string      // the fields by which rows are joined with payments
	totals  []ledger.Text // the file's own totals, which are compared
}

func columnsOf(names ...string) []string { return names }

var (
	byHeader   = ledger.Say("two thirds of its headings, in any order")
	major      = ledger.Say("major units with the currency's decimals")
	minor      = ledger.Say("whole minor units")
	yuan       = ledger.Say("yuan with two decimals")
	fen        = ledger.Say("whole fen")
	asPrinted  = ledger.Say("as printed: money to the merchant is positive")
	inAndOut   = ledger.Say("money in and money out have columns of their own")
	creditMark = ledger.Say("unsigned, with a mark for money to the merchant or from it")
	beijing    = ledger.Say("Beijing")
	utc        = ledger.Say("UTC")
	inTheFile  = ledger.Say("as the file states it")
	noTotals   = ledger.Say("the file states none")
	balances   = ledger.Say("every balance after a movement")
	daysOnly   = ledger.Say("none: the file has days only")
)

var abouts = map[string]about{
	"till-ndjson": {ledger.Say("what tills did, one action a line"), ledger.Say("its first line: a JSON object with kind"), columnsOf("kind", "terminal", "seq", "doc", "store", "at", "tenders", "total"),
		major, ledger.Say("unsigned; the kind of the action says the direction"), inTheFile, columnsOf("mid", "tid", "batch", "stan", "rrn", "auth_code", "card", "order_no", "provider_no"), []ledger.Text{noTotals}},
	"pos-csv": {ledger.Say("journal of payment terminals"), byHeader, columnsOf("txn_id", "store_id", "terminal_id", "merchant_id", "tender", "txn_type", "amount_fen", "currency", "local_time", "batch_no", "trace_no", "rrn", "auth_code", "masked_pan", "provider_order_no", "orig_txn_id", "status"),
		minor, ledger.Say("unsigned; the kind of the action says the direction"), ledger.Say("that of the store"), columnsOf("mid", "tid", "batch", "stan", "rrn", "auth_code", "card", "order_no"), []ledger.Text{noTotals}},

	"alipay-trade": {ledger.Say("trade bill of Alipay 支付宝, detail with or without summary"), ledger.Say("its title, or two thirds of its headings"),
		columnsOf("支付宝交易号", "商户订单号", "业务类型", "完成时间", "订单金额(元)", "商家实收(元)", "商家优惠(元)", "退款批次号/请求号", "服务费(元)", "分润(元)"),
		yuan, asPrinted, beijing, columnsOf("order_no", "original_no", "provider_no"), []ledger.Text{ledger.Say("the totals of the last lines, and of the summary beside it")}},
	"wechat-trade": {ledger.Say("trade bill of WeChat Pay 微信支付"), byHeader,
		columnsOf("交易时间", "商户号", "微信订单号", "商户订单号", "交易类型", "交易状态", "货币种类", "应结订单金额", "微信退款单号", "商户退款单号", "退款金额", "手续费", "订单金额", "申请退款金额"),
		major, ledger.Say("the columns say which way the money goes"), beijing, columnsOf("order_no", "original_no", "provider_no"), []ledger.Text{ledger.Say("the totals of the last lines")}},
	"alipay-fund": {ledger.Say("account of the merchant with Alipay 支付宝 (账务明细), with or without summary"), byHeader,
		columnsOf("账务流水号", "业务流水号", "商户订单号", "发生时间", "对方账号", "收入金额(+元)", "支出金额(-元)", "账户余额(元)", "业务类型"),
		yuan, inAndOut, beijing, columnsOf("order_no", "provider_no"), []ledger.Text{balances, ledger.Say("the totals of the last lines, and of the summary beside it")}},
	"wechat-fund": {ledger.Say("account of the merchant with WeChat Pay 微信支付 (资金账单)"), byHeader,
		columnsOf("记账时间", "微信支付业务单号", "资金流水单号", "业务名称", "业务类型", "收支类型", "收支金额(元)", "账户结余(元)", "备注", "业务凭证号"),
		yuan, creditMark, beijing, columnsOf("order_no", "provider_no"), []ledger.Text{balances, ledger.Say("the totals of the last lines")}},
	"allinpay-trade": {ledger.Say("transaction file of Allinpay 通联支付"), byHeader,
		columnsOf("商户号", "终端号", "交易时间", "交易类型", "交易批次号", "凭证号", "参考号", "卡号", "卡类别", "交易金额", "手续费", "交易日期", "交易单号", "订单号", "结算金额", "优惠金额", "分期贴息", "授权码"),
		yuan, ledger.Say("the type of a row gives its sign"), beijing, columnsOf("mid", "tid", "batch", "stan", "rrn", "card", "order_no", "provider_no"), []ledger.Text{noTotals}},
	"unionpay-zm": {ledger.Say("clearing files of UnionPay 银联, all-channel gateway: ZM, ZME and the summary"), ledger.Say("the widths of its columns"),
		columnsOf("交易金额", "商户手续费", "清算净额", "结算金额", "优惠金额", "商户代码"),
		fen, creditMark, beijing, columnsOf("mid", "tid", "stan", "rrn", "card", "order_no", "provider_no"), []ledger.Text{ledger.Say("the tables of the summary beside it")}},
	"unionpay-comn": {ledger.Say("institution files of UnionPay 银联: COMN and ACOMN"), ledger.Say("the widths of its columns"),
		columnsOf("交易金额"),
		fen, ledger.Say("the type of a row gives its sign"), beijing, columnsOf("mid", "tid", "stan", "rrn", "card"), []ledger.Text{noTotals}},
	"adyen-settlement": {ledger.Say("settlement details report of Adyen"), byHeader,
		columnsOf("Merchant Account", "Psp Reference", "Merchant Reference", "Creation Date", "TimeZone", "Type", "Modification Reference", "Gross Debit (GC)", "Gross Credit (GC)", "Net Currency", "Net Debit (NC)", "Net Credit (NC)", "Commission (NC)", "Batch Number"),
		major, inAndOut, inTheFile, columnsOf("auth_code", "order_no", "original_no", "provider_no"), []ledger.Text{ledger.Say("each payout against the rows that it pays")}},
	"stripe-payout": {ledger.Say("payout reconciliation report of Stripe"), byHeader,
		columnsOf("automatic_payout_id", "balance_transaction_id", "created_utc", "currency", "gross", "fee", "net", "reporting_category", "source_id", "charge_id", "payment_intent_id"),
		major, asPrinted, utc, columnsOf("order_no", "original_no", "provider_no"), []ledger.Text{ledger.Say("each payout against the rows that it pays")}},
	"paypal-stl": {ledger.Say("settlement report of PayPal (STL)"), ledger.Say("the records it begins with: RH, FH, SH"),
		columnsOf("Transaction ID", "Invoice ID", "PayPal Reference ID", "Transaction Event Code", "Transaction Completion Date", "Gross Transaction Amount", "Fee Amount"),
		minor, creditMark, inTheFile, columnsOf("order_no", "original_no", "provider_no"), []ledger.Text{ledger.Say("totals and counts of sections, report and file")}},
	"antom-settlement": {ledger.Say("settlement details of Antom and Alipay+"), byHeader,
		columnsOf("customerId", "transactionType", "transactionId", "transactionRequestId", "originalTransactionRequestId", "transactionAmountValue", "settlementAmountValue", "feeAmountValue"),
		minor, asPrinted, inTheFile, columnsOf("order_no", "original_no", "provider_no"), []ledger.Text{ledger.Say("the tables of the summary beside it")}},

	"icbc-corporate": {ledger.Say("account export of ICBC 工商银行"), ledger.Say("its first line: [HISTORYDETAIL]"),
		columnsOf("凭证号", "交易时间", "对方单位", "转入金额", "转出金额", "余额", "用途", "摘要", "附言"), yuan, inAndOut, beijing, nil, []ledger.Text{balances}},
	"ccb-corporate": {ledger.Say("account export of CCB 建设银行"), byHeader,
		columnsOf("账号", "借方发生额（支取）", "贷方发生额（收入）", "余额", "币种", "对方户名", "摘要", "账户明细编号-交易流水号"), major, inAndOut, beijing, columnsOf("provider_no"), []ledger.Text{balances}},
	"cmb-corporate": {ledger.Say("account export of CMB 招商银行"), byHeader,
		columnsOf("账号", "交易日", "交易时间", "起息日", "借方金额", "贷方金额", "余额", "摘要", "流水号", "收付方名称"), major, inAndOut, beijing, columnsOf("provider_no"), []ledger.Text{balances}},
	"abc-corporate": {ledger.Say("account export of ABC 农业银行"), byHeader,
		columnsOf("收入金额", "支出金额", "账户余额", "对方户名", "交易用途"), major, inAndOut, beijing, nil, []ledger.Text{balances}},
	"boc-corporate": {ledger.Say("account export of BOC 中国银行"), byHeader,
		columnsOf("交易货币[ Trade Currency ]", "查询账号[ Inquirer account number ]"), major, asPrinted, beijing, columnsOf("provider_no"), []ledger.Text{balances, ledger.Say("the totals of the first lines")}},
	"camt053": {ledger.Say("bank statement of ISO 20022"), ledger.Say("its element %s", "BkToCstmrStmt"), columnsOf("Ntry", "CdtDbtInd", "AcctSvcrRef"),
		major, creditMark, inTheFile, columnsOf("provider_no"), []ledger.Text{ledger.Say("opening and closing balance, counts and sums")}},
	"camt054": {ledger.Say("notification of movements of ISO 20022"), ledger.Say("its element %s", "BkToCstmrDbtCdtNtfctn"), columnsOf("Ntry", "CdtDbtInd", "AcctSvcrRef"),
		major, creditMark, inTheFile, columnsOf("provider_no"), []ledger.Text{ledger.Say("counts and sums")}},
	"mt940": {ledger.Say("SWIFT customer statement message"), ledger.Say("its field 20, followed by a balance or an entry"), columnsOf("20", "25", "60F", "61", "86", "62F"),
		major, creditMark, ledger.Say("none: the file has days only"), columnsOf("provider_no"), []ledger.Text{ledger.Say("opening and closing balance")}},
	"bai2": {ledger.Say("balance report of banks in North America"), ledger.Say("its first record: 01"), columnsOf("01", "02", "03", "16", "88", "49", "98", "99"),
		minor, ledger.Say("the type of a row gives its sign"), ledger.Say("none: the file has days only"), columnsOf("provider_no"), []ledger.Text{ledger.Say("control totals and counts of every trailer")}},

	"products": {ledger.Say("catalogue: what stores sell, and how it is bought"), ledger.Say("the headings of article number and name, one of barcode, price, cost, supplier or category, and no quantity; English or Chinese"),
		columnsOf("sku", "商品编码", "name", "商品名称", "category", "品类", "unit", "单位", "barcode", "条码", "price", "售价", "cost", "进价", "currency", "币种", "supplier", "供应商", "pack", "箱规", "min_order", "起订量",
			"min_stock", "最低库存", "max_stock", "最高库存", "lead_days", "交货天数", "lead_sd", "交货天数偏差", "service", "服务水平", "class", "分类", "discontinued", "停售", "from", "生效日期"),
		major, ledger.Say("unsigned"), daysOnly, columnsOf("sku", "from"), []ledger.Text{noTotals}},
	"suppliers": {ledger.Say("who goods are ordered from"), ledger.Say("the headings of supplier and lead_days, and none of an article; English or Chinese"),
		columnsOf("supplier", "供应商", "supplier_name", "供应商名称", "lead_days", "交货天数", "lead_sd", "交货天数偏差", "review_days", "订货周期", "order_cost", "订货费用", "currency", "币种", "holding", "持有费率"),
		major, ledger.Say("unsigned"), daysOnly, columnsOf("supplier"), []ledger.Text{noTotals}},
	"stock-documents": {ledger.Say("deliveries, transfers, counts, adjustments, waste, reservations and orders of stores"), ledger.Say("the headings of store and article, and a quantity whose heading says what happened, or kind and qty; English or Chinese"),
		columnsOf("store", "门店", "doc", "单号", "day", "日期", "time", "时间", "sku", "商品编码", "received", "收货数量", "sent", "调出数量", "arrived", "调入数量", "counted", "盘点数量", "adjusted", "调整数量", "wasted", "报损数量",
			"reserved", "预留数量", "released", "释放数量", "ordered", "订货数量", "kind", "类型", "qty", "数量", "cost", "单价", "amount", "金额", "supplier", "供应商", "order", "订单号", "other_store", "对方门店", "due", "到货日期", "reason", "原因", "lot", "批号", "use_by", "保质期至"),
		major, ledger.Say("unsigned, but for adjustments: the heading says the direction"), ledger.Say("that of the store"), columnsOf("store", "kind", "doc"), []ledger.Text{noTotals}},
	"customers-csv": {ledger.Say("customers and what they agreed to; sealed, and taken in by who may (--as)"), ledger.Say("a heading of member, phone or mail and one more that is read, and none that speaks of amounts; English or Chinese"),
		columnsOf("member", "会员号", "phone", "手机", "mail", "邮箱", "name", "姓名", "birthday", "生日", "address", "地址", "marketing", "营销", "personalise", "个性化", "share", "共享", "consent_text", "同意书版本"),
		ledger.Say("none: the file has no amounts"), ledger.Say("none: the file has no amounts"), daysOnly, columnsOf("member", "phone", "mail"), []ledger.Text{noTotals}},
}
