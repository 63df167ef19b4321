package keys

import (
	"crypto/aes"
	"crypto/cipher"
	"crypto/hkdf"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"

	"daybook/ledger"
	"daybook/ledger/customer"
)

// Vault is a customer.Vault in a folder. Nothing is read or made before it is needed. It is
// safe for concurrent use, also by several processes.
type Vault struct {
	dir, master string

	mu     sync.Mutex
	keys   *derived
	shards [shardCount]shard
	found  map[string]customer.ID // by look-up value
}

// shardCount is the number of files: few enough for a batch to write them all, and many enough
// for one person to rewrite little.
const shardCount = 16

// shard is one file, as it was read last.
type shard struct {
	stamp  stamp
	people map[customer.ID]person
}

// stamp tells whether a file is the one that was read: each save makes a new one.
type stamp struct {
	inode uint64
	size  int64
	mtime int64
}

type person struct {
	wrapped string   // data key, base 64
	values  []string // look-up values, base 64
}

// New makes the vault in a folder. masterFile is where the master key stands; in the folder
// itself when it is empty.
func New(dir, masterFile string) *Vault {
	if masterFile == "" {
		masterFile = filepath.Join(dir, "master.key")
	}
	return &Vault{dir: dir, master: masterFile}
}

// derived are the keys that come of the master key.
type derived struct {
	wrap   cipher.AEAD
	lookup []byte
	check  string // tells a wrong master key from the right one
}

func derive(master []byte) (*derived, error) {
	var keys [3][]byte
	for n, use := range []string{"daybook wrap 1", "daybook look-up 1", "daybook check 1"} {
		var err error
		if keys[n], err = hkdf.Key(sha256.New, master, nil, use, 32); err != nil {
			return nil, err
		}
	}
	block, err := aes.NewCipher(keys[0])
	if err != nil {
		return nil, err
	}
	wrap, err := cipher.NewGCMWithRandomNonce(block)
	return &derived{wrap, keys[1], hex.EncodeToString(keys[2][:8])}, err
}

func (d *derived) value(lookup customer.Lookup) string {
	h := hmac.New(sha256.New, d.lookup)
	h.Write([]byte(lookup))
	return base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16])
}

// Find implements customer.Vault.
func (v *Vault) Find(lookups ...customer.Lookup) ([]customer.ID, error) {
	ids := make([]customer.ID, len(lookups))
	if len(lookups) == 0 {
		return ids, nil
	}
	return ids, v.locked(false, func() error {
		for n := 0; v.keys != nil && n < len(lookups); n++ {
			ids[n] = v.found[v.keys.value(lookups[n])]
		}
		return nil
	})
}

// Key implements customer.Vault.
func (v *Vault) Key(id customer.ID) (key []byte, err error) {
	err = v.locked(false, func() error {
		p, there := v.shards[shardOf(id)].people[id]
		if !there {
			return fmt.Errorf("the key of customer %s: %w", id, ledger.ErrNotFound)
		}
		wrapped, err := base64.RawURLEncoding.DecodeString(p.wrapped)
		if err == nil {
			key, err = v.keys.wrap.Open(nil, nil, wrapped, []byte("key of "+id))
		}
		if err != nil {
			return fmt.Errorf("the key of customer %s cannot be unwrapped: %w", id, ledger.ErrCorrupt)
		}
		return nil
	})
	return key, err
}

// Hold implements customer.Vault.
func (v *Vault) Hold(people ...customer.Person) error {
	return v.locked(true, func() error {
		next := map[int]map[customer.ID]person{}
		taken := map[string]customer.ID{}
		removed := map[int]bool{}
		for _, held := range people {
			n := shardOf(held.ID)
			if next[n] == nil {
				next[n] = copyOf(v.shards[n].people)
			}
			p, there := next[n][held.ID]
			if !there {
				key := make([]byte, 32)
				rand.Read(key) // never fails (crypto/rand)
				p.wrapped = base64.RawURLEncoding.EncodeToString(v.keys.wrap.Seal(nil, nil, key, []byte("key of "+held.ID)))
			}
			var values []string
			for _, lookup := range held.Lookups {
				value := v.keys.value(lookup)
				other, isTaken := taken[value]
				if !isTaken {
					other, isTaken = v.found[value]
				}
				if isTaken && other != held.ID {
					return ledger.Refuse(ledger.Say("the number, telephone or mail belongs to customer %s already", string(other)),
						ledger.Say("if they are one person: daybook customers merge %s --into %s", string(held.ID), string(other)))
				}
				taken[value] = held.ID
				values = append(values, value)
			}
			if !held.Whole {
				values = append(values, p.values...)
			}
			slices.Sort(values)
			values = slices.Compact(values)
			for _, old := range p.values {
				removed[n] = removed[n] || !slices.Contains(values, old)
			}
			p.values = values
			next[n][held.ID] = p
		}
		return v.save(next, removed)
	})
}

