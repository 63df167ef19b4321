package main

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/adapters/keys"
	"daybook/ledger"
	"daybook/ledger/customer"
	"daybook/projections"
)

// customersConfigured is the scenario's configuration with somebody who may do everything about
// customers, and li.na, who may do nothing.
func customersConfigured(t *testing.T) *program {
	t.Helper()
	text := strings.Replace(readText(t, scenarioConfig), "people:\n", "people:\n  - {id: sun.li, customers: [edit, privacy, offer]}\n", 1)
	return configured(t, []byte(text))
}

// member is a person of the tests. Every part of it is a text that stands nowhere else.
type member struct{ number, name, phone, mail, address string }

func (m member) secrets() []string { return []string{m.number, m.name, m.phone, m.mail, m.address} }

var members = []member{
	{"MX7700001", "欧阳晓燕", "13911223301", "xiaoyan.o@example.com", "梧桐里七号"},
	{"MX7700002", "Quirinus Abbot", "13911223302", "q.abbot@example.com", "9 Larkspur Mews"},
	{"MX7700003", "Zenobia Falk", "13911223303", "zenobia@example.com", "Tanglewood 4"},
}

// customerFile is a file of customers; all agree to marketing and segments.
func customerFile(t *testing.T, list []member) string {
	t.Helper()
	text := "会员号,姓名,phone,mail,地址,marketing,personalise,consent_text\n"
	for _, m := range list {
		text += strings.Join([]string{m.number, m.name, m.phone, m.mail, m.address, "yes", "是", "2026-01"}, ",") + "\n"
	}
	return writeFile(t, t.TempDir(), "customers.csv", []byte(text))
}

// tillFile is a till's journal: whom is named by each sale in turn, a sale a day; then the first
// sale is given back in another store.
func tillFile(t *testing.T, whom ...string) string {
	t.Helper()
	var text strings.Builder
	action := func(seq int, store, kind, number, rest string, day int) {
		fmt.Fprintf(&text, `{"kind":%q,"terminal":"01080209","seq":%d,"store":%q,"at":"%sT10:00:00+08:00","currency":"CNY",%q:%q,"lines":[{"sku":"milk","qty":"1","unit":"10.00","net":"10.00"},{"sku":"tea","qty":"1","unit":"5.00","net":"5.00"}],"tenders":[{"payment":"P-%d","channel":"cash","amount":"15.00","outcome":"approved"}],"total":"15.00"%s}`+"\n",
			kind, seq, store, ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}.AddDays(day).String(), kind, number, seq, rest)
	}
	for n, name := range whom {
		rest := ""
		if name != "" {
			rest = fmt.Sprintf(`,"customer":%q`, name)
		}
		action(n+1, []string{"S001", "S002"}[n%2], "sale", fmt.Sprintf("R-%d", n+1), rest, n)
	}
	action(len(whom)+1, "S002", "refund", "RF-1", `,"original":"P-1"`, len(whom))
	return writeFile(t, t.TempDir(), "till.ndjson", []byte(text.String()))
}

// found names the files of a data directory that hold one of the texts, or what it looks like in
// base 64 and in hex, in either case, and the text.
func found(t *testing.T, dir string, texts ...string) (places []string) {
	t.Helper()
	var needles [][]byte
	for _, text := range texts {
		needles = append(needles, []byte(text), []byte(hex.EncodeToString([]byte(text))), []byte(base64.StdEncoding.EncodeToString([]byte(text))[:max(4, len(text)*4/3-3)]))
	}
	files := 0
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		files++
		data, err := os.ReadFile(path)
		for n, needle := range needles {
			if bytes.Contains(data, needle) {
				places = append(places, fmt.Sprintf("%s: %s", path, texts[n/3]))
			}
		}
		return err
	})
	if err != nil || files < 20 {
		t.Fatalf("%d files in %s: %v", files, dir, err)
	}
	return places
}

// traces are the bytes a vault keeps of somebody: data key as it is wrapped, look-up values.
func (p *program) traces(t *testing.T, id customer.ID) (list []string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(p.data, "keys", "people-*"))
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		for line := range strings.Lines(readText(t, file)) {
			if fields := strings.Fields(line); len(fields) > 1 && fields[0] == string(id) {
				list = append(list, fields[1:]...)
				for _, field := range fields[1:] {
					raw, err := base64.RawURLEncoding.DecodeString(field)
					if err != nil {
						t.Fatal(err)
					}
					list = append(list, string(raw))
				}
			}
		}
	}
	if len(list) == 0 {
		t.Fatalf("the vault has nothing of %s", id)
	}
	return list
}

