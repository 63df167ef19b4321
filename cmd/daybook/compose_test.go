package main

import (
	"context"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/goccy/go-yaml"

	"daybook/adapters/clickhouse"
	"daybook/adapters/esdb"
)

// repository is the root, as seen from this package.
const repository = "../.."

// composeFile is of compose.yaml what these tests look at.
type composeFile struct {
	Services map[string]composeService
	Volumes  map[string]any
	Configs  map[string]struct{ Content string }
}

type composeService struct {
	Image       string
	Build       *struct{ Context, Dockerfile string }
	Profiles    []string
	Restart     string
	Command     []string
	Environment map[string]string
	Ports       []string
	Volumes     []string
	Configs     []struct{ Source, Target string }
	DependsOn   map[string]struct{ Condition string } `yaml:"depends_on"`
	Healthcheck *struct{ Test []string }
}

func readCompose(t *testing.T) (text string, file composeFile) {
	t.Helper()
	text = readText(t, filepath.Join(repository, "compose.yaml"))
	if err := yaml.Unmarshal([]byte(text), &file); err != nil {
		t.Fatal(yaml.FormatError(err, false, true))
	}
	if len(file.Services) < 10 {
		t.Fatalf("%d services were read", len(file.Services))
	}
	return text, file
}

// variable is ${NAME:-default} or ${NAME:?what to do}.
var variable = regexp.MustCompile(`\$\{([A-Z_]+)(?:(:-|:\?)([^}]*))?\}`)

// withDefaults is a text in which every variable has its default.
func withDefaults(text string) string { return variable.ReplaceAllString(text, "$3") }

// Every variable has a default or says what to do, and is explained in the comment.
func TestComposeVariables(t *testing.T) {
	text, _ := readCompose(t)
	names := map[string]bool{}
	for _, found := range variable.FindAllStringSubmatch(text, -1) {
		names[found[1]] = true
		if found[2] == "" || found[3] == "" {
			t.Errorf("%s has neither a default nor a word on what to set it to", found[0])
		}
	}
	documented := map[string]bool{}
	for _, found := range regexp.MustCompile(`(?m)^#   ([A-Z_]+) {2,}\S`).FindAllStringSubmatch(text, -1) {
		documented[found[1]] = true
	}
	if !maps.Equal(names, documented) {
		t.Errorf("used are %v, explained are %v", slices.Sorted(maps.Keys(names)), slices.Sorted(maps.Keys(documented)))
	}
	if dollars := strings.Count(strings.ReplaceAll(text, "$$", ""), "${"); dollars != len(variable.FindAllString(text, -1)) {
		t.Errorf("%d variables are written in a way that this test does not understand", dollars)
	}
}

// pinned is an image with a version of at least two numbers, or a day.
var pinned = regexp.MustCompile(`^[a-z0-9./-]+:[a-z0-9.-]*([0-9]+\.[0-9]+|[0-9]{8})[a-z0-9.-]*$`)

func TestComposeServices(t *testing.T) {
	_, file := readCompose(t)
	used := map[string]bool{}
	for name, s := range file.Services {
		if s.Build == nil && !pinned.MatchString(s.Image) {
			t.Errorf("%s: the image %q has no version", name, s.Image)
		}
		if s.Restart != "no" && s.Healthcheck == nil {
			t.Errorf("%s stays, and nobody can tell whether it is well", name)
		}
		for _, port := range s.Ports {
			if !regexp.MustCompile(`^127\.0\.0\.1:\d+:\d+$`).MatchString(withDefaults(port)) {
				t.Errorf("%s: port %s is open to other machines", name, port)
			}
		}
		for on, how := range s.DependsOn {
			other, is := file.Services[on]
			if !is || how.Condition != "service_healthy" || other.Healthcheck == nil {
				t.Errorf("%s: waits for %s to be %q", name, on, how.Condition)
			}
			if len(s.Profiles) == 0 && len(other.Profiles) > 0 {
				t.Errorf("%s: waits for %s, which is not started with it", name, on)
			}
		}
		for _, config := range s.Configs {
			if file.Configs[config.Source].Content == "" || !filepath.IsAbs(config.Target) {
				t.Errorf("%s: there is no configuration %s", name, config.Source)
			}
		}
		for _, volume := range s.Volumes {
			source, _, _ := strings.Cut(withDefaults(volume), ":")
			if strings.HasPrefix(source, ".") {
				if _, err := os.Stat(filepath.Join(repository, source)); err != nil {
					t.Errorf("%s: %v", name, err)
				}
				continue
			}
			if _, is := file.Volumes[source]; !is {
				t.Errorf("%s: there is no volume %s", name, source)
			}
			if used[source] {
				t.Errorf("%s: volume %s is another's too", name, source)
			}
			used[source] = true
		}
	}
	for name := range file.Volumes {
		if !used[name] {
			t.Errorf("nobody uses the volume %s", name)
		}
	}
}

// No password stands in the file, and every one comes from the environment.
func TestComposeSecrets(t *testing.T) {
	_, file := readCompose(t)
	for name, s := range file.Services {
		for key, value := range s.Environment {
			secret := regexp.MustCompile(`PASSWORD|SECRET|TOKEN|KEY$`).MatchString(key)
			if secret && !regexp.MustCompile(`^\$\{[A-Z_]+:\?[^}]+\}$`).MatchString(value) {
				t.Errorf("%s: %s does not come from the environment", name, key)
			}
		}
	}
}

