package simulator_test

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"daybook/adapters/simulator"
	"daybook/ledger"
)

func TestSameOptionsSameBytes(t *testing.T) {
	first, second, other := generate(t, 7, 400, 2), generate(t, 7, 400, 2), generate(t, 8, 400, 2)
	if diff := cmp.Diff(digests(first.Files), digests(second.Files)); diff != "" {
		t.Errorf("files differ: %s", diff)
	}
	if diff := cmp.Diff(first.Key, second.Key); diff != "" {
		t.Errorf("keys differ: %s", diff)
	}
	if diff := cmp.Diff(string(first.Config), string(second.Config)); diff != "" {
		t.Errorf("configurations differ: %s", diff)
	}
	if diff := cmp.Diff(digests(first.Next()), digests(second.Next())); diff != "" {
		t.Errorf("next days differ: %s", diff)
	}
	if diff := cmp.Diff(digests(first.Next()), digests(first.Next())); diff != "" {
		t.Errorf("asking twice for the next day gives two: %s", diff)
	}
	theirs := digests(other.Files)
	for name, digest := range digests(first.Files) {
		if theirs[name] == digest && !catalogue[name] {
			t.Errorf("another seed gives the same %s", name)
		}
	}
}

func digests(files []simulator.File) map[string]string {
	of := map[string]string{}
	for _, file := range files {
		sum := sha256.Sum256(file.Data)
		of[file.Name] = hex.EncodeToString(sum[:])
	}
	return of
}

// The digest is over the decoded texts, so that another release of the compressor
// does not change it. When a change of the generator is meant, put in what is printed.
func TestGoldenDigest(t *testing.T) {
	const want = "2208e10dce40119918d330b191f9bba0406c489e5100b9ca24e14b6c5ada6989"
	day := generate(t, 1, 300, 1)
	h := sha256.New()
	for _, files := range [][]simulator.File{day.Files, day.Next()} {
		of := texts(t, files)
		for _, name := range slices.Sorted(maps.Keys(of)) {
			fmt.Fprintf(h, "%s\n%s\n", name, of[name])
		}
	}
	key, err := json.Marshal(day.Key)
	if err != nil {
		t.Fatal(err)
	}
	io.WriteString(h, string(day.Config)+string(key))
	if got := hex.EncodeToString(h.Sum(nil)); got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestKindsPlanted(t *testing.T) {
	for seed := range uint64(3) {
		const n = 5
		count := map[string]int{}
		references := map[string]string{}
		for _, b := range generate(t, seed, 900, n).Key.Breaks {
			count[b.Kind]++
			if earlier := references[b.Reference]; earlier != "" && b.Channel != "till" {
				t.Errorf("seed %d: %s carries %s and %s", seed, b.Reference, earlier, b.Kind)
			}
			references[b.Reference] = b.Kind
		}
		for _, kind := range simulator.Kinds(simulator.Shanghai) {
			want := n
			switch kind {
			case simulator.PayoutShort, simulator.PayoutNotReceived, simulator.ControlTotalMismatch, simulator.FileMissing:
				want = 1
			}
			if count[kind] != want {
				t.Errorf("seed %d: %d of %s, want %d", seed, count[kind], kind, want)
			}
			delete(count, kind)
		}
		if len(count) > 0 {
			t.Errorf("seed %d: kinds that are not listed: %v", seed, count)
		}
		if quiet := generate(t, seed, 900, 0).Key.Breaks; len(quiet) > 0 {
			t.Errorf("seed %d: a quiet day has breaks: %v", seed, quiet)
		}
	}
}

// No text that reaches daybook may hold a card number, nor anything that only looks
// like one: it would be cut on import and no longer join.
func TestNoCardNumbers(t *testing.T) {
	for seed, year := range []int{2026, 2030, 2034, 2036, 2040, 2099} {
		day, err := simulator.Generate(simulator.Options{
			Seed: uint64(seed), Day: ledger.BusinessDay{Year: year, Month: 12, Day: 31}, Stores: 2, TerminalsPerStore: 2, Payments: 300, Breaks: 2,
		})
		if err != nil {
			t.Fatal(err)
		}
		of := texts(t, append(day.Files, day.Next()...))
		key, err := json.Marshal(day.Key)
		if err != nil {
			t.Fatal(err)
		}
		of["key"], of["configuration"] = string(key), string(day.Config)
		for name, text := range of {
			for line := range strings.Lines(text) {
				if cut := ledger.TruncateCards(line); cut != line {
					t.Errorf("%d: %s holds what looks like a card number: %s", year, name, line)
				}
			}
		}
	}
}

// Equal amounts and equal times are what makes matching hard.
func TestManyLookAlike(t *testing.T) {
	amounts, times, sales := map[string]int{}, map[string]int{}, 0
	for _, a := range actions(t, texts(t, generate(t, 3, 1000, 0).Files)) {
		if a.Kind == "sale" {
			amounts[a.Total]++
			times[a.At]++
			sales++
		}
	}
	if len(amounts) > sales*2/3 || len(times) > sales*19/20 {
		t.Errorf("%d amounts and %d times among %d sales are too many to be hard", len(amounts), len(times), sales)
	}
}

func TestRefusedOptions(t *testing.T) {
	good := simulator.Options{Seed: 1, Day: monday, Stores: 1, TerminalsPerStore: 2, Payments: 200, Breaks: 1}
	if _, err := simulator.Generate(good); err != nil {
		t.Fatal(err)
	}
	for _, spoil := range []func(*simulator.Options){
		func(o *simulator.Options) { o.Day = ledger.BusinessDay{} },
		func(o *simulator.Options) { o.Stores = 0 },
		func(o *simulator.Options) { o.Stores = 8001 },
		func(o *simulator.Options) { o.Days = -1 },
		func(o *simulator.Options) { o.World = "moon" },
		func(o *simulator.Options) { o.World = simulator.Everywhere },   // five countries, one store
		func(o *simulator.Options) { o.Payments, o.Breaks = 50_000, 0 }, // on two terminals
		func(o *simulator.Options) { o.TerminalsPerStore = 1 },
		func(o *simulator.Options) { o.Payments = 0 },
		func(o *simulator.Options) { o.Breaks = -1 },
		func(o *simulator.Options) { o.Articles = 36 },
		func(o *simulator.Options) { o.Articles = 20_001 },
		func(o *simulator.Options) { o.Stores, o.Articles = 501, 20_000 },
		func(o *simulator.Options) { o.Breaks = 200 },
		func(o *simulator.Options) { o.Payments = 5 },
	} {
		bad := good
		spoil(&bad)
		var refusal *ledger.Refusal
		if _, err := simulator.Generate(bad); !errors.As(err, &refusal) {
			t.Errorf("%+v: got %v, want a refusal", bad, err)
		}
	}
	for _, payments := range []int{1, 2, 10} {
		good.Payments, good.Breaks = payments, 0
		day, err := simulator.Generate(good)
		if err != nil || len(day.Key.Breaks) > 0 {
			t.Errorf("%d payments: %v, %v", payments, err, day.Key.Breaks)
		}
	}
}
