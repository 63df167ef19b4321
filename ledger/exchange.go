package ledger

// ExchangeRate is how much of another currency one unit of this one's came to, when m was exchanged
// for other: to six significant digits, rounded half away from nothing. The two sums are the
// facts and the rate is for people, so it is never reckoned with. It is empty where there is
// none: one side is nothing, or they have different signs.
func (m Money) ExchangeRate(other Money) string {
	if m.Minor == 0 || other.Minor == 0 || (m.Minor < 0) != (other.Minor < 0) {
		return ""
	}
	// 40 decimals keep six digits of the smallest quotient of two sums.
	quotient := other.Decimal().DivRound(m.Decimal(), 40)
	return quotient.Round(6 - int32(quotient.NumDigits()) - quotient.Exponent()).String()
}
