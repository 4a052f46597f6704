// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"encoding/json"
	"strings"
	"testing"

	v2 "github.com/go-json-experiment/json"
)

// A text is read as a string is, and written as one.
func FuzzText(f *testing.F) {
	for _, s := range []string{`""`, `"a"`, `"{\"a\":\"b\\\\\"}"`, `"\/\b\f\n\r\t"`, `"\u00e9\ud83d\ude00 é"`, `"x\\u0041"`, `"\\\\\\"`, `"\`, `"\ud800"`, "\"\xff\"", `null`, `1`, `{}`, `[""]`, `"<&>"`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var want string
		var got text
		wantErr, err := v2.Unmarshal(raw, &want), v2.Unmarshal(raw, &got)
		if (err == nil) != (wantErr == nil) || err == nil && string(got) != want {
			t.Fatalf("%q: read as %q (%v), as a string %q (%v)", raw, got, err, want, wantErr)
		}
		if err != nil {
			return
		}
		written, err := json.Marshal(listLine{Bundle: got})
		if err != nil {
			t.Fatal(err)
		}
		var again struct{ Bundle string }
		if err := json.Unmarshal(written, &again); err != nil || again.Bundle != want {
			t.Fatalf("%q: written as %s (%v)", want, written, err)
		}
	})
}

// A line that is not exactly a bundle's is left to the JSON decoder.
func TestBundleOf(t *testing.T) {
	for line, want := range map[string]string{
		"{\"bundle\":\"{\\\"a\\\":\\\"b\\\\\\\\\\\"}\"}\n": `{"a":"b\\"}`,
		"{\"bundle\":\"x\"}":                                "",
		"{\"bundle\":\"\"}\n":                               "",
		"{\"bundle\": \"x\"}\n":                             "",
		"{\"bundle\":\"x\\\"}\n":                            "",
		"{\"bundle\":\"x\",\"base64\":\"eA==\"}\n":          "",
		"{\"bundle\":\"x\\n\",\"y\":\"z\"}\n":               "",
		"{\"bundle\":\"\\u0041\"}\n":                        "",
		"{\"manifests\":[\"{}\"],\"bundle\":\"x\"}\n":       "",
		"{\"bundle\":\"x\",\"manifests\":[\"{}\"]}\n":       "",
		"{\"bundle\":\"" + strings.Repeat("y", 9) + "\"}\n": strings.Repeat("y", 9),
	} {
		if got := bundleOf([]byte(line)); string(got) != want {
			t.Errorf("%s: %q, expected %q", line, got, want)
		}
	}
}
