package till

import (
	"maps"
	"slices"

	"daybook/ledger"
)

// kind is a kind of action in the NDJSON form.
type kind struct {
	name  string
	read  func(f *form) ledger.Action
	write func(f *form, action ledger.Action) bool // false when the action is of another kind
}

// kindOf describes action T by its fields, in the order in which they are written.
func kindOf[T ledger.Action](name string, fields func(f *form, action *T)) kind {
	return kind{
		name: name,
		read: func(f *form) ledger.Action {
			var action T
			fields(f, &action)
			return action
		},
		write: func(f *form, action ledger.Action) bool {
			typed, ok := action.(T)
			if ok {
				fields(f, &typed)
			}
			return ok
		},
	}
}

// kinds are all actions of the form; doc.go describes them field by field.
var kinds = []kind{
	kindOf("sign_on", func(f *form, a *ledger.CashierSignedOn) {
		f.head(&a.Till)
		choice(f, "method", &a.Method, optional, "pin", "card", "fingerprint")
	}),
	kindOf("sign_off", func(f *form, a *ledger.CashierSignedOff) {
		f.head(&a.Till)
	}),
	kindOf("shift_open", func(f *form, a *ledger.ShiftOpened) {
		f.head(&a.Till)
		reference(f, "shift", &a.Shift, required)
	}),
	kindOf("shift_close", func(f *form, a *ledger.ShiftClosed) {
		f.head(&a.Till)
		reference(f, "shift", &a.Shift, required)
	}),
	kindOf("drawer_open", func(f *form, a *ledger.DrawerOpened) {
		f.head(&a.Till)
		reference(f, "drawer", &a.Drawer, required)
		f.amount("float", &a.Float, required)
	}),
	kindOf("drawer_count", func(f *form, a *ledger.DrawerCounted) {
		f.head(&a.Till)
		reference(f, "drawer", &a.Drawer, required)
		f.amount("counted", &a.Counted, required)
	}),
	kindOf("cash_in", func(f *form, a *ledger.CashPaidIn) {
		f.head(&a.Till)
		reference(f, "drawer", &a.Drawer, required)
		f.amount("amount", &a.Amount, required)
		words(f, "reason", &a.Reason)
	}),
	kindOf("cash_out", func(f *form, a *ledger.CashPaidOut) {
		f.head(&a.Till)
		reference(f, "drawer", &a.Drawer, required)
		f.amount("amount", &a.Amount, required)
		words(f, "reason", &a.Reason)
	}),
	kindOf("no_sale", func(f *form, a *ledger.DrawerOpenedNoSale) {
		f.head(&a.Till)
		reference(f, "drawer", &a.Drawer, required)
		words(f, "reason", &a.Reason)
	}),
	kindOf("sale", func(f *form, a *ledger.SaleRecorded) {
		f.head(&a.Till)
		reference(f, "sale", &a.Sale, required)
		if !f.writing || !a.Begun.IsZero() {
			f.instant("begun", &a.Begun, optional)
		}
		list(f, "lines", &a.Lines, saleLine)
		list(f, "tenders", &a.Tenders, tender)
		f.amount("discount", &a.Discount, optional)
		f.amount("tax", &a.Tax, optional)
		f.amount("total", &a.Total, required)
		id(f, "customer", &a.Customer, optional, maxReference)
		f.notes("notes", &a.Notes)
	}),
	kindOf("refund", func(f *form, a *ledger.RefundRecorded) {
		f.head(&a.Till)
		reference(f, "refund", &a.Refund, required)
		reference(f, "original", &a.Original, optional)
		returnedLines(f, "lines", a)
		list(f, "tenders", &a.Tenders, tender)
		f.amount("tax", &a.Tax, optional)
		f.amount("total", &a.Total, required)
	}),
	kindOf("void", func(f *form, a *ledger.PaymentVoided) {
		f.head(&a.Till)
		reference(f, "original", &a.Original, required)
		group(f, "tender", &a.Tender, tender)
	}),
	kindOf("reversal", func(f *form, a *ledger.PaymentReversed) {
		f.head(&a.Till)
		reference(f, "original", &a.Original, required)
		words(f, "cause", &a.Cause)
	}),
	kindOf("answer", func(f *form, a *ledger.PaymentAnswered) {
		f.head(&a.Till)
		reference(f, "original", &a.Original, required)
		choice(f, "outcome", &a.Outcome, required, ledger.Approved, ledger.Declined, ledger.Reversed)
	}),
	kindOf("batch_close", func(f *form, a *ledger.BatchClosed) {
		f.head(&a.Till)
		id(f, "batch", &a.Batch, required, 6)
		group(f, "sales", &a.Sales, batchTotal)
		group(f, "refunds", &a.Refunds, batchTotal)
		group(f, "voids", &a.Voids, batchTotal)
	}),
}

func kindNames() []string {
	names := make([]string, len(kinds))
	for i, kind := range kinds {
		names[i] = kind.name
	}
	return names
}

