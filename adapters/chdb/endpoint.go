//go:build linux || darwin

package chdb

import (
	"cmp"
	"compress/gzip"
	"context"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/ClickHouse/ch-go/compress"
	"github.com/ClickHouse/clickhouse-go/v2"
	"github.com/google/uuid"
)

// Endpoint answers the clients of ClickHouse's HTTP interface from a Warehouse, for
// reading. See the package's documentation for what keeps it to that.
type Endpoint struct {
	engine  *engine
	gate    *gate
	token   [sha256.Size]byte
	limits  Limits
	version string
	running chan struct{}
}

const (
	codeBadArguments  = 36
	codeTimeout       = 159
	codeTooMany       = 202
	codeQueryTooLarge = 229
	codeTooManyRows   = 396
	codeWrongPassword = 516
	codeNotSupported  = 48
)

// codeNames are the symbols that stand behind a code in a message (ErrorCodes.cpp).
var codeNames = map[int32]string{
	codeBadArguments: "BAD_ARGUMENTS", codeNotSupported: "NOT_IMPLEMENTED", codeUnknownTable: "UNKNOWN_TABLE", codeSyntaxError: "SYNTAX_ERROR",
	codeUnknownFormat: "UNKNOWN_FORMAT", codeUnknownDatabase: "UNKNOWN_DATABASE", codeTimeout: "TIMEOUT_EXCEEDED", codeReadOnly: "READONLY",
	codeTooMany: "TOO_MANY_SIMULTANEOUS_QUERIES", codeQueryTooLarge: "QUERY_IS_TOO_LARGE", codeTooManyRows: "TOO_MANY_ROWS_OR_BYTES",
	codeAccessDenied: "ACCESS_DENIED", codeWrongPassword: "AUTHENTICATION_FAILED",
}

// statusOf is the HTTP status of a code (Server/HTTP/exceptionCodeToHTTPStatus.cpp), but
// for a wrong password: 401 makes a browser ask for it.
func statusOf(code int32) int {
	switch code {
	case 194, codeWrongPassword:
		return http.StatusUnauthorized
	case codeAccessDenied:
		return http.StatusForbidden
	case codeBadArguments, 6, 25, 26, 38, 41, 72, 441, 675, 676, 27, 376, 15, 44, 56, 123, 16, 167, 168, 217, codeSyntaxError, 117, 53, 321, 427:
		return http.StatusBadRequest
	case codeUnknownTable, 46, 47, 50, 55, codeUnknownDatabase, 115, 100, 63, codeUnknownFormat, 71, 78:
		return http.StatusNotFound
	case codeQueryTooLarge:
		return http.StatusRequestEntityTooLarge
	case codeNotSupported:
		return http.StatusNotImplemented
	case codeTimeout:
		return http.StatusRequestTimeout
	}
	return http.StatusInternalServerError
}

// Endpoint makes an endpoint that shows the named views. Whoever opens closes, before the
// Warehouse.
func (w *Warehouse) Endpoint(ctx context.Context, options EndpointOptions) (*Endpoint, error) {
	if options.Token == "" {
		return nil, errors.New("an endpoint needs a token")
	}
	g, err := newGate(w.engine, options.Views)
	if err != nil {
		return nil, fmt.Errorf("open the endpoint: %w", err)
	}
	e := &Endpoint{engine: w.engine, gate: g, token: sha256.Sum256([]byte(options.Token)), limits: options.Limits.orDefault()}
	e.running = make(chan struct{}, e.limits.Queries)
	s, err := w.engine.acquire(nil)
	if err != nil {
		return nil, err
	}
	defer w.engine.release(s)
	version, err := s.lines("SELECT version()")
	if err != nil {
		return nil, err
	}
	e.version = version[0]
	return e, nil
}

// Close takes away what the endpoint has made.
func (e *Endpoint) Close() error { return e.gate.dropCatalog() }

