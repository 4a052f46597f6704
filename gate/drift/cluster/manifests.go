// SPDX-License-Identifier: Apache-2.0

package cluster

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/yaml"

	"github.com/sealock-dev/sealock/gate"
)

// Bounds of manifests.
const (
	maxManifestFiles = 20000
	maxManifestFile  = 16 << 20  // bytes of one file
	maxManifestBytes = 256 << 20 // of all
	maxObjects       = 10000
)

// Object is one object as a manifest has it.
type Object struct {
	*unstructured.Unstructured
	File string // below what was read
}

// Manifests are the objects of a folder, and what in it is none.
type Manifests struct {
	Objects []Object
	Skipped []gate.Skip
}

// ReadManifests reads every .yaml, .yml and .json file at or below a path as Kubernetes reads them. What is not an object of a cluster is named in Skipped; a
// file that can't be read, or an object that stands there twice, is an error: what does the cluster get then?
func ReadManifests(fsys fs.FS, root string) (Manifests, error) {
	r := &manifestReader{fsys: fsys, at: map[string]string{}}
	err := fs.WalkDir(fsys, root, func(name string, e fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case e.IsDir() && name != root && (e.Name() == ".git" || e.Name() == "node_modules"):
			return fs.SkipDir
		case !e.Type().IsRegular() || !slices.Contains([]string{".yaml", ".yml", ".json"}, strings.ToLower(path.Ext(name))):
			return nil
		}
		if r.files++; r.files > maxManifestFiles {
			return fmt.Errorf("more than %d files", maxManifestFiles)
		}
		return r.file(name)
	})
	if err == nil && len(r.out.Objects) == 0 {
		err = errors.New("there is no Kubernetes object in it\nhint: say where the manifests are with --manifests-path")
	}
	if err != nil {
		return Manifests{}, fmt.Errorf("reading manifests: %w", err)
	}
	return r.out, nil
}

// manifestReader is the state of one ReadManifests.
type manifestReader struct {
	fsys  fs.FS
	out   Manifests
	at    map[string]string // file of an object
	files int
	bytes int64
}

func (r *manifestReader) file(name string) error {
	f, err := r.fsys.Open(name)
	if err != nil {
		return err
	}
	defer func() { _ = f.Close() }() // it was only read
	content := &io.LimitedReader{R: f, N: maxManifestFile + 1}
	docs := yaml.NewYAMLReader(bufio.NewReader(content))
	for n := 1; ; n++ {
		doc, err := docs.Read()
		r.bytes += int64(len(doc))
		switch {
		case content.N <= 0:
			return fmt.Errorf("%s: more than %d bytes", name, maxManifestFile)
		case r.bytes > maxManifestBytes:
			return fmt.Errorf("more than %d bytes", maxManifestBytes)
		case errors.Is(err, io.EOF):
			return nil
		case err != nil:
			return fmt.Errorf("%s: %w", name, err)
		}
		var content any
		if err := yaml.UnmarshalStrict(doc, &content); err != nil {
			return fmt.Errorf("%s, document %d: %w\nhint: templates and patches are not compared: render them, and name what comes out", name, n, err)
		}
		if err := r.document(name, content); err != nil {
			return err
		}
	}
}

// notInClusters are the groups of files that tools read, and no API server.
var notInClusters = []string{"kustomize.config.k8s.io", "sealock", "skaffold", "kind.x-k8s.io"}

func (r *manifestReader) document(file string, content any) error {
	if content == nil {
		return nil
	}
	fields, _ := content.(map[string]any)
	o := Object{&unstructured.Unstructured{Object: fields}, file}
	group, _, _ := strings.Cut(o.GetAPIVersion(), "/")
	switch {
	case o.GetAPIVersion() == "" || o.GetKind() == "":
		r.skip(file, "a document in it has no apiVersion and kind")
		return nil
	case group == "kustomize.config.k8s.io":
		r.skip(file, "it is not applied: name what kustomize renders if it changes anything")
		return nil
	case slices.Contains(notInClusters, group):
		r.skip(file, "a document in it is of "+o.GetAPIVersion())
		return nil
	case o.IsList():
		return o.EachListItem(func(item runtime.Object) error {
			u, isObject := item.(*unstructured.Unstructured)
			if !isObject {
				return fmt.Errorf("%s: a list of lists", file)
			}
			return r.document(file, u.Object)
		})
	case o.GetName() == "":
		r.skip(file, "a "+o.GetKind()+" in it has no name")
		return nil
	}
	key := o.GroupVersionKind().GroupKind().String() + " " + o.GetNamespace() + "/" + o.GetName()
	if other, twice := r.at[key]; twice {
		return fmt.Errorf("%s %s is in %s and in %s\nhint: name one environment's manifests with --manifests-path, or what renders from them", o.GetKind(), o.GetName(), other, file)
	}
	if r.at[key] = file; len(r.at) > maxObjects {
		return fmt.Errorf("more than %d objects", maxObjects)
	}
	r.out.Objects = append(r.out.Objects, o)
	return nil
}

func (r *manifestReader) skip(file, why string) {
	s := gate.Skip{What: "file " + file, Why: why}
	if !slices.Contains(r.out.Skipped, s) {
		r.out.Skipped = append(r.out.Skipped, s)
	}
}
