package ledger

import (
	"errors"
	"fmt"
)

// Text is a sentence for a person: an English format, which is also the key under
// which a translation is found, and what goes into it. Facts are data and stay as
// they are in every language.
type Text struct {
	Format string `json:"format"`
	Args   []any  `json:"args,omitempty"`
}

// Say makes a Text. The format must be a literal, so that the list of sentences to
// translate can be read off the source.
func Say(format string, args ...any) Text { return Text{format, args} }

func (t Text) String() string { return fmt.Sprintf(t.Format, t.Args...) }

// Refusal is a rule saying no, or input that cannot be accepted: something the
// person who asked can act on. Everything else is an ordinary error.
type Refusal struct {
	Text
	Hint Text // what to do next; empty when the sentence says it all
}

func (r *Refusal) Error() string {
	if r.Hint.Format == "" {
		return r.Text.String()
	}
	return r.Text.String() + "; " + r.Hint.String()
}

// Problem is a Refusal without a hint: a sentence about a value. Whoever knows the
// place of the value (file, row, column) wraps it.
func Problem(format string, args ...any) error { return &Refusal{Text: Say(format, args...)} }

// Refuse is a Refusal with the next step.
func Refuse(text, hint Text) error { return &Refusal{text, hint} }

var (
	// ErrConflict: the stream is not where the writer expected it; re-read and decide again.
	ErrConflict = errors.New("stream has moved on")
	// ErrNotFound: there is no such thing.
	ErrNotFound = errors.New("not found")
	// ErrInUse: another process holds the data.
	ErrInUse = errors.New("in use by another process")
	// ErrMoved: what a follower fills is another thing now; read from its cursor again.
	ErrMoved = errors.New("the cursor is another one now")
	// ErrCorrupt: stored bytes are not what was written. It is never retried: a person has to look.
	ErrCorrupt = errors.New("the journal is damaged")
)
