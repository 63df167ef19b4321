package stockfile

import (
	"errors"
	"io"
	"strconv"
	"strings"
	"time"

	"github.com/shopspring/decimal"

	"daybook/adapters/files"
	"daybook/ledger"
	"daybook/ledger/stock"
)

// Rules is what the configuration says about stores and money.
type Rules struct {
	Store    func(id ledger.StoreID) (Store, bool)
	Currency ledger.Currency // home's
}

// Store is what reading needs to know about a store.
type Store struct {
	Clock    ledger.Clock
	Currency ledger.Currency
}

// Format is one of the three forms of stock files.
type Format struct {
	name  string
	sniff func(header files.Row) bool
	read  func(r *reading, sheet *files.Sheet, record *files.Record)
	needs func(sheet *files.Sheet) bool
}

// Name is what messages call the format.
func (f Format) Name() string { return f.name }

// Formats are all of them.
var Formats = []Format{
	{"products", func(h files.Row) bool {
		return has(h, sku) && has(h, name) && (has(h, barcode) || has(h, price) || has(h, cost) || has(h, supplier) || has(h, category)) && quantityOf(h) == "" && !has(h, kind) && !has(h, store)
	}, (*reading).product, func(s *files.Sheet) bool { return require(s, sku, name) }},
	{"suppliers", func(h files.Row) bool {
		return has(h, supplier) && has(h, leadDays) && !has(h, sku)
	}, (*reading).supplier, func(s *files.Sheet) bool { return require(s, supplier, leadDays) }},
	{"stock-documents", func(h files.Row) bool {
		return has(h, sku) && has(h, store) && (quantityOf(h) != "" || has(h, kind) && has(h, quantity))
	}, (*reading).document, needsDocument},
}

// heading is a column by the names that files have for it; the first is the one that messages use.
type heading []string

var (
	sku          = heading{"sku", "商品编码", "货号"}
	name         = heading{"name", "商品名称", "品名"}
	category     = heading{"category", "品类", "类别"}
	unit         = heading{"unit", "单位"}
	barcode      = heading{"barcode", "条码", "商品条码"}
	price        = heading{"price", "售价", "零售价"}
	cost         = heading{"cost", "进价", "单价", "unit_cost"}
	amount       = heading{"amount", "金额"}
	currency     = heading{"currency", "币种"}
	supplier     = heading{"supplier", "供应商"}
	supplierName = heading{"supplier_name", "供应商名称"}
	pack         = heading{"pack", "箱规"}
	minOrder     = heading{"min_order", "起订量"}
	minStock     = heading{"min_stock", "最低库存"}
	maxStock     = heading{"max_stock", "最高库存"}
	leadDays     = heading{"lead_days", "交货天数"}
	leadSD       = heading{"lead_sd", "交货天数偏差"}
	service      = heading{"service", "服务水平"}
	class        = heading{"class", "分类"}
	discontinued = heading{"discontinued", "停售"}
	from         = heading{"from", "生效日期"}
	reviewDays   = heading{"review_days", "订货周期"}
	orderCost    = heading{"order_cost", "订货费用"}
	holding      = heading{"holding", "持有费率"}
	store        = heading{"store", "门店"}
	kind         = heading{"kind", "类型"}
	quantity     = heading{"qty", "数量"}
	doc          = heading{"doc", "单号"}
	day          = heading{"day", "日期"}
	moment       = heading{"time", "时间"}
	order        = heading{"order", "订单号"}
	otherStore   = heading{"other_store", "对方门店"}
	due          = heading{"due", "到货日期"}
	reason       = heading{"reason", "原因"}
	lot          = heading{"lot", "批号"}
	useBy        = heading{"use_by", "保质期至", "有效期至"}
)

// quantities are the headings that say what happened.
var quantities = map[stock.DocKind]heading{
	stock.Received: {"received", "收货数量"}, stock.Sent: {"sent", "调出数量"}, stock.Arrived: {"arrived", "调入数量"},
	stock.Counted: {"counted", "盘点数量"}, stock.Adjusted: {"adjusted", "调整数量"}, stock.Wasted: {"wasted", "报损数量"},
	stock.Reserved: {"reserved", "预留数量"}, stock.Released: {"released", "释放数量"}, stock.Ordered: {"ordered", "订货数量"},
}

// kindWords are what a column kind may say.
var kindWords = map[string]stock.DocKind{
	"收货": stock.Received, "调出": stock.Sent, "调入": stock.Arrived, "盘点": stock.Counted, "调整": stock.Adjusted,
	"报损": stock.Wasted, "预留": stock.Reserved, "释放": stock.Released, "订货": stock.Ordered,
}

