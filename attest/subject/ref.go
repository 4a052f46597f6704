// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-containerregistry/pkg/name"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Scheme is the kind of thing that a reference names.
type Scheme string

// The schemes. Auto is a reference without one: Complete finds out by looking at what lies there.
const (
	Auto          Scheme = ""
	Git           Scheme = "git"
	File          Scheme = "file"
	Dir           Scheme = "dir"
	OCILayout     Scheme = "oci-layout"
	DockerArchive Scheme = "docker-archive"
	Registry      Scheme = "registry"
)

const registryPrefix = "oci://"

// Ref is a subject as a person names it. The zero Ref names nothing.
type Ref struct {
	Scheme Scheme
	Path   string        // the path; the revision of Git; host/repository of Registry
	Tag    string        // Registry
	Digest attest.Digest // OCILayout and Registry: the manifest that is meant
	Bare   bool          // Registry: written without oci://, so a path of that name would be ambiguous
}

const spellings = "git:REV, dir:PATH, file:PATH, oci-layout:DIR[@sha256:…], docker-archive:FILE, HOST/REPOSITORY:TAG or …@sha256:…"

// Parse reads a reference. It looks at nothing but the string.
func Parse(s string) (Ref, error) {
	if err := checkText(s); err != nil {
		return Ref{}, err
	}
	scheme, rest, found := strings.Cut(s, ":")
	if !found {
		scheme = ""
	}
	switch {
	case strings.HasPrefix(s, registryPrefix):
		return parseRegistry(s, strings.TrimPrefix(s, registryPrefix), false)
	case scheme == string(Git):
		if rest == "" || rest[0] == '-' {
			return Ref{}, bad(s, "expected a revision after git:").hint("for example git:HEAD")
		}
		return Ref{Scheme: Git, Path: rest}, nil
	case scheme == string(File), scheme == string(Dir), scheme == string(DockerArchive):
		if rest == "" {
			return Ref{}, bad(s, "expected a path after "+scheme+":")
		}
		return Ref{Scheme: Scheme(scheme), Path: rest}, nil
	case scheme == string(OCILayout):
		return parseLayout(s, rest)
	}
	if looksRegistry(s) {
		return parseRegistry(s, s, true)
	}
	return Ref{Path: s}, nil
}

// String is the reference in the form that Parse reads.
func (r Ref) String() string {
	s := r.Path
	switch r.Scheme {
	case Auto:
	case Registry:
		if !r.Bare {
			s = registryPrefix + s
		}
		if r.Tag != "" {
			s += ":" + r.Tag
		}
	default:
		s = string(r.Scheme) + ":" + s
	}
	if !r.Digest.IsZero() {
		s += "@" + r.Digest.String()
	}
	return s
}

func checkText(s string) error {
	switch {
	case s == "":
		return fail(Malformed, "no subject is named").hint("write one of: %s", spellings)
	case len(s) > MaxRef:
		return fail(Limit, "reference has %d bytes, limit %d", len(s), MaxRef)
	case !utf8.ValidString(s) || strings.IndexFunc(s, unicode.IsControl) >= 0:
		return bad(s, "control characters or invalid UTF-8")
	}
	return nil
}

func bad(s, detail string) *Error {
	return fail(Malformed, "reference %.200q: %s", s, detail).hint("write one of: %s", spellings)
}

// splitDigest cuts "@sha256:…" off the end.
func splitDigest(s string) (rest string, d attest.Digest, err error) {
	i := strings.LastIndex(s, "@sha256:")
	if i < 0 {
		return s, attest.Digest{}, nil
	}
	d, err = attest.ParseDigest(s[i+1:])
	if err != nil {
		return "", attest.Digest{}, err
	}
	return s[:i], d, nil
}

func parseLayout(s, rest string) (Ref, error) {
	path, d, err := splitDigest(rest)
	if err != nil {
		return Ref{}, bad(s, "after @").because(err)
	}
	if path == "" {
		return Ref{}, bad(s, "expected a folder after oci-layout:")
	}
	return Ref{Scheme: OCILayout, Path: path, Digest: d}, nil
}

// looksRegistry reports whether a reference without a scheme is host/repository: the host has a dot or a port, or is localhost.
func looksRegistry(s string) bool {
	host, rest, ok := strings.Cut(s, "/")
	if !ok || rest == "" || host == "" || host[0] == '.' {
		return false
	}
	if host != "localhost" && !strings.ContainsAny(host, ".:") {
		return false
	}
	_, err := parseRegistry(s, s, true)
	return err == nil
}

func parseRegistry(s, rest string, bare bool) (Ref, error) {
	repo, d, err := splitDigest(rest)
	if err != nil {
		return Ref{}, bad(s, "after @").because(err)
	}
	r := Ref{Scheme: Registry, Path: repo, Digest: d, Bare: bare}
	if i := strings.LastIndexByte(repo, ':'); i > strings.LastIndexByte(repo, '/') {
		r.Path, r.Tag = repo[:i], repo[i+1:]
		if _, err := name.NewTag("localhost/x:"+r.Tag, name.StrictValidation); err != nil {
			return Ref{}, bad(s, "the tag").because(err)
		}
	}
	host, _, ok := strings.Cut(r.Path, "/")
	if !ok || host != "localhost" && !strings.ContainsAny(host, ".:") {
		return Ref{}, bad(s, "expected HOST/REPOSITORY with the host written out")
	}
	if _, _, err := registry.ParseName(r.Path); err != nil {
		return Ref{}, bad(s, "the repository").because(err)
	}
	if r.Tag == "" && d.IsZero() {
		return Ref{}, bad(s, "expected a tag or a digest after the repository")
	}
	return r, nil
}
