// SPDX-License-Identifier: Apache-2.0

// Package initrepo writes a first sealock.yaml and policy for a folder, fitted to what lies in it.
//
// Use: Inspect looks at the folder and gives a Plan; Plan.AddCI adds the files of a CI platform; Plan.Describe says what was found and what will be written, Plan.Write writes it,
// Plan.Next says what to type then.
//
// Guarantees: what is written can be run at once and needs no tool beyond sealock (and git, in a repository): no build command is put in, comments
// show where it goes. Nothing that exists is overwritten unless Options.Force is set, nothing is written outside the folder, and no program of the folder is run.
// Files that are looked at are bounded in size; one that can't be read in full only makes the plan less fitting.
//
// Limits: what is found are files at the top of the folder. Only the first language found decides on the name and the example.
package initrepo

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage/initrepo/ci"
)

// Names of what is written.
const (
	PipelineFile = "sealock.yaml"
	PolicyFile   = "policy.yaml"
	StoreDir     = ".sealock"
)

// validity is how long a first policy is good for.
const validity = 1 // years

// Options are the parameters of Inspect.
type Options struct {
	Now   time.Time // required; the policy expires a year later
	Env   []string  // environment in which git is found
	Force bool      // overwrite what exists
}

// Plan is what was found in a folder and what fits it.
type Plan struct {
	Name       string   // of the pipeline, the policy and the artifact
	Languages  []string // for people: "Go (go.mod)"
	CI         []string // for people: "GitHub Actions (.github/workflows)"
	Containers []string // Dockerfiles
	Source     string   // reference to the source: git:HEAD or dir:.; empty for an image
	Product    string   // reference to what is gated: the source, or an image
	PolicyDir  string   // slash-separated, relative
	Notes      []string // what the reader should know

	ci       []ci.File
	pipeline ci.Pipeline
	platform string // of ci; empty: keys only

	opt     Options
	git     bool // the folder is in a Git repository
	empty   bool // the product may well have no dependency
	example example
}

// AddCI adds the files with which a platform runs the pipeline. The policy then names the identities of its jobs, no keys.
func (p *Plan) AddCI(platform string, where ci.Repository) error {
	stages := []ci.Stage{{Name: "source", Subjects: []string{p.Source}}, {Name: "build", Subjects: []string{p.Product}, SBOM: true}, {Name: "scan", Subjects: []string{p.Product}}}
	if p.image() {
		stages[0], stages[1] = stages[1], ci.Stage{Name: "secrets", Subjects: []string{p.Product}}
	}
	p.pipeline = ci.Pipeline{Stages: stages, Product: p.Product, Environments: []string{"dev", "staging"}, Repository: where}
	files, err := p.pipeline.Files(platform)
	if err != nil {
		return err
	}
	p.ci, p.platform = files, platform
	return nil
}

// image reports whether the product is an image that others made.
func (p *Plan) image() bool { return p.Source == "" }

// Inspect looks at a folder.
func Inspect(ctx context.Context, dir string, opt Options) (*Plan, error) {
	if opt.Now.IsZero() {
		return nil, errors.New("looking at the folder: no time was given")
	}
	abs, err := filepath.Abs(dir)
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w", dir, err)
	}
	root, err := os.OpenRoot(abs)
	if err != nil {
		return nil, fmt.Errorf("looking at %s: %w\nhint: name an existing folder with -C", dir, err)
	}
	defer func() { _ = root.Close() }()
	look := &folder{root: root, abs: abs}
	p := &Plan{opt: opt, PolicyDir: "policy"}
	p.findCI(look)
	main := p.findLanguages(look)
	name := main.project
	if layout := look.layout(main.name != ""); layout != "" {
		if err := p.useLayout(look, layout); err != nil {
			return nil, err
		}
	} else if err := p.useTree(ctx, look); err != nil {
		return nil, err
	}
	if p.Name = cleanName(name); p.Name == "" {
		p.Name = cleanName(filepath.Base(abs))
	}
	if p.Name == "" {
		p.Name = "app"
	}
	p.example = main.example(p.Name, p.Source)
	return p, p.choosePolicyDir(look)
}

