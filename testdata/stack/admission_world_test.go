// SPDX-License-Identifier: Apache-2.0

package stack_test

import (
	"bufio"
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/testdata/stack"
)

// cluster is a real API server that calls "sealock serve" on a registry with the sample's image.
type cluster struct {
	*world
	*stack.Kubernetes
	shop, image, bare string // the folder of the sample; the attested image and one without evidence, by digest
	closed            string // the attested image where only a pull secret opens it
	private           *stack.Registry
	hook              string // where the webhook listens
	log               *lines
}

// lines are those of a log that is still written.
type lines struct {
	mu  sync.Mutex
	all []string
}

func (l *lines) add(line string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.all = append(l.all, line)
}

func (l *lines) read() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.all)
}

// newCluster starts everything. It skips the test where it can't be built.
func newCluster(t *testing.T) *cluster {
	t.Helper()
	c := &cluster{world: newWorld(t, stack.Memory), log: &lines{}}
	bin, err := stack.EnsureKubernetes(t.Context(), "kubernetes", os.Stderr)
	skipUnbuilt(t, err)
	dir, err := os.MkdirTemp(c.dir, "kubernetes-*")
	c.must(err)
	c.Kubernetes, err = stack.StartKubernetes(t.Context(), bin, dir, time.Now())
	c.must(err)
	t.Cleanup(c.Kubernetes.Stop)
	c.private = c.also(stack.DistAuth)
	c.promoted()
	return c
}

// promoted takes the sample through its stages and promotes it to dev and staging.
func (c *cluster) promoted() {
	c.Helper()
	c.shop = c.sampleFiles()
	c.edit(filepath.Join(c.shop, "sealock.yaml"), "store: .sealock ", "store: oci://"+c.Host+"/shop ")
	policy := filepath.Join(c.shop, "policy", "policy.yaml")
	c.edit(policy, "service: {product: build}", `service: {product: build, repositories: ["`+c.Host+`/shop", "`+c.private.Host+`/shop"]}`)
	c.edit(policy, "    from: dev\n", "    from: dev\n    breakGlass: {by: [alice], validFor: 4h}\n")
	c.commit(c.shop)
	c.exit(0, c.shop, c.sealock, "run", "source")
	c.exit(0, c.shop, c.sealock, "run", "build")
	c.image = c.push(filepath.Join(c.shop, "out", "shop"), "shop")
	c.exit(0, c.shop, c.sealock, "run", "scan", "--subject", c.image)
	for _, env := range []string{"dev", "staging"} {
		c.exit(0, c.shop, c.sealock, "promote", c.image, "--to", env)
	}
	c.exit(0, c.shop, c.sealock, "promote", c.image, "--to", "staging", "--dest", c.private.Host+"/shop:v1")
	c.closed = strings.Replace(c.image, c.Host, c.private.Host, 1)
	c.bare = c.smallImage("shop")
}

// kubectl runs it as the administrator.
func (c *cluster) kubectl(want int, in string, args ...string) string {
	c.Helper()
	cmd := c.command(c.dir, append([]string{c.Kubectl, "--kubeconfig", c.Kubeconfig}, args...)...)
	cmd.Stdin = strings.NewReader(in)
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	if cmd.ProcessState == nil {
		c.Fatal(err)
	}
	if got := cmd.ProcessState.ExitCode(); got != want && (want == 0 || got == 0) {
		c.Fatalf("kubectl %s\nexit code %d, expected %d\n%s\n%s", strings.Join(args, " "), got, want, in, out.String())
	}
	return out.String()
}

// manifests are the documents that the chart renders to, but those of cert-manager, which is not there.
func (c *cluster) manifests() (objects, webhooks string) {
	c.Helper()
	raw, err := os.ReadFile(filepath.Join("..", "..", "gate", "admission", "deploy", "manifests", "sealock.yaml"))
	c.must(err)
	var rest []string
	for _, doc := range strings.Split(string(raw), "\n---\n") {
		switch {
		case strings.Contains(doc, "cert-manager.io/v1"):
		case strings.Contains(doc, "kind: ValidatingWebhookConfiguration"):
			webhooks = doc
		default:
			rest = append(rest, doc)
		}
	}
	return strings.Join(rest, "\n---\n"), webhooks
}

