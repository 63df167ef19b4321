// Package stockfile reads the files that stores and buyers have about goods, and turns them
// into catalogue entries and documents. It is pure, recognises a file by its headings, and is all
// or nothing: a file with one bad row gives the list of everything that is wrong with it.
//
// All files are CSV (or .xlsx) with a header; cells may be quoted, the order of columns does not
// matter, and columns that are not named here are passed over. Headings are English or Chinese.
// Quantities have at most three decimals and no sign, but for adjustments; amounts are in major
// units; days are written 2006-01-02. Rows marked * must have the value.
//
// # products
//
//	sku          商品编码  * article number, as the tills report it
//	name         商品名称  *
//	category     品类
//	unit         单位        piece, kg …
//	barcode      条码        several with blanks between them; GTIN check digits are checked
//	price        售价        of one, tax included
//	cost         进价        of one, before tax
//	currency     币种        of price and cost; home's when left out
//	supplier     供应商      who it is ordered from
//	pack         箱规        ordered in multiples of so much
//	min_order    起订量
//	min_stock    最低库存    order at so little, whatever the demand
//	max_stock    最高库存
//	lead_days    交货天数    from order to receipt; the supplier's when left out
//	lead_sd      交货天数偏差
//	service      服务水平    90%, 95%, 97.5% or 99%; 95% when left out
//	class        分类        A, B or C; by turnover when left out
//	discontinued 停售        yes
//	from         生效日期    since when; always, when left out
//
// # suppliers
//
//	supplier     供应商    *
//	supplier_name 供应商名称
//	lead_days, lead_sd      as above; lead_days *
//	review_days  订货周期    days between two orders
//	order_cost   订货费用    of one order
//	currency     币种
//	holding      持有费率    what keeping stock for a year costs, of its cost: 25%
//
// # stock documents
//
// The heading of the quantity says what happened: received 收货数量, sent 调出数量, arrived 调入数量, counted
// 盘点数量, adjusted 调整数量, wasted 报损数量, reserved 预留数量, released 释放数量 or ordered 订货数量. A file
// with several kinds has the columns kind 类型 and qty 数量 instead.
//
//	store        门店      *
//	doc          单号      * number of the document; of a transfer the same at both ends, of an order the
//	                         order's. A count without one is known by its file and row
//	sku          商品编码  *
//	day          日期      * the store's business day, or
//	time         时间      * 2006-01-02 15:04[:05], on the store's clock. With a day alone goods come in
//	                         before the day's sales, go out after them, and are counted last
//	cost         单价        of one, before tax; or
//	amount       金额        of the row
//	supplier     供应商
//	order        订单号      of a receipt: the order it is for
//	other_store  对方门店    of a transfer: where to, or where from *
//	due          到货日期    of an order
//	reason       原因        of an adjustment or waste *
//	lot          批号
//	use_by       保质期至    last day on which it may be sold. What has one leaves in the order of these days,
//	                         but for rows that name the lot or the day
//
// Rows with the same kind, store and number are one document, and agree in what is the document's.
package stockfile
