// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"encoding/json"
	"encoding/pem"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/gate"
)

// clusterAPI is an API server's own form of Secrets and ServiceAccounts.
type clusterAPI struct {
	mu      sync.Mutex
	objects map[string]obj // path → object
	asked   []string
}

func (c *clusterAPI) put(plural, namespace, name string, o obj) {
	c.mu.Lock()
	defer c.mu.Unlock()
	o["apiVersion"] = "v1"
	o["metadata"] = obj{"name": name, "namespace": namespace, "uid": "uid-" + name, "resourceVersion": fmt.Sprint(len(c.asked) + len(c.objects)), "managedFields": []any{}}
	c.objects["/api/v1/namespaces/"+namespace+"/"+plural+"/"+name] = o
}

func (c *clusterAPI) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.asked = append(c.asked, r.URL.Path)
	o, ok := c.objects[r.URL.Path]
	if r.Header.Get("Authorization") != "Bearer s3cret" {
		w.WriteHeader(http.StatusUnauthorized)
		o = obj{"kind": "Status"}
	} else if !ok {
		w.WriteHeader(http.StatusNotFound)
		o = obj{"kind": "Status", "code": 404}
	}
	_ = json.NewEncoder(w).Encode(o)
}

func (c *clusterAPI) requests() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.asked)
}

func dockerSecret(host, user string) obj {
	raw := fmt.Sprintf(`{"auths":{%q:{"username":%q,"password":"pa55word"}}}`, host, user)
	return obj{"kind": "Secret", "type": registry.SecretDockerConfig, "data": obj{".dockerconfigjson": []byte(raw)}}
}

