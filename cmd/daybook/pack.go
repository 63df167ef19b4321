package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"html/template"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

//go:embed pack.html
var packPage string

// manifest of a pack: what it stands on, and what its files are.
type manifest struct {
	Day      ledger.BusinessDay `json:"day"`
	Position ledger.Position    `json:"journal_position"`
	Digest   string             `json:"digest"`
	Terms    string             `json:"terms"` // digest of rules, contracts and calendars
	SignedBy string             `json:"signed_by"`
	LockedBy string             `json:"locked_by"`
	Files    map[string]string  `json:"files"` // SHA-256 by name
}

// pack writes a day's evidence. It is made of the journal alone, as of the signature, with
// the configuration that was signed: so it is the same bytes a year later.
func (a *app) pack(ctx context.Context, g *globals, day ledger.BusinessDay, dir string) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return err
		}
		return ledger.Refuse(ledger.Say("%s is there already", dir), ledger.Say("name a directory that is not there yet: a pack is never mixed with another"))
	}
	closing, err := a.desk.Closing(ctx, day)
	if err != nil {
		return err
	}
	settings, configuration := a.settings, a.settings.text
	at, err := ledger.Head(ctx, a.journal)
	if err != nil {
		return err
	}
	if closing.Signed != nil {
		at, configuration = closing.Signed.Position, closing.Signed.Configuration
		if settings, err = parsePast([]byte(configuration)); err != nil {
			return fmt.Errorf("the configuration that was signed: %w", err)
		}
	}
	facts, err := reconcile.FactsOf(ctx, a.journal, a.codec, settings.terms, day, at)
	if err != nil {
		return err
	}
	if closing.Signed != nil && facts.Digest() != closing.Signed.Digest {
		g.notice(ledger.Say("the journal gives another digest for %s than the one that was signed: %s instead of %s", day.String(), facts.Digest(), closing.Signed.Digest))
		return exitError(exitVerification)
	}
	files, err := g.packFiles(facts, settings, closing)
	if err != nil {
		return err
	}
	files["configuration.yaml"] = []byte(configuration)
	m := manifest{Day: day, Position: at, Digest: facts.Digest(), Terms: facts.Terms, Files: map[string]string{}}
	if closing.Signed != nil {
		m.SignedBy = closing.Signed.By
	}
	if closing.Locked != nil {
		m.LockedBy = closing.Locked.By
	}
	for name, data := range files {
		sum := sha256.Sum256(data)
		m.Files[name] = hex.EncodeToString(sum[:])
	}
	if files["manifest.json"], err = json.MarshalIndent(m, "", "  "); err != nil {
		return err
	}
	if err := writeWhole(dir, files); err != nil {
		return err
	}
	if g.output != "table" {
		return g.printJSON(m)
	}
	fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: %d files, as of journal position %d; the page to print is %s", dir, len(files), uint64(at), filepath.Join(dir, "report.html"))))
	return nil
}

// writeWhole makes a directory with all its files, or none.
func writeWhole(dir string, files map[string][]byte) (err error) {
	parent := filepath.Dir(filepath.Clean(dir))
	if err := os.MkdirAll(parent, 0o700); err != nil {
		return err
	}
	temporary, err := os.MkdirTemp(parent, ".pack-")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.RemoveAll(temporary))
		}
	}()
	for name, data := range files {
		if err := os.WriteFile(filepath.Join(temporary, name), data, 0o600); err != nil {
			return err
		}
	}
	return os.Rename(temporary, dir)
}

// packTable is a CSV of the pack; the page shows those that have a heading.
type packTable struct {
	name    string
	heading ledger.Text
	columns []packColumn
	rows    [][]string
}

// packColumn is a column of the CSV; the page shows those that have a heading, and says
// words as people do.
type packColumn struct {
	name    string
	heading ledger.Text
	number  bool
	word    func(string) ledger.Text
}

func (t packTable) shown() bool { return t.heading.Format != "" }

func (t packTable) csv() ([]byte, error) {
	var out bytes.Buffer
	out.WriteString("\ufeff") // so that Excel takes it for UTF-8
	w := csv.NewWriter(&out)
	names := make([]string, len(t.columns))
	for n, column := range t.columns {
		names[n] = column.name
	}
	if err := w.Write(names); err != nil {
		return nil, err
	}
	for _, row := range t.rows {
		guarded := make([]string, len(row))
		for n, cell := range row {
			guarded[n] = guard(cell)
		}
		if err := w.Write(guarded); err != nil {
			return nil, err
		}
	}
	w.Flush()
	return out.Bytes(), w.Error()
}

