package main

import (
	"archive/zip"
	"bytes"
	"fmt"
	"slices"
	"strings"
	"testing"

	"daybook/projections"
	"daybook/reconcile"
)

// spoiled is the scenario's bill of Allinpay with rows that cannot be read: an amount that a
// spreadsheet rewrote, a row without its end, one that does not tie. Its third row holds a
// cardholder's name.
func spoiled(t *testing.T) (bad string, rows []int) {
	t.Helper()
	lines := strings.Split(strings.TrimRight(readText(t, scenarioFiles()[1]), "\n"), "\n")
	heads := strings.Split(lines[0], ",")
	edit := func(row int, heading, value string) {
		cells := strings.Split(lines[row-1], ",")
		cells[slices.Index(heads, heading)] = value
		lines[row-1] = strings.Join(cells, ",")
	}
	edit(4, "交易金额", "5.88E+01x")
	edit(4, "持卡人姓名", "张三丰")
	edit(4, "订单号", "4111111111111111")
	cells := strings.Split(lines[5], ",")
	lines[5] = strings.Join(cells[:20], ",")
	edit(8, "结算金额", "1.00")
	return strings.Join(lines, "\n") + "\n", []int{4, 6, 8}
}

// A bill with bad rows is refused with all of them named; with --quarantine the good rows
// are taken, the bad ones kept as evidence, and the day cannot be signed until the corrected
// file is here.
func TestQuarantine(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	text, rows := spoiled(t)
	bad := writeFile(t, t.TempDir(), "allinpay_bad.csv", []byte(text))
	plain := p.run("import", bad)
	for _, row := range rows {
		if plain.code != exitRefused || !strings.Contains(plain.stderr, fmt.Sprintf("allinpay_bad.csv:%d: ", row)) || !strings.Contains(plain.stderr, "--quarantine") {
			t.Fatalf("refused without row %d, or without the way out:\n%s", row, plain.stderr)
		}
	}
	others := append([]string{"import"}, scenarioFiles()[0])
	p.must(exitFine, append(others, scenarioFiles()[2:]...)...)
	took := ask[[]taken](p, "import", "--quarantine", bad)[0]
	all := strings.Count(text, "\n") - 1
	if took.Rows != all-len(rows) || len(took.Quarantined) != len(rows) {
		t.Fatalf("%d rows taken and %d set aside, of %d", took.Rows, len(took.Quarantined), all)
	}
	for n, row := range took.Quarantined {
		if row.Row != rows[n] || len(row.Faults) == 0 {
			t.Errorf("set aside: %+v", row)
		}
	}
	if q := took.Quarantined[0]; q.Faults[0].Column != "交易金额" || q.Faults[0].Value != "5.88E+01x" || strings.Contains(q.Raw, "张三丰") || strings.Contains(q.Raw, "4111111111111111") || !strings.Contains(q.Raw, "411111******1111") {
		t.Errorf("the evidence is %+v", q)
	}
	if q := took.Quarantined[1]; q.Raw != "" { // which cell is the name nobody can tell
		t.Errorf("a row that does not fit the header was kept: %q", q.Raw)
	}
	for _, event := range p.events() {
		if strings.Contains(string(event.Data), "张三丰") || strings.Contains(string(event.Data), "4111111111111111") {
			t.Errorf("personal data in %s", event.Stream)
		}
	}

	// It shows: in the list of files, as a row, in the view, on the sheet, in the checklist.
	list := ask[[]projections.FileRow](p, "files", "--format", "allinpay-trade")
	if len(list) != 1 || list[0].Quarantined != len(rows) {
		t.Errorf("the files are %+v", list)
	}
	for _, said := range []struct{ lang, word string }{{"en", "not an amount"}, {"zh", "无法读取"}} {
		if out := p.run("--lang", said.lang, "files", "raw", "allinpay_bad.csv", "--line", "4").stdout; !strings.Contains(out, said.word) || !strings.Contains(out, "5.88E+01x") {
			t.Errorf("the row is shown as\n%s", out)
		}
	}
	if raw := ask[[]rawRow](p, "files", "raw", "allinpay_bad.csv", "--line", "6"); len(raw) != 1 || len(raw[0].Faults) == 0 {
		t.Errorf("the row that was not kept: %+v", raw)
	}
	if n := ask[[]map[string]string](p, "query", "SELECT toString(count()) AS n FROM fct_quarantined_rows WHERE superseded_by = ''"); n[0]["n"] != "3" {
		t.Errorf("the view has %v", n)
	}
	if out := p.run("status", "--date", scenarioDay).stdout; !strings.Contains(out, "allinpay_bad.csv: 3 rows could not be read") {
		t.Errorf("the sheet does not say so:\n%s", out)
	}
	if open := p.openChecks(reconcile.RowsRead); len(open) != 1 || open[0] != list[0].SHA256 {
		t.Errorf("in the way of signing: %v", open)
	}
	tables, head := p.stored(), p.head()
	if again := ask[[]taken](p, "import", "--quarantine", bad)[0]; !again.Already || p.head() != head || p.stored() != tables {
		t.Error("the same file changed something")
	}

	// The corrected file takes its place, and all is as if it had come first.
	p.must(exitFine, "import", "--correction", scenarioFiles()[1])
	if open := p.openChecks(reconcile.RowsRead); len(open) != 0 {
		t.Errorf("still in the way of signing: %v", open)
	}
	checkScenario(t, p)
	if out := p.run("status", "--date", scenarioDay).stdout; strings.Contains(out, "could not be read") {
		t.Errorf("the sheet still says so:\n%s", out)
	}
}

