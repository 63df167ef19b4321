package simulator

import (
	"fmt"
	"slices"

	"daybook/ledger"
)

// step is one action of a terminal before it has its number.
type step struct {
	second int
	shift  int
	mode   ledger.Mode
	action func(head ledger.Till) ledger.Action
}

// planTills chooses what the tills report wrongly, or not at all.
func (g *generator) planTills() {
	g.wrong = g.planWrongTotals()
	g.gaps = g.planGaps()
}

// reported is what the terminals of a store sent, in the order of time.
func (g *generator) reported(st *store) []timed {
	var all []timed
	for _, t := range g.terminals {
		if t.store == st {
			all = g.actionsOf(all, t, g.steps(t))
		}
	}
	g.actions += len(all)
	return inOrder(all, func(t *timed) int { return t.second })
}

// timed is an action with the second of the day at which it happened.
type timed struct {
	second int
	ledger.Action
}

// place is where in a terminal's day numbers are lost: before a step.
type place struct {
	terminal *terminal
	step     int
}

// planGaps chooses where actions were never sent, and how many each time. Between two
// gaps of a terminal lies at least one action, so that they stay two.
func (g *generator) planGaps() map[place]uint64 {
	gaps := map[place]uint64{}
	for tries := 0; len(gaps) < g.opts.Breaks && tries < 100*g.opts.Breaks; tries++ {
		t := g.anyTerminal()
		gaps[place{t, 3 + g.dice.IntN(len(t.tickets)+8)}] = 1 + uint64(g.dice.IntN(3))
	}
	return gaps
}

// actionsOf numbers the steps of a terminal on from the day before, without gaps but the
// planted ones.
func (g *generator) actionsOf(all []timed, t *terminal, steps []step) []timed {
	all = slices.Grow(all, len(steps))
	for i, s := range steps {
		if lost := g.gaps[place{t, i}]; lost > 0 {
			g.found(SequenceGap, nil, gapReference(t, t.seq+1, t.seq+lost), 0, 0)
			t.seq += lost
		}
		t.seq++
		all = append(all, timed{s.second, s.action(ledger.Till{
			Terminal: t.id, Seq: t.seq, Store: t.store.id, At: g.date.at(s.second), BusinessDay: g.date.day,
			Mode: s.mode, Cashier: t.cashiers[s.shift],
		})})
	}
	return all
}

func gapReference(t *terminal, from, to uint64) string {
	if from == to {
		return fmt.Sprintf("%s %d", t.id, from)
	}
	return fmt.Sprintf("%s %d-%d", t.id, from, to)
}

// steps is the day of a terminal: two shifts, each signed on, opened, traded, counted
// and closed with its batch.
func (g *generator) steps(t *terminal) []step {
	steps := make([]step, 0, len(t.tickets)+20)
	rest := t.tickets
	for shift := range 2 {
		opened, closed := openAt+g.dice.IntN(300), t.change
		if shift == 1 {
			opened, closed = t.change+handover/2, closeAt
		}
		n := 0
		for n < len(rest) && t.shift(rest[n].second) == shift {
			n++
		}
		tickets := rest[:n]
		rest = rest[n:]

		session := fmt.Sprintf("%s-%s-%d", t.id, g.date.compact[4:], shift+1)
		steps = append(steps, g.opening(session, shift, opened)...)
		steps = g.trading(steps, session, shift, tickets)
		steps = append(steps, g.closing(session, shift, closed, cashIn(tickets))...)
		steps = append(steps, ends(session, shift, closed, g.batchClose(t, shift))...)
	}
	return steps
}

const drawerFloat = 50_000 // fen of change in a drawer

func (g *generator) opening(session string, shift, second int) []step {
	method := []string{"pin", "card", "fingerprint"}[g.dice.IntN(3)]
	return []step{
		{second, shift, ledger.Live, func(head ledger.Till) ledger.Action {
			return ledger.CashierSignedOn{Till: head, Method: method}
		}},
		{second + 5, shift, ledger.Live, func(head ledger.Till) ledger.Action {
			return ledger.ShiftOpened{Till: head, Shift: session}
		}},
		{second + 20, shift, ledger.Live, func(head ledger.Till) ledger.Action {
			return ledger.DrawerOpened{Till: head, Drawer: session, Float: g.money(drawerFloat)}
		}},
	}
}

func (g *generator) trading(steps []step, session string, shift int, tickets []*ticket) []step {
	for _, tk := range tickets {
		steps = append(steps, step{tk.second, shift, tk.mode, g.action(tk)})
		if g.oneIn(150) {
			steps = append(steps, step{tk.second, shift, ledger.Live, func(head ledger.Till) ledger.Action {
				return ledger.DrawerOpenedNoSale{Till: head, Drawer: session, Reason: "换零钱"}
			}})
		}
	}
	return steps
}

