package projections

import (
	"context"

	"daybook/ledger"
)

// StockFilter says which rows are wanted; empty fields want all.
type StockFilter struct {
	Store ledger.StoreID
	SKU   string
}

func (f StockFilter) where() string { return wanted("store", "store") + " AND " + wanted("sku", "sku") }

func (f StockFilter) args() []Arg {
	return []Arg{{"store", string(f.Store)}, {"sku", f.SKU}}
}

// StockRow is what a store has of an article. Quantities are thousandths of a unit.
type StockRow struct {
	Store     ledger.StoreID     `json:"store"`
	SKU       string             `json:"sku"`
	Name      string             `json:"name"`
	Listed    bool               `json:"listed"` // the catalogue has it
	OnHand    int64              `json:"on_hand_milli"`
	Reserved  int64              `json:"reserved_milli"`
	InTransit int64              `json:"in_transit_milli"`
	OnOrder   int64              `json:"on_order_milli"`
	Position  int64              `json:"position_milli"`
	Currency  ledger.Currency    `json:"currency"` // empty where no cost is known
	Value     int64              `json:"value_minor"`
	LastSold  ledger.BusinessDay `json:"last_sold_on,omitzero"`
	AsOf      ledger.Position    `json:"position"` // the row reflects the journal up to here
}

// Stock lists what stores have.
func (v *Views) Stock(ctx context.Context, filter StockFilter) ([]StockRow, error) {
	return query(ctx, v.warehouse, `
SELECT store, sku, name, listed = 1, on_hand_milli, reserved_milli, in_transit_milli, on_order_milli, position_milli, currency, value_minor, `+dayText("last_sold_on")+`, position
FROM agg_stock
WHERE `+filter.where()+`
ORDER BY store, sku`, func(r *StockRow) []any {
		return []any{&r.Store, &r.SKU, &r.Name, &r.Listed, &r.OnHand, &r.Reserved, &r.InTransit, &r.OnOrder, &r.Position, &r.Currency, &r.Value, text{&r.LastSold}, &r.AsOf}
	}, filter.args()...)
}

// MoveRow is one change of what is on hand.
type MoveRow struct {
	Day      ledger.BusinessDay `json:"business_date"`
	Store    ledger.StoreID     `json:"store"`
	SKU      string             `json:"sku"`
	Kind     string             `json:"kind"`
	Qty      int64              `json:"qty_milli"`
	After    int64              `json:"on_hand_milli"` // after it
	Doc      string             `json:"doc"`
	Other    string             `json:"other_store,omitempty"`
	Reason   string             `json:"reason,omitempty"`
	File     string             `json:"file,omitempty"`
	FileRow  int                `json:"file_row,omitempty"`
	Position ledger.Position    `json:"position"`
}

// Moves lists the moves of articles, in their order.
func (v *Views) Moves(ctx context.Context, filter StockFilter) ([]MoveRow, error) {
	return query(ctx, v.warehouse, `
SELECT toString(business_date), store, sku, kind, qty_milli,
    sum(qty_milli) OVER (PARTITION BY store, sku ORDER BY moment, kind IN ('opening', 'counted'), doc, line, id, kind ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    doc, other_store, reason, file, file_row, position
FROM fct_stock_moves
WHERE `+filter.where()+`
ORDER BY store, sku, moment, kind IN ('opening', 'counted'), doc, line, id, kind`, func(r *MoveRow) []any {
		return []any{text{&r.Day}, &r.Store, &r.SKU, &r.Kind, &r.Qty, &r.After, &r.Doc, &r.Other, &r.Reason, &r.File, &r.FileRow, &r.Position}
	}, filter.args()...)
}

// StockFlagRow is something about goods that somebody should look at.
type StockFlagRow struct {
	Flag     string             `json:"flag"`
	Store    ledger.StoreID     `json:"store"`
	SKU      string             `json:"sku"`
	Doc      string             `json:"doc"`
	Qty      int64              `json:"qty_milli"`
	Day      ledger.BusinessDay `json:"business_date,omitzero"`
	Position ledger.Position    `json:"position"`
}

// StockFlags lists them.
func (v *Views) StockFlags(ctx context.Context, filter StockFilter) ([]StockFlagRow, error) {
	return query(ctx, v.warehouse, `
SELECT flag, store, sku, doc, qty_milli, `+dayText("business_date")+`, position
FROM fct_stock_flags
WHERE `+filter.where()+`
ORDER BY store, flag, sku, doc`, func(r *StockFlagRow) []any {
		return []any{&r.Flag, &r.Store, &r.SKU, &r.Doc, &r.Qty, text{&r.Day}, &r.Position}
	}, filter.args()...)
}

// ProductRow is an article of the catalogue. Amounts are minor units.
type ProductRow struct {
	SKU          string          `json:"sku"`
	Name         string          `json:"name"`
	Category     string          `json:"category"`
	Unit         string          `json:"unit"`
	Barcodes     []string        `json:"barcodes"`
	Supplier     string          `json:"supplier"`
	Currency     ledger.Currency `json:"currency"`
	Price        int64           `json:"price_minor"`
	Cost         int64           `json:"cost_minor"`
	Pack         int64           `json:"pack_milli"`
	Discontinued bool            `json:"discontinued"`
	Position     ledger.Position `json:"position"`
}

