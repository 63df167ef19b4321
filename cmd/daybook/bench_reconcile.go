package main

import (
	"archive/zip"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/adapters/bus"
	"daybook/adapters/eventlog/yardstick"
	"daybook/adapters/simulator"
	"daybook/ledger"
)

// reconcileBench is what reconciling a made-up day took.
type reconcileBench struct {
	Dir        string       `json:"dir"`
	Processors int          `json:"processors"`
	Payments   int          `json:"payments"`
	Rows       int          `json:"rows"` // actions of tills, lines of bills and bank statements
	Bytes      int64        `json:"bytes"`
	Planted    int          `json:"planted"`
	Stages     []benchStage `json:"stages"`
	Total      benchStage   `json:"total"`
	Yardstick  benchStage   `json:"yardstick"`         // ClickHouse reads the same files and joins them
	Ratio      float64      `json:"ratio"`             // of the total to the yardstick
	PeakBytes  uint64       `json:"peak_memory_bytes"` // of the process, engine included, while reconciling; 0 where it cannot be known
	Score      score        `json:"score"`
}

// benchStage is one stage of the way: rows a second of all rows, or of those it is about.
type benchStage struct {
	What    string  `json:"what"`
	Rows    int     `json:"rows"`
	Seconds float64 `json:"seconds"`
	CPU     float64 `json:"cpu_seconds"` // what others do on the machine does not count in it
	Rate    float64 `json:"rate"`        // by the clock
}

// stopwatch measures a stage.
type stopwatch struct {
	began time.Time
	cpu   time.Duration
}

func start() stopwatch { return stopwatch{time.Now(), yardstick.CPUTime()} }

func (s stopwatch) stage(what string, rows int) benchStage {
	took := time.Since(s.began).Seconds()
	return benchStage{what, rows, took, (yardstick.CPUTime() - s.cpu).Seconds(), float64(rows) / took}
}

func (g *globals) benchReconcileCommand() *cobra.Command {
	payments, dir := 100_000, ""
	command := &cobra.Command{
		Use:   "reconcile",
		Short: "How fast a made-up day is taken in, matched and shown, beside ClickHouse joining the same files",
		Long: "Make up a business day with mistakes in two of a hundred payments, and measure each stage of the way to\n" +
			"its control sheet: tills, bills, matching, tables. Then have ClickHouse read the same files and join them,\n" +
			"which is the least that anybody could do. The ratio is of the whole way to that. What was found is\n" +
			"compared with the answer key. Everything is in a directory of its own, which is removed in the end.",
		Example: "  daybook bench reconcile\n  daybook bench reconcile --rows 1000000 --dir /srv/disk-to-measure",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case payments < 1000:
				return ledger.Refuse(ledger.Say("that is too little to measure"), ledger.Say("take at least 1000 rows"))
			case g.journal != "" || g.clickhouse != "":
				return ledger.Refuse(ledger.Say("what is measured is the embedded journal and engine"), ledger.Say("leave out --journal and --clickhouse"))
			}
			report, err := g.benchReconcile(cmd.Context(), payments, dir)
			if err != nil {
				return err
			}
			if err := g.printReconcileBench(report); err != nil {
				return err
			}
			if !report.Score.perfect() {
				return exitError(exitVerification)
			}
			return nil
		},
	}
	command.Flags().IntVar(&payments, "rows", payments, "payments of the day, each of which has a row in a bill")
	command.Flags().StringVar(&dir, "dir", "", "directory on the disk to measure (default: the data directory)")
	return command
}

// plantedShare is how many payments of a hundred have a mistake.
const plantedShare = 2

