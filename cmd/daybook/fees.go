package main

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

func (g *globals) feesCommand() *cobra.Command {
	command := g.feesScheduleCommand()
	command.Use = "fees [schedule]"
	command.AddCommand(g.feesScheduleCommand(), g.feesClaimsCommand())
	return command
}

// feeForPrograms is one fee of a contract, as it is in force on a day.
type feeForPrograms struct {
	Provider ledger.ProviderID `json:"provider"`
	Name     string            `json:"name"`
	Order    int               `json:"order"` // the first that fits applies
	Card     string            `json:"card"`
	Scheme   string            `json:"scheme"`
	MID      ledger.MID        `json:"mid"`
	AtLeast  string            `json:"at_least"`
	Rate     string            `json:"rate"`
	Volume   reconcile.Volume  `json:"volume"`
	Tiers    []tierForPrograms `json:"tiers"`
	Rounding string            `json:"rounding"`
	Flat     string            `json:"flat"`
	Min      string            `json:"min"`
	Cap      string            `json:"cap"`
	Currency ledger.Currency   `json:"currency"`
	From     string            `json:"from"`
	Until    string            `json:"until"`
	Refunds  string            `json:"refund_fee"`
}

// tierForPrograms is a rate from a monthly turnover on.
type tierForPrograms struct {
	Turnover string `json:"turnover"`
	Rate     string `json:"rate"`
}

// tiers prints the tiers of a fee in a cell.
func (f feeForPrograms) tiers(name ledger.Text, text func(ledger.Text) string) string {
	var list []string
	for _, tier := range f.Tiers {
		list = append(list, tier.Turnover+" "+tier.Rate)
	}
	if len(list) == 0 {
		return ""
	}
	return text(name) + ": " + strings.Join(list, ", ")
}

func (g *globals) feesScheduleCommand() *cobra.Command {
	date := ""
	command := &cobra.Command{
		Use:   "schedule",
		Short: "The fees that the contracts give on a day, in the order in which they are tried",
		Args:  cobra.NoArgs,
		RunE: func(*cobra.Command, []string) error {
			s, err := loadConfig(g.configPath())
			if err != nil {
				return err
			}
			day := s.terms.Home.Day(time.Now())
			if date != "" {
				if day, err = ledger.ParseBusinessDay(date); err != nil {
					return err
				}
			}
			return g.printSchedule(s, day)
		},
	}
	command.Flags().StringVar(&date, "date", "", "day on which they are in force, YYYY-MM-DD (default: today)")
	return command
}

func (g *globals) printSchedule(s *settings, day ledger.BusinessDay) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("provider")), "provider", false}, {t(ledger.Say("card")), "card", false}, {t(ledger.Say("scheme")), "scheme", false}, {t(ledger.Say("MID")), "mid", false},
		{t(ledger.Say("at least")), "at_least", true}, {t(ledger.Say("rate")), "rate", true}, {t(ledger.Say("by turnover of the month")), "tiers", false}, {t(ledger.Say("rounding")), "rounding", false}, {t(ledger.Say("flat")), "flat", true}, {t(ledger.Say("min")), "min", true}, {t(ledger.Say("cap")), "cap", true},
		{t(ledger.Say("currency")), "currency", false}, {t(ledger.Say("in force")), "in_force", false}, {t(ledger.Say("with refunds")), "refund_fee", false}}
	list, rows := schedule(s, day), [][]string{}
	for _, f := range list {
		inForce := ""
		if f.From+f.Until != "" {
			inForce = f.From + " – " + f.Until
		}
		name := string(f.Provider)
		if g.output == "table" {
			name = f.Name
		}
		volume := ledger.Say("each part at its tier's rate, from")
		if f.Volume == reconcile.Whole {
			volume = ledger.Say("all at the rate of the tier reached, from")
		}
		tiers := f.tiers(volume, t)
		if g.output != "table" {
			tiers = f.tiers(ledger.Say("%s", string(f.Volume)), t)
		}
		rows = append(rows, []string{name, f.Card, f.Scheme, string(f.MID), f.AtLeast, f.Rate, tiers, f.Rounding, f.Flat, f.Min, f.Cap, string(f.Currency), inForce, f.Refunds})
	}
	return g.printList(columns, rows, list)
}