// ServeHTTP is http.Handler.
func (e *Endpoint) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-ClickHouse-Server-Display-Name", "daybook")
	header.Set("X-ClickHouse-Timezone", "UTC")
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Cache-Control", "no-store")
	switch {
	case r.URL.Path == "/ping" && (r.Method == http.MethodGet || r.Method == http.MethodHead):
		header.Set("Content-Type", "text/plain; charset=UTF-8")
		io.WriteString(w, "Ok.\n")
		return
	case r.URL.Path != "/" && r.URL.Path != "/query":
		http.Error(w, "There is no handle "+strconv.Quote(r.URL.Path)+". Use / or /ping.", http.StatusNotFound)
		return
	case r.Method != http.MethodGet && r.Method != http.MethodPost:
		header.Set("Allow", "GET, POST")
		http.Error(w, "GET and POST are answered here.", http.StatusMethodNotAllowed)
		return
	}
	// Who sends or takes slowly must not keep a connection, and with it a place.
	connection := http.NewResponseController(w)
	_ = connection.SetReadDeadline(time.Now().Add(e.limits.Time))
	_ = connection.SetWriteDeadline(time.Now().Add(2 * e.limits.Time))
	if err := e.authenticate(r); err != nil {
		header.Set("WWW-Authenticate", `Basic realm="daybook"`)
		e.fail(w, err)
		return
	}
	a, err := e.understand(w, r)
	if err != nil {
		e.fail(w, err)
		return
	}
	header.Set("X-ClickHouse-Query-Id", a.id)
	if err := e.answer(r.Context(), w, a); err != nil {
		e.fail(w, err)
	}
}

// authenticate wants the token once, and in one place. The name of the user does not
// matter: there is one.
func (e *Endpoint) authenticate(r *http.Request) error {
	given := append([]string{}, r.Header.Values("X-ClickHouse-Key")...)
	if r.Header.Get("Authorization") != "" {
		_, password, _ := r.BasicAuth()
		given = append(given, password)
	}
	given = append(given, r.URL.Query()["password"]...)
	sum := [sha256.Size]byte{}
	if len(given) == 1 && len(r.Header.Values("Authorization")) <= 1 {
		sum = sha256.Sum256([]byte(given[0]))
	}
	if subtle.ConstantTimeCompare(sum[:], e.token[:]) != 1 {
		return refused(codeWrongPassword, "default: Authentication failed: password is incorrect, or there is no user with such name")
	}
	return nil
}

// asked is a request, understood.
type asked struct {
	sql       string
	params    *parameters
	settings  url.Values
	format    string
	id        string
	revision  string // of the client's protocol
	gzip, lz4 bool   // how the answer is to be packed
}

// ignored are parameters of the URL that mean nothing here, or nothing to a reader: there
// are no sessions, roles or quotas, and an answer goes out as it is made.
var ignored = set("query", "database", "user", "password", "query_id", "quota_key", "session_id", "session_check", "session_timeout", "role",
	"default_format", "client_protocol_version", "compress", "decompress", "enable_http_compression", "http_zlib_compression_level",
	"wait_end_of_query", "buffer_size", "send_progress_in_http_headers", "http_headers_progress_interval_ms", "http_make_head_request",
	"http_response_headers", "add_http_cors_header", "cancel_http_readonly_queries_on_client_close", "log_comment", "log_queries",
	"result_overflow_mode", "read_overflow_mode", "timeout_overflow_mode", "stacktrace", "network_compression_method",
	"http_write_exception_in_output_format", "send_timeout", "receive_timeout", "max_threads", "max_block_size", "async_insert", "wait_for_async_insert", "max_insert_block_size",
	"insert_deduplicate", "close_session", "client_info")

// formatting are settings that change what an answer looks like, and nothing else.
var formatting = set("output_format_json_quote_64bit_integers", "output_format_json_quote_64bit_floats", "output_format_json_quote_denormals",
	"output_format_json_quote_decimals", "output_format_json_named_tuples_as_objects", "output_format_json_array_of_rows",
	"output_format_json_escape_forward_slashes", "output_format_decimal_trailing_zeros", "output_format_csv_crlf_end_of_line",
	"output_format_tsv_crlf_end_of_line", "output_format_write_statistics", "output_format_parquet_string_as_string",
	"output_format_arrow_string_as_string", "output_format_binary_write_json_as_string", "output_format_pretty_color",
	"output_format_pretty_max_rows", "date_time_output_format", "session_timezone", "join_use_nulls", "extremes",
	"format_csv_delimiter", "prefer_column_name_to_alias", "allow_experimental_analyzer", "enable_analyzer")

