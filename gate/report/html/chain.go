// SPDX-License-Identifier: Apache-2.0

package html

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
)

// chainView is the picture of the chain and the same in words.
type chainView struct {
	Pictures []picture
	Stages   []stageView
	Steps    []stepView
	Traced   []requirementView
}

// stageView is a stage in words.
type stageView struct {
	Name, Status, Class, Signer, Time, After string
	Receipt                                  inputLink
	Evidence                                 []evidenceView
	Problems                                 []string
}

type evidenceView struct {
	Type string
	At   inputLink
}

// stepView is an environment on the way, in words.
type stepView struct {
	Name, Status, Class, Detail string
}

// requirementView is one thing that was asked for, with what was looked at.
type requirementView struct {
	Name, Status, Class string
	Candidates          []string
}

// inputLink leads from a digest to its row among the inputs.
type inputLink struct {
	Short, Full, Target string
}

func (b *builder) link(id string) inputLink {
	l := inputLink{Short: short(id), Full: plain(id)}
	if n, ok := b.inputs[id]; ok {
		l.Target = fmt.Sprintf("%s-input-%d", b.id, n)
	}
	return l
}

func (b *builder) chain() chainView {
	var v chainView
	for _, s := range b.d.Stages {
		v.Stages = append(v.Stages, b.stage(s))
	}
	v.Steps = b.steps()
	for _, r := range b.d.Trace() {
		req := requirementView{Name: plain(r.Name), Status: "not met", Class: "bad"}
		if r.Met {
			req.Status, req.Class = "met", "ok"
		}
		for _, x := range r.Candidates {
			line := fmt.Sprintf("%s by %s, %s: counts", short(x.Digest), x.Signer, cmp.Or(clock(x.Time), "no time"))
			if x.Failed != nil {
				line = fmt.Sprintf("%s by %s, %s: does not count: %s, %s", short(x.Digest), x.Signer, cmp.Or(clock(x.Time), "no time"), x.Failed.Code, x.Failed.Message)
			}
			req.Candidates = append(req.Candidates, plain(line))
		}
		v.Traced = append(v.Traced, req)
	}
	v.Pictures = b.drawChain(v)
	return v
}

func (b *builder) stage(s gate.StageStatus) stageView {
	v := stageView{Name: plain(s.Name), Status: plain(s.Status), Class: "ok", Time: clock(s.FinishedAt), Receipt: b.link(s.Receipt)}
	if s.Status != "ok" {
		v.Class = "bad"
	}
	if s.Receipt != "" {
		v.Signer = plain(b.signer(s))
	}
	mine := map[string]bool{s.Receipt: true}
	for _, e := range s.Evidence {
		mine[e.Digest] = true
		v.Evidence = append(v.Evidence, evidenceView{plain(e.Type), b.link(e.Digest)})
	}
	for _, r := range b.d.Reasons {
		about := r.Stage == s.Name || slices.ContainsFunc(r.Evidence, func(id string) bool { return id != "" && mine[id] })
		if about && !slices.Contains(v.Problems, r.Code) {
			v.Problems = append(v.Problems, plain(r.Code))
			v.Class = "bad"
		}
	}
	if v.Class == "bad" && v.Status == "ok" {
		v.Status = "ran, and a rule refuses"
	}
	v.After = strings.Join(b.after(s), ", ")
	return v
}

// signer is who signed the receipt, by the policy's name for it.
func (b *builder) signer(s gate.StageStatus) string {
	if n, ok := b.inputs[s.Receipt]; ok {
		return b.d.Inputs[n].Signer
	}
	return s.Signer.String()
}

// after are the stages that one follows: by the policy, else as its receipt names them.
func (b *builder) after(s gate.StageStatus) []string {
	var out []string
	if b.p != nil {
		for _, a := range b.p.Stages[s.Name].After {
			out = append(out, plain(a.Stage))
		}
		return out
	}
	if r := b.found.receipt(s.Receipt); r != nil {
		for _, m := range r.Materials {
			if name, is := strings.CutPrefix(m.Name, predicate.ReceiptPrefix); is && !slices.Contains(out, name) {
				out = append(out, plain(name))
			}
		}
	}
	return out
}

