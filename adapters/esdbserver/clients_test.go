package esdbserver

import (
	"flag"
	"os/exec"
	"path/filepath"
	"testing"
)

var clients = flag.String("clients", "", "folder in which both JavaScript clients are installed")

// The official JavaScript clients. To install them and run this, with Node 20 or newer:
//
//	npm install --prefix /tmp/clients @kurrent/kurrentdb-client@1.3.1 @eventstore/db-client@6.2.1
//	go test ./adapters/esdbserver -run JavaScript -v -clients /tmp/clients
func TestJavaScriptClients(t *testing.T) {
	if *clients == "" {
		t.Skip("give -clients the folder in which the JavaScript clients are installed")
	}
	script, err := filepath.Abs("testdata/clients.mjs")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"@kurrent/kurrentdb-client", "@eventstore/db-client"} {
		t.Run(name, func(t *testing.T) {
			f := newFront(t, Options{})
			command := exec.CommandContext(t.Context(), "node", script, name, f.address)
			command.Dir = *clients
			output, err := command.CombinedOutput()
			t.Logf("%s", output)
			if err != nil {
				t.Errorf("%v", err)
			}
		})
	}
}
