// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
)

// nothing is a digest that no repository holds: asking for it shows whether asking is allowed.
var nothing = attest.Digest{Algorithm: "sha256", Hex: strings.Repeat("0", 64)}

// examineRegistries says, for each repository that the store or a stage lies in, who we are there and whether it answers.
func (d *doctor) examineRegistries(ctx context.Context) {
	var repos []string
	if repo, ok := strings.CutPrefix(d.storeName, registryStore); ok {
		repos = append(repos, repo)
	}
	if d.pipeline != nil {
		for _, name := range d.pipeline.Names() {
			repos = append(repos, d.repositories(d.pipeline.Stages[name].Subjects)...)
		}
	}
	slices.Sort(repos)
	for _, repo := range slices.Compact(repos) {
		d.examineRegistry(ctx, repo)
	}
}

func (d *doctor) examineRegistry(ctx context.Context, name string) {
	const login = "log in with 'docker login', or name a file with --registry-config"
	_, credentials, err := d.registries()
	if err != nil {
		d.fail("registry", err, login)
		return
	}
	repo, err := d.repository(name)
	if err != nil {
		d.fail("registry", err, "correct the name")
		return
	}
	who := "nobody (no credential for it)"
	credential, err := credentials.For(ctx, name)
	if err != nil {
		d.fail("registry", err, login)
		return
	}
	if !credential.Anonymous() {
		who = credential.Username + " by " + credential.Source
	}
	if d.offline {
		d.ok("registry", "%s as %s; not asked, because of --offline", name, who)
		return
	}
	_, supported, err := repo.Referrers(ctx, nothing)
	switch {
	case err != nil && !registry.IsNotFound(err):
		d.fail("registry", err, login)
	case supported:
		d.ok("registry", "%s as %s, with the referrers API", name, who)
	default:
		d.ok("registry", "%s as %s, without the referrers API: evidence is found by tags", name, who)
	}
}
