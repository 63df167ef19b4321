package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"

	"daybook/adapters/chdb"
	"daybook/adapters/eventlog"
	"daybook/ledger"
	"daybook/projections"
)

// asProgram makes this test binary be the program, for tests that need a process of its
// own: to kill it, to hold a directory, to start it in another environment.
const asProgram = "DAYBOOK_TEST_AS_PROGRAM"

func TestMain(m *testing.M) {
	switch os.Getenv(asProgram) {
	case "":
	case asStaying:
		stay()
	default:
		main()
	}
	// What the person running the tests has set must not decide how they come out.
	for _, name := range []string{"DAYBOOK_DATA", "DAYBOOK_CONFIG", "DAYBOOK_LANG", "DAYBOOK_CLICKHOUSE", "DAYBOOK_CLICKHOUSE_PASSWORD", "DAYBOOK_JOURNAL", "DAYBOOK_JOURNAL_PASSWORD", "DAYBOOK_SERVE_USER", "DAYBOOK_SERVE_PASSWORD", "DAYBOOK_SERVE_TOKEN", "LC_ALL", "LC_MESSAGES"} {
		os.Unsetenv(name)
	}
	os.Setenv("LANG", "C.UTF-8")
	var err error
	if scratch, err = os.MkdirTemp("", "daybook-test-"); err != nil {
		panic(err)
	}
	code := m.Run()
	os.RemoveAll(scratch)
	os.Exit(code)
}

// engine is looked for once; it is fetched when it is not on this machine.
var engine = sync.OnceValue(func() error {
	_, err := chdb.Library(context.Background(), nil)
	return err
})

func needsEngine(t *testing.T) {
	t.Helper()
	if err := engine(); errors.Is(err, ledger.ErrNotFound) {
		t.Skip("needs the embedded ClickHouse: ", err)
	} else if err != nil {
		t.Fatal(err)
	}
}

// program is a data directory and the configuration it is used with. A test that runs the
// program in this process opens the engine in it, which can have one directory open at a time
// in a process: it must not run in parallel.
type program struct {
	t      *testing.T
	data   string
	config string

	journal string // event store; empty for the embedded journal

	staying    *staying               // runs its commands; nil before the first
	lastBreaks []projections.BreakRow // asked for last
}

// newProgram is a program with empty tables. Making them takes longer than most tests do, so
// they are made once and copied.
func newProgram(t *testing.T, config string) *program {
	t.Helper()
	p := untouched(t, config)
	tables, err := emptyTables()
	if err == nil {
		err = os.CopyFS(filepath.Join(p.data, "warehouse"), os.DirFS(tables))
	}
	if err != nil {
		t.Fatal(err)
	}
	return p
}

// untouched is a program without a data directory.
func untouched(t *testing.T, config string) *program {
	t.Helper()
	needsEngine(t)
	return &program{t: t, data: filepath.Join(t.TempDir(), "data"), config: config}
}

// emptyTables are those of a program that has been run once.
var emptyTables = sync.OnceValues(func() (string, error) {
	if err := os.WriteFile(filepath.Join(scratch, "daybook.yaml"), defaults, 0o600); err != nil {
		return "", err
	}
	if got := command("--data", scratch, "--lang", "en", "status"); got.code != exitFine {
		return "", fmt.Errorf("a first run: exit code %d\n%s", got.code, got.stderr)
	}
	return filepath.Join(scratch, "warehouse"), nil
})

// scratch is removed after the tests.
var scratch string

// configured is a program whose configuration is a text.
func configured(t *testing.T, config []byte) *program {
	t.Helper()
	return newProgram(t, writeFile(t, t.TempDir(), "daybook.yaml", config))
}

// args are the words of a command for another process than the one that runs the others.
func (p *program) args(args []string) []string {
	p.leave()
	return p.words(args)
}

func (p *program) words(args []string) []string {
	return append([]string{"--data", p.data, "--config", p.config, "--journal", p.journal, "--lang", "en"}, args...)
}

// result is what a command came to.
type result struct {
	code           int
	stdout, stderr string
}

