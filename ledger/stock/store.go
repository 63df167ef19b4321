package stock

import (
	"math/big"
	"slices"

	"daybook/ledger"
)

// window is how many whole days demand is taken from, before the newest day of a store.
const window = 56

// enough is how many days in stock a product needs before its own sales speak for it.
const enough = 21

// store is what the planner knows of one store: what its goods did on the days of the window,
// and what is on its way. It is a function of the facts, whatever their order. It grows with
// the store's goods and the window, not with history.
type store struct {
	Position  ledger.Position                  `json:"position"` // of the last event that concerned it
	Newest    ledger.BusinessDay               `json:"newest"`   // of its facts
	Edge      ledger.BusinessDay               `json:"edge"`     // days up to it are in Base only
	Goods     map[SKU]*good                    `json:"goods"`
	Documents map[ledger.BusinessDay][]string  `json:"documents"` // streams of the documents of a day
	Orders    map[string]*order                `json:"orders"`
	Transfers map[string]*transfer             `json:"transfers"` // to this store
	Held      map[string]map[SKU]int64         `json:"held"`      // reserved, by document
	Freed     map[string]map[string]quantities `json:"freed"`     // released, by reservation and stream

	// What has to be reckoned anew before anybody looks: days on which a count stands, or a
	// document was corrected; everything, when that lies behind the edge.
	Days  map[ledger.BusinessDay]bool `json:"days,omitempty"`
	Anew  bool                        `json:"anew,omitempty"`
	dirty bool
}

type quantities map[SKU]int64

// good is one article in a store.
type good struct {
	First     ledger.BusinessDay              `json:"first"`                // on which anything moved
	Base      int64                           `json:"base"`                 // on hand at the end of the edge
	BaseCount int64                           `json:"base_count,omitempty"` // moment of the last count up to there
	Tracked   bool                            `json:"tracked,omitempty"`    // goods were received or counted: the stock is known
	Days      map[ledger.BusinessDay]*goodDay `json:"days,omitempty"`
	Open      *openProposal                   `json:"open,omitempty"`
	Dismissed bool                            `json:"dismissed,omitempty"` // until the position is above the point
}

// goodDay is what happened to it on a day.
type goodDay struct {
	Sold    int64 `json:"sold,omitempty"`
	In      bool  `json:"in,omitempty"`      // something came in
	Net     int64 `json:"net,omitempty"`     // all moves but counts
	Counted int64 `json:"counted,omitempty"` // moment of the last count; 0: none
	End     int64 `json:"end,omitempty"`     // on hand at its end, when counted
}

type openProposal struct {
	Position ledger.Position `json:"position"`
	Quantity int64           `json:"quantity"`
	Supplier string          `json:"supplier"`
}

// order is a purchase order. It may be known from its receipts, or approvals, alone.
type order struct {
	Day      ledger.BusinessDay    `json:"day,omitzero"`
	Lines    []Line                `json:"lines,omitempty"`
	Received map[string]quantities `json:"received,omitempty"` // by the receipt's stream
	Approved []ReorderSettled      `json:"approved,omitempty"` // not yet among the lines
	Closed   bool                  `json:"closed,omitempty"`
}

type transfer struct {
	Sent    map[string]quantities `json:"sent,omitempty"`
	Arrived map[string]quantities `json:"arrived,omitempty"`
	Closed  bool                  `json:"closed,omitempty"`
	Day     ledger.BusinessDay    `json:"day,omitzero"`
}

// fill makes the maps that an empty or stored state lacks.
func (s *store) fill() {
	if s.Goods == nil {
		s.Goods = map[SKU]*good{}
	}
	if s.Documents == nil {
		s.Documents = map[ledger.BusinessDay][]string{}
	}
	if s.Orders == nil {
		s.Orders = map[string]*order{}
	}
	if s.Transfers == nil {
		s.Transfers = map[string]*transfer{}
	}
	if s.Held == nil {
		s.Held = map[string]map[SKU]int64{}
	}
	if s.Freed == nil {
		s.Freed = map[string]map[string]quantities{}
	}
	if s.Days == nil {
		s.Days = map[ledger.BusinessDay]bool{}
	}
}

