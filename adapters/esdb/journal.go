package esdb

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"time"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/google/uuid"
)

// Options are what a Journal can be told. The zero value is good for production.
type Options struct {
	// Timeout bounds an append, and the wait for the next event of a read; 0 is the
	// connection string's defaultDeadline or else 10 s.
	Timeout time.Duration
	// Patience is how long Follow looks for a server that is gone before it gives up;
	// 0 is a minute.
	Patience time.Duration
	// Logger hears of lost connections; nil is silence.
	Logger *slog.Logger
}

// A Journal is a ledger.Journal on an event store. All methods may be called from many
// goroutines.
type Journal struct {
	config  *esdb.Configuration
	options Options

	mu      sync.Mutex
	current *link
	dialing chan struct{} // closed when the dialling that is going on has ended; nil when none is
	dialErr error         // how the last dialling ended
	closed  bool
}

var _ ledger.Journal = (*Journal)(nil)

var errClosed = errors.New("the journal is closed")

// Open connects to the event store that a connection string names, such as
// esdb://host:2113?tls=false or esdb://user:password@host1:2113,host2:2113.
func Open(ctx context.Context, connection string, options Options) (*Journal, error) {
	config, err := esdb.ParseConnectionString(connection)
	if err != nil {
		what := ledger.Say("the connection string cannot be read: %s", err.Error())
		if strings.Contains(connection, "@") {
			// The reason quotes the string, with the password in it.
			what = ledger.Say("the connection string cannot be read")
		}
		return nil, ledger.Refuse(what, ledger.Say("write it as esdb://host:2113?tls=false or esdb://user:password@host:2113; "+
			"in a password, write signs other than letters and digits as percent signs with two digits"))
	}
	if config.DisableTLS && config.Username != "" {
		return nil, ledger.Refuse(ledger.Say("a password is not sent over a connection that is not encrypted"),
			ledger.Say("leave out tls=false, or the name and the password"))
	}
	if options.Timeout == 0 && config.DefaultDeadline != nil {
		options.Timeout = *config.DefaultDeadline
	}
	if options.Timeout <= 0 {
		options.Timeout = 10 * time.Second
	}
	if options.Patience == 0 {
		options.Patience = time.Minute
	}
	if options.Logger == nil {
		options.Logger = slog.New(slog.DiscardHandler)
	}
	// The client's own words are of no use to anybody: what matters comes back as errors.
	config.Logger = esdb.NoopLogging()
	j := &Journal{config: config, options: options}
	if _, err := j.link(ctx); err != nil {
		return nil, fmt.Errorf("open event store: %w", err)
	}
	return j, nil
}

// Close ends the connection. Calls that are going on end with an error.
func (j *Journal) Close() error {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.closed = true
	if j.current != nil {
		j.current.lose()
		j.current.conn.Close() // which ends the reads; the client ends with its last call
	}
	return nil
}

// link returns the connection, and makes it first when there is none. One caller
// dials; the others wait, each until its own ctx ends.
func (j *Journal) link(ctx context.Context) (*link, error) {
	for {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		j.mu.Lock()
		if j.closed {
			j.mu.Unlock()
			return nil, errClosed
		}
		if j.current != nil && !j.current.isLost() {
			defer j.mu.Unlock()
			return j.current, nil
		}
		waiting := j.dialing
		if waiting == nil {
			waiting = make(chan struct{})
			j.dialing = waiting
			go j.dial(waiting)
		}
		j.mu.Unlock()
		select {
		case <-waiting:
		case <-ctx.Done():
			return nil, ctx.Err()
		}
		j.mu.Lock()
		err := j.dialErr
		j.mu.Unlock()
		if err != nil {
			return nil, err
		}
	}
}

// dial makes the connection for all who wait for it.
func (j *Journal) dial(done chan struct{}) {
	ctx, cancel := context.WithTimeout(context.Background(), j.options.Timeout)
	defer cancel()
	l, err := dial(ctx, j.config)
	j.mu.Lock()
	defer j.mu.Unlock()
	if err == nil && j.closed {
		l.lose()
		err = errClosed
	}
	if j.dialErr = err; err == nil {
		j.current = l
	}
	j.dialing = nil
	close(done)
}

// isSystem reports whether a stream or a type of event is the server's own.
func isSystem(name string) bool { return strings.HasPrefix(name, "$") }

// Append implements ledger.Journal. When the connection is lost on the way it tries
// again until the deadline; after an error of a deadline it is not known whether the
// events were written, and appending them again finds out.
func (j *Journal) Append(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events ...ledger.Event) (ledger.Position, error) {
	if err := ctx.Err(); err != nil {
		return 0, err
	}
	if err := ledger.CheckAppend(stream, expect, events, ledger.MaxAppendBytes); err != nil {
		return 0, err
	}
	if isSystem(string(stream)) {
		return 0, ledger.Problem("the name of the stream %s is the event store's own", string(stream))
	}
	for _, event := range events {
		if isSystem(event.Type) {
			return 0, ledger.Problem("the type %s is the event store's own", event.Type)
		}
	}
	ctx, cancel := context.WithTimeout(ctx, j.options.Timeout)
	defer cancel()
	if len(events) == 0 {
		return j.appendNothing(ctx, stream, expect)
	}
	position, err := j.appendAgain(ctx, stream, expect, events)
	var known *esdb.Error
	if errors.As(err, &known) && known.Code() == esdb.ErrorCodeWrongExpectedVersion {
		position, err = j.held(ctx, stream, expect, events)
	}
	if err != nil && !errors.Is(err, ledger.ErrConflict) {
		err = fmt.Errorf("append to %s: %w", stream, err)
	}
	return position, err
}

