package files

import (
	"strings"
	"unicode/utf8"

	xencoding "golang.org/x/text/encoding"
)

// Place is a column of a fixed-width line: the byte that it begins with, from 1, and how many
// it has.
type Place struct{ Start, Length int }

// End is the last byte of the place.
func (p Place) End() int { return p.Start + p.Length - 1 }

// Ruler cuts lines by places that are counted in bytes of one encoding, in which the line is
// measured whatever it came in: a file that was saved anew in another one has the same
// columns.
type Ruler struct{ encoder *xencoding.Encoder }

// NewRuler makes a ruler of one of Encodings; UTF-8 where it is none of them.
func NewRuler(encoding string) Ruler {
	if known := encodings[encoding]; known != nil {
		return Ruler{known.NewEncoder()}
	}
	return Ruler{}
}

// width is how many bytes a character takes.
func (r Ruler) width(c rune) (int, bool) {
	switch {
	case c < utf8.RuneSelf:
		return 1, true
	case r.encoder == nil:
		return utf8.RuneLen(c), c != utf8.RuneError
	}
	encoded, err := r.encoder.String(string(c))
	return len(encoded), err == nil
}

// Len is how many bytes a line has. ok is false where it has a character that the encoding has not.
func (r Ruler) Len(line string) (length int, ok bool) {
	for _, c := range line {
		width, known := r.width(c)
		if !known {
			return 0, false
		}
		length += width
	}
	return length, true
}

// Cut cuts a line into cells. Its places are in order and do not overlap. What is behind the
// end of the line is empty. It reports whether every place begins and ends between two
// characters; where one does not, the line is of another layout.
func (r Ruler) Cut(line string, places []Place) (Row, bool) {
	row := Row{Raw: line}
	at, next, ok := 1, 0, true // the byte that the next character begins with, by the ruler; where it is in line
	// until moves to the character that begins with a byte, or to the end of the line.
	until := func(want int) int {
		for at < want && next < len(line) && ok {
			c, size := utf8.DecodeRuneInString(line[next:])
			width, known := r.width(c)
			ok = known && (c != utf8.RuneError || size > 1)
			at, next = at+width, next+size
		}
		ok = ok && at <= want
		return next
	}
	for _, place := range places {
		from := until(place.Start)
		to := until(place.Start + place.Length)
		if !ok {
			return Row{}, false
		}
		row.Cells = append(row.Cells, line[from:to])
		row.spans = append(row.spans, span{from, to})
	}
	return row, strings.ToValidUTF8(line, "") == line
}
