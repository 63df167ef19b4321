package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

func (g *globals) breaksExplainCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "explain ID|REFERENCE",
		Short: "Why two sides were not joined, what comes near, and what to do",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				found, err := a.findBreaks(ctx, args[0])
				if err != nil {
					return err
				}
				list := []explanation{}
				for _, b := range found {
					e, err := a.explain(ctx, g, b)
					if err != nil {
						return err
					}
					list = append(list, e)
				}
				if g.output != "table" {
					return g.printExplanations(list)
				}
				for n, e := range list {
					g.showBreak(found[n])
					g.showExplanation(e)
				}
				return nil
			})
		},
	}
}

// explanation is a difference with what was tried and what to do.
type explanation struct {
	detailForPrograms
	Tried      []string                `json:"tried"`      // rules that had something to go by, and by what
	Candidates []projections.Candidate `json:"candidates"` // what comes nearest on the other side
	Next       string                  `json:"next"`
}

func (a *app) explain(ctx context.Context, g *globals, b projections.BreakDetail) (e explanation, err error) {
	e = explanation{detailForPrograms: detailForPrograms{b, g.say.text(reasonOf(b.BreakRow))}, Tried: []string{}, Candidates: []projections.Candidate{},
		Next: g.say.text(whatNext(b.BreakRow))}
	switch {
	case len(b.Payments) == 1 && len(b.Statements) == 0:
		p := b.Payments[0]
		e.Tried = g.tried(string(p.RRN), string(p.MID), string(p.TID), string(p.Batch), string(p.STAN), p.OrderNo, string(p.AuthCode), p.Card, ledger.Minor(p.Amount, p.Currency))
		e.Candidates, err = a.views.LinesLike(ctx, p)
	case len(b.Payments) == 0 && len(b.Statements) == 1 && b.Leg == reconcile.PaymentLeg:
		l := b.Statements[0]
		e.Tried = g.tried(string(l.RRN), string(l.MID), string(l.TID), string(l.Batch), string(l.STAN), l.OrderNo, string(l.AuthCode), l.Card, ledger.Minor(l.Gross, l.Currency))
		e.Candidates, err = a.views.PaymentsLike(ctx, l)
	}
	return e, err
}

// tried says by what each rule looked for a partner, and which had nothing to go by.
func (g *globals) tried(rrn, mid, tid, batch, stan, order, auth, card string, amount ledger.Money) []string {
	var list []string
	add := func(rule string, possible bool, what ledger.Text) {
		if !possible {
			what = ledger.Say("nothing to go by")
		}
		list = append(list, g.say.text(ledger.Say("%s: %s", rule, what)))
	}
	add("M1", rrn != "", ledger.Say("no free partner with merchant id %s, terminal id %s, RRN %s and %s", mid, tid, rrn, amount.String()))
	add("M2", stan != "" && batch != "", ledger.Say("no free partner with terminal id %s, batch %s, STAN %s and %s", tid, batch, stan, amount.String()))
	add("M3", order != "", ledger.Say("no free partner with order number %s and %s", order, amount.String()))
	add("M4", auth != "" && card != "", ledger.Say("no single free partner with authorisation %s, card %s, terminal id %s and %s within ten minutes", auth, card, tid, amount.String()))
	add("M5", rrn != "" || stan != "" || order != "", ledger.Say("no free partner with these references and another amount"))
	add("M7", rrn != "" || stan != "" || order != "", ledger.Say("no set of free partners with these references that adds up"))
	add("M8", rrn != "" || stan != "" || order != "", ledger.Say("no free partner with these references and amount within three days"))
	return list
}

func (g *globals) showExplanation(e explanation) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if len(e.Tried) > 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("what the rules looked for:")))
		for _, line := range e.Tried {
			fmt.Fprintln(g.stdout, "  "+line)
		}
		fmt.Fprintln(g.stdout)
		if len(e.Candidates) == 0 {
			fmt.Fprintln(g.stdout, t(ledger.Say("nothing on the other side comes near.")))
		} else {
			fmt.Fprintln(g.stdout, t(ledger.Say("what comes nearest on the other side:")))
			g.printTable(candidateColumns(g), candidateRows(g, e.Candidates))
		}
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("next: %s", e.Next)))
	fmt.Fprintln(g.stdout)
}

