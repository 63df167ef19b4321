package reconcile

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"

	"daybook/ledger"
)

// Cash is leg 4: what the stores' drawers were counted to hold, less the change that stays
// in them, is brought to the bank. It has no provider; breaks and postings name this one.
const (
	CashProvider ledger.ProviderID = "cash"
	CashChannel                    = "cash"
)

// DepositTerms say how a store brings its cash to the bank.
type DepositTerms struct {
	Reference string      // stands in the remark or counterparty of the bank line
	Bank      string      // whose statement; empty for any
	Account   string      // of that bank; empty for any
	Drops     []string    // reasons of cash paid out that mean the safe, from where it goes to the bank too
	Payout    PayoutTerms // when it is due there
}

// receives reports whether a statement is of the account that the store pays into.
func (d *DepositTerms) receives(l StatementListed) bool {
	return l.Kind == BankStatement && (d.Bank == "" || d.Bank == l.Sender) && (d.Account == "" || d.Account == l.Account)
}

// Takings is the cash of a store in one currency, in minor units:
//
//	ToDeposit = Sold + In - Out + OverShort
//
// ToDeposit is what was counted, less the float with which the drawer was opened, and what
// was dropped into the safe before. OverShort is what follows: positive for a surplus.
type Takings struct {
	Sold      int64 `json:"sold"` // cash sales less cash paid back
	In        int64 `json:"in"`   // other than by sales
	Out       int64 `json:"out"`  // other than by refunds, and not into the safe
	ToDeposit int64 `json:"to_deposit"`
	OverShort int64 `json:"over_short"`
}

func (t Takings) plus(other Takings) Takings {
	return Takings{ledger.AddMinor(t.Sold, other.Sold), ledger.AddMinor(t.In, other.In), ledger.AddMinor(t.Out, other.Out),
		ledger.AddMinor(t.ToDeposit, other.ToDeposit), ledger.AddMinor(t.OverShort, other.OverShort)}
}

// takings sums the actions of one store and day, in any order, by currency. A drawer that
// was not counted has nothing to deposit yet, and is neither over nor short: its sales are
// left out as long as no drawer of the store was counted.
func takings(actions []ledger.Action, drops []string) map[ledger.Currency]Takings {
	actions = slices.Clone(actions)
	slices.SortStableFunc(actions, func(a, b ledger.Action) int {
		x, y := a.Head(), b.Head()
		return cmp.Or(x.At.Compare(y.At), cmp.Compare(x.Terminal, y.Terminal), cmp.Compare(x.Seq, y.Seq), cmp.Compare(x.Doc, y.Doc))
	})
	sums := map[ledger.Currency]Takings{}
	counted := map[ledger.Currency]bool{}
	add := func(m ledger.Money, to func(*Takings) *int64, sign int64) {
		sum := sums[m.Currency]
		field := to(&sum)
		*field = ledger.AddMinor(*field, sign*m.Minor)
		sums[m.Currency] = sum
	}
	sold := func(tenders []ledger.Tender, sign int64) {
		for _, tender := range tenders {
			if tender.Channel == CashChannel && tender.Outcome == ledger.Approved {
				add(tender.Amount, func(t *Takings) *int64 { return &t.Sold }, sign)
			}
		}
	}
	toDeposit := func(t *Takings) *int64 { return &t.ToDeposit }
	float := map[string]ledger.Money{}
	for _, action := range actions {
		if !action.Head().Mode.Counts() {
			continue
		}
		switch action := action.(type) {
		case ledger.SaleRecorded:
			sold(action.Tenders, 1)
		case ledger.RefundRecorded:
			sold(action.Tenders, -1)
		case ledger.PaymentVoided:
			sold([]ledger.Tender{action.Tender}, -1)
		case ledger.CashPaidIn:
			add(action.Amount, func(t *Takings) *int64 { return &t.In }, 1)
		case ledger.CashPaidOut:
			if slices.Contains(drops, action.Reason) {
				add(action.Amount, toDeposit, 1)
			} else {
				add(action.Amount, func(t *Takings) *int64 { return &t.Out }, 1)
			}
		case ledger.DrawerOpened:
			float[action.Drawer] = action.Float
		case ledger.DrawerCounted:
			counted[action.Counted.Currency] = true
			add(action.Counted, toDeposit, 1)
			if left := float[action.Drawer]; left.Currency == action.Counted.Currency {
				add(left, toDeposit, -1)
			}
			delete(float, action.Drawer)
		}
	}
	for currency, t := range sums {
		if !counted[currency] {
			delete(sums, currency)
			continue
		}
		t.OverShort = t.ToDeposit - (t.Sold + t.In - t.Out)
		sums[currency] = t
	}
	return sums
}

