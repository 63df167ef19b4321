package till

import (
	"strings"
	"testing"
)

func BenchmarkReadNDJSON(b *testing.B) {
	text := strings.Repeat(readFile(b, "testdata/actions.ndjson"), 1000)
	doc := open(b, "till.ndjson", text)
	b.SetBytes(int64(len(text)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := (NDJSON{}).Read(doc, rules); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkEncode(b *testing.B) {
	reading, err := NDJSON{}.Read(open(b, "till.ndjson", readFile(b, "testdata/actions.ndjson")), rules)
	if err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	for b.Loop() {
		for _, entry := range reading.Actions {
			if _, err := Encode(entry.Action); err != nil {
				b.Fatal(err)
			}
		}
	}
}
