package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/reconcile"
)

func (g *globals) closeCommand() *cobra.Command {
	command := g.closeStatusCommand()
	command.Use = "close [status]"
	command.AddCommand(g.closeStatusCommand(), g.closeActCommand("sign"), g.closeActCommand("lock"), g.closeActCommand("reopen"), g.closePackCommand())
	return command
}

// closeSpan is the day or the period that a command is about.
type closeSpan struct{ date, month, from, to string }

func (s *closeSpan) flags(command *cobra.Command) {
	command.Flags().StringVar(&s.date, "date", "", "settlement day as YYYY-MM-DD")
	command.Flags().StringVar(&s.from, "from", "", "first settlement day of a period, YYYY-MM-DD")
	command.Flags().StringVar(&s.to, "to", "", "last settlement day of a period, YYYY-MM-DD")
	command.Flags().StringVar(&s.month, "month", "", "a period of one month, YYYY-MM")
}

func (s *closeSpan) named() bool { return *s != closeSpan{} }

// period reads which period is meant; is is false when a day is.
func (s *closeSpan) period() (from, to ledger.BusinessDay, is bool, err error) {
	switch days := s.from != "" || s.to != ""; {
	case s.date != "" && (days || s.month != ""), s.month != "" && days, days && (s.from == "" || s.to == ""):
		return from, to, false, ledger.Refuse(ledger.Say("say which day or which period is meant, in one way"),
			ledger.Say("--date YYYY-MM-DD for a day; --month YYYY-MM, or --from and --to, for a period"))
	case s.month != "":
		first, err := time.Parse("2006-01", s.month)
		if err != nil || first.Year() < 1900 {
			return from, to, false, ledger.Problem("%q is not a month as YYYY-MM", s.month)
		}
		return ledger.DayOf(first), ledger.DayOf(first.AddDate(0, 1, -1)), true, nil
	case !days:
		return from, to, false, nil
	}
	if from, err = ledger.ParseBusinessDay(s.from); err != nil {
		return from, to, false, err
	}
	to, err = ledger.ParseBusinessDay(s.to)
	return from, to, true, err
}

// about asks about the day, or the period.
func (s *closeSpan) about(ctx context.Context, g *globals, ofDay func(context.Context, *app, ledger.BusinessDay) error, ofPeriod func(ctx context.Context, a *app, from, to ledger.BusinessDay) error) error {
	from, to, is, err := s.period()
	if err != nil {
		return err
	}
	if !is {
		return g.onDay(ctx, s.date, ofDay)
	}
	return g.withViews(ctx, func(ctx context.Context, a *app) error { return ofPeriod(ctx, a, from, to) })
}

// closeStatus is where a day stands, for programs.
type closeStatus struct {
	Day     ledger.BusinessDay `json:"day"`
	AsOf    ledger.Position    `json:"as_of_position"`
	Digest  string             `json:"digest"`
	Checks  []reconcile.Check  `json:"checks"`
	Ready   bool               `json:"ready"`
	Changed bool               `json:"changed"` // since it was signed
	reconcile.Closing
	Balances   []reconcile.PeriodTotal `json:"balances"`    // opening + movement = closing
	Carried    []reconcile.Booked      `json:"carried"`     // what came late for earlier days, and counts on this one
	LateFacts  []reconcile.LateFact    `json:"late_facts"`  // where that stands
	LateBreaks []reconcile.Break       `json:"late_breaks"` // open differences that came of it
	Since      reconcile.Since         `json:"since"`       // what came for this day after it was locked

	names map[string]string
}

