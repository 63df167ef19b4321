package main

import (
	"archive/zip"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daybook/adapters/eventlog"
)

// badFile is a file that must not be taken, what makes it bad, and what the message must
// name: file, row, column and value where there are such, and the next step.
type badFile struct {
	name string
	data string
	says []string
	next string
}

// badFiles are made from the good ones of the scenario by one change each.
func badFiles(t *testing.T) []badFile {
	t.Helper()
	good := func(n int) string { return readText(t, scenarioFiles()[n]) }
	pos, allinpay, alipay, wechat, bank := good(0), good(1), good(2), good(3), good(4)
	swap := func(text, old, new string) string {
		t.Helper()
		if !strings.Contains(text, old) {
			t.Fatalf("the scenario has no %q", old)
		}
		return strings.Replace(text, old, new, 1)
	}
	return []badFile{
		{"letter.txt", "Dear colleagues,\nthe sales were good.\n", []string{"no file that daybook knows"}, "original file"},
		{"numbers.csv", "a,b,c\n1,2,3\n", []string{"no file that daybook knows"}, "original file"},
		{"bill.pdf", "%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n", []string{"a PDF document"}, "CSV"},
		{"bill.xlsx", workbook(t), []string{"an Excel workbook"}, "CSV"},
		{"empty.csv", "", []string{"empty"}, "download it again"},
		{"cut.csv.zip", alipay[:len(alipay)*2/3], []string{"archive", "cut short"}, "download it again"},
		{"nothing.zip", emptyArchive(t), []string{"no file"}, "download it again"},
		{"bytes.csv", swap(pos, "01080301,104440353310031,card", "01080301,1044403533\xff\xff0031,card"), []string{"bytes.csv:2:", "0xFF", "not valid"}, "original"},
		{"cut_text.csv", bank[:len(bank)-3] + "\x81", []string{"cut_text.csv:", "not valid"}, "download the original again"},
		{"no_fee.csv", withoutColumn(t, allinpay, "手续费"), []string{"no_fee.csv:1:", "手续费", "missing column"}, "ask for the file with all its columns"},
		{"no_status.csv", withoutColumn(t, pos, "status"), []string{"no_status.csv:1:", "status", "missing column"}, "ask for the file with all its columns"},
		{"amount.csv", swap(allinpay, ",13.00,0.07,", `,"12,3x",0.07,`), []string{"amount.csv:3:", "交易金额", `"12,3x"`, "not an amount"}, "ask for the original"},
		{"comma.csv", swap(allinpay, ",13.00,0.07,", ",12,3x,0.07,"), []string{"comma.csv:3:", "35 cells", "34"}, "not quoted"},
		{"decimals.csv", swap(allinpay, ",13.00,0.07,", ",13.001,0.07,"), []string{"decimals.csv:3:", "交易金额", `"13.001"`, "more decimals"}, "ask for the original"},
		{"pos_amount.csv", swap(pos, ",1291,", `,"12,3x",`), []string{"pos_amount.csv:8:", "amount_fen", `"12,3x"`}, "12.34 as 1234"},
		{"pos_tender.csv", swap(pos, ",card,sale,1291", ",loyalty,sale,1291"), []string{"pos_tender.csv:8:", "tender", `"loyalty"`, "not in the configuration"}, "under tenders:"},
		{"pos_store.csv", swap(pos, "L260105-0006,S001", "L260105-0006,S009"), []string{"pos_store.csv:8:", "store_id", `"S009"`, "not in the configuration"}, "under stores:"},
		{"pos_time.csv", swap(pos, "2026-01-05 11:21:41", "05/01/2026 11:21"), []string{"pos_time.csv:8:", "local_time", `"05/01/2026 11:21"`}, "ask for the original"},
		{"footer.csv", swap(wechat, "`10,`181.02", "`10,`181.03"), []string{"footer.csv:13:", "应结订单总金额", "181.03", "181.02"}, "ask the sender for the original"},
		{"balance.csv", swap(bank, "10985.84", "10985.85"), []string{"balance.csv:", "10985.85", "10985.84"}, "ask the sender for the original"},
		{"stranger.csv", strings.ReplaceAll(allinpay, "104440353310031", "104440353310099"), []string{"104440353310099", "no provider in the configuration"}, "accounts:"},
		{"second.csv", swap(wechat, "POS260105S002301000104", "POS260105S002301000999"),
			[]string{"second.csv", "wechat", scenarioDay, "wechat_tradebill_ALL_20260105.csv", "other content", "1 of its 10 rows", "row 3", "POS260105S002301000999"}, "--correction"},
		{"action.ndjson", `{"kind":"sale","terminal":"01","seq":1,"store":"S001","at":"2026-01-05T09:00:00+08:00","sale":"R1","total":"12,3x"}` + "\n",
			[]string{"action.ndjson:1:", "total", `"12,3x"`}, ""},
		{"misspelt.ndjson", `{"kind":"sale","terminal":"01","seq":1,"store":"S001","at":"2026-01-05T09:00:00+08:00","sale":"R1","total":"12.30","totl":"12.30"}` + "\n",
			[]string{"misspelt.ndjson:1:", "totl"}, ""},
	}
}

