// SPDX-License-Identifier: Apache-2.0

package flows_test

import (
	"encoding/json"
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/rules"
	"github.com/sealock-dev/sealock/rules/config"
	"github.com/sealock-dev/sealock/scanners/config/flows"
)

// judge gives what the rules of the segmentation family say of manifests, as "rule item path: message".
func judge(t *testing.T, manifests, flowsDeclared string) []string {
	t.Helper()
	all, err := config.Modules(os.DirFS("../../../rules/config"), false)
	if err != nil {
		t.Fatal(err)
	}
	own := slices.DeleteFunc(all, func(m rules.Module) bool {
		return !strings.Contains(m.Path, "/segmentation/") && !strings.Contains(m.Path, "/lib/")
	})
	f, err := rules.CompileFindings(rules.FindingOptions{Own: own})
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(compute(t, manifests, flowsDeclared))
	if err != nil {
		t.Fatal(err)
	}
	var graph any
	if err := json.Unmarshal(raw, &graph); err != nil {
		t.Fatal(err)
	}
	found, err := f.Find(t.Context(), rules.Input{Document: map[string]any{"graph": graph}, At: time.Date(2027, 1, 1, 0, 0, 0, 0, time.UTC)})
	if err != nil {
		t.Fatal(err)
	}
	docs := objects(t, manifests)
	out := []string{}
	for _, x := range found {
		out = append(out, x.Rule.ID+" "+x.Severity+": "+x.Message)
		if !slices.ContainsFunc(docs, func(o flows.Object) bool { return o.Item == x.Item }) {
			t.Errorf("%s: no item %d", x.Rule.ID, x.Item)
		}
	}
	slices.Sort(out)
	return out
}

func TestSample_NoFinding(t *testing.T) {
	if found := judge(t, sample(t), sampleDeclared); len(found) != 0 {
		t.Errorf("findings on the sample:\n%s", strings.Join(found, "\n"))
	}
}

func TestSample_Findings(t *testing.T) {
	without := func(kind string, names ...string) string {
		all := sample(t)
		for _, n := range names {
			all = strings.Replace(all, part(t, all, kind, n), "", 1)
		}
		return all
	}
	for _, c := range []struct {
		name, manifests string
		want            []string
	}{
		{"another environment", changed(t, "Deployment", "payments", "        app.kubernetes.io/part-of: shop\n        environment: prod", "        app.kubernetes.io/part-of: shop\n        environment: dev"), []string{
			`segmentation.cross-environment high: shop/payments, in environment "dev", may connect to shop/auth, in "prod"`,
			`segmentation.cross-environment high: shop/payments, in environment "dev", may connect to shop/catalog, in "prod"`}},
		{"policies gone", without("NetworkPolicy", "default-deny", "auth"), []string{
			"segmentation.default-deny medium: no network policy limits the ingress of shop/auth",
			"segmentation.undeclared-flow high: */* may connect to shop/auth, which is not declared: " +
				"any SCTP port; any TCP port, though AuthorizationPolicies let no request pass; any UDP port; protocols without ports"}},
		{"an empty rule", changed(t, "NetworkPolicy", "catalog", "  ingress:\n", "  ingress:\n    - {}\n"), []string{
			"segmentation.allow-all high: NetworkPolicy shop/catalog allows the one workload that it selects any ingress"}},
		{"a policy alone is no cover", changed(t, "NetworkPolicy", "default-deny", "podSelector: {}", "podSelector: {matchLabels: {app: nothing}}"), nil},
		{"a field misspelt", changed(t, "NetworkPolicy", "default-deny", "policyTypes", "policyType"), []string{
			`segmentation.policy-read high: NetworkPolicy shop/default-deny: unknown field "policyType"`}},
	} {
		t.Run(c.name, func(t *testing.T) {
			found := judge(t, c.manifests, sampleDeclared)
			for _, w := range c.want {
				if !slices.Contains(found, w) {
					t.Errorf("not found: %s", w)
				}
			}
			if c.want == nil && len(found) > 0 || t.Failed() {
				t.Errorf("found:\n%s", strings.Join(found, "\n"))
			}
		})
	}
}
