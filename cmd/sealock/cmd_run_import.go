// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

// importImage takes in an image of a vendor: it is held against what the policy says of the vendor, copied by digest with all that the vendor signed about it,
// scanned where it lies then, and put on record by the stage. The tag is moved last, and only if the gate finds the stage sound.
func (r *runOptions) importImage(ctx context.Context, name string) error {
	p := &promoteOptions{options: r.options, dest: r.dest}
	dest, err := p.destination()
	switch {
	case err != nil:
		return err
	case dest.Scheme != subject.Registry || dest.Tag == "":
		return usagef("--dest %s: expected HOST/REPOSITORY:TAG", r.dest)
	case len(r.subject) != 1:
		return usagef("expected one --subject to take in, for example --subject quay.io/acme/app:1.4")
	case r.record != "":
		return usagef("--record goes with a command of the pipeline, not with --dest")
	}
	if r.store == "" {
		r.store = registryStore + dest.Path // evidence lies beside the copy
	}
	a, runner, err := r.runner(ctx)
	if err != nil {
		return err
	}
	defer a.closeDB()
	if len(a.gate.Policy.Stages[name].Vendors) == 0 {
		return usagef("stage %q takes no images in: its entry in the policy has no vendors", name)
	}
	a.attached = true // older versions of cosign write what vendors sign under a tag
	res, err := a.resolve(ctx, r.subject[0])
	if err != nil {
		return err
	}
	if res.Location == "" {
		return usagef("--subject %s: expected an image in a registry", r.subject[0])
	}
	a.say("stage %s: %s", name, res.Subject)
	origins, reason, err := a.vendor(ctx, name, res)
	if err != nil {
		return err
	}
	if reason != nil {
		req := a.request(res, "", gate.Enter)
		req.Stage = name
		return a.conclude([]gate.Decision{a.gate.Failed(ctx, req, false, *reason)}, r.subject)
	}
	to, err := a.mirror(ctx, p, dest, res)
	if err != nil {
		return err
	}
	defer to.close()
	c, ok := a.pipeline.Stages[name]
	if !ok {
		c.Evidence = a.gate.Policy.Stages[name].Evidence
	}
	c.Run, c.Inputs, c.Subjects = nil, nil, []string{dest.Path + "@" + res.Subject.Digest.Primary().String()}
	a.pipeline.Stages[name] = c
	runner.Origins = origins
	done, err := runner.Run(ctx, name)
	if err := a.finishStage(ctx, runner, name, done, err); err != nil {
		return err
	}
	if err := to.Switch(ctx); err != nil {
		return err
	}
	a.say("  %s is %s", to.Tag(), res.Subject.Digest.Primary().Short())
	return nil
}

// vendor holds an image against what the policy says of its vendor, on what lies beside it there. It gives what the receipt names: where the image
// comes from, and what the vendor signed.
func (a *app) vendor(ctx context.Context, name string, res *subject.Resolved) ([]attest.ResourceDescriptor, *gate.Reason, error) {
	from, err := a.beside(res.Location)
	if err != nil {
		return nil, nil, err
	}
	there := *a.gate
	there.Store = from
	found, _, err := there.Gather(ctx, stage.Request(res))
	if err != nil {
		return nil, nil, err
	}
	plain, err := a.plainSignatures(ctx, from, res.Subject.Digest.Primary())
	if err != nil {
		return nil, nil, err
	}
	found = append(found, plain...)
	req := a.request(res, "", gate.Enter)
	req.Stage, req.Repository = name, res.Location
	signed, reason := a.gate.Policy.JudgeVendor(req, found)
	if reason != nil {
		return nil, reason, nil
	}
	origins := []attest.ResourceDescriptor{{Name: "vendor:" + res.Location, URI: "oci://" + res.Location, Digest: res.Subject.Digest}}
	if signed != nil {
		a.say("  signed by %s: %s", signed.By, signed.Statement.Short())
		origins = append(origins, attest.ResourceDescriptor{Name: "signature:" + signed.By, MediaType: attest.PayloadInToto, Digest: attest.DigestSet{signed.Statement.Algorithm: signed.Statement.Hex}})
	}
	return origins, nil, nil
}

// plainSignatures verifies what versions 1 and 2 of cosign leave beside an image in place of a bundle.
func (a *app) plainSignatures(ctx context.Context, from *oci.Store, image attest.Digest) ([]attest.Evidence, error) {
	signatures, err := from.ImageSignatures(ctx, image)
	if err != nil {
		return nil, err
	}
	var out []attest.Evidence
	for _, s := range signatures {
		e, err := a.gate.Verifier.VerifyImageSignature(ctx, predicate.TypeCosignSign, s.Payload, s.Annotations)
		switch {
		case attest.RejectCode(err) != "":
			a.say("  a signature at the tag .sig counts for nothing: %v", err)
		case err != nil:
			return nil, err
		default:
			out = append(out, e)
		}
	}
	return out, nil
}

// mirror copies an image to where it is taken from, and what lies beside it. The tag is not touched.
func (a *app) mirror(ctx context.Context, p *promoteOptions, dest subject.Ref, res *subject.Resolved) (place, error) {
	to, err := p.place(ctx, a, dest, res)
	if err != nil {
		return nil, err
	}
	var all oci.Copied
	for _, step := range []func(context.Context) (oci.Copied, error){to.Blobs, to.Manifests, func(ctx context.Context) (oci.Copied, error) { return a.carryBeside(ctx, to, res) }} {
		c, err := step(ctx)
		if err != nil {
			to.close()
			return nil, err
		}
		all.Add(c)
	}
	if err := to.Verify(ctx, false); err != nil {
		to.close()
		return nil, err
	}
	a.say("  copied to %s: %d blobs with %d bytes, %d manifests; %d there already", to.Name(), all.Blobs, all.Bytes, all.Manifests, all.Present)
	return to, nil
}

func (a *app) carryBeside(ctx context.Context, to place, res *subject.Resolved) (oci.Copied, error) {
	from, err := a.beside(res.Location)
	if err != nil {
		return oci.Copied{}, err
	}
	target, err := to.Open()
	if err != nil {
		return oci.Copied{}, err
	}
	var about []attest.Digest
	for _, s := range res.Subjects() {
		about = append(about, s.Digest.Primary())
	}
	beside := target.(*oci.Store) // a registry's place opens nothing else
	c, err := from.CarryTo(ctx, beside, about)
	if err == nil {
		err = beside.Complete(ctx)
	}
	return c, err
}
