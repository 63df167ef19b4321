package files_test

import (
	"testing"

	"daybook/adapters/files"
)

// Texts in Latin code pages are told from Chinese ones: by what XML declares, and in
// SWIFT messages by a letter that stands alone.
func TestWesternTexts(t *testing.T) {
	for _, c := range []struct{ data, encoding, text string }{
		{"<?xml version=\"1.0\" encoding='ISO-8859-1'?><a>K\xf6ln</a>", "Windows 1252", "<?xml version=\"1.0\" encoding='ISO-8859-1'?><a>Köln</a>"},
		{"<?xml version=\"1.0\" encoding=\"iso-8859-15\"?><a>\xa4</a>", "ISO 8859-15", "<?xml version=\"1.0\" encoding=\"iso-8859-15\"?><a>€</a>"},
		{"<?xml version=\"1.0\" encoding=\"GBK\"?><a>\xb1\xa3</a>", "GB18030", "<?xml version=\"1.0\" encoding=\"GBK\"?><a>保</a>"},
		{"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>Köln</a>", "UTF-8", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><a>Köln</a>"},
		{":20:1\r\n:86:M\xfcller\r\n", "Windows 1252", ":20:1\r\n:86:Müller\r\n"},
		{"{1:F01}{4:\n:20:1\n:86:Stra\xdfe\n", "Windows 1252", "{1:F01}{4:\n:20:1\n:86:Straße\n"},
		{":20:1\n:86:\xd2\xf8\xc1\xaa\n", "GB18030", ":20:1\n:86:银联\n"},
		{"a,M\xfcller\n", "GB18030", "a,M黮ler\n"}, // nothing says otherwise
	} {
		doc, err := files.Open("x", []byte(c.data))
		if err != nil {
			t.Errorf("%q: %v", c.data, err)
			continue
		}
		if got := doc.Parts[0]; got.Encoding != c.encoding || got.Text != c.text {
			t.Errorf("%q: got %s %q, want %s %q", c.data, got.Encoding, got.Text, c.encoding, c.text)
		}
	}
}