// understand reads a request.
func (e *Endpoint) understand(w http.ResponseWriter, r *http.Request) (asked, error) {
	fields, err := url.ParseQuery(r.URL.RawQuery)
	if err != nil {
		return asked{}, refused(codeBadArguments, "The URL cannot be read")
	}
	a := asked{params: new(parameters), settings: e.limits.settings(), revision: fields.Get("client_protocol_version")}
	body, err := e.body(w, r, fields)
	if err != nil {
		return a, err
	}
	a.sql = fields.Get("query")
	if a.sql != "" && body != "" {
		a.sql += "\n"
	}
	a.sql += body
	if len(a.sql) > e.limits.StatementBytes {
		return a, e.tooLarge()
	}
	for _, name := range []string{"query", "database", "default_format", "query_id"} {
		if len(fields[name]) > 1 {
			return a, refused(codeBadArguments, "%s is given twice", name)
		}
	}
	for _, database := range []string{fields.Get("database"), r.Header.Get("X-ClickHouse-Database")} {
		if database != "" && database != "default" && database != e.engine.database {
			return a, refused(codeUnknownDatabase, "Database %s does not exist", database)
		}
	}
	for name, values := range fields {
		if parameter, ok := strings.CutPrefix(name, "param_"); ok {
			if len(values) > 1 || !plainName.MatchString(parameter) {
				return a, refused(codeBadArguments, "The parameter %q cannot be read", parameter)
			}
			a.params.add(parameter, values[0])
		} else if err := e.limits.take(a.settings, name, values); err != nil {
			return a, err
		}
	}
	e.limits.cut(a.settings, fields)
	a.format = cmp.Or(fields.Get("default_format"), r.Header.Get("X-ClickHouse-Format"), "TabSeparated")
	a.id = fields.Get("query_id")
	if !queryID.MatchString(a.id) {
		a.id = uuid.NewString()
	}
	a.lz4 = truth(fields.Get("compress"))
	a.gzip = !a.lz4 && truth(fields.Get("enable_http_compression")) && accepts(r.Header.Get("Accept-Encoding"), "gzip")
	return a, nil
}

var (
	queryID   = regexp.MustCompile(`^[\x21-\x7e]{1,100}$`)
	plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)
)

func truth(value string) bool { return value == "1" || value == "true" }

func accepts(header, coding string) bool {
	return slices.ContainsFunc(strings.Split(header, ","), func(part string) bool {
		name, q, _ := strings.Cut(part, ";")
		return strings.TrimSpace(name) == coding && strings.ReplaceAll(q, " ", "") != "q=0"
	})
}

func (e *Endpoint) tooLarge() error {
	return refused(codeQueryTooLarge, "Query is too large: more than %d bytes", e.limits.StatementBytes)
}

// body reads the statement from a request's body. A form's fields count like those of the
// URL, and are added to them.
func (e *Endpoint) body(w http.ResponseWriter, r *http.Request, fields url.Values) (string, error) {
	if r.Method == http.MethodGet {
		return "", nil
	}
	limit := int64(e.limits.StatementBytes)
	var in io.Reader = http.MaxBytesReader(w, r.Body, limit)
	switch coding := r.Header.Get("Content-Encoding"); {
	case coding == "gzip":
		unpacked, err := gzip.NewReader(in)
		if err != nil {
			return "", refused(codeBadArguments, "The body is not gzip")
		}
		in = unpacked
	case coding != "" && coding != "identity":
		return "", refused(codeNotSupported, "Content-Encoding %q is not understood here", coding)
	}
	if truth(fields.Get("decompress")) {
		in = unframed{compress.NewReader(in)}
	}
	in = io.LimitReader(in, limit+1) // of what was packed
	kind, options, _ := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if kind == "multipart/form-data" {
		return "", e.form(multipart.NewReader(in, options["boundary"]), fields)
	}
	text, err := io.ReadAll(in)
	var large *http.MaxBytesError
	if errors.As(err, &large) || int64(len(text)) > limit {
		return "", e.tooLarge()
	}
	if err != nil {
		return "", refused(codeBadArguments, "The body cannot be read")
	}
	return string(text), nil
}

