package files

import (
	"strings"
	"testing"

	"daybook/ledger"
)

// numbers reads a column of whole numbers below a header; the note is personal.
func numbers(doc *Document) (map[int]int64, error) {
	var problems Problems
	var sheet *Sheet
	found := map[int]int64{}
	reader := NewReader(doc.Name, doc.Parts[0].Text, Dialect{Quoted: true})
	for {
		row, err := reader.Read()
		wrong, bad := err.(*Error)
		switch {
		case bad:
			problems.Add(wrong)
			continue
		case err != nil:
			if sheet == nil {
				problems.Add(&Error{File: doc.Name, Text: ledger.Say("the file is empty")})
			}
			return found, problems.Err()
		case sheet == nil:
			sheet = NewSheet(doc.Name, row, &problems)
			if !sheet.Require("n", "note") {
				return nil, problems.Err()
			}
			continue
		}
		r := sheet.Record(row)
		if n := r.Int("n"); r.Sound() {
			r.Drop("note")
			found[row.Line] = n
		}
	}
}

// Whatever a text holds: the rows that are read apart are those that are read where they
// stand alone, under their own numbers, every other one is set aside with its reason, and
// what is kept of it holds nothing of a personal column.
func FuzzReadApart(f *testing.F) {
	for _, text := range []string{"n,note\n1,a\n2,b\n", "n,note\n1,a\nx,secret\n3,c\n", "n,note\nx,secret\n\n\"2\n3,\"c\nd\"\n4,d\n", "n,note\n1,a\n2", "n,n\n1,2\n", "n,note\r\n1,a\rz,secret\r\n"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		doc := &Document{Name: "f", Parts: []Part{{Name: "f", Text: text}}}
		read, apart, err := ReadApart(doc, numbers, nil)
		if doc.Parts[0].Text != text {
			t.Fatal("the document was changed")
		}
		if err != nil {
			return
		}
		plain, err := numbers(doc)
		if (err == nil) != (len(apart) == 0) || err == nil && len(plain) != len(read) {
			t.Fatalf("%v; apart %v", err, apart)
		}
		lines := map[int]string{}
		for row, line := range Lines(text) {
			lines[row] = line
		}
		for _, q := range apart {
			if _, both := read[q.Row]; both || len(q.Faults) == 0 || strings.Trim(lines[q.Row], blanks) == "" {
				t.Fatalf("row %d is read and set aside, or has no fault, or is blank: %q", q.Row, lines[q.Row])
			}
			if text := strings.ToLower(text); strings.HasPrefix(text, "n,note\n") && !strings.Contains(text, `"`) && len(read) > 0 && strings.HasSuffix(q.Raw, ",secret") {
				t.Fatalf("kept: %q", q.Raw)
			}
		}
	})
}
