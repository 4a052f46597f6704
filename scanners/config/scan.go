// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"runtime"
	"slices"
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
	return scanIn(ctx, files, opt, bounds{text: maxHeld, batch: batchText})
}

// bounds say how much text of candidates is kept in memory, and how much is judged at once.
type bounds struct{ text, batch int64 }

func scanIn(ctx context.Context, files scanners.Files, opt Options, b bounds) (predicate.Findings, error) {
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
	s, err := prepare(ctx, files, opt, b)
	if err != nil {
		return fail(err)
	}
	v := &verdicts{rules: map[string]*rules.Rule{}, words: map[string]string{}}
	if parts, batches := s.divided(opt.Rules, b.batch); parts != nil {
		err = s.inBatches(ctx, parts, batches, opt, started, v)
	} else {
		err = s.whole(ctx, opt, started, v)
	}
	if err != nil {
		return fail(err)
	}
	out, err := s.report(v, opt)
	if err != nil {
		return fail(err)
	}
	out.StartedOn, out.FinishedOn = predicate.Time(started), predicate.Time(opt.Now())
	return out, nil
}

// inBatches judges some files at a time.
func (s *scan) inBatches(ctx context.Context, parts divided, batches [][]int, opt Options, at time.Time, v *verdicts) error {
	j, err := newJudge(s, parts, opt, at, v)
	if err != nil {
		return err
	}
	return j.run(ctx, batches)
}

// whole judges everything at once.
func (s *scan) whole(ctx context.Context, opt Options, at time.Time, v *verdicts) error {
	items, err := s.all(ctx)
	if err != nil {
		return err
	}
	document, graph, err := Document(items, opt.Flows)
	if err != nil {
		return err
	}
	found, err := opt.Rules.Find(ctx, rules.Input{Document: document, Params: opt.Params, At: at})
	if err != nil {
		return err
	}
	v.graph = graph
	for _, r := range found {
		if r.Item < 0 || r.Item >= len(items) {
			return fmt.Errorf("the rule %s names item %d of %d", r.Rule.ID, r.Item, len(items))
		}
		v.add(&items[r.Item], r, slot{item: r.Item})
	}
	return nil
}

// Read gives the items of a tree without judging them, for tests of rules and for showing what a rule sees.
func Read(ctx context.Context, files scanners.Files, opt Options) ([]Item, []Problem, error) {
	s, err := prepare(ctx, files, opt, bounds{text: maxHeld})
	if err != nil {
		return nil, nil, err
	}
	items, err := s.all(ctx)
	return items, s.problems, err
}

// scan is everything that was read of one tree.
type scan struct {
	tree       *tree
	limits     limits
	parsers    parsers
	workers    int
	jobs       []job
	built      builtObjects   // by kustomizations
	ready      map[int]parsed // jobs that kustomizations asked for
	compact    bool           // everything is judged at once: positions are kept in their small form
	problems   []Problem
	suppressed []predicate.Suppressed
	skipped    []skip
}

// skip is a file, or several in a folder, that is not judged.
type skip struct {
	path, reason string
	files        int
}

