package main

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/goccy/go-yaml"

	"daybook/adapters/settlement/profile"
	"daybook/adapters/till"
	"daybook/ledger"
	"daybook/ledger/stock"
	"daybook/reconcile"
)

// config is the configuration file, as written. defaults.yaml is its documentation.
type config struct {
	Home      homeConfig        `yaml:"home"`
	Stores    []storeConfig     `yaml:"stores"`
	Tenders   map[string]string `yaml:"tenders"`
	Providers []providerConfig  `yaml:"providers"`
	Banks     []bankConfig      `yaml:"banks"`
	Rules     []ruleConfig      `yaml:"rules"`
	People    []personConfig    `yaml:"people"`
	Receipts  []till.Profile    `yaml:"receipts"`
	Bills     []profileConfig   `yaml:"bills"`

	Calendars map[string]calendarConfig `yaml:"calendars"`
	Customers customersConfig           `yaml:"customers"`
}

// customersConfig says where the keys to personal data are.
type customersConfig struct {
	Keys      string `yaml:"keys"`
	MasterKey string `yaml:"master_key"`
}

// profileConfig is a settlement profile: written here, or the path of its file.
type profileConfig struct {
	file    string
	profile profile.Profile
}

// UnmarshalYAML takes a path or a profile.
func (b *profileConfig) UnmarshalYAML(unmarshal func(any) error) error {
	if unmarshal(&b.file) == nil {
		return nil
	}
	b.file = ""
	return unmarshal(&b.profile)
}

// calendarConfig is a calendar by name. Days are written alone, or as first … last.
type calendarConfig struct {
	Holidays []string `yaml:"holidays"`
	Workdays []string `yaml:"workdays"`
}

type homeConfig struct {
	Currency string `yaml:"currency"`
	Zone     string `yaml:"zone"`
	DayCut   string `yaml:"day_cut"`
}

type storeConfig struct {
	ID       string `yaml:"id"`
	Name     string `yaml:"name"`
	Zone     string `yaml:"zone"`
	DayCut   string `yaml:"day_cut"`
	Currency string `yaml:"currency"`

	Deposit *depositConfig `yaml:"deposit"`
}

// depositConfig says how a store's cash comes to the bank.
type depositConfig struct {
	Reference string   `yaml:"reference"`
	Bank      string   `yaml:"bank"`
	Account   string   `yaml:"account"`
	Days      *int     `yaml:"days"`
	Calendar  string   `yaml:"calendar"`
	Holidays  []string `yaml:"holidays"`
	Workdays  []string `yaml:"workdays"`
	Drops     []string `yaml:"drops"`
}

type providerConfig struct {
	ID            string       `yaml:"id"`
	Name          string       `yaml:"name"`
	Channel       string       `yaml:"channel"`
	Formats       []string     `yaml:"formats"`
	Accounts      []string     `yaml:"accounts"`
	Currency      string       `yaml:"currency"`
	Zone          string       `yaml:"zone"`
	DayCut        string       `yaml:"day_cut"`
	CutMargin     string       `yaml:"cut_margin"`
	Bill          billConfig   `yaml:"bill"`
	Payout        payoutConfig `yaml:"payout"`
	Fees          []feeConfig  `yaml:"fees"`
	RefundFee     string       `yaml:"refund_fee"`
	FeeTolerance  string       `yaml:"fee_tolerance"`
	ControlTotals string       `yaml:"control_totals"`
}

// billConfig says when the bill of a day is here.
type billConfig struct {
	Days     *int     `yaml:"days"`
	Calendar string   `yaml:"calendar"`
	Holidays []string `yaml:"holidays"`
	Workdays []string `yaml:"workdays"`
}

type payoutConfig struct {
	Days     *int     `yaml:"days"`
	Calendar string   `yaml:"calendar"`
	Holidays []string `yaml:"holidays"`
	Workdays []string `yaml:"workdays"`
	Payer    []string `yaml:"payer"`
	Bank     string   `yaml:"bank"`
}

type feeConfig struct {
	Card     string       `yaml:"card"`
	Scheme   string       `yaml:"scheme"`
	MID      string       `yaml:"mid"`
	AtLeast  string       `yaml:"at_least"`
	Rate     string       `yaml:"rate"`
	Volume   string       `yaml:"volume"`
	Tiers    []tierConfig `yaml:"tiers"`
	Rounding string       `yaml:"rounding"`
	Flat     string       `yaml:"flat"`
	Min      string       `yaml:"min"`
	Cap      string       `yaml:"cap"`
	From     string       `yaml:"from"`
	Until    string       `yaml:"until"`
}

