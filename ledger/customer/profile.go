package customer

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"daybook/ledger"
)

// ID is a customer's id. It is no member number: whoever reads it learns nothing.
type ID string

var isID = regexp.MustCompile(`^C[0-9A-HJKMNP-TV-Z]{16}$`)

// IsID reports whether a text is written like a customer id.
func IsID(text string) bool { return isID.MatchString(text) }

// Base 32 of Crockford, without letters that are taken for digits.
var letters = base32.NewEncoding("0123456789ABCDEFGHJKMNPQRSTVWXYZ").WithPadding(base32.NoPadding)

// deriveID makes the id that the same facts always get: 80 bits of SHA-256. The facts must not
// be about the person.
func deriveID(facts ...string) ID {
	id := ledger.DeriveID(append([]string{"customer"}, facts...)...)
	sum := sha256.Sum256(id[:])
	return ID("C" + letters.EncodeToString(sum[:10]))
}

// Sealed is a ciphertext in base 64.
type Sealed string

// Profile is what is known of a person. It leaves the program only sealed.
type Profile struct {
	Member   string            `json:"member,omitempty"` // number on the customer's card
	Name     string            `json:"name,omitempty"`
	Phone    string            `json:"phone,omitempty"`
	Mail     string            `json:"mail,omitempty"`
	Birthday string            `json:"birthday,omitempty"` // YYYY-MM-DD, or --MM-DD without the year
	Address  string            `json:"address,omitempty"`
	Further  map[string]string `json:"further,omitempty"` // other fields, by their names
}

// Limits of a profile. What is longer is no name and no address.
const (
	maxField   = 500 // bytes
	maxFurther = 40  // fields
)

// Field is one part of a profile, by its name.
type Field struct{ Name, Value string }

