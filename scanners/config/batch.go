// SPDX-License-Identifier: Apache-2.0

package config

import (
	"context"
	"fmt"
	"maps"
	"runtime/debug"
	"slices"
	"time"

	"github.com/sealock-dev/sealock/rules"
	"github.com/sealock-dev/sealock/scanners/config/flows"
)

// batchText is how much text is judged at once, where rules allow it: a few hundred manifests, or one larger file.
const batchText = 128 << 10

// divided is rules that can be evaluated in parts. *rules.FindingRules is one.
type divided interface {
	Evaluator
	Part(names ...string) *rules.FindingRules
	Views() []rules.View
	Everywhere() []string
	Whole() bool
}

// divided cuts the jobs into batches, if there is more than one and no rule asks for the whole tree at once.
func (s *scan) divided(e Evaluator, most int64) (divided, [][]int) {
	var batches [][]int
	room := int64(0)
	for n, j := range s.jobs {
		if room -= j.size; room < 0 || n == 0 {
			batches, room = append(batches, nil), most-j.size
		}
		last := len(batches) - 1
		batches[last] = append(batches[last], n)
	}
	if len(batches) < 2 {
		return nil, nil
	}
	parts, ok := e.(divided)
	if !ok || len(parts.Views()) == 0 || parts.Whole() {
		s.compact = true
		return nil, nil
	}
	return parts, batches
}

// judge judges a tree batch by batch. Of what was judged it keeps the findings, and what rules read that look at several items; these are evaluated
// at the end. Terraform modules that call each other are always in one batch.
type judge struct {
	*scan
	opt      Options
	at       time.Time
	rules    divided
	views    []rules.View
	verdicts *verdicts
	declared any // flows, as rules see them

	scopes     map[string]bool      // that the tree defines, as far as it was read
	scoped     map[scopeUse][]int   // the jobs by the kinds of their objects
	records    []record             // of all items
	shelves    []shelf              // of the views
	flows      shelf                // what the graph of flows is computed from
	wide       []part               // resources that mean something for all modules
	kept       map[int]map[int]Item // items that can't be made again, by job and index
	kubernetes bool                 // there are objects
}

// scopeUse is a kind, and whether its objects were taken for ones of the cluster.
type scopeUse struct {
	group, kind string
	cluster     bool
}

// record is what is kept of each item.
type record struct {
	file string
	kind Kind
	slot
}

// part is one item to judge, beside its place.
type part struct {
	Item
	slot
}

func newJudge(s *scan, parts divided, opt Options, at time.Time, v *verdicts) (*judge, error) {
	declared, err := plainJSON(opt.Flows)
	if err != nil {
		return nil, err
	}
	j := &judge{scan: s, opt: opt, at: at, rules: parts, views: parts.Views(), verdicts: v, declared: declared, scopes: map[string]bool{}, scoped: map[scopeUse][]int{}, kept: map[int]map[int]Item{}}
	all := &texts{numbers: map[string]uint64{}}
	j.flows.texts = all
	for range j.views {
		j.shelves = append(j.shelves, shelf{texts: all})
	}
	return j, nil
}

// run judges the batches, then what kustomizations make, and then all that needs the whole tree.
func (j *judge) run(ctx context.Context, batches [][]int) error {
	if len(batches) >= manyBatches {
		defer debug.SetGCPercent(tightHeap())
	}
	if err := j.everywhere(ctx); err != nil {
		return err
	}
	for _, numbers := range batches {
		if err := j.batch(ctx, numbers, true); err != nil {
			return err
		}
		if err := countable(len(j.records)); err != nil {
			return err
		}
	}
	if err := j.made(ctx); err != nil {
		return err
	}
	if err := j.again(ctx); err != nil {
		return err
	}
	return j.end(ctx)
}

// From so many batches on the heap may grow by tightGrowth percent between two collections: what is kept of a large tree is little, and the garbage of
// its batches would be most of the memory. A smaller tree is quicker with Go's own 100.
const (
	manyBatches = 8
	tightGrowth = 40
)

// tightHeap gives what held before. What the user set lower stays, as does a collector that is off.
func tightHeap() (before int) {
	before = debug.SetGCPercent(tightGrowth)
	if before < tightGrowth {
		debug.SetGCPercent(before)
	}
	return before
}

// batch parses and judges some jobs.
func (j *judge) batch(ctx context.Context, numbers []int, first bool) error {
	results, err := j.parse(ctx, numbers)
	if err != nil {
		return err
	}
	objects := make([][]object, len(results))
	for i, r := range results {
		delete(j.ready, numbers[i]) //nolint:gosec // there is a result for each number
		objects[i] = j.left(r)
		maps.Copy(j.scopes, definedScopes(objects[i]))
		if !first {
			continue
		}
		if err := j.note(r); err != nil {
			return err
		}
	}
	var parts []part
	for i, r := range results {
		parts = append(parts, j.parts(numbers[i], r.items, objects[i])...) //nolint:gosec // as above
	}
	return j.judge(ctx, parts)
}

