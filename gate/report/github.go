// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sealock-dev/sealock/gate"
)

// maxAnnotations is how many of one kind GitHub shows of a step (https://github.com/orgs/community/discussions/26680#discussioncomment-3252835).
const maxAnnotations = 10

// writeGitHub writes workflow commands, from which GitHub Actions makes annotations: the verdict, then the reasons, then the warnings, each kind from the worst
// on and as many as are shown. The last of a kind says how many there was no room for.
func writeGitHub(w io.Writer, all []shown, _ Options) error {
	errs, warnings := &annotations{command: "error"}, &annotations{command: "warning"}
	total := verdictOf(all)
	word := strings.ToUpper(total.String()) + previewed(all)
	verdict := annotation{title: "sealock: " + word, text: fmt.Sprintf("%s for %s", word, number(len(all), "decision"))}
	if len(all) == 1 {
		verdict.text = all[0].title() + "; " + all[0].counts()
	}
	for _, d := range verdictsFirst(all) {
		for _, e := range d.worstFirst() {
			switch e.kind {
			case against:
				errs.add(d, e)
			case warning:
				warnings.add(d, e)
			case waived: // accepted: nothing to mark
			}
		}
	}
	if total == gate.Allowed {
		_, _ = io.WriteString(w, verdict.line("notice"))
	} else {
		errs.list = append([]annotation{verdict}, errs.list...)
	}
	_, err := io.WriteString(w, errs.lines()+warnings.lines())
	return err
}

type annotation struct {
	file  string
	at    int
	title string
	text  string
}

// annotations of one kind.
type annotations struct {
	command string
	list    []annotation
}

func (a *annotations) add(d shown, e entry) {
	text := append([]string{e.Message}, e.detail(d)...)
	one := annotation{title: e.Code + " (" + d.where() + ")", text: cleaned(text)}
	one.file, one.at = d.file(e)
	a.list = append(a.list, one)
}

func (a *annotations) lines() string {
	var b strings.Builder
	for i, one := range a.list {
		if rest := len(a.list) - i; i == maxAnnotations-1 && rest > 1 {
			one = annotation{title: "sealock: more", text: fmt.Sprintf("%s of this kind more: the log and -o json have all", number(rest, "annotation"))}
			b.WriteString(one.line(a.command))
			break
		}
		b.WriteString(one.line(a.command))
	}
	return b.String()
}

// line is the workflow command (https://docs.github.com/en/actions/reference/workflows-and-actions/workflow-commands).
func (a annotation) line(command string) string {
	var properties []string
	if a.file != "" {
		properties = append(properties, "file="+property(a.file))
		if a.at > 0 {
			properties = append(properties, fmt.Sprintf("line=%d", a.at))
		}
	}
	properties = append(properties, "title="+property(a.title))
	return fmt.Sprintf("::%s %s::%s\n", command, strings.Join(properties, ","), message(a.text))
}

// message escapes what follows a command, property what stands in it, as the runner undoes it
// (https://github.com/actions/toolkit/blob/main/packages/core/src/command.ts). Both are clean; the line breaks of a message are ours.
func message(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

func property(s string) string {
	return strings.NewReplacer(":", "%3A", ",", "%2C").Replace(message(Clean(s)))
}
