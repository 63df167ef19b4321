package profile

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
	"time"
	"unicode"

	"github.com/goccy/go-yaml"

	"daybook/adapters/files"
	"daybook/ledger"
	"daybook/reconcile"
)

// Profile is a description as it is written.
type Profile struct {
	Name  string `yaml:"name"`  // what providers list under formats:
	About string `yaml:"about"` // what the file is, for people

	// The frame.
	Encoding  string           `yaml:"encoding"`  // one of files.Encodings; found by looking at the bytes when empty
	Separator Words            `yaml:"separator"` // or several, of which the one that makes a header is taken; a comma when empty
	Unquoted  bool             `yaml:"unquoted"`  // a quotation mark stands for itself; else cells may stand in "…"
	Workbook  bool             `yaml:"workbook"`  // the acquirer hands out Excel workbooks (.xlsx) as well
	Mark      string           `yaml:"mark"`      // stands before cells and is no part of them, as the ' of a spreadsheet
	Skip      Words            `yaml:"skip"`      // rows that begin with one of these say nothing
	Headings  Words            `yaml:"headings"`  // of a file without header: its columns, in order
	Fixed     *Fixed           `yaml:"fixed"`     // the columns have fixed places; else a separator divides them
	Recognise map[string]Words `yaml:"recognise"` // the first row has, in this column, one of these words
	Preamble  Preamble         `yaml:"preamble"`  // facts in the rows above the header
	End       string           `yaml:"end"`       // the row that ends the rows begins so; a file without it was cut
	Totals    []Total          `yaml:"totals"`

	// The columns and their words.
	Columns   Columns           `yaml:"columns"`
	Optional  Words             `yaml:"optional"` // headings that a file may lack
	Types     map[string]string `yaml:"types"`
	Channel   string            `yaml:"channel"`  // of every row, when no column says it
	Channels  map[string]string `yaml:"channels"` // words of columns: channel
	CardKinds map[string]string `yaml:"card_kinds"`
	Currency  string            `yaml:"currency"` // of rows that name none
	Amounts   Amounts           `yaml:"amounts"`
	Time      Time              `yaml:"time"`
	Personal  Words             `yaml:"personal"` // columns to empty
}

// Preamble are labels in the rows above the header: the value is what follows the label in
// its cell, or the next cell.
type Preamble struct {
	Merchant string `yaml:"merchant"`
	Currency string `yaml:"currency"`
	Day      string `yaml:"day"`  // the one day of the file
	From     string `yaml:"from"` // or its first
	To       string `yaml:"to"`   // and last
}

// Columns are the headings under which the facts stand.
type Columns struct {
	Merchant   string `yaml:"merchant"`
	Terminal   string `yaml:"terminal"`
	Store      string `yaml:"store"`
	Batch      string `yaml:"batch"`
	STAN       string `yaml:"stan"`
	RRN        string `yaml:"rrn"`
	AuthCode   string `yaml:"auth_code"`
	Card       string `yaml:"card"`
	CardKind   string `yaml:"card_kind"`
	OrderNo    string `yaml:"order_no"`    // the merchant's, of the payment; also on rows of what undoes it when refund_no is named
	RefundNo   string `yaml:"refund_no"`   // the merchant's, of the refund
	OriginalNo string `yaml:"original_no"` // the merchant's, of what is undone, where order_no is the row's own
	ProviderNo string `yaml:"provider_no"`
	Type       Words  `yaml:"type"` // one column, or several whose words are joined by a blank
	Channel    string `yaml:"channel"`
	Currency   string `yaml:"currency"`
	Time       Words  `yaml:"time"` // one column, or several that are joined by a blank
	Day        string `yaml:"day"`  // the day the row counts to; that of its time when there is none

	Gross       string `yaml:"gross"`
	GrossCredit string `yaml:"gross_credit"` // money to the merchant, where in and out have columns of their own
	GrossDebit  string `yaml:"gross_debit"`
	Net         string `yaml:"net"`
	NetCredit   string `yaml:"net_credit"`
	NetDebit    string `yaml:"net_debit"`
	Fee         Words  `yaml:"fee"`      // one or several that add up
	Discount    Words  `yaml:"discount"` // the merchant's own coupons
}

