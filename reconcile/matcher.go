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
	balances map[balanceKey]bool
	takings  map[ledger.StreamID]map[ledger.Currency]Takings // of storedays read during a reckoning

	lines     map[string][]Line   // statements read during a reckoning
	named     map[string][]uint64 // see names; of statements, which do not change
	namedRoom int
	open      map[ledger.BusinessDay]*Open // open items read during a reckoning
	decided   map[ledger.BusinessDay][]Decision
	lists     map[ledger.BusinessDay][]StatementListed
	actions   map[ledger.StreamID][]applied                   // storedays read during a reckoning
	reach     map[ledger.StreamID]map[ledger.BusinessDay]bool // on which their payments fall, or their batches were closed
	settled   map[ledger.BusinessDay]map[Merchant]int64
}

// NewMatcher makes a matcher. termsDigest identifies the configuration: when it changes,
// every day is reckoned again.
func NewMatcher(journal ledger.Journal, codec *ledger.Codec, terms *Terms, termsDigest string, cursor Cursor) *Matcher {
	m := &Matcher{journal: journal, codec: codec, terms: terms, tag: termsDigest, cursor: cursor, named: map[string][]uint64{}}
	m.forget()
	return m
}

func (m *Matcher) forget() {
	m.days, m.late = map[ledger.BusinessDay]bool{}, map[ledger.BusinessDay]bool{}
	m.payouts, m.feeds = map[payoutKey]bool{}, map[ledger.StreamID]bool{}
	m.deposits, m.balances = map[depositKey]bool{}, map[balanceKey]bool{}
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
	m.touchBalances(listed)
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
	if err := m.reckonBalances(ctx); err != nil {
		return fmt.Errorf("check the balances of bank statements: %w", err)
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
	if err := m.touchUnbilled(ctx, day, out.Sheets); err != nil {
		return err
	}
	return m.say(ctx, outcomeStream(day), day, finding{out.Matches, out.Suggestions, breaks, tail})
}

func outcomeStream(day ledger.BusinessDay) ledger.StreamID {
	return ledger.Stream("outcome", day.String())
}

func lateStream(day ledger.BusinessDay) ledger.StreamID { return ledger.Stream("late", day.String()) }

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
	if err := m.settledAgain(ctx, own, conclusion.Breaks); err != nil {
		return err
	}
	summed, err := m.summedElsewhere(ctx, day)
	if err != nil {
		return err
	}
	conclusion.Breaks = append(conclusion.Breaks, summed...)
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
