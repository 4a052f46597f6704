// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/promotion"
)

// place is a destination that holds something open.
type place interface {
	promotion.Destination
	close()
}

// destination reads --dest. It names a tag, never a digest: the digest is that of what is promoted.
func (p *promoteOptions) destination() (subject.Ref, error) {
	ref, err := subject.Parse(p.dest)
	if err != nil {
		return ref, usagef("--dest: %w", err)
	}
	switch {
	case !ref.Digest.IsZero():
		return ref, usagef("--dest %s names a digest: expected a tag, or a folder; what is promoted keeps its own digest", p.dest)
	case ref.Scheme == subject.Registry && p.destStore != "":
		return ref, usagef("--dest-store goes with a folder: in a registry, evidence lies beside the image")
	case ref.Scheme == subject.Registry, ref.Scheme == subject.OCILayout, ref.Scheme == subject.File:
		return ref, nil
	}
	return ref, usagef("--dest %s: expected HOST/REPOSITORY:TAG, oci-layout:FOLDER, or file:PATH", p.dest)
}

// place opens the destination for what is promoted.
func (p *promoteOptions) place(ctx context.Context, a *app, dest subject.Ref, res *subject.Resolved) (place, error) {
	if dest.Scheme == subject.File {
		if res.Ref.Scheme != subject.File {
			return nil, usagef("%s can't be copied to %s: expected a file: subject", res.Ref, p.dest)
		}
		return p.filePlace(a, dest, res)
	}
	from, done, err := a.content(res)
	if err != nil {
		return nil, err
	}
	image, err := oci.ReadImage(ctx, from, res.Subject.Digest.Primary())
	if err != nil {
		done()
		return nil, err
	}
	if dest.Scheme == subject.Registry {
		return p.registryPlace(a, dest, image, done)
	}
	return &layoutPlace{options: p.options, dir: a.path(dest.Path), name: "oci-layout:" + filepath.ToSlash(dest.Path), storeName: p.storeBeside(dest.Path), image: image, done: done}, nil
}

// content is where an image that is promoted lies.
func (a *app) content(res *subject.Resolved) (oci.Content, func(), error) {
	switch res.Ref.Scheme { //nolint:exhaustive // the rest is told below
	case subject.Registry:
		r, err := a.remote(res.Location)
		if err != nil {
			return nil, nil, err
		}
		from, ok := r.(oci.Content)
		if !ok {
			return nil, nil, fmt.Errorf("%s can't be copied from", res.Location)
		}
		return from, func() {}, nil
	case subject.OCILayout:
		l, err := oci.OpenLayout(a.path(res.Ref.Path), false)
		if err != nil {
			return nil, nil, err
		}
		return l, func() { _ = l.Close() }, nil
	}
	return nil, nil, usagef("%s can't be copied: expected an image in a registry or an OCI layout, or a file\nhint: promote without --dest to sign the promotion alone", res.Ref)
}

func (p *promoteOptions) storeBeside(dest string) string {
	if p.destStore != "" {
		return p.destStore
	}
	return filepath.Join(filepath.Dir(filepath.Clean(dest)), defaultStore)
}

// registryPlace is a tag of a registry.
type registryPlace struct {
	*app
	repo  *registry.Repository
	tag   string
	image oci.Image
	done  func()
}

func (p *promoteOptions) registryPlace(a *app, dest subject.Ref, image oci.Image, done func()) (place, error) {
	repo, err := p.repository(dest.Path)
	if err != nil {
		done()
		return nil, err
	}
	return &registryPlace{a, repo.Direct(), dest.Tag, image, done}, nil
}

func (r *registryPlace) close()             { r.done() }
func (r *registryPlace) Name() string       { return r.repo.Name() }
func (r *registryPlace) Repository() string { return r.repo.Name() }
func (r *registryPlace) Tag() string        { return r.repo.Name() + ":" + r.tag }

func (r *registryPlace) Holder(ctx context.Context) (attest.Digest, error) {
	return r.named(ctx, r.tag)
}

