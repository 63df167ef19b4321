//go:build linux || darwin

package chdb

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"

	"daybook/ledger"
)

// process is the engine of this process. The library keeps one directory open at a time,
// for as long as it has a connection; connections to that directory may be many.
var process struct {
	sync.Mutex
	library     string // loaded from
	binding     *binding
	dir         string
	connections int
}

// connectionNumber makes every connection's name its own in this process.
var connectionNumber atomic.Int64

// connect opens a connection to dir, starting the engine if it is the first.
func connect(library, dir string, arguments ...string) (*binding, *handle, error) {
	process.Lock()
	defer process.Unlock()
	if process.binding == nil {
		b, err := load(library)
		if err != nil {
			return nil, nil, ledger.Refuse(ledger.Say("the ClickHouse engine cannot be loaded: %s", err.Error()),
				ledger.Say("set CHDB_LIB_PATH to a libchdb.so for this system, or use --clickhouse with the address of a server"))
		}
		process.library, process.binding = library, b
	}
	if process.library != library {
		return nil, nil, fmt.Errorf("this process has loaded the engine from %s and cannot load %s beside it", process.library, library)
	}
	if process.connections > 0 && process.dir != dir {
		return nil, nil, fmt.Errorf("this process has its tables in %s open and cannot open %s beside them", process.dir, dir)
	}
	if process.connections == 0 {
		// The engine would find out too, but says so on standard error only.
		if err := inUse(dir); err != nil {
			return nil, nil, err
		}
	}
	conn := process.binding.open(append([]string{"daybook", "--path=" + dir}, arguments...)...)
	if conn == nil || *conn == nil {
		if process.connections == 0 {
			if err := inUse(dir); err != nil {
				return nil, nil, err
			}
		}
		return nil, nil, fmt.Errorf("the engine did not start in %s; it may have said why on standard error", dir)
	}
	process.dir = dir
	process.connections++
	return process.binding, conn, nil
}

func disconnect(b *binding, conn *handle) {
	process.Lock()
	defer process.Unlock()
	b.closeConnection(conn)
	process.connections--
}

// inUse tells whether another process has the tables open. ClickHouse holds a lock on
// the file "status" in its directory and writes its process number into it
// (Common/StatusFile.cpp).
func inUse(dir string) error {
	path := filepath.Join(dir, "status")
	f, err := os.OpenFile(path, os.O_RDWR, 0)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer f.Close() // and with it the lock
	err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if !errors.Is(err, syscall.EWOULDBLOCK) {
		return err
	}
	holder := "?"
	if text, err := os.ReadFile(path); err == nil {
		if match := holderPID.FindSubmatch(text); match != nil {
			holder = string(match[1])
		}
	}
	return fmt.Errorf("%w: %w", ledger.Refuse(
		ledger.Say("another program (process %s) has the tables in %s open", holder, dir),
		ledger.Say("end it, or choose another directory")), ledger.ErrInUse)
}

var holderPID = regexp.MustCompile(`(?m)^PID: ([0-9]+)$`)

// engine is the connections of one Warehouse.
type engine struct {
	library, dir string
	arguments    []string
	database     string

	ctx     context.Context // ends with Close
	stop    context.CancelFunc
	running sync.WaitGroup // calls into the library

	mu       sync.Mutex
	idle     []*session
	closed   bool
	reaching map[string]bool // see fence
}

// maxIdle is as many statements as run side by side (clickhouse-go's pool).
const maxIdle = 16

