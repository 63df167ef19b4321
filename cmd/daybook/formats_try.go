package main

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/adapters/files"
	"daybook/adapters/people"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/profile"
	"daybook/adapters/stockfile"
	"daybook/adapters/till"
	"daybook/ledger"
	"daybook/reconcile"
)

func (g *globals) formatsTestCommand() *cobra.Command {
	var with string
	rows := 5
	command := &cobra.Command{
		Use:   "test FILE",
		Short: "What a file is recognised as and how it is read, importing nothing",
		Long: "Read a file as import would, and show what was understood: the format, rows of each kind, totals per\n" +
			"currency, the file's own totals compared, its first rows, the columns and words that the profile does not\n" +
			"know, and everything that is wrong. Nothing is kept. With --profile the file is read by a profile that\n" +
			"need not stand in the configuration yet. Ends with exit code 2 where import would refuse the file.",
		Example: "  daybook formats test nordpay_20260105.csv --profile nordpay.yaml",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := g.readable()
			if err != nil {
				return err
			}
			data, err := readFile(args[0])
			if err != nil {
				return err
			}
			var given *profile.Format
			if with != "" {
				if given, err = s.with(with); err != nil {
					return err
				}
			}
			t := s.try(filepath.Base(args[0]), data, given, rows)
			if s.terms == nil && (t.Reads == "till" || t.Reads == "goods") { // stores, zones and ways to pay stand there
				t.err = noConfig(g.configPath())
			} else if s.terms == nil && t.err == nil {
				t.note = ledger.Say("the file can be read; there is no configuration yet that says who sends it: daybook init writes one")
			}
			if err := g.printTrial(t); err != nil {
				return err
			}
			if t.err != nil {
				return exitError(exitRefused)
			}
			return nil
		},
	}
	command.Flags().StringVar(&with, "profile", "", "read the file by the profile in this file")
	command.Flags().IntVar(&rows, "rows", rows, "how many of the first rows are shown")
	return command
}

// with takes a profile among the formats, in the place of the one of its name in the
// configuration, which it may be going to replace.
func (s *settings) with(path string) (*profile.Format, error) {
	p, _, err := readProfile(path)
	if err != nil {
		return nil, err
	}
	known := slices.DeleteFunc(slices.Clone(s.formats), func(f settlementFormat) bool { return f.Name() == p.Name && s.origins[p.Name] != "" })
	r := &resolver{known: known, origins: maps.Clone(s.origins)}
	r.add(path, path, p, s.sources)
	if r.err != nil {
		return nil, r.err
	}
	s.formats, s.origins = r.known, r.origins
	return r.known[len(r.known)-1].(*profile.Format), nil
}

// trial is what a file was understood to be.
type trial struct {
	File      string              `json:"file"`
	Format    string              `json:"format,omitempty"`
	Origin    string              `json:"origin,omitempty"`
	Reads     string              `json:"reads,omitempty"`
	Account   string              `json:"account,omitempty"`
	Sender    string              `json:"sender,omitempty"`
	From      *ledger.BusinessDay `json:"from_day,omitempty"`
	To        *ledger.BusinessDay `json:"to_day,omitempty"`
	Rows      int                 `json:"rows"`
	Kinds     []triedKind         `json:"kinds"`
	Totals    []reconcile.Total   `json:"totals"`
	Controls  []triedControl      `json:"controls"`
	Unread    []string            `json:"columns_not_read,omitempty"` // they stay in the raw row
	Unknown   map[string][]string `json:"words_not_known,omitempty"`
	Dropped   map[string]int      `json:"dropped,omitempty"`
	Truncated map[string]int      `json:"truncated,omitempty"`
	First     []triedRow          `json:"first_rows"`
	Errors    []triedError        `json:"errors"`
	Note      string              `json:"note,omitempty"`

	note ledger.Text
	err  error // why import would refuse the file
}

