package main

// zhCash is what is said of the stores' cash on its way to the bank.
var zhCash = language{
	"%s, cash %s: sold %s + paid in %s - paid out %s + over or short %s = to deposit %s = deposited %s + on its way %s + missing %s (due %s)": "%s 现金 %s：销售 %s + 存入 %s - 支出 %s + 长短款 %s = 应存 %s = 已存银行 %s + 在途 %s + 缺少 %s（应到 %s）",
	"reference: what the bank writes beside the store's deposits is missing":                                                                  "reference：缺少银行在该门店缴款旁写的字样",
	"store %s counted %s to deposit, the bank received %s: %s":                                                                                "门店 %s 清点应存 %s，银行收到 %s：%s",
	"store %s counted %s to deposit, and nothing of it is on the bank statement":                                                              "门店 %s 清点应存 %s，银行对账单上没有任何到账",
	"store %s counted %s to deposit, due on %s, and no bank statement of that day is here":                                                    "门店 %s 清点应存 %s，应于 %s 到账，但该日的银行对账单还没有",
	"the bank received %s with the reference of store %s, more than was counted":                                                              "银行以门店 %[2]s 的字样收到 %[1]s，超过清点数",
	"there is no bank %q": "没有银行 %q",
	"ask the store for the deposit slip; it closes by itself when the bank statement has it; what stays short is booked with: daybook breaks propose ID --how correction --account over_short": "向门店索取缴款单；银行对账单到账后自动结清；确属短款的入账：daybook breaks propose 编号 --how correction --account over_short",
}