// openChecks is what is in the way of signing the scenario's day, of one check.
func (p *program) openChecks(name reconcile.CheckName) []string {
	p.t.Helper()
	for _, check := range ask[closeStatus](p, "close", "--date", scenarioDay).Checks {
		if check.Name == name {
			return check.Open
		}
	}
	p.t.Fatalf("there is no check %s", name)
	return nil
}

// A file is refused, quarantine or not, when something is wrong with it as a whole; a total
// that bad rows alone may explain is named.
func TestQuarantineOfFrames(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	dir := t.TempDir()
	allinpay := strings.Split(strings.TrimRight(readText(t, scenarioFiles()[1]), "\n"), "\n")
	wechat := strings.Split(strings.TrimRight(readText(t, scenarioFiles()[3]), "\n"), "\n")
	join := func(lines []string, edit func([]string) []string) []byte {
		return []byte(strings.Join(edit(slices.Clone(lines)), "\n") + "\n")
	}
	for name, data := range map[string][]byte{
		"cut": join(allinpay, func(l []string) []string { // in the middle of its last row
			l[len(l)-1] = l[len(l)-1][:40]
			return l
		}),
		"header": join(allinpay, func(l []string) []string {
			l[0] = strings.Replace(l[0], "手续费", "费", 1)
			return l
		}),
		"summary": join(wechat, func(l []string) []string { // the file's own total cannot be read
			l[len(l)-1] = "`many" + l[len(l)-1][strings.Index(l[len(l)-1], ","):]
			return l
		}),
		"lost": join(wechat, func(l []string) []string { // a row is gone, and another cannot be read
			l[2] = strings.Replace(l[2], "2026-01-05", "yesterday", 1)
			return slices.Delete(l, 3, 5)
		}),
		"all": join(wechat, func(l []string) []string {
			for n := 1; n < len(l)-2; n++ {
				l[n] = strings.Replace(l[n], "2026-01-05", "yesterday", 1)
			}
			return l
		}),
	} {
		got := p.run("import", "--quarantine", writeFile(t, dir, name+".csv", data))
		if got.code != exitRefused || !strings.Contains(got.stderr, name+".csv") {
			t.Errorf("%s: exit code %d\n%s%s", name, got.code, got.stdout, got.stderr)
		}
	}
	if head := p.head(); head != 0 {
		t.Errorf("something was taken in: the journal is at %d", head)
	}
	bad := writeFile(t, dir, "wechat_bad.csv", join(wechat, func(l []string) []string {
		l[2] = strings.Replace(l[2], "2026-01-05", "yesterday", 1)
		return l
	}))
	out := p.must(exitFine, "import", "--quarantine", bad)
	for _, word := range []string{"wechat_bad.csv:3: ", "yesterday", "the file states", "without 1 rows", "--correction"} {
		if !strings.Contains(out, word) {
			t.Errorf("%q is not said in\n%s", word, out)
		}
	}
	if kinds := p.kinds(); kinds[reconcile.ControlTotalMismatch] == 0 {
		t.Errorf("the total that does not tie is no difference: %v", kinds)
	}
}

