// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// templates are the kinds with a pod template, with %s for the specification of the pod.
var templates = map[string]string{
	"deployment":            "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: x}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: %s}}\n",
	"replicaset":            "apiVersion: apps/v1\nkind: ReplicaSet\nmetadata: {name: x}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: %s}}\n",
	"statefulset":           "apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: x}\nspec: {serviceName: x, selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: %s}}\n",
	"daemonset":             "apiVersion: apps/v1\nkind: DaemonSet\nmetadata: {name: x}\nspec: {selector: {matchLabels: {a: b}}, template: {metadata: {labels: {a: b}}, spec: %s}}\n",
	"replicationcontroller": "apiVersion: v1\nkind: ReplicationController\nmetadata: {name: x}\nspec: {selector: {a: b}, template: {metadata: {labels: {a: b}}, spec: %s}}\n",
	"podtemplate":           "apiVersion: v1\nkind: PodTemplate\nmetadata: {name: x}\ntemplate: {metadata: {labels: {a: b}}, spec: %s}\n",
	"job":                   "apiVersion: batch/v1\nkind: Job\nmetadata: {name: x}\nspec: {template: {spec: %s}}\n",
	"cronjob":               "apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: x}\nspec: {schedule: \"0 0 * * *\", jobTemplate: {spec: {template: {spec: %s}}}}\n",
	"rollout":               "apiVersion: acme.io/v1\nkind: Rollout\nmetadata: {name: x}\nspec: {template: {spec: %s}}\n",
	"pod":                   "apiVersion: v1\nkind: Pod\nmetadata: {name: it}\nspec: %s\n",
}

const rolloutDefinition = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: rollouts.acme.io}
spec:
  group: acme.io
  scope: Namespaced
  names: {plural: rollouts, singular: rollout, kind: Rollout}
  versions:
    - {name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}}}
