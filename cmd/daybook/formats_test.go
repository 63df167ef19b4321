package main

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// unseen is a folder with the configuration of somebody whose acquirer daybook has no format
// for, its profile, a day of a till and the day's bill.
func unseen(t *testing.T) (p *program, dir string) {
	t.Helper()
	dir = t.TempDir()
	if err := os.CopyFS(dir, os.DirFS("testdata/unseen")); err != nil {
		t.Fatal(err)
	}
	return newProgram(t, filepath.Join(dir, "daybook.yaml")), dir
}

// rewritten writes a file of the folder anew, changed.
func rewritten(t *testing.T, dir, name, as, old, new string) string {
	t.Helper()
	text := readText(t, filepath.Join(dir, name))
	if !strings.Contains(text, old) {
		t.Fatalf("%s has no %q", name, old)
	}
	return writeFile(t, dir, as, []byte(strings.ReplaceAll(text, old, new)))
}

// The bill of an acquirer that daybook has never seen is read by its profile and reconciled
// like any other: what ties is matched, what does not is named, and the word that the profile
// does not know is an unexpected line.
func TestUnseenAcquirer(t *testing.T) {
	t.Parallel()
	p, dir := unseen(t)
	p.must(exitFine, "import", filepath.Join(dir, "till.csv"), filepath.Join(dir, "changjie_20260105.txt"))
	got := map[string]int64{}
	for _, b := range p.breaks() {
		got[string(b.Kind)+" "+b.Reference] = b.Amount
	}
	want := map[string]int64{"amount_mismatch U-2": 100, "missing_in_settlement U-3": 2000, "fee_deviation U-4": 15, "missing_in_ledger 600509000999": 1200, "unexpected_line 600509000106": 100}
	if !maps.Equal(got, want) {
		t.Errorf("the breaks are %v, want %v", got, want)
	}
	if matches := ask[[]struct{ Rule string }](p, "matches"); len(matches) != 2 {
		t.Errorf("matched: %v", matches)
	}
	raw := ask[[]rawRow](p, "files", "raw", "changjie_20260105.txt", "--line", "9")
	if len(raw) != 1 || !strings.Contains(raw[0].Raw, "|活动奖励|") {
		t.Errorf("the raw row is %+v", raw)
	}
}

// What may be otherwise in a file is read, and what may not is refused in a sentence that says
// where and what.
func TestUnseenFiles(t *testing.T) {
	t.Parallel()
	p, dir := unseen(t)
	bill := "changjie_20260105.txt"
	for _, c := range []struct{ as, old, new, says string }{
		{"no_end.txt", "== 完 ==\n", "", "no_end.txt: the file is cut short or was edited: it has no line == 完 =="},
		{"no_totals.txt", "合计 笔数:6 入账:190.89\n", "", "no_totals.txt: the file is cut short or was edited: it has no line 合计"},
		{"total.txt", "入账:190.89", "入账:190.98", "total.txt:10: 合计 入账:: the file states 190.98 CNY, its rows come to 190.89 CNY; nothing was imported"},
		{"column.txt", "|入账\n", "|到账\n", "column.txt:3: 入账: missing column: expected 入账; found 终端, 批次, 流水, 参考号, 卡号, 卡种, 类型, 时间, 金额, 手续费, 到账"},
		{"cell.txt", "|100.00|", "|1OO.00|", `cell.txt:4: 金额: "1OO.00": this is not an amount in CNY with a "." before its decimals`},
		{"ties.txt", "|99.50\n", "|99.05\n", "ties.txt:4: the row does not tie: 100.00 less discount 0.00 less fee 0.50 is not the net 99.05"},
	} {
		got := p.run("import", rewritten(t, dir, bill, c.as, c.old, c.new))
		if line, _, _ := strings.Cut(got.stderr, "\n"); got.code != exitRefused || line != c.says {
			t.Errorf("%s: exit code %d\ngot  %s\nwant %s", c.as, got.code, line, c.says)
		}
		tried := p.run("formats", "test", filepath.Join(dir, c.as))
		if line, _, _ := strings.Cut(tried.stderr, "\n"); tried.code != exitRefused || line != c.says {
			t.Errorf("formats test %s: exit code %d\ngot  %s\nwant %s", c.as, tried.code, line, c.says)
		}
	}
	// Columns in another order and one more are no matter.
	var turned []string
	for line := range strings.Lines(readText(t, filepath.Join(dir, bill))) {
		if cells := strings.Split(strings.TrimSuffix(line, "\n"), "|"); len(cells) > 1 {
			slices.Reverse(cells)
			line = strings.Join(append(cells, "新"), "|") + "\n"
		}
		turned = append(turned, line)
	}
	path := writeFile(t, dir, "turned.txt", []byte(strings.Join(turned, "")))
	if tried := ask[trial](p, "formats", "test", path); tried.Rows != 6 || !slices.Equal(tried.Unread, []string{"新"}) || tried.Totals[0].Net != 19089 {
		t.Errorf("in another order: %+v", tried)
	}
	p.must(exitFine, "import", path)
}

