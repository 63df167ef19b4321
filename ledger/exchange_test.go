package ledger_test

import (
	"testing"

	"daybook/ledger"
)

func TestExchangeRate(t *testing.T) {
	for _, test := range []struct {
		from, to ledger.Money
		want     string
	}{
		{ledger.Minor(1000, "JPY"), ledger.Minor(4630, "CNY"), "0.0463"},
		{ledger.Minor(-1000, "JPY"), ledger.Minor(-4630, "CNY"), "0.0463"},
		{ledger.Minor(3, "CNY"), ledger.Minor(2, "HKD"), "0.666667"},
		{ledger.Minor(1, "KWD"), ledger.Minor(1_234_567, "JPY"), "1234570000"},
		{ledger.Minor(9_000_000_000_000_000_000, "JPY"), ledger.Minor(1, "KWD"), "0.000000000000000000000111111"},
		{ledger.Minor(12345, "CNY"), ledger.Minor(12345, "HKD"), "1"},
		{ledger.Minor(0, "JPY"), ledger.Minor(4630, "CNY"), ""},
		{ledger.Minor(1000, "JPY"), ledger.Minor(0, "CNY"), ""},
		{ledger.Minor(1000, "JPY"), ledger.Minor(-4630, "CNY"), ""},
	} {
		if got := test.from.ExchangeRate(test.to); got != test.want {
			t.Errorf("%s for %s: %q, want %q", test.to, test.from, got, test.want)
		}
	}
}
