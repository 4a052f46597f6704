// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// listOf reads the list beside a subject.
func (s *server) listOf(t testing.TB, d attest.Digest) (manifest, []byte) {
	t.Helper()
	m, err := s.repo(t).Manifest(t.Context(), tagOf(d, tagList))
	must(t, err)
	var w manifest
	must(t, attest.DecodeJSON(m.Raw, &w))
	return w, w.Layers[0].Data
}

// replaceList writes a list of the given lines.
func (s *server) replaceList(t testing.TB, d attest.Digest, content []byte, change func(*manifest)) {
	t.Helper()
	config := emptyDescriptor(TypeList)
	w := manifest{Config: &config, ArtifactType: TypeList, Layers: []registry.Descriptor{{MediaType: TypeListPart, Digest: attest.SHA256(content), Size: int64(len(content)), Data: content}}}
	if change != nil {
		change(&w)
	}
	s.manifest(t, tagOf(d, tagList), w, content)
}

func TestListIsNoBundleToOthers(t *testing.T) {
	s, _, image, _ := stored(t, withAPI, 2)
	publish(t.Context(), t, s.open(t), primary(image))
	w, _ := s.listOf(t, primary(image))
	if w.Subject != nil {
		t.Error("the list is a referrer")
	}
	if w.ArtifactType != TypeList || w.Config.MediaType != TypeList || w.Layers[0].MediaType != TypeListPart {
		t.Errorf("types %s, %s, %s", w.ArtifactType, w.Config.MediaType, w.Layers[0].MediaType)
	}
	if _, err := s.repo(t).ReadBlob(t.Context(), registry.Descriptor{Digest: w.Layers[0].Digest, Size: w.Layers[0].Size}, MaxList); err != nil {
		t.Errorf("the layer is not in the registry: %v", err)
	}
}

// A list that is old is completed by the listing; what it claims beyond that counts only if the registry has it.
func TestListIsHeldAgainstTheListing(t *testing.T) {
	inEachMode(t, func(t *testing.T, s *server) {
		w := newWriter(t)
		image := s.image(t, "app")
		a, b := w.evidence(1, image), w.evidence(2, image)
		must(t, s.open(t).Put(t.Context(), a))
		publish(t.Context(), t, s.open(t), primary(image))
		must(t, s.open(t).Put(t.Context(), b))
		s.holds(t, primary(image), a, b)
		publish(t.Context(), t, s.open(t), primary(image))
		v, err := s.open(t).seen(t, primary(image))
		must(t, err)
		for _, e := range v.entries {
			if e.candidates[0].layer.Digest == a.BundleID() {
				must(t, s.repo(t).Delete(t.Context(), e.manifest.Digest.String()))
			}
		}
		if s.mode == withAPI { // elsewhere the index still lists it, so it may come from the list
			s.holds(t, primary(image), b)
		}
		// Hidden from the listing, but there: it counts.
		s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
			if strings.Contains(r.URL.Path, "/referrers/") || strings.HasSuffix(r.URL.Path, "/manifests/"+tagOf(primary(image), "")) {
				respondIndex(w)
				return
			}
			next.ServeHTTP(w, r)
		})
		s.holds(t, primary(image), b)
	})
}

