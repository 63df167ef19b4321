package reconcile

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"slices"

	"daybook/ledger"
)

// A period, usually a month, is closed when its days are: one person signs what they come
// to, another locks it. From then on everything up to its end is locked, days as well on
// which nothing had happened, and none of it can be reopened before the period is.
type (
	// PeriodSigned: every day is locked, and this is what they come to.
	PeriodSigned struct {
		From          ledger.BusinessDay `json:"from"`
		To            ledger.BusinessDay `json:"to"`
		Digest        string             `json:"digest"` // of PeriodFacts
		Position      ledger.Position    `json:"position"`
		Configuration string             `json:"configuration"`
		By            string             `json:"by"`
		Totals        []PeriodTotal      `json:"totals"`
	}

	// PeriodLocked: another person agrees.
	PeriodLocked struct {
		From       ledger.BusinessDay `json:"from"`
		To         ledger.BusinessDay `json:"to"`
		Digest     string             `json:"digest"`
		PreparedBy string             `json:"prepared_by"`
		By         string             `json:"by"`
	}

	// PeriodReopened takes both back. Its days stay locked.
	PeriodReopened struct {
		From   ledger.BusinessDay `json:"from"`
		To     ledger.BusinessDay `json:"to"`
		Reason string             `json:"reason"`
		By     string             `json:"by"`
	}

	// PeriodTotal is one line of the control totals:
	//
	//	Closing = Opening + Sold - Coupons - ContractFee - Received + Adjusted
	//
	// Opening is the Closing of the period before.
	PeriodTotal struct {
		Opening int64 `json:"opening"`
		Movement
		Closing int64 `json:"closing"`
		Late    int64 `json:"late"` // of it, what came late for days before the period
	}
)

// PeriodClosing is where a period stands between two people.
type PeriodClosing struct {
	From   ledger.BusinessDay `json:"from"`
	To     ledger.BusinessDay `json:"to"`
	Signed *PeriodSigned      `json:"signed"`
	Locked *PeriodLocked      `json:"locked"`
}

func (p PeriodClosing) is(from, to ledger.BusinessDay) bool { return p.From == from && p.To == to }

func (p PeriodClosing) overlaps(from, to ledger.BusinessDay) bool {
	return p.From.Compare(to) <= 0 && from.Compare(p.To) <= 0
}

func (p PeriodClosing) refuse() error {
	return ledger.Refuse(ledger.Say("the period from %s to %s was signed by %s and locked by %s", p.From.String(), p.To.String(), p.Locked.PreparedBy, p.Locked.By),
		ledger.Say("use a day after it, or reopen it with: daybook close reopen --from %s --to %s", p.From.String(), p.To.String()))
}

// PeriodFacts is what the days of a period come to.
type PeriodFacts struct {
	From   ledger.BusinessDay `json:"from"`
	To     ledger.BusinessDay `json:"to"`
	Days   []DayInPeriod      `json:"days"`
	Totals []PeriodTotal      `json:"totals"`
	Booked []Booked           `json:"booked"` // on its days, whatever day they belong to

	checks checklist
}

// DayInPeriod is a day that was locked, as it was signed.
type DayInPeriod struct {
	Day      ledger.BusinessDay `json:"day"`
	Digest   string             `json:"digest"`
	SignedBy string             `json:"signed_by"`
	LockedBy string             `json:"locked_by"`
}

