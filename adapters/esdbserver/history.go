package esdbserver

import (
	"context"
	"encoding/json"
	"fmt"
	"hash/maphash"
	"math"
	"strings"
	"sync"
	"time"

	"daybook/ledger"
)

const (
	metadataType  = "$metadata"
	tombstoneType = "$streamDeleted"
	linkType      = "$>"

	metadataPrefix = "$$"
	allStreams     = "$all"

	// noMore is the $tb of a deleted stream, and the revision under which a tombstone
	// is shown.
	noMore ledger.Revision = math.MaxInt64
)

func metadataStream(stream ledger.StreamID) ledger.StreamID { return metadataPrefix + stream }

func isMetadataStream(stream ledger.StreamID) bool {
	return strings.HasPrefix(string(stream), metadataPrefix)
}

// tombstone is the event that ends a stream for ever. Its id tells it from an event
// that somebody only gave its type.
func tombstone(stream ledger.StreamID) ledger.Event {
	return ledger.Event{ID: ledger.DeriveID("tombstone", string(stream)), Type: tombstoneType, Data: []byte(`{}`)}
}

func isTombstone(event ledger.Recorded) bool {
	return event.Type == tombstoneType && event.ID == tombstone(event.Stream).ID
}

// streamMetadata is what of a stream's metadata decides which events are kept.
type streamMetadata struct {
	MaxCount *int64           `json:"$maxCount"`
	MaxAge   *int64           `json:"$maxAge"` // seconds
	Before   *ledger.Revision `json:"$tb"`     // the first revision kept
}

// history is what is to be known about a stream before touching it.
type history struct {
	stream     ledger.StreamID
	last       ledger.Revision // -1 without events
	tombstoned bool

	metadata   streamMetadata
	metadataAt ledger.Revision // the revision of the metadata, -1 without
	raw        []byte          // the metadata as they were written
}

// look reads a stream's end and its metadata.
func (s *streamsServer) look(ctx context.Context, stream ledger.StreamID) (history, error) {
	h := history{stream: stream, last: -1, metadataAt: -1}
	last, found, err := s.lastOf(ctx, stream)
	if err != nil {
		return h, err
	}
	if found {
		h.last, h.tombstoned = last.Revision, isTombstone(last)
	}
	if isMetadataStream(stream) {
		// Of metadata only the latest counts. (EventStoreDB: a built-in $maxCount of 1.)
		one := int64(1)
		h.metadata.MaxCount = &one
		return h, nil
	}
	last, found, err = s.lastOf(ctx, metadataStream(stream))
	if err != nil || !found {
		return h, err
	}
	h.metadataAt, h.raw = last.Revision, last.Data
	if json.Unmarshal(last.Data, &h.metadata) != nil {
		// EventStoreDB takes metadata it cannot read for none.
		h.metadata = streamMetadata{}
	}
	return h, nil
}

func (s *streamsServer) lastOf(ctx context.Context, stream ledger.StreamID) (ledger.Recorded, bool, error) {
	query := ledger.Query{Stream: stream, From: ledger.LatestRevision, Backwards: true, Limit: 1}
	for event, err := range s.journal.Read(ctx, query) {
		return event, err == nil, err
	}
	return ledger.Recorded{}, false, nil
}

// deleted reports whether the stream was deleted and not written to since.
func (h history) deleted() bool { return h.metadata.Before != nil && *h.metadata.Before == noMore }

// exists is what a writer who expects an existing stream asks for.
func (h history) exists() bool { return !h.deleted() && (h.last >= 0 || h.metadataAt >= 0) }

// firstKept is the first revision that is shown, as far as age does not matter.
func (h history) firstKept() ledger.Revision {
	first := ledger.Revision(0)
	if h.metadata.Before != nil {
		first = max(first, *h.metadata.Before)
	}
	if count := h.metadata.MaxCount; count != nil && *count > 0 {
		first = max(first, h.last-ledger.Revision(*count)+1)
	}
	return first
}

// notBefore is when the oldest event that is shown was recorded.
func (h history) notBefore(now time.Time) time.Time {
	age := h.metadata.MaxAge
	if age == nil || *age <= 0 || *age > int64(math.MaxInt64/time.Second) {
		return time.Time{}
	}
	return now.Add(-time.Duration(*age) * time.Second)
}

// withBefore is the metadata with another $tb and all else as it was.
func withBefore(raw []byte, before ledger.Revision) []byte {
	properties := map[string]json.RawMessage{}
	if json.Unmarshal(raw, &properties) != nil || properties == nil {
		properties = map[string]json.RawMessage{}
	}
	properties["$tb"] = fmt.Append(nil, int64(before))
	data, err := json.Marshal(properties)
	if err != nil { // every part of it has just been parsed
		return raw
	}
	return data
}

// metadataEvent makes the event that replaces the metadata at a revision.
func metadataEvent(h history, data []byte) ledger.Event {
	return ledger.Event{
		ID:   ledger.DeriveID("metadata", string(h.stream), fmt.Sprint(h.metadataAt), string(data)),
		Type: metadataType, Data: data,
	}
}

// stripes keep appends to a stream, which may go on together, apart from what deletes
// or revives it.
type stripes struct {
	seed  maphash.Seed
	locks [64]sync.RWMutex
}

func (s *stripes) of(stream ledger.StreamID) *sync.RWMutex {
	name := strings.TrimPrefix(string(stream), metadataPrefix)
	return &s.locks[maphash.String(s.seed, name)%uint64(len(s.locks))]
}
