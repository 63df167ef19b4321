package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// deskCommand is a command by which people do something about breaks: named ones, or all
// open ones of a kind, channel and day.
type deskCommand struct {
	g                   *globals
	as                  string
	date, kind, channel string
	yes                 bool
}

// do does one thing about one break.
type do func(ctx context.Context, a *app, ref reconcile.BreakRef, by string) error

func (g *globals) deskCommand(command *cobra.Command, many bool, do do) *cobra.Command {
	d := &deskCommand{g: g}
	command.Args = cobra.ExactArgs(1)
	command.Flags().StringVar(&d.as, "as", "", "who decides (DAYBOOK_USER)")
	if many {
		command.Use = strings.Replace(command.Use, " ID", " [ID…]", 1)
		command.Args = cobra.ArbitraryArgs
		command.Flags().StringVar(&d.date, "date", "", "only of this settlement day, YYYY-MM-DD")
		command.Flags().StringVar(&d.kind, "kind", "", "only of this kind, for example missing_in_settlement")
		command.Flags().StringVar(&d.channel, "channel", "", "only of this channel, for example card")
		command.Flags().BoolVar(&d.yes, "yes", false, "do it to all of several differences; without it they are only shown")
	}
	command.RunE = func(cmd *cobra.Command, args []string) error {
		by, err := g.decidedBy(d.as)
		if err != nil {
			return err
		}
		return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
			chosen, err := d.choose(ctx, a, args)
			if err != nil {
				return err
			}
			if len(chosen) > 1 && !d.yes {
				if err := g.listBreaks(chosen); err != nil {
					return err
				}
				g.notice(ledger.Say("nothing was done yet: --yes does it to these %d differences", len(chosen)))
				return nil
			}
			for n, b := range chosen {
				if err := do(ctx, a, reconcile.BreakRef{ID: b.ID, Position: b.Position}, by); err != nil {
					if n > 0 {
						g.notice(ledger.Say("done for %d of %d differences; it stopped at %s", n, len(chosen), b.ID))
					}
					return err
				}
			}
			return d.show(ctx, a, chosen)
		})
	}
	return command
}

// choose finds the breaks that are named, or the open ones that the filters leave.
func (d *deskCommand) choose(ctx context.Context, a *app, names []string) ([]projections.BreakRow, error) {
	filtered := d.date+d.kind+d.channel != ""
	if filtered == (len(names) > 0) {
		return nil, ledger.Refuse(ledger.Say("say which differences are meant: by their ids, or by --date, --kind and --channel"), ledger.Say("daybook breaks list shows them"))
	}
	if filtered {
		filter := projections.BreakFilter{State: "open", Kind: reconcile.BreakKind(d.kind), Channel: d.channel}
		if d.date != "" {
			day, err := ledger.ParseBusinessDay(d.date)
			if err != nil {
				return nil, err
			}
			filter.Day = day
		}
		chosen, err := a.views.Breaks(ctx, filter)
		if err == nil && len(chosen) == 0 {
			err = ledger.Problem("no open difference is of that day, kind and channel")
		}
		return chosen, err
	}
	var chosen []projections.BreakRow
	for _, name := range names {
		found, err := a.namedBreaks(ctx, name)
		if err != nil {
			return nil, err
		}
		if len(found) > 1 && found[1].State == "open" {
			return nil, ledger.Refuse(ledger.Say("%q means several differences", name), ledger.Say("daybook breaks list --all shows their ids"))
		}
		chosen = append(chosen, found[0])
	}
	return chosen, nil
}

// show brings the tables up to date and prints where the breaks are now.
func (d *deskCommand) show(ctx context.Context, a *app, chosen []projections.BreakRow) error {
	if err := a.catchUp(ctx, d.g); err != nil {
		return err
	}
	place := map[string]int{}
	ids := make([]string, len(chosen))
	for n, b := range chosen {
		place[b.ID], ids[n] = n, b.ID
	}
	now, err := a.views.Breaks(ctx, projections.BreakFilter{IDs: ids})
	if err != nil {
		return err
	}
	slices.SortFunc(now, func(a, b projections.BreakRow) int { return place[a.ID] - place[b.ID] })
	return d.g.listBreaks(now)
}

