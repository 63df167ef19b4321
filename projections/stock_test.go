package projections_test

import (
	"cmp"
	"context"
	"fmt"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/ledger/stock"
	"daybook/projections"
)

// shelf is a planner's in memory.
type shelf map[string][]byte

func (s shelf) Load(name string) ([]byte, error)    { return s[name], nil }
func (s shelf) Save(name string, data []byte) error { s[name] = slices.Clone(data); return nil }

// plan lets a planner read everything, in pages, until it has nothing to add.
func (s *story) plan(planner *stock.Planner, random *rand.Rand) {
	s.tb.Helper()
	ctx := context.Background()
	for range 20 {
		cursor, err := planner.Cursor(ctx)
		if err != nil {
			s.tb.Fatal(err)
		}
		head, err := ledger.Head(ctx, s.journal)
		if err != nil {
			s.tb.Fatal(err)
		}
		if cursor == head {
			return
		}
		var page ledger.Page
		for recorded, err := range s.journal.Read(ctx, ledger.Query{After: cursor, Filter: planner.Filter()}) {
			if err != nil {
				s.tb.Fatal(err)
			}
			if recorded.Position > head {
				break
			}
			page.Events = append(page.Events, recorded)
			if page.Next = recorded.Position; random.IntN(40) == 0 {
				if err := planner.Apply(ctx, page); err != nil {
					s.tb.Fatal(err)
				}
				page = ledger.Page{}
			}
		}
		page.Next, page.CaughtUp = head, true
		if err := planner.Apply(ctx, page); err != nil {
			s.tb.Fatal(err)
		}
	}
	s.tb.Fatal("the planner never has enough")
}

// shop makes up facts about goods.
type shop struct {
	random *rand.Rand
	facts  []any // ledger.Action or stock.StockRecorded
	seq    uint64
	docs   int
}

var (
	shopStores = []ledger.StoreID{"S1", "S2"}
	shopSKUs   = []stock.SKU{"A", "B", "C", "D", "unlisted"}
)

func (s *shop) at(day ledger.BusinessDay) time.Time {
	return day.Midnight().Add(time.Duration(s.random.IntN(14*3600)) * time.Second).In(shanghai)
}

func (s *shop) doc(kind stock.DocKind, store ledger.StoreID, day ledger.BusinessDay, lines ...stock.Line) stock.StockRecorded {
	s.docs++
	return stock.StockRecorded{Kind: kind, Store: store, Doc: fmt.Sprintf("%s-%d", kind, s.docs), Day: day, At: s.at(day), Lines: lines}
}

func (s *shop) qty(most int64) int64 { return (1 + s.random.Int64N(most)) * 500 }

