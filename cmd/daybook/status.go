package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

func (g *globals) statusCommand() *cobra.Command {
	date, asOf := "", ""
	command := &cobra.Command{
		Use:   "status",
		Short: "The control sheet: what was sold, settled and paid, per provider and day",
		Long: "The control sheet of a day: what was sold, what of it is matched, what differs, what the bills\n" +
			"come to and what arrived at the bank. Ends with exit code 3 when differences are open.",
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) (err error) {
			var day ledger.BusinessDay
			if date != "" {
				if day, err = ledger.ParseBusinessDay(date); err != nil {
					return err
				}
			}
			var today ledger.BusinessDay
			if asOf != "" {
				if today, err = ledger.ParseBusinessDay(asOf); err != nil {
					return err
				}
			}
			a, err := open(cmd.Context(), g)
			if err != nil {
				return err
			}
			defer func() { err = errors.Join(err, a.Close()) }()
			if err := a.catchUp(cmd.Context(), g); err != nil {
				return err
			}
			st, err := a.status(cmd.Context(), g, day, today)
			if err != nil {
				return err
			}
			if err := g.printStatus(st); err != nil {
				return err
			}
			if st.Open.Count > 0 {
				return exitError(exitOpen)
			}
			return nil
		},
	}
	command.Flags().StringVar(&date, "date", "", "settlement day as YYYY-MM-DD (default: the latest)")
	command.Flags().StringVar(&asOf, "as-of", "", "take this day for today, YYYY-MM-DD")
	return command
}

// status is what there is to say of a day.
type status struct {
	Day       string                   `json:"day"`
	AsOf      ledger.Position          `json:"as_of_position"`
	Providers []providerStatus         `json:"providers"`
	Open      openSum                  `json:"open_breaks"`      // of this day
	Breaks    []breakForPrograms       `json:"breaks"`           // of this day
	Cash      []projections.DepositRow `json:"cash"`             // of the stores, on its way to the bank
	Doubts    []breakForPrograms       `json:"doubts"`           // of this day: missing, and not due yet
	OtherDays []openDay                `json:"other_days"`       // with open differences
	Kept      int                      `json:"quarantined"`      // actions kept apart, of all days
	BadRows   []projections.BadRowsRow `json:"quarantined_rows"` // of statements in force, that could not be read
	Half      []string                 `json:"unfinished"`       // files whose import was cut off
	Ahead     []projections.AheadRow   `json:"clocks_ahead"`     // business days that were not there yet when they were received
	// Late is what came after its day was locked: it counts on this day, or is of this one.
	Late []projections.MovementRow `json:"late"`

	names map[string]string
}

// providerStatus is a provider's line on the control sheet. Amounts are minor units in
// the merchant's view; a fee is positive where it is taken.
//
//	ledger = matched + late + differing + waiting
//	gross  = matched_lines + late_lines + differing_lines
//	net    = gross - discount - fee
type providerStatus struct {
	Provider       string          `json:"provider"`
	Name           string          `json:"name"`
	Channel        string          `json:"channel"`
	Currency       ledger.Currency `json:"currency"`
	Reported       bool            `json:"reported"` // the bill is here
	LedgerCount    int             `json:"ledger_count"`
	Ledger         int64           `json:"ledger_minor"`
	MatchedCount   int             `json:"matched_count"`
	Matched        int64           `json:"matched_minor"`
	LateCount      int             `json:"late_count"` // matched with another day's bill
	Late           int64           `json:"late_minor"`
	DifferingCount int             `json:"differing_count"`
	Differing      int64           `json:"differing_minor"`
	WaitingCount   int             `json:"waiting_count"`
	Waiting        int64           `json:"waiting_minor"`
	Lines          int             `json:"lines"`
	Gross          int64           `json:"gross_minor"`
	Discount       int64           `json:"discount_minor"`
	Fee            int64           `json:"fee_minor"`
	Net            int64           `json:"net_minor"`
	ContractFee    int64           `json:"contract_fee_minor"`
	MatchedLines   int64           `json:"matched_lines_minor"`
	LateLines      int64           `json:"late_lines_minor"`
	DifferingLines int64           `json:"differing_lines_minor"`
	PayoutDue      string          `json:"payout_due"`
	PayoutExpected int64           `json:"payout_expected_minor"`
	PayoutReceived int64           `json:"payout_received_minor"`
	PayoutState    string          `json:"payout_state"`
}

