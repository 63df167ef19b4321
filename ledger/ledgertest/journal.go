package ledgertest

import (
	"bytes"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"iter"
	"math"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/ledger"

	"pgregory.net/rapid"
)

// patience bounds every wait, so that a journal that loses a wake-up fails the test
// instead of hanging it.
const patience = time.Minute

// TestJournal checks every promise of ledger.Journal. It opens a journal for each
// of its tests.
func TestJournal(t *testing.T, open func(t *testing.T) ledger.Journal) {
	tests := []struct {
		name string
		run  func(t *testing.T, b *book)
	}{
		{"append and read back", testReadBack},
		{"missing stream", testMissingStream},
		{"expectations", testExpectations},
		{"appending nothing", testAppendNothing},
		{"refused appends", testRefusedAppends},
		{"atomic", testAtomic},
		{"idempotent", testIdempotent},
		{"idempotent in two streams", testIdempotentPerStream},
		{"mixture of held and new", testMixture},
		{"bytes are the caller's", testOwnership},
		{"read a stream", testReadStream},
		{"read all", testReadAll},
		{"read with a filter", testReadFilter},
		{"stop reading", testStopReading},
		{"cancelled", testCancelled},
		{"concurrent writers on one stream", testWritersOneStream},
		{"concurrent writers on many streams", testWritersManyStreams},
		{"concurrent replays", testConcurrentReplays},
		{"follow into live", testFollow},
		{"follow when there is nothing", testFollowNothing},
		{"follow with a filter", testFollowFilter},
		{"follow from anywhere", testFollowFromAnywhere},
		{"many followers", testManyFollowers},
		{"slow follower", testSlowFollower},
		{"stop following", testStopFollowing},
		{"append while reading", testAppendWhileReading},
		{"model", testModel},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) { test.run(t, newBook(t, open(t))) })
	}
}

// TestReopen checks what a durable journal knows after reopen has closed and opened
// it again.
func TestReopen(t *testing.T, open func(t *testing.T) (journal ledger.Journal, reopen func() ledger.Journal)) {
	journal, reopen := open(t)
	b := newBook(t, journal)
	first, second := b.stream("first"), b.stream("second")
	events := b.events(7)
	b.append(first, ledger.NoStream, events[:3]...)
	b.append(second, ledger.Any, events[3])
	last := b.append(first, 2, events[4:]...)
	before := b.all()

	for range 3 {
		b.journal = reopen()
		b.same(b.all(), before)
		b.same(b.read(ledger.Query{Stream: first}), b.written[first])
		if again := b.append(first, ledger.NoStream, events[4:]...); again != last {
			t.Fatalf("replay after reopening is at %d, want %d", again, last)
		}
		b.conflict(first, ledger.NoStream, b.event())
		b.conflict(second, 5, b.event())
		revision := ledger.Revision(len(b.written[second])) - 1
		if next := b.append(second, revision, b.event()); next <= last {
			t.Fatalf("position %d after reopening is not above %d", next, last)
		}
		before = b.all()
	}
}

// book is a journal under test and what the test has written to it.
type book struct {
	t       *testing.T
	journal ledger.Journal
	start   ledger.Position // where the journal ended when the test began
	prefix  string          // of this test's streams
	serial  int
	written map[ledger.StreamID][]ledger.Recorded
}

func newBook(t *testing.T, journal ledger.Journal) *book {
	t.Helper()
	start, err := ledger.Head(t.Context(), journal)
	if err != nil {
		t.Fatalf("head: %v", err)
	}
	return &book{
		t: t, journal: journal, start: start, prefix: "test" + rand.Text(),
		written: map[ledger.StreamID][]ledger.Recorded{},
	}
}

func (b *book) stream(id string) ledger.StreamID { return ledger.Stream(b.prefix, id) }

// event makes an event that differs from all others in every field.
func (b *book) event() ledger.Event {
	b.serial++
	return makeEvent(b.prefix, b.serial)
}

func makeEvent(prefix string, serial int) ledger.Event {
	return ledger.Event{
		ID:   ledger.DeriveID(prefix, fmt.Sprint(serial)),
		Type: fmt.Sprintf("test-written.v%d", serial),
		Data: []byte(fmt.Sprintf(`{"serial":%d,"text":"早上 \u0000 %s"}`, serial, strings.Repeat("x", serial%97))),
		Meta: []byte(fmt.Sprintf(`{"actor":"ledgertest","causation":"%d"}`, serial)),
	}
}

func (b *book) events(n int) []ledger.Event {
	events := make([]ledger.Event, n)
	for i := range events {
		events[i] = b.event()
	}
	return events
}

