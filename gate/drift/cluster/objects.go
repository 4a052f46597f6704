// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/restmapper"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/drift"
)

// Bounds of a comparison with manifests.
const (
	getsAtOnce  = 8
	maxDiffered = 20 // fields of one object that are told
)

// ObjectOptions say how live objects are held against manifests.
type ObjectOptions struct {
	Namespace string   // of objects that name none
	Managers  []string // field managers whose fields may differ, beside those of the scale subresource
}

// Namespace is that of the kubeconfig's context, where objects without one go.
func (c *Cluster) Namespace() string { return cmp.Or(c.namespace, metav1.NamespaceDefault) }

// Objects holds what lives against manifests: each object that they name, and each workload of the listing that none of them names though they name others of its
// namespace. Namespaces that the listing leaves out are left out here. It fails if nothing is known about the kinds of the cluster.
func (c *Cluster) Objects(ctx context.Context, m Manifests, l Listing, opt ObjectOptions) ([]drift.Object, error) {
	environments, err := c.environments(ctx)
	if err != nil {
		return nil, err
	}
	groups, err := restmapper.GetAPIGroupResources(c.kinds)
	if err != nil && len(groups) == 0 {
		return nil, fmt.Errorf("asking for the kinds of the cluster: %w", err)
	}
	o := &objects{Cluster: c, opt: opt, mapper: restmapper.NewDiscoveryRESTMapper(groups), environments: environments, whole: err == nil}
	found := make([]*drift.Object, len(m.Objects))
	var group errgroup.Group
	group.SetLimit(getsAtOnce)
	for i, want := range m.Objects {
		group.Go(func() error {
			found[i] = o.compare(ctx, want)
			return nil
		})
	}
	_ = group.Wait() // nothing in it gives an error
	var out []drift.Object
	named := map[[2]string]bool{}
	inUse := map[string]bool{}
	for _, x := range found {
		if x == nil {
			continue
		}
		out = append(out, *x)
		named[[2]string{x.Namespace, x.Workload}] = true
		inUse[x.Namespace] = inUse[x.Namespace] || slices.Contains(workloads, strings.Split(x.Workload, "/")[0])
	}
	for _, p := range l.pods {
		if key := [2]string{p.namespace, p.workload.String()}; !named[key] && inUse[p.namespace] && len(p.images) > 0 {
			named[key] = true
			if x := o.unnamed(ctx, p, m); x != nil {
				out = append(out, *x)
			}
		}
	}
	return out, nil
}

// workloads are the kinds that run something.
var workloads = []string{"Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "ReplicationController", "Job", "CronJob"}

func place(environment, namespace, workload string) drift.Running {
	return drift.Running{Environment: environment, Namespace: namespace, Workload: workload, Kind: drift.KindObject}
}

// objects is the state of one comparison.
type objects struct {
	*Cluster
	opt          ObjectOptions
	mapper       meta.RESTMapper
	environments map[string]string
	whole        bool // all kinds of the cluster are known
}

// compare looks one object up. It is nil for an object of a namespace that is not looked at.
func (o *objects) compare(ctx context.Context, want Object) *drift.Object {
	gvk := want.GroupVersionKind()
	out := &drift.Object{Running: place(o.Cluster.opt.Environment, want.GetNamespace(), gvk.Kind+"/"+want.GetName()), File: want.File}
	open := func(err error) *drift.Object {
		out.Status = drift.Undecided
		out.Reasons = []gate.Reason{{Code: drift.CodeObjectUnreadable, Message: "the live object can't be read: " + err.Error(), Fix: "grant get on it, or try again"}}
		return out
	}
	mapping, err := o.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	switch {
	case meta.IsNoMatchError(err) && o.whole:
		return missing(out, "the cluster knows no kind "+gvk.String())
	case err != nil:
		return open(err)
	}
	client := dynamic.ResourceInterface(o.pods.Resource(mapping.Resource))
	ns := want.GetName()
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		ns = cmp.Or(want.GetNamespace(), o.opt.Namespace)
		out.Namespace, client = ns, o.pods.Resource(mapping.Resource).Namespace(ns)
	}
	if out.Namespace != "" || gvk.Kind == "Namespace" {
		out.Environment = cmp.Or(o.environments[ns], o.Cluster.opt.Environment)
		if slices.Contains(o.Cluster.opt.Skip, ns) || out.Environment == "" {
			return nil
		}
	}
	live, err := client.Get(ctx, want.GetName(), metav1.GetOptions{})
	switch {
	case apierrors.IsNotFound(err):
		return missing(out, "the object is not there")
	case err != nil:
		return open(err)
	}
	return differing(out, compareFields(want.Unstructured, live, o.opt.Managers))
}

func missing(out *drift.Object, message string) *drift.Object {
	out.Status = drift.SpecChanged
	out.Reasons = []gate.Reason{{Code: drift.CodeObjectMissing, Message: message, Expected: out.Workload + " of " + out.File, Found: "nothing", Fix: "apply the attested manifests again"}}
	return out
}

// differing says what became of an object in which some fields differ.
func differing(out *drift.Object, all []difference) *drift.Object {
	out.Status = drift.Verified
	for i, d := range all {
		out.Status = drift.SpecChanged
		if i == maxDiffered {
			out.Reasons = append(out.Reasons, gate.Reason{Code: drift.CodeSpecChanged, Message: fmt.Sprintf("%d more fields differ", len(all)-i)})
			break
		}
		message := d.path + " is not as attested"
		if d.by != "" {
			message += ", set by " + d.by
		}
		out.Reasons = append(out.Reasons, gate.Reason{Code: drift.CodeSpecChanged, Message: message, Expected: d.expected, Found: d.found, Fix: "apply the attested manifests again; find out who changed it"})
	}
	return out
}
