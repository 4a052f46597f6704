// SPDX-License-Identifier: Apache-2.0

//go:build tools

// Package kubernetes pins a real API server with its store and its client, for tests of the webhook. Nothing here is linked into sealock.
package kubernetes

import (
	_ "go.etcd.io/etcd/server/v3"
	_ "k8s.io/kubernetes/cmd/kube-apiserver"
	_ "k8s.io/kubernetes/cmd/kubectl"
)
