// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package stage

import (
	"context"
	"errors"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/scanners"
	"github.com/sealock-dev/sealock/scanners/config"
	"github.com/sealock-dev/sealock/scanners/pins"
)

// pins asks where the pinned actions of a tree come from, and adds what is wrong with them to the findings. It gives how many could not be asked about.
func (s Scanner) pins(ctx context.Context, tree scanners.Files, f *predicate.Findings) (unverified int, err error) {
	if s.Pins == nil {
		return 0, errors.New("asking where pinned actions come from: nobody to ask was given")
	}
	uses, err := config.Uses(ctx, tree, config.Options{})
	if err != nil {
		return 0, err
	}
	all := pins.Of(uses)
	answers, err := s.Pins.Ask(ctx, all)
	if err != nil {
		return 0, err
	}
	found, unverified := pins.Judge(all, answers)
	f.Findings = append(f.Findings, found...)
	slices.SortStableFunc(f.Findings, config.Compare)
	f.Rules = append(f.Rules, pins.Rules(found)...)
	slices.SortFunc(f.Rules, func(a, b predicate.FindingRule) int { return strings.Compare(a.ID, b.ID) })
	return unverified, nil
}