// day makes up one day of one store.
func (s *shop) day(store, other ledger.StoreID, day ledger.BusinessDay) {
	for range 3 + s.random.IntN(6) {
		s.seq++
		till := ledger.Till{Terminal: ledger.TerminalID("T" + string(store)), Seq: s.seq, Store: store, BusinessDay: day, At: s.at(day)}
		line := ledger.SaleLine{SKU: string(shopSKUs[s.random.IntN(len(shopSKUs))]), QtyMilli: s.qty(6), Unit: ledger.Minor(900, "CNY"), Net: ledger.Minor(900, "CNY")}
		if s.random.IntN(12) == 0 {
			till.Mode = ledger.Training
		}
		if s.random.IntN(8) == 0 {
			refund := ledger.RefundRecorded{Till: till, Refund: fmt.Sprintf("RF%d", s.seq), Lines: []ledger.SaleLine{line}, Total: ledger.Minor(900, "CNY")}
			if s.random.IntN(2) == 0 {
				refund.Wasted = []int{1}
			}
			s.facts = append(s.facts, refund)
			continue
		}
		s.facts = append(s.facts, ledger.SaleRecorded{Till: till, Sale: fmt.Sprintf("R%d", s.seq), Lines: []ledger.SaleLine{line, {Net: ledger.Minor(1, "CNY")}}, Total: ledger.Minor(901, "CNY")})
	}
	sku := shopSKUs[s.random.IntN(len(shopSKUs))]
	switch s.random.IntN(9) {
	case 0, 1, 2:
		order := ""
		if s.random.IntN(2) == 0 {
			ordered := s.doc(stock.Ordered, store, day.AddDays(-3), stock.Line{SKU: sku, QtyMilli: s.qty(60)})
			ordered.Supplier, order = "sup", ordered.Doc
			s.facts = append(s.facts, ordered)
		}
		d := s.doc(stock.Received, store, day, stock.Line{SKU: sku, QtyMilli: s.qty(60), Value: ledger.Minor(100+s.random.Int64N(9000), "CNY")}, stock.Line{SKU: "A", QtyMilli: 7000, Value: ledger.Minor(1001, "CNY")})
		d.Order = order
		s.facts = append(s.facts, d)
	case 3:
		s.facts = append(s.facts, s.doc(stock.Counted, store, day, stock.Line{SKU: sku, QtyMilli: s.qty(40) - 500}))
	case 4:
		sent := s.doc(stock.Sent, store, day, stock.Line{SKU: sku, QtyMilli: s.qty(10)})
		sent.Other = other
		s.facts = append(s.facts, sent)
		if s.random.IntN(3) > 0 {
			arrived := sent
			arrived.Kind, arrived.Store, arrived.Other, arrived.Day = stock.Arrived, other, store, day.AddDays(1)
			arrived.At = s.at(arrived.Day)
			arrived.Lines = []stock.Line{{SKU: sku, QtyMilli: sent.Lines[0].QtyMilli - s.random.Int64N(2)*500}}
			s.facts = append(s.facts, arrived)
		}
	case 5:
		s.facts = append(s.facts, s.doc(stock.Adjusted, store, day, stock.Line{SKU: sku, QtyMilli: s.qty(10) - 2500, Reason: "found"}))
	case 6:
		s.facts = append(s.facts, s.doc(stock.Wasted, store, day, stock.Line{SKU: sku, QtyMilli: s.qty(4), Reason: "expired"}))
	case 7:
		held := s.doc(stock.Reserved, store, day, stock.Line{SKU: sku, QtyMilli: s.qty(4)})
		s.facts = append(s.facts, held)
		if s.random.IntN(2) == 0 {
			held.Kind = stock.Released
			s.facts = append(s.facts, held)
		}
	}
}

// record appends the facts in some order.
func (s *story) record(facts []any, between func()) {
	s.tb.Helper()
	intake := stock.NewIntake(s.journal, s.codec)
	for n, fact := range facts {
		switch fact := fact.(type) {
		case ledger.Action:
			s.act(fact)
		case stock.StockRecorded:
			s.said++
			file := stock.File{Name: "goods.csv", SHA256: "f" + strconv.Itoa(s.said), Documents: []stock.Document{{Row: 2, StockRecorded: fact}}}
			if _, err := intake.File(context.Background(), file, true); err != nil {
				s.tb.Fatal(err)
			}
		}
		if n%97 == 0 {
			between()
		}
	}
}

func (s *story) catalogue() {
	s.tb.Helper()
	file := stock.File{Name: "products.csv", SHA256: "catalogue", Suppliers: []stock.Supplier{{ID: "sup", LeadDays: 3_000, LeadSD: 500}}}
	for _, sku := range shopSKUs[:4] {
		file.Products = append(file.Products, stock.Product{SKU: sku, Name: "article " + string(sku), Category: "goods", Supplier: "sup", PackMilli: 6_000, Cost: ledger.Minor(250, "CNY")})
	}
	if _, err := stock.NewIntake(s.journal, s.codec).File(context.Background(), file, false); err != nil {
		s.tb.Fatal(err)
	}
}

