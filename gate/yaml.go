// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"reflect"
	"sort"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Bounds of configuration files.
const (
	maxYAML      = 1 << 20 // bytes of one file
	maxYAMLDepth = 24
)

// ConfigError is one thing wrong with a configuration file, at one place.
type ConfigError struct {
	File         string
	Line, Column int // from 1; 0 where the whole file is meant
	Path         string
	Message      string
	Hint         string
}

func (e *ConfigError) Error() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Line > 0 {
		fmt.Fprintf(&b, ":%d:%d", e.Line, e.Column)
	}
	b.WriteString(": ")
	if e.Path != "" {
		b.WriteString(e.Path + ": ")
	}
	b.WriteString(e.Message)
	if e.Hint != "" {
		b.WriteString("\nhint: " + e.Hint)
	}
	return b.String()
}

// shorthand is a type that may be written in a short form: it is handed the node and gives the long one.
type shorthand interface {
	long(n *yaml.Node) *yaml.Node
}

// DecodeYAML reads one YAML document into a struct with `yaml` tags. It is strict: unknown and duplicate keys, several documents, anchors,
// aliases and merge keys are errors, and each error names file, line, column and path. It returns the place of every path that was read,
// so that later checks can name it too.
func DecodeYAML(file string, data []byte, v any) (Places, error) {
	d := &yamlDecoder{file: file, places: Places{file: file, at: map[string]*yaml.Node{}}}
	if len(data) > maxYAML {
		return d.places, &ConfigError{File: file, Message: fmt.Sprintf("has %d bytes, limit %d", len(data), maxYAML)}
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, extra yaml.Node
	if err := dec.Decode(&doc); err != nil {
		if errors.Is(err, io.EOF) {
			return d.places, &ConfigError{File: file, Message: "is empty"}
		}
		return d.places, &ConfigError{File: file, Message: "is not YAML: " + strings.TrimPrefix(err.Error(), "yaml: ")}
	}
	if err := dec.Decode(&extra); !errors.Is(err, io.EOF) {
		return d.places, &ConfigError{File: file, Message: "holds more than one YAML document, expected one"}
	}
	if len(doc.Content) != 1 {
		return d.places, &ConfigError{File: file, Message: "is empty"}
	}
	return d.places, d.decode(doc.Content[0], reflect.ValueOf(v).Elem(), "", 0)
}

// Places tells where in a file each path was written.
type Places struct {
	file string
	at   map[string]*yaml.Node
}

// Errorf makes a ConfigError at the place of a path, or at the nearest one above it.
func (p Places) Errorf(path, hint, format string, args ...any) *ConfigError {
	e := &ConfigError{File: p.file, Path: path, Message: fmt.Sprintf(format, args...), Hint: hint}
	for probe := path; ; {
		if n := p.at[probe]; n != nil {
			e.Line, e.Column = n.Line, n.Column
			return e
		}
		i := strings.LastIndexAny(probe, ".[")
		if i < 0 {
			return e
		}
		probe = probe[:i]
	}
}

// has reports whether a path was written in the file.
func (p Places) has(path string) bool { return p.at[path] != nil }

type yamlDecoder struct {
	file   string
	places Places
}

func (d *yamlDecoder) errorf(n *yaml.Node, path, hint, format string, args ...any) error {
	return &ConfigError{File: d.file, Line: n.Line, Column: n.Column, Path: path, Message: fmt.Sprintf(format, args...), Hint: hint}
}

var (
	timeType     = reflect.TypeFor[time.Time]()
	durationType = reflect.TypeFor[Duration]()
)

func (d *yamlDecoder) decode(n *yaml.Node, v reflect.Value, path string, depth int) error {
	d.places.at[path] = n
	switch {
	case depth > maxYAMLDepth:
		return d.errorf(n, path, "", "nested deeper than %d", maxYAMLDepth)
	case n.Kind == yaml.AliasNode || n.Anchor != "":
		return d.errorf(n, path, "write the value out", "anchors and aliases are not allowed here")
	case n.Style&yaml.TaggedStyle != 0: // !!bool yes would be neither true nor an error
		return d.errorf(n, path, "write the value alone", "tags such as %.40s are not allowed here", n.Tag)
	}
	if v.Kind() == reflect.Pointer {
		v.Set(reflect.New(v.Type().Elem()))
		return d.decode(n, v.Elem(), path, depth)
	}
	if s, ok := v.Addr().Interface().(shorthand); ok {
		n = s.long(n)
	}
	switch v.Type() {
	case timeType:
		return d.time(n, v, path)
	case durationType:
		return d.duration(n, v, path)
	}
	switch v.Kind() {
	case reflect.Struct:
		return d.structure(n, v, path, depth)
	case reflect.Map:
		return d.mapping(n, v, path, depth)
	case reflect.Slice:
		return d.list(n, v, path, depth)
	case reflect.Interface:
		x, err := d.any(n, path, depth)
		if err == nil && x != nil {
			v.Set(reflect.ValueOf(x))
		}
		return err
	}
	return d.scalar(n, v, path)
}

func (d *yamlDecoder) scalar(n *yaml.Node, v reflect.Value, path string) error {
	if n.Kind != yaml.ScalarNode || n.Tag == "!!null" {
		return d.errorf(n, path, "", "expected %s, found %s", kindName(v.Kind()), nodeName(n))
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(n.Value)
		return nil
	case reflect.Bool:
		if n.Value == "true" || n.Value == "false" {
			v.SetBool(n.Value == "true")
			return nil
		}
	case reflect.Int:
		if i, err := strconv.ParseInt(n.Value, 10, 32); err == nil {
			v.SetInt(i)
			return nil
		}
	}
	return d.errorf(n, path, "", "expected %s, found %q", kindName(v.Kind()), n.Value)
}

func (d *yamlDecoder) time(n *yaml.Node, v reflect.Value, path string) error {
	t, err := time.Parse(time.RFC3339, n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		return d.errorf(n, path, "", "expected a time with zone such as 2027-06-30T00:00:00Z, found %s", nodeName(n))
	}
	v.Set(reflect.ValueOf(t.UTC()))
	return nil
}

func (d *yamlDecoder) duration(n *yaml.Node, v reflect.Value, path string) error {
	t, err := ParseDuration(n.Value)
	if n.Kind != yaml.ScalarNode || err != nil {
		return d.errorf(n, path, "", "expected a duration such as 24h or 7d, found %s", nodeName(n))
	}
	v.SetInt(int64(t))
	return nil
}

func (d *yamlDecoder) structure(n *yaml.Node, v reflect.Value, path string, depth int) error {
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return d.errorf(n, path, "", "expected a mapping, found %s", nodeName(n))
	}
	fields := map[string]int{}
	for i := range v.NumField() {
		if name, _, _ := strings.Cut(v.Type().Field(i).Tag.Get("yaml"), ","); name != "" && name != "-" {
			fields[name] = i
		}
	}
	return d.pairs(n, path, func(key, val *yaml.Node, sub string) error {
		i, ok := fields[key.Value]
		if !ok {
			names := make([]string, 0, len(fields))
			for f := range fields {
				names = append(names, f)
			}
			return d.errorf(key, path, Suggest(key.Value, names), "unknown key %q", key.Value)
		}
		return d.decode(val, v.Field(i), sub, depth+1)
	})
}

