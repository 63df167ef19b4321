package main

// zhFiles is what is said of the files that were taken in.
var zhFiles = language{
	"The files that were taken in, newest last": "已导入的文件，最新的在最后",
	"List the files that were taken in, newest last. The days of a till file are those of the sales\nand payments that came from it first.": "列出已导入的文件，最新的在最后。收银文件的日期是最先由它带来的销售和付款的日期。",
	"only files that concern this day, YYYY-MM-DD":           "只列涉及这一天的文件，YYYY-MM-DD",
	"only files of this format, as the list names it":        "只列这种格式的文件，格式名以列表为准",
	"no such files; take some in with: daybook import FILE…": "没有这样的文件；导入文件：daybook import FILE…",
	"sender":      "来源方",
	"replaced by": "被替换为",
	"whole":       "完整",
	"begun":       "未完成",
	"position":    "日志位置",
}