func (a *app) closeStatus(ctx context.Context, day ledger.BusinessDay) (closeStatus, error) {
	st := closeStatus{Day: day, names: a.settings.names, Balances: []reconcile.PeriodTotal{}, Carried: []reconcile.Booked{}, LateFacts: []reconcile.LateFact{}, LateBreaks: []reconcile.Break{}}
	at, err := ledger.Head(ctx, a.journal)
	if err != nil {
		return st, err
	}
	facts, err := reconcile.FactsOf(ctx, a.journal, a.codec, a.settings.terms, day, at)
	if err != nil {
		return st, err
	}
	if st.Closing, err = a.desk.Closing(ctx, day); err != nil {
		return st, err
	}
	if st.Since, err = reconcile.SinceLocked(ctx, a.journal, a.codec, a.settings.terms, day); err != nil {
		return st, err
	}
	st.AsOf, st.Digest, st.Checks = at, facts.Digest(), facts.Checks()
	st.Ready = reconcile.Ready(st.Checks)
	st.Changed = st.Signed != nil && st.Signed.Digest != st.Digest
	st.Balances = append(st.Balances, facts.Balances...)
	st.Carried = append(st.Carried, facts.Carried...)
	st.LateFacts = append(st.LateFacts, facts.LateFacts...)
	st.LateBreaks = append(st.LateBreaks, facts.LateBreaks...)
	return st, nil
}

// periodStatus is where a period stands, for programs.
type periodStatus struct {
	reconcile.PeriodFacts
	AsOf    ledger.Position         `json:"as_of_position"`
	Digest  string                  `json:"digest"`
	Checks  []reconcile.Check       `json:"checks"`
	Ready   bool                    `json:"ready"`
	Changed bool                    `json:"changed"`
	Signed  *reconcile.PeriodSigned `json:"signed"`
	Locked  *reconcile.PeriodLocked `json:"locked"`

	names map[string]string
}

func (a *app) periodStatus(ctx context.Context, from, to ledger.BusinessDay) (periodStatus, error) {
	st := periodStatus{names: a.settings.names}
	at, err := ledger.Head(ctx, a.journal)
	if err != nil {
		return st, err
	}
	facts, err := reconcile.PeriodFactsOf(ctx, a.journal, a.codec, from, to, at)
	if err != nil {
		return st, err
	}
	closing, err := a.desk.Period(ctx, from, to)
	st.PeriodFacts, st.AsOf, st.Digest, st.Checks, st.Signed, st.Locked = *facts, at, facts.Digest(), facts.Checks(), closing.Signed, closing.Locked
	st.Ready = reconcile.Ready(st.Checks)
	st.Changed = st.Signed != nil && st.Signed.Digest != st.Digest
	return st, err
}

func (g *globals) closeStatusCommand() *cobra.Command {
	span := &closeSpan{}
	command := &cobra.Command{
		Use:   "status",
		Short: "Whether a day or period can be signed, was signed or locked, or has changed since",
		Long: "The checklist of a day (without --date: the latest) or period, and its control totals: what each\n" +
			"provider owed before + what moved = what it owes at the end. What came late for a locked day is\n" +
			"listed under the first open day after it, with the file and row. Ends with exit code 3 while\n" +
			"something is in the way of signing, and when what was signed and not yet locked has changed.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return span.about(cmd.Context(), g, g.showClosing, g.showPeriod)
		},
	}
	span.flags(command)
	return command
}

func (g *globals) showClosing(ctx context.Context, a *app, day ledger.BusinessDay) error {
	st, err := a.closeStatus(ctx, day)
	if err == nil {
		err = g.printClosing(st)
	}
	return openUnless(st.Locked != nil || st.Ready && !st.Changed, err)
}

func (g *globals) showPeriod(ctx context.Context, a *app, from, to ledger.BusinessDay) error {
	st, err := a.periodStatus(ctx, from, to)
	if err == nil {
		err = g.printPeriod(st)
	}
	return openUnless(st.Locked != nil || st.Ready && !st.Changed, err)
}

// openUnless ends with exitOpen while something is left to do.
func openUnless(done bool, err error) error {
	if err == nil && !done {
		return exitError(exitOpen)
	}
	return err
}

