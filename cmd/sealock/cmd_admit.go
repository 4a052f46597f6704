// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/admission"
	"github.com/sealock-dev/sealock/gate/report"
)

// maxDescriptor bounds what containerd hands over about an image, in bytes.
const maxDescriptor = 64 << 10

// admitOptions are the flags of "sealock admit".
type admitOptions struct {
	*options
	name, digest, stdin string
}

func admitCommand(opt *options) *cobra.Command {
	a := &admitOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "admit -name REFERENCE -digest DIGEST --env ENV --policy POLICY",
		Short: "Decide whether a node may pull an image: containerd's image verifier",
		Long: `Decide for containerd whether an image may be pulled, as "sealock serve" decides for the API server: may it stay in the environment of this node?
It takes the arguments of containerd's image verifiers (bindir), also with a single dash, and writes the reason in one line. containerd calls a verifier
with these arguments alone, so put a script that names policy and environment into its bin_dir; docs/admission.md shows one.

Exits 0 to let the image through; containerd takes everything else as a no: 1 refused, 2 undecided, 3 wrong arguments or configuration.`,
		Example: `  sealock admit --policy policy.tar.gz --policy-key policy.pub --env prod -name registry.acme.io/shop/auth:v1 -digest sha256:…`,
		Args:    cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return a.run(ctx)
		},
	}
	opt.environmentFlag(cmd, "environment of this node")
	f := cmd.Flags()
	f.StringVar(&a.name, "name", "", "reference of the image, as it was asked for")
	f.StringVar(&a.digest, "digest", "", "digest that it was resolved to")
	f.StringVar(&a.stdin, "stdin-media-type", "", "what standard input holds: application/vnd.oci.descriptor.v1+json, or nothing")
	return cmd
}

// admitFlags are those that containerd writes with a single dash.
var admitFlags = []string{"name", "digest", "stdin-media-type"}

// admitArgs gives the flags of containerd's image verifiers the second dash, where the command is "admit".
func admitArgs(args []string) []string {
	out, admit := append([]string(nil), args...), false
	for i, arg := range out {
		admit = admit || arg == "admit"
		for _, name := range admitFlags {
			if flag, _, _ := strings.Cut(arg, "="); admit && flag == "-"+name {
				out[i] = "-" + arg
			}
		}
	}
	return out
}

func (o *admitOptions) run(ctx context.Context) error {
	switch {
	case o.policy == "":
		return usagef("no policy: name it with --policy")
	case o.env == "":
		return usagef("no environment: name that of this node with --env")
	}
	i, err := admission.ParseImage(o.name)
	if err != nil {
		return usageError{err}
	}
	d, err := attest.ParseDigest(o.digest)
	if err != nil || d.Algorithm != "sha256" {
		return usagef("-digest %.100q: expected sha256:…", o.digest)
	}
	if !i.Digest.IsZero() && i.Digest != d {
		return usagef("-name says %s and -digest %s", i.Digest, d)
	}
	i.Digest = d
	if err := o.checkDescriptor(d); err != nil {
		return err
	}
	j := &judge{options: o.options, keys: &keyring{options: o.options}}
	p, err := j.load(ctx)
	if err != nil {
		return err
	}
	decision, done := p.Static(gate.Request{Subject: attest.Subject{Name: i.Repository, Digest: attest.DigestSet{"sha256": d.Hex}}, Repository: i.Repository, Environment: o.env, Question: gate.Stay,
		At: o.now().UTC(), MinVersion: o.minVersion, Insecure: o.insecure()}, version)
	if !done {
		decision = p.Decide(ctx, i, o.env)
	}
	return o.tell(i, decision)
}

// checkDescriptor holds what containerd says of the image on standard input against its arguments.
func (o *admitOptions) checkDescriptor(d attest.Digest) error {
	switch o.stdin {
	case "":
		return nil
	case "application/vnd.oci.descriptor.v1+json":
	default:
		return usagef("-stdin-media-type %.100q: expected application/vnd.oci.descriptor.v1+json", o.stdin)
	}
	raw, err := io.ReadAll(io.LimitReader(o.host.stdin, maxDescriptor+1))
	if err != nil || len(raw) > maxDescriptor {
		return usagef("reading the descriptor from standard input: expected at most %d bytes", maxDescriptor)
	}
	var w registry.Descriptor
	if err := attest.DecodeJSON(raw, &w); err != nil {
		return usagef("reading the descriptor from standard input: %w", err)
	}
	if w.Digest != d {
		return usagef("the descriptor on standard input is of %s, -digest says %s", w.Digest, d)
	}
	return nil
}

// tell writes the verdict in one line: containerd shows it where it refuses.
func (o *admitOptions) tell(i admission.Image, d gate.Decision) error {
	text := fmt.Sprintf("sealock: %s %s for environment %s", i.Ref(), d.Verdict, o.env)
	for n, r := range d.Reasons {
		if n == 4 {
			text += fmt.Sprintf("; and %d more", len(d.Reasons)-n)
			break
		}
		text += "; " + r.Code + ": " + r.Message
	}
	if _, err := fmt.Fprintln(o.stdout, strings.ReplaceAll(report.Clean(text), "\n", " ")); err != nil {
		return err
	}
	return worst([]gate.Decision{d})
}
