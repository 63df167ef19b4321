package stock

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strconv"

	"daybook/ledger"
)

// Shelf keeps what the planner knows, in pieces by name. Losing it costs time, never
// correctness: the planner then reads the journal from the start and finds that it has nothing
// to add.
type Shelf interface {
	// Load returns a piece as it was saved last, or nil.
	Load(name string) ([]byte, error)
	// Save replaces a piece. When it returns, the new content survives any crash.
	Save(name string, data []byte) error
}

// Planner is the follower that proposes what to order, and turns what was approved into
// purchase orders. While no product is listed it does nothing, and decodes nothing: who keeps no
// stock pays nothing for it.
//
// What it knows of a store is a piece on the shelf of its own: a page costs what the stores in
// it cost. One Planner is driven by one goroutine. Two processes may run planners over one
// journal: they append with expected revisions, and would say the same.
type Planner struct {
	journal ledger.Journal
	codec   *ledger.Codec
	shelf   Shelf

	index     *index
	catalogue *catalogue
	stores    map[ledger.StoreID]*store
	rebuild   bool // what is on the shelf is not what the journal says
}

// index says how far the pieces on the shelf are. It is saved last.
type index struct {
	Layout    int                                `json:"layout"`
	Cursor    ledger.Position                    `json:"cursor"`
	Catalogue ledger.Position                    `json:"catalogue"`
	Stores    map[ledger.StoreID]ledger.Position `json:"stores"`
}

// layout of the shelf; raise it when pieces of an earlier program mean something else.
const layout = 1

const (
	indexName     = "index"
	catalogueName = "catalogue"
)

func storeName(id ledger.StoreID) string { return "store-" + string(id) }

// NewPlanner makes a planner over a journal.
func NewPlanner(journal ledger.Journal, codec *ledger.Codec, shelf Shelf) *Planner {
	return &Planner{journal: journal, codec: codec, shelf: shelf}
}

// Name of the follower.
func (p *Planner) Name() string { return "planner" }

var planned = ledger.Filter{
	Streams: []string{"storeday-", "stockfile-", "stockdoc-", "reorder-"},
	Types:   []string{"sale-recorded.", "refund-recorded.", "catalogue-listed.", "stock-recorded.", "reorder-proposed.", "reorder-settled."},
}

// Filter: sales, refunds, and everything about stock.
func (p *Planner) Filter() ledger.Filter { return planned }

// Cursor is the position up to which everything is in what the planner knows.
func (p *Planner) Cursor(context.Context) (ledger.Position, error) {
	if err := p.load(); err != nil {
		return 0, err
	}
	return p.index.Cursor, nil
}

// Reset forgets everything: the journal is not the one it was read from.
func (p *Planner) Reset() error {
	*p = Planner{journal: p.journal, codec: p.codec, shelf: p.shelf}
	return p.save(indexName, index{Layout: layout})
}

func (p *Planner) load() error {
	if p.index != nil {
		return nil
	}
	found := &index{}
	readable, err := p.read(indexName, found)
	if err != nil {
		return err
	}
	if !readable || found.Layout != layout {
		found = &index{Layout: layout}
	}
	if found.Stores == nil {
		found.Stores = map[ledger.StoreID]ledger.Position{}
	}
	c := &catalogue{}
	if found.Catalogue > 0 {
		if readable, err = p.read(catalogueName, c); err != nil {
			return err
		}
		p.rebuild = p.rebuild || !readable || c.Position < found.Catalogue
	}
	if c.Products == nil {
		c.Products, c.Suppliers = map[SKU]Product{}, map[string]Supplier{}
	}
	p.index, p.catalogue, p.stores = found, c, map[ledger.StoreID]*store{}
	return nil
}

// read reads a piece; one that cannot be read is as good as none.
func (p *Planner) read(name string, into any) (readable bool, err error) {
	data, err := p.shelf.Load(name)
	if err != nil || data == nil {
		return false, err
	}
	return json.Unmarshal(data, into) == nil, nil
}

func (p *Planner) save(name string, piece any) error {
	data, err := json.Marshal(piece)
	if err != nil {
		return err
	}
	return p.shelf.Save(name, data)
}

// store is what is known of a store. A piece that is older than the index says was lost or
// overwritten: then everything is read again.
func (p *Planner) store(id ledger.StoreID) (*store, error) {
	if s := p.stores[id]; s != nil {
		return s, nil
	}
	s := &store{}
	if wanted := p.index.Stores[id]; wanted > 0 {
		readable, err := p.read(storeName(id), s)
		if err != nil {
			return nil, err
		}
		if !readable || s.Position < wanted {
			p.rebuild = true
		}
	}
	s.fill()
	p.stores[id] = s
	return s, nil
}

