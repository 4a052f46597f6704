// SPDX-License-Identifier: Apache-2.0

package config

import (
	"fmt"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/hcl/v2/hclsyntax"
	"github.com/hashicorp/hcl/v2/json"
	"github.com/zclconf/go-cty/cty"
)

// jsonSource turns Terraform's JSON form into the blocks and expressions of the native one, so that one evaluator serves both.
type jsonSource struct {
	src   *tfSource
	diags hcl.Diagnostics
}

// mapArguments are attributes that take an object and are not blocks. JSON can't tell the two apart without the provider's schema.
var mapArguments = map[string]bool{
	"annotations": true, "app_settings": true, "assume_role_tags": true, "connection_properties": true, "environment_variables": true,
	"headers": true, "inputs": true, "keepers": true, "labels": true, "match_labels": true, "metadata": true, "parameters": true,
	"providers": true, "query": true, "request_parameters": true, "required_providers": true, "response_parameters": true, "settings": true,
	"tags": true, "tags_all": true, "triggers": true, "user_labels": true, "variables": true,
}

// parseJSONSource reads a .tf.json or .tfvars.json file.
func parseJSONSource(f file, lim limits) (*tfSource, []Problem) {
	if p := guardJSON(f, lim.depth); p != nil {
		return nil, []Problem{*p}
	}
	root, diags := json.ParseExpression(f.data, f.path)
	if root == nil || diags.HasErrors() {
		return nil, diagnostics(f.path, diags)
	}
	j := &jsonSource{src: &tfSource{path: f.path, text: append([]byte{}, f.data...)}}
	body := emptyBody(root)
	j.src.body = body
	for _, kv := range j.pairs(root) {
		switch {
		case isVars(f.path):
			j.attribute(body, kv.name, kv.value)
		case kv.name == "resource", kv.name == "data":
			j.labelled(body, kv.name, kv.value, 2, nil)
		case kv.name == "variable", kv.name == "output", kv.name == "module", kv.name == "provider":
			j.labelled(body, kv.name, kv.value, 1, nil)
		case kv.name == "locals", kv.name == "terraform":
			j.labelled(body, kv.name, kv.value, 0, nil)
		}
	}
	return j.src, diagnostics(f.path, j.diags)
}

// guardJSON refuses what would nest too deeply for a recursive parser.
func guardJSON(f file, maxNesting int) *Problem {
	depth, line, quoted := 0, 1, false
	for i := 0; i < len(f.data); i++ {
		switch c := f.data[i]; {
		case c == '\n':
			line++
		case c == '\\' && quoted:
			i++
		case c == '"':
			quoted = !quoted
		case quoted:
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		}
		if depth > maxNesting {
			return &Problem{File: f.path, Line: line, Column: 1, Message: fmt.Sprintf("parsing terraform: nested deeper than %d", maxNesting)}
		}
	}
	return nil
}

func emptyBody(e hcl.Expression) *hclsyntax.Body {
	return &hclsyntax.Body{Attributes: hclsyntax.Attributes{}, SrcRange: e.Range(), EndRange: e.Range()}
}

type jsonPair struct {
	name  string
	value hcl.Expression
	at    hcl.Range
}

// pairs are the members of an object, or of all objects of a list. A name twice in one object is a fault.
func (j *jsonSource) pairs(e hcl.Expression) []jsonPair {
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		var out []jsonPair
		for _, x := range list {
			out = append(out, j.pairs(x)...)
		}
		return out
	}
	members, diags := hcl.ExprMap(e)
	if diags.HasErrors() {
		j.diags = append(j.diags, diags...)
		return nil
	}
	seen := map[string]bool{}
	var out []jsonPair
	for _, m := range members {
		name, ok := literal(m.Key)
		if !ok || name == "//" {
			continue
		}
		if seen[name] {
			j.diags = append(j.diags, &hcl.Diagnostic{Severity: hcl.DiagError, Summary: fmt.Sprintf("the name %q is there twice", name), Subject: m.Key.Range().Ptr()})
		}
		seen[name] = true
		out = append(out, jsonPair{name, m.Value, m.Key.Range()})
	}
	return out
}

// literal is the text of a JSON string, before templates are looked at.
func literal(e hcl.Expression) (string, bool) {
	v, diags := e.Value(nil)
	if diags.HasErrors() {
		return "", false
	}
	s, ok := fromKnown(v).(string)
	return s, ok
}

