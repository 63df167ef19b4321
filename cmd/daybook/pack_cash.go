package main

import (
	"strings"

	"daybook/ledger"
	"daybook/reconcile"
)

// depositsTable is the stores' cash of the day: what the drawers held, and what the bank has
// of it.
//
//	to_deposit = sold + paid_in - paid_out + over_short
func depositsTable(f *reconcile.DayFacts) packTable {
	table := packTable{name: "deposits", heading: ledger.Say("Cash to the bank"), columns: []packColumn{
		{name: "store", heading: ledger.Say("store")},
		{name: "currency", heading: ledger.Say("currency")},
		{name: "due", heading: ledger.Say("due")},
		{name: "days", heading: ledger.Say("days")},
		{name: "sold", heading: ledger.Say("sold"), number: true},
		{name: "paid_in", heading: ledger.Say("paid in"), number: true},
		{name: "paid_out", heading: ledger.Say("paid out"), number: true},
		{name: "over_short", heading: ledger.Say("over or short"), number: true},
		{name: "to_deposit", heading: ledger.Say("to deposit"), number: true},
		{name: "received", heading: ledger.Say("bank"), number: true},
		{name: "state", heading: ledger.Say("state"), word: payoutWord},
		{name: "bank_rows"},
	}}
	for _, d := range f.Deposits {
		var days []string
		for _, day := range d.Days {
			days = append(days, day.String())
		}
		row := []string{string(d.Store), string(d.Currency), d.Due.String(), strings.Join(days, " ")}
		for _, minor := range []int64{d.Sold, d.In, d.Out, d.OverShort, d.ToDeposit, d.Received} {
			row = append(row, ledger.FormatMinor(minor, d.Currency))
		}
		table.rows = append(table.rows, append(row, string(d.State), strings.Join(d.Credits, " ")))
	}
	return table
}
