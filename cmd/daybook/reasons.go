package main

import (
	"daybook/ledger"
	"daybook/reconcile"
)

// reason says in a sentence what a difference is and what usually lies behind it.
func reason(kind reconcile.BreakKind, leg reconcile.Leg, expected, actual ledger.Money, detail string) ledger.Text {
	difference := ledger.Minor(0, expected.Currency)
	if expected.Currency == actual.Currency {
		difference = actual.Sub(expected)
	}
	switch kind {
	case reconcile.MissingInSettlement:
		return ledger.Say("sold for %s, but not in the bill: the money has not come", expected.String())
	case reconcile.MissingInLedger:
		return ledger.Say("settled with %s, but no till reported such a payment", actual.String())
	case reconcile.AmountMismatch:
		return ledger.Say("the till says %s, the bill says %s: %s", expected.String(), actual.String(), difference.String())
	case reconcile.FeeDeviation:
		return ledger.Say("the contract gives a fee of %s, %s was charged", expected.String(), actual.String())
	case reconcile.DuplicateInSettlement:
		return ledger.Say("settled a second time: %s came twice", actual.String())
	case reconcile.DuplicateInLedger:
		return ledger.Say("reported twice by the till: %s stands in the ledger once too often", expected.String())
	case reconcile.TimeoutButSettled:
		return ledger.Say("the till had no answer, yet %s was settled: was the customer served, or charged twice?", actual.String())
	case reconcile.ReversedButSettled:
		if detail == string(reconcile.VoidLine) {
			return ledger.Say("voided at the till, yet settled: %s is owed to the customer", expected.Abs().String())
		}
		return ledger.Say("reversed at the till, yet %s was settled: it is owed to the customer", actual.String())
	case reconcile.TimingNextDay:
		return ledger.Say("%s accepted just before the cut: expected in the next bill", expected.String())
	case reconcile.CurrencyMismatch:
		return ledger.Say("the till says %s, the bill says %s%s", expected.String(), actual.String(), rateText(expected, actual))
	case reconcile.TerminalMismatch:
		return ledger.Say("%s was settled under another terminal: %s", actual.String(), detail)
	case reconcile.MethodMismatch:
		return ledger.Say("%s was settled through %s, not as the till says", actual.String(), detail)
	case reconcile.UnexpectedLine:
		switch {
		case leg == reconcile.PayoutLeg && reconcile.IsWithdrawal(detail):
			return ledger.Say("%s was withdrawn from the account with the provider, the bank received %s: more than that", expected.String(), actual.String())
		case leg == reconcile.PayoutLeg && expected.Minor != 0:
			return ledger.Say("the bills come to %s, the bank received %s: more than was due", expected.String(), actual.String())
		case leg == reconcile.PayoutLeg:
			return ledger.Say("the bank received %s from %s that no bill explains", actual.String(), detail)
		case detail == string(reconcile.Declined):
			return ledger.Say("declined at the till, yet %s was settled", actual.String())
		}
		if leg == reconcile.AccountLeg {
			return ledger.Say("%s (%s) moved on the account with the provider, and no payment, fee or withdrawal explains it", actual.String(), detail)
		}
		return ledger.Say("a row of %s (%s) that is no payment: ask the provider what it is for", actual.String(), detail)
	case reconcile.PayoutShort:
		if reconcile.IsWithdrawal(detail) {
			return ledger.Say("%s was withdrawn from the account with the provider, the bank received %s: %s", expected.String(), actual.String(), difference.String())
		}
		return ledger.Say("the bills come to %s, the bank received %s: %s", expected.String(), actual.String(), difference.String())
	case reconcile.PayoutNotReceived:
		if reconcile.IsWithdrawal(detail) {
			return ledger.Say("%s was withdrawn from the account with the provider, and nothing of it is on the bank statement", expected.String())
		}
		return ledger.Say("the bills come to %s, and nothing of it is on the bank statement", expected.String())
	case reconcile.BatchTotalMismatch:
		return ledger.Say("the terminal's batch total is %s, its payments come to %s", actual.String(), expected.String())
	case reconcile.ControlTotalMismatch:
		if leg == reconcile.AccountLeg {
			return ledger.Say("%s: the provider says %s here and %s in the bill of the day: %s", detail, actual.String(), expected.String(), difference.String())
		}
		if before, is := reconcile.Continues(detail); is {
			return ledger.Say("this statement begins with %s, and %s ended with %s: %s", actual.String(), before, expected.String(), difference.String())
		}
		return ledger.Say("%s: the file states %s, its rows come to %s", detail, actual.String(), expected.String())
	case reconcile.FileMissing:
		return ledger.Say("payments of %s wait for a bill that should be here", expected.String())
	case reconcile.SequenceGap:
		return ledger.Say("the terminal's numbering has a hole: actions may be missing from the ledger")
	case reconcile.Ambiguous:
		return ledger.Say("several payments and rows fit each other equally well: %s at the till, %s in the bill", expected.String(), actual.String())
	case reconcile.Chargeback:
		return ledger.Say("the customer's bank took %s back", actual.Abs().String())
	}
	return ledger.Say("difference of %s", difference.String())
}

