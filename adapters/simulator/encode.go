package simulator

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"time"

	"daybook/ledger"
)

// appendAction writes an action in the till's NDJSON form (documented in adapters/till). It
// is what till.Encode gives, at a tenth of the cost; a test holds them together.
func appendAction(b []byte, action ledger.Action) []byte {
	o := object{b: b}
	switch a := action.(type) {
	case ledger.CashierSignedOn:
		o.head("sign_on", a.Till, "")
		o.optional("method", a.Method)
	case ledger.CashierSignedOff:
		o.head("sign_off", a.Till, "")
	case ledger.ShiftOpened:
		o.head("shift_open", a.Till, "")
		o.text("shift", a.Shift)
	case ledger.ShiftClosed:
		o.head("shift_close", a.Till, "")
		o.text("shift", a.Shift)
	case ledger.DrawerOpened:
		o.head("drawer_open", a.Till, a.Float.Currency)
		o.text("drawer", a.Drawer)
		o.amount("float", a.Float)
	case ledger.DrawerCounted:
		o.head("drawer_count", a.Till, a.Counted.Currency)
		o.text("drawer", a.Drawer)
		o.amount("counted", a.Counted)
	case ledger.CashPaidOut:
		o.head("cash_out", a.Till, a.Amount.Currency)
		o.text("drawer", a.Drawer)
		o.amount("amount", a.Amount)
		o.optional("reason", a.Reason)
	case ledger.DrawerOpenedNoSale:
		o.head("no_sale", a.Till, "")
		o.text("drawer", a.Drawer)
		o.optional("reason", a.Reason)
	case ledger.SaleRecorded:
		o.head("sale", a.Till, a.Total.Currency)
		o.text("sale", a.Sale)
		o.lines(a.Lines, nil)
		o.tenders(a.Tenders)
		o.amount("tax", a.Tax)
		o.amount("total", a.Total)
		o.optional("customer", a.Customer)
	case ledger.RefundRecorded:
		o.head("refund", a.Till, a.Total.Currency)
		o.text("refund", a.Refund)
		o.optional("original", a.Original)
		o.lines(a.Lines, a.Wasted)
		o.tenders(a.Tenders)
		if a.Tax != (ledger.Money{}) {
			o.amount("tax", a.Tax)
		}
		o.amount("total", a.Total)
	case ledger.PaymentVoided:
		o.head("void", a.Till, a.Tender.Amount.Currency)
		o.text("original", a.Original)
		o.name("tender")
		o.tender(&a.Tender)
	case ledger.PaymentReversed:
		o.head("reversal", a.Till, "")
		o.text("original", a.Original)
		o.optional("cause", a.Cause)
	case ledger.PaymentAnswered:
		o.head("answer", a.Till, "")
		o.text("original", a.Original)
		o.text("outcome", string(a.Outcome))
	case ledger.BatchClosed:
		o.head("batch_close", a.Till, a.Sales.Amount.Currency)
		o.text("batch", string(a.Batch))
		o.batchTotal("sales", a.Sales)
		o.batchTotal("refunds", a.Refunds)
		o.batchTotal("voids", a.Voids)
	default:
		panic(fmt.Sprintf("no till reports %T", action)) // made in this package only
	}
	return append(o.b, '}')
}

// object is a JSON object being written.
type object struct {
	b []byte
}

func (o *object) name(name string) {
	if o.b[len(o.b)-1] != '{' {
		o.b = append(o.b, ',')
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, name...)
	o.b = append(o.b, '"', ':')
}

func (o *object) text(name, value string) {
	o.name(name)
	if !plain(value) {
		quoted, err := json.Marshal(value)
		if err != nil {
			panic(err) // a string always encodes
		}
		o.b = append(o.b, quoted...)
		return
	}
	o.b = append(o.b, '"')
	o.b = append(o.b, value...)
	o.b = append(o.b, '"')
}

// plain: as it stands, between quotes, a text is JSON. Of what begins with the bytes of
// U+2028, U+2029 and U+FFFD some would be.
func plain(value string) bool {
	for i := range len(value) {
		if c := value[i]; c < ' ' || c == '"' || c == '\\' || c == 0xe2 || c == 0xef {
			return false
		}
	}
	return true
}

func (o *object) optional(name, value string) {
	if value != "" {
		o.text(name, value)
	}
}

func (o *object) amount(name string, m ledger.Money) {
	o.name(name)
	o.b = append(o.b, '"')
	o.b = appendMajor(o.b, m.Minor, m.Currency)
	o.b = append(o.b, '"')
}

func (o *object) head(kind string, t ledger.Till, currency ledger.Currency) {
	o.b = append(o.b, '{')
	o.text("kind", kind)
	o.text("terminal", string(t.Terminal))
	o.name("seq")
	o.b = strconv.AppendUint(o.b, t.Seq, 10)
	o.text("store", string(t.Store))
	o.name("at")
	o.b = append(o.b, '"')
	o.b = t.At.AppendFormat(o.b, time.RFC3339Nano)
	o.b = append(o.b, '"')
	o.optional("mode", string(t.Mode))
	o.optional("cashier", t.Cashier)
	o.optional("currency", string(currency))
}

