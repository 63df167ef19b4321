package projections

import (
	"strconv"
	"time"

	"daybook/reconcile"
)

// statementRecord is a statement that is whole in the journal.
type statementRecord struct {
	source
	reconcile.StatementImported
}

// totals makes a column of one figure of the totals, in order of currency.
func totals[V any](name, chType, comment string, value func(t reconcile.Total) V) column[statementRecord] {
	return col(name, chType, comment, func(r *statementRecord) []V {
		list := make([]V, len(r.Totals))
		for n, total := range r.Totals {
			list[n] = value(total)
		}
		return list
	})
}

func sum(counts map[string]int) (n uint64) {
	for _, count := range counts {
		n += uint64(count)
	}
	return n
}

var statementsTable = table[statementRecord]{
	name:   "r_statements",
	grain:  "one row per statement",
	events: "statement-imported",
	key:    "statement",
	columns: []column[statementRecord]{
		col("statement", "String", "SHA-256 of the file's bytes, in hex", func(r *statementRecord) string { return r.Statement }),
		col("file", "String", "name of the file as it was given", func(r *statementRecord) string { return r.File }),
		col("bytes", "Int64", "size of the file in bytes", func(r *statementRecord) int64 { return r.Bytes }),
		col("format", word, "name of the format", func(r *statementRecord) string { return r.Format }),
		col("kind", word, "trade: a provider's bill; disputes: its disputes in a file of their own; account: its account of the merchant; summary: totals of a bill; bank: a bank's statement", func(r *statementRecord) string { return string(r.Kind) }),
		col("sender", word, "provider or bank that sent it", func(r *statementRecord) string { return r.Sender }),
		col("account", "String", "merchant id or bank account as the file writes it", func(r *statementRecord) string { return r.Account }),
		col("from_day", "Date", "first day covered, in the sender's own day", func(r *statementRecord) time.Time { return date(r.From) }),
		col("to_day", "Date", "last day covered", func(r *statementRecord) time.Time { return date(r.To) }),
		col("lines", "UInt32", "number of lines", func(r *statementRecord) uint32 { return uint32(r.Lines) }),
		totals("currencies", "Array(String)", "currencies of the lines; the totals below are in this order", func(t reconcile.Total) string { return string(t.Currency) }),
		totals("exponents", "Array(UInt8)", "decimals of each currency", func(t reconcile.Total) uint8 { return uint8(t.Currency.Exponent()) }),
		totals("total_lines", "Array(Int64)", "lines per currency", func(t reconcile.Total) int64 { return int64(t.Lines) }),
		totals("gross_minor", "Array(Int64)", "sum of gross per currency"+inMinor+"currencies", func(t reconcile.Total) int64 { return t.Gross }),
		totals("discount_minor", "Array(Int64)", "sum of the merchant's own discounts per currency"+inMinor+"currencies", func(t reconcile.Total) int64 { return t.Discount }),
		totals("fee_minor", "Array(Int64)", "sum of fees per currency"+inMinor+"currencies", func(t reconcile.Total) int64 { return t.Fee }),
		totals("net_minor", "Array(Int64)", "sum of net per currency"+inMinor+"currencies", func(t reconcile.Total) int64 { return t.Net }),
		col("controls", "UInt32", "totals the file states about itself", func(r *statementRecord) uint32 { return uint32(r.Checked) }),
		col("controls_untied", "UInt32", "those of them that its lines do not add up to; of very many the first hundred", func(r *statementRecord) uint32 { return uint32(len(r.Untied)) }),
		col("dropped", "UInt64", "personal values removed at the door", func(r *statementRecord) uint64 { return sum(r.Dropped) }),
		col("truncated", "UInt64", "card numbers cut to six and four", func(r *statementRecord) uint64 { return sum(r.Truncated) }),
		col("quarantined", "UInt32", "rows that could not be read; they count nowhere", func(r *statementRecord) uint32 { return uint32(r.Quarantined) }),
		col("version", "UInt32", "1, or more for a correction", func(r *statementRecord) uint32 { return uint32(r.Version) }),
		col("replaces", "String", "the statement it corrects", func(r *statementRecord) string { return r.Replaces }),
		positionColumn(func(r *statementRecord) uint64 { return r.position }),
	},
}

