// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/cmd/precheck"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
	"github.com/sealock-dev/sealock/scanners/secrets"
)

// maxShownNew bounds what is listed of new findings and of reasons; the JSON form has all.
const maxShownNew = 20

// checkText writes a report for people: one line if there is nothing to say, else what is wrong, where, and what to do, the gravest first.
func (o *options) checkText(w io.Writer, r precheck.Report) error {
	var b strings.Builder
	t := checkWriter{b: &b, columns: terminalWidth(w), seen: map[string]bool{}, listed: map[string]bool{}}
	t.secrets(r.Secrets)
	for _, tree := range r.Trees {
		t.tree(tree)
	}
	for _, u := range r.Undecided {
		t.line("not known: %s", u)
	}
	if r.Verdict != gate.Allowed || o.verbose {
		for _, n := range r.Notes {
			t.line("note: %s", n)
		}
		if len(r.Waived) > 0 {
			t.line("note: %d secrets in commits are waived by the policy", len(r.Waived))
		}
	}
	t.line("%s", o.checkSummary(r))
	_, err := io.WriteString(w, b.String())
	return err
}

type checkWriter struct {
	b       *strings.Builder
	columns int             // of the terminal; 0: there is none
	seen    map[string]bool // reasons that were written
	listed  map[string]bool // findings that were, or were counted, by what sameAs gives
}

func (t checkWriter) line(format string, args ...any) {
	t.b.WriteString(report.Fold(fmt.Sprintf(format, args...), t.columns, 4) + "\n")
}

// secrets lists them. What several in a row ask for is said behind the last of them.
func (t checkWriter) secrets(found []predicate.Finding) {
	for _, f := range found {
		t.listed[f.Fingerprint] = true
	}
	t.list(len(found), "secret", func(i int) {
		f, where := found[i], ""
		switch {
		case f.Commit != "" && f.Path == secrets.TagMessage:
			where = fmt.Sprintf(" of tag %.12s", f.Commit)
		case f.Commit != "":
			where = fmt.Sprintf(" in commit %.12s", f.Commit)
		}
		t.line("secret: %s:%d%s  %s  %s", f.Path, f.Line, where, f.Rule, f.Message)
		if next := i + 1; next == min(len(found), maxShownNew) || found[next].Fix != f.Fix {
			t.line("  fix: %s", f.Fix)
		}
	})
}

func (t checkWriter) tree(tree precheck.Tree) {
	t.secrets(tree.Secrets)
	faults := slices.Clone(tree.Config)
	slices.SortStableFunc(faults, func(a, b predicate.Finding) int { return levels[a.Severity] - levels[b.Severity] })
	t.list(len(faults), "new fault in configuration", func(i int) {
		f := faults[i]
		t.listed[f.Fingerprint] = true
		t.line("new: %-8s %s:%d  %s  %s", f.Severity, f.Path, f.Line, f.Rule, f.Message)
		for i, line := range strings.Split(f.Fix, "\n") {
			if i == 0 {
				line = "fix: " + line
			}
			t.line("  %s", line)
		}
	})
	vulns := bySeverity(tree.Vulns)
	t.list(len(vulns), "new vulnerability", func(i int) {
		for _, a := range vulns[i].Annotations {
			t.listed[vulns[i].ID+" "+a.PURL] = true
		}
		t.line("new: %s", vulnLine(vulns[i]))
	})
	for _, d := range tree.Decisions {
		t.decision(d)
	}
}

func (t checkWriter) list(n int, what string, show func(int)) {
	for i := range min(n, maxShownNew) {
		show(i)
	}
	if n > maxShownNew {
		t.line("… and %d more of: %s (-o json has them all)", n-maxShownNew, what)
	}
}

// decision writes what the gate would say, and each reason once, however many environments give it.
func (t checkWriter) decision(d gate.Decision) {
	if d.Verdict == gate.Allowed {
		return
	}
	var fresh []gate.Reason
	for _, r := range d.Reasons {
		if id := sameAs(r); !t.seen[id] && !t.listed[id] {
			t.seen[id] = true
			fresh = append(fresh, r)
		}
	}
	about := fmt.Sprintf("preview: %s of %s to %s", d.Verdict, d.Subject.Name, d.Environment)
	known := len(d.Reasons) - len(fresh)
	if len(fresh) == 0 {
		t.line("%s: %s told above", about, plural(known, "reason"))
		return
	}
	t.line("%s", about)
	t.list(len(fresh), "reason", func(i int) {
		r := fresh[i]
		t.line("  %s  %s", r.Code, r.Message)
		if r.Fix != "" {
			t.line("    fix: %s", r.Fix)
		}
	})
	if known > 0 {
		t.line("  %s", plural(known, "reason")+" told above")
	}
}

// checkSummary is the last line, and the only one if all is well.
func (o *options) checkSummary(r precheck.Report) string {
	about := fmt.Sprintf("%s, %s changed", plural(r.Commits, "commit"), plural(filesChanged(r), "file"))
	if r.Scope == precheck.Staged {
		about = plural(filesChanged(r), "staged file")
	}
	would, end := wouldSay(r), ""
	if len(would) > 0 {
		end = "; the gate would say: " + strings.Join(would, ", ")
	}
	if there := stagesThere(r); len(there) > 0 {
		end += "; in the store already: " + strings.Join(there, ", ")
	}
	if at, err := time.Parse(time.RFC3339, r.Data.Updated); err == nil {
		end += fmt.Sprintf("; vulnerability data is %s old", plural(int(o.now().Sub(at).Hours()/24), "day"))
	} else if len(would) > 0 {
		end += "; no vulnerability data here"
	}
	switch {
	case len(r.Trees)+r.Commits == 0 && r.Verdict == gate.Allowed:
		said := []string{"check: nothing new to look at"}
		if !o.verbose {
			said = append(said, r.Notes...)
		}
		return strings.Join(said, "; ")
	case r.Verdict == gate.Allowed && !told(r):
		return "check: nothing found in " + about + end
	}
	return fmt.Sprintf("check: %s: %s%s", r.Verdict, about, end)
}

// wouldSay is what the gate would say of each environment: of several refs, the worst.
func wouldSay(r precheck.Report) []string {
	var order []string
	worst := map[string]gate.Verdict{}
	for _, t := range r.Trees {
		for _, d := range t.Decisions {
			was, known := worst[d.Environment]
			if !known {
				order = append(order, d.Environment)
			}
			if !known || was == gate.Allowed || (was == gate.Undecided && d.Verdict == gate.Refused) {
				worst[d.Environment] = d.Verdict
			}
		}
	}
	for i, env := range order {
		order[i] = fmt.Sprintf("%s %s", env, worst[env])
	}
	return order
}

// stagesThere are the stages of which the store has evidence, and how that fared if it does not count.
func stagesThere(r precheck.Report) []string {
	var out []string
	for _, t := range r.Trees {
		for _, s := range t.Stages {
			said := s.Name
			if s.From == precheck.Refused {
				said += " (refused)"
			}
			if s.From != precheck.Assumed && !slices.Contains(out, said) {
				out = append(out, said)
			}
		}
	}
	return out
}

// told reports whether anything new was listed.
func told(r precheck.Report) bool {
	return slices.ContainsFunc(r.Trees, func(t precheck.Tree) bool { return len(t.Config)+len(t.Vulns) > 0 })
}

func filesChanged(r precheck.Report) int {
	n := 0
	for _, t := range r.Trees {
		n += t.Changed
	}
	return n
}
