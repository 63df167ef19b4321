// Package people reads files of customers: a table as CSV or XLSX, one row a person.
//
//	member     会员号, 会员卡号    number on the customer's card
//	phone      手机, 手机号, 电话
//	mail       email, 邮箱
//	name       姓名
//	birthday   生日              YYYY-MM-DD, or --MM-DD
//	address    地址
//	marketing, personalise, share             yes or no (是, 否); empty says nothing
//	consent_text  同意书版本      version of the text that was agreed to, where anything is yes
//
// Headings stand in any order and case. A file is one of customers when it has member, phone or mail, and at
// least two of the headings above, and none that speaks of amounts. Other columns are kept
// with the customer, sealed like the rest. Card numbers are cut in every cell.
//
// A row that cannot be taken is named by row and column. What stands there is never repeated:
// messages are kept in places from which nobody is erased.
package people