// Erase implements customer.Vault.
func (v *Vault) Erase(ids ...customer.ID) error {
	if len(ids) == 0 {
		return nil
	}
	return v.locked(false, func() error {
		next := map[int]map[customer.ID]person{}
		removed := map[int]bool{}
		for _, id := range ids {
			n := shardOf(id)
			if _, there := v.shards[n].people[id]; !there {
				continue
			}
			if next[n] == nil {
				next[n] = copyOf(v.shards[n].people)
			}
			delete(next[n], id)
			removed[n] = true
		}
		return v.save(next, removed)
	})
}

func copyOf(people map[customer.ID]person) map[customer.ID]person {
	next := make(map[customer.ID]person, len(people)+1)
	for id, p := range people {
		next[id] = p
	}
	return next
}

// shardOf is the file a person stands in.
func shardOf(id customer.ID) int { return int(sha256.Sum256([]byte(id))[0]) % shardCount }

func (v *Vault) path(n int) string { return filepath.Join(v.dir, fmt.Sprintf("people-%x", n)) }

// locked does something while no other process changes the folder, whose files are read again
// when they are not those that were read last.
func (v *Vault) locked(create bool, do func() error) (err error) {
	v.mu.Lock()
	defer v.mu.Unlock()
	if create {
		if err := os.MkdirAll(v.dir, 0o700); err != nil {
			return fmt.Errorf("make the folder of keys: %w", err)
		}
	} else if _, err := os.Stat(v.dir); errors.Is(err, fs.ErrNotExist) {
		v.keys, v.found, v.shards = nil, nil, [shardCount]shard{}
		return do()
	}
	lock, err := os.OpenFile(filepath.Join(v.dir, "lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return fmt.Errorf("lock the keys: %w", err)
	}
	defer func() { err = errors.Join(err, lock.Close()) }()
	if err := syscall.Flock(int(lock.Fd()), syscall.LOCK_EX); err != nil {
		return fmt.Errorf("lock the keys: %w", err)
	}
	if err := v.sweep(); err != nil {
		return err
	}
	if err := v.load(create); err != nil {
		return err
	}
	return do()
}

// sweep removes what a save that was cut off left beside: what was to take a file's place, and
// what had lost it and was not overwritten yet.
func (v *Vault) sweep() error {
	for _, end := range []string{beside, gone} {
		left, err := filepath.Glob(filepath.Join(v.dir, "*"+end))
		if err != nil {
			return err
		}
		for _, name := range left {
			if err := shred(name, strings.TrimSuffix(name, end)); err != nil {
				return fmt.Errorf("remove %s, which a crash left: %w", name, err)
			}
		}
	}
	return nil
}

// load reads the master key and whatever of the people's files has changed.
func (v *Vault) load(create bool) error {
	changed := v.found == nil
	for n := range v.shards {
		at, err := stampOf(v.path(n))
		if err != nil {
			return err
		}
		if at == v.shards[n].stamp && v.found != nil {
			continue
		}
		changed = true
		text, err := os.ReadFile(v.path(n))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("read the keys: %w", err)
		}
		if len(text) > 0 {
			if err := v.needMaster(false); err != nil {
				return err
			}
		}
		people, err := v.parse(v.path(n), string(text))
		if err != nil {
			return err
		}
		v.shards[n] = shard{at, people}
	}
	if create {
		if err := v.needMaster(true); err != nil {
			return err
		}
	}
	if changed {
		v.index()
	}
	return nil
}

func (v *Vault) index() {
	v.found = map[string]customer.ID{}
	for _, s := range v.shards {
		for id, p := range s.people {
			for _, value := range p.values {
				v.found[value] = id
			}
		}
	}
}

func stampOf(path string) (stamp, error) {
	info, err := os.Stat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return stamp{}, nil
	}
	if err != nil {
		return stamp{}, fmt.Errorf("read the keys: %w", err)
	}
	at := stamp{size: info.Size(), mtime: info.ModTime().UnixNano()}
	if sys, is := info.Sys().(*syscall.Stat_t); is {
		at.inode = sys.Ino
	}
	return at, nil
}

