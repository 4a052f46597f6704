// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"path"
	"regexp"
	"strings"
	"sync"
)

// allowed are the environment variables that a stage's command gets. Patterns are those of path.Match.
var allowed = []string{
	"PATH", "HOME", "USER", "LOGNAME", "SHELL", "LANG", "LC_*", "TZ", "TERM", "TMPDIR", "PWD", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_RUNTIME_DIR",
	"SOURCE_DATE_EPOCH", "CI", "SSL_CERT_FILE", "SSL_CERT_DIR", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy",
	"GOPATH", "GOROOT", "GOCACHE", "GOMODCACHE", "GOPROXY", "GOFLAGS", "GOTOOLCHAIN", "GONOSUMDB", "GONOPROXY", "GOPRIVATE", "GOSUMDB", "GOOS", "GOARCH", "GOAMD64", "GOARM", "GOEXPERIMENT", "GOTMPDIR",
	"CGO_ENABLED", "CC", "CXX", "CFLAGS", "CXXFLAGS", "LDFLAGS", "MAKEFLAGS", "JAVA_HOME", "MAVEN_OPTS", "GRADLE_USER_HOME", "NODE_OPTIONS", "NODE_ENV", "npm_config_*",
	"PYTHONPATH", "VIRTUAL_ENV", "PIP_INDEX_URL", "CARGO_HOME", "RUSTUP_HOME", "DOCKER_HOST", "DOCKER_CONFIG", "BUILDKIT_HOST", "SYSTEMROOT",
	"GITHUB_ACTIONS", "GITHUB_SHA", "GITHUB_REF", "GITHUB_REF_NAME", "GITHUB_REPOSITORY", "GITHUB_RUN_ID", "GITHUB_RUN_NUMBER", "GITHUB_WORKSPACE", "RUNNER_OS", "RUNNER_ARCH", "RUNNER_TEMP",
	"GITLAB_CI", "CI_COMMIT_*", "CI_PROJECT_PATH", "CI_PROJECT_DIR", "CI_PIPELINE_ID", "CI_JOB_ID",
}

// denied never reach a command, whatever the pipeline asks for: they sign, or get tokens that do.
var denied = []string{"COSIGN_*", "SEALOCK_*", "SIGSTORE_*", "ACTIONS_ID_TOKEN_REQUEST_*", "ACTIONS_RUNTIME_TOKEN"}

// Environ is the environment of a stage's command: what the allow-list and the stage's own list name, less what signs.
func Environ(environ, more []string) []string {
	var out []string
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		if (matches(allowed, name) || exactly(more, name)) && !IsSecret(name) {
			out = append(out, kv)
		}
	}
	return out
}

var userinfo = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([a-zA-Z][a-zA-Z0-9+.-]*://)[^/?#@\s"']*@`) })

// WithoutCredentials is a text without the user names and passwords of the URLs in it.
func WithoutCredentials(s string) string { return userinfo().ReplaceAllString(s, "$1") }

// recorded is a command as it is shown and written down: URLs in it lose their credentials.
func recorded(command []string) []string {
	var out []string
	for _, arg := range command {
		out = append(out, WithoutCredentials(arg))
	}
	return out
}

// IsSecret reports whether a variable signs or gets tokens that do.
func IsSecret(name string) bool { return matches(denied, name) }

func matches(patterns []string, name string) bool {
	for _, p := range patterns {
		if ok, err := path.Match(p, name); err == nil && ok {
			return true
		}
	}
	return false
}

func exactly(names []string, name string) bool {
	for _, n := range names {
		if n == name {
			return true
		}
	}
	return false
}