// A list that does not hold together is ignored, with a warning, and everything is fetched singly.
func TestLyingLists(t *testing.T) {
	s, w, image, all := stored(t, withAPI, 2)
	d := primary(image)
	source := attesttest.Source("shop", "v1")
	up := w.evidence(9, source)
	must(t, s.open(t).Put(t.Context(), up))
	publish(t.Context(), t, s.open(t), d, primary(source))
	_, good := s.listOf(t, d)
	lines := bytes.SplitAfter(good, []byte("\n"))
	stranger := bundleLine([]byte(`{"mediaType":"` + typeBundle + `"}`))
	strange, err := attest.EncodeJSON(stranger)
	must(t, err)
	noType, err := attest.EncodeJSON(manifestLine([]byte(`{"schemaVersion":2,"layers":[]}`)))
	must(t, err)
	edit := func(old, new string) []byte { return bytes.Replace(good, []byte(old), []byte(new), 1) }
	for name, content := range map[string][]byte{
		"empty":                   nil,
		"no JSON":                 []byte("hello\n"),
		"no header":               bytes.Join(lines[1:], nil),
		"another schema":          edit("sealock/evidence/v1", "sealock/evidence/v2"),
		"another subject":         edit(`"subject":"`+d.String(), `"subject":"`+attest.SHA256(nil).String()),
		"a malformed covers":      edit(`"covers":["`, `"covers":["x`),
		"a line cut short":        good[:len(good)-20],
		"a bundle nobody names":   append(slices.Clone(good), strange...),
		"a bundle that differs":   bytes.Replace(good, []byte(`dsseEnvelope`), []byte(`dsseEnvelopf`), 1),
		"a manifest without type": append(slices.Clone(good), noType...),
		"an .att that is missing": edit(`"covers":[`, `"att":{"`+primary(source).String()+`":"`+attest.SHA256(nil).String()+`"},"covers":[`),
		"two bundles in a line":   append(slices.Clone(good), []byte(`{"bundle":"a","base64":"YQ=="}`)...),
	} {
		t.Run(name, func(t *testing.T) {
			s.replaceList(t, d, content, nil)
			st, warnings := s.warned(t)
			list, err := st.List(t.Context(), d)
			must(t, err)
			if !equal(ids(t, list), wanted(all...)) {
				t.Errorf("%d bundles", len(list))
			}
			if said := warnings(); len(said) != 1 || !strings.Contains(said[0], tagOf(d, tagList)) {
				t.Errorf("warnings: %q", said)
			}
			if _, covered := st.coverage(primary(source)); covered {
				t.Error("a list that is ignored covers something")
			}
			up1, err := st.List(t.Context(), primary(source))
			must(t, err)
			if !equal(ids(t, up1), wanted(up)) {
				t.Error("the source's evidence is lost")
			}
		})
	}
	for name, change := range map[string]func(*manifest){
		"another artifact type": func(m *manifest) { m.ArtifactType = typeBundle },
		"another config":        func(m *manifest) { m.Config.MediaType = typeEmpty },
		"cosign's layer type":   func(m *manifest) { m.Layers[0].MediaType = typeBundle },
		"no layer":              func(m *manifest) { m.Layers = []registry.Descriptor{} },
		"too many layers":       func(m *manifest) { m.Layers = slices.Repeat(m.Layers, MaxListParts+1) },
		"data that is longer":   func(m *manifest) { m.Layers[0].Data = append(slices.Clone(m.Layers[0].Data), ' ') },
		"content that is gone": func(m *manifest) {
			m.Layers[0] = registry.Descriptor{MediaType: TypeListPart, Digest: attest.SHA256([]byte("gone")), Size: 4}
		},
		"more bytes than the bound": func(m *manifest) {
			m.Layers = append(m.Layers, registry.Descriptor{MediaType: TypeListPart, Digest: attest.SHA256([]byte("gone")), Size: MaxList})
		},
	} {
		t.Run(name, func(t *testing.T) {
			s.replaceList(t, d, good, change)
			st, warnings := s.warned(t)
			list, err := st.List(t.Context(), d)
			must(t, err)
			if !equal(ids(t, list), wanted(all...)) || len(warnings()) != 1 {
				t.Errorf("%d bundles, warnings %q", len(list), warnings())
			}
		})
	}
}

// A list can make nothing up: manifests that the registry does not have do not count about its subject, nor do forged bundles anywhere.
func TestListMakesNothingUp(t *testing.T) {
	s, w, image, all := stored(t, withAPI, 1)
	d := primary(image)
	publish(t.Context(), t, s.open(t), d)
	_, good := s.listOf(t, d)
	target, err := s.repo(t).Head(t.Context(), "app")
	must(t, err)
	extra := w.evidence(8, image)
	m, err := bundleManifest(target, extra, clock())
	must(t, err)
	line, err := attest.EncodeJSON(listLine{Manifests: []text{m.Raw}, Bundle: extra.Bundle()})
	must(t, err)
	s.replaceList(t, d, append(good, line...), nil)
	s.holds(t, d, all...)
	// A list that hides evidence about its own subject hides nothing.
	header := bytes.SplitAfter(good, []byte("\n"))[0]
	s.replaceList(t, d, header, nil)
	s.holds(t, d, all...)
}

// A failure to read the list, other than that it is none, is an error: whoever can't read the registry knows nothing.
func TestListThatCantBeRead(t *testing.T) {
	s, _, image, _ := stored(t, withAPI, 1)
	publish(t.Context(), t, s.open(t), primary(image))
	s.use(func(w http.ResponseWriter, r *http.Request, next http.Handler) {
		if strings.HasSuffix(r.URL.Path, tagList) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		next.ServeHTTP(w, r)
	})
	if _, err := s.open(t).List(t.Context(), primary(image)); registry.CodeOf(err) != registry.Denied {
		t.Errorf("got %v", err)
	}
}

// Evidence whose manifest can't be carried keeps its subject from being covered: it must not be hidden by a list.
func TestWhatCantBeCarriedIsNotCovered(t *testing.T) {
	s, w, image, all := stored(t, withAPI, 1)
	other := s.image(t, "other")
	e := w.evidence(2, other)
	_, err := s.repo(t).PutBlob(t.Context(), e.Bundle(), typeBundle)
	must(t, err)
	target, err := s.repo(t).Head(t.Context(), "other")
	must(t, err)
	sub, err := json.Marshal(target)
	must(t, err)
	raw := fmt.Appendf(nil, `{"schemaVersion":2,"subject":%s,"layers":[{"mediaType":%q,"size":%d,"digest":%q}]}`, sub, typeBundle, len(e.Bundle()), e.BundleID())
	_, err = s.repo(t).PutManifest(t.Context(), attest.SHA256(raw).String(), registry.TypeManifest, raw)
	must(t, err)
	s.holds(t, primary(other), e)
	publish(t.Context(), t, s.open(t), primary(image), primary(other))
	st := s.open(t)
	list, err := st.List(t.Context(), primary(image))
	must(t, err)
	if !equal(ids(t, list), wanted(all...)) {
		t.Error("not what was put")
	}
	list, err = st.List(t.Context(), primary(other))
	must(t, err)
	if !equal(ids(t, list), wanted(e)) {
		t.Error("the list hides evidence")
	}
}

