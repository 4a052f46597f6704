// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"sync"

	"golang.org/x/net/http/httpproxy"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
)

// defaultStore is the evidence folder where nothing else is named and no subject lies in a registry.
const defaultStore = ".sealock"

const registryStore = "oci://"

// openStore opens the store that a name means: a folder, or oci://HOST/REPOSITORY.
func (a *app) openStore(name string) (attest.Store, error) {
	if repo, ok := strings.CutPrefix(name, registryStore); ok {
		return a.beside(repo)
	}
	if strings.Contains(name, "://") {
		return nil, usagef("store %s: expected a folder, or oci://HOST/REPOSITORY", name)
	}
	return dir.Open(a.path(name))
}

// chooseStore names the store: what --store or the pipeline says, the repository that the subjects lie in, or a folder.
func (a *app) chooseStore(refs []string) (string, error) {
	switch {
	case a.store != "":
		return a.store, nil
	case a.pipeline != nil && a.pipeline.Store != "":
		return a.pipeline.Store, nil
	}
	repos := a.repositories(refs)
	if len(repos) == 0 && a.pipeline != nil {
		for _, name := range a.pipeline.Names() {
			repos = append(repos, a.repositories(a.pipeline.Stages[name].Subjects)...)
		}
	}
	slices.Sort(repos)
	switch repos = slices.Compact(repos); len(repos) {
	case 0:
		return defaultStore, nil
	case 1:
		return registryStore + repos[0], nil
	}
	return "", usagef("the subjects lie in several repositories (%s), so where their evidence belongs is not clear\nhint: name one with --store oci://HOST/REPOSITORY, or store: in sealock.yaml", strings.Join(repos, ", "))
}

// nameStore settles which store is meant.
func (a *app) nameStore(refs []string) error {
	name, err := a.chooseStore(refs)
	if err != nil {
		return err
	}
	a.storeName = name
	if !strings.HasPrefix(name, registryStore) {
		a.storeDir = a.path(name)
	}
	return nil
}

// insecure are the flags in force that weaken a check.
func (o *options) insecure() []string {
	var out []string
	for _, host := range o.plain {
		out = append(out, "--insecure-registry "+host)
	}
	return out
}

// repositories are those in which references lie.
func (a *app) repositories(refs []string) []string {
	var out []string
	for _, s := range refs {
		ref, err := subject.Parse(s)
		if err != nil {
			continue // said when it is resolved
		}
		if ref, err = ref.Complete(a.path(".")); err == nil && ref.Scheme == subject.Registry {
			out = append(out, ref.Path)
		}
	}
	return out
}

// registries makes the one client of this command when it is first needed, with the credentials that it found.
func (o *options) registries() (*registry.Client, *registry.Credentials, error) {
	o.network.once.Do(func() { o.network.client, o.network.credentials, o.network.err = o.newClient() })
	return o.network.client, o.network.credentials, o.network.err
}

// network is made once a command.
type network struct {
	once        sync.Once
	client      *registry.Client
	credentials *registry.Credentials
	err         error
}

func (o *options) newClient() (*registry.Client, *registry.Credentials, error) {
	file := o.registryConfig
	if file != "" {
		file = o.path(file)
	}
	credentials, err := registry.LoadCredentials(file, o.getenv)
	if err != nil {
		return nil, nil, usageError{err}
	}
	mirrors := map[string][]string{}
	for _, m := range o.mirrors {
		host, mirror, ok := strings.Cut(m, "=")
		if !ok || host == "" || mirror == "" {
			return nil, nil, usagef("--registry-mirror %q: expected HOST=MIRROR, for example docker.io=mirror.acme.io", m)
		}
		mirrors[host] = append(mirrors[host], mirror)
	}
	return registry.New(registry.Options{Credentials: credentials, Plain: o.plain, Mirrors: mirrors, Proxy: o.proxy(), UserAgent: "sealock/" + version, Offline: o.offline}), credentials, nil
}