type triedKind struct {
	Kind string `json:"kind"`
	Rows int    `json:"rows"`
}

type triedControl struct {
	reconcile.Control
	Ties bool `json:"ties"`
}

// triedRow is a row as daybook understands it. Amounts are in major units, in the merchant's
// view; a till's are unsigned.
type triedRow struct {
	Row      int    `json:"row"`
	Kind     string `json:"kind"`
	Day      string `json:"day"`
	At       string `json:"at,omitempty"`
	Channel  string `json:"channel,omitempty"`
	Gross    string `json:"gross,omitempty"`
	Discount string `json:"discount,omitempty"`
	Fee      string `json:"fee,omitempty"`
	Net      string `json:"net,omitempty"`
	Currency string `json:"currency,omitempty"`
	Keys     string `json:"keys,omitempty"`
	RawKind  string `json:"raw_kind,omitempty"`
}

type triedError struct {
	Row    int    `json:"row,omitempty"`
	Column string `json:"column,omitempty"`
	Value  string `json:"value,omitempty"`
	Text   string `json:"text"`
	Next   string `json:"next,omitempty"`
}

// try reads a file and keeps what was understood, also of one that is refused.
func (s *settings) try(name string, data []byte, given *profile.Format, rows int) *trial {
	t := &trial{File: name, Kinds: []triedKind{}, Totals: []reconcile.Total{}, Controls: []triedControl{}, First: []triedRow{}, Errors: []triedError{}}
	doc, source, format, err := s.recognise(name, data)
	if given != nil && (err != nil || format == nil || format.Name() != given.Name()) {
		if further, failed := files.Open(name, data, given.Encodings()...); failed != nil {
			t.err = failed
			return t
		} else if !given.Sniff(further) { // the profile's own reasons say more than that nobody knows the file
			t.Format, t.Origin, t.Reads = given.Name(), s.origins[given.Name()], "bill"
			if _, t.err = given.Read(further); t.err == nil {
				t.err = err
			}
			return t
		}
	}
	goods, isGoods := stockFormat(doc)
	var customers *ofCustomers
	switch {
	case err != nil && isGoods:
		t.goods(doc, goods, s)
	case errors.As(err, &customers):
		t.customers(customers.doc)
	case err != nil:
		t.err = err
	case source != nil:
		t.tills(doc, source, s, rows)
	default:
		t.bill(doc, format, s, given, rows)
	}
	return t
}

func (t *trial) bill(doc *files.Document, format settlement.Format, s *settings, given *profile.Format, rows int) {
	t.Format, t.Origin, t.Reads = format.Name(), cmp.Or(s.origins[format.Name()], builtIn), "bill"
	if slices.Contains(banks, t.Format) {
		t.Reads = "bank"
	}
	var statement *reconcile.Statement
	if f, ok := format.(*profile.Format); ok {
		var reading *profile.Reading
		reading, t.err = f.Read(doc)
		statement, t.Unread, t.Unknown = reading.Statement, reading.Kept, reading.Unknown
	} else {
		statement, t.err = format.Parse(doc)
	}
	if statement == nil {
		return
	}
	t.Account, t.Rows, t.Dropped, t.Truncated = statement.Account, len(statement.Lines), statement.Dropped, statement.Truncated
	if !statement.From.IsZero() {
		t.From, t.To = &statement.From, &statement.To
	}
	counts := map[string]int{}
	for n, line := range statement.Lines {
		counts[string(line.Kind)]++
		if n < rows {
			t.First = append(t.First, rowOf(line))
		}
	}
	t.count(counts)
	t.Totals = reconcile.TotalsOf(statement.Lines)
	for _, control := range statement.Controls {
		t.Controls = append(t.Controls, triedControl{control, control.Ties()})
	}
	if t.err != nil {
		return
	}
	// Before there is a configuration, and for a profile that is being written, nobody need send
	// the file yet; whatever else import would say of it holds.
	terms := reconcile.Terms{}
	if s.terms != nil {
		terms = *s.terms
	}
	file := reconcile.StatementFile{Name: doc.Name, SHA256: doc.SHA256, Bytes: doc.Bytes, Statement: statement}
	if provider, bank := terms.Sender(statement); (given != nil || s.terms == nil) && provider == nil && bank == nil {
		t.note = ledger.Say("nobody in the configuration sends %s files of account %q yet: name the profile under bills: and list %s under formats: of a provider that has the account", t.Format, t.Account, t.Format)
		terms.Providers = append(slices.Clone(terms.Providers), reconcile.Provider{Formats: []string{t.Format}})
	}
	summary, err := terms.Accept(file)
	t.Sender, t.err = summary.Sender, err
}

