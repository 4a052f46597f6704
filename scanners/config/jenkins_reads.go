// SPDX-License-Identifier: Apache-2.0

package config

import (
	"regexp"
	"slices"
	"strings"
	"sync"
)

// assignment keeps what a variable takes in.
func (j *jenkins) assignment(tokens []groovyToken, i int) {
	into, before := j.variables, tokenAt(tokens, i-1)
	switch {
	case before.is(".") && tokenAt(tokens, i-2).named("env"), j.inside("{") == "environment":
		into = j.env
	case before.is("."), tokens[i].text == "params", tokens[i].text == "env":
		return // a field of something, or a name that means something else
	}
	name := tokens[i].text
	value := tokens[i+2 : j.expressionEnd(tokens, i+2)]
	if tokenAt(value, 0).named("credentials") && j.inside("{") == "environment" {
		for _, suffix := range []string{"", "_PSW"} {
			j.secrets = append(j.secrets, jenkinsVariable{name: name + suffix, at: tokens[i]})
		}
		return
	}
	into[name] = j.taken(into[name], value)
	if before.is(".") || j.inside("{") == "environment" {
		j.setting(name, value)
	}
}

// setting keeps a variable of the environment whose value is one string that is written out.
func (j *jenkins) setting(name string, value []groovyToken) {
	if len(value) == 1 && value[0].kind == groovyString && len(value[0].inner) == 0 && value[0].text != "" {
		j.settings = append(j.settings, jenkinsVariable{name: name, at: value[0], value: value[0].text})
	}
}

// taken adds what an expression takes in to what is known.
func (j *jenkins) taken(known []string, value []groovyToken) []string {
	if known == nil {
		known = []string{}
	}
	if tokenAt(value, 0).is("{") {
		return known // a closure: it says what to do later
	}
	for _, name := range j.reads(value) {
		if j.work += len(known); j.work <= maxGroovyWork && !slices.Contains(known, name) {
			known = append(known, name)
		}
	}
	return known
}

// reads are the names whose text may become part of an expression's value. Variables are replaced by what they took in. Not among them are conditions,
// numbers and truth values made of something, what commands give back, and what functions make of their arguments.
func (j *jenkins) reads(tokens []groovyToken) []string {
	var out []string
	for i := 0; i < len(tokens) && j.work <= maxGroovyWork; i++ {
		j.work++
		t := tokens[i]
		if t.kind == groovyString && reachesText(tokens, i) {
			for _, e := range t.inner {
				out = append(out, j.reads(e.tokens)...)
			}
		}
		if t.kind != groovyName || tokenAt(tokens, i-1).is(".") || tokenAt(tokens, i-1).is("?.") || tokenAt(tokens, i-1).is("*.") {
			continue
		}
		if isShellStep(t.text) && tokenAt(tokens, i+1).kind != groovyMark {
			return out
		}
		if tokenAt(tokens, i+1).is("(") {
			i = closedAt(tokens, i+1)
			continue
		}
		if isKey(tokens, i) || !reachesText(tokens, i) {
			continue
		}
		out = append(out, j.resolved(nameAt(tokens, i))...)
	}
	j.work += len(out)
	return out
}

// isKey says that a name stands before the colon of a map's entry or of an argument.
func isKey(tokens []groovyToken, i int) bool {
	before := tokenAt(tokens, i-1)
	return tokenAt(tokens, i+1).is(":") && (before.is("(") || before.is("[") || before.is(","))
}

// resolved is what a name stands for.
func (j *jenkins) resolved(name string) []string {
	short, inEnv := strings.CutPrefix(name, "env.")
	base, _, _ := strings.Cut(name, ".")
	if known, there := j.variables[base]; there && !inEnv {
		return known
	}
	if known, there := j.env[short]; there {
		return known
	}
	return []string{name}
}

// nameAt is the dotted name that begins at i: params.X for params?.X, params['X'] and params.get('X') too.
func nameAt(tokens []groovyToken, i int) string {
	parts := []string{tokens[i].text}
	for i++; len(parts) < 5; i += 2 {
		t, next := tokenAt(tokens, i), tokenAt(tokens, i+1)
		switch {
		case t.is("[") && next.kind == groovyString && tokenAt(tokens, i+2).is("]"):
			parts = append(parts, next.text)
			i++
		case (t.is(".") || t.is("?.")) && (next.kind == groovyName || next.kind == groovyString):
			if tokenAt(tokens, i+2).is("(") {
				if key := tokenAt(tokens, i+3); key.kind == groovyString && (next.text == "get" || next.text == "getProperty") {
					parts = append(parts, key.text)
				}
				return strings.Join(parts, ".")
			}
			parts = append(parts, next.text)
		default:
			return strings.Join(parts, ".")
		}
	}
	return strings.Join(parts, ".")
}