`

func running(image string) string {
	return fmt.Sprintf("{restartPolicy: %%s, containers: [{name: a, image: %q}]}", image)
}

// object is a kind with a pod's specification in it.
func object(kind, spec string) string {
	policy := "Always"
	if kind == "job" || kind == "cronjob" {
		policy = "Never"
	}
	return fmt.Sprintf(templates[kind], strings.Replace(spec, "%s", policy, 1))
}

// A real API server calls the webhook: an attested pod is admitted, each wrong one is refused with its reason in what kubectl prints.
func TestAdmission(t *testing.T) {
	c := newCluster(t)
	c.serve()
	for ns, env := range map[string]string{"shop": "staging", "second": "staging", "live": "prod", "nowhere": ""} {
		c.kubectl(0, "", "create", "namespace", ns)
		if env != "" {
			c.kubectl(0, "", "label", "namespace", ns, "sealock.dev/environment="+env)
		}
	}
	c.kubectl(0, rolloutDefinition, "apply", "-f", "-")
	tag := c.Host + "/shop:v1"
	in := []string{"-n", "shop", "create", "-f", "-"}
	for range 100 { // until the API server calls it, and knows the new kind
		if out := c.kubectl(1, object("rollout", running(tag)), append(in, "--dry-run=server")...); strings.Contains(out, "denied the request") {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	c.kubectl(0, "", "-n", "shop", "run", "web", "--image="+c.image, "--restart=Never")

	t.Run("pods", func(t *testing.T) { c.as(t).wrongPods(in, tag) })
	t.Run("templates", func(t *testing.T) { c.as(t).templates(in) })
	t.Run("updates", func(t *testing.T) { c.as(t).updates() })
	t.Run("updates of every kind", func(t *testing.T) { c.as(t).updatesOfKinds() })
	t.Run("pull secrets", func(t *testing.T) { c.as(t).pullSecrets(in) })
	t.Run("namespaces", func(t *testing.T) { c.as(t).namespaces() })
	t.Run("break-glass", func(t *testing.T) { c.as(t).breakGlass(in) })
	t.Run("audit", func(t *testing.T) { c.as(t).audit() })
	t.Run("manifests", func(t *testing.T) { c.as(t).dryRun() })
	t.Run("metrics", func(t *testing.T) { c.as(t).metrics() })
	t.Run("stale", func(t *testing.T) { c.as(t).stale(in) })
	t.Run("registry down", func(t *testing.T) { c.as(t).down(in) })
}

func (c *cluster) as(t *testing.T) *cluster {
	return &cluster{world: c.world.in(t), Kubernetes: c.Kubernetes, shop: c.shop, image: c.image, bare: c.bare, closed: c.closed, private: c.private, hook: c.hook, log: c.log}
}

func (c *cluster) wrongPods(in []string, tag string) {
	c.refused(object("pod", running(tag)), []string{"IMAGE_NOT_BY_DIGEST", "write " + c.Host + "/shop@sha256:"}, in...)
	c.refused(object("pod", running(c.bare)), []string{"STAGE_MISSING", "sealock explain " + c.bare + " --env staging --promoted"}, in...)
	c.refused(object("pod", running(c.image)), []string{"VSA_SCOPE"}, "-n", "live", "create", "-f", "-")
	c.refused(object("pod", running(c.image)), []string{"NO_ENVIRONMENT"}, "-n", "nowhere", "create", "-f", "-")
	other := strings.Replace(c.image, "/shop@", "/other@", 1)
	c.refused(object("pod", running(other)), []string{"REPOSITORY_NOT_ALLOWED"}, in...)
	c.refused(object("pod", fmt.Sprintf("{containers: [{name: a, image: %q}], initContainers: [{name: b, image: %q}]}", c.image, c.bare)), []string{"spec.initContainers[0] (b)"}, in...)
	c.refused(object("pod", fmt.Sprintf("{containers: [{name: a, image: %q}], volumes: [{name: v, image: {reference: %q}}]}", c.image, c.bare)), []string{"spec.volumes[0] (v)"}, in...)
	c.refused(object("pod", running(c.bare)), []string{"STAGE_MISSING"}, append(in, "--dry-run=server")...)
	c.kubectl(0, object("pod", fmt.Sprintf("{containers: [{name: a, image: %q}], volumes: [{name: v, image: {reference: %q}}]}", c.image, c.image)), append(in, "--dry-run=server")...)
	c.refused("", []string{"spec.ephemeralContainers[0]"}, "-n", "shop", "debug", "web", "--image="+c.bare, "--target=web", "--attach=false")
	c.kubectl(0, "", "-n", "shop", "debug", "web", "--image="+c.image, "--target=web", "--attach=false")
}

func (c *cluster) templates(in []string) {
	for kind := range templates {
		c.kubectl(0, object(kind, running(c.image)), append(in, "--dry-run=server")...)
		c.refused(object(kind, running(c.bare)), []string{"STAGE_MISSING", c.bare}, in...)
	}
	c.refused("apiVersion: v1\nkind: List\nitems:\n- "+strings.ReplaceAll(strings.TrimSpace(object("deployment", running(c.bare))), "\n", "\n  ")+"\n", []string{"STAGE_MISSING"}, in...)
}

func (c *cluster) updates() {
	c.kubectl(0, object("deployment", running(c.image)), "-n", "shop", "create", "-f", "-")
	c.refused("", []string{"STAGE_MISSING"}, "-n", "shop", "set", "image", "pod/web", "web="+c.bare)
	c.refused("", []string{"STAGE_MISSING"}, "-n", "shop", "set", "image", "deployment/x", "a="+c.bare)
	c.refused("", []string{"STAGE_MISSING"}, "-n", "shop", "patch", "deployment/x", "--type=json", "-p", `[{"op":"replace","path":"/spec/template/spec/containers/0/image","value":"`+c.bare+`"}]`)
	c.refused(object("deployment", running(c.bare)), []string{"STAGE_MISSING"}, "-n", "shop", "apply", "--server-side", "--force-conflicts", "-f", "-")
	c.refused(object("deployment", running(c.bare)), []string{"STAGE_MISSING"}, "-n", "shop", "replace", "-f", "-")
	c.kubectl(0, "", "-n", "shop", "scale", "deployment/x", "--replicas=3")
	c.kubectl(0, "", "-n", "shop", "label", "deployment/x", "team=a")
	c.kubectl(0, "", "-n", "shop", "delete", "deployment/x", "--wait=false")
}

// updatesOfKinds changes the image in an object of each kind; of a job Kubernetes itself lets nobody change it.
func (c *cluster) updatesOfKinds() {
	for kind := range templates {
		if kind == "job" || kind == "pod" {
			continue
		}
		named := strings.Replace(object(kind, running(c.image)), "{name: x}", "{name: changed}", 1)
		wrong := strings.Replace(named, c.image, c.bare, 1)
		c.kubectl(0, named, "-n", "shop", "apply", "-f", "-")
		c.refused(wrong, []string{"STAGE_MISSING", c.bare}, "-n", "shop", "apply", "-f", "-")
		c.refused(wrong, []string{"STAGE_MISSING", c.bare}, "-n", "shop", "apply", "--server-side", "--force-conflicts", "-f", "-")
		c.refused(wrong, []string{"STAGE_MISSING", c.bare}, "-n", "shop", "replace", "-f", "-")
		c.kubectl(0, "", "-n", "shop", "delete", kind, "changed", "--wait=false")
	}
}

// pullSecrets looks at an image that only a pull secret opens: of the pod or of its service account, in their namespace, once the webhook may read it.
func (c *cluster) pullSecrets(in []string) {
	with := func(how string) string { return strings.Replace(running(c.closed), "{", "{"+how+", ", 1) }
	own, account := with("imagePullSecrets: [{name: pull}]"), with("serviceAccountName: puller")
	open := []string{"undecided", "REGISTRY_UNAUTHORIZED"}
	c.kubectl(0, "", "-n", "shop", "create", "secret", "docker-registry", "pull", "--docker-server="+c.private.Host, "--docker-username="+c.private.User, "--docker-password="+c.private.Password)
	c.kubectl(0, "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: puller}\nimagePullSecrets: [{name: pull}]\n", "-n", "shop", "create", "-f", "-")
	c.refused(object("pod", own), open, in...) // it may not read it
	c.kubectl(0, "", "-n", "shop", "create", "role", "sealock-pull-secrets", "--verb=get", "--resource=secrets,serviceaccounts")
	c.kubectl(0, "", "-n", "shop", "create", "rolebinding", "sealock-pull-secrets", "--role=sealock-pull-secrets", "--serviceaccount=sealock-system:sealock")
	time.Sleep(2500 * time.Millisecond) // what could not be read is asked for again after two seconds
	dry := append(slices.Clone(in), "--dry-run=server")
	for kind := range templates {
		c.kubectl(0, object(kind, own), dry...)
	}
	c.kubectl(0, object("pod", account), dry...)
	c.refused(object("pod", running(c.closed)), open, in...)
	c.refused(object("pod", with("imagePullSecrets: [{name: other}]")), open, in...)
	c.refused(object("pod", own), open, "-n", "second", "create", "-f", "-")
	for _, line := range c.log.read() {
		if strings.Contains(line, c.private.Password) {
			c.Errorf("the log has the password: %s", line)
		}
	}
}

func (c *cluster) namespaces() {
	c.kubectl(0, "", "create", "clusterrolebinding", "tenant", "--clusterrole=cluster-admin", "--user=tenant")
	tenant := []string{"--as=tenant", "--as-group=tenants"}
	for _, label := range []string{"sealock.dev/exclude=true", "sealock.dev/environment=dev", "sealock.dev/environment-", "sealock.dev/mode=audit"} {
		c.refused("", []string{"GUARDED_LABEL"}, append(tenant, "label", "--overwrite", "namespace", "shop", label)...)
	}
	c.refused("apiVersion: v1\nkind: Namespace\nmetadata: {name: mine, labels: {sealock.dev/exclude: \"true\"}}\n", []string{"GUARDED_LABEL"}, append(tenant, "create", "-f", "-")...)
	c.refused("", []string{"GUARDED_LABEL"}, append(tenant, "patch", "namespace", "shop", "--subresource=status", "--type=merge", "-p", `{"metadata":{"labels":{"sealock.dev/exclude":"true"}}}`)...)
	c.refused("", []string{"GUARDED_LABEL"}, "label", "namespace", "shop", "sealock.dev/exclude=true") // whoever it is: it is not listed
	c.kubectl(0, "", append(tenant, "label", "namespace", "shop", "team=a")...)
}

func (c *cluster) breakGlass(in []string) {
	annotation := c.exit(0, c.shop, c.sealock, "break-glass", c.bare, "--env", "staging", "--for", "1h", "--reason", "INC-4711", "--as", "alice", "-q")
	pod := strings.Replace(object("pod", running(c.bare)), "{name: it}", "{name: it, annotations: {"+strings.TrimSpace(annotation)+"}}", 1)
	if out := c.kubectl(0, pod, in...); !strings.Contains(out, "Warning: sealock: BREAK_GLASS: glass broken") {
		c.Errorf("no warning in %q", out)
	}
	c.refused(strings.Replace(pod, "break-glass: ", "break-glass: A", 1), []string{"STAGE_MISSING"}, append(in, "--dry-run=server")...)
	c.kubectl(0, "", "-n", "shop", "delete", "pod", "it", "--force", "--grace-period=0")
}

func (c *cluster) audit() {
	for range 50 {
		raw, err := os.ReadFile(c.AuditLog)
		c.must(err)
		text := string(raw)
		if strings.Contains(text, `"images.sealock.dev/decision":"sha256:`) && strings.Contains(text, `"images.sealock.dev/verdict":"refused"`) && strings.Contains(text, `"images.sealock.dev/policy":"shop version 1 sha256:`) &&
			strings.Contains(text, `"images.sealock.dev/break-glass":"sha256:`) && strings.Contains(text, "STAGE_MISSING") {
			return
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.Error("the audit log does not hold the decisions")
}

