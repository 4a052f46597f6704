// SPDX-License-Identifier: Apache-2.0

package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/admission"
	"github.com/sealock-dev/sealock/gate/schema"
)

var described = map[string]struct {
	typ reflect.Type
	tag string
}{
	"pipeline":    {reflect.TypeFor[stage.Pipeline](), "yaml"},
	"policy":      {reflect.TypeFor[gate.PolicyFile](), "yaml"},
	"decision":    {reflect.TypeFor[gate.Decision](), "json"},
	"waivers":     {reflect.TypeFor[gate.WaiversFile](), "yaml"},
	"baseline":    {reflect.TypeFor[gate.Baseline](), "yaml"},
	"revocations": {reflect.TypeFor[gate.RevocationsFile](), "yaml"},
	"admission":   {reflect.TypeFor[admission.Config](), "yaml"},
}

// TestSchemaTypes holds each schema against the Go type it describes: the same fields, of the same types, everywhere in it.
func TestSchemaTypes(t *testing.T) {
	for _, name := range schema.Names() {
		d, ok := described[name]
		if !ok {
			t.Errorf("schema %s: no Go type is known for it", name)
			continue
		}
		data, _ := schema.Get(name)
		var doc map[string]any
		if err := json.Unmarshal(data, &doc); err != nil {
			t.Fatalf("schema %s: %v", name, err)
		}
		c := &comparison{t: t, root: doc, tag: d.tag}
		c.compare(name, doc, d.typ)
	}
}

// comparison walks a schema and a type side by side.
type comparison struct {
	t    *testing.T
	root map[string]any
	tag  string
}

func (c *comparison) compare(path string, s map[string]any, typ reflect.Type) {
	c.t.Helper()
	s = c.pick(s, typ)
	if typ.Kind() == reflect.Pointer {
		typ = typ.Elem()
	}
	switch {
	case typ == reflect.TypeFor[time.Time]():
		c.want(path, s, "format", "date-time")
	case typ == reflect.TypeFor[gate.Duration]():
		c.want(path, s, "type", "string")
		if s["pattern"] == nil {
			c.t.Errorf("%s: expected the pattern of durations", path)
		}
	case typ == reflect.TypeFor[gate.Verdict]():
		c.values(path, s, gate.Allowed.String(), gate.Refused.String(), gate.Undecided.String())
	case typ.Kind() == reflect.Struct:
		c.structure(path, s, typ)
	case typ.Kind() == reflect.Map:
		c.want(path, s, "type", "object")
		if typ.Elem().Kind() != reflect.Interface {
			elem, _ := s["additionalProperties"].(map[string]any)
			c.compare(path+".*", elem, typ.Elem())
		}
	case typ.Kind() == reflect.Slice:
		c.want(path, s, "type", "array")
		items, _ := s["items"].(map[string]any)
		c.compare(path+"[]", items, typ.Elem())
	default:
		c.scalar(path, s, typ)
	}
}

// pick follows references and chooses the long one of two forms.
func (c *comparison) pick(s map[string]any, typ reflect.Type) map[string]any {
	if ref, ok := s["$ref"].(string); ok {
		defs, _ := c.root["$defs"].(map[string]any)
		target, ok := defs[strings.TrimPrefix(ref, "#/$defs/")].(map[string]any)
		if !ok {
			c.t.Errorf("%s: there is no such definition", ref)
			return nil
		}
		merged := maps.Clone(target)
		for k, v := range s {
			if k != "$ref" {
				merged[k] = v
			}
		}
		return c.pick(merged, typ)
	}
	forms, _ := s["oneOf"].([]any)
	if s["type"] != nil || len(forms) == 0 {
		return s
	}
	for _, f := range forms {
		form := c.pick(f.(map[string]any), typ)
		if form["type"] == "object" || (form["type"] == "array" && typ.Kind() == reflect.Slice) {
			return form
		}
	}
	c.t.Errorf("no form of %v is the long one", s["description"])
	return nil
}

