package till

import (
	"fmt"
	"testing"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"
)

// actionGen draws every kind of action as the form can carry it.
type actionGen struct{ *rapid.T }

func (g actionGen) ref(label string) string {
	return rapid.StringMatching(`[A-Za-z0-9收银_/-]([A-Za-z0-9 收银_/-]{0,20}[A-Za-z0-9收银_/-])?`).Draw(g.T, label)
}

func (g actionGen) maybe(label string, text func(string) string) string {
	if rapid.Bool().Draw(g.T, "has "+label) {
		return text(label)
	}
	return ""
}

func (g actionGen) id(label string, maxLen int) string {
	return rapid.StringMatching(fmt.Sprintf(`[!-~]{1,%d}`, maxLen)).Filter(noCard).Draw(g.T, label)
}

func (g actionGen) maybeID(label string, maxLen int) string {
	return g.maybe(label, func(label string) string { return g.id(label, maxLen) })
}

func (g actionGen) text(label string) string {
	return rapid.StringMatching(`[ -~é–😀\x{2028}<>&"\\]{0,40}`).Filter(noCard).Draw(g.T, label)
}

func noCard(text string) bool { return files.Truncate(text) == text }

func pick[T any](g actionGen, label string, of ...T) T { return rapid.SampledFrom(of).Draw(g.T, label) }

func (g actionGen) money(label string, c ledger.Currency) ledger.Money {
	return ledger.Minor(rapid.Int64Range(0, maxDigits).Draw(g.T, label), c)
}

func (g actionGen) maybeMoney(label string, c ledger.Currency) ledger.Money {
	if rapid.Bool().Draw(g.T, "has "+label) {
		return g.money(label, c)
	}
	return ledger.Money{}
}

func (g actionGen) line(c ledger.Currency) ledger.SaleLine {
	return ledger.SaleLine{
		SKU: g.maybeID("sku", 20), Name: g.text("name"), Category: g.text("category"),
		QtyMilli: rapid.Int64Range(0, maxDigits).Draw(g.T, "qty"),
		Unit:     g.money("unit", c), Discount: g.maybeMoney("discount", c),
		Net: g.money("net", c), Tax: g.maybeMoney("tax", c),
		TaxRate: ledger.Rate(rapid.Int64Range(0, 1_000_000).Draw(g.T, "rate")),
	}
}

func (g actionGen) tender(c ledger.Currency) ledger.Tender {
	t := ledger.Tender{
		Payment:      g.ref("payment"),
		Channel:      pick(g, "channel", "cash", "card", "alipay", "wechat", "ewallet"),
		Entry:        pick(g, "entry", "", ledger.Swipe, ledger.Chip, ledger.Contactless, ledger.Manual, ledger.QRMerchant, ledger.QRCustomer),
		Verification: pick(g, "verification", "", ledger.PIN, ledger.Fingerprint, ledger.Signature, ledger.NoCheck),
		Amount:       g.money("amount", c),
		Outcome:      pick(g, "outcome", ledger.Approved, ledger.Declined, ledger.Unknown, ledger.Reversed),
		MID:          ledger.MID(g.maybeID("mid", 32)), TID: ledger.TID(g.maybeID("tid", 32)),
		Batch: ledger.BatchNo(g.maybeID("batch", 6)), STAN: ledger.STAN(g.maybeID("stan", 6)),
		RRN: ledger.RRN(g.maybeID("rrn", 12)), AuthCode: ledger.AuthCode(g.maybeID("auth", 6)),
		CardKind: pick(g, "card kind", "", "debit", "credit", "prepaid", "foreign"),
		OrderNo:  g.maybeID("order", 64), ProviderNo: g.maybeID("provider", 64), Response: g.maybeID("response", 8),
	}
	if rapid.Bool().Draw(g.T, "has card") {
		digits := rapid.StringMatching(`[0-9]{10}`).Draw(g.T, "card")
		t.Card, _ = ledger.ParseCardRef(digits[:6] + "******" + digits[6:])
	}
	return t
}

func (g actionGen) till() ledger.Till {
	offset := rapid.IntRange(-14*60, 14*60).Draw(g.T, "offset") * 60
	at := time.Unix(rapid.Int64Range(0, 4_000_000_000).Draw(g.T, "second"), 1000*rapid.Int64Range(0, 999_999).Draw(g.T, "micro"))
	t := ledger.Till{
		Terminal: ledger.TerminalID(g.id("terminal", 32)), Series: g.maybeID("series", 32),
		Seq: uint64(rapid.Int64Range(0, maxDigits).Draw(g.T, "seq")), Doc: g.ref("doc"),
		Store: "S001", At: at.In(time.FixedZone("", offset)),
		Mode: pick(g, "mode", ledger.Live, ledger.Training, ledger.Test), Cashier: g.maybeID("cashier", 32),
	}
	if t.Seq > 0 && rapid.Bool().Draw(g.T, "no doc") {
		t.Doc = ""
	}
	t.BusinessDay = shanghai.Day(t.At)
	return t
}

