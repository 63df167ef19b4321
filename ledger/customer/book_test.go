package customer_test

import (
	"bytes"
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/adapters/keys"
	"daybook/ledger"
	"daybook/ledger/customer"

	"pgregory.net/rapid"
)

// bench is a book over a journal in memory and a vault on disk.
type bench struct {
	*customer.Book
	journal *ledger.Memory
	vault   *keys.Vault
}

func newBench(dir string) *bench {
	journal, vault := ledger.NewMemory(nil), keys.New(dir, "")
	return &bench{customer.NewBook(journal, codec, vault, time.Now), journal, vault}
}

// shred lets the follower do what the journal says.
func (b *bench) shred(t rapid.TB) {
	t.Helper()
	shredder := customer.NewShredder(b.vault, codec, new(memoryCursor))
	for page, err := range b.journal.Follow(context.Background(), 0, shredder.Filter()) {
		if err == nil {
			err = shredder.Apply(context.Background(), page)
		}
		if err != nil {
			t.Fatal(err)
		}
		if page.CaughtUp {
			return
		}
	}
}

type memoryCursor struct{ at ledger.Position }

func (c *memoryCursor) Load() (ledger.Position, string, error) { return c.at, "", nil }
func (c *memoryCursor) Save(at ledger.Position, _ string) error {
	c.at = at
	return nil
}

