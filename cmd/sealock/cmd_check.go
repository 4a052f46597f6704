// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/cmd/precheck"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
	"github.com/sealock-dev/sealock/scanners/vulns"
)

func checkCommand(opt *options) *cobra.Command {
	var staged, all, fresh bool
	var since string
	cmd := &cobra.Command{
		Use:   "check [--staged | --since REV | --all]",
		Short: "Know before a push what the gate will say",
		Long: `Look at what a push would send: commits that no remote has. Every one of them is searched for secrets, not only the last. New faults in
configuration and new vulnerable packages are told. If there is a policy, the gate is asked what it would say of the last commit: a preview, in which
keys that exist for this call sign what the stages would sign. A stage that has run on this very commit already is taken from the store as it is, for good
or ill. The preview lists what it took and what it assumed, is not stored, and counts for nothing.

Content comes from the commits, not from the work tree, and nothing of the repository is run. Results are remembered by content in the user's
cache, except in CI. Vulnerability data is taken as it is here; nothing is downloaded.

With a policy the preview judges; without one, what is new and of high or critical severity is refused. A secret in a commit is refused in any case, unless a
waiver of the policy names its path or fingerprint.

Every format of -o is that of a decision, marked as a preview; JSON is the check's own. The variables of dotenv are called SEALOCK_PREVIEW_….`,
		Example: `  sealock check
  sealock check --staged
  sealock check --since origin/main --env prod
  sealock check --since origin/main -o text -o github -o codequality=codequality.json`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			scope := precheck.Scope{Kind: precheck.Push}
			switch {
			case staged && since == "" && !all:
				scope.Kind = precheck.Staged
			case since != "" && !staged && !all:
				scope = precheck.Scope{Kind: precheck.Since, Since: since}
			case all && since == "" && !staged:
				scope.Kind = precheck.All
			case all || staged:
				return usagef("--staged, --since and --all exclude each other")
			}
			r, err := opt.check(cmd, scope, fresh)
			if err != nil {
				return err
			}
			if err := opt.printCheck(r); err != nil {
				return err
			}
			return checkVerdict(r)
		},
	}
	opt.environmentFlag(cmd, "preview the decision for this environment only")
	f := cmd.Flags()
	f.BoolVar(&staged, "staged", false, "check what the next commit would have")
	f.StringVar(&since, "since", "", "check the commits after this revision")
	f.BoolVar(&all, "all", false, "check everything: the whole history, and everything in the tree")
	f.BoolVar(&fresh, "no-cache", false, "look at everything again, and remember nothing")
	return cmd
}

func checkVerdict(r precheck.Report) error {
	if r.Verdict != gate.Allowed {
		return verdictError{r.Verdict}
	}
	return nil
}

// check gathers what a check needs and makes it.
func (o *options) check(cmd *cobra.Command, scope precheck.Scope, fresh bool) (precheck.Report, error) {
	ctx, cancel := o.context(cmd)
	defer cancel()
	a, err := o.scanning()
	if err != nil {
		return precheck.Report{}, err
	}
	defer a.closeDB()
	opt := precheck.Options{Dir: o.path("."), Env: o.environ, Now: o.now, Version: version, TempDir: os.TempDir(), Pipeline: a.pipeline, MinVersion: o.minVersion, Insecure: o.insecure(), Progress: o.watch()}
	if !fresh && o.getenv("CI") == "" {
		opt.Cache, _ = o.cache("check") // without a place for it nothing is remembered
	}
	if err := a.checkPolicy(ctx, &opt); err != nil {
		return precheck.Report{}, err
	}
	if err := a.checkData(ctx, &opt); err != nil {
		return precheck.Report{}, err
	}
	r, err := precheck.Run(ctx, scope, opt)
	if errors.Is(err, precheck.ErrRevision) {
		err = usageError{err}
	}
	return r, err
}

