package projections

import (
	"context"
	"slices"
	"strconv"

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
	events: "import-begun, till-file-imported, statement-imported, stock-file-imported",
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

// FileRow is a file the journal knows. Days are empty while it is only begun; those of a
// till file are the days of the sales and payments that came from it first.
type FileRow struct {
	SHA256       string             `json:"sha256"`
	File         string             `json:"file"`
	Format       string             `json:"format"`
	Sender       string             `json:"sender"`
	From         ledger.BusinessDay `json:"from_day"`
	To           ledger.BusinessDay `json:"to_day"`
	Rows         int                `json:"rows"`
	Quarantined  int                `json:"quarantined"` // rows that could not be read
	Version      int                `json:"version"`     // 0 of a till file
	SupersededBy string             `json:"superseded_by"`
	State        string             `json:"state"` // begun or whole
	Position     ledger.Position    `json:"position"`
}

// Files are the files the journal knows, newest last; of a zero day and an empty format
// all of them. Rows of till files are not in the tables: they are 0.
func (v *Views) Files(ctx context.Context, day ledger.BusinessDay, format string) ([]FileRow, error) {
	return query(ctx, v.warehouse, `
SELECT f.sha256, f.file, f.format, ifNull(s.sender, ''),
    if(ifNull(s.statement, '') != '', ifNull(s.from_text, ''), ifNull(t.from_text, '')) AS first_day,
    if(ifNull(s.statement, '') != '', ifNull(s.to_text, ''), ifNull(t.to_text, '')) AS last_day,
    toInt64(ifNull(s.lines, 0)), toInt64(ifNull(s.quarantined, 0)), toInt64(ifNull(s.version, 0)), ifNull(s.superseded_by, ''), f.state, toUInt64(f.position)
FROM fct_files AS f
LEFT JOIN (SELECT *, `+dayText("from_day")+` AS from_text, `+dayText("to_day")+` AS to_text FROM fct_statements) AS s ON s.statement = f.sha256
LEFT JOIN
(
    SELECT file_sha256, toString(min(business_date)) AS from_text, toString(max(business_date)) AS to_text
    FROM (SELECT file_sha256, business_date FROM fct_sales UNION ALL SELECT file_sha256, business_date FROM fct_payments)
    GROUP BY file_sha256
) AS t ON t.file_sha256 = f.sha256
WHERE ({day:String} = '' OR (first_day != '' AND first_day <= {day:String} AND {day:String} <= last_day)) AND `+wanted("f.format", "format")+`
ORDER BY f.position, f.sha256`,
		func(r *FileRow) []any {
			return []any{&r.SHA256, &r.File, &r.Format, &r.Sender, text{&r.From}, text{&r.To}, &r.Rows, &r.Quarantined, &r.Version, &r.SupersededBy, &r.State, &r.Position}
		}, Arg{"day", day.String()}, Arg{"format", format})
}

// RowPlace is where the journal keeps a row of a file, and the row itself when it is one of
// a statement.
type RowPlace struct {
	Position ledger.Position
	Raw      string
	Bad      bool // it could not be read
}

// RowPlaces finds a row of a file: a line of a statement, or sales, payments and set-aside
// actions of a till.
func (v *Views) RowPlaces(ctx context.Context, sha256 string, row int) ([]RowPlace, error) {
	return query(ctx, v.warehouse, `
SELECT position, any(raw), max(bad) FROM
(
    SELECT position, raw, true AS bad FROM fct_quarantined_rows WHERE statement = {sha:String} AND row = toUInt32({row:String})
    UNION ALL
    SELECT position, raw, false AS bad FROM v_lines WHERE statement = {sha:String} AND row = toUInt32({row:String})
    UNION ALL
    SELECT position, '' AS raw, false AS bad FROM fct_sales WHERE file_sha256 = {sha:String} AND file_row = toUInt32({row:String})
    UNION ALL
    SELECT position, '' AS raw, false AS bad FROM fct_payments WHERE file_sha256 = {sha:String} AND file_row = toUInt32({row:String})
    UNION ALL
    SELECT position, '' AS raw, false AS bad FROM fct_quarantined WHERE file_sha256 = {sha:String} AND file_row = toUInt32({row:String})
)
GROUP BY position
ORDER BY position`, func(r *RowPlace) []any { return []any{&r.Position, &r.Raw, &r.Bad} }, Arg{"sha", sha256}, Arg{"row", strconv.Itoa(row)})
}
