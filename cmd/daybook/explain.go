package main

import (
	"cmp"
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

func (g *globals) explainCommand() *cobra.Command {
	var which portion
	command := &cobra.Command{
		Use:   "explain REFERENCE",
		Short: "Which rule joined a payment or a row of a bill, or what each rule saw of it",
		Long: "Say what became of the payments and rows that carry a reference: their id, a payment's own\n" +
			"reference or receipt number, an RRN, an order number or the provider's number. Of one that was\n" +
			"joined, the rule that did it; of another, the nearest candidates of each rule and what spoke\n" +
			"against them. A table shows the first twenty and says how many more there are; JSON and CSV have all.",
		Example: "  daybook explain L260105-000140\n  daybook explain 600519000179\n  daybook explain 000018 --all",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				found, err := a.views.Find(ctx, args[0])
				if err != nil {
					return err
				}
				if len(found) == 0 {
					return ledger.Refuse(ledger.Say("no payment and no row of a bill carries %q", args[0]),
						ledger.Say("search part of it with: daybook query \"SELECT * FROM fct_payments WHERE reference LIKE '%%…%%'\""))
				}
				shown, err := which.of(found, g.output == "table")
				if err != nil {
					return err
				}
				list := []reconcile.Explanation{}
				for _, f := range shown {
					e, is, err := a.explainRow(ctx, f.ID, f.Day)
					if err != nil {
						return err
					}
					if is {
						list = append(list, e)
					}
				}
				if err := g.printExplained(list); err != nil {
					return err
				}
				which.tell(g, args[0], found, shown)
				return nil
			})
		},
	}
	which.flags(command)
	return command
}

// explainRow asks the matcher about a payment or line. A payment's settlement day may lie a
// day from its store's.
func (a *app) explainRow(ctx context.Context, id string, day ledger.BusinessDay) (e reconcile.Explanation, found bool, err error) {
	for _, near := range []int{0, 1, -1} {
		if e, found, err = a.matcher.Explain(ctx, day.AddDays(near), id); found || err != nil {
			return e, found, err
		}
	}
	return e, false, nil
}

func (g *globals) printExplained(list []reconcile.Explanation) error {
	if g.output != "table" {
		columns := []column{{name: "id"}, {name: "state"}, {name: "rule"}, {name: "candidate"}, {name: "day"}, {name: "amount"}, {name: "currency"}, {name: "failed"}}
		var rows [][]string
		for _, e := range list {
			for _, step := range e.Steps {
				for _, c := range step.Candidates {
					var failed []string
					for _, test := range c.Failed {
						failed = append(failed, test.What)
					}
					rows = append(rows, []string{subjectOf(e), e.State, step.Rule, c.ID, c.Day.String(), c.Amount.Amount(), string(c.Amount.Currency), strings.Join(failed, " ")})
				}
			}
		}
		return g.printList(columns, rows, list)
	}
	for _, e := range list {
		g.showSteps(e)
	}
	return nil
}

func subjectOf(e reconcile.Explanation) string {
	if e.Item != nil {
		return e.Item.ID
	}
	return e.Line.ID
}

// showSteps prints what became of one payment or line, for people.
func (g *globals) showSteps(e reconcile.Explanation) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if e.Item != nil {
		fmt.Fprintln(g.stdout, t(ledger.Say("payment %s (%s), %s of %s: %s", e.Item.Reference, e.Item.ID, e.Item.Amount.String(), e.Day.String(), fateOf(e))))
	} else {
		fmt.Fprintln(g.stdout, t(ledger.Say("row %s, %s of %s: %s", e.Line.ID, ledger.Minor(e.Line.Gross, e.Line.Currency).String(), e.Day.String(), fateOf(e))))
	}
	columns := []column{{heading: t(ledger.Say("rule"))}, {heading: t(ledger.Say("candidate"))}, {heading: t(ledger.Say("day"))},
		{heading: t(ledger.Say("amount")), right: true}, {heading: t(ledger.Say("where"))}, {heading: t(ledger.Say("what speaks against it"))}}
	var rows [][]string
	for _, step := range e.Steps {
		if len(step.Candidates) == 0 {
			rows = append(rows, []string{step.Rule, "", "", "", "", t(ledger.Say("nothing comes near"))})
		}
		for _, c := range step.Candidates {
			var against []string
			for _, test := range c.Failed {
				against = append(against, t(testText(test)))
			}
			verdict := strings.Join(against, t(ledger.Say("; ")))
			if len(against) == 0 {
				verdict = t(ledger.Say("nothing: they belong together"))
			}
			rows = append(rows, []string{step.Rule, c.Reference, c.Day.String(), c.Amount.Amount(), c.Place, verdict})
		}
	}
	g.printTable(columns, rows)
}

// fateOf says in a few words what became of a row.
func fateOf(e reconcile.Explanation) ledger.Text {
	switch {
	case e.Match != nil && e.Match.Rule == reconcile.Manual:
		return ledger.Say("matched by %s", e.Match.By)
	case e.Match != nil:
		return ledger.Say("matched by rule %s", e.Match.Rule)
	case e.Break != nil:
		return kindName(e.Break.Kind)
	}
	switch e.State {
	case "absent":
		return ledger.Say("rightly without a row: declined, reversed or voided")
	case "cancelled":
		return ledger.Say("paid and revoked in the same bill")
	case "waiting":
		return ledger.Say("waits for the bill")
	}
	return ledger.Say("open")
}

