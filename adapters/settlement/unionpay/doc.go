// Package unionpay reads what UnionPay 银联 sends a merchant of its all-channel gateway
// (全渠道) for each clearing day: the record of transactions INN…ZM_…, alone or in the zip
// <merchant>_<YYYYMMDD>.zip with the file of disputes INN…ZME_… and the printed summary
// RD2010…. (UnionPay all-channel documentation and demo SDK: parseZMFile; the public demo
// bundle.)
//
// A ZM row is 42 columns of fixed width with one blank between them, 607 bytes of GBK.
// Amounts are fen. Fee and net begin with C (to the merchant) or D (from it), or with a
// blank when they are zero; the transaction amount has no sign and takes that of 结算金额.
// Only the columns up to 清算净额 are the same in every edition: a shorter row is refused,
// and what follows them is read as far as it is there.
//
// We promise: Gross is 交易金额, Fee 商户手续费, Net 清算净额; a row for which they do not tie,
// even with 优惠金额 as the merchant's discount, is refused, and with it bills with 分账,
// whose form no public file shows. Each row of the summary's tables whose meaning is
// certain becomes Controls, credit less debit, so that it does not matter whether the
// summary shows both sides or their difference; so does each row 总计, of which the rows of
// its table and the other table's 总计 must be the sum. Rows of the dispute file are numbered
// on from the last row of the transactions: E74 is a refund, E20, E24 and E25 are
// chargebacks, any other code an other line. Account is 商户代码. Cards are masked 4+4 or 6+4; only the latter are kept
// as Card. 商户自定义域 is kept in Raw only.
//
// We assume: times are Beijing's. Rows have no year and no clearing date: both come from
// the summary, or from the file's name INNYYMMDD…ZM_…, which must therefore stay as it is.
// Day is the clearing date for every row; the year of a time is the one that brings it
// nearest to it. A transaction file from which whole rows are missing is told from a whole one
// only by the summary beside it. The settlement amount of a dispute counts in what is due.
//
// Each member may come as a file of its own: the disputes are then a reconcile.DisputeBill;
// a summary is a reconcile.BillSummary, held against the transactions of the same merchant
// and clearing date whenever both are there. A summary that states nothing is the bill of a
// day without transactions. A summary that is alone in its archive is held against no
// transactions, and so refused: the archive has lost them.
//
// NewInstitution reads the files that acquirers and forwarders get, IND…COMN and IND…ACOMN,
// 299 bytes a row. (Settlement formats 3.5.) The kind is that of message type and
// processing code: 0200 00 and 0220 00 pay, 0200 20 voids, 0220 20 gives back, 0420
// reverses either; balance enquiries and rows without an amount are kept as
// reconcile.InfoLine. Any other row is an other line; as nobody says which way its money
// goes, its amount stands in RawKind and adds nothing. What follows the 299 bytes in
// IND…COMA stays in Raw. The file has no merchant fee: Net is Gross, and a provider that
// sends it is configured without fees. Card numbers come whole and are cut to six and four.
// The clearing date is in the file's name alone. Account is 受卡方代码 where the file has one.
package unionpay
