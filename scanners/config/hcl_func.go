// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/base64"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/zclconf/go-cty/cty"
	"github.com/zclconf/go-cty/cty/convert"
	"github.com/zclconf/go-cty/cty/function"
	"github.com/zclconf/go-cty/cty/function/stdlib"
)

// call evaluates a pure function of Terraform, or one that reads a file of the tree. What reads time or the network, and what is not known here, stays
// text.
func (s *scope) call(e *hclsyntax.FunctionCallExpr) any {
	name := strings.TrimPrefix(e.Name, "core::")
	switch name {
	case "try":
		return s.try(e)
	case "can":
		if len(e.Args) != 1 {
			return s.fail(e)
		}
		failed := false
		in := *s
		in.failed = &failed
		switch v := in.eval(e.Args[0]); {
		case failed:
			return false
		case s.fits(v) && known(v):
			return true
		}
		return s.unknown(e)
	}
	args := make([]any, 0, len(e.Args))
	for i, a := range e.Args {
		v := s.eval(a)
		if e.ExpandFinal && i == len(e.Args)-1 {
			list, ok := v.([]any)
			if !ok {
				return s.unknown(e)
			}
			args = append(args, list...)
			continue
		}
		args = append(args, v)
	}
	for _, a := range args {
		if !s.fits(a) {
			s.mod.tooLarge(s.src, e.Range())
			return s.unknown(e)
		}
	}
	if v, done := s.reading(name, e, args); done {
		return v
	}
	if v, done := s.lenient(name, e, args); done {
		return v
	}
	if slices.ContainsFunc(args, func(a any) bool { return !known(a) }) {
		return s.unknown(e)
	}
	if v, done := network(name, args); done {
		if v == nil {
			return s.fail(e)
		}
		return v
	}
	if v, done := strict(name, args); done {
		if v == nil && name != "one" {
			return s.fail(e)
		}
		return v
	}
	return s.standard(name, e, args)
}

// try gives the first argument that Terraform could evaluate.
func (s *scope) try(e *hclsyntax.FunctionCallExpr) any {
	for _, a := range e.Args {
		failed := false
		in := *s
		in.failed = &failed
		if v := in.eval(a); !failed {
			return v
		}
	}
	return s.fail(e)
}

// strict are the functions that cty's library does not have; their arguments are known. A nil result is an error.
func strict(name string, args []any) (any, bool) {
	var str []string
	for _, a := range args {
		t, _, ok := render(a)
		if !ok {
			break
		}
		str = append(str, t)
	}
	if len(str) == len(args) && len(args) == 2 {
		switch name {
		case "startswith":
			return strings.HasPrefix(str[0], str[1]), true
		case "endswith":
			return strings.HasSuffix(str[0], str[1]), true
		case "strcontains":
			return strings.Contains(str[0], str[1]), true
		}
	}
	if len(args) == 3 && len(str) == 3 && name == "replace" {
		return replaceText(str[0], str[1], str[2]), true
	}
	if len(args) != 1 {
		return nil, false
	}
	list, isList := args[0].([]any)
	if isList {
		switch name {
		case "alltrue":
			return !slices.ContainsFunc(list, func(v any) bool { return v != true && v != "true" }), true
		case "anytrue":
			return slices.ContainsFunc(list, func(v any) bool { return v == true || v == "true" }), true
		case "one":
			return nil, len(list) == 0
		}
		return nil, false
	}
	if len(str) != 1 {
		return nil, false
	}
	switch name {
	case "tostring":
		return str[0], true
	case "length":
		return utf8.RuneCountInString(str[0]), true
	case "tobool":
		b, ok := boolean(args[0])
		if !ok {
			return nil, true
		}
		return b, true
	case "base64encode":
		return base64.StdEncoding.EncodeToString([]byte(str[0])), true
	case "base64decode", "textdecodebase64":
		b, err := base64.StdEncoding.DecodeString(str[0])
		if err != nil {
			return nil, true
		}
		return string(b), true
	case "urlencode":
		return url.QueryEscape(str[0]), true
	case "jsondecode":
		v, err := decodeJSON(str[0])
		if err != nil {
			return nil, true
		}
		return v, true
	}
	return nil, false
}

