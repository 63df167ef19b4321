package files

import (
	"fmt"
	"strings"

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
	if len(l) == 1 {
		return l[0].Error()
	}
	return fmt.Sprintf("%s (and %d more)", l[0].Error(), len(l)-1)
}
