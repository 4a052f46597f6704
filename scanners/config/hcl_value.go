// SPDX-License-Identifier: Apache-2.0

package config

import (
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"
)

// Values of Terraform's expressions are nil, bool, int, float64, string, []any and map[string]any, and text for what is known in part or not
// at all. Values are shared and never changed once they were made.

// text is a string of which at least a part is known only to Terraform: "${aws_kms_key.data.arn}", "arn:aws:s3:::${var.bucket}/*".
type text string

// Bounds of evaluation.
const (
	maxValueNodes = 50_000    // of one value, everything shared counted each time
	maxText       = 1 << 20   // bytes of one string
	maxRange      = 1024      // numbers of range()
	maxSource     = 2_000     // bytes of an expression kept as text
	maxExactFloat = 1 << 53   // from here on floats skip integers
	evalSteps     = 3_000_000 // expressions evaluated for one call of a module
)

// known says whether there is no text in a value.
func known(v any) bool {
	switch v := v.(type) {
	case text:
		return false
	case []any:
		return !slices.ContainsFunc(v, func(e any) bool { return !known(e) })
	case map[string]any:
		for k, e := range v {
			if strings.Contains(k, "${") || !known(e) {
				return false
			}
		}
	}
	return true
}

// whole says whether a text is one reference or expression and nothing else, and gives what is in it.
func whole(t text) (string, bool) {
	s := string(t)
	if !strings.HasPrefix(s, "${") || !strings.HasSuffix(s, "}") || strings.Count(s, "${") != 1 {
		return "", false
	}
	return s[2 : len(s)-1], true
}

// size counts the nodes of a value, a long string as several, and stops past the limit.
func size(v any, limit int) int {
	switch v := v.(type) {
	case string:
		return 1 + len(v)/64
	case text:
		return 1 + len(v)/64
	case []any:
		n := 1
		for _, e := range v {
			if n > limit {
				break
			}
			n += size(e, limit-n)
		}
		return n
	case map[string]any:
		n := 1
		for k, e := range v {
			if n > limit {
				break
			}
			n += len(k)/64 + size(e, limit-n)
		}
		return n
	}
	return 1
}

// plain is a copy of the value with text as ordinary strings.
func plain(v any) any {
	switch v := v.(type) {
	case text:
		return string(v)
	case []any:
		out := make([]any, len(v))
		for i, e := range v {
			out[i] = plain(e)
		}
		return out
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			out[k] = plain(e)
		}
		return out
	}
	return v
}

// render is a primitive value as a template shows it. ok is false for null, lists and objects.
func render(v any) (s string, isText, ok bool) {
	switch v := v.(type) {
	case string:
		return v, false, true
	case text:
		return string(v), true, true
	case bool:
		return strconv.FormatBool(v), false, true
	case int:
		return strconv.Itoa(v), false, true
	case float64:
		return strconv.FormatFloat(v, 'f', -1, 64), false, true
	}
	return "", false, false
}

// same compares two values as Terraform does after conversion: the text of a number equals the number.
func same(a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	x, _, okX := render(a)
	y, _, okY := render(b)
	return okX && okY && x == y
}

// boolean reads a condition.
func boolean(v any) (value, ok bool) {
	switch v {
	case true, "true":
		return true, true
	case false, "false":
		return false, true
	}
	return false, false
}

// integer reads an index.
func integer(v any) (int, bool) {
	switch v := v.(type) {
	case int:
		return v, true
	case float64:
		if v == math.Trunc(v) && math.Abs(v) < maxExactFloat {
			return int(v), true
		}
	case string:
		n, err := strconv.Atoi(v)
		return n, err == nil
	}
	return 0, false
}

// toCty gives a wholly known value to the functions of cty.
func toCty(v any) cty.Value {
	switch v := v.(type) {
	case bool:
		return cty.BoolVal(v)
	case int:
		return cty.NumberIntVal(int64(v))
	case float64:
		return cty.NumberFloatVal(v)
	case string:
		return cty.StringVal(v)
	case []any:
		list := make([]cty.Value, len(v))
		for i, e := range v {
			list[i] = toCty(e)
		}
		return cty.TupleVal(list)
	case map[string]any:
		object := make(map[string]cty.Value, len(v))
		for k, e := range v {
			object[k] = toCty(e)
		}
		return cty.ObjectVal(object)
	}
	return cty.NullVal(cty.DynamicPseudoType)
}

// fromCty is the way back; ok is false for what is not known or has no form here.
func fromCty(v cty.Value) (out any, ok bool) {
	v, _ = v.Unmark()
	if !v.IsKnown() {
		return nil, false
	}
	t := v.Type()
	switch {
	case v.IsNull():
		return nil, true
	case t == cty.Bool:
		return v.True(), true
	case t == cty.String:
		return v.AsString(), true
	case t == cty.Number:
		return fromNumber(v.AsBigFloat())
	case t.IsListType(), t.IsSetType(), t.IsTupleType():
		list := []any{}
		for it := v.ElementIterator(); it.Next(); {
			_, e := it.Element()
			x, ok := fromCty(e)
			if !ok {
				return nil, false
			}
			list = append(list, x)
		}
		return list, true
	case t.IsMapType(), t.IsObjectType():
		object := map[string]any{}
		for it := v.ElementIterator(); it.Next(); {
			k, e := it.Element()
			x, ok := fromCty(e)
			if !ok {
				return nil, false
			}
			object[k.AsString()] = x
		}
		return object, true
	}
	return nil, false
}

func fromNumber(f *big.Float) (any, bool) {
	if n, acc := f.Int64(); acc == big.Exact && n > -maxExactFloat && n < maxExactFloat {
		return int(n), true
	}
	n, _ := f.Float64()
	return n, !math.IsInf(n, 0)
}

// decodeJSON reads one JSON value, whole numbers as int.
func decodeJSON(s string) (any, error) {
	d := json.NewDecoder(strings.NewReader(s))
	d.UseNumber()
	var v any
	if err := d.Decode(&v); err != nil {
		return nil, err
	}
	return numbers(v), nil
}

// numbers turns json.Number into int or float64, in place.
func numbers(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := strconv.Atoi(v.String()); err == nil {
			return n
		}
		f, err := v.Float64()
		if err != nil {
			return v.String()
		}
		return f
	case []any:
		for i, e := range v {
			v[i] = numbers(e)
		}
	case map[string]any:
		for k, e := range v {
			v[k] = numbers(e)
		}
	}
	return v
}

// sortedKeys are an object's names in order.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }

// fromKnown is fromCty for literals; what has no form here is nil.
func fromKnown(v cty.Value) any { out, _ := fromCty(v); return out }
