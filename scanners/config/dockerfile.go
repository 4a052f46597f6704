// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"

	"github.com/moby/buildkit/frontend/dockerfile/command"
	buildkit "github.com/moby/buildkit/frontend/dockerfile/parser"
	"github.com/moby/buildkit/frontend/dockerfile/shell"
)

// Bounds of Dockerfiles.
const (
	maxDockerfile  = 4 << 20 // bytes
	maxOnbuild     = 1_000   // times the word ONBUILD is there: each may hold the next
	maxShellNest   = 100     // ${a:-${b:-…}} in one instruction
	maxImageLength = 4_096   // bytes of a build argument that is put into an image's name
)

// dockerfilePlaces are the lines of instructions, and the instruction that starts each stage.
type dockerfilePlaces struct {
	instructions []Position
	stages       []int
}

func (d dockerfilePlaces) position(path []any) Position {
	whole := Position{Line: 1, Column: 1, EndLine: 1}
	if len(path) < 2 {
		return whole
	}
	n, ok := path[1].(int)
	if ok && path[0] == "stages" && n >= 0 && n < len(d.stages) {
		return d.instructions[d.stages[n]]
	}
	if ok && path[0] == "instructions" && n >= 0 && n < len(d.instructions) {
		return d.instructions[n]
	}
	return whole
}

// dockerfile is one that is being read.
type dockerfile struct {
	file         file
	lines        [][]byte
	lex          *shell.Lex
	args         buildArgs
	instructions []any
	stages       []any
	places       dockerfilePlaces
	problems     []Problem
}

// parseDockerfile makes one item of a Dockerfile with BuildKit's own parser.
func parseDockerfile(f file, lim limits) (items []Item, problems []Problem, err error) {
	defer func() { // BuildKit's parser is made for files that somebody wants to build
		if r := recover(); r != nil {
			items, problems = nil, []Problem{{File: f.path, Line: 1, Column: 1, Message: fmt.Sprintf("parsing dockerfile: the parser broke down: %v", r)}}
		}
	}()
	if p := guardDockerfile(f); p != nil {
		return nil, []Problem{*p}, nil
	}
	parsed, err := buildkit.Parse(bytes.NewReader(f.data))
	if err != nil {
		return nil, []Problem{dockerfileProblem(f.path, err)}, nil
	}
	d := &dockerfile{file: f, lines: bytes.Split(f.data, []byte("\n")), lex: shell.NewLex(parsed.EscapeToken), args: buildArgs{}}
	d.lex.SkipUnsetEnv = true
	for _, n := range parsed.AST.Children {
		if len(d.instructions) > lim.nodes {
			return nil, nil, fmt.Errorf("%w: %q has more than %d instructions", ErrLimit, f.path, lim.nodes)
		}
		d.instruction(n, nil)
	}
	if len(d.stages) > 0 {
		d.stages[len(d.stages)-1].(map[string]any)["final"] = true
	} else if len(d.problems) == 0 {
		d.problem(1, "no FROM instruction: no image can be built of it")
	}
	doc := map[string]any{"stages": append([]any{}, d.stages...), "instructions": append([]any{}, d.instructions...)}
	return []Item{{Kind: Dockerfile, File: f.path, Resource: f.path, Doc: doc, locate: d.places}}, d.problems, nil
}

func (d *dockerfile) problem(line int, what string) {
	if len(d.problems) < maxFileProblems {
		d.problems = append(d.problems, Problem{File: d.file.path, Line: line, Column: 1, Message: "parsing dockerfile: " + what})
	}
}

// dockerfileProblem keeps what went wrong and drops the quoted text of the file, which may hold a secret.
func dockerfileProblem(file string, err error) Problem {
	p := Problem{File: file, Line: 1, Column: 1}
	var at *buildkit.LocationError
	if errors.As(err, &at) {
		for _, r := range at.Locations {
			if len(r) > 0 && r[0].Start.Line > 0 {
				p.Line = r[0].Start.Line
			}
		}
	}
	message := err.Error()
	if cut := strings.IndexAny(message, `"'`); cut >= 0 {
		message = strings.TrimRight(message[:cut], " :")
	}
	p.Message = "parsing dockerfile: " + lowerFirst(message)
	return p
}

// guardDockerfile refuses what would nest too deeply for the parser, which is recursive.
func guardDockerfile(f file) *Problem {
	problem := func(line int, what string) *Problem {
		return &Problem{File: f.path, Line: line, Column: 1, Message: "parsing dockerfile: " + what}
	}
	if len(f.data) > maxDockerfile {
		return problem(1, fmt.Sprintf("more than %d bytes", maxDockerfile))
	}
	if bytes.Count(bytes.ToLower(f.data), []byte(command.Onbuild)) > maxOnbuild {
		return problem(1, fmt.Sprintf("more than %d times ONBUILD", maxOnbuild))
	}
	depth := 0
	for i, line := range bytes.Split(f.data, []byte("\n")) {
		for at, c := range line {
			switch {
			case c == '$' && at+1 < len(line) && line[at+1] == '{':
				depth++
			case c == '}':
				depth = max(0, depth-1)
			}
			if depth > maxShellNest {
				return problem(i+1, fmt.Sprintf("${…} is nested deeper than %d", maxShellNest))
			}
		}
		if end := bytes.TrimRight(line, " \t\r"); len(end) == 0 || end[len(end)-1] != '\\' && end[len(end)-1] != '`' {
			depth = 0
		}
	}
	return nil
}

