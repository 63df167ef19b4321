package unionpay_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"daybook/adapters/files"
	"daybook/adapters/settlement/settlementtest"
	"daybook/adapters/settlement/unionpay"
	"daybook/ledger"
	"daybook/reconcile"
)

const name = "INN26010588ZM_777290000000001"

func TestGolden(t *testing.T) { settlementtest.Golden(t, unionpay.New()) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, unionpay.New(), rows) }

// rows counts the lines of all parts but the summary.
func rows(doc *files.Document) int {
	n := 0
	for _, part := range doc.Parts {
		if strings.Contains(part.Text, "商户代码:") {
			continue
		}
		for _, line := range files.Lines(part.Text) {
			if strings.Trim(line, " \t\f\u00a0\u3000\ufeff\x1a") != "" {
				n++
			}
		}
	}
	return n
}

func parse(t interface{ Fatal(...any) }, data []byte) (*files.Document, *reconcile.Statement, error) {
	doc, err := files.Open(name, data)
	if err != nil {
		return nil, nil, err
	}
	if !unionpay.New().Sniff(doc) {
		return doc, nil, files.Wrong(name, ledger.Say("not recognised"), ledger.Text{})
	}
	statement, err := unionpay.New().Parse(doc)
	return doc, statement, err
}

// Whatever stands in a column, a row is refused or holds what every line holds.
func TestMutated(t *testing.T) {
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	read := 0
	rapid.Check(t, func(t *rapid.T) {
		lines := strings.SplitAfter(string(data), "\r\n")
		for range rapid.IntRange(1, 3).Draw(t, "edits") {
			n := rapid.IntRange(0, len(lines)-2).Draw(t, "line")
			value := rapid.SampledFrom([]string{"0", " ", "9999999999", "C000000000000", "D999999999999", "01", "x",
				settlementtest.Card, "0229000000", "\xd6\xd0", "\u00b7", "\r"}).Draw(t, "value")
			at := rapid.IntRange(0, len(lines[n])-len(value)).Draw(t, "at")
			lines[n] = lines[n][:at] + value + lines[n][at+len(value):]
		}
		doc, statement, err := parse(t, []byte(strings.Join(lines, "")))
		if err != nil {
			var list files.ErrorList
			if !errors.As(err, &list) || ledger.TruncateCards(err.Error()) != err.Error() {
				t.Fatalf("refused with %v", err)
			}
			return
		}
		read++
		settlementtest.Hold(t, statement)
		if want := rows(doc); len(statement.Lines) != want {
			t.Errorf("%d lines of %d rows", len(statement.Lines), want)
		}
	})
	if read == 0 {
		t.Error("no changed file was ever read")
	}
}

// A card number in any place of a row is never handed out whole.
func TestPlantedCards(t *testing.T) {
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at+len(settlementtest.Card)+1 < 607; at++ {
		planted := string(data[:at]) + settlementtest.Card + string(data[at+len(settlementtest.Card):])
		_, statement, err := parse(t, []byte(planted))
		said := settlementtest.Text(statement, err)
		if statement != nil {
			settlementtest.Hold(t, statement)
			encoded, _ := json.Marshal(statement)
			said += string(encoded)
		}
		if ledger.TruncateCards(said) != said {
			t.Fatalf("at %d: %s", at, said)
		}
	}
}

// The summary beside the transactions ties, whatever the order of the members.
func TestBundle(t *testing.T) {
	for _, path := range []string{"testdata/bundle.zip", "testdata/bundle_no_disputes.zip"} {
		statement, err := settlementtest.Read(t, unionpay.New(), path)
		if err != nil {
			t.Fatal(err)
		}
		settlementtest.Tied(t, statement)
		if len(statement.Controls) != 16 || statement.Account != "777290000000001" {
			t.Errorf("%s: %d controls, account %q", path, len(statement.Controls), statement.Account)
		}
	}
}

// Every encoding, line end and edition of one day says the same.
func TestEditionsAgree(t *testing.T) {
	for _, path := range []string{name, "INN26010500ZM_777290000000001.txt", "utf8_" + name, "short_rows_" + name,
		"tail_of_old_edition_" + name} {
		statement, err := settlementtest.Read(t, unionpay.New(), "testdata/"+path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		gross, fee, net := settlementtest.Totals(statement)
		if gross != 115400 || fee != 687 || net != 114713 || len(statement.Lines) != 4 {
			t.Errorf("%s: gross %d, fee %d, net %d in %d lines", path, gross, fee, net, len(statement.Lines))
		}
	}
}
