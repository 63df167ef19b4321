// Package icbc reads the transaction export of ICBC 工商银行 corporate online banking
// (企业网上银行, 历史明细). There is no published specification; the layout is the one
// public importers read: a first line [HISTORYDETAIL], a header, one row per movement.
//
// 转入金额 is money in, 转出金额 money out, one of them blank or 0.00; both in yuan, perhaps
// with thousands separators. 余额 is the balance after the movement. GBK or UTF-8.
//
// We promise: money in is a payout line, money out an other line with a negative Net.
// Every balance but the earliest becomes a Control: the balance before, plus in, less
// out. Rows may run newest first, and those of a day in any order
// (settlement.RunningBalance). Counterparty is 对方单位, Memo joins 用途, 摘要 and 附言.
// Of 对方账号 no more than the last four characters are kept.
//
// We assume amounts are CNY and times Beijing's. The file does not say whose account it
// is: Account is empty, and the period is that of its rows.
package icbc
