// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest/attesttest"
)

// What is refused without evidence is refused with all of it as well, with the same reasons among others; what is not could still go either way.
func TestStatic(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*world)
		req    Request
		code   string
	}{
		"sound":       {nil, stay("prod"), ""},
		"environment": {nil, stay("nope"), CodeUnknownEnvironment},
		"expired":     {func(w *world) { w.at = time.Date(2028, 1, 1, 0, 0, 0, 0, time.UTC) }, stay("prod"), CodePolicyExpired},
		"min version": {nil, Request{Environment: "prod", Question: Stay, MinVersion: 9}, CodePolicyRollback},
		"repository":  {nil, Request{Environment: "prod", Question: Stay, Repository: "registry.example.com/other/shop"}, CodeRepository},
		"listed":      {nil, Request{Environment: "prod", Question: Stay, Repository: "registry.example.com/shop/shop"}, ""},
		"revoked":     {func(w *world) { w.revoke("{subject: \"" + w.image.Digest.Primary().String() + "\", reason: x}") }, stay("prod"), CodeRevoked},
		"protected": {func(w *world) {
			w.policyText("  dev: {stages: [source, build], promotedBy: [build-job]}", "  dev: {stages: [source, build], promotedBy: [build-job], protected: true}")
		}, stay("dev"), CodePolicyUnsigned},
		"any will do":   {func(w *world) { w.policyText(`, repositories: ["registry.example.com/shop/*"]`, "") }, Request{Environment: "prod", Question: Stay, Repository: "evil.example.com/x"}, ""},
		"other subject": {nil, Request{Environment: "prod", Question: Stay, Subject: attesttest.Artifact("other", "other")}, ""},
	} {
		w := newWorld(t).chain()
		if c.change != nil {
			c.change(w)
		}
		w.promote("dev", "build-job").promote("prod", "release-job")
		p := w.load()
		req := w.fill(c.req)
		d, done := p.Static(req, "test")
		if done != (c.code != "") {
			t.Errorf("%s: done %t: %+v", name, done, d.Reasons)
			continue
		}
		if !done {
			continue
		}
		if d.Verdict != Refused || d.ID == "" || !hasCode(d, c.code) {
			t.Errorf("%s: %s %+v", name, d.Verdict, d.Reasons)
		}
		full := w.gate(p, w.store()).Check(t.Context(), req)
		if full.Verdict == Allowed {
			t.Errorf("%s: refused without evidence and allowed with it", name)
		}
		for _, r := range d.Reasons {
			if !hasCode(full, r.Code) {
				t.Errorf("%s: %s is missing among %+v", name, r.Code, full.Reasons)
			}
		}
	}
}

func hasCode(d Decision, code string) bool {
	for _, r := range d.Reasons {
		if r.Code == code {
			return true
		}
	}
	return false
}

func TestNamesHost(t *testing.T) {
	p := newWorld(t).load()
	for patterns, names := range map[string]map[string]bool{
		"registry.example.com/shop/*":   {"registry.example.com/shop/a": true, "registry.example.com/other/a": false, "evil.example.com/shop/a": false},
		"*/shop/*":                      {"registry.example.com/shop/a": false},
		"*.example.com/shop/*":          {"registry.example.com/shop/a": false},
		"registry.example.co?/shop/*":   {"registry.example.com/shop/a": false},
		"registry.example.com/*/a":      {"registry.example.com/x/a": true},
		"a.example.com/x b.example.com": {"a.example.com/x": true, "b.example.com": true},
		"":                              {"registry.example.com/shop/a": false},
	} {
		p.Artifacts = map[string]Artifact{"service": {Product: "build", Repositories: strings.Fields(patterns)}}
		for repository, want := range names {
			if got := p.NamesHost(repository); got != want {
				t.Errorf("%q and %s: %t", patterns, repository, got)
			}
		}
	}
	if p.TrustRoot() == "" {
		t.Error("no trust root")
	}
}
