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
func ReadApart[T any](doc *Document, read func(*Document) (T, error)) (result T, apart []Quarantined, err error) {
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
		if apart = append(apart, found...); len(apart) > maxQuarantined {
			return result, nil, append(list, &Error{File: doc.Name,
				Text: ledger.Say("more than %d rows cannot be read: this is no file with a few bad rows", maxQuarantined),
				Hint: ledger.Say("ask the sender for the original file")})
		}
		for n := range copied.Parts {
			part := &copied.Parts[n]
			part.Text = blanked(part.Text, func(row int) bool {
				return slices.ContainsFunc(found, func(q Quarantined) bool { return q.Row == row && q.File == copied.FileOf(part) })
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
		if e.raw != nil {
			found[at].Raw = e.raw()
		}
		bare := *e
		bare.More = 0
		found[at].Faults = append(found[at].Faults, &bare)
	}
	return found, whole
}

// blanked is a text without the lines that are out; their ends stay, and stay two where a
// CR before a line and an LF behind it would become one.
func blanked(text string, out func(row int) bool) string {
	var left strings.Builder
	for row, before := 1, ""; text != ""; row++ {
		line, rest := cutLine(text)
		end := text[len(line) : len(text)-len(rest)]
		switch {
		case !out(row):
			left.WriteString(line)
		case before == "\r" && strings.HasPrefix(end, "\n"):
			left.WriteByte(' ')
		}
		before = end
		left.WriteString(end)
		text = rest
	}
	return left.String()
}
