// SPDX-License-Identifier: Apache-2.0

package rules

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// levels are the severities from worst to least.
var levels = []string{"critical", "high", "medium", "low", "negligible"}

// generalNames are the parameters that every rule of the gate has and that the gate acts on: refuse or warn, the same for workloads that
// already run, and the day from which refusals count. findingNames are those of every rule over configuration: how bad its findings are.
var generalNames, findingNames = []string{"mode", "onStay", "effective"}, []string{"severity"}

func (r *Rule) general() []string {
	if slices.Contains(r.decisions, finds) {
		return findingNames
	}
	return generalNames
}

// None is the value that switches a duration off where leaving it out would mean the default.
const None = "none"

// maxDuration bounds durations well below what nanoseconds in 64 bits can hold.
const maxDuration = 100 * 365 * 24 * time.Hour

// Check reports what is wrong with the parameters of a policy: a map of rule id to a map of parameter name to value, as read from YAML or JSON. All
// errors are joined, each an *Error with its Key.
func (s *Set) Check(params map[string]any) error {
	var errs []error
	for _, id := range sortedKeys(params) {
		r := s.rule(id)
		if r == nil {
			errs = append(errs, unknownRule(id, s.rules))
			continue
		}
		given, ok := params[id].(map[string]any)
		if !ok {
			errs = append(errs, &Error{Code: CodeParameters, Key: id,
				Message: fmt.Sprintf("expected a map of parameters, found %s", typeName(params[id])), Hint: "write {} to use the defaults"})
			continue
		}
		if _, err := r.resolve(given); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

func unknownRule(id string, rules []*Rule) error {
	var ids []string
	for _, r := range rules {
		ids = append(ids, r.ID)
	}
	return &Error{Code: CodeParameters, Key: id, Message: "there is no rule of that name" + suggest(id, ids), Hint: "the rules are " + strings.Join(ids, ", ")}
}

// resolve merges what the policy gives over the defaults and converts each value to what the rule sees.
func (r *Rule) resolve(given map[string]any) (map[string]any, error) {
	var errs []error
	fail := func(name, message, hint string) {
		errs = append(errs, &Error{Code: CodeParameters, Key: r.ID + "." + name, Message: message, Hint: hint})
	}
	out := make(map[string]any, len(r.Accepts))
	general := r.general()
	names := slices.Clone(general)
	for _, p := range r.Accepts {
		names = append(names, p.Name)
		v, set := given[p.Name]
		if !set {
			v = p.Default
		}
		out[p.Name] = nil
		if v == nil && !set {
			continue
		}
		c, err := p.convert(v)
		if err != nil {
			fail(p.Name, err.Error(), p.About)
			continue
		}
		out[p.Name] = c
	}
	for _, name := range sortedKeys(given) {
		if slices.Contains(general, name) {
			if err := checkGeneral(name, given[name]); err != nil {
				fail(name, err.Error(), "")
			}
		} else if !slices.Contains(names, name) {
			slices.Sort(names)
			fail(name, "the rule has no such parameter"+suggest(name, names), "it takes "+strings.Join(names, ", "))
		}
	}
	return out, errors.Join(errs...)
}

func checkGeneral(name string, v any) error {
	if name == "effective" {
		switch t := v.(type) {
		case time.Time:
			return nil
		case string:
			for _, layout := range []string{time.DateOnly, time.RFC3339} {
				if _, err := time.Parse(layout, t); err == nil {
					return nil
				}
			}
		}
		return fmt.Errorf("expected a day such as 2027-01-31, found %s", show(v))
	}
	if name == "severity" {
		return oneOf(v, levels)
	}
	return oneOf(v, []string{"refuse", "warn"})
}

func oneOf(v any, values []string) error {
	if s, ok := v.(string); ok {
		if slices.Contains(values, s) {
			return nil
		}
		return fmt.Errorf("expected one of %s, found %q%s", strings.Join(values, ", "), s, suggest(s, values))
	}
	return fmt.Errorf("expected one of %s, found %s", strings.Join(values, ", "), show(v))
}

// converters check a value of each type and give what the rule sees.
var converters = map[string]func(*Parameter, any) (any, error){
	"level":     func(_ *Parameter, v any) (any, error) { return v, oneOf(v, levels) },
	"enum":      func(p *Parameter, v any) (any, error) { return v, oneOf(v, p.Values) },
	"boolean":   func(_ *Parameter, v any) (any, error) { return v, expect[bool](v, "true or false") },
	"string":    func(_ *Parameter, v any) (any, error) { return text(v) },
	"strings":   func(_ *Parameter, v any) (any, error) { return listOfText(v) },
	"number":    (*Parameter).toNumber,
	"duration":  func(_ *Parameter, v any) (any, error) { return nanoseconds(v) },
	"durations": (*Parameter).toDurations,
	"values":    func(_ *Parameter, v any) (any, error) { return valueLists(v) },
	"any":       func(_ *Parameter, v any) (any, error) { return v, nil },
}

func (p *Parameter) convert(v any) (any, error) { return converters[p.Type](p, v) }

func expect[T any](v any, what string) error {
	if _, ok := v.(T); !ok {
		return fmt.Errorf("expected %s, found %s", what, show(v))
	}
	return nil
}

func listOfText(v any) (any, error) {
	l, err := texts(v)
	if err != nil {
		return nil, err
	}
	if l == nil {
		l = []string{}
	}
	return l, nil
}

func (p *Parameter) toNumber(v any) (any, error) {
	f, ok := number(v)
	switch {
	case !ok || math.IsNaN(f) || math.IsInf(f, 0):
		return nil, fmt.Errorf("expected a number, found %s", show(v))
	case p.Min != nil && f < *p.Min:
		return nil, fmt.Errorf("expected at least %v, found %v", *p.Min, f)
	case p.Max != nil && f > *p.Max:
		return nil, fmt.Errorf("expected at most %v, found %v", *p.Max, f)
	}
	return f, nil
}

func (p *Parameter) toDurations(v any) (any, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("expected a map of name to duration, found %s", typeName(v))
	}
	out := make(map[string]any, len(m))
	for _, k := range sortedKeys(m) {
		if len(p.Keys) > 0 {
			if err := oneOf(k, p.Keys); err != nil {
				return nil, err
			}
		}
		ns, err := nanoseconds(m[k])
		if err != nil {
			return nil, fmt.Errorf("%s: %w", k, err)
		}
		out[k] = ns
	}
	return out, nil
}

// valueLists turns a map of name to value or list of values into a map of name to list.
func valueLists(v any) (any, error) {
	m, ok := v.(map[string]any)
	if !ok {
		return nil, fmt.Errorf("expected a map of name to value or list of values, found %s", typeName(v))
	}
	out := make(map[string]any, len(m))
	for k, e := range m {
		if l, ok := e.([]any); ok {
			out[k] = l
		} else {
			out[k] = []any{e}
		}
	}
	return out, nil
}

var durationForm = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^([0-9]{1,9}(w|d|h|m|s))+$`) })
var durationPart = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`([0-9]+)([wdhms])`) })

// nanoseconds reads a duration such as 7d, 24h, 1d12h or 30m; none gives nil.
func nanoseconds(v any) (any, error) {
	s, ok := v.(string)
	if ok && s == None {
		return nil, nil
	}
	if !ok || !durationForm().MatchString(s) {
		return nil, fmt.Errorf("expected a duration such as 7d, 24h, 30m or none, found %s", show(v))
	}
	units := map[string]time.Duration{"w": 7 * 24 * time.Hour, "d": 24 * time.Hour, "h": time.Hour, "m": time.Minute, "s": time.Second}
	var total time.Duration
	for _, part := range durationPart().FindAllStringSubmatch(s, -1) {
		n, err := strconv.Atoi(part[1])
		unit := units[part[2]]
		if err != nil || time.Duration(n) > (maxDuration-total)/unit {
			return nil, fmt.Errorf("duration %s is longer than 100 years", s)
		}
		total += time.Duration(n) * unit
	}
	return int64(total), nil
}

// number accepts every form in which YAML and JSON decoders give numbers.
func number(v any) (float64, bool) {
	switch n := v.(type) {
	case int:
		return float64(n), true
	case int64:
		return float64(n), true
	case uint64:
		return float64(n), true
	case float64:
		return n, true
	case json.Number:
		f, err := n.Float64()
		return f, err == nil
	}
	return 0, false
}
