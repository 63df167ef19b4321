package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/ledger/customer"
	"daybook/projections"
)

func (g *globals) customersCommand() *cobra.Command {
	list := g.customersListCommand()
	command := &cobra.Command{
		Use:   "customers",
		Short: "Who the customers are, what they agreed to, and how they are forgotten",
		Long: "Register, change and merge customers, write down what they agreed to, restrict, export and erase, and\n" +
			"make offers to segments with a group that is held out. The journal and the tables hold a customer id and\n" +
			"ciphertext alone; names, telephones and mails are read with a key of each person's own, in the folder\n" +
			"keys of the data directory, and erasing a customer destroys it. Who may do what stands under people: in\n" +
			"the configuration: customers: [edit, privacy, offer]. Where a customer is asked for, an id, a member\n" +
			"number, a telephone or a mail will do; - reads it from the standard input, so that it stays out of the\n" +
			"shell's history. A whole file of customers is taken in by: daybook import FILE --as NAME.",
		Args: cobra.NoArgs,
		RunE: list.RunE,
	}
	command.Flags().AddFlagSet(list.Flags())
	command.AddCommand(list, g.customersFindCommand(), g.customersShowCommand(), g.customersRegisterCommand(), g.customersChangeCommand(), g.customersMergeCommand(),
		g.customersConsentCommand(), g.customersRestrictCommand(), g.customersExportCommand(), g.customersEraseCommand(), g.customersOfferCommand(), g.customersRedeemCommand())
	return command
}

// customerCommand makes a command by which somebody who may does something about customers.
// Afterwards the tables are brought up to date, and keys of the erased are destroyed.
func (g *globals) customerCommand(command *cobra.Command, right string, do func(ctx context.Context, a *app, args []string, by string) error) *cobra.Command {
	as := ""
	command.Flags().StringVar(&as, "as", "", "who decides (DAYBOOK_USER)")
	command.RunE = func(cmd *cobra.Command, args []string) error {
		by, err := g.decidedBy(as)
		if err != nil {
			return err
		}
		for n := range args {
			if args[n] == "-" {
				if args[n], err = firstLine(cmd.InOrStdin()); err != nil {
					return err
				}
			}
		}
		return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
			if err := a.settings.may(by, right); err != nil {
				return err
			}
			return do(ctx, a, args, by)
		})
	}
	return command
}

func firstLine(in io.Reader) (string, error) {
	line, err := bufio.NewReader(io.LimitReader(in, 4096)).ReadString('\n')
	if err == io.EOF {
		err = nil
	}
	return strings.TrimSpace(line), err
}

func (g *globals) customersListCommand() *cobra.Command {
	all := false
	command := &cobra.Command{
		Use:   "list",
		Short: "All customers, without personal data",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.Customers(ctx, all)
				if err != nil {
					return err
				}
				return g.printCustomers(list)
			})
		},
	}
	command.Flags().BoolVar(&all, "all", false, "merged and erased ones too")
	return command
}

func (g *globals) printCustomers(list []projections.CustomerRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if len(list) == 0 && g.output == "table" {
		fmt.Fprintln(g.stdout, t(ledger.Say("no customers yet; daybook customers register, or daybook import with a file of them, begins")))
		return nil
	}
	columns := []column{{t(ledger.Say("customer")), "customer", false}, {t(ledger.Say("registered on")), "since", false}, {t(ledger.Say("marketing")), "marketing", false},
		{t(ledger.Say("personalise")), "personalise", false}, {t(ledger.Say("share")), "share", false}, {t(ledger.Say("state")), "state", false}}
	var rows [][]string
	for _, c := range list {
		since := ""
		if c.Since.Unix() > 0 {
			since = c.Since.UTC().Format(time.DateOnly)
		}
		rows = append(rows, []string{string(c.Customer), since, g.yes(c.Marketing), g.yes(c.Personalise), g.yes(c.Share), g.customerState(c)})
	}
	return g.printList(columns, rows, list)
}

// yes is a mark for people, and a word for programs.
func (g *globals) yes(is bool) string {
	switch {
	case g.output != "table":
		return strconv.FormatBool(is)
	case is:
		return g.say.text(ledger.Say("yes"))
	}
	return g.say.text(ledger.Say("no"))
}

