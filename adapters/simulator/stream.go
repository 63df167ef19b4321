package simulator

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"time"

	"daybook/ledger"
)

// Sink takes the files as they are written. Several are open at a time.
type Sink interface {
	Create(name string) (io.WriteCloser, error)
}

// Where files lie in a Sink. Next holds what comes on the day after the last, when the
// stores are closed; Corrections a bill once more, which replaces the first; Late the bills
// that were missing; Customers who the members are.
const (
	ConfigFile     = "daybook.yaml"
	FilesDir       = "files"
	NextDir        = "next"
	CorrectionsDir = "corrections"
	LateDir        = "late"
	CustomersDir   = "customers"
)

// KeyFile is the answer key of a day.
func KeyFile(day ledger.BusinessDay) string { return "answer-key_" + day.Compact() + ".json" }

// Write makes up the days and writes their files, with the configuration they are read
// under and an answer key for each day. It is a pure function of the options. What is in
// memory at a time is a few terminals' day, whatever is asked for: bills grow row by row, in the
// order of stores. Progress is told the payments made so far, and its error ends everything; it
// may be nil.
func Write(opts Options, to Sink, progress func(done int64) error) error {
	if err := opts.check(); err != nil {
		return err
	}
	s, err := newStream(opts, to)
	if err != nil {
		return err
	}
	s.progress = progress
	if err := s.file(ConfigFile, s.config()); err != nil {
		return err
	}
	if err := errors.Join(s.writeCatalogue(), s.writeCustomers()); err != nil {
		return err
	}
	for n := range max(1, opts.Days) {
		if err := s.writeDay(n); err != nil {
			return err
		}
	}
	return s.afterwards()
}

// stream is a retailer's history in the making.
type stream struct {
	opts     Options
	world    *world
	to       Sink
	progress func(int64) error
	stores   []*store
	balances map[*bank]int64
	accounts map[*provider]int64 // balances of the wallets' accounts
	paid     map[*provider]int64 // by the day before, for the accounts of wallets
	late     map[*provider][]*line
	transit  []transfer // between stores
	made     int64
	numbered int // numbers of days before

	// Of the day being written.
	day      *date
	dir      string
	bills    map[*provider]*bill
	till     *text
	tillOf   *store
	key      Key
	totals   map[*provider]*KeyTotal
	wrongFee *corrected
	sold     map[*provider]int64 // what waits for bills
}

// date is a business day of a region, with what rows write of it over and over.
type date struct {
	day      ledger.BusinessDay
	n        int // of the history
	midnight time.Time
	dashed   string // 2006-01-02
	compact  string // 20060102
}

func dateOf(day ledger.BusinessDay, n int, r *region) *date {
	return &date{day, n, time.Date(day.Year, day.Month, day.Day, 0, 0, 0, 0, r.clock), day.String(), day.Compact()}
}

// at is the instant of a second of the day; negative ones lie in the days before.
func (d *date) at(second int) time.Time { return d.midnight.Add(time.Duration(second) * time.Second) }

func newStream(opts Options, to Sink) (*stream, error) {
	w, err := newWorld(opts.World, newAssortment(opts.Seed, opts.Articles))
	if err != nil {
		return nil, err
	}
	if opts.Stores < len(w.regions) {
		return nil, ledger.Refuse(ledger.Say("%d stores are too few for the %d countries of %s", opts.Stores, len(w.regions), string(opts.World)),
			ledger.Say("ask for more stores, or for %s", string(Shanghai)))
	}
	s := &stream{opts: opts, world: w, to: to, balances: map[*bank]int64{}, accounts: map[*provider]int64{}, paid: map[*provider]int64{}, late: map[*provider][]*line{}}
	for _, b := range w.banks {
		s.balances[b] = openingBalance
	}
	s.openStores()
	return s, nil
}

