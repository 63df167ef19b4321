package ledger

import "strings"

// Identifiers are text, never numbers: leading zeros count. Each has the name the
// field uses and the length its rule allows (ISO 8583:1987 data elements; UnionPay
// POS terminal specification).
type (
	// StoreID names a store in the retailer's own numbering.
	StoreID string
	// TerminalID names a till or payment terminal in the retailer's own numbering.
	TerminalID string
	// ProviderID names who settles: an acquirer, a wallet, as the configuration calls it.
	ProviderID string
	// MID is the merchant id given by the acquirer (DE 42, up to 15 characters).
	MID string
	// TID is the terminal id given by the acquirer (DE 41, 8 characters).
	TID string
	// RRN is the retrieval reference number (DE 37, 12 characters).
	RRN string
	// STAN is the system trace audit number, 凭证号 (DE 11, 6 digits).
	STAN string
	// BatchNo is the terminal's batch number, 批次号 (DE 60.2, 6 digits).
	BatchNo string
	// AuthCode is the authorisation code (DE 38, 6 characters).
	AuthCode string
)

// CheckID refuses an identifier that is too long or holds anything but printable
// ASCII without blanks. Empty is allowed: not every payment has every identifier. A
// card number is not refused here: like all text from outside, an identifier passes
// through TruncateCards, and a sale that happened stays recorded.
func CheckID(what, value string, maxLen int) error {
	if len(value) > maxLen {
		return Problem("%s %q is longer than %d characters", what, TruncateCards(value), maxLen)
	}
	if strings.IndexFunc(value, func(r rune) bool { return r <= ' ' || r > '~' }) >= 0 {
		return Problem("%s %q has a blank or a character outside ASCII", what, TruncateCards(value))
	}
	return nil
}
