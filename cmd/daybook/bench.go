package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"time"

	"github.com/spf13/cobra"

	"daybook/adapters/eventlog"
	"daybook/adapters/eventlog/yardstick"
	"daybook/ledger"
)

func (g *globals) benchCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "bench",
		Short: "Measure what this machine does",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	command.AddCommand(g.benchJournalCommand(), g.benchReconcileCommand(), g.benchProjectionsCommand())
	return command
}

// benchOptions say how much to measure, and where.
type benchOptions struct {
	events, rounds int
	dir            string
}

func (g *globals) benchJournalCommand() *cobra.Command {
	how := benchOptions{events: 100_000, rounds: 3}
	command := &cobra.Command{
		Use:   "journal",
		Short: "How fast the journal is on this disk, beside its bare storage engine",
		Long: "Append and read events of 600 bytes in a directory of its own, which is removed in the end, and\n" +
			"do the same with the bare storage engine in turn: once with the same entries for each event\n" +
			"(engine), once with nothing but the event's bytes (bytes). A ratio says how much of the engine's\n" +
			"rate the journal reaches. Every append is on disk when it counts. The figures are medians.",
		Example: "  daybook bench journal\n  daybook bench journal --events 10000000 --rounds 1 --dir /srv/disk-to-measure",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if how.events < 1000 || how.rounds < 1 {
				return ledger.Refuse(ledger.Say("that is too little to measure"), ledger.Say("take at least 1000 events and one round"))
			}
			return g.benchJournal(cmd.Context(), how)
		},
	}
	flags := command.Flags()
	flags.IntVar(&how.events, "events", how.events, "events to append in each measurement (a tenth of it for a writer of single events)")
	flags.IntVar(&how.rounds, "rounds", how.rounds, "how often to repeat each measurement")
	flags.StringVar(&how.dir, "dir", "", "directory on the disk to measure (default: the data directory)")
	return command
}

// benchReport is what was measured. Rates are events a second.
type benchReport struct {
	Dir        string        `json:"dir"`
	Processors int           `json:"processors"`
	Events     int           `json:"events"`
	Rounds     int           `json:"rounds"`
	Appends    []benchAppend `json:"appends"`
	Reads      []benchRead   `json:"reads"`
	PeakBytes  uint64        `json:"peak_memory_bytes"` // of the process, engines included; 0 where it cannot be known
}

// benchAppend is one way to append.
type benchAppend struct {
	Writers int `json:"writers"`
	Batch   int `json:"batch"`
	Streams int `json:"streams"`

	Rate        float64       `json:"rate"`
	P50         time.Duration `json:"p50_ns"`
	P99         time.Duration `json:"p99_ns"`
	EngineRate  float64       `json:"engine_rate"`
	EngineP50   time.Duration `json:"engine_p50_ns"`
	EngineP99   time.Duration `json:"engine_p99_ns"`
	EngineRatio float64       `json:"engine_ratio"`
	BytesRate   float64       `json:"bytes_rate"`
	BytesRatio  float64       `json:"bytes_ratio"`
}

// benchRead is one way to read all events.
type benchRead struct {
	What  string  `json:"what"`
	Rate  float64 `json:"rate"`
	Ratio float64 `json:"ratio"` // to the bare scan
}

func (g *globals) benchJournal(ctx context.Context, how benchOptions) (err error) {
	base := cmp.Or(how.dir, g.data)
	if err := os.MkdirAll(base, 0o700); err != nil {
		return err
	}
	dir, err := os.MkdirTemp(base, "bench-")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	b := &bench{ctx: ctx, dir: dir, how: how, report: benchReport{Dir: base, Processors: runtime.GOMAXPROCS(0), Events: how.events, Rounds: how.rounds}}
	b.bar = g.progress(ledger.Say("measuring"), unitEvents)
	b.total = int64(how.rounds * (len(benchShapes) + 1))
	err = b.run()
	b.bar.done()
	if err != nil {
		return err
	}
	return g.printBench(b.report)
}

// bench is a measurement that is going on.
type bench struct {
	ctx         context.Context
	dir         string
	how         benchOptions
	report      benchReport
	bar         *bar
	done, total int64
	serial      int // of directories
}

// benchShapes are the ways to append: by one till, by a chain of them, all to one stream,
// and by an import.
var benchShapes = []benchAppend{
	{Writers: 1, Batch: 1, Streams: 1}, {Writers: 8, Batch: 1, Streams: 8},
	{Writers: 64, Batch: 1, Streams: 64}, {Writers: 64, Batch: 1, Streams: 1},
	{Writers: 1, Batch: 100, Streams: 1}, {Writers: 8, Batch: 100, Streams: 8},
}

func (b *bench) run() error {
	for _, shape := range benchShapes {
		if err := b.appends(shape); err != nil {
			return err
		}
	}
	if err := b.reads(); err != nil {
		return err
	}
	b.report.PeakBytes = yardstick.PeakMemory()
	return nil
}

func (b *bench) step() {
	b.done++
	b.bar.of(b.done, b.total)
}

// fresh is a new, empty directory. Its remover may be called before everything is done.
func (b *bench) fresh() (string, func() error) {
	b.serial++
	dir := filepath.Join(b.dir, strconv.Itoa(b.serial))
	return dir, func() error { return os.RemoveAll(dir) }
}

