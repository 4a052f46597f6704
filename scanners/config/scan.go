// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"path"
	"runtime"
	"slices"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/rules"
	"github.com/sealock-dev/sealock/scanners"
)

// ErrNothing says that there was nothing to scan: the walk visited no file.
var ErrNothing = errors.New("nothing was scanned")

// Evaluator judges the document. *rules.FindingRules is one.
type Evaluator interface {
	Find(ctx context.Context, in rules.Input) ([]rules.Finding, error)
	Digest() string
}

// Options are the parameters of a scan.
type Options struct {
	Now         func() time.Time          // required
	Rules       Evaluator                 // required
	Params      map[string]map[string]any // parameters of the rules, by their id
	Flows       []predicate.DeclaredFlow  // who may talk to whom; nil: nothing is declared
	Include     []string                  // folders that are left out otherwise: names such as testdata, or paths
	Version     string                    // sealock's own, for the report
	Parallelism int                       // files parsed at once; 0: one for each CPU
}

// Scan judges the configuration in a tree. The entries of the walk are opened after it too, so the source must stay open until Scan returns.
func Scan(ctx context.Context, files scanners.Files, opt Options) (predicate.Findings, error) {
	fail := func(err error) (predicate.Findings, error) {
		return predicate.Findings{}, fmt.Errorf("scanning configuration: %w", err)
	}
	if opt.Now == nil {
		return fail(errors.New("no clock was given"))
	}
	if opt.Rules == nil {
		return fail(errors.New("no rules were given"))
	}
	started := opt.Now()
	s, err := read(ctx, files, opt)
	if err != nil {
		return fail(err)
	}
	document, graph, err := Document(s.items, opt.Flows)
	if err != nil {
		return fail(err)
	}
	found, err := opt.Rules.Find(ctx, rules.Input{Document: document, Params: opt.Params, At: started})
	if err != nil {
		return fail(err)
	}
	out, err := s.report(found, opt)
	if err != nil {
		return fail(err)
	}
	out.Graph = graph
	out.StartedOn, out.FinishedOn = predicate.Time(started), predicate.Time(opt.Now())
	return out, nil
}

// Read gives the items of a tree without judging them, for tests of rules and for showing what a rule sees.
func Read(ctx context.Context, files scanners.Files, opt Options) ([]Item, []Problem, error) {
	s, err := read(ctx, files, opt)
	if err != nil {
		return nil, nil, err
	}
	return s.items, s.problems, nil
}

// scan is everything that was read of one tree.
type scan struct {
	tree       *tree
	limits     limits
	parsers    parsers
	items      []Item
	problems   []Problem
	suppressed []predicate.Suppressed
	skipped    []skip
}

// skip is a file, or several in a folder, that is not judged.
type skip struct {
	path, reason string
	files        int
}

// read walks the tree and makes items of it.
func read(ctx context.Context, files scanners.Files, opt Options) (*scan, error) {
	t, err := walk(ctx, files, opt.Include)
	if err != nil {
		return nil, err
	}
	s := &scan{tree: t, limits: defaultLimits(), parsers: allParsers(), skipped: t.skipped, suppressed: t.suppressed}
	workers := opt.Parallelism
	if workers <= 0 {
		workers = runtime.GOMAXPROCS(0)
	}
	if err := s.parse(ctx, workers); err != nil {
		return nil, err
	}
	if len(s.items) > maxItems {
		return nil, fmt.Errorf("%w: more than %d things to judge; leave folders out of the subject", ErrLimit, maxItems)
	}
	if len(s.problems) > maxProblems {
		return nil, fmt.Errorf("%w: more than %d files and documents that can't be read", ErrLimit, maxProblems)
	}
	return s, nil
}

// parsed is what came of one file, folder or chart.
type parsed struct {
	file       file
	docs       []yamlDocument // of Kubernetes files
	objects    []object
	items      []Item
	problems   []Problem
	suppressed []predicate.Suppressed
	skipped    []skip
}

// parse reads the files side by side and puts what came of them in order. Charts are rendered beside them; kustomizations are built one after the
// other, because kustomize keeps its schema in a global.
func (s *scan) parse(ctx context.Context, workers int) error {
	singles, folders := s.jobs()
	jobs := append(singles, folders...)
	results := make([]parsed, len(jobs))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(workers, 1))
	for n, job := range jobs {
		g.Go(func() (err error) {
			if err := gctx.Err(); err != nil {
				return err
			}
			results[n], err = job(gctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	return s.collect(ctx, results)
}

type job func(ctx context.Context) (parsed, error)

// jobs are one for each file, one for all of Terraform, and one for each chart.
func (s *scan) jobs() (singles, folders []job) {
	terraform := map[string][]file{}
	for _, c := range s.tree.candidates {
		switch {
		case c.class == terraformFile:
			dir := strings.TrimPrefix(path.Dir(c.file.path), ".")
			terraform[dir] = append(terraform[dir], c.file)
		case c.class != chartFile && c.class != kustomizationFile && !s.tree.isTemplate(c.file.path):
			singles = append(singles, func(context.Context) (parsed, error) { return s.single(c) })
		}
	}
	if len(terraform) > 0 {
		folders = append(folders, func(context.Context) (parsed, error) { return s.terraform(terraform) })
	}
	for _, dir := range s.tree.charts {
		folders = append(folders, func(ctx context.Context) (parsed, error) { return s.chart(ctx, dir) })
	}
	return singles, folders
}

// collect makes items of all results: Kubernetes objects last, when the scopes of all kinds are known.
func (s *scan) collect(ctx context.Context, results []parsed) error {
	built, err := s.kustomize(ctx, results)
	if err != nil {
		return err
	}
	for n := range s.tree.candidates { // what comes of a file keeps none of its text
		s.tree.candidates[n].file.data = nil
	}
	var objects []object
	for n, r := range append(results, built.parsed) {
		if n < len(results) {
			results[n] = parsed{}
		}
		for n, o := range r.objects {
			if !built.consumed[objectID{r.file.path, n}] {
				objects = append(objects, o)
			}
		}
		s.items = append(s.items, r.items...)
		s.problems = append(s.problems, r.problems...)
		s.suppressed = append(s.suppressed, r.suppressed...)
		s.skipped = append(s.skipped, r.skipped...)
	}
	objects = append(objects, terraformObjects(s.items, s.limits)...)
	s.items = append(s.items, kubernetesItems(objects)...)
	slices.SortStableFunc(s.items, func(a, b Item) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Kind, b.Kind)) })
	for n := range s.items {
		s.items[n].ID = n
	}
	return nil
}
