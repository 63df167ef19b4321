package adyen

import (
	"strings"

	"daybook/reconcile"
)

const payout = "MerchantPayout"

// kinds are the journal types of the report. (Adyen documentation, "Settlement details
// report", "Journal types".)
var kinds = map[string]reconcile.LineKind{
	"Settled":                      reconcile.SaleLine,
	"SettledExternally":            reconcile.SaleLine,
	"SettledInInstallments":        reconcile.SaleLine,
	"Refunded":                     reconcile.RefundLine,
	"RefundedExternally":           reconcile.RefundLine,
	"Chargeback":                   reconcile.ChargebackLine,
	"ChargebackExternally":         reconcile.ChargebackLine,
	"SecondChargeback":             reconcile.ChargebackLine,
	"ChargebackReversed":           reconcile.ChargebackLine,
	"ChargebackReversedExternally": reconcile.ChargebackLine,
	"Fee":                          reconcile.FeeLine,
	"InvoiceDeduction":             reconcile.FeeLine,
	"MiscCosts":                    reconcile.FeeLine,
	"PaymentCost":                  reconcile.FeeLine,
	"AuthorisationSchemeFee":       reconcile.FeeLine,
	"RefundedReversed":             reconcile.AdjustmentLine,
	"DepositCorrection":            reconcile.AdjustmentLine,
	"ManualCorrected":              reconcile.AdjustmentLine,
	"MatchedStatement":             reconcile.AdjustmentLine,
	"ReserveAdjustment":            reconcile.AdjustmentLine,
	"Balancetransfer":              reconcile.AdjustmentLine,
	"InternalCompanyPayout":        reconcile.AdjustmentLine,
	"EpaPaid":                      reconcile.AdjustmentLine,
	"PaidOut":                      reconcile.AdjustmentLine,
	"PaidOutReversed":              reconcile.AdjustmentLine,
	"BankInstructionReturned":      reconcile.AdjustmentLine,
	payout:                         reconcile.PayoutLine,
}

func kindOf(word string) reconcile.LineKind {
	if kind, known := kinds[word]; known {
		return kind
	}
	return reconcile.OtherLine
}

// channelOf turns Payment Method into a word of ledger.Tender. Card schemes are one
// channel; a method we do not know keeps its name.
func channelOf(method string) string {
	method = strings.ToLower(method)
	switch {
	case strings.HasPrefix(method, "alipay"):
		return "alipay"
	case strings.HasPrefix(method, "wechatpay"):
		return "wechat"
	}
	switch method {
	case "visa", "mc", "maestro", "amex", "diners", "discover", "jcb", "cup", "vpay", "electron", "bcmc", "cartebancaire",
		"girocard", "eftpos_australia", "interac_card", "dankort", "elo", "hipercard", "accel", "star", "pulse", "nyce":
		return "card"
	}
	return method
}

// cardKindOf reads the end of names such as visadebit, mccredit and mcprepaid.
func cardKindOf(variant string) string {
	for _, kind := range []string{"debit", "credit", "prepaid"} {
		if strings.Contains(strings.ToLower(variant), kind) {
			return kind
		}
	}
	return ""
}

// schemes are the payment methods that name a card scheme. (Adyen documentation, "Payment
// method variants".)
var schemes = map[string]string{
	"visa": "visa", "electron": "visa", "vpay": "visa", "mc": "mastercard", "maestro": "maestro", "amex": "amex",
	"diners": "diners", "discover": "discover", "jcb": "jcb", "cup": "unionpay",
}
