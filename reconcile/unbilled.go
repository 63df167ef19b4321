package reconcile

import (
	"context"
	"slices"
	"strings"

	"daybook/ledger"
)

// Money often comes although its bill is missing. The missing bill is then the difference
// (file_missing), and the credit is no second one: it waits for the bill as the payments do.

// unbilled are the currencies in which payments of a day wait for a bill of a provider.
func (m *Matcher) unbilled(ctx context.Context, provider *Provider, day ledger.BusinessDay) ([]ledger.Currency, error) {
	open, err := m.openOn(ctx, day)
	if err != nil || open == nil {
		return nil, err
	}
	var currencies []ledger.Currency
	for n, id := range open.WaitingFor {
		if id == provider.ID {
			currencies = append(currencies, open.Waiting[n].Currency)
		}
	}
	return currencies, nil
}

// touchUnbilled marks the payouts of a day's missing bills, where the bank has money that may
// be theirs, or other days are paid with it: they were judged when nobody knew that payments wait.
func (m *Matcher) touchUnbilled(ctx context.Context, day ledger.BusinessDay, sheets []Sheet) error {
	for n := range sheets {
		provider, known := m.terms.Provider(sheets[n].Provider)
		if !known || sheets[n].Reported {
			continue
		}
		due := provider.Payout.Due(day)
		credits, err := m.credits(ctx, provider, due)
		if err != nil {
			return err
		}
		if len(provider.Payout.Pays(due)) > 1 || slices.ContainsFunc(credits, func(c Entry) bool { return c.Day.Compare(due) >= 0 || namesDay(c.Memo, day) }) {
			m.touchPayouts(provider, due)
		}
	}
	return nil
}

// namesDay reports whether a remark names a day, as YYYYMMDD or YYYY-MM-DD.
func namesDay(memo string, day ledger.BusinessDay) bool {
	return strings.Contains(memo, day.Compact()) || strings.Contains(memo, day.String())
}
