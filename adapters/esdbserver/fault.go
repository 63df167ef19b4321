package esdbserver

import (
	"context"
	"errors"
	"net/url"
	"strconv"
	"strings"

	"daybook/ledger"

	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
)

// A fault is an error as the protocol knows it: a status, and trailers of which
// "exception" says what happened.
type fault struct {
	code    codes.Code
	message string
	trailer metadata.MD
}

func (f *fault) Error() string { return f.message }

// exception is a fault with trailers, given as keys and values.
func exception(code codes.Code, message, kind string, pairs ...string) *fault {
	trailer := metadata.Pairs("exception", kind)
	for i := 0; i < len(pairs); i += 2 {
		trailer.Set(pairs[i], printable(pairs[i+1]))
	}
	return &fault{code, message, trailer}
}

// printable percent-encodes what trailers cannot carry: the JavaScript client drops a
// trailer beyond ASCII, and then stumbles over the missing one.
func printable(value string) string {
	if strings.IndexFunc(value, func(r rune) bool { return r < ' ' || r > '~' }) < 0 {
		return value
	}
	return url.PathEscape(value)
}

func badRequest(message string) *fault { return &fault{code: codes.InvalidArgument, message: message} }

func accessDenied() *fault {
	return exception(codes.PermissionDenied, "this needs a name and a password", "access-denied")
}

func streamDeleted(stream ledger.StreamID) *fault {
	return exception(codes.FailedPrecondition, "the stream "+string(stream)+" is deleted", "stream-deleted",
		"stream-name", string(stream))
}

func appendTooLarge(limit int) *fault {
	return exception(codes.InvalidArgument, "an append carries at most "+strconv.Itoa(limit)+" bytes",
		"maximum-append-size-exceeded", "maximum-append-size", strconv.Itoa(limit))
}

func missingProperty(name string) *fault {
	return exception(codes.InvalidArgument, "an event's metadata need "+name,
		"missing-required-metadata-property", "missing-required-metadata-property", name)
}

// wrongRevision is a refused expectation. Append and BatchAppend put it into their
// answers; the other calls return it as a fault.
type wrongRevision struct {
	stream   ledger.StreamID
	expected ledger.Revision
	actual   ledger.Revision // -1 when the stream has no events
}

func (w *wrongRevision) Error() string { return w.fault().message }

func (w *wrongRevision) fault() *fault {
	return exception(codes.FailedPrecondition, "wrong expected revision of "+string(w.stream), "wrong-expected-version",
		"stream-name", string(w.stream),
		"expected-version", strconv.FormatInt(wireExpectation(w.expected), 10),
		"actual-version", strconv.FormatInt(int64(w.actual), 10))
}

// wireExpectation is EventStoreDB's number for an expectation.
func wireExpectation(expected ledger.Revision) int64 {
	switch expected {
	case ledger.Any:
		return -2
	case ledger.NoStream:
		return -1
	case ledger.Exists:
		return -4
	}
	return int64(expected)
}

// faultOf translates an error of the journal.
func faultOf(err error) *fault {
	var w *wrongRevision
	var refusal *ledger.Refusal
	switch {
	case errors.As(err, &w):
		return w.fault()
	case errors.As(err, &refusal):
		return badRequest(refusal.Error())
	case errors.Is(err, context.DeadlineExceeded):
		return &fault{code: codes.DeadlineExceeded, message: err.Error()}
	case errors.Is(err, context.Canceled):
		return &fault{code: codes.Canceled, message: err.Error()}
	case errors.Is(err, errStopping):
		return &fault{code: codes.Unavailable, message: err.Error()}
	}
	return unexpected(err)
}

// unexpected is not Unavailable, at which clients drop the connection and look for
// another server: there is none.
func unexpected(err error) *fault { return &fault{code: codes.Internal, message: err.Error()} }

// errStopping ends what would otherwise go on for ever.
var errStopping = errors.New("the server is stopping")
