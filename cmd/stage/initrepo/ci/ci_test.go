// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"go.yaml.in/yaml/v3"
)

// sample is a pipeline with a product that is handed from job to job.
func sample(host string) Pipeline {
	return Pipeline{
		Stages: []Stage{
			{Name: "source", Subjects: []string{"git:HEAD"}},
			{Name: "build", Runs: true, Subjects: []string{"oci-layout:out/shop", "file:dist/shop.tar"}, SBOM: true},
			{Name: "scan", Subjects: []string{"oci-layout:out/shop"}},
		},
		Product: "oci-layout:out/shop", Environments: []string{"dev", "staging"}, Go: true, Repository: Repository{Host: host, Path: "acme/shop", Branch: "main"},
	}
}

func files(t *testing.T, p Pipeline, platform string) map[string]string {
	t.Helper()
	all, err := p.Files(platform)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, f := range all {
		out[f.Name] = string(f.Content)
		if !strings.HasSuffix(f.Name, ".sh") {
			dec := yaml.NewDecoder(bytes.NewReader(f.Content))
			var v any
			for err = dec.Decode(&v); err == nil; err = dec.Decode(&v) {
			}
			if err.Error() != "EOF" {
				t.Errorf("%s: %v\n%s", f.Name, err, f.Content)
			}
		}
	}
	return out
}

// This repository runs what it gives to others.
func TestOwnFilesAreThoseGivenToOthers(t *testing.T) {
	for own, given := range map[string]string{
		".github/actions/sealock/action.yml": "github/action.yml", ".github/actions/sealock/install.sh": "github/install.sh",
		".github/actions/sealock/gate.sh": "github/gate.sh", ".gitlab/sealock.yml": "gitlab/sealock.yml",
		".gitlab/sealock-check.yml": "gitlab/sealock-check.yml", ".gitlab/sealock-install.yml": "gitlab/sealock-install.yml",
	} {
		have, err := os.ReadFile(filepath.Join("..", "..", "..", "..", own))
		if err != nil {
			t.Fatal(err)
		}
		want, err := texts.ReadFile(given)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(have, want) {
			t.Errorf("%s differs from cmd/stage/initrepo/ci/%s: copy it there", own, given)
		}
	}
}

// Every action is pinned to a full commit, and no script holds an expression.
func TestG03_G02_ActionsPinnedScriptsWithoutExpressions(t *testing.T) {
	pinned := regexp.MustCompile(`^(\./[\w./-]+|[\w./-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+)$`)
	for name, text := range files(t, sample("github.com"), GitHub) {
		for line := range strings.Lines(text) {
			if _, uses, ok := strings.Cut(line, "uses: "); ok && !pinned.MatchString(strings.TrimSpace(uses)) {
				t.Errorf("%s: %s", name, line)
			}
			if strings.Contains(line, "run:") && strings.Contains(line, "${{") {
				t.Errorf("%s: an expression in a script: %s", name, line)
			}
		}
		if strings.HasSuffix(name, ".sh") && strings.Contains(text, "${{") {
			t.Errorf("%s: an expression in a script", name)
		}
	}
}

func TestStagesAreApart(t *testing.T) {
	all := files(t, sample("github.com"), GitHub)
	for _, name := range []string{"sealock", "sealock-source", "sealock-build", "sealock-scan", "sealock-promote", "sealock-check"} {
		text := all[".github/workflows/"+name+".yml"]
		if text == "" || !strings.Contains(text, "\npermissions: {}\n") {
			t.Errorf("%s.yml is not there, or does not begin without permissions:\n%s", name, text)
		}
	}
	build := all[".github/workflows/sealock-build.yml"]
	for _, want := range []string{"sealock-product-build\n", "sealock-product-build-2\n", `path: "dist/shop.tar"`, "setup-go@", "stage: build\n"} {
		if !strings.Contains(build, want) {
			t.Errorf("the build's workflow lacks %q:\n%s", want, build)
		}
	}
	if scan := all[".github/workflows/sealock-scan.yml"]; strings.Contains(scan, "setup-go@") || strings.Contains(scan, "name: sealock-product-scan") || !strings.Contains(scan, `path: "dist"`) {
		t.Errorf("the scan's workflow:\n%s", scan)
	}
	for platform, host := range map[string]string{GitHub: "github.com", GitLab: "gitlab.example.com"} {
		ids := strings.Join(sample(host).Identities(platform), "\n")
		seen := map[string]bool{}
		for _, one := range regexp.MustCompile(`(?m)^\S+:\n  issuer: (.*)\n  subject: (.*)\n  claims: (.*)$`).FindAllString(ids, -1) {
			_, who, _ := strings.Cut(one, "\n")
			if seen[who] {
				t.Errorf("%s: two jobs are %s", platform, who)
			}
			seen[who] = true
		}
		if len(seen) != 4 {
			t.Errorf("%s: expected four identities, found\n%s", platform, ids)
		}
	}
}

