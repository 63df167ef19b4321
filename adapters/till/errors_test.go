package till

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"daybook/adapters/files"
	"daybook/ledger"

	"github.com/google/go-cmp/cmp"
)

// complaints are everything a source says about a document, with the next step.
func complaints(t *testing.T, source Source, text string) string {
	t.Helper()
	reading, err := source.Read(open(t, "f", text), rules)
	if err == nil {
		return fmt.Sprintf("read %d actions", len(reading.Actions))
	}
	if reading != nil {
		t.Error("a reading beside an error")
	}
	var list files.ErrorList
	if !errors.As(err, &list) {
		t.Fatalf("%T is not an ErrorList", err)
	}
	var out []string
	for _, e := range list {
		line := e.Error()
		if e.Hint.Format != "" {
			line += " -> " + e.Hint.String()
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

// action is a line with the fields every action needs, and more.
func action(kind, more string) string {
	return `{"kind":"` + kind + `","terminal":"T1","seq":1,"store":"S001","at":"2026-01-05T08:00:00+08:00"` + more + `}`
}

func sale(tender string) string {
	return action("sale", `,"sale":"R1","total":"1.00","tenders":[{"payment":"P1","channel":"cash","amount":"1.00","outcome":"approved"`+tender+`}]`)
}

func wide(n int) string {
	var fields strings.Builder
	for i := range n {
		fmt.Fprintf(&fields, `,"f%d":1`, i)
	}
	return fields.String()
}

func TestNDJSONErrors(t *testing.T) {
	for _, test := range []struct{ name, text, want string }{
		{"not JSON", `{"kind":"sale",}`, `f:1: not JSON after character 15 -> write one action a line, each a JSON object`},
		{"cut off", `{"kind":"sale","terminal":`, `f:1: the JSON ends too early -> write one action a line, each a JSON object`},
		{"cut off in a text", `{"kind":"sa`, `f:1: the JSON ends too early -> write one action a line, each a JSON object`},
		{"two on a line", action("sign_off", "") + " " + action("sign_off", ""), `f:1: something follows the action -> write one action a line`},
		{"a list", "[" + action("sign_off", "") + "]", `f:1: the line is a list, not an object -> write one action a line, each a JSON object, without brackets or commas around them`},
		{"pretty-printed", "{\n\"kind\":\"sign_off\"\n}", `f:1: the JSON ends too early -> write one action a line, each a JSON object
f:2: something follows the action -> write one action a line
f:3: not JSON after character 0 -> write one action a line, each a JSON object`},
		{"too deep", `{"a":` + strings.Repeat("[", 20) + strings.Repeat("]", 20) + `}`, `f:1: nested deeper than 8 levels`},
		{"too wide", `{"kind":"sale"` + wide(257) + "}", `f:1: an object has more than 256 fields`},
		{"too long", `{"kind":"` + strings.Repeat("x", MaxLine) + `"}`, `f:1: the line is longer than 1048576 bytes -> write one action a line`},
		{"no kind", `{"terminal":"T1"}`, `f:1: kind: this is missing`},
		{"kind is a number", `{"kind":1}`, `f:1: kind: this is a number, not text`},
		{"misspelt kind", `{"kind":"sails"}`, `f:1: kind "sails": unknown kind of action -> did you mean "sale"?`},
		{"unknown kind", `{"kind":"purchase"}`, `f:1: kind "purchase": unknown kind of action -> the kinds are sign_on, sign_off, shift_open, shift_close, drawer_open, drawer_count, cash_in, cash_out, no_sale, sale, refund, void, reversal, answer, batch_close`},
		{"nothing but a kind", `{"kind":"sale"}`, `f:1: terminal: this is missing
f:1: seq: this is missing, and so is the document number that could stand for it -> give each action of a terminal the next number, from 1
f:1: store: this is missing
f:1: at: this is missing
f:1: sale: this is missing
f:1: total: this is missing`},
		{"empty and null are missing", `{"kind":"sign_off","terminal":"","seq":null,"doc":"D","store":null,"at":"2026-01-05T08:00:00Z"}`, `f:1: terminal: this is missing
f:1: store: this is missing`},
		{"unknown field", action("cash_in", `,"drawer":"D","amount":"1","ammount":"1","colour":"red"`), `f:1: ammount: unknown field -> did you mean "amount"?
f:1: colour: unknown field -> see the description of the form for the fields of this kind`},
		{"field of another kind", action("sign_off", `,"drawer":"D"`), `f:1: drawer: unknown field -> see the description of the form for the fields of this kind`},
		{"unknown field in a tender", sale(`,"stann":"1"`), `f:1: tenders[0].stann: unknown field -> did you mean "stan"?`},
		{"twice", action("sign_off", `,"seq":2`), `f:1: seq: the field stands here twice`},
		{"forbidden", action("sign_off", `,"Track2":"6222021234563321=2512"`), `f:1: Track2: this field must never be sent: card, PIN and fingerprint data have no place here -> stop the till from sending it; what was sent has not been stored`},
		{"forbidden in a tender", sale(`,"pin_block":"0412AC89ABCDEF67","cvv":"123"`), `f:1: tenders[0].pin_block: this field must never be sent: card, PIN and fingerprint data have no place here -> stop the till from sending it; what was sent has not been stored
f:1: tenders[0].cvv: this field must never be sent: card, PIN and fingerprint data have no place here -> stop the till from sending it; what was sent has not been stored`},
		{"forbidden as a note", action("sale", `,"sale":"R1","total":"1.00","notes":{"fingerprintTemplate":"Rk1SACAyMAA"}`), `f:1: notes.fingerprintTemplate: this field must never be sent: card, PIN and fingerprint data have no place here -> stop the till from sending it; what was sent has not been stored`},
		{"card number as a note's name", action("sale", `,"sale":"R1","total":"1.00","notes":{"4111111111111111":"x"}`), `f:1: notes.411111******1111: this cannot be the name of a note`},
		{"note that is no text", action("sale", `,"sale":"R1","total":"1.00","notes":{"n":1}`), `f:1: notes.n: this is a number, not text`},
		{"amount as a number", action("cash_in", `,"drawer":"D","amount":12.34`), `f:1: amount "12.34": this is a JSON number, which may have been rounded on the way -> write it as text, in quotes: "12.34"`},
		{"amount as something else", action("cash_in", `,"drawer":"D","amount":{}`), `f:1: amount: this is an object, not text`},
		{"amount not digits", action("cash_in", `,"drawer":"D","amount":"12,3x"`), `f:1: amount "12,3x": this is not digits with a point before the decimals`},
		{"amount with separators", action("cash_in", `,"drawer":"D","amount":"1,234.00"`), `f:1: amount "1,234.00": this is not digits with a point before the decimals`},
		{"empty amount", action("cash_in", `,"drawer":"D","amount":""`), `f:1: amount: this is not digits with a point before the decimals`},
		{"negative", action("cash_in", `,"drawer":"D","amount":"-1.00"`), `f:1: amount "-1.00": this is negative; the direction is in the kind of the action`},
		{"too many decimals", action("cash_in", `,"drawer":"D","amount":"1.000"`), `f:1: amount "1.000": this has more than 2 decimals`},
		{"decimals of yen", action("cash_in", `,"currency":"JPY","drawer":"D","amount":"1.0"`), `f:1: amount "1.0": this has more than 0 decimals`},
		{"too large", action("cash_in", `,"drawer":"D","amount":"10000000000.00"`), `f:1: amount "10000000000.00": this has more than twelve digits`},
		{"unknown currency", action("cash_in", `,"currency":"RMB","drawer":"D","amount":"1"`), `f:1: currency "RMB": this is not an ISO 4217 currency code that daybook counts in`},
		{"no currency anywhere", strings.Replace(sale(""), "S001", "X001", 1), `f:1: currency: this is missing, and the store has no currency either -> send the field, or give the store a currency in the configuration`},
		{"unknown store", strings.Replace(sale(""), "S001", "S999", 1), `f:1: store "S999": this store is not in the configuration -> add it under stores: in the configuration`},
		{"unknown channel", sale(`,"channel":"x"`), `f:1: tenders[0].channel: the field stands here twice`},
		{"unknown channel", strings.Replace(sale(""), "cash", "voucher", 1), `f:1: tenders[0].channel "voucher": this way to pay is not in the configuration -> add it under tenders: in the configuration, with the channel it means`},
		{"unknown word", sale(`,"entry":"tap"`), `f:1: tenders[0].entry "tap": this is not one of swipe, chip, contactless, manual, qr_merchant, qr_customer`},
		{"unknown outcome", action("answer", `,"original":"P1","outcome":"unknown"`), `f:1: outcome "unknown": this is not one of approved, declined, reversed`},
		{"unknown mode", action("sign_off", `,"mode":"practice"`), `f:1: mode "practice": this is not one of live, training, test`},
		{"time without offset", `{"kind":"sign_off","terminal":"T1","seq":1,"store":"S001","at":"2026-01-05T08:00:00"}`, `f:1: at "2026-01-05T08:00:00": this is not a time with its offset such as "2026-01-05T08:45:44+08:00"`},
		{"nanoseconds", `{"kind":"sign_off","terminal":"T1","seq":1,"store":"S001","at":"2026-01-05T08:00:00.123456789Z"}`, `f:1: at "2026-01-05T08:00:00.123456789Z": this has more than six decimals of a second`},
		{"a year nobody means", `{"kind":"sign_off","terminal":"T1","seq":1,"store":"S001","at":"0001-01-05T08:00:00Z"}`, `f:1: at "0001-01-05T08:00:00Z": this is not between the years 1969 and 2999`},
		{"seq zero", `{"kind":"sign_off","terminal":"T1","seq":0,"store":"S001","at":"2026-01-05T08:00:00Z"}`, `f:1: seq "0": this is not a whole number from 1 to 999999999999`},
		{"seq with a fraction", `{"kind":"sign_off","terminal":"T1","seq":1.0,"store":"S001","at":"2026-01-05T08:00:00Z"}`, `f:1: seq "1.0": this is not a whole number from 1 to 999999999999`},
		{"seq that is a card number", `{"kind":"sign_off","terminal":"T1","seq":4111111111111111,"store":"S001","at":"2026-01-05T08:00:00Z"}`, `f:1: seq "411111******1111": this is not a whole number from 1 to 999999999999`},
		{"seq as text", `{"kind":"sign_off","terminal":"T1","seq":"1","store":"S001","at":"2026-01-05T08:00:00Z"}`, `f:1: seq: this is text, not a number`},
		{"long id", sale(`,"rrn":"6005092001020"`), `f:1: tenders[0].rrn "6005092001020": this is longer than 12 characters`},
		{"id with a blank", sale(`,"stan":"1 2"`), `f:1: tenders[0].stan "1 2": this has a blank or a character outside ASCII`},
		{"reference with a blank", action("shift_open", `,"shift":" 1"`), `f:1: shift " 1": this begins or ends with a blank`},
		{"control character", action("no_sale", `,"drawer":"D","reason":"a\u0000b"`), `f:1: reason "a b": this has a control character`},
		{"bad card", sale(`,"card":"6222021234563321999999"`), `f:1: tenders[0].card: this is not a card number masked as 622202******3321`},
		{"bad quantity", action("sale", `,"sale":"R","total":"1","lines":[{"qty":"1.2345","unit":"1","net":"1"},{"qty":2,"unit":"1","net":"1"}]`), `f:1: lines[0].qty "1.2345": this has more than 3 decimals
f:1: lines[1].qty "2": this is a JSON number, which may have been rounded on the way -> write it as text, in quotes: "1.5"`},
		{"bad rate", action("sale", `,"sale":"R","total":"1","lines":[{"qty":"1","unit":"1","net":"1","tax_rate":"0.13"}]`), `f:1: lines[0].tax_rate "0.13": this is not a percentage such as "0.60%", up to 100% with at most four decimals`},
		{"tenders not a list", action("sale", `,"sale":"R","total":"1","tenders":{}`), `f:1: tenders: this is an object, not a list`},
		{"tender not an object", action("sale", `,"sale":"R","total":"1","tenders":["cash"]`), `f:1: tenders[0]: this is text, not an object`},
		{"no tender", action("void", `,"original":"P1"`), `f:1: tender: this is missing`},
		{"batch totals", action("batch_close", `,"batch":"1","sales":{"count":-1,"amount":"1"},"refunds":{"count":1},"voids":null`), `f:1: sales.count "-1": this is not a whole number from 0 to 999999999999
f:1: refunds.amount: this is missing
f:1: voids: this is missing`},
		{"row numbers", action("sign_off", "") + "\r\n\r\n" + `{"kind":1}` + "\n\n" + `{"kind":2}`, `f:3: kind: this is a number, not text
f:5: kind: this is a number, not text`},
	} {
		t.Run(test.name, func(t *testing.T) {
			if diff := cmp.Diff(test.want, complaints(t, NDJSON{}, test.text)); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

func TestErrorsAreCountedBeyondAHundred(t *testing.T) {
	text := strings.Repeat(action("sign_off", "")+"\n"+`{"kind":"x"}`+"\n", 1000)
	_, err := NDJSON{}.Read(open(t, "f", text), rules)
	var list files.ErrorList
	if !errors.As(err, &list) || len(list) != 100 || list.Count() != 1000 {
		t.Errorf("%d errors of %d, want 100 of 1000: %v", len(list), list.Count(), err)
	}
}

func TestEncodeRefusesWhatReadWouldRefuse(t *testing.T) {
	for _, test := range []struct {
		name string
		edit func(*ledger.SaleRecorded)
		want string
	}{
		{"negative", func(e *ledger.SaleRecorded) { e.Total.Minor = -1 }, `encode sale: total "-0.01 CNY": this is negative`},
		{"too large", func(e *ledger.SaleRecorded) { e.Total.Minor = 1_000_000_000_000 }, `encode sale: total "10000000000.00 CNY": this has more than twelve digits`},
		{"two currencies", func(e *ledger.SaleRecorded) { e.Tenders[0].Amount.Currency = "JPY" }, `encode sale: tenders[0].amount "100 JPY": this is not in CNY like the amount before it`},
		{"no currency", func(e *ledger.SaleRecorded) { e.Total.Currency = "" }, `encode sale: total: this has no currency`},
		{"no store", func(e *ledger.SaleRecorded) { e.Store = "" }, `encode sale: store: this is missing`},
		{"no number", func(e *ledger.SaleRecorded) { e.Seq = 0 }, `encode sale: doc: this is missing`},
		{"large number", func(e *ledger.SaleRecorded) { e.Seq = 1 << 60 }, `encode sale: seq: this is not a whole number from 1 to 999999999999`},
		{"no time", func(e *ledger.SaleRecorded) { e.At = e.At.AddDate(-2000, 0, 0) }, `encode sale: at "0026-01-05T08:00:00+08:00": this is not between the years 1969 and 2999`},
		{"unknown mode", func(e *ledger.SaleRecorded) { e.Mode = "x" }, `encode sale: mode "x": this is not one of live, training, test`},
		{"card number", func(e *ledger.SaleRecorded) { e.Sale = "4111111111111111" }, `encode sale: sale "411111******1111": this holds a card number`},
		{"invalid text", func(e *ledger.SaleRecorded) { e.Lines[0].Name = "\xff" }, "encode sale: lines[0].name \"\ufffd\": this is not valid UTF-8"},
		{"negative quantity", func(e *ledger.SaleRecorded) { e.Lines[0].QtyMilli = -1 }, `encode sale: lines[0].qty "-1": this is negative or too large`},
		{"notes", func(e *ledger.SaleRecorded) {
			e.Notes = map[string]string{}
			for i := range 257 {
				e.Notes[strconv.Itoa(i)] = "n"
			}
		}, `encode sale: notes: these are more than 256 notes`},
		{"note", func(e *ledger.SaleRecorded) { e.Notes = map[string]string{"cvv2": "123"} }, `encode sale: notes.cvv2: this cannot be the name of a note`},
		{"two faults", func(e *ledger.SaleRecorded) { e.Store, e.Sale = "", "" }, `encode sale: store: this is missing (and 1 more)`},
		{"too long", func(e *ledger.SaleRecorded) {
			for len(e.Lines) < 20_000 {
				e.Lines = append(e.Lines, e.Lines...)
			}
		}, `encode sale: the line is longer than 1048576 bytes`},
	} {
		t.Run(test.name, func(t *testing.T) {
			one := ledger.Minor(100, "CNY")
			sale := ledger.SaleRecorded{
				Till: ledger.Till{
					Terminal: "T1", Seq: 1, Store: "S001",
					At: time.Date(2026, 1, 5, 8, 0, 0, 0, time.FixedZone("", 8*3600)),
				},
				Sale: "R1", Total: one,
				Lines:   []ledger.SaleLine{{Name: "n", QtyMilli: 1000, Unit: one, Net: one}},
				Tenders: []ledger.Tender{{Payment: "P1", Channel: "cash", Amount: one, Outcome: ledger.Approved}},
			}
			if _, err := Encode(sale); err != nil {
				t.Fatal(err)
			}
			test.edit(&sale)
			line, err := Encode(sale)
			if err == nil {
				t.Fatalf("encoded as %s", line)
			}
			if err.Error() != test.want {
				t.Errorf("%s\nwant %s", err, test.want)
			}
		})
	}
	if _, err := Encode(nil); err == nil || err.Error() != "encode <nil>: not an action of the form" {
		t.Errorf("encoding nothing: %v", err)
	}
}

const posHeader = "txn_id,store_id,terminal_id,merchant_id,tender,txn_type,amount_fen,currency,local_time,batch_no,trace_no,rrn,auth_code,masked_pan,provider_order_no,orig_txn_id,status"

// posRow is a sound row with some cells changed: "amount_fen=12.34".
func posRow(changes ...string) string {
	cells := strings.Split("X-1,S001,T1,104440353310031,card,sale,100,CNY,2026-01-05 08:00:00,000001,000001,600508200101,,622202******3321,,,approved", ",")
	for _, change := range changes {
		column, value, _ := strings.Cut(change, "=")
		cells[slices.Index(strings.Split(posHeader, ","), column)] = value
	}
	return posHeader + "\n" + strings.Join(cells, ",")
}

func TestPOSCSVErrors(t *testing.T) {
	const filled = " -> every row needs this value; compare the row with the original file"
	const compare = " -> compare the column with the original file"
	for _, test := range []struct{ text, want string }{
		{posRow(), "read 1 actions"},
		{posHeader, "read 0 actions"},
		{strings.ReplaceAll(posRow(), "masked_pan,", ""), `f:1: masked_pan: missing column: expected masked_pan; found txn_id, store_id, terminal_id, merchant_id, tender, txn_type, amount_fen, currency, local_time, batch_no, trace_no, rrn, auth_code, provider_order_no, orig_txn_id, status -> ask for the file with all its columns; if the provider renamed a column, change the heading back`},
		{posRow() + ",", `f:2: the row has 18 cells, but the header has 17 -> a text may hold a comma that is not quoted, or the row was cut; compare it with the original file`},
		{posRow("store_id=S999"), `f:2: store_id "S999": this store is not in the configuration -> add it under stores: in the configuration`},
		{posRow("tender=voucher"), `f:2: tender "voucher": this way to pay is not in the configuration -> add it under tenders: in the configuration, with the channel it means`},
		{posRow("tender="), `f:2: tender: this way to pay is not in the configuration -> add it under tenders: in the configuration, with the channel it means`},
		{posRow("txn_type=purchase"), `f:2: txn_type "purchase": this is not one of sale, refund, void`},
		{posRow("status=ok"), `f:2: status "ok": this is not one of approved, declined, timeout, reversed`},
		{posRow("amount_fen=12.34"), `f:2: amount_fen "12.34": this is not a whole number of minor units, of at most twelve digits -> write 12.34 as 1234; the file may have been saved by a spreadsheet: ask for the original`},
		{posRow("amount_fen=-100"), `f:2: amount_fen "-100": this is negative; the direction is in the kind of the action -> write the amount without a sign and refund in txn_type`},
		{posRow("amount_fen=12,3x"), `f:2: the row has 18 cells, but the header has 17 -> a text may hold a comma that is not quoted, or the row was cut; compare it with the original file`},
		{posRow("amount_fen=1234567890123"), `f:2: amount_fen "1234567890123": this is not a whole number of minor units, of at most twelve digits -> write 12.34 as 1234; the file may have been saved by a spreadsheet: ask for the original`},
		{posRow("amount_fen="), `f:2: amount_fen: the cell is empty` + filled},
		{posRow("currency=RMB"), `f:2: currency "RMB": this is not an ISO 4217 currency code that daybook counts in` + compare},
		{posRow("currency=", "store_id=X001"), `f:2: currency: there is no currency here, and the store has none either -> give the store a currency in the configuration`},
		{posRow("local_time=05/01/2026 08:00"), `f:2: local_time "05/01/2026 08:00": this is not a time written like 2006-01-02 15:04:05 -> the file may have been saved by a spreadsheet, which rewrites times; ask for the original`},
		{posRow("local_time=0026-01-05 08:00:00"), `f:2: local_time "0026-01-05 08:00:00": this is not a time written like 2006-01-02 15:04:05 -> the file may have been saved by a spreadsheet, which rewrites times; ask for the original`},
		{posRow("local_time="), `f:2: local_time: the cell is empty` + filled},
		{posRow("txn_id="), `f:2: txn_id: the cell is empty` + filled},
		{posRow("terminal_id="), `f:2: terminal_id: the cell is empty` + filled},
		{posRow("batch_no="), `f:2: batch_no: the cell is empty` + filled},
		{posRow("trace_no="), `f:2: trace_no: the cell is empty` + filled},
		{posRow("trace_no=12A"), `f:2: trace_no "12A": this is not a number from 1 to 999999` + compare},
		{posRow("trace_no=000000"), `f:2: trace_no "000000": this is not a number from 1 to 999999` + compare},
		{posRow("trace_no=1234567"), `f:2: trace_no "1234567": this is not an identifier of at most 6 letters and digits` + compare},
		{posRow("rrn=6005 0820"), `f:2: rrn "6005 0820": this is not an identifier of at most 12 letters and digits` + compare},
		{posRow("txn_type=void"), `f:2: orig_txn_id: the cell is empty` + filled},
		{posRow("masked_pan=62220212345633219999999"), `f:2: masked_pan "****9999": this is not a card number masked as 622202******3321` + compare},
		{posHeader + "\n\"X-1,S001\n", `f:2 "\"X-1,S001": a quotation mark is opened and never closed -> a quotation mark inside a quoted cell is written twice; correct it in the source and export again`},
	} {
		if diff := cmp.Diff(test.want, complaints(t, POSCSV{}, test.text)); diff != "" {
			t.Errorf("%s\nwant -, got +:\n%s", test.text, diff)
		}
	}
}

func TestReceiptErrors(t *testing.T) {
	const header = "Bon;Filiale;Kasse;Zeit;Zahlart;Zahlung;Währung;Bediener;Kunde;Artikel;Bezeichnung;Warengruppe;Menge;Preis;Satz;Brutto\n"
	const sound = "17;B001;K1;30.10.2026 18:00;cash;Z-17;EUR;12;;4711;Äpfel;Obst;2;1.00;7%;2.14\n"
	const filled = " -> every row needs this value; compare the row with the original file"
	const refund = " -> the file may have been saved by a spreadsheet: ask for the original; goods taken back need a refund of their own"
	row := func(old, new string) string { return header + strings.Replace(sound, old, new, 1) }
	for _, test := range []struct{ text, want string }{
		{header + sound, "read 1 actions"},
		{header + sound + sound, "read 1 actions"}, // two lines of one receipt
		{strings.Replace(header, ";Satz", "", 1), `f:1: Satz: missing column: expected Satz; found Bon, Filiale, Kasse, Zeit, Zahlart, Zahlung, Währung, Bediener, Kunde, Artikel, Bezeichnung, Warengruppe, Menge, Preis, Brutto -> ask for the file with all its columns; if the provider renamed a column, change the heading back`},
		{row("B001", "Berlin Nord"), `f:2: Filiale "Berlin Nord": this store is not in the configuration -> add it under stores: in the receipt profile, with the id of the store`},
		{row("B001", "B002"), `f:2: Filiale "B002": this store is not in the configuration -> add it under stores: in the configuration`},
		{row("cash", "Gutschein"), `f:2: Zahlart "Gutschein": this way to pay is not in the configuration -> add it under tenders: in the configuration, with the channel it means`},
		{row("30.10.2026 18:00", "2026-10-30 18:00"), `f:2: Zeit "2026-10-30 18:00": this is not a time written like 02.01.2006 15:04 -> add its layout under layouts: in the receipt profile`},
		{row("30.10.2026 18:00", ""), `f:2: Zeit: the cell is empty` + filled},
		{row("17;", ";"), `f:2: Bon: the cell is empty` + filled},
		{row("EUR", "EURO"), `f:2: Währung "EURO": this is not an ISO 4217 currency code that daybook counts in -> compare the column with the original file`},
		{row(";2;", ";-2;"), `f:2: Menge "-2": this is negative; the direction is in the kind of the action -> a quantity is digits with at most three decimals; goods taken back need a refund of their own`},
		{row(";2;", ";;"), `f:2: Menge: the cell is empty` + filled},
		{row("1.00", "1,00"), `f:2: Preis "1,00": this is not an unsigned amount written as digits with a point before the decimals` + refund},
		{row("1.00", "-1.00"), `f:2: Preis "-1.00": this is not an unsigned amount written as digits with a point before the decimals` + refund},
		{row("1.00", "1e9"), `f:2: Preis "1e9": this is not an unsigned amount written as digits with a point before the decimals` + refund},
		{row("1.00", "1.005"), `f:2: Preis "1.005": this has more decimals than EUR counts -> a unit price must be in whole minor units; ask for the original file`},
		{row("1.00", "99999999999.00"), `f:2: Preis "99999999999.00": this has more than twelve digits -> compare the row with the original file`},
		{row(";2;1.00", ";999999;9999999.00"), `f:2: Preis "9999999.00": unit price × quantity has more than twelve digits -> compare the row with the original file`},
		{row("7%", "7"), `f:2: Satz "7": this is not a percentage such as "5%", up to 100% with at most four decimals`},
		{row("2.14", "2.151"), "read 1 actions"}, // within one minor unit
		{row("2.14", "2.16"), `f:2: Brutto "2.16": unit price × quantity and tax make 2.14, but the file has 2.16 for this receipt -> compare the row with the original file; a discount needs the NDJSON form`},
		{row("2.14", ""), `f:2: Brutto: the cell is empty` + filled},
		{header + sound + strings.Replace(sound, "cash", "card", 1), `f:3: Zahlart "card": this differs from row 2 of the same receipt -> a profile reads one payment per receipt; export the payments in the NDJSON form`},
		{header + sound + strings.Replace(sound, "EUR", "CHF", 1), `f:3: Währung "CHF": this differs from row 2 of the same receipt`},
		{header + sound + strings.Replace(sound, "17;", "18;", 1) + sound, `f:4: Bon "17": this receipt number stands in row 2 already, with other receipts between -> sort the file by receipt number; if two receipts have the same number, map the column that tells them apart`},
		{header + strings.Replace(sound, "2.14", "9.99", 1) + strings.Replace(sound, "17;B001", "18;B002", 1), `f:2: Brutto "9.99": unit price × quantity and tax make 2.14, but the file has 9.99 for this receipt -> compare the row with the original file; a discount needs the NDJSON form
f:3: Filiale "B002": this store is not in the configuration -> add it under stores: in the configuration`},
	} {
		source, err := NewReceipts(profile(t, "lines"))
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(test.want, complaints(t, source, test.text)); diff != "" {
			t.Errorf("%s\nwant -, got +:\n%s", test.text, diff)
		}
	}
}

func TestProfileErrors(t *testing.T) {
	for _, test := range []struct {
		edit func(*Profile)
		want string
	}{
		{func(p *Profile) { p.Name = "" }, `a receipt profile needs a name of letters and digits without blanks`},
		{func(p *Profile) { p.Name = "my shop" }, `a receipt profile needs a name of letters and digits without blanks`},
		{func(p *Profile) { p.Columns.Doc = "" }, `receipt profile supermarket: columns: doc: name the column`},
		{func(p *Profile) { p.Columns.Store = "" }, `receipt profile supermarket: columns: store: name the column`},
		{func(p *Profile) { p.Columns.Tender = "" }, `receipt profile supermarket: columns: tender: name the column`},
		{func(p *Profile) { p.Columns.Quantity = "" }, `receipt profile supermarket: columns: quantity: name the column`},
		{func(p *Profile) { p.Columns.UnitPrice = "" }, `receipt profile supermarket: columns: unit_price: name the column`},
		{func(p *Profile) { p.Columns.Time = nil }, `receipt profile supermarket: columns: time: name one column, or two for date and time of day`},
		{func(p *Profile) { p.Columns.Time = []string{"a", "b", "c"} }, `receipt profile supermarket: columns: time: name one column, or two for date and time of day`},
		{func(p *Profile) { p.Notes = []string{"CVV2"} }, `receipt profile supermarket: column "CVV2" cannot be kept: it is empty, or holds card or fingerprint data`},
		{func(p *Profile) { p.Notes = []string{""} }, `receipt profile supermarket: column "" cannot be kept: it is empty, or holds card or fingerprint data`},
		{func(p *Profile) { p.Layouts = nil }, `receipt profile supermarket: layouts: say how the time is written`},
		{func(p *Profile) { p.Layouts[1] = "1/2/2006 3:04:05" }, `receipt profile supermarket: layouts: "1/2/2006 3:04:05" does not write day, month, year, hour and minute without a zone, as "2006-01-02 15:04:05" does`},
		{func(p *Profile) { p.Layouts[1] = "2006-01-02T15:04Z07:00" }, `receipt profile supermarket: layouts: "2006-01-02T15:04Z07:00" does not write day, month, year, hour and minute without a zone, as "2006-01-02 15:04:05" does`},
		{func(p *Profile) { p.Layouts[1] = "DD.MM.YYYY" }, `receipt profile supermarket: layouts: "DD.MM.YYYY" does not write day, month, year, hour and minute without a zone, as "2006-01-02 15:04:05" does`},
		{func(p *Profile) { p.Currency = "RMB" }, `receipt profile supermarket: currency: "RMB" is not an ISO 4217 currency code`},
		{func(p *Profile) { p.TaxRate = "5" }, `receipt profile supermarket: tax_rate: "5" is not a percentage such as "5%"`},
		{func(p *Profile) { p.Rounding = "bankers" }, `receipt profile supermarket: rounding: "bankers" is not known; use half_up`},
		{func(p *Profile) { p.Separator = "\t;" }, "receipt profile supermarket: separator: \"\\t;\" is not one character"},
	} {
		p := profile(t, "supermarket")
		test.edit(&p)
		if _, err := Sources([]Profile{p}); err == nil || err.Error() != test.want {
			t.Errorf("%v\nwant %s", err, test.want)
		}
	}
}
