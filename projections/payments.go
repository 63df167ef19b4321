package projections

import (
	"slices"
	"strconv"

	"daybook/ledger"
)

// paymentRecord is one attempt to pay, to pay back or to void, as the till reported it.
type paymentRecord struct {
	source
	ledger.Till
	ledger.Tender
	id, kind, sale, original string
	tender                   uint32
	amount                   int64 // signed
}

var paymentsTable = table[paymentRecord]{
	name:   "r_payments",
	grain:  "one row per tender, as it was reported, in any mode",
	events: "sale-recorded, refund-recorded, payment-voided",
	key:    "business_date, store, id",
	columns: slices.Concat(
		tillColumns(func(r *paymentRecord) *ledger.Till { return &r.Till }),
		[]column[paymentRecord]{
			col("id", "String", "terminal/series/number/tender; what matches and breaks call the payment", func(r *paymentRecord) string { return r.id }),
			col("tender", "UInt32", "place among the tenders of its action, from 0", func(r *paymentRecord) uint32 { return r.tender }),
			col("kind", word, "sale, refund or void", func(r *paymentRecord) string { return r.kind }),
			col("sale", "String", "receipt number; of a refund its document number", func(r *paymentRecord) string { return r.sale }),
			col("reference", "String", "the payment's own reference", func(r *paymentRecord) string { return r.Payment }),
			col("original", "String", "of a refund or void: the payment or sale it refers to", func(r *paymentRecord) string { return r.original }),
			col("channel", word, "through whom the money comes: cash, card, alipay, wechat, …", func(r *paymentRecord) string { return r.Channel }),
			col("entry", word, "how the card or code was read: swipe, chip, contactless, manual, qr_merchant, qr_customer", func(r *paymentRecord) string { return string(r.Entry) }),
			col("verification", word, "how the payer proved to be the payer: pin, fingerprint, signature, none", func(r *paymentRecord) string { return string(r.Verification) }),
			col("reported", word, "outcome the till reported at first: approved, declined, unknown, reversed", func(r *paymentRecord) string { return string(r.Outcome) }),
			minor("amount", "amount of the attempt, whatever its outcome; negative on refunds and voids", func(r *paymentRecord) int64 { return r.amount }),
			col("mid", word, "merchant id", func(r *paymentRecord) string { return string(r.MID) }),
			col("tid", word, "the acquirer's terminal id", func(r *paymentRecord) string { return string(r.TID) }),
			col("batch", word, "batch number", func(r *paymentRecord) string { return string(r.Batch) }),
			col("stan", "String", "system trace audit number", func(r *paymentRecord) string { return string(r.STAN) }),
			col("rrn", "String", "retrieval reference number", func(r *paymentRecord) string { return string(r.RRN) }),
			col("auth_code", "String", "authorisation code", func(r *paymentRecord) string { return string(r.AuthCode) }),
			col("card", "String", "first six and last four digits of the card", func(r *paymentRecord) string { return r.Card.String() }),
			col("card_kind", word, "debit, credit, prepaid, foreign", func(r *paymentRecord) string { return r.CardKind }),
			col("order_no", "String", "order number we told the provider", func(r *paymentRecord) string { return r.OrderNo }),
			col("provider_no", "String", "number the provider told us", func(r *paymentRecord) string { return r.ProviderNo }),
			col("response", word, "response code of the host or wallet", func(r *paymentRecord) string { return r.Response }),
		},
		currencyColumns(func(r *paymentRecord) ledger.Currency { return r.Amount.Currency }),
		sourceColumns(func(r *paymentRecord) *source { return &r.source }),
	),
}

// answerRecord is what was learned later about a payment's outcome.
type answerRecord struct {
	source
	ledger.Till
	id, original, outcome, cause string
}

var answersTable = table[answerRecord]{
	name:   "r_payment_answers",
	grain:  "one row per answer or reversal, in any mode",
	events: "payment-answered, payment-reversed",
	key:    "business_date, store, id",
	columns: slices.Concat(
		tillColumns(func(r *answerRecord) *ledger.Till { return &r.Till }),
		[]column[answerRecord]{
			col("id", "String", "terminal/series/number of the action", func(r *answerRecord) string { return r.id }),
			col("original", "String", "reference of the payment", func(r *answerRecord) string { return r.original }),
			col("outcome", word, "approved, declined or reversed", func(r *answerRecord) string { return r.outcome }),
			col("cause", word, "of a reversal: timeout, mac, printer, customer", func(r *answerRecord) string { return r.cause }),
		},
		sourceColumns(func(r *answerRecord) *source { return &r.source }),
	),
}

// The last answer counts. When two payments have one reference, it speaks of the first,
// as in reconcile.Book.
var answersView = view{
	name:  "v_payment_answers",
	grain: "one row per payment whose outcome was learned later",
	key:   "payment",
	query: `
SELECT p.id AS payment, a.outcome AS outcome, a.position AS position
FROM
(
    SELECT f.reference AS reference, argMin(f.id, (f.position, f.tender)) AS id
    FROM r_payments AS f FINAL
    WHERE f.mode = 'live' AND f.reference != '' AND f.reference IN (SELECT original FROM r_payment_answers WHERE mode = 'live')
    GROUP BY f.reference
) AS p
INNER JOIN
(
    SELECT l.original AS original, argMax(l.outcome, l.position) AS outcome, max(l.position) AS position
    FROM r_payment_answers AS l FINAL
    WHERE l.mode = 'live'
    GROUP BY l.original
) AS a ON a.original = p.reference`,
}

