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
	"daybook/adapters/settlement"
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
			"content. Each file is taken whole or not at all; a file that was taken before changes nothing.\n" +
			"With --quarantine a file is taken without the rows, entries or actions that cannot be read: they are\n" +
			"kept as evidence and stand in the way of signing the day until the corrected file is here, which\n" +
			"--correction puts in its place. Of a till receipt in several rows all are set aside.",
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
	command.Flags().BoolVar(&how.quarantine, "quarantine", false, "take files in without the rows that cannot be read, which are kept as evidence")
	command.Flags().StringVar(&how.as, "as", "", "who takes files of customers in (DAYBOOK_USER)")
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
	quarantine bool
	day        ledger.BusinessDay
	as         string // who takes customers in
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

	Quarantined []ledger.RowQuarantined `json:"quarantined,omitempty"` // rows that could not be read
	Untied      []reconcile.Control     `json:"untied,omitempty"`      // totals of the file that its rows do not come to
	Mends       []string                `json:"mends,omitempty"`       // till files with such rows, in whose place this one stands

	Registered int `json:"registered,omitempty"` // customers
	Changed    int `json:"changed,omitempty"`
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
	// The next file is read while one is recorded.
	read, enough := make(chan reading), make(chan struct{})
	defer close(enough)
	go func() {
		for _, path := range paths {
			select {
			case read <- a.read(path, how):
			case <-enough:
				return
			}
		}
	}()
	for _, path := range paths {
		r := <-read
		took, err := r.take(ctx, g)
		list = append(list, took...)
		var refusal *ledger.Refusal
		var wrong files.ErrorList
		switch {
		case errors.As(err, &refusal), errors.As(err, &wrong):
			g.report(err)
			g.hintQuarantine(path, r.taken, wrong, how)
			refused++
		case err != nil:
			return nil, 0, err
		}
	}
	return list, refused, nil
}

// reading is a file that was read and understood, or why it was not.
type reading struct {
	record func(ctx context.Context, g *globals) (taken, error)
	inner  []reading // of an archive whose files are taken one by one
	taken  taken     // what is known of a file with an error
	err    error
}

// take records a file, and says what became of it, or of each that was in it.
func (r reading) take(ctx context.Context, g *globals) (list []taken, err error) {
	if r.err != nil {
		return nil, r.err
	}
	for _, inner := range r.inner {
		took, err := inner.take(ctx, g)
		if list = append(list, took...); err != nil {
			return list, err
		}
	}
	if r.record == nil {
		return list, nil
	}
	t, err := r.record(ctx, g)
	if err != nil {
		return nil, err
	}
	return []taken{t}, nil
}

// hintQuarantine says what a file with nothing but bad rows can do.
func (g *globals) hintQuarantine(path string, t taken, wrong files.ErrorList, how importOptions) {
	switch {
	case !wrong.Apart() && how.quarantine && len(wrong) > 0 && t.Format != "":
		g.hint(ledger.Say("nothing of this %s file can be set aside: what is wrong is part of its frame, or its format has no rows that stand apart", t.Format))
	case !wrong.Apart():
	case t.Format != "" && !how.quarantine:
		g.hint(ledger.Say("or take the other rows in, and keep these as evidence: daybook import --quarantine %s", path))
	}
}

func (a *app) read(path string, how importOptions) reading {
	data, err := readFile(path)
	if err != nil {
		return reading{err: err}
	}
	doc, source, format, err := a.settings.recognise(filepath.Base(path), data)
	if goods, is := stockFormat(doc); err != nil && is {
		return a.readStock(doc, goods, how)
	}
	var people *ofCustomers
	if errors.As(err, &people) {
		return reading{record: func(ctx context.Context, g *globals) (taken, error) {
			return a.importCustomers(ctx, g, people.doc, how)
		}}
	}
	if err != nil {
		return reading{err: err}
	}
	if source != nil {
		return a.readTills(doc, source, how)
	}
	var apart []files.Quarantined
	statement, err := format.Parse(doc)
	if err != nil && how.quarantine {
		statement, apart, err = settlement.ParseApart(format, doc)
	}
	if err != nil {
		return reading{taken: taken{Format: format.Name()}, err: err}
	}
	if statement.From.IsZero() && len(statement.Lines) == 0 {
		statement.From, statement.To = how.day, how.day
	}
	file := reconcile.StatementFile{Name: doc.Name, SHA256: doc.SHA256, Bytes: doc.Bytes, Statement: statement, Quarantined: quarantined(apart)}
	return reading{record: func(ctx context.Context, g *globals) (taken, error) {
		return a.recordStatement(ctx, g, file, how.correction)
	}}
}

