package ledger_test

import (
	"encoding/json"
	"math"
	"math/big"
	"strings"
	"testing"

	"daybook/ledger"

	"pgregory.net/rapid"
)

func TestParseAmount(t *testing.T) {
	tests := []struct {
		text     string
		currency ledger.Currency
		want     int64
	}{
		{"12.34", "CNY", 1234},
		{"0", "CNY", 0},
		{"0.00", "CNY", 0},
		{"-0.00", "CNY", 0},
		{"12", "CNY", 1200},
		{"12.3", "CNY", 1230},
		{"+12.30", "CNY", 1230},
		{"-12.34", "CNY", -1234},
		{"(12.34)", "CNY", -1234},
		{"（12.34）", "CNY", -1234},
		{"¥12.34", "CNY", 1234},
		{"￥12.34", "CNY", 1234},
		{"¥-12.34", "CNY", -1234},
		{"-¥12.34", "CNY", -1234},
		{"−12.34", "CNY", -1234}, // U+2212, as spreadsheets write it
		{"1,234.56", "CNY", 123456},
		{"1,234,567", "CNY", 123456700},
		{"012.34", "CNY", 1234},
		{"１２．３４", "CNY", 1234},
		{"－１，２３４．５０", "CNY", -123450},
		{" \t12.34\u00a0", "CNY", 1234},
		{"\u300012.34\u3000", "CNY", 1234},
		{"\ufeff12.34", "CNY", 1234},
		{"12.34000", "CNY", 1234}, // WeChat writes fees so
		{"0.10", "CNY", 10},       // the amounts that floats get wrong
		{"0.29", "CNY", 29},
		{"1.15", "CNY", 115},
		{"1200", "JPY", 1200},
		{"1200.00", "JPY", 1200},
		{"-1", "JPY", -1},
		{"1.234", "KWD", 1234},
		{"1.2", "KWD", 1200},
		{"1", "KWD", 1000},
		{"1.2340", "KWD", 1234},
		{"10000000000000.00", "CNY", ledger.MaxMinor},
		{"-10000000000000.00", "CNY", -ledger.MaxMinor},
		{"1000000000000000", "JPY", ledger.MaxMinor},
		{strings.Repeat("0", 100) + "1.00", "CNY", 100},
	}
	for _, test := range tests {
		got, err := ledger.ParseAmount(test.text, test.currency)
		if err != nil || got != test.want {
			t.Errorf("ParseAmount(%q, %s) = %d, %v; want %d", test.text, test.currency, got, err, test.want)
		}
	}
}

func TestParseAmountRefuses(t *testing.T) {
	tests := []struct {
		text     string
		currency ledger.Currency
	}{
		{"", "CNY"}, {" ", "CNY"}, {"-", "CNY"}, {"+", "CNY"}, {"¥", "CNY"}, {"()", "CNY"}, {"--", "CNY"}, {".", "CNY"},
		{"12,3x", "CNY"}, {"x", "CNY"}, {"12.34CNY", "CNY"}, {"1 234.00", "CNY"}, {"12 .34", "CNY"},
		{"12.", "CNY"}, {".34", "CNY"}, {"1.2.3", "CNY"}, {"1..2", "CNY"},
		{"1,23", "CNY"}, {"1,2345", "CNY"}, {"1234,567", "CNY"}, {",123", "CNY"}, {"1,", "CNY"}, {"1,,234", "CNY"}, {"1.234,56", "CNY"}, {"0.1,234", "CNY"},
		{"12.345", "CNY"}, {"0.001", "CNY"}, {"12.5", "JPY"}, {"1.2345", "KWD"},
		{"1e3", "CNY"}, {"0x10", "CNY"}, {"NaN", "CNY"}, {"Inf", "CNY"}, {"1_000", "CNY"},
		{"(-12.34)", "CNY"}, {"(+1)", "CNY"}, {"-(1)", "CNY"}, {"(1", "CNY"}, {"1)", "CNY"}, {"((1))", "CNY"},
		{"+-1", "CNY"}, {"--1", "CNY"}, {"1-", "CNY"}, {"¥¥1", "CNY"}, {"¥-¥1", "CNY"}, {"$1", "CNY"},
		{"10000000000000.01", "CNY"}, {"-10000000000000.01", "CNY"}, {"9223372036854775807", "JPY"},
		{"9223372036854775808", "JPY"}, {"18446744073709551617", "JPY"}, {strings.Repeat("9", 400), "CNY"},
		{"٣", "CNY"}, {"1\x002", "CNY"}, {"1\xff", "CNY"},
		{"1", ""}, {"1", "RMB"}, {"1", "cny"}, {"1", "XXX"},
	}
	for _, test := range tests {
		if got, err := ledger.ParseAmount(test.text, test.currency); err == nil {
			t.Errorf("ParseAmount(%q, %q) = %d, want a refusal", test.text, test.currency, got)
		}
	}
}

