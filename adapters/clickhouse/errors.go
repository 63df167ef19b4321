package clickhouse

import (
	"context"
	"errors"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/ClickHouse/clickhouse-go/v2"

	"daybook/projections"
)

// codeQueryWasCancelled is QUERY_WAS_CANCELLED in ClickHouse's ErrorCodes.cpp.
const codeQueryWasCancelled = 394

// explain turns an error of the client into what Warehouse promises: the context's own
// error when that is why, *projections.SQLError when ClickHouse refused, otherwise the
// cause, without the address it was on the way to.
func explain(ctx context.Context, err error) error {
	if err == nil {
		return nil
	}
	var exception *clickhouse.Exception
	refused := errors.As(err, &exception)
	if cause := context.Cause(ctx); cause != nil && (!refused || exception.Code == codeQueryWasCancelled) {
		return cause
	}
	if refused {
		return &projections.SQLError{Code: int(exception.Code), Message: plain(exception.Message)}
	}
	var reply *clickhouse.HTTPError
	if errors.As(err, &reply) {
		return &unexpectedReply{status: reply.StatusCode, text: shorten(reply.Err.Error())}
	}
	var sent *url.Error
	if errors.As(err, &sent) {
		return sent.Err
	}
	return err
}

var (
	banner = regexp.MustCompile(`(?s)\s*\(version [^()]*(\([^()]*\))?\)\s*$`)
	name   = regexp.MustCompile(`\s*\([A-Z][A-Z0-9_]+\)$`)
	prefix = regexp.MustCompile(`^(Code: [0-9]+\. *)?(DB::[A-Za-z]*Exception: *)+`)
)

// plain takes from a message of ClickHouse what is for programs: class, code, symbolic
// name, version and stack trace. Over HTTP it has all of them, over ClickHouse's own
// protocol some.
func plain(message string) string {
	message, _, _ = strings.Cut(message, "Stack trace:")
	message = banner.ReplaceAllString(strings.TrimRight(message, ", \r\n"), "")
	message = name.ReplaceAllString(message, "")
	return prefix.ReplaceAllString(strings.TrimSpace(message), "")
}

const longestReply = 300 // bytes

func shorten(text string) string {
	if len(text) > longestReply {
		return strings.ToValidUTF8(text[:longestReply], "") + "…"
	}
	return text
}

// unexpectedReply is an HTTP answer that is not ClickHouse's: a proxy, a wrong port.
type unexpectedReply struct {
	status int
	text   string
}

func (e *unexpectedReply) Error() string {
	return "unexpected HTTP status " + strconv.Itoa(e.status) + ": " + e.text
}
