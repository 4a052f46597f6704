// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"
	"text/template"
)

// actionFolder is where the composite action lies.
const actionFolder = ".github/actions/sealock"

func (p Pipeline) gitHub(stages []stage) ([]File, error) {
	artifact := func(stage string, i int) string {
		if i == 0 {
			return "sealock-product-" + stage
		}
		return fmt.Sprintf("sealock-product-%s-%d", stage, i+1)
	}
	t, err := parse(template.FuncMap{"artifact": artifact}, "github/*.yml")
	if err != nil {
		return nil, err
	}
	values := map[string]any{"Checkout": checkout, "SetupGo": setupGo, "Upload": upload, "Download": download, "UploadSARIF": uploadSARIF, "Go": p.Go,
		"Product": p.Product, "Branch": p.Repository.Branch, "Stages": stages, "Environments": p.Environments, "Last": stages[len(stages)-1].Name}
	var out []File
	add := func(name, text string) error {
		data, err := fill(t, text, values)
		out = append(out, File{".github/workflows/" + name, data})
		return err
	}
	if err := errors.Join(add("sealock.yml", "pipeline.yml"), add("sealock-check.yml", "check.yml")); err != nil {
		return nil, err
	}
	for i, s := range stages {
		values["Stage"], values["Earlier"] = s, stages[:i]
		if err := add("sealock-"+s.Name+".yml", "stage.yml"); err != nil {
			return nil, err
		}
	}
	if len(p.Environments) > 0 {
		values["Earlier"] = stages
		if err := add("sealock-promote.yml", "promote.yml"); err != nil {
			return nil, err
		}
	}
	for _, name := range []string{"action.yml", "install.sh", "gate.sh"} {
		data, err := texts.ReadFile("github/" + name)
		if err != nil {
			return nil, err
		}
		out = append(out, File{actionFolder + "/" + name, data})
	}
	return out, nil
}

func (p Pipeline) gitLab(stages []stage) ([]File, error) {
	var names []string
	for _, s := range stages {
		names = append(names, s.Name)
	}
	entering := func(i int) []string {
		out := slices.Clone(names)
		for _, e := range p.Environments[:i] {
			out = append(out, "enter-"+e)
		}
		return out
	}
	t, err := parse(template.FuncMap{"before": func(i int) []string { return names[:i] }, "entering": entering}, "gitlab/pipeline.yml")
	if err != nil {
		return nil, err
	}
	data, err := fill(t, "pipeline.yml", map[string]any{"Stages": stages, "Environments": p.Environments, "Product": p.Product})
	if err != nil {
		return nil, err
	}
	out := []File{{".gitlab-ci.yml", data}}
	for _, name := range []string{"sealock.yml", "sealock-check.yml", "sealock-install.yml"} {
		data, err := texts.ReadFile("gitlab/" + name)
		if err != nil {
			return nil, err
		}
		out = append(out, File{".gitlab/" + name, data})
	}
	return out, nil
}

// promoting stands for the job that promotes, beside the names of stages.
const promoting = "promote"

// identity is who the job of a stage is, as the lines of an entry in a policy.
func (p Pipeline) identity(platform, name, job string) []string {
	r := p.Repository
	at := "https://" + r.Host + "/" + r.Path
	out := []string{name + ":"}
	if platform == GitHub {
		return append(out, "  issuer: https://token.actions.githubusercontent.com",
			"  subject: "+at+"/.github/workflows/sealock-"+job+".yml@refs/heads/"+r.Branch, "  claims: {runnerEnvironment: github-hosted}")
	}
	return append(out, "  issuer: https://"+r.Host, "  subject: "+at+"//.gitlab-ci.yml@refs/heads/"+r.Branch, "  claims: {deploymentEnvironment: sealock/"+job+"}")
}

// Identities are the entries of the jobs among the identities of a policy, a line each, by the names that the policy has for them.
func (p Pipeline) Identities(platform string) []string {
	var out []string
	for _, s := range p.Stages {
		out = append(out, p.identity(platform, cmp.Or(s.Signer, s.Name+"-job"), s.Name)...)
	}
	return append(out, p.identity(platform, cmp.Or(p.Promoter, "release-job"), promoting)...)
}

// Folders are what a commit of the files has to name.
func Folders(platform string) []string {
	if platform == GitHub {
		return []string{".github"}
	}
	return []string{".gitlab-ci.yml", ".gitlab"}
}

// Next is what has to be done once the files are there.
func Next(platform string) []string {
	if platform == GitHub {
		return []string{"set the variables SEALOCK_VERSION and SEALOCK_SHA256 of the organisation or the repository: the release of sealock, and the digest of its binary for linux_amd64"}
	}
	return []string{"set the variables SEALOCK_IMAGE (the jobs' image, by digest), SEALOCK_VERSION and SEALOCK_SHA256 of the group or the project, and protect the default branch and the environments sealock/*"}
}

// Repository is where the pipeline runs.
type Repository struct {
	Host   string // github.com
	Path   string // owner/name, on GitLab with all groups
	Branch string // the default branch
}

// ParseRemote reads the address of a Git remote.
func ParseRemote(url string) (Repository, error) {
	fail := fmt.Errorf("the address of the remote origin is of no form known here\nhint: git remote set-url origin https://HOST/OWNER/NAME.git")
	rest := url
	switch scheme, after, ok := strings.Cut(url, "://"); {
	case ok && (scheme == "https" || scheme == "ssh" || scheme == "http" || scheme == "git"):
		rest = after
	case ok:
		return Repository{}, fail
	default: // user@host:owner/name
		rest = strings.Replace(rest, ":", "/", 1)
	}
	host, name, ok := strings.Cut(rest, "/")
	if at := strings.LastIndex(host, "@"); at >= 0 {
		host = host[at+1:]
	}
	host, _, _ = strings.Cut(host, ":")
	name = strings.TrimSuffix(strings.Trim(name, "/"), ".git")
	if !ok || !strings.Contains(host, ".") || !strings.Contains(name, "/") || !plain.MatchString(host) || !plain.MatchString(name) || strings.ContainsAny(name, ":@") {
		return Repository{}, fail
	}
	return Repository{Host: strings.ToLower(host), Path: name}, nil
}
