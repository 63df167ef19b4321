package main

import (
	"path/filepath"
	"strings"
	"testing"
)

// A bill that was taken in under a wrong profile (the net column taken for the gross) is read
// again when the profile is right: shown first, then recorded, and the day ties as if it had
// been read right at once.
func TestAFileIsReadAgain(t *testing.T) {
	right, dir := unseen(t)
	bill, till := filepath.Join(dir, "changjie_20260105.txt"), filepath.Join(dir, "till.csv")
	right.must(exitFine, "import", till, bill)
	want := findings(right.breaks())

	p, dir := unseen(t)
	bill, till = filepath.Join(dir, "changjie_20260105.txt"), filepath.Join(dir, "till.csv")
	profile := readText(t, filepath.Join(dir, "changjie.yaml"))
	wrong := strings.Replace(profile, "消费: sale", "消费: adjustment", 1)
	if wrong == profile {
		t.Fatal("the profile has no such word")
	}
	writeFile(t, dir, "changjie.yaml", []byte(wrong))
	p.must(exitFine, "import", till, bill)
	if difference(want, findings(p.breaks())) == "" {
		t.Fatal("the wrong profile makes no difference")
	}
	p.refuses("nothing has changed", "files", "reread", bill)
	writeFile(t, dir, "changjie.yaml", []byte(profile))
	before := p.head()
	shown := ask[rereading](p, "files", "reread", bill)
	if len(shown.Changed) == 0 || shown.Recorded || shown.After.Version != 2 || p.head() != before {
		t.Errorf("the preview: %+v", shown)
	}
	if got := p.run("files", "reread", bill); !strings.Contains(got.stderr, "nothing was changed yet") || !strings.Contains(got.stdout, "adjustment") {
		t.Errorf("the preview is\n%s%s", got.stdout, got.stderr)
	}
	done := ask[rereading](p, "files", "reread", bill, "--yes")
	if !done.Recorded || len(done.Closed) == 0 {
		t.Errorf("read again: %+v", done)
	}
	if d := difference(want, findings(p.breaks())); d != "" {
		t.Errorf("read again it comes to something else: %s", d)
	}
	p.refuses("nothing has changed", "files", "reread", bill)
	p.refuses("is a till's file", "files", "reread", till)
}
