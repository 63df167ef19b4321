package eventlog

import (
	"context"
	"errors"
	"fmt"

	"daybook/ledger"

	"github.com/cockroachdb/pebble/v2"
)

// Report is what Verify found.
type Report struct {
	Events   uint64    `json:"events"`
	Streams  uint64    `json:"streams"`
	Bytes    uint64    `json:"bytes"` // of records
	Problems []Problem `json:"problems,omitempty"`
	Further  uint64    `json:"further,omitempty"` // problems beyond those listed
}

// Problem is a place in the log that is not as it was written.
type Problem struct {
	Position ledger.Position `json:"position,omitempty"`
	Until    ledger.Position `json:"until,omitempty"` // last of a run of positions
	Stream   ledger.StreamID `json:"stream,omitempty"`
	What     string          `json:"what"`
}

func (p Problem) String() string {
	switch {
	case p.Until > p.Position:
		return fmt.Sprintf("events %d to %d: %s", p.Position, p.Until, p.What)
	case p.Position > 0 && p.Stream != "":
		return fmt.Sprintf("event %d, %s: %s", p.Position, p.Stream, p.What)
	case p.Position > 0:
		return fmt.Sprintf("event %d: %s", p.Position, p.What)
	case p.Stream != "":
		return fmt.Sprintf("%s: %s", p.Stream, p.What)
	}
	return p.What
}

const maxProblems = 1000

func (r *Report) add(p Problem) {
	if len(r.Problems) == maxProblems {
		r.Further++
		return
	}
	r.Problems = append(r.Problems, p)
}

// Err is nil for a sound log, and otherwise wraps ErrCorrupt and names the first problem.
func (r Report) Err() error {
	if len(r.Problems) == 0 {
		return nil
	}
	return fmt.Errorf("%d problems, the first: %s: %w", uint64(len(r.Problems))+r.Further, r.Problems[0], ErrCorrupt)
}

// Verify reads everything that was there when it began: every record against its
// checksum, every stream's revisions without a gap, every index entry against the events
// and the events against the indexes. The log may be in use meanwhile. progress, if
// any, is called now and then with the entries checked so far and their number.
//
// Damage is in the report. The error says that the check could not be finished.
//
// An event is found to have its three index entries by looking them up; that there
// are no others follows from their number.
func (l *Log) Verify(ctx context.Context, progress func(done, total uint64)) (Report, error) {
	head, _ := l.visible()
	v := &verifier{log: l, ctx: ctx, head: head, progress: progress, streams: map[ledger.StreamID]streamKey{}}
	if v.progress == nil {
		v.progress = func(uint64, uint64) {}
	}
	if l.mark.damaged > 0 {
		v.report.add(Problem{What: fmt.Sprintf("%d of the two slots of %s were damaged when the journal was opened", l.mark.damaged, markName)})
	}
	for _, step := range []func() error{v.records, v.revisions, v.ids, v.names} {
		if err := step(); err != nil {
			return v.report, err
		}
	}
	v.progress(v.total(), v.total())
	return v.report, nil
}

type verifier struct {
	log      *Log
	ctx      context.Context
	head     ledger.Position
	progress func(done, total uint64)
	done     uint64
	report   Report
	streams  map[ledger.StreamID]streamKey // a cache
	last     int64                         // time of the record before
}

// total is the number of entries to look at: three for each event. (The names of
// streams, usually few, are not counted.)
func (v *verifier) total() uint64 { return 3 * uint64(v.head) }

const verifyAtOnce = 4096

// walk calls look for the entries from lower to upper, in portions, so that the engine
// is not kept from tidying up.
func (v *verifier) walk(lower, upper []byte, look func(key, value []byte)) error {
	for {
		if err := v.ctx.Err(); err != nil {
			return err
		}
		v.progress(v.done, v.total())
		more, err := v.portion(&lower, upper, look)
		if err != nil || !more {
			return err
		}
	}
}

func (v *verifier) portion(lower *[]byte, upper []byte, look func(key, value []byte)) (more bool, err error) {
	if err := v.log.enter(); err != nil {
		return false, err
	}
	defer v.log.leave()
	iterator, err := v.log.db.NewIter(&pebble.IterOptions{LowerBound: *lower, UpperBound: upper})
	if err != nil {
		return false, err
	}
	defer iterator.Close()
	valid := iterator.First()
	for range verifyAtOnce {
		if !valid {
			return false, iterator.Error()
		}
		value, err := iterator.ValueAndErr()
		if err != nil {
			return false, err
		}
		look(iterator.Key(), value)
		*lower = append(append((*lower)[:0], iterator.Key()...), 0)
		valid = iterator.Next()
	}
	return true, nil
}

// stops reports whether an error ends the check instead of being a finding.
func stops(err error) bool {
	return errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded) || errors.Is(err, ErrClosed)
}

// records checks the events in order. Where the engine cannot read, it goes on with the next
// position.
func (v *verifier) records() error {
	expected := ledger.Position(1)
	unreadable := Problem{}
	flush := func() {
		if unreadable.What != "" {
			v.report.add(unreadable)
			unreadable = Problem{}
		}
	}
	for expected <= v.head {
		err := v.walk(putPositionKey(nil, expected), putPositionKey(nil, v.head+1), func(key, value []byte) {
			flush()
			position, is := positionOf(key)
			if !is || position < expected {
				v.report.add(Problem{Position: expected, What: fmt.Sprintf("an entry of %d bytes among the events is none", len(key))})
				return
			}
			if position > expected {
				v.report.add(Problem{Position: expected, Until: position - 1, What: "missing"})
			}
			expected = position + 1
			v.done++
			v.record(position, key, value)
		})
		if err != nil && stops(err) {
			return err
		}
		if expected > v.head {
			break
		}
		if err == nil { // nothing more
			v.report.add(Problem{Position: expected, Until: v.head, What: "missing"})
			break
		}
		if unreadable.What == "" {
			unreadable = Problem{Position: expected, What: err.Error()}
		}
		unreadable.Until = expected
		expected++
	}
	flush()
	return nil
}