func (t *trial) goods(doc *files.Document, format stockfile.Format, s *settings) {
	t.Format, t.Origin, t.Reads = format.Name(), builtIn, "goods"
	if s.terms == nil {
		return
	}
	file, err := format.Read(doc, s.stockRules())
	if t.err = err; err != nil {
		return
	}
	t.Rows, t.Truncated = file.Rows, file.Truncated
	days := span{}
	for _, d := range file.Documents {
		days.add(d.Day)
	}
	if len(file.Documents) > 0 {
		t.From, t.To = &days.from, &days.to
	}
}

// customers reads a file of people, and shows nothing of what stands in it.
func (t *trial) customers(doc *files.Document) {
	t.Format, t.Origin, t.Reads = people.Name, builtIn, "customers"
	rows, err := people.Read(doc)
	t.Rows, t.err = len(rows), err
}

// count lists kinds by their number, most first.
func (t *trial) count(counts map[string]int) {
	for kind, rows := range counts {
		t.Kinds = append(t.Kinds, triedKind{kind, rows})
	}
	slices.SortFunc(t.Kinds, func(a, b triedKind) int { return cmp.Or(cmp.Compare(b.Rows, a.Rows), cmp.Compare(a.Kind, b.Kind)) })
}

func rowOf(line reconcile.Line) triedRow {
	money := func(minor int64) string { return ledger.FormatMinor(minor, line.Currency) }
	var keys []string
	for _, key := range []struct{ name, value string }{
		{"mid", string(line.MID)}, {"tid", string(line.TID)}, {"batch", string(line.Batch)}, {"stan", string(line.STAN)}, {"rrn", string(line.RRN)},
		{"auth_code", string(line.AuthCode)}, {"card", line.Card.String()}, {"order_no", line.OrderNo}, {"original_no", line.OriginalNo}, {"provider_no", line.ProviderNo},
	} {
		if key.value != "" {
			keys = append(keys, key.name+" "+key.value)
		}
	}
	return triedRow{Row: line.Row, Kind: string(line.Kind), Day: line.Day.String(), At: line.At.Format(time.RFC3339), Channel: line.Channel,
		Gross: money(line.Gross), Discount: money(line.Discount), Fee: money(line.Fee), Net: money(line.Net), Currency: string(line.Currency),
		Keys: strings.Join(keys, ", "), RawKind: line.RawKind}
}