func (g *globals) customerState(c projections.CustomerRow) string {
	state := ledger.Say("known")
	switch {
	case c.Erased:
		state = ledger.Say("erased")
	case c.Into != "":
		state = ledger.Say("merged into %s", string(c.Into))
	case c.Restricted:
		state = ledger.Say("restricted")
	}
	if g.output == "table" {
		return g.say.text(state)
	}
	return english.text(state)
}

func (g *globals) customersFindCommand() *cobra.Command {
	return g.customerCommand(&cobra.Command{
		Use:     "find VALUE",
		Short:   "The id behind a member number, a telephone or a mail",
		Example: "  daybook customers find - --as li.na < number.txt",
		Args:    cobra.ExactArgs(1),
	}, mayEdit, func(ctx context.Context, a *app, args []string, _ string) error {
		r, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		return g.printRecord(r)
	})
}

// printRecord prints what the journal has of a customer.
func (g *globals) printRecord(r *customer.Record) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "json" {
		return g.printJSON(r)
	}
	row := projections.CustomerRow{Customer: r.ID, Since: r.Since, Into: r.Into, Restricted: r.Restricted, Erased: r.Erased, Registered: r.Registered,
		Marketing: r.Allows(customer.Marketing), Personalise: r.Allows(customer.Personalise), Share: r.Allows(customer.Share)}
	if err := g.printCustomers([]projections.CustomerRow{row}); err != nil || g.output != "table" {
		return err
	}
	if len(r.Said) > 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("what the customer agreed to:")))
		var rows [][]string
		for _, c := range r.Said {
			rows = append(rows, []string{c.At.Format(time.RFC3339), string(c.Purpose), g.yes(c.Given), string(c.Source), c.Text, c.By})
		}
		g.printTable([]column{{heading: t(ledger.Say("when"))}, {heading: t(ledger.Say("purpose"))}, {heading: t(ledger.Say("agreed"))}, {heading: t(ledger.Say("through"))},
			{heading: t(ledger.Say("text version"))}, {heading: t(ledger.Say("who"))}}, rows)
	}
	if len(r.Offers) > 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("what was offered:")))
		var rows [][]string
		for _, o := range r.Offers {
			rows = append(rows, []string{o.Offer, o.Campaign, o.Reason, g.yes(o.HeldOut), o.From.String() + " … " + o.Until.String(), o.Redeemed})
		}
		g.printTable([]column{{heading: t(ledger.Say("offer"))}, {heading: t(ledger.Say("campaign"))}, {heading: t(ledger.Say("segment"))}, {heading: t(ledger.Say("held out"))},
			{heading: t(ledger.Say("days"))}, {heading: t(ledger.Say("redeemed with"))}}, rows)
	}
	return nil
}

func (g *globals) customersShowCommand() *cobra.Command {
	personal, basis := false, "service"
	command := g.customerCommand(&cobra.Command{
		Use:   "show CUSTOMER",
		Short: "One customer: consents, offers, and with --personal the person",
		Long: "Show what is known of a customer. Personal data is shown with --personal only; that it was shown, to\n" +
			"whom and on which basis, is recorded.",
		Args: cobra.ExactArgs(1),
	}, mayEdit, func(ctx context.Context, a *app, args []string, by string) error {
		r, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		if !personal {
			return g.printRecord(r)
		}
		p, err := a.customers.Profile(ctx, r.ID, "shown", customer.Basis(basis), by)
		if err != nil {
			return err
		}
		if g.output == "json" {
			return g.printJSON(struct {
				*customer.Record
				Profile customer.Profile `json:"profile"`
			}{r, p})
		}
		var rows [][]string
		for _, f := range p.Fields() {
			rows = append(rows, []string{f.Name, f.Value})
		}
		if g.output == "csv" {
			return g.printList([]column{{name: "field"}, {name: "value"}}, rows, nil)
		}
		g.printFacts(rows)
		return g.printRecord(r)
	})
	command.Flags().BoolVar(&personal, "personal", false, "name, telephone and all else; recorded")
	command.Flags().StringVar(&basis, "basis", basis, "why: service, request, dispute, …")
	return command
}

// profileFlags are the fields of a person.
type profileFlags struct {
	member, name, phone, mail, birthday, address string
	set                                          map[string]string
	source                                       string
}

