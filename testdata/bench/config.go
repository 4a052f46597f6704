// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"
)

const (
	manifestFiles = 1000
	targetConfig  = 0.5 // of conftest's time, by the clock and of the processor
)

// configuration compares the scan of 1,000 manifests with all of sealock's rules with conftest, in two ways: as many rules of the form that conftest's
// users write, each held against each file by itself; and sealock's very rules, all files in one document.
func configuration(ctx context.Context, b *bench) error {
	conftest, err := b.tool(ctx, "conftest")
	if err != nil {
		return b.unbuilt("configuration scan", err)
	}
	dir := filepath.Join(b.dir, "configuration")
	tree := filepath.Join(dir, "manifests")
	if err := writeWorkloads(tree, manifestFiles); err != nil {
		return err
	}
	list, err := b.denyRules(ctx, dir)
	if err != nil {
		return err
	}
	if err := b.writeOwnRules(filepath.Join(dir, "own"), list); err != nil {
		return err
	}
	ours := b.step(b.sealock, "scan", "dir:"+tree, "--only", "config", "-o", "json")
	ours.Out = filepath.Join(dir, "sealock.json")
	for _, peer := range []struct {
		name string
		args []string
	}{
		{fmt.Sprintf("conftest, %d deny rules", len(list)), []string{"--policy", filepath.Join(dir, "deny")}},
		{fmt.Sprintf("conftest --combine, the same %d rules", len(list)),
			[]string{"--combine", "--policy", filepath.Join(dir, "own"), "--data", filepath.Join(dir, "own", "params.json")}},
	} {
		theirs := b.step(append(append([]string{conftest, "test", "-o", "json", "--no-color"}, peer.args...), tree)...)
		theirs.Codes, theirs.Out = []int{1}, filepath.Join(dir, "conftest.json")
		pair, err := compare(ctx, b.k, Side{Name: "sealock", Job: Job{ours}}, Side{Name: "conftest", Job: Job{theirs}})
		if err != nil {
			return err
		}
		failures, err := conftestFailures(theirs.Out)
		if err != nil {
			return err
		}
		b.say("%s: %d failures; of the processor's time %.2f", peer.name, failures, share(pair.A.CPU, pair.B.CPU))
		if failures == 0 {
			return fmt.Errorf("%s finds nothing: it does not do the same work", peer.name)
		}
		b.add(Row{Case: fmt.Sprintf("configuration scan, %d manifests", manifestFiles), Peer: peer.name, Pair: pair, Target: targetConfig})
	}
	return nil
}

func share(a, b time.Duration) float64 { return float64(a) / float64(b) }

func conftestFailures(file string) (int, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return 0, err
	}
	var results []struct{ Failures []json.RawMessage }
	if err := json.Unmarshal(data, &results); err != nil {
		return 0, fmt.Errorf("reading what conftest wrote: %w", err)
	}
	n := 0
	for _, r := range results {
		n += len(r.Failures)
	}
	return n, nil
}

