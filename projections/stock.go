package projections

import (
	"slices"
	"strings"
	"time"

	"daybook/ledger"
	"daybook/ledger/stock"
)

// productRecord is an entry of the catalogue.
type productRecord struct {
	source
	stock.Product
}

const catalogueEvents = "catalogue-listed"

var productsTable = table[productRecord]{
	name:   "r_products",
	grain:  "one row per product and day from which an entry of the catalogue holds",
	events: catalogueEvents,
	key:    "sku, since",
	columns: slices.Concat([]column[productRecord]{
		col("sku", "String", "article number", func(r *productRecord) string { return string(r.SKU) }),
		col("since", "Date", "day from which the entry holds; 1970-01-01: always", func(r *productRecord) time.Time { return date(r.From) }),
		col("name", "String", "name of the article", func(r *productRecord) string { return r.Name }),
		col("category", word, "product line", func(r *productRecord) string { return r.Category }),
		col("unit", word, "unit of its quantities, for example piece or kg", func(r *productRecord) string { return r.Unit }),
		col("barcodes", "Array(String)", "GTINs of the article", func(r *productRecord) []string { return r.Barcodes }),
		col("price_minor", "Int64", "price of one, tax included"+inMinor+"currency", func(r *productRecord) int64 { return r.Price.Minor }),
		col("cost_minor", "Int64", "cost of one as the supplier lists it, before tax"+inMinor+"currency", func(r *productRecord) int64 { return r.Cost.Minor }),
		col("supplier", word, "who it is ordered from", func(r *productRecord) string { return r.Supplier }),
		col("pack_milli", "Int64", "it is ordered in multiples of so many thousandths of a unit; 0: of one unit", func(r *productRecord) int64 { return r.PackMilli }),
		col("min_order_milli", "Int64", "smallest order, in thousandths of a unit", func(r *productRecord) int64 { return r.MinOrder }),
		col("min_stock_milli", "Int64", "order at so little whatever the demand, in thousandths of a unit; 0: not said", func(r *productRecord) int64 { return r.MinStock }),
		col("max_stock_milli", "Int64", "never order beyond, in thousandths of a unit; 0: not said", func(r *productRecord) int64 { return r.MaxStock }),
		col("lead_milli_days", "Int64", "thousandths of a day from order to receipt; 0: the supplier's", func(r *productRecord) int64 { return r.LeadDays }),
		col("listed_class", word, "A, B or C where the catalogue says it", func(r *productRecord) string { return r.Class }),
		col("discontinued", "UInt8", "1: no longer ordered", func(r *productRecord) uint8 { return flag(r.Discontinued) }),
	},
		currencyColumns(func(r *productRecord) ledger.Currency {
			if r.Cost.Currency != "" {
				return r.Cost.Currency
			}
			return r.Price.Currency
		}),
		sourceColumns(func(r *productRecord) *source { return &r.source }),
	),
}

func flag(b bool) uint8 {
	if b {
		return 1
	}
	return 0
}

// supplierRecord is an entry of the list of suppliers.
type supplierRecord struct {
	source
	stock.Supplier
}

var suppliersTable = table[supplierRecord]{
	name:   "r_suppliers",
	grain:  "one row per supplier",
	events: catalogueEvents,
	key:    "supplier",
	columns: slices.Concat([]column[supplierRecord]{
		col("supplier", "String", "the retailer's own name for the supplier", func(r *supplierRecord) string { return r.ID }),
		col("supplier_name", "String", "full name of the supplier", func(r *supplierRecord) string { return r.Name }),
		col("lead_milli_days", "Int64", "thousandths of a day from order to receipt, as agreed", func(r *supplierRecord) int64 { return r.LeadDays }),
		col("lead_sd_milli_days", "Int64", "standard deviation of it, as agreed", func(r *supplierRecord) int64 { return r.LeadSD }),
		col("review_milli_days", "Int64", "thousandths of a day between two orders; 0: seven days", func(r *supplierRecord) int64 { return r.ReviewDays }),
		col("order_cost_minor", "Int64", "cost of one order"+inMinor+"currency", func(r *supplierRecord) int64 { return r.OrderCost.Minor }),
		col("holding_ppm", "Int64", "cost of keeping stock for a year, in millionths of its cost", func(r *supplierRecord) int64 { return int64(r.Holding) }),
	},
		currencyColumns(func(r *supplierRecord) ledger.Currency { return r.OrderCost.Currency }),
		sourceColumns(func(r *supplierRecord) *source { return &r.source }),
	),
}

