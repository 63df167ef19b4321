package projections

import (
	"slices"

	"daybook/ledger"
)

// quarantinedRecord is an action whose number already stood for another content.
type quarantinedRecord struct {
	source
	ledger.ActionQuarantined
}

var quarantinedTable = table[quarantinedRecord]{
	name:   "r_quarantined",
	grain:  "one row per action kept apart, because its number stood for another content already",
	events: "action-quarantined",
	key:    "terminal, series, seq, doc, digest",
	columns: slices.Concat(
		tillColumns(func(r *quarantinedRecord) *ledger.Till { return &r.Till }),
		[]column[quarantinedRecord]{
			col("type", word, "type of the action's event", func(r *quarantinedRecord) string { return r.Type }),
			col("action", "String", "the action, as JSON", func(r *quarantinedRecord) string { return string(r.Action) }),
			col("digest", "String", "digest of the action", func(r *quarantinedRecord) string { return r.Digest }),
			col("kept", "String", "digest of the content the number stands for", func(r *quarantinedRecord) string { return r.Kept }),
		},
		sourceColumns(func(r *quarantinedRecord) *source { return &r.source }),
	),
}

var quarantinedView = view{
	name:  "fct_quarantined",
	grain: "one row per action kept apart; it counts in no total",
	key:   "terminal, series, seq, doc, digest",
	query: `
SELECT ` + tillView + `, mode, series, seq, doc, type, action, digest, kept, file, file_sha256, file_row, position
FROM r_quarantined FINAL`,
	from: []describer{quarantinedTable},
	notes: []note{
		{"mode", "live, training or test", quarantinedTable.events},
	},
}

func (b *block) quarantine(s source, action ledger.ActionQuarantined) {
	b.quarantined = append(b.quarantined, quarantinedRecord{s, action})
}
