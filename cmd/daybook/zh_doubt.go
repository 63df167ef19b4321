package main

// zhDoubt is what is said of what is missing and not due yet (存疑), and of calendars.
var zhDoubt = language{
	"%q is no stretch of at most sixty days": "%q 不是至多六十天的一段日期",
	"%s (in doubt)":                          "%s（存疑）",
	"%s means something already":             "%s 已有其他含义",
	"%s on its way, expected by %s":          "%s 在途，应于 %s 前到达",
	"calendar: %q is none of %s":             "calendar：%q 不在 %s 之中",
	"days: %d is not between 0 and 60":       "days：%d 不在 0 到 60 之间",
	"expected by":                            "应到日期",
	"in doubt":                               "存疑",
	"in doubt: %d; each closes by itself when it comes, and is a difference from the day on by which it is expected": "存疑：%d 项；到达后自动结清，到应到日期仍未到达则转为差异",
	"take this day for today, YYYY-MM-DD":                                        "以该日为今日，YYYY-MM-DD",
	"the bills come to %s, due on %s, and no bank statement of that day is here": "账单合计 %s，应于 %s 到账，但该日的银行对账单还没有",
	"closed ones, and what is in doubt, too":                                     "包括已平和存疑的",
	"what is missing and not due yet, and by when it is expected":                "尚未到期的缺失款项及其应到日期",

	"List the open differences, oldest day first. Ends with exit code 3 when there are any.\nWhat is missing and may still come is in doubt until the day by which it is expected: --doubt lists it.\nToday is the newest day of which there are sales, bills or bank statements, or the day of --as-of.": "列出未平差异，日期早的在前。有未平差异时以退出码 3 结束。\n缺失但仍可能到达的款项在应到日期之前为存疑：用 --doubt 列出。\n“今日”是已有销售、账单或银行对账单的最新一天，或 --as-of 指定的日期。",
}
