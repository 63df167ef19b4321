package main

import (
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"encoding/base64"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"daybook/ledger"
)

// Who decides is what --as says. A person with a key in the configuration has to prove it by
// a token, which only they have. It is 256 random bits: nobody can try them all, however fast
// the hash is, and so its SHA-256 is kept, and none of the slow hashes that passwords need.
//
// The token comes from the environment or from a file that only its owner can read, and never
// from a flag, which every process on the machine can see. It holds whoever may not write the
// configuration or the journal themselves.
const (
	personToken     = "DAYBOOK_TOKEN"
	personTokenFile = "DAYBOOK_TOKEN_FILE"
	keyPrefix       = "sha256:"
)

func (g *globals) peopleCommand() *cobra.Command {
	command := &cobra.Command{
		Use:   "people",
		Short: "Tokens by which people prove who they are",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	command.AddCommand(&cobra.Command{
		Use:   "add NAME",
		Short: "Make a token for a person, shown once, and the key for the configuration",
		Long: "Make a token by which a person proves who they are, and its key. The token is shown once and kept\n" +
			"nowhere; the key goes to the person under people: in the configuration. From then on deciding as\n" +
			"that person takes the token, in DAYBOOK_TOKEN or in the file named by DAYBOOK_TOKEN_FILE, which only\n" +
			"its owner may read. Another token for the same person takes the place of the first.",
		Example: "  daybook people add li.na",
		Args:    cobra.ExactArgs(1),
		RunE: func(_ *cobra.Command, args []string) error {
			if err := ledger.CheckID("id", args[0], 64); err != nil {
				return err
			}
			var bits [32]byte
			if _, err := rand.Read(bits[:]); err != nil {
				return err
			}
			token := base64.RawURLEncoding.EncodeToString(bits[:])
			if g.output != "table" {
				return g.printJSON(map[string]string{"id": args[0], "token": token, "key": keyOf(token)})
			}
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("the token of %s, shown this once: %s", args[0], token)))
			fmt.Fprintln(g.stdout, g.say.text(ledger.Say("under people: in the configuration, at id: %s, write key: %q", args[0], keyOf(token))))
			return nil
		},
	})
	return command
}

func keyOf(token string) string {
	sum := sha256.Sum256([]byte(token))
	return keyPrefix + hex.EncodeToString(sum[:])
}

// checkKey refuses a key that no token can fit.
func checkKey(key string) error {
	digits, is := strings.CutPrefix(key, keyPrefix)
	if sum, err := hex.DecodeString(digits); !is || err != nil || len(sum) != sha256.Size {
		return ledger.Refuse(ledger.Say("the key is not %s and 64 hexadecimal digits", keyPrefix), ledger.Say("make one with: daybook people add NAME"))
	}
	return nil
}

// decidedBy is who decides: --as, or DAYBOOK_USER; proved by a token when the configuration
// has a key of theirs.
func (g *globals) decidedBy(as string) (string, error) {
	if as == "" {
		as = os.Getenv("DAYBOOK_USER")
	}
	if as == "" {
		return "", ledger.Refuse(ledger.Say("a decision needs the person who makes it"), ledger.Say("say who with --as NAME, or set DAYBOOK_USER"))
	}
	if err := ledger.CheckID("--as", as, 64); err != nil {
		return "", err
	}
	s, err := loadConfig(g.configPath())
	if err != nil {
		return "", err
	}
	key, has := s.keys[as]
	if !has {
		return as, nil
	}
	token, err := readPersonToken()
	if err != nil {
		return "", err
	}
	if subtle.ConstantTimeCompare([]byte(keyOf(token)), []byte(strings.ToLower(key))) != 1 {
		return "", ledger.Refuse(ledger.Say("the token is not that of %s", as), ledger.Say("set %s to the token that was shown when it was made, or make another with: daybook people add %s", personToken, as))
	}
	return as, nil
}

// readPersonToken never says what the token is.
func readPersonToken() (string, error) {
	if token := os.Getenv(personToken); token != "" {
		return token, nil
	}
	path := os.Getenv(personTokenFile)
	if path == "" {
		return "", ledger.Refuse(ledger.Say("this person has a key in the configuration, and no token was given"),
			ledger.Say("set %s, or %s to a file with it that only its owner can read", personToken, personTokenFile))
	}
	info, err := os.Stat(path)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", ledger.Problem("there is no file %s", path)
	case err != nil:
		return "", err
	case info.Mode().Perm()&0o077 != 0:
		return "", ledger.Refuse(ledger.Say("%s can be read by others than its owner", path), ledger.Say("chmod 600 %s, and make another token if somebody may have read this one", path))
	}
	data, err := os.ReadFile(path)
	return strings.TrimSpace(string(data)), err
}

// warnUnproved says, where a signature is given, that nobody proved who gave it.
func (g *globals) warnUnproved(a *app, by string) {
	if _, proved := a.settings.keys[by]; !proved {
		g.notice(ledger.Say("%s is who --as says; nobody had to prove it: daybook people add %s makes a token", by, by))
	}
}