func (p *program) customerOf(name string) customer.ID {
	p.t.Helper()
	return customer.ID(ask[struct{ Customer string }](p, "customers", "find", name, "--as", "sun.li").Customer)
}

type anyRow = map[string]any

// totals are sums that an erasure must not change.
func (p *program) totals() string {
	p.t.Helper()
	sums := ask[[]anyRow](p, "query", "SELECT kind, store, count() AS n, sum(total_minor) AS total, sum(lines) AS lines FROM fct_sales GROUP BY kind, store ORDER BY kind, store")
	lines := ask[[]anyRow](p, "query", "SELECT sku, count() AS n, sum(qty_milli) AS qty, sum(net_minor) AS net FROM fct_sale_lines GROUP BY sku ORDER BY sku")
	text, err := json.Marshal([]any{sums, lines})
	if err != nil {
		p.t.Fatal(err)
	}
	return string(text)
}

// A person is registered, buys, gives back, is exported and erased. No byte of the data directory
// ever shows who it is; afterwards nothing of the key and the look-up values is left either, the
// totals are what they were, the lines are nobody's, and the journal still verifies.
func TestErasedCustomer(t *testing.T) {
	p := customersConfigured(t)
	// Tills name people by number or telephone, before and after they are registered.
	p.must(exitFine, "import", tillFile(t, members[0].number, members[1].phone, "+86 "[:3]+members[0].phone, "", members[2].number))
	took := ask[[]taken](p, "import", "--as", "sun.li", customerFile(t, members))
	if took[0].Registered != len(members) || took[0].Rows != len(members) {
		t.Fatalf("%+v", took)
	}
	again := ask[[]taken](p, "import", "--as", "sun.li", customerFile(t, members))
	if !again[0].Already || again[0].Changed != 0 {
		t.Errorf("the same file again: %+v", again)
	}
	first, other := p.customerOf(members[0].phone), p.customerOf(members[1].mail)
	if first != p.customerOf(members[0].number) || first == other {
		t.Fatalf("%s by telephone, %s by number; another is %s", first, p.customerOf(members[0].number), other)
	}
	// Both names that tills used are one customer, across stores, with what was given back.
	e := ask[struct {
		Profile   customer.Profile
		Purchases []projections.CustomerLine
		Consents  []customer.Consent
	}](p, "customers", "export", members[0].number, "--as", "sun.li")
	stores, refunds := map[ledger.StoreID]bool{}, 0
	for _, line := range e.Purchases {
		stores[line.Store] = true
		if line.Kind == "refund" {
			refunds++
		}
	}
	if e.Profile.Name != members[0].name || len(e.Purchases) != 6 || len(stores) != 2 || refunds != 2 || len(e.Consents) != 2 {
		t.Errorf("exported: %+v", e)
	}
	for _, m := range members {
		if places := found(t, p.data, m.secrets()...); len(places) > 0 {
			t.Errorf("readable before anybody was erased: %v", places)
		}
	}
	before, traces, kept := p.totals(), p.traces(t, first), p.traces(t, other)
	journal := journalLines(p.events())

	// Only who may erases, and only when it is meant.
	for _, args := range [][]string{{"--as", "li.na", "--yes"}, {"--as", "sun.li", "--yes", "--basis", "because"}} {
		p.must(exitRefused, append([]string{"customers", "erase", members[0].number}, args...)...)
	}
	p.must(exitFine, "customers", "erase", members[0].number, "--as", "sun.li")
	if len(p.traces(t, first)) != len(traces) {
		t.Error("erased without --yes")
	}
	p.must(exitFine, "customers", "erase", members[0].number, "--as", "sun.li", "--yes", "--basis", "gdpr17")

	if places := found(t, p.data, append(traces, members[0].secrets()...)...); len(places) > 0 {
		t.Errorf("left after erasing: %v", places)
	}
	if places := found(t, p.data, kept...); len(places) == 0 {
		t.Error("what is kept of others is not found: the search finds nothing")
	}
	for _, name := range []string{members[0].phone} {
		if got := p.run("customers", "find", name, "--as", "sun.li"); got.code != exitRefused || strings.Contains(got.stderr, name) {
			t.Errorf("found by %s: exit code %d\n%s", name, got.code, got.stderr)
		}
	}
	p.must(exitRefused, "customers", "export", string(first), "--as", "sun.li")
	if after := p.totals(); after != before {
		t.Errorf("totals:\n%s\n%s", before, after)
	}
	rows := ask[[]anyRow](p, "query", fmt.Sprintf("SELECT (SELECT count() FROM fct_sales WHERE customer = '%[1]s') AS sales, (SELECT count() FROM fct_customer_lines WHERE customer = '%[1]s') AS lines, "+
		"(SELECT count() FROM agg_customers WHERE customer = '%[1]s') AS sums, (SELECT count() FROM fct_consents WHERE customer = '%[1]s') AS consents, (SELECT count() FROM fct_customer_lines) AS others", first))
	if want := (anyRow{"sales": "0", "lines": "0", "sums": "0", "consents": "0", "others": "4"}); fmt.Sprint(rows[0]) != fmt.Sprint(want) {
		t.Errorf("in the tables: %v", rows)
	}
	p.must(exitFine, "journal", "verify")
	if after := journalLines(p.events()); difference(journal, after[:len(journal)]) != "" {
		t.Errorf("the journal's bytes changed: %s", difference(journal, after[:len(journal)]))
	}
	// Who comes back is somebody else, also to a till.
	later := strings.NewReplacer(`"seq":1,`, `"seq":101,`, `"P-1"`, `"P-101"`).Replace(strings.SplitAfter(readText(t, tillFile(t, members[0].number)), "\n")[0])
	p.must(exitFine, "import", writeFile(t, t.TempDir(), "later.ndjson", []byte(later)))
	if p.customerOf(members[0].number) == first {
		t.Error("the erased customer has come back")
	}
}