// useTree makes the source tree the product. Git's last commit is the source where there is one.
func (p *Plan) useTree(ctx context.Context, look *folder) error {
	p.empty = !look.hasDependencies()
	p.Source = "dir:."
	if p.git = inRepository(look.abs); p.git {
		ref, err := subject.Parse("git:HEAD")
		if err != nil {
			return err
		}
		_, err = subject.Resolve(ctx, ref, subject.Options{Dir: look.abs, Env: p.opt.Env, Exclude: []string{StoreDir}})
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err == nil || subject.CodeOf(err) == subject.DirtyTree:
			p.Source = "git:HEAD"
		case subject.CodeOf(err) == subject.NotFound || subject.CodeOf(err) == subject.Empty:
			p.Notes = append(p.Notes, "nothing of this folder is committed yet, so the folder itself is the source; once it is, write git:HEAD instead of dir:.")
		default:
			first, _, _ := strings.Cut(err.Error(), "\n")
			p.Notes = append(p.Notes, "the Git repository can't be read, so the folder itself is the source: "+first)
		}
	}
	p.Product = p.Source
	for _, c := range p.Containers {
		p.Notes = append(p.Notes, fmt.Sprintf("%s: to gate the image, let the build stage write it as an OCI layout; %s shows how", c, PipelineFile))
	}
	return nil
}

// inRepository reports whether the folder, or one above it, has a .git.
func inRepository(abs string) bool {
	for dir := abs; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return true
		}
		if dir == filepath.Dir(dir) {
			return false
		}
	}
}

// choosePolicyDir takes another folder where policy/ already holds something else, other tools' Rego for example, which would become part of the policy.
func (p *Plan) choosePolicyDir(look *folder) error {
	for _, dir := range []string{"policy", "sealock-policy"} {
		entries, err := fs.ReadDir(look.root.FS(), dir)
		if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 || look.exists(dir+"/"+PolicyFile) {
			p.PolicyDir = dir
			return nil
		}
	}
	return errors.New("the folders policy and sealock-policy both hold other files\nhint: move one of them away; every .rego file beside policy.yaml becomes part of the policy")
}

// Describe says in short lines what was found and what Write will do.
func (p *Plan) Describe() []string {
	var out []string
	add := func(what string, list ...string) {
		if len(list) > 0 {
			out = append(out, what+": "+strings.Join(list, ", "))
		}
	}
	add("name", p.Name)
	add("found", append(append(append([]string(nil), p.Languages...), p.CI...), p.Containers...)...)
	if p.image() {
		add("product", p.Product+" (an image as it lies here)")
	} else {
		add("product", p.Product+" (the source tree)")
	}
	files := p.Files()
	add("writes", files[:2]...)
	for _, f := range files[2:] {
		add("writes", f)
	}
	add("expires", "the policy, on "+p.expires().Format(time.DateOnly))
	for _, n := range p.Notes {
		add("note", n)
	}
	return out
}

// Next is what to type after Write, a command a line. What is run is evidence about a commit, so the commit with these files comes first.
func (p *Plan) Next() []string {
	var commit []string
	if p.Source == "git:HEAD" {
		files := []string{PipelineFile, p.PolicyDir}
		if p.platform != "" {
			files = append(files, ci.Folders(p.platform)...)
		}
		commit = []string{fmt.Sprintf("git add %s && git commit -m \"Gate %s with sealock\"", strings.Join(files, " "), p.Name)}
	}
	if p.platform != "" {
		return append(ci.Next(p.platform), commit...)
	}
	return append(commit, "sealock run --all")
}

func (p *Plan) expires() time.Time {
	return p.opt.Now.UTC().AddDate(validity, 0, 0).Truncate(24 * time.Hour)
}