// record checks one event and that the indexes have it.
func (v *verifier) record(position ledger.Position, at, value []byte) {
	r, err := openRecord(value, at)
	if err != nil {
		v.report.add(Problem{Position: position, What: err.Error()})
		return
	}
	v.report.Events++
	v.report.Bytes += uint64(len(value))
	stream := ledger.StreamID(r.stream)
	if r.at < v.last {
		v.report.add(Problem{Position: position, Stream: stream, What: "recorded before the event before it"})
	}
	v.last = r.at
	key, err := v.stream(stream)
	if err != nil {
		v.report.add(Problem{Position: position, Stream: stream, What: err.Error()})
		return
	}
	if (r.revision == 0) != (key == streamKey(position)) {
		v.report.add(Problem{Position: position, Stream: stream, What: fmt.Sprintf("it has revision %d, but the index of streams says that the stream begins at event %d", r.revision, key)})
	}
	v.indexed(putRevisionKey(nil, key, r.revision), position, stream, "revisions")
	v.indexed(putIDKey(nil, key, r.id), position, stream, "event ids")
}

// stream returns the key of a stream.
func (v *verifier) stream(name ledger.StreamID) (streamKey, error) {
	if key, known := v.streams[name]; known {
		return key, nil
	}
	key, err := findStream(v.log.db, name)
	if err != nil {
		return 0, err
	}
	if key == 0 {
		return 0, errors.New("the index of streams does not have it")
	}
	if len(v.streams) >= maxCached {
		clear(v.streams)
	}
	v.streams[name] = key
	return key, nil
}

// indexed checks that an index has a position under a key.
func (v *verifier) indexed(key []byte, position ledger.Position, stream ledger.StreamID, index string) {
	problem := Problem{Position: position, Stream: stream}
	value, closer, err := v.log.db.Get(key)
	if err != nil {
		problem.What = fmt.Sprintf("not in the index of %s: %v", index, err)
		v.report.add(problem)
		return
	}
	defer closer.Close()
	if found, is := positionOf(value); !is || found != position {
		problem.What = fmt.Sprintf("the index of %s has event %d in its place", index, found)
		v.report.add(problem)
	}
}

// revisions checks that the index of revisions has as many entries as there are
// events, and that every stream's begin at 0 and have no gap.
func (v *verifier) revisions() error {
	stream, next := streamKey(0), ledger.Revision(0)
	return v.index("revisions", byRevision, revisionKeySize, func(key []byte, position ledger.Position) {
		at, revision := streamKey(beUint64(key[1:])), ledger.Revision(beUint64(key[9:]))
		if at != stream {
			stream, next = at, 0
		}
		if revision != next {
			v.report.add(Problem{Position: position, What: fmt.Sprintf("the index of revisions goes from %d to %d in the stream that begins at event %d", next-1, revision, at)})
		}
		next = revision + 1
	})
}

// ids checks that the index of event ids has as many entries as there are events.
func (v *verifier) ids() error {
	return v.index("event ids", byID, idKeySize, func([]byte, ledger.Position) {})
}

func (v *verifier) index(name string, kind byte, keySize int, look func(key []byte, position ledger.Position)) error {
	entries := uint64(0)
	err := v.walk([]byte{kind}, []byte{kind + 1}, func(key, value []byte) {
		position, is := positionOf(value)
		if len(key) != keySize || !is {
			v.report.add(Problem{What: fmt.Sprintf("the index of %s has an entry of %d and %d bytes", name, len(key), len(value))})
			return
		}
		if position > v.head {
			return // appended meanwhile
		}
		entries++
		v.done++
		look(key, position)
	})
	return v.counted(name, entries, uint64(v.head), err)
}

// names checks that the index of streams has an entry for each first event, and no other.
func (v *verifier) names() error {
	entries, first := uint64(0), uint64(0)
	err := v.walk([]byte{byName}, []byte{byName + 1}, func(key, value []byte) {
		position, is := positionOf(value)
		if len(key) < 2 || !is {
			v.report.add(Problem{What: fmt.Sprintf("the index of streams has an entry of %d and %d bytes", len(key), len(value))})
			return
		}
		if position > v.head {
			return
		}
		entries++
		if v.begins(ledger.StreamID(key[1:]), position) {
			first++
		}
	})
	v.report.Streams = first
	return v.counted("streams", entries, first, err)
}

// begins checks that a stream begins at an event.
func (v *verifier) begins(stream ledger.StreamID, position ledger.Position) bool {
	problem := Problem{Position: position, Stream: stream, What: "the index of streams says that the stream begins here, and it does not"}
	key := putPositionKey(nil, position)
	value, closer, err := v.log.db.Get(key)
	if err != nil {
		problem.What += ": " + err.Error()
		v.report.add(problem)
		return false
	}
	defer closer.Close()
	r, err := openRecord(value, key)
	if err != nil || string(r.stream) != string(stream) || r.revision != 0 {
		v.report.add(problem)
		return false
	}
	return true
}

// counted reports an index that could not be read or has the wrong number of entries.
func (v *verifier) counted(name string, entries, want uint64, err error) error {
	if err != nil && stops(err) {
		return err
	}
	if err != nil {
		v.report.add(Problem{What: fmt.Sprintf("the index of %s cannot be read beyond %d entries: %v", name, entries, err)})
	} else if entries != want {
		v.report.add(Problem{What: fmt.Sprintf("the index of %s has %d entries, there should be %d", name, entries, want)})
	}
	return nil
}
