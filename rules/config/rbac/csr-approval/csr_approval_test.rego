# SPDX-License-Identifier: Apache-2.0

package sealock.config.rbac.csr_approval_test

import data.sealock.config.rbac.csr_approval as rule
import data.sealock.lib.samples_test as samples

role(rules) := samples.kube([samples.global(1, "rbac.authorization.k8s.io/v1", "ClusterRole", "signer", {"rules": rules})])

approve := {"apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests/approval"], "verbs": ["update"]}

test_approval if {
	samples.marks(rule.finding) == {"rules/0/resources/0"} with input as role([approve])
}

test_any_signer if {
	count(rule.finding) == 2 with input as role([approve, {"apiGroups": ["certificates.k8s.io"], "resources": ["signers"], "verbs": ["approve"]}])
}

test_the_signer_of_clients if {
	doc := role([{"apiGroups": ["certificates.k8s.io"], "resources": ["signers"], "verbs": ["sign"], "resourceNames": ["kubernetes.io/kube-apiserver-client"]}])
	samples.marks(rule.finding) == {"rules/0/resources/0"} with input as doc
}

test_ones_own_signer_is_fine if {
	rule.finding == set() with input as role([approve, {"apiGroups": ["certificates.k8s.io"], "resources": ["signers"], "verbs": ["approve"], "resourceNames": ["issuers.example.com/*"]}])
}

test_requests_are_fine if {
	rule.finding == set() with input as role([{"apiGroups": ["certificates.k8s.io"], "resources": ["certificatesigningrequests"], "verbs": ["create", "get", "list", "watch"]}])
}