// Amounts say how amounts are written.
type Amounts struct {
	Unit      string `yaml:"unit"`      // major (also yuan) or minor (also fen)
	Decimal   string `yaml:"decimal"`   // before the decimals: . or ,
	Thousands string `yaml:"thousands"` // between thousands
	Sign      string `yaml:"sign"`      // printed, reversed or by_type
	Fees      string `yaml:"fees"`      // how a fee that is taken off is printed: positive, negative or unsigned
	Empty     string `yaml:"empty"`     // zero: an empty fee or discount is none
}

// Time says how times and days are written.
type Time struct {
	Zone       string `yaml:"zone"`
	Layouts    Words  `yaml:"layouts"` // as Go writes Mon Jan 2 15:04:05 2006
	DayLayouts Words  `yaml:"day_layouts"`
	DayCut     string `yaml:"day_cut"` // the time of day at which the acquirer's day changes
}

// Total is one total that the file states.
type Total struct {
	Row      string `yaml:"row"`    // the row begins so
	Of       string `yaml:"of"`     // count, gross, discount, fee or net
	Types    Words  `yaml:"types"`  // only rows of these meanings
	Column   string `yaml:"column"` // it stands under this heading,
	Cell     int    `yaml:"cell"`   // or in the so-and-so-many-th cell,
	Label    string `yaml:"label"`  // or behind this text
	Currency string `yaml:"currency"`
	Sign     string `yaml:"sign"` // reversed or unsigned, where the file's is not the merchant's view
	Optional bool   `yaml:"optional"`
}

// Words is a list that may be written as a single word.
type Words []string

// UnmarshalYAML takes a word or a list.
func (w *Words) UnmarshalYAML(unmarshal func(any) error) error {
	var list []string
	if unmarshal(&list) == nil {
		*w = list
		return nil
	}
	var word string
	if err := unmarshal(&word); err != nil {
		return err
	}
	*w = Words{word}
	return nil
}

// Read reads a profile and refuses one that cannot be right.
func Read(text []byte) (p Profile, err error) {
	if err := yaml.NewDecoder(bytes.NewReader(text), yaml.Strict()).Decode(&p); err != nil {
		return Profile{}, ledger.Problem("%s", strings.TrimSpace(yaml.FormatError(err, false, true)))
	}
	return p, p.Validate()
}

// Digest is the same for profiles that mean the same, however they are laid out.
func (p Profile) Digest() string {
	sum := sha256.Sum256(fmt.Appendf(nil, "%+v", p))
	return hex.EncodeToString(sum[:8])
}

// meaning is what a word of type says about a row.
type meaning struct {
	kind    reconcile.LineKind
	way     int  // +1 money to the merchant, -1 from it, 0 as printed
	nothing bool // no money moves
}

// meanings are the values of types:.
var meanings = map[string]meaning{
	"sale":                {kind: reconcile.SaleLine, way: 1},
	"refund":              {kind: reconcile.RefundLine, way: -1},
	"void":                {kind: reconcile.VoidLine, way: -1},
	"reversal":            {kind: reconcile.ReversalLine, way: -1},
	"undone":              {kind: reconcile.ReversalLine, way: 1}, // a refund or void that was itself reversed
	"chargeback":          {kind: reconcile.ChargebackLine, way: -1},
	"chargeback_returned": {kind: reconcile.ChargebackLine, way: 1},
	"fee":                 {kind: reconcile.FeeLine, way: -1},
	"payout":              {kind: reconcile.PayoutLine},
	"adjustment":          {kind: reconcile.AdjustmentLine},
	"other":               {kind: reconcile.OtherLine},
	// A refund that is still pending, a payment that failed: the row is kept as a revocation
	// without amount, which is what reconciliation passes over.
	"nothing": {kind: reconcile.ReversalLine, nothing: true},
}