// replaceText takes /…/ as a regular expression, as Terraform does.
func replaceText(s, old, with string) any {
	if len(old) > 1 && strings.HasPrefix(old, "/") && strings.HasSuffix(old, "/") {
		re, err := regexp.Compile(old[1 : len(old)-1])
		if err != nil || len(s)*(len(with)+1) > maxText {
			return nil
		}
		return re.ReplaceAllString(s, with)
	}
	if (strings.Count(s, old)+1)*(len(with)+1)+len(s) > maxText {
		return nil
	}
	return strings.ReplaceAll(s, old, with)
}

// library has the functions of cty that always give the same for the same, with results that are bounded by their arguments.
var library = map[string]function.Function{
	"abs": stdlib.AbsoluteFunc, "ceil": stdlib.CeilFunc, "chomp": stdlib.ChompFunc, "chunklist": stdlib.ChunklistFunc,
	"coalescelist": stdlib.CoalesceListFunc, "contains": stdlib.ContainsFunc, "csvdecode": stdlib.CSVDecodeFunc,
	"distinct": stdlib.DistinctFunc, "element": stdlib.ElementFunc, "floor": stdlib.FloorFunc, "format": stdlib.FormatFunc,
	"formatlist": stdlib.FormatListFunc, "join": stdlib.JoinFunc, "length": stdlib.LengthFunc,
	"lower": stdlib.LowerFunc, "max": stdlib.MaxFunc, "min": stdlib.MinFunc, "parseint": stdlib.ParseIntFunc, "range": stdlib.RangeFunc,
	"regex": stdlib.RegexFunc, "regexall": stdlib.RegexAllFunc, "reverse": stdlib.ReverseListFunc,
	"setintersection": stdlib.SetIntersectionFunc, "setproduct": stdlib.SetProductFunc, "setsubtract": stdlib.SetSubtractFunc,
	"setunion": stdlib.SetUnionFunc, "signum": stdlib.SignumFunc, "slice": stdlib.SliceFunc, "sort": stdlib.SortFunc,
	"split": stdlib.SplitFunc, "strrev": stdlib.ReverseFunc, "substr": stdlib.SubstrFunc, "title": stdlib.TitleFunc,
	"tonumber": stdlib.MakeToFunc(cty.Number), "trim": stdlib.TrimFunc, "trimprefix": stdlib.TrimPrefixFunc,
	"trimspace": stdlib.TrimSpaceFunc, "trimsuffix": stdlib.TrimSuffixFunc, "upper": stdlib.UpperFunc, "zipmap": stdlib.ZipmapFunc,
}

// standard calls a function of cty with known arguments.
func (s *scope) standard(name string, e *hclsyntax.FunctionCallExpr, args []any) any {
	f, ok := library[name]
	if !ok || !bounded(name, args) {
		return s.unknown(e)
	}
	params, rest := f.Params(), f.VarParam()
	values := make([]cty.Value, len(args))
	for i, a := range args {
		values[i] = toCty(a)
		var want cty.Type
		switch {
		case i < len(params):
			want = params[i].Type
		case rest != nil:
			want = rest.Type
		default:
			return s.fail(e)
		}
		c, err := convert.Convert(values[i], want)
		if err != nil {
			return s.fail(e)
		}
		values[i] = c
	}
	if len(args) < len(params) {
		return s.fail(e)
	}
	out, err := f.Call(values)
	if err != nil {
		return s.fail(e)
	}
	if v, ok := fromCty(out); ok {
		return v
	}
	return s.unknown(e)
}

// widths finds what would make format's result much larger than its arguments.
var widths = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`%[^a-zA-Z%]*([0-9]{4}|\*)`) })

// bounded says whether a call's result can't be much larger than its arguments.
func bounded(name string, args []any) bool {
	switch name {
	case "range":
		for _, a := range args {
			if n, ok := integer(a); !ok || n > maxRange || n < -maxRange {
				return false
			}
		}
	case "setproduct":
		product := 1
		for _, a := range args {
			_, values, ok := elements(a)
			if product *= len(values); !ok || product > maxRange {
				return false
			}
		}
	case "format", "formatlist":
		t, ok := args[0].(string)
		return ok && !widths().MatchString(t)
	}
	return len(args) > 0
}
