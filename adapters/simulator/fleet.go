package simulator

import (
	"fmt"

	"daybook/ledger"
)

// store is one store with its terminals.
type store struct {
	id        ledger.StoreID
	name      string
	terminals []*terminal
}

// terminal is one till with its payment terminal. Its day has two shifts, each with a
// cashier, a drawer session and a batch of its own.
type terminal struct {
	store    *store
	id       ledger.TerminalID
	tid      ledger.TID // the acquirer's number, which is not the retailer's
	device   string     // as the wallets know it
	cashiers [2]string
	change   int // second of the day at which the second shift takes over
	batch    int // number of the first shift's batch
	tickets  []*ticket
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

var storeNames = []string{"晨曦一店", "晨曦二店", "晨曦三店", "晨曦四店", "晨曦五店", "晨曦六店", "晨曦七店", "晨曦八店", "晨曦九店"}

func (g *generator) openStores() {
	for s := range g.opts.Stores {
		st := &store{id: ledger.StoreID(fmt.Sprintf("S%03d", s+1)), name: fmt.Sprintf("晨曦%d号店", s+1)}
		if s < len(storeNames) {
			st.name = storeNames[s]
		}
		for t := range g.opts.TerminalsPerStore {
			st.terminals = append(st.terminals, &terminal{
				store:    st,
				id:       ledger.TerminalID(fmt.Sprintf("%sT%02d", st.id, t+1)),
				tid:      ledger.TID(fmt.Sprintf("0108%02d%02d", s+1, t+1)),
				device:   fmt.Sprintf("T%02d", t+1),
				cashiers: [2]string{fmt.Sprintf("%d", 1001+100*s+t), fmt.Sprintf("%d", 1001+100*s+(t+1)%3+50)},
				change:   15*3600 + g.dice.IntN(3600),
				batch:    10 + g.dice.IntN(900),
			})
		}
		g.stores = append(g.stores, st)
		g.terminals = append(g.terminals, st.terminals...)
	}
}

// shift is 0 or 1.
func (t *terminal) shift(second int) int {
	if second < t.change {
		return 0
	}
	return 1
}

func (t *terminal) batchNo(shift int) ledger.BatchNo {
	return ledger.BatchNo(fmt.Sprintf("%06d", t.batch+shift))
}

// open moves a moment out of the change of shifts and before the close.
func (t *terminal) open(second int) int {
	if second >= t.change && second < t.change+handover {
		second = t.change + handover
	}
	return min(second, lastSale)
}
