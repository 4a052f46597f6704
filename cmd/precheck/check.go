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
	Decisions []gate.Decision        `json:"decisions"`
}

// Schema names the form of a report.
const Schema = "sealock/check/v1"

func (r *Report) undecided(format string, args ...any) {
	r.Undecided = append(r.Undecided, fmt.Sprintf(format, args...))
}

// checker is one check.
type checker struct {
	opt    Options
	repo   *repository
	memory *memory
	report *Report
}

func (c *checker) progress(format string, args ...any) (done func()) {
	if c.opt.Progress == nil {
		return func() {}
	}
	return c.opt.Progress(fmt.Sprintf(format, args...))
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
	name, err := c.name(scope, picked)
	if err != nil {
		return Report{}, err
	}
	if r, ok := c.memory.outcome(name, opt.Now()); ok {
		r.Cached = true
		return r, nil
	}
	c.report = &Report{Schema: Schema, Scope: scope.Kind, Commits: len(picked.history.ids), Head: repo.head, Undecided: picked.undecided, Notes: picked.notes,
		Secrets: []predicate.Finding{}, Waived: []predicate.Finding{}, Trees: []Tree{}, Data: Data{opt.DataUpdated}}
	if err := c.all(ctx, scope, picked); err != nil {
		c.memory.save() // what was found out so far need not be found out again
		return Report{}, err
	}
	c.conclude()
	c.memory.keep(name, opt.Now(), *c.report)
	c.memory.save()
	return *c.report, nil
}

