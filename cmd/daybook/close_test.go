package main

import (
	"crypto/sha256"
	"encoding/csv"
	"encoding/hex"
	"encoding/json"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daybook/reconcile"
)

// nameAll gives every open difference a cause, an owner and a due date.
func nameAll(p *program) {
	p.t.Helper()
	p.must(exitFine, "breaks", "assign", "--date", scenarioDay, "--to", "li.na", "--due", "2026-01-09", "--as", "wang.wei", "--yes")
	p.must(exitFine, "breaks", "cause", "--date", scenarioDay, "--cause", "provider_error", "--as", "wang.wei", "--yes")
}

func packOf(t *testing.T, dir string) map[string]string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{}
	for _, e := range entries {
		files[e.Name()] = readText(t, filepath.Join(dir, e.Name()))
	}
	return files
}

// A day is signed when every leg ties or every difference has a name, an owner and a due
// date, by one person, and locked by another.
func TestADayIsSignedAndLocked(t *testing.T) {
	t.Parallel()
	p, breaks := scenario(t)
	date := []string{"--date", scenarioDay}
	act := func(verb string, more ...string) []string { return slices.Concat([]string{"close", verb}, date, more) }
	if got := p.run(act("status")...); got.code != exitOpen || !strings.Contains(got.stdout, "cannot be signed yet") {
		t.Errorf("exit code %d, %s%s", got.code, got.stdout, got.stderr)
	}
	p.refuses("not ready", act("sign", "--as", "li.na")...)
	nameAll(p)
	st := ask[closeStatus](p, act("status")...)
	for _, check := range st.Checks {
		if len(check.Open) > 0 {
			t.Errorf("after everything has a name: %+v", check)
		}
	}
	lost := breaks["L260105-0002/missing_in_settlement"]
	p.must(exitFine, "breaks", "propose", lost.ID, "--how", "write_off", "--reason", "r", "--as", "li.na")
	p.refuses("not ready", act("sign", "--as", "li.na")...) // a proposal waits
	p.must(exitFine, "breaks", "approve", lost.ID, "--as", "zhao.min", "--on", "2026-01-06")

	p.refuses("not signed", act("lock", "--as", "zhao.min")...)
	p.refuses("zhao.min may not", act("sign", "--as", "zhao.min")...)
	p.must(exitFine, act("sign", "--as", "wang.wei")...)
	p.refuses("cannot lock it", act("lock", "--as", "wang.wei")...)
	p.refuses("li.na may not approve", act("lock", "--as", "li.na")...)
	signed := filepath.Join(t.TempDir(), "signed")
	p.must(exitFine, "close", "pack", "--date", scenarioDay, "--to", signed)
	p.must(exitFine, act("lock", "--as", "zhao.min")...)
	p.refuses("locked by zhao.min", act("sign", "--as", "li.na")...)

	// Nothing is booked on it, and no pair of it is decided about.
	fee := breaks["L260105-0009/fee_deviation"]
	p.must(exitFine, "breaks", "propose", fee.ID, "--how", "write_off", "--reason", "cents", "--as", "li.na")
	p.refuses("locked by zhao.min", "breaks", "approve", fee.ID, "--as", "zhao.min", "--on", scenarioDay)
	p.must(exitFine, "breaks", "approve", fee.ID, "--as", "zhao.min", "--on", "2026-01-12")
	surplus := breaks["600509999001/missing_in_ledger"]
	p.refuses("locked by zhao.min", "matches", "join", "--date", scenarioDay, "--payment", lost.Items[0], "--row", surplus.Lines[0], "--as", "li.na")

	// The evidence is what was signed, byte for byte, though people went on.
	first, second := filepath.Join(t.TempDir(), "first"), filepath.Join(t.TempDir(), "second")
	p.must(exitFine, "close", "pack", "--date", scenarioDay, "--to", first)
	p.must(exitFine, "breaks", "comment", surplus.ID, "--text", "asked", "--as", "li.na")
	p.config = writeFile(t, t.TempDir(), "other.yaml", []byte(strings.Replace(readText(t, scenarioConfig), "0.60%", "0.59%", 1)))
	p.must(exitFine, "close", "pack", "--date", scenarioDay, "--to", second)
	pack := packOf(t, first)
	if again := packOf(t, second); !maps.Equal(pack, again) {
		t.Errorf("the pack was not the same a second time")
	}
	var m manifest
	if err := json.Unmarshal([]byte(pack["manifest.json"]), &m); err != nil {
		t.Fatal(err)
	}
	if m.SignedBy != "wang.wei" || m.LockedBy != "zhao.min" || m.Digest != st.Digest || len(m.Files) != len(pack)-1 || pack["configuration.yaml"] != readText(t, scenarioConfig) {
		t.Errorf("the manifest is %+v; the digest was %s", m, st.Digest)
	}
	for name, sum := range m.Files {
		if got := sha256.Sum256([]byte(pack[name])); hex.EncodeToString(got[:]) != sum {
			t.Errorf("%s has another hash than the manifest says", name)
		}
	}
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(pack["differences.csv"], "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 1+len(breaks) {
		t.Errorf("%v: the pack has %d differences", err, len(rows)-1)
	}
	if entries, _ := csv.NewReader(strings.NewReader(strings.TrimPrefix(pack["entries.csv"], "\ufeff"))).ReadAll(); len(entries) != 3 {
		t.Errorf("the pack has the entries %v", entries)
	}
	for _, want := range []string{"signed by wang.wei, locked by zhao.min", "L260105-0002", m.Digest} {
		if !strings.Contains(pack["report.html"], want) {
			t.Errorf("the page lacks %q", want)
		}
	}
	p.refuses("there already", "close", "pack", "--date", scenarioDay, "--to", first)

	// Under other terms the day comes to something else, and says so.
	if st := ask[closeStatus](p, act("status")...); !st.Changed || st.Locked == nil {
		t.Errorf("after a change of contract: %+v", st)
	}
	p.config = scenarioConfig
	if st := ask[closeStatus](p, act("status")...); st.Changed || st.Locked == nil {
		t.Errorf("back under the signed contract: %+v", st)
	}
	p.refuses("reason", act("reopen", "--as", "zhao.min")...)
	p.must(exitFine, act("reopen", "--as", "zhao.min", "--reason", "late bill")...)
	if st := ask[closeStatus](p, act("status")...); st.Signed != nil || st.Locked != nil {
		t.Errorf("reopened: %+v", st.Closing)
	}
}