// writeDay makes up one day, cell by cell.
func (s *stream) writeDay(n int) error {
	s.begin(n, FilesDir)
	payments := s.opts.payments(n)
	cells := s.cells(n, payments)
	for i, c := range cells {
		if err := c.make(); err != nil {
			return err
		}
		if err := s.writeCell(c); err != nil {
			return err
		}
		c.forget()
		cells[i] = nil
		s.made += int64(c.opts.Payments)
		if s.progress != nil {
			if err := s.progress(s.made); err != nil {
				return err
			}
		}
	}
	if err := s.end(); err != nil {
		return err
	}
	if err := s.writeGoods(); err != nil {
		return err
	}
	return s.writeKey()
}

func (s *stream) begin(n int, dir string) {
	s.day = dateOf(s.opts.Day.AddDays(n), n, s.world.regions[0])
	s.dir, s.bills = dir, map[*provider]*bill{}
	s.totals, s.sold = map[*provider]*KeyTotal{}, map[*provider]int64{}
	s.key, s.wrongFee = Key{BusinessDate: s.day.day}, nil
	for _, p := range s.world.providers {
		s.totals[p] = &KeyTotal{Provider: p.id, Channel: p.channel, Currency: p.region.currency}
	}
}

// writeCell writes what a cell's tills reported and its rows of the bills. The rows that
// were too late for the day before come first.
func (s *stream) writeCell(c *generator) error {
	if err := s.writeTills(c); err != nil {
		return err
	}
	if err := s.writeLate(); err != nil {
		return err
	}
	for _, l := range c.lines {
		if err := s.bill(l.by).add(l); err != nil {
			return err
		}
	}
	for _, l := range c.late {
		s.late[l.by] = append(s.late[l.by], l)
	}
	for p, n := range c.matched {
		s.totals[p].Matched += n
	}
	for p, minor := range c.sold {
		s.sold[p] += minor
	}
	s.key.Items += c.items
	s.key.Actions += c.actions
	s.key.Breaks = append(s.key.Breaks, c.breaks...)
	if s.wrongFee == nil && c.wrongFee != nil {
		s.wrongFee = c.wrongFee
	}
	return nil
}

// writeLate writes what was too late for the bills of the day before.
func (s *stream) writeLate() error {
	for _, p := range s.world.providers {
		lines := slices.Clone(s.late[p])
		if len(lines) == 0 || lines[0].date.n >= s.day.n {
			continue
		}
		s.late[p] = nil
		for _, l := range lines {
			if err := s.bill(p).add(l); err != nil {
				return err
			}
		}
	}
	return nil
}

// writeTills adds the cell's actions to the files of their stores, in the order of time.
func (s *stream) writeTills(c *generator) error {
	for _, st := range c.stores {
		actions := c.reported(st)
		if s.tillOf != st {
			if err := s.endTill(); err != nil {
				return err
			}
			s.tillOf = st
			s.till = s.create(path.Join(s.dir, fmt.Sprintf("till_%s_%s.ndjson", st.id, s.day.compact)), false)
		}
		for i := range actions {
			st.took(actions[i].Action)
			s.till.row = appendAction(s.till.row, actions[i].Action)
			s.till.end()
		}
		if s.till.err != nil {
			return s.till.err
		}
	}
	return nil
}

func (s *stream) endTill() error {
	if s.till == nil {
		return nil
	}
	till := s.till
	s.till, s.tillOf = nil, nil
	return till.close()
}

// bill is the provider's bill of the day, which is begun with its first row.
func (s *stream) bill(p *provider) *bill {
	b := s.bills[p]
	if b == nil {
		b = &bill{s: s, by: p, date: dateOf(s.day.day, s.day.n, p.region), total: s.totals[p], dir: s.dir}
		if s.opts.comesLate(p, s.day.n) {
			b.dir = LateDir
		}
		b.rows = p.open(b)
		s.bills[p] = b
	}
	return b
}

