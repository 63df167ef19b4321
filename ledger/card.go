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
// for cards: one 15-digit merchant number in ten passes the Luhn check alone.
//
// The replacement depends on the number only, so two files that carry the same
// number by mistake still join on what is left.
func TruncateCards(text string) string {
	if !mayHoldCard(text) {
		return text
	}
	type digit struct {
		value byte
		at    int // byte offset in text
		width int
		group int
	}
	var out strings.Builder
	var run []digit
	group, lastEnd := 0, 0
	flush := func() {
		for i := 0; i < len(run); {
			// A number starts where a group starts and ends where a group ends.
			if i > 0 && run[i].group == run[i-1].group {
				i++
				continue
			}
			end := 0
			for n := min(19, len(run)-i); n >= 13; n-- {
				j := i + n
				if j < len(run) && run[j].group == run[j-1].group {
					continue
				}
				digits := make([]byte, n)
				for k := range digits {
					digits[k] = run[i+k].value
				}
				if isCardNumber(digits) {
					end = j
					break
				}
			}
			if end == 0 {
				i++
				continue
			}
			out.WriteString(text[lastEnd:run[i].at])
			for k := i; k < i+6; k++ {
				out.WriteByte('0' + run[k].value)
			}
			out.WriteString("******")
			for k := end - 4; k < end; k++ {
				out.WriteByte('0' + run[k].value)
			}
			lastEnd = run[end-1].at + run[end-1].width
			i = end
		}
		run = run[:0]
	}
	separated := false
	for at, r := range text {
		value, isDigit := digitValue(r)
		switch {
		case isDigit:
			if separated || len(run) == 0 {
				group++
			}
			separated = false
			run = append(run, digit{value, at, utf8.RuneLen(r), group})
		case len(run) > 0 && !separated && isSeparator(r):
			separated = true
		default:
			flush()
			separated = false
		}
	}
	flush()
	out.WriteString(text[lastEnd:])
	return out.String()
}

// mayHoldCard is the cheap test that lets nearly all text pass: thirteen digits.
func mayHoldCard(text string) bool {
	digits := 0
	for i := range len(text) {
		if b := text[i]; b >= '0' && b <= '9' {
			digits++
		} else if b == 0xef { // lead byte of the full-width forms
			digits++
		}
	}
	return digits >= 13
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
	return inSchemeRange(digits) && luhn(digits)
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
