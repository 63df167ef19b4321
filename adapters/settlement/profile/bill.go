package profile

import (
	"cmp"
	"errors"
	"io"
	"slices"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// bill is one document being read.
type bill struct {
	*Format
	file      string
	problems  files.Problems
	sheet     *files.Sheet
	statement *reconcile.Statement
	reading   *Reading
	moves     []string    // what each line's word of type means
	preamble  []files.Row // rows above the header
	totals    []files.Row // rows of totals, above and below the table
	personal  []string    // columns of this file to empty
	currency  ledger.Currency
	merchants []string // two at most
	day       ledger.BusinessDay
	ended     bool
}

func (b *bill) read(text string, at place) {
	reader := b.records(b.file, text, at.dialect)
	readable, behind := true, false // without a column every row would only repeat it
	for {
		row, err := reader.Read()
		var wrong *files.Error
		switch {
		case err == io.EOF:
			b.finish(readable)
			return
		case errors.As(err, &wrong):
			if b.sheet != nil || b.profile.Fixed != nil { // a title is no business of ours
				b.problems.Add(wrong)
			}
			continue
		}
		if b.sheet == nil && row.Line >= at.line {
			readable = b.begin(at)
			if len(b.headings) == 0 {
				continue
			}
		}
		total := slices.ContainsFunc(b.profile.Totals, func(t Total) bool { return b.begins(row, t.Row) })
		switch {
		case b.skipped(row):
		case total || b.begins(row, b.profile.End):
			if total {
				b.totals = append(b.totals, row)
			}
			b.ended = b.ended || b.begins(row, b.profile.End)
		case b.isTrailer(row): // of which nothing is asked
		case b.sheet != nil && b.isHead(row):
			b.problems.Add(&files.Error{File: b.file, Row: row.Line,
				Text: ledger.Say("a second head stands among the rows"),
				Hint: ledger.Say("two bills may have been joined; import each as it was downloaded")})
		case b.sheet == nil:
			b.preamble = append(b.preamble, row)
		case b.ended && behind:
		case b.ended:
			behind = true
			b.problems.Add(&files.Error{File: b.file, Row: row.Line,
				Text: ledger.Say("a row stands behind the end mark of the list"),
				Hint: ledger.Say("two bills may have been joined; import each as it was downloaded")})
		case readable:
			b.readRow(row)
		}
	}
}

// begin lays out the table and reads what stands above it.
func (b *bill) begin(at place) (readable bool) {
	header := at.header
	if len(b.headings) > 0 {
		header = files.Row{Cells: b.headings}
	}
	b.sheet = files.NewSheet(b.file, header, &b.problems)
	b.statement.Truncated, b.statement.Dropped = b.sheet.Truncated, b.sheet.Dropped
	read := Words(b.profile.headings())
	for _, heading := range b.sheet.Headings {
		switch {
		case heading == "" || read.has(heading):
		case b.profile.Personal.has(heading) || private(heading):
			b.personal = append(b.personal, heading)
		default:
			b.reading.Kept = append(b.reading.Kept, heading)
		}
	}
	readable = b.sheet.Require(b.required...)
	before := b.problems.Count()
	b.readPreamble()
	return readable && b.problems.Count() == before // else every row would only repeat it
}

// labelled finds what a label above the header says.
func (b *bill) labelled(label string) (value string, line int, found bool) {
	if label == "" {
		return "", 0, false
	}
	for _, row := range b.preamble {
		if fixed := b.profile.Fixed; fixed != nil {
			value, _ := b.column(row, fixed.Head.Columns.headings(), label)
			return files.Truncate(value), row.Line, true
		}
		for n, cell := range row.Cells {
			at := strings.Index(cell, label)
			if at < 0 {
				continue
			}
			value := strings.Trim(b.clean(cell[at+len(label):]), ":：[] \t\u3000")
			if value == "" && n+1 < len(row.Cells) {
				value = b.clean(row.Cells[n+1])
			}
			return files.Truncate(value), row.Line, true
		}
	}
	b.missing(label)
	return "", 0, false
}

func (b *bill) missing(mark string) {
	b.problems.Add(&files.Error{File: b.file,
		Text: ledger.Say("the file is cut short or was edited: it has no %s", ledger.Say("line %s", mark)),
		Hint: ledger.Say("download it again")})
}

func (b *bill) readPreamble() {
	p := b.profile.Preamble
	b.currency = ledger.Currency(b.profile.Currency)
	bad := func(label, value string, line int, text ledger.Text) {
		b.problems.Add(&files.Error{File: b.file, Row: line, Column: label, Value: value, Text: text, Hint: ledger.Say("compare the row with the original file")})
	}
	if value, line, found := b.labelled(p.Currency); found {
		currency, err := ledger.ParseCurrency(value)
		if err != nil {
			bad(p.Currency, value, line, ledger.Say("this is not an ISO 4217 currency code"))
		}
		b.currency = currency
	}
	if value, line, found := b.labelled(p.Merchant); found {
		if ledger.CheckID(p.Merchant, value, maxID) != nil || value == "" {
			bad(p.Merchant, value, line, ledger.Say("this is not an identifier of at most %d letters and digits", maxID))
		}
		b.enter(value)
	}
	day := func(label string) (day ledger.BusinessDay) {
		value, line, found := b.labelled(label)
		if !found {
			return day
		}
		at, ok := b.parseTime(value, b.profile.Time.DayLayouts)
		if !ok {
			bad(label, value, line, ledger.Say("this is not a time written like %s", strings.Join(b.profile.Time.DayLayouts, ", ")))
			return day
		}
		return ledger.DayOf(at)
	}
	b.day = day(p.Day)
	b.statement.From, b.statement.To = b.day, b.day
	if p.From != "" {
		b.statement.From, b.statement.To = day(p.From), day(p.To)
	}
}

// maxID is the longest identifier that is kept.
const maxID = 64

// enter notes whose bill it is.
func (b *bill) enter(merchant string) {
	if merchant != "" && !slices.Contains(b.merchants, merchant) && len(b.merchants) < 2 {
		b.merchants = append(b.merchants, merchant)
	}
}

func (b *bill) readRow(row files.Row) {
	row = b.fitted(row)
	r := b.sheet.Record(row)
	if !r.Sound() {
		return
	}
	r.Drop(b.personal...)
	c := b.profile.Columns
	line := reconcile.Line{
		Row: row.Line, Currency: b.readCurrency(r), RawKind: b.typeOf(r),
		TID: ledger.TID(b.id(r, c.Terminal)), Batch: ledger.BatchNo(b.id(r, c.Batch)), STAN: ledger.STAN(b.id(r, c.STAN)), RRN: ledger.RRN(b.id(r, c.RRN)),
		AuthCode: ledger.AuthCode(b.id(r, c.AuthCode)), ProviderNo: b.id(r, c.ProviderNo), Channel: b.channel(r),
	}
	if c.Store != "" {
		line.Store = ledger.StoreID(r.Text(c.Store))
	}
	merchant := b.id(r, c.Merchant)
	if c.Merchant == "" && len(b.merchants) > 0 {
		merchant = b.merchants[0]
	}
	line.MID = ledger.MID(merchant)
	line.At, line.Day = b.readTime(r)
	line.CardKind = b.word(r, c.CardKind, b.profile.CardKinds, "")
	b.readCard(r, &line)
	m, move := b.meaningOf(r, line.RawKind)
	line.Kind = m.kind
	if line.Currency.Known() && !m.nothing {
		b.readAmounts(r, &line, m)
	}
	b.identify(r, &line)
	line.Raw = r.Raw()
	if !r.Sound() {
		return
	}
	if c.Merchant != "" {
		b.enter(merchant)
	}
	b.statement.Lines = append(b.statement.Lines, line)
	b.moves = append(b.moves, cmp.Or(move, string(line.Kind)))
}

// fitted gives a row as many cells as the header has, where it has one empty cell more or the
// header does, and takes the profile's mark off.
func (b *bill) fitted(row files.Row) files.Row {
	headings := b.sheet.Headings
	row = fit(row, len(headings))
	if n := len(headings); len(row.Cells) == n-1 && headings[n-1] == "" {
		row.Cells = append(slices.Clip(row.Cells), "")
	}
	if b.profile.Mark != "" {
		row.Cells = slices.Clone(row.Cells)
		for n, cell := range row.Cells {
			row.Cells[n] = b.clean(cell)
		}
	}
	return row
}

func (b *bill) id(r *files.Record, heading string) string {
	if heading == "" {
		return ""
	}
	return r.ID(heading, maxID)
}

// typeOf joins the words of the type columns. Side by side, two numbers may be a card's.
func (b *bill) typeOf(r *files.Record) string {
	var words []string
	for _, heading := range b.profile.Columns.Type {
		if word := r.Text(heading); word != "" {
			words = append(words, word)
		}
	}
	return files.Truncate(strings.Join(words, " "))
}

// meaningOf is what the word of type means. Without a column of types the amount's sign tells a
// sale from a refund, when it has been read.
func (b *bill) meaningOf(r *files.Record, word string) (m meaning, name string) {
	if len(b.profile.Columns.Type) == 0 {
		return meaning{kind: reconcile.SaleLine}, ""
	}
	name, known := b.profile.Types[word]
	if !known {
		b.unknown(b.profile.Columns.Type[0], word)
		return meanings["other"], "other"
	}
	return meanings[name], name
}

// maxUnknown is how many words without a meaning are kept for each column.
const maxUnknown = 20

func (b *bill) unknown(heading, word string) {
	words := b.reading.Unknown[heading]
	if len(words) < maxUnknown && !slices.Contains(words, word) {
		b.reading.Unknown[heading] = append(words, word)
	}
}

// word is what a word means that a map explains, and otherwise if it explains nothing.
func (b *bill) word(r *files.Record, heading string, words map[string]string, otherwise string) string {
	if heading == "" || !r.Has(heading) {
		return ""
	}
	word := r.Text(heading)
	if meant, known := words[word]; known {
		return meant
	}
	b.unknown(heading, word)
	return otherwise
}

// channel is how the row was paid; a word that the profile does not know stands for itself, so
// that it shows.
func (b *bill) channel(r *files.Record) string {
	c := b.profile.Columns
	if c.Channel == "" {
		return b.profile.Channel
	}
	return b.word(r, c.Channel, b.profile.Channels, r.Text(c.Channel))
}

// readCard reads the card number. What stands there on the row of a wallet is the payer's
// account, which nobody needs.
func (b *bill) readCard(r *files.Record, line *reconcile.Line) {
	heading := b.profile.Columns.Card
	switch {
	case heading == "" || !r.Has(heading):
	case line.Channel == "" || line.Channel == "card" || line.Channel == "unionpay":
		line.Card = r.Card(heading)
	default:
		r.Drop(heading)
	}
}

// identify reads the order numbers. What undoes a payment carries the payment's number, its
// own, or both.
func (b *bill) identify(r *files.Record, line *reconcile.Line) {
	c := b.profile.Columns
	order := b.id(r, c.OrderNo)
	line.OrderNo, line.OriginalNo = order, b.id(r, c.OriginalNo)
	if c.RefundNo != "" && line.Kind != reconcile.SaleLine {
		line.OrderNo, line.OriginalNo = b.id(r, c.RefundNo), order
	}
}

func (b *bill) readCurrency(r *files.Record) ledger.Currency {
	heading := b.profile.Columns.Currency
	if heading == "" || !r.Has(heading) && b.currency != "" {
		return b.currency
	}
	word := r.Text(heading)
	if word == "人民币" || word == "RMB" || word == "156" { // ISO 4217 numeric code of CNY
		return "CNY"
	}
	currency, err := ledger.ParseCurrency(strings.ToUpper(word))
	if err != nil {
		r.Wrong(heading, ledger.Say("this is not an ISO 4217 currency code"), ledger.Say("compare the row with the original file"))
	}
	return currency
}

// readTime reads the time and the day the row counts to.
func (b *bill) readTime(r *files.Record) (at time.Time, day ledger.BusinessDay) {
	p := b.profile
	if p.Columns.Day != "" {
		midnight := b.timeIn(r, Words{p.Columns.Day}, p.Time.DayLayouts)
		at, day = midnight, ledger.DayOf(midnight)
	}
	if len(p.Columns.Time) > 0 {
		at = b.timeIn(r, p.Columns.Time, p.Time.Layouts)
		if p.Columns.Day == "" {
			day = b.clock.Day(at)
		}
	}
	if !b.day.IsZero() {
		day = b.day
	}
	return at, day
}

func (b *bill) timeIn(r *files.Record, headings, layouts Words) time.Time {
	var words []string
	for _, heading := range headings {
		if !r.Has(heading) {
			r.Wrong(heading, ledger.Say("the cell is empty"), ledger.Say("every row needs this value; compare the row with the original file"))
			return time.Time{}
		}
		words = append(words, r.Text(heading))
	}
	text := strings.Join(words, " ")
	at, ok := b.parseTime(text, layouts)
	switch {
	case !ok && len(words) > 1:
		r.Wrong(headings[0], ledger.Say("%q is not a time written like %s", files.Truncate(text), strings.Join(layouts, ", ")), ledger.Say("add its layout under time: in the profile, or ask for the original file"))
	case !ok:
		r.Wrong(headings[0], ledger.Say("this is not a time written like %s", strings.Join(layouts, ", ")), ledger.Say("add its layout under time: in the profile, or ask for the original file"))
	}
	return at
}

// parseTime reads a time by the first layout that fits.
func (b *bill) parseTime(text string, layouts Words) (time.Time, bool) {
	for _, layout := range layouts {
		if at, err := time.ParseInLocation(layout, text, b.zone); err == nil && at.Year() >= 1900 && at.Year() < 2300 {
			return at.In(b.zone), true
		}
	}
	return time.Time{}, false
}

// finish dates the bill, names its account and checks its frame and totals.
func (b *bill) finish(readable bool) {
	s := b.statement
	if len(b.merchants) == 1 {
		s.Account = b.merchants[0]
	}
	if s.From.IsZero() {
		for n, line := range s.Lines {
			if n == 0 || line.Day.Compare(s.From) < 0 {
				s.From = line.Day
			}
			if n == 0 || line.Day.Compare(s.To) > 0 {
				s.To = line.Day
			}
		}
	}
	if b.profile.End != "" && !b.ended {
		b.missing(b.profile.End)
	}
	if readable {
		b.checkTotals()
	}
	settlement.Check(b.file, s, &b.problems)
}
