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
var packTemplate string

// manifest of a pack: what it stands on, and what its files are.
type manifest struct {
	Day      ledger.BusinessDay `json:"day,omitzero"`
	From     ledger.BusinessDay `json:"from,omitzero"` // of a period
	To       ledger.BusinessDay `json:"to,omitzero"`
	Position ledger.Position    `json:"journal_position"`
	Digest   string             `json:"digest"`
	Terms    string             `json:"terms,omitempty"` // digest of rules, contracts and calendars
	SignedBy string             `json:"signed_by"`
	LockedBy string             `json:"locked_by"`
	Files    map[string]string  `json:"files"` // SHA-256 by name
}

// packed is a day as it stands in a pack: as it was signed, or as of now.
type packed struct {
	facts         *reconcile.DayFacts
	settings      *settings
	configuration string
	at            ledger.Position
	closing       reconcile.Closing
}

// packDay reads a day for a pack from the journal alone, as of the signature, with the
// configuration that was signed: so it is the same a year later.
func (a *app) packDay(ctx context.Context, g *globals, day ledger.BusinessDay, closing reconcile.Closing, now ledger.Position) (packed, error) {
	d := packed{settings: a.settings, configuration: a.settings.text, at: now, closing: closing}
	var err error
	if closing.Signed != nil {
		d.at, d.configuration = closing.Signed.Position, closing.Signed.Configuration
		if d.settings, err = parsePast([]byte(d.configuration)); err != nil {
			return d, fmt.Errorf("the configuration that was signed: %w", err)
		}
	}
	if d.facts, err = reconcile.FactsOf(ctx, a.journal, a.codec, d.settings.terms, day, d.at); err != nil {
		return d, err
	}
	if closing.Signed != nil && d.facts.Digest() != closing.Signed.Digest {
		g.notice(ledger.Say("the journal gives another digest for %s than the one that was signed: %s instead of %s", day.String(), d.facts.Digest(), closing.Signed.Digest))
		return d, exitError(exitVerification)
	}
	return d, nil
}

// pack writes a day's evidence.
func (a *app) pack(ctx context.Context, g *globals, day ledger.BusinessDay, dir string) error {
	if err := refuseOverwriting(dir); err != nil {
		return err
	}
	closing, err := a.desk.Closing(ctx, day)
	if err != nil {
		return err
	}
	now, err := ledger.Head(ctx, a.journal)
	if err != nil {
		return err
	}
	d, err := a.packDay(ctx, g, day, closing, now)
	if err != nil {
		return err
	}
	tables := g.packTables(d)
	page, err := g.packHTML(g.dayPage(d), tables)
	if err != nil {
		return err
	}
	m := manifest{Day: day, Position: d.at, Digest: d.facts.Digest(), Terms: d.facts.Terms}
	if closing.Signed != nil {
		m.SignedBy = closing.Signed.By
	}
	if closing.Locked != nil {
		m.LockedBy = closing.Locked.By
	}
	return g.writePack(dir, m, tables, map[string][]byte{"report.html": page, "configuration.yaml": []byte(d.configuration)})
}