func (s *store) good(sku SKU) *good {
	g := s.Goods[sku]
	if g == nil {
		g = &good{}
		s.Goods[sku] = g
	}
	return g
}

// seen on a day, for the first time or again.
func (g *good) seen(day ledger.BusinessDay) *good {
	if g.First.IsZero() || day.Compare(g.First) < 0 {
		g.First = day
	}
	return g
}

func (g *good) day(day ledger.BusinessDay) *goodDay {
	d := g.Days[day]
	if d == nil {
		if g.Days == nil {
			g.Days = map[ledger.BusinessDay]*goodDay{}
		}
		d = &goodDay{}
		g.Days[day] = d
	}
	return d
}

// move is one change of what is on hand.
type move struct {
	sku    SKU
	moment int64
	qty    int64
	sold   bool
}

// movesOf are the moves that a sale or refund makes. Goods that come back as waste come in
// and go out again at once.
func movesOf(action any) (head ledger.Till, moves []move) {
	lines, sign, wasted := []ledger.SaleLine(nil), int64(-1), []int(nil)
	switch action := action.(type) {
	case ledger.SaleRecorded:
		head, lines = action.Till, action.Lines
	case ledger.RefundRecorded:
		head, lines, sign, wasted = action.Till, action.Lines, 1, action.Wasted
	}
	if !head.Mode.Counts() {
		return head, nil
	}
	moment := Moment(head.BusinessDay, head.At)
	for n, line := range lines {
		if line.SKU == "" || slices.Contains(wasted, n+1) {
			continue
		}
		moves = append(moves, move{SKU(line.SKU), moment, sign * line.QtyMilli, sign < 0})
	}
	return head, moves
}

// moves of a document; a count is none.
func (d StockRecorded) moves() (moves []move) {
	sign := d.Kind.Sign()
	if sign == 0 {
		return nil
	}
	moment := Moment(d.Day, d.At)
	for _, line := range d.Lines {
		moves = append(moves, move{line.SKU, moment, sign * line.QtyMilli, false})
	}
	return moves
}

func (s *store) see(day ledger.BusinessDay) {
	if day.Compare(s.Newest) > 0 {
		s.Newest = day
	}
}

// add takes moves of a day into account that were not there before.
func (s *store) add(day ledger.BusinessDay, moves []move) {
	s.see(day)
	for _, m := range moves {
		g := s.good(m.sku).seen(day)
		if day.Compare(s.Edge) <= 0 {
			if m.moment > g.BaseCount {
				g.Base = ledger.AddMinor(g.Base, m.qty)
			}
			continue
		}
		d := g.day(day)
		if d.Counted != 0 {
			s.Days[day] = true
		}
		d.take(m)
	}
}

func (d *goodDay) take(m move) {
	d.Net = ledger.AddMinor(d.Net, m.qty)
	if m.sold {
		d.Sold = ledger.AddMinor(d.Sold, -m.qty)
	} else if m.qty > 0 {
		d.In = true
	}
}

// anew has a day reckoned again from its facts.
func (s *store) anew(day ledger.BusinessDay) {
	if day.Compare(s.Edge) <= 0 {
		s.Anew = true
		return
	}
	s.Days[day] = true
}

// recordDay puts a day together from all its facts.
func (s *store) recordDay(day ledger.BusinessDay, moves []move, counts []StockRecorded) {
	for _, g := range s.Goods {
		delete(g.Days, day)
	}
	bySKU := map[SKU][]move{}
	for _, m := range moves {
		s.good(m.sku).seen(day).day(day).take(m)
		bySKU[m.sku] = append(bySKU[m.sku], m)
	}
	slices.SortFunc(counts, func(a, b StockRecorded) int { return compareMoments(a, b) })
	for _, count := range counts { // in order: the last one stays
		moment := Moment(count.Day, count.At)
		for _, line := range Merged(count.Lines) {
			d := s.good(line.SKU).seen(day).day(day)
			d.Counted, d.End = moment, line.QtyMilli
			d.In = d.In || line.QtyMilli > 0
			for _, m := range bySKU[line.SKU] {
				if m.moment > moment {
					d.End = ledger.AddMinor(d.End, m.qty)
				}
			}
		}
	}
}

