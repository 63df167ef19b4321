package reconcile

import (
	"cmp"
	"slices"
	"strconv"
	"strings"
	"time"

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
}

// Outcome is what became of each item and each line: every one is in exactly one of
// the lists (Fees apart, which judge lines that are matched or not).
type Outcome struct {
	Matches   []Match
	Breaks    []Break
	Absent    []Item  // rightly without a line: declined, reversed, never answered, voided in pairs
	Cancelled []Entry // a payment and its revocation in the same bill
	Waiting   []Item  // the provider has not reported
	OpenItems []Item  // nothing found for them within the day
	OpenLines []Entry
	Fees      []Break // lines whose fee is not the contract's
}

// Pair joins the items and lines of one settlement day. It is deterministic: the order
// of its inputs does not matter, and every item and line appears in exactly one list of
// the outcome.
//
// Rules, in order; the first that finds a partner wins, and keys always hold the
// provider, the direction and the currency:
//
//	M1  merchant id, terminal id, RRN, amount
//	M2  terminal id, batch, STAN, amount
//	M3  order number (of a refund: the refund's), amount; or the provider's own number; or,
//	    for a refund line without a number, the sale's order number
//	M4  authorisation code, last four digits, terminal id, amount, at most ten minutes
//	    apart, and no second candidate on either side
//	M7  one payment in several lines, or several in one, that add up under one reference
//	M5  the references of M1 to M3, but another amount or currency: a break
//
// What has no partner is compared once more by what should not differ (terminal,
// provider), then with what has one already (duplicates). The rest stays open for the
// neighbouring days (M8, in Conclude).
func Pair(terms *Terms, in Inputs) Outcome {
	p := &pairing{terms: terms, in: in,
		itemDone: make([]bool, len(in.Items)), itemJoined: make([]bool, len(in.Items)),
		lineDone: make([]bool, len(in.Lines)), lineJoined: make([]bool, len(in.Lines))}
	p.setAside()
	p.cancelRevoked()
	p.exact("M1", itemRRN, lineRRN)
	p.exact("M2", itemSTAN, lineSTAN)
	p.exact("M3", itemOrder, lineOrder)
	p.exact("M3", itemProviderNo, lineProviderNo)
	p.exact("M3", itemOriginal, lineOriginal)
	p.byAuthCode()
	for _, key := range references {
		p.groups(withoutAmount(key.item), withoutAmountLine(key.line), p.joinSums)
	}
	for _, key := range references {
		p.groups(withoutAmount(key.item), withoutAmountLine(key.line), p.joinMismatch)
	}
	p.groups(itemAnyTerminal, lineAnyTerminal, p.joinOtherTerminal)
	for _, key := range anyProvider {
		p.groups(key.item, key.line, p.joinOtherProvider)
	}
	p.duplicates()
	p.settleVoids()
	p.leaveOpen()
	p.checkFees()
	p.sort()
	return p.out
}

type pairing struct {
	terms *Terms
	in    Inputs
	out   Outcome

	itemDone, lineDone     []bool // has an outcome
	itemJoined, lineJoined []bool // the outcome holds both sides
}

// amountWindow is how far apart a till's and an acquirer's clock may be for M4.
const amountWindow = 10 * time.Minute

// Keys. An empty key takes no part. They are built from the identifiers as they are
// written: leading zeros count.

type itemKey func(*Item) string
type lineKey func(*Entry) string

func key(parts ...string) string { return strings.Join(parts, "\x1f") }

func amountKey(amount int64, currency ledger.Currency) string {
	return strconv.FormatInt(amount, 10) + string(currency)
}

func direction(amount int64) string {
	if amount < 0 {
		return "-"
	}
	return "+"
}

func itemRRN(i *Item) string {
	if i.RRN == "" {
		return ""
	}
	return key(string(i.Provider), string(i.MID), string(i.TID), string(i.RRN), amountKey(i.Amount.Minor, i.Amount.Currency))
}

func lineRRN(e *Entry) string {
	if e.RRN == "" {
		return ""
	}
	return key(string(e.Provider), string(e.MID), string(e.TID), string(e.RRN), amountKey(e.Gross, e.Currency))
}

