package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"daybook/adapters/eventlog/yardstick"
	"daybook/adapters/simulator"
	"daybook/ledger"
)

// generated is what generating gave.
type generated struct {
	Dir       string  `json:"dir"`
	Days      int     `json:"days"`
	Payments  int64   `json:"payments"`
	Files     int     `json:"files"`
	Bytes     int64   `json:"bytes"`
	Planted   int     `json:"planted"`
	Seconds   float64 `json:"seconds"`
	CPU       float64 `json:"cpu_seconds"`
	Rate      float64 `json:"rate"`              // payments a second of processor
	PeakBytes uint64  `json:"peak_memory_bytes"` // of the process; 0 where it cannot be known
}

func (g *globals) generateCommand() *cobra.Command {
	options := simulator.Options{Seed: 1, World: simulator.Everywhere, Days: 1, Stores: 8, TerminalsPerStore: 4, Payments: 2000, Breaks: 2}
	out, from := "", "2026-01-05"
	command := &cobra.Command{
		Use:   "generate --out DIR",
		Short: "Make up days of a retailer: what tills, providers and banks write, with mistakes and an answer key",
		Long: "Make up days of a retailer, and write what its tills report, the bills, accounts and bank statements\n" +
			"that belong to it, the files of goods, and the configuration they are read under. Everywhere has stores in five countries\n" +
			"and each form that daybook reads; shanghai one acquirer, two wallets and a bank. Mistakes are planted\n" +
			"of every kind, and an answer key for each day says which. The same options give the same bytes. Memory\n" +
			"stays what it is, however many days and payments are asked for.\n\n" +
			"In files/ lies what the days brought; in next/ what the day after them brings, on which the stores are\n" +
			"closed; in late/ bills that were missing; in corrections/ bills that replace others;\n" +
			"in customers/ who the members on the tickets are.",
		Example: "  daybook generate --out days --from 2026-01-05 --days 7\n" +
			"  daybook --data days/data --config days/daybook.yaml import days/files/* && daybook --data days/data --config days/daybook.yaml status",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			day, err := ledger.ParseBusinessDay(from)
			if err != nil {
				return err
			}
			if out == "" {
				return ledger.Refuse(ledger.Say("nobody said where the files go"), ledger.Say("name a new directory with --out"))
			}
			options.Day = day
			made, err := g.generate(cmd.Context(), out, options)
			if err != nil {
				return err
			}
			return g.printGenerated(made)
		},
	}
	flags := command.Flags()
	flags.StringVar(&out, "out", "", "a new directory for the files")
	flags.StringVar(&from, "from", from, "the first day")
	flags.IntVar(&options.Days, "days", options.Days, "how many days; of several, weekends and feasts have more payments")
	flags.Uint64Var(&options.Seed, "seed", options.Seed, "another history")
	flags.StringVar((*string)(&options.World), "world", string(options.World), "everywhere or shanghai")
	flags.IntVar(&options.Stores, "stores", options.Stores, "how many stores")
	flags.IntVar(&options.TerminalsPerStore, "terminals", options.TerminalsPerStore, "how many terminals each store has")
	flags.IntVar(&options.Payments, "payments", options.Payments, "how many sales a day by card and wallet")
	flags.IntVar(&options.Articles, "articles", 37, "how many articles there are to sell; a supermarket has thousands")
	flags.IntVar(&options.Breaks, "breaks", options.Breaks, "how many mistakes of each kind, in each country and day")
	return command
}

