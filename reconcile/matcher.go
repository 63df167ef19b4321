package reconcile

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"iter"
	"maps"
	"slices"
	"strconv"
	"strings"

	"daybook/ledger"
)

// Cursor remembers how far a follower got. Losing it costs time, never correctness: the
// matcher then reads the journal from the start and finds that it has nothing to add.
// The tag tells under which terms the cursor was reached.
type Cursor interface {
	Load() (position ledger.Position, tag string, err error)
	Save(position ledger.Position, tag string) error
}

// Matcher is the follower that answers what comes in with matches and breaks. It keeps
// no state of its own: what there is for a day stands in the journal, and so does what
// the matcher said about it.
//
// Apply collects which days, payouts and feeds an event touches. When the follower has
// caught up, each is reckoned anew from all its inputs, and the difference to what was
// said before is appended. A reckoning is a function of its inputs alone, so the order
// in which files arrive does not matter in the end; a crash between two appends is
// healed by the next run, which finds the same difference again.
//
// One Matcher is driven by one goroutine. Two processes may run matchers over one
// journal: they append with expected revisions and would say the same.
type Matcher struct {
	journal ledger.Journal
	codec   *ledger.Codec
	terms   *Terms
	tag     string // digest of the terms
	cursor  Cursor

	days    map[ledger.BusinessDay]bool // to be paired
	late    map[ledger.BusinessDay]bool // to be concluded
	payouts map[payoutKey]bool
	feeds   map[ledger.StreamID]bool

	deposits map[depositKey]bool
	takings  map[ledger.StreamID]map[ledger.Currency]Takings // of storedays read during a reckoning

	lines   map[string][]Line            // statements read during a reckoning
	open    map[ledger.BusinessDay]*Open // open items read during a reckoning
	decided map[ledger.BusinessDay][]Decision
	lists   map[ledger.BusinessDay][]StatementListed
	actions map[ledger.StreamID][]applied                   // storedays read during a reckoning
	reach   map[ledger.StreamID]map[ledger.BusinessDay]bool // on which their payments fall, or their batches were closed
	settled map[ledger.BusinessDay]map[Merchant]int64
}

type payoutKey struct {
	provider ledger.ProviderID
	due      ledger.BusinessDay
}

// NewMatcher makes a matcher. termsDigest identifies the configuration: when it changes,
// every day is reckoned again.
func NewMatcher(journal ledger.Journal, codec *ledger.Codec, terms *Terms, termsDigest string, cursor Cursor) *Matcher {
	m := &Matcher{journal: journal, codec: codec, terms: terms, tag: termsDigest, cursor: cursor}
	m.forget()
	return m
}

func (m *Matcher) forget() {
	m.days, m.late = map[ledger.BusinessDay]bool{}, map[ledger.BusinessDay]bool{}
	m.payouts, m.feeds = map[payoutKey]bool{}, map[ledger.StreamID]bool{}
	m.deposits = map[depositKey]bool{}
	m.reread()
}

// reread drops what was read, since the journal may have grown.
func (m *Matcher) reread() {
	m.lines, m.open, m.lists = map[string][]Line{}, map[ledger.BusinessDay]*Open{}, map[ledger.BusinessDay][]StatementListed{}
	m.actions, m.decided = map[ledger.StreamID][]applied{}, map[ledger.BusinessDay][]Decision{}
	m.reach = map[ledger.StreamID]map[ledger.BusinessDay]bool{}
	m.settled, m.takings = map[ledger.BusinessDay]map[Merchant]int64{}, map[ledger.StreamID]map[ledger.Currency]Takings{}
}

// Name of the follower.
func (m *Matcher) Name() string { return "matcher" }

// Filter: the matcher does not read what it wrote itself.
func (m *Matcher) Filter() ledger.Filter {
	return ledger.Filter{Streams: []string{"storeday-", "day-", "feed-", "decisions-"}}
}

// Cursor is the position up to which everything was reckoned under the present terms.
func (m *Matcher) Cursor(context.Context) (ledger.Position, error) {
	position, tag, err := m.cursor.Load()
	if err != nil || tag != m.tag {
		return 0, err
	}
	return position, nil
}

