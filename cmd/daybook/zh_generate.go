package main

// zhGenerate is the Simplified Chinese of making up days, and of measuring tables with them.
var zhGenerate = language{
	"%d stores are too few for the %d countries of %s":                        "%[1]d 家门店不够 %[3]s 的 %[2]d 个国家",
	"ask for more stores, or for %s":                                          "请增加门店，或改用 %s",
	"a terminal cannot take more than %d payments a day":                      "一台终端一天不能超过 %d 笔付款",
	"ask for more stores or terminals":                                        "请增加门店或终端",
	"nobody said where the files go":                                          "没有说明文件写到哪里",
	"name a new directory with --out":                                         "请用 --out 指定一个新目录",
	"%s holds something already":                                              "%s 里已有内容",
	"making up payments":                                                      "正在生成付款",
	"%d days, %d payments, %d mistakes: %d files of %s in %s":                 "%d 天，%d 笔付款，%d 处错误：%d 个文件，共 %s，位于 %s",
	"%s payments a second of one processor; most memory resident at once: %s": "每个处理器每秒 %s 笔付款；同时驻留的最大内存：%s",
	"take it in with: daybook --data %s --config %s import %s":                "导入：daybook --data %s --config %s import %s",
	"there is no world %q; there are %s and %s":                               "没有世界 %q；有 %s 和 %s",
	"days: %d is not between 1 and %d":                                        "days：%d 不在 1 和 %d 之间",
	"only one day is made up in memory, not %d":                               "内存中只生成一天，不是 %d 天",
}
