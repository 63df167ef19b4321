package main

// zhApart is what is said of entries, records and actions that are set aside, of clocks, and
// of summaries.
var zhApart = language{
	"%s: the clock of %s said %s on %s: set it right; that day does not count as today": "%[1]s：%[2]s 的时钟在 %[4]s 显示为 %[3]s，请校正；该日不作为今天",
	"the summary has no row %s":                                                                      "汇总中没有 %s 行",
	"the summary speaks of several settlements":                                                      "该汇总涉及多笔结算",
	"import a file for each, or each in one zip with its items":                                      "请分别导入每笔结算的文件，或与其明细打成一个 zip 导入",
	"none of the rows can be read":                                                                   "没有一行可以读取",
	"%d rows cannot be read: this is no file with a few bad rows":                                    "有 %d 行无法读取：这不是个别行有误的文件",
	"row %d, which is or may be of the same receipt, cannot be read":                                 "第 %d 行属于或可能属于同一张小票，而该行无法读取",
	"correct that row":                                                                               "请更正该行",
	"%s: what could not be read of %s is here now":                                                   "%s：%s 中无法读取的内容现已到齐",
	"%s lacks %d of the actions that came with %s, and so does not correct it; nothing was imported": "%[1]s 缺少 %[3]s 带来的 %[2]d 条记录，因此不是它的更正；未导入任何内容",
	"import the whole corrected file; without --correction a file is taken as one of its own":        "请导入完整的更正文件；不加 --correction 则作为独立的文件导入",
	"take files in without the rows that cannot be read, which are kept as evidence":                 "导入文件时跳过无法读取的行，并将其留作凭证",
	"Take in files and reconcile the days they concern. What a file is, is recognised by its\ncontent. Each file is taken whole or not at all; a file that was taken before changes nothing.\nWith --quarantine a file is taken without the rows, entries or actions that cannot be read: they are\nkept as evidence and stand in the way of signing the day until the corrected file is here, which\n--correction puts in its place. Of a till receipt in several rows all are set aside.": "导入文件，并对相关日期重新对账。文件按内容识别。每个文件要么整份导入，要么完全不导入；\n重复导入同一文件没有任何影响。加 --quarantine 时，无法读取的行、分录或收银记录不导入，\n留作凭证；在用 --correction 导入的更正文件替换它之前，该日不能签字。分多行的小票整张隔离。",
}