func itemSTAN(i *Item) string {
	if i.STAN == "" || i.Batch == "" {
		return ""
	}
	return key(string(i.Provider), string(i.TID), string(i.Batch), string(i.STAN), amountKey(i.Amount.Minor, i.Amount.Currency))
}

func lineSTAN(e *Entry) string {
	if e.STAN == "" || e.Batch == "" {
		return ""
	}
	return key(string(e.Provider), string(e.TID), string(e.Batch), string(e.STAN), amountKey(e.Gross, e.Currency))
}

func itemOrder(i *Item) string {
	if i.OrderNo == "" {
		return ""
	}
	return key(string(i.Provider), i.OrderNo, amountKey(i.Amount.Minor, i.Amount.Currency))
}

func lineOrder(e *Entry) string {
	if e.OrderNo == "" {
		return ""
	}
	return key(string(e.Provider), e.OrderNo, amountKey(e.Gross, e.Currency))
}

func itemProviderNo(i *Item) string {
	if i.ProviderNo == "" {
		return ""
	}
	return key(string(i.Provider), i.ProviderNo, amountKey(i.Amount.Minor, i.Amount.Currency))
}

func lineProviderNo(e *Entry) string {
	if e.ProviderNo == "" {
		return ""
	}
	return key(string(e.Provider), e.ProviderNo, amountKey(e.Gross, e.Currency))
}

func itemOriginal(i *Item) string {
	if i.Kind != RefundLine || i.OriginalNo == "" {
		return ""
	}
	return key(string(i.Provider), i.OriginalNo, amountKey(i.Amount.Minor, i.Amount.Currency))
}

func lineOriginal(e *Entry) string {
	if e.Kind != RefundLine || e.OrderNo != "" || e.OriginalNo == "" {
		return ""
	}
	return key(string(e.Provider), e.OriginalNo, amountKey(e.Gross, e.Currency))
}

// references are the keys under which an amount may differ.
var references = []struct {
	item itemKey
	line lineKey
}{{itemRRN, lineRRN}, {itemSTAN, lineSTAN}, {itemOrder, lineOrder}, {itemProviderNo, lineProviderNo}, {itemOriginal, lineOriginal}}

// withoutAmount replaces the amount at the end of a key by its direction.
func withoutAmount(full itemKey) itemKey {
	return func(i *Item) string { return cutAmount(full(i), i.Amount.Minor) }
}

func withoutAmountLine(full lineKey) lineKey {
	return func(e *Entry) string { return cutAmount(full(e), e.Gross) }
}

func cutAmount(key string, amount int64) string {
	if key == "" {
		return ""
	}
	return key[:strings.LastIndexByte(key, '\x1f')+1] + direction(amount)
}

// An RRN is unique within an acquirer for some days, so it identifies the payment even
// when the terminal differs.
func itemAnyTerminal(i *Item) string {
	if i.RRN == "" {
		return ""
	}
	return key(string(i.Provider), string(i.RRN), amountKey(i.Amount.Minor, i.Amount.Currency))
}

func lineAnyTerminal(e *Entry) string {
	if e.RRN == "" {
		return ""
	}
	return key(string(e.Provider), string(e.RRN), amountKey(e.Gross, e.Currency))
}

var anyProvider = []struct {
	item itemKey
	line lineKey
}{
	{func(i *Item) string { return cutProvider(itemOrder(i)) }, func(e *Entry) string { return cutProvider(lineOrder(e)) }},
	{func(i *Item) string { return cutProvider(itemRRN(i)) }, func(e *Entry) string { return cutProvider(lineRRN(e)) }},
}