func (d *yamlDecoder) mapping(n *yaml.Node, v reflect.Value, path string, depth int) error {
	v.Set(reflect.MakeMap(v.Type()))
	if isNull(n) {
		return nil
	}
	if n.Kind != yaml.MappingNode {
		return d.errorf(n, path, "", "expected a mapping, found %s", nodeName(n))
	}
	return d.pairs(n, path, func(key, val *yaml.Node, sub string) error {
		item := reflect.New(v.Type().Elem()).Elem()
		if err := d.decode(val, item, sub, depth+1); err != nil {
			return err
		}
		v.SetMapIndex(reflect.ValueOf(key.Value), item)
		return nil
	})
}

func (d *yamlDecoder) pairs(n *yaml.Node, path string, visit func(key, val *yaml.Node, sub string) error) error {
	seen := map[string]bool{}
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, val := n.Content[i], n.Content[i+1]
		if key.Kind != yaml.ScalarNode || key.Tag == "!!merge" || key.Anchor != "" {
			return d.errorf(key, path, "write the keys out", "merge keys, anchors and complex keys are not allowed here")
		}
		if seen[key.Value] {
			return d.errorf(key, path, "", "key %q stands twice", key.Value)
		}
		seen[key.Value] = true
		sub := key.Value
		switch {
		case key.Value == "": // the key of a short form, which the file does not show
			sub = path
		case path != "":
			sub = path + "." + key.Value
		}
		if err := visit(key, val, sub); err != nil {
			return err
		}
	}
	return nil
}

