package main

// zhWatch is what is said of watching a folder.
var zhWatch = language{
	"%s is no directory": "%s 不是目录",
	"another daybook is using the data directory; the files wait":                   "另一个 daybook 正在使用数据目录；文件等待中",
	"how long a file must not have changed":                                         "文件须多久没有变化",
	"look once, without waiting, and end; with exit code 2 when a file was refused": "不等待，只看一次就结束；有文件被拒时退出码为 2",
	"name the folder into which files are delivered":                                "请指定投递文件的目录",
	"time between two looks":                                                        "两次查看的间隔",
	"Look into a folder again and again, take in the files that have stopped growing, and reconcile. Taken\nfiles are moved to DIR/taken, refused ones to DIR/refused, beside a text that says why. Names that\nbegin with a dot or ~, or end in .part, .tmp or .filepart, are left alone; so is what is no plain\nfile. Between two looks other daybook commands can use the data directory. Ctrl-C ends it.": "反复查看目录，导入不再增长的文件并对账。已导入的移到 DIR/taken，被拒的移到 DIR/refused，旁附原因。\n以点或 ~ 开头，或以 .part、.tmp、.filepart 结尾的文件不动，非普通文件也不动。两次查看之间，\n其他 daybook 命令可以使用数据目录。按 Ctrl-C 结束。",
	"Take in what arrives in a folder, whole and once, and reconcile": "导入目录中到达的文件，每个完整导入一次，并对账",
}