// named is what a tag means, by the content that the registry gives for it.
func (r *registryPlace) named(ctx context.Context, tag string) (attest.Digest, error) {
	m, err := r.repo.Manifest(ctx, tag)
	if registry.IsNotFound(err) {
		return attest.Digest{}, nil
	}
	return m.Digest, err
}

func (r *registryPlace) Before(ctx context.Context) (string, attest.Digest, error) {
	if gate.Version(r.tag) == "" {
		return "", attest.Digest{}, nil
	}
	tags, err := r.repo.Tags(ctx, "")
	if registry.IsNotFound(err) { // nothing was pushed there yet
		return "", attest.Digest{}, nil
	}
	before := gate.VersionBefore(r.tag, tags)
	if err != nil || before == "" {
		return "", attest.Digest{}, err
	}
	d, err := r.named(ctx, before)
	return r.repo.Name() + ":" + before, d, err
}

func (r *registryPlace) Missing(ctx context.Context) (oci.Copied, error) {
	return r.image.Missing(ctx, r.repo)
}
func (r *registryPlace) Blobs(ctx context.Context) (oci.Copied, error) {
	return r.image.CopyBlobs(ctx, r.repo)
}
func (r *registryPlace) Manifests(ctx context.Context) (oci.Copied, error) {
	return r.image.PutManifests(ctx, r.repo)
}
func (r *registryPlace) Verify(ctx context.Context, whole bool) error {
	return r.image.Verify(ctx, r.repo, whole)
}
func (r *registryPlace) Switch(ctx context.Context) error { return r.image.Tag(ctx, r.repo, r.tag) }

func (r *registryPlace) Open() (attest.Store, error) {
	return oci.Open(r.repo, oci.Options{Now: r.now, Warn: r.say, Att: r.attached, Bundle: sigstore.FromAnnotations}), nil
}

// layoutPlace is a folder with one image.
type layoutPlace struct {
	*options
	dir, name, storeName string
	image                oci.Image
	layout               *oci.Layout
	done                 func()
}

func (l *layoutPlace) close() {
	if l.layout != nil {
		_ = l.layout.Close()
	}
	l.done()
}
func (l *layoutPlace) Name() string       { return l.name }
func (l *layoutPlace) Repository() string { return "" }
func (l *layoutPlace) Tag() string        { return l.name }

// open opens the folder; it is nil where there is none yet and none is to be made.
func (l *layoutPlace) open(create bool) (*oci.Layout, error) {
	if _, err := os.Lstat(l.dir); errors.Is(err, fs.ErrNotExist) && !create {
		return nil, nil //nolint:nilnil // nothing there is an answer
	}
	if l.layout == nil {
		layout, err := oci.OpenLayout(l.dir, create)
		if err != nil {
			return nil, err
		}
		l.layout = layout
	}
	return l.layout, nil
}

func (l *layoutPlace) Holder(context.Context) (attest.Digest, error) {
	there, err := l.open(false)
	if err != nil || there == nil {
		return attest.Digest{}, err
	}
	return there.Holds()
}

func (l *layoutPlace) Before(context.Context) (string, attest.Digest, error) {
	return "", attest.Digest{}, nil
}

func (l *layoutPlace) Missing(ctx context.Context) (oci.Copied, error) {
	there, err := l.open(false)
	if err != nil {
		return oci.Copied{}, err
	}
	if there == nil {
		return l.image.Whole(), nil
	}
	return l.image.Missing(ctx, there)
}

func (l *layoutPlace) Blobs(ctx context.Context) (oci.Copied, error) {
	there, err := l.open(true)
	if err != nil {
		return oci.Copied{}, err
	}
	return l.image.CopyBlobs(ctx, there)
}
func (l *layoutPlace) Manifests(ctx context.Context) (oci.Copied, error) {
	return l.image.PutManifests(ctx, l.layout)
}
func (l *layoutPlace) Verify(ctx context.Context, whole bool) error {
	return l.image.Verify(ctx, l.layout, whole)
}
func (l *layoutPlace) Switch(ctx context.Context) error { return l.image.Tag(ctx, l.layout, "") }