// schedule lists the fees of the contracts in force on a day, in the order in which they are
// tried.
func schedule(s *settings, day ledger.BusinessDay) []feeForPrograms {
	list := []feeForPrograms{}
	for _, p := range s.terms.Providers {
		money := func(minor int64) string {
			if minor == 0 {
				return ""
			}
			return ledger.FormatMinor(minor, p.Currency)
		}
		for n, fee := range p.InForce(day) {
			f := feeForPrograms{Provider: p.ID, Name: p.Name, Order: n + 1, Card: fee.CardKind, Scheme: fee.Scheme, MID: fee.MID, AtLeast: money(fee.AtLeast), Rate: fee.Rate.String(), Volume: fee.Volume, Tiers: []tierForPrograms{}, Rounding: cmp.Or(string(fee.Rounding), "half_up"),
				Flat: money(fee.Flat), Min: money(fee.Min), Cap: money(fee.Cap), Currency: p.Currency, From: dueText(fee.From), Until: dueText(fee.Until), Refunds: "returned"}
			if p.RefundKeepsFee {
				f.Refunds = "kept"
			}
			for _, tier := range fee.Tiers {
				f.Tiers = append(f.Tiers, tierForPrograms{money(tier.From), tier.Rate.String()})
			}
			list = append(list, f)
		}
	}
	return list
}

// feeClaims is what was charged beside the contract.
type feeClaims struct {
	Sums   []feeSum               `json:"sums"`
	Claims []projections.BreakRow `json:"claims"`
}

type feeSum struct {
	Provider     ledger.ProviderID `json:"provider"`
	Currency     ledger.Currency   `json:"currency"`
	Overcharged  int               `json:"overcharged_count"`
	Over         int64             `json:"overcharged_minor"`
	Undercharged int               `json:"undercharged_count"`
	Under        int64             `json:"undercharged_minor"`
	Net          int64             `json:"net_minor"` // to claim, less what was charged too little
}

func (g *globals) feesClaimsCommand() *cobra.Command {
	var from, to string
	command := &cobra.Command{
		Use:   "claims",
		Short: "What providers charged more, or less, than the contract gives, row by row",
		Long: "The claim list: every row whose fee is not what the contract gives and that is not settled, with\n" +
			"the sums per provider. -o csv gives the rows alone.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			var first, last ledger.BusinessDay
			for _, end := range []struct {
				text string
				day  *ledger.BusinessDay
			}{{from, &first}, {to, &last}} {
				if end.text != "" {
					var err error
					if *end.day, err = ledger.ParseBusinessDay(end.text); err != nil {
						return err
					}
				}
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				breaks, err := a.views.Breaks(ctx, projections.BreakFilter{State: "open", Kind: reconcile.FeeDeviation})
				if err != nil {
					return err
				}
				breaks = slices.DeleteFunc(breaks, func(b projections.BreakRow) bool {
					return !first.IsZero() && b.Day.Compare(first) < 0 || !last.IsZero() && b.Day.Compare(last) > 0
				})
				return g.printClaims(breaks)
			})
		},
	}
	command.Flags().StringVar(&from, "from", "", "first settlement day, YYYY-MM-DD")
	command.Flags().StringVar(&to, "to", "", "last settlement day, YYYY-MM-DD")
	return command
}

func (g *globals) printClaims(breaks []projections.BreakRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	claims := feeClaims{Sums: []feeSum{}, Claims: breaks}
	if breaks == nil {
		claims.Claims = []projections.BreakRow{}
	}
	columns := []column{{t(ledger.Say("id")), "id", false}, {t(ledger.Say("day")), "day", false}, {t(ledger.Say("provider")), "provider", false}, {t(ledger.Say("reference")), "reference", false},
		{t(ledger.Say("contract")), "contract", true}, {t(ledger.Say("charged")), "charged", true}, {t(ledger.Say("too much")), "too_much", true}, {t(ledger.Say("currency")), "currency", false}, {t(ledger.Say("rows")), "rows", false}}
	var rows [][]string
	for _, b := range breaks {
		n := slices.IndexFunc(claims.Sums, func(s feeSum) bool { return s.Provider == b.Provider && s.Currency == b.Currency })
		if n < 0 {
			n = len(claims.Sums)
			claims.Sums = append(claims.Sums, feeSum{Provider: b.Provider, Currency: b.Currency})
		}
		sum, over := &claims.Sums[n], b.Actual-b.Expected
		if sum.Net += over; over > 0 {
			sum.Overcharged++
			sum.Over += over
		} else {
			sum.Undercharged++
			sum.Under -= over
		}
		id := b.ID
		if g.output == "table" {
			id = id[:idShown]
		}
		money := func(minor int64) string { return ledger.FormatMinor(minor, b.Currency) }
		line := ""
		if len(b.Lines) > 0 {
			line = b.Lines[0]
		}
		rows = append(rows, []string{id, b.Day.String(), string(b.Provider), b.Reference, money(b.Expected), money(b.Actual), money(over), string(b.Currency), line})
	}
	if err := g.printList(columns, rows, claims); err != nil || g.output != "table" {
		return err
	}
	for _, s := range claims.Sums {
		money := func(minor int64) string { return ledger.Minor(minor, s.Currency).String() }
		fmt.Fprintln(g.stdout, t(ledger.Say("%s: charged too much %s in %d rows, too little %s in %d rows; to claim %s", string(s.Provider), money(s.Over), s.Overcharged, money(s.Under), s.Undercharged, money(s.Net))))
	}
	return nil
}