func newProviderStatus(r projections.SheetRow, name string) providerStatus {
	return providerStatus{
		Provider: string(r.Provider), Name: name, Channel: r.Channel, Currency: r.Currency, Reported: r.Reported,
		LedgerCount: r.Ledger.Count, Ledger: r.Ledger.Amount,
		MatchedCount: r.Matched.Count, Matched: r.Matched.Amount, LateCount: r.Late.Count, Late: r.Late.Amount,
		DifferingCount: r.Expected.Count + r.Absent.Count + r.Open.Count - r.Late.Count,
		Differing:      r.Expected.Amount + r.Absent.Amount + r.Open.Amount - r.Late.Amount,
		WaitingCount:   r.Waiting.Count, Waiting: r.Waiting.Amount,
		Lines: r.Bill.Lines, Gross: r.Bill.Gross, Discount: r.Bill.Discount, Fee: r.Bill.Fee, Net: r.Bill.Net, ContractFee: r.ContractFee,
		MatchedLines: r.MatchedLines.Amount, LateLines: r.LateLines.Amount,
		DifferingLines: r.Actual.Amount + r.Cancelled.Amount + r.OpenLines.Amount - r.LateLines.Amount,
		PayoutDue:      r.PayoutDue.String(), PayoutExpected: r.PayoutExpected, PayoutReceived: r.PayoutReceived, PayoutState: string(r.PayoutState),
	}
}

// wait moves payments that are in transit, and in doubt, from what differs to what waits.
func (p *providerStatus) wait(doubts []projections.BreakRow) {
	for _, b := range doubts {
		if b.Kind == reconcile.TimingNextDay && string(b.Provider) == p.Provider && b.Currency == p.Currency {
			p.DifferingCount, p.Differing = p.DifferingCount-1, p.Differing-b.Expected
			p.WaitingCount, p.Waiting = p.WaitingCount+1, p.Waiting+b.Expected
		}
	}
}

type openSum struct {
	Count   int            `json:"count"`
	Amounts []ledger.Money `json:"amounts"` // in question, per currency
}

type openDay struct {
	Day   string `json:"day"`
	Count int    `json:"count"`
}

// status reads the control sheet of a day; of the latest when none is named.
func (a *app) status(ctx context.Context, g *globals, day, today ledger.BusinessDay) (*status, error) {
	asOf, err := a.views.AsOf(ctx)
	if err != nil {
		return nil, err
	}
	days, err := a.views.Days(ctx)
	if err != nil {
		return nil, err
	}
	st := &status{AsOf: asOf, Providers: []providerStatus{}, OtherDays: []openDay{}, Breaks: []breakForPrograms{}, Open: openSum{Amounts: []ledger.Money{}}, Late: []projections.MovementRow{}, names: a.settings.names}
	if day.IsZero() {
		newest, err := a.views.Newest(ctx)
		if err != nil {
			return nil, err
		}
		day = latest(days, newest)
	}
	if day.IsZero() {
		return st, nil
	}
	st.Day = day.String()
	sheet, err := a.views.Status(ctx, day)
	if err != nil {
		return nil, err
	}
	for _, row := range sheet {
		st.Providers = append(st.Providers, newProviderStatus(row, cmp.Or(a.settings.names[string(row.Provider)], string(row.Provider))))
	}
	all, err := a.views.Breaks(ctx, projections.BreakFilter{Day: day, AsOf: today})
	if err != nil {
		return nil, err
	}
	var breaks, doubts []projections.BreakRow
	for _, b := range all {
		switch b.State {
		case "open":
			breaks = append(breaks, b)
		case "doubt":
			doubts = append(doubts, b)
		}
	}
	st.Doubts = g.forPrograms(doubts)
	if st.Cash, err = a.views.Deposits(ctx, day); err != nil {
		return nil, err
	}
	for n := range st.Providers {
		st.Providers[n].wait(doubts)
	}
	st.Breaks, st.Open = g.forPrograms(breaks), sumBreaks(breaks)
	for _, other := range days {
		if other.Day != day && other.OpenBreaks > 0 {
			st.OtherDays = append(st.OtherDays, openDay{other.Day.String(), other.OpenBreaks})
		}
	}
	late, err := a.views.Late(ctx, projections.StatementFilter{From: day, To: day})
	if err != nil {
		return nil, err
	}
	st.Late = append(st.Late, late...)
	kept, err := a.views.Quarantined(ctx)
	if err != nil {
		return nil, err
	}
	st.Kept = len(kept)
	if st.BadRows, err = a.views.BadRows(ctx); err != nil {
		return nil, err
	}
	if st.Half, err = a.views.Unfinished(ctx); err != nil {
		return nil, err
	}
	st.Ahead, err = a.views.ClocksAhead(ctx)
	return st, err
}

