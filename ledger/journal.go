package ledger

import (
	"context"
	"crypto/sha256"
	"fmt"
	"iter"
	"math"
	"strings"
	"time"
)

// StreamID names one history: noun-id, for example "storeday-S001.2026-01-05". The
// noun ends at the first dash (EventStoreDB takes it as the stream's category).
type StreamID string

// Stream joins a noun and the parts of its id with dots.
func Stream(noun string, parts ...string) StreamID {
	return StreamID(noun + "-" + strings.Join(parts, "."))
}

// Noun is the part before the first dash.
func (s StreamID) Noun() string { noun, _, _ := strings.Cut(string(s), "-"); return noun }

// ID is the part after the first dash.
func (s StreamID) ID() string { _, id, _ := strings.Cut(string(s), "-"); return id }

// Position is a place in the whole journal. Positions rise strictly in the order in
// which events became durable and never change; they are not consecutive on every
// journal. Zero is before the first event.
type Position uint64

// Revision is a place in one stream: 0 for its first event, without gaps. As an
// expectation it may also be one of the negative constants.
type Revision int64

const (
	// Any expects nothing.
	Any Revision = -1
	// NoStream expects that the stream has no events.
	NoStream Revision = -2
	// Exists expects that the stream has at least one event.
	Exists Revision = -3

	// LatestRevision and LatestPosition mean the end, for backward reads.
	LatestRevision Revision = math.MaxInt64
	LatestPosition Position = math.MaxUint64
)

// EventID identifies an event for ever, within its stream: appending the same id to
// the same stream again writes nothing.
type EventID [16]byte

// DeriveID makes the id that the same facts always get, so that a replay is
// recognised. (A UUID of version 8 over the first 122 bits of SHA-256, RFC 9562 §5.8;
// parts are length-prefixed, so ("a","bc") and ("ab","c") differ.)
func DeriveID(parts ...string) EventID {
	h := sha256.New()
	for _, part := range parts {
		fmt.Fprintf(h, "%d:%s", len(part), part)
	}
	var id EventID
	copy(id[:], h.Sum(nil))
	id[6] = id[6]&0x0f | 0x80
	id[8] = id[8]&0x3f | 0x80
	return id
}

func (id EventID) String() string {
	return fmt.Sprintf("%x-%x-%x-%x-%x", id[:4], id[4:6], id[6:8], id[8:10], id[10:])
}

// Event is a fact in the form in which it is stored. Data and Meta are JSON. Bytes
// once written never change; what their meaning has become is the Codec's business.
type Event struct {
	ID   EventID
	Type string // noun-past.vN, for example "sale-recorded.v1"
	Data []byte
	Meta []byte
}

// Recorded is an Event with its place. Data and Meta are the stored bytes and must
// not be modified.
type Recorded struct {
	Event
	Stream     StreamID
	Revision   Revision
	Position   Position
	RecordedAt time.Time // the journal's clock, UTC
}

// Metadata says who, from where, why and when. It is stored beside the data.
type Metadata struct {
	Actor       string      `json:"actor"` // who did it: "till:01080301", "importer", "matcher", "user:li.na"
	Origin      *Origin     `json:"origin,omitempty"`
	Correlation string      `json:"correlation,omitempty"` // what it belongs to, for example a file's digest
	Causation   string      `json:"causation,omitempty"`   // the event that led to it
	BusinessDay BusinessDay `json:"business_date"`
	OccurredAt  time.Time   `json:"occurred_at,omitzero"` // the source's clock, with its offset
}

// Origin is the place in a file that an event was read from.
type Origin struct {
	File   string `json:"file"`          // name as it was given
	SHA256 string `json:"sha256"`        // of the file's bytes, in hex
	Row    int    `json:"row,omitempty"` // line number in the file, from 1
}

// Filter selects events by stream name or type. An empty list selects all; otherwise
// one of the prefixes must fit. Both lists must agree.
type Filter struct {
	Streams []string // prefixes of stream names
	Types   []string // prefixes of event types
}

// Admits reports whether the filter lets an event pass.
func (f Filter) Admits(stream StreamID, eventType string) bool {
	return anyPrefix(string(stream), f.Streams) && anyPrefix(eventType, f.Types)
}

func anyPrefix(s string, prefixes []string) bool {
	for _, prefix := range prefixes {
		if strings.HasPrefix(s, prefix) {
			return true
		}
	}
	return len(prefixes) == 0
}

// Query says what to read. With Stream it reads one stream from revision From
// (inclusive), otherwise all streams in position order, after position After
// (exclusive). Backwards reads go down from From (inclusive) or from below After;
// LatestRevision and LatestPosition start at the end.
type Query struct {
	Stream    StreamID
	From      Revision
	After     Position
	Backwards bool
	Limit     int // at most so many events; 0 for all
	Filter
}

// Page is a run of events in position order. Next is the cursor after it: the
// position up to which nothing the filter admits has been left out. A page may be
// empty when the filter passed nothing over a long stretch. CaughtUp is true when, as
// the page was made, the journal had nothing more.
type Page struct {
	Events   []Recorded
	Next     Position
	CaughtUp bool
}

