// SPDX-License-Identifier: Apache-2.0

package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"unique"

	"go.yaml.in/yaml/v3"
)

// schema says what plain scalars mean.
type schema int

const (
	yaml12 schema = iota // the core schema, which GitHub, GitLab and Compose read: `on` and `yes` are text
	yaml11               // as Kubernetes' own decoder reads it: `on` and `yes` are true
)

// maxSyntaxProblems is how many broken documents of one file are named.
const maxSyntaxProblems = 10

// yamlDocument is one document of a file. Its root is never null.
type yamlDocument struct {
	root   *yaml.Node
	value  any     // as rules see it; set by decode
	places *places // in place of the root, where nothing else is asked of it any more
}

// position makes a document a locator.
func (d yamlDocument) position(path []any) Position {
	if d.places != nil {
		return d.places.position(path)
	}
	return positionIn(d.root, path)
}

// broken is a part of a file that is no YAML.
type broken struct {
	Problem
	text []byte
}

// readYAML decodes all documents of a file. What is wrong with it is in the problems; documents that could be read are given beside them. A document
// with a key that is there twice is a problem, and is given with the last of the values, which is what most readers take. The error wraps ErrLimit.
func readYAML(f file, s schema, lim limits) ([]yamlDocument, []Problem, error) {
	docs, parts := parseYAML(f)
	var problems []Problem
	for _, p := range parts {
		problems = append(problems, p.Problem)
	}
	more, err := decodeAll(f, docs, s, lim)
	return docs, append(problems, more...), err
}

// decodeAll sets the values of documents that were parsed.
func decodeAll(f file, docs []yamlDocument, s schema, lim limits) ([]Problem, error) {
	d := decoder{schema: s, limits: lim, file: f.path, open: map[*yaml.Node]bool{}}
	for n := range docs {
		v, err := d.value(docs[n].root, 0)
		if err != nil {
			return nil, err
		}
		docs[n].value = v
	}
	return d.problems, nil
}

// parseYAML finds the documents of a file without looking at their values. JSON is read as JSON if it is that.
func parseYAML(f file) ([]yamlDocument, []broken) {
	data := f.data
	if first := bytes.TrimLeft(data, " \t\r\n\ufeff"); len(first) > 0 && (first[0] == '{' || first[0] == '[') {
		if docs, err := parseJSON(data); err == nil {
			return docs, nil
		}
	}
	docs, err := parseStream(data, 0)
	if err == nil {
		return docs, nil
	}
	return parseParts(f)
}

// parseStream decodes documents one after the other; line is added to their lines. With an error come the documents before it.
func parseStream(data []byte, line int) ([]yamlDocument, error) {
	var docs []yamlDocument
	dec := yaml.NewDecoder(bytes.NewReader(data))
	for {
		var n yaml.Node
		err := dec.Decode(&n)
		if errors.Is(err, io.EOF) {
			return docs, nil
		}
		if err != nil {
			return docs, err
		}
		if n.Kind != yaml.DocumentNode || len(n.Content) == 0 || isNull(n.Content[0]) {
			continue
		}
		shift(n.Content[0], line)
		if !bytes.HasSuffix(data, []byte("\n")) { // what is left out at the end is said to be on a line after it
			lines := line + 1 + bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r"))
			clip(n.Content[0], max(lines, 1))
		}
		docs = append(docs, yamlDocument{root: n.Content[0]})
	}
}

// parseParts reads a file that is not good as a whole document by document, so that one broken document does not hide the others.
func parseParts(f file) ([]yamlDocument, []broken) {
	var docs []yamlDocument
	var problems []broken
	for _, p := range separate(f.data) {
		part, err := parseStream(p.data, p.line)
		docs = append(docs, part...)
		if err != nil && len(problems) < maxSyntaxProblems {
			problems = append(problems, broken{syntaxProblem(f.path, p, err), p.data})
		}
	}
	return docs, problems
}

type textPart struct {
	data []byte
	line int // lines before it
}

// separate cuts text before each line that starts a YAML document.
func separate(data []byte) []textPart {
	var parts []textPart
	start, startLine := 0, 0
	for at, line := 0, 0; at < len(data); line++ {
		if at > start && startsDocument(data[at:]) {
			parts = append(parts, textPart{data[start:at], startLine})
			start, startLine = at, line
		}
		end := bytes.IndexByte(data[at:], '\n')
		if end < 0 {
			break
		}
		at += end + 1
	}
	return append(parts, textPart{data[start:], startLine})
}

func startsDocument(line []byte) bool {
	rest, ok := bytes.CutPrefix(line, []byte("---"))
	return ok && (len(rest) == 0 || strings.IndexByte(" \t\r\n", rest[0]) >= 0)
}

