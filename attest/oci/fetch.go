// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"context"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// contents is what evidence lists hold: manifests and bundles by the digest that was computed of them, so that what a list says can only be
// true or useless.
type contents struct {
	manifests map[attest.Digest]registry.Manifest
	parsed    map[attest.Digest]manifest
	blobs     map[attest.Digest][]byte
	bySubject map[attest.Digest][]attest.Digest // manifests by what they refer to
	covered   map[attest.Digest]coverage
}

// coverage says that a list holds all there was about a digest when it was written.
type coverage struct{ att attest.Digest }

func newContents() contents {
	return contents{manifests: map[attest.Digest]registry.Manifest{}, parsed: map[attest.Digest]manifest{}, blobs: map[attest.Digest][]byte{},
		bySubject: map[attest.Digest][]attest.Digest{}, covered: map[attest.Digest]coverage{}}
}

func (c contents) addManifest(m registry.Manifest, parsed manifest) {
	if _, there := c.manifests[m.Digest]; there {
		return
	}
	c.manifests[m.Digest], c.parsed[m.Digest] = m, parsed
	if subject := parsed.Subject; subject != nil {
		c.bySubject[subject.Digest] = append(c.bySubject[subject.Digest], m.Digest)
	}
}

// adopt takes over a list that was found sound.
func (s *Store) adopt(c contents) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for d, m := range c.manifests {
		s.list.addManifest(m, c.parsed[d])
	}
	for d, b := range c.blobs {
		s.list.blobs[d] = b
	}
	for d, cover := range c.covered {
		s.list.covered[d] = cover
	}
}

// coverage reports whether a list of another subject covers the digest.
func (s *Store) coverage(d attest.Digest) (coverage, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c, ok := s.list.covered[d]
	return c, ok
}

// claimed are the manifests of lists that refer to a target.
func (s *Store) claimed(target attest.Digest) []attest.Digest {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]attest.Digest(nil), s.list.bySubject[target]...)
}

// known gives a manifest that needs no request.
func (s *Store) known(d attest.Digest) (registry.Manifest, bool) {
	if m, ok := s.manifests.get(d); ok {
		return m, true
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	m, ok := s.list.manifests[d]
	return m, ok
}

// decoded gives a manifest as a list brought it, which was decoded then, or decodes it.
func (s *Store) decoded(m registry.Manifest) (manifest, error) {
	s.mu.Lock()
	w, ok := s.list.parsed[m.Digest]
	s.mu.Unlock()
	if ok {
		return w, nil
	}
	err := attest.DecodeJSON(m.Raw, &w)
	return w, err
}

// know remembers a manifest that came from the registry or was written there.
func (s *Store) know(m registry.Manifest) {
	s.manifests.set(m.Digest, func(registry.Manifest, bool) registry.Manifest { return m })
}

// manifest gives a manifest by digest, from a list or the registry.
func (s *Store) manifest(ctx context.Context, d attest.Digest) (registry.Manifest, error) {
	if m, ok := s.known(d); ok {
		return m, nil
	}
	return s.fetched(ctx, d)
}

// fetched gives a manifest that the registry has, whatever lists say.
func (s *Store) fetched(ctx context.Context, d attest.Digest) (registry.Manifest, error) {
	return s.manifests.do(ctx, d, func() (registry.Manifest, error) { return s.repo.Manifest(ctx, d.String()) })
}

// tagged gives what a tag names; a clean "not found" is the zero manifest.
func (s *Store) tagged(ctx context.Context, tag string) (registry.Manifest, error) {
	m, err := s.repo.Manifest(ctx, tag)
	if registry.IsNotFound(err) {
		return registry.Manifest{}, nil
	}
	if err == nil {
		s.know(m)
		s.met.Store(&tag)
	}
	return m, err
}

// lookup is tagged, without the request where a list of all tags shows that there is no such tag.
func (s *Store) lookup(ctx context.Context, tag string, tags tagLister) (registry.Manifest, error) {
	if !s.maybe(tag, tags) {
		return registry.Manifest{}, nil
	}
	return s.tagged(ctx, tag)
}

// blob gives the content of a layer.
func (s *Store) blob(ctx context.Context, d registry.Descriptor) ([]byte, error) {
	s.mu.Lock()
	b, ok := s.list.blobs[d.Digest]
	s.mu.Unlock()
	if ok {
		return b, nil
	}
	if b, ok := d.Inline(); ok {
		return b, nil
	}
	return s.blobs.do(ctx, blobKey{d.Digest, d.Size}, func() ([]byte, error) { return s.repo.ReadBlob(ctx, d, attest.MaxBundle) })
}

// putBlob uploads content once. It is not read again by this store: what others read is for another one to find out.
func (s *Store) putBlob(ctx context.Context, content []byte, mediaType string) (registry.Descriptor, error) {
	key := blobKey{attest.SHA256(content), int64(len(content))}
	return s.written.do(ctx, key, func() (registry.Descriptor, error) {
		d, err := s.repo.PutBlob(ctx, content, mediaType)
		if err == nil {
			s.blobs.set(key, func([]byte, bool) []byte { return content })
		}
		return d, err
	})
}
