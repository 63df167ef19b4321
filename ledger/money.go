package ledger

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/bits"
	"strconv"
	"strings"

	"github.com/shopspring/decimal"
)

// Currency is an ISO 4217 alphabetic code. The zero value is no currency.
type Currency string

// exponents lists the currencies whose minor unit is not a hundredth, and, with
// exponent 2, the ones a retailer's files are likely to name. (ISO 4217, list one,
// amendment 176.) A code that is not here is refused rather than guessed: a wrong
// exponent is a wrong amount by a factor of ten.
var exponents = func() map[Currency]uint8 {
	table := map[Currency]uint8{}
	for exponent, codes := range map[uint8]string{
		0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
		2: "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BMD BND BOB BRL BSD BTN BWP BYN BZD CAD CDF CHF CNY COP CRC CUP CVE CZK DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS GIP GMD GTQ GYD HKD HNL HTG HUF IDR ILS INR IRR JMD KES KGS KHR KPW KYD KZT LAK LBP LKR LRD LSL MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MYR MZN NAD NGN NIO NOK NPR NZD PAB PEN PGK PHP PKR PLN QAR RON RSD RUB SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TOP TRY TTD TWD TZS UAH USD UYU UZS VED VES WST XCD YER ZAR ZMW",
		3: "BHD IQD JOD KWD LYD OMR TND",
	} {
		for _, code := range strings.Fields(codes) {
			table[Currency(code)] = exponent
		}
	}
	return table
}()

// ParseCurrency accepts an ISO 4217 code in upper case.
func ParseCurrency(code string) (Currency, error) {
	if _, known := exponents[Currency(code)]; !known {
		return "", Problem("%q is not an ISO 4217 currency code", code)
	}
	return Currency(code), nil
}

// Exponent is the number of decimals of the currency's minor unit: 0, 2 or 3.
func (c Currency) Exponent() int { return int(exponents[c]) }

// Known reports whether c is a code of ISO 4217 that daybook can count in.
func (c Currency) Known() bool { _, known := exponents[c]; return known }

// Money is an exact amount: signed minor units (fen, cents, fils) of one currency.
// It is the only representation of an amount in daybook. Two Moneys are equal
// when == says so.
type Money struct {
	Minor    int64    `json:"minor"`
	Currency Currency `json:"currency"`
}

// Minor makes a Money from minor units.
func Minor(minor int64, currency Currency) Money { return Money{minor, currency} }

// Add returns m + n. It panics when the currencies differ or the sum leaves int64:
// both are faults of the program, since every intake checks currency and range. The
// zero Money is nothing in no currency and adds to anything.
func (m Money) Add(n Money) Money {
	switch {
	case m == Money{}:
		return n
	case n == Money{}:
		return m
	}
	if m.Currency != n.Currency {
		panic(fmt.Sprintf("adding %s to %s", n, m))
	}
	return Money{AddMinor(m.Minor, n.Minor), m.Currency}
}

// Neg returns -m.
func (m Money) Neg() Money { return Money{-m.Minor, m.Currency} }

// Sub returns m - n, under the rules of Add.
func (m Money) Sub(n Money) Money { return m.Add(n.Neg()) }

// Abs returns m without its sign.
func (m Money) Abs() Money {
	if m.Minor < 0 {
		return m.Neg()
	}
	return m
}

// Compare orders by currency, then amount.
func (m Money) Compare(n Money) int {
	return cmp.Or(cmp.Compare(m.Currency, n.Currency), cmp.Compare(m.Minor, n.Minor))
}

// Decimal is the amount in major units: 12.34 for 1234 fen.
func (m Money) Decimal() decimal.Decimal {
	return decimal.New(m.Minor, -int32(m.Currency.Exponent()))
}

// Amount prints the amount in major units with the currency's decimals: "-12.34".
func (m Money) Amount() string { return FormatMinor(m.Minor, m.Currency) }

// String prints amount and currency: "-12.34 CNY".
func (m Money) String() string { return m.Amount() + " " + string(m.Currency) }

// UnmarshalJSON refuses a currency daybook cannot count in and an amount that is
// not a whole number of minor units. The zero Money, nothing in no currency, is read
// back as it is written: a batch without sales has no currency.
func (m *Money) UnmarshalJSON(data []byte) error {
	var raw struct {
		Minor    *int64 `json:"minor"`
		Currency string `json:"currency"`
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		return err
	}
	if raw.Minor == nil {
		return Problem("an amount needs %q: whole minor units", "minor")
	}
	if *raw.Minor == 0 && raw.Currency == "" {
		*m = Money{}
		return nil
	}
	currency, err := ParseCurrency(raw.Currency)
	if err != nil {
		return err
	}
	*m = Money{*raw.Minor, currency}
	return nil
}

