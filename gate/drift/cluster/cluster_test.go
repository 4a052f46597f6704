// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/gate/drift"
)

// apiServer speaks the part of the Kubernetes API that lists and watches: pages with a limit and a continuation, metadata only where that is asked for, watches
// from a version on, forbidden kinds and continuations that run out.
type apiServer struct {
	mu       sync.Mutex
	objects  map[string][]map[string]any // by path
	version  int
	forbid   map[string]bool
	expire   int // continuations that are refused
	lists    map[string]int
	methods  map[string]bool
	watchers map[chan []byte]string
	writes   []string // method, path and body

	discovery map[string]string // by path
}

// object is the one at …/namespaces/NAMESPACE/pods/NAME.
func (s *apiServer) object(path string) (map[string]any, bool) {
	parts := strings.Split(path, "/")
	if len(parts) < 4 || parts[len(parts)-4] != "namespaces" {
		return nil, false
	}
	list := strings.Join(slices.Concat(parts[:len(parts)-4], parts[len(parts)-2:len(parts)-1]), "/")
	for _, o := range s.objects[list] {
		if meta := o["metadata"].(map[string]any); meta["namespace"] == parts[len(parts)-3] && meta["name"] == parts[len(parts)-1] {
			return o, true
		}
	}
	return nil, false
}

func newServer(t testing.TB) (*apiServer, *Cluster) {
	t.Helper()
	s := &apiServer{objects: map[string][]map[string]any{}, version: 1, forbid: map[string]bool{}, lists: map[string]int{}, methods: map[string]bool{}, watchers: map[chan []byte]string{}}
	h := httptest.NewServer(s)
	t.Cleanup(h.Close)
	return s, s.open(t, h.URL, Options{})
}

func (s *apiServer) open(t testing.TB, url string, opt Options) *Cluster {
	t.Helper()
	file := filepath.Join(t.TempDir(), "kubeconfig")
	config := fmt.Sprintf(`{"apiVersion":"v1","kind":"Config","current-context":"c","contexts":[{"name":"c","context":{"cluster":"c","user":"u"}}],"clusters":[{"name":"c","cluster":{"server":%q}}],"users":[{"name":"u","user":{"token":"t"}}]}`, url)
	if err := os.WriteFile(file, []byte(config), 0o600); err != nil {
		t.Fatal(err)
	}
	opt.Kubeconfig, opt.Label, opt.Warn = file, DefaultLabel, t.Logf
	c, err := Open(opt)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

const (
	podsPath       = "/api/v1/pods"
	namespacesPath = "/api/v1/namespaces"
	setsPath       = "/apis/apps/v1/replicasets"
	jobsPath       = "/apis/batch/v1/jobs"
	statefulPath   = "/apis/apps/v1/statefulsets"
	databasesPath  = "/apis/acme.io/v1/databases"
)

var kinds = map[string][2]string{podsPath: {"v1", "Pod"}, namespacesPath: {"v1", "Namespace"}, setsPath: {"apps/v1", "ReplicaSet"}, jobsPath: {"batch/v1", "Job"}, statefulPath: {"apps/v1", "StatefulSet"}, databasesPath: {"acme.io/v1", "Database"}}

// put adds an object, or replaces that of the same namespace and name, and tells who watches.
func (s *apiServer) put(path, namespace, name string, object map[string]any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	meta, _ := object["metadata"].(map[string]any)
	if meta == nil {
		meta = map[string]any{}
	}
	meta["namespace"], meta["name"], meta["uid"], meta["resourceVersion"] = namespace, name, "uid-"+namespace+"-"+name, strconv.Itoa(s.version)
	object["metadata"], object["apiVersion"], object["kind"] = meta, kinds[path][0], kinds[path][1]
	event := "ADDED"
	s.objects[path] = slices.DeleteFunc(s.objects[path], func(o map[string]any) bool {
		same := o["metadata"].(map[string]any)["uid"] == meta["uid"]
		if same {
			event = "MODIFIED"
		}
		return same
	})
	s.objects[path] = append(s.objects[path], object)
	s.tell(path, event, object)
}

func (s *apiServer) remove(path string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	last := s.objects[path][len(s.objects[path])-1]
	s.objects[path] = s.objects[path][:len(s.objects[path])-1]
	s.tell(path, "DELETED", last)
}

func (s *apiServer) tell(path, event string, object map[string]any) {
	line, _ := json.Marshal(map[string]any{"type": event, "object": object})
	for ch, at := range s.watchers {
		if at == path {
			ch <- line
		}
	}
}

// drop ends all watches.
func (s *apiServer) drop() {
	s.mu.Lock()
	defer s.mu.Unlock()
	for ch := range s.watchers {
		close(ch)
		delete(s.watchers, ch)
	}
}

func (s *apiServer) watching() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.watchers)
}

