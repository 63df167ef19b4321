package main

import (
	"encoding/csv"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/jedib0t/go-pretty/v6/text"

	"daybook/adapters/simulator"
)

// init writes a configuration that works as it stands, and never over another.
func TestInit(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	data := filepath.Join(t.TempDir(), "new", "data")
	got := command("--data", data, "--lang", "en", "init")
	path := filepath.Join(data, "daybook.yaml")
	if got.code != exitFine || !strings.Contains(got.stdout, path) || !strings.Contains(got.stdout, "daybook import") {
		t.Fatalf("exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	settings, err := loadConfig(path)
	if err != nil {
		t.Fatal(err)
	}
	if len(settings.terms.Providers) != 3 || len(settings.terms.Banks) != 1 || len(settings.terms.Stores) != 2 {
		t.Errorf("the configuration has %d providers, %d banks and %d stores", len(settings.terms.Providers), len(settings.terms.Banks), len(settings.terms.Stores))
	}
	if got := command("--data", data, "--lang", "en", "status"); got.code != exitFine || !strings.Contains(got.stdout, "daybook import") {
		t.Errorf("status of nothing: exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	if err := os.WriteFile(path, append(defaults, "# mine\n"...), 0o600); err != nil {
		t.Fatal(err)
	}
	again := command("--data", data, "--lang", "en", "init")
	if again.code != exitRefused || !strings.Contains(again.stderr, path) || !strings.Contains(again.stderr, "--config") || !strings.HasSuffix(readText(t, path), "# mine\n") {
		t.Errorf("init over a configuration: exit code %d, %s", again.code, again.stderr)
	}
	// What stands in the comments as examples is read as well.
	uncommented := strings.NewReplacer("  # - {id: S003", "  - {id: S003", "# receipts:", "receipts:", "# bills:", "bills:", "# rules:", "rules:", "# people:", "people:", "# calendars:", "calendars:", "# customers:", "customers:", "      # bank:", "      bank:", "\n#   ", "\n  ", "    # currency:", "    currency:", "    # zone:", "    zone:", "    # day_cut:", "    day_cut:",
		"      # holidays:", "      holidays:", "      # workdays:", "      workdays:").Replace(string(defaults))
	if _, err := parseConfig([]byte(uncommented), ""); err != nil {
		t.Errorf("with its comments taken off: %v\n%s", err, uncommented)
	}
}

func TestVersion(t *testing.T) {
	got := command("version")
	if got.code != exitFine || !strings.HasPrefix(got.stdout, "daybook ") || strings.Count(got.stdout, "\n") != 1 {
		t.Errorf("exit code %d, %q", got.code, got.stdout)
	}
	var info map[string]string
	got = command("-o", "json", "version")
	if err := json.Unmarshal([]byte(got.stdout), &info); err != nil || !slices.Equal(slices.Sorted(maps.Keys(info)), []string{"go", "revision", "version"}) {
		t.Errorf("%v: %s", err, got.stdout)
	}
}

// sheetFields are what the control sheet has of a provider, beside its names.
var sheetFields = []string{"channel", "currency", "reported", "ledger_count", "ledger_minor", "matched_count", "matched_minor", "late_count", "late_minor",
	"differing_count", "differing_minor", "waiting_count", "waiting_minor", "lines", "gross_minor", "discount_minor", "fee_minor", "net_minor", "contract_fee_minor",
	"matched_lines_minor", "late_lines_minor", "differing_lines_minor", "payout_due", "payout_expected_minor", "payout_received_minor", "payout_state"}

// Programs read these names. One that is gone or renamed breaks them; a new one needs a
// line here.
var shapes = []struct {
	command []string
	json    []string // fields of the answer, or of the elements of a list
	csv     []string
}{
	{[]string{"import", scenarioFiles()[4]},
		[]string{"already", "day", "dropped?", "file", "format", "otherwise?", "replaces?", "rows", "sender?", "truncated?"},
		[]string{"file", "format", "day", "rows", "result"}},
	{[]string{"formats"}, []string{"name", "origin", "reads", "what"}, []string{"name", "reads", "what", "origin"}},
	{[]string{"formats", "describe", "allinpay-trade"},
		[]string{"name", "origin", "reads", "what", "recognised_by", "columns", "units", "signs", "zone", "keys", "totals"}, []string{"fact", "meaning"}},
	{[]string{"formats", "test", scenarioFiles()[1]},
		[]string{"account", "columns_not_read?", "controls", "dropped?", "errors", "file", "first_rows", "format", "from_day", "kinds", "note?", "origin", "reads", "rows", "sender", "to_day", "totals", "truncated?", "words_not_known?"},
		[]string{"row", "kind", "day", "at", "channel", "gross", "discount", "fee", "net", "currency", "keys"}},
	{[]string{"customers", "find", "MX7700001", "--as", "sun.li"},
		[]string{"absorbed?", "consents", "customer", "disclosed", "erased", "merged_into?", "offers", "registered", "restricted", "said", "since?"},
		[]string{"customer", "since", "marketing", "personalise", "share", "state"}},
	{[]string{"customers", "list"},
		[]string{"customer", "erased", "marketing", "merged_into", "personalise", "position", "registered", "restricted", "share", "since"},
		[]string{"customer", "since", "marketing", "personalise", "share", "state"}},
	{[]string{"files", "list"},
		[]string{"file", "format", "from_day", "position", "quarantined", "rows", "sender", "sha256", "state", "superseded_by", "to_day", "version"},
		[]string{"file", "format", "sender", "day", "rows", "quarantined", "version", "superseded_by", "state", "sha256", "position"}},
	{[]string{"breaks", "list"},
		[]string{"actual_currency", "actual_minor", "amount_minor", "assignee", "business_date", "cause", "channel", "currency", "day", "detail", "due?", "handling", "overtaken", "difference_minor", "event_position", "expected_by?",
			"expected_currency", "expected_minor", "id", "items", "kind", "leg", "lines", "listed_on", "position", "provider", "reason", "reference", "rule", "state", "store", "terminal"},
		[]string{"id", "business_date", "channel", "kind", "reference", "amount", "currency", "state", "handling", "assignee", "due", "reason", "expected_by"}},
	{[]string{"breaks", "show", "L260105-0006"},
		[]string{"actual_currency", "actual_minor", "amount_minor", "assignee", "business_date", "cause", "channel", "currency", "day", "detail", "due?", "handling", "overtaken", "difference_minor", "event_position", "expected_by?",
			"expected_currency", "expected_minor", "history", "id", "items", "kind", "leg", "lines", "listed_on", "payments", "position", "provider", "reason", "reference", "rule", "state",
			"statement_lines", "store", "terminal"},
		[]string{"id", "business_date", "channel", "kind", "reference", "amount", "currency", "state", "handling", "assignee", "due", "reason", "expected_by"}},
	{[]string{"breaks", "explain", "L260105-0002"},
		[]string{"actual_currency", "actual_minor", "amount_minor", "assignee", "business_date", "cause", "channel", "currency", "day", "detail", "due?", "handling", "overtaken", "difference_minor", "event_position", "expected_by?",
			"expected_currency", "expected_minor", "history", "id", "items", "kind", "leg", "lines", "listed_on", "next", "payments", "position", "provider", "reason", "reference", "rows", "rule", "state",
			"statement_lines", "store", "terminal"},
		[]string{"id", "kind", "reference", "reason", "next"}},
	{[]string{"explain", "L260105-0002"},
		[]string{"break", "day", "item", "state", "steps"},
		[]string{"id", "state", "rule", "candidate", "day", "amount", "currency", "failed"}},
	{[]string{"rules"},
		[]string{"absolute?", "alone?", "basis", "budget?", "days?", "from?", "loose?", "mode", "name", "providers?", "relative?", "same", "score", "shape", "unless?", "until?", "version", "within?"},
		[]string{"name", "version", "same", "amount", "apart", "shape", "unless", "mode", "score", "in_force"}},
	{[]string{"matches"},
		[]string{"basis?", "by?", "day", "difference?", "gross", "id", "items", "lines", "rule", "score"},
		[]string{"id", "day", "rule", "score", "items", "lines", "gross", "currency", "difference", "by"}},
	{[]string{"book"},
		[]string{"account", "balance_minor", "credit_minor", "currency", "debit_minor", "postings"},
		[]string{"account", "currency", "debit", "credit", "balance"}},
	{[]string{"close", "status", "--date", scenarioDay},
		[]string{"as_of_position", "balances", "carried", "changed", "checks", "day", "digest", "late_breaks", "late_facts", "locked", "ready", "signed", "since"},
		[]string{"check", "open", "what"}},
	{[]string{"close", "status", "--month", "2026-01"},
		[]string{"as_of_position", "booked", "changed", "checks", "days", "digest", "from", "locked", "ready", "signed", "to", "totals"},
		[]string{"check", "open", "what"}},
	{[]string{"statement", "--from", scenarioDay},
		[]string{"as_of_position", "days", "exchanges", "from", "late", "receivables", "to"},
		[]string{"provider", "day", "kind", "lines", "gross", "discount", "fee", "net", "currency"}},
	{[]string{"status", "--date", scenarioDay},
		[]string{"as_of_position", "breaks", "cash", "clocks_ahead", "day", "doubts", "late", "open_breaks", "other_days", "providers", "quarantined", "quarantined_rows", "unfinished"},
		append([]string{"provider", "name"}, sheetFields...)},
	{[]string{"projections", "list"},
		[]string{"bytes", "generation", "ours", "position", "rows", "since", "state"},
		[]string{"generation", "state", "position", "rows", "bytes", "since", "ours"}},
	{[]string{"query", "SELECT store AS B, toInt32(count()) AS A FROM fct_payments GROUP BY store ORDER BY store"},
		[]string{"A", "B"}, []string{"B", "A"}},
}

// The JSON and CSV that commands print keep their shape, whatever the language, and the
// sheet of a provider has its amounts.
func TestShapesForPrograms(t *testing.T) {
	t.Parallel()
	p := customersConfigured(t)
	p.must(exitFine, append([]string{"import", "--as", "sun.li", customerFile(t, members[:1])}, scenarioFiles()...)...)
	p.must(exitFine, "breaks", "propose", "L260105-0006", "--how", "write_off", "--reason", "cents", "--as", "li.na")
	p.must(exitFine, "breaks", "approve", "L260105-0006", "--as", "wang.wei")
	for _, shape := range shapes {
		fields := fieldsOf(t, p.run(append([]string{"-o", "json"}, shape.command...)...).stdout)
		for _, name := range shape.json {
			if name, optional := strings.CutSuffix(name, "?"); !fields[name] && !optional {
				t.Errorf("%v: the JSON lacks %s", shape.command, name)
			} else {
				delete(fields, name)
			}
		}
		for name := range fields {
			t.Errorf("%v: the JSON has a new field %s", shape.command, name)
		}
		printed := p.run(append([]string{"--lang", "zh", "-o", "csv"}, shape.command...)...).stdout
		rows, err := csv.NewReader(strings.NewReader(printed)).ReadAll()
		if err != nil || len(rows) < 2 || !slices.Equal(rows[0], shape.csv) {
			t.Errorf("%v: %v, the CSV has %v", shape.command, err, rows)
		}
	}
	st := ask[struct{ Providers []map[string]any }](p, "status")
	for _, name := range append(sheetFields, "provider", "name") {
		if _, there := st.Providers[0][name]; !there {
			t.Errorf("a provider's status lacks %s", name)
		}
	}
}

// fieldsOf are the fields of a JSON object, or of all objects of a list.
func fieldsOf(t *testing.T, printed string) map[string]bool {
	t.Helper()
	var list []map[string]any
	if err := json.Unmarshal([]byte(printed), &list); err != nil {
		list = []map[string]any{nil}
		if err := json.Unmarshal([]byte(printed), &list[0]); err != nil {
			t.Fatalf("%v: %s", err, printed)
		}
	}
	fields := map[string]bool{}
	for _, object := range list {
		for name := range object {
			fields[name] = true
		}
	}
	return fields
}

// In Chinese the program speaks Chinese, and its tables line up although a Chinese
// character is as wide as two others.
func TestChinese(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	say := func(code int, args ...string) string {
		t.Helper()
		got := p.run(append([]string{"--lang", "zh"}, args...)...)
		if got.code != code {
			t.Fatalf("daybook %v: exit code %d\n%s", args, got.code, got.stderr)
		}
		return got.stdout + got.stderr
	}
	for _, said := range []struct {
		in    string
		words []string
	}{
		{say(exitFine, append([]string{"import"}, scenarioFiles()...)...), []string{"pos_ledger.csv", "已导入"}},
		{say(exitRefused, "import", writeFile(t, t.TempDir(), "empty.csv", nil)), []string{"empty.csv", "文件", "下一步："}},
		{say(exitOpen, "status"), []string{"对账", scenarioDay, "支付宝", "银行", "短款", "长款", "手续费"}},
		{say(exitOpen, "breaks"), []string{"差异", "日切在途", "重复结算", "daybook breaks explain"}},
		{say(exitFine, "breaks", "explain", "L260105-0002"), []string{"短款", "商户号", "下一步："}},
		{say(exitRefused, "query", "SELEC 1"), []string{"ClickHouse", "SELEC", "下一步："}},
		{say(exitRefused, "improt"), []string{"improt", "下一步："}},
		{say(exitFine, "--help"), []string{"用法", "daybook import"}},
	} {
		for _, word := range said.words {
			if !strings.Contains(said.in, word) {
				t.Errorf("%q is not said in\n%s", word, said.in)
			}
		}
	}
	tables := linesUp(t, p.run("--lang", "en", "status").stdout)
	for _, args := range [][]string{{"status"}, {"import", scenarioFiles()[0]}, {"query", "SELECT store, '门店' AS name, toInt32(count()) AS payments FROM fct_payments GROUP BY store ORDER BY store"}} {
		tables += linesUp(t, p.run(append([]string{"--lang", "zh"}, args...)...).stdout)
	}
	if tables != 6 { // a status has two
		t.Errorf("%d tables, of 6", tables)
	}
}

// linesUp checks the tables in a text: below a heading's first column every cell begins
// where the heading does, or ends where it ends. It returns how many tables there are.
func linesUp(t *testing.T, printed string) (tables int) {
	t.Helper()
	lines := strings.Split(printed, "\n")
	for n, line := range lines {
		if n == 0 || line == "" || strings.Trim(line, "─") != "" {
			continue
		}
		tables++
		head := cellsOf(lines[n-1])
		for _, row := range lines[n+1:] {
			if row == "" {
				break
			}
			if width, most := text.StringWidthWithoutEscSequences(row), text.StringWidthWithoutEscSequences(line); width > most {
				t.Errorf("a row of %d columns in a table of %d:\n%s\n%s", width, most, line, row)
			}
			for _, h := range head {
				if !slices.ContainsFunc(cellsOf(row), func(c cell) bool { return c.from == h.from || c.to == h.to }) && !blankBelow(row, h) {
					t.Errorf("nothing stands in line with %q (%d to %d):\n%s\n%s", h.text, h.from, h.to, lines[n-1], row)
				}
			}
		}
	}
	return tables
}

// cell is a text in a line of a table, between the columns of the screen where it begins
// and ends. Two blanks part cells.
type cell struct {
	text     string
	from, to int
}

func cellsOf(line string) (cells []cell) {
	at := 0
	for _, piece := range strings.Split(line, "  ") {
		left := strings.TrimLeft(piece, " ")
		from := at + len(piece) - len(left)
		at += text.StringWidthWithoutEscSequences(piece) + 2
		if word := strings.TrimRight(left, " "); word != "" {
			cells = append(cells, cell{word, from, from + text.StringWidthWithoutEscSequences(word)})
		}
	}
	return cells
}

// blankBelow reports whether a row has nothing below a heading.
func blankBelow(row string, heading cell) bool {
	for _, c := range cellsOf(row) {
		if c.from < heading.to && heading.from < c.to {
			return false
		}
	}
	return true
}

// The demo finds every planted mistake, says so with its exit code, and takes nothing in
// twice when it is run again.
func TestDemo(t *testing.T) {
	t.Parallel()
	needsEngine(t)
	dir := filepath.Join(t.TempDir(), "demo")
	var first, second struct {
		Files []taken
		Score score
	}
	for n, answer := range []any{&first, &second} {
		got := command("--data", t.TempDir(), "-o", "json", "demo", "--dir", dir)
		if got.code != exitFine {
			t.Fatalf("run %d: exit code %d\n%s%s", n+1, got.code, got.stdout, got.stderr)
		}
		if err := json.Unmarshal([]byte(got.stdout), answer); err != nil {
			t.Fatalf("%v: %s", err, got.stdout)
		}
	}
	s := second.Score
	if s.Planted < len(simulator.Kinds(simulator.Shanghai)) || s.Found != s.Planted || s.Right != s.Planted || s.RowsLost != 0 || s.Matched != s.KeyMatched {
		t.Errorf("the second run scores %+v", s)
	}
	for n, file := range second.Files {
		if !file.Already || first.Files[n].Already {
			t.Errorf("%s: first %+v, then %+v", file.File, first.Files[n], file)
		}
	}
	spoken := command("--data", t.TempDir(), "--lang", "en", "demo", "--dir", dir)
	for _, word := range []string{"recall 100", "precision 100", "0 rows lost", "already here", "Allinpay 通联支付 HKD: sold ", "WeChat Pay 微信支付: sold ", dir} {
		if spoken.code != exitFine || !strings.Contains(spoken.stdout, word) {
			t.Errorf("exit code %d; %q is not said in\n%s", spoken.code, word, spoken.stdout)
		}
	}
	// Another day does not go on top of this one.
	other := command("--data", t.TempDir(), "--lang", "en", "demo", "--dir", dir, "--seed", "2")
	if other.code != exitRefused || !strings.Contains(other.stderr, "--dir") {
		t.Errorf("another day in the same directory: exit code %d\n%s", other.code, other.stderr)
	}
}
