// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
	"strings"
	"testing"
)

const composite = "name: a\nruns:\n  using: composite\n  steps:\n    - run: make\n      shell: bash\n"

// namedTree has in left-out folders what the files outside of them take over, and other things.
func namedTree() memoryTree {
	return memoryTree{
		"main.tf":                     "module \"a\" {\n  source = \"./vendor/a\"\n}\nmodule \"out\" {\n  source = \"../vendor/a\"\n}\n",
		"vendor/a/main.tf":            "module \"b\" {\n  source = \"../b\"\n}\nresource \"aws_x\" \"a\" {}\n",
		"vendor/a/deeper/main.tf":     "resource \"aws_x\" \"no\" {}\n",
		"vendor/b/main.tf.json":       `{"resource": {"aws_x": {"b": {}}}}`,
		"vendor/c/main.tf":            "resource \"aws_x\" \"no\" {}\n",
		"compose.yaml":                "include:\n  - vendor/one.yml\n  - path: ./vendor/two.yml # too\nservices:\n  web:\n    image: x\n    env_file: vendor/no.yml\n    extends: {file: vendor/three.yml, service: three}\n",
		"vendor/one.yml":              "services: {one: {image: x}}\n",
		"vendor/two.yml":              "services: {two: {image: x}}\n",
		"vendor/no.yml":               "services: {no: {image: x}}\n",
		"vendor/three.yml":            "services: {three: {image: x}}\n",
		".github/workflows/ci.yml":    "on: push\njobs:\n  a:\n    runs-on: x\n    steps:\n      - uses: './testdata/action'\n      - run: kubectl apply -f testdata/pod.yaml\n",
		"testdata/action/action.yml":  composite,
		"testdata/other/action.yml":   composite,
		"testdata/pod.yaml":           deployment,
		".gitlab-ci.yml":              "include:\n  - local: ci/testdata/jobs.yml\na:\n  script: [make]\n  artifacts: {paths: [ci/testdata/no.yml]}\n",
		"ci/testdata/jobs.yml":        "b:\n  script: [make]\n",
		"ci/testdata/no.yml":          "c:\n  script: [make]\n",
		"ci/testdata/.gitlab-ci.yml":  "d:\n  script: [make]\n",
		"node_modules/x/Dockerfile":   "FROM x\n",
		"node_modules/x/package.json": "{}",
	}
}

func TestNamedFilesAreJudged(t *testing.T) {
	items, problems, err := Read(t.Context(), namedTree(), Options{})
	if err != nil || len(problems) > 0 {
		t.Fatalf("problems %v, error %v", problems, err)
	}
	var got []string
	for _, i := range items {
		if outside(i.File, nil) != "" {
			got = append(got, i.File)
		}
	}
	want := []string{"ci/testdata/jobs.yml", "testdata/action/action.yml", "vendor/a/main.tf", "vendor/b/main.tf.json", "vendor/one.yml", "vendor/three.yml", "vendor/two.yml"}
	if !slices.Equal(slices.Compact(got), want) {
		t.Errorf("judged %q, want %q", got, want)
	}
}

// What is judged is not told as left out.
func TestNamedFilesAreNotSkipped(t *testing.T) {
	out := scanTree(t, namedTree(), found{})
	want := []string{"ci/testdata/ (2 files: folder of vendored or test files)", "node_modules/ (2 files: folder of vendored or test files)",
		"testdata/ (2 files: folder of vendored or test files)", "vendor/ (3 files: folder of vendored or test files)"}
	if !slices.Equal(out.Skipped, want) {
		t.Errorf("skipped:\n%s\nwant:\n%s", strings.Join(out.Skipped, "\n"), strings.Join(want, "\n"))
	}
	only := scanTree(t, memoryTree{"main.tf": namedTree()["main.tf"], "vendor/a/main.tf": "resource \"aws_x\" \"a\" {}\n"}, found{})
	if len(only.Skipped) > 0 {
		t.Errorf("skipped %q", only.Skipped)
	}
}
