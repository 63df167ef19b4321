package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"runtime"
	"runtime/debug"
	"slices"
	"strconv"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"daybook/adapters/bus"
	"daybook/adapters/eventlog/yardstick"
	"daybook/adapters/simulator"
	"daybook/ledger"
	"daybook/projections"
)

// projectionBench is what filling the tables took, and asking them.
type projectionBench struct {
	Dir        string            `json:"dir"`
	Processors int               `json:"processors"`
	Sizes      []projectionSize  `json:"sizes"`
	Flat       float64           `json:"flat"`       // cost of an event at the largest size by that at the smallest; 1 for one size
	SaleLines  int64             `json:"sale_lines"` // in the tables when dashboards are asked
	Articles   int               `json:"articles"`   // to sell
	Asked      int               `json:"asked"`      // each panel, after once to warm up
	Queries    []projectionQuery `json:"queries"`
	PeakBytes  uint64            `json:"peak_memory_bytes"` // of the process, engine included, while filling and asking; 0 where it cannot be known
}

// projectionSize is filling all tables from a journal of one size, from nothing.
type projectionSize struct {
	Events   int     `json:"events"`
	Rows     int     `json:"rows"`
	Blocks   int     `json:"blocks"`
	Seconds  float64 `json:"seconds"`
	CPU      float64 `json:"cpu_seconds"` // of both: the projector and the bare inserts
	Rate     float64 `json:"rate"`        // events a second
	Bare     float64 `json:"bare_seconds"`
	BareRate float64 `json:"bare_rate"`
	Ratio    float64 `json:"ratio"`                 // of the projector's rate to the bare one
	Cost     float64 `json:"microseconds_an_event"` // of the projector
}

// projectionQuery is one question, asked again and again.
type projectionQuery struct {
	Board  string        `json:"dashboard"`
	What   string        `json:"what"`
	Rows   int           `json:"rows"`
	Median time.Duration `json:"median_ns"`
	Worst  time.Duration `json:"worst_ns"`

	board, panel ledger.Text
}

func (g *globals) benchProjectionsCommand() *cobra.Command {
	events, sizes, dir, rounds, articles := 100_000, []int(nil), "", 20, 2000
	command := &cobra.Command{
		Use:   "projections",
		Short: "How fast the journal fills the tables, beside the same rows inserted bare, and what dashboards wait",
		Long: "Make up days, record and match them in a journal of so many events, and fill all tables from it. Each\n" +
			"block goes a second time, as it is, into a table of the same layout: that is the bare rate. Then ask\n" +
			"what dashboards ask, each panel so many times. With several sizes the journal grows from one to the next, and\n" +
			"the tables are filled from nothing at each. Everything is in a directory of its own, which is removed\n" +
			"in the end.",
		Example: "  daybook bench projections --events 100000\n  daybook bench projections --sizes 1000000,5000000 --dir /srv/disk-to-measure",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if len(sizes) == 0 {
				sizes = []int{events}
			}
			slices.Sort(sizes)
			switch {
			case sizes[0] < 1000 || rounds < 1:
				return ledger.Refuse(ledger.Say("that is too little to measure"), ledger.Say("take at least 1000 events and one round"))
			case g.journal != "" || g.clickhouse != "":
				return ledger.Refuse(ledger.Say("what is measured is the embedded journal and engine"), ledger.Say("leave out --journal and --clickhouse"))
			}
			report, err := g.benchProjections(cmd.Context(), sizes, dir, rounds, articles)
			if err != nil {
				return err
			}
			return g.printProjectionBench(report)
		},
	}
	flags := command.Flags()
	flags.IntVar(&events, "events", events, "events of the journal, about")
	flags.IntSliceVar(&sizes, "sizes", nil, "several sizes of the journal, instead of --events")
	flags.IntVar(&rounds, "rounds", rounds, "how often each panel of the dashboards is asked")
	flags.IntVar(&articles, "articles", articles, "how many articles there are to sell")
	flags.StringVar(&dir, "dir", "", "directory on the disk to measure (default: the data directory)")
	return command
}

