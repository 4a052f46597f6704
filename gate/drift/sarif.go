// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"cmp"
	"io"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate/report/sarif"
)

// SARIF writes a report as one log with one run: a result for each image that is not in order, the status as its rule.
func SARIF(w io.Writer, r Report) error {
	run := sarif.NewRun("sealock drift", "", sarif.ProjectURI)
	run.Invocations[0].EndTimeUTC = r.At
	run.Properties = map[string]any{"verdict": r.Verdict, "summary": r.Summary, "policy": r.Policy}
	var rules []Status
	for _, s := range Statuses() {
		if s != Verified {
			rules = append(rules, s)
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarif.Rule{ID: "drift/" + string(s), ShortDescription: &sarif.Text{Text: s.about()}})
		}
	}
	for _, x := range r.Results {
		if at := slices.Index(rules, x.Status); at >= 0 {
			run.Results = append(run.Results, sarifOf(x, at))
		}
	}
	return sarif.Write(w, []sarif.Run{run})
}

func sarifOf(x Result, rule int) sarif.Result {
	codes := []string{}
	for _, r := range x.Reasons {
		codes = append(codes, r.Code)
	}
	image := cmp.Or(x.Ref, x.Image)
	where := strings.Join([]string{x.Environment, x.Namespace, x.Workload, x.Kind, x.Container}, "/")
	return sarif.Result{
		RuleID: "drift/" + string(x.Status), RuleIndex: rule, Level: "error", Message: sarif.Text{Text: strings.TrimSpace(reasons(x))},
		Locations:    []sarif.Location{{Logical: []sarif.Logical{{FullyQualifiedName: where, Kind: "resource"}}}},
		Fingerprints: map[string]string{"sealock/v1": attest.SHA256([]byte(string(x.Status) + "\x00" + where + "\x00" + image)).Hex},
		Properties:   map[string]any{"environment": x.Environment, "image": image, "imageID": x.ImageID, "count": x.Count, "codes": codes, "causes": x.Causes, "decision": x.Decision, "promotedTo": x.PromotedTo},
	}
}