func (g *globals) deskCommands() []*cobra.Command {
	var to, due, comment, cause, causeText, kind, account, reason, rejected, undone, booked, reversedOn string
	assign := g.deskCommand(&cobra.Command{Use: "assign ID", Short: "Say who sees to a difference, and by when",
		Example: "  daybook breaks assign 9406e4e0 --to li.na --due 2026-01-09 --as wang.wei"}, true,
		func(ctx context.Context, a *app, ref reconcile.BreakRef, by string) error {
			var day ledger.BusinessDay
			if due != "" {
				var err error
				if day, err = ledger.ParseBusinessDay(due); err != nil {
					return err
				}
			}
			return a.desk.Assign(ctx, ref, by, to, day)
		})
	assign.Flags().StringVar(&to, "to", "", "who sees to it")
	assign.Flags().StringVar(&due, "due", "", "until which day, YYYY-MM-DD")

	remark := g.deskCommand(&cobra.Command{Use: "comment ID", Short: "Write something down about a difference"}, false,
		func(ctx context.Context, a *app, ref reconcile.BreakRef, by string) error {
			return a.desk.Comment(ctx, ref, by, comment)
		})
	remark.Flags().StringVar(&comment, "text", "", "what is to be written down")

	explain := g.deskCommand(&cobra.Command{Use: "cause ID", Short: "Say what lies behind a difference"}, true,
		func(ctx context.Context, a *app, ref reconcile.BreakRef, by string) error {
			return a.desk.Explain(ctx, ref, by, reconcile.Cause(cause), causeText)
		})
	explain.Flags().StringVar(&cause, "cause", "", "cut_off, late_file, till_error, provider_error, bank_error, duplicate, fee_contract, chargeback, fraud_suspected, other")
	explain.Flags().StringVar(&causeText, "text", "", "what is to be written down")

	propose := g.deskCommand(&cobra.Command{Use: "propose ID", Short: "Propose how to settle a difference; another person approves it",
		Long: "Propose how to settle a difference. accept: both sides are right and nothing is lost; what another\n" +
			"provider settled than the till says is from then on owed by that one, and what was settled in another currency is owed\n" +
			"in that one (account exchange). correction: one\n" +
			"side was wrong, it is booked to an account: sales, fees, bank, suspense, over_short. write_off: nobody\n" +
			"will pay it. claim: the provider is asked for it, and it stays open until it has paid. Whoever proposes\n" +
			"cannot approve.",
		Example: "  daybook breaks propose 9406e4e0 --how write_off --reason \"below the limit\" --as li.na"}, true,
		func(ctx context.Context, a *app, ref reconcile.BreakRef, by string) error {
			return a.desk.Propose(ctx, ref, by, reconcile.Adjustment{Kind: reconcile.AdjustmentKind(kind), Account: reconcile.Account(account), Reason: reason})
		})
	propose.Flags().StringVar(&kind, "how", "", "accept, correction, write_off or claim")
	propose.Flags().StringVar(&account, "account", "", "of a correction: sales, fees, bank, suspense or over_short")
	propose.Flags().StringVar(&reason, "reason", "", "why")

	approve := g.deskCommand(&cobra.Command{Use: "approve ID", Short: "Approve what another person proposed, and book it"}, true,
		func(ctx context.Context, a *app, ref reconcile.BreakRef, by string) error {
			day, err := a.postingDay(booked)
			if err != nil {
				return err
			}
			return a.desk.Approve(ctx, ref, by, day)
		})
	approve.Flags().StringVar(&booked, "on", "", "posting date, YYYY-MM-DD (default: today)")

	reject := g.deskCommand(&cobra.Command{Use: "reject ID", Short: "Turn a proposal down, or take one's own back"}, true,
		func(ctx context.Context, a *app, ref reconcile.BreakRef, by string) error {
			return a.desk.Reject(ctx, ref, by, rejected)
		})
	reject.Flags().StringVar(&rejected, "reason", "", "why")

	reverse := g.deskCommand(&cobra.Command{Use: "reverse ID", Short: "Take an approved adjustment back by the opposite entry"}, false,
		func(ctx context.Context, a *app, ref reconcile.BreakRef, by string) error {
			day, err := a.postingDay(reversedOn)
			if err != nil {
				return err
			}
			return a.desk.Reverse(ctx, ref, by, undone, day)
		})
	reverse.Flags().StringVar(&undone, "reason", "", "why")
	reverse.Flags().StringVar(&reversedOn, "on", "", "posting date, YYYY-MM-DD (default: today)")
	return []*cobra.Command{g.ageingCommand(), assign, remark, explain, propose, approve, reject, reverse}
}

