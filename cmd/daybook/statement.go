package main

import (
	"context"
	"fmt"
	"strconv"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// accountStatement is a statement (对账单) over a period.
type accountStatement struct {
	From        ledger.BusinessDay          `json:"from"`
	To          ledger.BusinessDay          `json:"to"`
	AsOf        ledger.Position             `json:"as_of_position"`
	Days        []projections.BilledRow     `json:"days"`
	Receivables []projections.ReceivableRow `json:"receivables"` // not of one merchant id or store: payouts are not split by them
	Exchanges   []projections.ExchangeRow   `json:"exchanges"`   // of what was adjusted: taken in one currency and settled in another
	Late        []projections.MovementRow   `json:"late"`        // in them or of their days: what came after its day was locked
}

func (g *globals) statementCommand() *cobra.Command {
	var provider, mid, store, from, to string
	command := &cobra.Command{
		Use:   "statement",
		Short: "What providers billed in a period, by day, and what they owe at its beginning and end",
		Long: "A statement over a period: sales, refunds, fees and net by day and provider, for all or for one\n" +
			"merchant id or store; and, of whole providers, what they owed before + sold - coupons -\n" +
			"contract fees - received + adjusted = what they owe at the end.\n" +
			"-o csv gives the days alone.",
		Example: "  daybook statement --from 2026-01-01 --to 2026-01-31 --store S001",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if from == "" {
				return ledger.Refuse(ledger.Say("a statement needs a period"), ledger.Say("daybook statement --from YYYY-MM-DD [--to YYYY-MM-DD]"))
			}
			f := projections.StatementFilter{Provider: ledger.ProviderID(provider), MID: ledger.MID(mid), Store: ledger.StoreID(store)}
			var err error
			if f.From, err = ledger.ParseBusinessDay(from); err != nil {
				return err
			}
			if f.To = f.From; to != "" {
				if f.To, err = ledger.ParseBusinessDay(to); err != nil {
					return err
				}
			}
			if f.To.Compare(f.From) < 0 {
				return ledger.Problem("%s comes after %s", f.From.String(), f.To.String())
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				s := accountStatement{From: f.From, To: f.To, Days: []projections.BilledRow{}, Receivables: []projections.ReceivableRow{}, Exchanges: []projections.ExchangeRow{}, Late: []projections.MovementRow{}}
				if s.AsOf, err = a.views.AsOf(ctx); err != nil {
					return err
				}
				days, err := a.views.Billed(ctx, f)
				if err != nil {
					return err
				}
				s.Days = append(s.Days, days...)
				if f.MID == "" && f.Store == "" {
					receivables, err := a.views.Receivables(ctx, f)
					if err != nil {
						return err
					}
					s.Receivables = append(s.Receivables, receivables...)
					exchanges, err := a.views.Exchanges(ctx, f)
					if err != nil {
						return err
					}
					s.Exchanges = append(s.Exchanges, exchanges...)
					late, err := a.views.Late(ctx, f)
					if err != nil {
						return err
					}
					s.Late = append(s.Late, late...)
				}
				return g.printStatement(s, a.settings.names)
			})
		},
	}
	flags := command.Flags()
	flags.StringVar(&from, "from", "", "first settlement day, YYYY-MM-DD")
	flags.StringVar(&to, "to", "", "last settlement day, YYYY-MM-DD (default: the first)")
	flags.StringVar(&provider, "provider", "", "only of this provider")
	flags.StringVar(&mid, "mid", "", "only of this merchant id")
	flags.StringVar(&store, "store", "", "only of this store")
	return command
}

