package reconcile

import (
	"context"
	"maps"
	"slices"

	"daybook/ledger"
)

// A settlement day is closed by two people: one prepares and signs it, another locks it.
// Entries cannot be booked on a locked day, and pairs of it not decided about. Facts that
// come later are not held back, and the day is reckoned with them; but what was signed
// stays what the day comes to, and the rest is carried to the first open day after it.
type (
	// DaySigned: the preparer has seen that every leg ties, or that each difference has a
	// name, an owner and a due date.
	DaySigned struct {
		Day           ledger.BusinessDay `json:"day"`
		Digest        string             `json:"digest"`        // of DayFacts
		Position      ledger.Position    `json:"position"`      // the facts are those up to here
		Configuration string             `json:"configuration"` // in force, as it was written
		By            string             `json:"by"`
		Movements     []Booked           `json:"movements,omitempty"` // of the day itself
		Carried       []Booked           `json:"carried,omitempty"`   // of earlier days, which came after they were locked
		Listed        []UnclosedBreak    `json:"listed,omitempty"`    // differences under the day
		Unclosed      *Unclosed          `json:"unclosed,omitempty"`  // of all days, at Position
	}

	// DayLocked: another person agrees.
	DayLocked struct {
		Day        ledger.BusinessDay `json:"day"`
		Digest     string             `json:"digest"`
		PreparedBy string             `json:"prepared_by"`
		By         string             `json:"by"`
		Position   ledger.Position    `json:"position,omitempty"` // of the signature
		Sheets     []Sheet            `json:"sheets,omitempty"`
		Late       []LateSum          `json:"late,omitempty"`
		Payouts    []PayoutReckoned   `json:"payouts,omitempty"`
		Movements  []Booked           `json:"movements,omitempty"`
		Carried    []Booked           `json:"carried,omitempty"`
	}

	// DayReopened takes both back.
	DayReopened struct {
		Day    ledger.BusinessDay `json:"day"`
		Reason string             `json:"reason"`
		By     string             `json:"by"`
	}
)

// CheckName is one thing that must be so before a day or a period is signed.
type CheckName string

const (
	DaysLocked       CheckName = "days"        // every day up to the end of the period that has anything is locked
	FilesRead        CheckName = "files"       // no import was cut off
	BillsHere        CheckName = "bills"       // every provider with sales has a bill
	NumbersComplete  CheckName = "numbering"   // no gap in a terminal's numbering without a name
	RowsRead         CheckName = "quarantine"  // no row of a statement in force, or of a till's file, could not be read
	PayoutsKnown     CheckName = "payouts"     // the bank statement of each payout is here
	DifferencesNamed CheckName = "differences" // settled, or with cause, owner and due date; or still in doubt
	ProposalsDecided CheckName = "proposals"   // none waits for approval
	SuggestionsSeen  CheckName = "suggestions" // each confirmed or rejected
	NoneOvertaken    CheckName = "overtaken"   // no entry in force whose break has closed by itself
)

// Check is one of them, with what is in the way.
type Check struct {
	Name CheckName `json:"name"`
	Open []string  `json:"open"` // days, files, providers, statements, or ids of breaks and suggestions
}

// checklist collects what is in the way.
type checklist map[CheckName][]string

func (l checklist) add(name CheckName, what ...string) { l[name] = append(l[name], what...) }

// handled adds what people have not done about a break, as of a day: while what is missing is
// in doubt, nobody has to do anything.
func (l checklist) handled(b Break, c Case, asOf ledger.BusinessDay) {
	if c.Handling == Proposed {
		l.add(ProposalsDecided, b.ID)
	}
	if !b.InDoubt(asOf) && !c.Handling.Settles() && (c.Assignee == "" || c.Due.IsZero() || c.Cause == "") {
		check := DifferencesNamed
		if b.Leg == SequenceLeg {
			check = NumbersComplete
		}
		l.add(check, b.ID)
	}
}

func (l checklist) of(names ...CheckName) (checks []Check) {
	for _, name := range names {
		checks = append(checks, Check{name, append([]string{}, l[name]...)})
	}
	return checks
}

// Checks are all of a day, in order.
func (f *DayFacts) Checks() []Check {
	list := checklist{FilesRead: f.unread, NoneOvertaken: f.gone}
	for _, sheet := range f.Sheets {
		if !sheet.Reported {
			list.add(BillsHere, string(sheet.Provider))
		}
	}
	for _, l := range f.Statements {
		if l.Quarantined > 0 {
			list.add(RowsRead, l.Statement)
		}
	}
	for _, l := range f.Unread {
		list.add(RowsRead, l.File)
	}
	for _, p := range f.Payouts {
		if p.State == PayoutPending {
			list.add(PayoutsKnown, string(p.Provider))
		}
	}
	for _, d := range f.Deposits {
		if d.State == PayoutPending {
			list.add(PayoutsKnown, string(CashProvider)+" "+string(d.Store))
		}
	}
	for _, b := range f.AllBreaks() {
		list.handled(b, f.Cases[b.ID], f.asOf)
	}
	for _, s := range f.Suggestions {
		list.add(SuggestionsSeen, s.ID)
	}
	return list.of(FilesRead, BillsHere, RowsRead, NumbersComplete, PayoutsKnown, DifferencesNamed, ProposalsDecided, SuggestionsSeen, NoneOvertaken)
}

// Ready reports whether nothing is in the way.
func Ready(checks []Check) bool {
	return !slices.ContainsFunc(checks, func(c Check) bool { return len(c.Open) > 0 })
}

