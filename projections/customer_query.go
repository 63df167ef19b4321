package projections

import (
	"context"
	"time"

	"daybook/ledger"
	"daybook/ledger/customer"
)

// CustomerRow is a customer as tables know one: without personal data.
type CustomerRow struct {
	Customer    customer.ID     `json:"customer"`
	Registered  bool            `json:"registered"`
	Since       time.Time       `json:"since"`
	Into        customer.ID     `json:"merged_into"`
	Marketing   bool            `json:"marketing"`
	Personalise bool            `json:"personalise"`
	Share       bool            `json:"share"`
	Restricted  bool            `json:"restricted"`
	Erased      bool            `json:"erased"`
	Position    ledger.Position `json:"position"`
}

// Customers lists customers by id: those who are somebody, or all of whom anything was
// written down.
func (v *Views) Customers(ctx context.Context, all bool) ([]CustomerRow, error) {
	return query(ctx, v.warehouse, `
SELECT customer, registered, since, merged_into, marketing, personalise, share, restricted, erased, position
FROM dim_customers
WHERE {all:UInt8} = 1 OR NOT erased AND merged_into = ''
ORDER BY customer`, func(r *CustomerRow) []any {
		return []any{&r.Customer, &r.Registered, &r.Since, &r.Into, &r.Marketing, &r.Personalise, &r.Share, &r.Restricted, &r.Erased, &r.Position}
	}, Arg{"all", flag(all)})
}

// CustomerLine is something a customer bought, or gave back.
type CustomerLine struct {
	Day      string          `json:"business_date"`
	Store    ledger.StoreID  `json:"store"`
	Sale     string          `json:"sale"`
	Kind     string          `json:"kind"`
	Line     uint32          `json:"line"`
	Category string          `json:"category"`
	SKU      string          `json:"sku"`
	Name     string          `json:"name"`
	QtyMilli int64           `json:"qty_milli"`
	Total    int64           `json:"total_minor"`
	Currency ledger.Currency `json:"currency"`
}

// CustomerLines is what a customer bought, in all stores, oldest first.
func (v *Views) CustomerLines(ctx context.Context, id customer.ID) ([]CustomerLine, error) {
	return query(ctx, v.warehouse, `
SELECT toString(business_date), store, sale, kind, line, category, sku, name, qty_milli, total_minor, currency
FROM fct_customer_lines
WHERE customer = {id:String}
ORDER BY business_date, store, id, line`, func(r *CustomerLine) []any {
		return []any{&r.Day, &r.Store, &r.Sale, &r.Kind, &r.Line, &r.Category, &r.SKU, &r.Name, &r.QtyMilli, &r.Total, &r.Currency}
	}, Arg{"id", string(id)})
}

// Segment lists the customers of a segment who may be in one, in any currency; those who are
// not restricted when it has no name.
func (v *Views) Segment(ctx context.Context, segment string) ([]customer.ID, error) {
	sql := "SELECT customer FROM dim_customers WHERE registered AND merged_into = '' AND NOT restricted ORDER BY customer"
	if segment != "" {
		sql = "SELECT DISTINCT customer FROM agg_customer_rfm WHERE segment = {segment:String} ORDER BY customer"
	}
	return query(ctx, v.warehouse, sql, func(id *customer.ID) []any { return []any{id} }, Arg{"segment", segment})
}
