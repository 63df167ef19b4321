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
// # The endpoint
//
// Endpoint answers strangers over ClickHouse's HTTP interface. They may read the views they
// are shown, and nothing else. The engine gives no help with that: it has one user, who may
// do everything, neither grants nor EXECUTE AS work in it (seen with 26.7.3), and readonly
// = 1 leaves files and addresses open. These walls stand in the way of a statement, each
// behind the one before; what stops an attack stands in the first that names it:
//
//   - The token, compared in constant time, given once and in one place. Without it
//     nothing but /ping is answered.
//   - Settings that come along are taken from a list: those that change how an answer
//     looks, and limits, downwards only. Others that clients send are without effect and
//     ignored; any else is refused (164). No schema file, template or dialect can be named.
//   - The statement is one, of a class that reads (chdb_classify_query_n). This stops every
//     write, SET, SYSTEM, KILL, USE and what follows a semicolon or PARALLEL WITH. A
//     statement that does not parse is never put behind EXPLAIN, which would run what
//     follows it; the message comes from formatQuery, to which it is a text.
//   - Its tree, as the engine's own parser makes it (EXPLAIN AST, parameters put in), has
//     nothing but listed kinds of nodes, functions and tables. This stops table functions
//     (file, url, s3, remote, executable, merge, input, view, loop …), functions that reach
//     out or tell of the server (file, dictGet, joinGet, getSetting, hostName …), SETTINGS,
//     INTO OUTFILE, APPLY, EXPLAIN in FROM, other databases, and the tables behind the
//     views. Quotes, escapes and comments make no difference: there is no second reading
//     of the text that could differ. Names in a tree that people choose could hold line
//     ends and look like nodes; so nothing is allowed because of where its line stands
//     among others, and such a line can only add reasons to refuse.
//   - A name that is neither called nor read from can be a function's (arrayMap(file, …))
//     or, behind IN, a table's. When the statement has a function that takes functions, no
//     closed one may be mentioned anywhere; when it has an IN, no table behind the views.
//   - system.tables and a dozen more are copies that hold the views only, made when the
//     endpoint opens. They are not views on the engine's tables: a condition could be tried
//     on rows a view leaves out, and its error would tell of them.
//   - The names of fence.go stand nowhere outside text literals, unless they are columns of
//     the views. This wall reads the text by itself (tokens.go), as the second.
//   - The engine runs it with readonly = 1, allow_ddl = 0 and the limits of time, memory and
//     rows, which readonly = 1 keeps from being changed. A statement is killed when its
//     time is over or its client gone, bytes are counted as they go out, and statements
//     beyond a number wait or are turned away.
//   - An error loses paths, the guesses at what was meant, and what a view is made of.
//
// The engine streams each chunk as a document of its own. Of formats with a head, the
// heads after the first are taken off; formats that are one document (JSON, Parquet) are
// made whole, within the limit of memory. An error after the first bytes is written as
// ClickHouse does since 25.11, between marks that a header announces. The protocol revision
// of Native is 0 throughout. Sessions, roles and external tables are not there.
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
