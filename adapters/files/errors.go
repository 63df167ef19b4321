package files

import (
	"fmt"
	"slices"
	"strings"
	"unicode"

	"daybook/ledger"
)

// Error is one thing wrong with a file: where, what stands there, and what to do.
type Error struct {
	File   string
	Row    int         // line number in the file, from 1; 0 for the file as a whole
	Column string      // the column's heading, as the file spells it; may be empty
	Value  string      // what stands there, with card numbers truncated; may be empty
	Text   ledger.Text // what is wrong
	Hint   ledger.Text // the next step; may be empty
	More   int         // on the last error of a list only: how many further ones are not listed

	apart   bool          // it is about one row of many, which can be read without it
	torn    bool          // the row does not fit the header: as the last one of a file it was cut
	private bool          // Value is of a person, and is shown but not kept
	raw     func() string // the row, as it may be kept
}

// Apart marks an error as being about one row of many: the others can be read without it.
// The row itself is not kept; ApartAs says as what it may be.
func (e *Error) Apart() *Error {
	e.apart, e.torn = true, true
	return e
}

// ApartAs is Apart with the row as it may be kept.
func (e *Error) ApartAs(raw string) *Error {
	e.apart, e.raw = true, func() string { return raw }
	return e
}

// Private marks the value as a person's: it is shown to whoever imports, and not kept.
func (e *Error) Private() *Error {
	e.private = true
	return e
}

func (e *Error) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Row > 0 {
		fmt.Fprintf(&b, ":%d", e.Row)
	}
	if e.Column != "" {
		fmt.Fprintf(&b, ": %s", e.Column)
	}
	if e.Value != "" {
		fmt.Fprintf(&b, " %q", e.Value)
	}
	b.WriteString(": " + e.Text.String())
	return b.String()
}

// ErrorList is everything wrong with a file, in row order. It is never empty.
type ErrorList []*Error

func (l ErrorList) Error() string {
	if l.Count() == 1 {
		return l[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", l[0].Error(), l.Count()-1)
}

// Count is the number of errors found, listed or not.
func (l ErrorList) Count() int { return len(l) + l[len(l)-1].More }

// Apart reports whether all of it is about rows that the others can be read without.
func (l ErrorList) Apart() bool {
	return len(l) > 0 && !slices.ContainsFunc(l, func(e *Error) bool { return !e.apart || e.Row == 0 })
}

// Wrong is an ErrorList of one error about a file as a whole.
func Wrong(file string, text, hint ledger.Text) ErrorList {
	return ErrorList{{File: file, Text: text, Hint: hint}}
}

// maxListed is how many errors of one file are kept: enough to see the pattern. The
// rest is counted, so that a file wrong on every line costs no memory.
const maxListed = 100

// Problems collects what is wrong with one file. The zero value is an empty collection.
type Problems struct {
	list  ErrorList
	more  int
	aside *aside // where what is wrong with single rows goes; nil: into the list
}

// Add keeps an error, or counts it when a hundred are kept already. Whatever text it
// carries is cut to a length a message can bear and freed of card numbers.
func (p *Problems) Add(e *Error) {
	if p.aside != nil && e.apart && e.Row > 0 {
		e.Column, e.Value = shown(e.Column), shown(e.Value)
		if !p.aside.add(e) {
			return
		}
		e = tooMany(e.File)
	}
	if len(p.list) == maxListed {
		p.more++
		return
	}
	e.Column, e.Value = shown(e.Column), shown(e.Value)
	p.list = append(p.list, e)
}

// Join adds the errors of a later part of the file.
func (p *Problems) Join(later *Problems) {
	kept := min(len(later.list), maxListed-len(p.list))
	p.list = append(p.list, later.list[:kept]...)
	p.more += later.Count() - kept
}

// Count is the number of errors added.
func (p *Problems) Count() int { return len(p.list) + p.more }

// Err is nil when nothing was added, and an ErrorList otherwise.
func (p *Problems) Err() error {
	if len(p.list) == 0 {
		return nil
	}
	list := append(ErrorList(nil), p.list...)
	last := *list[len(list)-1]
	last.More = p.more
	list[len(list)-1] = &last
	return list
}

// maxShown is how many characters of a file's text a message repeats.
const maxShown = 120

// shown prepares text from a file for a message: no card numbers, nothing that does not
// print, no more than a line or two.
func shown(text string) string {
	if len(text) > 8*maxShown {
		// Cut before the scan for card numbers, then drop the cut's last run of
		// digits, which may be the beginning of one.
		text = strings.TrimRight(strings.ToValidUTF8(text[:4*maxShown], ""), "0123456789")
	}
	// What does not print first: a blank in its place may join what it parted, and quoted by
	// its number it would lend its digits to those beside it.
	text = Truncate(strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) {
			return ' '
		}
		return r
	}, text))
	if runes := []rune(text); len(runes) > maxShown {
		return Truncate(string(runes[:maxShown])) + "…" // a number that was too long for a card may be none now
	}
	return text
}

// Truncate is ledger.TruncateCards until nothing more is found: what is left of one
// number may complete another.
func Truncate(text string) string {
	for {
		cut := ledger.TruncateCards(text)
		if cut == text {
			return text
		}
		text = cut
	}
}
