// Package abc reads the transaction export of the Agricultural Bank of China 农业银行
// corporate online banking (企业网银, 账户明细). There is no published specification; the
// layout is the one public importers read: 交易时间, 收入金额, 支出金额, 账户余额, 交易行名,
// 对方省市, 对方账号, 对方户名, 交易用途, one row per movement, GBK or UTF-8, perhaps below
// rows of title. The columns 交易行名, 对方省市, 交易用途 and 摘要 may be missing. The common
// rules are those of settlement-formats.md, 8.4; its table does not list this bank.
//
// 收入金额 is money in, 支出金额 money out, one of them blank or 0.00; both perhaps with
// thousands separators. 账户余额 is the balance after the movement.
//
// We promise: money in is a payout line, money out an other line with a negative Net. Day
// and At are 交易时间. Every balance but the earliest becomes a Control; rows may run newest
// first. Counterparty is 对方户名, Memo joins 交易用途, 摘要 and 附言. Of 对方账号 no more than
// the last four characters are kept.
//
// We assume times are Beijing's, and yuan where 币种 is missing or blank. The file numbers
// no movement: ProviderNo is empty. Account is empty unless the file has a column 账号.
package abc
