// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
	"strings"
	"testing"
)

func TestTerraformBlocks(t *testing.T) {
	items := terraformItems(t, map[string]string{"infra/main.tf": `terraform {
  backend "s3" {
    bucket = "state"
  }
}
provider "aws" {
  alias = "west"
}
variable "ports" {
  type    = list(number)
  default = [22, 443]
}
resource "aws_s3_bucket" "pictures" {
  bucket = "pics"
  acl    = null
  tags = {
    team = local.team
  }
  versioning {
    enabled = true
  }
}
locals { team = "web" }
resource "aws_security_group" "web" {
  vpc_id = aws_vpc.main.id
  dynamic "ingress" {
    for_each = var.ports
    content {
      from_port   = ingress.value
      cidr_blocks = ["10.0.0.0/8",
        "0.0.0.0/0"]
    }
  }
  dynamic "egress" {
    for_each = aws_x.y.rules
    iterator = rule
    content {
      to_port = rule.value.port
    }
  }
}
resource "aws_x" "none" { count = 0 }
resource "aws_x" "also_none" { for_each = {} }
resource "aws_x" "each" {
  for_each = { a = { public = true, name = "a" }, b = { public = true, name = "b" } }
  name     = each.value.name
  public   = each.value.public
  key      = each.key
}
data "aws_iam_policy_document" "p" {
  statement {
    actions   = ["s3:*"]
    resources = ["*"]
    principals {
      type        = "AWS"
      identifiers = ["*"]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = [true]
    }
  }
}
`})
	bucket := find(t, items, "aws_s3_bucket.pictures")
	equal(t, "values", values(bucket), map[string]any{"bucket": "pics", "tags": map[string]any{"team": "web"}, "versioning": []any{map[string]any{"enabled": true}}})
	equal(t, "refs", bucket.Doc["refs"], []any{"local.team"})
	equal(t, "module", bucket.Doc["module"], "infra")
	for _, c := range []struct {
		path         []any
		line, column int
	}{
		{nil, 13, 1},
		{[]any{"acl"}, 15, 12},
		{[]any{"values", "acl"}, 15, 12},
		{[]any{"tags", "team"}, 17, 12},
		{[]any{"versioning", 0.0, "enabled"}, 20, 15},
		{[]any{"versioning", 0, "missing"}, 19, 3},
		{[]any{"missing", 0}, 13, 1},
	} {
		if p := bucket.Locate(c.path); p.Line != c.line || p.Column != c.column || p.File != "infra/main.tf" {
			t.Errorf("place of %v: %+v, want %d:%d", c.path, p, c.line, c.column)
		}
	}
	group := find(t, items, "aws_security_group.web")
	cidrs := []any{"10.0.0.0/8", "0.0.0.0/0"}
	equal(t, "group", values(group), map[string]any{
		"vpc_id":  "${aws_vpc.main.id}",
		"ingress": []any{map[string]any{"from_port": 22, "cidr_blocks": cidrs}, map[string]any{"from_port": 443, "cidr_blocks": cidrs}},
		"egress":  []any{map[string]any{"to_port": "${rule.value.port}"}},
	})
	equal(t, "refs", group.Doc["refs"], []any{"aws_vpc.main", "aws_x.y", "var.ports"})
	if p := group.Locate([]any{"ingress", 1, "cidr_blocks", 1}); p.Line != 31 {
		t.Errorf("place of a dynamic block's value: %+v", p)
	}
	var each []any
	for _, i := range items {
		if i.Doc["address"] == "aws_x.each" {
			each = append(each, []any{values(i)["public"], values(i)["name"], values(i)["key"]})
		}
	}
	equal(t, "for_each", each, []any{[]any{true, "a", "a"}, []any{true, "b", "b"}})
	if slices.ContainsFunc(items, func(i Item) bool { return strings.Contains(i.Resource, "none") }) {
		t.Error("a resource with count = 0 is there")
	}
	equal(t, "type of a variable", values(find(t, items, "var.ports"))["type"], "list(number)")
	equal(t, "backend", values(find(t, items, "terraform"))["backend"], []any{map[string]any{"type": "s3", "bucket": "state"}})
	find(t, items, "provider.aws.west")
	equal(t, "policies", find(t, items, "data.aws_iam_policy_document.p").Doc["policies"], []any{map[string]any{"path": []any{}, "statements": []any{
		map[string]any{"path": []any{"statement", 0}, "effect": "Allow", "actions": []any{"s3:*"}, "notActions": []any{}, "resources": []any{"*"}, "notResources": []any{},
			"principals": []any{map[string]any{"type": "AWS", "identifiers": []any{"*"}}}, "notPrincipals": []any{},
			"conditions": []any{map[string]any{"test": "Bool", "variable": "aws:SecureTransport", "values": []any{"true"}}}},
	}}})
}

