package bus

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"daybook/ledger"

	"pgregory.net/rapid"
)

func TestFileCursor(t *testing.T) {
	cursor := FileCursor(filepath.Join(t.TempDir(), "matcher.cursor"))
	if position, tag, err := cursor.Load(); position != 0 || tag != "" || err != nil {
		t.Fatalf("a missing file is %d %q (%v)", position, tag, err)
	}
	rapid.Check(t, func(r *rapid.T) {
		position := ledger.Position(rapid.Uint64().Draw(r, "position"))
		tag := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"", " ", "generation 3", "早\n\"\x00\xff"})).Draw(r, "tag")
		if err := cursor.Save(position, tag); err != nil {
			r.Fatal(err)
		}
		gotPosition, gotTag, err := cursor.Load()
		if gotPosition != position || gotTag != tag || err != nil {
			r.Fatalf("saved %d %q, loaded %d %q (%v)", position, tag, gotPosition, gotTag, err)
		}
	})
	names, err := filepath.Glob(filepath.Join(filepath.Dir(string(cursor)), "*"))
	if err != nil || len(names) != 1 {
		t.Fatalf("files left behind: %v (%v)", names, err)
	}
}

// The form is read by every later version.
func TestFileCursorForm(t *testing.T) {
	cursor := FileCursor(filepath.Join(t.TempDir(), "x"))
	if err := cursor.Save(1204, "generation 3"); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(string(cursor))
	if want := "daybook-cursor 1 1204 \"generation 3\" 80f6f7ea\n"; err != nil || string(got) != want {
		t.Fatalf("got %q (%v), want %q", got, err, want)
	}
}

func TestFileCursorDamaged(t *testing.T) {
	cursor := FileCursor(filepath.Join(t.TempDir(), "x"))
	if err := cursor.Save(1204, "generation 3"); err != nil {
		t.Fatal(err)
	}
	whole, err := os.ReadFile(string(cursor))
	if err != nil {
		t.Fatal(err)
	}
	damaged := func(content []byte) {
		t.Helper()
		if err := os.WriteFile(string(cursor), content, 0o600); err != nil {
			t.Fatal(err)
		}
		position, tag, err := cursor.Load()
		if position != 0 || tag != "" || !errors.Is(err, ErrDamagedCursor) {
			t.Fatalf("%q is %d %q (%v)", content, position, tag, err)
		}
	}
	for i := range whole {
		damaged(whole[:i])
		for bit := range 8 {
			flipped := append([]byte(nil), whole...)
			flipped[i] ^= 1 << bit
			damaged(flipped)
		}
	}
	damaged([]byte("daybook-cursor 1 bf2ea6ee\n"))
	damaged(make([]byte, maxCursorBytes+1))

	directory := FileCursor(t.TempDir())
	if _, _, err := directory.Load(); err == nil || errors.Is(err, ErrDamagedCursor) {
		t.Fatalf("a directory is %v", err)
	}
	if err := FileCursor(filepath.Join(t.TempDir(), "no", "x")).Save(1, ""); err == nil {
		t.Fatal("saved into a directory that is not there")
	}
}

func FuzzParseCursor(f *testing.F) {
	f.Add([]byte("daybook-cursor 1 1204 \"generation 3\" 80f6f7ea\n"))
	f.Add([]byte("daybook-cursor 1 1\n"))
	f.Fuzz(func(t *testing.T, content []byte) {
		if position, tag, reason := parseCursor(content); reason != "" && (position != 0 || tag != "") {
			t.Fatalf("a damaged cursor is at %d %q", position, tag)
		}
	})
}
