package reconcile

import (
	"cmp"
	"slices"
	"strings"

	"daybook/ledger"
)

// How far a credit may lie from its payout's due day: payoutWindow days late by its sum
// or date alone; taggedEarly days early to taggedLate days late when its remark names the
// day. A bill or a credit can change the payouts of at most payoutReach days around it.
const (
	payoutWindow = 3
	taggedEarly  = 3
	taggedLate   = 6
	payoutReach  = taggedEarly + taggedLate
)

// Payout is what one provider owes into the bank account on one day, in one currency:
// the net of the bills that fall due then, or what was withdrawn.
type Payout struct {
	Provider ledger.ProviderID
	Currency ledger.Currency
	Due      ledger.BusinessDay
	Days     []ledger.BusinessDay // the bills' days, oldest first
	Expected int64                // minor units
	// Withdrawn: the provider's account of the merchant says what it paid out.
	Withdrawn bool
	// Unbilled: payments of one of Days wait for their bill, so that more may be owed.
	Unbilled bool
}

// withdrawal is what a break about money that was withdrawn says of it.
const withdrawal = "提现"

// IsWithdrawal reports whether a break's detail says that its payout was withdrawn from the
// provider's account, rather than due for bills.
func IsWithdrawal(detail string) bool { return detail == withdrawal }

// Receipts is what arrived for a payout.
type Receipts struct {
	Payout
	Credits  []Entry
	Received int64
}

// AssignCredits gives each bank credit of one provider to the payout it pays, and
// returns the credits that fit none. Each credit goes its own way, whatever the others
// do:
//
//  1. to the payout of the day its remark names, as YYYYMMDD or YYYY-MM-DD;
//  2. else to the one payout of its currency whose sum it is, due on its value date or
//     up to three days before;
//  3. else to the payout due on its value date;
//  4. else to the latest payout due in the three days before; in 3 and 4 to none by which
//     the provider owes nothing, as after a day of refunds, if there is another.
func AssignCredits(payouts []Payout, credits []Entry) (receipts []Receipts, unassigned []Entry) {
	payouts = slices.Clone(payouts)
	slices.SortFunc(payouts, comparePayouts)
	receipts = make([]Receipts, len(payouts))
	for n, payout := range payouts {
		receipts[n].Payout = payout
	}
	credits = slices.Clone(credits)
	slices.SortFunc(credits, func(a, b Entry) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Statement, b.Statement), cmp.Compare(a.Row, b.Row))
	})
	for _, credit := range credits {
		n := pays(payouts, credit)
		if n < 0 {
			unassigned = append(unassigned, credit)
			continue
		}
		receipts[n].Credits = append(receipts[n].Credits, credit)
		receipts[n].Received = ledger.AddMinor(receipts[n].Received, credit.Net)
	}
	return receipts, unassigned
}

func comparePayouts(a, b Payout) int {
	return cmp.Or(cmp.Compare(a.Provider, b.Provider), a.Due.Compare(b.Due), cmp.Compare(a.Currency, b.Currency))
}

// pays finds the payout of a credit, or -1. payouts are in order of due date.
func pays(payouts []Payout, credit Entry) int {
	var near []int
	for n, payout := range payouts {
		if payout.Currency != credit.Currency {
			continue
		}
		late := credit.Day.Sub(payout.Due)
		if late >= -taggedEarly && late <= taggedLate && slices.ContainsFunc(payout.Days, func(d ledger.BusinessDay) bool {
			return namesDay(credit.Memo, d)
		}) {
			return n
		}
		if late >= 0 && late <= payoutWindow {
			near = append(near, n)
		}
	}
	var equal []int
	for _, n := range near {
		if payouts[n].Expected == credit.Net {
			equal = append(equal, n)
		}
	}
	if owed := slices.DeleteFunc(slices.Clone(near), func(n int) bool { return payouts[n].Expected <= 0 }); len(owed) > 0 {
		near = owed
	}
	switch {
	case len(equal) == 1:
		return equal[0]
	case len(near) > 0:
		return near[len(near)-1] // due on the value date, or else the latest before it
	}
	return -1
}

// Break compares a payout with what arrived. While no bank statement covers the due
// day, nothing is late yet. account is the provider's account as people know it.
func (r Receipts) Break(channel, account string, covered bool) (Break, bool) {
	if !covered && len(r.Credits) == 0 || r.Received == r.Expected || r.Expected <= 0 && r.Received == 0 || r.Unbilled && r.Received > r.Expected {
		return Break{}, false
	}
	b := r.difference(channel, account)
	switch {
	case len(r.Credits) == 0:
		b.Kind = PayoutNotReceived
	case r.Received < r.Expected:
		b.Kind = PayoutShort
	default:
		b.Kind = UnexpectedLine
	}
	return b.withID(), true
}

// doubt is what the payout is while no bank statement tells of its due day: on its way.
func (r Receipts) doubt(channel, account string) Break {
	b := r.difference(channel, account)
	b.Kind, b.ExpectedBy = PayoutNotReceived, r.Due
	return b.withID()
}

func (r Receipts) difference(channel, account string) Break {
	day := r.Days[len(r.Days)-1]
	b := Break{
		Leg: PayoutLeg, Day: day, BusinessDay: day, Provider: r.Provider, Channel: channel,
		Reference: strings.TrimSpace(account + " " + day.String()),
		Expected:  ledger.Minor(r.Expected, r.Currency), Actual: ledger.Minor(r.Received, r.Currency),
	}
	if r.Withdrawn {
		b.Detail = withdrawal
	}
	for _, credit := range r.Credits {
		b.Lines = append(b.Lines, credit.ID)
	}
	return b
}
