// Package mt940 reads the SWIFT customer statement message MT940. (SWIFT Standards MT,
// category 9, MT940; for field 86 also the structure with business transaction code and
// subfields ?00 to ?63 of the German banks' DFÜ agreement, appendix 3, chapter 8, and
// the code words between slashes that Dutch banks use.) Messages stand bare or in blocks
// {1:…}{4:…-}; a file may hold several.
//
// Every field 61 with its 86 is one line. Row is the line on which 61 stands. Day is the
// value date, At midnight UTC of the entry date, or of the value date where 61 has none.
// Of an impossible day such as 30 February the last of the month is meant.
//
// We promise: C and RD are money in and a payout line; D, RC and money of nothing are other
// lines; so are EC and ED, which are only expected and move no balance. RawKind is the
// mark and the transaction type. Opening balance and entries against closing balance are
// a Control for every message. A message without closing balance was cut off, and the
// file is refused. Counterparty is ?32 and ?33, /NAME/ or the name in /CNTP/, and where
// nothing marks a name the text itself; Memo is posting text, remittance, reference and
// supplementary details; ProviderNo the bank's reference. Fields we do not know are kept in
// Raw and Memo of the entry before them. Of account numbers in ?31, ?38, /IBAN/ and /CNTP/
// the last four characters are kept, of Raw at most 64 KiB and of Memo 4 KiB.
//
// A field 61 with its 86 stands apart: ParseApart leaves out one that cannot be read. The
// message's closing balance then states more than its lines come to, and the Control says
// by how much. A balance that cannot be read, or an entry outside of both balances, still
// refuses the file.
//
// We assume: pieces of remittance shorter than 27 characters ended there and are joined
// with a blank, full ones without. The period is that of the closing balances and entry
// dates. A file with several accounts names none in Account. MT942, which has no
// balances and repeats what the next MT940 says, is not read.
package mt940