func (o *object) lines(lines []ledger.SaleLine, wasted []int) {
	if len(lines) == 0 {
		return
	}
	o.name("lines")
	o.b = append(o.b, '[')
	for i := range lines {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		l := &lines[i]
		o.b = append(o.b, '{')
		o.text("sku", l.SKU)
		o.text("name", l.Name)
		o.text("category", l.Category)
		o.name("qty")
		o.b = append(o.b, '"')
		o.b = appendQuantity(o.b, l.QtyMilli)
		o.b = append(o.b, '"')
		o.amount("unit", l.Unit)
		if l.Discount != (ledger.Money{}) {
			o.amount("discount", l.Discount)
		}
		o.amount("net", l.Net)
		o.amount("tax", l.Tax)
		if l.TaxRate != 0 {
			o.name("tax_rate")
			o.b = append(o.b, '"')
			o.b = appendPercent(o.b, int64(l.TaxRate))
			o.b = append(o.b, '"')
		}
		if len(wasted) > 0 && slices.Contains(wasted, i+1) {
			o.text("disposition", "waste")
		}
		o.b = append(o.b, '}')
	}
	o.b = append(o.b, ']')
}

// appendPercent writes parts per million.
func appendPercent(b []byte, ppm int64) []byte {
	b = strconv.AppendInt(b, ppm/10_000, 10)
	if rest := ppm % 10_000; rest > 0 {
		b = append(b, '.')
		b = appendPadded(b, rest, 4)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return append(b, '%')
}

// appendQuantity writes thousandths without zeros at the end.
func appendQuantity(b []byte, milli int64) []byte {
	b = strconv.AppendInt(b, milli/1000, 10)
	if rest := milli % 1000; rest > 0 {
		b = append(b, '.')
		b = appendPadded(b, rest, 3)
		for b[len(b)-1] == '0' {
			b = b[:len(b)-1]
		}
	}
	return b
}

func (o *object) tenders(tenders []ledger.Tender) {
	o.name("tenders")
	o.b = append(o.b, '[')
	for i := range tenders {
		if i > 0 {
			o.b = append(o.b, ',')
		}
		o.tender(&tenders[i])
	}
	o.b = append(o.b, ']')
}

func (o *object) tender(t *ledger.Tender) {
	o.b = append(o.b, '{')
	o.text("payment", t.Payment)
	o.text("channel", t.Channel)
	o.optional("entry", string(t.Entry))
	o.optional("verification", string(t.Verification))
	o.amount("amount", t.Amount)
	o.text("outcome", string(t.Outcome))
	o.optional("mid", string(t.MID))
	o.optional("tid", string(t.TID))
	o.optional("batch", string(t.Batch))
	o.optional("stan", string(t.STAN))
	o.optional("rrn", string(t.RRN))
	o.optional("auth_code", string(t.AuthCode))
	if !t.Card.IsZero() {
		o.text("card", t.Card.String())
	}
	o.optional("card_kind", t.CardKind)
	o.optional("order_no", t.OrderNo)
	o.optional("provider_no", t.ProviderNo)
	o.optional("response", t.Response)
	o.b = append(o.b, '}')
}

func (o *object) batchTotal(name string, t ledger.BatchTotal) {
	o.name(name)
	o.b = append(o.b, '{')
	o.name("count")
	o.b = strconv.AppendInt(o.b, int64(t.Count), 10)
	o.amount("amount", t.Amount)
	o.b = append(o.b, '}')
}

// appendMajor writes minor units of a currency in major units, written out here apart from
// the ledger's own printing.
func appendMajor(b []byte, minor int64, currency ledger.Currency) []byte {
	if minor < 0 {
		b, minor = append(b, '-'), -minor
	}
	switch decimals[currency] {
	case 0:
		return strconv.AppendInt(b, minor, 10)
	case 3:
		b = strconv.AppendInt(b, minor/1000, 10)
		return appendPadded(append(b, '.'), minor%1000, 3)
	}
	b = strconv.AppendInt(b, minor/100, 10)
	return appendPadded(append(b, '.'), minor%100, 2)
}

// decimals of the currencies there are (ISO 4217).
var decimals = map[ledger.Currency]int{"CNY": 2, "USD": 2, "HKD": 2, "EUR": 2, "CAD": 2, "JPY": 0, "ISK": 0, "KWD": 3}

func major(minor int64, currency ledger.Currency) string {
	var room [32]byte
	return string(appendMajor(room[:0], minor, currency))
}

// yuan prints fen.
func yuan(fen int64) string { return major(fen, "CNY") }