func has(header files.Row, h heading) bool {
	for _, spelling := range h {
		if header.Names(spelling) {
			return true
		}
	}
	return false
}

// quantityOf is the one kind that a header's quantity column names; empty for none or several.
func quantityOf(header files.Row) stock.DocKind {
	var found stock.DocKind
	for _, k := range stock.DocKinds {
		if h, is := quantities[k]; is && has(header, h) {
			if found != "" {
				return ""
			}
			found = k
		}
	}
	return found
}

func require(sheet *files.Sheet, headings ...heading) bool {
	var wanted []string
	for _, h := range headings {
		wanted = append(wanted, sheet.Find(h...))
	}
	return sheet.Require(wanted...)
}

func needsDocument(sheet *files.Sheet) bool {
	if !require(sheet, store, sku) {
		return false
	}
	if sheet.Has(sheet.Find(moment...)) {
		return true
	}
	return require(sheet, day)
}

// dialect of all stock files.
var dialect = files.Dialect{Quoted: true}

// Sniff reports whether the document is of this form, by the headings of its parts.
func (f Format) Sniff(document *files.Document) bool {
	for i := range document.Parts {
		header, err := files.NewReader(document.Name, document.Parts[i].Text, dialect).Read()
		if err != nil || !f.sniff(header) {
			return false
		}
	}
	return len(document.Parts) > 0
}

// Read reads the whole document, or reports everything that is wrong with it.
func (f Format) Read(document *files.Document, rules Rules) (stock.File, error) {
	r := &reading{rules: rules, docs: map[docKey]int{}, file: stock.File{
		Name: document.Name, SHA256: document.SHA256, Bytes: document.Bytes, Format: f.name, Truncated: map[string]int{}}}
	for i := range document.Parts {
		part := &document.Parts[i]
		r.sheet(f, document.FileOf(part), part.Text)
	}
	if err := r.problems.Err(); err != nil {
		return stock.File{}, err
	}
	for n := range r.file.Documents {
		if d := &r.file.Documents[n]; d.Kind == stock.Counted { // found in two places: both
			d.Lines = stock.Merged(d.Lines)
		}
	}
	return r.file, nil
}

type docKey struct {
	kind  stock.DocKind
	store ledger.StoreID
	doc   string
}

type reading struct {
	rules    Rules
	problems files.Problems
	file     stock.File
	docs     map[docKey]int // place in file.Documents
	seen     map[string]int // rows of products and suppliers
	header   files.Row
	rows     int // of counts without a number, in the present document
}

func (r *reading) sheet(f Format, file, text string) {
	reader := files.NewReader(file, text, dialect)
	var sheet *files.Sheet
	r.seen = map[string]int{}
	for {
		row, err := reader.Read()
		if err == io.EOF {
			break
		}
		var wrong *files.Error
		if errors.As(err, &wrong) {
			r.problems.Add(wrong)
			continue
		}
		if sheet == nil {
			sheet, r.header = files.NewSheet(file, row, &r.problems), row
			if !f.needs(sheet) {
				return
			}
			continue
		}
		record := sheet.Record(row)
		if record.Sound() {
			f.read(r, sheet, record)
			r.file.Rows++
		}
	}
	if sheet != nil {
		for heading, n := range sheet.Truncated {
			r.file.Truncated[heading] += n
		}
	}
}

// cell reads the cells of one record by our headings.
type cell struct {
	sheet *files.Sheet
	*files.Record
}

func (c cell) at(h heading) string { return c.sheet.Find(h...) }

func (c cell) has(h heading) bool { return c.Record.Has(c.at(h)) }

func (c cell) wrong(h heading, text, hint ledger.Text) { c.Record.Wrong(c.at(h), text, hint) }

const maxText = 200

// text is a cell of at most so many characters.
func (c cell) text(h heading) string {
	text := c.Record.Text(c.at(h))
	if len([]rune(text)) > maxText {
		c.wrong(h, ledger.Say("this text has more than %d characters", maxText), ledger.Text{})
	}
	return text
}

func (c cell) id(h heading) string { return c.Record.ID(c.at(h), 64) }

// need is a cell that must not be blank.
func (c cell) need(h heading) bool {
	if !c.has(h) {
		c.wrong(h, ledger.Say("the cell is empty"), ledger.Say("every row needs this value; compare the row with the original file"))
		return false
	}
	return true
}

func (c cell) needID(h heading) string {
	if !c.need(h) {
		return ""
	}
	return c.id(h)
}