// oracle folds facts one by one, in their order, without any of the formulae of the views.
type oracle struct {
	onHand  map[string]int64
	average map[string]*big.Int // millionths of a minor unit
	closed  map[string]int64    // by store, article and day
	layers  map[string][]int64  // quantities received, oldest first
	counts  map[string]int64    // what each count changed
}

func fold(facts []any) oracle {
	type step struct {
		key    string
		moment int64
		count  bool
		doc    string
		line   int
		id     string
		kind   string
		qty    int64
		value  int64
		day    ledger.BusinessDay
	}
	var steps []step
	add := func(store ledger.StoreID, sku string, s step) {
		if sku != "" {
			s.key = string(store) + "/" + sku
			steps = append(steps, s)
		}
	}
	for _, fact := range facts {
		switch fact := fact.(type) {
		case ledger.SaleRecorded:
			for n, l := range fact.Lines {
				if fact.Mode == ledger.Live {
					add(fact.Store, l.SKU, step{moment: stock.Moment(fact.BusinessDay, fact.At), doc: fact.Sale, line: n + 1, kind: "sold", qty: -l.QtyMilli, day: fact.BusinessDay})
				}
			}
		case ledger.RefundRecorded:
			for n, l := range fact.Lines {
				if fact.Mode == ledger.Live && !slices.Contains(fact.Wasted, n+1) {
					add(fact.Store, l.SKU, step{moment: stock.Moment(fact.BusinessDay, fact.At), doc: fact.Refund, line: n + 1, kind: "returned", qty: l.QtyMilli, day: fact.BusinessDay})
				}
			}
		case stock.StockRecorded:
			for n, l := range fact.Lines {
				if sign := fact.Kind.Sign(); sign != 0 || fact.Kind == stock.Counted {
					qty := sign * l.QtyMilli
					if fact.Kind == stock.Counted {
						qty = l.QtyMilli
					}
					value := l.Value.Minor
					if l.Value.Currency == "" {
						value = -1
						if sku := l.SKU; slices.Contains(shopSKUs[:4], sku) {
							value = (250*l.QtyMilli + 500) / 1000
						}
					}
					add(fact.Store, string(l.SKU), step{moment: stock.Moment(fact.Day, fact.At), count: fact.Kind == stock.Counted, doc: fact.Doc, line: n + 1, kind: string(fact.Kind), qty: qty, value: value, day: fact.Day})
				}
			}
		}
	}
	slices.SortFunc(steps, func(a, b step) int {
		count := func(s step) int {
			if s.count {
				return 1
			}
			return 0
		}
		return cmp.Or(cmp.Compare(a.moment, b.moment), cmp.Compare(count(a), count(b)), cmp.Compare(a.doc, b.doc), cmp.Compare(a.line, b.line))
	})
	o := oracle{map[string]int64{}, map[string]*big.Int{}, map[string]int64{}, map[string][]int64{}, map[string]int64{}}
	for _, s := range steps {
		before := o.onHand[s.key]
		if s.count {
			o.counts[s.key+"/"+s.doc] = s.qty - before
			if fresh := o.layers[s.key] == nil; fresh && s.qty-before > 0 && s.value >= 0 && !o.moved(s.key) {
				// the first count of what was never received opens the stock at the catalogue's cost
				value := (250*(s.qty-before) + 500) / 1000
				o.blend(s.key, before, s.qty-before, value)
			}
			o.onHand[s.key] = s.qty
			o.layers[s.key+"/counted"] = []int64{1}
		} else {
			if (s.kind == "received" || s.kind == "arrived") && s.qty > 0 {
				if s.value >= 0 {
					o.blend(s.key, before, s.qty, s.value)
				}
				o.layers[s.key] = append(o.layers[s.key], s.qty)
			}
			o.onHand[s.key] = before + s.qty
		}
		o.closed[s.key+"/"+s.day.String()] = o.onHand[s.key]
	}
	return o
}

