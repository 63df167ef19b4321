package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

func (g *globals) breaksCommand() *cobra.Command {
	command := g.breaksListCommand()
	command.Use = "breaks [list]"
	command.AddCommand(g.breaksListCommand(), g.breaksShowCommand(), g.breaksExplainCommand())
	command.AddCommand(g.deskCommands()...)
	return command
}

func (g *globals) breaksListCommand() *cobra.Command {
	var date, kind, channel, handling, asOf string
	all, doubt := false, false
	command := &cobra.Command{
		Use:   "list",
		Short: "What does not tie, and why",
		Long: "List the open differences, oldest day first. Ends with exit code 3 when there are any.\n" +
			"What is missing and may still come is in doubt until the day by which it is expected: --doubt lists it.\n" +
			"Today is the newest day of which there are sales, bills or bank statements, or the day of --as-of.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			filter := projections.BreakFilter{State: "open", Kind: reconcile.BreakKind(kind), Channel: channel, Handling: reconcile.Handling(handling)}
			if all || handling != "" {
				filter.State = ""
			}
			if doubt {
				filter.State = "doubt"
			}
			if asOf != "" {
				day, err := ledger.ParseBusinessDay(asOf)
				if err != nil {
					return err
				}
				filter.AsOf = day
			}
			if date != "" {
				day, err := ledger.ParseBusinessDay(date)
				if err != nil {
					return err
				}
				filter.Day = day
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				breaks, err := a.views.Breaks(ctx, filter)
				if err != nil {
					return err
				}
				if err := g.listBreaks(breaks); err != nil {
					return err
				}
				for _, b := range breaks {
					if b.State == "open" {
						return exitError(exitOpen)
					}
				}
				return nil
			})
		},
	}
	flags := command.Flags()
	flags.StringVar(&date, "date", "", "only of this settlement day, YYYY-MM-DD")
	flags.StringVar(&kind, "kind", "", "only of this kind, for example missing_in_settlement")
	flags.StringVar(&channel, "channel", "", "only of this channel, for example card")
	flags.StringVar(&handling, "handling", "", "only those that are assigned, explained, proposed, accepted, corrected, written_off or claimed; or overtaken: closed by themselves though an adjustment is in force")
	flags.BoolVar(&all, "all", false, "closed ones, and what is in doubt, too")
	flags.BoolVar(&doubt, "doubt", false, "what is missing and not due yet, and by when it is expected")
	flags.StringVar(&asOf, "as-of", "", "take this day for today, YYYY-MM-DD")
	return command
}

// withViews opens the application, brings the tables up to date and asks.
func (g *globals) withViews(ctx context.Context, ask func(context.Context, *app) error) (err error) {
	a, err := open(ctx, g)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.catchUp(ctx, g); err != nil {
		return err
	}
	return ask(ctx, a)
}

// breakForPrograms is a difference as JSON: the row, with its reason in words.
type breakForPrograms struct {
	projections.BreakRow
	Reason string `json:"reason"`
}

func (g *globals) forPrograms(breaks []projections.BreakRow) []breakForPrograms {
	list := []breakForPrograms{}
	for _, b := range breaks {
		list = append(list, breakForPrograms{b, g.say.text(reasonOf(b))})
	}
	return list
}

func (g *globals) listBreaks(breaks []projections.BreakRow) error {
	list := g.forPrograms(breaks)
	if g.output == "table" {
		g.printBreaks(list)
		return nil
	}
	var columns []column
	for _, name := range []string{"id", "business_date", "channel", "kind", "reference", "amount", "currency", "state", "handling", "assignee", "due", "reason", "expected_by"} {
		columns = append(columns, column{name: name})
	}
	var rows [][]string
	for _, b := range list {
		rows = append(rows, []string{b.ID, b.BusinessDay.String(), b.Channel, string(b.Kind), b.Reference, ledger.FormatMinor(b.Amount, b.Currency), string(b.Currency), b.State, string(b.Handling), b.Assignee, dueText(b.Due), b.Reason, dueText(b.ExpectedBy)})
	}
	return g.printList(columns, rows, list)
}