// withSecrets starts an API server and a webhook that honours pull secrets. The list has who asked about each image that was looked up, "" for the webhook itself.
func withSecrets(t *testing.T) (*world, *clusterAPI, func() []string) {
	t.Helper()
	c := &clusterAPI{objects: map[string]obj{}}
	srv := httptest.NewTLSServer(c)
	t.Cleanup(srv.Close)
	token := filepath.Join(t.TempDir(), "token")
	if err := os.WriteFile(token, []byte("s3cret\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	api, err := NewAPI(srv.URL, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: srv.Certificate().Raw}), token)
	if err != nil {
		t.Fatal(err)
	}
	var mu sync.Mutex
	var asked []string
	w := newWorld(t, func(o *Options) {
		o.PullSecrets = api
		load := o.Load
		o.Load = func(ctx context.Context) (*Policy, error) {
			p, err := load(ctx)
			if err != nil {
				return nil, err
			}
			decide := p.Decide
			p.Decide = func(ctx context.Context, i Image, env string) gate.Decision {
				var names []string
				for _, login := range i.Logins {
					c, err := login.For(ctx, i.Repository)
					if err != nil {
						t.Error(err)
					}
					names = append(names, c.Username)
				}
				mu.Lock()
				asked = append(asked, strings.Join(names, ","))
				mu.Unlock()
				return decide(ctx, i, env)
			}
			return p, nil
		}
	})
	return w, c, func() []string {
		mu.Lock()
		defer mu.Unlock()
		out := asked
		asked = nil
		return out
	}
}

func pulling(image, account string, secrets ...string) obj {
	p := pod(image)
	spec := p["spec"].(obj)
	spec["serviceAccountName"] = account
	var list []any
	for _, s := range secrets {
		list = append(list, obj{"name": s})
	}
	spec["imagePullSecrets"] = list
	return p
}

// pull secrets serve the pods of their own namespace at their exact host, as a kubelet takes them, and nobody else; and what was found out with one is
// kept for those alone who come with it.
func TestA31_PullSecretsOfTheNamespace(t *testing.T) {
	w, c, who := withSecrets(t)
	host, _, _ := strings.Cut(repo, "/")
	good := w.image("good", "prod").Ref()
	c.put("secrets", "shop-prod", "pull", dockerSecret(host, "prod-user"))
	c.put("secrets", "shop-prod", "spare", dockerSecret(host, "spare-user"))
	c.put("secrets", "shop-prod", "wild", dockerSecret("*."+host[strings.Index(host, ".")+1:], "wild-user"))
	c.put("secrets", "shop-prod", "elsewhere", dockerSecret(host+".evil.test", "evil-user"))
	c.put("secrets", "shop-prod", "opaque", obj{"kind": "Secret", "type": "Opaque", "data": obj{".dockerconfigjson": []byte(`{"auths":{}}`)}})
	c.put("secrets", "shop-prod", "broken", obj{"kind": "Secret", "type": registry.SecretDockerConfig, "data": obj{".dockerconfigjson": []byte(`{"auths":{"` + host + `":{"auth":"pa55word"}}}`)}})
	c.put("serviceaccounts", "shop-prod", "default", obj{"kind": "ServiceAccount", "imagePullSecrets": []any{obj{"name": "spare"}}})
	c.put("serviceaccounts", "shop-prod", "bare", obj{"kind": "ServiceAccount"})

	for _, x := range []struct {
		name, ns string
		object   obj
		want     []string
	}{
		{"the pod's own", "shop-prod", pulling(good, "default", "pull"), []string{"prod-user"}},
		{"kept for the same", "shop-prod", pulling(good, "bare", "pull"), nil},
		{"in their order", "shop-prod", pulling(good, "default", "spare", "pull"), []string{"spare-user,prod-user"}},
		{"the service account's", "shop-prod", pulling(good, "default"), []string{"spare-user"}},
		{"none", "shop-prod", pulling(good, "bare"), []string{""}},
		{"an account that is not there", "shop-prod", pulling(good, "missing"), nil}, // the webhook's own verdict, as before
		{"not of another host", "shop-prod", pulling(good, "default", "elsewhere", "wild", "opaque", "broken", "missing", "../../kube-system/secrets/x", "a,b"), nil},
		{"not in another namespace", "shop-warn", pulling(good, "default", "pull"), nil},
	} {
		w.ask(asks{object: x.object, ns: x.ns})
		if got := who(); !slices.Equal(got, x.want) {
			t.Errorf("%s: asked as %q, expected %q", x.name, got, x.want)
		}
	}
	if slices.ContainsFunc(c.asked, func(p string) bool { return strings.Contains(p, "kube-system") || strings.Contains(p, "..") }) {
		t.Errorf("%q", c.asked)
	}
	c.put("secrets", "shop-warn", "pull", dockerSecret(host, "warn-user"))
	w.clock.Add(25)
	w.ask(asks{object: pulling(good, "default", "pull"), ns: "shop-warn"})
	w.ask(asks{object: pulling(good, "default", "pull")})
	if got := who(); !slices.Equal(got, []string{"warn-user"}) {
		t.Errorf("asked as %q", got)
	}
	// A secret that is replaced serves anew, and what the old one found out no longer counts.
	c.put("secrets", "shop-prod", "pull", dockerSecret(host, "new-user"))
	w.clock.Add(25)
	w.ask(asks{object: pulling(good, "default", "pull")})
	if got := who(); !slices.Equal(got, []string{"new-user"}) {
		t.Errorf("asked as %q", got)
	}
	if log := w.log.String(); strings.Contains(log, "pa55word") || !strings.Contains(log, "pull secret not used") {
		t.Error(log)
	}
}

// Every kind with a pod template says who pulls; what is refused anyway costs no request, and what was read is kept for a while.
func TestPullSecretsAreReadWhenNeeded(t *testing.T) {
	w, c, who := withSecrets(t)
	host, _, _ := strings.Cut(repo, "/")
	c.put("secrets", "shop-prod", "pull", dockerSecret(host, "user"))
	w.denied(asks{object: pulling("other.example.com/x@"+w.image("x", "none").Digest.String(), "default", "pull")})
	w.denied(asks{object: pulling(repo+":v1", "default", "pull")})
	if n := c.requests(); n != 0 {
		t.Errorf("%d requests for what is refused anyway", n)
	}
	good := w.image("good", "prod").Ref()
	spec := pulling(good, "default", "pull")["spec"]
	for _, o := range []asks{
		{group: "apps", kind: "Deployment", object: obj{"apiVersion": "apps/v1", "kind": "Deployment", "metadata": obj{}, "spec": obj{"template": obj{"spec": spec}}}},
		{group: "batch", kind: "CronJob", object: obj{"apiVersion": "batch/v1", "kind": "CronJob", "metadata": obj{}, "spec": obj{"jobTemplate": obj{"spec": obj{"template": obj{"spec": spec}}}}}},
		{object: pulling(good, "other", "pull")},
	} {
		w.allowed(o)
	}
	if got := who(); !slices.Equal(got, []string{"user"}) || c.requests() != 1 {
		t.Errorf("asked as %q, %d requests", got, c.requests())
	}
	// Two pods of one list with different secrets are two questions.
	items := []any{pulling(good, "bare", "pull"), pulling(good, "bare", "none")}
	w.allowed(asks{kind: "List", object: obj{"apiVersion": "v1", "kind": "List", "items": items}})
	if got := who(); !slices.Equal(got, []string{""}) {
		t.Errorf("asked as %q", got)
	}
	for n := range 3 * maxSecrets {
		w.server.secrets.keep(named{"x", fmt.Sprint(n)}, secret{}, secretLife)
	}
	if kept, _ := w.server.secrets.size(); kept > maxSecrets {
		t.Errorf("%d secrets are kept", kept)
	}
	w.clock.Add(30)
	w.server.secrets.keep(named{"x", "y"}, secret{}, secretLife)
	if kept, _ := w.server.secrets.size(); kept != 1 {
		t.Errorf("%d secrets are kept after their time", kept)
	}
}
