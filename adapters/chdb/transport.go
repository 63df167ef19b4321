//go:build linux || darwin

package chdb

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	chproto "github.com/ClickHouse/ch-go/proto"
	"github.com/ClickHouse/clickhouse-go/v2/lib/proto"
)

// transport answers clickhouse-go's HTTP requests from the engine, without a socket.
//
// An insert has its statement in the URL and Native blocks as its body; any other request
// has the statement as its body. What ClickHouse refuses is returned as the client's own
// exception instead of an HTTP status, which the client unwraps just the same.
type transport struct{ engine *engine }

// notSettings are parameters of a request's URL that ClickHouse reads as something other
// than a setting (Server/HTTPHandler.cpp), as far as the client sends them.
var notSettings = map[string]bool{
	"query": true, "database": true, "default_format": true, "client_protocol_version": true,
	"query_id": true, "quota_key": true, "wait_end_of_query": true,
}

func (t transport) RoundTrip(req *http.Request) (*http.Response, error) {
	defer req.Body.Close()
	fields := req.URL.Query()
	params, settings := new(parameters), url.Values{}
	for name, values := range fields {
		if parameter, ok := strings.CutPrefix(name, "param_"); ok {
			params.add(parameter, values[0])
		} else if !notSettings[name] {
			settings[name] = values
		}
	}
	if statement := fields.Get("query"); statement != "" {
		return t.insert(req, statement, settings)
	}
	statement, err := io.ReadAll(req.Body)
	if err != nil {
		return nil, err
	}
	if string(statement) == hello {
		return t.hello(req, fields.Get("client_protocol_version"))
	}
	return t.query(req, string(statement), params, settings)
}

func (t transport) query(req *http.Request, statement string, params *parameters, settings url.Values) (*http.Response, error) {
	s, err := t.engine.acquire(settings)
	if err != nil {
		return nil, err
	}
	if settings.Has("readonly") && settings.Get("readonly") != "0" {
		if err := s.fence(statement); err != nil {
			t.engine.release(s)
			return nil, err
		}
	}
	result := s.start(req.Context(), statement, native, params)
	switch err := result.wait(); {
	case errors.Is(err, io.EOF):
		result.Close()
		return respond(req, http.NoBody, 0), nil
	case err != nil:
		result.Close()
		return nil, err
	}
	return respond(req, result, -1), nil
}

func (t transport) insert(req *http.Request, statement string, settings url.Values) (*http.Response, error) {
	s, err := t.engine.acquire(settings)
	if err != nil {
		return nil, err
	}
	// The library is told the format beside the statement.
	statement = strings.TrimSuffix(statement, " FORMAT "+native)
	if err := s.insert(req.Context(), statement, req.Body); err != nil {
		return nil, err
	}
	return respond(req, http.NoBody, 0), nil
}

// hello is the first statement of every connection of clickhouse-go v2.50.0. The client
// wants its answer at its own protocol revision and learns from it which revision to
// expect from then on: the library writes revision 0, whatever its version.
const hello = "SELECT displayName(), version(), revision(), timezone()"

const helloAtRevision0 = "SELECT 'daybook' AS `displayName()`, version(), toUInt32(0) AS `revision()`, timezone()"

func (t transport) hello(req *http.Request, revision string) (*http.Response, error) {
	asked, err := strconv.ParseUint(revision, 10, 32)
	if err != nil {
		return nil, fmt.Errorf("protocol revision %q: %w", revision, err)
	}
	s, err := t.engine.acquire(nil)
	if err != nil {
		return nil, err
	}
	result := s.start(req.Context(), helloAtRevision0, native, new(parameters))
	defer result.Close()
	block := proto.NewBlock()
	if err := block.Decode(chproto.NewReader(result), 0); err != nil {
		return nil, err
	}
	if _, err := io.Copy(io.Discard, result); err != nil {
		return nil, err
	}
	var buffer chproto.Buffer
	if err := block.Encode(&buffer, asked); err != nil {
		return nil, err
	}
	return respond(req, io.NopCloser(bytes.NewReader(buffer.Buf)), int64(len(buffer.Buf))), nil
}

// respond makes a response. The client takes length 0, and only that, for no blocks.
func respond(req *http.Request, body io.ReadCloser, length int64) *http.Response {
	return &http.Response{
		Status: "200 OK", StatusCode: http.StatusOK,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: http.Header{}, Body: body, ContentLength: length, Request: req,
	}
}
