// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// bundleView is what the commands about policy bundles print.
type bundleView struct {
	File     string `json:"file,omitempty"`
	Registry string `json:"registry,omitempty"`
	Manifest string `json:"manifest"` // the digest by which the bundle is named in a registry
	Signer   string `json:"signer,omitempty"`
	predicate.Policy
}

func (v bundleView) text(line func(string, ...any)) {
	line("policy %s, version %d, expires %s", v.Name, v.Version, v.Expires)
	line("  policy %s", v.Digest)
	line("  rules  %s", v.Rules)
	line("  bundle %s", v.Manifest)
	for _, s := range []struct{ name, value string }{{"file  ", v.File}, {"in    ", v.Registry}, {"signer", v.Signer}} {
		if s.value != "" {
			line("  %s %s", s.name, s.value)
		}
	}
}

func policyBuildCommand(opt *options) *cobra.Command {
	var to string
	cmd := &cobra.Command{Use: "build [FOLDER]", Short: "Make one file of a policy folder, to be signed and pushed", Args: cobra.MaximumNArgs(1),
		Long: `Make one file of a policy: policy.yaml, rules, keys, waivers and revocations, and the gate's own rules as this version brings them, so that whoever
enforces the policy judges by exactly what was signed. The same policy gives the same bytes. Without a folder, the policy that is named by --policy or
sealock.yaml is meant.`,
		Example: "  sealock policy build policy --to policy.tar.gz\n  sealock policy sign policy.tar.gz --key policy.key",
		RunE: func(_ *cobra.Command, args []string) error {
			folder, err := opt.policyFolder(args)
			if err != nil {
				return err
			}
			bundle, p, err := gate.BuildPolicy(opt.path(folder), opt.loadOptions())
			if err != nil {
				return usageError{err}
			}
			if err := opt.save(to, bundle); err != nil {
				return err
			}
			if err := os.Remove(opt.path(to + signatureSuffix)); err == nil {
				opt.say("removed %s, which belonged to what was there before", to+signatureSuffix)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return err
			}
			return opt.showPolicy(bundleView{File: to}, bundle, p)
		}}
	cmd.Flags().StringVar(&to, "to", "policy.tar.gz", "file to write")
	return cmd
}

// policyFolder is the folder that is meant.
func (o *options) policyFolder(args []string) (string, error) {
	if len(args) > 0 {
		return args[0], nil
	}
	uri, _, err := (&app{options: o, keys: &keyring{options: o}}).policyURI()
	return uri, err
}

func policySignCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "sign FILE --key KEY", Short: "Sign a policy that was built", Args: cobra.ExactArgs(1),
		Long: `Sign a policy that "sealock policy build" made. The signature, an in-toto statement in a Sigstore bundle, is written beside the file, with
` + signatureSuffix + ` behind its name. It states the policy's name, version, expiry and digests.`,
		Example: "  sealock policy sign policy.tar.gz --key policy.key",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return opt.signPolicy(ctx, args[0])
		}}
}

func (o *options) signPolicy(ctx context.Context, file string) error {
	raw, err := o.readPolicyFile(file)
	if err != nil {
		return err
	}
	signer, err := o.policyAuthor()
	if err != nil {
		return err
	}
	p, err := o.asIfSigned(file, raw.content)
	if err != nil {
		return err
	}
	if !o.now().Before(p.Expires) {
		return usagef("policy %s expired on %s: nobody would take it\nhint: review it, raise version and expires, and build it again", file, p.Expires.Format(time.RFC3339))
	}
	m, err := oci.PolicyManifest(raw.content)
	if err != nil {
		return err
	}
	payload, err := attest.EncodeStatement(predicate.TypePolicy, p.Describe(),
		attest.Subject{Name: filepath.Base(file), Digest: attest.DigestSet{"sha256": attest.SHA256(raw.content).Hex}},
		attest.Subject{Name: "policy/" + p.Name, Digest: attest.DigestSet{m.Digest.Algorithm: m.Digest.Hex}})
	if err != nil {
		return err
	}
	bundle, err := signer.Sign(ctx, payload)
	if err != nil {
		return fmt.Errorf("signing %s: %w", file, err)
	}
	if err := o.save(file+signatureSuffix, bundle); err != nil {
		return err
	}
	return o.showPolicy(bundleView{File: file, Signer: signer.Identity().String()}, raw.content, p)
}

