// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// startRounds multiplies the rounds where one takes some milliseconds only.
const startRounds = 5

// startup compares how long each program takes to say its version. sealock may take 36 ms where cosign v2 takes 29.
func startup(ctx context.Context, b *bench) error {
	for _, peer := range []struct {
		tool   string
		args   []string
		target float64
	}{
		{"cosign2", []string{"version"}, 36.0 / 29}, {"cosign3", []string{"version"}, 0}, {"syft", []string{"version"}, 0}, {"grype", []string{"version"}, 0},
		{"gitleaks", []string{"version"}, 0}, {"opa", []string{"version"}, 0}, {"conftest", []string{"--version"}, 0}, {"crane", []string{"version"}, 0},
	} {
		file, err := stack.Ensure(ctx, peer.tool, b.log)
		if errors.Is(err, stack.ErrNotBuilt) {
			b.add(Row{Case: "start-up (`version`)", Note: err.Error()})
			continue
		}
		if err != nil {
			return err
		}
		other := Side{Name: peer.tool, Job: Job{b.step(append([]string{file}, peer.args...)...)}}
		for _, own := range []struct {
			name, binary string
			target       float64
		}{{"start-up (`version`)", b.sealock, peer.target}, {"start-up (`version`), gateonly", b.gate, 0}} {
			pair, err := compare(ctx, b.k*startRounds, Side{Name: "sealock", Job: Job{b.step(own.binary, "version")}}, other)
			if err != nil {
				return err
			}
			b.add(Row{Case: own.name, Peer: peer.tool, Pair: pair, Target: own.target})
		}
	}
	return nil
}