// append writes new events or a replay, and remembers what should now be recorded.
func (b *book) append(stream ledger.StreamID, expect ledger.Revision, events ...ledger.Event) ledger.Position {
	b.t.Helper()
	last, err := b.journal.Append(b.t.Context(), stream, expect, events...)
	if err != nil {
		b.t.Fatalf("append %d events to %s at %d: %v", len(events), stream, expect, err)
	}
	if b.holds(stream, events) {
		return last
	}
	before := len(b.written[stream])
	recorded := b.read(ledger.Query{Stream: stream, From: ledger.Revision(before)})
	if len(recorded) != len(events) {
		b.t.Fatalf("%d events were appended to %s at %d, %d are there", len(events), stream, before, len(recorded))
	}
	for i, event := range events {
		b.recordedAs(recorded[i], event, stream, ledger.Revision(before+i))
	}
	if end := recorded[len(recorded)-1].Position; end != last {
		b.t.Fatalf("append returned position %d, the last event is at %d", last, end)
	}
	b.written[stream] = append(b.written[stream], recorded...)
	return last
}

func (b *book) holds(stream ledger.StreamID, events []ledger.Event) bool {
	for _, recorded := range b.written[stream] {
		if recorded.ID == events[0].ID {
			return true
		}
	}
	return false
}

// conflict expects a refusal that leaves no trace.
func (b *book) conflict(stream ledger.StreamID, expect ledger.Revision, events ...ledger.Event) {
	b.t.Helper()
	before := b.all()
	_, err := b.journal.Append(b.t.Context(), stream, expect, events...)
	if !errors.Is(err, ledger.ErrConflict) {
		b.t.Fatalf("append to %s expecting %d: got error %v, want a conflict", stream, expect, err)
	}
	b.same(b.all(), before)
}

// recordedAs compares an event with what was appended.
func (b *book) recordedAs(got ledger.Recorded, want ledger.Event, stream ledger.StreamID, revision ledger.Revision) {
	b.t.Helper()
	if got.ID != want.ID || got.Type != want.Type || !bytes.Equal(got.Data, want.Data) || !bytes.Equal(got.Meta, want.Meta) {
		b.t.Fatalf("%s at revision %d:\n got %s %s %s %s\nwant %s %s %s %s", stream, revision,
			got.ID, got.Type, got.Data, got.Meta, want.ID, want.Type, want.Data, want.Meta)
	}
	if got.Stream != stream || got.Revision != revision {
		b.t.Fatalf("event %s is recorded in %s at %d, want %s at %d", got.ID, got.Stream, got.Revision, stream, revision)
	}
	if got.RecordedAt.IsZero() || got.RecordedAt.Location() != time.UTC {
		b.t.Fatalf("event %s is recorded at %v, want a time in UTC", got.ID, got.RecordedAt)
	}
	if got.Position <= b.start {
		b.t.Fatalf("event %s is at position %d, the journal already ended at %d", got.ID, got.Position, b.start)
	}
}

func (b *book) read(query ledger.Query) []ledger.Recorded {
	b.t.Helper()
	return collect(b.t, b.journal.Read(b.t.Context(), query))
}

func collect(t *testing.T, events iter.Seq2[ledger.Recorded, error]) []ledger.Recorded {
	t.Helper()
	var all []ledger.Recorded
	for event, err := range events {
		if err != nil {
			t.Fatalf("read: %v", err)
		}
		all = append(all, event)
	}
	return all
}

// all reads what this test has written, in position order.
func (b *book) all() []ledger.Recorded {
	b.t.Helper()
	all := b.read(ledger.Query{After: b.start})
	for i := range all {
		if i > 0 && all[i].Position <= all[i-1].Position {
			b.t.Fatalf("position %d follows %d", all[i].Position, all[i-1].Position)
		}
	}
	return all
}

func (b *book) same(got, want []ledger.Recorded) {
	b.t.Helper()
	if difference := differ(got, want); difference != "" {
		b.t.Fatal(difference)
	}
}

// differ describes the first difference between two runs of events.
func differ(got, want []ledger.Recorded) string {
	for i := range min(len(got), len(want)) {
		g, w := got[i], want[i]
		if g.ID != w.ID || g.Type != w.Type || !bytes.Equal(g.Data, w.Data) || !bytes.Equal(g.Meta, w.Meta) ||
			g.Stream != w.Stream || g.Revision != w.Revision || g.Position != w.Position || !g.RecordedAt.Equal(w.RecordedAt) {
			return fmt.Sprintf("event %d of %d:\n got %+v\nwant %+v", i, len(want), g, w)
		}
	}
	if len(got) != len(want) {
		return fmt.Sprintf("got %d events, want %d", len(got), len(want))
	}
	return ""
}

func testReadBack(t *testing.T, b *book) {
	stream := b.stream("one")
	var last ledger.Position
	for i := range 5 {
		position := b.append(stream, ledger.Revision(i)-1+toNoStream(i), b.event())
		if position <= last {
			t.Fatalf("position %d follows %d", position, last)
		}
		last = position
	}
	head, err := ledger.Head(t.Context(), b.journal)
	if err != nil || head != last {
		t.Fatalf("head is %d (%v), want %d", head, err, last)
	}
	// Fields may be empty, and hold bytes that are not text.
	odd := b.events(3)
	odd[0].Data, odd[0].Meta = nil, nil
	odd[1].Data, odd[1].Meta = []byte(`{}`), nil
	odd[2].Data = []byte(`"` + strings.Repeat("長", 30_000) + `"`)
	b.append(stream, 4, odd...)
	b.append(b.stream("with-dashes.and.dots 和 blanks"), ledger.Any, b.event())
}

