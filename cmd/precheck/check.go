// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/scanners/secrets"
)

// Options are what a check needs.
type Options struct {
	Dir          string           // the folder of the pipeline, or anywhere in a repository
	Env          []string         // in which git is found and run
	Now          func() time.Time // required
	Version      string           // sealock's own
	TempDir      string
	Cache        string // folder in which results are remembered; "": they are not
	Policy       *gate.Policy
	PolicyID     string // of what the policy decides by; with another, nothing is remembered
	Pipeline     *stage.Pipeline
	Config       stage.Configuration
	Environments []string // to preview
	MinVersion   int
	Insecure     []string
	Evidence     *Evidence                                 // where stages may have left some; nil: nowhere
	Data         func(context.Context) (stage.Data, error) // vulnerability data; nil: there is none here
	DataDigest   string
	DataUpdated  string                          // when it was brought up to date, RFC 3339
	Progress     func(what string) (done func()) // may be nil
}

// Report is what a check found.
type Report struct {
	Schema    string              `json:"schema"`
	Verdict   gate.Verdict        `json:"verdict"`
	Scope     Kind                `json:"scope"`
	Name      string              `json:"name"` // of the repository, or the folder in it
	Commits   int                 `json:"commits"`
	Head      string              `json:"head,omitempty"`
	Secrets   []predicate.Finding `json:"secrets"` // in the commits
	Waived    []predicate.Finding `json:"waived"`  // secrets that the policy accepts
	Trees     []Tree              `json:"trees"`
	Undecided []string            `json:"undecided"` // what could not be found out
	Notes     []string            `json:"notes"`
	Data      Data                `json:"data"`
	Cached    bool                `json:"-"` // nothing was looked at again
}

// Data says how old the vulnerability data is.
type Data struct {
	Updated string `json:"updated,omitempty"` // RFC 3339; empty: there is none
}

// Tree is what is new in one tree.
type Tree struct {
	Ref       string                 `json:"ref"`
	Commit    string                 `json:"commit,omitempty"`
	Base      string                 `json:"base,omitempty"`
	Changed   int                    `json:"changed"`
	Secrets   []predicate.Finding    `json:"secrets"` // staged ones
	Config    []predicate.Finding    `json:"config"`
	Vulns     []predicate.VulnResult `json:"vulns"`
	Stages    []Stage                `json:"stages,omitempty"` // what the decisions are made from
	Decisions []gate.Decision        `json:"decisions"`
}

// Schema names the form of a report.
const Schema = "sealock/check/v1"

// checker is one check.
type checker struct {
	opt    Options
	repo   *repository
	memory *memory
	rules  string // digest of those over configuration, with parameters and flows
	report *Report
}

// Run makes a check. An error means that something of it could not be done.
func Run(ctx context.Context, scope Scope, opt Options) (Report, error) {
	repo, err := openRepository(ctx, opt.Dir, opt.Env)
	if err != nil {
		return Report{}, err
	}
	picked, err := repo.pick(ctx, scope)
	if err != nil {
		return Report{}, err
	}
	c := &checker{opt: opt, repo: repo, memory: recall(opt.Cache, repo.common+"\x00"+repo.prefix)}
	if c.rules, err = opt.Config.Digest(); err != nil {
		return Report{}, err
	}
	name, err := c.name(scope, picked)
	if err != nil {
		return Report{}, err
	}
	open := slices.ContainsFunc(picked.trees, func(t pair) bool { return c.stored(t.tip) }) // evidence comes and goes
	if r, ok := c.memory.outcome(name, opt.Now()); ok && !open {
		r.Cached = true
		return r, nil
	}
	c.report = &Report{Schema: Schema, Name: repo.name(), Scope: scope.Kind, Commits: len(picked.history.ids), Head: repo.head, Undecided: picked.undecided, Notes: picked.notes,
		Secrets: []predicate.Finding{}, Waived: []predicate.Finding{}, Trees: []Tree{}, Data: Data{opt.DataUpdated}}
	if err := c.all(ctx, scope, picked); err != nil {
		c.memory.save() // what was found out so far need not be found out again
		return Report{}, err
	}
	c.conclude()
	if !open {
		c.memory.keep(name, opt.Now(), *c.report)
	}
	c.memory.save()
	return *c.report, nil
}

