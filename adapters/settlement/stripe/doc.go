// Package stripe reads Stripe's itemised payout reconciliation report,
// payout_reconciliation.itemized.1 to .5, and the other itemised reports with the same
// core of columns. (Stripe documentation, "Report types": payout reconciliation.)
//
// The file is comma-separated UTF-8 with a header and no footer. Which columns it has is
// the merchant's choice. Amounts are major units with a sign, and net = gross - fee;
// currency is in lower case.
//
// We promise: a row for which gross, fee and net do not tie is refused. A row of fees
// without a payment (fee, tax) has no Gross, and its amount as Fee. Disputes and their
// reversals are chargeback lines, the latter with money coming in. An unknown
// reporting_category is an other line that counts in the net.
//
// A payout row is a payout line: the money that all other rows of the payout and currency
// add up to, on its way to the bank. It is checked against them as a Control, and must be
// left out of what is due, which it would bring to nothing. A payout that came back
// (payout_reversal) is an adjustment: it is owed again.
//
// The order number of a payment is what the till wrote into its metadata (a column
// payment_metadata[order_no], [order_id], [reference] or [transaction_id]), or else its
// description when that is an identifier. A refund names its payment's by the same
// columns, or by charge_id where the payment is in the file. ProviderNo of a payment is
// payment_intent_id, or else source_id; of every other row source_id. The customer's
// columns are dropped.
//
// We assume: created_utc, and created in files without it, is UTC. The file does not say
// whose account it is: Account is empty. A payout is settled as one: the period is the
// days of its payments, and rows booked outside of it count for the nearest of them. A
// file without its last rows can be told from a whole one only by its payout row.
package stripe