// formats test shows what import would make of a file, and keeps nothing.
func TestFormatsTest(t *testing.T) {
	p, dir := unseen(t)
	bill := filepath.Join(dir, "changjie_20260105.txt")
	tried := ask[trial](p, "formats", "test", bill, "--rows", "2")
	if tried.Format != "changjie" || tried.Account != "826440353310077" || tried.Sender != "changjie" || tried.Rows != 6 || len(tried.First) != 2 || len(tried.Errors) != 0 ||
		!slices.Equal(tried.Unknown["类型"], []string{"活动奖励"}) || len(tried.Controls) != 2 || !tried.Controls[1].Ties ||
		tried.Totals[0].Gross != 19200 || tried.Totals[0].Fee != 111 || tried.Totals[0].Net != 19089 {
		t.Errorf("%+v", tried)
	}
	if tried.First[0].Net != "99.50" || tried.First[0].At != "2026-01-05T09:15:00+08:00" || !strings.Contains(tried.First[0].Keys, "rrn 600509000101") {
		t.Errorf("the first row is %+v", tried.First[0])
	}
	if said := p.must(exitFine, "formats", "test", bill); !strings.Contains(said, "words not known in 类型") || !strings.Contains(said, "nothing was imported") {
		t.Errorf("%s", said)
	}
	if _, err := os.Stat(filepath.Join(p.data, "journal")); !os.IsNotExist(err) {
		t.Errorf("a journal was made: %v", err)
	}
	// A profile of the same name takes the place of the one in the configuration.
	with := rewritten(t, dir, "changjie.yaml", "new.yaml", "退货处理中: nothing", "退货处理中: nothing, 活动奖励: adjustment")
	if tried := ask[trial](p, "formats", "test", bill, "--profile", with); len(tried.Unknown) != 0 || tried.Origin != with {
		t.Errorf("with the new profile: %+v", tried)
	}
	// A till's file, and one that nobody knows.
	if tried := ask[trial](p, "formats", "test", filepath.Join(dir, "till.csv")); tried.Format != "pos-csv" || tried.Rows != 4 || tried.Totals[0].Gross != 20000 {
		t.Errorf("%+v", tried)
	}
	// Goods and customers; of these nothing is shown but how many they are.
	if tried := ask[trial](p, "formats", "test", writeFile(t, dir, "goods.csv", []byte("sku,name,price,currency\n4711,tea,3.20,CNY\n4712,milk,2.10,CNY\n"))); tried.Format != "products" || tried.Reads != "goods" || tried.Rows != 2 {
		t.Errorf("goods: %+v", tried)
	}
	p.refuses(`"3,2O"`, "formats", "test", writeFile(t, dir, "goods.csv", []byte("sku,name,price,currency\n4711,tea,\"3,2O\",CNY\n")))
	if tried := ask[trial](p, "formats", "test", customerFile(t, members)); tried.Format != "customers-csv" || tried.Rows != len(members) || len(tried.First) > 0 {
		t.Errorf("customers: %+v", tried)
	}
	p.refuses("no file that daybook knows", "formats", "test", writeFile(t, dir, "x.csv", []byte("a,b\n1,2\n")))
	// Why a profile does not know a file.
	other := rewritten(t, dir, "changjie.yaml", "other.yaml", `separator: "|"`, `separator: ";"`)
	p.refuses("no row of the first 51 has a heading of the profile changjie", "formats", "test", bill, "--profile", other)
	// Without a configuration the built-in formats and the profile are known.
	bare := command("--data", filepath.Join(dir, "nowhere"), "--lang", "en", "formats", "test", bill, "--profile", filepath.Join(dir, "changjie.yaml"))
	if bare.code != exitFine || !strings.Contains(bare.stdout, "daybook init") {
		t.Errorf("without a configuration: %+v", bare)
	}
}

