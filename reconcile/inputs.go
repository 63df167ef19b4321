package reconcile

import (
	"cmp"
	"context"
	"slices"
	"strconv"

	"daybook/ledger"
)

// dayInputs is everything that is reckoned on one settlement day.
type dayInputs struct {
	in         Inputs
	statements []string
	batches    []Break // of the terminals' batch totals
	controls   []Break // of the files' own totals
}

func (m *Matcher) readDay(ctx context.Context, day ledger.BusinessDay) (dayInputs, error) {
	var d dayInputs
	book, err := m.book(ctx, day)
	if err != nil {
		return d, err
	}
	// The book is not looked at again: its memory is free before lines are read.
	d.in, d.batches = Inputs{Day: day, Items: book.Items(day), Reported: map[ledger.ProviderID]bool{}}, book.BatchBreaks(day)
	listed, err := m.listed(ctx, day)
	if err != nil {
		return d, err
	}
	for _, l := range listed {
		if l.Kind == BankStatement {
			continue
		}
		provider := ledger.ProviderID(l.Sender)
		if l.Kind == TradeBill && l.covers(day) { // a row of another day makes no bill for that day
			d.in.Reported[provider] = true
		}
		d.statements = append(d.statements, l.Statement)
		if l.To == day {
			broken, err := m.untied(ctx, l)
			if err != nil {
				return d, err
			}
			d.controls = append(d.controls, broken...)
		}
		if !l.Kind.bills() {
			continue
		}
		lines, err := m.statementLines(ctx, l.Statement)
		if err != nil {
			return d, err
		}
		of := 0
		for _, line := range lines {
			if line.Day == day && line.owes() {
				of++
			}
		}
		d.in.Lines = slices.Grow(d.in.Lines, of)
		for _, line := range lines {
			if line.Day == day && line.owes() {
				d.in.Lines = append(d.in.Lines, m.billed(entry(l, line)))
			}
		}
	}
	told, err := m.toldTwice(ctx, day, listed, d.in.Lines)
	if err != nil {
		return d, err
	}
	d.controls = append(d.controls, told...)
	if d.in.Turnover, err = m.turnover(ctx, day); err != nil {
		return d, err
	}
	for near := range around(day, m.terms.LateWindow()) {
		decided, err := m.decisions(ctx, near)
		if err != nil {
			return d, err
		}
		d.in.Decided = append(d.in.Decided, decided...)
	}
	return d, nil
}

// decisions are what people decided about payments of a settlement day.
func (m *Matcher) decisions(ctx context.Context, day ledger.BusinessDay) ([]Decision, error) {
	if decided, known := m.decided[day]; known {
		return decided, nil
	}
	decided, _, err := decisionsOn(ctx, m.journal, m.codec, day)
	if err == nil {
		m.decided[day] = decided
	}
	return decided, err
}

func entry(l StatementListed, line Line) Entry {
	return Entry{ID: l.Statement[:12] + ":" + strconv.Itoa(line.Row), Statement: l.Statement, Provider: ledger.ProviderID(l.Sender), Line: line}
}

// billed gives a line that does not say how it was paid its provider's channel.
func (m *Matcher) billed(e Entry) Entry {
	if provider, known := m.terms.Provider(e.Provider); known {
		e.Channel = cmp.Or(e.Channel, provider.Channel)
	}
	return e
}

// actionReach is how many days a payment's settlement day, or an answer to it, may lie
// from the business day it was reported under.
const actionReach = 1

// book folds the actions that can fall on a settlement day: those of every store's
// business day and its neighbours, whatever the clocks say. A till that closes its
// business day after midnight reports under a date that no clock gives. A void, reversal
// or answer finds its payment within these.
func (m *Matcher) book(ctx context.Context, day ledger.BusinessDay) (*Book, error) {
	var near []ledger.StreamID
	reached := false
	for business := range around(day, actionReach) {
		for recorded, err := range m.journal.Read(ctx, ledger.Query{Stream: ledger.DayStream(business), Filter: ledger.Filter{Types: []string{"storeday-opened."}}}) {
			if err != nil {
				return nil, err
			}
			payload, err := m.codec.Decode(recorded.Event)
			if err != nil {
				return nil, err
			}
			stream := ledger.StoredayStream(payload.(ledger.StoredayOpened).Store, business)
			if m.reach[stream] == nil {
				if _, err := m.storeday(ctx, stream); err != nil {
					return nil, err
				}
			}
			near, reached = append(near, stream), reached || m.reach[stream][day]
		}
	}
	book := NewBook(m.terms)
	if !reached {
		return book, nil // nothing of it falls on the day
	}
	for _, stream := range near {
		actions, err := m.storeday(ctx, stream)
		if err != nil {
			return nil, err
		}
		book.items = slices.Grow(book.items, len(actions))
		for _, a := range actions {
			book.Apply(a.position, a.action)
		}
	}
	return book, nil
}