// appends measures one shape, in rounds, so that what else the machine does meets the
// journal and the engine alike.
func (b *bench) appends(shape benchAppend) error {
	events := b.how.events
	if shape.Writers*shape.Batch == 1 {
		events = max(events/10, 1)
	}
	var journal, engine, bytes rounds
	for range b.how.rounds {
		for _, measure := range []struct {
			to  *rounds
			run func(shape benchAppend, events int) (yardstick.Result, error)
		}{
			{&bytes, func(shape benchAppend, events int) (yardstick.Result, error) { return b.toEngine(shape, events, false) }},
			{&engine, func(shape benchAppend, events int) (yardstick.Result, error) { return b.toEngine(shape, events, true) }},
			{&journal, b.toJournal},
		} {
			result, err := measure.run(shape, events)
			if err != nil {
				return err
			}
			measure.to.add(result.Rate())
			measure.to.latency.Merge(result.Latency)
		}
		b.step()
	}
	shape.Rate, shape.EngineRate, shape.BytesRate = journal.median(), engine.median(), bytes.median()
	shape.EngineRatio, shape.BytesRatio = shape.Rate/shape.EngineRate, shape.Rate/shape.BytesRate
	shape.P50, shape.P99 = journal.latency.Quantile(50), journal.latency.Quantile(99)
	shape.EngineP50, shape.EngineP99 = engine.latency.Quantile(50), engine.latency.Quantile(99)
	b.report.Appends = append(b.report.Appends, shape)
	return nil
}

// rounds are the rates of one thing measured several times.
type rounds struct {
	rates   []float64
	latency yardstick.Latency
}

func (r *rounds) add(rate float64) { r.rates = append(r.rates, rate) }

func (r *rounds) median() float64 {
	slices.Sort(r.rates)
	return r.rates[len(r.rates)/2]
}

func (b *bench) toEngine(shape benchAppend, events int, indexed bool) (result yardstick.Result, err error) {
	dir, remove := b.fresh()
	bare, err := yardstick.OpenBare(dir, indexed)
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, bare.Close(), remove()) }()
	return yardstick.Drive(shape.Writers, shape.Batch, events, func(_ int, events []ledger.Event) error {
		if err := b.ctx.Err(); err != nil {
			return err
		}
		return bare.Append(events)
	})
}

func (b *bench) toJournal(shape benchAppend, events int) (result yardstick.Result, err error) {
	dir, remove := b.fresh()
	log, err := eventlog.Open(dir, eventlog.Options{})
	if err != nil {
		return result, err
	}
	defer func() { err = errors.Join(err, log.Close(), remove()) }()
	return yardstick.Drive(shape.Writers, shape.Batch, events, func(writer int, events []ledger.Event) error {
		_, err := log.Append(b.ctx, benchStream(writer%shape.Streams), ledger.Any, events...)
		return err
	})
}

func benchStream(n int) ledger.StreamID {
	return ledger.Stream("storeday", fmt.Sprintf("S%03d", n), "2026-01-05")
}

// reads measures reading everything, from files that the engine has opened again.
func (b *bench) reads() (err error) {
	bareDir, removeBare := b.fresh()
	logDir, removeLog := b.fresh()
	defer func() { err = errors.Join(err, removeBare(), removeLog()) }()
	if err := b.fill(bareDir, logDir); err != nil {
		return err
	}
	bare, err := yardstick.OpenBare(bareDir, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.Close()) }()
	log, err := eventlog.Open(logDir, eventlog.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()

	ways := []struct {
		what string
		read func() (uint64, error)
	}{
		{"engine scan", func() (uint64, error) { n, _, err := bare.Scan(); return n, err }},
		{"raw", func() (uint64, error) { return b.readRaw(log) }},
		{"raw, in pages", func() (uint64, error) { return b.readPages(log) }},
		{"decoded", func() (uint64, error) { return b.readDecoded(log) }},
	}
	rates := make([]rounds, len(ways))
	for range b.how.rounds {
		for n, way := range ways {
			began := time.Now()
			events, err := way.read()
			if err != nil {
				return err
			}
			if events != uint64(b.how.events) {
				return fmt.Errorf("%s: %d of %d events came back", way.what, events, b.how.events)
			}
			rates[n].add(float64(events) / time.Since(began).Seconds())
		}
		b.step()
	}
	for n, way := range ways {
		b.report.Reads = append(b.report.Reads, benchRead{way.what, rates[n].median(), rates[n].median() / rates[0].median()})
	}
	return nil
}

// fill writes the same events to the bare engine and to a log, there as ten streams.
func (b *bench) fill(bareDir, logDir string) (err error) {
	bare, err := yardstick.OpenBare(bareDir, false)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, bare.Close()) }()
	log, err := eventlog.Open(logDir, eventlog.Options{})
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, log.Close()) }()
	const batch = 500
	for serial := 0; serial < b.how.events; serial += batch {
		stream := serial / batch % 10
		events := yardstick.Events(stream, serial, min(batch, b.how.events-serial))
		if err := bare.Append(events); err != nil {
			return err
		}
		if _, err := log.Append(b.ctx, benchStream(stream), ledger.Any, events...); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) readRaw(log *eventlog.Log) (events uint64, err error) {
	for _, err := range log.Read(b.ctx, ledger.Query{}) {
		if err != nil {
			return events, err
		}
		events++
	}
	return events, nil
}

func (b *bench) readPages(log *eventlog.Log) (events uint64, err error) {
	for page, err := range log.Follow(b.ctx, 0, ledger.Filter{}) {
		if err != nil {
			return events, err
		}
		if events += uint64(len(page.Events)); page.CaughtUp {
			break
		}
	}
	return events, nil
}

func (b *bench) readDecoded(log *eventlog.Log) (events uint64, err error) {
	codec := ledger.NewCodec(ledger.ActionKinds())
	for event, err := range log.Read(b.ctx, ledger.Query{}) {
		if err != nil {
			return events, err
		}
		if _, err := codec.Decode(event.Event); err != nil {
			return events, err
		}
		events++
	}
	return events, nil
}