// idShown is how much of an id people see and type.
const idShown = 8

// printBreaks lists differences for people.
func (g *globals) printBreaks(list []breakForPrograms) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("no open differences")))
		return
	}
	if g.printDoubts(list) {
		return
	}
	columns := []column{
		{heading: t(ledger.Say("id"))}, {heading: t(ledger.Say("day"))}, {heading: t(ledger.Say("channel"))},
		{heading: t(ledger.Say("difference"))}, {heading: t(ledger.Say("reference"))},
		{heading: t(ledger.Say("amount")), right: true}, {heading: t(ledger.Say("currency"))},
	}
	touched := slices.ContainsFunc(list, func(b breakForPrograms) bool { return b.Handling != reconcile.Untouched })
	if touched {
		columns = append(columns, column{heading: t(ledger.Say("handling"))}, column{heading: t(ledger.Say("who"))}, column{heading: t(ledger.Say("until"))})
	}
	columns = append(columns, column{heading: t(ledger.Say("why"))})
	var rows [][]string
	var breaks []projections.BreakRow
	for _, b := range list {
		kind := t(kindName(b.Kind))
		switch b.State {
		case "closed":
			kind = t(ledger.Say("%s (closed)", kindName(b.Kind)))
		case "doubt":
			kind = t(ledger.Say("%s (in doubt)", kindName(b.Kind)))
		}
		row := []string{b.ID[:idShown], b.BusinessDay.String(), b.Channel, kind, b.Reference, ledger.FormatMinor(b.Amount, b.Currency), string(b.Currency)}
		if touched {
			row = append(row, t(handlingName(b.BreakRow)), b.Assignee, dueText(b.Due))
		}
		rows = append(rows, append(row, b.Reason))
		breaks = append(breaks, b.BreakRow)
	}
	g.printTable(columns, rows)
	sum := sumBreaks(breaks)
	var amounts []string
	for _, amount := range sum.Amounts {
		amounts = append(amounts, amount.String())
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("differences: %d, in question: %s; one of them in full: daybook breaks explain ID", sum.Count, strings.Join(amounts, ", "))))
}