// testText says what speaks against a candidate.
func testText(test reconcile.Test) ledger.Text {
	switch test.What {
	case "taken":
		if test.Ours == "" {
			return ledger.Say("taken out before any rule")
		}
		return ledger.Say("taken by %s with %s", test.Ours, test.Theirs)
	case "apart":
		return ledger.Say("a person took them apart")
	case "minutes":
		return ledger.Say("too far apart in time: %s, %s", test.Ours, test.Theirs)
	case "days":
		return ledger.Say("too many days apart: %s, %s", test.Ours, test.Theirs)
	case "sum":
		return ledger.Say("no sum: %s, %s", test.Ours, test.Theirs)
	}
	return ledger.Say("%s: %s, %s", fieldName(test.What), cmp.Or(test.Ours, "–"), cmp.Or(test.Theirs, "–"))
}

// fieldName is what people call a field of a payment or line.
func fieldName(name string) ledger.Text {
	switch reconcile.Field(name) {
	case reconcile.FieldMID:
		return ledger.Say("MID")
	case reconcile.FieldTID:
		return ledger.Say("TID")
	case reconcile.FieldStore:
		return ledger.Say("store")
	case reconcile.FieldBatch:
		return ledger.Say("batch")
	case reconcile.FieldSTAN:
		return ledger.Say("STAN")
	case reconcile.FieldRRN:
		return ledger.Say("RRN")
	case reconcile.FieldAuthCode:
		return ledger.Say("authorisation")
	case reconcile.FieldLastFour:
		return ledger.Say("last four digits")
	case reconcile.FieldOrderNo:
		return ledger.Say("order number")
	case reconcile.FieldProviderNo:
		return ledger.Say("provider's number")
	case reconcile.FieldRefundOf:
		return ledger.Say("order number of the sale")
	case reconcile.FieldReference:
		return ledger.Say("reference")
	}
	switch name {
	case "provider":
		return ledger.Say("provider")
	case "direction":
		return ledger.Say("direction")
	case "currency":
		return ledger.Say("currency")
	case "amount":
		return ledger.Say("amount")
	}
	return ledger.Say("%s", name)
}

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
					for _, row := range e.Rows {
						g.showSteps(row)
					}
					fmt.Fprintln(g.stdout, g.say.text(ledger.Say("next: %s", e.Next)))
					fmt.Fprintln(g.stdout)
				}
				return nil
			})
		},
	}
}

// explanation is a difference with what the rules saw of its payments and rows, and what
// to do.
type explanation struct {
	detailForPrograms
	Rows []reconcile.Explanation `json:"rows"`
	Next string                  `json:"next"`
}

func (a *app) explain(ctx context.Context, g *globals, b projections.BreakDetail) (explanation, error) {
	e := explanation{detailForPrograms: detailForPrograms{b, g.say.text(reasonOf(b.BreakRow))}, Rows: []reconcile.Explanation{},
		Next: g.say.text(whatNext(b.BreakRow))}
	if b.Leg != reconcile.PaymentLeg || len(b.Items)+len(b.Lines) > 4 {
		return e, nil // nothing was to be joined, or too much to be told here
	}
	subjects := b.Items
	if len(subjects) == 0 {
		subjects = b.Lines
	}
	for _, id := range subjects {
		row, found, err := a.explainRow(ctx, id, b.Day)
		if err != nil {
			return e, err
		}
		if found {
			e.Rows = append(e.Rows, row)
		}
	}
	return e, nil
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
	if b.Provider == reconcile.CashProvider && b.Kind != reconcile.UnexpectedLine {
		return ledger.Say("ask the store for the deposit slip; it closes by itself when the bank statement has it; what stays short is booked with: daybook breaks propose ID --how correction --account over_short")
	}
	switch b.Kind {
	case reconcile.MissingInSettlement:
		return ledger.Say("ask the provider for this payment; it closes by itself when a later bill has it")
	case reconcile.MissingInLedger:
		return ledger.Say("ask the store for the receipt of this payment, and whether a till's journal is missing")
	case reconcile.CurrencyMismatch:
		return ledger.Say("compare with the signed slip; if the bill is right, accept it: what the till says is then owed no more, and what the bill says is")
	case reconcile.AmountMismatch:
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
		if b.Leg == reconcile.AccountLeg {
			return ledger.Say("compare the rows named here, and ask the provider which of its two papers is right")
		}
		if _, is := reconcile.Continues(b.Detail); is {
			return ledger.Say("import the bank statements between the two; if there are none, ask the bank which balance is right and import the mended file with --correction")
		}
		return ledger.Say("ask the sender for the original file")
	case reconcile.Ambiguous:
		return ledger.Say("compare the slips by hand: the references do not tell these payments apart")
	}
	return ledger.Say("ask the provider what it is for")
}
