package main

// zhServe is what is said of serving the tables.
var zhServe = language{
	"%s can be reached from other machines, and the token would travel unencrypted":      "其他机器能访问 %s，而令牌会不加密地传输",
	"Serve the tables to clients of ClickHouse: Grafana, Metabase, DBeaver, Excel":       "向 ClickHouse 客户端提供数据表：Grafana、Metabase、DBeaver、Excel",
	"delete the file: another token is made; or take the others' rights with chmod 600":  "删除该文件即会生成新令牌；或用 chmod 600 取消他人的权限",
	"folder of which files are taken in as they arrive":                                  "到达的文件随即导入的目录",
	"give a certificate with --tls-cert and --tls-key; or say --insecure":                "用 --tls-cert 和 --tls-key 给出证书；或加 --insecure",
	"let the token travel unencrypted beyond this machine":                               "允许令牌不加密地传到本机以外",
	"point them at the server, with a user who may only read; or leave --clickhouse out": "让客户端连接该服务器，使用只读用户；或去掉 --clickhouse",
	"serving the tables at %s, database daybook, user daybook; stop with Ctrl-C":         "正在 %s 提供数据表，数据库 daybook，用户 daybook；按 Ctrl-C 停止",
	"the password is %s; it is shown this once, and kept in %s":                          "密码是 %s；只显示这一次，保存在 %s",
	"the password is in %s":        "密码在 %s 中",
	"the password is what %s says": "密码是 %s 的值",
	"the tables are in a ClickHouse server, which answers its clients itself": "数据表在 ClickHouse 服务器中，由它自己应答客户端",
	"the token in %s can be read by others":                                   "%s 中的令牌可被他人读取",
	"the token in %s is too short: %d characters":                             "%s 中的令牌太短：%d 个字符",
	"use %d or more, or unset it: one is made":                                "请用 %d 个以上，或取消该变量，会自动生成",
	"what arrives could not be taken in, and is tried again: %s":              "到达的文件未能导入，将重试：%s",
	"Serve the views that \"daybook schema\" describes over ClickHouse's HTTP interface until interrupted, for\nreading, on this machine only unless told otherwise. The user is daybook; the password is a token that\nDAYBOOK_SERVE_TOKEN gives, or else is made once, shown once, and kept in the data directory. Nothing can be\nwritten, no file or address reached and no other table seen; time, memory and rows are limited.\nThe data directory is in use meanwhile: with --watch, what arrives in a folder is taken in all the same.": "通过 ClickHouse 的 HTTP 接口只读地提供 \"daybook schema\" 所述的视图，直到被中断；除非另行指定，只在本机。\n用户是 daybook；密码是令牌，由 DAYBOOK_SERVE_TOKEN 给出，否则生成一次、显示一次并保存在数据目录中。\n不能写入，不能访问文件或地址，看不到其他表；时间、内存和行数受限。\n其间数据目录被占用：加 --watch 时，目录中到达的文件照样导入。",
}
