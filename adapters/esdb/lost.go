package esdb

import (
	"context"
	"errors"
	"time"

	"github.com/EventStore/EventStore-Client-Go/v4/esdb"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"
)

// firstPause and longestPause lie between tries to reach a server.
const firstPause, longestPause = 50 * time.Millisecond, 5 * time.Second

// errLost: the connection was given up before the call began.
var errLost = status.Error(codes.Unavailable, "the connection was lost")

// errSilent: a node that is connected does not answer.
var errSilent = status.Error(codes.Unavailable, "the event store did not answer in time")

// isLost reports whether an error means that this node cannot serve the call, so that
// it should be tried again after looking for the leader.
func isLost(err error) bool {
	var known *esdb.Error
	if errors.As(err, &known) {
		switch known.Code() {
		case esdb.ErrorUnavailable, esdb.ErrorCodeNotLeader, esdb.ErrorCodeConnectionClosed:
			return true
		}
	}
	var coded interface{ GRPCStatus() *status.Status }
	return errors.As(err, &coded) && coded.GRPCStatus().Code() == codes.Unavailable
}

// sleep waits, and reports false when ctx ended first.
func sleep(ctx context.Context, pause time.Duration) bool {
	timer := time.NewTimer(pause)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