// holds reports whether the journal's bytes hold a text.
func (b *bench) holds(t rapid.TB, text string) bool {
	for recorded, err := range b.journal.Read(context.Background(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if bytes.Contains(recorded.Data, []byte(text)) || bytes.Contains(recorded.Meta, []byte(text)) {
			return true
		}
	}
	return false
}

func entry(n int) customer.Entry {
	return customer.Entry{Profile: customer.Profile{Member: fmt.Sprintf("MEMB%05d", n), Name: fmt.Sprintf("NAME%05d", n), Phone: fmt.Sprintf("139555%05d", n)},
		Consents: map[customer.Purpose]bool{customer.Marketing: true}, Text: "1"}
}

func sale(seq uint64, named string) ledger.Reported {
	return ledger.Reported{Row: int(seq), Action: ledger.SaleRecorded{Till: ledger.Till{Terminal: "T1", Seq: seq, Store: "S1"}, Sale: fmt.Sprint(seq), Customer: named}}
}

// person is what the model knows of somebody.
type person struct {
	id         customer.ID
	gone       bool
	restricted bool
	marketing  bool
}

// Any sequence of what people can do: numbers find whom they should, through chains of merges;
// whoever is erased takes the whole chain with them, is found by nothing, gets no offer, and comes back as somebody
// else; offers go to whom they may; no text of anybody is ever in the journal.
func TestBookStory(t *testing.T) {
	round := 0
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		round++
		b := newBench(fmt.Sprintf("%s/%d", dir, round))
		ctx := context.Background()
		const most = 6
		people := map[int]*person{} // by number; merged ones share a person
		var erased []customer.ID
		seq := uint64(0)
		must := func(err error) {
			t.Helper()
			if err != nil {
				t.Fatal(err)
			}
		}
		one := rapid.IntRange(0, most-1)
		t.Repeat(map[string]func(*rapid.T){
			"register": func(t *rapid.T) {
				n := one.Draw(t, "who")
				outcomes, wrong, err := b.Register(ctx, []customer.Entry{entry(n)}, "till", "tester", nil)
				must(err)
				if len(wrong) > 0 {
					// Merged with somebody who has another number: the card is not that of the one who stays.
					return
				}
				if p := people[n]; p != nil && p.id != outcomes[0].ID {
					t.Fatalf("%d was %s and is registered as %s", n, p.id, outcomes[0].ID)
				} else if p == nil {
					people[n] = &person{id: outcomes[0].ID}
				}
				people[n].marketing = true
				if slices.Contains(erased, outcomes[0].ID) {
					t.Fatalf("%d came back under the id %s", n, outcomes[0].ID)
				}
			},
			"sell": func(t *rapid.T) {
				n := one.Draw(t, "who")
				seq++
				name := entry(n).Member
				actions := []ledger.Reported{sale(seq, name), sale(seq+1000000, name)}
				must(b.Identify(ctx, actions))
				id := customer.ID(actions[0].Action.(ledger.SaleRecorded).Customer)
				if other := actions[1].Action.(ledger.SaleRecorded).Customer; !customer.IsID(string(id)) || other != string(id) {
					t.Fatalf("named %s, identified as %q and %q", name, id, other)
				}
				r, err := b.Find(ctx, name)
				must(err)
				if p := people[n]; p != nil && r.ID != p.id || slices.Contains(erased, id) {
					t.Fatalf("a till's %s leads to %s, not %v", name, r.ID, p)
				} else if p == nil {
					people[n] = &person{id: r.ID}
				}
			},
			"merge": func(t *rapid.T) {
				from, into := one.Draw(t, "from"), one.Draw(t, "into")
				f, i := people[from], people[into]
				if f == nil || i == nil {
					return
				}
				err := b.Merge(ctx, f.id, i.id, "tester")
				if (err != nil) != (f.id == i.id) {
					t.Fatalf("merge %s into %s: %v", f.id, i.id, err)
				}
				if err != nil {
					return
				}
				a, err := b.Read(ctx, f.id)
				must(err)
				c, err := b.Read(ctx, i.id)
				must(err)
				if a.Into != c.ID || !slices.Contains(c.Absorbed, a.ID) {
					t.Fatalf("%+v\n%+v", a, c)
				}
				i.restricted = c.Restricted
				i.marketing = c.Allows(customer.Marketing)
				for n, p := range people {
					if p == f {
						people[n] = i
					}
				}
			},
			"withdraw": func(t *rapid.T) {
				p := people[one.Draw(t, "who")]
				if p == nil {
					return
				}
				r, err := b.Read(ctx, p.id)
				must(err)
				if !r.Registered {
					return
				}
				must(b.SetConsent(ctx, p.id, customer.Marketing, false, "phone", "", "tester"))
				p.marketing = false
			},
			"restrict": func(t *rapid.T) {
				if p := people[one.Draw(t, "who")]; p != nil {
					p.restricted = rapid.Bool().Draw(t, "restricted")
					must(b.Restrict(ctx, p.id, p.restricted, "request", "tester"))
				}
			},
			"erase": func(t *rapid.T) {
				n := one.Draw(t, "who")
				p := people[n]
				if p == nil {
					return
				}
				ids, err := b.Erase(ctx, p.id, "request", "tester")
				must(err)
				erased = append(erased, ids...)
				b.shred(t)
				for other, q := range people {
					if q == p {
						delete(people, other)
					}
				}
				if _, err := b.Find(ctx, entry(n).Member); err == nil {
					t.Fatalf("%d is found after erasing", n)
				}
				for _, id := range ids {
					if _, err := b.vault.Key(id); err == nil {
						t.Fatalf("%s has a key after erasing", id)
					}
					if _, err := b.Profile(ctx, id, "shown", "service", "tester"); err == nil {
						t.Fatalf("%s can be shown after erasing", id)
					}
				}
			},
			"offer": func(t *rapid.T) {
				c := customer.Campaign{Name: fmt.Sprint("c", rapid.IntRange(0, 2).Draw(t, "campaign")), HoldOut: 300000,
					From: ledger.BusinessDay{Year: 2026, Month: 1, Day: 1}, Until: ledger.BusinessDay{Year: 2026, Month: 2, Day: 1}}
				for _, id := range erased {
					if result, err := b.Offer(ctx, c, id, "tester"); err != nil || result != customer.IsGone {
						t.Fatalf("%s of the erased %s (%v)", result, id, err)
					}
				}
				p := people[one.Draw(t, "who")]
				if p == nil {
					return
				}
				r, err := b.Read(ctx, p.id)
				must(err)
				result, err := b.Offer(ctx, c, p.id, "tester")
				must(err)
				allowed := r.Registered && r.Allows(customer.Marketing) && !r.Restricted
				if made := result == customer.Made || result == customer.HeldOut; made && (!allowed || (result == customer.HeldOut) != c.HeldOut(p.id)) ||
					!made && result != customer.Already && allowed {
					t.Fatalf("%s for %+v", result, r)
				}
				if again, err := b.Offer(ctx, c, p.id, "tester"); err != nil || allowed && again != customer.Already || !allowed && again == customer.Made {
					t.Fatalf("again: %s (%v)", again, err)
				}
			},
			"": func(t *rapid.T) {
				for n, p := range people {
					r, err := b.Find(ctx, entry(n).Member)
					if err != nil || r.ID != p.id || r.Restricted != p.restricted || r.Registered && r.Allows(customer.Marketing) != p.marketing {
						t.Fatalf("%d is %+v, found is %+v (%v)", n, p, r, err)
					}
				}
				for _, text := range []string{"MEMB0", "NAME0", "139555"} {
					if b.holds(t, text) {
						t.Fatalf("the journal holds %s", text)
					}
				}
			},
		})
	})
}

