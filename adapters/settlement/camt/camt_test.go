package camt_test

import (
	"encoding/xml"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/camt"
	"daybook/adapters/settlement/settlementtest"
	"daybook/reconcile"
)

// both reads either message, so that one testdata serves the two formats.
type both struct{ settlement.Format }

func newBoth() both { return both{camt.NewStatement()} }

func (b both) of(doc *files.Document) settlement.Format {
	if n := camt.NewNotification(); n.Sniff(doc) {
		return n
	}
	return b.Format
}

func (b both) Sniff(doc *files.Document) bool { return b.of(doc).Sniff(doc) }

func (b both) Parse(doc *files.Document) (*reconcile.Statement, error) { return b.of(doc).Parse(doc) }

func (b both) ParseApart(doc *files.Document) (*reconcile.Statement, []files.Quarantined, error) {
	return settlement.ParseApart(b.of(doc), doc)
}

func TestGolden(t *testing.T) { settlementtest.Golden(t, newBoth()) }

// Entries that cannot be read are set aside; what they are worth is missing in the totals.
func TestApart(t *testing.T) { settlementtest.GoldenApart(t, newBoth(), "testdata/bad_values.xml") }

func TestMutated(t *testing.T) { settlementtest.Mutate(t, newBoth(), entries) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, newBoth(), entries) }

// entries counts the Ntry elements that are children of a Stmt or Ntfctn.
func entries(doc *files.Document) int {
	report := "Stmt"
	if camt.NewNotification().Sniff(doc) {
		report = "Ntfctn"
	}
	decoder := xml.NewDecoder(strings.NewReader(doc.Parts[0].Text))
	decoder.CharsetReader = func(_ string, input io.Reader) (io.Reader, error) { return input, nil }
	var path []string
	inside, n := 0, 0
	for {
		token, err := decoder.Token()
		if err != nil {
			return n
		}
		switch token := token.(type) {
		case xml.StartElement:
			if inside == len(path) && inside > 0 && token.Name.Local == "Ntry" {
				n++
			}
			path = append(path, token.Name.Local)
			if inside == 0 && token.Name.Local == report {
				inside = len(path)
			}
		case xml.EndElement:
			if inside == len(path) {
				inside = 0
			}
			path = path[:len(path)-1]
		}
	}
}

func TestPlantedCards(t *testing.T) {
	places := regexp.MustCompile(`>([^<>\s][^<>]*)<`)
	settlementtest.PlantIn(t, newBoth(), "testdata/card_settlement_v8.xml", places)
	settlementtest.PlantIn(t, newBoth(), "testdata/notification_v4.xml", places)
}

// What came in on the day of the sample, whose sum is stated by its balances.
func TestCardSettlement(t *testing.T) {
	statement, err := settlementtest.Read(t, newBoth(), "testdata/card_settlement_v8.xml")
	if err != nil {
		t.Fatal(err)
	}
	if _, _, net := settlementtest.Totals(statement); net != 115192-100000 || len(statement.Lines) != 4 {
		t.Errorf("got net %d in %d lines, want 15192 in 4", net, len(statement.Lines))
	}
	settlementtest.Tied(t, statement)
}

// Files of other people's projects, read where they lie beside this one.
func TestPublicSamples(t *testing.T) {
	for name, want := range map[string]struct {
		lines int
		net   int64
	}{"camt053.v2.minimal.xml": {1, 885}, "camt053.v8.xml": {1, 885}, "camt054.v2.xml": {1, -20000000}} {
		path := filepath.Join("..", "..", "..", "..", "shared", "samples", "camt", name)
		if _, err := os.Stat(path); err != nil {
			t.Skip("the shared samples are not here")
		}
		statement, err := settlementtest.Read(t, newBoth(), path)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		settlementtest.Hold(t, statement)
		if _, _, net := settlementtest.Totals(statement); net != want.net || len(statement.Lines) != want.lines {
			t.Errorf("%s: got net %d in %d lines, want %d in %d", name, net, len(statement.Lines), want.net, want.lines)
		}
	}
}

// The message tells the two formats apart, never both.
func TestOneOfTwo(t *testing.T) {
	for _, path := range settlementtest.Cases(t) {
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := files.Open("renamed.dat", data)
		if err != nil {
			t.Fatal(err)
		}
		if camt.NewStatement().Sniff(doc) == camt.NewNotification().Sniff(doc) {
			t.Errorf("%s is of both formats or of none", path)
		}
	}
}

// What attacks an XML reader is refused before it costs anything.
func TestLimits(t *testing.T) {
	envelope := func(inside string) string {
		return `<Document><BkToCstmrStmt><Stmt>` + inside + `</Stmt></BkToCstmrStmt></Document>`
	}
	for want, text := range map[string]string{
		"nested deeper":        envelope(strings.Repeat("<a>", 1000) + strings.Repeat("</a>", 1000)),
		"others in it":         envelope("<Ntry>" + strings.Repeat("<a/>", 500_001) + "</Ntry>"),
		"damaged or cut off":   envelope("<Ntry>&lol;</Ntry>"),
		"holds no statement":   `<Document><BkToCstmrStmt/></Document>`,
		"attacks":              `<Document><BkToCstmrStmt><!DOCTYPE a [<!ENTITY lol "lol">]><Stmt/></BkToCstmrStmt></Document>`,
		"cut off at line 2":    "<Document>\n<BkToCstmrStmt><Stmt><Ntry>",
		"not an amount":        envelope(entry("1,234.56", "EUR")),
		"more decimals than J": envelope(entry("100.5", "JPY")),
		"no currency":          envelope(entry("1", "XXX")),
	} {
		doc, err := files.Open("x.xml", []byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if !camt.NewStatement().Sniff(doc) {
			t.Fatalf("%s: not recognised", want)
		}
		if _, err := camt.NewStatement().Parse(doc); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("got %v, want %q", err, want)
		}
	}
}

// Amounts are exact in currencies without decimals and with three.
func TestExponents(t *testing.T) {
	for _, c := range []struct {
		amount, currency string
		net              int64
	}{{"1200", "JPY", 1200}, {"1200.00", "JPY", 1200}, {"1.234", "KWD", 1234}, {"1.2340", "KWD", 1234}, {"1.5", "EUR", 150}, {"0", "EUR", 0}} {
		doc, err := files.Open("x.xml", []byte(`<Document><BkToCstmrStmt><Stmt>`+entry(c.amount, c.currency)+`</Stmt></BkToCstmrStmt></Document>`))
		if err != nil {
			t.Fatal(err)
		}
		statement, err := camt.NewStatement().Parse(doc)
		if err != nil || statement.Lines[0].Net != c.net {
			t.Errorf("%s %s: got %+v, %v, want %d", c.amount, c.currency, statement, err, c.net)
		}
	}
}

func entry(amount, currency string) string {
	return `<Ntry><Amt Ccy="` + currency + `">` + amount + `</Amt><CdtDbtInd>CRDT</CdtDbtInd><Sts>BOOK</Sts><ValDt><Dt>2026-01-06</Dt></ValDt></Ntry>`
}
