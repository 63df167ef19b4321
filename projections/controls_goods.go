package projections

import (
	"slices"

	"daybook/ledger"
	"daybook/ledger/customer"
	"daybook/ledger/stock"
)

// goodsControls are those of goods and of customers.
var goodsControls = []control{
	{of: "r_products", day: "since", currency: "currency",
		sums: []string{"price_minor", "cost_minor", "pack_milli", "min_order_milli", "min_stock_milli", "max_stock_milli", "lead_milli_days", "discontinued",
			"length(barcodes)", "length(name)", "length(category)", "length(unit)", "length(supplier)", "length(listed_class)"},
		fold: func(t *tally, e fact) {
			page, is := e.payload.(stock.CatalogueListed)
			if !is {
				return
			}
			for _, p := range page.Products {
				currency := p.Cost.Currency
				if currency == "" {
					currency = p.Price.Currency
				}
				t.put([...]any{p.SKU, dayNumber(p.From)}, p.From, currency, p.Price.Minor, p.Cost.Minor, p.PackMilli, p.MinOrder, p.MinStock, p.MaxStock, p.LeadDays, one(p.Discontinued),
					int64(len(p.Barcodes)), int64(len(p.Name)), int64(len(p.Category)), int64(len(p.Unit)), int64(len(p.Supplier)), int64(len(p.Class)))
			}
		}},
	{of: "r_suppliers", currency: "currency", sums: []string{"lead_milli_days", "lead_sd_milli_days", "review_milli_days", "order_cost_minor", "holding_ppm", "length(supplier_name)"},
		fold: func(t *tally, e fact) {
			page, is := e.payload.(stock.CatalogueListed)
			if !is {
				return
			}
			for _, s := range page.Suppliers {
				t.put([...]any{s.ID}, ledger.BusinessDay{}, s.OrderCost.Currency, s.LeadDays, s.LeadSD, s.ReviewDays, s.OrderCost.Minor, int64(s.Holding), int64(len(s.Name)))
			}
		}},
	// Of the versions of a document the last one counts; the lines of all of them stay.
	{of: "r_stock_docs", day: "business_date", sums: append([]string{"toUInt16(due)", "length(other_store)", "length(supplier)", "length(order_no)", "length(by)"}, each("kind", docWords)...),
		fold: func(t *tally, e fact) {
			if d, is := e.payload.(stock.StockRecorded); is {
				t.put([...]any{d.Store, d.Kind, d.Doc}, d.Day, "", documentSums(d)...)
			}
		}},
	{of: "r_stock_lines", day: "business_date", currency: "currency",
		sums: append([]string{"line", "line_milli", "value_minor", "valued", "proposal", "length(sku)", "length(reason)", "length(lot)", "toUInt16(use_by)",
			"toUInt16(due)", "length(other_store)", "length(supplier)", "length(order_no)", "length(by)"}, each("kind", docWords)...),
		fold: func(t *tally, e fact) {
			d, is := e.payload.(stock.StockRecorded)
			if !is {
				return
			}
			for n, l := range d.Lines {
				t.add(d.Day, l.Value.Currency, append([]int64{int64(n) + 1, l.QtyMilli, l.Value.Minor, one(l.Value.Currency != ""), int64(l.Proposal),
					int64(len(l.SKU)), int64(len(l.Reason)), int64(len(l.Lot)), dayNumber(l.UseBy)}, documentSums(d)...)...)
			}
		}},
	{of: "r_reorders", day: "business_date", currency: "currency",
		sums: append([]string{"qty_milli", "value_minor", "on_hand_milli", "on_order_milli", "in_transit_milli", "reserved_milli", "position_milli", "reorder_point_milli", "target_milli",
			"sold_milli", "in_stock_days", "out_days", "length(supplier)", "length(order_no)", "length(by)", "length(reason)", "length(method)"}, each("said", reorderWords)...),
		fold: func(t *tally, e fact) {
			switch p := e.payload.(type) {
			case stock.ReorderProposed:
				why := p.Why
				t.add(p.Day, p.Value.Currency, append([]int64{p.QtyMilli, p.Value.Minor, why.OnHand, why.OnOrder, why.InTransit, why.Reserved, why.Position, why.ReorderPoint, why.Target,
					why.Sold, int64(why.InStockDays), int64(why.OutDays), int64(len(p.Supplier)), 0, 0, 0, int64(len(why.Method))}, at(reorderWords, "proposed", 1)...)...)
			case stock.ReorderSettled:
				t.add(p.Day, p.Value.Currency, append([]int64{p.QtyMilli, p.Value.Minor, 0, 0, 0, 0, 0, 0, 0,
					0, 0, 0, int64(len(p.Supplier)), int64(len(p.Order)), int64(len(p.By)), int64(len(p.Reason)), 0}, at(reorderWords, string(p.Outcome), 1)...)...)
			}
		}},
	{of: "r_customer_events", sums: slices.Concat([]string{"length(customer)", "length(into)", "yes", "length(how)", "length(text_version)", "length(by)", "length(offer)", "length(campaign)",
		"length(reason)", "length(redeemed_sale)", "toUInt16(first_day)", "toUInt16(last_day)", "toUInt16(redeemed_on)"}, each("what", customerWords), each("purpose", purposeWords)),
		fold: foldCustomers},
}

