package main

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daybook/adapters/people"
	"daybook/adapters/settlement/profile"
	"daybook/adapters/till"
	"daybook/ledger"
)

func (g *globals) formatsCommand() *cobra.Command {
	command := g.formatsListCommand()
	command.Use = "formats [list]"
	command.AddCommand(g.formatsListCommand(), g.formatsDescribeCommand(), g.formatsTestCommand())
	return command
}

// readable is the configuration, or what is built in where there is none yet.
func (g *globals) readable() (*settings, error) {
	if _, err := os.Stat(g.configPath()); g.config == "" && errors.Is(err, fs.ErrNotExist) {
		sources, err := till.Sources(nil)
		return &settings{sources: sources, formats: formats, origins: map[string]string{}}, err
	}
	return loadConfig(g.configPath())
}

// formatRow is a format as a row of a list.
type formatRow struct {
	Name   string `json:"name"`
	Reads  string `json:"reads"` // till, bill, bank, goods or customers
	What   string `json:"what"`
	Origin string `json:"origin"` // built-in, or where its profile stands
}

// banks are the formats of bank files.
var banks = []string{"icbc-corporate", "ccb-corporate", "cmb-corporate", "abc-corporate", "boc-corporate", "camt053", "camt054", "mt940", "bai2"}

// builtIn is the origin of a format that is part of the program.
const builtIn = "built-in"

func (g *globals) formatRows(s *settings) []formatRow {
	var rows []formatRow
	for _, source := range s.sources {
		row := formatRow{source.Name(), "till", g.say.text(abouts[source.Name()].what), builtIn}
		if _, described := abouts[source.Name()]; !described { // a profile under receipts:
			row.What, row.Origin = g.say.text(ledger.Say("till receipts, read by a profile")), "receipts:"
		}
		rows = append(rows, row)
	}
	for _, format := range s.formats {
		row := formatRow{format.Name(), "bill", g.say.text(abouts[format.Name()].what), builtIn}
		if slices.Contains(banks, format.Name()) {
			row.Reads = "bank"
		}
		if f, ok := format.(*profile.Format); ok {
			row.What, row.Origin = f.Profile().About, s.origins[format.Name()]
			if row.What == "" {
				row.What = g.say.text(ledger.Say("bill, read by a profile"))
			}
		}
		rows = append(rows, row)
	}
	for _, name := range stockNames() {
		rows = append(rows, formatRow{name, "goods", g.say.text(abouts[name].what), builtIn})
	}
	return append(rows, formatRow{people.Name, "customers", g.say.text(abouts[people.Name].what), builtIn})
}

func (g *globals) formatsListCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "list",
		Short: "The formats that are read: of tills, bills, banks, goods and customers, built in or by a profile",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := g.readable()
			if err != nil {
				return err
			}
			t := func(text ledger.Text) string { return g.say.text(text) }
			columns := []column{{t(ledger.Say("format")), "name", false}, {t(ledger.Say("reads")), "reads", false}, {t(ledger.Say("what it is")), "what", false}, {t(ledger.Say("origin")), "origin", false}}
			list := g.formatRows(s)
			var rows [][]string
			for _, f := range list {
				reads, origin := f.Reads, f.Origin
				if g.output == "table" {
					reads = t(map[string]ledger.Text{"till": ledger.Say("till"), "bill": ledger.Say("bill"), "bank": ledger.Say("bank statement"),
						"goods": ledger.Say("goods"), "customers": ledger.Say("customer")}[f.Reads])
					if origin == builtIn {
						origin = t(ledger.Say("built in"))
					}
				}
				rows = append(rows, []string{f.Name, reads, f.What, origin})
			}
			return g.printList(columns, rows, list)
		},
	}
}

// fact is one thing said of a format.
type fact struct {
	name    string // for programs
	heading ledger.Text
	text    string
}

func (g *globals) formatsDescribeCommand() *cobra.Command {
	var with string
	command := &cobra.Command{
		Use:     "describe NAME",
		Short:   "How a format is recognised and read: columns, units, signs, zone, key fields, totals",
		Example: "  daybook formats describe allinpay-trade\n  daybook formats describe --profile nordpay.yaml",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			s, err := g.readable()
			if err != nil {
				return err
			}
			if with != "" {
				given, err := s.with(with)
				if err != nil {
					return err
				}
				args = []string{given.Name()}
			}
			if len(args) == 0 {
				return ledger.Refuse(ledger.Say("say which format is meant"), ledger.Say("daybook formats list shows them"))
			}
			rows := g.formatRows(s)
			at := slices.IndexFunc(rows, func(row formatRow) bool { return row.Name == args[0] })
			if at < 0 {
				return ledger.Refuse(ledger.Say("there is no format %q", args[0]), ledger.Say("daybook formats list shows them"))
			}
			return g.printDescription(rows[at], g.facts(s, rows[at]))
		},
	}
	command.Flags().StringVar(&with, "profile", "", "describe the profile in this file")
	return command
}

