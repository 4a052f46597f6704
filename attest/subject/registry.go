// SPDX-License-Identifier: Apache-2.0

package subject

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// Remote reads from one repository of a registry. Manifests are hashed again here; Blob must hold what it writes against the
// descriptor, as registry.Repository does.
type Remote interface {
	Manifest(ctx context.Context, ref string) (registry.Manifest, error)
	Blob(ctx context.Context, d registry.Descriptor, w io.Writer) error
}

// remote is a Registry subject.
type remote struct {
	from   *remoteOrigin
	ref    Ref
	top    *manifest
	images []*manifest // what is scanned, in the order of Platforms
}

// resolveRegistry reads the manifest once: by tag where one is named, and then only the digest counts.
func resolveRegistry(ctx context.Context, r *Resolved, opt Options) error {
	if opt.Registry == nil {
		return fail(Unsupported, "no registry can be reached from here").hint("save the image as an OCI layout and name it oci-layout:DIR")
	}
	host, path, err := registry.ParseName(r.Ref.Path)
	if err != nil {
		return fromRegistry(err)
	}
	name := host + "/" + path
	source, err := opt.Registry(name)
	if err != nil {
		return fromRegistry(err)
	}
	from := &remoteOrigin{source: source, read: map[attest.Digest]*manifest{}}
	top, err := from.named(ctx, r.Ref)
	if err != nil {
		return err
	}
	images, err := describe(ctx, r, from, name, top)
	if err != nil {
		return err
	}
	r.Location = name
	r.Created = parseTime(top.annotations[annotationCreated])
	r.content = &remote{from: from, ref: r.Ref, top: top, images: images}
	return nil
}

// remoteOrigin reads the manifests of one repository, each once.
type remoteOrigin struct {
	source Remote

	mu   sync.Mutex
	read map[attest.Digest]*manifest
}

// named reads what a reference names, now.
func (o *remoteOrigin) named(ctx context.Context, ref Ref) (*manifest, error) {
	at := ref.Tag
	if at == "" {
		at = ref.Digest.String()
	}
	got, err := o.source.Manifest(ctx, at)
	if registry.IsNotFound(err) { // most likely a wrong name; that a part of an image is missing leaves the answer open
		return nil, fail(NotFound, "in the registry").because(err).hint("check the name and the tag; some registries say so where a login is needed")
	}
	if err != nil {
		return nil, fromRegistry(err)
	}
	found := attest.SHA256(got.Raw)
	switch {
	case ref.Digest.IsZero() || found == ref.Digest:
	case ref.Tag != "":
		return nil, fail(TagMoved, "the tag %s names %s, the reference says %s", ref.Tag, found, ref.Digest).
			hint("the tag was moved: leave it out to mean the digest, or find out who moved it")
	default:
		return nil, fail(DigestMismatch, "expected %s, found content of %s", ref.Digest, found).hint("the registry changed it; don't trust it")
	}
	m, err := parseManifest(got.Raw, got.MediaType)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", found, err)
	}
	if m.index {
		return m, o.ahead(ctx, m)
	}
	return m, nil
}

// ahead reads the manifests of an index side by side. What fails is read again, and reported, in its turn.
func (o *remoteOrigin) ahead(ctx context.Context, index *manifest) error {
	var g errgroup.Group
	g.SetLimit(fetchAtOnce)
	for i := range min(len(index.manifests), MaxManifests) {
		g.Go(func() error {
			_, err := o.manifest(ctx, &index.manifests[i])
			if CodeOf(err) == "" && err != nil {
				return err // the registry can't be read: no use in asking again
			}
			return nil
		})
	}
	return g.Wait()
}

func (o *remoteOrigin) manifest(ctx context.Context, d *descriptor) (*manifest, error) {
	want, err := d.parse()
	if err != nil {
		return nil, err
	}
	if *d.Size > MaxManifest {
		return nil, fail(Limit, "manifest %s has %d bytes, limit %d", want, *d.Size, MaxManifest)
	}
	o.mu.Lock()
	m := o.read[want]
	o.mu.Unlock()
	var raw []byte
	if m != nil {
		raw = m.raw
	} else {
		got, err := o.source.Manifest(ctx, want.String())
		if err != nil {
			return nil, fromRegistry(err)
		}
		raw = got.Raw
	}
	if found := attest.SHA256(raw); found != want {
		return nil, fail(DigestMismatch, "expected %s, found content of %s", want, found).hint("the registry changed it; don't trust it")
	}
	if int64(len(raw)) != *d.Size {
		return nil, fail(DigestMismatch, "manifest %s has %d bytes, its descriptor says %d", want, len(raw), *d.Size)
	}
	m, err = parseManifest(raw, d.MediaType)
	if err != nil {
		return nil, fmt.Errorf("manifest %s: %w", want, err)
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	o.read[want] = m
	return m, nil
}

// rehash reads a tag again: it must still name the same. Behind a digest nothing can change.
func (c *remote) rehash(ctx context.Context) (attest.DigestSet, error) {
	found := attest.SHA256(c.top.raw)
	if c.ref.Tag != "" {
		now, err := c.from.source.Manifest(ctx, c.ref.Tag)
		if err != nil {
			return nil, fromRegistry(err)
		}
		found = attest.SHA256(now.Raw)
	}
	return attest.DigestSet{found.Algorithm: found.Hex}, nil
}

// verify reads every blob of every image and holds it against its descriptor.
func (c *remote) verify(ctx context.Context) error {
	return c.blobs(ctx, func(ctx context.Context, d registry.Descriptor) error {
		return c.from.source.Blob(ctx, d, io.Discard)
	})
}

// fromRegistry gives errors about the subject itself the codes of this package. One that only says that the registry could not be
// asked, or is none, stays what it is: nothing is known about the subject then.
func fromRegistry(err error) error {
	var e *registry.Error
	if !errors.As(err, &e) {
		return err
	}
	var code Code
	switch e.Code {
	case registry.DigestMismatch:
		code = DigestMismatch
	case registry.Limit:
		code = Limit
	case registry.Unsupported:
		if e.Status >= http.StatusBadRequest { // the registry fails; the image may be sound
			return err
		}
		code = Unsupported
	default:
		return err
	}
	cause := *e
	cause.Hint = ""
	return fail(code, "in the registry").because(&cause).hint("%s", e.Hint)
}
