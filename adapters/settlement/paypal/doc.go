// Package paypal reads PayPal's settlement report, STL-YYYYMMDD.NN.VVV.CSV. (PayPal
// settlement report specification: record types, columns and transaction event codes.)
//
// The first cell of each record is its type. A report (RH … RF, RC) lies in a file (FH …
// FF) and holds a section (SH … SF, SC) for each account; CH names the columns of the
// transactions SB, SF and RF hold totals for each currency. Columns are found by CH.
// Amounts are minor units without a point (10000 is 100.00 USD and 10,000 JPY) and without
// a sign: CR is money to the merchant, DR money from it.
//
// We promise: Gross is the gross amount, Fee the fee (CR is a fee given back), Net what is
// left. The code's first digits say what a row is, some codes differ from their group's:
// T1107 is a refund, T1106, T1201 and T1202 are chargebacks. A row of fees without a
// payment (T01, T1108, T1109) has no Gross. An unknown code is an other line. A withdrawal to the
// bank (T04) is a payout line: it pays what the other rows owe, and must be left out of
// what is due. The four totals of SF and RF and the counts of SC, RC and FF become
// Controls. A file that does not end in them is refused as cut short, and so is a report
// that goes on in another file. Consumer ID, the payer, is dropped.
//
// Invoice ID is the order number; on a refund PayPal Reference ID is the payment's own
// number of PayPal's, by which the sale's Invoice ID is found where it is in the file, and
// the refund has no order number of its own. OriginalNo is the sale's.
//
// We assume: the period is that of the sections, in the offset written there, and a row
// completed outside of it counts for the nearest day in it. A fee is in the currency of
// its payment. Sections of several accounts are one bill without an Account.
package paypal
