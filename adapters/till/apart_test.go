package till

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// setAside tells what was read of a text, what was set aside, and as what it is kept.
func setAside(t *testing.T, source Source, text string) string {
	t.Helper()
	reading, apart, err := ReadApart(source, open(t, "f", text), rules)
	if err != nil {
		return "refused: " + everything(nil, err)
	}
	var out strings.Builder
	for _, entry := range reading.Actions {
		fmt.Fprintf(&out, "read %d\n", entry.Row)
	}
	return out.String() + quoted(apart)
}

// Of an action that cannot be read is kept what its fields should hold, and nothing that
// names a person, that must never be sent, or of which nobody knows what it is.
func TestApartNDJSON(t *testing.T) {
	good := sale("") + "\n"
	for name, test := range map[string]struct{ text, want string }{
		"value":        {good + strings.Replace(sale(""), `"1.00"`, `"1,00"`, 1) + "\n" + good, "read 1\nread 3\n" + `2 "{\"kind\":\"sale\",\"terminal\":\"T1\",\"seq\":1,\"store\":\"S001\",\"at\":\"2026-01-05T08:00:00+08:00\",\"sale\":\"R1\",\"total\":\"1,00\",\"tenders\":[{\"payment\":\"P1\",\"channel\":\"cash\",\"amount\":\"1.00\",\"outcome\":\"approved\"}]}"` + "\n" + `  total "1,00": this is not digits with a point before the decimals` + "\n"},
		"persons":      {good + action("sale", `,"sale":"R1","total":"x","customer":"13800138000","cashier":"Li Na","custmer":"13800138000","cvv2":"123"`) + "\n" + good, "read 1\nread 3\n" + `2 "{\"kind\":\"sale\",\"terminal\":\"T1\",\"seq\":1,\"store\":\"S001\",\"at\":\"2026-01-05T08:00:00+08:00\",\"sale\":\"R1\",\"total\":\"x\",\"customer\":null,\"cashier\":null,\"custmer\":null,\"cvv2\":null}"`},
		"unknown kind": {good + action("sails", `,"sale":"R1","who":"Li Na"`) + "\n" + good, "read 1\nread 3\n" + `2 "{\"kind\":\"sails\",\"terminal\":\"T1\",\"seq\":1,\"store\":\"S001\",\"at\":\"2026-01-05T08:00:00+08:00\",\"sale\":null,\"who\":null}"`},
		"wrong kinds":  {good + action("sale", `,"sale":"R1","total":["Li Na"],"notes":"Li Na","tenders":[{"payment":"P1","card":"62000000000000059999"}]`) + "\n" + good, "read 1\nread 3\n" + `2 "{\"kind\":\"sale\",\"terminal\":\"T1\",\"seq\":1,\"store\":\"S001\",\"at\":\"2026-01-05T08:00:00+08:00\",\"sale\":\"R1\",\"total\":null,\"notes\":null,\"tenders\":[{\"payment\":\"P1\",\"card\":null}]}"`},
		"not JSON":     {good + `{"kind":"sale","customer":"Li` + "\n" + good, "read 1\nread 3\n" + `2 ""` + "\n" + `   "": the JSON ends too early`},
		"cut":          {good + good + good + `{"kind":"sale","customer":"Li`, "refused: "},
		"nothing good": {action("sails", "") + "\n", "refused: "},
		"mostly bad":   {good + strings.Repeat(action("sails", "")+"\n", 2), "refused: "},
	} {
		got := setAside(t, NDJSON{}, test.text)
		if !strings.HasPrefix(got, test.want) {
			t.Errorf("%s:\n%s\nwant\n%s", name, got, test.want)
		}
		for _, secret := range []string{"Li Na", "13800138000", "123\"", "6200000000"} {
			if strings.Contains(got, secret) {
				t.Errorf("%s: %q was kept:\n%s", name, secret, got)
			}
		}
	}
}

// A terminal's journal has one action a row.
func TestApartPOSCSV(t *testing.T) {
	row := strings.TrimPrefix(posRow(), posHeader+"\n")
	got := setAside(t, POSCSV{}, posHeader+"\n"+row+"\n"+strings.TrimPrefix(posRow("amount_fen=12,3x"), posHeader+"\n")+"\n"+row+"\n"+strings.TrimPrefix(posRow("status=ok"), posHeader+"\n")+"\n"+row+"\n")
	if want := "read 2\nread 4\nread 6\n3 "; !strings.HasPrefix(got, want) || !strings.Contains(got, `status "ok"`) {
		t.Errorf("got\n%s", got)
	}
}

// A receipt that lacks a row is no receipt: all its rows are set aside, and those of both
// neighbours of a row that does not say which receipt it is of.
func TestApartReceipts(t *testing.T) {
	const header = "Bon;Filiale;Kasse;Zeit;Zahlart;Zahlung;Währung;Bediener;Kunde;Artikel;Bezeichnung;Warengruppe;Menge;Preis;Satz;Brutto\n"
	row := func(doc, price, total string) string {
		return doc + ";B001;K1;30.10.2026 18:00;cash;Z-" + doc + ";EUR;12;C-77;4711;Äpfel;Obst;2;" + price + ";7%;" + total + "\n"
	}
	good := func(doc string) string { return row(doc, "1.00", "2.14") }
	source, err := NewReceipts(profile(t, "lines"))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		text string
		read []int // rows at which a receipt begins
		away []int
	}{
		"one of two rows":         {good("1") + good("2") + row("2", "1,00", "2.14") + good("3"), []int{2, 5}, []int{3, 4}},
		"its total":               {good("1") + good("2") + row("2", "1.00", "9.99") + good("3"), []int{2, 5}, []int{3, 4}},
		"whose is it":             {good("1") + good("2") + row("", "1.00", "2.14") + good("3") + good("4") + good("5"), []int{2, 6, 7}, []int{3, 4, 5}},
		"does not fit":            {good("1") + good("2") + "2;B001\n" + good("3") + good("4") + good("5"), []int{2, 6, 7}, []int{3, 4, 5}},
		"not of this store":       {good("1") + good("2") + strings.Replace(good("2"), "B001", "B01", 1) + good("3") + good("4") + good("5"), []int{2, 6, 7}, []int{3, 4, 5}},
		"sorted, and comes again": {good("1") + good("2") + good("3") + good("4") + good("2"), []int{2, 4, 5}, []int{3, 6}},
	} {
		reading, apart, err := ReadApart(source, open(t, "f", header+test.text), rules)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		var read, away []int
		for _, entry := range reading.Actions {
			read = append(read, entry.Row)
		}
		bad := map[int]bool{}
		for _, q := range apart {
			bad[q.Row] = true
			if strings.Contains(q.Raw, "C-77") || strings.Contains(q.Raw, ";12;") {
				t.Errorf("%s: kept: %s", name, q.Raw)
			}
		}
		for n := range 20 {
			if bad[n] {
				away = append(away, n)
			}
		}
		if diff := cmp.Diff([][]int{test.read, test.away}, [][]int{read, away}); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