// printDoubts lists what is in doubt and nothing else; a list with other things is not its.
func (g *globals) printDoubts(list []breakForPrograms) bool {
	if slices.ContainsFunc(list, func(b breakForPrograms) bool { return b.State != "doubt" }) {
		return false
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{
		{heading: t(ledger.Say("id"))}, {heading: t(ledger.Say("day"))}, {heading: t(ledger.Say("channel"))},
		{heading: t(ledger.Say("in doubt"))}, {heading: t(ledger.Say("reference"))},
		{heading: t(ledger.Say("amount")), right: true}, {heading: t(ledger.Say("currency"))}, {heading: t(ledger.Say("expected by"))},
	}
	var rows [][]string
	for _, b := range list {
		rows = append(rows, []string{b.ID[:idShown], b.BusinessDay.String(), b.Channel, t(kindName(b.Kind)), b.Reference,
			ledger.FormatMinor(b.Amount, b.Currency), string(b.Currency), dueText(b.ExpectedBy)})
	}
	g.printTable(columns, rows)
	fmt.Fprintln(g.stdout, t(ledger.Say("in doubt: %d; each closes by itself when it comes, and is a difference from the day on by which it is expected", len(list))))
	return true
}

func dueText(day ledger.BusinessDay) string {
	if day.IsZero() {
		return ""
	}
	return day.String()
}

func reasonOf(b projections.BreakRow) ledger.Text {
	expected := ledger.Minor(b.Expected, b.ExpectedCurrency)
	switch {
	case b.State == "doubt":
		return ledger.Say("%s on its way, expected by %s", expected.String(), b.ExpectedBy.String())
	case b.Provider == reconcile.CashProvider:
		return reasonOfCash(b)
	case b.Kind == reconcile.PayoutNotReceived && !b.ExpectedBy.IsZero():
		return ledger.Say("the bills come to %s, due on %s, and no bank statement of that day is here", expected.String(), b.ExpectedBy.String())
	}
	return reason(b.Kind, b.Leg, ledger.Minor(b.Expected, b.ExpectedCurrency), ledger.Minor(b.Actual, b.ActualCurrency), b.Detail)
}

// reasonOfCash says what is wrong with a store's deposit.
func reasonOfCash(b projections.BreakRow) ledger.Text {
	expected, actual := ledger.Minor(b.Expected, b.ExpectedCurrency), ledger.Minor(b.Actual, b.ActualCurrency)
	switch {
	case b.Kind == reconcile.UnexpectedLine:
		return ledger.Say("the bank received %s with the reference of store %s, more than was counted", actual.String(), string(b.Store))
	case b.Kind == reconcile.PayoutShort:
		return ledger.Say("store %s counted %s to deposit, the bank received %s: %s", string(b.Store), expected.String(), actual.String(), actual.Sub(expected).String())
	case !b.ExpectedBy.IsZero():
		return ledger.Say("store %s counted %s to deposit, due on %s, and no bank statement of that day is here", string(b.Store), expected.String(), b.ExpectedBy.String())
	}
	return ledger.Say("store %s counted %s to deposit, and nothing of it is on the bank statement", string(b.Store), expected.String())
}

// namedBreaks finds differences by id, by the beginning of an id, or by reference.
func (a *app) namedBreaks(ctx context.Context, name string) ([]projections.BreakRow, error) {
	found, err := a.views.NamedBreaks(ctx, name)
	if err == nil && len(found) == 0 {
		err = ledger.Refuse(ledger.Say("there is no difference %q", name), ledger.Say("daybook breaks list --all shows them all"))
	}
	return found, err
}

// findBreaks finds them with both their sides.
func (a *app) findBreaks(ctx context.Context, name string) ([]projections.BreakDetail, error) {
	found, err := a.namedBreaks(ctx, name)
	if err != nil {
		return nil, err
	}
	return a.views.Details(ctx, found)
}

func (g *globals) breaksShowCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "show ID|REFERENCE",
		Short: "One difference with both sides, down to the event and the file row",
		Args:  cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				found, err := a.findBreaks(ctx, args[0])
				if err != nil {
					return err
				}
				return g.showBreaks(found)
			})
		},
	}
}

// detailForPrograms is a difference with both sides, as JSON.
type detailForPrograms struct {
	projections.BreakDetail
	Reason string `json:"reason"`
}

func (g *globals) showBreaks(found []projections.BreakDetail) error {
	if g.output != "table" {
		list := []detailForPrograms{}
		var rows []projections.BreakRow
		for _, b := range found {
			list = append(list, detailForPrograms{b, g.say.text(reasonOf(b.BreakRow))})
			rows = append(rows, b.BreakRow)
		}
		if g.output == "json" {
			return g.printJSON(list)
		}
		return g.listBreaks(rows)
	}
	for _, b := range found {
		g.showBreak(b)
	}
	return nil
}