type tierConfig struct {
	Turnover string `yaml:"turnover"`
	Rate     string `yaml:"rate"`
}

// ruleConfig is a matching rule. One with the name of a usual rule takes its place.
type ruleConfig struct {
	Name      string   `yaml:"name"`
	Version   int      `yaml:"version"`
	From      string   `yaml:"from"`
	Until     string   `yaml:"until"`
	Providers []string `yaml:"providers"`
	Same      []string `yaml:"same"`
	Unless    []string `yaml:"unless"`
	Loose     bool     `yaml:"loose"`
	Basis     string   `yaml:"basis"`
	Absolute  int64    `yaml:"absolute"`
	Relative  string   `yaml:"relative"`
	Within    string   `yaml:"within"`
	Days      int      `yaml:"days"`
	Shape     string   `yaml:"shape"`
	Alone     bool     `yaml:"alone"`
	Budget    int      `yaml:"budget"`
	Mode      string   `yaml:"mode"`
	Score     int      `yaml:"score"`
}

type personConfig struct {
	ID      string            `yaml:"id"`
	Key     string            `yaml:"key"` // of their token
	Prepare bool              `yaml:"prepare"`
	Approve map[string]string `yaml:"approve"`
	Order   map[string]string `yaml:"order"`

	Customers []string `yaml:"customers"`
}

type bankConfig struct {
	ID       string   `yaml:"id"`
	Name     string   `yaml:"name"`
	Formats  []string `yaml:"formats"`
	Currency string   `yaml:"currency"`
	Calendar string   `yaml:"calendar"`
	Holidays []string `yaml:"holidays"`
	Workdays []string `yaml:"workdays"`

	ControlTotals string `yaml:"control_totals"`
}

//go:embed calendars.yaml
var calendars []byte

// settings is the configuration, understood.
type settings struct {
	terms   *reconcile.Terms
	people  map[string]reconcile.Person
	buyers  map[string]stock.Buyer
	keys    map[string]string // of those who have to prove who they are
	text    string            // the file as it was written, with the profiles it names as comments behind it
	digest  string            // of the terms, whatever the file's layout and comments
	rules   till.Rules
	sources []till.Source
	formats []settlementFormat // of bills and bank statements: the built-in ones and the profiles
	origins map[string]string  // where a format that is not built in stands: a profile's file, or the configuration
	names   map[string]string  // of stores, providers and banks

	vault  customersConfig            // with full paths; empty where the usual ones hold
	rights map[string]map[string]bool // what people may do about customers
}

// sourceNames lists the forms of till files.
func (s *settings) sourceNames() []string {
	var names []string
	for _, source := range s.sources {
		names = append(names, source.Name())
	}
	return names
}

// loadConfig reads a configuration file.
func loadConfig(path string) (*settings, error) {
	text, err := os.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, noConfig(path)
	}
	if err != nil {
		return nil, err
	}
	s, err := parseConfig(text, filepath.Dir(path))
	if err != nil {
		return nil, refuseConfig(path, err)
	}
	return s, nil
}

func noConfig(path string) error {
	return ledger.Refuse(ledger.Say("there is no configuration at %s", path), ledger.Say("write one with: daybook init"))
}

func refuseConfig(path string, err error) error {
	var refusal *ledger.Refusal
	if errors.As(err, &refusal) {
		return ledger.Refuse(ledger.Say("the configuration %s: %s", path, refusal.Text), refusal.Hint)
	}
	return ledger.Problem("the configuration %s: %s", path, strings.TrimSpace(yaml.FormatError(err, false, true)))
}

// parseConfig reads a configuration whose profiles are files in dir.
func parseConfig(text []byte, dir string) (*settings, error) {
	return resolveConfig(text, &resolver{dir: dir})
}

// parsePast reads a configuration that was signed. What is in the journal was read when it came
// in, so the files of profiles, which may be gone by now, are not looked at.
func parsePast(text []byte) (*settings, error) {
	return resolveConfig(text, &resolver{past: true})
}