func listOf[V any](m map[string]V) string { return strings.Join(slices.Sorted(maps.Keys(m)), ", ") }

// required are the headings by which a file is known, each once.
func (p Profile) required() []string {
	return slices.DeleteFunc(p.headings(), func(heading string) bool { return p.Optional.has(heading) })
}

func (w Words) has(heading string) bool {
	return slices.ContainsFunc(w, func(other string) bool { return files.Fold(other) == files.Fold(heading) })
}

// headings are the columns that the profile reads, each once.
func (p Profile) headings() []string {
	c := p.Columns
	all := []string{c.Merchant, c.Terminal, c.Store, c.Batch, c.STAN, c.RRN, c.AuthCode, c.Card, c.CardKind, c.OrderNo, c.RefundNo, c.OriginalNo, c.ProviderNo,
		c.Channel, c.Currency, c.Day, c.Gross, c.GrossCredit, c.GrossDebit, c.Net, c.NetCredit, c.NetDebit}
	all = slices.Concat(all, c.Type, c.Time, c.Fee, c.Discount, slices.Sorted(maps.Keys(p.Recognise)))
	var list Words
	for _, heading := range all {
		if heading != "" && !list.has(heading) {
			list = append(list, heading)
		}
	}
	return list
}

// Column is a heading with the fact that it holds.
type Column struct{ Key, Heading string }

// Reads are the columns that are read, in the order of their keys in Columns.
func (p Profile) Reads() (list []Column) {
	c := reflect.ValueOf(p.Columns)
	for n := range c.NumField() {
		key := c.Type().Field(n).Tag.Get("yaml")
		switch heading := c.Field(n).Interface().(type) {
		case string:
			if heading != "" {
				list = append(list, Column{key, heading})
			}
		case Words:
			if len(heading) > 0 {
				list = append(list, Column{key, strings.Join(heading, " + ")})
			}
		}
	}
	return list
}

// keys are the facts by which rows are joined with payments.
var keys = []string{"merchant", "terminal", "batch", "stan", "rrn", "auth_code", "card", "order_no", "refund_no", "original_no", "provider_no"}

// Keys are those of them that the profile reads.
func (p Profile) Keys() (list []string) {
	if p.Preamble.Merchant != "" {
		list = []string{"merchant"}
	}
	for _, column := range p.Reads() {
		if slices.Contains(keys, column.Key) {
			list = append(list, column.Key)
		}
	}
	return list
}

// amountHeadings are those that hold amounts.
func (c Columns) amountHeadings() []string {
	list := slices.Concat([]string{c.Gross, c.GrossCredit, c.GrossDebit, c.Net, c.NetCredit, c.NetDebit}, c.Fee, c.Discount)
	return slices.DeleteFunc(list, func(heading string) bool { return heading == "" })
}

// private tells headings of what may not be kept, whoever asks for it. (PCI DSS 3.3: no
// security data after authorisation; the names are not needed to reconcile.)
func private(heading string) bool {
	folded := strings.ToLower(files.Fold(heading))
	for _, word := range []string{"持卡人", "身份证", "手机号", "电话", "姓名", "phone", "cardholder", "cvv", "cvc", "cvn", "track2", "track1", "pinblock", "磁道"} {
		if strings.Contains(folded, word) {
			return true
		}
	}
	return false
}

// wrong is a refusal of one key of a profile.
func (p Profile) wrong(key, value string, text, next ledger.Text) error {
	if value == "" {
		return ledger.Refuse(ledger.Say("bill profile %s: %s: %s", p.Name, key, text), next)
	}
	return ledger.Refuse(ledger.Say("bill profile %s: %s: %q: %s", p.Name, key, value, text), next)
}