// maxMilli bounds quantities and days, so that sums of them cannot run over.
const maxMilli = 999_999_999_999

// milli reads thousandths of at most three decimals.
func (c cell) milli(h heading, signed bool) int64 {
	if !c.has(h) {
		return 0
	}
	text := c.Record.Text(c.at(h))
	plain := strings.TrimPrefix(text, "-")
	d, err := decimal.NewFromString(text)
	switch {
	case err != nil || strings.ContainsAny(text, "eE+") || len(text) > 20 || plain == "" || plain[0] == '.':
		c.wrong(h, ledger.Say("this is not a quantity"), ledger.Say("write digits, and a point before at most three decimals"))
		return 0
	case !signed && d.IsNegative():
		c.wrong(h, ledger.Say("this is negative; the direction is in the kind of the document"), ledger.Say("write the quantity without a sign"))
		return 0
	}
	thousandths := d.Shift(3)
	if !thousandths.IsInteger() || thousandths.Abs().GreaterThan(decimal.NewFromInt(maxMilli)) {
		c.wrong(h, ledger.Say("this is not a quantity"), ledger.Say("write digits, and a point before at most three decimals"))
		return 0
	}
	return thousandths.IntPart()
}

// days are milli, at most a year.
func (c cell) days(h heading) int64 {
	n := c.milli(h, false)
	if n > 366_000 {
		c.wrong(h, ledger.Say("this is more than a year"), ledger.Text{})
		return 0
	}
	return n
}

func (c cell) money(h heading, code ledger.Currency) ledger.Money {
	if !c.has(h) || code == "" {
		return ledger.Money{}
	}
	minor := c.Record.Amount(c.at(h), code)
	if minor < 0 {
		c.wrong(h, ledger.Say("this is negative"), ledger.Text{})
		return ledger.Money{}
	}
	return ledger.Minor(minor, code)
}

func (c cell) rate(h heading) ledger.Rate {
	if !c.has(h) {
		return 0
	}
	rate, err := ledger.ParseRate(c.Record.Text(c.at(h)))
	if err != nil || rate < 0 || rate > 10_000_000 {
		c.wrong(h, ledger.Say("this is not a percentage such as 95%%"), ledger.Text{})
		return 0
	}
	return rate
}

func (c cell) day(h heading) ledger.BusinessDay {
	if !c.has(h) {
		return ledger.BusinessDay{}
	}
	return c.Record.Day(c.at(h))
}

func (c cell) currency(otherwise ledger.Currency) ledger.Currency {
	if !c.has(currency) {
		return otherwise
	}
	code, err := ledger.ParseCurrency(c.Record.Text(c.at(currency)))
	if err != nil {
		c.wrong(currency, ledger.Say("this is not an ISO 4217 currency code that daybook counts in"), ledger.Say("compare the column with the original file"))
		return ""
	}
	return code
}

// once refuses a second row for what a file lists once.
func (r *reading) once(c cell, h heading, id string) {
	if first, twice := r.seen[id]; twice && id != "" {
		c.wrong(h, ledger.Say("this stands in row %d already", first), ledger.Say("leave one of the two rows in the file"))
		return
	}
	r.seen[id] = c.Line
}

func (r *reading) product(sheet *files.Sheet, record *files.Record) {
	c := cell{sheet, record}
	p := stock.Product{SKU: stock.SKU(c.needID(sku)), Name: c.text(name), Category: c.text(category), Unit: c.text(unit), Supplier: c.id(supplier),
		PackMilli: c.milli(pack, false), MinOrder: c.milli(minOrder, false), MinStock: c.milli(minStock, false), MaxStock: c.milli(maxStock, false),
		LeadDays: c.days(leadDays), LeadSD: c.days(leadSD), Service: c.rate(service), Class: strings.ToUpper(c.text(class)), From: c.day(from)}
	c.need(name)
	code := c.currency(r.rules.Currency)
	p.Price, p.Cost = c.money(price, code), c.money(cost, code)
	for _, code := range strings.FieldsFunc(c.text(barcode), func(r rune) bool { return r == ' ' || r == ';' || r == '；' }) {
		if !gtin(code) {
			c.wrong(barcode, ledger.Say("%s is no barcode: its check digit is wrong, or its length is none of 8, 12, 13 and 14", code), ledger.Say("a spreadsheet may have cut its leading zeros; compare it with the article"))
		}
		p.Barcodes = append(p.Barcodes, code)
	}
	if p.Service != 0 && !known(stock.ServiceLevels, p.Service) {
		c.wrong(service, ledger.Say("this is not one of %s", "90%, 95%, 97.5%, 99%"), ledger.Text{})
	}
	if p.Class != "" && !known([]string{"A", "B", "C"}, p.Class) {
		c.wrong(class, ledger.Say("this is not one of %s", "A, B, C"), ledger.Text{})
	}
	if p.MaxStock != 0 && p.MaxStock <= p.MinStock {
		c.wrong(maxStock, ledger.Say("the most to keep is not more than the least to keep"), ledger.Text{})
	}
	p.Discontinued = c.yes(discontinued)
	r.once(c, sku, string(p.SKU)+"\n"+p.From.String())
	if record.Sound() {
		r.file.Products = append(r.file.Products, p)
	}
}

