package ledger

import (
	"bytes"
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

// everyForm has a field of every form.
type everyForm struct {
	Till
	Text   string            `json:"text"`
	Maybe  string            `json:"maybe,omitempty"`
	Yes    bool              `json:"yes"`
	No     bool              `json:"no,omitempty"`
	Int    int               `json:"int"`
	Long   int64             `json:"long,omitempty"`
	Money  Money             `json:"money,omitzero"`
	Card   CardRef           `json:"card,omitzero"`
	Origin *Origin           `json:"origin,omitempty"`
	Null   *Origin           `json:"null"`
	Words  []string          `json:"words"`
	Parts  []Tender          `json:"parts,omitempty"`
	Notes  map[string]string `json:"notes,omitempty"`
	Counts map[string]int    `json:"counts"`
	Nested struct {
		Days []BusinessDay `json:"days"`
	} `json:"nested"`
}

func drawEveryForm(t *rapid.T) everyForm {
	text := rapid.OneOf(rapid.SampledFrom([]string{"", "card", "cash", "数据", "a\"b", "a\\b", "<&>", "\u2028", "\t", "\x00", "\xff", "\U0001f600", "é"}), rapid.String())
	money := func(what string) Money {
		return Minor(rapid.Int64().Draw(t, what), rapid.SampledFrom([]Currency{"CNY", "JPY", "KWD"}).Draw(t, what))
	}
	day := func() BusinessDay {
		if rapid.Bool().Draw(t, "no day") {
			return BusinessDay{}
		}
		return DayOf(time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "day"), 0).UTC())
	}
	var e everyForm
	e.Terminal, e.Seq, e.BusinessDay = TerminalID(text.Draw(t, "terminal")), rapid.Uint64().Draw(t, "seq"), day()
	e.At = time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), rapid.Int64Range(0, 999_999_999).Draw(t, "nanoseconds")).In(time.FixedZone("", 60*rapid.IntRange(-720, 840).Draw(t, "zone")))
	e.Text, e.Maybe, e.Yes, e.No = text.Draw(t, "text"), text.Draw(t, "maybe"), rapid.Bool().Draw(t, "yes"), rapid.Bool().Draw(t, "no")
	e.Int, e.Long = rapid.Int().Draw(t, "int"), rapid.Int64().Draw(t, "long")
	if rapid.Bool().Draw(t, "money") {
		e.Money = money("minor")
		e.Origin = &Origin{File: text.Draw(t, "file"), Row: rapid.IntRange(0, 9).Draw(t, "row")}
		e.Card, _ = ParseCardRef("6222020123453321")
	}
	e.Words = rapid.SliceOf(text).Draw(t, "words")
	if rapid.Bool().Draw(t, "nil") {
		e.Words = nil
	}
	for range rapid.IntRange(0, 3).Draw(t, "parts") {
		e.Parts = append(e.Parts, Tender{Payment: text.Draw(t, "payment"), Channel: text.Draw(t, "channel"), Amount: money("amount")})
	}
	e.Notes = rapid.MapOf(text, text).Draw(t, "notes")
	e.Counts = rapid.MapOf(text, rapid.Int()).Draw(t, "counts")
	for range rapid.IntRange(0, 2).Draw(t, "days") {
		e.Nested.Days = append(e.Nested.Days, day())
	}
	return e
}

var everyReader = newReader(reflect.TypeFor[everyForm]())

// What a form reads is what encoding/json reads.
func TestStoredReadsLikeJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		data, err := json.Marshal(drawEveryForm(t))
		if err != nil {
			t.Fatal(err)
		}
		agree(t, data)
		agree(t, mutilated(t, data))
	})
}

// mutilated changes, doubles or drops a stretch of bytes.
func mutilated(t *rapid.T, data []byte) []byte {
	from := rapid.IntRange(0, len(data)).Draw(t, "from")
	to := rapid.IntRange(from, min(len(data), from+8)).Draw(t, "to")
	put := rapid.OneOf(rapid.Just(data[from:to:to]), rapid.SliceOfN(rapid.SampledFrom([]byte(`{}[],:"\0123nulltrue -+.e`)), 0, 3)).Draw(t, "put")
	return bytes.Join([][]byte{data[:from], put, data[to:]}, data[from:to:to][:rapid.IntRange(0, to-from).Draw(t, "again")])
}