// Validate says what is wrong with a profile, as a ledger.Refusal.
func (p Profile) Validate() error {
	if p.Name == "" || ledger.CheckID("name", p.Name, 40) != nil {
		return ledger.Refuse(ledger.Say("a bill profile needs a name of at most 40 letters and digits without blanks"), ledger.Say("write it as name: nordpay"))
	}
	for _, check := range []func() error{p.checkFrame, p.checkFixed, p.checkRecognition, p.checkColumns, p.checkAmountColumns, p.checkWords, p.checkAmounts, p.checkTime, p.checkTotals} {
		if err := check(); err != nil {
			return err
		}
	}
	return nil
}

func (p Profile) checkFrame() error {
	if names := files.Encodings(); p.Encoding != "" && !slices.Contains(names, p.Encoding) {
		return p.wrong("encoding", p.Encoding, ledger.Say("daybook does not know this encoding"), ledger.Say("use one of %s, or leave it out: UTF-8, UTF-16 and GBK are found by looking", strings.Join(names, ", ")))
	}
	for n, separator := range p.Separator {
		runes := []rune(separator)
		ordinary := len(runes) == 0 || len(runes) > 3 || slices.ContainsFunc(runes, func(r rune) bool {
			return unicode.IsLetter(r) || unicode.IsDigit(r) || strings.ContainsRune("\"\r\n.-+", r) || unicode.IsControl(r) && r != '\t'
		})
		switch {
		case ordinary:
			return p.wrong("separator", separator, ledger.Say("this cannot divide cells"), ledger.Say("use one to three characters such as , ; | or \"\\t\" for a tab"))
		case slices.Contains(p.Separator[:n], separator):
			return p.wrong("separator", separator, ledger.Say("this stands twice"), ledger.Say("name every separator once"))
		case p.Unquoted && separator == p.Amounts.Decimal:
			return p.wrong("separator", separator, ledger.Say("amounts: decimal: is the same, and unquoted: true lets no cell hold it"), ledger.Say("take unquoted: out, or correct one of the two"))
		}
	}
	for _, begin := range slices.Concat(p.Skip, Words{p.End}) {
		if begin != "" && strings.Trim(begin, " \t") == "" || slices.Contains(p.Skip, "") {
			return p.wrong("skip", begin, ledger.Say("every row begins with nothing"), ledger.Say("write how the rows begin"))
		}
	}
	for _, begin := range p.Skip {
		if p.End != "" && strings.HasPrefix(p.End, begin) {
			return p.wrong("end", p.End, ledger.Say("skip: passes over rows that begin with %q, and so over this one", begin), ledger.Say("take it out of skip:"))
		}
	}
	return nil
}

func (p Profile) checkRecognition() error {
	for n, heading := range p.Headings {
		if heading == "" || p.Headings[:n].has(heading) {
			return p.wrong("headings", heading, ledger.Say("a column of a file without header needs a name of its own"), ledger.Say("name the %d. column otherwise", n+1))
		}
	}
	if p.Fixed != nil && len(p.Fixed.Detail.Is) == 0 && len(p.Recognise) == 0 {
		return p.wrong("recognise", "", ledger.Say("a file without header is known by the words of a column only"),
			ledger.Say("name a column whose first row always has one of a few words, as in recognise: {%s: [BT, BV]}", p.listed()[0]))
	}
	if len(p.Headings) > 0 && len(p.Recognise) == 0 {
		return p.wrong("recognise", "", ledger.Say("a file without header is known by the words of a column only"),
			ledger.Say("name a column whose first row always has one of a few words, as in recognise: {%s: [BT, BV]}", p.Headings[0]))
	}
	for _, heading := range slices.Sorted(maps.Keys(p.Recognise)) {
		if len(p.Recognise[heading]) == 0 || slices.Contains(p.Recognise[heading], "") {
			return p.wrong("recognise", heading, ledger.Say("no word is named"), ledger.Say("list the words, as in recognise: {%s: [BT, BV]}", heading))
		}
	}
	return nil
}

