package esdbserver

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"net"
	"strings"
	"testing"
	"time"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// front is a server over a journal in memory, the official client, and bare stubs for
// what the client cannot say.
type front struct {
	t       *testing.T
	journal *ledger.Memory
	server  *Server
	address string
	client  *esdb.Client
	conn    *grpc.ClientConn
	stubs   streams.StreamsClient
}

func newFront(t *testing.T, options Options) *front {
	t.Helper()
	f := &front{t: t, journal: ledger.NewMemory(options.Now)}
	var err error
	if f.server, err = New(f.journal, options); err != nil {
		t.Fatal(err)
	}
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	f.address = listener.Addr().String()
	served := make(chan error, 1)
	go func() { served <- f.server.Serve(listener) }()
	config, err := esdb.ParseConnectionString("esdb://" + f.address + "?tls=false")
	if err != nil {
		t.Fatal(err)
	}
	config.Logger = esdb.NoopLogging()
	if f.client, err = esdb.NewClient(config); err != nil {
		t.Fatal(err)
	}
	if f.conn, err = grpc.NewClient(f.address, grpc.WithTransportCredentials(insecure.NewCredentials())); err != nil {
		t.Fatal(err)
	}
	f.stubs = streams.NewStreamsClient(f.conn)
	t.Cleanup(func() {
		f.client.Close()
		f.conn.Close()
		ctx, cancel := context.WithTimeout(context.Background(), time.Second)
		defer cancel()
		f.server.Stop(ctx)
		if err := <-served; err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	return f
}

// event makes a JSON event whose id follows from its number.
func event(n int) esdb.EventData {
	return esdb.EventData{EventID: uuid.UUID(ledger.DeriveID("front", fmt.Sprint(n))), EventType: "thing-done.v1",
		ContentType: esdb.ContentTypeJson, Data: fmt.Appendf(nil, `{"n":%d}`, n), Metadata: []byte(`{"m":1}`)}
}

func events(from, n int) (all []esdb.EventData) {
	for i := range n {
		all = append(all, event(from+i))
	}
	return all
}

func (f *front) append(stream string, expected esdb.ExpectedRevision, events ...esdb.EventData) (*esdb.WriteResult, error) {
	return f.client.AppendToStream(f.t.Context(), stream, esdb.AppendToStreamOptions{ExpectedRevision: expected}, events...)
}

func (f *front) mustAppend(stream string, expected esdb.ExpectedRevision, events ...esdb.EventData) *esdb.WriteResult {
	f.t.Helper()
	result, err := f.append(stream, expected, events...)
	if err != nil {
		f.t.Fatalf("append to %s: %v", stream, err)
	}
	return result
}

// code is the client's name for an error, -1 for none.
func code(err error) esdb.ErrorCode {
	if err == nil {
		return -1
	}
	var known *esdb.Error
	if !errors.As(err, &known) {
		return esdb.ErrorCodeUnknown
	}
	return known.Code()
}

// revisions reads a stream and returns the revisions it shows.
func (f *front) revisions(stream string, options esdb.ReadStreamOptions, count uint64) (revisions []uint64, err error) {
	read, err := f.client.ReadStream(f.t.Context(), stream, options, count)
	if err != nil {
		return nil, err
	}
	defer read.Close()
	for {
		event, err := read.Recv()
		if errors.Is(err, io.EOF) {
			return revisions, nil
		}
		if err != nil {
			return revisions, err
		}
		revisions = append(revisions, event.OriginalEvent().EventNumber)
	}
}

func (f *front) shows(stream string, options esdb.ReadStreamOptions, count uint64, want ...uint64) {
	f.t.Helper()
	got, err := f.revisions(stream, options, count)
	if err != nil || fmt.Sprint(got) != fmt.Sprint(want) {
		f.t.Errorf("%s from %v shows %v (%v), want %v", stream, options.From, got, err, want)
	}
}

var backwards = esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}

func TestExpectations(t *testing.T) {
	f := newFront(t, Options{})
	wrong := esdb.ErrorCodeWrongExpectedVersion
	for i, step := range []struct {
		stream   string
		expected esdb.ExpectedRevision
		events   int
		want     esdb.ErrorCode
		revision uint64
	}{
		{"a-1", esdb.StreamExists{}, 1, wrong, 0},
		{"a-1", esdb.Revision(0), 1, wrong, 0},
		{"a-1", esdb.NoStream{}, 2, -1, 1},
		{"a-1", esdb.NoStream{}, 1, wrong, 0},
		{"a-1", esdb.Revision(0), 1, wrong, 0},
		{"a-1", esdb.Revision(1), 1, -1, 2},
		{"a-1", esdb.StreamExists{}, 3, -1, 5},
		{"a-1", esdb.Any{}, 1, -1, 6},
		{"a-1", esdb.Revision(6), 0, -1, 6},
		{"a-1", esdb.Revision(5), 0, wrong, 0},
		{"a-2", esdb.Any{}, 1, -1, 0},
	} {
		result, err := f.append(step.stream, step.expected, events(100*i, step.events)...)
		if code(err) != step.want {
			t.Fatalf("step %d: got %v", i, err)
		}
		if err == nil && result.NextExpectedVersion != step.revision {
			t.Fatalf("step %d: ended at revision %d, want %d", i, result.NextExpectedVersion, step.revision)
		}
	}
	// What was written before is known, wherever the writer believes the stream to be.
	for _, expected := range []esdb.ExpectedRevision{esdb.Any{}, esdb.NoStream{}, esdb.Revision(77), esdb.StreamExists{}} {
		if result := f.mustAppend("a-1", expected, events(200, 2)...); result.NextExpectedVersion != 1 || result.CommitPosition != 2 {
			t.Errorf("the replay ended at revision %d, position %d", result.NextExpectedVersion, result.CommitPosition)
		}
	}
	if _, err := f.append("a-1", esdb.Any{}, event(201), event(9999)); code(err) != wrong {
		t.Errorf("a mixture of old and new: %v", err)
	}
}

func TestReadStream(t *testing.T) {
	f := newFront(t, Options{})
	f.mustAppend("a-1", esdb.NoStream{}, events(0, 6)...)
	at := func(from esdb.StreamPosition, direction esdb.Direction) esdb.ReadStreamOptions {
		return esdb.ReadStreamOptions{From: from, Direction: direction}
	}
	f.shows("a-1", at(esdb.Start{}, esdb.Forwards), 100, 0, 1, 2, 3, 4, 5)
	f.shows("a-1", at(esdb.Revision(4), esdb.Forwards), 100, 4, 5)
	f.shows("a-1", at(esdb.Revision(2), esdb.Forwards), 2, 2, 3)
	f.shows("a-1", at(esdb.Revision(6), esdb.Forwards), 100)
	f.shows("a-1", at(esdb.End{}, esdb.Forwards), 100)
	f.shows("a-1", at(esdb.End{}, esdb.Backwards), 3, 5, 4, 3)
	f.shows("a-1", at(esdb.Revision(1), esdb.Backwards), 100, 1, 0)
	f.shows("a-1", at(esdb.Revision(99), esdb.Backwards), 1, 5)
	f.shows("a-1", at(esdb.Start{}, esdb.Backwards), 100, 0)
	f.shows("a-1", at(esdb.Start{}, esdb.Forwards), math.MaxUint64, 0, 1, 2, 3, 4, 5)
	if _, err := f.revisions("a-2", esdb.ReadStreamOptions{}, 1); code(err) != esdb.ErrorCodeResourceNotFound {
		t.Errorf("a stream that is not there: %v", err)
	}
}

func TestWhatIsKept(t *testing.T) {
	now := time.Date(2026, 1, 5, 12, 0, 0, 0, time.UTC)
	f := newFront(t, Options{Now: func() time.Time { return now }})
	for i := range 10 {
		f.mustAppend("a-1", esdb.Any{}, event(i))
		now = now.Add(time.Second)
	}
	keep := func(change func(*esdb.StreamMetadata)) {
		t.Helper()
		var metadata esdb.StreamMetadata
		change(&metadata)
		if _, err := f.client.SetStreamMetadata(t.Context(), "a-1", esdb.AppendToStreamOptions{}, metadata); err != nil {
			t.Fatal(err)
		}
	}
	forwards := esdb.ReadStreamOptions{}
	keep(func(m *esdb.StreamMetadata) { m.SetMaxCount(3) })
	f.shows("a-1", forwards, 100, 7, 8, 9)
	f.shows("a-1", backwards, 100, 9, 8, 7)
	keep(func(m *esdb.StreamMetadata) { m.SetTruncateBefore(5) })
	f.shows("a-1", forwards, 2, 5, 6)
	f.shows("a-1", backwards, 100, 9, 8, 7, 6, 5)
	keep(func(m *esdb.StreamMetadata) { m.SetMaxAge(4 * time.Second) })
	f.shows("a-1", forwards, 3, 6, 7, 8)
	f.shows("a-1", backwards, 100, 9, 8, 7, 6)
	keep(func(m *esdb.StreamMetadata) { m.SetMaxAge(4 * time.Second); m.SetMaxCount(2); m.SetTruncateBefore(7) })
	f.shows("a-1", forwards, 100, 8, 9)
	keep(func(m *esdb.StreamMetadata) { m.SetTruncateBefore(100) })
	f.shows("a-1", forwards, 100)
	keep(func(m *esdb.StreamMetadata) { m.AddCustomProperty("till", "01") })
	f.shows("a-1", forwards, 1, 0)

	metadata, err := f.client.GetStreamMetadata(t.Context(), "a-1", esdb.ReadStreamOptions{})
	if err != nil || metadata.CustomProperty("till") != "01" || metadata.TruncateBefore() != nil {
		t.Errorf("the metadata are %+v (%v)", metadata, err)
	}
	f.shows("$$a-1", forwards, 100, 5) // only the latest
	f.mustAppend("$$a-1", esdb.Any{}, esdb.EventData{EventType: "$metadata", Data: []byte("not JSON")})
	f.shows("a-1", forwards, 1, 0)
}

func TestDeleteAndRevive(t *testing.T) {
	f := newFront(t, Options{})
	f.mustAppend("a-1", esdb.NoStream{}, events(0, 3)...)
	remove := func(stream string, expected esdb.ExpectedRevision) error {
		_, err := f.client.DeleteStream(t.Context(), stream, esdb.DeleteStreamOptions{ExpectedRevision: expected})
		return err
	}
	for _, expected := range []esdb.ExpectedRevision{esdb.Any{}, esdb.StreamExists{}, esdb.Revision(0)} {
		if err := remove("a-9", expected); err == nil || !strings.Contains(err.Error(), "wrong expected revision") {
			t.Errorf("deleting nothing at %v: %v", expected, err)
		}
	}
	if err := remove("a-1", esdb.Revision(1)); err == nil {
		t.Error("deleted at a wrong revision")
	}
	for round := range 3 {
		if err := remove("a-1", esdb.Any{}); err != nil {
			t.Fatal(err)
		}
		if _, err := f.revisions("a-1", esdb.ReadStreamOptions{}, 10); code(err) != esdb.ErrorCodeResourceNotFound {
			t.Fatalf("a deleted stream: %v", err)
		}
		next := uint64(3 + round)
		if _, err := f.append("a-1", esdb.StreamExists{}, event(50)); code(err) != esdb.ErrorCodeWrongExpectedVersion {
			t.Fatalf("a deleted stream exists: %v", err)
		}
		expected := []esdb.ExpectedRevision{esdb.NoStream{}, esdb.Any{}, esdb.Revision(next - 1)}[round]
		if result := f.mustAppend("a-1", expected, event(100+round)); result.NextExpectedVersion != next {
			t.Fatalf("revived at revision %d, want %d", result.NextExpectedVersion, next)
		}
		f.shows("a-1", esdb.ReadStreamOptions{}, 10, next)
		f.shows("a-1", backwards, 10, next)
	}
	// Metadata revive it too, but not what was deleted.
	if err := remove("a-1", esdb.Any{}); err != nil {
		t.Fatal(err)
	}
	var metadata esdb.StreamMetadata
	metadata.AddCustomProperty("till", "01")
	if _, err := f.client.SetStreamMetadata(t.Context(), "a-1", esdb.AppendToStreamOptions{}, metadata); err != nil {
		t.Fatal(err)
	}
	f.shows("a-1", esdb.ReadStreamOptions{}, 10)
	if got, err := f.client.GetStreamMetadata(t.Context(), "a-1", esdb.ReadStreamOptions{}); err != nil || got.CustomProperty("till") != "01" {
		t.Errorf("the metadata are %+v (%v)", got, err)
	}
}

func TestTombstone(t *testing.T) {
	f := newFront(t, Options{})
	f.mustAppend("a-1", esdb.NoStream{}, events(0, 3)...)
	running, err := f.client.SubscribeToStream(t.Context(), "a-1", esdb.SubscribeToStreamOptions{From: esdb.Start{}})
	if err != nil {
		t.Fatal(err)
	}
	end := func() error {
		_, err := f.client.TombstoneStream(t.Context(), "a-1", esdb.TombstoneStreamOptions{ExpectedRevision: esdb.Revision(2)})
		return err
	}
	if err := end(); err != nil {
		t.Fatal(err)
	}
	_, appending := f.append("a-1", esdb.Any{}, event(7))
	_, reading := f.revisions("a-1", esdb.ReadStreamOptions{}, 1)
	_, deleting := f.client.DeleteStream(t.Context(), "a-1", esdb.DeleteStreamOptions{ExpectedRevision: esdb.Any{}})
	_, describing := f.client.SetStreamMetadata(t.Context(), "a-1", esdb.AppendToStreamOptions{}, esdb.StreamMetadata{})
	_, subscribing := f.client.SubscribeToStream(t.Context(), "a-1", esdb.SubscribeToStreamOptions{})
	for what, err := range map[string]error{"append": appending, "read": reading, "delete": deleting, "tombstone": end(), "metadata": describing, "subscribe": subscribing} {
		if code(err) != esdb.ErrorCodeStreamDeleted {
			t.Errorf("%s: got %v", what, err)
		}
	}
	for count := 0; ; {
		got := running.Recv()
		if got.EventAppeared != nil {
			count++
		}
		if dropped := got.SubscriptionDropped; dropped != nil {
			if status.Code(dropped.Error) != codes.FailedPrecondition || count != 3 {
				t.Errorf("the subscription ended after %d events with %v", count, dropped.Error)
			}
			break
		}
	}
	// Among all streams, everything is still there, and the tombstone is the last event.
	read, err := f.client.ReadAll(t.Context(), esdb.ReadAllOptions{Direction: esdb.Backwards, From: esdb.End{}}, 10)
	if err != nil {
		t.Fatal(err)
	}
	defer read.Close()
	last, err := read.Recv()
	if err != nil || last.Event.EventType != "$streamDeleted" || last.Event.EventNumber != math.MaxInt64 || last.Event.Position.Commit != 4 {
		t.Errorf("the last event is %+v (%v)", last, err)
	}
}

func TestReadAll(t *testing.T) {
	f := newFront(t, Options{})
	for i := range 10 {
		f.mustAppend(fmt.Sprintf("a-%d", i%3), esdb.Any{}, event(i))
	}
	read := func(options esdb.ReadAllOptions, count uint64) (positions []uint64) {
		t.Helper()
		read, err := f.client.ReadAll(t.Context(), options, count)
		if err != nil {
			t.Fatal(err)
		}
		defer read.Close()
		for {
			event, err := read.Recv()
			if errors.Is(err, io.EOF) {
				return positions
			}
			if err != nil {
				t.Fatal(err)
			}
			if event.Commit == nil || *event.Commit != event.Event.Position.Commit || event.Event.Position.Commit != event.Event.Position.Prepare {
				t.Fatalf("positions of %+v differ", event)
			}
			positions = append(positions, event.Event.Position.Commit)
		}
	}
	at := func(n uint64) esdb.Position { return esdb.Position{Commit: n, Prepare: n} }
	for _, test := range []struct {
		options esdb.ReadAllOptions
		count   uint64
		want    []uint64
	}{
		{esdb.ReadAllOptions{From: esdb.Start{}}, 3, []uint64{1, 2, 3}},
		{esdb.ReadAllOptions{From: at(9)}, 10, []uint64{9, 10}}, // forwards it is included
		{esdb.ReadAllOptions{From: at(99)}, 10, nil},
		{esdb.ReadAllOptions{From: esdb.End{}}, 10, nil},
		{esdb.ReadAllOptions{From: esdb.End{}, Direction: esdb.Backwards}, 2, []uint64{10, 9}},
		{esdb.ReadAllOptions{From: at(3), Direction: esdb.Backwards}, 10, []uint64{2, 1}}, // backwards it is not
		{esdb.ReadAllOptions{From: esdb.Start{}, Direction: esdb.Backwards}, 10, nil},
	} {
		if got := read(test.options, test.count); fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%+v: got %v, want %v", test.options, got, test.want)
		}
	}
}

