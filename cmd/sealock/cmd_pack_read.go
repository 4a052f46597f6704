// SPDX-License-Identifier: Apache-2.0

package main

import (
	"archive/tar"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/promotion"
)

// Bounds on a pack.
const (
	maxPackFiles = 100_000
	maxPackBytes = 160 << 30 // an image at its own bound, and what comes with it
)

// packNames are the names that files of a pack may have. Nothing else of the archive reaches the file system.
var packNames = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\A(pack\.sigstore\.json|trusted_root\.json|policy\.tar\.gz(\.sigstore\.json)?|image/(oci-layout|index\.json|blobs/sha256/[0-9a-f]{64})|` +
		`evidence/[A-Za-z0-9]{1,20}-[0-9a-f]{1,128}/[0-9a-f]{64}\.[0-9a-f]{16}\.sigstore\.json|file/[^/\\\x00-\x1f\x7f]{1,255})\z`)
})

func badPack(format string, args ...any) error {
	return &attest.Reject{Code: promotion.CodePack, Detail: "the pack " + fmt.Sprintf(format, args...)}
}

// digester hashes what is written to it.
type digester struct{ hash.Hash }

func newHash() digester { return digester{sha256.New()} }

func (d digester) digest() attest.Digest {
	return attest.Digest{Algorithm: "sha256", Hex: hex.EncodeToString(d.Sum(nil))}
}

// unpacked is a pack in a folder of its own.
type unpacked struct {
	dir   string
	files map[string]predicate.PackFile
}

// unpack writes the files of a pack to an empty folder, each once, and hashes them.
func unpack(ctx context.Context, r io.Reader, dir string) (*unpacked, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	u := &unpacked{dir: dir, files: map[string]predicate.PackFile{}}
	left := int64(maxPackBytes)
	for t := tar.NewReader(r); ; {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return u, nothingMore(r)
		}
		if err != nil {
			return nil, badPack("is no sound tar archive: %v", err)
		}
		_, twice := u.files[h.Name]
		switch {
		case h.Typeflag != tar.TypeReg || !packNames().MatchString(h.Name) || path.Base(h.Name) == "..":
			return nil, badPack("holds %.200q, which no pack does", h.Name)
		case isSparse(h):
			return nil, badPack("holds %.200q with holes, so that a small pack would fill the disk", h.Name)
		case twice:
			return nil, badPack("holds %q twice", h.Name)
		case len(u.files) == maxPackFiles || h.Size > left:
			return nil, badPack("has more than %d files or %d bytes", maxPackFiles, int64(maxPackBytes))
		}
		left -= h.Size
		sum := newHash()
		if err := extract(root, h.Name, io.TeeReader(t, sum)); err != nil {
			return nil, fmt.Errorf("unpacking %s: %w", h.Name, err)
		}
		u.files[h.Name] = predicate.PackFile{Path: h.Name, Digest: sum.digest().String(), Size: h.Size}
	}
}

// isSparse reports whether a file is said to be larger than what the archive holds of it.
func isSparse(h *tar.Header) bool {
	for name := range h.PAXRecords {
		if strings.HasPrefix(name, "GNU.sparse.") {
			return true
		}
	}
	return false
}

// nothingMore refuses what lies behind the end of an archive, where other programs might look for files.
func nothingMore(r io.Reader) error {
	buf := make([]byte, 32<<10)
	for {
		n, err := r.Read(buf)
		if len(bytes.Trim(buf[:n], "\x00")) > 0 {
			return badPack("goes on behind its end")
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("reading the pack: %w", err)
		}
	}
}

func extract(root *os.Root, name string, r io.Reader) error {
	if err := root.MkdirAll(path.Dir(name), 0o700); err != nil {
		return err
	}
	f, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return err
	}
	_, err = io.Copy(f, r)
	return errors.Join(err, f.Close())
}

// runPack promotes from a pack. Its policy counts only if the signer who is named here signed it; everything else then counts by that policy.
func (p *promoteOptions) runPack(ctx context.Context, args []string) error {
	switch {
	case len(args) > 0:
		return usagef("--from-pack names the artifact: leave %s out", args[0])
	case p.dest == "":
		return usagef("nothing to copy to: give --dest HOST/REPOSITORY:TAG")
	case p.env == "":
		return usagef("no environment: give --to")
	case p.policy == "" && !p.policySigner.given():
		return usagef("which policy decides? name your own with --policy, or who must have signed the one in the pack: --policy-key, or --policy-identity and --policy-issuer")
	}
	tmp, err := os.MkdirTemp("", "sealock-pack-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	f, err := os.Open(p.path(p.pack))
	if err != nil {
		return usagef("reading the pack: %w", err)
	}
	u, err := unpack(ctx, f, tmp)
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	own := p.policy != ""
	if !own {
		p.policy = filepath.Join(tmp, packPolicy)
	}
	p.store = filepath.Join(tmp, packEvidence)
	a, err := p.open(ctx, false, false)
	if err != nil {
		return err
	}
	stated, ref, err := a.verifyPack(ctx, u)
	if err != nil {
		return err
	}
	if !own {
		a.gate.Policy.URI = stated.Policy.URI
	}
	return p.transact(ctx, a, []string{ref}, true)
}

// verifyPack holds a pack against its signed list, which somebody must have signed who may promote to the environment, or who signed the policy. It gives
// the reference of the artifact in it.
func (a *app) verifyPack(ctx context.Context, u *unpacked) (predicate.Pack, string, error) {
	var p predicate.Pack
	raw, err := a.readFile(filepath.Join(u.dir, packIndex), attest.MaxBundle, "list of the pack")
	if err != nil {
		return p, "", badPack("has no signed list")
	}
	e, err := a.packSigner(ctx, raw)
	if err != nil {
		return p, "", err
	}
	st := e.Statement()
	if err := predicate.Decode(st, &p); err != nil || st.PredicateType != predicate.TypePack {
		return p, "", badPack("has a list of type %.100q that is none: %v", st.PredicateType, err)
	}
	if p.Environment != a.env {
		return p, "", badPack("was made for %q, not for %q", p.Environment, a.env)
	}
	if err := u.holds(p.Files); err != nil {
		return p, "", err
	}
	ref, err := u.artifact(st)
	if err != nil {
		return p, "", err
	}
	return p, ref, a.sayAge(p, e)
}

// packSigner verifies who signed the list.
func (a *app) packSigner(ctx context.Context, bundle []byte) (attest.Evidence, error) {
	e, err := a.gate.Verifier.Verify(ctx, bundle)
	if err == nil && a.gate.Policy.MaySign(e.Signer(), a.gate.Policy.Environments[a.env].PromotedBy) {
		return e, nil
	}
	pinned, pinErr := a.pinnedSigner()
	if pinErr != nil {
		return e, pinErr
	}
	if pinned != nil {
		if again, againErr := pinned.verifier.Verify(ctx, bundle); againErr == nil && pinned.is(again.Signer()) {
			return again, nil
		}
	}
	switch {
	case err != nil && attest.RejectCode(err) == "":
		return e, fmt.Errorf("verifying the pack: %w", err)
	case err != nil:
		return e, badPack("is not signed by anybody whom the policy knows: %v", err)
	}
	return e, badPack("is signed by %s, who may not promote to %s: expected one of %s", a.gate.Policy.NameOf(e.Signer()), a.env, strings.Join(a.gate.Policy.Environments[a.env].PromotedBy, ", "))
}

// holds compares the files with the list: each is what it says, none is missing, none is there besides.
func (u *unpacked) holds(files []predicate.PackFile) error {
	listed := map[string]bool{packIndex: true}
	for _, f := range files {
		got, there := u.files[f.Path]
		switch {
		case listed[f.Path]:
			return badPack("has a list that names %.200q twice", f.Path)
		case !there:
			return badPack("lacks %.200q", f.Path)
		case got != f:
			return badPack("holds something else as %q: expected %s, found %s", f.Path, f.Digest, got.Digest)
		}
		listed[f.Path] = true
	}
	for name := range u.files {
		if !listed[name] {
			return badPack("holds %q, which its list does not name", name)
		}
	}
	return nil
}

// artifact is how what was packed is named.
func (u *unpacked) artifact(st attest.Statement) (string, error) {
	if len(st.Subject) == 0 {
		return "", badPack("has a list about nothing")
	}
	if _, image := u.files[packImage+"/index.json"]; image {
		return "oci-layout:" + filepath.Join(u.dir, packImage) + "@sha256:" + st.Subject[0].Digest["sha256"], nil
	}
	for name, f := range u.files {
		if strings.HasPrefix(name, packFile+"/") && f.Digest == "sha256:"+st.Subject[0].Digest["sha256"] {
			return "file:" + filepath.Join(u.dir, filepath.FromSlash(name)), nil
		}
	}
	return "", badPack("does not hold the artifact that its list is about")
}

// sayAge says how old a pack is, and what may be out of date in it. How old evidence may be is for the policy to say.
func (a *app) sayAge(p predicate.Pack, e attest.Evidence) error {
	created, err := time.Parse(time.RFC3339, p.Created)
	now := a.now()
	if err != nil || created.After(now.Add(maxSkew)) {
		return badPack("was made at %.40q, which is yet to come\nhint: check this machine's clock", p.Created)
	}
	a.say("pack of %s by %s, %s old; evidence from %s to %s", p.Artifact, a.gate.Policy.NameOf(e.Signer()), packAge(now.Sub(created)), p.Evidence.Oldest, p.Evidence.Newest)
	if d := a.gate.Policy.Describe(); d != p.Policy.Policy {
		a.say("the policy that decides is version %d, that of the pack is version %d", d.Version, p.Policy.Version)
	}
	if root, _ := a.trustDigest(); root != "" && root != p.TrustRoot && a.gate.Policy.Trust.Sigstore != gate.TrustNone {
		a.say("certificates are verified by another trusted root than when it was packed; the pack holds %s", packRoot)
	}
	return nil
}

// trustDigest names what certificates are verified by.
func (a *app) trustDigest() (string, error) {
	root, err := a.rootOf(a.gate.Policy.TrustedRoot())
	if err != nil {
		return "", err
	}
	return root.Digest().String(), nil
}

// packAge is how old a pack is, as people say it.
func packAge(d time.Duration) string {
	switch {
	case d < time.Hour:
		return fmt.Sprintf("%d minutes", int(d.Minutes()))
	case d < 48*time.Hour:
		return fmt.Sprintf("%d hours", int(d.Hours()))
	}
	return fmt.Sprintf("%d days", int(d.Hours()/24))
}