func workbook(t *testing.T) string {
	return archiveOf(t, map[string]string{"[Content_Types].xml": "<Types/>", "xl/workbook.xml": "<workbook/>"})
}

func emptyArchive(t *testing.T) string { return archiveOf(t, nil) }

func archiveOf(t *testing.T, entries map[string]string) string {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for name, content := range entries {
		w, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		w.Write([]byte(content))
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func withoutColumn(t *testing.T, text, heading string) string {
	t.Helper()
	lines := strings.Split(strings.TrimSuffix(text, "\n"), "\n")
	at := slices.Index(strings.Split(lines[0], ","), heading)
	if at < 0 {
		t.Fatalf("there is no column %s", heading)
	}
	for n, line := range lines {
		lines[n] = strings.Join(slices.Delete(strings.Split(line, ","), at, at+1), ",")
	}
	return strings.Join(lines, "\n") + "\n"
}

// One import of good files with bad ones between them: the good ones are in, and the
// journal is that of an import of them alone; each bad one is reported by itself, with
// place, value and next step.
func TestBadFilesAmongGoodOnes(t *testing.T) {
	t.Parallel()
	alone := newProgram(t, scenarioConfig)
	alone.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)

	bad := badFiles(t)
	good := []string{scenarioFiles()[3]} // before its second version
	rest := slices.Delete(scenarioFiles(), 3, 4)
	dir := t.TempDir()
	paths := slices.Clone(good)
	for n, file := range bad {
		paths = append(paths, writeFile(t, dir, file.name, []byte(file.data)))
		if n < len(rest) {
			good, paths = append(good, rest[n]), append(paths, rest[n])
		}
	}
	p := newProgram(t, scenarioConfig)
	got := p.run(append([]string{"import"}, paths...)...)
	if got.code != exitRefused {
		t.Errorf("exit code %d", got.code)
	}
	for _, file := range good {
		if !strings.Contains(got.stdout, filepath.Base(file)) {
			t.Errorf("%s is not among the files taken:\n%s", file, got.stdout)
		}
	}
	sayings := strings.Split(strings.TrimSuffix(got.stderr, "\n"), "\n")
	for _, file := range bad {
		at := slices.IndexFunc(sayings, func(line string) bool { return strings.HasPrefix(line, file.name) })
		if at < 0 {
			t.Errorf("nothing is said about %s:\n%s", file.name, got.stderr)
			continue
		}
		for _, word := range file.says {
			if !strings.Contains(sayings[at], word) {
				t.Errorf("%s: %q does not name %q", file.name, sayings[at], word)
			}
		}
		if file.next != "" && (at+1 == len(sayings) || !strings.HasPrefix(sayings[at+1], "next: ") || !strings.Contains(sayings[at+1], file.next)) {
			t.Errorf("%s: the next step is not to %q:\n%s", file.name, file.next, got.stderr)
		}
		sayings = slices.Delete(sayings, at, at+1)
		if again := slices.IndexFunc(sayings, func(line string) bool { return strings.HasPrefix(line, file.name) }); again >= 0 {
			t.Errorf("%s has one thing wrong, but more is said: %s", file.name, sayings[again])
		}
		if strings.Contains(got.stdout, file.name) {
			t.Errorf("%s is among the files taken:\n%s", file.name, got.stdout)
		}
	}
	// The order of the good files differs, so positions do; streams and events do not.
	if diff := difference(streamLines(alone), streamLines(p)); diff != "" {
		t.Errorf("the bad files left something in the journal: %s", diff)
	}
	checkScenario(t, p)
}

// streamLines are the events that imports write, without their places in the journal as a
// whole. What the matcher writes refers to such places.
func streamLines(p *program) []string {
	var lines []string
	for _, e := range p.events() {
		switch e.Stream.Noun() {
		case "tillfile", "feed", "storeday", "statement", "day":
			lines = append(lines, strings.Join([]string{string(e.Stream), e.Type, string(e.Data), string(e.Meta)}, " "))
		}
	}
	slices.Sort(lines)
	return lines
}

// A bad file alone changes nothing: not one event, in a journal new or old.
func TestBadFileAlone(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, "import", scenarioFiles()[3])
	head, dir := p.head(), t.TempDir()
	for _, name := range []string{"footer.csv", "pos_tender.csv", "second.csv"} {
		bad := badFiles(t)
		file := bad[slices.IndexFunc(bad, func(f badFile) bool { return f.name == name })]
		p.must(exitRefused, "import", writeFile(t, dir, file.name, []byte(file.data)))
		if again := p.head(); again != head {
			t.Errorf("%s moved the journal from %d to %d", name, head, again)
		}
	}
	for _, missing := range []struct{ path, says string }{{filepath.Join(dir, "nowhere.csv"), "there is no file"}, {dir, "is a directory"}} {
		if got := p.run("import", missing.path); got.code != exitRefused || !strings.Contains(got.stderr, missing.says) {
			t.Errorf("import %s: exit code %d, %s", missing.path, got.code, got.stderr)
		}
	}
}

