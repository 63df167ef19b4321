package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
)

func (g *globals) stockExpiringCommand() *cobra.Command {
	var f stockFilter
	within := 7
	command := f.flags(&cobra.Command{
		Use:   "expiring",
		Short: "What has to be sold soon, and what has expired: by use-by date, with its value",
		Long: "What is left of goods whose receipts give a use-by date, up to so many days after the newest day of which\n" +
			"there are facts. Goods leave in the order of their dates, since tills do not say of which lot they sell;\n" +
			"waste, transfers and adjustments that name a lot or date take of that. Thrown-away lots: agg_waste_lots.",
		Example: "  daybook stock expiring --within 3 --store S001\n  daybook query \"SELECT * FROM agg_waste_lots\"",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if within < 0 || within > 36600 {
				return ledger.Refuse(ledger.Say("--within %d is not a number of days from 0 to 36600", within), ledger.Text{})
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.Expiring(ctx, f.filter(), within)
				if err != nil {
					return err
				}
				return g.printExpiring(list)
			})
		},
	})
	command.Flags().IntVar(&within, "within", within, "days from the newest day of which there are facts")
	return command
}

func (g *globals) printExpiring(list []projections.ExpiryRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "table" && len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("nothing with a use-by date expires by then")))
		return nil
	}
	columns := []column{{t(ledger.Say("use by")), "use_by", false}, {t(ledger.Say("days left")), "days_left", true}, {t(ledger.Say("store")), "store", false},
		{t(ledger.Say("article")), "sku", false}, {t(ledger.Say("lots")), "lots", false}, {t(ledger.Say("left")), "left", true},
		{t(ledger.Say("value")), "value", true}, {t(ledger.Say("currency")), "currency", false}}
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{r.UseBy.String(), strconv.Itoa(int(r.DaysLeft)), string(r.Store), r.SKU, strings.Join(r.Lots, " "), quantity(r.Left),
			valueText(r.Value, r.Currency), string(r.Currency)})
	}
	return g.printList(columns, rows, list)
}
