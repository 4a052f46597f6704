// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

// policySignerFlags say who must have signed the policy. They come from whoever enforces it, never from the tree under judgement and never
// from the policy.
type policySignerFlags struct {
	key, identity, issuer, root string
}

func (f *policySignerFlags) register(cmd *cobra.Command) {
	p := cmd.PersistentFlags()
	p.StringVar(&f.key, "policy-key", "", "public key that must have signed the policy: a PEM file")
	p.StringVar(&f.identity, "policy-identity", "", "certificate subject that must have signed the policy, exactly")
	p.StringVar(&f.issuer, "policy-issuer", "", "OIDC issuer of --policy-identity, exactly")
	p.StringVar(&f.root, "trusted-root", "", "trusted_root.json for the policy's signature (default: the public-good instance)")
}

func (f *policySignerFlags) given() bool { return f.key != "" || f.identity != "" || f.issuer != "" }

// policySigner verifies signatures on policies by one pinned signer.
type policySigner struct {
	verifier *attest.Verifier
	is       func(attest.Identity) bool
	name     string
}

// pinnedSigner reads the flags. Nil: nobody is pinned.
func (o *options) pinnedSigner() (*policySigner, error) {
	f := o.policySigner
	switch {
	case !f.given():
		return nil, nil
	case f.key != "" && (f.identity != "" || f.issuer != ""):
		return nil, usagef("--policy-key and --policy-identity exclude each other: a policy is signed with one or the other")
	case f.key == "" && (f.identity == "" || f.issuer == ""):
		return nil, usagef("expected --policy-identity and --policy-issuer together\nhint: an identity without its issuer could come from anybody's issuer")
	case f.key != "":
		return o.pinnedKey(f.key)
	}
	root, err := o.trustedRoot(f.root)
	if err != nil {
		return nil, err
	}
	trust := sigstore.Trust{Root: root, Logs: min(root.Logs(), 1), SCT: root.CertificateLogs() > 0, KeyTimes: true}
	if trust.Logs == 0 {
		trust.Timestamps = 1
	}
	s := &policySigner{name: f.identity + " (" + f.issuer + ")", is: func(i attest.Identity) bool { return i.Key == "" && i.Issuer == f.issuer && i.Subject == f.identity }}
	return s, s.open(nil, trust)
}

func (o *options) pinnedKey(file string) (*policySigner, error) {
	pem, err := o.readFile(file, maxKeyFile, "policy key")
	if err != nil {
		return nil, err
	}
	key, id, err := parseKey(pem)
	if err != nil {
		return nil, usagef("policy key %s: %w", file, err)
	}
	s := &policySigner{name: "key " + file, is: func(i attest.Identity) bool { return i.Key == id }}
	return s, s.open([]crypto.PublicKey{key})
}

func (s *policySigner) open(keys []crypto.PublicKey, trust ...sigstore.Trust) error {
	auth, err := sigstore.NewAuthenticator(keys, trust...)
	if err != nil {
		return usageError{err}
	}
	s.verifier, err = attest.NewVerifier(auth)
	return err
}

// signed finds the statement of the pinned signer about a policy among the bundles beside it. None: the policy is refused, and each says why.
func (s *policySigner) signed(ctx context.Context, uri string, about attest.Digest, bundles [][]byte) (attest.Evidence, error) {
	var why []string
	for _, b := range bundles {
		e, err := s.verifier.Verify(ctx, b)
		switch {
		case err != nil && attest.RejectCode(err) == "":
			return e, fmt.Errorf("verifying the signature of policy %s: %w", uri, err)
		case err != nil:
			why = append(why, err.Error())
		case !s.is(e.Signer()):
			why = append(why, "one is by "+e.Signer().String())
		case e.Statement().PredicateType != predicate.TypePolicy:
			why = append(why, "one is no statement about a policy but "+e.Statement().PredicateType)
		case !e.Statement().About(attest.DigestSet{about.Algorithm: about.Hex}):
			why = append(why, "one is about another policy")
		default:
			return e, nil
		}
	}
	if len(bundles) == 0 {
		why = []string{"there is no signature"}
	}
	return attest.Evidence{}, refusedPolicy(uri, "expected a signature by %s: %s\nhint: sign it with 'sealock policy sign', or name the right signer", s.name, strings.Join(why, "; "))
}

func refusedPolicy(uri, format string, args ...any) error {
	return &attest.Reject{Code: gate.CodePolicyIntegrity, Detail: "policy " + uri + ": " + fmt.Sprintf(format, args...)}
}

// openPolicy loads a policy from where it lies. If a signer is pinned, nothing of the policy is read before its signature was verified, and one that is
// altered, expired or too old is refused before anything is judged by it. The bundle that was verified is given too, with the signature that counted.
func (o *options) openPolicy(ctx context.Context, uri string, opt gate.LoadOptions) (*gate.Policy, policyBundle, error) {
	pinned, err := o.pinnedSigner()
	if err != nil {
		return nil, policyBundle{}, err
	}
	if pinned == nil {
		p, err := o.unpinnedPolicy(ctx, uri, opt)
		return p, policyBundle{}, err
	}
	raw, err := o.policyBundle(ctx, uri, true)
	if err != nil {
		return nil, policyBundle{}, err
	}
	p, e, err := o.verifyPolicy(ctx, pinned, uri, raw, opt)
	if err != nil {
		return nil, policyBundle{}, err
	}
	p.URI = uri
	return p, policyBundle{raw.content, [][]byte{e.Bundle()}}, nil
}