func candidateColumns(g *globals) []column {
	t := func(text ledger.Text) string { return g.say.text(text) }
	return []column{
		{heading: t(ledger.Say("reference"))}, {heading: t(ledger.Say("day"))}, {heading: t(ledger.Say("time"))},
		{heading: t(ledger.Say("amount")), right: true}, {heading: t(ledger.Say("TID"))}, {heading: t(ledger.Say("agrees in"))}, {heading: t(ledger.Say("state"))}, {heading: t(ledger.Say("file"))},
	}
}

func candidateRows(g *globals, candidates []projections.Candidate) [][]string {
	var rows [][]string
	for _, c := range candidates {
		state := g.say.text(ledger.Say("free"))
		if c.Matched != "" {
			state = g.say.text(ledger.Say("matched"))
		}
		var shares []string
		for _, share := range c.Shares {
			shares = append(shares, g.say.text(shareName(share)))
		}
		rows = append(rows, []string{c.Reference, c.Day.String(), c.LocalTime, ledger.FormatMinor(c.Amount, c.Currency), string(c.TID),
			strings.Join(shares, ", "), state, fmt.Sprintf("%s:%d", c.File, c.Row)})
	}
	return rows
}

func (g *globals) printExplanations(list []explanation) error {
	var columns []column
	for _, name := range []string{"id", "kind", "reference", "reason", "next"} {
		columns = append(columns, column{name: name})
	}
	var rows [][]string
	for _, e := range list {
		rows = append(rows, []string{e.ID, string(e.Kind), e.Reference, e.Reason, e.Next})
	}
	return g.printList(columns, rows, list)
}

// whatNext says what usually settles a difference.
func whatNext(b projections.BreakRow) ledger.Text {
	switch b.Kind {
	case reconcile.MissingInSettlement:
		return ledger.Say("ask the provider for this payment; it closes by itself when a later bill has it")
	case reconcile.MissingInLedger:
		return ledger.Say("ask the store for the receipt of this payment, and whether a till's journal is missing")
	case reconcile.AmountMismatch, reconcile.CurrencyMismatch:
		return ledger.Say("compare with the signed slip; claim the difference from the provider, or correct the till")
	case reconcile.FeeDeviation:
		return ledger.Say("claim the difference, or enter the new rate in the configuration if the contract has changed")
	case reconcile.DuplicateInSettlement:
		return ledger.Say("the customer may have been charged twice: ask the provider to take one back")
	case reconcile.DuplicateInLedger:
		return ledger.Say("ask the store whether goods left once or twice; the till reported one payment under two numbers")
	case reconcile.TimeoutButSettled:
		return ledger.Say("ask the store whether the customer got the goods; if not, refund the payment")
	case reconcile.ReversedButSettled:
		return ledger.Say("refund the customer, or ask the provider to carry out the reversal")
	case reconcile.TimingNextDay:
		return ledger.Say("nothing to do: it closes by itself when the next bill has it")
	case reconcile.TerminalMismatch:
		return ledger.Say("check which terminal stands where, and have the provider correct the binding")
	case reconcile.MethodMismatch:
		return ledger.Say("check how the till maps its payment keys")
	case reconcile.PayoutShort, reconcile.PayoutNotReceived:
		return ledger.Say("ask the provider for the payout; it closes by itself when the bank statement has it")
	case reconcile.BatchTotalMismatch:
		return ledger.Say("compare the terminal's slip with its payments, and look for a gap in its numbering")
	case reconcile.FileMissing:
		return ledger.Say("fetch the bill from the provider and import it")
	case reconcile.SequenceGap:
		return ledger.Say("have the terminal send its journal again and import it")
	case reconcile.ControlTotalMismatch:
		return ledger.Say("ask the sender for the original file")
	case reconcile.Ambiguous:
		return ledger.Say("compare the slips by hand: the references do not tell these payments apart")
	}
	return ledger.Say("ask the provider what it is for")
}
