package reconcile

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"time"

	"daybook/ledger"
)

// StatementFile is a statement with the file it was read from.
type StatementFile struct {
	Name, SHA256 string
	Bytes        int64
	*Statement
	Quarantined []ledger.RowQuarantined // rows that could not be read, in their order
}

// Imported is what became of a statement.
type Imported struct {
	Already   bool // the same bytes were imported before; nothing was written
	Otherwise int  // of those that were, rows that are read otherwise now than then: a profile has changed
	Summary   StatementImported
}

// Importer records statements, whole or not at all. It is safe for concurrent use.
type Importer struct {
	journal ledger.Journal
	codec   *ledger.Codec
	terms   *Terms
}

// NewImporter makes an importer over a journal.
func NewImporter(journal ledger.Journal, codec *ledger.Codec, terms *Terms) *Importer {
	return &Importer{journal, codec, terms}
}

// Statement records a statement and lists it for the days it covers, from when on it
// counts. Recording the same file again, whole or after a crash in the middle, ends in
// the same journal.
//
// A statement is refused when nobody in the configuration sends it, when its own totals
// do not tie (unless the provider's terms say to report that, or rows that could not be
// read may be all that is missing), and when another one of the same sender and kind covers
// one of its days, unless they are of different settlements; correction replaces that one. A kind that another document includes is
// there already, too.
func (im *Importer) Statement(ctx context.Context, file StatementFile, correction bool, progress func(done int)) (Imported, error) {
	summary, err := im.terms.Accept(file)
	if err != nil {
		return Imported{}, err
	}
	done, n, found, err := im.latest(ctx, file.SHA256)
	if err != nil {
		return Imported{}, err
	}
	if found {
		file.SHA256 = rereadID(file.SHA256, n)
	}
	recorded, err := linesOf(ctx, im.journal, im.codec, file.SHA256)
	if err != nil {
		return Imported{}, err
	}
	if found {
		// The listing may have been cut off by a crash; listing again writes nothing twice. It
		// lists what the journal has: today's profile may read the same bytes otherwise.
		otherwise := differing(recorded, file.Lines)
		whole := *file.Statement
		whole.Lines = recorded
		file.Statement = &whole
		return Imported{Already: true, Otherwise: otherwise, Summary: done}, im.list(ctx, file, done)
	}
	if !begins(file.Lines, recorded) {
		return Imported{}, interrupted(file, len(recorded))
	}
	if summary.Version, summary.Replaces, err = im.version(ctx, file, summary, correction); err != nil {
		return Imported{}, err
	}
	err = im.record(ctx, file, &summary, progress)
	return Imported{Summary: summary}, err
}

// record writes a statement and lists it.
func (im *Importer) record(ctx context.Context, file StatementFile, summary *StatementImported, progress func(done int)) error {
	begun := ledger.ImportBegun{File: file.Name, SHA256: file.SHA256, Bytes: file.Bytes, Format: file.Format}
	if err := ledger.BeginImport(ctx, im.journal, im.codec, im.stream(file.SHA256), begun); err != nil {
		return err
	}
	if err := im.pages(ctx, file, summary, progress); err != nil {
		return err
	}
	return im.list(ctx, file, *summary)
}

// begins reports whether lines that were recorded before a crash are the first pages of a file.
func begins(lines, recorded []Line) bool {
	whole := len(recorded) == 0
	for n, pages := 0, slices.Collect(pagesOf(lines)); n < len(recorded) && len(pages) > 0; pages = pages[1:] {
		n += len(pages[0])
		whole = n == len(recorded)
	}
	return whole && differing(recorded, lines[:len(recorded)]) == 0
}

// differing counts the lines that are not the same in two readings of one file.
func differing(one, other []Line) int {
	n := max(len(one), len(other)) - min(len(one), len(other))
	for i := range min(len(one), len(other)) {
		a, b := one[i], other[i]
		same := a.At.Equal(b.At)
		a.At, b.At = time.Time{}, time.Time{}
		if !same || a != b {
			n++
		}
	}
	return n
}

