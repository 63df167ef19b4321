package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/reconcile"
)

func (g *globals) matchesCommand() *cobra.Command {
	command := g.matchesListCommand()
	command.Use = "matches [list]"
	command.AddCommand(g.matchesListCommand(), g.matchesDecideCommand("confirm", reconcile.Together), g.matchesDecideCommand("reject", reconcile.Apart),
		g.matchesDecideCommand("undo", reconcile.Withdrawn), g.matchesJoinCommand())
	return command
}

func (g *globals) matchesListCommand() *cobra.Command {
	var date string
	suggested := false
	command := &cobra.Command{
		Use:   "list",
		Short: "What was matched on a day, by which rule; or what is suggested",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.onDay(cmd.Context(), date, func(ctx context.Context, a *app, day ledger.BusinessDay) error {
				standing, err := a.matcher.Standing(ctx, day)
				if err != nil {
					return err
				}
				if suggested {
					return g.printMatches(standing.Suggestions)
				}
				return g.printMatches(standing.Matches)
			})
		},
	}
	command.Flags().StringVar(&date, "date", "", "settlement day as YYYY-MM-DD (default: the latest)")
	command.Flags().BoolVar(&suggested, "suggested", false, "what rules in suggest mode found, and nobody has decided")
	return command
}

// onDay asks about a settlement day, or the latest there is.
func (g *globals) onDay(ctx context.Context, date string, ask func(context.Context, *app, ledger.BusinessDay) error) error {
	var day ledger.BusinessDay
	if date != "" {
		var err error
		if day, err = ledger.ParseBusinessDay(date); err != nil {
			return err
		}
	}
	return g.withViews(ctx, func(ctx context.Context, a *app) error {
		if day.IsZero() {
			days, err := a.views.Days(ctx)
			if err != nil {
				return err
			}
			if len(days) == 0 {
				return ledger.Refuse(ledger.Say("nothing was reconciled yet"), ledger.Say("daybook import FILE…"))
			}
			day = days[len(days)-1].Day
		}
		return ask(ctx, a, day)
	})
}

func (g *globals) printMatches(matches []reconcile.Match) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{"id", "id", false}, {t(ledger.Say("day")), "day", false}, {t(ledger.Say("rule")), "rule", false}, {t(ledger.Say("score")), "score", true},
		{t(ledger.Say("payments")), "items", false}, {t(ledger.Say("rows")), "lines", false}, {t(ledger.Say("amount")), "gross", true}, {t(ledger.Say("currency")), "currency", false},
		{t(ledger.Say("difference")), "difference", true}, {t(ledger.Say("by")), "by", false}}
	rows := [][]string{}
	for _, m := range matches {
		id, difference, score := m.ID, "", ""
		if g.output == "table" {
			id = id[:idShown]
		}
		if m.Difference != 0 {
			difference = ledger.FormatMinor(m.Difference, m.Gross.Currency)
		}
		if m.Score != 0 {
			score = strconv.Itoa(m.Score)
		}
		rows = append(rows, []string{id, m.Day.String(), m.Rule, score, strings.Join(m.Items, " "), strings.Join(m.Lines, " "), m.Gross.Amount(), string(m.Gross.Currency), difference, m.By})
	}
	if g.output == "table" && len(rows) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("none")))
		return nil
	}
	if matches == nil {
		matches = []reconcile.Match{}
	}
	return g.printList(columns, rows, matches)
}

func (g *globals) matchesDecideCommand(verb string, verdict reconcile.Verdict) *cobra.Command {
	var date, as, reason string
	command := &cobra.Command{
		Use: verb + " ID",
		Short: map[reconcile.Verdict]string{
			reconcile.Together:  "Make a match of a suggestion",
			reconcile.Apart:     "Take a match apart, or turn a suggestion down: no rule joins exactly these again",
			reconcile.Withdrawn: "Take a decision back: the rules decide again",
		}[verdict],
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := g.decidedBy(as)
			if err != nil {
				return err
			}
			return g.onDay(cmd.Context(), date, func(ctx context.Context, a *app, day ledger.BusinessDay) error {
				match, err := a.findMatch(ctx, day, args[0])
				if err != nil {
					return err
				}
				return g.decide(ctx, a, match.Day, reconcile.Decision{Items: match.Items, Lines: match.Lines, Verdict: verdict, By: by, Reason: ledger.TruncateCards(reason), Rule: match.Rule})
			})
		},
	}
	flags := command.Flags()
	flags.StringVar(&date, "date", "", "settlement day as YYYY-MM-DD (default: the latest)")
	flags.StringVar(&as, "as", "", "who decides (DAYBOOK_USER)")
	flags.StringVar(&reason, "reason", "", "why")
	return command
}

