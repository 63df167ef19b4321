package esdb

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"iter"
	"math"
	"strconv"
	"sync/atomic"
	"time"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// Read implements ledger.Journal.
func (j *Journal) Read(ctx context.Context, query ledger.Query) iter.Seq2[ledger.Recorded, error] {
	return func(yield func(ledger.Recorded, error) bool) {
		if err := j.read(ctx, query, func(event ledger.Recorded) bool { return yield(event, nil) }); err != nil {
			yield(ledger.Recorded{}, fmt.Errorf("read: %w", err))
		}
	}
}

func (j *Journal) read(ctx context.Context, query ledger.Query, yield func(ledger.Recorded) bool) error {
	for {
		more, err := j.readOnce(ctx, &query, yield)
		if !more || err != nil {
			return err
		}
	}
}

// readOnce asks the server once. When the server sent as many as it was asked for and
// some of them were left out, more is true, and the query goes on where that ended.
func (j *Journal) readOnce(ctx context.Context, query *ledger.Query, yield func(ledger.Recorded) bool) (more bool, err error) {
	options, ask := readOptions(*query)
	if !ask {
		return false, ctx.Err()
	}
	call, err := j.call(ctx, options)
	if err != nil {
		return false, err
	}
	defer call.end()
	for left := options.GetCount(); ; {
		answer, err := j.receive(call, j.options.Timeout)
		if errors.Is(err, io.EOF) {
			return left == 0, nil
		}
		if err != nil {
			return false, err
		}
		read := answer.GetEvent()
		if originalOf(read) == nil {
			continue
		}
		left--
		event, is, err := recordedOf(read)
		if err != nil {
			return false, err
		}
		fits := is && query.Admits(event.Stream, event.Type) && !beyond(*query, event)
		if fits && (!yield(event) || query.Limit == 1) {
			return false, nil
		}
		if fits && query.Limit > 0 {
			query.Limit--
		}
		if left == 0 {
			advance(query, originalOf(read))
		}
	}
}

// advance moves a query to after what a server sent last.
func advance(query *ledger.Query, last *streams.ReadResp_ReadEvent_RecordedEvent) {
	query.After = ledger.Position(last.GetCommitPosition())
	switch revision := ledger.Revision(min(last.GetStreamRevision(), math.MaxInt64-1)); {
	case query.Stream == "":
	case query.Backwards:
		query.From = revision - 1
	default:
		query.From = revision + 1
	}
}

// originalOf is the event itself or, where it was resolved, the link to it.
func originalOf(read *streams.ReadResp_ReadEvent) *streams.ReadResp_ReadEvent_RecordedEvent {
	if link := read.GetLink(); link != nil {
		return link
	}
	return read.GetEvent()
}

// beyond drops the event at the position that a forward read begins after: servers
// include it.
func beyond(query ledger.Query, event ledger.Recorded) bool {
	return query.Stream == "" && !query.Backwards && event.Position <= query.After
}

// call opens a read or a subscription, looking for the leader once more when the node
// is lost.
func (j *Journal) call(ctx context.Context, options *streams.ReadReq_Options) (*reading, error) {
	for again := true; ; again = false {
		r, err := j.callOnce(ctx, options)
		if err == nil || !isLost(err) || !again || ctx.Err() != nil {
			return r, err
		}
	}
}

func (j *Journal) callOnce(ctx context.Context, options *streams.ReadReq_Options) (*reading, error) {
	bounded, cancel := context.WithTimeout(ctx, j.options.Timeout)
	defer cancel()
	l, err := j.link(bounded)
	if err != nil {
		return nil, err
	}
	if !l.enter() {
		return nil, errLost
	}
	// Of a follower one could read the past instead of what was just appended.
	ctx, end := context.WithCancel(metadata.AppendToOutgoingContext(ctx, "requires-leader", "true"))
	context.AfterFunc(ctx, l.leave)
	r := &reading{link: l, end: end}
	if r.call, err = l.streams.Read(ctx, &streams.ReadReq{Options: options}); err == nil {
		// The server's first word shows whether it is there.
		r.first, r.firstErr = j.receive(r, j.options.Timeout)
		if r.ahead = true; r.firstErr == nil || errors.Is(r.firstErr, io.EOF) {
			return r, nil
		}
		err = r.firstErr
	} else if isLost(err) {
		l.lose()
	}
	end()
	return nil, err
}