// tills reads a till's file. Its totals are what was sold and given back.
func (t *trial) tills(doc *files.Document, source till.Source, s *settings, rows int) {
	t.Format, t.Origin, t.Reads = source.Name(), builtIn, "till"
	if _, described := abouts[t.Format]; !described {
		t.Origin = "receipts:"
	}
	reading, err := source.Read(doc, s.rules)
	if t.err = err; err != nil {
		return
	}
	t.Rows, t.Dropped, t.Truncated = len(reading.Actions), reading.Dropped, reading.Truncated
	codec := ledger.NewCodec(ledger.ActionKinds())
	counts, days := map[string]int{}, span{}
	totals := map[ledger.Currency]*reconcile.Total{}
	for n, entry := range reading.Actions {
		kind, _, _ := strings.Cut(codec.TypeOf(entry.Action), ".")
		counts[kind]++
		head := entry.Action.Head()
		days.add(head.BusinessDay)
		row := triedRow{Row: entry.Row, Kind: kind, Day: head.BusinessDay.String(), At: head.At.Format(time.RFC3339), Keys: strings.TrimSpace(string(head.Terminal) + " " + head.Doc)}
		amount, sign := ledger.Money{}, int64(1)
		switch action := entry.Action.(type) {
		case ledger.SaleRecorded:
			amount = action.Total
		case ledger.RefundRecorded:
			amount, sign = action.Total, -1
		case ledger.PaymentVoided:
			amount, sign = action.Tender.Amount, -1
		}
		if amount.Currency != "" {
			row.Gross, row.Currency = amount.Amount(), string(amount.Currency)
			total := totals[amount.Currency]
			if total == nil {
				total = &reconcile.Total{Currency: amount.Currency}
				totals[amount.Currency] = total
			}
			total.Lines++
			total.Gross = settlement.Add(total.Gross, sign*amount.Minor)
			total.Net = total.Gross
		}
		if n < rows {
			t.First = append(t.First, row)
		}
	}
	if len(reading.Actions) > 0 {
		t.From, t.To = &days.from, &days.to
	}
	t.count(counts)
	for _, currency := range slices.Sorted(maps.Keys(totals)) {
		t.Totals = append(t.Totals, *totals[currency])
	}
}

func (g *globals) printTrial(t *trial) error {
	say := func(text ledger.Text) string { return g.say.text(text) }
	var list files.ErrorList
	var refusal *ledger.Refusal
	switch {
	case errors.As(t.err, &list):
		for _, e := range list {
			t.Errors = append(t.Errors, triedError{e.Row, e.Column, e.Value, say(e.Text), say(e.Hint)})
		}
	case errors.As(t.err, &refusal):
		t.Errors = append(t.Errors, triedError{Text: say(refusal.Text), Next: say(refusal.Hint)})
	case t.err != nil:
		return t.err
	}
	t.Note = say(t.note)
	columns := []column{{say(ledger.Say("row")), "row", true}, {say(ledger.Say("kind")), "kind", false}, {say(ledger.Say("day")), "day", false}, {say(ledger.Say("time")), "at", false},
		{say(ledger.Say("channel")), "channel", false}, {say(ledger.Say("gross")), "gross", true}, {say(ledger.Say("coupons")), "discount", true}, {say(ledger.Say("fee")), "fee", true},
		{say(ledger.Say("net")), "net", true}, {say(ledger.Say("currency")), "currency", false}, {say(ledger.Say("key fields")), "keys", false}}
	var rows [][]string
	for _, r := range t.First {
		kind := r.Kind
		if g.output == "table" {
			r.At = strings.Replace(r.At[:min(len(r.At), len("2006-01-02T15:04:05"))], "T", " ", 1)
		}
		if g.output == "table" && t.Reads != "till" {
			kind = say(lineName(reconcile.LineKind(r.Kind)))
			if r.RawKind != "" {
				kind += " (" + r.RawKind + ")"
			}
		}
		rows = append(rows, []string{strconv.Itoa(r.Row), kind, r.Day, r.At, r.Channel, r.Gross, r.Discount, r.Fee, r.Net, r.Currency, r.Keys})
	}
	if g.output != "table" {
		if g.output == "csv" && t.err != nil {
			g.report(t.err)
		}
		return g.printList(columns, rows, t)
	}
	if t.Format != "" {
		g.printFacts(g.trialFacts(t))
	}
	if len(t.Controls) > 0 {
		g.printControls(t.Controls)
	}
	if len(rows) > 0 {
		g.printTable(columns, rows)
	}
	switch {
	case t.err != nil:
		g.report(t.err)
	case t.note.Format != "":
		fmt.Fprintln(g.stdout, t.Note)
	default:
		fmt.Fprintln(g.stdout, say(ledger.Say("import would take this file; nothing was imported")))
	}
	return nil
}

