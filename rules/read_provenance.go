// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/open-policy-agent/opa/v1/ast"
)

const (
	typeProvenance    = "https://slsa.dev/provenance/v1"
	typeProvenanceV02 = "https://slsa.dev/provenance/v0.2"
)

// provenance brings SLSA v1 (https://slsa.dev/spec/v1.0/provenance) and v0.2 (https://slsa.dev/spec/v0.2/provenance) to one form.
func (r *reader) provenance(p ast.Value, predicateType string) []any {
	var builder, parameters, dependencies, started, finished ast.Value
	var sources []string
	switch predicateType {
	case typeProvenance:
		builder, started, finished = get(p, "runDetails", "builder", "id"), get(p, "runDetails", "metadata", "startedOn"), get(p, "runDetails", "metadata", "finishedOn")
		parameters, dependencies = get(p, "buildDefinition", "externalParameters"), get(p, "buildDefinition", "resolvedDependencies")
		sources = declared(get(parameters, "source"), get(parameters, "source", "uri"), get(parameters, "workflow", "repository"))
	case typeProvenanceV02:
		builder, started, finished = get(p, "builder", "id"), get(p, "metadata", "buildStartedOn"), get(p, "metadata", "buildFinishedOn")
		parameters, dependencies = get(p, "invocation", "parameters"), get(p, "materials")
		sources = declared(get(p, "invocation", "configSource", "uri"))
		if _, null := parameters.(ast.Null); parameters == nil || null {
			parameters = ast.NewObject() // v0.2 lets them be left out
		}
	default:
		r.problem("the predicate type", "SLSA provenance v1 or v0.2", ast.String(predicateType))
	}
	if blank(str(builder)) {
		r.problem("the builder's id", "text", builder)
	}
	if _, ok := parameters.(ast.Object); !ok {
		r.problem("the external parameters", "an object", parameters)
		parameters = ast.NewObject()
	}
	deps, git := r.dependencies(dependencies)
	if len(sources) == 0 {
		sources = git
	}
	return []any{"builder", str(builder), "parameters", parameters, "sources", sources, "dependencies", deps,
		"times", r.object("started", r.time(started), "finished", r.time(finished))}
}

func declared(values ...ast.Value) []string {
	var out []string
	for _, v := range values {
		if s := str(v); s != "" && !slices.Contains(out, s) {
			out = append(out, s)
		}
	}
	return out
}

// dependencies reads what went into the build, and which of it is a Git source. SLSA lets the list be left out; here it may be empty, but not missing, so
// that what contradicts a receipt can't be hidden.
func (r *reader) dependencies(v ast.Value) (out []*ast.Term, git []string) {
	list, ok := items(v)
	if !ok {
		r.problem("the dependencies", "a list", v)
	}
	for _, d := range list {
		uri := str(get(d, "uri"))
		names := declared(ast.String(repository(uri)), ast.String(repository(str(get(d, "name")))))
		digest, ok := get(d, "digest").(ast.Object)
		if get(d, "digest") == nil {
			digest, ok = ast.NewObject(), true // then it is no material's digest either
		}
		if len(names) == 0 || !ok {
			r.problem("a dependency", "an object with uri or name, and digest", d)
			continue
		}
		// v0.2 knows Git commits as sha1 only.
		if sha1 := get(digest, "sha1"); sha1 != nil && digest.Len() == 1 && strings.HasPrefix(uri, "git+") {
			digest = ast.NewObject([2]*ast.Term{ast.StringTerm("gitCommit"), ast.NewTerm(sha1)})
		}
		if isString(get(digest, "gitCommit")) {
			git = append(git, cmp.Or(uri, str(get(d, "name"))))
		}
		out = append(out, r.object("names", names, "digest", digest))
	}
	return out, git
}

var (
	reference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`@refs/[^@]+$`) })
	revision  = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`@[^/@:]+$`) })
)

// repository is a source's URI without the revision, so that one entry serves all revisions of a repository. Only of URIs that say git is more cut off
// than a full reference: an @ may stand for other things elsewhere.
func repository(uri string) string {
	rest, git := strings.CutPrefix(uri, "git+")
	rest = reference().ReplaceAllString(rest, "")
	if git {
		rest = revision().ReplaceAllString(rest, "")
	}
	return rest
}
