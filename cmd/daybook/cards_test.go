package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"

	"daybook/adapters/files"
)

// Two full card numbers, of 16 and of 19 digits, that belong to nobody.
var cardNumbers = []string{"4111111111111111", "6222020200112233446"}

// spellings are the ways in which a card number comes.
var spellings = map[string]func(number string) string{
	"plain":  func(number string) string { return number },
	"spaced": func(number string) string { return grouped(number, " ") },
	"dashed": func(number string) string { return grouped(number, "-") },
}

func grouped(number, separator string) string {
	var groups []string
	for group := range slices.Chunk([]byte(number), 4) {
		groups = append(groups, string(group))
	}
	return strings.Join(groups, separator)
}

// marker stands beside a planted number, to show that what was planted did get in.
const marker = "planted7"

// form is a file that has cells to plant in, and how it is written.
type form struct {
	name  string
	rows  [2]int // two data rows, counted from 0
	cells func(line string) []string
	join  func(cells []string) string
	lines []string
	write func(text string) []byte
}

// A full card number in any text column of any input, however it is written, is nowhere
// in the data directory afterwards.
//
// Each column of each format has each spelling planted twice, as the whole cell and
// inside a text; and so have headings, notes, and the names of files. Columns that can't
// hold it (an amount, a number that is too short) make the file be refused, and the
// message is searched. What was taken is searched three times over, since both stores
// compress: every event is read back through the journal, every column of every table
// through the engine, and every file in the directory byte by byte as it lies on disk,
// which reaches what is not compressed: the journal's log, small blocks, names of files.
// A marker planted beside the numbers is found by the first two, so they do look where
// the numbers would be.
func TestNoCardNumberIsKept(t *testing.T) {
	t.Parallel()
	for _, number := range cardNumbers {
		if !luhn(number) {
			t.Fatalf("%s is no card number", number)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(spellings)) {
		t.Run(name, func(t *testing.T) {
			p := testCards(t, spellings[name])
			if name != "plain" {
				return // the views read nothing but the tables, and take long
			}
			views, cells, inViews := p.searchTables("views")
			t.Logf("the marker stands %d times in %d cells of %d views", inViews, cells, views)
			if inViews < 50 || views < 50 {
				t.Error("that is too little to say anything")
			}
		})
	}
}

func testCards(t *testing.T, spelling func(string) string) *program {
	config := readText(t, scenarioConfig) + readText(t, "testdata/receipts_profile.yaml")
	p := configured(t, []byte(config))
	rules, err := loadConfig(p.config)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var taken, refused []string
	for _, f := range forms(t) {
		planted := f.plant(t, rules, spelling, func(column int, data []byte) {
			refused = append(refused, writeFile(t, dir, fmt.Sprintf("refused_%d_%s", column, f.name), data))
		})
		taken = append(taken, writeFile(t, dir, spelling(cardNumbers[0])+"_"+f.name, planted))
	}
	planted := plantActions(t, rules, spelling, func(n int, data []byte) {
		refused = append(refused, writeFile(t, dir, fmt.Sprintf("refused_%d.ndjson", n), data))
	})
	taken = append(taken, writeFile(t, dir, "tills "+spelling(cardNumbers[1])+".ndjson", planted))

	got := p.run(append([]string{"import"}, taken...)...)
	if got.code != exitFine {
		t.Fatalf("exit code %d\n%s", got.code, got.stderr)
	}
	said := got.stdout + got.stderr
	got = p.run(append([]string{"import"}, refused...)...)
	if got.code != exitRefused || strings.Count(got.stderr, "\n") < len(refused) {
		t.Errorf("%d files with card numbers where none can be: exit code %d\n%s", len(refused), got.code, got.stderr)
	}
	said += got.stdout + got.stderr
	for _, command := range [][]string{{"-o", "json", "breaks", "list", "--all"}, {"status"}} {
		got = p.run(command...)
		said += got.stdout + got.stderr
	}
	if at := cardIn(said); at != "" {
		t.Errorf("the program prints a card number: %s", at)
	}

	marked := 0
	for _, e := range p.events() {
		text := strings.Join([]string{string(e.Stream), e.Type, string(e.Data), string(e.Meta)}, "\n")
		if at := cardIn(text); at != "" {
			t.Errorf("position %d, %s: %s", e.Position, e.Stream, at)
		}
		marked += strings.Count(text, marker)
	}
	tables, cells, inTables := p.searchTables("cells")
	t.Logf("%d files taken, %d refused; the marker stands %d times in the journal and %d times in %d cells of %d tables",
		len(taken), len(refused), marked, inTables, cells, tables)
	if marked < 50 || inTables < 50 || tables < 20 {
		t.Error("that is too little to say anything")
	}
	p.leave()
	searchFiles(t, p.data)
	return p
}

// forms are the files with columns, as they come: one of every format that reads rows.
func forms(t *testing.T) []form {
	t.Helper()
	gbk := func(text string) []byte {
		data, err := simplifiedchinese.GBK.NewEncoder().Bytes([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		return data
	}
	utf8 := func(text string) []byte { return []byte(text) }
	comma := func(line string) []string { return strings.Split(strings.TrimSuffix(line, "\r"), ",") }
	plain := func(cells []string) string { return strings.Join(cells, ",") }
	ticked := func(cells []string) string {
		for n := range cells {
			cells[n] = "`" + strings.TrimPrefix(cells[n], "`")
		}
		return strings.Join(cells, ",")
	}
	alipay, err := files.Open("alipay.zip", []byte(readText(t, scenarioFiles()[2])))
	if err != nil {
		t.Fatal(err)
	}
	part := slices.IndexFunc(alipay.Parts, func(p files.Part) bool { return strings.Contains(p.Text, "商户订单号") })
	zipped := func(text string) []byte {
		return []byte(archiveOf(t, map[string]string{
			alipay.Parts[part].Name:                    string(gbk(text)),
			cardNumbers[0] + alipay.Parts[1-part].Name: string(gbk(alipay.Parts[1-part].Text)),
		}))
	}
	bank, err := simplifiedchinese.GBK.NewDecoder().String(readText(t, scenarioFiles()[4]))
	if err != nil {
		t.Fatal(err)
	}
	split := func(text string) []string { return strings.Split(text, "\n") }
	receipts := split(strings.ReplaceAll(readText(t, "testdata/supermarket.csv"), "Ewallet", "card"))
	pos := split(readText(t, scenarioFiles()[0]))
	// A terminal's further columns are kept as notes, under their headings.
	pos[0] += ",operator,remark " + cardNumbers[0]
	for n := range pos[1 : len(pos)-1] {
		pos[n+1] += ",,x"
	}
	return []form{
		{"pos.csv", [2]int{1, 3}, comma, plain, pos, utf8},
		{"receipts.csv", [2]int{1, 2}, comma, plain, append(receipts[:3:3], ""), utf8},
		{"allinpay.csv", [2]int{1, 2}, comma, plain, split(readText(t, scenarioFiles()[1])), utf8},
		{"wechat.csv", [2]int{1, 2}, comma, ticked, split(readText(t, scenarioFiles()[3])), utf8},
		{"alipay.csv.zip", [2]int{5, 6}, comma, plain, split(alipay.Parts[part].Text), zipped},
		{"icbc.csv", [2]int{2, 3}, comma, plain, split(bank), gbk},
	}
}

// plant puts card numbers into every column that takes them: inside a text in one row,
// as the whole cell in another. What no column takes is handed to refuse.
func (f form) plant(t *testing.T, rules *settings, spelling func(string) string, refuse func(column int, data []byte)) []byte {
	t.Helper()
	if why := rules.refuses(f.name, f.with(nil)); why != nil {
		t.Fatalf("%s is refused as it is: %v", f.name, why)
	}
	good := map[[2]int]string{}
	for column := range f.cells(f.lines[f.rows[0]]) {
		number := spelling(cardNumbers[column%len(cardNumbers)])
		for n, value := range []string{marker + " " + number + " x", number} {
			at := [2]int{f.rows[n], column}
			alone := f.with(map[[2]int]string{at: value})
			if rules.refuses(f.name, alone) == nil {
				good[at] = value
			} else if n == 1 {
				refuse(column, alone)
			}
		}
	}
	all := f.with(good)
	if why := rules.refuses(f.name, all); why != nil {
		t.Fatalf("%s takes the numbers one by one, but not together: %v", f.name, why)
	}
	if len(good) < 8 {
		t.Errorf("%s takes %d planted cells only: %v", f.name, len(good), good)
	}
	return all
}

func (f form) with(planted map[[2]int]string) []byte {
	lines := slices.Clone(f.lines)
	for at, value := range planted {
		cells := f.cells(lines[at[0]])
		cells[at[1]] = value
		lines[at[0]] = f.join(cells)
	}
	return f.write(strings.Join(lines, "\n"))
}

// refuses says why a file would not be taken.
func (s *settings) refuses(name string, data []byte) error {
	doc, source, format, err := s.recognise(name, data)
	if err != nil {
		return err
	}
	if source != nil {
		_, err := source.Read(doc, s.rules)
		return err
	}
	statement, err := format.Parse(doc)
	if err != nil {
		return err
	}
	if provider, bank := s.terms.Sender(statement); provider == nil && bank == nil {
		return fmt.Errorf("nobody has the account")
	}
	for _, control := range statement.Controls {
		if !control.Ties() {
			return fmt.Errorf("%s does not tie", control.Name)
		}
	}
	return nil
}

// plantActions does the same to the NDJSON form, in every text of every kind of action.
func plantActions(t *testing.T, rules *settings, spelling func(string) string, refuse func(n int, data []byte)) []byte {
	t.Helper()
	var out bytes.Buffer
	seq, refused := 0, 0
	for line := range strings.Lines(readText(t, "../../adapters/till/testdata/actions.ndjson")) {
		for n := range 2 {
			seq++
			good := decoded(t, line)
			good["seq"] = seq
			for at, path := range texts(good, nil) {
				number := spelling(cardNumbers[at%len(cardNumbers)])
				value := []string{marker + " " + number + " x", number}[n]
				alone := decoded(t, line)
				alone["seq"] = seq
				plantAt(alone, path, value)
				if encoded := encoded(t, alone); rules.refuses("tills.ndjson", encoded) == nil {
					plantAt(good, path, value)
				} else if n == 1 && refused < 40 {
					refused++
					refuse(refused, encoded)
				}
			}
			out.Write(encoded(t, good))
			if notes, some := good["notes"].(map[string]any); some && n == 1 {
				notes["note "+spelling(cardNumbers[0])] = marker
				refuse(0, encoded(t, good))
			}
		}
	}
	if why := rules.refuses("tills.ndjson", out.Bytes()); why != nil {
		t.Fatal("actions with numbers in every text: ", why)
	}
	if planted := strings.Count(out.String(), marker); planted < 25 {
		t.Errorf("only %d texts took a number", planted)
	}
	return out.Bytes()
}

func decoded(t *testing.T, line string) (object map[string]any) {
	t.Helper()
	if err := json.Unmarshal([]byte(line), &object); err != nil {
		t.Fatal(err)
	}
	return object
}

func encoded(t *testing.T, object map[string]any) []byte {
	t.Helper()
	data, err := json.Marshal(object)
	if err != nil {
		t.Fatal(err)
	}
	return append(data, '\n')
}

// texts are the paths to every text in a JSON value, in order.
func texts(value any, path []any) (paths [][]any) {
	switch value := value.(type) {
	case string:
		return [][]any{slices.Clone(path)}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(value)) {
			paths = append(paths, texts(value[key], append(path, key))...)
		}
	case []any:
		for n := range value {
			paths = append(paths, texts(value[n], append(path, n))...)
		}
	}
	return paths
}

func plantAt(value any, path []any, text string) {
	for n, step := range path {
		last := n == len(path)-1
		switch step := step.(type) {
		case string:
			if last {
				value.(map[string]any)[step] = text
			} else {
				value = value.(map[string]any)[step]
			}
		case int:
			if last {
				value.([]any)[step] = text
			} else {
				value = value.([]any)[step]
			}
		}
	}
}

// searchTables looks through every column of every table there is, or of every view.
func (p *program) searchTables(look string) (tables, cells, marked int) {
	p.t.Helper()
	seen := map[string]bool{}
	for all := json.NewDecoder(strings.NewReader(p.look(look))); all.More(); {
		var c oneCell
		if err := all.Decode(&c); err != nil {
			p.t.Fatal(err)
		}
		seen[c.Table] = true
		if c.Text == nil {
			continue
		}
		if at := cardIn(*c.Text); at != "" {
			p.t.Errorf("table %s: %s", c.Table, at)
		}
		cells++
		marked += strings.Count(*c.Text, marker)
	}
	return len(seen), cells, marked
}

// oneCell is one value of a table; without a text, it says that there is the table.
type oneCell struct {
	Table string
	Text  *string
}

// everyCell prints every column of the tables or views of a kind, but the engine's own
// descriptions of itself.
func everyCell(ctx context.Context, a *app, g *globals, kind string) error {
	out := json.NewEncoder(g.stdout)
	var names []string
	err := eachRow(ctx, a, `SELECT database || '.' || name FROM system.tables
		WHERE lower(database) != 'information_schema' AND (database != 'system' OR name LIKE '%log') AND `+kind, func(values []any) error {
		names = append(names, fmt.Sprint(values[0]))
		return nil
	})
	for _, name := range names {
		if err == nil {
			err = out.Encode(oneCell{Table: name})
		}
		if err == nil {
			err = eachRow(ctx, a, "SELECT * FROM "+name, func(values []any) error {
				for _, value := range values {
					text := fmt.Sprint(value)
					if err := out.Encode(oneCell{name, &text}); err != nil {
						return err
					}
				}
				return nil
			})
		}
	}
	return err
}

func eachRow(ctx context.Context, a *app, sql string, do func(values []any) error) error {
	rows, err := a.warehouse.Query(ctx, sql)
	if err != nil {
		return err
	}
	defer rows.Close()
	names, _ := rows.Columns()
	for rows.Next() {
		values, pointers := make([]any, len(names)), make([]any, len(names))
		for n := range values {
			pointers[n] = &values[n]
		}
		if err := rows.Scan(pointers...); err != nil {
			return err
		}
		if err := do(values); err != nil {
			return err
		}
	}
	return rows.Err()
}

// searchFiles looks through every file and every name below a directory, as they lie.
func searchFiles(t *testing.T, dir string) {
	t.Helper()
	searched := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if at := cardIn(path + "\n" + string(data)); at != "" {
			t.Errorf("%s on disk: %q", path, at)
		}
		searched++
		return err
	})
	if err != nil {
		t.Error(err)
	}
	if searched < 10 {
		t.Errorf("only %d files to search", searched)
	}
}

// cardIn is what stands around a planted number in a text, in any of its spellings.
func cardIn(text string) string {
	for _, number := range cardNumbers {
		for _, spelling := range spellings {
			if at := strings.Index(text, spelling(number)); at >= 0 {
				return text[max(0, at-60):min(len(text), at+60)]
			}
		}
	}
	return ""
}

// luhn is the check of ISO/IEC 7812-1, annex B.
func luhn(number string) bool {
	sum := 0
	for n := range len(number) {
		digit := int(number[len(number)-1-n] - '0')
		if n%2 == 1 {
			if digit *= 2; digit > 9 {
				digit -= 9
			}
		}
		sum += digit
	}
	return sum%10 == 0
}
