package files

import (
	"crypto/sha256"
	"encoding/hex"
	"path"
	"strings"

	"daybook/ledger"
)

// Document is a file as it arrived, opened as far as every format needs it.
type Document struct {
	Name   string // base name as given, fit for messages; files are told apart by SHA256
	Bytes  int64
	SHA256 string // of the bytes as they arrived, lower-case hex; the document's identity
	Parts  []Part // one for a plain file, one per entry for a zip, one for a gzip
}

// Part is one text inside a document.
type Part struct {
	Name     string // entry name inside a zip, decoded; otherwise the document's name
	Encoding string // "UTF-8", "UTF-16LE", "UTF-16BE", "Windows 1252", "ISO 8859-15", "GB18030", "XLSX"
	Text     string // decoded to UTF-8, without byte order mark; line ends as they came

	raw []byte // before it was decoded; nil for a workbook
}

// Open reads a document: unpacks zip and gzip, makes a text of a workbook (.xlsx), decodes each part (UTF-8 BOM → UTF-8;
// UTF-16 BOM → UTF-16; valid UTF-8 → UTF-8; XML that names a Latin encoding and SWIFT
// messages in one → that; else GB18030). A text in none of these is read in the first of the
// further encodings that it is valid in; they are names of Encodings. What cannot be opened is
// reported as an ErrorList that says what to do.
func Open(name string, data []byte, further ...string) (*Document, error) {
	return open(name, data, limits{unpacked: MaxUnpacked, entries: maxEntries}, further...)
}

func open(name string, data []byte, limit limits, further ...string) (*Document, error) {
	sum := sha256.Sum256(data)
	doc := &Document{Name: shown(base(name)), Bytes: int64(len(data)), SHA256: hex.EncodeToString(sum[:])}
	if len(data) == 0 {
		return nil, Wrong(doc.Name,
			ledger.Say("the file is empty"),
			ledger.Say("download it again; if it stays empty, ask the provider for the file"))
	}
	members, err := unpack(doc.Name, data, limit)
	if err != nil {
		return nil, err
	}
	for _, member := range members {
		part := Part{Name: member.name}
		if member.workbook {
			part.Text, part.Encoding = string(member.data), Workbook
			doc.Parts = append(doc.Parts, part)
			continue
		}
		file := doc.FileOf(&part)
		if err := refuseForeign(file, member.data); err != nil {
			return nil, err
		}
		part.raw = member.data
		if part.Text, part.Encoding, err = decodeAny(file, member.data, further); err != nil {
			return nil, err
		}
		doc.Parts = append(doc.Parts, part)
	}
	return doc, nil
}

// FileOf is what messages call a part: the document's name, and inside an archive the
// entry's name after it.
func (d *Document) FileOf(part *Part) string {
	if part.Name == d.Name {
		return d.Name
	}
	return d.Name + "/" + part.Name
}

// Inner are the files of an archive, each as a document of its own that is called as messages
// call the part. A document of one part is its own.
func (d *Document) Inner() []*Document {
	if len(d.Parts) == 1 {
		return []*Document{d}
	}
	var list []*Document
	for n := range d.Parts {
		part := d.Parts[n]
		sum := sha256.Sum256(part.raw)
		part.Name = d.FileOf(&part)
		list = append(list, &Document{Name: part.Name, Bytes: int64(len(part.raw)), SHA256: hex.EncodeToString(sum[:]), Parts: []Part{part}})
	}
	return list
}

// base is the last element of a path of any operating system.
func base(name string) string {
	return path.Base(strings.ReplaceAll(name, `\`, "/"))
}
