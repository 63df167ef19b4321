package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"strconv"

	"daybook/ledger"
)

// Entry is a statement line with its place: which statement, whose, which row.
type Entry struct {
	ID        string            `json:"id"` // statement:row
	Statement string            `json:"statement"`
	Provider  ledger.ProviderID `json:"provider"`
	Line
}

// Inputs is everything known of one settlement day.
type Inputs struct {
	Day   ledger.BusinessDay
	Items []Item
	Lines []Entry
	// Reported lists the providers whose bill for the day is here. Payments of the
	// others wait; they are neither matched nor missing.
	Reported map[ledger.ProviderID]bool
	// Decided is what people decided about payments and lines of this day, in the order in
	// which they did.
	Decided []Decision
	// Turnover is each merchant's in the calendar month, Before the day. It is needed for
	// contracts with tiers by turnover only. A payment's own place in the month is not known
	// before its line is found: a rule that compares it with nets takes the tier in which
	// the day began.
	Turnover map[Merchant]Turnover
}

// Outcome is what became of each item and each line: every one is in exactly one of
// the lists. Fees, which judge lines that are matched or not, and Suggestions, which are
// about items and lines in breaks or open, are beside them.
type Outcome struct {
	Matches     []Match
	Breaks      []Break
	Absent      []Item  // rightly without a line: declined, reversed, never answered, voided in pairs
	Cancelled   []Entry // a payment and its revocation in the same bill
	Waiting     []Item  // the provider has not reported
	OpenItems   []Item  // nothing found for them within the day
	OpenLines   []Entry
	Fees        []Break // lines whose fee is not the contract's
	Suggestions []Match // what rules in suggest mode found
	Sheets      []Sheet // the sums, by provider and currency
}

// Pair joins the items and lines of one settlement day. It is deterministic: the order
// of its inputs does not matter, and every item and line appears in exactly one list of
// the outcome.
//
// First comes what people decided. Then the rules are tried in their order (see Rule and
// DefaultRules); the first that finds a partner wins. What has a partner by reference but
// another amount or currency is a break (M5). What has no partner is compared once more
// by what should not differ (terminal, provider), then with what has one already
// (duplicates). The rest stays open for the neighbouring days (in Conclude). Rules in
// suggest mode look at what is open or in question at the end, and change nothing.
func Pair(terms *Terms, in Inputs) Outcome {
	p := newPairing(terms, in)
	p.run()
	return p.out
}

type pairing struct {
	terms *Terms
	in    Inputs
	out   Outcome
	rules []Rule // in force

	items, lines []state
	apart        map[string]bool // groups that people took apart, by groupID
	turnover     []Turnover      // of each line; nil when no contract asks for it
	tracer       *tracer         // of an explanation; else nil
	ids          []string        // room for the ids in matches
}

// state is what became of one item or line.
type state struct {
	place   place
	joined  bool  // the outcome holds both sides
	partner int32 // an item of the line's match or break; -1 without
	rank    int32 // of an item: its place in order of id
}

type place uint8

const (
	free place = iota
	reserved
	inMatch
	inBreak
	inAbsence
	inCancellation
	inWaiting
	inOpen
)

func newPairing(terms *Terms, in Inputs) *pairing {
	p := &pairing{terms: terms, in: in, items: make([]state, len(in.Items)), lines: make([]state, len(in.Lines))}
	for n := range p.lines {
		p.lines[n].partner = -1
	}
	rules := terms.Rules
	if rules == nil {
		rules = DefaultRules()
	}
	for _, rule := range rules {
		if rule.inForce(in.Day) && rule.Days == 0 {
			p.rules = append(p.rules, rule)
		}
	}
	p.rankItems()
	return p
}

// rankItems puts the items into the order of their ids, which is that of the outcome.
func (p *pairing) rankItems() {
	order := make([]int32, len(p.in.Items))
	for n := range order {
		order[n] = int32(n)
	}
	byID := func(a, b int32) int { return cmp.Compare(p.in.Items[a].ID, p.in.Items[b].ID) }
	if !slices.IsSortedFunc(order, byID) {
		slices.SortFunc(order, byID)
	}
	for rank, n := range order {
		p.items[n].rank = int32(rank)
	}
}

