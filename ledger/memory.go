package ledger

import (
	"bytes"
	"context"
	"iter"
	"sync"
	"time"
)

// Memory is a Journal that forgets everything when the program ends; for tests and
// examples.
type Memory struct {
	now func() time.Time

	mu      sync.Mutex
	all     []Recorded // all[i] is at position i+1; only ever appended to
	streams map[StreamID][]Position
	held    map[heldEvent]Position
	grown   chan struct{} // closed, and replaced, when all has grown
}

type heldEvent struct {
	stream StreamID
	id     EventID
}

// followedAtOnce is the number of events in a page of a Memory.
const followedAtOnce = 512

// NewMemory makes an empty journal whose clock is now, or time.Now when it is nil.
func NewMemory(now func() time.Time) *Memory {
	if now == nil {
		now = time.Now
	}
	return &Memory{
		now:     now,
		streams: map[StreamID][]Position{},
		held:    map[heldEvent]Position{},
		grown:   make(chan struct{}),
	}
}

// Append implements Journal.
func (m *Memory) Append(ctx context.Context, stream StreamID, expect Revision, events ...Event) (Position, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := CheckAppend(stream, expect, events, MaxAppendBytes); err != nil {
		return 0, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()

	held, last := 0, Position(0)
	for _, event := range events {
		if position, is := m.held[heldEvent{stream, event.ID}]; is {
			held++
			last = position
		}
	}
	if replay, err := CheckHeld(stream, held, len(events)); replay || err != nil {
		return last, err
	}
	places := m.streams[stream]
	if err := CheckExpected(stream, expect, Revision(len(places))-1); err != nil {
		return 0, err
	}
	if len(events) == 0 {
		if len(places) == 0 {
			return 0, nil
		}
		return places[len(places)-1], nil
	}
	at := m.now().UTC()
	if n := len(m.all); n > 0 && at.Before(m.all[n-1].RecordedAt) {
		at = m.all[n-1].RecordedAt
	}
	for _, event := range events {
		event.Data, event.Meta = bytes.Clone(event.Data), bytes.Clone(event.Meta)
		last = Position(len(m.all)) + 1
		m.all = append(m.all, Recorded{event, stream, Revision(len(places)), last, at})
		m.held[heldEvent{stream, event.ID}] = last
		places = append(places, last)
	}
	m.streams[stream] = places
	close(m.grown)
	m.grown = make(chan struct{})
	return last, nil
}

// Read implements Journal. It reads what was there when it began.
func (m *Memory) Read(ctx context.Context, query Query) iter.Seq2[Recorded, error] {
	return func(yield func(Recorded, error) bool) {
		count := 0
		for event := range m.walk(query) {
			if err := ctx.Err(); err != nil {
				yield(Recorded{}, err)
				return
			}
			if !query.Admits(event.Stream, event.Type) {
				continue
			}
			if count++; !yield(event, nil) || count == query.Limit {
				return
			}
		}
	}
}

// walk yields the events between the query's start and the end, in its direction.
func (m *Memory) walk(query Query) iter.Seq[Recorded] {
	m.mu.Lock()
	all, places, inStream := m.all, m.streams[query.Stream], query.Stream != ""
	m.mu.Unlock()

	size := len(all)
	at := func(i int) Recorded { return all[i] }
	if inStream {
		size = len(places)
		at = func(i int) Recorded { return all[places[i]-1] }
	}
	// Forwards the walk covers [from,size), backwards [0,from) downwards.
	var from int
	switch {
	case inStream && query.Backwards:
		from = int(min(max(query.From, -1), Revision(size)-1)) + 1
	case inStream:
		from = int(min(max(query.From, 0), Revision(size)))
	case query.Backwards:
		from = int(min(max(query.After, 1)-1, Position(size)))
	default:
		from = int(min(query.After, Position(size)))
	}
	return func(yield func(Recorded) bool) {
		if query.Backwards {
			for i := from - 1; i >= 0 && yield(at(i)); i-- {
			}
			return
		}
		for i := from; i < size && yield(at(i)); i++ {
		}
	}
}

// Follow implements Journal.
func (m *Memory) Follow(ctx context.Context, after Position, filter Filter) iter.Seq2[Page, error] {
	return func(yield func(Page, error) bool) {
		for first := true; ; first = false {
			m.mu.Lock()
			all, grown := m.all, m.grown
			m.mu.Unlock()

			head := Position(len(all))
			if err := CheckAfter(after, head); err != nil {
				yield(Page{}, err)
				return
			}
			for after < head || first {
				if err := ctx.Err(); err != nil {
					yield(Page{}, err)
					return
				}
				end := min(after+followedAtOnce, head)
				page := Page{Next: end, CaughtUp: end == head}
				for _, event := range all[after:end] {
					if filter.Admits(event.Stream, event.Type) {
						page.Events = append(page.Events, event)
					}
				}
				after, first = end, false
				if !yield(page, nil) {
					return
				}
			}
			select {
			case <-grown:
			case <-ctx.Done():
				yield(Page{}, ctx.Err())
				return
			}
		}
	}
}
