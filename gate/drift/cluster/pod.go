// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"fmt"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"

	"github.com/sealock-dev/sealock/gate/drift"
)

// The part of a pod that is read (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/).
type (
	pod struct {
		Metadata struct {
			Name      string  `json:"name"`
			Namespace string  `json:"namespace"`
			UID       string  `json:"uid"`
			Owners    []owner `json:"ownerReferences"`
		} `json:"metadata"`
		Spec struct {
			Containers []container `json:"containers"`
			Init       []container `json:"initContainers"`
			Ephemeral  []container `json:"ephemeralContainers"`
			Volumes    []volume    `json:"volumes"`
		} `json:"spec"`
		Status struct {
			Phase      string   `json:"phase"`
			Containers []status `json:"containerStatuses"`
			Init       []status `json:"initContainerStatuses"`
			Ephemeral  []status `json:"ephemeralContainerStatuses"`
		} `json:"status"`
	}
	owner struct {
		APIVersion string `json:"apiVersion"`
		Kind       string `json:"kind"`
		Name       string `json:"name"`
		UID        string `json:"uid"`
		Controller bool   `json:"controller"`
	}
	container struct {
		Name  string `json:"name"`
		Image string `json:"image"`
	}
	volume struct {
		Name  string `json:"name"`
		Image *struct {
			Reference string `json:"reference"`
		} `json:"image"`
	}
	status struct {
		Name    string  `json:"name"`
		Image   string  `json:"image"`
		ImageID string  `json:"imageID"`
		State   state   `json:"state"`
		Mounts  []mount `json:"volumeMounts"`
	}
	state struct {
		Waiting *struct{} `json:"waiting"`
	}
	mount struct {
		Name   string `json:"name"`
		Status struct {
			Image struct {
				Ref string `json:"imageRef"`
			} `json:"image"`
		} `json:"volumeStatus"`
	}
)

func readPod(u *unstructured.Unstructured) (pod, error) {
	var p pod
	if err := runtime.DefaultUnstructuredConverter.FromUnstructured(u.Object, &p); err != nil {
		return pod{}, fmt.Errorf("reading pod %s/%s: %w", u.GetNamespace(), u.GetName(), err)
	}
	return p, nil
}

// images are what runs in a pod. The workload and the environment are not filled in.
func (p pod) images() []drift.Running {
	if p.Status.Phase == "Succeeded" || p.Status.Phase == "Failed" {
		return nil
	}
	var out []drift.Running
	for _, part := range []struct {
		kind     string
		spec     []container
		statuses []status
	}{{drift.KindContainer, p.Spec.Containers, p.Status.Containers}, {drift.KindInit, p.Spec.Init, p.Status.Init}, {drift.KindEphemeral, p.Spec.Ephemeral, p.Status.Ephemeral}} {
		for _, s := range part.statuses {
			if s.ImageID == "" && s.State.Waiting != nil {
				continue // it has not started yet
			}
			r := drift.Running{Namespace: p.Metadata.Namespace, Kind: part.kind, Container: s.Name, Image: s.Image, ImageID: s.ImageID}
			if i := slices.IndexFunc(part.spec, func(c container) bool { return c.Name == s.Name }); i >= 0 {
				r.Image = part.spec[i].Image
			}
			out = append(out, r)
		}
	}
	return append(out, p.volumes()...)
}

// volumes are the images that are mounted. Where the kubelet does not report what it mounted, the spec says it if it names a digest.
func (p pod) volumes() []drift.Running {
	var out []drift.Running
	for _, v := range p.Spec.Volumes {
		if v.Image == nil {
			continue
		}
		r := drift.Running{Namespace: p.Metadata.Namespace, Kind: drift.KindVolume, Container: v.Name, Image: v.Image.Reference}
		started := false
		for _, s := range slices.Concat(p.Status.Containers, p.Status.Init, p.Status.Ephemeral) {
			started = started || s.State.Waiting == nil
			for _, m := range s.Mounts {
				if m.Name == v.Name && m.Status.Image.Ref != "" {
					r.ImageID = m.Status.Image.Ref
				}
			}
		}
		if r.ImageID == "" && strings.Contains(r.Image, "@") {
			r.ImageID = r.Image
		}
		if started {
			out = append(out, r)
		}
	}
	return out
}

// owner is what made the pod, itself if nothing did.
func (p pod) owner() owner {
	if i := slices.IndexFunc(p.Metadata.Owners, func(o owner) bool { return o.Controller }); i >= 0 {
		return p.Metadata.Owners[i]
	}
	return owner{APIVersion: "v1", Kind: "Pod", Name: p.Metadata.Name, UID: p.Metadata.UID}
}

// String is a workload as reports call it.
func (o owner) String() string { return o.Kind + "/" + o.Name }