// applied is an action as a Book takes it.
type applied struct {
	position ledger.Position
	action   ledger.Action
}

// storeday reads the actions of one store and business day that settlement is about, and
// the days they reach. Neighbouring settlement days share them, so the last few storedays
// stay at hand.
func (m *Matcher) storeday(ctx context.Context, stream ledger.StreamID) ([]applied, error) {
	if actions, known := m.actions[stream]; known {
		return actions, nil
	}
	var actions []applied
	reach := map[ledger.BusinessDay]bool{}
	filter := ledger.Filter{Types: []string{"sale-recorded.", "refund-recorded.", "payment-", "batch-closed."}}
	err := m.codec.DecodeEach(m.journal.Read(ctx, ledger.Query{Stream: stream, Filter: filter}), func(at ledger.Position, payload any) {
		action, is := payload.(ledger.Action)
		if !is {
			return
		}
		head := action.Head()
		reach[head.BusinessDay] = true
		for _, tender := range tenders(action) {
			if provider, settled := m.terms.ProviderOf(tender.Channel, tender.MID); settled {
				reach[providerDay(provider, head)] = true
			}
		}
		if sale, is := action.(ledger.SaleRecorded); is {
			sale.Lines, sale.Notes = nil, nil // not needed, and most of the memory
			action = sale
		}
		actions = append(actions, applied{at, action})
	})
	if err != nil {
		return nil, err
	}
	const keep = 200_000 // actions
	held := len(actions)
	for _, others := range m.actions {
		held += len(others)
	}
	if held > keep {
		clear(m.actions)
	}
	m.actions[stream], m.reach[stream] = actions, reach
	return actions, nil
}

// tenders are the payments that an action reports.
func tenders(action ledger.Action) []ledger.Tender {
	switch action := action.(type) {
	case ledger.SaleRecorded:
		return action.Tenders
	case ledger.RefundRecorded:
		return action.Tenders
	case ledger.PaymentVoided:
		return []ledger.Tender{action.Tender}
	}
	return nil
}

// listed are the statements in force for a day.
func (m *Matcher) listed(ctx context.Context, day ledger.BusinessDay) ([]StatementListed, error) {
	listed, err := m.everListed(ctx, day)
	return inForce(listed), err
}

// everListed includes the statements that others replaced.
func (m *Matcher) everListed(ctx context.Context, day ledger.BusinessDay) ([]StatementListed, error) {
	if listed, known := m.lists[day]; known {
		return listed, nil
	}
	listed, err := listedOn(ctx, m.journal, m.codec, day)
	if err == nil {
		m.lists[day] = listed
	}
	return listed, err
}

// statementLines keeps the last few statements at hand: neighbouring days of one long
// statement are reckoned one after the other.
func (m *Matcher) statementLines(ctx context.Context, sha string) ([]Line, error) {
	if lines, known := m.lines[sha]; known {
		return lines, nil
	}
	lines, err := linesOf(ctx, m.journal, m.codec, sha)
	if err != nil {
		return nil, err
	}
	const keep = 4
	if len(m.lines) >= keep {
		clear(m.lines)
	}
	m.lines[sha] = lines
	m.keepNames(sha, lines)
	return lines, nil
}

// untied turns the controls of an imported statement that do not tie into breaks.
func (m *Matcher) untied(ctx context.Context, l StatementListed) ([]Break, error) {
	im := Importer{m.journal, m.codec, m.terms}
	summary, _, err := im.recorded(ctx, l.Statement)
	if err != nil {
		return nil, err
	}
	var breaks []Break
	provider, known := m.terms.Provider(ledger.ProviderID(l.Sender))
	for _, control := range summary.Untied {
		if !known {
			break
		}
		b := Break{
			Kind: ControlTotalMismatch, Leg: FileLeg, Day: l.Day, BusinessDay: l.Day, Provider: provider.ID, Channel: provider.Channel,
			Reference: summary.File + ":" + strconv.Itoa(control.Row), Detail: control.Name,
			Expected: ledger.Minor(control.Computed, cmp.Or(control.Currency, provider.Currency)), Actual: ledger.Minor(control.Stated, cmp.Or(control.Currency, provider.Currency)),
		}
		if control.Currency == "" { // a count is no money
			b.Detail += " " + strconv.FormatInt(control.Stated, 10) + " ≠ " + strconv.FormatInt(control.Computed, 10)
			b.Expected.Minor, b.Actual.Minor = 0, 0
		}
		breaks = append(breaks, b.withID())
	}
	return breaks, nil
}