// showBreak prints the difference as a sheet of facts.
func (g *globals) showBreak(b projections.BreakDetail) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	facts := func(pairs ...[2]string) {
		var rows [][]string
		for _, pair := range pairs {
			if pair[1] != "" && pair[1] != "0" {
				rows = append(rows, pair[:])
			}
		}
		g.printFacts(rows)
	}
	facts([2]string{t(ledger.Say("difference")), t(kindName(b.Kind)) + "  " + b.ID},
		[2]string{t(ledger.Say("state")), t(stateName(b.State))},
		[2]string{t(ledger.Say("handling")), t(handlingName(b.BreakRow))},
		[2]string{t(ledger.Say("assigned to")), b.Assignee},
		[2]string{t(ledger.Say("until")), dueText(b.Due)},
		[2]string{t(ledger.Say("expected by")), dueText(b.ExpectedBy)},
		[2]string{t(ledger.Say("cause")), string(b.Cause)},
		[2]string{t(ledger.Say("day")), b.BusinessDay.String()},
		[2]string{t(ledger.Say("channel")), b.Channel},
		[2]string{t(ledger.Say("store")), string(b.Store)},
		[2]string{t(ledger.Say("terminal")), string(b.Terminal)},
		[2]string{t(ledger.Say("reference")), b.Reference},
		[2]string{t(ledger.Say("expected")), ledger.Minor(b.Expected, b.ExpectedCurrency).String()},
		[2]string{t(ledger.Say("actual")), ledger.Minor(b.Actual, b.ActualCurrency).String()},
		[2]string{t(ledger.Say("amount")), ledger.Minor(b.Amount, b.Currency).String()},
		[2]string{t(ledger.Say("rule")), b.Rule},
		[2]string{t(ledger.Say("why")), t(reasonOf(b.BreakRow))},
		[2]string{t(ledger.Say("event")), fmt.Sprint(b.EventPosition)})
	for _, p := range b.Payments {
		fmt.Fprintln(g.stdout, t(ledger.Say("at the till: %s row %d, journal position %d", p.File, p.FileRow, uint64(p.Position))))
		facts([2]string{t(ledger.Say("payment")), p.Reference}, [2]string{t(ledger.Say("receipt")), p.Sale},
			[2]string{t(ledger.Say("time")), p.LocalTime}, [2]string{t(ledger.Say("outcome")), t(outcomeName(p.Outcome))},
			[2]string{t(ledger.Say("amount")), ledger.Minor(p.Amount, p.Currency).String()},
			[2]string{t(ledger.Say("cashier")), p.Cashier}, [2]string{t(ledger.Say("MID")), string(p.MID)}, [2]string{t(ledger.Say("TID")), string(p.TID)},
			[2]string{t(ledger.Say("batch")), string(p.Batch)}, [2]string{t(ledger.Say("STAN")), string(p.STAN)}, [2]string{t(ledger.Say("RRN")), string(p.RRN)},
			[2]string{t(ledger.Say("authorisation")), string(p.AuthCode)}, [2]string{t(ledger.Say("card")), p.Card}, [2]string{t(ledger.Say("order")), p.OrderNo})
	}
	for _, l := range b.Statements {
		fmt.Fprintln(g.stdout, t(ledger.Say("in the file: %s row %d, journal position %d", l.File, l.Row, uint64(l.Position))))
		facts([2]string{t(ledger.Say("kind")), strings.TrimSpace(t(lineName(l.Kind)) + " " + l.RawKind)}, [2]string{t(ledger.Say("time")), l.LocalTime},
			[2]string{t(ledger.Say("gross")), ledger.FormatMinor(l.Gross, l.Currency)}, [2]string{t(ledger.Say("fee")), ledger.FormatMinor(l.Fee, l.Currency)},
			[2]string{t(ledger.Say("net")), ledger.Minor(l.Net, l.Currency).String()},
			[2]string{t(ledger.Say("MID")), string(l.MID)}, [2]string{t(ledger.Say("TID")), string(l.TID)}, [2]string{t(ledger.Say("batch")), string(l.Batch)}, [2]string{t(ledger.Say("STAN")), string(l.STAN)},
			[2]string{t(ledger.Say("RRN")), string(l.RRN)}, [2]string{t(ledger.Say("authorisation")), string(l.AuthCode)}, [2]string{t(ledger.Say("card")), l.Card},
			[2]string{t(ledger.Say("order")), l.OrderNo}, [2]string{t(ledger.Say("from")), l.Counterparty}, [2]string{t(ledger.Say("remark")), l.Memo},
			[2]string{t(ledger.Say("row")), l.Raw})
	}
	g.showHistory(b.History)
}

func stateName(state string) ledger.Text {
	switch state {
	case "open":
		return ledger.Say("open")
	case "doubt":
		return ledger.Say("in doubt")
	}
	return ledger.Say("closed")
}
