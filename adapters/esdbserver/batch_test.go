package esdbserver

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/durationpb"
	"google.golang.org/protobuf/types/known/emptypb"
	"google.golang.org/protobuf/types/known/timestamppb"
)

func correlation(n int) *shared.UUID {
	return &shared.UUID{Value: &shared.UUID_String_{String_: ledger.DeriveID("correlation", fmt.Sprint(n)).String()}}
}

func batchOptions(stream string) *streams.BatchAppendReq_Options {
	return &streams.BatchAppendReq_Options{
		StreamIdentifier:       &shared.StreamIdentifier{StreamName: []byte(stream)},
		ExpectedStreamPosition: &streams.BatchAppendReq_Options_Any{Any: &emptypb.Empty{}},
		DeadlineOption:         &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(time.Minute)},
	}
}

func batchEvents(from, n int) (messages []*streams.BatchAppendReq_ProposedMessage) {
	for i := range n {
		messages = append(messages, &streams.BatchAppendReq_ProposedMessage{
			Id:       &shared.UUID{Value: &shared.UUID_String_{String_: ledger.DeriveID("batch", fmt.Sprint(from+i)).String()}},
			Metadata: map[string]string{"type": "thing-done.v1", "content-type": "application/json"}, Data: fmt.Appendf(nil, `{"n":%d}`, from+i),
		})
	}
	return messages
}

// Many appends at once, their parts interleaved; those to one stream expect each
// other's revision and so only succeed in order.
func TestBatchAppendInterleaved(t *testing.T) {
	f := newFront(t, Options{})
	call, err := f.stubs.BatchAppend(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	const names, each, parts = 10, 20, 3
	go func() {
		for i := range each {
			for part := range parts {
				for name := range names {
					n := i*names + name
					request := &streams.BatchAppendReq{CorrelationId: correlation(n), ProposedMessages: batchEvents(parts*n+part, 1), IsFinal: part == parts-1}
					if part == 0 {
						request.Options = batchOptions(fmt.Sprintf("a-%d", name))
						if i == 0 {
							request.Options.ExpectedStreamPosition = &streams.BatchAppendReq_Options_NoStream{NoStream: &emptypb.Empty{}}
						} else {
							request.Options.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: uint64(parts*i - 1)}
						}
					}
					if err := call.Send(request); err != nil {
						t.Errorf("send: %v", err)
						return
					}
				}
			}
		}
		call.CloseSend()
	}()
	next := map[string]uint64{}
	for range names * each {
		response, err := call.Recv()
		if err != nil {
			t.Fatal(err)
		}
		stream := string(response.GetStreamIdentifier().GetStreamName())
		next[stream] += parts
		if response.GetSuccess().GetCurrentRevision() != next[stream]-1 {
			t.Fatalf("%s: got %v, want revision %d", stream, response, next[stream]-1)
		}
	}
	f.shows("a-3", esdb.ReadStreamOptions{Direction: esdb.Backwards, From: esdb.End{}}, 1, parts*each-1)
}