// checkPolicy loads the policy, if one is named.
func (a *worker) checkPolicy(ctx context.Context, opt *precheck.Options) error {
	if a.policy == "" && (a.pipeline == nil || a.pipeline.Policy == "") {
		if a.env != "" {
			return usagef("--env %s: there is no policy that knows it\nhint: name one with --policy, or in sealock.yaml", a.env)
		}
		opt.Config = stage.Configured(nil)
		return nil
	}
	p, absent, err := a.readPolicy(ctx, gate.Origin{})
	if err != nil {
		return err
	}
	if a.pipeline != nil {
		if err := a.pipeline.Check(p); err != nil {
			return usageError{err}
		}
	}
	opt.Policy, opt.Config, opt.Environments = p, stage.Configured(p), p.EnvironmentOrder()
	if a.env != "" {
		if !slices.Contains(opt.Environments, a.env) {
			return usagef("the policy knows no environment %q: it has %s", a.env, strings.Join(opt.Environments, ", "))
		}
		opt.Environments = []string{a.env}
	}
	opt.PolicyID = policyID(p, absent)
	opt.Evidence = a.checkEvidence(p, len(absent) > 0)
	return nil
}

// checkEvidence says where stages may have left evidence of a commit: in the folder of the store, or in a registry, but only if --store names it. Whatever
// stands against asking is a note, and no error: a check does without.
func (a *worker) checkEvidence(p *gate.Policy, absent bool) *precheck.Evidence {
	e := &precheck.Evidence{Name: a.storeName, Folder: a.storeDir}
	e.Verifier = func() (*attest.Verifier, error) {
		if absent {
			return nil, errors.New("local keys of the policy are not here, so it can't be verified")
		}
		return a.policyVerifier(p)
	}
	e.Resolve = func(ctx context.Context, ref string) (attest.Subject, error) {
		res, err := a.resolve(ctx, ref)
		if err != nil {
			return attest.Subject{}, err
		}
		return res.Subject, nil
	}
	var err error
	switch {
	case a.storeDir == "" && a.store == "":
		e.Without = "the store is a registry; name it with --store to have it asked"
	case a.storeDir == "" && a.offline:
		e.Without = "the store is a registry, and the network is not to be used (--offline)"
	default:
		if e.Store, err = a.openStore(a.storeName); err != nil {
			e.Without, _, _ = strings.Cut(err.Error(), "\nhint: ")
		}
	}
	return e
}

// policyID names what a policy decides by. Local keys that are not here are others each time, and a preview has no use for them.
func policyID(p *gate.Policy, absent []string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(p.Files)) {
		if !slices.Contains(absent, strings.TrimPrefix(name, "local:")) {
			fmt.Fprintf(&b, "%s %s\n", name, p.Files[name])
		}
	}
	fmt.Fprintf(&b, "%s %v %s", p.URI, p.Origin, p.RuleSet().Digest())
	return attest.SHA256([]byte(b.String())).String()
}

// checkData finds the vulnerability data that is here. Unlike a scan, a check never downloads any.
func (a *worker) checkData(ctx context.Context, opt *precheck.Options) error {
	place, err := a.dataPlace()
	if err != nil {
		if exitCode(err) == exitUsage && !place.named {
			return nil // no folder to look in
		}
		return err
	}
	if place.archive != "" {
		if _, err := a.dataFolder(ctx); err != nil { // it is imported once
			return err
		}
	}
	st, err := vulns.ReadStatus(place.folder)
	if errors.Is(err, vulns.ErrNoData) && !place.named {
		return nil
	}
	opt.Data, opt.DataDigest, opt.DataUpdated = a.db, st.Digest, st.Updated
	return err
}

// printCheck writes a report in every format asked for.
func (o *options) printCheck(r precheck.Report) error {
	return o.eachOutput(func(w io.Writer, format string) error {
		switch format {
		case "json":
			b, err := attest.EncodeJSON(r)
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(w, "%s\n", b)
			return err
		case "text":
			return o.checkText(w, r)
		}
		return report.WriteOutcome(w, format, checkOutcome(r, o.now()), o.text(w))
	})
}
