// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// gateOnlySize is how large the build for enforcers may be, in bytes.
const gateOnlySize = 40_000_000

// buildGateOnly builds the program without the scanners, as a release does.
func buildGateOnly(t *testing.T) string {
	t.Helper()
	if raceEnabled {
		t.Skip("the program is built without -race; go test without it runs this")
	}
	binary := filepath.Join(t.TempDir(), "sealock-gateonly")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-tags", "gateonly,grpcnotrace", "-trimpath", "-ldflags", "-s -w", "-o", binary, ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("building: %v\n%s", err, out)
	}
	if info, err := os.Stat(binary); err != nil || info.Size() > gateOnlySize {
		t.Errorf("the build has more than %d bytes (%v): does it link Go's templates again, which keep every method?", gateOnlySize, err)
	}
	return binary
}

// said is what a command wrote and how it ended.
type said struct {
	stdout, stderr string
	code           int
}

func say(ctx context.Context, t *testing.T, dir string, env []string, program string, args ...string) said {
	t.Helper()
	var stdout, stderr bytes.Buffer
	cmd := exec.CommandContext(ctx, program, args...)
	cmd.Dir, cmd.Env, cmd.Stdout, cmd.Stderr = dir, env, &stdout, &stderr
	if err := cmd.Run(); err != nil && cmd.ProcessState == nil {
		t.Fatal(err)
	}
	return said{stdout.String(), stderr.String(), cmd.ProcessState.ExitCode()}
}

// The build for enforcers says about the sample's evidence exactly what the full one says, and leaves out what scans.
func TestGateOnlyDecidesAlike(t *testing.T) {
	t.Parallel()
	binary, w := buildGateOnly(t), newWorld(t)
	ran := w.sampleRun(t)
	dir, env := filepath.Join(ran, "shop"), append(w.environ(filepath.Join(ran, "home")), "PATH="+os.Getenv("PATH"))
	for args, code := range map[string]int{
		"verify --env dev -o json": 0, "verify --env dev --promoted -o json": 0, "verify --env staging": 0, "verify --env prod -o json": 1, "verify --env prod": 1, "verify git:HEAD --env prod": 1,
		"verify --env none": 1, "explain --env prod": 1, "explain VSA_SCOPE": 0, "policy show": 0, "policy test": 0, "evidence ls": 0, "keys list": 0, "schema pipeline": 0,
	} {
		full := say(t.Context(), t, dir, env, "sealock", strings.Fields(args)...)
		small := say(t.Context(), t, dir, env, binary, strings.Fields(args)...)
		if full.code != code {
			t.Errorf("%s: exit code %d, expected %d: %s", args, full.code, code, full.stderr)
		}
		full.stdout, small.stdout = timeless(full.stdout), timeless(small.stdout)
		if full != small {
			t.Errorf("%s: the full build says\n%+v\nthe other\n%+v", args, full, small)
		}
	}
	for _, args := range []string{"run --all", "sbom git:HEAD", "scan git:HEAD --only secrets", "db status", "init", "report", "attest --record x.json"} {
		got := say(t.Context(), t, dir, env, binary, strings.Fields(args)...)
		if got.code != exitUsage || got.stdout != "" || !strings.Contains(got.stderr, "is not in this build") || !strings.Contains(got.stderr, "\nhint: install the full one") {
			t.Errorf("%s: %+v", args, got)
		}
	}
	ledger := filepath.Join(t.TempDir(), "ledger.jsonl") // which the full program reads, and goes on with
	for _, x := range []struct{ program, args, want string }{{binary, "verify --env dev", ""}, {binary, "verify --env prod", ""}, {"sealock", "verify --env prod", ""}, {"sealock", "audit verify", "3 entries"},
		{"sealock", "audit list --verdict refused", "#3"}, {"sealock", "audit replay --all", ""}} {
		got := say(t.Context(), t, dir, env, x.program, append(strings.Fields(x.args), "--ledger", ledger)...)
		if got.code > exitRefused || strings.HasPrefix(x.args, "audit") && got.code != 0 || !strings.Contains(got.stdout, x.want) {
			t.Errorf("%s: %+v", x.args, got)
		}
	}
	if got := say(t.Context(), t, dir, env, binary, "version"); got.code != 0 || !strings.Contains(got.stdout, version+" (gateonly) ") {
		t.Errorf("version: %+v", got)
	}
	if got := say(t.Context(), t, dir, env, binary, "doctor"); !strings.Contains(got.stdout, "policy") || strings.Contains(got.stdout, " data ") {
		t.Errorf("doctor: %+v", got)
	}
}

// timeless is a decision in JSON without its time, and without its id, which depends on it. Other text is left alone.
func timeless(s string) string {
	var d map[string]any
	if json.Unmarshal([]byte(s), &d) != nil {
		return s
	}
	delete(d, "at")
	delete(d, "id")
	out, err := json.Marshal(d)
	if err != nil {
		return s
	}
	return string(out)
}

// What the build for enforcers links: none of the scanners, and nothing that brings them in.
func TestGateOnlyLinksNoScanner(t *testing.T) {
	t.Parallel()
	cmd := exec.CommandContext(t.Context(), "go", "list", "-deps", "-tags", "gateonly,grpcnotrace", ".")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-mod=readonly")
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	deps := strings.Fields(string(out))
	if len(deps) < 100 {
		t.Fatalf("only %d packages are known", len(deps))
	}
	for _, d := range deps {
		if under(d, "github.com/anchore", "github.com/zricethezav/gitleaks", "gorm.io", "github.com/glebarez", "modernc.org", "github.com/mattn/go-runewidth") ||
			strings.HasPrefix(d, ours+"/scanners/") || d == ours+"/cmd/stage/initrepo" || d == ours+"/gate/report/html" || d == "golang.org/x/net/trace" {
			t.Errorf("it links %s", d)
		}
	}
}
