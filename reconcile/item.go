package reconcile

import (
	"cmp"
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

// Book folds the actions of a stretch of time into items. Actions are applied in
// journal order; those in training or test mode count for nothing. The zero Book is
// empty and ready. It is not safe for concurrent use.
type Book struct {
	terms   *Terms
	seen    map[actionKey]bool
	items   []Item
	byRef   map[string]int // payment reference → item
	batches map[batchKey]*batch
	closed  []closedBatch
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
}

type batch struct{ sales, refunds, voids ledger.BatchTotal }

type closedBatch struct {
	action   ledger.BatchClosed
	position ledger.Position
}

// NewBook makes an empty book under the given terms.
func NewBook(terms *Terms) *Book {
	return &Book{terms: terms, seen: map[actionKey]bool{}, byRef: map[string]int{}, batches: map[batchKey]*batch{}}
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
	b.seen[key] = true
	switch action := action.(type) {
	case ledger.SaleRecorded:
		for n, tender := range action.Tenders {
			b.add(position, head, n, SaleLine, tender, "")
			b.count(head.Terminal, tender, func(t *batch) *ledger.BatchTotal { return &t.sales })
		}
	case ledger.RefundRecorded:
		for n, tender := range action.Tenders {
			b.add(position, head, n, RefundLine, tender, action.Original)
			b.count(head.Terminal, tender, func(t *batch) *ledger.BatchTotal { return &t.refunds })
		}
	case ledger.PaymentVoided:
		b.add(position, head, 0, VoidLine, action.Tender, action.Original)
		b.count(head.Terminal, action.Tender, func(t *batch) *ledger.BatchTotal { return &t.voids })
	case ledger.PaymentReversed:
		b.resolve(action.Original, Reversed)
	case ledger.PaymentAnswered:
		b.resolve(action.Original, expectation(action.Outcome))
	case ledger.BatchClosed:
		b.closed = append(b.closed, closedBatch{action, position})
	}
}

func (b *Book) add(position ledger.Position, head ledger.Till, n int, kind LineKind, tender ledger.Tender, original string) {
	provider, settled := b.terms.ProviderOf(tender.Channel, tender.MID)
	if !settled {
		return // cash, and whatever else no provider settles
	}
	number := head.Doc
	if head.Seq != 0 {
		number = strconv.FormatUint(head.Seq, 10)
	}
	amount := tender.Amount
	if kind != SaleLine {
		amount = amount.Neg()
	}
	item := Item{
		ID:        string(head.Terminal) + "/" + head.Series + "/" + number + "/" + strconv.Itoa(n),
		Reference: tender.Payment, Position: position,
		Store: head.Store, Terminal: head.Terminal,
		BusinessDay: head.BusinessDay, Day: provider.Clock.Day(head.At), At: head.At,
		Provider: provider.ID, Channel: tender.Channel, Kind: kind, Expect: expectation(tender.Outcome), Amount: amount,
		MID: tender.MID, TID: tender.TID, Batch: tender.Batch, STAN: tender.STAN, RRN: tender.RRN,
		AuthCode: tender.AuthCode, Card: tender.Card, OrderNo: tender.OrderNo, ProviderNo: tender.ProviderNo, Original: original,
	}
	if sale, known := b.byRef[original]; known && original != "" {
		item.OriginalNo = b.items[sale].OrderNo
	}
	if _, taken := b.byRef[item.Reference]; !taken {
		b.byRef[item.Reference] = len(b.items)
	}
	b.items = append(b.items, item)
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

func (b *Book) resolve(reference string, expect Expectation) {
	n, known := b.byRef[reference]
	if !known {
		return
	}
	item := &b.items[n]
	if expect == Settles && item.Expect != Settles {
		// With the answer the payment is approved, and the terminal counts it in its batch.
		b.count(item.Terminal, ledger.Tender{Batch: item.Batch, Outcome: ledger.Approved, Amount: item.Amount.Abs()},
			func(t *batch) *ledger.BatchTotal {
				switch item.Kind {
				case RefundLine:
					return &t.refunds
				case VoidLine:
					return &t.voids
				}
				return &t.sales
			})
	}
	item.Expect = expect
}

func (b *Book) count(terminal ledger.TerminalID, tender ledger.Tender, total func(*batch) *ledger.BatchTotal) {
	if tender.Batch == "" || tender.Outcome != ledger.Approved {
		return
	}
	key := batchKey{terminal, tender.Batch}
	if b.batches[key] == nil {
		b.batches[key] = &batch{}
	}
	t := total(b.batches[key])
	t.Count++
	t.Amount = t.Amount.Add(tender.Amount)
}

// Items are the payments that fall on the provider's day, by id.
func (b *Book) Items(day ledger.BusinessDay) []Item {
	var items []Item
	for _, item := range b.items {
		if item.Day == day {
			items = append(items, item)
		}
	}
	slices.SortFunc(items, func(x, y Item) int { return cmp.Compare(x.ID, y.ID) })
	return items
}

// BatchBreaks compares the totals that terminals printed on business day d with their
// payments. (Leg 0: terminal batch totals ↔ ledger.)
func (b *Book) BatchBreaks(day ledger.BusinessDay) []Break {
	var breaks []Break
	for _, closed := range b.closed {
		action := closed.action
		if action.BusinessDay != day {
			continue
		}
		counted := b.batches[batchKey{action.Terminal, action.Batch}]
		if counted == nil {
			counted = &batch{}
		}
		printed := batch{action.Sales, action.Refunds, action.Voids}
		if *counted.plain() == *printed.plain() {
			continue
		}
		breaks = append(breaks, Break{
			Kind: BatchTotalMismatch, Leg: BatchLeg, Day: day, BusinessDay: day,
			Channel: TillChannel, Store: action.Store, Terminal: action.Terminal,
			Reference: string(action.Terminal) + " " + string(action.Batch),
			Expected:  counted.net(currencyOf(action)), Actual: printed.net(currencyOf(action)),
			Position: closed.position,
		}.withID())
	}
	return breaks
}

func currencyOf(action ledger.BatchClosed) ledger.Currency { return action.Sales.Amount.Currency }

// plain leaves the currency of empty totals out of the comparison.
func (t *batch) plain() *[6]int64 {
	return &[6]int64{int64(t.sales.Count), t.sales.Amount.Minor, int64(t.refunds.Count), t.refunds.Amount.Minor, int64(t.voids.Count), t.voids.Amount.Minor}
}

func (t *batch) net(currency ledger.Currency) ledger.Money {
	return ledger.Minor(t.sales.Amount.Minor-t.refunds.Amount.Minor-t.voids.Amount.Minor, currency)
}
