// SPDX-License-Identifier: Apache-2.0

package report

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sealock-dev/sealock/gate"
)

// node is one line of a tree, with what it rests on below it.
type node struct {
	sign  string // + or x, or nothing
	text  string
	below []node
}

// chain draws what a decision rests on as a tree: the stage that made the artifact on the stages before it and on its evidence, then the stages that ran about
// the artifact later, then what else was asked for.
func (p *printer) chain(d shown) {
	t := tree{shown: d, status: map[string]gate.StageStatus{}, drawn: map[string]bool{}, all: p.opt.Verbose}
	for _, s := range d.Stages {
		t.status[s.Name] = s
	}
	products := map[string]bool{}
	if p.opt.Policy != nil {
		t.after = p.opt.Policy.Stages
		for _, kind := range p.opt.Policy.Artifacts {
			products[kind.Product] = true
		}
	}
	root := node{text: "chain of " + d.Subject.String()} // our words first: no line begins with a text from outside
	for _, product := range []bool{true, false} {
		for _, s := range slices.Backward(d.Stages) { // a later stage rests on the ones before
			if products[s.Name] == product && !t.drawn[s.Name] {
				root.below = append(root.below, t.stage(s.Name))
			}
		}
	}
	for _, req := range d.requirements {
		if _, isStage := t.status[strings.TrimPrefix(req.Name, "stage ")]; !isStage {
			root.below = append(root.below, t.requirement(req))
		}
	}
	p.draw(root, "", "")
}

// draw writes a node, its own line behind one prefix and what is below it behind another.
func (p *printer) draw(n node, first, rest string) {
	color := green
	if n.sign == "x" {
		color = red
	}
	if n.sign == "" {
		p.line("%s%s", first, n.text)
	} else {
		p.line("%s%s %s", first, p.paint(color, n.sign), n.text)
	}
	for i, b := range n.below {
		if i == len(n.below)-1 {
			p.draw(b, rest+"└─ ", rest+"   ")
		} else {
			p.draw(b, rest+"├─ ", rest+"│  ")
		}
	}
}

// tree makes the nodes of one decision.
type tree struct {
	shown
	status map[string]gate.StageStatus
	after  map[string]gate.Stage
	drawn  map[string]bool // a stage is drawn once, and named where it is met again
	all    bool            // every statement in a line of its own
}

func (t tree) stage(name string) node {
	s := t.status[name]
	if t.drawn[name] {
		return node{text: name + " (see above)"}
	}
	t.drawn[name] = true
	n := node{sign: "+", text: fmt.Sprintf("%s  %s by %s, %s", name, short(s.Receipt), signer(t.shown, s), orDash(s.FinishedAt))}
	if s.Status != "ok" {
		n.sign, n.text = "x", name+": "+s.Status
		n.below = t.failed("stage " + name)
	}
	n.below = append(n.below, t.evidence(s)...)
	for _, a := range t.after[name].After {
		if _, asked := t.status[a.Stage]; asked {
			n.below = append(n.below, t.stage(a.Stage))
		}
	}
	return n
}

// failed are the candidates of a requirement that do not count, with the reason.
func (t tree) failed(requirement string) []node {
	var out []node
	for _, req := range t.requirements {
		if req.Name != requirement {
			continue
		}
		for _, c := range req.Candidates {
			if c.Failed != nil {
				out = append(out, node{sign: "x", text: fmt.Sprintf("%s by %s, %s: %s  %s", short(c.Digest), c.Signer, orDash(c.Time), c.Failed.Code, c.Failed.Message)})
			}
		}
	}
	return out
}

func (t tree) requirement(req gate.Requirement) node {
	n := node{sign: "+", text: req.Name}
	if !req.Met {
		n.sign, n.below = "x", t.failed(req.Name)
	}
	for _, c := range req.Candidates {
		if c.Failed == nil {
			n.below = append(n.below, node{sign: "+", text: fmt.Sprintf("%s by %s, %s", short(c.Digest), c.Signer, orDash(c.Time))})
		}
	}
	if len(n.below) == 0 {
		n.below = []node{{text: "nothing of this kind about this artifact"}}
	}
	return n
}

// evidence are the statements that a stage's receipt names. Several of one kind, as for each platform of an index, share a line.
func (t tree) evidence(s gate.StageStatus) []node {
	var out []node
	count := map[string]int{}
	for _, e := range s.Evidence {
		count[e.Type]++
	}
	for _, e := range s.Evidence {
		switch n := count[e.Type]; {
		case n == 1 || t.all:
			out = append(out, node{text: strings.TrimSpace(fmt.Sprintf("%s  %s%s", e.Type, short(e.Digest), t.made(e.Digest)))})
		case n > 1:
			out = append(out, node{text: fmt.Sprintf("%s  %d statements, the first %s%s", e.Type, n, short(e.Digest), t.made(e.Digest))})
			count[e.Type] = 0
		}
	}
	return out
}

// made says who signed a statement and when, if the decision rests on it.
func (t tree) made(digest string) string {
	for _, in := range t.Inputs {
		if in.Digest == digest {
			return fmt.Sprintf(" by %s, %s", in.Signer, orDash(in.Time.Value))
		}
	}
	return ""
}
