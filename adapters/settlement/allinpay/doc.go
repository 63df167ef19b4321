// Package allinpay reads the transaction file (对账单) of Allinpay 通联支付: one line per
// card or wallet payment, 34 columns told by heading. (Allinpay merchant product
// documentation, document 1403, statement column table.)
//
// 交易批次号 is the terminal's batch, 凭证号 its trace number, 参考号 the retrieval
// reference number. Amounts are yuan. There is no footer. The documentation states
// neither the encoding nor the sign of refunds and voids, so both are detected: the sign
// follows 交易类型 whatever is printed.
//
// We promise: Gross is 交易金额, Net is 结算金额, and Gross less Discount less Fee is Net for
// every row, or the file is refused with the row's number. Types we do not know are kept
// as other lines with the printed sign. 持卡人姓名, 持卡人身份证 and 出金方账户名称 are
// dropped.
//
// We assume: a file that spans up to three days is one settlement, of its latest day (a
// sale just before midnight is completed after it); a longer one is an export in which
// each row has its own day. 优惠金额 is the merchant's when 结算金额 is less by it, and the
// scheme's otherwise. 分期贴息, where 结算金额 is less by it, is part of the fee. 原交易单 is
// Allinpay's number of the original and stays in Raw. A column 授权码, which is not among the
// 34, is the authorisation code where a file has it.
package allinpay
