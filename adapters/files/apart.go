package files

import (
	"errors"
	"slices"
	"strings"

	"daybook/ledger"
)

// Quarantined is a row that could not be read, kept as evidence beside those that could.
type Quarantined struct {
	File string // as messages call it
	Row  int    // line number in the file, from 1
	// Raw is the row with personal columns emptied and card numbers cut. It is empty where
	// nobody can tell which part of it is personal, because it does not fit the header.
	Raw    string
	Faults ErrorList
}

// maxQuarantined bounds the rows of one file that are set aside: a file with more of them
// is a bad file, and not one with bad rows.
const maxQuarantined = 1000

// ReadApart reads a document as read does, without the rows that are wrong by themselves:
// each is blanked out, so that the others keep their numbers, and the rest is read again,
// until it can be. What is wrong with the file as a whole (its frame, header, totals that
// cannot be read, a last row that was cut) is reported as read reports it.
//
// fall says which further rows mean nothing without those that were set aside; each of its
// errors stands apart. It may be nil.
func ReadApart[T any](doc *Document, read func(*Document) (T, error), fall func(bad []Quarantined) ErrorList) (result T, apart []Quarantined, err error) {
	copied := *doc
	copied.Parts = slices.Clone(doc.Parts)
	for {
		result, err = read(&copied)
		var list ErrorList
		if !errors.As(err, &list) {
			return result, apart, err
		}
		found, whole := split(&copied, list)
		if len(found) == 0 || len(whole) > 0 {
			return result, nil, err
		}
		if fall != nil {
			further, _ := split(doc, fall(slices.Concat(apart, found)))
			found = append(found, slices.DeleteFunc(further, func(q Quarantined) bool { return q.in(apart) || q.in(found) })...)
		}
		if apart = append(apart, found...); len(apart) > maxQuarantined {
			return result, nil, append(list, tooMany(doc.Name))
		}
		for n := range copied.Parts {
			part := &copied.Parts[n]
			part.Text = blanked(part.Text, func(row int) bool {
				return Quarantined{File: copied.FileOf(part), Row: row}.in(found)
			})
		}
	}
}

// split parts errors by row from those about the file as a whole.
func split(doc *Document, list ErrorList) (found []Quarantined, whole ErrorList) {
	last := map[string]int{}
	for n := range doc.Parts {
		for row, line := range Lines(doc.Parts[n].Text) {
			if strings.Trim(line, blanks) != "" {
				last[doc.FileOf(&doc.Parts[n])] = row
			}
		}
	}
	for _, e := range list {
		if !e.apart || e.Row == 0 || e.torn && e.Row == last[e.File] {
			whole = append(whole, e)
			continue
		}
		at := slices.IndexFunc(found, func(q Quarantined) bool { return q.Row == e.Row && q.File == e.File })
		if at < 0 {
			at = len(found)
			found = append(found, Quarantined{File: e.File, Row: e.Row})
		}
		found[at].add(e)
	}
	return found, whole
}

// in reports whether the row is one of a list.
func (q Quarantined) in(list []Quarantined) bool {
	return slices.ContainsFunc(list, func(other Quarantined) bool { return other.Row == q.Row && other.File == q.File })
}

// add takes in one thing that is wrong with the row.
func (q *Quarantined) add(e *Error) {
	if e.raw != nil {
		q.Raw = e.raw()
	}
	bare := *e
	bare.More = 0
	if bare.private {
		bare.Value = ""
	}
	q.Faults = append(q.Faults, &bare)
}

// aside is rows that were set aside while a file was read, for formats whose entries are
// no lines that could be blanked out: they leave a bad entry out themselves.
type aside struct {
	rows []Quarantined
	full bool // there are more
}

// SetAside makes the collection keep what is wrong with single rows (Apart) by itself:
// it is no problem of the file any more, unless there is too much of it. The rows of one
// file come in their order.
func (p *Problems) SetAside() { p.aside = &aside{} }

// Aside are the rows that were set aside.
func (p *Problems) Aside() []Quarantined {
	if p.aside == nil {
		return nil
	}
	return p.aside.rows
}

// add reports whether this is the first row for which there is no room.
func (a *aside) add(e *Error) (over bool) {
	last := len(a.rows) - 1
	if last < 0 || a.rows[last].Row != e.Row || a.rows[last].File != e.File {
		if a.full || len(a.rows) == maxQuarantined {
			over, a.full = !a.full, true
			return over
		}
		a.rows = append(a.rows, Quarantined{File: e.File, Row: e.Row})
		last++
	}
	a.rows[last].add(e)
	return false
}

func tooMany(file string) *Error {
	return &Error{File: file,
		Text: ledger.Say("more than %d rows cannot be read: this is no file with a few bad rows", maxQuarantined),
		Hint: ledger.Say("ask the sender for the original file")}
}

// blanked is a text with a blank in place of the lines that are out; their ends stay. Nothing
// in their place would make one line end of a CR before and an LF behind.
func blanked(text string, out func(row int) bool) string {
	var left strings.Builder
	for row := 1; text != ""; row++ {
		line, rest := cutLine(text)
		end := text[len(line) : len(text)-len(rest)]
		if out(row) {
			line = " "
		}
		left.WriteString(line)
		left.WriteString(end)
		text = rest
	}
	return left.String()
}
