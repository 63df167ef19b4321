package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"daybook/projections"
)

// output is what a command that stays has printed so far.
type output struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (o *output) Write(p []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.Write(p)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.text.String()
}

// served is a running daybook serve.
type served struct {
	t              *testing.T
	Address        string `json:"address"`
	Database       string `json:"database"`
	User           string `json:"user"`
	TokenFile      string `json:"token_file"`
	stdout, stderr *output
	token          string
	end            func() int
}

// serveTables runs daybook serve until the test ends.
func (p *program) serveTables(args ...string) *served {
	p.t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	s := &served{t: p.t, stdout: &output{}, stderr: &output{}}
	ended := make(chan int, 1)
	go func() {
		ended <- run(ctx, p.args(append([]string{"-o", "json", "serve", "--listen", "127.0.0.1:0"}, args...)), s.stdout, s.stderr)
	}()
	s.end = sync.OnceValue(func() int { cancel(); return <-ended })
	p.t.Cleanup(func() { s.end() })
	s.wait("it serves", func() bool { return json.Unmarshal([]byte(s.stdout.String()), s) == nil })
	if token, err := os.ReadFile(s.TokenFile); err == nil {
		s.token = strings.TrimSpace(string(token))
	}
	return s
}

func (s *served) wait(what string, done func() bool) {
	s.t.Helper()
	for deadline := time.Now().Add(2 * time.Minute); !done(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(deadline) {
			s.t.Fatalf("not in two minutes: %s\n%s%s", what, s.stdout, s.stderr)
		}
	}
}

func (s *served) query(token, sql string) (status int, body string) {
	s.t.Helper()
	r, err := http.NewRequest(http.MethodPost, s.Address+"/", strings.NewReader(sql))
	if err != nil {
		s.t.Fatal(err)
	}
	r.SetBasicAuth("daybook", token)
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer response.Body.Close()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return response.StatusCode, string(text)
}

// What daybook schema describes can be asked for, all of it and nothing else; what arrives
// meanwhile is taken in; and the token stays where it belongs.
func TestServe(t *testing.T) {
	p := newProgram(t, scenarioConfig)
	for _, file := range scenarioFiles()[1:] {
		p.must(exitFine, "import", file)
	}
	schema := ask[[]projections.ViewSchema](p, "schema")
	dir := t.TempDir()
	s := p.serveTables("--watch", dir, "--every", "20ms", "--settle", "40ms")
	if s.Database != "daybook" || s.User != "daybook" || !strings.HasPrefix(s.Address, "http://127.0.0.1:") {
		t.Errorf("it says %s", s.stdout)
	}
	if info, err := os.Stat(s.TokenFile); err != nil || info.Mode().Perm() != 0o600 || len(s.token) < shortestToken {
		t.Fatalf("the token: %v, %v", info, err)
	}
	var names []string
	for _, view := range schema {
		names = append(names, view.Name)
		var columns []string
		for _, c := range view.Columns {
			columns = append(columns, c.Name)
		}
		want := strings.Join(columns, "\t") + "\n"
		status, body := s.query(s.token, "SELECT * FROM daybook."+view.Name+" LIMIT 0 FORMAT TSVWithNames")
		if status != http.StatusOK || body != want {
			t.Errorf("%s: %d %q, want %q", view.Name, status, body, want)
		}
		if _, body := s.query(s.token, "SELECT name FROM system.columns WHERE table = '"+view.Name+"' ORDER BY position FORMAT TSV"); body != strings.Join(columns, "\n")+"\n" {
			t.Errorf("the columns of %s: %q", view.Name, body)
		}
		// Every column by its bare name, whatever function has it too.
		if status, body := s.query(s.token, "SELECT \""+strings.Join(columns, "\", \"")+"\", "+strings.Join(columns, ", ")+" FROM "+view.Name+" LIMIT 0 FORMAT TSV"); status != http.StatusOK {
			t.Errorf("%s: %s", view.Name, body)
		}
	}
	if _, body := s.query(s.token, "SELECT count() FROM system.tables"); body != strings.TrimSpace(body)+"\n" || body != strconv.Itoa(len(names))+"\n" {
		t.Errorf("%s tables of %d", body, len(names))
	}
	if status, _ := s.query("wrong", "SELECT 1"); status != http.StatusUnauthorized {
		t.Errorf("with a wrong token: %d", status)
	}
	if _, body := s.query(s.token, "SELECT count() FROM fct_payments"); body != "0\n" {
		t.Errorf("payments before: %s", body)
	}
	deliver(t, dir, scenarioFiles()[0])
	s.wait("the file is there", func() bool {
		_, body := s.query(s.token, "SELECT count() > 0 FROM fct_payments")
		return body == "1\n"
	})
	if got := p.run("status"); got.code != exitRefused || !strings.Contains(got.stderr, "another daybook") {
		t.Errorf("status beside it: %d %s", got.code, got.stderr)
	}
	if code := s.end(); code != exitFine {
		t.Errorf("exit code %d\n%s", code, s.stderr)
	}
	for name, text := range map[string]string{"standard output": s.stdout.String(), "standard error": s.stderr.String()} {
		if strings.Contains(text, s.token) {
			t.Errorf("the token is on %s", name)
		}
	}
	if tables := p.tables(); !strings.Contains(tables, "fct_payments") || strings.Contains(tables, "daybook_catalog") {
		t.Errorf("afterwards the tables are %.300s", tables)
	}
	again := p.serveTables()
	if again.token != s.token {
		t.Error("another token the second time")
	}
}