func (p *profileFlags) on(command *cobra.Command) {
	flags := command.Flags()
	flags.StringVar(&p.member, "member", "", "member number, as it stands on the card")
	flags.StringVar(&p.name, "name", "", "full name")
	flags.StringVar(&p.phone, "phone", "", "telephone number")
	flags.StringVar(&p.mail, "mail", "", "mail address")
	flags.StringVar(&p.birthday, "birthday", "", "YYYY-MM-DD, or --MM-DD without the year")
	flags.StringVar(&p.address, "address", "", "postal address")
	flags.StringToStringVar(&p.set, "set", nil, "another field, NAME=VALUE")
	flags.StringVar(&p.source, "source", "till", "through what the customer said so: till, app, web, phone, mail, paper, file")
}

// fields are those that were given on the command line, empty ones too.
func (p *profileFlags) fields(command *cobra.Command) (list []customer.Field) {
	for _, f := range []customer.Field{{Name: "member", Value: p.member}, {Name: "name", Value: p.name}, {Name: "phone", Value: p.phone}, {Name: "mail", Value: p.mail},
		{Name: "birthday", Value: p.birthday}, {Name: "address", Value: p.address}} {
		if command.Flags().Changed(f.Name) {
			list = append(list, f)
		}
	}
	for name, value := range p.set {
		list = append(list, customer.Field{Name: name, Value: value})
	}
	return list
}

func (g *globals) customersRegisterCommand() *cobra.Command {
	var flags profileFlags
	var agreed []string
	text := ""
	command := &cobra.Command{
		Use:   "register",
		Short: "Register a customer",
		Long: "Register a customer. Somebody who is known by the member number, the telephone or the mail is not\n" +
			"registered twice: what is given takes the place of what was there. Sales that tills reported under that\n" +
			"number before count as theirs.",
		Example: "  daybook customers register --member M00042 --name 王小明 --phone 13800138000 --agreed marketing,personalise --text 2026-01 --as li.na",
		Args:    cobra.NoArgs,
	}
	g.customerCommand(command, mayEdit, func(ctx context.Context, a *app, _ []string, by string) error {
		entry := customer.Entry{Consents: map[customer.Purpose]bool{}, Text: text}
		for _, f := range flags.fields(command) {
			entry.Set(f.Name, f.Value)
		}
		for _, purpose := range agreed {
			if !isPurpose(purpose) {
				return ledger.Problem("%q is none of marketing, personalise, share", purpose)
			}
			entry.Consents[customer.Purpose(purpose)] = true
		}
		outcomes, wrong, err := a.customers.Register(ctx, []customer.Entry{entry}, customer.Source(flags.source), by, nil)
		if err != nil {
			return err
		}
		if len(wrong) > 0 {
			if wrong[0].Field != "" {
				return ledger.Refuse(ledger.Say("%s: %s", wrong[0].Field, wrong[0].Text), wrong[0].Hint)
			}
			return ledger.Refuse(wrong[0].Text, wrong[0].Hint)
		}
		return g.afterwards(ctx, a, outcomes[0].ID)
	})
	flags.on(command)
	command.Flags().StringSliceVar(&agreed, "agreed", nil, "what the customer agreed to: marketing, personalise, share")
	command.Flags().StringVar(&text, "text", "", "version of the text that the customer was shown")
	return command
}

func isPurpose(word string) bool {
	for _, p := range customer.Purposes {
		if string(p) == word {
			return true
		}
	}
	return false
}

// afterwards brings tables and keys up to date and prints where the customer is now.
func (g *globals) afterwards(ctx context.Context, a *app, id customer.ID) error {
	if err := a.catchUp(ctx, g); err != nil {
		return err
	}
	r, err := a.customers.Read(ctx, id)
	if err != nil {
		return err
	}
	return g.printRecord(r)
}

func (g *globals) customersChangeCommand() *cobra.Command {
	var flags profileFlags
	command := &cobra.Command{
		Use:     "change CUSTOMER",
		Short:   "Change what is known of a customer; an empty value takes a field away",
		Example: "  daybook customers change M00042 --phone 13900139000 --address \"\" --as li.na",
		Args:    cobra.ExactArgs(1),
	}
	g.customerCommand(command, mayEdit, func(ctx context.Context, a *app, args []string, by string) error {
		r, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		fields := flags.fields(command)
		if len(fields) == 0 {
			return ledger.Refuse(ledger.Say("nothing was said that is to change"), ledger.Say("daybook customers change --help shows the fields"))
		}
		if _, err := a.customers.Change(ctx, r.ID, fields, customer.Source(flags.source), by); err != nil {
			return err
		}
		return g.afterwards(ctx, a, r.ID)
	})
	flags.on(command)
	return command
}

