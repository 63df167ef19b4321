package reconcile

import (
	"slices"
	"strings"
	"time"

	"daybook/ledger"
)

// Terms is everything agreed with the outside: who settles what, when and for how
// much. It is configuration, read once and never changed while the program runs.
type Terms struct {
	Currency  ledger.Currency // what the retailer counts in where a file names nothing
	Stores    map[ledger.StoreID]ledger.Clock
	Home      ledger.Clock // the clock of a store that is not listed
	Providers []Provider
	Banks     []Bank
	Deposits  map[ledger.StoreID]DepositTerms // of the stores that bring cash to a bank
	Rules     []Rule                          // in the order in which they are tried; nil for DefaultRules
}

// Provider settles payments: an acquirer or a wallet.
type Provider struct {
	ID       ledger.ProviderID
	Name     string
	Channel  string   // the tenders it settles
	Formats  []string // its bills
	Accounts []string // merchant ids on its bills; empty for any
	Currency ledger.Currency
	Clock    ledger.Clock // when its settlement day changes
	// CutMargin is how long before the cut a sale may still fall into the next bill.
	CutMargin time.Duration
	Bills     BillTerms
	Payout    PayoutTerms
	Fees      []FeeRule
	// RefundKeepsFee: the fee of a refunded sale is not given back.
	RefundKeepsFee bool
	// FeeTolerance is the largest deviation of a line's fee that is let pass, in minor units.
	FeeTolerance int64
	// ReportControls: a bill whose own totals do not tie is imported, and the difference
	// reported as a break. Otherwise it is refused.
	ReportControls bool
}

// BillTerms say when a day's bill is here.
type BillTerms struct {
	Days     int      // T+n
	Calendar Calendar // which days count
}

// Due is the day on which day d's bill is here.
func (b BillTerms) Due(d ledger.BusinessDay) ledger.BusinessDay { return b.Calendar.after(d, b.Days) }

// PayoutTerms say when a day's bill is paid into the bank account.
type PayoutTerms struct {
	Days     int      // T+n
	Calendar Calendar // which days count
	Bank     Calendar // on which days the bank books
	Payers   []string // the bank line's counterparty contains one of these
}

// Calendar says on which days money moves. The zero Calendar knows no day off.
type Calendar struct {
	WorkingDaysOnly bool
	Holidays        map[ledger.BusinessDay]bool // days off besides weekends
	Workdays        map[ledger.BusinessDay]bool // weekend days worked to make up, 调休
}

// Open reports whether day d counts.
func (c Calendar) Open(d ledger.BusinessDay) bool {
	if !c.WorkingDaysOnly || c.Workdays[d] {
		return true
	}
	return !c.Holidays[d] && d.Weekday() != time.Saturday && d.Weekday() != time.Sunday
}

// after is the day so many open days after d.
func (c Calendar) after(d ledger.BusinessDay, n int) ledger.BusinessDay {
	for n > 0 {
		d = d.AddDays(1)
		if c.Open(d) {
			n--
		}
	}
	return d
}

// Due is the day on which day d's bill is paid: n open days later or, when the bank does
// not book then, on the next day on which it does.
func (p PayoutTerms) Due(d ledger.BusinessDay) ledger.BusinessDay {
	d = p.Calendar.after(d, p.Days)
	for !p.Bank.Open(d) {
		d = d.AddDays(1)
	}
	return d
}

// Pays lists the days whose bills are paid on day due, oldest first.
func (p PayoutTerms) Pays(due ledger.BusinessDay) []ledger.BusinessDay {
	var days []ledger.BusinessDay
	for d := due; ; d = d.AddDays(-1) { // a later bill is never paid before an earlier one
		switch order := p.Due(d).Compare(due); {
		case order < 0:
			slices.Reverse(days)
			return days
		case order == 0:
			days = append(days, d)
		}
	}
}

