// SPDX-License-Identifier: Apache-2.0

package registry

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// PutBlob stores content, unless the registry has it already. mediaType goes into the descriptor only: blobs have none in a registry.
func (r *Repository) PutBlob(ctx context.Context, content []byte, mediaType string) (Descriptor, error) {
	d := Descriptor{MediaType: mediaType, Digest: attest.SHA256(content), Size: int64(len(content))}
	op := "storing blob " + d.Digest.String() + " in " + r.name
	err := r.repeat(ctx, func() error {
		has, err := r.hasBlob(ctx, op, d)
		if err != nil || has {
			return err
		}
		return r.upload(ctx, op, d, content)
	})
	if err != nil {
		return Descriptor{}, err
	}
	return d, nil
}

func (r *Repository) hasBlob(ctx context.Context, op string, d Descriptor) (bool, error) {
	a, err := r.deliver(ctx, call{op: op, method: http.MethodHead, path: "/v2/" + r.path + "/blobs/" + d.Digest.String(), actions: actPush})
	if err != nil {
		return false, about(err, op, nil)
	}
	defer a.body.end()
	switch a.status {
	case http.StatusOK:
		return true, nil
	case http.StatusNotFound, http.StatusMethodNotAllowed:
		return false, nil
	}
	return false, about(r.failure(ctx, a), op, a.url)
}

// upload is a POST that opens an upload and a PUT with all of the content.
func (r *Repository) upload(ctx context.Context, op string, d Descriptor, content []byte) error {
	to, _, err := r.begin(ctx, op, "", actPush)
	if err != nil {
		return err
	}
	q := call{op: op, method: http.MethodPut, to: withDigest(to, d), body: content, actions: actPush, header: http.Header{"Content-Type": {"application/octet-stream"}},
		budget: r.client.small + time.Duration(d.Size/MinRate)*time.Second}
	if content == nil {
		q.body = []byte{}
	}
	a, err := r.deliver(ctx, q)
	if err != nil {
		return about(err, op, nil)
	}
	return r.stored(ctx, a, op, d.Digest)
}

// stored ends a PUT: the registry must have stored what was sent.
func (r *Repository) stored(ctx context.Context, a *answer, op string, want attest.Digest) error {
	switch a.status {
	case http.StatusCreated, http.StatusOK, http.StatusNoContent:
	default:
		return about(r.failure(ctx, a), op, a.url)
	}
	a.close()
	if got := a.header.Get("Docker-Content-Digest"); got != "" && got != want.String() {
		return about(fail(DigestMismatch, "sent %s, the registry stored %.100s", want, printable(got, 100)), op, a.url)
	}
	return nil
}

// PutManifest stores a manifest under a tag, or under its digest.
func (r *Repository) PutManifest(ctx context.Context, ref, mediaType string, raw []byte) (Descriptor, error) {
	op := "storing manifest " + ref + " in " + r.name
	d := Descriptor{MediaType: mediaType, Digest: attest.SHA256(raw), Size: int64(len(raw))}
	want, err := checkRef(ref)
	switch {
	case err != nil:
		return Descriptor{}, about(err, op, nil)
	case !want.IsZero() && want != d.Digest:
		return Descriptor{}, about(fail(DigestMismatch, "the content is %s", d.Digest), op, nil)
	case len(raw) > MaxManifest:
		return Descriptor{}, about(fail(Limit, "the manifest has %d bytes, limit %d", len(raw), MaxManifest), op, nil)
	}
	q := call{op: op, method: http.MethodPut, path: "/v2/" + r.path + "/manifests/" + url.PathEscape(ref), body: raw, actions: actPush,
		header: http.Header{"Content-Type": {mediaType}}}
	err = r.repeat(ctx, func() error {
		a, err := r.deliver(ctx, q)
		if err != nil {
			return about(err, op, nil)
		}
		return r.stored(ctx, a, op, d.Digest)
	})
	if err != nil {
		return Descriptor{}, err
	}
	return d, nil
}

// Delete removes a manifest, or a tag.
func (r *Repository) Delete(ctx context.Context, ref string) error {
	op := "deleting " + ref + " of " + r.name
	if _, err := checkRef(ref); err != nil {
		return about(err, op, nil)
	}
	return r.repeat(ctx, func() error {
		a, err := r.deliver(ctx, call{op: op, method: http.MethodDelete, path: "/v2/" + r.path + "/manifests/" + ref, actions: actDelete})
		if err != nil {
			return about(err, op, nil)
		}
		switch a.status {
		case http.StatusAccepted, http.StatusOK, http.StatusNoContent:
			a.close()
			return nil
		}
		return about(r.failure(ctx, a), op, a.url)
	})
}
