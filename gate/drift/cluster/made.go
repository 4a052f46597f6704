// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"fmt"

	"k8s.io/apimachinery/pkg/api/meta"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/metadata"

	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/drift"
)

// maxOwners is how far the owners of a workload are followed.
const maxOwners = 8

// unnamed says of a workload that no manifest names what it is: nil if an object that a manifest names made it, as operators do.
func (o *objects) unnamed(ctx context.Context, p runningPod, m Manifests) *drift.Object {
	r := gate.Reason{Code: drift.CodeNotInManifests, Message: "it runs, and stands in no attested manifest", Fix: "remove it, or add it to the manifests and run their stage"}
	made, err := o.made(ctx, p.namespace, p.workload, m)
	if made {
		return nil
	}
	if err != nil {
		r.Message += "; what made it can't be read: " + err.Error()
	}
	return &drift.Object{Running: place(p.images[0].Environment, p.namespace, p.workload.String()), Status: drift.NotInManifests, Reasons: []gate.Reason{r}}
}

// made reports whether one of the controllers above a workload is an object of the manifests. That an owner is one is the API server's word for each step: the uid
// must be that of the object with the name.
func (o *objects) made(ctx context.Context, namespace string, at owner, m Manifests) (bool, error) {
	for range maxOwners {
		live, err := o.metadata(ctx, namespace, at)
		if err != nil {
			return false, err
		}
		if string(live.UID) != at.UID {
			return false, fmt.Errorf("%s is another one by now", at)
		}
		if o.names(m, namespace, at) {
			return true, nil
		}
		up := metav1.GetControllerOf(live)
		if up == nil {
			return false, nil
		}
		at = owner{APIVersion: up.APIVersion, Kind: up.Kind, Name: up.Name, UID: string(up.UID), Controller: true}
	}
	return false, fmt.Errorf("%s has more than %d owners above it", at, maxOwners)
}

// metadata reads that of an owner, which lies in the namespace or in none.
func (o *objects) metadata(ctx context.Context, namespace string, of owner) (*metav1.PartialObjectMetadata, error) {
	gvk := schema.FromAPIVersionAndKind(of.APIVersion, of.Kind)
	mapping, err := o.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	if err != nil {
		return nil, err
	}
	var client metadata.ResourceInterface = o.meta.Resource(mapping.Resource)
	if mapping.Scope.Name() == meta.RESTScopeNameNamespace {
		client = o.meta.Resource(mapping.Resource).Namespace(namespace)
	}
	return client.Get(ctx, of.Name, metav1.GetOptions{})
}

// names reports whether the manifests name an owner, by group, kind, namespace and name.
func (o *objects) names(m Manifests, namespace string, of owner) bool {
	gk := schema.FromAPIVersionAndKind(of.APIVersion, of.Kind).GroupKind()
	for _, x := range m.Objects {
		if x.GroupVersionKind().GroupKind() != gk || x.GetName() != of.Name {
			continue
		}
		if in := x.GetNamespace(); in == namespace || in == "" && (namespace == o.opt.Namespace || o.scopeless(of)) {
			return true
		}
	}
	return false
}

// scopeless reports whether a kind lies in no namespace.
func (o *objects) scopeless(of owner) bool {
	gvk := schema.FromAPIVersionAndKind(of.APIVersion, of.Kind)
	mapping, err := o.mapper.RESTMapping(gvk.GroupKind(), gvk.Version)
	return err == nil && mapping.Scope.Name() != meta.RESTScopeNameNamespace
}