// The addresses that daybook is given name services of the file, and are understood.
func TestComposeAddresses(t *testing.T) {
	_, file := readCompose(t)
	programs := 0
	for name, s := range file.Services {
		journal, warehouse := s.Environment["DAYBOOK_JOURNAL"], s.Environment["DAYBOOK_CLICKHOUSE"]
		if journal == "" && warehouse == "" {
			continue
		}
		programs++
		hosts := strings.Split(strings.TrimPrefix(hostsOf(journal), "esdb://"), ",")
		_, _, rest := connectionParts(warehouse)
		authority, _, _ := strings.Cut(rest, "/")
		for _, host := range append(hosts, strings.Split(authority, ",")...) {
			host, port, found := strings.Cut(host, ":")
			if _, waits := s.DependsOn[host]; !waits || !found || port != "2113" && port != "9000" {
				t.Errorf("%s: does not wait for %s, port %q", name, host, port)
			}
		}
		// Nobody answers, and what is wrong must not be the address.
		ctx := cancelled(t)
		for _, err := range []error{second(esdb.Open(ctx, journal, esdb.Options{})), second(clickhouse.Open(ctx, warehouse))} {
			if err == nil || strings.Contains(err.Error(), "cannot be read") || strings.Contains(err.Error(), "write it as") {
				t.Errorf("%s: %v", name, err)
			}
		}
		if s.Environment["DAYBOOK_CLICKHOUSE_PASSWORD"] == "" {
			t.Errorf("%s is given no password", name)
		}
		// What it runs is a command that there is, with flags that there are: what is wrong
		// with it is only that there is no event store.
		t.Setenv("DAYBOOK_JOURNAL", "")
		contains(t, wants(t, exitRefused, append([]string{"--data", t.TempDir()}, s.Command...)...).stderr, "only an event store is followed")
		contains(t, wants(t, exitRefused, append([]string{"--data", t.TempDir()}, s.Healthcheck.Test[2:]...)...).stderr, "no daybook keeps followers running")
	}
	if programs != 2 {
		t.Errorf("%d services are daybook", programs)
	}
}

// In the cluster every node knows the two others, and has a name of its own.
func TestComposeCluster(t *testing.T) {
	_, file := readCompose(t)
	nodes, ids, replicas := []string{}, map[string]bool{}, map[string]bool{}
	for name, s := range file.Services {
		if s.Environment["KURRENTDB_CLUSTER_SIZE"] == "3" {
			nodes = append(nodes, name)
		}
		if id := s.Environment["KEEPER_ID"]; id != "" {
			ids[id] = true
			if want := fmt.Sprintf("<id>%s</id><hostname>%s</hostname>", id, name); !strings.Contains(file.Configs["keeper"].Content, want) {
				t.Errorf("the keepers do not know %s", name)
			}
			if !strings.Contains(file.Configs["replica"].Content, "<host>"+name+"</host>") {
				t.Errorf("the replicas do not know %s", name)
			}
		}
		if replica := s.Environment["REPLICA"]; replica != "" {
			replicas[replica] = replica == name
		}
		if cluster := name != "daybook" && name != "kurrentdb" && name != "clickhouse"; cluster != slices.Equal(s.Profiles, []string{"cluster"}) {
			t.Errorf("%s is in the profiles %v", name, s.Profiles)
		}
	}
	slices.Sort(nodes)
	if len(nodes) != 3 || len(ids) != 3 || !maps.Equal(replicas, map[string]bool{"clickhouse1": true, "clickhouse2": true}) {
		t.Fatalf("nodes %v, keepers %v, replicas %v", nodes, ids, replicas)
	}
	for _, name := range nodes {
		s := file.Services[name]
		var others []string
		for _, other := range nodes {
			if other != name {
				others = append(others, other+":2113")
			}
		}
		if s.Environment["KURRENTDB_GOSSIP_SEED"] != strings.Join(others, ",") || s.Environment["KURRENTDB_NODE_HOST_ADVERTISE_AS"] != name || s.Environment["KURRENTDB_REPLICATION_HOST_ADVERTISE_AS"] != name {
			t.Errorf("%s: %v", name, s.Environment)
		}
	}
}

// The image is built from what is there, on pinned bases, for a user who is not root, and with the
// Go that the module asks for.
func TestDockerfile(t *testing.T) {
	_, file := readCompose(t)
	build := file.Services["daybook"].Build
	if build == nil || build.Context != "." {
		t.Fatalf("daybook is built from %+v", build)
	}
	text := readText(t, filepath.Join(repository, build.Dockerfile))
	bases := regexp.MustCompile(`(?m)^FROM (\S+)`).FindAllStringSubmatch(text, -1)
	if len(bases) != 2 {
		t.Errorf("%d stages", len(bases))
	}
	for _, base := range bases {
		if !pinned.MatchString(base[1]) {
			t.Errorf("the base %s has no version", base[1])
		}
	}
	needs := regexp.MustCompile(`(?m)^go (1\.\d+)`).FindStringSubmatch(readText(t, filepath.Join(repository, "go.mod")))
	if needs == nil || !strings.HasPrefix(bases[0][1], "golang:"+needs[1]+".") {
		t.Errorf("the module needs %v, the image has %s", needs, bases[0][1])
	}
	user := regexp.MustCompile(`(?m)^USER (\d+):\d+$`).FindStringSubmatch(text)
	if user == nil || user[1] == "0" {
		t.Errorf("it runs as %v", user)
	}
	ignored := readText(t, filepath.Join(repository, ".dockerignore"))
	for _, copied := range regexp.MustCompile(`(?m)^COPY ([^-].*) \S+$`).FindAllStringSubmatch(text, -1) {
		for _, path := range strings.Fields(copied[1]) {
			if _, err := os.Stat(filepath.Join(repository, path)); err != nil {
				t.Error(err)
			}
			if slices.Contains(strings.Split(ignored, "\n"), path) {
				t.Errorf("%s is copied, and kept out by .dockerignore", path)
			}
		}
	}
}

func cancelled(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	return ctx
}

func second[T any](_ T, err error) error { return err }
