// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"path/filepath"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/scanners"
)

// Options is where and how references are resolved.
type Options struct {
	Dir     string   // base of relative paths, and the folder whose Git repository is meant; empty is the working directory
	Exclude []string // paths (relative to Dir, or absolute) that are no part of dir: subjects, and that Git need not track: the store, declared outputs
	Own     []string // sealock's own files, which Git need not track yet
	Env     []string // environment in which git is found and run; only PATH, HOME and a few others are passed on

	Registry func(repository string) (Remote, error) // gives the repository HOST/PATH; nil: registry subjects are an error
}

// Resolved is a subject whose digests are known.
type Resolved struct {
	Ref        Ref            // complete: its scheme is known
	Subject    attest.Subject // what was named
	Index      bool           // the subject is an OCI index
	Platforms  []Platform     // Index: the images in it, in order
	Skipped    []Skipped      // Index: manifests that are no images to scan
	Created    time.Time      // from the content (commit time, image configuration), zero if it says nothing; Registry: known after Sources
	Notes      []string       // what a reader should know
	Materials  []attest.ResourceDescriptor
	URI        string // Git: git+https://…@refs/…, without credentials; empty if there is no remote
	Location   string // Registry: host/path where the subject lies, in its one spelling; this is what a policy's repositories are held against
	Repository string // image name that the content claims; never decides
	Tag        string // tag that the content claims; never decides

	content content
}

// Platform is one image of an index.
type Platform struct {
	Digest  attest.Digest
	Name    string // title and platform, for people
	Subject attest.Subject
}

// Skipped is a manifest of an index that needs no evidence of its own, and why.
type Skipped struct {
	Digest attest.Digest
	Why    string
}

// content is what lies behind a resolved subject.
type content interface {
	rehash(ctx context.Context) (attest.DigestSet, error)
	verify(ctx context.Context) error
	sources(ctx context.Context, tmp string, r *Resolved) ([]scanners.Source, error)
}

// Resolve finds the digests of what a reference names. An Error in the chain has a code that says what is wrong.
func Resolve(ctx context.Context, ref Ref, opt Options) (*Resolved, error) {
	base, err := filepath.Abs(opt.Dir)
	if err != nil {
		return nil, err
	}
	opt.Dir = base
	full, err := ref.Complete(base)
	if err != nil {
		return nil, about(ref, err)
	}
	r := &Resolved{Ref: full}
	switch full.Scheme {
	case Git:
		err = resolveGit(ctx, r, opt)
	case Dir:
		err = resolveFolder(ctx, r, opt)
	case File:
		err = resolveFile(ctx, r, opt)
	case OCILayout:
		err = resolveLayout(ctx, r, opt)
	case DockerArchive:
		err = resolveArchive(ctx, r, opt)
	case Registry:
		err = resolveRegistry(ctx, r, opt)
	default:
		err = fail(Unsupported, "scheme %q is not known", full.Scheme).hint("write one of: %s", spellings)
	}
	if err != nil {
		return nil, about(full, err)
	}
	if err := r.Subject.Digest.Validate(); err != nil {
		return nil, about(full, err)
	}
	return r, nil
}

// Subjects is the subject itself and then its platforms' subjects.
func (r *Resolved) Subjects() []attest.Subject {
	out := []attest.Subject{r.Subject}
	for _, p := range r.Platforms {
		out = append(out, p.Subject)
	}
	return out
}

// Leaves is what is scanned: the platforms, or the subject itself where there are none.
func (r *Resolved) Leaves() []attest.Subject {
	if len(r.Platforms) == 0 {
		return []attest.Subject{r.Subject}
	}
	return r.Subjects()[1:]
}

// Rehash computes the digests of the subject again, from where it lies now. A Git revision is looked up again, and if it is what the
// work tree has checked out, tracked files that differ from it are a DirtyTree error (files that were not there before are not:
// a build makes some).
func (r *Resolved) Rehash(ctx context.Context) (attest.DigestSet, error) {
	set, err := r.content.rehash(ctx)
	return set, about(r.Ref, err)
}

// Verify reads all content of the subject and holds it against the subject's digests.
func (r *Resolved) Verify(ctx context.Context) error { return about(r.Ref, r.content.verify(ctx)) }

// Sources gives scanners the content, verified: one Source for each of Leaves, in that order. A Git subject and an image of a
// registry are written to a fresh folder below tmp, which the caller removes.
func (r *Resolved) Sources(ctx context.Context, tmp string) ([]scanners.Source, error) {
	s, err := r.content.sources(ctx, tmp, r)
	return s, about(r.Ref, err)
}

// same reports as an error that digests differ from what was resolved.
func same(ctx context.Context, c content, want attest.DigestSet) error {
	got, err := c.rehash(ctx)
	if err != nil {
		return err
	}
	for _, d := range want.Digests() {
		if got[d.Algorithm] != d.Hex {
			return fail(Changed, "changed since it was resolved: %s was %s and is %s", d.Algorithm, d.Hex, got[d.Algorithm]).hint("let nothing write there while sealock runs")
		}
	}
	return nil
}
