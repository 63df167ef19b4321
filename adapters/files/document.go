package files

import (
	"crypto/sha256"
	"encoding/hex"
)

// Document is a file as it arrived, opened as far as every format needs it.
type Document struct {
	Name   string // base name as given; for messages only
	Bytes  int64
	SHA256 string // of the bytes as they arrived, lower-case hex; the document's identity
	Parts  []Part // one for a plain file, one per entry for a zip, one for a gzip
}

// Part is one text inside a document.
type Part struct {
	Name     string // entry name inside a zip, decoded; otherwise the document's name
	Encoding string // "UTF-8", "UTF-16LE", "UTF-16BE", "GB18030"
	Text     string // decoded to UTF-8, without byte order mark; line ends as they came
}

// Open reads a document: unpacks zip and gzip, decodes each part (UTF-8 BOM → UTF-8;
// UTF-16 BOM → UTF-16; valid UTF-8 → UTF-8; else GB18030). What cannot be opened is
// reported as an ErrorList that says what to do.
func Open(name string, data []byte) (*Document, error) {
	sum := sha256.Sum256(data)
	doc := &Document{Name: name, Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	panic("being written: unpack and decode")
	return doc, nil
}

// Table is the tabular region of a part: rows of cells under a header.
type Table struct {
	Header []string // headings with blanks, tabs, BOM and quotes removed and （） folded to ()
	Row0   int      // line number of the header
	Rows   []Row
}

// Row is one record. A record that spans lines (quoted line ends) has the number of its first.
type Row struct {
	Line  int      // line number in the part, from 1
	Cells []string // as they came, unquoted, not trimmed
	Raw   string   // the record's text without its line end
}