func (g actionGen) action() ledger.Action {
	c := pick[ledger.Currency](g, "currency", "CNY", "JPY", "KWD")
	till := g.till()
	lines := func() []ledger.SaleLine {
		var all []ledger.SaleLine
		for range rapid.IntRange(0, 3).Draw(g.T, "lines") {
			all = append(all, g.line(c))
		}
		return all
	}
	tenders := func() []ledger.Tender {
		var all []ledger.Tender
		for range rapid.IntRange(0, 3).Draw(g.T, "tenders") {
			all = append(all, g.tender(c))
		}
		return all
	}
	total := func(label string) ledger.BatchTotal {
		return ledger.BatchTotal{Count: rapid.IntRange(0, 9999).Draw(g.T, label), Amount: g.money(label, c)}
	}
	switch pick(g, "kind", kindNames()...) {
	case "sign_on":
		return ledger.CashierSignedOn{Till: till, Method: pick(g, "method", "", "pin", "card", "fingerprint")}
	case "sign_off":
		return ledger.CashierSignedOff{Till: till}
	case "shift_open":
		return ledger.ShiftOpened{Till: till, Shift: g.ref("shift")}
	case "shift_close":
		return ledger.ShiftClosed{Till: till, Shift: g.ref("shift")}
	case "drawer_open":
		return ledger.DrawerOpened{Till: till, Drawer: g.ref("drawer"), Float: g.money("float", c)}
	case "drawer_count":
		return ledger.DrawerCounted{Till: till, Drawer: g.ref("drawer"), Counted: g.money("counted", c)}
	case "cash_in":
		return ledger.CashPaidIn{Till: till, Drawer: g.ref("drawer"), Amount: g.money("amount", c), Reason: g.text("reason")}
	case "cash_out":
		return ledger.CashPaidOut{Till: till, Drawer: g.ref("drawer"), Amount: g.money("amount", c), Reason: g.text("reason")}
	case "no_sale":
		return ledger.DrawerOpenedNoSale{Till: till, Drawer: g.ref("drawer"), Reason: g.text("reason")}
	case "sale":
		sale := ledger.SaleRecorded{
			Till: till, Sale: g.ref("sale"), Lines: lines(), Tenders: tenders(),
			Discount: g.maybeMoney("discount", c), Tax: g.maybeMoney("tax", c), Total: g.money("total", c),
			Customer: g.maybeID("customer", 20),
		}
		if rapid.Bool().Draw(g.T, "has notes") {
			sale.Notes = map[string]string{g.ref("note"): g.text("value"), "Customer type": "Member"}
		}
		if rapid.Bool().Draw(g.T, "says when it began") {
			sale.Begun = till.At
		}
		return sale
	case "refund":
		return ledger.RefundRecorded{
			Till: till, Refund: g.ref("refund"), Original: g.maybe("original", g.ref),
			Lines: lines(), Tenders: tenders(), Tax: g.maybeMoney("tax", c), Total: g.money("total", c),
		}
	case "void":
		return ledger.PaymentVoided{Till: till, Original: g.ref("original"), Tender: g.tender(c)}
	case "reversal":
		return ledger.PaymentReversed{Till: till, Original: g.ref("original"), Cause: pick(g, "cause", "", "timeout", "mac", "printer", "customer")}
	case "answer":
		return ledger.PaymentAnswered{Till: till, Original: g.ref("original"), Outcome: pick(g, "outcome", ledger.Approved, ledger.Declined, ledger.Reversed)}
	case "batch_close":
		return ledger.BatchClosed{
			Till: till, Batch: ledger.BatchNo(g.id("batch", 6)),
			Sales: total("sales"), Refunds: total("refunds"), Voids: total("voids"),
		}
	}
	panic("a kind without a generator")
}

func TestEncodeThenReadIsTheSameAction(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		g := actionGen{t}
		want := []ledger.Action{g.action(), g.action()}
		var text []byte
		for _, action := range want {
			line, err := Encode(action)
			if err != nil {
				t.Fatalf("encode %+v: %v", action, err)
			}
			text = append(append(text, line...), '\n')
		}
		doc := open(t, "till.ndjson", string(text))
		if !(NDJSON{}).Sniff(doc) {
			t.Fatalf("not recognised:\n%s", text)
		}
		reading, err := NDJSON{}.Read(doc, rules)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		var got []ledger.Action
		for i, entry := range reading.Actions {
			if entry.Row != i+1 {
				t.Errorf("action %d has row %d", i+1, entry.Row)
			}
			got = append(got, entry.Action)
		}
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty(), cmp.AllowUnexported(ledger.CardRef{})); diff != "" {
			t.Errorf("want -, got +:\n%s\n%s", diff, text)
		}
		if len(reading.Truncated)+len(reading.Dropped) > 0 {
			t.Errorf("nothing was to be truncated or dropped: %v %v", reading.Truncated, reading.Dropped)
		}
	})
}
