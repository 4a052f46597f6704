// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package precheck

import (
	"context"
	"fmt"
	"path"
	"slices"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
)

// list lists the files of a tree, and of what it is held against.
func (c *checker) list(ctx context.Context, scope Scope, t pair) (*work, error) {
	w := &work{pair: t, now: t.entries, out: Tree{Ref: t.ref, Commit: t.tip, Base: t.base, Secrets: []predicate.Finding{}, Config: []predicate.Finding{}, Vulns: []predicate.VulnResult{}, Decisions: []gate.Decision{}}}
	var err error
	if t.tip != "" {
		if w.now, err = c.repo.tree(ctx, t.tip); err != nil {
			return nil, err
		}
	}
	if scope.Kind != All {
		if w.before, err = c.repo.tree(ctx, t.base); err != nil {
			return nil, err
		}
	}
	diff := changed(w.now, w.before)
	w.out.Changed = len(diff)
	return w, c.mention(ctx, w.now, diff)
}

// mention says of what kind of new entries the content can't be looked at.
func (c *checker) mention(ctx context.Context, now, diff []entry) error {
	modules, files := 0, []string{}
	for _, e := range diff {
		if e.mode == modeSubmodule {
			modules++
		} else if e.file() {
			files = append(files, e.id)
		}
	}
	if modules > 0 {
		c.report.Notes = append(c.report.Notes, fmt.Sprintf("submodules that moved: %d; they are checked in their own repositories", modules))
	}
	if len(files) == 0 || !slices.ContainsFunc(now, func(e entry) bool { return path.Base(e.path) == ".gitattributes" }) { // Git LFS needs one
		return nil
	}
	pointers, err := c.repo.git.Pointers(ctx, files)
	if pointers > 0 {
		c.report.Notes = append(c.report.Notes, fmt.Sprintf("new pointers of Git LFS: %d; their content lies elsewhere and is not looked at", pointers))
	}
	return err
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
		f.Fix = (selection{}).remedy(f, "")
		if !c.waived(f) {
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