// A till's file with bad rows is refused with all of them named; with --quarantine the others
// count, and the day waits for the file that has every action of it and says that it corrects
// it. So it is with the entries of banks.
func TestQuarantineOfTillsAndBanks(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	p := newProgram(t, writeFile(t, dir, "daybook.yaml", []byte(strings.Replace(readText(t, scenarioConfig), "[icbc-corporate]", "[icbc-corporate, mt940]", 1))))
	whole := readText(t, scenarioFiles()[0])
	lines := strings.Split(strings.TrimRight(whole, "\n"), "\n")
	lines[3] = strings.Replace(lines[3], ",sale,", ",sail,", 1)
	lines[5] = strings.Join(strings.Split(lines[5], ",")[:4], ",")
	bad := writeFile(t, dir, "till_bad.csv", []byte(strings.Join(lines, "\n")+"\n"))
	if got := p.run("import", bad); got.code != exitRefused || !strings.Contains(got.stderr, "till_bad.csv:4: ") || !strings.Contains(got.stderr, "till_bad.csv:6: ") || !strings.Contains(got.stderr, "--quarantine") {
		t.Fatalf("refused without a row, or without the way out:\n%s", got.stderr)
	}
	took := ask[[]taken](p, "import", "--quarantine", bad)[0]
	if took.Rows != len(lines)-3 || len(took.Quarantined) != 2 || took.Quarantined[0].Row != 4 || took.Quarantined[0].Faults[0].Value != "sail" || took.Quarantined[0].Raw == "" {
		t.Fatalf("taken: %+v", took)
	}
	p.must(exitFine, append([]string{"import"}, scenarioFiles()[1:]...)...)
	if list := ask[[]projections.FileRow](p, "files", "--format", "pos-csv"); len(list) != 1 || list[0].Quarantined != 2 || list[0].Rows != len(lines)-3 {
		t.Errorf("the files are %+v", list)
	}
	if out := p.run("--lang", "zh", "files", "raw", "till_bad.csv", "--line", "4").stdout; !strings.Contains(out, "无法读取") || !strings.Contains(out, "sail") {
		t.Errorf("the row is shown as\n%s", out)
	}
	if open := p.openChecks(reconcile.RowsRead); len(open) != 1 {
		t.Errorf("in the way of signing: %v", open)
	}
	part := writeFile(t, dir, "part.csv", []byte(strings.Join(slices.Delete(strings.Split(strings.TrimRight(whole, "\n"), "\n"), 1, 2), "\n")+"\n"))
	if got := p.run("import", "--correction", part); got.code != exitRefused || !strings.Contains(got.stderr, "lacks 1 of the actions") {
		t.Errorf("a part was taken as the correction: exit code %d\n%s", got.code, got.stderr)
	}
	if out := p.must(exitFine, "import", "--correction", scenarioFiles()[0]); !strings.Contains(out, "what could not be read of till_bad.csv is here now") {
		t.Errorf("the correction says\n%s", out)
	}
	if open := p.openChecks(reconcile.RowsRead); len(open) != 0 {
		t.Errorf("still in the way of signing: %v", open)
	}
	if n := ask[[]map[string]string](p, "query", "SELECT toString(count()) AS n, toString(countIf(superseded_by = '')) AS open FROM fct_quarantined_rows"); n[0]["n"] != "2" || n[0]["open"] != "0" {
		t.Errorf("the view has %v", n)
	}
	checkScenario(t, p)

	// An archive of several files: each is one of its own, and a mended one takes its place.
	later := strings.NewReplacer("L260105", "L260305", "2026-01-05", "2026-03-05")
	head := lines[0] + "\n"
	text := func(rows []string) string { return head + later.Replace(strings.Join(rows, "\n")) + "\n" }
	good := strings.Split(strings.TrimRight(whole, "\n"), "\n")[1:]
	one, other := good[:20], slices.Clone(good[20:])
	other[2] = strings.Replace(other[2], ",sale,", ",sail,", 1)
	both := writeFile(t, dir, "tills.zip", zipOf(t, "one.csv", text(one), "other.csv", text(other)))
	if got := p.run("import", both); got.code != exitRefused || !strings.Contains(got.stderr, "tills.zip/other.csv:4: ") || !strings.Contains(got.stderr, "--quarantine") {
		t.Fatalf("refused without its row, or without the way out:\n%s", got.stderr)
	}
	broken := writeFile(t, dir, "broken.zip", zipOf(t, "one.csv", strings.Replace(text(one), "amount_fen", "amount", 1), "other.csv", text(other)))
	before := p.head()
	if got := p.run("import", "--quarantine", broken); got.code != exitRefused || !strings.Contains(got.stderr, "broken.zip/one.csv") || p.head() != before {
		t.Errorf("one of the files has no amounts, and something was taken: exit code %d\n%s", got.code, got.stderr)
	}
	inner := ask[[]taken](p, "import", "--quarantine", both)
	if len(inner) != 2 || inner[0].File != "tills.zip/one.csv" || inner[0].Rows != 20 || len(inner[0].Quarantined) != 0 ||
		inner[1].File != "tills.zip/other.csv" || inner[1].Rows != len(other)-1 || len(inner[1].Quarantined) != 1 || inner[1].Quarantined[0].Row != 4 {
		t.Fatalf("taken: %+v", inner)
	}
	if out := p.run("files", "raw", "tills.zip/other.csv", "--line", "4").stdout; !strings.Contains(out, "sail") {
		t.Errorf("the row is shown as\n%s", out)
	}
	if again := ask[[]taken](p, "import", "--quarantine", both); len(again) != 2 || !again[0].Already || !again[1].Already {
		t.Errorf("again: %+v", again)
	}
	mended := writeFile(t, dir, "other.csv", []byte(text(good[20:])))
	if out := p.must(exitFine, "import", "--correction", mended); !strings.Contains(out, "what could not be read of tills.zip/other.csv is here now") {
		t.Errorf("the correction says\n%s", out)
	}
	if n := ask[[]map[string]string](p, "query", "SELECT toString(countIf(superseded_by = '')) AS open FROM fct_quarantined_rows"); n[0]["open"] != "0" {
		t.Errorf("the view has %v", n)
	}

	// Banks: the gap is the difference that the closing balance names.
	const mt940 = ":20:1\n:25:NL00TEST0000000001\n:60F:C260220CNY1000,00\n:61:2602200220C58.67NTRFX1//S1\n:86:one\n:61:2602200220C20,NTRFX2//S2\n:86:two\n:62F:C260220CNY1078,67\n-\n"
	statement := writeFile(t, dir, "bank.sta", []byte(mt940))
	if got := p.run("import", statement); got.code != exitRefused || !strings.Contains(got.stderr, "bank.sta:4: ") || !strings.Contains(got.stderr, "--quarantine") {
		t.Errorf("a statement: exit code %d\n%s", got.code, got.stderr)
	}
	out := p.must(exitFine, "import", "--quarantine", statement)
	for _, word := range []string{"bank.sta:4: ", "the file states 1078.67 CNY, the rows that could be read come to 1020.00 CNY", "without 1 rows"} {
		if !strings.Contains(out, word) {
			t.Errorf("%q is not said in\n%s", word, out)
		}
	}
	if out := p.run("files", "raw", "bank.sta", "--line", "4").stdout; !strings.Contains(out, ":61:2602200220C58.67NTRFX1//S1") {
		t.Errorf("the entry is shown as\n%s", out)
	}
	p.must(exitFine, "import", "--correction", writeFile(t, dir, "bank2.sta", []byte(strings.Replace(mt940, "58.67", "58,67", 1))))
	if out := p.run("status").stdout; strings.Contains(out, "could not be read") {
		t.Errorf("the sheet still says so:\n%s", out)
	}
}

// zipOf is an archive of files, each by its name and text.
func zipOf(t *testing.T, namesAndTexts ...string) []byte {
	t.Helper()
	var out bytes.Buffer
	archive := zip.NewWriter(&out)
	for pair := range slices.Chunk(namesAndTexts, 2) {
		w, err := archive.Create(pair[0])
		if err == nil {
			_, err = w.Write([]byte(pair[1]))
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	return out.Bytes()
}

// kinds counts the open differences.
func (p *program) kinds() map[reconcile.BreakKind]int {
	p.t.Helper()
	count := map[reconcile.BreakKind]int{}
	for _, b := range p.breaks() {
		count[b.Kind]++
	}
	return count
}