func (g *globals) printStatement(s accountStatement, names map[string]string) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("provider")), "provider", false}, {t(ledger.Say("day")), "day", false}, {t(ledger.Say("kind")), "kind", false}, {t(ledger.Say("rows")), "lines", true},
		{t(ledger.Say("gross")), "gross", true}, {t(ledger.Say("coupons")), "discount", true}, {t(ledger.Say("fee")), "fee", true}, {t(ledger.Say("net")), "net", true}, {t(ledger.Say("currency")), "currency", false}}
	var rows [][]string
	var sum projections.BilledRow
	for n, r := range s.Days {
		money := func(minor int64) string { return ledger.FormatMinor(minor, r.Currency) }
		cells := func(provider, day, kind string, r projections.BilledRow) []string {
			return []string{provider, day, kind, strconv.FormatInt(r.Lines, 10), money(r.Gross), money(r.Discount), money(r.Fee), money(r.Net), string(r.Currency)}
		}
		if g.output != "table" {
			rows = append(rows, cells(string(r.Provider), r.Day.String(), r.Kind, r))
			continue
		}
		rows = append(rows, cells(names[string(r.Provider)], r.Day.String(), t(lineName(reconcile.LineKind(r.Kind))), r))
		sum.Lines, sum.Gross, sum.Discount, sum.Fee, sum.Net = sum.Lines+r.Lines, sum.Gross+r.Gross, sum.Discount+r.Discount, sum.Fee+r.Fee, sum.Net+r.Net
		if n == len(s.Days)-1 || s.Days[n+1].Provider != r.Provider || s.Days[n+1].Currency != r.Currency {
			sum.Currency = r.Currency
			rows = append(rows, cells(names[string(r.Provider)], t(ledger.Say("sum")), "", sum))
			sum = projections.BilledRow{}
		}
	}
	if g.output == "table" && len(rows) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("nothing was billed in this period")))
	} else if err := g.printList(columns, rows, s); err != nil || g.output != "table" {
		return err
	}
	for _, r := range s.Receivables {
		total := reconcile.PeriodTotal{Opening: r.Opening, Closing: r.Closing, Movement: reconcile.Movement{Provider: r.Provider, Currency: r.Currency,
			Sold: r.Sold, Coupons: r.Coupons, ContractFee: r.ContractFee, Received: r.Received, Adjusted: r.Adjusted}}
		fmt.Fprintln(g.stdout, t(owedText(names[string(r.Provider)], total)))
	}
	for _, e := range s.Exchanges {
		fmt.Fprintln(g.stdout, t(exchangeText(names[string(e.Provider)], e)))
	}
	g.printLate(s.Late, names)
	return nil
}

// exchangeText says what an entry between two currencies did to what a provider owes.
func exchangeText(name string, e projections.ExchangeRow) ledger.Text {
	taken, settled := ledger.Minor(e.Taken, e.TakenCurrency), ledger.Minor(e.Settled, e.SettledCurrency)
	if e.Reversal {
		return ledger.Say("%s, %s: %s is owed again in place of %s (%s), as it was taken back", name, e.Day.String(), taken.Neg().String(), settled.Neg().String(), e.Break[:idShown])
	}
	return ledger.Say("%s, %s: %s is owed in place of %s (%s)%s", name, e.Day.String(), settled.String(), taken.String(), e.Break[:idShown], rateText(taken, settled))
}

// rateText is a rate between two sums, to go behind a sentence; nothing where there is none.
func rateText(taken, settled ledger.Money) ledger.Text {
	rate := taken.ExchangeRate(settled)
	if rate == "" {
		return ledger.Text{}
	}
	return ledger.Say(": 1 %s = %s %s", string(taken.Currency), rate, string(settled.Currency))
}

// printLate lists movements that count on another day than their own.
func (g *globals) printLate(late []projections.MovementRow, names map[string]string) {
	if len(late) == 0 {
		return
	}
	var list []reconcile.Booked
	for _, r := range late {
		list = append(list, reconcile.Booked{Day: r.Day, Of: r.Of, Movement: reconcile.Movement{Provider: r.Provider, Currency: r.Currency,
			Sold: r.Sold, Coupons: r.Coupons, ContractFee: r.ContractFee, Received: r.Received, Adjusted: r.Adjusted}})
	}
	fmt.Fprintln(g.stdout, g.say.text(ledger.Say("what came late for days that were locked; daybook close status --date YYYY-MM-DD shows the files and rows:")))
	g.printBooked(list, names)
}