// toNoStream turns the expectation "at -1" of the first append into NoStream.
func toNoStream(i int) ledger.Revision {
	if i == 0 {
		return ledger.NoStream + 1
	}
	return 0
}

func testMissingStream(t *testing.T, b *book) {
	for _, query := range []ledger.Query{
		{},
		{From: 5},
		{From: ledger.LatestRevision, Backwards: true},
		{Limit: 3},
	} {
		query.Stream = b.stream("missing")
		if got := b.read(query); len(got) != 0 {
			t.Errorf("%+v: got %d events", query, len(got))
		}
	}
}

func testExpectations(t *testing.T, b *book) {
	stream := b.stream("one")
	for _, expect := range []ledger.Revision{ledger.Exists, 0, 1, math.MaxInt64} {
		b.conflict(stream, expect, b.event())
	}
	b.append(stream, ledger.NoStream, b.event())
	for _, expect := range []ledger.Revision{ledger.NoStream, 1, 2, math.MaxInt64} {
		b.conflict(stream, expect, b.event())
	}
	b.append(stream, 0, b.event())
	b.conflict(stream, 0, b.event())
	b.append(stream, ledger.Exists, b.event())
	b.append(stream, ledger.Any, b.event())
	b.append(stream, 3, b.events(4)...)
	b.conflict(stream, 3, b.events(4)...)
	b.append(stream, 7, b.event())
	b.append(b.stream("two"), ledger.Any, b.event())
	b.append(b.stream("three"), ledger.NoStream, b.event())
}

func testAppendNothing(t *testing.T, b *book) {
	stream := b.stream("one")
	b.append(stream, ledger.NoStream, b.event())
	before := b.all()
	for _, expect := range []ledger.Revision{ledger.Any, ledger.Exists, 0} {
		if _, err := b.journal.Append(t.Context(), stream, expect); err != nil {
			t.Errorf("appending nothing at %d: %v", expect, err)
		}
	}
	for _, expect := range []ledger.Revision{ledger.NoStream, 1} {
		if _, err := b.journal.Append(t.Context(), stream, expect); !errors.Is(err, ledger.ErrConflict) {
			t.Errorf("appending nothing at %d: got error %v, want a conflict", expect, err)
		}
	}
	b.same(b.all(), before)
}

func testRefusedAppends(t *testing.T, b *book) {
	stream := b.stream("one")
	full := b.event()
	full.Data = bytes.Repeat([]byte{'7'}, ledger.MaxAppendBytes-len(full.Meta))
	b.append(stream, ledger.Any, full)
	before := b.all()

	nameless, idless, large := b.event(), b.event(), full
	nameless.Type = ""
	idless.ID = ledger.EventID{}
	large.ID = ledger.DeriveID(b.prefix, "large")
	large.Meta = append(bytes.Clone(large.Meta), ' ')
	half := b.events(2)
	half[0].Data = full.Data[:ledger.MaxAppendBytes/2]
	half[1].Data = full.Data[:ledger.MaxAppendBytes/2]
	longType := b.event()
	longType.Type = strings.Repeat("t", ledger.MaxNameBytes+1)
	for name, refused := range map[string]struct {
		stream ledger.StreamID
		expect ledger.Revision
		events []ledger.Event
	}{
		"no stream name":        {"", ledger.Any, b.events(1)},
		"long stream name":      {ledger.StreamID(strings.Repeat("s", ledger.MaxNameBytes+1)), ledger.Any, b.events(1)},
		"unknown expectation":   {stream, ledger.Exists - 1, b.events(1)},
		"no type":               {stream, ledger.Any, []ledger.Event{nameless}},
		"long type":             {stream, ledger.Any, []ledger.Event{longType}},
		"no id":                 {stream, ledger.Any, []ledger.Event{b.event(), idless}},
		"one event too large":   {stream, ledger.Any, []ledger.Event{large}},
		"too large in all":      {stream, ledger.Any, half},
		"too large, new stream": {b.stream("two"), ledger.NoStream, half},
	} {
		if _, err := b.journal.Append(t.Context(), refused.stream, refused.expect, refused.events...); err == nil {
			t.Errorf("%s was accepted", name)
		} else if errors.Is(err, ledger.ErrConflict) {
			t.Errorf("%s is no conflict: %v", name, err)
		}
	}
	b.same(b.all(), before)
}

func testAtomic(t *testing.T, b *book) {
	one, two := b.stream("one"), b.stream("two")
	b.append(one, ledger.NoStream, b.events(100)...)
	b.append(two, ledger.NoStream, b.event())
	b.append(one, 99, b.events(2)...)

	// A refused append of many leaves nothing behind.
	b.conflict(one, 100, b.events(50)...)
	twice := b.events(10)
	twice[9].ID = twice[2].ID
	b.conflict(one, ledger.Any, twice...)
	b.conflict(b.stream("three"), ledger.NoStream, twice...)
}

