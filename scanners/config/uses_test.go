// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"
	"slices"
	"testing"
)

func TestUses(t *testing.T) {
	tree := memoryTree{
		".github/workflows/ci.yml": `on: push
jobs:
  a:
    steps:
      - uses: acme/one@v1 # v1.2.3
      - name: two
        uses: "acme/two/sub@main"   # tag=v2
      - run: 'echo "uses: acme/none@v1"'
  b:
    uses: acme/flows/.github/workflows/x.yml@main
`,
		"tools/action.yml":           "runs:\n  using: composite\n  steps:\n    - uses: acme/three@v3\n",
		"testdata/workflows/bad.yml": "on: push\njobs: {a: {runs-on: x, steps: [{uses: acme/left-out@v1}]}}\n",
		"deploy.yml":                 "apiVersion: v1\nkind: ConfigMap\ndata: {uses: acme/none@v1}\n",
	}
	uses, err := Uses(t.Context(), tree, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, u := range uses {
		got = append(got, fmt.Sprintf("%s:%d:%d %s %q", u.File, u.Line, u.Column, u.Value, u.Comment))
	}
	want := []string{
		`.github/workflows/ci.yml:5:15 acme/one@v1 "v1.2.3"`,
		`.github/workflows/ci.yml:7:15 acme/two/sub@main "tag=v2"`,
		`.github/workflows/ci.yml:10:11 acme/flows/.github/workflows/x.yml@main ""`,
		`tools/action.yml:4:13 acme/three@v3 ""`,
	}
	slices.Sort(want)
	slices.Sort(got)
	if !slices.Equal(got, want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}
