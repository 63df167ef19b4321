package reconcile

import (
	"context"
	"maps"
	"slices"

	"daybook/ledger"
)

type payoutKey struct {
	provider ledger.ProviderID
	due      ledger.BusinessDay
}

// touchPayouts marks the payouts whose share of the credits may change with a bill due,
// or a credit received, on a day.
func (m *Matcher) touchPayouts(provider *Provider, day ledger.BusinessDay) {
	for d := range around(day, payoutReach) {
		m.payouts[payoutKey{provider.ID, d}] = true
	}
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
		if receipt.Due != due || receipt.Currency != currency || receipt.Unbilled && receipt.Expected == 0 && len(receipt.Credits) == 0 {
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
		case receipt.Unbilled:
			reckoned.State = PayoutUnbilled
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
		if len(accounts) > 0 || slices.ContainsFunc(listed, func(l StatementListed) bool {
			return l.Kind == TradeBill && l.Sender == string(provider.ID) && l.covers(day)
		}) {
			continue
		}
		waiting, err := m.unbilled(ctx, provider, day)
		if err != nil {
			return nil, err
		}
		for _, currency := range waiting {
			p := payout(currency)
			if p.Unbilled = true; !slices.Contains(p.Days, day) {
				p.Days = append(p.Days, day)
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
