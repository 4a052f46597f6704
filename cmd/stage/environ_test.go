// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"slices"
	"testing"
)

// O-10: what a command sees is a list of what it may, and what signs is never on it.
func TestO10_Environ(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		more []string
		seen bool
	}{
		{"PATH", nil, true}, {"HOME", nil, true}, {"LC_ALL", nil, true}, {"GOCACHE", nil, true}, {"npm_config_cache", nil, true}, {"CI_COMMIT_SHA", nil, true}, {"GITHUB_SHA", nil, true},
		{"AWS_SECRET_ACCESS_KEY", nil, false}, {"GITHUB_TOKEN", nil, false}, {"CI_JOB_TOKEN", nil, false}, {"NPM_TOKEN", nil, false}, {"PATHS", nil, false}, {"path", nil, false}, {"", nil, false},
		{"NPM_TOKEN", []string{"NPM_TOKEN"}, true}, {"NPM_TOKEN", []string{"NPM_*"}, false}, {"NPM_TOKEN", []string{"*"}, false},
		{"COSIGN_PASSWORD", nil, false}, {"COSIGN_PASSWORD", []string{"COSIGN_PASSWORD"}, false}, {"SEALOCK_KEY", []string{"SEALOCK_KEY"}, false}, {"SIGSTORE_ID_TOKEN", []string{"SIGSTORE_ID_TOKEN"}, false},
		{"ACTIONS_ID_TOKEN_REQUEST_TOKEN", []string{"ACTIONS_ID_TOKEN_REQUEST_TOKEN"}, false}, {"ACTIONS_ID_TOKEN_REQUEST_URL", []string{"ACTIONS_ID_TOKEN_REQUEST_URL"}, false},
		{"ACTIONS_RUNTIME_TOKEN", []string{"ACTIONS_RUNTIME_TOKEN"}, false},
	} {
		entry := c.name + "=a=b"
		got := Environ([]string{entry}, c.more)
		if want := []string{entry}; c.seen && !slices.Equal(got, want) || !c.seen && len(got) != 0 {
			t.Errorf("%s with %q listed: got %q, seen should be %v", c.name, c.more, got, c.seen)
		}
	}
	if got := Environ(nil, []string{"PATH"}); len(got) != 0 {
		t.Errorf("from nothing: %q", got)
	}
}

// O-10: what is written down of a command has no credentials in its URLs.
func TestO10_Recorded(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]string{
		"https://alice:secret@example.com/x@y":      "https://example.com/x@y",
		"--from=git+ssh://token@example.com/a":      "--from=git+ssh://example.com/a",
		"a https://t@one.example b ftp://u:p@two.x": "a https://one.example b ftp://two.x",
		"https://example.com/a@b":                   "https://example.com/a@b",
		"alice@example.com":                         "alice@example.com",
	} {
		if got := recorded([]string{in}); got[0] != want {
			t.Errorf("%s is written down as %s, expected %s", in, got[0], want)
		}
	}
}
