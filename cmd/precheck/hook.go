// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/sealock-dev/sealock/attest/subject"
)

const (
	hookName   = "pre-push"
	beforeName = hookName + ".before-sealock" // what was there before, and is run first
	hookMark   = "# Made by 'sealock hook install'; 'sealock hook uninstall' takes it away."
	maxHook    = 1 << 20 // bytes of a hook, or of another tool's configuration, that is read
)

// Hook is the pre-push hook of a repository.
type Hook struct {
	File      string // where it lies, or would
	Installed bool   // it is sealock's
	Other     bool   // there is one that is not sealock's
	Kept      bool   // one that was there before is kept, and run first
	Shared    bool   // its folder serves all repositories of the user (core.hooksPath of the user's own configuration)
	Manager   *Manager
	prefix    string
}

// FindHook finds out about the hook of the repository that a folder belongs to.
func FindHook(ctx context.Context, dir string, env []string) (Hook, error) {
	git, err := subject.OpenGit(ctx, dir, env)
	if err != nil {
		return Hook{}, err
	}
	out, err := git.Line(ctx, "rev-parse", "--path-format=absolute", "--git-common-dir", "--show-toplevel", "--show-prefix")
	if err != nil {
		return Hook{}, fmt.Errorf("finding the work tree: %w\nhint: hooks that run before a push belong to a clone with a work tree", err)
	}
	lines := strings.SplitN(out, "\n", 3)
	if len(lines) < 2 {
		return Hook{}, fmt.Errorf("asking git about the repository: %d lines of answer, expected 3", len(lines))
	}
	common, top := lines[0], lines[1]
	h := Hook{File: filepath.Join(common, "hooks", hookName)}
	if len(lines) == 3 {
		h.prefix = strings.TrimSuffix(lines[2], "/")
	}
	if folder, own := git.Setting(ctx, "core.hooksPath"); folder != "" {
		if home, ok := strings.CutPrefix(folder, "~/"); ok {
			folder = filepath.Join(environment(env, "HOME"), home)
		}
		if !filepath.IsAbs(folder) {
			folder = filepath.Join(top, folder)
		} else if !own {
			h.Shared = true
		}
		h.File = filepath.Join(folder, hookName)
	}
	configured := ""
	if h.File != filepath.Join(common, "hooks", hookName) {
		configured = filepath.Dir(h.File)
	}
	if h.Manager, err = findManager(top, configured); err != nil {
		return Hook{}, err
	}
	text, err := readHook(h.File)
	if err != nil {
		return Hook{}, err
	}
	h.Installed = strings.Contains(text, hookMark)
	h.Other = text != "" && !h.Installed
	_, err = os.Lstat(h.before())
	h.Kept = h.Installed && err == nil
	return h, nil
}

func (h Hook) before() string { return filepath.Join(filepath.Dir(h.File), beforeName) }

func environment(env []string, name string) string {
	for _, kv := range env {
		if k, v, _ := strings.Cut(kv, "="); k == name {
			return v
		}
	}
	return ""
}

// readHook gives the text of a file, "" if there is none.
func readHook(file string) (string, error) {
	data, err := readBounded(file, maxHook)
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil
	}
	if err != nil {
		return "", fmt.Errorf("reading %s: %w", file, err)
	}
	return string(data) + " ", nil // an empty file is there too
}

// Install writes the hook. One that is there is kept and run first. Program is used where the PATH has no sealock.
func (h Hook) Install(program string) error {
	if h.Shared {
		return fmt.Errorf("installing the hook: core.hooksPath of your own configuration leads to %s, which serves all your repositories\nhint: add a line to %s yourself: sealock hook pre-push \"$@\"", filepath.Dir(h.File), h.File)
	}
	if err := os.MkdirAll(filepath.Dir(h.File), 0o755); err != nil {
		return fmt.Errorf("installing the hook: %w", err)
	}
	if h.Other {
		if _, err := os.Lstat(h.before()); err == nil {
			return fmt.Errorf("installing the hook: %s and %s are both there and neither is sealock's\nhint: remove the one that is not needed", h.File, h.before())
		}
		if err := os.Rename(h.File, h.before()); err != nil {
			return fmt.Errorf("keeping the hook that is there: %w", err)
		}
	}
	if err := replace(h.File, []byte(h.script(program)), 0o755); err != nil {
		if h.Other {
			err = errors.Join(err, os.Rename(h.before(), h.File))
		}
		return fmt.Errorf("installing the hook: %w", err)
	}
	return nil
}

// script runs what was there before, then sealock, each with what Git wrote.
func (h Hook) script(program string) string {
	where := ""
	if h.prefix != "" {
		where = " -C " + quote(h.prefix)
	}
	return `#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
` + hookMark + `
updates=$(cat)
feed() { if [ -n "$updates" ]; then printf '%s\n' "$updates"; fi; }
before=$(dirname "$0")/` + beforeName + `
if [ -x "$before" ]; then
	feed | "$before" "$@" || exit $?
fi
sealock=$(command -v sealock) || sealock=` + quote(program) + `
if [ ! -x "$sealock" ]; then
	echo "sealock was not found, so this push was not checked and is stopped" >&2
	echo "hint: install sealock, or remove $0; git push --no-verify leaves the check out once" >&2
	exit 1
fi
feed | "$sealock"` + where + ` hook pre-push "$@"
`
}

// quote makes a text one word of the shell.
func quote(s string) string { return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'" }

// Uninstall removes the hook and puts back the one that was there before. It reports whether there was anything to remove.
func (h Hook) Uninstall() (bool, error) {
	if !h.Installed {
		return false, nil
	}
	if h.Kept {
		if err := os.Rename(h.before(), h.File); err != nil {
			return false, fmt.Errorf("putting back the hook from before: %w", err)
		}
		return true, nil
	}
	if err := os.Remove(h.File); err != nil {
		return false, fmt.Errorf("removing the hook: %w", err)
	}
	return true, nil
}
