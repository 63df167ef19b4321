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

	"daybook/adapters/eventlog"
	"daybook/ledger"
)

// The process that has the embedded journal open listens on a socket in the data
// directory, which only the directory's owner can reach. Through it another daybook has a
// backup made meanwhile: nobody else may read the files as they change.

// controlName is the socket's name in the data directory.
const controlName = "control"

// maxSocketPath is the longest path that every system takes for a socket.
const maxSocketPath = 100

// backupMade says what a backup holds.
type backupMade struct {
	Dir    string          `json:"dir"`
	Events ledger.Position `json:"events"`
}

// refused is a refusal on its way through the socket, in the asker's language.
type refused struct {
	Text string `json:"text"`
	Hint string `json:"hint,omitempty"`
}

// control answers other daybooks until it is closed. Whoever calls it has the journal open,
// so a socket that is there already is that of a process that was killed.
func (g *globals) control(log *eventlog.Log) (stop func() error, err error) {
	dir, err := os.Open(g.data)
	if err != nil {
		return nil, err
	}
	defer dir.Close()
	path := filepath.Join(g.data, controlName)
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
	mux.HandleFunc("POST /backup", func(w http.ResponseWriter, r *http.Request) {
		made, err := backup(r.Context(), log, r.FormValue("dir"))
		say, known := languages[r.FormValue("lang")]
		if !known {
			say = english
		}
		var refusal *ledger.Refusal
		switch {
		case errors.As(err, &refusal):
			answer(w, http.StatusUnprocessableEntity, refused{say.text(refusal.Text), say.text(refusal.Hint)})
		case err != nil:
			answer(w, http.StatusInternalServerError, refused{Text: err.Error()})
		default:
			answer(w, http.StatusOK, made)
		}
	})
	server := &http.Server{Handler: mux}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	return func() error {
		err := server.Shutdown(context.Background()) // a backup that is being made is finished
		if ended := <-ended; !errors.Is(ended, http.ErrServerClosed) {
			err = errors.Join(err, ended)
		}
		return errors.Join(err, os.Remove(path))
	}, nil
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
	return fmt.Sprintf("/proc/self/fd/%d/%s", dir.Fd(), controlName)
}

// askForBackup has the daybook that has the journal open make a backup. asked is false when
// there is none.
func (g *globals) askForBackup(ctx context.Context, target string) (made backupMade, asked bool, err error) {
	dir, err := os.Open(g.data)
	if errors.Is(err, os.ErrNotExist) {
		return made, false, nil
	}
	if err != nil {
		return made, false, err
	}
	defer dir.Close()
	if target, err = filepath.Abs(target); err != nil {
		return made, false, err
	}
	var dialer net.Dialer
	connection, err := dialer.DialContext(ctx, "unix", socketPath(dir, filepath.Join(g.data, controlName)))
	if err != nil {
		return made, false, nil // nobody listens
	}
	client := http.Client{Transport: &http.Transport{
		DialContext:       func(context.Context, string, string) (net.Conn, error) { return connection, nil },
		DisableKeepAlives: true,
	}}
	form := url.Values{"dir": {target}, "lang": {g.lang}}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://daybook/backup", strings.NewReader(form.Encode()))
	if err != nil {
		return made, true, err
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	response, err := client.Do(request)
	if err != nil {
		return made, true, err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return made, true, err
	}
	if response.StatusCode == http.StatusOK {
		return made, true, json.Unmarshal(body, &made)
	}
	var no refused
	if err := json.Unmarshal(body, &no); err != nil {
		return made, true, fmt.Errorf("ask for a backup: %s", response.Status)
	}
	if response.StatusCode == http.StatusUnprocessableEntity {
		var hint ledger.Text
		if no.Hint != "" {
			hint = ledger.Say("%s", no.Hint)
		}
		return made, true, ledger.Refuse(ledger.Say("%s", no.Text), hint)
	}
	return made, true, errors.New(no.Text)
}
