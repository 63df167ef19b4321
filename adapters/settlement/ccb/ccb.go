package ccb

import (
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
)

// Headings by which rows are dated.
const (
	when   = "交易时间"
	booked = "记账日期"
)

// New returns the format "ccb-corporate".
func New() settlement.Format {
	return &settlement.Corporate{
		FormatName: "ccb-corporate",
		Headings: []string{"账号", when, "借方发生额（支取）", "贷方发生额（收入）", "余额",
			"对方户名", "对方账号", booked, "摘要", "账户明细编号-交易流水号"},
		Account: "账号", Currency: "币种", Out: "借方发生额（支取）", In: "贷方发生额（收入）", Balance: "余额",
		Counterparty: "对方户名", CounterpartyAccount: "对方账号", OtherNumber: "关联账户",
		ProviderNo: "账户明细编号-交易流水号", RawKind: "摘要",
		Memo: []string{"摘要", "备注", "企业流水号"},
		Days: days,
	}
}

// days reads the date of booking, which is the day the row counts from, and the time of
// the transaction.
func days(r *files.Record) (bookedOn, day ledger.BusinessDay, at time.Time) {
	layout := "20060102 15:04:05"
	if strings.Contains(r.Text(when), "-") {
		layout = time.DateTime
	}
	at = r.Time(when, layout, settlement.Beijing)
	layout = "20060102"
	if strings.Contains(r.Text(booked), "-") {
		layout = time.DateOnly
	}
	day = ledger.DayOf(r.Time(booked, layout, settlement.Beijing))
	return day, day, at
}