func (im *Importer) stream(sha string) ledger.StreamID { return ledger.Stream("statement", sha) }

func (im *Importer) meta(file StatementFile, day ledger.BusinessDay) ledger.Metadata {
	return ledger.Metadata{Actor: "importer", Origin: &ledger.Origin{File: file.Name, SHA256: file.SHA256},
		Correlation: file.SHA256, BusinessDay: day}
}

// Accept checks what can be checked of a file without the journal: who sent it, which days it
// covers, and that its own totals tie. The summary is what would be recorded.
func (t *Terms) Accept(file StatementFile) (StatementImported, error) {
	s := file.Statement
	summary := StatementImported{
		Statement: file.SHA256, File: file.Name, Bytes: file.Bytes, Format: s.Format, Kind: s.Kind, Account: s.Account,
		From: s.From, To: s.To, Lines: len(s.Lines), Quarantined: len(file.Quarantined), Checked: len(s.Controls), Dropped: s.Dropped, Truncated: s.Truncated,
		Balances: s.Balances, Settlements: s.Settlements,
		Totals: TotalsOf(s.Lines),
	}
	provider, bank := t.Sender(s)
	switch {
	case provider != nil:
		summary.Sender = string(provider.ID)
	case bank != nil:
		summary.Sender = bank.ID
	default:
		return summary, ledger.Refuse(
			ledger.Say("%s is a %s file of account %q, which no provider in the configuration has", file.Name, s.Format, s.Account),
			ledger.Say("in the configuration, list the format under formats: of its provider, and the account under accounts:"))
	}
	if s.From.IsZero() && len(s.Lines) == 0 {
		return summary, ledger.Refuse(ledger.Say("%s has no rows and does not say which day it is for", file.Name),
			ledger.Say("name the day: daybook import --day YYYY-MM-DD %s", file.Name))
	}
	if s.From.IsZero() || s.To.Sub(s.From) < 0 || s.To.Sub(s.From) > 400 {
		return summary, ledger.Problem("%s covers %s to %s, which is no period of at most 400 days", file.Name, s.From.String(), s.To.String())
	}
	if len(file.Quarantined) > len(s.Lines) {
		return summary, ledger.Refuse(ledger.Say("%s: %d rows cannot be read and only %d can: this is no file with a few bad rows", file.Name, len(file.Quarantined), len(s.Lines)),
			ledger.Say("ask the sender for the original file"))
	}
	for _, control := range s.Controls {
		if control.Ties() {
			continue
		}
		if len(summary.Untied) < maxUntied {
			summary.Untied = append(summary.Untied, control)
		}
		if !control.lacks(len(file.Quarantined)) && !(provider != nil && provider.ReportControls || bank != nil && bank.ReportControls) {
			next := ledger.Say("ask the sender for the original, or set control_totals: report for this bank to import it with a break")
			if provider != nil {
				next = ledger.Say("ask the sender for the original, or set control_totals: report for this provider to import it with a break")
			}
			return summary, ledger.Refuse(
				ledger.Say("%s:%d: %s: the file states %s, its rows come to %s; nothing was imported", file.Name, control.Row, control.Name, control.print(control.Stated), control.print(control.Computed)), next)
		}
	}
	return summary, nil
}

// lacks reports whether rows that could not be read may be all that a control is short of.
// What they are worth nobody knows; how many they are is known.
func (c Control) lacks(rows int) bool {
	return rows > 0 && (c.Currency != "" || c.Computed <= c.Stated && c.Stated <= c.Computed+int64(rows))
}

// maxUntied bounds the totals kept of a file that contradicts itself in every row.
const maxUntied = 100

func (c Control) print(n int64) string {
	if c.Currency == "" {
		return strconv.FormatInt(n, 10)
	}
	return ledger.Minor(n, c.Currency).String()
}

// TotalsOf sums all lines per currency, in order of currency.
func TotalsOf(lines []Line) []Total { return totals(lines, func(Line) bool { return true }) }

