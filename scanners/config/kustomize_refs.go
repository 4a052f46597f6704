// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"sigs.k8s.io/kustomize/api/types"
)

// maxFolderFiles bounds the files beside a kustomization that are given to its plugins.
const maxFolderFiles = 1000

// remoteStart is how kustomize recognises a repository: a user, GitHub's name, or a scheme.
var remoteStart = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?i)^(git::)?(www\.)?(github\.com[:/]|[a-z][a-z0-9-]*@)`)
})

// isRemote reports whether kustomize would fetch what a reference names. It says yes rather than no.
func isRemote(ref string) bool {
	u, err := url.Parse(ref)
	return strings.Contains(ref, "://") || remoteStart().MatchString(strings.TrimSpace(ref)) || (err == nil && u.Scheme != "" && !strings.HasPrefix(u.Scheme, "."))
}

// resolve finds what a kustomization refers to in the tree, and takes out what is not in it, so that the build can't fetch anything.
func (g *kustomizations) resolve(k *kustomization) error {
	k.spec.FixKustomization()
	k.simplify()
	k.loads = 1
	if len(k.spec.HelmCharts) > 0 {
		k.problem(k.root.field("helmCharts"), "it renders Helm charts from elsewhere, which are not judged: vendor what they render to")
		k.spec.HelmCharts, k.spec.HelmGlobals = nil, nil
	}
	var err error
	keep := func(field string, refs []string, folders bool) []string {
		var out []string
		for _, ref := range refs {
			ok, e := g.reference(k, field, ref, folders)
			if e != nil {
				err = e
			}
			if ok {
				out = append(out, ref)
			}
		}
		return out
	}
	s := &k.spec
	s.Resources = keep("resources", s.Resources, true)
	s.Components = keep("components", s.Components, true)
	s.Crds = keep("crds", s.Crds, false)
	s.Configurations = keep("configurations", s.Configurations, false)
	g.settings(k)
	if p, there := s.OpenAPI["path"]; there && len(keep("openapi", []string{p}, false)) == 0 {
		s.OpenAPI = nil
	}
	g.plugins(k)
	if k.loads > maxKustomizeLoads {
		return fmt.Errorf("%w: the kustomization %q reads more than %d files, counting bases as often as they are read", ErrLimit, k.file, maxKustomizeLoads)
	}
	return err
}

// simplify writes the older spellings of patches and labels in the newer way, as kustomize edit fix does.
//
//nolint:staticcheck // the older spellings are what it is about
func (k *kustomization) simplify() {
	s := &k.spec
	for _, p := range s.PatchesStrategicMerge {
		if strings.ContainsAny(string(p), "\n{") {
			s.Patches = append(s.Patches, types.Patch{Patch: string(p)})
		} else {
			s.Patches = append(s.Patches, types.Patch{Path: string(p)})
		}
	}
	s.Patches = append(s.Patches, s.PatchesJson6902...)
	s.PatchesStrategicMerge, s.PatchesJson6902 = nil, nil
	if len(s.CommonLabels) > 0 {
		s.Labels = append(s.Labels, types.Label{Pairs: s.CommonLabels, IncludeSelectors: true})
		s.CommonLabels = nil
	}
}

// settings resolves patches, replacements and the files of generators.
func (g *kustomizations) settings(k *kustomization) {
	s := &k.spec
	s.Patches = slices.DeleteFunc(s.Patches, func(p types.Patch) bool {
		if p.Path == "" {
			return false
		}
		there := g.setting(k, "patches", p.Path)
		if there {
			k.patches = append(k.patches, patch{path.Join(k.dir, p.Path), p.Target})
		}
		return !there
	})
	s.Replacements = slices.DeleteFunc(s.Replacements, func(r types.ReplacementField) bool { return r.Path != "" && !g.setting(k, "replacements", r.Path) })
	for n := range s.ConfigMapGenerator {
		g.sources(k, "configMapGenerator", &s.ConfigMapGenerator[n].KvPairSources)
	}
	for n := range s.SecretGenerator {
		g.sources(k, "secretGenerator", &s.SecretGenerator[n].KvPairSources)
	}
}

func (g *kustomizations) sources(k *kustomization, field string, kv *types.KvPairSources) {
	kv.FileSources = slices.DeleteFunc(kv.FileSources, func(source string) bool {
		if _, p, named := strings.Cut(source, "="); named {
			source = p
		}
		return !g.source(k, field, source)
	})
	kv.EnvSources = slices.DeleteFunc(kv.EnvSources, func(p string) bool { return !g.source(k, field, p) })
}

// source resolves a file that a generator reads. What is not in the tree, such as a key that is made before the build, is empty for it.
func (g *kustomizations) source(k *kustomization, field, ref string) bool {
	p := path.Join(k.dir, ref)
	if _, there := g.scan.tree.entries[p]; there || isRemote(ref) || path.IsAbs(ref) || strings.HasPrefix(p, "..") || g.scan.tree.folders[p] {
		return g.setting(k, field, ref)
	}
	k.skipped = append(k.skipped, skip{k.file, fmt.Sprintf("%s reads %q, which is not in the tree", field, ref), 1})
	if !takes(p) {
		return false
	}
	k.absentees = append(k.absentees, p)
	return true
}

// setting resolves a file that is no manifest of its own. What is not there makes the kustomization one that can't be built.
func (g *kustomizations) setting(k *kustomization, field, ref string) bool {
	p := path.Join(k.dir, ref)
	if _, there := g.scan.tree.entries[p]; !there || isRemote(ref) {
		k.absent(field, ref)
		return false
	}
	k.add(p)
	return true
}

func (k *kustomization) add(p string) {
	k.files = append(k.files, p)
	k.loads++
}

// absent reports a reference to something that the tree does not have. Without something remote the rest can still be built.
func (k *kustomization) absent(field, ref string) {
	n := k.root.field(field)
	if n == nil { // it was moved from an older field
		n = k.root.root
	}
	if found := scalarWith(n, ref, 0); found != nil {
		n = found
	}
	if isRemote(ref) {
		k.problem(n, "%s refers to %s, which is not in the tree and is not fetched: vendor it, so that it can be judged", field, redactURL(ref))
		return
	}
	k.broken = true
	k.problem(n, "%s refers to %q, which is not in the tree", field, ref)
}

// redactURL leaves out what may be a password.
func redactURL(ref string) string {
	if u, err := url.Parse(ref); err == nil && u.User != nil {
		return u.Redacted()
	}
	return ref
}

// reference resolves a file or a folder; false says to leave it out.
func (g *kustomizations) reference(k *kustomization, field, ref string, folders bool) (bool, error) {
	p := path.Join(k.dir, ref)
	if isRemote(ref) {
		k.absent(field, ref)
		return false, nil
	}
	if _, there := g.scan.tree.entries[p]; there {
		k.add(p)
		if field == "resources" {
			k.resources = append(k.resources, p)
		}
		return true, nil
	}
	if !folders || !g.scan.tree.folders[p] || path.IsAbs(ref) || strings.HasPrefix(p, "..") {
		k.absent(field, ref)
		return false, nil
	}
	base, err := g.load(p)
	if err != nil {
		return false, err
	}
	if base.file == path.Join(p, "kustomization.yaml") && base.root.root == nil && len(base.problems) == 0 {
		k.broken = true
		k.problem(scalarWith(k.root.field(field), ref, 0), "%s refers to the folder %q, which has no kustomization", field, ref)
		return false, nil
	}
	base.referred = true
	k.bases = append(k.bases, base)
	k.loads += base.loads
	return true, nil
}

// plugins resolves the configuration of generators, transformers and validators. Only those built into kustomize run, but they can read files, so
// what they are told must not name anything remote.
func (g *kustomizations) plugins(k *kustomization) {
	s := &k.spec
	for field, refs := range map[string][]string{"generators": s.Generators, "transformers": s.Transformers, "validators": s.Validators} {
		for _, ref := range refs {
			text := ref
			if !strings.Contains(ref, "\n") {
				f, there, err := g.scan.tree.read(path.Join(k.dir, ref))
				if err != nil || !there || isRemote(ref) {
					k.absent(field, ref)
					k.broken = true
					continue
				}
				k.add(f.path)
				text = string(f.data)
			}
			docs, parts := parseYAML(file{data: []byte(text)})
			if len(parts) > 0 || slices.ContainsFunc(docs, func(d yamlDocument) bool {
				return scalarWith(d.root, ":/", 0) != nil || scalarWith(d.root, "http", 0) != nil
			}) {
				k.broken = true
				k.problem(k.root.field(field), "%s names something remote, which is not fetched", field)
			}
		}
	}
	if len(s.Generators)+len(s.Transformers)+len(s.Validators) == 0 {
		return
	}
	added := 0
	for p := range g.scan.tree.entries { // plugins may read any file of the folder
		if path.Dir(p) == k.dir && p != k.file && added < maxFolderFiles && !slices.Contains(k.files, p) {
			added++
			k.files = append(k.files, p)
		}
	}
}
