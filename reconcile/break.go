package reconcile

import (
	"cmp"
	"crypto/sha256"
	"encoding/hex"
	"slices"
	"strconv"
	"strings"

	"daybook/ledger"
)

// BreakKind names a difference.
type BreakKind string

const (
	MissingInSettlement   BreakKind = "missing_in_settlement"   // 短款: sold, not settled
	MissingInLedger       BreakKind = "missing_in_ledger"       // 长款: settled, not sold
	AmountMismatch        BreakKind = "amount_mismatch"         // same references, another amount
	FeeDeviation          BreakKind = "fee_deviation"           // fee is not what the contract gives
	DuplicateInSettlement BreakKind = "duplicate_in_settlement" // settled twice
	DuplicateInLedger     BreakKind = "duplicate_in_ledger"     // recorded twice
	TimeoutButSettled     BreakKind = "timeout_but_settled"     // no answer at the till, money came
	ReversedButSettled    BreakKind = "reversed_but_settled"    // reversed or voided, money came all the same
	TimingNextDay         BreakKind = "timing_next_day"         // 日切/在途: just before the cut, expected in the next bill
	CurrencyMismatch      BreakKind = "currency_mismatch"
	TerminalMismatch      BreakKind = "terminal_mismatch" // settled under another terminal or merchant id
	MethodMismatch        BreakKind = "method_mismatch"   // settled by another provider than the till says
	UnexpectedLine        BreakKind = "unexpected_line"   // a row that is no payment, or more money than the bills explain
	PayoutShort           BreakKind = "payout_short"
	PayoutNotReceived     BreakKind = "payout_not_received"
	BatchTotalMismatch    BreakKind = "batch_total_mismatch"
	ControlTotalMismatch  BreakKind = "control_total_mismatch"
	FileMissing           BreakKind = "file_missing"
	SequenceGap           BreakKind = "sequence_gap"
	Ambiguous             BreakKind = "ambiguous"
	Chargeback            BreakKind = "chargeback"
)

// Leg says between which two records a difference lies.
type Leg string

const (
	PaymentLeg  Leg = "payment"  // ledger payment ↔ settlement line
	FeeLeg      Leg = "fee"      // settlement line ↔ contract
	PayoutLeg   Leg = "payout"   // settlement lines, or what was withdrawn ↔ bank credit
	AccountLeg  Leg = "account"  // trade bill ↔ what the provider says of it in its account or summary
	BatchLeg    Leg = "batch"    // terminal batch totals ↔ ledger
	SequenceLeg Leg = "sequence" // terminal numbering ↔ ledger
	FileLeg     Leg = "file"     // a file ↔ itself, or ↔ the calendar
)

// TillChannel is the channel of breaks that no provider has a part in.
const TillChannel = "till"

// Break is a difference nobody has explained yet. Expected and Actual are in the
// merchant's view: what our side says, what theirs says. Only their currencies differ
// in a currency mismatch.
type Break struct {
	ID          string             `json:"id"` // derived from everything below that identifies it
	Kind        BreakKind          `json:"kind"`
	Leg         Leg                `json:"leg"`
	Day         ledger.BusinessDay `json:"day"`           // the settlement day it was found on
	BusinessDay ledger.BusinessDay `json:"business_date"` // the store's day of the payment; else Day
	Provider    ledger.ProviderID  `json:"provider,omitempty"`
	Channel     string             `json:"channel"`
	Store       ledger.StoreID     `json:"store,omitempty"`
	Terminal    ledger.TerminalID  `json:"terminal,omitempty"`
	Reference   string             `json:"reference"` // what a person would search for
	Expected    ledger.Money       `json:"expected"`
	Actual      ledger.Money       `json:"actual"`
	Items       []string           `json:"items,omitempty"`    // ids of ledger items
	Lines       []string           `json:"lines,omitempty"`    // ids of statement lines, statement:row
	Rule        string             `json:"rule,omitempty"`     // that brought both sides together
	Detail      string             `json:"detail,omitempty"`   // a fact worth showing: the other terminal, the row's own word
	Position    ledger.Position    `json:"position,omitempty"` // of the event behind it, when there is one

	// SettledBy is the provider that settled a payment of which the till names Provider. It is
	// no part of the id.
	SettledBy ledger.ProviderID `json:"settled_by,omitempty"`

	// ExpectedBy: what is missing is on its way until that day (存疑). Before the journal has
	// facts of it the difference is in doubt, and no break yet. It is no part of the id.
	ExpectedBy ledger.BusinessDay `json:"expected_by,omitzero"`
}

// InDoubt reports whether what is missing may still come, as of a day.
func (b Break) InDoubt(asOf ledger.BusinessDay) bool { return b.ExpectedBy.Compare(asOf) > 0 }

// Amount is the money in question, unsigned: the difference between the two sides.
// Where both sides agree on the sum and differ in something else, it is that sum; where
// they speak of two currencies, it is what our side says, if it says anything.
func (b Break) Amount() ledger.Money {
	switch {
	case b.Expected.Currency != b.Actual.Currency && b.Expected.Minor == 0:
		return b.Actual.Abs()
	case b.Expected.Currency != b.Actual.Currency, b.Expected.Minor == b.Actual.Minor:
		return b.Expected.Abs()
	}
	return b.Actual.Sub(b.Expected).Abs()
}

// withID derives the id: the same difference found again has the same id, whatever the
// order in which files came.
func (b Break) withID() Break {
	slices.Sort(b.Items)
	slices.Sort(b.Lines)
	b.ID = digest(string(b.Kind), string(b.Leg), b.Day.String(), string(b.Provider), b.Channel, b.Reference,
		b.Expected.String(), b.Actual.String(), strings.Join(b.Items, " "), strings.Join(b.Lines, " "), b.Detail)
	return b
}

// Match joins items and lines that tell of the same money. The sums are equal, unless the
// rule has a tolerance or compares another amount than gross, or a person joined them.
type Match struct {
	ID         string             `json:"id"`
	Rule       string             `json:"rule"` // M1 … M8, or another of the configuration's; or manual
	Day        ledger.BusinessDay `json:"day"`
	Items      []string           `json:"items"`
	Lines      []string           `json:"lines"`
	Gross      ledger.Money       `json:"gross"`                // of the lines
	Difference int64              `json:"difference,omitempty"` // Gross less the items' amounts, in minor units
	Basis      Basis              `json:"basis,omitempty"`      // which amounts were compared; gross unless it says otherwise
	Score      int                `json:"score,omitempty"`      // how sure the rule is, 0 to 100
	By         string             `json:"by,omitempty"`         // who decided it, of a manual match
}

func (m Match) withID() Match {
	slices.Sort(m.Items)
	slices.Sort(m.Lines)
	m.ID = digest(m.Rule, strings.Join(m.Items, " "), strings.Join(m.Lines, " "))
	return m
}

// digest is a short name for a set of facts: 80 bits of SHA-256, enough to tell
// a hundred billion apart.
func digest(parts ...string) string {
	var room [512]byte
	b := room[:0]
	for _, part := range parts {
		b = strconv.AppendInt(b, int64(len(part)), 10)
		b = append(b, ':')
		b = append(b, part...)
	}
	sum := sha256.Sum256(b)
	return hex.EncodeToString(sum[:10])
}

func compareBreaks(a, b Break) int {
	return cmp.Or(cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Reference, b.Reference), cmp.Compare(a.ID, b.ID))
}