func cutProvider(key string) string {
	_, rest, _ := strings.Cut(key, "\x1f")
	return rest
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

// cancelRevoked takes out a payment that the provider itself revoked in the same bill:
// two rows under one number that add up to nothing, or a revocation row without amount.
func (p *pairing) cancelRevoked() {
	paid := map[string][]int{}
	for n := range p.in.Lines {
		if e := &p.in.Lines[n]; e.Kind == SaleLine {
			for _, k := range []string{lineRRN(e), lineOrder(e), lineProviderNo(e)} {
				if k != "" {
					paid[k] = append(paid[k], n)
				}
			}
		}
	}
	revoked := p.freeLines(func(e *Entry) bool { return e.Kind == ReversalLine })
	for _, n := range revoked {
		e := p.in.Lines[n]
		e.Gross = -e.Gross
		if e.Gross == 0 {
			p.cancel(n)
			continue
		}
		for _, k := range []string{lineRRN(&e), lineOrder(&e), lineProviderNo(&e)} {
			candidates := slices.DeleteFunc(slices.Clone(paid[k]), func(m int) bool { return p.lineDone[m] })
			if k == "" || len(candidates) == 0 {
				continue
			}
			p.cancel(slices.MinFunc(candidates, p.lineOrder), n)
			break
		}
	}
}

// cancel takes out lines that come to nothing. So must their fees: nothing is due for a
// payment that was taken back.
func (p *pairing) cancel(lines ...int) {
	var entries []Entry
	var fee int64
	for _, n := range lines {
		p.lineDone[n] = true
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
	var free []int
	for n := range p.in.Lines {
		if !p.lineDone[n] && which(&p.in.Lines[n]) {
			free = append(free, n)
		}
	}
	slices.SortFunc(free, p.lineOrder)
	return free
}

func (p *pairing) freeItems(which func(*Item) bool) []int {
	var free []int
	for n := range p.in.Items {
		if !p.itemDone[n] && which(&p.in.Items[n]) {
			free = append(free, n)
		}
	}
	slices.SortFunc(free, p.itemOrder)
	return free
}

// groups calls join for each key that free items and free lines share, with both sides
// in their own order. Groups are disjoint, so the order of the calls does not matter.
func (p *pairing) groups(itemKey itemKey, lineKey lineKey, join func(items, lines []int)) {
	type group struct{ items, lines []int }
	index := map[string]*group{}
	for n := range p.in.Lines {
		if p.lineDone[n] {
			continue
		}
		if k := lineKey(&p.in.Lines[n]); k != "" {
			g := index[k]
			if g == nil {
				g = &group{}
				index[k] = g
			}
			g.lines = append(g.lines, n)
		}
	}
	if len(index) == 0 {
		return
	}
	for n := range p.in.Items {
		if p.itemDone[n] {
			continue
		}
		if k := itemKey(&p.in.Items[n]); k != "" {
			if g := index[k]; g != nil {
				g.items = append(g.items, n)
			}
		}
	}
	for _, g := range index {
		if len(g.items) > 0 {
			slices.SortFunc(g.items, p.itemOrder)
			slices.SortFunc(g.lines, p.lineOrder)
			join(g.items, g.lines)
		}
	}
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

// exact pairs equal keys one to one. Under one key all items tell the same story and so
// do all lines; what is left over is a duplicate, which is found later.
func (p *pairing) exact(rule string, itemKey itemKey, lineKey lineKey) {
	p.groups(itemKey, lineKey, func(items, lines []int) {
		for n := range min(len(items), len(lines)) {
			p.join(rule, items[n:n+1], lines[n:n+1])
		}
	})
}

// byAuthCode is M4. Candidates are linked when they are close in time; a link that has
// neighbours on either side is reported as ambiguous, with everybody it reaches.
func (p *pairing) byAuthCode() {
	item := func(i *Item) string {
		if i.AuthCode == "" || i.Card.IsZero() {
			return ""
		}
		return key(string(i.Provider), string(i.AuthCode), i.Card.LastFour(), string(i.TID), amountKey(i.Amount.Minor, i.Amount.Currency))
	}
	line := func(e *Entry) string {
		if e.AuthCode == "" || e.Card.IsZero() || e.At.IsZero() {
			return ""
		}
		return key(string(e.Provider), string(e.AuthCode), e.Card.LastFour(), string(e.TID), amountKey(e.Gross, e.Currency))
	}
	p.groups(item, line, func(items, lines []int) {
		for len(items) > 0 {
			var near, far []int
			linkedItems, linkedLines := []int{items[0]}, []int(nil)
			for grown := true; grown; { // the connected component of items[0]
				grown = false
				near, far = nil, nil
				for _, l := range lines {
					if slices.Contains(linkedLines, l) {
						continue
					}
					if slices.ContainsFunc(linkedItems, func(i int) bool { return p.couldBe(i, l) }) {
						near = append(near, l)
					}
				}
				linkedLines = append(linkedLines, near...)
				for _, i := range items {
					if !slices.Contains(linkedItems, i) && slices.ContainsFunc(linkedLines, func(l int) bool { return p.couldBe(i, l) }) {
						far = append(far, i)
					}
				}
				linkedItems = append(linkedItems, far...)
				grown = len(near)+len(far) > 0
			}
			switch {
			case len(linkedItems) == 1 && len(linkedLines) == 1:
				p.join("M4", linkedItems, linkedLines)
			case len(linkedLines) > 0:
				p.note(Ambiguous, "M4", linkedItems, linkedLines, "")
			}
			items = slices.DeleteFunc(items, func(i int) bool { return slices.Contains(linkedItems, i) })
			lines = slices.DeleteFunc(lines, func(l int) bool { return slices.Contains(linkedLines, l) })
		}
	})
}

// couldBe: close in time, and no stronger reference says otherwise.
func (p *pairing) couldBe(item, line int) bool {
	i, e := &p.in.Items[item], &p.in.Lines[line]
	return e.At.Sub(i.At).Abs() <= amountWindow &&
		(i.RRN == "" || e.RRN == "" || i.RRN == e.RRN) &&
		(i.STAN == "" || e.STAN == "" || i.STAN == e.STAN)
}

// joinSums is M7.
func (p *pairing) joinSums(items, lines []int) {
	items = slices.DeleteFunc(slices.Clone(items), func(n int) bool { return p.in.Items[n].Expect != Settles })
	if len(items) == 1 && len(lines) > 1 || len(items) > 1 && len(lines) == 1 {
		if expected, actual := p.sums(items, lines); expected == actual {
			p.join("M7", items, lines)
		}
	}
}

// joinMismatch is M5. Several against several is ambiguous, and reported per currency.
func (p *pairing) joinMismatch(items, lines []int) {
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
	case item.Expect != Settles:
		p.join("M5", items, lines)
	case item.Amount.Currency != line.Currency:
		p.note(CurrencyMismatch, "M5", items, lines, "")
	default:
		p.note(AmountMismatch, "M5", items, lines, "")
	}
}

func (p *pairing) joinOtherTerminal(items, lines []int) {
	if len(items) == 1 && len(lines) == 1 && p.in.Items[items[0]].Expect == Settles {
		p.note(TerminalMismatch, "M1", items, lines, string(p.in.Lines[lines[0]].MID)+" "+string(p.in.Lines[lines[0]].TID))
	}
}

func (p *pairing) joinOtherProvider(items, lines []int) {
	if len(items) == 1 && len(lines) == 1 && p.in.Items[items[0]].Expect == Settles {
		p.note(MethodMismatch, "M3", items, lines, p.in.Lines[lines[0]].Channel)
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
		_, gross := p.sums(items, lines)
		match := Match{Rule: rule, Day: p.in.Day, Gross: gross}
		p.markJoined(items, lines)
		for _, n := range items {
			p.itemDone[n] = true
			match.Items = append(match.Items, p.in.Items[n].ID)
		}
		for _, n := range lines {
			p.lineDone[n] = true
			match.Lines = append(match.Lines, p.in.Lines[n].ID)
		}
		p.out.Matches = append(p.out.Matches, match.withID())
	}
}

// note records a break over items and lines and takes them out.
func (p *pairing) note(kind BreakKind, rule string, items, lines []int, detail string) {
	p.markJoined(items, lines)
	var is []Item
	var es []Entry
	for _, n := range items {
		p.itemDone[n] = true
		is = append(is, p.in.Items[n])
	}
	for _, n := range lines {
		p.lineDone[n] = true
		es = append(es, p.in.Lines[n])
	}
	p.out.Breaks = append(p.out.Breaks, newBreak(kind, rule, p.in.Day, is, es, detail))
}

func (p *pairing) markJoined(items, lines []int) {
	if len(items) == 0 || len(lines) == 0 {
		return
	}
	for _, n := range items {
		p.itemJoined[n] = true
	}
	for _, n := range lines {
		p.lineJoined[n] = true
	}
}

func newBreak(kind BreakKind, rule string, day ledger.BusinessDay, items []Item, lines []Entry, detail string) Break {
	b := Break{Kind: kind, Leg: PaymentLeg, Day: day, BusinessDay: day, Rule: rule, Detail: detail}
	for n, item := range items {
		b.Items = append(b.Items, item.ID)
		b.Expected = b.Expected.Add(item.Expected())
		if n == 0 || item.Reference < b.Reference {
			b.Reference, b.Provider, b.Channel, b.Store, b.Terminal = item.Reference, item.Provider, item.Channel, item.Store, item.Terminal
			b.BusinessDay, b.Position = item.BusinessDay, item.Position
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

// sums of amounts, or nothing in no currency for the expected side when either side
// mixes currencies.
func (p *pairing) sums(items, lines []int) (expected, actual ledger.Money) {
	currency := p.in.Lines[lines[0]].Currency
	for _, n := range items {
		if p.in.Items[n].Amount.Currency != p.in.Items[items[0]].Amount.Currency {
			return ledger.Money{}, ledger.Minor(0, currency)
		}
		expected = expected.Add(p.in.Items[n].Amount)
	}
	for _, n := range lines {
		if p.in.Lines[n].Currency != currency {
			return ledger.Money{}, ledger.Minor(0, currency)
		}
		actual = actual.Add(ledger.Minor(p.in.Lines[n].Gross, currency))
	}
	return expected, actual
}

// duplicates compares what is left with what has found its place: a second line under
// the reference of a settled one, a second payment under the reference of a recorded one.
func (p *pairing) duplicates() {
	placed := map[string]bool{}
	for n := range p.in.Lines {
		if p.lineJoined[n] {
			for _, k := range lineReferences(&p.in.Lines[n]) {
				placed[k] = true
			}
		}
	}
	for n := range p.in.Items {
		if p.itemJoined[n] {
			for _, k := range itemReferences(&p.in.Items[n]) {
				placed[k] = true
			}
		}
	}
	recorded := p.itemsByReference()
	for _, n := range p.freeLines(func(*Entry) bool { return true }) {
		keys := lineReferences(&p.in.Lines[n])
		if slices.ContainsFunc(keys, func(k string) bool { return placed[k] }) {
			p.noteDuplicateLine(n, keys, recorded)
			continue
		}
		for _, k := range keys {
			placed[k] = true
		}
	}
	for _, n := range p.freeItems(func(i *Item) bool { return i.Expect == Settles && p.in.Reported[i.Provider] }) {
		keys := itemReferences(&p.in.Items[n])
		if slices.ContainsFunc(keys, func(k string) bool { return placed[k] }) {
			p.note(DuplicateInLedger, "", []int{n}, nil, "")
			continue
		}
		for _, k := range keys {
			placed[k] = true
		}
	}
}

// itemsByReference finds the first item under each reference.
func (p *pairing) itemsByReference() map[string]int {
	first := map[string]int{}
	for n := range p.in.Items {
		for _, k := range itemReferences(&p.in.Items[n]) {
			if other, taken := first[k]; !taken || p.itemOrder(n, other) < 0 {
				first[k] = n
			}
		}
	}
	return first
}

// noteDuplicateLine names the payment that was settled twice, where the ledger knows it.
func (p *pairing) noteDuplicateLine(n int, keys []string, recorded map[string]int) {
	line := p.in.Lines[n]
	b := newBreak(DuplicateInSettlement, "", p.in.Day, nil, []Entry{line}, string(line.RRN))
	best := -1
	for _, k := range keys {
		if i, known := recorded[k]; known && (best < 0 || p.itemOrder(i, best) < 0) {
			best = i
		}
	}
	if best >= 0 {
		item := p.in.Items[best]
		b.Reference, b.Store, b.Terminal, b.BusinessDay, b.Position = item.Reference, item.Store, item.Terminal, item.BusinessDay, item.Position
	}
	p.lineDone[n] = true
	p.out.Breaks = append(p.out.Breaks, b.withID())
}

func itemReferences(i *Item) []string {
	return notEmpty(cutAmount(itemRRN(i), i.Amount.Minor), cutAmount(itemSTAN(i), i.Amount.Minor),
		cutAmount(itemOrder(i), i.Amount.Minor), cutAmount(itemProviderNo(i), i.Amount.Minor))
}

func lineReferences(e *Entry) []string {
	return notEmpty(cutAmount(lineRRN(e), e.Gross), cutAmount(lineSTAN(e), e.Gross),
		cutAmount(lineOrder(e), e.Gross), cutAmount(lineProviderNo(e), e.Gross))
}

func notEmpty(keys ...string) []string {
	return slices.DeleteFunc(keys, func(k string) bool { return k == "" })
}

// settleVoids: a voided payment and its void leave no settlement. When neither has a
// line, both are rightly absent. When the payment was settled and the void was not, the
// money came although the operator cancelled it.
func (p *pairing) settleVoids() {
	byReference := map[string]int{} // the first sale under each
	for n := range p.in.Items {
		if item := &p.in.Items[n]; item.Kind == SaleLine {
			if other, taken := byReference[item.Reference]; !taken || p.itemOrder(n, other) < 0 {
				byReference[item.Reference] = n
			}
		}
	}
	for _, n := range p.freeItems(func(i *Item) bool {
		return i.Kind == VoidLine && i.Expect == Settles && p.in.Reported[i.Provider]
	}) {
		void := &p.in.Items[n]
		sale, known := byReference[void.Original]
		switch {
		case !known:
		case p.itemJoined[sale]:
			b := newBreak(ReversedButSettled, "", p.in.Day, []Item{*void}, nil, string(VoidLine))
			b.Reference = void.Original
			p.itemDone[n] = true
			p.out.Breaks = append(p.out.Breaks, b.withID())
		case !p.itemDone[sale] && p.in.Items[sale].Expect == Settles && p.in.Items[sale].Amount == void.Amount.Neg():
			p.itemDone[n], p.itemDone[sale] = true, true
			p.out.Absent = append(p.out.Absent, *void, p.in.Items[sale])
		}
	}
}

func (p *pairing) leaveOpen() {
	for n, item := range p.in.Items {
		switch {
		case p.itemDone[n]:
		case item.Expect != Settles && p.in.Reported[item.Provider]:
			p.out.Absent = append(p.out.Absent, item)
		case !p.in.Reported[item.Provider]:
			p.out.Waiting = append(p.out.Waiting, item)
		default:
			p.out.OpenItems = append(p.out.OpenItems, item)
		}
	}
	for n, line := range p.in.Lines {
		if !p.lineDone[n] {
			p.out.OpenLines = append(p.out.OpenLines, line)
		}
	}
}

// checkFees holds every payment line that was not cancelled against the contract, matched
// or not: a wrong fee is wrong whoever sold.
func (p *pairing) checkFees() {
	references := map[string]Item{}
	items := map[string]Item{}
	for _, item := range p.in.Items {
		items[item.ID] = item
	}
	for _, match := range p.out.Matches {
		for _, line := range match.Lines {
			references[line] = items[match.Items[0]]
		}
	}
	for _, b := range p.out.Breaks {
		if len(b.Items) > 0 {
			for _, line := range b.Lines {
				references[line] = items[b.Items[0]]
			}
		}
	}
	cancelled := map[string]bool{}
	for _, line := range p.out.Cancelled {
		cancelled[line.ID] = true
	}
	for n := range p.in.Lines {
		line := p.in.Lines[n]
		provider, known := p.terms.Provider(line.Provider)
		if !known || cancelled[line.ID] || line.Kind != SaleLine && line.Kind != RefundLine && line.Kind != VoidLine {
			continue
		}
		expected, agreed := provider.Fee(line.Line)
		if deviation := line.Fee - expected; !agreed || max(deviation, -deviation) <= provider.FeeTolerance {
			continue
		}
		b := newBreak(FeeDeviation, "", p.in.Day, nil, []Entry{line}, "")
		b.Leg, b.Expected.Minor, b.Actual.Minor = FeeLeg, expected, line.Fee
		if item, joined := references[line.ID]; joined {
			b.Reference, b.Store, b.Terminal, b.BusinessDay, b.Position = item.Reference, item.Store, item.Terminal, item.BusinessDay, item.Position
		}
		p.out.Fees = append(p.out.Fees, b.withID())
	}
}

// sort puts everything into an order that depends on content only.
func (p *pairing) sort() {
	slices.SortFunc(p.out.Matches, func(a, b Match) int { return cmp.Compare(a.Items[0]+a.ID, b.Items[0]+b.ID) })
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