// totals of the lines that count, per currency, in order of currency.
func totals(lines []Line, counts func(Line) bool) []Total {
	index := map[ledger.Currency]*Total{}
	for _, line := range lines {
		if !counts(line) {
			continue
		}
		t := index[line.Currency]
		if t == nil {
			t = &Total{Currency: line.Currency}
			index[line.Currency] = t
		}
		t.Lines++
		t.Gross = ledger.AddMinor(t.Gross, line.Gross)
		t.Discount = ledger.AddMinor(t.Discount, line.Discount)
		t.Fee = ledger.AddMinor(t.Fee, line.Fee)
		t.Net = ledger.AddMinor(t.Net, line.Net)
	}
	list := []Total{}
	for _, t := range index {
		list = append(list, *t)
	}
	slices.SortFunc(list, func(a, b Total) int { return cmp.Compare(a.Currency, b.Currency) })
	return list
}

// kindTotals sums the lines that count by their kinds, in order of kind and currency.
func kindTotals(lines []Line, counts func(Line) bool) []KindTotal {
	kinds := map[LineKind]bool{}
	for _, line := range lines {
		kinds[line.Kind] = true
	}
	var list []KindTotal
	for _, kind := range sortedKeys(kinds) {
		for _, total := range totals(lines, func(l Line) bool { return l.Kind == kind && counts(l) }) {
			list = append(list, KindTotal{kind, total})
		}
	}
	return list
}

// recorded finds the closing event of a statement that is whole in the journal.
func (im *Importer) recorded(ctx context.Context, sha string) (StatementImported, bool, error) {
	for recorded, err := range im.journal.Read(ctx, ledger.Query{Stream: im.stream(sha), From: ledger.LatestRevision, Backwards: true, Limit: 1}) {
		if err != nil {
			return StatementImported{}, false, err
		}
		payload, err := im.codec.Decode(recorded.Event)
		if err != nil {
			return StatementImported{}, false, err
		}
		done, whole := payload.(StatementImported)
		return done, whole, nil
	}
	return StatementImported{}, false, nil
}

// version looks for statements of the same sender that cover the same days.
func (im *Importer) version(ctx context.Context, file StatementFile, summary StatementImported, correction bool) (int, string, error) {
	own := append([]StatementKind{summary.Kind}, file.Includes...)
	for day := summary.From; day.Compare(summary.To) <= 0; day = day.AddDays(1) {
		listed, err := listedOn(ctx, im.journal, im.codec, day)
		if err != nil {
			return 0, "", err
		}
		var same []StatementListed
		for _, other := range inForce(listed) {
			switch {
			case !other.covers(day): // it has a row of this day, and is the file of another
			case other.Sender != summary.Sender || other.Account != summary.Account || other.Statement == summary.Statement:
			case other.Kind == summary.Kind:
				apart, err := im.settlesAnother(ctx, summary, other)
				if err != nil {
					return 0, "", err
				}
				if !apart {
					same = append(same, other)
				}
			case slices.ContainsFunc(own, func(k StatementKind) bool { return k == other.Kind || slices.Contains(other.Includes, k) }):
				first, _, err := im.recorded(ctx, other.Statement)
				if err != nil {
					return 0, "", err
				}
				return 0, "", ledger.Refuse(
					ledger.Say("%s: a part of it is already here for %s, in %s; nothing was imported", file.Name, day.String(), first.File),
					ledger.Say("import either the parts one by one or the archive that holds them, not both"))
			}
		}
		for _, other := range same {
			if other.From != summary.From || other.To != summary.To {
				return 0, "", ledger.Refuse(
					ledger.Say("%s covers %s to %s, but %s of %s is already here with a file for %s to %s", file.Name, summary.From.String(), summary.To.String(), day.String(), summary.Sender, other.From.String(), other.To.String()),
					ledger.Say("import a file for exactly the same period, or one that begins after it"))
			}
			if correction {
				return other.Version + 1, other.Statement, nil
			}
			return 0, "", im.refuseSecond(ctx, file, other)
		}
	}
	return 1, "", nil
}

