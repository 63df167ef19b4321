package simulator

import (
	"fmt"
	"math/rand/v2"

	"daybook/ledger"
)

// store is one store with its terminals.
type store struct {
	id        ledger.StoreID
	name      string
	region    *region
	terminals []*terminal
	shelves   []shelf // in the order of the range
}

// terminal is one till with its payment terminal. Its day has two shifts, each with a
// cashier, a drawer session and a batch of its own. What it counts goes on from day to day.
type terminal struct {
	store    *store
	id       ledger.TerminalID
	tid      ledger.TID // the acquirer's number, which is not the retailer's
	device   string     // as the wallets know it
	cashiers [2]string
	seq      uint64
	docs     int
	batch    int // number of the first shift's batch

	// Of the day.
	change  int // second of the day at which the second shift takes over
	tickets []*ticket
}

const (
	openAt   = 6*3600 + 50*60
	tradeAt  = 7 * 3600
	closeAt  = 23*3600 + 59*60 + 30
	lastSale = closeAt - 10
	// handover is how long nothing is sold while shifts change.
	handover = 120
	// quietUntil keeps every planted payment that is not about the change of day
	// clear of it: providers count a sale as late within five minutes of midnight.
	quietUntil = 23*3600 + 40*60
)

var storeNumbers = []string{"一", "二", "三", "四", "五", "六", "七", "八", "九"}

func (s *stream) openStores() {
	dice := rand.New(rand.NewPCG(s.opts.Seed, 0x73746f726573))
	for n := range s.opts.Stores {
		r := s.world.regionOf(n)
		st := &store{id: ledger.StoreID(fmt.Sprintf("S%03d", n+1)), region: r, shelves: make([]shelf, len(r.range_))}
		switch {
		case r.currency != "CNY":
			st.name = fmt.Sprintf("%s %d", r.town, n+1)
		case n < len(storeNumbers):
			st.name = r.town + storeNumbers[n] + "店"
		default:
			st.name = fmt.Sprintf("%s%d号店", r.town, n+1)
		}
		for t := range s.opts.TerminalsPerStore {
			st.terminals = append(st.terminals, &terminal{
				store:    st,
				id:       ledger.TerminalID(fmt.Sprintf("%sT%02d", st.id, t+1)),
				tid:      ledger.TID(fmt.Sprintf("01%04d%02d", 801+n, t+1)),
				device:   fmt.Sprintf("T%02d", t+1),
				cashiers: [2]string{fmt.Sprintf("%d", 1001+100*n+t), fmt.Sprintf("%d", 1001+100*n+(t+1)%3+50)},
				batch:    10 + dice.IntN(900),
			})
		}
		s.stores = append(s.stores, st)
	}
}

// cellSize is about how many payments are made up together. Memory is bounded by it, or by the
// payments of a terminal where these are more.
const cellSize = 2000

// cells divides a day: a few stores of one country together or, where stores are large,
// some terminals of one. Each has dice of its own, its share of the payments and mistakes,
// and a range of every number that is given out.
func (s *stream) cells(n, payments int) []*generator {
	var groups [][]*terminal
	var group []*terminal
	total := s.opts.Stores * s.opts.TerminalsPerStore
	per := max(1, min(total, cellSize*total/payments)) // terminals of a cell
	if per > 1 && per < s.opts.TerminalsPerStore {
		per = max(2, s.opts.TerminalsPerStore/((s.opts.TerminalsPerStore+per-1)/per)) // of about the same size
	}
	flush := func() {
		if len(group) > 0 {
			groups = append(groups, group)
			group = nil
		}
	}
	for _, r := range s.world.regions {
		for _, st := range s.stores {
			if st.region != r {
				continue
			}
			if len(group)+len(st.terminals) > max(per, 2) && len(group) > 0 {
				flush()
			}
			for left := st.terminals; len(left) > 0; {
				take := len(left)
				if take > per {
					take = per
					if len(left)-take == 1 && s.opts.TerminalsPerStore > 1 && take > 1 {
						take++ // none stays alone
					}
				}
				group = append(group, left[:take]...)
				if left = left[take:]; len(left) > 0 || len(group) >= per {
					flush()
				}
			}
		}
		flush()
	}

	inRegion := map[*region]int{}
	for _, g := range groups {
		inRegion[g[0].store.region] += len(g)
	}
	share := func(whole, from, to, of int) int { return whole*to/of - whole*from/of }
	var cells []*generator
	made, regional := 0, map[*region]int{}
	for i, g := range groups {
		r := g[0].store.region
		opts := s.opts
		opts.Payments = share(payments, made, made+len(g), total)
		opts.Breaks = share(s.opts.Breaks, regional[r], regional[r]+len(g), inRegion[r])
		c := newGenerator(s, opts, dateOf(s.day.day, n, r), g, i)
		c.firstBreak = s.opts.Breaks * regional[r] / inRegion[r]
		c.numbered, c.answered = s.numbered, made*2*payments/total+100*i
		c.refs = 2*payments*made/total + 200*i + 100*c.firstBreak
		s.numbered += 3*opts.Payments + 100*opts.Breaks + 400
		made += len(g)
		regional[r] += len(g)
		cells = append(cells, c)
	}
	return cells
}

// shift is 0 or 1.
func (t *terminal) shift(second int) int {
	if second < t.change {
		return 0
	}
	return 1
}

func (t *terminal) batchNo(shift int) ledger.BatchNo {
	return ledger.BatchNo(fmt.Sprintf("%06d", (t.batch+shift)%1_000_000))
}

// open moves a moment out of the change of shifts and before the close.
func (t *terminal) open(second int) int {
	if second >= t.change && second < t.change+handover {
		second = t.change + handover
	}
	return min(second, lastSale)
}