func (e *Endpoint) form(parts *multipart.Reader, fields url.Values) error {
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return nil
		}
		var large *http.MaxBytesError
		if errors.As(err, &large) {
			return e.tooLarge()
		}
		if err != nil {
			return refused(codeBadArguments, "The form cannot be read")
		}
		name := part.FormName()
		if part.FileName() != "" || name != "query" && !strings.HasPrefix(name, "param_") {
			return readOnlyRefusal("tables are not sent along")
		}
		text, err := io.ReadAll(part)
		if errors.As(err, &large) {
			return e.tooLarge()
		}
		if err != nil {
			return refused(codeBadArguments, "The form cannot be read")
		}
		fields.Add(name, string(text))
	}
}

// answer runs what was asked for. An error it returns has not been told yet.
func (e *Endpoint) answer(ctx context.Context, w http.ResponseWriter, a asked) error {
	ctx, cancel := context.WithTimeoutCause(ctx, e.limits.Time, refused(codeTimeout, "Timeout exceeded: maximum: %d ms", e.limits.Time.Milliseconds()))
	defer cancel()
	select {
	case e.running <- struct{}{}:
		defer func() { <-e.running }()
	case <-ctx.Done():
		return refused(codeTooMany, "Too many simultaneous queries. Maximum: %d", e.limits.Queries)
	}
	began := time.Now()
	if a.sql == hello && a.format == native && a.revision != "" {
		response, err := transport{e.engine}.hello((&http.Request{}).WithContext(ctx), a.revision)
		if err != nil {
			return err
		}
		return e.send(w, a, began, native, response.Body)
	}
	admitted, err := e.gate.admit(a.sql, a.params)
	if err != nil {
		return err
	}
	format := cmp.Or(admitted.format, a.format)
	kind, known := formats[strings.ToLower(format)]
	if !known {
		return refused(codeUnknownFormat, "Unknown format %s", format)
	}
	s, err := e.engine.acquire(a.settings)
	if err != nil {
		return err
	}
	var r *result
	if kind.whole {
		r = s.startWhole(ctx, admitted.sql, format, a.params)
	} else {
		r = s.start(ctx, admitted.sql, format, a.params)
	}
	defer r.Close()
	if err := r.wait(); err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	if int64(len(r.rest)) > e.limits.ResultBytes {
		return errTooManyBytes
	}
	return e.send(w, a, began, format, &body{r, kind.head, e.limits.ResultBytes - int64(len(r.rest))})
}

var errTooManyBytes = refused(codeTooManyRows, "Limit for result exceeded, max bytes")

// body is a result as one document. Each of its chunks comes with the head of the format,
// of which only the first goes out; that one waits already when a body is made.
type body struct {
	*result
	head func([]byte) int
	left int64 // bytes that may still come
}

func (b *body) Read(p []byte) (int, error) {
	for len(b.rest) == 0 {
		if err := b.wait(); err != nil {
			return 0, err
		}
		if b.left -= int64(len(b.rest)); b.left < 0 {
			return 0, errTooManyBytes
		}
		if b.head != nil {
			b.rest = b.rest[b.head(b.rest):]
		}
	}
	return b.result.Read(p)
}

