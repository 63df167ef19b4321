package reconcile

import (
	"context"
	"errors"
	"slices"
	"unicode/utf8"

	"daybook/ledger"
)

// Desk is where people settle breaks. Who may do what is decided here, where the events
// are: nobody who is not listed may do anything, and whoever proposes an adjustment cannot
// approve it. It reads the journal alone. Two that act on one break at a time do not both
// succeed.
type Desk struct {
	journal ledger.Journal
	codec   *ledger.Codec
	people  map[string]Person
}

// Person is what somebody may do. The zero value may do nothing.
type Person struct {
	Prepare bool                      // assign, comment, explain, propose
	Approve map[ledger.Currency]int64 // approve and reverse up to so many minor units; nil: not at all
}

// NewDesk makes a desk for the people of a configuration.
func NewDesk(journal ledger.Journal, codec *ledger.Codec, people map[string]Person) *Desk {
	return &Desk{journal, codec, people}
}

// BreakRef names a break by its id and the position of the event that opened or closed it
// last, or an earlier one, as the read models give it.
type BreakRef struct {
	ID       string
	Position ledger.Position
}

// maxNote bounds what a person may write, in bytes.
const maxNote = 2000

// Assign says who is to see to a break, and by when.
func (d *Desk) Assign(ctx context.Context, ref BreakRef, by, to string, due ledger.BusinessDay) error {
	if err := d.mayPrepare(by); err != nil {
		return err
	}
	if _, listed := d.people[to]; !listed {
		return unlisted(to)
	}
	return d.act(ctx, ref, by, true, func(Break, theCase) (any, error) { return BreakAssigned{ref.ID, to, due, by}, nil })
}

// Comment writes something down about a break, open or closed.
func (d *Desk) Comment(ctx context.Context, ref BreakRef, by, text string) error {
	text, err := note(text)
	if err == nil {
		err = d.mayPrepare(by)
	}
	if err != nil {
		return err
	}
	return d.act(ctx, ref, by, false, func(Break, theCase) (any, error) { return BreakCommented{ref.ID, text, by}, nil })
}

// Explain names the cause of a break.
func (d *Desk) Explain(ctx context.Context, ref BreakRef, by string, cause Cause, text string) error {
	if !slices.Contains(Causes, cause) {
		return ledger.Problem("%q is no cause; there are %s", string(cause), listed(Causes))
	}
	if text != "" {
		var err error
		if text, err = note(text); err != nil {
			return err
		}
	}
	if err := d.mayPrepare(by); err != nil {
		return err
	}
	return d.act(ctx, ref, by, true, func(Break, theCase) (any, error) { return BreakExplained{ref.ID, cause, text, by}, nil })
}

// Propose proposes an adjustment. Only one can wait at a time, and none while another is
// in force.
func (d *Desk) Propose(ctx context.Context, ref BreakRef, by string, a Adjustment) error {
	var err error
	if a.Reason, err = note(a.Reason); err != nil {
		return err
	}
	if err := d.mayPrepare(by); err != nil {
		return err
	}
	return d.act(ctx, ref, by, true, func(b Break, c theCase) (any, error) {
		switch {
		case c.approved != nil:
			return nil, ledger.Refuse(ledger.Say("%s was settled by %s already", short(b.ID), c.approved.By), ledger.Say("daybook breaks reverse takes that back"))
		case c.proposed != nil:
			return nil, ledger.Refuse(ledger.Say("a proposal of %s for %s is waiting", c.proposed.By, short(b.ID)), ledger.Say("daybook breaks reject takes it away"))
		}
		if _, err := b.postings(a); err != nil {
			return nil, err
		}
		return AdjustmentProposed{b, a, by}, nil
	})
}

// Approve carries out what waits, and books it on day. It is refused for the person who
// proposed it, above the person's limit, when day is locked, and when the break has closed by
// itself since.
func (d *Desk) Approve(ctx context.Context, ref BreakRef, by string, day ledger.BusinessDay) error {
	if err := d.mayPost(ctx, day); err != nil {
		return err
	}
	return d.actOn(ctx, day, ref, by, true, func(b Break, c theCase) (any, error) {
		if c.proposed == nil {
			return nil, nothingWaits(b)
		}
		if by == c.proposed.By {
			return nil, ledger.Refuse(ledger.Say("%s proposed this and cannot approve it", by), ledger.Say("another person has to, with --as"))
		}
		postings, err := c.proposed.Break.postings(c.proposed.Adjustment)
		if err == nil {
			err = d.mayApprove(by, postings)
		}
		if err != nil {
			return nil, err
		}
		return AdjustmentApproved{b.ID, c.proposed.Adjustment, day, postings, c.proposed.By, by}, nil
	})
}

// Reject takes a waiting proposal away. Its proposer may, and whoever could approve it.
func (d *Desk) Reject(ctx context.Context, ref BreakRef, by, reason string) error {
	reason, err := note(reason)
	if err != nil {
		return err
	}
	return d.act(ctx, ref, by, false, func(b Break, c theCase) (any, error) {
		if c.proposed == nil {
			return nil, nothingWaits(b)
		}
		if by != c.proposed.By {
			postings, err := c.proposed.Break.postings(c.proposed.Adjustment)
			if err == nil {
				err = d.mayApprove(by, postings)
			}
			if err != nil {
				return nil, err
			}
		} else if err := d.mayPrepare(by); err != nil {
			return nil, err
		}
		return AdjustmentRejected{b.ID, reason, by}, nil
	})
}

