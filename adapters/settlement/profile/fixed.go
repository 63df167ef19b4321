package profile

import (
	"io"
	"slices"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"
)

// Fixed describes a text whose columns have fixed places, counted in bytes of the profile's
// encoding. What kind of record a line is, it says at one place.
type Fixed struct {
	Mark    Place  `yaml:"mark"`    // where
	Head    Record `yaml:"head"`    // above the rows: the facts of preamble:
	Detail  Record `yaml:"detail"`  // a row: what columns: names
	Trailer Record `yaml:"trailer"` // below the rows: totals, and often end:
}

// Record is one kind of line.
type Record struct {
	Is      Words  `yaml:"is"` // what its mark is
	Columns Layout `yaml:"columns"`
}

// Place is a column: the byte that it begins with, from 1, and how many it has.
type Place struct {
	Start  int `yaml:"start"`
	Length int `yaml:"length"`
}

// Layout are the columns of a record in their order.
type Layout []struct {
	Heading string `yaml:"heading"`
	Place   `yaml:",inline"`
}

func (l Layout) headings() (list Words) {
	for _, column := range l {
		list = append(list, column.Heading)
	}
	return list
}

func (l Layout) places() (list []files.Place) {
	for _, column := range l {
		list = append(list, files.Place(column.Place))
	}
	return list
}

// maxWidth bounds a fixed-width line, in bytes.
const maxWidth = 100_000

// listed are the columns of a file without header, in order; none when it has one.
func (p Profile) listed() Words {
	if p.Fixed != nil {
		return p.Fixed.Detail.Columns.headings()
	}
	return p.Headings
}

// layout is a record, ready to cut lines by.
type layout struct {
	is     Words
	places []files.Place
	reach  int // the byte that a line must have, see Format.reach
}

// layouts are those of head, rows and trailer.
func (f *Format) layouts() (all [3]layout) {
	for n, record := range []*Record{&f.profile.Fixed.Head, &f.profile.Fixed.Detail, &f.profile.Fixed.Trailer} {
		all[n] = layout{record.Is, record.Columns.places(), f.reach(record)}
	}
	return all
}

const detail = 1 // among the layouts