var (
	docWords      = []string{"received", "sent", "arrived", "counted", "adjusted", "wasted", "reserved", "released", "ordered", "closed"}
	reorderWords  = []string{"proposed", "approved", "dismissed", "withdrawn"}
	customerWords = []string{"described", "merged", "consent", "restricted", "disclosed", "erased", "offered", "redeemed"}
	purposeWords  = []string{"marketing", "personalise", "share"}
)

func documentSums(d stock.StockRecorded) []int64 {
	return append([]int64{dayNumber(d.Due), int64(len(d.Other)), int64(len(d.Supplier)), int64(len(d.Order)), int64(len(d.By))}, at(docWords, string(d.Kind), 1)...)
}

func foldCustomers(t *tally, e fact) {
	var id, into customer.ID
	var what, how, text, by, purpose string
	var offer, campaign, reason, sale string
	var from, until, day ledger.BusinessDay
	yes := false
	switch p := e.payload.(type) {
	case customer.Described:
		id, what, how, by = p.Customer, "described", string(p.Source), p.By
	case customer.Merged:
		id, what, into, by = p.Customer, "merged", p.Into, p.By
	case customer.ConsentSet:
		id, what, purpose, yes, how, text, by = p.Customer, "consent", string(p.Purpose), p.Given, string(p.Source), p.Text, p.By
	case customer.Restricted:
		id, what, yes, how, by = p.Customer, "restricted", p.Restricted, string(p.Basis), p.By
	case customer.Disclosed:
		id, what, how, by = p.Customer, "disclosed", p.How, p.By
	case customer.Erased:
		id, what, how, by = p.Customer, "erased", string(p.Basis), p.By
	case customer.OfferMade:
		id, what, yes, by = p.Customer, "offered", p.HeldOut, p.By
		offer, campaign, reason, from, until = p.Offer, p.Campaign, p.Reason, p.From, p.Until
	case customer.OfferRedeemed:
		id, what, by = p.Customer, "redeemed", p.By
		offer, campaign, sale, day = p.Offer, p.Campaign, p.Sale, p.Day
	default:
		return
	}
	sums := []int64{int64(len(id)), int64(len(into)), one(yes), int64(len(how)), int64(len(text)), int64(len(by)), int64(len(offer)), int64(len(campaign)),
		int64(len(reason)), int64(len(sale)), dayNumber(from), dayNumber(until), dayNumber(day)}
	t.add(ledger.BusinessDay{}, "", slices.Concat(sums, at(customerWords, what, 1), at(purposeWords, purpose, 1))...)
}