// moved: a count of the article has come before.
func (o oracle) moved(key string) bool { return o.layers[key+"/counted"] != nil }

func (o oracle) blend(key string, before, qty, value int64) {
	before = max(before, 0)
	total := new(big.Int).Mul(big.NewInt(value), big.NewInt(1_000_000_000))
	if average := o.average[key]; average != nil {
		total.Add(total, new(big.Int).Mul(average, big.NewInt(before)))
	} else {
		before = max(before, 0)
	}
	divisor := big.NewInt(before + qty)
	total.Add(total, new(big.Int).Div(divisor, big.NewInt(2)))
	o.average[key] = total.Div(total, divisor)
}

// Stock folded from the facts, one after the other, is what the tables have: now, by day, and move
// by move; costs and layers too; and what the planner knows of it. Whatever order the facts came
// in, and however often the planner looked and was started anew.
func TestStockIsTheFoldOfItsFacts(t *testing.T) {
	warehouse, _, views := apart(t)
	ctx := context.Background()
	fresh := 0 // proposals whose figures are of the end
	for seed := range uint64(1) {
		random := rand.New(rand.NewPCG(seed, 9))
		s := &shop{random: random}
		for n := range 75 {
			for i, store := range shopStores {
				s.day(store, shopStores[1-i], monday.AddDays(n))
			}
		}
		want := fold(s.facts)
		for range 2 {
			shuffled := slices.Clone(s.facts)
			random.Shuffle(len(shuffled), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
			told := newStory(t)
			memory := shelf{}
			planner := stock.NewPlanner(told.journal, told.codec, memory)
			if random.IntN(2) == 0 {
				told.catalogue()
			}
			told.record(shuffled, func() {
				told.plan(planner, random)
				planner = stock.NewPlanner(told.journal, told.codec, memory) // as after a crash
			})
			told.before = told.head()
			told.catalogue()
			told.plan(planner, random)
			// A planner that has lost what it knew finds it in the journal, and has nothing to add.
			end, anew := told.head(), shelf{}
			told.plan(stock.NewPlanner(told.journal, told.codec, anew), random)
			if told.head() != end {
				t.Error("a planner that begins anew says something else")
			}
			for name, piece := range memory {
				if string(piece) != string(anew[name]) {
					t.Errorf("%s is another after starting anew:\n%.3000s\n%.3000s", name, piece, anew[name])
				}
			}
			projector := projections.New(warehouse, told.codec)
			if err := projector.Reset(ctx); err != nil {
				t.Fatal(err)
			}
			apply(t, projector, told.events())
			if v, err := projector.Verify(ctx, told.journal, 0, func(ledger.Position) {}); err != nil || len(v.Differences) > 0 {
				t.Errorf("added up without ClickHouse: %+v (%v)", v.Differences, err)
			}
			compare(t, views, want)
			compareProposals(t, ctx, told, warehouse, views)
			fresh += told.fresh
		}
	}
	if fresh == 0 {
		t.Error("no proposal was made at the end, so that nothing was compared")
	}
}

func (s *story) head() ledger.Position {
	head, err := ledger.Head(context.Background(), s.journal)
	if err != nil {
		s.tb.Fatal(err)
	}
	return head
}

func compare(t *testing.T, views *projections.Views, want oracle) {
	t.Helper()
	ctx := context.Background()
	list, err := views.Stock(ctx, projections.StockFilter{})
	if err != nil {
		t.Fatal(err)
	}
	seen := 0
	for _, r := range list {
		key := string(r.Store) + "/" + r.SKU
		if r.OnHand != want.onHand[key] {
			t.Errorf("%s: on hand %d, want %d", key, r.OnHand, want.onHand[key])
		}
		if r.Position != r.OnHand+r.OnOrder+r.InTransit-r.Reserved {
			t.Errorf("%s: position %d of %+v", key, r.Position, r)
		}
		if average := want.average[key]; average != nil && r.OnHand > 0 {
			value := new(big.Int).Mul(average, big.NewInt(r.OnHand))
			if value.Add(value, big.NewInt(500_000_000)).Div(value, big.NewInt(1_000_000_000)); value.Int64() != r.Value {
				t.Errorf("%s: worth %d, want %d", key, r.Value, value)
			}
		}
		seen++
	}
	if seen < len(want.onHand) {
		t.Errorf("%d rows of stock, want %d", seen, len(want.onHand))
	}
	moves, err := views.Moves(ctx, projections.StockFilter{})
	if err != nil {
		t.Fatal(err)
	}
	sums := map[string]int64{}
	for _, m := range moves {
		key := string(m.Store) + "/" + m.SKU
		sums[key] += m.Qty
		if m.After != sums[key] {
			t.Fatalf("%s: %d after %s, want %d", key, m.After, m.Doc, sums[key])
		}
		if m.Kind == "counted" || m.Kind == "opening" {
			if changed := want.counts[key+"/"+m.Doc]; changed != m.Qty {
				t.Errorf("%s: count %s changed %d, want %d", key, m.Doc, m.Qty, changed)
			}
		}
	}
	for key, onHand := range want.onHand {
		if sums[key] != onHand {
			t.Errorf("%s: moves add up to %d, want %d", key, sums[key], onHand)
		}
	}
}

// compareProposals: what the planner proposes stands on what the tables show, there is at most one
// open proposal for a store and article, and none is missing or left over.
func compareProposals(t *testing.T, ctx context.Context, told *story, warehouse projections.Warehouse, views *projections.Views) {
	t.Helper()
	open := map[ledger.StreamID]bool{}
	for _, e := range told.events() {
		payload, err := told.codec.Decode(e.Event)
		if err != nil {
			t.Fatal(err)
		}
		switch payload.(type) {
		case stock.ReorderProposed:
			open[e.Stream] = true
		case stock.ReorderSettled:
			if !open[e.Stream] {
				t.Errorf("%s: a proposal ends that was not open", e.Stream)
			}
			delete(open, e.Stream)
		}
	}
	proposals, err := views.Reorders(ctx, projections.StockFilter{}, "")
	if err != nil {
		t.Fatal(err)
	}
	if len(proposals) != len(open) || len(open) == 0 {
		t.Errorf("%d open proposals in the tables, %d in the journal", len(proposals), len(open))
	}
	type window struct {
		sold, there, away int64
		onHand            int64
	}
	windows := map[string]window{}
	rows, err := warehouse.Query(ctx, "SELECT store, sku, sold_milli, in_stock_days, out_days, on_hand_milli FROM agg_stock_kpi")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var store, sku string
		var w window
		if err := rows.Scan(&store, &sku, &w.sold, &w.there, &w.away, &w.onHand); err != nil {
			t.Fatal(err)
		}
		windows[store+"/"+sku] = w
	}
	list, err := views.Stock(ctx, projections.StockFilter{})
	if err != nil {
		t.Fatal(err)
	}
	fresh := 0
	for _, p := range proposals {
		n := slices.IndexFunc(list, func(r projections.StockRow) bool { return r.Store == p.Store && r.SKU == p.SKU })
		if n < 0 {
			t.Errorf("a proposal for %s in %s, which has no stock", p.SKU, p.Store)
			continue
		}
		r, w := list[n], windows[string(p.Store)+"/"+p.SKU]
		if p.Level > p.ReorderPoint || p.Qty <= 0 || p.Qty%6000 != 0 || p.Level+p.Qty < p.Target {
			t.Errorf("not a proposal: %+v", p)
		}
		// A proposal keeps the figures of when it was made, until its quantity is another one.
		if p.Position <= told.before {
			continue
		}
		fresh++
		if r.OnHand != p.OnHand || r.OnOrder != p.OnOrder || r.InTransit != p.InTransit || r.Reserved != p.Reserved {
			t.Errorf("the planner has %+v, the tables %+v", p, r)
		}
		if w.sold != p.Sold || w.there != int64(p.InStockDays) || w.away != int64(p.OutDays) || w.onHand != p.OnHand {
			t.Errorf("the planner has %d sold on %d days, %d out, %d on hand; the tables %+v (%s in %s)", p.Sold, p.InStockDays, p.OutDays, p.OnHand, w, p.SKU, p.Store)
		}
	}
	told.fresh += fresh
}

