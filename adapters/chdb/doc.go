// Package chdb is projections.Warehouse on ClickHouse inside this process: chDB, the
// engine as a shared library, reached through the same client (clickhouse-go) and the
// same SQL as a server. There is nothing to install and no port open; cgo is not needed.
//
// Warehouse embeds the one of package clickhouse, which is why this adapter, alone among
// its neighbours, imports another: the two must not differ, so there is one of it. What
// is here is a transport. clickhouse-go speaks HTTP, and this package answers its
// requests from the library without a socket.
//
// What it promises, beyond what package clickhouse does:
//
//   - One process at a time has a directory open; another is told so (ledger.ErrInUse).
//   - Within a process several Warehouses may be open on one directory, but not on two
//     directories at a time. After the last is closed another directory may be opened.
//   - A result comes in chunks of about 1 MB and the next is made when the last is taken,
//     so a long scan needs little memory. Results of statements other than SELECT come
//     whole.
//   - When a context ends, the call returns at once; the statement is killed in the
//     background. Close waits for that. An insert cut off this way is there or not, but
//     not in part (per partition).
//   - Settings sent along with a statement (clickhouse.WithSettings) hold for it alone.
//     The setting log_comment is taken: it names the connection, to kill what it runs.
//   - The library is loaded only if whoever started the process named it, or its bytes
//     are the pinned ones (Locate, Fetch), or the system's administrator installed it.
//
// What it assumes: the tables can be rebuilt from the journal. ClickHouse does not sync
// every part to disk, so power lost may take the last blocks with it; a process killed
// does not (the prototype's kill -9 loop lost no acknowledged block).
//
// Whoever may send SQL may read and write every file this process may, and reach every
// address: the engine has file(), url(), INTO OUTFILE and more, without a server's
// restrictions. Statements that people type belong in clickhouse.ReadOnly, which here
// also refuses the names of all that (fence.go).
//
// Seen with chDB 26.7.3 (ClickHouse 26.7.2) on Linux, amd64:
//
//   - 1,000,000 rows of four columns went in as ten blocks in 0.6 s on two busy cores, and
//     3,000,000 rows of three were read into *any in 1.8 s with 65 MB more memory.
//   - readonly = 1 does not keep a statement from files and addresses; see fence.go.
//   - A connection costs 0.2 ms, the first 0.1 to 0.6 s (and about 200 MB resident, most
//     of it the library). A point query takes 1 ms through the library.
//   - Native blocks are written at protocol revision 0. The client is told so in the
//     answer to its first query, and decodes everything that way.
//   - A SELECT without rows returns no bytes at all, not even a header.
//   - chdb_connect takes an unknown --setting in silence and refuses a bad value by
//     returning NULL, with the reason on standard error. SET reports both, so settings
//     of a statement are SET on a connection that is closed after it.
//   - Only the streaming call refuses several statements in one text, as a server does.
//     Every statement is tried as a stream first; the library turns down all but SELECT
//     before running anything.
//   - A connection whose statement broke off keeps it in system.processes, with its
//     memory, until the next one. Such a connection is closed.
//   - With signal handlers switched off before the first connection, Go's stay in place;
//     the engine adds one for signal 34, which Go does not use.
//   - A streamed insert that is cancelled, or ends inside a block, leaves nothing.
//   - The defaults are clickhouse-local's. implicit_select (an expression is a statement)
//     and introspection functions are switched off, the time zone is UTC.
package chdb
