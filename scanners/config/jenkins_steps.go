// SPDX-License-Identifier: Apache-2.0

package config

import (
	"slices"
	"strings"
)

// shellStep is a call of sh, bat, powershell or pwsh; of sshCommand, whose script another machine runs; or of evaluate, which runs Groovy.
type shellStep struct {
	name          groovyToken
	script        []groovyToken // what it is to run
	last          int           // line
	statusDropped bool          // returnStatus: true, and nobody takes the status
	inside        []any         // names of the blocks round it, the outermost first
}

// sharedLibrary is one that the pipeline loads; the text is name@version.
type sharedLibrary struct {
	at    groovyToken
	text  string
	exprs []groovyExpr
}

// jenkinsVariable is a variable that Jenkins fills with a credential, or one whose value is written out.
type jenkinsVariable struct {
	name  string
	at    groovyToken
	value string
}

func isShellStep(name string) bool {
	return name == "sh" || name == "bat" || name == "powershell" || name == "pwsh" || name == "sshCommand" || name == "evaluate"
}

// scriptArgument is the name of the argument that holds the script of a step.
func scriptArgument(step string) string {
	if step == "sshCommand" {
		return "command"
	}
	return "script"
}

// argument is an argument of a call; name is empty for one by position.
type argument struct {
	name  string
	value []groovyToken
}

// arguments are those of the call whose name is at i, and the line on which it ends; none if it is no call.
func (j *jenkins) arguments(tokens []groovyToken, i int) ([]argument, int) {
	next := tokenAt(tokens, i+1)
	var all []groovyToken
	switch {
	case j.work > maxGroovyWork:
		return nil, 0
	case next.is("("):
		all = tokens[i+2 : max(closedAt(tokens, i+1), i+2)]
	case next.kind == groovyString, next.kind == groovyName, next.is("["):
		all = tokens[i+1 : j.expressionEnd(tokens, i+1)]
	default:
		return nil, 0
	}
	if len(all) > 0 && all[0].is("[") && closedAt(all, 0) == len(all)-1 {
		all = all[1 : len(all)-1]
	}
	last := next.line
	for _, t := range all {
		last = max(last, t.line, t.endLine)
	}
	j.work += 2 * len(all)
	return split(all), last
}

// split parts arguments at their commas.
func split(tokens []groovyToken) []argument {
	var out []argument
	start := 0
	for i := 0; i <= len(tokens); i++ {
		t := tokenAt(tokens, i)
		switch {
		case t.is("(") || t.is("[") || t.is("{"):
			i = closedAt(tokens, i) - 1
			continue
		case i < len(tokens) && !t.is(","):
			continue
		}
		a := argument{value: tokens[start:min(i, len(tokens))]}
		if key := tokenAt(a.value, 0); tokenAt(a.value, 1).is(":") && (key.kind == groovyName || key.kind == groovyString) {
			a.name, a.value = key.text, a.value[2:]
		}
		if len(a.value) > 0 {
			out = append(out, a)
		}
		start = i + 1
	}
	return out
}

// valueOf is the argument of this name; "" is the first by position.
func valueOf(arguments []argument, name string) []groovyToken {
	for _, a := range arguments {
		if a.name == name {
			return a.value
		}
	}
	return nil
}

// continues says that an expression goes on after a line that ends with this token.
func continues(t groovyToken) bool {
	return t.kind == groovyMark && slices.Contains([]string{",", "+", "?", ":", "?:", "=", "==", "&&", "||", ".", "?."}, t.text)
}

// goesOn says that a line that begins with this token goes on with the one before.
func goesOn(t groovyToken) bool {
	return t.kind == groovyMark && slices.Contains([]string{"+", "?", ":", "?:", "&&", "||", ".", "?."}, t.text)
}

// expressionEnd is where the expression, or the list of arguments without brackets, ends that begins at i.
func (j *jenkins) expressionEnd(tokens []groovyToken, i int) int {
	for ; i < len(tokens) && j.work <= maxGroovyWork; i++ {
		j.work++
		switch t := tokens[i]; {
		case t.is("(") || t.is("[") || t.is("{"):
			i = closedAt(tokens, i)
		case t.is(")") || t.is("]") || t.is("}") || t.is(";"):
			return i
		case t.kind == groovyLine && !continues(tokenAt(tokens, i-1)):
			next := i + 1
			for next < len(tokens) && tokens[next].kind == groovyLine {
				next++
			}
			if !goesOn(tokenAt(tokens, next)) {
				return i
			}
			i = next
		}
	}
	return min(i, len(tokens))
}

