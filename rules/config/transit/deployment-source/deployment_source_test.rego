# SPDX-License-Identifier: Apache-2.0

package sealock.config.transit.deployment_source_test

import data.sealock.config.transit.deployment_source as rule
import data.sealock.lib.samples_test as samples

flux(kind, spec) := samples.kube([samples.namespaced(1, "source.toolkit.fluxcd.io/v1", kind, "shop", {"spec": spec})])

argo(spec) := samples.kube([samples.namespaced(1, "argoproj.io/v1alpha1", "Application", "shop", {"spec": spec})])

test_sources_of_flux if {
	samples.marks(rule.finding) == {"spec/url"} with input as flux("GitRepository", {"url": "http://git.example.com/shop.git"})
	samples.marks(rule.finding) == {"spec/insecure"} with input as flux("OCIRepository", {"url": "oci://registry.example.com/shop", "insecure": true})
}

test_sources_of_argo if {
	samples.marks(rule.finding) == {"spec/source/repoURL"} with input as argo({"source": {"repoURL": "git://git.example.com/shop.git"}})
	samples.marks(rule.finding) == {"spec/sources/1/repoURL"} with input as argo({"sources": [{"repoURL": "https://git.example.com/shop"}, {"repoURL": "http://charts.example.com"}]})
}

test_a_set_of_applications if {
	doc := samples.kube([samples.namespaced(1, "argoproj.io/v1alpha1", "ApplicationSet", "shop", {"spec": {"template": {"spec": {"source": {"repoURL": "http://git.example.com/shop"}}}}})])
	samples.marks(rule.finding) == {"spec/template/spec/source/repoURL"} with input as doc
}

test_repositories_without_a_check if {
	body := {"metadata": {"labels": {"argocd.argoproj.io/secret-type": "repository"}}, "stringData": {"url": "https://git.example.com/shop", "insecure": "true"}}
	samples.marks(rule.finding) == {"stringData/insecure"} with input as samples.kube([samples.namespaced(1, "v1", "Secret", "shop", body)])
}

test_checked_connections_are_fine if {
	rule.finding == set() with input as flux("GitRepository", {"url": "ssh://git@git.example.com/shop.git"})
	rule.finding == set() with input as flux("HelmRepository", {"url": "oci://registry.example.com/charts", "insecure": false})
	rule.finding == set() with input as argo({"source": {"repoURL": "https://git.example.com/shop"}})
	rule.finding == set() with input as argo({"source": {"repoURL": "git@git.example.com:shop.git"}})
}

test_services_of_the_cluster_are_other_rules if {
	rule.finding == set() with input as flux("HelmRepository", {"url": "http://charts.tools.svc.cluster.local:8080"})
}
