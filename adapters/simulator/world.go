package simulator

import (
	"fmt"
	"time"

	"daybook/ledger"
)

// World is the part of the earth that is made up.
type World string

const (
	// Shanghai is stores of one city that are paid through one card acquirer and two
	// wallets into one bank account.
	Shanghai World = "shanghai"
	// Everywhere is stores in five countries and every form of bill, account and bank
	// statement that daybook reads, each of them once.
	Everywhere World = "everywhere"
)

// region is a country's stores: one currency, one zone without summer time, one way to
// tax, and the providers its customers pay through.
type region struct {
	currency ledger.Currency
	zone     string // IANA
	clock    *time.Location
	town     string // names its stores
	fullTax  ledger.Rate
	foodTax  ledger.Rate
	ways     []way
	shares   []int // of ways, cumulated
	range_   []article
}

// way is how customers of a region pay, and how many of a hundred do.
type way struct {
	by    *provider
	share int
}

// wallets, acquirers: what a payment is, seen from the till.
type class int

const (
	acquirer class = iota // a host answers with a retrieval number
	wallet                // a phone shows a code or reads one
	gateway               // a card, known to the provider by the till's order number
)

// provider is who settles payments.
type provider struct {
	id      string
	name    string
	channel string // of the tenders it settles
	formats []string
	account string // how it calls the merchant; the tills send it as the merchant id
	class   class
	region  *region
	bank    *bank

	debit, rate int64 // what it takes, in parts per million; debit is for debit cards
	cap         int64 // of a debit card's fee
	keepsFee    bool  // a refund does not give the fee back
	disputes    bool  // the bill shows what payers' banks take back

	// On the bank statement.
	payer     string
	payerNo   string
	purpose   string
	summary   string
	paidAt    int  // seconds after midnight
	namesDays bool // the remark names the settlement day, too
	shorts    bool // with breaks it pays too little
	withholds bool // or nothing
	forgets   bool // with breaks the bill of every second day comes late; the money does not

	open func(*bill) rows
}

// bank is where providers pay to.
type bank struct {
	id, name string
	format   string
	region   *region
	write    func(*statement) (name string, gbk bool, text []byte)
}

// Channels, where code needs their names.
const (
	cash   = "cash"
	card   = "card"
	alipay = "alipay"
	wechat = "wechat"
)

// world is a World in full.
type world struct {
	regions   []*region
	providers []*provider
	banks     []*bank
	stocked   *assortment
}

// fixed is a zone that has had no summer time for long, so that no table is needed.
func fixed(hours int) *time.Location { return time.FixedZone("", hours*3600) }

func newWorld(which World, stocked *assortment) (*world, error) {
	china := &region{currency: "CNY", zone: "Asia/Shanghai", clock: fixed(8), town: "晨曦", fullTax: 130_000, foodTax: 90_000}
	switch which {
	case Shanghai:
		w := &world{regions: []*region{china}}
		icbc := w.bank(china, bank{id: "icbc", name: "工商银行", format: "icbc-corporate", write: icbcStatement})
		w.chinese(china, []int{38, 30, 26}, icbc, icbc, icbc)
		u := unionpayQR()
		u.disputes, u.forgets = false, true
		w.provider(china, 6, icbc, u)
		return w.ready(stocked), nil
	case Everywhere:
		return everywhere(china).ready(stocked), nil
	}
	return nil, ledger.Problem("there is no world %q; there are %s and %s", string(which), string(Shanghai), string(Everywhere))
}

func (w *world) bank(r *region, b bank) *bank {
	b.region = r
	w.banks = append(w.banks, &b)
	return &b
}

func (w *world) provider(r *region, share int, at *bank, p provider) *provider {
	p.region, p.bank = r, at
	r.ways = append(r.ways, way{&p, share})
	w.providers = append(w.providers, &p)
	return &p
}

// ready counts the shares and prices the range of every region.
func (w *world) ready(stocked *assortment) *world {
	w.stocked = stocked
	for _, r := range w.regions {
		var shares []int
		for _, way := range r.ways {
			shares = append(shares, way.share)
		}
		r.shares = cumulate(shares)
		r.range_ = priced(stocked.articles, r)
	}
	return w
}