// Apply takes a page; at the end of the journal it reckons.
func (m *Matcher) Apply(ctx context.Context, page ledger.Page) error {
	for _, recorded := range page.Events {
		if err := m.touch(recorded); err != nil {
			return fmt.Errorf("position %d: %w", recorded.Position, err)
		}
	}
	if !page.CaughtUp {
		return nil
	}
	if err := m.reckon(ctx); err != nil {
		return err
	}
	return m.cursor.Save(page.Next, m.tag)
}

// touch notes what an event concerns. For an action the name of its stream says enough;
// there are too many of them to read each twice.
func (m *Matcher) touch(recorded ledger.Recorded) error {
	switch recorded.Stream.Noun() {
	case "storeday":
		id := recorded.Stream.ID()
		day, err := ledger.ParseBusinessDay(id[strings.LastIndexByte(id, '.')+1:])
		if err != nil {
			return err
		}
		for d := range around(day, actionReach) {
			m.days[d] = true
		}
		store := ledger.StoreID(id[:strings.LastIndexByte(id, '.')])
		if terms, agreed := m.terms.Deposits[store]; agreed {
			m.touchDeposits(store, terms.Payout.Due(day))
		}
	case "feed":
		m.feeds[recorded.Stream] = true
	case "decisions":
		day, err := ledger.ParseBusinessDay(recorded.Stream.ID())
		if err != nil {
			return err
		}
		for d := range around(day, m.terms.LateWindow()) {
			m.days[d] = true
		}
	case "day":
		payload, err := m.codec.Decode(recorded.Event)
		if errors.Is(err, ledger.ErrUnknownType) {
			return nil
		}
		if err != nil {
			return err
		}
		if listed, ok := payload.(StatementListed); ok {
			m.touchListed(listed)
		}
	}
	return nil
}

func (m *Matcher) touchListed(listed StatementListed) {
	if listed.Kind != BankStatement {
		m.days[listed.Day] = true
		if provider, known := m.terms.Provider(ledger.ProviderID(listed.Sender)); known {
			due := listed.Day // of what is withdrawn
			if listed.Kind.bills() {
				due = provider.Payout.Due(listed.Day)
			}
			m.touchPayouts(provider, due)
			m.touchMonth(provider, listed.Day)
		}
		return
	}
	for store := range m.terms.Deposits {
		m.touchDeposits(store, listed.Day)
	}
	for n := range m.terms.Providers {
		provider := &m.terms.Providers[n]
		m.touchPayouts(provider, listed.Day)
		for _, paid := range provider.Payout.Pays(listed.Day) {
			m.late[paid] = true
		}
	}
}

// touchMonth marks the days on which fees depend on what was settled on a day.
func (m *Matcher) touchMonth(provider *Provider, day ledger.BusinessDay) {
	for d := range month(day) {
		if provider.hasTiers(Whole) || provider.hasTiers(Marginal) && d.Compare(day) > 0 {
			m.days[d] = true
		}
	}
}

// month yields the days of a day's calendar month, in order.
func month(day ledger.BusinessDay) iter.Seq[ledger.BusinessDay] {
	return func(yield func(ledger.BusinessDay) bool) {
		for d := (ledger.BusinessDay{Year: day.Year, Month: day.Month, Day: 1}); d.Month == day.Month && yield(d); {
			d = d.AddDays(1)
		}
	}
}

// turnover is what the merchants of contracts with tiers had settled in a day's month.
func (m *Matcher) turnover(ctx context.Context, day ledger.BusinessDay) (map[Merchant]Turnover, error) {
	if !slices.ContainsFunc(m.terms.Providers, func(p Provider) bool { return p.hasTiers() }) {
		return nil, nil
	}
	sums := map[Merchant]Turnover{}
	for d := range month(day) {
		settled, err := m.settledOn(ctx, d)
		if err != nil {
			return nil, err
		}
		for merchant, minor := range settled {
			sum := sums[merchant]
			sum.Month = ledger.AddMinor(sum.Month, minor)
			if d.Compare(day) < 0 {
				sum.Before = ledger.AddMinor(sum.Before, minor)
			}
			sums[merchant] = sum
		}
	}
	return sums, nil
}