func TestLinks(t *testing.T) {
	f := newFront(t, Options{})
	f.mustAppend("a-1", esdb.NoStream{}, events(0, 2)...)
	link := func(n int, data string) esdb.EventData {
		e := event(n)
		e.EventType, e.Data, e.ContentType = "$>", []byte(data), esdb.ContentTypeBinary
		return e
	}
	f.mustAppend("l-1", esdb.NoStream{}, link(10, "1@a-1"), link(11, "9@a-1"), link(12, "0@b-1"), link(13, "x"))
	for _, resolve := range []bool{true, false} {
		read, err := f.client.ReadStream(t.Context(), "l-1", esdb.ReadStreamOptions{ResolveLinkTos: resolve}, 10)
		if err != nil {
			t.Fatal(err)
		}
		for i := range 4 {
			got, err := read.Recv()
			if err != nil {
				t.Fatal(err)
			}
			resolved := got.Link != nil && got.Event != nil && got.Event.StreamID == "a-1" && got.Event.EventNumber == 1
			gone := got.Link != nil && got.Event == nil
			plain := got.Link == nil && got.Event.EventType == "$>"
			if want := map[bool]bool{true: resolved, false: gone}[i == 0]; resolve && !want || !resolve && !plain {
				t.Errorf("link %d, resolving %v: %+v", i, resolve, got)
			}
		}
		read.Close()
	}
}

