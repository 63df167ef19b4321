package ledgertest

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/ledger"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write golden encodings for kinds that have none, and rewrite changed ones")

// TestEncodings holds every kind of a codec against dir/<type>.json, the bytes in which
// a payload with every field filled is stored. They may never change: journals that
// exist hold them. A kind without a payload here, or a payload without its file, fails;
// a new field shows as a difference, and is right only if old bytes still mean the same.
//
// payloads holds one value of each kind's Go type; what is in it does not matter.
func TestEncodings(t *testing.T, codec *ledger.Codec, dir string, payloads ...any) {
	samples := map[string]any{}
	for _, payload := range payloads {
		sample := reflect.New(reflect.TypeOf(payload)).Elem()
		new(filler).fill(sample, reflect.TypeOf(payload).Name())
		samples[codec.TypeOf(payload)] = sample.Interface()
	}
	for _, kind := range codec.Types() {
		t.Run(kind, func(t *testing.T) {
			path := filepath.Join(dir, kind+".json")
			sample, current := samples[kind]
			if !current && !hasLater(codec, kind) {
				t.Fatalf("no sample of %s", kind)
			}
			if current && *update {
				writeGolden(t, codec, path, sample)
			}
			golden, err := os.ReadFile(path)
			if err != nil {
				t.Fatalf("%v; the first time, run the test with -update", err)
			}
			var data bytes.Buffer
			if err := json.Compact(&data, golden); err != nil {
				t.Fatal(err)
			}
			payload, err := codec.Decode(ledger.Event{Type: kind, Data: data.Bytes()})
			if err != nil {
				t.Fatal(err)
			}
			if !current {
				return // an old version; that it can still be read is all there is
			}
			if difference := cmp.Diff(sample, payload, cards); difference != "" {
				t.Errorf("the golden bytes mean something else:\n%s", difference)
			}
			for _, value := range []any{sample, payload} {
				event, err := codec.Encode(ledger.DeriveID(kind), value, ledger.Metadata{})
				if err != nil || event.Type != kind || !bytes.Equal(event.Data, data.Bytes()) {
					t.Errorf("encoded as %s (%v)\n%s\nwant\n%s", event.Type, err, event.Data, data.Bytes())
				}
			}
		})
	}
	for kind := range samples {
		if !slices.Contains(codec.Types(), kind) {
			t.Errorf("a sample of %q, which is no kind", kind)
		}
	}
}

var cards = cmp.Comparer(func(a, b ledger.CardRef) bool { return a == b })

func hasLater(codec *ledger.Codec, kind string) bool {
	name, version, _ := strings.Cut(kind, ".v")
	return slices.ContainsFunc(codec.Types(), func(other string) bool {
		later, v, _ := strings.Cut(other, ".v")
		return later == name && (len(v) > len(version) || len(v) == len(version) && v > version)
	})
}

func writeGolden(t *testing.T, codec *ledger.Codec, path string, sample any) {
	event, err := codec.Encode(ledger.DeriveID(path), sample, ledger.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	var indented bytes.Buffer
	if err := json.Indent(&indented, event.Data, "", "  "); err != nil {
		t.Fatal(err)
	}
	indented.WriteByte('\n')
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, indented.Bytes(), 0o644); err != nil {
		t.Fatal(err)
	}
}

// filler puts a value of its own into every field there is.
type filler struct{ count int }

func (f *filler) fill(v reflect.Value, name string) {
	f.count++
	switch v.Interface().(type) {
	case time.Time:
		at := time.Date(2026, 1, 5, 12, 0, f.count, 0, time.FixedZone("", 8*3600))
		v.Set(reflect.ValueOf(at))
		return
	case ledger.BusinessDay:
		v.Set(reflect.ValueOf(ledger.BusinessDay{Year: 2026, Month: 1, Day: 1}.AddDays(f.count)))
		return
	case ledger.CardRef:
		card, err := ledger.ParseCardRef(fmt.Sprintf("622202******%04d", f.count))
		if err != nil {
			panic(err)
		}
		v.Set(reflect.ValueOf(card))
		return
	case ledger.Currency:
		v.SetString([]string{"CNY", "JPY", "KWD"}[f.count%3])
		return
	case json.RawMessage:
		v.SetBytes([]byte(`{"sale":"1","total":{"minor":1,"currency":"CNY"}}`))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(fmt.Sprintf("%s %d", strings.ToLower(name), f.count))
	case reflect.Int, reflect.Int64:
		v.SetInt(int64(f.count))
	case reflect.Uint64:
		v.SetUint(uint64(f.count))
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 2, 2))
		for i := range 2 {
			f.fill(v.Index(i), name)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range 2 {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			f.fill(key, name)
			f.fill(value, name)
			v.SetMapIndex(key, value)
		}
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		f.fill(v.Elem(), name)
	case reflect.Struct:
		for i := range v.NumField() {
			f.fill(v.Field(i), v.Type().Field(i).Name)
		}
	default:
		panic("no sample of a " + v.Type().String())
	}
}