func (p *pairing) run() {
	p.setAside()
	p.cancelRevoked()
	p.decided()
	for n := range p.rules {
		if p.rules[n].Mode == Auto {
			p.apply(&p.rules[n])
		}
	}
	p.mismatches()
	p.elsewhere()
	p.duplicates()
	p.settleVoids()
	p.leaveOpen()
	p.reckonTurnover()
	p.checkFees()
	p.suggest()
	p.sort()
	p.out.Sheets = p.sheets()
}

// setAside takes out the rows that are no payments. A provider's own row of fees or
// adjustments has no sale behind it and never will.
func (p *pairing) setAside() {
	for n := range p.in.Lines {
		switch line := &p.in.Lines[n]; line.Kind {
		case FeeLine, AdjustmentLine, OtherLine, PayoutLine:
			p.note(UnexpectedLine, "", nil, []int{n}, line.RawKind)
		case ChargebackLine:
			p.note(Chargeback, "", nil, []int{n}, line.RawKind)
		}
	}
}

// cancelRevoked takes out a payment, or a void, that the provider itself revoked in the same
// bill: two rows under one number that add up to nothing, or a revocation row without amount.
func (p *pairing) cancelRevoked() {
	revoked := p.freeLines(func(e *Entry) bool { return e.Kind == ReversalLine })
	if len(revoked) == 0 {
		return
	}
	paid := map[string][]int{}
	for n := range p.in.Lines {
		if e := &p.in.Lines[n]; e.isPayment() && e.Kind != ReversalLine {
			for _, k := range revocationKeys(e, e.Gross) {
				paid[k] = append(paid[k], n)
			}
		}
	}
	for _, n := range revoked {
		e := &p.in.Lines[n]
		if e.Gross == 0 {
			p.cancel(n)
			continue
		}
		for _, k := range revocationKeys(e, -e.Gross) {
			candidates := slices.DeleteFunc(slices.Clone(paid[k]), func(m int) bool { return p.lines[m].place != free })
			if len(candidates) > 0 {
				p.cancel(slices.MinFunc(candidates, p.lineOrder), n)
				break
			}
		}
	}
}

// revocationKeys are the numbers under which a bill revokes what it has paid.
func revocationKeys(e *Entry, gross int64) (keys []string) {
	for _, fields := range [][]Field{references[0], references[2], references[3]} {
		if k, ok := lineKey(e, fields, false); ok {
			keys = append(keys, k+separator+string(e.Provider)+separator+strconv.FormatInt(gross, 10)+string(e.Currency))
		}
	}
	return keys
}

// cancel takes out lines that come to nothing. So must their fees: nothing is due for a
// payment that was taken back.
func (p *pairing) cancel(lines ...int) {
	var entries []Entry
	var fee int64
	for _, n := range lines {
		p.lines[n].place = inCancellation
		entries = append(entries, p.in.Lines[n])
		fee = ledger.AddMinor(fee, p.in.Lines[n].Fee)
	}
	p.out.Cancelled = append(p.out.Cancelled, entries...)
	if provider, known := p.terms.Provider(entries[0].Provider); known && max(fee, -fee) > provider.FeeTolerance {
		b := newBreak(FeeDeviation, "", p.in.Day, nil, entries, "")
		b.Leg, b.Expected.Minor, b.Actual.Minor = FeeLeg, 0, fee
		p.out.Fees = append(p.out.Fees, b.withID())
	}
}

func (p *pairing) freeLines(which func(*Entry) bool) []int {
	var list []int
	for n := range p.in.Lines {
		if p.lines[n].place == free && which(&p.in.Lines[n]) {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, p.lineOrder)
	return list
}

func (p *pairing) freeItems(which func(*Item) bool) []int {
	var list []int
	for n := range p.in.Items {
		if p.items[n].place == free && which(&p.in.Items[n]) {
			list = append(list, n)
		}
	}
	slices.SortFunc(list, p.itemOrder)
	return list
}

// itemOrder puts what should settle before what should not, then goes by time.
func (p *pairing) itemOrder(a, b int) int {
	x, y := &p.in.Items[a], &p.in.Items[b]
	return cmp.Or(cmp.Compare(rank(x.Expect), rank(y.Expect)), x.At.Compare(y.At), compareNumbers(x.ID, y.ID))
}

func rank(e Expectation) int {
	return slices.Index([]Expectation{Settles, Uncertain, Reversed, Declined}, e)
}

// isPayment: money that was paid, or paid back; the contract has a fee for it.
func (l *Line) isPayment() bool {
	switch l.Kind {
	case SaleLine, RefundLine, VoidLine, ReversalLine:
		return true
	}
	return false
}

// compareNumbers orders ids that end in numbers as people would: 9 before 10.
func compareNumbers(a, b string) int { return cmp.Or(cmp.Compare(len(a), len(b)), cmp.Compare(a, b)) }

func (p *pairing) lineOrder(a, b int) int {
	x, y := &p.in.Lines[a], &p.in.Lines[b]
	return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ProviderNo, y.ProviderNo), cmp.Compare(x.Statement, y.Statement), cmp.Compare(x.Row, y.Row))
}