// postingDay is the day an entry is booked on: today on the retailer's clock, unless
// another is named.
func (a *app) postingDay(named string) (ledger.BusinessDay, error) {
	if named != "" {
		return ledger.ParseBusinessDay(named)
	}
	return a.settings.terms.Home.Day(time.Now()), nil
}

func (g *globals) bookCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "book",
		Short: "The trial balance of approved adjustments",
		Long: "The accounts of the book of adjustments: what was approved about differences, by double entry. The\n" +
			"balances of each currency add up to nothing; if they do not, it ends with exit code 4. The entries\n" +
			"themselves: daybook query \"SELECT * FROM fct_postings\".",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				accounts, err := a.views.TrialBalance(ctx)
				if err != nil {
					return err
				}
				return g.printBook(accounts)
			})
		},
	}
}

func (g *globals) printBook(accounts []projections.AccountRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if len(accounts) == 0 {
		accounts = []projections.AccountRow{}
		if g.output == "table" {
			fmt.Fprintln(g.stdout, t(ledger.Say("no adjustment was approved yet")))
			return nil
		}
	}
	columns := []column{{t(ledger.Say("account")), "account", false}, {t(ledger.Say("currency")), "currency", false}, {t(ledger.Say("debit")), "debit", true},
		{t(ledger.Say("credit")), "credit", true}, {t(ledger.Say("balance")), "balance", true}}
	var rows [][]string
	sums := map[ledger.Currency]int64{}
	for n, account := range accounts {
		money := func(minor int64) string { return ledger.FormatMinor(minor, account.Currency) }
		rows = append(rows, []string{string(account.Account), string(account.Currency), money(account.Debit), money(account.Credit), money(account.Balance)})
		sums[account.Currency] += account.Balance
		if last := n == len(accounts)-1 || accounts[n+1].Currency != account.Currency; last && g.output == "table" {
			rows = append(rows, []string{t(ledger.Say("sum")), string(account.Currency), "", "", money(sums[account.Currency])})
		}
	}
	if err := g.printList(columns, rows, accounts); err != nil {
		return err
	}
	for _, sum := range sums {
		if sum != 0 {
			return exitError(exitVerification)
		}
	}
	return nil
}

// whatWasDone says in a word what a person did.
func whatWasDone(what string) ledger.Text {
	switch what {
	case "assigned":
		return ledger.Say("assigned")
	case "commented":
		return ledger.Say("commented")
	case "explained":
		return ledger.Say("explained")
	case "proposed":
		return ledger.Say("proposed")
	case "approved":
		return ledger.Say("approved")
	case "rejected":
		return ledger.Say("rejected")
	}
	return ledger.Say("reversed")
}

// handlingName is how far people are, in words.
func handlingName(b projections.BreakRow) ledger.Text {
	if b.Overtaken {
		return ledger.Say("to be reversed")
	}
	switch b.Handling {
	case reconcile.Assigned:
		return ledger.Say("assigned")
	case reconcile.Explained:
		return ledger.Say("explained")
	case reconcile.Proposed:
		return ledger.Say("proposed")
	case reconcile.HandledAccept:
		return ledger.Say("accepted")
	case reconcile.HandledCorrect:
		return ledger.Say("corrected")
	case reconcile.HandledOff:
		return ledger.Say("written off")
	case reconcile.HandledClaim:
		return ledger.Say("claimed")
	}
	return ledger.Text{}
}

// showHistory prints what people did about a break.
func (g *globals) showHistory(history []projections.CaseRow) {
	if len(history) == 0 {
		return
	}
	t := func(text ledger.Text) string { return g.say.text(text) }
	fmt.Fprintln(g.stdout, t(ledger.Say("what people did:")))
	columns := []column{{heading: t(ledger.Say("event")), right: true}, {heading: t(ledger.Say("who"))}, {heading: t(ledger.Say("what"))},
		{heading: t(ledger.Say("how"))}, {heading: t(ledger.Say("until"))}, {heading: t(ledger.Say("why"))}}
	var rows [][]string
	for _, h := range history {
		rows = append(rows, []string{fmt.Sprint(uint64(h.Position)), h.By, t(whatWasDone(h.What)), h.Cause + h.Assignee, dueText(h.Due), h.Text})
	}
	g.printTable(columns, rows)
}
