package paypal_test

import (
	"io"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement/paypal"
	"daybook/adapters/settlement/settlementtest"
	"daybook/reconcile"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, paypal.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, paypal.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, paypal.New(), rows) }

// rows counts the transactions.
func rows(doc *files.Document) int {
	reader := files.NewReader("", doc.Parts[0].Text, files.Dialect{Quoted: true})
	for n := 0; ; {
		row, err := reader.Read()
		if err == io.EOF {
			return n
		}
		if err == nil && strings.TrimSpace(row.Cells[0]) == "SB" {
			n++
		}
	}
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, paypal.New(), "testdata/unquoted.csv", "CH", "",
		[]string{"TransactionID", "InvoiceID", "PayPalReferenceID", "PayPalReferenceIDType", "TransactionEventCode", "CustomField",
			"ConsumerID", "PaymentTrackingID", "StoreID", "BankReferenceID"})
}

// Every total ties, and what is owed is what was withdrawn.
func TestWithdrawal(t *testing.T) {
	for _, path := range []string{"layout.csv", "utf8_bom_crlf.csv", "unquoted.csv", "reordered_and_extra_columns.csv", "old_edition.csv"} {
		statement, err := settlementtest.Read(t, paypal.New(), "testdata/"+path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		settlementtest.Tied(t, statement)
		owed, paid := int64(0), int64(0)
		for _, line := range statement.Lines {
			if line.Kind == reconcile.PayoutLine {
				paid -= line.Net
			} else {
				owed += line.Net
			}
		}
		if owed != 4464 || paid != 4464 || statement.Lines[2].OriginalNo != "POS-S001-000301" {
			t.Errorf("%s: %d owed, %d paid, the refund is of %q", path, owed, paid, statement.Lines[2].OriginalNo)
		}
	}
}