func (c cell) yes(h heading) bool {
	switch strings.ToLower(c.text(h)) {
	case "yes", "y", "true", "1", "是":
		return true
	case "", "no", "n", "false", "0", "否":
		return false
	}
	c.wrong(h, ledger.Say("this is not one of %s", "yes, no"), ledger.Text{})
	return false
}

func known[T comparable](list []T, value T) bool {
	for _, v := range list {
		if v == value {
			return true
		}
	}
	return false
}

// gtin checks an article number of GS1: its last digit makes the weighted sum a multiple of ten
// (GS1 General Specifications, 7.9).
func gtin(code string) bool {
	if n := len(code); n != 8 && n != 12 && n != 13 && n != 14 {
		return false
	}
	sum := 0
	for i := range len(code) {
		digit := int(code[i]) - '0'
		if digit < 0 || digit > 9 {
			return false
		}
		if (len(code)-i)%2 == 0 {
			digit *= 3
		}
		sum += digit
	}
	return sum%10 == 0
}

func (r *reading) supplier(sheet *files.Sheet, record *files.Record) {
	c := cell{sheet, record}
	s := stock.Supplier{ID: c.needID(supplier), Name: c.text(supplierName), LeadDays: c.days(leadDays), LeadSD: c.days(leadSD), ReviewDays: c.days(reviewDays),
		OrderCost: c.money(orderCost, c.currency(r.rules.Currency)), Holding: c.rate(holding)}
	c.need(leadDays)
	r.once(c, supplier, s.ID)
	if record.Sound() {
		r.file.Suppliers = append(r.file.Suppliers, s)
	}
}

func (r *reading) document(sheet *files.Sheet, record *files.Record) {
	c := cell{sheet, record}
	d := stock.StockRecorded{Store: ledger.StoreID(c.needID(store)), Supplier: c.id(supplier), Due: c.day(due)}
	amountIn := quantity
	if d.Kind = quantityOf(r.header); d.Kind != "" {
		amountIn = quantities[d.Kind]
	} else {
		d.Kind = r.kind(c)
	}
	in, listed := r.rules.Store(d.Store)
	if !listed && d.Store != "" {
		c.wrong(store, ledger.Say("this store is not in the configuration"), ledger.Say("add it under stores: in the configuration"))
	}
	line := stock.Line{SKU: stock.SKU(c.needID(sku)), Lot: c.id(lot), UseBy: c.day(useBy)}
	if c.need(amountIn) {
		line.QtyMilli = c.milli(amountIn, d.Kind == stock.Adjusted)
		if line.QtyMilli == 0 && d.Kind != stock.Counted && record.Sound() {
			c.wrong(amountIn, ledger.Say("a quantity of nothing moves nothing"), ledger.Say("leave the row out"))
		}
	}
	r.value(c, &line, d.Kind, in.Currency)
	switch d.Kind {
	case stock.Adjusted, stock.Wasted:
		c.need(reason)
		line.Reason = ledger.TruncateCards(c.text(reason))
	case stock.Sent, stock.Arrived:
		d.Other = ledger.StoreID(c.needID(otherStore))
		if _, listed := r.rules.Store(d.Other); !listed && d.Other != "" {
			c.wrong(otherStore, ledger.Say("this store is not in the configuration"), ledger.Say("add it under stores: in the configuration"))
		} else if d.Other == d.Store && d.Store != "" {
			c.wrong(otherStore, ledger.Say("goods cannot go from a store to itself"), ledger.Text{})
		}
	case stock.Received:
		d.Order = c.id(order)
	}
	if d.Kind == stock.Ordered {
		c.need(supplier)
	}
	r.when(c, &d, in.Clock)
	if d.Doc = c.id(doc); !c.has(doc) {
		if d.Kind == stock.Counted {
			d.Doc = r.counted(d)
		} else {
			c.need(doc)
		}
	}
	if record.Sound() {
		r.enter(c, d, line)
	}
}

