// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"errors"
	"fmt"
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"
)

// Waivable reports whether a reason of this code is a finding, which somebody can accept, and not the lack of an answer.
func Waivable(code string) bool { return !unwaivable[code] }

// AddWaiver writes a waiver into waivers.yaml behind those that are there. Everything else in the file stays as it is, comments and order included; an empty file is begun.
func AddWaiver(file string, data []byte, w Waiver, p *Policy) ([]byte, error) {
	before := []Waiver{}
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte("apiVersion: " + APIVersion + "\nkind: " + KindWaivers + "\nwaivers:\n")
	} else {
		var err error
		if before, err = ParseWaivers(file, data, p); err != nil {
			return nil, err
		}
	}
	out, err := insertWaiver(data, w)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	after, err := ParseWaivers(file, out, p)
	if err != nil {
		return nil, err
	}
	if len(after) != len(before)+1 || !slices.Contains(after, w) || slices.ContainsFunc(before, func(x Waiver) bool { return !slices.Contains(after, x) }) {
		return nil, fmt.Errorf("%s: the waiver can't be added without changing what is there\nhint: write it by hand: %s", file, strings.TrimSpace(string(w.yaml(""))))
	}
	return out, nil
}

// insertWaiver puts an entry behind the last one of the list.
func insertWaiver(data []byte, w Waiver) ([]byte, error) {
	if data[len(data)-1] != '\n' {
		data = append(slices.Clone(data), '\n')
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) != 1 || doc.Content[0].Kind != yaml.MappingNode {
		return nil, errors.New("it is no mapping in YAML")
	}
	top := doc.Content[0]
	key, list, next := (*yaml.Node)(nil), (*yaml.Node)(nil), 0 // next: the line on which another key follows
	for i := 0; i+1 < len(top.Content); i += 2 {
		switch {
		case top.Content[i].Value == "waivers":
			key, list = top.Content[i], top.Content[i+1]
		case key != nil && next == 0:
			next = top.Content[i].Line
		}
	}
	lines := bytes.SplitAfter(data, []byte("\n"))
	lines = lines[:len(lines)-1] // behind the last line break is nothing
	at := len(lines)
	if next > 0 {
		for at = next - 1; at > 0 && (len(bytes.TrimSpace(lines[at-1])) == 0 || bytes.HasPrefix(bytes.TrimSpace(lines[at-1]), []byte("#"))); at-- {
		}
	}
	switch {
	case key == nil:
		return append(data, append([]byte("waivers:\n"), w.yaml("  ")...)...), nil
	case list.Kind == yaml.SequenceNode && list.Style&yaml.FlowStyle == 0 && len(list.Content) > 0:
		first := lines[list.Content[0].Line-1]
		indent := len(first) - len(bytes.TrimLeft(first, " "))
		return join(lines, at, w.yaml(strings.Repeat(" ", indent))), nil
	case isNull(list) && list.Value == "":
		return join(lines, key.Line, w.yaml("  ")), nil
	}
	var entry yaml.Node
	if err := yaml.Unmarshal(w.yaml(""), &entry); err != nil {
		return nil, err
	}
	list.Kind, list.Tag, list.Value, list.Style = yaml.SequenceNode, "!!seq", "", 0
	list.Content = append(list.Content, entry.Content[0].Content[0])
	var b bytes.Buffer
	e := yaml.NewEncoder(&b)
	e.SetIndent(2)
	if err := e.Encode(&doc); err != nil {
		return nil, err
	}
	return b.Bytes(), e.Close()
}

func join(lines [][]byte, at int, entry []byte) []byte {
	return slices.Concat(bytes.Join(lines[:at], nil), entry, bytes.Join(lines[at:], nil))
}

// yaml is the waiver as an entry of the list in waivers.yaml.
func (w Waiver) yaml(indent string) []byte {
	var scope []string
	for _, f := range [][2]string{{"advisory", w.Scope.Advisory}, {"purl", w.Scope.PURL}, {"path", w.Scope.Path}, {"resource", w.Scope.Resource}, {"subject", w.Scope.Subject},
		{"fingerprint", w.Scope.Fingerprint}} {
		if f[1] != "" {
			scope = append(scope, fmt.Sprintf("%s: %q", f[0], f[1]))
		}
	}
	if w.Scope.Everywhere {
		scope = append(scope, "everywhere: true")
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s- rule: %s\n%s  scope: {%s}\n", indent, w.Rule, indent, strings.Join(scope, ", "))
	for _, f := range [][2]string{{"reason", w.Reason}, {"owner", w.Owner}, {"ticket", w.Ticket}} {
		if f[1] != "" {
			fmt.Fprintf(&b, "%s  %s: %q\n", indent, f[0], f[1])
		}
	}
	if !w.From.IsZero() {
		fmt.Fprintf(&b, "%s  from: %s\n", indent, rfc3339(w.From))
	}
	fmt.Fprintf(&b, "%s  expires: %s\n", indent, rfc3339(w.Expires))
	return []byte(b.String())
}

// Shrink takes out of a baseline what is not among the findings given, and lowers its limit. It gives what is new and therefore not in it, and what was taken out. Where
// there is no baseline yet (nil), it begins one of all the findings.
func (b *Baseline) Shrink(found []Baselined) (out Baseline, fresh, gone []Baselined) {
	out = Baseline{APIVersion: APIVersion, Kind: KindBaseline}
	same := func(x Baselined) func(Baselined) bool {
		return func(y Baselined) bool { return x.Rule == y.Rule && x.Fingerprint == y.Fingerprint }
	}
	for _, x := range found {
		switch {
		case slices.ContainsFunc(out.Findings, same(x)):
		case b == nil || slices.ContainsFunc(b.Findings, same(x)):
			out.Findings = append(out.Findings, x)
		case !slices.ContainsFunc(fresh, same(x)):
			fresh = append(fresh, x)
		}
	}
	if b != nil {
		for _, x := range b.Findings {
			if !slices.ContainsFunc(out.Findings, same(x)) {
				gone = append(gone, x)
			}
		}
	}
	slices.SortFunc(out.Findings, func(x, y Baselined) int {
		return strings.Compare(strings.Join([]string{x.Rule, x.Path, x.Resource, x.PURL, x.Advisory, x.Fingerprint}, "\x00"), strings.Join([]string{y.Rule, y.Path, y.Resource, y.PURL, y.Advisory, y.Fingerprint}, "\x00"))
	})
	out.Limit = len(out.Findings)
	return out, fresh, gone
}

// YAML is the baseline as a file.
func (b Baseline) YAML() []byte {
	var s strings.Builder
	fmt.Fprintf(&s, "# What was found when the gate was introduced. 'sealock waive --baseline' takes out what is mended; nothing is ever added.\napiVersion: %s\nkind: %s\nlimit: %d\n", APIVersion, KindBaseline, b.Limit)
	if len(b.Findings) == 0 {
		s.WriteString("findings: []\n")
		return []byte(s.String())
	}
	s.WriteString("findings:\n")
	for _, x := range b.Findings {
		fmt.Fprintf(&s, "  - {rule: %s", x.Rule)
		for _, f := range [][2]string{{"path", x.Path}, {"resource", x.Resource}, {"purl", x.PURL}, {"advisory", x.Advisory}, {"fingerprint", x.Fingerprint}} {
			if f[1] != "" {
				fmt.Fprintf(&s, ", %s: %q", f[0], f[1])
			}
		}
		s.WriteString("}\n")
	}
	return []byte(s.String())
}
