package files

import (
	"io"
	"iter"
	"strings"

	"daybook/ledger"
)

// Dialect says how a text is cut into records and cells.
type Dialect struct {
	Comma   string // what divides cells; "," when empty
	Quoted  bool   // cells may stand in double quotes, and then hold commas and line ends
	Comment string // lines that begin with it are passed over; none when empty
}

// Row is one record. A record that spans lines (quoted line ends) has the number of its first.
type Row struct {
	Line  int      // line number in the part, from 1
	Cells []string // as they came, unquoted, not trimmed
	Raw   string   // the record's text without its line end

	spans []span // where each cell stands in Raw, quotes included
}

type span struct{ from, to int }

// Reader cuts a text into records, one at a time. CRLF, LF and a lone CR end a line;
// blank lines are passed over but counted.
type Reader struct {
	file    string
	dialect Dialect
	text    string // what is left
	line    int    // number of the line that text begins with
}

// NewReader reads text from its beginning. File is what errors call it.
func NewReader(file, text string, dialect Dialect) *Reader {
	if dialect.Comma == "" {
		dialect.Comma = ","
	}
	return &Reader{file: file, dialect: dialect, text: text, line: 1}
}

// File is what errors call the text.
func (r *Reader) File() string { return r.file }

// Read returns the next record, and io.EOF after the last. Any other error is an
// *Error, for a quote that is never closed or is followed by text; reading goes on with
// the next line.
func (r *Reader) Read() (Row, error) {
	for r.text != "" {
		line, rest := cutLine(r.text)
		switch {
		case strings.Trim(line, blanks) == "":
		case r.dialect.Comment != "" && strings.HasPrefix(line, r.dialect.Comment):
		case r.dialect.Quoted && strings.Contains(line, `"`):
			return r.readQuoted()
		default:
			row := r.dialect.Split(line)
			row.Line = r.line
			r.text, r.line = rest, r.line+1
			return row, nil
		}
		r.text, r.line = rest, r.line+1
	}
	return Row{}, io.EOF
}

// Split cuts one line into cells without regard to quotes.
func (d Dialect) Split(line string) Row {
	comma := d.Comma
	if comma == "" {
		comma = ","
	}
	row := Row{Raw: line}
	for from := 0; ; {
		to := len(line)
		if at := strings.Index(line[from:], comma); at >= 0 {
			to = from + at
		}
		row.Cells = append(row.Cells, line[from:to])
		row.spans = append(row.spans, span{from, to})
		if to == len(line) {
			return row
		}
		from = to + len(comma)
		if from == len(line) { // the line ends in a comma: one more, empty cell
			row.Cells = append(row.Cells, "")
			row.spans = append(row.spans, span{from, from})
			return row
		}
	}
}

// readQuoted reads a record by RFC 4180: a quote inside a quoted cell is doubled; a
// quote inside a cell that does not begin with one stands for itself.
func (r *Reader) readQuoted() (Row, error) {
	row := Row{Line: r.line}
	text, at := r.text, 0
	for {
		from := at
		if at < len(text) && text[at] == '"' {
			cell, end, ok := unquote(text, at)
			if !ok {
				return r.badQuote(ledger.Say("a quotation mark is opened and never closed"))
			}
			at = end
			if at < len(text) && !strings.HasPrefix(text[at:], r.dialect.Comma) && text[at] != '\r' && text[at] != '\n' {
				return r.badQuote(ledger.Say("text follows a closing quotation mark"))
			}
			row.Cells = append(row.Cells, cell)
		} else {
			for at < len(text) && text[at] != '\r' && text[at] != '\n' && !strings.HasPrefix(text[at:], r.dialect.Comma) {
				at++
			}
			row.Cells = append(row.Cells, text[from:at])
		}
		row.spans = append(row.spans, span{from, at})
		if at == len(text) || text[at] == '\r' || text[at] == '\n' {
			break
		}
		at += len(r.dialect.Comma)
	}
	row.Raw = text[:at]
	_, r.text = cutLine(text[at:])
	r.line += 1 + lineEnds(row.Raw)
	return row, nil
}

// badQuote gives up on the line the record begins with, and only on that.
func (r *Reader) badQuote(text ledger.Text) (Row, error) {
	line, rest := cutLine(r.text)
	number := r.line
	r.text, r.line = rest, number+1
	e := &Error{File: r.file, Row: number, Value: shown(line), Text: text,
		Hint: ledger.Say("a quotation mark inside a quoted cell is written twice; correct it in the source and export again")}
	return Row{}, e.Apart()
}

// unquote reads a quoted cell that begins at the quote at from; end is behind its
// closing quote.
func unquote(text string, from int) (cell string, end int, ok bool) {
	at := from + 1
	doubled := false
	for {
		next := strings.IndexByte(text[at:], '"')
		if next < 0 {
			return "", 0, false
		}
		at += next + 1
		if at < len(text) && text[at] == '"' {
			doubled = true
			at++
			continue
		}
		cell = text[from+1 : at-1]
		if doubled {
			cell = strings.ReplaceAll(cell, `""`, `"`)
		}
		return cell, at, true
	}
}

// Join makes one cell of the cells from to to, both included, with the text that stood
// between them: for files that write commas inside a text without quoting it.
func (row Row) Join(from, to int) Row {
	joined := Row{Line: row.Line, Raw: row.Raw}
	whole := span{row.spans[from].from, row.spans[to].to}
	joined.Cells = append(append(append(joined.Cells, row.Cells[:from]...), row.Raw[whole.from:whole.to]), row.Cells[to+1:]...)
	joined.spans = append(append(append(joined.spans, row.spans[:from]...), whole), row.spans[to+1:]...)
	return joined
}

// Lines yields the lines of a text with their numbers, from 1, blank ones included.
func Lines(text string) iter.Seq2[int, string] {
	return func(yield func(int, string) bool) {
		for number := 1; text != ""; number++ {
			line, rest := cutLine(text)
			if !yield(number, line) {
				return
			}
			text = rest
		}
	}
}

// cutLine returns the first line without its end, and what follows the end.
func cutLine(text string) (line, rest string) {
	at := strings.IndexAny(text, "\r\n")
	switch {
	case at < 0:
		return text, ""
	case strings.HasPrefix(text[at:], "\r\n"):
		return text[:at], text[at+2:]
	}
	return text[:at], text[at+1:]
}

func lineEnds(text string) int {
	return strings.Count(text, "\n") + strings.Count(text, "\r") - strings.Count(text, "\r\n")
}
