package projections

import (
	"time"

	"daybook/ledger"
	"daybook/reconcile"
)

// matchRecord is one side's member of a match, as one reckoning made or undid it. A match
// across days (M8) is made by the reckonings of both; it holds while one of them says so.
type matchRecord struct {
	position     uint64
	reckoning    ledger.StreamID
	match, rule  string
	day          ledger.BusinessDay
	gross        ledger.Money
	side, member string
	place        uint16
	state        string
}

var matchesTable = table[matchRecord]{
	name:   "r_matches",
	grain:  "one row per reckoning, match, side and member: whether the reckoning made or undid it last",
	events: "matches-made, matches-undone",
	key:    "match, side, member, reckoning",
	columns: []column[matchRecord]{
		col("match", "String", "id of the match", func(r *matchRecord) string { return r.match }),
		col("side", word, "item: a payment of the ledger; line: a line of a statement", func(r *matchRecord) string { return r.side }),
		col("member", "String", "id of the payment or line", func(r *matchRecord) string { return r.member }),
		col("place", "UInt16", "place on its side, from 0", func(r *matchRecord) uint16 { return r.place }),
		col("reckoning", word, "stream of the reckoning that says so", func(r *matchRecord) string { return string(r.reckoning) }),
		col("rule", word, "M1 … M8", func(r *matchRecord) string { return r.rule }),
		col("day", "Date", "settlement day of the payment", func(r *matchRecord) time.Time { return date(r.day) }),
		minor("gross", "the whole match, the same on each of its rows", func(r *matchRecord) int64 { return r.gross.Minor }),
		col("currency", word, "ISO 4217 code of gross", func(r *matchRecord) string { return string(r.gross.Currency) }),
		col("exponent", "UInt8", "decimals of the currency's minor unit: 0, 2 or 3", func(r *matchRecord) uint8 { return uint8(r.gross.Currency.Exponent()) }),
		col("state", word, "made or undone", func(r *matchRecord) string { return r.state }),
		positionColumn(func(r *matchRecord) uint64 { return r.position }),
	},
}

var matchesView = view{
	name: "fct_matches",
	grain: "one row per match that holds, side and member. gross is that of the whole match, on each of its rows: " +
		"to add matches up, take side = 'item' and place = 0",
	key: "match, side, member",
	query: `
SELECT
    any(m.day) AS day, any(m.rule) AS rule, match, side, member, any(m.place) AS place, any(m.currency) AS currency,
    any(m.gross_minor) AS gross_minor, any(CAST(toDecimal128(m.gross_minor, 3) / intExp10(m.exponent) AS Decimal(18, 3))) AS gross,
    any(m.state) AS state, max(m.position) AS position
FROM (SELECT * FROM r_matches FINAL WHERE state = 'made') AS m
GROUP BY match, side, member`,
	from: []describer{matchesTable},
	notes: []note{
		{"state", "always made: what was undone is left out", matchesTable.events},
		{"position", latest, "matches-made"},
	},
}

func (b *block) matches(reckoning ledger.StreamID, s source, matches []reconcile.Match, state string) {
	for _, match := range matches {
		record := matchRecord{
			position: s.position, reckoning: reckoning, match: match.ID, rule: match.Rule, day: match.Day, gross: match.Gross, state: state,
		}
		for n, item := range match.Items {
			record.side, record.member, record.place = "item", item, uint16(n)
			b.matched = append(b.matched, record)
		}
		for n, line := range match.Lines {
			record.side, record.member, record.place = "line", line, uint16(n)
			b.matched = append(b.matched, record)
		}
	}
}
