// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// shown is a decision as renderers see it.
type shown struct {
	gate.Decision
	requirements []gate.Requirement
	named        string // on the command line, or ""
	dir          string // to be repeated in commands
	base         string // the folder in the repository that paths are below

	what   string // of an Outcome, which is no decision; else ""
	parts  []Part
	places map[string]Place
}

func show(decisions []gate.Decision, opt Options) []shown {
	out := make([]shown, len(decisions))
	for i, d := range decisions {
		out[i] = shown{Decision: d, requirements: d.Trace(), named: opt.named(i), dir: opt.Dir, base: opt.Base}
	}
	return out
}

// verdictOf is the verdict on all decisions together.
func verdictOf(all []shown) gate.Verdict {
	decisions := make([]gate.Decision, len(all))
	for i, d := range all {
		decisions[i] = d.Decision
	}
	return gate.Worst(decisions)
}

// where is the environment, or the stage, that was asked about. Lines begin with it, so what is no usual name is quoted.
func (d shown) where() string {
	if d.what != "" {
		return d.what
	}
	if d.Environment == "" {
		return "stage " + d.Stage
	}
	if d.Environment != plain(d.Environment) || strings.HasPrefix(d.Environment, ":") {
		return `"` + d.Environment + `"`
	}
	return d.Environment
}

// word is the verdict as it stands in a heading.
func (d shown) word() string {
	s := strings.ToUpper(d.Verdict.String())
	if d.Question == gate.Stay {
		s += " to stay"
	}
	if d.Preview {
		s += " (preview)"
	}
	return s
}

// previewed marks a verdict on all decisions together, if one of them counts nowhere.
func previewed(all []shown) string {
	if slices.ContainsFunc(all, func(d shown) bool { return d.Preview }) {
		return " (preview)"
	}
	return ""
}

// title is the verdict in a line, inert.
func (d shown) title() string {
	return Clean(fmt.Sprintf("%s: %s  %s%s", limit(d.where(), maxTitle), d.word(), limit(d.subject(), maxTitle), d.policy()))
}

// subject names the artifact. What a check looks at has no digest that an artifact is known by, nor has what could not be read.
func (d shown) subject() string {
	if d.Subject.Digest.Primary().IsZero() {
		return d.Subject.Name
	}
	return d.Subject.String()
}

// policy is the policy that decided, in brackets. An outcome may do without one.
func (d shown) policy() string {
	if d.what != "" && d.Policy.Name == "" {
		return " (no policy)"
	}
	return fmt.Sprintf(" (policy %s v%d)", limit(d.Policy.Name, maxTitle), d.Policy.Version)
}

// maxTitle bounds each name in a title, in characters, so that what stands behind it is not cut.
const maxTitle = 300

// limit cuts a text that has more characters.
func limit(s string, most int) string {
	if utf8.RuneCountInString(s) <= most {
		return s
	}
	return string([]rune(s)[:most-1]) + "…"
}

// counts says how much speaks against, and what does not count. Every format for people or services has it, so that what is left out is known.
func (d shown) counts() string {
	return strings.Join([]string{number(len(d.Reasons), "reason"), number(len(d.Warnings), "warning"), fmt.Sprintf("%d waived", len(d.Waived))}, ", ")
}

func number(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}

// kind is what an entry means for the verdict.
type kind int

const (
	against kind = iota // a reason for the verdict
	warning
	waived
)

// entry is one reason, warning or waived reason.
type entry struct {
	gate.Reason
	kind kind
	why  string // it does not count
}

// entries lists them in the decision's order.
func (d shown) entries() []entry {
	out := make([]entry, 0, len(d.Reasons)+len(d.Warnings)+len(d.Waived))
	for _, r := range d.Reasons {
		out = append(out, entry{Reason: r, kind: against})
	}
	for _, r := range d.Warnings {
		out = append(out, entry{Reason: r, kind: warning})
	}
	for _, x := range d.Waived {
		out = append(out, entry{Reason: x.Reason, kind: waived, why: x.Why()})
	}
	return out
}

// worstFirst lists them by what they mean for the verdict, then by severity: what a service takes is then what matters most.
func (d shown) worstFirst() []entry {
	out := d.entries()
	slices.SortStableFunc(out, func(a, b entry) int {
		if a.kind != b.kind {
			return int(a.kind) - int(b.kind)
		}
		return slices.Index(severities, a.severity()) - slices.Index(severities, b.severity())
	})
	return out
}

// group is what an entry is counted with.
func (e entry) group() string { return fmt.Sprint(int(e.kind), e.Code) }

// worstOfEach lists them in the decision's order of kinds and codes, and those of one code from the worst on: the first are shown, and the rest may be only counted.
func (d shown) worstOfEach() []entry {
	out := d.entries()
	places, groups := map[string][]int{}, map[string][]entry{}
	for i, e := range out {
		places[e.group()], groups[e.group()] = append(places[e.group()], i), append(groups[e.group()], e)
	}
	for name, list := range groups {
		slices.SortStableFunc(list, func(a, b entry) int {
			return slices.Index(severities, a.severity()) - slices.Index(severities, b.severity())
		})
		for i, at := range places[name] {
			out[at] = list[i]
		}
	}
	return out
}

// severities from the worst on; what has none is between high and medium, as something that must hold and does not.
var severities = []string{"critical", "high", "", "medium", "low", "negligible"}