// packPeriod writes a period's evidence: that of its locked days, each as it was signed, one
// below the other, and what they come to.
func (a *app) packPeriod(ctx context.Context, g *globals, from, to ledger.BusinessDay, dir string) error {
	if err := refuseOverwriting(dir); err != nil {
		return err
	}
	closing, err := a.desk.Period(ctx, from, to)
	if err != nil {
		return err
	}
	at, err := ledger.Head(ctx, a.journal)
	if err != nil {
		return err
	}
	m := manifest{From: from, To: to}
	names, configuration := a.settings.names, a.settings.text
	if closing.Signed != nil {
		at, configuration, m.SignedBy = closing.Signed.Position, closing.Signed.Configuration, closing.Signed.By
		settings, err := parsePast([]byte(configuration))
		if err != nil {
			return fmt.Errorf("the configuration that was signed: %w", err)
		}
		names = settings.names
	}
	if closing.Locked != nil {
		m.LockedBy = closing.Locked.By
	}
	facts, err := reconcile.PeriodFactsOf(ctx, a.journal, a.codec, from, to, at)
	if err != nil {
		return err
	}
	if closing.Signed != nil && facts.Digest() != closing.Signed.Digest {
		g.notice(ledger.Say("the journal gives another digest for the period from %s to %s than the one that was signed: %s instead of %s", from.String(), to.String(), facts.Digest(), closing.Signed.Digest))
		return exitError(exitVerification)
	}
	m.Position, m.Digest = at, facts.Digest()
	files := map[string][]byte{"configuration.yaml": []byte(configuration)}
	totals, days := periodTables(facts, names)
	var tables []packTable
	for _, in := range facts.Days {
		closed, err := reconcile.ClosingAt(ctx, a.journal, a.codec, in.Day, at)
		if err != nil {
			return err
		}
		d, err := a.packDay(ctx, g, in.Day, closed, at)
		if err != nil {
			return err
		}
		sum := sha256.Sum256([]byte(d.configuration))
		name := "configuration.yaml"
		if d.configuration != configuration {
			name = "configuration-" + hex.EncodeToString(sum[:4]) + ".yaml"
			files[name] = []byte(d.configuration)
		}
		days.rows = append(days.rows, []string{in.Day.String(), in.SignedBy, in.LockedBy, fmt.Sprint(uint64(d.at)), name, in.Digest})
		tables = below(tables, g.packTables(d), in.Day)
	}
	tables = append([]packTable{totals, days}, tables...)
	page := &packPage{Title: g.say.text(ledger.Say("Reconciliation of %s to %s", from.String(), to.String())), State: g.signedBy(m.SignedBy, m.LockedBy),
		Digest: g.say.text(ledger.Say("digest %s, journal position %d", m.Digest, uint64(at)))}
	for _, total := range facts.Totals {
		page.Lines = append(page.Lines, g.say.text(owedText(names[string(total.Provider)], total)))
	}
	if files["report.html"], err = g.packHTML(page, tables); err != nil {
		return err
	}
	return g.writePack(dir, m, tables, files)
}

// below puts the rows of a day's tables below those of the days before it.
func below(tables, ofDay []packTable, day ledger.BusinessDay) []packTable {
	for n, table := range ofDay {
		for at := range table.rows {
			table.rows[at] = append([]string{day.String()}, table.rows[at]...)
		}
		if n == len(tables) {
			table.columns = append([]packColumn{{name: "day", heading: ledger.Say("day")}}, table.columns...)
			tables = append(tables, table)
			continue
		}
		tables[n].rows = append(tables[n].rows, table.rows...)
	}
	return tables
}

func periodTables(f *reconcile.PeriodFacts, names map[string]string) (totals, days packTable) {
	totals = packTable{name: "totals", heading: ledger.Say("Control totals"), columns: []packColumn{
		{name: "provider", heading: ledger.Say("provider")},
		{name: "name"},
		{name: "currency", heading: ledger.Say("currency")},
		{name: "opening", heading: ledger.Say("owed before"), number: true},
		{name: "sold", heading: ledger.Say("sold"), number: true},
		{name: "coupons", heading: ledger.Say("coupons"), number: true},
		{name: "contract_fee", heading: ledger.Say("fee by contract"), number: true},
		{name: "received", heading: ledger.Say("bank"), number: true},
		{name: "adjusted", heading: ledger.Say("adjusted"), number: true},
		{name: "closing", heading: ledger.Say("owed at the end"), number: true},
		{name: "late", heading: ledger.Say("of it late"), number: true},
	}}
	for _, t := range f.Totals {
		row := []string{string(t.Provider), names[string(t.Provider)], string(t.Currency)}
		for _, minor := range []int64{t.Opening, t.Sold, t.Coupons, t.ContractFee, t.Received, t.Adjusted, t.Closing, t.Late} {
			row = append(row, ledger.FormatMinor(minor, t.Currency))
		}
		totals.rows = append(totals.rows, row)
	}
	days = packTable{name: "days", heading: ledger.Say("Days"), columns: []packColumn{
		{name: "day", heading: ledger.Say("day")},
		{name: "signed_by", heading: ledger.Say("signed by")},
		{name: "locked_by", heading: ledger.Say("locked by")},
		{name: "journal_position", heading: ledger.Say("event"), number: true},
		{name: "configuration"},
		{name: "digest", heading: ledger.Say("digest")},
	}}
	return totals, days
}

func refuseOverwriting(dir string) error {
	if _, err := os.Lstat(dir); !errors.Is(err, fs.ErrNotExist) {
		if err != nil {
			return err
		}
		return ledger.Refuse(ledger.Say("%s is there already", dir), ledger.Say("name a directory that is not there yet: a pack is never mixed with another"))
	}
	return nil
}