// appendNothing only checks what the writer expects.
func (j *Journal) appendNothing(ctx context.Context, stream ledger.StreamID, expect ledger.Revision) (ledger.Position, error) {
	last, err := j.lastOf(ctx, stream)
	if err != nil {
		return 0, err
	}
	return last.Position, ledger.CheckExpected(stream, expect, last.Revision)
}

// lastOf is the last event of a stream, or revision -1 at position 0.
func (j *Journal) lastOf(ctx context.Context, stream ledger.StreamID) (ledger.Recorded, error) {
	query := ledger.Query{Stream: stream, From: ledger.LatestRevision, Backwards: true, Limit: 1}
	for event, err := range j.Read(ctx, query) {
		return event, err
	}
	return ledger.Recorded{Revision: -1}, nil
}

// appendAgain appends until it is known how that ended. It is safe, since the server
// recognises events that it has just written.
func (j *Journal) appendAgain(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events []ledger.Event) (ledger.Position, error) {
	var last error
	for pause := firstPause; ; pause = min(2*pause, longestPause) {
		position, err := j.appendOnce(ctx, stream, expect, events)
		if err == nil || !isLost(err) {
			return position, preferred(ctx, err, last)
		}
		last = err
		if !sleep(ctx, pause) {
			return 0, last
		}
	}
}

// preferred is the reason for which a call was tried again, when all that came after it
// is that the time was up.
func preferred(ctx context.Context, err, last error) error {
	if err != nil && last != nil && ctx.Err() != nil {
		return last
	}
	return err
}

func (j *Journal) appendOnce(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events []ledger.Event) (ledger.Position, error) {
	l, err := j.link(ctx)
	if err != nil {
		return 0, err
	}
	var result *esdb.WriteResult
	err = l.guard(ctx, func() error {
		written, err := l.client.AppendToStream(ctx, string(stream), esdb.AppendToStreamOptions{
			ExpectedRevision: expectation(expect), Deadline: &j.options.Timeout,
		}, proposed(events)...)
		if err == nil {
			result = written
		}
		return err
	})
	if err != nil {
		if isLost(err) {
			j.options.Logger.Warn("event store: lost", "address", l.address, "error", err)
			l.lose()
		}
		return 0, err
	}
	if len(events) == 1 && result.CommitPosition > 0 {
		return ledger.Position(result.CommitPosition), nil
	}
	return j.positionOf(ctx, stream, ledger.Revision(result.NextExpectedVersion))
}

// positionOf asks for the position of an event, which the answer to an append of
// several is not bound to be that of the last.
func (j *Journal) positionOf(ctx context.Context, stream ledger.StreamID, revision ledger.Revision) (ledger.Position, error) {
	for event, err := range j.Read(ctx, ledger.Query{Stream: stream, From: revision, Limit: 1}) {
		return event.Position, err
	}
	return 0, fmt.Errorf("revision %d was appended and is not there", revision)
}

// held decides what a refused expectation means. The server refuses a replay that is
// not where the expectation says, and one that it has forgotten: then the stream knows.
func (j *Journal) held(ctx context.Context, stream ledger.StreamID, expect ledger.Revision, events []ledger.Event) (ledger.Position, error) {
	sought := make(map[ledger.EventID]struct{}, len(events))
	for _, event := range events {
		sought[event.ID] = struct{}{}
	}
	held, position, at := 0, ledger.Position(0), ledger.Revision(-1)
	for event, err := range j.Read(ctx, ledger.Query{Stream: stream}) {
		if err != nil {
			return 0, err
		}
		at = event.Revision
		if _, is := sought[event.ID]; !is {
			continue
		}
		held++
		if event.ID == events[len(events)-1].ID {
			position = event.Position
		}
	}
	replay, err := ledger.CheckHeld(stream, held, len(events))
	if replay || err != nil {
		return position, err
	}
	if err := ledger.CheckExpected(stream, expect, at); err != nil {
		return 0, err
	}
	// It was refused when it was tried, and has moved to where it was expected since.
	return 0, fmt.Errorf("append to %s: expected at revision %d: %w", stream, expect, ledger.ErrConflict)
}

func expectation(expect ledger.Revision) esdb.ExpectedRevision {
	switch expect {
	case ledger.Any:
		return esdb.Any{}
	case ledger.NoStream:
		return esdb.NoStream{}
	case ledger.Exists:
		return esdb.StreamExists{}
	}
	return esdb.Revision(uint64(expect))
}

func proposed(events []ledger.Event) []esdb.EventData {
	data := make([]esdb.EventData, len(events))
	for i, event := range events {
		contentType := esdb.ContentTypeBinary
		if json.Valid(event.Data) {
			contentType = esdb.ContentTypeJson
		}
		data[i] = esdb.EventData{
			EventID: uuid.UUID(event.ID), EventType: event.Type, ContentType: contentType, Data: event.Data, Metadata: event.Meta,
		}
	}
	return data
}