// Journal is the append-only record. Every implementation passes ledgertest.TestJournal.
// All methods may be called from many goroutines.
type Journal interface {
	// Append writes events to the end of stream, all or none, in order and
	// without another event between them in the stream, and returns the position of
	// the last. When it returns, the events survive any crash.
	//
	// If the stream is not at expect it writes nothing and returns an error wrapping
	// ErrConflict. Appending events whose ids the stream already holds writes nothing
	// and returns the position of the last of them, whatever expect says and however
	// long ago it was; a mixture of held and new ids is an ErrConflict.
	Append(ctx context.Context, stream StreamID, expect Revision, events ...Event) (Position, error)

	// Read yields events until the end, the limit or an error, which is yielded last.
	// A stream that does not exist has no events.
	Read(ctx context.Context, query Query) iter.Seq2[Recorded, error]

	// Follow yields pages from after a position on, first the past, then, as they
	// are appended, the new events, without a gap or a double, until ctx ends (whose
	// error is yielded last) or the consumer stops. It yields a page with CaughtUp at least once whenever it
	// reaches the end, even when there was nothing to read.
	Follow(ctx context.Context, after Position, filter Filter) iter.Seq2[Page, error]
}

// Head is the position of the last event, or 0 for an empty journal.
func Head(ctx context.Context, journal Journal) (Position, error) {
	for event, err := range journal.Read(ctx, Query{After: LatestPosition, Backwards: true, Limit: 1}) {
		return event.Position, err
	}
	return 0, nil
}

// MaxAppendBytes bounds the data and metadata of one Append. It leaves room under the
// 1 MiB that an EventStoreDB server accepts by default.
const MaxAppendBytes = 1000 << 10

// MaxNameBytes bounds the name of a stream and that of an event type.
const MaxNameBytes = 1024

// CheckAppend refuses what no journal accepts: a stream or an event without a name,
// an event without an id, names that are too long, an unknown expectation, and more
// than maxBytes of data and metadata. The same id twice in one append is an ErrConflict.
func CheckAppend(stream StreamID, expect Revision, events []Event, maxBytes int) error {
	if stream == "" || len(stream) > MaxNameBytes {
		return Problem("a stream's name has 1 to %d bytes, not %d", MaxNameBytes, len(stream))
	}
	if expect < Exists {
		return Problem("%d is not an expectation about a stream", int64(expect))
	}
	var seen map[EventID]struct{}
	if len(events) > 1 {
		seen = make(map[EventID]struct{}, len(events))
	}
	size := 0
	for i := range events {
		event := &events[i]
		if event.Type == "" || len(event.Type) > MaxNameBytes {
			return Problem("an event's type has 1 to %d bytes, not %d", MaxNameBytes, len(event.Type))
		}
		if event.ID == (EventID{}) {
			return Problem("the event %s has no id", event.Type)
		}
		if seen != nil {
			if _, twice := seen[event.ID]; twice {
				return fmt.Errorf("append to %s: event %s occurs twice: %w", stream, event.ID, ErrConflict)
			}
			seen[event.ID] = struct{}{}
		}
		size += len(event.Data) + len(event.Meta)
	}
	if size > maxBytes {
		return Refuse(Say("%d bytes are more than one append may carry, which is %d", size, maxBytes),
			Say("append them in parts"))
	}
	return nil
}

// CheckExpected returns an ErrConflict unless a stream whose last revision is at
// (-1 for a stream without events) is where a writer expects it.
func CheckExpected(stream StreamID, expect, at Revision) error {
	switch {
	case expect == Any, expect == NoStream && at < 0, expect == Exists && at >= 0, expect >= 0 && expect == at:
		return nil
	case expect == NoStream:
		return fmt.Errorf("append to %s: it exists already, at revision %d: %w", stream, at, ErrConflict)
	case at < 0:
		return fmt.Errorf("append to %s: it has no events: %w", stream, ErrConflict)
	}
	return fmt.Errorf("append to %s: expected at revision %d, is at %d: %w", stream, expect, at, ErrConflict)
}

// CheckHeld says what an append means when some of its events are in the stream
// already: all of them is a replay, which succeeds; a mixture is an ErrConflict.
func CheckHeld(stream StreamID, held, events int) (replay bool, err error) {
	if held > 0 && held < events {
		return false, fmt.Errorf("append to %s: it holds %d of the %d events already: %w", stream, held, events, ErrConflict)
	}
	return held > 0, nil
}

// CheckAfter refuses to follow from beyond the end of a journal: a cursor can only be
// there when the journal was restored from an older backup, and what the follower has
// applied since is no longer in it.
func CheckAfter(after, head Position) error {
	if after > head {
		return Refuse(Say("position %d lies beyond the journal's end, %d", uint64(after), uint64(head)),
			Say("was the journal restored from an older backup? rebuild what follows it"))
	}
	return nil
}
