package simulator

import (
	"errors"
	"fmt"

	"daybook/ledger"
)

// Adyen's settlement details report with its default columns. (Settlement formats 5.1.)
const adyenHeader = "Company Account,Merchant Account,Psp Reference,Merchant Reference,Payment Method,Creation Date,TimeZone,Type,Modification Reference,Gross Currency,Gross Debit (GC),Gross Credit (GC),Exchange Rate,Net Currency,Net Debit (NC),Net Credit (NC),Commission (NC),Markup (NC),Scheme Fees (NC),Interchange (NC),Payment Method Variant,Modification Merchant Reference,Batch Number,Reserved4,Reserved5,Reserved6,Reserved7,Reserved8,Reserved9,Reserved10"

type adyenBill struct {
	b     *bill
	t     *text
	batch string
	net   int64
}

func openAdyen(b *bill) rows {
	a := &adyenBill{b: b, batch: fmt.Sprint(118 + b.date.n)}
	a.t = b.create(fmt.Sprintf("settlement_detail_report_batch_%s.csv", a.batch), false)
	a.t.put(adyenHeader)
	a.t.end()
	return a
}

// sides appends a debit and a credit cell, of which one is filled.
func (t *text) sides(minor int64, currency ledger.Currency) {
	t.put(",")
	if minor < 0 {
		t.major(-minor, currency)
		t.put(",")
		return
	}
	t.put(",")
	t.major(minor, currency)
}

func (a *adyenBill) add(l *line) {
	word, modified, own := "Settled", l.numbers.sale+"M", l.orderNo
	switch l.word {
	case refund:
		word, modified, own = "Refunded", l.numbers.refund, l.refundNo
	case dispute:
		word, modified, own = "Chargeback", l.numbers.refund, ""
	}
	a.net += l.net()
	method, variant := "visa", "visadebit"
	if l.card.kind == "credit" {
		method, variant = "mc", "mccredit"
	}
	t, currency := a.t, a.b.by.region.currency
	t.put("DaybookGroup")
	t.cells(a.b.by.account, l.numbers.sale, l.orderNo, method)
	t.put(",")
	t.stamp(l.date, l.second, " ")
	t.cells("MSK", word, modified, string(currency)) // Kuwait has Moscow's time
	t.sides(l.gross, currency)
	t.cells("1", string(currency))
	t.sides(l.net(), currency)
	t.put(",")
	t.major(l.fee, currency)
	t.cells("", "", "", variant, own, a.batch, "", "", "", "", "", "", "")
	t.end()
}

func (a *adyenBill) close() error {
	if a.net > 0 {
		t, currency := a.t, a.b.by.region.currency
		t.put("DaybookGroup")
		t.cells(a.b.by.account, "", "", "")
		t.put(",")
		t.stamp(a.b.date, secondsPerDay-1, " ")
		t.cells("MSK", "MerchantPayout", "TX"+a.batch+"XT batch "+a.batch+" "+a.b.by.account, string(currency), "", "", "", string(currency))
		t.sides(-a.net, currency)
		t.cells("", "", "", "", "", "", a.batch, "", "", "", "", "", "", "")
		t.end()
		a.b.s.key.Lines++
	}
	return a.t.close()
}

// Stripe's itemised payout reconciliation with its default columns, the metadata that the
// till sets, and the card's funding. (Settlement formats 6.)
const stripeHeader = "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created_utc,created,available_on_utc,available_on,currency,gross,fee,net,reporting_category,source_id,description,customer_facing_amount,customer_facing_currency,customer_id,customer_email,charge_id,payment_intent_id,charge_created_utc,invoice_id,order_id,payment_method_type,connected_account_id,connected_account_name,payment_metadata[order_no],refund_metadata[refund_no],card_brand,card_funding"

type stripeBill struct {
	b      *bill
	t      *text
	payout string
	rows   int64
	net    int64
}

func openStripe(b *bill) rows {
	s := &stripeBill{b: b, payout: "po_" + b.date.compact, t: b.create("payout_reconciliation_itemized_"+b.date.compact+".csv", false)}
	s.t.put(stripeHeader)
	s.t.end()
	return s
}

func (s *stripeBill) add(l *line) {
	word, source := "charge", "ch"+l.numbers.sale[2:]
	if l.word == refund {
		word, source = "refund", "re"+l.numbers.refund[2:]
	}
	brand := "visa"
	if l.card.kind == "credit" {
		brand = "mastercard"
	}
	s.row(l.date, l.second, word, source, l.orderNo, l.gross, l.fee, "ch"+l.numbers.sale[2:], l.numbers.sale, "card_present", l.orderNo, l.refundNo, brand, l.card.kind)
}

