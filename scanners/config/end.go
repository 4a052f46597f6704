// SPDX-License-Identifier: Apache-2.0

package config

import (
	"cmp"
	"context"
	"fmt"
	"iter"
	"slices"

	"github.com/sealock-dev/sealock/rules"
	"github.com/sealock-dev/sealock/scanners/config/flows"
)

// end evaluates the rules that need the whole tree, now that all items and their order are known.
func (j *judge) end(ctx context.Context) error {
	ids := j.number()
	for n := range j.verdicts.found {
		v := &j.verdicts.found[n]
		v.item = int(ids[v.job][v.index])
	}
	byID := make([]slot, len(j.records))
	for _, r := range j.records {
		byID[ids[r.job][r.index]] = r.slot
	}
	j.records = nil
	found, err := j.across(ctx, ids)
	if err != nil {
		return err
	}
	for _, r := range found {
		if r.Item < 0 || r.Item >= len(byID) {
			return fmt.Errorf("the rule %s names item %d of %d", r.Rule.ID, r.Item, len(byID))
		}
	}
	return j.locate(ctx, found, byID)
}

// number gives each item its number: by file, by kind, and then in the order in which a whole tree has them. The numbers are by job and index.
func (j *judge) number() [][]int32 {
	slices.SortFunc(j.records, func(a, b record) int {
		return cmp.Or(cmp.Compare(a.file, b.file), cmp.Compare(a.kind, b.kind), cmp.Compare(a.job, b.job), cmp.Compare(a.index, b.index))
	})
	count := make([]int, len(j.jobs)+1)
	for _, r := range j.records {
		count[r.job] = max(count[r.job], r.index+1)
	}
	ids := make([][]int32, len(count))
	for n := range ids {
		ids[n] = make([]int32, count[n])
	}
	for n, r := range j.records {
		ids[r.job][r.index] = int32(n)
	}
	return ids
}

// across evaluates the rules that look at several items, one view after the other.
func (j *judge) across(ctx context.Context, ids [][]int32) ([]rules.Finding, error) {
	found, err := j.overGraph(ctx, ids)
	if err != nil {
		return nil, err
	}
	for n := range j.views {
		doc := lists(nil)
		doc[j.views[n].List] = j.shelves[n].items(ids)
		more, err := j.find(ctx, doc, j.views[n].Name)
		if err != nil {
			return nil, err
		}
		found = append(found, more...)
	}
	return found, nil
}

// overGraph computes the graph of flows and evaluates the rules over it.
func (j *judge) overGraph(ctx context.Context, ids [][]int32) ([]rules.Finding, error) {
	if !j.kubernetes && j.opt.Flows == nil {
		return nil, nil
	}
	entries := j.flows.inOrder(ids)
	var err error
	j.verdicts.graph, err = computed(flows.ComputeEach(func(yield func(flows.Object) bool) {
		for _, e := range entries {
			v := j.flows.get(e).(map[string]any)
			namespace, _ := v["namespace"].(string)
			if !yield(flows.Object{Item: int(ids[e.job][e.index]), Object: v["object"].(map[string]any), Namespace: namespace}) {
				return
			}
		}
	}, j.opt.Flows))
	if err != nil {
		return nil, err
	}
	j.flows = shelf{}
	doc := lists(nil)
	doc["graph"] = wireGraph(j.verdicts.graph)
	return j.find(ctx, doc, rules.PartGraph)
}

// items are the objects of a view, made one by one.
func (s *shelf) items(ids [][]int32) iter.Seq[any] {
	entries := s.inOrder(ids)
	return func(yield func(any) bool) {
		for _, e := range entries {
			item := s.get(e).(map[string]any)
			item["id"] = int(ids[e.job][e.index])
			if !yield(item) {
				return
			}
		}
	}
}

// inOrder is the entries by the number of their item.
func (s *shelf) inOrder(ids [][]int32) []shelved {
	slices.SortFunc(s.entries, func(a, b shelved) int { return cmp.Compare(ids[a.job][a.index], ids[b.job][b.index]) })
	return s.entries
}

// locatedAtOnce is how many files are read again at once.
const locatedAtOnce = 32

// locate puts findings at their places. Items that are gone are made again from their file.
func (j *judge) locate(ctx context.Context, found []rules.Finding, byID []slot) error {
	byJob := map[int][]rules.Finding{}
	for _, r := range found {
		at := byID[r.Item]
		if i, there := j.kept[at.job][at.index]; there {
			at.item = r.Item
			j.verdicts.add(&i, r, at)
			continue
		}
		byJob[at.job] = append(byJob[at.job], r)
	}
	jobs := make([]int, 0, len(byJob))
	for n := range byJob {
		jobs = append(jobs, n)
	}
	slices.Sort(jobs)
	for some := range slices.Chunk(jobs, locatedAtOnce) {
		if err := j.relocate(ctx, some, byJob, byID); err != nil {
			return err
		}
	}
	return nil
}

// relocate reads the files of some jobs again.
func (j *judge) relocate(ctx context.Context, jobs []int, byJob map[int][]rules.Finding, byID []slot) error {
	results, err := j.parse(ctx, jobs)
	if err != nil {
		return err
	}
	for n, job := range jobs {
		parts := j.parts(job, results[n].items, j.left(results[n]))
		for _, r := range byJob[job] {
			at := byID[r.Item]
			if at.index >= len(parts) {
				return fmt.Errorf("finding the place of what %s found: %q was another file when it was read again", r.Rule.ID, results[n].file.path)
			}
			at.item = r.Item
			j.verdicts.add(&parts[at.index].Item, r, at)
		}
	}
	return nil
}
