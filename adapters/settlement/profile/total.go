package profile

import (
	"slices"
	"strings"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// checkTotals makes a Control of each total that the file states. One that the profile expects
// and the file does not have means that the file was cut.
func (b *bill) checkTotals() {
	missing := map[string]bool{b.profile.End: b.profile.End != "" && !b.ended} // a row that ends the list and has totals, or several, is missed once
	for _, total := range b.profile.Totals {
		at := slices.IndexFunc(b.totals, func(row files.Row) bool { return b.begins(row, total.Row) })
		if at < 0 {
			if !total.Optional && !missing[total.Row] {
				b.missing(total.Row)
				missing[total.Row] = true
			}
			continue
		}
		row := b.totals[at]
		text, found := b.stated(row, total)
		if !found {
			b.problems.Add(&files.Error{File: b.file, Row: row.Line, Column: total.place(), Value: row.Raw,
				Text: ledger.Say("the total that the profile expects is not in this row"),
				Hint: ledger.Say("compare totals: in the profile with the row, or download the file again")})
			continue
		}
		b.control(row, total, text)
	}
}

// place is what a message calls the place of a total.
func (t Total) place() string {
	if t.Column != "" {
		return t.Column
	}
	return t.Label
}

// stated is the text of a total in its row.
func (b *bill) stated(row files.Row, total Total) (string, bool) {
	at := total.Cell - 1
	switch {
	case total.Label != "":
		_, rest, found := strings.Cut(row.Raw, total.Label)
		value := numberIn(rest)
		return value, found && value != ""
	case b.profile.Fixed != nil:
		value, found := b.column(row, b.profile.Fixed.Trailer.Columns.headings(), total.Column)
		return files.Truncate(value), found && value != ""
	case total.Column != "":
		at = slices.IndexFunc(b.sheet.Headings, func(heading string) bool { return files.Fold(heading) == files.Fold(total.Column) })
	}
	if at < 0 || at >= len(row.Cells) {
		return "", false
	}
	value := b.clean(row.Cells[at])
	return files.Truncate(value), value != ""
}

// numberIn is the number that a text begins with, behind a colon and blanks.
func numberIn(text string) string {
	text = strings.TrimLeft(text, ":： \t\u00a0\u3000\"")
	end := strings.IndexFunc(text, func(r rune) bool {
		return !strings.ContainsRune("0123456789０１２３４５６７８９+-−.,'()¥￥", r)
	})
	if end >= 0 {
		text = text[:end]
	}
	return files.Truncate(strings.TrimRight(text, ".,'+("))
}

// control compares a total with the lines.
func (b *bill) control(row files.Row, total Total, text string) {
	bad := func(text string, what, hint ledger.Text) {
		b.problems.Add(&files.Error{File: b.file, Row: row.Line, Column: total.place(), Value: text, Text: what, Hint: hint})
	}
	computed, currency, mixed := b.sum(total)
	control := reconcile.Control{Name: strings.TrimSpace(files.Truncate(total.Row) + " " + total.place()), Row: row.Line, Computed: computed}
	if total.Of == "count" {
		stated, ok := files.Whole(strings.ReplaceAll(text, ",", ""))
		if !ok {
			bad(text, ledger.Say("this is not a whole number"), ledger.Say("compare totals: in the profile with the row, or download the file again"))
			return
		}
		control.Stated = stated
	} else {
		if mixed {
			bad(text, ledger.Say("this is one total over rows in several currencies"), ledger.Say("name the currency of each total: totals: - currency: EUR"))
			return
		}
		stated, err := b.profile.parse(text, currency)
		if err != nil {
			bad(text, ledger.Say("this total cannot be read"), ledger.Say("compare totals: in the profile with the row, or download the file again"))
			return
		}
		control.Stated, control.Currency = stated, currency
	}
	switch total.Sign {
	case "reversed":
		control.Computed = -control.Computed
	case "unsigned":
		control.Computed, control.Stated = magnitude(control.Computed), magnitude(control.Stated)
	}
	b.statement.Controls = append(b.statement.Controls, control)
}

// sum adds up the lines that a total is of.
func (b *bill) sum(total Total) (sum int64, currency ledger.Currency, mixed bool) {
	currency = ledger.Currency(total.Currency)
	for n, line := range b.statement.Lines {
		if len(total.Types) > 0 && !slices.Contains(total.Types, b.moves[n]) || total.Currency != "" && line.Currency != currency {
			continue
		}
		if currency != "" && line.Currency != currency {
			mixed = true
		}
		currency = line.Currency
		value := int64(1)
		switch total.Of {
		case "gross":
			value = line.Gross
		case "discount":
			value = line.Discount
		case "fee":
			value = line.Fee
		case "net":
			value = line.Net
		}
		sum = settlement.Add(sum, value)
	}
	if currency == "" { // a file without rows still states its totals, of nothing
		if currency = b.currency; currency == "" {
			currency = whole
		}
	}
	return sum, currency, mixed
}
