package reconcile

import (
	"daybook/ledger"
)

// Streams of this room:
//
//	statement-<sha256>               import-begun, lines-recorded…, rows-quarantined…, statement-imported
//	day-<date>                       what there is for a day: statement-listed (and the
//	                                 ledger's storeday-opened)
//	outcome-<date>                   what Pair found: matches, suggestions, breaks, left-open…, day-joined
//	late-<date>                      what Conclude found: matches, suggestions, breaks, day-concluded
//	decisions-<date>                 what people decided about payments of the day: pairing-decided
//	payout-<provider>.<currency>.<due date>   breaks, payout-reckoned
//	deposit-<store>.<currency>.<due date>     breaks, deposit-reckoned: the store's cash
//	break-<id>                       what people did about a break: break-assigned, adjustment-approved…
//	close-all                        day-signed, period-locked…, act-admitted: all that was decided about closing
//	balance-<bank>.<date>            breaks: balances of bank statements that do not tie
//	gaps-<terminal>.<series>         breaks: missing numbers in a terminal's series
type (
	// LinesRecorded is a page of a statement's lines, in file order.
	LinesRecorded struct {
		Statement string `json:"statement"` // SHA-256 of the file
		Page      int    `json:"page"`      // from 0
		Lines     []Line `json:"lines"`
	}

	// StatementImported closes a statement: the file is whole, and this is what it is.
	StatementImported struct {
		Statement string             `json:"statement"`
		File      string             `json:"file"` // name as it was given
		Bytes     int64              `json:"bytes"`
		Format    string             `json:"format"`
		Kind      StatementKind      `json:"kind"`
		Sender    string             `json:"sender"` // provider or bank id
		Account   string             `json:"account,omitempty"`
		From      ledger.BusinessDay `json:"from"`
		To        ledger.BusinessDay `json:"to"`
		Lines     int                `json:"lines"`
		Pages     int                `json:"pages"`
		Totals    []Total            `json:"totals"`
		Checked   int                `json:"checked"`          // totals the file states
		Untied    []Control          `json:"untied,omitempty"` // those its lines do not come to, at most maxUntied
		Dropped   map[string]int     `json:"dropped,omitempty"`
		Truncated map[string]int     `json:"truncated,omitempty"`
		Version   int                `json:"version"`            // 1, or more for a correction
		Replaces  string             `json:"replaces,omitempty"` // the statement it corrects

		Quarantined int `json:"quarantined,omitempty"` // rows that could not be read

		Rereads string `json:"rereads,omitempty"` // SHA-256 of the file, when this is not its first reading

		Settlements []string  `json:"settlements,omitempty"` // see Statement
		Balances    []Balance `json:"balances,omitempty"`    // of a bank's accounts before and after
	}

	// StatementListed enters a statement into the table of contents of a day it covers.
	// From then on the day is reckoned with it.
	StatementListed struct {
		Statement string             `json:"statement"`
		Day       ledger.BusinessDay `json:"day"`
		Kind      StatementKind      `json:"kind"`
		Sender    string             `json:"sender"`
		Account   string             `json:"account,omitempty"`
		From      ledger.BusinessDay `json:"from"`
		To        ledger.BusinessDay `json:"to"`
		Version   int                `json:"version"`
		Replaces  string             `json:"replaces,omitempty"`
		Totals    []Total            `json:"totals,omitempty"` // of the lines of this day
		Sums      []KindTotal        `json:"sums,omitempty"`   // of a provider's account or a summary: what it says of this day
		Includes  []StatementKind    `json:"includes,omitempty"`

		Quarantined int `json:"quarantined,omitempty"` // rows of the statement that could not be read
	}

	// Total sums lines of one currency, in minor units.
	Total struct {
		Currency ledger.Currency `json:"currency"`
		Lines    int             `json:"lines"`
		Gross    int64           `json:"gross"`
		Discount int64           `json:"discount"`
		Fee      int64           `json:"fee"`
		Net      int64           `json:"net"`
	}

	// MatchesMade is a page of matches.
	MatchesMade struct {
		Day     ledger.BusinessDay `json:"day"`
		Matches []Match            `json:"matches"`
	}

	// MatchesUndone takes matches back, because what they stood on has changed.
	MatchesUndone struct {
		Day     ledger.BusinessDay `json:"day"`
		Matches []Match            `json:"matches"`
	}

	// MatchesSuggested is a page of what rules in suggest mode found.
	MatchesSuggested struct {
		Day     ledger.BusinessDay `json:"day"`
		Matches []Match            `json:"matches"`
	}

	// SuggestionsWithdrawn takes suggestions back: they were decided, or what they stood
	// on has changed.
	SuggestionsWithdrawn struct {
		Day     ledger.BusinessDay `json:"day"`
		Matches []Match            `json:"matches"`
	}

	// PairingDecided: a person decided that payments and lines belong together, or do not.
	PairingDecided struct {
		Day ledger.BusinessDay `json:"day"` // settlement day of the first of its payments
		Decision
	}

	// BreakOpened: a difference was found.
	BreakOpened struct {
		Break Break `json:"break"`
	}

	// BreakClosed: the difference is gone; what came in later explains it.
	BreakClosed struct {
		Break Break `json:"break"`
	}

	// LeftOpen is a page of what Pair could not place.
	LeftOpen struct {
		Page  int     `json:"page"` // from 0
		Items []Item  `json:"items,omitempty"`
		Lines []Entry `json:"lines,omitempty"`
	}

	// DayJoined closes a run of Pair and says what it stood on and what it came to. The
	// last so many left-open pages before it belong to it.
	DayJoined struct {
		Day        ledger.BusinessDay `json:"day"`
		Terms      string             `json:"terms"`      // digest of the configuration
		Statements []string           `json:"statements"` // bills used
		LeftOpen   int                `json:"left_open"`  // pages
		Sheets     []Sheet            `json:"sheets"`
	}

	// Sheet is one provider's line on the control sheet of a day, in one currency.
	// Amounts are minor units. Its equations:
	//
	//	Ledger = Matched + Differing.Expected + Absent + Waiting + Open    (expected money)
	//	Bill   = MatchedLines + Differing.Actual + Cancelled + OpenLines   (gross)
	Sheet struct {
		Provider     ledger.ProviderID `json:"provider"`
		Channel      string            `json:"channel"`
		Currency     ledger.Currency   `json:"currency"`
		Reported     bool              `json:"reported"` // the bill is here
		Ledger       Sum               `json:"ledger"`
		Matched      Sum               `json:"matched"`  // ledger items
		Expected     Sum               `json:"expected"` // ledger items inside breaks
		Absent       Sum               `json:"absent"`   // voided in pairs: adds up to nothing
		Waiting      Sum               `json:"waiting"`  // for the bill
		Open         Sum               `json:"open"`     // see the day's conclusion
		Bill         Total             `json:"bill"`
		MatchedLines Sum               `json:"matched_lines"` // gross
		Actual       Sum               `json:"actual"`        // lines inside breaks, gross
		Cancelled    Sum               `json:"cancelled"`     // paid and revoked in the same bill
		OpenLines    Sum               `json:"open_lines"`
		ContractFee  int64             `json:"contract_fee"` // what the contract gives for the bill's lines
	}

	// Sum is a count and an amount in minor units.
	Sum struct {
		Count  int   `json:"count"`
		Amount int64 `json:"amount"`
	}

	// DayConcluded closes a run of Conclude.
	DayConcluded struct {
		Day  ledger.BusinessDay `json:"day"`
		Late []LateSum          `json:"late,omitempty"` // open items and lines that M8 placed
	}

	// LateSum sums one provider's own items and lines that found their partner on
	// another day.
	LateSum struct {
		Provider ledger.ProviderID `json:"provider"`
		Currency ledger.Currency   `json:"currency"`
		Items    Sum               `json:"items"`
		Lines    Sum               `json:"lines"`
	}

	// PayoutReckoned says what should have arrived on a due day, and what did.
	PayoutReckoned struct {
		Provider ledger.ProviderID    `json:"provider"`
		Channel  string               `json:"channel"`
		Currency ledger.Currency      `json:"currency"`
		Due      ledger.BusinessDay   `json:"due"`
		Days     []ledger.BusinessDay `json:"days"`
		Expected int64                `json:"expected"`
		Received int64                `json:"received"`
		Credits  []string             `json:"credits,omitempty"` // bank lines, statement:row
		State    PayoutState          `json:"state"`
	}
)

