// Package antom reads the settlement details of Antom and Alipay+, settlementItems_….csv,
// alone or in a zip with their settlementSummary_….csv. (Antom documentation, "Settlement
// reports".)
//
// Both files are comma-separated UTF-8 with a header, rows in no promised order of
// columns, and a last line <END>: a file without it is incomplete and refused. Amounts
// are whole numbers of the currency's smallest unit (725 USD is 7.25), negative on
// refunds; a fee is negative when it is charged.
//
// We promise: a line is in the settlement currency. Net is settlementAmountValue, Fee what
// feeAmountValue takes off it, Gross both together. Where the payer paid in the
// settlement currency, Gross is transactionAmountValue, and a row for which the three do
// not tie is refused. An amount in another currency stays in Raw. Rows TOTAL, PAYMENT, REFUND
// and CAPTURE of the summary become Controls: count, settlement amount and fee.
//
// transactionRequestId (or else referenceTransactionId) is the order number,
// originalTransactionRequestId the sale's on a refund, transactionId the provider's own
// number. Account is customerId, the merchant. An unknown transactionType is an other line.
//
// A summary that came as a file of its own is a reconcile.BillSummary of its settlementTime's
// day, whose rows are kept and move no money. Its TOTAL is held against the items that bear its
// settlementBatchId, when they are there. It is refused when it speaks of several batches.
//
// We assume: values are in the smallest unit, as every example of the documentation is. A
// batch is settled as one: the period is the days of its payments, in the offset written
// there, and rows outside of it count for the nearest of them. A day without transactions
// names no day.
package antom
