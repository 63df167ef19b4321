package files

import (
	"archive/zip"
	"bytes"
	"strings"

	"daybook/ledger"
)

// magics are the first bytes of files that people send in place of a bill.
var magics = []struct {
	prefix string
	kind   ledger.Text
}{
	{"%PDF-", ledger.Say("a PDF document")},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", ledger.Say("an Excel workbook of the old kind (.xls)")},
	{"PK\x03\x04", ledger.Say("an archive inside an archive")},
	{"\x1f\x8b", ledger.Say("an archive inside an archive")},
	{"\x89PNG\r\n", ledger.Say("an image (PNG)")},
	{"\xff\xd8\xff", ledger.Say("an image (JPEG)")},
	{"GIF8", ledger.Say("an image (GIF)")},
	{"RIFF", ledger.Say("an image or a recording")},
	{"Rar!\x1a", ledger.Say("a RAR archive")},
	{"7z\xbc\xaf\x27\x1c", ledger.Say("a 7z archive")},
	{"\xfd7zXZ\x00", ledger.Say("an xz archive")},
	{"\x28\xb5\x2f\xfd", ledger.Say("a zstd archive")},
	{"BZh", ledger.Say("a bzip2 archive")},
	{"SQLite format 3\x00", ledger.Say("a database")},
	{"PAR1", ledger.Say("a Parquet file")},
	{"{\\rtf", ledger.Say("a word processor's document (RTF)")},
}

// refuseForeign names what a file is when it is no text at all.
func refuseForeign(file string, data []byte) error {
	for _, magic := range magics {
		if bytes.HasPrefix(data, []byte(magic.prefix)) {
			return foreign(file, magic.kind)
		}
	}
	if len(data) > 262 && string(data[257:262]) == "ustar" {
		return foreign(file, ledger.Say("a tar archive"))
	}
	head := bytes.TrimPrefix(data[:min(len(data), 512)], []byte("\xef\xbb\xbf"))
	switch start := strings.ToLower(string(bytes.TrimLeft(head, " \t\r\n"))); {
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"):
		return foreign(file, ledger.Say("a web page"))
	case strings.HasPrefix(start, "<?xml") && strings.Contains(start, "urn:schemas-microsoft-com:office"):
		return foreign(file, ledger.Say("an Excel workbook saved as XML"))
	}
	return nil
}

// officeKind tells office documents, which are zip archives too, by their entries.
func officeKind(entries []*zip.File) (kind ledger.Text) {
	for _, entry := range entries {
		switch {
		case strings.HasPrefix(entry.Name, "xl/"):
			return ledger.Say("an Excel workbook (.xlsx)")
		case strings.HasPrefix(entry.Name, "word/"):
			return ledger.Say("a Word document (.docx)")
		case strings.HasPrefix(entry.Name, "ppt/"):
			return ledger.Say("a presentation (.pptx)")
		case entry.Name == "META-INF/manifest.xml":
			kind = ledger.Say("an OpenDocument file (.ods, .odt)")
		case entry.Name == "[Content_Types].xml":
			kind = ledger.Say("an office document")
		}
	}
	return kind
}

func foreign(file string, kind ledger.Text) error {
	switch {
	case strings.Contains(kind.Format, "(.xls)"):
		return Wrong(file,
			ledger.Say("this is %s, not a text file", kind),
			ledger.Say("open it and save it as XLSX or as CSV (UTF-8), or use the CSV file the provider offers"))
	case strings.Contains(kind.Format, "Excel"), strings.Contains(kind.Format, "OpenDocument"):
		return Wrong(file,
			ledger.Say("this is %s, not a text file", kind),
			ledger.Say("use the CSV file the provider offers, or open it and export it as CSV (UTF-8)"))
	case strings.Contains(kind.Format, "web page"):
		return Wrong(file,
			ledger.Say("this is %s, not a text file", kind),
			ledger.Say("the download link probably ran out and the login page was saved; sign in and download the file again"))
	case strings.Contains(kind.Format, "archive"):
		return Wrong(file,
			ledger.Say("this is %s, not a text file", kind),
			ledger.Say("unpack it and import the files inside"))
	}
	return Wrong(file,
		ledger.Say("this is %s, not a text file", kind),
		ledger.Say("ask the provider for the file in text form (CSV)"))
}