func shift(n *yaml.Node, lines int) {
	if lines == 0 {
		return
	}
	n.Line += lines
	for _, c := range n.Content {
		shift(c, lines)
	}
}

func clip(n *yaml.Node, last int) {
	if n.Line > last {
		n.Line, n.Column = last, 1
	}
	for _, c := range n.Content {
		clip(c, last)
	}
}

// countsFromZero are the errors of the parser proper, which gives the number of lines before the fault; the scanner counts from one.
var countsFromZero = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^did not find expected (key$|',' or|'-' indicator|node content|<document start>)`)
})

var lineOfError = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^yaml: (?:line (\d+): )?`) })

// syntaxProblem takes the line out of the decoder's words.
func syntaxProblem(path string, part textPart, err error) Problem {
	p := Problem{File: path, Line: part.line + 1, Message: err.Error()}
	if m := lineOfError().FindStringSubmatch(p.Message); m != nil {
		if n, err := strconv.Atoi(m[1]); err == nil {
			p.Line = part.line + n
		}
		p.Message = p.Message[len(m[0]):]
	}
	if countsFromZero().MatchString(p.Message) {
		p.Line++
	}
	p.Line = min(p.Line, part.line+1+bytes.Count(bytes.TrimSuffix(part.data, []byte("\n")), []byte("\n")))
	p.Message = "no YAML: " + p.Message
	return p
}

func isNull(n *yaml.Node) bool { return n.Kind == yaml.ScalarNode && n.ShortTag() == "!!null" }

// decoder turns nodes into values.
type decoder struct {
	schema   schema
	limits   limits
	file     string
	used     int                 // values so far, with all that aliases repeat
	open     map[*yaml.Node]bool // anchors being expanded
	problems []Problem
}

func (d *decoder) problem(n *yaml.Node, format string, args ...any) {
	if len(d.problems) < maxSyntaxProblems {
		d.problems = append(d.problems, Problem{File: d.file, Line: n.Line, Column: n.Column, Message: fmt.Sprintf(format, args...)})
	}
}

// value decodes a node and all below it.
func (d *decoder) value(n *yaml.Node, depth int) (any, error) {
	if d.used++; d.used > d.limits.nodes {
		return nil, fmt.Errorf("%w: %q has more than %d values when its aliases are expanded (line %d)", ErrLimit, d.file, d.limits.nodes, n.Line)
	}
	if depth > d.limits.depth {
		return nil, fmt.Errorf("%w: %q nests deeper than %d (line %d)", ErrLimit, d.file, d.limits.depth, n.Line)
	}
	switch n.Kind {
	case yaml.AliasNode:
		if d.open[n.Alias] {
			d.problem(n, "the anchor %q contains itself", n.Value)
			return nil, nil
		}
		d.open[n.Alias] = true
		defer delete(d.open, n.Alias)
		return d.value(n.Alias, depth+1)
	case yaml.MappingNode:
		return d.mapping(n, depth)
	case yaml.SequenceNode:
		out := make([]any, 0, len(n.Content))
		for _, c := range n.Content {
			v, err := d.value(c, depth+1)
			if err != nil {
				return nil, err
			}
			out = append(out, v)
		}
		return out, nil
	case yaml.ScalarNode:
		return scalar(n, d.schema), nil
	}
	return nil, nil
}

func (d *decoder) mapping(n *yaml.Node, depth int) (any, error) {
	out := make(map[string]any, len(n.Content)/2)
	var merges []*yaml.Node
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, v := n.Content[i], n.Content[i+1]
		if isMerge(k) {
			merges = append(merges, v)
			continue
		}
		name, ok := keyText(k, d.schema)
		if !ok {
			d.problem(k, "a key that is no text")
			continue
		}
		if _, twice := out[name]; twice {
			d.problem(k, "the key %q is there twice", name)
		}
		val, err := d.value(v, depth+1)
		if err != nil {
			return nil, err
		}
		out[unique.Make(name).Value()] = val // the names are few, and one text serves all files
	}
	for _, m := range merges {
		if err := d.merge(out, m, depth+1); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// merge adds what << refers to; keys that are there stay.
func (d *decoder) merge(out map[string]any, m *yaml.Node, depth int) error {
	v, err := d.value(m, depth)
	if err != nil {
		return err
	}
	list, ok := v.([]any)
	if !ok {
		list = []any{v}
	}
	for _, v := range list {
		from, ok := v.(map[string]any)
		if !ok {
			d.problem(m, "<< takes a mapping, an alias of one, or a list of them")
			return nil
		}
		for k, v := range from {
			if _, there := out[k]; !there {
				out[k] = v
			}
		}
	}
	return nil
}
