//go:build linux || darwin

package chdb

import (
	"fmt"
	"maps"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// gate decides which statements of strangers run. It is a list of what is allowed, never of
// what is not: kinds of nodes, functions and tables, compared with the tree that the
// engine's own parser makes of the statement (EXPLAIN AST). So there is no other reading of
// quotes, comments or letters than the engine's, and what a later engine adds is refused.
type gate struct {
	engine    *engine
	views     map[string]bool
	columns   map[string]bool // of the views
	functions map[string]bool // allowed ones, in lower case
	known     map[string]bool // all there are, in lower case
	higher    map[string]bool // those that take a function's name, in lower case
	combined  []string        // endings of names of aggregate functions
}

// catalogDatabase holds copies of the few system tables that clients ask for, with nothing
// in them but the served views. They are copies, not views: a condition on a view may be
// tried on rows that the view leaves out.
const catalogDatabase = "daybook_catalog"

const (
	codeUnknownTable    = 60
	codeSyntaxError     = 62
	codeUnknownFormat   = 73
	codeUnknownDatabase = 81
	codeAccessDenied    = 497
)

func refused(code int32, format string, args ...any) error {
	return &clickhouse.Exception{Code: code, Name: "DB::Exception", Message: fmt.Sprintf(format, args...)}
}

func denied(format string, args ...any) error {
	return refused(codeAccessDenied, "Not enough privileges: %s", fmt.Sprintf(format, args...))
}

// openCategories are the kinds of functions (system.functions) that compute from their
// arguments and from nothing else. Left out are those that reach dictionaries, models,
// the network, the server's inside or other people's statements.
var openCategories = []string{
	"Aggregate Functions", "Arithmetic", "Arrays", "Bit", "Bitmap", "Comparison", "Conditional", "Dates and Times", "Distance",
	"Encoding", "Financial", "Geo", "Geo Polygon", "Hash", "IP Address", "JSON", "Logical", "Map", "Mathematical", "Null",
	"Random Number", "Rounding", "String", "String Replacement", "String Search", "String Splitting", "Time Window", "Tuple",
	"Type Conversion", "URL", "UUID",
}

// openOthers are the functions of the category Other that do the same, or tell what
// clients ask when they connect.
var openOthers = []string{
	"bar", "byteSize", "countDigits", "currentDatabase", "currentUser", "defaultValueOfArgumentType", "defaultValueOfTypeName",
	"finalizeAggregation", "formatQuery", "formatQuerySingleLine", "formatReadableDecimalSize", "formatReadableQuantity",
	"formatReadableSize", "formatReadableTimeDelta", "getSizeOfEnumType", "getSubcolumn", "identity", "ignore", "indexHint",
	"initializeAggregation", "isConstant", "isDecimalOverflow", "materialize", "minSampleSizeContinuous", "minSampleSizeConversion",
	"neighbor", "normalizeQuery", "parseReadableSize", "parseReadableSizeOrNull", "parseReadableSizeOrZero", "parseTimeDelta",
	"revision", "rowNumberInAllBlocks", "rowNumberInBlock", "runningAccumulate", "runningDifference",
	"runningDifferenceStartingWithFirstValue", "throwIf", "toColumnTypeName", "toTypeName", "transform", "variantElement",
	"variantType", "version", "visibleWidth",
}

// closedNames are in an open category and closed all the same: they write rows in formats
// with files of their own, or do no good.
var closedNames = []string{"formatRow", "formatRowNoNewline", "aggThrow", "flameGraph"}

// inGrammar are functions that the parser makes of other words and system.functions does
// not list, and the table functions that make rows of their arguments.
var inGrammar = []string{"_CAST", "lambda", "exists", "grouping", "untuple", "caseWithExpression",
	"numbers", "numbers_mt", "zeros", "zeros_mt", "generateSeries", "generate_series", "values"}

// openNodes are the nodes of a statement that only reads. What they name is looked at
// elsewhere.
var openNodes = set("SelectWithUnionQuery", "SelectIntersectExceptQuery", "SelectQuery", "DescribeQuery", "Subquery", "ExpressionList",
	"WithElement", "TablesInSelectQuery", "TablesInSelectQueryElement", "TableExpression", "TableJoin", "ArrayJoin", "SampleRatio",
	"Literal", "Asterisk", "QualifiedAsterisk", "ColumnsRegexpMatcher", "QualifiedColumnsRegexpMatcher", "ColumnsListMatcher",
	"QualifiedColumnsListMatcher", "ColumnsTransformerList", "ColumnsExceptTransformer", "ColumnsReplaceTransformer",
	"ColumnsReplaceTransformer::Replacement", "OrderByElement", "InterpolateElement", "WindowListElement", "WindowDefinition")

func set(names ...string) map[string]bool {
	s := make(map[string]bool, len(names))
	for _, name := range names {
		s[name] = true
	}
	return s
}

// newGate learns from the engine what there is, and makes the catalog.
func newGate(e *engine, views []string) (*gate, error) {
	s, err := e.acquire(nil)
	if err != nil {
		return nil, err
	}
	defer e.release(s)
	g := &gate{engine: e, views: set(views...), functions: set(), known: set(), higher: set()}
	if err := g.makeCatalog(s); err != nil {
		return nil, err
	}
	columns, err := s.lines("SELECT DISTINCT name FROM " + catalogDatabase + ".columns")
	if err != nil {
		return nil, err
	}
	g.columns = set(columns...)
	if g.combined, err = s.lines("SELECT name FROM system.aggregate_function_combinators"); err != nil {
		return nil, err
	}
	list, err := s.lines("SELECT f.name, if(f.alias_to = '', f.name, f.alias_to) AS base, o.categories, ifNull(o.higher_order, 0) " +
		"FROM system.functions AS f LEFT JOIN system.functions AS o ON o.name = base")
	if err != nil {
		return nil, err
	}
	for _, line := range list {
		field := strings.Split(line, "\t")
		name := strings.ToLower(field[0])
		g.known[name] = true
		if field[3] != "0" {
			g.higher[name] = true
		}
		if (slices.Contains(openCategories, field[2]) || slices.Contains(openOthers, field[1])) && !slices.Contains(closedNames, field[1]) {
			g.functions[name] = true
		}
	}
	for _, name := range inGrammar {
		g.functions[strings.ToLower(name)] = true
	}
	return g, nil
}

// lines runs a statement of ours and returns its rows, with tabs between the columns.
func (s *session) lines(sql string) ([]string, error) {
	return s.linesOf(sql, new(parameters))
}

func (s *session) linesOf(sql string, p *parameters) ([]string, error) {
	out, err := s.b.take(p.run(s.b.query, *s.conn, sql, "TSVRaw"))
	if err != nil || len(out) == 0 {
		return nil, err
	}
	return strings.Split(strings.TrimSuffix(string(out), "\n"), "\n"), nil
}

// catalog are the system tables that clients look things up in, and what each has. Columns
// that name paths, definitions or other tables are there, and empty.
func (g *gate) catalog() map[string]string {
	database := quoteText(g.engine.database)
	var names []string
	for _, view := range slices.Sorted(maps.Keys(g.views)) {
		names = append(names, quoteText(view))
	}
	views := "(" + strings.Join(append(names, "''"), ", ") + ")"
	var functions []string
	for _, name := range openCategories {
		functions = append(functions, quoteText(name))
	}
	return map[string]string{
		"databases": "SELECT * REPLACE ('' AS data_path, '' AS metadata_path, '' AS engine_full, toUUID(toFixedString('', 16)) AS uuid) " +
			"FROM system.databases WHERE name = " + database,
		"tables": "SELECT name, database, name AS table, 'View' AS engine, toUInt8(0) AS is_temporary, emptyArrayString() AS data_paths, '' AS metadata_path, metadata_modification_time, " +
			"emptyArrayString() AS dependencies_database, emptyArrayString() AS dependencies_table, '' AS create_table_query, '' AS engine_full, '' AS as_select, " +
			"'' AS partition_key, '' AS sorting_key, '' AS primary_key, '' AS sampling_key, '' AS storage_policy, " +
			"CAST(NULL AS Nullable(UInt64)) AS total_rows, CAST(NULL AS Nullable(UInt64)) AS total_bytes, comment, toUInt8(0) AS has_own_data " +
			"FROM system.tables WHERE database = " + database + " AND name IN " + views,
		"columns": "SELECT *, name AS column FROM system.columns WHERE database = " + database + " AND table IN " + views,
		"functions": "SELECT name, is_aggregate, case_insensitive, alias_to, '' AS create_query, origin, description, syntax, arguments, returned_value, examples, introduced_in, categories " +
			"FROM system.functions WHERE categories IN (" + strings.Join(functions, ", ") + ")",
		"data_type_families": "SELECT * FROM system.data_type_families",
		"formats":            "SELECT name, is_output FROM system.formats WHERE is_output",
		"keywords":           "SELECT * FROM system.keywords",
		"time_zones":         "SELECT * FROM system.time_zones",
		"one":                "SELECT 0::UInt8 AS dummy",
		"settings": "SELECT name, default AS value, toUInt8(0) AS changed, description, '' AS min, '' AS max, toUInt8(1) AS readonly, type, default " +
			"FROM system.settings WHERE name IN ('max_execution_time', 'max_result_rows', 'max_result_bytes', 'max_memory_usage', 'readonly', 'session_timezone', 'join_use_nulls')",
		"table_engines":   "SELECT name FROM system.table_engines WHERE name = 'View'",
		"table_functions": "SELECT name FROM system.table_functions WHERE name IN ('numbers', 'numbers_mt', 'zeros', 'zeros_mt', 'generateSeries', 'generate_series', 'values')",
		"dictionaries":    "SELECT database, name, comment, status, origin, type FROM system.dictionaries WHERE 0",
		"clusters":        "SELECT cluster, shard_num, replica_num, host_name, port FROM system.clusters WHERE 0",
	}
}

func (g *gate) makeCatalog(s *session) error {
	for _, sql := range []string{"DROP DATABASE IF EXISTS " + catalogDatabase + " SYNC", "CREATE DATABASE " + catalogDatabase} {
		if err := s.do(sql); err != nil {
			return err
		}
	}
	for name, sql := range g.catalog() {
		if err := s.do("CREATE TABLE " + catalogDatabase + "." + name + " ENGINE = Memory AS " + sql); err != nil {
			return fmt.Errorf("catalog: %s: %w", name, err)
		}
	}
	return nil
}

func (g *gate) dropCatalog() error {
	s, err := g.engine.acquire(url.Values{})
	if err != nil {
		return err
	}
	defer g.engine.release(s)
	return s.do("DROP DATABASE IF EXISTS " + catalogDatabase + " SYNC")
}

// statement is one that may run.
type statement struct {
	sql    string
	format string // its own; empty when it names none
}

// admit decides about a statement.
func (g *gate) admit(sql string, p *parameters) (statement, error) {
	s, err := g.engine.acquire(url.Values{"readonly": {"1"}})
	if err != nil {
		return statement{}, err
	}
	defer g.engine.release(s)
	list, problem := tokens(sql)
	if problem != "" {
		return statement{}, refused(codeSyntaxError, "Syntax error: %s", problem)
	}
	for len(list) > 0 && list[len(list)-1].is(";") {
		sql = sql[:list[len(list)-1].from]
		list = list[:len(list)-1]
	}
	if len(list) == 0 {
		return statement{}, refused(codeSyntaxError, "Syntax error: Empty query")
	}
	if list[0].is("SHOW") {
		if sql, err = g.show(list, sql); err != nil {
			return statement{}, err
		}
		list, _ = tokens(sql)
	}
	sql, list = g.rewrite(sql, list)
	// Wall: one statement, of a kind that reads, by the engine's own parser.
	switch class, statements := s.b.classOf(*s.conn, sql); {
	case statements == 0:
		return statement{}, s.syntaxError(sql)
	case statements > 1:
		return statement{}, refused(codeSyntaxError, "Syntax error: Multi-statements are not allowed")
	case class != readsOnly:
		return statement{}, readOnlyRefusal("it does more than read")
	}
	if !slices.ContainsFunc([]string{"SELECT", "WITH", "FROM", "(", "DESCRIBE", "DESC"}, list[0].is) {
		return statement{}, readOnlyRefusal("a statement begins with SELECT, WITH, DESCRIBE or SHOW")
	}
	// Wall: nothing in its tree but what is allowed.
	tree, err := s.linesOf("EXPLAIN AST "+sql, p)
	if err != nil {
		return statement{}, err
	}
	format, err := g.inspect(s, tree, list)
	if err != nil {
		return statement{}, err
	}
	// Wall: none of the names that reach beyond the tables, as in package chdb's fence.
	if err := g.names(s, list); err != nil {
		return statement{}, err
	}
	return statement{sql, format}, nil
}

// syntaxError is what the engine says about a text that it cannot parse. The text goes as
// a parameter: it is parsed, and not run.
func (s *session) syntaxError(sql string) error {
	p := new(parameters)
	p.add("sql", parameterText(sql))
	if _, err := s.linesOf("SELECT formatQuery({sql:String})", p); err != nil {
		return err
	}
	return refused(codeSyntaxError, "Syntax error: it cannot be parsed")
}

// parameterText writes a text as the value of a parameter, which is read as in a file with
// tabs between the values.
func parameterText(s string) string {
	return strings.NewReplacer(`\`, `\\`, "\t", `\t`, "\n", `\n`, "\r", `\r`, "\x00", `\0`).Replace(s)
}

// show puts a SELECT in the place of the SHOW statements that clients send.
func (g *gate) show(list []token, sql string) (string, error) {
	rest := list[1:]
	next := func(word string) bool {
		if len(rest) > 0 && rest[0].is(word) {
			rest = rest[1:]
			return true
		}
		return false
	}
	var out string
	switch {
	case next("DATABASES"):
		out = "SELECT name FROM " + catalogDatabase + ".databases WHERE 1"
	case next("TABLES"):
		out = "SELECT name FROM " + catalogDatabase + ".tables WHERE 1"
		if (next("FROM") || next("IN")) && len(rest) > 0 {
			if rest[0].kind != nameToken || rest[0].text != g.engine.database {
				return "", refused(codeUnknownDatabase, "Database %s does not exist", rest[0].text)
			}
			rest = rest[1:]
		}
	default:
		return "", denied("of SHOW there are SHOW DATABASES and SHOW TABLES here; the rest is in system.tables and system.columns")
	}
	if next("LIKE") && len(rest) > 0 && rest[0].kind == textToken {
		out += " AND name LIKE " + sql[rest[0].from:rest[0].to]
		rest = rest[1:]
	}
	out += " ORDER BY name"
	if next("FORMAT") && len(rest) > 0 && rest[0].kind == nameToken {
		out += " FORMAT " + quoteIdentifier(rest[0].text)
		rest = rest[1:]
	}
	if len(rest) > 0 {
		return "", refused(codeSyntaxError, "Syntax error: SHOW TABLES takes FROM, LIKE and FORMAT here")
	}
	return out, nil
}

// rewrite lets system.tables and its like mean their copies. What it misses is refused
// afterwards: nothing else may be read of the database called system.
func (g *gate) rewrite(sql string, list []token) (string, []token) {
	catalog := g.catalog()
	var out strings.Builder
	last := 0
	for n := 0; n+2 < len(list); n++ {
		if n > 0 && list[n-1].is(".") || list[n].kind != nameToken || list[n].text != "system" || !list[n+1].is(".") {
			continue
		}
		if _, there := catalog[list[n+2].text]; there && list[n+2].kind == nameToken {
			out.WriteString(sql[last:list[n].from] + catalogDatabase)
			last = list[n].to
		}
	}
	if last == 0 {
		return sql, list
	}
	sql = out.String() + sql[last:]
	list, _ = tokens(sql)
	return sql, list
}

// childOfRoot is the blanks before a node right below the root.
const childOfRoot = " "

// inspect looks at every node of a statement's tree. The first word of a line is the kind
// of node and the second what it names; names that people may choose, and could choose to
// look like something else, stand behind them (IAST::getID). What decides is therefore
// never where a line stands among others, except right below the root.
func (g *gate) inspect(s *session, tree []string, list []token) (format string, err error) {
	tables, err := s.lines("SELECT name FROM system.tables WHERE database = " + quoteText(g.engine.database))
	if err != nil {
		return "", err
	}
	seen := mentions{inside: set(tables...)}
	for n, line := range tree {
		text := strings.TrimLeft(line, " ")
		depth := line[:len(line)-len(text)]
		kind, rest, _ := strings.Cut(text, " ")
		name, _, _ := strings.Cut(rest, " ")
		if n == 0 && kind != "SelectWithUnionQuery" && kind != "DescribeQuery" {
			return "", readOnlyRefusal("it does more than read")
		}
		if depth == childOfRoot {
			switch kind {
			case "Identifier":
				format = name
				continue
			case "Literal":
				return "", readOnlyRefusal("INTO OUTFILE writes a file")
			}
		}
		switch {
		case kind == "Function":
			if !g.callable(name) {
				return "", denied("the function %s is not open here", name)
			}
			seen.higher = seen.higher || g.higher[strings.ToLower(name)]
			seen.in = seen.in || inFunction.MatchString(name)
		case kind == "TableIdentifier":
			if err := g.readable(name, seen.inside, list); err != nil {
				return "", err
			}
		case kind == "Identifier":
			seen.names = append(seen.names, name)
		case kind == "Set":
			return "", refused(codeReadOnly, "Cannot modify settings in readonly mode")
		case kind == "ColumnsApplyTransformer":
			return "", denied("APPLY is not open here")
		case !openNodes[kind]:
			return "", denied("%s is not open here", kind)
		}
	}
	return format, g.mentioned(seen)
}

// mentions are names that are neither called nor read from: mostly columns.
type mentions struct {
	names  []string
	inside map[string]bool // the tables of the database, views and others
	higher bool            // the statement calls a function that may call what a name names
	in     bool            // the statement has an IN, behind which a name can be a table's
}

var inFunction = regexp.MustCompile(`(?i)^(global)?(not)?(null)?in(ignoreset)?$`)

// mentioned decides about names that could be more than columns.
func (g *gate) mentioned(seen mentions) error {
	for _, name := range seen.names {
		first, rest, qualified := strings.Cut(name, ".")
		table, _, _ := strings.Cut(rest, ".")
		lower := strings.ToLower(name)
		switch {
		case qualified && slices.Contains([]string{"system", "default", "information_schema"}, strings.ToLower(first)):
			return denied("%s is not open here", name)
		case qualified && first == g.engine.database && !g.views[table],
			seen.in && !qualified && seen.inside[name] && !g.views[name]:
			return refused(codeUnknownTable, "Unknown table expression identifier '%s'", name)
		case seen.higher && g.known[lower] && !g.functions[lower]:
			return denied("the function %s is not open here", name)
		}
	}
	return nil
}

// callable reports whether a function is open, with endings such as If and OrNull if it is
// an aggregate function.
func (g *gate) callable(name string) bool {
	if name = strings.TrimSuffix(name, "()"); g.functions[strings.ToLower(name)] {
		return true
	}
	if g.known[strings.ToLower(name)] {
		return false
	}
	for _, ending := range g.combined {
		if base, found := strings.CutSuffix(name, ending); found && base != "" && g.callable(base) {
			return true
		}
	}
	return false
}

// readable decides about a table's name. One without a database that is no view may be
// that of a subquery in WITH, but then no table has it.
func (g *gate) readable(name string, inside map[string]bool, list []token) error {
	database, table, qualified := strings.Cut(name, ".")
	if !qualified {
		if g.views[name] || !inside[name] && named(list, name) {
			return nil
		}
		return refused(codeUnknownTable, "Unknown table expression identifier '%s'", name)
	}
	switch _, copied := g.catalog()[table]; {
	case database == g.engine.database && g.views[table], database == catalogDatabase && copied:
		return nil
	case database == g.engine.database:
		return refused(codeUnknownTable, "Unknown table expression identifier '%s'", name)
	}
	return denied("the table %s is not open here", name)
}

// named reports whether WITH may have given a subquery a name: NAME AS (, NAME (…) AS (.
func named(list []token, name string) bool {
	for n, t := range list {
		if t.kind == nameToken && t.text == name && n+2 < len(list) && (list[n+1].is("AS") && list[n+2].is("(") || list[n+1].is("(")) {
			return true
		}
	}
	return false
}

// names is the second wall: the names that reach beyond the tables stand nowhere, called or
// not, unless a served view has a column of that name, or it stands behind a dot.
func (g *gate) names(s *session, list []token) error {
	reaching, err := g.engine.reachingNames(s)
	if err != nil {
		return err
	}
	for n, t := range list {
		name := strings.ToLower(t.text)
		if t.kind != nameToken || !reaching[name] {
			continue
		}
		called := n+1 < len(list) && list[n+1].is("(")
		column := (n > 0 && list[n-1].is(".") || g.columns[t.text]) && name != "default"
		if called && !g.callable(name) || !called && !column {
			return readOnlyRefusal("it contains the name " + name + ", which may reach beyond the tables")
		}
	}
	return nil
}