func (c *cluster) dryRun() {
	objects, webhooks := c.manifests()
	c.kubectl(0, objects, "apply", "--server-side", "--force-conflicts", "--dry-run=server", "-f", "-")
	c.kubectl(0, strings.Replace(webhooks, "  name: sealock\n", "  name: sealock-as-shipped\n", 1), "apply", "--server-side", "--dry-run=server", "-f", "-")
}

// metrics are as promtool wants them, without a single remark.
func (c *cluster) metrics() {
	cmd := c.command(c.dir, tool(c.T, "promtool"), "check", "metrics")
	page := c.page("/metrics")
	cmd.Stdin = bytes.NewReader(page)
	if out, err := cmd.CombinedOutput(); err != nil || len(bytes.TrimSpace(out)) > 0 {
		c.Errorf("%v\n%s\n%s", err, out, page)
	}
}

// stale makes every scan too old by a new policy, which counts at once; then it is as it was, under a version above.
func (c *cluster) stale(in []string) {
	policy := filepath.Join(c.shop, "policy", "policy.yaml")
	c.edit(policy, "version: 1\n", "version: 2\n")
	c.edit(policy, "stay: 720h", "stay: 1s")
	c.logged(`policy loaded.*"version":2`)
	c.refused(object("pod", running(c.image)), []string{"STAGE_TOO_OLD"}, in...)
	c.refused("", []string{"STAGE_TOO_OLD"}, "-n", "shop", "label", "pod", "web", "team=b")
	c.kubectl(0, "", "-n", "shop", "delete", "pod", "web", "--force", "--grace-period=0")
	c.edit(policy, "version: 2\n", "version: 3\n")
	c.edit(policy, "stay: 1s", "stay: 720h")
	c.logged(`policy loaded.*"version":3`)
	c.kubectl(0, "", "-n", "shop", "run", "web", "--image="+c.image, "--restart=Never")
}

// down stops the registry: nothing new is admitted, and what is kept still is, for its life.
func (c *cluster) down(in []string) {
	c.Registry.Stop()
	c.kubectl(0, object("pod", running(c.image)), append(in, "--dry-run=server")...)
	time.Sleep(1100 * time.Millisecond) // refusals are kept for a second
	c.refused(object("pod", running(c.bare)), []string{"undecided", "REGISTRY_UNAVAILABLE"}, in...)
	time.Sleep(20 * time.Second) // verdicts that allow are kept so long
	c.refused(object("pod", running(c.image)), []string{"undecided", "REGISTRY_"}, in...)
}
