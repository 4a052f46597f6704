// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

// The version of containerd, and the tags with which it needs no C library and no headers of file systems.
const (
	containerdVersion = "v2.4.2"
	containerdTags    = "no_btrfs,no_devmapper,no_zfs,no_cri"
)

// Containerd is a containerd of its own, which asks the programs in Verifiers before it pulls.
type Containerd struct {
	Verifiers string
	ctr       string
	socket    string
	server    *server
}

// StartContainerd starts one with all its files in dir. It takes root. An error wraps ErrNotBuilt if it can't be had here.
func StartContainerd(ctx context.Context, dir string, log io.Writer) (*Containerd, error) {
	return startContainerd(ctx, dir, "containerd", "", log)
}

func startContainerd(ctx context.Context, dir, tool, more string, log io.Writer) (*Containerd, error) {
	if os.Geteuid() != 0 {
		return nil, fmt.Errorf("containerd %w: it has to run as root", ErrNotBuilt)
	}
	binary, err := Ensure(ctx, tool, log)
	if err != nil {
		return nil, err
	}
	c := &Containerd{Verifiers: filepath.Join(dir, "verifiers"), socket: filepath.Join(dir, "ctd.sock")}
	if c.ctr, err = Ensure(ctx, "ctr", log); err != nil {
		return nil, err
	}
	config := filepath.Join(dir, "config.toml")
	text := fmt.Sprintf("version = 3\nroot = %q\nstate = %q\n"+
		"disabled_plugins = [\"io.containerd.snapshotter.v1.blockfile\", \"io.containerd.snapshotter.v1.erofs\", \"io.containerd.nri.v1.nri\", \"io.containerd.internal.v1.opt\", \"io.containerd.tracing.processor.v1.otlp\"]\n"+
		"[grpc]\naddress = %q\n[ttrpc]\naddress = %q\n[plugins.\"io.containerd.image-verifier.v1.bindir\"]\nbin_dir = %q\nmax_verifiers = 10\nper_verifier_timeout = \"60s\"\n%s",
		filepath.Join(dir, "root"), filepath.Join(dir, "state"), c.socket, filepath.Join(dir, "ctd.ttrpc.sock"), c.Verifiers, more)
	if err := errors.Join(os.Mkdir(c.Verifiers, 0o755), os.WriteFile(config, []byte(text), 0o600)); err != nil {
		return nil, err
	}
	c.server = &server{name: "containerd", binary: binary, log: filepath.Join(dir, "containerd.log"), args: []string{"-c", config}, env: []string{"PATH=" + os.Getenv("PATH")}}
	if err := c.server.run(); err != nil {
		return nil, err
	}
	if err := c.ready(ctx); err != nil {
		c.Stop()
		return nil, err
	}
	return c, nil
}

func (c *Containerd) ready(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, startTimeout)
	defer cancel()
	for c.Command(ctx, "version").Run() != nil {
		select {
		case <-ctx.Done():
			return fmt.Errorf("containerd did not answer in %s: %s", startTimeout, c.server.said())
		case <-c.server.exited:
			return fmt.Errorf("containerd ended at once: %s", c.server.said())
		case <-time.After(50 * time.Millisecond):
		}
	}
	return nil
}

// Command is ctr with some arguments.
func (c *Containerd) Command(ctx context.Context, args ...string) *exec.Cmd {
	return exec.CommandContext(ctx, c.ctr, append([]string{"-a", c.socket}, args...)...)
}

// Stop ends it.
func (c *Containerd) Stop() { c.server.kill() }
