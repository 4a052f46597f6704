// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

func release(hex, finished, ref string) Decision {
	d := Decision{Verdict: Allowed, Environment: "prod", Subject: attest.Subject{Name: "shop", Digest: attest.DigestSet{"sha256": attest.SHA256([]byte(hex)).Hex}}}
	if finished != "" {
		d.Stages = []StageStatus{{Name: "source", Receipt: "sha256:00", FinishedAt: "2030-01-01T00:00:00Z"}, {Name: "build", Receipt: "sha256:01", FinishedAt: finished,
			Signer: attest.Identity{Claims: map[string]string{"sourceRepositoryRef": ref}}}}
	}
	return d
}

func holds(tag, hex, finished string) Held {
	d := release(hex, finished, "")
	return Held{Tag: tag, Digest: d.Subject.Digest.Primary(), Decision: d}
}

func TestC22_OlderReleaseUnderANewerName(t *testing.T) {
	p := &Policy{PolicyFile: PolicyFile{Artifacts: map[string]Artifact{"service": {Product: "build"}}}}
	const old, now = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
	for name, c := range map[string]struct {
		candidate Decision
		tag       string
		held      []Held
		refused   bool
		known     bool
	}{
		"nothing there":          {release("a", old, ""), "prod", nil, false, true},
		"newer":                  {release("a", now, ""), "prod", []Held{holds("prod", "b", old)}, false, true},
		"older":                  {release("a", old, ""), "prod", []Held{holds("prod", "b", now)}, true, true},
		"made at once":           {release("a", old, ""), "prod", []Held{holds("prod", "b", old)}, false, true},
		"the same":               {release("a", old, ""), "prod", []Held{holds("prod", "a", now)}, false, true},
		"nobody knows":           {release("a", old, ""), "prod", []Held{holds("prod", "b", "")}, false, false},
		"older than the version": {release("a", old, ""), "v2", []Held{holds("v1", "b", now)}, true, true},
		"no time":                {release("a", "", ""), "prod", []Held{holds("prod", "b", now)}, true, true},
		"another version":        {release("a", now, "refs/tags/v1.4.0"), "v1.5.0", nil, true, true},
		"the same version":       {release("a", now, "refs/tags/v1.4.0"), "1.4", nil, false, true},
		"a branch":               {release("a", now, "refs/heads/v1.4.0"), "v1.5.0", nil, false, true},
		"a name":                 {release("a", now, "refs/tags/v1.4.0"), "prod", nil, false, true},
	} {
		reason, known := p.Rollback(c.candidate, c.tag, c.held)
		if (reason != nil) != c.refused || known != c.known || reason != nil && reason.Code != CodeRollback {
			t.Errorf("%s: %+v, known %v", name, reason, known)
		}
	}
}

// C-22: in a protected environment, taking away the evidence about what the destination holds does not let an older release back in.
func TestC22_NothingIsKnownOfTheHolder(t *testing.T) {
	p := &Policy{PolicyFile: PolicyFile{Artifacts: map[string]Artifact{"service": {Product: "build"}}, Environments: map[string]Environment{"prod": {Protected: true}}}}
	const old, now = "2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"
	for name, c := range map[string]struct {
		held    []Held
		refused bool
	}{
		"nothing there":           {nil, false},
		"newer than it":           {[]Held{holds("prod", "b", old)}, false},
		"the same":                {[]Held{holds("prod", "a", "")}, false},
		"nobody knows":            {[]Held{holds("prod", "b", "")}, true},
		"nobody knows of one":     {[]Held{holds("v2", "b", old), holds("v1", "c", "")}, true},
		"nobody knows of another": {[]Held{holds("v2", "b", ""), holds("v1", "c", old)}, true},
	} {
		reason, _ := p.Rollback(release("a", now, ""), "prod", c.held)
		if (reason != nil) != c.refused || reason != nil && (reason.Code != CodeRollback || reason.Fix == "") {
			t.Errorf("%s: %+v", name, reason)
		}
	}
}

func TestVersions(t *testing.T) {
	all := []string{"latest", "v1.2.0", "1.10", "v1.9.9", "v2.0.0-rc.1", "20260101", "v0"}
	for tag, want := range map[string]string{"v1.10.1": "1.10", "v2": "v2.0.0-rc.1", "1.10": "v1.9.9", "v0": "", "latest": "", "20260102": "", "v0.1": "v0", "v1.2": "v0"} {
		if got := VersionBefore(tag, all); got != want {
			t.Errorf("before %s: %q, expected %q", tag, got, want)
		}
	}
}

func TestRefuseNeverAllows(t *testing.T) {
	for _, v := range []Verdict{Refused, Undecided, Allowed} {
		d := Decision{Verdict: v}
		if got := d.Refuse(Reason{Code: CodeRollback}); got.Verdict == Allowed || len(got.Reasons) != 1 || got.ID == "" || v == Undecided && got.Verdict != Undecided {
			t.Errorf("%s: %s", v, got.Verdict)
		}
		if got := d.Leave(Reason{Code: CodeStore}); got.Verdict != Undecided {
			t.Errorf("%s: %s", v, got.Verdict)
		}
	}
}
