package eventlog

import (
	"bytes"
	"context"
	"encoding/binary"
	"fmt"
	"sync"
	"time"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2"
)

// request is an append that waits for its answer.
type request struct {
	stream ledger.StreamID
	expect ledger.Revision
	events []ledger.Event
	answer chan answer // holds one
}

type answer struct {
	position ledger.Position
	err      error
}

var requests = sync.Pool{New: func() any { return &request{answer: make(chan answer, 1)} }}

// Append implements ledger.Journal. ctx ends the wait for the committer; an append
// that the committer has taken is seen through, so that its outcome is always known.
func (l *Log) Append(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events ...ledger.Event) (ledger.Position, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := ledger.CheckAppend(stream, expect, events, l.options.MaxAppendBytes); err != nil {
		return 0, err
	}
	r := requests.Get().(*request)
	defer requests.Put(r)
	r.stream, r.expect, r.events = stream, expect, events
	defer func() { r.events = nil }()
	select {
	case l.requests <- r:
	case <-ctx.Done():
		return 0, ctx.Err()
	case <-l.closing:
		return 0, ErrClosed
	}
	a := <-r.answer
	return a.position, a.err
}

const (
	maxGroupBytes = 2 << 20 // of records; well under the size of which the engine makes a table at once
	maxCached     = 1 << 14 // streams whose end the committer knows by heart
	roomEvery     = 4 << 20 // bytes written between two looks at the free space
)

// committer is the one goroutine that decides and writes. Nothing of it is shared: it
// hands each group over to the syncer, and prepares the next while that one
// waits for the disk.
type committer struct {
	log      *Log
	db       *pebble.DB
	head     ledger.Position // the last position given out
	at       time.Time       // the last time given out
	streams  map[ledger.StreamID]*streamEnd
	older    map[ledger.StreamID]*streamEnd // the generation before, to be forgotten next
	lookup   *pebble.Iterator               // of this group: the engine as it was before it; opened when needed
	fresh    map[freshEvent]ledger.Position // events of this group, not yet in the engine
	key      []byte
	unlooked int // bytes written since the last look at the free space
	room     error
	written  chan *group // to the syncer, in order
}

// group is what becomes durable with one sync, and who waits for it.
type group struct {
	requests []*request
	answers  []answer
	batch    *pebble.Batch
	events   int
	head     ledger.Position
}

// inFlight bounds the groups that are written and wait for the disk. The engine
// syncs all of them at once when it can.
const inFlight = 4

// streamEnd is where a stream ends. A stream without events has key 0.
type streamEnd struct {
	key      streamKey
	revision ledger.Revision
	position ledger.Position
}

type freshEvent struct {
	stream streamKey
	id     ledger.EventID
}

// newCommitter finds the end of the log. With an ErrCorrupt it returns a committer that can
// answer, but must not be let write.
func newCommitter(l *Log) (*committer, error) {
	c := &committer{
		log: l, db: l.db,
		streams: map[ledger.StreamID]*streamEnd{}, fresh: map[freshEvent]ledger.Position{},
		unlooked: roomEvery, written: make(chan *group, inFlight),
	}
	return c, c.findEnd()
}

func (c *committer) findEnd() error {
	iterator, err := c.db.NewIter(&pebble.IterOptions{LowerBound: []byte{byPosition}, UpperBound: []byte{byPosition + 1}})
	if err != nil {
		return damage(err)
	}
	defer iterator.Close()
	if iterator.Last() {
		position, is := positionOf(iterator.Key())
		if !is {
			return fmt.Errorf("the last event has no position: %w", ErrCorrupt)
		}
		c.head = position
		c.log.head.Store(uint64(position))
		value, err := iterator.ValueAndErr()
		if err != nil {
			return fmt.Errorf("event %d: %w", position, damage(err))
		}
		r, err := openRecord(value, iterator.Key())
		if err != nil {
			return err
		}
		c.at = time.Unix(0, r.at).UTC()
	}
	return damage(iterator.Error())
}

func (c *committer) run() {
	synced := make(chan struct{})
	go func() {
		defer close(synced)
		for g := range c.written {
			c.log.sync(g)
		}
	}()
	defer func() {
		close(c.written)
		<-synced
		close(c.log.committed)
	}()
	for {
		select {
		case r := <-c.log.requests:
			c.written <- c.commit(c.gather(r))
		case <-c.log.closing:
			return
		}
	}
}