// settlesAnother reports whether two documents of one kind and day are of different
// settlements. One that names none may be of any.
func (im *Importer) settlesAnother(ctx context.Context, summary StatementImported, other StatementListed) (bool, error) {
	if len(summary.Settlements) == 0 {
		return false, nil
	}
	first, _, err := im.recorded(ctx, other.Statement)
	if err != nil || len(first.Settlements) == 0 {
		return false, err
	}
	return !slices.ContainsFunc(summary.Settlements, func(number string) bool { return slices.Contains(first.Settlements, number) }), nil
}

// refuseSecond says how a second file for the same days differs from the first.
func (im *Importer) refuseSecond(ctx context.Context, file StatementFile, other StatementListed) error {
	first, _, err := im.recorded(ctx, other.Statement)
	if err != nil {
		return err
	}
	old, err := linesOf(ctx, im.journal, im.codec, other.Statement)
	if err != nil {
		return err
	}
	known := map[string]int{}
	for _, line := range old {
		known[line.Raw]++
	}
	differing, row, raw := 0, 0, ""
	for _, line := range file.Lines {
		if known[line.Raw] > 0 {
			known[line.Raw]--
			continue
		}
		if differing++; differing == 1 {
			row, raw = line.Row, line.Raw
		}
	}
	hint := ledger.Say("if it is a correction, import it with --correction: it then replaces the first")
	if differing == 0 {
		return ledger.Refuse(ledger.Say("%s: %s of %s is already here from %s (%d rows); this file holds %d of them and nothing new",
			file.Name, other.Sender, other.Day.String(), first.File, len(old), len(file.Lines)), hint)
	}
	return ledger.Refuse(
		ledger.Say("%s: %s of %s is already here from %s (%d rows); this file has other content: %d of its %d rows are new, the first in row %d: %s",
			file.Name, other.Sender, other.Day.String(), first.File, len(old), differing, len(file.Lines), row, shorten(raw)),
		hint)
}

func shorten(raw string) string {
	if runes := []rune(raw); len(runes) > 120 {
		return string(runes[:120]) + "…"
	}
	return raw
}

// maxPageLines keeps a page of lines under MaxAppendBytes; rows are a few hundred bytes.
const maxPageLines = 200

// pages writes the lines and then the closing event. Ids come from file and page, so a
// run that was cut off goes on where it stopped.
func (im *Importer) pages(ctx context.Context, file StatementFile, summary *StatementImported, progress func(done int)) error {
	stream := im.stream(file.SHA256)
	append := func(name string, payload any) error {
		event, err := im.codec.Encode(ledger.DeriveID(name, file.SHA256), payload, im.meta(file, file.To))
		if err != nil {
			return err
		}
		if _, err := im.journal.Append(ctx, stream, ledger.Any, event); err != nil {
			return fmt.Errorf("record %s: %w", file.Name, err)
		}
		return nil
	}
	done := 0
	for lines := range pagesOf(file.Lines) {
		if err := append("page "+strconv.Itoa(summary.Pages), LinesRecorded{file.SHA256, summary.Pages, lines}); err != nil {
			return err
		}
		summary.Pages++
		if done += len(lines); progress != nil {
			progress(done)
		}
	}
	for _, page := range ledger.PagesOf(file.SHA256, file.Quarantined) {
		if err := append("quarantined "+strconv.Itoa(page.Page), page); err != nil {
			return err
		}
	}
	return append("imported", *summary)
}

// size is about what a line takes as JSON, rather more than less.
func (l Line) size() int { return 4*(len(l.Raw)+len(l.Memo)+len(l.Counterparty)) + 1000 }

// pagesOf cuts lines by count and, for files with long rows, by size.
func pagesOf(lines []Line) func(yield func([]Line) bool) {
	return func(yield func([]Line) bool) {
		for chunk := range ledger.Chunks(lines, Line.size) {
			for page := range slices.Chunk(chunk, maxPageLines) {
				if !yield(page) {
					return
				}
			}
		}
	}
}

