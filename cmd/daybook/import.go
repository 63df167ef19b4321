package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"daybook/adapters/files"
	"daybook/adapters/till"
	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// maxFileBytes bounds a file read into memory: ten times the largest daily bill seen.
const maxFileBytes = 2 << 30

func (g *globals) importCommand() *cobra.Command {
	var how importOptions
	day := ""
	command := &cobra.Command{
		Use:   "import FILE…",
		Short: "Take in till journals, bills and bank statements, and reconcile",
		Long: "Take in files and reconcile the days they concern. What a file is, is recognised by its\n" +
			"content. Each file is taken whole or not at all; a file that was taken before changes nothing.",
		Example: "  daybook import yesterday/*\n  daybook import --correction alipay_20260105_v2.csv.zip",
		Args:    cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) (err error) {
			if day != "" {
				if how.day, err = ledger.ParseBusinessDay(day); err != nil {
					return err
				}
			}
			a, err := open(cmd.Context(), g)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			taken, refused, err := a.importFiles(cmd.Context(), g, args, how)
			if err != nil {
				return err
			}
			if err := a.catchUp(cmd.Context(), g); err != nil {
				return err
			}
			if err := g.printTaken(taken); err != nil {
				return err
			}
			if len(taken) > 0 {
				if err := a.printOpen(cmd.Context(), g); err != nil {
					return err
				}
			}
			if refused > 0 {
				fmt.Fprintln(g.stderr, g.say.text(ledger.Say("files taken: %d of %d; refused: %d", len(taken), len(args), refused)))
				return exitError(exitRefused)
			}
			return nil
		},
	}
	command.Flags().BoolVar(&how.correction, "correction", false, "the files correct earlier ones for the same days, and replace them")
	command.Flags().StringVar(&day, "day", "", "the day of bills without rows that do not name it, YYYY-MM-DD")
	return command
}

// printOpen says what to look at next.
func (a *app) printOpen(ctx context.Context, g *globals) error {
	if g.output != "table" {
		return nil
	}
	open, err := a.views.Breaks(ctx, projections.BreakFilter{State: "open"})
	if err != nil {
		return err
	}
	if len(open) == 0 {
		fmt.Fprintln(g.stdout, g.say.text(ledger.Say("no open differences; the control sheet: daybook status")))
		return nil
	}
	fmt.Fprintln(g.stdout, g.say.text(ledger.Say("open differences: %d; the control sheet: daybook status", len(open))))
	return nil
}

// importOptions is what a person adds to files.
type importOptions struct {
	correction bool
	day        ledger.BusinessDay
}

// taken is what became of one file.
type taken struct {
	File      string         `json:"file"`
	Format    string         `json:"format"`
	From      string         `json:"sender,omitempty"`
	Day       string         `json:"day,omitempty"`
	Rows      int            `json:"rows"`
	Already   bool           `json:"already"`
	Replaces  string         `json:"replaces,omitempty"`
	Otherwise int            `json:"otherwise,omitempty"` // rows already here that a changed profile reads otherwise
	Replayed  int            `json:"replayed,omitempty"`  // actions known before
	Conflicts []conflict     `json:"conflicts,omitempty"` // numbers that stand for something else
	Gaps      []ledger.Gap   `json:"gaps,omitempty"`
	Dropped   map[string]int `json:"dropped,omitempty"`
	Truncated map[string]int `json:"truncated,omitempty"`
}

type conflict struct {
	Terminal ledger.TerminalID `json:"terminal"`
	Series   string            `json:"series,omitempty"`
	Seq      uint64            `json:"seq,omitempty"`
	Doc      string            `json:"doc,omitempty"`
}

// importFiles takes files one by one. A file that is refused is reported at once and
// does not keep the others out.
func (a *app) importFiles(ctx context.Context, g *globals, paths []string, how importOptions) (list []taken, refused int, err error) {
	for _, path := range paths {
		t, err := a.importFile(ctx, g, path, how)
		var refusal *ledger.Refusal
		var wrong files.ErrorList
		switch {
		case errors.As(err, &refusal), errors.As(err, &wrong):
			g.report(err)
			refused++
		case err != nil:
			return nil, 0, err
		default:
			list = append(list, t)
		}
	}
	return list, refused, nil
}

func (a *app) importFile(ctx context.Context, g *globals, path string, how importOptions) (taken, error) {
	data, err := readFile(path)
	if err != nil {
		return taken{}, err
	}
	doc, source, format, err := a.settings.recognise(filepath.Base(path), data)
	if err != nil {
		return taken{}, err
	}
	if source != nil {
		return a.importTills(ctx, g, doc, source)
	}
	statement, err := format.Parse(doc)
	if err != nil {
		return taken{}, err
	}
	if statement.From.IsZero() && len(statement.Lines) == 0 {
		statement.From, statement.To = how.day, how.day
	}
	bar := g.progress(ledger.Say("importing %s", doc.Name), unitEvents)
	defer bar.done()
	imported, err := a.importer.Statement(ctx, reconcile.StatementFile{Name: doc.Name, SHA256: doc.SHA256, Bytes: doc.Bytes, Statement: statement},
		how.correction, func(done int) { bar.of(int64(done), int64(len(statement.Lines))) })
	if err != nil {
		return taken{}, err
	}
	s := imported.Summary
	t := taken{File: s.File, Format: s.Format, From: s.Sender, Day: s.From.String(), Rows: s.Lines, Already: imported.Already, Otherwise: imported.Otherwise,
		Replaces: s.Replaces, Dropped: s.Dropped, Truncated: s.Truncated}
	if s.To != s.From {
		t.Day += " … " + s.To.String()
	}
	return t, nil
}