func (p Profile) checkColumns() error {
	c := p.Columns
	all := p.headings()
	if listed := p.listed(); len(listed) > 0 {
		for _, heading := range slices.Concat(all, p.Optional, p.Personal) {
			if !listed.has(heading) {
				return p.wrong("columns", heading, ledger.Say("this is none of headings:"), ledger.Say("add it to headings: in its place, or correct the spelling"))
			}
		}
	}
	for _, heading := range all {
		switch {
		case private(heading):
			return p.wrong("columns", heading, ledger.Say("daybook keeps no names, identity numbers and card security data"), ledger.Say("take the column out of the profile"))
		case p.Personal.has(heading):
			return p.wrong("personal", heading, ledger.Say("this column is read as well, and an emptied column cannot be read"), ledger.Say("take it out of personal: or out of columns:"))
		}
	}
	for _, heading := range p.Optional {
		switch {
		case !Words(all).has(heading):
			return p.wrong("optional", heading, ledger.Say("this column is not read, so nothing needs it"), ledger.Say("take it out, or correct the spelling"))
		case c.Time.has(heading) || files.Fold(heading) == files.Fold(c.Day) || c.Type.has(heading) || p.Recognise[heading] != nil ||
			Words(c.amountHeadings()).has(heading) && !c.Discount.has(heading):
			return p.wrong("optional", heading, ledger.Say("without this column a row cannot be read"), ledger.Say("take it out of optional:"))
		}
	}
	for _, both := range []struct{ one, other, key string }{
		{c.Merchant, p.Preamble.Merchant, "merchant"}, {c.Day, p.Preamble.Day, "day"},
	} {
		if both.one != "" && both.other != "" {
			return p.wrong("preamble: "+both.key, both.other, ledger.Say("columns: says where it stands too"), ledger.Say("name one of the two"))
		}
	}
	if (p.Preamble.From == "") != (p.Preamble.To == "") || p.Preamble.From != "" && p.Preamble.Day != "" {
		return p.wrong("preamble", p.Preamble.From+p.Preamble.To, ledger.Say("a period is a first and a last day"), ledger.Say("name from: and to:, or day: alone"))
	}
	if c.RefundNo != "" && c.OriginalNo != "" {
		return p.wrong("columns: original_no", c.OriginalNo, ledger.Say("with refund_no: the number of what is undone stands under order_no:"), ledger.Say("name one of the two"))
	}
	if c.Currency == "" && p.Currency == "" && p.Preamble.Currency == "" {
		return p.wrong("currency", "", ledger.Say("nothing says in which currency the amounts are"), ledger.Say("write currency: CNY, or name the column under columns:"))
	}
	if _, err := ledger.ParseCurrency(p.Currency); p.Currency != "" && err != nil {
		return p.wrong("currency", p.Currency, ledger.Say("this is not an ISO 4217 currency code"), ledger.Say("write it as CNY or EUR"))
	}
	return nil
}

func (p Profile) checkAmountColumns() error {
	c := p.Columns
	for _, pair := range []struct{ name, whole, credit, debit string }{{"gross", c.Gross, c.GrossCredit, c.GrossDebit}, {"net", c.Net, c.NetCredit, c.NetDebit}} {
		switch {
		case (pair.credit == "") != (pair.debit == ""):
			return p.wrong("columns: "+pair.name+"_credit, "+pair.name+"_debit", pair.credit+pair.debit, ledger.Say("money in and money out need a column each"), ledger.Say("name both, or the one column that holds both"))
		case pair.whole != "" && pair.credit != "":
			return p.wrong("columns: "+pair.name, pair.whole, ledger.Say("the columns for money in and money out are named too"), ledger.Say("name either the one column or the two"))
		case pair.credit != "" && p.Amounts.Sign != "" && p.Amounts.Sign != "printed":
			return p.wrong("amounts: sign", p.Amounts.Sign, ledger.Say("the columns for money in and money out say the sign already"), ledger.Say("take sign: out"))
		}
	}
	gross, net := c.Gross+c.GrossCredit != "", c.Net+c.NetCredit != ""
	if !gross && !(net && len(c.Fee) > 0) {
		return p.wrong("columns: gross", "", ledger.Say("nothing says what was paid"), ledger.Say("name the column of the amount, or those of the net amount and of the fee"))
	}
	amounts := c.amountHeadings()
	for n, heading := range amounts {
		if Words(amounts[:n]).has(heading) {
			return p.wrong("columns", heading, ledger.Say("two amounts are read from this column"), ledger.Say("a file that has no column for one of them needs none: it is computed from the others"))
		}
	}
	return nil
}