// stockDocRecord says which version of a document counts: the one at its position.
type stockDocRecord struct {
	source
	stock.StockRecorded
}

const documentEvents = "stock-recorded"

var stockDocsTable = table[stockDocRecord]{
	name:    "r_stock_docs",
	grain:   "one row per document, with the version that counts",
	events:  documentEvents,
	key:     "store, kind, doc",
	columns: slices.Concat(documentColumns(func(r *stockDocRecord) *stock.StockRecorded { return &r.StockRecorded }), sourceColumns(func(r *stockDocRecord) *source { return &r.source })),
}

func documentColumns[R any](of func(r *R) *stock.StockRecorded) []column[R] {
	return []column[R]{
		col("store", word, "the retailer's own number of the store", func(r *R) string { return string(of(r).Store) }),
		col("kind", word, "received, sent, arrived, counted, adjusted, wasted, reserved, released, ordered or closed", func(r *R) string { return string(of(r).Kind) }),
		col("doc", "String", "number of the document", func(r *R) string { return of(r).Doc }),
		col("business_date", "Date", "the store's business day", func(r *R) time.Time { return date(of(r).Day) }),
		col("at", "DateTime64(3, 'UTC')", "when it happened, as an instant", func(r *R) time.Time { return instant(of(r).At) }),
		col("other_store", word, "of a transfer: the store at its other end", func(r *R) string { return string(of(r).Other) }),
		col("supplier", word, "who delivers", func(r *R) string { return of(r).Supplier }),
		col("order_no", "String", "of a receipt: the order it is for", func(r *R) string { return of(r).Order }),
		col("due", "Date", "of an order: when it should be there; 1970-01-01: not said", func(r *R) time.Time { return date(of(r).Due) }),
		col("by", word, "who decided, where a person did", func(r *R) string { return of(r).By }),
	}
}

// stockLineRecord is one article on one version of a document.
type stockLineRecord struct {
	source
	doc  *stock.StockRecorded
	line uint32
	stock.Line
}

var stockLinesTable = table[stockLineRecord]{
	name:   "r_stock_lines",
	grain:  "one row per line of a document and version of it",
	events: documentEvents,
	key:    "store, kind, doc, position, line",
	columns: slices.Concat(
		documentColumns(func(r *stockLineRecord) *stock.StockRecorded { return r.doc }),
		[]column[stockLineRecord]{
			col("line", "UInt32", "place on the document, from 1", func(r *stockLineRecord) uint32 { return r.line }),
			col("sku", "String", "article number", func(r *stockLineRecord) string { return string(r.SKU) }),
			col("line_milli", "Int64", "quantity as the document has it, in thousandths of a unit; unsigned, but for adjustments", func(r *stockLineRecord) int64 { return r.QtyMilli }),
			col("value_minor", "Int64", "what all of the line cost, before tax; 0 where the document does not say"+inMinor+"currency", func(r *stockLineRecord) int64 { return r.Value.Minor }),
			col("valued", "UInt8", "1: the document says what the line cost", func(r *stockLineRecord) uint8 { return flag(r.Value.Currency != "") }),
			col("reason", word, "why it was adjusted or wasted", func(r *stockLineRecord) string { return r.Reason }),
			col("lot", "String", "lot number", func(r *stockLineRecord) string { return r.Lot }),
			col("use_by", "Date", "last day on which it may be sold; 1970-01-01: not said", func(r *stockLineRecord) time.Time { return date(r.UseBy) }),
			col("proposal", "UInt64", "of an order: journal position of the proposal it came from; 0: of none", func(r *stockLineRecord) uint64 { return uint64(r.Proposal) }),
		},
		currencyColumns(func(r *stockLineRecord) ledger.Currency { return r.Value.Currency }),
		sourceColumns(func(r *stockLineRecord) *source { return &r.source }),
	),
}

// reorderRecord is one word about what to order.
type reorderRecord struct {
	source
	store    ledger.StoreID
	sku      stock.SKU
	said     string // proposed, approved, dismissed or withdrawn
	day      ledger.BusinessDay
	supplier string
	qty      int64
	value    ledger.Money
	order    string
	by       string
	reason   string
	why      stock.Reckoning
}

const reorderEvents = "reorder-proposed, reorder-settled"