// command runs the program in a process of its own: each time the engine is opened and closed
// again it leaves threads behind, until it and the tests crawl.
func command(args ...string) result {
	child := exec.Command(os.Args[0], args...)
	child.Env = append(os.Environ(), asProgram+"=1")
	var stdout, stderr bytes.Buffer
	child.Stdout, child.Stderr = &stdout, &stderr
	err := child.Run()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		panic(err) // it did not even start
	}
	return result{child.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

func (p *program) run(args ...string) result {
	p.t.Helper()
	if *processes {
		return command(p.args(args)...)
	}
	return p.ask(errand{Args: p.words(args)})
}

// must runs a command that ends with a certain code and returns what it printed.
func (p *program) must(code int, args ...string) string {
	p.t.Helper()
	got := p.run(args...)
	if got.code != code {
		p.t.Fatalf("daybook %s: exit code %d instead of %d\n%s%s", strings.Join(args, " "), got.code, code, got.stdout, got.stderr)
	}
	return got.stdout
}

// ask runs a command with -o json, which may find open differences, and reads its answer.
func ask[T any](p *program, args ...string) (answer T) {
	p.t.Helper()
	got := p.run(append([]string{"-o", "json"}, args...)...)
	if got.code != exitFine && got.code != exitOpen {
		p.t.Fatalf("daybook %s: exit code %d\n%s", strings.Join(args, " "), got.code, got.stderr)
	}
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil {
		p.t.Fatalf("daybook %s: %v\n%s", strings.Join(args, " "), err, got.stdout)
	}
	return answer
}

func (p *program) breaks() []projections.BreakRow {
	p.t.Helper()
	return ask[[]projections.BreakRow](p, "breaks", "list")
}

// tables is every row of every view, read without bringing them up to date first.
func (p *program) tables() string {
	p.t.Helper()
	return p.look("tables")
}

// stored is every row of every table, of which all views are made, to see whether anything
// has changed: it takes a tenth of the time that they take.
func (p *program) stored() string {
	p.t.Helper()
	return p.look("stored")
}

// everyRow prints what is stored, in an order that depends on the rows alone.
func everyRow(ctx context.Context, a *app, g *globals) error {
	var tables []string
	err := eachRow(ctx, a, `SELECT name || ' FINAL ORDER BY (' || sorting_key || ')' FROM system.tables WHERE database = currentDatabase()
		AND engine = 'ReplacingMergeTree' AND name != 'r_generations' AND NOT endsWith(name, 'r_cursor') ORDER BY name`, func(values []any) error {
		tables = append(tables, fmt.Sprint(values[0]))
		return nil
	})
	for _, table := range tables {
		if err == nil {
			fmt.Fprintln(g.stdout, ofGeneration.ReplaceAllString(table, ""))
			err = eachRow(ctx, a, "SELECT toString(tuple(*)) FROM "+table, func(values []any) error {
				_, err := fmt.Fprintln(g.stdout, values...)
				return err
			})
		}
	}
	return err
}

// ofGeneration is what the name of a table begins with.
var ofGeneration = regexp.MustCompile(`^g[0-9]+_`)

// look is taken inside the application, opened as a command does it.
func (p *program) look(name string) string {
	p.t.Helper()
	got := p.ask(errand{Look: name})
	if got.code != exitFine {
		p.t.Fatalf("%s: %s", name, got.stderr)
	}
	if *processes {
		p.leave()
	}
	return got.stdout
}

// inside opens the application in this process, as a command does. A test that uses it must
// not run in parallel: the engine has one directory open at a time.
func (p *program) inside(look func(ctx context.Context, a *app, g *globals) error) {
	p.t.Helper()
	p.leave()
	ctx := context.Background()
	g := &globals{data: p.data, config: p.config, journal: p.journal, output: "table", say: english, stdout: os.Stdout, stderr: os.Stderr, quiet: true}
	a, err := open(ctx, g)
	if err == nil {
		err = errors.Join(look(ctx, a, g), a.Close())
	}
	if err != nil {
		p.t.Fatal(err)
	}
}

// events is the whole journal, without the journal's own clock.
func (p *program) events() []ledger.Recorded {
	p.t.Helper()
	journal, err := eventlog.Open(filepath.Join(p.data, "journal"), eventlog.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	defer journal.Close()
	var events []ledger.Recorded
	for event, err := range journal.Read(context.Background(), ledger.Query{}) {
		if err != nil {
			p.t.Fatal(err)
		}
		events = append(events, event)
	}
	return events
}

// head is the last position of the journal; 0 when there is none.
func (p *program) head() ledger.Position {
	p.t.Helper()
	if _, err := os.Stat(filepath.Join(p.data, "journal")); errors.Is(err, os.ErrNotExist) {
		return 0
	}
	journal, err := eventlog.Open(filepath.Join(p.data, "journal"), eventlog.Options{})
	if err != nil {
		p.t.Fatal(err)
	}
	defer journal.Close()
	head, err := ledger.Head(context.Background(), journal)
	if err != nil {
		p.t.Fatal(err)
	}
	return head
}

// journalLines is the journal as one line an event, to compare.
func journalLines(events []ledger.Recorded) []string {
	lines := make([]string, len(events))
	for n, e := range events {
		lines[n] = fmt.Sprintf("%d %s %d %s %s %s %s", e.Position, e.Stream, e.Revision, e.Type, e.ID, e.Data, e.Meta)
	}
	return lines
}

// difference is the first line in which two texts differ; empty when there is none.
func difference(want, got []string) string {
	for n := range max(len(want), len(got)) {
		w, g := "(nothing)", "(nothing)"
		if n < len(want) {
			w = want[n]
		}
		if n < len(got) {
			g = got[n]
		}
		if w != g {
			return fmt.Sprintf("line %d of %d and %d:\n- %.600s\n+ %.600s", n+1, len(want), len(got), w, g)
		}
	}
	return ""
}

func differenceOf(want, got string) string {
	return difference(strings.Split(want, "\n"), strings.Split(got, "\n"))
}

func writeFile(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, data, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func readText(t *testing.T, path string) string {
	t.Helper()
	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// finding is a difference as an answer key names it.
type finding struct {
	Kind, Channel, Reference string
	Expected, Actual, Amount int64
	Currency                 ledger.Currency
	Day, State               string
}

// findings are breaks as an answer key names them, in order.
func findings(breaks []projections.BreakRow) []string {
	var list []string
	for _, b := range breaks {
		list = append(list, fmt.Sprintf("%+v", finding{string(b.Kind), b.Channel, b.Reference, b.Expected, b.Actual, b.Amount, b.Currency, b.BusinessDay.String(), b.State}))
	}
	slices.Sort(list)
	return list
}