// A void counts when it was itself approved.
var voidsView = view{
	name:  "v_payment_voids",
	grain: "one row per payment that was voided",
	key:   "payment",
	query: `
SELECT p.id AS payment, v.position AS position
FROM
(
    SELECT f.reference AS reference, argMin(f.id, (f.position, f.tender)) AS id
    FROM r_payments AS f FINAL
    WHERE f.mode = 'live' AND f.kind != 'void' AND f.reference != ''
        AND f.reference IN (SELECT original FROM r_payments WHERE mode = 'live' AND kind = 'void')
    GROUP BY f.reference
) AS p
INNER JOIN
(
    SELECT t.original AS original, max(greatest(t.position, ifNull(a.position, 0))) AS position
    FROM (SELECT id, original, reported, position FROM r_payments FINAL WHERE mode = 'live' AND kind = 'void') AS t
    LEFT JOIN v_payment_answers AS a ON a.payment = t.id
    WHERE ` + outcomeNow + ` = 'approved'
    GROUP BY t.original
) AS v ON v.original = p.reference`,
}

// outcomeNow is the last answer, or else what the till reported.
const outcomeNow = "if(ifNull(a.outcome, '') = '', t.reported, assumeNotNull(a.outcome))"

var paymentsView = view{
	name: "fct_payments",
	grain: "one row per attempt to pay, to pay back or to void, with its outcome as known now; training and test are left out. " +
		"expected adds up: a voided payment and its void come to nothing",
	key: "business_date, store, terminal, series, seq, id",
	query: `
SELECT
    t.business_date AS business_date, t.store AS store, t.terminal AS terminal, t.cashier AS cashier,
    t.at AS at, t.local_hour AS local_hour, t.local_time AS local_time,
    t.sale AS sale, t.kind AS kind, t.mode AS mode, t.reference AS reference, t.original AS original,
    t.channel AS channel, t.entry AS entry, t.verification AS verification,
    t.reported AS reported,
    if(ifNull(v.position, 0) > 0 AND ` + outcomeNow + ` = 'approved', 'voided', ` + outcomeNow + `) AS outcome,
    t.currency AS currency, t.amount_minor AS amount_minor,
    if(` + outcomeNow + ` = 'approved', t.amount_minor, 0) AS expected_minor,
    ` + decimalsOf("t.exponent", "Decimal(18, 3)", "amount", "expected") + `,
    t.mid AS mid, t.tid AS tid, t.batch AS batch, t.stan AS stan, t.rrn AS rrn, t.auth_code AS auth_code,
    t.card AS card, t.card_kind AS card_kind, t.order_no AS order_no, t.provider_no AS provider_no, t.response AS response,
    t.id AS id, t.series AS series, t.seq AS seq, t.doc AS doc, t.tender AS tender,
    t.file AS file, t.file_sha256 AS file_sha256, t.file_row AS file_row,
    greatest(t.position, ifNull(a.position, 0), ifNull(v.position, 0)) AS position
FROM (SELECT * FROM r_payments FINAL WHERE mode = 'live') AS t
LEFT JOIN v_payment_answers AS a ON a.payment = t.id
LEFT JOIN v_payment_voids AS v ON v.payment = t.id`,
	from: []describer{paymentsTable},
	notes: []note{
		{"mode", "always live: training and test are left out", paymentsTable.events},
		{"outcome", "as known now: approved, declined, unknown, reversed, or voided when an approved void took an approved payment back", paymentsTable.events + ", " + answersTable.events},
		{"expected_minor", "money that should come of it: the amount when it was approved, else 0; a voided payment keeps its amount and its void has the opposite" + inMinor + signed, paymentsTable.events + ", " + answersTable.events},
		{"position", latest, paymentsTable.events + ", " + answersTable.events},
	},
}

func (b *block) tenders(s source, head ledger.Till, kind, sale, original string, tenders []ledger.Tender) {
	for n, tender := range tenders {
		amount := tender.Amount.Minor
		if kind != "sale" {
			amount = -amount
		}
		b.payments = append(b.payments, paymentRecord{
			source: s, Till: head, Tender: tender, id: actionID(head) + "/" + strconv.Itoa(n), tender: uint32(n),
			kind: kind, sale: sale, original: original, amount: amount,
		})
	}
}

func (b *block) void(s source, action ledger.PaymentVoided) {
	b.tenders(s, action.Till, "void", "", action.Original, []ledger.Tender{action.Tender})
}

func (b *block) reversal(s source, action ledger.PaymentReversed) {
	b.answers = append(b.answers, answerRecord{s, action.Till, actionID(action.Till), action.Original, string(ledger.Reversed), action.Cause})
}

func (b *block) answer(s source, action ledger.PaymentAnswered) {
	b.answers = append(b.answers, answerRecord{s, action.Till, actionID(action.Till), action.Original, string(action.Outcome), ""})
}