// What stands in a pipeline's file was checked: it can't hold an expression, end its line or its quotes.
func TestG02_HostileNames(t *testing.T) {
	hostile := []string{"a${{ github.token }}", "a\nb: c", `a"b`, "$[[ inputs.x ]]", "a b", "$(id)", "a`id`", "\u202eb", "", strings.Repeat("x", 300)}
	for _, bad := range hostile {
		for name, change := range map[string]func(*Pipeline){
			"stage": func(p *Pipeline) { p.Stages[0].Name = bad }, "subject": func(p *Pipeline) { p.Stages[1].Subjects = []string{bad} },
			"product": func(p *Pipeline) { p.Product = bad }, "environment": func(p *Pipeline) { p.Environments = []string{bad} },
			"branch": func(p *Pipeline) { p.Repository.Branch = bad },
		} {
			if name == "subject" && len(bad) == 300 {
				continue
			}
			p := sample("github.com")
			change(&p)
			if _, err := p.Files(GitHub); err == nil {
				t.Errorf("%s %q was taken", name, bad)
			}
		}
	}
	for _, stage := range []string{"promote", "enter-dev", "on", "1st", "a/b"} {
		p := sample("github.com")
		p.Stages[0].Name = stage
		if _, err := p.Files(GitHub); err == nil {
			t.Errorf("a stage named %s was taken", stage)
		}
	}
	if _, err := sample("gitlab.com").Files(GitHub); err == nil {
		t.Error("files for GitHub for a repository on GitLab")
	}
	if _, err := sample("github.com").Files(GitLab); err == nil {
		t.Error("files for GitLab for a repository on GitHub")
	}
}

func TestParseRemote(t *testing.T) {
	for url, want := range map[string]string{
		"https://github.com/acme/shop.git": "github.com acme/shop", "https://github.com/acme/shop": "github.com acme/shop", "git@github.com:acme/shop.git": "github.com acme/shop",
		"ssh://git@gitlab.example.com:2222/group/sub/shop.git": "gitlab.example.com group/sub/shop", "https://alice:secret@GitLab.com/acme/shop/": "gitlab.com acme/shop",
		"/srv/git/shop.git": "", "file:///srv/git/shop.git": "", "https://github.com/shop": "", "https://github.com/acme/sh op": "", "": "", "git@github.com:acme/${{x}}": "", "ext::sh -c id": "",
		"https://localhost/acme/shop": "",
	} {
		got, err := ParseRemote(url)
		if (err != nil) != (want == "") || err == nil && got.Host+" "+got.Path != want {
			t.Errorf("%q: expected %q, found %+v, %v", url, want, got, err)
		}
		if err != nil && strings.Contains(err.Error(), "secret") {
			t.Errorf("%q: the message shows a password: %v", url, err)
		}
	}
}

func TestNotes(t *testing.T) {
	p := sample("github.com")
	p.Stages[1].Subjects = []string{"dir:dist"}
	if notes := p.Notes(GitHub); len(notes) != 1 || !strings.Contains(notes[0], "modes") {
		t.Errorf("notes: %q", notes)
	}
	if notes := p.Notes(GitLab); len(notes) != 0 {
		t.Errorf("notes: %q", notes)
	}
}
