// SPDX-License-Identifier: Apache-2.0

// Package cluster lists what runs in a Kubernetes cluster.
//
// Use: Open with a kubeconfig, then List for what runs now, and Watch to learn when that changes. Both only read: they list and watch pods, and list the
// metadata of namespaces, ReplicaSets and Jobs. Objects reads what ReadManifests read from files, and says what differs. Plan says what would put an end to
// drift, and Do is the one thing here that writes.
//
// Guarantees: a listing is whole or an error; what is not looked at is named in it. Every kind of container counts (containers, init, sidecar and ephemeral ones,
// image volumes), by the image that the kubelet reports. What Do changes is the very object that was listed, by its uid.
//
// Limits: the kubelet's report is believed. Containers that have not started run nothing yet, pods that have ended nothing any more, and neither is listed.
package cluster

import (
	"errors"
	"fmt"
	"path/filepath"

	"k8s.io/client-go/discovery"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/metadata"
	"k8s.io/client-go/rest"
	"k8s.io/client-go/tools/clientcmd"
)

// DefaultLabel is the label of a namespace that names its environment.
const DefaultLabel = "sealock.dev/environment"

// Bounds of one listing.
const (
	pageSize = 500    // objects a request
	maxItems = 200000 // objects of one kind
	restarts = 3      // of a listing whose continuation ran out
)

// Requests to the API server, a second and at once: a reader in the background, not a load test.
const (
	perSecond = 20
	burst     = 40
)

// Options say which cluster, and what of it.
type Options struct {
	Kubeconfig  string // file; "" for Paths, then Home's, then the service account of the pod that this runs in
	Paths       string // KUBECONFIG: several files, as a PATH is written
	Home        string
	Context     string // of the kubeconfig
	Label       string // of a namespace, names its environment
	Environment string // of namespaces without the label; "" leaves them out
	Skip        []string
	UserAgent   string
	Warn        func(format string, args ...any)
}

// Cluster reads one cluster.
type Cluster struct {
	opt       Options
	pods      dynamic.Interface
	meta      metadata.Interface
	kinds     *discovery.DiscoveryClient
	namespace string // of the kubeconfig's context
}

// Open finds the cluster. It asks nothing of it.
func Open(opt Options) (*Cluster, error) {
	if opt.Label == "" || opt.Warn == nil {
		return nil, errors.New("reading a cluster needs the label of environments, and somebody to warn")
	}
	config, namespace, err := configOf(opt)
	if err != nil {
		return nil, fmt.Errorf("finding the cluster: %w\nhint: name a kubeconfig with --kubeconfig, or what runs with --images", err)
	}
	if config.Insecure {
		opt.Warn("warning: the kubeconfig does without checking the API server's certificate (insecure-skip-tls-verify): what it lists may be anybody's")
	}
	config.UserAgent, config.QPS, config.Burst = opt.UserAgent, perSecond, burst
	c := &Cluster{opt: opt, namespace: namespace}
	if c.pods, err = dynamic.NewForConfig(config); err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	if c.meta, err = metadata.NewForConfig(config); err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	if c.kinds, err = discovery.NewDiscoveryClientForConfig(config); err != nil {
		return nil, fmt.Errorf("connecting to the cluster: %w", err)
	}
	return c, nil
}

// configOf is the way to the cluster, and the namespace of the kubeconfig's context.
func configOf(opt Options) (*rest.Config, string, error) {
	rules := &clientcmd.ClientConfigLoadingRules{ExplicitPath: opt.Kubeconfig}
	switch {
	case opt.Kubeconfig != "":
	case opt.Paths != "":
		rules.Precedence = filepath.SplitList(opt.Paths)
	case opt.Home != "":
		rules.Precedence = []string{filepath.Join(opt.Home, ".kube", "config")}
	}
	loader := clientcmd.NewNonInteractiveDeferredLoadingClientConfig(rules, &clientcmd.ConfigOverrides{CurrentContext: opt.Context})
	config, err := loader.ClientConfig()
	if err != nil {
		return nil, "", err
	}
	namespace, _, err := loader.Namespace()
	return config, namespace, err
}