// Apply takes a page; at the end of the journal it proposes.
func (p *Planner) Apply(ctx context.Context, page ledger.Page) error {
	if err := p.load(); err != nil {
		return err
	}
	for _, recorded := range page.Events {
		if err := p.take(ctx, recorded); err != nil {
			return fmt.Errorf("position %d: %w", recorded.Position, err)
		}
	}
	if !page.CaughtUp {
		return nil
	}
	through := max(page.Next, p.index.Cursor)
	if err := p.reckon(ctx, through); err != nil {
		return err
	}
	return p.keep(through)
}

// take folds one event. What a piece has seen it does not see twice.
func (p *Planner) take(ctx context.Context, recorded ledger.Recorded) error {
	asleep := len(p.catalogue.Products) == 0
	if asleep && recorded.Stream.Noun() == "storeday" {
		return nil
	}
	payload, err := p.codec.Decode(recorded.Event)
	if errors.Is(err, ledger.ErrUnknownType) {
		return nil
	}
	if err != nil {
		return err
	}
	if page, is := payload.(CatalogueListed); is {
		if recorded.Position > p.catalogue.Position {
			p.catalogue.list(page)
			p.catalogue.Position, p.catalogue.dirty = recorded.Position, true
			p.rebuild = p.rebuild || asleep && len(p.catalogue.Products) > 0 // sales were passed over until now
		}
		return nil
	}
	ids, fold := p.concerned(ctx, recorded, payload)
	for _, id := range ids {
		s, err := p.store(id)
		if err != nil {
			return err
		}
		if recorded.Position <= s.Position {
			continue
		}
		if err := fold(id, s); err != nil {
			return err
		}
		s.Position, s.dirty = recorded.Position, true
	}
	return nil
}

// concerned are the stores an event is about, and what it changes for each.
func (p *Planner) concerned(ctx context.Context, recorded ledger.Recorded, payload any) ([]ledger.StoreID, func(ledger.StoreID, *store) error) {
	switch payload := payload.(type) {
	case ledger.SaleRecorded, ledger.RefundRecorded:
		head, moves := movesOf(payload)
		return []ledger.StoreID{head.Store}, func(_ ledger.StoreID, s *store) error {
			if head.Mode.Counts() {
				s.add(head.BusinessDay, moves)
			}
			return nil
		}
	case StockRecorded:
		ids := []ledger.StoreID{payload.Store}
		if payload.Kind == Sent && payload.Other != payload.Store {
			ids = append(ids, payload.Other)
		}
		return ids, func(id ledger.StoreID, s *store) error { return p.document(ctx, id, s, recorded, payload) }
	case ReorderProposed:
		return []ledger.StoreID{payload.Store}, func(_ ledger.StoreID, s *store) error {
			g := s.good(payload.SKU)
			g.Open, g.Dismissed = &openProposal{recorded.Position, payload.QtyMilli, payload.Supplier}, false
			return nil
		}
	case ReorderSettled:
		return []ledger.StoreID{payload.Store}, func(_ ledger.StoreID, s *store) error {
			s.settle(payload)
			return nil
		}
	}
	return nil, nil
}

func (s *store) settle(settled ReorderSettled) {
	g := s.good(settled.SKU)
	g.Open, g.Dismissed = nil, settled.Outcome == Dismissed
	if settled.Outcome != Approved {
		return
	}
	o := s.order(settled.Order)
	for _, line := range o.Lines {
		if line.Proposal == settled.Proposal {
			return
		}
	}
	o.Approved = append(o.Approved, settled)
}

func (s *store) order(no string) *order {
	o := s.Orders[no]
	if o == nil {
		o = &order{}
		s.Orders[no] = o
	}
	return o
}

func (s *store) transfer(no string) *transfer {
	t := s.Transfers[no]
	if t == nil {
		t = &transfer{}
		s.Transfers[no] = t
	}
	if t.Sent == nil { // one that was stored without
		t.Sent = map[string]quantities{}
	}
	if t.Arrived == nil {
		t.Arrived = map[string]quantities{}
	}
	return t
}

func (d StockRecorded) quantities() quantities {
	q := quantities{}
	for _, line := range d.Lines {
		q[line.SKU] = ledger.AddMinor(q[line.SKU], line.QtyMilli)
	}
	return q
}

