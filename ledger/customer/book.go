package customer

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"maps"
	"slices"
	"strconv"
	"time"

	"daybook/ledger"
)

// Book is where people act about customers. It reads the journal and the vault alone, and
// decides each event against the customer's own history.
type Book struct {
	journal ledger.Journal
	codec   *ledger.Codec
	vault   Vault
	now     func() time.Time
}

// NewBook makes a book over a journal and the keys that go with it. now is the clock that says
// when a customer agreed to something.
func NewBook(journal ledger.Journal, codec *ledger.Codec, vault Vault, now func() time.Time) *Book {
	return &Book{journal, codec, vault, now}
}

// Consent is where a customer stands with one purpose.
type Consent struct {
	Purpose Purpose   `json:"purpose"`
	Given   bool      `json:"given"`
	Source  Source    `json:"source"`
	Text    string    `json:"text"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Offer is an offer to one customer.
type Offer struct {
	OfferMade
	Redeemed string `json:"redeemed,omitempty"` // receipt number
}

// Record is what the journal has of a customer.
type Record struct {
	ID         ID        `json:"customer"`
	Registered bool      `json:"registered"`
	Since      time.Time `json:"since,omitzero"`
	Into       ID        `json:"merged_into,omitempty"`
	Absorbed   []ID      `json:"absorbed,omitempty"` // customers that were found to be this one
	Restricted bool      `json:"restricted"`
	Erased     bool      `json:"erased"`
	Consents   []Consent `json:"consents"` // by purpose, the last word on each
	Said       []Consent `json:"said"`     // all of it, in order
	Offers     []Offer   `json:"offers"`
	Disclosed  int       `json:"disclosed"` // how often personal data was shown or handed out

	sealed Sealed
	at     ledger.Revision // of the stream; NoStream when there is none
}

// Allows reports whether the customer has agreed to a purpose.
func (r *Record) Allows(purpose Purpose) bool {
	return slices.ContainsFunc(r.Consents, func(c Consent) bool { return c.Purpose == purpose && c.Given })
}

// Read folds one customer's stream.
func (b *Book) Read(ctx context.Context, id ID) (*Record, error) {
	r := &Record{ID: id, at: ledger.NoStream, Consents: []Consent{}, Said: []Consent{}, Offers: []Offer{}}
	for recorded, err := range b.journal.Read(ctx, ledger.Query{Stream: Stream(id)}) {
		if err != nil {
			return nil, err
		}
		r.at = recorded.Revision
		payload, err := b.codec.Decode(recorded.Event)
		if errors.Is(err, ledger.ErrUnknownType) {
			continue
		}
		if err != nil {
			return nil, err
		}
		meta, err := ledger.DecodeMeta(recorded.Event)
		if err != nil {
			return nil, err
		}
		r.apply(payload, meta.OccurredAt)
	}
	return r, nil
}

func (r *Record) apply(payload any, at time.Time) {
	switch e := payload.(type) {
	case Described:
		if !r.Registered {
			r.Registered, r.Since = true, at
		}
		r.sealed = e.Sealed
	case Merged:
		switch {
		case e.Customer == r.ID:
			r.Into = e.Into
		case e.Into == r.ID && !slices.Contains(r.Absorbed, e.Customer):
			r.Absorbed = append(r.Absorbed, e.Customer)
		}
	case ConsentSet:
		c := Consent{e.Purpose, e.Given, e.Source, e.Text, e.By, at}
		r.Said = append(r.Said, c)
		r.Consents = append(slices.DeleteFunc(r.Consents, func(old Consent) bool { return old.Purpose == c.Purpose }), c)
		slices.SortFunc(r.Consents, func(a, b Consent) int { return cmp.Compare(a.Purpose, b.Purpose) })
	case Restricted:
		r.Restricted = e.Restricted
	case Disclosed:
		r.Disclosed++
	case Erased:
		r.Erased = r.Erased || e.Customer == r.ID
	case OfferMade:
		r.Offers = append(r.Offers, Offer{OfferMade: e})
	case OfferRedeemed:
		for n := range r.Offers {
			if r.Offers[n].Offer == e.Offer {
				r.Offers[n].Redeemed = e.Sale
			}
		}
	}
}

// maxMerges bounds how far merged customers are followed; merging shortens every chain, so
// that a longer one is a fault.
const maxMerges = 64

// current is the customer that an id stands for by now.
func (b *Book) current(ctx context.Context, id ID) (*Record, error) {
	for range maxMerges {
		r, err := b.Read(ctx, id)
		switch {
		case err != nil:
			return nil, err
		case r.Into == "":
			return r, nil
		}
		id = r.Into
	}
	return nil, ledger.Problem("the merges of %s lead nowhere", string(id))
}

// living is current, and refuses customers who are not there or were erased.
func (b *Book) living(ctx context.Context, id ID) (*Record, error) {
	r, err := b.current(ctx, id)
	switch {
	case err != nil:
		return nil, err
	case r.Erased:
		return nil, ledger.Refuse(ledger.Say("customer %s was erased; nothing about them can be changed or shown", string(r.ID)), ledger.Say("who comes back is registered anew: daybook customers register"))
	}
	if r.at == ledger.NoStream {
		if _, err := b.vault.Key(r.ID); errors.Is(err, ledger.ErrNotFound) {
			return nil, noCustomer(string(id))
		} else if err != nil {
			return nil, err
		}
	}
	return r, nil
}

func noCustomer(name string) error {
	return ledger.Refuse(ledger.Say("there is no customer %q", name), ledger.Say("daybook customers list shows their ids, daybook customers find VALUE finds one by number, telephone or mail"))
}

// Find returns the customer that an id, a member number, a telephone number or a mail address
// stands for.
func (b *Book) Find(ctx context.Context, name string) (*Record, error) {
	if IsID(name) {
		r, err := b.current(ctx, ID(name))
		if err != nil || r.at != ledger.NoStream {
			return r, err
		}
		if _, err := b.vault.Key(r.ID); err == nil {
			return r, nil
		}
	}
	ids, err := b.vault.Find(Named(name)...)
	if err != nil {
		return nil, err
	}
	for _, id := range ids {
		if id != "" {
			return b.current(ctx, id)
		}
	}
	if IsID(name) {
		return nil, noCustomer(name)
	}
	// What was asked for is personal, and stays out of the message.
	return nil, ledger.Refuse(ledger.Say("no customer has this number, telephone or mail"), ledger.Say("daybook customers list shows their ids"))
}

// Profile is a living customer's personal data. That it was read is recorded.
func (b *Book) Profile(ctx context.Context, id ID, how string, basis Basis, by string) (Profile, error) {
	if err := oneOf(basis, Bases); err != nil {
		return Profile{}, err
	}
	r, err := b.living(ctx, id)
	if err != nil {
		return Profile{}, err
	}
	p, err := b.profile(r)
	if err != nil {
		return p, err
	}
	return p, b.append(ctx, r, by, Disclosed{r.ID, how, basis, by})
}

// Part is a customer who was found to be another one: what was written down under that id, and
// the person as it was described then.
type Part struct {
	*Record
	Profile Profile `json:"profile"`
}

// Parts are the customers who were found to be this one, for whoever was given its Profile.
func (b *Book) Parts(ctx context.Context, r *Record) ([]Part, error) {
	parts := []Part{}
	for _, id := range r.Absorbed {
		part, err := b.Read(ctx, id)
		if err != nil {
			return nil, err
		}
		profile, err := b.profile(part)
		if err != nil {
			return nil, err
		}
		parts = append(parts, Part{part, profile})
	}
	return parts, nil
}

func (b *Book) profile(r *Record) (Profile, error) {
	if r.sealed == "" {
		return Profile{}, nil
	}
	key, err := b.vault.Key(r.ID)
	if errors.Is(err, ledger.ErrNotFound) {
		return Profile{}, ledger.Refuse(ledger.Say("the key to the personal data of %s is not here", string(r.ID)),
			ledger.Say("the keys belong to the journal: bring back the folder keys of the data directory, or describe the customer anew"))
	}
	if err != nil {
		return Profile{}, err
	}
	plain, err := open(key, r.ID, r.sealed)
	if err != nil {
		return Profile{}, err
	}
	return decodeProfile(plain)
}

// Written is what became of a profile.
type Written string

// What can become of a profile.
const (
	Registered Written = "registered"
	Changed    Written = "changed"
	Unchanged  Written = "unchanged"
)

// Entry is what is said about a person: who it is, and what they agree to.
type Entry struct {
	Profile
	Consents map[Purpose]bool
	Text     string // version of the text that was agreed to
}

// Outcome is what became of an entry.
type Outcome struct {
	ID      ID
	Written Written
}

// EntryError is what is wrong with one of several entries.
type EntryError struct {
	Entry int // from 0
	Fault
}

// planned is an entry before it is written.
type planned struct {
	Entry
	record    *Record
	was, next Profile
	absorb    []ID // whom tills named by another number, and who is this person
}

// maxAtOnce bounds how many people are written between two looks at the context.
const maxAtOnce = 1000

// Register writes down who customers are: all of them, or, when anything is wrong with an entry,
// nobody. Somebody who is known by the member number, else by telephone or mail, is the same
// customer, and fields that are given take the place of those that were there. Cut off and
// asked again, it goes on. progress hears how many are written; it may be nil.
func (b *Book) Register(ctx context.Context, entries []Entry, source Source, by string, progress func(done int)) ([]Outcome, []EntryError, error) {
	if err := oneOf(source, Sources); err != nil {
		return nil, nil, err
	}
	var wrong []EntryError
	plans := make([]planned, 0, len(entries))
	claimed := map[Lookup]int{}
	for n, entry := range entries {
		faults := entry.Check()
		for purpose, given := range entry.Consents {
			if given && entry.Text == "" {
				faults = append(faults, Fault{string(purpose), noText, noTextHint})
			}
		}
		for _, lookup := range entry.Lookups() {
			if first, twice := claimed[lookup]; twice {
				faults = append(faults, Fault{"", ledger.Say("entry %d has the same number, telephone or mail", first+1), ledger.Say("one entry for each person")})
				break
			}
			claimed[lookup] = n
		}
		if len(faults) == 0 {
			p, fault, err := b.plan(ctx, entry)
			if err != nil {
				return nil, nil, err
			}
			if fault != nil {
				faults = append(faults, *fault)
			}
			plans = append(plans, p)
		}
		for _, fault := range faults {
			wrong = append(wrong, EntryError{n, fault})
		}
	}
	if len(wrong) > 0 {
		return nil, wrong, nil
	}
	var outcomes []Outcome
	for chunk := range slices.Chunk(plans, maxAtOnce) {
		written, err := b.write(ctx, chunk, source, by)
		if err != nil {
			return outcomes, nil, err
		}
		if outcomes = append(outcomes, written...); progress != nil {
			progress(len(outcomes))
		}
	}
	return outcomes, nil, nil
}

// plan finds whom an entry is about.
func (b *Book) plan(ctx context.Context, entry Entry) (planned, *Fault, error) {
	p := planned{Entry: entry}
	var found []*Record
	ids, err := b.vault.Find(entry.Lookups()...)
	if err != nil {
		return p, nil, err
	}
	for _, id := range ids {
		if id == "" {
			continue
		}
		r, err := b.current(ctx, id)
		if err != nil {
			return p, nil, err
		}
		switch known := slices.ContainsFunc(found, func(other *Record) bool { return other.ID == r.ID }); {
		case r.Erased || known: // of the erased the vault has yet to hear
		case r.Registered && p.record != nil:
			return p, &Fault{"", ledger.Say("the number, telephone and mail belong to different customers, %s and %s", string(p.record.ID), string(r.ID)),
				ledger.Say("if they are one person: daybook customers merge %s --into %s", string(r.ID), string(p.record.ID))}, nil
		case r.Registered:
			p.record = r
			found = append(found, r)
		default:
			found = append(found, r)
		}
	}
	if p.record == nil && len(found) > 0 {
		p.record = found[0]
	}
	for _, r := range found {
		if r.ID != p.record.ID {
			p.absorb = append(p.absorb, r.ID)
		}
	}
	if p.record == nil {
		p.record = &Record{ID: deriveID("drawn", rand.Text()), at: ledger.NoStream}
	}
	if p.was, err = b.profile(p.record); err != nil {
		return p, nil, err
	}
	if p.was.Member != "" && entry.Member != "" && p.was.Member != entry.Member {
		return p, &Fault{"member", ledger.Say("the telephone or mail belongs to customer %s, who has another member number", string(p.record.ID)),
			ledger.Say("two people need two telephones or mails; if it is a new card: daybook customers change %s --member NUMBER", string(p.record.ID))}, nil
	}
	p.next = p.was
	for _, f := range entry.Fields() {
		p.next.Set(f.Name, f.Value)
	}
	return p, nil, nil
}

// Change gives a customer's fields other values; an empty one takes a field away.
func (b *Book) Change(ctx context.Context, id ID, fields []Field, source Source, by string) (Written, error) {
	r, err := b.living(ctx, id)
	if err != nil {
		return "", err
	}
	if err := oneOf(source, Sources); err != nil {
		return "", err
	}
	was, err := b.profile(r)
	if err != nil {
		return "", err
	}
	next := was
	for _, f := range fields {
		next.Set(f.Name, f.Value)
	}
	if faults := next.Check(); len(faults) > 0 {
		return "", ledger.Refuse(ledger.Say("%s: %s", faults[0].Field, faults[0].Text), faults[0].Hint)
	}
	outcomes, err := b.write(ctx, []planned{{record: r, was: was, next: next}}, source, by)
	if err != nil {
		return "", err
	}
	return outcomes[0].Written, nil
}

// write seals profiles. The vault holds a person before the journal does: a crash between the
// two leaves a key without data, never data without a key.
func (b *Book) write(ctx context.Context, plans []planned, source Source, by string) ([]Outcome, error) {
	outcomes := make([]Outcome, len(plans))
	var before, behind []Person
	for n, p := range plans {
		outcomes[n] = Outcome{p.record.ID, Unchanged}
		if same := slices.Equal(p.was.Fields(), p.next.Fields()); p.record.Registered && same {
			continue
		}
		outcomes[n].Written = Registered
		if p.record.Registered {
			outcomes[n].Written = Changed
		}
		own, err := b.own(ctx, p)
		if err != nil {
			return nil, err
		}
		before = append(before, Person{ID: p.record.ID, Lookups: own})
		if lost := slices.ContainsFunc(p.was.Lookups(), func(l Lookup) bool { return !slices.Contains(p.next.Lookups(), l) }); lost {
			behind = append(behind, Person{ID: p.record.ID, Lookups: own, Whole: true})
		}
	}
	if len(before) > 0 {
		if err := b.vault.Hold(before...); err != nil {
			return nil, err
		}
	}
	for n, p := range plans {
		var events []any
		if outcomes[n].Written != Unchanged {
			sealed, err := b.sealed(p)
			if err != nil {
				return nil, err
			}
			events = append(events, Described{p.record.ID, sealed, source, by})
		}
		for _, purpose := range Purposes {
			given, said := p.Consents[purpose]
			if said && (given != p.record.Allows(purpose) || !slices.ContainsFunc(p.record.Consents, func(c Consent) bool { return c.Purpose == purpose })) {
				events = append(events, ConsentSet{p.record.ID, purpose, given, source, p.Text, by})
			}
		}
		if len(events)+len(p.absorb) > 0 && outcomes[n].Written == Unchanged {
			outcomes[n].Written = Changed
		}
		if len(events) > 0 {
			if err := b.append(ctx, p.record, by, events...); err != nil {
				return nil, err
			}
		}
		for _, id := range p.absorb {
			if err := b.Merge(ctx, id, p.record.ID, by); err != nil {
				return nil, err
			}
		}
	}
	if len(behind) == 0 {
		return outcomes, nil
	}
	// Now that it is written, what customers no longer have finds them no more.
	return outcomes, b.vault.Hold(behind...)
}

// own are the look-ups by which the vault is to find a person, without those that lead to them
// already, through somebody who was found to be the same.
func (b *Book) own(ctx context.Context, p planned) (list []Lookup, err error) {
	lookups := p.next.Lookups()
	ids, err := b.vault.Find(lookups...)
	if err != nil {
		return nil, err
	}
	for n, lookup := range lookups {
		if id := ids[n]; id != "" && id != p.record.ID {
			r, err := b.current(ctx, id)
			if err != nil {
				return nil, err
			}
			if r.ID == p.record.ID || slices.Contains(p.absorb, r.ID) {
				continue
			}
		}
		list = append(list, lookup)
	}
	return list, nil
}

func (b *Book) sealed(p planned) (Sealed, error) {
	key, err := b.vault.Key(p.record.ID)
	if err != nil {
		return "", err
	}
	plain, err := p.next.encode()
	if err != nil {
		return "", err
	}
	return seal(key, p.record.ID, plain)
}

// Merge says that two customers are one person. What was found to be the first before goes
// with it, so that no chain is longer than one step.
func (b *Book) Merge(ctx context.Context, id, into ID, by string) error {
	from, err := b.living(ctx, id)
	if err != nil {
		return err
	}
	to, err := b.living(ctx, into)
	if err != nil {
		return err
	}
	if from.ID == to.ID {
		return ledger.Problem("%s and %s are one customer already", string(id), string(into))
	}
	var merged []any
	for _, loser := range append([]ID{from.ID}, from.Absorbed...) {
		merged = append(merged, Merged{loser, to.ID, by})
	}
	// Who is restricted stays so: the other half must not be used in their place.
	if from.Restricted && !to.Restricted {
		merged = append(merged, Restricted{to.ID, true, "request", by})
	}
	for _, c := range from.Consents {
		if !c.Given && to.Allows(c.Purpose) {
			merged = append(merged, ConsentSet{to.ID, c.Purpose, false, c.Source, c.Text, by})
		}
	}
	if err := b.append(ctx, to, by, merged...); err != nil {
		return err
	}
	return b.append(ctx, from, by, Merged{from.ID, to.ID, by})
}

// SetConsent writes down that a customer agreed to something, or no longer does.
func (b *Book) SetConsent(ctx context.Context, id ID, purpose Purpose, given bool, source Source, text, by string) error {
	if err := errors.Join(oneOf(purpose, Purposes), oneOf(source, Sources)); err != nil {
		return err
	}
	if given && text == "" {
		return ledger.Refuse(noText, noTextHint)
	}
	if err := ledger.CheckID("--text", text, 64); err != nil {
		return err
	}
	r, err := b.living(ctx, id)
	if err != nil {
		return err
	}
	if !r.Registered {
		return ledger.Refuse(ledger.Say("%s is not registered: nobody knows who agreed", string(r.ID)), ledger.Say("register them first: daybook customers register"))
	}
	return b.append(ctx, r, by, ConsentSet{r.ID, purpose, given, source, text, by})
}

var (
	noText     = ledger.Say("consent needs the version of the text that the customer was shown")
	noTextHint = ledger.Say("say which: --text VERSION, or the column consent_text of a file")
)

// Restrict stops all use of a customer's data but storage, or allows it again.
func (b *Book) Restrict(ctx context.Context, id ID, restricted bool, basis Basis, by string) error {
	if err := oneOf(basis, Bases); err != nil {
		return err
	}
	r, err := b.living(ctx, id)
	if err != nil {
		return err
	}
	if r.Restricted == restricted {
		return nil
	}
	return b.append(ctx, r, by, Restricted{r.ID, restricted, basis, by})
}

// Erase decides that a customer, and whoever was found to be the same person, is forgotten,
// in one append. The Shredder, which follows, destroys the keys. Erasing somebody again does
// nothing.
func (b *Book) Erase(ctx context.Context, id ID, basis Basis, by string) ([]ID, error) {
	if err := oneOf(basis, Bases); err != nil {
		return nil, err
	}
	r, err := b.current(ctx, id)
	if err != nil {
		return nil, err
	}
	all := append([]ID{r.ID}, r.Absorbed...)
	if r.Erased {
		return all, nil
	}
	if _, err := b.living(ctx, id); err != nil {
		return nil, err
	}
	var erased []any
	for _, one := range all {
		erased = append(erased, Erased{one, basis, by})
	}
	return all, b.append(ctx, r, by, erased...)
}

// append decides events about a customer, unless somebody was quicker. Their ids tell place
// and content.
func (b *Book) append(ctx context.Context, r *Record, by string, payloads ...any) error {
	var events []ledger.Event
	for n, payload := range payloads {
		event, err := b.codec.Encode(ledger.EventID{}, payload, ledger.Metadata{Actor: "user:" + by, OccurredAt: b.now().Truncate(time.Second)})
		if err != nil {
			return err
		}
		event.ID = ledger.DeriveID(string(Stream(r.ID)), strconv.FormatInt(int64(r.at)+1, 10), strconv.Itoa(n), event.Type, string(event.Data))
		events = append(events, event)
	}
	_, err := b.journal.Append(ctx, Stream(r.ID), r.at, events...)
	if errors.Is(err, ledger.ErrConflict) {
		return ledger.Refuse(ledger.Say("somebody else changed customer %s just now", string(r.ID)), ledger.Say("look at it again, and repeat the command if it is still right"))
	}
	if err == nil {
		r.at = max(r.at, -1) + ledger.Revision(len(events))
	}
	return err
}

func oneOf[T ~string](word T, words []T) error {
	if slices.Contains(words, word) {
		return nil
	}
	list := ""
	for n, w := range words {
		if n > 0 {
			list += ", "
		}
		list += string(w)
	}
	return ledger.Problem("%q is none of %s", string(word), list)
}

// Identify puts customer ids in the place of what tills call customers. Somebody who is named
// for the first time gets an id that is made from the number of the action that names them: taken
// again after a crash, the action names the same id. They are in the vault when it returns.
func (b *Book) Identify(ctx context.Context, actions []ledger.Reported) error {
	places, lookups := map[string]int{}, []Lookup(nil) // where the look-ups of a name begin, as tills write it
	for n := range actions {
		if sale, isSale := actions[n].Action.(ledger.SaleRecorded); isSale && sale.Customer != "" {
			if _, there := places[sale.Customer]; !there {
				places[sale.Customer] = len(lookups)
				lookups = append(lookups, Named(sale.Customer)...)
			}
		}
	}
	ids, err := b.vault.Find(lookups...) // all at once: the vault is locked each time
	if err != nil {
		return err
	}
	found := map[string]ID{} // by name, as tills write it
	meant := map[Lookup]ID{} // and in one spelling, which several names may share
	var seen []Person
	for n := range actions {
		sale, isSale := actions[n].Action.(ledger.SaleRecorded)
		if !isSale || sale.Customer == "" {
			continue
		}
		id, known := found[sale.Customer]
		if !known {
			named := Named(sale.Customer)
			at := places[sale.Customer]
			if id, known = meant[named[0]]; !known {
				id = cmp.Or(ids[at : at+len(named)]...)
			}
			if id == "" {
				var isNew bool
				if id, isNew, err = b.identify(ctx, sale); err != nil {
					return err
				}
				if isNew {
					seen = append(seen, Person{ID: id, Lookups: named[:1]})
				}
			}
			meant[named[0]], found[sale.Customer] = id, id
		}
		actions[n].Named, sale.Customer = sale.Customer, string(id)
		actions[n].Action = sale
	}
	if len(seen) == 0 {
		return nil
	}
	return b.vault.Hold(seen...)
}

// identify is for a name that the vault does not know.
func (b *Book) identify(ctx context.Context, sale ledger.SaleRecorded) (id ID, isNew bool, err error) {
	if IsID(sale.Customer) { // a till that was told the ids
		if _, err := b.vault.Key(ID(sale.Customer)); err == nil {
			return ID(sale.Customer), false, nil
		}
	}
	number := sale.Doc
	if sale.Seq != 0 {
		number = strconv.FormatUint(sale.Seq, 10)
	}
	for again := 0; ; again++ {
		id := deriveID("named", string(sale.Terminal), sale.Series, number, strconv.Itoa(again))
		r, err := b.current(ctx, id)
		if err != nil {
			return "", false, err
		}
		if !r.Erased { // else the person was forgotten, and comes back as somebody else
			return id, true, nil
		}
	}
}

// Shredder is the follower of the journal that destroys the keys of whoever was erased. It may
// be given any page again.
type Shredder struct {
	vault  Vault
	codec  *ledger.Codec
	cursor Cursor
}

// Cursor remembers how far a follower has read. It must be kept with the vault: a copy of the
// vault that is put back then brings the position with it from which it is behind.
type Cursor interface {
	Load() (ledger.Position, string, error)
	Save(position ledger.Position, tag string) error
}

// NewShredder makes the follower that keeps a vault up with a journal.
func NewShredder(vault Vault, codec *ledger.Codec, cursor Cursor) *Shredder {
	return &Shredder{vault, codec, cursor}
}

// Name of the follower.
func (s *Shredder) Name() string { return "shredder" }

// Filter selects erasures.
func (s *Shredder) Filter() ledger.Filter { return ledger.Filter{Types: []string{"customer-erased."}} }

// Cursor is the position up to which keys were destroyed.
func (s *Shredder) Cursor(context.Context) (ledger.Position, error) {
	position, _, err := s.cursor.Load()
	return position, err
}

// Apply destroys the keys of a page's erased customers, and then moves the cursor.
func (s *Shredder) Apply(_ context.Context, page ledger.Page) error {
	ids := map[ID]bool{}
	for _, recorded := range page.Events {
		payload, err := s.codec.Decode(recorded.Event)
		if err != nil {
			return err
		}
		if erased, is := payload.(Erased); is {
			ids[erased.Customer] = true
		}
	}
	if err := s.vault.Erase(slices.Sorted(maps.Keys(ids))...); err != nil {
		return err
	}
	at, _, err := s.cursor.Load()
	if err != nil || at >= page.Next {
		return err
	}
	return s.cursor.Save(page.Next, "")
}