func (g *globals) customersMergeCommand() *cobra.Command {
	into := ""
	command := g.customerCommand(&cobra.Command{
		Use:   "merge CUSTOMER --into CUSTOMER",
		Short: "Say that two customers are one person",
		Long: "Say that two customers are one person. What the first bought counts as bought by the second, and the\n" +
			"first one's number, telephone and mail find the second. Consent that either of them refused is refused.",
		Args: cobra.ExactArgs(1),
	}, mayEdit, func(ctx context.Context, a *app, args []string, by string) error {
		from, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		to, err := a.customers.Find(ctx, into)
		if err != nil {
			return err
		}
		if err := a.customers.Merge(ctx, from.ID, to.ID, by); err != nil {
			return err
		}
		return g.afterwards(ctx, a, to.ID)
	})
	command.Flags().StringVar(&into, "into", "", "the customer who stays")
	return command
}

func (g *globals) customersConsentCommand() *cobra.Command {
	var purpose, source, text string
	withdrawn := false
	command := g.customerCommand(&cobra.Command{
		Use:     "consent CUSTOMER --purpose PURPOSE",
		Short:   "Write down that a customer agreed to something, or no longer does",
		Example: "  daybook customers consent M00042 --purpose marketing --withdrawn --source phone --as li.na",
		Args:    cobra.ExactArgs(1),
	}, mayEdit, func(ctx context.Context, a *app, args []string, by string) error {
		r, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		if err := a.customers.SetConsent(ctx, r.ID, customer.Purpose(purpose), !withdrawn, customer.Source(source), text, by); err != nil {
			return err
		}
		return g.afterwards(ctx, a, r.ID)
	})
	command.Flags().StringVar(&purpose, "purpose", "", "marketing, personalise or share")
	command.Flags().BoolVar(&withdrawn, "withdrawn", false, "the customer no longer agrees")
	command.Flags().StringVar(&source, "source", "till", "through what the customer said so: till, app, web, phone, mail, paper, file")
	command.Flags().StringVar(&text, "text", "", "version of the text that the customer was shown")
	return command
}

func (g *globals) customersRestrictCommand() *cobra.Command {
	lift, basis := false, "request"
	command := g.customerCommand(&cobra.Command{
		Use:   "restrict CUSTOMER",
		Short: "Stop all use of a customer's data but storage, or allow it again",
		Args:  cobra.ExactArgs(1),
	}, mayPrivacy, func(ctx context.Context, a *app, args []string, by string) error {
		r, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		if err := a.customers.Restrict(ctx, r.ID, !lift, customer.Basis(basis), by); err != nil {
			return err
		}
		return g.afterwards(ctx, a, r.ID)
	})
	command.Flags().BoolVar(&lift, "lift", false, "allow it again")
	command.Flags().StringVar(&basis, "basis", basis, "request, gdpr18, pipl47, dispute, accounting")
	return command
}

// exported is everything about one person, for that person.
type exported struct {
	*customer.Record
	Profile   customer.Profile           `json:"profile"`
	Parts     []customer.Part            `json:"absorbed_customers"` // each with its own consents and offers
	Purchases []projections.CustomerLine `json:"purchases"`
	AsOf      ledger.Position            `json:"as_of_position"`
}