// settledOn sums the payments of a day's bills by merchant, of contracts with tiers.
func (m *Matcher) settledOn(ctx context.Context, day ledger.BusinessDay) (map[Merchant]int64, error) {
	if sums, known := m.settled[day]; known {
		return sums, nil
	}
	listed, err := m.listed(ctx, day)
	if err != nil {
		return nil, err
	}
	sums := map[Merchant]int64{}
	for _, l := range listed {
		provider, known := m.terms.Provider(ledger.ProviderID(l.Sender))
		if l.Kind != TradeBill || !known || !provider.hasTiers() {
			continue
		}
		lines, err := m.statementLines(ctx, l.Statement)
		if err != nil {
			return nil, err
		}
		for n := range lines {
			if e := (Entry{Provider: provider.ID, Line: lines[n]}); e.Day == day && e.isPayment() {
				sums[e.merchant()] = ledger.AddMinor(sums[e.merchant()], e.settled())
			}
		}
	}
	m.settled[day] = sums
	return sums, nil
}

// touchPayouts marks the payouts whose share of the credits may change with a bill due,
// or a credit received, on a day.
func (m *Matcher) touchPayouts(provider *Provider, day ledger.BusinessDay) {
	for d := range around(day, payoutReach) {
		m.payouts[payoutKey{provider.ID, d}] = true
	}
}

// around yields the days at most reach days from day, in order.
func around(day ledger.BusinessDay, reach int) iter.Seq[ledger.BusinessDay] {
	return func(yield func(ledger.BusinessDay) bool) {
		for n := -reach; n <= reach; n++ {
			if !yield(day.AddDays(n)) {
				return
			}
		}
	}
}

// reckon does everything that was touched, days in order, and forgets.
func (m *Matcher) reckon(ctx context.Context) error {
	m.reread() // an earlier attempt may have failed half-way
	for _, day := range slices.SortedFunc(maps.Keys(m.days), ledger.BusinessDay.Compare) {
		if err := m.joinDay(ctx, day); err != nil {
			return fmt.Errorf("reconcile %s: %w", day, err)
		}
		// Whether anything was written does not matter: the run that wrote it may have
		// been cut off before it concluded.
		for d := range around(day, 2*m.terms.LateWindow()) {
			m.late[d] = true
		}
	}
	for _, day := range slices.SortedFunc(maps.Keys(m.late), ledger.BusinessDay.Compare) {
		if err := m.concludeDay(ctx, day); err != nil {
			return fmt.Errorf("conclude %s: %w", day, err)
		}
	}
	keys := slices.SortedFunc(maps.Keys(m.payouts), func(a, b payoutKey) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.provider, b.provider))
	})
	for _, key := range keys {
		if err := m.reckonPayout(ctx, key); err != nil {
			return fmt.Errorf("reconcile payout of %s due %s: %w", key.provider, key.due, err)
		}
	}
	for _, key := range slices.SortedFunc(maps.Keys(m.deposits), func(a, b depositKey) int {
		return cmp.Or(a.due.Compare(b.due), cmp.Compare(a.store, b.store))
	}) {
		if err := m.reckonDeposit(ctx, key); err != nil {
			return fmt.Errorf("reconcile cash of %s due %s: %w", key.store, key.due, err)
		}
	}
	for _, stream := range slices.Sorted(maps.Keys(m.feeds)) {
		if err := m.reckonFeed(ctx, stream); err != nil {
			return fmt.Errorf("check %s: %w", stream, err)
		}
	}
	m.forget()
	return nil
}

// joinDay pairs one settlement day.
func (m *Matcher) joinDay(ctx context.Context, day ledger.BusinessDay) error {
	d, err := m.readDay(ctx, day)
	if err != nil {
		return err
	}
	if len(d.in.Items) == 0 && len(d.in.Lines) == 0 && len(d.statements) == 0 && len(d.batches) == 0 {
		if open, err := m.openOn(ctx, day); open == nil || err != nil {
			return err // there never was anything
		}
	}
	out := Pair(m.terms, d.in)
	breaks := slices.Concat(out.Breaks, out.Fees, d.batches, d.controls)
	tail := leftOpen(out)
	tail = append(tail, DayJoined{Day: day, Terms: m.tag, Statements: d.statements, LeftOpen: len(tail), Sheets: out.Sheets})
	delete(m.open, day)
	return m.say(ctx, outcomeStream(day), day, finding{out.Matches, out.Suggestions, breaks, tail})
}

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
	d.in = Inputs{Day: day, Items: book.Items(day), Reported: map[ledger.ProviderID]bool{}}
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
	d.batches = book.BatchBreaks(day)
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

