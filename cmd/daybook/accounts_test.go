package main

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"daybook/adapters/files"
	"daybook/ledger"
	"daybook/projections"
	"daybook/reconcile"
)

// movement is a row of an Alipay account, in fen.
type movement struct {
	clock, word, trade, order, note string
	fen                             int64
}

// accountOf tells the rows of the scenario's Alipay bill as the account does: each payment,
// and its fee in a row of its own.
func accountOf(t *testing.T) (rows []movement) {
	t.Helper()
	doc, err := files.Open("bill.zip", []byte(readText(t, filepath.Join(scenarioDir, "alipay_trade_20260105.csv.zip"))))
	if err != nil {
		t.Fatal(err)
	}
	for _, part := range doc.Parts {
		for line := range strings.Lines(part.Text) {
			cells := strings.Split(strings.ReplaceAll(line, "\t", ""), ",")
			if len(cells) != 25 || cells[2] != "交易" && cells[2] != "退款" {
				continue
			}
			fen := func(cell string) int64 {
				n, err := ledger.ParseAmount(cell, "CNY")
				if err != nil {
					t.Fatal(err)
				}
				return n
			}
			words := map[string][2]string{"交易": {"在线支付", "收费"}, "退款": {"交易退款", "退费"}}[cells[2]]
			rows = append(rows, movement{cells[5], words[0], cells[0], cells[1], "", fen(cells[12])})
			rows = append(rows, movement{cells[5], words[1], cells[0], cells[1], "服务费[" + cells[0] + "]", fen(cells[22])})
		}
	}
	slices.SortStableFunc(rows, func(a, b movement) int { return strings.Compare(a.clock, b.clock) })
	return rows
}

// fundBill writes an account that ties with itself.
func fundBill(t *testing.T, name, day, next string, opening int64, rows []movement) string {
	t.Helper()
	date := func(day string) string { return day[:4] + "年" + day[5:7] + "月" + day[8:] + "日 00:00:00" }
	var out strings.Builder
	fmt.Fprintf(&out, "#支付宝账务明细查询\n#账号：[20880000000000010156]\n#起始日期：[%s]   终止日期：[%s]\n#-----账务明细列表-----\n", date(day), date(next))
	out.WriteString("账务流水号,业务流水号,商户订单号,商品名称,发生时间,对方账号,收入金额（+元）,支出金额（-元）,账户余额（元）,交易渠道,业务类型,备注\n")
	sums, counts, balance := map[bool]int64{}, map[bool]int{}, opening
	for n, row := range rows {
		balance += row.fen
		sums[row.fen > 0] += row.fen
		counts[row.fen > 0]++
		money := map[bool]string{true: "0.00", false: "0.00"}
		money[row.fen > 0] = ledger.Minor(row.fen, "CNY").Amount()
		fmt.Fprintf(&out, "1260%08d\t,%s\t,%s\t,便利店商品,%s,*例(1)\t,%s,%s,%s,支付宝,%s,%s\n", n, row.trade, row.order, row.clock,
			money[true], money[false], ledger.Minor(balance, "CNY").Amount(), row.word, row.note)
	}
	fmt.Fprintf(&out, "#-----账务明细列表结束-----\n#支出合计：%d笔，共%s元\n#收入合计：%d笔，共%s元\n#导出时间：[%s]\n", counts[false], ledger.Minor(sums[false], "CNY").Amount(),
		counts[true], ledger.Minor(sums[true], "CNY").Amount(), date(next))
	return writeFile(t, t.TempDir(), name, []byte(out.String()))
}

// withAccounts is the scenario's configuration with the formats that providers send beside
// their bills.
func withAccounts(t *testing.T) []byte {
	t.Helper()
	return []byte(strings.NewReplacer("[alipay-trade]", "[alipay-trade, alipay-fund]", "[wechat-trade]", "[wechat-trade, wechat-fund]").Replace(readText(t, scenarioConfig)))
}

// inEveryOrder imports files forwards and backwards; whatever the order, the breaks are the
// same.
func inEveryOrder(t *testing.T, config []byte, paths []string) (p *program, found []string) {
	t.Helper()
	p = configured(t, config)
	p.must(exitFine, append([]string{"import"}, paths...)...)
	found = findings(p.breaks())
	p = configured(t, config)
	p.must(exitFine, append([]string{"import"}, reversed(paths)...)...)
	if diff := difference(found, findings(p.breaks())); diff != "" {
		t.Errorf("backwards: %s", diff)
	}
	return p, found
}

