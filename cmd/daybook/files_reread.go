package main

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

func (g *globals) filesRereadCommand() *cobra.Command {
	var yes bool
	var how importOptions
	command := &cobra.Command{
		Use:   "reread FILE",
		Short: "Read a file again that was taken in under a wrong profile",
		Long: "Read a bill or bank statement again that was taken in before, as the profiles and formats read it now.\n" +
			"The file itself is needed: the journal keeps its rows, and not its headings. Without --yes it shows which\n" +
			"rows are read otherwise, and the sums, and changes nothing. With --yes it records the new reading as\n" +
			"another version, which replaces the one before like a correction does, reconciles the days of both, and\n" +
			"says which differences closed and which are new. Locked days keep their figures; what changes on them\n" +
			"counts on the next open day. To undo it, put the profile back and read the file once more.",
		Example: "  daybook files reread bill.txt\n  daybook files reread bill.txt --yes",
		Args:    cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error { return a.reread(ctx, g, args[0], how, yes) })
		},
	}
	command.Flags().BoolVar(&yes, "yes", false, "record it; without it the new reading is only shown")
	command.Flags().BoolVar(&how.quarantine, "quarantine", false, "read it without the rows that cannot be read, which are kept as evidence")
	return command
}

// rereading is what changed, for programs.
type rereading struct {
	reconcile.Rereading
	Recorded bool                   `json:"recorded"`
	Closed   []projections.BreakRow `json:"closed"`
	Opened   []projections.BreakRow `json:"opened"`
}

func (a *app) reread(ctx context.Context, g *globals, path string, how importOptions, yes bool) error {
	data, err := readFile(path)
	if err != nil {
		return err
	}
	doc, source, format, err := a.settings.recognise(filepath.Base(path), data)
	if err != nil {
		return err
	}
	if source != nil {
		return ledger.Refuse(ledger.Say("%s is a till's file; what a till reported stays as it was read", doc.Name), ledger.Say("import the till's mended file"))
	}
	statement, err := format.Parse(doc)
	var apart []files.Quarantined
	if err != nil && how.quarantine {
		statement, apart, err = settlement.ParseApart(format, doc)
	}
	if err != nil {
		return err
	}
	open, err := a.views.Breaks(ctx, projections.BreakFilter{State: "open"})
	if err != nil {
		return err
	}
	file := reconcile.StatementFile{Name: doc.Name, SHA256: doc.SHA256, Bytes: doc.Bytes, Statement: statement, Quarantined: quarantined(apart)}
	r := rereading{Recorded: yes, Closed: []projections.BreakRow{}, Opened: []projections.BreakRow{}}
	r.Rereading, err = a.importer.Reread(ctx, file, yes, nil)
	if err != nil {
		var refusal *ledger.Refusal
		if errors.As(err, &refusal) && yes {
			return errors.Join(err, a.catchUp(ctx, g)) // a reading that was cut off may have been listed
		}
		return err
	}
	if yes {
		if err := a.catchUp(ctx, g); err != nil {
			return err
		}
		now, err := a.views.Breaks(ctx, projections.BreakFilter{State: "open"})
		if err != nil {
			return err
		}
		r.Closed, r.Opened = apartFrom(open, now), apartFrom(now, open)
	}
	return g.printRereading(r)
}

// apartFrom are the differences of one list that the other has not.
func apartFrom(list, other []projections.BreakRow) []projections.BreakRow {
	return slices.DeleteFunc(slices.Clone(list), func(b projections.BreakRow) bool {
		return slices.ContainsFunc(other, func(o projections.BreakRow) bool { return o.ID == b.ID })
	})
}

// maxChanged is how many changed rows people are shown.
const maxChanged = 20

func (g *globals) printRereading(r rereading) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	people := g.output == "table"
	columns := []column{{t(ledger.Say("row")), "row", true}, {t(ledger.Say("reading")), "reading", false}, {t(ledger.Say("day")), "day", false}, {t(ledger.Say("kind")), "kind", false},
		{t(ledger.Say("gross")), "gross", true}, {t(ledger.Say("fee")), "fee", true}, {t(ledger.Say("net")), "net", true}, {t(ledger.Say("currency")), "currency", false}}
	var rows [][]string
	add := func(row int, reading ledger.Text, line *reconcile.Line) {
		if line == nil {
			rows = append(rows, []string{strconv.Itoa(row), t(reading), "", t(ledger.Say("no line")), "", "", "", ""})
			return
		}
		rows = append(rows, []string{strconv.Itoa(row), t(reading), line.Day.String(), string(line.Kind), ledger.FormatMinor(line.Gross, line.Currency),
			ledger.FormatMinor(line.Fee, line.Currency), ledger.FormatMinor(line.Net, line.Currency), string(line.Currency)})
	}
	for n, changed := range r.Changed {
		if people && n == maxChanged {
			break
		}
		add(changed.Row, ledger.Say("before"), changed.Before)
		add(changed.Row, ledger.Say("now"), changed.After)
	}
	if err := g.printList(columns, rows, r); err != nil || !people {
		return err
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("%s: %d rows are read otherwise; %d rows before, %d now", r.After.File, len(r.Changed), r.Before.Lines, r.After.Lines)))
	for _, side := range []struct {
		text   func(args ...any) ledger.Text
		totals []reconcile.Total
	}{{func(args ...any) ledger.Text { return ledger.Say("before: %s: gross %s, fee %s, net %s", args...) }, r.Before.Totals},
		{func(args ...any) ledger.Text { return ledger.Say("now: %s: gross %s, fee %s, net %s", args...) }, r.After.Totals}} {
		for _, sum := range side.totals {
			m := func(minor int64) string { return ledger.FormatMinor(minor, sum.Currency) }
			fmt.Fprintln(g.stdout, t(side.text(string(sum.Currency), m(sum.Gross), m(sum.Fee), m(sum.Net))))
		}
	}
	if !r.Recorded {
		g.notice(ledger.Say("nothing was changed yet: --yes records it as version %d and reconciles the days again", r.After.Version))
		return nil
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("recorded as version %d; %d differences closed, %d are new", r.After.Version, len(r.Closed), len(r.Opened))))
	if len(r.Opened) > 0 {
		return g.listBreaks(r.Opened)
	}
	return nil
}