func (c *comparison) structure(path string, s map[string]any, typ reflect.Type) {
	c.want(path, s, "type", "object")
	if c.tag == "yaml" && s["additionalProperties"] != false {
		c.t.Errorf("%s: unknown keys are errors, so expected additionalProperties: false", path)
	}
	properties, _ := s["properties"].(map[string]any)
	var fields, always []string
	for i := range typ.NumField() {
		name, options, _ := strings.Cut(typ.Field(i).Tag.Get(c.tag), ",")
		if name == "" || name == "-" {
			continue
		}
		fields = append(fields, name)
		if !strings.Contains(options, "omit") {
			always = append(always, name)
		}
		p, ok := properties[name].(map[string]any)
		if !ok {
			c.t.Errorf("%s.%s: the type has it, the schema has not", path, name)
			continue
		}
		c.compare(path+"."+name, p, typ.Field(i).Type)
	}
	for name := range properties {
		if !slices.Contains(fields, name) {
			c.t.Errorf("%s.%s: the schema has it, the type has not", path, name)
		}
	}
	if c.tag != "json" {
		return
	}
	var required []string
	for _, r := range listOf(s["required"]) {
		required = append(required, fmt.Sprint(r))
	}
	slices.Sort(required)
	slices.Sort(always)
	if !slices.Equal(required, always) {
		c.t.Errorf("%s: always written are %q, required are %q", path, always, required)
	}
}

func (c *comparison) scalar(path string, s map[string]any, typ reflect.Type) {
	want := map[reflect.Kind]string{reflect.String: "string", reflect.Bool: "boolean", reflect.Int: "integer"}[typ.Kind()]
	if want == "" {
		c.t.Errorf("%s: no schema type is known for %s", path, typ)
		return
	}
	values := listOf(s["enum"])
	if s["const"] != nil {
		values = append(values, s["const"])
	}
	for _, v := range values {
		if _, ok := v.(string); !ok || want != "string" {
			c.t.Errorf("%s: value %v is no %s", path, v, want)
		}
	}
	if len(values) == 0 {
		c.want(path, s, "type", want)
	}
}

func (c *comparison) want(path string, s map[string]any, key, value string) {
	if list := listOf(s[key]); slices.Contains(list, any("string")) && slices.Contains(list, any("integer")) && value == "string" {
		return // YAML reads a number into text
	}
	if s[key] != value {
		c.t.Errorf("%s: expected %s %s, found %v", path, key, value, s[key])
	}
}

func (c *comparison) values(path string, s map[string]any, want ...string) {
	var got []string
	for _, v := range listOf(s["enum"]) {
		got = append(got, fmt.Sprint(v))
	}
	slices.Sort(got)
	slices.Sort(want)
	if !slices.Equal(got, want) {
		c.t.Errorf("%s: expected the values %q, found %q", path, want, got)
	}
}

func listOf(v any) []any {
	l, _ := v.([]any)
	return l
}