// reading is a read that is going on. Whoever has it calls end.
type reading struct {
	link   *link
	call   streams.Streams_ReadClient
	end    context.CancelFunc
	silent atomic.Bool // it was ended because the server did not answer

	ahead    bool // first has been received and not been handed on
	first    *streams.ReadResp
	firstErr error
}

// receive waits for the next message, no longer than the timeout unless that is 0. The
// time a consumer takes between two is its own. A stream that is not there ends in
// io.EOF.
func (j *Journal) receive(r *reading, timeout time.Duration) (*streams.ReadResp, error) {
	if r.ahead {
		r.ahead = false
		return r.first, r.firstErr
	}
	if timeout > 0 {
		timer := time.AfterFunc(timeout, func() { r.silent.Store(true); r.end() })
		defer timer.Stop()
	}
	answer, err := r.call.Recv()
	if err != nil {
		return nil, j.failed(r, err)
	}
	if answer.GetStreamNotFound() != nil {
		return nil, io.EOF
	}
	return answer, nil
}

// failed says what the end of a call means.
func (j *Journal) failed(r *reading, err error) error {
	if errors.Is(err, io.EOF) {
		return io.EOF
	}
	trailer := r.call.Trailer()
	kind := first(trailer, "exception")
	if r.silent.Load() {
		err = errSilent
	}
	if kind == "not-leader" {
		err = status.Error(codes.Unavailable, "it leads the cluster no longer")
	}
	if isLost(err) {
		j.options.Logger.Warn("event store: lost", "address", r.link.address, "error", err)
		r.link.lose()
		return err
	}
	if cause := r.call.Context().Err(); cause != nil && !r.silent.Load() {
		return cause
	}
	if kind == "stream-deleted" {
		return fmt.Errorf("the stream %s was deleted for ever", first(trailer, "stream-name"))
	}
	return err
}

func first(md metadata.MD, key string) string {
	if values := md.Get(key); len(values) > 0 {
		return values[0]
	}
	return ""
}

// readOptions is what to ask a server for a query, and whether there is anything to
// ask for.
func readOptions(query ledger.Query) (options *streams.ReadReq_Options, ask bool) {
	options = newOptions()
	if query.Backwards {
		options.ReadDirection = streams.ReadReq_Options_Backwards
	}
	count := uint64(math.MaxInt64)
	if query.Limit > 0 && len(query.Types) == 0 {
		// One more, since a forward read begins with the event it is to begin after.
		count = uint64(query.Limit) + 1
	}
	options.CountOption = &streams.ReadReq_Options_Count{Count: count}
	if query.Stream != "" {
		options.FilterOption = &streams.ReadReq_Options_NoFilter{NoFilter: &shared.Empty{}}
		options.StreamOption = &streams.ReadReq_Options_Stream{Stream: streamStart(query)}
		return options, len(query.Stream) <= ledger.MaxNameBytes && !isSystem(string(query.Stream)) && (query.From >= 0 || !query.Backwards)
	}
	options.FilterOption = filterOption(query.Filter)
	options.StreamOption = &streams.ReadReq_Options_All{All: allStart(query)}
	return options, query.Backwards && query.After > 0 || !query.Backwards && query.After < math.MaxInt64
}

func newOptions() *streams.ReadReq_Options {
	return &streams.ReadReq_Options{
		UuidOption: &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_Structured{Structured: &shared.Empty{}}},
	}
}

func streamStart(query ledger.Query) *streams.ReadReq_Options_StreamOptions {
	start := &streams.ReadReq_Options_StreamOptions{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(query.Stream)}}
	if query.Backwards && query.From == ledger.LatestRevision {
		start.RevisionOption = &streams.ReadReq_Options_StreamOptions_End{End: &shared.Empty{}}
	} else {
		start.RevisionOption = &streams.ReadReq_Options_StreamOptions_Revision{Revision: uint64(max(query.From, 0))}
	}
	return start
}

