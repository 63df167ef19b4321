package main

// zhFees is what is said of contracts, claims and the age of differences.
var zhFees = language{
	"%s: charged too much %s in %d rows, too little %s in %d rows; to claim %s": "%s：多收 %s（%d 行），少收 %s（%d 行）；应追回 %s",
	"--by: %q is none of provider, store, terminal, assignee":                   "--by：%q 不在 provider、store、terminal、assignee 之中",
	"age in days": "账龄（天）",
	"at least":    "起点金额",
	"cap":         "封顶",
	"charged":     "实收",
	"contract":    "合同",
	"differences": "差异",
	"flat":        "固定",
	"in question": "涉及金额",
	"min":         "最低",
	"of":          "对象",
	"rate":        "费率",
	"rounding":    "取整",
	"rounding: %q is none of half_up, half_even, up, down": "rounding：%q 不在 half_up、half_even、up、down 之中",
	"too much":     "多收",
	"with refunds": "退货手续费",

	"Open differences by age, and the money in question": "按账龄列出未平差异及涉及金额",
	"The claim list: every row whose fee is not what the contract gives and that is not settled, with\nthe sums per provider. -o csv gives the rows alone.": "追索清单：手续费与合同不符且未处理的每一行，并按支付机构合计。-o csv 只给出各行。",
	"The fees that the contracts give on a day, in the order in which they are tried":                                                                       "某日有效的合同手续费，按尝试顺序列出",
	"What providers charged more, or less, than the contract gives, row by row":                                                                             "支付机构比合同多收或少收的手续费，逐行列出",
	"day on which the age is taken, YYYY-MM-DD (default: today)":                                                                                            "计算账龄的日期，YYYY-MM-DD（默认今天）",
	"day on which they are in force, YYYY-MM-DD (default: today)":                                                                                           "生效日期，YYYY-MM-DD（默认今天）",
	"last settlement day, YYYY-MM-DD":                                                                                                                       "最后一个结算日，YYYY-MM-DD",
	"provider, store, terminal or assignee":                                                                                                                 "provider、store、terminal 或 assignee",
}
