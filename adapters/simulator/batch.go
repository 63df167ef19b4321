package simulator

import "daybook/ledger"

// batchKey is one batch of one terminal.
type batchKey struct {
	terminal *terminal
	shift    int
}

// wrongTotal is what a terminal prints beside the truth.
type wrongTotal struct {
	count  int
	amount int64
}

// planWrongTotals chooses the batches whose printed totals are wrong: a sale left out,
// one counted twice, or the right number of sales with another sum.
func (g *generator) planWrongTotals() map[batchKey]wrongTotal {
	wrong := map[batchKey]wrongTotal{}
	for i := 0; i < min(g.opts.Breaks, 2*len(g.terminals)); {
		key := batchKey{g.anyTerminal(), g.dice.IntN(2)}
		if _, taken := wrong[key]; taken {
			continue
		}
		amount := int64(100 + g.dice.IntN(5000))
		wrong[key] = []wrongTotal{{1, amount}, {0, amount}, {0, 1}}[i%3]
		i++
	}
	return wrong
}

// batchClose is what the terminal prints at the end of a shift: the approved payments
// by card and wallet in the country's currency.
func (g *generator) batchClose(t *terminal, shift int) ledger.BatchClosed {
	none := ledger.BatchTotal{Amount: g.money(0)}
	closed := ledger.BatchClosed{Batch: t.batchNo(shift), Sales: none, Refunds: none, Voids: none}
	totals := map[form]*ledger.BatchTotal{sale: &closed.Sales, refund: &closed.Refunds, void: &closed.Voids}
	net := int64(0)
	for _, tk := range t.tickets {
		for _, p := range tk.attempts {
			if p.provided() && p.taken() && t.shift(p.second) == shift && p.currency == "" {
				total := totals[p.form]
				total.Count++
				total.Amount.Minor += p.amount
				net += p.signed()
			}
		}
	}
	if off, planted := g.wrong[batchKey{t, shift}]; planted {
		closed.Sales.Count += off.count
		closed.Sales.Amount.Minor += off.amount
		g.found(BatchTotalMismatch, nil, string(t.id)+" "+string(closed.Batch), net, net+off.amount)
	}
	return closed
}