func (p Profile) checkWords() error {
	if len(p.Columns.Type) > 0 && len(p.Types) == 0 {
		return p.wrong("types", "", ledger.Say("nothing says what the words of %s mean", strings.Join(p.Columns.Type, " ")), ledger.Say("write a line for each word, as in %s: sale; the meanings are %s", "消费", listOf(meanings)))
	}
	if len(p.Types) > 0 && len(p.Columns.Type) == 0 {
		return p.wrong("types", "", ledger.Say("no column is named under columns: type:"), ledger.Say("name the column that has these words"))
	}
	for _, word := range slices.Sorted(maps.Keys(p.Types)) {
		if _, known := meanings[p.Types[word]]; !known {
			return p.wrong("types: "+word, p.Types[word], ledger.Say("this is no meaning that daybook knows"), ledger.Say("use one of %s", listOf(meanings)))
		}
	}
	if len(p.Channels) > 0 && p.Columns.Channel == "" {
		return p.wrong("channels", "", ledger.Say("no column is named under columns: channel:"), ledger.Say("name the column that has these words"))
	}
	if p.Channel != "" && p.Columns.Channel != "" {
		return p.wrong("channel", p.Channel, ledger.Say("columns: says where it stands too"), ledger.Say("name one of the two"))
	}
	if len(p.CardKinds) > 0 && p.Columns.CardKind == "" {
		return p.wrong("card_kinds", "", ledger.Say("no column is named under columns: card_kind:"), ledger.Say("name the column that has these words"))
	}
	for _, word := range slices.Sorted(maps.Keys(p.CardKinds)) {
		if kinds := []string{"debit", "credit", "prepaid", "foreign"}; !slices.Contains(kinds, p.CardKinds[word]) {
			return p.wrong("card_kinds: "+word, p.CardKinds[word], ledger.Say("this is no meaning that daybook knows"), ledger.Say("use one of %s", strings.Join(kinds, ", ")))
		}
	}
	return nil
}

// words of amounts: and totals:, the first of each being what an empty one means.
var (
	units      = []string{"major", "yuan", "minor", "fen"}
	signs      = []string{"printed", "reversed", "by_type"}
	feeSigns   = []string{"positive", "negative", "unsigned"}
	totalsOf   = []string{"count", "gross", "discount", "fee", "net"}
	totalSigns = []string{"merchant", "reversed", "unsigned"}
)

func (p Profile) oneOf(key, value string, words []string) error {
	if value == "" || slices.Contains(words, value) {
		return nil
	}
	return p.wrong(key, value, ledger.Say("this is no meaning that daybook knows"), ledger.Say("use one of %s", strings.Join(words, ", ")))
}

