//go:build linux || darwin

package chdb

import (
	"regexp"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// A server keeps those who may only read away from its files and its network. The engine
// in a process does not: under readonly = 1 it still runs SELECT file('/etc/passwd'),
// SELECT … INTO OUTFILE, SELECT … FROM s3(…) and, in the database called default, SELECT …
// FROM '/any/file.csv' (seen with 26.7.3). So a statement that comes with the setting
// readonly is looked at first. Functions may be named without being called (arrayMap(file,
// …), * APPLY(file)), therefore it is the names themselves that are refused, wherever they
// stand: in a text literal, too, which people can pass as a parameter instead. Only a
// qualified column (t.file) is let through: a function cannot be written that way.

// harmless are the table functions that reach nothing but tables and the processor.
var harmless = map[string]bool{
	"numbers": true, "numbers_mt": true, "zeros": true, "zeros_mt": true, "primes": true,
	"generateseries": true, "generate_series": true, "generaterandom": true,
	"values": true, "view": true, "null": true, "format": true, "fuzzquery": true, "fuzzjson": true,
}

// outward are the names, other than table functions, that reach beyond the tables.
var outward = []string{"file", "outfile", "default", "catboostevaluate", "reversednsquery",
	"aiclassify", "aiembed", "aiextract", "aigenerate", "aitranslate"}

const (
	codeReadOnly = 164 // READONLY in ClickHouse's ErrorCodes.cpp
	readsOnly    = 0   // CHDB_QUERY_READ_ONLY in chdb.h
)

// fence refuses a statement that could reach beyond the tables or change anything.
func (s *session) fence(sql string) error {
	if class, statements := s.b.classOf(*s.conn, sql); class != readsOnly || statements > 1 {
		// What does not parse has no class; the engine says what is wrong with it.
		if statements > 0 {
			return readOnlyRefusal("it does more than read")
		}
	}
	reaching, err := s.engine.reachingNames(s)
	if err != nil {
		return err
	}
	for _, text := range []string{sql, unescape(sql)} {
		for _, at := range word.FindAllStringIndex(text, -1) {
			name := strings.ToLower(text[at[0]:at[1]])
			if reaching[name] && !(qualified.MatchString(text[:at[0]]) && name != "default") {
				return readOnlyRefusal("it contains the name " + name + ", which may reach beyond the tables; " +
					"write a column of that name as table." + name + ", and a text as a parameter")
			}
		}
	}
	return nil
}

var (
	word      = regexp.MustCompile(`[A-Za-z_][A-Za-z0-9_]*`)
	qualified = regexp.MustCompile("[A-Za-z_][A-Za-z0-9_]*\\.$")
	escape    = regexp.MustCompile(`\\x[0-9A-Fa-f]{2}|\\.`)
)

// unescape undoes what a quoted name may hide behind: `fi\x6ce` is file.
func unescape(sql string) string {
	return escape.ReplaceAllStringFunc(sql, func(e string) string {
		if code, err := strconv.ParseUint(strings.TrimPrefix(e, `\x`), 16, 8); err == nil && len(e) == 4 {
			return string(rune(code))
		}
		return e[1:]
	})
}

func readOnlyRefusal(why string) error {
	return &clickhouse.Exception{Code: codeReadOnly, Name: "DB::Exception", Message: "Only reading the tables is allowed here: " + why}
}

// reachingNames are the names that a fenced statement must not contain, in lower case.
func (e *engine) reachingNames(s *session) (map[string]bool, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.reaching != nil {
		return e.reaching, nil
	}
	list, err := s.b.take(new(parameters).run(s.b.query, *s.conn, "SELECT lower(name) FROM system.table_functions", "TSV"))
	if err != nil {
		return nil, err
	}
	e.reaching = map[string]bool{}
	for _, name := range append(strings.Fields(string(list)), outward...) {
		e.reaching[name] = !harmless[name]
	}
	return e.reaching, nil
}