// What is in the journal stays as it was read, whatever becomes of the profile.
func TestChangedAndRemovedProfiles(t *testing.T) {
	t.Parallel()
	p, dir := unseen(t)
	bill, config := filepath.Join(dir, "changjie_20260105.txt"), readText(t, p.config)
	p.must(exitFine, "import", filepath.Join(dir, "till.csv"), bill)
	before, breaks := journalLines(p.events()), findings(p.breaks())

	// Changed: the same file is still here as it was, even where the new reading has other days.
	profile := readText(t, filepath.Join(dir, "changjie.yaml"))
	changed := strings.NewReplacer("活动", "活動", "退货处理中: nothing", "退货处理中: refund", "layouts: 2006/01/02 15:04:05", `layouts: 2006/01/02 15:04:05, day_cut: "10:30"`).Replace(profile)
	writeFile(t, dir, "changjie.yaml", []byte(strings.Replace(changed, "  - {row: 合计, of: net, label: \"入账:\"}\n", "", 1)))
	again := ask[[]taken](p, "import", bill)
	if len(again) != 1 || !again[0].Already || again[0].Otherwise == 0 {
		t.Errorf("with a changed profile: %+v", again)
	}
	if d := difference(before, journalLines(p.events())); d != "" {
		t.Errorf("the journal has changed: %s", d)
	}

	// Removed: the file of the profile, then its place in the configuration.
	if err := os.Remove(filepath.Join(dir, "changjie.yaml")); err != nil {
		t.Fatal(err)
	}
	p.refuses("there is no profile at "+filepath.Join(dir, "changjie.yaml"), "breaks")
	writeFile(t, dir, "daybook.yaml", []byte(strings.Replace(config, "bills: [changjie.yaml]\n", "", 1)))
	p.refuses(`there is no format "changjie"`, "breaks")
	writeFile(t, dir, "daybook.yaml", []byte(strings.NewReplacer("bills: [changjie.yaml]\n", "", "formats: [changjie]", "formats: []").Replace(config)))
	if d := difference(breaks, findings(p.breaks())); d != "" {
		t.Errorf("without the profile: %s", d)
	}
	p.refuses("no file that daybook knows", "import", bill)

	// Back again, everything is made anew from the journal alone.
	writeFile(t, dir, "changjie.yaml", []byte(profile))
	writeFile(t, dir, "daybook.yaml", []byte(config))
	p.leave()
	if err := os.RemoveAll(filepath.Join(p.data, "warehouse")); err != nil {
		t.Fatal(err)
	}
	if d := difference(breaks, findings(p.breaks())); d != "" {
		t.Errorf("made anew: %s", d)
	}
}

// The evidence of a signed day holds the profile, and is made without it.
func TestPackWithoutProfile(t *testing.T) {
	t.Parallel()
	p, dir := unseen(t)
	p.must(exitFine, "import", filepath.Join(dir, "till.csv"), filepath.Join(dir, "changjie_20260105.txt"), filepath.Join(dir, "bank.csv"))
	for _, verb := range [][]string{{"assign", "--to", "li.na", "--due", "2026-01-09"}, {"cause", "--cause", "provider_error"}} {
		p.must(exitFine, append(append([]string{"breaks"}, verb...), "--date", scenarioDay, "--as", "wang.wei", "--yes")...)
	}
	p.must(exitFine, "close", "sign", "--date", scenarioDay, "--as", "li.na")
	first, second := filepath.Join(dir, "first"), filepath.Join(dir, "second")
	p.must(exitFine, "close", "pack", "--date", scenarioDay, "--to", first)
	if err := os.Remove(filepath.Join(dir, "changjie.yaml")); err != nil {
		t.Fatal(err)
	}
	writeFile(t, dir, "daybook.yaml", []byte(strings.NewReplacer("bills: [changjie.yaml]\n", "", "formats: [changjie]", "formats: []").Replace(readText(t, p.config))))
	p.must(exitFine, "close", "pack", "--date", scenarioDay, "--to", second)
	if pack := packOf(t, first); !maps.Equal(pack, packOf(t, second)) || !strings.Contains(pack["configuration.yaml"], "#   name: changjie") {
		t.Errorf("the pack is not the same without the profile, or does not hold it:\n%s", pack["configuration.yaml"])
	}
}