func (p Profile) checkAmounts() error {
	a := p.Amounts
	for _, one := range []struct {
		key, value string
		words      []string
	}{{"amounts: unit", a.Unit, units}, {"amounts: sign", a.Sign, signs}, {"amounts: fees", a.Fees, feeSigns}, {"amounts: empty", a.Empty, []string{"zero"}},
		{"amounts: decimal", a.Decimal, []string{".", ","}}, {"amounts: thousands", a.Thousands, []string{",", ".", " ", "'", "’"}}} {
		if err := p.oneOf(one.key, one.value, one.words); err != nil {
			return err
		}
	}
	switch {
	case p.minor() && a.Decimal != "":
		return p.wrong("amounts: decimal", a.Decimal, ledger.Say("whole minor units (unit: %s) have no decimals", a.Unit), ledger.Say("take decimal: out, or write unit: major"))
	case a.Thousands != "" && a.Thousands == p.decimal():
		return p.wrong("amounts: thousands", a.Thousands, ledger.Say("decimals are written with the same character"), ledger.Say("write decimal: and thousands: as the file has them"))
	case a.Sign == "by_type" && len(p.Types) == 0:
		return p.wrong("amounts: sign", a.Sign, ledger.Say("no column says the type"), ledger.Say("name it under columns: type: and its words under types:"))
	case a.Fees != "" && len(p.Columns.Fee) == 0 && len(p.Columns.Discount) == 0:
		return p.wrong("amounts: fees", a.Fees, ledger.Say("no column of a fee or a discount is named"), ledger.Say("take fees: out, or name the column under columns:"))
	}
	return nil
}

// minor reports whether amounts are whole minor units.
func (p Profile) minor() bool { return p.Amounts.Unit == "minor" || p.Amounts.Unit == "fen" }

func (p Profile) decimal() string {
	if p.Amounts.Decimal == "" {
		return "."
	}
	return p.Amounts.Decimal
}

// byType reports whether the type gives an amount its sign.
func (p Profile) byType() bool { return p.Amounts.Sign == "by_type" }

// Fees is how a fee that is taken off is printed: positive, negative or unsigned.
func (p Profile) Fees() string {
	switch {
	case p.Amounts.Fees != "":
		return p.Amounts.Fees
	case p.byType():
		return "unsigned"
	}
	return "positive"
}

// zone of a valid profile.
func (p Profile) zone() *time.Location {
	zone, err := time.LoadLocation(p.Time.Zone)
	if err != nil {
		return time.UTC // Validate has refused it
	}
	return zone
}

func (p Profile) checkTime() error {
	t := p.Time
	if zone, err := time.LoadLocation(t.Zone); err != nil || t.Zone == "" || t.Zone == "Local" || zone == nil {
		return p.wrong("time: zone", t.Zone, ledger.Say("this is no time zone"), ledger.Say("write the acquirer's zone as Asia/Shanghai or Europe/Amsterdam"))
	}
	if len(p.Columns.Time) == 0 && p.Columns.Day == "" {
		return p.wrong("columns: time", "", ledger.Say("nothing says when a payment was made"), ledger.Say("name the column of the time, or those of date and time of day"))
	}
	if (len(p.Columns.Time) == 0) != (len(t.Layouts) == 0) {
		return p.wrong("time: layouts", strings.Join(t.Layouts, ", "), ledger.Say("columns: time: and time: layouts: need each other"), ledger.Say("name the column of the time and say how it is written, as in layouts: 2006-01-02 15:04:05"))
	}
	days := p.Columns.Day != "" || p.Preamble.Day != "" || p.Preamble.From != ""
	if days != (len(t.DayLayouts) > 0) {
		return p.wrong("time: day_layouts", strings.Join(t.DayLayouts, ", "), ledger.Say("columns or labels of days and time: day_layouts: need each other"), ledger.Say("say how days are written, as in day_layouts: 2006-01-02"))
	}
	for _, list := range []struct {
		key     string
		layouts Words
	}{{"time: layouts", t.Layouts}, {"time: day_layouts", t.DayLayouts}} {
		for n, layout := range list.layouts {
			if !complete(layout, list.key == "time: day_layouts") {
				return p.wrong(list.key, layout, ledger.Say("this does not write a day, or a time, so that it can be read back"), ledger.Say("write how the file writes 2 January 2006, 15:04:05, as in %q", "2006-01-02 15:04:05"))
			}
			for _, other := range list.layouts[:n] {
				if contradict(layout, other) {
					return p.wrong(list.key, layout, ledger.Say("the same text is another day by %q", other), ledger.Say("keep the one that the acquirer writes"))
				}
			}
		}
	}
	if t.DayCut != "" {
		if _, err := time.Parse("15:04", t.DayCut); err != nil {
			return p.wrong("time: day_cut", t.DayCut, ledger.Say("this is no time of day"), ledger.Say("write it as \"23:00\""))
		}
		if p.Columns.Day != "" || p.Preamble.Day != "" {
			return p.wrong("time: day_cut", t.DayCut, ledger.Say("the file says the day itself"), ledger.Say("take day_cut: out"))
		}
	}
	return nil
}

