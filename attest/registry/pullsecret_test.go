// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"fmt"
	"strings"
	"testing"
)

// what a Secret of a cluster holds goes to its exact host, starts no program, and is not shown.
func TestA31_PullSecrets(t *testing.T) {
	user := func(typ, raw, repository string) string {
		t.Helper()
		c, err := ParsePullSecret("Secret shop/pull", typ, []byte(raw))
		must(t, err)
		cred, err := c.For(t.Context(), repository)
		must(t, err)
		if s := fmt.Sprintf("%v %+v %#v", cred, cred, cred); strings.Contains(s, "pw") {
			t.Errorf("printed: %s", s)
		}
		return cred.Username
	}
	const json, cfg = SecretDockerConfig, SecretDockerCfg
	for _, c := range []struct{ typ, raw, repository, want string }{
		{json, auths("r.example.com", "a"), "r.example.com/shop", "a"},
		{json, auths("https://r.example.com/v1/", "a"), "r.example.com/shop", "a"},
		{json, auths("r.example.com/team", "a"), "r.example.com/team/shop", "a"},
		{json, auths("r.example.com/team", "a"), "r.example.com/teams", ""},
		{json, auths("https://index.docker.io/v1/", "a"), "docker.io/library/shop", "a"},
		{json, auths("r.example.com", "a"), "r.example.com.evil.test/shop", ""},
		{json, auths("r.example.com", "a"), "evil.r.example.com/shop", ""},
		{json, auths("*.example.com", "a"), "r.example.com/shop", ""},
		{json, auths("r.example.com:5000", "a"), "r.example.com/shop", ""},
		{json, `{"auths":{"r.example.com":{"auth":"YTpwdw=="}}}`, "r.example.com/shop", "a"},
		{cfg, `{"r.example.com":{"username":"a","password":"pw","email":"x"}}`, "r.example.com/shop", "a"},
		{json, `{"credsStore":"evil","credHelpers":{"r.example.com":"evil"}}`, "r.example.com/shop", ""},
		{json, `{}`, "r.example.com/shop", ""},
	} {
		if got := user(c.typ, c.raw, c.repository); got != c.want {
			t.Errorf("%s: %s is asked as %q, expected %q", c.raw, c.repository, got, c.want)
		}
	}
	for _, c := range []struct{ typ, raw string }{{json, `{"auths":{"r":{"password":"pw"`}, {json, `[]`}, {"Opaque", `{}`}, {json, strings.Repeat(" ", MaxConfigFile+1)}, {json, `{"auths":{"a":{"password":"pw"}},"auths":{}}`}} {
		if _, err := ParsePullSecret("Secret shop/pull", c.typ, []byte(c.raw)); err == nil || strings.Contains(err.Error(), "pw") || !strings.Contains(err.Error(), "Secret shop/pull") {
			t.Errorf("%.60s: %v", c.raw, err)
		}
	}
}
