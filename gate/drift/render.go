// SPDX-License-Identifier: Apache-2.0

package drift

import (
	"cmp"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

// Write renders a report as text, json or sarif, or in any other format that decisions have. The verdict is the report's, whatever the format.
func Write(w io.Writer, format string, r Report, verbose bool) error {
	switch format {
	case "text":
		return Text(w, r, verbose)
	case "json":
		return writeJSON(w, r)
	case "sarif":
		return SARIF(w, r)
	}
	return report.WriteOutcome(w, format, outcome(r), report.Options{})
}

func writeJSON(w io.Writer, v any) error {
	b, err := attest.EncodeJSON(v)
	if err != nil {
		return fmt.Errorf("writing JSON: %w", err)
	}
	_, err = fmt.Fprintf(w, "%s\n", b)
	return err
}

// Text writes a table of what drifted, each with its reasons, and a summary. What is verified is listed only if the report is to be verbose.
func Text(w io.Writer, r Report, verbose bool) error {
	var b strings.Builder
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	row := func(cells ...string) { fmt.Fprintln(table, strings.Join(cells, "\t")) }
	shown := 0
	for _, status := range Statuses() {
		for _, x := range r.Results {
			if x.Status != status || status == Verified && !verbose {
				continue
			}
			if shown++; shown == 1 {
				row("STATUS", "ENVIRONMENT", "WHERE", "IMAGE")
			}
			row(string(x.Status), orDash(report.Clean(x.Environment)), orDash(report.Clean(x.Place())), report.Clean(cmp.Or(strings.TrimPrefix(x.Ref, registryPrefix), x.Image)))
		}
	}
	_ = table.Flush() // into memory
	said := map[string]bool{}
	for _, x := range r.Results {
		about := cmp.Or(x.Ref, x.ImageID+" "+x.Image) + " " + x.Environment + " " + string(x.Status)
		if x.Kind == KindObject {
			about += " " + x.Place()
		}
		if x.Status != Verified && !said[about] {
			said[about] = true
			b.WriteString(reasons(x))
		}
	}
	if m := r.Manifests; m != nil {
		b.WriteString(m.text())
	}
	for _, s := range r.Excluded {
		fmt.Fprintf(&b, "not looked at: %s: %s\n", report.Clean(s.What), report.Clean(s.Why))
	}
	b.WriteString(summary(r))
	_, err := io.WriteString(w, b.String())
	return err
}

// reasons are the lines that say why one image is not in order.
func reasons(x Result) string {
	var b strings.Builder
	head := string(x.Status)
	if len(x.Causes) > 0 {
		head += ", " + join(x.Causes)
	}
	if len(x.PromotedTo) > 0 {
		head += ", promoted to " + strings.Join(x.PromotedTo, ", ")
	}
	what := cmp.Or(x.Ref, x.Image)
	if x.Kind == KindObject {
		what = x.Place()
	}
	fmt.Fprintf(&b, "\n%s in %s: %s\n", report.Clean(what), orDash(report.Clean(x.Environment)), report.Clean(head))
	writeReasons(&b, x.Reasons, x.Ref)
	return b.String()
}

// text is what is said of manifests: who vouches for them, or why nobody does.
func (m *Manifests) text() string {
	var b strings.Builder
	name := m.Subject.Name
	if m.Path != "" {
		name += ", " + m.Path
	}
	if m.Verdict == gate.Allowed {
		fmt.Fprintf(&b, "manifests: %s (%s), attested by stage %s\n", report.Clean(name), m.Subject.Digest.Primary().Short(), report.Clean(m.Stage))
	} else {
		fmt.Fprintf(&b, "\nmanifests: %s: %s, so no object was held against them\n", report.Clean(name), m.Verdict)
		writeReasons(&b, m.Reasons, m.Subject.Name)
	}
	for _, s := range m.Skipped {
		fmt.Fprintf(&b, "not compared: %s: %s\n", report.Clean(s.What), report.Clean(s.Why))
	}
	return b.String()
}

func writeReasons(b *strings.Builder, reasons []gate.Reason, ref string) {
	for _, r := range reasons {
		fmt.Fprintf(b, "  x %s  %s\n", report.Clean(r.Code), report.Clean(r.Message))
		if r.Expected != "" || r.Found != "" {
			fmt.Fprintf(b, "      expected %s; found %s\n", orDash(report.Clean(r.Expected)), orDash(report.Clean(r.Found)))
		}
		if r.Fix != "" {
			fmt.Fprintf(b, "      fix: %s\n", report.Clean(strings.ReplaceAll(r.Fix, "SUBJECT", cmp.Or(ref, "SUBJECT"))))
		}
	}
}

func join[T ~string](in []T) string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = string(s)
	}
	return strings.Join(out, ", ")
}

func summary(r Report) string {
	var parts []string
	for _, s := range Statuses() {
		if n := r.Summary[s]; n > 0 {
			parts = append(parts, fmt.Sprintf("%d %s", n, s))
		}
	}
	if len(parts) == 0 {
		parts = []string{"nothing runs"}
	}
	word := map[gate.Verdict]string{gate.Allowed: "no drift", gate.Refused: "DRIFT", gate.Undecided: "UNDECIDED"}[r.Verdict]
	return fmt.Sprintf("%s: %s (policy %s v%d, %d judged)\n", word, strings.Join(parts, ", "), report.Clean(r.Policy.Name), r.Policy.Version, r.Judged)
}

func orDash(s string) string { return cmp.Or(s, "-") }
