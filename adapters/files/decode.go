package files

import (
	"bytes"
	"encoding/binary"
	"maps"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
	"unicode/utf8"

	xencoding "golang.org/x/text/encoding"
	"golang.org/x/text/encoding/charmap"
	"golang.org/x/text/encoding/japanese"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/traditionalchinese"

	"daybook/ledger"
)

// decode turns bytes into text, and says in what encoding they came.
func decode(file string, data []byte) (text, encoding string, err error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xef\xbb\xbf")):
		text, encoding = string(data[3:]), "UTF-8"
		if at := invalidUTF8(data[3:]); at >= 0 {
			return "", "", undecodable(file, data, at+3, encoding)
		}
	case bytes.HasPrefix(data, []byte("\xff\xfe")):
		text, encoding = "", "UTF-16LE"
		if text, err = decodeUTF16(file, data, binary.LittleEndian, encoding); err != nil {
			return "", "", err
		}
	case bytes.HasPrefix(data, []byte("\xfe\xff")):
		encoding = "UTF-16BE"
		if text, err = decodeUTF16(file, data, binary.BigEndian, encoding); err != nil {
			return "", "", err
		}
	case utf8.Valid(data):
		text, encoding = string(data), "UTF-8"
	default:
		if page := western(data); page != nil {
			encoding = page.String()
			decoded, err := page.NewDecoder().Bytes(data)
			if err != nil {
				return "", "", undecodable(file, data, 0, encoding)
			}
			text = string(decoded)
			break
		}
		encoding = "GB18030"
		if text, err = decodeGB18030(file, data); err != nil {
			return "", "", err
		}
	}
	if binaryText(text) {
		return "", "", Wrong(file,
			ledger.Say("this is binary data, not a text file"),
			ledger.Say("ask the provider for the file in text form (CSV)"))
	}
	return text, encoding, nil
}

// encodings are those in which a format may ask for its files, where what is found by
// looking at the bytes is a guess: every text of one of these is also one of others.
var encodings = map[string]xencoding.Encoding{
	"utf-8": nil, "gb18030": simplifiedchinese.GB18030, "big5": traditionalchinese.Big5, "shift_jis": japanese.ShiftJIS,
	"windows-1250": charmap.Windows1250, "windows-1252": charmap.Windows1252, "iso-8859-15": charmap.ISO8859_15,
}

// Encodings are the names that Part.In takes.
func Encodings() []string { return slices.Sorted(maps.Keys(encodings)) }

// In is the part's text in an encoding of that name, or an ErrorList that says where it is not
// in it. A byte order mark is believed before the name, a workbook has none, what is valid
// UTF-8 beyond ASCII is no text of a Latin code page, and what is much Chinese in UTF-8 is no
// GB18030.
func (p *Part) In(file, name string) (string, error) {
	_, latin := encodings[name].(*charmap.Charmap)
	marked := latin && p.Encoding == "UTF-8" || bytes.HasPrefix(p.raw, []byte("\xef\xbb\xbf")) || bytes.HasPrefix(p.raw, []byte("\xff\xfe")) || bytes.HasPrefix(p.raw, []byte("\xfe\xff"))
	if p.raw == nil || marked {
		return p.Text, nil
	}
	if name == "gb18030" { // nearly every text is valid in it, so damage has to be looked for
		if first, chinese := damagedUTF8(p.raw); chinese && first < 0 { // it was saved anew
			return p.Text, nil
		}
		return decodeGB18030(file, p.raw)
	}
	return decodeIn(file, p.raw, name)
}

func decodeIn(file string, data []byte, name string) (string, error) {
	if at := invalidUTF8(data); name == "utf-8" {
		if at >= 0 {
			return "", undecodable(file, data, at, "UTF-8")
		}
		return string(data), nil
	}
	text, err := encodings[name].NewDecoder().Bytes(data)
	if err != nil {
		return "", undecodable(file, data, 0, name)
	}
	if at := bytes.IndexRune(text, utf8.RuneError); at >= 0 {
		// What comes before it was decoded, so as many bytes as that takes lie before the fault.
		before, _ := encodings[name].NewEncoder().Bytes(text[:at])
		return "", undecodable(file, data, min(len(before), len(data)-1), name)
	}
	return string(text), nil
}

// decodeAny is decode, and where that fails the first of the further encodings that will do.
func decodeAny(file string, data []byte, further []string) (text, encoding string, err error) {
	text, encoding, err = decode(file, data)
	for _, name := range further {
		if err == nil {
			break
		}
		if text, failed := decodeIn(file, data, name); failed == nil && !binaryText(text) {
			return text, name, nil
		}
	}
	return text, encoding, err
}

// declared is the encoding an XML document names in its declaration. (XML 1.0, 4.3.3.)
var declared = regexp.MustCompile(`^\s*<\?xml[^>]*\bencoding\s*=\s*["']([A-Za-z0-9._-]+)["']`)

// western is the encoding of bytes that are not UTF-8 and not Chinese either: an XML
// document that says so, or a SWIFT message in which a letter beyond ASCII stands alone,
// as they do in German names and never in Chinese text.
// Latin-1 is read as windows-1252, which is the same and has letters in its unused places.
func western(data []byte) *charmap.Charmap {
	if found := declared.FindSubmatch(data[:min(len(data), 200)]); found != nil {
		switch strings.ToLower(string(found[1])) {
		case "iso-8859-1", "latin1", "windows-1252", "us-ascii":
			return charmap.Windows1252
		case "iso-8859-15":
			return charmap.ISO8859_15
		}
		return nil
	}
	if start := bytes.TrimLeft(data[:min(len(data), 64)], " \r\n"); !bytes.HasPrefix(start, []byte(":20:")) && !bytes.HasPrefix(start, []byte("{1:")) {
		return nil
	}
	run := 0
	for _, b := range data {
		switch {
		case b >= utf8.RuneSelf:
			run++
		case run%2 == 1:
			return charmap.Windows1252
		default:
			run = 0
		}
	}
	return nil
}

