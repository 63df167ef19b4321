package reconcile

import (
	"context"
	"encoding/json"
	"maps"
	"slices"

	"daybook/ledger"
)

// Unclosed is what the journal says, up to a signature's position, of everything that is not
// closed yet. A signature carries it, so that whoever looks at closing later reads on from
// there and not from the beginning. It says nothing that the journal does not: without it
// the same would be read again.
type Unclosed struct {
	Rest   []Moved              `json:"rest,omitempty"`   // what moved and was not signed with a locked day
	Breaks []UnclosedBreak      `json:"breaks,omitempty"` // that are open, and were not signed with a locked day
	Joined []ledger.BusinessDay `json:"joined,omitempty"` // reconciled, with something on the sheet, and not locked
	Begun  map[string]string    `json:"begun,omitempty"`  // files whose import was cut off, by their SHA-256
	Newest ledger.BusinessDay   `json:"newest,omitzero"`  // see NewestDay
}

// Moved is a movement of a day.
type Moved struct {
	Of ledger.BusinessDay `json:"of"`
	Movement
}

// UnclosedBreak is an open break, and where the journal says that it was found.
type UnclosedBreak struct {
	ID  string             `json:"id"`
	Day ledger.BusinessDay `json:"day"`
	At  ledger.Position    `json:"at"`
}

// maxUnclosed bounds what a signature carries, in bytes. With more than that left open, the
// next reader starts from an earlier signature.
const maxUnclosed = 256 << 10

// moved is what stood with the last signature that carries it, less what was locked and more
// what was reopened since.
func (c *closings) moved() *moved {
	m := &moved{map[ledger.BusinessDay]map[sheetKey]Movement{}, map[ledger.BusinessDay]bool{}, map[string]UnclosedBreak{}, map[string]string{}}
	for _, n := range slices.Concat(c.unclosed.Rest, c.since) {
		m.add(n.Of, n.Movement)
	}
	for _, day := range c.unclosed.Joined {
		m.joined[day] = true
	}
	for _, b := range c.unclosed.Breaks {
		m.breaks[b.ID] = b
	}
	maps.Copy(m.begun, c.unclosed.Begun)
	return m
}

// unclosed is what a signature of a day at the journal's position carries: the differences
// listed under the day, and what is not closed at all; nil when that is too much.
func (d *Desk) unclosed(ctx context.Context, c *closings, day ledger.BusinessDay, at ledger.Position) (listed []UnclosedBreak, u *Unclosed, err error) {
	then := until{d.journal, at}
	m, err := readMoved(ctx, then, d.codec, c)
	if err != nil {
		return nil, nil, err
	}
	u = &Unclosed{Begun: m.begun}
	for _, day := range sortedDays(m.rest) {
		for _, key := range slices.SortedFunc(maps.Keys(m.rest[day]), sheetKey.compare) {
			if n := m.rest[day][key]; !n.nothing() {
				u.Rest = append(u.Rest, Moved{day, n})
			}
		}
	}
	for _, id := range sortedKeys(m.breaks) {
		b := m.breaks[id]
		on := c.listedOn(b)
		if on == day {
			listed = append(listed, b)
		}
		if c.days[on].Locked == nil {
			u.Breaks = append(u.Breaks, b)
		}
	}
	for _, day := range sortedDays(m.joined) {
		if m.joined[day] && c.days[day].Locked == nil {
			u.Joined = append(u.Joined, day)
		}
	}
	if u.Newest, err = NewestDay(ctx, then, d.codec); err != nil {
		return nil, nil, err
	}
	data, err := json.Marshal(u)
	if len(data) > maxUnclosed {
		u = nil
	}
	return listed, u, err
}

// listedUnder are the open breaks that are listed under a day, in order of id.
func (m *moved) listedUnder(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, c *closings, day ledger.BusinessDay) ([]Break, error) {
	at := map[string]UnclosedBreak{}
	for id, b := range m.breaks {
		if c.listedOn(b) == day {
			at[id] = b
		}
	}
	if c.days[day].Locked != nil {
		for _, b := range c.listed[day] {
			if _, later := m.breaks[b.ID]; !later {
				at[b.ID] = b
			}
		}
	}
	var list []Break
	for _, id := range sortedKeys(at) {
		b, found, open, err := at[id].now(ctx, journal, codec)
		if err != nil {
			return nil, err
		}
		if open && c.listedOn(UnclosedBreak{id, b.Day, found}) == day { // one that came back may be another day's
			list = append(list, b)
		}
	}
	return list, nil
}

// now reads a break as it is said last in the stream in which it was found, and where.
func (b UnclosedBreak) now(ctx context.Context, journal ledger.Journal, codec *ledger.Codec) (said Break, at ledger.Position, open bool, err error) {
	_, stream, err := breakAt(ctx, journal, codec, b.At)
	if err != nil {
		return said, at, false, err
	}
	for recorded, err := range journal.Read(ctx, ledger.Query{Stream: stream, Filter: ledger.Filter{Types: []string{"break-opened.", "break-closed."}}}) {
		if err != nil {
			return said, at, false, err
		}
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return said, at, false, err
		}
		switch p := payload.(type) {
		case BreakOpened:
			if p.Break.ID == b.ID {
				said, at, open = p.Break, recorded.Position, true
			}
		case BreakClosed:
			if p.Break.ID == b.ID {
				open = false
			}
		}
	}
	return said, at, open, nil
}

// breakAt reads the break that was opened or closed at a position, and in which stream.
func breakAt(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, at ledger.Position) (b Break, stream ledger.StreamID, err error) {
	for recorded, err := range journal.Read(ctx, ledger.Query{After: at - 1, Limit: 1}) {
		if err != nil {
			return b, stream, err
		}
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return b, stream, err
		}
		switch payload := payload.(type) {
		case BreakOpened:
			b = payload.Break
		case BreakClosed:
			b = payload.Break
		}
		stream = recorded.Stream
	}
	return b, stream, nil
}
