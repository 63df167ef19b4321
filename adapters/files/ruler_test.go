package files

import (
	"slices"
	"testing"
)

// A profile may ask for a file in GBK that was saved anew as UTF-8, or that is none of its own.
func TestChineseInUTF8IsNoGBK(t *testing.T) {
	const text = "终端号,交易时间,金额\n一二三四五六七八九十\n"
	doc, err := Open("x.csv", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	if got, err := doc.Parts[0].In("x.csv", "gb18030"); got != text || err != nil {
		t.Errorf("%q, %v", got, err)
	}
}

func TestRuler(t *testing.T) {
	places := []Place{{1, 1}, {2, 6}, {9, 4}}
	for _, test := range []struct {
		encoding, line string
		want           []string // nil when the line is of another layout
	}{
		{"gb18030", "D商户1 x12.5", []string{"D", "商户1 ", "12.5"}},
		{"gb18030", "D商户号x12.5", []string{"D", "商户号", "12.5"}},
		{"gb18030", "D1商户号12.5", nil},                      // a character across the border of two columns
		{"utf-8", "D商户x12.5", []string{"D", "商户", "12.5"}}, // three bytes each
		{"utf-8", "D商户号", nil},
		{"windows-1252", "DMüller x9.9", []string{"D", "Müller", "x9.9"}},
		{"windows-1252", "D商户", nil}, // which has no such characters
		{"gb18030", "D商", []string{"D", "商", ""}},
		{"gb18030", "", []string{"", "", ""}},
		{"gb18030", "D\xff\xfe", nil},
	} {
		row, ok := NewRuler(test.encoding).Cut(test.line, places)
		if ok != (test.want != nil) || ok && !slices.Equal(row.Cells, test.want) {
			t.Errorf("%s %q: %q, %v", test.encoding, test.line, row.Cells, ok)
		}
	}
	if n, ok := NewRuler("gb18030").Len("D商户1"); n != 6 || !ok {
		t.Errorf("%d bytes, %v", n, ok)
	}
	if _, ok := NewRuler("windows-1252").Len("商"); ok {
		t.Error("measured in an encoding that has no such character")
	}
}