// Fields lists what is there, in order.
func (p Profile) Fields() (list []Field) {
	for _, f := range []Field{{"member", p.Member}, {"name", p.Name}, {"phone", p.Phone}, {"mail", p.Mail}, {"birthday", p.Birthday}, {"address", p.Address}} {
		if f.Value != "" {
			list = append(list, f)
		}
	}
	names := make([]string, 0, len(p.Further))
	for name := range p.Further {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range names {
		list = append(list, Field{name, p.Further[name]})
	}
	return list
}

// Set gives a field a value, or takes it away with an empty one. Card numbers are cut.
func (p *Profile) Set(name, value string) {
	value = ledger.TruncateCards(strings.TrimSpace(value))
	switch name {
	case "member":
		p.Member = value
	case "name":
		p.Name = value
	case "phone":
		p.Phone = value
	case "mail":
		p.Mail = value
	case "birthday":
		p.Birthday = value
	case "address":
		p.Address = value
	default:
		further := map[string]string{}
		for n, v := range p.Further {
			further[n] = v
		}
		if further[name] = value; value == "" {
			delete(further, name)
		}
		if p.Further = further; len(further) == 0 {
			p.Further = nil
		}
	}
}

// Fault is what is wrong with a field of a profile. It never repeats the value: the person
// who typed it knows it, and what is printed may be kept.
type Fault struct {
	Field string
	Text  ledger.Text
	Hint  ledger.Text
}

var (
	aPhone    = regexp.MustCompile(`^\+?[0-9][0-9 ()./-]{3,24}$`)
	aMail     = regexp.MustCompile(`^[^@\s]+@[^@\s]+\.[^@\s]+$`)
	aBirthday = regexp.MustCompile(`^-?-[0-9]{2}-[0-9]{2}$`)
)

// Check lists what is wrong with a profile.
func (p Profile) Check() (faults []Fault) {
	wrong := func(field string, text, hint ledger.Text) { faults = append(faults, Fault{field, text, hint}) }
	for _, f := range p.Fields() {
		switch {
		case !utf8.ValidString(f.Value) || strings.IndexFunc(f.Value, unicode.IsControl) >= 0:
			wrong(f.Name, ledger.Say("there are characters that cannot be printed"), ledger.Say("write it on one line"))
		case len(f.Value) > maxField || len(f.Name) > 64:
			wrong(f.Name, ledger.Say("this is longer than %d bytes", maxField), ledger.Say("keep no more about a person than is needed"))
		}
	}
	if len(p.Further) > maxFurther {
		wrong("", ledger.Say("%d further fields about one person are too many; at most %d are kept", len(p.Further), maxFurther), ledger.Say("keep no more about a person than is needed"))
	}
	if p.Member != "" && ledger.CheckID("member", p.Member, 64) != nil {
		wrong("member", ledger.Say("a member number has at most 64 letters and digits, and no blanks"), ledger.Say("write it as it stands on the customer's card"))
	}
	if p.Phone != "" && (!aPhone.MatchString(p.Phone) || len(phone(p.Phone)) < 5) {
		wrong("phone", ledger.Say("this is no telephone number"), ledger.Say("write it as digits, with + and the country in front where it is not of this country"))
	}
	if p.Mail != "" && !aMail.MatchString(p.Mail) {
		wrong("mail", ledger.Say("this is no mail address"), ledger.Say("write it as somebody@example.com"))
	}
	if p.Birthday != "" {
		if _, err := ledger.ParseBusinessDay(strings.Replace(p.Birthday, "--", "2000-", 1)); err != nil || strings.HasPrefix(p.Birthday, "-") && !aBirthday.MatchString(p.Birthday) {
			wrong("birthday", ledger.Say("this is no birthday"), ledger.Say("write it as YYYY-MM-DD, or as --MM-DD without the year"))
		}
	}
	if p.Member == "" && p.Phone == "" && p.Mail == "" {
		wrong("", ledger.Say("a customer needs a member number, a telephone number or a mail address"), ledger.Say("without one of them nobody can find the customer again"))
	}
	return faults
}

// Lookup is a value by which a customer is found, in one spelling: "phone:13800138000".
type Lookup string

// Lookups are those of a profile.
func (p Profile) Lookups() (list []Lookup) {
	if p.Member != "" {
		list = append(list, Lookup("member:"+p.Member))
	}
	if number := phone(p.Phone); number != "" {
		list = append(list, Lookup("phone:"+number))
	}
	if p.Mail != "" {
		list = append(list, Lookup("mail:"+strings.ToLower(p.Mail)))
	}
	return list
}

var aMobile = regexp.MustCompile(`^(?:\+?86)?1[3-9][0-9]{9}$`)

// Named are the look-ups that what a till or a clerk calls a customer may mean, the likeliest
// first.
func Named(name string) (list []Lookup) {
	name = strings.TrimSpace(name)
	switch {
	case strings.Contains(name, "@"):
		list = append(list, Lookup("mail:"+strings.ToLower(name)))
	case strings.HasPrefix(name, "+") || aMobile.MatchString(phone(name)):
		list = append(list, Lookup("phone:"+phone(name)))
	}
	list = append(list, Lookup("member:"+name))
	if aPhone.MatchString(name) {
		list = append(list, Lookup("phone:"+phone(name)))
	}
	return list
}

// phone is a telephone number in one spelling: digits, with + before a country that is not
// China's 86, whose mobile numbers are mostly written without it.
func phone(text string) string {
	text = strings.TrimSpace(text)
	digits := strings.Map(func(r rune) rune {
		if r < '0' || r > '9' {
			return -1
		}
		return r
	}, text)
	plus := strings.HasPrefix(text, "+")
	if !plus && strings.HasPrefix(digits, "00") {
		plus, digits = true, digits[2:]
	}
	if aMobile.MatchString(digits) {
		return strings.TrimPrefix(digits, "86")
	}
	if plus {
		return "+" + digits
	}
	return digits
}

// padTo hides how long a name is.
const padTo = 256

// encode is a profile in the form in which it is sealed, padded with blanks, which JSON
// allows behind a value.
func (p Profile) encode() ([]byte, error) {
	data, err := json.Marshal(p)
	if err != nil {
		return nil, err
	}
	for len(data)%padTo != 0 {
		data = append(data, ' ')
	}
	return data, nil
}

func decodeProfile(data []byte) (p Profile, err error) {
	err = json.Unmarshal(data, &p)
	return p, err
}
