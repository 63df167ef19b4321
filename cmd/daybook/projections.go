package main

import (
	"context"
	"errors"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"daybook/adapters/bus"
	"daybook/ledger"
	"daybook/projections"
)

func (g *globals) projectionsCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "projections",
		Short: "The tables as a whole: check them against the journal, build them anew, go back",
		Long: "The tables are made from the journal and can always be made again. A generation is one complete set of\n" +
			"them; the views that everyone reads show the live one. rebuild fills another beside it, switch shows that\n" +
			"one, rollback the one before. verify adds up the journal without ClickHouse and compares.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	var again bool
	rebuild := &cobra.Command{
		Use:   "rebuild",
		Short: "Fill a new generation of tables beside the live one",
		Long: "Fill a new generation of tables from the journal, beside the live one, which can be read meanwhile and is\n" +
			"not touched. Interrupted anywhere, the same command goes on from there. In the end the new tables are\n" +
			"checked against the journal, and it is shown in what they differ from the live ones; to show them to\n" +
			"everyone: daybook projections switch. The exit code is 4 when the new tables are not what the journal says.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withTables(cmd.Context(), func(a *app) error { return g.rebuild(cmd.Context(), a, again) })
		},
	}
	rebuild.Flags().BoolVar(&again, "again", false, "start over, and give up what an earlier rebuild has filled")
	command.AddCommand(
		&cobra.Command{
			Use:   "list",
			Short: "The generations of tables there are",
			Args:  cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return g.withTables(cmd.Context(), func(a *app) error { return g.listGenerations(cmd.Context(), a) })
			},
		},
		rebuild,
		&cobra.Command{
			Use:   "verify",
			Short: "Add up the journal without ClickHouse and compare it with the tables",
			Long: "Add up the journal, event by event and without ClickHouse, and compare with the live tables: the number of\n" +
				"rows and the sum of every amount, per table, day and currency. Each difference is named. The exit code is 4\n" +
				"when there is one.",
			Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return g.withTables(cmd.Context(), func(a *app) error {
					if err := a.catchUp(cmd.Context(), g); err != nil {
						return err
					}
					v, err := g.verify(cmd.Context(), a, 0)
					if err != nil {
						return err
					}
					return g.printVerified(v)
				})
			},
		},
		&cobra.Command{
			Use:   "switch",
			Short: "Show everyone the generation that a rebuild has filled",
			Long: "Bring the generation that a rebuild has filled to the end of the journal, check it against the journal, and\n" +
				"show it to everyone in the place of the live one, which is kept for rollback; older ones are dropped. The\n" +
				"views change one after the other, within a moment: each is whole all the time, and a statement that reads\n" +
				"several in that moment may see both generations, at the same position. The exit code is 4, and nothing\n" +
				"is changed, when the new tables are not what the journal says.",
			Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return g.withTables(cmd.Context(), func(a *app) error { return g.show(cmd.Context(), a, projections.Ready) })
			},
		},
		&cobra.Command{
			Use:   "rollback",
			Short: "Show everyone the generation that was live before",
			Long: "Bring the generation that was live before the last switch to the end of the journal and show it to everyone\n" +
				"again, checked and exchanged as switch does it. The one that was live until now is kept in its place.",
			Args: cobra.NoArgs,
			RunE: func(cmd *cobra.Command, _ []string) error {
				return g.withTables(cmd.Context(), func(a *app) error { return g.show(cmd.Context(), a, projections.Previous) })
			},
		})
	return command
}

func (g *globals) withTables(ctx context.Context, do func(a *app) error) error {
	a, err := open(ctx, g)
	if err != nil {
		return err
	}
	return errors.Join(do(a), a.Close())
}

// listGenerations prints those there are.
func (g *globals) listGenerations(ctx context.Context, a *app) error {
	list, err := a.projector.Generations(ctx)
	if err != nil {
		return err
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("generation")), "generation", true}, {t(ledger.Say("state")), "state", false}, {t(ledger.Say("position")), "position", true},
		{t(ledger.Say("rows")), "rows", true}, {t(ledger.Say("bytes")), "bytes", true}, {t(ledger.Say("since")), "since", false}, {t(ledger.Say("of this version")), "ours", false}}
	var rows [][]string
	for _, generation := range list {
		state, ours := string(generation.State), strconv.FormatBool(generation.Ours)
		if g.output == "table" {
			state = t(generationState(generation.State))
			ours = t(ledger.Say("no"))
			if generation.Ours {
				ours = t(ledger.Say("yes"))
			}
		}
		rows = append(rows, []string{strconv.FormatUint(uint64(generation.Number), 10), state, strconv.FormatUint(uint64(generation.Position), 10),
			strconv.FormatUint(generation.Rows, 10), strconv.FormatUint(generation.Bytes, 10), generation.Since.UTC().Format("2006-01-02T15:04:05Z"), ours})
	}
	return g.printList(columns, rows, list)
}

func generationState(state projections.State) ledger.Text {
	switch state {
	case projections.Building:
		return ledger.Say("building")
	case projections.Ready:
		return ledger.Say("ready")
	case projections.Switching:
		return ledger.Say("being shown")
	case projections.Previous:
		return ledger.Say("previous")
	}
	return ledger.Say("live")
}