// FormatMinor prints minor units of a currency in major units: "-12.34", "1200" (JPY),
// "1.234" (KWD).
func FormatMinor(minor int64, currency Currency) string {
	exponent := currency.Exponent()
	digits := strconv.FormatUint(magnitude(minor), 10)
	if exponent > 0 {
		if pad := exponent + 1 - len(digits); pad > 0 {
			digits = strings.Repeat("0", pad) + digits
		}
		digits = digits[:len(digits)-exponent] + "." + digits[len(digits)-exponent:]
	}
	if minor < 0 {
		return "-" + digits
	}
	return digits
}

func magnitude(n int64) uint64 {
	if n < 0 {
		return uint64(-(n + 1)) + 1
	}
	return uint64(n)
}

// AddMinor adds two amounts of the same currency and panics on overflow of int64,
// which no sum of real settlement reaches (92 quadrillion yuan).
func AddMinor(a, b int64) int64 {
	sum := a + b
	if (a > 0 && b > 0 && sum < 0) || (a < 0 && b < 0 && sum >= 0) {
		panic(fmt.Sprintf("amount overflow: %d + %d", a, b))
	}
	return sum
}

// MaxMinor bounds a single amount read from outside: 10^15 minor units. Sums of
// nine thousand such amounts still fit an int64.
const MaxMinor = 1_000_000_000_000_000

// ParseAmount reads an amount in major units, digit by digit, into minor units of
// currency. No floating point is involved.
//
// Accepted: a leading + or -, thousands separators (a comma followed by exactly
// three digits), blanks, tabs and no-break spaces at either end, a ¥ or ￥ prefix,
// full-width digits and signs, parentheses for a negative amount, and more decimals
// than the currency has when the surplus digits are zero (WeChat prints fees with
// five). Everything else is refused; in particular an empty text is refused, since
// absent is not zero. (settlement-format rules common to all importers, "Money".)
func ParseAmount(text string, currency Currency) (int64, error) {
	minor, surplus, err := parseAmount(text, currency)
	if err != nil {
		return 0, err
	}
	if strings.Trim(surplus, "0") != "" {
		return 0, Problem("%q has more decimals than %s counts", text, currency)
	}
	return minor, nil
}

// ParseAmountHalfUp reads like ParseAmount but rounds surplus decimals half away
// from zero. It is for till receipts that carry unrounded tax; every importer that
// uses it says so.
func ParseAmountHalfUp(text string, currency Currency) (int64, error) {
	minor, surplus, err := parseAmount(text, currency)
	if err != nil || surplus == "" || surplus[0] < '5' {
		return minor, err
	}
	if minor < 0 || strings.ContainsAny(fold(text), "-(") {
		return minor - 1, nil
	}
	return minor + 1, nil
}

// parseAmount returns the amount cut to the currency's decimals, and the digits cut off.
func parseAmount(text string, currency Currency) (minor int64, surplus string, err error) {
	if !currency.Known() {
		return 0, "", Problem("%q is not an ISO 4217 currency code", string(currency))
	}
	bad := func() (int64, string, error) { return 0, "", Problem("%q is not an amount", text) }
	s := fold(text)
	negative := false
	if strings.HasPrefix(s, "(") && strings.HasSuffix(s, ")") && len(s) > 2 {
		s, negative = s[1:len(s)-1], true
	}
	s, prefixed := strings.CutPrefix(s, "¥")
	if s != "" && (s[0] == '+' || s[0] == '-') {
		if negative {
			return bad()
		}
		negative = s[0] == '-'
		s = s[1:]
	}
	if !prefixed { // "-¥12.34" is as common as "¥-12.34"
		s = strings.TrimPrefix(s, "¥")
	}
	whole, fraction, point := strings.Cut(s, ".")
	if whole == "" || (point && fraction == "") {
		return bad()
	}
	if groups := strings.Split(whole, ","); len(groups) > 1 {
		if len(groups[0]) == 0 || len(groups[0]) > 3 {
			return bad()
		}
		for _, group := range groups[1:] {
			if len(group) != 3 {
				return bad()
			}
		}
		whole = strings.Join(groups, "")
	}
	exponent := currency.Exponent()
	kept := fraction
	if len(kept) > exponent {
		kept, surplus = fraction[:exponent], fraction[exponent:]
	}
	for _, digits := range []string{whole, fraction} {
		for i := range len(digits) {
			if digits[i] < '0' || digits[i] > '9' {
				return bad()
			}
		}
	}
	for _, digit := range []byte(whole + kept + strings.Repeat("0", exponent-len(kept))) {
		if minor > (math.MaxInt64-9)/10 {
			return 0, "", Problem("%q is larger than any amount daybook accepts", text)
		}
		minor = minor*10 + int64(digit-'0')
	}
	if minor > MaxMinor {
		return 0, "", Problem("%q is larger than any amount daybook accepts", text)
	}
	if negative {
		minor = -minor
	}
	return minor, surplus, nil
}

