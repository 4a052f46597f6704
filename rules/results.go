// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode"
)

// Result is one reason of one rule.
type Result struct {
	Rule     string // id
	Warn     bool   // told, not held against the subject
	Code     string
	Message  string
	Expected string
	Found    string
	Fix      string
	Evidence string // sha256:… of the statement it rests on; may be empty
	Key      Key
}

// Key is what a waiver can be scoped to.
type Key struct {
	Advisory string
	Aliases  []string
	PURL     string
	Path     string
	Resource string
	Subject  string

	Fingerprint string // of one finding, the same in every run
}

var (
	codeForm     = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Z][A-Z0-9_]*$`) })
	evidenceForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^sha256:[0-9a-f]{64}$`) })
)

// decode reads what the query gave. Anything but the forms of the package's documentation is an error, never ignored.
func (s *Set) decode(all map[string]any) ([]Result, error) {
	var out []Result
	for _, r := range s.rules {
		decisions, ok := all[r.ID].(map[string]any)
		if !ok {
			return nil, r.wrong(CodeUndefined, "it has no result")
		}
		for _, d := range r.decisions {
			more, err := r.decision(d, decisions[d])
			if err != nil {
				return nil, err
			}
			if out = append(out, more...); len(out) > MaxResults {
				return nil, r.wrong(CodeLimit, fmt.Sprintf("there are more than %d reasons", MaxResults))
			}
		}
	}
	slices.SortFunc(out, compare)
	return out, nil
}

func (r *Rule) wrong(code, message string) *Error {
	return &Error{Code: code, Path: r.file, Line: r.line, Column: 1, Message: "rule " + r.ID + ": " + message}
}

// decision reads the value of refuse, warn or allow, which comes wrapped in a list: an empty one means undefined.
func (r *Rule) decision(name string, wrapped any) ([]Result, error) {
	values, ok := wrapped.([]any)
	if !ok || len(values) > 1 {
		return nil, r.wrong(CodeType, name+" has no single value")
	}
	if len(values) == 0 {
		e := r.wrong(CodeUndefined, name+" is undefined")
		if e.Hint = "make it a set: `" + name + " contains … if …`"; name == allow {
			e.Hint = "write `default allow := false`"
		}
		return nil, e
	}
	if name == allow {
		switch values[0] {
		case true:
			return nil, nil
		case false:
			return []Result{{Rule: r.ID, Code: CodeRefused, Message: cmp.Or(r.Title, "the rule "+r.ID) + ": allow is false", Fix: clean(r.Remediation)}}, nil
		}
		return nil, r.wrong(CodeType, "allow: expected true or false, found "+typeName(values[0]))
	}
	set, ok := values[0].([]any)
	if !ok {
		return nil, r.wrong(CodeType, name+": expected a set of reasons, found "+typeName(values[0]))
	}
	out := make([]Result, 0, len(set))
	for _, v := range set {
		res, err := r.reason(v, name == warn)
		if err != nil {
			return nil, r.wrong(CodeType, name+": "+err.Error())
		}
		out = append(out, res)
	}
	return out, nil
}

func (r *Rule) reason(v any, isWarning bool) (Result, error) {
	res := Result{Rule: r.ID, Warn: isWarning, Code: CodeRefused}
	if isWarning {
		res.Code = CodeWarned
	}
	if s, ok := v.(string); ok {
		v = map[string]any{"message": s}
	}
	obj, ok := v.(map[string]any)
	if !ok {
		return res, fmt.Errorf("expected a reason (an object or text), found %s", typeName(v))
	}
	fields := map[string]*string{"code": &res.Code, "message": &res.Message, "expected": &res.Expected, "found": &res.Found, "fix": &res.Fix, "evidence": &res.Evidence}
	for _, name := range sortedKeys(obj) {
		if name == "key" {
			if err := res.Key.read(obj[name]); err != nil {
				return res, fmt.Errorf("key: %w", err)
			}
			continue
		}
		to, known := fields[name]
		if !known {
			return res, fmt.Errorf("a reason has no %q%s", name, suggest(name, append(sortedKeys(fields), "key")))
		}
		if *to, ok = obj[name].(string); !ok {
			return res, fmt.Errorf("%s: expected text, found %s", name, typeName(obj[name]))
		}
		*to = clean(*to)
	}
	switch {
	case strings.TrimSpace(res.Message) == "":
		return res, fmt.Errorf("a reason has no message")
	case !codeForm().MatchString(res.Code):
		return res, fmt.Errorf("code %q: expected upper-case words, digits and _", res.Code)
	case res.Evidence != "" && !evidenceForm().MatchString(res.Evidence):
		return res, fmt.Errorf("evidence %q: expected sha256: and 64 hex digits", res.Evidence)
	}
	return res, nil
}

func (k *Key) read(v any) error {
	obj, ok := v.(map[string]any)
	if !ok {
		return fmt.Errorf("expected an object, found %s", typeName(v))
	}
	fields := map[string]*string{"advisory": &k.Advisory, "purl": &k.PURL, "path": &k.Path, "resource": &k.Resource, "subject": &k.Subject, "fingerprint": &k.Fingerprint}
	for _, name := range sortedKeys(obj) {
		if name == "aliases" {
			l, err := texts(obj[name])
			if err != nil {
				return fmt.Errorf("aliases: %w", err)
			}
			k.Aliases = l
			continue
		}
		to, known := fields[name]
		if !known {
			return fmt.Errorf("it has no %q%s", name, suggest(name, append(sortedKeys(fields), "aliases")))
		}
		if *to, ok = obj[name].(string); !ok {
			return fmt.Errorf("%s: expected text, found %s", name, typeName(obj[name]))
		}
	}
	return nil
}

// clean makes control characters visible. Messages quote evidence, and evidence must not steer a terminal or a log.
func clean(s string) string {
	if strings.IndexFunc(s, unprintable) < 0 {
		return s
	}
	var b strings.Builder
	for _, c := range s {
		if unprintable(c) {
			fmt.Fprintf(&b, `\u%04x`, c)
		} else {
			b.WriteRune(c)
		}
	}
	return b.String()
}

func unprintable(c rune) bool { return c != ' ' && !unicode.IsPrint(c) }

func compare(a, b Result) int {
	warned := func(r Result) int {
		if r.Warn {
			return 1
		}
		return 0
	}
	return cmp.Or(cmp.Compare(a.Rule, b.Rule), cmp.Compare(warned(a), warned(b)), cmp.Compare(a.Code, b.Code), cmp.Compare(a.Key.PURL, b.Key.PURL),
		cmp.Compare(a.Key.Path, b.Key.Path), cmp.Compare(a.Message, b.Message), cmp.Compare(a.Evidence, b.Evidence), cmp.Compare(a.Key.Subject, b.Key.Subject),
		cmp.Compare(a.Found, b.Found), cmp.Compare(a.Fix, b.Fix))
}
