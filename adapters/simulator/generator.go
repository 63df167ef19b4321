package simulator

import (
	"math/rand/v2"
	"sort"
	"time"

	"daybook/ledger"
)

// generator is a cell in the making: the day of some terminals of one country. Its steps
// run in the order of make.
type generator struct {
	opts    Options // with the cell's share of payments and breaks
	history *Options
	dice    *rand.Rand
	date    *date
	region  *region
	world   *world

	firstBreak int // how many of each kind were planted in cells before

	stores    []*store
	terminals []*terminal
	cards     []*plastic
	issued    int // cards made so far
	hours     []int
	offer     string // the category that is on offer

	plain    []*payment // ordinary sales that nothing has happened to yet
	payments []*payment // everything through a provider, in order of time
	pairs    []*pair
	lines    []*line
	numbered int        // provider's numbers given out
	answered int        // retrieval numbers given out
	refs     int        // payments numbered
	past     int        // payments of earlier days made up
	wrongFee *corrected // the first of a card acquirer's lines with a wrong fee

	wrong map[batchKey]wrongTotal
	gaps  map[place]uint64

	late    []*line // lines of the next day's bills
	breaks  []KeyBreak
	matched map[*provider]int
	sold    map[*provider]int64
	items   int
	actions int
}

func newGenerator(s *stream, opts Options, day *date, terminals []*terminal, n int) *generator {
	g := &generator{
		opts:      opts,
		history:   &s.opts,
		dice:      rand.New(rand.NewPCG(opts.Seed+uint64(day.n)<<32, 0x6461_7962_6f6f_6b+uint64(n))),
		date:      day,
		region:    terminals[0].store.region,
		world:     s.world,
		terminals: terminals,
		matched:   map[*provider]int{},
		sold:      map[*provider]int64{},
		offer:     s.world.stocked.promoted(day.day),
	}
	for _, t := range terminals {
		if len(g.stores) == 0 || g.stores[len(g.stores)-1] != t.store {
			g.stores = append(g.stores, t.store)
		}
	}
	return g
}

// make makes the cell up.
func (g *generator) make() error {
	hours := workdayHours
	if weekday := g.date.day.Weekday(); weekday == time.Saturday || weekday == time.Sunday {
		hours = weekendHours
	}
	g.hours = cumulate(hours)
	for _, t := range g.terminals {
		t.tickets = nil
		t.change = 15*3600 + g.dice.IntN(3600)
	}
	for range min(300, 20+g.opts.Payments/10) {
		g.cards = append(g.cards, g.newCard())
	}
	g.trade()
	if err := g.plant(); err != nil {
		return err
	}
	g.happen()
	g.number()
	g.settle()
	g.planTills()
	return nil
}

// forget lets go of the day, but for what the terminals count on with.
func (g *generator) forget() {
	for _, t := range g.terminals {
		t.tickets = nil
		t.batch += 2
	}
}

// pick draws an index by cumulated weights.
func (g *generator) pick(cumulated []int) int { return pick(g.dice, cumulated) }

func pick(dice *rand.Rand, cumulated []int) int {
	return sort.SearchInts(cumulated, 1+dice.IntN(cumulated[len(cumulated)-1]))
}

func cumulate(weights []int) []int {
	sums := make([]int, len(weights))
	total := 0
	for i, w := range weights {
		total += w
		sums[i] = total
	}
	return sums
}

// oneIn is true once in n times.
func (g *generator) oneIn(n int) bool { return g.dice.IntN(n) == 0 }

// share is so many in a thousand ordinary payments, at least one.
func (g *generator) share(perMille int) int { return max(1, g.opts.Payments*perMille/1000) }

func (g *generator) money(minor int64) ledger.Money { return ledger.Minor(minor, g.region.currency) }