func outcomeStream(day ledger.BusinessDay) ledger.StreamID {
	return ledger.Stream("outcome", day.String())
}

func lateStream(day ledger.BusinessDay) ledger.StreamID { return ledger.Stream("late", day.String()) }

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

// leftOpen pages what Pair could not place.
func leftOpen(out Outcome) []any {
	const perPage = 200
	var pages []any
	for items := range slices.Chunk(out.OpenItems, perPage) {
		pages = append(pages, LeftOpen{Page: len(pages), Items: items})
	}
	for chunk := range ledger.Chunks(out.OpenLines, func(e Entry) int { return e.size() }) {
		for lines := range slices.Chunk(chunk, perPage) {
			pages = append(pages, LeftOpen{Page: len(pages), Lines: lines})
		}
	}
	return pages
}

// concludeDay places a day's open items and lines among its neighbours'.
func (m *Matcher) concludeDay(ctx context.Context, day ledger.BusinessDay) error {
	own, err := m.openOn(ctx, day)
	if err != nil || own == nil {
		return err
	}
	var near []*Open
	for d := range around(day, 2*m.terms.LateWindow()) {
		open, err := m.openOn(ctx, d)
		if err != nil {
			return err
		}
		if open != nil {
			near = append(near, open)
		}
	}
	var coverage error
	conclusion := Conclude(m.terms, own, near, func(d ledger.BusinessDay) bool {
		covered, err := m.bankCovers(ctx, d)
		coverage = cmp.Or(coverage, err)
		return covered
	})
	if coverage != nil {
		return coverage
	}
	tail := []any{DayConcluded{Day: day, Late: lateSums(own, conclusion)}}
	return m.say(ctx, lateStream(day), day, finding{conclusion.Matches, conclusion.Suggestions, slices.Concat(conclusion.Breaks, conclusion.Doubts), tail})
}

// openOn reads what the last run of Pair on a day left open; nil when it never ran.
func (m *Matcher) openOn(ctx context.Context, day ledger.BusinessDay) (*Open, error) {
	if open, known := m.open[day]; known {
		return open, nil
	}
	var open *Open
	pages := 0
	for recorded, err := range m.journal.Read(ctx, ledger.Query{Stream: outcomeStream(day), From: ledger.LatestRevision, Backwards: true}) {
		if err != nil {
			return nil, err
		}
		payload, err := m.codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		switch payload := payload.(type) {
		case DayJoined:
			open, pages = newOpen(payload), payload.LeftOpen
		case LeftOpen:
			if open != nil { // otherwise of a run that was cut off before its day-joined
				open.Items = append(open.Items, payload.Items...)
				open.Lines = append(open.Lines, payload.Lines...)
				pages--
			}
		}
		if open != nil && pages == 0 {
			break
		}
	}
	if open != nil {
		var err error
		if open.Decided, err = m.decisions(ctx, day); err != nil {
			return nil, err
		}
	}
	m.open[day] = open
	return open, nil
}

func newOpen(joined DayJoined) *Open {
	open := &Open{Day: joined.Day, Reported: map[ledger.ProviderID]bool{}}
	for _, sheet := range joined.Sheets {
		open.Reported[sheet.Provider] = open.Reported[sheet.Provider] || sheet.Reported
		if sheet.Waiting.Count > 0 {
			open.WaitingFor = append(open.WaitingFor, sheet.Provider)
			open.Waiting = append(open.Waiting, ledger.Minor(sheet.Waiting.Amount, sheet.Currency))
		}
	}
	return open
}

func (m *Matcher) bankCovers(ctx context.Context, day ledger.BusinessDay) (bool, error) {
	listed, err := m.listed(ctx, day)
	return slices.ContainsFunc(listed, func(l StatementListed) bool { return l.Kind == BankStatement }), err
}

