package files

import (
	"strings"

	"golang.org/x/text/encoding/simplifiedchinese"
)

// Column is one column of a fixed-width file.
type Column struct {
	Heading string
	Width   int // in bytes of GB18030, as UnionPay's files count
}

// Columns is the layout of a fixed-width file whose columns are divided by one blank.
type Columns []Column

// Header is the layout as a header, for NewSheet.
func (c Columns) Header() Row {
	var row Row
	for _, column := range c {
		row.Cells = append(row.Cells, column.Heading)
	}
	return row
}

// Cut cuts a line into cells. What follows the last column is left out of the cells, and
// columns behind the end of the line are empty. It reports whether the line has a blank
// wherever the layout divides two columns; where it has not, it is of another layout.
//
// Widths are bytes of GB18030, in which the text is measured whatever it came in. Where
// that does not fit, the line's own bytes are tried: GBK bytes may happen to be UTF-8 too,
// and were then decoded as what they are not.
func (c Columns) Cut(line string) (Row, bool) {
	encoder := simplifiedchinese.GB18030.NewEncoder()
	widths := make([]int, 0, len(line)) // of each character
	for _, r := range line {
		width := 1
		if r >= 0x80 {
			encoded, err := encoder.String(string(r))
			if err != nil {
				return Row{}, false
			}
			width = len(encoded)
		}
		widths = append(widths, width)
	}
	if row, ok := c.cut(line, widths); ok || len(widths) == len(line) {
		return row, ok
	}
	return c.cut(line, nil)
}

// cut takes the width of each character from widths, or where that is nil one for each byte.
func (c Columns) cut(line string, widths []int) (Row, bool) {
	ends := map[int]int{} // place in GB18030 to place in line
	at := 0
	if widths == nil {
		for i := range len(line) + 1 {
			ends[i] = i
		}
		at = len(line)
	} else {
		n := 0
		for i := range line {
			ends[at] = i
			at += widths[n]
			n++
		}
		ends[at] = len(line)
	}
	place := func(want int) (int, bool) {
		if want >= at {
			return len(line), true
		}
		i, ok := ends[want]
		return i, ok
	}
	row := Row{Raw: line}
	from := 0
	for n, column := range c {
		begin, begins := place(from)
		end, ends := place(from + column.Width)
		if !begins || !ends || n > 0 && begin > 0 && begin < len(line) && line[begin-1] != ' ' {
			return Row{}, false
		}
		row.Cells = append(row.Cells, line[begin:end])
		row.spans = append(row.spans, span{begin, end})
		from += column.Width + 1
	}
	return row, strings.ToValidUTF8(line, "") == line
}
