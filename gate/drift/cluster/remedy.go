// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/client-go/dynamic"

	"github.com/sealock-dev/sealock/gate/drift"
)

// Action is something that puts an end to drift.
type Action string

// The actions.
const (
	Restart     Action = "restart"       // of the workload, from its spec
	ScaleToZero Action = "scale-to-zero" // of the workload, which then runs nothing
	Evict       Action = "evict"         // of each pod, as disruption budgets allow
)

// Actions lists them.
func Actions() []Action { return []Action{Restart, ScaleToZero, Evict} }

// manager is the field manager of what Do changes.
const manager = "sealock-drift"

// restartedAt is the annotation of a pod template that a restart sets.
const restartedAt = "sealock.dev/restarted-at"

// acts are the kinds that an action can be done to, by apiVersion and kind.
var acts = map[Action]map[string]schema.GroupVersionResource{
	Restart: {"apps/v1 Deployment": apps("deployments"), "apps/v1 StatefulSet": apps("statefulsets"), "apps/v1 DaemonSet": apps("daemonsets")},
	ScaleToZero: {"apps/v1 Deployment": apps("deployments"), "apps/v1 StatefulSet": apps("statefulsets"), "apps/v1 ReplicaSet": apps("replicasets"),
		"v1 ReplicationController": {Version: "v1", Resource: "replicationcontrollers"}},
}

func apps(resource string) schema.GroupVersionResource {
	return schema.GroupVersionResource{Group: "apps", Version: "v1", Resource: resource}
}

// Step is one thing to be done, to one object.
type Step struct {
	Action    Action   `json:"action"`
	Namespace string   `json:"namespace"`
	Target    string   `json:"target"` // Kind/name
	UID       string   `json:"uid"`
	Why       []string `json:"why"`              // status and image, each once
	Decisions []string `json:"decisions"`        // ids
	Cannot    string   `json:"cannot,omitempty"` // why it can't be done

	apiVersion, kind, name string
}

// Plan lists what an action would be done to: what runs an image that the policy refuses, or that the spec does not name. It changes nothing.
func Plan(r drift.Report, l Listing, action Action) []Step {
	found := map[drift.Running]drift.Result{}
	for _, x := range r.Results {
		if x.Status.Remediable() && x.Kind != drift.KindObject {
			found[x.Running] = x
		}
	}
	steps := map[string]*Step{}
	for _, p := range l.pods {
		for _, image := range p.images {
			x, drifted := found[image]
			if !drifted {
				continue
			}
			s := p.step(action)
			if steps[s.UID] == nil {
				steps[s.UID] = &s
			}
			steps[s.UID].because(x)
		}
	}
	var out []Step
	for _, s := range steps {
		out = append(out, *s)
	}
	slices.SortFunc(out, func(a, b Step) int {
		return cmp.Or(cmp.Compare(a.Namespace, b.Namespace), cmp.Compare(a.Target, b.Target), cmp.Compare(a.UID, b.UID))
	})
	return out
}

func (p runningPod) step(action Action) Step {
	of := p.workload
	if action == Evict {
		of = owner{APIVersion: "v1", Kind: "Pod", Name: p.name, UID: p.uid}
	}
	s := Step{Action: action, Namespace: p.namespace, Target: of.String(), UID: of.UID, apiVersion: of.APIVersion, kind: of.Kind, name: of.Name}
	if _, can := acts[action][of.APIVersion+" "+of.Kind]; !can && action != Evict {
		s.Cannot = fmt.Sprintf("%s is not for a %s: evict its pods", action, of.Kind)
	}
	return s
}

func (s *Step) because(x drift.Result) {
	why := string(x.Status) + " " + cmp.Or(strings.TrimPrefix(x.Ref, "oci://"), x.Image)
	if !slices.Contains(s.Why, why) {
		s.Why = append(s.Why, why)
		slices.Sort(s.Why)
	}
	if x.Decision != "" && !slices.Contains(s.Decisions, x.Decision) {
		s.Decisions = append(s.Decisions, x.Decision)
		slices.Sort(s.Decisions)
	}
}

