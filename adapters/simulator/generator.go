package simulator

import (
	"math/rand/v2"
	"sort"
	"time"

	"daybook/ledger"
)

// generator is a day in the making. Its steps run in the order of Generate.
type generator struct {
	opts     Options
	dice     *rand.Rand
	midnight time.Time

	stores    []*store
	terminals []*terminal
	cards     []*plastic
	issued    int // cards made so far
	popular   []int
	hours     []int

	plain      []*payment // ordinary sales that nothing has happened to yet
	payments   []*payment // everything through a provider, in order of time
	pairs      []*pair
	lines      []*line
	numbered   int    // provider's numbers given out
	answered   int    // retrieval numbers given out
	past       int    // payments of earlier days made up
	wrongFee   *line  // the first card line with a wrong fee
	wrongFeeOf string // and the payment it belongs to

	late    []*line // lines of the next day's bills
	breaks  []KeyBreak
	matched map[string]int
	items   int
	actions int
	closed  int64 // bank balance after the statement
}

// Shanghai has had no summer time since 1991, so a fixed offset is its zone, and no
// zone table is needed.
var shanghai = time.FixedZone("", 8*3600)

func newGenerator(opts Options) *generator {
	g := &generator{
		opts:     opts,
		dice:     newDice(opts.Seed),
		midnight: time.Date(opts.Day.Year, opts.Day.Month, opts.Day.Day, 0, 0, 0, 0, shanghai),
		matched:  map[string]int{},
	}
	weights := make([]int, len(shelves))
	for i, a := range shelves {
		weights[i] = a.popularity
	}
	g.popular = cumulate(weights)
	g.hours = cumulate(hourWeights)
	g.openStores()
	for range min(300, 20+opts.Payments/10) {
		g.cards = append(g.cards, g.newCard())
	}
	return g
}

func newDice(seed uint64) *rand.Rand { return rand.New(rand.NewPCG(seed, 0x6461_7962_6f6f_6b)) }

// at is the instant of a second of the day; negative ones lie in the days before.
func (g *generator) at(second int) time.Time {
	return g.midnight.Add(time.Duration(second) * time.Second)
}

// pick draws an index by cumulated weights.
func (g *generator) pick(cumulated []int) int {
	return sort.SearchInts(cumulated, 1+g.dice.IntN(cumulated[len(cumulated)-1]))
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

func money(fen int64) ledger.Money { return ledger.Minor(fen, cny) }