func (g *globals) printDescription(row formatRow, facts []fact) error {
	if g.output == "json" {
		all := map[string]string{"name": row.Name, "reads": row.Reads, "what": row.What, "origin": row.Origin}
		for _, f := range facts {
			all[f.name] = f.text
		}
		return g.printJSON(all)
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	facts = append([]fact{{"name", ledger.Say("format"), row.Name}, {"what", ledger.Say("what it is"), row.What}, {"origin", ledger.Say("origin"), row.Origin}}, facts...)
	var rows [][]string
	for _, f := range facts {
		name := t(f.heading)
		if g.output == "csv" {
			name = f.name
		}
		rows = append(rows, []string{name, f.text})
	}
	if g.output == "csv" {
		return g.printList([]column{{name: "fact"}, {name: "meaning"}}, rows, nil)
	}
	g.printFacts(rows)
	return nil
}

// facts are what there is to say of a format.
func (g *globals) facts(s *settings, row formatRow) []fact {
	for _, format := range s.formats {
		if f, ok := format.(*profile.Format); ok && f.Name() == row.Name {
			return g.profileFacts(f.Profile())
		}
	}
	a, described := abouts[row.Name]
	if !described { // a profile of receipts says itself what it reads
		return []fact{{"recognised_by", ledger.Say("recognised by"), g.say.text(ledger.Say("receipt number, time and three quarters of its other columns"))}}
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	return []fact{
		{"recognised_by", ledger.Say("recognised by"), t(a.known)},
		{"columns", ledger.Say("columns read"), strings.Join(a.columns, ", ")},
		{"units", ledger.Say("amounts are"), t(a.units)},
		{"signs", ledger.Say("signs are"), t(a.signs)},
		{"zone", ledger.Say("time zone"), t(a.zone)},
		{"keys", ledger.Say("key fields"), strings.Join(a.keys, ", ")},
		{"totals", ledger.Say("totals compared"), g.texts(a.totals)},
	}
}

func (g *globals) texts(texts []ledger.Text) string {
	var list []string
	for _, text := range texts {
		list = append(list, g.say.text(text))
	}
	return strings.Join(list, ", ")
}

// profileFacts says a profile in words.
func (g *globals) profileFacts(p profile.Profile) []fact {
	t := func(text ledger.Text) string { return g.say.text(text) }
	var facts []fact
	say := func(name string, heading ledger.Text, text string) {
		if text != "" {
			facts = append(facts, fact{name, heading, text})
		}
	}
	known := t(byHeader)
	if len(p.Headings) > 0 {
		known = t(ledger.Say("%d cells without a header", len(p.Headings)))
	}
	if p.Fixed != nil {
		known = t(ledger.Say("a time at its place in one of the first rows"))
		if p.Fixed.Mark.Length > 0 {
			known = t(ledger.Say("the marks of its records, and a time at its place in one of the first rows"))
		}
	}
	for _, heading := range slices.Sorted(maps.Keys(p.Recognise)) {
		known += "; " + t(ledger.Say("%s is %s", heading, strings.Join(p.Recognise[heading], " / ")))
	}
	say("recognised_by", ledger.Say("recognised by"), known)
	say("encoding", ledger.Say("encoding"), firstNonempty(p.Encoding, t(ledger.Say("found by looking: UTF-8, UTF-16 or GBK"))))
	separators := []string{","}
	if len(p.Separator) > 0 {
		separators = p.Separator
	}
	for n, separator := range separators {
		separators = slices.Clone(separators)
		separators[n] = strconv.Quote(separator)
	}
	frame := t(ledger.Say("cells divided by %s", strings.Join(separators, " / ")))
	if p.Fixed != nil {
		frame = g.placesText(p)
	} else if !p.Unquoted {
		frame += "; " + t(ledger.Say("they may stand in quotation marks"))
	}
	say("frame", ledger.Say("frame"), frame)
	var labels []string
	for _, label := range []struct{ key, text string }{{"merchant", p.Preamble.Merchant}, {"currency", p.Preamble.Currency}, {"day", p.Preamble.Day}, {"from", p.Preamble.From}, {"to", p.Preamble.To}} {
		if label.text != "" {
			labels = append(labels, label.key+" = "+label.text)
		}
	}
	say("preamble", ledger.Say("above the header"), strings.Join(labels, ", "))
	var columns []string
	for _, column := range p.Reads() {
		columns = append(columns, column.Key+" = "+column.Heading)
	}
	say("columns", ledger.Say("columns read"), strings.Join(columns, ", "))
	say("optional", ledger.Say("may be missing"), strings.Join(p.Optional, ", "))
	say("personal", ledger.Say("emptied"), strings.Join(p.Personal, ", "))
	say("units", ledger.Say("amounts are"), t(unitText(p)))
	say("signs", ledger.Say("signs are"), t(signText(p)))
	if len(p.Columns.Fee)+len(p.Columns.Discount) > 0 {
		say("fees", ledger.Say("fees are"), t(feeText(p)))
	}
	var words []string
	for _, word := range slices.Sorted(maps.Keys(p.Types)) {
		words = append(words, word+" = "+p.Types[word])
	}
	if len(words) == 0 {
		words = []string{t(ledger.Say("money to the merchant is a sale, money from it a refund"))}
	} else {
		words = append(words, t(ledger.Say("any other word is an unexpected line")))
	}
	say("types", ledger.Say("types"), strings.Join(words, ", "))
	zone := p.Time.Zone
	if p.Time.DayCut != "" {
		zone += ", " + t(ledger.Say("the day changes at %s", p.Time.DayCut))
	}
	say("zone", ledger.Say("time zone"), zone)
	say("times", ledger.Say("times are written"), strings.Join(append(slices.Clone(p.Time.Layouts), p.Time.DayLayouts...), ", "))
	say("currency", ledger.Say("currency"), p.Currency)
	say("keys", ledger.Say("key fields"), strings.Join(p.Keys(), ", "))
	say("end", ledger.Say("end mark"), p.End)
	totals := []string{}
	for _, total := range p.Totals {
		totals = append(totals, total.Row+": "+total.Of)
	}
	if len(totals) == 0 {
		totals = []string{t(noTotals)}
	}
	say("totals", ledger.Say("totals compared"), strings.Join(totals, ", "))
	say("digest", ledger.Say("digest"), p.Digest())
	return facts
}

// placesText says where the columns of a file of fixed places are.
func (g *globals) placesText(p profile.Profile) string {
	t := func(text ledger.Text) string { return g.say.text(text) }
	parts := []string{t(ledger.Say("fixed places, counted in bytes of %s", p.Encoding))}
	if mark := p.Fixed.Mark; mark.Length > 0 {
		parts[0] += "; " + t(ledger.Say("records are told apart by bytes %d to %d", mark.Start, mark.Start+mark.Length-1))
	}
	for _, record := range []struct {
		name ledger.Text
		profile.Record
	}{{ledger.Say("head"), p.Fixed.Head}, {ledger.Say("row"), p.Fixed.Detail}, {ledger.Say("trailer"), p.Fixed.Trailer}} {
		var columns []string
		for _, column := range record.Columns {
			columns = append(columns, fmt.Sprintf("%s %d-%d", column.Heading, column.Start, column.Start+column.Length-1))
		}
		if len(columns) > 0 {
			parts = append(parts, strings.TrimSpace(t(record.name)+" "+strings.Join(record.Is, " / "))+": "+strings.Join(columns, ", "))
		}
	}
	return strings.Join(parts, "; ")
}

func firstNonempty(one, other string) string {
	if one != "" {
		return one
	}
	return other
}

func unitText(p profile.Profile) ledger.Text {
	if p.Amounts.Unit == "minor" || p.Amounts.Unit == "fen" {
		return minor
	}
	if p.Amounts.Decimal == "," {
		return ledger.Say("major units with a comma before the decimals")
	}
	return major
}

func signText(p profile.Profile) ledger.Text {
	switch {
	case p.Columns.GrossCredit != "" || p.Columns.NetCredit != "":
		return inAndOut
	case p.Amounts.Sign == "by_type":
		return ledger.Say("the type of a row gives its sign")
	case p.Amounts.Sign == "reversed":
		return ledger.Say("the acquirer's view: money to the merchant is negative")
	}
	return asPrinted
}

func feeText(p profile.Profile) ledger.Text {
	switch p.Fees() {
	case "negative":
		return ledger.Say("negative when they are taken off")
	case "unsigned":
		return ledger.Say("unsigned: taken off what comes in, given back with what goes out")
	}
	return ledger.Say("positive when they are taken off")
}
