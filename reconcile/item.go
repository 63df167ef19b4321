package reconcile

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"time"

	"daybook/ledger"
)

// Item is one payment of the ledger as settlement should show it: money we expect, or
// expect not to see.
type Item struct {
	ID          string             `json:"id"`        // terminal/series/number/tender; unique
	Reference   string             `json:"reference"` // the payment's own reference, for people
	Position    ledger.Position    `json:"position"`  // of the event it was read from
	Store       ledger.StoreID     `json:"store"`
	Terminal    ledger.TerminalID  `json:"terminal"`
	BusinessDay ledger.BusinessDay `json:"business_date"` // the store's day
	Day         ledger.BusinessDay `json:"day"`           // the provider's day
	At          time.Time          `json:"at"`
	Provider    ledger.ProviderID  `json:"provider"`
	Channel     string             `json:"channel"`
	Kind        LineKind           `json:"kind"` // sale, refund or void
	Expect      Expectation        `json:"expect"`
	Amount      ledger.Money       `json:"amount"` // signed, in the merchant's view
	MID         ledger.MID         `json:"mid,omitempty"`
	TID         ledger.TID         `json:"tid,omitempty"`
	Batch       ledger.BatchNo     `json:"batch,omitempty"`
	STAN        ledger.STAN        `json:"stan,omitempty"`
	RRN         ledger.RRN         `json:"rrn,omitempty"`
	AuthCode    ledger.AuthCode    `json:"auth_code,omitempty"`
	Card        ledger.CardRef     `json:"card,omitzero"`
	CardKind    string             `json:"card_kind,omitempty"`
	OrderNo     string             `json:"order_no,omitempty"`
	OriginalNo  string             `json:"original_no,omitempty"` // of a refund: the sale's order number, when the book knows it
	ProviderNo  string             `json:"provider_no,omitempty"`
	Original    string             `json:"original,omitempty"` // the payment that was refunded or voided
}

// Expectation is what the ledger knows about a payment's settlement.
type Expectation string

const (
	Settles   Expectation = "settles"   // approved
	Uncertain Expectation = "uncertain" // no answer in time; settlement will tell
	Reversed  Expectation = "reversed"  // 冲正: must not be settled
	Declined  Expectation = "declined"  // must not be settled
)

// Expected is the money the ledger counts on: nothing unless the payment settles.
func (i Item) Expected() ledger.Money {
	if i.Expect == Settles {
		return i.Amount
	}
	return ledger.Minor(0, i.Amount.Currency)
}

// asLine is the line that would settle the payment, as far as a contract's fee depends on it.
func (i *Item) asLine() *Line {
	return &Line{Kind: i.Kind, Day: i.Day, Currency: i.Amount.Currency, Gross: i.Amount.Minor, MID: i.MID, Channel: i.Channel, CardKind: i.CardKind, Card: i.Card}
}

// Book folds the actions of a stretch of time into items. The order in which they are
// applied does not matter: a reversal may arrive in an earlier file than its payment.
// Actions in training or test mode count for nothing. A Book is not safe for concurrent
// use.
type Book struct {
	terms   *Terms
	seen    map[actionKey]bool
	items   []Item
	expect  []Expectation // of each item, as its terminal reported it
	answers []answer
	batches map[batchKey][]counted
	closed  []closedBatch
	folded  map[batchKey][]counted // batches with what answers add to them; nil when an action was applied since
}

// answer is what a terminal learned about a payment later.
type answer struct {
	original string
	expect   Expectation
	at       time.Time
	seq      uint64
	id       string
}

type actionKey struct {
	terminal ledger.TerminalID
	series   string
	seq      uint64
	doc      string
}

type batchKey struct {
	terminal ledger.TerminalID
	batch    ledger.BatchNo
	currency ledger.Currency
}

type batch struct{ sales, refunds, voids ledger.BatchTotal }

// counted is a payment as its terminal counts it in a batch.
type counted struct {
	at     time.Time
	seq    uint64
	kind   LineKind
	amount ledger.Money // unsigned
}

type closedBatch struct {
	action   ledger.BatchClosed
	position ledger.Position
}

// NewBook makes an empty book under the given terms.
func NewBook(terms *Terms) *Book {
	return &Book{terms: terms, seen: map[actionKey]bool{}, batches: map[batchKey][]counted{}}
}

