package projections

import "context"

// Warehouse runs SQL somewhere: a ClickHouse server or cluster, or the engine inside
// this process. All methods may be called from many goroutines.
type Warehouse interface {
	// Exec runs a statement that returns no rows. Arguments fill ClickHouse query
	// parameters written {name:Type} and are passed by name, never spliced into the text.
	Exec(ctx context.Context, sql string, args ...Arg) error
	// Insert writes one block, whole or not at all. Columns have equal length.
	Insert(ctx context.Context, table string, columns ...Column) error
	// Query runs a statement that returns rows. The caller closes them.
	Query(ctx context.Context, sql string, args ...Arg) (Rows, error)
}

// Arg is the value of a query parameter {name:Type}.
type Arg struct {
	Name  string
	Value any
}

// Column is one column of a block: a name and a typed slice, for example []int64,
// []string, []time.Time (for Date and DateTime64), []bool or []uint64.
type Column struct {
	Name   string
	Values any
}

// Rows is a result. Types are ClickHouse type names such as "Decimal(18, 3)".
type Rows interface {
	Columns() (names, types []string)
	Next() bool
	// Scan copies the current row into pointers, as database/sql does; *any takes
	// what the column holds (decimal.Decimal for Decimal, time.Time for dates).
	Scan(dest ...any) error
	Err() error
	Close() error
}

// SQLError is a statement the warehouse refused: the sender's mistake, not ours.
type SQLError struct {
	Code    int    // ClickHouse error code
	Message string // ClickHouse's own words, without a stack trace
}

func (e *SQLError) Error() string { return e.Message }
