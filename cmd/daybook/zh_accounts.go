package main

// zhAccounts is what is said of the accounts that providers keep for a merchant, and of the
// summaries, disputes and institution files of UnionPay.
var zhAccounts = language{
	"this is the summary (账务汇总) of an Alipay account without its detail":                              "这是支付宝账务汇总，缺少明细",
	"import the detail file (账务明细), or the zip that holds both":                                       "请导入账务明细文件，或包含两者的 zip",
	"the archive holds more than the detail and the summary of one Alipay account":                    "压缩包中不止一个支付宝账户的账务明细和汇总",
	"header (账务流水号, 业务流水号, …)":                                                                        "表头（账务流水号、业务流水号……）",
	"the row is not of the period of the file, %s to %s":                                              "该行不在文件的期间 %s 至 %s 之内",
	"what came in is negative":                                                                        "收入金额为负数",
	"it is written as #支出合计：5笔，共-146.38元; download the file again":                                    "应写作 #支出合计：5笔，共-146.38元；请重新下载该文件",
	"the rows of this file have no year, and its name (INDYYMMDD…COMN), which has it, was changed":    "该文件的行中没有年份，而含年份的文件名（INDYYMMDD…COMN）已被更改",
	"give the file its name back":                                                                     "请恢复原文件名",
	"this is not a processing code of six digits":                                                     "这不是六位数字的处理码",
	"this is not a message type of four digits":                                                       "这不是四位数字的报文类型",
	"the table before this one has no row %s":                                                         "前一张表没有“%s”行",
	"the summary is cut short: its last table has no row %s":                                          "汇总表不完整：最后一张表没有“%s”行",
	"the bill is of merchant %s, and the summary beside it of another":                                "账单属于商户 %s，而同包的汇总表属于其他商户",
	"the file is cut short: it does not end in a summary (资金流水总笔数, …)":                                "文件不完整：末尾没有汇总（资金流水总笔数……）",
	"the amount is negative; 收支类型 says which way it went":                                             "金额为负数；收支方向应由“收支类型”表示",
	"this is neither 收入 nor 支出":                                                                       "既不是“收入”也不是“支出”",
	"compare the rows named here, and ask the provider which of its two papers is right":              "请核对此处列出的行，并向支付机构确认两份文件哪一份正确",
	"%s was withdrawn from the account with the provider, the bank received %s: more than that":       "从支付机构账户提现 %s，银行到账 %s：多于提现金额",
	"%s (%s) moved on the account with the provider, and no payment, fee or withdrawal explains it":   "支付机构账户有一笔 %s（%s）的变动，无法用交易、手续费或提现解释",
	"%s was withdrawn from the account with the provider, the bank received %s: %s":                   "从支付机构账户提现 %s，银行到账 %s：相差 %s",
	"%s was withdrawn from the account with the provider, and nothing of it is on the bank statement": "从支付机构账户提现 %s，银行对账单上没有任何到账",
	"%s: the provider says %s here and %s in the bill of the day: %s":                                 "%s：支付机构在此文件中记 %s，在当日账单中记 %s：相差 %s",
	"information": "信息",
	"%s: a part of it is already here for %s, in %s; nothing was imported":        "%s：%s 的部分内容已随 %s 导入；本次未导入任何内容",
	"import either the parts one by one or the archive that holds them, not both": "请逐个导入各部分，或导入包含它们的压缩包，不要两者都导入",
}
