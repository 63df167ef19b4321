package projections

import (
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// caseRecord is one thing that a person did about a break.
type caseRecord struct {
	position          uint64
	breakID, what, by string
	assignee          string
	due               ledger.BusinessDay
	cause, text       string
	handling          reconcile.Handling // that it leads to, of an approval
}

var casesTable = table[caseRecord]{
	name:   "r_case_events",
	grain:  "one row per thing a person did about a break",
	events: "break-assigned, break-commented, break-explained, adjustment-proposed, adjustment-approved, adjustment-rejected, adjustment-reversed",
	key:    "break, position",
	columns: []column[caseRecord]{
		col("break", "String", "id of the break", func(r *caseRecord) string { return r.breakID }),
		col("what", word, "assigned, commented, explained, proposed, approved, rejected or reversed", func(r *caseRecord) string { return r.what }),
		col("by", word, "who did it", func(r *caseRecord) string { return r.by }),
		col("assignee", word, "of an assignment, who is to see to it", func(r *caseRecord) string { return r.assignee }),
		col("due", "Date", "of an assignment, until when; 1970-01-01 when no day was set", func(r *caseRecord) time.Time { return date(r.due) }),
		col("cause", word, "of an explanation, what lies behind the break; of a proposal and what follows, the kind of adjustment", func(r *caseRecord) string { return r.cause }),
		col("text", "String", "what the person wrote", func(r *caseRecord) string { return r.text }),
		col("handling", word, "of an approval, what the break is from then on: accepted, corrected, written_off or claimed", func(r *caseRecord) string { return string(r.handling) }),
		positionColumn(func(r *caseRecord) uint64 { return r.position }),
	},
}

var caseEventsView = view{
	name:  "fct_case_events",
	grain: "one row per thing a person did about a break, in the order of position",
	key:   "break, position",
	query: `
SELECT break, what, by, assignee, due, cause, text, handling, position
FROM r_case_events FINAL`,
	from: []describer{casesTable},
}

// casesView is where people are with each break that somebody touched. It is asked within
// fct_breaks only, and is no view of its own.
var casesView = view{
	name:  "v_cases",
	grain: "one row per break that a person touched",
	key:   "break",
	query: `
SELECT
    break,
    argMaxIf(assignee, position, what = 'assigned') AS assignee,
    argMaxIf(due, position, what = 'assigned') AS due,
    argMaxIf(cause, position, what = 'explained') AS cause,
    multiIf(
        argMaxIf(what, position, what IN ('proposed', 'approved', 'rejected', 'reversed')) = 'approved', argMaxIf(handling, position, what = 'approved'),
        argMaxIf(what, position, what IN ('proposed', 'approved', 'rejected', 'reversed')) = 'proposed', 'proposed',
        countIf(what = 'explained') > 0, 'explained',
        countIf(what = 'assigned') > 0, 'assigned',
        '') AS handling
FROM r_case_events FINAL
GROUP BY break`,
	notes: []note{
		{"assignee", "who is to see to it; empty when nobody was named", "break-assigned"},
		{"due", "until when; 1970-01-01 when no day was set", "break-assigned"},
		{"cause", "what lies behind it, as a person said last", "break-explained"},
		{"handling", "how far people are: assigned, explained, proposed, accepted, corrected, written_off, claimed; empty when nobody touched it", casesTable.events},
	},
}

// postingRecord is one line of an entry of the book of adjustments.
type postingRecord struct {
	position    uint64
	place       uint16
	breakID, by string
	kind        string
	reversal    bool
	day         ledger.BusinessDay
	account     reconcile.Account
	amount      ledger.Money
}

var postingsTable = table[postingRecord]{
	name:   "r_postings",
	grain:  "one row per line of an entry of the book of adjustments",
	events: "adjustment-approved, adjustment-reversed",
	key:    "position, place",
	columns: []column[postingRecord]{
		col("break", "String", "id of the break that it settles", func(r *postingRecord) string { return r.breakID }),
		col("place", "UInt16", "place in its entry, from 0", func(r *postingRecord) uint16 { return r.place }),
		col("kind", word, "correction, write_off or claim; accept when another provider owes it than the till says, or it was settled in another currency", func(r *postingRecord) string { return r.kind }),
		col("reversal", "Bool", "whether it takes an earlier entry back", func(r *postingRecord) bool { return r.reversal }),
		col("day", "Date", "posting date", func(r *postingRecord) time.Time { return date(r.day) }),
		col("account", word, "sales, fees, bank, suspense, over_short, write_off, exchange; receivable:PROVIDER, claims:PROVIDER", func(r *postingRecord) string { return string(r.account) }),
		col("amount_minor", "Int64", "a debit is positive, a credit negative"+inMinor+"currency", func(r *postingRecord) int64 { return r.amount.Minor }),
		col("currency", word, "ISO 4217 code of amount", func(r *postingRecord) string { return string(r.amount.Currency) }),
		col("exponent", "UInt8", "decimals of currency", func(r *postingRecord) uint8 { return uint8(r.amount.Currency.Exponent()) }),
		col("by", word, "who approved or reversed it", func(r *postingRecord) string { return r.by }),
		positionColumn(func(r *postingRecord) uint64 { return r.position }),
	},
}

var postingsView = view{
	name:  "fct_postings",
	grain: "one row per line of an entry; the lines of an entry (position) add up to nothing in each currency",
	key:   "position, place",
	query: `
SELECT position, place, break, kind, reversal, day, account, currency, amount_minor, ` + decimals("amount") + `, by
FROM r_postings FINAL`,
	from: []describer{postingsTable},
}

var trialBalanceView = view{
	name:  "agg_trial_balance",
	grain: "one row per account and currency of the book of adjustments; a currency's balances add up to nothing",
	key:   "account, currency",
	query: `
SELECT account, currency, sumIf(amount_minor, amount_minor > 0) AS debit_minor, -sumIf(amount_minor, amount_minor < 0) AS credit_minor,
    sum(amount_minor) AS balance_minor, sum(amount) AS balance, count() AS postings, max(position) AS position
FROM fct_postings
GROUP BY account, currency`,
	from: []describer{postingsTable},
	notes: []note{
		{"debit_minor", "sum of the debits" + inMinor + "currency", postingsTable.events},
		{"credit_minor", "sum of the credits, unsigned" + inMinor + "currency", postingsTable.events},
		{"balance_minor", "debits less credits" + inMinor + "currency", postingsTable.events},
		{"postings", "how many lines of entries", postingsTable.events},
		{"position", latest, postingsTable.events},
	},
}

// handled puts what a person did about a break into the block.
func (b *block) handled(s source, payload any) {
	r := caseRecord{position: s.position}
	switch p := payload.(type) {
	case reconcile.BreakAssigned:
		r.breakID, r.what, r.by, r.assignee, r.due = p.Break, "assigned", p.By, p.To, p.Due
	case reconcile.BreakCommented:
		r.breakID, r.what, r.by, r.text = p.Break, "commented", p.By, p.Text
	case reconcile.BreakExplained:
		r.breakID, r.what, r.by, r.cause, r.text = p.Break, "explained", p.By, string(p.Cause), p.Text
	case reconcile.AdjustmentProposed:
		r.breakID, r.what, r.by, r.cause, r.text = p.Break.ID, "proposed", p.By, string(p.Kind), p.Reason
	case reconcile.AdjustmentApproved:
		r.breakID, r.what, r.by, r.cause, r.text, r.handling = p.Break, "approved", p.By, string(p.Kind), p.Reason, reconcile.HandlingOf(p.Kind)
		b.posted(s, postingRecord{breakID: p.Break, by: p.By, kind: string(p.Kind), day: p.Day}, p.Postings)
	case reconcile.AdjustmentRejected:
		r.breakID, r.what, r.by, r.text = p.Break, "rejected", p.By, p.Reason
	case reconcile.AdjustmentReversed:
		r.breakID, r.what, r.by, r.cause, r.text = p.Break, "reversed", p.By, string(p.Kind), p.Reason
		b.posted(s, postingRecord{breakID: p.Break, by: p.By, kind: string(p.Kind), day: p.Day, reversal: true}, p.Postings)
	}
	b.cases = append(b.cases, r)
}

func (b *block) posted(s source, record postingRecord, postings []reconcile.Posting) {
	record.position = s.position
	for n, p := range postings {
		record.place, record.account, record.amount = uint16(n), p.Account, p.Amount
		b.postings = append(b.postings, record)
	}
}
