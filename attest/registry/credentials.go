// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
)

// Credentials are what docker login, podman login and cloud tools left for registries. They are safe for concurrent use. The zero
// Credentials know nobody.
type Credentials struct {
	files  []configFile
	getenv func(string) string

	mu    sync.Mutex
	found map[string]Credential // answers of helpers, by helper and server
}

// Credential is who we are to one registry. The zero Credential is anonymous. Secrets are not printed, whatever the verb.
type Credential struct {
	Source   string // where it comes from, for people: never a secret
	Username string

	secret *secrets
}

type secrets struct{ password, identity, registry string }

// Anonymous reports whether there is no credential.
func (c Credential) Anonymous() bool { return c.secret == nil }

// Format prints source and user, never a secret.
func (c Credential) Format(f fmt.State, _ rune) {
	if c.Anonymous() {
		_, _ = io.WriteString(f, "anonymous")
		return
	}
	fmt.Fprintf(f, "%q from %s", c.Username, c.Source)
}

func (c Credential) password() string {
	if c.secret == nil {
		return ""
	}
	return c.secret.password
}

func (c Credential) identityToken() string {
	if c.secret == nil {
		return ""
	}
	return c.secret.identity
}

func (c Credential) registryToken() string {
	if c.secret == nil {
		return ""
	}
	return c.secret.registry
}

// configFile is a file as Docker and Podman write it
// (https://github.com/containers/image/blob/main/docs/containers-auth.json.5.md).
type configFile struct {
	path    string
	auths   map[string]authEntry
	helpers map[string]string
	store   string
}

type authEntry struct {
	Auth          string `json:"auth"`
	Username      string `json:"username"`
	Password      string `json:"password"`
	IdentityToken string `json:"identitytoken"`
	RegistryToken string `json:"registrytoken"`
}

// LoadCredentials reads file, or else $REGISTRY_AUTH_FILE, or else Docker's configuration ($DOCKER_CONFIG/config.json,
// ~/.docker/config.json) and then Podman's ($XDG_RUNTIME_DIR/containers/auth.json). A file that is named must be there.
func LoadCredentials(file string, getenv func(string) string) (*Credentials, error) {
	c := &Credentials{getenv: getenv, found: map[string]Credential{}}
	var paths []string
	switch {
	case file != "":
		paths = []string{file}
	case getenv("REGISTRY_AUTH_FILE") != "":
		paths = []string{getenv("REGISTRY_AUTH_FILE")}
	default:
		if dir := getenv("DOCKER_CONFIG"); dir != "" {
			paths = append(paths, filepath.Join(dir, "config.json"))
		} else if home := getenv("HOME"); home != "" {
			paths = append(paths, filepath.Join(home, ".docker", "config.json"))
		}
		if dir := getenv("XDG_RUNTIME_DIR"); dir != "" {
			paths = append(paths, filepath.Join(dir, "containers", "auth.json"))
		}
	}
	for _, p := range paths {
		f, err := readConfig(p)
		if errors.Is(err, fs.ErrNotExist) && file == "" {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading registry credentials from %s: %w", p, err)
		}
		c.files = append(c.files, f)
	}
	return c, nil
}

func readConfig(path string) (configFile, error) {
	f, err := os.Open(path)
	if err != nil {
		return configFile{}, err
	}
	defer f.Close()
	raw, err := readAll(f, 0, MaxConfigFile, "the file")
	if err != nil {
		return configFile{}, err
	}
	var w struct {
		Auths       map[string]authEntry `json:"auths"`
		CredHelpers map[string]string    `json:"credHelpers"`
		CredsStore  string               `json:"credsStore"`
	}
	if err := attest.DecodeJSON(raw, &w); err != nil {
		return configFile{}, errors.New("it is not sound JSON of the form that docker login writes\nhint: log in again, or repair the file")
	}
	out := configFile{path: path, auths: byKey(w.Auths), helpers: map[string]string{}, store: w.CredsStore}
	for k, v := range w.CredHelpers {
		out.helpers[configKey(k)] = v
	}
	return out, nil
}

func byKey(auths map[string]authEntry) map[string]authEntry {
	out := make(map[string]authEntry, len(auths))
	for k, v := range auths {
		out[configKey(k)] = v
	}
	return out
}

// configKey is the one spelling of a key: Docker writes hosts, and addresses such as https://index.docker.io/v1/.
func configKey(s string) string {
	s = strings.TrimPrefix(strings.TrimPrefix(s, "https://"), "http://")
	s = strings.TrimSuffix(s, "/")
	for _, v := range []string{"/v1", "/v2"} {
		if h, ok := strings.CutSuffix(s, v); ok && !strings.Contains(h, "/") {
			s = h
		}
	}
	h, path, ok := strings.Cut(s, "/")
	h = hubAlias(strings.ToLower(h))
	if !ok {
		return h
	}
	return h + "/" + path
}

// For finds the credential for a repository: the entry of the longest part of host/path wins, then the helper of the host, its
// entry in the helper for all hosts, and its entry in the file. Files that are named first win. No entry is no error.
func (c *Credentials) For(ctx context.Context, repository string) (Credential, error) {
	h, path, err := ParseName(repository)
	if err != nil {
		return Credential{}, err
	}
	for _, f := range c.files {
		for key := h + "/" + path; key != h; key = key[:strings.LastIndexByte(key, '/')] {
			if cred, ok, err := f.entry(key); ok || err != nil {
				return cred, err
			}
		}
		cred, err := c.forHost(ctx, f, h)
		if err != nil || !cred.Anonymous() {
			return cred, err
		}
	}
	return Credential{}, nil
}

func (c *Credentials) forHost(ctx context.Context, f configFile, h string) (Credential, error) {
	if name := f.helpers[h]; name != "" {
		return c.ask(ctx, name, h, "credHelpers of "+f.path)
	}
	if f.store != "" {
		if cred, err := c.ask(ctx, f.store, h, "credsStore of "+f.path); err != nil || !cred.Anonymous() {
			return cred, err
		}
	}
	cred, _, err := f.entry(h)
	return cred, err
}

// entry reads what stands in the file itself. An empty entry, which Docker leaves beside a helper, is none.
func (f configFile) entry(key string) (Credential, bool, error) {
	e, ok := f.auths[key]
	if !ok || e == (authEntry{}) {
		return Credential{}, false, nil
	}
	s := &secrets{password: e.Password, identity: e.IdentityToken, registry: e.RegistryToken}
	user := e.Username
	if e.Auth != "" {
		raw, err := base64.StdEncoding.DecodeString(e.Auth)
		name, password, colon := strings.Cut(strings.TrimRight(string(raw), "\x00"), ":")
		if err != nil || !colon {
			return Credential{}, false, fmt.Errorf("reading registry credentials from %s: the entry %q holds an auth that is not base64 of user:password\nhint: log in again", f.path, key)
		}
		user, s.password = name, password
	}
	if user == "<token>" && s.identity == "" {
		s.identity, s.password = s.password, ""
	}
	if *s == (secrets{}) {
		return Credential{}, false, nil
	}
	return Credential{Source: fmt.Sprintf("auths of %s (%s)", f.path, key), Username: user, secret: s}, true, nil
}