// subscribeAll collects what a subscription sends until it has caught up and so many
// events have come.
func (f *front) subscribeAll(options esdb.SubscribeToAllOptions, want int) (positions, checkpoints []uint64) {
	f.t.Helper()
	ctx, cancel := context.WithTimeout(f.t.Context(), time.Minute)
	defer cancel()
	subscription, err := f.client.SubscribeToAll(ctx, options)
	if err != nil {
		f.t.Fatal(err)
	}
	defer subscription.Close()
	for caughtUp := false; !caughtUp || len(positions) < want; {
		got := subscription.Recv()
		switch {
		case got.EventAppeared != nil:
			positions = append(positions, got.EventAppeared.Event.Position.Commit)
		case got.CheckPointReached != nil:
			checkpoints = append(checkpoints, got.CheckPointReached.Commit)
		case got.CaughtUp != nil:
			caughtUp = true
		case got.SubscriptionDropped != nil:
			f.t.Fatal(got.SubscriptionDropped.Error)
		}
	}
	return positions, checkpoints
}

func TestCheckpoints(t *testing.T) {
	f := newFront(t, Options{})
	for i := range 1000 {
		stream := "a-1"
		if i%100 == 7 {
			stream = "b-1"
		}
		f.mustAppend(stream, esdb.Any{}, event(i))
	}
	for _, filter := range []*esdb.SubscriptionFilter{
		{Type: esdb.StreamFilterType, Prefixes: []string{"x", "b-"}},
		{Type: esdb.StreamFilterType, Regex: "^b"},
		{Type: esdb.EventFilterType, Prefixes: []string{"nothing"}},
	} {
		for _, interval := range []int{1, 7} {
			options := esdb.SubscribeToAllOptions{From: esdb.Start{}, Filter: filter, MaxSearchWindow: 10, CheckpointInterval: interval}
			positions, checkpoints := f.subscribeAll(options, 0)
			if want := map[bool]int{true: 10, false: 0}[filter.Type == esdb.StreamFilterType]; len(positions) != want {
				t.Errorf("%+v: %d events, want %d", filter, len(positions), want)
			}
			for i, checkpoint := range checkpoints {
				if i > 0 && (checkpoint <= checkpoints[i-1] || checkpoint > checkpoints[i-1]+uint64(10*interval)) {
					t.Errorf("%+v: checkpoint %d follows %d", filter, checkpoint, checkpoints[i-1])
				}
			}
			if checkpoints[len(checkpoints)-1] != 1000 {
				t.Errorf("%+v: the last checkpoint is %d", filter, checkpoints[len(checkpoints)-1])
			}
			// Going on from any checkpoint loses and repeats nothing.
			for _, checkpoint := range checkpoints[:min(3, len(checkpoints))] {
				options.From = esdb.Position{Commit: checkpoint, Prepare: checkpoint}
				rest, _ := f.subscribeAll(options, 0)
				before := 0
				for _, position := range positions {
					if position <= checkpoint {
						before++
					}
				}
				if fmt.Sprint(rest) != fmt.Sprint(positions[before:]) {
					t.Errorf("%+v from %d: %v, want %v", filter, checkpoint, rest, positions[before:])
				}
			}
		}
	}
	if _, err := f.client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{Filter: &esdb.SubscriptionFilter{Type: esdb.StreamFilterType, Regex: "(?!x)"}}); err == nil {
		t.Error("look-around was accepted")
	}
}

