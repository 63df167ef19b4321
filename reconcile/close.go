package reconcile

import (
	"context"

	"daybook/ledger"
)

// A settlement day is closed by two people: one prepares and signs it, another locks it.
// Nothing that comes in later is held back; what it changes on a locked day shows, since
// the digest of its facts is no longer the one that was signed. Entries cannot be booked on
// a locked day, and pairs of it not decided about: what is late goes to an open day.
type (
	// DaySigned: the preparer has seen that every leg ties, or that each difference has a
	// name, an owner and a due date.
	DaySigned struct {
		Day           ledger.BusinessDay `json:"day"`
		Digest        string             `json:"digest"`        // of DayFacts
		Position      ledger.Position    `json:"position"`      // the facts are those up to here
		Configuration string             `json:"configuration"` // in force, as it was written
		By            string             `json:"by"`
	}

	// DayLocked: another person agrees.
	DayLocked struct {
		Day        ledger.BusinessDay `json:"day"`
		Digest     string             `json:"digest"`
		PreparedBy string             `json:"prepared_by"`
		By         string             `json:"by"`
	}

	// DayReopened takes both back.
	DayReopened struct {
		Day    ledger.BusinessDay `json:"day"`
		Reason string             `json:"reason"`
		By     string             `json:"by"`
	}
)

// CheckName is one thing that must be so before a day is signed.
type CheckName string

const (
	BillsHere        CheckName = "bills"       // every provider with sales has a bill
	NumbersComplete  CheckName = "numbering"   // no gap in a terminal's numbering without a name
	RowsRead         CheckName = "quarantine"  // no row of a statement in force could not be read
	PayoutsKnown     CheckName = "payouts"     // the bank statement of each payout is here
	DifferencesNamed CheckName = "differences" // settled, or with cause, owner and due date; or still in doubt
	ProposalsDecided CheckName = "proposals"   // none waits for approval
	SuggestionsSeen  CheckName = "suggestions" // each confirmed or rejected
	NoneOvertaken    CheckName = "overtaken"   // no entry in force whose break has closed by itself
)

// Check is one of them, with what is in the way.
type Check struct {
	Name CheckName `json:"name"`
	Open []string  `json:"open"` // providers, statements, or ids of breaks and suggestions
}

// Checks are all of them, in order.
func (f *DayFacts) Checks() []Check {
	open := map[CheckName][]string{}
	for _, sheet := range f.Sheets {
		if !sheet.Reported {
			open[BillsHere] = append(open[BillsHere], string(sheet.Provider))
		}
	}
	for _, l := range f.Statements {
		if l.Quarantined > 0 {
			open[RowsRead] = append(open[RowsRead], l.Statement)
		}
	}
	for _, p := range f.Payouts {
		if p.State == PayoutPending {
			open[PayoutsKnown] = append(open[PayoutsKnown], string(p.Provider))
		}
	}
	for _, d := range f.Deposits {
		if d.State == PayoutPending {
			open[PayoutsKnown] = append(open[PayoutsKnown], string(CashProvider)+" "+string(d.Store))
		}
	}
	for _, b := range f.Breaks {
		c := f.Cases[b.ID]
		if c.Handling == Proposed {
			open[ProposalsDecided] = append(open[ProposalsDecided], b.ID)
		}
		if !b.InDoubt(f.asOf) && !c.Handling.Settles() && (c.Assignee == "" || c.Due.IsZero() || c.Cause == "") {
			check := DifferencesNamed
			if b.Leg == SequenceLeg {
				check = NumbersComplete
			}
			open[check] = append(open[check], b.ID)
		}
	}
	for _, s := range f.Suggestions {
		open[SuggestionsSeen] = append(open[SuggestionsSeen], s.ID)
	}
	open[NoneOvertaken] = f.gone
	var checks []Check
	for _, name := range []CheckName{BillsHere, RowsRead, NumbersComplete, PayoutsKnown, DifferencesNamed, ProposalsDecided, SuggestionsSeen, NoneOvertaken} {
		checks = append(checks, Check{name, append([]string{}, open[name]...)})
	}
	return checks
}

// Closing is where a day stands between two people.
type Closing struct {
	Signed *DaySigned `json:"signed"`
	Locked *DayLocked `json:"locked"`
	at     ledger.Revision
}

func closeStream(day ledger.BusinessDay) ledger.StreamID { return ledger.Stream("close", day.String()) }

// Closing reads where a day stands.
func (d *Desk) Closing(ctx context.Context, day ledger.BusinessDay) (Closing, error) {
	return closingOf(ctx, d.journal, d.codec, day)
}

