package camt

import (
	"slices"
	"strings"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
	"daybook/reconcile"
)

// readEntry makes a line of a Ntry. One that cannot be read is set aside whole: what a part
// of it says of money is not known to be true.
func (r *report) readEntry(e *element) {
	row := r.entries
	redact(e, false, r.statement)
	line := reconcile.Line{Row: row, Kind: reconcile.OtherLine, ProviderNo: e.value("AcctSvcrRef"), Counterparty: counterparty(e), RawKind: kindOf(e)}
	r.readMemo(e, &line) // first: it takes out of the entry what no message may have
	r.entry, r.unsound = e, false
	defer func() { r.entry = nil }()
	net, currency, _ := r.amount(row, "Ntry", e)
	line.Currency, line.Net = currency, net
	r.readDays(row, e, &line)
	status := e.value("Sts", "Cd")
	if status == "" {
		status = e.value("Sts")
	}
	if status == "" {
		status = e.value("Sts", "Prtry")
	}
	switch {
	case status == "":
		r.wrong(row, "Ntry/Sts", "", ledger.Say("the cell is empty"), download())
	case status != "BOOK":
		line.RawKind = status + " " + line.RawKind
	case net > 0:
		line.Kind = reconcile.PayoutLine
	}
	if line.ProviderNo == "" {
		line.ProviderNo = e.value("NtryRef")
	}
	line.Raw = e.raw()
	if !r.unsound {
		r.count(line, e.value("CdtDbtInd") == "DBIT", status == "BOOK")
		r.statement.Lines = append(r.statement.Lines, line)
	}
}

// readDays reads value and booking date; one of them is enough.
func (r *report) readDays(row int, e *element, line *reconcile.Line) {
	value, bookingDate := e.at("ValDt"), e.at("BookgDt")
	if value.name == "" {
		value = bookingDate
	}
	if bookingDate.name == "" {
		bookingDate = value
	}
	if value.name == "" {
		r.wrong(row, "Ntry/ValDt", "", ledger.Say("the entry has neither a value date nor a booking date"), download())
		return
	}
	day, ok := r.date(row, "Ntry/"+value.name, value)
	at := day
	if bookingDate != value && ok {
		at, ok = r.date(row, "Ntry/"+bookingDate.name, bookingDate)
	}
	if ok {
		line.Day, line.At = ledger.DayOf(day), at
		r.days = append(r.days, ledger.DayOf(at))
	}
}

// kindOf is the bank transaction code: domain, family and sub-family, or the bank's own.
func kindOf(e *element) string {
	var words []string
	domain := e.at("BkTxCd", "Domn")
	for _, word := range []string{domain.value("Cd"), domain.value("Fmly", "Cd"), domain.value("Fmly", "SubFmlyCd")} {
		if word != "" {
			words = append(words, word)
		}
	}
	kind := strings.Join(words, "/")
	if kind == "" {
		kind = e.value("BkTxCd", "Prtry", "Cd")
	}
	return kind
}

// maxParties is how many names a batch of payments contributes.
const maxParties = 10

// counterparty is the payer of a credit or the payee of a debit. A reversal names the
// parties of what it reverses. Some banks name on a debit of their own only themselves,
// as its debtor.
func counterparty(e *element) string {
	sides := []string{"Dbtr", "UltmtDbtr"}
	reversal := e.value("RvslInd") == "true" || e.value("RvslInd") == "1"
	if debit := e.value("CdtDbtInd") == "DBIT"; debit != reversal {
		sides = []string{"Cdtr", "UltmtCdtr", "Dbtr"}
	}
	for _, side := range sides {
		var names []string
		for _, details := range e.all("NtryDtls") {
			for _, tx := range details.all("TxDtls") {
				party := tx.at("RltdPties", side)
				name := party.value("Pty", "Nm") // from version 8 on
				if name == "" {
					name = party.value("Nm")
				}
				if name != "" && len(names) < maxParties && !slices.Contains(names, name) {
					names = append(names, name)
				}
			}
		}
		if len(names) > 0 {
			return files.Truncate(strings.Join(names, "; "))
		}
	}
	return ""
}

// texts are the elements of an entry that people read; each once.
var texts = map[string]bool{
	"EndToEndId": true, "Ustrd": true, "Ref": true, "AddtlRmtInf": true, "AddtlTxInf": true, "AddtlNtryInf": true,
}

// readMemo joins what is written about a movement. A card number that only shows when
// texts are joined is taken out of Raw with them.
func (r *report) readMemo(e *element, line *reconcile.Line) {
	seen := map[string]bool{"NOTPROVIDED": true, "": true}
	var words []string
	length := 0
	walk(e, func(found *element) {
		if texts[found.name] && !seen[found.text] && length <= settlement.MaxMemo {
			seen[found.text] = true
			words = append(words, found.text)
			length += len(found.text) + 1
		}
	})
	joined := strings.Join(words, " ")
	cut := files.Truncate(joined)
	line.Memo = settlement.Shorten(cut, settlement.MaxMemo)
	if cut != joined {
		r.statement.Truncated["RmtInf"]++
		walk(e, func(found *element) {
			if texts[found.name] {
				found.text = ""
			}
		})
	}
}

func walk(e *element, visit func(*element)) {
	visit(e)
	for _, child := range e.children {
		walk(child, visit)
	}
}
