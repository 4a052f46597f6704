// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"path/filepath"

	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"

	"github.com/sealock-dev/sealock/testdata/stack"
)

const (
	promotedPlatforms = 4
	promotedLayers    = 8
	promotedLayer     = 8 << 20 // bytes
	targetPromotion   = 1.2
)

// promotion compares a promotion to another registry (the decision, the copy, reading all of it back, deciding there, signing, and moving the tag) with
// crane copy, which copies. Each round has repositories of its own: at the destination, distribution v3, where no blob of another one counts, and at the
// source, where no earlier promotion left anything.
func promotion(ctx context.Context, b *bench) error {
	crane, err := b.tool(ctx, "crane")
	if err != nil {
		return b.unbuilt("promotion", err)
	}
	found, stop, err := b.registries(ctx, stack.Distribution, stack.Distribution)
	if err != nil {
		return b.unbuilt("promotion", err)
	}
	defer stop()
	from, to := found[0].Host, found[1].Host
	b.say("pushing an image of %d platforms and %d MB", promotedPlatforms, promotedPlatforms*promotedLayers*promotedLayer>>20)
	digest, err := pushPlatforms(ctx, from+"/app:v1")
	if err != nil {
		return err
	}
	dir := filepath.Join(b.dir, "promotion")
	ours := b.step(b.sealock, "promote", "", "--to", "dev", "-C", dir, "-q", "--dest", "")
	theirs := b.step(crane, "copy", from+"/app@"+digest, "")
	var round int
	released := func() error { // no promotion has left its summary there yet
		round++
		image := fmt.Sprintf("%s/round%d/app", from, round)
		ours.Args[2], ours.Args[len(ours.Args)-1] = image+"@"+digest, fmt.Sprintf("%s/round%d/app:v1", to, round)
		if err := b.pipelineFiles(dir, image+"@"+digest, 1, "none", "  builder: {key: \"local:builder\"}\n", "builder", ""); err != nil {
			return err
		}
		return b.do(ctx, b.step(crane, "copy", from+"/app@"+digest, image+":v1"), b.step(b.sealock, "run", stageName(1), "-C", dir, "-q"))
	}
	fresh := func() error {
		round++
		theirs.Args[3] = fmt.Sprintf("%s/round%d/app:v1", to, round)
		return nil
	}
	pair, err := compare(ctx, b.k, Side{Name: "sealock", Job: Job{ours}, Before: released}, Side{Name: "crane", Job: Job{theirs}, Before: fresh})
	if err != nil {
		return err
	}
	b.add(Row{Case: fmt.Sprintf("promote --dest, %d platforms, %d MB", promotedPlatforms, promotedPlatforms*promotedLayers*promotedLayer>>20), Peer: "crane copy", Pair: pair, Target: targetPromotion})
	return nil
}

// pushPlatforms pushes an index of images that hold nothing alike.
func pushPlatforms(ctx context.Context, ref string) (string, error) {
	to, err := name.ParseReference(ref, name.Insecure)
	if err != nil {
		return "", err
	}
	index := v1.ImageIndex(empty.Index)
	for i := range promotedPlatforms {
		img, err := random.Image(promotedLayer, promotedLayers)
		if err != nil {
			return "", err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{Add: img, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: fmt.Sprintf("arch%d", i)}}})
	}
	if err := remote.WriteIndex(to, index, remote.WithContext(ctx)); err != nil {
		return "", fmt.Errorf("pushing to %s: %w", ref, err)
	}
	digest, err := index.Digest()
	return digest.String(), err
}
