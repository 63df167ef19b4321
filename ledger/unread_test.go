package ledger_test

import (
	"context"
	"errors"
	"testing"

	"daybook/ledger"
)

// What could not be read of a till's file stands by the days of the file until a file that
// has every action of it says that it corrects it.
func TestUnreadIsMended(t *testing.T) {
	ctx := context.Background()
	journal := ledger.NewMemory(stopped)
	day := sale(1, 0).BusinessDay
	open := func(want int) []ledger.UnreadListed {
		t.Helper()
		listed, err := ledger.UnreadOn(ctx, journal, codec, day)
		if err != nil || len(listed) != want {
			t.Fatalf("%d files are open (%v), want %d", len(listed), err, want)
		}
		return listed
	}
	bad := tillFile("bad", sale(1, 100), sale(3, 300))
	bad.Quarantined = []ledger.RowQuarantined{{Row: 2, Raw: "x", Faults: []ledger.Fault{{Why: "this is %d", Args: []string{"1"}}}}}
	take(t, journal, bad)
	if l := open(1)[0]; l.File != bad.SHA256 || l.Rows != 1 || l.Name != "bad" {
		t.Errorf("listed: %+v", l)
	}
	head := len(everything(t, journal))
	if again := take(t, journal, bad); !again.Already || len(everything(t, journal)) != head {
		t.Error("the same file changed something")
	}

	// A file without the flag is one of its own; one that lacks an action is no correction.
	mended := tillFile("mended", sale(1, 100), sale(2, 200), sale(3, 300))
	part := tillFile("part", sale(1, 100), sale(2, 200))
	part.Correction = true
	before := len(everything(t, journal))
	var refusal *ledger.Refusal
	if _, err := ledger.NewIntake(journal, codec).File(ctx, part, nil); !errors.As(err, &refusal) || len(everything(t, journal)) != before {
		t.Errorf("a part was taken as the correction: %v", err)
	}
	take(t, journal, mended)
	open(1)

	// Said afterwards it counts as well, once.
	mended.Correction = true
	if got := take(t, journal, mended); !got.Already || len(got.Mended) != 1 || got.Mended[0].Name != "bad" {
		t.Errorf("mended: %+v", got)
	}
	open(0)
	head = len(everything(t, journal))
	if got := take(t, journal, mended); len(got.Mended) != 0 || len(everything(t, journal)) != head {
		t.Errorf("mended twice: %+v", got)
	}
	if got := take(t, journal, bad); !got.Already {
		t.Error("the bad file was taken again")
	}
	open(0)
}
