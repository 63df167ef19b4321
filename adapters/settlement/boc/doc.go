// Package boc reads the transaction export of the Bank of China 中国银行 corporate online
// banking (企业网银, 账户交易明细). There is no published specification; the layout is the one
// public importers read: rows of title with the account and totals, a header in Chinese and
// English such as 交易金额[ Trade Amount ], one row per movement, GBK or UTF-8. Columns that
// nobody asks for may be missing. The common rules are those of settlement-formats.md, 8.4;
// its table does not list this bank.
//
// 交易金额 is one signed amount: + is money in, - money out, perhaps with thousands
// separators. 交易后余额 is the balance after the movement. A row names payer and payee; one
// of them is the account itself.
//
// We promise: money in is a payout line, money out an other line with a negative Net. Day
// is 起息日期, or 交易日期 where that is missing or blank; At is 交易日期 with 交易时间. Every
// balance but the earliest becomes a Control, and so do 借方发生总额 and 贷方发生总额 of the
// title; rows may run newest first. Account is 查询账号 of the title, without it the side of
// the row that the sign says. Counterparty is the other side, of whose account no more than
// the last four characters are kept. Memo joins 摘要, 用途, 交易附言 and 备注, ProviderNo is
// 交易流水号, RawKind 业务类型.
//
// We assume times are Beijing's, and yuan where 交易货币 is missing or blank.
package boc
