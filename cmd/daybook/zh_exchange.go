package main

// zhExchange is what is said of money taken in one currency and settled in another.
var zhExchange = language{
	": 1 %s = %s %s":                       "：1 %s = %s %s",
	"exchange rate":                        "汇率",
	"the till says %s, the bill says %s%s": "终端 %s，账单 %s%s",
	"%s, %s: %s is owed again in place of %s (%s), as it was taken back":                                                                "%s，%s：已冲回，应收由 %[4]s 改回 %[3]s（%[5]s）",
	"%s, %s: %s is owed in place of %s (%s)%s":                                                                                          "%s，%s：应收 %s，代替 %s（%s）%s",
	"compare with the signed slip; if the bill is right, accept it: what the till says is then owed no more, and what the bill says is": "与签购单核对；若账单正确，认可即可：不再应收终端记录的金额，改为应收账单的金额",
	"settle it with --how accept: what the till says is then owed no more, and what the bill says is":                                   "用 --how accept 处理：不再应收终端记录的金额，改为应收账单的金额",
	"Propose how to settle a difference. accept: both sides are right and nothing is lost; what another\nprovider settled than the till says is from then on owed by that one, and what was settled in another currency is owed\nin that one (account exchange). correction: one\nside was wrong, it is booked to an account: sales, fees, bank, suspense, over_short. write_off: nobody\nwill pay it. claim: the provider is asked for it, and it stays open until it has paid. Whoever proposes\ncannot approve.": "提出差异的处理办法。accept：双方都对，没有损失；实际由其他支付机构结算的，应收转到该机构名下；以另一币种结算的，应收转为该币种（科目 exchange）。\ncorrection：一方有误，记入科目 sales、fees、bank、suspense 或 over_short。write_off：核销，无人支付。claim：向支付机构追索，付款前保持未平。提出人不能批准。",
}