func reversed(list []string) []string {
	list = slices.Clone(list)
	slices.Reverse(list)
	return list
}

// The account that Alipay keeps tells the payments of its bill once more. When it ties,
// nothing is new; nothing is counted twice.
func TestAnAccountThatTiesAddsNothing(t *testing.T) {
	t.Parallel()
	fund := fundBill(t, "fund.csv", "2026-01-05", "2026-01-06", 50000, accountOf(t))
	p, _ := inEveryOrder(t, withAccounts(t), append(scenarioFiles(), fund))
	checkScenario(t, p)
	p.importsAgain(append(scenarioFiles(), fund))
	kept := ask[[]map[string]string](p, "query", "SELECT toString(count()) AS n FROM fct_account_lines")
	if kept[0]["n"] != "24" {
		t.Errorf("%s rows of the account are kept, not 24", kept[0]["n"])
	}
}

// One row of the account says something else than the bill: one break that names both
// sums, and the rows that make the difference.
func TestAnAccountThatDiffersIsOneBreak(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		word             string
		by               int64
		detail           string
		expected, actual int64
	}{
		{"在线支付", -100, "收入", 69823, 69723}, {"交易退款", -50, "退款", -3200, -3250}, {"收费", -7, "手续费", 400, 407},
	} {
		rows := accountOf(t)
		at := slices.IndexFunc(rows, func(m movement) bool { return m.word == c.word })
		rows[at].fen += c.by
		fund := fundBill(t, "fund.csv", "2026-01-05", "2026-01-06", 50000, rows)
		p := configured(t, withAccounts(t))
		p.must(exitFine, append([]string{"import"}, scenarioFiles()...)...)
		known := map[string]bool{}
		before := findings(p.breaks())
		for _, b := range p.breaks() {
			known[b.ID] = true
		}
		p.must(exitFine, "import", fund)
		breaks := slices.DeleteFunc(slices.Clone(p.breaks()), func(b projections.BreakRow) bool { return known[b.ID] })
		if len(breaks) != 1 || len(p.breaks()) != len(before)+1 {
			t.Fatalf("%s: %d new breaks of %d: %v", c.word, len(breaks), len(p.breaks()), findings(breaks))
		}
		b := breaks[0]
		if b.Kind != reconcile.ControlTotalMismatch || b.Leg != reconcile.AccountLeg || b.Channel != "alipay" || b.Detail != c.detail ||
			b.Expected != c.expected || b.Actual != c.actual || b.Reference != "fund.csv" || b.Day.String() != scenarioDay {
			t.Errorf("%s: %+v", c.word, b)
		}
		said := p.must(exitFine, "breaks", "explain", b.ID)
		for _, word := range []string{c.detail, ledger.Minor(c.expected, "CNY").String(), ledger.Minor(c.actual, "CNY").String(), rows[at].trade, "fund.csv row"} {
			if !strings.Contains(said, word) {
				t.Errorf("%s: the explanation does not say %q:\n%s", c.word, word, said)
			}
		}
		// A corrected account closes it.
		p.must(exitFine, "import", "--correction", fundBill(t, "fund2.csv", "2026-01-05", "2026-01-06", 50000, accountOf(t)))
		if diff := difference(before, findings(p.breaks())); diff != "" {
			t.Errorf("%s: after the correction: %s", c.word, diff)
		}
	}
}

