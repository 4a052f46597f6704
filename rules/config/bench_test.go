// SPDX-License-Identifier: Apache-2.0

package config_test

import (
	"context"
	"fmt"
	"io"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/rules"
	configrules "github.com/sealock-dev/sealock/rules/config"
	"github.com/sealock-dev/sealock/scanners"
	"github.com/sealock-dev/sealock/scanners/config"
)

var at = time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)

// tree is files in memory, in the order of their paths.
type tree []struct{ path, text string }

func (t tree) Walk(_ context.Context, visit func(scanners.FileEntry) error) error {
	for _, f := range t {
		open := func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(f.text)), nil }
		if err := visit(scanners.FileEntry{Path: f.path, Size: int64(len(f.text)), Open: open}); err != nil {
			return err
		}
	}
	return nil
}

// app is five manifests of one workload; every second one leaves its container as it is by default.
const app = `apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, namespace: %[2]s, labels: {app: %[1]s}}
spec:
  replicas: 2
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata: {labels: {app: %[1]s}}
    spec:
      serviceAccountName: %[1]s
      automountServiceAccountToken: false
      containers:
        - name: main
          image: registry.example.com/%[1]s:1.2.3
          ports: [{containerPort: 8443, name: https}]
          env: [{name: LOG, value: info}, {name: TOKEN, valueFrom: {secretKeyRef: {name: %[1]s, key: token}}}]
          resources: {requests: {cpu: 100m, memory: 64Mi}, limits: {cpu: 200m, memory: 128Mi}}
          securityContext: %[3]s
          volumeMounts: [{name: tmp, mountPath: /tmp}]
      volumes: [{name: tmp, emptyDir: {}}]
---
apiVersion: v1
kind: Service
metadata: {name: %[1]s, namespace: %[2]s}
spec: {selector: {app: %[1]s}, ports: [{name: https, port: 443, targetPort: 8443}]}
---
apiVersion: v1
kind: ServiceAccount
metadata: {name: %[1]s, namespace: %[2]s}
automountServiceAccountToken: false
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: {name: %[1]s, namespace: %[2]s}
spec: {podSelector: {matchLabels: {app: %[1]s}}, policyTypes: [Ingress, Egress], ingress: [{from: [{podSelector: {}}], ports: [{port: 8443}]}]}
---
apiVersion: rbac.authorization.k8s.io/v1
kind: Role
metadata: {name: %[1]s, namespace: %[2]s}
rules: [{apiGroups: [""], resources: [configmaps], verbs: [get, list]}]
`

func manifests(n int) tree {
	var t tree
	for i := range n / 5 {
		hardened := "{}"
		if i%2 == 0 {
			hardened = "{allowPrivilegeEscalation: false, runAsNonRoot: true, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}, seccompProfile: {type: RuntimeDefault}}"
		}
		name := fmt.Sprintf("app-%03d", i)
		t = append(t, struct{ path, text string }{name + ".yaml", fmt.Sprintf(app, name, fmt.Sprintf("team-%d", i/10), hardened)})
	}
	return t
}

func document(b *testing.B, t tree) map[string]any {
	b.Helper()
	var items []config.Item
	if len(t) > 0 {
		var problems []config.Problem
		var err error
		if items, problems, err = config.Read(b.Context(), t, config.Options{}); err != nil || len(problems) > 0 {
			b.Fatal(err, problems)
		}
	}
	doc, _, err := config.Document(items, nil)
	if err != nil {
		b.Fatal(err)
	}
	return doc
}

func BenchmarkCompile(b *testing.B) {
	for b.Loop() {
		if _, err := configrules.Compile(nil); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkFindNothing is what a scan costs that has nothing to judge: the rules are read and evaluated once.
func BenchmarkFindNothing(b *testing.B) { benchmarkFind(b, nil, true) }

// BenchmarkFind is the rules over 1,000 manifests.
func BenchmarkFind(b *testing.B) { benchmarkFind(b, manifests(1000), false) }

func benchmarkFind(b *testing.B, t tree, fresh bool) {
	doc := document(b, t)
	set, err := configrules.Compile(nil)
	if err != nil {
		b.Fatal(err)
	}
	var found []rules.Finding
	for b.Loop() {
		if fresh {
			if set, err = configrules.Compile(nil); err != nil {
				b.Fatal(err)
			}
		}
		if found, err = set.Find(b.Context(), rules.Input{Document: doc, At: at}); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(len(found)), "findings")
}

// BenchmarkRead is parsing 1,000 manifests, and BenchmarkDocument putting them into the document, graph of flows included.
func BenchmarkRead(b *testing.B) {
	t := manifests(1000)
	for b.Loop() {
		if _, _, err := config.Read(b.Context(), t, config.Options{}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkDocument(b *testing.B) {
	items, _, err := config.Read(b.Context(), manifests(1000), config.Options{})
	if err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, _, err := config.Document(items, nil); err != nil {
			b.Fatal(err)
		}
	}
}