// compareMoments orders documents of a day. Of two counts at one moment the one with the
// greater number is the later.
func compareMoments(a, b StockRecorded) int {
	if by := Moment(a.Day, a.At) - Moment(b.Day, b.At); by != 0 {
		return int(by)
	}
	switch {
	case a.Doc < b.Doc:
		return -1
	case a.Doc > b.Doc:
		return 1
	}
	return 0
}

// trim folds the days that have left the window into what was on hand before it.
func (s *store) trim() {
	edge := s.Newest.AddDays(-window - 1)
	if s.Newest.IsZero() || edge.Compare(s.Edge) <= 0 {
		return
	}
	for _, g := range s.Goods {
		var past []ledger.BusinessDay
		for day := range g.Days {
			if day.Compare(edge) <= 0 {
				past = append(past, day)
			}
		}
		slices.SortFunc(past, ledger.BusinessDay.Compare)
		for _, day := range past {
			g.Base = g.Days[day].after(g.Base)
			if counted := g.Days[day].Counted; counted != 0 {
				g.BaseCount = counted
			}
			delete(g.Days, day)
		}
	}
	for day := range s.Documents {
		if day.Compare(edge) <= 0 {
			delete(s.Documents, day)
		}
	}
	for no, o := range s.Orders {
		if !o.Day.IsZero() && o.Day.Compare(edge) <= 0 && (o.Closed || o.complete()) {
			delete(s.Orders, no)
		}
	}
	for no, t := range s.Transfers {
		if !t.Day.IsZero() && t.Day.Compare(edge) <= 0 && (t.Closed || t.complete()) {
			delete(s.Transfers, no)
		}
	}
	s.Edge = edge
}

func (d *goodDay) after(before int64) int64 {
	if d.Counted != 0 {
		return d.End
	}
	return ledger.AddMinor(before, d.Net)
}

// history is the stock of a good now, and its sales on the days of the window on which it was
// there: at the beginning of the day, or by something that came in or was sold.
func (s *store) history(g *good) (onHand int64, sold []int64, out int) {
	onHand = g.Base
	if g.First.IsZero() {
		return onHand, nil, 0
	}
	first := s.Edge.AddDays(1)
	if s.Edge.IsZero() || g.First.Compare(first) > 0 {
		first = g.First
	}
	from := s.Newest.AddDays(-window)
	for day := first; day.Compare(s.Newest) <= 0; day = day.AddDays(1) {
		d := g.Days[day]
		if counts := day.Compare(from) >= 0 && day.Compare(s.Newest) < 0; counts {
			switch {
			case d != nil && (d.Sold > 0 || d.In):
				sold = append(sold, d.Sold)
			case onHand > 0:
				sold = append(sold, 0)
			default:
				out++
			}
		}
		if d != nil {
			onHand = d.after(onHand)
		}
	}
	return onHand, sold, out
}

func sum(by map[string]quantities, sku SKU) (total int64) {
	for _, q := range by {
		total = ledger.AddMinor(total, q[sku])
	}
	return total
}

func (o *order) ordered(sku SKU) (total int64) {
	for _, line := range o.Lines {
		if line.SKU == sku {
			total = ledger.AddMinor(total, line.QtyMilli)
		}
	}
	for _, a := range o.Approved {
		if a.SKU == sku {
			total = ledger.AddMinor(total, a.QtyMilli)
		}
	}
	return total
}

func (o *order) complete() bool {
	for _, line := range o.Lines {
		if sum(o.Received, line.SKU) < o.ordered(line.SKU) {
			return false
		}
	}
	return len(o.Approved) == 0
}