// prepare walks the tree, lists what is to be parsed, and builds the kustomizations, one after the other because kustomize keeps its schema in a global.
func prepare(ctx context.Context, files scanners.Files, opt Options, b bounds) (*scan, error) {
	var wide []string
	if parts, ok := opt.Rules.(divided); ok {
		wide = parts.Everywhere()
	}
	t, err := walk(ctx, files, opt.Include, b.text, wide)
	if err != nil {
		return nil, err
	}
	s := &scan{tree: t, limits: defaultLimits(), parsers: allParsers(), workers: opt.Parallelism, ready: map[int]parsed{}, skipped: t.skipped, suppressed: t.suppressed}
	if s.workers <= 0 {
		s.workers = runtime.GOMAXPROCS(0)
	}
	s.listJobs()
	if s.built, err = s.kustomize(ctx); err != nil {
		return nil, err
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

// job makes items of one file, of Terraform modules that call each other, or of one chart.
type job struct {
	run  func(ctx context.Context) (parsed, error)
	size int64
	path string // of one file
	wide bool   // it may have what means something for all modules
}

// listJobs is one for each file, one for Terraform modules that call each other, and one for each chart.
func (s *scan) listJobs() {
	terraform, calls := map[string][]int{}, map[string][]string{}
	for n := range s.tree.candidates {
		c := &s.tree.candidates[n]
		switch {
		case c.class == terraformFile:
			dir := moduleFolder(c.file.path)
			terraform[dir] = append(terraform[dir], n)
			calls[dir] = append(calls[dir], c.calls...)
		case c.class != chartFile && c.class != kustomizationFile && !s.tree.isTemplate(c.file.path):
			s.jobs = append(s.jobs, job{size: c.size, path: c.file.path, wide: c.wide, run: func(context.Context) (parsed, error) {
				whole, err := s.tree.take(n)
				if err != nil {
					return parsed{}, err
				}
				return s.single(whole)
			}})
		}
	}
	for _, dirs := range connected(calls) {
		together, j := map[string][]int{}, job{}
		for _, dir := range dirs {
			together[dir] = terraform[dir]
			for _, n := range terraform[dir] {
				j.size += s.tree.candidates[n].size
				j.wide = j.wide || s.tree.candidates[n].wide
			}
		}
		j.run = func(context.Context) (parsed, error) { return s.terraform(together) }
		s.jobs = append(s.jobs, j)
	}
	for _, dir := range s.tree.charts {
		s.jobs = append(s.jobs, job{size: s.tree.below(dir), run: func(ctx context.Context) (parsed, error) { return s.chart(ctx, dir) }})
	}
}

// parse runs jobs side by side.
func (s *scan) parse(ctx context.Context, jobs []int) ([]parsed, error) {
	results := make([]parsed, len(jobs))
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(max(s.workers, 1))
	for n, number := range jobs {
		if r, there := s.ready[number]; there {
			results[n] = r
			continue
		}
		g.Go(func() (err error) {
			if err := gctx.Err(); err != nil {
				return err
			}
			results[n], err = s.jobs[number].run(gctx)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return nil, err
	}
	return results, ctx.Err()
}

// note keeps what a job has to say beside its items.
func (s *scan) note(r parsed) error {
	s.problems = append(s.problems, r.problems...)
	s.suppressed = append(s.suppressed, r.suppressed...)
	s.skipped = append(s.skipped, r.skipped...)
	if len(s.problems) > maxProblems {
		return fmt.Errorf("%w: more than %d files and documents that can't be read", ErrLimit, maxProblems)
	}
	return nil
}

// left is the objects of a job that are judged as they are written.
func (s *scan) left(r parsed) []object {
	var out []object
	for n, o := range r.objects {
		if !s.built.consumed[objectID{r.file.path, n}] {
			out = append(out, o)
		}
	}
	return out
}

// all is the items of the whole tree: Kubernetes objects last, when the scopes of all kinds are known.
func (s *scan) all(ctx context.Context) ([]Item, error) {
	numbers := make([]int, len(s.jobs))
	for n := range numbers {
		numbers[n] = n
	}
	results, err := s.parse(ctx, numbers)
	if err != nil {
		return nil, err
	}
	var items []Item
	var objects []object
	for n, r := range append(results, s.built.parsed) {
		if n < len(results) {
			results[n] = parsed{}
		}
		objects = append(objects, s.left(r)...)
		items = append(items, r.items...)
		if err := s.note(r); err != nil {
			return nil, err
		}
	}
	items = append(items, kubernetesItems(objects)...)
	if err := countable(len(items)); err != nil {
		return nil, err
	}
	slices.SortStableFunc(items, func(a, b Item) int { return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Kind, b.Kind)) })
	for n := range items {
		items[n].ID = n
	}
	return items, nil
}

func countable(items int) error {
	if items > maxItems {
		return fmt.Errorf("%w: more than %d things to judge; leave folders out of the subject", ErrLimit, maxItems)
	}
	return nil
}
