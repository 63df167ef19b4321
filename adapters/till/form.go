package till

import (
	"slices"
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"daybook/adapters/files"
	"daybook/ledger"

	"github.com/shopspring/decimal"
)

// form is one JSON object of the NDJSON form, being read or being written. The fields
// of every action are listed once (actions.go) and serve both directions, so that the
// two cannot differ and Encode refuses whatever Read would refuse.
type form struct {
	*sheet
	node    *node
	path    string // of this object in messages: "tenders[0]"
	column  string // of this object in counts: "tenders"
	asked   []string
	writing bool
}

// sheet is what all objects of one action share.
type sheet struct {
	rules     Rules
	currency  ledger.Currency // of every amount; when writing, that of the first one met
	settled   bool            // that there is no currency has been reported
	fault     func(column, value string, text, hint ledger.Text)
	truncated map[string]int
}

// need says whether a field may be missing.
type need bool

const (
	required need = true
	optional need = false
)

const (
	maxReference = 64   // characters in a document or payment number
	maxText      = 1024 // characters in a text
	// maxDigits bounds every number: twelve digits (as ISO 8583, DE 4, has for an amount
	// in minor units). A card number has thirteen at least, and fits in none.
	maxDigits = 999_999_999_999
)

// wrong reports a fault of a field.
func (f *form) wrong(name, value string, text, hint ledger.Text) {
	f.fault(joinPath(f.path, name), value, text, hint)
}

// has reports whether the field is there.
func (f *form) has(name string) bool {
	return slices.ContainsFunc(f.node.members, func(m member) bool { return m.name == name && m.value.kind != isNull })
}

// take returns the field's value, or nil when it is missing or null, which the form
// treats alike.
func (f *form) take(name string, n need, want nodeKind) *node {
	if f.asked == nil {
		f.asked = make([]string, 0, 32) // more than most objects have
	}
	f.asked = append(f.asked, name)
	for _, m := range f.node.members {
		if m.name != name || m.value.kind == isNull {
			continue
		}
		if m.value.kind != want {
			f.wrong(name, "", ledger.Say("this is %s, not %s", m.value.kind.name(), want.name()), ledger.Text{})
			m.value.forget()
			return nil
		}
		return m.value
	}
	if n == required {
		f.wrong(name, "", ledger.Say("this is missing"), ledger.Text{})
	}
	return nil
}

func (f *form) put(name string, value *node) {
	f.node.members = append(f.node.members, member{name, value})
}

// exchange moves a text between the action and the form. Empty text is the same as a
// missing field. check says what is wrong with a text, if anything.
func exchange[T ~string](f *form, name string, value *T, n need, check func(text string) error) {
	text := string(*value)
	if !f.writing {
		found := f.take(name, n, isString)
		if found == nil {
			return
		}
		text = found.text
	}
	if text == "" {
		if n == required {
			f.wrong(name, "", ledger.Say("this is missing"), ledger.Text{})
		}
		return
	}
	if clean := files.Truncate(text); clean != text {
		if f.writing {
			f.wrong(name, text, ledger.Say("this holds a card number"), ledger.Text{})
			return
		}
		f.truncated[joinPath(f.column, name)]++
		text = clean
	}
	if err := check(text); err != nil {
		f.wrong(name, text, textOf(err), ledger.Text{})
		return
	}
	if f.writing {
		f.put(name, &node{kind: isString, text: text})
	}
	*value = T(text)
}

// textOf is the sentence of an error from the ledger's own checks.
func textOf(err error) ledger.Text {
	if refusal, ok := err.(*ledger.Refusal); ok {
		return refusal.Text
	}
	return ledger.Say("%s", err.Error())
}

// id is an identifier: printable ASCII without blanks.
func id[T ~string](f *form, name string, value *T, n need, maxLen int) {
	exchange(f, name, value, n, func(text string) error { return checkID(text, maxLen) })
}

