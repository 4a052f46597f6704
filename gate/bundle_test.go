// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/rules"
)

// policyFolder writes the policy of a world to a folder.
func policyFolder(t *testing.T, files map[string][]byte) string {
	t.Helper()
	dir := t.TempDir()
	for name, data := range files {
		file := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, data, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestP10_PolicyIsWhatWasSigned(t *testing.T) {
	w := newWorld(t)
	opt := LoadOptions{ParseKey: parseKey}
	dir := policyFolder(t, w.files)
	bundle, built, err := BuildPolicy(dir, opt)
	if err != nil {
		t.Fatal(err)
	}
	again, _, err := BuildPolicy(policyFolder(t, w.files), opt)
	if err != nil || !bytes.Equal(bundle, again) {
		t.Fatalf("the same policy gives other bytes (%v)", err)
	}
	opt.Origin.Signed = true
	p, err := UnpackPolicy("policy.tar.gz", bundle, opt)
	if err != nil {
		t.Fatal(err)
	}
	stated, at := built.Describe(), p.Expires.Add(-time.Hour)
	if err := p.CheckSigned(stated, at, p.Version); err != nil {
		t.Errorf("as it was signed: %v", err)
	}
	if p.RulesDigest() != builtinDigest(t) || len(p.Files) <= len(w.files) {
		t.Errorf("it does not bring the gate's rules: %d files", len(p.Files))
	}
	other := stated
	other.Digest = "sha256:" + strings.Repeat("0", 64)
	for name, err := range map[string]error{
		CodePolicyIntegrity: p.CheckSigned(other, at, 0),
		CodePolicyExpired:   p.CheckSigned(stated, p.Expires, 0),
		CodePolicyRollback:  p.CheckSigned(stated, at, p.Version+1),
	} {
		if attest.RejectCode(err) != name {
			t.Errorf("expected %s, found %v", name, err)
		}
	}
	opt.Origin.Signed = false
	if _, err := UnpackPolicy("policy.tar.gz", bundle, opt); err == nil || !strings.Contains(err.Error(), "signed policy") {
		t.Errorf("rules of its own in a policy that nobody signed: %v", err)
	}
}

// The gate's rules that a signed policy brings are those by which it is judged, not those of the program.
func TestPolicyBringsTheGatesRules(t *testing.T) {
	w := newWorld(t)
	own, err := rules.Sources()
	if err != nil {
		t.Fatal(err)
	}
	files := maps.Clone(w.files)
	for _, m := range own {
		files[m.Path] = m.Source
		if strings.HasSuffix(m.Path, "/sbom.rego") {
			files[m.Path] = append(bytes.Clone(m.Source), "\nrefuse contains {\"code\": \"STRICTER\", \"message\": \"as it was signed\"}\n"...)
		}
	}
	p, err := ParsePolicy("policy", files, LoadOptions{ParseKey: parseKey, Origin: Origin{Signed: true}})
	if err != nil {
		t.Fatal(err)
	}
	if p.RulesDigest() == builtinDigest(t) {
		t.Error("the program's own rules are used")
	}
}

func builtinDigest(t *testing.T) string {
	t.Helper()
	s, err := rules.Compile(rules.Options{Builtin: true})
	if err != nil {
		t.Fatal(err)
	}
	return s.Digest()
}