// checklist is the table of checks, for people or programs.
func (g *globals) checklist(checks []reconcile.Check) ([]column, [][]string) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("check")), "check", false}, {t(ledger.Say("in the way")), "open", true}, {t(ledger.Say("which")), "what", false}}
	var rows [][]string
	for _, check := range checks {
		name, what := string(check.Name), strings.Join(check.Open, " ")
		if g.output == "table" {
			name, what = t(checkName(check.Name)), ""
			for n, open := range check.Open {
				if n == 6 {
					what += " …"
					break
				}
				if check.Name != reconcile.DaysLocked && check.Name != reconcile.FilesRead {
					open = open[:min(idShown, len(open))]
				}
				what = strings.TrimSpace(what + " " + open)
			}
		}
		rows = append(rows, []string{name, fmt.Sprint(len(check.Open)), what})
	}
	return columns, rows
}

func (g *globals) printClosing(st closeStatus) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns, rows := g.checklist(st.Checks)
	if g.output != "table" {
		return g.printList(columns, rows, st)
	}
	fmt.Fprintln(g.stdout, t(closingText(st)))
	fmt.Fprintln(g.stdout)
	g.printTable(columns, rows)
	g.printTotals(st.Balances, st.names)
	if len(st.Carried) > 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("what came late for days that are locked, and counts on this one:")))
		g.printBooked(st.Carried, st.names)
	}
	for _, b := range st.LateBreaks {
		fmt.Fprintln(g.stdout, t(ledger.Say("late difference of %s: %s %s, %s; daybook breaks explain %s", b.Day.String(), kindName(b.Kind), b.Reference, b.Amount().String(), b.ID[:idShown])))
	}
	g.printLateFacts(st.LateFacts)
	if len(st.Since.Booked)+len(st.Since.Facts) > 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("what came for this day after it was locked, and counts on a later one:")))
		g.printBooked(st.Since.Booked, st.names)
		g.printLateFacts(st.Since.Facts)
	}
	at, digest := st.AsOf, st.Digest
	if st.Locked != nil {
		at, digest = st.Signed.Position, st.Signed.Digest
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("digest of the day as of journal position %d: %s", uint64(at), digest)))
	return nil
}

func (g *globals) printPeriod(st periodStatus) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns, rows := g.checklist(st.Checks)
	if g.output != "table" {
		return g.printList(columns, rows, st)
	}
	fmt.Fprintln(g.stdout, t(periodText(st)))
	fmt.Fprintln(g.stdout)
	g.printTable(columns, rows)
	g.printTotals(st.Totals, st.names)
	if late := slices.DeleteFunc(slices.Clone(st.Booked), func(b reconcile.Booked) bool { return b.Day == b.Of }); len(late) > 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("of it, what came late for days that were locked:")))
		g.printBooked(late, st.names)
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("digest of the period, %d locked days, as of journal position %d: %s", len(st.Days), uint64(st.AsOf), st.Digest)))
	return nil
}

// owedText is one provider's control total.
func owedText(name string, total reconcile.PeriodTotal) ledger.Text {
	money := func(minor int64) string { return ledger.FormatMinor(minor, total.Currency) }
	return ledger.Say("%s (%s): owed before %s + sold %s - coupons %s - contract fees %s - received %s + adjusted %s = owed at the end %s", name, string(total.Currency),
		money(total.Opening), money(total.Sold), money(total.Coupons), money(total.ContractFee), money(total.Received), money(total.Adjusted), money(total.Closing))
}

func (g *globals) printTotals(totals []reconcile.PeriodTotal, names map[string]string) {
	for _, total := range totals {
		fmt.Fprintln(g.stdout, g.say.text(owedText(names[string(total.Provider)], total)))
	}
}

func (g *globals) printBooked(list []reconcile.Booked, names map[string]string) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{heading: t(ledger.Say("of day"))}, {heading: t(ledger.Say("counts on"))}, {heading: t(ledger.Say("provider"))}, {heading: t(ledger.Say("currency"))},
		{heading: t(ledger.Say("sold")), right: true}, {heading: t(ledger.Say("coupons")), right: true}, {heading: t(ledger.Say("fee by contract")), right: true},
		{heading: t(ledger.Say("bank")), right: true}, {heading: t(ledger.Say("adjusted")), right: true}, {heading: t(ledger.Say("owed")), right: true}}
	var rows [][]string
	for _, b := range list {
		money := func(minor int64) string { return ledger.FormatMinor(minor, b.Currency) }
		rows = append(rows, []string{b.Of.String(), b.Day.String(), names[string(b.Provider)], string(b.Currency), money(b.Sold), money(b.Coupons), money(b.ContractFee), money(b.Received), money(b.Adjusted), money(b.Owed())})
	}
	if len(rows) > 0 {
		g.printTable(columns, rows)
	}
}