// benchDay is how many payments a day has of a journal that is made up; each comes to about
// so many events, its sale, its row of a bill and its share of matches in pages.
const benchDay = 20_000

func (g *globals) benchProjections(ctx context.Context, sizes []int, where string, rounds, articles int) (report projectionBench, err error) {
	base := cmp.Or(where, g.data)
	if err := os.MkdirAll(base, 0o700); err != nil {
		return report, err
	}
	if base, err = filepath.Abs(base); err != nil {
		return report, err
	}
	dir, err := os.MkdirTemp(base, "bench-")
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	report = projectionBench{Articles: articles, Asked: rounds, Dir: base, Processors: runtime.GOMAXPROCS(0), Flat: 1}

	payments := min(benchDay, sizes[0])
	made, err := g.generate(ctx, filepath.Join(dir, "made"), simulator.Options{
		Seed: 1, Day: ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}, Days: sizes[len(sizes)-1]/payments + 1,
		Stores: 10, TerminalsPerStore: 4, Payments: payments, Breaks: max(1, payments/1000), Articles: articles,
	})
	if err != nil {
		return report, err
	}
	at := *g
	at.data, at.config, at.output, at.quiet, at.stdout = filepath.Join(dir, "data"), filepath.Join(made.Dir, simulator.ConfigFile), "table", true, io.Discard
	a, err := open(ctx, &at)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	days, err := filesByDay(made)
	if err != nil {
		return report, err
	}
	bar := g.progress(ledger.Say("recording events"), unitEvents)
	for _, size := range sizes {
		for {
			head, err := ledger.Head(ctx, a.journal)
			if err != nil {
				return report, err
			}
			bar.of(int64(head), int64(sizes[len(sizes)-1]))
			if int(head) >= size || len(days) == 0 {
				break
			}
			_, refused, err := a.importFiles(ctx, &at, days[0], importOptions{})
			if err == nil && refused > 0 {
				err = fmt.Errorf("%d of the made-up files were refused", refused)
			}
			if err == nil {
				err = bus.Drain(ctx, a.journal, a.matcher, nil)
			}
			if err != nil {
				return report, err
			}
			days = days[1:]
		}
		debug.FreeOSMemory() // what recording took must not count as ours
		yardstick.ForgetPeakMemory()
		s, err := a.benchFill(ctx)
		if err != nil {
			return report, err
		}
		report.PeakBytes = max(report.PeakBytes, yardstick.PeakMemory())
		report.Sizes = append(report.Sizes, s)
	}
	bar.done()
	report.Flat = report.Sizes[len(report.Sizes)-1].Cost / report.Sizes[0].Cost
	report.Queries, report.SaleLines, err = a.benchAsk(ctx, rounds)
	report.PeakBytes = max(report.PeakBytes, yardstick.PeakMemory())
	return report, err
}

// filesByDay are the files of each day with the statements of the banks that pay it; those of
// the first with the catalogue.
func filesByDay(made generated) ([][]string, error) {
	keys, err := readKeys(made.Dir)
	if err != nil {
		return nil, err
	}
	var days [][]string
	for n, key := range keys {
		patterns := []string{"products.csv", "suppliers.csv"}
		if n > 0 {
			patterns = nil
		}
		var list []string
		for _, pattern := range append(patterns, "till_*"+key.BusinessDate.Compact()+"*", "[!ti]*"+key.BusinessDate.Compact()+"*", "*"+key.BusinessDate.String()+"*",
			"icbc*"+key.BusinessDate.AddDays(1).Compact()+"*") {
			names, err := filepath.Glob(filepath.Join(made.Dir, simulator.FilesDir, pattern))
			if err != nil {
				return nil, err
			}
			list = append(list, names...)
		}
		days = append(days, list)
	}
	return days, nil
}

