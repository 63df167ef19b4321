package files

import (
	"archive/zip"
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"strings"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"daybook/ledger"
)

// MaxUnpacked is the largest document daybook opens, in bytes after unpacking: 2 GiB,
// some ten million settlement lines.
const MaxUnpacked = 2 << 30

const (
	maxEntries = 100
	// maxRatio bounds unpacked to packed bytes. Bills pack about ten to one, the most
	// repetitive ones fifty to one; deflate's limit, which a bomb approaches, is about
	// a thousand to one. Small files are let off.
	maxRatio      = 200
	smallUnpacked = 4 << 20
)

type limits struct {
	unpacked int64
	entries  int
}

// member is one file of an archive, or the file itself.
type member struct {
	name     string
	data     []byte
	workbook bool // data is a sheet as CSV
}

func unpack(name string, data []byte, limit limits) ([]member, error) {
	switch {
	case bytes.HasPrefix(data, []byte("PK\x03\x04")), bytes.HasPrefix(data, []byte("PK\x05\x06")):
		return unzip(name, data, limit)
	case bytes.HasPrefix(data, []byte("\x1f\x8b")):
		return gunzip(name, data, limit)
	case int64(len(data)) > limit.unpacked:
		return nil, tooLarge(name, limit)
	}
	return []member{{name: name, data: data}}, nil
}

func unzip(name string, data []byte, limit limits) ([]member, error) {
	archive, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil && !errors.Is(err, zip.ErrInsecurePath) { // entry names are never used as paths
		return nil, damaged(name)
	}
	if isWorkbook(archive.File) {
		content, err := readWorkbook(name, data, archive.File, limit)
		if err != nil {
			return nil, err
		}
		return []member{{name, content, true}}, nil
	}
	if kind := officeKind(archive.File); kind.Format != "" {
		return nil, foreign(name, kind)
	}
	var members []member
	left := limit.unpacked
	seen := map[string]bool{}
	empty := "" // an entry without content
	for _, file := range archive.File {
		inner := entryName(file)
		if file.FileInfo().IsDir() || strings.HasPrefix(inner, "__MACOSX/") || base(inner) == ".DS_Store" {
			continue
		}
		if len(members) == limit.entries {
			return nil, Wrong(name,
				ledger.Say("the archive holds more than %d files", limit.entries),
				ledger.Say("unpack it and import the files one by one"))
		}
		inner = shown(inner)
		if seen[inner] {
			return nil, Wrong(name,
				ledger.Say("the archive holds two files called %q", inner),
				ledger.Say("download it again, or unpack it and import the right file"))
		}
		seen[inner] = true
		if file.Flags&1 != 0 {
			return nil, Wrong(name,
				ledger.Say("%q in the archive is protected by a password", inner),
				ledger.Say("unpack the archive with its password and import the files inside"))
		}
		content, err := inflate(name, file, left, int64(len(data)), limit)
		if err != nil {
			return nil, err
		}
		if len(content) == 0 { // UnionPay packs an empty file of disputes on most days
			empty = inner
			continue
		}
		left -= int64(len(content))
		members = append(members, member{name: inner, data: content})
	}
	if len(members) == 0 && empty != "" {
		return nil, Wrong(name,
			ledger.Say("%q in the archive is empty", empty),
			ledger.Say("download the archive again"))
	}
	if len(members) == 0 {
		return nil, Wrong(name,
			ledger.Say("the archive holds no file"),
			ledger.Say("download it again; if it stays empty, ask the provider for the file"))
	}
	return members, nil
}

func inflate(name string, file *zip.File, left, packed int64, limit limits) ([]byte, error) {
	if file.UncompressedSize64 > uint64(left) {
		return nil, tooLarge(name, limit)
	}
	reader, err := file.Open()
	if errors.Is(err, zip.ErrAlgorithm) {
		return nil, Wrong(name,
			ledger.Say("%q is packed by a method daybook does not know (%d)", shown(entryName(file)), file.Method),
			ledger.Say("unpack the archive and import the files inside"))
	}
	if err != nil {
		return nil, damaged(name)
	}
	defer reader.Close()
	return readBounded(name, reader, left, packed, limit)
}

func gunzip(name string, data []byte, limit limits) ([]member, error) {
	reader, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, damaged(name)
	}
	content, err := readBounded(name, reader, limit.unpacked, int64(len(data)), limit)
	if err != nil {
		return nil, err
	}
	if len(content) == 0 {
		return nil, Wrong(name,
			ledger.Say("the file is empty"),
			ledger.Say("download it again; if it stays empty, ask the provider for the file"))
	}
	return []member{{name: name, data: content}}, nil
}

// readBounded reads everything, but stops at left bytes or when the unpacked text is
// out of proportion to the packed one. What an archive says of its own size is not believed.
func readBounded(name string, reader io.Reader, left, packed int64, limit limits) ([]byte, error) {
	allowed := max(smallUnpacked, packed*maxRatio)
	content, err := io.ReadAll(io.LimitReader(reader, min(left, allowed)+1))
	switch {
	case err != nil:
		return nil, damaged(name)
	case int64(len(content)) > left:
		return nil, tooLarge(name, limit)
	case int64(len(content)) > allowed:
		return nil, Wrong(name,
			ledger.Say("the archive unpacks to more than %d times its size, as only an attack on the reader does", maxRatio),
			ledger.Say("if it is genuine, unpack it and import the files inside"))
	}
	return content, nil
}

// entryName decodes an entry's name. Chinese providers write GBK without setting the
// UTF-8 flag, which the standard then calls code page 437.
func entryName(file *zip.File) string {
	name := file.Name
	if file.NonUTF8 || !utf8.ValidString(name) {
		if decoded, err := simplifiedchinese.GB18030.NewDecoder().String(name); err == nil {
			name = decoded
		}
	}
	return strings.ToValidUTF8(strings.ReplaceAll(name, `\`, "/"), "\ufffd")
}

func damaged(name string) error {
	return Wrong(name,
		ledger.Say("the archive is damaged or was cut short"),
		ledger.Say("download it again"))
}

func tooLarge(name string, limit limits) error {
	return Wrong(name,
		ledger.Say("the file is larger than %d bytes after unpacking", limit.unpacked),
		ledger.Say("split it by day and import the pieces"))
}
