// Package bai2 reads the BAI2 balance report that banks of North America send. (Bank
// Administration Institute, Cash Management Balance Reporting Specifications, version 2;
// since then ASC X9, X9.121 BTRS.) Records 01 file, 02 group, 03 account, 16 transaction,
// 88 continuation, and the trailers 49, 98 and 99.
//
// Every record 16 is one line. Row is the line on which it begins, or, in a file that puts
// several records on one line, the number of the record, in every message too. Day is the
// group's as-of date: the record has no date of its own, but for a value date in the
// funds type V, which Day then is. At is the as-of date and time, which has no zone; a
// time of 2400 or 9999 is the end of the day, 23:59.
//
// We promise: types 100 to 399 are money in and payout lines, 400 to 699 money out and
// other lines; a message (890) and a type of the bank's own (900 and above) say no
// direction and are other lines whose amount is kept in Raw and not in Net. RawKind is the
// type. Every control total, count of accounts or groups, and count of records in 49, 98
// and 99 is a Control; a file in which a trailer is missing was cut off and is refused.
// Amounts have the decimals of the account's currency, the group's, or else dollars.
// Memo is text, customer and bank reference; ProviderNo the bank's reference; the text
// stands for Counterparty, since there is no field for it. Test groups and deletions are
// refused. Of Raw at most 64 KiB are kept and of Memo 4 KiB.
//
// A record 16 with its 88s stands apart: ParseApart leaves out one that cannot be read, and
// its amount with it. The control totals of account, group and file then state more than
// was read, and the Controls say by how much; the numbers of records still tie. A record
// whose code cannot be read may be a header as well as a transaction: the file is refused.
//
// We assume: a text in record 16 may hold commas and slashes; one slash at its end is the
// record's end. A line that begins with no record code continues the one before it. The
// period is that of the groups' as-of dates. A file with several accounts names none in
// Account. The item counts and amounts in 03 other than for the control total are not read.
package bai2
