//go:build linux || darwin

package chdb_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"daybook/adapters/chdb"
)

// javaScriptClient is the official client, pinned.
const javaScriptClient = "@clickhouse/client@1.23.1"

// The official JavaScript client. It is installed into a temporary folder; where that
// cannot be done, the test says so and is skipped.
func TestEndpointJavaScriptClient(t *testing.T) {
	if testing.Short() {
		t.Skip("installs " + javaScriptClient)
	}
	for _, program := range []string{"npm", "node"} {
		if _, err := exec.LookPath(program); err != nil {
			t.Skip("needs ", program)
		}
	}
	dir := t.TempDir()
	install := exec.CommandContext(t.Context(), "npm", "install", "--prefix", dir, "--ignore-scripts", "--no-audit", "--no-fund", "--no-save", javaScriptClient)
	if output, err := install.CombinedOutput(); err != nil {
		t.Skipf("npm cannot install %s: %v\n%s", javaScriptClient, err, output)
	}
	script, err := os.ReadFile(filepath.Join("testdata", "clients.mjs"))
	if err != nil {
		t.Fatal(err)
	}
	// Beside the package, where node looks for it.
	if err := os.WriteFile(filepath.Join(dir, "clients.mjs"), script, 0o600); err != nil {
		t.Fatal(err)
	}
	f := newFront(t, chdb.Limits{})
	before := f.state()
	output, err := exec.CommandContext(t.Context(), "node", filepath.Join(dir, "clients.mjs"), f.address, secretToken).CombinedOutput()
	if err != nil {
		t.Errorf("%v\n%s", err, output)
	}
	if after := f.state(); after != before {
		t.Errorf("something was changed:\n%s\n%s", before, after)
	}
}
