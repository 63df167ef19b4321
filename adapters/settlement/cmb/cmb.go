package cmb

import (
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
)

// Headings by which rows are dated.
const (
	date  = "交易日"
	clock = "交易时间"
	value = "起息日"
)

// New returns the format "cmb-corporate".
func New() settlement.Format {
	return &settlement.Corporate{
		FormatName: "cmb-corporate",
		Headings:   []string{date, clock, "交易类型", "借方金额", "贷方金额", "余额", "摘要", "流水号", "收付方名称"},
		Account:    "账号", Currency: "币种", Out: "借方金额", In: "贷方金额", Balance: "余额",
		Counterparty: "收付方名称", CounterpartyAccount: "收付方账号", OtherNumber: "母（子）公司账号",
		ProviderNo: "流水号", RawKind: "交易类型",
		Memo: []string{"摘要", "用途", "业务名称", "业务摘要", "业务参考号"},
		Days: days,
	}
}

// days reads date and time of the transaction, and the value date.
func days(r *files.Record) (booked, day ledger.BusinessDay, at time.Time) {
	midnight := readDay(r, date)
	layout := time.TimeOnly
	if !strings.Contains(r.Text(clock), ":") {
		layout = "150405"
	}
	since := r.Time(clock, layout, time.UTC)
	at = time.Date(midnight.Year(), midnight.Month(), midnight.Day(), since.Hour(), since.Minute(), since.Second(), 0, settlement.Beijing)
	booked = ledger.DayOf(midnight)
	if day = booked; r.Has(value) {
		day = ledger.DayOf(readDay(r, value))
	}
	return booked, day, at
}

// readDay reads a date with dashes or without.
func readDay(r *files.Record, heading string) time.Time {
	layout := "20060102"
	if strings.Contains(r.Text(heading), "-") {
		layout = time.DateOnly
	}
	return r.Time(heading, layout, settlement.Beijing)
}