// send passes a result on as it comes. Once something has gone out, an error follows in
// the body, as ClickHouse writes it (WriteBufferFromHTTPServerResponse.cpp, 25.11): between
// marks that the header has announced, so that no row can be taken for one.
func (e *Endpoint) send(w http.ResponseWriter, a asked, began time.Time, format string, in io.ReadCloser) error {
	defer in.Close()
	tag := rand.Text()[:16]
	header := w.Header()
	header.Set("Content-Type", contentType(format))
	header.Set("X-ClickHouse-Format", format)
	header.Set("X-ClickHouse-Exception-Tag", tag)
	header.Set("X-ClickHouse-Summary", fmt.Sprintf(`{"read_rows":"0","read_bytes":"0","written_rows":"0","written_bytes":"0","total_rows_to_read":"0","result_rows":"0","result_bytes":"0","elapsed_ns":"%d"}`, time.Since(began).Nanoseconds()))
	var out io.Writer = w
	finish := func() error { return nil }
	switch {
	case a.gzip:
		header.Set("Content-Encoding", "gzip")
		packed := gzip.NewWriter(w)
		out, finish = packed, packed.Close
	case a.lz4:
		out = frames{w, compress.NewWriter(compress.LevelZero, compress.LZ4)}
	}
	_, err := io.CopyBuffer(onlyWriter{out}, onlyReader{in}, make([]byte, 256<<10))
	if err != nil {
		message := strings.TrimSuffix(e.message(err), "\n") + "\n"
		fmt.Fprintf(out, "\r\n__exception__\r\n%s\r\n%s%d %s\r\n__exception__\r\n", tag, message, len(message), tag)
	}
	_ = finish() // a client that has gone misses nothing it could use
	return nil
}

// onlyWriter and onlyReader keep io.Copy to the buffer it is given.
type (
	onlyWriter struct{ io.Writer }
	onlyReader struct{ io.Reader }
)

// unframed ends where ClickHouse's own blocks end; their reader wraps the end in an error.
type unframed struct{ blocks io.Reader }

func (u unframed) Read(p []byte) (int, error) {
	n, err := u.blocks.Read(p)
	if errors.Is(err, io.EOF) {
		err = io.EOF
	}
	return n, err
}

// frames packs into ClickHouse's own blocks (compress=1).
type frames struct {
	out    io.Writer
	packer *compress.Writer
}

func (f frames) Write(p []byte) (int, error) {
	if err := f.packer.Compress(p); err != nil {
		return 0, err
	}
	if _, err := f.out.Write(f.packer.Data); err != nil {
		return 0, err
	}
	return len(p), nil
}

// fail answers with an error, before anything else has gone out.
func (e *Endpoint) fail(w http.ResponseWriter, err error) {
	code := int32(1)
	status := http.StatusInternalServerError
	var exception *clickhouse.Exception
	if errors.As(err, &exception) {
		code, status = exception.Code, statusOf(exception.Code)
	}
	header := w.Header()
	header.Set("Content-Type", "text/plain; charset=UTF-8")
	header.Set("X-ClickHouse-Exception-Code", strconv.Itoa(int(code)))
	w.WriteHeader(status)
	io.WriteString(w, e.message(err))
}

var (
	maybeMeant = regexp.MustCompile(`(?s)[.,]?\s*Maybe you meant:?[^(]*?(\(|$)`)
	inScope    = regexp.MustCompile(`(?s): In scope .*?(\([A-Z][A-Z0-9_]+\)|$)`)
	inAnother  = regexp.MustCompile(`(?s)^(Code: [0-9]+\. DB::Exception: )(?:Code: [0-9]+\. DB::Exception: )(.*?)\.? \([A-Z][A-Z0-9_]+\) \(version [^()]*\)\. (\([A-Z][A-Z0-9_]+\))`)
	ownPrefix  = regexp.MustCompile(`^(Code: [0-9]+\. )?DB::Exception: `)
)

// message is an error in ClickHouse's words, without what only the owner of the tables may
// know: paths, names of other tables, how a view is made.
func (e *Endpoint) message(err error) string {
	var exception *clickhouse.Exception
	if !errors.As(err, &exception) {
		return "Code: 1. DB::Exception: the statement was not finished (UNSUPPORTED_METHOD)" + e.banner()
	}
	text := exception.Message
	if ownPrefix.MatchString(text) {
		text = inAnother.ReplaceAllString(text, "$1$2. $3") // an error within an error
		text = maybeMeant.ReplaceAllString(text, ". $1")
		text = inScope.ReplaceAllString(text, " $1")
	} else {
		text = fmt.Sprintf("Code: %d. DB::Exception: %s. (%s)", exception.Code, strings.TrimSuffix(text, "."), codeNames[exception.Code])
	}
	text = strings.ReplaceAll(text, e.engine.dir, "…")
	text = strings.ReplaceAll(text, catalogDatabase, "system")
	return strings.TrimSpace(text) + e.banner()
}

