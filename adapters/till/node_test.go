package till

import (
	"bytes"
	"encoding/json"
	"reflect"
	"strings"
	"testing"

	"daybook/ledger"
)

// FuzzParse compares the parser with encoding/json: the same lines are JSON, and they
// have the same values.
func FuzzParse(f *testing.F) {
	for line := range strings.Lines(readFile(f, "testdata/actions.ndjson")) {
		f.Add(line)
	}
	for _, text := range []string{
		``, ` `, `{`, `{}`, `{"a":}`, `{"a":1,}`, `{,}`, `{"a" 1}`, `{a:1}`, `[1,]`, `[,1]`, `[1 2]`, `[]`, `[ ]`, `]`, `nul`, `null`, `nulll`, `tru`, `truf`, `falsefalse`,
		`0`, `00`, `01`, `-`, `-0`, `-1.5e+3`, `1.`, `.5`, `1e`, `1e+`, `1E5`, `--1`, `+1`, `1.0.0`,
		`"`, `"a`, `"\`, `"\"`, `"\u12"`, `"\ud800"`, `"\x"`, "\"\t\"", "\"\x7f\"", `"é\né"`, "\"\xff\"", `{"a":1}{"a":1}`, "{\"a\":1}\r\n", `{"a":{"b":[{"c":null}]}}`,
	} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		refused := false
		p := newParser()
		p.text, p.fault = text, func(_, _ string, why, _ ledger.Text) {
			refused = refused || strings.HasPrefix(why.Format, "nested") || strings.HasPrefix(why.Format, "an object has")
		}
		root := p.parse()
		if refused {
			return
		}
		if valid := json.Valid([]byte(text)); valid != (root != nil) {
			t.Fatalf("%q: valid is %v, parsed is %v", text, valid, root != nil)
		}
		if root == nil || strings.Contains(text, `\`) || !noCard(text) {
			return
		}
		var out bytes.Buffer
		root.write(&out)
		if got, want := decoded(t, out.String()), decoded(t, text); !reflect.DeepEqual(got, want) {
			t.Fatalf("%q was read as %s", text, out.String())
		}
	})
}

func decoded(t *testing.T, text string) any {
	decoder := json.NewDecoder(strings.NewReader(text))
	decoder.UseNumber()
	var value any
	if err := decoder.Decode(&value); err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	return value
}