func checkID(text string, maxLen int) error {
	switch {
	case len(text) > maxLen:
		return ledger.Problem("this is longer than %d characters", maxLen)
	case strings.IndexFunc(text, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0:
		return ledger.Problem("this has a blank or a character outside ASCII")
	}
	return nil
}

// reference is a number or name given by the source: any script, no blank at the ends.
func reference(f *form, name string, value *string, n need) {
	exchange(f, name, value, n, checkReference)
}

func checkReference(text string) error {
	if strings.TrimSpace(text) != text {
		return ledger.Problem("this begins or ends with a blank")
	}
	return checkText(text, maxReference)
}

// words is free text.
func words(f *form, name string, value *string) {
	exchange(f, name, value, optional, func(text string) error { return checkText(text, maxText) })
}

func checkText(text string, maxLen int) error {
	switch {
	case !utf8.ValidString(text):
		return ledger.Problem("this is not valid UTF-8")
	case strings.IndexFunc(text, unicode.IsControl) >= 0:
		return ledger.Problem("this has a control character")
	case utf8.RuneCountInString(text) > maxLen:
		return ledger.Problem("this is longer than %d characters", maxLen)
	}
	return nil
}

// choice is a word out of a list.
func choice[T ~string](f *form, name string, value *T, n need, of ...T) {
	exchange(f, name, value, n, func(text string) error {
		if slices.Contains(of, T(text)) {
			return nil
		}
		known := make([]string, len(of))
		for i, word := range of {
			known[i] = string(word)
		}
		return ledger.Problem("this is not one of %s", strings.Join(known, ", "))
	})
}

// channel is through whom the money comes: a channel the configuration knows, or a
// word that it maps to one.
func (f *form) channel(name string, value *string) {
	id(f, name, value, required, 32)
	if f.writing || *value == "" {
		return
	}
	channel, known := f.rules.channel(*value)
	if !known {
		f.wrong(name, *value, unknownTender, unknownTenderHint)
	}
	*value = channel
}

// card is a card reference. A full number is accepted and cut at once.
func (f *form) card(name string, value *ledger.CardRef) {
	if f.writing {
		if !value.IsZero() {
			f.put(name, &node{kind: isString, text: value.String()})
		}
		return
	}
	found := f.take(name, optional, isString)
	if found == nil {
		return
	}
	ref, full, err := parseCard(found.text)
	if err != nil {
		// The value is not shown: it may be a full number with one digit too many.
		f.wrong(name, "", textOf(err), ledger.Text{})
		found.forget()
		return
	}
	if full {
		f.truncated[joinPath(f.column, name)]++
	}
	*value = ref
}

// parseCard reads a card reference and says whether the text held more of the number
// than the reference keeps.
func parseCard(text string) (ref ledger.CardRef, full bool, err error) {
	ref, err = ledger.ParseCardRef(text)
	if err != nil {
		return ref, false, ledger.Problem("this is not a card number masked as 622202******3321")
	}
	return ref, !ref.IsZero() && !strings.ContainsAny(text, "*xX•＊"), nil
}

// amount is unsigned money: digits, a point, as many decimals as the currency has.
func (f *form) amount(name string, value *ledger.Money, n need) {
	if f.writing {
		f.putAmount(name, *value, n)
		return
	}
	text, ok := f.digits(name, n, `12.34`)
	if !ok {
		return
	}
	if f.currency == "" {
		if !f.settled {
			f.settled = true
			f.fault("currency", "", ledger.Say("this is missing, and the store has no currency either"),
				ledger.Say("send the field, or give the store a currency in the configuration"))
		}
		return
	}
	minor, err := parseUnsigned(text, f.currency.Exponent())
	if err != nil {
		f.wrong(name, text, textOf(err), ledger.Text{})
		return
	}
	*value = ledger.Minor(minor, f.currency)
}

func (f *form) putAmount(name string, value ledger.Money, n need) {
	if value == (ledger.Money{}) && n == optional {
		return
	}
	if f.currency == "" {
		f.currency = value.Currency
	}
	switch {
	case !value.Currency.Known():
		f.wrong(name, "", ledger.Say("this has no currency"), ledger.Text{})
	case value.Currency != f.currency:
		f.wrong(name, value.String(), ledger.Say("this is not in %s like the amount before it", string(f.currency)), ledger.Text{})
	case value.Minor < 0:
		f.wrong(name, value.String(), ledger.Say("this is negative"), ledger.Text{})
	case value.Minor > maxDigits:
		f.wrong(name, value.String(), ledger.Say("this has more than twelve digits"), ledger.Text{})
	default:
		f.put(name, &node{kind: isString, text: value.Amount()})
	}
}

// digits takes a number that must be written as text. A JSON number is a binary
// fraction in most programs that write one; by then a cent may be lost.
func (f *form) digits(name string, n need, example string) (string, bool) {
	for _, m := range f.node.members {
		if m.name == name && m.value.kind == isNumber {
			f.asked = append(f.asked, name)
			f.wrong(name, m.value.text, ledger.Say("this is a JSON number, which may have been rounded on the way"),
				ledger.Say("write it as text, in quotes: %q", example))
			return "", false
		}
	}
	found := f.take(name, n, isString)
	if found == nil {
		return "", false
	}
	return found.text, true
}

// parseUnsigned reads digits with at most so many decimals, scaled to a whole number.
func parseUnsigned(text string, decimals int) (int64, error) {
	whole, fraction, point := strings.Cut(text, ".")
	if !allDigits(whole) || point && !allDigits(fraction) {
		if rest, negative := strings.CutPrefix(text, "-"); negative && strings.Trim(rest, "0123456789.") == "" {
			return 0, ledger.Problem("this is negative; the direction is in the kind of the action")
		}
		return 0, ledger.Problem("this is not digits with a point before the decimals")
	}
	if len(fraction) > decimals {
		return 0, ledger.Problem("this has more than %d decimals", decimals)
	}
	number := strings.TrimLeft(whole+fraction+strings.Repeat("0", decimals-len(fraction)), "0")
	if number == "" {
		return 0, nil
	}
	scaled, err := strconv.ParseInt(number, 10, 64)
	if err != nil || scaled > maxDigits {
		return 0, ledger.Problem("this has more than twelve digits")
	}
	return scaled, nil
}

func allDigits(text string) bool { return text != "" && strings.Trim(text, "0123456789") == "" }

// mode tells business from practice; a live action may leave it out, and does.
func (f *form) mode(name string, value *ledger.Mode) {
	word := *value
	if word == ledger.Live && f.writing {
		return
	}
	choice(f, name, &word, optional, live, ledger.Training, ledger.Test)
	if word != live {
		*value = word
	}
}

const live ledger.Mode = "live" // how the form writes ledger.Live

// quantity is a number of units in thousandths.
func (f *form) quantity(name string, milli *int64) {
	if f.writing {
		if *milli < 0 || *milli > maxDigits {
			f.wrong(name, strconv.FormatInt(*milli, 10), ledger.Say("this is negative or too large"), ledger.Text{})
			return
		}
		f.put(name, &node{kind: isString, text: decimal.New(*milli, -3).String()})
		return
	}
	text, ok := f.digits(name, required, "1.5")
	if !ok {
		return
	}
	scaled, err := parseUnsigned(text, 3)
	if err != nil {
		f.wrong(name, text, textOf(err), ledger.Text{})
		return
	}
	*milli = scaled
}

// rate is a percentage; a rate of zero is the same as a missing one.
func (f *form) rate(name string, value *ledger.Rate) {
	text := ""
	if f.writing && *value != 0 {
		text = value.String()
	}
	exchange(f, name, &text, optional, func(text string) error {
		rate, err := ledger.ParseRate(text)
		if err != nil {
			return ledger.Problem("this is not a percentage such as %q, up to 100%% with at most four decimals", "0.60%")
		}
		*value = rate
		return nil
	})
}

// whole is a whole number written as a JSON number.
func whole[T int | uint64](f *form, name string, value *T, n need, from T) {
	if f.writing {
		if *value == 0 && n == optional {
			return
		}
		if *value < from || uint64(*value) > maxDigits {
			f.wrong(name, "", ledger.Say("this is not a whole number from %d to %d", from, int64(maxDigits)), ledger.Text{})
			return
		}
		f.put(name, &node{kind: isNumber, text: strconv.FormatUint(uint64(*value), 10)})
		return
	}
	found := f.take(name, n, isNumber)
	if found == nil {
		return
	}
	number, err := strconv.ParseUint(found.text, 10, 63)
	if err != nil || number > maxDigits || T(number) < from {
		f.wrong(name, found.text, ledger.Say("this is not a whole number from %d to %d", from, int64(maxDigits)), ledger.Text{})
		return
	}
	*value = T(number)
}

// instant is a time with its offset, kept as the terminal wrote it.
func (f *form) instant(name string, value *time.Time, n need) {
	text := ""
	if f.writing {
		text = value.Format(time.RFC3339Nano)
	}
	exchange(f, name, &text, n, func(text string) error {
		at, err := parseInstant(text)
		*value = at
		return err
	})
}

func parseInstant(text string) (time.Time, error) {
	var at time.Time
	if err := at.UnmarshalText([]byte(text)); err != nil {
		return time.Time{}, ledger.Problem("this is not a time with its offset such as %q", "2026-01-05T08:45:44+08:00")
	}
	if at.Year() < minYear || at.Year() > maxYear {
		return time.Time{}, ledger.Problem("this is not between the years %d and %d", minYear, maxYear)
	}
	if at.Nanosecond()%1000 != 0 {
		// With nine decimals a time can look like a card number: 47.000000001-05:00.
		return time.Time{}, ledger.Problem("this has more than six decimals of a second")
	}
	return keepOffset(at), nil
}

const (
	minYear = 1969 // the epoch of a clock that was never set, west of Greenwich
	maxYear = 2999
)

// keepOffset fixes the offset of a time, so that neither the machine's own zone nor a
// later change of zone rules alters how it is written.
func keepOffset(at time.Time) time.Time {
	_, offset := at.Zone()
	if offset == 0 {
		return at.UTC()
	}
	return at.In(time.FixedZone("", offset))
}

// group is an object within the action.
func group[T any](f *form, name string, value *T, fields func(*form, *T)) {
	inner := &form{sheet: f.sheet, path: joinPath(f.path, name), column: joinPath(f.column, name), writing: f.writing}
	if f.writing {
		inner.node = &node{kind: isObject}
		f.put(name, inner.node)
	} else if inner.node = f.take(name, required, isObject); inner.node == nil {
		return
	}
	fields(inner, value)
	inner.done()
}

// list is a list of objects; a missing list is an empty one.
func list[T any](f *form, name string, values *[]T, fields func(*form, *T)) {
	var items []*node
	if f.writing {
		for range *values {
			items = append(items, &node{kind: isObject})
		}
		if len(items) > 0 {
			f.put(name, &node{kind: isArray, items: items})
		}
	} else if found := f.take(name, optional, isArray); found != nil && len(found.items) > 0 {
		items = found.items
		*values = make([]T, len(items))
	}
	for i, item := range items {
		inner := &form{
			sheet: f.sheet, node: item, writing: f.writing,
			path:   joinPath(f.path, name) + "[" + strconv.Itoa(i) + "]",
			column: joinPath(f.column, name),
		}
		if item.kind != isObject {
			inner.fault(inner.path, "", ledger.Say("this is %s, not %s", item.kind.name(), isObject.name()), ledger.Text{})
			continue
		}
		fields(inner, &(*values)[i])
		inner.done()
	}
}

// notes are further columns by name.
func (f *form) notes(name string, values *map[string]string) {
	inner := &form{sheet: f.sheet, path: joinPath(f.path, name), column: joinPath(f.column, name), writing: f.writing}
	if f.writing {
		if len(*values) > maxMembers {
			f.wrong(name, "", ledger.Say("these are more than %d notes", maxMembers), ledger.Text{})
			return
		}
		inner.node = &node{kind: isObject}
		for _, key := range sortedKeys(*values) {
			value := (*values)[key]
			inner.note(key, &value)
		}
		if len(inner.node.members) > 0 {
			f.put(name, inner.node)
		}
		return
	}
	if inner.node = f.take(name, optional, isObject); inner.node == nil || len(inner.node.members) == 0 {
		return
	}
	*values = map[string]string{}
	for _, m := range inner.node.members {
		var value string
		inner.note(m.name, &value)
		(*values)[m.name] = value
	}
}

// note is one of them. Its name is stored too, and must not be a card number.
func (f *form) note(key string, value *string) {
	if files.Truncate(key) != key || key == "" || checkReference(key) != nil || f.writing && forbidden(key) {
		f.wrong(key, "", ledger.Say("this cannot be the name of a note"), ledger.Text{})
		return
	}
	if f.writing && *value == "" {
		f.put(key, &node{kind: isString})
		return
	}
	words(f, key, value)
}

// done reports the fields nobody asked for: a misspelt field must not be lost.
func (f *form) done() {
	if f.writing {
		return
	}
	for _, m := range f.node.members {
		if slices.Contains(f.asked, m.name) {
			continue
		}
		m.value.forget()
		if forbidden(m.name) {
			continue
		}
		hint := ledger.Say("see the description of the form for the fields of this kind")
		if near := nearest(m.name, f.asked); near != "" {
			hint = ledger.Say("did you mean %q?", near)
		}
		f.wrong(m.name, "", ledger.Say("unknown field"), hint)
	}
}

// nearest is the name that differs from a misspelt one by at most two letters.
func nearest(name string, among []string) string {
	best, distance := "", 3
	for _, candidate := range among {
		if len(candidate) > 2 && len(name) <= maxReference {
			if d := editDistance(name, candidate); d < distance {
				best, distance = candidate, d
			}
		}
	}
	return best
}

// editDistance counts the letters to insert, remove or replace (Levenshtein).
func editDistance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := range len(a) {
		diagonal := row[0]
		row[0] = i + 1
		for j := range len(b) {
			change := diagonal
			if a[i] != b[j] {
				change++
			}
			diagonal = row[j+1]
			row[j+1] = min(change, row[j]+1, diagonal+1)
		}
	}
	return row[len(b)]
}