// findMatch finds a match, a suggestion or a decided group of a day by id, or the beginning
// of one.
func (a *app) findMatch(ctx context.Context, day ledger.BusinessDay, id string) (reconcile.Match, error) {
	standing, err := a.matcher.Standing(ctx, day)
	if err != nil {
		return reconcile.Match{}, err
	}
	decided, err := a.matcher.Decided(ctx, day)
	if err != nil {
		return reconcile.Match{}, err
	}
	var found []reconcile.Match
	for _, list := range [][]reconcile.Match{standing.Matches, standing.Suggestions, decided} {
		for _, m := range list {
			if m.ID == id || len(id) >= 4 && strings.HasPrefix(m.ID, id) {
				found = append(found, m)
			}
		}
	}
	switch len(found) {
	case 0:
		return reconcile.Match{}, ledger.Refuse(ledger.Say("%s has no match and no suggestion %q", day.String(), id), ledger.Say("daybook matches list --date %s shows them, with --suggested what is suggested", day.String()))
	case 1:
		return found[0], nil
	}
	if found[0].ID == found[1].ID {
		return found[0], nil
	}
	return reconcile.Match{}, ledger.Problem("%q is the beginning of several ids", id)
}

func (g *globals) matchesJoinCommand() *cobra.Command {
	var date, as, reason string
	var items, lines []string
	command := &cobra.Command{
		Use:   "join",
		Short: "Make a match of payments and rows that no rule can join",
		Long: "Make a match of payments and rows by their ids, which daybook explain and daybook breaks show\n" +
			"show. The day is that of the first payment. A difference between the sums is kept with the match.",
		Example: "  daybook matches join --date 2026-01-05 --payment S001T01//17/0 --row 9a651423aa01:12 --as li.na --reason \"slip compared\"",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			by, err := g.decidedBy(as)
			if err != nil {
				return err
			}
			return g.onDay(cmd.Context(), date, func(ctx context.Context, a *app, day ledger.BusinessDay) error {
				return g.decide(ctx, a, day, reconcile.Decision{Items: items, Lines: lines, Verdict: reconcile.Together, By: by, Reason: ledger.TruncateCards(reason)})
			})
		},
	}
	flags := command.Flags()
	flags.StringVar(&date, "date", "", "settlement day as YYYY-MM-DD (default: the latest)")
	flags.StringArrayVar(&items, "payment", nil, "id of a payment; may be given several times")
	flags.StringArrayVar(&lines, "row", nil, "id of a row of a bill; may be given several times")
	flags.StringVar(&as, "as", "", "who decides (DAYBOOK_USER)")
	flags.StringVar(&reason, "reason", "", "why")
	return command
}

// decide records a decision, reconciles, and shows what became of the payments.
func (g *globals) decide(ctx context.Context, a *app, day ledger.BusinessDay, d reconcile.Decision) error {
	if err := a.desk.Decide(ctx, a.matcher, day, d); err != nil {
		return err
	}
	if err := a.catchUp(ctx, g); err != nil {
		return err
	}
	var list []reconcile.Explanation
	for _, id := range d.Items {
		e, found, err := a.matcher.Explain(ctx, day, id)
		if err != nil {
			return err
		}
		if found {
			list = append(list, e)
		}
	}
	if g.output != "table" {
		return g.printExplained(list)
	}
	for _, e := range list {
		fmt.Fprintln(g.stdout, g.say.text(ledger.Say("payment %s (%s), %s of %s: %s", e.Item.Reference, e.Item.ID, e.Item.Amount.String(), e.Day.String(), fateOf(e))))
	}
	return nil
}
