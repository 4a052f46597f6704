// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"
)

// seconds is how soon a watch has to tell, on a machine that does much else.
const seconds = 60 * time.Second

// TestDrift holds what a real API server says to run against what was promoted. Nothing runs pods there, so the test reports their state as a kubelet does.
func TestDrift(t *testing.T) {
	c := newCluster(t)
	c.kubectl(0, "", "create", "namespace", "shop")
	c.kubectl(0, "", "label", "namespace", "shop", "sealock.dev/environment=staging")
	c.starts("web", c.image, c.image)
	if out := c.drift(0); !strings.Contains(out, "no drift: 1 verified") {
		t.Fatalf("found\n%s", out)
	}
	t.Run("least privilege", func(t *testing.T) { driftCluster{c.as(t)}.readsOnly() })
	t.Run("manifests", func(t *testing.T) { driftCluster{c.as(t)}.manifestsHeld() })
	t.Run("watch", func(t *testing.T) { driftCluster{c.as(t)}.watched() })
	t.Run("remediation", func(t *testing.T) { driftCluster{c.as(t)}.remedied() })
}

type driftCluster struct{ *cluster }

// starts makes a pod and says that it runs an image.
func (c *cluster) starts(name, spec, runs string) {
	c.Helper()
	c.kubectl(0, strings.Replace(object("pod", running(spec)), "{name: it}", "{name: "+name+"}", 1), "-n", "shop", "create", "-f", "-")
	c.reports(name, runs)
}

// reports sets the status of a pod's only container.
func (c *cluster) reports(name, runs string) {
	c.Helper()
	status := fmt.Sprintf(`{"status":{"phase":"Running","containerStatuses":[{"name":"a","image":%q,"imageID":%[1]q,"ready":true,"restartCount":0,"started":true,"state":{"running":{"startedAt":"2026-01-01T00:00:00Z"}}}]}}`, runs)
	c.kubectl(0, "", "-n", "shop", "patch", "pod", name, "--subresource=status", "--type=merge", "-p", status)
}

// drift runs the command, in the folder of the sample.
func (c *cluster) drift(want int, args ...string) string {
	c.Helper()
	return c.exit(want, c.shop, append([]string{c.sealock, "drift", "--kubeconfig", c.Kubeconfig, "--policy", "policy"}, args...)...)
}

