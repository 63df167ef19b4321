package esdbserver

import (
	"bytes"
	"encoding/binary"
	"encoding/json"
	"math"
	"strconv"

	"daybook/ledger"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/shared"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/streams"
	"github.com/google/uuid"
	"google.golang.org/protobuf/types/known/emptypb"
)

// instanceID names this run of the program.
var instanceID = uuid.NewString()

// Keys of an event's system metadata.
const (
	typeKey        = "type"
	contentTypeKey = "content-type"
	createdKey     = "created" // 100 ns since 1970, in decimal; without it the Go client ends its process

	contentJSON   = "application/json"
	contentBinary = "application/octet-stream"
)

func streamOf(identifier *shared.StreamIdentifier) (ledger.StreamID, error) {
	name := identifier.GetStreamName()
	switch {
	case len(name) == 0:
		return "", badRequest("a stream has a name")
	case len(name) > ledger.MaxNameBytes:
		return "", badRequest("a stream's name has at most " + strconv.Itoa(ledger.MaxNameBytes) + " bytes")
	case string(name) == allStreams, string(name) == metadataPrefix:
		return "", badRequest(strconv.Quote(string(name)) + " is not the name of a stream")
	}
	return ledger.StreamID(name), nil
}

// eventOf makes an event of what a client proposes.
func eventOf(id *shared.UUID, metadata map[string]string, data, custom []byte) (event ledger.Event, err error) {
	eventType, typed := metadata[typeKey]
	if !typed || eventType == "" {
		return event, missingProperty(typeKey)
	}
	if _, typed := metadata[contentTypeKey]; !typed {
		return event, missingProperty(contentTypeKey)
	}
	if event.ID, err = idOf(id); err != nil {
		return event, err
	}
	event.Type, event.Data, event.Meta = eventType, data, custom
	return event, nil
}

func idOf(id *shared.UUID) (ledger.EventID, error) {
	var bytes ledger.EventID
	switch value := id.GetValue().(type) {
	case *shared.UUID_Structured_:
		binary.BigEndian.PutUint64(bytes[:8], uint64(value.Structured.GetMostSignificantBits()))
		binary.BigEndian.PutUint64(bytes[8:], uint64(value.Structured.GetLeastSignificantBits()))
	case *shared.UUID_String_:
		parsed, err := uuid.Parse(value.String_)
		if err != nil {
			return bytes, badRequest(strconv.Quote(value.String_) + " is not a UUID")
		}
		bytes = ledger.EventID(parsed)
	}
	if bytes == (ledger.EventID{}) {
		return bytes, badRequest("an event has an id")
	}
	return bytes, nil
}

// expectationOf reads the expectation in a request, whichever of the messages it is.
func expectationOf(option any) (ledger.Revision, error) {
	revision := uint64(0)
	switch o := option.(type) {
	case *streams.AppendReq_Options_Any, *streams.DeleteReq_Options_Any, *streams.TombstoneReq_Options_Any, *streams.BatchAppendReq_Options_Any:
		return ledger.Any, nil
	case *streams.AppendReq_Options_NoStream, *streams.DeleteReq_Options_NoStream, *streams.TombstoneReq_Options_NoStream, *streams.BatchAppendReq_Options_NoStream:
		return ledger.NoStream, nil
	case *streams.AppendReq_Options_StreamExists, *streams.DeleteReq_Options_StreamExists, *streams.TombstoneReq_Options_StreamExists, *streams.BatchAppendReq_Options_StreamExists:
		return ledger.Exists, nil
	case *streams.AppendReq_Options_Revision:
		revision = o.Revision
	case *streams.DeleteReq_Options_Revision:
		revision = o.Revision
	case *streams.TombstoneReq_Options_Revision:
		revision = o.Revision
	case *streams.BatchAppendReq_Options_StreamPosition:
		revision = o.StreamPosition
	default:
		return 0, badRequest("a revision must be expected, or any")
	}
	if revision > math.MaxInt64 {
		return 0, badRequest(strconv.FormatUint(revision, 10) + " is beyond the last revision")
	}
	return ledger.Revision(revision), nil
}

func (w written) toAppend() *streams.AppendResp_Success {
	success := &streams.AppendResp_Success{
		CurrentRevisionOption: &streams.AppendResp_Success_NoStream{NoStream: &shared.Empty{}},
		PositionOption:        &streams.AppendResp_Success_NoPosition{NoPosition: &shared.Empty{}},
	}
	if w.revision >= 0 {
		success.CurrentRevisionOption = &streams.AppendResp_Success_CurrentRevision{CurrentRevision: uint64(w.revision)}
	}
	if w.position > 0 {
		success.PositionOption = &streams.AppendResp_Success_Position{Position: &streams.AppendResp_Position{
			CommitPosition: uint64(w.position), PreparePosition: uint64(w.position),
		}}
	}
	return success
}

