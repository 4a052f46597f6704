// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

// soonExpires is how long before its end a policy is warned about.
const soonExpires = 30 * 24 * time.Hour

// diagnosis is one thing that doctor looked at.
type diagnosis struct {
	Status string `json:"status"` // ok, warn or missing
	What   string `json:"what"`
	Found  string `json:"found"`
	Next   string `json:"next,omitempty"` // what to do
}

const statusMissing = "missing"

func doctorCommand(opt *options) *cobra.Command {
	return &cobra.Command{Use: "doctor", Short: "Say what is missing here, and how to get it", Args: cobra.NoArgs,
		Long: `Look at everything that the other commands need: git, the pipeline file, the policy, the store, registries and the credentials for them, keys, vulnerability data and clocks. It
changes nothing and makes nothing. Exits 0 if nothing is missing, 3 if something is.`,
		Example: "  sealock doctor\n  sealock doctor -C service -o json",
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			d := &doctor{app: &app{options: opt, keys: &keyring{options: opt}}}
			d.examine(ctx)
			if err := ctx.Err(); err != nil {
				return err
			}
			return d.render()
		}}
}

// doctor collects diagnoses.
type doctor struct {
	*app
	policy  *gate.Policy // nil if there is none
	absent  []string     // local keys of the policy that are not here
	unnamed error        // why it is not clear which store is meant
	out     []diagnosis
}

func (d *doctor) ok(what, format string, args ...any) {
	d.out = append(d.out, diagnosis{Status: statusOK, What: what, Found: fmt.Sprintf(format, args...)})
}

func (d *doctor) warn(what, next, format string, args ...any) {
	d.out = append(d.out, diagnosis{statusWarn, what, fmt.Sprintf(format, args...), next})
}

func (d *doctor) missing(what, next, format string, args ...any) {
	d.out = append(d.out, diagnosis{statusMissing, what, fmt.Sprintf(format, args...), next})
}

// fail reports an error as missing, with the hint that it carries as the next step.
func (d *doctor) fail(what string, err error, next string) {
	msg, hint, _ := strings.Cut(err.Error(), "\nhint: ")
	if hint == "" {
		hint = next
	}
	d.missing(what, hint, "%s", msg)
}

func (d *doctor) examine(ctx context.Context) {
	if err := d.loadPipeline(true); err != nil {
		d.pipeline = nil
		d.fail("pipeline", err, "correct the file, or write one with 'sealock init'")
	} else {
		d.ok("pipeline", "%s, %s", d.pipeline.File, plural(len(d.pipeline.Stages), "stage"))
	}
	d.examinePolicy(ctx)
	d.unnamed = d.nameStore(nil)
	d.examineGit(ctx)
	d.examineStore(ctx)
	d.examineRegistries(ctx)
	d.examineSigners()
	d.examineData()
	d.examineAdmission()
}

func (d *doctor) examinePolicy(ctx context.Context) {
	p, absent, err := d.readPolicy(ctx, gate.Origin{})
	if err != nil {
		d.fail("policy", err, "correct the policy, or write one with 'sealock init'")
		return
	}
	d.policy, d.absent = p, absent
	now := d.now()
	switch left := p.Expires.Sub(now); {
	case left <= 0:
		d.missing("policy", "review the policy, raise its version and expires", "%s version %d expired on %s: nothing is allowed", p.Name, p.Version, predicate.Time(p.Expires))
	case left < soonExpires:
		d.warn("policy", "review the policy, raise its version and expires", "%s version %d expires soon, on %s", p.Name, p.Version, predicate.Time(p.Expires))
	default:
		d.ok("policy", "%s version %d in %s, expires %s", p.Name, p.Version, p.URI, predicate.Time(p.Expires))
	}
	if d.pipeline != nil {
		if err := d.pipeline.Check(p); err != nil {
			d.fail("stages", err, "")
		}
	}
	for _, shared := range p.SharedRoles() {
		d.warn("roles", "give each role a key of its own", "one key speaks for several roles: %s", shared)
	}
}

// examineAdmission says what no admission sees, so that nobody takes silence for protection (docs/admission.md).
func (d *doctor) examineAdmission() {
	if d.policy == nil || len(d.policy.EnvironmentOrder()) == 0 {
		return
	}
	d.ok("admission", "judges what the API server is asked to run, and nothing else: kubectl exec, attach and cp, a node's proxy and its static pods' files are out of scope")
}

// examineGit looks at the commit that is checked out, and at what differs from it.
func (d *doctor) examineGit(ctx context.Context) {
	needed := false
	if d.pipeline != nil {
		for _, s := range d.pipeline.Stages {
			needed = needed || slices.ContainsFunc(append(slices.Clone(s.Subjects), s.Inputs...), func(ref string) bool { return strings.HasPrefix(ref, "git:") })
		}
	}
	res, err := stage.Resolve(ctx, "git:HEAD", subject.Options{Dir: d.dir, Exclude: d.exclude(), Env: d.environ})
	switch code := subject.CodeOf(err); {
	case err == nil:
		d.ok("git", "commit %.12s, nothing differs from it", res.Subject.Digest["gitCommit"])
		if ahead := res.Created.Sub(d.now()); ahead > maxSkew {
			d.warn("clock", "check the clock of this machine", "the commit is of %s, which is in the future", predicate.Time(res.Created))
		}
	case code == subject.DirtyTree:
		msg, hint, _ := strings.Cut(err.Error(), "\nhint: ")
		d.warn("git", hint, "%s; stages about git:HEAD are refused until then", msg)
	case !needed && (code == subject.NoGit || code == subject.NotFound):
		d.ok("git", "not used here")
	default:
		d.fail("git", err, "")
	}
}

func (d *doctor) render() error {
	err := d.renderValue(d.out, func(line func(string, ...any)) {
		for _, x := range d.out {
			line("%-8s %-10s %s", x.Status, x.What, strings.ReplaceAll(x.Found, "\n", "; "))
			if x.Next != "" {
				line("                    next: %s", strings.ReplaceAll(x.Next, "\n", "; "))
			}
		}
	})
	if err != nil {
		return err
	}
	count := 0
	for _, x := range d.out {
		if x.Status == statusMissing {
			count++
		}
	}
	if count > 0 {
		return usagef("%d of the things that sealock needs here are missing", count)
	}
	return nil
}
