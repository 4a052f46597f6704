// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// What files say is judged as if it stood in the resource. Paths are those of the root module, where Terraform runs.
func TestTerraformReadsFilesOfTheTree(t *testing.T) {
	items := terraformItems(t, map[string]string{
		"infra/main.tf": `module "m" { source = "../modules/m" }
locals { dir = "${path.module}/policies" }
output "plain" { value = file("policies/a.json") }
output "local" { value = file("${local.dir}/a.json") }
output "root" { value = jsondecode(file("${path.root}/policies/a.json")).a }
output "format" { value = file(format("%s/policies/%s.json", path.cwd, "a")) }
output "absolute" { value = file(abspath("${path.module}/policies/a.json")) }
output "base64" { value = base64decode(filebase64("policies/a.json")) }
output "there" { value = fileexists("policies/a.json") ? "yes" : "no" }
output "template" { value = templatefile("policies/t.tftpl", { name = "x", list = [1, 2], id = aws_x.y.id }) }
output "set" { value = fileset(path.module, "policies/*.json") }
output "below" { value = fileset("${path.module}/..", "**/b.json") }
output "each" { value = [for f in fileset("${path.module}/policies", "*.json") : file("${path.module}/policies/${f}")] }
output "none" { value = fileset("..", "../*") }
output "yaml" { value = yamldecode(file("policies/c.yaml")).c[0] }
`,
		"infra/policies/a.json":  `{"a":1}`,
		"infra/policies/t.tftpl": "${name}:%{ for n in list ~}\n${n},%{ endfor }${id}",
		"infra/policies/c.yaml":  "c: [0.0.0.0/0]\n",
		"modules/m/main.tf": `output "own" { value = file("${path.module}/b.json") }
output "of_root" { value = file("${path.root}/policies/a.json") }
`,
		"modules/m/b.json": `{"b":2}`,
	})
	for name, want := range map[string]any{
		"plain": `{"a":1}`, "local": `{"a":1}`, "root": 1, "format": `{"a":1}`, "absolute": `{"a":1}`, "base64": `{"a":1}`, "there": "yes",
		"template": "x:1,2,${aws_x.y.id}", "yaml": "0.0.0.0/0", "own": `{"b":2}`, "of_root": `{"a":1}`,
		"set": []any{"policies/a.json"}, "below": []any{"modules/m/b.json"}, "each": []any{`{"a":1}`}, "none": []any{},
	} {
		equal(t, name, values(find(t, items, "output."+name))["value"], want)
	}
}

// What can't be read, or would cost too much, stays as it is written.
func TestTerraformLeavesOtherFiles(t *testing.T) {
	files := map[string]string{
		"large.txt": strings.Repeat("x", maxReadFile+1), "binary": "\xff\xfe", "self.tftpl": `${templatefile("self.tftpl", {})}`, "var.tftpl": "${var.name}",
		"deep.tftpl": strings.Repeat("%{if true}", 5_000), "broken.tftpl": "${", "../above.txt": "above", "/etc/hostname": "host",
	}
	calls := []string{`file("none.txt")`, `file("large.txt")`, `file("binary")`, `file("../above.txt")`, `file("/etc/hostname")`, `file("~/x")`,
		`file("${var.name}/x")`, `file("${path.module}/../above.txt")`, `templatefile("self.tftpl", {})`, `templatefile("deep.tftpl", {})`,
		`templatefile("broken.tftpl", {})`, `templatefile("self.tftpl", var.name)`, `file()`, `file("")`,
		`fileset(".", "**/**/**")`, `fileset("..", "*")`, `fileset(".", "[")`, `fileset(".", "{a,b}")`, `fileset(var.name, "*")`}
	var main strings.Builder
	fmt.Fprintln(&main, `variable "name" {}`)
	for i, c := range calls {
		fmt.Fprintf(&main, "output \"o%d\" {\n value = %s\n}\n", i, c)
	}
	fmt.Fprintln(&main, "output \"try\" {\n value = try(templatefile(\"broken.tftpl\", {}), \"fallback\")\n}")
	files["main.tf"] = main.String()
	items := terraformItems(t, files)
	for i, c := range calls {
		want := "${" + c + "}"
		if strings.Contains(c, "self.tftpl\", {}") {
			want = `${templatefile("self.tftpl", {})}` // the inner one
		}
		equal(t, c, values(find(t, items, fmt.Sprintf("output.o%d", i)))["value"], want)
	}
	equal(t, "try", values(find(t, items, "output.try"))["value"], "fallback")
}

// A link that leads out of the tree is no file of it for Terraform's functions either.
func TestS16_TerraformFilesAreNotLinks(t *testing.T) {
	outside, dir := filepath.Join(t.TempDir(), "secret.txt"), t.TempDir()
	for p, text := range map[string]string{outside: "of the machine", filepath.Join(dir, "main.tf"): "output \"x\" {\n value = file(\"link.txt\")\n}\n"} {
		if err := os.WriteFile(p, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(outside, filepath.Join(dir, "link.txt")); err != nil {
		t.Skip("no symbolic links here")
	}
	items, _, err := Read(t.Context(), diskTree(dir), Options{})
	if err != nil {
		t.Fatal(err)
	}
	equal(t, "a link", values(find(t, items, "output.x"))["value"], `${file("link.txt")}`)
}

// A map of rules that differ is judged rule by rule; one that is too long for that by what its elements have in common.
func TestTerraformInstances(t *testing.T) {
	long := strings.Repeat("\"0.0.0.0/0\",", maxInstances+1)
	items := terraformItems(t, map[string]string{"main.tf": `
resource "aws_x" "each" {
  for_each = { a = ["10.0.0.0/8"], b = ["0.0.0.0/0"] }
  cidr     = each.value
}
resource "aws_x" "count" {
  count = 2
  cidr  = element(["10.0.0.0/8", "0.0.0.0/0"], count.index)
}
resource "aws_x" "same" {
  count = 2
  cidr  = "0.0.0.0/0"
}
resource "aws_x" "long" {
  for_each = toset([for i, c in [` + long + `] : "${c}${i}"])
  cidr     = each.value
}
module "m" {
  source   = "./m"
  for_each = { a = true, b = false }
  public   = each.value
}
module "twice" {
  source = "./twice"
  for_each = toset([for i in range(60) : "${i}"])
  name   = each.key
}
`, "m/main.tf": "variable \"public\" {}\nresource \"aws_x\" \"m\" {\n public = var.public\n}\n",
		"twice/main.tf": "variable \"name\" {}\nmodule \"in\" {\n source = \"../in\"\n for_each = toset([for i in range(60) : \"${var.name}${i}\"])\n name = each.key\n}\n",
		"in/main.tf":    "variable \"name\" {}\nresource \"aws_x\" \"in\" {\n name = var.name\n}\n"})
	got := map[string][]any{}
	for _, i := range items {
		if i.Doc["type"] == "aws_x" {
			got[i.Doc["name"].(string)] = append(got[i.Doc["name"].(string)], values(i)["cidr"], values(i)["public"])
		}
	}
	equal(t, "for_each", got["each"], []any{[]any{"10.0.0.0/8"}, nil, []any{"0.0.0.0/0"}, nil})
	equal(t, "count", got["count"], []any{"10.0.0.0/8", nil, "0.0.0.0/0", nil})
	equal(t, "the same twice", got["same"], []any{"0.0.0.0/0", nil})
	equal(t, "too long", got["long"], []any{"${each.value}", nil})
	equal(t, "module", got["m"], []any{nil, true, nil, false})
}
