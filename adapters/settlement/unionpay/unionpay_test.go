package unionpay_test

import (
	"encoding/json"
	"errors"
	"os"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/adapters/settlement/settlementtest"
	"daybook/adapters/settlement/unionpay"
	"daybook/ledger"
	"daybook/reconcile"
)

const name = "INN26010588ZM_777290000000001"

// fixed are the cases of fixed width.
var fixed = []string{name, "INN26010588ZME_777290000000001", "IND26010532ACOMN"}

// either reads what a merchant gets, or what an institution does, so that one testdata
// serves the two formats.
type either struct{ settlement.Format }

func newEither() either { return either{unionpay.New()} }

func (e either) of(doc *files.Document) settlement.Format {
	if institution := unionpay.NewInstitution(); institution.Sniff(doc) {
		return institution
	}
	return e.Format
}

func (e either) Sniff(doc *files.Document) bool { return e.of(doc).Sniff(doc) }

func (e either) Parse(doc *files.Document) (*reconcile.Statement, error) { return e.of(doc).Parse(doc) }

func (e either) ParseApart(doc *files.Document) (*reconcile.Statement, []files.Quarantined, error) {
	return settlement.ParseApart(e.of(doc), doc)
}

func TestGolden(t *testing.T) { settlementtest.Golden(t, newEither()) }

func FuzzParse(f *testing.F) { settlementtest.Fuzz(f, newEither(), rows) }

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

func parse(name string, data []byte) (*files.Document, *reconcile.Statement, error) {
	doc, err := files.Open(name, data)
	if err != nil {
		return nil, nil, err
	}
	if !newEither().Sniff(doc) {
		return doc, nil, files.Wrong(name, ledger.Say("not recognised"), ledger.Text{})
	}
	statement, err := newEither().Parse(doc)
	return doc, statement, err
}

// Whatever stands in a column, a row is refused or holds what every line holds.
func TestMutated(t *testing.T) {
	for _, name := range fixed {
		mutate(t, name)
	}
}

func mutate(t *testing.T, name string) {
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
				settlementtest.Card, "0229000000", "\xd6\xd0", "\u00b7", "\r", "0420", "200000", "310000", "0100", "000000000000"}).Draw(t, "value")
			at := rapid.IntRange(0, len(lines[n])-len(value)).Draw(t, "at")
			lines[n] = lines[n][:at] + value + lines[n][at+len(value):]
		}
		doc, statement, err := parse(name, []byte(strings.Join(lines, "")))
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
		t.Errorf("%s: no changed file was ever read", name)
	}
}

// A card number in any place of a row is never handed out whole.
func TestPlantedCards(t *testing.T) {
	for _, name := range fixed {
		plant(t, name)
	}
}

func plant(t *testing.T, name string) {
	data, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	for at := 0; at+len(settlementtest.Card)+1 < strings.Index(string(data), "\n"); at++ {
		planted := string(data[:at]) + settlementtest.Card + string(data[at+len(settlementtest.Card):])
		_, statement, err := parse(name, []byte(planted))
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
		if len(statement.Controls) != 16+12 || statement.Account != "777290000000001" {
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

// Every edition of one day of an institution says the same: 128.00 and its void, 58.80, 9.90,
// 1200.00 and its reversal, 20.00 given back.
func TestEditionsOfAnInstitutionAgree(t *testing.T) {
	for _, path := range []string{"", "lf_", "trimmed_", "full_pan_", "unlikely_pan_", "utf16le_", "extended_"} {
		path += map[bool]string{true: "IND26010532ACOMA", false: "IND26010532ACOMN"}[path == "extended_"]
		statement, err := settlementtest.Read(t, unionpay.NewInstitution(), "testdata/"+path)
		if err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		kinds := map[reconcile.LineKind]int64{}
		for _, line := range statement.Lines {
			kinds[line.Kind] += line.Gross
		}
		want := map[reconcile.LineKind]int64{reconcile.SaleLine: 12800 + 5880 + 990 + 120000, reconcile.VoidLine: -12800,
			reconcile.ReversalLine: -120000, reconcile.RefundLine: -2000}
		if diff := cmp.Diff(want, kinds); diff != "" || len(statement.Lines) != 7 || statement.Account != "104440353310031" {
			t.Errorf("%s: %d lines, account %q, %s", path, len(statement.Lines), statement.Account, diff)
		}
	}
}

// A summary that came alone states the bill's totals, and is none itself.
func TestSummaryAlone(t *testing.T) {
	for _, path := range []string{"RD201026010501_777290000000001", "summary_utf8.txt", "summary_more_kinds.txt"} {
		statement, err := settlementtest.Read(t, unionpay.New(), "testdata/"+path)
		if err != nil {
			t.Fatal(err)
		}
		settlementtest.Tied(t, statement)
		want := []reconcile.KindTotal{{Total: reconcile.Total{Currency: "CNY", Lines: 4, Gross: 115400, Fee: 687, Net: 114713}}}
		if diff := cmp.Diff(want, statement.Sums); diff != "" || statement.Kind != reconcile.BillSummary || statement.Account != "777290000000001" {
			t.Errorf("%s: %s of %q, %s", path, statement.Kind, statement.Account, diff)
		}
	}
}
