package ledger

import "time"

// Till heads every action a terminal reports: which terminal, its place in the
// terminal's own numbering, where and when.
type Till struct {
	Terminal TerminalID `json:"terminal"`
	// Series is the numbering that Seq counts in. It is empty for terminals that
	// number their actions through; a terminal that starts again with each batch
	// has the batch number here, and a source without numbers the business day.
	Series string `json:"series,omitempty"`
	// Seq is the terminal's own sequence number, from 1 and without gaps within the
	// series. 0 means that the source numbers nothing; then Doc identifies the action.
	Seq uint64 `json:"seq,omitempty"`
	// Doc is the source's own document or transaction number.
	Doc         string      `json:"doc,omitempty"`
	Store       StoreID     `json:"store"`
	At          time.Time   `json:"at"` // the terminal's clock, with its offset
	BusinessDay BusinessDay `json:"business_date"`
	Mode        Mode        `json:"mode,omitempty"`
	Cashier     string      `json:"cashier,omitempty"` // staff number, not a name
}

// Head returns the header itself; with it every action is an Action.
func (t Till) Head() Till { return t }

// Action is anything a terminal reports. The concrete types are listed in ActionKinds.
type Action interface{ Head() Till }

// Mode tells business from practice. Only live actions count in any total.
type Mode string

const (
	Live     Mode = ""
	Training Mode = "training"
	Test     Mode = "test"
)

// Counts reports whether actions of this mode enter totals.
func (m Mode) Counts() bool { return m == Live }

// The comings and goings of a till. Amounts are unsigned: the direction is in the type.
type (
	// CashierSignedOn: a member of staff took over a terminal.
	CashierSignedOn struct {
		Till
		Method string `json:"method,omitempty"` // pin, card, fingerprint
	}
	// CashierSignedOff ends it.
	CashierSignedOff struct{ Till }
	// ShiftOpened starts a shift on a terminal.
	ShiftOpened struct {
		Till
		Shift string `json:"shift"`
	}
	// ShiftClosed ends it.
	ShiftClosed struct {
		Till
		Shift string `json:"shift"`
	}
	// DrawerOpened: a drawer session began with a float.
	DrawerOpened struct {
		Till
		Drawer string `json:"drawer"`
		Float  Money  `json:"float"`
	}
	// DrawerCounted: the cash in a drawer was counted, and the session ended.
	DrawerCounted struct {
		Till
		Drawer  string `json:"drawer"`
		Counted Money  `json:"counted"`
	}
	// CashPaidIn: cash came into the drawer other than by a sale.
	CashPaidIn struct {
		Till
		Drawer string `json:"drawer"`
		Amount Money  `json:"amount"`
		Reason string `json:"reason,omitempty"`
	}
	// CashPaidOut: cash left the drawer other than by a refund; a drop into the safe too.
	CashPaidOut struct {
		Till
		Drawer string `json:"drawer"`
		Amount Money  `json:"amount"`
		Reason string `json:"reason,omitempty"`
	}
	// DrawerOpenedNoSale: the drawer was opened and nothing sold.
	DrawerOpenedNoSale struct {
		Till
		Drawer string `json:"drawer"`
		Reason string `json:"reason,omitempty"`
	}
)

// BatchClosed: the terminal closed its batch with the host, 批结算, and printed totals.
// Totals cover approved card and wallet payments of the batch.
type BatchClosed struct {
	Till
	Batch   BatchNo    `json:"batch"`
	Sales   BatchTotal `json:"sales"`
	Refunds BatchTotal `json:"refunds"`
	Voids   BatchTotal `json:"voids"`
}

// BatchTotal is a count and an unsigned sum.
type BatchTotal struct {
	Count  int   `json:"count"`
	Amount Money `json:"amount"`
}