// benchFill empties the tables and fills them from the journal.
func (a *app) benchFill(ctx context.Context) (s projectionSize, err error) {
	twice := &twice{Warehouse: a.warehouse, made: map[string]string{}}
	defer func() { err = errors.Join(err, twice.drop(ctx)) }()
	twice.Projector = projections.New(twice, a.codec)
	if err := twice.Reset(ctx); err != nil {
		return s, err
	}
	twice.kept, twice.rows, twice.blocks = nil, 0, 0 // what Reset wrote
	head, err := ledger.Head(ctx, a.journal)
	if err != nil {
		return s, err
	}
	began := start()
	if err := bus.Drain(ctx, a.journal, twice, nil); err != nil {
		return s, err
	}
	whole := began.stage("projector", int(head))
	s = projectionSize{Events: int(head), Rows: twice.rows, Blocks: twice.blocks, CPU: whole.CPU, Bare: twice.took.Seconds(), Seconds: whole.Seconds - twice.aside.Seconds()}
	s.Rate, s.BareRate = float64(s.Events)/s.Seconds, float64(s.Events)/s.Bare
	s.Ratio, s.Cost = s.Rate/s.BareRate, s.Seconds/float64(s.Events)*1e6
	return s, nil
}

// twice is the projector over a warehouse that keeps the blocks of a page. After each page it
// writes them again, as many at a time as the projector does, into tables of the same layout
// that nobody else looks at, and takes the time of that.
type twice struct {
	*projections.Projector
	projections.Warehouse
	made map[string]string // tables of the same layout, by the first one's name

	mu           sync.Mutex
	kept         []keptBlock
	rows, blocks int
	took         time.Duration // of the bare inserts
	aside        time.Duration // and of making their tables: all that is not the projector's
}

type keptBlock struct {
	table   string
	columns []projections.Column
}

func (t *twice) Insert(ctx context.Context, table string, columns ...projections.Column) error {
	t.mu.Lock()
	t.kept = append(t.kept, keptBlock{table, columns})
	t.blocks++
	t.rows += reflect.ValueOf(columns[0].Values).Len()
	t.mu.Unlock()
	return t.Warehouse.Insert(ctx, table, columns...)
}

// Cursor is the projector's.
func (t *twice) Cursor(ctx context.Context) (ledger.Position, error) { return t.Projector.Cursor(ctx) }

// Apply has the projector apply a page, and then writes its blocks bare.
func (t *twice) Apply(ctx context.Context, page ledger.Page) error {
	if err := t.Projector.Apply(ctx, page); err != nil {
		return err
	}
	began := time.Now()
	defer func() { t.aside += time.Since(began) }()
	for n := range t.kept {
		block := &t.kept[n]
		bare, known := t.made[block.table]
		if !known {
			bare = "bare_" + block.table
			for _, statement := range []string{"DROP TABLE IF EXISTS " + bare + " SYNC", "CREATE TABLE " + bare + " AS " + block.table} {
				if err := t.Exec(ctx, statement); err != nil {
					return fmt.Errorf("make a second %s: %w", block.table, err)
				}
			}
			t.made[block.table] = bare
		}
		block.table = bare
	}
	inserts := time.Now()
	err := ledger.EachOf(len(t.kept), 1, func(n int) error {
		return t.Warehouse.Insert(ctx, t.kept[n].table, t.kept[n].columns...)
	})
	t.took += time.Since(inserts)
	t.kept = nil
	return err
}

func (t *twice) drop(ctx context.Context) (err error) {
	for _, bare := range t.made {
		err = errors.Join(err, t.Exec(ctx, "DROP TABLE IF EXISTS "+bare+" SYNC"))
	}
	return err
}

// benchAsk asks each question so many times, after once to warm up.
func (a *app) benchAsk(ctx context.Context, rounds int) (list []projectionQuery, lines int64, err error) {
	if lines, err = oneOf[int64](ctx, a, "SELECT toInt64(count()) FROM fct_sale_lines"); err != nil {
		return nil, 0, err
	}
	queries, err := a.benchQueries(ctx)
	if err != nil {
		return nil, 0, err
	}
	for _, q := range queries {
		var took []time.Duration
		rows := 0
		for n := range rounds + 1 {
			began := time.Now()
			count, err := a.ask(ctx, q.sql)
			if err != nil {
				return nil, 0, fmt.Errorf("%s: %w", q.panel.String(), err)
			}
			if rows = count; n > 0 {
				took = append(took, time.Since(began))
			}
		}
		slices.Sort(took)
		list = append(list, projectionQuery{Board: q.board.String(), What: q.panel.String(), board: q.board, panel: q.panel, Rows: rows, Median: (took[(rounds-1)/2] + took[rounds/2]) / 2, Worst: took[rounds-1]})
	}
	return list, lines, nil
}