// reckonPayout compares what a provider owes on a day with what the bank shows.
func (m *Matcher) reckonPayout(ctx context.Context, key payoutKey) error {
	provider, known := m.terms.Provider(key.provider)
	if !known {
		return nil
	}
	var payouts []Payout
	for due := range around(key.due, payoutReach) {
		owed, err := m.owed(ctx, provider, due)
		if err != nil {
			return err
		}
		payouts = append(payouts, owed...)
	}
	credits, err := m.credits(ctx, provider, key.due)
	if err != nil {
		return err
	}
	covered, err := m.bankCovers(ctx, key.due)
	if err != nil {
		return err
	}
	passed, err := m.bankCovers(ctx, key.due.AddDays(1))
	if err != nil {
		return err
	}
	currencies, err := m.currencies(ctx, provider, key.due)
	if err != nil {
		return err
	}
	receipts, unassigned := AssignCredits(payouts, credits)
	for _, currency := range slices.Sorted(maps.Keys(currencies)) {
		breaks, tail := judgePayout(provider, key.due, currency, receipts, unassigned, covered, passed)
		stream := ledger.Stream("payout", string(provider.ID), string(currency), key.due.String())
		if len(tail) == 0 {
			if tail, err = m.vanished(ctx, stream); err != nil {
				return err
			}
		}
		if err := m.say(ctx, stream, key.due, finding{breaks: breaks, tail: tail}); err != nil {
			return err
		}
	}
	return nil
}

// currencies are those in which there is, or was before a correction, something to say
// about the payouts due on a day.
func (m *Matcher) currencies(ctx context.Context, provider *Provider, due ledger.BusinessDay) (map[ledger.Currency]bool, error) {
	currencies := map[ledger.Currency]bool{provider.Currency: true}
	for day := range around(due, payoutReach) {
		listed, err := m.everListed(ctx, day)
		if err != nil {
			return nil, err
		}
		for _, l := range listed {
			for _, total := range l.Totals {
				currencies[total.Currency] = true
			}
		}
	}
	for _, day := range provider.Payout.Pays(due) { // which may be further away
		listed, err := m.everListed(ctx, day)
		if err != nil {
			return nil, err
		}
		for _, l := range listed {
			for _, total := range l.Totals {
				currencies[total.Currency] = true
			}
		}
	}
	return currencies, nil
}

// vanished is the last word on a payout that was reckoned once and whose bills are gone:
// corrected away, or due on another day under changed terms.
func (m *Matcher) vanished(ctx context.Context, stream ledger.StreamID) ([]any, error) {
	reckoned, err := lastOf(ctx, m.journal, m.codec, stream, "payout-reckoned")
	last, is := reckoned.(PayoutReckoned)
	if err != nil || !is {
		return nil, err
	}
	return []any{PayoutReckoned{Provider: last.Provider, Channel: last.Channel, Currency: last.Currency, Due: last.Due,
		Days: []ledger.BusinessDay{}, State: PayoutNone}}, nil
}

// judgePayout says how the payout of one day and currency stands. covered: the bank has
// told of the due day; passed: and of the day after. What is withdrawn late in the evening
// reaches the bank on the next day, and is not missing before.
func judgePayout(provider *Provider, due ledger.BusinessDay, currency ledger.Currency, receipts []Receipts, unassigned []Entry, covered, passed bool) (breaks []Break, tail []any) {
	account := ""
	if len(provider.Accounts) > 0 {
		account = provider.Accounts[0]
	}
	for _, receipt := range receipts {
		if receipt.Due != due || receipt.Currency != currency {
			continue
		}
		reckoned := PayoutReckoned{
			Provider: provider.ID, Channel: provider.Channel, Currency: currency, Due: due, Days: receipt.Days,
			Expected: receipt.Expected, Received: receipt.Received, State: PayoutReceived,
		}
		for _, credit := range receipt.Credits {
			reckoned.Credits = append(reckoned.Credits, credit.ID)
		}
		b, broken := receipt.Break(provider.Channel, account, covered && !receipt.Withdrawn || passed && receipt.Withdrawn)
		switch {
		case broken && b.Kind == PayoutNotReceived:
			reckoned.State = PayoutAbsent
		case broken:
			reckoned.State = PayoutDiffers
		case len(receipt.Credits) == 0 && receipt.Expected > 0:
			reckoned.State = PayoutPending
			breaks = append(breaks, receipt.doubt(provider.Channel, account))
		}
		if broken {
			breaks = append(breaks, b)
		}
		tail = append(tail, reckoned)
	}
	for _, credit := range unassigned {
		if credit.Day == due && credit.Currency == currency {
			b := newBreak(UnexpectedLine, "", credit.Day, nil, []Entry{credit}, credit.Counterparty)
			b.Leg, b.Channel, b.Provider, b.Actual = PayoutLeg, provider.Channel, provider.ID, ledger.Minor(credit.Net, credit.Currency)
			breaks = append(breaks, b.withID())
		}
	}
	return breaks, tail
}

