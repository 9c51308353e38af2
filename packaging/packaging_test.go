// Package packaging_test checks what programs other than Go's read: the service
// unit, the container's file, the Debian package.
package packaging_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func read(t *testing.T, path string) string {
	t.Helper()
	b, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// The service runs as nobody in particular, and can reach its own directory and
// the network alone.
func TestServiceIsConfined(t *testing.T) {
	unit := map[string][]string{}
	for line := range strings.Lines(read(t, "systemd/entente.service")) {
		if key, value, ok := strings.Cut(strings.TrimSpace(line), "="); ok && !strings.HasPrefix(key, "#") {
			unit[key] = append(unit[key], value)
		}
	}
	for key, want := range map[string]string{
		"Type": "notify", "User": "entente", "StateDirectory": "entente", "StateDirectoryMode": "0700", "UMask": "0077",
		"NoNewPrivileges": "yes", "ProtectSystem": "strict", "ProtectHome": "yes", "PrivateTmp": "yes", "PrivateDevices": "yes",
		"MemoryDenyWriteExecute": "yes", "RestrictNamespaces": "yes", "RestrictSUIDSGID": "yes", "LockPersonality": "yes",
		"RestrictAddressFamilies": "AF_INET AF_INET6 AF_UNIX", "CapabilityBoundingSet": "", "SystemCallArchitectures": "native",
	} {
		if got := unit[key]; !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q, want %q", key, got, want)
		}
	}
	if got := unit["SystemCallFilter"]; !slices.Equal(got, []string{"@system-service", "~@privileged @resources"}) {
		t.Errorf("SystemCallFilter is %q", got)
	}
}

// systemd itself understands the unit and finds it confined.
func TestServiceIsUnderstoodBySystemd(t *testing.T) {
	analyze, err := exec.LookPath("systemd-analyze")
	if err != nil {
		t.Skip("systemd-analyze is not here")
	}
	// The program and its manual are not installed here.
	unit := strings.NewReplacer("/usr/bin/entente", "/bin/true").Replace(read(t, "systemd/entente.service"))
	unit = regexp.MustCompile(`(?m)^Documentation=.*\n`).ReplaceAllString(unit, "")
	path := filepath.Join(t.TempDir(), "entente.service")
	if err := os.WriteFile(path, []byte(unit), 0o600); err != nil {
		t.Fatal(err)
	}
	if said, err := exec.Command(analyze, "verify", path).CombinedOutput(); err != nil || strings.Contains(string(said), "entente.service:") {
		t.Errorf("systemd-analyze verify: %v\n%s", err, said)
	}
	said, err := exec.Command(analyze, "security", "--offline=true", "--threshold=20", path).CombinedOutput()
	if strings.Contains(string(said), "unrecognized option") {
		t.Skip("this systemd-analyze cannot judge a unit that is not loaded")
	}
	if err != nil {
		t.Errorf("the unit's exposure is above 2.0 of 10: %v\n%s", err, said)
	}
}

// The container holds the program alone, runs as nobody in particular, and is
// told to stop as the program wants to be.
func TestContainerHoldsTheProgramAlone(t *testing.T) {
	stages := []map[string][]string{}
	for line := range strings.Lines(read(t, "container/Containerfile")) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		if word == "" || strings.HasPrefix(word, "#") {
			continue
		}
		if word == "FROM" {
			stages = append(stages, map[string][]string{})
		}
		if len(stages) == 0 || !slices.Contains([]string{"FROM", "WORKDIR", "COPY", "RUN", "ENV", "USER", "VOLUME", "EXPOSE", "STOPSIGNAL", "ENTRYPOINT", "CMD"}, word) {
			t.Fatalf("line %q is not understood", line)
		}
		last := stages[len(stages)-1]
		last[word] = append(last[word], rest)
	}
	if len(stages) != 2 {
		t.Fatalf("the file has %d stages, want one that builds and one that holds", len(stages))
	}
	built, holds := stages[0], stages[1]
	goVersion := regexp.MustCompile(`(?m)^go (\d+\.\d+)`).FindStringSubmatch(read(t, "../go.mod"))[1]
	if got := built["FROM"][0]; got != "golang:"+goVersion+" AS build" {
		t.Errorf("it is built from %q, and go.mod says %s", got, goVersion)
	}
	if !strings.Contains(strings.Join(built["RUN"], "\n"), "CGO_ENABLED=0 go build -trimpath -o /out/entente ./cmd/entente") {
		t.Errorf("it is built by %q", built["RUN"])
	}
	for word, want := range map[string]string{
		"FROM": "scratch", "USER": "65532:65532", "VOLUME": "/data", "STOPSIGNAL": "SIGTERM",
		"ENTRYPOINT": `["/entente"]`, "CMD": `["serve"]`, "ENV": "ENTENTE_DATA=/data ENTENTE_LISTEN=0.0.0.0:8470",
	} {
		if got := holds[word]; !slices.Equal(got, []string{want}) {
			t.Errorf("%s is %q, want %q", word, got, want)
		}
	}
	if len(holds["RUN"]) > 0 {
		t.Error("nothing can be run in an empty container")
	}
	for _, copied := range holds["COPY"] {
		if !strings.HasPrefix(copied, "--from=build ") {
			t.Errorf("COPY %s does not come from what was built", copied)
		}
	}
}

// What the package is made of is there, or is made by make deb.
func TestPackageIsMadeOfWhatIsThere(t *testing.T) {
	list := read(t, "nfpm.yaml")
	made := read(t, "../Makefile")
	for _, m := range regexp.MustCompile(`(?m)^  - src: (\S+)$|^  (?:postinstall|preremove): (\S+)$`).FindAllStringSubmatch(list, -1) {
		src := m[1] + m[2]
		if strings.HasPrefix(src, "dist/") {
			if dir := strings.TrimSuffix(filepath.Dir(src), "/"); !strings.Contains(made, dir) {
				t.Errorf("make deb does not make %s", src)
			}
			continue
		}
		if _, err := os.Stat(filepath.Join("..", filepath.FromSlash(src))); err != nil {
			t.Errorf("nfpm.yaml names %s: %v", src, err)
		}
	}
	for _, script := range []string{"debian/postinst", "debian/prerm", "check-deb"} {
		if shell, err := exec.LookPath("sh"); err == nil {
			if said, err := exec.Command(shell, "-n", script).CombinedOutput(); err != nil {
				t.Errorf("%s: %v %s", script, err, said)
			}
		}
	}
}
