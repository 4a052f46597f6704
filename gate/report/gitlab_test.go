// SPDX-License-Identifier: Apache-2.0

package report

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// securitySchema is what GitLab's schemas in version 15.0.7 ask of the fields that are written, sast-report-format.json and secret-detection-report-format.json
// (https://gitlab.com/gitlab-org/security-products/security-report-schemas/-/tree/v15.0.7/dist). It is stricter: there is nothing else.
const securitySchema = `{
  "$schema": "http://json-schema.org/draft-07/schema#",
  "definitions": {
    "word": {"type": "string", "minLength": 1},
    "moment": {"type": "string", "pattern": "^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}$"},
    "tool": {"type": "object", "additionalProperties": false, "required": ["id", "name", "version", "vendor"], "properties": {
      "id": {"$ref": "#/definitions/word"}, "name": {"$ref": "#/definitions/word"}, "version": {"$ref": "#/definitions/word"}, "url": {"type": "string", "pattern": "^https?://.+"},
      "vendor": {"type": "object", "additionalProperties": false, "required": ["name"], "properties": {"name": {"$ref": "#/definitions/word"}}}}},
    "location": {"type": "object", "additionalProperties": false, "properties": {"file": {"$ref": "#/definitions/word"}, "start_line": {"type": "integer", "minimum": 1},
      "commit": {"type": "object", "additionalProperties": false, "required": ["sha"], "properties": {"sha": {"$ref": "#/definitions/word"}}}}}
  },
  "type": "object", "additionalProperties": false, "required": ["scan", "version", "vulnerabilities"],
  "properties": {
    "version": {"const": "15.0.7"},
    "scan": {"type": "object", "additionalProperties": false, "required": ["analyzer", "scanner", "start_time", "end_time", "status", "type"], "properties": {
      "analyzer": {"$ref": "#/definitions/tool"}, "scanner": {"$ref": "#/definitions/tool"}, "start_time": {"$ref": "#/definitions/moment"}, "end_time": {"$ref": "#/definitions/moment"},
      "status": {"enum": ["success", "failure"]}, "type": {"const": "TYPE"},
      "messages": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["level", "value"], "properties": {
        "level": {"enum": ["info", "warn", "fatal"]}, "value": {"$ref": "#/definitions/word"}}}}}},
    "vulnerabilities": {"type": "array", "items": {"type": "object", "additionalProperties": false, "required": ["id", "identifiers", "location"], "properties": {
      "id": {"$ref": "#/definitions/word"}, "name": {"type": "string", "maxLength": 255}, "description": {"type": "string", "maxLength": 1048576}, "solution": {"type": "string", "maxLength": 7000},
      "severity": {"enum": ["Info", "Unknown", "Low", "Medium", "High", "Critical"]},
      "identifiers": {"type": "array", "minItems": 1, "maxItems": 20, "items": {"type": "object", "additionalProperties": false, "required": ["type", "name", "value"], "properties": {
        "type": {"$ref": "#/definitions/word"}, "name": {"$ref": "#/definitions/word"}, "value": {"$ref": "#/definitions/word"}}}},
      "location": {"allOf": [{"$ref": "#/definitions/location"}, {"required": [REQUIRED]}]}}}}
  }
}`

func holdsToSchema(t *testing.T, kind string, doc []byte) {
	t.Helper()
	required := `"file"`
	if kind == typeSecrets {
		required = `"file", "commit"`
	}
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.NewReplacer("TYPE", kind, "REQUIRED", required).Replace(securitySchema)))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(kind, schema); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile(kind)
	if err != nil {
		t.Fatal(err)
	}
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(doc))
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Validate(value); err != nil {
		t.Fatalf("%s: %v\n%s", kind, err, doc)
	}
}

// A secret is in the report of secrets, with the commit that it is in, and in no other; the report of code says where it is.
func TestSecretsHaveAReportOfTheirOwn(t *testing.T) {
	secret := gate.Reason{Code: codeSecret, Rule: "secrets", Message: "config.env:3: a token (github-pat)", Found: "severity high", Key: &gate.WaiverScope{Advisory: "github-pat", Path: "config.env", Fingerprint: "f"}}
	fault := gate.Reason{Code: "CONFIG_FINDING", Rule: "config", Message: "pod.yaml:7: privileged", Key: &gate.WaiverScope{Path: "pod.yaml", Fingerprint: "g"}}
	commit := strings.Repeat("ab", 20)
	d := gate.Decision{Subject: attest.Subject{Name: "shop", Digest: attest.DigestSet{"gitCommit": commit}}, Environment: "dev", At: "2026-01-01T00:00:00Z", Reasons: []gate.Reason{secret, fault}}
	for _, format := range []string{"gitlab-secrets", "gitlab-sast"} {
		var b bytes.Buffer
		if err := Write(&b, format, []gate.Decision{d}, Options{}); err != nil {
			t.Fatal(err)
		}
		var r securityReport
		if err := json.Unmarshal(b.Bytes(), &r); err != nil {
			t.Fatal(err)
		}
		last := r.Findings[len(r.Findings)-1]
		if format == "gitlab-sast" {
			if len(r.Findings) != 2 || last.Location.File != "pod.yaml" || last.Location.Commit != nil || r.Scan.Messages[1].Value != "1 secret: see -o gitlab-secrets" {
				t.Errorf("%s: %s", format, b.String())
			}
			continue
		}
		if len(r.Findings) != 1 || last.Location.File != "config.env" || last.Location.Start != 3 || last.Location.Commit.SHA != commit || last.Severity != "High" || r.Scan.Type != "secret_detection" {
			t.Errorf("%s: %s", format, b.String())
		}
	}
	var b bytes.Buffer
	o := Outcome{What: "check", Reasons: []gate.Reason{secret}, Places: map[string]Place{"f": {Commit: "1234567"}}}
	if err := WriteOutcome(&b, "gitlab-secrets", o, Options{}); err != nil || !strings.Contains(b.String(), `"sha":"1234567"`) {
		t.Errorf("%v %s", err, b.String())
	}
	b.Reset()
	d.Subject.Digest = nil
	if err := Write(&b, "gitlab-secrets", []gate.Decision{d}, Options{}); err != nil || !strings.Contains(b.String(), fmt.Sprintf(`"sha":%q`, noCommit)) {
		t.Errorf("%v %s", err, b.String())
	}
}
