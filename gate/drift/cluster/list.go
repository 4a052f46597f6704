// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"
	"slices"
	"strings"

	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/drift"
)

// Listing is what runs, and what was not looked at.
type Listing struct {
	Running  []drift.Running
	Excluded []gate.Skip
	pods     []runningPod
}

// runningPod is a pod that was looked at, with what made it in the end.
type runningPod struct {
	namespace, name, uid string
	workload             owner
	images               []drift.Running
}

// The kinds that are read.
var (
	podKind       = schema.GroupVersionResource{Version: "v1", Resource: "pods"}
	namespaceKind = schema.GroupVersionResource{Version: "v1", Resource: "namespaces"}
	ownerKinds    = []schema.GroupVersionResource{{Group: "apps", Version: "v1", Resource: "replicasets"}, {Group: "batch", Version: "v1", Resource: "jobs"}}
)

// List says what runs now.
func (c *Cluster) List(ctx context.Context) (Listing, error) {
	environments, err := c.environments(ctx)
	if err != nil {
		return Listing{}, err
	}
	pods, err := c.listPods(ctx)
	if err != nil {
		return Listing{}, err
	}
	owners, err := c.owners(ctx)
	if err != nil {
		return Listing{}, err
	}
	var out Listing
	left := map[string]int{} // namespaces that are left out, and how many images run there
	for _, p := range pods {
		ns := p.Metadata.Namespace
		images := p.images()
		environment := environments[ns]
		if environment == "" {
			environment = c.opt.Environment
		}
		if slices.Contains(c.opt.Skip, ns) || environment == "" {
			left[ns] += len(images)
			continue
		}
		workload := outermost(p.owner(), owners)
		for i := range images {
			images[i].Environment, images[i].Workload = environment, workload.String()
		}
		out.Running = append(out.Running, images...)
		out.pods = append(out.pods, runningPod{ns, p.Metadata.Name, p.Metadata.UID, workload, images})
	}
	out.Excluded = c.excluded(left)
	return out, nil
}

// excluded names the namespaces that were not looked at though something runs there.
func (c *Cluster) excluded(left map[string]int) []gate.Skip {
	var out []gate.Skip
	for ns, n := range left {
		if n == 0 {
			continue
		}
		why := fmt.Sprintf("%d images run there, and its label %s names no environment", n, c.opt.Label)
		if slices.Contains(c.opt.Skip, ns) {
			why = fmt.Sprintf("%d images run there, and --skip-namespace names it", n)
		}
		out = append(out, gate.Skip{What: "namespace " + ns, Why: why})
	}
	slices.SortFunc(out, func(a, b gate.Skip) int { return strings.Compare(a.What, b.What) })
	return out
}

func (c *Cluster) environments(ctx context.Context) (map[string]string, error) {
	out := map[string]string{}
	err := pages(ctx, "namespaces", func(opt metav1.ListOptions) (metav1.ListMeta, int, error) {
		l, err := c.meta.Resource(namespaceKind).List(ctx, opt)
		if err != nil {
			return metav1.ListMeta{}, 0, err
		}
		for _, x := range l.Items {
			out[x.Name] = x.Labels[c.opt.Label]
		}
		return l.ListMeta, len(l.Items), nil
	}, func() { clear(out) })
	return out, err
}

func (c *Cluster) listPods(ctx context.Context) ([]pod, error) {
	var out []pod
	err := pages(ctx, "pods", func(opt metav1.ListOptions) (metav1.ListMeta, int, error) {
		l, err := c.pods.Resource(podKind).List(ctx, opt)
		if err != nil {
			return metav1.ListMeta{}, 0, err
		}
		for i := range l.Items {
			p, err := readPod(&l.Items[i])
			if err != nil {
				return metav1.ListMeta{}, 0, err
			}
			out = append(out, p)
		}
		return metav1.ListMeta{Continue: l.GetContinue()}, len(l.Items), nil
	}, func() { out = nil })
	return out, err
}

// owners are what made the owners of pods, by their uid. Who may not list them sees the nearer owner's name.
func (c *Cluster) owners(ctx context.Context) (map[string]owner, error) {
	out := map[string]owner{}
	for _, kind := range ownerKinds {
		err := pages(ctx, kind.Resource, func(opt metav1.ListOptions) (metav1.ListMeta, int, error) {
			l, err := c.meta.Resource(kind).List(ctx, opt)
			if err != nil {
				return metav1.ListMeta{}, 0, err
			}
			for _, x := range l.Items {
				if o := metav1.GetControllerOf(&x); o != nil {
					out[string(x.UID)] = owner{APIVersion: o.APIVersion, Kind: o.Kind, Name: o.Name, UID: string(o.UID), Controller: true}
				}
			}
			return l.ListMeta, len(l.Items), nil
		}, func() {})
		if apierrors.IsForbidden(err) || apierrors.IsNotFound(err) {
			c.opt.Warn("%s can't be listed, so workloads behind them are called by the nearer owner: %v", kind.Resource, err)
			continue
		}
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

// outermost follows owners to the workload that a person wrote.
func outermost(o owner, owners map[string]owner) owner {
	for range 8 { // deeper than anything built in
		up, found := owners[o.UID]
		if o.UID == "" || !found {
			break
		}
		o = up
	}
	return o
}

// pages lists page by page. A continuation that ran out starts the listing again, after forget.
func pages(ctx context.Context, what string, list func(metav1.ListOptions) (metav1.ListMeta, int, error), forget func()) error {
	opt, total, again := metav1.ListOptions{Limit: pageSize}, 0, 0
	for {
		if err := ctx.Err(); err != nil {
			return fmt.Errorf("listing %s: %w", what, err)
		}
		m, n, err := list(opt)
		if opt.Continue != "" && apierrors.IsResourceExpired(err) && again < restarts {
			again++
			opt.Continue, total = "", 0
			forget()
			continue
		}
		if err != nil {
			return fmt.Errorf("listing %s: %w", what, err)
		}
		if total += n; total > maxItems {
			return fmt.Errorf("listing %s: more than %d", what, maxItems)
		}
		if opt.Continue = m.Continue; opt.Continue == "" {
			return nil
		}
	}
}