// end closes the day's bills and writes what the banks say of them on the next.
func (s *stream) end() error {
	if err := s.endTill(); err != nil {
		return err
	}
	for _, p := range s.world.providers {
		if b := s.bills[p]; b != nil {
			if err := b.rows.close(); err != nil {
				return err
			}
		}
	}
	for _, bank := range s.world.banks {
		if err := s.writeBank(bank); err != nil {
			return err
		}
	}
	return s.writeCorrection()
}

// afterwards is the day after the last, on which the stores are closed: the bills hold only
// the payments that were too late for it, and the bank statements of the day after that pay
// them. Once these files are here, every timing_next_day is explained, its payment is matched,
// and no new break has come.
func (s *stream) afterwards() error {
	s.begin(max(1, s.opts.Days), NextDir)
	s.opts.Breaks = 0
	if err := s.writeLate(); err != nil {
		return err
	}
	return s.end()
}

// writeKey writes the answer key of the day.
func (s *stream) writeKey() error {
	for _, p := range s.world.providers {
		t := *s.totals[p]
		if s.opts.comesLate(p, s.day.n) && s.bills[p] != nil {
			s.found(FileMissing, p, p.id+" "+s.day.dashed, s.sold[p], 0)
			s.key.Late = &Late{File: s.bills[p].first, Total: t}
			t = KeyTotal{Provider: p.id, Channel: p.channel, Currency: p.region.currency}
		}
		s.key.Matched += t.Matched
		s.key.Lines += t.Lines
		s.key.Totals = append(s.key.Totals, t)
	}
	slices.SortStableFunc(s.key.Breaks, func(a, b KeyBreak) int {
		return cmp.Or(cmp.Compare(a.Kind, b.Kind), cmp.Compare(a.Channel, b.Channel), cmp.Compare(a.Reference, b.Reference))
	})
	text, err := json.MarshalIndent(s.key, "", "  ")
	if err != nil {
		return err
	}
	return s.file(KeyFile(s.key.BusinessDate), append(text, '\n'))
}

// found enters a mistake that is the day's and no cell's.
func (s *stream) found(kind string, p *provider, reference string, expected, actual int64) {
	s.key.Breaks = append(s.key.Breaks, KeyBreak{Kind: kind, Channel: p.channel, Reference: reference, ExpectedMinor: expected, ActualMinor: actual, Currency: p.region.currency})
}

// file writes a whole file.
func (s *stream) file(name string, content []byte) error {
	w, err := s.to.Create(name)
	if err != nil {
		return err
	}
	_, err = w.Write(content)
	return errors.Join(err, w.Close())
}

// text is a file that grows row by row. The first error sticks and is what close gives.
type text struct {
	row  []byte // being written
	out  *bufio.Writer
	file io.WriteCloser
	err  error
}

func (s *stream) create(name string, gbk bool) *text {
	file, err := s.to.Create(name)
	if err != nil {
		return &text{err: err}
	}
	return newText(file, file, gbk)
}

// newText writes through w; file is closed with it, unless it is nil.
func newText(w io.Writer, file io.WriteCloser, gbk bool) *text {
	t := &text{file: file}
	if gbk {
		w = &gbkWriter{to: w}
	}
	t.out = bufio.NewWriterSize(w, 64<<10)
	return t
}

// put appends to the row.
func (t *text) put(s string) { t.row = append(t.row, s...) }

// end finishes the row with a line feed.
func (t *text) end() {
	t.row = append(t.row, '\n')
	t.flush()
}

// crlf finishes it with both.
func (t *text) crlf() {
	t.row = append(t.row, '\r', '\n')
	t.flush()
}

func (t *text) flush() {
	if t.err == nil {
		_, t.err = t.out.Write(t.row)
	}
	t.row = t.row[:0]
}

// done hands on what is buffered.
func (t *text) done() error {
	if t.err == nil {
		t.err = t.out.Flush()
	}
	return t.err
}

func (t *text) close() error {
	err := t.done()
	if t.file != nil {
		err = errors.Join(err, t.file.Close())
	}
	return err
}