// fold trims blanks and turns full-width forms into their ASCII ones.
func fold(text string) string {
	text = strings.Trim(text, " \t\u00a0\u3000\ufeff")
	if isASCII(text) {
		return text
	}
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		case r == '－' || r == '−':
			return '-'
		case r == '＋':
			return '+'
		case r == '．':
			return '.'
		case r == '，':
			return ','
		case r == '（':
			return '('
		case r == '）':
			return ')'
		case r == '￥':
			return '¥'
		}
		return r
	}, text)
}

func isASCII(s string) bool {
	for i := range len(s) {
		if s[i] >= 0x80 {
			return false
		}
	}
	return true
}

// Rate is a proportion in parts per million: 0.60 % is 6000.
type Rate int64

// ParseRate reads a percentage such as "0.60%" or "0.38 %". The percent sign is
// required, so that a rate can't be mistaken for a factor.
func ParseRate(text string) (Rate, error) {
	number, isPercent := strings.CutSuffix(strings.TrimSpace(text), "%")
	number = strings.TrimSpace(number)
	if !isPercent || number == "" || len(number) > 12 || strings.Trim(number, "0123456789.") != "" {
		return 0, Problem("%q is not a percentage such as 0.60%%", text)
	}
	percent, err := decimal.NewFromString(number)
	if err != nil {
		return 0, Problem("%q is not a percentage such as 0.60%%", text)
	}
	ppm := percent.Shift(4)
	if !ppm.IsInteger() || percent.GreaterThan(decimal.NewFromInt(100)) {
		return 0, Problem("%q is not between 0%% and 100%% with at most four decimals", text)
	}
	return Rate(ppm.IntPart()), nil
}

// Of is the rate's share of an amount, rounded half away from zero to the minor unit.
// (Fee formula of the reconciliation rules: round_half_up(amount × ppm / 10^6).)
func (r Rate) Of(m Money) Money {
	high, low := bits.Mul64(magnitude(m.Minor), magnitude(int64(r)))
	if high >= million { // a rate far above all there is, on an amount far above all there is
		share := decimal.NewFromInt(m.Minor).Mul(decimal.NewFromInt(int64(r))).Shift(-6).Round(0)
		return Money{share.IntPart(), m.Currency}
	}
	share, rest := bits.Div64(high, low, million)
	if rest >= million/2 {
		share++
	}
	if (m.Minor < 0) != (r < 0) {
		return Money{-int64(share), m.Currency}
	}
	return Money{int64(share), m.Currency}
}

// Rounding names how a share is brought to the minor unit.
type Rounding string

const (
	HalfUp   Rounding = ""          // half away from zero, the usual one
	HalfEven Rounding = "half_even" // half to the even neighbour
	Up       Rounding = "up"        // away from zero
	Down     Rounding = "down"      // towards zero
)

// Rounded is the rate's share of an amount, rounded as named.
func (r Rate) Rounded(m Money, how Rounding) Money {
	if how == HalfUp {
		return r.Of(m)
	}
	return Shares(m.Currency, how, Part{m.Minor, r})
}

// Part is a part of an amount, in minor units, with the rate that it has.
type Part struct {
	Minor int64
	Rate  Rate
}

// Shares is what the rates of several parts come to together, rounded once.
func Shares(currency Currency, how Rounding, parts ...Part) Money {
	var share decimal.Decimal
	for _, part := range parts {
		share = share.Add(decimal.NewFromInt(part.Minor).Mul(decimal.NewFromInt(int64(part.Rate))))
	}
	share = share.Shift(-6)
	switch how {
	case HalfEven:
		share = share.RoundBank(0)
	case Up:
		share = share.RoundUp(0)
	case Down:
		share = share.RoundDown(0)
	default:
		share = share.Round(0)
	}
	return Money{share.IntPart(), currency}
}

const million = 1_000_000

// String prints the rate as a percentage: "0.6%".
func (r Rate) String() string { return decimal.New(int64(r), -4).String() + "%" }
