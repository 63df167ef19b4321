// Package till reads what tills did from the files they leave.
//
// A [Source] recognises a document by its content and turns it into ledger actions. It
// is pure: it writes nothing, asks nobody, and the same document under the same
// [Rules] always gives the same [Reading]. Whether an action is new, whether a number
// is missing in a terminal's series, and whether tenders cover a sale, is for others to
// say: what a till reports is kept. Sources are strict about form only, and all or
// nothing: a document with one bad row gives the list of everything that is wrong with
// it, a hundred errors at most and the count of the rest, and no action. [ReadApart] leaves
// out the actions that cannot be read, and hands them on as evidence.
//
// No source keeps a card number beyond its first six and last four digits, in any
// field, note or message. Numbers are bounded to twelve digits, so that none can
// be a card number.
//
// # The NDJSON form
//
// This is the form for tills and middleware that can choose. One action a line, each a
// JSON object, UTF-8, at most 1 MiB; blank lines are passed over. The order of the lines
// is the order of the actions. [Encode] writes it.
//
// A field that is null, or text other than an amount that is empty, is the same as a
// field left out. A field
// that is not described here is refused, as is one that stands twice, so that a misspelt
// field is never lost. Some names are refused with a message of their own, wherever
// they stand: a full card number (pan, card_number …), track data, CVV/CVC, PIN and PIN
// block, fingerprint and other biometric data, the cardholder. Their values appear in no
// message.
//
// Amounts are text, in major units of the action's currency, unsigned: "12.34", "1200"
// (JPY), "1.234" (KWD). Digits, and a point before the decimals; at most as many
// decimals as the currency has; at most twelve digits. A JSON number is refused: in most
// programs that write one it is a binary fraction, which may have lost a cent. The
// direction of an amount is in the kind of the action.
//
// Identifiers (id) are printable ASCII without blanks, of the length given. References
// (ref) are up to 64 characters of any script, without blanks at the ends. Texts (text)
// are up to 1,024 characters. None holds control characters.
//
// # Fields of every action
//
//	kind      one of the kinds below                                            required
//	terminal  id 64: the till or payment terminal, in the retailer's numbering  required
//	seq       number from 1: the terminal's own count of its actions, without gaps
//	          within the series; a replay of an action has the number it had    required, or doc
//	series    id 32: the numbering that seq counts in, for a terminal that starts
//	          again (with each batch: the batch number); leave it out otherwise
//	doc       ref: the till's own document or transaction number                required without seq
//	store     id 32: the store, as the configuration names it                   required
//	at        the terminal's clock with its offset, RFC 3339, with at most six
//	          decimals of a second: "2026-01-05T08:45:44+08:00"                 required
//	mode      live (when left out), training or test; only live actions count
//	cashier   id 32: a staff number, never a name
//	currency  ISO 4217, of all amounts of the action; the store's when left out
//
// The business day is not sent: it follows from at and the store's zone and day cut.
//
// # Kinds and their further fields
//
// Comings and goings of people and cash. Drawer is a ref that names the drawer or till
// box, shift one that names the shift.
//
//	sign_on       method: pin, card or fingerprint: how the cashier was recognised
//	sign_off
//	shift_open    shift (required)
//	shift_close   shift (required)
//	drawer_open   drawer (required), float: amount it begins with (required)
//	drawer_count  drawer (required), counted: cash found in it at the end (required)
//	cash_in       drawer, amount (both required), reason: text. Not from a sale
//	cash_out      drawer, amount (both required), reason: text. Not for a refund;
//	              a drop into the safe is one
//	no_sale       drawer (required), reason: text. The drawer was opened, nothing sold
//
//	{"kind":"sign_on","terminal":"01080209","seq":1,"store":"S001","at":"2026-01-05T08:00:02+08:00","cashier":"1007","method":"fingerprint"}
//	{"kind":"shift_open","terminal":"01080209","seq":2,"store":"S001","at":"2026-01-05T08:00:05+08:00","cashier":"1007","shift":"20260105-1"}
//	{"kind":"drawer_open","terminal":"01080209","seq":3,"store":"S001","at":"2026-01-05T08:01:00+08:00","cashier":"1007","currency":"CNY","drawer":"D1","float":"500.00"}
//	{"kind":"cash_in","terminal":"01080209","seq":4,"store":"S001","at":"2026-01-05T10:00:00+08:00","drawer":"D1","amount":"200.00","reason":"change from the safe"}
//	{"kind":"cash_out","terminal":"01080209","seq":5,"store":"S001","at":"2026-01-05T14:00:00+08:00","drawer":"D1","amount":"1000.00","reason":"drop into the safe"}
//	{"kind":"no_sale","terminal":"01080209","seq":6,"store":"S001","at":"2026-01-05T14:05:00+08:00","drawer":"D1","reason":"gave change"}
//	{"kind":"drawer_count","terminal":"01080209","seq":7,"store":"S001","at":"2026-01-05T22:00:00+08:00","drawer":"D1","counted":"731.50"}
//	{"kind":"shift_close","terminal":"01080209","seq":8,"store":"S001","at":"2026-01-05T22:05:00+08:00","shift":"20260105-1"}
//	{"kind":"sign_off","terminal":"01080209","seq":9,"store":"S001","at":"2026-01-05T22:05:10+08:00","cashier":"1007"}
//
// A sale is a completed ticket with every attempt to pay for it, the declined and
// unanswered ones too. It never changes: what is undone later is an action of its own,
// and so is what a customer brings back.
//
//	sale      ref: the receipt number                                  required
//	begun     time with its offset, as at: when the first article was scanned; at is
//	          when the ticket ended, and between them is how long the checkout took
//	lines     list of articles, see below
//	tenders   list of attempts to pay, see below
//	discount  amount given on the whole ticket
//	tax       amount contained in total
//	total     amount the customer owes, tax included                   required
//	customer  id 64: a customer number, never a name
//	notes     object of further texts by name: {"gender":"Female"}
//
// A line has
//
//	sku       id 64: article number
//	name      text: as on the receipt
//	category  text: product line
//	qty       quantity as text, at most three decimals: "2", "0.350"   required
//	unit      amount of one, before tax                                required
//	discount  amount given on this line
//	net       amount of the line before tax, discounts taken off       required
//	tax       amount
//	tax_rate  percentage as text: "13%", "5.5%"
//
// A tender has
//
//	payment       ref: the payment's own reference, unique per retailer  required
//	channel       cash, card, alipay, wechat …: a channel of the configuration, or a
//	              word that its tenders: maps to one                     required
//	entry         swipe, chip, contactless, manual, qr_merchant (the customer scans the
//	              merchant's code) or qr_customer (the till scans the customer's)
//	verification  pin, fingerprint, signature or none: the method, nothing more
//	amount        unsigned                                               required
//	outcome       approved, declined, unknown (no answer in time) or reversed (a 冲正
//	              was acknowledged)                                      required
//	mid, tid      id 32: merchant and terminal number given by the acquirer or wallet
//	batch         id 6: batch number, 批次号
//	stan          id 6: trace number, 凭证号 (ISO 8583 DE 11)
//	rrn           id 12: reference number, 检索参考号 (DE 37)
//	auth_code     id 6: authorisation code (DE 38)
//	card          first six and last four digits: "622202******3321"; a full number
//	              is cut to them at once
//	card_kind     debit, credit, prepaid or foreign
//	order_no      id 64: what the till told the provider (out_trade_no …)
//	provider_no   id 64: what the provider answered (its transaction number)
//	response      id 64: DE 39, or the wallet's code
//
// The amount of a cash tender is what stayed in the drawer: what was handed over less
// the change. Nothing is refused because tenders and total differ.
//
//	{"kind":"sale","terminal":"01080209","seq":10,"store":"S001","at":"2026-01-05T09:39:02+08:00","cashier":"1007","currency":"CNY","sale":"R-0001","lines":[{"sku":"6902083881405","name":"牛奶 1L","category":"dairy","qty":"2","unit":"10.00","discount":"1.00","net":"19.00","tax":"2.47","tax_rate":"13%"}],"tenders":[{"payment":"P-0001","channel":"card","entry":"chip","verification":"pin","amount":"21.47","outcome":"declined","response":"51"},{"payment":"P-0002","channel":"card","entry":"contactless","verification":"none","amount":"21.47","outcome":"approved","mid":"104440353310031","tid":"01080209","batch":"000013","stan":"000101","rrn":"600509000106","auth_code":"972074","card":"622202******3321","card_kind":"debit","response":"00"}],"tax":"2.47","total":"21.47","customer":"C-88","notes":{"basket":"self-service"}}
//	{"kind":"sale","terminal":"01080209","seq":11,"store":"S001","at":"2026-01-05T09:45:00+08:00","sale":"R-0002","tenders":[{"payment":"P-0003","channel":"cash","amount":"5.00","outcome":"approved"},{"payment":"P-0004","channel":"wechat","entry":"qr_customer","amount":"3.80","outcome":"unknown","order_no":"POS260105S001209000104"}],"total":"8.80"}
//	{"kind":"sale","terminal":"01080209","seq":12,"store":"S001","at":"2026-01-05T09:50:00+08:00","mode":"training","sale":"T-0001","tenders":[{"payment":"P-0005","channel":"alipay","entry":"qr_merchant","amount":"1.00","outcome":"approved"}],"total":"1.00"}
//
// A refund, 退货, gives money back for an earlier sale, in part or whole; it is settled
// by itself. Original is the payment or sale it refers to. Its tenders are the ways in
// which the money went back.
//
//	refund    ref: the refund's own document number        required
//	original  ref
//	lines, tenders, tax, total: as in a sale; total        required
//
// A line of a refund may say in disposition what becomes of the goods: sellable, which is
// meant when it is left out, or waste.
//
//	{"kind":"refund","terminal":"01080209","seq":13,"store":"S001","at":"2026-01-05T17:00:00+08:00","refund":"RF-0001","original":"P-0002","tenders":[{"payment":"RP-0001","channel":"card","amount":"9.50","outcome":"approved","rrn":"600517200114","card":"622202******3321"}],"total":"9.50"}
//
// A void, 撤销, cancels an approved payment of the same batch in full. Its tender has
// the void's own references and the amount of the payment. A reversal, 冲正, is what the
// terminal did after a time-out to make sure that nothing happened. An answer resolves
// an unknown outcome by an inquiry. Original is the payment, in all three.
//
//	void      original (required), tender (required)
//	reversal  original (required), cause: text, usually timeout, mac, printer or customer
//	answer    original (required), outcome: approved, declined or reversed (required)
//
//	{"kind":"void","terminal":"01080209","seq":14,"store":"S001","at":"2026-01-05T17:10:00+08:00","original":"P-0002","tender":{"payment":"VP-0001","channel":"card","amount":"21.47","outcome":"approved","rrn":"600522200113"}}
//	{"kind":"reversal","terminal":"01080209","seq":15,"store":"S001","at":"2026-01-05T17:20:00+08:00","original":"P-0009","cause":"timeout"}
//	{"kind":"answer","terminal":"01080209","seq":16,"store":"S001","at":"2026-01-05T17:25:00+08:00","original":"P-0004","outcome":"approved"}
//
// A batch close, 批结算, has the totals the terminal printed, over approved card and
// wallet payments of the batch.
//
//	batch                  id 6                                             required
//	sales, refunds, voids  each {"count": whole number, "amount": amount}   required
//
//	{"kind":"batch_close","terminal":"01080209","seq":17,"store":"S001","at":"2026-01-05T22:30:00+08:00","currency":"CNY","batch":"000013","sales":{"count":2,"amount":"25.27"},"refunds":{"count":1,"amount":"9.50"},"voids":{"count":0,"amount":"0.00"}}
//
// # The POS journal CSV
//
// One row per card or wallet transaction of a payment terminal, comma-separated, with a
// header; the order of the columns does not matter.
//
//	txn_id             the row's document number and the payment's reference
//	store_id           the store, as the configuration names it
//	terminal_id        terminal; also the acquirer's terminal id
//	merchant_id        the acquirer's merchant id
//	tender             a word under tenders: in the configuration
//	txn_type           sale, refund or void
//	amount_fen         whole minor units, unsigned
//	currency           ISO 4217; the store's when blank
//	local_time         2006-01-02 15:04:05, in the store's zone
//	batch_no           the series that trace_no counts in
//	trace_no           STAN, and the sequence number
//	rrn, auth_code     may be blank
//	masked_pan         622202******3321; may be blank
//	provider_order_no  what the till told the wallet; may be blank
//	orig_txn_id        what a void (required) or a refund refers to
//	status             approved, declined, timeout (the outcome is unknown) or reversed
//
// Every row is one action with one tender. The total of a sale or refund is the row's
// amount when it was approved or has no answer, and nothing when it was declined or
// reversed: the journal does not know the receipt, and the payment that replaced it has
// a row of its own. Further columns are kept as the sale's notes; with other actions they
// are dropped, and counted.
//
// Where the clocks of the store's zone change, a local time may mean two instants or
// none. The offset in force before the change is taken: of two instants the first, of
// none the one that a clock not yet changed meant.
//
// # Till-receipt CSVs
//
// Any CSV of receipts is read through a [Profile] in the configuration. This one reads
// the public "supermarket sales" data set:
//
//	name: supermarket
//	columns:
//	  doc: Invoice ID
//	  store: Branch
//	  time: [Date, Time]
//	  tender: Payment
//	  category: Product line
//	  quantity: Quantity
//	  unit_price: Unit price
//	  tax: Tax 5%
//	  total: Sales
//	layouts: ["1/2/2006 3:04:05 PM", "1-2-2006 3:04:05 PM"]
//	tax_rate: 5%
//	rounding: half_up
//	notes: [City, Customer type, Gender, Rating]
//
// Rows of the same receipt number, terminal and business day that follow each other are
// the lines of one receipt; time, customer and notes are those of its first row. A line's
// net is unit price × quantity, exact; only where a quantity with decimals makes a
// fraction of a minor unit is it rounded, half up. The tax of a receipt is the sum of the
// unrounded taxes of its lines (the file's, or else rate × net), rounded half up to the
// minor unit once, and each line has its share of that. The total is net and tax. When
// the profile names a total, the file's, rounded, must be within one minor unit of it.
//
// A receipt is paid by one approved tender. The source numbers nothing: the receipt
// number identifies the action within the business day, which is its series. Columns
// that the profile does not name are dropped and counted.
package till
