//go:build linux || darwin

package chdb

import (
	"regexp"
	"strings"
	"testing"
)

func TestTokens(t *testing.T) {
	for sql, want := range map[string]string{
		"SELECT a.b, 'x''y\\'z' FROM `t ``u`":         "SELECT a . b , ' FROM t `u",
		"a /* b /* c */ d */ e -- f\n g // h\n# i\nj": "a e g j",
		`"fi\x6ce"('x')`:         "file ( ' )",
		"$h$ it's $h$ $$x$$ a$b": "' ' a$b",
		"1.5e3 + 0x1F":           "1.5e3 + 0x1F",
		"销售":                     "销 售",
	} {
		list, problem := tokens(sql)
		var got []string
		for _, token := range list {
			if token.kind == textToken {
				token.text = "'"
			}
			got = append(got, token.text)
		}
		if strings.Join(got, " ") != want || problem != "" {
			t.Errorf("%s: %q, %s", sql, got, problem)
		}
	}
	for _, sql := range []string{"'", `"a`, "`a", "/* /* */", "$a$ $b$", "“a”", "\"a\nb\"", `"a\nb"`, `"\x0a"`, `"\0"`} {
		if list, problem := tokens(sql); problem == "" {
			t.Errorf("%q: %+v", sql, list)
		}
	}
}

var blankOrComment = regexp.MustCompile(`(?s)^([ \t\r\n\f\v]|--.*|//.*|#[ !].*|/\*.*)*$`)

// Tokens stand in order and cover the text but for blanks and comments.
func FuzzTokens(f *testing.F) {
	for _, sql := range []string{"SELECT 1 -- x", "a/* b */c", `"\x41"`, "$$x$$", "'a\\", "`", "#!", "销“", "/*/", "1'2\"3"} {
		f.Add(sql)
	}
	f.Fuzz(func(t *testing.T, sql string) {
		list, problem := tokens(sql)
		if problem != "" {
			return
		}
		at := 0
		for _, token := range list {
			if token.from < at || token.to <= token.from || token.to > len(sql) {
				t.Fatalf("%q: %+v after %d", sql, token, at)
			}
			if !blankOrComment.MatchString(sql[at:token.from]) {
				t.Fatalf("%q: %q is left out", sql, sql[at:token.from])
			}
			at = token.to
		}
		if !blankOrComment.MatchString(sql[at:]) {
			t.Fatalf("%q: %q is left out", sql, sql[at:])
		}
	})
}