// latest is the last day with a control sheet, or else with anything. One after the newest
// of which there are facts is of a till whose clock is ahead, and only taken for want of
// another.
func latest(days []projections.DayRow, newest ledger.BusinessDay) (day ledger.BusinessDay) {
	sheets := 0
	for _, d := range days { // oldest first
		if !day.IsZero() && d.Day.Compare(newest) > 0 {
			break
		}
		if d.Sheets > 0 || sheets == 0 {
			day, sheets = d.Day, d.Sheets
		}
	}
	return day
}

func sumBreaks(breaks []projections.BreakRow) openSum {
	sum := openSum{Count: len(breaks), Amounts: []ledger.Money{}}
	for _, b := range breaks {
		found := false
		for n := range sum.Amounts {
			if sum.Amounts[n].Currency == b.Currency {
				sum.Amounts[n] = sum.Amounts[n].Add(ledger.Minor(b.Amount, b.Currency))
				found = true
			}
		}
		if !found {
			sum.Amounts = append(sum.Amounts, ledger.Minor(b.Amount, b.Currency))
		}
	}
	return sum
}

func (g *globals) printStatus(st *status) error {
	switch g.output {
	case "json":
		return g.printJSON(st)
	case "csv":
		return printRecords(g, st.Providers)
	}
	g.printSheet(st)
	return nil
}

// printSheet prints the control sheet for people.
func (g *globals) printSheet(st *status) {
	t := func(text ledger.Text) string { return g.say.text(text) }
	if st.Day == "" {
		fmt.Fprintln(g.stdout, t(ledger.Say("nothing to reconcile yet: import till journals and bills with daybook import FILE…")))
		return
	}
	fmt.Fprintln(g.stdout, t(ledger.Say("Control sheet of %s, as of journal position %d", st.Day, uint64(st.AsOf))))
	fmt.Fprintln(g.stdout)
	columns := []column{
		{heading: t(ledger.Say("provider"))}, {heading: t(ledger.Say("currency"))},
		{heading: t(ledger.Say("sold")), right: true}, {heading: t(ledger.Say("matched")), right: true}, {heading: t(ledger.Say("payments")), right: true},
		{heading: t(ledger.Say("differing")), right: true}, {heading: t(ledger.Say("waiting")), right: true},
		{heading: t(ledger.Say("billed")), right: true}, {heading: t(ledger.Say("coupons")), right: true}, {heading: t(ledger.Say("fee")), right: true}, {heading: t(ledger.Say("net")), right: true},
		{heading: t(ledger.Say("bank")), right: true}, {heading: t(ledger.Say("state"))},
	}
	var rows [][]string
	for _, p := range st.Providers {
		amount := func(minor int64) string { return ledger.FormatMinor(minor, p.Currency) }
		rows = append(rows, []string{
			p.Name, string(p.Currency),
			amount(p.Ledger), amount(p.Matched + p.Late), strconv.Itoa(p.MatchedCount+p.LateCount) + "/" + strconv.Itoa(p.LedgerCount),
			amount(p.Differing), amount(p.Waiting),
			amount(p.Gross), amount(p.Discount), amount(p.Fee), amount(p.Net), amount(p.PayoutReceived), t(p.state()),
		})
	}
	g.printTable(columns, rows)
	for _, p := range st.Providers {
		g.printEquations(p, slices.ContainsFunc(st.Providers, func(o providerStatus) bool { return o.Provider == p.Provider && o.Currency != p.Currency }))
	}
	for _, d := range st.Cash {
		g.printCash(d)
	}
	g.printLate(st.Late, st.names)
	fmt.Fprintln(g.stdout)
	g.printBreaks(st.Breaks)
	if len(st.Doubts) > 0 {
		fmt.Fprintln(g.stdout)
		g.printBreaks(st.Doubts)
	}
	for _, other := range st.OtherDays {
		fmt.Fprintln(g.stdout, t(ledger.Say("open differences of %s: %d; see them with: daybook status --date %s", other.Day, other.Count, other.Day)))
	}
	for _, ahead := range st.Ahead {
		fmt.Fprintln(g.stdout, t(ledger.Say("%s: the clock of %s said %s on %s: set it right; that day does not count as today", ahead.Store, strings.Join(ahead.Terminals, ", "), ahead.Day.String(), ahead.Recorded.String())))
	}
	for _, file := range st.Half {
		fmt.Fprintln(g.stdout, t(ledger.Say("the import of %s was cut off and is half done: import the file again", file)))
	}
	for _, bad := range st.BadRows {
		fmt.Fprintln(g.stdout, t(ledger.Say("%s: %d rows could not be read; see them with: daybook query 'SELECT * FROM fct_quarantined_rows'", bad.File, bad.Rows)))
	}
	if st.Kept > 0 {
		fmt.Fprintln(g.stdout, t(ledger.Say("actions kept apart, because their number had been reported before with other content: %d; see them with: daybook query 'SELECT * FROM fct_quarantined'", st.Kept)))
	}
}

