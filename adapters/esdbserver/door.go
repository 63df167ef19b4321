package esdbserver

import (
	"context"
	"crypto/subtle"
	"encoding/base64"
	"errors"
	"log/slog"
	"strings"

	"github.com/EventStore/EventStore-Client-Go/v4/protos/gossip"
	"github.com/EventStore/EventStore-Client-Go/v4/protos/serverfeatures"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
)

// A door stands before every call: it asks who is there, and turns errors into what
// clients understand.
type door struct {
	users  map[string]string
	logger *slog.Logger
}

// open are the calls that clients make before they say who they are.
var open = map[string]bool{
	gossip.Gossip_Read_FullMethodName:                                true,
	serverfeatures.ServerFeatures_GetSupportedMethods_FullMethodName: true,
}

func (d door) unary(ctx context.Context, request any, call *grpc.UnaryServerInfo, handler grpc.UnaryHandler) (any, error) {
	if f := d.check(ctx, call.FullMethod); f != nil {
		return nil, d.answer(call.FullMethod, f, func(trailer metadata.MD) { grpc.SetTrailer(ctx, trailer) })
	}
	response, err := handler(ctx, request)
	return response, d.answer(call.FullMethod, err, func(trailer metadata.MD) { grpc.SetTrailer(ctx, trailer) })
}

func (d door) stream(server any, stream grpc.ServerStream, call *grpc.StreamServerInfo, handler grpc.StreamHandler) error {
	if f := d.check(stream.Context(), call.FullMethod); f != nil {
		return d.answer(call.FullMethod, f, stream.SetTrailer)
	}
	return d.answer(call.FullMethod, handler(server, stream), stream.SetTrailer)
}

// answer is the status for an error, with its trailers set.
func (d door) answer(method string, err error, setTrailer func(metadata.MD)) error {
	if _, is := status.FromError(err); is { // nil, or the connection's own
		return err
	}
	var f *fault
	if !errors.As(err, &f) {
		f = faultOf(err)
	}
	if f.code == codes.Internal {
		d.logger.Warn("call ended with an error", "method", method, "error", err)
	}
	if len(f.trailer) > 0 {
		setTrailer(f.trailer)
	}
	return status.Error(f.code, f.message)
}

// check is nil for a caller who may call the method. (EventStoreDB answers a wrong
// password with Unauthenticated, and a missing one with access-denied.)
func (d door) check(ctx context.Context, method string) error {
	if len(d.users) == 0 || open[method] {
		return nil
	}
	md, _ := metadata.FromIncomingContext(ctx)
	values := md.Get("authorization")
	if len(values) == 0 {
		return accessDenied()
	}
	name, password, is := basic(values[0])
	want, known := d.users[name]
	same := subtle.ConstantTimeCompare([]byte(password), []byte(want)) == 1
	if !is || !known || !same {
		return &fault{code: codes.Unauthenticated, message: "the name or the password is wrong"}
	}
	return nil
}

// basic reads an authorization of RFC 7617.
func basic(value string) (name, password string, is bool) {
	scheme, encoded, _ := strings.Cut(value, " ")
	if !strings.EqualFold(scheme, "Basic") {
		return "", "", false
	}
	decoded, err := base64.StdEncoding.DecodeString(encoded)
	if err != nil {
		return "", "", false
	}
	return strings.Cut(string(decoded), ":")
}