// The token is shown when it is made, and only then.
func TestServeShowsItsTokenOnce(t *testing.T) {
	p := newProgram(t, scenarioConfig)
	shown := func() string {
		ctx, cancel := context.WithCancel(context.Background())
		var stdout output
		ended := make(chan int, 1)
		go func() { ended <- run(ctx, p.args([]string{"serve", "--listen", "127.0.0.1:0"}), &stdout, io.Discard) }()
		s := &served{t: t, stdout: &stdout, stderr: &output{}}
		s.wait("it serves", func() bool { return strings.Count(stdout.String(), "\n") == 2 })
		cancel()
		if code := <-ended; code != exitFine {
			t.Errorf("exit code %d", code)
		}
		return stdout.String()
	}
	first, second := shown(), shown()
	path := filepath.Join(p.data, tokenFile)
	token := strings.TrimSpace(readText(t, path))
	if strings.Count(first, token) != 1 || strings.Contains(second, token) || !strings.Contains(second, path) {
		t.Errorf("first %s\nthen %s", first, second)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	p.refuses("chmod 600", "serve", "--listen", "127.0.0.1:0")
	t.Setenv(tokenVariable, "of the environment")
	if third := shown(); strings.Contains(third, "of the environment") || !strings.Contains(third, tokenVariable) {
		t.Errorf("with the variable: %s", third)
	}
}

func TestServeRefusals(t *testing.T) {
	p := newProgram(t, scenarioConfig)
	p.refuses("ClickHouse server", "--clickhouse", "clickhouse://host:9000/daybook", "serve")
	p.refuses("--insecure", "serve", "--listen", "0.0.0.0:0")
	p.refuses("--insecure", "serve", "--listen", ":0")
	p.refuses("both --tls-cert and --tls-key", "serve", "--tls-cert", "x")
	p.refuses("no directory", "serve", "--watch", filepath.Join(t.TempDir(), "nowhere"))
	p.refuses("--listen", "serve", "--listen", "127.0.0.1:99999")
	t.Setenv(tokenVariable, "short")
	if got := p.run("serve"); got.code != exitRefused || strings.Contains(got.stderr, "\"short\"") || !strings.Contains(got.stderr, tokenVariable) {
		t.Errorf("a short token: %d %s", got.code, got.stderr)
	}
}
