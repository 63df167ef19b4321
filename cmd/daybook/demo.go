package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/spf13/cobra"

	"daybook/adapters/simulator"
	"daybook/ledger"
	"daybook/projections"
)

func (g *globals) demoCommand() *cobra.Command {
	dir := ""
	options := simulator.Options{Seed: 1, Day: ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}, Stores: 3, TerminalsPerStore: 2, Payments: 400, Breaks: 1}
	command := &cobra.Command{
		Use:   "demo",
		Short: "A made-up business day, from files to differences",
		Long: "Make up a business day in a few stores with planted mistakes, take its files in, reconcile\n" +
			"them, print the control sheet and the differences, and compare with the answer key.\n" +
			"The files stay in the directory; run again, nothing is taken in twice.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" {
				dir = filepath.Join(g.data, "demo")
			}
			return g.demo(cmd.Context(), dir, options)
		},
	}
	flags := command.Flags()
	flags.StringVar(&dir, "dir", "", "where the demo lives (default: demo in the data directory)")
	flags.Uint64Var(&options.Seed, "seed", options.Seed, "another day")
	flags.IntVar(&options.Payments, "payments", options.Payments, "how many sales by card and wallet")
	flags.IntVar(&options.Breaks, "breaks", options.Breaks, "how many mistakes of each kind")
	return command
}

func (g *globals) demo(ctx context.Context, dir string, options simulator.Options) (err error) {
	day, err := simulator.Generate(options)
	if err != nil {
		return err
	}
	paths, err := writeDemo(dir, day)
	if err != nil {
		return err
	}
	at := *g
	at.data, at.config = filepath.Join(dir, "data"), ""
	at.journal, at.clickhouse = "", "" // made-up payments have no place among real ones
	a, err := open(ctx, &at)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	taken, refused, err := a.importFiles(ctx, &at, paths, importOptions{})
	if err != nil {
		return err
	}
	if err := a.catchUp(ctx, &at); err != nil {
		return err
	}
	score, err := a.score(ctx, []simulator.Key{day.Key}, refused)
	if err != nil {
		return err
	}
	if err := g.printDemo(ctx, a, dir, taken, score, options.Day); err != nil {
		return err
	}
	if !score.perfect() {
		return exitError(exitVerification)
	}
	return nil
}

// writeDemo writes the day's files. A directory that holds another day is left alone.
func writeDemo(dir string, day *simulator.Day) ([]string, error) {
	key, err := json.MarshalIndent(day.Key, "", "  ")
	if err != nil {
		return nil, err
	}
	all := append([]simulator.File{{Name: filepath.Join("data", "daybook.yaml"), Data: day.Config}, {Name: "answer-key.json", Data: append(key, '\n')}}, day.Files...)
	var paths []string
	for n, file := range all {
		path := filepath.Join(dir, file.Name)
		if n >= 2 {
			path = filepath.Join(dir, "files", file.Name)
			paths = append(paths, path)
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
			return nil, err
		}
		present, err := os.ReadFile(path)
		switch {
		case err == nil && string(present) == string(file.Data):
			continue
		case err == nil:
			return nil, ledger.Refuse(ledger.Say("%s holds another demo", dir), ledger.Say("remove it, or name another directory with --dir"))
		case !errors.Is(err, os.ErrNotExist):
			return nil, err
		}
		if err := os.WriteFile(path, file.Data, 0o600); err != nil {
			return nil, err
		}
	}
	return paths, nil
}

// score compares what was found with the answer keys.
type score struct {
	Planted    int      `json:"planted"` // differences in the answer key
	Found      int      `json:"found"`   // differences reported
	Right      int      `json:"right"`   // of both: kind, channel, reference and amounts agree
	Missed     []string `json:"missed,omitempty"`
	Invented   []string `json:"invented,omitempty"`
	Matched    int      `json:"matched"`
	KeyMatched int      `json:"key_matched"`
	RowsLost   int      `json:"rows_lost"` // rows of files that are in no table, or refused
}

func (s score) perfect() bool {
	return len(s.Missed) == 0 && len(s.Invented) == 0 && s.Matched == s.KeyMatched && s.RowsLost == 0
}

