package main

// zhStatement is what is said of statements over a period.
var zhStatement = language{
	"%s (%s): owed before %s + sold %s - coupons %s - contract fees %s - received %s + adjusted %s = owed at the end %s": "%s（%s）：期初应收 %s + 账上 %s - 商家优惠 %s - 合同手续费 %s - 到账 %s + 调整 %s = 期末应收 %s",
	"a statement needs a period":                            "对账单需要起止日期",
	"daybook statement --from YYYY-MM-DD [--to YYYY-MM-DD]": "daybook statement --from YYYY-MM-DD [--to YYYY-MM-DD]",
	"nothing was billed in this period":                     "该期间没有账单",
	"only of this merchant id":                              "只看该商户号",
	"only of this provider":                                 "只看该支付机构",
	"only of this store":                                    "只看该门店",
	"What providers billed in a period, by day, and what they owe at its beginning and end": "某期间各支付机构逐日的账单，以及期初、期末应收",
	"A statement over a period: sales, refunds, fees and net by day and provider, for all or for one\nmerchant id or store; and, of whole providers, what they owed before + sold - coupons -\ncontract fees - received + adjusted = what they owe at the end.\n-o csv gives the days alone.": "某期间的对账单：按日和支付机构列出消费、退货、手续费和净额，可限于一个商户号或门店；\n整个支付机构另列：期初应收 + 账上 - 商家优惠 - 合同手续费 - 到账 + 调整 = 期末应收。-o csv 只给出各日。",
}