// chainEnd is where a name with its fields, indexes and calls ends.
func chainEnd(tokens []groovyToken, i int) int {
	for i++; i < len(tokens); i++ {
		switch t := tokens[i]; {
		case t.is(".") || t.is("?.") || t.is("*."):
			i++
		case t.is("(") || t.is("["):
			i = closedAt(tokens, i)
		default:
			return i
		}
	}
	return len(tokens)
}

// plainResult are methods that give a number or a truth value.
func plainResult(method string) bool {
	return slices.Contains([]string{"toInteger", "toLong", "toFloat", "toDouble", "toBoolean", "asBoolean", "isEmpty", "isInteger", "isNumber", "contains",
		"containsKey", "startsWith", "endsWith", "equals", "equalsIgnoreCase", "matches", "hashCode", "size", "length", "indexOf", "compareTo", "any", "every"}, method)
}

var allBut = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^\[\^[^\]]+\]\+?$`) })

// reachesText says whether the value of the name or string at i can be text that goes on: not if it is only asked or compared, turned into a number, or left with a
// set of characters (replaceAll of all others).
func reachesText(tokens []groovyToken, i int) bool {
	if b := tokenAt(tokens, i-1); b.is("!") || b.is("==") || b.is("!=") || b.is("&&") || b.is("||") || b.named("new") || b.named("instanceof") {
		return false
	}
	end := chainEnd(tokens, i)
	for k := i; k < end; k++ {
		t := tokens[k]
		if t.is("(") {
			first := tokenAt(tokens, k+1)
			method := tokenAt(tokens, k-1).text
			if plainResult(method) || strings.HasPrefix(method, "replaceAll") && first.kind == groovyString && allBut().MatchString(first.text) {
				return false
			}
		}
		if t.is("(") || t.is("[") {
			k = closedAt(tokens, k)
		}
	}
	after := tokenAt(tokens, end)
	if after.kind == groovyName {
		return after.text != "in" && after.text != "instanceof"
	}
	return after.kind != groovyMark || !slices.Contains([]string{"?", "==", "!=", "=~", "&&", "||", "<", ">", "<=", ">="}, after.text)
}

// binding reads a variable that withCredentials fills: variable: 'A', passwordVariable: 'B'. Names of users and of files are no secrets.
func (j *jenkins) binding(tokens []groovyToken, i int) {
	value := tokenAt(tokens, i+2)
	within := slices.ContainsFunc(j.blocks, func(b groovyBlock) bool { return b.call == "withCredentials" })
	if !within || value.kind != groovyString {
		return
	}
	switch name := tokens[i].text; {
	case slices.Contains([]string{"usernameVariable", "keyFileVariable", "keystoreVariable", "aliasVariable"}, name),
		name == "variable" && slices.Contains([]string{"file", "zip", "dockerCert"}, j.inside("(")):
	default:
		j.secrets = append(j.secrets, jenkinsVariable{name: value.text, at: value})
	}
}

// parameter reads the declaration of a build parameter. A call of the same name with value: gives one to another build.
func (j *jenkins) parameter(tokens []groovyToken, i int) {
	kind := tokens[i].text
	if !slices.Contains([]string{"string", "text", "password", "stringParam", "textParam", "choice", "booleanParam", "run", "file"}, kind) {
		return
	}
	arguments, _ := j.arguments(tokens, i)
	name := tokenAt(valueOf(arguments, "name"), 0)
	if name.kind == groovyString && valueOf(arguments, "value") == nil {
		j.parameters = append(j.parameters, map[string]any{"name": name.text, "type": kind})
	}
}

// text looks at a string for what withEnv(["NAME=…"]) sets.
func (j *jenkins) text(t groovyToken) {
	name, value, assigned := strings.Cut(t.text, "=")
	switch {
	case !assigned || j.inside("(") != "withEnv" || strings.ContainsAny(name, "${"):
	case len(t.inner) > 0:
		j.env[name] = j.taken(j.env[name], []groovyToken{t})
	case value != "":
		j.settings = append(j.settings, jenkinsVariable{name: name, at: t, value: value})
	}
}
