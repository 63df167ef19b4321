package ledger

import (
	"strings"
	"unicode/utf8"
)

// CardRef refers to a card by its first six and last four digits, the one truncation
// daybook stores (PCI DSS 3.4.1, 3.5.1). It has no room for more: a full card number
// cannot be represented. The zero value is no card.
type CardRef struct {
	digits [10]byte // first six, last four; all zero bytes when there is none
}

// ParseCardRef reads a masked number (six digits, one or more of * x X •, four
// digits) or a full one, of which only the ten digits are kept. Blanks and dashes are
// ignored. Empty text is no card.
func ParseCardRef(text string) (CardRef, error) {
	var ref CardRef
	if strings.TrimSpace(text) == "" {
		return ref, nil
	}
	var head, tail []byte
	masked := false
	for _, r := range fold(text) {
		switch {
		case r >= '0' && r <= '9' && !masked:
			head = append(head, byte(r))
		case r >= '0' && r <= '9':
			tail = append(tail, byte(r))
		case r == '*' || r == 'x' || r == 'X' || r == '•' || r == '＊':
			if len(tail) > 0 {
				return ref, Problem("%q is not a card number masked as 622202******3321", TruncateCards(text))
			}
			masked = true
		case r == ' ' || r == '-':
		default:
			return ref, Problem("%q is not a card number masked as 622202******3321", TruncateCards(text))
		}
	}
	if !masked && len(head) >= 13 && len(head) <= 19 {
		head, tail = head[:6], head[len(head)-4:]
	}
	if len(head) != 6 || len(tail) != 4 {
		return ref, Problem("%q is not a card number masked as 622202******3321", TruncateCards(text))
	}
	copy(ref.digits[:6], head)
	copy(ref.digits[6:], tail)
	return ref, nil
}

// IsZero reports no card.
func (c CardRef) IsZero() bool { return c == CardRef{} }

// LastFour digits, or nothing.
func (c CardRef) LastFour() string {
	if c.IsZero() {
		return ""
	}
	return string(c.digits[6:])
}

// Schemes are the words for card schemes, as contracts and bills have them.
var Schemes = []string{"unionpay", "visa", "mastercard", "maestro", "amex", "jcb", "diners", "discover", "mir"}

// Scheme is the card scheme that the number's first digits belong to, or nothing when they
// tell no scheme. (ISO/IEC 7812-1 issuer identification numbers, as the schemes publish them.)
func (c CardRef) Scheme() string {
	if c.IsZero() {
		return ""
	}
	p4 := 0
	for _, digit := range c.digits[:4] {
		p4 = p4*10 + int(digit-'0')
	}
	switch p2, p3 := p4/100, p4/10; {
	case p2 == 62 || p2 == 81:
		return "unionpay"
	case p2/10 == 4:
		return "visa"
	case p2 >= 51 && p2 <= 55 || p4 >= 2221 && p4 <= 2720:
		return "mastercard"
	case p2 == 34 || p2 == 37:
		return "amex"
	case p4 >= 3528 && p4 <= 3589:
		return "jcb"
	case p2 == 36 || p2 == 38 || p2 == 39 || p3 >= 300 && p3 <= 305:
		return "diners"
	case p4 == 6011 || p3 >= 644 && p3 <= 649 || p2 == 65:
		return "discover"
	case p4 >= 2200 && p4 <= 2204:
		return "mir"
	case p2 == 50 || p2 >= 56 && p2 <= 58 || p2 == 63 || p2 == 67:
		return "maestro"
	}
	return ""
}

func (c CardRef) String() string {
	if c.IsZero() {
		return ""
	}
	return string(c.digits[:6]) + "******" + string(c.digits[6:])
}

// MarshalText prints 622202******3321, and nothing for no card.
func (c CardRef) MarshalText() ([]byte, error) { return []byte(c.String()), nil }

// UnmarshalText is the inverse of MarshalText; a full number in stored bytes is cut too.
func (c *CardRef) UnmarshalText(text []byte) (err error) {
	*c, err = ParseCardRef(string(text))
	return err
}

// TruncateCards replaces every card number in a text by its truncated form and
// leaves the rest as it is. Everything read from outside passes through it before it
// is stored or shown.
//
// A card number is 13 to 19 digits, in one run or in groups divided by single blanks,
// dashes, dots or their full-width forms, that satisfy the Luhn check (ISO/IEC 7812-1,
// annex B) and begin as the card schemes' ranges do. Full-width digits count as digits.
// The scheme ranges keep merchant numbers, trade numbers and dates from being taken
// for cards: one 15-digit merchant number in ten passes the Luhn check alone. Thirteen
// digits that satisfy the barcodes' own check are a barcode.
//
// Groups that belong to several possible numbers are cut as one, so that what is left
// of one can't complete another. A number that is truncated already is left alone:
// doing it twice changes nothing.
//
// The replacement depends on the number only, so two files that carry the same
// number by mistake still join on what is left.
func TruncateCards(text string) string {
	if !mayHoldCard(text) {
		return text
	}
	var room [64]digit
	c := cutter{text: text, run: room[:0]}
	for at := 0; at < len(text); {
		r, width := utf8.DecodeRuneInString(text[at:])
		value, isDigit := digitValue(r)
		switch {
		case isDigit && c.startsGroup() && truncated(text[at:]):
			c.flush()
			width = truncatedLen
		case isDigit:
			c.add(value, at, width)
		case len(c.run) > 0 && !c.separated && isSeparator(r):
			c.separated = true
		default:
			c.flush()
		}
		at += width
	}
	c.flush()
	return c.out.String() + text[c.done:]
}

