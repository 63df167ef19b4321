package projections

import (
	"context"
	"slices"

	"daybook/ledger"
)

// fileRecord is one of the two ends of a file's import.
type fileRecord struct {
	position uint64
	ledger.ImportBegun
	state string
}

var filesTable = table[fileRecord]{
	name:   "r_files",
	grain:  "one row per file and state: when its import began, and when it was whole",
	events: "import-begun, till-file-imported, statement-imported",
	key:    "sha256, state",
	columns: slices.Concat([]column[fileRecord]{
		col("sha256", "String", "SHA-256 of the file", func(r *fileRecord) string { return r.SHA256 }),
		col("state", word, "begun or whole", func(r *fileRecord) string { return r.state }),
		col("file", "String", "name of the file, as it was given", func(r *fileRecord) string { return r.File }),
		col("format", word, "what the file was recognised as", func(r *fileRecord) string { return r.Format }),
		col("bytes", "Int64", "size of the file in bytes", func(r *fileRecord) int64 { return r.Bytes }),
		positionColumn(func(r *fileRecord) uint64 { return r.position }),
	}),
}

var filesView = view{
	name:  "fct_files",
	grain: "one row per file; one that is only begun is half in the journal, and taking it again goes on where it stopped",
	key:   "sha256",
	query: `
SELECT sha256, file, format, bytes, state, position
FROM (SELECT * FROM r_files FINAL ORDER BY state = 'whole' DESC LIMIT 1 BY sha256)`,
	from: []describer{filesTable},
	notes: []note{
		{"state", "begun: half of the file is in the journal; whole: all of it is", filesTable.events},
	},
}

func (b *block) file(position uint64, begun ledger.ImportBegun, state string) {
	b.files = append(b.files, fileRecord{position, begun, state})
}

// Unfinished names the files whose import began and never ended.
func (v *Views) Unfinished(ctx context.Context) ([]string, error) {
	return query(ctx, v.warehouse, "SELECT file FROM fct_files WHERE state = 'begun' ORDER BY file",
		func(file *string) []any { return []any{file} })
}
