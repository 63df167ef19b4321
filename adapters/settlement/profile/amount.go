package profile

import (
	"strings"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// whole is a currency without decimals: whole minor units are read as an amount in it.
const whole = ledger.Currency("JPY")

// parse reads an amount as the profile says amounts are written, into minor units.
func (p Profile) parse(text string, currency ledger.Currency) (int64, error) {
	normal := strings.Trim(text, " \t\u00a0\u3000")
	if body, trailing := strings.CutSuffix(normal, "-"); trailing && !strings.ContainsAny(body, "-(+") {
		normal = "-" + strings.TrimRight(body, " \t\u00a0")
	}
	decimal, thousands := p.decimal(), p.Amounts.Thousands
	if thousands == "" && decimal == "." {
		thousands = "," // what every reader of a point expects
	}
	bad := false
	normal = strings.Map(func(r rune) rune {
		switch s := string(r); {
		case s == decimal:
			return '.'
		case s == thousands, thousands == " " && (r == '\u00a0' || r == '\u202f'):
			return ','
		case r == '.' || r == ',':
			bad = true
		}
		return r
	}, normal)
	switch {
	case bad:
		return 0, ledger.Problem("%q is not an amount", text)
	case p.minor():
		return ledger.ParseAmount(normal, whole)
	}
	return ledger.ParseAmount(normal, currency)
}

// amount reads a cell that must hold an amount.
func (b *bill) amount(r *files.Record, heading string, currency ledger.Currency) int64 {
	if !r.Has(heading) {
		r.Wrong(heading, ledger.Say("the cell is empty"), ledger.Say("every row needs this value; compare the row with the original file"))
		return 0
	}
	minor, err := b.profile.parse(r.Text(heading), currency)
	if err == nil {
		return minor
	}
	switch {
	case b.profile.minor():
		r.Wrong(heading, ledger.Say("this is not a number of whole minor units"), ledger.Say("if the file writes amounts with decimals, write unit: major under amounts: in the profile; else compare the row with the original file"))
	default:
		r.Wrong(heading, ledger.Say("this is not an amount in %s with a %q before its decimals", string(currency), b.profile.decimal()),
			ledger.Say("compare decimal:, thousands: and unit: under amounts: in the profile with the file, or ask for the original"))
	}
	return 0
}

// side reads an amount from one column or from the one of two that is filled. There is none
// where nothing is filled.
func (b *bill) side(r *files.Record, one, credit, debit string, currency ledger.Currency) (amount int64, there bool) {
	if credit == "" {
		if one == "" || !r.Has(one) {
			return 0, false
		}
		return b.amount(r, one, currency), true
	}
	read := func(heading string) int64 {
		if !r.Has(heading) {
			return 0
		}
		minor := b.amount(r, heading, currency)
		if minor < 0 {
			r.Wrong(heading, ledger.Say("the amount is negative, where the column already says which way the money goes"),
				ledger.Say("compare the row with the original file"))
		}
		return minor
	}
	in, out := read(credit), read(debit)
	if in != 0 && out != 0 {
		r.Reject(ledger.Say("the row has both %s and %s", credit, debit), ledger.Say("compare the row with the original file"))
	}
	return in - out, r.Has(credit) || r.Has(debit)
}

// several adds up the columns of a fee or discount.
func (b *bill) several(r *files.Record, headings Words, currency ledger.Currency) (sum int64, there bool) {
	for _, heading := range headings {
		if b.sheet.Has(heading) && r.Has(heading) {
			sum, there = settlement.Add(sum, b.amount(r, heading, currency)), true
		}
	}
	return sum, there || len(headings) > 0 && b.profile.Amounts.Empty == "zero"
}

// readAmounts fills in gross, discount, fee and net: those that the row has, in the merchant's
// view, and the one that follows from the others.
func (b *bill) readAmounts(r *files.Record, line *reconcile.Line, m meaning) {
	c := b.profile.Columns
	gross, hasGross := b.side(r, c.Gross, c.GrossCredit, c.GrossDebit, line.Currency)
	net, hasNet := b.side(r, c.Net, c.NetCredit, c.NetDebit, line.Currency)
	fee, hasFee := b.several(r, c.Fee, line.Currency)
	discount, _ := b.several(r, c.Discount, line.Currency)
	if !r.Sound() {
		return
	}
	if b.profile.Amounts.Sign == "reversed" {
		gross, net = -gross, -net
	}
	if b.profile.byType() && m.way != 0 {
		gross, net = magnitude(gross)*int64(m.way), magnitude(net)*int64(m.way)
	}
	way := int64(1)
	if gross < 0 || !hasGross && net < 0 {
		way = -1
	}
	switch b.profile.Fees() {
	case "negative":
		fee, discount = -fee, -discount
	case "unsigned":
		fee, discount = magnitude(fee)*way, magnitude(discount)*way
	}
	// A row that is no payment need not have every amount of one.
	payment := m.kind == reconcile.SaleLine || m.kind == reconcile.RefundLine || m.kind == reconcile.VoidLine || m.kind == reconcile.ReversalLine
	lacks := func(heading string) {
		r.Wrong(heading, ledger.Say("the cell is empty"), ledger.Say("every row needs this value; compare the row with the original file"))
	}
	switch {
	case hasGross && hasNet && !hasFee:
		fee = gross - discount - net
	case hasGross && !hasNet:
		if name := c.Net + c.NetCredit; payment && name != "" {
			lacks(name)
		}
		if payment && len(c.Fee) > 0 && !hasFee {
			lacks(c.Fee[0])
		}
		net = gross - discount - fee
	case !hasGross && hasNet:
		if name := c.Gross + c.GrossCredit; payment && name != "" {
			lacks(name)
		}
		if payment && len(c.Fee) > 0 && !hasFee {
			lacks(c.Fee[0])
		}
		gross = net + discount + fee
	case !hasGross && !hasNet:
		if payment {
			lacks(firstOf(c.Gross, c.GrossCredit, c.Net, c.NetCredit))
		}
		net = -discount - fee
	}
	line.Gross, line.Discount, line.Fee, line.Net = gross, discount, fee, net
	b.checkSign(r, line)
}

// checkSign refuses a sale that takes money and a refund that brings some: the profile has the
// signs wrong, and every figure would be.
func (b *bill) checkSign(r *files.Record, line *reconcile.Line) {
	heading := firstOf(b.profile.Columns.Gross, b.profile.Columns.GrossCredit, b.profile.Columns.Net, b.profile.Columns.NetCredit)
	if len(b.profile.Columns.Type) == 0 {
		if line.Gross < 0 {
			line.Kind = reconcile.RefundLine
		}
		return
	}
	hint := ledger.Say("if the type gives the sign, write sign: by_type under amounts: in the profile; if the file has the acquirer's view, sign: reversed")
	switch {
	case line.Kind == reconcile.SaleLine && line.Gross < 0:
		r.Wrong(heading, ledger.Say("this is money from the merchant, but %s is a sale", line.RawKind), hint)
	case (line.Kind == reconcile.RefundLine || line.Kind == reconcile.VoidLine) && line.Gross > 0:
		r.Wrong(heading, ledger.Say("this is money to the merchant, but %s is a refund or void", line.RawKind), hint)
	case line.Kind == reconcile.FeeLine: // what is printed as its amount is the fee
		line.Gross, line.Fee = 0, line.Fee-line.Gross
	}
}

func firstOf(names ...string) string {
	for _, name := range names {
		if name != "" {
			return name
		}
	}
	return ""
}

func magnitude(n int64) int64 {
	if n < 0 {
		return -n
	}
	return n
}
