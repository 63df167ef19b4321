package eventlog

import (
	"context"
	"errors"
	"fmt"
	"iter"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2"
)

// A window bounds one look at the disk, during which the engine is kept open and its
// memory pinned. No window is open while a consumer looks at events.
type window struct {
	events int // to return
	bytes  int // of data and metadata to return, roughly
	looked int // records to look at
}

const (
	firstWindow = 32
	fullWindow  = 1024
	aheadWindow = 4096
	windowBytes = 1 << 20
	windowLooks = 8192
)

// grown is the window after this one, for a reader that wants more.
func (w window) grown() window {
	w.events = min(4*w.events, fullWindow)
	return w
}

// Read implements ledger.Journal. It reads what was there when it began.
func (l *Log) Read(ctx context.Context, query ledger.Query) iter.Seq2[ledger.Recorded, error] {
	return func(yield func(ledger.Recorded, error) bool) {
		if err := l.read(ctx, query, func(event ledger.Recorded) bool { return yield(event, nil) }); err != nil {
			yield(ledger.Recorded{}, err)
		}
	}
}

// read calls yield for each event, until it wants no more.
func (l *Log) read(ctx context.Context, query ledger.Query, yield func(ledger.Recorded) bool) error {
	head, _ := l.visible()
	s := scan{log: l, head: head, filter: query.Filter, backwards: query.Backwards}
	step, err := s.start(query)
	if err != nil {
		return err
	}
	w := window{firstWindow, windowBytes, windowLooks}
	for count := 0; !s.done; w = w.grown() {
		if err := ctx.Err(); err != nil {
			return err
		}
		if s.isLong(w) && query.Limit == 0 {
			return s.readAhead(ctx, yield)
		}
		if query.Limit > 0 {
			w.events = min(w.events, query.Limit-count)
		}
		err := step(w)
		for i := range s.events {
			if count++; !yield(s.events[i]) || count == query.Limit {
				return nil
			}
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// scan reads events window by window. Events of a window stay good until the next one;
// the bytes they refer to stay good for ever.
type scan struct {
	log       *Log
	head      ledger.Position // what lies beyond was not there when the scan began
	filter    ledger.Filter
	backwards bool

	position ledger.Position // the next to look at, of all streams
	stream   ledger.StreamID
	key      streamKey
	revision ledger.Revision // the next to look at, of one stream

	shelf  shelf
	events []ledger.Recorded
	bytes  int
	done   bool
}

// start sets the scan to its first place and returns the function that reads a window.
func (s *scan) start(query ledger.Query) (func(window) error, error) {
	if query.Stream != "" {
		return s.stepStream, s.startStream(query)
	}
	if s.backwards {
		s.position = min(max(query.After, 1)-1, s.head)
		s.done = s.position == 0
	} else {
		s.position = query.After + 1
		s.done = query.After >= s.head
	}
	return s.stepAll, nil
}

// begin opens a window.
func (s *scan) begin(lower, upper []byte) (*pebble.Iterator, error) {
	s.events, s.bytes = s.events[:0], 0
	if err := s.log.enter(); err != nil {
		return nil, err
	}
	iterator, err := s.log.db.NewIter(&pebble.IterOptions{LowerBound: lower, UpperBound: upper})
	if err != nil {
		s.log.leave()
		return nil, damage(err)
	}
	return iterator, nil
}

func (s *scan) end(iterator *pebble.Iterator) {
	iterator.Close() // its error has been looked at, or does not matter any more
	s.log.leave()
}

func (s *scan) within(w window, looked int) bool {
	return len(s.events) < w.events && s.bytes < w.bytes && looked < w.looked
}

// keep puts a record that passes the filter among the events.
func (s *scan) keep(r record, position ledger.Position) {
	if !admits(s.filter, r) {
		return
	}
	s.events = append(s.events, s.shelf.put(r, position))
	s.bytes += len(r.data) + len(r.meta)
}

// admits is Filter.Admits without a copy of the names.
func admits(filter ledger.Filter, r record) bool {
	return anyPrefix(r.stream, filter.Streams) && anyPrefix(r.eventType, filter.Types)
}

func anyPrefix(s []byte, prefixes []string) bool {
	for _, prefix := range prefixes {
		if len(s) >= len(prefix) && string(s[:len(prefix)]) == prefix {
			return true
		}
	}
	return len(prefixes) == 0
}

// stepAll reads a window of all streams. Every position must be there.
func (s *scan) stepAll(w window) error {
	lower, upper := putPositionKey(nil, s.position), putPositionKey(nil, s.head+1)
	if s.backwards {
		lower, upper = putPositionKey(nil, 1), putPositionKey(nil, s.position+1)
	}
	iterator, err := s.begin(lower, upper)
	if err != nil {
		return err
	}
	defer s.end(iterator)
	next := iterator.Next
	valid := false
	if s.backwards {
		next, valid = iterator.Prev, iterator.Last()
	} else {
		valid = iterator.First()
	}
	for looked := 0; s.within(w, looked); looked++ {
		if !valid {
			return s.missing(iterator)
		}
		if position, is := positionOf(iterator.Key()); !is || position != s.position {
			return s.missing(iterator)
		}
		value, err := iterator.ValueAndErr()
		if err != nil {
			return fmt.Errorf("event %d: %w", s.position, damage(err))
		}
		r, err := openRecord(value, iterator.Key())
		if err != nil {
			return err
		}
		s.keep(r, s.position)
		if s.advance(); s.done {
			return nil
		}
		valid = next()
	}
	return nil
}

// advance moves to the next position, or ends the scan at the last.
func (s *scan) advance() {
	switch {
	case s.backwards && s.position > 1:
		s.position--
	case !s.backwards && s.position < s.head:
		s.position++
	default:
		s.done = true
	}
}

// missing reports that the event at the scan's position cannot be read.
func (s *scan) missing(iterator *pebble.Iterator) error {
	if err := iterator.Error(); err != nil {
		return fmt.Errorf("event %d: %w", s.position, damage(err))
	}
	return fmt.Errorf("event %d is missing: %w", s.position, ErrCorrupt)
}

// isLong reports whether so much is left of a scan forwards over all streams that it is worth
// reading ahead.
func (s *scan) isLong(w window) bool {
	return s.key == 0 && !s.backwards && w.events == fullWindow && s.position+2*aheadWindow < s.head
}

// readAhead reads the rest of a long scan in stretches of equally many positions, two at a
// time, each with a processor of its own, while the consumer looks at the events before them.
func (s *scan) readAhead(ctx context.Context, yield func(ledger.Recorded) bool) error {
	stretch := window{aheadWindow, 4 * windowBytes, aheadWindow}
	type lane struct {
		scan
		ready chan error // holds one; nil while nothing is being read
	}
	next := s.position
	begin := func(x *lane) {
		x.ready = nil
		if next > s.head {
			return
		}
		x.position, x.head, x.done = next, min(next+aheadWindow-1, s.head), false
		next = x.head + 1
		x.ready = make(chan error, 1)
		go func() { x.ready <- x.stepAll(stretch) }()
	}
	var lanes [2]lane
	for i := range lanes {
		lanes[i].scan = scan{log: s.log, filter: s.filter}
		begin(&lanes[i])
	}
	defer func() {
		for i := range lanes {
			if lanes[i].ready != nil {
				<-lanes[i].ready
			}
		}
	}()
	for turn := 0; lanes[turn].ready != nil; turn = 1 - turn {
		x := &lanes[turn]
		err := <-x.ready
		x.ready = nil
		for {
			for i := range x.events {
				if !yield(x.events[i]) {
					return nil
				}
			}
			if err == nil {
				err = ctx.Err()
			}
			if err != nil {
				return err
			}
			if x.done {
				break
			}
			err = x.stepAll(stretch) // the stretch has large events
		}
		begin(x)
	}
	return nil
}

func (s *scan) startStream(query ledger.Query) error {
	s.stream, s.revision = query.Stream, query.From
	if s.revision < 0 {
		s.revision, s.done = 0, s.backwards
	}
	if len(s.stream) > ledger.MaxNameBytes || s.done {
		s.done = true
		return nil
	}
	if err := s.log.enter(); err != nil {
		return err
	}
	defer s.log.leave()
	key, err := findStream(s.log.db, s.stream)
	if err != nil {
		return fmt.Errorf("stream %s: %w", s.stream, err)
	}
	s.key, s.done = key, key == 0 || ledger.Position(key) > s.head
	return nil
}

// findStream returns the key of a stream, 0 when it has no events.
func findStream(db *pebble.DB, stream ledger.StreamID) (streamKey, error) {
	var room [128]byte
	value, closer, err := db.Get(putNameKey(room[:0], stream))
	if errors.Is(err, pebble.ErrNotFound) {
		return 0, nil
	}
	if err != nil {
		return 0, damage(err)
	}
	defer closer.Close()
	position, is := positionOf(value)
	if !is || position == 0 {
		return 0, fmt.Errorf("the index of streams has %d bytes for it: %w", len(value), ErrCorrupt)
	}
	return streamKey(position), nil
}

// stepStream reads a window of one stream: the index of its revisions says where the
// events are. Every revision must be there, and every event must be the stream's.
func (s *scan) stepStream(w window) error {
	lower, upper := putRevisionKey(nil, s.key, s.revision), putRevisionKey(nil, s.key+1, 0)
	if s.backwards {
		lower, upper = putRevisionKey(nil, s.key, 0), append(putRevisionKey(nil, s.key, s.revision), 0)
	}
	index, err := s.begin(lower, upper)
	if err != nil {
		return err
	}
	defer s.end(index)
	records, err := s.log.db.NewIter(&pebble.IterOptions{LowerBound: putPositionKey(nil, 1), UpperBound: putPositionKey(nil, s.head+1)})
	if err != nil {
		return damage(err)
	}
	defer records.Close()

	valid, next := false, index.Next
	if s.backwards {
		valid, next = index.Last(), index.Prev
		valid = s.skipBeyond(index, valid)
	} else {
		valid = index.First()
	}
	for looked := 0; s.within(w, looked); looked++ {
		if !valid {
			s.done = true
			return s.problem(damage(index.Error()))
		}
		position, err := s.indexed(index)
		if err != nil || position > s.head {
			s.done = true
			return s.problem(err)
		}
		if err := s.fetch(records, position); err != nil {
			s.done = true
			return s.problem(err)
		}
		if s.backwards && s.revision == 0 {
			s.done = true
			return nil
		}
		if s.backwards {
			s.revision--
		} else {
			s.revision++
		}
		valid = next()
	}
	return nil
}

// skipBeyond goes back over what was appended after the scan began and sets the scan to the
// revision it finds, which is below the one asked for when that is beyond the end.
func (s *scan) skipBeyond(index *pebble.Iterator, valid bool) bool {
	for valid {
		position, is := positionOf(index.Value())
		if !is || position <= s.head {
			if key := index.Key(); len(key) == revisionKeySize {
				s.revision = min(s.revision, ledger.Revision(beUint64(key[9:])))
			}
			return true
		}
		valid = index.Prev()
	}
	return false
}

// indexed reads the position of the scan's revision from the index.
func (s *scan) indexed(index *pebble.Iterator) (ledger.Position, error) {
	key := index.Key()
	if len(key) != revisionKeySize || ledger.Revision(beUint64(key[9:])) != s.revision {
		return 0, fmt.Errorf("it is missing: %w", ErrCorrupt)
	}
	value, err := index.ValueAndErr()
	if err != nil {
		return 0, damage(err)
	}
	position, is := positionOf(value)
	if !is {
		return 0, fmt.Errorf("it has no position: %w", ErrCorrupt)
	}
	return position, nil
}

// fetch reads the event at a position, which must be the scan's stream and revision.
func (s *scan) fetch(records *pebble.Iterator, position ledger.Position) error {
	var room [positionKeySize]byte
	there := records.SeekGE(putPositionKey(room[:0], position))
	if err := records.Error(); err != nil {
		return fmt.Errorf("event %d: %w", position, damage(err))
	}
	if found, is := positionOf(records.Key()); !there || !is || found != position {
		return fmt.Errorf("event %d is missing: %w", position, ErrCorrupt)
	}
	value, err := records.ValueAndErr()
	if err != nil {
		return fmt.Errorf("event %d: %w", position, damage(err))
	}
	r, err := openRecord(value, records.Key())
	if err != nil {
		return err
	}
	if string(r.stream) != string(s.stream) || r.revision != s.revision {
		return fmt.Errorf("event %d is %s at revision %d: %w", position, r.stream, r.revision, ErrCorrupt)
	}
	s.keep(r, position)
	return nil
}

// problem adds the place in the stream to an error.
func (s *scan) problem(err error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("%s, revision %d: %w", s.stream, s.revision, err)
}
