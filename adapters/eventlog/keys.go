package eventlog

import (
	"encoding/binary"

	"daybook/ledger"
)

// formatVersion is the version of the key layout and of the record in doc.go.
const formatVersion = 1

// The first byte of every key.
const (
	aboutLog   = 0x00
	byPosition = 0x01
	byRevision = 0x02
	byID       = 0x03
	byName     = 0x04
)

var formatKey = append([]byte{aboutLog}, "format"...)

// streamKey is how keys name a stream: by the position of its first event.
type streamKey ledger.Position

const (
	positionKeySize = 1 + 8
	revisionKeySize = 1 + 8 + 8
	idKeySize       = 1 + 8 + 16
)

func putPositionKey(key []byte, position ledger.Position) []byte {
	key = append(key[:0], byPosition)
	return binary.BigEndian.AppendUint64(key, uint64(position))
}

func putRevisionKey(key []byte, stream streamKey, revision ledger.Revision) []byte {
	key = append(key[:0], byRevision)
	key = binary.BigEndian.AppendUint64(key, uint64(stream))
	return binary.BigEndian.AppendUint64(key, uint64(revision))
}

func putIDKey(key []byte, stream streamKey, id ledger.EventID) []byte {
	key = append(key[:0], byID)
	key = binary.BigEndian.AppendUint64(key, uint64(stream))
	return append(key, id[:]...)
}

func putNameKey(key []byte, name ledger.StreamID) []byte {
	key = append(key[:0], byName)
	return append(key, name...)
}

// positionOf reads the position out of a position key or out of an index's value.
func positionOf(bytes []byte) (ledger.Position, bool) {
	if len(bytes) == positionKeySize {
		bytes = bytes[1:]
	}
	if len(bytes) != 8 {
		return 0, false
	}
	return ledger.Position(binary.BigEndian.Uint64(bytes)), true
}

func beUint64(b []byte) uint64 { return binary.BigEndian.Uint64(b) }