// checkFixed says what is wrong with the places, or with keys that do not go with them.
func (p Profile) checkFixed() error {
	f := p.Fixed
	if f == nil {
		return nil
	}
	for _, other := range []struct {
		key   string
		there bool
	}{{"separator", len(p.Separator) > 0}, {"headings", len(p.Headings) > 0}, {"unquoted", p.Unquoted}, {"workbook", p.Workbook}, {"optional", len(p.Optional) > 0}} {
		if other.there {
			return p.wrong(other.key, "", ledger.Say("a file of fixed places has none"), ledger.Say("take it out, or take fixed: out"))
		}
	}
	if p.Encoding == "" {
		return p.wrong("encoding", "", ledger.Say("places are counted in bytes, and nothing says of which encoding"), ledger.Say("use one of %s", strings.Join(files.Encodings(), ", ")))
	}
	if len(f.Detail.Columns) == 0 {
		return p.wrong("fixed: detail", "", ledger.Say("nothing says where the columns of a row are"), ledger.Say("list them, as in columns: [{heading: 金额, start: 67, length: 12}]"))
	}
	marks := Words{}
	for _, record := range []struct {
		key string
		Record
	}{{"fixed: head", f.Head}, {"fixed: detail", f.Detail}, {"fixed: trailer", f.Trailer}} {
		alone := record.key == "fixed: detail" && f.Mark.Length == 0 // every line is a row
		if len(record.Columns) > 0 && len(record.Is) == 0 && !alone || len(record.Is) > 0 && f.Mark.Length == 0 {
			return p.wrong(record.key, "", ledger.Say("nothing tells this record from others"), ledger.Say("write mark: {start: 1, length: 1} under fixed:, and is: with what stands there"))
		}
		for _, is := range record.Is {
			if strings.TrimSpace(is) == "" || is != strings.TrimSpace(is) || marks.has(is) {
				return p.wrong(record.key+": is", is, ledger.Say("a record needs a mark of its own"), ledger.Say("write what stands at mark:, without blanks around it"))
			}
			marks = append(marks, is)
		}
		end := 0
		for n, column := range record.Columns {
			switch {
			case strings.TrimSpace(column.Heading) == "" || record.Columns[:n].headings().has(column.Heading):
				return p.wrong(record.key, column.Heading, ledger.Say("a column of a file without header needs a name of its own"), ledger.Say("name the %d. column otherwise", n+1))
			case column.Start <= end || column.Length < 1 || column.Start > maxWidth || column.Length > maxWidth:
				return p.wrong(record.key, column.Heading, ledger.Say("columns have a start from 1 and a length, in order, and do not overlap"), ledger.Say("compare the places with the acquirer's description; the column before ends at byte %d", end))
			}
			end = files.Place(column.Place).End()
		}
	}
	if f.Mark.Start < 1 && f.Mark.Length != 0 || f.Mark.Length < 0 || f.Mark.Start > maxWidth || f.Mark.Length > maxWidth {
		return p.wrong("fixed: mark", "", ledger.Say("columns have a start from 1 and a length, in order, and do not overlap"), ledger.Say("write it as mark: {start: 1, length: 1}"))
	}
	for _, label := range []string{p.Preamble.Merchant, p.Preamble.Currency, p.Preamble.Day, p.Preamble.From, p.Preamble.To} {
		if label != "" && !f.Head.Columns.headings().has(label) {
			return p.wrong("preamble", label, ledger.Say("this is no column of the head"), ledger.Say("add it under fixed: head: columns:, or correct the spelling"))
		}
	}
	for _, total := range p.Totals {
		if !f.Trailer.Is.has(total.Row) || total.Column == "" || !f.Trailer.Columns.headings().has(total.Column) {
			return p.wrong("totals", total.Row+" "+total.Column, ledger.Say("a total of a file of fixed places stands under a column of its trailer"),
				ledger.Say("write row: as under fixed: trailer: is:, and column: as under its columns:"))
		}
	}
	for _, begin := range append(slices.Clone(p.Skip), p.End) {
		if f.Detail.Is.has(begin) || f.Head.Is.has(begin) && begin != "" || begin != "" && f.Mark.Length == 0 {
			return p.wrong("skip", begin, ledger.Say("a record needs a mark of its own"), ledger.Say("skip: and end: say what stands at mark:"))
		}
	}
	return nil
}

// records reads the lines of a text as the profile cuts them. Each row has the cells of its
// own kind of record.
type records interface{ Read() (files.Row, error) }

func (f *Format) records(file, text string, dialect files.Dialect) records {
	if f.profile.Fixed == nil {
		return files.NewReader(file, text, dialect)
	}
	return &fixedReader{f, f.layouts(), files.NewReader(file, text, files.Dialect{Comma: "\n"})} // no line has it: one cell
}

type fixedReader struct {
	*Format
	layouts [3]layout
	lines   *files.Reader
}

// Read returns the next record. One that is of no kind, or too short for its columns, is an
// *files.Error, and reading goes on with the next.
func (r *fixedReader) Read() (files.Row, error) {
	line, err := r.lines.Read()
	if err != nil {
		return line, err
	}
	wrong := func(text, hint ledger.Text) (files.Row, error) {
		e := &files.Error{File: r.lines.File(), Row: line.Line, Text: text, Hint: hint}
		return files.Row{Line: line.Line}, e.Apart()
	}
	record := &r.layouts[detail]
	if r.profile.Fixed.Mark.Length > 0 {
		mark := r.mark(line.Raw)
		n := slices.IndexFunc(r.layouts[:], func(l layout) bool { return slices.Contains(l.is, mark) })
		switch {
		case n >= 0:
			record = &r.layouts[n]
		case mark != "" && (slices.Contains(r.profile.Skip, mark) || mark == r.profile.End): // to be passed over
			return files.Row{Line: line.Line, Raw: line.Raw}, nil
		default:
			return wrong(ledger.Say("the mark %q is of no record that the profile knows", files.Truncate(mark)),
				ledger.Say("add it under is: of its record, or under skip:, in the profile %s", r.profile.Name))
		}
	}
	row, ok := r.ruler.Cut(line.Raw, record.places)
	if !ok {
		return wrong(ledger.Say("a column begins or ends within a character: the places are not those of this file"),
			ledger.Say("compare encoding: and the places in the profile %s with the file", r.profile.Name))
	}
	row.Line = line.Line
	if length, _ := r.ruler.Len(line.Raw); length < record.reach {
		return wrong(ledger.Say("the row has %d bytes, and its columns reach to byte %d", length, record.reach),
			ledger.Say("the row was cut; compare it with the original file"))
	}
	return row, nil
}

