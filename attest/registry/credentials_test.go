// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func env(vars map[string]string) func(string) string {
	return func(name string) string { return vars[name] }
}

// write puts a file below dir.
func write(t testing.TB, dir, name, content string, mode os.FileMode) string {
	t.Helper()
	p := filepath.Join(dir, name)
	must(t, os.MkdirAll(filepath.Dir(p), 0o755))
	must(t, os.WriteFile(p, []byte(content), mode))
	return p
}

func auths(host, user string) string {
	return fmt.Sprintf(`{"auths":{%q:{"username":%q,"password":"pw"}}}`, host, user)
}

func TestCredentialFiles(t *testing.T) {
	dir := t.TempDir()
	vars := map[string]string{"HOME": filepath.Join(dir, "home"), "XDG_RUNTIME_DIR": filepath.Join(dir, "run")}
	user := func(file, repository string) string {
		t.Helper()
		c, err := LoadCredentials(file, env(vars))
		must(t, err)
		cred, err := c.For(t.Context(), repository)
		must(t, err)
		return cred.Username
	}
	expect := func(file, repository, want string) {
		t.Helper()
		if got := user(file, repository); got != want {
			t.Errorf("%s is asked as %q, expected %q", repository, got, want)
		}
	}
	expect("", "r.example.com/a", "")
	write(t, dir, "run/containers/auth.json", auths("r.example.com", "podman"), 0o600)
	expect("", "r.example.com/a", "podman")
	write(t, dir, "home/.docker/config.json", auths("r.example.com", "docker"), 0o600)
	expect("", "r.example.com/a", "docker")
	write(t, dir, "home/.docker/config.json", auths("other.example.com", "docker"), 0o600)
	expect("", "r.example.com/a", "podman") // not in the first file
	write(t, dir, "dc/config.json", auths("r.example.com", "config"), 0o600)
	vars["DOCKER_CONFIG"] = filepath.Join(dir, "dc")
	expect("", "r.example.com/a", "config")
	expect("", "other.example.com/a", "") // $DOCKER_CONFIG stands for ~/.docker
	vars["REGISTRY_AUTH_FILE"] = write(t, dir, "auth.json", auths("r.example.com", "file"), 0o600)
	expect("", "r.example.com/a", "file")
	named := write(t, dir, "named.json", auths("r.example.com", "flag"), 0o600)
	expect(named, "r.example.com/a", "flag")
	vars["REGISTRY_AUTH_FILE"] = filepath.Join(dir, "none.json")
	expect("", "r.example.com/a", "")

	for name, content := range map[string]string{"none": "", "broken": `{"auths":`, "twice": `{"auths":{},"auths":{}}`, "kind": `{"auths":[]}`} {
		p := filepath.Join(dir, name)
		if content != "" {
			write(t, dir, name, content, 0o600)
		}
		if _, err := LoadCredentials(p, env(nil)); err == nil || !strings.Contains(err.Error(), p) {
			t.Errorf("%s: %v", name, err)
		}
	}
	for n, ok := range map[int]bool{MaxConfigFile: true, MaxConfigFile + 1: false} {
		p := write(t, dir, "large", string(padded(`{"auths":{}`, n)), 0o600)
		if _, err := LoadCredentials(p, env(nil)); (err == nil) != ok {
			t.Errorf("%d bytes: %v", n, err)
		}
	}
	c, err := LoadCredentials(write(t, dir, "auth", `{"auths":{"r.example.com":{"auth":"canary!"}}}`, 0o600), env(nil))
	must(t, err)
	if _, err := c.For(t.Context(), "r.example.com/a"); err == nil || strings.Contains(err.Error(), "canary") {
		t.Errorf("an entry that can't be read: %v", err)
	}
}

func TestCredentialEntries(t *testing.T) {
	c := config(t, `{"auths":{
		"https://index.docker.io/v1/":{"username":"hub","password":"pw"},
		"https://v1.example.com/v1/":{"username":"v1","password":"pw"},
		"R.Example.com":{"username":"host","password":"pw"},
		"r.example.com/team":{"username":"team","password":"pw"},
		"r.example.com/team/app":{"username":"app","password":"pw"},
		"r.example.com:5000":{"username":"port","password":"pw"},
		"empty.example.com":{}}}`)
	for repository, want := range map[string]string{
		"docker.io/library/x": "hub", "index.docker.io/a/b": "hub", "registry-1.docker.io/a/b": "hub", "v1.example.com/x": "v1", "r.example.com/x": "host", "r.example.com/teams/x": "host",
		"r.example.com/team/x": "team", "r.example.com/team": "team", "r.example.com/team/app": "app", "r.example.com/team/app/x/y": "app", "r.example.com:5000/team/app": "port",
		"empty.example.com/x": "", "example.com/x": "", "r.example.com.evil.org/x": "",
	} {
		cred, err := c.For(t.Context(), repository)
		must(t, err)
		if cred.Username != want || cred.Anonymous() != (want == "") {
			t.Errorf("%s is asked as %q, expected %q", repository, cred.Username, want)
		}
	}
}

