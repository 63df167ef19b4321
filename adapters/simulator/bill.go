package simulator

import (
	"archive/zip"
	"cmp"
	"compress/flate"
	"errors"
	"fmt"
	"io"
	"path"
	"strconv"
	"sync"
	"unicode/utf8"

	"golang.org/x/text/encoding/simplifiedchinese"

	"daybook/ledger"
)

// bill is a provider's bill of a day while it is written, with what goes with it.
type bill struct {
	s     *stream
	by    *provider
	date  *date
	total *KeyTotal
	rows  rows
	dir   string
	first string // of its files
}

// rows are the rows of one form of bill. What add could not write, close says.
type rows interface {
	add(l *line)
	close() error
}

// add writes a row and adds it to the totals of the key.
func (b *bill) add(l *line) error {
	b.total.Lines++
	b.total.GrossMinor += l.gross
	b.total.DiscountMinor += l.discount
	b.total.FeeMinor += l.fee
	b.total.NetMinor += l.net()
	b.rows.add(l)
	return nil
}

// create begins a file of the bill.
func (b *bill) create(name string, gbk bool) *text {
	b.first = cmp.Or(b.first, name)
	return b.s.create(path.Join(b.dir, name), gbk)
}

// bundle is a zip whose members are written one after another.
type bundle struct {
	file io.WriteCloser
	zip  *zip.Writer
	err  error
}

func (b *bill) bundle(name string) *bundle {
	b.first = cmp.Or(b.first, name)
	file, err := b.s.to.Create(path.Join(b.dir, name))
	if err != nil {
		return &bundle{err: err}
	}
	return bundleTo(file)
}

// bundleTo packs quickly: members this repetitive become small at any level.
func bundleTo(file io.WriteCloser) *bundle {
	z := zip.NewWriter(file)
	z.RegisterCompressor(zip.Deflate, func(to io.Writer) (io.WriteCloser, error) { return flate.NewWriter(to, flate.BestSpeed) })
	return &bundle{file: file, zip: z}
}

// member begins the next one. Chinese archivers write names in GBK, without the flag that would say UTF-8.
func (z *bundle) member(name string, gbk bool) *text {
	if z.err != nil {
		return &text{err: z.err}
	}
	header := &zip.FileHeader{Name: name, Method: zip.Deflate}
	if gbk {
		header.Name, header.NonUTF8 = string(appendGBK(nil, []byte(name))), true
	}
	w, err := z.zip.CreateHeader(header)
	if err != nil {
		return &text{err: err}
	}
	return newText(w, nil, gbk)
}

func (z *bundle) close() error {
	if z.err != nil {
		return z.err
	}
	return errors.Join(z.zip.Close(), z.file.Close())
}

// gbkWriter encodes whole rows.
type gbkWriter struct {
	to   io.Writer
	left []byte // of a character cut in two
	room []byte
}

func (w *gbkWriter) Write(p []byte) (int, error) {
	all := p
	if len(w.left) > 0 {
		all = append(w.left, p...)
	}
	end := len(all)
	for n := 1; n <= min(utf8.UTFMax, end); n++ {
		if c := all[end-n]; utf8.RuneStart(c) {
			if !utf8.FullRune(all[end-n:]) {
				end -= n
			}
			break
		}
	}
	w.room = appendGBK(w.room[:0], all[:end])
	w.left = append([]byte(nil), all[end:]...)
	if _, err := w.to.Write(w.room); err != nil {
		return 0, err
	}
	return len(p), nil
}

// gbkOf is the encoding of each character of the basic plane, in two bytes; nothing where it has
// no place, or one byte.
var gbkOf = sync.OnceValue(func() []uint16 {
	table := make([]uint16, 1<<16)
	encoder := simplifiedchinese.GBK.NewEncoder()
	var from [utf8.UTFMax]byte
	var to [4]byte
	for r := rune(utf8.RuneSelf); r < 1<<16; r++ {
		if r >= 0xd800 && r < 0xe000 || r == utf8.RuneError {
			continue
		}
		n := utf8.EncodeRune(from[:], r)
		encoder.Reset()
		if written, _, err := encoder.Transformer.Transform(to[:], from[:n], true); err == nil && written == 2 {
			table[r] = uint16(to[0])<<8 | uint16(to[1])
		}
	}
	return table
})

func appendGBK(b, text []byte) []byte {
	table := gbkOf()
	for len(text) > 0 {
		if text[0] < utf8.RuneSelf {
			b = append(b, text[0])
			text = text[1:]
			continue
		}
		r, n := utf8.DecodeRune(text)
		if r >= 1<<16 || table[r] == 0 {
			panic(fmt.Sprintf("%q has no place in GBK", text[:n])) // every text is written in this package
		}
		b, text = append(b, byte(table[r]>>8), byte(table[r])), text[n:]
	}
	return b
}

// Cells of a row.

func (t *text) int(n int64) { t.row = strconv.AppendInt(t.row, n, 10) }

func (t *text) padded(n int64, digits int) { t.row = appendPadded(t.row, n, digits) }

func (t *text) major(minor int64, currency ledger.Currency) {
	t.row = appendMajor(t.row, minor, currency)
}

// yuan is an amount in a file that knows no other money.
func (t *text) yuan(fen int64) { t.row = appendMajor(t.row, fen, "CNY") }

// cells appends cells, each behind a comma.
func (t *text) cells(values ...string) {
	for _, v := range values {
		t.row = append(t.row, ',')
		t.row = append(t.row, v...)
	}
}

// yuans appends amounts, each behind a comma.
func (t *text) yuans(amounts ...int64) {
	for _, fen := range amounts {
		t.row = append(t.row, ',')
		t.row = appendMajor(t.row, fen, "CNY")
	}
}

// stamp is a second of the line's day: its date, what divides, and the time.
func (t *text) stamp(d *date, second int, between string) {
	t.put(d.on(second))
	t.put(between)
	t.clock(second, ":")
}

// clock is the time of a second of the day.
func (t *text) clock(second int, colon string) {
	second = ((second % secondsPerDay) + secondsPerDay) % secondsPerDay
	t.padded(int64(second/3600), 2)
	t.put(colon)
	t.padded(int64(second/60%60), 2)
	t.put(colon)
	t.padded(int64(second%60), 2)
}

// on is the date of a second of the day.
func (d *date) on(second int) string {
	if second >= 0 && second < secondsPerDay {
		return d.dashed
	}
	return d.at(second).Format("2006-01-02")
}
