package reconcile

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"daybook/ledger"
)

// Movement is how what a provider owes moved, in one currency and its minor units: by what
// was sold less coupons and the fees of the contract on a settlement day, less what the bank
// shows for the payouts due on it, and by what was booked on it. Of the stores' cash it is what
// they counted to bring to the bank, on the day on which it is due there.
type Movement struct {
	Provider    ledger.ProviderID `json:"provider"`
	Currency    ledger.Currency   `json:"currency"`
	Sold        int64             `json:"sold"`
	Coupons     int64             `json:"coupons"`
	ContractFee int64             `json:"contract_fee"`
	Received    int64             `json:"received"`
	Adjusted    int64             `json:"adjusted"`
}

// Owed is what the movement adds to what the provider owes.
func (m Movement) Owed() int64 {
	owed := ledger.AddMinor(ledger.AddMinor(m.Sold, -m.Coupons), -m.ContractFee)
	return ledger.AddMinor(ledger.AddMinor(owed, -m.Received), m.Adjusted)
}

func (m Movement) plus(n Movement) Movement {
	m.Sold, m.Coupons = ledger.AddMinor(m.Sold, n.Sold), ledger.AddMinor(m.Coupons, n.Coupons)
	m.ContractFee, m.Received = ledger.AddMinor(m.ContractFee, n.ContractFee), ledger.AddMinor(m.Received, n.Received)
	m.Adjusted = ledger.AddMinor(m.Adjusted, n.Adjusted)
	return m
}

func (m Movement) negative() Movement {
	m.Sold, m.Coupons, m.ContractFee, m.Received, m.Adjusted = -m.Sold, -m.Coupons, -m.ContractFee, -m.Received, -m.Adjusted
	return m
}

func (m Movement) key() sheetKey { return sheetKey{m.Provider, m.Currency} }

// nothing reports whether no part of it moved; parts that only cancel out are something.
func (m Movement) nothing() bool { return m == Movement{Provider: m.Provider, Currency: m.Currency} }

// Booked is a movement on the day on which it counts. That is the day Of itself; what came
// after Of was locked counts on the first open day after it.
type Booked struct {
	Day ledger.BusinessDay `json:"day"`
	Of  ledger.BusinessDay `json:"of"`
	Movement
}

func compareBooked(a, b Booked) int {
	return cmp.Or(a.Day.Compare(b.Day), a.Of.Compare(b.Of), cmp.Compare(a.Provider, b.Provider), cmp.Compare(a.Currency, b.Currency))
}

// moved is what the journal says of all days: what moved on each that was not signed with a
// locked day, and which breaks are open.
type moved struct {
	rest   map[ledger.BusinessDay]map[sheetKey]Movement // what no locked day has
	joined map[ledger.BusinessDay]bool                  // reconciled, with something on the sheet; not of days that are locked
	breaks map[string]UnclosedBreak
	begun  map[string]string // files whose import was cut off, by their SHA-256
}

// readMoved takes what stood with the last signature and reads what came since: a day's last
// word counts in place of the one that counted then, and every entry. So it costs what there
// was to do since, and not what there ever was.
func readMoved(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, c *closings) (*moved, error) {
	m := c.moved()
	for _, day := range c.reopened {
		joined, err := lastOf(ctx, journal, codec, outcomeStream(day), "day-joined")
		if err != nil {
			return nil, err
		}
		if joined, is := joined.(DayJoined); is {
			m.joined[day] = len(joined.Sheets) > 0
		}
		for _, b := range c.listed[day] {
			_, at, open, err := b.now(ctx, journal, codec)
			if err != nil {
				return nil, err
			}
			if open {
				m.breaks[b.ID] = UnclosedBreak{b.ID, b.Day, at}
			}
		}
	}
	last := map[ledger.StreamID]ledger.Recorded{}
	filter := ledger.Filter{Types: []string{"day-joined.", "payout-reckoned.", "deposit-reckoned.", "adjustment-approved.", "adjustment-reversed.", "break-opened.", "break-closed.",
		"import-begun.", "statement-imported.", "till-file-imported."}}
	for recorded, err := range journal.Read(ctx, ledger.Query{After: c.stood, Filter: filter}) {
		if err != nil {
			return nil, err
		}
		if noun := recorded.Stream.Noun(); strings.HasPrefix(recorded.Type, "day-joined.") || strings.HasPrefix(recorded.Type, "payout-reckoned.") && noun == "payout" || strings.HasPrefix(recorded.Type, "deposit-reckoned.") {
			last[recorded.Stream] = recorded
			continue
		}
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		switch p := payload.(type) {
		case AdjustmentApproved:
			m.post(p.Day, p.Postings)
		case AdjustmentReversed:
			m.post(p.Day, p.Postings)
		case BreakOpened:
			m.breaks[p.Break.ID] = UnclosedBreak{p.Break.ID, p.Break.Day, recorded.Position}
		case BreakClosed:
			delete(m.breaks, p.Break.ID)
		case ledger.ImportBegun:
			m.begun[p.SHA256] = p.File
		case ledger.TillFileImported:
			delete(m.begun, p.SHA256)
		case StatementImported:
			delete(m.begun, p.Statement)
		}
	}
	then := until{journal, c.stood}
	for stream, recorded := range last {
		now, err := codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		var before any
		if c.stood > 0 {
			noun, _, _ := strings.Cut(recorded.Type, ".")
			if before, err = lastOf(ctx, then, codec, stream, noun); err != nil {
				return nil, err
			}
		}
		for _, n := range movementsOf(before) {
			m.add(n.Of, n.negative())
		}
		for _, n := range movementsOf(now) {
			m.add(n.Of, n.Movement)
		}
		if joined, is := now.(DayJoined); is {
			m.joined[joined.Day] = len(joined.Sheets) > 0
		}
	}
	return m, nil
}