func (g *globals) benchReconcile(ctx context.Context, payments int, where string) (report reconcileBench, err error) {
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

	made, err := g.generate(ctx, filepath.Join(dir, "made"), simulator.Options{
		Seed: 1, Day: ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}, Stores: max(1, payments/10_000), TerminalsPerStore: 10, Payments: payments,
		Breaks: max(1, payments*plantedShare/100/len(simulator.Kinds(simulator.Shanghai))),
	})
	if err != nil {
		return report, err
	}
	keys, err := readKeys(made.Dir)
	if err != nil {
		return report, err
	}
	files := filepath.Join(made.Dir, simulator.FilesDir)
	paths, err := filepath.Glob(filepath.Join(files, "*"))
	if err != nil {
		return report, err
	}
	report = reconcileBench{Dir: base, Processors: runtime.GOMAXPROCS(0), Payments: payments, Planted: made.Planted}
	for _, path := range paths {
		info, err := os.Stat(path)
		if err != nil {
			return report, err
		}
		report.Bytes += info.Size()
	}
	debug.FreeOSMemory() // what making up the day took must not count as ours
	yardstick.ForgetPeakMemory()

	at := *g
	at.data, at.config, at.output, at.quiet, at.stdout = filepath.Join(dir, "data"), filepath.Join(made.Dir, simulator.ConfigFile), "table", true, io.Discard
	a, err := open(ctx, &at)
	if err != nil {
		return report, err
	}
	defer func() { err = errors.Join(err, a.Close()) }()
	if err := a.benchStages(ctx, &at, paths, &report); err != nil {
		return report, err
	}
	report.PeakBytes = yardstick.PeakMemory()
	if report.Score, err = a.score(ctx, keys, 0); err != nil {
		return report, err
	}
	if err := unzip(files); err != nil {
		return report, err
	}
	began := start()
	if err := a.joinFiles(ctx, files); err != nil {
		return report, fmt.Errorf("have ClickHouse join the files: %w", err)
	}
	report.Yardstick = began.stage("yardstick", report.Rows)
	report.Ratio = report.Total.Seconds / report.Yardstick.Seconds
	return report, nil
}

// benchStages does what "daybook import" does, and looks at the clock in between.
func (a *app) benchStages(ctx context.Context, g *globals, paths []string, report *reconcileBench) error {
	var tills, bills []string
	for _, path := range paths {
		if strings.HasPrefix(filepath.Base(path), "till_") {
			tills = append(tills, path)
		} else {
			bills = append(bills, path)
		}
	}
	began := start()
	for _, stage := range []struct {
		what  string
		paths []string
	}{{"tills", tills}, {"bills", bills}} {
		from, rows := start(), 0
		list, refused, err := a.importFiles(ctx, g, stage.paths, importOptions{})
		if err != nil {
			return err
		}
		if refused > 0 {
			return fmt.Errorf("%d of the made-up files were refused", refused)
		}
		for _, t := range list {
			rows += t.Rows
		}
		report.Rows += rows
		report.Stages = append(report.Stages, from.stage(stage.what, rows))
	}
	for _, follower := range []bus.Follower{a.matcher, a.projector} {
		from := start()
		if err := bus.Drain(ctx, a.journal, follower, nil); err != nil {
			return err
		}
		report.Stages = append(report.Stages, from.stage(follower.Name(), report.Rows))
	}
	report.Total = began.stage("total", report.Rows)
	return nil
}

// unzip lays the bill that comes as a zip beside it, since the embedded ClickHouse opens none.
func unzip(dir string) error {
	names, err := filepath.Glob(filepath.Join(dir, "*.zip"))
	if err != nil || len(names) != 1 {
		return fmt.Errorf("%d zipped bills in %s: %w", len(names), dir, err)
	}
	bundle, err := zip.OpenReader(names[0])
	if err != nil {
		return err
	}
	defer bundle.Close()
	target, err := os.Create(filepath.Join(dir, "unzipped.csv"))
	if err != nil {
		return err
	}
	for _, part := range bundle.File {
		from, err := part.Open()
		if err == nil {
			_, err = io.Copy(target, from)
			err = errors.Join(err, from.Close())
		}
		if err != nil {
			return errors.Join(err, target.Close())
		}
	}
	return target.Close()
}