func testIdempotent(t *testing.T, b *book) {
	stream := b.stream("one")
	first, second := b.events(3), b.events(2)
	firstAt := b.append(stream, ledger.NoStream, first...)
	secondAt := b.append(stream, 2, second...)
	other := b.append(b.stream("two"), ledger.NoStream, b.event())
	for i := range 300 {
		b.append(b.stream(fmt.Sprint("more", i%7)), ledger.Any, b.event())
	}
	before := b.all()

	for _, expect := range []ledger.Revision{ledger.Any, ledger.NoStream, ledger.Exists, 0, 2, 4, 77} {
		for _, replay := range []struct {
			events []ledger.Event
			want   ledger.Position
		}{
			{first, firstAt}, {second, secondAt}, {first[2:], firstAt}, {slices.Concat(first, second), secondAt},
		} {
			got, err := b.journal.Append(t.Context(), stream, expect, replay.events...)
			if err != nil || got != replay.want {
				t.Fatalf("replay expecting %d: got position %d (%v), want %d", expect, got, err, replay.want)
			}
		}
	}
	if secondAt >= other {
		t.Fatalf("position %d is not before %d", secondAt, other)
	}
	b.same(b.all(), before)

	// The id decides: what else the replay carries is not looked at.
	changed := first[2]
	changed.Data = []byte(`"changed"`)
	if got := b.append(stream, ledger.Any, changed); got != firstAt {
		t.Fatalf("replay with other data is at %d, want %d", got, firstAt)
	}
	b.same(b.all(), before)
}

func testIdempotentPerStream(t *testing.T, b *book) {
	event := b.event()
	one := b.append(b.stream("one"), ledger.NoStream, event)
	two := b.append(b.stream("two"), ledger.NoStream, event)
	if two <= one {
		t.Fatalf("the same event in another stream is at %d, want above %d", two, one)
	}
}

func testMixture(t *testing.T, b *book) {
	stream := b.stream("one")
	held := b.events(3)
	b.append(stream, ledger.NoStream, held...)
	fresh := b.events(2)
	for _, expect := range []ledger.Revision{ledger.Any, ledger.Exists, 2} {
		b.conflict(stream, expect, held[2], fresh[0])
		b.conflict(stream, expect, fresh[0], held[0])
		b.conflict(stream, expect, held[0], held[1], held[2], fresh[0], fresh[1])
	}
	b.append(stream, 2, fresh...)
}

func testOwnership(t *testing.T, b *book) {
	stream := b.stream("one")
	event := b.event()
	event.Data, event.Meta = []byte(`"mine"`), []byte(`"too"`)
	if _, err := b.journal.Append(t.Context(), stream, ledger.Any, event); err != nil {
		t.Fatal(err)
	}
	copy(event.Data, `"XXXX`)
	copy(event.Meta, `"XXX`)
	got := b.read(ledger.Query{Stream: stream})
	if len(got) != 1 || string(got[0].Data) != `"mine"` || string(got[0].Meta) != `"too"` {
		t.Fatalf("changing the bytes after an append changed the record: %v", got)
	}
}

func testReadStream(t *testing.T, b *book) {
	one, two := b.stream("one"), b.stream("two")
	for i := range 40 {
		b.append(one, ledger.Any, b.events(i%3+1)...)
		b.append(two, ledger.Any, b.event())
	}
	all := b.written[one]
	size := ledger.Revision(len(all))
	for _, from := range []ledger.Revision{0, 1, 17, size - 2, size - 1, size, size + 1, 10 * size, ledger.LatestRevision} {
		for _, limit := range []int{0, 1, 2, 10, len(all), 2 * len(all)} {
			query := ledger.Query{Stream: one, From: from, Limit: limit}
			b.same(b.read(query), limited(all[min(from, size):], limit))
			query.Backwards = true
			down := slices.Clone(all[:min(from, size-1)+1])
			slices.Reverse(down)
			b.same(b.read(query), limited(down, limit))
		}
	}
}

func limited(events []ledger.Recorded, limit int) []ledger.Recorded {
	if limit > 0 && limit < len(events) {
		return events[:limit]
	}
	return events
}

func testReadAll(t *testing.T, b *book) {
	for i := range 60 {
		b.append(b.stream(fmt.Sprint(i%5)), ledger.Any, b.events(i%3+1)...)
	}
	all := b.all()
	if total := b.total(); total != len(all) {
		t.Fatalf("read %d events, wrote %d", len(all), total)
	}
	last := all[len(all)-1].Position
	var afters []ledger.Position
	for _, event := range all {
		afters = append(afters, event.Position-1, event.Position)
	}
	for _, after := range append(afters, last+1, last+1000) {
		above := slices.IndexFunc(all, func(e ledger.Recorded) bool { return e.Position > after })
		if above < 0 {
			above = len(all)
		}
		b.same(b.read(ledger.Query{After: after, Limit: 7}), limited(all[above:], 7))
		b.same(b.read(ledger.Query{After: after}), all[above:])
	}
	for _, limit := range []int{1, 7, len(all)} {
		down := slices.Clone(all)
		slices.Reverse(down)
		b.same(b.read(ledger.Query{After: ledger.LatestPosition, Backwards: true, Limit: limit}), limited(down, limit))
		// Backwards, After itself is left out too.
		b.same(b.read(ledger.Query{After: last, Backwards: true, Limit: min(limit, len(all)-1)}), limited(down[1:], limit))
		b.same(b.read(ledger.Query{After: all[10].Position, Backwards: true, Limit: min(limit, 10)}), limited(down[len(all)-10:], limit))
	}
	if got := b.read(ledger.Query{After: ledger.LatestPosition}); len(got) != 0 {
		t.Fatalf("%d events lie after the end", len(got))
	}
}

