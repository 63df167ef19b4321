package main

// zhRest is what is said of portions of a long answer, and of the stores' cash in a pack.
var zhRest = language{
	"%d of %d payments and rows that carry %q are shown, %d more come behind": "已显示 %d 笔，共 %d 笔付款和账单行带有 %q，其后还有 %d 笔",
	"--after: %q does not carry this reference":                               "--after：%q 不带有这个编号",
	"--limit is a number from 1, and does not go with --all":                  "--limit 须为不小于 1 的数，且不能与 --all 同用",
	"all of them: daybook explain %s --all; the next ones: --after %s":        "查看全部：daybook explain %s --all；后续部分：--after %s",
	"all payments and rows that carry it, not the first twenty":               "列出带有该编号的全部付款和账单行，而不只是前二十笔",
	"at most so many of them (default: 20 in a table, else all)":              "最多列出的笔数（表格默认 20 笔，其他格式默认全部）",
	"give the id of the last row of the portion before":                       "请给出上一部分最后一行的编号",
	"only those behind this id, the last of the portion before":               "只列出该编号之后的，即上一部分最后一行之后的",
	"Cash to the bank": "现金缴存银行",
	"over or short":    "长短款",
	"paid in":          "其他收入",
	"paid out":         "其他支出",
	"to deposit":       "应缴存",
}
