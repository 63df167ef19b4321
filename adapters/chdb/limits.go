//go:build linux || darwin

package chdb

import (
	"cmp"
	"net/url"
	"strconv"
	"time"
)

func (l Limits) orDefault() Limits {
	return Limits{
		Time:           cmp.Or(l.Time, 30*time.Second),
		Rows:           cmp.Or(l.Rows, 5_000_000),
		ResultBytes:    cmp.Or(l.ResultBytes, 256<<20),
		Memory:         cmp.Or(l.Memory, 1<<30),
		Queries:        cmp.Or(l.Queries, 4),
		StatementBytes: cmp.Or(l.StatementBytes, 256<<10),
	}
}

// settings are those that every statement runs with. The last, readonly, makes the engine
// refuse any other.
func (l Limits) settings() url.Values {
	number := func(n int64) []string { return []string{strconv.FormatInt(n, 10)} }
	return url.Values{
		"max_execution_time":    number(max(1, int64(l.Time/time.Second))),
		"timeout_overflow_mode": {"throw"},
		"max_result_rows":       number(l.Rows),
		"max_result_bytes":      number(l.ResultBytes),
		"result_overflow_mode":  {"throw"},
		"max_memory_usage":      number(l.Memory),
		// No spilling to disk: what does not fit is refused.
		"max_bytes_before_external_group_by":       number(0),
		"max_bytes_ratio_before_external_group_by": number(0),
		"max_bytes_before_external_sort":           number(0),
		"max_bytes_ratio_before_external_sort":     number(0),
		"max_query_size":                           number(int64(l.StatementBytes) + 1<<10),
		"max_recursive_cte_evaluation_depth":       number(100),
		"allow_ddl":                                number(0),
		"readonly":                                 number(1),
	}
}

// lowered are the limits that a client may make tighter, and those of reading, of which
// there are none of ours.
var lowered = set("max_execution_time", "max_result_rows", "max_result_bytes", "max_memory_usage", "max_rows_to_read", "max_bytes_to_read")

// take takes a setting that came with a statement, or refuses it as ClickHouse does for
// readonly = 1. A limit can be lowered; a higher one, or none, leaves it as it is.
func (l Limits) take(settings url.Values, name string, values []string) error {
	value := values[0]
	switch {
	case ignored[name], name == "readonly" && (value == "1" || value == "2"):
		return nil
	case lowered[name]:
		asked, err := strconv.ParseFloat(value, 64)
		most, ours := strconv.ParseFloat(settings.Get(name), 64)
		if err != nil || asked < 0 {
			return refused(codeBadArguments, "%s: %q is not a number", name, value)
		}
		if asked >= 1 && asked < 1<<53 && (asked < most || ours != nil) {
			settings.Set(name, strconv.FormatInt(int64(asked), 10))
		}
		return nil
	case formatting[name] && len(values) == 1:
		settings.Set(name, value)
		return nil
	}
	return refused(codeReadOnly, "Cannot modify '%s' setting in readonly mode", name)
}

// cut lets a client have the beginning of a result that is longer than it asked for
// (result_overflow_mode = break), as Metabase does. Only its own limit cuts: a result that
// reaches ours is an error, not a part.
func (l Limits) cut(settings, fields url.Values) {
	if fields.Get("result_overflow_mode") == "break" && settings.Get("max_result_rows") != strconv.FormatInt(l.Rows, 10) {
		settings.Set("result_overflow_mode", "break")
		settings.Set("max_result_bytes", "0") // counted as they go out, instead
	}
}
