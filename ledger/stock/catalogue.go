package stock

import "daybook/ledger"

// SKU is the retailer's own number of an article.
type SKU string

// Kinds are the kinds of event this room writes.
func Kinds() []ledger.Kind {
	return []ledger.Kind{
		ledger.KindOf[CatalogueListed]("catalogue-listed"),
		ledger.KindOf[StockRecorded]("stock-recorded"),
		ledger.KindOf[FileImported]("stock-file-imported"),
		ledger.KindOf[ReorderProposed]("reorder-proposed"),
		ledger.KindOf[ReorderSettled]("reorder-settled"),
	}
}

type (
	// CatalogueListed is a page of a catalogue. Of several entries for one product the one
	// with the latest From counts, and of those the one that came last.
	CatalogueListed struct {
		Page      int        `json:"page"` // from 0
		Products  []Product  `json:"products,omitempty"`
		Suppliers []Supplier `json:"suppliers,omitempty"`
	}

	// Product is an article, and how it is bought.
	Product struct {
		SKU          SKU                `json:"sku"`
		From         ledger.BusinessDay `json:"from,omitzero"` // since when; zero: always
		Name         string             `json:"name"`
		Category     string             `json:"category,omitempty"`
		Unit         string             `json:"unit,omitempty"` // piece, kg …
		Barcodes     []string           `json:"barcodes,omitempty"`
		Price        ledger.Money       `json:"price,omitzero"` // of one, tax included
		Cost         ledger.Money       `json:"cost,omitzero"`  // of one, as the supplier lists it, before tax
		Supplier     string             `json:"supplier,omitempty"`
		PackMilli    int64              `json:"pack_milli,omitempty"`      // ordered in multiples of it; 0: of one
		MinOrder     int64              `json:"min_order_milli,omitempty"` // smallest order
		MinStock     int64              `json:"min_stock_milli,omitempty"` // order at so little, whatever the demand
		MaxStock     int64              `json:"max_stock_milli,omitempty"` // and never beyond so much
		LeadDays     int64              `json:"lead_milli_days,omitempty"` // the product's own; 0: its supplier's
		LeadSD       int64              `json:"lead_sd_milli_days,omitempty"`
		Service      ledger.Rate        `json:"service_ppm,omitempty"` // 90, 95, 97.5 or 99 %; 0: 95
		Class        string             `json:"class,omitempty"`       // A, B or C; empty: by turnover
		Discontinued bool               `json:"discontinued,omitempty"`
	}

	// Supplier is who is ordered from. Days are thousandths.
	Supplier struct {
		ID         string       `json:"id"`
		Name       string       `json:"name,omitempty"`
		LeadDays   int64        `json:"lead_milli_days,omitempty"` // from order to receipt
		LeadSD     int64        `json:"lead_sd_milli_days,omitempty"`
		ReviewDays int64        `json:"review_milli_days,omitempty"` // between two orders
		OrderCost  ledger.Money `json:"order_cost,omitzero"`         // of one order
		Holding    ledger.Rate  `json:"holding_ppm,omitempty"`       // cost of keeping stock for a year, of its cost
	}
)

// later reports whether p takes the place of an entry that came before it.
func (p Product) later(than Product) bool { return p.From.Compare(than.From) >= 0 }

// What is assumed where neither product nor supplier says anything.
const (
	defaultLead    = 7_000 // thousandths of a day
	defaultReview  = 7_000
	defaultService = ledger.Rate(950_000)
)

// ServiceLevels are those whose normal quantile is known.
var ServiceLevels = []ledger.Rate{900_000, 950_000, 975_000, 990_000}