const helper = `#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
read server
echo "$1 $server ${COSIGN_PASSWORD:-}${SEALOCK_KEY:-}" >> "$0.log"
case $server in
r.example.com) echo '{"ServerURL":"r.example.com","Username":"helped","Secret":"pw"}' ;;
https://index.docker.io/v1/) echo '{"Username":"<token>","Secret":"canary"}' ;;
none.example.com) echo 'credentials not found in native keychain'; exit 1 ;;
bad.example.com) echo 'canary'; exit 3 ;;
odd.example.com) echo 'canary' ;;
large.example.com) head -c 2000000 /dev/zero ;;
*) echo '{"Username":"","Secret":""}' ;;
esac
`

func TestCredentialHelpers(t *testing.T) {
	t.Setenv("COSIGN_PASSWORD", "key-canary")
	t.Setenv("SEALOCK_KEY", "key-canary")
	dir := t.TempDir()
	program := write(t, dir, "bin/docker-credential-cloud", helper, 0o755)
	write(t, dir, "bin/docker-credential-plain", helper, 0o644)
	file := write(t, dir, "config.json", `{"credHelpers":{"r.example.com":"cloud","gone.example.com":"gone","evil.example.com":"../bin/cloud","file.example.com":"plain"},"credsStore":"cloud",
		"auths":{"none.example.com":{"username":"inline","password":"pw"},"empty.example.com":{"username":"inline","password":"pw"},"r.example.com/own":{"username":"own","password":"pw"}}}`, 0o600)
	c, err := LoadCredentials(file, env(map[string]string{"PATH": "bin:.::" + filepath.Join(dir, "bin")}))
	must(t, err)
	for repository, want := range map[string]string{
		"r.example.com/a": "helped", "r.example.com/b": "helped", "r.example.com/own/x": "own", "docker.io/a/b": "<token>", "none.example.com/a": "inline", "empty.example.com/a": "inline", "x.example.com/a": "",
	} {
		cred, err := c.For(t.Context(), repository)
		must(t, err)
		if cred.Username != want {
			t.Errorf("%s is asked as %q, expected %q", repository, cred.Username, want)
		}
		if want == "helped" && cred.Source != "docker-credential-cloud (credHelpers of "+file+")" {
			t.Errorf("comes from %q", cred.Source)
		}
		if want == "<token>" && (cred.identityToken() != "canary" || cred.password() != "") {
			t.Errorf("no identity token: %v", cred)
		}
	}
	for repository, says := range map[string]string{
		"gone.example.com/a": "no such program", "evil.example.com/a": "no name of a helper", "file.example.com/a": "no such program", "bad.example.com/a": "exit status 3",
		"odd.example.com/a": "not sound JSON", "large.example.com/a": "more than 1048576 bytes",
	} {
		cred, err := c.For(t.Context(), repository)
		if err == nil || !cred.Anonymous() || !strings.Contains(err.Error(), says) || strings.Contains(err.Error(), "canary") {
			t.Errorf("%s: %v, %v", repository, cred, err)
		}
	}
	log, err := os.ReadFile(program + ".log")
	must(t, err)
	if n := strings.Count(string(log), "get r.example.com "); n != 1 {
		t.Errorf("asked %d times for one host:\n%s", n, log)
	}
	if strings.Contains(string(log), "canary") {
		t.Errorf("the helper sees the signing key's variables:\n%s", log)
	}
}

func TestS18_HelperIsNotTakenFromTheWorkTree(t *testing.T) {
	dir := t.TempDir()
	write(t, dir, "docker-credential-x", helper, 0o755)
	t.Chdir(dir)
	file := write(t, dir, "config.json", `{"credsStore":"x"}`, 0o600)
	for _, path := range []string{"", ".", "./", ":", "sub/.."} {
		c, err := LoadCredentials(file, env(map[string]string{"PATH": path}))
		must(t, err)
		if cred, err := c.For(t.Context(), "r.example.com/a"); err == nil {
			t.Errorf("PATH %q: %v", path, cred)
		}
	}
}

func TestHelperFailureIsAnError(t *testing.T) {
	dir := t.TempDir()
	file := write(t, dir, "config.json", `{"credsStore":"gone"}`, 0o600)
	c, err := LoadCredentials(file, env(nil))
	must(t, err)
	s := start(t, nil)
	_, err = s.repo(t, Options{Credentials: c}).Manifest(t.Context(), "v1")
	if err == nil || !strings.Contains(err.Error(), "docker-credential-gone") || len(s.requests()) != 0 {
		t.Errorf("%v after %q", err, s.requests())
	}
}