// compiled is a schema ready to validate with.
func compiled(t *testing.T, name string) *jsonschema.Schema {
	t.Helper()
	data, ok := schema.Get(name)
	if !ok {
		t.Fatalf("no schema %s", name)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("mem:///"+name, doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem:///" + name)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// fromYAML reads a file as editors hand it to a schema: as JSON.
func fromYAML(t *testing.T, text []byte) any {
	t.Helper()
	m := map[string]any{}
	if _, err := gate.DecodeYAML("sample.yaml", text, &m); err != nil {
		t.Fatal(err)
	}
	data, err := attest.EncodeJSON(m)
	if err != nil {
		t.Fatal(err)
	}
	v, err := jsonschema.UnmarshalJSON(bytes.NewReader(data))
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestSchemaOfTheSample(t *testing.T) {
	for file, name := range map[string]string{"../../testdata/shop/sealock.yaml": "pipeline", "../../testdata/shop/policy/policy.yaml": "policy",
		"../stage/initrepo/testdata/sealock.yaml": "pipeline", "../stage/initrepo/testdata/policy.yaml": "policy"} {
		text, err := os.ReadFile(filepath.FromSlash(file))
		if err != nil {
			t.Fatal(err)
		}
		if err := compiled(t, name).Validate(fromYAML(t, text)); err != nil {
			t.Errorf("%s: %v", file, err)
		}
	}
}

const fullPolicy = `
apiVersion: sealock/v1
kind: Policy
name: shop
version: 12
expires: 2027-06-30T00:00:00Z
trust: {sigstore: public-good, log: required, logs: 1, timestamps: 1, degraded: 24h}
identities:
  build-job: {issuer: "https://issuer.example.com", subject: "https://example.com/build.yml@refs/heads/main", claims: {runnerEnvironment: github-hosted, sourceRepositoryIdentifier: 4711, buildTrigger: [push, release]}, builder: "https://example.com/builder"}
  any-job: {issuer: "https://issuer.example.com", subjectPattern: "https://example.com/acme/*/build.yml@refs/heads/main"}
  scan-job: {key: keys/scan.pub, notBefore: 2026-01-01T00:00:00Z, notAfter: 2028-01-01T00:00:00Z}
  managers: {anyOf: [build-job, scan-job]}
stages:
  source: {signedBy: [build-job]}
  build: {after: [{stage: source, sameRun: true}], signedBy: [build-job], evidence: [provenance, sbom], threshold: 1, builders: {threshold: 2}}
  scan: {after: [build], signedBy: [scan-job], evidence: [vulns], maxAge: {enter: 24h, stay: 30d}}
attached: [{type: provenance, signedBy: [build-job], artifacts: [service]}]
artifacts:
  service: {product: build, repositories: ["registry.example.com/shop/*"]}
environments:
  dev: {stages: {service: [source, build]}, promotedBy: [build-job]}
  prod: {from: dev, stages: [scan], promotedBy: [build-job], protected: true,
    approvals: {by: managers, threshold: 2, validFor: 72h, notBy: [build-job], bindPolicy: digest}}
rules: {vulnerabilities: {refuse: high, grace: 7d, onStay: warn}, config: {effective: 2027-01-01}}
environmentRules: {prod: {vulnerabilities: {refuse: medium}}}
people: {alice: [build-job, keys/alice.pub]}
`

// TestSchemaForms checks that a schema takes what the loader takes, and refuses the mistakes it can see.
func TestSchemaForms(t *testing.T) {
	cases := []struct {
		schema, name, old, new string
		valid                  bool
	}{
		{"policy", "all fields", "", "", true},
		{"policy", "short trust", "trust: {sigstore: public-good, log: required, logs: 1, timestamps: 1, degraded: 24h}", "trust: none", true},
		{"policy", "short maxAge", "maxAge: {enter: 24h, stay: 30d}", "maxAge: 1h30m", true},
		{"policy", "unknown key", "version: 12", "version: 12\nowner: alice", false},
		{"policy", "no expiry", "expires: 2027-06-30T00:00:00Z", "", false},
		{"policy", "expires is no time", "2027-06-30T00:00:00Z", "next year", false},
		{"policy", "version 0", "version: 12", "version: 0", false},
		{"policy", "duration without a unit", "validFor: 72h", "validFor: 72", false},
		{"policy", "negative duration", "stay: 30d", "stay: -30d", false},
		{"policy", "key and issuer", "key: keys/scan.pub,", "key: keys/scan.pub, issuer: x, subject: y,", false},
		{"policy", "issuer without subject", `, subjectPattern: "https://example.com/acme/*/build.yml@refs/heads/main"`, "", false},
		{"policy", "a pattern that is none", "acme/*/build.yml", "acme/shop/build.yml", false},
		{"policy", "unknown claim", "buildTrigger:", "buildTriggers:", false},
		{"policy", "claim without a value", "[push, release]", "[]", false},
		{"policy", "no claims", "claims: {runnerEnvironment: github-hosted, sourceRepositoryIdentifier: 4711, buildTrigger: [push, release]}", "claims: {}", false},
		{"policy", "log as a truth value", "log: required", "log: false", false},
		{"policy", "unknown kind of evidence", "evidence: [vulns]", "evidence: [feelings]", false},
		{"policy", "nobody signs", "source: {signedBy: [build-job]}", "source: {signedBy: []}", false},
		{"policy", "approvals never expire", "validFor: 72h, ", "", false},
		{"policy", "mode", "refuse: medium", "refuse: medium, mode: maybe", false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			text := fullPolicy
			if c.old != "" {
				if text = strings.Replace(fullPolicy, c.old, c.new, 1); text == fullPolicy {
					t.Fatal("the case changes nothing")
				}
			}
			err := compiled(t, c.schema).Validate(fromYAML(t, []byte(text)))
			if (err == nil) != c.valid {
				t.Errorf("valid: expected %v, found %v", c.valid, err)
			}
		})
	}
}

func TestSchemaOfWaiversAndRevocations(t *testing.T) {
	const waiver = "apiVersion: sealock/v1\nkind: Waivers\nwaivers: [{rule: vulnerabilities, scope: {advisory: CVE-2026-1, everywhere: true}, reason: not reached, owner: alice, expires: 2027-01-01T00:00:00Z}]"
	const revoked = "apiVersion: sealock/v1\nkind: Revocations\nrevoked: [{identity: scan-job, from: 2026-01-01T00:00:00Z, reason: key lost}]"
	cases := []struct {
		schema, text, old, new string
		valid                  bool
	}{
		{"waivers", waiver, "", "", true},
		{"waivers", waiver, "scope: {advisory: CVE-2026-1, everywhere: true}", "scope: {}", false},
		{"waivers", waiver, "CVE-2026-1", "'CVE-2026-*'", false},
		{"waivers", waiver, ", everywhere: true", "", false},
		{"waivers", waiver, ", expires: 2027-01-01T00:00:00Z", "", false},
		{"revocations", revoked, "", "", true},
		{"revocations", revoked, "identity: scan-job", "serial: 0a", true},
		{"revocations", revoked, "identity: scan-job", "statement: 'sha256:" + strings.Repeat("0", 64) + "'", false}, // wholly, not from a day
		{"revocations", revoked, "identity: scan-job", "identity: scan-job, serial: 0a", false},
	}
	for i, c := range cases {
		text := strings.Replace(c.text, c.old, c.new, 1)
		if err := compiled(t, c.schema).Validate(fromYAML(t, []byte(text))); (err == nil) != c.valid {
			t.Errorf("case %d: valid: expected %v, found %v", i, c.valid, err)
		}
	}
}

func TestSchemaCommand(t *testing.T) {
	for _, name := range schema.Names() {
		out, _, code := callSealock(t, nil, "schema", name)
		if want, _ := schema.Get(name); code != exitAllowed || out != string(want) {
			t.Errorf("schema %s: exit %d, %d bytes", name, code, len(out))
		}
	}
	if _, stderr, code := callSealock(t, nil, "schema", "everything"); code != exitUsage || !strings.Contains(stderr, "expected one of") {
		t.Errorf("unknown schema: exit %d, %s", code, stderr)
	}
}

func unmarshal(s string) (any, error) { return jsonschema.UnmarshalJSON(strings.NewReader(s)) }

// A real decision is valid by its schema.
func TestSchemaOfADecision(t *testing.T) {
	p := newProject(t)
	writeText(t, filepath.Join(p.dir, "app"), "app 1")
	p.evidence(t, filepath.Join(p.dir, ".sealock"), noon)
	for env, want := range map[string]int{"dev": exitAllowed, "prod": exitRefused} {
		out, stderr, code := callSealock(t, nil, "verify", "file:app", "--env", env, "-C", p.dir, "-o", "json")
		if code != want {
			t.Fatalf("%s: exit %d, expected %d\n%s%s", env, code, want, out, stderr)
		}
		doc, err := unmarshal(out)
		if err == nil {
			err = compiled(t, "decision").Validate(doc)
		}
		if err != nil {
			t.Errorf("%s: %v\n%s", env, err, out)
		}
	}
}
