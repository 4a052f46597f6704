// SPDX-License-Identifier: Apache-2.0

package config

import (
	"strconv"
	"strings"
	"sync"
)

// fromTerraform is the origin of objects that Terraform makes.
const fromTerraform = "terraform"

// resourceKind is what a resource of the provider hashicorp/kubernetes makes; name is set where it can only have one.
type resourceKind struct{ api, kind, name string }

// resourceKinds is by the type without kubernetes_ and without a version at its end.
var resourceKinds = sync.OnceValue(func() map[string]resourceKind {
	const rbac, network, admission = "rbac.authorization.k8s.io/v1", "networking.k8s.io/v1", "admissionregistration.k8s.io/v1"
	return map[string]resourceKind{
		"pod": {api: "v1", kind: "Pod"}, "replication_controller": {api: "v1", kind: "ReplicationController"},
		"deployment": {api: "apps/v1", kind: "Deployment"}, "stateful_set": {api: "apps/v1", kind: "StatefulSet"},
		"daemonset": {api: "apps/v1", kind: "DaemonSet"}, "daemon_set": {api: "apps/v1", kind: "DaemonSet"},
		"job": {api: "batch/v1", kind: "Job"}, "cron_job": {api: "batch/v1", kind: "CronJob"},
		"service": {api: "v1", kind: "Service"}, "endpoints": {api: "v1", kind: "Endpoints"}, "namespace": {api: "v1", kind: "Namespace"},
		"config_map": {api: "v1", kind: "ConfigMap"}, "secret": {api: "v1", kind: "Secret"},
		"service_account": {api: "v1", kind: "ServiceAccount"}, "default_service_account": {api: "v1", kind: "ServiceAccount", name: "default"},
		"persistent_volume": {api: "v1", kind: "PersistentVolume"}, "persistent_volume_claim": {api: "v1", kind: "PersistentVolumeClaim"},
		"limit_range": {api: "v1", kind: "LimitRange"}, "resource_quota": {api: "v1", kind: "ResourceQuota"},
		"role": {api: rbac, kind: "Role"}, "cluster_role": {api: rbac, kind: "ClusterRole"},
		"role_binding": {api: rbac, kind: "RoleBinding"}, "cluster_role_binding": {api: rbac, kind: "ClusterRoleBinding"},
		"ingress": {api: network, kind: "Ingress"}, "network_policy": {api: network, kind: "NetworkPolicy"},
		"pod_security_policy": {api: "policy/v1beta1", kind: "PodSecurityPolicy"}, "api_service": {api: "apiregistration.k8s.io/v1", kind: "APIService"},
		"mutating_webhook_configuration":   {api: admission, kind: "MutatingWebhookConfiguration"},
		"validating_webhook_configuration": {api: admission, kind: "ValidatingWebhookConfiguration"},
		"horizontal_pod_autoscaler":        {api: "autoscaling/v2", kind: "HorizontalPodAutoscaler"},
		"pod_disruption_budget":            {api: "policy/v1", kind: "PodDisruptionBudget"},
		"storage_class":                    {api: "storage.k8s.io/v1", kind: "StorageClass"},
	}
})

// mapFields are the attributes whose keys are the user's own.
var mapFields = sync.OnceValue(func() map[string]bool {
	return map[string]bool{
		"labels": true, "annotations": true, "match_labels": true, "node_selector": true, "limits": true, "requests": true, "data": true,
		"binary_data": true, "parameters": true, "default": true, "default_request": true, "max": true, "min": true, "hard": true, "capacity": true,
		"volume_attributes": true, "options": true, "max_limit_request_ratio": true,
	}
})

var listFields = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"container": "containers", "init_container": "initContainers", "volume": "volumes", "volume_mount": "volumeMounts", "env": "env", "env_from": "envFrom",
		"toleration": "tolerations", "image_pull_secrets": "imagePullSecrets", "image_pull_secret": "imagePullSecrets", "host_aliases": "hostAliases",
		"rule": "rules", "subject": "subjects", "sysctl": "sysctls", "items": "items", "sources": "sources", "ingress": "ingress", "egress": "egress",
		"port": "ports", "ports": "ports", "path": "paths", "from": "from", "to": "to", "match_expressions": "matchExpressions", "webhook": "webhooks",
		"tls": "tls", "http_header": "httpHeaders", "volume_claim_template": "volumeClaimTemplates", "limit": "limits", "range": "ranges",
		"allowed_host_paths": "allowedHostPaths", "host_ports": "hostPorts", "cluster_role_selectors": "clusterRoleSelectors",
		"topology_spread_constraint": "topologySpreadConstraints", "volume_device": "volumeDevices", "subset": "subsets", "address": "addresses",
		"allowed_flex_volumes": "allowedFlexVolumes", "metric": "metrics",
	}
})

// listField is Kubernetes' name of a block that may be there several times, "" for one that is there once. in is the block around it.
func listField(in, name string) string {
	switch {
	case name == "port" && in == "service": // of an Ingress's backend
		return ""
	case name == "secret" && in == "": // of a ServiceAccount
		return "secrets"
	}
	return listFields()[name]
}

// references finds the values of resources by their module and address, so that names and labels that one takes from another are known.
type references map[string]map[string]any

func kubernetesResources(items []Item) references {
	out := references{}
	for n := range items {
		i := &items[n]
		if kind, _ := i.Doc["type"].(string); i.Kind == Terraform && strings.HasPrefix(kind, "kubernetes_") {
			out[moduleOf(i)+"\n"+textOr(i.Doc["address"], "")] = i.body()
		}
	}
	return out
}

func moduleOf(i *Item) string { return textOr(i.Doc["module"], "") }

// resolve follows references to known values of other resources in a value, which it changes.
func (r references) resolve(i *Item, v any) any {
	switch v := v.(type) {
	case map[string]any:
		for k, e := range v {
			v[k] = r.resolve(i, e)
		}
	case []any:
		for n, e := range v {
			v[n] = r.resolve(i, e)
		}
	case string:
		if inner, ok := whole(text(v)); ok && strings.HasPrefix(inner, "kubernetes_") {
			return r.lookup(i, inner, v)
		}
	}
	return v
}

// lookup follows kubernetes_namespace.shop.metadata[0].name; otherwise is what stands there if nothing is found.
func (r references) lookup(i *Item, reference, otherwise string) any {
	steps := strings.Split(strings.NewReplacer(`["`, ".", `"]`, "", "[", ".", "]", "").Replace(reference), ".")
	if len(steps) < 3 {
		return otherwise
	}
	values, ok := r[moduleOf(i)+"\n"+steps[0]+"."+steps[1]]
	if !ok {
		return otherwise
	}
	if steps[2] == "id" && strings.HasPrefix(steps[0], "kubernetes_namespace") {
		steps = append(steps[:2], "metadata", "0", "name")
	}
	var found any = values
	for _, step := range steps[2:] {
		switch at := found.(type) {
		case map[string]any:
			found = at[step]
		case []any:
			n, err := strconv.Atoi(step)
			if err != nil || n < 0 || n >= len(at) {
				return otherwise
			}
			found = at[n]
		default:
			return otherwise
		}
	}
	switch found := found.(type) {
	case string, int, float64, bool:
		return found
	case map[string]any:
		return assume(found, "", 0)
	}
	return otherwise
}