// workload is ten manifests about one service, each in a file of its own: name, namespace, image, the pod's and the container's security context, type of
// the Service, verbs of the role.
var workload = []string{
	`apiVersion: apps/v1
kind: Deployment
metadata: {name: %[1]s, namespace: %[2]s, labels: {app: %[1]s}}
spec:
  replicas: 2
  selector: {matchLabels: {app: %[1]s}}
  template:
    metadata:
      labels: {app: %[1]s, tier: backend}
    spec:
      serviceAccountName: %[1]s
      automountServiceAccountToken: false
      securityContext: %[4]s
      containers:
        - name: main
          image: %[3]s
          ports: [{containerPort: 8443, name: https}]
          env:
            - {name: LOG, value: info}
            - {name: TOKEN, valueFrom: {secretKeyRef: {name: %[1]s, key: token}}}
          resources:
            requests: {cpu: 100m, memory: 64Mi}
            limits: {cpu: 200m, memory: 128Mi}
          livenessProbe: {httpGet: {path: /live, port: 8443, scheme: HTTPS}}
          readinessProbe: {httpGet: {path: /ready, port: 8443, scheme: HTTPS}}
          securityContext: %[5]s
          volumeMounts: [{name: tmp, mountPath: /tmp}, {name: settings, mountPath: /etc/app}]
      volumes:
        - {name: tmp, emptyDir: {}}
        - {name: settings, configMap: {name: %[1]s}}
`,
	"apiVersion: v1\nkind: Service\nmetadata: {name: %[1]s, namespace: %[2]s}\nspec:\n  type: %[6]s\n  selector: {app: %[1]s}\n  ports: [{name: https, port: 443, targetPort: 8443}]\n",
	"apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: %[1]s, namespace: %[2]s}\nautomountServiceAccountToken: false\n",
	"apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %[1]s, namespace: %[2]s}\ndata:\n  app.properties: |\n" + strings.Repeat("    key=value\n", 20),
	"apiVersion: networking.k8s.io/v1\nkind: NetworkPolicy\nmetadata: {name: %[1]s, namespace: %[2]s}\nspec:\n  podSelector: {matchLabels: {app: %[1]s}}\n" +
		"  policyTypes: [Ingress, Egress]\n  ingress: [{from: [{podSelector: {matchLabels: {tier: backend}}}], ports: [{protocol: TCP, port: 8443}]}]\n  egress: []\n",
	"apiVersion: rbac.authorization.k8s.io/v1\nkind: Role\nmetadata: {name: %[1]s, namespace: %[2]s}\nrules:\n  - {apiGroups: [\"\"], resources: [configmaps], verbs: %[7]s}\n",
	"apiVersion: rbac.authorization.k8s.io/v1\nkind: RoleBinding\nmetadata: {name: %[1]s, namespace: %[2]s}\n" +
		"roleRef: {apiGroup: rbac.authorization.k8s.io, kind: Role, name: %[1]s}\nsubjects: [{kind: ServiceAccount, name: %[1]s, namespace: %[2]s}]\n",
	"apiVersion: policy/v1\nkind: PodDisruptionBudget\nmetadata: {name: %[1]s, namespace: %[2]s}\nspec:\n  minAvailable: 1\n  selector: {matchLabels: {app: %[1]s}}\n",
	"apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: %[1]s, namespace: %[2]s}\nspec:\n  tls: [{hosts: [%[1]s.example.com], secretName: %[1]s-tls}]\n" +
		"  rules: [{host: %[1]s.example.com, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: %[1]s, port: {number: 443}}}}]}}]\n",
	"apiVersion: autoscaling/v2\nkind: HorizontalPodAutoscaler\nmetadata: {name: %[1]s, namespace: %[2]s}\n" +
		"spec: {scaleTargetRef: {apiVersion: apps/v1, kind: Deployment, name: %[1]s}, minReplicas: 2, maxReplicas: 5}\n",
}

// writeWorkloads writes so many manifests of services in namespaces of ten services each; every second service is hardened, the others are not.
func writeWorkloads(dir string, files int) error {
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return err
	}
	for i := range files {
		service, kind := i/len(workload), i%len(workload)
		name := fmt.Sprintf("service-%03d", service)
		values := []any{name, fmt.Sprintf("team-%02d", service/10), "docker.io/acme/" + name + ":latest", "{}", "{}", "NodePort", `["*"]`}
		if service%2 == 0 {
			values = []any{name, values[1], fmt.Sprintf("registry.example.com/acme/%s@sha256:%064x", name, service), "{runAsNonRoot: true, runAsUser: 10001, seccompProfile: {type: RuntimeDefault}}",
				"{allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: {drop: [ALL]}}", "ClusterIP", "[get, list]"}
		}
		text := fmt.Sprintf(workload[kind], values...)
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("%s-%d.yaml", name, kind)), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
