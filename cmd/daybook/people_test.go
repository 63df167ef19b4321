package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// A person with a key decides with their token and not without it, nor with another's; the
// others decide as before. A token is nowhere in the data directory.
func TestAPersonProvesWhoTheyAre(t *testing.T) {
	text := readText(t, scenarioConfig)
	p := configured(t, []byte(text))
	made := ask[map[string]string](p, "people", "add", "li.na")
	other := ask[map[string]string](p, "people", "add", "wang.wei")
	if made["token"] == other["token"] || len(made["token"]) < 43 || strings.Contains(made["key"], made["token"]) {
		t.Fatalf("the tokens are %v and %v", made, other)
	}
	if !strings.Contains(text, "{id: li.na,") {
		t.Fatal("the configuration has no li.na")
	}
	p = configured(t, []byte(strings.Replace(text, "{id: li.na,", "{id: li.na, key: \""+made["key"]+"\",", 1)))
	p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
	id := p.breaks()[0].ID
	comment := func(as string) []string { return []string{"breaks", "comment", id, "--text", "x", "--as", as} }

	t.Setenv(personToken, "")
	t.Setenv(personTokenFile, "")
	p.refuses("no token was given", comment("li.na")...)
	p.must(exitFine, comment("wang.wei")...)
	t.Setenv(personToken, other["token"])
	p.refuses("not that of li.na", comment("li.na")...)
	t.Setenv(personToken, made["token"])
	p.must(exitFine, comment("li.na")...)

	t.Setenv(personToken, "")
	file := writeFile(t, t.TempDir(), "token", []byte(made["token"]+"\n"))
	t.Setenv(personTokenFile, file)
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	p.refuses("can be read by others", comment("li.na")...)
	if err := os.Chmod(file, 0o600); err != nil {
		t.Fatal(err)
	}
	p.must(exitFine, comment("li.na")...)

	// Who has no key is warned where it matters.
	if got := p.run("close", "sign", "--date", scenarioDay, "--as", "wang.wei"); !strings.Contains(got.stderr, "nobody had to prove it") {
		t.Errorf("no warning: %s", got.stderr)
	}
	if got := p.run("close", "sign", "--date", scenarioDay, "--as", "li.na"); strings.Contains(got.stderr, "prove it") {
		t.Errorf("warned of one who proved it: %s", got.stderr)
	}
	err := filepath.WalkDir(p.data, func(path string, entry os.DirEntry, err error) error {
		if err != nil || !entry.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if bytes.Contains(data, []byte(made["token"])) {
			t.Errorf("the token stands in %s", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	configured(t, []byte(strings.Replace(text, "{id: li.na,", "{id: li.na, key: secret,", 1))).refuses("64 hexadecimal digits", "fees")
}
