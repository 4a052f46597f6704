// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"

	"github.com/sealock-dev/sealock/testdata/stack"
)

const (
	profileVar  = "SEALOCK_PROFILE" // where the profiled build leaves its profiles
	profileRuns = 100               // a run takes some ten milliseconds, in which a profile has a dozen samples
)

// profiledMain stands in for cmd/sealock/main.go in the build that is profiled.
const profiledMain = `package main

import (
	"fmt"
	"os"
	"runtime"
	"runtime/pprof"

	"github.com/sealock-dev/sealock/cmd/sealock/reserve"
)

func main() {
	reserve.Release()
	f, err := os.Create(fmt.Sprintf("%s/%d.pprof", os.Getenv("` + profileVar + `"), os.Getpid()))
	if err != nil {
		panic(err)
	}
	runtime.SetCPUProfileRate(4000)
	_ = pprof.StartCPUProfile(f)
	code := run(system(), os.Args[1:])
	pprof.StopCPUProfile()
	_ = f.Close()
	os.Exit(code)
}
`

// profile shows where the processor time of verifying the longest chain goes, from the start of main on: what the runtime and the packages do before
// is not in it. It is measured only where -only names it.
func profile(ctx context.Context, b *bench) error {
	v := &verification{bench: b}
	var err error
	if v.cosign2, err = b.tool(ctx, "cosign2"); err != nil {
		return b.unbuilt("profile", err)
	}
	if err := v.keys(ctx); err != nil {
		return err
	}
	found, stop, err := b.registries(ctx, stack.Memory)
	if err != nil {
		return err
	}
	defer stop()
	v.registry = found[0]
	n := chainLengths[len(chainLengths)-1]
	v.say("writing a chain of %d statements", n)
	if v.digest, err = pushImage(ctx, v.repoName("ours", n)+":v1"); err != nil {
		return err
	}
	if err := v.ourChain(ctx, n); err != nil {
		return err
	}
	binary, err := b.profiled(ctx)
	if err != nil {
		return err
	}
	profiles := filepath.Join(b.dir, "profiles")
	if err := os.Mkdir(profiles, 0o755); err != nil {
		return err
	}
	job := v.judge(binary, "written", "ours", n)(v.registry.Host)
	job[0].Env = append(job[0].Env[:len(job[0].Env):len(job[0].Env)], profileVar+"="+profiles)
	for range profileRuns {
		if err := b.do(ctx, job...); err != nil {
			return err
		}
	}
	files, err := filepath.Glob(filepath.Join(profiles, "*.pprof"))
	if err != nil {
		return err
	}
	for _, order := range []string{"-flat", "-cum"} {
		cmd := exec.CommandContext(ctx, "go", append([]string{"tool", "pprof", "-top", order, "-nodecount=60", binary}, files...)...)
		cmd.Stdout = os.Stdout
		if err := cmd.Run(); err != nil {
			return fmt.Errorf("reading profiles: %w", err)
		}
	}
	return nil
}

// profiled builds sealock for enforcers with another main.
func (b *bench) profiled(ctx context.Context) (string, error) {
	main, overlay, out := filepath.Join(b.dir, "profiled.go"), filepath.Join(b.dir, "overlay.json"), filepath.Join(b.dir, "sealock-profiled")
	text, err := json.Marshal(map[string]any{"Replace": map[string]string{filepath.Join(b.root, "cmd", "sealock", "main.go"): main}})
	if err != nil {
		return "", err
	}
	for file, content := range map[string][]byte{main: []byte(profiledMain), overlay: text} {
		if err := os.WriteFile(file, content, 0o644); err != nil {
			return "", err
		}
	}
	cmd := exec.CommandContext(ctx, "go", "build", "-overlay", overlay, "-tags", "gateonly,grpcnotrace", "-o", out, "./cmd/sealock")
	cmd.Dir, cmd.Stderr = b.root, b.log
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	if err := cmd.Run(); err != nil {
		return "", fmt.Errorf("building sealock with a profile: %w", err)
	}
	return out, nil
}