func TestParseAmountHalfUp(t *testing.T) {
	tests := []struct {
		text string
		want int64
	}{
		{"26.1415", 2614}, {"26.145", 2615}, {"26.1449999", 2614}, {"-26.145", -2615}, {"-26.144", -2614}, {"(26.145)", -2615},
		{"0.005", 1}, {"-0.005", -1}, {"－0.005", -1}, {"0.0049", 0}, {"1.999", 200}, {"1.99", 199}, {"1", 100},
	}
	for _, test := range tests {
		got, err := ledger.ParseAmountHalfUp(test.text, "USD")
		if err != nil || got != test.want {
			t.Errorf("ParseAmountHalfUp(%q) = %d, %v; want %d", test.text, got, err, test.want)
		}
	}
	if got, err := ledger.ParseAmountHalfUp("12,3x", "USD"); err == nil {
		t.Errorf("half up reads 12,3x as %d", got)
	}
}

// amounts draws a currency of each exponent and minor units within its bounds.
func amounts(t *rapid.T) (int64, ledger.Currency) {
	currency := rapid.SampledFrom([]ledger.Currency{"JPY", "CNY", "USD", "KWD"}).Draw(t, "currency")
	return rapid.Int64Range(-ledger.MaxMinor, ledger.MaxMinor).Draw(t, "minor"), currency
}

func TestAmountsPrintAndReadBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor, currency := amounts(t)
		printed := ledger.FormatMinor(minor, currency)
		got, err := ledger.ParseAmount(printed, currency)
		if err != nil || got != minor {
			t.Fatalf("%d %s prints as %s, which reads as %d (%v)", minor, currency, printed, got, err)
		}
		if exact := ledger.Minor(minor, currency).Decimal().StringFixed(int32(currency.Exponent())); strings.TrimPrefix(exact, "-") != strings.TrimPrefix(printed, "-") {
			t.Fatalf("%d %s prints as %s, in decimal as %s", minor, currency, printed, exact)
		}
	})
}

func TestFormatMinorReachesTheEnds(t *testing.T) {
	for _, test := range []struct {
		minor    int64
		currency ledger.Currency
		want     string
	}{
		{math.MaxInt64, "CNY", "92233720368547758.07"},
		{math.MinInt64, "CNY", "-92233720368547758.08"},
		{math.MinInt64, "JPY", "-9223372036854775808"},
		{5, "CNY", "0.05"}, {-5, "CNY", "-0.05"}, {5, "KWD", "0.005"}, {-50, "KWD", "-0.050"}, {0, "CNY", "0.00"}, {0, "JPY", "0"},
	} {
		if got := ledger.FormatMinor(test.minor, test.currency); got != test.want {
			t.Errorf("FormatMinor(%d, %s) = %s, want %s", test.minor, test.currency, got, test.want)
		}
	}
}