// name is that of everything the outcome depends on.
func (c *checker) name(scope Scope, picked selection) (string, error) {
	rules, err := c.opt.Config.Digest()
	if err != nil {
		return "", err
	}
	parts := []string{Schema, c.opt.Version, rules, secrets.Version, secrets.RulesDigest(), c.opt.PolicyID, c.opt.DataDigest, fmt.Sprint(c.opt.Environments, c.opt.MinVersion, c.opt.Insecure, c.repo.shallow),
		string(scope.Kind), c.repo.head, strings.Join(picked.history.ids, " "), strings.Join(picked.undecided, "\n"), strings.Join(picked.notes, "\n")}
	for _, t := range picked.trees {
		parts = append(parts, t.ref, t.tip, t.base)
		for _, e := range t.entries {
			parts = append(parts, e.mode, e.id, e.path)
		}
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

func (c *checker) all(ctx context.Context, scope Scope, picked selection) error {
	if len(picked.history.ids) > 0 {
		found, err := c.commitSecrets(ctx, picked.history.ids)
		if err != nil {
			return err
		}
		for _, f := range found {
			root := len(picked.history.parents[f.Commit]) == 0
			f.Fix = remedy(f, c.repo.head, root)
			if c.waived(f) {
				c.report.Waived = append(c.report.Waived, f)
			} else {
				c.report.Secrets = append(c.report.Secrets, f)
			}
		}
	}
	for _, t := range picked.trees {
		if t.tip != "" && t.tip == t.base && scope.Kind == Push {
			continue // the remote has it
		}
		made, err := c.tree(ctx, scope, t)
		if err != nil {
			return err
		}
		c.report.Trees = append(c.report.Trees, made)
	}
	return nil
}

// waived reports whether the policy accepts a secret in a commit, as it would accept it in a tree.
func (c *checker) waived(f predicate.Finding) bool {
	p := c.opt.Policy
	if p == nil {
		return false
	}
	now := c.opt.Now()
	for _, w := range p.Waivers {
		s := w.Scope
		if w.Rule == predicate.KindSecrets && now.Before(w.Expires) && !now.Before(w.From) && s.Advisory+s.PURL+s.Resource+s.Subject == "" && s.Path+s.Fingerprint != "" &&
			(s.Path == "" || s.Path == f.Path) && (s.Fingerprint == "" || s.Fingerprint == f.Fingerprint) {
			return true
		}
	}
	return now.Before(p.Baseline.Until) && slices.ContainsFunc(p.Known, func(b gate.Baselined) bool { return b.Rule == predicate.KindSecrets && b.Fingerprint == f.Fingerprint })
}

// tree looks at one tree and what is new in it.
func (c *checker) tree(ctx context.Context, scope Scope, t pair) (Tree, error) {
	out := Tree{Ref: t.ref, Commit: t.tip, Base: t.base, Secrets: []predicate.Finding{}, Config: []predicate.Finding{}, Vulns: []predicate.VulnResult{}, Decisions: []gate.Decision{}}
	now := t.entries
	var err error
	if t.tip != "" {
		if now, err = c.repo.tree(ctx, t.tip); err != nil {
			return Tree{}, err
		}
	}
	var before []entry
	if scope.Kind != All {
		if before, err = c.repo.tree(ctx, t.base); err != nil {
			return Tree{}, err
		}
	}
	diff := changed(now, before)
	out.Changed = len(diff)
	c.mention(diff)
	if scope.Kind == Staged {
		if out.Secrets, err = c.staged(ctx, diff, before); err != nil {
			return Tree{}, err
		}
	}
	var found scanned
	if found.config, out.Config, err = c.newConfig(ctx, now, before); err != nil {
		return Tree{}, err
	}
	if found.packages, out.Vulns, err = c.newVulns(ctx, now, before); err != nil {
		return Tree{}, err
	}
	if c.opt.Policy == nil {
		return out, nil
	}
	if found.secrets, err = c.treeSecrets(ctx, now); err != nil {
		return Tree{}, err
	}
	name := c.repo.name()
	if t.tip != "" {
		name = fmt.Sprintf("%s@%.12s", name, t.tip)
	}
	out.Decisions, err = c.decide(ctx, found, name)
	return out, err
}

// mention says of what kind of entries the content can't be looked at.
func (c *checker) mention(diff []entry) {
	modules := 0
	for _, e := range diff {
		if e.mode == modeSubmodule {
			modules++
		}
	}
	if modules > 0 {
		c.report.Notes = append(c.report.Notes, fmt.Sprintf("%d submodules moved; their content is checked in their own repositories", modules))
	}
}

// staged are secrets in what is staged that were not in the files before.
func (c *checker) staged(ctx context.Context, diff, before []entry) ([]predicate.Finding, error) {
	found, err := c.treeSecrets(ctx, diff)
	if err != nil {
		return nil, err
	}
	paths := map[string]bool{}
	for _, e := range diff {
		paths[e.path] = true
	}
	old, err := c.treeSecrets(ctx, slices.DeleteFunc(slices.Clone(before), func(e entry) bool { return !paths[e.path] }))
	if err != nil {
		return nil, err
	}
	fresh := unknown(found.Findings, old.Findings)
	out := []predicate.Finding{}
	for _, f := range fresh {
		if f.Fix = remedy(f, "", false); !c.waived(f) {
			out = append(out, f)
		}
	}
	return out, nil
}

// unknown are the findings that are not among those of before.
func unknown(now, before []predicate.Finding) []predicate.Finding {
	known := map[string]bool{}
	for _, f := range before {
		known[f.Fingerprint] = true
	}
	return slices.DeleteFunc(slices.Clone(now), func(f predicate.Finding) bool { return known[f.Fingerprint] })
}

// newConfig judges the configuration of a tree, and tells what was not found in it before.
func (c *checker) newConfig(ctx context.Context, now, before []entry) (predicate.Findings, []predicate.Finding, error) {
	found, err := c.configuration(ctx, now)
	if err != nil || len(found.Findings) == 0 {
		return found, []predicate.Finding{}, err
	}
	old, err := c.configuration(ctx, before)
	if err != nil {
		c.report.Notes = append(c.report.Notes, fmt.Sprintf("the configuration from before can't be judged, so all of it counts as new: %v", err))
		old = predicate.Findings{}
	}
	return found, unknown(found.Findings, old.Findings), nil
}

// newVulns lists the packages of a tree if anything asks for them, and tells which vulnerabilities were not there before.
func (c *checker) newVulns(ctx context.Context, now, before []entry) (packageResult, []predicate.VulnResult, error) {
	files, sum := manifests(now)
	_, old := manifests(before)
	none := []predicate.VulnResult{}
	differ := sum != old && len(files) > 0
	if differ && c.opt.Data == nil {
		c.report.Notes = append(c.report.Notes, "dependencies changed and were not looked up: there is no vulnerability data here (sealock db update)")
	}
	if c.opt.Policy == nil && (!differ || c.opt.Data == nil) {
		return packageResult{}, none, nil
	}
	found, err := c.packages(ctx, now)
	if err != nil || !differ || found.Vulns == nil {
		return found, none, err
	}
	known, err := c.packages(ctx, before)
	if err != nil {
		return found, none, err
	}
	return found, newResults(found.Vulns, known.Vulns), nil
}

func newResults(now, before *predicate.Vulns) []predicate.VulnResult {
	copied := *now
	copied.Scanner.Result = slices.Clone(now.Scanner.Result)
	for i, r := range copied.Scanner.Result {
		copied.Scanner.Result[i].Annotations = slices.Clone(r.Annotations)
	}
	if before != nil {
		stage.MarkKnown([]stage.Report{{Vulns: &copied}}, []stage.Report{{Vulns: before}})
	}
	return slices.DeleteFunc(copied.Scanner.Result, func(r predicate.VulnResult) bool {
		return len(r.Annotations) > 0 && !slices.ContainsFunc(r.Annotations, func(a predicate.VulnAnnotation) bool { return !a.Baseline })
	})
}

func sorted[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
