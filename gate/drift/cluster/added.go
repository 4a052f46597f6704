// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"maps"
	"slices"
	"strings"
)

// Fields of a pod and of its containers that change what runs, or as whom, and that the API server leaves out where nobody sets them
// (https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/pod-v1/). Where others add one, that is a difference though the manifest is silent.
var (
	podLists        = []string{"containers", "initContainers", "ephemeralContainers", "volumes"}
	podFields       = []string{"serviceAccountName", "securityContext", "hostNetwork", "hostPID", "hostIPC", "hostUsers", "shareProcessNamespace", "runtimeClassName", "imagePullSecrets"}
	containerLists  = []string{"env", "volumeMounts", "volumeDevices"}
	containerFields = []string{"command", "args", "workingDir", "envFrom", "securityContext", "lifecycle", "livenessProbe", "readinessProbe", "startupProbe"}
)

// harmless are the values of such fields that the API server fills in.
var harmless = map[string]any{"serviceAccountName": "default", "procMount": "Default"}

// tokenVolume starts the name of the volume that the API server adds to pods, and tokenPath is where it mounts it in their containers
// (https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#bound-service-account-token-volume).
const (
	tokenVolume = "kube-api-access-"
	tokenPath   = "/var/run/secrets/kubernetes.io/serviceaccount" //nolint:gosec // a path
)

// podSpec is where an object of a built-in kind keeps what its pods are, nil for others.
func podSpec(kind string) []string {
	switch kind {
	case "Pod":
		return []string{"spec"}
	case "Deployment.apps", "ReplicaSet.apps", "StatefulSet.apps", "DaemonSet.apps", "ReplicationController", "Job.batch":
		return []string{"spec", "template", "spec"}
	case "CronJob.batch":
		return []string{"spec", "jobTemplate", "spec", "template", "spec"}
	}
	return nil
}

// added lists what others added to the pods of an object.
func (c *comparer) added(want, live map[string]any) {
	path := podSpec(c.kind)
	if path == nil {
		return
	}
	var at []step
	for _, field := range path {
		w, ok := want[field].(map[string]any)
		l, there := live[field].(map[string]any)
		if !ok || !there {
			return // told already
		}
		at, want, live = append(at, step{field: field}), w, l
	}
	c.addedFields(at, podFields, want, live)
	for _, list := range podLists {
		c.addedElements(at, list, want, live, func(at []step, w, l map[string]any) {
			if !strings.HasSuffix(strings.ToLower(list), "containers") {
				return
			}
			c.addedFields(at, containerFields, w, l)
			for _, inner := range containerLists {
				c.addedElements(at, inner, w, l, nil)
			}
		})
	}
}

// addedFields lists those fields that only the live object sets.
func (c *comparer) addedFields(at []step, fields []string, want, live map[string]any) {
	for _, field := range fields {
		place := append(slices.Clip(at), step{field: field})
		w, l := want[field], live[field]
		switch {
		case field == "serviceAccountName" && w == nil && l == want["serviceAccount"]: // the older name of the same
		case field == "securityContext":
			c.addedDeep(place, w, l)
		case w == nil:
			c.add(place, l)
		}
	}
}

// addedDeep lists what only the live object sets, at any depth.
func (c *comparer) addedDeep(at []step, want, live any) {
	l, isMap := live.(map[string]any)
	w, both := want.(map[string]any)
	switch {
	case isMap && (both || want == nil):
		for _, name := range slices.Sorted(maps.Keys(l)) {
			c.addedDeep(append(slices.Clip(at), step{field: name}), w[name], l[name])
		}
	case want == nil:
		c.add(at, live)
	}
}

// addedElements lists the elements of a list that only the live object has, and goes into those that both have.
func (c *comparer) addedElements(at []step, list string, want, live map[string]any, both func(at []step, want, live map[string]any)) {
	keys := c.keysOf(append(slices.Clip(at), step{field: list}))
	of := map[string]map[string]any{}
	for _, x := range elementsOf(want[list]) {
		of[written(keyed(x, keys))] = x
	}
	for _, x := range elementsOf(live[list]) {
		k := keyed(x, keys)
		place := append(slices.Clip(at), step{list, k})
		w, named := of[written(k)]
		switch {
		case !named:
			if !c.token(list, k, x) {
				c.add(place, x)
			}
		case both != nil:
			both(place, w, x)
		}
	}
}

func elementsOf(v any) []map[string]any {
	list, _ := v.([]any)
	var out []map[string]any
	for _, x := range list {
		if m, ok := x.(map[string]any); ok {
			out = append(out, m)
		}
	}
	return out
}

// token reports whether an element of a pod is the service account's token as the API server adds it: a projected volume of that name with nothing of a secret or
// of a node in it, and its mount.
func (c *comparer) token(list string, key, x map[string]any) bool {
	if c.kind != "Pod" {
		return false
	}
	name, _ := x["name"].(string)
	switch list {
	case "volumeMounts":
		return key["mountPath"] == tokenPath && strings.HasPrefix(name, tokenVolume) && x["readOnly"] == true
	case "volumes":
		projected, ok := x["projected"].(map[string]any)
		if !ok || !strings.HasPrefix(name, tokenVolume) || len(x) != 2 {
			return false
		}
		for _, s := range elementsOf(projected["sources"]) {
			config, _ := s["configMap"].(map[string]any)
			if s["serviceAccountToken"] == nil && s["downwardAPI"] == nil && config["name"] != "kube-root-ca.crt" {
				return false
			}
		}
		return true
	}
	return false
}

// add tells of a value that the manifest does not have.
func (c *comparer) add(at []step, live any) {
	field := at[len(at)-1].field
	if live == nil || live == false || live == "" || live == harmless[field] {
		return
	}
	if m, ok := live.(map[string]any); ok && len(m) == 0 {
		return
	}
	if l, ok := live.([]any); ok && len(l) == 0 {
		return
	}
	c.differ(at, nil, live, true)
}
