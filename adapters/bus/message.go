package bus

import (
	"encoding/base64"
	"encoding/json"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"daybook/ledger"

	"github.com/ThreeDotsLabs/watermill"
	"github.com/ThreeDotsLabs/watermill/message"
	"github.com/ThreeDotsLabs/watermill/message/router/middleware"
	"github.com/google/uuid"
)

// Keys of the metadata of messages. Publisher takes the first four from a message and
// stores them in the event; Subscriber sets all that it knows.
const (
	TypeKey        = "type" // the event's type; MessagePublished when a message has none
	ActorKey       = "actor"
	CorrelationKey = middleware.CorrelationIDMetadataKey
	CausationKey   = "causation_id"

	StreamKey      = "stream"
	RevisionKey    = "revision"
	PositionKey    = "position"
	RecordedKey    = "recorded_at"   // RFC 3339, UTC
	BusinessDayKey = "business_date" // of events that have one
)

// MessagePublished is the type of an event whose message names none.
const MessagePublished = "message-published.v1"

// messageMeta is the metadata of an event, as far as messages know it.
type messageMeta struct {
	Actor       string        `json:"actor"`
	Correlation string        `json:"correlation,omitempty"`
	Causation   string        `json:"causation,omitempty"`
	BusinessDay string        `json:"business_date,omitempty"`
	Message     *messageParts `json:"message,omitempty"`
}

// messageParts is what of a message has no other place in an event.
type messageParts struct {
	UUID     string            `json:"uuid,omitempty"`     // when it cannot be the event's id
	Encoding string            `json:"encoding,omitempty"` // "base64" when the payload was not JSON
	Metadata map[string]string `json:"metadata,omitempty"`
}

// eventOf makes the event that stores a message. A UUID becomes the event's id, so
// that publishing a message again writes nothing; other ids are stored and derived from.
// A payload that is not JSON is stored as a JSON string of its base64.
func eventOf(msg *message.Message) (ledger.Event, error) {
	parts := messageParts{Metadata: map[string]string{}}
	meta := messageMeta{Actor: "bus", Message: &parts}
	event := ledger.Event{Type: MessagePublished, Data: msg.Payload}
	for key, value := range msg.Metadata {
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return event, ledger.Problem("the message's metadata %q is not UTF-8 text", key)
		}
		switch key {
		case TypeKey:
			event.Type = value
		case ActorKey:
			meta.Actor = value
		case CorrelationKey:
			meta.Correlation = value
		case CausationKey:
			meta.Causation = value
		case BusinessDayKey:
			meta.BusinessDay = value
		case StreamKey, RevisionKey, PositionKey, RecordedKey: // the place it had before
		default:
			parts.Metadata[key] = value
		}
	}
	event.ID, parts.UUID = idOf(msg.UUID)
	if !json.Valid(msg.Payload) {
		parts.Encoding = "base64"
		event.Data = strconv.AppendQuote(nil, base64.StdEncoding.EncodeToString(msg.Payload))
	}
	var err error
	event.Meta, err = json.Marshal(meta)
	return event, err
}

// idOf makes an event's id of a message's, and returns the message's when it does not
// follow from it.
func idOf(messageID string) (id ledger.EventID, stored string) {
	if messageID == "" {
		messageID = watermill.NewUUID()
	}
	if parsed, err := uuid.Parse(messageID); err == nil && parsed != uuid.Nil && parsed.String() == messageID {
		return ledger.EventID(parsed), ""
	}
	return ledger.DeriveID("message", messageID), messageID
}

// messageOf makes the message for an event, whoever wrote it. Metadata of an event that
// is not a JSON object is left out.
func messageOf(event ledger.Recorded) *message.Message {
	meta := messageMeta{}
	if json.Unmarshal(event.Meta, &meta) != nil {
		meta = messageMeta{}
	}
	msg := message.NewMessage(event.ID.String(), message.Payload(event.Data))
	if parts := meta.Message; parts != nil {
		for key, value := range parts.Metadata {
			msg.Metadata.Set(key, value)
		}
		if parts.UUID != "" {
			msg.UUID = parts.UUID
		}
		if parts.Encoding == "base64" {
			msg.Payload = payloadOf(event.Data)
		}
	}
	for key, value := range map[string]string{
		TypeKey: event.Type, ActorKey: meta.Actor, CorrelationKey: meta.Correlation, CausationKey: meta.Causation,
		BusinessDayKey: meta.BusinessDay, StreamKey: string(event.Stream),
		RevisionKey: strconv.FormatInt(int64(event.Revision), 10),
		PositionKey: strconv.FormatUint(uint64(event.Position), 10),
		RecordedKey: event.RecordedAt.Format(time.RFC3339Nano),
	} {
		if value != "" {
			msg.Metadata.Set(key, value)
		}
	}
	return msg
}

// payloadOf undoes the base64 of eventOf. What is not in that form is handed on as it
// is: the bytes are the journal's, and nobody else's to refuse.
func payloadOf(data []byte) message.Payload {
	quoted := strings.Trim(string(data), `"`)
	payload, err := base64.StdEncoding.DecodeString(quoted)
	if err != nil {
		return data
	}
	return payload
}
