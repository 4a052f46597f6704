// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/json"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2/hclsyntax"
)

// lenient are the functions that give a useful result where only a part of what they get is known.
func (s *scope) lenient(name string, e *hclsyntax.FunctionCallExpr, args []any) (any, bool) {
	var first any
	if len(args) > 0 {
		first = args[0]
	}
	list, isList := first.([]any)
	switch name {
	case "sensitive", "nonsensitive", "ephemeralasnull", "tolist", "tomap", "issensitive":
		if name == "issensitive" {
			return s.unknown(e), true
		}
		return first, len(args) == 1
	case "toset":
		if isList {
			return distinctValues(list), true
		}
	case "jsonencode":
		return s.encode(first, e), true
	case "merge":
		return s.merge(args, e), true
	case "concat":
		return concatLists(args), true
	case "flatten":
		if isList {
			return flattenLists(list, nil, 0), true
		}
	case "compact":
		if isList {
			return slices.DeleteFunc(slices.Clone(list), func(v any) bool { return v == nil || v == "" }), true
		}
	case "distinct":
		if isList && known(list) {
			return distinctValues(list), true
		}
	case "join":
		if sep, ok := first.(string); ok {
			if all := concatLists(args[1:]).([]any); len(args) > 1 && !slices.ContainsFunc(args[1:], isText) {
				return s.joined(all, sep, e), true
			}
		}
	case "format":
		return s.format(args, e)
	case "coalesce":
		for _, a := range args {
			if a != nil && a != "" {
				return a, true
			}
		}
	case "length":
		if _, values, ok := elements(first); ok {
			return len(values), true
		}
	case "lookup":
		return s.lookup(args, e), true
	case "keys", "values":
		if object, ok := first.(map[string]any); ok {
			keys, values, _ := elements(object)
			if name == "keys" {
				values = keys
			}
			return append([]any{}, values...), true
		}
	case "contains":
		if isList && len(args) == 2 && known(args[1]) && slices.ContainsFunc(list, func(v any) bool { return same(v, args[1]) }) {
			return true, true
		}
	case "element":
		if isList && len(args) == 2 && len(list) > 0 {
			if i, ok := integer(args[1]); ok && i >= 0 {
				return list[i%len(list)], true
			}
		}
	case "one":
		if isList && len(list) == 1 {
			return list[0], true
		}
	}
	return nil, false
}

func isText(v any) bool { _, ok := v.(text); return ok }

// encode is jsonencode, with text in strings.
func (s *scope) encode(v any, e hclsyntax.Expression) any {
	if isText(v) || !s.fits(v) {
		return s.unknown(e)
	}
	b, err := json.Marshal(plain(v))
	if err != nil || len(b) > maxText {
		return s.unknown(e)
	}
	if known(v) {
		return string(b)
	}
	return text(b)
}

// merge keeps what is known where one of several objects is not.
func (s *scope) merge(args []any, e hclsyntax.Expression) any {
	out := map[string]any{}
	for _, a := range args {
		switch a := a.(type) {
		case map[string]any:
			for k, v := range a {
				out[k] = v
			}
		case nil:
		default:
			return s.unknown(e)
		}
	}
	return out
}

// concatLists takes a list that is not known as one element.
func concatLists(args []any) any {
	out := []any{}
	for _, a := range args {
		if list, ok := a.([]any); ok {
			out = append(out, list...)
		} else if a != nil {
			out = append(out, a)
		}
	}
	return out
}

func flattenLists(list, out []any, depth int) []any {
	if out == nil {
		out = []any{}
	}
	for _, v := range list {
		if inner, ok := v.([]any); ok && depth < maxDepth {
			out = flattenLists(inner, out, depth+1)
		} else {
			out = append(out, v)
		}
	}
	return out
}

// distinctValues drops later copies; values that are not primitive are kept.
func distinctValues(list []any) []any {
	seen := make(map[string]bool, len(list))
	out := []any{}
	for _, v := range list {
		if t, _, ok := render(v); ok {
			if seen[t] {
				continue
			}
			seen[t] = true
		}
		out = append(out, v)
	}
	return out
}

func (s *scope) lookup(args []any, e hclsyntax.Expression) any {
	if len(args) < 2 {
		return s.fail(e)
	}
	object, isObject := args[0].(map[string]any)
	k, isText, ok := render(args[1])
	if !isObject || isText || !ok {
		return s.unknown(e)
	}
	if v, there := object[k]; there {
		return v
	}
	if len(args) > 2 && knownNames(object) {
		return args[2]
	}
	return s.fail(e)
}

// knownNames says whether all names of an object are known, whatever its values are.
func knownNames(object map[string]any) bool {
	for k := range object {
		if strings.Contains(k, "${") {
			return false
		}
	}
	return true
}

// format with arguments that are known in part: simple verbs are filled in order.
func (s *scope) format(args []any, e hclsyntax.Expression) (any, bool) {
	if len(args) == 0 || !slices.ContainsFunc(args, func(a any) bool { return !known(a) }) {
		return nil, false
	}
	layout, ok := args[0].(string)
	if !ok {
		return s.unknown(e), true
	}
	var parts []any
	for next := 1; ; next++ {
		at := strings.IndexByte(layout, '%')
		if at < 0 {
			return s.joined(append(parts, layout), "", e), true
		}
		if at+1 >= len(layout) || !strings.ContainsRune("sdv%", rune(layout[at+1])) {
			return s.unknown(e), true
		}
		parts = append(parts, layout[:at])
		verb := layout[at+1]
		layout = layout[at+2:]
		if verb == '%' {
			parts = append(parts, "%")
			next--
			continue
		}
		if next >= len(args) {
			return s.fail(e), true
		}
		parts = append(parts, args[next])
	}
}
