package ledger_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/ledger"
	"daybook/ledger/ledgertest"

	"pgregory.net/rapid"
)

func TestEncodings(t *testing.T) {
	ledgertest.TestEncodings(t, ledger.NewCodec(ledger.ActionKinds(), ledger.IntakeKinds()), "testdata/golden",
		ledger.CashierSignedOn{}, ledger.CashierSignedOff{}, ledger.ShiftOpened{}, ledger.ShiftClosed{},
		ledger.DrawerOpened{}, ledger.DrawerCounted{}, ledger.CashPaidIn{}, ledger.CashPaidOut{}, ledger.DrawerOpenedNoSale{},
		ledger.SaleRecorded{}, ledger.RefundRecorded{}, ledger.PaymentVoided{}, ledger.PaymentReversed{}, ledger.PaymentAnswered{},
		ledger.BatchClosed{}, ledger.ImportBegun{}, ledger.TillFileImported{}, ledger.StoredayOpened{}, ledger.FeedAccepted{}, ledger.ActionQuarantined{},
		ledger.RowsQuarantined{}, ledger.UnreadListed{}, ledger.UnreadMended{})
}

func TestEveryActionHasAHead(t *testing.T) {
	codec := ledger.NewCodec(ledger.ActionKinds())
	for _, kind := range codec.Types() {
		payload, err := codec.Decode(ledger.Event{Type: kind, Data: []byte(`{"terminal":"T1","store":"S1","at":"2026-01-05T12:00:00+08:00","business_date":"2026-01-05"}`)})
		if err != nil {
			t.Errorf("%s: %v", kind, err)
			continue
		}
		if action, ok := payload.(ledger.Action); !ok || action.Head().Terminal != "T1" {
			t.Errorf("%s is a %T, which is no action of terminal T1", kind, payload)
		}
	}
}

func TestMetadataEncoding(t *testing.T) {
	meta := ledger.Metadata{
		Actor: "till:01080301", Origin: &ledger.Origin{File: "day.ndjson", SHA256: "ab", Row: 7}, Correlation: "ab", Causation: "cd",
		BusinessDay: ledger.BusinessDay{Year: 2026, Month: 1, Day: 5}, OccurredAt: time.Date(2026, 1, 5, 12, 0, 0, 0, time.FixedZone("", 8*3600)),
	}
	codec := ledger.NewCodec(ledger.ActionKinds())
	event, err := codec.Encode(ledger.DeriveID("x"), ledger.CashierSignedOff{}, meta)
	if err != nil {
		t.Fatal(err)
	}
	const want = `{"actor":"till:01080301","origin":{"file":"day.ndjson","sha256":"ab","row":7},"correlation":"ab","causation":"cd","business_date":"2026-01-05","occurred_at":"2026-01-05T12:00:00+08:00"}`
	if string(event.Meta) != want {
		t.Errorf("metadata is stored as\n%s\nwant\n%s", event.Meta, want)
	}
	back, err := ledger.DecodeMeta(event)
	if err != nil || !back.OccurredAt.Equal(meta.OccurredAt) || *back.Origin != *meta.Origin || back.BusinessDay != meta.BusinessDay {
		t.Errorf("metadata reads as %+v (%v)", back, err)
	}
	if _, err := ledger.DecodeMeta(ledger.Event{Type: "x.v1", Meta: []byte("{")}); err == nil {
		t.Error("damaged metadata was read")
	}
}

// Three versions of one invented event: v2 spells the currency out, v3 nests the amount.
type drawerMoved struct {
	Drawer string       `json:"drawer"`
	Amount ledger.Money `json:"amount"`
}

type movedV1 struct {
	Drawer string `json:"drawer"`
	Fen    int64  `json:"fen"`
}

type movedV2 struct {
	Drawer   string `json:"drawer"`
	Minor    int64  `json:"minor"`
	Currency string `json:"currency"`
}

func upcast[Old, New any](step func(Old) New) ledger.Upcast {
	return func(data []byte) ([]byte, error) {
		var old Old
		if err := json.Unmarshal(data, &old); err != nil {
			return nil, err
		}
		return json.Marshal(step(old))
	}
}

var toV2 = upcast(func(old movedV1) movedV2 { return movedV2{old.Drawer, old.Fen, "CNY"} })
var toV3 = upcast(func(old movedV2) drawerMoved {
	return drawerMoved{old.Drawer, ledger.Minor(old.Minor, ledger.Currency(old.Currency))}
})