// counted names a count without a number: by the file, in pieces that an event can carry.
func (r *reading) counted(d stock.StockRecorded) string {
	const piece = 4000
	r.rows++
	return "count-" + r.file.SHA256[:12] + "-" + d.At.Format("20060102T1504") + "-" + strconv.Itoa(r.rows/piece)
}

func (r *reading) kind(c cell) stock.DocKind {
	if !c.need(kind) {
		return ""
	}
	word := strings.ToLower(c.text(kind))
	if k, is := kindWords[word]; is {
		return k
	}
	if k := stock.DocKind(word); quantities[k] != nil {
		return k
	}
	c.wrong(kind, ledger.Say("this is not one of %s", "received, sent, arrived, counted, adjusted, wasted, reserved, released, ordered"), ledger.Text{})
	return ""
}

// value is what a row's goods cost: its amount, or its cost times the quantity, to the minor
// unit, half up.
func (r *reading) value(c cell, line *stock.Line, kind stock.DocKind, code ledger.Currency) {
	switch {
	case code == "" || !c.has(amount) && !c.has(cost):
		return
	case kind != stock.Received && kind != stock.Arrived && kind != stock.Ordered:
		return // what goes out goes at the cost it came in for
	case c.has(amount):
		line.Value = c.money(amount, code)
		return
	}
	text := c.Record.Text(c.at(cost))
	d, err := decimal.NewFromString(text)
	if err != nil || d.IsNegative() || strings.ContainsAny(text, "eE+") || len(text) > 20 {
		c.wrong(cost, ledger.Say("this is not an amount that daybook accepts"), ledger.Say("write digits, and a point before the decimals"))
		return
	}
	value := d.Mul(decimal.New(line.QtyMilli, -3)).Shift(int32(code.Exponent())).Round(0)
	if value.Abs().GreaterThan(decimal.NewFromInt(maxMilli)) {
		c.wrong(cost, ledger.Say("this is not an amount that daybook accepts"), ledger.Text{})
		return
	}
	line.Value = ledger.Minor(value.IntPart(), code)
}

// when reads a document's moment. With a day alone, goods come in before the day's sales, go out
// after them, and are counted last.
func (r *reading) when(c cell, d *stock.StockRecorded, clock ledger.Clock) {
	if c.has(moment) {
		if clock.Zone == nil {
			return
		}
		text := c.Record.Text(c.at(moment))
		layout := "2006-01-02 15:04"
		if strings.Count(text, ":") == 2 {
			layout = time.DateTime
		}
		if d.At = c.Record.Time(c.at(moment), layout, clock.Zone); d.At.IsZero() {
			return
		}
		d.Day = clock.Day(d.At)
		if c.has(day) {
			d.Day = c.day(day)
		}
		_, offset := d.At.Zone()
		d.At = d.At.In(time.FixedZone("", offset))
		return
	}
	if !c.need(day) {
		return
	}
	if d.Day = c.day(day); d.Day.IsZero() || clock.Zone == nil {
		return
	}
	switch end := clock.End(d.Day); d.Kind {
	case stock.Counted:
		d.At = end.Add(-time.Second)
	case stock.Sent, stock.Wasted, stock.Adjusted:
		d.At = end.Add(-2 * time.Second)
	default:
		d.At = clock.End(d.Day.AddDays(-1))
	}
	_, offset := d.At.Zone()
	d.At = d.At.In(time.FixedZone("", offset))
}

// enter puts a row into its document, which must agree with it.
func (r *reading) enter(c cell, d stock.StockRecorded, line stock.Line) {
	key := docKey{d.Kind, d.Store, d.Doc}
	n, there := r.docs[key]
	if !there {
		r.docs[key] = len(r.file.Documents)
		d.Lines = []stock.Line{line}
		r.file.Documents = append(r.file.Documents, stock.Document{Row: c.Line, StockRecorded: d})
		return
	}
	first := &r.file.Documents[n]
	for _, part := range []struct {
		heading heading
		differs bool
	}{
		{day, first.Day != d.Day}, {moment, !first.At.Equal(d.At)}, {otherStore, first.Other != d.Other}, {supplier, first.Supplier != d.Supplier},
		{order, first.Order != d.Order}, {due, first.Due != d.Due},
	} {
		if part.differs {
			c.wrong(part.heading, ledger.Say("this differs from row %d, which is of the same document %s", first.Row, d.Doc), ledger.Say("give it a number of its own, or make the rows agree"))
			return
		}
	}
	first.Lines = append(first.Lines, line)
}