// list enters the statement into the table of contents of each day it covers or has
// lines on, and of each that the statement it replaces has lines on.
func (im *Importer) list(ctx context.Context, file StatementFile, summary StatementImported) error {
	days := map[ledger.BusinessDay]bool{}
	for day := summary.From; day.Compare(summary.To) <= 0; day = day.AddDays(1) {
		days[day] = true
	}
	for _, line := range file.Lines {
		days[line.Day] = true
	}
	if summary.Rereads != "" { // which may be of other days than it was
		before, _, err := im.recorded(ctx, summary.Replaces)
		if err != nil {
			return err
		}
		for day := before.From; day.Compare(before.To) <= 0; day = day.AddDays(1) {
			days[day] = true
		}
	}
	if summary.Replaces != "" {
		replaced, err := linesOf(ctx, im.journal, im.codec, summary.Replaces)
		if err != nil {
			return err
		}
		for _, line := range replaced {
			days[line.Day] = true
		}
	}
	sorted := make([]ledger.BusinessDay, 0, len(days))
	for day := range days {
		sorted = append(sorted, day)
	}
	slices.SortFunc(sorted, ledger.BusinessDay.Compare)
	for _, day := range sorted {
		of := func(l Line) bool { return l.Day == day && (!summary.Kind.bills() || l.owes()) }
		listed := StatementListed{
			Statement: file.SHA256, Day: day, Kind: summary.Kind, Sender: summary.Sender, Account: summary.Account,
			From: summary.From, To: summary.To, Version: summary.Version, Replaces: summary.Replaces,
			Totals: totals(file.Lines, of), Includes: file.Includes, Quarantined: summary.Quarantined,
		}
		switch summary.Kind {
		case ProviderAccount:
			listed.Sums = kindTotals(file.Lines, of)
		case BillSummary:
			listed.Sums = file.Sums
		}
		event, err := im.codec.Encode(ledger.DeriveID("listed", file.SHA256, day.String()), listed, im.meta(file, day))
		if err != nil {
			return err
		}
		if _, err := im.journal.Append(ctx, ledger.DayStream(day), ledger.Any, event); err != nil {
			return fmt.Errorf("list %s for %s: %w", file.Name, day, err)
		}
	}
	return nil
}

// listedOn returns the statements that were ever listed for a day.
func listedOn(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, day ledger.BusinessDay) ([]StatementListed, error) {
	var listed []StatementListed
	for recorded, err := range journal.Read(ctx, ledger.Query{Stream: ledger.DayStream(day), Filter: ledger.Filter{Types: []string{"statement-listed."}}}) {
		if err != nil {
			return nil, err
		}
		payload, err := codec.Decode(recorded.Event)
		if err != nil {
			return nil, err
		}
		listed = append(listed, payload.(StatementListed))
	}
	slices.SortFunc(listed, func(a, b StatementListed) int { return cmp.Compare(a.Statement, b.Statement) })
	return listed, nil
}

// inForce leaves out the statements that others replace.
func inForce(listed []StatementListed) []StatementListed {
	replaced := map[string]bool{}
	for _, l := range listed {
		replaced[l.Replaces] = true
	}
	var left []StatementListed
	for _, l := range listed {
		if !replaced[l.Statement] {
			left = append(left, l)
		}
	}
	return left
}

// covers reports whether the statement is for a day, rather than having a stray row of it.
func (l StatementListed) covers(day ledger.BusinessDay) bool {
	return l.From.Compare(day) <= 0 && day.Compare(l.To) <= 0
}

// linesOf reads a statement's lines back.
func linesOf(ctx context.Context, journal ledger.Journal, codec *ledger.Codec, sha string) ([]Line, error) {
	var pages [][]Line
	query := ledger.Query{Stream: ledger.Stream("statement", sha), Filter: ledger.Filter{Types: []string{"lines-recorded."}}}
	err := codec.DecodeEach(journal.Read(ctx, query), func(_ ledger.Position, payload any) {
		pages = append(pages, payload.(LinesRecorded).Lines)
	})
	return slices.Concat(pages...), err // which takes no more than they need
}