// A configuration says what is wrong with a profile, with its place.
func TestProfilesInTheConfiguration(t *testing.T) {
	t.Parallel()
	_, dir := unseen(t)
	config, profile := readText(t, filepath.Join(dir, "daybook.yaml")), readText(t, filepath.Join(dir, "changjie.yaml"))
	inline := "bills:\n  - " + strings.ReplaceAll(strings.TrimSpace(profile), "\n", "\n    ") + "\n"
	for _, c := range []struct{ bills, want string }{
		{"bills: [changjie.yaml]\n", ""},
		{"bills: [" + filepath.Join(dir, "changjie.yaml") + "]\n", ""},
		{inline, ""},
		{"bills: [nowhere.yaml]\n", "bills: 1: there is no profile at " + filepath.Join(dir, "nowhere.yaml")},
		{"bills: [changjie.yaml, changjie.yaml]\n", `bills: 2: there is a format "changjie" already`},
		{strings.Replace(inline, "name: changjie", "name: alipay-trade", 1), `there is a format "alipay-trade" already`},
		{strings.Replace(inline, "channel: card", "chanel: card", 1), `unknown field "chanel"`},
		{strings.Replace(inline, "currency: CNY", "currency: RMB", 1), `bill profile changjie: currency: "RMB": this is not an ISO 4217 currency code`},
	} {
		path := writeFile(t, dir, "tried.yaml", []byte(strings.Replace(config, "bills: [changjie.yaml]\n", c.bills, 1)))
		got := command("--config", path, "--data", dir, "--lang", "en", "formats")
		if c.want == "" && (got.code != exitFine || !strings.Contains(got.stdout, "changjie")) || c.want != "" && (got.code != exitRefused || !strings.Contains(got.stderr, c.want)) {
			t.Errorf("%.80s: exit code %d, %s\nwant %s", c.bills, got.code, got.stderr, c.want)
		}
	}
	writeFile(t, dir, "misspelt.yaml", []byte(strings.Replace(profile, "currency: CNY", "curency: CNY", 1)))
	path := writeFile(t, dir, "tried.yaml", []byte(strings.Replace(config, "changjie.yaml", "misspelt.yaml", 1)))
	if got := command("--config", path, "--data", dir, "--lang", "en", "formats"); !strings.Contains(got.stderr, "misspelt.yaml: [21:1] unknown field \"curency\"") {
		t.Errorf("%s", got.stderr)
	}
	// A profile that fits the files of a built-in format makes them ambiguous.
	like := `bills:
  - name: mine
    columns: {merchant: 商户号, terminal: 终端号, time: [交易日期, 交易时间], gross: 交易金额, fee: 手续费}
    currency: CNY
    time: {zone: Asia/Shanghai, layouts: 2006-01-02 15:04:05}
`
	path = writeFile(t, dir, "tried.yaml", []byte(like+readText(t, scenarioConfig)))
	if got := command("--config", path, "--data", dir, "--lang", "en", "formats", "test", scenarioFiles()[1]); got.code != exitRefused || !strings.Contains(got.stderr, "any of allinpay-trade, mine") {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}

// Every built-in format is described, and its files are tried without a word about a profile.
func TestFormatsDescribed(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	list := ask[[]formatRow](p, "formats")
	if len(list) != len(abouts) {
		t.Errorf("%d formats, %d are described", len(list), len(abouts))
	}
	source := map[string]string{}
	for _, root := range []string{"../../adapters/settlement", "../../adapters/till", "../../adapters/stockfile", "../../adapters/people"} {
		paths, err := filepath.Glob(root + "/*/*.go")
		if err != nil {
			t.Fatal(err)
		}
		more, _ := filepath.Glob(root + "/*.go")
		for _, path := range append(paths, more...) {
			source[path] = readText(t, path)
		}
	}
	for _, f := range list {
		description := ask[map[string]string](p, "formats", "describe", f.Name)
		for _, name := range []string{"recognised_by", "columns", "units", "signs", "zone", "totals"} {
			if description[name] == "" {
				t.Errorf("%s: %s is not described", f.Name, name)
			}
		}
		if f.What == "" || f.Origin != builtIn {
			t.Errorf("%+v", f)
		}
		for _, heading := range abouts[f.Name].columns {
			found := false
			for _, text := range source {
				found = found || strings.Contains(text, heading)
			}
			if !found {
				t.Errorf("%s: no format reads a column %s", f.Name, heading)
			}
		}
	}
	p.refuses(`there is no format "nothing"`, "formats", "describe", "nothing")
	described := command("--config", "testdata/unseen/daybook.yaml", "--lang", "zh", "formats", "describe", "changjie")
	for _, want := range []string{"正负号由该行的类型决定", "Asia/Shanghai", "退货处理中 = nothing", "rrn = 参考号", "testdata/unseen/changjie.yaml"} {
		if described.code != exitFine || !strings.Contains(described.stdout, want) {
			t.Errorf("the description lacks %s:\n%s%s", want, described.stdout, described.stderr)
		}
	}
}