func (g *globals) printLateFacts(facts []reconcile.LateFact) {
	const most = 20
	for n, f := range facts {
		if n == most {
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("and %d more; -o json lists them all", len(facts)-most)))
			return
		}
		place := f.File
		if f.Row > 0 {
			place += fmt.Sprint(":", f.Row)
		}
		fmt.Fprintln(g.stdout, g.say.text(ledger.Say("of %s: %s %s, journal position %d", f.Of.String(), place, strings.TrimSpace(f.What+" "+f.ID), uint64(f.Position))))
	}
}

// closingText says in a sentence where a day stands.
func closingText(st closeStatus) ledger.Text {
	day := st.Day.String()
	switch {
	case st.Changed && st.Locked != nil:
		return ledger.Say("%s was signed by %s and locked by %s; it stays as signed, what came since counts on the next open day", day, st.Locked.PreparedBy, st.Locked.By)
	case st.Changed:
		return ledger.Say("%s was signed by %s, and has changed since: it has to be signed again", day, st.Signed.By)
	case st.Locked != nil:
		return ledger.Say("%s was signed by %s and locked by %s", day, st.Locked.PreparedBy, st.Locked.By)
	case st.Signed != nil:
		return ledger.Say("%s was signed by %s and can be locked by another person", day, st.Signed.By)
	case st.Ready:
		return ledger.Say("%s can be signed", day)
	}
	return ledger.Say("%s cannot be signed yet", day)
}

// periodText says in a sentence where a period stands.
func periodText(st periodStatus) ledger.Text {
	from, to := st.From.String(), st.To.String()
	switch {
	case st.Locked != nil:
		return ledger.Say("the period from %s to %s was signed by %s and locked by %s", from, to, st.Locked.PreparedBy, st.Locked.By)
	case st.Changed:
		return ledger.Say("the period from %s to %s was signed by %s, and has changed since: it has to be signed again", from, to, st.Signed.By)
	case st.Signed != nil:
		return ledger.Say("the period from %s to %s was signed by %s and can be locked by another person", from, to, st.Signed.By)
	case st.Ready && len(st.Days) > 0:
		return ledger.Say("the period from %s to %s can be signed", from, to)
	}
	return ledger.Say("the period from %s to %s cannot be signed yet", from, to)
}

func checkName(name reconcile.CheckName) ledger.Text {
	switch name {
	case reconcile.DaysLocked:
		return ledger.Say("days that are not locked")
	case reconcile.FilesRead:
		return ledger.Say("files whose import was cut off")
	case reconcile.BillsHere:
		return ledger.Say("bills that are not here")
	case reconcile.RowsRead:
		return ledger.Say("files with rows that could not be read")
	case reconcile.NumbersComplete:
		return ledger.Say("gaps in numbering without cause, owner and due date")
	case reconcile.PayoutsKnown:
		return ledger.Say("payouts whose bank statement is not here")
	case reconcile.DifferencesNamed:
		return ledger.Say("differences neither settled nor with cause, owner and due date")
	case reconcile.ProposalsDecided:
		return ledger.Say("proposals that wait for approval")
	case reconcile.SuggestionsSeen:
		return ledger.Say("suggestions nobody has decided")
	}
	return ledger.Say("entries in force though the difference has closed by itself")
}

