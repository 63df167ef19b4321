package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"time"

	"daybook/adapters/eventlog"
	"daybook/ledger"
)

// A daybook that stays listens on a socket in the data directory, which only the
// directory's owner can reach. The one that has the embedded journal open makes backups
// for others: nobody else may read the files as they change. The one that keeps the
// followers of an event store running tells how far they are.

// Names of sockets in the data directory.
const (
	journalSocket   = "control"
	followersSocket = "followers"
)

// maxSocketPath is the longest path that every system takes for a socket.
const maxSocketPath = 100

// request is what another daybook asks for, and how it wants to be spoken to.
type request struct {
	context.Context
	url.Values
	say language
}

// action answers a request with something that JSON can carry. A *ledger.Refusal reaches
// the asker as one.
type action func(request) (any, error)

// refused is a refusal on its way through the socket, in the asker's language.
type refused struct {
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// control answers other daybooks at a socket until it is stopped. It returns an error
// wrapping ledger.ErrInUse when somebody answers there already. A socket at which nobody
// answers is that of a process that was killed.
func (g *globals) control(socket string, actions map[string]action) (stop func() error, err error) {
	if connection, err := g.dialControl(context.Background(), socket); err == nil {
		connection.Close()
		return nil, fmt.Errorf("listen in %s: %w", g.data, ledger.ErrInUse)
	}
	dir, err := os.Open(g.data)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	path := filepath.Join(g.data, socket)
	if err := os.Remove(path); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", socketPath(dir, path))
	if err != nil {
		return nil, err
	}
	listener.(*net.UnixListener).SetUnlinkOnClose(false) // it does not know the real path
	if err := os.Chmod(path, 0o600); err != nil {
		listener.Close()
		return nil, err
	}
	mux := http.NewServeMux()
	for name, do := range actions {
		mux.HandleFunc("POST /"+name, func(w http.ResponseWriter, r *http.Request) {
			if err := r.ParseForm(); err != nil {
				answer(w, http.StatusBadRequest, refused{Text: err.Error()})
				return
			}
			say, known := languages[r.Form.Get("lang")]
			if !known {
				say = english
			}
			done, err := do(request{r.Context(), r.Form, say})
			var refusal *ledger.Refusal
			switch {
			case errors.As(err, &refusal):
				answer(w, http.StatusUnprocessableEntity, refused{say.text(refusal.Text), say.text(refusal.Hint)})
			case err != nil:
				answer(w, http.StatusInternalServerError, refused{Text: err.Error()})
			default:
				answer(w, http.StatusOK, done)
			}
		})
	}
	return serveUntil(listener, mux, func() error { return os.Remove(path) }), nil
}

// serveUntil serves HTTP until stop is called, which lets what is being answered end. after
// is called last.
func serveUntil(listener net.Listener, handler http.Handler, after func() error) (stop func() error) {
	server := &http.Server{Handler: handler, ReadHeaderTimeout: 10 * time.Second}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return func() error {
		err := server.Shutdown(context.Background())
		if ended := <-ended; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return errors.Join(err, after())
	}
}

func answer(w http.ResponseWriter, status int, body any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	json.NewEncoder(w).Encode(body) // an asker that has gone misses nothing it could use
}

// socketPath is a short way to a socket in an open directory. A path longer than a socket's
// address may be leads through the list of open files, where there is one.
func socketPath(dir *os.File, path string) string {
	if len(path) <= maxSocketPath {
		return path
	}
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), filepath.Base(path))
}

// dialControl reaches the daybook that answers at a socket.
func (g *globals) dialControl(ctx context.Context, socket string) (net.Conn, error) {
	dir, err := os.Open(g.data)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	var dialer net.Dialer
	return dialer.DialContext(ctx, "unix", socketPath(dir, filepath.Join(g.data, socket)))
}

// errNobody: no daybook answers at a socket.
var errNobody = errors.New("nobody answers")

// ask has the daybook that answers at a socket do something, and reads its answer into
// done. The error is errNobody when there is none.
func (g *globals) ask(ctx context.Context, socket, action string, form url.Values, done any) error {
	connection, err := g.dialControl(ctx, socket)
	if err != nil {
		return errNobody
	}
	client := http.Client{Transport: &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return connection, nil },
		DisableKeepAlives: true,
	}}
	form.Set("lang", g.lang)
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://daybook/"+action, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode == http.StatusOK {
		return json.Unmarshal(body, done)
	}
	var no refused
	if err := json.Unmarshal(body, &no); err != nil {
		return fmt.Errorf("ask for %s: %s", action, response.Status)
	}
	if response.StatusCode == http.StatusUnprocessableEntity {
		var hint ledger.Text
		if no.Hint != "" {
			hint = ledger.Say("%s", no.Hint)
		}
		return ledger.Refuse(ledger.Say("%s", no.Text), hint)
	}
	return errors.New(no.Text)
}

// backupMade says what a backup holds.
type backupMade struct {
	Dir    string          `json:"dir"`
	Events ledger.Position `json:"events"`
}

// controlBackups lets others have backups made of a journal that is open here.
func (g *globals) controlBackups(log *eventlog.Log) (stop func() error, err error) {
	return g.control(journalSocket, map[string]action{
		"backup": func(r request) (any, error) { return backup(r, log, r.Get("dir")) },
	})
}

// askForBackup has the daybook that has the journal open make a backup. The error is
// errNobody when there is none.
func (g *globals) askForBackup(ctx context.Context, target string) (made backupMade, err error) {
	if target, err = filepath.Abs(target); err != nil {
		return made, err
	}
	return made, g.ask(ctx, journalSocket, "backup", url.Values{"dir": {target}}, &made)
}