// complete tries a layout: a time written with it must be read back to the minute, or to the
// day if it writes no time of day. Nine in the evening, so that a layout of twelve hours
// without AM and PM is found out; a zone must be an offset, since a name says too little.
func complete(layout string, dayOnly bool) bool {
	at := time.Date(2019, time.November, 23, 21, 17, 45, 0, time.FixedZone("XYZ", 3*3600+1800))
	back, err := time.ParseInLocation(layout, at.Format(layout), at.Location())
	if err != nil || strings.Contains(layout, "MST") {
		return false
	}
	midnight := time.Date(2019, time.November, 23, 0, 0, 0, 0, at.Location())
	return back.Equal(midnight) || !dayOnly && back.Truncate(time.Minute).Equal(at.Truncate(time.Minute))
}

// contradict reports whether a text written with one layout is another time by the other.
func contradict(one, other string) bool {
	at := time.Date(2019, time.February, 3, 21, 17, 0, 0, time.UTC)
	there, err := time.Parse(one, at.Format(other))
	back, errBack := time.Parse(other, at.Format(other))
	return err == nil && errBack == nil && !there.Equal(back)
}

func (p Profile) checkTotals() error {
	for n, total := range p.Totals {
		key := fmt.Sprintf("totals: %d", n+1)
		if strings.TrimSpace(total.Row) == "" {
			return p.wrong(key+": row", "", ledger.Say("nothing says how the row begins"), ledger.Say("write row: and the first characters of the row"))
		}
		for _, begin := range p.Skip {
			if strings.HasPrefix(total.Row, begin) {
				return p.wrong(key+": row", total.Row, ledger.Say("skip: passes over rows that begin with %q, and so over this one", begin), ledger.Say("take it out of skip:"))
			}
		}
		if total.Of == "" {
			return p.wrong(key+": of", "", ledger.Say("nothing says what it is the total of"), ledger.Say("use one of %s", strings.Join(totalsOf, ", ")))
		}
		if err := p.oneOf(key+": of", total.Of, totalsOf); err != nil {
			return err
		}
		if err := p.oneOf(key+": sign", total.Sign, totalSigns); err != nil {
			return err
		}
		for _, word := range total.Types {
			if _, known := meanings[word]; !known {
				return p.wrong(key+": types", word, ledger.Say("this is no meaning that daybook knows"), ledger.Say("use one of %s", listOf(meanings)))
			}
		}
		places := 0
		for _, there := range []bool{total.Column != "", total.Cell != 0, total.Label != ""} {
			if there {
				places++
			}
		}
		if places != 1 || total.Cell < 0 {
			return p.wrong(key, total.Row, ledger.Say("exactly one of column:, cell: and label: says where the total stands"), ledger.Say("name one: the heading above it, the number of its cell from 1, or the text before it"))
		}
		if total.Column != "" && len(p.Headings) > 0 && !p.Headings.has(total.Column) {
			return p.wrong(key+": column", total.Column, ledger.Say("this is none of headings:"), ledger.Say("add it to headings: in its place, or correct the spelling"))
		}
		if _, err := ledger.ParseCurrency(total.Currency); total.Currency != "" && err != nil {
			return p.wrong(key+": currency", total.Currency, ledger.Say("this is not an ISO 4217 currency code"), ledger.Say("write it as CNY or EUR"))
		}
	}
	return nil
}
