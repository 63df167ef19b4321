// Package esdb is the ledger.Journal of an EventStoreDB or KurrentDB cluster.
//
// # What it promises
//
// What ledger.Journal promises, with two limits that the server sets, below. Every call
// ends: it has a deadline, and when its context ends it returns, whatever the server
// and the client do. When the connection is lost, calls find the leader again, and
// Follow goes on from the last position it has yielded. Nothing that a server sends
// ends or panics the process.
//
// # How it uses the client
//
// Appends go through the client. Reads go through the client's published protocol
// instead, because the client's own reader ends the process at an event without a time,
// and panics at a message it does not know. The client is only ever given the address of
// one node, the leader, which is found here: its own discovery leaves callers hanging
// when it fails. It is never closed while a call may be using it, since it would panic.
//
// # What it leaves out
//
// System streams and events, those whose name or type begins with "$".
//
// # What it assumes
//
// A server of version 23.10 or newer, which says when a subscription has caught up.
// Nobody deletes or truncates the streams of the ledger. A position is the commit
// position, which on these servers is the prepare position too.
//
// A real server remembers ids of events only for some time, so that:
//
//   - Appending events again with Any, long after, writes them twice. Expect a revision.
//   - Appending events again that are not where the expectation says is recognised by
//     reading the stream, which takes its time on a long one.
package esdb
