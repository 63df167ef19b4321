package reconcile

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strconv"

	"daybook/ledger"
)

// All that is decided about closing stands in one stream, one decision behind the other:
// days and periods signed, locked and reopened, and what was admitted to a day while it was
// open. So a day cannot be locked and written to at once, nor a period locked while one of
// its days is reopened: of two that decide at a time, one sees the other and decides anew.
const closeStream ledger.StreamID = "close-all"

// ActAdmitted: the event in it may still be written about a day, since the day was open. It
// belongs into another stream, which guards itself by the revision. Whoever was admitted
// writes it there; whoever closes the day does so first, in case the other has not come to
// it. Either it is in before the day is closed, or the other stream has moved on and it
// never will be.
type ActAdmitted struct {
	Day    ledger.BusinessDay `json:"day"`
	Stream ledger.StreamID    `json:"stream"`
	At     ledger.Revision    `json:"at"` // of its last event; -1 when it has none
	Type   string             `json:"type"`
	Data   string             `json:"data"`
	Meta   string             `json:"meta"`
}

// write writes what was admitted. To write it twice is to write it once.
func (a ActAdmitted) write(ctx context.Context, journal ledger.Journal) error {
	event := ledger.Event{Type: a.Type, Data: []byte(a.Data), Meta: []byte(a.Meta)}
	event.ID = decidedID(a.Stream, a.At, event)
	_, err := journal.Append(ctx, a.Stream, behind(a.At), event)
	return err
}

// closings is the history of closing as it stands.
type closings struct {
	at       ledger.Revision // -1 for none
	days     map[ledger.BusinessDay]Closing
	periods  []PeriodClosing // signed or locked, by their first day
	admitted []ActAdmitted   // to days that have not been locked since
	through  ledger.BusinessDay
	opens    map[ledger.BusinessDay]ledger.BusinessDay

	unclosed Unclosed        // with the last signature that carries one
	stood    ledger.Position // of which it speaks; 0 for none
	since    []Moved         // what was locked since, taken off, and what was reopened
	reopened []ledger.BusinessDay
	listed   map[ledger.BusinessDay][]UnclosedBreak // by the day with which they were signed last
	signed   map[string]UnclosedBreak               // by their id: breaks signed with a day that is locked, and Day is that one
}

func readClosings(ctx context.Context, journal ledger.Journal, codec *ledger.Codec) (*closings, error) {
	c := &closings{at: -1, days: map[ledger.BusinessDay]Closing{}, opens: map[ledger.BusinessDay]ledger.BusinessDay{}, listed: map[ledger.BusinessDay][]UnclosedBreak{}, signed: map[string]UnclosedBreak{}}
	for recorded, err := range journal.Read(ctx, ledger.Query{Stream: closeStream}) {
		if err != nil {
			return nil, err
		}
		c.at = recorded.Revision
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		c.apply(payload)
	}
	for _, p := range c.periods {
		if p.Locked != nil && p.To.Compare(c.through) > 0 {
			c.through = p.To
		}
	}
	return c, nil
}

func (c *closings) apply(payload any) {
	switch p := payload.(type) {
	case ActAdmitted:
		c.admitted = append(c.admitted, p)
	case DaySigned:
		if p.Unclosed != nil {
			c.unclosed, c.stood, c.since, c.reopened = *p.Unclosed, p.Position, nil, nil
		}
		c.listed[p.Day] = p.Listed
		p.Unclosed, p.Listed = nil, nil // nobody else has to see them
		c.days[p.Day] = Closing{Signed: &p}
	case DayLocked:
		c.days[p.Day] = Closing{c.days[p.Day].Signed, &p}
		for _, b := range c.days[p.Day].Signed.booked() {
			c.since = append(c.since, Moved{b.Of, b.negative()})
		}
		for _, b := range c.listed[p.Day] {
			c.signed[b.ID] = UnclosedBreak{b.ID, p.Day, b.At}
		}
		c.written(func(day ledger.BusinessDay) bool { return day == p.Day })
	case DayReopened:
		if closing := c.days[p.Day]; closing.Locked != nil {
			for _, b := range closing.Signed.booked() {
				c.since = append(c.since, Moved{b.Of, b.Movement})
			}
			maps.DeleteFunc(c.signed, func(_ string, b UnclosedBreak) bool { return b.Day == p.Day })
			c.reopened = append(c.reopened, p.Day)
		}
		delete(c.days, p.Day)
	case PeriodSigned:
		c.drop(p.From, p.To)
		c.periods = append(c.periods, PeriodClosing{From: p.From, To: p.To, Signed: &p})
		slices.SortFunc(c.periods, func(a, b PeriodClosing) int { return a.From.Compare(b.From) })
	case PeriodLocked:
		for n := range c.periods {
			if c.periods[n].is(p.From, p.To) {
				c.periods[n].Locked = &p
			}
		}
		c.written(func(day ledger.BusinessDay) bool { return day.Compare(p.To) <= 0 })
	case PeriodReopened:
		c.drop(p.From, p.To)
	}
}

func (c *closings) drop(from, to ledger.BusinessDay) {
	c.periods = slices.DeleteFunc(c.periods, func(p PeriodClosing) bool { return p.is(from, to) })
}

