package main

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/ledger/stock"
	"daybook/projections"
)

// reorderFilter is which proposals are meant.
type reorderFilter struct {
	stockFilter
	supplier string
}

func (f *reorderFilter) flags(command *cobra.Command) *cobra.Command {
	command.Flags().StringVar(&f.supplier, "supplier", "", "only of this supplier")
	return f.stockFilter.flags(command)
}

func (g *globals) reorderCommand() *cobra.Command {
	command := g.reorderListCommand()
	command.Use = "reorder [list]"
	command.AddCommand(g.reorderListCommand(), g.reorderApproveCommand(), g.reorderDismissCommand(), g.reorderOrdersCommand(), g.reorderCloseCommand())
	return command
}

func (g *globals) reorderListCommand() *cobra.Command {
	var f reorderFilter
	return f.flags(&cobra.Command{
		Use:   "list",
		Short: "What stores should order, and why",
		Long: "The open proposals: one for each store and article whose inventory position (on hand + on order + in\n" +
			"transit - reserved) is at or below its reorder point. The point is the demand over the lead time and\n" +
			"safety stock, from the days of the last eight weeks on which the article was there; of an article that was\n" +
			"there for less than three weeks it is what its category sells in the store; min_stock of the catalogue goes\n" +
			"before both when it is more. A proposal ends by itself when the position has risen again.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.Reorders(ctx, f.filter(), f.supplier)
				if err != nil {
					return err
				}
				return g.printReorders(list)
			})
		},
	})
}

// methodName says what a reorder point was reckoned from.
func methodName(r projections.ReorderRow) ledger.Text {
	switch stock.Method(r.Method) {
	case stock.ByDemand:
		return ledger.Say("%s sold on %d days in stock, %d days out", quantity(r.Sold), r.InStockDays, r.OutDays)
	case stock.ByCategory:
		return ledger.Say("in stock for %d days only: by what its category sells", r.InStockDays)
	}
	return ledger.Say("the catalogue's least to keep")
}

func (g *globals) printReorders(list []projections.ReorderRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "table" && len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("nothing has to be ordered")))
		return nil
	}
	columns := []column{{t(ledger.Say("store")), "store", false}, {t(ledger.Say("article")), "sku", false}, {t(ledger.Say("name")), "name", false}, {t(ledger.Say("supplier")), "supplier", false},
		{t(ledger.Say("to order")), "qty", true}, {t(ledger.Say("value")), "value", true}, {t(ledger.Say("currency")), "currency", false}, {t(ledger.Say("inventory position")), "inventory_position", true},
		{t(ledger.Say("reorder point")), "reorder_point", true}, {t(ledger.Say("why")), "why", false}}
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{string(r.Store), r.SKU, r.Name, r.Supplier, quantity(r.Qty), valueText(r.Value, r.Currency), string(r.Currency), quantity(r.Level), quantity(r.ReorderPoint), t(methodName(r))})
	}
	return g.printList(columns, rows, list)
}

// chosen are the open proposals that are named by article, or that the filters leave.
func (f *reorderFilter) chosen(ctx context.Context, a *app, skus []string) ([]stock.Proposal, error) {
	if len(skus) == 0 && f.store+f.sku+f.supplier == "" {
		return nil, ledger.Refuse(ledger.Say("say which proposals are meant: by articles, --store or --supplier"), ledger.Say("daybook reorder shows the open ones"))
	}
	open, err := a.views.Reorders(ctx, f.filter(), f.supplier)
	if err != nil {
		return nil, err
	}
	var proposals []stock.Proposal
	found := map[string]bool{}
	for _, r := range open {
		if len(skus) > 0 && !slices.Contains(skus, r.SKU) {
			continue
		}
		found[r.SKU] = true
		p, err := a.buying.Open(ctx, r.Store, stock.SKU(r.SKU))
		if err != nil {
			return nil, err
		}
		proposals = append(proposals, p)
	}
	for _, sku := range skus {
		if !found[sku] {
			return nil, ledger.Refuse(ledger.Say("no proposal for %s is open", sku), ledger.Say("daybook reorder shows the open ones"))
		}
	}
	if len(proposals) == 0 {
		return nil, ledger.Refuse(ledger.Say("nothing has to be ordered of that store, article and supplier"), ledger.Say("daybook reorder shows the open ones"))
	}
	return proposals, nil
}

func (g *globals) reorderApproveCommand() *cobra.Command {
	var f reorderFilter
	var as, on, due string
	command := f.flags(&cobra.Command{
		Use:   "approve [ARTICLE…]",
		Short: "Make purchase orders of proposals: one for each store and supplier",
		Long: "Make purchase orders of the open proposals that are named or that the filters leave: one for each store\n" +
			"and supplier. What they come to by the catalogue's costs has to be within what the person may order at a\n" +
			"time (order: under people: in the configuration). Receipts that name the order are booked against it.",
		Example: "  daybook reorder approve --store S001 --supplier dairy --as li.na",
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := g.decidedBy(as)
			if err != nil {
				return err
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				day, err := a.postingDay(on)
				if err != nil {
					return err
				}
				var dueOn ledger.BusinessDay
				if due != "" {
					if dueOn, err = ledger.ParseBusinessDay(due); err != nil {
						return err
					}
				}
				proposals, err := f.chosen(ctx, a, args)
				if err != nil {
					return err
				}
				type group struct {
					store    ledger.StoreID
					supplier string
				}
				groups := map[group][]stock.Proposal{}
				for _, p := range proposals {
					groups[group{p.Store, p.Supplier}] = append(groups[group{p.Store, p.Supplier}], p)
				}
				placed := map[string]bool{}
				for _, key := range slices.SortedFunc(maps.Keys(groups), func(a, b group) int {
					return cmp.Or(cmp.Compare(a.store, b.store), cmp.Compare(a.supplier, b.supplier))
				}) {
					no := stock.OrderNo(key.store, day, groups[key])
					if err := a.buying.Approve(ctx, no, groups[key], by, day, time.Now().UTC().Truncate(time.Millisecond), dueOn); err != nil {
						return err
					}
					placed[no] = true
				}
				return g.showOrders(ctx, a, func(r projections.OrderRow) bool { return placed[r.Order] })
			})
		},
	})
	command.Flags().StringVar(&as, "as", "", "who decides (DAYBOOK_USER)")
	command.Flags().StringVar(&on, "on", "", "day of the order, YYYY-MM-DD (default: today)")
	command.Flags().StringVar(&due, "due", "", "when it should be there, YYYY-MM-DD")
	return command
}