// An account that does not tie with itself is refused with the row.
func TestAnAccountWhoseBalancesDoNotTieIsRefused(t *testing.T) {
	t.Parallel()
	text := readText(t, fundBill(t, "fund.csv", "2026-01-05", "2026-01-06", 50000, accountOf(t)))
	lines := strings.Split(text, "\n")
	cells := strings.Split(lines[8], ",")
	cells[8] = "1.00"
	lines[8] = strings.Join(cells, ",")
	p := configured(t, withAccounts(t))
	got := p.run("import", writeFile(t, t.TempDir(), "fund.csv", []byte(strings.Join(lines, "\n"))))
	if got.code != exitRefused || !strings.Contains(got.stderr, "fund.csv:9: 账户余额") || !strings.Contains(got.stderr, "1.00 CNY") {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}

// What was withdrawn is what the bank must show: the account of the day on which it was
// withdrawn takes the place of the bills' due sum.
func TestWithdrawalsAreThePayouts(t *testing.T) {
	t.Parallel()
	first := fundBill(t, "fund5.csv", "2026-01-05", "2026-01-06", 50000, accountOf(t))
	for _, c := range []struct {
		fen  int64
		kind reconcile.BreakKind
		says string
	}{
		{66223, "", ""}, // as the bank says
		{60000, reconcile.UnexpectedLine, "600.00 CNY was withdrawn from the account with the provider, the bank received 662.23 CNY: more than that"},
		{70000, reconcile.PayoutShort, "700.00 CNY was withdrawn from the account with the provider, the bank received 662.23 CNY: -37.77 CNY"},
	} {
		second := fundBill(t, "fund6.csv", "2026-01-06", "2026-01-07", 116223, []movement{{"2026-01-06 06:00:00", "提现", "2026010600000001", "", "自动提现", -c.fen}})
		p, _ := inEveryOrder(t, withAccounts(t), append(scenarioFiles(), first, second))
		var alipay []string
		for _, b := range p.breaks() {
			if b.Leg == reconcile.PayoutLeg && b.Channel == "alipay" {
				alipay = append(alipay, string(b.Kind))
				if said := p.must(exitFine, "breaks", "explain", b.ID); !strings.Contains(said, c.says) {
					t.Errorf("%d: not said: %s\n%s", c.fen, c.says, said)
				}
			}
		}
		if got := strings.Join(alipay, " "); got != string(c.kind) {
			t.Errorf("%d withdrawn: breaks %q, want %q", c.fen, got, c.kind)
		}
	}
}

// A movement that no word explains is a difference, whether there is a bill or not.
func TestUnknownMovementsAreReported(t *testing.T) {
	t.Parallel()
	p := configured(t, withAccounts(t))
	rows := append(accountOf(t), movement{"2026-01-05 23:59:00", "转账", "2026010599", "", "", -12345})
	p.must(exitFine, "import", fundBill(t, "fund.csv", "2026-01-05", "2026-01-06", 50000, rows))
	breaks := p.breaks()
	if len(breaks) != 1 || breaks[0].Kind != reconcile.UnexpectedLine || breaks[0].Leg != reconcile.AccountLeg || breaks[0].Actual != -12345 || breaks[0].Detail != "转账" {
		t.Errorf("breaks: %+v", breaks)
	}
}

// unionpayDir has the samples of the format's own tests.
const unionpayDir = "../../adapters/settlement/unionpay/testdata"

func unionpayConfig(t *testing.T, format string) []byte {
	t.Helper()
	return []byte(strings.Replace(readText(t, scenarioConfig), "banks:\n", "  - {id: unionpay, name: 银联, channel: unionpay, formats: ["+format+"], payout: {days: 1, payer: [银联]}}\n\nbanks:\n", 1))
}

// The printed summary, wherever it comes from and whichever came first, states what the
// transactions of the day come to.
func TestASummaryAloneIsHeldAgainstItsBill(t *testing.T) {
	t.Parallel()
	transactions, disputes := filepath.Join(unionpayDir, "INN26010588ZM_777290000000001"), filepath.Join(unionpayDir, "INN26010588ZME_777290000000001")
	summary := readText(t, filepath.Join(unionpayDir, "RD201026010501_777290000000001"))
	config := unionpayConfig(t, "unionpay-zm")
	tied := writeFile(t, t.TempDir(), "RD201026010501_777290000000001", []byte(summary))
	p, found := inEveryOrder(t, config, []string{transactions, disputes, tied})
	for _, b := range p.breaks() {
		if b.Kind == reconcile.ControlTotalMismatch {
			t.Errorf("it ties, and yet: %v", found)
		}
	}
	// 1.00 more of sales in both tables: tied with itself, not with the bill.
	more := strings.NewReplacer("1182.00", "1183.00", "1127.00", "1128.00", "1174.96", "1175.96", "1120.24", "1121.24").Replace(summary)
	p, _ = inEveryOrder(t, config, []string{transactions, disputes, writeFile(t, t.TempDir(), "RD201026010501_777290000000001", []byte(more))})
	var got []string
	for _, b := range p.breaks() {
		if b.Kind == reconcile.ControlTotalMismatch {
			got = append(got, fmt.Sprint(b.Detail, " ", b.Expected, " ", b.Actual))
		}
	}
	slices.Sort(got)
	if want := []string{"交易金额 115400 115500", "资金清算差额 114713 114813"}; !slices.Equal(got, want) {
		t.Errorf("got %v, want %v", got, want)
	}
	// The disputes are in what is due once, whether they came alone or in the archive.
	var sum []map[string]string
	if sum = ask[[]map[string]string](p, "query", "SELECT toString(sum(net_minor)) AS net, toString(count()) AS n FROM fct_settlement_lines"); sum[0]["net"] != "113213" || sum[0]["n"] != "5" {
		t.Errorf("the lines are %v", sum)
	}
	bundle := filepath.Join(unionpayDir, "bundle.zip")
	if got := p.run("import", bundle); got.code != exitRefused || !strings.Contains(got.stderr, "a part of it is already here") {
		t.Errorf("the archive on top of its parts: exit code %d, %s", got.code, got.stderr)
	}
	p = configured(t, config)
	p.must(exitFine, "import", bundle)
	for _, part := range []string{disputes, tied} {
		if got := p.run("import", part); got.code != exitRefused || !strings.Contains(got.stderr, "a part of it is already here") {
			t.Errorf("%s on top of the archive: exit code %d, %s", part, got.code, got.stderr)
		}
	}
	if again := ask[[]map[string]string](p, "query", "SELECT toString(sum(net_minor)) AS net, toString(count()) AS n FROM fct_settlement_lines"); again[0]["net"] != sum[0]["net"] || again[0]["n"] != "5" {
		t.Errorf("the lines are %v in the archive", again)
	}
}

// An institution's file: a payment and its reversal come to nothing, everything else waits
// for the till; no enquiry is a difference.
func TestInstitutionFile(t *testing.T) {
	t.Parallel()
	config := strings.Replace(string(unionpayConfig(t, "unionpay-comn")), "channel: unionpay", "channel: card", 1)
	config = strings.Replace(config, "channel: card  ", "channel: card2 ", 1) // the acquirer's bills are not in this test
	config = strings.Replace(config, "  card: card\n", "  card: card\n  card2: card2\n", 1)
	p := configured(t, []byte(config))
	p.must(exitFine, "import", filepath.Join(unionpayDir, "IND26010532ACOMN"))
	kinds := map[reconcile.BreakKind]int{}
	for _, b := range p.breaks() {
		kinds[b.Kind]++
	}
	if kinds[reconcile.MissingInLedger] != 5 || len(kinds) != 1 {
		t.Errorf("breaks: %v", findings(p.breaks()))
	}
	p = configured(t, []byte(config))
	p.must(exitFine, "import", filepath.Join(unionpayDir, "kinds_IND26010532ACOMN"))
	unexpected := 0
	for _, b := range p.breaks() {
		if b.Kind == reconcile.UnexpectedLine {
			unexpected++
			if !strings.HasSuffix(b.Detail, " 9.90") {
				t.Errorf("%q does not say the amount", b.Detail)
			}
		}
	}
	if unexpected != 12 {
		t.Errorf("%d unexpected rows, want 12", unexpected)
	}
}

// A summary alone in an archive is an archive that lost its transactions.
func TestAnArchiveThatLostItsTransactionsIsRefused(t *testing.T) {
	t.Parallel()
	p := configured(t, unionpayConfig(t, "unionpay-zm"))
	packed := zipOf(t, "RD201026010501_777290000000001", readText(t, filepath.Join(unionpayDir, "RD201026010501_777290000000001")))
	if got := p.run("import", writeFile(t, t.TempDir(), "bundle.zip", packed)); got.code != exitRefused || !strings.Contains(got.stderr, "nothing was imported") {
		t.Errorf("exit code %d, %s", got.code, got.stderr)
	}
}
