package simulator

import (
	"fmt"
	"math/rand/v2"
	"path"
	"slices"
	"strconv"

	"daybook/ledger"
)

// The files about goods: the catalogue and the suppliers once, and for each day one file of
// what came in, went to other stores, was thrown away, counted and ordered. (The forms of
// adapters/stockfile.)
//
// What is on hand is never below nothing: what a store is short of for the sales of a day has
// come in that morning. A count finds what is there, but for planted shrinkage, which the key names.
const (
	productsFile  = "products.csv"
	suppliersFile = "suppliers.csv"
	productsHead  = "sku,name,category,unit,barcode,price,cost,currency,supplier,pack,min_stock\n"
	suppliersHead = "supplier,supplier_name,lead_days,review_days,order_cost,currency,holding\n"
	goodsHead     = "store,doc,day,sku,kind,qty,cost,supplier,order,other_store,due,reason\n"
)

// source is who delivers, and so many days after an order.
type source struct {
	id, name   string
	lead       int
	categories []string
}

var sources = []source{
	{"drinks", "申江饮料", 2, []string{"饮料", "零食"}},
	{"fresh", "晨露鲜食", 1, []string{"乳品", "熟食", "烘焙", "果蔬"}},
	{"dry", "华东粮油日用", 2, []string{"粮油", "日用"}},
	{"durables", "联合电器酒业", 3, []string{"数码", "家电", "酒类"}},
}

// ahead is more than the longest lead.
const ahead = 4

// perishable is what cannot be sold tomorrow, or again.
func perishable(category string) bool {
	return slices.Contains(sources[fromFresh].categories, category)
}

// pack is how many thousandths an article is ordered in multiples of, and floor how many a
// store wants to have at least.
func (a *article) pack() int64 {
	switch {
	case a.weighed:
		return 5_000
	case a.shelf >= 10_000:
		return 1_000
	}
	return 12_000
}

func (a *article) floor() int64 { return 2 * a.pack() }

// cost of one, before tax.
func (a *article) cost() int64 { return max(1, a.unit*7/10) }

func (a *article) packs(milli int64) int64 { return (milli + a.pack() - 1) / a.pack() * a.pack() }

// shelf is one article in one store, in thousandths.
type shelf struct {
	hand       int64
	sold, back int64        // of the day
	rate       int64        // what is sold in a day, smoothed
	coming     [ahead]int64 // by the day it is due, modulo ahead
}

func (s *shelf) onOrder() (sum int64) {
	for _, n := range s.coming {
		sum += n
	}
	return sum
}

// transfer is on its way between two stores.
type transfer struct {
	doc      string
	from, to *store
	article  int
	milli    int64
}

// KeyShrinkage is what a count finds missing.
type KeyShrinkage struct {
	Store    ledger.StoreID `json:"store"`
	SKU      string         `json:"sku"`
	QtyMilli int64          `json:"qty_milli"` // thousandths, unsigned
}

// writeCatalogue writes what there is to sell, and who delivers it. Prices are those of home.
func (s *stream) writeCatalogue() error {
	home := s.world.regions[0]
	t := s.create(path.Join(FilesDir, productsFile), false)
	t.put(productsHead)
	for i := range home.range_ {
		a := &home.range_[i]
		unit := "件"
		if a.weighed {
			unit = "千克"
		}
		t.put(a.sku)
		t.cells(a.name, a.category, unit, barcode(i))
		t.put(",")
		t.major(a.shelf, home.currency)
		t.put(",")
		t.major(a.cost(), home.currency)
		t.cells(string(home.currency), s.world.stocked.sources[a.source].id)
		t.milli(a.pack())
		t.milli(a.floor())
		t.end()
	}
	if err := t.close(); err != nil {
		return err
	}
	t = s.create(path.Join(FilesDir, suppliersFile), false)
	t.put(suppliersHead)
	for _, from := range s.world.stocked.sources {
		t.put(from.id)
		t.cells(from.name, strconv.Itoa(from.lead), "1")
		t.put(",")
		t.major(2000, home.currency)
		t.cells(string(home.currency), "25%")
		t.end()
	}
	return t.close()
}

