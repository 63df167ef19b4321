// Package simulator makes up days of a retailer: what the tills reported, the bills of
// acquirers, wallets and gateways, the merchant's accounts with them, the bank statements of
// the next morning, what came into the shelves and out of them, the mistakes hidden in them,
// and the answer keys.
//
// Shanghai is one city with a card acquirer, two wallets and a bank. Everywhere has five
// countries and each form that daybook reads.
//
// It promises that the same options give the same bytes; that every file has the form
// its issuer publishes, with footers that tie; that the keys name every planted mistake
// and no other difference exists; that no payment carries two mistakes; that no
// output holds a full card number; and that memory is bounded by the day of a few terminals
// (a cell) and what is on the shelves of the stores, however many payments and days are asked
// for: files grow row by row, cell by cell. Rows therefore stand
// store by store, and by time within; no form asks for more.
//
// It knows the files from their published layouts only and shares no code with the
// formats that read them, so that agreement between the two says something.
//
// Beside the mistakes a day holds what merely looks wrong: declined attempts, time-outs
// that came to nothing or were answered, reversals, voids that were never settled, sales
// in training mode, coupons, partial refunds, refunds of earlier days, card lines without
// retrieval number or trace, and wallet orders settled in two parts. Equal amounts and
// equal times are frequent.
package simulator