// cutter collects runs of digits and writes what is left of them.
type cutter struct {
	text      string
	out       strings.Builder
	done      int // bytes of text that out accounts for
	run       []digit
	group     int
	separated bool // the run ends in a separator
}

type digit struct {
	value   byte
	at, end int // bytes in text
	group   int
}

func (c *cutter) startsGroup() bool { return c.separated || len(c.run) == 0 }

func (c *cutter) add(value byte, at, width int) {
	if c.startsGroup() {
		c.group++
	}
	c.separated = false
	c.run = append(c.run, digit{value, at, at + width, c.group})
}

// flush ends a run and cuts the numbers in it.
func (c *cutter) flush() {
	for from := 0; from < len(c.run); from++ {
		end := c.cardAt(from)
		for next := from + 1; next < end; next++ { // grow over what overlaps
			end = max(end, c.cardAt(next))
		}
		if end == 0 {
			continue
		}
		c.out.WriteString(c.text[c.done:c.run[from].at])
		for _, d := range c.run[from : from+6] {
			c.out.WriteByte('0' + d.value)
		}
		c.out.WriteString("******")
		for _, d := range c.run[end-4 : end] {
			c.out.WriteByte('0' + d.value)
		}
		c.done = c.run[end-1].end
		from = end - 1
	}
	c.run, c.separated = c.run[:0], false
}

// cardAt is the end of the longest card number that begins at a place in the run, or 0.
// A number starts where a group starts and ends where a group ends.
func (c *cutter) cardAt(from int) int {
	run := c.run
	if from > 0 && run[from].group == run[from-1].group {
		return 0
	}
	for n := min(19, len(run)-from); n >= 13; n-- {
		end := from + n
		if end < len(run) && run[end].group == run[end-1].group {
			continue
		}
		var digits [19]byte
		for k := range n {
			digits[k] = run[from+k].value
		}
		if isCardNumber(digits[:n]) {
			return end
		}
	}
	return 0
}

// truncatedLen is the length of 622202******3321.
const truncatedLen = 6 + 6 + 4

// truncated reports whether a text begins with a number truncated here before.
func truncated(text string) bool {
	if len(text) < truncatedLen {
		return false
	}
	for i := range truncatedLen {
		if digit := text[i] >= '0' && text[i] <= '9'; i < 6 || i >= 12 {
			if !digit {
				return false
			}
		} else if text[i] != '*' {
			return false
		}
	}
	next, _ := utf8.DecodeRuneInString(text[truncatedLen:])
	_, longer := digitValue(next)
	return !longer
}

// mayHoldCard is the cheap test that lets nearly all text pass: thirteen digits with
// nothing between them that ends a run for certain, which every other ASCII character does.
func mayHoldCard(text string) bool {
	digits, separated := 0, false
	for i := range len(text) {
		switch b := text[i]; {
		case b >= '0' && b <= '9', b == 0xef: // lead byte of the full-width forms
			digits++
			separated = false
		case (b == ' ' || b == '-' || b == '.') && !separated:
			separated = true
		case b < utf8.RuneSelf:
			digits, separated = 0, false
		}
		if digits == 13 {
			return true
		}
	}
	return false
}

func digitValue(r rune) (byte, bool) {
	switch {
	case r >= '0' && r <= '9':
		return byte(r - '0'), true
	case r >= '０' && r <= '９':
		return byte(r - '０'), true
	}
	return 0, false
}

func isSeparator(r rune) bool {
	return strings.ContainsRune(" -.\u00a0\u3000－．", r)
}

func isCardNumber(digits []byte) bool {
	return inSchemeRange(digits) && luhn(digits) && !isBarcode(digits)
}

// isBarcode knows an EAN-13 by its own check digit (GS1 General Specifications, 7.9.1).
// Barcodes of Chinese goods begin with 690 to 699, in Maestro's range, and one in ten
// passes the Luhn check; cards of 13 digits have not been issued for decades.
func isBarcode(digits []byte) bool {
	if len(digits) != 13 {
		return false
	}
	sum := 0
	for i, d := range digits {
		sum += int(d) * (1 + 2*(i%2))
	}
	return sum%10 == 0
}

func luhn(digits []byte) bool {
	sum := 0
	for i, d := range digits {
		n := int(d)
		if (len(digits)-i)%2 == 0 {
			if n *= 2; n > 9 {
				n -= 9
			}
		}
		sum += n
	}
	return sum%10 == 0
}

// inSchemeRange knows the leading digits and lengths the card schemes publish.
func inSchemeRange(digits []byte) bool {
	prefix := func(n int) int {
		v := 0
		for _, d := range digits[:n] {
			v = v*10 + int(d)
		}
		return v
	}
	n, p2, p3, p4 := len(digits), prefix(2), prefix(3), prefix(4)
	switch {
	case digits[0] == 4: // Visa
		return true
	case p2 >= 51 && p2 <= 55, p4 >= 2221 && p4 <= 2720: // Mastercard
		return n == 16
	case p2 == 34 || p2 == 37: // American Express
		return n == 15
	case p2 == 36 || p2 == 38 || p2 == 39 || (p3 >= 300 && p3 <= 305): // Diners Club
		return n >= 14
	case p4 >= 3528 && p4 <= 3589: // JCB
		return n >= 16
	case p4 >= 2200 && p4 <= 2204: // Mir
		return n >= 16
	case p2 == 62 || p2 == 81: // UnionPay
		return n >= 16
	case p2 == 60 || p2 == 64 || p2 == 65 || p2 == 82: // Discover, RuPay
		return n >= 16
	case p2 == 50 || (p2 >= 56 && p2 <= 69): // Maestro and national debit
		return true
	case p2 == 90 || p2 == 95 || p2 == 98: // Chinese debit cards issued before 62 was assigned
		return n >= 16
	}
	return false
}
