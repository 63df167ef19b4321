package customer_test

import (
	"testing"

	"daybook/ledger"
	"daybook/ledger/customer"
	"daybook/ledger/ledgertest"
)

var codec = ledger.NewCodec(ledger.ActionKinds(), ledger.IntakeKinds(), customer.Kinds())

func TestEncodings(t *testing.T) {
	ledgertest.TestEncodings(t, ledger.NewCodec(customer.Kinds()), "testdata/golden",
		customer.Described{}, customer.Merged{}, customer.ConsentSet{}, customer.Restricted{}, customer.Disclosed{}, customer.Erased{}, customer.OfferMade{}, customer.OfferRedeemed{})
}