func FuzzParseAmount(f *testing.F) {
	for _, text := range []string{"12.34", "-1,234.50", "(3)", "￥１２．３０", "0.29", "1e3", "12,3x", "9999999999999999999", "¥-5", "\u30001\ufeff"} {
		for n := range 3 {
			f.Add(text, uint8(n))
		}
	}
	currencies := []ledger.Currency{"JPY", "CNY", "KWD"}
	f.Fuzz(func(t *testing.T, text string, which uint8) {
		currency := currencies[int(which)%len(currencies)]
		minor, err := ledger.ParseAmount(text, currency)
		if err != nil {
			return
		}
		if minor > ledger.MaxMinor || minor < -ledger.MaxMinor {
			t.Fatalf("%q reads as %d, beyond the bound", text, minor)
		}
		back, err := ledger.ParseAmount(ledger.FormatMinor(minor, currency), currency)
		if err != nil || back != minor {
			t.Fatalf("%q reads as %d, whose print reads as %d (%v)", text, minor, back, err)
		}
		if half, err := ledger.ParseAmountHalfUp(text, currency); err != nil || half != minor {
			t.Fatalf("%q reads as %d exactly and as %d (%v) with rounding", text, minor, half, err)
		}
		// An independent reading: the digits alone, as an integer of any size.
		var digits strings.Builder
		decimals, point := 0, false
		for _, r := range text {
			switch {
			case r >= '０' && r <= '９':
				r = r - '０' + '0'
				fallthrough
			case r >= '0' && r <= '9':
				digits.WriteRune(r)
				if point {
					decimals++
				}
			case r == '.' || r == '．':
				point = true
			}
		}
		exact, _ := new(big.Int).SetString(digits.String(), 10)
		ten := big.NewInt(10)
		for ; decimals < currency.Exponent(); decimals++ {
			exact.Mul(exact, ten)
		}
		for ; decimals > currency.Exponent(); decimals-- {
			exact.Div(exact, ten)
		}
		if exact.CmpAbs(big.NewInt(minor)) != 0 {
			t.Fatalf("%q reads as %d, its digits say %s", text, minor, exact)
		}
	})
}

func TestRateOf(t *testing.T) {
	tests := []struct {
		minor int64
		rate  ledger.Rate
		want  int64
	}{
		{19_999, 6_000, 120}, {1_234_567, 5_000, 6_173}, {1_316, 3_800, 5}, {100, 5_000, 1}, {99, 5_000, 0},
		{-19_999, 6_000, -120}, {-100, 5_000, -1}, // half away from zero on both sides
		{0, 6_000, 0}, {1, 0, 0}, {1, 1_000_000, 1}, {ledger.MaxMinor, 1_000_000, ledger.MaxMinor},
		{math.MaxInt64, 1_000_000, math.MaxInt64},
	}
	for _, test := range tests {
		for _, currency := range []ledger.Currency{"CNY", "JPY", "KWD"} { // the minor unit alone counts
			if got := test.rate.Of(ledger.Minor(test.minor, currency)); got != ledger.Minor(test.want, currency) {
				t.Errorf("%s of %d is %v, want %d", test.rate, test.minor, got, test.want)
			}
		}
	}
}

func TestRateOfRoundsHalfUp(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor := rapid.Int64Range(0, ledger.MaxMinor).Draw(t, "minor")
		rate := rapid.Int64Range(0, 1_000_000).Draw(t, "ppm")
		// round half up = floor((2·minor·ppm + 10^6) / (2·10^6)), in whole numbers
		want := new(big.Int).Mul(big.NewInt(2*minor), big.NewInt(rate))
		want.Add(want, big.NewInt(1_000_000)).Div(want, big.NewInt(2_000_000))
		got := ledger.Rate(rate).Of(ledger.Minor(minor, "CNY"))
		if got.Minor != want.Int64() {
			t.Fatalf("%d ppm of %d is %d, want %s", rate, minor, got.Minor, want)
		}
		if back := ledger.Rate(rate).Of(ledger.Minor(-minor, "CNY")); back.Minor != -got.Minor {
			t.Fatalf("%d ppm of %d is %d, of the opposite %d", rate, minor, got.Minor, back.Minor)
		}
	})
}

