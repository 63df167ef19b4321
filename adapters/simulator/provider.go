package simulator

import (
	"fmt"

	"daybook/ledger"
)

const cny = ledger.Currency("CNY")

// The channels payments go through.
const (
	cash   = "cash"
	card   = "card"
	alipay = "alipay"
	wechat = "wechat"
)

// provider is who settles a channel.
type provider struct {
	id      string
	name    string
	channel string
	format  string // what the configuration calls its bill
	account string // how it calls the merchant

	// On the bank statement.
	payer     string
	payerNo   string
	purpose   string
	summary   string
	paidAt    int  // seconds after midnight
	namesDays bool // the remark names the settlement day, too
}

// providers are in the order of their bills. Account numbers are made up and lie
// outside every range of card numbers.
var providers = []*provider{
	{
		id: "allinpay", name: "Allinpay 通联支付", channel: card, format: "allinpay-trade", account: "104440353310031",
		payer: "通联支付网络服务股份有限公司", payerNo: "1001000000000000001", purpose: "POS清算款", summary: "商户结算",
		paidAt: 2*3600 + 10*60 + 33, namesDays: true,
	},
	{
		id: "alipay", name: "Alipay 支付宝", channel: alipay, format: "alipay-trade", account: "20880000000000010156",
		payer: "支付宝（中国）网络技术有限公司", payerNo: "1002000000000000002", purpose: "提现", summary: "自动提现",
		paidAt: 6*3600 + 30*60 + 12,
	},
	{
		id: "wechat", name: "WeChat Pay 微信支付", channel: wechat, format: "wechat-trade", account: "1900000001",
		payer: "财付通支付科技有限公司", payerNo: "1003000000000000003", purpose: "提现", summary: "微信支付提现",
		paidAt: 8*3600 + 5*60 + 44,
	},
}

func providerOf(channel string) *provider {
	for _, p := range providers {
		if p.channel == channel {
			return p
		}
	}
	return nil
}

// otherWallet is the wallet a payment by one wallet is mistaken for.
func otherWallet(channel string) string {
	if channel == alipay {
		return wechat
	}
	return alipay
}

// The contract: proportions in parts per million, the cap in fen.
const (
	debitRate  = 5000
	debitCap   = 2000
	creditRate = 6000
	walletRate = 6000
)

// feeOf is the contractual fee on an amount that may be negative (a refund, which gives
// the fee back): rate times amount, rounded half away from zero to the fen, at most the
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

// contractFee is the fee the contract allows on a line of a channel.
func contractFee(channel string, c *plastic, base int64) int64 {
	switch {
	case channel != card:
		return feeOf(base, walletRate, 0)
	case c.kind == "debit":
		return feeOf(base, debitRate, debitCap)
	}
	return feeOf(base, creditRate, 0)
}

// yuan prints fen.
func yuan(fen int64) string {
	sign := ""
	if fen < 0 {
		sign, fen = "-", -fen
	}
	return fmt.Sprintf("%s%d.%02d", sign, fen/100, fen%100)
}