// readsOnly runs it with nothing but the role that docs/drift.md gives it.
func (c driftCluster) readsOnly() {
	doc, err := os.ReadFile(filepath.Join("..", "..", "docs", "drift.md"))
	c.must(err)
	role := regexp.MustCompile("(?s)```yaml\n(apiVersion: rbac.*?)```").FindStringSubmatch(string(doc))
	if role == nil {
		c.Fatal("docs/drift.md shows no role")
	}
	c.kubectl(0, role[1], "apply", "-f", "-")
	c.kubectl(0, "", "create", "serviceaccount", "drift", "-n", "default")
	c.kubectl(0, "", "create", "clusterrolebinding", "drift", "--clusterrole=sealock-drift", "--serviceaccount=default:drift")
	token := strings.TrimSpace(c.kubectl(0, "", "create", "token", "drift", "-n", "default"))
	config := filepath.Join(c.dir, "reader.kubeconfig")
	c.write(config, fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","clusters":[{"name":"c","cluster":{"server":%q,"certificate-authority":%q}}],"users":[{"name":"u","user":{"token":%q}}],"contexts":[{"name":"x","context":{"cluster":"c","user":"u"}}],"current-context":"x"}`, c.URL, c.CA, token))
	if out := c.exit(0, c.shop, c.sealock, "drift", "--kubeconfig", config, "--policy", "policy"); !strings.Contains(out, "no drift: 1 verified") {
		c.Errorf("found\n%s", out)
	}
}

// manifestsHeld applies the sample's manifests and changes what they set, and what they do not.
func (c driftCluster) manifestsHeld() {
	held := func(want int, args ...string) string {
		return c.drift(want, append([]string{"--manifests", "git:HEAD", "--manifests-path", "deploy/k8s/auth.yaml"}, args...)...)
	}
	if out := held(1); !strings.Contains(out, "OBJECT_MISSING") || !strings.Contains(out, "shop/Deployment/auth") || !strings.Contains(out, "attested by stage source") {
		c.Errorf("nothing is there, and it says\n%s", out)
	}
	c.kubectl(0, "", "apply", "-f", filepath.Join(c.shop, "deploy", "k8s", "auth.yaml"))
	c.kubectl(0, "", "-n", "shop", "delete", "pod", "web", "--force", "--grace-period=0")
	if out := held(0); strings.Contains(out, "not-in-manifests") {
		c.Errorf("as applied, and it says\n%s", out)
	}
	c.kubectl(0, "", "-n", "shop", "scale", "deployment/auth", "--replicas=5")
	c.kubectl(0, "", "-n", "shop", "label", "deployment/auth", "team=a")
	held(0) // an autoscaler's subresource, and what nobody attested
	c.kubectl(0, "", "-n", "shop", "patch", "deployment/auth", "--type=json", "-p", `[{"op":"replace","path":"/spec/template/spec/containers/0/securityContext/readOnlyRootFilesystem","value":false}]`, "--field-manager=somebody")
	out := held(1)
	for _, want := range []string{"spec-changed", "spec.template.spec.containers[name=auth].securityContext.readOnlyRootFilesystem is not as attested, set by somebody", "expected true; found false"} {
		if !strings.Contains(out, want) {
			c.Errorf("no %q in\n%s", want, out)
		}
	}
	if strings.Contains(out, "spec.replicas") || strings.Contains(out, "team") {
		c.Errorf("what is no drift is told:\n%s", out)
	}
	held(0, "--manager", "somebody")
	c.kubectl(0, "", "apply", "--server-side", "--force-conflicts", "-f", filepath.Join(c.shop, "deploy", "k8s", "auth.yaml"))
	held(0)
	c.starts("web", c.image, c.image)
	if out := held(1); !strings.Contains(out, "not-in-manifests") || !strings.Contains(out, "shop/Pod/web") {
		c.Errorf("a pod beside the manifests, and it says\n%s", out)
	}
	all := c.drift(1, "--manifests", "git:HEAD", "--manifests-path", "deploy/k8s") // the rest is not applied, and kinds of a mesh are unknown
	if !strings.Contains(all, "the cluster knows no kind") || !strings.Contains(all, "not compared: file deploy/k8s/kustomization.yaml") {
		c.Errorf("found\n%s", all)
	}
	c.write(filepath.Join(c.dir, "other", "x.yaml"), "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a, namespace: shop}\n")
	if out := c.drift(1, "--manifests", "dir:"+filepath.Join(c.dir, "other")); !strings.Contains(out, "so no object was held against them") || !strings.Contains(out, "STAGE_MISSING") {
		c.Errorf("manifests that nobody attested, and it says\n%s", out)
	}
	c.kubectl(0, "", "-n", "shop", "delete", "-f", filepath.Join(c.shop, "deploy", "k8s", "auth.yaml"), "--wait=false")
}

// watched changes what runs, what is attested and what is asked for, and demands that a watch tells each within seconds.
func (c driftCluster) watched() {
	said, stop := c.watch("--every", "1h", "--metrics", "127.0.0.1:0")
	metrics := said(`metrics on (http://\S+)`)[1]
	c.starts("planted", c.bare, c.bare)
	said(`gone -> unattested +staging +shop/Pod/planted .*STAGE_MISSING`)
	c.kubectl(0, "", "-n", "shop", "delete", "pod", "planted", "--force", "--grace-period=0")
	said(`unattested -> gone +staging +shop/Pod/planted`)

	c.kubectl(0, "", "-n", "shop", "set", "image", "pod/web", "a="+c.bare) // patched in place: first the spec, then what runs
	said(`(verified|gone) -> spec-differs +staging +shop/Pod/web`)
	c.reports("web", c.bare)
	said(`gone -> unattested +staging +shop/Pod/web`)
	c.kubectl(0, "", "-n", "shop", "set", "image", "pod/web", "a="+c.image)
	c.reports("web", c.image)
	said(`unattested -> gone +staging +shop/Pod/web`)

	policy := filepath.Join(c.shop, "policy", "policy.yaml")
	c.edit(policy, "version: 1\n", "version: 2\n")
	c.edit(policy, "stay: 720h", "stay: 1s")
	said(`(verified|gone) -> refused-now +staging +shop/Pod/web .*too-old: STAGE_TOO_OLD`)
	c.edit(policy, "version: 2\n", "version: 3\n")
	c.edit(policy, "stay: 1s", "stay: 720h")
	said(`refused-now -> verified +staging +shop/Pod/web`)

	c.advisory()
	c.exit(1, c.shop, c.sealock, "run", "scan", "--subject", c.image)
	said(`verified -> refused-now +staging +shop/Pod/web .*new-vulnerability: .*VULNERABILITY`)

	res, err := http.Get(metrics)
	c.must(err)
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	c.must(err)
	for _, want := range []string{`sealock_drift_items{status="refused-now"} 1`, `sealock_drift_items{status="verified"} 0`, `sealock_drift_runs_total{result="ok"}`, "sealock_drift_last_success_timestamp_seconds ", "sealock_policy_version 3"} {
		if !strings.Contains(string(text), want) {
			c.Errorf("no %q in\n%s", want, text)
		}
	}
	stop()
}

// advisory adds one about a package that is in the sample to its vulnerability data.
func (c driftCluster) advisory() {
	c.Helper()
	builder := filepath.Join(c.dir, "build-data")
	cmd := exec.CommandContext(c.Context(), "go", "build", "-o", builder, "./testdata/vulndb/build/main.go")
	cmd.Dir = filepath.Join("..", "..")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0", "GOFLAGS=-buildvcs=false", "GOWORK=off")
	if out, err := cmd.CombinedOutput(); err != nil {
		c.Fatalf("%v\n%s", err, out)
	}
	feed := filepath.Join(c.dir, "testdata", "vulndb", "feeds", "github.json")
	c.edit(feed, `"items": [`, `"items": [
 {"id": "GHSA-test-test-test", "cve": ["CVE-2026-99999"], "severity": "Critical", "cvss": "CVSS:3.1/AV:N/AC:L/PR:N/UI:N/S:U/C:H/I:H/A:H", "published": "2026-11-01T00:00:00Z", "summary": "made up for this test", "affected": [{"ecosystem": "go", "name": "github.com/go-jose/go-jose/v4", "range": "<99.0.0", "fixed": "99.0.0"}]},`)
	c.exit(0, c.dir, builder)
}

// watch starts a watch. said waits for a line of it that matches; stop ends it.
func (c driftCluster) watch(args ...string) (said func(pattern string) []string, stop func()) {
	c.Helper()
	cmd := c.command(c.shop, append([]string{c.sealock, "drift", "--kubeconfig", c.Kubeconfig, "--policy", "policy", "--watch"}, args...)...)
	log := &lines{}
	out, err := cmd.StdoutPipe()
	c.must(err)
	cmd.Stderr = cmd.Stdout
	c.must(cmd.Start())
	ended := make(chan struct{})
	go func() {
		(&cluster{log: log}).read(out)
		close(ended)
	}()
	c.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	next := 0
	said = func(pattern string) []string {
		c.Helper()
		re, start := regexp.MustCompile(pattern), time.Now()
		for time.Since(start) < seconds {
			all := log.read()
			for i := next; i < len(all); i++ {
				if m := re.FindStringSubmatch(all[i]); m != nil {
					next = i + 1
					c.Logf("after %s: %s", time.Since(start).Round(10*time.Millisecond), all[i])
					return m
				}
			}
			time.Sleep(20 * time.Millisecond)
		}
		c.Fatalf("no line matches %q:\n%s", pattern, strings.Join(log.read(), "\n"))
		return nil
	}
	return said, func() {
		c.Helper()
		c.must(cmd.Process.Signal(syscall.SIGTERM))
		<-ended
		c.must(cmd.Wait())
	}
}

// remedied has what drifted put right: shown first, then done, on the record, and no more than allowed.
func (c driftCluster) remedied() {
	deployment := strings.Replace(object("deployment", running(c.bare)), "{name: x}", "{name: bad}", 1)
	c.kubectl(0, deployment, "-n", "shop", "create", "-f", "-")
	var live struct{ Metadata struct{ UID string } }
	c.must(json.Unmarshal([]byte(c.kubectl(0, "", "-n", "shop", "get", "deployment", "bad", "-o", "json")), &live))
	pod := strings.Replace(object("pod", running(c.bare)), "{name: it}", fmt.Sprintf("{name: bad-1, ownerReferences: [{apiVersion: apps/v1, kind: Deployment, name: bad, uid: %s, controller: true}]}", live.Metadata.UID), 1)
	c.kubectl(0, pod, "-n", "shop", "create", "-f", "-")
	c.reports("bad-1", c.bare)
	c.starts("alone", c.bare, c.bare)
	ledger := filepath.Join(c.dir, "drift.db")
	replicas := func() string {
		return c.kubectl(0, "", "-n", "shop", "get", "deployment", "bad", "-o", "jsonpath={.spec.replicas} {.spec.template.metadata.annotations}")
	}
	act := func(args ...string) string {
		c.Helper()
		cmd := c.command(c.shop, append([]string{c.sealock, "drift", "--kubeconfig", c.Kubeconfig, "--policy", "policy", "--ledger", ledger, "--remediate"}, args...)...)
		out, err := cmd.CombinedOutput()
		if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 {
			c.Fatalf("%v\n%s", err, out)
		}
		return string(out)
	}
	if out := act("scale-to-zero"); !strings.Contains(out, "would scale-to-zero shop/Deployment/bad: unattested") || !strings.Contains(out, "not put right: shop/Pod/alone: scale-to-zero is not for a Pod") {
		c.Errorf("found\n%s", out)
	}
	if got := replicas(); got != "1 " {
		c.Fatalf("the plan changed something: %s", got)
	}
	if out := act("restart", "--yes"); !strings.Contains(out, "did restart shop/Deployment/bad") || !strings.Contains(replicas(), "sealock.dev/restarted-at") {
		c.Errorf("found\n%s%s", out, replicas())
	}
	if out := act("scale-to-zero", "--yes"); !strings.Contains(out, "did scale-to-zero shop/Deployment/bad") || !strings.HasPrefix(replicas(), "0 ") {
		c.Errorf("found\n%s%s", out, replicas())
	}
	if out := act("evict", "--yes", "--remediate-limit", "1"); strings.Count(out, "did evict") != 1 || !strings.Contains(out, "more are left as they are") {
		c.Errorf("found\n%s", out)
	}
	events := c.kubectl(0, "", "-n", "shop", "get", "events", "-o", "jsonpath={range .items[*]}{.reason} {.involvedObject.kind} {.message}{\"\\n\"}{end}")
	for _, want := range []string{"Drift Deployment sealock: restart: unattested ", "Drift Deployment sealock: scale-to-zero: unattested", "Drift Pod sealock: evict: "} {
		if !strings.Contains(events, want) {
			c.Errorf("no %q in\n%s", want, events)
		}
	}
	record := c.exit(0, c.shop, c.sealock, "audit", "list", "--ledger", ledger)
	for _, want := range []string{"REMEDY", "restart of shop/Deployment/bad", "scale-to-zero of shop/Deployment/bad", "evict of shop/Pod/"} {
		if !strings.Contains(record, want) {
			c.Errorf("no %q in\n%s", want, record)
		}
	}
	c.exit(0, c.shop, c.sealock, "audit", "verify", "--ledger", ledger)
	c.exit(0, c.shop, c.sealock, "audit", "replay", "--all", "--ledger", ledger)
}