// ageBands are the ages, in days, from which differences count as older.
var ageBands = []struct {
	from int
	name string
}{{0, "0-1"}, {2, "2-3"}, {4, "4-7"}, {8, "8-30"}, {31, ">30"}}

// ageRow is the open differences of one provider, store or terminal in one age band.
type ageRow struct {
	Of       string          `json:"of"`
	Age      string          `json:"age_days"`
	Count    int             `json:"count"`
	Amount   int64           `json:"amount_minor"`
	Currency ledger.Currency `json:"currency"`
	band     int
}

func (g *globals) ageingCommand() *cobra.Command {
	var by, on string
	command := &cobra.Command{
		Use:   "ageing",
		Short: "Open differences by age, and the money in question",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			of, known := map[string]func(projections.BreakRow) string{
				"provider": func(b projections.BreakRow) string { return b.Channel + " " + string(b.Provider) },
				"store":    func(b projections.BreakRow) string { return string(b.Store) },
				"terminal": func(b projections.BreakRow) string { return string(b.Terminal) },
				"assignee": func(b projections.BreakRow) string { return b.Assignee },
			}[by]
			if !known {
				return ledger.Problem("--by: %q is none of provider, store, terminal, assignee", by)
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				day, err := a.postingDay(on)
				if err != nil {
					return err
				}
				breaks, err := a.views.Breaks(ctx, projections.BreakFilter{State: "open"})
				if err != nil {
					return err
				}
				return g.printAgeing(ageing(breaks, day, of))
			})
		},
	}
	command.Flags().StringVar(&by, "by", "provider", "provider, store, terminal or assignee")
	command.Flags().StringVar(&on, "on", "", "day on which the age is taken, YYYY-MM-DD (default: today)")
	return command
}

// ageing sums breaks by what they are of, currency and age band. A break's age counts from
// the store's business day of the payment.
func ageing(breaks []projections.BreakRow, on ledger.BusinessDay, of func(projections.BreakRow) string) []ageRow {
	rows := []ageRow{}
	for _, b := range breaks {
		band := 0
		for n := range ageBands {
			if on.Sub(b.BusinessDay) >= ageBands[n].from {
				band = n
			}
		}
		n := slices.IndexFunc(rows, func(r ageRow) bool { return r.Of == of(b) && r.band == band && r.Currency == b.Currency })
		if n < 0 {
			n = len(rows)
			rows = append(rows, ageRow{Of: of(b), Age: ageBands[band].name, Currency: b.Currency, band: band})
		}
		rows[n].Count++
		rows[n].Amount += b.Amount
	}
	slices.SortFunc(rows, func(a, b ageRow) int {
		return cmp.Or(cmp.Compare(a.Of, b.Of), cmp.Compare(a.Currency, b.Currency), cmp.Compare(a.band, b.band))
	})
	return rows
}

func (g *globals) printAgeing(list []ageRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	columns := []column{{t(ledger.Say("of")), "of", false}, {t(ledger.Say("age in days")), "age_days", false}, {t(ledger.Say("differences")), "count", true},
		{t(ledger.Say("in question")), "amount", true}, {t(ledger.Say("currency")), "currency", false}}
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{r.Of, r.Age, strconv.Itoa(r.Count), ledger.FormatMinor(r.Amount, r.Currency), string(r.Currency)})
	}
	return g.printList(columns, rows, list)
}