func (b *book) total() int {
	total := 0
	for _, events := range b.written {
		total += len(events)
	}
	return total
}

func testReadFilter(t *testing.T, b *book) {
	types := []string{"sale-recorded.v1", "sale-recorded.v2", "sale-voided.v1", "refund-recorded.v1"}
	for i := range 80 {
		event := b.event()
		event.Type = types[i%len(types)]
		b.append(b.stream([]string{"shop.1", "shop.2", "depot.1"}[i%3]), ledger.Any, event)
	}
	all := b.all()
	streams := func(ids ...string) (prefixes []string) {
		for _, id := range ids {
			prefixes = append(prefixes, b.prefix+"-"+id)
		}
		return prefixes
	}
	for _, filter := range []ledger.Filter{
		{},
		{Streams: streams("")},
		{Streams: streams("shop")},
		{Streams: streams("shop.1", "depot")},
		{Streams: streams("nothing")},
		{Types: []string{"sale-"}},
		{Types: []string{"sale-recorded.v1", "refund"}},
		{Streams: streams("shop.2"), Types: []string{"sale-recorded"}},
		{Streams: streams("shop.2"), Types: []string{"nothing"}},
	} {
		var want []ledger.Recorded
		for _, event := range all {
			if filter.Admits(event.Stream, event.Type) {
				want = append(want, event)
			}
		}
		b.same(b.read(ledger.Query{After: b.start, Filter: filter}), want)
		b.same(b.read(ledger.Query{After: b.start, Filter: filter, Limit: 5}), limited(want, 5))
		down := slices.Clone(want)
		slices.Reverse(down)
		if len(down) > 0 {
			b.same(b.read(ledger.Query{After: ledger.LatestPosition, Backwards: true, Filter: filter, Limit: len(down)}), down)
		}
	}
	shop := b.stream("shop.1")
	var voided []ledger.Recorded
	for _, event := range b.written[shop] {
		if event.Type == "sale-voided.v1" {
			voided = append(voided, event)
		}
	}
	b.same(b.read(ledger.Query{Stream: shop, Filter: ledger.Filter{Types: []string{"sale-voided"}}}), voided)
	b.same(b.read(ledger.Query{Stream: shop, Filter: ledger.Filter{Types: []string{"sale-voided"}}, Limit: 2}), voided[:2])
}

func testStopReading(t *testing.T, b *book) {
	stream := b.stream("one")
	b.append(stream, ledger.NoStream, b.events(100)...)
	for _, query := range []ledger.Query{{After: b.start}, {Stream: stream}, {After: ledger.LatestPosition, Backwards: true}} {
		seen := 0
		for _, err := range b.journal.Read(t.Context(), query) {
			if err != nil {
				t.Fatal(err)
			}
			if seen++; seen == 3 {
				break
			}
		}
		if seen != 3 {
			t.Fatalf("saw %d events", seen)
		}
	}
	// A sequence may be read more than once.
	twice := b.journal.Read(t.Context(), ledger.Query{Stream: stream})
	b.same(collect(t, twice), b.written[stream])
	b.same(collect(t, twice), b.written[stream])
}

func testCancelled(t *testing.T, b *book) {
	stream := b.stream("one")
	b.append(stream, ledger.NoStream, b.events(10)...)
	before := b.all()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := b.journal.Append(ctx, stream, ledger.Any, b.event()); !errors.Is(err, context.Canceled) {
		t.Errorf("append: got error %v, want cancelled", err)
	}
	var last error
	for _, err := range b.journal.Read(ctx, ledger.Query{Stream: stream}) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("read: got error %v, want cancelled", last)
	}
	last = nil
	for _, err := range b.journal.Follow(ctx, b.start, ledger.Filter{}) {
		last = err
	}
	if !errors.Is(last, context.Canceled) {
		t.Errorf("follow: got error %v, want cancelled", last)
	}
	b.same(b.all(), before)
}

func testWritersOneStream(t *testing.T, b *book) {
	const writers, each = 8, 25
	stream := b.stream("hot")
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			// Every writer decides on what it has read, as commands do.
			for i := range each {
				event := makeEvent(b.prefix, 1000*(w+1)+i)
				for {
					revision := ledger.NoStream
					for event, err := range b.journal.Read(t.Context(), ledger.Query{Stream: stream, From: ledger.LatestRevision, Backwards: true, Limit: 1}) {
						if err != nil {
							t.Errorf("read: %v", err)
							return
						}
						revision = event.Revision
					}
					_, err := b.journal.Append(t.Context(), stream, revision, event)
					if err == nil {
						break
					}
					if !errors.Is(err, ledger.ErrConflict) {
						t.Errorf("append: %v", err)
						return
					}
				}
			}
		})
	}
	wg.Wait()
	b.gapless(b.all(), writers*each)
}