func (a *app) score(ctx context.Context, keys []simulator.Key, refused int) (score, error) {
	breaks, err := a.views.Breaks(ctx, projections.BreakFilter{})
	if err != nil {
		return score{}, err
	}
	breaks = slices.DeleteFunc(breaks, func(b projections.BreakRow) bool {
		return b.State != "open" && (b.Overtaken || !b.Handling.Settles()) // what people settled was found as well
	})
	name := func(kind, channel, reference string, expected, actual int64, currency ledger.Currency) string {
		return fmt.Sprintf("%s %s %s %s %s", kind, channel, reference, ledger.Minor(expected, currency), ledger.Minor(actual, currency))
	}
	var want, got []string
	s := score{RowsLost: refused}
	for n, key := range keys {
		s.KeyMatched += key.Matched
		for _, b := range key.Breaks {
			if b.Kind == simulator.TimingNextDay && n < len(keys)-1 {
				continue // the next day's bill has brought it
			}
			want = append(want, name(b.Kind, b.Channel, b.Reference, b.ExpectedMinor, b.ActualMinor, b.Currency))
		}
	}
	for _, b := range breaks {
		got = append(got, name(string(b.Kind), b.Channel, b.Reference, b.Expected, b.Actual, b.ExpectedCurrency))
	}
	s.Planted, s.Found = len(want), len(got)
	slices.Sort(want)
	slices.Sort(got)
	for len(want) > 0 || len(got) > 0 {
		switch {
		case len(got) == 0 || len(want) > 0 && cmp.Less(want[0], got[0]):
			s.Missed, want = append(s.Missed, want[0]), want[1:]
		case len(want) == 0 || cmp.Less(got[0], want[0]):
			s.Invented, got = append(s.Invented, got[0]), got[1:]
		default:
			s.Right++
			want, got = want[1:], got[1:]
		}
	}
	sheet, err := a.views.Status(ctx, ledger.BusinessDay{})
	if err != nil {
		return s, err
	}
	for _, row := range sheet {
		s.Matched += row.Matched.Count
	}
	lost, err := a.rowsLost(ctx, keys)
	s.RowsLost += lost
	return s, err
}

// rowsLost counts payments and lines of the answer keys that are in no table.
func (a *app) rowsLost(ctx context.Context, keys []simulator.Key) (int, error) {
	rows, err := a.warehouse.Query(ctx, "SELECT (SELECT count() FROM fct_payments WHERE channel != 'cash'), (SELECT count() FROM fct_settlement_lines)")
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	var payments, lines uint64
	for rows.Next() {
		if err := rows.Scan(&payments, &lines); err != nil {
			return 0, err
		}
	}
	lost := -int(payments) - int(lines)
	for _, key := range keys {
		lost += key.Items + key.Lines
	}
	return lost, rows.Err()
}

func (g *globals) printDemo(ctx context.Context, a *app, dir string, taken []taken, s score, day ledger.BusinessDay) error {
	st, err := a.status(ctx, g, day, ledger.BusinessDay{})
	if err != nil {
		return err
	}
	if g.output == "json" {
		return g.printJSON(struct {
			Dir    string  `json:"dir"`
			Files  any     `json:"files"`
			Status *status `json:"status"`
			Score  score   `json:"score"`
		}{dir, taken, st, s})
	}
	if err := g.printTaken(taken); err != nil {
		return err
	}
	if err := g.printStatus(st); err != nil {
		return err
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	fmt.Fprintln(g.stdout)
	g.printScore(s)
	fmt.Fprintln(g.stdout, t(ledger.Say("The files are in %s; look around with: daybook --data %s breaks explain ID", filepath.Join(dir, "files"), filepath.Join(dir, "data"))))
	return nil
}

func (g *globals) printScore(s score) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	fmt.Fprintln(g.stdout, t(ledger.Say("Against the answer key: %d mistakes planted, %d found, %d of them right (recall %s, precision %s); %d of %d payments matched; %d rows lost",
		s.Planted, s.Found, s.Right, percent(s.Right, s.Planted), percent(s.Right, s.Found), s.Matched, s.KeyMatched, s.RowsLost)))
	for _, missed := range s.Missed {
		fmt.Fprintln(g.stdout, t(ledger.Say("missed: %s", missed)))
	}
	for _, invented := range s.Invented {
		fmt.Fprintln(g.stdout, t(ledger.Say("not in the key: %s", invented)))
	}
}

// percent of a whole; of nothing, all of it.
func percent(part, whole int) string {
	if whole == 0 {
		return "100 %"
	}
	return fmt.Sprintf("%d.%d %%", part*1000/whole/10, part*1000/whole%10)
}
