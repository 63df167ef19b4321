package files

import (
	"archive/zip"
	"bytes"
	"strings"

	"daybook/ledger"
)

// magics are the first bytes of files that people send in place of a bill.
var magics = []struct{ prefix, kind string }{
	{"%PDF-", "a PDF document"},
	{"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an Excel workbook of the old kind (.xls)"},
	{"PK\x03\x04", "an archive inside an archive"},
	{"\x1f\x8b", "an archive inside an archive"},
	{"\x89PNG\r\n", "an image (PNG)"},
	{"\xff\xd8\xff", "an image (JPEG)"},
	{"GIF8", "an image (GIF)"},
	{"RIFF", "an image or a recording"},
	{"Rar!\x1a", "a RAR archive"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive"},
	{"\xfd7zXZ\x00", "an xz archive"},
	{"\x28\xb5\x2f\xfd", "a zstd archive"},
	{"BZh", "a bzip2 archive"},
	{"SQLite format 3\x00", "a database"},
	{"PAR1", "a Parquet file"},
	{"{\\rtf", "a word processor's document (RTF)"},
}

// refuseForeign names what a file is when it is no text at all.
func refuseForeign(file string, data []byte) error {
	for _, magic := range magics {
		if bytes.HasPrefix(data, []byte(magic.prefix)) {
			return foreign(file, magic.kind)
		}
	}
	if len(data) > 262 && string(data[257:262]) == "ustar" {
		return foreign(file, "a tar archive")
	}
	head := bytes.TrimPrefix(data[:min(len(data), 512)], []byte("\xef\xbb\xbf"))
	switch start := strings.ToLower(string(bytes.TrimLeft(head, " \t\r\n"))); {
	case strings.HasPrefix(start, "<!doctype html"), strings.HasPrefix(start, "<html"):
		return foreign(file, "a web page")
	case strings.HasPrefix(start, "<?xml") && strings.Contains(start, "urn:schemas-microsoft-com:office"):
		return foreign(file, "an Excel workbook saved as XML")
	}
	return nil
}

// officeKind tells office documents, which are zip archives too, by their entries.
func officeKind(entries []*zip.File) string {
	kind := ""
	for _, entry := range entries {
		switch {
		case strings.HasPrefix(entry.Name, "xl/"):
			return "an Excel workbook (.xlsx)"
		case strings.HasPrefix(entry.Name, "word/"):
			return "a Word document (.docx)"
		case strings.HasPrefix(entry.Name, "ppt/"):
			return "a presentation (.pptx)"
		case entry.Name == "META-INF/manifest.xml":
			kind = "an OpenDocument file (.ods, .odt)"
		case entry.Name == "[Content_Types].xml":
			kind = "an office document"
		}
	}
	return kind
}

func foreign(file, kind string) error {
	switch {
	case strings.Contains(kind, "Excel"), strings.Contains(kind, "OpenDocument"):
		return Wrong(file,
			ledger.Say("this is %s, not a text file", kind),
			ledger.Say("use the CSV file the provider offers, or open it and export it as CSV (UTF-8)"))
	case strings.Contains(kind, "web page"):
		return Wrong(file,
			ledger.Say("this is %s, not a text file", kind),
			ledger.Say("the download link probably ran out and the login page was saved; sign in and download the file again"))
	case strings.Contains(kind, "archive"):
		return Wrong(file,
			ledger.Say("this is %s, not a text file", kind),
			ledger.Say("unpack it and import the files inside"))
	}
	return Wrong(file,
		ledger.Say("this is %s, not a text file", kind),
		ledger.Say("ask the provider for the file in text form (CSV)"))
}
