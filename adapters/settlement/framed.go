package settlement

import (
	"io"

	"daybook/adapters/files"
	"daybook/ledger"
)

// A Framed is a table that stands in a frame: what belongs to the frame may come before,
// among or behind the rows, and something in it says that they are all there.
type Framed struct {
	File     string
	Problems *files.Problems
	Frame    func(row files.Row) bool // takes the row if it is the frame's
	Header   func(row files.Row)      // the first row that is not
	Row      func(row files.Row)      // each of the others
	Ended    func() bool              // the frame has said that there are no more
	Behind   ledger.Text              // what there is to say of a row that comes all the same
}

// Read reads the table, of which text is the whole. Of rows behind the end only the first
// is reported: the rest follows from it.
func (f Framed) Read(text string) {
	reader := files.NewReader(f.File, text, files.Dialect{})
	begun, behind := false, false
	for {
		row, err := reader.Read()
		switch {
		case err == io.EOF:
			return
		case f.Frame(row):
		case !begun:
			begun = true
			f.Header(row)
		case !f.Ended():
			f.Row(row)
		case !behind:
			behind = true
			f.Problems.Add(&files.Error{File: f.File, Row: row.Line, Text: f.Behind,
				Hint: ledger.Say("two bills may have been joined; import each as it was downloaded")})
		}
	}
}