type depositKey struct {
	store ledger.StoreID
	due   ledger.BusinessDay
}

// touchDeposits marks the deposits of a store whose share of the credits may change with
// cash due, or a credit received, on a day.
func (m *Matcher) touchDeposits(store ledger.StoreID, day ledger.BusinessDay) {
	for d := range around(day, payoutReach) {
		m.deposits[depositKey{store, d}] = true
	}
}

// takingsOf reads the cash of one store and day.
func (m *Matcher) takingsOf(ctx context.Context, store ledger.StoreID, day ledger.BusinessDay) (map[ledger.Currency]Takings, error) {
	stream := ledger.StoredayStream(store, day)
	if sums, known := m.takings[stream]; known {
		return sums, nil
	}
	var actions []ledger.Action
	filter := ledger.Filter{Types: []string{"sale-recorded.", "refund-recorded.", "payment-voided.", "cash-paid-", "drawer-opened.", "drawer-counted."}}
	for recorded, err := range m.journal.Read(ctx, ledger.Query{Stream: stream, Filter: filter}) {
		if err != nil {
			return nil, err
		}
		payload, err := m.codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		if action, is := payload.(ledger.Action); is {
			actions = append(actions, action)
		}
	}
	sums := takings(actions, m.terms.Deposits[store].Drops)
	m.takings[stream] = sums
	return sums, nil
}

// reckonDeposit compares the cash that a store has to have brought to the bank by a day with
// what the bank shows. Credits go to deposits as they go to payouts.
func (m *Matcher) reckonDeposit(ctx context.Context, key depositKey) error {
	terms, agreed := m.terms.Deposits[key.store]
	if !agreed {
		return nil
	}
	var payouts []Payout
	currencies := map[ledger.Currency]bool{}
	sums := map[ledger.Currency]Takings{} // of what is due on the day itself
	for due := range around(key.due, payoutReach) {
		owed := map[ledger.Currency]*Payout{}
		for _, day := range terms.Payout.Pays(due) {
			takings, err := m.takingsOf(ctx, key.store, day)
			if err != nil {
				return err
			}
			for _, currency := range sortedKeys(takings) {
				if owed[currency] == nil {
					owed[currency] = &Payout{Provider: CashProvider, Currency: currency, Due: due}
				}
				p := owed[currency]
				p.Days, p.Expected = append(p.Days, day), ledger.AddMinor(p.Expected, takings[currency].ToDeposit)
				if due == key.due {
					currencies[currency], sums[currency] = true, sums[currency].plus(takings[currency])
				}
			}
		}
		for _, currency := range sortedKeys(owed) {
			payouts = append(payouts, *owed[currency])
		}
	}
	credits, covered, err := m.depositsCredited(ctx, &terms, key.due)
	if err != nil {
		return err
	}
	receipts, unassigned := AssignCredits(payouts, credits)
	currencies[m.terms.Currency] = true
	for _, credit := range credits {
		currencies[credit.Currency] = true
	}
	for _, currency := range slices.Sorted(maps.Keys(currencies)) {
		stream := ledger.Stream("deposit", string(key.store), string(currency), key.due.String())
		breaks, tail := judgeDeposit(key, currency, sums[currency], receipts, unassigned, covered)
		if len(tail) == 0 {
			last, err := lastOf(ctx, m.journal, m.codec, stream, "deposit-reckoned")
			if err != nil {
				return err
			}
			if was, is := last.(DepositReckoned); is { // what was counted has moved to another day
				tail = []any{DepositReckoned{Store: was.Store, Currency: was.Currency, Due: was.Due, Days: []ledger.BusinessDay{}, State: PayoutNone}}
			}
		}
		if err := m.say(ctx, stream, key.due, finding{breaks: breaks, tail: tail}); err != nil {
			return err
		}
	}
	return nil
}

