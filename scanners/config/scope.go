// SPDX-License-Identifier: Apache-2.0

package config

import "strings"

// clusterScoped reports whether objects of a kind have no namespace. What the tree defines counts first.
func clusterScoped(group, kind string, defined map[string]bool) bool {
	if cluster, ok := defined[group+"/"+kind]; ok {
		return cluster
	}
	switch {
	case group == "" || group == "k8s.io" || strings.HasSuffix(group, ".k8s.io") || group == "apps" || group == "batch" || group == "policy" || group == "extensions":
		return kubernetesClusterKind(kind)
	}
	return otherClusterKind(kind)
}

// kubernetesClusterKind has the kinds of Kubernetes' own APIs (v1.36 and older ones) and of its subprojects that have no namespace.
func kubernetesClusterKind(kind string) bool {
	switch kind {
	case "Namespace", "Node", "PersistentVolume", "ComponentStatus",
		"ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition", "APIService",
		"StorageClass", "VolumeAttachment", "VolumeAttributesClass", "CSIDriver", "CSINode", "VolumeSnapshotClass", "VolumeSnapshotContent",
		"IngressClass", "GatewayClass", "IPAddress", "ServiceCIDR", "PriorityClass", "RuntimeClass", "PodSecurityPolicy",
		"MutatingWebhookConfiguration", "ValidatingWebhookConfiguration",
		"ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding", "MutatingAdmissionPolicy", "MutatingAdmissionPolicyBinding",
		"CertificateSigningRequest", "ClusterTrustBundle", "FlowSchema", "PriorityLevelConfiguration",
		"TokenReview", "SubjectAccessReview", "SelfSubjectAccessReview", "SelfSubjectRulesReview", "SelfSubjectReview",
		"DeviceClass", "ResourceSlice", "DeviceTaintRule", "StorageVersion", "StorageVersionMigration",
		"AdminNetworkPolicy", "BaselineAdminNetworkPolicy", "ClusterNetworkPolicy":
		return true
	}
	return false
}

// otherClusterKind has kinds of widely used projects that have no namespace.
func otherClusterKind(kind string) bool {
	switch kind {
	case "ClusterIssuer", // cert-manager
		"CiliumClusterwideNetworkPolicy", "CiliumClusterwideEnvoyConfig", "CiliumNode", "CiliumLoadBalancerIPPool", "CiliumBGPPeeringPolicy",
		"GlobalNetworkPolicy", "GlobalNetworkSet", "HostEndpoint", "IPPool", "BGPPeer", "BGPConfiguration", "FelixConfiguration", // Calico
		"ClusterNetworkPolicy", "ClusterGroup", "Tier", // Antrea
		"ClusterPolicy", "ClusterCleanupPolicy", // Kyverno
		"ConstraintTemplate", "Config", // Gatekeeper
		"ClusterSecretStore", "ClusterExternalSecret", "ClusterGenerator", // External Secrets
		"KubeArmorClusterPolicy", "KubeArmorHostPolicy",
		"ClusterImagePolicy", "TrustRoot", // Sigstore policy controller
		"ClusterSPIFFEID", "ClusterFederatedTrustDomain", "ClusterStaticEntry", // SPIRE
		"ClusterRoleTemplateBinding", "SecurityContextConstraints", "Project", "ClusterOperator", // OpenShift and Rancher
		"NodePool", "EC2NodeClass", "Provisioner", "AWSNodeTemplate", // Karpenter
		"ClusterTriggerAuthentication", "ClusterInterceptor", "ClusterTask", "ClusterWorkflowTemplate":
		return true
	}
	return false
}
