package main

// zhRest is what is said of portions of a long answer, of the stores' cash in a pack, and of
// people's tokens.
var zhRest = language{
	"%d of %d payments and rows that carry %q are shown, %d more come behind": "已显示 %d 笔，共 %d 笔付款和账单行带有 %q，其后还有 %d 笔",
	"--after: %q does not carry this reference":                               "--after：%q 不带有这个编号",
	"--limit is a number from 1, and does not go with --all":                  "--limit 须为不小于 1 的数，且不能与 --all 同用",
	"all of them: daybook explain %s --all; the next ones: --after %s":        "查看全部：daybook explain %s --all；后续部分：--after %s",
	"all payments and rows that carry it, not the first twenty":               "列出带有该编号的全部付款和账单行，而不只是前二十笔",
	"at most so many of them (default: 20 in a table, else all)":              "最多列出的笔数（表格默认 20 笔，其他格式默认全部）",
	"give the id of the last row of the portion before":                       "请给出上一部分最后一行的编号",
	"only those behind this id, the last of the portion before":               "只列出该编号之后的，即上一部分最后一行之后的",
	"over or short": "长短款",
	"paid in":       "其他收入",
	"paid out":      "其他支出",
	"to deposit":    "应缴存",

	// People.
	"%s can be read by others than its owner":                                          "%s 可被属主以外的人读取",
	"%s is who --as says; nobody had to prove it: daybook people add %s makes a token": "%s 只是 --as 所称，未经证明：可用 daybook people add %s 生成令牌",
	"Make a token for a person, shown once, and the key for the configuration":         "为一个人生成令牌（只显示一次）以及写入配置的 key",
	"Make a token by which a person proves who they are, and its key. The token is shown once and kept\nnowhere; the key goes to the person under people: in the configuration. From then on deciding as\nthat person takes the token, in DAYBOOK_TOKEN or in the file named by DAYBOOK_TOKEN_FILE, which only\nits owner may read. Another token for the same person takes the place of the first.": "生成证明本人身份的令牌及其 key。令牌只显示一次，不在任何地方保存；key 写入配置 people: 下该人处。\n此后以该人名义作决定须有令牌：放在 DAYBOOK_TOKEN 中，或放在 DAYBOOK_TOKEN_FILE 所指、仅属主可读的文件中。\n为同一人再生成的令牌取代原来的令牌。",
	"Tokens by which people prove who they are":                                                        "证明本人身份的令牌",
	"chmod 600 %s, and make another token if somebody may have read this one":                          "执行 chmod 600 %s；若可能已被他人读取，请另行生成令牌",
	"make one with: daybook people add NAME":                                                           "用 daybook people add 姓名 生成",
	"set %s to the token that was shown when it was made, or make another with: daybook people add %s": "把 %s 设为生成时显示的令牌，或用 daybook people add %s 重新生成",
	"set %s, or %s to a file with it that only its owner can read":                                     "请设置 %s，或将 %s 设为仅属主可读、内含令牌的文件",
	"the key is not %s and 64 hexadecimal digits":                                                      "key 不是 %s 加 64 位十六进制数字",
	"the token is not that of %s":                                                                      "令牌不是 %s 的",
	"the token of %s, shown this once: %s":                                                             "%s 的令牌，仅显示这一次：%s",
	"this person has a key in the configuration, and no token was given":                               "配置中有此人的 key，但没有给出令牌",
	"under people: in the configuration, at id: %s, write key: %q":                                     "在配置的 people: 下 id: %s 处写入 key: %q",

	// A file read again.
	"%s is a till's file; what a till reported stays as it was read": "%s 是终端流水；终端报告的内容保持原样",
	"%s is read as a file of %s now, and of that day %s is here":     "%s 现在被读作 %s 的文件，而该日已有 %s",
	"%s is read as it was: nothing has changed":                      "%s 的读法与原来相同：没有变化",
	"%s was not taken in yet":                                        "%s 尚未导入",
	"%s was replaced by a correction, and counts nowhere":            "%s 已被更正文件取代，不计入任何数字",
	"%s: %d rows are read otherwise; %d rows before, %d now":         "%s：%d 行的读法不同；原有 %d 行，现有 %d 行",
	"Read a file again that was taken in under a wrong profile":      "重新读取以错误格式描述导入的文件",
	"Read a bill or bank statement again that was taken in before, as the profiles and formats read it now.\nThe file itself is needed: the journal keeps its rows, and not its headings. Without --yes it shows which\nrows are read otherwise, and the sums, and changes nothing. With --yes it records the new reading as\nanother version, which replaces the one before like a correction does, reconciles the days of both, and\nsays which differences closed and which are new. Locked days keep their figures; what changes on them\ncounts on the next open day. To undo it, put the profile back and read the file once more.": "按现在的格式描述重新读取已导入的账单或银行对账单。需要原文件：日志保存各行，不保存列名。\n不给 --yes 时只列出读法不同的行和合计，不作改动；给出 --yes 时记为新版本，像更正一样取代原版本，\n重新对平涉及的各日，并说明哪些差异平了、哪些是新的。已锁定的日期金额不变，变动计入下一个未锁定的日期。\n如需撤回，恢复原格式描述后再读一次。",
	"before: %s: gross %s, fee %s, net %s":                          "原合计 %s：交易金额 %s，手续费 %s，净额 %s",
	"daybook import %s takes it in":                                 "用 daybook import %s 导入",
	"import the till's mended file":                                 "请导入修正后的终端流水",
	"look at the profile's times and zone: daybook formats test %s": "请检查格式描述中的时间和时区：daybook formats test %s",
	"no line": "非明细行",
	"nothing was changed yet: --yes records it as version %d and reconciles the days again": "尚未改动：用 --yes 记为第 %d 版并重新对平各日",
	"now":                               "现读法",
	"now: %s: gross %s, fee %s, net %s": "现合计 %s：交易金额 %s，手续费 %s，净额 %s",
	"read it without the rows that cannot be read, which are kept as evidence": "不含无法读取的行，这些行留作凭据",
	"read the file again that replaced it":                                     "请重新读取取代它的文件",
	"reading":                                                                  "读法",
	"record it; without it the new reading is only shown":                      "记录；不给出时只显示新的读法",
	"recorded as version %d; %d differences closed, %d are new":                "已记为第 %d 版；平了 %d 项差异，新增 %d 项",

	// Quarantine.
	"nothing of this %s file can be set aside: what is wrong is part of its frame, or its format has no rows that stand apart": "这个 %s 文件无法隔离任何行：错误属于文件框架，或该格式的行不能单独分开",
}
