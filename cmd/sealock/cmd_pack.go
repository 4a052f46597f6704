// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

// Names within a pack.
const (
	packIndex    = "pack.sigstore.json" // the signed list of all else
	packPolicy   = "policy.tar.gz"
	packRoot     = "trusted_root.json"
	packImage    = "image"
	packEvidence = "evidence"
	packFile     = "file"
)

func packCommand(opt *options) *cobra.Command {
	var to string
	cmd := &cobra.Command{
		Use:   "pack [SUBJECT] --env ENV --to FILE",
		Short: "Write an artifact, its evidence and the policy to one signed file, for where there is no network",
		Long: `Write one tar archive with an artifact (an image of a registry or an OCI layout, or a file), all the evidence behind it, the policy as it was built and
signed, and the trusted root. A signed list names every file in it by digest. Only what may enter the environment is packed, and only who may promote
to it signs the pack.

On the other side, 'sealock promote --from-pack' verifies the list, every file, and then everything as ever: the pack itself is believed in nothing.`,
		Example: "  sealock pack registry.acme.io/dev/shop:1.4 --env prod --to shop.pack.tar --policy oci://registry.acme.io/policies/shop:current --policy-key policy.pub --key release.key",
		Args:    cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			a, err := opt.open(ctx, false, false, args...)
			if err != nil {
				return err
			}
			return a.pack(ctx, args, to)
		},
	}
	opt.environmentFlag(cmd, "environment that it is packed for")
	cmd.Flags().StringVar(&to, "to", "", "file to write")
	return cmd
}

// packed is one file of a pack.
type packed struct {
	name   string
	digest attest.Digest
	size   int64
	write  func(ctx context.Context, w io.Writer) error
}

func (a *app) pack(ctx context.Context, refs []string, to string) error {
	if to == "" {
		return usagef("no file to write: give --to")
	}
	ref, err := a.toPromote(refs)
	if err != nil {
		return err
	}
	d, res, err := a.decideOne(ctx, ref, a.env, gate.Enter)
	if err != nil {
		return err
	}
	if d.Verdict != gate.Allowed {
		return a.conclude([]gate.Decision{d}, []string{ref})
	}
	signer, err := a.signAs("pack for "+a.env, a.gate.Policy.Environments[a.env].PromotedBy)
	if err != nil {
		return err
	}
	if err := stage.Unlock(ctx, signer); err != nil {
		return fmt.Errorf("signing the pack: %w", err)
	}
	if !a.gate.Policy.MaySign(signer.Identity(), a.gate.Policy.Environments[a.env].PromotedBy) {
		return &attest.Reject{Code: gate.CodeNotPromoter, Detail: fmt.Sprintf("%s may not pack for %s: expected one of %s", a.gate.Policy.NameOf(signer.Identity()), a.env, strings.Join(a.gate.Policy.Environments[a.env].PromotedBy, ", "))}
	}
	files, done, err := a.packFiles(ctx, res)
	if err != nil {
		return err
	}
	defer done()
	p, err := a.describePack(d, res, files)
	if err != nil {
		return err
	}
	e, err := stage.Sign(ctx, a.gate.Verifier, signer, predicate.TypePack, p, res.Subjects()...)
	if err != nil {
		return fmt.Errorf("signing the pack: %w", err)
	}
	files = append([]packed{inMemory(packIndex, e.Bundle())}, files...)
	if err := a.write(to, true, func(w io.Writer) error { return writePack(ctx, w, files) }); err != nil {
		return fmt.Errorf("writing %s: %w", to, err)
	}
	a.say("packed %s for %s: %d files in %s, signed by %s", res.Subject, a.env, len(files), to, a.gate.Policy.NameOf(signer.Identity()))
	return a.conclude([]gate.Decision{d}, []string{ref})
}

// describePack is the list that is signed.
func (a *app) describePack(d gate.Decision, res *subject.Resolved, files []packed) (predicate.Pack, error) {
	p := predicate.Pack{Created: predicate.Time(a.now()), Environment: a.env, Artifact: res.Subject.Name, TrustRoot: d.TrustRoot,
		Policy: predicate.PackPolicy{URI: a.gate.Policy.URI, Policy: a.gate.Policy.Describe()}}
	for _, in := range d.Inputs {
		at := in.Time.Value
		if p.Evidence.Oldest == "" || at < p.Evidence.Oldest {
			p.Evidence.Oldest = at
		}
		p.Evidence.Newest = max(p.Evidence.Newest, at)
	}
	if len(files) > maxPackFiles {
		return p, fmt.Errorf("the pack would have %d files, limit %d", len(files), maxPackFiles)
	}
	for _, f := range files {
		p.Files = append(p.Files, predicate.PackFile{Path: f.name, Digest: f.digest.String(), Size: f.size})
	}
	return p, nil
}

func inMemory(name string, content []byte) packed {
	return packed{name, attest.SHA256(content), int64(len(content)), func(_ context.Context, w io.Writer) error { _, err := w.Write(content); return err }}
}

// packFiles are the files of a pack but for its index.
func (a *app) packFiles(ctx context.Context, res *subject.Resolved) ([]packed, func(), error) {
	files, err := a.packPolicy(ctx)
	if err != nil {
		return nil, nil, err
	}
	evidence, err := a.packEvidence(ctx, res)
	if err != nil {
		return nil, nil, err
	}
	content, done, err := a.packContent(ctx, res)
	return slices.Concat(files, evidence, content), done, err
}