// chinese are the acquirer and the wallets of every store in China. Account numbers are
// made up and lie outside every range of card numbers.
func (w *world) chinese(r *region, shares []int, cards, alipays, wechats *bank) (wallets []*provider) {
	w.provider(r, shares[0], cards, provider{
		id: "allinpay", name: "Allinpay 通联支付", channel: card, formats: []string{"allinpay-trade"}, account: "104440353310031", class: acquirer,
		debit: 5000, cap: 2000, rate: 6000,
		payer: "通联支付网络服务股份有限公司", payerNo: "1001000000000000001", purpose: "POS清算款", summary: "商户结算",
		paidAt: 2*3600 + 10*60 + 33, namesDays: true, shorts: true, open: openAllinpay,
	})
	a := w.provider(r, shares[1], alipays, provider{
		id: "alipay", name: "Alipay 支付宝", channel: alipay, formats: []string{"alipay-trade"}, account: "20880000000000010156", class: wallet, rate: 6000, debit: 6000,
		payer: "支付宝（中国）网络技术有限公司", payerNo: "1002000000000000002", purpose: "提现", summary: "自动提现",
		paidAt: 6*3600 + 30*60 + 12, open: openAlipay,
	})
	b := w.provider(r, shares[2], wechats, provider{
		id: "wechat", name: "WeChat Pay 微信支付", channel: wechat, formats: []string{"wechat-trade"}, account: "1900000001", class: wallet, rate: 6000, debit: 6000,
		payer: "财付通支付科技有限公司", payerNo: "1003000000000000003", purpose: "提现", summary: "微信支付提现",
		paidAt: 8*3600 + 5*60 + 44, withholds: true, open: openWechat,
	})
	return []*provider{a, b}
}

func unionpayQR() provider {
	return provider{
		id: "unionpay", name: "UnionPay 银联云闪付", channel: "unionpay", formats: []string{"unionpay-zm"}, account: "777290000000001", class: wallet, disputes: true, rate: 5500, debit: 5500,
		payer: "中国银联股份有限公司", payerNo: "1004000000000000004", purpose: "清算款", summary: "银联清算",
		paidAt: 5*3600 + 15*60, namesDays: true, open: openUnionpay,
	}
}

