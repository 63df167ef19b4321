package main

// zhStock is what is said of goods: the catalogue, stock and what to order.
//
//	article  商品      on hand  在库      inventory position  库存头寸
//	document 单据      on order 在订      reorder point       订货点
var zhStock = language{
	"this text has more than %d characters":                                                 "文字超过 %d 个字符",
	"this is not a quantity":                                                                "这不是数量",
	"write digits, and a point before at most three decimals":                               "请写数字，小数点后最多三位",
	"this is negative; the direction is in the kind of the document":                        "数量为负；方向由单据类型决定",
	"write the quantity without a sign":                                                     "请写不带符号的数量",
	"this is more than a year":                                                              "超过一年",
	"this is not a percentage such as 95%%":                                                 "不是 95%% 这样的百分数",
	"this stands in row %d already":                                                         "第 %d 行已有此项",
	"leave one of the two rows in the file":                                                 "请在文件中只保留其中一行",
	"%s is no barcode: its check digit is wrong, or its length is none of 8, 12, 13 and 14": "%s 不是条码：校验位错误，或长度不是 8、12、13、14 位",
	"a spreadsheet may have cut its leading zeros; compare it with the article":             "电子表格可能去掉了前导零；请与商品核对",
	"the most to keep is not more than the least to keep":                                   "最高库存不大于最低库存",
	"a quantity of nothing moves nothing":                                                   "数量为零，没有库存变动",
	"leave the row out":                                                                     "请去掉这一行",
	"goods cannot go from a store to itself":                                                "不能由门店调往本门店",
	"write digits, and a point before the decimals":                                         "请写数字，小数前写小数点",
	"this differs from row %d, which is of the same document %s":                            "与第 %d 行不一致，两行属于同一单据 %s",
	"give it a number of its own, or make the rows agree":                                   "请另编单号，或使各行一致",
	"%s:%d: %s %s of store %s was recorded before with other content":                       "%[1]s:%[2]d：门店 %[5]s 的 %[3]s 单据 %[4]s 此前已登记，内容不同",
	"give it a number of its own, or replace what is there: daybook import --correction %s": "请另编单号，或替换已有内容：daybook import --correction %s",
	"%s %s of store %s has %d rows, more than one document can carry":                       "门店 %[3]s 的 %[1]s 单据 %[2]s 有 %[4]d 行，超过一张单据的容量",
	"divide it, and give each part a number of its own":                                     "请拆分，并给每部分单独编号",

	"planning orders":                                       "计划订货",
	"%s sold on %d days in stock, %d days out":              "有货 %[2]d 天售出 %[1]s，缺货 %[3]d 天",
	"in stock for %d days only: by what its category sells": "有货仅 %d 天：按同品类的销量",
	"the catalogue's least to keep":                         "商品目录的最低库存",
	"nothing has to be ordered":                             "没有需要订货的商品",
	"article":                                               "商品",
	"name":                                                  "名称",
	"supplier":                                              "供应商",
	"to order":                                              "应订",
	"value":                                                 "金额合计",
	"inventory position":                                    "库存头寸",
	"reorder point":                                         "订货点",
	"category":                                              "品类",
	"barcodes":                                              "条码",
	"price":                                                 "售价",
	"cost":                                                  "进价",
	"pack":                                                  "箱规",
	"on hand":                                               "在库",
	"reserved":                                              "预留",
	"in transit":                                            "在途",
	"on order":                                              "在订",
	"last sold":                                             "最近售出",
	"quantity":                                              "数量",
	"stock":                                                 "库存",
	"document":                                              "单据",
	"other store":                                           "对方门店",
	"ordered":                                               "已订",
	"received":                                              "已收",
	"partly received":                                       "部分收货",
	"brought back":                                          "顾客退回",
	"delivered":                                             "收货",
	"sent to another store":                                 "调出",
	"arrived from another store":                            "调入",
	"thrown away":                                           "报损",
	"first count":                                           "首次盘点",
	"counted":                                               "盘点",
	"(not in the catalogue)":                                "（目录中没有）",
	"not in the catalogue":                                  "商品目录中没有",
	"more is reserved than is there":                        "预留多于在库",
	"another quantity arrived than was sent":                "到货数量与调出不符",
	"more was received than ordered":                        "收货多于订货",
	"received for an order that does not have it":                                   "所收商品不在订单中",
	"more was brought back than the ticket has":                                     "退回多于小票所售",
	"below zero: more went out than was recorded as in; count it":                   "库存为负：出库多于登记的入库；请盘点",
	"no goods have moved; take in a catalogue and deliveries: daybook import FILE…": "还没有库存变动；请导入商品目录和收货单：daybook import 文件…",

	"say which proposals are meant: by articles, --store or --supplier": "请说明是哪些订货建议：用商品、--store 或 --supplier",
	"daybook reorder shows the open ones":                               "daybook reorder 列出未处理的建议",
	"no proposal for %s is open":                                        "%s 没有未处理的订货建议",
	"nothing has to be ordered of that store, article and supplier":     "该门店、商品和供应商没有需要订货的",
	"no proposal for %s in store %s is open":                            "门店 %[2]s 的 %[1]s 没有未处理的订货建议",
	"somebody was quicker about %s in store %s":                         "门店 %[2]s 的 %[1]s 已有人先行处理",
	"%s of store %s is closed already":                                  "门店 %[2]s 的 %[1]s 已经关闭",
	"say whose order it is":                                             "请说明是哪家门店的订单",
	"name the store with --store":                                       "用 --store 指明门店",
	"%s may not order":                                                  "%s 无权订货",
	"order: {CNY: \"5000.00\"} under people: in the configuration lets somebody, up to an amount at a time": "在配置的 people: 下写 order: {CNY: \"5000.00\"}，授权某人每次订货到一定金额",
	"%s has no cost in the catalogue, so nobody can say what the order comes to":                            "%s 在商品目录中没有进价，无法得知订单金额",
	"give it a cost, import the catalogue, and approve then":                                                "请补上进价，导入商品目录后再批准",
	"%s may order up to %s at a time, this is %s":                                                           "%s 每次可订货至 %s，本次为 %s",
	"somebody with a higher limit has to approve it, or approve less at a time":                             "须由额度更高的人批准，或分次批准",

	"What stores have: on hand, reserved, in transit, on order": "各门店的库存：在库、预留、在途、在订",
	"What each store has of each article. Sales and refunds move stock by themselves; deliveries, counts,\n" +
		"transfers, adjustments, waste and orders come in as CSV files by daybook import. The inventory position\n" +
		"is on hand + on order + in transit - reserved. Below zero means that more was sold than anybody recorded\n" +
		"as received: daybook stock flags lists what somebody should look at.": "各门店每种商品的库存。销售与退货自动变动库存；收货、盘点、调拨、调整、报损和订货以 CSV 文件\n" +
		"由 daybook import 导入。库存头寸 = 在库 + 在订 + 在途 - 预留。负数表示售出多于登记的收货：\n" +
		"daybook stock flags 列出需要查看的事项。",
	"What came and went, with the stock after each":                                           "库存变动，及每次变动后的库存",
	"What somebody should look at: stock below zero, unknown articles, transfers that differ": "需要查看的事项：负库存、未知商品、不符的调拨",
	"The catalogue: articles, barcodes, prices, suppliers":                                    "商品目录：商品、条码、价格、供应商",
	"The articles of the catalogue, or those with a number, a barcode, or a part of a name. The catalogue comes\n" +
		"in as a CSV file by daybook import; a later file replaces the rows of the articles it has.": "商品目录中的商品，或按编号、条码、名称的一部分查找。商品目录以 CSV 文件由 daybook import 导入；\n" +
		"后导入的文件替换其中各商品的内容。",
	"What stores should order, and why": "各门店应订的货，及原因",
	"The open proposals: one for each store and article whose inventory position (on hand + on order + in\n" +
		"transit - reserved) is at or below its reorder point. The point is the demand over the lead time and\n" +
		"safety stock, from the days of the last eight weeks on which the article was there; of an article that was\n" +
		"there for less than three weeks it is what its category sells in the store; min_stock of the catalogue goes\n" +
		"before both when it is more. A proposal ends by itself when the position has risen again.": "未处理的订货建议：库存头寸（在库 + 在订 + 在途 - 预留）不高于订货点的每个门店和商品各一条。订货点\n" +
		"为交货期内的需求加安全库存，取最近八周有货日的销量；有货不足三周的商品按该店同品类的销量；\n" +
		"目录的最低库存更高时以其为准。库存头寸回升后，建议自动结束。",
	"Make purchase orders of proposals: one for each store and supplier": "由订货建议生成采购订单：每个门店和供应商一张",
	"Make purchase orders of the open proposals that are named or that the filters leave: one for each store\n" +
		"and supplier. What they come to by the catalogue's costs has to be within what the person may order at a\n" +
		"time (order: under people: in the configuration). Receipts that name the order are booked against it.": "由指明的或筛选出的未处理建议生成采购订单：每个门店和供应商一张。按目录进价的金额须在该人每次\n" +
		"可订货的额度之内（配置 people: 下的 order:）。收货单写明订单号的，记入该订单。",
	"Turn proposals down; they come again after the position has risen and fallen": "否决订货建议；库存头寸回升再下降后会重新提出",
	"Purchase orders, with what was received for them":                             "采购订单及其收货",
	"Say that nothing more is expected for a purchase order or a transfer":         "说明某采购订单或调拨不再有货到",
	"Say that nothing more is expected for a purchase order, or for a transfer to the store. What did not come is\n" +
		"no longer on order or in transit; of a transfer it shows as a difference.": "说明某采购订单或调往该门店的调拨不再有货到。未到的部分不再计为在订或在途；调拨的未到部分显示为差异。",
	"only of this article":                          "只看此商品",
	"only of this supplier":                         "只看此供应商",
	"when it should be there, YYYY-MM-DD":           "应到货日，YYYY-MM-DD",
	"day of the order, YYYY-MM-DD (default: today)": "订货日，YYYY-MM-DD（默认：今天）",
	"whose order it is, or where the transfer goes": "订单所属门店，或调拨的目的门店",
	"those too of which nothing is open":            "也列出已无未到货的",
}