func resolveConfig(text []byte, r *resolver) (*settings, error) {
	var c config
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&c); err != nil {
		return nil, err
	}
	sources, err := till.Sources(c.Receipts)
	if err != nil {
		return nil, err
	}
	r.names, r.origins, r.known = map[string]string{}, map[string]string{}, slices.Clone(formats)
	r.calendars = map[string]reconcile.Calendar{}
	written := string(text) + r.bills(c.Bills, sources)
	terms := r.terms(c)
	if r.err != nil {
		return nil, r.err
	}
	currencies := map[ledger.StoreID]ledger.Currency{}
	for _, store := range c.Stores {
		currencies[ledger.StoreID(store.ID)] = r.currency("stores: "+store.ID, store.Currency, terms.Currency)
	}
	if r.err != nil {
		return nil, r.err
	}
	people, buyers, keys := r.people(c.People), r.buyers(c.People), map[string]string{}
	for _, p := range c.People {
		if p.Key != "" {
			r.wrong("people: "+p.ID, checkKey(p.Key))
			keys[p.ID] = p.Key
		}
	}
	if r.err != nil {
		return nil, r.err
	}
	rights := r.rights(c.People)
	if r.err != nil {
		return nil, r.err
	}
	sum := sha256.Sum256([]byte(fmt.Sprintf("%+v", describe(terms))))
	return &settings{
		terms: terms, people: people, buyers: buyers, keys: keys, rights: rights, vault: customersConfig{r.path(c.Customers.Keys), r.path(c.Customers.MasterKey)},
		text: written, digest: hex.EncodeToString(sum[:8]), names: r.names, sources: sources, formats: r.known, origins: r.origins,
		rules: till.Rules{
			Tenders: c.Tenders,
			Store: func(id ledger.StoreID) (till.Store, bool) {
				clock, listed := terms.Stores[id]
				return till.Store{Clock: clock, Currency: currencies[id]}, listed
			},
		},
	}, nil
}

// describe turns terms into a value that prints the same whenever it means the same:
// time zones by name, maps in order (which fmt takes care of).
func describe(t *reconcile.Terms) any {
	clock := func(c ledger.Clock) string { return c.Zone.String() + " " + c.Cut.String() }
	stores := map[string]string{}
	for id, c := range t.Stores {
		stores[string(id)] = clock(c)
	}
	providers := slices.Clone(t.Providers)
	var clocks []string
	for n := range providers {
		clocks = append(clocks, clock(providers[n].Clock))
		providers[n].Clock = ledger.Clock{}
		providers[n].Name = ""
	}
	return []any{t.Currency, clock(t.Home), stores, providers, clocks, t.Banks, t.Rules, t.Deposits}
}

// resolver turns written values into meant ones and keeps the first thing wrong.
type resolver struct {
	err       error
	names     map[string]string
	known     []settlementFormat
	origins   map[string]string
	dir       string // of the configuration
	past      bool   // it was in force once: nothing is imported by it
	calendars map[string]reconcile.Calendar
}

func (r *resolver) wrong(where string, err error) {
	if r.err != nil || err == nil {
		return
	}
	var refusal *ledger.Refusal
	if errors.As(err, &refusal) {
		err = ledger.Refuse(ledger.Say("%s: %s", where, refusal.Text), refusal.Hint)
	}
	r.err = err
}

// people may do what the configuration says, and whoever is not listed nothing.
func (r *resolver) people(list []personConfig) map[string]reconcile.Person {
	people := map[string]reconcile.Person{}
	for _, p := range list {
		where := "people: " + p.ID
		r.wrong(where, ledger.CheckID("id", p.ID, 64))
		if _, twice := people[p.ID]; twice || p.ID == "" {
			r.wrong(where, ledger.Problem("every person needs an id of their own"))
		}
		person := reconcile.Person{Prepare: p.Prepare}
		person.Approve = r.limits(where, p.Approve)
		people[p.ID] = person
	}
	return people
}

// limits are amounts by currency; nil when there are none.
func (r *resolver) limits(where string, list map[string]string) map[ledger.Currency]int64 {
	var limits map[ledger.Currency]int64
	for _, code := range slices.Sorted(maps.Keys(list)) {
		limit := list[code]
		currency := r.currency(where, code, "")
		if r.err != nil {
			return nil
		}
		minor, err := ledger.ParseAmount(limit, currency)
		if err == nil && minor < 0 {
			err = ledger.Problem("%q is negative", limit)
		}
		r.wrong(where, err)
		if limits == nil {
			limits = map[ledger.Currency]int64{}
		}
		limits[currency] = minor
	}
	return limits
}

