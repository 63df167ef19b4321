// Package eventlog is the embedded, durable ledger.Journal: one directory, one
// process, on the pebble storage engine.
//
// # What it promises
//
// When Append returns, its events are on disk and will be read back in the same place
// after any crash. An append is wholly there or wholly absent. Positions are 1, 2, 3, …
// without gaps; they stay what they are across restarts, backups and restores. An
// event id is known for ever within its stream. A record that was damaged is reported
// with its place (ErrCorrupt) and never yields a wrong event. After a write or a sync
// has failed, nothing more is written until the log is opened again, because a disk
// that failed once may have dropped what it acknowledged; reading goes on. On a disk
// that runs full, appends are refused early, and opening and reading go on.
//
// # What it assumes
//
// That a write does not damage bytes it does not cover, and that a sync means what it
// says. It does not assume that sectors are written whole or in order.
//
// # How it works
//
// One goroutine, the committer, takes all appends that wait, checks each against its
// stream, writes them as one batch with one sync, and answers them together. What is
// not yet on disk is visible to nobody. Followers read from disk like everybody else
// (what is new is still in the engine's memory), so a slow one costs nothing.
//
// # Files
//
// The directory holds pebble's files and two more:
//
//	ACKNOWLEDGED  the last position acknowledged: two slots of 16 bytes at 0 and 512,
//	              written in turn after every group: position (8), its CRC-32C (4), zero (4).
//	              A log that ends before it has lost its tail, which otherwise
//	              could not be told from one that was never longer.
//	RESERVE       space kept free to open the log on a full disk
//
// # Keys
//
// All numbers are big-endian, so that keys sort in the order in which they are read.
// A stream is known in keys by the position of its first event.
//
//	key                                        value
//	00 "format"                                format version (4), now 1
//	01 position (8)                            record, see below
//	02 stream (8) revision (8)                 position (8)
//	03 stream (8) event id (16)                position (8)
//	04 name of a stream                        stream (8)
//	05                                         kept for the metadata of streams, with deletion marks
//
// The records hold everything; the keys 02, 03 and 04 are indexes that follow from them.
//
// # Record
//
//	offset  bytes  what
//	0       1      record version, now 1
//	1       4      CRC-32C over the position (8 bytes) and everything from offset 5
//	5       8      time of recording, nanoseconds since 1970 UTC
//	13      8      revision
//	21      16     event id
//	37      2      length of the stream's name
//	39      2      length of the type
//	41      4      length of the data; the metadata takes the rest
//	45             name of the stream, type, data, metadata
//
// The checksum covers the place as well as the content, so that a whole record that
// ended up in another place is found out too.
package eventlog
