// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"helm.sh/helm/v3/pkg/chart"
	"helm.sh/helm/v3/pkg/chart/loader"
	"helm.sh/helm/v3/pkg/chartutil"
	"helm.sh/helm/v3/pkg/engine"
)

// Bounds on charts.
const (
	maxChartBytes   = 64 << 20 // of all files of a chart that are loaded
	maxChartFile    = 1 << 20  // of a file that templates can only read by .Files; larger ones are not there for them
	maxRendered     = 32 << 20 // bytes of all that a chart renders to
	maxChartValues  = 20       // sets of values in ci/
	maxReleaseName  = 53       // Helm's own bound
	renderedVersion = "v1.34.0"
)

// helmChart is a chart's files, by their path below it.
type helmChart struct {
	dir   string
	names []string // sorted
	data  map[string][]byte
}

// chart renders a chart with its default values, and with each set of values in ci/.
func (s *scan) chart(ctx context.Context, dir string) (parsed, error) {
	var p parsed
	c, err := s.loadChart(dir)
	if err != nil {
		return p, err
	}
	bad, err := c.check(s.limits)
	if err != nil {
		return p, err
	}
	for _, name := range c.names {
		p.suppressed = append(p.suppressed, markers(file{below(dir, name), c.data[name]})...)
	}
	if len(bad) > 0 {
		p.problems = bad
		return p, s.plainTemplates(c, &p)
	}
	for _, values := range c.valueSets() {
		rendered, err := s.render(ctx, c, values, &p)
		if err != nil {
			return p, err
		}
		if !rendered && values == "" {
			return p, s.plainTemplates(c, &p)
		}
	}
	return p, nil
}

// plainTemplates judges the templates of a chart that was not rendered and that are manifests as they are: nothing keeps them from being applied.
func (s *scan) plainTemplates(c *helmChart, p *parsed) error {
	for _, name := range c.names {
		if f := (file{below(c.dir, name), c.data[name]}); strings.Contains(name, "templates/") && byName(name) == dataFile && !bytes.Contains(f.data, []byte("{{")) {
			one, err := s.single(candidate{file: f, class: dataFile})
			if err != nil {
				return err
			}
			p.objects = append(p.objects, one.objects...)
			p.problems = append(p.problems, one.problems...)
		}
	}
	return nil
}

// loadChart reads the files that rendering a chart needs.
func (s *scan) loadChart(dir string) (*helmChart, error) {
	c := &helmChart{dir: dir, data: map[string][]byte{}}
	total := int64(0)
	var extra []string
	load := func(name string) error {
		f, _, err := s.tree.read(below(dir, name))
		if err != nil {
			return err
		}
		if total += int64(len(f.data)); total > maxChartBytes {
			return fmt.Errorf("%w: the chart %q has more than %d bytes", ErrLimit, dir, maxChartBytes)
		}
		c.data[name] = f.data
		return nil
	}
	readsFiles := false
	for p := range s.tree.entries {
		name, ok := strings.CutPrefix(p, below(dir, ""))
		if !ok {
			continue
		}
		if !structural(name) {
			extra = append(extra, name)
			continue
		}
		if err := load(name); err != nil {
			return nil, err
		}
		readsFiles = readsFiles || strings.Contains(string(c.data[name]), ".Files")
	}
	for _, name := range extra {
		if e := s.tree.entries[below(dir, name)]; readsFiles && e.Size <= maxChartFile {
			if err := load(name); err != nil {
				return nil, err
			}
		}
	}
	for name := range c.data {
		c.names = append(c.names, name)
	}
	slices.Sort(c.names)
	return c, nil
}

// structural reports whether a file is what a chart is made of. Schemas are left out: they may refer to the network.
func structural(name string) bool {
	switch name {
	case "Chart.yaml", "Chart.lock", "values.yaml", "requirements.yaml", "requirements.lock":
		return true
	}
	return strings.HasPrefix(name, "templates/") || strings.HasPrefix(name, "charts/") || strings.HasPrefix(name, "ci/") && strings.HasSuffix(name, "-values.yaml")
}

