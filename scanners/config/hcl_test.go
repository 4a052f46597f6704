// SPDX-License-Identifier: Apache-2.0

package config

import (
	"errors"
	"fmt"
	"path"
	"reflect"
	"strings"
	"testing"
)

// folders gives the Terraform files of a tree as folders.
func folders(files map[string]string) []terraformFolder {
	byFolder := map[string][]file{}
	beside := &tfFiles{read: func(p string) (file, bool, error) {
		t, ok := files[p]
		return file{path: p, data: []byte(t)}, ok, nil
	}, all: func() []string { return sortedKeys(files) }}
	for _, p := range sortedKeys(files) {
		if byName(p) != terraformFile {
			continue
		}
		dir := strings.TrimPrefix(path.Dir(p), ".")
		byFolder[dir] = append(byFolder[dir], file{path: p, data: []byte(files[p])})
	}
	var out []terraformFolder
	for _, dir := range sortedKeys(byFolder) {
		out = append(out, terraformFolder{dir, byFolder[dir], beside})
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

// parseTerraform reads one folder on its own.
func parseTerraform(folder string, files []file, lim limits) ([]Item, []Problem, error) {
	return parseTerraformTree([]terraformFolder{{folder, files, nil}}, lim)
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
		`jsonencode({a = [1, true, null], b = "x"})`:      `{"a":[1,true,null],"b":"x"}`,
		`jsonencode({a = aws_x.y.arn})`:                   `{"a":"${aws_x.y.arn}"}`,
		`jsondecode("{\"a\": [1, 2.5]}").a`:               []any{1, 2.5},
		`merge({a = 1}, {b = 2}, null)`:                   map[string]any{"a": 1, "b": 2},
		`concat(["0.0.0.0/0"], var.nodefault)`:            []any{"0.0.0.0/0", "${var.nodefault}"},
		`format("%s-%03d", "a", 7)`:                       "a-007",
		`format("%s-%s%%", "a", aws_x.y.id)`:              "a-${aws_x.y.id}%",
		`formatlist("x-%s", ["a", "b"])`:                  []any{"x-a", "x-b"},
		`join(",", ["a", aws_x.y.id])`:                    "a,${aws_x.y.id}",
		`split(",", "a,b")`:                               []any{"a", "b"},
		`toset(["b", "a", "b"])`:                          []any{"b", "a"},
		`length([1, 2])`:                                  2,
		`length("abc")`:                                   3,
		`lookup({a = 1}, "b", 3)`:                         3,
		`element(["a", "b"], 3)`:                          "b",
		`flatten([[1, [2]], [aws_x.y.id]])`:               []any{1, 2, "${aws_x.y.id}"},
		`keys({b = 1, a = 2})`:                            []any{"a", "b"},
		`values({b = 1, a = 2})`:                          []any{2, 1},
		`replace("a.b", ".", "-")`:                        "a-b",
		`replace("a1b2", "/[0-9]/", "-")`:                 "a-b-",
		`coalesce("", null, "x")`:                         "x",
		`try(local.deep.nothing, "fallback")`:             "fallback",
		`try(aws_x.y.id, "fallback")`:                     "${aws_x.y.id}",
		`can(local.deep.nothing)`:                         false,
		`base64encode("hi")`:                              "aGk=",
		`contains(["a"], "a")`:                            true,
		`startswith("abc", "ab")`:                         true,
		`[for s in ["a", "b"] : upper(s) if s != "a"]`:    []any{"B"},
		`{for k, v in {a = 1} : k => v + 1}`:              map[string]any{"a": 2},
		`{for i in ["a", "b"] : "k" => i...}`:             map[string]any{"k": []any{"a", "b"}},
		`[for s in var.nodefault : s]`:                    "${[for s in var.nodefault : s]}",
		`local.objects[*].id`:                             []any{1, 2},
		`aws_x.y[*].id`:                                   "${aws_x.y[*].id}",
		`true ? "a" : "b"`:                                "a",
		`var.nodefault ? "a" : "a"`:                       "a",
		`var.nodefault ? "a" : "b"`:                       `${var.nodefault ? "a" : "b"}`,
		`false && var.nodefault`:                          false,
		`var.nodefault || true`:                           true,
		`"8080" == 8080`:                                  true,
		`"%{if true}yes%{else}no%{endif}"`:                "yes",
		`"%{for x in ["a", "b"]}${x};%{endfor}"`:          "a;b;",
		`file("x")`:                                       `${file("x")}`,
		`cidrsubnet("10.0.0.0/8", 8, 1)`:                  "10.1.0.0/16",
		`cidrsubnet("0.0.0.0/0", 0, 0)`:                   "0.0.0.0/0",
		`cidrsubnet("fd00:fd12:3456:7890::/56", 16, 162)`: "fd00:fd12:3456:7800:a200::/72",
		`cidrsubnet("10.0.0.0/8", 30, 1)`:                 `${cidrsubnet("10.0.0.0/8", 30, 1)}`,
		`cidrsubnet("10.0.0.0/8", 1, 2)`:                  `${cidrsubnet("10.0.0.0/8", 1, 2)}`,
		`try(cidrsubnet("10.0.0.0", 1, 0), "none")`:       "none",
		`cidrhost("10.12.112.0/20", 16)`:                  "10.12.112.16",
		`cidrhost("10.12.112.0/20", -1)`:                  "10.12.127.255",
		`cidrhost("fd00:fd12:3456:7890::/72", 34)`:        "fd00:fd12:3456:7890::22",
		`cidrhost("10.0.0.0/30", 4)`:                      `${cidrhost("10.0.0.0/30", 4)}`,
		`cidrnetmask("172.16.0.0/12")`:                    "255.240.0.0",
		`cidrsubnets("10.1.0.0/16", 4, 4, 8, 4)`:          []any{"10.1.0.0/20", "10.1.16.0/20", "10.1.32.0/24", "10.1.48.0/20"},
		`cidrsubnets("10.1.0.0/16", 1, 1, 1)`:             `${cidrsubnets("10.1.0.0/16", 1, 1, 1)}`,
		`cidrsubnet(var.nodefault, 8, 1)`:                 `${cidrsubnet(var.nodefault, 8, 1)}`,
		`yamldecode("a: [1, x]").a`:                       []any{1, "x"},
		`yamldecode("a: &a [*a]")`:                        `${yamldecode("a: &a [*a]")}`,
		`templatestring("a-$${b}", { b = 1 })`:            "a-1",
		`templatestring("a-$${var.region}", {})`:          "a-${var.region}",
		`lookup({a = aws_x.y.id}, "b", 3)`:                3,
		`lookup({(aws_x.y.id) = 1}, "b", 3)`:              `${lookup({(aws_x.y.id) = 1}, "b", 3)}`,
		`{(var.region) = 1, "b-${var.region}" = 2}`:       map[string]any{"eu-west-1": 1, "b-eu-west-1": 2},
		`var.object.on`:                                   true,
		`var.object.list[0].port`:                         443,
		`1 / 0`:                                           "${1 / 0}",
		`range(3)`:                                        []any{0, 1, 2},
		`range(100000000)`:                                "${range(100000000)}",
		`format("%999999999d", 1)`:                        `${format("%999999999d", 1)}`,
		`tonumber("12")`:                                  12,
		`-var.nodefault`:                                  "${-var.nodefault}",
		`one([])`:                                         nil,
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
