package reconcile_test

import (
	"flag"
	"testing"
	"time"
	_ "time/tzdata"

	"daybook/ledger"
	"daybook/ledger/ledgertest"
	"daybook/reconcile"
)

var codec = ledger.NewCodec(ledger.ActionKinds(), ledger.IntakeKinds(), reconcile.Kinds())

func TestEncodings(t *testing.T) {
	ledgertest.TestEncodings(t, ledger.NewCodec(reconcile.Kinds()), "testdata/golden",
		reconcile.LinesRecorded{}, reconcile.StatementImported{}, reconcile.StatementListed{}, reconcile.MatchesMade{}, reconcile.MatchesUndone{},
		reconcile.MatchesSuggested{}, reconcile.SuggestionsWithdrawn{}, reconcile.PairingDecided{},
		reconcile.BreakOpened{}, reconcile.BreakClosed{}, reconcile.LeftOpen{}, reconcile.DayJoined{}, reconcile.DayConcluded{}, reconcile.PayoutReckoned{}, reconcile.DepositReckoned{},
		reconcile.BreakAssigned{}, reconcile.BreakCommented{}, reconcile.BreakExplained{},
		reconcile.AdjustmentProposed{}, reconcile.AdjustmentApproved{}, reconcile.AdjustmentRejected{}, reconcile.AdjustmentReversed{},
		reconcile.DaySigned{}, reconcile.DayLocked{}, reconcile.DayReopened{},
		reconcile.PeriodSigned{}, reconcile.PeriodLocked{}, reconcile.PeriodReopened{}, reconcile.ActAdmitted{})
}

// TestMain draws more than rapid's hundred, unless told otherwise.
func TestMain(m *testing.M) {
	if err := flag.Set("rapid.checks", "1000"); err != nil {
		panic(err)
	}
	m.Run()
}

var (
	shanghai = time.FixedZone("Asia/Shanghai", 8*3600)
	monday   = ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}
	midnight = ledger.Clock{Zone: shanghai}
)

// ourTerms are those of a retailer with one acquirer, one wallet and one bank. Everything
// is settled day by day at midnight and paid on the next.
func ourTerms() *reconcile.Terms {
	return &reconcile.Terms{
		Currency: "CNY",
		Home:     midnight,
		Providers: []reconcile.Provider{{
			ID: "acquirer", Channel: "card", Formats: []string{"acquirer-bill"}, Accounts: []string{"M1"}, Currency: "CNY",
			Clock: midnight, CutMargin: 5 * time.Minute,
			Bills:  reconcile.BillTerms{Days: 1},
			Payout: reconcile.PayoutTerms{Days: 1, Payers: []string{"Acquirer"}},
			Fees: []reconcile.FeeRule{
				{CardKind: "debit", Rate: 5_000, Cap: 2_000},
				{CardKind: "credit", Rate: 6_000},
			},
		}, {
			ID: "wallet", Channel: "alipay", Formats: []string{"wallet-bill"}, Accounts: []string{"W1"}, Currency: "CNY",
			Clock: midnight, CutMargin: 5 * time.Minute,
			Bills:  reconcile.BillTerms{Days: 1},
			Payout: reconcile.PayoutTerms{Days: 1, Payers: []string{"Wallet"}},
			Fees:   []reconcile.FeeRule{{Rate: 6_000}},
		}},
		Banks: []reconcile.Bank{{ID: "bank", Formats: []string{"bank-csv"}, Currency: "CNY"}},
	}
}

// at is a time on a day in Shanghai.
func at(day ledger.BusinessDay, hour, minute int) time.Time {
	return time.Date(day.Year, day.Month, day.Day, hour, minute, 0, 0, shanghai)
}