// Digest of the facts.
func (f *PeriodFacts) Digest() string {
	data, err := json.Marshal(f)
	if err != nil {
		panic(err) // plain data
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Checks are all of a period, in order.
func (f *PeriodFacts) Checks() []Check {
	return f.checks.of(DaysLocked, FilesRead, NumbersComplete, DifferencesNamed, ProposalsDecided)
}

// PeriodFactsOf reads what a period came to as it stood at a position of the journal.
func PeriodFactsOf(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, from, to ledger.BusinessDay, at ledger.Position) (*PeriodFacts, error) {
	f := &PeriodFacts{From: from, To: to, Days: []DayInPeriod{}, Totals: []PeriodTotal{}, Booked: []Booked{}, checks: checklist{}}
	if to.Compare(from) < 0 {
		return nil, ledger.Problem("%s comes after %s", from.String(), to.String())
	}
	then := until{journal, at}
	c, err := readClosings(ctx, then, codec)
	if err != nil {
		return nil, err
	}
	m, err := readMoved(ctx, then, codec, c)
	if err != nil {
		return nil, err
	}
	in := func(day ledger.BusinessDay) bool { return day.Compare(from) >= 0 && day.Compare(to) <= 0 }
	for _, day := range sortedDays(c.days) {
		if closing := c.days[day]; in(day) && closing.Locked != nil {
			f.Days = append(f.Days, DayInPeriod{day, closing.Signed.Digest, closing.Signed.By, closing.Locked.By})
		}
	}
	booked := m.booked(c)
	f.total(booked, in)
	f.checks.add(FilesRead, m.unread()...)
	pending := map[ledger.BusinessDay]bool{}
	for day, is := range m.joined {
		if is {
			pending[day] = true
		}
	}
	for _, b := range booked {
		pending[b.Day] = true
	}
	asOf, err := NewestDay(ctx, then, codec)
	if err != nil {
		return nil, err
	}
	desk := &Desk{journal: then, codec: codec}
	listed := map[ledger.BusinessDay]bool{} // that may have differences under them
	for _, b := range m.breaks {
		on := c.listedOn(b)
		pending[on], listed[on] = true, true
	}
	for day := range c.days {
		listed[day] = true
	}
	for _, day := range sortedDays(listed) {
		if !in(day) {
			continue
		}
		breaks, err := m.listedUnder(ctx, then, codec, c, day)
		if err != nil {
			return nil, err
		}
		for _, b := range breaks {
			handled, err := desk.read(ctx, b.ID)
			if err != nil {
				return nil, err
			}
			f.checks.handled(b, handled.Case, asOf)
		}
	}
	for _, day := range sortedDays(pending) {
		if day.Compare(to) <= 0 && !c.locked(day) {
			f.checks.add(DaysLocked, day.String())
		}
	}
	return f, nil
}

// total sums what was booked in the period and before it.
func (f *PeriodFacts) total(booked []Booked, in func(ledger.BusinessDay) bool) {
	total := func(m Movement) *PeriodTotal {
		n := slices.IndexFunc(f.Totals, func(t PeriodTotal) bool { return t.key() == m.key() })
		if n < 0 {
			n = len(f.Totals)
			f.Totals = append(f.Totals, PeriodTotal{Movement: Movement{Provider: m.Provider, Currency: m.Currency}})
		}
		return &f.Totals[n]
	}
	for _, b := range booked {
		switch t := total(b.Movement); {
		case in(b.Day):
			f.Booked = append(f.Booked, b)
			t.Movement = t.plus(b.Movement)
			if b.Of.Compare(f.From) < 0 {
				t.Late = ledger.AddMinor(t.Late, b.Owed())
			}
		case b.Day.Compare(f.From) < 0:
			t.Opening = ledger.AddMinor(t.Opening, b.Owed())
		}
	}
	for n := range f.Totals {
		f.Totals[n].Closing = ledger.AddMinor(f.Totals[n].Opening, f.Totals[n].Owed())
	}
	f.Totals = slices.DeleteFunc(f.Totals, func(t PeriodTotal) bool { return t.Opening == 0 && t.nothing() })
	slices.SortFunc(f.Totals, func(a, b PeriodTotal) int {
		return cmp.Or(cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Currency, b.Currency))
	})
}

// Period reads where a period stands.
func (d *Desk) Period(ctx context.Context, from, to ledger.BusinessDay) (PeriodClosing, error) {
	c, err := readClosings(ctx, d.journal, d.codec)
	if err != nil {
		return PeriodClosing{}, err
	}
	return c.period(from, to), nil
}

func (c *closings) period(from, to ledger.BusinessDay) PeriodClosing {
	for _, p := range c.periods {
		if p.is(from, to) {
			return p
		}
	}
	return PeriodClosing{From: from, To: to}
}

// SignPeriod signs a period as its preparer. It is refused while a check is open, and when
// the period has a day in common with another that is signed.
func (d *Desk) SignPeriod(ctx context.Context, from, to ledger.BusinessDay, by, configuration string) error {
	if err := d.mayPrepare(by); err != nil {
		return err
	}
	return d.decideClosing(ctx, by, to, to.String(), func(c *closings) (any, error) {
		for _, p := range c.periods {
			switch {
			case p.is(from, to) && p.Locked != nil:
				return nil, p.refuse()
			case !p.is(from, to) && p.overlaps(from, to):
				return nil, ledger.Refuse(ledger.Say("the period from %s to %s, which %s signed, has days of this one", p.From.String(), p.To.String(), p.Signed.By),
					ledger.Say("name a period that begins after it, or reopen it with: daybook close reopen --from %s --to %s", p.From.String(), p.To.String()))
			}
		}
		facts, at, err := d.periodNow(ctx, c, from, to)
		if err != nil {
			return nil, err
		}
		if len(facts.Days) == 0 {
			return nil, ledger.Problem("no day from %s to %s was locked", from.String(), to.String())
		}
		if checks := facts.Checks(); !Ready(checks) {
			if days := checks[0].Open; len(days) > 0 {
				return nil, ledger.Refuse(ledger.Say("the period from %s to %s cannot be signed: these days are not locked: %s", from.String(), to.String(), listed(days)),
					ledger.Say("sign and lock each: daybook close status --date %s", days[0]))
			}
			return nil, ledger.Refuse(ledger.Say("the period from %s to %s is not ready to be signed", from.String(), to.String()),
				ledger.Say("daybook close status --from %s --to %s shows what is in the way", from.String(), to.String()))
		}
		return PeriodSigned{from, to, facts.Digest(), at, configuration, by, facts.Totals}, nil
	})
}

func (d *Desk) periodNow(ctx context.Context, c *closings, from, to ledger.BusinessDay) (*PeriodFacts, ledger.Position, error) {
	if err := d.settle(ctx, c, func(on ledger.BusinessDay) bool { return on.Compare(to) <= 0 }); err != nil {
		return nil, 0, err
	}
	at, err := ledger.Head(ctx, d.journal)
	if err != nil {
		return nil, 0, err
	}
	facts, err := PeriodFactsOf(ctx, d.journal, d.codec, from, to, at)
	return facts, at, err
}

// LockPeriod agrees to what another person signed. It is refused when a day was reopened or
// anything else has changed since.
func (d *Desk) LockPeriod(ctx context.Context, from, to ledger.BusinessDay, by string) error {
	if err := d.mayApprove(by, nil); err != nil {
		return err
	}
	return d.decideClosing(ctx, by, to, to.String(), func(c *closings) (any, error) {
		p := c.period(from, to)
		switch {
		case p.Locked != nil:
			return nil, p.refuse()
		case p.Signed == nil:
			return nil, ledger.Refuse(ledger.Say("the period from %s to %s was not signed yet", from.String(), to.String()),
				ledger.Say("daybook close sign --from %s --to %s signs it", from.String(), to.String()))
		case p.Signed.By == by:
			return nil, ledger.Refuse(ledger.Say("%s signed this period and cannot lock it", by), ledger.Say("another person has to, with --as"))
		}
		facts, _, err := d.periodNow(ctx, c, from, to)
		if err != nil {
			return nil, err
		}
		if facts.Digest() != p.Signed.Digest || !Ready(facts.Checks()) {
			return nil, ledger.Refuse(ledger.Say("the period from %s to %s has changed since %s signed it", from.String(), to.String(), p.Signed.By), ledger.Say("it has to be looked at and signed again"))
		}
		return PeriodLocked{from, to, p.Signed.Digest, p.Signed.By, by}, nil
	})
}

// ReopenPeriod takes signature and lock of a period back. It is refused while a later one is
// locked, which holds everything before its end as well.
func (d *Desk) ReopenPeriod(ctx context.Context, from, to ledger.BusinessDay, by, reason string) error {
	reason, err := d.mayReopen(by, reason)
	if err != nil {
		return err
	}
	return d.decideClosing(ctx, by, to, to.String(), func(c *closings) (any, error) {
		if c.period(from, to).Signed == nil {
			return nil, ledger.Problem("the period from %s to %s is open", from.String(), to.String())
		}
		for _, p := range c.periods {
			if p.Locked != nil && p.From.Compare(to) > 0 {
				return nil, p.refuse()
			}
		}
		return PeriodReopened{from, to, reason, by}, nil
	})
}