// written forgets what whoever locked some days has written on behalf of others.
func (c *closings) written(on func(ledger.BusinessDay) bool) {
	c.admitted = slices.DeleteFunc(c.admitted, func(a ActAdmitted) bool { return on(a.Day) })
}

// locked reports whether nothing may be decided about a day any more. A locked period holds
// every day up to its end, those as well that nothing had happened on.
func (c *closings) locked(day ledger.BusinessDay) bool {
	return c.days[day].Locked != nil || !c.through.IsZero() && day.Compare(c.through) <= 0
}

// open is the first day from one on that is not locked: where what comes late is booked.
func (c *closings) open(day ledger.BusinessDay) ledger.BusinessDay {
	if !c.through.IsZero() && day.Compare(c.through) <= 0 {
		day = c.through.AddDays(1)
	}
	if c.days[day].Locked == nil {
		return day
	}
	first, known := c.opens[day]
	if !known {
		first = c.open(day.AddDays(1))
		c.opens[day] = first
	}
	return first
}

// carriedAt is the position up to which what came for a locked day counts on days before
// another: the last signature between the two.
func (c *closings) carriedAt(of, before ledger.BusinessDay) (at ledger.Position) {
	for day := of; day.Compare(before) < 0; day = day.AddDays(1) {
		if closing := c.days[day]; closing.Locked != nil {
			at = max(at, closing.Signed.Position)
		}
	}
	for _, p := range c.periods {
		if p.Locked != nil && of.Compare(p.To) <= 0 && p.To.Compare(before) < 0 {
			at = max(at, p.Signed.Position)
		}
	}
	return at
}

// refuse says by whom a day was locked, if it was.
func (c *closings) refuse(day ledger.BusinessDay) error {
	for _, p := range c.periods {
		if p.Locked != nil && day.Compare(p.To) <= 0 {
			return p.refuse()
		}
	}
	if by := c.days[day].Locked; by != nil {
		return ledger.Refuse(ledger.Say("%s was signed by %s and locked by %s", day.String(), by.PreparedBy, by.By),
			ledger.Say("use an open day, or reopen this one with: daybook close reopen --date %s", day.String()))
	}
	return nil
}

// mayPost refuses a posting date on a locked day.
func (d *Desk) mayPost(ctx context.Context, day ledger.BusinessDay) error {
	if day.IsZero() {
		return ledger.Problem("an entry needs a posting date")
	}
	c, err := readClosings(ctx, d.journal, d.codec)
	if err != nil {
		return err
	}
	return c.refuse(day)
}

// closeTries is how often a decision about closing is made anew because somebody was
// quicker. Each time somebody else has got further.
const closeTries = 100

// decideClosing decides an event of the history of closing and appends it behind what the
// decision was made on.
func (d *Desk) decideClosing(ctx context.Context, by string, day ledger.BusinessDay, subject string, decide func(*closings) (any, error)) error {
	for tries := 0; ; tries++ {
		c, err := readClosings(ctx, d.journal, d.codec)
		if err != nil {
			return err
		}
		payload, err := decide(c)
		if err != nil {
			return err
		}
		event, err := d.event(closeStream, c.at, day, by, payload)
		if err != nil {
			return err
		}
		switch _, err = d.journal.Append(ctx, closeStream, behind(c.at), event); {
		case err == nil, !errors.Is(err, ledger.ErrConflict):
			return err
		case tries == closeTries:
			return quicker(subject)
		}
	}
}

// admit writes an event about a day into another stream, unless the day is locked.
func (d *Desk) admit(ctx context.Context, by string, day ledger.BusinessDay, stream ledger.StreamID, at ledger.Revision, event ledger.Event, subject string) error {
	a := ActAdmitted{day, stream, at, event.Type, string(event.Data), string(event.Meta)}
	err := d.decideClosing(ctx, by, day, subject, func(c *closings) (any, error) { return a, c.refuse(day) })
	if err != nil {
		return err
	}
	if err := a.write(ctx, d.journal); errors.Is(err, ledger.ErrConflict) {
		return quicker(subject)
	} else {
		return err
	}
}

// settle writes what was admitted to some days and may not have been written yet.
func (d *Desk) settle(ctx context.Context, c *closings, on func(ledger.BusinessDay) bool) error {
	for _, a := range c.admitted {
		if !on(a.Day) {
			continue
		}
		if err := a.write(ctx, d.journal); err != nil && !errors.Is(err, ledger.ErrConflict) {
			return err
		}
	}
	return nil
}

func quicker(subject string) error {
	return ledger.Refuse(ledger.Say("somebody else has just acted on %s", subject), ledger.Say("look again, and decide then"))
}

// behind is what an append expects behind a revision.
func behind(at ledger.Revision) ledger.Revision {
	if at < 0 {
		return ledger.NoStream
	}
	return at
}

// event makes one whose id tells place and content.
func (d *Desk) event(stream ledger.StreamID, at ledger.Revision, day ledger.BusinessDay, by string, payload any) (ledger.Event, error) {
	event, err := d.codec.Encode(ledger.EventID{}, payload, ledger.Metadata{Actor: "user:" + by, BusinessDay: day})
	event.ID = decidedID(stream, at, event)
	return event, err
}

func decidedID(stream ledger.StreamID, at ledger.Revision, event ledger.Event) ledger.EventID {
	return ledger.DeriveID(string(stream), strconv.FormatInt(int64(at)+1, 10), event.Type, string(event.Data))
}
