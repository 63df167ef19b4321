package stock

import (
	"strings"
	"time"

	"daybook/ledger"
)

// DocKind says what a document means, and with it the direction of its quantities.
type DocKind string

const (
	// Received: goods came from a supplier, perhaps for an order.
	Received DocKind = "received"
	// Sent: goods left for another store. They are in transit until they arrive there.
	Sent DocKind = "sent"
	// Arrived: goods came from another store, by the number under which they were sent.
	Arrived DocKind = "arrived"
	// Counted: so much was there.
	Counted DocKind = "counted"
	// Adjusted: found (positive) or lost (negative), with a reason.
	Adjusted DocKind = "adjusted"
	// Wasted: thrown away, with a reason.
	Wasted DocKind = "wasted"
	// Reserved: set aside for somebody; it is still there.
	Reserved DocKind = "reserved"
	// Released: a reservation ended, by sale or otherwise. The number is the reservation's.
	Released DocKind = "released"
	// Ordered: a purchase order was placed.
	Ordered DocKind = "ordered"
	// Closed: nothing more is expected for an order or a transfer, whose number it has.
	Closed DocKind = "closed"
)

// DocKinds are all of them.
var DocKinds = []DocKind{Received, Sent, Arrived, Counted, Adjusted, Wasted, Reserved, Released, Ordered, Closed}

// Sign is the direction in which a document's quantities change what is on hand; 0 for
// those that do not, and for counts.
func (k DocKind) Sign() int64 {
	switch k {
	case Received, Arrived, Adjusted:
		return 1
	case Sent, Wasted:
		return -1
	}
	return 0
}

// StockRecorded is a document of one store. (Store, Kind, Doc) is its identity; the last
// event in its stream is the version that counts.
type StockRecorded struct {
	Kind     DocKind            `json:"kind"`
	Store    ledger.StoreID     `json:"store"`
	Doc      string             `json:"doc"`
	Day      ledger.BusinessDay `json:"business_date"`
	At       time.Time          `json:"at"`
	Other    ledger.StoreID     `json:"other_store,omitempty"` // of a transfer: where to, or where from
	Supplier string             `json:"supplier,omitempty"`
	Order    string             `json:"order,omitempty"` // of a receipt: the order it is for
	Due      ledger.BusinessDay `json:"due,omitzero"`    // of an order
	By       string             `json:"by,omitempty"`    // who decided, where a person did
	Reason   string             `json:"reason,omitempty"`
	Lines    []Line             `json:"lines,omitempty"`
}

// Line is one article on a document.
type Line struct {
	SKU      SKU             `json:"sku"`
	QtyMilli int64           `json:"qty_milli"`      // thousandths of a unit; unsigned, but for adjustments
	Value    ledger.Money    `json:"value,omitzero"` // what all of it costs, before tax
	Reason   string          `json:"reason,omitempty"`
	Lot      string          `json:"lot,omitempty"`
	Proposal ledger.Position `json:"proposal,omitempty"` // of an order: the reorder-proposed it came from
	// UseBy is the last day on which it may be sold, as the supplier says it. Goods leave in its
	// order, unless the document names the lot: tills do not.
	UseBy ledger.BusinessDay `json:"use_by,omitzero"`
}

// Stream is the document's own history.
func (d StockRecorded) Stream() ledger.StreamID {
	return ledger.Stream("stockdoc", string(d.Kind), escaped(string(d.Store)), escaped(d.Doc))
}

// reorderStream is the history of proposals for one store and product.
func reorderStream(store ledger.StoreID, sku SKU) ledger.StreamID {
	return ledger.Stream("reorder", escaped(string(store)), escaped(string(sku)))
}

// escaped keeps the parts of a stream's name apart: ("a.b", "c") and ("a", "b.c") differ.
func escaped(part string) string { return strings.NewReplacer("%", "%25", ".", "%2E").Replace(part) }

// Moment orders the moves of a store: by business day, and within it by the clock. A clock
// that is more than five days off counts as five days off. The read models compute the same.
func Moment(day ledger.BusinessDay, at time.Time) int64 {
	const perDay, middle = 1_000_000_000, 432_000_000 // five days, in milliseconds
	midnight := day.Midnight()
	within := min(max(at.UTC().UnixMilli()-midnight.UnixMilli()+middle, 0), perDay-1)
	return midnight.Unix()/86400*perDay + within
}