// The same evidence makes the same list, in whatever order it came.
func TestListsAreDeterministic(t *testing.T) {
	var first []byte
	for range 2 {
		s := serve(t, withAPI)
		image := s.image(t, "app")
		publish(t.Context(), t, s.open(t), primary(image))
		_, content := s.listOf(t, primary(image))
		if first != nil && !bytes.Equal(first, content) {
			t.Errorf("two lists of the same differ:\n%s\n%s", first, content)
		}
		first = content
	}
	p := packing{manifests: map[attest.Digest][]byte{}, bundles: map[attest.Digest][]byte{}}
	for i := range 50 {
		b := fmt.Appendf(nil, "bundle %d", i)
		p.bundles[attest.SHA256(b)] = b
	}
	a, err := p.pack(listHeader{})
	must(t, err)
	b, err := p.pack(listHeader{})
	must(t, err)
	if !bytes.Equal(a[0], b[0]) {
		t.Error("the order of lines changes")
	}
}

func TestListBounds(t *testing.T) {
	d := attest.SHA256(nil)
	head := func(covers int) []byte {
		h := listHeader{Schema: listSchema, Subject: d.String()}
		for i := range covers {
			h.Covers = append(h.Covers, attest.SHA256(fmt.Append(nil, i)).String())
		}
		raw, err := attest.EncodeJSON(h)
		must(t, err)
		return append(raw, '\n')
	}
	for _, c := range []struct {
		name string
		list []byte
		ok   bool
	}{
		{"covers", head(MaxListCovers), true},
		{"covers, one more", head(MaxListCovers + 1), false},
		{"lines", append(head(0), bytes.Repeat([]byte("{}\n"), MaxListLines-1)...), true},
		{"lines, one more", append(head(0), bytes.Repeat([]byte("{}\n"), MaxListLines)...), false},
	} {
		_, _, err := parseList(d, [][]byte{c.list})
		var bad badList
		if err == nil != c.ok || err != nil && !errors.As(err, &bad) {
			t.Errorf("%s: %v", c.name, err)
		}
	}
	p := packing{manifests: map[attest.Digest][]byte{}, bundles: map[attest.Digest][]byte{}}
	for i := range MaxListLines - 1 {
		b := fmt.Append(nil, i)
		p.bundles[attest.SHA256(b)] = b
	}
	if _, err := p.pack(listHeader{}); err != nil {
		t.Errorf("at the bound: %v", err)
	}
	p.manifests[d] = []byte("{}")
	if _, err := p.pack(listHeader{}); attest.RejectCode(err) != attest.CodeLimit {
		t.Errorf("past the bound: %v", err)
	}
}

// Bundles that are no text, and such as are too large to be carried, arrive as they are.
func TestListCarriesAnyBundle(t *testing.T) {
	p := packing{manifests: map[attest.Digest][]byte{}, bundles: map[attest.Digest][]byte{}}
	binary := []byte{0xff, 0xfe, 0}
	m, err := encode(manifest{SchemaVersion: 2, MediaType: registry.TypeManifest, Layers: []registry.Descriptor{{MediaType: typeBundle, Digest: attest.SHA256(binary), Size: 3}}})
	must(t, err)
	huge := candidate{layer: registry.Descriptor{Digest: attest.SHA256([]byte("huge"))}, data: make([]byte, maxCarried+1)}
	if !p.add(m, []candidate{{layer: registry.Descriptor{Digest: attest.SHA256(binary)}, data: binary}, huge}) {
		t.Fatal("not carried")
	}
	parts, err := p.pack(listHeader{Schema: listSchema, Subject: attest.SHA256(nil).String()})
	must(t, err)
	_, c, err := parseList(attest.SHA256(nil), parts)
	must(t, err)
	if !bytes.Equal(c.blobs[attest.SHA256(binary)], binary) || len(c.blobs) != 1 {
		t.Errorf("got %d bundles", len(c.blobs))
	}
}

// FuzzParseList: whatever comes is a list that holds together, or is ignored.
func FuzzParseList(f *testing.F) {
	d := attest.SHA256(nil)
	f.Add([]byte(`{"schema":"sealock/evidence/v1","subject":"` + d.String() + `","covers":[]}` + "\n{\"bundle\":\"x\"}\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		h, c, err := parseList(d, [][]byte{raw})
		var bad badList
		if err != nil && !errors.As(err, &bad) {
			t.Fatalf("not a badList: %v", err)
		}
		if err != nil {
			return
		}
		if h.Subject != d.String() {
			t.Error("about something else")
		}
		for digest, m := range c.manifests {
			if attest.SHA256(m.Raw) != digest {
				t.Error("a manifest under another digest")
			}
		}
		for digest, b := range c.blobs {
			if attest.SHA256(b) != digest {
				t.Error("a bundle under another digest")
			}
		}
	})
}
