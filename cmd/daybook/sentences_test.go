package main

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// sentence is an English text in the source, and where it stands.
type sentence struct{ text, place string }

// Everything daybook says, in any room, has a Chinese sentence that takes the same facts;
// and there is no Chinese sentence that nothing says.
func TestEverySentenceIsTranslated(t *testing.T) {
	t.Parallel()
	said, literals := sentences(t, filepath.Join("..", ".."))
	if len(said) < 400 {
		t.Fatalf("only %d sentences found in the source", len(said))
	}
	root := (&globals{}).rootCommand()
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	phrases := helpTexts(root)
	if len(phrases) < 30 {
		t.Fatalf("only %d texts of commands and flags found", len(phrases))
	}
	for _, s := range said {
		translated, found := chinese[s.text]
		if !found {
			t.Errorf("%s: no Chinese for %q", s.place, s.text)
			continue
		}
		if want, got := verbs(s.text), verbs(translated); want != got {
			t.Errorf("%s: %q takes %s, but its Chinese %q takes %s", s.place, s.text, want, translated, got)
		}
	}
	for _, phrase := range phrases {
		literals[phrase] = true
		if phrase != "" && chinese[phrase] == "" {
			t.Errorf("no Chinese for the help text %q", phrase)
		}
	}
	for english := range chinese {
		if !literals[english] {
			t.Errorf("nothing says %q, yet there is Chinese for it", english)
		}
	}
}

// sentences reads the source of the whole project, but not its tests: the formats given to
// ledger.Say and ledger.Problem, and all literal texts.
func sentences(t *testing.T, root string) (said []sentence, literals map[string]bool) {
	t.Helper()
	literals = map[string]bool{}
	positions := token.NewFileSet()
	err := filepath.WalkDir(root, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		// Packages that only tests use end in test; what they say no user reads.
		if entry.IsDir() && path != root && (strings.HasPrefix(entry.Name(), ".") || entry.Name() == "testdata" || strings.HasSuffix(entry.Name(), "test")) {
			return fs.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") || strings.HasPrefix(entry.Name(), "zh") {
			return nil
		}
		file, err := parser.ParseFile(positions, path, nil, 0)
		if err != nil {
			return err
		}
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case ast.Expr:
				if text, ok := literal(node); ok {
					literals[text] = true
				}
				call, isCall := node.(*ast.CallExpr)
				if !isCall || !says(file, call.Fun) || len(call.Args) == 0 {
					return true
				}
				place := strings.TrimPrefix(positions.Position(call.Pos()).String(), root+string(filepath.Separator))
				if text, ok := literal(call.Args[0]); ok {
					said = append(said, sentence{text, place})
				} else if !strings.HasPrefix(place, filepath.Join("ledger", "refusal.go")) { // which defines Say and Problem
					t.Errorf("%s: the sentence is not a literal, so nobody can list what there is to translate", place)
				}
			}
			return true
		})
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return said, literals
}

// says reports whether a function is ledger.Say or ledger.Problem.
func says(file *ast.File, function ast.Expr) bool {
	switch function := function.(type) {
	case *ast.Ident:
		return file.Name.Name == "ledger" && (function.Name == "Say" || function.Name == "Problem")
	case *ast.SelectorExpr:
		room, ok := function.X.(*ast.Ident)
		return ok && room.Name == "ledger" && (function.Sel.Name == "Say" || function.Sel.Name == "Problem")
	}
	return false
}

// literal is the text of a string literal, or of several that are joined.
func literal(expression ast.Expr) (string, bool) {
	switch e := expression.(type) {
	case *ast.BasicLit:
		if e.Kind != token.STRING {
			return "", false
		}
		text, err := strconv.Unquote(e.Value)
		return text, err == nil
	case *ast.BinaryExpr:
		left, ok := literal(e.X)
		right, too := literal(e.Y)
		return left + right, ok && too && e.Op == token.ADD
	case *ast.ParenExpr:
		return literal(e.X)
	}
	return "", false
}

// helpTexts are what a command and those below it say of themselves and their flags.
func helpTexts(command *cobra.Command) []string {
	texts := []string{command.Short}
	if command.Parent() == nil || command.Parent().Name() != "completion" { // whose pages are shell scripts and how to load them
		texts = append(texts, command.Long)
	}
	if strings.Contains(strings.TrimSpace(command.Example), "   ") { // beside commands it has words about them
		texts = append(texts, command.Example)
	}
	for _, flags := range []*pflag.FlagSet{command.PersistentFlags(), command.LocalNonPersistentFlags()} {
		flags.VisitAll(func(flag *pflag.Flag) { texts = append(texts, flag.Usage) })
	}
	for _, below := range command.Commands() {
		texts = append(texts, helpTexts(below)...)
	}
	return texts
}

// verbs lists what a format takes, argument by argument: "1:d 2:s". A translation may
// take the arguments in another order, by %[2]s.
func verbs(format string) string {
	var list []string
	argument := 1
	for n := 0; n < len(format); n++ {
		if format[n] != '%' {
			continue
		}
		for n++; n < len(format) && strings.IndexByte("+-# 0123456789.", format[n]) >= 0; n++ {
		}
		if n < len(format) && format[n] == '[' {
			index, _, _ := strings.Cut(format[n+1:], "]")
			argument, _ = strconv.Atoi(index)
			n += len(index) + 2
		}
		if n < len(format) && format[n] != '%' {
			list = append(list, fmt.Sprintf("%d:%c", argument, format[n]))
			argument++
		}
	}
	slices.Sort(list)
	return strings.Join(slices.Compact(list), " ")
}

// The reading of formats is itself held to examples.
func TestVerbs(t *testing.T) {
	for format, want := range map[string]string{
		"":                         "",
		"100 %% of %s":             "1:s",
		"%s: %d of %d":             "1:s 2:d 3:d",
		"%[2]d of %[3]d are %[1]s": "1:s 2:d 3:d",
		"0x%02X at %q":             "1:X 2:q",
		"%[1]s and %[1]s again":    "1:s",
	} {
		if got := verbs(format); got != want {
			t.Errorf("%q takes %q, not %q", format, got, want)
		}
	}
}