// showOrders brings the tables up to date and prints orders.
func (g *globals) showOrders(ctx context.Context, a *app, wanted func(projections.OrderRow) bool) error {
	if err := a.catchUp(ctx, g); err != nil {
		return err
	}
	list, err := a.views.Orders(ctx, projections.StockFilter{}, true)
	if err != nil {
		return err
	}
	return g.printOrders(slices.DeleteFunc(list, func(r projections.OrderRow) bool { return !wanted(r) }))
}

func (g *globals) reorderDismissCommand() *cobra.Command {
	var f reorderFilter
	var as, reason string
	command := f.flags(&cobra.Command{
		Use:   "dismiss ARTICLE…",
		Short: "Turn proposals down; they come again after the position has risen and fallen",
		Args:  cobra.MinimumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := g.decidedBy(as)
			if err != nil {
				return err
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				day, err := a.postingDay("")
				if err != nil {
					return err
				}
				proposals, err := f.chosen(ctx, a, args)
				if err != nil {
					return err
				}
				for _, p := range proposals {
					if err := a.buying.Dismiss(ctx, p, by, reason, day, time.Now().UTC().Truncate(time.Millisecond)); err != nil {
						return err
					}
				}
				if err := a.catchUp(ctx, g); err != nil {
					return err
				}
				list, err := a.views.Reorders(ctx, f.filter(), f.supplier)
				if err != nil {
					return err
				}
				return g.printReorders(list)
			})
		},
	})
	command.Flags().StringVar(&as, "as", "", "who decides (DAYBOOK_USER)")
	command.Flags().StringVar(&reason, "reason", "", "why")
	return command
}

func (g *globals) reorderOrdersCommand() *cobra.Command {
	var f stockFilter
	all := false
	command := f.flags(&cobra.Command{
		Use:   "orders",
		Short: "Purchase orders, with what was received for them",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.Orders(ctx, f.filter(), all)
				if err != nil {
					return err
				}
				return g.printOrders(list)
			})
		},
	})
	command.Flags().BoolVar(&all, "all", false, "those too of which nothing is open")
	return command
}

// orderState is where an article of an order stands, in words.
func orderState(state string) ledger.Text {
	switch state {
	case "received":
		return ledger.Say("received")
	case "partly received":
		return ledger.Say("partly received")
	case "closed":
		return ledger.Say("closed")
	}
	return ledger.Say("open")
}

func (g *globals) printOrders(list []projections.OrderRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "table" && len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("none")))
		return nil
	}
	columns := []column{{t(ledger.Say("order")), "order", false}, {t(ledger.Say("store")), "store", false}, {t(ledger.Say("supplier")), "supplier", false}, {t(ledger.Say("day")), "ordered_on", false},
		{t(ledger.Say("due")), "due", false}, {t(ledger.Say("article")), "sku", false}, {t(ledger.Say("ordered")), "ordered", true}, {t(ledger.Say("received")), "received", true},
		{t(ledger.Say("open")), "open", true}, {t(ledger.Say("value")), "value", true}, {t(ledger.Say("currency")), "currency", false}, {t(ledger.Say("state")), "state", false}}
	var rows [][]string
	for _, r := range list {
		state := strings.ReplaceAll(r.State, " ", "_")
		if g.output == "table" {
			state = t(orderState(r.State))
		}
		rows = append(rows, []string{r.Order, string(r.Store), r.Supplier, r.On.String(), dueText(r.Due), r.SKU, quantity(r.Ordered), quantity(r.Received), quantity(r.Open),
			valueText(r.Value, r.Currency), string(r.Currency), state})
	}
	return g.printList(columns, rows, list)
}

func (g *globals) reorderCloseCommand() *cobra.Command {
	var store, as, reason string
	command := &cobra.Command{
		Use:   "close ORDER",
		Short: "Say that nothing more is expected for a purchase order or a transfer",
		Long: "Say that nothing more is expected for a purchase order, or for a transfer to the store. What did not come is\n" +
			"no longer on order or in transit; of a transfer it shows as a difference.",
		Args: cobra.ExactArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			by, err := g.decidedBy(as)
			if err != nil {
				return err
			}
			if store == "" {
				return ledger.Refuse(ledger.Say("say whose order it is"), ledger.Say("name the store with --store"))
			}
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				day, err := a.postingDay("")
				if err != nil {
					return err
				}
				if err := a.buying.Close(ctx, ledger.StoreID(store), args[0], by, reason, day, time.Now().UTC().Truncate(time.Millisecond)); err != nil {
					return err
				}
				return g.showOrders(ctx, a, func(r projections.OrderRow) bool { return r.Order == args[0] && string(r.Store) == store })
			})
		},
	}
	command.Flags().StringVar(&store, "store", "", "whose order it is, or where the transfer goes")
	command.Flags().StringVar(&as, "as", "", "who decides (DAYBOOK_USER)")
	command.Flags().StringVar(&reason, "reason", "", "why")
	return command
}
