// Package cmb reads the transaction export of China Merchants Bank 招商银行 corporate
// online banking (企业银行, 交易明细). There is no published specification; the layout is the
// one public importers read: one row per movement, GBK or UTF-8, perhaps below rows of
// title; which columns follow 流水号 varies.
//
// 借方金额 is money out, 贷方金额 money in, one of them blank or 0.00; both perhaps with
// thousands separators. 余额 is the balance after the movement.
//
// We promise: money in is a payout line, money out an other line with a negative Net. Day
// is the value date 起息日, or 交易日 where that is missing or blank; At is 交易日 with
// 交易时间. Every balance but each account's earliest becomes a Control; rows may run newest
// first. Counterparty is 收付方名称, Memo joins 摘要, 用途, 业务名称, 业务摘要 and 业务参考号,
// ProviderNo is 流水号, RawKind 交易类型. Of 收付方账号 and 母（子）公司账号 no more than the
// last four characters are kept. A file with several accounts names none in Account.
//
// We assume times are Beijing's, and yuan where 币种 is missing or blank.
package cmb