func agree(t interface{ Fatalf(string, ...any) }, data []byte) {
	var fast, slow everyForm
	if !everyReader.read(data, reflect.ValueOf(&fast).Elem()) {
		return
	}
	if err := json.Unmarshal(data, &slow); err != nil {
		t.Fatalf("encoding/json refuses what was read: %v\n%s", err, data)
	}
	sameTime := cmp.Comparer(func(a, b time.Time) bool { return a.Format(time.RFC3339Nano) == b.Format(time.RFC3339Nano) })
	if difference := cmp.Diff(slow, fast, sameTime, cmp.Comparer(func(a, b CardRef) bool { return a == b })); difference != "" {
		t.Fatalf("%s\nreads otherwise (encoding/json -, form +):\n%s", data, difference)
	}
}

func FuzzStored(f *testing.F) {
	e := everyForm{Text: "text", Words: []string{"a", ""}, Counts: map[string]int{"x": 1}, Money: Minor(-5, "CNY"), Origin: &Origin{File: "f"}}
	e.At = time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	data, err := json.Marshal(e)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(data)
	f.Fuzz(func(t *testing.T, data []byte) { agree(t, data) })
}

// Every kind of event that terminals and the intake write has a form, and reads its own
// encoding by it.
func TestStoredReadsEveryKind(t *testing.T) {
	for _, kind := range append(ActionKinds(), IntakeKinds()...) {
		r := newReader(kind.goType)
		if kind.goType == reflect.TypeFor[ActionQuarantined]() {
			continue // holds another event's JSON as it is, and is rare
		}
		if r == nil {
			t.Errorf("%s has no form", kind.name)
			continue
		}
		data, err := json.Marshal(reflect.Zero(kind.goType).Interface())
		if err != nil {
			t.Fatal(err)
		}
		if !r.read(data, reflect.New(kind.goType).Elem()) {
			t.Errorf("%s does not read its own encoding %s", kind.name, data)
		}
	}
}

// go test ./ledger -bench Decode -run '^$'
func BenchmarkDecode(b *testing.B) {
	sale := SaleRecorded{
		Till: Till{Terminal: "S001T01", Seq: 512, Store: "S001", At: time.Date(2026, 1, 5, 12, 0, 0, 0, time.FixedZone("", 8*3600)), BusinessDay: BusinessDay{2026, 1, 5}, Cashier: "1007"},
		Sale: "R260105-000512", Total: Minor(2890, "CNY"), Tax: Minor(332, "CNY"),
		Lines: []SaleLine{{SKU: "6901234567892", Name: "矿泉水 550ml", Category: "drinks", QtyMilli: 2000, Unit: Minor(200, "CNY"), Net: Minor(354, "CNY"), Tax: Minor(46, "CNY"), TaxRate: 130000},
			{SKU: "6901234567893", Name: "rice", Category: "food", QtyMilli: 1000, Unit: Minor(2490, "CNY"), Net: Minor(2204, "CNY"), Tax: Minor(286, "CNY"), TaxRate: 130000}},
		Tenders: []Tender{{Payment: "L260105-000512", Channel: "card", Entry: Contactless, Verification: NoCheck, Amount: Minor(2890, "CNY"), Outcome: Approved, MID: "104440353310031",
			TID: "01080301", Batch: "000817", STAN: "000512", RRN: "600512000512", AuthCode: "A00512", CardKind: "debit", Response: "00"}},
	}
	codec := NewCodec(ActionKinds())
	event, err := codec.Encode(DeriveID("x"), sale, Metadata{})
	if err != nil {
		b.Fatal(err)
	}
	b.Run("form", func(b *testing.B) {
		b.SetBytes(int64(len(event.Data)))
		for b.Loop() {
			if _, err := codec.Decode(event); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encoding-json", func(b *testing.B) {
		b.SetBytes(int64(len(event.Data)))
		for b.Loop() {
			var s SaleRecorded
			if err := json.Unmarshal(event.Data, &s); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("encode", func(b *testing.B) {
		for b.Loop() {
			if _, err := json.Marshal(sale); err != nil {
				b.Fatal(err)
			}
		}
	})
}
