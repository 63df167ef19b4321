package keys_test

import (
	"bytes"
	"errors"
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"daybook/adapters/keys"
	"daybook/ledger"
	"daybook/ledger/customer"

	"pgregory.net/rapid"
)

func id(n int) customer.ID { return customer.ID(fmt.Sprintf("C%016d", n)) }

func lookup(n int) customer.Lookup { return customer.Lookup(fmt.Sprintf("phone:139000%05d", n)) }

func hold(t testing.TB, v *keys.Vault, people ...customer.Person) {
	t.Helper()
	if err := v.Hold(people...); err != nil {
		t.Fatal(err)
	}
}

// all is every byte of every file in a folder, whatever it is called.
func all(t rapid.TB, dir string) []byte {
	t.Helper()
	var text []byte
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) && path == dir {
			return nil // nobody was held yet
		}
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		text = append(text, data...)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// A vault does what a map does, also through another one that opens the folder, and what a map has lost
// stands in no file.
func TestVaultIsAMap(t *testing.T) {
	dir, round := t.TempDir(), 0
	rapid.Check(t, func(t *rapid.T) {
		round++
		folder := fmt.Sprintf("%s/%d", dir, round)
		v, other := keys.New(folder, ""), keys.New(folder, "")
		key := map[customer.ID]string{}
		owner := map[customer.Lookup]customer.ID{}
		person := rapid.IntRange(0, 4)
		t.Repeat(map[string]func(*rapid.T){
			"hold": func(t *rapid.T) {
				who := id(person.Draw(t, "who"))
				var lookups []customer.Lookup
				for n := range rapid.IntRange(0, 2).Draw(t, "look-ups") {
					lookups = append(lookups, lookup(10*person.Draw(t, "of")+n))
				}
				whole := rapid.Bool().Draw(t, "whole")
				taken := slices.ContainsFunc(lookups, func(l customer.Lookup) bool { return owner[l] != "" && owner[l] != who })
				err := v.Hold(customer.Person{ID: who, Lookups: lookups, Whole: whole})
				if (err != nil) != taken {
					t.Fatalf("taken: %v; %v", taken, err)
				}
				if taken {
					return
				}
				if whole {
					for l, o := range owner {
						if o == who {
							delete(owner, l)
						}
					}
				}
				for _, l := range lookups {
					owner[l] = who
				}
				k, err := v.Key(who)
				if err != nil || key[who] != "" && key[who] != string(k) {
					t.Fatalf("another key than before (%v)", err)
				}
				key[who] = string(k)
			},
			"erase": func(t *rapid.T) {
				who := id(person.Draw(t, "who"))
				if err := v.Erase(who, id(99)); err != nil {
					t.Fatal(err)
				}
				delete(key, who)
				for l, o := range owner {
					if o == who {
						delete(owner, l)
					}
				}
			},
			"": func(t *rapid.T) {
				v, other = other, v
				for n := range 5 {
					k, err := v.Key(id(n))
					if string(k) != key[id(n)] || (err != nil) != (key[id(n)] == "") || err != nil && !errors.Is(err, ledger.ErrNotFound) {
						t.Fatalf("key of %s: %v", id(n), err)
					}
					for _, l := range []customer.Lookup{lookup(10 * n), lookup(10*n + 1)} {
						if got, err := v.Find(l, "x"); err != nil || got[0] != owner[l] || got[1] != "" {
							t.Fatalf("%s finds %q, not %q (%v)", l, got, owner[l], err)
						}
					}
				}
				text := all(t, folder)
				for n := range 5 {
					if bytes.Contains(text, []byte(id(n))) != (key[id(n)] != "") {
						t.Fatalf("%s stands there: %v", id(n), key[id(n)] == "")
					}
				}
				if bytes.Contains(text, []byte("139000")) {
					t.Fatal("a telephone number stands there")
				}
			},
		})
	})
}

// Wherever a save ends, the next look finds one state or the other, and no third file.
func TestVaultCutOff(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	v := keys.New(dir, "")
	hold(t, v, customer.Person{ID: id(1), Lookups: []customer.Lookup{lookup(1)}}, customer.Person{ID: id(2), Lookups: []customer.Lookup{lookup(2)}})
	path := ""
	for n := range 16 {
		name := filepath.Join(dir, fmt.Sprintf("people-%x", n))
		if data, err := os.ReadFile(name); err == nil && bytes.Contains(data, []byte(id(1))) {
			path = name
		}
	}
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if err := v.Erase(id(1)); err != nil {
		t.Fatal(err)
	}
	erased, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	restore := func(name string, data []byte) {
		t.Helper()
		if err := os.WriteFile(name, data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for what, cut := range map[string]func(){
		"half of the new file":              func() { restore(path, old); restore(path+".new", erased[:len(erased)/2]) },
		"the new file beside":               func() { restore(path, old); restore(path+".new", erased) },
		"the old one with its second name":  func() { restore(path, old); restore(path+".new", erased); os.Link(path, path+".gone") },
		"the new one, the old one is there": func() { restore(path+".gone", old) },
	} {
		cut()
		next := keys.New(dir, "")
		if _, err := next.Key(id(2)); err != nil {
			t.Errorf("%s: %v", what, err)
		}
		if err := next.Erase(id(1)); err != nil { // as the follower does
			t.Errorf("%s: %v", what, err)
		}
		if bytes.Contains(all(t, dir), []byte(id(1))) {
			t.Errorf("%s: still there", what)
		}
		if left, _ := filepath.Glob(path + ".*"); len(left) > 0 {
			t.Errorf("%s: %v", what, left)
		}
	}
	// A file is never taken for one with fewer people.
	whole := slices.Clone(erased)
	if bytes.Count(whole, []byte("\n")) < 3 {
		hold(t, v, customer.Person{ID: id(1)})
		if whole, err = os.ReadFile(path); err != nil {
			t.Fatal(err)
		}
	}
	for at := range whole {
		flipped := slices.Clone(whole)
		flipped[at] ^= 1
		restore(path, flipped)
		if _, err := keys.New(dir, "").Key(id(1)); err == nil || errors.Is(err, ledger.ErrNotFound) {
			t.Fatalf("byte %d flipped: %v", at, err)
		}
		restore(path, whole[:at])
		if _, err := keys.New(dir, "").Key(id(1)); at > 0 && (err == nil || errors.Is(err, ledger.ErrNotFound)) {
			t.Fatalf("cut after %d bytes: %v", at, err)
		}
	}
}

// Several at a time lose nobody, and files are for their owner alone.
func TestVaultTogether(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "keys")
	var group sync.WaitGroup
	for n := range 4 {
		group.Go(func() {
			v := keys.New(dir, "")
			for i := range 10 {
				if err := v.Hold(customer.Person{ID: id(100*n + i), Lookups: []customer.Lookup{lookup(100*n + i)}}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	group.Wait()
	v := keys.New(dir, "")
	for n := range 4 {
		for i := range 10 {
			if got, err := v.Find(lookup(100*n + i)); err != nil || got[0] != id(100*n+i) {
				t.Errorf("%d: %q (%v)", 100*n+i, got, err)
			}
		}
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, entry := range entries {
		if info, err := entry.Info(); err != nil || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s can be read by others (%v)", entry.Name(), err)
		}
	}
	if text := string(all(t, dir)); !strings.Contains(text, string(id(101))) {
		t.Error("the search finds nobody")
	}
}

// TestMain draws fewer stories than rapid's hundred: each writes to a disk that it waits for.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "20"); err != nil {
		panic(err)
	}
	m.Run()
}
