package reconcile

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"iter"
	"slices"
	"strings"

	"daybook/ledger"
)

// DayFacts is everything that the reconciliation of a settlement day came to and stood on,
// each list in a fixed order. The same facts have the same digest.
type DayFacts struct {
	Day         ledger.BusinessDay `json:"day"`
	Terms       string             `json:"terms"` // digest of the configuration it was reckoned with
	Statements  []StatementListed  `json:"statements"`
	Sheets      []Sheet            `json:"sheets"`
	Late        []LateSum          `json:"late"`
	Matches     []Match            `json:"matches"`
	Suggestions []Match            `json:"suggestions"`
	Breaks      []Break            `json:"breaks"`
	Payouts     []PayoutReckoned   `json:"payouts"` // of the bills of the day, whenever they are due
	Decisions   []Decision         `json:"decisions"`
	Deposits    []DepositReckoned  `json:"deposits,omitempty"`  // of the cash of the day, whenever it is due
	Movements   []Booked           `json:"movements,omitempty"` // of the day itself
	// Carried is what moved on earlier days after they were locked; LateBreaks are the open
	// differences that came of it.
	Carried    []Booked `json:"carried,omitempty"`
	LateBreaks []Break  `json:"late_breaks,omitempty"`
	// Unread are tills' files of which rows of the day could not be read.
	Unread []ledger.UnreadListed `json:"unread,omitempty"`

	// Cases are what people did about the breaks, and about breaks that have closed since;
	// they may do more after the day is signed, and are no part of the digest.
	Cases map[string]Case              `json:"-"`
	Files map[string]StatementImported `json:"-"` // of Statements, by their SHA-256
	// LateFacts are those behind Carried and LateBreaks. Where they stand in the journal is
	// no part of the digest.
	LateFacts []LateFact         `json:"-"`
	Balances  []PeriodTotal      `json:"-"` // of each provider before and after the day
	asOf      ledger.BusinessDay // the newest day of which there are facts
	gone      []string           // breaks that closed and of which an adjustment is in force
	unread    []string           // files whose import was cut off
}

// AllBreaks are those of the day and those that came late for earlier days.
func (f *DayFacts) AllBreaks() []Break { return slices.Concat(f.Breaks, f.LateBreaks) }

// nothing reports whether there is nothing to sign.
func (f *DayFacts) nothing() bool {
	return len(f.Sheets)+len(f.Movements)+len(f.Carried)+len(f.LateBreaks)+len(f.Breaks) == 0
}

