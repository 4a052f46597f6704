// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// prepare finds the tree, builds sealock, and makes the environment that every measured command gets: a home of its own, no network.
func (b *bench) prepare(ctx context.Context) error {
	here, err := os.Getwd()
	if err != nil {
		return err
	}
	b.root = filepath.Dir(filepath.Dir(here))
	if _, err := os.Stat(filepath.Join(b.root, "cmd", "sealock")); err != nil {
		return fmt.Errorf("finding sealock's tree: %w\nhint: run this in testdata/bench", err)
	}
	if b.dir, err = os.MkdirTemp("", "sealock-bench-*"); err != nil {
		return err
	}
	if b.sealock, err = b.binary(ctx, b.sealock, "sealock"); err != nil {
		return err
	}
	if b.gate, err = b.binary(ctx, b.gate, "sealock-gateonly", "gateonly", "grpcnotrace"); err != nil {
		return err
	}
	home := filepath.Join(b.dir, "home")
	if err := os.MkdirAll(home, 0o755); err != nil {
		return err
	}
	b.env = []string{"PATH=" + os.Getenv("PATH"), "HOME=" + home, "TMPDIR=" + os.TempDir(), "COSIGN_PASSWORD=", "SYFT_CHECK_FOR_APP_UPDATE=false", "GRYPE_CHECK_FOR_APP_UPDATE=false",
		"GRYPE_DB_AUTO_UPDATE=false", "GRYPE_DB_VALIDATE_AGE=false", "GRYPE_DB_CACHE_DIR=" + filepath.Join(home, "grype")}
	return nil
}

// binary is the program that was given, or else one that is built from the tree.
func (b *bench) binary(ctx context.Context, given, name string, tags ...string) (string, error) {
	if given != "" {
		return filepath.Abs(given)
	}
	out := filepath.Join(b.dir, name)
	b.say("building %s", name)
	return out, stack.BuildSealock(ctx, b.root, out, b.log, tags...)
}

func (b *bench) say(format string, args ...any) { fmt.Fprintf(b.log, format+"\n", args...) }

// add keeps a row and shows it while the rest is measured.
func (b *bench) add(r Row) {
	b.rows = append(b.rows, r)
	b.say("%q", r.cells())
}

// step is a command in the common environment.
func (b *bench) step(args ...string) Step { return Step{Args: args, Env: b.env, Dir: b.dir} }

// do runs commands that are not measured.
func (b *bench) do(ctx context.Context, steps ...Step) error {
	_, err := measure(ctx, steps)
	return err
}

// serveCommand is the hidden command of this program that runs registries, so that they share no process with what measures.
const serveCommand = "serve"

// registries starts a process with a registry of each kind. They end with stop, or with this process.
func (b *bench) registries(ctx context.Context, kinds ...string) (found []stack.Registry, stop func(), err error) {
	self, err := os.Executable()
	if err != nil {
		return nil, nil, err
	}
	cmd := exec.CommandContext(ctx, self, append([]string{serveCommand}, kinds...)...)
	cmd.Stderr = os.Stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, nil, err
	}
	if err := cmd.Start(); err != nil {
		return nil, nil, err
	}
	stop = func() { _ = in.Close(); _ = cmd.Wait() }
	lines := bufio.NewScanner(out)
	for range kinds {
		var r stack.Registry
		if !lines.Scan() {
			stop()
			return nil, nil, fmt.Errorf("the registries %v did not start", kinds)
		}
		if err := json.Unmarshal(lines.Bytes(), &r); err != nil {
			stop()
			return nil, nil, err
		}
		found = append(found, r)
	}
	return found, stop, nil
}

// tool is the path of a peer's binary, built first if need be.
func (b *bench) tool(ctx context.Context, name string) (string, error) {
	return stack.Ensure(ctx, name, b.log)
}

func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
