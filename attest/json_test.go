// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

type doc struct {
	Name string         `json:"name"`
	Size int64          `json:"size"`
	Rate float64        `json:"rate"`
	Sub  *doc           `json:"sub"`
	List []string       `json:"list"`
	Map  map[string]any `json:"map"`
}

func TestDecodeJSON_Accepts(t *testing.T) {
	for _, in := range []string{
		`{}`, ` {} `, "\t{\"name\":\"a\"}\n", `{"name":"\u00e9\ud83d\ude00"}`, `{"unknown":{"deep":[1,2,3]}}`, `{"size":-0}`, `{"rate":1e300}`, `{"sub":null}`, `{"sub":{"sub":{}}}`, `{"list":[]}`,
		`{"map":{"a":{"b":1},"c":{"b":1}}}`,
	} {
		var v doc
		if err := attest.DecodeJSON([]byte(in), &v); err != nil {
			t.Errorf("%s: %v", in, err)
		}
	}
}

// What is refused, with a part of the reason.
var badJSON = []struct{ name, in string }{
	{"V-32 nothing", ``},
	{"V-32 white space only", " \n"},
	{"V-32 trailing garbage", `{} x`},
	{"V-32 trailing comma", `{"name":"a",}`},
	{"V-32 second document, an object", `{}{}`},
	{"V-32 second document, after a line break", "{\"name\":\"a\"}\n{\"name\":\"b\"}"},
	{"V-32 second document, a list", `{} []`},
	{"V-32 second document, a number", `{} 1`},
	{"V-32 byte order mark", "\xef\xbb\xbf{}"},
	{"V-32 NUL behind", "{}\x00"},
	{"V-32 NUL in a string", "{\"name\":\"a\x00b\"}"},
	{"V-32 invalid UTF-8", "{\"name\":\"\xff\"}"},
	{"V-32 overlong UTF-8", "{\"name\":\"\xc0\xaf\"}"},
	{"V-32 lone surrogate", `{"name":"\ud800"}`},
	{"V-32 lone low surrogate", `{"name":"\udc00"}`},
	{"V-31 number out of range", `{"rate":1e400}`},
	{"V-31 number out of range where nobody looks", `{"unknown":[-1e400]}`},
	{"V-31 fraction for a whole number", `{"size":1.0}`},
	{"V-31 whole number too large", `{"size":9223372036854775808}`},
	{"V-31 text for a number", `{"size":"1"}`},
	{"V-31 number for text", `{"name":1}`},
	{"leading zero", `{"size":01}`},
	{"plus sign", `{"size":+1}`},
	{"NaN", `{"rate":NaN}`},
	{"comment", `{} // x`},
	{"single quotes", `{'name':'a'}`},
	{"duplicate name", `{"name":"a","name":"b"}`},
	{"duplicate name, one escaped", `{"name":"a","n\u0061me":"b"}`},
	{"duplicate name where nobody looks", `{"unknown":{"a":1,"a":2}}`},
	{"not closed", `{"name":"a"`},
	{"closed twice", `{}}`},
}

func TestDecodeJSON_Refuses(t *testing.T) {
	for _, c := range badJSON {
		t.Run(c.name, func(t *testing.T) {
			var v doc
			if err := attest.DecodeJSON([]byte(c.in), &v); err == nil {
				t.Errorf("%q was read as %+v", c.in, v)
			}
			if strings.Contains(c.name, "number") && strings.HasPrefix(c.name, "V-31") && !strings.Contains(c.in, "e400") {
				return // sound JSON, of the wrong type for the field
			}
			if _, err := attest.DecodeAny([]byte(c.in)); err == nil {
				t.Errorf("%q was read without a type", c.in)
			}
		})
	}
}

func TestDecodeJSON_NamesMatchExactly(t *testing.T) {
	var v doc
	if err := attest.DecodeJSON([]byte(`{"Name":"upper","NAME":"all","name":"exact","nam\u0065 ":"padded"}`), &v); err != nil || v.Name != "exact" {
		t.Errorf("name is %q (%v), expected exact", v.Name, err)
	}
	v = doc{}
	if err := attest.DecodeJSON([]byte(`{"Name":"upper"}`), &v); err != nil || v.Name != "" {
		t.Errorf("name is %q (%v), expected none", v.Name, err)
	}
}

