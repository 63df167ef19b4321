package boc_test

import (
	"io"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/boc"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, boc.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, boc.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, boc.New(), rows) }

// rows counts the records below the header.
func rows(doc *files.Document) int {
	corporate := boc.New().(*settlement.Corporate)
	headings := append(append([]string(nil), corporate.Headings...), corporate.Known...)
	reader := files.NewReader("", doc.Parts[0].Text, files.Dialect{Quoted: true})
	n := -1
	for {
		row, err := reader.Read()
		switch {
		case err == io.EOF:
			return n
		case n >= 0, err == nil && settlement.Resembles(row, headings...):
			n++
		}
	}
}

func TestPlantedCards(t *testing.T) {
	settlementtest.Plant(t, boc.New(), "testdata/plain.csv", "交易类型", "",
		[]string{"交易类型[TransactionType]", "业务类型[Businesstype]", "付款人开户行名[Payeraccountbank]", "付款人账号[DebitAccountNo.]", "付款人名称[Payer'sName]", "收款人开户行名[Beneficiaryaccountbank]", "收款人账号[Payee'sAccountNumber]", "收款人名称[Payee'sName]", "交易流水号[Transactionreferencenumber]", "摘要[Reference]", "用途[Purpose]", "交易附言[Remark]", "备注[Remarks]"})
}

// The movements of the case, whose sum its balances state.
func TestSample(t *testing.T) {
	for _, name := range []string{"plain.csv", "gbk_crlf.csv", "newest_first.csv", "titles_above.csv"} {
		statement, err := settlementtest.Read(t, boc.New(), "testdata/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, net := settlementtest.Totals(statement); net != 14000-1234+100000 || len(statement.Lines) != 3 {
			t.Errorf("%s: got net %d in %d lines, want %d in 3", name, net, len(statement.Lines), 14000-1234+100000)
		}
		settlementtest.Tied(t, statement)
	}
}