// ask reads all rows of a question and counts them.
func (a *app) ask(ctx context.Context, sql string) (int, error) {
	rows, err := a.warehouse.Query(ctx, sql)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	names, _ := rows.Columns()
	cells := make([]any, len(names))
	for i := range cells {
		cells[i] = new(any)
	}
	count := 0
	for rows.Next() {
		if err := rows.Scan(cells...); err != nil {
			return 0, err
		}
		count++
	}
	return count, rows.Err()
}

func (g *globals) printProjectionBench(r projectionBench) error {
	if g.output == "json" {
		return g.printJSON(r)
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "csv" {
		columns := []column{{"", "what", false}, {"", "events", true}, {"", "rows", true}, {"", "seconds", true}, {"", "rate", true}, {"", "ratio", true}}
		var rows [][]string
		for _, s := range r.Sizes {
			rows = append(rows, []string{"fill", strconv.Itoa(s.Events), strconv.Itoa(s.Rows), ratio(s.Seconds), perSecond(s.Rate), ratio(s.Ratio)},
				[]string{"bare", strconv.Itoa(s.Events), strconv.Itoa(s.Rows), ratio(s.Bare), perSecond(s.BareRate), ""})
		}
		for _, q := range r.Queries {
			rows = append(rows, []string{q.What, "", strconv.Itoa(q.Rows), strconv.FormatFloat(q.Median.Seconds(), 'f', 6, 64), "", ""})
		}
		return g.printList(columns, rows, r)
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("%s, %d processors; all tables filled from the journal, and each block a second time bare", r.Dir, r.Processors)))
	fmt.Fprintln(g.stdout)
	columns := []column{{t(ledger.Say("events")), "events", true}, {t(ledger.Say("rows")), "rows", true}, {t(ledger.Say("blocks")), "blocks", true}, {t(ledger.Say("seconds")), "seconds", true},
		{t(ledger.Say("events a second")), "rate", true}, {t(ledger.Say("bare")), "bare_rate", true}, {t(ledger.Say("ratio")), "ratio", true}, {t(ledger.Say("µs an event")), "cost", true}}
	var rows [][]string
	for _, s := range r.Sizes {
		rows = append(rows, []string{strconv.Itoa(s.Events), strconv.Itoa(s.Rows), strconv.Itoa(s.Blocks), ratio(s.Seconds), perSecond(s.Rate), perSecond(s.BareRate), ratio(s.Ratio), ratio(s.Cost)})
	}
	if err := g.printList(columns, rows, nil); err != nil {
		return err
	}
	if len(r.Sizes) > 1 {
		fmt.Fprintln(g.stdout, t(ledger.Say("an event of the largest journal costs %s times what one of the smallest does", ratio(r.Flat))))
	}
	fmt.Fprintln(g.stdout)
	fmt.Fprintln(g.stdout, t(ledger.Say("dashboards over the last 30 days, %d sale lines of %d articles in the tables; each panel asked %d times", r.SaleLines, r.Articles, r.Asked)))
	columns = []column{{t(ledger.Say("dashboard")), "dashboard", false}, {t(ledger.Say("panel")), "what", false}, {t(ledger.Say("rows")), "rows", true}, {t(ledger.Say("median")), "median", true}, {t(ledger.Say("slowest")), "worst", true}}
	rows = nil
	for _, q := range r.Queries {
		rows = append(rows, []string{t(q.board), t(q.panel), strconv.Itoa(q.Rows), micros(q.Median), micros(q.Worst)})
	}
	if err := g.printList(columns, rows, nil); err != nil {
		return err
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("most memory resident at once: %s", sized(r.PeakBytes))))
	return nil
}