// gapless checks that a run holds so many events, each once, and that every stream
// in it has revisions 0, 1, 2, …
func (b *book) gapless(all []ledger.Recorded, want int) {
	b.t.Helper()
	type key struct {
		stream ledger.StreamID
		id     ledger.EventID
	}
	next, seen := map[ledger.StreamID]ledger.Revision{}, map[key]bool{}
	for _, event := range all {
		if event.Revision != next[event.Stream] {
			b.t.Fatalf("%s: revision %d follows %d", event.Stream, event.Revision, next[event.Stream]-1)
		}
		next[event.Stream]++
		if k := (key{event.Stream, event.ID}); seen[k] {
			b.t.Fatalf("%s holds event %s twice", event.Stream, event.ID)
		} else {
			seen[k] = true
		}
	}
	if len(all) != want {
		b.t.Fatalf("%d events were recorded, want %d", len(all), want)
	}
}

func testWritersManyStreams(t *testing.T, b *book) {
	const writers, each = 8, 25
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			stream := b.stream(fmt.Sprint(w))
			revision, last := ledger.NoStream, ledger.Position(0)
			for i := range each {
				events := []ledger.Event{makeEvent(b.prefix, 10_000*w+2*i+1), makeEvent(b.prefix, 10_000*w+2*i+2)}
				position, err := b.journal.Append(t.Context(), stream, revision, events...)
				if err != nil || position <= last {
					t.Errorf("append to %s at %d: position %d after %d: %v", stream, revision, position, last, err)
					return
				}
				last, revision = position, max(revision, -1)+2
				// A writer reads its own writes at once.
				for event, err := range b.journal.Read(t.Context(), ledger.Query{Stream: stream, From: ledger.LatestRevision, Backwards: true, Limit: 1}) {
					if err != nil || event.Position != position || event.ID != events[1].ID {
						t.Errorf("%s ends at %d, want %d (%v)", stream, event.Position, position, err)
					}
				}
			}
		})
	}
	wg.Wait()
	all := b.all()
	b.gapless(all, 2*writers*each)
	for i, event := range all {
		// The two events of an append may have others between them, but in order.
		if event.Revision%2 == 1 && !slices.ContainsFunc(all[:i], func(e ledger.Recorded) bool {
			return e.Stream == event.Stream && e.Revision == event.Revision-1
		}) {
			t.Fatalf("%s: revision %d precedes %d", event.Stream, event.Revision, event.Revision-1)
		}
	}
}

func testConcurrentReplays(t *testing.T, b *book) {
	const writers, count = 8, 20
	stream := b.stream("one")
	events := b.events(count)
	positions := make([][]ledger.Position, writers)
	var wg sync.WaitGroup
	for w := range writers {
		wg.Go(func() {
			for i := range events {
				position, err := b.journal.Append(t.Context(), stream, ledger.Any, events[i])
				if err != nil {
					t.Errorf("append: %v", err)
					return
				}
				positions[w] = append(positions[w], position)
			}
		})
	}
	wg.Wait()
	b.gapless(b.all(), count)
	for w := range positions {
		if !slices.Equal(positions[w], positions[0]) {
			t.Fatalf("the same events have positions %v and %v", positions[w], positions[0])
		}
	}
}

// follow collects pages until enough says so. It checks what holds for every page.
func follow(ctx context.Context, journal ledger.Journal, after ledger.Position, filter ledger.Filter, enough func(page ledger.Page, all []ledger.Recorded) bool) ([]ledger.Recorded, error) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	var all []ledger.Recorded
	at := after
	for page, err := range journal.Follow(ctx, after, filter) {
		if err != nil {
			return all, fmt.Errorf("after %d events, at %d: %w", len(all), at, err)
		}
		for _, event := range page.Events {
			if event.Position <= at || event.Position > page.Next {
				return all, fmt.Errorf("an event at %d is in the page from %d to %d", event.Position, at, page.Next)
			}
			at = event.Position
			if !filter.Admits(event.Stream, event.Type) {
				return all, fmt.Errorf("%s of %s does not fit the filter", event.Type, event.Stream)
			}
		}
		if page.Next < at {
			return all, fmt.Errorf("the cursor went from %d back to %d", at, page.Next)
		}
		at = page.Next
		if all = append(all, page.Events...); enough(page, all) {
			return all, nil
		}
	}
	return all, errors.New("the journal stopped being followed")
}

func testFollow(t *testing.T, b *book) {
	const before, during = 500, 200
	for i := range before / 5 {
		b.append(b.stream(fmt.Sprint(i%3)), ledger.Any, b.events(5)...)
	}
	caughtUp := make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		<-caughtUp
		for i := range during {
			if _, err := b.journal.Append(t.Context(), b.stream("live"), ledger.Any, makeEvent(b.prefix, 100_000+i)); err != nil {
				t.Errorf("append: %v", err)
			}
		}
	})
	once := sync.OnceFunc(func() { close(caughtUp) })
	defer once()
	got, err := follow(t.Context(), b.journal, b.start, ledger.Filter{}, func(page ledger.Page, all []ledger.Recorded) bool {
		if page.CaughtUp && len(all) < before {
			t.Errorf("caught up after %d of %d events", len(all), before)
		}
		if page.CaughtUp {
			once()
		}
		return len(all) >= before+during && page.CaughtUp
	})
	if err != nil {
		t.Fatal(err)
	}
	wg.Wait()
	b.same(got, b.all())
}

