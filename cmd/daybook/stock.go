package main

import (
	"context"
	"fmt"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daybook/adapters/files"
	"daybook/adapters/stockfile"
	"daybook/ledger"
	"daybook/ledger/stock"
	"daybook/projections"
)

func stockNames() []string {
	var names []string
	for _, format := range stockfile.Formats {
		names = append(names, format.Name())
	}
	return names
}

// stockFormat is the form of stock file that a document has, if any.
func stockFormat(doc *files.Document) (stockfile.Format, bool) {
	if doc != nil {
		for _, format := range stockfile.Formats {
			if format.Sniff(doc) {
				return format, true
			}
		}
	}
	return stockfile.Format{}, false
}

// buyers are the people who may order, and up to how much.
func (r *resolver) buyers(list []personConfig) map[string]stock.Buyer {
	buyers := map[string]stock.Buyer{}
	for _, p := range list {
		buyers[p.ID] = r.limits("people: "+p.ID, p.Order)
	}
	return buyers
}

// stockRules are what stock files need to know of the configuration.
func (s *settings) stockRules() stockfile.Rules {
	return stockfile.Rules{Currency: s.terms.Currency, Store: func(id ledger.StoreID) (stockfile.Store, bool) {
		store, listed := s.rules.Store(id)
		return stockfile.Store{Clock: store.Clock, Currency: store.Currency}, listed
	}}
}

func (a *app) readStock(doc *files.Document, format stockfile.Format, how importOptions) reading {
	file, err := format.Read(doc, a.settings.stockRules())
	if err != nil {
		return reading{err: err}
	}
	return reading{record: func(ctx context.Context, _ *globals) (taken, error) {
		return a.recordStock(ctx, file, how.correction)
	}}
}

func (a *app) recordStock(ctx context.Context, file stock.File, correction bool) (taken, error) {
	result, err := a.goods.File(ctx, file, correction)
	if err != nil {
		return taken{}, err
	}
	days := span{}
	for _, d := range file.Documents {
		days.add(d.Day)
	}
	t := taken{File: file.Name, Format: file.Format, Rows: file.Rows, Already: result.Already, Truncated: file.Truncated}
	if len(file.Documents) > 0 {
		t.Day = days.String()
		if result.Replayed == len(file.Documents) {
			t.Replayed = file.Rows
		}
		if result.Corrected > 0 {
			t.Replaces = strconv.Itoa(result.Corrected)
		}
	}
	return t, nil
}

// stockFilter is --store and --sku.
type stockFilter struct{ store, sku string }

func (f *stockFilter) flags(command *cobra.Command) *cobra.Command {
	command.Flags().StringVar(&f.store, "store", "", "only of this store")
	command.Flags().StringVar(&f.sku, "sku", "", "only of this article")
	return command
}

func (f *stockFilter) filter() projections.StockFilter {
	return projections.StockFilter{Store: ledger.StoreID(f.store), SKU: f.sku}
}

func (g *globals) stockCommand() *cobra.Command {
	command := g.stockListCommand()
	command.Use = "stock [list]"
	command.AddCommand(g.stockListCommand(), g.stockMovesCommand(), g.stockFlagsCommand(), g.stockExpiringCommand())
	return command
}

func (g *globals) stockListCommand() *cobra.Command {
	var f stockFilter
	return f.flags(&cobra.Command{
		Use:   "list",
		Short: "What stores have: on hand, reserved, in transit, on order",
		Long: "What each store has of each article. Sales and refunds move stock by themselves; deliveries, counts,\n" +
			"transfers, adjustments, waste and orders come in as CSV files by daybook import. The inventory position\n" +
			"is on hand + on order + in transit - reserved. Below zero means that more was sold than anybody recorded\n" +
			"as received: daybook stock flags lists what somebody should look at.",
		Example: "  daybook import products.csv deliveries.csv\n  daybook stock --store S001\n  daybook stock moves --store S001 --sku 6902083881405",
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.Stock(ctx, f.filter())
				if err != nil {
					return err
				}
				return g.printStock(list)
			})
		},
	})
}

// quantity prints thousandths of a unit.
func quantity(milli int64) string {
	sign := ""
	if milli < 0 {
		sign, milli = "-", -milli
	}
	text := fmt.Sprintf("%s%d.%03d", sign, milli/1000, milli%1000)
	return strings.TrimSuffix(strings.TrimRight(text, "0"), ".")
}

// valueText is an amount with its currency, or nothing where there is no currency.
func valueText(minor int64, currency ledger.Currency) string {
	if currency == "" {
		return ""
	}
	return ledger.FormatMinor(minor, currency)
}

func (g *globals) printStock(list []projections.StockRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "table" && len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("no goods have moved; take in a catalogue and deliveries: daybook import FILE…")))
		return nil
	}
	columns := []column{{t(ledger.Say("store")), "store", false}, {t(ledger.Say("article")), "sku", false}, {t(ledger.Say("name")), "name", false},
		{t(ledger.Say("on hand")), "on_hand", true}, {t(ledger.Say("reserved")), "reserved", true}, {t(ledger.Say("in transit")), "in_transit", true},
		{t(ledger.Say("on order")), "on_order", true}, {t(ledger.Say("inventory position")), "inventory_position", true},
		{t(ledger.Say("value")), "value", true}, {t(ledger.Say("currency")), "currency", false}, {t(ledger.Say("last sold")), "last_sold_on", false}}
	var rows [][]string
	for _, r := range list {
		name := r.Name
		if !r.Listed && g.output == "table" {
			name = t(ledger.Say("(not in the catalogue)"))
		}
		rows = append(rows, []string{string(r.Store), r.SKU, name, quantity(r.OnHand), quantity(r.Reserved), quantity(r.InTransit), quantity(r.OnOrder), quantity(r.Position),
			valueText(r.Value, r.Currency), string(r.Currency), dueText(r.LastSold)})
	}
	return g.printList(columns, rows, list)
}