// severity is that of the finding behind a reason, as the gate's rules word it, or "" if the reason is no finding.
func (e entry) severity() string {
	if e.Code == "VULNERABILITY_EXPLOITED" {
		return "critical"
	}
	_, rest, found := strings.Cut(e.Found, "severity ")
	word, _, _ := strings.Cut(rest, ",")
	if word = strings.TrimSpace(word); found && slices.Contains(severities, word) {
		return word
	}
	return ""
}

// place is the file, below the root of the tree, and the line that a reason is about; "" and 0 if there is none.
func (e entry) place() (file string, line int) {
	if e.Key == nil || e.Key.Path == "" {
		return "", 0
	}
	if file = path.Clean(e.Key.Path); !inTree(file) {
		return "", 0
	}
	_, rest, found := strings.Cut(e.Message, e.Key.Path+":") // messages about a file begin with its place
	digits, _, _ := strings.Cut(rest, ":")
	if n, err := strconv.Atoi(digits); found && err == nil && n > 0 {
		line = n
	}
	return file, line
}

// inTree reports whether a path names something below the root.
func inTree(file string) bool {
	file = path.Clean(file)
	return !path.IsAbs(file) && file != "." && file != ".." && !strings.HasPrefix(file, "../")
}

// pipelineFile stands for the place of what has none, where a service shows nothing without a place: it is where the stages are written down.
const pipelineFile = "sealock.yaml"

// file is the place of an entry in the repository, as services show it; "" and 0 if there is none.
func (d shown) file(e entry) (file string, line int) {
	if file, line = e.place(); file != "" {
		return path.Join(d.base, file), line
	}
	if at := d.place(e); inTree(at.File) {
		return path.Join(d.base, at.File), at.Line
	}
	return "", 0
}

// place is what is known besides of where an entry was found.
func (d shown) place(e entry) Place {
	if e.Key == nil {
		return Place{}
	}
	return d.places[e.Key.Fingerprint]
}

// fileOr is the place, or the pipeline's file.
func (d shown) fileOr(e entry) (file string, line int) {
	if file, line = d.file(e); file == "" {
		return path.Join(d.base, pipelineFile), 1
	}
	return file, max(line, 1)
}

// detail is what was expected, what was found and what to do, each in a line.
func (e entry) detail(d shown) []string {
	var out []string
	for _, part := range [][2]string{{"expected", e.Expected}, {"found", e.Found}, {"fix", e.fix(d)}, {"", e.why}} {
		switch {
		case part[1] == "":
		case part[0] == "":
			out = append(out, part[1])
		default:
			out = append(out, part[0]+": "+part[1])
		}
	}
	return out
}

// fix is what to do, in commands that can be typed here: with the subject as it was named, and the folder. What nobody could type stays out.
func (e entry) fix(d shown) string {
	fix := d.here(e.Fix)
	if d.named == "" || Clean(d.named) != d.named {
		return fix
	}
	return strings.ReplaceAll(fix, "SUBJECT", Word(d.named))
}

// commands are what may follow the program's name in a fix, so that its name in a sentence is told from a command.
var commands = regexp.MustCompile(`\bsealock (approve|attest|audit|check|db|evidence|explain|identity|keys|policy|promote|revoke|rollback|rules|run|scan|trust|verify|waive)\b`)

// here puts the folder into commands, where it is not the one that they would be typed in.
func (d shown) here(text string) string {
	if d.dir == "" || d.dir == "." || Clean(d.dir) != d.dir {
		return text
	}
	return commands.ReplaceAllStringFunc(text, func(c string) string { return "sealock -C " + Word(d.dir) + strings.TrimPrefix(c, "sealock") })
}

// waive is the command that accepts a finding, or "" if that can't be done: what is no finding can't be waived.
func (e entry) waive(d shown) string {
	k := e.Key
	if e.Rule == "" || k == nil || !gate.Waivable(e.Code) {
		return ""
	}
	finding := k.Fingerprint
	if k.Advisory != "" && k.PURL != "" {
		finding = k.Advisory
	}
	args := []string{"sealock", "waive", finding, "--rule", e.Rule}
	for _, f := range [][2]string{{"--purl", k.PURL}, {"--path", k.Path}, {"--resource", k.Resource}} {
		if f[1] != "" {
			args = append(args, f[0], f[1])
		}
	}
	for i, a := range args {
		if Clean(a) != a || finding == "" || strings.HasPrefix(a, "-") && !strings.HasPrefix(a, "--") { // nobody could type it
			return ""
		}
		args[i] = Word(a)
	}
	return d.here(strings.Join(args, " ")) + ` --until DAY --reason "…" --owner WHO`
}

// Word makes a text one word of a POSIX shell, so that a command with it can be copied as it stands.
func Word(s string) string {
	if s != "" && strings.Trim(s, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_./:@%+=,~") == "" && s[0] != '~' {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}

// fingerprints gives entries of one document an id each that stays the same while the finding does.
type fingerprints map[string]int

func (f fingerprints) of(d shown, e entry) string {
	about := []string{d.Environment, d.Stage, d.Subject.Name, fmt.Sprint(int(e.kind)), e.Code, e.Stage, e.Rule}
	if k := e.Key; k != nil {
		about = append(about, k.Fingerprint, k.Advisory, k.PURL, k.Path, k.Resource)
	}
	id := strings.Join(about, "\x00")
	f[id]++
	return attest.SHA256([]byte(fmt.Sprintf("%s\x00%d", id, f[id]))).Hex
}
