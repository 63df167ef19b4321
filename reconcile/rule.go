package reconcile

import (
	"slices"
	"strings"
	"time"

	"daybook/ledger"
)

// Rule says which payments and lines belong together. Rules are data: the configuration
// lists them in the order in which they are tried, and each may be in force for a time
// only. Provider, direction and currency must always agree.
type Rule struct {
	Name    string // M1, M2, …; what matches and explanations call it
	Version int
	From    ledger.BusinessDay // settlement days on which it is in force, inclusive; zero for always
	Until   ledger.BusinessDay

	Providers []ledger.ProviderID // whose lines; empty for all

	// Same lists what must agree: all fields of one of the lists, which are tried in order.
	Same [][]Field
	// Unless lists fields that speak against a pair when both sides have them and they differ.
	Unless []Field
	// Loose compares references without blanks, dashes, case and leading zeros.
	Loose bool

	Basis    Basis
	Absolute int64       // amounts may differ by so many minor units
	Relative ledger.Rate // or by so much of the payment's amount, whichever is more
	Within   time.Duration
	Days     int // settlement days apart, at most; 0: on the same day

	Shape  Shape
	Alone  bool // both sides have no other candidate; otherwise they are ambiguous
	Budget int  // of a subset's search, in steps

	Mode  Mode
	Score int // how sure the rule is, 0 to 100; for people who look at suggestions
}

// Field is something of a payment and of a line that can be compared.
type Field string

const (
	FieldMID        Field = "mid"
	FieldTID        Field = "tid"
	FieldStore      Field = "store"
	FieldBatch      Field = "batch"
	FieldSTAN       Field = "stan"
	FieldRRN        Field = "rrn"
	FieldAuthCode   Field = "auth_code"
	FieldLastFour   Field = "last_four"
	FieldOrderNo    Field = "order_no"
	FieldProviderNo Field = "provider_no"
	// FieldRefundOf: the order number of the sale, on a refund line without a number of
	// its own.
	FieldRefundOf Field = "refund_of"
	// FieldReference: the payment's own reference, where a provider sends it back as the
	// order number.
	FieldReference Field = "reference"
)

// Fields are all fields there are.
var Fields = []Field{FieldMID, FieldTID, FieldStore, FieldBatch, FieldSTAN, FieldRRN, FieldAuthCode, FieldLastFour, FieldOrderNo, FieldProviderNo, FieldRefundOf, FieldReference}

// identifies reports whether a field that is blank spoils a list of fields: a reference that
// is missing agrees with nothing. Two sides that both do not say where they were agree, but
// not in a list with a STAN, which every terminal counts for itself.
func identifies(fields []Field, f Field) bool {
	return !f.place() || f == FieldTID && slices.Contains(fields, FieldSTAN)
}

// place reports whether a field says where a payment was made. Two sides that both do not
// say it agree; a reference that is missing agrees with nothing.
func (f Field) place() bool { return f == FieldMID || f == FieldTID || f == FieldStore }

func (f Field) ofItem(i *Item) string {
	switch f {
	case FieldMID:
		return string(i.MID)
	case FieldTID:
		return string(i.TID)
	case FieldStore:
		return string(i.Store)
	case FieldBatch:
		return string(i.Batch)
	case FieldSTAN:
		return string(i.STAN)
	case FieldRRN:
		return string(i.RRN)
	case FieldAuthCode:
		return string(i.AuthCode)
	case FieldLastFour:
		return i.Card.LastFour()
	case FieldOrderNo:
		return i.OrderNo
	case FieldProviderNo:
		return i.ProviderNo
	case FieldRefundOf:
		if i.Kind == RefundLine {
			return i.OriginalNo
		}
	case FieldReference:
		return i.Reference
	}
	return ""
}

func (f Field) ofLine(e *Entry) string {
	switch f {
	case FieldMID:
		return string(e.MID)
	case FieldTID:
		return string(e.TID)
	case FieldStore:
		return string(e.Store)
	case FieldBatch:
		return string(e.Batch)
	case FieldSTAN:
		return string(e.STAN)
	case FieldRRN:
		return string(e.RRN)
	case FieldAuthCode:
		return string(e.AuthCode)
	case FieldLastFour:
		return e.Card.LastFour()
	case FieldOrderNo, FieldReference:
		return e.OrderNo
	case FieldProviderNo:
		return e.ProviderNo
	case FieldRefundOf:
		if e.Kind == RefundLine && e.OrderNo == "" {
			return e.OriginalNo
		}
	}
	return ""
}

// Basis says which amount of a line stands beside the payment's.
type Basis string

const (
	OnGross Basis = ""         // what the payer owed
	OnPaid  Basis = "paid"     // less the merchant's own coupons
	OnNet   Basis = "net"      // what is paid out; beside the payment less the contract's fee
	OnNetTo Basis = "net_full" // what is paid out; beside the payment itself: who was charged the fee?
)

// Shape says how many of each side belong together.
type Shape string

const (
	// OneToOne joins one payment with one line.
	OneToOne Shape = ""
	// InSum joins all payments and all lines that agree, one with several, several with
	// one, or several with several, when their sums are equal.
	InSum Shape = "sum"
	// Subset joins some of the payments with some of the lines that agree: the smallest
	// choice whose sums are equal, if there is only one. See search.
	Subset Shape = "subset"
)

// Mode says what comes of a pair that a rule finds.
type Mode string

const (
	Auto    Mode = ""        // it is a match
	Suggest Mode = "suggest" // it is proposed to a person; both sides stay open until then
)

