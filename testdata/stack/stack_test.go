// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"io"
	"net/http"
	"reflect"
	"strings"
	"testing"
	"time"
)

func get(t *testing.T, url string) int {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	if _, err := io.Copy(io.Discard, res.Body); err != nil {
		t.Fatal(err)
	}
	return res.StatusCode
}

// What the proxy counts is what was asked of the registry, and a digest that is fetched twice is named.
func TestProxyCounts(t *testing.T) {
	digest := "sha256:" + strings.Repeat("a", 64)
	host, stop, err := listen(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/missing") {
			http.NotFound(w, r)
			return
		}
		_, _ = io.WriteString(w, "12345")
	}))
	if err != nil {
		t.Fatal(err)
	}
	defer stop()
	p, err := NewProxy(host)
	if err != nil {
		t.Fatal(err)
	}
	defer p.Stop()
	for _, path := range []string{"/v2/", "/v2/a/manifests/" + digest, "/v2/a/blobs/" + digest, "/v2/a/tags/list"} {
		get(t, "http://"+p.Host+path)
	}
	if status := get(t, "http://"+p.Host+"/v2/a/manifests/missing"); status != http.StatusNotFound {
		t.Errorf("a status of the registry became %d", status)
	}
	c := p.Take()
	if c.Requests != 4 || c.Pings != 1 || c.Bytes != 4*5+int64(len("404 page not found\n")) || !reflect.DeepEqual(c.Twice, []string{digest}) {
		t.Errorf("counted %+v", c)
	}
	if c := p.Take(); c.Requests != 0 || len(c.Twice) != 0 {
		t.Errorf("counted again %+v", c)
	}
	p.SetDelay(30 * time.Millisecond)
	start := time.Now()
	get(t, "http://"+p.Host+"/v2/")
	if took := time.Since(start); took < 30*time.Millisecond {
		t.Errorf("a delayed request took %s", took)
	}
}

// Without credentials a token is good for pulling only.
func TestGrants(t *testing.T) {
	scopes := []string{"repository:acme/app:pull,push registry:catalog:* bad"}
	if got, want := grants(scopes, true), []grant{{"repository", "acme/app", []string{"pull", "push"}}, {"registry", "catalog", []string{"*"}}}; !reflect.DeepEqual(got, want) {
		t.Errorf("with credentials: %v, expected %v", got, want)
	}
	for _, g := range grants(scopes, false) {
		if !reflect.DeepEqual(g.Actions, []string{"pull"}) {
			t.Errorf("without credentials: %v", g)
		}
	}
}