// What people ask of the tables is read-only, and a mistake in it is theirs to mend.
func TestQueryRefusals(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, "import", scenarioFiles()[0])
	tables, head := p.stored(), p.head()
	outside := writeFile(t, t.TempDir(), "secret.txt", []byte("nobody may read this\n"))
	for _, q := range []struct{ sql, says, next string }{
		{"SELEC 1", "SELEC", "SHOW TABLES"},
		{"SELECT nix FROM fct_sales", "nix", "DESCRIBE"},
		{"SELECT * FROM fct_nix", "fct_nix", "SHOW TABLES"},
		{"", "", ""},
		{"INSERT INTO r_sales (id) VALUES ('x')", "only reading", "only reads"},
		{"DROP TABLE r_sales", "only reading", "only reads"},
		{"TRUNCATE TABLE r_sales", "only reading", "only reads"},
		{"ALTER TABLE r_sales DELETE WHERE 1", "only reading", "only reads"},
		{"CREATE TABLE mine (a Int8) ENGINE = Memory", "only reading", "only reads"},
		{"SELECT 1; DROP TABLE r_sales", "only reading", "only reads"},
		{"SELECT * FROM fct_sales SETTINGS readonly = 0", "readonly", "only reads"},
		{"SELECT * FROM file('" + outside + "', 'LineAsString')", "file", "only reads"},
		{"SELECT * FROM url('http://127.0.0.1:1/', 'LineAsString')", "url", "only reads"},
		{"SELECT 1 INTO OUTFILE '" + outside + ".out'", "only reading", "only reads"},
	} {
		got := p.run("query", q.sql)
		if got.code != exitRefused || !strings.Contains(strings.ToLower(got.stderr), strings.ToLower(q.says)) || !strings.Contains(got.stderr, q.next) {
			t.Errorf("query %q: exit code %d, says %q; it should name %q and %q", q.sql, got.code, got.stderr, q.says, q.next)
		}
		if strings.Contains(got.stdout+got.stderr, "nobody may read this") {
			t.Errorf("query %q read a file", q.sql)
		}
	}
	if _, err := os.Stat(outside + ".out"); err == nil {
		t.Error("a query wrote a file")
	}
	if diff := differenceOf(tables, p.stored()); diff != "" || p.head() != head {
		t.Errorf("a query changed something: %s", diff)
	}
}