func allStart(query ledger.Query) *streams.ReadReq_Options_AllOptions {
	start := &streams.ReadReq_Options_AllOptions{}
	switch {
	case query.Backwards && query.After > math.MaxInt64:
		start.AllOption = &streams.ReadReq_Options_AllOptions_End{End: &shared.Empty{}}
	case query.After == 0:
		start.AllOption = &streams.ReadReq_Options_AllOptions_Start{Start: &shared.Empty{}}
	default:
		start.AllOption = at(query.After)
	}
	return start
}

func at(position ledger.Position) *streams.ReadReq_Options_AllOptions_Position {
	return &streams.ReadReq_Options_AllOptions_Position{Position: &streams.ReadReq_Options_Position{
		CommitPosition: uint64(position), PreparePosition: uint64(position),
	}}
}

// noSystemStreams keeps the server's own streams, which can be many, off the wire.
const noSystemStreams = `^[^\$].*`

// filterOption lets the server select by stream. A server selects by stream or by type,
// not both; types are selected here.
func filterOption(filter ledger.Filter) *streams.ReadReq_Options_Filter {
	expression := &streams.ReadReq_Options_FilterOptions_Expression{Regex: noSystemStreams}
	if len(filter.Streams) > 0 && !hasEmpty(filter.Streams) {
		expression = &streams.ReadReq_Options_FilterOptions_Expression{Prefix: filter.Streams}
	}
	return &streams.ReadReq_Options_Filter{Filter: &streams.ReadReq_Options_FilterOptions{
		Filter:                       &streams.ReadReq_Options_FilterOptions_StreamIdentifier{StreamIdentifier: expression},
		Window:                       &streams.ReadReq_Options_FilterOptions_Max{Max: searchWindow},
		CheckpointIntervalMultiplier: 1,
	}}
}

// searchWindow is the number of events after which a server says at the latest how far
// it has looked.
const searchWindow = 1024

func hasEmpty(prefixes []string) bool {
	for _, prefix := range prefixes {
		if prefix == "" {
			return true
		}
	}
	return false
}

// recordedOf reads an event from the wire; is is false for one of the server's own.
func recordedOf(read *streams.ReadResp_ReadEvent) (recorded ledger.Recorded, is bool, err error) {
	event := originalOf(read)
	if event == nil {
		return recorded, false, nil
	}
	stream := string(event.GetStreamIdentifier().GetStreamName())
	eventType := event.GetMetadata()["type"]
	if isSystem(stream) || isSystem(eventType) {
		return recorded, false, nil
	}
	place := fmt.Sprintf("event %d of %s at %d", event.GetStreamRevision(), stream, event.GetCommitPosition())
	id, err := idOf(event.GetId())
	if err != nil {
		return recorded, false, fmt.Errorf("%s: %w", place, err)
	}
	// Units of 100 ns since 1970.
	created, err := strconv.ParseInt(event.GetMetadata()["created"], 10, 64)
	if err != nil || created > math.MaxInt64/100 || created < 0 {
		return recorded, false, fmt.Errorf("%s: it was created at %q, which is no time", place, event.GetMetadata()["created"])
	}
	if event.GetStreamRevision() > math.MaxInt64 {
		return recorded, false, fmt.Errorf("%s: its revision is out of range", place)
	}
	return ledger.Recorded{
		Event:      ledger.Event{ID: id, Type: eventType, Data: event.GetData(), Meta: event.GetCustomMetadata()},
		Stream:     ledger.StreamID(stream),
		Revision:   ledger.Revision(event.GetStreamRevision()),
		Position:   ledger.Position(event.GetCommitPosition()),
		RecordedAt: time.Unix(0, created*100).UTC(),
	}, true, nil
}

func idOf(id *shared.UUID) (event ledger.EventID, err error) {
	if structured := id.GetStructured(); structured != nil {
		binary.BigEndian.PutUint64(event[:8], uint64(structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(event[8:], uint64(structured.GetLeastSignificantBits()))
		return event, nil
	}
	parsed, err := uuid.Parse(id.GetString_())
	return ledger.EventID(parsed), err
}