func (s *apiServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	s.methods[r.Method] = true
	refuse := func(code int, reason string) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(code)
		fmt.Fprintf(w, `{"kind":"Status","apiVersion":"v1","status":"Failure","code":%d,"reason":%q,"message":"no"}`, code, reason)
		s.mu.Unlock()
	}
	if r.Method != http.MethodGet {
		body, _ := io.ReadAll(r.Body)
		s.writes = append(s.writes, r.Method+" "+r.URL.Path+" "+string(body))
		if s.forbid[r.URL.Path] {
			refuse(403, "Forbidden")
			return
		}
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, `{"apiVersion":"v1","kind":"Any","metadata":{"name":"x"}}`)
		s.mu.Unlock()
		return
	}
	if s.forbid[r.URL.Path] {
		refuse(403, "Forbidden")
		return
	}
	if text := s.discovery[r.URL.Path]; text != "" {
		w.Header().Set("Content-Type", "application/json")
		fmt.Fprint(w, text)
		s.mu.Unlock()
		return
	}
	if one, found := s.object(r.URL.Path); found {
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(one)
		s.mu.Unlock()
		return
	}
	q := r.URL.Query()
	kind, known := kinds[r.URL.Path]
	switch {
	case !known:
		refuse(404, "NotFound")
		return
	case q.Get("continue") != "" && s.expire > 0:
		s.expire--
		refuse(410, "Expired")
		return
	case q.Get("watch") != "":
		ch := make(chan []byte, 100)
		s.watchers[ch] = r.URL.Path
		s.mu.Unlock()
		s.stream(w, r, ch)
		return
	}
	defer s.mu.Unlock()
	s.lists[r.URL.Path]++
	limit, _ := strconv.Atoi(q.Get("limit"))
	from, _ := strconv.Atoi(q.Get("continue"))
	items := s.objects[r.URL.Path][min(from, len(s.objects[r.URL.Path])):]
	meta := map[string]any{"resourceVersion": strconv.Itoa(s.version)}
	if limit > 0 && len(items) > limit {
		items, meta["continue"] = items[:limit], strconv.Itoa(from+limit)
	}
	list := map[string]any{"apiVersion": kind[0], "kind": kind[1] + "List", "metadata": meta, "items": append([]map[string]any{}, items...)}
	if strings.Contains(r.Header.Get("Accept"), "as=PartialObjectMetadataList") {
		list["apiVersion"], list["kind"] = "meta.k8s.io/v1", "PartialObjectMetadataList"
		for i, o := range items {
			list["items"].([]map[string]any)[i] = map[string]any{"apiVersion": "meta.k8s.io/v1", "kind": "PartialObjectMetadata", "metadata": o["metadata"]}
		}
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(list)
}

func (s *apiServer) stream(w http.ResponseWriter, r *http.Request, ch chan []byte) {
	w.Header().Set("Content-Type", "application/json")
	w.(http.Flusher).Flush()
	for {
		select {
		case <-r.Context().Done():
			return
		case line, open := <-ch:
			if !open {
				return
			}
			_, _ = w.Write(append(line, '\n'))
			w.(http.Flusher).Flush()
		}
	}
}

func digest(s string) string { return "sha256:" + strings.Repeat(s, 64) }

func image(s string) string { return "registry.acme.io/" + s + "@" + digest(s) }

// made is metadata of something that a controller made.
func made(kind, name, uid string) map[string]any {
	return map[string]any{"ownerReferences": []any{map[string]any{"apiVersion": "apps/v1", "kind": kind, "name": name, "uid": uid, "controller": true}}}
}

// simple is a pod with one container that runs an image.
func simple(meta map[string]any, spec, runs string) map[string]any {
	return map[string]any{"metadata": meta, "spec": map[string]any{"containers": []any{map[string]any{"name": "app", "image": spec}}},
		"status": map[string]any{"phase": "Running", "containerStatuses": []any{map[string]any{"name": "app", "image": "x", "imageID": runs, "state": map[string]any{"running": map[string]any{}}}}}}
}

