// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"fmt"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
)

// MaxPolicyBundle bounds a policy bundle, in bytes as it is stored.
const MaxPolicyBundle = maxPolicyBytes

// BuildPolicy makes a bundle of a policy: one archive with its rules, parameters, keys, waivers and revocations, and with the gate's own rules as
// they are now, so that whoever enforces it judges by what was signed. The same policy gives the same bytes. It is loaded first: what
// does not load can't be built, and neither can what depends on keys of one user's folder.
func BuildPolicy(uri string, opt LoadOptions) (bundle []byte, p *Policy, err error) {
	files, err := policyFiles(uri)
	if err != nil {
		return nil, nil, err
	}
	for name := range files {
		if strings.HasPrefix(name, rules.SourcePrefix) {
			return nil, nil, fmt.Errorf("policy %s: %s: the folder %s is where the gate's rules are put when a policy is built", uri, name, rules.SourcePrefix)
		}
	}
	plain, err := ParsePolicy(uri, files, opt)
	if err != nil {
		return nil, nil, err
	}
	if names := plain.LocalKeys(); len(names) > 0 {
		return nil, nil, fmt.Errorf("policy %s: identities %s have keys of this user's own folder, which nobody else has\nhint: put the public keys into keys/ of the policy", uri, list(names))
	}
	own, err := rules.Sources()
	if err != nil {
		return nil, nil, err
	}
	content := make(map[string][]byte, len(plain.Files)+len(own))
	for name := range plain.Files {
		content[name] = files[name]
	}
	for _, m := range own {
		content[m.Path] = m.Source
	}
	if bundle, err = packPolicy(content); err != nil {
		return nil, nil, err
	}
	opt.Origin.Signed = true // as it will be
	p, err = ParsePolicy(uri, content, opt)
	return bundle, p, err
}

// UnpackPolicy reads a bundle that was fetched. Whether its signature was verified is for opt.Origin to say.
func UnpackPolicy(uri string, bundle []byte, opt LoadOptions) (*Policy, error) {
	files, err := unpackPolicy(bytes.NewReader(bundle))
	if err != nil {
		return nil, fmt.Errorf("reading policy %s: %w", uri, err)
	}
	return ParsePolicy(uri, files, opt)
}

// Describe is what a signature on the policy's bundle states.
func (p *Policy) Describe() predicate.Policy {
	return predicate.Policy{Name: p.Name, Version: p.Version, Expires: rfc3339(p.Expires), Digest: p.Digest.String(), Rules: p.RulesDigest()}
}

// RulesDigest names the gate's rules by which the policy is judged.
func (p *Policy) RulesDigest() string { return p.rules.Digest() }

// CheckSigned holds a policy against what the statement about its bundle says, and both against the time and the least version that the enforcer
// demands. It is asked before anything is judged by the policy.
func (p *Policy) CheckSigned(stated predicate.Policy, at time.Time, minVersion int) error {
	reject := func(code, format string, args ...any) error {
		return &attest.Reject{Code: code, Detail: fmt.Sprintf("policy %s: ", p.Name) + fmt.Sprintf(format, args...)}
	}
	switch {
	case stated != p.Describe():
		return reject(CodePolicyIntegrity, "it is not what was signed: expected %+v, found %+v\nhint: build and sign it again", stated, p.Describe())
	case !at.Before(p.Expires):
		return reject(CodePolicyExpired, "it expired on %s\nhint: use a newer one, or review it, raise version and expires, and sign it again", rfc3339(p.Expires))
	case p.Version < minVersion:
		return reject(CodePolicyRollback, "expected version %d or later, found %d\nhint: use the current policy", minVersion, p.Version)
	}
	return nil
}

// packPolicy writes files as an archive in which nothing depends on when or where it was written.
func packPolicy(files map[string][]byte) ([]byte, error) {
	var b bytes.Buffer
	z, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		return nil, err
	}
	t := tar.NewWriter(z)
	for _, name := range sortedKeys(files) {
		if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: name, Mode: 0o644, Size: int64(len(files[name])), Format: tar.FormatPAX}); err != nil {
			return nil, fmt.Errorf("packing %s: %w", name, err)
		}
		if _, err := t.Write(files[name]); err != nil {
			return nil, fmt.Errorf("packing %s: %w", name, err)
		}
	}
	if err := t.Close(); err != nil {
		return nil, err
	}
	if err := z.Close(); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}