// A copy of the keys that is put back brings nobody back; a backup of the journal without keys
// keeps every total.
func TestKeysPutBack(t *testing.T) {
	p := customersConfigured(t)
	p.must(exitFine, "import", tillFile(t, members[0].number, members[1].number))
	p.must(exitFine, "import", "--as", "sun.li", customerFile(t, members))
	id := p.customerOf(members[0].number)
	traces := p.traces(t, id)
	copied := filepath.Join(t.TempDir(), "keys")
	if err := os.CopyFS(copied, os.DirFS(filepath.Join(p.data, "keys"))); err != nil {
		t.Fatal(err)
	}
	p.must(exitFine, "customers", "erase", string(id), "--as", "sun.li", "--yes")
	if err := os.RemoveAll(filepath.Join(p.data, "keys")); err != nil {
		t.Fatal(err)
	}
	// Without keys: everything but who it was.
	before := p.totals()
	if got := p.run("customers", "show", p.ids(t)[0], "--personal", "--as", "sun.li"); got.code != exitRefused || !strings.Contains(got.stderr, "keys") {
		t.Errorf("without keys: exit code %d\n%s", got.code, got.stderr)
	}
	if err := os.CopyFS(filepath.Join(p.data, "keys"), os.DirFS(copied)); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"master.key", "lock"} { // CopyFS does not keep who may read
		if err := os.Chmod(filepath.Join(p.data, "keys", name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	p.must(exitFine, "customers", "list")
	if places := found(t, p.data, traces...); len(places) > 0 {
		t.Errorf("the keys that were put back brought %v", places)
	}
	if p.totals() != before || p.customerOf(members[1].number) == "" {
		t.Error("others lost something")
	}
	p.must(exitRefused, "customers", "find", members[0].number, "--as", "sun.li")
}

// ids are all living customers.
func (p *program) ids(t *testing.T) (ids []string) {
	t.Helper()
	for _, c := range ask[[]projections.CustomerRow](p, "customers", "list") {
		ids = append(ids, string(c.Customer))
	}
	if len(ids) == 0 {
		t.Fatal("no customers")
	}
	return ids
}

// Erasing that was killed anywhere is finished by the next command, whatever it is.
func TestKilledErasing(t *testing.T) {
	p := customersConfigured(t)
	p.must(exitFine, "import", tillFile(t, members[0].number, members[1].number))
	p.must(exitFine, "import", "--as", "sun.li", customerFile(t, members))
	id := p.customerOf(members[0].number)
	traces := append(p.traces(t, id), members[0].secrets()...)
	args := []string{"customers", "erase", string(id), "--as", "sun.li", "--yes"}

	start := p.data
	copyTo := func() *program {
		p.leave()
		next := *p
		next.data = filepath.Join(t.TempDir(), "data")
		if err := os.CopyFS(next.data, os.DirFS(start)); err != nil {
			t.Fatal(err)
		}
		if err := filepath.WalkDir(filepath.Join(next.data, "keys"), func(path string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			return os.Chmod(path, 0o600)
		}); err != nil {
			t.Fatal(err)
		}
		return &next
	}
	whole := copyTo()
	begun := time.Now()
	whole.must(exitFine, args...)
	took := time.Since(begun)
	dice := rand.New(rand.NewPCG(*killSeed, 9))
	decided := 0
	for round := range max(2, *kills/4) {
		q := copyTo()
		// Every other kill comes while the vault's files change, which is after the decision.
		folder := filepath.Join(q.data, "keys")
		before := stamps(folder)
		at := time.Duration((0.3 + 0.7*dice.Float64()) * float64(took))
		q.kill(moment{"the keys change, or a time", func(passed time.Duration, _ [2]int64) bool {
			return round%2 == 0 && stamps(folder) != before || round%2 == 1 && passed >= at
		}}, args)
		isDecided := slices.ContainsFunc(q.events(), func(e ledger.Recorded) bool { return strings.HasPrefix(e.Type, "customer-erased.") })
		q.must(exitFine, "customers", "list")
		if isDecided {
			decided++
			if places := found(t, q.data, traces...); len(places) > 0 {
				t.Errorf("killed after %v: %v", at, places)
			}
		}
		q.must(exitFine, args...) // and asked again it is done, or was
		if places := found(t, q.data, traces...); len(places) > 0 {
			t.Errorf("killed after %v and asked again: %v", at, places)
		}
		if q.totals() != whole.totals() {
			t.Error("other totals")
		}
	}
	if decided == 0 {
		t.Error("no kill came behind the decision: this test says little")
	}
}

// stamps are the names and times of the vault's files.
func stamps(folder string) (text string) {
	files, _ := filepath.Glob(filepath.Join(folder, "people-*"))
	for _, file := range files {
		if info, err := os.Stat(file); err == nil {
			text += fmt.Sprintln(file, info.ModTime())
		}
	}
	return text
}

// What a crash left beside the vault's files goes with the next look at them.
func TestVaultLeavesNothingBeside(t *testing.T) {
	p := customersConfigured(t)
	p.must(exitFine, "import", "--as", "sun.li", customerFile(t, members))
	for _, end := range []string{".new", ".gone"} {
		writeFile(t, filepath.Join(p.data, "keys"), "people-0"+end, []byte("what a crash left"))
	}
	p.must(exitFine, "customers", "find", members[0].number, "--as", "sun.li")
	if places := found(t, p.data, "what a crash left"); len(places) > 0 {
		t.Errorf("left: %v", places)
	}
	// A master key that others may read, another one, or none: refused, with what to do.
	master := filepath.Join(p.data, "keys", "master.key")
	for _, wrong := range []func() error{
		func() error { return os.Chmod(master, 0o644) },
		func() error { return os.WriteFile(master, []byte(strings.Repeat("ab", 32)+"\n"), 0o600) },
		func() error { return os.WriteFile(master, []byte("no key"), 0o600) },
		func() error { return os.Remove(master) },
	} {
		if err := wrong(); err != nil {
			t.Fatal(err)
		}
		if got := p.run("customers", "find", members[0].number, "--as", "sun.li"); got.code != exitRefused || !strings.Contains(got.stderr, "master") || !strings.Contains(got.stderr, "next: ") {
			t.Errorf("exit code %d\n%s", got.code, got.stderr)
		}
		os.Chmod(master, 0o600)
	}
	if _, err := keys.New(filepath.Join(p.data, "keys"), "").Key("C0000000000000000"); err == nil {
		t.Error("a key of nobody")
	}
}

// Offers go to who agreed, once; withdrawn consent, restriction and erasure end them; who is held
// out does not depend on when it is asked; the uplift is what plain counting gives.
func TestOffers(t *testing.T) {
	p := customersConfigured(t)
	var list []member
	var whom []string
	for n := range 40 {
		m := member{fmt.Sprintf("MZ%05d", n), fmt.Sprintf("Person %d", n), fmt.Sprintf("139110%05d", n), fmt.Sprintf("p%d@example.com", n), "x"}
		list = append(list, m)
		if n%3 != 0 {
			whom = append(whom, m.number)
		}
	}
	p.must(exitFine, "import", "--as", "sun.li", customerFile(t, list))
	p.must(exitFine, "import", tillFile(t, whom...))
	p.must(exitFine, "customers", "consent", list[1].number, "--purpose", "marketing", "--withdrawn", "--source", "phone", "--as", "sun.li")
	p.must(exitFine, "customers", "restrict", list[2].number, "--as", "sun.li", "--basis", "gdpr18")
	p.must(exitFine, "customers", "erase", list[4].number, "--as", "sun.li", "--yes")
	offer := []string{"customers", "offer", "--campaign", "spring", "--everybody", "--hold-out", "50%", "--from", "2026-01-05", "--until", "2026-02-28", "--as", "sun.li"}
	p.must(exitFine, offer...)
	results := ask[struct{ Results map[string]int }](p, append(offer, "--yes")...).Results
	if results["made"]+results["held_out"] != 37 || results["made"] == 0 || results["held_out"] == 0 || results["no_consent"] != 1 {
		t.Fatalf("%v", results)
	}
	if again := ask[struct{ Results map[string]int }](p, append(offer, "--yes")...).Results; again["already"] != 37 || again["made"] != 0 {
		t.Errorf("asked again: %v", again)
	}
	campaign := customer.Campaign{Name: "spring", HoldOut: 500000}
	ids := make([]customer.ID, len(list))
	p.inside(func(ctx context.Context, a *app, _ *globals) error {
		for n, m := range list {
			r, err := a.customers.Find(ctx, m.number)
			if n == 4 { // who was erased
				continue
			}
			if err != nil {
				return err
			}
			ids[n] = r.ID
		}
		return nil
	})
	bought := map[bool]int{}
	size := map[bool]int{}
	for n := range list {
		if n == 1 || n == 2 || n == 4 {
			continue
		}
		held := campaign.HeldOut(ids[n])
		size[held]++
		if n%3 != 0 {
			bought[held]++
		}
	}
	row := ask[[]anyRow](p, "query", "SELECT offered, held_out, offered_bought, held_out_bought, uplift_ppm FROM agg_offer_uplift WHERE campaign = 'spring'")[0]
	want := anyRow{"offered": fmt.Sprint(size[false]), "held_out": fmt.Sprint(size[true]), "offered_bought": fmt.Sprint(bought[false]), "held_out_bought": fmt.Sprint(bought[true]),
		"uplift_ppm": fmt.Sprint(1000000*bought[false]/size[false] - 1000000*bought[true]/size[true])}
	if fmt.Sprint(row) != fmt.Sprint(want) {
		t.Errorf("uplift %v, want %v", row, want)
	}
	for _, held := range []bool{false, true} { // one who was offered something, and one who was held out
		n := 5 + slices.IndexFunc(ids[5:], func(id customer.ID) bool { return campaign.HeldOut(id) == held })
		code := map[bool]int{false: exitFine, true: exitRefused}[held]
		p.must(code, "customers", "redeem", list[n].number, "--offer", "spring", "--sale", "R-1", "--on", "2026-01-09", "--as", "sun.li")
	}
	p.must(exitRefused, "customers", "redeem", list[1].number, "--offer", "spring", "--sale", "R-1", "--on", "2026-01-09", "--as", "sun.li")
	// Whoever is found to be another person keeps, in what is handed out, what they agreed to, were
	// offered and made use of under the first id.
	n := 5 + slices.IndexFunc(ids[5:], func(id customer.ID) bool { return !campaign.HeldOut(id) })
	p.must(exitFine, "customers", "merge", string(ids[n]), "--into", string(ids[3]), "--as", "sun.li")
	e := ask[struct {
		Customer customer.ID
		Consents []customer.Consent
		Parts    []struct {
			Customer customer.ID
			Profile  customer.Profile
			Said     []customer.Consent
			Offers   []customer.Offer
		} `json:"absorbed_customers"`
	}](p, "customers", "export", list[n].number, "--as", "sun.li")
	if e.Customer != ids[3] || len(e.Consents) != 2 || len(e.Parts) != 1 {
		t.Fatalf("exported: %+v", e)
	}
	if part := e.Parts[0]; part.Customer != ids[n] || part.Profile.Name != list[n].name || len(part.Said) != 2 || !part.Said[0].Given || len(part.Offers) != 1 || part.Offers[0].Campaign != "spring" || part.Offers[0].Redeemed != "R-1" {
		t.Errorf("what was exported of the id before: %+v", part)
	}
	if rows := ask[[]anyRow](p, "query", "SELECT customer FROM agg_customer_rfm WHERE customer IN (SELECT customer FROM dim_customers WHERE restricted)"); len(rows) > 0 {
		t.Errorf("restricted, and in a segment: %v", rows)
	}
}