// barcode is an EAN-8 of the numbers that stores may give out themselves (GS1 General
// Specifications, 2.1.11: prefix 2).
func barcode(n int) string {
	digits := fmt.Sprintf("20%05d", n)
	sum := 0
	for i := range digits {
		weight := 3
		if i%2 == 1 {
			weight = 1
		}
		sum += weight * int(digits[i]-'0')
	}
	return digits + strconv.Itoa((10-sum%10)%10)
}

// milli appends a quantity behind a comma.
func (t *text) milli(n int64) {
	t.row = append(t.row, ',')
	t.row = appendQuantity(t.row, n)
}

// took notes what an action takes from the shelves of a store, or brings back.
func (st *store) took(action ledger.Action) {
	switch a := action.(type) {
	case ledger.SaleRecorded:
		if a.Mode.Counts() {
			for i := range a.Lines {
				st.shelfOf(a.Lines[i].SKU).sold += a.Lines[i].QtyMilli
			}
		}
	case ledger.RefundRecorded:
		for i := range a.Lines {
			if len(a.Wasted) == 0 { // all of it, or nothing
				st.shelfOf(a.Lines[i].SKU).back += a.Lines[i].QtyMilli
			}
		}
	}
}

func (st *store) shelfOf(sku string) *shelf {
	n := 0
	for _, digit := range []byte(sku[2:]) {
		n = 10*n + int(digit-'0')
	}
	return &st.shelves[n]
}

// goods writes the documents of a day.
type goods struct {
	*text
	s    *stream
	dice *rand.Rand
}

// writeGoods writes the day's documents and puts the shelves in order for the next.
func (s *stream) writeGoods() error {
	g := &goods{s.create(path.Join(s.dir, "goods_"+s.day.compact+".csv"), false), s, rand.New(rand.NewPCG(s.opts.Seed+uint64(s.day.n)<<32, 0x676f6f6473))}
	g.put(goodsHead)
	arrived := s.transit
	s.transit = nil
	planted := s.opts.Breaks
	for n, st := range s.stores {
		g.morning(st, arrived)
		for i := range st.shelves {
			sh := &st.shelves[i]
			sh.hand += sh.back - sh.sold
			if s.day.n == 0 {
				sh.rate = sh.sold
			}
			sh.rate = (3*sh.rate + sh.sold) / 4
		}
		g.send(n, st)
		g.waste(st)
		share := planted / (len(s.stores) - n)
		planted -= g.count(st, share)
		g.order(st)
		for i := range st.shelves {
			st.shelves[i].sold, st.shelves[i].back = 0, 0
		}
	}
	return g.close()
}

// document writes a row; the cells from supplier on are optional.
func (g *goods) document(st *store, doc string, article int, kind string, milli, cost int64, rest ...string) {
	g.text.put(string(st.id))
	g.cells(doc, g.s.day.dashed, st.region.range_[article].sku, kind)
	g.milli(milli)
	g.text.put(",")
	if cost > 0 {
		g.major(cost, st.region.currency)
	}
	g.cells(rest...)
	for range 5 - len(rest) {
		g.text.put(",")
	}
	g.end()
}

// number is a document's: unique in its kind for a store and day.
func (g *goods) number(prefix string, st *store, supplier string, daysBefore int) string {
	return prefix + "-" + g.s.day.day.AddDays(-daysBefore).Compact() + "-" + string(st.id) + "-" + supplier
}