func TestUpcastsLeadFromEveryVersion(t *testing.T) {
	codec := ledger.NewCodec([]ledger.Kind{ledger.KindOf[drawerMoved]("drawer-moved", toV2, toV3)})
	want := drawerMoved{"1", ledger.Minor(1234, "CNY")}
	for kind, data := range map[string]string{
		"drawer-moved.v1": `{"drawer":"1","fen":1234}`,
		"drawer-moved.v2": `{"drawer":"1","minor":1234,"currency":"CNY"}`,
		"drawer-moved.v3": `{"drawer":"1","amount":{"minor":1234,"currency":"CNY"}}`,
	} {
		stored := []byte(data)
		got, err := codec.Decode(ledger.Event{Type: kind, Data: stored})
		if err != nil || got != want {
			t.Errorf("%s reads as %+v (%v), want %+v", kind, got, err, want)
		}
		if string(stored) != data {
			t.Errorf("%s: the stored bytes became %s", kind, stored)
		}
	}
	event, err := codec.Encode(ledger.DeriveID("x"), want, ledger.Metadata{})
	if err != nil || event.Type != "drawer-moved.v3" {
		t.Errorf("written as %s (%v)", event.Type, err)
	}
	if got := codec.Types(); !slices.Equal(got, []string{"drawer-moved.v1", "drawer-moved.v2", "drawer-moved.v3"}) {
		t.Errorf("the codec reads %v", got)
	}
	if _, err := codec.Decode(ledger.Event{Type: "drawer-moved.v1", Data: []byte(`{"fen":"x"}`)}); err == nil || errors.Is(err, ledger.ErrUnknownType) {
		t.Errorf("a damaged v1 gives %v", err)
	}
}

func TestUnknownTypes(t *testing.T) {
	codec := ledger.NewCodec(ledger.ActionKinds())
	for _, kind := range []string{"", "sale-recorded", "sale-recorded.v0", "sale-recorded.v2", "sale-recorded.v1 ", "statement-listed.v1"} {
		if _, err := codec.Decode(ledger.Event{Type: kind, Data: []byte(`{}`)}); !errors.Is(err, ledger.ErrUnknownType) {
			t.Errorf("decoding %q gives %v", kind, err)
		}
	}
	for _, payload := range []any{drawerMoved{}, &ledger.SaleRecorded{}, nil, 7} {
		if _, err := codec.Encode(ledger.DeriveID("x"), payload, ledger.Metadata{}); !errors.Is(err, ledger.ErrUnknownType) {
			t.Errorf("encoding a %T gives %v", payload, err)
		}
	}
	if _, err := codec.Decode(ledger.Event{Type: "sale-recorded.v1", Data: []byte(`{"total":{"minor":1.5,"currency":"CNY"}}`)}); err == nil || errors.Is(err, ledger.ErrUnknownType) {
		t.Errorf("half a fen gives %v", err)
	}
}

func TestCodecRefusesDoubles(t *testing.T) {
	type other struct{}
	one := ledger.KindOf[drawerMoved]("drawer-moved")
	for name, kinds := range map[string][]ledger.Kind{
		"one name":                   {one, ledger.KindOf[other]("drawer-moved")},
		"one name, a version later":  {one, ledger.KindOf[other]("drawer-moved", toV2)},
		"one name, a version before": {ledger.KindOf[other]("drawer-moved", toV2), one},
		"one type":                   {one, ledger.KindOf[drawerMoved]("drawer-shifted")},
	} {
		t.Run(name, func(t *testing.T) {
			defer func() {
				if recover() == nil {
					t.Error("accepted")
				}
			}()
			ledger.NewCodec(kinds)
		})
	}
}

func TestDeriveID(t *testing.T) {
	if got, want := ledger.DeriveID("a", "bc").String(), ledger.DeriveID("a", "bc").String(); got != want {
		t.Errorf("%s and %s for the same facts", got, want)
	}
	if got, want := ledger.DeriveID("till 01", "1").String(), "9dd52a30-420c-8020-80f1-9b08d55e7837"; got != want {
		t.Errorf("the id has become %s, journals hold %s", got, want)
	}
	rapid.Check(t, func(t *rapid.T) {
		parts := rapid.SliceOfN(rapid.StringMatching(`[a-c0-2:]{0,4}`), 1, 4)
		a, b := parts.Draw(t, "a"), parts.Draw(t, "b")
		if rapid.Bool().Draw(t, "cut elsewhere") { // the same text in other parts
			all := strings.Join(a, "")
			at := rapid.IntRange(0, len(all)).Draw(t, "at")
			b = []string{all[:at], all[at:]}
		}
		x, y := ledger.DeriveID(a...), ledger.DeriveID(b...)
		if (x == y) != slices.Equal(a, b) {
			t.Fatalf("%q is %s and %q is %s", a, x, b, y)
		}
		if text := x.String(); len(text) != 36 || text[14] != '8' || !strings.ContainsRune("89ab", rune(text[19])) {
			t.Fatalf("%s is no UUID of version 8", text)
		}
	})
}

func TestEncodeIsStable(t *testing.T) {
	codec := ledger.NewCodec(ledger.ActionKinds())
	notes := map[string]string{}
	for i := range 50 {
		notes[fmt.Sprint("column ", i)] = "x"
	}
	sale := ledger.SaleRecorded{Sale: "1", Notes: notes, Total: ledger.Minor(1, "CNY")}
	first, err := codec.Encode(ledger.DeriveID("x"), sale, ledger.Metadata{})
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := codec.Encode(ledger.DeriveID("x"), sale, ledger.Metadata{})
		if err != nil || !bytes.Equal(again.Data, first.Data) {
			t.Fatalf("the same sale is stored as %s and as %s (%v)", first.Data, again.Data, err)
		}
	}
}
