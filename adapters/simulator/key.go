package simulator

import "daybook/ledger"

// Key is the answer key of a day: what a faultless reconciliation finds. Amounts are
// signed minor units in the merchant's view.
type Key struct {
	BusinessDate ledger.BusinessDay `json:"business_date"`
	// Actions is how many actions the tills sent, training included.
	Actions int `json:"actions"`
	// Items counts the live card and wallet payments, refunds and voids that the tills
	// reported, whatever their outcome.
	Items int `json:"items"`
	// Matched counts the items that should be settled and rightly are. A payment with a
	// wrong fee is among them, and one whose line came twice; a void and its sale when
	// both were settled; one settled in two parts once. A payment with any other break
	// is not.
	Matched int `json:"matched"`
	// Lines counts the lines of all bills.
	Lines  int        `json:"lines"`
	Totals []KeyTotal `json:"totals"`
	Breaks []KeyBreak `json:"breaks"`
	// Shrinkage is what the day's counts find missing.
	Shrinkage []KeyShrinkage `json:"shrinkage,omitempty"`
	// Correction is nil where the bill has no wrong fee.
	Correction *Correction `json:"correction,omitempty"`
	// Late is nil where every bill is here.
	Late *Late `json:"late,omitempty"`
}

// Late is a bill that comes days late, see LateDir. Until then Totals has nothing of it, and a
// file_missing names what waits for it.
type Late struct {
	File  string   `json:"file"`
	Total KeyTotal `json:"total"`
}

// corrected is a line with a wrong fee, and the right one.
type corrected struct {
	line *line
	of   string // the payment it belongs to
	fee  int64
}

// Correction is the bill that replaces the acquirer's first, in which one fee is wrong.
type Correction struct {
	File     string `json:"file"`
	Of       string `json:"reference"` // the payment whose fee was wrong
	FeeMinor int64  `json:"fee_minor"` // what is added to the fee
}

// KeyTotal is what the lines of one provider's bill add up to. Net is Gross − Discount
// − Fee; a fee is positive where it is taken and negative where it is given back.
type KeyTotal struct {
	Provider      string          `json:"provider"`
	Channel       string          `json:"channel"`
	Lines         int             `json:"lines"`
	Matched       int             `json:"matched"`
	GrossMinor    int64           `json:"gross_minor"`
	DiscountMinor int64           `json:"discount_minor"`
	FeeMinor      int64           `json:"fee_minor"`
	NetMinor      int64           `json:"net_minor"`
	Currency      ledger.Currency `json:"currency"`
}

// KeyBreak is one planted mistake.
type KeyBreak struct {
	Kind string `json:"kind"`
	// Channel is card, alipay or wechat, and till for what a till alone got wrong.
	Channel string `json:"channel"`
	// Reference is the payment's own where a till reported one, otherwise the line's
	// RRN (card), merchant order number (wallet) or provider's number. A batch is
	// "<terminal> <batch>", a gap "<terminal> <from>-<to>" or "<terminal> <n>", a payout
	// "<account> <day>", a bill that is missing "<provider> <day>". A control total is the
	// file, and its row where the file contradicts itself.
	Reference     string          `json:"reference"`
	ExpectedMinor int64           `json:"expected_minor"`
	ActualMinor   int64           `json:"actual_minor"`
	Currency      ledger.Currency `json:"currency"`
	// ActualCurrency is empty but where it is not Currency.
	ActualCurrency ledger.Currency `json:"actual_currency,omitempty"`
}

// The kinds of mistakes that are planted.
const (
	MissingInSettlement   = "missing_in_settlement"
	MissingInLedger       = "missing_in_ledger"
	AmountMismatch        = "amount_mismatch"
	FeeDeviation          = "fee_deviation"
	DuplicateInSettlement = "duplicate_in_settlement"
	DuplicateInLedger     = "duplicate_in_ledger"
	TimeoutButSettled     = "timeout_but_settled"
	ReversedButSettled    = "reversed_but_settled"
	TimingNextDay         = "timing_next_day"
	CurrencyMismatch      = "currency_mismatch"
	TerminalMismatch      = "terminal_mismatch"
	MethodMismatch        = "method_mismatch"
	UnexpectedLine        = "unexpected_line"
	Ambiguous             = "ambiguous"
	BatchTotalMismatch    = "batch_total_mismatch"
	SequenceGap           = "sequence_gap"
	PayoutShort           = "payout_short"
	PayoutNotReceived     = "payout_not_received"
	ControlTotalMismatch  = "control_total_mismatch"
	FileMissing           = "file_missing"
	Chargeback            = "chargeback"
)

// Kinds lists every kind of mistake that is planted in a world.
func Kinds(w World) []string {
	kinds := []string{
		MissingInSettlement, MissingInLedger, AmountMismatch, FeeDeviation,
		DuplicateInSettlement, DuplicateInLedger, TimeoutButSettled, ReversedButSettled,
		TimingNextDay, CurrencyMismatch, TerminalMismatch, MethodMismatch, UnexpectedLine, Ambiguous,
		BatchTotalMismatch, SequenceGap, PayoutShort, PayoutNotReceived, ControlTotalMismatch, FileMissing,
	}
	if w == Everywhere {
		kinds = append(kinds, Chargeback)
	}
	return kinds
}

// till is the channel of a mistake that lies in the tills' reports alone.
const tillChannel = "till"

// found enters a mistake into the key.
func (g *generator) found(kind string, p *provider, reference string, expected, actual int64) {
	channel, currency := tillChannel, g.region.currency
	if p != nil {
		channel = p.channel
	}
	if kind == SequenceGap { // nobody knows of what: nothing, in the currency of home
		currency = g.world.regions[0].currency
	}
	g.breaks = append(g.breaks, KeyBreak{Kind: kind, Channel: channel, Reference: reference, ExpectedMinor: expected, ActualMinor: actual, Currency: currency})
}