// check reads what Helm will read as YAML, within bounds.
func (c *helmChart) check(lim limits) ([]Problem, error) {
	var problems []Problem
	for _, name := range c.names {
		switch base := path.Base(name); {
		case base == "Chart.yaml", base == "values.yaml", base == "requirements.yaml", strings.HasPrefix(name, "ci/"):
			if strings.Contains(name, "templates/") {
				continue
			}
			_, bad, err := readYAML(file{below(c.dir, name), c.data[name]}, yaml11, lim)
			if err != nil {
				return nil, err
			}
			problems = append(problems, bad...)
		}
	}
	return problems, nil
}

// valueSets are the names of the files with values to render with; "" is the default.
func (c *helmChart) valueSets() []string {
	sets := []string{""}
	for _, name := range c.names {
		if strings.HasPrefix(name, "ci/") && len(sets) <= maxChartValues {
			sets = append(sets, name)
		}
	}
	return sets
}

// render adds what one rendering gives to p. It is false if there is none.
func (s *scan) render(ctx context.Context, c *helmChart, values string, p *parsed) (bool, error) {
	at := below(c.dir, "Chart.yaml")
	r, err := c.watched(ctx, values, false)
	if err != nil && !errors.Is(err, ErrLimit) && ctx.Err() == nil && needsValues(err) {
		p.skipped = append(p.skipped, skip{at, "the chart needs values: " + firstLine(err), 1})
		return s.renderWithout(ctx, c, values, p)
	}
	switch {
	case errors.Is(err, ErrLimit) || ctx.Err() != nil:
		return false, err
	case r.library:
		p.skipped = append(p.skipped, skip{at, "a library chart has no objects of its own", 1})
		return false, nil
	case err != nil:
		hint := ""
		if len(r.missing) > 0 {
			hint = fmt.Sprintf("; it depends on %s, which the tree does not have: run helm dependency build before the scan", strings.Join(r.missing, ", "))
		}
		p.problems = append(p.problems, c.problem(err, hint))
		return false, nil
	}
	for _, name := range r.missing {
		p.skipped = append(p.skipped, skip{at, fmt.Sprintf("the dependency %s is not in the tree", name), 1})
	}
	return true, s.renderedObjects(r, p)
}

// renderWithout judges what does not depend on the values that are missing. That the rest is no sound object is no fault of the chart.
func (s *scan) renderWithout(ctx context.Context, c *helmChart, values string, p *parsed) (bool, error) {
	r, err := c.watched(ctx, values, true)
	if errors.Is(err, ErrLimit) || ctx.Err() != nil {
		return false, err
	}
	if err != nil {
		return false, nil //nolint:nilerr // it was said that the chart needs values
	}
	only := parsed{objects: p.objects}
	err = s.renderedObjects(r, &only)
	p.objects = only.objects
	return true, err
}

// watched runs Helm's part within bounds.
func (c *helmChart) watched(ctx context.Context, values string, without bool) (r rendering, err error) {
	err = watched(ctx, fmt.Sprintf("rendering the chart %q", c.dir), func() (err error) {
		r, err = c.run(values, without)
		return err
	})
	return r, err
}

// rendering is what Helm made of a chart.
type rendering struct {
	library bool
	missing []string // dependencies that are enabled and not there
	out     map[string]string
	sources map[string]string // path in the tree of each template
	text    map[string][]byte // and its text
}

// run is Helm's part. It reads nothing but the files given: no cluster, no network, no name is looked up. without is to go on where a value is missing
// that the chart requires.
func (c *helmChart) run(valuesFile string, without bool) (rendering, error) {
	var r rendering
	files := make([]*loader.BufferedFile, 0, len(c.names))
	where := map[*byte]string{}
	for _, name := range c.names {
		data := c.data[name]
		if strings.HasPrefix(name, "ci/") {
			continue
		}
		files = append(files, &loader.BufferedFile{Name: name, Data: data})
		if len(data) > 0 {
			where[&data[0]] = below(c.dir, name)
		}
	}
	chrt, err := loader.LoadFiles(files)
	if err != nil {
		return r, err
	}
	if r.library = chrt.Metadata.Type == "library"; r.library {
		return r, nil
	}
	values, err := chartutil.ReadValues(c.data[valuesFile])
	if err != nil {
		return r, err
	}
	if err := chartutil.ProcessDependenciesWithMerge(chrt, values); err != nil {
		return r, err
	}
	r.missing = missingDependencies(chrt)
	caps := chartutil.DefaultCapabilities.Copy()
	caps.KubeVersion = chartutil.KubeVersion{Version: renderedVersion, Major: "1", Minor: "34"}
	name := chrt.Name()
	release := chartutil.ReleaseOptions{Name: name[:min(len(name), maxReleaseName)], Namespace: "default", Revision: 1, IsInstall: true}
	all, err := chartutil.ToRenderValuesWithSchemaValidation(chrt, values, release, caps, true)
	if err != nil {
		return r, err
	}
	r.sources, r.text = map[string]string{}, map[string][]byte{}
	c.origins(chrt, where, &r)
	if without {
		requireNothing(chrt)
	}
	r.out, err = engine.Engine{}.Render(chrt, all)
	return r, err
}

