package main

// zhBench is what is said of measuring a reconciliation.
var zhBench = language{
	"%s, %d processors; a day of %d payments, %d mistakes planted, files of %s":                       "%s，%d 个处理器；一天 %d 笔支付，埋入 %d 处差错，文件共 %s",
	"ClickHouse reads and joins the same files":                                                       "ClickHouse 读取并连接同样的文件",
	"How fast a made-up day is taken in, matched and shown, beside ClickHouse joining the same files": "虚构的一天导入、匹配和呈现的速度，与 ClickHouse 连接同样文件的速度对比",
	"Make up a business day with mistakes in two of a hundred payments, and measure each stage of the way to\nits control sheet: tills, bills, matching, tables. Then have ClickHouse read the same files and join them,\nwhich is the least that anybody could do. The ratio is of the whole way to that. What was found is\ncompared with the answer key. Everything is in a directory of its own, which is removed in the end.": "虚构一个营业日，每百笔支付有两处差错，测量直到对账总表的每个阶段：终端流水、账单、匹配、数据表。\n然后让 ClickHouse 读取同样的文件并连接，这是任何人至少要做的工作；比值为全程与它之比。\n查出的差异与答案对照。一切都在单独的目录中，结束时删除。",
	"bills: read and recorded":                               "账单：读取并记录",
	"leave out --journal and --clickhouse":                   "去掉 --journal 和 --clickhouse",
	"matched, and that recorded":                             "匹配并记录",
	"payments of the day, each of which has a row in a bill": "当天的支付笔数，每笔在账单中有一行",
	"processor seconds":                                      "处理器秒",
	"rows a second":                                          "行/秒",
	"seconds":                                                "秒",
	"stage":                                                  "阶段",
	"take at least 1000 rows":                                "至少取 1000 行",
	"the whole way":                                          "全程",
	"the whole way takes %s times as long as the join":       "全程用时是连接的 %s 倍",
	"tills: read and recorded":                               "终端流水：读取并记录",
	"what is measured is the embedded journal and engine":    "测量的是内置的日志和引擎",
	"written to tables":                                      "写入数据表",
}
