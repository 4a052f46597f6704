// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
	"strings"
	"testing"
)

// Whatever the form of a source, its folder is among those that the file calls.
func TestCalledBy(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a/main.tf", `module "m" { source = "./b" }`, "a/b"},
		{"main.tf", "module m {\n\tsource=\"./b/../c\"\n}\n# source = \"../x\"\n", "c"},
		{"a/main.tf", "module \"m\" {\n  source /* here */ = \"../b\"\n}\n", "b"},
		{"a/main.tf", "module \"m\" {\n  source = \"\\u002e/b\"\n}\n", "a/b"},
		{"a/main.tf", "module \"m\" {\n  source = local.where\n}\n", "*"},
		{"a/main.tf", "module \"m\" {\n  source = \"./${var.which}\"\n}\n", "*"},
		{"a/main.tf", "module \"m\" {\n  source = \"git::https://x.example/m?ref=${var.which}\"\n}\n", ""},
		{"a/main.tf", "module \"m\" {\n  source = \"acme/m/aws\"\n}\nresource \"aws_s3_object\" \"o\" {\n  source = \"${path.module}/x\"\n}\n", ""},
		{"a/main.tf", "resource \"aws_s3_object\" \"module\" {\n  source = local.file\n}\n", ""},
		{"a/x.tf.json", `{"module": {"m": {"source": "../b"}}}`, "b"},
		{"a/x.tfvars", `module = { source = "./b" }`, ""},
	} {
		if got := strings.Join(calledBy(file{c.name, []byte(c.text)}, defaultLimits()), " "); got != c.want {
			t.Errorf("%s calls %q, expected %q", c.text, got, c.want)
		}
	}
}

func TestConnected(t *testing.T) {
	show := func(groups [][]string) string {
		var out []string
		for _, g := range groups {
			out = append(out, strings.Join(g, "+"))
		}
		return strings.Join(out, " ")
	}
	folders := map[string][]string{"a": {"m"}, "b": {"m", "gone"}, "c": nil, "d": {"e"}, "e": {"d"}, "m": {"n"}, "n": nil}
	if got, want := show(connected(folders)), "a+b+m+n c d+e"; got != want {
		t.Errorf("%s, expected %s", got, want)
	}
	folders["c"] = []string{anywhere}
	if got := connected(folders); len(got) != 1 || !slices.Equal(got[0], []string{"a", "b", "c", "d", "e", "m", "n"}) {
		t.Errorf("what calls a folder that nobody knows is not with all: %v", got)
	}
}