func (r *resolver) terms(c config) *reconcile.Terms {
	home := r.currency("home", c.Home.Currency, "")
	t := &reconcile.Terms{
		Currency: home,
		Home:     r.clock("home", c.Home.Zone, c.Home.DayCut, ledger.Clock{}),
		Stores:   map[ledger.StoreID]ledger.Clock{},
		Deposits: map[ledger.StoreID]reconcile.DepositTerms{},
	}
	for _, store := range c.Stores {
		where := "stores: " + store.ID
		r.wrong(where, ledger.CheckID("id", store.ID, 32))
		if _, twice := t.Stores[ledger.StoreID(store.ID)]; twice || store.ID == "" {
			r.wrong(where, ledger.Problem("every store needs an id of its own"))
		}
		t.Stores[ledger.StoreID(store.ID)] = r.clock(where, store.Zone, store.DayCut, t.Home)
		r.names[store.ID] = store.Name
	}
	r.nameCalendars(c.Calendars)
	banks := map[string]reconcile.Calendar{}
	for _, bank := range c.Banks {
		banks[bank.ID] = r.calendar("banks: "+bank.ID, bank.Calendar, bank.Holidays, bank.Workdays)
	}
	for _, store := range c.Stores {
		if store.Deposit != nil {
			t.Deposits[ledger.StoreID(store.ID)] = r.deposit("stores: "+store.ID+": deposit", *store.Deposit, banks)
		}
	}
	for _, p := range c.Providers {
		if p.ID == string(reconcile.CashProvider) {
			r.wrong("providers", ledger.Problem("%s means something already", p.ID))
		}
		provider := r.provider(p, t, home)
		provider.Payout.Bank = r.paidAt("providers: "+p.ID+": payout", p.Payout.Bank, banks)
		t.Providers = append(t.Providers, provider)
	}
	for _, bank := range c.Banks {
		r.unique("banks: "+bank.ID, bank.ID)
		r.names[bank.ID] = bank.Name
		t.Banks = append(t.Banks, reconcile.Bank{ID: bank.ID, Name: bank.Name, Formats: r.formats("banks: "+bank.ID, bank.Formats),
			Currency:       r.currency("banks: "+bank.ID, bank.Currency, home),
			ReportControls: r.word("banks: "+bank.ID, "control_totals", bank.ControlTotals, "refuse", "report") == "report"})
	}
	t.Rules = r.rules(c.Rules, t)
	return t
}

// rules are the usual ones, with those of the configuration in their places or after them.
func (r *resolver) rules(list []ruleConfig, t *reconcile.Terms) []reconcile.Rule {
	rules := reconcile.DefaultRules()
	replaced := map[string]bool{}
	for n, c := range list {
		where := fmt.Sprintf("rules: %d", n+1)
		rule, off := r.rule(where+" "+c.Name, c, t)
		at := slices.IndexFunc(rules, func(other reconcile.Rule) bool { return other.Name == rule.Name })
		switch {
		case at >= 0 && !replaced[rule.Name]:
			rules = slices.Delete(rules, at, at+1)
		case at >= 0: // a further version: behind the others of its name
			for at < len(rules) && rules[at].Name == rule.Name {
				at++
			}
		default:
			at = len(rules)
		}
		replaced[rule.Name] = true
		if !off {
			rules = slices.Insert(rules, at, rule)
		}
	}
	r.wrong("rules", reconcile.CheckRules(rules))
	return rules
}

