package main

// chinese is the Simplified Chinese of every sentence the program says.
var chinese = language{}
