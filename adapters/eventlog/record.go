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

// record is a stored record whose checksum is right. Its bytes lie where it was opened.
type record struct {
	position   ledger.Position
	at         int64
	revision   ledger.Revision
	id         ledger.EventID
	stream     []byte
	eventType  []byte
	data, meta []byte
}

// openRecord checks a record against its checksum and its place, in the engine's memory: it
// is gone when the iterator moves on. key is its position key.
func openRecord(b, key []byte) (record, error) {
	position, _ := positionOf(key)
	if err := checkForm(b, position); err != nil {
		return record{}, err
	}
	if binary.BigEndian.Uint32(b[1:]) != recordSum(b, key) {
		return record{}, errSum(position)
	}
	return readRecord(b[checkedFrom:], position)
}

func checkForm(b []byte, position ledger.Position) error {
	if len(b) < recordHead || b[0] != recordVersion {
		return fmt.Errorf("event %d: record of %d bytes has an unknown form: %w", position, len(b), ErrCorrupt)
	}
	return nil
}

func errSum(position ledger.Position) error {
	return fmt.Errorf("event %d: record does not have its checksum: %w", position, ErrCorrupt)
}

// readRecord takes apart what lies behind a record's checksum.
func readRecord(b []byte, position ledger.Position) (record, error) {
	const head = recordHead - checkedFrom
	stream, eventType, data := int(binary.BigEndian.Uint16(b[32:])), int(binary.BigEndian.Uint16(b[34:])), int(binary.BigEndian.Uint32(b[36:]))
	rest := b[head:]
	revision := binary.BigEndian.Uint64(b[8:])
	if stream+eventType+data > len(rest) || revision > math.MaxInt64 {
		return record{}, fmt.Errorf("event %d: record's lengths do not add up: %w", position, ErrCorrupt)
	}
	eventType += stream
	data += eventType
	return record{
		position:  position,
		at:        int64(binary.BigEndian.Uint64(b)),
		revision:  ledger.Revision(revision),
		id:        ledger.EventID(b[16:32]),
		stream:    rest[:stream],
		eventType: rest[stream:eventType],
		data:      rest[eventType:data:data],
		meta:      rest[data:len(rest):len(rest)],
	}, nil
}
