// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"strings"
	"testing"
)

const samplePlan = `{
  "format_version": "1.2",
  "planned_values": {
    "root_module": {
      "resources": [
        {
          "address": "aws_s3_bucket.b", "mode": "managed", "type": "aws_s3_bucket", "name": "b",
          "values": {
            "bucket": "pics",
            "acl": null,
            "versioning": [{"enabled": false, "mfa": null}],
            "policy": "{\"Statement\":[{\"Action\":\"s3:*\",\"Principal\":\"*\"}]}"
          }
        },
        {"address": "aws_s3_bucket_public_access_block.p[0]", "mode": "managed", "type": "aws_s3_bucket_public_access_block", "name": "p", "index": 0, "values": {"block_public_acls": true}},
        {"address": "aws_x.gone", "mode": "managed", "type": "aws_x", "name": "gone", "values": {}}
      ],
      "child_modules": [
        {"address": "module.net[\"a\"]", "resources": [
          {"address": "module.net[\"a\"].aws_vpc.v", "mode": "managed", "type": "aws_vpc", "name": "v", "values": {"cidr": "10.0.0.0/8"}}
        ]}
      ]
    }
  },
  "resource_changes": [
    {"address": "aws_s3_bucket_public_access_block.p[0]", "change": {"actions": ["create"], "after_unknown": {"bucket": true, "id": true}}},
    {"address": "aws_x.gone", "change": {"actions": ["delete"]}}
  ],
  "configuration": {"root_module": {
    "resources": [{"address": "aws_s3_bucket_public_access_block.p", "expressions": {"bucket": {"references": ["aws_s3_bucket.b.id", "aws_s3_bucket.b"]}, "block_public_acls": {"constant_value": true}}}],
    "module_calls": {"net": {"module": {"resources": [{"address": "aws_vpc.v", "expressions": {"cidr": {"references": ["var.cidr"]}}}]}}}
  }}
}`

func TestPlan(t *testing.T) {
	items, problems, err := parsePlan(file{"plan.json", []byte(samplePlan)}, defaultLimits())
	if err != nil || len(problems) > 0 || len(items) != 3 {
		t.Fatalf("%d items, problems %v, error %v", len(items), problems, err)
	}
	b := find(t, items, "aws_s3_bucket.b")
	equal(t, "versioning", values(b)["versioning"], []any{map[string]any{"enabled": false}})
	if _, there := values(b)["acl"]; there {
		t.Error("a null attribute is there")
	}
	if p := b.Locate([]any{"versioning", 0, "enabled"}); p.Line != 11 || p.Column != 40 {
		t.Errorf("place %+v", p)
	}
	s := b.Doc["policies"].([]any)[0].(map[string]any)["statements"].([]any)[0].(map[string]any)
	equal(t, "path", s["path"], []any{"policy", "Statement", 0})
	if p := b.Locate(s["path"].([]any)); p.Line != 12 {
		t.Errorf("place of a statement %+v", p)
	}
	block := find(t, items, "aws_s3_bucket_public_access_block.p")
	equal(t, "unknown", values(block), map[string]any{"bucket": "${aws_s3_bucket.b.id}", "block_public_acls": true})
	equal(t, "refs", block.Doc["refs"], []any{"aws_s3_bucket.b"})
	equal(t, "resource", block.Resource, "aws_s3_bucket_public_access_block.p[0]")
	vpc := find(t, items, "aws_vpc.v")
	equal(t, "module", vpc.Doc["module"], `plan.json:module.net["a"]`)
	equal(t, "refs in a module", vpc.Doc["refs"], []any{"var.cidr"})
}

func TestPlanOfChangesOnly(t *testing.T) {
	items, _, err := parsePlan(file{"p.json", []byte(`{"resource_changes": [
		{"address": "aws_x.a", "mode": "managed", "type": "aws_x", "name": "a", "change": {"actions": ["update"], "after": {"public": true}, "after_unknown": {"key": true}}},
		{"address": "aws_x.b", "change": {"actions": ["delete"], "after": null}}]}`)}, defaultLimits())
	if err != nil || len(items) != 1 {
		t.Fatal(items, err)
	}
	equal(t, "values", values(items[0]), map[string]any{"public": true, "key": "${aws_x.a.key}"})
	if p := items[0].Locate([]any{"public"}); p.Line != 2 {
		t.Errorf("place %+v", p)
	}
}

func TestS17_Plan(t *testing.T) {
	_, problems, err := parsePlan(file{"p.json", []byte(strings.Repeat(`{"planned_values":`, 100_000))}, defaultLimits())
	if err != nil || len(problems) == 0 {
		t.Error("a deep plan:", problems, err)
	}
	_, problems, _ = parsePlan(file{"p.json", []byte(`{"planned_values": {}, "planned_values": {}}`)}, defaultLimits())
	if len(problems) != 1 {
		t.Error("a name that is there twice:", problems)
	}
}

func FuzzPlan(f *testing.F) {
	f.Add([]byte(samplePlan))
	f.Fuzz(func(t *testing.T, data []byte) {
		items, _, err := parsePlan(file{"plan.json", data}, limits{nodes: 5_000, depth: 40})
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
		for _, i := range items {
			checkDocument(t, i.Doc)
			i.Locate([]any{"policy", "Statement", 0})
		}
	})
}

// A plan that was cut short is told, not passed over.
func TestPlanCutShort(t *testing.T) {
	whole := `{"format_version": "1.2", "planned_values": {"root_module": {"resources": []}}}`
	for _, text := range []string{whole[:len(whole)-3], whole[:len(whole)-25]} {
		_, problems, err := Read(t.Context(), memoryTree{"plan.json": text}, Options{})
		if err != nil || len(problems) != 1 || problems[0].File != "plan.json" {
			t.Errorf("%s: %+v (%v)", text, problems, err)
		}
	}
}