// generate writes days into a directory of their own.
func (g *globals) generate(ctx context.Context, dir string, options simulator.Options) (made generated, err error) {
	if list, err := os.ReadDir(dir); err == nil && len(list) > 0 {
		return made, ledger.Refuse(ledger.Say("%s holds something already", dir), ledger.Say("name a new directory with --out"))
	}
	sink := &directory{dir: dir}
	total := int64(options.Payments) * int64(max(1, options.Days))
	bar := g.progress(ledger.Say("making up payments"), unitEvents)
	began := start()
	err = simulator.Write(options, sink, func(done int64) error {
		bar.of(done, max(total, done))
		made.Payments = done
		return ctx.Err()
	})
	bar.done()
	if err != nil {
		return made, errors.Join(err, sink.closeAll())
	}
	took := began.stage("generate", int(made.Payments))
	made.Dir, made.Days, made.Files, made.Bytes = dir, max(1, options.Days), sink.files, sink.bytes
	made.Seconds, made.CPU, made.Rate = took.Seconds, took.CPU, float64(made.Payments)/took.CPU
	made.PeakBytes = yardstick.PeakMemory()
	keys, err := readKeys(dir)
	for _, key := range keys {
		made.Planted += len(key.Breaks)
	}
	return made, err
}

func (g *globals) printGenerated(made generated) error {
	if g.output != "table" {
		columns := []column{{"", "dir", false}, {"", "days", true}, {"", "payments", true}, {"", "files", true}, {"", "bytes", true}, {"", "planted", true}}
		return g.printList(columns, [][]string{{made.Dir, strconv.Itoa(made.Days), strconv.FormatInt(made.Payments, 10), strconv.Itoa(made.Files),
			strconv.FormatInt(made.Bytes, 10), strconv.Itoa(made.Planted)}}, made)
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	fmt.Fprintln(g.stdout, t(ledger.Say("%d days, %d payments, %d mistakes: %d files of %s in %s", made.Days, made.Payments, made.Planted, made.Files, sized(uint64(made.Bytes)), made.Dir)))
	fmt.Fprintln(g.stdout, t(ledger.Say("%s payments a second of one processor; most memory resident at once: %s", perSecond(made.Rate), sized(made.PeakBytes))))
	fmt.Fprintln(g.stdout, t(ledger.Say("take it in with: daybook --data %s --config %s import %s", filepath.Join(made.Dir, "data"), filepath.Join(made.Dir, simulator.ConfigFile),
		filepath.Join(made.Dir, simulator.FilesDir, "*"))))
	return nil
}

// readKeys reads the answer keys of a directory, in order of their days.
func readKeys(dir string) ([]simulator.Key, error) {
	names, err := filepath.Glob(filepath.Join(dir, "answer-key_*.json"))
	if err != nil {
		return nil, err
	}
	slices.Sort(names)
	var keys []simulator.Key
	for _, name := range names {
		text, err := os.ReadFile(name)
		if err != nil {
			return nil, err
		}
		var key simulator.Key
		if err := json.Unmarshal(text, &key); err != nil {
			return nil, fmt.Errorf("read %s: %w", name, err)
		}
		keys = append(keys, key)
	}
	return keys, nil
}

// directory is where generated files go.
type directory struct {
	dir   string
	files int
	bytes int64
	open  map[*target]bool
}

// target is a file being written.
type target struct {
	*bufio.Writer
	file *os.File
	in   *directory
}

func (d *directory) Create(name string) (io.WriteCloser, error) {
	path := filepath.Join(d.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	file, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, err
	}
	d.files++
	t := &target{bufio.NewWriterSize(file, 64<<10), file, d}
	if d.open == nil {
		d.open = map[*target]bool{}
	}
	d.open[t] = true
	return t, nil
}

func (d *directory) Open(name string) (io.ReadCloser, error) {
	return os.Open(filepath.Join(d.dir, filepath.FromSlash(name)))
}

func (t *target) Write(p []byte) (int, error) {
	n, err := t.Writer.Write(p)
	t.in.bytes += int64(n)
	return n, err
}

func (t *target) Close() error {
	delete(t.in.open, t)
	return errors.Join(t.Flush(), t.file.Close())
}

// closeAll closes what an error left open.
func (d *directory) closeAll() error {
	var err error
	for t := range d.open {
		err = errors.Join(err, t.file.Close())
	}
	return err
}