// Products lists the catalogue, or the articles whose number, barcode or name a text is (part of).
func (v *Views) Products(ctx context.Context, named string) ([]ProductRow, error) {
	return query(ctx, v.warehouse, `
SELECT sku, name, category, unit, barcodes, supplier, currency, price_minor, cost_minor, pack_milli, discontinued = 1, position
FROM dim_products
WHERE {named:String} = '' OR sku = {named:String} OR has(barcodes, {named:String}) OR positionCaseInsensitiveUTF8(name, {named:String}) > 0
ORDER BY sku`, func(r *ProductRow) []any {
		return []any{&r.SKU, &r.Name, &r.Category, &r.Unit, &r.Barcodes, &r.Supplier, &r.Currency, &r.Price, &r.Cost, &r.Pack, &r.Discontinued, &r.Position}
	}, Arg{"named", named})
}

// ReorderRow is an open proposal. Quantities are thousandths of a unit, Value minor units.
type ReorderRow struct {
	Store        ledger.StoreID     `json:"store"`
	SKU          string             `json:"sku"`
	Name         string             `json:"name"`
	Supplier     string             `json:"supplier"`
	Qty          int64              `json:"qty_milli"`
	Value        int64              `json:"value_minor"`
	Currency     ledger.Currency    `json:"currency"` // empty where the catalogue has no cost
	OnHand       int64              `json:"on_hand_milli"`
	OnOrder      int64              `json:"on_order_milli"`
	InTransit    int64              `json:"in_transit_milli"`
	Reserved     int64              `json:"reserved_milli"`
	Level        int64              `json:"position_milli"`
	ReorderPoint int64              `json:"reorder_point_milli"`
	Target       int64              `json:"target_milli"`
	Method       string             `json:"method"`
	Sold         int64              `json:"sold_milli"`
	InStockDays  int                `json:"in_stock_days"`
	OutDays      int                `json:"out_days"`
	Day          ledger.BusinessDay `json:"business_date"`
	Position     ledger.Position    `json:"position"`
}

// Reorders lists the open proposals, of a store and supplier or all.
func (v *Views) Reorders(ctx context.Context, filter StockFilter, supplier string) ([]ReorderRow, error) {
	return query(ctx, v.warehouse, `
SELECT store, sku, name, supplier, qty_milli, value_minor, currency, on_hand_milli, on_order_milli, in_transit_milli, reserved_milli, position_milli, reorder_point_milli, target_milli,
    method, sold_milli, in_stock_days, out_days, toString(business_date), position
FROM fct_reorders
WHERE state = 'open' AND `+filter.where()+` AND `+wanted("supplier", "supplier")+`
ORDER BY store, supplier, sku`, func(r *ReorderRow) []any {
		return []any{&r.Store, &r.SKU, &r.Name, &r.Supplier, &r.Qty, &r.Value, &r.Currency, &r.OnHand, &r.OnOrder, &r.InTransit, &r.Reserved, &r.Level, &r.ReorderPoint, &r.Target,
			&r.Method, &r.Sold, &r.InStockDays, &r.OutDays, text{&r.Day}, &r.Position}
	}, append(filter.args(), Arg{"supplier", supplier})...)
}

// OrderRow is an article of a purchase order. Quantities are thousandths of a unit.
type OrderRow struct {
	Store    ledger.StoreID     `json:"store"`
	Order    string             `json:"order"`
	SKU      string             `json:"sku"`
	Supplier string             `json:"supplier"`
	On       ledger.BusinessDay `json:"ordered_on"`
	Due      ledger.BusinessDay `json:"due,omitzero"`
	Ordered  int64              `json:"ordered_milli"`
	Received int64              `json:"received_milli"`
	Open     int64              `json:"open_milli"`
	State    string             `json:"state"`
	Currency ledger.Currency    `json:"currency"`
	Value    int64              `json:"value_minor"`
	Position ledger.Position    `json:"position"`
}

// Orders lists purchase orders; open ones only, unless all are wanted.
func (v *Views) Orders(ctx context.Context, filter StockFilter, all bool) ([]OrderRow, error) {
	return query(ctx, v.warehouse, `
SELECT store, order_no, sku, supplier, toString(ordered_on), `+dayText("due")+`, ordered_milli, received_milli, open_milli, state, currency, value_minor, position
FROM fct_order_lines
WHERE ({all:String} = 'yes' OR open_milli > 0) AND `+filter.where()+`
ORDER BY store, ordered_on, order_no, sku`, func(r *OrderRow) []any {
		return []any{&r.Store, &r.Order, &r.SKU, &r.Supplier, text{&r.On}, text{&r.Due}, &r.Ordered, &r.Received, &r.Open, &r.State, &r.Currency, &r.Value, &r.Position}
	}, append(filter.args(), Arg{"all", map[bool]string{true: "yes"}[all]})...)
}
