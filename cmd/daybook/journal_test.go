package main

import (
	"bufio"
	"bytes"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"daybook/adapters/eventlog"
	"daybook/adapters/eventlog/yardstick"
	"daybook/ledger"
)

// filled makes a data directory whose journal has events in five streams, interleaved and in
// runs, and returns it.
func filled(t *testing.T, events int) string {
	t.Helper()
	data := t.TempDir()
	fill(t, filepath.Join(data, "journal"), 0, events)
	return data
}

// fill appends events to the journal in a directory.
func fill(t *testing.T, dir string, from, to int) {
	t.Helper()
	log, err := eventlog.Open(dir, eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for n := from; n < to; {
		size := min(1+n%7, to-n)
		if _, err := log.Append(t.Context(), ledger.Stream("storeday", fmt.Sprint(n%5)), ledger.Any, yardstick.Events(1, n, size)...); err != nil {
			t.Fatal(err)
		}
		n += size
	}
}

// eventLines is the journal in a directory as one line an event.
func eventLines(t *testing.T, dir string) []string {
	t.Helper()
	log, err := eventlog.Open(dir, eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	var events []ledger.Recorded
	for event, err := range log.Read(t.Context(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		events = append(events, event)
	}
	return journalLines(events)
}

// wants runs a command that ends with a certain code.
func wants(t *testing.T, code int, args ...string) result {
	t.Helper()
	got := command(append([]string{"--lang", "en"}, args...)...)
	if got.code != code {
		t.Fatalf("daybook %s: exit code %d instead of %d\n%s%s", strings.Join(args, " "), got.code, code, got.stdout, got.stderr)
	}
	return got
}

// jsonOf runs a command with -o json and reads its answer.
func jsonOf[T any](t *testing.T, code int, args ...string) (answer T) {
	t.Helper()
	got := wants(t, code, append([]string{"-o", "json"}, args...)...)
	if err := json.Unmarshal([]byte(got.stdout), &answer); err != nil {
		t.Fatalf("%v\n%s", err, got.stdout)
	}
	return answer
}

func contains(t *testing.T, text string, parts ...string) {
	t.Helper()
	for _, part := range parts {
		if !strings.Contains(text, part) {
			t.Errorf("%q is not in:\n%s", part, text)
		}
	}
}

func TestJournalStats(t *testing.T) {
	data := filled(t, 100)
	facts := jsonOf[journalFacts](t, exitFine, "--data", data, "journal", "stats")
	if facts.Events != 100 || facts.First.IsZero() || facts.Last.Before(facts.First) || facts.DiskBytes == 0 || facts.Stopped != "" {
		t.Errorf("the figures are %+v", facts)
	}
	contains(t, wants(t, exitFine, "--data", data, "journal", "stats").stdout, "events", "100")
	contains(t, wants(t, exitFine, "--data", data, "-o", "csv", "journal", "stats").stdout, "dir,events,first,last,disk_bytes,free_bytes,stopped\n", ",100,")
}

// Asking after a journal that is not there makes none.
func TestJournalNotThere(t *testing.T) {
	data := filepath.Join(t.TempDir(), "nothing")
	for _, args := range [][]string{{"stats"}, {"verify"}, {"backup", filepath.Join(t.TempDir(), "b")}, {"verify", data},
		{"copy", "--from", data, "--to", filepath.Join(t.TempDir(), "c")}} {
		contains(t, wants(t, exitRefused, append([]string{"--data", data, "journal"}, args...)...).stderr, "there is no journal in "+data, "next: ")
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("the directory is there: %v", err)
	}
}

func TestJournalInUse(t *testing.T) {
	data := filled(t, 3)
	log, err := eventlog.Open(filepath.Join(data, "journal"), eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer log.Close()
	for _, args := range [][]string{{"stats"}, {"verify"}, {"serve", "--listen", "127.0.0.1:0"}, {"backup", filepath.Join(t.TempDir(), "b")}} {
		contains(t, wants(t, exitRefused, append([]string{"--data", data, "journal"}, args...)...).stderr, "open", "next: wait until it has finished")
	}
}

// A journal that another daybook serves, and that is written to meanwhile, can be backed up;
// also where the path to it is longer than a socket's address may be.
func TestJournalBackupWhileServed(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{"here": t.TempDir(), "far down": filepath.Join(t.TempDir(), strings.Repeat("long/", 30))} {
		t.Run(name, func(t *testing.T) {
			fill(t, filepath.Join(data, "journal"), 0, 300)
			address, stop := serving(t, data)
			journal, closeJournal, err := openEventStore(t.Context(), "esdb://"+address+"?tls=false")
			if err != nil {
				t.Fatal(err)
			}
			defer closeJournal()
			backups := t.TempDir()
			var made []string
			for n := range 5 {
				for m := range 20 {
					if _, err := journal.Append(t.Context(), "storeday-new", ledger.Any, yardstick.Events(3, 100*n+m, 1)...); err != nil {
						t.Fatal(err)
					}
				}
				dir := filepath.Join(backups, fmt.Sprint(n))
				got := jsonOf[backupMade](t, exitFine, "--data", data, "journal", "backup", dir)
				if want := ledger.Position(300 + 20*(n+1)); got.Events != want || got.Dir != dir {
					t.Errorf("backup %d: %+v, and there were %d events", n, got, want)
				}
				made = append(made, dir)
			}
			contains(t, wants(t, exitRefused, "--data", data, "journal", "backup", made[0]).stderr, made[0]+" is there already", "next: ")
			contains(t, wants(t, exitRefused, "--data", data, "--lang", "zh", "journal", "backup", made[0]).stderr, "下一步：")
			stop()
			if _, err := os.Lstat(filepath.Join(data, journalSocket)); !os.IsNotExist(err) {
				t.Errorf("the socket is left: %v", err)
			}
			all := eventLines(t, filepath.Join(data, "journal"))
			for n, dir := range made {
				if diff := difference(all[:300+20*(n+1)], eventLines(t, dir)); diff != "" {
					t.Errorf("backup %d: %s", n, diff)
				}
			}
		})
	}
}

// Commands for a journal in a directory do not take the one in a directory when an event
// store is named.
func TestJournalElsewhere(t *testing.T) {
	data := filled(t, 3)
	t.Setenv("DAYBOOK_JOURNAL", "esdb://host.invalid:2113")
	for _, args := range [][]string{{"stats"}, {"verify"}, {"backup", "b"}, {"restore", "b"}, {"serve"}} {
		contains(t, wants(t, exitRefused, append([]string{"--data", data, "journal"}, args...)...).stderr, "DAYBOOK_JOURNAL", "next: ")
	}
	wants(t, exitFine, "--data", data, "journal", "verify", filepath.Join(data, "journal"))
}

func TestJournalBackupAndRestore(t *testing.T) {
	t.Parallel()
	data, backup, restored := filled(t, 500), filepath.Join(t.TempDir(), "backup"), filepath.Join(t.TempDir(), "new")
	before := eventLines(t, filepath.Join(data, "journal"))
	contains(t, wants(t, exitFine, "--data", data, "journal", "backup", backup).stdout, "500 events")
	fill(t, filepath.Join(data, "journal"), 500, 600) // not in the backup
	contains(t, wants(t, exitFine, "journal", "verify", backup).stdout, "is sound: 500 events in 5 streams")
	contains(t, wants(t, exitFine, "--data", restored, "journal", "restore", backup).stdout, "is sound: 500 events")
	if diff := difference(before, eventLines(t, filepath.Join(restored, "journal"))); diff != "" {
		t.Error(diff)
	}

	contains(t, wants(t, exitRefused, "--data", data, "journal", "backup", backup).stderr, backup, "next: ")
	contains(t, wants(t, exitRefused, "--data", data, "journal", "restore", backup).stderr, "is not written over", "next: ")
	contains(t, wants(t, exitRefused, "--data", t.TempDir(), "journal", "restore", filepath.Join(backup, "nothing")).stderr, "there is no directory")
	contains(t, wants(t, exitRefused, "--data", t.TempDir(), "journal", "restore", t.TempDir()).stderr, "is no backup of a journal")
	if got := eventLines(t, filepath.Join(data, "journal")); len(got) != 600 {
		t.Errorf("the journal has %d events", len(got))
	}
}

// One flipped byte anywhere in the stored events is found, with its place, by verify and by
// restore.
func TestJournalVerifyDamaged(t *testing.T) {
	t.Parallel()
	data := filled(t, 2000)
	wants(t, exitFine, "--data", data, "journal", "stats") // opening has moved the events into a table
	tables, err := filepath.Glob(filepath.Join(data, "journal", "*.sst"))
	if err != nil || len(tables) == 0 {
		t.Fatalf("no tables: %v", err)
	}
	slices.SortFunc(tables, func(a, b string) int { return int(fileSize(t, b) - fileSize(t, a)) })
	table, err := os.ReadFile(tables[0])
	if err != nil {
		t.Fatal(err)
	}
	table[len(table)/3] ^= 0x40
	if err := os.WriteFile(tables[0], table, 0o600); err != nil {
		t.Fatal(err)
	}
	got := wants(t, exitVerification, "--data", data, "journal", "verify")
	contains(t, got.stderr, "damaged", "next: ")
	report := jsonOf[struct {
		Sound    bool
		Problems []eventlog.Problem
	}](t, exitVerification, "--data", data, "journal", "verify")
	if report.Sound || len(report.Problems) == 0 {
		t.Fatalf("the report is %+v", report)
	}
	if !slices.ContainsFunc(report.Problems, func(p eventlog.Problem) bool { return p.Position > 0 }) {
		t.Errorf("no problem has a place: %+v", report.Problems)
	}
	contains(t, wants(t, exitVerification, "--data", data, "-o", "csv", "journal", "verify").stdout, "position,until,stream,problem\n")
}

func fileSize(t *testing.T, path string) int64 {
	t.Helper()
	info, err := os.Stat(path)
	if err != nil {
		t.Fatal(err)
	}
	return info.Size()
}

// serving runs daybook journal serve until the test ends or stop is called, and returns
// the address. Stopped, it must have ended in order.
func serving(t *testing.T, data string, args ...string) (address string, stop func()) {
	t.Helper()
	ctx, cancel := context.WithCancel(context.Background())
	reader, writer := io.Pipe()
	var stderr bytes.Buffer
	code := make(chan int, 1)
	go func() {
		code <- run(ctx, append([]string{"--lang", "en", "--data", data, "-o", "json", "journal", "serve", "--listen", "127.0.0.1:0"}, args...), writer, &stderr)
		writer.Close()
	}()
	stopped := false
	stop = func() {
		if stopped {
			return
		}
		stopped = true
		cancel()
		if c := <-code; c != exitFine {
			t.Errorf("serve ended with %d\n%s", c, stderr.String())
		}
	}
	t.Cleanup(stop)
	var said struct{ Address string }
	if err := json.NewDecoder(bufio.NewReader(reader)).Decode(&said); err != nil {
		stopped = true
		cancel()
		<-code
		t.Fatalf("serve said nothing: %v\n%s", err, stderr.String())
	}
	go io.Copy(io.Discard, reader)
	return said.Address, stop
}

// A journal copied into an event store, on after an interruption and more events, and back
// into a directory, is the same, to the byte and in order.
func TestJournalCopyThereAndBack(t *testing.T) {
	t.Parallel()
	data, elsewhere := filled(t, 1200), t.TempDir()
	source := filepath.Join(data, "journal")
	address, stop := serving(t, elsewhere)
	store := "esdb://" + address + "?tls=false"

	first := jsonOf[copyReport](t, exitFine, "journal", "copy", "--from", source, "--to", store)
	if !first.Sound || first.Copied != 1200 || first.Before != 0 || first.Events != 1200 || first.Streams != 5 || first.To != "esdb://"+address {
		t.Errorf("the first copy: %+v", first)
	}
	fill(t, source, 1200, 1500)
	second := jsonOf[copyReport](t, exitFine, "journal", "copy", "--from", source, "--to", store)
	if !second.Sound || second.Copied != 300 || second.Before != 1200 || second.Digest == first.Digest {
		t.Errorf("the second copy: %+v", second)
	}
	third := jsonOf[copyReport](t, exitFine, "journal", "copy", "--from", source, "--to", store)
	if third.Copied != 0 || third.Before != 1500 || third.Digest != second.Digest {
		t.Errorf("the third copy: %+v", third)
	}
	back := filepath.Join(t.TempDir(), "back")
	if r := jsonOf[copyReport](t, exitFine, "journal", "copy", "--from", store, "--to", back); !r.Sound || r.Digest != second.Digest {
		t.Errorf("the copy back: %+v", r)
	}
	stop()
	want := eventLines(t, source)
	for _, dir := range []string{back, filepath.Join(elsewhere, "journal")} {
		if diff := difference(want, eventLines(t, dir)); diff != "" {
			t.Error(diff)
		}
	}
}

// A copy that was cut off at any event goes on.
func TestJournalCopyGoesOn(t *testing.T) {
	t.Parallel()
	data := filled(t, 200)
	source := filepath.Join(data, "journal")
	want := eventLines(t, source)
	for _, cut := range []int{0, 1, 2, 57, 199, 200} {
		target := filepath.Join(t.TempDir(), "target")
		copyUpTo(t, source, target, cut)
		r := jsonOf[copyReport](t, exitFine, "journal", "copy", "--from", source, "--to", target)
		if r.Before != uint64(cut) || r.Copied != uint64(200-cut) {
			t.Errorf("cut at %d: %+v", cut, r)
		}
		if diff := difference(want, eventLines(t, target)); diff != "" {
			t.Errorf("cut at %d: %s", cut, diff)
		}
	}
}

// copyUpTo copies the first events one by one.
func copyUpTo(t *testing.T, source, target string, events int) {
	t.Helper()
	from, err := eventlog.Open(source, eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	to, err := eventlog.Open(target, eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer to.Close()
	for event, err := range from.Read(t.Context(), ledger.Query{}) {
		if err != nil {
			t.Fatal(err)
		}
		if int(event.Position) > events {
			return
		}
		if _, err := to.Append(t.Context(), event.Stream, ledger.Any, event.Event); err != nil {
			t.Fatal(err)
		}
	}
}

// A target with anything else in it is refused and left as it is.
func TestJournalCopyRefuses(t *testing.T) {
	source := filepath.Join(filled(t, 50), "journal")
	for name, other := range map[string]func(dir string){
		"another event at the beginning": func(dir string) { fill(t, dir, 7, 8) },
		"more than the source":           func(dir string) { copyUpTo(t, source, dir, 50); fill(t, dir, 50, 51) },
	} {
		target := filepath.Join(t.TempDir(), "target")
		other(target)
		before := eventLines(t, target)
		contains(t, wants(t, exitRefused, "journal", "copy", "--from", source, "--to", target).stderr, "holds other events", "next: ")
		if diff := difference(before, eventLines(t, target)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
	contains(t, wants(t, exitRefused, "journal", "copy", "--from", source).stderr, "a copy needs a source and a target", "next: ")
	contains(t, wants(t, exitRefused, "journal", "copy", "--from", "kurrentdb://h", "--to", t.TempDir()).stderr, "connection string", "next: ")
}

// An event with the same id and other bytes, which no journal lets in twice, is found when
// the ends are compared.
func TestJournalCopyComparesBytes(t *testing.T) {
	source, target := filepath.Join(filled(t, 50), "journal"), filepath.Join(t.TempDir(), "target")
	copyUpTo(t, source, target, 49)
	from, err := eventlog.Open(source, eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	var last ledger.Recorded
	for event, err := range from.Read(t.Context(), ledger.Query{After: 49}) {
		if last = event; err != nil {
			t.Fatal(err)
		}
	}
	if err := from.Close(); err != nil {
		t.Fatal(err)
	}
	to, err := eventlog.Open(target, eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	last.Data = bytes.Replace(last.Data, []byte("CNY"), []byte("USD"), 1)
	if _, err := to.Append(t.Context(), last.Stream, ledger.Any, last.Event); err != nil {
		t.Fatal(err)
	}
	if err := to.Close(); err != nil {
		t.Fatal(err)
	}
	got := wants(t, exitVerification, "journal", "copy", "--from", source, "--to", target)
	contains(t, got.stderr, string(last.Stream)+" differs")
}

// What an event store keeps for itself stays behind, and is counted.
func TestJournalCopyLeavesOutWhatIsTheStoresOwn(t *testing.T) {
	data := filled(t, 10)
	log, err := eventlog.Open(filepath.Join(data, "journal"), eventlog.Options{})
	if err != nil {
		t.Fatal(err)
	}
	metadata := yardstick.Events(2, 0, 1)
	metadata[0].Type = "$metadata"
	if _, err := log.Append(t.Context(), "$$storeday-0", ledger.Any, metadata...); err != nil {
		t.Fatal(err)
	}
	if err := log.Close(); err != nil {
		t.Fatal(err)
	}
	address, _ := serving(t, t.TempDir())
	r := jsonOf[copyReport](t, exitFine, "journal", "copy", "--from", filepath.Join(data, "journal"), "--to", "esdb://"+address+"?tls=false")
	if r.LeftOut != 1 || r.Copied != 10 {
		t.Errorf("the copy: %+v", r)
	}
}

func TestJournalServeRefuses(t *testing.T) {
	data := filled(t, 1)
	cert, key := certificate(t)
	empty, wrong := writeFile(t, t.TempDir(), "empty", nil), writeFile(t, t.TempDir(), "wrong", []byte("ann:pw\ns3cret\n"))
	for name, c := range map[string]struct {
		args []string
		says string
	}{
		"everybody on the network": {[]string{"--listen", "0.0.0.0:0"}, "can be reached from other machines"},
		"no host":                  {[]string{"--listen", ":0"}, "can be reached from other machines"},
		"users in the clear":       {[]string{"--users", wrong}, "line 2"},
		"no users":                 {[]string{"--users", empty, "--tls-cert", cert, "--tls-key", key}, "names no users"},
		"half a certificate":       {[]string{"--tls-cert", cert}, "go together"},
		"no certificate":           {[]string{"--tls-cert", empty, "--tls-key", key}, "cannot be used"},
		"no address":               {[]string{"--listen", "127.0.0.1:99999"}, "cannot listen on"},
	} {
		got := wants(t, exitRefused, append([]string{"--data", data, "journal", "serve"}, c.args...)...)
		if !strings.Contains(got.stderr, c.says) || strings.Contains(got.stderr, "s3cret") {
			t.Errorf("%s: it says\n%s", name, got.stderr)
		}
	}
	t.Setenv("DAYBOOK_SERVE_USER", "ann")
	contains(t, wants(t, exitRefused, "--data", data, "journal", "serve").stderr, "DAYBOOK_SERVE_PASSWORD")
	t.Setenv("DAYBOOK_SERVE_PASSWORD", "s3cret")
	contains(t, wants(t, exitRefused, "--data", data, "journal", "serve").stderr, "not encrypted", "--tls-cert")
}

// With users, who gives no password or a wrong one is turned away, and the right one comes from
// the environment, with whatever signs are in it.
func TestJournalServeUsers(t *testing.T) {
	const password = `p@s/s:w,o?r d%#密`
	data := filled(t, 20)
	cert, key := certificate(t)
	users := writeFile(t, t.TempDir(), "users", []byte("# who may\nbob:"+password+"\r\n"))
	address, _ := serving(t, data, "--tls-cert", cert, "--tls-key", key, "--users", users)
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		t.Fatal(err)
	}
	from := "esdb://bob@localhost:" + port + "?tlsCaFile=" + cert
	t.Setenv("DAYBOOK_JOURNAL_PASSWORD", "wrong")
	got := command("--lang", "en", "journal", "copy", "--from", from, "--to", filepath.Join(t.TempDir(), "a"))
	if got.code == exitFine || strings.Contains(got.stderr, "wrong@") {
		t.Errorf("with a wrong password: %+v", got)
	}
	t.Setenv("DAYBOOK_JOURNAL_PASSWORD", password)
	if r := jsonOf[copyReport](t, exitFine, "journal", "copy", "--from", from, "--to", filepath.Join(t.TempDir(), "b")); r.Copied != 20 {
		t.Errorf("with the right password: %+v", r)
	}
	contains(t, wants(t, exitRefused, "journal", "copy", "--from", "esdb://localhost:"+port, "--to", t.TempDir()).stderr, "DAYBOOK_JOURNAL_PASSWORD, and no user")
}

// certificate makes a certificate for localhost and returns the files of it and of its key.
func certificate(t *testing.T) (cert, key string) {
	t.Helper()
	private, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	template := &x509.Certificate{
		SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "localhost"}, DNSNames: []string{"localhost"}, IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour), IsCA: true, BasicConstraintsValid: true,
		KeyUsage: x509.KeyUsageDigitalSignature | x509.KeyUsageCertSign,
	}
	der, err := x509.CreateCertificate(rand.Reader, template, template, &private.PublicKey, private)
	if err != nil {
		t.Fatal(err)
	}
	pkcs8, err := x509.MarshalPKCS8PrivateKey(private)
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	return writeFile(t, dir, "cert.pem", pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})),
		writeFile(t, dir, "key.pem", pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: pkcs8}))
}

func TestConnectionParts(t *testing.T) {
	t.Setenv("DAYBOOK_JOURNAL_PASSWORD", "a,b")
	for connection, want := range map[string][2]string{
		"esdb://h":                                {"esdb://h", ""},
		"esdb://h?tls=false":                      {"esdb://h", "esdb://h?tls=false"},
		"esdb://u@h1:1,h2:2?tlsVerifyCert=no":     {"esdb://h1:1,h2:2", "esdb://u:a%2Cb@h1:1,h2:2?tlsVerifyCert=no"},
		"esdb+discover://u:p@h/?x=user@elsewhere": {"esdb+discover://h", "esdb+discover://u:p@h/?x=user@elsewhere"},
	} {
		got, err := withPassword(connection)
		if hostsOf(connection) != want[0] || got != want[1] || (err != nil) != (want[1] == "") {
			t.Errorf("%s: hosts %s, with the password %s, %v", connection, hostsOf(connection), got, err)
		}
	}
}

// The program on an event store finds what it finds on its own journal.
func TestProgramOnAnEventStore(t *testing.T) {
	t.Parallel()
	p := newProgram(t, filepath.Join("testdata", "scenario.yaml"))
	files, err := filepath.Glob(filepath.Join("testdata", "scenario", "*"))
	if err != nil {
		t.Fatal(err)
	}
	files = slices.DeleteFunc(files, func(name string) bool { return strings.HasSuffix(name, ".json") || strings.HasSuffix(name, ".md") })
	p.must(exitFine, append([]string{"import"}, files...)...)
	want, events := findings(p.breaks()), len(p.events())
	if len(want) == 0 {
		t.Fatal("the scenario has no differences")
	}

	elsewhere := t.TempDir()
	address, stop := serving(t, elsewhere)
	q := newProgram(t, p.config).on(address)
	half := len(files) / 2
	q.must(exitFine, append([]string{"import"}, files[:half]...)...)
	q.must(exitFine, append([]string{"import"}, files[half:]...)...)
	if diff := difference(want, findings(q.breaks())); diff != "" {
		t.Error(diff)
	}
	if _, err := os.Stat(filepath.Join(q.data, "journal")); !os.IsNotExist(err) {
		t.Errorf("there is a journal in the data directory too: %v", err)
	}
	stop()
	if got := len(eventLines(t, filepath.Join(elsewhere, "journal"))); got < events {
		t.Errorf("the event store has %d events, the journal %d", got, events)
	}
}
