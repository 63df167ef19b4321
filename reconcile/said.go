package reconcile

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strconv"

	"daybook/ledger"
)

// finding is what a reckoning of a subject comes to.
type finding struct {
	matches     []Match
	suggestions []Match
	breaks      []Break
	tail        []any
}

// say appends what is new about a subject: matches, suggestions and breaks that no longer
// hold are taken back, new ones are made, and the tail closes the run. It writes nothing
// when all of it was said before. A run that was cut off is taken up where it stopped,
// since what it wrote counts as said.
func (m *Matcher) say(ctx context.Context, stream ledger.StreamID, day ledger.BusinessDay, found finding) error {
	said, err := m.said(ctx, stream)
	if err != nil {
		return err
	}
	undone, made := difference(said.matches, found.matches, func(x Match) string { return x.ID })
	withdrawn, suggested := difference(said.suggestions, found.suggestions, func(x Match) string { return x.ID })
	closed, opened := difference(said.breaks, found.breaks, func(x Break) string { return x.ID })
	var payloads []any
	for page := range slices.Chunk(undone, maxPageLines) {
		payloads = append(payloads, MatchesUndone{day, page})
	}
	for page := range slices.Chunk(withdrawn, maxPageLines) {
		payloads = append(payloads, SuggestionsWithdrawn{day, page})
	}
	for _, b := range closed {
		payloads = append(payloads, BreakClosed{b})
	}
	for page := range slices.Chunk(made, maxPageLines) {
		payloads = append(payloads, MatchesMade{day, page})
	}
	for page := range slices.Chunk(suggested, maxPageLines) {
		payloads = append(payloads, MatchesSuggested{day, page})
	}
	for _, b := range opened {
		payloads = append(payloads, BreakOpened{b})
	}
	payloads, err = m.withTail(payloads, found.tail, said.tail)
	if err != nil || len(payloads) == 0 {
		return err
	}
	at := said.at
	var events []ledger.Event
	for n, payload := range payloads {
		event, err := m.encode(stream, at+ledger.Revision(n)+1, day, payload)
		if err != nil {
			return err
		}
		events = append(events, event)
	}
	for chunk := range ledger.Chunks(events, func(e ledger.Event) int { return len(e.Data) + len(e.Meta) }) {
		expect := at
		if at < 0 {
			expect = ledger.NoStream
		}
		if _, err := m.journal.Append(ctx, stream, expect, chunk...); err != nil {
			return err
		}
		at += ledger.Revision(len(chunk))
	}
	return nil
}

// withTail adds the tail, or what is missing of it when the last run was cut off inside
// it, unless all of it stands there already.
func (m *Matcher) withTail(payloads, tail []any, before [][]byte) ([]any, error) {
	same := len(before) <= len(tail)
	for n := 0; same && n < len(before); n++ {
		data, err := json.Marshal(tail[n])
		if err != nil {
			return nil, err
		}
		same = bytes.Equal(data, before[n])
	}
	if same && len(payloads) == 0 {
		return tail[len(before):], nil
	}
	return append(payloads, tail...), nil
}

// encode makes an event whose id tells place and content, so that two matchers that
// disagree can't take each other's event for their own.
func (m *Matcher) encode(stream ledger.StreamID, at ledger.Revision, day ledger.BusinessDay, payload any) (ledger.Event, error) {
	event, err := m.codec.Encode(ledger.EventID{}, payload, ledger.Metadata{Actor: "matcher", Correlation: m.tag, BusinessDay: day})
	if err != nil {
		return event, err
	}
	sum := sha256.Sum256(event.Data)
	event.ID = ledger.DeriveID(string(stream), strconv.FormatInt(int64(at), 10), hex.EncodeToString(sum[:]))
	return event, nil
}

// said is what a stream says now.
type said struct {
	at          ledger.Revision // -1 for an empty stream
	matches     map[string]Match
	suggestions map[string]Match
	breaks      map[string]Break
	gone        map[string]Break // breaks that were open once and are not
	tail        [][]byte         // the tail of the last run, as far as it got
}

func (m *Matcher) said(ctx context.Context, stream ledger.StreamID) (said, error) {
	return readSaid(ctx, m.journal, m.codec, stream)
}

func readSaid(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, stream ledger.StreamID) (said, error) {
	s := said{at: -1, matches: map[string]Match{}, suggestions: map[string]Match{}, breaks: map[string]Break{}, gone: map[string]Break{}}
	complete := false // the tail ends in its closing event
	for recorded, err := range journal.Read(ctx, ledger.Query{Stream: stream}) {
		if err != nil {
			return s, err
		}
		s.at = recorded.Revision
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return s, err
		}
		if left, isPage := payload.(LeftOpen); isPage {
			if left.Page == 0 {
				s.tail = nil
			}
			s.tail, complete = append(s.tail, recorded.Data), false
			continue
		}
		switch payload := payload.(type) {
		case MatchesMade:
			for _, match := range payload.Matches {
				s.matches[match.ID] = match
			}
		case MatchesUndone:
			for _, match := range payload.Matches {
				delete(s.matches, match.ID)
			}
		case MatchesSuggested:
			for _, match := range payload.Matches {
				s.suggestions[match.ID] = match
			}
		case SuggestionsWithdrawn:
			for _, match := range payload.Matches {
				delete(s.suggestions, match.ID)
			}
		case BreakOpened:
			s.breaks[payload.Break.ID] = payload.Break
			delete(s.gone, payload.Break.ID)
		case BreakClosed:
			delete(s.breaks, payload.Break.ID)
			s.gone[payload.Break.ID] = payload.Break
		default:
			if complete {
				s.tail = nil
			}
			s.tail, complete = append(s.tail, recorded.Data), true
			continue
		}
		s.tail, complete = nil, false // a new run began
	}
	return s, nil
}

// difference between what was said and what holds now, each in a fixed order. What has
// the same id and says something else, such as another terminal for a row that was
// settled twice, is taken back and said again.
func difference[T any](before map[string]T, now []T, id func(T) string) (gone, fresh []T) {
	holds := map[string]bool{}
	for _, x := range now {
		if said, known := before[id(x)]; known && reflect.DeepEqual(said, x) {
			holds[id(x)] = true
		} else {
			fresh = append(fresh, x)
		}
	}
	for _, key := range slices.Sorted(maps.Keys(before)) {
		if !holds[key] {
			gone = append(gone, before[key])
		}
	}
	return gone, fresh
}

// lastOf reads the last event of one type in a stream; nothing when there is none.
func lastOf(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, stream ledger.StreamID, eventType string) (any, error) {
	query := ledger.Query{Stream: stream, From: ledger.LatestRevision, Backwards: true, Limit: 1, Filter: ledger.Filter{Types: []string{eventType + "."}}}
	for recorded, err := range journal.Read(ctx, query) {
		if err != nil {
			return nil, err
		}
		return codec.Decode(recorded.Event)
	}
	return nil, nil
}