func (e *Endpoint) banner() string { return " (version " + e.version + " (official build))\n" }

// form is how the chunks of a format make one document.
type form struct {
	whole bool             // they do not: the document is made at once
	head  func([]byte) int // the length of the head that every chunk has
}

// formats are those an answer can have, in lower case. Left out are those that need or
// make files of their own (Template, Protobuf, CapnProto).
var formats = func() map[string]form {
	list := map[string]form{}
	for _, name := range []string{"TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "JSONEachRow", "JSONLines", "NDJSON", "JSONStringsEachRow",
		"JSONCompactEachRow", "JSONCompactStringsEachRow", "RowBinary", "Native", "TSKV", "LineAsString"} {
		list[strings.ToLower(name)] = form{}
	}
	for _, name := range []string{"TabSeparated", "TSV", "TabSeparatedRaw", "TSVRaw", "CSV", "JSONCompactEachRow", "JSONCompactStringsEachRow"} {
		quotes := name == "CSV" // in which alone a line end can stand for itself
		list[strings.ToLower(name+"WithNames")] = form{head: lengthOfLines(1, quotes)}
		list[strings.ToLower(name+"WithNamesAndTypes")] = form{head: lengthOfLines(2, quotes)}
	}
	list["rowbinarywithnames"] = form{head: lengthOfTexts(1)}
	list["rowbinarywithnamesandtypes"] = form{head: lengthOfTexts(2)}
	for _, name := range []string{"JSON", "JSONStrings", "JSONCompact", "JSONCompactStrings", "JSONColumns", "JSONCompactColumns",
		"JSONColumnsWithMetadata", "JSONObjectEachRow", "JSONEachRowWithProgress", "XML", "Vertical", "Values", "Markdown", "Pretty", "PrettyCompact",
		"PrettySpace", "PrettyNoEscapes", "PrettyCompactNoEscapes", "Parquet", "Arrow", "ArrowStream", "ORC", "Null"} {
		list[strings.ToLower(name)] = form{whole: true}
	}
	return list
}()

// lengthOfLines is the length of the first lines. With quotes, a line end between them is
// none.
func lengthOfLines(count int, quotes bool) func([]byte) int {
	return func(chunk []byte) int {
		quoted, seen := false, 0
		for n, c := range chunk {
			switch {
			case c == '"':
				quoted = quotes && !quoted
			case c == '\n' && !quoted:
				if seen++; seen == count {
					return n + 1
				}
			}
		}
		return len(chunk)
	}
}

// lengthOfTexts is the length of a count of columns and of so many texts for each.
func lengthOfTexts(count int) func([]byte) int {
	return func(chunk []byte) int {
		columns, at := binary.Uvarint(chunk)
		for range columns * uint64(count) {
			length, n := binary.Uvarint(chunk[at:])
			at += n + int(length)
		}
		return at
	}
}

func contentType(format string) string {
	switch lower := strings.ToLower(format); {
	case strings.HasPrefix(lower, "json") && strings.Contains(lower, "eachrow"), lower == "jsonlines", lower == "ndjson":
		return "application/x-ndjson; charset=UTF-8"
	case strings.HasPrefix(lower, "json"):
		return "application/json; charset=UTF-8"
	case strings.HasPrefix(lower, "csv"):
		return "text/csv; charset=UTF-8"
	case strings.HasPrefix(lower, "tab"), strings.HasPrefix(lower, "ts"):
		return "text/tab-separated-values; charset=UTF-8"
	case lower == "xml":
		return "application/xml; charset=UTF-8"
	case lower == "native", strings.HasPrefix(lower, "rowbinary"), strings.HasPrefix(lower, "arrow"), lower == "parquet", lower == "orc":
		return "application/octet-stream"
	}
	return "text/plain; charset=UTF-8"
}