// gather takes every append that waits, up to the size of a group.
func (c *committer) gather(first *request) *group {
	g := groups.Get().(*group)
	g.requests = append(g.requests[:0], first)
	for size := requestSize(first); size < maxGroupBytes; {
		select {
		case r := <-c.log.requests:
			g.requests = append(g.requests, r)
			size += requestSize(r)
		default:
			return g
		}
	}
	return g
}

var groups = sync.Pool{New: func() any { return new(group) }}

func requestSize(r *request) int {
	size := 0
	for i := range r.events {
		size += recordSize(r.stream, &r.events[i])
	}
	return size
}

// commit decides the appends of a group and writes what they add. The answers are
// given when it is on disk.
func (c *committer) commit(g *group) *group {
	g.answers, g.batch = g.answers[:0], c.db.NewBatch()
	before := c.head
	err := c.writable()
	if err == nil {
		c.setClock()
		for _, r := range g.requests {
			position, err := c.place(g.batch, r)
			g.answers = append(g.answers, answer{position, err})
		}
		c.endLookups()
		clear(c.fresh)
		err = c.write(g.batch)
	}
	if err != nil {
		g.answers = g.answers[:0]
		for _, r := range g.requests {
			g.answers = append(g.answers, answer{0, fmt.Errorf("append to %s: %w", r.stream, err)})
		}
	}
	g.events, g.head = int(c.head-before), c.head
	return g
}

// writable refuses when the log has been stopped or the disk is nearly full.
func (c *committer) writable() error {
	if err := c.log.guard.failure(); err != nil {
		return err
	}
	if c.unlooked >= roomEvery || c.room != nil {
		c.unlooked = 0
		c.room = c.log.guard.checkRoom(c.log.options.ReserveBytes)
	}
	return c.room
}

func (c *committer) setClock() {
	if now := c.log.options.Now().UTC(); now.After(c.at) {
		c.at = now
	}
}

// write hands a batch to the engine without waiting for the disk.
func (c *committer) write(batch *pebble.Batch) error {
	if batch.Empty() {
		return nil
	}
	c.unlooked += batch.Len()
	if err := c.db.ApplyNoSyncWait(batch, pebble.Sync); err != nil {
		c.log.guard.stop(err)
	}
	return c.log.guard.failure()
}

// sync waits until a group is on disk. Only then are its events visible and its
// appends answered; those that were refused wait too, because what they were
// refused for may be in a group before this one.
func (l *Log) sync(g *group) {
	if err := l.settle(g); err != nil {
		for i, r := range g.requests {
			if g.answers[i].err == nil {
				g.answers[i] = answer{0, fmt.Errorf("append to %s: %w", r.stream, err)}
			}
		}
	}
	for i, r := range g.requests {
		r.answer <- g.answers[i]
		g.requests[i] = nil
	}
	groups.Put(g)
}

func (l *Log) settle(g *group) error {
	if !g.batch.Empty() {
		if err := g.batch.SyncWait(); err != nil {
			l.guard.stop(err)
		}
	}
	if err := g.batch.Close(); err != nil {
		l.guard.stop(err)
	}
	g.batch = nil
	// The guard keeps the errors of the write-ahead log from the engine, so this is
	// where they are found.
	if err := l.guard.failure(); err != nil {
		return err
	}
	if g.events == 0 {
		return nil
	}
	if err := l.mark.set(g.head); err != nil {
		l.guard.stop(err)
		return l.guard.failure()
	}
	l.appended.Add(uint64(g.events))
	l.groups.Add(1)
	l.raise(g.head)
	return nil
}

// place checks one append against its stream and puts it into the batch.
func (c *committer) place(batch *pebble.Batch, r *request) (ledger.Position, error) {
	end, err := c.end(r.stream)
	if err != nil {
		return 0, fmt.Errorf("append to %s: %w", r.stream, err)
	}
	held, last, err := c.held(end, r.events)
	if err != nil {
		return 0, fmt.Errorf("append to %s: %w", r.stream, err)
	}
	if replay, err := ledger.CheckHeld(r.stream, held, len(r.events)); replay || err != nil {
		return last, err
	}
	if err := ledger.CheckExpected(r.stream, r.expect, end.revision); err != nil {
		return 0, err
	}
	for i := range r.events {
		c.add(batch, r.stream, end, &r.events[i])
	}
	return end.position, nil
}

// end finds where a stream ends, counting what this group has put there already.
func (c *committer) end(stream ledger.StreamID) (*streamEnd, error) {
	if end, known := c.streams[stream]; known {
		return end, nil
	}
	end, known := c.older[stream]
	if !known {
		var err error
		if end, err = c.look(stream); err != nil {
			return nil, err
		}
	}
	if len(c.streams) == maxCached {
		c.older, c.streams = c.streams, make(map[ledger.StreamID]*streamEnd, maxCached)
	}
	c.streams[stream] = end
	return end, nil
}

