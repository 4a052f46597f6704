// SPDX-License-Identifier: Apache-2.0

package oci

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
)

// What is cut out of a list's manifest is what a JSON decoder reads there; whatever looks otherwise stays with the decoder.
func TestCutContent(t *testing.T) {
	const head, tail = `{"layers":[{"mediaType":"x","data":"`, `","size":3}],"annotations":{"a":"b"}}`
	rest, content := cutContent([]byte(head + "YWJjZA==" + tail))
	if string(rest) != head+"YWJj"+tail || string(content) != "abcd" {
		t.Errorf("rest %s, content %q", rest, content)
	}
	for name, raw := range map[string]string{
		"none":              `{"layers":[{"mediaType":"x","size":3}]}`,
		"empty":             head + tail,
		"twice":             head + "YWJj" + `"},{"data":"YWJj` + tail,
		"no end":            strings.TrimSuffix(head, `"`),
		"cut short":         head + "YWJj",
		"escaped":           head + `YWJj\n` + tail,
		"a line end":        head + "YWJj\n" + tail,
		"a line end inside": head + "YW\r\nJj" + tail,
		"no padding":        head + "YWJjZA" + tail,
		"bits left over":    head + "YWJjZB==" + tail,
		"URL-safe":          head + "_-_-" + tail,
	} {
		if rest, content := cutContent([]byte(raw)); string(rest) != raw || content != nil {
			t.Errorf("%s: rest %s, content %q", name, rest, content)
		}
	}
}

func FuzzCutContent(f *testing.F) {
	f.Add([]byte(`{"layers":[{"data":"YWJj","size":3}]}`))
	f.Add([]byte(`{"a":"\"data\":\"","data":"YWJj"}`))
	f.Fuzz(func(t *testing.T, raw []byte) {
		rest, content := cutContent(raw)
		if content == nil {
			return
		}
		whole := base64.StdEncoding.EncodeToString(content)
		back := strings.Replace(string(rest), `"data":"`+whole[:4], `"data":"`+whole, 1)
		if back != string(raw) || json.Valid(rest) != json.Valid(raw) {
			t.Errorf("%q became %q and %q", raw, rest, content)
		}
	})
}
