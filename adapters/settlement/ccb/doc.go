// Package ccb reads the transaction export of China Construction Bank 建设银行 corporate
// online banking (企业网银, 账户明细). There is no published specification; the layout is the
// one public importers read: 18 columns, one row per movement, GBK or UTF-8, perhaps
// below rows of title.
//
// 借方发生额（支取） is money out, 贷方发生额（收入） money in, one of them blank or 0.00; both
// perhaps with thousands separators. 余额 is the balance after the movement. Numbers may
// end in a tab, which keeps spreadsheets from rounding them.
//
// We promise: money in is a payout line, money out an other line with a negative Net. Day
// is 记账日期, At is 交易时间. Every balance but each account's earliest becomes a Control;
// rows may run newest first. Counterparty is 对方户名, Memo joins 摘要, 备注 and 企业流水号,
// ProviderNo is 账户明细编号-交易流水号. Of 对方账号 and 关联账户 no more than the last four
// characters are kept. A file with several accounts names none in Account.
//
// We assume times are Beijing's, and yuan where 币种 is missing or blank.
package ccb