// trialFacts is the head of the table.
func (g *globals) trialFacts(t *trial) [][]string {
	say := func(text ledger.Text) string { return g.say.text(text) }
	var facts [][]string
	add := func(heading ledger.Text, value string) {
		if value != "" {
			facts = append(facts, []string{say(heading), value})
		}
	}
	origin := t.Origin
	if origin == builtIn {
		origin = say(ledger.Say("built in"))
	}
	add(ledger.Say("format"), t.Format+" ("+origin+")")
	add(ledger.Say("merchant id or account"), t.Account)
	add(ledger.Say("sender"), t.Sender)
	if t.From != nil {
		add(ledger.Say("day"), span{*t.From, *t.To}.String())
	}
	var kinds []string
	for _, k := range t.Kinds {
		name := k.Kind
		if t.Reads != "till" {
			name = say(lineName(reconcile.LineKind(k.Kind)))
		}
		kinds = append(kinds, fmt.Sprintf("%s %d", name, k.Rows))
	}
	add(ledger.Say("rows"), strings.TrimSuffix(fmt.Sprintf("%d: %s", t.Rows, strings.Join(kinds, ", ")), ": "))
	for _, total := range t.Totals {
		money := func(minor int64) string { return ledger.FormatMinor(minor, total.Currency) }
		value := say(ledger.Say("gross %s, coupons %s, fee %s, net %s", money(total.Gross), money(total.Discount), money(total.Fee), money(total.Net)))
		if t.Reads != "bill" {
			value = money(total.Net)
		}
		add(ledger.Say("total %s", string(total.Currency)), value)
	}
	add(ledger.Say("columns not read"), strings.Join(t.Unread, ", "))
	for _, heading := range slices.Sorted(maps.Keys(t.Unknown)) {
		add(ledger.Say("words not known in %s", heading), strings.Join(t.Unknown[heading], ", "))
	}
	add(ledger.Say("emptied"), countsOf(t.Dropped))
	add(ledger.Say("card numbers cut"), countsOf(t.Truncated))
	return facts
}

func countsOf(counts map[string]int) string {
	var list []string
	for _, column := range slices.Sorted(maps.Keys(counts)) {
		list = append(list, fmt.Sprintf("%s %d", column, counts[column]))
	}
	return strings.Join(list, ", ")
}

// maxControls is how many totals of a file are listed: a bank states one after each movement.
const maxControls = 20

// printControls lists the file's own totals, those that differ first.
func (g *globals) printControls(controls []triedControl) {
	say := func(text ledger.Text) string { return g.say.text(text) }
	sorted := slices.Clone(controls)
	slices.SortStableFunc(sorted, func(a, b triedControl) int {
		if a.Ties == b.Ties {
			return 0
		} else if b.Ties {
			return -1
		}
		return 1
	})
	columns := []column{{say(ledger.Say("row")), "row", true}, {say(ledger.Say("the file's total")), "name", false}, {say(ledger.Say("stated")), "stated", true}, {say(ledger.Say("its rows come to")), "computed", true}, {"", "ties", false}}
	var rows [][]string
	for _, c := range sorted[:min(len(sorted), maxControls)] {
		money := func(n int64) string {
			if c.Currency == "" {
				return strconv.FormatInt(n, 10)
			}
			return ledger.Minor(n, c.Currency).String()
		}
		ties := say(ledger.Say("ties"))
		if !c.Ties {
			ties = say(ledger.Say("differs"))
		}
		rows = append(rows, []string{strconv.Itoa(c.Row), c.Name, money(c.Stated), money(c.Computed), ties})
	}
	g.printTable(columns, rows)
	if more := len(sorted) - maxControls; more > 0 {
		fmt.Fprintln(g.stdout, say(ledger.Say("further totals, not listed: %d", more)))
	}
}