// rule reads a rule; off is a rule that is not to be tried at all.
func (r *resolver) rule(where string, c ruleConfig, t *reconcile.Terms) (rule reconcile.Rule, off bool) {
	rule = reconcile.Rule{Name: c.Name, Version: max(c.Version, 1), Loose: c.Loose, Absolute: c.Absolute, Days: c.Days, Alone: c.Alone, Budget: c.Budget,
		Score: c.Score, From: r.optionalDay(where+": from", c.From), Until: r.optionalDay(where+": until", c.Until)}
	if c.Mode == "off" {
		return rule, true
	}
	for _, fields := range c.Same {
		var list []reconcile.Field
		for _, f := range strings.Split(fields, "+") {
			list = append(list, reconcile.Field(strings.TrimSpace(f)))
		}
		rule.Same = append(rule.Same, list)
	}
	for _, f := range c.Unless {
		rule.Unless = append(rule.Unless, reconcile.Field(f))
	}
	for _, id := range c.Providers {
		if _, known := t.Provider(ledger.ProviderID(id)); !known {
			r.wrong(where, ledger.Problem("there is no provider %q", id))
		}
		rule.Providers = append(rule.Providers, ledger.ProviderID(id))
	}
	rule.Mode = reconcile.Mode(r.oneOf(where, "mode", c.Mode, map[string]string{"": "", "auto": "", "suggest": string(reconcile.Suggest)}))
	rule.Basis = reconcile.Basis(r.oneOf(where, "basis", c.Basis, map[string]string{
		"": "", "gross": "", "paid": string(reconcile.OnPaid), "net": string(reconcile.OnNet), "net_full": string(reconcile.OnNetTo)}))
	rule.Shape = reconcile.Shape(r.oneOf(where, "shape", c.Shape, map[string]string{
		"": "", "one": "", "sum": string(reconcile.InSum), "subset": string(reconcile.Subset)}))
	if c.Relative != "" {
		rate, err := ledger.ParseRate(c.Relative)
		r.wrong(where+": relative", err)
		rule.Relative = rate
	}
	if c.Within != "" {
		within, err := time.ParseDuration(c.Within)
		if err != nil || within <= 0 {
			r.wrong(where, ledger.Problem("within: %q is not a duration such as 10m", c.Within))
		}
		rule.Within = within
	}
	return rule, false
}

// oneOf reads one of several words, and gives what it means.
func (r *resolver) oneOf(where, field, text string, meanings map[string]string) string {
	meaning, known := meanings[text]
	if !known {
		words := slices.DeleteFunc(slices.Sorted(maps.Keys(meanings)), func(word string) bool { return word == "" })
		r.wrong(where, ledger.Problem("%s: %q is none of %s", field, text, strings.Join(words, ", ")))
	}
	return meaning
}

func (r *resolver) optionalDay(where, text string) (day ledger.BusinessDay) {
	if text == "" {
		return day
	}
	day, err := ledger.ParseBusinessDay(text)
	r.wrong(where, err)
	return day
}

func (r *resolver) unique(where, id string) {
	r.wrong(where, ledger.CheckID("id", id, 32))
	if _, taken := r.names[id]; taken || id == "" {
		r.wrong(where, ledger.Problem("every provider and bank needs an id of its own"))
	}
}

func (r *resolver) provider(p providerConfig, t *reconcile.Terms, home ledger.Currency) reconcile.Provider {
	where := "providers: " + p.ID
	r.unique(where, p.ID)
	r.names[p.ID] = p.Name
	if p.Channel == "" || p.Formats == nil { // [] is a provider whose bills no longer come
		r.wrong(where, ledger.Problem("a provider needs a channel: and formats:"))
	}
	currency := r.currency(where, p.Currency, home)
	provider := reconcile.Provider{
		ID: ledger.ProviderID(p.ID), Name: p.Name, Channel: p.Channel, Formats: r.formats(where, p.Formats), Accounts: p.Accounts,
		Currency: currency, Clock: r.clock(where, p.Zone, p.DayCut, t.Home),
		CutMargin: r.duration(where, p.CutMargin, 5*time.Minute),
		Bills: reconcile.BillTerms{Days: r.daysAfter(where+": bill", p.Bill.Days),
			Calendar: r.calendar(where+": bill", p.Bill.Calendar, p.Bill.Holidays, p.Bill.Workdays)},
		Payout: reconcile.PayoutTerms{Days: r.daysAfter(where+": payout", p.Payout.Days), Payers: p.Payout.Payer,
			Calendar: r.calendar(where+": payout", p.Payout.Calendar, p.Payout.Holidays, p.Payout.Workdays)},
		RefundKeepsFee: r.word(where, "refund_fee", p.RefundFee, "returned", "kept") == "kept",
		ReportControls: r.word(where, "control_totals", p.ControlTotals, "refuse", "report") == "report",
		FeeTolerance:   r.amount(where+": fee_tolerance", p.FeeTolerance, currency),
	}
	for n, fee := range p.Fees {
		provider.Fees = append(provider.Fees, r.fee(fmt.Sprintf("%s: fees: %d", where, n+1), fee, currency))
	}
	return provider
}