func (s *stripeBill) row(d *date, second int, word, source, about string, gross, fee int64, charge, intent, method, orderNo, refundNo, brand, funding string) {
	t, currency := s.t, s.b.by.region.currency
	s.rows++
	s.net += gross - fee
	t.put(s.payout)
	t.cells(s.b.date.day.AddDays(1).String()+" 00:00:00", "txn_"+s.b.date.compact)
	t.padded(s.rows, 8)
	for range 2 {
		t.put(",")
		t.stamp(d, second, " ")
	}
	for range 2 {
		t.cells(s.b.date.dashed + " 00:00:00")
	}
	t.cells("isk,")
	t.major(gross, currency)
	t.put(",")
	t.major(fee, currency)
	t.put(",")
	t.major(gross-fee, currency)
	t.cells(word, source, about, "")
	t.major(gross, currency)
	t.cells("isk", "", "", charge, intent, "", "", "", method, "", "", orderNo, refundNo, brand, funding)
	t.end()
}

func (s *stripeBill) close() error {
	if net := s.net; net > 0 {
		s.row(s.b.date, secondsPerDay-1, "payout", s.payout, "STRIPE PAYOUT", -net, 0, "", "", "", "", "", "", "")
		s.b.s.key.Lines++
	}
	return s.t.close()
}

// PayPal's settlement report. (Settlement formats 7.1.)
const paypalColumns = `"CH","Transaction ID","Invoice ID","PayPal Reference ID","PayPal Reference ID Type","Transaction Event Code","Transaction Initiation Date","Transaction Completion Date","Transaction Debit or Credit","Gross Transaction Amount","Gross Transaction Currency","Fee Debit or Credit","Fee Amount","Fee Currency","Custom Field","Consumer ID","Payment Tracking ID","Store ID","Bank Reference ID","Credit Transactional Fee","Credit Promotional Fee","Credit Term"`

type paypalBill struct {
	b           *bill
	t           *text
	rows        int64
	gross, fees [2]int64 // debits, credits
	net         int64
}

func openPaypal(b *bill) rows {
	p := &paypalBill{b: b, t: b.create("STL-"+b.date.compact+".01.011.CSV", false)}
	slashed := b.date.compact[:4] + "/" + b.date.compact[4:6] + "/" + b.date.compact[6:]
	p.t.put(fmt.Sprintf("\"RH\",\"%s 23:59:59 -0700\",\"A\",\"%s\",011\n\"FH\",\"01\"\n", slashed, b.by.account))
	p.t.put(fmt.Sprintf("\"SH\",\"%s 00:00:00 -0700\",\"%s 23:59:59 -0700\",\"%s\",\"\"\n%s", slashed, slashed, b.by.account, paypalColumns))
	p.t.end()
	return p
}

func (p *paypalBill) add(l *line) {
	if l.word == refund {
		p.row(l.numbers.refund, l.orderNo, l.numbers.sale, "TXN", "T1107", l, l.gross, l.fee, string(l.till.store.id), "")
		return
	}
	p.row(l.numbers.sale, l.orderNo, "", "", "T0006", l, l.gross, l.fee, string(l.till.store.id), "")
}

func (p *paypalBill) row(id, invoice, reference, kind, event string, l *line, gross, fee int64, store, bankNo string) {
	t, currency := p.t, string(p.b.by.region.currency)
	p.rows++
	p.net += gross - fee
	at, amount := side(gross)
	p.gross[at] += amount
	way := [2]string{"DR", "CR"}[at]
	feeAt, taken := side(-fee)
	if fee == 0 {
		feeAt = 0
	}
	p.fees[feeAt] += taken
	t.put(`"SB"`)
	for _, cell := range []string{id, invoice, reference, kind, event} {
		t.put(`,"` + cell + `"`)
	}
	for range 2 {
		t.put(",")
		on := l.date.on(l.second)
		t.put(on[:4] + "/" + on[5:7] + "/" + on[8:] + " ")
		t.clock(l.second, ":")
		t.put(" -0700")
	}
	t.put(`,"` + way + `",`)
	t.int(amount)
	t.put(`,"` + currency + `","` + [2]string{"DR", "CR"}[feeAt] + `",`)
	t.int(taken)
	t.put(`,"` + currency + `","","","","` + store + `","` + bankNo + `",,,`)
	t.end()
}

