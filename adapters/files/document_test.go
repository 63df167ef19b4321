package files

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"fmt"
	"strings"
	"testing"

	"golang.org/x/text/encoding/simplifiedchinese"
)

func zipped(t *testing.T, entries ...[2]string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := zip.NewWriter(&b)
	for _, entry := range entries {
		e, err := w.CreateHeader(&zip.FileHeader{Name: entry[0], Method: zip.Deflate, NonUTF8: true})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := e.Write([]byte(entry[1])); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gzipped(t *testing.T, text string) []byte {
	t.Helper()
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	if _, err := w.Write([]byte(text)); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func gbk(t *testing.T, text string) string {
	t.Helper()
	encoded, err := simplifiedchinese.GB18030.NewEncoder().String(text)
	if err != nil {
		t.Fatal(err)
	}
	return encoded
}

func TestOpenReads(t *testing.T) {
	const text = "商户号,金额\n1,2.00\n"
	for name, c := range map[string]struct {
		data     []byte
		parts    []string
		encoding string
		text     string
	}{
		"utf8":     {[]byte(text), []string{"dir.csv"}, "UTF-8", text},
		"bom":      {[]byte("\xef\xbb\xbf" + text), []string{"dir.csv"}, "UTF-8", text},
		"gbk":      {[]byte(gbk(t, text)), []string{"dir.csv"}, "GB18030", text},
		"gb18030":  {[]byte(gbk(t, "㐀𠀀\ufffd商")), []string{"dir.csv"}, "GB18030", "㐀𠀀\ufffd商"},
		"utf16le":  {[]byte("\xff\xfe\x46\x55,\x00\x3d\xd8\x00\xde"), []string{"dir.csv"}, "UTF-16LE", "商,😀"},
		"utf16be":  {[]byte("\xfe\xff\x55\x46\x00,"), []string{"dir.csv"}, "UTF-16BE", "商,"},
		"gzip":     {gzipped(t, text), []string{"dir.csv"}, "UTF-8", text},
		"zip":      {zipped(t, [2]string{gbk(t, "业务明细.csv"), gbk(t, text)}, [2]string{"__MACOSX/x", "x"}), []string{"业务明细.csv"}, "GB18030", text},
		"two":      {zipped(t, [2]string{"a.csv", text}, [2]string{"b/c.csv", "x"}), []string{"a.csv", "b/c.csv"}, "UTF-8", text},
		"zip slip": {zipped(t, [2]string{"../../etc/passwd", text}), []string{"../../etc/passwd"}, "UTF-8", text},
	} {
		doc, err := Open(`C:\bills\dir.csv`, c.data)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var parts []string
		for _, part := range doc.Parts {
			parts = append(parts, part.Name)
		}
		if got := doc.Parts[0]; fmt.Sprint(parts) != fmt.Sprint(c.parts) || got.Encoding != c.encoding || got.Text != c.text {
			t.Errorf("%s: got %q %s %q, want %q %s %q", name, parts, got.Encoding, got.Text, c.parts, c.encoding, c.text)
		}
		if doc.Name != "dir.csv" || doc.Bytes != int64(len(c.data)) || len(doc.SHA256) != 64 {
			t.Errorf("%s: got name %q, %d bytes, digest %q", name, doc.Name, doc.Bytes, doc.SHA256)
		}
	}
}

func TestOpenRefuses(t *testing.T) {
	bill := strings.Repeat("商户号,终端号,交易时间\n", 50)
	whole, packed := zipped(t, [2]string{"a.csv", bill}), gzipped(t, bill)
	encrypted := bytes.Clone(zipped(t, [2]string{"a.csv", bill}))
	directory := bytes.Index(encrypted, []byte("PK\x01\x02"))
	encrypted[6] |= 1
	encrypted[directory+8] |= 1
	var many [][2]string
	for i := range maxEntries + 1 {
		many = append(many, [2]string{fmt.Sprint(i), "x"})
	}
	damagedUTF8 := []byte(bill)
	damagedUTF8[40*34] = 0xff
	for name, c := range map[string]struct {
		data []byte
		want string
	}{
		"empty":             {nil, "f: the file is empty"},
		"cut zip":           {whole[:len(whole)/2], "cut short"},
		"cut gzip":          {packed[:len(packed)/2], "cut short"},
		"damaged zip":       {bytes.Replace(whole, whole[50:54], []byte{0, 0, 0, 0}, 1), "cut short"},
		"empty zip":         {zipped(t), "holds no file"},
		"empty entry":       {zipped(t, [2]string{"a.csv", ""}), `"a.csv" in the archive is empty`},
		"empty gzip":        {gzipped(t, ""), "the file is empty"},
		"encrypted":         {encrypted, "password"},
		"many entries":      {zipped(t, many...), "more than 100 files"},
		"twice":             {zipped(t, [2]string{"a", "x"}, [2]string{"a", "y"}), `two files called "a"`},
		"bomb":              {zipped(t, [2]string{"a.csv", strings.Repeat("0", 30<<20)}), "more than 200 times"},
		"gzip bomb":         {gzipped(t, strings.Repeat("0", 30<<20)), "more than 200 times"},
		"nested":            {zipped(t, [2]string{"a.zip", string(whole)}), "f/a.zip: this is an archive inside an archive"},
		"xlsx":              {zipped(t, [2]string{"[Content_Types].xml", "x"}, [2]string{"xl/workbook.xml", "x"}), "an Excel workbook (.xlsx)"},
		"xls":               {[]byte("\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1...."), "an Excel workbook"},
		"pdf":               {[]byte("%PDF-1.7\n"), "a PDF"},
		"png":               {[]byte("\x89PNG\r\n\x1a\n"), "an image"},
		"html":              {[]byte("\n<!DOCTYPE html><html>"), "a web page"},
		"zipped html":       {zipped(t, [2]string{"a.csv", "<html>"}), "f/a.csv: this is a web page"},
		"binary":            {[]byte("a,b\x00c"), "binary data"},
		"neither":           {[]byte("商户\n\xd6\xd0\xff,1\n"), "f:2: byte 9 of the file (0xFF) is not valid UTF-8/GB18030 (GBK)"},
		"cut GBK":           {[]byte(gbk(t, "商户号\n商户")[:10]), "f:2: byte 9"},
		"damaged UTF-8":     {damagedUTF8, "is not valid UTF-8"},
		"damaged after BOM": {[]byte("\xef\xbb\xbfab\n\xff"), "f:2: byte 6 of the file (0xFF) is not valid UTF-8"},
		"odd UTF-16":        {[]byte("\xff\xfea"), "middle of a character"},
		"half surrogate":    {[]byte("\xff\xfe\x0a\x00\x3d\xd8a\x00"), "f:2: byte 4 is not valid UTF-16LE"},
	} {
		doc, err := Open("f", c.data)
		var list ErrorList
		if !errors.As(err, &list) || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, %v, want %q", name, doc, err, c.want)
			continue
		}
		if list[0].Hint.Format == "" {
			t.Errorf("%s: no next step: %v", name, err)
		}
	}
}

// The limit on unpacked bytes holds for archives and plain files, and over all entries
// together, whatever the archive says of itself.
func TestOpenStopsAtTheLimit(t *testing.T) {
	small := limits{unpacked: 1000, entries: 3}
	half := strings.Repeat("a,b\n", 150)
	for name, data := range map[string][]byte{
		"plain":    []byte(half + half),
		"gzip":     gzipped(t, half+half),
		"zip":      zipped(t, [2]string{"a", half + half}),
		"together": zipped(t, [2]string{"a", half}, [2]string{"b", half}),
	} {
		if _, err := open("f", data, small); err == nil || !strings.Contains(err.Error(), "larger than 1000 bytes") {
			t.Errorf("%s: got %v", name, err)
		}
	}
	if _, err := open("f", zipped(t, [2]string{"a", half}), small); err != nil {
		t.Errorf("600 bytes: %v", err)
	}
}

func TestNamesCarryNoCard(t *testing.T) {
	doc, err := Open("bill 6200000000000005.csv", zipped(t, [2]string{"6200000000000005.csv", "a,b"}))
	if err != nil {
		t.Fatal(err)
	}
	if file := doc.FileOf(&doc.Parts[0]); file != "bill 620000******0005.csv/620000******0005.csv" {
		t.Errorf("got %q", file)
	}
}

func FuzzOpen(f *testing.F) {
	f.Add([]byte("a,b\n1,2\n"))
	f.Add([]byte("\xff\xfe\x46\x55"))
	f.Add([]byte("\xd6\xd0\xce\xc4,1"))
	f.Fuzz(func(t *testing.T, data []byte) {
		doc, err := Open("f", data)
		if err == nil {
			for _, part := range doc.Parts {
				if part.Text != strings.ToValidUTF8(part.Text, "") {
					t.Errorf("%s is not UTF-8", part.Name)
				}
			}
			return
		}
		var list ErrorList
		if !errors.As(err, &list) || list[0].Hint.Format == "" {
			t.Errorf("no list of errors with a next step: %v", err)
		}
	})
}