// movementsOf is what the last word of a stream moves.
func movementsOf(payload any) (list []Moved) {
	switch p := payload.(type) {
	case DayJoined:
		for _, s := range p.Sheets {
			list = append(list, Moved{p.Day, Movement{Provider: s.Provider, Currency: s.Currency, Sold: s.Ledger.Amount, Coupons: s.Bill.Discount, ContractFee: s.ContractFee}})
		}
	case PayoutReckoned:
		list = append(list, Moved{p.Due, Movement{Provider: p.Provider, Currency: p.Currency, Received: p.Received}})
	case DepositReckoned:
		list = append(list, Moved{p.Due, Movement{Provider: CashProvider, Currency: p.Currency, Sold: p.ToDeposit, Received: p.Received}})
	}
	return list
}

func (m *moved) unread() []string { return slices.Sorted(maps.Values(m.begun)) }

func (m *moved) post(day ledger.BusinessDay, postings []Posting) {
	for _, p := range postings {
		if provider, is := strings.CutPrefix(string(p.Account), receivable); is {
			m.add(day, Movement{Provider: ledger.ProviderID(provider), Currency: p.Amount.Currency, Adjusted: p.Amount.Minor})
		}
	}
}

func (m *moved) add(day ledger.BusinessDay, n Movement) { addMovement(m.rest, day, n) }

func addMovement(days map[ledger.BusinessDay]map[sheetKey]Movement, day ledger.BusinessDay, n Movement) {
	of := days[day]
	if of == nil {
		of = map[sheetKey]Movement{}
		days[day] = of
	}
	sum, there := of[n.key()]
	if !there {
		sum = Movement{Provider: n.Provider, Currency: n.Currency}
	}
	of[n.key()] = sum.plus(n)
}

// booked says where everything that moved counts: on locked days what was signed, and what
// is left of a day's movement, when that was taken off, on the first open day from it on. So
// the movements of a day, wherever they count, always add up to what the day itself comes to.
func (m *moved) booked(c *closings) []Booked {
	var list []Booked
	for _, closing := range c.days {
		if closing.Locked != nil {
			list = append(list, closing.Signed.booked()...)
		}
	}
	for day, of := range m.rest {
		for _, n := range of {
			if !n.nothing() {
				list = append(list, Booked{c.open(day), day, n})
			}
		}
	}
	slices.SortFunc(list, compareBooked)
	return list
}

// listedOn is the day under which an open break is listed: the locked day that it was signed
// with, whatever is reopened around that; or else the first open day from its own on.
func (c *closings) listedOn(b UnclosedBreak) ledger.BusinessDay {
	if signed, is := c.signed[b.ID]; is && signed.At == b.At {
		return signed.Day
	}
	return c.open(b.Day)
}

// LateFact is something that came for a day after it was locked: where it stands, in a file
// and in the journal.
type LateFact struct {
	Of       ledger.BusinessDay `json:"of"`
	Position ledger.Position    `json:"position"`
	What     string             `json:"what"` // the type of its event, without version
	File     string             `json:"file"`
	Row      int                `json:"row"` // 0 for the whole file
	ID       string             `json:"id"`  // of the payment or line, when it is one
}

// Since is what came for a day after it was locked: where it counts, and where it stands.
type Since struct {
	Booked []Booked   `json:"booked"`
	Facts  []LateFact `json:"facts"`
}

// SinceLocked reads what came for a locked day since it was signed.
func SinceLocked(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, terms *Terms, day ledger.BusinessDay) (Since, error) {
	since := Since{[]Booked{}, []LateFact{}}
	c, err := readClosings(ctx, journal, codec)
	if err != nil || !c.locked(day) {
		return since, err
	}
	all, err := readMoved(ctx, journal, codec, c)
	if err != nil {
		return since, err
	}
	for _, b := range all.booked(c) {
		if b.Of == day && b.Day != day {
			since.Booked = append(since.Booked, b)
		}
	}
	facts, err := NewMatcher(journal, codec, terms, "", nil).lateFacts(ctx, day, c.carriedAt(day, day.AddDays(1)))
	since.Facts = append(since.Facts, facts...)
	return since, err
}

