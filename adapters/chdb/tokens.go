//go:build linux || darwin

package chdb

import (
	"regexp"
	"strings"
	"unicode/utf8"
)

// token is a piece of a statement, cut as ClickHouse's lexer cuts it (Parsers/Lexer.cpp).
// Blanks and comments are left out. What is allowed is not decided by these: the engine's
// own parser is asked (gate.go). They find what is to be put in another's place, and name
// what a person wrote.
type token struct {
	kind     tokenKind
	text     string // of a quoted name what it means
	from, to int    // where it stands
}

type tokenKind int

const (
	nameToken  tokenKind = iota // bare or quoted
	textToken                   // a string, a heredoc
	otherToken                  // a number or one sign
)

var (
	bareName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_$]*`)
	number   = regexp.MustCompile(`^[0-9][A-Za-z0-9_.]*`)
	heredoc  = regexp.MustCompile(`^\$[A-Za-z0-9_]*\$`)
)

// controlEscape is a control character in a quoted name.
var controlEscape = regexp.MustCompile(`\\([abefnrtv0]|x[01])`)

// tokens cuts a statement. It gives up, with what is wrong, at what it cannot cut for
// certain: a quote that is not closed, and the typographic quotes that ClickHouse takes
// for plain ones.
func tokens(sql string) (list []token, problem string) {
	for at := 0; at < len(sql); {
		rest := sql[at:]
		t := token{kind: otherToken, from: at}
		end := 1
		switch c := rest[0]; {
		case strings.IndexByte(" \t\r\n\f\v", c) >= 0:
			at++
			continue
		case strings.HasPrefix(rest, "--"), strings.HasPrefix(rest, "//"), c == '#' && (strings.HasPrefix(rest, "# ") || strings.HasPrefix(rest, "#!")):
			at += lengthTo(rest, "\n")
			continue
		case strings.HasPrefix(rest, "/*"):
			length := commentLength(rest)
			if length < 0 {
				return nil, "a comment is not closed"
			}
			at += length
			continue
		case c == '\'', c == '"', c == '`':
			end = quotedLength(rest)
			if end < 0 {
				return nil, "a quote is not closed"
			}
			t.kind = textToken
			if c != '\'' {
				t.kind = nameToken
			}
			t.text = unescape(strings.ReplaceAll(rest[1:end-1], string([]byte{c, c}), string(c)))
			if t.kind == nameToken && (controlEscape.MatchString(rest[:end]) || strings.ContainsFunc(t.text, func(r rune) bool { return r < ' ' || r == utf8.RuneError })) {
				return nil, "a name has a line end or another control character in it"
			}
		case heredoc.MatchString(rest):
			tag := heredoc.FindString(rest)
			if !strings.Contains(rest[len(tag):], tag) {
				return nil, "a quote is not closed"
			}
			end = len(tag) + lengthTo(rest[len(tag):], tag)
			t.kind = textToken
		case bareName.MatchString(rest):
			t.kind, t.text = nameToken, bareName.FindString(rest)
			end = len(t.text)
		case number.MatchString(rest):
			end = len(number.FindString(rest))
		case c >= utf8.RuneSelf:
			r, size := utf8.DecodeRuneInString(rest)
			if strings.ContainsRune("‘’“”", r) {
				return nil, "it has typographic quotes"
			}
			end = size
		}
		if t.kind == otherToken {
			t.text = rest[:end]
		}
		at += end
		t.to = at
		list = append(list, t)
	}
	return list, ""
}

// lengthTo is the length of s up to and with end, or of all of it.
func lengthTo(s, end string) int {
	if n := strings.Index(s, end); n >= 0 {
		return n + len(end)
	}
	return len(s)
}

// commentLength is the length of the comment that s begins with, and of those in it; or -1.
func commentLength(s string) int {
	depth := 0
	for n := 0; n+1 < len(s); n++ {
		switch s[n : n+2] {
		case "/*":
			depth++
			n++
		case "*/":
			depth--
			n++
		}
		if depth == 0 {
			return n + 1
		}
	}
	return -1
}

// quotedLength is the length of the quoted text that s begins with, or -1. A backslash
// takes the next character along; a quote written twice is one.
func quotedLength(s string) int {
	for n := 1; n < len(s); n++ {
		switch {
		case s[n] == '\\':
			n++
		case s[n] == s[0] && n+1 < len(s) && s[n+1] == s[0]:
			n++
		case s[n] == s[0]:
			return n + 1
		}
	}
	return -1
}

// is reports whether a token is a word of the language, whatever its case, or a sign.
func (t token) is(word string) bool { return t.kind != textToken && strings.EqualFold(t.text, word) }