// packPolicy is the policy as it was built, with its signature, or built now from a folder; and the trusted root, where it is not in the policy.
func (a *app) packPolicy(ctx context.Context) ([]packed, error) {
	raw, err := a.policyToPack(ctx)
	if err != nil {
		return nil, err
	}
	out := []packed{inMemory(packPolicy, raw.content)}
	if len(raw.signatures) > 0 {
		out = append(out, inMemory(packPolicy+signatureSuffix, raw.signatures[0]))
	}
	if root := a.gate.Policy.TrustedRoot(); root != nil {
		out = append(out, inMemory(packRoot, root))
	} else if _, state, err := a.updatedRoot(); err == nil && a.gate.Policy.Trust.Sigstore != gate.TrustNone {
		out = append(out, inMemory(packRoot, state.TrustedRoot))
	}
	return out, nil
}

// policyToPack is the bundle by which it was decided if its signer is pinned, else the one that lies there, or one built now of a folder.
func (a *app) policyToPack(ctx context.Context) (policyBundle, error) {
	if len(a.signed.content) > 0 {
		return a.signed, nil
	}
	uri, _, err := a.policyURI()
	if err != nil {
		return policyBundle{}, err
	}
	if info, err := os.Stat(a.path(uri)); err != nil || !info.IsDir() {
		return a.policyBundle(ctx, uri, true)
	}
	built, _, err := gate.BuildPolicy(a.path(uri), a.loadOptions())
	if err != nil {
		return policyBundle{}, usageError{err}
	}
	a.say("the policy in the pack is not signed: whoever promotes from it has to name one with --policy\nhint: 'sealock policy build' and 'sealock policy sign' make one that travels")
	return policyBundle{content: built}, nil
}

// packEvidence is all evidence that the artifact's chain reaches, laid out as a folder of evidence.
func (a *app) packEvidence(ctx context.Context, res *subject.Resolved) ([]packed, error) {
	found, rejected, err := a.gatherAll(ctx, a.gate.Store, []gate.Request{stage.Request(res)})
	if err != nil {
		return nil, err
	}
	a.sayRejected(rejected)
	tmp, err := os.MkdirTemp("", "sealock-pack-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	store, err := a.openStore(filepath.Join(tmp, packEvidence))
	if err != nil {
		return nil, err
	}
	for _, e := range found {
		if err := store.Put(ctx, e); err != nil {
			return nil, fmt.Errorf("packing evidence: %w", err)
		}
	}
	var out []packed
	err = fs.WalkDir(os.DirFS(tmp), packEvidence, func(name string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() || !strings.HasSuffix(name, signatureSuffix) {
			return err
		}
		content, err := os.ReadFile(filepath.Join(tmp, filepath.FromSlash(name)))
		if err == nil {
			out = append(out, inMemory(name, content))
		}
		return err
	})
	return out, err
}

// packContent is the artifact itself.
func (a *app) packContent(ctx context.Context, res *subject.Resolved) ([]packed, func(), error) {
	if res.Ref.Scheme == subject.File {
		file := a.path(res.Ref.Path)
		info, err := os.Stat(file)
		if err != nil {
			return nil, nil, err
		}
		digest := attest.Digest{Algorithm: "sha256", Hex: res.Subject.Digest["sha256"]}
		return []packed{{path.Join(packFile, filepath.Base(file)), digest, info.Size(), func(_ context.Context, w io.Writer) error {
			f, err := os.Open(file)
			if err != nil {
				return err
			}
			defer f.Close()
			_, err = io.Copy(w, f)
			return err
		}}}, func() {}, nil
	}
	from, done, err := a.content(res)
	if err != nil {
		return nil, nil, err
	}
	image, err := oci.ReadImage(ctx, from, res.Subject.Digest.Primary())
	if err != nil {
		done()
		return nil, nil, err
	}
	top := image.Top()
	index, err := json.Marshal(struct {
		SchemaVersion int                   `json:"schemaVersion"`
		MediaType     string                `json:"mediaType"`
		Manifests     []registry.Descriptor `json:"manifests"`
	}{2, registry.TypeIndex, []registry.Descriptor{top.Descriptor()}})
	if err != nil {
		done()
		return nil, nil, err
	}
	out := []packed{inMemory(packImage+"/oci-layout", []byte(`{"imageLayoutVersion":"1.0.0"}`)), inMemory(packImage+"/index.json", index)}
	for _, m := range image.Manifests {
		out = append(out, inMemory(packImage+"/blobs/sha256/"+m.Digest.Hex, m.Raw))
	}
	for _, b := range image.Blobs {
		out = append(out, packed{packImage + "/blobs/sha256/" + b.Digest.Hex, b.Digest, b.Size, func(ctx context.Context, w io.Writer) error { return from.Blob(ctx, b, w) }})
	}
	return out, done, nil
}

// writePack writes the archive; what does not have the digest that was signed ends it.
func writePack(ctx context.Context, w io.Writer, files []packed) error {
	t := tar.NewWriter(w)
	for _, f := range files {
		if err := t.WriteHeader(&tar.Header{Typeflag: tar.TypeReg, Name: f.name, Mode: 0o644, Size: f.size, Format: tar.FormatPAX}); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		h := newHash()
		if err := f.write(ctx, io.MultiWriter(t, h)); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
		if got := h.digest(); got != f.digest {
			return fmt.Errorf("%s changed while it was packed: expected %s, found %s", f.name, f.digest, got)
		}
		if err := t.Flush(); err != nil {
			return fmt.Errorf("%s: %w", f.name, err)
		}
	}
	return t.Close()
}