func closingOf(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, day ledger.BusinessDay) (Closing, error) {
	c := Closing{at: -1}
	for recorded, err := range journal.Read(ctx, ledger.Query{Stream: closeStream(day)}) {
		if err != nil {
			return c, err
		}
		c.at = recorded.Revision
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return c, err
		}
		switch payload := payload.(type) {
		case DaySigned:
			c.Signed, c.Locked = &payload, nil
		case DayLocked:
			c.Locked = &payload
		case DayReopened:
			c.Signed, c.Locked = nil, nil
		}
	}
	return c, nil
}

// Sign signs a day as its preparer, with the facts as they are at the end of the journal.
// It is refused while a check is open. Signing again replaces the signature.
func (d *Desk) Sign(ctx context.Context, day ledger.BusinessDay, by string, terms *Terms, configuration string) error {
	if err := d.MayPrepare(by); err != nil {
		return err
	}
	closing, err := d.Closing(ctx, day)
	if err != nil {
		return err
	}
	if closing.Locked != nil {
		return locked(day, closing.Locked)
	}
	at, err := ledger.Head(ctx, d.journal)
	if err != nil {
		return err
	}
	facts, err := FactsOf(ctx, d.journal, d.codec, terms, day, at)
	if err != nil {
		return err
	}
	if len(facts.Sheets) == 0 {
		return ledger.Problem("nothing was reconciled on %s", day.String())
	}
	for _, check := range facts.Checks() {
		if len(check.Open) > 0 {
			return ledger.Refuse(ledger.Say("%s is not ready to be signed", day.String()), ledger.Say("daybook close status --date %s shows what is in the way", day.String()))
		}
	}
	return d.close(ctx, day, closing, by, DaySigned{day, facts.Digest(), at, configuration, by})
}

// Lock agrees to what another person signed. It is refused when the facts have changed
// since.
func (d *Desk) Lock(ctx context.Context, day ledger.BusinessDay, by string, terms *Terms) error {
	if err := d.mayApprove(by, nil); err != nil {
		return err
	}
	closing, err := d.Closing(ctx, day)
	if err != nil {
		return err
	}
	switch {
	case closing.Locked != nil:
		return locked(day, closing.Locked)
	case closing.Signed == nil:
		return ledger.Refuse(ledger.Say("%s was not signed yet", day.String()), ledger.Say("daybook close sign --date %s signs it", day.String()))
	case closing.Signed.By == by:
		return ledger.Refuse(ledger.Say("%s signed this day and cannot lock it", by), ledger.Say("another person has to, with --as"))
	}
	at, err := ledger.Head(ctx, d.journal)
	if err != nil {
		return err
	}
	facts, err := FactsOf(ctx, d.journal, d.codec, terms, day, at)
	if err != nil {
		return err
	}
	if facts.Digest() != closing.Signed.Digest {
		return ledger.Refuse(ledger.Say("%s has changed since %s signed it", day.String(), closing.Signed.By), ledger.Say("it has to be looked at and signed again"))
	}
	return d.close(ctx, day, closing, by, DayLocked{day, closing.Signed.Digest, closing.Signed.By, by})
}

// Reopen takes signature and lock back. It takes the right to approve.
func (d *Desk) Reopen(ctx context.Context, day ledger.BusinessDay, by, reason string) error {
	reason, err := note(reason)
	if err == nil {
		err = d.mayApprove(by, nil)
	}
	if err != nil {
		return err
	}
	closing, err := d.Closing(ctx, day)
	if err != nil {
		return err
	}
	if closing.Signed == nil {
		return ledger.Problem("%s is open", day.String())
	}
	return d.close(ctx, day, closing, by, DayReopened{day, reason, by})
}

func (d *Desk) close(ctx context.Context, day ledger.BusinessDay, closing Closing, by string, payload any) error {
	return d.append(ctx, closeStream(day), closing.at, day, by, day.String(), payload)
}

func locked(day ledger.BusinessDay, by *DayLocked) error {
	return ledger.Refuse(ledger.Say("%s was signed by %s and locked by %s", day.String(), by.PreparedBy, by.By),
		ledger.Say("use an open day, or reopen this one with: daybook close reopen --date %s", day.String()))
}

// mayPost refuses a posting date on a locked day.
func (d *Desk) mayPost(ctx context.Context, day ledger.BusinessDay) error {
	closing, err := d.Closing(ctx, day)
	if err != nil || closing.Locked == nil {
		return err
	}
	return locked(day, closing.Locked)
}
