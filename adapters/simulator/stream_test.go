package simulator_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"path"
	"runtime"
	"slices"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/adapters/simulator"
	"daybook/adapters/till"
	"daybook/ledger"
)

// kept is a Sink in memory; digests one that keeps nothing.
type kept map[string]*bytes.Buffer

func (k kept) Create(name string) (io.WriteCloser, error) {
	if k[name] != nil {
		return nil, fmt.Errorf("%s is written twice", name)
	}
	k[name] = &bytes.Buffer{}
	return closer{k[name]}, nil
}

func (k kept) Open(name string) (io.ReadCloser, error) {
	return io.NopCloser(bytes.NewReader(k[name].Bytes())), nil
}

type closer struct{ io.Writer }

func (closer) Close() error { return nil }

type nowhere struct{}

func (nowhere) Create(string) (io.WriteCloser, error) { return closer{io.Discard}, nil }

var everywhere = simulator.Options{
	World: simulator.Everywhere, Day: monday, Days: 3, Stores: 9, TerminalsPerStore: 3, Payments: 1500, Breaks: 2,
}

// Several days of every world: the same options give the same bytes, another seed others.
func TestHistoryReproducible(t *testing.T) {
	made := func(seed uint64) map[string]string {
		options := everywhere
		options.Seed = seed
		sink := kept{}
		if err := simulator.Write(options, sink, nil); err != nil {
			t.Fatal(err)
		}
		of := map[string]string{}
		for name, content := range sink {
			sum := sha256.Sum256(content.Bytes())
			of[name] = hex.EncodeToString(sum[:])
		}
		return of
	}
	first, second, other := made(3), made(3), made(4)
	if len(first) < 3*(9+11+9) {
		t.Errorf("only %d files", len(first))
	}
	for name, digest := range first {
		if second[name] != digest {
			t.Errorf("%s differs from one time to the next", name)
		}
		if other[name] == digest && name != simulator.ConfigFile && !catalogue[path.Base(name)] {
			t.Errorf("another seed gives the same %s", name)
		}
	}
}

// catalogue is what every history has alike.
var catalogue = map[string]bool{"products.csv": true, "suppliers.csv": true}

// What is written quickly is what till.Encode writes, and what the till's reader understands:
// each action read and written again gives its line.
func TestActionsAsTheFormHasThem(t *testing.T) {
	sink := kept{}
	options := everywhere
	options.Seed = 5
	if err := simulator.Write(options, sink, nil); err != nil {
		t.Fatal(err)
	}
	sources, err := till.Sources(nil)
	if err != nil {
		t.Fatal(err)
	}
	rules := till.Rules{
		Tenders: map[string]string{"cash": "cash", "card": "card", "alipay": "alipay", "wechat": "wechat", "unionpay": "unionpay", "paypay": "paypay", "paypal": "paypal"},
		Store:   func(ledger.StoreID) (till.Store, bool) { return till.Store{}, true },
	}
	read, lastOf := 0, map[ledger.TerminalID]uint64{}
	var names []string
	for name := range sink {
		if strings.Contains(name, "till_") {
			names = append(names, name)
		}
	}
	slices.Sort(names) // by store, then by day
	for _, name := range names {
		doc, err := files.Open(name, sink[name].Bytes())
		if err != nil {
			t.Fatal(err)
		}
		at := slices.IndexFunc(sources, func(s till.Source) bool { return s.Sniff(doc) })
		reading, err := sources[at].Read(doc, rules)
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		lines := strings.Split(strings.TrimSuffix(sink[name].String(), "\n"), "\n")
		if len(lines) != len(reading.Actions) {
			t.Fatalf("%s: %d lines, %d actions", name, len(lines), len(reading.Actions))
		}
		for i, entry := range reading.Actions {
			text, err := till.Encode(entry.Action)
			if err != nil {
				t.Fatalf("%s:%d: %v", name, i+1, err)
			}
			if string(text) != lines[i] {
				t.Fatalf("%s:%d is written\n%s\nthe form has\n%s", name, i+1, lines[i], text)
			}
			head := entry.Action.Head()
			if head.Seq <= lastOf[head.Terminal] {
				t.Errorf("%s:%d: number %d of %s comes after %d", name, i+1, head.Seq, head.Terminal, lastOf[head.Terminal])
			}
			lastOf[head.Terminal] = head.Seq
			read++
		}
	}
	if read < 3*1500 {
		t.Errorf("only %d actions", read)
	}
}

// No number of any file looks like a card's, and every member of an archive can be read.
func TestNoCardNumbersAnywhere(t *testing.T) {
	sink := kept{}
	if err := simulator.Write(everywhere, sink, nil); err != nil {
		t.Fatal(err)
	}
	look := func(name, text string) {
		for line := range strings.Lines(text) {
			if cut := ledger.TruncateCards(line); cut != line {
				t.Errorf("%s holds what looks like a card number: %s", name, line)
			}
		}
	}
	for name, content := range sink {
		if strings.HasSuffix(name, "COMN") { // columns divided by one blank, which are numbers apart
			look(name, strings.ReplaceAll(content.String(), " ", "\n"))
			continue
		}
		if !strings.HasSuffix(name, ".zip") {
			look(name, content.String())
			continue
		}
		archive, err := zip.NewReader(bytes.NewReader(content.Bytes()), int64(content.Len()))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		for _, member := range archive.File {
			r, err := member.Open()
			if err != nil {
				t.Fatal(err)
			}
			text, err := io.ReadAll(r)
			if err != nil {
				t.Fatalf("%s in %s: %v", member.Name, name, err)
			}
			look(name, string(text))
		}
	}
}

// What is in memory does not grow with the payments of a day, nor with the days: a day thirty
// times as large as another, and five days, need at most a few megabytes more than it.
func TestMemoryStaysFlat(t *testing.T) {
	most := func(options simulator.Options) uint64 {
		var high uint64
		rounds := 0
		err := simulator.Write(options, nowhere{}, func(int64) error {
			if rounds++; rounds%4 == 1 {
				var m runtime.MemStats
				runtime.GC()
				runtime.ReadMemStats(&m)
				high = max(high, m.HeapAlloc)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		return high
	}
	options := everywhere
	options.Days, options.Stores, options.TerminalsPerStore, options.Payments = 1, 20, 5, 4000
	small := most(options)
	options.Payments = 120_000
	large := most(options)
	options.Payments, options.Days = 4000, 5
	long := most(options)
	if large > small+16<<20 || long > small+16<<20 {
		t.Errorf("%d KiB for 4,000 payments, %d KiB for 120,000 and %d KiB for five days", small>>10, large>>10, long>>10)
	}
}

// An error of where the files go is told, whichever file it meets.
func TestSinkFails(t *testing.T) {
	options := everywhere
	options.Days, options.Breaks = 1, 1
	for n := range 40 {
		if err := simulator.Write(options, &failing{left: n}, nil); err == nil || !strings.Contains(err.Error(), "no room") {
			t.Errorf("with room for %d files: %v", n, err)
		}
	}
}

type failing struct{ left int }

func (f *failing) Create(string) (io.WriteCloser, error) {
	if f.left--; f.left < 0 {
		return nil, fmt.Errorf("no room")
	}
	return closer{io.Discard}, nil
}