func TestSubscribeToStream(t *testing.T) {
	for _, test := range []struct {
		stream string
		from   esdb.StreamPosition
		want   []uint64 // of revisions 0 to 4 before and 5 to 9 after the subscription
	}{
		{"a-1", esdb.Start{}, []uint64{0, 1, 2, 3, 4, 5, 6, 7, 8, 9}},
		{"a-1", esdb.Revision(2), []uint64{3, 4, 5, 6, 7, 8, 9}},
		{"a-1", esdb.End{}, []uint64{5, 6, 7, 8, 9}},
		{"a-1", esdb.Revision(7), []uint64{8, 9}},
		{"a-12", esdb.Start{}, []uint64{0, 1, 2, 3, 4}},
	} {
		f := newFront(t, Options{})
		f.mustAppend("a-1", esdb.Any{}, events(0, 5)...)
		subscription, err := f.client.SubscribeToStream(t.Context(), test.stream, esdb.SubscribeToStreamOptions{From: test.from})
		if err != nil {
			t.Fatal(err)
		}
		for i := range 5 {
			f.mustAppend("a-1", esdb.Any{}, event(5+i))
			f.mustAppend("a-12", esdb.Any{}, event(5+i))
		}
		var got []uint64
		for len(got) < len(test.want) {
			received := subscription.Recv()
			if received.SubscriptionDropped != nil {
				t.Fatal(received.SubscriptionDropped.Error)
			}
			if received.EventAppeared != nil {
				got = append(got, received.EventAppeared.Event.EventNumber)
			}
		}
		if fmt.Sprint(got) != fmt.Sprint(test.want) {
			t.Errorf("%s from %v: got %v, want %v", test.stream, test.from, got, test.want)
		}
		subscription.Close()
	}
}