// A till's action that is taken again, when the person has been erased or was named otherwise
// by an earlier daybook, is the same action.
func TestReplayAfterErasing(t *testing.T) {
	b := newBench(t.TempDir())
	ctx := t.Context()
	intake := ledger.NewIntake(b.journal, codec)
	take := func(sha string, identify func([]ledger.Reported) error) ledger.Taken {
		t.Helper()
		actions := []ledger.Reported{sale(1, "M00042"), sale(2, ""), sale(3, "M00043")}
		got, err := intake.File(ctx, ledger.TillFile{Name: "t", SHA256: strings.Repeat(sha, 64), Actions: actions, Identify: identify}, nil)
		if err != nil {
			t.Fatal(err)
		}
		return got
	}
	known := func(actions []ledger.Reported) error { return b.Identify(ctx, actions) }
	sales := func() (count int) {
		for range b.journal.Read(ctx, ledger.Query{Filter: ledger.Filter{Types: []string{"sale-recorded."}}}) {
			count++
		}
		return count
	}
	if got := take("1", known); got.Accepted != 3 || sales() != 3 {
		t.Fatalf("%+v", got)
	}
	r, err := b.Find(ctx, "M00042")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := b.Erase(ctx, r.ID, "request", "tester"); err != nil {
		t.Fatal(err)
	}
	b.shred(t)
	if got := take("2", known); got.Replayed != 3 || len(got.Conflicts) != 0 || sales() != 3 {
		t.Errorf("after erasing: %+v, %d sales", got, sales())
	}
	if b.holds(t, "M0004") {
		t.Error("the journal holds a number")
	}

	// A journal in which an earlier daybook wrote the numbers themselves.
	b = newBench(t.TempDir())
	intake = ledger.NewIntake(b.journal, codec)
	take("1", nil)
	if got := take("2", func(actions []ledger.Reported) error { return b.Identify(ctx, actions) }); got.Replayed != 3 || len(got.Conflicts) != 0 || sales() != 3 {
		t.Errorf("over an earlier daybook's: %+v, %d sales", got, sales())
	}
}

// Half of the customers of one campaign are not those of another, and the share is kept.
func TestHoldOut(t *testing.T) {
	both, each := 0, 0
	const n = 20000
	for i := range n {
		id := customer.ID(fmt.Sprintf("C%016d", i))
		a, b := customer.Campaign{Name: "a", HoldOut: 200000}.HeldOut(id), customer.Campaign{Name: "b", HoldOut: 200000}.HeldOut(id)
		if a {
			each++
		}
		if a && b {
			both++
		}
	}
	if each < n*19/100 || each > n*21/100 || both < n*3/100 || both > n*5/100 {
		t.Errorf("%d of %d held out, %d of both campaigns", each, n, both)
	}
}
