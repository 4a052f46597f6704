// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"slices"
	"strings"
)

// maxCodes bounds the reason codes that are named, and maxValue one value: GitLab takes 5 KiB in all
// (https://docs.gitlab.com/administration/instance_limits/#limit-dotenv-file-size).
const (
	maxCodes = 20
	maxValue = 512
)

// writeDotenv writes variables for the jobs or steps that follow, in the form of GitLab's dotenv report and of $GITHUB_OUTPUT: the verdict on all decisions,
// and of the worst its id, digest and environment. Those of a preview have other names, so that nothing is let through because of one.
func writeDotenv(w io.Writer, all []shown, _ Options) error {
	verdict := verdictOf(all)
	worst := shown{}
	reasons, warnings, waivedCount, codes := 0, 0, 0, []string{}
	for _, d := range verdictsFirst(all) {
		if worst.ID == "" {
			worst = d
		}
		reasons, warnings, waivedCount = reasons+len(d.Reasons), warnings+len(d.Warnings), waivedCount+len(d.Waived)
		for _, e := range d.worstFirst() {
			if e.kind == against && !slices.Contains(codes, e.Code) && len(codes) < maxCodes {
				codes = append(codes, e.Code)
			}
		}
	}
	var b strings.Builder
	prefix := "SEALOCK_"
	if previewed(all) != "" {
		prefix += "PREVIEW_"
	}
	for _, v := range [][2]string{{"VERDICT", verdict.String()}, {"DECISION", worst.ID}, {"DIGEST", worst.Subject.Digest.Primary().String()}, {"ENVIRONMENT", worst.Environment},
		{"REASONS", fmt.Sprint(reasons)}, {"WARNINGS", fmt.Sprint(warnings)}, {"WAIVED", fmt.Sprint(waivedCount)}, {"CODES", strings.Join(codes, ",")}} {
		fmt.Fprintf(&b, "%s%s=%s\n", prefix, v[0], plain(v[1]))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// plain is a value that means nothing to a shell or to a reader of such files.
func plain(s string) string {
	s = strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("._:/@+,-", r) {
			return r
		}
		return '_'
	}, s)
	return s[:min(len(s), maxValue)]
}
