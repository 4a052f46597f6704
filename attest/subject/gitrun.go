// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync"
	"time"
)

// hardened comes before every Git command: nothing that the repository configures is run, nothing is fetched, no object is replaced.
// Command-line settings win over the repository's own; GIT_ALLOW_PROTOCOL (in environ) also wins over its protocol.NAME.allow.
var hardened = []string{
	"--no-pager", "--no-replace-objects", "--literal-pathspecs",
	"-c", "core.fsmonitor=false", "-c", "core.hooksPath=" + os.DevNull, "-c", "protocol.allow=never",
	"-c", "core.untrackedCache=false", "-c", "core.attributesFile=" + os.DevNull, "-c", "submodule.recurse=false",
	"-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "core.askPass=", "-c", "credential.helper=",
	"-c", "advice.graftFileDeprecated=false", // GIT_GRAFT_FILE of environ would have it warn of itself
	"-c", "core.commitGraph=false", // a file beside the objects that could tell other parents
}

// passed are the only variables of the caller's environment that Git sees. HOME and XDG_CONFIG_HOME serve the user's own ignore file.
var passed = []string{"PATH", "HOME", "XDG_CONFIG_HOME", "USERPROFILE", "SYSTEMROOT", "TMPDIR", "TEMP", "TMP", "SUDO_UID"}

// git runs Git in one folder.
type git struct {
	exe  string
	dir  string
	env  []string
	safe []string // -c safe.directory=…, as the user's and the system's own configuration say
}

// openGit finds Git and makes sure that dir belongs to a repository it is willing to read.
func openGit(ctx context.Context, dir string, env []string) (*git, error) {
	exe, err := FindGit(env, dir)
	if err != nil {
		return nil, err
	}
	g := &git{exe: exe, dir: dir, env: environ(env)}
	_, err = g.output(ctx, "rev-parse", "--git-dir")
	var failed *gitError
	if !errors.As(err, &failed) {
		return g, err
	}
	if strings.Contains(failed.stderr, "dubious ownership") {
		g.safe = trusted(ctx, exe, env)
		if _, err = g.output(ctx, "rev-parse", "--git-dir"); err == nil {
			return g, nil
		}
		return nil, fail(UnsafeRepository, "the repository in %s belongs to another user, and Git does not read such repositories", dir).
			hint("if you trust it: git config --global --add safe.directory '%s'", dir)
	}
	if strings.Contains(failed.stderr, "not a git repository") {
		return nil, fail(NotFound, "%s is in no Git repository", dir).hint("use -C DIR, or name the folder as it is with dir:.")
	}
	return nil, err
}

// FindGit looks for git in the absolute folders of PATH, but not in the trees that are judged, nor in the repositories that those lie in.
func FindGit(env []string, trees ...string) (string, error) {
	name := "git"
	if runtime.GOOS == "windows" {
		name = "git.exe"
	}
	var judged []string
	for _, tree := range trees {
		abs, err := filepath.Abs(tree) // the folders of PATH are compared with it
		if err != nil {
			return "", err
		}
		judged = append(judged, repositoryOf(realPath(abs)))
	}
	for _, dir := range filepath.SplitList(lookup(env, "PATH")) {
		if !filepath.IsAbs(dir) {
			continue
		}
		real := realPath(filepath.Join(dir, name))
		if slices.ContainsFunc(judged, func(tree string) bool { return within(tree, real) }) {
			continue
		}
		info, err := os.Stat(real)
		if err == nil && info.Mode().IsRegular() && (runtime.GOOS == "windows" || info.Mode()&0o111 != 0) {
			return filepath.Join(dir, name), nil
		}
	}
	return "", fail(NoGit, "no git program in the absolute folders of PATH").hint("install git, or name the folder as it is with dir:.")
}

// repositoryOf is the work tree that a folder lies in, the folder itself if there is none.
func repositoryOf(folder string) string {
	for at := folder; at != filepath.Dir(at); at = filepath.Dir(at) {
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			return at
		}
	}
	return folder
}

// within reports whether a path lies in a tree that is not all of the file system.
func within(tree, path string) bool {
	rel, err := filepath.Rel(tree, path)
	return err == nil && filepath.IsLocal(rel) && tree != filepath.Dir(tree)
}

func lookup(env []string, name string) string {
	value := ""
	for _, kv := range env {
		k, v, _ := strings.Cut(kv, "=")
		if k == name || runtime.GOOS == "windows" && strings.EqualFold(k, name) {
			value = v
		}
	}
	return value
}

