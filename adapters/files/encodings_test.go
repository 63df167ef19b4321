package files_test

import (
	"errors"
	"strings"
	"testing"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"daybook/adapters/files"
)

// A part is read in the encoding that a format asks for, and what is not in it is refused with
// its place.
func TestPartInAnEncoding(t *testing.T) {
	for name, c := range map[string]struct {
		text string
		by   encoding.Encoding
	}{
		"gb18030": {"商户号,金额\n重庆小面,1", simplifiedchinese.GB18030}, "big5": {"商店,金額\n臺北,1", traditionalchinese.Big5},
		"shift_jis": {"加盟店,金額\nカフェ,1", japanese.ShiftJIS}, "windows-1250": {"Obchod;Částka\nŠkoda;1", charmap.Windows1250},
		"windows-1252": {"Händler;é;€\nß;1", charmap.Windows1252}, "iso-8859-15": {"Händler;é;€\nß;1", charmap.ISO8859_15},
	} {
		data, err := c.by.NewEncoder().String(c.text)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := files.Open("x.csv", []byte(data), name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if got, err := doc.Parts[0].In("x.csv", name); err != nil || got != c.text {
			t.Errorf("%s: got %q, %v, want %q", name, got, err, c.text)
		}
		var list files.ErrorList
		if _, err := doc.Parts[0].In("x.csv", "utf-8"); !errors.As(err, &list) || !strings.Contains(err.Error(), "x.csv:1: byte ") || !strings.Contains(err.Error(), "is not valid UTF-8") {
			t.Errorf("%s as UTF-8: %v", name, err)
		}
		// What has a byte order mark is what the mark says.
		marked, err := files.Open("x.csv", []byte("\xef\xbb\xbf"+c.text))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := marked.Parts[0].In("x.csv", name); err != nil || got != c.text {
			t.Errorf("%s with a mark: got %q, %v", name, got, err)
		}
	}
	doc, err := files.Open("x.csv", []byte("a,b\n1,\xff\xff"), "shift_jis", "windows-1252")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := doc.Parts[0].In("x.csv", "shift_jis"); err == nil || !strings.Contains(err.Error(), "x.csv:2: byte 6 of the file (0xFF) is not valid shift_jis") {
		t.Errorf("damaged: %v", err)
	}
}