func (g *globals) stockMovesCommand() *cobra.Command {
	var f stockFilter
	return f.flags(&cobra.Command{
		Use:   "moves",
		Short: "What came and went, with the stock after each",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.Moves(ctx, f.filter())
				if err != nil {
					return err
				}
				return g.printMoves(list)
			})
		},
	})
}

// moveName is what a move is, in words.
func moveName(kind string) ledger.Text {
	switch kind {
	case "sold":
		return ledger.Say("sold")
	case "returned":
		return ledger.Say("brought back")
	case "received":
		return ledger.Say("delivered")
	case "sent":
		return ledger.Say("sent to another store")
	case "arrived":
		return ledger.Say("arrived from another store")
	case "adjusted":
		return ledger.Say("adjusted")
	case "wasted":
		return ledger.Say("thrown away")
	case "opening":
		return ledger.Say("first count")
	}
	return ledger.Say("counted")
}

func (g *globals) printMoves(list []projections.MoveRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "table" && len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("none")))
		return nil
	}
	columns := []column{{t(ledger.Say("day")), "business_date", false}, {t(ledger.Say("store")), "store", false}, {t(ledger.Say("article")), "sku", false},
		{t(ledger.Say("what")), "kind", false}, {t(ledger.Say("quantity")), "qty", true}, {t(ledger.Say("stock")), "on_hand", true},
		{t(ledger.Say("document")), "doc", false}, {t(ledger.Say("other store")), "other_store", false}, {t(ledger.Say("why")), "reason", false}}
	var rows [][]string
	for _, r := range list {
		kind := r.Kind
		if g.output == "table" {
			kind = t(moveName(r.Kind))
		}
		rows = append(rows, []string{r.Day.String(), string(r.Store), r.SKU, kind, quantity(r.Qty), quantity(r.After), r.Doc, r.Other, r.Reason})
	}
	return g.printList(columns, rows, list)
}

func (g *globals) stockFlagsCommand() *cobra.Command {
	var f stockFilter
	return f.flags(&cobra.Command{
		Use:   "flags",
		Short: "What somebody should look at: stock below zero, unknown articles, transfers that differ",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.StockFlags(ctx, f.filter())
				if err != nil {
					return err
				}
				return g.printFlags(list)
			})
		},
	})
}

// flagName says what is odd.
func flagName(flag string) ledger.Text {
	switch flag {
	case "below_zero":
		return ledger.Say("below zero: more went out than was recorded as in; count it")
	case "not_in_catalogue":
		return ledger.Say("not in the catalogue")
	case "reserved_beyond_stock":
		return ledger.Say("more is reserved than is there")
	case "transfer_differs":
		return ledger.Say("another quantity arrived than was sent")
	case "received_beyond_order":
		return ledger.Say("more was received than ordered")
	case "received_without_order":
		return ledger.Say("received for an order that does not have it")
	}
	return ledger.Say("more was brought back than the ticket has")
}

func (g *globals) printFlags(list []projections.StockFlagRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "table" && len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("none")))
		return nil
	}
	columns := []column{{t(ledger.Say("store")), "store", false}, {t(ledger.Say("article")), "sku", false}, {t(ledger.Say("what")), "flag", false},
		{t(ledger.Say("document")), "doc", false}, {t(ledger.Say("quantity")), "qty", true}, {t(ledger.Say("day")), "business_date", false}}
	var rows [][]string
	for _, r := range list {
		flag := r.Flag
		if g.output == "table" {
			flag = t(flagName(r.Flag))
		}
		rows = append(rows, []string{string(r.Store), r.SKU, flag, r.Doc, quantity(r.Qty), dueText(r.Day)})
	}
	return g.printList(columns, rows, list)
}

func (g *globals) productsCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "products [NUMBER|BARCODE|NAME]",
		Short: "The catalogue: articles, barcodes, prices, suppliers",
		Long: "The articles of the catalogue, or those with a number, a barcode, or a part of a name. The catalogue comes\n" +
			"in as a CSV file by daybook import; a later file replaces the rows of the articles it has.",
		Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			return g.withViews(cmd.Context(), func(ctx context.Context, a *app) error {
				list, err := a.views.Products(ctx, strings.Join(args, ""))
				if err != nil {
					return err
				}
				return g.printProducts(list)
			})
		},
	}
}

func (g *globals) printProducts(list []projections.ProductRow) error {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if g.output == "table" && len(list) == 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("none")))
		return nil
	}
	columns := []column{{t(ledger.Say("article")), "sku", false}, {t(ledger.Say("name")), "name", false}, {t(ledger.Say("category")), "category", false},
		{t(ledger.Say("barcodes")), "barcodes", false}, {t(ledger.Say("price")), "price", true}, {t(ledger.Say("cost")), "cost", true}, {t(ledger.Say("currency")), "currency", false},
		{t(ledger.Say("supplier")), "supplier", false}, {t(ledger.Say("pack")), "pack", true}}
	var rows [][]string
	for _, r := range list {
		rows = append(rows, []string{r.SKU, r.Name, r.Category, strings.Join(r.Barcodes, " "), valueText(r.Price, r.Currency), valueText(r.Cost, r.Currency), string(r.Currency),
			r.Supplier, quantity(r.Pack)})
	}
	return g.printList(columns, rows, list)
}