// Apply takes the next action. An action whose key was applied before is ignored: the
// intake has decided which content a key stands for, and this is the second lock.
func (b *Book) Apply(position ledger.Position, action ledger.Action) {
	head := action.Head()
	key := actionKey{head.Terminal, head.Series, head.Seq, head.Doc}
	if head.Seq != 0 {
		key.doc = ""
	}
	if !head.Mode.Counts() || b.seen[key] {
		return
	}
	b.seen[key], b.folded = true, nil
	switch action := action.(type) {
	case ledger.SaleRecorded:
		for n, tender := range action.Tenders {
			b.add(position, head, n, SaleLine, tender, "")
			b.count(head, tender, SaleLine)
		}
	case ledger.RefundRecorded:
		for n, tender := range action.Tenders {
			b.add(position, head, n, RefundLine, tender, action.Original)
			b.count(head, tender, RefundLine)
		}
	case ledger.PaymentVoided:
		b.add(position, head, 0, VoidLine, action.Tender, action.Original)
		b.count(head, action.Tender, VoidLine)
	case ledger.PaymentReversed:
		b.answer(head, action.Original, Reversed)
	case ledger.PaymentAnswered:
		b.answer(head, action.Original, expectation(action.Outcome))
	case ledger.BatchClosed:
		b.closed = append(b.closed, closedBatch{action, position})
	}
}

func (b *Book) add(position ledger.Position, head ledger.Till, n int, kind LineKind, tender ledger.Tender, original string) {
	provider, settled := b.terms.ProviderOf(tender.Channel, tender.MID)
	if !settled {
		return // cash, and whatever else no provider settles
	}
	amount := tender.Amount
	if kind != SaleLine {
		amount = amount.Neg()
	}
	item := Item{
		ID:        actionID(head) + "/" + strconv.Itoa(n),
		Reference: tender.Payment, Position: position,
		Store: head.Store, Terminal: head.Terminal,
		BusinessDay: head.BusinessDay, Day: providerDay(provider, head), At: head.At,
		Provider: provider.ID, Channel: tender.Channel, Kind: kind, Expect: expectation(tender.Outcome), Amount: amount,
		MID: tender.MID, TID: tender.TID, Batch: tender.Batch, STAN: tender.STAN, RRN: tender.RRN,
		AuthCode: tender.AuthCode, Card: tender.Card, CardKind: tender.CardKind, OrderNo: tender.OrderNo, ProviderNo: tender.ProviderNo, Original: original,
	}
	b.items, b.expect = append(b.items, item), append(b.expect, item.Expect)
}

func actionID(head ledger.Till) string {
	number := head.Doc
	if head.Seq != 0 {
		number = strconv.FormatUint(head.Seq, 10)
	}
	return string(head.Terminal) + "/" + head.Series + "/" + number
}

// providerDay is the settlement day of a payment. It lies at most a day from the
// store's: a terminal whose clock is further off is taken at its store's word, so that
// no payment drops out of every day.
func providerDay(provider *Provider, head ledger.Till) ledger.BusinessDay {
	day := provider.Clock.Day(head.At)
	if apart := day.Sub(head.BusinessDay); apart < -1 || apart > 1 {
		return head.BusinessDay
	}
	return day
}

func expectation(outcome ledger.Outcome) Expectation {
	switch outcome {
	case ledger.Approved:
		return Settles
	case ledger.Declined:
		return Declined
	case ledger.Reversed:
		return Reversed
	}
	return Uncertain
}

func (b *Book) answer(head ledger.Till, original string, expect Expectation) {
	b.answers = append(b.answers, answer{original, expect, head.At, head.Seq, actionID(head)})
}

// fold puts the answers, by their time, to the payments they are about, and tells refunds
// and voids what they undo. It begins with what terminals reported each time, and has no second
// list of items, which are most of what a day takes in memory.
func (b *Book) fold() (items []Item, batches map[batchKey][]counted) {
	if b.folded != nil {
		return b.items, b.folded
	}
	b.folded = maps.Clone(b.batches)
	earlier := func(x, y *Item) int { return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.ID, y.ID)) }
	first := make(map[string]*Item, len(b.items))
	var undoing []*Item
	for n := range b.items {
		item := &b.items[n]
		item.Expect, item.OriginalNo = b.expect[n], ""
		if known := first[item.Reference]; item.Reference != "" && (known == nil || earlier(item, known) < 0) {
			first[item.Reference] = item
		}
		if item.Kind != SaleLine {
			undoing = append(undoing, item)
		}
	}
	slices.SortFunc(b.answers, func(x, y answer) int { return cmp.Or(x.at.Compare(y.at), cmp.Compare(x.id, y.id)) })
	for _, answer := range b.answers {
		item := first[answer.original]
		if item == nil {
			continue
		}
		if answer.expect == Settles && item.Expect != Settles && item.Batch != "" {
			// With the answer the payment is approved, and the terminal counts it in its batch.
			key := batchKey{item.Terminal, item.Batch, item.Amount.Currency}
			b.folded[key] = append(slices.Clip(b.folded[key]), counted{answer.at, answer.seq, item.Kind, item.Amount.Abs()})
		}
		item.Expect = answer.expect
	}
	slices.SortFunc(undoing, earlier)
	for _, item := range undoing {
		original := first[item.Original]
		if original == nil {
			continue
		}
		item.OriginalNo = original.OrderNo
		if item.Kind == VoidLine && item.Expect == Settles && original.Expect != Settles {
			item.Expect = original.Expect // there is as little to void as there was paid
		}
	}
	return b.items, b.folded
}