// needMaster reads the master key, which is made when there is none and nobody is held yet.
func (v *Vault) needMaster(create bool) error {
	if v.keys != nil {
		return nil
	}
	text, err := os.ReadFile(v.master)
	if errors.Is(err, fs.ErrNotExist) && create {
		if text, err = makeMaster(v.master); err != nil {
			return fmt.Errorf("make the master key: %w", err)
		}
	}
	if errors.Is(err, fs.ErrNotExist) {
		return ledger.Refuse(ledger.Say("the master key %s is not there, and without it nobody's personal data can be read", v.master),
			ledger.Say("bring it back from where its copy is kept, or say where it is with master_key: under customers: in the configuration"))
	}
	if err != nil {
		return fmt.Errorf("read the master key: %w", err)
	}
	info, err := os.Stat(v.master)
	if err != nil {
		return fmt.Errorf("read the master key: %w", err)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return ledger.Refuse(ledger.Say("the master key %s can be read by others", v.master), ledger.Say("chmod 600 %s", v.master))
	}
	master, err := hex.DecodeString(strings.TrimSpace(string(text)))
	if err != nil || len(master) != 32 {
		return ledger.Refuse(ledger.Say("%s is no master key", v.master), ledger.Say("it holds 64 hexadecimal digits; bring it back from where its copy is kept"))
	}
	v.keys, err = derive(master)
	return err
}

func makeMaster(path string) ([]byte, error) {
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return nil, err
	}
	master := make([]byte, 32)
	rand.Read(master)
	text := []byte(hex.EncodeToString(master) + "\n")
	return text, replace(path, text, false)
}

const head = "daybook-people 1 "

// parse reads a file: a head with the check of the master key, a line for each person, and a
// SHA-256 of what comes before, so that a damaged file is not taken for one with fewer people.
func (v *Vault) parse(path, text string) (map[customer.ID]person, error) {
	people := map[customer.ID]person{}
	if text == "" {
		return people, nil
	}
	damaged := func() error {
		return fmt.Errorf("%s: %w", path, ledger.Refuse(ledger.Say("the file of keys %s is damaged", path), ledger.Say("bring the folder keys back from where its copy is kept")))
	}
	body, sum, found := cutLast(text)
	if digest := sha256.Sum256([]byte(body)); !found || sum != "end "+hex.EncodeToString(digest[:]) {
		return nil, damaged()
	}
	lines := strings.Split(strings.TrimSuffix(body, "\n"), "\n")
	check, isHead := strings.CutPrefix(lines[0], head)
	switch {
	case !isHead:
		return nil, damaged()
	case check != v.keys.check:
		return nil, ledger.Refuse(ledger.Say("the master key %s is another one than the keys in %s were made with", v.master, v.dir),
			ledger.Say("bring the right one back from where its copy is kept"))
	}
	for _, line := range lines[1:] {
		fields := strings.Fields(line)
		if len(fields) < 2 || !customer.IsID(fields[0]) {
			return nil, damaged()
		}
		people[customer.ID(fields[0])] = person{fields[1], fields[2:]}
	}
	return people, nil
}

// cutLast parts a text from its last line.
func cutLast(text string) (body, last string, found bool) {
	text, whole := strings.CutSuffix(text, "\n")
	at := strings.LastIndexByte(text, '\n')
	if !whole || at < 0 {
		return "", "", false
	}
	return text[:at+1], text[at+1:], true
}

// print is the inverse of parse. Its order tells nothing.
func (v *Vault) print(people map[customer.ID]person) []byte {
	ids := make([]customer.ID, 0, len(people))
	for id := range people {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	var text strings.Builder
	text.WriteString(head + v.keys.check + "\n")
	for _, id := range ids {
		text.WriteString(string(id) + " " + people[id].wrapped)
		for _, value := range people[id].values {
			text.WriteString(" " + value)
		}
		text.WriteString("\n")
	}
	digest := sha256.Sum256([]byte(text.String()))
	text.WriteString("end " + hex.EncodeToString(digest[:]) + "\n")
	return []byte(text.String())
}

// save replaces files. Of those from which something was removed, the old ones are overwritten.
func (v *Vault) save(next map[int]map[customer.ID]person, removed map[int]bool) error {
	for n := range shardCount {
		people, changed := next[n]
		if !changed {
			continue
		}
		if err := replace(v.path(n), v.print(people), removed[n]); err != nil {
			v.found = nil // what is on disk is read again
			return fmt.Errorf("save the keys: %w", err)
		}
		at, err := stampOf(v.path(n))
		if err != nil {
			return err
		}
		v.shards[n] = shard{at, people}
	}
	if len(next) > 0 {
		v.index()
	}
	return nil
}
