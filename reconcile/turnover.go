package reconcile

import (
	"context"
	"iter"
	"slices"

	"daybook/ledger"
)

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