// FeeRule is one line of a contract. The first rule that fits a settlement line applies.
type FeeRule struct {
	CardKind string             // debit, credit, …; empty for any
	Scheme   string             // one of ledger.Schemes; empty for any
	MID      ledger.MID         // merchant id; empty for any
	AtLeast  int64              // for payments of at least so many minor units: the rung of a ladder of tiers
	Rate     ledger.Rate        // of what is settled: gross less the merchant's own discount
	Rounding ledger.Rounding    // of the rate's share
	Flat     int64              // minor units per payment, added to the rate's share
	Min, Cap int64              // minor units per payment; Cap 0 for none
	From     ledger.BusinessDay // in force, inclusive; zero for always
	Until    ledger.BusinessDay
	Volume   Volume
	Tiers    []Tier // by turnover, lowest first; Rate is for what is below the first
}

// Volume says how tiers by turnover are meant.
type Volume string

const (
	NoVolume Volume = ""         // there are none
	Marginal Volume = "marginal" // each part of the month's turnover at the rate of the tier it lies in
	Whole    Volume = "whole"    // the month's whole turnover at the rate of the tier that it reaches
)

// Tier is a rate from a turnover on.
type Tier struct {
	From int64 // minor units of the provider's currency
	Rate ledger.Rate
}

// Merchant is whose turnover counts together: a merchant id at a provider, in a currency.
type Merchant struct {
	Provider ledger.ProviderID
	MID      ledger.MID
	Currency ledger.Currency
}

// Turnover is what a provider has settled for a merchant in a calendar month of its
// settlement days: sales less refunds, less the merchant's own discounts, of every row that
// is a payment, in the order of settlement day, time, the provider's number and place in
// the file. It is a function of the bills that are here, whatever the order in which they
// came.
type Turnover struct {
	Before int64 // what comes before the payment
	Month  int64 // all of the month
}

// Bank holds the account that payouts arrive on.
type Bank struct {
	ID       string
	Name     string
	Formats  []string
	Currency ledger.Currency
	// ReportControls: a statement whose own balances do not tie is imported, and the difference
	// reported.
	ReportControls bool
}

// Fee is the fee the contract gives for a line, and whether the contract says anything.
//
//	fee = clamp(round(settled amount × rate) + flat, min, cap)
//
// A refund or void gives the same fee back, or nothing under RefundKeepsFee. With tiers by
// turnover the rate depends on the merchant's month: a refund goes down the tiers that the
// sales went up.
func (p *Provider) Fee(line *Line, turnover Turnover) (fee int64, agreed bool) {
	settled := ledger.Minor(line.settled(), line.Currency)
	for n := range p.Fees {
		rule := &p.Fees[n]
		if rule.CardKind != "" && rule.CardKind != line.CardKind || rule.MID != "" && rule.MID != line.MID ||
			rule.Scheme != "" && rule.Scheme != line.CardScheme() || !rule.covers(line.Day) || line.Currency == p.Currency && settled.Abs().Minor < rule.AtLeast {
			continue
		}
		if line.Currency != p.Currency && rule.counts() {
			return 0, false // its amounts are of another currency
		}
		if settled.Minor < 0 && p.RefundKeepsFee {
			return 0, true
		}
		fee := max(rule.share(settled, turnover).Minor+rule.Flat, rule.Min)
		if rule.Cap > 0 {
			fee = min(fee, rule.Cap)
		}
		if settled.Minor < 0 {
			fee = -fee
		}
		return fee, true
	}
	return 0, false
}

// counts reports whether a rule has amounts of money, which are of the provider's currency:
// 2,000 fen are no cap for a payment in yen. Rates hold in every currency.
func (r *FeeRule) counts() bool {
	return r.AtLeast != 0 || r.Flat != 0 || r.Min != 0 || r.Cap != 0 || len(r.Tiers) > 0
}

// share is what the rate takes of an amount, unsigned.
func (r *FeeRule) share(settled ledger.Money, turnover Turnover) ledger.Money {
	switch r.Volume {
	case Marginal:
		after := ledger.AddMinor(turnover.Before, settled.Minor)
		return ledger.Shares(settled.Currency, r.Rounding, r.parts(min(turnover.Before, after), max(turnover.Before, after))...)
	case Whole:
		return r.rateAt(turnover.Month).Rounded(settled.Abs(), r.Rounding)
	}
	return r.Rate.Rounded(settled.Abs(), r.Rounding)
}

