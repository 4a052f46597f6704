// SPDX-License-Identifier: Apache-2.0

package config

import "encoding/json"

// Kind is the list of the input document that an item belongs to.
type Kind string

// The kinds of items, by the name of their list.
const (
	Kubernetes Kind = "kubernetes"
	Terraform  Kind = "terraform"
	Dockerfile Kind = "dockerfiles"
	Compose    Kind = "compose"
	GitHub     Kind = "github"
	GitLab     Kind = "gitlab"
	Jenkins    Kind = "jenkins"
)

// Item is one thing that rules judge: a Kubernetes object, a Terraform block, a whole Dockerfile, Compose file, workflow, GitLab file or Jenkinsfile.
type Item struct {
	ID       int            // set by the scan, after all items were put in order
	Kind     Kind           // the list
	File     string         // slash-separated, below the root of the subject
	Resource string         // for people: "Deployment shop/payments"
	Doc      map[string]any // the fields of its kind: strings, bools, int, float64, nil, []any and map[string]any, nothing else
	locate   locator
	same     string          // for the fingerprint, in place of Resource, where copies of one thing are called differently
	given    map[string]bool // where only some attributes are known to be as they are: these are judged, the others are not
}

// Position is a place in a file. Lines and columns count from 1; 0 says that there is none. File is set where the value was written in
// another file than the item's own.
type Position struct {
	File                  string
	Line, Column, EndLine int
}

// locator finds values by their path. Elements of a path are strings (names) and ints (indexes of lists), nothing else; what the path is
// relative to is said for each kind in doc.go. Where the path ends in something that is not there, the position is that of the deepest
// part that is.
type locator interface {
	position(path []any) Position
}

// at is a locator for which everything is in one place.
type at Position

func (p at) position([]any) Position { return Position(p) }

// Locate gives the place of the value at the path, or of the deepest part of the path that is there.
func (i *Item) Locate(path []any) Position {
	p := Position{Line: 1, Column: 1, EndLine: 1}
	if i.locate != nil {
		p = i.locate.position(normalPath(path))
	}
	if p.File == "" {
		p.File = i.File
	}
	return p
}

// normalPath turns the numbers of a path that came through JSON or Rego into ints.
func normalPath(path []any) []any {
	out := make([]any, len(path))
	for n, e := range path {
		out[n] = e
		switch e := e.(type) {
		case float64:
			out[n] = int(e)
		case int64:
			out[n] = int(e)
		case json.Number:
			if i, err := e.Int64(); err == nil {
				out[n] = int(i)
			}
		}
	}
	return out
}

// written reports whether an item stands in its file as it is, so that another one of its name on another line is no copy of it.
func (i *Item) written() bool {
	origin := textOr(i.Doc["origin"], fromManifest)
	return origin == fromManifest || origin == fromTerraform
}

// document is the item as the rules see it.
func (i *Item) document() map[string]any {
	d := i.Doc
	if d == nil {
		d = map[string]any{}
	}
	d["id"], d["file"], d["resource"] = i.ID, i.File, i.Resource
	return d
}

// Problem is a file that looks like configuration and can't be read as such. It becomes a finding of the rule config.unreadable.
type Problem struct {
	File         string
	Line, Column int
	Message      string
}

// body is what paths are relative to.
func (i *Item) body() map[string]any {
	switch i.Kind {
	case Kubernetes, Compose, GitHub, GitLab:
		return mapping(i.Doc["object"])
	case Terraform:
		return mapping(i.Doc["values"])
	case Dockerfile, Jenkins:
	}
	return i.Doc
}
