package ledger_test

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"

	"daybook/ledger"

	"pgregory.net/rapid"
)

func TestParseCardRef(t *testing.T) {
	tests := []struct{ text, want string }{
		{"", ""}, {"  ", ""}, {"\u3000", ""},
		{"622202******3321", "622202******3321"},
		{"622202*********3321", "622202******3321"},
		{"622202xxxxxx3321", "622202******3321"},
		{"622202XXXXXX3321", "622202******3321"},
		{"622202••••••3321", "622202******3321"},
		{"622202＊＊＊＊3321", "622202******3321"},
		{"６２２２０２＊＊＊３３２１", "622202******3321"},
		{"6222 02** **** 3321", "622202******3321"},
		{"6222-02*-3321", "622202******3321"},
		{"4111111111111111", "411111******1111"},
		{"4111 1111 1111 1111", "411111******1111"},
		{"6222020200112233321", "622202******3321"}, // nineteen digits
		{"6222020200112", "622202******0112"},       // thirteen
	}
	for _, test := range tests {
		got, err := ledger.ParseCardRef(test.text)
		if err != nil || got.String() != test.want {
			t.Errorf("ParseCardRef(%q) = %s, %v; want %s", test.text, got, err, test.want)
		}
		if lastFour := got.LastFour(); lastFour != test.want[max(0, len(test.want)-4):] || got.IsZero() != (test.want == "") {
			t.Errorf("ParseCardRef(%q) ends in %q", test.text, lastFour)
		}
	}
	for _, text := range []string{
		"3321", "622202", "622202******332", "62220******3321", "622202******33215", "6222020******3321", "622202**3321**",
		"6222023321", "622202020011", "62220202001122333219", "****", "622202?3321", "card", "622202******3321;", "622202\n******3321",
		"４１１１x", "4111 1111 1111 1111 *",
	} {
		if got, err := ledger.ParseCardRef(text); err == nil {
			t.Errorf("ParseCardRef(%q) = %s, want a refusal", text, got)
		} else if cut := ledger.TruncateCards(err.Error()); cut != err.Error() {
			t.Errorf("ParseCardRef(%q) says %q", text, err)
		}
	}
}

// luhnRun finds 13 to 19 digits in a row that pass the Luhn check, in any part of a run.
func luhnRun(text string) string {
	digits := []byte(text)
	for from := range digits {
		for to := from + 13; to <= min(len(digits), from+19); to++ {
			if allDigits(digits[from:to]) && checkDigit(digits[from:to-1]) == digits[to-1] {
				return text[from:to]
			}
		}
	}
	return ""
}

func allDigits(text []byte) bool {
	for _, b := range text {
		if b < '0' || b > '9' {
			return false
		}
	}
	return true
}

// checkDigit is the Luhn digit that completes a number (ISO/IEC 7812-1, annex B).
func checkDigit(digits []byte) byte {
	sum := 0
	for i := range digits {
		n := int(digits[len(digits)-1-i] - '0')
		if i%2 == 0 {
			n *= 2
		}
		sum += n/10 + n%10
	}
	return byte('0' + (10-sum%10)%10)
}

func holdsNoCard(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) {
	t.Helper()
	ref, err := ledger.ParseCardRef(text)
	if err != nil {
		if ref != (ledger.CardRef{}) {
			t.Fatalf("%q is refused and yet %s", text, ref)
		}
		if said := err.Error(); ledger.TruncateCards(said) != said {
			t.Fatalf("%q is refused with a card number: %s", text, said)
		}
		return
	}
	data, err := json.Marshal(struct {
		Card ledger.CardRef `json:"card,omitzero"`
	}{ref})
	if err != nil {
		t.Fatalf("%q: %v", text, err)
	}
	for _, shown := range []string{ref.String(), string(data), fmt.Sprint(ref), fmt.Sprintf("%+v %q", ref, ref)} {
		if found := luhnRun(shown); found != "" {
			t.Fatalf("%q is kept as %s, with %s in it", text, shown, found)
		}
		digits := strings.Map(func(r rune) rune {
			if r < '0' || r > '9' {
				return -1
			}
			return r
		}, ref.String())
		if len(digits) != 0 && len(digits) != 10 {
			t.Fatalf("%q keeps %d digits", text, len(digits))
		}
	}
	var back struct{ Card ledger.CardRef }
	if err := json.Unmarshal(data, &back); err != nil || back.Card != ref {
		t.Fatalf("%q is stored as %s, which reads as %s (%v)", text, data, back.Card, err)
	}
}

