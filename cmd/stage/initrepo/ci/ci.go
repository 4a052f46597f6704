// SPDX-License-Identifier: Apache-2.0

// Package ci writes the files with which a CI platform runs a pipeline: one job and one identity for each stage, and one that promotes.
//
// Use: New takes what the pipeline and its policy say, Files are what has to lie in the repository, Identities is the part of a policy that names
// the jobs. Write puts the files there.
//
// Guarantees: every action is pinned to a commit, jobs hold the permissions they need and no more, nothing that was given is evaluated by a shell or by
// the platform. Files that are there and differ are left alone, and named, unless they may be replaced.
//
// Limits: Remote finds repositories of hosts whose addresses have the usual form. A product that is a folder of files loses their modes on its way through
// the artifacts of GitHub; Notes says so.
package ci

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"text/template"
)

// Names of the platforms.
const (
	GitHub = "github"
	GitLab = "gitlab"
)

// gitHubHost is where GitHub's jobs get identities that Sigstore's public-good instance knows.
const gitHubHost = "github.com"

// Platforms are all of them.
var Platforms = []string{GitHub, GitLab}

// Actions of others, each by the commit behind its version.
const (
	checkout    = "actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2"
	setupGo     = "actions/setup-go@d35c59abb061a4a6fb18e82ac0862c26744d6ab5 # v5.5.0"
	upload      = "actions/upload-artifact@ea165f8d65b6e75b540449e92b4886f43607fa02 # v4.6.2"
	download    = "actions/download-artifact@d3f86a106a0bac45b974a628896c90dbdf5c8093 # v4.3.0"
	uploadSARIF = "github/codeql-action/upload-sarif@45775bd8235c68ba998cffa5171334d58593da47 # v3.28.15"
)

//go:embed github gitlab
var texts embed.FS

// Stage is one stage of the pipeline.
type Stage struct {
	Name     string
	Runs     bool     // it has a command of its own
	Subjects []string // references, as in sealock.yaml
	SBOM     bool     // it records a bill of materials
	Signer   string   // identity of the policy that signs it; "": STAGE-job
}

// Pipeline is what the files are made of.
type Pipeline struct {
	Stages       []Stage  // in the order in which they run
	Product      string   // reference to what is promoted
	Environments []string // in order, those that need nobody's approval
	Go           bool     // stages with a command need Go
	Promoter     string   // identity of the policy that promotes; "": release-job
	Repository   Repository
}

// File is one file to write.
type File struct {
	Name    string // slash-separated, below the root of the repository
	Content []byte
}

// stage is a Stage as the templates see it.
type stage struct {
	Name, SBOM string
	Runs       bool
	Products   []product
}

// product is what a stage makes and hands on: where it lies, and the folder that it is put into again.
type product struct{ Path, Into string }

// Files are the platform's files.
func (p Pipeline) Files(platform string) ([]File, error) {
	stages, err := p.check()
	if err != nil {
		return nil, err
	}
	if on := p.Repository.Host == gitHubHost; on != (platform == GitHub) {
		return nil, fmt.Errorf("writing a CI pipeline for %s: the remote origin lies on %s, whose jobs have other identities\nhint: point origin at the repository that the pipeline runs for", platform, p.Repository.Host)
	}
	switch platform {
	case GitHub:
		return p.gitHub(stages)
	case GitLab:
		return p.gitLab(stages)
	}
	return nil, fmt.Errorf("platform %q: expected one of %s", platform, strings.Join(Platforms, ", "))
}

// plain are the texts that may stand in a pipeline's file. Neither platform's expressions fit it.
var plain = regexp.MustCompile(`^[A-Za-z0-9@:._/+-]+$`)

// jobName are the names of stages and environments that both platforms take for a job, and YAML for a text.
var jobName = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_-]*$`)

// reserved are names that a stage can't have: those of the other jobs, and words that mean something else in YAML.
func reserved(name string) bool {
	return name == promoting || strings.HasPrefix(name, "enter-") || slices.Contains([]string{"check", "true", "false", "null", "yes", "no", "on", "off", "y", "n", "pages", "stages", "include", "default", "variables", "workflow"}, strings.ToLower(name))
}

func (p Pipeline) check() ([]stage, error) {
	if len(p.Stages) == 0 {
		return nil, errors.New("writing a CI pipeline: the pipeline has no stages")
	}
	for i, s := range append(append([]string{p.Product, p.Repository.Branch}, p.Environments...), p.names()...) {
		if !plain.MatchString(s) || len(s) > 200 || i > 1 && !jobName.MatchString(s) {
			return nil, fmt.Errorf("writing a CI pipeline: %q can't stand in it\nhint: use letters, digits and @:._/+-", s)
		}
	}
	var out []stage
	for _, s := range p.Stages {
		if reserved(s.Name) {
			return nil, fmt.Errorf("writing a CI pipeline: a stage is named %q, which means something else there\nhint: give the stage another name", s.Name)
		}
		v := stage{Name: s.Name, Runs: s.Runs}
		for _, ref := range s.Subjects {
			if !plain.MatchString(ref) {
				return nil, fmt.Errorf("writing a CI pipeline: subject %q of stage %q can't stand in it\nhint: use letters, digits and @:._/+-", ref, s.Name)
			}
			if made, ok := madeBy(ref); ok && s.Runs && !slices.Contains(v.Products, made) {
				v.Products = append(v.Products, made)
			}
			if s.SBOM && v.SBOM == "" {
				v.SBOM = ref
			}
		}
		out = append(out, v)
	}
	return out, nil
}

func (p Pipeline) names() []string {
	out := make([]string, 0, len(p.Stages))
	for _, s := range p.Stages {
		out = append(out, s.Name)
	}
	return out
}

// madeBy is the path of a subject that a command writes into the work tree.
func madeBy(ref string) (product, bool) {
	scheme, rest, ok := strings.Cut(ref, ":")
	if !ok {
		return product{}, false
	}
	rest, _, _ = strings.Cut(rest, "@sha256:")
	rest = path.Clean(rest)
	switch scheme {
	case "oci-layout", "dir":
		return product{rest, rest}, rest != "." && !path.IsAbs(rest)
	case "file", "docker-archive":
		return product{rest, path.Dir(rest)}, !path.IsAbs(rest)
	}
	return product{}, false
}

// Notes says what the reader should know.
func (p Pipeline) Notes(platform string) []string {
	var out []string
	for _, s := range p.Stages {
		for _, ref := range s.Subjects {
			if s.Runs && platform == GitHub && strings.HasPrefix(ref, "dir:") {
				out = append(out, fmt.Sprintf("%s of stage %s goes from job to job as an artifact, which loses the modes of files: write it as an image layout or a file", ref, s.Name))
			}
		}
	}
	return out
}

// fill expands a template with the values for it.
func fill(t *template.Template, name string, values map[string]any) ([]byte, error) {
	var b bytes.Buffer
	if err := t.ExecuteTemplate(&b, name, values); err != nil {
		return nil, fmt.Errorf("writing %s: %w", name, err)
	}
	return b.Bytes(), nil
}

// parse reads the templates of a platform.
func parse(more template.FuncMap, files ...string) (*template.Template, error) {
	funcs := template.FuncMap{"quote": strconv.Quote, "prev": func(i int) int { return i - 1 }}
	for name, f := range more {
		funcs[name] = f
	}
	return template.New("").Delims("<%", "%>").Funcs(funcs).ParseFS(texts, files...)
}