func (l *layoutPlace) Open() (attest.Store, error) {
	return (&app{options: l.options}).openStore(l.storeName)
}

// filePlace is a file. It is written aside, under a name of its own, and renamed at the end.
type filePlace struct {
	*options
	from, path, name, storeName string
	want                        attest.Digest
	size                        int64
	mode                        fs.FileMode
}

func (p *promoteOptions) filePlace(a *app, dest subject.Ref, res *subject.Resolved) (place, error) {
	from := a.path(res.Ref.Path)
	info, err := os.Stat(from)
	if err != nil {
		return nil, err
	}
	path := dest.Path
	if there, err := os.Stat(a.path(path)); err == nil && there.IsDir() {
		path = filepath.Join(path, filepath.Base(from))
	}
	return &filePlace{options: p.options, from: from, path: a.path(path), name: "file:" + filepath.ToSlash(path), storeName: p.storeBeside(path), want: res.Subject.Digest.Primary(), size: info.Size(), mode: info.Mode().Perm()}, nil
}

func (f *filePlace) close()             { _ = os.Remove(f.aside()) }
func (f *filePlace) Name() string       { return f.name }
func (f *filePlace) Repository() string { return "" }
func (f *filePlace) Tag() string        { return f.name }

func (f *filePlace) aside() string {
	return filepath.Join(filepath.Dir(f.path), "."+filepath.Base(f.path)+"."+f.want.Hex[:12]+".sealock")
}

// digest is that of a file, zero if there is none.
func (f *filePlace) digest(ctx context.Context, path string) (attest.Digest, error) {
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		return attest.Digest{}, nil
	}
	res, err := subject.Resolve(ctx, subject.Ref{Scheme: subject.File, Path: path}, subject.Options{})
	if err != nil {
		return attest.Digest{}, err
	}
	return res.Subject.Digest.Primary(), nil
}

func (f *filePlace) Holder(ctx context.Context) (attest.Digest, error) { return f.digest(ctx, f.path) }
func (f *filePlace) Before(context.Context) (string, attest.Digest, error) {
	return "", attest.Digest{}, nil
}

func (f *filePlace) Missing(ctx context.Context) (oci.Copied, error) {
	if now, err := f.Holder(ctx); err != nil || now == f.want {
		return oci.Copied{Present: 1}, err
	}
	return oci.Copied{Blobs: 1, Bytes: f.size}, nil
}

func (f *filePlace) Blobs(ctx context.Context) (oci.Copied, error) {
	if now, err := f.digest(ctx, f.aside()); err == nil && now == f.want {
		return oci.Copied{Present: 1}, nil
	}
	if err := os.MkdirAll(filepath.Dir(f.path), 0o755); err != nil { //nolint:gosec // artifacts are public
		return oci.Copied{}, err
	}
	in, err := os.Open(f.from)
	if err != nil {
		return oci.Copied{}, err
	}
	defer in.Close()
	if err := f.write(f.aside(), true, func(w io.Writer) error { _, err := io.Copy(w, in); return err }); err != nil {
		return oci.Copied{}, err
	}
	err = os.Chmod(f.aside(), f.mode)
	return oci.Copied{Blobs: 1, Bytes: f.size}, err
}

func (f *filePlace) Manifests(context.Context) (oci.Copied, error) { return oci.Copied{}, nil }

func (f *filePlace) Verify(ctx context.Context, _ bool) error {
	got, err := f.digest(ctx, f.aside())
	if err == nil && got != f.want {
		err = &promotion.StateError{Code: promotion.CodeIncomplete, Detail: fmt.Sprintf("the copy is %s, expected %s: it changed while it was copied", got, f.want)}
	}
	return err
}

func (f *filePlace) Open() (attest.Store, error) {
	return (&app{options: f.options}).openStore(f.storeName)
}

func (f *filePlace) Switch(context.Context) error { return os.Rename(f.aside(), f.path) }