// Another process on the same data directory is told to wait, and changes nothing.
func TestDataDirectoryInUse(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	p.must(exitFine, "import", scenarioFiles()[0])
	head := p.head()
	journal, err := eventlog.Open(filepath.Join(p.data, "journal"), eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	got := elsewhere(t, os.Environ(), p.args([]string{"import", scenarioFiles()[1]})...)
	if err := journal.Close(); err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{p.data, "another daybook is using", "next: wait until it has finished", "--data"} {
		if got.code != exitRefused || !strings.Contains(got.stderr, word) {
			t.Errorf("exit code %d, %q does not say %q", got.code, got.stderr, word)
		}
	}
	if again := p.head(); again != head {
		t.Errorf("the journal moved from %d to %d", head, again)
	}
}

// elsewhere runs a command in a process of its own.
func elsewhere(t *testing.T, environment []string, args ...string) result {
	t.Helper()
	child := exec.Command(os.Args[0], args...)
	child.Env = append(environment, asProgram+"=1")
	var stdout, stderr strings.Builder
	child.Stdout, child.Stderr = &stdout, &stderr
	if err := child.Run(); child.ProcessState == nil {
		t.Fatal(err)
	}
	return result{child.ProcessState.ExitCode(), stdout.String(), stderr.String()}
}

// Without the engine's library and without a way to fetch it, the program says so, and
// what else can be done. Nothing was imported.
func TestNoEngine(t *testing.T) {
	for _, path := range []string{"/usr/local/lib/libchdb.so", "/usr/lib/libchdb.so"} {
		if _, err := os.Stat(path); err == nil {
			t.Skip("the engine is installed for every user of this machine: ", path)
		}
	}
	home := t.TempDir()
	p := &program{t: t, data: filepath.Join(home, "data"), config: scenarioConfig}
	nowhere := []string{"HOME=" + home, "PATH=" + home, "XDG_CACHE_HOME=" + filepath.Join(home, "cache"), "HTTPS_PROXY=http://127.0.0.1:1"}
	for _, command := range [][]string{{"import", scenarioFiles()[0]}, {"status"}} {
		got := elsewhere(t, nowhere, p.args(command)...)
		for _, word := range []string{"ClickHouse engine", "npm", "next: ", "CHDB_LIB_PATH", "--clickhouse"} {
			if got.code != exitRefused || !strings.Contains(got.stderr, word) {
				t.Errorf("%v: exit code %d, %q does not say %q", command, got.code, got.stderr, word)
			}
		}
	}
	named := elsewhere(t, append(nowhere, "CHDB_LIB_PATH="+filepath.Join(home, "libchdb.so")), p.args([]string{"status"})...)
	if named.code != exitRefused || !strings.Contains(named.stderr, "CHDB_LIB_PATH") || !strings.Contains(named.stderr, "not a file") {
		t.Errorf("CHDB_LIB_PATH names nothing: exit code %d, %s", named.code, named.stderr)
	}
	if head := p.head(); head != 0 {
		t.Errorf("the journal is at %d", head)
	}
}

// Commands that are not there, and arguments that cannot be.
func TestCommandLineRefusals(t *testing.T) {
	t.Parallel()
	data := t.TempDir()
	for _, c := range []struct {
		args []string
		says []string
	}{
		{[]string{"improt"}, []string{"improt", "import", "next: "}},
		{[]string{"--nix", "status"}, []string{"--nix", "--help"}},
		{[]string{"breaks", "nix"}, []string{"nix", "next: "}},
		{[]string{"import"}, []string{"import", "next: "}},
		{[]string{"query"}, []string{"query", "next: "}},
		{[]string{"-o", "xml", "status"}, []string{"xml", "table", "json", "csv"}},
		{[]string{"--lang", "fr", "status"}, []string{"fr", "en", "zh"}},
		{[]string{"status", "--date", "2026-02-30"}, []string{"2026-02-30", "YYYY-MM-DD"}},
		{[]string{"breaks", "list", "--date", "yesterday"}, []string{"yesterday", "YYYY-MM-DD"}},
		{[]string{"status"}, []string{"no configuration", filepath.Join(data, "daybook.yaml"), "daybook init"}},
		{[]string{"import", scenarioFiles()[0]}, []string{"no configuration", "daybook init"}},
	} {
		got := command(append([]string{"--data", data, "--lang", "en"}, c.args...)...)
		if slices.Contains(c.args, "--lang") {
			got = command(append([]string{"--data", data}, c.args...)...)
		}
		for _, word := range c.says {
			if got.code != exitRefused || !strings.Contains(got.stderr, word) {
				t.Errorf("daybook %v: exit code %d, %q does not say %q", c.args, got.code, got.stderr, word)
			}
		}
		if got.stdout != "" {
			t.Errorf("daybook %v prints %q", c.args, got.stdout)
		}
	}
	if left, err := os.ReadDir(data); err != nil || len(left) > 0 {
		t.Errorf("refused commands left %v in the data directory (%v)", left, err)
	}
}

// A mistake in the configuration is named with its line or field, before anything else
// happens.
func TestConfigurationRefusals(t *testing.T) {
	t.Parallel()
	good := readText(t, scenarioConfig)
	line := func(text string) string { return strings.TrimSpace(text) }
	for _, c := range []struct {
		old, new string
		says     []string
	}{
		{"stores:\n", "storess:\n", []string{"[10:1]", "storess"}},
		{"channel: alipay\n", "chanel: alipay\n", []string{"[43:5]", "chanel"}},
		{"cut_margin: 5m", "cut_margin: soon", []string{"providers: allinpay", "cut_margin", `"soon"`, "5m"}},
		{"rate: 0.50%", "rate: cheap", []string{"providers: allinpay: fees: 1", `"cheap"`, "0.60%"}},
		{"zone: Asia/Shanghai      #", "zone: Asia/Shangri-La #", []string{"home: zone", `"Asia/Shangri-La"`, "Asia/Shanghai"}},
		{`day_cut: "00:00"         #`, `day_cut: midnight #`, []string{"home: day_cut", `"midnight"`, "04:00"}},
		{"currency: CNY            #", "currency: RMB #", []string{"home: currency", `"RMB"`, "ISO 4217"}},
		{"id: S002", "id: S001", []string{"stores: S001", "id of its own"}},
		{"id: alipay", "id: allinpay", []string{"providers: allinpay", "id of its own"}},
		{"[alipay-trade]", "[alipay-funds]", []string{"providers: alipay", `"alipay-funds"`, "alipay-trade"}},
		{"refund_fee: returned", "refund_fee: maybe", []string{"providers: allinpay", "refund_fee", `"maybe"`, "returned", "kept"}},
		{"payout: {days: 1, payer: [支付宝]}", "payout: {days: 99, payer: [支付宝]}", []string{"providers: alipay", "days", "99"}},
		{`fee_tolerance: "0.00"`, `fee_tolerance: "some"`, []string{"providers: allinpay", "fee_tolerance"}},
		{"  wechat: wechat\n", "  wechat: wechat\n  card: cash\n", []string{"card"}},
		{"home:\n", "home: [\n", []string{"["}},
	} {
		if !strings.Contains(good, c.old) {
			t.Fatalf("the configuration has no %q", line(c.old))
		}
		path := writeFile(t, t.TempDir(), "daybook.yaml", []byte(strings.Replace(good, c.old, c.new, 1)))
		data := filepath.Join(t.TempDir(), "data")
		got := command("--data", data, "--config", path, "--lang", "en", "status")
		for _, word := range append(c.says, path) {
			if got.code != exitRefused || !strings.Contains(got.stderr, word) {
				t.Errorf("%s: exit code %d, %q does not say %q", line(c.new), got.code, got.stderr, word)
			}
		}
		if _, err := os.Stat(data); err == nil {
			t.Errorf("%s: the data directory was made all the same", line(c.new))
		}
	}
}
