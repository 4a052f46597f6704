// SPDX-License-Identifier: Apache-2.0

package sbom

import (
	"regexp"
	"sync"

	"github.com/anchore/packageurl-go"
)

// CanonicalPURL is a package URL in the one form that is compared: lower-case type, qualifiers sorted, characters escaped as the
// specification (https://github.com/package-url/purl-spec) says, and no login data in it. What is no package URL is given back without
// login data.
func CanonicalPURL(s string) string {
	if s == "" {
		return ""
	}
	if p, err := packageurl.FromString(s); err == nil {
		s = p.ToString()
	}
	return string(redact([]byte(s)))
}

// userinfo is the login part of a URL, plain or percent-encoded as in a package URL's qualifiers.
var (
	userinfo        = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([A-Za-z][A-Za-z0-9+.-]*://)[^/@\s"\\?#]+@`) })
	encodedUserinfo = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`(?i)((?:%3A|:)%2F%2F)(?:[^/%@\s"\\?&#]|%3A)+(?:%40|@)`)
	})
)

// redact takes login data out of every URL in b.
func redact(b []byte) []byte {
	return encodedUserinfo().ReplaceAll(userinfo().ReplaceAll(b, []byte("$1")), []byte("$1"))
}