// mismatches is M5: the references agree, the amount or the currency does not.
func (p *pairing) mismatches() {
	p.tracer.begin("M5")
	for _, fields := range references {
		k := keyer{fields: fields}
		k.groups(p, p.mismatch)
	}
}

// mismatch notes what the ledger and the bill say of one reference. Several against
// several is ambiguous, and reported per currency.
func (p *pairing) mismatch(items, lines []int) {
	if len(items) > 1 && len(lines) > 1 {
		currencies := map[ledger.Currency]struct{ items, lines []int }{}
		for _, n := range items {
			c := currencies[p.in.Items[n].Amount.Currency]
			c.items = append(c.items, n)
			currencies[p.in.Items[n].Amount.Currency] = c
		}
		for _, n := range lines {
			c := currencies[p.in.Lines[n].Currency]
			c.lines = append(c.lines, n)
			currencies[p.in.Lines[n].Currency] = c
		}
		for _, c := range currencies {
			p.note(Ambiguous, "M5", c.items, c.lines, "")
		}
		return
	}
	items, lines = items[:1], lines[:1]
	item, line := &p.in.Items[items[0]], &p.in.Lines[lines[0]]
	switch {
	case p.isApart(items, lines):
	case item.Expect != Settles:
		p.join("M5", items, lines)
	case item.Amount.Currency != line.Currency:
		p.note(CurrencyMismatch, "M5", items, lines, "")
	default:
		p.note(AmountMismatch, "M5", items, lines, "")
	}
}

// elsewhere looks for what was settled under another terminal or by another provider. An
// RRN is unique within an acquirer for some days, so it identifies the payment even when
// the terminal differs.
func (p *pairing) elsewhere() {
	p.tracer.begin("elsewhere")
	one := func(items, lines []int) bool {
		return len(items) == 1 && len(lines) == 1 && p.in.Items[items[0]].Expect == Settles && !p.isApart(items, lines)
	}
	anyTerminal := keyer{fields: []Field{FieldRRN}, amount: true}
	anyTerminal.groups(p, func(items, lines []int) {
		if one(items, lines) {
			p.note(TerminalMismatch, "M1", items, lines, string(p.in.Lines[lines[0]].MID)+" "+string(p.in.Lines[lines[0]].TID))
		}
	})
	for _, fields := range [][]Field{references[2], references[0]} {
		anyProvider := keyer{fields: fields, amount: true, anyProvider: true}
		anyProvider.groups(p, func(items, lines []int) {
			if one(items, lines) {
				line := &p.in.Lines[lines[0]]
				p.note(MethodMismatch, "M3", items, lines, line.Channel)
				p.out.Breaks[len(p.out.Breaks)-1].SettledBy = line.Provider
			}
		})
	}
}

// join records that items and lines belong together: a match when the ledger expected
// the money, a break when it did not.
func (p *pairing) join(rule string, items, lines []int) {
	switch p.in.Items[items[0]].Expect {
	case Uncertain:
		p.note(TimeoutButSettled, rule, items, lines, "")
	case Reversed:
		p.note(ReversedButSettled, rule, items, lines, "")
	case Declined:
		p.note(UnexpectedLine, rule, items, lines, string(Declined))
	default:
		p.match(Match{Rule: rule}, items, lines)
	}
}

// match records a match, of which the rule and whoever decided it are given.
func (p *pairing) match(m Match, items, lines []int) {
	p.place(inMatch, items, lines)
	p.out.Matches = append(p.out.Matches, p.matchOf(m, items, lines))
}

func (p *pairing) matchOf(m Match, items, lines []int) Match {
	m.Day = p.in.Day
	m.Items, m.Lines = p.itemIDs(items), p.lineIDs(lines)
	currency := p.in.Lines[lines[0]].Currency
	var expected int64
	for _, n := range items {
		expected = ledger.AddMinor(expected, p.in.Items[n].Amount.Minor)
	}
	for _, n := range lines {
		m.Gross = m.Gross.Add(ledger.Minor(p.in.Lines[n].Gross, currency))
	}
	m.Difference = ledger.AddMinor(m.Gross.Minor, -expected)
	return m.withID()
}

