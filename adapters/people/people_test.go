package people_test

import (
	"errors"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/people"
	"daybook/ledger/customer"
)

func open(t testing.TB, text string) *files.Document {
	t.Helper()
	doc, err := files.Open("customers.csv", []byte(text))
	if err != nil {
		t.Skip(err)
	}
	return doc
}

const good = "\ufeffshoe size,会员号,Name, Phone ,E-Mail,生日,Marketing,consent_text\r\n" +
	"42,M1,王小明,+86 138-0013-8000,A@B.example,1990-05-01,是,v1\r\n" +
	",M2,\"Abbot, Q.\",,,--02-29,no,\r\n"

func TestRead(t *testing.T) {
	doc := open(t, good)
	if !people.Sniff(doc) {
		t.Fatal("not recognised")
	}
	rows, err := people.Read(doc)
	if err != nil || len(rows) != 2 {
		t.Fatalf("%d rows: %v", len(rows), err)
	}
	first := rows[0]
	if first.Line != 2 || first.Name != "王小明" || first.Further["shoe size"] != "42" || !first.Consents[customer.Marketing] || first.Text != "v1" ||
		strings.Join([]string{string(first.Lookups()[0]), string(first.Lookups()[1]), string(first.Lookups()[2])}, " ") != "member:M1 phone:13800138000 mail:a@b.example" {
		t.Errorf("%+v", first)
	}
	if given, said := rows[1].Consents[customer.Marketing]; given || !said || rows[1].Name != "Abbot, Q." || rows[1].Birthday != "--02-29" {
		t.Errorf("%+v", rows[1])
	}
}

// Every wrong row is named, with its column, and nothing of what stands in it.
func TestWrongRows(t *testing.T) {
	text := "member,name,phone,mail,birthday,share,4111111111111111\n" +
		"M1,SECRET1,SECRET2,,,,\n" +
		"M2,SECRET1,,SECRET3,SECRET4,SECRET5,\n" +
		",SECRET1,,,,,\n" +
		"M4,SECRET1\n" +
		"M5,\"SECRET1\n" +
		"M 6,SECRET1,,,,,\n"
	_, err := people.Read(open(t, text))
	var list files.ErrorList
	if !errors.As(err, &list) {
		t.Fatal(err)
	}
	want := map[int][]string{2: {"phone"}, 3: {"mail", "birthday", "share"}, 4: {""}, 5: {""}, 6: {""}}
	got := map[int][]string{}
	for _, e := range list {
		got[e.Row] = append(got[e.Row], e.Column)
		if strings.Contains(e.Error()+e.Hint.String(), "SECRET") {
			t.Errorf("it repeats what stands there: %v", e)
		}
	}
	for row, columns := range want {
		for _, column := range columns {
			found := false
			for _, c := range got[row] {
				found = found || c == column || column == ""
			}
			if !found {
				t.Errorf("row %d: %q is not named among %q", row, column, got[row])
			}
		}
	}
	for _, other := range []string{"member,name,amount\n", "name,address\n", "phone\n", "a,b\n", "member\n"} {
		if people.Sniff(open(t, other)) {
			t.Errorf("%q is taken for customers", other)
		}
	}
	if _, err := people.Read(open(t, "member,会员号,name\nM1,M2,x\n")); err == nil {
		t.Error("two columns of one meaning")
	}
}

// Whatever a file holds: no panic; what is read can be registered; what is refused is not repeated,
// and no card number comes through.
func FuzzRead(f *testing.F) {
	f.Add(good)
	f.Add("member,name\nM1,4111111111111111\n")
	f.Add("phone,mail,address\n1,2,3\n\"x")
	f.Add("电话,姓名\n13800138000,李雷\n")
	f.Fuzz(func(t *testing.T, text string) {
		doc := open(t, text)
		people.Sniff(doc)
		rows, err := people.Read(doc)
		var list files.ErrorList
		switch {
		case err == nil:
		case errors.As(err, &list):
			for _, e := range list {
				if e.Value != "" {
					t.Errorf("the message repeats %q", e.Value)
				}
			}
		default:
			t.Fatal(err)
		}
		for _, row := range rows {
			if faults := row.Check(); len(faults) > 0 {
				t.Errorf("read, and wrong: %+v", faults)
			}
			for _, field := range row.Fields() {
				for _, run := range strings.FieldsFunc(field.Value, func(r rune) bool { return r < '0' || r > '9' }) {
					if run == "4111111111111111" { // in a longer run of digits it is no card number
						t.Error("a card number came through")
					}
				}
			}
		}
	})
}