func TestPolicyJSON(t *testing.T) {
	items := terraformItems(t, map[string]string{"main.tf": `resource "aws_iam_policy" "encoded" {
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect = "Allow"
      Action = "iam:PassRole"
      Resource = "${aws_s3_bucket.b.arn}/*"
      Principal = "*"
    }]
  })
}
resource "aws_iam_policy" "heredoc" {
  policy = <<EOF
{
  "Statement": {
    "Effect": "Deny",
    "Action": ["s3:Get*"],
    "NotResource": ${jsonencode(var.list)},
    "Resource": "${var.map["x"]}/*",
    "Condition": {"StringEquals": {"aws:x": "v"}},
    "Principal": {"Service": "ec2.amazonaws.com"}
  }
}
EOF
}
resource "aws_iam_policy" "indented" {
  policy = <<-EOF
    {
      "Statement": [
        {"Effect": "Allow", "Action": "*",
         "Resource": "*"}
      ]
    }
  EOF
}
resource "aws_iam_role" "r" {
  assume_role_policy = "{\"Statement\": [{\"Principal\": {\"AWS\": [\"a\"]}}]}"
  inline_policy {
    policy = local.document
  }
}
resource "aws_iam_policy" "reference" {
  policy = data.aws_iam_policy_document.p.json
}
locals {
  document = jsonencode({ Statement = [{ Effect = "Allow", Action = [var.x], Resource = "*" }] })
}
variable "list" {}
variable "map" {}
variable "x" {}
`})
	statement := func(address string, n int) map[string]any {
		t.Helper()
		p := find(t, items, address).Doc["policies"].([]any)
		if n >= len(p) {
			t.Fatalf("%s has %d policies", address, len(p))
		}
		return p[n].(map[string]any)["statements"].([]any)[0].(map[string]any)
	}
	at := func(address string, line, column int, more ...any) {
		t.Helper()
		item := find(t, items, address)
		path := append(slices.Clone(statement(address, 0)["path"].([]any)), more...)
		if p := item.Locate(path); p.Line != line || p.Column != column {
			t.Errorf("%s %v is at %+v, want %d:%d", address, path, p, line, column)
		}
	}
	s := statement("aws_iam_policy.encoded", 0)
	equal(t, "actions", s["actions"], []any{"iam:PassRole"})
	equal(t, "resources", s["resources"], []any{"${aws_s3_bucket.b.arn}/*"})
	equal(t, "principals", s["principals"], []any{map[string]any{"type": "*", "identifiers": []any{"*"}}})
	at("aws_iam_policy.encoded", 4, 18)
	at("aws_iam_policy.encoded", 6, 16, "Action")
	s = statement("aws_iam_policy.heredoc", 0)
	equal(t, "effect", s["effect"], "Deny")
	equal(t, "notResources", s["notResources"], []any{"${jsonencode(var.list)}"})
	equal(t, "resources", s["resources"], []any{`${var.map["x"]}/*`})
	equal(t, "conditions", s["conditions"], []any{map[string]any{"test": "StringEquals", "variable": "aws:x", "values": []any{"v"}}})
	equal(t, "principals", s["principals"], []any{map[string]any{"type": "Service", "identifiers": []any{"ec2.amazonaws.com"}}})
	at("aws_iam_policy.heredoc", 17, 15, "Action")
	at("aws_iam_policy.indented", 30, 9)
	at("aws_iam_policy.indented", 31, 22, "Resource")
	equal(t, "path", statement("aws_iam_role.r", 1)["path"], []any{"inline_policy", 0, "policy", "Statement", 0})
	equal(t, "actions", statement("aws_iam_role.r", 1)["actions"], []any{"${var.x}"})
	equal(t, "a reference", find(t, items, "aws_iam_policy.reference").Doc["policies"], []any{})
}

