// SPDX-License-Identifier: Apache-2.0

package ci

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sort"
	"strings"

	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
)

// FindRepository is the repository that a folder's remote origin names, and its default branch as far as that is known here, else the branch that is
// checked out. The folder has to be the top of its work tree, where both platforms look for their files.
func FindRepository(ctx context.Context, dir string, env []string) (Repository, error) {
	git, err := subject.OpenGit(ctx, dir, env)
	if err != nil {
		return Repository{}, fmt.Errorf("looking for the repository that the CI platform runs: %w", err)
	}
	if below, err := git.Line(ctx, "rev-parse", "--show-prefix"); err != nil || below != "" {
		return Repository{}, errors.Join(fmt.Errorf("this folder is %q in its repository, and CI platforms look for their files at the top\nhint: use -C with the top folder", below), err)
	}
	url, err := git.Line(ctx, "config", "--get", "remote.origin.url")
	if err != nil {
		return Repository{}, errors.New("the repository has no remote named origin, so the identities of its jobs are not known\nhint: git remote add origin https://HOST/OWNER/NAME.git")
	}
	where, err := ParseRemote(url)
	if err != nil {
		return Repository{}, err
	}
	for _, ref := range []string{"refs/remotes/origin/HEAD", "HEAD"} {
		if name, err := git.Line(ctx, "symbolic-ref", "--short", "-q", ref); err == nil && name != "" {
			where.Branch = strings.TrimPrefix(name, "origin/")
			return where, nil
		}
	}
	return Repository{}, errors.New("no branch is checked out, so the default branch is not known\nhint: git remote set-head origin --auto")
}

// maxPolicy bounds the policy's file.
const maxPolicy = 1 << 20

// FromPolicy puts stages into the order that the policy in a folder asks for, and finds the product and the environments that a job may enter without
// anybody's approval. Keys and trust of the policy are not read.
func FromPolicy(dir string, stages map[string]Stage, where Repository, isGo bool) (Pipeline, error) {
	out := Pipeline{Repository: where, Go: isGo}
	policy, err := readPolicy(dir)
	if err != nil {
		return out, err
	}
	set := map[string]bool{}
	for name := range stages {
		if _, known := policy.Stages[name]; !known {
			return out, fmt.Errorf("stage %q is not known to policy %q\nhint: add the stage to the policy, or correct its name", name, policy.Name)
		}
		set[name] = true
	}
	for _, name := range policy.StageOrder(set) {
		s := stages[name]
		s.Signer = first(policy.Stages[name].SignedBy)
		out.Stages = append(out.Stages, s)
	}
	var products []string
	for _, kind := range policy.Artifacts {
		for _, ref := range stages[kind.Product].Subjects {
			if !slices.Contains(products, ref) {
				products = append(products, ref)
			}
		}
	}
	if sort.Strings(products); len(products) != 1 {
		return out, fmt.Errorf("the product stages of policy %q make %d artifacts here (%s); a pipeline is written for one\nhint: write the files for the others by hand", policy.Name, len(products), strings.Join(products, ", "))
	}
	out.Product = products[0]
	for _, name := range policy.EnvironmentOrder() {
		e := policy.Environments[name]
		out.Promoter = cmp.Or(out.Promoter, first(e.PromotedBy))
		if e.Approvals == nil && (e.From == "" || slices.Contains(out.Environments, e.From)) {
			out.Environments = append(out.Environments, name)
		}
	}
	return out, nil
}

func first(names []string) string {
	if len(names) == 0 {
		return ""
	}
	return names[0]
}

func readPolicy(dir string) (*gate.Policy, error) {
	file := filepath.Join(dir, "policy.yaml")
	info, err := os.Stat(file)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w\nhint: name its folder with --policy", err)
	}
	if info.Size() > maxPolicy {
		return nil, fmt.Errorf("reading the policy: %s has %d bytes, limit %d", file, info.Size(), maxPolicy)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("reading the policy: %w", err)
	}
	p := &gate.Policy{}
	_, err = gate.DecodeYAML(file, data, &p.PolicyFile)
	return p, err
}
