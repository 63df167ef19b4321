package reconcile

import (
	"slices"

	"daybook/ledger"
)

// Account is an account of the book of adjustments, a small double-entry book beside the
// ledger. Those of a provider carry its id: receivable:allinpay.
type Account string

const (
	Sales     Account = "sales"      // the till was wrong: the sale was less, or more
	Fees      Account = "fees"       // the provider's fee is accepted as it was charged
	AtBank    Account = "bank"       // the money came another way
	Suspense  Account = "suspense"   // 挂账: kept aside until it is known what it is
	OverShort Account = "over_short" // a store's surplus or shortage
	WriteOff  Account = "write_off"  // 核销
	Exchanged Account = "exchange"   // 货币兑换: what was taken in one currency and settled in another; its two balances are the rate

	receivable = "receivable:" // of a provider: what it still has to pay
	claims     = "claims:"     // of a provider: what was claimed from it
)

// CorrectionAccounts are those that a correction can be booked to.
var CorrectionAccounts = []Account{Sales, Fees, AtBank, Suspense, OverShort}

// Posting is one line of an entry. A debit is positive, a credit negative.
type Posting struct {
	Account Account      `json:"account"`
	Amount  ledger.Money `json:"amount"`
}

// AdjustmentKind says how a difference is settled.
type AdjustmentKind string

const (
	Accept     AdjustmentKind = "accept"     // both sides are right; nothing is lost, but who owes it may change, and in which currency
	Correction AdjustmentKind = "correction" // one side was wrong: booked to an account
	WrittenOff AdjustmentKind = "write_off"  // 核销: nobody will pay it
	Claim      AdjustmentKind = "claim"      // the provider is asked for it; open until it pays
)

// AdjustmentKinds are all of them.
var AdjustmentKinds = []AdjustmentKind{Accept, Correction, WrittenOff, Claim}

// Adjustment is what a person proposes to do about a break.
type Adjustment struct {
	Kind    AdjustmentKind `json:"kind"`
	Account Account        `json:"account,omitempty"` // of a correction
	Reason  string         `json:"reason"`
}

// Missing is the money that the break says is missing; negative when there is too much.
// It is nothing where the sides agree on the sum, and where no provider has a part in it;
// ok is false where they speak of two currencies.
func (b Break) Missing() (missing ledger.Money, ok bool) {
	if b.Expected.Currency != b.Actual.Currency {
		return ledger.Money{}, false
	}
	missing = b.Expected.Sub(b.Actual)
	if b.Leg == FeeLeg { // a fee is money that goes away
		missing = missing.Neg()
	}
	if b.Provider == "" || b.Leg == FileLeg {
		missing.Minor = 0
	}
	return missing, true
}

// postings are the entry of an adjustment: what is missing leaves the provider's
// receivable, what is too much enters it. They add up to nothing. It refuses an adjustment
// that does not fit the break.
func (b Break) postings(a Adjustment) ([]Posting, error) {
	if !slices.Contains(AdjustmentKinds, a.Kind) {
		return nil, ledger.Problem("%q is no way to settle a difference; there are %s", string(a.Kind), listed(AdjustmentKinds))
	}
	if a.Kind == Correction && !slices.Contains(CorrectionAccounts, a.Account) {
		return nil, ledger.Problem("%q is no account for a correction; there are %s", string(a.Account), listed(CorrectionAccounts))
	}
	if a.Kind != Correction && a.Account != "" {
		return nil, ledger.Problem("only a correction names an account")
	}
	if a.Kind == Accept {
		return append(b.moved(), b.exchanged()...), nil
	}
	missing, ok := b.Missing()
	switch {
	case !ok:
		return nil, ledger.Refuse(ledger.Say("the two sides of %s are in two currencies, which no entry can balance", short(b.ID)),
			ledger.Say("settle it with --how accept: what the till says is then owed no more, and what the bill says is"))
	case missing.Minor == 0:
		return nil, ledger.Refuse(ledger.Say("no provider's money is missing in %s, there is nothing to post", short(b.ID)),
			ledger.Say("settle it with --how accept, and say in the reason what was done"))
	case a.Kind == Claim && missing.Minor < 0:
		return nil, ledger.Refuse(ledger.Say("in %s there is too much money, nothing can be claimed", short(b.ID)),
			ledger.Say("keep it aside with --how correction --account suspense"))
	}
	other := a.Account
	switch a.Kind {
	case WrittenOff:
		other = WriteOff
	case Claim:
		other = claims + Account(b.Provider)
	}
	return []Posting{{other, missing}, {receivable + Account(b.Provider), missing.Neg()}}, nil
}

// moved is the entry by which the one who settled a payment owes it, and not the one whom
// the till names. Nothing is missing: the bill and the bank of the first have the money,
// with its fee, and only the sale stands under the other.
func (b Break) moved() []Posting {
	if b.SettledBy == "" || b.SettledBy == b.Provider || b.Provider == "" || b.Expected != b.Actual {
		return nil
	}
	return []Posting{{receivable + Account(b.SettledBy), b.Expected}, {receivable + Account(b.Provider), b.Expected.Neg()}}
}

// exchanged is the entry by which what was taken in one currency is owed in the one in which
// it was settled. Each currency balances by itself, so no rate is needed: the rate is what
// the two sides come to.
func (b Break) exchanged() []Posting {
	if b.Kind != CurrencyMismatch || b.Provider == "" || b.Expected.Currency == b.Actual.Currency {
		return nil
	}
	owed := receivable + Account(b.Provider)
	return []Posting{{Exchanged, b.Expected}, {owed, b.Expected.Neg()}, {owed, b.Actual}, {Exchanged, b.Actual.Neg()}}
}

func reversed(postings []Posting) []Posting {
	var back []Posting
	for _, p := range postings {
		back = append(back, Posting{p.Account, p.Amount.Neg()})
	}
	return back
}

// short is how much of an id people see.
func short(id string) string { return id[:min(8, len(id))] }

func listed[T ~string](words []T) string {
	text := ""
	for n, word := range words {
		if n > 0 {
			text += ", "
		}
		text += string(word)
	}
	return text
}
