package stripe_test

import (
	"io"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/settlementtest"
	"daybook/adapters/settlement/stripe"
	"daybook/ledger"
	"daybook/reconcile"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, stripe.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, stripe.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, stripe.New(), rows) }

// rows counts the records behind the header.
func rows(doc *files.Document) int {
	reader := files.NewReader("", doc.Parts[0].Text, files.Dialect{Quoted: true})
	for n := -1; ; n++ {
		if _, err := reader.Read(); err == io.EOF {
			return n
		}
	}
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, stripe.New(), "testdata/layout.csv", "automatic_payout_id", "",
		[]string{"automatic_payout_id", "balance_transaction_id", "reporting_category", "source_id", "description", "customer_id",
			"customer_email", "charge_id", "payment_intent_id", "invoice_id", "order_id", "payment_method_type", "connected_account_name"})
}

// The payout is what all other rows add up to, whatever the columns are.
func TestPayout(t *testing.T) {
	for _, path := range []string{"layout.csv", "utf8_bom_crlf.csv", "reordered_and_extra_columns.csv", "few_columns.csv"} {
		statement, err := settlementtest.Read(t, stripe.New(), "testdata/"+path)
		if err != nil {
			t.Fatal(err)
		}
		settlementtest.Tied(t, statement)
		owed, days := int64(0), map[ledger.BusinessDay]bool{}
		for _, line := range statement.Lines {
			days[line.Day] = true
			if line.Kind != reconcile.PayoutLine {
				owed += line.Net
			}
		}
		if owed != 3327 || len(statement.Lines) != 7 || len(days) != 1 {
			t.Errorf("%s: got %d owed in %d lines on %d days, want 3327 in 7 on 1", path, owed, len(statement.Lines), len(days))
		}
	}
}

// A refund finds its sale's number by the charge both name.
func TestRefundNamesItsSale(t *testing.T) {
	statement, err := settlementtest.Read(t, stripe.New(), "testdata/layout.csv")
	if err != nil {
		t.Fatal(err)
	}
	if sale, refund := statement.Lines[0], statement.Lines[2]; refund.Kind != reconcile.RefundLine || refund.OriginalNo != sale.OrderNo || sale.OrderNo == "" {
		t.Errorf("the refund is of %q, the sale is %q", refund.OriginalNo, sale.OrderNo)
	}
}