// owed is what a provider pays on a due day, per currency: the bills that are due then.
// Where the provider's own account of the merchant tells what was withdrawn on that day,
// it is that in place of the merchant's bills.
func (m *Matcher) owed(ctx context.Context, provider *Provider, due ledger.BusinessDay) ([]Payout, error) {
	var payouts []Payout
	payout := func(currency ledger.Currency) *Payout {
		n := slices.IndexFunc(payouts, func(p Payout) bool { return p.Currency == currency })
		if n < 0 {
			n = len(payouts)
			payouts = append(payouts, Payout{Provider: provider.ID, Currency: currency, Due: due})
		}
		return &payouts[n]
	}
	accounts, err := m.listed(ctx, due)
	if err != nil {
		return nil, err
	}
	accounts = slices.DeleteFunc(slices.Clone(accounts), func(l StatementListed) bool {
		return l.Kind != ProviderAccount || l.Sender != string(provider.ID) || !l.covers(due)
	})
	days := provider.Payout.Pays(due)
	for _, day := range days {
		listed, err := m.listed(ctx, day)
		if err != nil {
			return nil, err
		}
		for _, l := range listed {
			if !l.Kind.bills() || l.Sender != string(provider.ID) || slices.ContainsFunc(accounts, l.sameMerchant) {
				continue
			}
			for _, total := range l.Totals {
				p := payout(total.Currency)
				p.Expected = ledger.AddMinor(p.Expected, total.Net)
				if !slices.Contains(p.Days, day) {
					p.Days = append(p.Days, day)
				}
			}
		}
	}
	if len(days) == 0 {
		days = []ledger.BusinessDay{due} // a day off, on which a person withdrew
	}
	for _, l := range accounts {
		for _, sum := range l.Sums {
			if sum.Kind == PayoutLine {
				p := payout(sum.Currency)
				p.Expected, p.Days, p.Withdrawn = ledger.AddMinor(p.Expected, -sum.Net), days, true
			}
		}
	}
	return payouts, nil
}

// credits are the bank lines from a provider that may belong to a payout of day due.
func (m *Matcher) credits(ctx context.Context, provider *Provider, due ledger.BusinessDay) ([]Entry, error) {
	var credits []Entry
	for day := due.AddDays(-taggedEarly); day.Compare(due.AddDays(taggedLate)) <= 0; day = day.AddDays(1) {
		listed, err := m.listed(ctx, day)
		if err != nil {
			return nil, err
		}
		for _, l := range listed {
			if l.Kind != BankStatement {
				continue
			}
			lines, err := m.statementLines(ctx, l.Statement)
			if err != nil {
				return nil, err
			}
			for _, line := range lines {
				if line.Day != day || line.Kind != PayoutLine {
					continue
				}
				if payer, known := m.terms.PayerOf(line); known && payer.ID == provider.ID {
					credits = append(credits, entry(l, line))
				}
			}
		}
	}
	return credits, nil
}

// reckonFeed turns the gaps in a terminal's numbering into breaks.
func (m *Matcher) reckonFeed(ctx context.Context, stream ledger.StreamID) error {
	accepted, err := lastOf(ctx, m.journal, m.codec, stream, "feed-accepted")
	feed, is := accepted.(ledger.FeedAccepted)
	if err != nil || !is {
		return err
	}
	var breaks []Break
	var last ledger.BusinessDay
	for _, gap := range feed.Gaps {
		missing := strconv.FormatUint(gap.From, 10)
		if gap.To > gap.From {
			missing += "-" + strconv.FormatUint(gap.To, 10)
		}
		nothing := ledger.Minor(0, m.terms.Currency)
		breaks = append(breaks, Break{
			Kind: SequenceGap, Leg: SequenceLeg, Day: gap.Day, BusinessDay: gap.Day, Channel: TillChannel,
			Store: gap.Store, Terminal: feed.Terminal, Detail: feed.Series,
			Reference: string(feed.Terminal) + " " + missing, Expected: nothing, Actual: nothing,
		}.withID())
		last = gap.Day
	}
	return m.say(ctx, ledger.Stream("gaps", stream.ID()), last, finding{breaks: breaks})
}
