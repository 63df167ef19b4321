package boc

import (
	"strings"
	"time"

	"daybook/adapters/files"
	"daybook/adapters/settlement"
	"daybook/ledger"
)

// Headings by which rows are dated.
const (
	date  = "交易日期[ Transaction Date ]"
	clock = "交易时间[ Transaction time ]"
	value = "起息日期[ Value Date ]"
)

// The other headings that are read.
const (
	payer        = "付款人名称[ Payer's Name ]"
	payerAccount = "付款人账号[ Debit Account No. ]"
	payee        = "收款人名称[ Payee's Name ]"
	payeeAccount = "收款人账号[ Payee's Account Number ]"
	amount       = "交易金额[ Trade Amount ]"
	balance      = "交易后余额[ After-transaction balance ]"
	number       = "交易流水号[ Transaction reference number ]"
)

// New returns the format "boc-corporate".
func New() settlement.Format {
	return &settlement.Corporate{
		FormatName: "boc-corporate",
		Headings:   []string{payerAccount, payer, payeeAccount, payee, date, clock, amount, balance, number},
		Currency:   "交易货币[ Trade Currency ]", Signed: amount, Balance: balance,
		Payer: payer, PayerAccount: payerAccount, Payee: payee, PayeeAccount: payeeAccount,
		AccountTitle: "查询账号[ Inquirer account number ]",
		OutTitle:     "借方发生总额[ Total Debit Amount of Payments ]",
		InTitle:      "贷方发生总额[ Total Credit Amount of Payments ]",
		ProviderNo:   number, RawKind: "业务类型[ Business type ]",
		Memo: []string{"摘要[ Reference ]", "用途[ Purpose ]", "交易附言[ Remark ]", "备注[ Remarks ]"},
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