// goods is a row in every view of stock.
func (s *story) goods() {
	s.tb.Helper()
	s.say("stockfile-goods", stock.CatalogueListed{
		Products:  []stock.Product{{SKU: "4711", Name: "苹果", Category: "Food", Barcodes: []string{"6902083881405"}, Price: cny(4000), Cost: cny(2000), Supplier: "orchard", PackMilli: 1000, MinStock: 50_000}},
		Suppliers: []stock.Supplier{{ID: "orchard", Name: "Orchard", LeadDays: 2000, OrderCost: cny(100), Holding: 250_000}},
	})
	s.say("stockfile-goods", stock.FileImported{File: "goods.csv", SHA256: "goods", Format: "products", Rows: 1})
	doc := func(day ledger.BusinessDay, d stock.StockRecorded) {
		d.Day, d.At = day, day.Midnight().Add(time.Hour).In(shanghai)
		if d.Store == "" {
			d.Store = "S1"
		}
		s.say(d.Stream(), d)
	}
	before := monday.AddDays(-3)
	doc(before.AddDays(-2), stock.StockRecorded{Kind: stock.Ordered, Doc: "PO1", Supplier: "orchard", Due: before, Lines: []stock.Line{{SKU: "4711", QtyMilli: 20_000, Value: cny(40_000)}}})
	doc(before, stock.StockRecorded{Kind: stock.Received, Doc: "DN1", Supplier: "orchard", Order: "PO1", Lines: []stock.Line{{SKU: "4711", QtyMilli: 20_000, Value: cny(39_999), Lot: "L1", UseBy: before.AddDays(20)}}})
	doc(before.AddDays(1), stock.StockRecorded{Kind: stock.Counted, Doc: "C1", Lines: []stock.Line{{SKU: "4711", QtyMilli: 19_000}}})
	doc(before.AddDays(1), stock.StockRecorded{Kind: stock.Wasted, Doc: "W1", Lines: []stock.Line{{SKU: "4711", QtyMilli: 500, Reason: "bruised", Lot: "L1"}}})
	doc(before.AddDays(2), stock.StockRecorded{Kind: stock.Sent, Doc: "T1", Other: "S2", Lines: []stock.Line{{SKU: "4711", QtyMilli: 3000}}})
	doc(before.AddDays(2), stock.StockRecorded{Kind: stock.Arrived, Store: "S2", Doc: "T1", Other: "S1", Lines: []stock.Line{{SKU: "4711", QtyMilli: 3500}}})
	s.say("reorder-S1.4711", stock.ReorderProposed{Store: "S1", SKU: "4711", Day: monday, Supplier: "orchard", QtyMilli: 36_000, Value: cny(72_000), Why: stock.Reckoning{Method: stock.ByMinimum}})
	s.say("reorder-S2.4711", stock.ReorderProposed{Store: "S2", SKU: "4711", Day: monday, Supplier: "orchard", QtyMilli: 2000, Value: cny(4000), Why: stock.Reckoning{Method: stock.ByCategory, OnHand: 500, Sold: 300}})
	s.say("reorder-S2.4711", stock.ReorderSettled{Store: "S2", SKU: "4711", Proposal: 1, Outcome: stock.Dismissed, Day: monday, By: "sun.li", Reason: "season is over"})
}
