package projections

import (
	"context"
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

// badRowRecord is a row of a file that could not be read.
type badRowRecord struct {
	position uint64
	file     string
	sha256   string
	ledger.RowQuarantined
}

// faults makes a column of one part of what is wrong with a row.
func faults(name, comment string, of func(f ledger.Fault) string) column[badRowRecord] {
	return col(name, "Array(String)", comment, func(r *badRowRecord) []string {
		list := make([]string, len(r.Faults))
		for n, f := range r.Faults {
			list[n] = of(f)
		}
		return list
	})
}

var badRowsTable = table[badRowRecord]{
	name:   "r_quarantined_rows",
	grain:  "one row per row of a file that could not be read",
	events: "rows-quarantined",
	key:    "statement, row",
	columns: []column[badRowRecord]{
		col("statement", "String", "SHA-256 of the file's bytes, in hex", func(r *badRowRecord) string { return r.sha256 }),
		col("file", "String", "name of the file as it was given", func(r *badRowRecord) string { return r.file }),
		col("row", "UInt32", "line in the file, from 1", func(r *badRowRecord) uint32 { return uint32(r.Row) }),
		col("raw", "String", "the row, with personal columns emptied and card numbers cut; empty when it does not fit the header, so that nobody can tell what of it is personal", func(r *badRowRecord) string { return r.Raw }),
		faults("columns", "headings of what is wrong; empty for the row as a whole", func(f ledger.Fault) string { return f.Column }),
		faults("cells", "what stands there, in the order of columns", func(f ledger.Fault) string { return f.Value }),
		faults("reasons", "what is wrong with it, in the order of columns", ledger.Fault.String),
		positionColumn(func(r *badRowRecord) uint64 { return r.position }),
	},
}

var badRowsView = view{
	name:  "fct_quarantined_rows",
	grain: "one row per row of a bill, bank statement or till file that could not be read; it counts in no total. superseded_by names the correction that took the file's place",
	key:   "statement, row",
	query: `
SELECT q.statement AS statement, q.file AS file, q.row AS row, q.columns AS columns, q.cells AS cells, q.reasons AS reasons, q.raw AS raw,
    if(ifNull(m.by, '') != '', ifNull(m.by, ''), ifNull(s.superseded_by, '')) AS superseded_by, q.position AS position
FROM (SELECT * FROM r_quarantined_rows FINAL) AS q
LEFT JOIN fct_statements AS s ON s.statement = q.statement
LEFT JOIN (SELECT sha256, by FROM r_mended FINAL) AS m ON m.sha256 = q.statement`,
	from: []describer{badRowsTable, statementsView},
}

func (b *block) quarantineRows(s source, quarantined ledger.RowsQuarantined) {
	for _, row := range quarantined.Rows {
		b.badRows = append(b.badRows, badRowRecord{s.position, s.file, quarantined.Statement, row})
	}
}

// BadRows names the files in force with rows that could not be read.
func (v *Views) BadRows(ctx context.Context) ([]BadRowsRow, error) {
	return query(ctx, v.warehouse, `
SELECT file, toInt64(count()) FROM fct_quarantined_rows WHERE superseded_by = '' GROUP BY statement, file ORDER BY file, statement`,
		func(r *BadRowsRow) []any { return []any{&r.File, &r.Rows} })
}

// BadRowsRow is a file with rows that could not be read.
type BadRowsRow struct {
	File string `json:"file"`
	Rows int    `json:"rows"`
}
