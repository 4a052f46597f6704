// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
)

// within puts a pod's specification where a kind has it.
func within(kind GroupKind, spec any) obj {
	path := strings.Split(podTemplates[kind], ".")
	v := any(spec)
	for i := len(path) - 1; i >= 0; i-- {
		v = obj{path[i]: v}
	}
	out := v.(obj)
	out["metadata"], out["apiVersion"], out["kind"] = obj{"name": "x"}, kind.Group+"/v1", kind.Kind
	return out
}

// Every place in which a pod names an image, in every built-in kind that carries a pod: the one image without evidence is found there, wherever it is.
func TestA04_EveryKindAndEveryPlace(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	places := map[string]obj{
		"containers":          {"containers": []any{obj{"name": "a", "image": good}, obj{"name": "b", "image": bad}}},
		"initContainers":      {"containers": []any{obj{"name": "a", "image": good}}, "initContainers": []any{obj{"name": "b", "image": bad}}},
		"sidecar":             {"containers": []any{obj{"name": "a", "image": good}}, "initContainers": []any{obj{"name": "b", "image": bad, "restartPolicy": "Always"}}},
		"ephemeralContainers": {"containers": []any{obj{"name": "a", "image": good}}, "ephemeralContainers": []any{obj{"name": "b", "image": bad}}},
		"volumes":             {"containers": []any{obj{"name": "a", "image": good}}, "volumes": []any{obj{"name": "v", "emptyDir": obj{}}, obj{"name": "b", "image": obj{"reference": bad, "pullPolicy": "Always"}}}},
	}
	for kind := range podTemplates {
		w.allowed(asks{group: kind.Group, kind: kind.Kind, object: within(kind, obj{"containers": []any{obj{"name": "a", "image": good}}})})
		for place, spec := range places {
			list := place
			if place == "sidecar" {
				list = "initContainers"
			}
			r := w.denied(asks{group: kind.Group, kind: kind.Kind, object: within(kind, spec)}, podTemplates[kind]+"."+list+"[", bad, "STAGE_MISSING")
			if strings.Contains(r.Status.Message, good) {
				t.Errorf("%s %s: the sound image is blamed: %s", kind, place, r.Status.Message)
			}
		}
	}
}

func TestA02_InitContainerWithoutEvidence(t *testing.T) {
	w := newWorld(t)
	p := pod(w.image("good", "prod").Ref())
	p["spec"].(obj)["initContainers"] = []any{obj{"name": "setup", "image": w.image("bad", "none").Ref()}}
	w.denied(asks{object: p}, "spec.initContainers[0] (setup)")
}

func TestA23_NoImageNamed(t *testing.T) {
	w := newWorld(t)
	good := w.image("good", "prod").Ref()
	for _, text := range []string{"", " ", "\t", "@", ":", "@sha256:", "x@", "x@sha256:12", "x@md5:0123456789abcdef0123456789abcdef", "x:", "UPPER/x@" + good[len(good)-71:], "http://" + good, "user:pass@" + good, strings.Repeat("a", 2000), good + " ", good + "\n", "a b@" + good[len(good)-71:]} {
		w.denied(asks{object: pod(good, text)}, CodeImage)
	}
	w.denied(asks{object: obj{"metadata": obj{}, "spec": obj{"containers": []any{obj{"name": "a"}}}}}, CodeImage)
}

// an object from which something on the way took what there was to judge.
func TestA22_NothingToJudge(t *testing.T) {
	w := newWorld(t)
	for kind, path := range podTemplates {
		if kind.Kind == "ControllerRevision" {
			continue
		}
		for _, o := range []obj{{}, {"spec": nil}, {"spec": obj{}}, {"template": obj{}}, {"spec": obj{"template": nil}}, within(kind, obj{}), within(kind, obj{"containers": []any{}}), within(kind, nil)} {
			r := w.denied(asks{group: kind.Group, kind: kind.Kind, object: o})
			if !strings.Contains(r.Status.Message, CodeNoImage) {
				t.Errorf("%s (%s): %s", kind, path, r.Status.Message)
			}
		}
		for _, spec := range []any{"text", []any{}, 5, obj{"containers": obj{}}, obj{"containers": []any{"x"}}, obj{"containers": []any{obj{"image": 5}}}} {
			w.denied(asks{group: kind.Group, kind: kind.Kind, object: within(kind, spec)})
		}
	}
}

