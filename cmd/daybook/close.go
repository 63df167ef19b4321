package main

import (
	"context"
	"fmt"
	"strings"

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

// closeStatus is where a day stands, for programs.
type closeStatus struct {
	Day     ledger.BusinessDay `json:"day"`
	AsOf    ledger.Position    `json:"as_of_position"`
	Digest  string             `json:"digest"`
	Checks  []reconcile.Check  `json:"checks"`
	Ready   bool               `json:"ready"`
	Changed bool               `json:"changed"` // since it was signed
	reconcile.Closing
}

func (a *app) closeStatus(ctx context.Context, day ledger.BusinessDay) (closeStatus, error) {
	st := closeStatus{Day: day, Ready: true}
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
	st.AsOf, st.Digest, st.Checks = at, facts.Digest(), facts.Checks()
	for _, check := range st.Checks {
		st.Ready = st.Ready && len(check.Open) == 0
	}
	st.Changed = st.Signed != nil && st.Signed.Digest != st.Digest
	return st, nil
}

func (g *globals) closeStatusCommand() *cobra.Command {
	date := ""
	command := &cobra.Command{
		Use:   "status",
		Short: "Whether a day can be signed, was signed or locked, or has changed since",
		Long: "The checklist of a day. Ends with exit code 3 while something is in the way of signing, and when\n" +
			"the day has changed since it was signed.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.onDay(cmd.Context(), date, g.showClosing)
		},
	}
	command.Flags().StringVar(&date, "date", "", "settlement day as YYYY-MM-DD (default: the latest)")
	return command
}

func (g *globals) showClosing(ctx context.Context, a *app, day ledger.BusinessDay) error {
	st, err := a.closeStatus(ctx, day)
	if err != nil {
		return err
	}
	if err := g.printClosing(st); err != nil {
		return err
	}
	if !st.Ready || st.Changed {
		return exitError(exitOpen)
	}
	return nil
}

func (g *globals) printClosing(st closeStatus) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("check")), "check", false}, {t(ledger.Say("in the way")), "open", true}, {t(ledger.Say("which")), "what", false}}
	var rows [][]string
	for _, check := range st.Checks {
		name, what := string(check.Name), strings.Join(check.Open, " ")
		if g.output == "table" {
			name, what = t(checkName(check.Name)), ""
			for n, open := range check.Open {
				if n == 6 {
					what += " …"
					break
				}
				what = strings.TrimSpace(what + " " + open[:min(idShown, len(open))])
			}
		}
		rows = append(rows, []string{name, fmt.Sprint(len(check.Open)), what})
	}
	if g.output != "table" {
		return g.printList(columns, rows, st)
	}
	fmt.Fprintln(g.stdout, t(closingText(st)))
	fmt.Fprintln(g.stdout)
	g.printTable(columns, rows)
	fmt.Fprintln(g.stdout, t(ledger.Say("digest of the day as of journal position %d: %s", uint64(st.AsOf), st.Digest)))
	return nil
}

// closingText says in a sentence where a day stands.
func closingText(st closeStatus) ledger.Text {
	day := st.Day.String()
	switch {
	case st.Changed && st.Locked != nil:
		return ledger.Say("%s was signed by %s and locked by %s, and has changed since", day, st.Locked.PreparedBy, st.Locked.By)
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

func checkName(name reconcile.CheckName) ledger.Text {
	switch name {
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

// closeActCommand signs, locks or reopens a day.
func (g *globals) closeActCommand(verb string) *cobra.Command {
	var date, as, reason string
	command := &cobra.Command{
		Use: verb,
		Short: map[string]string{
			"sign":   "Sign a day as its preparer; every check must be done",
			"lock":   "Agree to what another person signed; nothing is booked on the day from then on",
			"reopen": "Take signature and lock of a day back",
		}[verb],
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			by, err := decidedBy(as)
			if err != nil {
				return err
			}
			if date == "" {
				return ledger.Refuse(ledger.Say("say which day is meant"), ledger.Say("--date YYYY-MM-DD"))
			}
			return g.onDay(cmd.Context(), date, func(ctx context.Context, a *app, day ledger.BusinessDay) (err error) {
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
			})
		},
	}
	command.Flags().StringVar(&date, "date", "", "settlement day as YYYY-MM-DD")
	command.Flags().StringVar(&as, "as", "", "who decides (DAYBOOK_USER)")
	if verb == "reopen" {
		command.Flags().StringVar(&reason, "reason", "", "why")
	}
	return command
}

func (g *globals) closePackCommand() *cobra.Command {
	var date, dir string
	command := &cobra.Command{
		Use:   "pack",
		Short: "Write a day's evidence into a new directory: tables, configuration, hashes, a page to print",
		Long: "Write what a day came to and stood on: control sheet, payouts, differences with what people did\n" +
			"about them, entries, matches, decisions and files as CSV, the configuration in force, a page to print,\n" +
			"and a manifest with the SHA-256 of each. Of a signed day it is what was signed, as of then, and the\n" +
			"same bytes whenever it is written; if its digest is not the one that was signed, nothing is written\n" +
			"and it ends with exit code 4. Of an open day it is as of now.",
		Example: "  daybook close pack --date 2026-01-05 --to evidence-2026-01-05",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if date == "" || dir == "" {
				return ledger.Refuse(ledger.Say("a pack needs a day and a new directory"), ledger.Say("daybook close pack --date YYYY-MM-DD --to DIR"))
			}
			return g.onDay(cmd.Context(), date, func(ctx context.Context, a *app, day ledger.BusinessDay) error {
				return a.pack(ctx, g, day, dir)
			})
		},
	}
	command.Flags().StringVar(&date, "date", "", "settlement day as YYYY-MM-DD")
	command.Flags().StringVar(&dir, "to", "", "directory to make")
	return command
}