// Closing is where a day stands between two people.
type Closing struct {
	Signed *DaySigned `json:"signed"`
	Locked *DayLocked `json:"locked"`
}

// Closing reads where a day stands.
func (d *Desk) Closing(ctx context.Context, day ledger.BusinessDay) (Closing, error) {
	c, err := readClosings(ctx, d.journal, d.codec)
	if err != nil {
		return Closing{}, err
	}
	return c.days[day], nil
}

// ClosingAt is where a day stood at a position of the journal.
func ClosingAt(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, day ledger.BusinessDay, at ledger.Position) (Closing, error) {
	c, err := readClosings(ctx, until{journal, at}, codec)
	if err != nil {
		return Closing{}, err
	}
	return c.days[day], nil
}

// Sign signs a day as its preparer, with the facts as they are at the end of the journal.
// It is refused while a check is open. Signing again replaces the signature.
func (d *Desk) Sign(ctx context.Context, day ledger.BusinessDay, by string, terms *Terms, configuration string) error {
	if err := d.mayPrepare(by); err != nil {
		return err
	}
	return d.decideClosing(ctx, by, day, day.String(), func(c *closings) (any, error) {
		if err := c.refuse(day); err != nil {
			return nil, err
		}
		facts, at, err := d.factsNow(ctx, c, terms, day)
		if err != nil {
			return nil, err
		}
		if facts.nothing() {
			return nil, ledger.Problem("nothing was reconciled on %s", day.String())
		}
		if !Ready(facts.Checks()) {
			return nil, ledger.Refuse(ledger.Say("%s is not ready to be signed", day.String()), ledger.Say("daybook close status --date %s shows what is in the way", day.String()))
		}
		listed, unclosed, err := d.unclosed(ctx, c, day, at)
		if err != nil {
			return nil, err
		}
		return DaySigned{day, facts.Digest(), at, configuration, by, facts.Movements, facts.Carried, listed, unclosed}, nil
	})
}

// booked is what was signed: it counts on the day once that is locked.
func (s *DaySigned) booked() []Booked { return slices.Concat(s.Movements, s.Carried) }

// factsNow are those of a day once everything that was admitted to it is written.
func (d *Desk) factsNow(ctx context.Context, c *closings, terms *Terms, day ledger.BusinessDay) (*DayFacts, ledger.Position, error) {
	if err := d.settle(ctx, c, func(on ledger.BusinessDay) bool { return on == day }); err != nil {
		return nil, 0, err
	}
	at, err := ledger.Head(ctx, d.journal)
	if err != nil {
		return nil, 0, err
	}
	facts, err := FactsOf(ctx, d.journal, d.codec, terms, day, at)
	return facts, at, err
}

// Lock agrees to what another person signed. It is refused when the facts have changed
// since.
func (d *Desk) Lock(ctx context.Context, day ledger.BusinessDay, by string, terms *Terms) error {
	if err := d.mayApprove(by, nil); err != nil {
		return err
	}
	return d.decideClosing(ctx, by, day, day.String(), func(c *closings) (any, error) {
		if err := c.refuse(day); err != nil {
			return nil, err
		}
		signed := c.days[day].Signed
		switch {
		case signed == nil:
			return nil, ledger.Refuse(ledger.Say("%s was not signed yet", day.String()), ledger.Say("daybook close sign --date %s signs it", day.String()))
		case signed.By == by:
			return nil, ledger.Refuse(ledger.Say("%s signed this day and cannot lock it", by), ledger.Say("another person has to, with --as"))
		}
		facts, _, err := d.factsNow(ctx, c, terms, day)
		if err != nil {
			return nil, err
		}
		if facts.Digest() != signed.Digest {
			return nil, ledger.Refuse(ledger.Say("%s has changed since %s signed it", day.String(), signed.By), ledger.Say("it has to be looked at and signed again"))
		}
		return DayLocked{day, signed.Digest, signed.By, by, signed.Position, facts.Sheets, facts.Late, facts.Payouts, signed.Movements, signed.Carried}, nil
	})
}

// Reopen takes signature and lock back. It takes the right to approve, and is refused while
// the day is in a locked period, or while what came late for it was signed with a later day
// that is locked: what is closed last is opened first.
func (d *Desk) Reopen(ctx context.Context, day ledger.BusinessDay, by, reason string) error {
	reason, err := d.mayReopen(by, reason)
	if err != nil {
		return err
	}
	return d.decideClosing(ctx, by, day, day.String(), func(c *closings) (any, error) {
		if c.days[day].Signed == nil {
			return nil, ledger.Problem("%s is open", day.String())
		}
		for _, p := range c.periods {
			if p.Locked != nil && day.Compare(p.To) <= 0 {
				return nil, p.refuse()
			}
		}
		for _, later := range sortedDays(c.days) {
			closing := c.days[later]
			if closing.Locked != nil && slices.ContainsFunc(closing.Signed.Carried, func(b Booked) bool { return b.Of == day }) {
				return nil, ledger.Refuse(ledger.Say("what came late for %s was signed with %s, which is locked", day.String(), later.String()),
					ledger.Say("reopen that day first: daybook close reopen --date %s", later.String()))
			}
		}
		return DayReopened{day, reason, by}, nil
	})
}

func (d *Desk) mayReopen(by, reason string) (string, error) {
	reason, err := note(reason)
	if err == nil {
		err = d.mayApprove(by, nil)
	}
	return reason, err
}

func sortedDays[T any](days map[ledger.BusinessDay]T) []ledger.BusinessDay {
	return slices.SortedFunc(maps.Keys(days), ledger.BusinessDay.Compare)
}
