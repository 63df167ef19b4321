package yardstick

import (
	"context"
	"encoding/binary"
	"fmt"

	"daybook/adapters/eventlog/internal/engine"
	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2"
)

// cacheBytes is the log's default.
const cacheBytes = 16 << 20

// Bare is the storage engine with nothing around it. Append may be called from many
// goroutines.
type Bare struct {
	db       *pebble.DB
	indexed  bool
	position uint64
	requests chan request
	ended    chan struct{}
}

type request struct {
	events []ledger.Event
	done   chan error
}

// OpenBare opens the engine in a directory. Indexed, it writes for each event what the log
// writes: a record with a header, and two entries that point to it. Otherwise it writes
// the event's bytes under a number, which is the least there is to write.
func OpenBare(dir string, indexed bool) (*Bare, error) {
	options := engine.Options(cacheBytes)
	defer options.Cache.Unref()
	options.Logger = silent{}
	db, err := pebble.Open(dir, options)
	if err != nil {
		return nil, fmt.Errorf("open the engine: %w", err)
	}
	b := &Bare{db: db, indexed: indexed, requests: make(chan request), ended: make(chan struct{})}
	go b.run()
	return b, nil
}

// Close ends it. Nothing may be appended any more.
func (b *Bare) Close() error {
	close(b.requests)
	<-b.ended
	return b.db.Close()
}

// Append returns when the events are on disk.
func (b *Bare) Append(events []ledger.Event) error {
	done := make(chan error, 1)
	b.requests <- request{events, done}
	return <-done
}

func (b *Bare) run() {
	defer close(b.ended)
	var group []request
	for first := range b.requests {
		group = b.gather(append(group[:0], first))
		err := b.write(group)
		for _, r := range group {
			r.done <- err
		}
	}
}

// gather takes what waits.
func (b *Bare) gather(group []request) []request {
	for {
		select {
		case r, open := <-b.requests:
			if !open {
				return group
			}
			group = append(group, r)
		default:
			return group
		}
	}
}

func (b *Bare) write(group []request) error {
	batch := b.db.NewBatch()
	defer batch.Close()
	for _, r := range group {
		for i := range r.events {
			b.position++
			b.put(batch, &r.events[i])
		}
	}
	return b.db.Apply(batch, pebble.Sync)
}

// The sizes of what the log stores for an event.
const (
	headerBytes = 45 // before the names, the data and the metadata
	nameBytes   = 25 // of a stream such as storeday-S001.2026-01-05
	kindRecord  = 1
	kindRev     = 2
	kindID      = 3
)

func (b *Bare) put(batch *pebble.Batch, event *ledger.Event) {
	header := 0
	if b.indexed {
		header = headerBytes + nameBytes + len(event.Type)
	}
	record := batch.SetDeferred(9, header+len(event.Data)+len(event.Meta))
	putKey(record.Key, kindRecord, b.position)
	clear(record.Value[:header])
	copy(record.Value[header+copy(record.Value[header:], event.Data):], event.Meta)
	finish(record)
	if !b.indexed {
		return
	}
	stream := uint64(event.ID[2]) // of the writer
	revised := batch.SetDeferred(17, 8)
	putKey(revised.Key, kindRev, stream)
	binary.BigEndian.PutUint64(revised.Key[9:], b.position)
	binary.BigEndian.PutUint64(revised.Value, b.position)
	finish(revised)
	identified := batch.SetDeferred(25, 8)
	putKey(identified.Key, kindID, stream)
	copy(identified.Key[9:], event.ID[:])
	binary.BigEndian.PutUint64(identified.Value, b.position)
	finish(identified)
}

func putKey(key []byte, kind byte, number uint64) {
	key[0] = kind
	binary.BigEndian.PutUint64(key[1:], number)
}

// finish cannot fail for a batch without an index of its own.
func finish(op *pebble.DeferredBatchOp) {
	if err := op.Finish(); err != nil {
		panic(err)
	}
}

// Settle brings what was written into the order in which it is read, so that reading it
// does not depend on how far the engine has got with that by itself.
func (b *Bare) Settle(ctx context.Context) error {
	if err := b.db.Flush(); err != nil {
		return err
	}
	return b.db.Compact(ctx, []byte{0}, []byte{0xff}, false)
}

// Scan reads all events and looks at none. It returns their number and bytes.
func (b *Bare) Scan() (events, bytes uint64, err error) {
	iterator, err := b.db.NewIter(&pebble.IterOptions{LowerBound: []byte{kindRecord}, UpperBound: []byte{kindRecord + 1}})
	if err != nil {
		return 0, 0, err
	}
	for valid := iterator.First(); valid; valid = iterator.Next() {
		events++
		bytes += uint64(len(iterator.Value()))
	}
	return events, bytes, iterator.Close()
}

// silent keeps the engine's notices out of the results.
type silent struct{}

func (silent) Infof(string, ...any)           {}
func (silent) Errorf(string, ...any)          {}
func (silent) Fatalf(format string, a ...any) { panic(fmt.Sprintf(format, a...)) }
