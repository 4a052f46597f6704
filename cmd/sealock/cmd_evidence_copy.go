// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

func evidenceCopyCommand(opt *options) *cobra.Command {
	var from, to string
	cmd := &cobra.Command{
		Use:   "copy [SUBJECT…] --to-store STORE",
		Short: "Copy the evidence behind an artifact to another store",
		Long: `Copy everything that verifies with the policy's keys about an artifact, and about all that it was made from, to another store; then read it
there again and compare. What does not verify is reported and not copied. Without a subject, the pipeline's own products are meant.`,
		Example: "  sealock evidence copy oci-layout:out/shop --to-store /mnt/archive/evidence",
		RunE: func(cmd *cobra.Command, args []string) error {
			if to == "" {
				return usagef("no destination: give --to-store")
			}
			ctx, cancel := opt.context(cmd)
			defer cancel()
			a, err := opt.open(ctx, false, false, args...)
			if err != nil {
				return err
			}
			return a.copyEvidence(ctx, args, from, to)
		},
	}
	cmd.Flags().StringVar(&from, "from", "", "store to copy from (default: the store)")
	cmd.Flags().StringVar(&to, "to-store", "", "store to copy to")
	return cmd
}

// publisher is a store that keeps an index of evidence beside an artifact.
type publisher interface {
	Publish(ctx context.Context, subject attest.Digest, asked []attest.Digest) error
}

func (a *app) copyEvidence(ctx context.Context, refs []string, from, to string) error {
	source := a.gate.Store
	if from == "" {
		from = a.storeName
	} else {
		var err error
		if source, err = a.openStore(from); err != nil {
			return err
		}
	}
	target, err := a.openStore(to)
	if err != nil {
		return err
	}
	reqs, err := a.requests(ctx, refs)
	if err != nil {
		return err
	}
	found, rejected, err := a.gatherAll(ctx, source, reqs)
	if err != nil {
		return err
	}
	a.sayRejected(rejected)
	if len(found) == 0 {
		return refusef("no evidence to copy is in %s; nothing was written\nhint: 'sealock evidence ls --store %s' lists what there is", from, from)
	}
	for _, e := range found {
		if err := target.Put(ctx, e); err != nil {
			return fmt.Errorf("copying to %s: %w\nhint: run it again; what is there already is left as it is", to, err)
		}
	}
	if p, ok := target.(publisher); ok {
		for _, req := range reqs {
			if err := p.Publish(ctx, req.Subject.Digest.Primary(), primaries(reached(req, found))); err != nil {
				return fmt.Errorf("writing the list of evidence in %s: %w", to, err)
			}
		}
	}
	if err := a.compare(ctx, reqs, found, to); err != nil {
		return err
	}
	_, err = fmt.Fprintf(a.stdout, "%d pieces of evidence are in %s\n", len(found), to)
	return err
}

func primaries(all []attest.Subject) []attest.Digest {
	out := make([]attest.Digest, 0, len(all))
	for _, s := range all {
		out = append(out, s.Digest.Primary())
	}
	return out
}

// compare reads the destination again, with nothing remembered of what was written.
func (a *app) compare(ctx context.Context, reqs []gate.Request, found []attest.Evidence, to string) error {
	store, err := a.openStore(to)
	if err != nil {
		return err
	}
	there, _, err := a.gatherAll(ctx, store, reqs)
	if err != nil {
		return err
	}
	have := map[attest.Digest]bool{}
	for _, e := range there {
		have[e.BundleID()] = true
	}
	var missing []string
	for _, e := range found {
		if !have[e.BundleID()] {
			missing = append(missing, e.ID().Short())
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("%d of %d pieces of evidence can't be read again in %s: %s\nhint: copy once more; if they are still missing, the store loses what it is given", len(missing), len(found), to, strings.Join(missing, ", "))
	}
	return nil
}

// sayRejected reports what is left out because it is no evidence.
func (a *app) sayRejected(rejected []gate.Rejection) {
	for _, r := range rejected {
		a.say("left out: %s is no evidence (%s): %s", r.Name, r.Code, r.Detail)
	}
}
