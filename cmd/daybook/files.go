package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
)

func (g *globals) filesCommand() *cobra.Command {
	command := g.filesListCommand()
	command.Use = "files [list]"
	command.AddCommand(g.filesListCommand(), g.filesRawCommand(), g.filesRereadCommand())
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

// countActions fills in the rows of a till file, good and bad, which only the journal knows.
func (a *app) countActions(ctx context.Context, file *projections.FileRow) error {
	for recorded, err := range a.journal.Read(ctx, ledger.Query{Stream: ledger.Stream("tillfile", file.SHA256), From: ledger.LatestRevision, Backwards: true}) {
		if err != nil {
			return err
		}
		payload, err := a.codec.Decode(recorded.Event)
		if err != nil {
			return err
		}
		switch payload := payload.(type) {
		case ledger.TillFileImported:
			file.Rows = payload.Actions
		case ledger.RowsQuarantined:
			file.Quarantined += len(payload.Rows)
		default:
			return nil
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
		{t(ledger.Say("day")), "day", false}, {t(ledger.Say("rows")), "rows", true}, {t(ledger.Say("not readable")), "quarantined", true}, {t(ledger.Say("version")), "version", true},
		{t(ledger.Say("replaced by")), "superseded_by", false}, {t(ledger.Say("state")), "state", false},
		{"SHA-256", "sha256", false}, {t(ledger.Say("position")), "position", true},
	}
	var rows [][]string
	for _, f := range list {
		day, version, state, sha, by := (span{f.From, f.To}).String(), "", f.State, f.SHA256, f.SupersededBy
		if f.From.IsZero() {
			day = ""
		}
		quarantined := ""
		if f.Quarantined > 0 {
			quarantined = strconv.Itoa(f.Quarantined)
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
		rows = append(rows, []string{f.File, f.Format, f.Sender, day, strconv.Itoa(f.Rows), quarantined, version, by, state, sha, strconv.FormatUint(uint64(f.Position), 10)})
	}
	return g.printList(columns, rows, list)
}

func (g *globals) filesRawCommand() *cobra.Command {
	var lines []int
	command := &cobra.Command{
		Use:   "raw ID|NAME",
		Short: "Rows of a file as they came, with the place of each in the journal",
		Long: "Show rows of a file that was taken in: of bills and bank statements as they stood in the file, decoded,\n" +
			"with personal columns emptied and card numbers cut; of till files the actions. The id is the\n" +
			"beginning of the file's SHA-256. Ends with exit code 2 when a row was not kept.",
		Example: "  daybook files raw 9a651423 --line 12",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(lines) == 0 {
				return ledger.Refuse(ledger.Say("say which rows are meant"), ledger.Say("--line N, several times for several rows"))
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				file, err := a.findFile(ctx, args[0])
				if err != nil {
					return err
				}
				list := []rawRow{}
				for _, line := range lines {
					found, err := a.rawRows(ctx, g, file, line)
					if err != nil {
						return err
					}
					if len(found) == 0 {
						return ledger.Refuse(ledger.Say("row %d of %s was not kept: it is a heading, a total, blank, or not there", line, file.File),
							ledger.Say("the rows that were kept: daybook query \"SELECT row, raw FROM fct_settlement_lines WHERE statement = '%s'\"", file.SHA256))
					}
					list = append(list, found...)
				}
				return g.printRaw(list)
			})
		},
	}
	command.Flags().IntSliceVar(&lines, "line", nil, "row of the file, from 1; may be given several times")
	return command
}

// findFile finds a file by the beginning of its digest or by its name.
func (a *app) findFile(ctx context.Context, name string) (found projections.FileRow, err error) {
	list, err := a.views.Files(ctx, ledger.BusinessDay{}, "")
	if err != nil {
		return found, err
	}
	count := 0
	for _, f := range list {
		if f.File == name || len(name) >= 4 && strings.HasPrefix(f.SHA256, name) {
			found = f
			count++
		}
	}
	if count != 1 {
		return found, ledger.Refuse(ledger.Say("%d files are called %q", count, name), ledger.Say("daybook files shows them; name one by the beginning of its SHA-256"))
	}
	return found, nil
}

// rawRow is a row of a file as the journal keeps it.
type rawRow struct {
	File     string          `json:"file"`
	Row      int             `json:"row"`
	Position ledger.Position `json:"position"`
	Raw      string          `json:"raw"`
	Faults   []string        `json:"faults,omitempty"` // why it could not be read
}

// rawRows reads what the journal keeps of a row: a line of a statement, or the actions that
// a till reported in it.
func (a *app) rawRows(ctx context.Context, g *globals, file projections.FileRow, row int) ([]rawRow, error) {
	places, err := a.views.RowPlaces(ctx, file.SHA256, row)
	if err != nil {
		return nil, err
	}
	var list []rawRow
	for _, place := range places {
		raw := rawRow{File: file.File, Row: row, Position: place.Position, Raw: place.Raw}
		if place.Bad {
			if raw.Faults, err = a.faults(ctx, g, place.Position, row); err != nil {
				return nil, err
			}
		} else if raw.Raw == "" { // a till's: the journal has it whole
			for recorded, err := range a.journal.Read(ctx, ledger.Query{After: place.Position - 1, Limit: 1}) {
				if err != nil {
					return nil, err
				}
				raw.Raw = string(recorded.Data)
			}
		}
		list = append(list, raw)
	}
	return list, nil
}

// faults says why a row could not be read; the event has it in words that can be translated.
func (a *app) faults(ctx context.Context, g *globals, at ledger.Position, row int) (list []string, err error) {
	for recorded, err := range a.journal.Read(ctx, ledger.Query{After: at - 1, Limit: 1}) {
		if err != nil {
			return nil, err
		}
		payload, err := a.codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		if page, is := payload.(ledger.RowsQuarantined); is {
			for _, quarantined := range page.Rows {
				for _, f := range quarantined.Faults {
					if quarantined.Row == row {
						list = append(list, g.say.fault(f))
					}
				}
			}
		}
	}
	return list, nil
}

func (g *globals) printRaw(list []rawRow) error {
	if g.output == "table" {
		for _, r := range list {
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s row %d, journal position %d", r.File, r.Row, uint64(r.Position))))
			if r.Raw == "" {
				fmt.Fprintln(g.stdout, g.say.text(ledger.Say("the row was not kept: it does not fit the header, and may hold personal data anywhere")))
			} else {
				fmt.Fprintln(g.stdout, r.Raw)
			}
			for _, fault := range r.Faults {
				fmt.Fprintln(g.stdout, g.say.text(ledger.Say("could not be read: %s", fault)))
			}
		}
		return nil
	}
	columns := []column{{name: "file"}, {name: "row"}, {name: "position"}, {name: "raw"}}
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{r.File, strconv.Itoa(r.Row), strconv.FormatUint(uint64(r.Position), 10), r.Raw})
	}
	return g.printList(columns, rows, list)
}
