// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/cmd/stage/initrepo"
	"github.com/sealock-dev/sealock/cmd/stage/initrepo/ci"
	"github.com/sealock-dev/sealock/gate/report"
)

type initOptions struct {
	*options
	force, dryRun bool
	platform      string
}

func initCommand(opt *options) *cobra.Command {
	o := &initOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a sealock.yaml and a policy fitted to this repository",
		Long: `Look at the repository or folder, and write a sealock.yaml and a policy/ that fit it and work at once. Keys are made on the first run, in the
user's key folder, outside every tree. Files that exist are left alone (--force replaces them).

With --ci also what a CI platform needs to run the pipeline: a job with an identity of its own for each stage, and one that promotes. Beside a
sealock.yaml that is there already, only these files are written.`,
		Example: `  sealock init && sealock run --all
  sealock init --ci github`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx, cancel := opt.context(cmd)
			defer cancel()
			if o.platform != "" && !slices.Contains(ci.Platforms, o.platform) {
				return usagef("--ci %q: expected one of %s", o.platform, strings.Join(ci.Platforms, ", "))
			}
			if o.platform != "" {
				if _, err := os.Lstat(opt.path(initrepo.PipelineFile)); !errors.Is(err, fs.ErrNotExist) {
					return o.addPlatform(ctx)
				}
			}
			return o.fresh(ctx)
		},
	}
	cmd.Flags().BoolVar(&o.force, "force", false, "replace files that exist")
	cmd.Flags().BoolVar(&o.dryRun, "dry-run", false, "say what would be written, write nothing")
	cmd.Flags().StringVar(&o.platform, "ci", "", "also write what this platform needs: "+strings.Join(ci.Platforms, ", "))
	return cmd
}

// fresh writes a first pipeline and policy.
func (o *initOptions) fresh(ctx context.Context) error {
	plan, err := initrepo.Inspect(ctx, o.path("."), initrepo.Options{Now: o.now(), Env: o.environ, Force: o.force})
	if err != nil {
		return err
	}
	if o.platform != "" {
		where, err := ci.FindRepository(ctx, o.path("."), o.environ)
		if err != nil {
			return usageError{err}
		}
		if err := plan.AddCI(o.platform, where); err != nil {
			return usageError{err}
		}
	}
	if !o.dryRun {
		if _, err := plan.Write(o.path(".")); err != nil {
			return usageError{err}
		}
	}
	o.lines(plan.Describe()...)
	if !o.dryRun {
		o.next(plan.Next())
	}
	return nil
}

// addPlatform writes a platform's files for the pipeline that is there.
func (o *initOptions) addPlatform(ctx context.Context) error {
	pipeline, err := o.inCI(ctx)
	if err != nil {
		return usageError{err}
	}
	files, err := pipeline.Files(o.platform)
	if err != nil {
		return usageError{err}
	}
	for _, n := range pipeline.Notes(o.platform) {
		o.lines("note: " + n)
	}
	if o.dryRun {
		for _, f := range files {
			o.lines("writes: " + f.Name)
		}
		return nil
	}
	written, err := initrepo.WriteCI(o.path("."), files, o.force)
	if err != nil {
		return usageError{err}
	}
	for _, name := range written {
		o.lines("wrote: " + name)
	}
	if len(written) == 0 {
		o.lines("nothing to write: every file is there as it has to be")
		return nil
	}
	o.lines("kept: "+initrepo.PipelineFile+" and the policy, which has to name the identities of the jobs:", "")
	for _, line := range pipeline.Identities(o.platform) {
		o.lines("  " + line)
	}
	o.next(ci.Next(o.platform))
	return nil
}

// inCI reads pipeline and policy as far as a CI platform has to know them.
func (o *initOptions) inCI(ctx context.Context) (ci.Pipeline, error) {
	var out ci.Pipeline
	where, err := ci.FindRepository(ctx, o.path("."), o.environ)
	if err != nil {
		return out, err
	}
	pipeline, err := stage.LoadPipeline(o.path(initrepo.PipelineFile))
	if err != nil {
		return out, err
	}
	policy := o.policy
	if policy == "" {
		policy = pipeline.Policy
	}
	if policy == "" {
		return out, errors.New("no policy is named, and it says in which order the stages run\nhint: name its folder with --policy")
	}
	stages := map[string]ci.Stage{}
	for name, s := range pipeline.Stages {
		stages[name] = ci.Stage{Name: name, Runs: len(s.Run) > 0, Subjects: s.Subjects, SBOM: slices.Contains(s.Evidence, "sbom")}
	}
	_, err = os.Lstat(o.path("go.mod"))
	return ci.FromPolicy(o.path(policy), stages, where, err == nil)
}

func (o *initOptions) lines(lines ...string) {
	for _, line := range lines {
		fmt.Fprintln(o.stdout, report.Clean(line))
	}
}

func (o *initOptions) next(steps []string) {
	fmt.Fprintln(o.stdout)
	for i, step := range steps {
		o.lines([2]string{"next:", "then:"}[min(i, 1)] + " " + step)
	}
}
