package till

import (
	"time"
	"unicode/utf8"

	"daybook/ledger"
)

// Profile says how one kind of till-receipt CSV is to be read. It is part of the
// configuration; testdata/supermarket.yaml is one.
type Profile struct {
	Name      string  `yaml:"name"`      // what messages call it: "supermarket"
	Separator string  `yaml:"separator"` // what divides cells; a comma when empty
	Columns   Columns `yaml:"columns"`
	// Layouts are the ways the time is written, as Go writes its reference time
	// (Mon Jan 2 15:04:05 2006); the first that fits is taken. Two time columns are
	// joined by a blank. The time is the store's, so a layout has no zone.
	Layouts []string `yaml:"layouts"`
	// Currency of all amounts, for files that do not name one; the store's when empty.
	Currency string `yaml:"currency"`
	// TaxRate of every row, as "5%", for files that do not name one; no tax when empty.
	TaxRate string `yaml:"tax_rate"`
	// Rounding of the receipt's tax to the minor unit: "half_up", which is also the default.
	Rounding string `yaml:"rounding"`
	// Stores maps the file's words for stores to store ids; a word that is not here is
	// taken as an id.
	Stores map[string]string `yaml:"stores"`
	// Notes are columns to keep with the sale, such as "Customer type". Columns named
	// nowhere in a profile are dropped.
	Notes []string `yaml:"notes"`
}

// Columns are the headings under which a receipt file has its values. Only Doc, Store,
// Time, Tender, Quantity and UnitPrice are required.
type Columns struct {
	Doc       string   `yaml:"doc"` // receipt number
	Store     string   `yaml:"store"`
	Terminal  string   `yaml:"terminal"` // the store's id and "-till" when there is none
	Time      []string `yaml:"time"`     // one column, or date and time of day
	Tender    string   `yaml:"tender"`
	Payment   string   `yaml:"payment"` // the payment's reference, unique per retailer; the receipt number when there is none
	Currency  string   `yaml:"currency"`
	Cashier   string   `yaml:"cashier"`
	Customer  string   `yaml:"customer"` // a customer number, never a name
	SKU       string   `yaml:"sku"`
	Item      string   `yaml:"item"` // the article's name
	Category  string   `yaml:"category"`
	Quantity  string   `yaml:"quantity"`
	UnitPrice string   `yaml:"unit_price"` // of one, before tax
	Tax       string   `yaml:"tax"`        // amount, may be unrounded
	TaxRate   string   `yaml:"tax_rate"`   // percentage
	Total     string   `yaml:"total"`      // of the row, with tax, may be unrounded; checked
}

// HalfUp rounds half a minor unit and more away from zero.
const HalfUp = "half_up"

// Validate says what is wrong with a profile, as a ledger.Refusal.
func (p Profile) Validate() error {
	if p.Name == "" || checkID(p.Name, 32) != nil {
		return ledger.Problem("a receipt profile needs a name of letters and digits without blanks")
	}
	for _, column := range []struct{ name, heading string }{
		{"doc", p.Columns.Doc}, {"store", p.Columns.Store}, {"tender", p.Columns.Tender},
		{"quantity", p.Columns.Quantity}, {"unit_price", p.Columns.UnitPrice},
	} {
		if column.heading == "" {
			return ledger.Problem("receipt profile %s: columns: %s: name the column", p.Name, column.name)
		}
	}
	if n := len(p.Columns.Time); n < 1 || n > 2 || p.Columns.Time[0] == "" || p.Columns.Time[n-1] == "" {
		return ledger.Problem("receipt profile %s: columns: time: name one column, or two for date and time of day", p.Name)
	}
	for _, heading := range append(p.headings(), p.Notes...) {
		if heading == "" || forbidden(heading) {
			return ledger.Problem("receipt profile %s: column %q cannot be kept: it is empty, or holds card or fingerprint data", p.Name, heading)
		}
	}
	if len(p.Layouts) == 0 {
		return ledger.Problem("receipt profile %s: layouts: say how the time is written", p.Name)
	}
	for _, layout := range p.Layouts {
		if !completeLayout(layout) {
			return ledger.Problem("receipt profile %s: layouts: %q does not write day, month, year, hour and minute without a zone, as %q does",
				p.Name, layout, "2006-01-02 15:04:05")
		}
	}
	if _, err := ledger.ParseCurrency(p.Currency); p.Currency != "" && err != nil {
		return ledger.Problem("receipt profile %s: currency: %q is not an ISO 4217 currency code", p.Name, p.Currency)
	}
	if _, err := ledger.ParseRate(p.TaxRate); p.TaxRate != "" && err != nil {
		return ledger.Problem("receipt profile %s: tax_rate: %q is not a percentage such as %q", p.Name, p.TaxRate, "5%")
	}
	if p.Rounding != "" && p.Rounding != HalfUp {
		return ledger.Problem("receipt profile %s: rounding: %q is not known; use %s", p.Name, p.Rounding, HalfUp)
	}
	if p.Separator != "" && (utf8.RuneCountInString(p.Separator) != 1 || p.Separator == `"`) {
		return ledger.Problem("receipt profile %s: separator: %q is not one character", p.Name, p.Separator)
	}
	return nil
}

// completeLayout tries a layout: a time written with it must be read back to the
// minute, and must not depend on the zone. Nine in the evening, so that a layout of
// twelve hours without AM and PM is found out.
func completeLayout(layout string) bool {
	at := time.Date(2019, time.November, 23, 21, 17, 45, 0, time.UTC)
	text := at.Format(layout)
	back, err := time.Parse(layout, text)
	elsewhere := time.Date(2019, time.November, 23, 21, 17, 45, 0, time.FixedZone("XYZ", 3*3600))
	return err == nil && back.Truncate(time.Minute).Equal(at.Truncate(time.Minute)) && elsewhere.Format(layout) == text
}

// headings are the columns the profile reads, without the notes.
func (p Profile) headings() []string {
	c := p.Columns
	all := append([]string{c.Doc, c.Store}, c.Time...)
	all = append(all, c.Tender, c.Quantity, c.UnitPrice)
	for _, heading := range []string{c.Terminal, c.Payment, c.Currency, c.Cashier, c.Customer, c.SKU, c.Item, c.Category, c.Tax, c.TaxRate, c.Total} {
		if heading != "" {
			all = append(all, heading)
		}
	}
	return all
}