func (b *Book) count(head ledger.Till, tender ledger.Tender, kind LineKind) {
	if tender.Batch == "" || tender.Outcome != ledger.Approved {
		return
	}
	key := batchKey{head.Terminal, tender.Batch, tender.Amount.Currency}
	b.batches[key] = append(b.batches[key], counted{head.At, head.Seq, kind, tender.Amount})
}

// between sums what a terminal counted from one closing to the next: batch numbers come
// again, on some terminals every day.
func between(all []counted, last, closing *ledger.Till) batch {
	var sum batch
	for _, c := range all {
		after := func(head *ledger.Till) bool {
			return cmp.Or(c.at.Compare(head.At), cmp.Compare(c.seq, head.Seq)) > 0
		}
		if last != nil && !after(last) || after(closing) {
			continue
		}
		t := &sum.sales
		switch c.kind {
		case RefundLine:
			t = &sum.refunds
		case VoidLine:
			t = &sum.voids
		}
		t.Count++
		t.Amount = t.Amount.Add(c.amount)
	}
	return sum
}

// Items are the payments that fall on the provider's day, by id.
func (b *Book) Items(day ledger.BusinessDay) []Item {
	all, _ := b.fold()
	var order []int
	for n := range all {
		if all[n].Day == day {
			order = append(order, n)
		}
	}
	slices.SortFunc(order, func(x, y int) int { return cmp.Compare(all[x].ID, all[y].ID) })
	items := make([]Item, len(order))
	for n, at := range order {
		items[n] = all[at]
	}
	return items
}

// BatchBreaks compares the totals that terminals printed on business day d with their
// payments, in the currency that is printed. (Leg 0: terminal batch totals ↔ ledger.)
func (b *Book) BatchBreaks(day ledger.BusinessDay) []Break {
	_, batches := b.fold()
	var breaks []Break
	for _, closed := range b.closed {
		action := closed.action
		if action.BusinessDay != day {
			continue
		}
		currency := cmp.Or(action.Sales.Amount.Currency, action.Refunds.Amount.Currency, action.Voids.Amount.Currency, b.terms.Currency)
		counted := between(batches[batchKey{action.Terminal, action.Batch, currency}], b.closingBefore(&action), &action.Till)
		printed := batch{action.Sales, action.Refunds, action.Voids}
		if counted.plain() == printed.plain() {
			continue
		}
		breaks = append(breaks, Break{
			Kind: BatchTotalMismatch, Leg: BatchLeg, Day: day, BusinessDay: day,
			Channel: TillChannel, Store: action.Store, Terminal: action.Terminal,
			Reference: string(action.Terminal) + " " + string(action.Batch),
			Expected:  counted.net(currency), Actual: printed.net(currency),
			Position: closed.position,
		}.withID())
	}
	slices.SortFunc(breaks, compareBreaks)
	return breaks
}

// closingBefore is the last time that the terminal closed a batch of the same number
// before, or nil.
func (b *Book) closingBefore(closing *ledger.BatchClosed) *ledger.Till {
	var last *ledger.Till
	for n := range b.closed {
		other := &b.closed[n].action
		if other.Terminal == closing.Terminal && other.Batch == closing.Batch && compareHeads(&other.Till, &closing.Till) < 0 &&
			(last == nil || compareHeads(&other.Till, last) > 0) {
			last = &other.Till
		}
	}
	return last
}

// compareHeads orders the actions of one terminal by its clock.
func compareHeads(a, b *ledger.Till) int {
	return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Seq, b.Seq))
}

// plain leaves the currency of empty totals out of the comparison.
func (t batch) plain() [6]int64 {
	return [6]int64{int64(t.sales.Count), t.sales.Amount.Minor, int64(t.refunds.Count), t.refunds.Amount.Minor, int64(t.voids.Count), t.voids.Amount.Minor}
}

func (t batch) net(currency ledger.Currency) ledger.Money {
	return ledger.Minor(t.sales.Amount.Minor-t.refunds.Amount.Minor-t.voids.Amount.Minor, currency)
}