// asIfSigned reads a bundle to look at it: who signed it, if anybody did, is not asked.
func (o *options) asIfSigned(uri string, content []byte) (*gate.Policy, error) {
	opt := o.loadOptions()
	opt.Origin.Signed = true
	return loaded(gate.UnpackPolicy(uri, content, opt))
}

// policyAuthor is who signs a policy: a key, or a certificate of the instance that --trusted-root names.
func (o *options) policyAuthor() (attest.Signer, error) {
	keys := &keyring{options: o}
	switch o.key {
	case "":
		return nil, usagef("no key to sign the policy: give --key FILE, a key management service, or keyless")
	case keylessRef:
		root, err := o.trustedRoot(o.policySigner.root)
		if err != nil {
			return nil, err
		}
		need := keylessNeed{logs: min(root.Logs(), 1)}
		if o.policySigner.root != "" {
			need.root = root
		}
		return keys.keyless(o.keyless, need)
	}
	return keys.signer(o.key)
}

func policyPushCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "push FILE oci://HOST/REPOSITORY:TAG", Short: "Store a signed policy in a registry", Args: cobra.ExactArgs(2),
		Long: `Store a signed policy in a registry, with its signature beside it. The tag is moved last, and never to an older version than it holds. Whoever
enforces names the policy by tag or digest, and who must have signed it.`,
		Example: "  sealock policy push policy.tar.gz oci://registry.acme.io/policies/shop:current\n" +
			"  sealock verify oci-layout:out/shop --env prod --policy oci://registry.acme.io/policies/shop:current --policy-key policy.pub",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return opt.pushPolicy(ctx, args[0], args[1])
		}}
}

func (o *options) pushPolicy(ctx context.Context, file, to string) error {
	raw, err := o.readPolicyFile(file)
	if err != nil {
		return err
	}
	p, e, err := o.trustedPolicy(ctx, file, raw)
	if err != nil {
		return err
	}
	ref, ok := strings.CutPrefix(to, registryStore)
	if !ok {
		return usagef("%s: expected oci://HOST/REPOSITORY:TAG", to)
	}
	store, tag, err := o.policyRepository(ref)
	if err != nil {
		return err
	}
	if strings.Contains(tag, ":") {
		return usagef("%s: expected a tag, found a digest", to)
	}
	if err := o.notOlder(ctx, store, tag, to, p); err != nil {
		return err
	}
	digest, err := store.PutPolicy(ctx, raw.content)
	if err != nil {
		return err
	}
	if err := store.Put(ctx, e); err != nil {
		return fmt.Errorf("storing the signature of the policy: %w", err)
	}
	if err := store.TagPolicy(ctx, tag, raw.content); err != nil {
		return err
	}
	return o.showPolicy(bundleView{File: file, Registry: strings.TrimSuffix(to, ":"+tag) + "@" + digest.String(), Signer: e.Signer().String()}, raw.content, p)
}

// trustedPolicy loads a policy that the signer who is named on the command line signed.
func (o *options) trustedPolicy(ctx context.Context, uri string, raw policyBundle) (*gate.Policy, attest.Evidence, error) {
	pinned, err := o.pinnedSigner()
	if err != nil {
		return nil, attest.Evidence{}, err
	}
	if pinned == nil {
		return nil, attest.Evidence{}, usagef("who must have signed the policy? give --policy-key, or --policy-identity and --policy-issuer")
	}
	return o.verifyPolicy(ctx, pinned, uri, raw, o.loadOptions())
}

