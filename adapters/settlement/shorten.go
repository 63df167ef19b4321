package settlement

import "strings"

// What is kept of one line's texts at most, in bytes, in formats whose rows have no
// natural end; the file itself has the rest.
const (
	MaxRaw  = 64 << 10
	MaxMemo = 4 << 10
)

// Shorten cuts a text to a number of bytes, at a character's end, and marks the cut. Card
// numbers are to be cut before, lest the beginning of one be left.
func Shorten(text string, most int) string {
	if len(text) <= most {
		return text
	}
	return strings.ToValidUTF8(text[:most], "") + "…"
}