func (p *paypalBill) close() error {
	if net := p.net; net > 0 {
		p.row("5TXW"+p.b.date.compact, "", "", "", "T0400", &line{date: p.b.date, second: secondsPerDay - 1}, -net, 0, "", "1"+p.b.date.compact)
		p.b.s.key.Lines++
	}
	t := p.t
	sums := fmt.Sprintf(`"%s",%d,%d,%d,%d,"CR",0,"CR",0`, p.b.by.region.currency, p.gross[1], p.gross[0], p.fees[1], p.fees[0])
	t.put(fmt.Sprintf("\"SF\",%s\n\"SC\",%d\n\"RF\",%s,%d\n\"RC\",%d\n\"FF\",%d", sums, p.rows, sums, p.rows, p.rows, p.rows))
	t.end()
	return t.close()
}

// Antom's settlement items and their summary, in one zip. (Settlement formats 7.2.)
const (
	antomItems   = "settlementBatchId,customerId,acquirer,acquirerReferenceNo,transactionId,originalTransactionId,transactionRequestId,originalTransactionRequestId,referenceTransactionId,paymentMethodType,pspName,transactionType,paymentTime,settlementTime,productCode,transactionAmountValue,transactionCurrency,settlementAmountValue,settlementCurrency,quoteCurrencyPair,quotePrice,feeAmountValue,feeCurrency"
	antomSummary = "settlementBatchId,customerId,acquirer,summaryType,settlementTime,count,settlementAmountValue,settlementCurrency,feeAmountValue,feeCurrency"
	antomEnd     = "<END>"
)

type antomBill struct {
	b       *bill
	zip     *bundle
	t       *text
	batch   string
	settled string
	sums    [2]struct{ count, net, fee int64 } // payments, refunds
}

func openAntom(b *bill) rows {
	a := &antomBill{b: b, zip: b.bundle("settlement_PAYPAY_JPY_" + b.date.compact + ".zip"), batch: b.date.compact + "11021040123"}
	a.settled = b.date.day.AddDays(1).String() + "T10:00:00+09:00"
	a.t = a.zip.member("settlementItems_PAYPAY_JPY_"+a.batch+"_000.csv", false)
	a.t.put(antomItems)
	a.t.end()
	return a
}

func (a *antomBill) add(l *line) {
	word, id, original, no, originalNo, at := "PAYMENT", l.numbers.sale, "", l.orderNo, "", 0
	if l.word == refund {
		word, id, original, no, originalNo, at = "REFUND", l.numbers.refund, l.numbers.sale, l.refundNo, l.orderNo, 1
	}
	a.sums[at].count++
	a.sums[at].net += l.net()
	a.sums[at].fee -= l.fee
	t, currency := a.t, string(a.b.by.region.currency)
	t.put(a.batch)
	t.cells(a.b.by.account, "Alipay_SG", "", id, original, no, originalNo, no, "CONNECT_WALLET", "PAYPAY", word)
	t.put(",")
	t.stamp(l.date, l.second, "T")
	t.put("+09:00")
	t.cells(a.settled, "IN_STORE_PAYMENT")
	t.put(",")
	t.int(l.gross)
	t.cells(currency)
	t.put(",")
	t.int(l.net())
	t.cells(currency, "", "")
	t.put(",")
	t.int(-l.fee)
	t.cells(currency)
	t.end()
}

func (a *antomBill) close() error {
	a.t.put(antomEnd)
	a.t.end()
	err := a.t.done()
	t, currency := a.zip.member("settlementSummary_PAYPAY_JPY_"+a.batch+"_000.csv", false), a.b.by.region.currency
	t.put(antomSummary)
	t.end()
	row := func(word string, count, net, fee int64) {
		t.put(fmt.Sprintf("%s,%s,Alipay_SG,%s,%s,%d,%d,%s,%d,%s", a.batch, a.b.by.account, word, a.settled, count, net, currency, fee, currency))
		t.end()
	}
	sale, back := a.sums[0], a.sums[1]
	row("TOTAL", sale.count+back.count, sale.net+back.net, sale.fee+back.fee)
	row("PAYMENT", sale.count, sale.net, sale.fee)
	row("REFUND", back.count, back.net, back.fee)
	t.put(antomEnd)
	t.end()
	return errors.Join(err, t.done(), a.zip.close())
}
