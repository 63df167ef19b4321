package main

// zhBalance is what is said of bank statements that do not go on from one another.
var zhBalance = language{
	"this statement begins with %s, and %s ended with %s: %s":                                                                                         "本对账单期初余额 %s，而 %s 的期末余额为 %s：相差 %s",
	"ask the sender for the original, or set control_totals: report for this bank to import it with a break":                                          "请发送方提供原始文件；或为该银行设置 control_totals: report，导入文件并记为差异",
	"import the bank statements between the two; if there are none, ask the bank which balance is right and import the mended file with --correction": "导入两份之间的银行对账单；若没有，请向银行核实余额，并用 --correction 导入更正后的文件",
}