// depositsCredited are the bank lines with a store's reference near a day, and whether a
// statement of its account covers the day itself.
func (m *Matcher) depositsCredited(ctx context.Context, terms *DepositTerms, due ledger.BusinessDay) (credits []Entry, covered bool, err error) {
	for day := due.AddDays(-taggedEarly); day.Compare(due.AddDays(taggedLate)) <= 0; day = day.AddDays(1) {
		listed, err := m.listed(ctx, day)
		if err != nil {
			return nil, false, err
		}
		for _, l := range listed {
			if !terms.receives(l) {
				continue
			}
			covered = covered || day == due
			lines, err := m.statementLines(ctx, l.Statement)
			if err != nil {
				return nil, false, err
			}
			for _, line := range lines {
				if line.Day == day && line.Net > 0 && (strings.Contains(line.Memo, terms.Reference) || strings.Contains(line.Counterparty, terms.Reference)) {
					credits = append(credits, entry(l, line))
				}
			}
		}
	}
	return credits, covered, nil
}

// judgeDeposit says how the deposit of one store, day and currency stands.
func judgeDeposit(key depositKey, currency ledger.Currency, sum Takings, receipts []Receipts, unassigned []Entry, covered bool) (breaks []Break, tail []any) {
	inStore := func(b Break) Break {
		b.Store, b.Channel, b.Provider = key.store, CashChannel, CashProvider
		return b.withID()
	}
	for _, receipt := range receipts {
		if receipt.Due != key.due || receipt.Currency != currency {
			continue
		}
		reckoned := DepositReckoned{Store: key.store, Currency: currency, Due: key.due, Days: receipt.Days, Takings: sum, Received: receipt.Received, State: PayoutReceived}
		for _, credit := range receipt.Credits {
			reckoned.Credits = append(reckoned.Credits, credit.ID)
		}
		b, broken := receipt.Break(CashChannel, string(key.store), covered)
		switch {
		case broken && b.Kind == PayoutNotReceived:
			reckoned.State = PayoutAbsent
		case broken:
			reckoned.State = PayoutDiffers
		case len(receipt.Credits) == 0 && receipt.Expected > 0:
			reckoned.State = PayoutPending
			breaks = append(breaks, inStore(receipt.doubt(CashChannel, string(key.store))))
		}
		if broken {
			breaks = append(breaks, inStore(b))
		}
		tail = append(tail, reckoned)
	}
	for _, credit := range unassigned {
		if credit.Day == key.due && credit.Currency == currency {
			b := newBreak(UnexpectedLine, "", credit.Day, nil, []Entry{credit}, credit.Counterparty)
			b.Leg, b.Actual = PayoutLeg, ledger.Minor(credit.Net, credit.Currency)
			breaks = append(breaks, inStore(b))
		}
	}
	return breaks, tail
}

// depositsOf finds when the cash of the day is brought to the bank, and reads what is said
// of it.
func (m *Matcher) depositsOf(ctx context.Context, f *DayFacts) (streams []ledger.StreamID, err error) {
	for _, store := range sortedKeys(m.terms.Deposits) {
		takings, err := m.takingsOf(ctx, store, f.Day)
		if err != nil {
			return nil, err
		}
		terms := m.terms.Deposits[store]
		for _, currency := range sortedKeys(takings) {
			stream := ledger.Stream("deposit", string(store), string(currency), terms.Payout.Due(f.Day).String())
			streams = append(streams, stream)
			reckoned, err := lastOf(ctx, m.journal, m.codec, stream, "deposit-reckoned")
			if err != nil {
				return nil, err
			}
			if reckoned, is := reckoned.(DepositReckoned); is {
				f.Deposits = append(f.Deposits, reckoned)
			}
		}
	}
	return streams, nil
}