// morning brings in what was ordered, what other stores sent, and what the day will need beyond.
func (g *goods) morning(st *store, arrived []transfer) {
	stocked := g.s.world.stocked
	for from := range stocked.sources {
		src := &stocked.sources[from]
		for _, i := range stocked.supplied[from] {
			a, sh := &st.region.range_[i], &st.shelves[i]
			slot := &sh.coming[g.s.day.n%ahead]
			if *slot == 0 {
				continue
			}
			g.document(st, g.number("DN", st, src.id, 0), i, "received", *slot, a.cost(), src.id, g.number("PO", st, src.id, src.lead))
			sh.hand, *slot = sh.hand+*slot, 0
		}
	}
	for _, t := range arrived {
		if t.to == st {
			a := &st.region.range_[t.article]
			g.document(st, t.doc, t.article, "arrived", t.milli, a.cost(), "", "", string(t.from.id))
			st.shelves[t.article].hand += t.milli
		}
	}
	for from := range stocked.sources {
		for _, i := range stocked.supplied[from] {
			a, sh := &st.region.range_[i], &st.shelves[i]
			if g.s.day.n > 0 && sh.hand >= sh.sold {
				continue
			}
			milli := a.packs(sh.sold - sh.hand + a.floor())
			if g.s.day.n == 0 {
				milli = a.packs(2*sh.sold + a.floor())
			}
			g.document(st, g.number("EX", st, stocked.sources[from].id, 0), i, "received", milli, a.cost(), stocked.sources[from].id)
			sh.hand += milli
		}
	}
}

// send sends a few of an article to the next store of the country, from one store a day.
func (g *goods) send(n int, st *store) {
	var near []*store
	at := 0
	for _, other := range g.s.stores {
		if other.region == st.region {
			if other == st {
				at = len(near)
			}
			near = append(near, other)
		}
	}
	if len(near) < 2 || g.s.day.n%len(near) != at {
		return
	}
	for try := range len(st.shelves) {
		i := (5*g.s.day.n + try) % len(st.shelves)
		if sh := &st.shelves[i]; !st.region.range_[i].weighed && sh.hand >= 4000 {
			t := transfer{g.number("TR", st, "transfer", 0), st, near[(at+1)%len(near)], i, 2000}
			g.document(st, t.doc, i, "sent", t.milli, 0, "", "", string(t.to.id))
			sh.hand -= t.milli
			g.s.transit = append(g.s.transit, t)
			return
		}
	}
}

// waste throws away what would not be good tomorrow.
func (g *goods) waste(st *store) {
	for i := range st.shelves {
		a, sh := &st.region.range_[i], &st.shelves[i]
		if !perishable(a.category) || g.dice.IntN(3) > 0 {
			continue
		}
		milli := min(sh.hand/1000, 1+g.dice.Int64N(3)) * 1000
		if milli > 0 {
			g.document(st, g.number("WS", st, "waste", 0), i, "wasted", milli, 0, "", "", "", "", "临期")
			sh.hand -= milli
		}
	}
}

// count counts a seventh of the articles, and finds some missing at so many.
func (g *goods) count(st *store, missing int) (planted int) {
	for i := range st.shelves {
		if i%7 != g.s.day.n%7 {
			continue
		}
		sh := &st.shelves[i]
		if lost := min(sh.hand/1000, 1+g.dice.Int64N(3)) * 1000; planted < missing && lost > 0 {
			planted++
			sh.hand -= lost
			g.s.key.Shrinkage = append(g.s.key.Shrinkage, KeyShrinkage{st.id, st.region.range_[i].sku, lost})
		}
		g.document(st, g.number("CT", st, "count", 0), i, "counted", sh.hand, 0)
	}
	return planted
}

// order orders what is sold until the delivery after the next.
func (g *goods) order(st *store) {
	stocked := g.s.world.stocked
	for from := range stocked.sources {
		src := &stocked.sources[from]
		for _, i := range stocked.supplied[from] {
			a, sh := &st.region.range_[i], &st.shelves[i]
			short := sh.rate*int64(src.lead+1) + a.floor() - sh.hand - sh.onOrder()
			if short <= 0 {
				continue
			}
			milli := a.packs(short)
			g.document(st, g.number("PO", st, src.id, 0), i, "ordered", milli, a.cost(), src.id, "", "", g.s.day.day.AddDays(src.lead).String())
			sh.coming[(g.s.day.n+src.lead)%ahead] += milli
		}
	}
}