// kindName is the field's name of a difference.
func kindName(kind reconcile.BreakKind) ledger.Text {
	if name, known := kindNames[kind]; known {
		return name
	}
	return ledger.Say("%s", string(kind))
}

var kindNames = map[reconcile.BreakKind]ledger.Text{
	reconcile.MissingInSettlement:   ledger.Say("missing in settlement"),
	reconcile.MissingInLedger:       ledger.Say("missing in ledger"),
	reconcile.AmountMismatch:        ledger.Say("amount differs"),
	reconcile.FeeDeviation:          ledger.Say("fee differs"),
	reconcile.DuplicateInSettlement: ledger.Say("settled twice"),
	reconcile.DuplicateInLedger:     ledger.Say("recorded twice"),
	reconcile.TimeoutButSettled:     ledger.Say("timed out, but settled"),
	reconcile.ReversedButSettled:    ledger.Say("reversed, but settled"),
	reconcile.TimingNextDay:         ledger.Say("in transit to the next day"),
	reconcile.CurrencyMismatch:      ledger.Say("currency differs"),
	reconcile.TerminalMismatch:      ledger.Say("terminal differs"),
	reconcile.MethodMismatch:        ledger.Say("payment method differs"),
	reconcile.UnexpectedLine:        ledger.Say("unexpected line"),
	reconcile.PayoutShort:           ledger.Say("payout too small"),
	reconcile.PayoutNotReceived:     ledger.Say("payout not received"),
	reconcile.BatchTotalMismatch:    ledger.Say("batch total differs"),
	reconcile.ControlTotalMismatch:  ledger.Say("control total differs"),
	reconcile.FileMissing:           ledger.Say("bill missing"),
	reconcile.SequenceGap:           ledger.Say("gap in numbering"),
	reconcile.Ambiguous:             ledger.Say("ambiguous"),
	reconcile.Chargeback:            ledger.Say("chargeback"),
}

// outcomeName is what the terminal learned about a payment.
func outcomeName(outcome string) ledger.Text {
	switch ledger.Outcome(outcome) {
	case ledger.Approved:
		return ledger.Say("approved")
	case ledger.Declined:
		return ledger.Say("declined")
	case ledger.Unknown:
		return ledger.Say("unknown")
	case ledger.Reversed:
		return ledger.Say("reversed")
	}
	return ledger.Say("%s", outcome)
}

// lineName is what a row of a bill or bank statement is about.
func lineName(kind reconcile.LineKind) ledger.Text {
	switch kind {
	case reconcile.SaleLine:
		return ledger.Say("sale")
	case reconcile.RefundLine:
		return ledger.Say("refund")
	case reconcile.VoidLine:
		return ledger.Say("void")
	case reconcile.ReversalLine:
		return ledger.Say("reversal")
	case reconcile.ChargebackLine:
		return ledger.Say("chargeback")
	case reconcile.FeeLine:
		return ledger.Say("fee")
	case reconcile.PayoutLine:
		return ledger.Say("payout")
	case reconcile.AdjustmentLine:
		return ledger.Say("adjustment")
	case reconcile.InfoLine:
		return ledger.Say("information")
	}
	return ledger.Say("other")
}
