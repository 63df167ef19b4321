package customer_test

import (
	"flag"
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

// TestMain draws fewer stories than rapid's hundred: each writes to a disk that it waits for.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "15"); err != nil {
		panic(err)
	}
	m.Run()
}
