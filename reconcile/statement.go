package reconcile

import (
	"cmp"
	"time"

	"daybook/ledger"
)

// Statement is one document a provider or a bank sent: what it says about itself, and
// its lines. It is the neutral form into which every format is read, so that matching
// does not know the source.
type Statement struct {
	Format  string // the format's name, for example "alipay-trade"
	Kind    StatementKind
	Account string             // whose document: merchant id, PID, bank account; as the file writes it
	From    ledger.BusinessDay // first and last day covered, in the provider's own day
	To      ledger.BusinessDay
	Lines   []Line
	// Controls are the totals the file states, each with what its lines add up to. A
	// format reports every control it finds, tied or not.
	Controls []Control
	// Sums are what a BillSummary states of the bill of the day From, by currency.
	Sums []KindTotal
	// Settlements are the provider's numbers of what the document settles, where several may
	// fall on one day, each with its currency. Two documents that have none in common are
	// different ones, and not two versions of one.
	Settlements []string
	// Balances are those of a bank statement's accounts, where it states them.
	Balances []Balance
	// Includes are the kinds of which the document holds another one besides its own: a
	// bill with its summary and its disputes in one archive.
	Includes []StatementKind
	// Dropped counts values removed at the door, by column: personal data (cardholder
	// name and id, wallet user) that reconciliation does not need.
	Dropped map[string]int
	// Truncated counts full card numbers cut to six and four, by column.
	Truncated map[string]int
}

// StatementKind says what a document speaks of.
type StatementKind string

const (
	// TradeBill lists payments and refunds a provider will settle or has settled.
	TradeBill StatementKind = "trade"
	// BankStatement lists movements on a bank account.
	BankStatement StatementKind = "bank"
	// ProviderAccount lists movements on the account that a provider keeps for the merchant
	// (资金账单, 账务明细). It tells of the payments of the trade bill once more, with their
	// fees, and of what was withdrawn to the bank. It is held against the trade bill and
	// adds nothing to it.
	ProviderAccount StatementKind = "account"
	// BillSummary states the totals of a trade bill that is in another document.
	BillSummary StatementKind = "summary"
	// DisputeBill lists the disputes of a day whose payments are in another document. What
	// it moves is due with the bill of the day.
	DisputeBill StatementKind = "disputes"
)

// bills reports whether the lines of such a document are due.
func (k StatementKind) bills() bool { return k == TradeBill || k == DisputeBill }

// KindTotal sums the lines of one kind; of all kinds where it names none.
type KindTotal struct {
	Kind LineKind `json:"kind,omitempty"`
	Total
}

// Control is one total stated by a file, beside the one computed from its lines.
type Control struct {
	Name     string          `json:"name"` // as the file calls it
	Row      int             `json:"row"`
	Currency ledger.Currency `json:"currency,omitempty"` // empty for a count
	Stated   int64           `json:"stated"`             // minor units, or a count
	Computed int64           `json:"computed"`
}

// Ties reports whether the file agrees with itself.
func (c Control) Ties() bool { return c.Stated == c.Computed }

// Line is one row of a statement. Amounts are signed minor units of Currency in the
// merchant's view: positive is money to the merchant. Fee and Discount are what is
// taken off, positive on a sale and negative where they are given back, so that
//
//	Net = Gross - Discount - Fee
//
// holds for every line of a trade bill and of a provider's account, where Net is the
// movement. On a bank statement only Net is filled.
type Line struct {
	Row      int                `json:"row"` // line number in the file, from 1
	Kind     LineKind           `json:"kind"`
	Day      ledger.BusinessDay `json:"day"`         // the provider's settlement day, or the bank's value date
	At       time.Time          `json:"at,omitzero"` // the provider's clock, with its zone
	Currency ledger.Currency    `json:"currency"`
	Gross    int64              `json:"gross,omitempty"`    // what the payer owed: the ledger's amount
	Discount int64              `json:"discount,omitempty"` // the merchant's own coupons
	Fee      int64              `json:"fee,omitempty"`
	Net      int64              `json:"net"`

	// Channel is how it was paid: card, alipay, wechat, …; the words of ledger.Tender.
	Channel    string          `json:"channel,omitempty"`
	MID        ledger.MID      `json:"mid,omitempty"`
	TID        ledger.TID      `json:"tid,omitempty"`
	Batch      ledger.BatchNo  `json:"batch,omitempty"`
	STAN       ledger.STAN     `json:"stan,omitempty"`
	RRN        ledger.RRN      `json:"rrn,omitempty"`
	AuthCode   ledger.AuthCode `json:"auth_code,omitempty"`
	Card       ledger.CardRef  `json:"card,omitzero"`
	CardKind   string          `json:"card_kind,omitempty"`   // debit, credit, prepaid, foreign
	OrderNo    string          `json:"order_no,omitempty"`    // the merchant's: of the sale, or on a refund line of the refund
	OriginalNo string          `json:"original_no,omitempty"` // on a refund line, the merchant's number of the sale
	ProviderNo string          `json:"provider_no,omitempty"` // the provider's own number of this row's transaction
	Store      ledger.StoreID  `json:"store,omitempty"`       // as the provider names it

	// Bank statements only.
	Counterparty string `json:"counterparty,omitempty"`
	Memo         string `json:"memo,omitempty"` // remarks, joined with blanks

	RawKind string `json:"raw_kind,omitempty"` // the file's own word for Kind
	Scheme  string `json:"scheme,omitempty"`   // the card's, where the bill names it: one of ledger.Schemes
	// Raw is the row as it came, decoded to UTF-8, with personal columns emptied and
	// card numbers truncated.
	Raw string `json:"raw"`
	// Dispute: the row is of a dispute, which no total of the payments counts.
	Dispute bool `json:"dispute,omitempty"`
}

// LineKind is what a row is about.
type LineKind string

const (
	SaleLine       LineKind = "sale"
	RefundLine     LineKind = "refund"
	VoidLine       LineKind = "void"     // 撤销
	ReversalLine   LineKind = "reversal" // 冲正, or a payment the provider revoked
	ChargebackLine LineKind = "chargeback"
	FeeLine        LineKind = "fee"
	PayoutLine     LineKind = "payout" // on a bank statement: money in; on a trade bill: what the other rows are paid out with; on a provider's account: withdrawn (提现)
	AdjustmentLine LineKind = "adjustment"
	OtherLine      LineKind = "other" // kept, and reported as unexpected
	InfoLine       LineKind = "info"  // moves no money (a balance enquiry): kept, and nothing else
)

// settled is what a payment's fee and turnover are reckoned of: gross less the merchant's
// own discount.
func (l *Line) settled() int64 { return l.Gross - l.Discount }

// CardScheme is the scheme of the card: what the bill says, or else what the number's first digits say.
func (l *Line) CardScheme() string { return cmp.Or(l.Scheme, l.Card.Scheme()) }

// owes reports whether a row of a trade bill adds to what the provider owes. A payout row
// pays what the others owe: it is kept, and is neither due nor a break.
func (l Line) owes() bool { return l.Kind != PayoutLine && l.Kind != InfoLine }