// What a client that keeps to the protocol does not send.
func TestBadRequests(t *testing.T) {
	f := newFront(t, Options{MaxAppendBytes: 1000})
	structured := &streams.ReadReq_Options_UUIDOption{Content: &streams.ReadReq_Options_UUIDOption_Structured{}}
	all := &streams.ReadReq_Options_All{All: &streams.ReadReq_Options_AllOptions{}}
	count := &streams.ReadReq_Options_Count{Count: 1}
	for what, request := range map[string]*streams.ReadReq{
		"no options": {},
		"no ids":     {Options: &streams.ReadReq_Options{StreamOption: all, CountOption: count}},
		"no stream":  {Options: &streams.ReadReq_Options{UuidOption: structured, CountOption: count}},
		"no name":    {Options: &streams.ReadReq_Options{UuidOption: structured, CountOption: count, StreamOption: &streams.ReadReq_Options_Stream{}}},
		"subscribe backwards": {Options: &streams.ReadReq_Options{UuidOption: structured, StreamOption: all, ReadDirection: streams.ReadReq_Options_Backwards,
			CountOption: &streams.ReadReq_Options_Subscription{}}},
	} {
		read, err := f.stubs.Read(t.Context(), request)
		if err == nil {
			_, err = read.Recv()
		}
		if status.Code(err) != codes.InvalidArgument {
			t.Errorf("read with %s: %v", what, err)
		}
	}
	options := &streams.AppendReq{Content: &streams.AppendReq_Options_{Options: &streams.AppendReq_Options{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("a-1")}, ExpectedStreamRevision: &streams.AppendReq_Options_Any{},
	}}}
	proposed := func(change func(*streams.AppendReq_ProposedMessage)) *streams.AppendReq {
		message := &streams.AppendReq_ProposedMessage{
			Id:       &shared.UUID{Value: &shared.UUID_String_{String_: uuid.NewString()}},
			Metadata: map[string]string{"type": "x", "content-type": "application/json"}, Data: []byte(`{}`),
		}
		change(message)
		return &streams.AppendReq{Content: &streams.AppendReq_ProposedMessage_{ProposedMessage: message}}
	}
	type message = streams.AppendReq_ProposedMessage
	for what, test := range map[string]struct {
		requests  []*streams.AppendReq
		exception string
	}{
		"nothing":         {nil, ""},
		"no options":      {[]*streams.AppendReq{proposed(func(*message) {})}, ""},
		"no id":           {[]*streams.AppendReq{options, proposed(func(m *message) { m.Id = nil })}, ""},
		"an id of zeroes": {[]*streams.AppendReq{options, proposed(func(m *message) { m.Id.Value = &shared.UUID_String_{String_: uuid.Nil.String()} })}, ""},
		"no UUID":         {[]*streams.AppendReq{options, proposed(func(m *message) { m.Id.Value = &shared.UUID_String_{String_: "x"} })}, ""},
		"no type":         {[]*streams.AppendReq{options, proposed(func(m *message) { delete(m.Metadata, "type") })}, "missing-required-metadata-property"},
		"no content type": {[]*streams.AppendReq{options, proposed(func(m *message) { delete(m.Metadata, "content-type") })}, "missing-required-metadata-property"},
		"too much":        {[]*streams.AppendReq{options, proposed(func(m *message) { m.Data = make([]byte, 1001) })}, "maximum-append-size-exceeded"},
	} {
		call, err := f.stubs.Append(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, request := range test.requests {
			if err := call.Send(request); err != nil && !errors.Is(err, io.EOF) {
				t.Fatal(err)
			}
		}
		_, err = call.CloseAndRecv()
		if status.Code(err) != codes.InvalidArgument {
			t.Errorf("append with %s: %v", what, err)
		}
		if got := strings.Join(call.Trailer().Get("exception"), ""); got != test.exception {
			t.Errorf("append with %s: exception %q, want %q", what, got, test.exception)
		}
	}
	if head, err := ledger.Head(t.Context(), f.journal); head != 0 || err != nil {
		t.Errorf("something was written: %d (%v)", head, err)
	}
}

