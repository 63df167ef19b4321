package simulator

import (
	"daybook/ledger"
)

// Options say which day to make up.
type Options struct {
	Seed uint64
	Day  ledger.BusinessDay
	// Stores and TerminalsPerStore are 1 to 99 each.
	Stores            int
	TerminalsPerStore int
	// Payments is the number of ordinary sales paid by card or wallet. Cash sales,
	// refunds, voids, attempts that failed and some planted payments come on top.
	Payments int
	// Breaks is how many mistakes of each kind to plant. Payout mistakes occur once
	// each, and a wrong batch total at most once per batch (two per terminal). With 0
	// the day has no break at all.
	Breaks int
}

// File is one file of the day.
type File struct {
	Name string
	Data []byte
}

// Day is a business day in files. It is immutable and safe for concurrent use; the
// bytes it hands out must not be modified.
type Day struct {
	// Files are the day's till reports (one per store), the three bills and the bank
	// statement of the next day.
	Files []File
	// Config is the configuration for them, YAML with comments.
	Config []byte
	Key    Key

	made *generator
}

const (
	maxPerLevel = 99      // two digits in store, terminal and TID
	maxPayments = 500_000 // six digits of the retrieval numbers, with room for the rest
	maxBreaks   = 10_000  // five digits in made-up trace numbers, two series of them
)

// Generate makes a day. It is a pure function of the options. It refuses options out
// of range, and more breaks than the payments have room for.
func Generate(opts Options) (*Day, error) {
	if err := opts.check(); err != nil {
		return nil, err
	}
	g := newGenerator(opts)
	g.trade()
	if err := g.plant(); err != nil {
		return nil, err
	}
	g.happen()
	g.number()
	g.settle()
	return g.day()
}

func (o Options) check() error {
	switch {
	case o.Day.IsZero() || o.Day.Year < 2000 || o.Day.Year > 2099:
		return ledger.Problem("a made-up day lies between 2000-01-01 and 2099-12-31, not on %q", o.Day.String())
	case o.Stores < 1 || o.Stores > maxPerLevel:
		return ledger.Problem("stores: %d is not between 1 and %d", o.Stores, maxPerLevel)
	case o.TerminalsPerStore < 1 || o.TerminalsPerStore > maxPerLevel:
		return ledger.Problem("terminals per store: %d is not between 1 and %d", o.TerminalsPerStore, maxPerLevel)
	case o.Payments < 1 || o.Payments > maxPayments:
		return ledger.Problem("payments: %d is not between 1 and %d", o.Payments, maxPayments)
	case o.Breaks < 0 || o.Breaks > maxBreaks:
		return ledger.Problem("breaks of each kind: %d is not between 0 and %d", o.Breaks, maxBreaks)
	case o.Breaks > 0 && o.Stores*o.TerminalsPerStore < 2:
		return ledger.Problem("a terminal mismatch needs a second terminal")
	}
	return nil
}

// day writes everything down.
func (g *generator) day() (*Day, error) {
	d := &Day{made: g}
	reports, err := g.tillReports()
	if err != nil {
		return nil, err
	}
	bills, err := g.bills(g.opts.Day, g.lines)
	if err != nil {
		return nil, err
	}
	payouts, err := g.payouts()
	if err != nil {
		return nil, err
	}
	statement, closing, err := g.bankStatement(g.opts.Day, payouts, openingBalance)
	if err != nil {
		return nil, err
	}
	g.closed = closing
	d.Files = append(append(reports, bills...), statement)
	d.Config = g.config()
	d.Key = g.key()
	return d, nil
}

// bills writes the bill of every provider that has lines.
func (g *generator) bills(day ledger.BusinessDay, lines []*line) ([]File, error) {
	var files []File
	for _, p := range providers {
		of := linesOf(lines, p)
		if len(of) == 0 {
			continue
		}
		file, err := g.bill(p, day, of)
		if err != nil {
			return nil, err
		}
		files = append(files, file)
	}
	return files, nil
}

func (g *generator) bill(p *provider, day ledger.BusinessDay, lines []*line) (File, error) {
	switch p.channel {
	case alipay:
		return g.alipayBill(p, day, lines)
	case wechat:
		return g.wechatBill(p, day, lines), nil
	}
	return g.allinpayBill(p, day, lines), nil
}
