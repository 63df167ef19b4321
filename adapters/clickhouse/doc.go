// Package clickhouse is projections.Warehouse on a ClickHouse server or cluster, over
// the official client (clickhouse-go). Package chdb puts the same code over the engine
// inside this process.
//
// What it promises:
//
//   - Arguments travel as ClickHouse query parameters, beside the statement and never
//     in it. A quote, a backslash or a semicolon in a value is a character like others.
//   - Insert sends one block. ClickHouse makes one part of it per partition it touches,
//     and a part is there whole or not at all; so a block for one partition is atomic.
//   - A value that does not fit its column is refused with its row, not rounded, cut or
//     wrapped: more decimals than the column keeps, dates a Date cannot hold. Two things
//     are written as ClickHouse's default instead: the zero time.Time (as 1970-01-01),
//     and digits of an instant beyond the column's precision (dropped).
//   - What ClickHouse refuses comes back as *projections.SQLError.
//   - A password is never part of an error, and nothing is logged.
//
// What was seen with clickhouse-go v2.50.0, and is dealt with here:
//
//   - A named parameter whose Go type is a named string is sent with quotes around it,
//     and an instant is sent as seconds since 1970, which a Date parameter misreads. The
//     values are turned into plain types first, with an eye on the parameter's type.
//   - Over HTTP a block whose columns differ in length becomes an empty insert that
//     succeeds. Lengths are compared before anything is sent.
//   - Decimals are cut to the column's scale without a word. They are compared first.
//   - Over HTTP a result without rows has no columns. They are asked for with DESCRIBE,
//     which works for SELECT and WITH; for other statements (SHOW, EXISTS) a result
//     without rows has no column names.
//   - Closing a result early reads it to its end. The query is cancelled first.
//   - An error of the HTTP client carries the whole address, parameter values included.
//     Only its cause is kept.
package clickhouse