func (a *app) recordStatement(ctx context.Context, g *globals, file reconcile.StatementFile, correction bool) (taken, error) {
	bar := g.progress(ledger.Say("importing %s", file.Name), unitEvents)
	defer bar.done()
	imported, err := a.importer.Statement(ctx, file, correction, func(done int) { bar.of(int64(done), int64(len(file.Statement.Lines))) })
	if err != nil {
		return taken{}, err
	}
	s := imported.Summary
	t := taken{File: s.File, Format: s.Format, From: s.Sender, Day: s.From.String(), Rows: s.Lines, Already: imported.Already, Otherwise: imported.Otherwise,
		Replaces: s.Replaces, Dropped: s.Dropped, Truncated: s.Truncated, Quarantined: file.Quarantined}
	if len(file.Quarantined) > 0 {
		t.Untied = s.Untied
	}
	if s.To != s.From {
		t.Day += " … " + s.To.String()
	}
	return t, nil
}

// quarantined are the rows of a file that could not be read, as the journal keeps them.
func quarantined(apart []files.Quarantined) []ledger.RowQuarantined {
	var rows []ledger.RowQuarantined
	for _, q := range apart {
		row := ledger.RowQuarantined{Row: q.Row, Raw: q.Raw}
		for _, e := range q.Faults {
			fault := ledger.Fault{Column: e.Column, Value: e.Value, Why: e.Text.Format}
			for _, arg := range e.Text.Args {
				fault.Args = append(fault.Args, fmt.Sprint(arg))
			}
			row.Faults = append(row.Faults, fault)
		}
		rows = append(rows, row)
	}
	slices.SortStableFunc(rows, func(a, b ledger.RowQuarantined) int { return cmp.Compare(a.Row, b.Row) })
	return rows
}