func TestList(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	label := func(env string) map[string]any {
		return map[string]any{"metadata": map[string]any{"labels": map[string]any{DefaultLabel: env}}}
	}
	s.put(namespacesPath, "", "shop", label("prod"))
	s.put(namespacesPath, "", "kube-system", map[string]any{})
	s.put(setsPath, "shop", "auth-1", map[string]any{"metadata": made("Deployment", "auth", "d")})
	s.put(jobsPath, "shop", "clean-1", map[string]any{"metadata": made("CronJob", "clean", "c")})
	s.put(podsPath, "shop", "auth-1-x", simple(made("ReplicaSet", "auth-1", "uid-shop-auth-1"), "auth:v1", image("a")))
	s.put(podsPath, "shop", "clean-1-x", simple(made("Job", "clean-1", "uid-shop-clean-1"), image("b"), image("b")))
	s.put(podsPath, "shop", "db-0", simple(made("StatefulSet", "db", "s"), image("b"), image("b")))
	s.put(podsPath, "kube-system", "proxy", simple(nil, image("c"), image("c")))
	ended := simple(nil, image("c"), image("c"))
	ended["status"].(map[string]any)["phase"] = "Succeeded"
	s.put(podsPath, "shop", "ended", ended)
	state := func(name, id, what string) map[string]any {
		return map[string]any{"name": name, "imageID": id, "state": map[string]any{what: map[string]any{}}, "volumeMounts": []any{map[string]any{"name": "told", "mountPath": "/t", "volumeStatus": map[string]any{"image": map[string]any{"imageRef": image("e")}}}}}
	}
	s.put(podsPath, "shop", "all", map[string]any{
		"spec": map[string]any{
			"containers":          []any{map[string]any{"name": "app", "image": image("a")}, map[string]any{"name": "waits", "image": image("a")}},
			"initContainers":      []any{map[string]any{"name": "side", "image": image("b"), "restartPolicy": "Always"}},
			"ephemeralContainers": []any{map[string]any{"name": "debug", "image": "busybox"}},
			"volumes": []any{map[string]any{"name": "told", "image": map[string]any{"reference": "e:v1"}}, map[string]any{"name": "pinned", "image": map[string]any{"reference": image("f")}},
				map[string]any{"name": "tag", "image": map[string]any{"reference": "g:v1"}}, map[string]any{"name": "empty", "emptyDir": map[string]any{}}},
		},
		"status": map[string]any{"phase": "Running", "containerStatuses": []any{state("app", image("a"), "running"), state("waits", "", "waiting")},
			"initContainerStatuses": []any{state("side", image("b"), "running")}, "ephemeralContainerStatuses": []any{state("debug", image("d"), "running")}}})

	l, err := c.List(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	want := []drift.Running{
		{Environment: "prod", Namespace: "shop", Workload: "Deployment/auth", Kind: "container", Container: "app", Image: "auth:v1", ImageID: image("a")},
		{Environment: "prod", Namespace: "shop", Workload: "CronJob/clean", Kind: "container", Container: "app", Image: image("b"), ImageID: image("b")},
		{Environment: "prod", Namespace: "shop", Workload: "StatefulSet/db", Kind: "container", Container: "app", Image: image("b"), ImageID: image("b")},
		{Environment: "prod", Namespace: "shop", Workload: "Pod/all", Kind: "container", Container: "app", Image: image("a"), ImageID: image("a")},
		{Environment: "prod", Namespace: "shop", Workload: "Pod/all", Kind: "init", Container: "side", Image: image("b"), ImageID: image("b")},
		{Environment: "prod", Namespace: "shop", Workload: "Pod/all", Kind: "ephemeral", Container: "debug", Image: "busybox", ImageID: image("d")},
		{Environment: "prod", Namespace: "shop", Workload: "Pod/all", Kind: "volume", Container: "told", Image: "e:v1", ImageID: image("e")},
		{Environment: "prod", Namespace: "shop", Workload: "Pod/all", Kind: "volume", Container: "pinned", Image: image("f"), ImageID: image("f")},
		{Environment: "prod", Namespace: "shop", Workload: "Pod/all", Kind: "volume", Container: "tag", Image: "g:v1"},
	}
	for i, r := range l.Running {
		if i >= len(want) || r != want[i] {
			t.Errorf("found %+v", r)
		}
	}
	if len(l.Running) != len(want) {
		t.Errorf("%d run, expected %d", len(l.Running), len(want))
	}
	if len(l.Excluded) != 1 || l.Excluded[0].What != "namespace kube-system" || !strings.Contains(l.Excluded[0].Why, "1 images") {
		t.Errorf("not looked at: %+v", l.Excluded)
	}
	if len(s.methods) != 1 || !s.methods[http.MethodGet] {
		t.Errorf("it did more than read: %v", s.methods)
	}

	// --env is the environment of what has no label, and who may not read owners sees less.
	s.forbid[setsPath] = true
	c.opt.Environment, c.opt.Skip = "dev", []string{"shop"}
	if l, err = c.List(t.Context()); err != nil || len(l.Running) != 1 || l.Running[0].Environment != "dev" || l.Running[0].Workload != "Pod/proxy" || len(l.Excluded) != 1 {
		t.Errorf("%+v %v", l, err)
	}
	s.forbid[podsPath] = true
	if _, err = c.List(t.Context()); err == nil || !strings.Contains(err.Error(), "listing pods") {
		t.Errorf("a list of pods that is refused: %v", err)
	}
}

// A thousand pods come in pages. A continuation that runs out starts again, and nothing is counted twice; one that always does is an error.
func TestPages(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	c.opt.Environment = "prod"
	s.put(namespacesPath, "", "shop", map[string]any{})
	for i := range 1001 {
		s.put(podsPath, "shop", fmt.Sprint("p", i), simple(nil, image("a"), image("a")))
	}
	for _, expired := range []int{0, 1, restarts} {
		s.expire = expired
		l, err := c.List(t.Context())
		if err != nil || len(l.Running) != 1001 {
			t.Errorf("after %d restarts: %d, %v", expired, len(l.Running), err)
		}
	}
	s.expire = 100
	if _, err := c.List(t.Context()); err == nil {
		t.Error("a listing that never came to its end is taken for whole")
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.List(ctx); err == nil {
		t.Error("a listing that was cancelled is taken for whole")
	}
}

func TestWatch(t *testing.T) {
	t.Parallel()
	s, c := newServer(t)
	s.put(namespacesPath, "", "shop", map[string]any{})
	s.put(podsPath, "shop", "a", simple(nil, image("a"), image("a")))
	changes := make(chan struct{}, 100)
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan struct{})
	go func() {
		c.Watch(ctx, func() { changes <- struct{}{} })
		close(ended)
	}()
	waitWatches := func() {
		t.Helper()
		for range 500 {
			if s.watching() == 2 {
				return
			}
			time.Sleep(10 * time.Millisecond)
		}
		t.Fatal("nobody watches")
	}
	expect := func(what string) {
		t.Helper()
		select {
		case <-changes:
		case <-time.After(10 * time.Second):
			t.Fatalf("%s: not told", what)
		}
	}
	expect("the beginning")
	expect("the beginning")
	waitWatches()
	// What says nothing about images is no change: only the next event is told.
	again := simple(nil, image("a"), image("a"))
	again["status"].(map[string]any)["message"] = "x"
	s.put(podsPath, "shop", "a", again)
	s.put(podsPath, "shop", "a", simple(nil, image("a"), image("b")))
	expect("an image that is replaced")
	s.put(podsPath, "shop", "b", simple(nil, image("a"), image("a")))
	expect("a new pod")
	s.remove(podsPath)
	expect("a pod that ends")
	s.put(namespacesPath, "", "shop", map[string]any{"metadata": map[string]any{"labels": map[string]any{DefaultLabel: "prod"}}})
	expect("a label")
	if len(changes) != 0 {
		t.Errorf("%d changes too many", len(changes))
	}
	// Nobody knows what happened while nobody watched.
	s.drop()
	expect("an interruption")
	expect("an interruption")
	waitWatches()
	cancel()
	select {
	case <-ended:
	case <-time.After(10 * time.Second):
		t.Fatal("it does not end")
	}
}

func TestOpen(t *testing.T) {
	t.Parallel()
	for name, opt := range map[string]Options{
		"no label": {Kubeconfig: "x"}, "no file": {Kubeconfig: filepath.Join(t.TempDir(), "none"), Label: "l", Warn: t.Logf}, "nothing": {Label: "l", Warn: t.Logf, Home: t.TempDir()},
	} {
		if _, err := Open(opt); err == nil {
			t.Errorf("%s: opened", name)
		}
	}
}