// instruction adds one. What ONBUILD holds is added after it, as an instruction of the same place.
func (d *dockerfile) instruction(n *buildkit.Node, outer *buildkit.Node) {
	cmd := strings.ToLower(n.Value)
	placed := n
	if outer != nil {
		placed = outer
	} else if _, known := command.Commands[cmd]; !known && len(d.problems) == 0 {
		d.problem(n.StartLine, "an instruction that is not known")
	}
	path := []any{"instructions", len(d.instructions)}
	heredocs := []any{}
	for _, h := range placed.Heredocs {
		content := h.Content
		if h.Chomp {
			content = buildkit.ChompHeredocContent(content)
		}
		heredocs = append(heredocs, map[string]any{"name": h.Name, "content": content})
	}
	one := map[string]any{"cmd": cmd, "text": n.Original, "args": d.arguments(n, cmd), "flags": stringList(n.Flags), "json": n.Attributes["json"],
		"heredocs": heredocs, "stage": len(d.stages) - 1, "path": path, "onbuild": outer != nil}
	d.instructions = append(d.instructions, one)
	d.places.instructions = append(d.places.instructions, d.place(placed))
	switch {
	case cmd == command.From && outer == nil:
		d.from(n, path)
		one["stage"] = len(d.stages) - 1
	case cmd == command.Arg && len(d.stages) == 0 && outer == nil:
		for w := n.Next; w != nil; w = w.Next {
			if name, value, ok := strings.Cut(w.Value, "="); ok {
				d.args.set(name, d.expand(value))
			}
		}
	case cmd == command.Onbuild && n.Next != nil:
		for _, inner := range n.Next.Children {
			d.instruction(inner, placed)
		}
	}
}

func (d *dockerfile) place(n *buildkit.Node) Position {
	p := Position{Line: max(1, n.StartLine), Column: 1, EndLine: max(1, n.StartLine, n.EndLine)}
	if p.Line <= len(d.lines) {
		line := d.lines[p.Line-1]
		p.Column += len(line) - len(bytes.TrimLeft(line, " \t"))
	}
	return p
}

// arguments are the words of an instruction. Those of ENV and LABEL are "name=value" with the quotes taken away, as are those of ARG.
func (d *dockerfile) arguments(n *buildkit.Node, cmd string) []any {
	out := []any{}
	switch cmd {
	case command.Env, command.Label:
		for w := n.Next; w != nil && w.Next != nil; {
			out = append(out, d.unquote(w.Value)+"="+d.unquote(w.Next.Value))
			if w = w.Next.Next; w != nil {
				w = w.Next
			}
		}
		return out
	case command.Onbuild:
		return out
	}
	for w := n.Next; w != nil; w = w.Next {
		name, value, ok := strings.Cut(w.Value, "=")
		if cmd == command.Arg && ok {
			out = append(out, name+"="+d.unquote(value))
		} else {
			out = append(out, w.Value)
		}
	}
	return out
}

// unquote takes away quotes and escapes; variables stay as they are written.
func (d *dockerfile) unquote(word string) string {
	if word == "" || !strings.ContainsAny(word, `"'\`+"`") || len(word) > maxText {
		return word
	}
	if strings.Contains(word, "$") {
		// The lexer would fill in defaults.
		if q := word[0]; len(word) > 1 && (q == '"' || q == '\'') && word[len(word)-1] == q {
			return word[1 : len(word)-1]
		}
		return word
	}
	if plain, _, err := d.lex.ProcessWord(word, buildArgs{}); err == nil {
		return plain
	}
	return word
}

// fallback is ${name:-word} without anything nested in it.
var fallback = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{(\w+):?-([^${}]*)\}`) })

// expand puts build arguments into a word. One without a value is its fallback, or stays as it is written.
func (d *dockerfile) expand(word string) string {
	if len(word) > maxImageLength {
		return word
	}
	for range maxShellNest {
		inner := fallback().ReplaceAllStringFunc(word, func(m string) string {
			part := fallback().FindStringSubmatch(m)
			if _, set := d.args[part[1]]; set {
				return m
			}
			return part[2]
		})
		if inner == word {
			break
		}
		word = inner
	}
	if out, _, err := d.lex.ProcessWord(word, d.args); err == nil && len(out) <= maxImageLength {
		return out
	}
	return word
}

// from starts a stage.
func (d *dockerfile) from(n *buildkit.Node, path []any) {
	var words []string
	for w := n.Next; w != nil; w = w.Next {
		words = append(words, w.Value)
	}
	stage := map[string]any{"index": len(d.stages), "name": "", "image": "", "base": nil, "platform": "", "path": path, "final": false}
	if len(words) > 0 {
		stage["image"] = d.expand(words[0])
	}
	if len(words) > 2 && strings.EqualFold(words[1], "as") {
		stage["name"] = words[2]
	}
	for _, f := range n.Flags {
		if p, ok := strings.CutPrefix(f, "--platform="); ok {
			stage["platform"] = d.expand(p)
		}
	}
	for i := len(d.stages) - 1; i >= 0; i-- {
		if name := asText(d.stages[i].(map[string]any)["name"]); name != "" && strings.EqualFold(name, asText(stage["image"])) {
			stage["base"] = i
			break
		}
	}
	d.stages = append(d.stages, stage)
	d.places.stages = append(d.places.stages, path[1].(int))
}

func stringList(s []string) []any {
	out := make([]any, len(s))
	for i, e := range s {
		out[i] = e
	}
	return out
}

// buildArgs are the arguments before the first FROM that have a value.
type buildArgs map[string]string

// Get and Keys are what BuildKit's lexer asks.
func (b buildArgs) Get(name string) (string, bool) { v, ok := b[name]; return v, ok }

// Keys are the names in order.
func (b buildArgs) Keys() []string { return sortedKeys(b) }

func (b buildArgs) set(name, value string) { b[name] = value }