// A trailer beyond ASCII would crash the JavaScript client.
func TestTrailersArePrintable(t *testing.T) {
	f := newFront(t, Options{})
	f.mustAppend("早上-1", esdb.NoStream{}, event(1))
	if _, err := f.client.TombstoneStream(t.Context(), "早上-1", esdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	var trailer metadata.MD
	_, err := f.stubs.Delete(t.Context(), &streams.DeleteReq{Options: &streams.DeleteReq_Options{
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("早上-1")}, ExpectedStreamRevision: &streams.DeleteReq_Options_Any{},
	}}, grpc.Trailer(&trailer))
	if got := trailer.Get("stream-name"); err == nil || len(got) != 1 || got[0] != "%E6%97%A9%E4%B8%8A-1" {
		t.Errorf("trailers are %v (%v)", trailer, err)
	}
}

func TestGossipAndUnimplemented(t *testing.T) {
	for _, test := range []struct{ advertise, want string }{{"", ""}, {"journal.example:2113", "journal.example:2113"}, {"[::1]:2113", "[::1]:2113"}} {
		f := newFront(t, Options{Advertise: test.advertise})
		if test.want == "" {
			test.want = f.address
		}
		info, err := gossip.NewGossipClient(f.conn).Read(t.Context(), &shared.Empty{})
		if err != nil || len(info.Members) != 1 || info.Members[0].State != gossip.MemberInfo_Leader {
			t.Fatalf("the members are %v (%v)", info, err)
		}
		at := info.Members[0].HttpEndPoint
		if got := fmt.Sprintf("%s:%d", at.Address, at.Port); got != test.want {
			t.Errorf("it can be dialled at %s, want %s", got, test.want)
		}
		err = f.client.CreatePersistentSubscription(t.Context(), "a-1", "group", esdb.PersistentStreamSubscriptionOptions{})
		if code(err) != esdb.ErrorCodeUnsupportedFeature {
			t.Errorf("a persistent subscription: %v", err)
		}
	}
}

func TestUsersNeedTLS(t *testing.T) {
	var refusal *ledger.Refusal
	if _, err := New(ledger.NewMemory(nil), Options{Users: map[string]string{"a": "b"}}); !errors.As(err, &refusal) {
		t.Errorf("got %v", err)
	}
}

// Stop ends subscriptions and calls that would go on for ever.
func TestStop(t *testing.T) {
	f := newFront(t, Options{})
	subscription, err := f.client.SubscribeToAll(t.Context(), esdb.SubscribeToAllOptions{})
	if err != nil {
		t.Fatal(err)
	}
	batch, err := f.stubs.BatchAppend(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond)
	defer cancel()
	f.server.Stop(ctx)
	for {
		if got := subscription.Recv(); got.SubscriptionDropped != nil {
			break
		}
	}
	if _, err := batch.Recv(); err == nil {
		t.Error("the batch goes on")
	}
}