func (w written) toBatch() *streams.BatchAppendResp_Success {
	success := &streams.BatchAppendResp_Success{
		CurrentRevisionOption: &streams.BatchAppendResp_Success_NoStream{NoStream: &emptypb.Empty{}},
		PositionOption:        &streams.BatchAppendResp_Success_NoPosition{NoPosition: &emptypb.Empty{}},
	}
	if w.revision >= 0 {
		success.CurrentRevisionOption = &streams.BatchAppendResp_Success_CurrentRevision{CurrentRevision: uint64(w.revision)}
	}
	if w.position > 0 {
		success.PositionOption = &streams.BatchAppendResp_Success_Position{Position: &shared.AllStreamPosition{
			CommitPosition: uint64(w.position), PreparePosition: uint64(w.position),
		}}
	}
	return success
}

// toAppend fills the fields of the protocol of 20.6.0 as well, which older clients read.
func (w *wrongRevision) toAppend() *streams.AppendResp_WrongExpectedVersion {
	wrong := &streams.AppendResp_WrongExpectedVersion{
		CurrentRevisionOption:        &streams.AppendResp_WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &shared.Empty{}},
		CurrentRevisionOption_20_6_0: &streams.AppendResp_WrongExpectedVersion_NoStream_20_6_0{NoStream_20_6_0: &shared.Empty{}},
	}
	if w.actual >= 0 {
		wrong.CurrentRevisionOption = &streams.AppendResp_WrongExpectedVersion_CurrentRevision{CurrentRevision: uint64(w.actual)}
		wrong.CurrentRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_CurrentRevision_20_6_0{CurrentRevision_20_6_0: uint64(w.actual)}
	}
	switch w.expected {
	case ledger.Any:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedAny{ExpectedAny: &shared.Empty{}}
		wrong.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_Any_20_6_0{Any_20_6_0: &shared.Empty{}}
	case ledger.Exists:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &shared.Empty{}}
		wrong.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_StreamExists_20_6_0{StreamExists_20_6_0: &shared.Empty{}}
	case ledger.NoStream:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &shared.Empty{}}
	default:
		wrong.ExpectedRevisionOption = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision{ExpectedRevision: uint64(w.expected)}
		wrong.ExpectedRevisionOption_20_6_0 = &streams.AppendResp_WrongExpectedVersion_ExpectedRevision_20_6_0{ExpectedRevision_20_6_0: uint64(w.expected)}
	}
	return wrong
}

// toBatch is the detail of a status in BatchAppend.
func (w *wrongRevision) toBatch() *shared.WrongExpectedVersion {
	wrong := &shared.WrongExpectedVersion{
		CurrentStreamRevisionOption: &shared.WrongExpectedVersion_CurrentNoStream{CurrentNoStream: &emptypb.Empty{}},
	}
	if w.actual >= 0 {
		wrong.CurrentStreamRevisionOption = &shared.WrongExpectedVersion_CurrentStreamRevision{CurrentStreamRevision: uint64(w.actual)}
	}
	switch w.expected {
	case ledger.Any:
		wrong.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedAny{ExpectedAny: &emptypb.Empty{}}
	case ledger.Exists:
		wrong.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamExists{ExpectedStreamExists: &emptypb.Empty{}}
	case ledger.NoStream:
		wrong.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedNoStream{ExpectedNoStream: &emptypb.Empty{}}
	default:
		wrong.ExpectedStreamPositionOption = &shared.WrongExpectedVersion_ExpectedStreamPosition{ExpectedStreamPosition: uint64(w.expected)}
	}
	return wrong
}

type recordedEvent = streams.ReadResp_ReadEvent_RecordedEvent

// wire turns events into what a reader asked for.
type wire struct{ stringIDs bool }

func (w wire) id(id ledger.EventID) *shared.UUID {
	if w.stringIDs {
		return &shared.UUID{Value: &shared.UUID_String_{String_: id.String()}}
	}
	return &shared.UUID{Value: &shared.UUID_Structured_{Structured: &shared.UUID_Structured{
		MostSignificantBits:  int64(binary.BigEndian.Uint64(id[:8])),
		LeastSignificantBits: int64(binary.BigEndian.Uint64(id[8:])),
	}}}
}

func (w wire) recorded(event ledger.Recorded) *recordedEvent {
	revision := event.Revision
	if isTombstone(event) {
		revision = noMore
	}
	return &recordedEvent{
		Id:               w.id(event.ID),
		StreamIdentifier: &shared.StreamIdentifier{StreamName: []byte(event.Stream)},
		StreamRevision:   uint64(revision),
		PreparePosition:  uint64(event.Position),
		CommitPosition:   uint64(event.Position),
		Metadata: map[string]string{
			typeKey:        event.Type,
			contentTypeKey: contentTypeOf(event.Data),
			createdKey:     strconv.FormatInt(event.RecordedAt.UnixNano()/100, 10),
		},
		CustomMetadata: event.Meta,
		Data:           event.Data,
	}
}

func contentTypeOf(data []byte) string {
	if json.Valid(data) {
		return contentJSON
	}
	return contentBinary
}

// parseLink reads the data of a link, revision@stream.
func parseLink(data []byte) (stream ledger.StreamID, revision ledger.Revision, is bool) {
	number, name, found := bytes.Cut(data, []byte("@"))
	parsed, err := strconv.ParseInt(string(number), 10, 64)
	return ledger.StreamID(name), ledger.Revision(parsed), found && err == nil && parsed >= 0 && len(name) > 0
}