func testFollowNothing(t *testing.T, b *book) {
	got, err := follow(t.Context(), b.journal, b.start, ledger.Filter{}, func(page ledger.Page, all []ledger.Recorded) bool { return page.CaughtUp })
	if err != nil || len(got) != 0 {
		t.Fatalf("got %d events of an unchanged journal (%v)", len(got), err)
	}
	b.append(b.stream("one"), ledger.Any, b.events(3)...)
	none := ledger.Filter{Types: []string{"there are none"}}
	if got, err = follow(t.Context(), b.journal, b.start, none, func(page ledger.Page, all []ledger.Recorded) bool { return page.CaughtUp }); err != nil || len(got) != 0 {
		t.Fatalf("got %d events through a closed filter (%v)", len(got), err)
	}
}

func testFollowFilter(t *testing.T, b *book) {
	filter := ledger.Filter{Streams: []string{b.prefix + "-shop"}, Types: []string{"sale-"}}
	put := func(n int) {
		for i := range n {
			event := b.event()
			event.Type = []string{"sale-recorded.v1", "refund-recorded.v1"}[i%2]
			b.append(b.stream([]string{"shop.1", "depot.1", "shop.2"}[i%3]), ledger.Any, event)
		}
	}
	put(60)
	// The cursor moves on past what the filter holds back.
	var cursor ledger.Position
	got, err := follow(t.Context(), b.journal, b.start, filter, func(page ledger.Page, all []ledger.Recorded) bool {
		cursor = page.Next
		return page.CaughtUp
	})
	if err != nil {
		t.Fatal(err)
	}
	all := b.all()
	if cursor != all[len(all)-1].Position {
		t.Fatalf("the cursor is at %d, the journal ends at %d", cursor, all[len(all)-1].Position)
	}
	put(60)
	all = b.all()
	rest, err := follow(t.Context(), b.journal, cursor, filter, func(page ledger.Page, _ []ledger.Recorded) bool { return page.CaughtUp })
	if err != nil {
		t.Fatal(err)
	}
	b.same(append(got, rest...), collect(t, b.journal.Read(t.Context(), ledger.Query{After: b.start, Filter: filter})))
}

func testFollowFromAnywhere(t *testing.T, b *book) {
	for i := range 30 {
		b.append(b.stream(fmt.Sprint(i%3)), ledger.Any, b.event())
	}
	all := b.all()
	for i, event := range all {
		got, err := follow(t.Context(), b.journal, event.Position, ledger.Filter{}, func(page ledger.Page, _ []ledger.Recorded) bool { return page.CaughtUp })
		if err != nil {
			t.Fatal(err)
		}
		b.same(got, all[i+1:])
	}
}

func testManyFollowers(t *testing.T, b *book) {
	const followers, events = 10, 100
	var wg sync.WaitGroup
	results := make([][]ledger.Recorded, followers)
	for i := range followers {
		wg.Go(func() {
			var err error
			results[i], err = follow(t.Context(), b.journal, b.start, ledger.Filter{}, func(_ ledger.Page, all []ledger.Recorded) bool { return len(all) >= events })
			if err != nil {
				t.Errorf("follower %d: %v", i, err)
			}
		})
	}
	for i := range events {
		b.append(b.stream(fmt.Sprint(i%4)), ledger.Any, b.event())
	}
	wg.Wait()
	for i := range results {
		b.same(results[i], b.all())
	}
}

func testSlowFollower(t *testing.T, b *book) {
	const events = 3000
	b.append(b.stream("first"), ledger.Any, b.event())
	written := make(chan struct{})
	go func() {
		defer close(written)
		for i := range events / 100 {
			batch := make([]ledger.Event, 100)
			for j := range batch {
				batch[j] = makeEvent(b.prefix, 1000+100*i+j)
			}
			if _, err := b.journal.Append(t.Context(), b.stream(fmt.Sprint(i%4)), ledger.Any, batch...); err != nil {
				t.Errorf("append: %v", err)
			}
		}
	}()
	got, err := follow(t.Context(), b.journal, b.start, ledger.Filter{}, func(_ ledger.Page, all []ledger.Recorded) bool {
		// Holding the first page until all is written must not hold up the writer,
		// nor may the follower miss anything afterwards.
		<-written
		return len(all) >= events+1
	})
	if err != nil {
		t.Fatal(err)
	}
	b.same(got, b.all())
}