func (r *resolver) formats(where string, names []string) []string {
	for _, name := range names {
		if !r.past && !slices.ContainsFunc(r.known, func(f settlementFormat) bool { return f.Name() == name }) {
			r.wrong(where, ledger.Refuse(ledger.Say("formats: there is no format %q; there are %s", name, formatNames(r.known)),
				ledger.Say("a profile of that name belongs under bills:; a provider whose bills no longer come keeps its past days with formats: []")))
		}
	}
	return names
}

// bills reads the profiles and returns those that are files of their own as comments, so that
// what was signed says by what the bills were read.
func (r *resolver) bills(list []profileConfig, sources []till.Source) string {
	var written strings.Builder
	for n, bill := range list {
		where, origin := fmt.Sprintf("bills: %d", n+1), "bills:"
		p := bill.profile
		switch {
		case bill.file != "" && r.past:
			continue
		case bill.file != "":
			origin = bill.file
			if !filepath.IsAbs(origin) {
				origin = filepath.Join(r.dir, origin)
			}
			var text []byte
			var err error
			if p, text, err = readProfile(origin); err != nil {
				r.wrong(where, err)
				return ""
			}
			written.WriteString("\n# " + where + ": " + bill.file + "\n")
			for line := range strings.Lines(string(text)) {
				written.WriteString("#   " + strings.TrimRight(line, "\r\n") + "\n")
			}
		default:
			if err := p.Validate(); err != nil {
				r.wrong(where, err)
				return ""
			}
		}
		r.add(where, origin, p, sources)
	}
	return written.String()
}

// add takes a profile among the formats; its name must be its own.
func (r *resolver) add(where, origin string, p profile.Profile, sources []till.Source) {
	format, err := profile.New(p)
	if err != nil {
		r.wrong(where, err)
		return
	}
	if slices.ContainsFunc(r.known, func(f settlementFormat) bool { return f.Name() == p.Name }) ||
		slices.ContainsFunc(sources, func(s till.Source) bool { return s.Name() == p.Name }) {
		r.wrong(where, ledger.Refuse(ledger.Say("there is a format %q already", p.Name), ledger.Say("give the profile another name:")))
		return
	}
	r.known, r.origins[p.Name] = append(r.known, format), origin
}

// maxProfile bounds the file of a profile.
const maxProfile = 1 << 20

// readProfile reads a profile's file and refuses one that cannot be right.
func readProfile(path string) (p profile.Profile, text []byte, err error) {
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return p, nil, ledger.Refuse(ledger.Say("there is no profile at %s", path), ledger.Say("put the file back, or correct its path; paths begin at the folder of the configuration"))
	case err != nil:
		return p, nil, err
	case info.IsDir() || info.Size() > maxProfile:
		return p, nil, ledger.Refuse(ledger.Say("%s is no profile: it is a directory, or larger than a megabyte", path), ledger.Say("name the YAML file"))
	}
	if text, err = os.ReadFile(path); err != nil {
		return p, nil, err
	}
	if p, err = profile.Read(text); err != nil {
		var refusal *ledger.Refusal
		if errors.As(err, &refusal) {
			err = ledger.Refuse(ledger.Say("%s: %s", path, refusal.Text), refusal.Hint)
		}
	}
	return p, text, err
}

// daysAfter is T+n; 1 when nothing is said.
func (r *resolver) daysAfter(where string, days *int) int {
	switch {
	case days == nil:
		return 1
	case *days < 0 || *days > 60:
		r.wrong(where, ledger.Problem("days: %d is not between 0 and 60", *days))
		return 1
	}
	return *days
}

// nameCalendars reads the calendars that daybook knows, and what the configuration adds.
func (r *resolver) nameCalendars(added map[string]calendarConfig) {
	known := map[string]calendarConfig{}
	if err := yaml.Unmarshal(calendars, &known); err != nil {
		panic(err) // it is part of the program
	}
	for _, list := range []map[string]calendarConfig{known, added} {
		for _, name := range slices.Sorted(maps.Keys(list)) {
			where := "calendars: " + name
			calendar, there := r.calendars[name]
			if !there {
				calendar = reconcile.Calendar{WorkingDaysOnly: true, Holidays: map[ledger.BusinessDay]bool{}, Workdays: map[ledger.BusinessDay]bool{}}
			}
			if slices.Contains(calendarWords, name) {
				r.wrong(where, ledger.Problem("%s means something already", name))
			}
			r.extend(where, calendar, list[name].Holidays, list[name].Workdays)
			r.calendars[name] = calendar
		}
	}
}

