// Package bus drives what follows the journal, and carries messages over it.
//
// # Followers
//
// A Follower is given the journal's pages in order, one at a time, until it succeeds.
// Drain brings one follower up to the journal's end and returns; a Bus keeps many of
// them there. Both go the same way: a Watermill router with one handler per follower,
// whose subscriber reads the journal from the follower's own cursor and sends the next
// page only when the one before was acknowledged.
//
//	journal ── pages ──▶ Recoverer ▶ measure ▶ park ▶ Retry ▶ Recoverer ▶ Follower.Apply
//	   ▲                                                                        │
//	   └───────────────── the next page, after Apply returned nil ◀─────────────┘
//
// The bus promises: a page is acknowledged only when Apply returned nil, and no page is
// skipped; when Drain or Run returns, no Apply is running and no goroutine is left; a
// follower that is parked does not hold up the others.
//
// It assumes: a follower's cursor is as durable as its effects, and applying a page
// again has no further effect, because a process may die between the two.
//
// A page that cannot be applied is not published to a poison queue, as Watermill's own
// middleware does, because that acknowledges it, and what follows in order must not go
// past a gap. The follower is parked before the page instead, with the reason, until it
// is told to try again. Being parked is not stored: a new process tries the page anew,
// and arrives at the same place.
//
// # Messages
//
// Publisher and Subscriber are Watermill's Pub/Sub over a journal, for notices and
// integrations: a topic is a stream, or a noun for all streams of that noun. They pass
// Watermill's universal Pub/Sub suite with ConsumerGroups, Persistent, GuaranteedOrder
// and NewSubscriberReceivesOldMessages. They do not claim ExactlyOnceDelivery: a message
// may come twice, with the same UUID.
//
// # Cursors
//
// FileCursor keeps a follower's position in a small file that survives any crash.
package bus