// origins notes where each template lies in the tree. Templates from archives lie in the archive.
func (c *helmChart) origins(chrt *chart.Chart, where map[*byte]string, r *rendering) {
	for _, t := range chrt.Templates {
		if len(t.Data) == 0 {
			continue
		}
		name := path.Join(chrt.ChartFullPath(), t.Name)
		if at, ok := where[&t.Data[0]]; ok {
			r.sources[name], r.text[name] = at, t.Data
		} else {
			r.sources[name] = c.archiveOf(chrt.Name())
		}
	}
	for _, d := range chrt.Dependencies() {
		c.origins(d, where, r)
	}
}

func (c *helmChart) archiveOf(name string) string {
	for _, n := range c.names {
		if strings.HasPrefix(n, "charts/"+name) && strings.HasSuffix(n, ".tgz") {
			return below(c.dir, n)
		}
	}
	return below(c.dir, "Chart.yaml")
}

func missingDependencies(chrt *chart.Chart) []string {
	var out []string
	for _, want := range chrt.Metadata.Dependencies {
		there := slices.ContainsFunc(chrt.Dependencies(), func(d *chart.Chart) bool { return d.Name() == want.Name || d.Name() == want.Alias })
		if !there {
			out = append(out, want.Name)
		}
	}
	return out
}

// needsValues reports whether a template gave up by required or fail: the defaults are not meant to do.
func needsValues(err error) bool { return strings.Contains(err.Error(), "execution error at (") }

var (
	action       = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(?s)\{\{.*?\}\}`) })
	requiredWith = sync.OnceValue(func() *regexp.Regexp {
		return regexp.MustCompile(`([\s({|])required(\s+)(?:"(?:[^"\\]|\\.)*"|` + "`[^`]*`" + `)`)
	})
	required = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([\s({|])required(\s)`) })
	fails    = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([\s({|-])fail(\s|\)|\}|$)`) })
)

// requireNothing has the templates go on where a value is missing, with none in its place: required becomes a default, and fail a text without characters.
func requireNothing(chrt *chart.Chart) {
	for _, t := range chrt.Templates {
		t.Data = action().ReplaceAllFunc(t.Data, func(a []byte) []byte {
			a = requiredWith().ReplaceAll(a, []byte(`${1}default${2}""`))
			a = required().ReplaceAll(a, []byte(`${1}default${2}`))
			return fails().ReplaceAll(a, []byte(`${1}trunc 0${2}`))
		})
	}
	for _, d := range chrt.Dependencies() {
		requireNothing(d)
	}
}

func firstLine(err error) string {
	line, _, _ := strings.Cut(err.Error(), "\n")
	return line
}

// problem is that of a chart that can't be rendered, at the template that Helm names.
func (c *helmChart) problem(err error, hint string) Problem {
	p := Problem{File: below(c.dir, "Chart.yaml"), Line: 1, Message: "the chart can't be rendered: " + firstLine(err) + hint}
	if m := templateAt().FindStringSubmatch(err.Error()); m != nil {
		if _, rest, ok := strings.Cut(m[1], "/"); ok && c.data[rest] != nil {
			p.File = below(c.dir, rest)
			_, _ = fmt.Sscan(m[2], &p.Line) // the expression allows digits only
		}
	}
	return p
}
