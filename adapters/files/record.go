package files

import (
	"regexp"
	"strconv"
	"strings"
	"time"

	"daybook/ledger"
)

// Record is a row under its header. Its methods read one cell each, by heading. What
// cannot be read is added to the sheet's problems with file, line, heading and value;
// the method then returns the zero value, and Sound is false. Card numbers in any cell
// are cut before anything else looks at it.
type Record struct {
	Line int

	sheet *Sheet
	row   Row
	cells []string // trimmed, card numbers cut
	edits map[int]string
	wrong bool
	torn  bool
}

// Record lays a row under the header. A row with more or fewer cells than the header
// is a problem, and nothing of it can be read.
func (s *Sheet) Record(row Row) *Record {
	r := &Record{Line: row.Line, sheet: s, row: row}
	if len(row.Cells) != len(s.Headings) {
		r.torn = len(row.Cells) < len(s.Headings)
		r.Reject(
			ledger.Say("the row has %d cells, but the header has %d", len(row.Cells), len(s.Headings)),
			ledger.Say("a text may hold a comma that is not quoted, or the row was cut; compare it with the original file"))
		return r
	}
	r.cells = make([]string, len(row.Cells))
	for i, cell := range row.Cells {
		if cut := Truncate(cell); cut != cell {
			s.Truncated[s.Headings[i]]++
			r.edit(i, cut)
			cell = cut
		}
		r.cells[i] = strings.Trim(cell, blanks)
	}
	return r
}

func (r *Record) edit(i int, value string) {
	if r.edits == nil {
		r.edits = map[int]string{}
	}
	r.edits[i] = value
}

// Sound reports whether everything asked of the record so far could be read.
func (r *Record) Sound() bool { return !r.wrong }

// Wrong adds a problem with one cell.
func (r *Record) Wrong(heading string, text, hint ledger.Text) {
	r.wrong = true
	e := r.error(text, hint)
	e.Column = heading
	_, e.private = r.sheet.personal[heading]
	if i, known := r.sheet.column(heading); known && r.cells != nil {
		e.Column, e.Value = r.sheet.Headings[i], r.cells[i]
	}
	r.sheet.problems.Add(e)
}

// Reject adds a problem with the record as a whole.
func (r *Record) Reject(text, hint ledger.Text) {
	r.wrong = true
	r.sheet.problems.Add(r.error(text, hint))
}

func (r *Record) error(text, hint ledger.Text) *Error {
	return &Error{File: r.sheet.File, Row: r.Line, Text: text, Hint: hint, apart: !r.sheet.Frame, torn: r.torn, raw: r.Evidence}
}

// Evidence is Raw without what the file's other rows were freed of, even where reading
// ended before it came to that.
func (r *Record) Evidence() string {
	if r.cells == nil && len(r.sheet.personal) > 0 {
		return "" // what does not fit the header may hold it anywhere
	}
	for heading, forget := range r.sheet.personal {
		forget(r, heading)
	}
	return r.Raw()
}

// Text is a cell without the blanks around it; nothing where there is no such column.
func (r *Record) Text(heading string) string {
	i, known := r.sheet.column(heading)
	if !known || r.cells == nil {
		return ""
	}
	return r.cells[i]
}

// Has reports whether the column is there and the cell is not blank.
func (r *Record) Has(heading string) bool { return r.Text(heading) != "" }

// Amount reads major units of currency into minor units, by ledger.ParseAmount. A blank
// cell is a problem; ask Has first where absent is allowed.
func (r *Record) Amount(heading string, currency ledger.Currency) int64 {
	return r.amount(heading, currency, ledger.ParseAmount)
}

// AmountHalfUp reads like Amount and rounds surplus decimals half away from zero.
func (r *Record) AmountHalfUp(heading string, currency ledger.Currency) int64 {
	return r.amount(heading, currency, ledger.ParseAmountHalfUp)
}

func (r *Record) amount(heading string, currency ledger.Currency, parse func(string, ledger.Currency) (int64, error)) int64 {
	if r.blank(heading) {
		return 0
	}
	text := r.Text(heading)
	minor, err := parse(text, currency)
	if err != nil {
		wrong := ledger.Say("this is not an amount that daybook accepts")
		if _, err := ledger.ParseAmountHalfUp(text, currency); err == nil {
			wrong = ledger.Say("this has more decimals than %s counts", string(currency))
		}
		r.Wrong(heading, wrong, ledger.Say("the file may have been saved by a spreadsheet; ask for the original"))
	}
	return minor
}

// Whole reads a whole number with or without a sign that is no card number in the wrong
// place: a number is kept as it is, and would carry the card into the journal.
func Whole(text string) (int64, bool) {
	n, err := strconv.ParseInt(text, 10, 64)
	plain := strconv.FormatInt(n, 10)
	return n, err == nil && Truncate(plain) == plain
}

// Int reads a whole number.
func (r *Record) Int(heading string) int64 {
	if r.blank(heading) {
		return 0
	}
	n, ok := Whole(r.Text(heading))
	if !ok {
		r.Wrong(heading, ledger.Say("this is not a whole number"),
			ledger.Say("the file may have been saved by a spreadsheet; ask for the original"))
	}
	return n
}

