package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
)

func (g *globals) filesCommand() *cobra.Command {
	command := g.filesListCommand()
	command.Use = "files [list]"
	command.AddCommand(g.filesListCommand())
	return command
}

func (g *globals) filesListCommand() *cobra.Command {
	var date, format string
	command := &cobra.Command{
		Use:   "list",
		Short: "The files that were taken in, newest last",
		Long: "List the files that were taken in, newest last. The days of a till file are those of the sales\n" +
			"and payments that came from it first.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			var day ledger.BusinessDay
			if date != "" {
				if day, err = ledger.ParseBusinessDay(date); err != nil {
					return err
				}
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.Files(ctx, day, format)
				if err != nil {
					return err
				}
				for n := range list {
					if err := a.countActions(ctx, &list[n]); err != nil {
						return err
					}
				}
				return g.listFiles(list)
			})
		},
	}
	command.Flags().StringVar(&date, "date", "", "only files that concern this day, YYYY-MM-DD")
	command.Flags().StringVar(&format, "format", "", "only files of this format, as the list names it")
	return command
}

// countActions fills in the rows of a till file, which only the journal knows.
func (a *app) countActions(ctx context.Context, file *projections.FileRow) error {
	for recorded, err := range a.journal.Read(ctx, ledger.Query{Stream: ledger.Stream("tillfile", file.SHA256), From: ledger.LatestRevision, Backwards: true, Limit: 1}) {
		if err != nil {
			return err
		}
		payload, err := a.codec.Decode(recorded.Event)
		if err != nil {
			return err
		}
		if whole, ok := payload.(ledger.TillFileImported); ok {
			file.Rows = whole.Actions
		}
	}
	return nil
}

func (g *globals) listFiles(list []projections.FileRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	people := g.output == "table"
	if people && len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("no such files; take some in with: daybook import FILE…")))
		return nil
	}
	columns := []column{
		{t(ledger.Say("file")), "file", false}, {t(ledger.Say("format")), "format", false}, {t(ledger.Say("sender")), "sender", false},
		{t(ledger.Say("day")), "day", false}, {t(ledger.Say("rows")), "rows", true}, {t(ledger.Say("version")), "version", true},
		{t(ledger.Say("replaced by")), "superseded_by", false}, {t(ledger.Say("state")), "state", false},
		{"SHA-256", "sha256", false}, {t(ledger.Say("position")), "position", true},
	}
	var rows [][]string
	for _, f := range list {
		day, version, state, sha, by := (span{f.From, f.To}).String(), "", f.State, f.SHA256, f.SupersededBy
		if f.From.IsZero() {
			day = ""
		}
		if f.Version > 0 {
			version = strconv.Itoa(f.Version)
		}
		if people {
			sha, by = sha[:min(idShown, len(sha))], by[:min(idShown, len(by))]
			if state = t(ledger.Say("whole")); f.State != "whole" {
				state = t(ledger.Say("begun"))
			}
		}
		rows = append(rows, []string{f.File, f.Format, f.Sender, day, strconv.Itoa(f.Rows), version, by, state, sha, strconv.FormatUint(uint64(f.Position), 10)})
	}
	return g.printList(columns, rows, list)
}
