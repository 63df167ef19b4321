package files

import (
	"strings"

	"daybook/ledger"
)

// blanks are what files pad cells with: spaces, tabs, no-break and full-width spaces,
// a byte order mark in the middle of a file, and the end mark of old systems.
const blanks = " \t\f\u00a0\u3000\ufeff\x1a"

// Fold brings a heading into the form in which headings are compared: without blanks,
// quotation marks, backticks and byte order marks, with half-width parentheses.
func Fold(heading string) string {
	return strings.Map(func(r rune) rune {
		switch r {
		case '"', '`', '\u2060', '\u200b':
			return -1
		case '（':
			return '('
		case '）':
			return ')'
		}
		if strings.ContainsRune(blanks, r) {
			return -1
		}
		return r
	}, heading)
}

// Sheet is a header with the records under it: columns are found by folded heading,
// their order does not matter, and columns nobody asks for stay in the records' Raw.
type Sheet struct {
	File     string   // as messages call it
	Line     int      // line number of the header
	Headings []string // as the file spells them, trimmed
	// Truncated counts full card numbers cut to six and four, Dropped the values
	// emptied by Record.Drop, both by heading.
	Truncated map[string]int
	Dropped   map[string]int
	// Frame: the records are the file's totals and not its rows. Without one that cannot be
	// read nobody knows whether the rows are all there.
	Frame bool

	problems *Problems
	index    map[string]int                   // by folded heading
	personal map[string]func(*Record, string) // what records are freed of, by heading
}

// NewSheet reads a header. Two columns of the same heading are a problem: which of
// them is meant can't be known.
func NewSheet(file string, header Row, problems *Problems) *Sheet {
	s := &Sheet{
		File: file, Line: header.Line, problems: problems,
		Truncated: map[string]int{}, Dropped: map[string]int{}, index: map[string]int{},
		personal: map[string]func(*Record, string){},
	}
	for i, cell := range header.Cells {
		heading := shown(strings.Trim(cell, blanks+"`"))
		s.Headings = append(s.Headings, heading)
		folded := Fold(cell)
		if folded == "" {
			continue
		}
		if first, twice := s.index[folded]; twice {
			problems.Add(&Error{File: file, Row: header.Line, Column: heading,
				Text: ledger.Say("the heading stands twice, in columns %d and %d", first+1, i+1),
				Hint: ledger.Say("remove or rename one of the two columns, or download the original file again")})
			continue
		}
		s.index[folded] = i
	}
	return s
}

// Personal names columns of which nothing is kept of a row that cannot be read, whatever
// is made of them in one that can.
func (s *Sheet) Personal(headings ...string) {
	for _, heading := range headings {
		s.personal[heading] = (*Record).forget
	}
}

// Names reports whether a header has all of the headings.
func (row Row) Names(headings ...string) bool {
	folded := map[string]bool{}
	for _, cell := range row.Cells {
		folded[Fold(cell)] = true
	}
	for _, heading := range headings {
		if !folded[Fold(heading)] {
			return false
		}
	}
	return true
}

func (s *Sheet) column(heading string) (int, bool) {
	if i, known := s.index[heading]; known {
		return i, true
	}
	i, known := s.index[Fold(heading)]
	return i, known
}

// Has reports whether there is a column of that heading.
func (s *Sheet) Has(heading string) bool {
	_, known := s.column(heading)
	return known
}

// Find is the first of the headings that the file has, and the first of all when it
// has none of them: for columns that changed their name.
func (s *Sheet) Find(headings ...string) string {
	for _, heading := range headings {
		if s.Has(heading) {
			return heading
		}
	}
	return headings[0]
}

// Require adds one problem that lists every heading that is missing, and what was
// found instead. It reports whether all are there.
func (s *Sheet) Require(headings ...string) bool {
	var missing []string
	for _, heading := range headings {
		if !s.Has(heading) {
			missing = append(missing, heading)
		}
	}
	if len(missing) == 0 {
		return true
	}
	s.problems.Add(&Error{File: s.File, Row: s.Line, Column: missing[0],
		Text: ledger.Say("missing column: expected %s; found %s", strings.Join(missing, ", "), found(s.Headings)),
		Hint: ledger.Say("ask for the file with all its columns; if the provider renamed a column, change the heading back")})
	return false
}

// found lists headings for a message, forty at most.
func found(headings []string) string {
	if len(headings) > 40 {
		headings = append(append([]string(nil), headings[:40]...), "…")
	}
	return strings.Join(headings, ", ")
}
