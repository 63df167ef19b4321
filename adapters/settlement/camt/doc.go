// Package camt reads the bank statement camt.053 and the notification camt.054 of ISO
// 20022, versions 2 to 8 and those after them that keep these elements. (ISO 20022
// message definitions camt.053.001 and camt.054.001, part "Bank-to-Customer Cash
// Management".) Elements are matched by local name, the message by BkToCstmrStmt or
// BkToCstmrDbtCdtNtfctn, also inside an envelope.
//
// A Ntry is one movement on the account and becomes one line, however many TxDtls it
// has. Its number in the file, from 1, is the line's Row and the row of every message
// about it: the whole file often stands on one line of text. Day is the value date, or
// the booking date where there is none; At the booking time, at midnight UTC where only
// a date is given. CdtDbtInd is the real direction also when RvslInd is true.
//
// We promise: a booked entry to the credit is a payout line, everything else an other
// line; RawKind is BkTxCd, and before it the status of an entry that is not booked.
// Opening and booked entries against closing balance (OPBD, else PRCD, and CLBD), and the
// counts and sums of TxsSummry, become Controls. Counterparty is the name of the other
// party, Memo joins the references and remittance texts of all TxDtls, ProviderNo is
// AcctSvcrRef. Raw is the Ntry as compact XML, at most 64 KiB of it. Postal and contact
// addresses, private identifications, proxies, and what is read from a card are emptied;
// of the parties' account numbers the last four characters are kept. A document type
// declaration, and with it every entity, is refused; so are elements nested deeper than
// 64 and entries of more than 500,000 elements. Reading streams: memory is bounded by the
// largest entry.
//
// An entry stands apart: ParseApart leaves out one that cannot be read, with all its TxDtls,
// since what a part of it says of money need not be true. The statement keeps its balances
// and sums, which then state more than the lines come to: the Controls say by how much, and
// that is what the entries that were left out move. Balances, period, summary and account
// are the statement's frame; a statement with one of them broken is refused whole.
//
// We assume: an amount with more decimals than its currency counts is a mistake (the
// schema allows five), and refuse it. A statement whose balances are in another currency
// than its entries has no balance Control. A file with the statements of several accounts
// names none in Account. FrToDt is the period, a ToDtTm of midnight meaning the day
// before; without it, the days on which entries are booked and the closing balance is of.
// A camt.054 tells beforehand what a camt.053 says again: configure one of the two for an
// account.
package camt