// fault says in a person's language what is wrong with a row: column, value and why.
func (l language) fault(f ledger.Fault) string {
	why := f.Say(l.phrase(f.Why))
	for _, part := range []string{quoted(f.Value), f.Column} {
		if part != "" {
			why = part + ": " + why
		}
	}
	return why
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

func (a *app) readTills(doc *files.Document, source till.Source, how importOptions) reading {
	read, err := source.Read(doc, a.settings.rules)
	if err != nil && how.quarantine && len(doc.Parts) > 1 {
		return a.readInner(doc, source, how)
	}
	var apart []files.Quarantined
	if err != nil && how.quarantine {
		read, apart, err = till.ReadApart(source, doc, a.settings.rules)
	}
	if err != nil {
		return reading{taken: taken{Format: source.Name()}, err: err}
	}
	file := ledger.TillFile{Name: doc.Name, SHA256: doc.SHA256, Bytes: doc.Bytes, Format: source.Name(), Dropped: read.Dropped, Truncated: read.Truncated,
		Quarantined: quarantined(apart), Correction: how.correction}
	for _, entry := range read.Actions {
		file.Actions = append(file.Actions, ledger.Reported{Row: entry.Row, Action: entry.Action})
	}
	return reading{record: func(ctx context.Context, g *globals) (taken, error) { return a.recordTills(ctx, g, file) }}
}

// readInner reads the files of an archive one by one, each a file of its own, so that a row
// that was set aside is one of one file, and one mended file can take the place of one. All of
// them are read before the first is recorded, and nothing is when one cannot be.
func (a *app) readInner(doc *files.Document, source till.Source, how importOptions) reading {
	whole := reading{taken: taken{Format: source.Name()}}
	var wrong files.ErrorList
	more := 0
	for _, inner := range doc.Inner() {
		r := a.readTills(inner, source, how)
		var list files.ErrorList
		if errors.As(r.err, &list) {
			wrong = append(wrong, list...)
			more += list.Count() - len(list)
		} else if r.err != nil {
			return r
		}
		whole.inner = append(whole.inner, r)
	}
	if len(wrong) > 0 {
		last := *wrong[len(wrong)-1]
		last.More = more
		wrong[len(wrong)-1] = &last
		whole.err = wrong
	}
	return whole
}

func (a *app) recordTills(ctx context.Context, g *globals, file ledger.TillFile) (taken, error) {
	file.Identify = func(actions []ledger.Reported) error { return a.customers.Identify(ctx, actions) }
	bar := g.progress(ledger.Say("importing %s", file.Name), unitEvents)
	defer bar.done()
	result, err := a.intake.File(ctx, file, func(done int) { bar.of(int64(done), int64(len(file.Actions))) })
	if err != nil {
		return taken{}, err
	}
	days := span{}
	for _, reported := range file.Actions {
		days.add(reported.Action.Head().BusinessDay)
	}
	t := taken{File: file.Name, Format: file.Format, Day: days.String(), Rows: len(file.Actions), Already: result.Already, Replayed: result.Replayed,
		Gaps: result.Gaps, Dropped: file.Dropped, Truncated: file.Truncated, Quarantined: file.Quarantined}
	for _, mended := range result.Mended {
		t.Mends = append(t.Mends, mended.Name)
	}
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
		g.printQuarantined(t)
		for _, name := range t.Mends {
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: what could not be read of %s is here now", t.File, name)))
		}
		for _, column := range slices.Sorted(maps.Keys(t.Truncated)) {
			n := t.Truncated[column]
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: %d full card numbers in column %s were cut to six and four digits; ask the sender to mask them", t.File, n, column)))
		}
	}
	return nil
}

// printQuarantined lists the rows of a file that were set aside, and the totals that may
// miss them.
func (g *globals) printQuarantined(t taken) {
	for _, row := range t.Quarantined {
		for _, f := range row.Faults {
			fmt.Fprintf(g.stdout, "%s:%d: %s\n", t.File, row.Row, g.say.fault(f))
		}
	}
	for _, c := range t.Untied {
		stated, computed := ledger.Minor(c.Stated, c.Currency).String(), ledger.Minor(c.Computed, c.Currency).String()
		if c.Currency == "" {
			stated, computed = strconv.FormatInt(c.Stated, 10), strconv.FormatInt(c.Computed, 10)
		}
		fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s:%d: %s: the file states %s, the rows that could be read come to %s", t.File, c.Row, c.Name, stated, computed)))
	}
	if n := len(t.Quarantined); n > 0 && !t.Already {
		fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: %d rows could not be read and count nowhere; the day cannot be signed before the corrected file is here: daybook import --correction FILE", t.File, n)))
	}
}

func (c conflict) number() string {
	if c.Seq == 0 {
		return ""
	}
	return strconv.FormatUint(c.Seq, 10)
}

func (t taken) result() ledger.Text {
	switch {
	case t.Registered+t.Changed > 0:
		return ledger.Say("customers registered: %d, changed: %d", t.Registered, t.Changed)
	case t.Otherwise > 0:
		return ledger.Say("already here, nothing changed, though %d rows are read otherwise by now: daybook files reread FILE", t.Otherwise)
	case t.Already:
		return ledger.Say("already here, nothing changed")
	case len(t.Quarantined) > 0:
		return ledger.Say("imported without %d rows that cannot be read", len(t.Quarantined))
	case t.Replaces != "":
		return ledger.Say("imported, replaces an earlier file")
	case t.Replayed == t.Rows && t.Rows > 0:
		return ledger.Say("imported; all of it was known")
	case t.Replayed > 0:
		return ledger.Say("imported; %d known before", t.Replayed)
	}
	return ledger.Say("imported")
}