// closeActCommand signs, locks or reopens a day or a period.
func (g *globals) closeActCommand(verb string) *cobra.Command {
	var as, reason string
	span := &closeSpan{}
	command := &cobra.Command{
		Use: verb,
		Short: map[string]string{
			"sign":   "Sign a day as its preparer, every check done; or a period whose days are locked",
			"lock":   "Agree to what another person signed; nothing is booked on the day or in the period from then on",
			"reopen": "Take signature and lock of a day or period back; a day of a locked period only after the period",
		}[verb],
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			by, err := g.decidedBy(as)
			if err != nil {
				return err
			}
			if !span.named() {
				return ledger.Refuse(ledger.Say("say which day or period is meant"), ledger.Say("--date YYYY-MM-DD, --month YYYY-MM, or --from and --to"))
			}
			return span.about(cmd.Context(), g, func(ctx context.Context, a *app, day ledger.BusinessDay) (err error) {
				if verb == "sign" {
					g.warnUnproved(a, by)
				}
				switch verb {
				case "sign":
					err = a.desk.Sign(ctx, day, by, a.settings.terms, a.settings.text)
				case "lock":
					err = a.desk.Lock(ctx, day, by, a.settings.terms)
				case "reopen":
					err = a.desk.Reopen(ctx, day, by, reason)
				}
				if err != nil {
					return err
				}
				st, err := a.closeStatus(ctx, day)
				if err != nil {
					return err
				}
				if g.output != "table" {
					return g.printClosing(st)
				}
				fmt.Fprintln(g.stdout, g.say.text(closingText(st)))
				return nil
			}, func(ctx context.Context, a *app, from, to ledger.BusinessDay) (err error) {
				if verb == "sign" {
					g.warnUnproved(a, by)
				}
				switch verb {
				case "sign":
					err = a.desk.SignPeriod(ctx, from, to, by, a.settings.text)
				case "lock":
					err = a.desk.LockPeriod(ctx, from, to, by)
				case "reopen":
					err = a.desk.ReopenPeriod(ctx, from, to, by, reason)
				}
				if err != nil {
					return err
				}
				st, err := a.periodStatus(ctx, from, to)
				if err != nil {
					return err
				}
				if g.output != "table" {
					return g.printPeriod(st)
				}
				fmt.Fprintln(g.stdout, g.say.text(periodText(st)))
				return nil
			})
		},
	}
	span.flags(command)
	command.Flags().StringVar(&as, "as", "", "who decides (DAYBOOK_USER)")
	if verb == "reopen" {
		command.Flags().StringVar(&reason, "reason", "", "why")
	}
	return command
}

func (g *globals) closePackCommand() *cobra.Command {
	var dir string
	span := &closeSpan{}
	command := &cobra.Command{
		Use:   "pack",
		Short: "Write the evidence of a day or period into a new directory: tables, a workbook, configuration, hashes, a page to print",
		Long: "Write what a day or period came to and stood on: control sheet, payouts, movements, differences with\n" +
			"what people did about them, entries, matches, decisions, rules, contracts, files and signatures as CSV\n" +
			"and as one workbook, the configuration in force, a page to print, and a manifest with the SHA-256 of\n" +
			"each. Of what was signed it is what was signed, as of then, and the same bytes whenever it is written;\n" +
			"if its digest is not the one that was signed, nothing is written and it ends with exit code 4. Of an\n" +
			"open day or period it is as of now.",
		Example: "  daybook close pack --date 2026-01-05 --to evidence-2026-01-05\n  daybook close pack --month 2026-01 --dir evidence-2026-01",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if dir == "" && span.from == "" {
				dir, span.to = span.to, ""
			}
			if !span.named() || dir == "" {
				return ledger.Refuse(ledger.Say("a pack needs a day or period, and a new directory"), ledger.Say("daybook close pack --dir DIR, with --date YYYY-MM-DD, --month YYYY-MM, or --from and --to"))
			}
			return span.about(cmd.Context(), g, func(ctx context.Context, a *app, day ledger.BusinessDay) error {
				return a.pack(ctx, g, day, dir)
			}, func(ctx context.Context, a *app, from, to ledger.BusinessDay) error {
				return a.packPeriod(ctx, g, from, to, dir)
			})
		},
	}
	span.flags(command)
	command.Flags().StringVar(&dir, "dir", "", "directory to make; without --from, --to names it as well")
	return command
}