// DepositReckoned says what a store should have brought to the bank by a due day, and what
// arrived.
type DepositReckoned struct {
	Store    ledger.StoreID       `json:"store"`
	Currency ledger.Currency      `json:"currency"`
	Due      ledger.BusinessDay   `json:"due"`
	Days     []ledger.BusinessDay `json:"days"`
	Takings
	Received int64       `json:"received"`
	Credits  []string    `json:"credits,omitempty"` // bank lines, statement:row
	State    PayoutState `json:"state"`
}

// PayoutState is where a payout or deposit stands.
type PayoutState string

const (
	PayoutPending  PayoutState = "pending"  // no bank statement covers the due day yet
	PayoutReceived PayoutState = "received" // to the minor unit
	PayoutDiffers  PayoutState = "differs"
	PayoutAbsent   PayoutState = "absent"
	PayoutUnbilled PayoutState = "unbilled" // it came, and payments wait for a bill that is missing: nobody can say yet whether it is right
	PayoutNone     PayoutState = "none"     // there was one, until its bills were corrected or fell due elsewhere
)

// Kinds are the kinds of event this room writes.
func Kinds() []ledger.Kind {
	return []ledger.Kind{
		ledger.KindOf[LinesRecorded]("lines-recorded"),
		ledger.KindOf[StatementImported]("statement-imported", asItIs), // v2 has what is read again
		ledger.KindOf[StatementListed]("statement-listed"),
		ledger.KindOf[MatchesMade]("matches-made"),
		ledger.KindOf[MatchesUndone]("matches-undone"),
		ledger.KindOf[MatchesSuggested]("matches-suggested"),
		ledger.KindOf[SuggestionsWithdrawn]("suggestions-withdrawn"),
		ledger.KindOf[PairingDecided]("pairing-decided"),
		ledger.KindOf[BreakOpened]("break-opened", asItIs), // v2 has who settled it
		ledger.KindOf[BreakClosed]("break-closed", asItIs), // v2 has who settled it
		ledger.KindOf[LeftOpen]("left-open"),
		ledger.KindOf[DayJoined]("day-joined"),
		ledger.KindOf[DayConcluded]("day-concluded"),
		ledger.KindOf[PayoutReckoned]("payout-reckoned"),
		ledger.KindOf[DepositReckoned]("deposit-reckoned"),
		ledger.KindOf[BreakAssigned]("break-assigned"),
		ledger.KindOf[BreakCommented]("break-commented"),
		ledger.KindOf[BreakExplained]("break-explained"),
		ledger.KindOf[AdjustmentProposed]("adjustment-proposed", asItIs), // v2 has who settled it
		ledger.KindOf[AdjustmentApproved]("adjustment-approved"),
		ledger.KindOf[AdjustmentRejected]("adjustment-rejected"),
		ledger.KindOf[AdjustmentReversed]("adjustment-reversed"),
		ledger.KindOf[DaySigned]("day-signed", asItIs, asItIs), // v2 has the movements, v3 what is unclosed
		ledger.KindOf[DayLocked]("day-locked", asItIs),         // v2 has what is locked
		ledger.KindOf[DayReopened]("day-reopened"),
		ledger.KindOf[PeriodSigned]("period-signed"),
		ledger.KindOf[PeriodLocked]("period-locked"),
		ledger.KindOf[PeriodReopened]("period-reopened"),
		ledger.KindOf[ActAdmitted]("act-admitted"),
	}
}

// asItIs leads to a version that has more fields, none of which the earlier one knew of.
func asItIs(data []byte) ([]byte, error) { return data, nil }
