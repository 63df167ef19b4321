package simulator

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"path"
	"slices"
	"strings"

	"daybook/ledger"
)

// writeCorrection writes the acquirer's bill of the day once more, with one wrong fee put
// right: a copy of the first but for that row. There is none when no fee is wrong.
func (s *stream) writeCorrection() error {
	c := s.wrongFee
	again, ok := s.to.(interface {
		Open(name string) (io.ReadCloser, error)
	})
	if c == nil || !ok {
		return nil
	}
	b := s.bills[c.line.by]
	first, err := again.Open(path.Join(s.dir, allinpayName(b.by, b.date, "")))
	if err != nil {
		return err
	}
	defer first.Close()
	name := allinpayName(b.by, b.date, "_v2")
	out, err := s.to.Create(path.Join(CorrectionsDir, name))
	if err != nil {
		return err
	}
	var row bytes.Buffer
	shown := func() string {
		row.Reset()
		a := &allinpayBill{b, newText(&row, nil, false)}
		a.add(c.line)
		a.t.done()
		return row.String()
	}
	wrong, fee := shown(), c.line.fee
	c.line.fee = c.fee
	right := shown()
	c.line.fee = fee
	s.key.Correction = &Correction{File: name, Of: c.of, FeeMinor: c.fee - fee}

	w := bufio.NewWriterSize(out, 64<<10)
	lines := bufio.NewReaderSize(first, 64<<10)
	for replaced := false; ; {
		text, err := lines.ReadString('\n')
		if text == wrong && !replaced {
			text, replaced = right, true
		}
		if _, err := w.WriteString(text); err != nil {
			return errors.Join(err, out.Close())
		}
		if err == io.EOF {
			break
		}
		if err != nil {
			return errors.Join(err, out.Close())
		}
	}
	return errors.Join(w.Flush(), out.Close())
}

// After is the key that holds when the corrected bill has replaced the first.
func (k Key) After(c Correction) Key {
	k.Totals, k.Breaks = slices.Clone(k.Totals), slices.Clone(k.Breaks)
	for i := range k.Totals {
		if k.Totals[i].Provider == "allinpay" {
			k.Totals[i].FeeMinor += c.FeeMinor
			k.Totals[i].NetMinor -= c.FeeMinor
		}
	}
	k.Breaks = slices.DeleteFunc(k.Breaks, func(b KeyBreak) bool { return b.Kind == FeeDeviation && b.Reference == c.Of })
	for i := range k.Breaks {
		if b := &k.Breaks[i]; b.Kind == PayoutShort && strings.HasPrefix(b.Reference, "104440353310031 ") {
			b.ExpectedMinor -= c.FeeMinor
		}
	}
	return k
}

// File is a file in memory.
type File struct {
	Name string
	Data []byte
}

// Day is a single day, in memory: for tests and for demonstrations, where it is small.
type Day struct {
	// Files are the day's till reports (one per store), the bills and the bank
	// statements of the next day.
	Files []File
	// Config is the configuration for them, YAML with comments.
	Config []byte
	Key    Key
	next   []File
	again  []File
}

// Generate makes a day.
func Generate(opts Options) (*Day, error) {
	if opts.Days > 1 {
		return nil, ledger.Problem("only one day is made up in memory, not %d", opts.Days)
	}
	kept := &memory{files: map[string]*bytes.Buffer{}}
	if err := Write(opts, kept, nil); err != nil {
		return nil, err
	}
	d := &Day{Config: kept.files[ConfigFile].Bytes()}
	if err := json.Unmarshal(kept.files[KeyFile(opts.Day)].Bytes(), &d.Key); err != nil {
		return nil, err
	}
	for _, name := range kept.order {
		file := File{path.Base(name), kept.files[name].Bytes()}
		switch path.Dir(name) {
		case FilesDir:
			d.Files = append(d.Files, file)
		case NextDir:
			d.next = append(d.next, file)
		case CorrectionsDir:
			d.again = append(d.again, file)
		}
	}
	return d, nil
}

// Next are the files of the day after, see NextDir.
func (d *Day) Next() []File { return d.next }

// Correction is the corrected bill, and the key that holds after it has replaced the first.
// It is false when no fee of the bill is wrong, as in a day without breaks.
func (d *Day) Correction() (File, Key, bool) {
	if d.Key.Correction == nil {
		return File{}, Key{}, false
	}
	return d.again[0], d.Key.After(*d.Key.Correction), true
}

// memory is a Sink that keeps everything.
type memory struct {
	files map[string]*bytes.Buffer
	order []string
}

func (m *memory) Create(name string) (io.WriteCloser, error) {
	m.files[name] = &bytes.Buffer{}
	m.order = append(m.order, name)
	return open{m.files[name]}, nil
}

func (m *memory) Open(name string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(m.files[name].Bytes())), nil
}

type open struct{ *bytes.Buffer }

func (open) Close() error { return nil }
