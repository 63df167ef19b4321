package main

// zhSchema is what is said of the views and of files that answers are written to.
var zhSchema = language{
	"What the tables hold: every view and column, in Markdown": "数据表的内容：以 Markdown 列出每个视图和每一列",
	"Describe every view that queries may rely on: what one of its rows is, and of each column the\ntype, the meaning with its unit, and the events of the journal that it comes from. ClickHouse\nhas the same words as comments. Comments are in English.": "说明每个可供查询依赖的视图：一行代表什么，以及每一列的类型、含义、单位和来源事件。\nClickHouse 中的注释内容相同。注释为英文。",
	"Views of daybook": "daybook 的视图",
	"Minor units are whole numbers of the smallest coin of a currency. A column without _minor shows the same amount as an exact decimal.": "最小货币单位（minor unit）是币种最小面额的整数个数，如分。名称不带 _minor 的列以精确小数表示同一金额。",
	"column":     "列",
	"type":       "类型",
	"meaning":    "含义",
	"comes from": "来源事件",
}