// notOlder refuses to move a tag from a newer version of the policy to an older one, or to another policy. Who signed what lies there is not asked: a
// refusal is the safe side, and whoever may move the tag may delete it.
func (o *options) notOlder(ctx context.Context, store *oci.Store, tag, to string, p *gate.Policy) error {
	content, digest, err := store.Policy(ctx, tag, gate.MaxPolicyBundle)
	if err != nil || digest.IsZero() {
		return err
	}
	there, err := o.asIfSigned(to, content)
	if err != nil {
		return usagef("%s holds a policy that can't be read: %w\nhint: use another tag, or delete that one", to, err)
	}
	switch {
	case there.Name != p.Name:
		return usagef("%s holds policy %q, and this is %q\nhint: use another tag", to, there.Name, p.Name)
	case there.Version > p.Version:
		return &attest.Reject{Code: gate.CodePolicyRollback, Detail: fmt.Sprintf("%s holds version %d, and this is version %d\nhint: raise the version, build it and sign it again", to, there.Version, p.Version)}
	case there.Version == p.Version && there.Digest != p.Digest:
		return &attest.Reject{Code: gate.CodePolicyRollback, Detail: fmt.Sprintf("%s holds another policy of the same version %d\nhint: raise the version, build it and sign it again", to, p.Version)}
	}
	return nil
}

func policyPullCommand(opt *options) *cobra.Command {
	var to string
	cmd := &cobra.Command{Use: "pull oci://HOST/REPOSITORY:TAG", Short: "Fetch a signed policy from a registry", Args: cobra.ExactArgs(1),
		Long:    "Fetch a policy from a registry, verify who signed it, and write it with its signature to files. Nothing is written if it does not verify.",
		Example: "  sealock policy pull oci://registry.acme.io/policies/shop:current --policy-key policy.pub --to policy.tar.gz",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			ref, ok := strings.CutPrefix(args[0], registryStore)
			if !ok {
				return usagef("%s: expected oci://HOST/REPOSITORY:TAG", args[0])
			}
			raw, err := opt.fetchPolicy(ctx, ref, true)
			if err != nil {
				return err
			}
			p, e, err := opt.trustedPolicy(ctx, args[0], raw)
			if err != nil {
				return err
			}
			if err := opt.save(to+signatureSuffix, e.Bundle()); err != nil {
				return err
			}
			if err := opt.save(to, raw.content); err != nil {
				return err
			}
			return opt.showPolicy(bundleView{File: to, Signer: e.Signer().String()}, raw.content, p)
		}}
	cmd.Flags().StringVar(&to, "to", "policy.tar.gz", "file to write")
	return cmd
}

// showPolicy prints what is known of a bundle, with what it says of itself.
func (o *options) showPolicy(view bundleView, bundle []byte, p *gate.Policy) error {
	m, err := oci.PolicyManifest(bundle)
	if err != nil {
		return err
	}
	view.Manifest, view.Policy = m.Digest.String(), p.Describe()
	return o.renderValue(view, view.text)
}

func policyVerifyCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "verify FILE|oci://HOST/REPOSITORY:TAG", Short: "Verify who signed a policy, and that it is current", Args: cobra.ExactArgs(1),
		Long:    "Verify that a policy was signed by the signer that is named, that it is what was signed, has not expired, and is no older than --policy-min-version.",
		Example: "  sealock policy verify policy.tar.gz --policy-key policy.pub\n  sealock policy verify oci://registry.acme.io/policies/shop:current --policy-key policy.pub --policy-min-version 12",
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			raw, err := opt.policyBundle(ctx, args[0], true)
			if err != nil {
				return err
			}
			p, e, err := opt.trustedPolicy(ctx, args[0], raw)
			if err != nil {
				return err
			}
			return opt.showPolicy(bundleView{Signer: e.Signer().String()}, raw.content, p)
		}}
}