// fill brings a generation to the end of the journal.
func (g *globals) fill(ctx context.Context, a *app, filling *projections.Projector, what ledger.Text) error {
	head, err := ledger.Head(ctx, a.journal)
	if err != nil {
		return err
	}
	bar := g.progress(what, unitEvents)
	defer bar.done()
	return bus.Drain(ctx, a.journal, filling, func(at ledger.Position) { bar.of(int64(at), int64(head)) })
}

func (g *globals) verify(ctx context.Context, a *app, number uint32) (projections.Verified, error) {
	head, err := ledger.Head(ctx, a.journal)
	if err != nil {
		return projections.Verified{}, err
	}
	bar := g.progress(ledger.Say("adding up the journal"), unitEvents)
	defer bar.done()
	return a.projector.Verify(ctx, a.journal, number, func(at ledger.Position) { bar.of(int64(at), int64(head)) })
}

// rebuilt is what a rebuild came to, for programs.
type rebuilt struct {
	Generation uint32                   `json:"generation"`
	Verified   projections.Verified     `json:"verified"` // the new tables, against the journal
	Live       []projections.Difference `json:"live"`     // what the live ones say otherwise than the journal
}

func (g *globals) rebuild(ctx context.Context, a *app, again bool) error {
	if err := a.catchUp(ctx, g); err != nil {
		return err
	}
	filling, number, err := a.projector.Rebuild(ctx, again)
	if err != nil {
		return err
	}
	if err := g.fill(ctx, a, filling, ledger.Say("filling generation %d", int(number))); err != nil {
		return err
	}
	r := rebuilt{Generation: number}
	if r.Verified, err = g.verify(ctx, a, number); err != nil {
		return err
	}
	now, err := g.verify(ctx, a, 0)
	if err != nil {
		return err
	}
	r.Live = now.Differences
	if len(r.Verified.Differences) > 0 {
		if g.output == "json" {
			err = g.printJSON(r)
			return errors.Join(err, exitError(exitVerification))
		}
		return g.printVerified(r.Verified)
	}
	if err := a.projector.Filled(ctx, number); err != nil {
		return err
	}
	switch g.output {
	case "json":
		return g.printJSON(r)
	case "csv":
		return printRecords(g, r.Live)
	}
	fmt.Fprintln(g.stdout, g.say.text(ledger.Say("generation %d is filled up to position %d and is what the journal says; totals compared: %d",
		int(number), uint64(r.Verified.Position), r.Verified.Totals)))
	if len(r.Live) > 0 {
		fmt.Fprintln(g.stdout, g.say.text(ledger.Say("the live tables say otherwise, which switch will mend:")))
		g.printDifferences(r.Live)
	}
	g.hint(ledger.Say("show it to everyone: daybook projections switch"))
	return nil
}

// show brings the generation to the end, checks it and shows it.
func (g *globals) show(ctx context.Context, a *app, state projections.State) error {
	if err := a.catchUp(ctx, g); err != nil {
		return err
	}
	filling, number, err := a.projector.Candidate(ctx, state)
	if err != nil {
		return err
	}
	if err := g.fill(ctx, a, filling, ledger.Say("bringing generation %d to the end of the journal", int(number))); err != nil {
		return err
	}
	v, err := g.verify(ctx, a, number)
	if err != nil {
		return err
	}
	if len(v.Differences) > 0 {
		g.notice(ledger.Say("generation %d is not what the journal says and was not shown", int(number)))
		return g.printVerified(v)
	}
	if err := a.projector.Show(ctx, number); err != nil {
		return err
	}
	if g.output != "table" {
		return g.listGenerations(ctx, a)
	}
	_, err = fmt.Fprintln(g.stdout, g.say.text(ledger.Say("generation %d is live, up to position %d", int(number), uint64(v.Position))))
	return err
}

func (g *globals) printVerified(v projections.Verified) error {
	switch g.output {
	case "json":
		if err := g.printJSON(v); err != nil {
			return err
		}
	case "csv":
		if err := printRecords(g, v.Differences); err != nil {
			return err
		}
	default:
		if len(v.Differences) > 0 {
			g.printDifferences(v.Differences)
		}
		what := ledger.Say("generation %d, position %d: events read: %d; tables and views: %d; totals compared: %d; differences: %d",
			int(v.Generation), uint64(v.Position), v.Events, v.Tables, v.Totals, len(v.Differences))
		fmt.Fprintln(g.stdout, g.say.text(what))
	}
	if len(v.Differences) > 0 {
		g.hint(ledger.Say("build the tables anew: daybook projections rebuild, then daybook projections switch"))
		return exitError(exitVerification)
	}
	return nil
}

// printDifferences names each total in which a table is not what the journal says.
func (g *globals) printDifferences(list []projections.Difference) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("table")), "table", false}, {t(ledger.Say("day")), "day", false}, {t(ledger.Say("currency")), "currency", false},
		{t(ledger.Say("total")), "total", false}, {t(ledger.Say("by the journal")), "expected", true}, {t(ledger.Say("in the table")), "found", true}}
	var rows [][]string
	for _, d := range list {
		rows = append(rows, []string{d.Table, d.Day, d.Currency, d.Total, strconv.FormatInt(d.Expected, 10), strconv.FormatInt(d.Found, 10)})
	}
	g.printTable(columns, rows)
}