// The digest of a day is that of its facts: other orders of import give the same.
func TestTheDigestOfADayIsThatOfItsFacts(t *testing.T) {
	t.Parallel()
	digests := map[string]bool{}
	for n := range 3 {
		p := newProgram(t, scenarioConfig)
		files := scenarioFiles()
		for _, file := range slices.Concat(files[n:], files[:n]) {
			p.must(exitFine, "import", file)
		}
		digests[ask[closeStatus](p, "close", "status", "--date", scenarioDay).Digest] = true
	}
	if len(digests) != 1 {
		t.Errorf("the digests are %v", digests)
	}
}

// A late fact changes a signed day; the second person is told.
func TestALateFileChangesASignedDay(t *testing.T) {
	t.Parallel()
	p := newProgram(t, scenarioConfig)
	files := scenarioFiles()
	p.must(exitFine, append([]string{"import"}, files...)...)
	nameAll(p)
	p.must(exitFine, "close", "sign", "--date", scenarioDay, "--as", "li.na")
	var lost, row string
	for _, b := range p.breaks() {
		switch {
		case b.Kind == reconcile.MissingInSettlement && b.Provider == "allinpay":
			lost = b.Items[0]
		case b.Kind == reconcile.MissingInLedger:
			row = b.Lines[0]
		}
	}
	p.must(exitFine, "matches", "join", "--date", scenarioDay, "--payment", lost, "--row", row, "--as", "li.na")
	p.refuses("has changed since li.na signed it", "close", "lock", "--date", scenarioDay, "--as", "zhao.min")
	if got := p.run("close", "--date", scenarioDay); got.code != exitOpen || !strings.Contains(got.stdout, "signed again") {
		t.Errorf("exit code %d, %s", got.code, got.stdout)
	}
	p.must(exitFine, "close", "sign", "--date", scenarioDay, "--as", "li.na")
	p.must(exitFine, "close", "lock", "--date", scenarioDay, "--as", "zhao.min")
}

// A text that a spreadsheet would take for a formula is kept from being one; a negative
// amount stays a number.
func TestGuard(t *testing.T) {
	for cell, want := range map[string]string{"=1+1": "'=1+1", "-12.50": "-12.50", "-1+1": "'-1+1", "@x": "'@x", "+86": "'+86", "12": "12", "": "", "–": "–"} {
		if got := guard(cell); got != want {
			t.Errorf("%q became %q", cell, got)
		}
	}
}