func (t *transfer) complete() bool {
	for _, sent := range t.Sent {
		for sku := range sent {
			if sum(t.Arrived, sku) < sum(t.Sent, sku) {
				return false
			}
		}
	}
	return true
}

// coming are what is on order, in transit and reserved, by article.
func (s *store) coming() (onOrder, inTransit, reserved quantities) {
	onOrder, inTransit, reserved = quantities{}, quantities{}, quantities{}
	for _, o := range s.Orders {
		if o.Closed {
			continue
		}
		skus := map[SKU]bool{}
		for _, line := range o.Lines {
			skus[line.SKU] = true
		}
		for _, a := range o.Approved {
			skus[a.SKU] = true
		}
		for sku := range skus {
			onOrder[sku] += max(0, o.ordered(sku)-sum(o.Received, sku))
		}
	}
	for _, t := range s.Transfers {
		if t.Closed {
			continue
		}
		skus := map[SKU]bool{}
		for _, sent := range t.Sent {
			for sku := range sent {
				skus[sku] = true
			}
		}
		for sku := range skus {
			inTransit[sku] += max(0, sum(t.Sent, sku)-sum(t.Arrived, sku))
		}
	}
	for doc, held := range s.Held {
		for sku, qty := range held {
			reserved[sku] += max(0, qty-sum(s.Freed[doc], sku))
		}
	}
	return onOrder, inTransit, reserved
}

// verdict is what should be proposed for an article; a quantity of 0 is nothing.
type verdict struct {
	Reckoning
	quantity int64
	above    bool // the position is above the reorder point
	known    bool // there is a reorder point
	supplier string
	value    ledger.Money
}

// demandOf is the demand of every good, and of every category: of all its goods' days.
func (s *store) demandOf(c *catalogue) (own map[SKU]goodDemand, pooled map[string]Demand) {
	own, pooled = map[SKU]goodDemand{}, map[string]Demand{}
	together := map[string][]int64{}
	for _, sku := range sortedKeys(s.Goods) {
		onHand, sold, out := s.history(s.Goods[sku])
		own[sku] = goodDemand{onHand, sold, out}
		if p, listed := c.Products[sku]; listed && p.Category != "" {
			together[p.Category] = append(together[p.Category], sold...)
		}
	}
	for category, sold := range together {
		pooled[category] = DemandOf(sold)
	}
	return own, pooled
}

type goodDemand struct {
	onHand int64
	sold   []int64
	out    int
}

// judge says of every article of the catalogue that the store knows what should be proposed.
func (s *store) judge(c *catalogue) map[SKU]verdict {
	verdicts := map[SKU]verdict{}
	own, pooled := s.demandOf(c)
	onOrder, inTransit, reserved := s.coming()
	points := points{}
	for sku, g := range s.Goods {
		p, listed := c.Products[sku]
		if !listed || !g.Tracked {
			continue
		}
		var v verdict
		d := own[sku]
		v.OnHand, v.OnOrder, v.InTransit, v.Reserved = d.onHand, onOrder[sku], inTransit[sku], reserved[sku]
		v.Position = ledger.AddMinor(ledger.AddMinor(v.OnHand, v.OnOrder), ledger.AddMinor(v.InTransit, -v.Reserved))
		v.InStockDays, v.OutDays = len(d.sold), d.out
		for _, sold := range d.sold {
			v.Sold = ledger.AddMinor(v.Sold, sold)
		}
		c.judge(&v, p, DemandOf(d.sold), pooled[p.Category], points)
		verdicts[sku] = v
	}
	return verdicts
}

// catalogue is what is listed of products and suppliers.
type catalogue struct {
	Position  ledger.Position     `json:"position"`
	Products  map[SKU]Product     `json:"products"`
	Suppliers map[string]Supplier `json:"suppliers"`

	dirty bool
}

