// Package profile reads the settlement bills that a YAML description, a profile, explains:
// files of acquirers that daybook has no format of its own for, whose columns are divided by a
// separator or stand at fixed places. testdata holds four, and the README a complete example.
//
// A profile says how the file is framed (encoding, separator or places, rows above the header,
// rows to pass over, end mark, totals), which heading holds which fact, how amounts and times are
// written, and what the words of the type column mean. Columns that it does not name stay in
// the raw row, in any order; words of type that it does not know become other lines, which
// reconciliation reports one by one.
//
// We promise: every row between header and end mark becomes a line, or the file is refused
// with row, column and value; Gross less Discount less Fee is Net for every line; a total that
// the profile expects and the file does not have is an error; a profile that contradicts
// itself is refused with the key, the value and what to do. No profile and no file makes it
// panic. Columns whose heading says that they hold a name, an identity number, a telephone
// number or card security data are emptied whether the profile names them or not.
//
// We assume: the file is one table in one part, with one header or none; every row has its own
// currency or the file has one; a row's day is the business day the acquirer counts it to, not
// the one on which it pays.
package profile