// Reverse undoes an approved adjustment by the opposite entry on day. It takes the right
// to approve it, and is refused for who proposed it. It is how an entry is taken back whose
// break has closed by itself.
func (d *Desk) Reverse(ctx context.Context, ref BreakRef, by, reason string, day ledger.BusinessDay) error {
	reason, err := note(reason)
	if err == nil {
		err = d.mayPost(ctx, day)
	}
	if err != nil {
		return err
	}
	return d.actOn(ctx, day, ref, by, false, func(b Break, c theCase) (any, error) {
		if c.approved == nil {
			return nil, ledger.Problem("nothing was approved about %s", short(b.ID))
		}
		if by == c.approved.ProposedBy {
			return nil, ledger.Refuse(ledger.Say("%s proposed this and cannot reverse it", by), ledger.Say("another person has to, with --as"))
		}
		if err := d.mayApprove(by, c.approved.Postings); err != nil {
			return nil, err
		}
		return AdjustmentReversed{b.ID, c.approved.Kind, day, reversed(c.approved.Postings), reason, by}, nil
	})
}

func nothingWaits(b Break) error {
	return ledger.Refuse(ledger.Say("no proposal for %s is waiting", short(b.ID)), ledger.Say("daybook breaks propose makes one"))
}

// act decides one event about a break and appends it, unless somebody was quicker.
func (d *Desk) act(ctx context.Context, ref BreakRef, by string, mustBeOpen bool, decide func(Break, theCase) (any, error)) error {
	return d.actOn(ctx, ledger.BusinessDay{}, ref, by, mustBeOpen, decide)
}

// actOn does so with an entry that is posted on a day, which has to be open.
func (d *Desk) actOn(ctx context.Context, posted ledger.BusinessDay, ref BreakRef, by string, mustBeOpen bool, decide func(Break, theCase) (any, error)) error {
	b, open, err := d.find(ctx, ref)
	if err != nil {
		return err
	}
	if mustBeOpen && !open {
		return ledger.Problem("%s has closed by itself: what came in later explains it", short(b.ID))
	}
	c, err := d.read(ctx, b.ID)
	if err != nil {
		return err
	}
	payload, err := decide(b, c)
	if err != nil {
		return err
	}
	event, err := d.event(caseStream(b.ID), c.at, b.Day, by, payload)
	if err != nil {
		return err
	}
	if !posted.IsZero() {
		return d.admit(ctx, by, posted, caseStream(b.ID), c.at, event, short(b.ID))
	}
	_, err = d.journal.Append(ctx, caseStream(b.ID), behind(c.at), event)
	if errors.Is(err, ledger.ErrConflict) {
		return quicker(short(b.ID))
	}
	return err
}

// find reads a break where the journal says it was found, and whether it still is open.
func (d *Desk) find(ctx context.Context, ref BreakRef) (b Break, open bool, err error) {
	b, stream, err := breakAt(ctx, d.journal, d.codec, ref.Position)
	if err != nil {
		return b, false, err
	}
	if b.ID != ref.ID || ref.Position == 0 {
		return b, false, ledger.Refuse(ledger.Say("there is no difference %q", ref.ID), ledger.Say("daybook breaks list --all shows them all"))
	}
	said, err := readSaid(ctx, d.journal, d.codec, stream)
	if err != nil {
		return b, false, err
	}
	if now, is := said.breaks[b.ID]; is {
		return now, true, nil
	}
	return b, false, nil
}

func unlisted(name string) error {
	return ledger.Refuse(ledger.Say("%q is not among the people of the configuration", name), ledger.Say("list who may do what under people:"))
}

// mayPrepare refuses a person who may not decide about pairs and work on breaks.
func (d *Desk) mayPrepare(name string) error {
	person, listed := d.people[name]
	if !listed {
		return unlisted(name)
	}
	if !person.Prepare {
		return ledger.Refuse(ledger.Say("%s may not work on differences", name), ledger.Say("prepare: true under people: in the configuration lets somebody"))
	}
	return nil
}

// mayApprove holds a person to what they may approve. What posts nothing needs the right
// alone.
func (d *Desk) mayApprove(name string, postings []Posting) error {
	person, listed := d.people[name]
	if !listed {
		return unlisted(name)
	}
	if person.Approve == nil {
		return ledger.Refuse(ledger.Say("%s may not approve", name), ledger.Say("approve: {CNY: \"500.00\"} under people: in the configuration lets somebody, up to an amount"))
	}
	for _, p := range postings {
		limit := person.Approve[p.Amount.Currency]
		if amount := p.Amount.Abs(); amount.Minor > limit {
			return ledger.Refuse(ledger.Say("%s may approve up to %s, this is %s", name, ledger.Minor(limit, amount.Currency).String(), amount.String()),
				ledger.Say("somebody with a higher limit has to approve it"))
		}
	}
	return nil
}

// note is what a person wrote, without card numbers.
func note(text string) (string, error) {
	switch {
	case text == "":
		return "", ledger.Problem("say why: the reason is empty")
	case len(text) > maxNote:
		return "", ledger.Problem("the text has %d bytes, at most %d are kept", len(text), maxNote)
	case !utf8.ValidString(text):
		return "", ledger.Problem("the text is not UTF-8")
	}
	return ledger.TruncateCards(text), nil
}
