package main

// zhBanks is what is said of bank exports that come as Excel workbooks.
var zhBanks = language{
	"the Excel workbook has no sheet with anything in it":                                             "Excel 工作簿中没有任何有内容的工作表",
	"the Excel workbook has %d sheets with something in them":                                         "Excel 工作簿中有 %d 个有内容的工作表",
	"save the sheet with the movements as a workbook or CSV file of its own":                          "请将交易明细所在的工作表单独另存为工作簿或 CSV 文件",
	"row %d of the sheet has more than %d columns":                                                    "工作表第 %d 行超过 %d 列",
	"a spreadsheet keeps fifteen digits of a number, so the rest of this one may be lost":             "电子表格只保留数字的前 15 位，该数字其余各位可能已丢失",
	"this is an Excel workbook (.xlsx) that cannot be read: it is damaged or protected by a password": "这是无法读取的 Excel 工作簿（.xlsx）：文件已损坏或受密码保护",
	"download it again, or open it and export it as CSV (UTF-8)":                                      "请重新下载，或打开后导出为 CSV（UTF-8）",
	"open it and save it as XLSX or as CSV (UTF-8), or use the CSV file the provider offers":          "请打开后另存为 XLSX 或 CSV（UTF-8），或使用支付机构提供的 CSV 文件",
	"this is an Excel workbook, and of %s daybook reads the provider's own file only":                 "这是 Excel 工作簿；%s 格式只能导入支付机构的原始文件",
}