// everywhere has each form once. Where a form counts days by UTC (Stripe) or knows few
// abbreviations of zones (Adyen), the region is one whose day that is.
func everywhere(china *region) *world {
	japan := &region{currency: "JPY", zone: "Asia/Tokyo", clock: fixed(9), town: "東京", fullTax: 100_000, foodTax: 80_000}
	kuwait := &region{currency: "KWD", zone: "Asia/Kuwait", clock: fixed(3), town: "الكويت"}
	iceland := &region{currency: "ISK", zone: "Atlantic/Reykjavik", clock: fixed(0), town: "Reykjavík", fullTax: 240_000, foodTax: 110_000}
	arizona := &region{currency: "USD", zone: "America/Phoenix", clock: fixed(-7), town: "Phoenix", fullTax: 86_000, foodTax: 23_000}
	w := &world{regions: []*region{china, japan, kuwait, iceland, arizona}}
	for _, p := range w.chinese(china, []int{28, 27, 24},
		w.bank(china, bank{id: "icbc", name: "工商银行", format: "icbc-corporate", write: icbcStatement}),
		w.bank(china, bank{id: "ccb", name: "建设银行", format: "ccb-corporate", write: ccbStatement}),
		w.bank(china, bank{id: "cmb", name: "招商银行", format: "cmb-corporate", write: cmbStatement})) {
		p.formats = append(p.formats, p.id+"-fund")
	}
	w.provider(china, 12, w.bank(china, bank{id: "abc", name: "农业银行", format: "abc-corporate", write: abcStatement}), unionpayQR())
	w.provider(china, 9, w.bank(china, bank{id: "boc", name: "中国银行", format: "boc-corporate", write: bocStatement}), provider{
		id: "direct", name: "UnionPay 银联直联", channel: card, formats: []string{"unionpay-comn"}, account: "104440353310032", class: acquirer, forgets: true,
		payer: "银联商务股份有限公司", payerNo: "1005000000000000005", purpose: "POS清算", summary: "直联清算",
		paidAt: 4*3600 + 20*60, namesDays: true, open: openInstitution,
	})
	w.provider(japan, 100, w.bank(japan, bank{id: "mizuho", name: "みずほ銀行", format: "camt054", write: camt054Statement}), provider{
		id: "antom", name: "Antom", channel: "paypay", formats: []string{"antom-settlement"}, account: "1022188000000000001", class: wallet, rate: 12_000, debit: 12_000,
		payer: "Alipay Singapore", payerNo: "JP01", purpose: "Alipay+ settlement", summary: "NTRF",
		paidAt: 10 * 3600, namesDays: true, withholds: true, open: openAntom,
	})
	w.provider(kuwait, 100, w.bank(kuwait, bank{id: "nbk", name: "National Bank of Kuwait", format: "camt053", write: camt053Statement}), provider{
		id: "adyen", name: "Adyen", channel: card, formats: []string{"adyen-settlement"}, account: "DaybookKW", class: gateway, disputes: true, rate: 15_000, debit: 9000, cap: 5000,
		payer: "Adyen N.V.", payerNo: "NL00TEST0000000001", purpose: "Adyen settlement", summary: "NTRF",
		paidAt: 9 * 3600, namesDays: true, shorts: true, open: openAdyen,
	})
	w.provider(iceland, 100, w.bank(iceland, bank{id: "landsbankinn", name: "Landsbankinn", format: "mt940", write: mt940Statement}), provider{
		id: "stripe", name: "Stripe", channel: card, formats: []string{"stripe-payout"}, account: "acct_daybook1", class: gateway, rate: 14_000, debit: 14_000, keepsFee: true,
		payer: "STRIPE", payerNo: "IS01", purpose: "STRIPE TRANSFER", summary: "NTRF",
		paidAt: 11 * 3600, namesDays: true, open: openStripe,
	})
	w.provider(arizona, 100, w.bank(arizona, bank{id: "chase", name: "Chase", format: "bai2", write: bai2Statement}), provider{
		id: "paypal", name: "PayPal", channel: "paypal", formats: []string{"paypal-stl"}, account: "DAYBOOKAZ01", class: wallet, rate: 24_000, debit: 24_000,
		payer: "PAYPAL TRANSFER", payerNo: "US01", purpose: "PAYPAL TRANSFER", summary: "165",
		paidAt: 12 * 3600, namesDays: true, shorts: true, open: openPaypal,
	})
	return w
}

// regionOf is where a store is: the first stores are one in each country, of the others
// most are in the first.
func (w *world) regionOf(store int) *region {
	switch n := len(w.regions); {
	case store < n:
		return w.regions[store]
	case store%8 == 5:
		return w.regions[1%n]
	case store%8 == 6:
		return w.regions[n-1]
	}
	return w.regions[0]
}

func (w *world) find(id string) *provider {
	for _, p := range w.providers {
		if p.id == id {
			return p
		}
	}
	panic(fmt.Sprintf("no provider %s", id)) // named in this package only
}

// feeOf is the contractual fee on an amount that may be negative (a refund, which gives
// the fee back): rate times amount, rounded half away from zero to the minor unit, at most the
// cap. It is written out in whole numbers here, apart from the ledger's own arithmetic.
func feeOf(base, ppm, limit int64) int64 {
	if base < 0 {
		return -feeOf(-base, ppm, limit)
	}
	fee := (base*ppm + 500_000) / 1_000_000
	if limit > 0 && fee > limit {
		return limit
	}
	return fee
}

// fee is what the contract allows on a line of the provider.
func (p *provider) fee(c *plastic, base int64) int64 {
	switch {
	case base < 0 && p.keepsFee:
		return 0
	case c != nil && c.kind == "debit":
		return feeOf(base, p.debit, p.cap)
	}
	return feeOf(base, p.rate, 0)
}