var reordersTable = table[reorderRecord]{
	name:   "r_reorders",
	grain:  "one row per word about what a store should order",
	events: reorderEvents,
	key:    "store, sku, position",
	columns: slices.Concat([]column[reorderRecord]{
		col("store", word, "the store that should order", func(r *reorderRecord) string { return string(r.store) }),
		col("sku", "String", "article number", func(r *reorderRecord) string { return string(r.sku) }),
		col("said", word, "proposed, approved, dismissed or withdrawn", func(r *reorderRecord) string { return r.said }),
		col("business_date", "Date", "of a proposal and its withdrawal the newest day of the store's facts; of a decision the day of it", func(r *reorderRecord) time.Time { return date(r.day) }),
		col("supplier", word, "who it is ordered from", func(r *reorderRecord) string { return r.supplier }),
		col("qty_milli", "Int64", "quantity to order, in thousandths of a unit", func(r *reorderRecord) int64 { return r.qty }),
		minor("value", "what it costs by the catalogue", func(r *reorderRecord) int64 { return r.value.Minor }),
		col("order_no", "String", "purchase order that it became part of", func(r *reorderRecord) string { return r.order }),
		col("by", word, "who decided; empty where the planner did", func(r *reorderRecord) string { return r.by }),
		col("reason", "String", "why it was dismissed", func(r *reorderRecord) string { return r.reason }),
		col("method", word, "demand, category or minimum: what the reorder point was reckoned from", func(r *reorderRecord) string { return string(r.why.Method) }),
		milli("on_hand", "on hand when it was proposed", func(r *reorderRecord) int64 { return r.why.OnHand }),
		milli("on_order", "on order then", func(r *reorderRecord) int64 { return r.why.OnOrder }),
		milli("in_transit", "in transit then", func(r *reorderRecord) int64 { return r.why.InTransit }),
		milli("reserved", "reserved then", func(r *reorderRecord) int64 { return r.why.Reserved }),
		milli("position", "inventory position then: on hand + on order + in transit - reserved", func(r *reorderRecord) int64 { return r.why.Position }),
		milli("reorder_point", "level at which it is ordered", func(r *reorderRecord) int64 { return r.why.ReorderPoint }),
		milli("target", "level up to which it is ordered", func(r *reorderRecord) int64 { return r.why.Target }),
		milli("sold", "sold on the days in stock of the window of 56 days", func(r *reorderRecord) int64 { return r.why.Sold }),
		col("in_stock_days", "UInt32", "days of the window on which it was there", func(r *reorderRecord) uint32 { return uint32(r.why.InStockDays) }),
		col("out_days", "UInt32", "days of the window on which it was not there", func(r *reorderRecord) uint32 { return uint32(r.why.OutDays) }),
	},
		currencyColumns(func(r *reorderRecord) ledger.Currency { return r.value.Currency }),
		sourceColumns(func(r *reorderRecord) *source { return &r.source }),
	),
}

// milli is a column of a quantity.
func milli[R any](name, comment string, of func(r *R) int64) column[R] {
	return col(name+"_milli", "Int64", comment+inMilli, of)
}

const inMilli = ", in thousandths of a unit"

// units shows quantities of a row in units, exactly.
func units(names ...string) string {
	list := make([]string, len(names))
	for n, name := range names {
		list[n] = "CAST(toDecimal128(" + name + "_milli, 3) / 1000 AS Decimal(18, 3)) AS " + name
	}
	return strings.Join(list, ",\n    ")
}

func (b *block) listed(s source, page stock.CatalogueListed) {
	for _, p := range page.Products {
		b.products = append(b.products, productRecord{s, p})
	}
	for _, supplier := range page.Suppliers {
		b.suppliers = append(b.suppliers, supplierRecord{s, supplier})
	}
}

func (b *block) document(s source, d stock.StockRecorded) {
	b.stockDocs = append(b.stockDocs, stockDocRecord{s, d})
	for n, line := range d.Lines {
		b.stockLines = append(b.stockLines, stockLineRecord{s, &d, uint32(n + 1), line})
	}
}

func (b *block) proposed(s source, p stock.ReorderProposed) {
	b.reorders = append(b.reorders, reorderRecord{source: s, store: p.Store, sku: p.SKU, said: "proposed", day: p.Day, supplier: p.Supplier, qty: p.QtyMilli, value: p.Value, why: p.Why})
}

func (b *block) settled(s source, p stock.ReorderSettled) {
	b.reorders = append(b.reorders, reorderRecord{source: s, store: p.Store, sku: p.SKU, said: string(p.Outcome), day: p.Day, supplier: p.Supplier, qty: p.QtyMilli, value: p.Value,
		order: p.Order, by: p.By, reason: p.Reason})
}