// shell reads a step that gives a script to a shell.
func (j *jenkins) shell(tokens []groovyToken, i int) {
	before := i - 1
	for tokenAt(tokens, before).is(".") && before > 0 { // steps.sh, this.sh
		before -= 2
	}
	if b := tokenAt(tokens, before); b.kind == groovyName && b.text != "return" && b.text != "else" && b.text != "in" {
		return // def sh(…): a function of this name
	}
	arguments, last := j.arguments(tokens, i)
	script := valueOf(arguments, scriptArgument(tokens[i].text))
	if script == nil {
		script = valueOf(arguments, "")
	}
	if script == nil {
		return
	}
	s := shellStep{name: tokens[i], script: script, last: last, inside: []any{}}
	status := valueOf(arguments, "returnStatus")
	b := tokenAt(tokens, before)
	s.statusDropped = tokenAt(status, 0).named("true") && (b.kind == groovyLine || b.is("{") || b.is("}") || b.is(";"))
	for _, block := range j.blocks[max(0, len(j.blocks)-maxGroovyNest):] {
		if block.bracket == "{" && block.call != "" {
			s.inside = append(s.inside, block.call)
		}
	}
	j.steps = append(j.steps, s)
}

// scriptText is a script as far as it is written out, and the expressions in it: those in its strings and those that are added to them.
func scriptText(script []groovyToken) (string, []groovyExpr) {
	var b strings.Builder
	exprs := []groovyExpr{}
	for i := 0; i < len(script); i++ {
		t := script[i]
		switch {
		case t.kind == groovyString && !tokenAt(script, i-1).is("."):
			b.WriteString(t.text)
			exprs = append(exprs, t.inner...)
		case t.kind == groovyName && !tokenAt(script, i-1).is("."):
			b.WriteString("${expression}")
			end := chainEnd(script, i)
			exprs = append(exprs, groovyExpr{line: t.line, column: t.column, tokens: script[i:end]})
			i = end - 1
		case t.is("(") && i > 0 && script[i-1].kind == groovyName, t.is("[") || t.is("{"):
			i = closedAt(script, i) // arguments of strip and the like
		}
	}
	return b.String(), exprs
}

// sourceOf is the beginning of an expression, for messages: without its texts, which may be secrets.
func sourceOf(tokens []groovyToken) string {
	var b strings.Builder
	for _, t := range tokens {
		if t.kind == groovyString || b.Len() > 100 {
			return b.String() + "…"
		}
		b.WriteString(t.text)
	}
	return b.String()
}

// library reads @Library('a@1') _, @Library(['a@1', 'b']), library 'a@1', library(identifier: 'a@1', …) and lib('a@1').
func (j *jenkins) library(tokens []groovyToken, i int) {
	if b := tokenAt(tokens, i-1); b.kind == groovyName && !b.named("return") {
		return
	}
	if tokens[i].text == "Library" && tokenAt(tokens, i+1).is("(") {
		for _, t := range tokens[i+2 : max(closedAt(tokens, i+1), i+2)] {
			if j.work++; t.kind == groovyString && j.work <= maxGroovyWork {
				j.libraries = append(j.libraries, sharedLibrary{t, t.text, t.inner})
			}
		}
		return
	}
	arguments, _ := j.arguments(tokens, i)
	value := valueOf(arguments, "identifier")
	if value == nil {
		value = valueOf(arguments, "")
	}
	if slices.ContainsFunc(value, func(t groovyToken) bool { return t.kind == groovyString }) {
		text, exprs := scriptText(value)
		j.libraries = append(j.libraries, sharedLibrary{value[0], text, exprs})
	}
}

// image reads agent { docker 'a' }, agent { docker { image 'a' } }, containerTemplate(image: 'a') and docker.image('a').inside {…}.
func (j *jenkins) image(tokens []groovyToken, i int) {
	next := tokenAt(tokens, i+1)
	switch {
	case tokens[i].text == "docker":
		end := i + 3
		if next.is(".") && tokenAt(tokens, i+2).named("image") && tokenAt(tokens, end).is("(") {
			after := tokenAt(tokens, closedAt(tokens, end)+2)
			next = tokenAt(tokens, end+1)
			if !after.named("inside") && !after.named("withRun") {
				return // it is built or pushed here
			}
		} else if j.inside("{") != "agent" {
			return
		}
	case j.inside("{") == "docker":
	case j.inside("(") == "containerTemplate" && next.is(":"):
		next = tokenAt(tokens, i+2)
	default:
		return
	}
	if next.kind == groovyString && next.text != "" {
		j.images = append(j.images, next)
	}
}

// option reads what containers are started with: agent { docker { args 'a' } } and image.inside('a').
func (j *jenkins) option(tokens []groovyToken, i int) {
	next := tokenAt(tokens, i+1)
	if next.is("(") {
		next = tokenAt(tokens, i+2)
	}
	switch {
	case next.kind != groovyString || next.text == "":
	case tokens[i].text == "args" && (j.inside("{") == "docker" || j.inside("{") == "dockerfile"), tokens[i].text != "args" && tokenAt(tokens, i-1).is("."):
		j.options = append(j.options, next)
	}
}