func newEngine(library string, options Options) (*engine, error) {
	dir, err := filepath.Abs(options.Dir)
	if err != nil {
		return nil, err
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	if dir, err = filepath.EvalSymlinks(dir); err != nil {
		return nil, err
	}
	threads := options.Threads
	if threads == 0 {
		threads = min(runtime.GOMAXPROCS(0), defaultMaxThreads)
	}
	memory := options.MaxMemory
	if memory == 0 {
		memory = defaultMaxMemory
	}
	e := &engine{library: library, dir: dir, arguments: []string{
		// The same answers on every machine, whatever its clock is set to.
		"--session_timezone=UTC",
		// The engine's defaults are those of clickhouse-local; these two differ from a
		// server's in what they let through.
		"--implicit_select=0",
		"--allow_introspection_functions=0",
		"--max_server_memory_usage_to_ram_ratio=0.5",
		fmt.Sprintf("--max_memory_usage=%d", memory),
		fmt.Sprintf("--max_threads=%d", threads),
	}}
	e.ctx, e.stop = context.WithCancel(context.Background())
	database := cmp.Or(options.Database, defaultDatabase)
	if err := e.makeDatabase(database); err != nil {
		return nil, errors.Join(err, e.close())
	}
	e.database = database
	return e, nil
}

func (e *engine) makeDatabase(name string) error {
	s, err := e.acquire(nil)
	if err != nil {
		return err
	}
	s.once = true // it does not have the database as its own
	defer e.release(s)
	return s.do("CREATE DATABASE IF NOT EXISTS " + quoteIdentifier(name))
}

// acquire takes a connection. Settings other than the engine's own get one of their own,
// which is closed afterwards, so that they cannot outlive the statement they came with.
func (e *engine) acquire(settings url.Values) (*session, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.closed {
		return nil, errClosed
	}
	e.running.Add(1)
	if last := len(e.idle) - 1; last >= 0 && len(settings) == 0 {
		s := e.idle[last]
		e.idle = e.idle[:last]
		return s, nil
	}
	s, err := e.connect(settings)
	if err != nil {
		e.running.Done()
	}
	return s, err
}

func (e *engine) connect(settings url.Values) (*session, error) {
	// The name under which a statement of this connection is found and killed.
	comment := fmt.Sprintf("daybook-%d", connectionNumber.Add(1))
	b, conn, err := connect(e.library, e.dir, append(e.arguments, "--log_comment="+comment)...)
	if err != nil {
		return nil, err
	}
	s := &session{engine: e, b: b, conn: conn, comment: comment, once: len(settings) > 0}
	if e.database != "" {
		err = s.do("USE " + quoteIdentifier(e.database))
	}
	for _, name := range inOrder(settings) {
		// Given to chdb_connect, an unknown setting would be taken in silence.
		if err == nil {
			err = s.set(name, settings.Get(name))
		}
	}
	if err != nil {
		disconnect(b, conn)
		return nil, err
	}
	return s, nil
}

// inOrder sorts the names of settings, readonly last: after it no other can be set.
func inOrder(settings url.Values) []string {
	return slices.SortedFunc(maps.Keys(settings), func(a, b string) int {
		return cmp.Or(cmp.Compare(rank(a), rank(b)), cmp.Compare(a, b))
	})
}

func rank(setting string) int {
	if setting == "readonly" {
		return 1
	}
	return 0
}

func (e *engine) release(s *session) {
	defer e.running.Done()
	e.mu.Lock()
	keep := !s.once && !e.closed && len(e.idle) < maxIdle
	if keep {
		e.idle = append(e.idle, s)
	}
	e.mu.Unlock()
	if !keep {
		disconnect(s.b, s.conn)
	}
}

// close ends every statement and closes every connection. With the last connection of
// the process the engine lets go of its directory.
func (e *engine) close() error {
	e.mu.Lock()
	e.closed = true
	idle := e.idle
	e.idle = nil
	e.mu.Unlock()
	e.stop()
	e.running.Wait()
	for _, s := range idle {
		disconnect(s.b, s.conn)
	}
	return nil
}

// kill asks the engine to end what the connection called comment is running.
func (e *engine) kill(comment string) {
	b, conn, err := connect(e.library, e.dir)
	if err != nil {
		return // the caller asks again
	}
	defer disconnect(b, conn)
	killer := session{engine: e, b: b, conn: conn}
	_ = killer.do("KILL QUERY WHERE Settings['log_comment'] = " + quoteText(comment) + " ASYNC")
}

var textEscapes = strings.NewReplacer(`\`, `\\`, `'`, `\'`, "\x00", `\0`)

func quoteText(s string) string { return "'" + textEscapes.Replace(s) + "'" }

func quoteIdentifier(s string) string {
	return "`" + strings.NewReplacer(`\`, `\\`, "`", "\\`").Replace(s) + "`"
}

var (
	errClosed   = errors.New("the embedded ClickHouse is closed")
	errNoAnswer = errors.New("the engine gave no answer")
)