// document takes a version of a document into account, in the store it is of and, of what was
// sent, in the store it is for.
func (p *Planner) document(ctx context.Context, id ledger.StoreID, s *store, recorded ledger.Recorded, d StockRecorded) error {
	stream := string(recorded.Stream)
	var before *StockRecorded
	if recorded.Revision > 0 {
		version, err := p.version(ctx, recorded.Stream, recorded.Revision-1)
		if err != nil {
			return err
		}
		before = &version
	}
	switch d.Kind {
	case Ordered:
		o := s.order(d.Doc)
		o.Lines, o.Day = d.Lines, d.Day
		o.Approved = slices.DeleteFunc(o.Approved, func(a ReorderSettled) bool {
			return slices.ContainsFunc(d.Lines, func(l Line) bool { return l.Proposal == a.Proposal })
		})
	case Closed:
		if o := s.Orders[d.Doc]; o != nil || s.Transfers[d.Doc] == nil {
			s.order(d.Doc).Closed = true
		}
		if t := s.Transfers[d.Doc]; t != nil {
			t.Closed = true
		}
	case Reserved:
		s.Held[d.Doc] = d.quantities()
	case Released:
		if s.Freed[d.Doc] == nil {
			s.Freed[d.Doc] = map[string]quantities{}
		}
		s.Freed[d.Doc][stream] = d.quantities()
	case Sent:
		if id == d.Other {
			t := s.transfer(d.Doc)
			t.Sent[stream], t.Day = d.quantities(), d.Day
			t.Closed = t.Closed || s.Orders[d.Doc] != nil && s.Orders[d.Doc].Closed && len(s.Orders[d.Doc].Lines) == 0
		}
	case Arrived:
		s.transfer(d.Doc).Arrived[stream] = d.quantities()
	case Received:
		if before != nil && before.Order != "" && before.Order != d.Order {
			delete(s.order(before.Order).Received, stream)
		}
		if d.Order != "" {
			o := s.order(d.Order)
			if o.Received == nil {
				o.Received = map[string]quantities{}
			}
			o.Received[stream] = d.quantities()
		}
	}
	if id != d.Store || d.Kind.Sign() == 0 && d.Kind != Counted {
		return nil
	}
	for _, line := range d.Lines {
		if d.Kind != Wasted && d.Kind != Sent {
			s.good(line.SKU).Tracked = true
		}
	}
	s.see(d.Day)
	if before != nil {
		s.Documents[before.Day] = slices.DeleteFunc(s.Documents[before.Day], func(name string) bool { return name == stream })
		s.anew(before.Day)
	}
	s.Documents[d.Day] = append(s.Documents[d.Day], stream)
	if before != nil || d.Kind == Counted {
		s.anew(d.Day)
	} else {
		s.add(d.Day, d.moves())
	}
	return nil
}

// version reads one version of a document.
func (p *Planner) version(ctx context.Context, stream ledger.StreamID, at ledger.Revision) (d StockRecorded, err error) {
	for recorded, err := range p.journal.Read(ctx, ledger.Query{Stream: stream, From: at, Limit: 1}) {
		if err != nil {
			return d, err
		}
		payload, err := p.codec.Decode(recorded.Event)
		if err != nil {
			return d, err
		}
		d, _ = payload.(StockRecorded)
	}
	return d, nil
}

// reckon brings everything up to date, proposes, and places what was approved.
func (p *Planner) reckon(ctx context.Context, through ledger.Position) error {
	if len(p.catalogue.Products) == 0 {
		return nil
	}
	if err := p.settleDays(ctx, through); err != nil {
		return err
	}
	if p.catalogue.dirty { // every store may be concerned
		for id := range p.index.Stores {
			s, err := p.store(id)
			if err != nil {
				return err
			}
			s.dirty = true
		}
		if p.rebuild {
			if err := p.settleDays(ctx, through); err != nil {
				return err
			}
		}
	}
	for _, id := range sortedKeys(p.stores) {
		s := p.stores[id]
		if !s.dirty {
			continue
		}
		if err := p.propose(ctx, id, s); err != nil {
			return fmt.Errorf("propose for %s: %w", id, err)
		}
		if err := p.place(ctx, id, s); err != nil {
			return fmt.Errorf("place orders of %s: %w", id, err)
		}
	}
	return nil
}

