// SPDX-License-Identifier: Apache-2.0

package pins

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest/subject"
)

// git runs Git in a folder of its own, so that no repository's configuration is read. The user's is: it says how servers are reached and what they
// are told. Nothing asks the user, and no program but those that this configuration names for credentials is started.
type git struct {
	exe, dir, scheme string
	env              []string
}

// passed are the variables that Git gets.
func passed() []string {
	return []string{
		"PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "SSH_AUTH_SOCK", "GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM",
		"GIT_CONFIG_NOSYSTEM", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "SSL_CERT_FILE", "SSL_CERT_DIR",
		"HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "all_proxy", "no_proxy",
	}
}

func (g *git) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.exe, append([]string{ // #nosec G204 -- the path is absolute, and what stands in args is fixed or a checked address
		"--no-pager", "--no-replace-objects", "-c", "core.hooksPath=" + os.DevNull, "-c", "core.fsmonitor=false", "-c", "core.askPass=", "-c", "gc.auto=0",
		"-c", "maintenance.auto=false", "-c", "submodule.recurse=false", "-c", "core.commitGraph=false", "-c", "protocol.version=2",
	}, args...)...)
	cmd.Dir = g.dir
	cmd.Env = []string{
		"GIT_DIR=" + g.dir, "GIT_TERMINAL_PROMPT=0", "GIT_NO_LAZY_FETCH=1", "GIT_ALLOW_PROTOCOL=https:ssh:" + g.scheme, "GIT_SSH_COMMAND=ssh -o BatchMode=yes",
		"GCM_INTERACTIVE=never", "LC_ALL=C",
	}
	for _, kv := range g.env {
		if name, _, _ := strings.Cut(kv, "="); slices.Contains(passed(), name) {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// run runs a command to its end.
func (g *git) run(ctx context.Context, out io.Writer, args ...string) error {
	cmd := g.command(ctx, args...)
	stderr := &subject.Capped{Limit: 4 << 10, Cut: true}
	cmd.Stdout, cmd.Stderr = out, stderr
	return failure(ctx, args[0], cmd.Run(), stderr)
}

// each runs a command and calls f for each line that it prints.
func (g *git) each(ctx context.Context, f func([]byte), args ...string) error {
	cmd := g.command(ctx, args...)
	stderr := &subject.Capped{Limit: 4 << 10, Cut: true}
	cmd.Stderr = stderr
	out, err := cmd.StdoutPipe()
	if err != nil {
		return fmt.Errorf("running git %s: %w", args[0], err)
	}
	if err := cmd.Start(); err != nil {
		return fmt.Errorf("running git %s: %w", args[0], err)
	}
	read := lines(out, f)
	return errors.Join(failure(ctx, args[0], cmd.Wait(), stderr), read)
}

// failure says why a command failed: because it had to end, or what Git says.
func failure(ctx context.Context, name string, err error, stderr *subject.Capped) error {
	switch cause := context.Cause(ctx); {
	case err == nil:
		return nil
	case cause != nil:
		return cause
	case len(stderr.Bytes()) > 0:
		return fmt.Errorf("git %s: %s: %w", name, subject.Redact(stderr.String()), err)
	}
	return fmt.Errorf("git %s: %w", name, err)
}