func TestKindsWithoutImages(t *testing.T) {
	w := newWorld(t)
	n := 0
	for group, names := range without {
		for _, name := range strings.Fields(names) {
			if name == "Namespace" {
				continue
			}
			w.allowed(asks{group: group, kind: name, object: obj{"metadata": obj{"name": "x"}, "spec": obj{"image": "anything"}}})
			n++
		}
	}
	if n < 60 {
		t.Errorf("only %d kinds", n)
	}
}

// a kind that nobody described could carry images; so could one whose description is older than it.
func TestA04_CustomKinds(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	spec := func(i string) obj { return obj{"containers": []any{obj{"name": "a", "image": i}}} }
	w.denied(asks{group: "example.com", kind: "Unknown", object: obj{"spec": obj{}}}, CodeUnknownKind, "Unknown.example.com")
	w.denied(asks{group: "example.com", kind: "Pod", object: pod(good)}, CodeUnknownKind)
	w.denied(asks{group: "example.com", kind: "Unknown", sub: "status", op: opUpdate, object: obj{}, old: obj{}}, CodeUnknownKind)
	w.allowed(asks{group: "example.com", kind: "Plain", object: obj{"spec": obj{"image": bad}}})
	rollout := func(spec any) asks {
		return asks{group: "argoproj.io", kind: "Rollout", object: obj{"spec": obj{"template": obj{"spec": spec}}}}
	}
	w.allowed(rollout(spec(good)))
	w.denied(rollout(spec(bad)), "spec.template.spec.containers[0]", "STAGE_MISSING")
	w.denied(rollout("text"), CodeReview)
	w.allowed(asks{group: "argoproj.io", kind: "Rollout", object: obj{"spec": obj{"workloadRef": obj{}}}})
	w.denied(asks{group: "argoproj.io", kind: "Rollout", object: obj{"spec": obj{"template": obj{"spec": spec(good)}, "canary": obj{"spec": spec(good)}}}}, CodeUnknownKind, "spec.canary.spec.containers")
	w.denied(asks{group: "argoproj.io", kind: "Rollout", object: obj{"spec": obj{"extraInitContainers": []any{obj{"image": good}}}}}, CodeUnknownKind)
	task := func(steps ...any) asks {
		return asks{group: "tekton.dev", kind: "Task", object: obj{"spec": obj{"steps": steps, "sidecars": []any{obj{"image": good}}}}}
	}
	w.allowed(task(obj{"image": good}))
	w.denied(task(obj{"image": good}, obj{"image": bad}), "spec.steps[1].image", "STAGE_MISSING")
	w.denied(task(obj{"image": 5}), CodeReview)
	wild := func(spec obj) asks { return asks{group: "example.com", kind: "Wild", object: obj{"spec": spec}} }
	w.allowed(wild(obj{"pools": obj{"a": obj{"image": good}}}))
	w.denied(wild(obj{"pools": obj{"a": obj{"image": good}, "b": obj{"image": bad}}}), "spec.pools.b.image")
	w.denied(wild(obj{"pools": obj{"a": obj{"image": good}}, "odd.name": []any{bad}}), "spec.odd.name[0]")
	w.denied(wild(obj{}), CodeNoImage)
	w.denied(wild(obj{"pools": []any{}}), CodeReview)
}

func TestLists(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	list := func(items ...any) asks { return asks{kind: "List", object: obj{"items": items}} }
	w.allowed(list(pod(good), obj{"apiVersion": "v1", "kind": "ConfigMap"}, within(GroupKind{Group: "apps", Kind: "Deployment"}, pod(good)["spec"])))
	w.denied(list(pod(good), pod(bad)), "items[1].spec.containers[0]")
	w.denied(list(within(GroupKind{Group: "batch", Kind: "CronJob"}, pod(bad)["spec"])), "items[0].spec.jobTemplate")
	w.denied(list(obj{"apiVersion": "example.com/v1", "kind": "Unknown"}), CodeUnknownKind)
	w.denied(list(obj{"kind": "List", "items": []any{pod(good)}}), "a list within a list")
	w.denied(list("text"), CodeReview)
	w.denied(asks{kind: "PodList", object: obj{"items": []any{obj{"spec": pod(bad)["spec"]}}}}, "items[0].spec.containers[0]")
	w.denied(asks{kind: "List", object: obj{"items": make([]any, maxItems+1)}}, CodeTooMany)
	w.denied(asks{kind: "List", object: obj{}}, CodeUnknownKind)
}