// guard keeps a spreadsheet from taking a text for a formula. A number stays a number.
func guard(cell string) string {
	if cell == "" || !strings.ContainsRune("=+-@\t\r", rune(cell[0])) {
		return cell
	}
	if cell[0] == '-' && strings.Trim(cell[1:], "0123456789.") == "" {
		return cell
	}
	return "'" + cell
}

func (g *globals) packFiles(f *reconcile.DayFacts, settings *settings, closing reconcile.Closing) (map[string][]byte, error) {
	tables := g.packTables(f, settings)
	files := map[string][]byte{}
	for _, table := range tables {
		data, err := table.csv()
		if err != nil {
			return nil, err
		}
		files[table.name+".csv"] = data
	}
	page, err := g.packHTML(f, settings, closing, tables)
	files["report.html"] = page
	return files, err
}

func (g *globals) packTables(f *reconcile.DayFacts, settings *settings) []packTable {
	money := ledger.FormatMinor
	sheet := packTable{name: "control_sheet", heading: ledger.Say("Control sheet"), columns: []packColumn{
		{name: "provider", heading: ledger.Say("provider")},
		{name: "name"},
		{name: "channel"},
		{name: "currency", heading: ledger.Say("currency")},
		{name: "bill_here"},
		{name: "sold_count"},
		{name: "sold", heading: ledger.Say("sold"), number: true},
		{name: "matched_count"},
		{name: "matched", heading: ledger.Say("matched"), number: true},
		{name: "differing_expected", heading: ledger.Say("differing"), number: true},
		{name: "absent"},
		{name: "waiting", heading: ledger.Say("waiting"), number: true},
		{name: "open", heading: ledger.Say("open"), number: true},
		{name: "bill_lines"},
		{name: "billed", heading: ledger.Say("billed"), number: true},
		{name: "coupons", heading: ledger.Say("coupons"), number: true},
		{name: "fee", heading: ledger.Say("fee"), number: true},
		{name: "contract_fee", heading: ledger.Say("fee by contract"), number: true},
		{name: "net", heading: ledger.Say("net"), number: true},
		{name: "matched_lines"},
		{name: "differing_lines"},
		{name: "cancelled_lines"},
		{name: "open_lines"},
	}}
	for _, s := range f.Sheets {
		m := func(minor int64) string { return money(minor, s.Currency) }
		sheet.rows = append(sheet.rows, []string{string(s.Provider), settings.names[string(s.Provider)], s.Channel, string(s.Currency), fmt.Sprint(s.Reported),
			fmt.Sprint(s.Ledger.Count), m(s.Ledger.Amount), fmt.Sprint(s.Matched.Count), m(s.Matched.Amount), m(s.Expected.Amount), m(s.Absent.Amount), m(s.Waiting.Amount), m(s.Open.Amount),
			fmt.Sprint(s.Bill.Lines), m(s.Bill.Gross), m(s.Bill.Discount), m(s.Bill.Fee), m(s.ContractFee), m(s.Bill.Net),
			m(s.MatchedLines.Amount), m(s.Actual.Amount), m(s.Cancelled.Amount), m(s.OpenLines.Amount)})
	}
	payouts := packTable{name: "payouts", heading: ledger.Say("Payouts"), columns: []packColumn{
		{name: "provider", heading: ledger.Say("provider")},
		{name: "currency", heading: ledger.Say("currency")},
		{name: "due", heading: ledger.Say("due")},
		{name: "days", heading: ledger.Say("days")},
		{name: "expected", heading: ledger.Say("expected"), number: true},
		{name: "received", heading: ledger.Say("bank"), number: true},
		{name: "state", heading: ledger.Say("state"), word: payoutWord},
		{name: "bank_rows"},
	}}
	for _, p := range f.Payouts {
		var days []string
		for _, day := range p.Days {
			days = append(days, day.String())
		}
		payouts.rows = append(payouts.rows, []string{string(p.Provider), string(p.Currency), p.Due.String(), strings.Join(days, " "), money(p.Expected, p.Currency), money(p.Received, p.Currency),
			string(p.State), strings.Join(p.Credits, " ")})
	}
	differences := packTable{name: "differences", heading: ledger.Say("Differences"), columns: []packColumn{
		{name: "id", heading: ledger.Say("id"), word: shortID},
		{name: "kind", heading: ledger.Say("kind"), word: breakWord},
		{name: "leg"},
		{name: "channel"},
		{name: "store", heading: ledger.Say("store")},
		{name: "terminal", heading: ledger.Say("terminal")},
		{name: "reference", heading: ledger.Say("reference")},
		{name: "currency", heading: ledger.Say("currency")},
		{name: "expected", heading: ledger.Say("expected"), number: true},
		{name: "actual", heading: ledger.Say("actual"), number: true},
		{name: "amount", heading: ledger.Say("amount"), number: true},
		{name: "reason", heading: ledger.Say("why")},
		{name: "handling", heading: ledger.Say("handling"), word: handlingWord},
		{name: "cause", heading: ledger.Say("cause")},
		{name: "assignee", heading: ledger.Say("assigned to")},
		{name: "due", heading: ledger.Say("until")},
		{name: "proposed_by", heading: ledger.Say("proposed by")},
		{name: "approved_by", heading: ledger.Say("approved by")},
		{name: "payments"},
		{name: "rows"},
	}}
	entries := packTable{name: "entries", heading: ledger.Say("Entries"), columns: []packColumn{
		{name: "difference", heading: ledger.Say("difference"), word: shortID},
		{name: "kind", heading: ledger.Say("kind")},
		{name: "posted", heading: ledger.Say("posted")},
		{name: "account", heading: ledger.Say("account")},
		{name: "currency", heading: ledger.Say("currency")},
		{name: "amount", heading: ledger.Say("amount"), number: true},
		{name: "approved_by", heading: ledger.Say("approved by")},
		{name: "reason", heading: ledger.Say("why")},
	}}
	for _, b := range f.Breaks {
		c := f.Cases[b.ID]
		amount := b.Amount()
		differences.rows = append(differences.rows, []string{b.ID, string(b.Kind), string(b.Leg), b.Channel, string(b.Store), string(b.Terminal), b.Reference, string(amount.Currency),
			b.Expected.Amount(), b.Actual.Amount(), amount.Amount(), g.say.text(reason(b.Kind, b.Leg, b.Expected, b.Actual, b.Detail)),
			string(c.Handling), string(c.Cause), c.Assignee, dueText(c.Due), c.ProposedBy, c.ApprovedBy, strings.Join(b.Items, " "), strings.Join(b.Lines, " ")})
	}
	for _, id := range slices.Sorted(maps.Keys(f.Cases)) {
		c := f.Cases[id]
		for _, p := range c.Postings {
			entries.rows = append(entries.rows, []string{id, string(c.Adjustment.Kind), c.Posted.String(), string(p.Account), string(p.Amount.Currency), p.Amount.Amount(), c.ApprovedBy, c.Adjustment.Reason})
		}
	}
	matches := packTable{name: "matches", columns: []packColumn{
		{name: "id"},
		{name: "rule"},
		{name: "score"},
		{name: "currency"},
		{name: "gross"},
		{name: "difference"},
		{name: "by"},
		{name: "payments"},
		{name: "rows"},
	}}
	for _, m := range f.Matches {
		matches.rows = append(matches.rows, []string{m.ID, m.Rule, fmt.Sprint(m.Score), string(m.Gross.Currency), m.Gross.Amount(), money(m.Difference, m.Gross.Currency), m.By, strings.Join(m.Items, " "), strings.Join(m.Lines, " ")})
	}
	decisions := packTable{name: "decisions", columns: []packColumn{
		{name: "verdict"},
		{name: "by"},
		{name: "reason"},
		{name: "rule"},
		{name: "payments"},
		{name: "rows"},
	}}
	for _, d := range f.Decisions {
		decisions.rows = append(decisions.rows, []string{string(d.Verdict), d.By, d.Reason, d.Rule, strings.Join(d.Items, " "), strings.Join(d.Lines, " ")})
	}
	statements := packTable{name: "files", heading: ledger.Say("Files"), columns: []packColumn{
		{name: "file", heading: ledger.Say("file")},
		{name: "kind"},
		{name: "sender", heading: ledger.Say("sender")},
		{name: "format", heading: ledger.Say("format")},
		{name: "from", heading: ledger.Say("from day")},
		{name: "to", heading: ledger.Say("to day")},
		{name: "lines", heading: ledger.Say("rows"), number: true},
		{name: "version", heading: ledger.Say("version"), number: true},
		{name: "replaces"},
		{name: "sha256", heading: ledger.Say("SHA-256")},
	}}
	for _, l := range f.Statements {
		file := f.Files[l.Statement]
		statements.rows = append(statements.rows, []string{file.File, string(l.Kind), l.Sender, file.Format, l.From.String(), l.To.String(), fmt.Sprint(file.Lines), fmt.Sprint(l.Version), l.Replaces, l.Statement})
	}
	return []packTable{sheet, payouts, differences, entries, matches, decisions, statements}
}