// serve starts the webhook as the manifests run it, with the token of its own service account, and has the API server call it.
func (c *cluster) serve() {
	c.Helper()
	objects, webhooks := c.manifests()
	c.kubectl(0, "apiVersion: v1\nkind: Namespace\nmetadata: {name: sealock-system}\n", "apply", "-f", "-")
	c.kubectl(0, objects, "apply", "--server-side", "--force-conflicts", "-f", "-")
	token := filepath.Join(c.dir, "token")
	c.write(token, strings.TrimSpace(c.kubectl(0, "", "create", "token", "sealock", "-n", "sealock-system")))
	cert, key, err := c.Certificate("webhook", pkix.Name{CommonName: "sealock"}, time.Now())
	c.must(err)
	config := filepath.Join(c.dir, "admission.yaml")
	c.write(config, "apiVersion: sealock/v1\nkind: Admission\nlabels: true\npullSecrets: true\nexcluded: [kube-system, sealock-system]\nguards: {groups: [\"system:masters\"]}\nkinds:\n  - {group: acme.io, kind: Rollout, podSpecs: [spec.template.spec]}\n")
	nothing := filepath.Join(c.dir, "nothing.json") // the webhook has no credentials of its own
	c.write(nothing, "{}")
	cmd := exec.CommandContext(c.Context(), c.sealock, "serve", "--registry-config", nothing, "--keep-allowed", "20s", "--listen", "127.0.0.1:0", "--policy", filepath.Join(c.shop, "policy"), "--tls-cert", cert, "--tls-key", key, "--admission", config,
		"--kubernetes", c.URL, "--kubernetes-ca", c.CA, "--kubernetes-token", token, "--reload", "1s", "--keep-refused", "1s")
	cmd.Dir, cmd.Env = c.dir, c.env
	said, err := cmd.StderrPipe()
	c.must(err)
	c.must(cmd.Start())
	go c.read(said)
	c.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	c.hook = "https://" + c.logged(`"msg":"serving","address":"([^"]+)"`)[1]
	ca, err := os.ReadFile(c.CA)
	c.must(err)
	client := regexp.MustCompile(`(?m)^      service: .*$`)
	webhooks = client.ReplaceAllString(webhooks, "      url: "+c.hook+"/validate\n      caBundle: "+base64.StdEncoding.EncodeToString(ca))
	webhooks = strings.Replace(webhooks, "        resources: [cronjobs, jobs]\n        scope: Namespaced\n", "        resources: [cronjobs, jobs]\n        scope: Namespaced\n      - apiGroups: [acme.io]\n        apiVersions: [\"*\"]\n        operations: [CREATE, UPDATE]\n        resources: [rollouts]\n        scope: Namespaced\n", 1)
	c.kubectl(0, webhooks, "apply", "-f", "-")
}

func (c *cluster) read(r io.Reader) {
	for s := bufio.NewScanner(r); s.Scan(); {
		c.log.add(s.Text())
	}
}

// logged waits for a line of the webhook's log.
func (c *cluster) logged(pattern string) []string {
	c.Helper()
	re := regexp.MustCompile(pattern)
	for range 600 {
		for _, line := range c.log.read() {
			if m := re.FindStringSubmatch(line); m != nil {
				return m
			}
		}
		time.Sleep(100 * time.Millisecond)
	}
	c.Fatalf("no line of the webhook's log matches %q:\n%s", pattern, strings.Join(c.log.read(), "\n"))
	return nil
}

// page fetches a page of the webhook.
func (c *cluster) page(path string) []byte {
	c.Helper()
	pem, err := os.ReadFile(c.CA)
	c.must(err)
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(pem)
	client := &http.Client{Transport: &http.Transport{TLSClientConfig: &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12}}}
	req, err := http.NewRequestWithContext(c.Context(), http.MethodGet, c.hook+path, http.NoBody)
	c.must(err)
	res, err := client.Do(req)
	c.must(err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	c.must(err)
	return raw
}

// refused runs kubectl and demands that the webhook says no, with all texts in what kubectl prints.
func (c *cluster) refused(in string, texts []string, args ...string) {
	c.Helper()
	out := c.kubectl(1, in, args...)
	for _, text := range append([]string{"sealock.dev\" denied the request"}, texts...) {
		if !strings.Contains(out, text) {
			c.Errorf("kubectl %s\n%s\nexpected %q in\n%s", strings.Join(args, " "), in, text, out)
		}
	}
}