func readFile(path string) ([]byte, error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return nil, ledger.Problem("there is no file %s", path)
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, ledger.Refuse(ledger.Say("%s is a directory", path), ledger.Say("name the files in it, for example %s", filepath.Join(path, "*")))
	case info.Size() > maxFileBytes:
		return nil, ledger.Refuse(ledger.Say("%s has %d bytes; a file may have at most %d", path, info.Size(), int64(maxFileBytes)),
			ledger.Say("split it by day and import the pieces"))
	}
	return os.ReadFile(path)
}

func (a *app) importTills(ctx context.Context, g *globals, doc *files.Document, source till.Source) (taken, error) {
	reading, err := source.Read(doc, a.settings.rules)
	if err != nil {
		return taken{}, err
	}
	file := ledger.TillFile{Name: doc.Name, SHA256: doc.SHA256, Bytes: doc.Bytes, Format: source.Name(), Dropped: reading.Dropped, Truncated: reading.Truncated}
	days := span{}
	for _, entry := range reading.Actions {
		file.Actions = append(file.Actions, ledger.Reported{Row: entry.Row, Action: entry.Action})
		days.add(entry.Action.Head().BusinessDay)
	}
	bar := g.progress(ledger.Say("importing %s", doc.Name), unitEvents)
	defer bar.done()
	result, err := a.intake.File(ctx, file, func(done int) { bar.of(int64(done), int64(len(file.Actions))) })
	if err != nil {
		return taken{}, err
	}
	t := taken{File: doc.Name, Format: source.Name(), Day: days.String(), Rows: len(file.Actions), Already: result.Already, Replayed: result.Replayed,
		Gaps: result.Gaps, Dropped: reading.Dropped, Truncated: reading.Truncated}
	for _, c := range result.Conflicts {
		t.Conflicts = append(t.Conflicts, conflict{c.Terminal, c.Series, c.Seq, c.Doc})
	}
	return t, nil
}

// span is the first and last day of something.
type span struct{ from, to ledger.BusinessDay }

func (s *span) add(day ledger.BusinessDay) {
	if s.from.IsZero() || day.Compare(s.from) < 0 {
		s.from = day
	}
	if day.Compare(s.to) > 0 {
		s.to = day
	}
}

func (s span) String() string {
	if s.from == s.to {
		return s.from.String()
	}
	return s.from.String() + " … " + s.to.String()
}

func (g *globals) printTaken(list []taken) error {
	if g.output == "json" && list == nil {
		list = []taken{}
	}
	if g.output == "table" && len(list) == 0 {
		return nil // the refusals have been printed
	}
	columns := []column{
		{g.say.text(ledger.Say("file")), "file", false}, {g.say.text(ledger.Say("format")), "format", false},
		{g.say.text(ledger.Say("day")), "day", false}, {g.say.text(ledger.Say("rows")), "rows", true}, {g.say.text(ledger.Say("result")), "result", false},
	}
	var rows [][]string
	for _, t := range list {
		rows = append(rows, []string{t.File, t.Format, t.Day, strconv.Itoa(t.Rows), g.say.text(t.result())})
	}
	if err := g.printList(columns, rows, list); err != nil || g.output != "table" {
		return err
	}
	for _, t := range list {
		for _, c := range t.Conflicts {
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: number %s of terminal %s was reported before with other content; this one is kept apart and counts nowhere",
				t.File, cmp.Or(c.number(), c.Doc), string(c.Terminal))))
		}
		for _, column := range slices.Sorted(maps.Keys(t.Truncated)) {
			n := t.Truncated[column]
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: %d full card numbers in column %s were cut to six and four digits; ask the sender to mask them", t.File, n, column)))
		}
	}
	return nil
}

func (c conflict) number() string {
	if c.Seq == 0 {
		return ""
	}
	return strconv.FormatUint(c.Seq, 10)
}

func (t taken) result() ledger.Text {
	switch {
	case t.Otherwise > 0:
		return ledger.Say("already here, nothing changed, though %d rows are read otherwise by now", t.Otherwise)
	case t.Already:
		return ledger.Say("already here, nothing changed")
	case t.Replaces != "":
		return ledger.Say("imported, replaces an earlier file")
	case t.Replayed == t.Rows && t.Rows > 0:
		return ledger.Say("imported; all of it was known")
	case t.Replayed > 0:
		return ledger.Say("imported; %d known before", t.Replayed)
	}
	return ledger.Say("imported")
}
