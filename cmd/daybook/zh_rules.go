package main

// zhRules is what is said of matching rules, people's decisions about pairs, explanations
// and simulations.
var zhRules = language{
	// Rules.
	"The matching rules, in the order in which they are tried": "按尝试顺序列出对账规则",
	"version":            "版本",
	"the same":           "须相同",
	"apart":              "相距不超过",
	"shape":              "形式",
	"unless they differ": "均有值时须相同",
	"mode":               "方式",
	"score":              "评分",
	"in force":           "生效期",
	"%d days":            "%d 天",
	"%s (loosely)":       "%s（宽松）",

	// The rules of a configuration.
	"there is no provider %q":                                                           "没有支付机构 %q",
	"within: %q is not a duration such as 10m":                                          "within：%q 不是 10m 这样的时长",
	"%s: %q is none of %s":                                                              "%s：%q 不在 %s 之中",
	"every rule needs a name":                                                           "每条规则都要有名称",
	"there are two rules %s that begin on the same day":                                 "有两条同一天生效的规则 %s",
	"rule %s needs fields that must be the same":                                        "规则 %s 缺少须相同的字段",
	"rule %s: there is no field %q; there are %s":                                       "规则 %s：没有字段 %q；可用的字段有 %s",
	"rule %s: days: %d is not between 0 and %d":                                         "规则 %s：days：%d 不在 0 到 %d 之间",
	"rule %s: over several days one payment is joined with one line of the same amount": "规则 %s：跨日只能是一笔对一行，且金额相同",
	"rule %s: tolerances, minutes, budget and score must not be negative, a relative tolerance at most 100%%, a score at most 100": "规则 %s：容差、时间、预算和评分不能为负，相对容差不超过 100%%，评分不超过 100",
	"rule %s: sums must be equal; tolerances are for one payment and one line":                                                     "规则 %s：合计必须相等；容差只用于一笔对一行",
	"rule %s: only a subset has a budget": "规则 %s：只有 subset 形式才有预算",
	"%s comes after %s":                   "%s 晚于 %s",

	"rule %s: it would end on %s, before it begins on %s": "规则 %s：截止日 %s 早于生效日 %s",

	// Simulations.
	"What other rules or terms would have made of past days": "换一套规则或合同，过去的日子会怎样对账",
	"Run the matching of past days under another configuration, in memory, and compare: what would\n" +
		"be matched that is not, what would no longer be, and what would be matched otherwise. Nothing\n" +
		"is recorded. Ends with exit code 3 when anything would change.": "在内存中按另一份配置重新对过去各日的账并作比较：哪些会新对平，哪些会不再对平，\n" +
		"哪些会与别的对平。不记录任何内容。有变化时以退出码 3 结束。",
	"first settlement day, YYYY-MM-DD":                                       "首个结算日，YYYY-MM-DD",
	"last settlement day, YYYY-MM-DD (default: the first)":                   "最后一个结算日，YYYY-MM-DD（默认与首日相同）",
	"configuration with the changed rules or terms":                          "规则或合同有改动的配置文件",
	"a simulation needs another configuration and a first day":               "模拟需要另一份配置和首个结算日",
	"daybook rules simulate --with FILE --from YYYY-MM-DD [--to YYYY-MM-DD]": "daybook rules simulate --with 文件 --from YYYY-MM-DD [--to YYYY-MM-DD]",
	"simulating":        "模拟对账",
	"change":            "变化",
	"payment or row":    "付款或账单行",
	"before":            "改前",
	"after":             "改后",
	"newly matched":     "新对平",
	"no longer matched": "不再对平",
	"changed":           "改变",
	"matches: %d before, %d after; differences: %d before, %d after": "对平：改前 %d 组，改后 %d 组；差异：改前 %d 项，改后 %d 项",
	"matched by rule %s with %s":                                     "按规则 %s 与 %s 对平",
	"nothing":                                                        "无",

	// Matches and what people decide about them.
	"What was matched on a day, by which rule; or what is suggested":                   "某日对平了什么、按哪条规则；或系统建议了什么",
	"what rules in suggest mode found, and nobody has decided":                         "由 suggest 方式的规则找到、尚无人决定的组合",
	"Make a match of a suggestion":                                                     "确认一条建议，使其对平",
	"Take a match apart, or turn a suggestion down: no rule joins exactly these again": "拆开一组对平，或否决一条建议：任何规则都不再把这几笔合在一起",
	"Take a decision back: the rules decide again":                                     "收回一项决定：重新由规则处理",
	"Make a match of payments and rows that no rule can join":                          "把规则合不上的付款和账单行手工对平",
	"Make a match of payments and rows by their ids, which daybook explain and daybook breaks show\n" +
		"show. The day is that of the first payment. A difference between the sums is kept with the match.": "按编号把付款和账单行手工对平，编号见 daybook explain 和 daybook breaks show。\n" +
		"日期为第一笔付款的结算日。合计有出入时，差额随该组合一并记录。",
	"who decides (DAYBOOK_USER)":                        "决定人（DAYBOOK_USER）",
	"id of a payment; may be given several times":       "付款编号，可重复给出",
	"id of a row of a bill; may be given several times": "账单行编号，可重复给出",
	"nothing was reconciled yet":                        "还没有对过账",
	"daybook import FILE…":                              "daybook import 文件…",
	"by":                                                "决定人",
	"none":                                              "无记录",
	"%s has no match and no suggestion %q":              "%s 没有编号为 %q 的对平或建议",
	"daybook matches list --date %s shows them, with --suggested what is suggested":             "用 daybook matches list --date %s 查看，加 --suggested 查看建议",
	"%q is the beginning of several ids":                                                        "%q 是多个编号的开头",
	"a decision needs the person who makes it":                                                  "决定必须有决定人",
	"say who with --as NAME, or set DAYBOOK_USER":                                               "用 --as 姓名 指明，或设置 DAYBOOK_USER",
	"a decision is about at least one payment and one row of a bill":                            "一项决定至少涉及一笔付款和一行账单",
	"nothing was decided about these payments and rows":                                         "这些付款和账单行没有任何决定",
	"look again, and decide then":                                                               "重新查看后再决定",
	"%s is no payment that should settle and no row of a bill of %s, nor open on a day near it": "%s 既不是 %s 应结算的付款，也不是该日账单的行，在相邻日期也不是未平项",
	"daybook explain %s says what became of it":                                                 "用 daybook explain %s 查看它的去向",
	"%s is in %s, and what stands before it in %s: a match is in one currency":                  "%s 的币种是 %s，而前面的是 %s：一组对平只能有一个币种",
	"%s is in another match that %s made":                                                       "%s 已在 %s 手工对平的另一组中",
	"undo that one first":                                                                       "请先收回那一组",

	// Explanations.
	"Which rule joined a payment or a row of a bill, or what each rule saw of it": "某笔付款或账单行按哪条规则对平，或各规则为何没有对上",
	"Say what became of the payments and rows that carry a reference: their id, a payment's own\n" +
		"reference or receipt number, an RRN, an order number or the provider's number. Of one that was\n" +
		"joined, the rule that did it; of another, the nearest candidates of each rule and what spoke\n" +
		"against them. A table shows the first twenty and says how many more there are; JSON and CSV have all.": "说明带有某个号码的付款和账单行的去向：编号、付款流水号或小票号、参考号、订单号或支付机构\n" +
		"单号均可。已对平的，给出所用规则；未对平的，列出每条规则最接近的候选及不符之处。\n表格只列前二十笔并说明还有多少；JSON 与 CSV 列出全部。",
	"no payment and no row of a bill carries %q":                                                        "没有带 %q 的付款或账单行",
	"search part of it with: daybook query \"SELECT * FROM fct_payments WHERE reference LIKE '%%…%%'\"": "可按部分号码查找：daybook query \"SELECT * FROM fct_payments WHERE reference LIKE '%%…%%'\"",
	"payment %s (%s), %s of %s: %s":                                                                     "付款 %s（%s），%s，%s：%s",
	"row %s, %s of %s: %s":                                                                              "账单行 %s，%s，%s：%s",
	"candidate":                                                                                         "候选",
	"where":                                                                                             "位置",
	"what speaks against it":                                                                            "不符之处",
	"nothing comes near":                                                                                "没有接近的",
	"nothing: they belong together":                                                                     "没有：两者相符",
	"matched by %s":                                                                                     "由 %s 手工对平",
	"matched by rule %s":                                                                                "按规则 %s 对平",
	"rightly without a row: declined, reversed or voided":                                               "本不应有账单行：已拒绝、冲正或撤销",
	"paid and revoked in the same bill":                                                                 "同一账单内付款后又撤回",
	"taken out before any rule":                                                                         "在各规则之前已被排除",
	"taken by %s with %s":                                                                               "已由 %s 与 %s 对平",
	"a person took them apart":                                                                          "已由人工拆开",
	"too far apart in time: %s, %s":                                                                     "时间相差过大：%s，%s",
	"too many days apart: %s, %s":                                                                       "日期相差过多：%s，%s",
	"no sum: %s, %s":                                                                                    "合计不符：%s，%s",
	"%s: %s, %s":                                                                                        "%s：%s，%s",
	"last four digits":                                                                                  "卡号后四位",
	"provider's number":                                                                                 "支付机构单号",
	"order number of the sale":                                                                          "原消费订单号",
	"; ":                                                                                                "；",
	"direction":                                                                                         "方向",
}