// steps are the environments on the way: those before, as far as a promotion to them is an input, and the one that is asked about.
func (b *builder) steps() []stepView {
	if b.d.Environment == "" {
		return nil
	}
	promoted, approvals := map[string]string{}, []string{}
	for _, in := range b.d.Inputs {
		st := b.found.byID[in.Digest]
		var vsa predicate.VSA
		switch {
		case in.PredicateType == predicate.TypeVSA && predicate.Decode(st, &vsa) == nil:
			for _, l := range vsa.VerifiedLevels {
				if env, is := strings.CutPrefix(l, predicate.EnvironmentLevel); is {
					promoted[env] = fmt.Sprintf("by %s, %s", in.Signer, clock(in.Time.Value))
				}
			}
		case in.PredicateType == predicate.TypeSVR || in.PredicateType == predicate.TypeSVRV02:
			approvals = append(approvals, in.Signer)
		}
	}
	path := []string{b.d.Environment}
	if b.p != nil {
		path = b.p.Path(b.d.Environment)
	}
	var out []stepView
	for _, env := range path {
		s := stepView{Name: plain(env), Status: "on the way", Class: "plain"}
		if by, ok := promoted[env]; ok {
			s.Status, s.Class, s.Detail = "promoted", "ok", plain(by)
		}
		if env == b.d.Environment {
			x := verdictOf(b.d.Verdict)
			s.Status, s.Class = x.Word, x.Class
			if s.Detail != "" {
				s.Detail = "promoted " + s.Detail
			}
			if len(approvals) > 0 {
				s.Detail = plain("approved by " + strings.Join(approvals, ", "))
			}
		}
		out = append(out, s)
	}
	return out
}

// drawChain puts stages, and behind them the environments, into a picture.
func (b *builder) drawChain(v chainView) []picture {
	var nodes []node
	var links []link
	number, follows := map[string]int{}, map[string]bool{}
	for _, s := range v.Stages {
		n := node{Title: s.Name, Class: s.Class, Lines: []string{s.Status}}
		if s.Signer != "" {
			n.Lines = append(n.Lines, "by "+s.Signer, toMinute(s.Time))
		}
		var types []string
		for _, e := range s.Evidence {
			if !slices.Contains(types, e.Type) {
				types = append(types, e.Type)
			}
		}
		n.Lines = append(n.Lines, lines(types, boxWidth)...)
		n.Lines = append(n.Lines, s.Problems[:min(3, len(s.Problems))]...)
		number[s.Name] = len(nodes)
		nodes = append(nodes, n)
	}
	for _, s := range v.Stages {
		for _, name := range strings.Split(s.After, ", ") {
			if from, ok := number[name]; ok {
				links = append(links, link{from, number[s.Name], arrowClass(nodes[from].Class)})
				follows[name] = true
			}
		}
	}
	for i, s := range v.Steps {
		n := node{Title: s.Name, Class: s.Class, Lines: append([]string{s.Status}, lines(strings.Fields(toMinute(s.Detail)), boxWidth)...)}
		if i > 0 {
			links = append(links, link{len(nodes) - 1, len(nodes), arrowClass(nodes[len(nodes)-1].Class)})
		} else {
			for name, from := range number {
				if !follows[name] {
					links = append(links, link{from, len(nodes), arrowClass(nodes[from].Class)})
				}
			}
			slices.SortFunc(links, func(a, b link) int { return cmp.Or(a.From-b.From, a.To-b.To) })
		}
		nodes = append(nodes, n)
	}
	return draw(nodes, links)
}

var seconds = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`( [0-9]{2}:[0-9]{2}):[0-9]{2} UTC$`) })

// toMinute shortens a time at the end of a text, since boxes are narrow.
func toMinute(s string) string { return seconds().ReplaceAllString(s, "$1 UTC") }

func arrowClass(from string) string {
	if from == "bad" {
		return "bad"
	}
	return "plain"
}

// lines fills lines of a box with words, at most three of them.
func lines(words []string, boxed int) []string {
	var out []string
	for _, w := range words {
		if n := len(out); n > 0 && drawn(out[n-1]+" "+w) <= inside(boxed) {
			out[n-1] += " " + w
			continue
		}
		if len(out) == 3 {
			out[2] = fit(out[2]+" …", inside(boxed))
			break
		}
		out = append(out, w)
	}
	return out
}
