package till

import (
	"archive/zip"
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite the golden files")

var (
	shanghai = ledger.Clock{Zone: zone("Asia/Shanghai"), Cut: 4 * time.Hour}
	berlin   = ledger.Clock{Zone: zone("Europe/Berlin")}
)

var rules = Rules{
	Store: func(id ledger.StoreID) (Store, bool) {
		switch id {
		case "S001", "S002":
			return Store{shanghai, "CNY"}, true
		case "B001":
			return Store{berlin, "EUR"}, true
		case "X001":
			return Store{Clock: berlin}, true
		}
		return Store{}, false
	},
	Tenders: map[string]string{
		"cash": "cash", "card": "card", "alipay": "alipay", "wechat": "wechat", "Ewallet": "ewallet", "Credit card": "card",
	},
}

func zone(name string) *time.Location {
	zone, err := time.LoadLocation(name)
	if err != nil {
		panic(err)
	}
	return zone
}

func open(t interface{ Fatal(...any) }, name, text string) *files.Document {
	doc, err := files.Open(name, []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func readFile(t testing.TB, name string) string {
	t.Helper()
	data, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func profile(t testing.TB, name string) Profile {
	t.Helper()
	var p Profile
	if err := yaml.UnmarshalWithOptions([]byte(readFile(t, "testdata/"+name+".yaml")), &p, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	return p
}

func allSources(t testing.TB) []Source {
	t.Helper()
	sources, err := Sources([]Profile{profile(t, "supermarket"), profile(t, "lines")})
	if err != nil {
		t.Fatal(err)
	}
	return sources
}

// recognise returns the one source that claims the document.
func recognise(t testing.TB, doc *files.Document) Source {
	t.Helper()
	var claims []Source
	for _, source := range allSources(t) {
		if source.Sniff(doc) {
			claims = append(claims, source)
		}
	}
	if len(claims) != 1 {
		t.Fatalf("%s is claimed by %d sources, want 1", doc.Name, len(claims))
	}
	return claims[0]
}

var samples = []struct{ file, source string }{
	{"actions.ndjson", "till-ndjson"},
	{"pos_ledger.csv", "pos-csv"},
	{"pos_columns.csv", "pos-csv"},
	{"supermarket.csv", "receipts-csv:supermarket"},
	{"lines.csv", "receipts-csv:lines"},
}

// canonical is a reading as text that a person can review.
func canonical(t testing.TB, reading *Reading) []byte {
	t.Helper()
	var out bytes.Buffer
	for _, entry := range reading.Actions {
		data, err := json.Marshal(entry.Action)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&out, "%d %s\n  %s\n", entry.Row, reflect.TypeOf(entry.Action).Name(), data)
	}
	for _, column := range sortedKeys(reading.Truncated) {
		fmt.Fprintf(&out, "truncated %s: %d\n", column, reading.Truncated[column])
	}
	for _, column := range sortedKeys(reading.Dropped) {
		fmt.Fprintf(&out, "dropped %s: %d\n", column, reading.Dropped[column])
	}
	return out.Bytes()
}

func TestGolden(t *testing.T) {
	for _, sample := range samples {
		t.Run(sample.file, func(t *testing.T) {
			doc := open(t, sample.file, readFile(t, "testdata/"+sample.file))
			source := recognise(t, doc)
			if source.Name() != sample.source {
				t.Fatalf("read by %s, want %s", source.Name(), sample.source)
			}
			reading, err := source.Read(doc, rules)
			if err != nil {
				t.Fatal(err)
			}
			golden := "testdata/" + sample.file + ".golden"
			got := canonical(t, reading)
			if *update {
				if err := os.WriteFile(golden, got, 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(readFile(t, golden), string(got)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// An action that was read can be stored and be sent on: as an event and as NDJSON.
func TestActionsReadCanBeStoredAndEncoded(t *testing.T) {
	codec := ledger.NewCodec(ledger.ActionKinds())
	for _, sample := range samples {
		doc := open(t, sample.file, readFile(t, "testdata/"+sample.file))
		reading, err := recognise(t, doc).Read(doc, rules)
		if err != nil {
			t.Fatal(err)
		}
		for _, entry := range reading.Actions {
			event, err := codec.Encode(ledger.EventID{}, entry.Action, ledger.Metadata{})
			if err != nil {
				t.Fatal(err)
			}
			if _, err := codec.Decode(event); err != nil {
				t.Errorf("%s:%d: stored, but not read back: %v", sample.file, entry.Row, err)
			}
			line, err := Encode(entry.Action)
			if err != nil {
				t.Errorf("%s:%d: %v", sample.file, entry.Row, err)
				continue
			}
			again, err := NDJSON{}.Read(open(t, "again", string(line)), rules)
			if err != nil {
				t.Errorf("%s:%d: %v", sample.file, entry.Row, err)
				continue
			}
			if diff := cmp.Diff(entry.Action, again.Actions[0].Action, cmp.AllowUnexported(ledger.CardRef{})); diff != "" {
				t.Errorf("%s:%d: want -, got +:\n%s", sample.file, entry.Row, diff)
			}
		}
	}
}

// The forms described in the package documentation are the forms that are read.
func TestDocumentation(t *testing.T) {
	var examples, yamlText strings.Builder
	inProfile := false
	for line := range strings.Lines(readFile(t, "doc.go")) {
		line, isCode := strings.CutPrefix(line, "//\t")
		inProfile = isCode && (inProfile || strings.HasPrefix(line, "name: "))
		switch {
		case inProfile:
			yamlText.WriteString(line)
		case isCode && strings.HasPrefix(line, "{"):
			examples.WriteString(line)
		}
	}
	if examples.String() != readFile(t, "testdata/actions.ndjson") {
		t.Error("testdata/actions.ndjson does not hold the examples of the documentation, in their order")
	}
	seen := map[string]bool{}
	reading, err := NDJSON{}.Read(open(t, "doc.go", examples.String()), rules)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range reading.Actions {
		seen[fmt.Sprintf("%T", entry.Action)] = true
	}
	if want := len(ledger.ActionKinds()); len(seen) != want || len(kinds) != want {
		t.Errorf("examples of %d kinds, %d in the form, %d in the ledger", len(seen), len(kinds), want)
	}
	var got Profile
	if err := yaml.UnmarshalWithOptions([]byte(yamlText.String()), &got, yaml.Strict()); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(profile(t, "supermarket"), got); diff != "" {
		t.Errorf("the documented profile is not testdata/supermarket.yaml:\n%s", diff)
	}
}

// An archive of several tills' files is read as one document; each action names its file.
func TestArchive(t *testing.T) {
	var packed bytes.Buffer
	archive := zip.NewWriter(&packed)
	for _, name := range []string{"till1.ndjson", "till2.ndjson"} {
		entry, err := archive.Create(name)
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintln(entry, action("sign_off", ""))
	}
	if err := archive.Close(); err != nil {
		t.Fatal(err)
	}
	doc := open(t, "tills.zip", packed.String())
	reading, err := recognise(t, doc).Read(doc, rules)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, entry := range reading.Actions {
		got = append(got, fmt.Sprint(entry.Part, ":", entry.Row))
	}
	if diff := cmp.Diff([]string{"till1.ndjson:1", "till2.ndjson:1"}, got); diff != "" {
		t.Errorf("want -, got +:\n%s", diff)
	}
}

func TestNotRecognised(t *testing.T) {
	for _, text := range []string{
		"hello", "{}", `{"a":1}`, "[]", "a,b,c\n1,2,3\n", "\n\n", "txn_id\n", `"never closed`, "Invoice ID,Date,Time\n1,2,3\n",
	} {
		doc := open(t, "odd", text)
		for _, source := range allSources(t) {
			if source.Sniff(doc) {
				t.Errorf("%s claims %q", source.Name(), text)
			}
		}
	}
}

// A local time is resolved with the offset in force before a change of clocks.
func TestLocalTime(t *testing.T) {
	for _, test := range []struct{ zone, local, want string }{
		{"Asia/Shanghai", "2026-01-05 08:45:44", "2026-01-05T08:45:44+08:00"},
		{"Europe/Berlin", "2026-03-29 01:59:59", "2026-03-29T01:59:59+01:00"},
		{"Europe/Berlin", "2026-03-29 02:00:00", "2026-03-29T02:00:00+01:00"}, // does not exist
		{"Europe/Berlin", "2026-03-29 02:59:59", "2026-03-29T02:59:59+01:00"}, // does not exist
		{"Europe/Berlin", "2026-03-29 03:00:00", "2026-03-29T03:00:00+02:00"},
		{"Europe/Berlin", "2026-10-25 01:59:59", "2026-10-25T01:59:59+02:00"},
		{"Europe/Berlin", "2026-10-25 02:00:00", "2026-10-25T02:00:00+02:00"}, // twice: the first
		{"Europe/Berlin", "2026-10-25 02:59:59", "2026-10-25T02:59:59+02:00"}, // twice: the first
		{"Europe/Berlin", "2026-10-25 03:00:00", "2026-10-25T03:00:00+01:00"},
		{"Pacific/Auckland", "2026-09-27 01:59:59", "2026-09-27T01:59:59+12:00"},
		{"Pacific/Auckland", "2026-09-27 02:30:00", "2026-09-27T02:30:00+12:00"}, // does not exist
		{"Pacific/Auckland", "2026-09-27 03:00:00", "2026-09-27T03:00:00+13:00"},
		{"Pacific/Auckland", "2026-04-05 02:30:00", "2026-04-05T02:30:00+13:00"}, // twice
		{"Pacific/Auckland", "2026-04-05 03:00:00", "2026-04-05T03:00:00+12:00"},
		{"America/Los_Angeles", "2026-11-01 01:30:00", "2026-11-01T01:30:00-07:00"}, // twice
		{"America/Los_Angeles", "2026-11-01 02:00:00", "2026-11-01T02:00:00-08:00"},
		{"Australia/Lord_Howe", "2026-04-05 01:45:00", "2026-04-05T01:45:00+11:00"}, // twice, by half an hour
		{"Australia/Lord_Howe", "2026-04-05 02:00:00", "2026-04-05T02:00:00+10:30"},
		{"UTC", "2026-01-05 00:00:00", "2026-01-05T00:00:00Z"},
	} {
		at, ok := parseLocal(test.local, zone(test.zone), time.DateTime)
		if got := at.Format(time.RFC3339); !ok || got != test.want {
			t.Errorf("%s in %s is %s, want %s", test.local, test.zone, got, test.want)
		}
	}
	// Every hour of a year that the zone's own clock shows once is that hour.
	for _, name := range []string{"Europe/Berlin", "Pacific/Auckland", "America/Los_Angeles", "Australia/Lord_Howe"} {
		zone := zone(name)
		for at := time.Date(2026, 1, 1, 0, 30, 0, 0, time.UTC); at.Year() == 2026; at = at.Add(time.Hour) {
			wall := at.In(zone).Format(time.DateTime)
			got, ok := parseLocal(wall, zone, time.DateTime)
			if !ok || got.In(zone).Format(time.DateTime) != wall || got.After(at) {
				t.Fatalf("%s in %s is %s, want %s or the same time an hour before", wall, name, got, at)
			}
		}
	}
}

func TestChannel(t *testing.T) {
	r := Rules{Tenders: map[string]string{"Credit card": "card", "现金": "cash", "Bar": "cash", "BAR": "card"}}
	for _, test := range []struct {
		word, channel string
		known         bool
	}{
		{"Credit card", "card", true}, {"CREDIT CARD", "card", true}, {" card ", "card", true}, {"Card", "Card", false},
		{"现金", "cash", true}, {"cash", "cash", true}, {"bar", "card", true}, {"Bar", "cash", true}, {"voucher", "voucher", false}, {"", "", false},
	} {
		channel, known := r.channel(test.word)
		if channel != test.channel || known != test.known {
			t.Errorf("%q is %q, %v; want %q, %v", test.word, channel, known, test.channel, test.known)
		}
	}
}
