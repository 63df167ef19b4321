package abc_test

import (
	"io"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/abc"
	"daybook/adapters/settlement/settlementtest"
)

func TestGolden(t *testing.T) { settlementtest.Golden(t, abc.New()) }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, abc.New(), rows) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, abc.New(), rows) }

// rows counts the records below the header.
func rows(doc *files.Document) int {
	corporate := abc.New().(*settlement.Corporate)
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
	settlementtest.Plant(t, abc.New(), "testdata/plain.csv", "交易时间", "",
		[]string{"交易行名", "对方省市", "对方账号", "对方户名", "交易用途"})
}

// The movements of the case, whose sum its balances state.
func TestSample(t *testing.T) {
	for _, name := range []string{"plain.csv", "gbk_crlf.csv", "newest_first.csv", "titles_above.csv"} {
		statement, err := settlementtest.Read(t, abc.New(), "testdata/"+name)
		if err != nil {
			t.Fatal(err)
		}
		if _, _, net := settlementtest.Totals(statement); net != 14000-1234+100000 || len(statement.Lines) != 3 {
			t.Errorf("%s: got net %d in %d lines, want %d in 3", name, net, len(statement.Lines), 14000-1234+100000)
		}
		settlementtest.Tied(t, statement)
	}
}