// Digest of the facts: the same for the same files, decisions and configuration, whenever
// and wherever they are reckoned.
func (f *DayFacts) Digest() string {
	bare := *f
	bare.Breaks, bare.LateBreaks = slices.Clone(f.Breaks), slices.Clone(f.LateBreaks)
	for _, breaks := range [][]Break{bare.Breaks, bare.LateBreaks} {
		for n := range breaks {
			breaks[n].Position = 0 // a place in one journal
		}
	}
	data, err := json.Marshal(&bare)
	if err != nil {
		panic(err) // plain data
	}
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// until is a journal as it was when its last event was the one at a position. It is only
// read.
type until struct {
	ledger.Journal
	last ledger.Position
}

func (u until) Read(ctx context.Context, query ledger.Query) iter.Seq2[ledger.Recorded, error] {
	if query.Backwards {
		limit := query.Limit
		query.Limit = 0
		return func(yield func(ledger.Recorded, error) bool) {
			given := 0
			for recorded, err := range u.Journal.Read(ctx, query) {
				if err == nil && recorded.Position > u.last {
					continue
				}
				if !yield(recorded, err) || err != nil {
					return
				}
				if given++; given == limit {
					return
				}
			}
		}
	}
	return func(yield func(ledger.Recorded, error) bool) {
		for recorded, err := range u.Journal.Read(ctx, query) {
			if err == nil && recorded.Position > u.last || !yield(recorded, err) || err != nil {
				return
			}
		}
	}
}

// FactsOf reads the facts of a day as they stood at a position of the journal.
func FactsOf(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, terms *Terms, day ledger.BusinessDay, at ledger.Position) (*DayFacts, error) {
	then := until{journal, at}
	m := NewMatcher(then, codec, terms, "", nil)
	f := &DayFacts{Day: day, Statements: []StatementListed{}, Sheets: []Sheet{}, Late: []LateSum{}, Matches: []Match{}, Suggestions: []Match{}, Breaks: []Break{},
		Payouts: []PayoutReckoned{}, Decisions: []Decision{}, Cases: map[string]Case{}, Files: map[string]StatementImported{}}
	var err error
	if f.asOf, err = NewestDay(ctx, then, codec); err != nil {
		return nil, err
	}
	listed, err := m.listed(ctx, day)
	if err != nil {
		return nil, err
	}
	for _, l := range listed {
		if l.Kind != BankStatement { // a bank statement of the day pays for others
			f.Statements = append(f.Statements, l)
		}
	}
	if f.Unread, err = ledger.UnreadOn(ctx, then, codec, day); err != nil {
		return nil, err
	}
	if f.Decisions, _, err = decisionsOn(ctx, then, codec, day); err != nil {
		return nil, err
	}
	streams := []ledger.StreamID{outcomeStream(day), lateStream(day)}
	if err := f.lastWords(ctx, then, codec); err != nil {
		return nil, err
	}
	payouts, err := m.payoutsOf(ctx, f)
	if err != nil {
		return nil, err
	}
	deposits, err := m.depositsOf(ctx, f)
	if err != nil {
		return nil, err
	}
	payouts = append(payouts, deposits...)
	if err := m.creditedBy(ctx, f); err != nil {
		return nil, err
	}
	for _, l := range f.Statements {
		summary, _, err := (&Importer{then, codec, terms}).recorded(ctx, l.Statement)
		if err != nil {
			return nil, err
		}
		f.Files[l.Statement] = summary
	}
	feeds, err := m.gapStreams(ctx, day)
	if err != nil {
		return nil, err
	}
	balances, err := m.balancesOf(ctx, day)
	if err != nil {
		return nil, err
	}
	desk := &Desk{journal: then, codec: codec}
	for _, stream := range slices.Concat(streams, payouts, feeds, balances) {
		said, err := m.said(ctx, stream)
		if err != nil {
			return nil, err
		}
		for _, id := range sortedKeys(said.matches) {
			f.Matches = append(f.Matches, said.matches[id])
		}
		for _, id := range sortedKeys(said.suggestions) {
			f.Suggestions = append(f.Suggestions, said.suggestions[id])
		}
		for _, id := range sortedKeys(said.breaks) {
			if b := said.breaks[id]; b.Leg != SequenceLeg || b.Day == day {
				f.Breaks = append(f.Breaks, b)
			}
		}
		for _, id := range sortedKeys(said.gone) {
			c, err := desk.read(ctx, id)
			if err != nil {
				return nil, err
			}
			if c.approved != nil {
				f.Cases[id] = c.Case
				f.gone = append(f.gone, id)
			}
		}
	}
	if err := m.moved(ctx, f); err != nil {
		return nil, err
	}
	for _, b := range f.AllBreaks() {
		c, err := desk.read(ctx, b.ID)
		if err != nil {
			return nil, err
		}
		f.Cases[b.ID] = c.Case
	}
	return f, nil
}

// moved adds what moved on the day, and what is carried to it from days before.
func (m *Matcher) moved(ctx context.Context, f *DayFacts) error {
	c, err := readClosings(ctx, m.journal, m.codec)
	if err != nil {
		return err
	}
	all, err := readMoved(ctx, m.journal, m.codec, c)
	if err != nil {
		return err
	}
	booked := all.booked(c)
	from := map[ledger.BusinessDay]bool{}
	for _, b := range booked {
		switch {
		case b.Day != f.Day:
		case b.Of == f.Day:
			f.Movements = append(f.Movements, b)
		default:
			f.Carried = append(f.Carried, b)
			from[b.Of] = true
		}
	}
	whole := &PeriodFacts{From: f.Day, To: f.Day}
	whole.total(booked, func(day ledger.BusinessDay) bool { return day == f.Day })
	f.Balances, f.unread = whole.Totals, all.unread()
	listed, err := all.listedUnder(ctx, m.journal, m.codec, c, f.Day)
	if err != nil {
		return err
	}
	for _, b := range listed {
		if b.Day != f.Day && c.locked(b.Day) {
			f.LateBreaks = append(f.LateBreaks, b)
			from[b.Day] = true
		}
	}
	// The day's own breaks that were found after it was locked are listed elsewhere.
	if c.locked(f.Day) {
		f.Breaks = slices.DeleteFunc(f.Breaks, func(b Break) bool {
			return !slices.ContainsFunc(listed, func(here Break) bool { return here.ID == b.ID })
		})
	}
	for _, of := range sortedDays(from) {
		late, err := m.lateFacts(ctx, of, c.carriedAt(of, f.Day))
		if err != nil {
			return err
		}
		f.LateFacts = append(f.LateFacts, late...)
	}
	return nil
}

// lastWords takes the closing events of the day's two reckonings.
func (f *DayFacts) lastWords(ctx context.Context, journal ledger.Journal, codec *ledger.Codec) error {
	joined, err := lastOf(ctx, journal, codec, outcomeStream(f.Day), "day-joined")
	if err != nil {
		return err
	}
	if joined, is := joined.(DayJoined); is {
		f.Terms, f.Sheets = joined.Terms, append(f.Sheets, joined.Sheets...)
	}
	concluded, err := lastOf(ctx, journal, codec, lateStream(f.Day), "day-concluded")
	if err != nil {
		return err
	}
	if concluded, is := concluded.(DayConcluded); is {
		f.Late = append(f.Late, concluded.Late...)
	}
	return nil
}

// payoutsOf finds where the bills of the day are paid, and reads what is said of it.
func (m *Matcher) payoutsOf(ctx context.Context, f *DayFacts) ([]ledger.StreamID, error) {
	var streams []ledger.StreamID
	for _, sheet := range f.Sheets {
		provider, known := m.terms.Provider(sheet.Provider)
		if !known {
			continue
		}
		stream := ledger.Stream("payout", string(sheet.Provider), string(sheet.Currency), provider.Payout.Due(f.Day).String())
		if slices.Contains(streams, stream) {
			continue
		}
		streams = append(streams, stream)
		reckoned, err := lastOf(ctx, m.journal, m.codec, stream, "payout-reckoned")
		if err != nil {
			return nil, err
		}
		if reckoned, is := reckoned.(PayoutReckoned); is {
			f.Payouts = append(f.Payouts, reckoned)
		}
	}
	return streams, nil
}

// creditedBy adds the bank statements on which the day's payouts were found.
func (m *Matcher) creditedBy(ctx context.Context, f *DayFacts) error {
	var banks []StatementListed
	paid := slices.Clone(f.Payouts)
	for _, d := range f.Deposits {
		paid = append(paid, PayoutReckoned{Due: d.Due, Credits: d.Credits})
	}
	for _, p := range paid {
		for day := range around(p.Due, payoutReach) {
			listed, err := m.listed(ctx, day)
			if err != nil {
				return err
			}
			for _, l := range listed {
				unread := l.Kind == BankStatement && l.Quarantined > 0 && day == p.Due // the credit may be in a row that could not be read
				credited := unread || slices.ContainsFunc(p.Credits, func(id string) bool {
					sha, _, _ := strings.Cut(id, ":")
					return sha != "" && strings.HasPrefix(l.Statement, sha)
				})
				if credited && !slices.ContainsFunc(banks, func(b StatementListed) bool { return b.Statement == l.Statement }) {
					banks = append(banks, l)
				}
			}
		}
	}
	slices.SortFunc(banks, func(a, b StatementListed) int { return cmp.Compare(a.Statement, b.Statement) })
	f.Statements = append(f.Statements, banks...)
	return nil
}

// gapStreams are the streams in which gaps of the day's terminals are named.
func (m *Matcher) gapStreams(ctx context.Context, day ledger.BusinessDay) ([]ledger.StreamID, error) {
	seen := map[ledger.StreamID]bool{}
	for recorded, err := range m.journal.Read(ctx, ledger.Query{Stream: ledger.DayStream(day), Filter: ledger.Filter{Types: []string{"storeday-opened."}}}) {
		if err != nil {
			return nil, err
		}
		payload, err := m.codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		actions, err := m.storeday(ctx, ledger.StoredayStream(payload.(ledger.StoredayOpened).Store, day))
		if err != nil {
			return nil, err
		}
		for _, a := range actions {
			head := a.action.Head()
			seen[ledger.Stream("gaps", string(head.Terminal), head.Series)] = true
		}
	}
	return sortedKeys(seen), nil
}