// name is that of everything the outcome depends on.
func (c *checker) name(scope Scope, picked selection) (string, error) {
	parts := []string{Schema, c.opt.Version, c.rules, secrets.Version, secrets.RulesDigest(), c.opt.PolicyID, c.opt.DataDigest, fmt.Sprint(c.opt.Environments, c.opt.MinVersion, c.opt.Insecure, c.repo.shallow),
		string(scope.Kind), c.repo.head, strings.Join(picked.history.ids, " "), strings.Join(picked.tags, " "), strings.Join(picked.undecided, "\n"), strings.Join(picked.notes, "\n")}
	for _, id := range picked.tags {
		parts = append(parts, picked.tagNames[id])
	}
	for _, t := range picked.trees {
		parts = append(parts, t.ref, t.local, t.tip, t.base)
		for _, e := range t.entries {
			parts = append(parts, e.mode, e.id, e.path)
		}
	}
	if e := c.opt.Evidence; e != nil {
		parts = append(parts, e.Name, e.Without)
	}
	if c.opt.Pipeline != nil {
		stages, err := json.Marshal(c.opt.Pipeline.Stages)
		if err != nil {
			return "", err
		}
		parts = append(parts, string(stages))
	}
	return keyOf(parts...).String(), nil
}

// work is one tree with its files, and what is found out about it.
type work struct {
	pair
	now, before []entry
	found       scanned
	out         Tree
}

func (c *checker) all(ctx context.Context, scope Scope, picked selection) error {
	if c.opt.Progress != nil {
		defer c.opt.Progress(fmt.Sprintf("checking %d commits", len(picked.history.ids)))()
	}
	var trees []*work
	group, gctx := errgroup.WithContext(ctx) // half of the time goes to secrets
	group.Go(func() error {
		if err := c.inCommits(gctx, picked); err != nil {
			return err
		}
		return c.inTags(gctx, picked)
	})
	group.Go(func() (err error) {
		trees, err = c.others(gctx, scope, picked.trees)
		return err
	})
	if err := group.Wait(); err != nil {
		return err
	}
	if err := c.inTrees(ctx, scope, trees); err != nil {
		return err
	}
	for _, w := range trees {
		if c.opt.Policy != nil {
			name := c.repo.name()
			if w.tip != "" {
				name = fmt.Sprintf("%s@%.12s", name, w.tip)
			}
			if err := c.decide(ctx, w, name); err != nil {
				return err
			}
		}
		c.report.Trees = append(c.report.Trees, w.out)
	}
	return nil
}

// inCommits looks for secrets in the commits.
func (c *checker) inCommits(ctx context.Context, picked selection) error {
	if len(picked.history.ids) == 0 {
		return nil
	}
	found, err := c.commitSecrets(ctx, picked.history.ids)
	if err != nil {
		return err
	}
	fixes := map[string]string{} // by commit: to make one out, the history is walked
	for _, f := range found {
		fix, known := fixes[f.Commit]
		if !known {
			fix = picked.remedy(f, c.repo.head)
			fixes[f.Commit] = fix
		}
		f.Fix = fix
		c.hold(f)
	}
	return nil
}

// inTrees looks for secrets in what is staged and, for the gate, in the trees.
func (c *checker) inTrees(ctx context.Context, scope Scope, trees []*work) error {
	for _, w := range trees {
		var err error
		if scope.Kind == Staged {
			if w.out.Secrets, err = c.staged(ctx, changed(w.now, w.before), w.before); err != nil {
				return err
			}
		}
		if c.opt.Policy != nil {
			if w.found.secrets, err = c.treeSecrets(ctx, w.now); err != nil {
				return err
			}
		}
	}
	return nil
}

// others lists the files of trees and looks at configuration and packages.
func (c *checker) others(ctx context.Context, scope Scope, pairs []pair) ([]*work, error) {
	var trees []*work
	for _, t := range pairs {
		if t.tip != "" && t.tip == t.base {
			continue // nothing came after the base
		}
		w, err := c.list(ctx, scope, t)
		if err != nil {
			return nil, err
		}
		if w.found.config, w.out.Config, err = c.newConfig(ctx, w.now, w.before); err != nil {
			return nil, err
		}
		if w.found.packages, w.out.Vulns, err = c.newVulns(ctx, w.now, w.before); err != nil {
			return nil, err
		}
		trees = append(trees, w)
	}
	return trees, nil
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