var statementsView = view{
	name:  "fct_statements",
	grain: "one row per statement; superseded_by names the correction that took its place",
	key:   "sender, account, kind, from_day, version, statement",
	query: `
SELECT
    s.statement AS statement, s.file AS file, s.kind AS kind, s.sender AS sender, s.account AS account,
    s.from_day AS from_day, s.to_day AS to_day, s.version AS version, s.replaces AS replaces, ifNull(c.statement, '') AS superseded_by,
    s.format AS format, s.bytes AS bytes, s.lines AS lines,
    s.currencies AS currencies, s.total_lines AS total_lines,
    s.gross_minor AS gross_minor, s.discount_minor AS discount_minor, s.fee_minor AS fee_minor, s.net_minor AS net_minor,
    arrayMap((m, e) -> toDecimal128(m, 3) / intExp10(e), s.gross_minor, s.exponents) AS gross,
    arrayMap((m, e) -> toDecimal128(m, 3) / intExp10(e), s.discount_minor, s.exponents) AS discount,
    arrayMap((m, e) -> toDecimal128(m, 3) / intExp10(e), s.fee_minor, s.exponents) AS fee,
    arrayMap((m, e) -> toDecimal128(m, 3) / intExp10(e), s.net_minor, s.exponents) AS net,
    s.controls AS controls, s.controls_untied AS controls_untied, s.dropped AS dropped, s.truncated AS truncated, s.quarantined AS quarantined,
    greatest(s.position, ifNull(c.position, 0)) AS position
FROM (SELECT * FROM r_statements FINAL) AS s
LEFT JOIN
(
    SELECT r.replaces AS replaces, argMax(r.statement, r.position) AS statement, max(r.position) AS position
    FROM r_statements AS r FINAL
    WHERE r.replaces != ''
    GROUP BY r.replaces
) AS c ON c.replaces = s.statement`,
	from: []describer{statementsTable},
	notes: []note{
		{"superseded_by", "the statement that corrects this one; empty while none does", statementsTable.events},
		{"position", latest, statementsTable.events},
	},
}

// lineRecord is one row of a statement, as the file has it.
type lineRecord struct {
	position  uint64
	statement string
	reconcile.Line
}

// lineID is what matches and breaks call a line: the beginning of its statement's digest
// and its row, as reconcile.Entry.ID.
func lineID(statement string, row int) string {
	return statement[:min(12, len(statement))] + ":" + strconv.Itoa(row)
}

