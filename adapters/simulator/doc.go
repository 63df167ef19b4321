// Package simulator makes up a business day of a retailer in Shanghai: what the tills
// reported, the bills of one card acquirer and two wallets, the bank statement of the
// next morning, the mistakes hidden in them, and the answer key.
//
// It promises that the same options give the same bytes; that every file has the form
// its issuer publishes, with footers that tie; that the key names every planted mistake
// and no other difference exists; that no payment carries two mistakes; and that no
// output holds a full card number.
//
// It knows the files from their published layouts only and shares no code with the
// formats that read them, so that agreement between the two says something. Its one
// dependency on the reading side is till.Encode, which writes the till's own form.
//
// Beside the mistakes a day holds what merely looks wrong: declined attempts, time-outs
// that came to nothing or were answered, reversals, voids that were never settled, sales
// in training mode, coupons, partial refunds, refunds of earlier days, card lines without
// retrieval number or trace, and wallet orders settled in two parts. Equal amounts and
// equal times are frequent.
package simulator
