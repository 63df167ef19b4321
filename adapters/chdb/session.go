//go:build linux || darwin

package chdb

import (
	"context"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"github.com/ClickHouse/clickhouse-go/v2"
)

// session is one connection to the engine. It runs one statement at a time.
type session struct {
	engine  *engine
	b       *binding
	conn    *handle
	comment string // its name in system.processes
	once    bool   // it is not used again: it has settings of its own, or was stopped midway

	inside atomic.Bool // a call into the library is running
}

// call runs a function of the library that may take long.
func (s *session) call(f func()) {
	s.inside.Store(true)
	f()
	s.inside.Store(false)
}

// do runs a statement without a result, to its end.
func (s *session) do(sql string) error {
	_, err := s.b.take(new(parameters).run(s.b.query, *s.conn, sql, native))
	return err
}

// set sets a setting for the session's life. log_comment is taken: it is the session's name.
func (s *session) set(name, value string) error {
	if !settingName.MatchString(name) {
		return fmt.Errorf("%q is not the name of a setting", name)
	}
	if name == "log_comment" {
		return nil
	}
	return s.do("SET " + name + " = " + quoteText(value))
}

var settingName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// killEvery is how often a statement is killed again until it ends: it is not in the list
// of statements from its very first moment.
const killEvery = 50 * time.Millisecond

// watch kills what the session runs once ctx ends. The function it returns ends the
// watch; no kill comes after it.
func (s *session) watch(ctx context.Context) (unwatch func()) {
	over, done := make(chan struct{}), make(chan struct{})
	stop := context.AfterFunc(ctx, func() {
		defer close(done)
		for {
			if s.inside.Load() {
				s.engine.kill(s.comment)
			}
			select {
			case <-over:
				return
			case <-time.After(killEvery):
			}
		}
	})
	return func() {
		close(over)
		if !stop() {
			<-done
		}
	}
}

// result is what a statement returns, as a body: chunks of a format, one of them
// waiting while another is read, the next made when it is taken.
type result struct {
	ctx    context.Context
	cancel context.CancelFunc
	chunks chan []byte
	err    error // set before chunks is closed

	rest []byte
}

// start runs a statement. The session is released when the statement has ended, which
// may be later than the result is closed.
func (s *session) start(ctx context.Context, sql, format string, p *parameters) *result {
	return s.startWith(ctx, func(r *result) error { return s.pump(r, sql, format, p) })
}

// startWhole runs a statement whose result is one document, and passes it on when it is
// whole.
func (s *session) startWhole(ctx context.Context, sql, format string, p *parameters) *result {
	return s.startWith(ctx, func(r *result) error { return s.whole(r, sql, format, p) })
}

func (s *session) startWith(ctx context.Context, run func(*result) error) *result {
	ctx, cancel := context.WithCancel(ctx)
	r := &result{ctx: ctx, cancel: cancel, chunks: make(chan []byte)}
	go func() {
		defer close(r.chunks)
		defer s.engine.release(s)
		defer context.AfterFunc(s.engine.ctx, cancel)()
		defer s.watch(ctx)()
		if r.err = run(r); r.err != nil && ctx.Err() != nil {
			r.err = context.Cause(ctx)
		}
	}()
	return r
}

// notStreamed is how the library turns down, unrun, a statement that is not a SELECT.
const notStreamed = "Streaming query is not supported"

// pump passes on what the statement returns. Only SELECT comes in chunks; everything else
// is small (SHOW, DESCRIBE) or nothing.
func (s *session) pump(r *result, sql, format string, p *parameters) error {
	var stream handle
	s.call(func() { stream = p.run(s.b.stream, *s.conn, sql, format) })
	if stream == nil {
		return errNoAnswer
	}
	defer s.b.resultDestroy(stream)
	message := text(s.b.resultError(stream))
	if strings.Contains(message, notStreamed) {
		return s.whole(r, sql, format, p)
	}
	if message != "" {
		return exception(message)
	}
	for {
		var chunk []byte
		var err error
		s.call(func() { chunk, err = s.b.take(s.b.fetch(*s.conn, stream)) })
		if err != nil {
			// Until its next statement or its end, a connection holds on to one
			// that broke off: it stays in system.processes with what it had.
			s.once = true
			return err
		}
		if len(chunk) == 0 {
			return nil
		}
		if !r.send(chunk) {
			s.once = true
			s.call(func() { s.b.cancel(*s.conn, stream) })
			return r.ctx.Err()
		}
	}
}