func TestBatchAppendRefusals(t *testing.T) {
	f := newFront(t, Options{MaxAppendBytes: 1000})
	f.mustAppend("a-1", esdb.NoStream{}, event(1))
	f.mustAppend("gone-1", esdb.NoStream{}, event(1))
	if _, err := f.client.TombstoneStream(t.Context(), "gone-1", esdb.TombstoneStreamOptions{}); err != nil {
		t.Fatal(err)
	}
	call, err := f.stubs.BatchAppend(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	big := batchEvents(900, 1)
	big[0].Data = make([]byte, 1001)
	untyped := batchEvents(901, 1)
	delete(untyped[0].Metadata, "type")
	for i, test := range []struct {
		name     string
		options  *streams.BatchAppendReq_Options
		change   func(*streams.BatchAppendReq_Options)
		messages []*streams.BatchAppendReq_ProposedMessage
		want     proto.Message
	}{
		{"wrong revision", batchOptions("a-1"), func(o *streams.BatchAppendReq_Options) {
			o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamPosition{StreamPosition: 7}
		}, batchEvents(0, 1), &shared.WrongExpectedVersion{
			CurrentStreamRevisionOption:  &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: 0},
			ExpectedStreamPositionOption: &shared.WrongExpectedVersion_ExpectedStreamPosition{ExpectedStreamPosition: 7},
		}},
		{"no such stream", batchOptions("a-9"), func(o *streams.BatchAppendReq_Options) {
			o.ExpectedStreamPosition = &streams.BatchAppendReq_Options_StreamExists{StreamExists: &emptypb.Empty{}}
		}, batchEvents(1, 1), &shared.WrongExpectedVersion{
			CurrentStreamRevisionOption:  &shared.WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &emptypb.Empty{}},
			ExpectedStreamPositionOption: &shared.WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &emptypb.Empty{}},
		}},
		{"deleted", batchOptions("gone-1"), nil, batchEvents(2, 1), &shared.StreamDeleted{StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte("gone-1")}}},
		{"too large", batchOptions("a-1"), nil, big, &shared.MaximumAppendSizeExceeded{MaxAppendSize: 1000}},
		{"no type", batchOptions("a-1"), nil, untyped, &shared.BadRequest{Message: "an event's metadata need type"}},
		{"no name", batchOptions(""), nil, nil, &shared.BadRequest{Message: "a stream has a name"}},
		{"no options", nil, nil, nil, &shared.BadRequest{Message: "an append begins with its options"}},
		{"too late", batchOptions("a-1"), func(o *streams.BatchAppendReq_Options) {
			o.DeadlineOption = &streams.BatchAppendReq_Options_Deadline{Deadline: durationpb.New(-time.Second)}
		}, batchEvents(3, 1), &shared.Timeout{}},
		{"too late, as before 21.10", batchOptions("a-1"), func(o *streams.BatchAppendReq_Options) {
			o.DeadlineOption = &streams.BatchAppendReq_Options_Deadline_21_10_0{Deadline_21_10_0: timestamppb.New(time.Now().Add(-time.Second))}
		}, batchEvents(3, 1), &shared.Timeout{}},
	} {
		if test.change != nil {
			test.change(test.options)
		}
		if err := call.Send(&streams.BatchAppendReq{CorrelationId: correlation(i), Options: test.options, ProposedMessages: test.messages, IsFinal: true}); err != nil {
			t.Fatal(err)
		}
		response, err := call.Recv()
		if err != nil {
			t.Fatal(err)
		}
		if !proto.Equal(response.GetCorrelationId(), correlation(i)) || len(response.GetError().GetDetails()) != 1 {
			t.Errorf("%s: got %v", test.name, response)
			continue
		}
		got, err := response.GetError().Details[0].UnmarshalNew()
		if err != nil || !proto.Equal(got, test.want) {
			t.Errorf("%s: got %v (%v), want %v", test.name, got, err, test.want)
		}
	}
	if err := call.CloseSend(); err != nil {
		t.Fatal(err)
	}
	if head, err := ledger.Head(t.Context(), f.journal); head != 3 || err != nil {
		t.Errorf("something was written: %d (%v)", head, err)
	}
}

// A client that never finishes what it begins is cut off, not kept in memory.
func TestBatchAppendUnfinished(t *testing.T) {
	f := newFront(t, Options{MaxAppendBytes: 4 << 20})
	call, err := f.stubs.BatchAppend(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	messages := batchEvents(0, 1)
	messages[0].Data = []byte(strings.Repeat("x", 3<<20))
	for i := range 100 {
		if err := call.Send(&streams.BatchAppendReq{CorrelationId: correlation(i), Options: batchOptions("a-1"), ProposedMessages: messages}); err != nil {
			break
		}
	}
	if _, err := call.Recv(); status.Code(err) != codes.ResourceExhausted {
		t.Errorf("got %v", err)
	}
}