func environ(env []string) []string {
	out := []string{
		"GIT_CONFIG_NOSYSTEM=1", "GIT_CONFIG_GLOBAL=" + os.DevNull, "GIT_ATTR_NOSYSTEM=1", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0",
		"GIT_NO_LAZY_FETCH=1", "GIT_NO_REPLACE_OBJECTS=1", "GIT_GRAFT_FILE=" + os.DevNull, "GIT_ALLOW_PROTOCOL=none", "GIT_PROTOCOL_FROM_USER=0", "LC_ALL=C",
	}
	for _, name := range passed {
		if v := lookup(env, name); v != "" {
			out = append(out, name+"="+v)
		}
	}
	return out
}

// trusted reads safe.directory from the user's and the system's configuration, the only ones in which Git itself honours it.
func trusted(ctx context.Context, exe string, env []string) []string {
	var out []string
	for _, scope := range []string{"--system", "--global"} {
		for _, v := range configured(ctx, exe, env, scope, "safe.directory") {
			out = append(out, "-c", "safe.directory="+v)
		}
	}
	return out
}

// configured are the values of a setting in the user's or the system's configuration, which no other command here reads.
func configured(ctx context.Context, exe string, env []string, scope, name string) []string {
	g := &git{exe: exe, dir: filepath.VolumeName(exe) + string(filepath.Separator)}
	for _, name := range append([]string{"GIT_CONFIG_GLOBAL", "GIT_CONFIG_SYSTEM"}, passed...) {
		if v := lookup(env, name); v != "" {
			g.env = append(g.env, name+"="+v)
		}
	}
	values, err := g.output(ctx, "config", scope, "--includes", "-z", "--get-all", name)
	if err != nil {
		return nil // not set there
	}
	return strings.Split(strings.TrimSuffix(string(values), "\x00"), "\x00")
}

func (g *git) command(ctx context.Context, args ...string) *exec.Cmd {
	all := append(append(append([]string{}, hardened...), g.safe...), args...)
	cmd := exec.CommandContext(ctx, g.exe, all...)
	cmd.Dir, cmd.Env = g.dir, g.env
	cmd.WaitDelay = 5 * time.Second
	return cmd
}

// output is what a Git command writes, within MaxGitOutput.
func (g *git) output(ctx context.Context, args ...string) ([]byte, error) {
	return g.filter(ctx, nil, args...)
}

func (g *git) filter(ctx context.Context, in []byte, args ...string) ([]byte, error) {
	cmd := g.command(ctx, args...)
	stdout, stderr := &Capped{Limit: MaxGitOutput}, &Capped{Limit: 8 << 10, Cut: true}
	cmd.Stdout, cmd.Stderr = stdout, stderr
	if in != nil {
		cmd.Stdin = bytes.NewReader(in)
	}
	err := cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case stdout.Over:
		return nil, fail(Limit, "git %s wrote more than %d bytes", args[0], MaxGitOutput)
	case err != nil:
		return nil, &gitError{args[0], Redact(stderr.String()), err}
	}
	return stdout.Bytes(), nil
}

// line is the output without the line break at its end.
func (g *git) line(ctx context.Context, args ...string) (string, error) {
	out, err := g.output(ctx, args...)
	return strings.TrimSuffix(strings.TrimSuffix(string(out), "\n"), "\r"), err
}

// gitError is a Git command that failed.
type gitError struct {
	command, stderr string
	cause           error
}

func (e *gitError) Error() string {
	if e.stderr == "" {
		return fmt.Sprintf("git %s: %v", e.command, e.cause)
	}
	return fmt.Sprintf("git %s: %s", e.command, e.stderr)
}

func (e *gitError) Unwrap() error { return e.cause }

var userinfo = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`://[^/@\s]*@`) })

// Redact is a message of Git's on one line, without the credentials of URLs.
func Redact(s string) string {
	return userinfo().ReplaceAllString(strings.Join(strings.Fields(s), " "), "://")
}

// Capped keeps the first Limit bytes that a program writes; past them it fails the writer, or goes on and keeps no more if Cut is set. The buffer has a name,
// since io.Copy would call the ReadFrom of an embedded one, which knows of no limit.
type Capped struct {
	Limit int
	Cut   bool
	Over  bool // there was more

	kept bytes.Buffer
}

func (c *Capped) Write(p []byte) (int, error) {
	if room := c.Limit - c.kept.Len(); len(p) > room {
		c.Over = true
		if !c.Cut {
			return 0, errors.New("too much output")
		}
		c.kept.Write(p[:room])
		return len(p), nil
	}
	return c.kept.Write(p)
}

// Bytes are those that were kept.
func (c *Capped) Bytes() []byte { return c.kept.Bytes() }

func (c *Capped) String() string { return c.kept.String() }
