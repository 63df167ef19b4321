package abc

import (
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
)

// when is the heading by which rows are dated.
const when = "交易时间"

// New returns the format "abc-corporate".
func New() settlement.Format {
	return &settlement.Corporate{
		FormatName: "abc-corporate",
		Headings:   []string{when, "收入金额", "支出金额", "账户余额", "对方账号", "对方户名"},
		Known:      []string{"交易行名", "对方省市", "交易用途"},
		Account:    "账号", Currency: "币种", Out: "支出金额", In: "收入金额", Balance: "账户余额",
		Counterparty: "对方户名", CounterpartyAccount: "对方账号",
		RawKind: "摘要",
		Memo:    []string{"交易用途", "摘要", "附言"},
		Days:    days,
	}
}

// days reads the time of the transaction; the row counts from that day.
func days(r *files.Record) (booked, day ledger.BusinessDay, at time.Time) {
	layout := "20060102 15:04:05"
	switch {
	case strings.Contains(r.Text(when), "-"):
		layout = time.DateTime
	case strings.Contains(r.Text(when), "/"):
		layout = "2006/01/02 15:04:05"
	}
	at = r.Time(when, layout, settlement.Beijing)
	day = ledger.DayOf(at)
	return day, day, at
}
