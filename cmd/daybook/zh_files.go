package main

// zhFiles is what is said of the files that were taken in.
var zhFiles = language{
	"The files that were taken in, newest last": "已导入的文件，最新的在最后",
	"List the files that were taken in, newest last. The days of a till file are those of the sales\nand payments that came from it first.": "列出已导入的文件，最新的在最后。收银文件的日期是最先由它带来的销售和付款的日期。",
	"only files that concern this day, YYYY-MM-DD":           "只列涉及这一天的文件，YYYY-MM-DD",
	"only files of this format, as the list names it":        "只列这种格式的文件，格式名以列表为准",
	"no such files; take some in with: daybook import FILE…": "没有这样的文件；导入文件：daybook import FILE…",
	"replaced by": "被替换为",
	"whole":       "完整",
	"begun":       "未完成",
	"position":    "日志位置",

	"%d files are called %q":                                                   "有 %d 个文件叫 %q",
	"%s row %d, journal position %d":                                           "%s 第 %d 行，日志位置 %d",
	"--line N, several times for several rows":                                 "--line N，可重复给出多行",
	"daybook files shows them; name one by the beginning of its SHA-256":       "用 daybook files 查看；可用 SHA-256 的开头指明",
	"row %d of %s was not kept: it is a heading, a total, blank, or not there": "%[2]s 的第 %[1]d 行没有保留：它是列名、合计、空行，或不存在",
	"say which rows are meant":                                                 "请指明行号",
	"the rows that were kept: daybook query \"SELECT row, raw FROM fct_settlement_lines WHERE statement = '%s'\"": "保留的行：daybook query \"SELECT row, raw FROM fct_settlement_lines WHERE statement = '%s'\"",
	"Rows of a file as they came, with the place of each in the journal":                                          "文件中的原始行及各行在日志中的位置",
	"Show rows of a file that was taken in: of bills and bank statements as they stood in the file, decoded,\nwith personal columns emptied and card numbers cut; of till files the actions. The id is the\nbeginning of the file's SHA-256. Ends with exit code 2 when a row was not kept.": "显示已导入文件的行：账单和银行对账单为文件中的原文（已解码，个人信息列清空，卡号截断），\n终端流水为各条记录。编号为文件 SHA-256 的开头。所指的行未保留时以退出码 2 结束。",
	"row of the file, from 1; may be given several times": "文件的行号，从 1 起；可重复给出",
}
