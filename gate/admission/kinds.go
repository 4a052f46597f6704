// SPDX-License-Identifier: Apache-2.0

package admission

import "strings"

// podTemplates are the built-in kinds that carry a pod, by group, and where its spec stands. Every version of a group has the same.
var podTemplates = map[GroupKind]string{
	{Kind: "Pod"}:                               "spec",
	{Kind: "PodTemplate"}:                       "template.spec",
	{Kind: "ReplicationController"}:             "spec.template.spec",
	{Group: "apps", Kind: "Deployment"}:         "spec.template.spec",
	{Group: "apps", Kind: "ReplicaSet"}:         "spec.template.spec",
	{Group: "apps", Kind: "StatefulSet"}:        "spec.template.spec",
	{Group: "apps", Kind: "DaemonSet"}:          "spec.template.spec",
	{Group: "extensions", Kind: "Deployment"}:   "spec.template.spec",
	{Group: "extensions", Kind: "ReplicaSet"}:   "spec.template.spec",
	{Group: "extensions", Kind: "DaemonSet"}:    "spec.template.spec",
	{Group: "batch", Kind: "Job"}:               "spec.template.spec",
	{Group: "batch", Kind: "CronJob"}:           "spec.jobTemplate.spec.template.spec",
	{Group: "apps", Kind: "ControllerRevision"}: "data.spec.template.spec", // of a StatefulSet or DaemonSet; others keep what they like in it
}

// without are the built-in kinds that carry no image, by group (Kubernetes 1.36). A kind that is in neither list could be anything.
var without = map[string]string{
	"":                             "Binding ConfigMap Endpoints Event LimitRange Namespace Node NodeProxyOptions PersistentVolume PersistentVolumeClaim PodAttachOptions PodExecOptions PodLogOptions PodPortForwardOptions PodProxyOptions ResourceQuota Secret Service ServiceAccount ServiceProxyOptions",
	"admissionregistration.k8s.io": "MutatingAdmissionPolicy MutatingAdmissionPolicyBinding MutatingWebhookConfiguration ValidatingAdmissionPolicy ValidatingAdmissionPolicyBinding ValidatingWebhookConfiguration",
	"apiextensions.k8s.io":         "CustomResourceDefinition",
	"apiregistration.k8s.io":       "APIService",
	"authentication.k8s.io":        "SelfSubjectReview TokenRequest TokenReview",
	"authorization.k8s.io":         "LocalSubjectAccessReview SelfSubjectAccessReview SelfSubjectRulesReview SubjectAccessReview",
	"autoscaling":                  "HorizontalPodAutoscaler Scale",
	"extensions":                   "Ingress NetworkPolicy PodSecurityPolicy Scale",
	"apps":                         "Scale",
	"certificates.k8s.io":          "CertificateSigningRequest ClusterTrustBundle PodCertificateRequest",
	"coordination.k8s.io":          "Lease LeaseCandidate",
	"discovery.k8s.io":             "EndpointSlice",
	"events.k8s.io":                "Event",
	"flowcontrol.apiserver.k8s.io": "FlowSchema PriorityLevelConfiguration",
	"networking.k8s.io":            "IPAddress Ingress IngressClass NetworkPolicy ServiceCIDR",
	"node.k8s.io":                  "RuntimeClass",
	"policy":                       "Eviction PodDisruptionBudget PodSecurityPolicy",
	"rbac.authorization.k8s.io":    "ClusterRole ClusterRoleBinding Role RoleBinding",
	"resource.k8s.io":              "DeviceClass DeviceTaintRule ResourceClaim ResourceClaimTemplate ResourceSlice",
	"scheduling.k8s.io":            "PriorityClass",
	"storage.k8s.io":               "CSIDriver CSINode CSIStorageCapacity StorageClass VolumeAttachment VolumeAttributesClass",
}

// isWithout reports whether a built-in kind carries no image.
func isWithout(k GroupKind) bool {
	for _, name := range strings.Fields(without[k.Group]) {
		if name == k.Kind {
			return true
		}
	}
	return false
}

// unchangeable are subresources through which no image can change: the API server takes from them their own part of the object and nothing else.
func unchangeable(subresource string) bool { return subresource == "status" || subresource == "scale" }
