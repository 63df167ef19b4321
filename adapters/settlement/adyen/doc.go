// Package adyen reads Adyen's settlement details report,
// settlement_detail_report_batch_<N>.csv. (Adyen documentation, "Settlement details
// report": the columns and journal types.)
//
// The file is comma-separated UTF-8 with a header and no footer. Which columns it has and
// in what order is the merchant's choice. Amounts are major units without a sign: Debit
// is what the merchant pays, Credit what it gets, and one of the two is filled. Beside a
// small Gross Credit the net may be a Net Debit, when the fee is above the sale. The fee
// stands in Commission (NC), or in Markup, Scheme Fees and Interchange (NC).
//
// We promise: Net is Net Credit less Net Debit, in the net currency, which is the line's.
// Where the gross currency is the same, Gross is what the file says and Fee what its
// columns add up to, and a row for which they do not tie is refused. Where it is
// another, the fee is the file's, Gross is Net and Fee together, and the amount the payer
// owed stays in Raw. A row of fees without a payment (Fee, InvoiceDeduction, …) has no
// Gross. An unknown Type is an other line that counts in the net.
//
// A MerchantPayout row is a payout line: the money that all others of its batch and
// currency add up to, on its way to the bank. It is checked against them as a Control, and
// must be left out of what is due, which it would bring to nothing.
//
// Merchant Reference is the order number. A refund has its own in Modification Merchant
// Reference, if the merchant gave one, and its own number of Adyen's in Modification
// Reference. What may hold the payer's name or address is dropped: the columns whose
// names begin with Shopper but Shopper Country, the card holder, and Metadata, which holds
// whatever the merchant put there.
//
// We assume: the abbreviations of TimeZone mean what Adyen's list of report time zones
// says (BST is London's, CST Chicago's). A batch is settled as one: its period is the
// days of its payments, and rows booked outside of it count for the nearest of them. A
// file without its last rows can be told from a whole one only by its MerchantPayout.
package adyen