func (g *globals) customersExportCommand() *cobra.Command {
	to, basis := "", "request"
	force := false
	command := g.customerCommand(&cobra.Command{
		Use:   "export CUSTOMER --to FILE",
		Short: "Everything about one customer, as JSON, to hand it out",
		Long: "Write everything about one customer as JSON, to hand it to them (GDPR art. 15 and 20, PIPL art. 45):\n" +
			"the person, consents, offers, every line bought or given back, in all stores; also what was written down\n" +
			"under the id of a customer who was found to be the same person. That it was handed out is recorded.\n" +
			"Without --to it is printed.",
		Args: cobra.ExactArgs(1),
	}, mayPrivacy, func(ctx context.Context, a *app, args []string, by string) error {
		if to != "" {
			if err := checkTarget(to, force); err != nil {
				return err
			}
		}
		r, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		e := exported{Record: r}
		if e.Profile, err = a.customers.Profile(ctx, r.ID, "exported", customer.Basis(basis), by); err != nil {
			return err
		}
		if err := a.catchUp(ctx, g); err != nil {
			return err
		}
		if e.Record, err = a.customers.Read(ctx, r.ID); err != nil {
			return err
		}
		if e.Parts, err = a.customers.Parts(ctx, e.Record); err != nil {
			return err
		}
		if e.Purchases, err = a.views.CustomerLines(ctx, r.ID); err != nil {
			return err
		}
		if e.AsOf, err = a.views.AsOf(ctx); err != nil {
			return err
		}
		if to == "" {
			return g.printJSON(e)
		}
		data, err := json.MarshalIndent(e, "", "  ")
		if err != nil {
			return err
		}
		if err := os.WriteFile(to, append(data, '\n'), 0o600); err != nil {
			return err
		}
		g.notice(ledger.Say("%s is written; it holds personal data: delete it when it was handed out", to))
		return nil
	})
	command.Flags().StringVar(&to, "to", "", "file to write")
	command.Flags().BoolVar(&force, "force", false, "replace the file that is there")
	command.Flags().StringVar(&basis, "basis", basis, "request, dispute")
	return command
}

func (g *globals) customersEraseCommand() *cobra.Command {
	basis, yes := "request", false
	command := g.customerCommand(&cobra.Command{
		Use:   "erase CUSTOMER --yes",
		Short: "Forget a customer for ever",
		Long: "Forget a customer, and whoever was found to be the same person. The keys to the personal data and the\n" +
			"values by which the customer is found are destroyed; what is encrypted in the journal can never be read\n" +
			"again, and the journal verifies as before. Sales keep their amounts and lose the customer. An erasure\n" +
			"that was cut off is finished by the next command. Copies of the folder keys have to be deleted where they\n" +
			"are; one that is put back is cleaned by the next command.",
		Example: "  daybook customers erase M00042 --basis gdpr17 --yes --as zhao.min",
		Args:    cobra.ExactArgs(1),
	}, mayPrivacy, func(ctx context.Context, a *app, args []string, by string) error {
		r, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		if !yes && !r.Erased {
			g.notice(ledger.Say("nothing was done yet: --yes erases customer %s for ever; customers that go with it: %d", string(r.ID), len(r.Absorbed)))
			return nil
		}
		erased, err := a.customers.Erase(ctx, r.ID, customer.Basis(basis), by)
		if err != nil {
			return err
		}
		if err := a.catchUp(ctx, g); err != nil {
			return err
		}
		var rows [][]string
		for _, id := range erased {
			rows = append(rows, []string{string(id)})
		}
		if g.output != "table" {
			return g.printList([]column{{name: "erased"}}, rows, struct {
				Erased []customer.ID `json:"erased"`
			}{erased})
		}
		for _, id := range erased {
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("customer %s is erased: nobody can tell any more who it was", string(id))))
		}
		return nil
	})
	command.Flags().StringVar(&basis, "basis", basis, "request, gdpr17, pipl47, withdrawn, retention")
	command.Flags().BoolVar(&yes, "yes", false, "do it")
	return command
}