// settleDays reckons the days anew that have to be, and everything where that is not enough.
func (p *Planner) settleDays(ctx context.Context, through ledger.Position) error {
	for _, s := range p.stores {
		p.rebuild = p.rebuild || s.Anew
	}
	if p.rebuild {
		if err := p.readAgain(ctx, through); err != nil {
			return err
		}
	}
	for id, s := range p.stores {
		for _, day := range slices.SortedFunc(maps.Keys(s.Days), ledger.BusinessDay.Compare) {
			if err := p.readDay(ctx, id, s, day); err != nil {
				return fmt.Errorf("stock of %s on %s: %w", id, day, err)
			}
			delete(s.Days, day)
		}
		s.trim()
	}
	return nil
}

// readAgain reads the journal from the start. Until it is through, no day leaves the window, so
// that counts may come in any order.
func (p *Planner) readAgain(ctx context.Context, through ledger.Position) error {
	listed := p.catalogue
	p.stores, p.index.Stores, p.rebuild = map[ledger.StoreID]*store{}, map[ledger.StoreID]ledger.Position{}, false
	p.catalogue = &catalogue{Products: map[SKU]Product{}, Suppliers: map[string]Supplier{}, dirty: true}
	// The catalogue first: without it sales are passed over.
	filters := []ledger.Filter{{Streams: []string{"stockfile-"}, Types: []string{"catalogue-listed."}}, planned}
	for _, filter := range filters {
		for recorded, err := range p.journal.Read(ctx, ledger.Query{Filter: filter}) {
			if err == nil && recorded.Position > through {
				break
			}
			if err == nil {
				err = p.take(ctx, recorded)
			}
			if err != nil {
				p.rebuild, p.catalogue = true, listed
				return err
			}
		}
	}
	p.rebuild = false
	return nil
}

// readDay puts a day of a store together from its facts.
func (p *Planner) readDay(ctx context.Context, id ledger.StoreID, s *store, day ledger.BusinessDay) error {
	var moves []move
	var counts []StockRecorded
	filter := ledger.Filter{Types: []string{"sale-recorded.", "refund-recorded."}}
	for recorded, err := range p.journal.Read(ctx, ledger.Query{Stream: ledger.StoredayStream(id, day), Filter: filter}) {
		if err != nil {
			return err
		}
		if recorded.Position > s.Position {
			break // its turn comes
		}
		payload, err := p.codec.Decode(recorded.Event)
		if err != nil {
			return err
		}
		_, made := movesOf(payload)
		moves = append(moves, made...)
	}
	for _, stream := range s.Documents[day] {
		payload, err := p.latest(ctx, ledger.StreamID(stream), s.Position)
		if err != nil {
			return err
		}
		if payload.Kind == Counted {
			counts = append(counts, payload)
			continue
		}
		moves = append(moves, payload.moves()...)
	}
	s.recordDay(day, moves, counts)
	return nil
}

// latest is the version of a document that stood at a position.
func (p *Planner) latest(ctx context.Context, stream ledger.StreamID, through ledger.Position) (d StockRecorded, err error) {
	for recorded, err := range p.journal.Read(ctx, ledger.Query{Stream: stream, From: ledger.LatestRevision, Backwards: true}) {
		if err != nil {
			return d, err
		}
		if recorded.Position > through {
			continue
		}
		payload, err := p.codec.Decode(recorded.Event)
		if err != nil {
			return d, err
		}
		d, _ = payload.(StockRecorded)
		break
	}
	return d, nil
}

// propose says what a store should order, and takes back what it need not.
func (p *Planner) propose(ctx context.Context, id ledger.StoreID, s *store) error {
	verdicts := s.judge(p.catalogue)
	for _, sku := range sortedKeys(s.Goods) {
		g, v := s.Goods[sku], verdicts[sku]
		if v.above {
			g.Dismissed = false
		}
		wanted := v.quantity > 0 && !g.Dismissed
		if wanted == (g.Open != nil) && (!wanted || g.Open.Quantity == v.quantity && g.Open.Supplier == v.supplier) {
			continue
		}
		if err := p.say(ctx, id, s, sku, v, wanted); err != nil {
			return err
		}
	}
	return nil
}