// joinFiles has ClickHouse read payments and bill lines from the files and join them in
// full by reference, with the sums of both sides. Nearly all must find their partner; that the
// strings are what they should be is nobody's concern.
func (a *app) joinFiles(ctx context.Context, dir string) error {
	file := func(name, format, structure string) string {
		return fmt.Sprintf("file('%s', %s, '%s')", strings.NewReplacer(`\`, `\\`, `'`, `\'`).Replace(filepath.Join(dir, name)), format, structure)
	}
	tender := "Tuple(channel String, amount String, rrn String, order_no String)"
	lines := func(name string, reference, amount int) string {
		cell := func(n int) string { return fmt.Sprintf("trim(BOTH '`\t ' FROM cells[%d])", n) }
		return fmt.Sprintf("SELECT nullIf(%s, '') AS reference, toDecimal64OrZero(%s, 2) AS amount FROM (SELECT splitByChar(',', line) AS cells FROM %s) WHERE length(cells) > 20",
			cell(reference), cell(amount), file(name, "LineAsString", "line String"))
	}
	rows, err := a.warehouse.Query(ctx, `
SELECT total, alone FROM (SELECT count() AS total, countIf(isNull(l.reference) OR isNull(i.reference)) AS alone, sum(i.amount), sum(l.amount)
FROM (
    SELECT nullIf(if(t.channel = 'card', t.rrn, t.order_no), '') AS reference, toDecimal64OrZero(t.amount, 2) AS amount
    FROM (SELECT arrayJoin(arrayPushBack(tenders, tender)) AS t FROM `+file("till_*.ndjson", "JSONEachRow", "tenders Array("+tender+"), tender "+tender)+`)
    WHERE t.channel NOT IN ('', 'cash')
) AS i
FULL JOIN (
    `+lines("allinpay_*.csv", 8, 13)+`
    UNION ALL
    `+lines("1900000001*.csv", 7, 13)+`
    UNION ALL
    `+lines("unzipped.csv", 2, 12)+`
) AS l ON i.reference = l.reference)`)
	if err != nil {
		return err
	}
	defer rows.Close()
	var all, alone uint64
	for rows.Next() {
		if err := rows.Scan(&all, &alone); err != nil {
			return err
		}
	}
	if err := rows.Err(); err != nil {
		return err
	}
	if 5*alone > all {
		return fmt.Errorf("of %d payments and lines %d found no partner: that is no join to measure by", all, alone)
	}
	return nil
}

func (g *globals) printReconcileBench(r reconcileBench) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	names := map[string]ledger.Text{
		"tills": ledger.Say("tills: read and recorded"), "bills": ledger.Say("bills: read and recorded"),
		"matcher": ledger.Say("matched, and that recorded"), "projector": ledger.Say("written to tables"),
		"total": ledger.Say("the whole way"), "yardstick": ledger.Say("ClickHouse reads and joins the same files"),
	}
	columns := []column{{t(ledger.Say("stage")), "what", false}, {t(ledger.Say("rows")), "rows", true}, {t(ledger.Say("seconds")), "seconds", true}, {t(ledger.Say("processor seconds")), "cpu_seconds", true}, {t(ledger.Say("rows a second")), "rate", true}}
	var rows [][]string
	for _, stage := range append(append([]benchStage{}, r.Stages...), r.Total, r.Yardstick) {
		what := stage.What
		if g.output == "table" {
			what = t(names[what])
		}
		rows = append(rows, []string{what, strconv.Itoa(stage.Rows), ratio(stage.Seconds), ratio(stage.CPU), perSecond(stage.Rate)})
	}
	if g.output == "table" {
		fmt.Fprintln(g.stdout, t(ledger.Say("%s, %d processors; a day of %d payments, %d mistakes planted, files of %s", r.Dir, r.Processors, r.Payments, r.Planted, sized(uint64(r.Bytes)))))
		fmt.Fprintln(g.stdout)
	}
	if err := g.printList(columns, rows, r); err != nil || g.output != "table" {
		return err
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("the whole way takes %s times as long as the join", ratio(r.Ratio))))
	fmt.Fprintln(g.stdout, t(ledger.Say("most memory resident at once: %s", sized(r.PeakBytes))))
	g.printScore(r.Score)
	return nil
}