// proxy is what HTTPS_PROXY, HTTP_PROXY and NO_PROXY say.
func (o *options) proxy() func(*http.Request) (*url.URL, error) {
	first := func(names ...string) string {
		for _, n := range names {
			if v := o.getenv(n); v != "" {
				return v
			}
		}
		return ""
	}
	config := httpproxy.Config{HTTPSProxy: first("HTTPS_PROXY", "https_proxy"), HTTPProxy: first("HTTP_PROXY", "http_proxy"), NoProxy: first("NO_PROXY", "no_proxy")}
	choose := config.ProxyFunc()
	return func(r *http.Request) (*url.URL, error) { return choose(r.URL) }
}

func (o *options) repository(name string) (*registry.Repository, error) {
	client, _, err := o.registries()
	if err != nil {
		return nil, err
	}
	r, err := client.Repository(name)
	if err != nil {
		return nil, usageError{err}
	}
	return r, nil
}

// repository is that of the command, or asked with the credentials of whom it is decided for.
func (a *app) repository(name string) (*registry.Repository, error) {
	if a.client == nil {
		return a.options.repository(name)
	}
	return a.client.Repository(name)
}

// remote reads subjects in a registry. What the evidence store of the same repository has already read is not read again.
func (a *app) remote(name string) (subject.Remote, error) {
	if a.isStore(name) {
		return a.beside(name)
	}
	return a.repository(name)
}

// isStore reports whether evidence is kept in the repository.
func (a *app) isStore(name string) bool {
	if a.gate == nil {
		return false
	}
	s, ok := a.gate.Store.(*oci.Store)
	return ok && s.Name() == name
}

// beside is the store of evidence in a repository, whether it is the one that is used otherwise or not.
func (a *app) beside(name string) (*oci.Store, error) {
	if a.isStore(name) {
		return a.gate.Store.(*oci.Store), nil
	}
	r, err := a.repository(name)
	if err != nil {
		return nil, err
	}
	return oci.Open(r, oci.Options{Now: a.now, Warn: a.say, Att: a.attached, Bundle: sigstore.FromAnnotations}), nil
}

// publish writes the evidence list beside a subject, so that who verifies it later needs a few requests whatever the length of the chain. The
// list is a convenience: that it can't be written is said, and fails nothing.
func (a *app) publish(ctx context.Context, res *subject.Resolved) {
	store, ok := a.gate.Store.(*oci.Store)
	if !ok {
		return
	}
	seen := &asked{Store: store}
	again := *a.gate
	again.Store = seen
	found, _, err := again.Gather(ctx, stage.Request(res))
	if err == nil && store.Current(ctx, res.Subject.Digest.Primary(), seen.digests) {
		return
	}
	if err == nil {
		err = a.carry(ctx, store, res, found)
	}
	if err == nil {
		err = store.Publish(ctx, res.Subject.Digest.Primary(), seen.digests)
	}
	if err != nil {
		a.say("the list of evidence beside %s was not written, so verifying it takes more requests: %v", res.Subject, err)
	}
}

// carry makes what was stored about an image before it was pushed refer to the image itself, where other tools find it.
func (a *app) carry(ctx context.Context, store *oci.Store, res *subject.Resolved, found []attest.Evidence) error {
	for _, e := range found {
		if !aboutAny(e.Statement(), res.Subjects()) {
			continue
		}
		if err := store.Put(ctx, e); err != nil {
			return err
		}
	}
	return nil
}

// asked is a store that remembers what it was asked about.
type asked struct {
	*oci.Store
	mu      sync.Mutex
	digests []attest.Digest
}

func (s *asked) List(ctx context.Context, d attest.Digest) ([]attest.Stored, error) {
	s.mu.Lock()
	s.digests = append(s.digests, d)
	s.mu.Unlock()
	return s.Store.List(ctx, d)
}

var (
	_ subject.Remote   = (*oci.Store)(nil)
	_ attest.Confirmer = (*asked)(nil)
)