// binaryText reports a NUL, or more control characters than any text has.
func binaryText(text string) bool {
	controls := 0
	for i := range len(text) {
		switch b := text[i]; {
		case b == 0:
			return true
		case b < ' ' && b != '\t' && b != '\n' && b != '\r' && b != '\f' && b != 0x1a:
			controls++
		}
	}
	return controls > 8 && controls > len(text)/100
}

func invalidUTF8(data []byte) int {
	for at := 0; at < len(data); {
		if data[at] < utf8.RuneSelf {
			at++
			continue
		}
		r, size := utf8.DecodeRune(data[at:])
		if r == utf8.RuneError && size == 1 {
			return at
		}
		at += size
	}
	return -1
}

func decodeUTF16(file string, data []byte, order binary.ByteOrder, encoding string) (string, error) {
	if len(data)%2 != 0 {
		return "", Wrong(file,
			ledger.Say("the file is %s but ends in the middle of a character", encoding),
			ledger.Say("it was cut short; download it again"))
	}
	var text strings.Builder
	text.Grow(len(data))
	line := 1
	for at := 2; at < len(data); at += 2 {
		r := rune(order.Uint16(data[at:]))
		if utf16.IsSurrogate(r) {
			low := rune(0)
			if at+4 <= len(data) {
				low = rune(order.Uint16(data[at+2:]))
			}
			if r = utf16.DecodeRune(r, low); r == utf8.RuneError {
				return "", ErrorList{{File: file, Row: line,
					Text: ledger.Say("byte %d is not valid %s", at, encoding),
					Hint: ledger.Say("the file was damaged on its way; download it again")}}
			}
			at += 2
		}
		if r == '\n' {
			line++
		}
		text.WriteRune(r)
	}
	return text.String(), nil
}

// decodeGB18030 is for bytes that are not valid UTF-8. GB18030 accepts nearly every
// sequence of bytes, so a UTF-8 file with one damaged byte would come out as readable
// nonsense; such a file is told by its many valid three-byte sequences, which Chinese
// text in GBK does not form, and refused as damaged UTF-8.
func decodeGB18030(file string, data []byte) (string, error) {
	if at, damaged := damagedUTF8(data); damaged {
		return "", undecodable(file, data, at, "UTF-8")
	}
	text, err := simplifiedchinese.GB18030.NewDecoder().Bytes(data)
	if err != nil {
		return "", undecodable(file, data, 0, "UTF-8/GB18030 (GBK)")
	}
	if bytes.ContainsRune(text, utf8.RuneError) { // rare, so only then is the place looked for
		if at := invalidGB18030(data); at >= 0 {
			return "", undecodable(file, data, at, "UTF-8/GB18030 (GBK)")
		}
	}
	return string(text), nil
}

// damagedUTF8 reports bytes that were once UTF-8, and the first that is no longer.
func damagedUTF8(data []byte) (first int, damaged bool) {
	first = -1
	valid, invalid := 0, 0
	for at := 0; at < len(data); {
		if data[at] < utf8.RuneSelf {
			at++
			continue
		}
		r, size := utf8.DecodeRune(data[at:])
		switch {
		case r == utf8.RuneError && size == 1:
			if first < 0 {
				first = at
			}
			invalid++
		case size >= 3:
			valid++
		}
		at += size
	}
	return first, valid >= 8 && valid > 4*invalid
}

// invalidGB18030 is the offset of the first byte that begins no character, or -1.
// (GB 18030-2005: one byte to 80, two bytes 81–FE 40–FE without 7F, four bytes
// 81–FE 30–39 81–FE 30–39.)
func invalidGB18030(data []byte) int {
	decoder := simplifiedchinese.GB18030.NewDecoder()
	for at := 0; at < len(data); {
		size := 1
		switch b := data[at]; {
		case b < 0x80:
			at++
			continue
		case b == 0x80: // the euro sign of code page 936
			at++
			continue
		case b == 0xff || at+1 >= len(data):
			return at
		}
		switch second := data[at+1]; {
		case second >= 0x40 && second <= 0xfe && second != 0x7f:
			size = 2
		case second >= 0x30 && second <= 0x39:
			if size = 4; at+4 > len(data) {
				return at
			}
		default:
			return at
		}
		// U+FFFD itself is written 84 31 A4 37; anywhere else it is the decoder's
		// word for a code without a character.
		if string(data[at:at+size]) != "\x841\xa47" {
			if text, err := decoder.Bytes(data[at : at+size]); err != nil || bytes.ContainsRune(text, utf8.RuneError) {
				return at
			}
		}
		at += size
	}
	return -1
}

func undecodable(file string, data []byte, at int, encoding string) error {
	line := 1 + bytes.Count(data[:at], []byte("\n"))
	return ErrorList{{
		File: file, Row: line,
		Text: ledger.Say("byte %d of the file (0x%02X) is not valid %s", at, data[at], encoding),
		Hint: ledger.Say("the file was damaged or cut on its way, or saved in another encoding; download the original again"),
	}}
}