func (p *pairing) itemIDs(items []int) []string {
	ids := p.room(len(items))
	for i, n := range items {
		ids[i] = p.in.Items[n].ID
	}
	return ids
}

func (p *pairing) lineIDs(lines []int) []string {
	ids := p.room(len(lines))
	for i, n := range lines {
		ids[i] = p.in.Lines[n].ID
	}
	return ids
}

// room cuts a slice of n texts off a larger one: most matches need two of one text each.
func (p *pairing) room(n int) []string {
	if len(p.ids) < n {
		p.ids = make([]string, max(n, 1024))
	}
	ids := p.ids[:n:n]
	p.ids = p.ids[n:]
	return ids
}

// place takes items and lines out of what is free.
func (p *pairing) place(at place, items, lines []int) {
	both := len(items) > 0 && len(lines) > 0
	for _, n := range items {
		p.items[n].place, p.items[n].joined = at, p.items[n].joined || both
	}
	for _, n := range lines {
		p.lines[n].place, p.lines[n].joined = at, p.lines[n].joined || both
		if len(items) > 0 {
			p.lines[n].partner = int32(items[0])
		}
	}
	p.tracer.took(items, lines)
}

// note records a break over items and lines and takes them out.
func (p *pairing) note(kind BreakKind, rule string, items, lines []int, detail string) {
	p.place(inBreak, items, lines)
	var is []Item
	var es []Entry
	for _, n := range items {
		is = append(is, p.in.Items[n])
	}
	for _, n := range lines {
		es = append(es, p.in.Lines[n])
	}
	p.out.Breaks = append(p.out.Breaks, newBreak(kind, rule, p.in.Day, is, es, detail))
}

func newBreak(kind BreakKind, rule string, day ledger.BusinessDay, items []Item, lines []Entry, detail string) Break {
	b := Break{Kind: kind, Leg: PaymentLeg, Day: day, BusinessDay: day, Rule: rule, Detail: detail}
	for n, item := range items {
		b.Items = append(b.Items, item.ID)
		b.Expected = b.Expected.Add(item.Expected())
		if n == 0 || item.Reference < b.Reference {
			b.names(&item)
			b.Reference, b.Provider, b.Channel = item.Reference, item.Provider, item.Channel
		}
	}
	for n, line := range lines {
		b.Lines = append(b.Lines, line.ID)
		b.Actual = b.Actual.Add(ledger.Minor(line.Gross, line.Currency))
		if n == 0 && len(items) == 0 {
			b.Reference = cmp.Or(string(line.RRN), line.OrderNo, line.ProviderNo, line.ID)
			b.Provider, b.Channel, b.Store = line.Provider, line.Channel, line.Store
			b.Terminal = ledger.TerminalID(line.TID)
		}
	}
	if len(lines) == 0 {
		b.Actual.Currency = b.Expected.Currency
	}
	if len(items) == 0 {
		b.Expected.Currency = b.Actual.Currency
	}
	return b.withID()
}

// names takes over where and when the ledger says a payment was.
func (b *Break) names(item *Item) {
	b.Reference, b.Store, b.Terminal, b.BusinessDay, b.Position = item.Reference, item.Store, item.Terminal, item.BusinessDay, item.Position
}