// calendarWords are calendars without holidays of their own.
var calendarWords = []string{"every_day", "working_days"}

// calendar is the named one, with further days. A day of the later list goes before the
// same one of the earlier.
func (r *resolver) calendar(where, name string, holidays, workdays []string) reconcile.Calendar {
	calendar := reconcile.Calendar{Holidays: map[ledger.BusinessDay]bool{}, Workdays: map[ledger.BusinessDay]bool{}}
	named, known := r.calendars[name]
	switch {
	case known:
		calendar.WorkingDaysOnly = true
		maps.Copy(calendar.Holidays, named.Holidays)
		maps.Copy(calendar.Workdays, named.Workdays)
	case name == "working_days":
		calendar.WorkingDaysOnly = true
	case name != "" && name != "every_day":
		words := slices.Concat(calendarWords, slices.Sorted(maps.Keys(r.calendars)))
		r.wrong(where, ledger.Problem("calendar: %q is none of %s", name, strings.Join(words, ", ")))
	}
	r.extend(where, calendar, holidays, workdays)
	return calendar
}

func (r *resolver) extend(where string, calendar reconcile.Calendar, holidays, workdays []string) {
	for _, day := range r.days(where, holidays) {
		calendar.Holidays[day] = true
		delete(calendar.Workdays, day)
	}
	for _, day := range r.days(where, workdays) {
		calendar.Workdays[day] = true
		delete(calendar.Holidays, day)
	}
}

// paidAt is the calendar of the bank that a provider pays at: the named one, or the only one.
func (r *resolver) paidAt(where, bank string, banks map[string]reconcile.Calendar) reconcile.Calendar {
	if bank == "" && len(banks) == 1 {
		for _, calendar := range banks {
			return calendar
		}
	}
	calendar, known := banks[bank]
	if !known && bank != "" {
		r.wrong(where, ledger.Problem("there is no bank %q", bank))
	}
	return calendar
}

// deposit says how a store's cash comes to the bank.
func (r *resolver) deposit(where string, d depositConfig, banks map[string]reconcile.Calendar) reconcile.DepositTerms {
	if strings.TrimSpace(d.Reference) == "" {
		r.wrong(where, ledger.Problem("reference: what the bank writes beside the store's deposits is missing"))
	}
	drops := d.Drops
	if drops == nil {
		drops = []string{"drop into the safe"}
	}
	return reconcile.DepositTerms{Reference: d.Reference, Bank: d.Bank, Account: d.Account, Drops: drops, Payout: reconcile.PayoutTerms{
		Days: r.daysAfter(where, d.Days), Calendar: r.calendar(where, d.Calendar, d.Holidays, d.Workdays), Bank: r.paidAt(where, d.Bank, banks)}}
}

// days reads days, and stretches of days.
func (r *resolver) days(where string, texts []string) (days []ledger.BusinessDay) {
	for _, text := range texts {
		first, last, stretch := strings.Cut(text, "…")
		if !stretch {
			last = first
		}
		from, err := ledger.ParseBusinessDay(strings.TrimSpace(first))
		r.wrong(where, err)
		to, err := ledger.ParseBusinessDay(strings.TrimSpace(last))
		r.wrong(where, err)
		if length := to.Sub(from); length < 0 || length > 60 {
			r.wrong(where, ledger.Problem("%q is no stretch of at most sixty days", text))
			return days
		}
		for day := from; day.Compare(to) <= 0; day = day.AddDays(1) {
			days = append(days, day)
		}
	}
	return days
}