func testStopFollowing(t *testing.T, b *book) {
	b.append(b.stream("one"), ledger.Any, b.events(10)...)
	for page, err := range b.journal.Follow(t.Context(), b.start, ledger.Filter{}) {
		if err != nil || len(page.Events) == 0 {
			t.Fatalf("first page has %d events (%v)", len(page.Events), err)
		}
		break
	}
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	_, err := follow(ctx, b.journal, b.start, ledger.Filter{}, func(page ledger.Page, _ []ledger.Recorded) bool {
		if page.CaughtUp {
			cancel()
		}
		return false
	})
	if !errors.Is(err, context.Canceled) {
		t.Fatalf("following ended with %v, want cancelled", err)
	}
	b.append(b.stream("one"), ledger.Any, b.event())
}

func testAppendWhileReading(t *testing.T, b *book) {
	b.append(b.stream("one"), ledger.Any, b.events(20)...)
	seen := 0
	for event, err := range b.journal.Read(t.Context(), ledger.Query{Stream: b.stream("one"), Limit: 20}) {
		if err != nil {
			t.Fatal(err)
		}
		seen++
		if _, err := b.journal.Append(t.Context(), b.stream("two"), ledger.Revision(seen)-2+toNoStream(seen-1), makeEvent(b.prefix, 500+int(event.Revision))); err != nil {
			t.Fatal(err)
		}
	}
	if seen != 20 {
		t.Fatalf("saw %d events", seen)
	}
}

// testModel compares random appends and reads with a plain slice.
func testModel(t *testing.T, b *book) {
	var model []ledger.Recorded
	round := 0
	rapid.Check(t, func(r *rapid.T) {
		round++
		inStream := func(stream ledger.StreamID) []ledger.Recorded {
			var events []ledger.Recorded
			for _, event := range model {
				if event.Stream == stream {
					events = append(events, event)
				}
			}
			return events
		}
		for range rapid.IntRange(1, 20).Draw(r, "steps") {
			stream := b.stream(fmt.Sprint(rapid.IntRange(0, 3).Draw(r, "stream"), ".", round%10))
			mine := inStream(stream)
			if rapid.Bool().Draw(r, "append") {
				events := make([]ledger.Event, rapid.IntRange(1, 4).Draw(r, "events"))
				for i := range events {
					events[i] = makeEvent(fmt.Sprint(b.prefix, round%10), rapid.IntRange(1, 60).Draw(r, "serial"))
				}
				expect := ledger.Revision(rapid.IntRange(-3, len(mine)+1).Draw(r, "expect"))
				want := modelAppend(mine, expect, events)
				last, err := b.journal.Append(t.Context(), stream, expect, events...)
				switch {
				case errors.Is(err, ledger.ErrConflict) != (want < 0) || (err != nil && want >= 0):
					r.Fatalf("append to %s at %d: got %v, model says %d", stream, expect, err, want)
				case want == 0: // written
					got := collect(t, b.journal.Read(t.Context(), ledger.Query{Stream: stream, From: ledger.Revision(len(mine))}))
					if len(got) != len(events) || got[len(got)-1].Position != last {
						r.Fatalf("append of %d events left %d", len(events), len(got))
					}
					for i := range got {
						b.recordedAs(got[i], events[i], stream, ledger.Revision(len(mine)+i))
					}
					model = append(model, got...)
				case want > 0 && last != ledger.Position(want):
					r.Fatalf("replay is at %d, want %d", last, want)
				}
				continue
			}
			from, limit := rapid.IntRange(0, len(mine)+1).Draw(r, "from"), rapid.IntRange(0, 5).Draw(r, "limit")
			backwards := rapid.Bool().Draw(r, "backwards")
			want := slices.Clone(mine[min(from, len(mine)):])
			if backwards {
				want = slices.Clone(mine[:min(from+1, len(mine))])
				slices.Reverse(want)
			}
			got := collect(t, b.journal.Read(t.Context(), ledger.Query{Stream: stream, From: ledger.Revision(from), Backwards: backwards, Limit: limit}))
			if difference := differ(got, limited(want, limit)); difference != "" {
				r.Fatal(difference)
			}
			if len(model) > 0 {
				i := rapid.IntRange(0, len(model)-1).Draw(r, "after")
				got := collect(t, b.journal.Read(t.Context(), ledger.Query{After: model[i].Position, Limit: limit}))
				if difference := differ(got, limited(model[i+1:], limit)); difference != "" {
					r.Fatal(difference)
				}
			}
		}
	})
	b.same(b.all(), model)
}

// modelAppend returns -1 for a conflict, 0 when events are to be written, and the
// position of a replay otherwise.
func modelAppend(mine []ledger.Recorded, expect ledger.Revision, events []ledger.Event) int64 {
	held, last := 0, ledger.Position(0)
	for i, event := range events {
		if slices.ContainsFunc(events[:i], func(e ledger.Event) bool { return e.ID == event.ID }) {
			return -1
		}
		if at := slices.IndexFunc(mine, func(e ledger.Recorded) bool { return e.ID == event.ID }); at >= 0 {
			held++
			last = mine[at].Position
		}
	}
	switch {
	case held == len(events):
		return int64(last)
	case held > 0:
		return -1
	case expect == ledger.Any, expect == ledger.NoStream && len(mine) == 0, expect == ledger.Exists && len(mine) > 0,
		expect >= 0 && int(expect) == len(mine)-1:
		return 0
	}
	return -1
}