// everywhere finds the resources that mean something for all modules.
func (j *judge) everywhere(ctx context.Context) error {
	kinds := j.rules.Everywhere()
	for n := range j.jobs {
		if !j.jobs[n].wide {
			continue
		}
		results, err := j.parse(ctx, []int{n})
		if err != nil {
			return err
		}
		for index, i := range results[0].items {
			if kind, _ := i.Doc["type"].(string); i.Kind == Terraform && slices.Contains(kinds, kind) {
				j.wide = append(j.wide, part{i, slot{job: n, index: index}})
			}
		}
	}
	return nil
}

// parts are the items of a job, objects after the others.
func (j *judge) parts(job int, items []Item, objects []object) []part {
	out := make([]part, 0, len(items)+len(objects))
	for _, i := range items {
		out = append(out, part{i, slot{job: job, index: len(out)}})
	}
	for _, o := range objects {
		group, _ := splitVersion(o.api)
		use := scopeUse{group, o.kind, clusterScoped(group, o.kind, j.scopes)}
		if jobs := j.scoped[use]; len(jobs) == 0 || jobs[len(jobs)-1] != job {
			j.scoped[use] = append(jobs, job)
		}
		for _, i := range o.items(j.scopes) {
			out = append(out, part{i, slot{job: job, index: len(out)}})
		}
	}
	return out
}

// judge evaluates the rules that look at one item on those of some files.
func (j *judge) judge(ctx context.Context, parts []part) error {
	if len(parts) == 0 {
		return nil
	}
	items := make([]Item, 0, len(parts))
	jobs := map[int]bool{} // with Terraform
	for n, p := range parts {
		j.records = append(j.records, record{p.File, p.Kind, p.slot})
		if err := j.shelve(p); err != nil {
			return err
		}
		if p.Kind == Terraform {
			jobs[p.job] = true
		}
		p.ID = n
		items = append(items, p.Item)
	}
	for _, p := range j.wide {
		if len(jobs) > 0 && !jobs[p.job] { // else it is there, or nobody asks
			p.ID = len(items)
			items = append(items, p.Item)
		}
	}
	found, err := j.find(ctx, lists(items), rules.PartEach)
	if err != nil {
		return err
	}
	for _, r := range found {
		if r.Item < 0 || r.Item >= len(items) {
			return fmt.Errorf("the rule %s names item %d of %d", r.Rule.ID, r.Item, len(items))
		}
		if r.Item < len(parts) { // what is wrong with the others is found with their own modules
			j.verdicts.add(&items[r.Item], r, parts[r.Item].slot)
		}
	}
	return nil
}

func (j *judge) find(ctx context.Context, doc map[string]any, part string) ([]rules.Finding, error) {
	doc["declared"] = j.declared
	return j.rules.Part(part).Find(ctx, rules.Input{Document: doc, Params: j.opt.Params, At: j.at})
}

func (j *judge) keep(p part) {
	if j.kept[p.job] == nil {
		j.kept[p.job] = map[int]Item{}
	}
	j.kept[p.job][p.index] = p.Item
}

// shelve keeps what is read of an item beside all others.
func (j *judge) shelve(p part) error {
	for n := range j.views {
		if Kind(j.views[n].List) != p.Kind {
			continue
		}
		if v := j.views[n].Of(p.Doc); v != nil {
			delete(v, "id") // not yet known
			if err := j.shelves[n].put(p.slot, v); err != nil {
				return err
			}
		}
	}
	if p.Kind != Kubernetes {
		return nil
	}
	j.kubernetes = true
	if v := flows.Reads(p.body()); v != nil {
		return j.flows.put(p.slot, map[string]any{"object": v, "namespace": p.Doc["namespace"]})
	}
	return nil
}

// made judges the objects of kustomizations; they can't be made again one by one, and stay.
func (j *judge) made(ctx context.Context) error {
	if err := j.note(j.built.parsed); err != nil {
		return err
	}
	maps.Copy(j.scopes, definedScopes(j.built.objects))
	parts := j.parts(len(j.jobs), nil, j.built.objects)
	for _, p := range parts {
		j.keep(p)
	}
	for some := range slices.Chunk(parts, madeAtOnce) {
		if err := j.judge(ctx, some); err != nil {
			return err
		}
	}
	return nil
}

// madeAtOnce is how many made objects are judged at once.
const madeAtOnce = 300

// again judges the files anew whose objects turned out to have another scope, since a definition of their kind was read after them.
func (j *judge) again(ctx context.Context) error {
	stale := map[int]bool{}
	for use, jobs := range j.scoped {
		if clusterScoped(use.group, use.kind, j.scopes) == use.cluster {
			continue
		}
		for _, n := range jobs {
			stale[n] = true
		}
	}
	old := func(at slot) bool { return stale[at.job] }
	j.records = slices.DeleteFunc(j.records, func(r record) bool { return old(r.slot) })
	j.verdicts.found = slices.DeleteFunc(j.verdicts.found, func(v verdict) bool { return old(v.slot) })
	j.flows.drop(stale)
	for n := range j.shelves {
		j.shelves[n].drop(stale)
	}
	for _, n := range slices.Sorted(maps.Keys(stale)) {
		if err := j.batch(ctx, []int{n}, false); err != nil {
			return err
		}
	}
	return nil
}