func (s *session) whole(r *result, sql, format string, p *parameters) (err error) {
	var all []byte
	s.call(func() { all, err = s.b.take(p.run(s.b.query, *s.conn, sql, format)) })
	if err != nil {
		s.once = true
		return err
	}
	if len(all) > 0 {
		r.send(all)
	}
	return nil
}

func (r *result) send(chunk []byte) bool {
	select {
	case r.chunks <- chunk:
		return true
	case <-r.ctx.Done():
		return false
	}
}

// wait waits for the first bytes, the end, or an error.
func (r *result) wait() error {
	if len(r.rest) > 0 {
		return nil
	}
	select {
	case chunk, more := <-r.chunks:
		r.rest = chunk
		if !more {
			return r.ended()
		}
		return nil
	case <-r.ctx.Done():
		return context.Cause(r.ctx)
	}
}

func (r *result) ended() error {
	if r.err != nil {
		return r.err
	}
	return io.EOF
}

func (r *result) Read(p []byte) (int, error) {
	if err := r.wait(); err != nil {
		return 0, err
	}
	n := copy(p, r.rest)
	r.rest = r.rest[n:]
	return n, nil
}

// Close ends the statement, without waiting until it has ended.
func (r *result) Close() error {
	r.cancel()
	return nil
}

// insert writes the blocks that body holds. If it returns an error that is not the
// context's, nothing was written; if the context ends first, the blocks may be there or
// not, but never a part of one partition's.
func (s *session) insert(ctx context.Context, sql string, body io.ReadCloser) error {
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	done := make(chan struct{})
	var err error
	go func() {
		defer close(done)
		defer s.engine.release(s)
		defer context.AfterFunc(s.engine.ctx, cancel)()
		defer s.watch(ctx)()
		err = s.write(ctx, sql, body)
	}()
	select {
	case <-done:
		if err != nil && ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return err
	case <-ctx.Done():
		body.Close() // so that write does not wait for more
		return context.Cause(ctx)
	}
}

const insertChunk = 1 << 20 // bytes handed over at a time; the library copies them

func (s *session) write(ctx context.Context, sql string, body io.Reader) (err error) {
	var stream handle
	s.call(func() {
		stream = s.b.insert(*s.conn, terminated(sql), uintptr(len(sql)), terminated(native), uintptr(len(native)))
	})
	if stream == nil {
		return errNoAnswer
	}
	defer s.b.insertDestroy(stream)
	if message := text(s.b.insertError(stream)); message != "" {
		return exception(message)
	}
	written, err := io.CopyBuffer(inserter{s, stream}, body, make([]byte, insertChunk))
	if err == nil && written == 0 {
		err = errors.New("the client sent no rows") // it could not encode them, and kept that to itself
	}
	if err == nil {
		err = ctx.Err()
	}
	if err != nil {
		s.once = true
		s.call(func() { s.b.insertCancel(stream) })
		return err
	}
	s.call(func() { _, err = s.b.take(s.b.insertDone(stream)) })
	return err
}

type inserter struct {
	s      *session
	stream handle
}

func (w inserter) Write(p []byte) (int, error) {
	var state int32
	w.s.call(func() { state = w.s.b.insertAppend(w.stream, &p[0], uintptr(len(p))) })
	if state != 0 {
		return 0, exception(text(w.s.b.insertError(w.stream)))
	}
	return len(p), nil
}

var exceptionCode = regexp.MustCompile(`^Code: ([0-9]+)\. `)

// exception is what the engine refused, as the client reports a server's refusals.
func exception(message string) error {
	match := exceptionCode.FindStringSubmatch(message)
	if match == nil {
		return errors.New("the engine: " + message)
	}
	code, err := strconv.ParseInt(match[1], 10, 32)
	if err != nil {
		return errors.New("the engine: " + message)
	}
	return &clickhouse.Exception{Code: int32(code), Name: "DB::Exception", Message: message}
}
