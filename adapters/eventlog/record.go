package eventlog

import (
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"math"
	"time"

	"daybook/ledger"
)

// ErrCorrupt: stored bytes are not what was written. The message names the place.
var ErrCorrupt = ledger.ErrCorrupt

const (
	recordVersion = 1
	checkedFrom   = 1 + 4 // everything from here on is under the checksum
	recordHead    = checkedFrom + 8 + 8 + 16 + 2 + 2 + 4
)

var castagnoli = crc32.MakeTable(crc32.Castagnoli)

func recordSize(stream ledger.StreamID, event *ledger.Event) int {
	return recordHead + len(stream) + len(event.Type) + len(event.Data) + len(event.Meta)
}

// putRecord fills b, which has the record's size. key is the record's position key.
func putRecord(b, key []byte, stream ledger.StreamID, event *ledger.Event, revision ledger.Revision, at time.Time) {
	b[0] = recordVersion
	binary.BigEndian.PutUint64(b[5:], uint64(at.UnixNano()))
	binary.BigEndian.PutUint64(b[13:], uint64(revision))
	copy(b[21:37], event.ID[:])
	binary.BigEndian.PutUint16(b[37:], uint16(len(stream)))
	binary.BigEndian.PutUint16(b[39:], uint16(len(event.Type)))
	binary.BigEndian.PutUint32(b[41:], uint32(len(event.Data)))
	rest := b[recordHead:]
	rest = rest[copy(rest, stream):]
	rest = rest[copy(rest, event.Type):]
	rest = rest[copy(rest, event.Data):]
	copy(rest, event.Meta)
	binary.BigEndian.PutUint32(b[1:], recordSum(b, key))
}

// recordSum covers the position in the key and the record behind the checksum.
func recordSum(b, key []byte) uint32 {
	return crc32.Update(crc32.Checksum(key[1:positionKeySize], castagnoli), castagnoli, b[checkedFrom:])
}

// record is a stored record whose checksum is right. Its fields point into the
// engine's memory and are gone when the iterator moves on.
type record struct {
	at         int64
	revision   ledger.Revision
	id         ledger.EventID
	stream     []byte
	eventType  []byte
	data, meta []byte
}

// openRecord checks a record against its checksum and its place. key is its position key.
func openRecord(b, key []byte) (record, error) {
	position, _ := positionOf(key)
	if len(b) < recordHead || b[0] != recordVersion {
		return record{}, fmt.Errorf("event %d: record of %d bytes has an unknown form: %w", position, len(b), ErrCorrupt)
	}
	if binary.BigEndian.Uint32(b[1:]) != recordSum(b, key) {
		return record{}, fmt.Errorf("event %d: record does not have its checksum: %w", position, ErrCorrupt)
	}
	stream, eventType, data := int(binary.BigEndian.Uint16(b[37:])), int(binary.BigEndian.Uint16(b[39:])), int(binary.BigEndian.Uint32(b[41:]))
	rest := b[recordHead:]
	revision := binary.BigEndian.Uint64(b[13:])
	if stream+eventType+data > len(rest) || revision > math.MaxInt64 {
		return record{}, fmt.Errorf("event %d: record's lengths do not add up: %w", position, ErrCorrupt)
	}
	r := record{
		at:        int64(binary.BigEndian.Uint64(b[5:])),
		revision:  ledger.Revision(revision),
		stream:    rest[:stream],
		eventType: rest[stream : stream+eventType],
		data:      rest[stream+eventType : stream+eventType+data],
		meta:      rest[stream+eventType+data:],
	}
	copy(r.id[:], b[21:37])
	return r, nil
}

// A shelf copies records out of the engine's memory. The bytes of many events share
// one allocation, and names that come again share one string.
type shelf struct {
	free        []byte
	names       map[string]string
	stream, typ string // the names of the last event
}

const (
	shelfBytes = 32 << 10 // the largest size for which the allocator keeps free pieces at hand
	shelfNames = 4096
)

func (s *shelf) put(r record, position ledger.Position) ledger.Recorded {
	if s.stream != string(r.stream) {
		s.stream = s.name(r.stream)
	}
	if s.typ != string(r.eventType) {
		s.typ = s.name(r.eventType)
	}
	data := s.copy(r.data, len(r.meta))
	return ledger.Recorded{
		Event:      ledger.Event{ID: r.id, Type: s.typ, Data: data, Meta: s.copy(r.meta, 0)},
		Stream:     ledger.StreamID(s.stream),
		Revision:   r.revision,
		Position:   position,
		RecordedAt: time.Unix(0, r.at).UTC(),
	}
}

func (s *shelf) name(name []byte) string {
	if known, is := s.names[string(name)]; is {
		return known
	}
	if s.names == nil || len(s.names) == shelfNames {
		s.names = make(map[string]string)
	}
	fresh := string(name)
	s.names[fresh] = fresh
	return fresh
}

// copy copies b, and sees to it that room for so many further bytes is beside it.
func (s *shelf) copy(b []byte, further int) []byte {
	need := len(b) + further
	if need > len(s.free) {
		if need > shelfBytes/4 {
			return append(make([]byte, 0, len(b)), b...)
		}
		s.free = make([]byte, shelfBytes)
	}
	out := s.free[:len(b):len(b)]
	copy(out, b)
	s.free = s.free[len(b):]
	return out
}
