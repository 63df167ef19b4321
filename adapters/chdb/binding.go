//go:build linux || darwin

package chdb

import (
	"fmt"
	"runtime"
	"unsafe"

	"github.com/ebitengine/purego"
)

// binding is the part of chDB's C interface (chdb.h, 26.7) that is used here. Handles are
// C memory and mean nothing to Go.
type binding struct {
	setSignalHandlers func(enabled int32)
	connect           func(argc int32, argv **byte) *handle
	closeConnection   func(*handle)

	query  func(conn handle, sql *byte, n uintptr, format *byte, formatLen uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) handle
	stream func(conn handle, sql *byte, n uintptr, format *byte, formatLen uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) handle
	fetch  func(conn, stream handle) handle
	cancel func(conn, stream handle)

	resultBuffer  func(handle) *byte
	resultLength  func(handle) uintptr
	resultError   func(handle) *byte
	resultDestroy func(handle)

	classify func(conn handle, sql *byte, n uintptr, database *byte, databaseLen uintptr, analysis *[4]uint32) int32

	insert        func(conn handle, sql *byte, n uintptr, format *byte, formatLen uintptr) handle
	insertError   func(handle) *byte
	insertAppend  func(stream handle, data *byte, n uintptr) int32
	insertDone    func(handle) handle
	insertCancel  func(handle)
	insertDestroy func(handle)
}

// handle points into the library's memory.
type handle unsafe.Pointer

// load opens the library. It is never unloaded: the engine leaves threads behind.
func load(path string) (*binding, error) {
	lib, err := purego.Dlopen(path, purego.RTLD_NOW|purego.RTLD_LOCAL)
	if err != nil {
		return nil, err
	}
	b := new(binding)
	for _, s := range []struct {
		function any
		name     string
	}{
		{&b.setSignalHandlers, "chdb_set_signal_handlers_enabled"},
		{&b.connect, "chdb_connect"},
		{&b.closeConnection, "chdb_close_conn"},
		{&b.query, "chdb_query_with_params_n"},
		{&b.stream, "chdb_stream_query_with_params_n"},
		{&b.fetch, "chdb_stream_fetch_result"},
		{&b.cancel, "chdb_stream_cancel_query"},
		{&b.resultBuffer, "chdb_result_buffer"},
		{&b.resultLength, "chdb_result_length"},
		{&b.resultError, "chdb_result_error"},
		{&b.resultDestroy, "chdb_destroy_query_result"},
		{&b.classify, "chdb_classify_query_n"},
		{&b.insert, "chdb_stream_insert_n"},
		{&b.insertError, "chdb_stream_insert_error"},
		{&b.insertAppend, "chdb_stream_append"},
		{&b.insertDone, "chdb_stream_done"},
		{&b.insertCancel, "chdb_stream_cancel_insert"},
		{&b.insertDestroy, "chdb_destroy_insert_stream"},
	} {
		symbol, err := purego.Dlsym(lib, s.name)
		if err != nil {
			return nil, fmt.Errorf("%s has no function %s: %w", path, s.name, err)
		}
		purego.RegisterFunc(s.function, symbol)
	}
	// Before the first connection, or the engine takes over the process's signals.
	// Seen with 26.7: Go's handlers stay as they were; one is added for signal 34,
	// which Go does not use.
	b.setSignalHandlers(0)
	return b, nil
}

// open connects, with arguments as a program gets them. The C side reads them during the
// call only. It returns nil if the engine does not start.
func (b *binding) open(arguments ...string) *handle {
	argv := make([]*byte, len(arguments)+1)
	for i, a := range arguments {
		argv[i] = terminated(a)
	}
	conn := b.connect(int32(len(arguments)), &argv[0])
	runtime.KeepAlive(argv)
	return conn
}

func terminated(s string) *byte {
	return unsafe.SliceData(append([]byte(s), 0))
}

// text copies a C string; "" for NULL.
func text(p *byte) string {
	if p == nil {
		return ""
	}
	n := 0
	for *(*byte)(unsafe.Add(unsafe.Pointer(p), n)) != 0 {
		n++
	}
	return string(unsafe.Slice(p, n))
}

// take copies a result's bytes or error out of the library and frees it.
func (b *binding) take(result handle) ([]byte, error) {
	if result == nil {
		return nil, errNoAnswer
	}
	defer b.resultDestroy(result)
	if message := text(b.resultError(result)); message != "" {
		return nil, exception(message)
	}
	n := b.resultLength(result)
	if n == 0 {
		return nil, nil
	}
	return append([]byte(nil), unsafe.Slice(b.resultBuffer(result), n)...), nil
}

// parameters are names and values of query parameters, as C arrays.
type parameters struct {
	names, values       []*byte
	nameLens, valueLens []uintptr
}

func (p *parameters) add(name, value string) {
	p.names, p.nameLens = append(p.names, terminated(name)), append(p.nameLens, uintptr(len(name)))
	p.values, p.valueLens = append(p.values, terminated(value)), append(p.valueLens, uintptr(len(value)))
}

// classOf says what a statement does (chdb_query_class) and how many statements the text
// holds; 0 if it does not parse.
func (b *binding) classOf(conn handle, sql string) (class, statements uint32) {
	analysis := [4]uint32{16} // its own size, then statements, flags, class
	if b.classify(conn, terminated(sql), uintptr(len(sql)), nil, 0, &analysis) != 0 {
		return 0, 0
	}
	return analysis[3], analysis[1]
}

type call func(conn handle, sql *byte, n uintptr, format *byte, formatLen uintptr, names **byte, nameLens *uintptr, values **byte, valueLens *uintptr, count uintptr) handle

// run calls query or stream. A FORMAT in the statement goes before format.
func (p *parameters) run(c call, conn handle, sql, format string) handle {
	result := c(conn, terminated(sql), uintptr(len(sql)), terminated(format), uintptr(len(format)),
		unsafe.SliceData(p.names), unsafe.SliceData(p.nameLens),
		unsafe.SliceData(p.values), unsafe.SliceData(p.valueLens), uintptr(len(p.names)))
	runtime.KeepAlive(p)
	return result
}

// native is the format of blocks, both ways: ClickHouse's own, at revision 0.
const native = "Native"