func (g *globals) customersOfferCommand() *cobra.Command {
	var c customer.Campaign
	var from, until, holdOut string
	everybody, yes := false, false
	command := g.customerCommand(&cobra.Command{
		Use:   "offer --campaign NAME --segment SEGMENT",
		Short: "Make an offer to a segment, and hold a group out to measure what it does",
		Long: "Make a campaign's offer to the customers of a segment (daybook query \"SELECT * FROM agg_segments\"), or\n" +
			"with --everybody to all. Nobody is offered anything without consent to marketing, and to being put into\n" +
			"segments; restricted customers are left out. Which customers are held out follows from campaign and\n" +
			"customer id alone. Run again, it asks those who have come to the segment since. What it did:\n" +
			"daybook query \"SELECT * FROM agg_offer_uplift\".",
		Example: "  daybook customers offer --campaign spring26 --segment at_risk --hold-out 10% --from 2026-03-01 --until 2026-03-14 --yes --as chen",
		Args:    cobra.NoArgs,
	}, mayOffer, func(ctx context.Context, a *app, _ []string, by string) error {
		if everybody == (c.Reason != "") {
			return ledger.Refuse(ledger.Say("say who is to be asked"), ledger.Say("--segment NAME, or --everybody"))
		}
		var err error
		for _, day := range []struct {
			text string
			into *ledger.BusinessDay
		}{{from, &c.From}, {until, &c.Until}} {
			if day.text == "" {
				continue
			}
			if *day.into, err = ledger.ParseBusinessDay(day.text); err != nil {
				return err
			}
		}
		if c.HoldOut, err = ledger.ParseRate(holdOut); err != nil {
			return err
		}
		if err := c.Check(); err != nil {
			return err
		}
		ids, err := a.views.Segment(ctx, c.Reason)
		if err != nil {
			return err
		}
		if !yes {
			g.notice(ledger.Say("nothing was done yet: --yes makes the offer; customers to be looked at: %d", len(ids)))
			return nil
		}
		counts := map[customer.OfferResult]int{}
		for _, id := range ids {
			result, err := a.customers.Offer(ctx, c, id, by)
			if err != nil {
				return err
			}
			counts[result]++
		}
		if err := a.catchUp(ctx, g); err != nil {
			return err
		}
		return g.printOffered(c, counts)
	})
	flags := command.Flags()
	flags.StringVar(&c.Name, "campaign", "", "name of the campaign")
	flags.StringVar(&c.Reason, "segment", "", "champions, loyal, at_risk, new, occasional or lost")
	flags.BoolVar(&everybody, "everybody", false, "all registered customers, whatever they bought")
	flags.StringVar(&holdOut, "hold-out", "10%", "share of customers who are offered nothing, at most 50%")
	flags.StringVar(&from, "from", "", "first day of the campaign, YYYY-MM-DD")
	flags.StringVar(&until, "until", "", "last day of the campaign, YYYY-MM-DD")
	flags.BoolVar(&yes, "yes", false, "do it")
	return command
}

func (g *globals) printOffered(c customer.Campaign, counts map[customer.OfferResult]int) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	results := []struct {
		result customer.OfferResult
		text   ledger.Text
	}{
		{customer.Made, ledger.Say("offered")}, {customer.HeldOut, ledger.Say("held out")}, {customer.Already, ledger.Say("asked before")},
		{customer.NoConsent, ledger.Say("without consent")}, {customer.IsRestricted, ledger.Say("restricted")}, {customer.Unregistered, ledger.Say("not registered")}, {customer.IsGone, ledger.Say("gone")},
	}
	var rows [][]string
	for _, r := range results {
		what := string(r.result)
		if g.output == "table" {
			what = t(r.text)
		}
		rows = append(rows, []string{what, strconv.Itoa(counts[r.result])})
	}
	return g.printList([]column{{t(ledger.Say("result")), "result", false}, {t(ledger.Say("customers")), "customers", true}}, rows, struct {
		Campaign string                       `json:"campaign"`
		Results  map[customer.OfferResult]int `json:"results"`
	}{c.Name, counts})
}

func (g *globals) customersRedeemCommand() *cobra.Command {
	var offer, sale, on string
	command := g.customerCommand(&cobra.Command{
		Use:     "redeem CUSTOMER --offer OFFER --sale RECEIPT",
		Short:   "Write down that a customer made use of an offer",
		Example: "  daybook customers redeem M00042 --offer spring26 --sale R-0001 --on 2026-03-02 --as li.na",
		Args:    cobra.ExactArgs(1),
	}, mayEdit, func(ctx context.Context, a *app, args []string, by string) error {
		day, err := a.postingDay(on)
		if err != nil {
			return err
		}
		r, err := a.customers.Find(ctx, args[0])
		if err != nil {
			return err
		}
		if err := a.customers.Redeem(ctx, r.ID, offer, sale, day, by); err != nil {
			return err
		}
		return g.afterwards(ctx, a, r.ID)
	})
	command.Flags().StringVar(&offer, "offer", "", "id of the offer, or name of its campaign")
	command.Flags().StringVar(&sale, "sale", "", "number of the receipt")
	command.Flags().StringVar(&on, "on", "", "day of the receipt, YYYY-MM-DD (default: today)")
	return command
}
