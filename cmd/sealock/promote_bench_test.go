// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	client "github.com/sealock-dev/sealock/attest/registry"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
)

// BenchmarkCopyImage is an image of four platforms with 256 MB of layers that goes from one registry to another, as a promotion copies and reads it back, and as
// go-containerregistry does, which is what crane copy is made of.
func BenchmarkCopyImage(b *testing.B) {
	_, from := newFaulty(b)
	index := v1.ImageIndex(empty.Index)
	for range 4 {
		img, err := random.Image(8<<20, 8)
		if err != nil {
			b.Fatal(err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img})
	}
	source, err := name.ParseReference(from+"/app:v1", name.Insecure)
	if err != nil {
		b.Fatal(err)
	}
	if err := remote.WriteIndex(source, index); err != nil {
		b.Fatal(err)
	}
	top, err := index.Digest()
	if err != nil {
		b.Fatal(err)
	}
	b.Run("promote", func(b *testing.B) {
		for b.Loop() {
			_, to := newFaulty(b, registry.WithReferrersSupport(true))
			c := client.New(client.Options{})
			a, err := c.Repository(from + "/app")
			if err != nil {
				b.Fatal(err)
			}
			z, err := c.Repository(to + "/app")
			if err != nil {
				b.Fatal(err)
			}
			d, err := attest.ParseDigest(top.String())
			if err != nil {
				b.Fatal(err)
			}
			if err := copyOnce(b, a, z, d); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("crane", func(b *testing.B) {
		for b.Loop() {
			_, to := newFaulty(b, registry.WithReferrersSupport(true))
			got, err := remote.Index(source)
			if err != nil {
				b.Fatal(err)
			}
			target, err := name.ParseReference(to+"/app:v1", name.Insecure)
			if err != nil {
				b.Fatal(err)
			}
			if err := remote.WriteIndex(target, got); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func copyOnce(b *testing.B, from, to *client.Repository, d attest.Digest) error {
	b.Helper()
	ctx := b.Context()
	img, err := oci.ReadImage(ctx, from, d)
	if err != nil {
		return err
	}
	if c, err := img.CopyBlobs(ctx, to); err != nil || c.Blobs != len(img.Blobs) {
		return fmt.Errorf("copying: %+v: %w", c, err)
	}
	if _, err := img.PutManifests(ctx, to); err != nil {
		return err
	}
	if err := img.Verify(ctx, to, false); err != nil {
		return err
	}
	return img.Tag(ctx, to, "v1")
}