func (r *resolver) fee(where string, f feeConfig, currency ledger.Currency) reconcile.FeeRule {
	rate, err := ledger.ParseRate(f.Rate)
	r.wrong(where, err)
	rounding, known := map[string]ledger.Rounding{"": ledger.HalfUp, "half_up": ledger.HalfUp, "half_even": ledger.HalfEven, "up": ledger.Up, "down": ledger.Down}[f.Rounding]
	if !known {
		r.wrong(where, ledger.Problem("rounding: %q is none of half_up, half_even, up, down", f.Rounding))
	}
	if f.Scheme != "" && !slices.Contains(ledger.Schemes, f.Scheme) {
		r.wrong(where, ledger.Problem("scheme: %q is none of %s", f.Scheme, strings.Join(ledger.Schemes, ", ")))
	}
	rule := reconcile.FeeRule{CardKind: f.Card, Scheme: f.Scheme, MID: ledger.MID(f.MID), AtLeast: r.amount(where+": at_least", f.AtLeast, currency), Rounding: rounding,
		Flat: r.amount(where+": flat", f.Flat, currency), Rate: rate, Min: r.amount(where+": min", f.Min, currency), Cap: r.amount(where+": cap", f.Cap, currency)}
	for _, end := range []struct {
		text string
		day  *ledger.BusinessDay
	}{{f.From, &rule.From}, {f.Until, &rule.Until}} {
		if end.text != "" {
			var err error
			*end.day, err = ledger.ParseBusinessDay(end.text)
			r.wrong(where, err)
		}
	}
	rule.Volume, rule.Tiers = r.tiers(where, f, currency)
	return rule
}

// tiers by turnover have to say how they are meant, and to rise.
func (r *resolver) tiers(where string, f feeConfig, currency ledger.Currency) (reconcile.Volume, []reconcile.Tier) {
	volume := reconcile.Volume(r.oneOf(where, "volume", f.Volume, map[string]string{
		"": "", "marginal": string(reconcile.Marginal), "whole": string(reconcile.Whole)}))
	if (volume == reconcile.NoVolume) != (len(f.Tiers) == 0) {
		r.wrong(where, ledger.Problem("volume: and tiers: belong together: volume says how the tiers are meant, marginal or whole"))
	}
	var tiers []reconcile.Tier
	for n, tier := range f.Tiers {
		at := fmt.Sprintf("%s: tiers: %d", where, n+1)
		rate, err := ledger.ParseRate(tier.Rate)
		r.wrong(at, err)
		next := reconcile.Tier{From: r.amount(at+": turnover", tier.Turnover, currency), Rate: rate}
		if next.From <= 0 || n > 0 && next.From <= tiers[n-1].From {
			r.wrong(at, ledger.Problem("turnover: %q must be more than nothing, and more than that of the tier before", tier.Turnover))
		}
		tiers = append(tiers, next)
	}
	return volume, tiers
}

func (r *resolver) amount(where, text string, currency ledger.Currency) int64 {
	if text == "" || r.err != nil {
		return 0
	}
	minor, err := ledger.ParseAmount(text, currency)
	r.wrong(where, err)
	return minor
}

func (r *resolver) currency(where, text string, otherwise ledger.Currency) ledger.Currency {
	if text == "" && otherwise != "" {
		return otherwise
	}
	currency, err := ledger.ParseCurrency(text)
	r.wrong(where+": currency", err)
	return currency
}

func (r *resolver) clock(where, zone, cut string, otherwise ledger.Clock) ledger.Clock {
	clock := otherwise
	if zone != "" || clock.Zone == nil {
		location, err := time.LoadLocation(zone)
		if err != nil || zone == "" || zone == "Local" {
			r.wrong(where, ledger.Problem("zone: %q is not a time zone such as Asia/Shanghai", zone))
			location = time.UTC
		}
		clock.Zone = location
	}
	if cut != "" {
		at, err := time.Parse("15:04", cut)
		if err != nil {
			r.wrong(where, ledger.Problem("day_cut: %q is not a time of day such as \"04:00\"", cut))
		}
		clock.Cut = time.Duration(at.Hour())*time.Hour + time.Duration(at.Minute())*time.Minute
	}
	return clock
}

func (r *resolver) duration(where, text string, otherwise time.Duration) time.Duration {
	if text == "" {
		return otherwise
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < 0 || d > 24*time.Hour {
		r.wrong(where, ledger.Problem("cut_margin: %q is not a duration such as 5m", text))
	}
	return d
}

// word reads one of two words; the first is the default.
func (r *resolver) word(where, field, text, first, second string) string {
	switch text {
	case "", first:
		return first
	case second:
		return second
	}
	r.wrong(where, ledger.Problem("%s: %q is neither %s nor %s", field, text, first, second))
	return first
}
