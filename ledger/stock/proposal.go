package stock

import (
	"time"

	"daybook/ledger"
)

type (
	// ReorderProposed: a store should order an article. It is the open proposal as long as it
	// is the last event in its stream; a later one with another quantity takes its place.
	ReorderProposed struct {
		Store    ledger.StoreID     `json:"store"`
		SKU      SKU                `json:"sku"`
		Day      ledger.BusinessDay `json:"business_date"` // the newest of the store's facts
		Supplier string             `json:"supplier,omitempty"`
		QtyMilli int64              `json:"qty_milli"`
		Value    ledger.Money       `json:"value,omitzero"` // at the catalogue's cost
		Why      Reckoning          `json:"why"`
	}

	// Reckoning is what a proposal stands on. Quantities are thousandths of a unit.
	//
	//	Position = OnHand + OnOrder + InTransit - Reserved ≤ ReorderPoint
	Reckoning struct {
		Method       Method `json:"method"`
		OnHand       int64  `json:"on_hand"`
		OnOrder      int64  `json:"on_order"`
		InTransit    int64  `json:"in_transit"`
		Reserved     int64  `json:"reserved"`
		Position     int64  `json:"position"`
		ReorderPoint int64  `json:"reorder_point"`
		Target       int64  `json:"target"`
		Sold         int64  `json:"sold"`          // on the days in stock
		InStockDays  int    `json:"in_stock_days"` // of the window
		OutDays      int    `json:"out_days"`
		Lead         int64  `json:"lead_milli_days"`
	}

	// ReorderSettled ends a proposal.
	ReorderSettled struct {
		Store    ledger.StoreID     `json:"store"`
		SKU      SKU                `json:"sku"`
		Proposal ledger.Position    `json:"proposal"` // the reorder-proposed it ends
		Outcome  Outcome            `json:"outcome"`
		Day      ledger.BusinessDay `json:"business_date"`
		At       time.Time          `json:"at,omitzero"`
		Order    string             `json:"order,omitempty"` // of an approved one: the purchase order
		Supplier string             `json:"supplier,omitempty"`
		QtyMilli int64              `json:"qty_milli,omitempty"` // as approved
		Value    ledger.Money       `json:"value,omitzero"`
		Due      ledger.BusinessDay `json:"due,omitzero"`
		By       string             `json:"by,omitempty"`
		Reason   string             `json:"reason,omitempty"`
	}
)

// Method says how a reorder point was found.
type Method string

const (
	ByDemand   Method = "demand"   // of the product in the store
	ByCategory Method = "category" // the product was not in stock for three weeks yet: what others of its category sell there
	ByMinimum  Method = "minimum"  // the catalogue's min_stock
)

// Outcome is how a proposal ended.
type Outcome string

const (
	Approved  Outcome = "approved"  // it became part of a purchase order
	Dismissed Outcome = "dismissed" // a person does not want it; it comes again after the position has risen above the point
	Withdrawn Outcome = "withdrawn" // the position is above the point again
)