func TestA26_ManyImages(t *testing.T) {
	w := newWorld(t)
	good, bad := w.image("good", "prod").Ref(), w.image("bad", "none").Ref()
	many := []string{}
	for range 500 {
		many = append(many, good)
	}
	w.allowed(asks{object: pod(many...)})
	if n := w.asked.Load(); n != 1 {
		t.Errorf("one image was asked about %d times", n)
	}
	w.denied(asks{object: pod(append(many, bad)...)}, "spec.containers[500]")
	r := w.denied(asks{object: pod(w.image("bad2", "none").Ref(), good, bad)}, "spec.containers[0]", "spec.containers[2]")
	if strings.Contains(r.Status.Message, "containers[1]") {
		t.Errorf("%s", r.Status.Message)
	}
	for range maxImages {
		many = append(many, good)
	}
	w.denied(asks{object: pod(many...)}, CodeTooMany)
	var distinct []string
	for n := range 30 {
		distinct = append(distinct, w.image(fmt.Sprintf("bad-%d", n), "none").Ref())
	}
	r = w.denied(asks{object: pod(distinct...)}, "and 18 more images")
	if len(r.Status.Message) > maxMessage+10 {
		t.Errorf("a message of %d bytes", len(r.Status.Message))
	}
}

func TestParseImage(t *testing.T) {
	const d = "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
	for text, want := range map[string]string{
		"nginx": "docker.io/library/nginx||", "nginx:1": "docker.io/library/nginx|1|", "nginx@" + d: "docker.io/library/nginx||" + d, "acme/x:v1@" + d: "docker.io/acme/x|v1|" + d,
		"localhost/x@" + d: "localhost/x||" + d, "localhost:5000/x:v1": "localhost:5000/x|v1|", "host.io/a/b@" + d: "host.io/a/b||" + d, "HOST.io/a": "host.io/a||", "index.docker.io/x": "docker.io/library/x||",
	} {
		i, err := ParseImage(text)
		if got := i.Repository + "|" + i.Tag + "|" + i.Digest.String(); err != nil || got != want {
			t.Errorf("%s: %s, %v; expected %s", text, got, err, want)
		}
	}
}

func TestParsePath(t *testing.T) {
	for _, good := range []string{"a", "a.b", "a[*].b", "a[*][*]", "['a.b']", "a['b.c'].d", "a.*.b", "['a'][*]"} {
		if p, err := ParsePath(good); err != nil || p.String() != good {
			t.Errorf("%s: %v", good, err)
		}
	}
	for _, bad := range []string{"", ".", "a.", ".a", "a..b", "a[0]", "a[", "a['", "a['']", "a[*]b", "$.a", "a b", strings.Repeat("a.", 40) + "a", strings.Repeat("a", 600)} {
		if p, err := ParsePath(bad); err == nil {
			t.Errorf("%q: %q", bad, p.segments)
		}
	}
}

func FuzzExtract(f *testing.F) {
	c, err := ParseConfig("admission.yaml", []byte(testConfig))
	if err != nil {
		f.Fatal(err)
	}
	k := c.kinds()
	for kind := range podTemplates {
		raw, err := json.Marshal(within(kind, pod("a", "b")["spec"]))
		if err != nil {
			f.Fatal(err)
		}
		f.Add(kind.Group, kind.Kind, raw)
	}
	f.Add("argoproj.io", "Rollout", []byte(`{"spec":{"template":{"spec":{"containers":[{"image":"x"}]}}}}`))
	f.Add("", "List", []byte(`{"items":[{"apiVersion":"v1","kind":"Pod","spec":{"containers":[{"image":"x"}]}}]}`))
	f.Fuzz(func(t *testing.T, group, kind string, raw []byte) {
		o, r := k.extract(GroupKind{Group: group, Kind: kind}, raw, nil)
		if _, template := podTemplates[GroupKind{Group: group, Kind: kind}]; template && kind != "ControllerRevision" && r == nil && len(o.images) == 0 {
			t.Errorf("%s %s: %q has no image and nothing is said", group, kind, raw)
		}
		for _, i := range o.images {
			if i.parse() == nil && !i.Digest.IsZero() && len(i.Digest.Hex) != 64 {
				t.Errorf("%q: %+v", i.Text, i)
			}
		}
	})
}