func (c *catalogue) list(page CatalogueListed) {
	for _, p := range page.Products {
		if there, listed := c.Products[p.SKU]; !listed || p.later(there) {
			c.Products[p.SKU] = p
		}
	}
	for _, supplier := range page.Suppliers {
		c.Suppliers[supplier.ID] = supplier
	}
}

// lead is how long an article takes from order to receipt, and how long between two orders.
func (c *catalogue) lead(p Product) (lead, deviation, review int64) {
	supplier := c.Suppliers[p.Supplier]
	lead, deviation, review = p.LeadDays, p.LeadSD, supplier.ReviewDays
	if lead == 0 {
		lead, deviation = supplier.LeadDays, max(deviation, supplier.LeadSD)
	}
	if lead == 0 {
		lead = defaultLead
	}
	if review == 0 {
		review = defaultReview
	}
	return lead, deviation, review
}

// judge finds the reorder point, and how much to order at it.
func (c *catalogue) judge(v *verdict, p Product, own, category Demand, points points) {
	demand := own
	v.Method = ByDemand
	if own.Days < enough {
		demand, v.Method = category, ByCategory
	}
	lead, deviation, review := c.lead(p)
	v.Lead = lead
	service := p.Service
	if service == 0 {
		service = defaultService
	}
	if demand.Days >= enough {
		v.known = true
		v.ReorderPoint = 1000 * points.of(demand, service, lead, deviation)
		v.Target = 1000 * points.of(demand, service, lead+review, deviation)
	}
	if p.MinStock > 0 && (!v.known || p.MinStock > v.ReorderPoint) {
		v.known, v.Method, v.ReorderPoint = true, ByMinimum, p.MinStock
	}
	v.Target = max(v.Target, v.ReorderPoint)
	if v.Method == ByMinimum && p.MaxStock > 0 {
		v.Target = p.MaxStock
	}
	v.above = v.known && v.Position > v.ReorderPoint
	v.supplier = p.Supplier
	if !v.known || v.above || p.Discontinued {
		return
	}
	pack := p.PackMilli
	if pack == 0 {
		pack = 1000
	}
	v.quantity = Order(v.Position, v.Target, c.economic(p, demand), pack, p.MinOrder, p.MaxStock)
	v.value = valueOf(p.Cost, v.quantity)
}

// economic is the economic quantity, where the cost of an order and of keeping stock are known.
func (c *catalogue) economic(p Product, demand Demand) int64 {
	supplier := c.Suppliers[p.Supplier]
	if supplier.OrderCost.Minor == 0 || supplier.Holding == 0 || p.Cost.Minor == 0 || p.Cost.Currency != supplier.OrderCost.Currency || demand.Mean == nil {
		return 0
	}
	yearly := new(big.Rat).Mul(demand.Mean, big.NewRat(365, 1))
	holding := new(big.Rat).Mul(big.NewRat(p.Cost.Minor, 1), big.NewRat(int64(supplier.Holding), 1_000_000))
	return EOQ(yearly, big.NewRat(supplier.OrderCost.Minor, 1), holding)
}

// valueOf is what a quantity costs, to the minor unit, half up. Nothing is known without a cost.
func valueOf(cost ledger.Money, milli int64) ledger.Money {
	if cost.Currency == "" {
		return ledger.Money{}
	}
	value := new(big.Int).Mul(big.NewInt(cost.Minor), big.NewInt(milli))
	value.Add(value, big.NewInt(500))
	value.Div(value, thousand)
	return ledger.Minor(value.Int64(), cost.Currency)
}

// points remembers reorder points: slow movers of a store have the same few demands.
type points map[pointKey]int64

type pointKey struct {
	mean, variance  string
	service         ledger.Rate
	lead, deviation int64
}

func (p points) of(d Demand, service ledger.Rate, lead, deviation int64) int64 {
	key := pointKey{d.Mean.String(), d.Variance.String(), service, lead, deviation}
	point, known := p[key]
	if !known {
		point = d.ReorderPoint(service, lead, deviation)
		p[key] = point
	}
	return point
}