// duplicates compares what is left with what has found its place: a second line under
// the reference of a settled one, a second payment under the reference of a recorded one.
func (p *pairing) duplicates() {
	p.tracer.begin("duplicates")
	lines := p.freeLines(func(*Entry) bool { return true })
	items := p.freeItems(func(i *Item) bool { return i.Expect == Settles && p.in.Reported[i.Provider] })
	if len(lines) == 0 && len(items) == 0 {
		return
	}
	// Only the references of what is left are looked for: first by their hashes.
	placed, hashes := map[string]bool{}, map[uint64]bool{}
	look := func(r row, found func(key string)) {
		for _, fields := range references[:4] {
			k := keyer{fields: fields}
			if hash, ok := k.hash(p, r); ok && hashes[hash] {
				found(p.reference(r, fields))
			}
		}
	}
	for _, r := range slices.Concat(asRows(items, false), asRows(lines, true)) {
		for _, fields := range references[:4] {
			k := keyer{fields: fields}
			if hash, ok := k.hash(p, r); ok {
				hashes[hash] = true
				placed[p.reference(r, fields)] = false
			}
		}
	}
	mark := func(key string) {
		if _, wanted := placed[key]; wanted {
			placed[key] = true
		}
	}
	first := map[string]int{} // the first item under each of them
	for n := range p.in.Lines {
		if p.lines[n].joined {
			look(row{n: int32(n), line: true}, mark)
		}
	}
	for n := range p.in.Items {
		look(row{n: int32(n)}, func(key string) {
			if p.items[n].joined {
				mark(key)
			}
			if other, taken := first[key]; !taken || p.itemOrder(n, other) < 0 {
				first[key] = n
			}
		})
	}
	again := func(r row, placed map[string]bool) (keys []string, again bool) {
		look(r, func(key string) { keys, again = append(keys, key), again || placed[key] })
		if !again {
			for _, key := range keys {
				placed[key] = true
			}
		}
		return keys, again
	}
	recorded := maps.Clone(placed)
	for _, n := range lines {
		if keys, again := again(row{n: int32(n), line: true}, placed); again {
			p.noteDuplicateLine(n, keys, first)
		}
	}
	for _, n := range items {
		if _, again := again(row{n: int32(n)}, recorded); again {
			p.note(DuplicateInLedger, "", []int{n}, nil, "")
		}
	}
}

// reference writes out one of a row's references, with provider and direction.
func (p *pairing) reference(r row, fields []Field) string {
	amount, _ := p.amountOf(r, OnGross)
	var key string
	if r.line {
		key, _ = lineKey(&p.in.Lines[r.n], fields, false)
	} else {
		key, _ = itemKey(&p.in.Items[r.n], fields, false)
	}
	if amount < 0 {
		key += separator
	}
	return key + separator + string(p.provider(r))
}

func asRows(list []int, lines bool) []row {
	rows := make([]row, len(list))
	for i, n := range list {
		rows[i] = row{n: int32(n), line: lines}
	}
	return rows
}

// noteDuplicateLine names the payment that was settled twice, where the ledger knows it.
func (p *pairing) noteDuplicateLine(n int, keys []string, first map[string]int) {
	line := p.in.Lines[n]
	b := newBreak(DuplicateInSettlement, "", p.in.Day, nil, []Entry{line}, string(line.RRN))
	best := -1
	for _, k := range keys {
		if i, known := first[k]; known && (best < 0 || p.itemOrder(i, best) < 0) {
			best = i
		}
	}
	if best >= 0 {
		b.names(&p.in.Items[best])
	}
	p.place(inBreak, nil, []int{n})
	p.out.Breaks = append(p.out.Breaks, b.withID())
}

// settleVoids: a voided payment and its void leave no settlement. When neither has a
// line, both are rightly absent. When the payment was settled and the void was not, the
// money came although the operator cancelled it.
func (p *pairing) settleVoids() {
	p.tracer.begin("voids")
	voids := p.freeItems(func(i *Item) bool {
		return i.Kind == VoidLine && i.Expect == Settles && p.in.Reported[i.Provider]
	})
	if len(voids) == 0 {
		return
	}
	byReference := map[string]int{} // the first sale under each
	for n := range p.in.Items {
		if item := &p.in.Items[n]; item.Kind == SaleLine {
			if other, taken := byReference[item.Reference]; !taken || p.itemOrder(n, other) < 0 {
				byReference[item.Reference] = n
			}
		}
	}
	for _, n := range voids {
		void := &p.in.Items[n]
		sale, known := byReference[void.Original]
		switch {
		case !known:
		case p.items[sale].joined:
			b := newBreak(ReversedButSettled, "", p.in.Day, []Item{*void}, nil, string(VoidLine))
			b.Reference = void.Original
			p.place(inBreak, []int{n}, nil)
			p.out.Breaks = append(p.out.Breaks, b.withID())
		case p.items[sale].place == free && p.in.Items[sale].Expect == Settles && p.in.Items[sale].Amount == void.Amount.Neg():
			p.place(inAbsence, []int{n, sale}, nil)
			p.out.Absent = append(p.out.Absent, *void, p.in.Items[sale])
		}
	}
}

