package profile

import (
	"io"
	"slices"
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// Format reads the files that one profile describes.
type Format struct {
	profile  Profile
	required []string
	headings Words       // of a file without header
	ruler    files.Ruler // of fixed places
	zone     *time.Location
	clock    ledger.Clock
}

// New makes the format of a valid profile; the error is that of Validate.
func New(p Profile) (*Format, error) {
	if err := p.Validate(); err != nil {
		return nil, err
	}
	f := &Format{profile: p, required: p.required(), headings: p.listed(), ruler: files.NewRuler(p.Encoding), zone: p.zone()}
	f.clock = ledger.Clock{Zone: f.zone}
	if cut, err := time.Parse("15:04", p.Time.DayCut); err == nil {
		f.clock.Cut = time.Duration(cut.Hour())*time.Hour + time.Duration(cut.Minute())*time.Minute
	}
	return f, nil
}

// Name is what the configuration calls the format.
func (f *Format) Name() string { return f.profile.Name }

// Profile is the description that the format reads by.
func (f *Format) Profile() Profile { return f.profile }

// Encodings is the one the profile names, if it names one.
func (f *Format) Encodings() []string {
	if f.profile.Encoding == "" {
		return nil
	}
	return []string{f.profile.Encoding}
}

// ReadsWorkbooks says whether the acquirer hands out workbooks itself.
func (f *Format) ReadsWorkbooks() bool { return f.profile.Workbook }

// maxPreamble is how many rows may stand above the header.
const maxPreamble = 50

// Sniff knows the header by two thirds of the columns that the profile needs, and a file
// without header by the number of cells and the words of recognise:.
func (f *Format) Sniff(doc *files.Document) bool {
	if len(doc.Parts) != 1 {
		return false
	}
	text, err := f.text(doc)
	if err != nil {
		return false
	}
	_, found := f.find(text, &doc.Parts[0])
	return found
}

// text is the document in the encoding of the profile.
func (f *Format) text(doc *files.Document) (string, error) {
	part := &doc.Parts[0]
	if f.profile.Encoding == "" {
		return part.Text, nil
	}
	return part.In(doc.FileOf(part), f.profile.Encoding)
}

// place is where the table begins, and how its cells are divided.
type place struct {
	dialect files.Dialect
	header  files.Row // without cells when the file has no header
	line    int       // of the header, or of the first row without one
	named   int       // how many of the required headings it has
}

// find looks for the beginning of the table with every separator there may be. Without one
// it returns the row that comes nearest.
func (f *Format) find(text string, part *files.Part) (best place, found bool) {
	if f.profile.Fixed != nil {
		return f.findFixed(text, part)
	}
	for _, dialect := range f.dialects(part) {
		reader := files.NewReader(part.Name, text, dialect)
		for range maxPreamble + 1 {
			row, err := reader.Read()
			if err == io.EOF {
				break
			}
			if err != nil {
				continue
			}
			named := 0
			for _, heading := range f.required {
				if row.Names(heading) {
					named++
				}
			}
			at := place{dialect, row, row.Line, named}
			if len(f.headings) > 0 {
				at.named, at.header = 0, files.Row{Line: row.Line}
				if f.first(row) {
					return at, true
				}
			} else if settlement.Resembles(row, f.required...) && f.recognised(reader, row) {
				return at, true
			}
			if at.named > best.named || best.line == 0 {
				best = at
			}
		}
	}
	return best, false
}

func (f *Format) dialects(part *files.Part) []files.Dialect {
	if part.Encoding == files.Workbook { // its text is written by daybook
		return []files.Dialect{{Comma: ",", Quoted: true}}
	}
	separators := f.profile.Separator
	if len(separators) == 0 {
		separators = Words{","}
	}
	var list []files.Dialect
	for _, separator := range separators {
		list = append(list, files.Dialect{Comma: separator, Quoted: !f.profile.Unquoted})
	}
	return list
}

// first reports whether a row is one of a file without header.
func (f *Format) first(row files.Row) bool {
	row = fit(row, len(f.headings))
	return len(row.Cells) == len(f.headings) && f.hasWords(row, f.headings)
}

// hasWords reports whether a row has a word of recognise: in each of its columns.
func (f *Format) hasWords(row files.Row, headings []string) bool {
	for heading, words := range f.profile.Recognise {
		at := slices.IndexFunc(headings, func(other string) bool { return files.Fold(other) == files.Fold(heading) })
		if at < 0 || at >= len(row.Cells) || !slices.Contains(words, f.clean(row.Cells[at])) {
			return false
		}
	}
	return true
}

// recognised looks at the first row under a header, if recognise: says what stands there. A
// file without rows is known by its header.
func (f *Format) recognised(reader *files.Reader, header files.Row) bool {
	if len(f.profile.Recognise) == 0 {
		return true
	}
	for {
		row, err := reader.Read()
		switch {
		case err == io.EOF:
			return true
		case err != nil:
			return false
		case f.aside(row):
			continue
		}
		return f.hasWords(row, header.Cells)
	}
}

// clean takes blanks and the profile's mark off a cell.
func (f *Format) clean(cell string) string {
	const blanks = " \t\f\u00a0\u3000\ufeff\x1a"
	return strings.Trim(strings.TrimPrefix(strings.TrimLeft(cell, blanks), f.profile.Mark), blanks)
}

// fit gives a row the cells of its header where it differs by an empty cell at the end: many
// programs end some rows with a separator.
func fit(row files.Row, cells int) files.Row {
	if n := len(row.Cells); n == cells+1 && strings.TrimSpace(row.Cells[n-1]) == "" {
		row.Cells = row.Cells[:cells]
	}
	return row
}

// begins reports whether a row begins with a text, blanks, quotes and marks aside.
func (f *Format) begins(row files.Row, text string) bool {
	if text == "" {
		return false
	}
	if f.profile.Fixed != nil {
		return f.mark(row.Raw) == text
	}
	raw := strings.TrimLeft(row.Raw, " \t\f\u00a0\u3000\ufeff\"")
	return strings.HasPrefix(raw, text) || f.profile.Mark != "" && strings.HasPrefix(strings.TrimPrefix(raw, f.profile.Mark), text)
}

// aside reports whether a row is no row of the table.
func (f *Format) aside(row files.Row) bool {
	return f.begins(row, f.profile.End) || f.skipped(row) || f.isTrailer(row) ||
		slices.ContainsFunc(f.profile.Totals, func(t Total) bool { return f.begins(row, t.Row) })
}

func (f *Format) skipped(row files.Row) bool {
	return slices.ContainsFunc(f.profile.Skip, func(begin string) bool { return f.begins(row, begin) })
}

// Parse reads the rows below the header, or lists everything wrong with the file.
func (f *Format) Parse(doc *files.Document) (*reconcile.Statement, error) {
	reading, err := f.Read(doc)
	if err != nil {
		return nil, err
	}
	return reading.Statement, nil
}

// Reading is a statement with what the profile did not know of its file.
type Reading struct {
	Statement *reconcile.Statement
	Kept      []string            // columns that the profile does not name; they are in Line.Raw only
	Unknown   map[string][]string // words without a meaning, by heading, at most twenty each
}

// Read reads like Parse. The Reading is there in part even when there is an error.
func (f *Format) Read(doc *files.Document) (*Reading, error) {
	b := &bill{Format: f, file: doc.Name, reading: &Reading{Unknown: map[string][]string{}},
		statement: &reconcile.Statement{Format: f.profile.Name, Kind: reconcile.TradeBill}}
	b.reading.Statement = b.statement
	if len(doc.Parts) != 1 {
		return b.reading, files.Wrong(doc.Name, ledger.Say("the archive holds %d files, and a profile reads one", len(doc.Parts)), ledger.Say("unpack it and import the files one by one"))
	}
	part := &doc.Parts[0]
	b.file = doc.FileOf(part)
	text, err := f.text(doc)
	if err != nil {
		return b.reading, err
	}
	at, found := f.find(text, part)
	if !found {
		return b.reading, b.notFound(at)
	}
	b.read(text, at)
	return b.reading, b.problems.Err()
}

// notFound says what keeps the profile from knowing the file.
func (b *bill) notFound(nearest place) error {
	if b.profile.Fixed != nil {
		return files.Wrong(b.file, ledger.Say("the first %d rows do not begin as the profile %s says, with a time at its place", maxPreamble+1, b.profile.Name),
			ledger.Say("compare encoding:, fixed: and time: in the profile with the file"))
	}
	if len(b.headings) > 0 {
		return files.Wrong(b.file, ledger.Say("no row of the first %d has %d cells and the words of recognise:", maxPreamble+1, len(b.headings)),
			ledger.Say("compare separator:, headings: and recognise: in the profile %s with the file", b.profile.Name))
	}
	if nearest.named > 0 {
		sheet := files.NewSheet(b.file, nearest.header, &b.problems)
		if sheet.Require(b.required...) {
			return files.ErrorList{{File: b.file, Row: nearest.line, Text: ledger.Say("the first row below the header has none of the words of recognise:"),
				Hint: ledger.Say("compare recognise: in the profile %s with the file", b.profile.Name)}}
		}
		return b.problems.Err()
	}
	return files.Wrong(b.file, ledger.Say("no row of the first %d has a heading of the profile %s", maxPreamble+1, b.profile.Name),
		ledger.Say("compare separator:, encoding: and columns: in the profile with the file"))
}