// head is what every action begins with. The business day is not among it: it follows
// from the time and the store's clock.
func (f *form) head(t *ledger.Till) {
	id(f, "terminal", &t.Terminal, required, maxReference)
	if !f.writing && !f.has("seq") && !f.has("doc") {
		f.wrong("seq", "", ledger.Say("this is missing, and so is the document number that could stand for it"),
			ledger.Say("give each action of a terminal the next number, from 1"))
	}
	whole(f, "seq", &t.Seq, optional, 1)
	id(f, "series", &t.Series, optional, 32)
	n := optional
	if f.writing && t.Seq == 0 {
		n = required
	}
	reference(f, "doc", &t.Doc, n)
	id(f, "store", &t.Store, required, 32)
	f.instant("at", &t.At, required)
	f.mode("mode", &t.Mode)
	id(f, "cashier", &t.Cashier, optional, 32)
	store := f.store(t)
	f.money("currency", store.Currency)
	if !f.writing && store.Clock.Zone != nil && !t.At.IsZero() {
		t.BusinessDay = store.Clock.Day(t.At)
	}
}

// store is what the configuration says about the action's store; nothing when writing,
// and after reporting that it says nothing.
func (f *form) store(t *ledger.Till) Store {
	if f.writing || t.Store == "" {
		return Store{}
	}
	store, known := f.rules.store(t.Store)
	if !known {
		f.wrong("store", string(t.Store), unknownStore, unknownStoreHint)
		f.settled = true // that its currency is unknown too needs no line of its own
	}
	return store
}

// money settles the currency of the action. When writing, a place is kept for it: it
// shows with the first amount.
func (f *form) money(name string, byDefault ledger.Currency) {
	if f.writing {
		f.put(name, &node{kind: isNull})
		return
	}
	if !f.has(name) {
		f.currency = byDefault
	}
	var code string
	exchange(f, name, &code, optional, func(text string) error {
		currency, err := ledger.ParseCurrency(text)
		if err != nil {
			f.settled = true
			return ledger.Problem("this is not an ISO 4217 currency code that daybook counts in")
		}
		f.currency = currency
		return nil
	})
}

func saleLine(f *form, l *ledger.SaleLine) {
	id(f, "sku", &l.SKU, optional, maxReference)
	words(f, "name", &l.Name)
	words(f, "category", &l.Category)
	f.quantity("qty", &l.QtyMilli)
	f.amount("unit", &l.Unit, required)
	f.amount("discount", &l.Discount, optional)
	f.amount("net", &l.Net, required)
	f.amount("tax", &l.Tax, optional)
	f.rate("tax_rate", &l.TaxRate)
}

// returnedLines are those of a refund, each with what becomes of the goods. Those that can be
// sold again need no word.
func returnedLines(f *form, name string, a *ledger.RefundRecorded) {
	type returned struct {
		ledger.SaleLine
		disposition string
	}
	lines := make([]returned, len(a.Lines))
	for n, line := range a.Lines {
		lines[n].SaleLine = line
	}
	for _, line := range a.Wasted {
		if line >= 1 && line <= len(lines) {
			lines[line-1].disposition = "waste"
		}
	}
	list(f, name, &lines, func(f *form, l *returned) {
		saleLine(f, &l.SaleLine)
		choice(f, "disposition", &l.disposition, optional, "sellable", "waste")
	})
	if f.writing {
		return
	}
	a.Lines, a.Wasted = nil, nil
	for n, line := range lines {
		a.Lines = append(a.Lines, line.SaleLine)
		if line.disposition == "waste" {
			a.Wasted = append(a.Wasted, n+1)
		}
	}
}

// tender has the lengths of ISO 8583 where its fields carry a data element. Merchant
// and terminal numbers may be longer: wallets and processors give their own.
func tender(f *form, t *ledger.Tender) {
	reference(f, "payment", &t.Payment, required)
	f.channel("channel", &t.Channel)
	choice(f, "entry", &t.Entry, optional,
		ledger.Swipe, ledger.Chip, ledger.Contactless, ledger.Manual, ledger.QRMerchant, ledger.QRCustomer)
	choice(f, "verification", &t.Verification, optional,
		ledger.PIN, ledger.Fingerprint, ledger.Signature, ledger.NoCheck)
	f.amount("amount", &t.Amount, required)
	choice(f, "outcome", &t.Outcome, required, ledger.Approved, ledger.Declined, ledger.Unknown, ledger.Reversed)
	id(f, "mid", &t.MID, optional, 32)
	id(f, "tid", &t.TID, optional, 32)
	id(f, "batch", &t.Batch, optional, 6)
	id(f, "stan", &t.STAN, optional, 6)
	id(f, "rrn", &t.RRN, optional, 12)
	id(f, "auth_code", &t.AuthCode, optional, 6)
	f.card("card", &t.Card)
	choice(f, "card_kind", &t.CardKind, optional, "debit", "credit", "prepaid", "foreign")
	id(f, "order_no", &t.OrderNo, optional, maxReference)
	id(f, "provider_no", &t.ProviderNo, optional, maxReference)
	id(f, "response", &t.Response, optional, maxReference)
}

func batchTotal(f *form, t *ledger.BatchTotal) {
	whole(f, "count", &t.Count, required, 0)
	f.amount("amount", &t.Amount, required)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