// writePack writes the tables, the workbook of them, other files, and a manifest of all.
func (g *globals) writePack(dir string, m manifest, tables []packTable, files map[string][]byte) (err error) {
	for _, table := range tables {
		if files[table.name+".csv"], err = table.csv(); err != nil {
			return err
		}
	}
	if files["pack.xlsx"], err = packBook(tables); err != nil {
		return err
	}
	m.Files = map[string]string{}
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
	fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: %d files, as of journal position %d; the page to print is %s", dir, len(files), uint64(m.Position), filepath.Join(dir, "report.html"))))
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

func (g *globals) packTables(d packed) []packTable {
	f, settings := d.facts, d.settings
	money := ledger.FormatMinor
	sheet := packTable{name: "control_sheet", heading: ledger.Say("Control sheet"), columns: []packColumn{
		{name: "provider", heading: ledger.Say("provider")},
		{name: "name"},
		{name: "channel"},
		{name: "currency", heading: ledger.Say("currency")},
		{name: "bill_here"},
		{name: "sold_count", number: true},
		{name: "sold", heading: ledger.Say("sold"), number: true},
		{name: "matched_count", number: true},
		{name: "matched", heading: ledger.Say("matched"), number: true},
		{name: "differing_expected", heading: ledger.Say("differing"), number: true},
		{name: "absent", number: true},
		{name: "waiting", heading: ledger.Say("waiting"), number: true},
		{name: "open", heading: ledger.Say("open"), number: true},
		{name: "bill_lines", number: true},
		{name: "billed", heading: ledger.Say("billed"), number: true},
		{name: "coupons", heading: ledger.Say("coupons"), number: true},
		{name: "fee", heading: ledger.Say("fee"), number: true},
		{name: "contract_fee", heading: ledger.Say("fee by contract"), number: true},
		{name: "net", heading: ledger.Say("net"), number: true},
		{name: "matched_lines", number: true},
		{name: "differing_lines", number: true},
		{name: "cancelled_lines", number: true},
		{name: "open_lines", number: true},
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
		{name: "of_day", heading: ledger.Say("of day")},
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
		{name: "rate", heading: ledger.Say("exchange rate"), number: true},
		{name: "approved_by", heading: ledger.Say("approved by")},
		{name: "reason", heading: ledger.Say("why")},
	}}
	for _, b := range f.AllBreaks() {
		c := f.Cases[b.ID]
		amount := b.Amount()
		differences.rows = append(differences.rows, []string{b.ID, b.Day.String(), string(b.Kind), string(b.Leg), b.Channel, string(b.Store), string(b.Terminal), b.Reference, string(amount.Currency),
			b.Expected.Amount(), b.Actual.Amount(), amount.Amount(), g.say.text(reason(b.Kind, b.Leg, b.Expected, b.Actual, b.Detail)),
			string(c.Handling), string(c.Cause), c.Assignee, dueText(c.Due), c.ProposedBy, c.ApprovedBy, strings.Join(b.Items, " "), strings.Join(b.Lines, " ")})
	}
	for _, id := range slices.Sorted(maps.Keys(f.Cases)) {
		c := f.Cases[id]
		for _, p := range c.Postings {
			entries.rows = append(entries.rows, []string{id, string(c.Adjustment.Kind), c.Posted.String(), string(p.Account), string(p.Amount.Currency), p.Amount.Amount(), c.ExchangeRate(p), c.ApprovedBy, c.Adjustment.Reason})
		}
	}
	matches := packTable{name: "matches", columns: []packColumn{
		{name: "id"},
		{name: "rule"},
		{name: "score", number: true},
		{name: "currency"},
		{name: "gross", number: true},
		{name: "difference", number: true},
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
	return slices.Concat([]packTable{sheet, payouts, depositsTable(f)}, movementTables(f), []packTable{differences, casesTable(f), entries, matches, decisions, rulesTable(settings), contractsTable(settings, f.Day), statements, signaturesTable(d)})
}

func shortID(id string) ledger.Text { return ledger.Say("%s", id[:min(idShown, len(id))]) }

func breakWord(kind string) ledger.Text { return kindName(reconcile.BreakKind(kind)) }

func handlingWord(handling string) ledger.Text {
	return handlingName(projections.BreakRow{Handling: reconcile.Handling(handling)})
}

func movementTables(f *reconcile.DayFacts) []packTable {
	movements := packTable{name: "movements", heading: ledger.Say("What providers owe"), columns: []packColumn{
		{name: "counts_on", heading: ledger.Say("counts on")},
		{name: "of_day", heading: ledger.Say("of day")},
		{name: "provider", heading: ledger.Say("provider")},
		{name: "currency", heading: ledger.Say("currency")},
		{name: "sold", heading: ledger.Say("sold"), number: true},
		{name: "coupons", heading: ledger.Say("coupons"), number: true},
		{name: "contract_fee", heading: ledger.Say("fee by contract"), number: true},
		{name: "received", heading: ledger.Say("bank"), number: true},
		{name: "adjusted", heading: ledger.Say("adjusted"), number: true},
		{name: "owed", heading: ledger.Say("owed"), number: true},
	}}
	for _, b := range slices.Concat(f.Movements, f.Carried) {
		row := []string{b.Day.String(), b.Of.String(), string(b.Provider), string(b.Currency)}
		for _, minor := range []int64{b.Sold, b.Coupons, b.ContractFee, b.Received, b.Adjusted, b.Owed()} {
			row = append(row, ledger.FormatMinor(minor, b.Currency))
		}
		movements.rows = append(movements.rows, row)
	}
	late := packTable{name: "late_facts", columns: []packColumn{{name: "of_day"}, {name: "what"}, {name: "file"}, {name: "row", number: true}, {name: "id"}, {name: "journal_position", number: true}}}
	for _, l := range f.LateFacts {
		late.rows = append(late.rows, []string{l.Of.String(), l.What, l.File, fmt.Sprint(l.Row), l.ID, fmt.Sprint(uint64(l.Position))})
	}
	return []packTable{movements, late}
}

// casesTable is what people did about the differences, those as well that have closed since.
func casesTable(f *reconcile.DayFacts) packTable {
	table := packTable{name: "cases", columns: []packColumn{{name: "difference"}, {name: "handling"}, {name: "cause"}, {name: "assignee"}, {name: "due"}, {name: "kind"}, {name: "account"}, {name: "reason"},
		{name: "proposed_by"}, {name: "approved_by"}, {name: "posted"}}}
	for _, id := range slices.Sorted(maps.Keys(f.Cases)) {
		c := f.Cases[id]
		table.rows = append(table.rows, []string{id, string(c.Handling), string(c.Cause), c.Assignee, dueText(c.Due), string(c.Adjustment.Kind), string(c.Adjustment.Account), c.Adjustment.Reason,
			c.ProposedBy, c.ApprovedBy, dueText(c.Posted)})
	}
	return table
}

// rulesTable are the matching rules in force, in the order in which they are tried.
func rulesTable(s *settings) packTable {
	table := packTable{name: "rules", columns: []packColumn{{name: "name"}, {name: "version", number: true}, {name: "providers"}, {name: "same"}, {name: "unless"}, {name: "basis"}, {name: "absolute_minor", number: true},
		{name: "relative"}, {name: "within"}, {name: "days", number: true}, {name: "shape"}, {name: "budget", number: true}, {name: "mode"}, {name: "score", number: true}, {name: "from"}, {name: "until"}}}
	for _, rule := range s.terms.Rules {
		r := ruleOf(rule)
		var unless, providers []string
		for _, f := range r.Unless {
			unless = append(unless, string(f))
		}
		for _, p := range r.Providers {
			providers = append(providers, string(p))
		}
		table.rows = append(table.rows, []string{r.Name, fmt.Sprint(r.Version), strings.Join(providers, " "), strings.Join(r.Same, ", "), strings.Join(unless, " "), r.Basis, fmt.Sprint(r.Absolute),
			r.Relative, r.Within, fmt.Sprint(r.Days), r.Shape, fmt.Sprint(r.Budget), r.Mode, fmt.Sprint(r.Score), r.From, r.Until})
	}
	return table
}

// contractsTable are the fees of the contracts in force on a day.
func contractsTable(s *settings, day ledger.BusinessDay) packTable {
	table := packTable{name: "contracts", columns: []packColumn{{name: "provider"}, {name: "name"}, {name: "order", number: true}, {name: "card"}, {name: "mid"}, {name: "at_least", number: true}, {name: "rate"}, {name: "rounding"},
		{name: "flat", number: true}, {name: "min", number: true}, {name: "cap", number: true}, {name: "currency"}, {name: "from"}, {name: "until"}, {name: "refund_fee"}}}
	for _, f := range schedule(s, day) {
		table.rows = append(table.rows, []string{string(f.Provider), f.Name, fmt.Sprint(f.Order), f.Card, string(f.MID), f.AtLeast, f.Rate, f.Rounding, f.Flat, f.Min, f.Cap, string(f.Currency), f.From, f.Until, f.Refunds})
	}
	return table
}

func signaturesTable(d packed) packTable {
	table := packTable{name: "signatures", columns: []packColumn{{name: "what"}, {name: "by"}, {name: "digest"}, {name: "journal_position", number: true}}}
	if signed := d.closing.Signed; signed != nil {
		table.rows = append(table.rows, []string{"signed", signed.By, signed.Digest, fmt.Sprint(uint64(signed.Position))})
	}
	if locked := d.closing.Locked; locked != nil {
		table.rows = append(table.rows, []string{"locked", locked.By, locked.Digest, fmt.Sprint(uint64(locked.Position))})
	}
	return table
}

// packPage is what stands above the tables on the page to print.
type packPage struct {
	Title, State, Digest string
	Lines                []string
	rules                map[string]int // matches by rule
}

func (g *globals) signedBy(signed, locked string) string {
	switch {
	case locked != "":
		return g.say.text(ledger.Say("signed by %s, locked by %s", signed, locked))
	case signed != "":
		return g.say.text(ledger.Say("signed by %s, not locked", signed))
	}
	return g.say.text(ledger.Say("not signed"))
}

func (g *globals) dayPage(d packed) *packPage {
	t := func(text ledger.Text) string { return g.say.text(text) }
	f, settings := d.facts, d.settings
	page := &packPage{Title: t(ledger.Say("Reconciliation of %s", f.Day.String())), Digest: t(ledger.Say("digest %s, configuration %s", f.Digest(), f.Terms)), rules: map[string]int{}}
	signed, locked := "", ""
	if d.closing.Signed != nil {
		signed = d.closing.Signed.By
	}
	if d.closing.Locked != nil {
		locked = d.closing.Locked.By
	}
	page.State = g.signedBy(signed, locked)
	for _, s := range f.Sheets {
		m := func(minor int64) string { return ledger.FormatMinor(minor, s.Currency) }
		page.Lines = append(page.Lines, t(ledger.Say("%s (%s): sold %s = matched %s + differing %s + void %s + waiting %s + open %s", settings.names[string(s.Provider)], string(s.Currency), m(s.Ledger.Amount), m(s.Matched.Amount),
			m(s.Expected.Amount), m(s.Absent.Amount), m(s.Waiting.Amount), m(s.Open.Amount))),
			t(ledger.Say("%s (%s): billed %s = matched %s + differing %s + cancelled %s + open %s; less coupons %s and fees %s = net %s", settings.names[string(s.Provider)], string(s.Currency), m(s.Bill.Gross), m(s.MatchedLines.Amount),
				m(s.Actual.Amount), m(s.Cancelled.Amount), m(s.OpenLines.Amount), m(s.Bill.Discount), m(s.Bill.Fee), m(s.Bill.Net))))
	}
	for _, total := range f.Balances {
		page.Lines = append(page.Lines, t(owedText(settings.names[string(total.Provider)], total)))
	}
	for _, match := range f.Matches {
		page.rules[match.Rule]++
	}
	return page
}

// packHTML is the page to print.
func (g *globals) packHTML(above *packPage, tables []packTable) ([]byte, error) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	type section struct {
		Heading string
		Columns []string
		Rows    [][]string
		Classes []string
	}
	page := struct {
		*packPage
		Lang     string
		Sections []section
	}{packPage: above, Lang: "en"}
	if g.say["open"] != "" {
		page.Lang = "zh-CN"
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
	if len(above.rules) > 0 {
		rules := section{Heading: t(ledger.Say("Matches by rule")), Columns: []string{t(ledger.Say("rule")), t(ledger.Say("matches"))}, Classes: []string{"", "number"}}
		for _, rule := range slices.Sorted(maps.Keys(above.rules)) {
			rules.Rows = append(rules.Rows, []string{rule, fmt.Sprint(above.rules[rule])})
		}
		page.Sections = append(page.Sections, rules)
	}
	parsed, err := template.New("report").Parse(packTemplate)
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = parsed.Execute(&out, page)
	return out.Bytes(), err
}