var linesTable = table[lineRecord]{
	name:   "r_lines",
	grain:  "one row per line of a bill or bank statement",
	events: "lines-recorded",
	key:    "statement, row",
	columns: []column[lineRecord]{
		col("statement", word, "SHA-256 of the file's bytes, in hex", func(r *lineRecord) string { return r.statement }),
		col("row", "UInt32", "line in the file, from 1", func(r *lineRecord) uint32 { return uint32(r.Row) }),
		col("id", "String", "beginning of the statement's digest, and row; what matches and breaks call the line", func(r *lineRecord) string { return lineID(r.statement, r.Row) }),
		col("kind", word, "sale, refund, void, reversal, chargeback, fee, payout, adjustment, other, info", func(r *lineRecord) string { return string(r.Kind) }),
		col("raw_kind", word, "the file's own word for it", func(r *lineRecord) string { return r.RawKind }),
		col("day", "Date", "the provider's settlement day, or the bank's value date", func(r *lineRecord) time.Time { return date(r.Day) }),
		col("at", "Nullable(DateTime64(3, 'UTC'))", "the provider's clock, as an instant", func(r *lineRecord) *time.Time {
			if r.At.IsZero() {
				return nil
			}
			at := instant(r.At)
			return &at
		}),
		col("local_time", "String", "the provider's clock as it showed, with its offset from UTC", func(r *lineRecord) string { return localTime(r.At) }),
		minor("gross", "what the payer owed: the ledger's amount", func(r *lineRecord) int64 { return r.Gross }),
		taken("discount", "the merchant's own coupons", func(r *lineRecord) int64 { return r.Discount }),
		taken("fee", "the provider's fee", func(r *lineRecord) int64 { return r.Fee }),
		minor("net", "gross less discount less fee; on a bank statement, or on an account, the movement", func(r *lineRecord) int64 { return r.Net }),
		col("currency", word, "ISO 4217 code of every amount in the row", func(r *lineRecord) string { return string(r.Currency) }),
		col("exponent", "UInt8", "decimals of the currency's minor unit: 0, 2 or 3", func(r *lineRecord) uint8 { return uint8(r.Currency.Exponent()) }),
		col("channel", word, "how it was paid: card, alipay, wechat, …", func(r *lineRecord) string { return r.Channel }),
		col("mid", word, "merchant id", func(r *lineRecord) string { return string(r.MID) }),
		col("tid", word, "the acquirer's terminal id", func(r *lineRecord) string { return string(r.TID) }),
		col("batch", word, "batch number", func(r *lineRecord) string { return string(r.Batch) }),
		col("stan", "String", "system trace audit number", func(r *lineRecord) string { return string(r.STAN) }),
		col("rrn", "String", "retrieval reference number", func(r *lineRecord) string { return string(r.RRN) }),
		col("auth_code", "String", "authorisation code", func(r *lineRecord) string { return string(r.AuthCode) }),
		col("card", "String", "first six and last four digits of the card", func(r *lineRecord) string { return r.Card.String() }),
		col("card_kind", word, "debit, credit, prepaid, foreign", func(r *lineRecord) string { return r.CardKind }),
		col("scheme", word, "card scheme, as the bill says or else the card's first digits: unionpay, visa, mastercard, …", func(r *lineRecord) string { return r.CardScheme() }),
		col("order_no", "String", "the merchant's order number; on a refund that of the refund", func(r *lineRecord) string { return r.OrderNo }),
		col("original_no", "String", "on a refund the merchant's number of the sale", func(r *lineRecord) string { return r.OriginalNo }),
		col("provider_no", "String", "the provider's own number", func(r *lineRecord) string { return r.ProviderNo }),
		col("store", word, "the store as the provider names it", func(r *lineRecord) string { return string(r.Store) }),
		col("counterparty", "String", "on a bank statement: who paid", func(r *lineRecord) string { return r.Counterparty }),
		col("memo", "String", "on a bank statement: remarks", func(r *lineRecord) string { return r.Memo }),
		col("raw", "String", "the row as it came, without personal columns, card numbers truncated", func(r *lineRecord) string { return r.Raw }),
		positionColumn(func(r *lineRecord) uint64 { return r.position }),
	},
}