// closing counts the drawer, after what is more than the float went to the safe.
func (g *generator) closing(session string, shift, second int, taken int64) []step {
	var steps []step
	counted := drawerFloat + taken
	if drop := taken; drop > drawerFloat {
		counted -= drop
		steps = append(steps, step{second, shift, ledger.Live, func(head ledger.Till) ledger.Action {
			return ledger.CashPaidOut{Till: head, Drawer: session, Amount: g.money(drop), Reason: "存入保险柜"}
		}})
	}
	return append(steps, step{second + 2, shift, ledger.Live, func(head ledger.Till) ledger.Action {
		return ledger.DrawerCounted{Till: head, Drawer: session, Counted: g.money(counted)}
	}})
}

// ends closes the batch and the shift.
func ends(session string, shift, second int, closed ledger.BatchClosed) []step {
	return []step{
		{second + 4, shift, ledger.Live, func(head ledger.Till) ledger.Action {
			closed.Till = head
			return closed
		}},
		{second + 6, shift, ledger.Live, func(head ledger.Till) ledger.Action {
			return ledger.ShiftClosed{Till: head, Shift: session}
		}},
		{second + 6, shift, ledger.Live, func(head ledger.Till) ledger.Action {
			return ledger.CashierSignedOff{Till: head}
		}},
	}
}

// cashIn is the cash that tickets left in the drawer.
func cashIn(tickets []*ticket) (fen int64) {
	for _, tk := range tickets {
		for _, p := range tk.attempts {
			if p.by == nil && p.mode.Counts() {
				fen += p.signed()
			}
		}
	}
	return fen
}

// action is what the till reports of a ticket.
func (g *generator) action(tk *ticket) func(head ledger.Till) ledger.Action {
	tenders := make([]ledger.Tender, len(tk.attempts))
	for i, p := range tk.attempts {
		tenders[i] = g.tender(p)
	}
	return func(head ledger.Till) ledger.Action {
		switch tk.form {
		case refund:
			back := ledger.RefundRecorded{Till: head, Refund: tk.doc, Original: tk.original.ref, Lines: tk.goods, Tenders: tenders, Total: g.money(tk.total), Wasted: perished(tk.goods)}
			if tk.tax != 0 {
				back.Tax = g.money(tk.tax)
			}
			return back
		case void:
			return ledger.PaymentVoided{Till: head, Original: tk.original.ref, Tender: tenders[0]}
		case reversal:
			return ledger.PaymentReversed{Till: head, Original: tk.original.ref, Cause: "timeout"}
		case answer:
			return ledger.PaymentAnswered{Till: head, Original: tk.original.ref, Outcome: tk.answer}
		}
		return ledger.SaleRecorded{
			Till: head, Sale: tk.doc, Lines: tk.goods, Tenders: tenders,
			Tax: tk.money(tk.tax), Total: tk.money(tk.total), Customer: tk.customer,
		}
	}
}

// perished are the lines of goods that come back, from 1, that cannot be sold again: all of
// them when one has perished.
func perished(goods []ledger.SaleLine) (lines []int) {
	if !slices.ContainsFunc(goods, func(l ledger.SaleLine) bool { return perishable(l.Category) }) {
		return nil
	}
	for n := range goods {
		lines = append(lines, n+1)
	}
	return lines
}

// tender is what the till knows of a payment. Without an answer it knows neither the
// host's reference number nor the wallet's.
func (g *generator) tender(p *payment) ledger.Tender {
	t := ledger.Tender{
		Payment: p.ref, Channel: cash, Entry: p.entry, Verification: p.check,
		Amount: p.money(p.amount), Outcome: p.outcome, Batch: p.batch, STAN: p.stan, OrderNo: p.orderNo,
	}
	if p.by == nil {
		return t
	}
	t.Channel = p.by.channel
	if p.plastic != nil {
		t.MID, t.TID = ledger.MID(p.by.account), p.till.tid
		t.Card, t.CardKind = p.plastic.ref, p.plastic.kind
		t.AuthCode = p.auth
		if p.outcome != ledger.Unknown {
			t.RRN = p.rrn
		}
	}
	switch {
	case p.by.class == acquirer:
	case p.form == refund && p.by.numbersRefunds():
		t.ProviderNo = p.numbers.refund
	case p.form == sale && p.outcome == ledger.Approved && p.plan != inParts && p.plan != MethodMismatch:
		t.ProviderNo = p.numbers.sale
	}
	switch p.outcome {
	case ledger.Approved:
		t.Response = "00"
	case ledger.Declined:
		t.Response = "51" // not enough money on the account
		t.AuthCode = ""
	}
	if !p.mode.Counts() {
		t.RRN, t.ProviderNo, t.AuthCode = "", "", ""
	}
	return t
}

// numbersRefunds: the bill knows a refund by the provider's number alone, which the till therefore keeps.
func (p *provider) numbersRefunds() bool { return p.id == "paypal" }