func TestNoCardRefHoldsACard(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		holdsNoCard(t, rapid.OneOf(
			rapid.StringMatching(`[0-9]{10,22}`),
			rapid.StringMatching(`[0-9]{4,10}[*xX•＊ -]{0,8}[0-9]{2,10}`),
			rapid.StringMatching(`([0-9０-９]{4}[ -]?){3,5}[*x]?[0-9]{0,3}`),
			rapid.Custom(func(t *rapid.T) string { return written(t, pan(t)) }),
			rapid.String(),
		).Draw(t, "text"))
	})
}

func FuzzParseCardRef(f *testing.F) {
	for _, text := range []string{"", "622202******3321", "4111111111111111", "6222 02** **** 3321", "６２２２０２＊＊＊３３２１", "4111-1111-1111-1111x"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { holdsNoCard(t, text) })
}

// schemes are first digits and lengths as the schemes publish them, written down here
// once more and independently.
var schemes = []struct {
	first, last, min, max int
}{
	{4, 4, 13, 19}, {51, 55, 16, 16}, {2221, 2720, 16, 16}, {34, 34, 15, 15}, {37, 37, 15, 15}, {36, 36, 14, 19}, {38, 39, 14, 19},
	{300, 305, 14, 19}, {3528, 3589, 16, 19}, {2200, 2204, 16, 19}, {62, 62, 16, 19}, {81, 81, 16, 19}, {60, 60, 16, 19},
	{64, 65, 16, 19}, {82, 82, 16, 19}, {50, 50, 13, 19}, {56, 59, 13, 19}, {61, 61, 13, 19}, {63, 63, 13, 19}, {66, 69, 13, 19},
}

// pan draws a full card number of some scheme.
func pan(t *rapid.T) string {
	scheme := rapid.SampledFrom(schemes).Draw(t, "scheme")
	first := fmt.Sprint(rapid.IntRange(scheme.first, scheme.last).Draw(t, "first"))
	length := rapid.IntRange(scheme.min, scheme.max).Draw(t, "length")
	digits := []byte(first)
	for len(digits) < length-1 {
		digits = append(digits, byte('0'+rapid.IntRange(0, 9).Draw(t, "digit")))
	}
	for {
		number := string(digits) + string(checkDigit(digits))
		if !isBarcode(number) {
			return number
		}
		digits[5] = '0' + (digits[5]-'0'+1)%10
	}
}

// isBarcode: thirteen digits whose weights 1, 3, 1, … add up to tens (GS1 General
// Specifications, 7.9.1).
func isBarcode(number string) bool {
	sum := 0
	for i, r := range number {
		sum += int(r-'0') * []int{1, 3}[i%2]
	}
	return len(number) == 13 && sum%10 == 0
}

// written draws one of the ways in which people and programs write a number.
func written(t *rapid.T, number string) string {
	separator := rapid.SampledFrom([]string{"", "", " ", "-", ".", "\u00a0", "\u3000", "－", "．"}).Draw(t, "separator")
	var out strings.Builder
	wide := rapid.Bool().Draw(t, "wide")
	for i, r := range number {
		if i > 0 && rapid.IntRange(0, 3).Draw(t, "group") == 0 {
			out.WriteString(separator)
		}
		if wide {
			r += '０' - '0'
		}
		out.WriteRune(r)
	}
	return out.String()
}

// digitsOf keeps the digits of a text.
func digitsOf(text string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r >= '0' && r <= '9':
			return r
		case r >= '０' && r <= '９':
			return r - '０' + '0'
		}
		return -1
	}, text)
}

func TestTruncateCardsFindsEveryCard(t *testing.T) {
	inText, beside := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		number := pan(t)
		shown := written(t, number)
		neighbours := rapid.OneOf(
			rapid.SampledFrom([]string{"", " ", "card ", "卡号：", "\t", ",", "\"", "`", "(", "/", "=", "no.", "x", "*", "****"}),
			rapid.StringMatching(`[0-9]{1,8}[ .,;:－-]`),
			rapid.StringMatching(`([0-9]{1,6}[ -]){1,4}`),
			rapid.StringMatching(`[^0-9０-９]{0,5}`),
		)
		before := neighbours.Draw(t, "before")
		after := reverse(neighbours.Draw(t, "after"))
		if before != "" || after != "" {
			inText++
		}
		if digitsOf(before+after) != "" {
			beside++
		}
		text := before + shown + after
		cut := ledger.TruncateCards(text)
		if strings.Contains(digitsOf(cut), number) {
			t.Fatalf("%q becomes %q, with %s in it", text, cut, number)
		}
		if !strings.Contains(cut, "******") {
			t.Fatalf("%q becomes %q", text, cut)
		}
		if before == "" && after == "" && cut != number[:6]+"******"+number[len(number)-4:] {
			t.Fatalf("%q becomes %q", text, cut)
		}
		if again := ledger.TruncateCards(cut); again != cut {
			t.Fatalf("%q becomes %q and then %q", text, cut, again)
		}
	})
	if inText == 0 || beside == 0 {
		t.Errorf("%d numbers inside a text, %d beside other digits: too few", inText, beside)
	}
}