// unpinnedPolicy loads a policy of which nobody says who must have signed it.
func (o *options) unpinnedPolicy(ctx context.Context, uri string, opt gate.LoadOptions) (p *gate.Policy, err error) {
	switch {
	case strings.HasPrefix(uri, registryStore):
		var raw policyBundle
		if raw, err = o.policyBundle(ctx, uri, false); err != nil {
			return nil, err
		}
		p, err = loaded(gate.UnpackPolicy(uri, raw.content, opt))
	case strings.Contains(uri, "://"):
		p, err = loaded(gate.LoadPolicy(uri, opt))
	default:
		p, err = loaded(gate.LoadPolicy(o.path(uri), opt))
	}
	if err != nil {
		return nil, err
	}
	p.URI = uri
	return p, nil
}

// verifyPolicy loads a bundle that the pinned signer signed, and gives the signature that says so.
func (o *options) verifyPolicy(ctx context.Context, pinned *policySigner, uri string, raw policyBundle, opt gate.LoadOptions) (*gate.Policy, attest.Evidence, error) {
	m, err := oci.PolicyManifest(raw.content)
	if err != nil {
		return nil, attest.Evidence{}, err
	}
	e, err := pinned.signed(ctx, uri, m.Digest, raw.signatures)
	if err != nil {
		return nil, e, err
	}
	var stated predicate.Policy
	if err := predicate.Decode(e.Statement(), &stated); err != nil {
		return nil, e, refusedPolicy(uri, "its signed description can't be read: %v", err)
	}
	opt.Origin.Signed = true
	p, err := loaded(gate.UnpackPolicy(uri, raw.content, opt))
	if err != nil {
		return nil, e, err
	}
	return p, e, p.CheckSigned(stated, o.now().UTC(), o.minVersion)
}

// loadOptions are those of every policy; keys of the user's own folder are for those who add LocalKey.
func (o *options) loadOptions() gate.LoadOptions {
	return gate.LoadOptions{ParseKey: parseKey, TrustRoot: o.trustRoot, Timeout: ruleTimeout}
}

// loaded makes what is wrong with a policy a mistake of configuration.
func loaded(p *gate.Policy, err error) (*gate.Policy, error) {
	if err != nil && attest.RejectCode(err) == "" {
		err = usageError{err}
	}
	return p, err
}

// policyBundle is a policy as it was built, and the Sigstore bundles beside it.
type policyBundle struct {
	content    []byte
	signatures [][]byte
}

// signatureSuffix is what the signature's file is named after the policy's.
const signatureSuffix = ".sigstore.json"

// policyBundle reads a built policy from a file or a registry, with its signatures if they are asked for.
func (o *options) policyBundle(ctx context.Context, uri string, signed bool) (policyBundle, error) {
	if ref, ok := strings.CutPrefix(uri, registryStore); ok {
		return o.fetchPolicy(ctx, ref, signed)
	}
	return o.readPolicyFile(uri)
}

// readPolicyFile reads a built policy and, if it is there, the signature beside it.
func (o *options) readPolicyFile(file string) (policyBundle, error) {
	if info, err := os.Stat(o.path(file)); err == nil && info.IsDir() {
		return policyBundle{}, usagef("policy %s is a folder, which carries no signature\nhint: 'sealock policy build' and 'sealock policy sign' make one that does", file)
	}
	content, err := o.readFile(file, gate.MaxPolicyBundle, "policy")
	if err != nil {
		return policyBundle{}, err
	}
	out := policyBundle{content: content}
	if _, err := os.Stat(o.path(file + signatureSuffix)); errors.Is(err, fs.ErrNotExist) {
		return out, nil
	}
	sig, err := o.readFile(file+signatureSuffix, attest.MaxBundle, "policy signature")
	out.signatures = [][]byte{sig}
	return out, err
}

// fetchPolicy fetches a policy from a registry, with its signatures if they are asked for. A tag is resolved once.
func (o *options) fetchPolicy(ctx context.Context, ref string, signed bool) (policyBundle, error) {
	store, at, err := o.policyRepository(ref)
	if err != nil {
		return policyBundle{}, err
	}
	content, digest, err := store.Policy(ctx, at, gate.MaxPolicyBundle)
	if err == nil && digest.IsZero() {
		err = usagef("policy %s%s: there is no tag %s\nhint: 'sealock policy push' makes it", registryStore, ref, at)
	}
	if err != nil || !signed {
		return policyBundle{content: content}, err
	}
	stored, err := store.List(ctx, digest)
	if err != nil {
		return policyBundle{}, fmt.Errorf("looking for the signature of policy %s: %w", ref, err)
	}
	out := policyBundle{content: content}
	for _, s := range stored {
		out.signatures = append(out.signatures, s.Bundle)
	}
	return out, nil
}

// policyRepository opens the repository of HOST/REPOSITORY:TAG or @DIGEST, and gives what comes after it.
func (o *options) policyRepository(ref string) (store *oci.Store, at string, err error) {
	parsed, err := subject.Parse(registryStore + ref)
	if err != nil || parsed.Scheme != subject.Registry {
		return nil, "", usagef("policy %s%s: expected HOST/REPOSITORY:TAG or HOST/REPOSITORY@sha256:…", registryStore, ref)
	}
	at = parsed.Tag
	if !parsed.Digest.IsZero() {
		at = parsed.Digest.String()
	}
	if at == "" {
		return nil, "", usagef("policy %s%s: expected a tag or digest behind the repository", registryStore, ref)
	}
	repo, err := o.repository(parsed.Path)
	if err != nil {
		return nil, "", err
	}
	return oci.Open(repo, oci.Options{Now: o.now, Warn: o.say}), at, nil
}
