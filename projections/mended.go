package projections

import "daybook/ledger"

// mendedRecord says which file took the place of a till's file with rows that could not be
// read.
type mendedRecord struct {
	position uint64
	ledger.UnreadMended
}

var mendedTable = table[mendedRecord]{
	name:   "r_mended",
	grain:  "one row per till file with rows that could not be read, once its mended file is here",
	events: "unread-mended",
	key:    "sha256",
	columns: []column[mendedRecord]{
		col("sha256", "String", "SHA-256 of the file with bad rows", func(r *mendedRecord) string { return r.File }),
		col("by", "String", "SHA-256 of the mended file", func(r *mendedRecord) string { return r.By }),
		positionColumn(func(r *mendedRecord) uint64 { return r.position }),
	},
}

func (b *block) mend(s source, mended ledger.UnreadMended) {
	b.mended = append(b.mended, mendedRecord{s.position, mended})
}
