package ledger

import "time"

// SaleRecorded is a completed sale with its lines and every attempt to pay for it.
// A completed sale never changes; what is undone later is a new action.
type SaleRecorded struct {
	Till
	Sale     string            `json:"sale"` // receipt number
	Lines    []SaleLine        `json:"lines,omitempty"`
	Tenders  []Tender          `json:"tenders"`
	Discount Money             `json:"discount,omitzero"`  // given on the whole ticket, unsigned
	Tax      Money             `json:"tax,omitzero"`       // contained in Total
	Total    Money             `json:"total"`              // what the customer owes, tax included
	Customer string            `json:"customer,omitempty"` // customer id; never a name
	Notes    map[string]string `json:"notes,omitempty"`    // further columns a source has, by name
	// Begun is the terminal's clock at the first article, where a source says so; Till.At is
	// the end of the ticket.
	Begun time.Time `json:"begun,omitzero"`
}

// SaleLine is one article on a ticket. Name, price and tax are copied by value: a
// later change of the catalogue does not change a sale.
type SaleLine struct {
	SKU      string `json:"sku,omitempty"`
	Name     string `json:"name,omitempty"`
	Category string `json:"category,omitempty"`
	QtyMilli int64  `json:"qty_milli"`         // thousandths of a unit
	Unit     Money  `json:"unit"`              // price of one, before tax unless TaxIn
	Discount Money  `json:"discount,omitzero"` // unsigned
	Net      Money  `json:"net"`               // before tax
	Tax      Money  `json:"tax,omitzero"`
	TaxRate  Rate   `json:"tax_ppm,omitempty"`
}

// Tender is one attempt to pay, or to pay back. Its amount is unsigned.
type Tender struct {
	Payment string `json:"payment"` // the payment's own reference; unique per retailer
	// Channel says through whom the money comes: cash, card, alipay, wechat, … The
	// configuration maps each to a provider, or to none (cash).
	Channel      string       `json:"channel"`
	Entry        Entry        `json:"entry,omitempty"`
	Verification Verification `json:"verification,omitempty"`
	Amount       Money        `json:"amount"`
	Outcome      Outcome      `json:"outcome"`
	MID          MID          `json:"mid,omitempty"`
	TID          TID          `json:"tid,omitempty"`
	Batch        BatchNo      `json:"batch,omitempty"`
	STAN         STAN         `json:"stan,omitempty"`
	RRN          RRN          `json:"rrn,omitempty"`
	AuthCode     AuthCode     `json:"auth_code,omitempty"`
	Card         CardRef      `json:"card,omitzero"`
	CardKind     string       `json:"card_kind,omitempty"`   // debit, credit, prepaid, foreign
	OrderNo      string       `json:"order_no,omitempty"`    // what we told the provider: out_trade_no, out_request_no
	ProviderNo   string       `json:"provider_no,omitempty"` // what the provider told us
	Response     string       `json:"response,omitempty"`    // DE 39 or the wallet's code
}

// Entry is how a payment instrument was read (DE 22).
type Entry string

const (
	Swipe       Entry = "swipe"
	Chip        Entry = "chip"
	Contactless Entry = "contactless"
	Manual      Entry = "manual"
	QRMerchant  Entry = "qr_merchant" // the customer scans the merchant's code
	QRCustomer  Entry = "qr_customer" // the till scans the customer's code
)

// Verification is how the payer proved to be the payer. Method only: a fingerprint
// itself has no field anywhere.
type Verification string

const (
	PIN         Verification = "pin"
	Fingerprint Verification = "fingerprint"
	Signature   Verification = "signature"
	NoCheck     Verification = "none"
)

// Outcome is what the terminal learned about a payment.
type Outcome string

const (
	Approved Outcome = "approved"
	Declined Outcome = "declined"
	// Unknown: no answer in time. It is neither success nor failure, but a state that
	// an inquiry or the settlement resolves.
	Unknown Outcome = "unknown"
	// Reversed: a 冲正 was acknowledged; no money should move.
	Reversed Outcome = "reversed"
)

// RefundRecorded is a 退货: money given back for an earlier sale, in part or whole,
// after its settlement; it has its own settlement line.
type RefundRecorded struct {
	Till
	Refund   string     `json:"refund"`             // the refund's own document number
	Original string     `json:"original,omitempty"` // the payment or sale it refers to
	Lines    []SaleLine `json:"lines,omitempty"`
	Tenders  []Tender   `json:"tenders"`
	Tax      Money      `json:"tax,omitzero"`
	Total    Money      `json:"total"`
	Wasted   []int      `json:"wasted,omitempty"` // lines, from 1, whose goods cannot be sold again
}

// PaymentVoided is a 撤销: the operator cancels an approved payment of the same batch,
// in full. Normally neither it nor the payment is settled.
type PaymentVoided struct {
	Till
	Original string `json:"original"` // the payment cancelled
	Tender   Tender `json:"tender"`   // the void's own references; amount of the original
}

// PaymentReversed is a 冲正: after a time-out the terminal made sure that nothing
// happened. The amount is that of the payment.
type PaymentReversed struct {
	Till
	Original string `json:"original"`
	Cause    string `json:"cause,omitempty"` // timeout, mac, printer, customer
}

// PaymentAnswered resolves an unknown outcome by an inquiry.
type PaymentAnswered struct {
	Till
	Original string  `json:"original"`
	Outcome  Outcome `json:"outcome"` // approved, declined or reversed
}

// ActionKinds are the kinds of event a terminal reports.
func ActionKinds() []Kind {
	return []Kind{
		KindOf[CashierSignedOn]("cashier-signed-on"),
		KindOf[CashierSignedOff]("cashier-signed-off"),
		KindOf[ShiftOpened]("shift-opened"),
		KindOf[ShiftClosed]("shift-closed"),
		KindOf[DrawerOpened]("drawer-opened"),
		KindOf[DrawerCounted]("drawer-counted"),
		KindOf[CashPaidIn]("cash-paid-in"),
		KindOf[CashPaidOut]("cash-paid-out"),
		KindOf[DrawerOpenedNoSale]("drawer-opened-no-sale"),
		KindOf[SaleRecorded]("sale-recorded"),
		KindOf[RefundRecorded]("refund-recorded"),
		KindOf[PaymentVoided]("payment-voided"),
		KindOf[PaymentReversed]("payment-reversed"),
		KindOf[PaymentAnswered]("payment-answered"),
		KindOf[BatchClosed]("batch-closed"),
	}
}