// mark is what stands at the place of the mark.
func (f *Format) mark(line string) string {
	place := files.Place(f.profile.Fixed.Mark)
	row, ok := f.ruler.Cut(line, []files.Place{place})
	if !ok {
		return ""
	}
	return strings.TrimSpace(row.Cells[0])
}

// reach is the byte that a record must have. An editor may have cut blanks off a row: what is
// behind its last amount and time may be missing, and is empty then.
func (f *Format) reach(record *Record) (last int) {
	p := f.profile
	needed := slices.Concat(Words(p.Columns.amountHeadings()), p.Columns.Time, Words{p.Columns.Day, p.Preamble.Day, p.Preamble.From, p.Preamble.To})
	for _, total := range p.Totals {
		needed = append(needed, total.Column)
	}
	for _, column := range record.Columns {
		if needed.has(column.Heading) {
			last = files.Place(column.Place).End()
		}
	}
	return last
}

// findFixed looks for the first row. The file is known by its marks, and by a row with a time
// as the profile writes them.
func (f *Format) findFixed(text string, part *files.Part) (at place, found bool) {
	reader := f.records(part.Name, text, files.Dialect{})
	headed := len(f.profile.Fixed.Head.Is) == 0
	for range maxPreamble + 1 {
		row, err := reader.Read()
		if err == io.EOF {
			return at, false
		}
		if err != nil {
			if at.line == 0 && headed {
				at.line = row.Line
			}
			continue
		}
		switch {
		case f.aside(row):
			if headed && f.isTrailer(row) && at.line == 0 {
				at.line = row.Line
				return at, len(f.profile.Fixed.Head.Is) > 0 // a day without rows
			}
		case f.isHead(row):
			headed = true
		case !headed:
			return at, false
		default:
			if at.line == 0 {
				at.line = row.Line
			}
			if f.hasWords(row, f.headings) && f.timed(row) {
				return at, true
			}
		}
	}
	return at, false
}

func (f *Format) isHead(row files.Row) bool {
	fixed := f.profile.Fixed
	return fixed != nil && len(fixed.Head.Is) > 0 && slices.Contains(fixed.Head.Is, f.mark(row.Raw))
}

func (f *Format) isTrailer(row files.Row) bool {
	fixed := f.profile.Fixed
	return fixed != nil && len(fixed.Trailer.Is) > 0 && slices.Contains(fixed.Trailer.Is, f.mark(row.Raw))
}

// timed reports whether a row has a time, or a day, as the profile writes them.
func (f *Format) timed(row files.Row) bool {
	headings, layouts := f.profile.Columns.Time, f.profile.Time.Layouts
	if len(headings) == 0 {
		headings, layouts = Words{f.profile.Columns.Day}, f.profile.Time.DayLayouts
	}
	var words []string
	for _, heading := range headings {
		n := slices.IndexFunc(f.headings, func(other string) bool { return files.Fold(other) == files.Fold(heading) })
		if n < 0 || n >= len(row.Cells) {
			return false
		}
		words = append(words, f.clean(row.Cells[n]))
	}
	return slices.ContainsFunc(layouts, func(layout string) bool {
		_, err := time.ParseInLocation(layout, strings.Join(words, " "), f.zone)
		return err == nil
	})
}

// column is the cell of a row under a heading of its record.
func (f *Format) column(row files.Row, headings Words, heading string) (string, bool) {
	n := slices.IndexFunc(headings, func(other string) bool { return files.Fold(other) == files.Fold(heading) })
	if n < 0 || n >= len(row.Cells) {
		return "", false
	}
	return f.clean(row.Cells[n]), true
}
