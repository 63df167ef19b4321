package esdbserver

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

var official = flag.Bool("official", false, "run the official Go client's own tests")

// officialFiles are the client's tests of what the front serves.
var officialFiles = []string{
	"append_test.go", "connection_test.go", "delete_test.go", "read_all_test.go", "read_stream_test.go", "subscriptions_test.go",
}

// elsewhere is a test that the harness runs on another journal.
const elsewhere = "TestOfficial/SubscriptionTests/allSubscriptionWithFilterDeliversCorrectEvents"

// The official Go client's own tests of streams, subscriptions, deletions and metadata,
// out of the module as it was downloaded, against the front on an eventlog. What they
// compare with the vendor's test database is served from a recording of it:
//
//	go test ./adapters/esdbserver -run OfficialGo -v -official
func TestOfficialGoClient(t *testing.T) {
	if !*official {
		t.Skip("give -official to run the official Go client's own tests")
	}
	root := strings.TrimSpace(run(t, ".", "go", "list", "-m", "-f", "{{.Dir}}"))
	module := strings.TrimSpace(run(t, ".", "go", "list", "-m", "-f", "{{.Dir}}", "github.com/EventStore/EventStore-Client-Go/v4"))
	dir := t.TempDir()
	tests, resources := filepath.Join(dir, "esdb"), filepath.Join(dir, "resources")
	if err := os.Mkdir(tests, 0o700); err != nil {
		t.Fatal(err)
	}
	for _, name := range officialFiles {
		copyFile(t, filepath.Join(module, "esdb", name), filepath.Join(tests, name))
	}
	if err := os.CopyFS(resources, os.DirFS(filepath.Join(module, "resources"))); err != nil {
		t.Fatal(err)
	}
	copyFile(t, "testdata/official/harness.go.txt", filepath.Join(tests, "harness_test.go"))
	copyFile(t, filepath.Join(root, "go.sum"), filepath.Join(dir, "go.sum"))
	mod, err := os.ReadFile(filepath.Join(root, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	renamed := strings.Replace(string(mod), "module daybook", "module official", 1) +
		"\nrequire daybook v0.0.0\n\nreplace daybook => " + root + "\n"
	if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte(renamed), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Logf("%s", run(t, dir, "go", "test", "-mod=mod", "-count=1", "-v", "-skip", elsewhere, "./esdb"))
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()
	content, err := os.ReadFile(from)
	if err == nil {
		err = os.WriteFile(to, content, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}

// run runs a command in a folder and returns what it prints.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	command := exec.CommandContext(t.Context(), name, args...)
	command.Dir = dir
	output, err := command.CombinedOutput()
	if err != nil {
		t.Fatalf("%s: %v\n%s", command, err, output)
	}
	return string(output)
}
