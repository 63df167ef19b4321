// Package esdbserver serves a ledger.Journal over the EventStoreDB gRPC protocol, so
// that EventStoreDB clients and tools can append to it, read it and subscribe to it.
//
// It serves Streams (Read, Append, BatchAppend, Delete, Tombstone), Gossip and
// ServerFeatures. Persistent subscriptions, projections, users and monitoring answer
// Unimplemented and are not announced.
//
// # What it promises
//
// What the journal promises, through the protocol: an append is answered when it is
// durable; it is atomic; appending an event again under its id writes nothing, for
// ever. Subscriptions go from the past into the present without a gap or a double,
// and a slow one neither slows the others nor is skipped. Checkpoints rise strictly.
//
// # What it assumes
//
// That deletions, tombstones and metadata of streams are written through one server:
// they are events of the journal, but the journal itself does not obey them. Whoever
// reads the journal directly still sees what was deleted here.
//
// # How the protocol's streams lie in the journal
//
//   - The metadata of stream x is the stream $$x, whose last event counts.
//   - A deleted stream has metadata with $tb = 2^63-1.
//   - A tombstone is the last event of its stream, of type $streamDeleted. It is shown
//     with revision 2^63-1.
//   - A position is both commit and prepare position.
//   - The journal keeps no content type: data that are JSON are shown as
//     application/json, all other data as application/octet-stream.
//
// # Where it differs from EventStoreDB
//
// An append whose events the stream holds already succeeds, whatever revision is
// expected; EventStoreDB forgets with age. Regular expressions in filters are Go's:
// look-around is refused. Access control lists are stored, not obeyed: whoever may
// connect may do everything. Nothing is ever scavenged.
package esdbserver
