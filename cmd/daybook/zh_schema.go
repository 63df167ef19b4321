package main

// zhSchema is what is said of the views and of files that answers are written to.
var zhSchema = language{
	"What the tables hold: every view and column, in Markdown": "数据表的内容：以 Markdown 列出每个视图和每一列",
	"Describe every view that queries may rely on: what one of its rows is, and of each column the\ntype, the meaning with its unit, and the events of the journal that it comes from. ClickHouse\nhas the same words as comments. Comments are in English.": "说明每个可供查询依赖的视图：一行代表什么，以及每一列的类型、含义、单位和来源事件。\nClickHouse 中的注释内容相同。注释为英文。",
	"Version %d of the names. Views and columns may be added; one that is renamed, removed or means something else raises the version.":                                                                                                                      "名称版本 %d。视图和列可能增加；改名、删除或改变含义时，版本号增加。",
	"Views of daybook": "daybook 的视图",
	"Minor units are whole numbers of the smallest coin of a currency. A column without _minor shows the same amount as an exact decimal.": "最小货币单位（minor unit）是币种最小面额的整数个数，如分。名称不带 _minor 的列以精确小数表示同一金额。",
	"column":     "列",
	"type":       "类型",
	"meaning":    "含义",
	"comes from": "来源事件",

	// Answers in files.
	"Ask the tables, in ClickHouse SQL, read-only. With --to the answer goes to a file: -o xlsx for\na spreadsheet, -o parquet, -o csv or -o json. Text that a spreadsheet would take for a formula stays text:\nin a CSV file it gets an apostrophe in front, on standard output it is left as it is.": "用 ClickHouse SQL 查询数据表（只读）。--to 将结果写入文件：-o xlsx 为电子表格，也可用 -o parquet、-o csv 或 -o json。\n电子表格会当作公式的文本仍保持为文本：CSV 文件中在其前加撇号；标准输出则原样不变。",
	"file to write the answer to; needs -o xlsx, parquet, csv or json":                       "写入结果的文件；须配合 -o xlsx、parquet、csv 或 json",
	"replace the file that is there":                                                         "替换已有的文件",
	"--force says to replace a file, and no file is named":                                   "--force 表示替换文件，但未指定文件",
	"name the file with --to":                                                                "请用 --to 指定该文件",
	"name a file with --to":                                                                  "请用 --to 指定一个文件",
	"Parquet is not for a screen":                                                            "Parquet 不能显示在屏幕上",
	"two columns of the answer are called %s":                                                "结果中有两列都叫 %s",
	"give one of them another name with AS":                                                  "请用 AS 给其中一列另取名称",
	"a spreadsheet is not for a screen":                                                      "电子表格不能显示在屏幕上",
	"a table is for the screen, not for a file":                                              "table 仅用于屏幕显示，不能写入文件",
	"add -o xlsx, -o parquet, -o csv or -o json":                                             "请加上 -o xlsx、-o parquet、-o csv 或 -o json",
	"make it first, or name another with --to":                                               "请先创建该目录，或用 --to 指定其他目录",
	"%s is not a file":                                                                       "%s 不是文件",
	"%s is there already":                                                                    "%s 已存在",
	"name another file with --to, or add --force to replace it":                              "请用 --to 指定其他文件，或加 --force 替换它",
	"%s is written, rows: %d":                                                                "已写入 %s，共 %d 行",
	"a spreadsheet holds %d rows, and there are more":                                        "电子表格最多 %d 行，结果超出此数",
	"add a LIMIT to the statement, or take -o csv":                                           "请在语句中加 LIMIT，或改用 -o csv",
	"row %d, column %s: a cell of a spreadsheet holds %d characters, and this text has more": "第 %d 行 %s 列：电子表格的单元格最多 %d 个字符，此文本超出",
	"leave the column out, cut it with substring(), or take -o csv":                          "请去掉该列，用 substring() 截短，或改用 -o csv",
}