func TestModules(t *testing.T) {
	items := terraformItems(t, map[string]string{
		"main.tf":             "module \"a\" {\n source = \"./modules/bucket\"\n acl = var.acl\n}\nmodule \"b\" {\n source = \"./modules/bucket\"\n acl = \"private\"\n}\nvariable \"acl\" { default = \"private\" }\n",
		"terraform.tfvars":    "acl = \"public-read\"\n",
		"modules/bucket/m.tf": "variable \"acl\" { default = \"unused\" }\nresource \"aws_s3_bucket\" \"b\" {\n acl = var.acl\n}\nresource \"aws_s3_bucket\" \"same\" {}\n",
		"other/x.tf":          "variable \"acl\" { default = \"default\" }\nresource \"aws_s3_bucket\" \"o\" {\n acl = var.acl\n}\n",
	})
	var acls []any
	for _, i := range items {
		if i.Doc["address"] == "aws_s3_bucket.b" {
			acls = append(acls, values(i)["acl"])
			equal(t, "module", i.Doc["module"], "modules/bucket")
		}
	}
	equal(t, "acls of both calls", acls, []any{"public-read", "private"})
	find(t, items, "aws_s3_bucket.same")
	equal(t, "default", values(find(t, items, "aws_s3_bucket.o"))["acl"], "default")

	items, problems, err := parseTerraformTree(folders(map[string]string{
		"circle/x.tf":  "module \"x\" {\n  source = \"../circle2\"\n}\nresource \"aws_x\" \"c\" {}\n",
		"circle2/x.tf": "module \"x\" {\n  source = \"../circle\"\n}\n",
	}), defaultLimits())
	if err != nil || len(problems) != 1 || problems[0].Line != 1 || !strings.Contains(problems[0].Message, "circle") {
		t.Errorf("problems %v, error %v", problems, err)
	}
	find(t, items, "aws_x.c")
}

func TestTerraformJSON(t *testing.T) {
	items := terraformItems(t, map[string]string{"main.tf.json": `{
  "//": "comment",
  "variable": {"region": {"default": "eu"}},
  "locals": {"x": "${var.region}-1"},
  "terraform": {"backend": {"s3": {"bucket": "b"}}},
  "resource": {
    "aws_s3_bucket": {
      "b": {
        "bucket": "${local.x}",
        "tags": {"a": "b"},
        "versioning": {"enabled": true},
        "rule": [{"n": 1}, {"n": 2}],
        "kms": "${aws_kms_key.k.arn}"
      }
    }
  }
}`})
	b := find(t, items, "aws_s3_bucket.b")
	equal(t, "values", values(b), map[string]any{"bucket": "eu-1", "tags": map[string]any{"a": "b"}, "kms": "${aws_kms_key.k.arn}",
		"versioning": []any{map[string]any{"enabled": true}}, "rule": []any{map[string]any{"n": 1}, map[string]any{"n": 2}}})
	equal(t, "refs", b.Doc["refs"], []any{"aws_kms_key.k", "local.x"})
	if p := b.Locate([]any{"versioning", 0, "enabled"}); p.Line != 11 {
		t.Errorf("place: %+v", p)
	}
}