// state says in a word or two where a provider's day stands.
func (p providerStatus) state() ledger.Text {
	switch {
	case !p.Reported:
		return ledger.Say("waits for the bill")
	}
	return payoutWord(p.PayoutState)
}

// payoutWord says in a word or two where a payout stands.
func payoutWord(state string) ledger.Text {
	switch reconcile.PayoutState(state) {
	case reconcile.PayoutReceived:
		return ledger.Say("bank agrees")
	case reconcile.PayoutDiffers:
		return ledger.Say("bank differs")
	case reconcile.PayoutAbsent:
		return ledger.Say("not at the bank")
	case reconcile.PayoutPending:
		return ledger.Say("waits for the bank statement")
	case reconcile.PayoutUnbilled:
		return ledger.Say("waits for the bill")
	}
	return ledger.Say("nothing due")
}

// printCash shows that the cash of a store is accounted for, down to the bank.
func (g *globals) printCash(d projections.DepositRow) {
	amount := func(minor int64) string { return ledger.FormatMinor(minor, d.Currency) }
	way, missing := int64(0), d.ToDeposit-d.Received
	if d.State == reconcile.PayoutPending {
		way, missing = missing, 0
	}
	fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s, cash %s: sold %s + paid in %s - paid out %s + over or short %s = to deposit %s = deposited %s + on its way %s + missing %s (due %s)",
		string(d.Store), string(d.Currency), amount(d.Sold), amount(d.In), amount(d.Out), amount(d.OverShort), amount(d.ToDeposit), amount(d.Received), amount(way), amount(missing), d.Due.String())))
}

// printEquations shows that every amount is accounted for. A provider with several currencies
// is named with each.
func (g *globals) printEquations(p providerStatus, several bool) {
	if several {
		p.Name += " " + string(p.Currency)
	}
	amount := func(minor int64) string { return ledger.FormatMinor(minor, p.Currency) }
	fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: sold %s = matched %s + matched with another day %s + differing %s + waiting %s",
		p.Name, amount(p.Ledger), amount(p.Matched), amount(p.Late), amount(p.Differing), amount(p.Waiting))))
	if p.Reported {
		fmt.Fprintln(g.stdout, g.say.text(ledger.Say("%s: billed %s = matched %s + matched with another day %s + differing %s; less coupons %s and fees %s (contract: %s) = net %s",
			p.Name, amount(p.Gross), amount(p.MatchedLines), amount(p.LateLines), amount(p.DifferingLines),
			amount(p.Discount), amount(p.Fee), amount(p.ContractFee), amount(p.Net))))
	}
}