// Time reads a date and time of day in zone by a layout of package time.
func (r *Record) Time(heading, layout string, zone *time.Location) time.Time {
	if r.blank(heading) {
		return time.Time{}
	}
	t, err := time.ParseInLocation(layout, r.Text(heading), zone)
	if err != nil || strings.Contains(layout, "2006") && (t.Year() < 1900 || t.Year() > 2299) {
		r.Wrong(heading, ledger.Say("this is not a time written like %s", layout),
			ledger.Say("the file may have been saved by a spreadsheet, which rewrites times; ask for the original"))
		return time.Time{}
	}
	return t
}

// Day reads YYYY-MM-DD.
func (r *Record) Day(heading string) ledger.BusinessDay {
	if r.blank(heading) {
		return ledger.BusinessDay{}
	}
	day, err := ledger.ParseBusinessDay(r.Text(heading))
	if err != nil {
		r.Wrong(heading, ledger.Say("this is not a day written like 2006-01-02"),
			ledger.Say("the file may have been saved by a spreadsheet, which rewrites dates; ask for the original"))
	}
	return day
}

// scientific is what a spreadsheet makes of a long number: 6.00509E+11.
var scientific = regexp.MustCompile(`^[0-9](\.[0-9]+)?[Ee]\+[0-9]+$`)

// ID reads an identifier of at most maxLen printable ASCII characters; a blank cell is
// no identifier. A cell that holds a card number is returned truncated, whatever its length.
func (r *Record) ID(heading string, maxLen int) string {
	value := r.Text(heading)
	if i, known := r.sheet.column(heading); known && r.edits[i] != "" {
		return value
	}
	if scientific.MatchString(value) {
		r.Wrong(heading, ledger.Say("a spreadsheet has rounded this number; its digits are lost"),
			ledger.Say("import the original file, as downloaded and never opened in a spreadsheet"))
		return ""
	}
	if err := ledger.CheckID(heading, value, maxLen); err != nil {
		r.Wrong(heading, ledger.Say("this is not an identifier of at most %d letters and digits", maxLen),
			ledger.Say("compare the column with the original file"))
		return ""
	}
	return value
}

// Card reads a masked or full card number; a blank cell is no card. Of a full number
// only six and four digits are kept, in Raw too.
func (r *Record) Card(heading string) ledger.CardRef {
	value := r.Text(heading)
	card, err := ledger.ParseCardRef(value)
	i, known := r.sheet.column(heading)
	switch {
	case err != nil:
		// The text looks like no card number, but it stands where one should: no
		// message repeats more than its last four characters.
		r.cells[i] = lastFour(value)
		r.Wrong(heading, ledger.Say("this is not a card number masked as 622202******3321"),
			ledger.Say("compare the column with the original file"))
	case known && !card.IsZero() && !strings.ContainsAny(value, "*xX•＊"):
		r.sheet.Truncated[r.sheet.Headings[i]]++
		r.cells[i] = card.String()
		r.edit(i, card.String())
	}
	return card
}

// Drop empties cells that reconciliation does not need: personal data. The values are
// counted in the sheet's Dropped and stand in neither Text nor Raw any more. Columns
// the file does not have are passed over.
func (r *Record) Drop(headings ...string) {
	for _, heading := range headings {
		r.sheet.personal[heading] = (*Record).forget
		if i, known := r.sheet.column(heading); known && r.Has(heading) {
			r.sheet.Dropped[r.sheet.Headings[i]]++
			r.cells[i] = ""
			r.edit(i, "")
		}
	}
}

func (r *Record) forget(heading string) { r.Drop(heading) }

// KeepLastFour cuts an account number to its last four characters, in Text and Raw.
// A longer number is counted in the sheet's Dropped.
func (r *Record) KeepLastFour(heading string) {
	r.sheet.personal[heading] = (*Record).KeepLastFour
	value := r.Text(heading)
	if i, known := r.sheet.column(heading); known && lastFour(value) != value {
		r.sheet.Dropped[r.sheet.Headings[i]]++
		r.cells[i] = lastFour(value)
		r.edit(i, lastFour(value))
	}
}

func lastFour(text string) string {
	runes := []rune(text)
	if len(runes) <= 4 {
		return text
	}
	return "****" + string(runes[len(runes)-4:])
}

// Raw is the record as it came, with dropped cells emptied and card numbers cut.
func (r *Record) Raw() string {
	if len(r.edits) == 0 {
		return Truncate(r.row.Raw)
	}
	var raw strings.Builder
	last := 0
	for i, at := range r.row.spans {
		value, edited := r.edits[i]
		if !edited {
			continue
		}
		raw.WriteString(r.row.Raw[last:at.from])
		if strings.HasPrefix(r.row.Raw[at.from:at.to], `"`) && value != "" {
			value = `"` + strings.ReplaceAll(value, `"`, `""`) + `"`
		}
		raw.WriteString(value)
		last = at.to
	}
	raw.WriteString(r.row.Raw[last:])
	return Truncate(raw.String())
}

// blank adds a problem when a cell that must be filled is not.
func (r *Record) blank(heading string) bool {
	if r.Has(heading) {
		return false
	}
	if r.cells != nil { // else the row itself is the problem, and was reported
		r.Wrong(heading, ledger.Say("the cell is empty"),
			ledger.Say("every row needs this value; compare the row with the original file"))
	}
	return true
}
