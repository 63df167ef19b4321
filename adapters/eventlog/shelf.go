package eventlog

import (
	"encoding/binary"
	"hash/crc32"
	"time"

	"daybook/ledger"
)

// A shelf holds copies of records, outside of the engine's memory. Many share one block, and
// where a block has been written it is never written again: what the events that are handed
// out refer to stays as it is for ever.
//
// On the shelf lies a record's position and what is behind its checksum, which together are
// what the checksum covers. It is checked after it was copied, so that the copy is checked
// too. It becomes an event only as it is handed out; until then there is nothing in it for
// the garbage collector to follow.
type shelf struct {
	blocks [][]byte
	free   []byte // the end of blocks[open]
	open   int
	size   int // of the open block
	places []spot
}

// spot says where a record lies.
type spot struct{ block, from, to uint32 }

// Blocks grow with what is read: a block costs more than its bytes to allocate, but a reader
// of one event should not pay for a hundred.
const (
	firstBlock = 4 << 10
	fullBlock  = 64 << 10
)

// A record larger than that has a block of its own, of its size.
const ownBlock = fullBlock / 8

// clear takes everything off the shelf.
func (s *shelf) clear() {
	s.places = s.places[:0]
	var open []byte
	if len(s.free) > 0 {
		open = s.blocks[s.open]
	}
	clear(s.blocks)
	s.blocks, s.open = s.blocks[:0], 0
	if open != nil {
		s.blocks = append(s.blocks, open)
	}
}

// put copies a record to the end of the shelf and checks it.
func (s *shelf) put(value []byte, position ledger.Position) (record, error) {
	if err := checkForm(value, position); err != nil {
		return record{}, err
	}
	b := s.room(8 + len(value) - checkedFrom)
	binary.BigEndian.PutUint64(b, uint64(position))
	copy(b[8:], value[checkedFrom:])
	if crc32.Checksum(b, castagnoli) != binary.BigEndian.Uint32(value[1:]) {
		s.drop()
		return record{}, errSum(position)
	}
	r, err := readRecord(b[8:], position)
	if err != nil {
		s.drop()
	}
	return r, err
}

// room makes a place at the end of the shelf.
func (s *shelf) room(size int) []byte {
	if size > ownBlock {
		own := make([]byte, size)
		s.places = append(s.places, spot{uint32(len(s.blocks)), 0, uint32(size)})
		s.blocks = append(s.blocks, own)
		return own
	}
	if size > len(s.free) {
		s.size = min(max(2*s.size, firstBlock, size), fullBlock)
		s.open, s.free = len(s.blocks), make([]byte, s.size)
		s.blocks = append(s.blocks, s.free)
	}
	from := len(s.blocks[s.open]) - len(s.free)
	s.places = append(s.places, spot{uint32(s.open), uint32(from), uint32(from + size)})
	b := s.free[:size]
	s.free = s.free[size:]
	return b
}

// drop takes the last record off the shelf. Its room is used again, as it was not handed out.
func (s *shelf) drop() {
	p := s.places[len(s.places)-1]
	s.places = s.places[:len(s.places)-1]
	if size := p.to - p.from; size <= ownBlock {
		s.free = s.blocks[p.block][p.from:]
	} else {
		s.blocks = s.blocks[:p.block]
	}
}

// len is the number of records on the shelf.
func (s *shelf) len() int { return len(s.places) }

// at is the n-th record on the shelf.
func (s *shelf) at(n int) record {
	p := s.places[n]
	b := s.blocks[p.block][p.from:p.to]
	r, _ := readRecord(b[8:], ledger.Position(binary.BigEndian.Uint64(b))) // has been read by put
	return r
}

// names keeps one string for each name that comes again.
type names struct {
	known             map[string]string
	stream, eventType string // of the last event
}

const maxNames = 4096

// event makes of a record what is handed out.
func (n *names) event(r *record) ledger.Recorded {
	if n.stream != string(r.stream) {
		n.stream = n.name(r.stream)
	}
	if n.eventType != string(r.eventType) {
		n.eventType = n.name(r.eventType)
	}
	return ledger.Recorded{
		Event:      ledger.Event{ID: r.id, Type: n.eventType, Data: r.data, Meta: r.meta},
		Stream:     ledger.StreamID(n.stream),
		Revision:   r.revision,
		Position:   r.position,
		RecordedAt: time.Unix(0, r.at).UTC(),
	}
}

func (n *names) name(name []byte) string {
	if known, is := n.known[string(name)]; is {
		return known
	}
	if n.known == nil || len(n.known) == maxNames {
		n.known = make(map[string]string)
	}
	fresh := string(name)
	n.known[fresh] = fresh
	return fresh
}