// say appends a proposal, or its withdrawal, unless the stream has another last word than is
// known here: then that comes first.
func (p *Planner) say(ctx context.Context, id ledger.StoreID, s *store, sku SKU, v verdict, wanted bool) error {
	stream := reorderStream(id, sku)
	there, at, position, err := last(ctx, p.journal, p.codec, stream)
	if err != nil {
		return err
	}
	g := s.Goods[sku]
	open, isOpen := there.(ReorderProposed)
	if isOpen != (g.Open != nil) || isOpen && position != g.Open.Position {
		if position > s.Position {
			return nil // another planner was quicker; what it said is still to be read
		}
		g.Open = nil
		if isOpen {
			g.Open = &openProposal{position, open.QtyMilli, open.Supplier}
		}
	}
	var payload any
	switch {
	case wanted:
		if isOpen && open.QtyMilli == v.quantity && open.Supplier == v.supplier {
			return nil
		}
		payload = ReorderProposed{Store: id, SKU: sku, Day: s.Newest, Supplier: v.supplier, QtyMilli: v.quantity, Value: v.value, Why: v.Reckoning}
	case isOpen:
		payload = ReorderSettled{Store: id, SKU: sku, Proposal: position, Outcome: Withdrawn, Day: s.Newest}
	default:
		return nil
	}
	event, err := p.codec.Encode(ledger.EventID{}, payload, ledger.Metadata{Actor: p.Name(), BusinessDay: s.Newest})
	if err != nil {
		return err
	}
	event.ID = ledger.DeriveID("reorder", string(stream), strconv.FormatInt(int64(at), 10), string(event.Data))
	written, err := p.journal.Append(ctx, stream, behind(at), event)
	if errors.Is(err, ledger.ErrConflict) {
		return nil
	}
	if err != nil {
		return err
	}
	g.Open = nil
	if wanted {
		g.Open = &openProposal{written, v.quantity, v.supplier}
	}
	return nil
}

// place writes the purchase orders of what was approved.
func (p *Planner) place(ctx context.Context, id ledger.StoreID, s *store) error {
	for _, no := range sortedKeys(s.Orders) {
		approved := s.Orders[no].Approved
		if len(approved) == 0 {
			continue
		}
		first := approved[0]
		doc := StockRecorded{Kind: Ordered, Store: id, Doc: no, Day: first.Day, At: first.At, Supplier: first.Supplier, Due: first.Due, By: first.By}
		there, at, _, err := last(ctx, p.journal, p.codec, doc.Stream())
		if err != nil {
			return err
		}
		if placed, is := there.(StockRecorded); is {
			doc = placed
		}
		lines := len(doc.Lines)
		for _, a := range approved {
			if !slices.ContainsFunc(doc.Lines, func(l Line) bool { return l.Proposal == a.Proposal }) {
				doc.Lines = append(doc.Lines, Line{SKU: a.SKU, QtyMilli: a.QtyMilli, Value: a.Value, Proposal: a.Proposal})
			}
		}
		if len(doc.Lines) == lines {
			continue // written, and still to be read
		}
		slices.SortFunc(doc.Lines, func(a, b Line) int { return cmp.Compare(a.SKU, b.SKU) })
		event, err := p.codec.Encode(ledger.DeriveID("stock", string(doc.Stream()), strconv.FormatInt(int64(at), 10), digestOf(doc)), doc,
			ledger.Metadata{Actor: p.Name(), BusinessDay: doc.Day, OccurredAt: doc.At})
		if err != nil {
			return err
		}
		if _, err := p.journal.Append(ctx, doc.Stream(), behind(at), event); err != nil && !errors.Is(err, ledger.ErrConflict) {
			return err
		}
	}
	return nil
}

// keep saves what has changed, the index last.
func (p *Planner) keep(through ledger.Position) error {
	changed := through != p.index.Cursor
	if p.catalogue.dirty {
		if err := p.save(catalogueName, p.catalogue); err != nil {
			return fmt.Errorf("keep the catalogue: %w", err)
		}
		p.index.Catalogue, p.catalogue.dirty, changed = p.catalogue.Position, false, true
	}
	for id, s := range p.stores {
		if !s.dirty {
			continue
		}
		if err := p.save(storeName(id), s); err != nil {
			return fmt.Errorf("keep what is known of %s: %w", id, err)
		}
		p.index.Stores[id], s.dirty, changed = s.Position, false, true
	}
	if !changed {
		return nil
	}
	p.index.Cursor = through
	if err := p.save(indexName, p.index); err != nil {
		return fmt.Errorf("keep how far the planner is: %w", err)
	}
	return nil
}

func sortedKeys[K cmp.Ordered, V any](m map[K]V) []K { return slices.Sorted(maps.Keys(m)) }
