// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"net"
	"net/netip"
	"net/url"
	"regexp"
	"strings"
	"sync"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/sealock-dev/sealock/attest"
)

// Names of repositories as the OCI distribution specification 1.1 has them.
var repositoryForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*(/[a-z0-9]+((\.|_|__|-+)[a-z0-9]+)*)*$`)
})

// maxTag is the length of a tag, in bytes.
const maxTag = 128

// isTag reports whether s is a tag as that specification has it: [a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}. As a regular expression it would take longer to
// compile than some commands run.
func isTag(s string) bool {
	for i, c := range []byte(s) {
		word := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_'
		if !word && (i == 0 || c != '.' && c != '-') {
			return false
		}
	}
	return s != "" && len(s) <= maxTag
}

// Docker Hub has several names. It is shown as dockerHub, and asked at dockerAPI.
const (
	dockerHub = "docker.io"
	dockerAPI = "index.docker.io"
	dockerKey = "https://index.docker.io/v1/" // its name in Docker's configuration
)

// ParseName reads host/path and gives both in their one spelling: the host in lower case, Docker Hub as docker.io with the path
// written out. The host must be written out.
func ParseName(s string) (host, path string, err error) {
	host, path, ok := strings.Cut(s, "/")
	if _, after, found := strings.Cut(host, "@"); found { // what stands before it may be a password
		return "", "", fail(Malformed, "repository …@%.200q: expected HOST/PATH without user and password", after).
			hint("log in with 'docker login', or name a file with --registry-config")
	}
	if !ok || host != "localhost" && !strings.ContainsAny(host, ".:") {
		return "", "", fail(Malformed, "repository %.200q: expected HOST/PATH with the host written out", s)
	}
	host = hubAlias(strings.ToLower(host))
	if host == dockerHub && !strings.Contains(path, "/") {
		path = "library/" + path
	}
	if _, err := name.NewRepository(host+"/"+path, name.StrictValidation); err != nil {
		return "", "", fail(Malformed, "repository %.200q", s).because(err)
	}
	if !repositoryForm().MatchString(path) {
		return "", "", fail(Malformed, "repository %.200q: the path %.200q is not one that registries know", s, path).
			hint("lower-case letters and digits, with . _ - between them, in parts separated by /")
	}
	return host, path, nil
}

// ParseImageName reads a name without digest as container runtimes do: where the host is not written out it is Docker Hub, and what stands behind the last
// colon is a tag, which may be empty.
func ParseImageName(s string) (host, path, tag string, tagged bool, err error) {
	if at := strings.LastIndexByte(s, ':'); at > strings.LastIndexByte(s, '/') {
		s, tag, tagged = s[:at], s[at+1:], true
	}
	first, _, deeper := strings.Cut(s, "/")
	if !deeper || first != "localhost" && !strings.ContainsAny(first, ".:") {
		s = dockerHub + "/" + s
	}
	host, path, err = ParseName(s)
	return host, path, tag, tagged, err
}

// hubAlias is the one name of a host that has several.
func hubAlias(host string) string {
	switch host {
	case dockerAPI, "registry-1.docker.io", "registry.hub.docker.com":
		return dockerHub
	}
	return host
}

// apiHost is where a host's API is.
func apiHost(host string) string {
	if host == dockerHub {
		return dockerAPI
	}
	return host
}

// checkRef tells tags from digests, and refuses what is neither.
func checkRef(ref string) (d attest.Digest, err error) {
	if strings.Contains(ref, ":") {
		if d, err = attest.ParseDigest(ref); err != nil {
			return d, fail(Malformed, "reference").because(err)
		}
		_, err = hasher(d)
		return d, err
	}
	if !isTag(ref) {
		return d, fail(Malformed, "tag %.200q is not one that registries know", ref).hint("letters, digits and . _ -, at most 128")
	}
	return d, nil
}

// isLoopbackName reports whether a host[:port] can only mean this machine.
func isLoopbackName(host string) bool {
	h := hostname(host)
	if h == "localhost" || strings.HasSuffix(h, ".localhost") {
		return true
	}
	ip, err := netip.ParseAddr(h)
	return err == nil && ip.Unmap().IsLoopback()
}

// hostname is host[:port] without port and brackets.
func hostname(host string) string {
	u := url.URL{Host: host}
	return strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")
}

// address is the host:port that an address leads to.
func address(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if u.Scheme == "http" {
			port = "80"
		}
	}
	return net.JoinHostPort(hostname(u.Host), port)
}