// labelled reads {"label": {"label": body}}.
func (j *jsonSource) labelled(into *hclsyntax.Body, kind string, e hcl.Expression, n int, labels []string) {
	if n > 0 {
		for _, kv := range j.pairs(e) {
			j.labelled(into, kind, kv.value, n-1, append(labels[:len(labels):len(labels)], kv.name))
		}
		return
	}
	bodies := []hcl.Expression{e}
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		bodies = list
	}
	for _, one := range bodies {
		// These hold values, not blocks.
		flat := kind == "locals" || kind == "variable" || kind == "output" || kind == "module"
		into.Blocks = append(into.Blocks, j.block(kind, labels, one, flat))
	}
}

func (j *jsonSource) block(kind string, labels []string, e hcl.Expression, flat bool) *hclsyntax.Block {
	b := &hclsyntax.Block{Type: kind, Labels: labels, Body: emptyBody(e), TypeRange: e.Range(), OpenBraceRange: e.Range(), CloseBraceRange: e.Range()}
	for _, kv := range j.pairs(e) {
		switch {
		case kv.name == "dynamic" && !flat:
			j.labelled(b.Body, "dynamic", kv.value, 1, nil)
		case !flat && (kind == "terraform" && kv.name == "backend" || kv.name == "provisioner"):
			j.labelled(b.Body, kv.name, kv.value, 1, nil)
		case !flat && !mapArguments[kv.name] && isBlockValue(kv.value):
			j.labelled(b.Body, kv.name, kv.value, 0, nil)
		default:
			j.attribute(b.Body, kv.name, kv.value)
		}
	}
	return b
}

// isBlockValue says whether a value could be a block: an object, or a list of objects.
func isBlockValue(e hcl.Expression) bool {
	list, diags := hcl.ExprList(e)
	if diags.HasErrors() {
		_, diags = hcl.ExprMap(e)
		return !diags.HasErrors()
	}
	for _, x := range list {
		if _, diags := hcl.ExprMap(x); diags.HasErrors() {
			return false
		}
	}
	return len(list) > 0
}

func (j *jsonSource) attribute(b *hclsyntax.Body, name string, e hcl.Expression) {
	b.Attributes[name] = &hclsyntax.Attribute{Name: name, Expr: j.expression(e), SrcRange: e.Range(), NameRange: e.Range()}
}

// expression turns a JSON value into an expression; strings are templates.
func (j *jsonSource) expression(e hcl.Expression) hclsyntax.Expression {
	r := e.Range()
	if list, diags := hcl.ExprList(e); !diags.HasErrors() {
		out := &hclsyntax.TupleConsExpr{SrcRange: r, OpenRange: r}
		for _, x := range list {
			out.Exprs = append(out.Exprs, j.expression(x))
		}
		return out
	}
	if _, diags := hcl.ExprMap(e); !diags.HasErrors() {
		out := &hclsyntax.ObjectConsExpr{SrcRange: r, OpenRange: r}
		for _, kv := range j.pairs(e) {
			key := &hclsyntax.TemplateExpr{Parts: []hclsyntax.Expression{&hclsyntax.LiteralValueExpr{Val: cty.StringVal(kv.name), SrcRange: kv.at}}, SrcRange: kv.at}
			out.Items = append(out.Items, hclsyntax.ObjectConsItem{KeyExpr: &hclsyntax.ObjectConsKeyExpr{Wrapped: key}, ValueExpr: j.expression(kv.value)})
		}
		return out
	}
	s, ok := literal(e)
	if !ok {
		v, _ := e.Value(nil)
		return &hclsyntax.LiteralValueExpr{Val: v, SrcRange: r}
	}
	return j.template(s, r)
}

// template parses a string. Its text is put after the file's, so that what is not known can be shown as it was written.
func (j *jsonSource) template(s string, r hcl.Range) hclsyntax.Expression {
	plainText := &hclsyntax.LiteralValueExpr{Val: cty.StringVal(s), SrcRange: r}
	if p := guardTemplate(s, r); p != nil {
		j.diags = append(j.diags, p)
		return plainText
	}
	start := hcl.Pos{Line: r.Start.Line, Column: r.Start.Column, Byte: len(j.src.text)}
	j.src.text = append(j.src.text, s...)
	e, diags := hclsyntax.ParseTemplate([]byte(s), j.src.path, start)
	if diags.HasErrors() {
		for _, d := range diags {
			d.Subject = r.Ptr()
		}
		j.diags = append(j.diags, diags...)
		return plainText
	}
	return e
}

// guardTemplate keeps the templates of JSON strings from nesting too deeply.
func guardTemplate(s string, r hcl.Range) *hcl.Diagnostic {
	tokens, _ := hclsyntax.LexTemplate([]byte(s), r.Filename, hcl.InitialPos)
	if nesting(tokens, maxDepth) == nil {
		return nil
	}
	return &hcl.Diagnostic{Severity: hcl.DiagError, Summary: "a template is nested too deeply", Subject: r.Ptr()}
}
