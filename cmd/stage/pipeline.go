// SPDX-License-Identifier: Apache-2.0

package stage

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"sort"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

// ConfigFile is the name of the pipeline file.
const ConfigFile = "sealock.yaml"

// KindPipeline is the kind of sealock.yaml.
const KindPipeline = "Pipeline"

// Pipeline is sealock.yaml: what the stages do. What is allowed, and in which order, is the policy's to say.
type Pipeline struct {
	APIVersion string            `yaml:"apiVersion"`
	Kind       string            `yaml:"kind"`
	Name       string            `yaml:"name"`
	Policy     string            `yaml:"policy"`
	Store      string            `yaml:"store"`
	DB         string            `yaml:"db"` // vulnerability data: a folder, or an archive that is imported into the cache
	Stages     map[string]Config `yaml:"stages"`

	File string `yaml:"-"` // where it was read from
}

// Config is one stage of a pipeline.
type Config struct {
	Run      []string `yaml:"run"`      // command and arguments; no shell
	Inputs   []string `yaml:"inputs"`   // references; default: the subjects of the stages before
	Subjects []string `yaml:"subjects"` // references to what the stage makes, or is about
	Evidence []string `yaml:"evidence"`
	Outputs  []string `yaml:"outputs"` // paths that are no part of a dir: subject
	Env      []string `yaml:"env"`     // further environment variables for the command

	Imports map[string][]string `yaml:"imports"` // kind of evidence → reports of other tools, below the pipeline's folder
}

// ErrNoPipeline says that there is no sealock.yaml.
var ErrNoPipeline = errors.New("no sealock.yaml here")

// LoadPipeline reads a pipeline file.
func LoadPipeline(file string) (*Pipeline, error) {
	info, err := os.Stat(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("reading %s: %w\nhint: write one with 'sealock init', or name the folder with -C", file, ErrNoPipeline)
	}
	if err != nil {
		return nil, err
	}
	if info.Size() > 1<<20 {
		return nil, &gate.ConfigError{File: file, Message: "is larger than 1 MiB"}
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	p := &Pipeline{File: file}
	places, err := gate.DecodeYAML(file, data, p)
	if err != nil {
		return nil, err
	}
	return p, p.validate(places)
}

func (p *Pipeline) validate(places gate.Places) error {
	switch {
	case p.APIVersion != gate.APIVersion:
		return places.Errorf("apiVersion", "", "is %q, expected %q", p.APIVersion, gate.APIVersion)
	case p.Kind != KindPipeline:
		return places.Errorf("kind", "", "is %q, expected %q", p.Kind, KindPipeline)
	case p.Name == "":
		return places.Errorf("name", "", "a pipeline needs a name")
	case len(p.Stages) == 0:
		return places.Errorf("stages", "", "no stages: there is nothing to run")
	}
	for name, s := range p.Stages {
		at := "stages." + name
		if len(s.Subjects) == 0 {
			return places.Errorf(at+".subjects", "for example subjects: [git:HEAD]", "a stage needs at least one subject")
		}
		if len(s.Run) > 0 && s.Run[0] == "" {
			return places.Errorf(at+".run", "", "the command is empty")
		}
		for i, ref := range append(append([]string(nil), s.Subjects...), s.Inputs...) {
			if _, err := subject.Parse(ref); err != nil {
				return places.Errorf(fmt.Sprintf("%s.subjects[%d]", at, i), "", "%v", err)
			}
		}
		for i, k := range s.Evidence {
			if predicate.Types[k] == nil {
				return places.Errorf(fmt.Sprintf("%s.evidence[%d]", at, i), "known here: provenance, sbom, vulns, secrets, config", "unknown kind of evidence %q", k)
			}
			if k == predicate.KindTest || k == predicate.KindSAST || k == predicate.KindDAST {
				return places.Errorf(fmt.Sprintf("%s.evidence[%d]", at, i), fmt.Sprintf("for example imports: {%s: [out/%s]}", k, importForms[k]), "%q evidence is made by other tools: import their reports", k)
			}
		}
		if err := s.validateImports(places, at); err != nil {
			return err
		}
	}
	return nil
}

// importForms are the kinds of evidence that can be imported, with an example of a report.
var importForms = map[string]string{predicate.KindSAST: "semgrep.sarif", predicate.KindDAST: "zap.sarif", predicate.KindConfig: "scan.sarif", predicate.KindSecrets: "secrets.sarif",
	predicate.KindTest: "junit.xml", predicate.KindSBOM: "bom.json"}

func (c Config) validateImports(places gate.Places, at string) error {
	seen := map[string]bool{}
	for _, kind := range predicate.Kinds {
		files, where := c.Imports[kind], at+".imports."+kind
		if _, known := c.Imports[kind]; known && importForms[kind] == "" {
			return places.Errorf(where, "reports of other tools can be sast, dast, config, secrets, test and sbom", "%q evidence can't be imported", kind)
		}
		if kind == predicate.KindSBOM && len(files) > 0 && slices.Contains(c.Evidence, kind) {
			return places.Errorf(where, "leave one of the two out", "the stage makes a bill of materials itself, and imports one")
		}
		for i, file := range files {
			if !filepath.IsLocal(filepath.FromSlash(file)) || seen[filepath.Clean(file)] {
				return places.Errorf(fmt.Sprintf("%s[%d]", where, i), "paths are below the folder of sealock.yaml, each once", "%q can't be imported", file)
			}
			seen[filepath.Clean(file)] = true
		}
	}
	for kind := range c.Imports {
		if !slices.Contains(predicate.Kinds, kind) {
			return places.Errorf(at+".imports."+kind, "known here: sast, dast, config, secrets, test, sbom", "unknown kind of evidence %q", kind)
		}
	}
	return nil
}

// Check holds the stages against those of a policy: a stage that the policy does not know is an error.
func (p *Pipeline) Check(policy *gate.Policy) error {
	for _, name := range p.Names() {
		if _, ok := policy.Stages[name]; !ok {
			known := make([]string, 0, len(policy.Stages))
			for k := range policy.Stages {
				known = append(known, k)
			}
			sort.Strings(known)
			return fmt.Errorf("%s: stage %q is not known to policy %q, which knows %v\nhint: add the stage to the policy, or correct its name", p.File, name, policy.Name, known)
		}
	}
	return nil
}

// Names lists the stages by name.
func (p *Pipeline) Names() []string {
	out := make([]string, 0, len(p.Stages))
	for n := range p.Stages {
		out = append(out, n)
	}
	sort.Strings(out)
	return out
}

// Inputs are the references a stage reads: its own list, or the subjects of the stages that come before it by the policy.
func (p *Pipeline) Inputs(name string, policy *gate.Policy) []string {
	if s := p.Stages[name]; len(s.Inputs) > 0 {
		return s.Inputs
	}
	var out []string
	seen := map[string]bool{}
	for _, a := range policy.Stages[name].After {
		for _, ref := range p.Stages[a.Stage].Subjects {
			if !seen[ref] {
				seen[ref] = true
				out = append(out, ref)
			}
		}
	}
	return out
}

// Exclude lists what is no part of a dir: subject: the store and every stage's declared outputs.
func (p *Pipeline) Exclude(store string) []string {
	out := []string{}
	if store != "" {
		out = append(out, store)
	}
	for _, name := range p.Names() {
		out = append(out, p.Stages[name].Outputs...)
	}
	for i := range out {
		out[i] = filepath.Clean(out[i])
	}
	return out
}