// Do does one step, to the object that was listed and no other of its name, and leaves an event at it whether it worked or not.
func (c *Cluster) Do(ctx context.Context, s Step, at time.Time) error {
	if s.Cannot != "" || s.UID == "" {
		return errors.New(cmp.Or(s.Cannot, "the API server did not tell its uid"))
	}
	err := c.act(ctx, s, at)
	if err != nil {
		err = fmt.Errorf("%s of %s in %s: %w", s.Action, s.Target, s.Namespace, err)
	}
	if told := c.event(ctx, s, at, err); told != nil {
		c.opt.Warn("no event about %s of %s in %s: %v", s.Action, s.Target, s.Namespace, told)
	}
	return err
}

func (c *Cluster) act(ctx context.Context, s Step, at time.Time) error {
	client := c.pods.Resource(acts[s.Action][s.apiVersion+" "+s.kind]).Namespace(s.Namespace)
	options := metav1.PatchOptions{FieldManager: manager}
	same := map[string]any{"uid": s.UID} // another object of that name is left alone
	switch s.Action {
	case Restart:
		template := map[string]any{"metadata": map[string]any{"annotations": map[string]any{restartedAt: at.UTC().Format(time.RFC3339)}}}
		return patch(ctx, client, s.name, map[string]any{"metadata": same, "spec": map[string]any{"template": template}}, options)
	case ScaleToZero:
		return patch(ctx, client, s.name, map[string]any{"metadata": same, "spec": map[string]any{"replicas": 0}}, options, "scale")
	case Evict:
		_, err := c.pods.Resource(podKind).Namespace(s.Namespace).Create(ctx, &unstructured.Unstructured{Object: map[string]any{"apiVersion": "policy/v1", "kind": "Eviction",
			"metadata": map[string]any{"name": s.name, "namespace": s.Namespace}, "deleteOptions": map[string]any{"preconditions": same}}}, metav1.CreateOptions{FieldManager: manager}, "eviction")
		return err
	}
	return fmt.Errorf("unknown action %q", s.Action)
}

func patch(ctx context.Context, client dynamic.ResourceInterface, name string, fields map[string]any, options metav1.PatchOptions, subresource ...string) error {
	raw, err := json.Marshal(fields)
	if err != nil {
		return err
	}
	_, err = client.Patch(ctx, name, types.MergePatchType, raw, options, subresource...)
	return err
}

// maxEvent is the length of an event's message, in bytes; the API server takes 1024.
const maxEvent = 1000

// event leaves an event at the object.
func (c *Cluster) event(ctx context.Context, s Step, at time.Time, failed error) error {
	message := fmt.Sprintf("sealock: %s: %s", s.Action, strings.Join(s.Why, "; "))
	if failed != nil {
		message = "sealock: it failed: " + failed.Error()
	}
	if len(message) > maxEvent {
		message = strings.ToValidUTF8(message[:maxEvent], "")
	}
	stamp := at.UTC().Format(time.RFC3339)
	_, err := c.pods.Resource(schema.GroupVersionResource{Version: "v1", Resource: "events"}).Namespace(s.Namespace).Create(ctx, &unstructured.Unstructured{Object: map[string]any{
		"apiVersion": "v1", "kind": "Event", "metadata": map[string]any{"generateName": "sealock-", "namespace": s.Namespace},
		"involvedObject": map[string]any{"apiVersion": s.apiVersion, "kind": s.kind, "name": s.name, "namespace": s.Namespace, "uid": s.UID},
		"reason":         "Drift", "type": "Warning", "message": message, "action": string(s.Action), "reportingComponent": "sealock", "source": map[string]any{"component": "sealock"},
		"firstTimestamp": stamp, "lastTimestamp": stamp, "count": int64(1)}}, metav1.CreateOptions{})
	return err
}