func TestParseRate(t *testing.T) {
	for text, want := range map[string]ledger.Rate{"0.60%": 6_000, "0.38 %": 3_800, " 0.5%": 5_000, "100%": 1_000_000, "0%": 0, "0.0001%": 1} {
		got, err := ledger.ParseRate(text)
		if err != nil || got != want {
			t.Errorf("ParseRate(%q) = %d, %v; want %d", text, got, err, want)
		}
		if back, err := ledger.ParseRate(got.String()); err != nil || back != got {
			t.Errorf("%d prints as %s, which reads as %d (%v)", got, got, back, err)
		}
	}
	for _, text := range []string{"", "%", "0.6", "0.006", "101%", "-1%", "0.00001%", "0,6%", "1e1%", "0.6‰", "..%", "0.6%%", "9999999999999%"} {
		if got, err := ledger.ParseRate(text); err == nil {
			t.Errorf("ParseRate(%q) = %d, want a refusal", text, got)
		}
	}
}

func TestMoneyAdds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, currency := amounts(t)
		b := rapid.Int64Range(-ledger.MaxMinor, ledger.MaxMinor).Draw(t, "b")
		x, y := ledger.Minor(a, currency), ledger.Minor(b, currency)
		if x.Add(y).Sub(y) != x || x.Add(y) != y.Add(x) || x.Add(ledger.Money{}) != x || (ledger.Money{}).Add(x) != x {
			t.Fatalf("%s and %s do not add like numbers", x, y)
		}
		if x.Abs().Minor < 0 || x.Neg().Neg() != x || (x.Compare(y) < 0) != (a < b) {
			t.Fatalf("%s: sign or order", x)
		}
	})
}

func TestMoneyRefusesToMixAndToOverflow(t *testing.T) {
	for name, add := range map[string]func(){
		"two currencies": func() { ledger.Minor(1, "CNY").Add(ledger.Minor(1, "JPY")) },
		"above":          func() { ledger.AddMinor(math.MaxInt64, 1) },
		"below":          func() { ledger.AddMinor(math.MinInt64, -1) },
		"twice the end":  func() { ledger.AddMinor(math.MinInt64, math.MinInt64) },
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("a wrong sum was returned")
				}
			}()
			add()
		})
	}
}

func TestMoneyJSON(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		minor, currency := amounts(t)
		data, err := json.Marshal(ledger.Minor(minor, currency))
		if err != nil {
			t.Fatal(err)
		}
		var back ledger.Money
		if err := json.Unmarshal(data, &back); err != nil || back != ledger.Minor(minor, currency) {
			t.Fatalf("%s reads as %v (%v)", data, back, err)
		}
	})
	data, err := json.Marshal(ledger.Money{})
	if err != nil {
		t.Fatal(err)
	}
	zero := ledger.Minor(1, "CNY")
	if err := json.Unmarshal(data, &zero); err != nil || zero != (ledger.Money{}) {
		t.Errorf("nothing is stored as %s, which reads as %v (%v)", data, zero, err)
	}
	for _, text := range []string{
		`{"minor":12.5,"currency":"CNY"}`, `{"minor":"12","currency":"CNY"}`, `{"currency":"CNY"}`, `{"minor":null,"currency":"CNY"}`,
		`{"minor":1}`, `{"minor":1,"currency":"RMB"}`, `{"minor":9223372036854775808,"currency":"CNY"}`, `{"minor":1e30,"currency":"CNY"}`, `12`,
	} {
		var m ledger.Money
		if err := json.Unmarshal([]byte(text), &m); err == nil {
			t.Errorf("%s reads as %v", text, m)
		}
	}
}

func TestCurrencies(t *testing.T) {
	for code, exponent := range map[string]int{"CNY": 2, "JPY": 0, "KRW": 0, "KWD": 3, "BHD": 3, "USD": 2} {
		currency, err := ledger.ParseCurrency(code)
		if err != nil || currency.Exponent() != exponent || !currency.Known() {
			t.Errorf("%s has %d decimals (%v), want %d", code, currency.Exponent(), err, exponent)
		}
	}
	for _, code := range []string{"", "RMB", "cny", "CN", "CNYX", "XTS"} {
		if currency, err := ledger.ParseCurrency(code); err == nil {
			t.Errorf("%q is taken for %s", code, currency)
		}
	}
}