// lateFacts finds what came for a day after a position.
func (m *Matcher) lateFacts(ctx context.Context, day ledger.BusinessDay, after ledger.Position) ([]LateFact, error) {
	type place struct {
		position ledger.Position
		row      int
	}
	found := map[place]LateFact{}
	note := func(recorded ledger.Recorded, row int, id string) error {
		meta, err := ledger.DecodeMeta(recorded.Event)
		if err != nil {
			return err
		}
		what, _, _ := strings.Cut(recorded.Type, ".")
		fact := LateFact{Of: day, Position: recorded.Position, What: what, Row: row, ID: id}
		if meta.Origin != nil {
			fact.File, fact.Row = meta.Origin.File, max(row, meta.Origin.Row)
		}
		found[place{fact.Position, fact.Row}] = fact
		return nil
	}
	for recorded, err := range m.journal.Read(ctx, ledger.Query{Stream: ledger.DayStream(day), Filter: ledger.Filter{Types: []string{"statement-listed."}}}) {
		if err != nil {
			return nil, err
		}
		payload, err := m.codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		if listed, is := payload.(StatementListed); is && listed.Kind != BankStatement && recorded.Position > after {
			if err := note(recorded, 0, ""); err != nil {
				return nil, err
			}
		}
	}
	if err := m.lateActions(ctx, day, after, note); err != nil {
		return nil, err
	}
	if err := m.lateCredits(ctx, day, after, note); err != nil {
		return nil, err
	}
	return slices.SortedFunc(maps.Values(found), func(a, b LateFact) int {
		return cmp.Or(cmp.Compare(a.Position, b.Position), cmp.Compare(a.Row, b.Row))
	}), nil
}

// lateActions are those reported under the day itself, and those reported under another one
// that became payments of it.
func (m *Matcher) lateActions(ctx context.Context, day ledger.BusinessDay, after ledger.Position, note func(ledger.Recorded, int, string) error) error {
	book, err := m.book(ctx, day)
	if err != nil {
		return err
	}
	items := map[ledger.Position]string{}
	for _, item := range book.Items(day) {
		items[item.Position] = item.ID
	}
	for business := range around(day, actionReach) {
		for recorded, err := range m.journal.Read(ctx, ledger.Query{Stream: ledger.DayStream(business), Filter: ledger.Filter{Types: []string{"storeday-opened."}}}) {
			if err != nil {
				return err
			}
			payload, err := m.codec.Decode(recorded.Event)
			if err != nil {
				return err
			}
			stream := ledger.StoredayStream(payload.(ledger.StoredayOpened).Store, business)
			for action, err := range m.journal.Read(ctx, ledger.Query{Stream: stream}) {
				if err != nil {
					return err
				}
				id, is := items[action.Position]
				if action.Position > after && (is || business == day) {
					if err := note(action, 0, id); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}

// lateCredits are the rows of bank statements that were found for payouts due on the day.
func (m *Matcher) lateCredits(ctx context.Context, day ledger.BusinessDay, after ledger.Position, note func(ledger.Recorded, int, string) error) error {
	due := day.String()
	before, now := map[string]bool{}, map[string]bool{}
	for n := range m.terms.Providers {
		provider := &m.terms.Providers[n]
		currencies, err := m.currencies(ctx, provider, day)
		if err != nil {
			return err
		}
		for currency := range currencies {
			stream := ledger.Stream("payout", string(provider.ID), string(currency), due)
			for _, side := range []struct {
				journal ledger.Journal
				credits map[string]bool
			}{{until{m.journal, after}, before}, {m.journal, now}} {
				reckoned, err := lastOf(ctx, side.journal, m.codec, stream, "payout-reckoned")
				if err != nil {
					return err
				}
				if p, is := reckoned.(PayoutReckoned); is {
					for _, id := range p.Credits {
						side.credits[id] = true
					}
				}
			}
		}
	}
	for near := range around(day, payoutReach) {
		for recorded, err := range m.journal.Read(ctx, ledger.Query{Stream: ledger.DayStream(near), Filter: ledger.Filter{Types: []string{"statement-listed."}}}) {
			if err != nil {
				return err
			}
			payload, err := m.codec.Decode(recorded.Event)
			if err != nil {
				return err
			}
			listed, is := payload.(StatementListed)
			if !is || listed.Kind != BankStatement || recorded.Position <= after {
				continue
			}
			lines, err := m.statementLines(ctx, listed.Statement)
			if err != nil {
				return err
			}
			for _, line := range lines {
				if id := entry(listed, line).ID; line.Day == near && now[id] && !before[id] {
					if err := note(recorded, line.Row, id); err != nil {
						return err
					}
				}
			}
		}
	}
	return nil
}