func shortID(id string) ledger.Text { return ledger.Say("%s", id[:min(idShown, len(id))]) }

func breakWord(kind string) ledger.Text { return kindName(reconcile.BreakKind(kind)) }

func handlingWord(handling string) ledger.Text {
	return handlingName(projections.BreakRow{Handling: reconcile.Handling(handling)})
}

// packHTML is the page to print.
func (g *globals) packHTML(f *reconcile.DayFacts, settings *settings, closing reconcile.Closing, tables []packTable) ([]byte, error) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	type section struct {
		Heading string
		Columns []string
		Rows    [][]string
		Classes []string
	}
	page := struct {
		Lang, Title, State, Digest string
		Lines                      []string
		Sections                   []section
	}{Lang: "en", Title: t(ledger.Say("Reconciliation of %s", f.Day.String())), Digest: t(ledger.Say("digest %s, configuration %s", f.Digest(), f.Terms))}
	if g.say["open"] != "" {
		page.Lang = "zh-CN"
	}
	switch {
	case closing.Locked != nil:
		page.State = t(ledger.Say("signed by %s, locked by %s", closing.Locked.PreparedBy, closing.Locked.By))
	case closing.Signed != nil:
		page.State = t(ledger.Say("signed by %s, not locked", closing.Signed.By))
	default:
		page.State = t(ledger.Say("not signed"))
	}
	for _, s := range f.Sheets {
		m := func(minor int64) string { return ledger.FormatMinor(minor, s.Currency) }
		page.Lines = append(page.Lines, t(ledger.Say("%s (%s): sold %s = matched %s + differing %s + void %s + waiting %s + open %s", settings.names[string(s.Provider)], string(s.Currency), m(s.Ledger.Amount), m(s.Matched.Amount),
			m(s.Expected.Amount), m(s.Absent.Amount), m(s.Waiting.Amount), m(s.Open.Amount))),
			t(ledger.Say("%s (%s): billed %s = matched %s + differing %s + cancelled %s + open %s; less coupons %s and fees %s = net %s", settings.names[string(s.Provider)], string(s.Currency), m(s.Bill.Gross), m(s.MatchedLines.Amount),
				m(s.Actual.Amount), m(s.Cancelled.Amount), m(s.OpenLines.Amount), m(s.Bill.Discount), m(s.Bill.Fee), m(s.Bill.Net))))
	}
	counts := map[string]int{}
	for _, match := range f.Matches {
		counts[match.Rule]++
	}
	rules := section{Heading: t(ledger.Say("Matches by rule")), Columns: []string{t(ledger.Say("rule")), t(ledger.Say("matches"))}, Classes: []string{"", "number"}}
	for _, rule := range slices.Sorted(maps.Keys(counts)) {
		rules.Rows = append(rules.Rows, []string{rule, fmt.Sprint(counts[rule])})
	}
	for _, table := range tables {
		if !table.shown() {
			continue
		}
		s := section{Heading: t(table.heading), Rows: make([][]string, len(table.rows))}
		for n, column := range table.columns {
			if column.heading.Format == "" {
				continue // in the CSV; the page is for eyes
			}
			class := ""
			switch {
			case column.number:
				class = "number"
			case column.name == "reason":
				class = "text"
			}
			s.Columns, s.Classes = append(s.Columns, t(column.heading)), append(s.Classes, class)
			for at, row := range table.rows {
				cell := row[n]
				if column.word != nil {
					cell = t(column.word(cell))
				}
				s.Rows[at] = append(s.Rows[at], cell)
			}
		}
		page.Sections = append(page.Sections, s)
	}
	page.Sections = append(page.Sections, rules)
	parsed, err := template.New("report").Parse(packPage)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, page)
	return out.Bytes(), err
}