func TestV31_NumbersKeepTheirDigits(t *testing.T) {
	v, err := attest.DecodeAny([]byte(`{"n":9007199254740993,"f":1.10}`))
	if err != nil {
		t.Fatal(err)
	}
	m := v.(map[string]any)
	if m["n"] != json.Number("9007199254740993") || m["f"] != json.Number("1.10") {
		t.Errorf("read %v", m)
	}
	var d doc
	if err := attest.DecodeJSON([]byte(`{"size":9007199254740993}`), &d); err != nil || d.Size != 9007199254740993 {
		t.Errorf("read %+v (%v)", d, err)
	}
}

func TestV33_Bounds(t *testing.T) {
	nested := func(n int) []byte { return []byte(strings.Repeat("[", n) + strings.Repeat("]", n)) }
	if err := attest.CheckJSON(nested(attest.MaxDepth)); err != nil {
		t.Errorf("nested %d deep: %v", attest.MaxDepth, err)
	}
	for _, n := range []int{attest.MaxDepth + 1, 20_000, 1_000_000} {
		if err := attest.CheckJSON(nested(n)); attest.RejectCode(err) != attest.CodeLimit {
			t.Errorf("nested %d deep: %v, expected LIMIT", n, err)
		}
	}
	text := func(n int) []byte { return []byte(`"` + strings.Repeat("a", n) + `"`) }
	if err := attest.CheckJSON(text(attest.MaxString)); err != nil {
		t.Errorf("the longest string: %v", err)
	}
	if err := attest.CheckJSON(text(attest.MaxString + 1)); attest.RejectCode(err) != attest.CodeLimit {
		t.Errorf("one byte more: %v, expected LIMIT", err)
	}
}

func TestV33_TooManyTokens(t *testing.T) {
	if testing.Short() {
		t.Skip("reads 40 MB")
	}
	list := append(bytes.Repeat([]byte("0,"), attest.MaxTokens), '0')
	if err := attest.CheckJSON(append(append([]byte{'['}, list...), ']')); attest.RejectCode(err) != attest.CodeLimit {
		t.Errorf("%v, expected LIMIT", err)
	}
}

func TestEncodeJSON_IsStable(t *testing.T) {
	v := map[string]any{"b": 1, "a": "<&>\u2028", "c": map[string]any{"z": nil, "y": []int{}}}
	want, err := attest.EncodeJSON(v)
	if err != nil {
		t.Fatal(err)
	}
	if string(want) != `{"a":"<&>\u2028","b":1,"c":{"y":[],"z":null}}` {
		t.Errorf("wrote %s", want)
	}
	for range 50 {
		if got, err := attest.EncodeJSON(v); err != nil || !bytes.Equal(got, want) {
			t.Fatalf("wrote %s (%v), before %s", got, err, want)
		}
	}
	if _, err := attest.EncodeJSON(func() {}); err == nil {
		t.Error("a function was written")
	}
}

// FuzzDecodeJSON holds our strict reader against the standard library's lenient one: what we accept it accepts too, as the same value.
func FuzzDecodeJSON(f *testing.F) {
	for _, c := range badJSON {
		f.Add([]byte(c.in))
	}
	for _, s := range []string{`{}`, `[1,2.5,-0,1e3]`, `{"a":{"b":[null,true,false,"x\n"]}}`, `"\ud83d\ude00"`, `{"a":1,"A":2}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		v, err := attest.DecodeAny(in)
		if err != nil {
			return
		}
		if !json.Valid(in) {
			t.Fatalf("%q was accepted and is no JSON", in)
		}
		d := json.NewDecoder(bytes.NewReader(in))
		d.UseNumber()
		var other any
		if err := d.Decode(&other); err != nil {
			t.Fatalf("%q was accepted and can't be read: %v", in, err)
		}
		a, err := attest.EncodeJSON(v)
		if err != nil {
			t.Fatal(err)
		}
		b, err := attest.EncodeJSON(other)
		if err != nil || !bytes.Equal(a, b) {
			t.Fatalf("%q reads as %s and as %s", in, a, b)
		}
		if again, err := attest.DecodeAny(a); err != nil {
			t.Fatalf("%s was written and can't be read: %v", a, err)
		} else if c, err := attest.EncodeJSON(again); err != nil || !bytes.Equal(a, c) {
			t.Fatalf("%s is written again as %s", a, c)
		}
	})
}