func (p *pairing) leaveOpen() {
	for n := range p.in.Items {
		if at := p.items[n].place; at != free && at != reserved {
			continue
		}
		switch item := p.in.Items[n]; {
		case item.Expect != Settles && p.in.Reported[item.Provider]:
			p.items[n].place = inAbsence
			p.out.Absent = append(p.out.Absent, item)
		case !p.in.Reported[item.Provider]:
			p.items[n].place = inWaiting
			p.out.Waiting = append(p.out.Waiting, item)
		default:
			p.items[n].place = inOpen
			p.out.OpenItems = append(p.out.OpenItems, item)
		}
	}
	for n := range p.in.Lines {
		if at := p.lines[n].place; at == free || at == reserved {
			p.lines[n].place = inOpen
			p.out.OpenLines = append(p.out.OpenLines, p.in.Lines[n])
		}
	}
}

// contractFee is what the contract gives for a line. Where the bill does not tell the
// card's scheme, the till's payment does.
func (p *pairing) contractFee(provider *Provider, n int) (fee int64, agreed bool) {
	line := &p.in.Lines[n].Line
	if partner := p.lines[n].partner; partner >= 0 && line.CardScheme() == "" && !p.in.Items[partner].Card.IsZero() {
		known := *line
		known.Card = p.in.Items[partner].Card
		line = &known
	}
	if p.turnover == nil {
		return provider.Fee(line, Turnover{})
	}
	return provider.Fee(line, p.turnover[n])
}

// reckonTurnover puts the day's lines into their order and sums what comes before each.
func (p *pairing) reckonTurnover() {
	if !slices.ContainsFunc(p.terms.Providers, func(provider Provider) bool { return provider.hasTiers() }) {
		return
	}
	p.turnover = make([]Turnover, len(p.in.Lines))
	order := make([]int, len(p.in.Lines))
	for n := range order {
		order[n] = n
	}
	slices.SortFunc(order, p.lineOrder)
	sums := map[Merchant]Turnover{}
	maps.Copy(sums, p.in.Turnover)
	for _, n := range order {
		line := &p.in.Lines[n]
		of := line.merchant()
		sum := sums[of]
		p.turnover[n] = sum
		if line.isPayment() {
			sum.Before = ledger.AddMinor(sum.Before, line.settled())
			sums[of] = sum
		}
	}
}

// merchant is whose turnover a line adds to.
func (e *Entry) merchant() Merchant { return Merchant{e.Provider, e.MID, e.Currency} }

// checkFees holds every payment line that was not cancelled against the contract, matched
// or not: a wrong fee is wrong whoever sold.
func (p *pairing) checkFees() {
	for n := range p.in.Lines {
		line := &p.in.Lines[n]
		if p.lines[n].place == inCancellation || line.Kind != SaleLine && line.Kind != RefundLine && line.Kind != VoidLine {
			continue
		}
		provider, known := p.terms.Provider(line.Provider)
		if !known {
			continue
		}
		expected, agreed := p.contractFee(provider, n)
		if deviation := line.Fee - expected; !agreed || max(deviation, -deviation) <= provider.FeeTolerance {
			continue
		}
		b := newBreak(FeeDeviation, "", p.in.Day, nil, []Entry{*line}, "")
		b.Leg, b.Expected.Minor, b.Actual.Minor = FeeLeg, expected, line.Fee
		if item := p.lines[n].partner; item >= 0 {
			b.names(&p.in.Items[item])
		}
		p.out.Fees = append(p.out.Fees, b.withID())
	}
}

// sort puts everything into an order that depends on content only.
func (p *pairing) sort() {
	p.sortMatches(p.out.Matches)
	p.sortMatches(p.out.Suggestions)
	slices.SortFunc(p.out.Breaks, compareBreaks)
	slices.SortFunc(p.out.Fees, compareBreaks)
	byItem := func(a, b Item) int { return cmp.Compare(a.ID, b.ID) }
	byLine := func(a, b Entry) int {
		return cmp.Or(cmp.Compare(a.Statement, b.Statement), cmp.Compare(a.Row, b.Row))
	}
	slices.SortFunc(p.out.Absent, byItem)
	slices.SortFunc(p.out.Waiting, byItem)
	slices.SortFunc(p.out.OpenItems, byItem)
	slices.SortFunc(p.out.OpenLines, byLine)
	slices.SortFunc(p.out.Cancelled, byLine)
}

func (p *pairing) sortMatches(matches []Match) {
	slices.SortFunc(matches, func(a, b Match) int { return cmp.Or(cmp.Compare(a.Items[0], b.Items[0]), cmp.Compare(a.ID, b.ID)) })
}