func reverse(text string) string {
	runes := []rune(text)
	for i, j := 0, len(runes)-1; i < j; i, j = i+1, j-1 {
		runes[i], runes[j] = runes[j], runes[i]
	}
	return string(runes)
}

// truncatesWell is what holds for any text at all.
func truncatesWell(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string) {
	t.Helper()
	cut := ledger.TruncateCards(text)
	if again := ledger.TruncateCards(cut); again != cut {
		t.Fatalf("%q becomes %q and then %q", text, cut, again)
	}
	if cut != text && !strings.Contains(cut, "******") {
		t.Fatalf("%q becomes %q without a mark", text, cut)
	}
	// What is no digit, separator or mark stays, in order.
	other := func(text string) string {
		return strings.Map(func(r rune) rune {
			if digitsOf(string(r)) != "" || strings.ContainsRune(" -.\u00a0\u3000－．*", r) {
				return -1
			}
			return r
		}, text)
	}
	if got, want := other(cut), other(text); got != want {
		t.Fatalf("%q becomes %q: %q is left of %q", text, cut, got, want)
	}
}

func TestTruncateCardsTwiceChangesNothing(t *testing.T) {
	cut := 0
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.OneOf(
			rapid.StringMatching(`([45620-9][0-9]{0,7}[ .*-]{0,2}){1,12}`),
			rapid.StringMatching(`[0-9]{4,9} 4[0-9]{14,17} [0-9]{4,9}`),
			rapid.StringMatching(`([0-9]{4}[ ]){2,9}[*]{0,6}[0-9]{0,4}`),
			rapid.String(),
		).Draw(t, "text")
		if ledger.TruncateCards(text) != text {
			cut++
		}
		truncatesWell(t, text)
	})
	if cut == 0 {
		t.Error("no text with a card number was drawn")
	}
}

func FuzzTruncateCards(f *testing.F) {
	for _, text := range []string{"", "4111 1111 1111 1111", "1234567 4111111111111111", "5123 4567 8901 4111 111111111111", "411111******1111", "４１１１１１１１１１１１１１１１", "\xff4111111111111111\xef\xbc", "4111111111111111******4111111111111111"} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) { truncatesWell(t, text) })
}

// TestTruncateCardsCorpus reads testdata/cards.txt: a text, a tab, and what becomes of it
// (nothing after the tab when it stays as it is).
func TestTruncateCardsCorpus(t *testing.T) {
	file, err := os.Open("testdata/cards.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	shapes := 0
	for scanner := bufio.NewScanner(file); scanner.Scan(); {
		line := scanner.Text()
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		text, want, cut := strings.Cut(line, "\t")
		if !cut {
			want = text
		}
		shapes++
		if got := ledger.TruncateCards(text); got != want {
			t.Errorf("%q becomes %q, want %q", text, got, want)
		}
	}
	if shapes < 190 {
		t.Errorf("only %d shapes", shapes)
	}
}

func TestTruncateCardsCutsOverlappingNumbersAsOne(t *testing.T) {
	// Groups one to four pass as a number of sixteen digits, and the last group of these
	// begins another. Cutting the first alone would leave all of the second.
	head := "5123 4567 8901 "
	for tail := range 10_000 {
		second := fmt.Sprintf("4%03d11111111%03d", tail%1000, tail/10)
		second += string(checkDigit([]byte(second)))
		first := digitsOf(head) + second[:4]
		if string(checkDigit([]byte(first[:15]))) != first[15:] {
			continue
		}
		text := head + second[:4] + " " + second[4:]
		if got, want := ledger.TruncateCards(text), "512345******"+second[len(second)-4:]; got != want {
			t.Fatalf("%q becomes %q, want %q", text, got, want)
		}
		return
	}
	t.Fatal("no two numbers overlap")
}
