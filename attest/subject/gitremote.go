// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
)

// remote is the URL of origin, or of the first other remote, without credentials; empty if there is none that others could use.
func (p *repository) remote(ctx context.Context) (string, error) {
	urls, err := p.config(ctx, "", `^remote\..*\.url$`)
	if err != nil {
		return "", err
	}
	names := make([]string, 0, len(urls))
	for name := range urls {
		names = append(names, name)
	}
	slices.Sort(names)
	if u := cleanURL(urls["remote.origin.url"]); u != "" {
		return u, nil
	}
	for _, name := range names {
		if u := cleanURL(urls[name]); u != "" {
			return u, nil
		}
	}
	return "", nil
}

// config reads settings whose name matches, from the repository or from a file in a commit.
func (p *repository) config(ctx context.Context, blob, pattern string) (map[string]string, error) {
	args := []string{"config", "-z"}
	if blob != "" {
		args = append(args, "--blob", blob)
	}
	out, err := p.git.output(ctx, append(args, "--get-regexp", pattern)...)
	var failed *gitError
	if errors.As(err, &failed) && failed.stderr == "" {
		return nil, nil // nothing matches
	}
	if err != nil {
		return nil, err
	}
	set := map[string]string{}
	for _, kv := range strings.Split(string(out), "\x00") {
		if k, v, ok := strings.Cut(kv, "\n"); ok {
			set[k] = v
		}
	}
	return set, nil
}

var scpForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(?:[^@/:\s]+@)?([A-Za-z0-9.-]+):([^/\s\\][^\s\\]*)$`)
})

// cleanURL is a remote's URL without user, password, query and fragment. Paths of this machine give "".
func cleanURL(s string) string {
	s = strings.TrimPrefix(s, "git+")
	if !strings.Contains(s, "://") {
		m := scpForm().FindStringSubmatch(s)
		if m == nil || len(m[1]) < 2 {
			return ""
		}
		return "ssh://" + m[1] + "/" + m[2]
	}
	u, err := url.Parse(s)
	if err != nil || u.Host == "" || !slices.Contains([]string{"https", "http", "ssh", "git"}, u.Scheme) {
		return ""
	}
	return (&url.URL{Scheme: u.Scheme, Host: u.Host, Path: u.Path}).String()
}

// refName is the full name of the branch or tag that the revision names, else the commit.
func (p *repository) refName(ctx context.Context, c *commit) string {
	full, err := p.git.line(ctx, "rev-parse", "--symbolic-full-name", p.rev)
	if err != nil || !strings.HasPrefix(full, "refs/") || strings.ContainsAny(full, " \n") {
		return c.oid
	}
	return full
}

// name is what people call the subject: the repository, and the folder in it.
func (p *repository) name(remote string) string {
	name := strings.TrimSuffix(path.Base(remote), ".git")
	if remote == "" {
		top := p.gitDir
		if p.work != "" {
			top = p.work
			if p.prefix != "" {
				top = filepath.Join(top, strings.Repeat("../", strings.Count(p.prefix, "/")+1))
			}
		}
		name = strings.TrimSuffix(filepath.Base(top), ".git")
	}
	return path.Join(name, p.prefix)
}

// submodules are the commits that the tree points to, as materials.
func (p *repository) submodules(ctx context.Context, c *commit) ([]attest.ResourceDescriptor, error) {
	var out []attest.ResourceDescriptor
	for i := range c.tree {
		if e := &c.tree[i]; e.mode == modeGitlink {
			out = append(out, attest.ResourceDescriptor{Name: e.path, Digest: attest.DigestSet{"gitCommit": e.oid}})
		}
	}
	if len(out) == 0 {
		return nil, nil
	}
	if len(out) > MaxSubmodules {
		return nil, fail(Limit, "%d submodules, limit %d", len(out), MaxSubmodules)
	}
	set, err := p.config(ctx, c.oid+":.gitmodules", `^submodule\..*\.(path|url)$`)
	if err != nil {
		return out, nil //nolint:nilerr // submodules without a .gitmodules file have no URL; their commit is what counts
	}
	for k, v := range set {
		section, isPath := strings.CutSuffix(k, ".path")
		if !isPath {
			continue
		}
		for i := range out {
			if path.Join(p.prefix, out[i].Name) != path.Clean(v) {
				continue
			}
			if u := cleanURL(set[section+".url"]); u != "" {
				out[i].URI = "git+" + u + "@" + out[i].Digest["gitCommit"]
			}
		}
	}
	return out, nil
}
