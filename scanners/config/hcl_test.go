// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"slices"
	"strings"
	"testing"
)

// folders gives the Terraform files of a tree as folders.
func folders(files map[string]string) []terraformFolder {
	byFolder := map[string][]file{}
	for _, p := range sortedKeys(files) {
		dir := strings.TrimPrefix(path.Dir(p), ".")
		byFolder[dir] = append(byFolder[dir], file{path: p, data: []byte(files[p])})
	}
	var out []terraformFolder
	for _, dir := range sortedKeys(byFolder) {
		out = append(out, terraformFolder{dir, byFolder[dir]})
	}
	return out
}

func terraformItems(t *testing.T, files map[string]string) []Item {
	t.Helper()
	items, problems, err := parseTerraformTree(folders(files), defaultLimits())
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, error %v", problems, err)
	}
	return items
}

// find gives the only item with an address.
func find(t *testing.T, items []Item, address string) Item {
	t.Helper()
	var found []Item
	for _, i := range items {
		if i.Doc["address"] == address {
			found = append(found, i)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d items with address %s, want 1: %v", len(found), address, items)
	}
	return found[0]
}

func values(i Item) map[string]any { return i.Doc["values"].(map[string]any) }

func equal(t *testing.T, what string, got, want any) {
	t.Helper()
	if !reflect.DeepEqual(got, want) {
		t.Errorf("%s:\n got %#v\nwant %#v", what, got, want)
	}
}

func TestExpressions(t *testing.T) {
	tests := map[string]any{
		`1 + 2 * 3`:               7,
		`"a-${"b"}-${1}-${true}"`: "a-b-1-true",
		`aws_kms_key.data.arn`:    "${aws_kms_key.data.arn}",
		`"arn:${data.aws_partition.now.partition}:s3:x"`: "arn:${data.aws_partition.now.partition}:s3:x",
		`"$${aws:username}"`:                             "${aws:username}",
		`var.region`:                                     "eu-west-1",
		`var.missing`:                                    "${var.missing}",
		`var.nodefault`:                                  "${var.nodefault}",
		`var.nodefault.sub[0]`:                           "${var.nodefault.sub[0]}",
		`local.name`:                                     "shop-eu-west-1",
		`local.deep.list[1]`:                             2,
		`local.a`:                                        "${local.b}",
		`"${local.partial}/*"`:                           "arn:aws:s3:::${aws_s3_bucket.b.id}/*",
		`upper(local.partial)`:                           "${upper(local.partial)}",
		`upper("x")`:                                     "X",
		`jsonencode({a = [1, true, null], b = "x"})`:   `{"a":[1,true,null],"b":"x"}`,
		`jsonencode({a = aws_x.y.arn})`:                `{"a":"${aws_x.y.arn}"}`,
		`jsondecode("{\"a\": [1, 2.5]}").a`:            []any{1, 2.5},
		`merge({a = 1}, {b = 2}, null)`:                map[string]any{"a": 1, "b": 2},
		`concat(["0.0.0.0/0"], var.nodefault)`:         []any{"0.0.0.0/0", "${var.nodefault}"},
		`format("%s-%03d", "a", 7)`:                    "a-007",
		`format("%s-%s%%", "a", aws_x.y.id)`:           "a-${aws_x.y.id}%",
		`formatlist("x-%s", ["a", "b"])`:               []any{"x-a", "x-b"},
		`join(",", ["a", aws_x.y.id])`:                 "a,${aws_x.y.id}",
		`split(",", "a,b")`:                            []any{"a", "b"},
		`toset(["b", "a", "b"])`:                       []any{"b", "a"},
		`length([1, 2])`:                               2,
		`length("abc")`:                                3,
		`lookup({a = 1}, "b", 3)`:                      3,
		`element(["a", "b"], 3)`:                       "b",
		`flatten([[1, [2]], [aws_x.y.id]])`:            []any{1, 2, "${aws_x.y.id}"},
		`keys({b = 1, a = 2})`:                         []any{"a", "b"},
		`values({b = 1, a = 2})`:                       []any{2, 1},
		`replace("a.b", ".", "-")`:                     "a-b",
		`replace("a1b2", "/[0-9]/", "-")`:              "a-b-",
		`coalesce("", null, "x")`:                      "x",
		`try(local.deep.nothing, "fallback")`:          "fallback",
		`try(aws_x.y.id, "fallback")`:                  "${aws_x.y.id}",
		`can(local.deep.nothing)`:                      false,
		`base64encode("hi")`:                           "aGk=",
		`contains(["a"], "a")`:                         true,
		`startswith("abc", "ab")`:                      true,
		`[for s in ["a", "b"] : upper(s) if s != "a"]`: []any{"B"},
		`{for k, v in {a = 1} : k => v + 1}`:           map[string]any{"a": 2},
		`{for i in ["a", "b"] : "k" => i...}`:          map[string]any{"k": []any{"a", "b"}},
		`[for s in var.nodefault : s]`:                 "${[for s in var.nodefault : s]}",
		`local.objects[*].id`:                          []any{1, 2},
		`aws_x.y[*].id`:                                "${aws_x.y[*].id}",
		`true ? "a" : "b"`:                             "a",
		`var.nodefault ? "a" : "a"`:                    "a",
		`var.nodefault ? "a" : "b"`:                    `${var.nodefault ? "a" : "b"}`,
		`false && var.nodefault`:                       false,
		`var.nodefault || true`:                        true,
		`"8080" == 8080`:                               true,
		`"%{if true}yes%{else}no%{endif}"`:             "yes",
		`"%{for x in ["a", "b"]}${x};%{endfor}"`:       "a;b;",
		`file("x")`:                                    `${file("x")}`,
		`cidrsubnet("10.0.0.0/8", 8, 1)`:               `${cidrsubnet("10.0.0.0/8", 8, 1)}`,
		`{(var.region) = 1, "b-${var.region}" = 2}`:    map[string]any{"eu-west-1": 1, "b-eu-west-1": 2},
		`var.object.on`:                                true,
		`var.object.list[0].port`:                      443,
		`1 / 0`:                                        "${1 / 0}",
		`range(3)`:                                     []any{0, 1, 2},
		`range(100000000)`:                             "${range(100000000)}",
		`format("%999999999d", 1)`:                     `${format("%999999999d", 1)}`,
		`tonumber("12")`:                               12,
		`-var.nodefault`:                               "${-var.nodefault}",
		`one([])`:                                      nil,
	}
	const around = `
variable "region" { default = "eu-west-1" }
variable "nodefault" {}
variable "object" {
  type = object({ on = optional(bool, true), list = list(object({ port = optional(number, 443) })) })
  default = { list = [{}] }
}
locals {
  name    = "shop-${var.region}"
  deep    = { list = [1, 2] }
  objects = [{ id = 1 }, { id = 2 }]
  partial = "arn:aws:s3:::${aws_s3_bucket.b.id}"
  a       = local.b
  b       = local.a
}
`
	for expr, want := range tests {
		t.Run(expr, func(t *testing.T) {
			items := terraformItems(t, map[string]string{"main.tf": around + "output \"x\" {\n value = " + expr + "\n}\n"})
			equal(t, expr, values(find(t, items, "output.x"))["value"], want)
		})
	}
}

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
	equal(t, "for_each", values(find(t, items, "aws_x.each"))["public"], true)
	equal(t, "for_each", values(find(t, items, "aws_x.each"))["name"], "${each.value.name}")
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

// A broken file is a problem, and what could be read of it is judged.
func TestTerraformProblems(t *testing.T) {
	for name, content := range map[string]string{
		"a.tf":      "resource \"aws_x\" \"y\" {\n  public = true\n}\nresource \"aws_z\" {{\n",
		"a.tf.json": "{\"resource\": ",
		"b.tf":      "x = " + strings.Repeat("(", 10_000) + "1" + strings.Repeat(")", 10_000),
		"c.tf":      "x = " + strings.Repeat("!", 20_000) + "true",
		"d.tf":      "x = \"" + strings.Repeat("%{if true}", 20_000) + "\"",
		"e.tf":      "x = (" + strings.Repeat("true ? 1 :\n", 20_000) + "1)",
		"b.tf.json": strings.Repeat("[", 100_000),
		"c.tf.json": `{"locals": {"a": "${` + strings.Repeat("[", 10_000) + `}"}}`,
	} {
		_, problems, err := parseTerraform("", []file{{name, []byte(content)}}, defaultLimits())
		if err != nil || len(problems) == 0 || problems[0].File != name || problems[0].Line == 0 {
			t.Errorf("%s: problems %v, error %v", name, problems, err)
		}
	}
	items, _, _ := parseTerraform("", []file{{"a.tf", []byte("resource \"aws_x\" \"y\" {\n  public = true\n}\nresource \"aws_z\" {{\n")}}, defaultLimits())
	find(t, items, "aws_x.y")
}

// TestS17_Terraform: what grows without end is cut off, and said so.
func TestS17_Terraform(t *testing.T) {
	var bomb strings.Builder
	bomb.WriteString("locals {\n  list0 = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]\n  text0 = \"0123456789\"\n")
	for i := range 12 {
		list, text := fmt.Sprintf("local.list%d, ", i), fmt.Sprintf("${local.text%d}", i)
		fmt.Fprintf(&bomb, "  list%d = [%s]\n  text%d = \"%s\"\n", i+1, strings.Repeat(list, 10), i+1, strings.Repeat(text, 10))
	}
	bomb.WriteString("}\noutput \"x\" {\n  value = [local.list12, local.text12]\n}\n")
	_, problems, err := parseTerraform("", []file{{"main.tf", []byte(bomb.String())}}, defaultLimits())
	if err == nil && len(problems) == 0 {
		t.Error("no word about the bomb")
	}
	loop := "locals {\n r = range(1000)\n x = [for a in local.r : [for b in local.r : [for c in local.r : a]]]\n}\n"
	if _, _, err := parseTerraform("", []file{{"main.tf", []byte(loop)}}, defaultLimits()); !errors.Is(err, ErrLimit) {
		t.Errorf("a cube of a thousand: %v", err)
	}
	small := limits{nodes: 10, depth: 50}
	if _, _, err := parseTerraform("", []file{{"main.tf", []byte("locals { x = [1,2,3,4,5,6,7,8,9,10,11] }")}}, small); !errors.Is(err, ErrLimit) {
		t.Errorf("more values than allowed: %v", err)
	}
}

func FuzzTerraform(f *testing.F) {
	f.Add("locals {\n a = merge({x=1}, {y=local.b})\n b = [for k, v in local.a : \"${k}-%{if v}x%{endif}\"]\n}\n", true)
	f.Add(`{"resource": {"aws_x": {"y": {"a": "${local.x}"}}}}`, false)
	f.Add("resource \"a\" \"b\" {\n policy = <<-EOF\n  {\"Statement\": [${x}]}\n EOF\n dynamic \"x\" {\n for_each = [1]\n content {\n y = x.value\n }\n }\n}\n", true)
	f.Fuzz(func(t *testing.T, content string, native bool) {
		name := "main.tf.json"
		if native {
			name = "main.tf"
		}
		items, _, err := parseTerraform("", []file{{name, []byte(content)}}, limits{nodes: 10_000, depth: 50})
		if err != nil && !errors.Is(err, ErrLimit) {
			t.Fatal(err)
		}
		for _, i := range items {
			checkDocument(t, i.Doc)
			if p := i.Locate([]any{"policy", "Statement", 0}); p.Line < 1 {
				t.Fatalf("no line: %+v", p)
			}
		}
	})
}

// checkDocument fails on a value that the document must not have.
func checkDocument(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case nil, bool, int, float64, string:
	case []any:
		for _, e := range v {
			checkDocument(t, e)
		}
	case map[string]any:
		for _, e := range v {
			checkDocument(t, e)
		}
	default:
		t.Fatalf("a %T in the document", v)
	}
}
