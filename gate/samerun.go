// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"regexp"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest"
)

// githubRun is a run on GitHub, with the attempt that does not tell runs apart: jobs that failed are run again in a new attempt of the same run.
var githubRun = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\A(https://[^/]+/[^/]+/[^/]+/actions/runs/[0-9]+)/attempts/[0-9]+\z`)
})

// runOf names the pipeline run that a certificate proves, or "". A GitHub certificate names its run. One of GitLab names only the job, so there the run is
// the source's digest, ref and repository: two pipelines of one commit on one branch are then one run.
func runOf(id attest.Identity) string {
	if id.Key != "" {
		return ""
	}
	if m := githubRun().FindStringSubmatch(id.Claims["runInvocationURI"]); m != nil {
		return m[1]
	}
	parts := []string{id.Issuer, id.Claims["sourceRepositoryDigest"], id.Claims["sourceRepositoryRef"], id.Claims[claimSource]}
	for _, part := range parts {
		if part == "" {
			return ""
		}
	}
	return strings.Join(parts, " ")
}

// run names the pipeline run of a receipt: what its certificates prove, else what it claims. "" where they contradict each other or prove none.
func (r *receipt) run() string {
	run, certified := "", false
	for _, e := range r.signers {
		if e.Signer().Key != "" {
			continue
		}
		proven := runOf(e.Signer())
		if proven == "" || (certified && proven != run) {
			return ""
		}
		run, certified = proven, true
	}
	if certified {
		return run
	}
	return r.link.Environment.Run
}

// sameRun compares the runs of two receipts. No run is the same as none.
func sameRun(a, b *receipt) bool { return a.run() != "" && a.run() == b.run() }

func nameOfRun(r *receipt) string {
	if run := r.run(); run != "" {
		return run
	}
	return "no run"
}