// inForce reports whether a rule holds on a settlement day.
func (r *Rule) inForce(day ledger.BusinessDay) bool {
	return (r.From.IsZero() || day.Compare(r.From) >= 0) && (r.Until.IsZero() || day.Compare(r.Until) <= 0)
}

func (r *Rule) serves(provider ledger.ProviderID) bool {
	return len(r.Providers) == 0 || slices.Contains(r.Providers, provider)
}

// exact: the amounts are equal and nothing but equality counts, so that under one key all
// payments tell the same story and so do all lines.
func (r *Rule) exact() bool {
	return r.Absolute == 0 && r.Relative == 0 && r.Within == 0 && !r.Alone && r.Shape == OneToOne
}

// DefaultRules are the rules of a configuration that lists none.
//
//	M1  merchant id, terminal id and RRN
//	M2  terminal id, batch and STAN
//	M3  order number (of a refund: the refund's); or the provider's own number; or, for a
//	    refund line without a number, the sale's order number
//	M4  authorisation code, last four digits and terminal id, at most ten minutes apart,
//	    and no second candidate on either side
//	M7  several payments or lines that add up under one reference of M1 to M3
//	M8  one reference of M1 to M3, at most three settlement days apart
//	M6  merchant id and amount, at most thirty minutes apart, nobody else: a suggestion
func DefaultRules() []Rule {
	references := [][]Field{
		{FieldMID, FieldTID, FieldRRN}, {FieldTID, FieldBatch, FieldSTAN}, {FieldOrderNo}, {FieldProviderNo}, {FieldRefundOf},
	}
	return []Rule{
		{Name: "M1", Version: 1, Same: references[:1], Score: 100},
		{Name: "M2", Version: 1, Same: references[1:2], Score: 100},
		{Name: "M3", Version: 1, Same: references[2:], Score: 100},
		{Name: "M4", Version: 1, Same: [][]Field{{FieldAuthCode, FieldLastFour, FieldTID}}, Unless: []Field{FieldRRN, FieldSTAN},
			Within: 10 * time.Minute, Alone: true, Score: 95},
		{Name: "M7", Version: 1, Same: references, Shape: InSum, Score: 90},
		{Name: "M8", Version: 1, Same: references, Days: 3, Score: 90},
		{Name: "M6", Version: 1, Same: [][]Field{{FieldMID}}, Unless: []Field{FieldRRN, FieldSTAN, FieldAuthCode, FieldLastFour, FieldOrderNo, FieldProviderNo},
			Within: 30 * time.Minute, Alone: true, Mode: Suggest, Score: 60},
	}
}

// DefaultBudget is how many steps a subset's search may take where a rule does not say.
const DefaultBudget = 1_000_000

// maxRuleDays bounds Rule.Days: how far around a day the matcher looks.
const maxRuleDays = 7

// CheckRules refuses a list of rules that cannot be meant.
func CheckRules(rules []Rule) error {
	type version struct {
		name string
		from ledger.BusinessDay
	}
	seen := map[version]bool{}
	for n := range rules {
		r := &rules[n]
		if err := ledger.CheckID("name", r.Name, 16); err != nil {
			return err
		}
		if r.Name == "" {
			return ledger.Problem("every rule needs a name")
		}
		if seen[version{r.Name, r.From}] {
			return ledger.Problem("there are two rules %s that begin on the same day", r.Name)
		}
		seen[version{r.Name, r.From}] = true
		if len(r.Same) == 0 {
			return ledger.Problem("rule %s needs fields that must be the same", r.Name)
		}
		for _, fields := range append(slices.Clone(r.Same), r.Unless) {
			for _, f := range fields {
				if !slices.Contains(Fields, f) {
					return ledger.Problem("rule %s: there is no field %q; there are %s", r.Name, string(f), fieldNames())
				}
			}
		}
		if slices.ContainsFunc(r.Same, func(fields []Field) bool { return len(fields) == 0 }) {
			return ledger.Problem("rule %s needs fields that must be the same", r.Name)
		}
		if r.Days < 0 || r.Days > maxRuleDays {
			return ledger.Problem("rule %s: days: %d is not between 0 and %d", r.Name, r.Days, maxRuleDays)
		}
		if r.Days > 0 && (r.Shape != OneToOne || r.Alone || r.Absolute != 0 || r.Relative != 0 || r.Within != 0) {
			return ledger.Problem("rule %s: over several days one payment is joined with one line of the same amount", r.Name)
		}
		if r.Absolute < 0 || r.Relative < 0 || r.Relative > 1_000_000 || r.Within < 0 || r.Budget < 0 || r.Score < 0 || r.Score > 100 {
			return ledger.Problem("rule %s: tolerances, minutes, budget and score must not be negative, a relative tolerance at most 100%%, a score at most 100", r.Name)
		}
		if r.Shape != OneToOne && (r.Absolute != 0 || r.Relative != 0 || r.Within != 0) {
			return ledger.Problem("rule %s: sums must be equal; tolerances are for one payment and one line", r.Name)
		}
		if !r.From.IsZero() && !r.Until.IsZero() && r.Until.Compare(r.From) < 0 {
			return ledger.Problem("rule %s: it would end on %s, before it begins on %s", r.Name, r.Until.String(), r.From.String())
		}
		if r.Shape != Subset && r.Budget != 0 {
			return ledger.Problem("rule %s: only a subset has a budget", r.Name)
		}
	}
	return nil
}

func fieldNames() string {
	names := make([]string, len(Fields))
	for n, f := range Fields {
		names[n] = string(f)
	}
	return strings.Join(names, ", ")
}