// A line counts from when its statement is whole.
var linesView = view{
	name:  "v_lines",
	grain: "one row per line of a statement that is whole, corrected ones included",
	key:   "statement, row",
	query: `
SELECT
    l.id AS id, l.statement AS statement, l.row AS row, s.file AS file, s.statement_kind AS statement_kind,
    s.sender AS sender, s.account AS account, s.superseded_by AS superseded_by,
    l.day AS day, l.at AS at, l.local_time AS local_time, l.kind AS kind, l.raw_kind AS raw_kind,
    l.currency AS currency, l.gross_minor AS gross_minor, l.discount_minor AS discount_minor, l.fee_minor AS fee_minor, l.net_minor AS net_minor,
    ` + decimalsOf("l.exponent", "Decimal(18, 3)", "gross", "discount", "fee", "net") + `,
    l.channel AS channel, l.mid AS mid, l.tid AS tid, l.batch AS batch, l.stan AS stan, l.rrn AS rrn, l.auth_code AS auth_code,
    l.card AS card, l.card_kind AS card_kind, l.scheme AS scheme, l.order_no AS order_no, l.original_no AS original_no, l.provider_no AS provider_no,
    l.store AS store, l.counterparty AS counterparty, l.memo AS memo, l.raw AS raw,
    greatest(l.position, s.position) AS position
FROM (SELECT * FROM r_lines FINAL) AS l
INNER JOIN
(
    SELECT statement, file, kind AS statement_kind, sender, account, superseded_by, position
    FROM fct_statements
) AS s ON s.statement = l.statement`,
	from: []describer{linesTable, statementsView},
	notes: []note{
		{"statement_kind", "trade: a provider's bill; disputes: its disputes in a file of their own; account: its account of the merchant; summary: totals of a bill; bank: a bank's statement", statementsTable.events},
		{"position", latest, linesTable.events + ", " + statementsTable.events},
	},
}

var settlementLinesView = view{
	name:  "fct_settlement_lines",
	grain: "one row per line of a provider's bill; bills that were corrected are left out. net = gross - discount - fee",
	key:   "statement, row",
	query: `
SELECT
    day, sender AS provider, account, kind, raw_kind, channel, currency, gross_minor, discount_minor, fee_minor, net_minor,
    gross, discount, fee, net, at, local_time, mid, tid, batch, stan, rrn, auth_code, card, card_kind, scheme,
    order_no, original_no, provider_no, store, raw, id, statement, file, row, position
FROM v_lines
WHERE statement_kind IN ('trade', 'disputes') AND superseded_by = ''`,
	from: []describer{linesView},
	notes: []note{
		{"provider", "provider that sent the bill", statementsTable.events},
	},
}

var accountLinesView = view{
	name: "fct_account_lines",
	grain: "one row per movement on the account that a provider keeps for the merchant: the payments of the bill once more, their fees, and what was " +
		"withdrawn (payout). Statements that were corrected are left out",
	key: "statement, row",
	query: `
SELECT
    day, sender AS provider, account, kind, raw_kind, currency, gross_minor, fee_minor, net_minor AS amount_minor,
    gross, fee, net AS amount, at, local_time, order_no, provider_no, counterparty, memo, raw, id, statement, file, row, position
FROM v_lines
WHERE statement_kind = 'account' AND superseded_by = ''`,
	from: []describer{linesView},
	notes: []note{
		{"provider", "provider that keeps the account", statementsTable.events},
		{"amount_minor", "what came into the account, or, negative, went out of it" + inMinor + "currency", linesTable.events},
	},
}

var bankLinesView = view{
	name:  "fct_bank_lines",
	grain: "one row per line of a bank statement; statements that were corrected are left out",
	key:   "statement, row",
	query: `
SELECT
    day, sender AS bank, account, kind, raw_kind, currency, net_minor AS amount_minor, net AS amount,
    at, local_time, counterparty, memo, raw, id, statement, file, row, position
FROM v_lines
WHERE statement_kind = 'bank' AND superseded_by = ''`,
	from: []describer{linesView},
	notes: []note{
		{"bank", "bank that sent the statement", statementsTable.events},
		{"amount_minor", "what came into the account, or, negative, went out of it" + inMinor + "currency", linesTable.events},
		{"day", "value date", linesTable.events},
		{"at", "the bank's clock, as an instant; NULL when the statement has none", linesTable.events},
		{"local_time", "the bank's clock as it showed, with its offset from UTC", linesTable.events},
	},
}

func (b *block) recorded(s source, page reconcile.LinesRecorded) {
	for _, line := range page.Lines {
		b.lines = append(b.lines, lineRecord{s.position, page.Statement, line})
	}
}

func (b *block) imported(s source, statement reconcile.StatementImported) {
	b.statements = append(b.statements, statementRecord{s, statement})
}