// rateAt is the rate of the tier that a turnover reaches.
func (r *FeeRule) rateAt(turnover int64) ledger.Rate {
	rate := r.Rate
	for _, tier := range r.Tiers {
		if turnover >= tier.From {
			rate = tier.Rate
		}
	}
	return rate
}

// parts cuts a stretch of turnover where tiers begin.
func (r *FeeRule) parts(from, to int64) (parts []ledger.Part) {
	for _, tier := range r.Tiers {
		if from < tier.From && tier.From < to {
			parts = append(parts, ledger.Part{Minor: tier.From - from, Rate: r.rateAt(from)})
			from = tier.From
		}
	}
	return append(parts, ledger.Part{Minor: to - from, Rate: r.rateAt(from)})
}

// hasTiers reports whether the contract has tiers by turnover: of one meaning, or of any.
func (p *Provider) hasTiers(of ...Volume) bool {
	return slices.ContainsFunc(p.Fees, func(r FeeRule) bool {
		return r.Volume != NoVolume && (len(of) == 0 || slices.Contains(of, r.Volume))
	})
}

// InForce are the fees of the contract on a day, in the order in which they are tried.
func (p *Provider) InForce(day ledger.BusinessDay) []FeeRule {
	var rules []FeeRule
	for _, rule := range p.Fees {
		if rule.covers(day) {
			rules = append(rules, rule)
		}
	}
	return rules
}

func (r *FeeRule) covers(day ledger.BusinessDay) bool {
	return (r.From.IsZero() || day.Compare(r.From) >= 0) && (r.Until.IsZero() || day.Compare(r.Until) <= 0)
}

// ProviderOf is the provider that settles a tender, by channel and merchant id. When
// several serve the channel, the one that lists the merchant id wins.
func (t *Terms) ProviderOf(channel string, mid ledger.MID) (*Provider, bool) {
	var found *Provider
	for i := range t.Providers {
		p := &t.Providers[i]
		if p.Channel != channel {
			continue
		}
		if slices.Contains(p.Accounts, string(mid)) {
			return p, true
		}
		if found == nil {
			found = p
		}
	}
	return found, found != nil
}

// Provider finds a provider by id.
func (t *Terms) Provider(id ledger.ProviderID) (*Provider, bool) {
	for i := range t.Providers {
		if t.Providers[i].ID == id {
			return &t.Providers[i], true
		}
	}
	return nil, false
}

// Sender is the provider, or else the bank, that a statement came from. A statement that
// names no account (an empty one, or one of several accounts) is the only provider's that
// sends its format.
func (t *Terms) Sender(s *Statement) (provider *Provider, bank *Bank) {
	senders := 0
	for i := range t.Providers {
		p := &t.Providers[i]
		if !slices.Contains(p.Formats, s.Format) {
			continue
		}
		if len(p.Accounts) == 0 || slices.Contains(p.Accounts, s.Account) {
			return p, nil
		}
		senders++
		provider = p
	}
	if s.Account == "" && senders == 1 {
		return provider, nil
	}
	for i := range t.Banks {
		if slices.Contains(t.Banks[i].Formats, s.Format) {
			return nil, &t.Banks[i]
		}
	}
	return nil, nil
}

// PayerOf is the provider that a bank line's money comes from. When several providers
// pay from the same counterparty, the one whose account stands in the remark wins.
func (t *Terms) PayerOf(line Line) (*Provider, bool) {
	var found *Provider
	for i := range t.Providers {
		p := &t.Providers[i]
		if !slices.ContainsFunc(p.Payout.Payers, func(name string) bool { return strings.Contains(line.Counterparty, name) }) {
			continue
		}
		if slices.ContainsFunc(p.Accounts, func(account string) bool { return strings.Contains(line.Memo, account) }) {
			return p, true
		}
		if found == nil {
			found = p
		}
	}
	return found, found != nil
}

// Clock of a store.
func (t *Terms) Clock(store ledger.StoreID) ledger.Clock {
	if clock, listed := t.Stores[store]; listed {
		return clock
	}
	return t.Home
}
