package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"daybook/adapters/bus"
	"daybook/adapters/files"
	"daybook/adapters/keys"
	"daybook/adapters/people"
	"daybook/ledger"
	"daybook/ledger/customer"
)

// What somebody may do about customers, as the configuration says it.
const (
	mayEdit    = "edit"    // register, change, merge, consent, find, show
	mayPrivacy = "privacy" // restrict, export, erase
	mayOffer   = "offer"   // campaigns
)

// rights reads what people may do about customers.
func (r *resolver) rights(list []personConfig) map[string]map[string]bool {
	words := map[string]string{mayEdit: mayEdit, mayPrivacy: mayPrivacy, mayOffer: mayOffer}
	rights := map[string]map[string]bool{}
	for _, p := range list {
		rights[p.ID] = map[string]bool{}
		for _, word := range p.Customers {
			rights[p.ID][r.oneOf("people: "+p.ID, "customers", word, words)] = true
		}
	}
	return rights
}

// path is one of the configuration, which begins at its folder.
func (r *resolver) path(written string) string {
	if written == "" || filepath.IsAbs(written) {
		return written
	}
	return filepath.Join(r.dir, written)
}

// may refuses somebody who may not do something about customers.
func (s *settings) may(name, right string) error {
	rights, listed := s.rights[name]
	switch {
	case !listed:
		return ledger.Refuse(ledger.Say("%q is not among the people of the configuration", name), ledger.Say("list who may do what under people:"))
	case !rights[right]:
		return ledger.Refuse(ledger.Say("%s may not do this about customers", name), ledger.Say("customers: [%s] under people: in the configuration lets somebody", right))
	}
	return nil
}

// openKeys wires what keeps customers. No file is made or read before somebody is named.
func (a *app) openKeys(g *globals) {
	a.keys = cmp.Or(a.settings.vault.Keys, filepath.Join(g.data, "keys"))
	vault := keys.New(a.keys, cmp.Or(os.Getenv("DAYBOOK_MASTER_KEY"), a.settings.vault.MasterKey))
	a.customers = customer.NewBook(a.journal, a.codec, vault, time.Now)
	a.shredded = cursorFile{g, bus.FileCursor(filepath.Join(a.keys, "shredder.cursor"))}
	a.shredder = customer.NewShredder(vault, a.codec, a.shredded)
}

// hasKeys reports whether there are keys that an erasure may have to destroy.
func (a *app) hasKeys() (bool, error) {
	_, err := os.Stat(a.keys)
	if errors.Is(err, fs.ErrNotExist) {
		return false, nil
	}
	return err == nil, err
}

// shred destroys the keys of whoever was erased since it was asked last.
func (a *app) shred(ctx context.Context) error {
	if there, err := a.hasKeys(); err != nil || !there {
		return err
	}
	return bus.Drain(ctx, a.journal, a.shredder, nil)
}

// stayingShredder is the shredder among followers that stay. While they run, the folder of keys
// may be made, or an older copy of it be put back: what a page begins after must be what the
// folder itself says, or erasures would be passed over.
type stayingShredder struct {
	*customer.Shredder
	app *app
	at  ledger.Position // that the next page begins after
}

// Cursor is where the folder of keys is.
func (s *stayingShredder) Cursor(ctx context.Context) (position ledger.Position, err error) {
	s.at, err = s.Shredder.Cursor(ctx)
	return s.at, err
}

// Apply destroys the keys of a page's erased customers, if there are any keys here.
func (s *stayingShredder) Apply(ctx context.Context, page ledger.Page) error {
	there, err := s.app.hasKeys()
	if err != nil {
		return err
	}
	if there {
		position, err := s.Shredder.Cursor(ctx)
		if err != nil {
			return err
		}
		if position < s.at {
			return fmt.Errorf("the keys in %s are those of position %d: %w", s.app.keys, uint64(position), ledger.ErrMoved)
		}
		if err := s.Shredder.Apply(ctx, page); err != nil {
			return err
		}
	}
	s.at = page.Next
	return nil
}

// shredFromStart lets all erasures of a journal be carried out again.
func (a *app) shredFromStart() error {
	if there, err := a.hasKeys(); err != nil || !there {
		return err
	}
	return a.shredded.Save(0, "")
}

// ofCustomers is a file that holds customers: neither a till's nor a bill.
type ofCustomers struct{ doc *files.Document }

func (f *ofCustomers) Error() string { return f.doc.Name + " is a file of customers" }

// As makes it a refusal for whoever has no use for such a file.
func (f *ofCustomers) As(target any) bool {
	refusal, is := target.(**ledger.Refusal)
	if is {
		*refusal = &ledger.Refusal{Text: ledger.Say("%s is a file of customers", f.doc.Name), Hint: ledger.Say("take it in with: daybook import %s --as NAME", f.doc.Name)}
	}
	return is
}

// importCustomers takes a file of customers: all of it, or nothing. Neither its name nor a digest
// of it is kept, for they may tell who is in it.
func (a *app) importCustomers(ctx context.Context, g *globals, doc *files.Document, how importOptions) (taken, error) {
	by, err := g.decidedBy(how.as)
	if err == nil {
		err = a.settings.may(by, mayEdit)
	}
	if err != nil {
		return taken{}, err
	}
	rows, err := people.Read(doc)
	if err != nil {
		return taken{}, err
	}
	if err := a.shred(ctx); err != nil {
		return taken{}, err
	}
	entries := make([]customer.Entry, len(rows))
	for n, row := range rows {
		entries[n] = row.Entry
	}
	bar := g.progress(ledger.Say("importing %s", doc.Name), unitEvents)
	defer bar.done()
	outcomes, wrong, err := a.customers.Register(ctx, entries, "file", by, func(done int) { bar.of(int64(done), int64(len(rows))) })
	if err != nil {
		return taken{}, err
	}
	if len(wrong) > 0 {
		var problems files.Problems
		for _, fault := range wrong {
			row := rows[fault.Entry]
			problems.Add(&files.Error{File: row.File, Row: row.Line, Column: fault.Field, Text: fault.Text, Hint: fault.Hint})
		}
		return taken{}, problems.Err()
	}
	counts := map[customer.Written]int{}
	for _, outcome := range outcomes {
		counts[outcome.Written]++
	}
	return taken{File: doc.Name, Format: people.Name, Rows: len(rows), Registered: counts[customer.Registered], Changed: counts[customer.Changed],
		Already: counts[customer.Unchanged] == len(rows)}, nil
}