// look reads the end of a stream from the engine.
func (c *committer) look(stream ledger.StreamID) (*streamEnd, error) {
	c.key = putNameKey(c.key, stream)
	first, known, err := c.get(c.key)
	if err != nil || !known {
		return &streamEnd{revision: -1}, err
	}
	key := streamKey(first)
	iterator, err := c.db.NewIter(&pebble.IterOptions{
		LowerBound: putRevisionKey(nil, key, 0), UpperBound: putRevisionKey(nil, key+1, 0),
	})
	if err != nil {
		return nil, damage(err)
	}
	defer iterator.Close()
	if !iterator.Last() {
		if err := iterator.Error(); err != nil {
			return nil, damage(err)
		}
		return nil, fmt.Errorf("it began at event %d but has no revisions: %w", key, ErrCorrupt)
	}
	position, is := positionOf(iterator.Value())
	if !is || len(iterator.Key()) != revisionKeySize {
		return nil, fmt.Errorf("its last revision has no position: %w", ErrCorrupt)
	}
	revision := ledger.Revision(beUint64(iterator.Key()[9:]))
	return &streamEnd{key, revision, position}, nil
}

// held counts the events that the stream holds already, and returns the position of
// the last of them.
func (c *committer) held(end *streamEnd, events []ledger.Event) (held int, last ledger.Position, err error) {
	if end.key == 0 {
		return 0, 0, nil
	}
	for i := range events {
		position, is := c.fresh[freshEvent{end.key, events[i].ID}]
		if !is {
			if position, is, err = c.find(end.key, events[i].ID); err != nil {
				return 0, 0, err
			}
		}
		if is {
			held++
			last = position
		}
	}
	return held, last, nil
}

// find looks an event up by its id.
func (c *committer) find(stream streamKey, id ledger.EventID) (ledger.Position, bool, error) {
	c.key = putIDKey(c.key, stream, id)
	return c.get(c.key)
}

// get reads an entry of an index. Nearly always there is none, which the filters of the
// engine's files say without reading them; only an iterator may ask the filters
// of the lowest level.
func (c *committer) get(key []byte) (ledger.Position, bool, error) {
	if c.lookup == nil {
		iterator, err := c.db.NewIter(&pebble.IterOptions{UseL6Filters: true})
		if err != nil {
			return 0, false, damage(err)
		}
		c.lookup = iterator
	}
	if !c.lookup.SeekPrefixGE(key) || !bytes.Equal(c.lookup.Key(), key) {
		return 0, false, damage(c.lookup.Error())
	}
	value, err := c.lookup.ValueAndErr()
	if err != nil {
		return 0, false, damage(err)
	}
	position, is := positionOf(value)
	if !is || position == 0 {
		return 0, false, fmt.Errorf("an index has %d bytes instead of a position: %w", len(value), ErrCorrupt)
	}
	return position, true, nil
}

func (c *committer) endLookups() {
	if c.lookup != nil {
		c.lookup.Close() // its errors have been returned where they arose
		c.lookup = nil
	}
}

// add puts one event and its index entries into the batch.
func (c *committer) add(batch *pebble.Batch, stream ledger.StreamID, end *streamEnd, event *ledger.Event) {
	c.head++
	end.revision++
	end.position = c.head
	if end.key == 0 {
		end.key = streamKey(c.head)
		named := batch.SetDeferred(1+len(stream), 8)
		putNameKey(named.Key, stream)
		binary.BigEndian.PutUint64(named.Value, uint64(c.head))
		finish(named)
	}
	stored := batch.SetDeferred(positionKeySize, recordSize(stream, event))
	putPositionKey(stored.Key, c.head)
	putRecord(stored.Value, stored.Key, stream, event, end.revision, c.at)
	finish(stored)

	revised := batch.SetDeferred(revisionKeySize, 8)
	putRevisionKey(revised.Key, end.key, end.revision)
	binary.BigEndian.PutUint64(revised.Value, uint64(c.head))
	finish(revised)

	identified := batch.SetDeferred(idKeySize, 8)
	putIDKey(identified.Key, end.key, event.ID)
	binary.BigEndian.PutUint64(identified.Value, uint64(c.head))
	finish(identified)

	c.fresh[freshEvent{end.key, event.ID}] = c.head
}

// finish cannot fail for a batch without an index of its own.
func finish(op *pebble.DeferredBatchOp) {
	if err := op.Finish(); err != nil {
		panic(err)
	}
}