func (d *yamlDecoder) list(n *yaml.Node, v reflect.Value, path string, depth int) error {
	if n.Kind != yaml.SequenceNode {
		return d.errorf(n, path, "", "expected a list, found %s", nodeName(n))
	}
	out := reflect.MakeSlice(v.Type(), len(n.Content), len(n.Content))
	for i, c := range n.Content {
		if err := d.decode(c, out.Index(i), fmt.Sprintf("%s[%d]", path, i), depth+1); err != nil {
			return err
		}
	}
	v.Set(out)
	return nil
}

// any reads a free value: the parameters of rules. Dates stay text, integers stay integers.
func (d *yamlDecoder) any(n *yaml.Node, path string, depth int) (any, error) {
	switch n.Kind {
	case yaml.MappingNode:
		m := map[string]any{}
		return m, d.mapping(n, reflect.ValueOf(&m).Elem(), path, depth)
	case yaml.SequenceNode:
		l := []any{}
		return l, d.list(n, reflect.ValueOf(&l).Elem(), path, depth)
	}
	switch n.Tag {
	case "!!null":
		return nil, nil
	case "!!bool":
		return strings.EqualFold(n.Value, "true"), nil
	case "!!int":
		if i, err := strconv.ParseInt(n.Value, 10, 64); err == nil {
			return i, nil
		}
		return nil, d.errorf(n, path, "", "expected a decimal integer, found %q", n.Value)
	case "!!float":
		f, err := strconv.ParseFloat(n.Value, 64)
		if err != nil || f != f || f > 1e300 || f < -1e300 {
			return nil, d.errorf(n, path, "", "expected a number, found %q", n.Value)
		}
		return f, nil
	}
	return n.Value, nil
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.Tag == "!!null" }

func kindName(k reflect.Kind) string {
	switch k {
	case reflect.Bool:
		return "true or false"
	case reflect.Int:
		return "a whole number"
	}
	return "text"
}

func nodeName(n *yaml.Node) string {
	switch n.Kind {
	case yaml.MappingNode:
		return "a mapping"
	case yaml.SequenceNode:
		return "a list"
	}
	if n.Tag == "!!null" {
		return "nothing"
	}
	return strconv.Quote(n.Value)
}

// Suggest is a hint that names the closest of the known words, or all of them.
func Suggest(word string, known []string) string {
	sort.Strings(known)
	best, dist := "", 3
	for _, k := range known {
		if d := distance(strings.ToLower(word), strings.ToLower(k)); d < dist {
			best, dist = k, d
		}
	}
	switch {
	case best != "":
		return fmt.Sprintf("did you mean %q?", best)
	case len(known) == 0:
		return ""
	}
	return "known here: " + strings.Join(known, ", ")
}

// distance is Levenshtein's edit distance.
func distance(a, b string) int {
	row := make([]int, len(b)+1)
	for j := range row {
		row[j] = j
	}
	for i := 1; i <= len(a); i++ {
		prev := row[0]
		row[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			prev, row[j] = row[j], min(row[j]+1, row[j-1]+1, prev+cost)
		}
	}
	return row[len(b)]
}

// Duration is a time.Duration that also knows days, written 7d.
type Duration time.Duration

// ParseDuration reads what time.ParseDuration does, and whole days such as 30d. Negative durations are errors.
func ParseDuration(s string) (Duration, error) {
	if days, ok := strings.CutSuffix(s, "d"); ok {
		n, err := strconv.ParseUint(days, 10, 16)
		if err != nil {
			return 0, fmt.Errorf("duration %q: expected a whole number of days", s)
		}
		return Duration(time.Duration(n) * 24 * time.Hour), nil
	}
	t, err := time.ParseDuration(s)
	if err != nil || t < 0 {
		return 0, fmt.Errorf("duration %q: expected for example 24h or 7d", s)
	}
	return Duration(t), nil
}

// String is the form in which ParseDuration reads it.
func (d Duration) String() string {
	t := time.Duration(d)
	if t > 0 && t%(24*time.Hour) == 0 {
		return fmt.Sprintf("%dd", t/(24*time.Hour))
	}
	if t%time.Hour == 0 {
		return fmt.Sprintf("%dh", t/time.Hour)
	}
	return t.String()
}

// MarshalText writes the duration as it is written in a policy.
func (d Duration) MarshalText() ([]byte, error) { return []byte(d.String()), nil }
