// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"bytes"
	"fmt"
	"strings"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

// statement writes a statement with one thing changed, sound or not.
func statement(changes ...string) string {
	s := `{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"a","digest":{"sha256":"` + hex64 + `"}}],"predicateType":"https://example.com/p","predicate":{"x":1}}`
	for i := 0; i < len(changes); i += 2 {
		if !strings.Contains(s, changes[i]) {
			panic("nothing to change: " + changes[i])
		}
		s = strings.Replace(s, changes[i], changes[i+1], 1)
	}
	return s
}

const oneSubject = `{"name":"a","digest":{"sha256":"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"}}`

var statements = []struct{ name, in, code string }{
	{"sound", statement(), ""},
	{"v0.1", statement("Statement/v1", "Statement/v0.1"), ""},
	{"V-30 unknown fields", statement(`"predicateType"`, `"more":{"a":[1]},"predicateType"`, `"name":"a"`, `"name":"a","extra":1,"uri":"u"`), ""},
	{"no name", statement(`"name":"a",`, ``), ""},
	{"digest of an unknown algorithm beside a known one", statement(`"digest":{`, `"digest":{"blake3":"ZZ","`+`sha1":"`+hex40+`",`), ""},
	{"another statement type", statement("Statement/v1", "Statement/v2"), attest.CodeMalformedStatement},
	{"V-26 statement type with a slash", statement("Statement/v1", "Statement/v1/"), attest.CodeMalformedStatement},
	{"V-26 statement type over http", statement("https://in-toto", "http://in-toto"), attest.CodeMalformedStatement},
	{"no statement type", statement(`"_type"`, `"type"`), attest.CodeMalformedStatement},
	{"V-30 field names in other case", statement(`"_type"`, `"_Type"`), attest.CodeMalformedStatement},
	{"no predicate type", statement(`"https://example.com/p"`, `""`), attest.CodeMalformedStatement},
	{"V-26 padded predicate type", statement(`com/p"`, `com/p "`), attest.CodeMalformedStatement},
	{"V-26 predicate type after a line break", statement(`"https://example.com/p"`, `"\nhttps://example.com/p"`), attest.CodeMalformedStatement},
	{"predicate null", statement(`{"x":1}`, `null`), attest.CodeMalformedStatement},
	{"no predicate", statement(`,"predicate":{"x":1}`, ``), attest.CodeMalformedStatement},
	{"V-40 no subject", statement(oneSubject, ``), attest.CodeNoSubject},
	{"V-40 subject null", statement(`[`+oneSubject+`]`, `null`), attest.CodeNoSubject},
	{"V-41 null in the subjects", statement(oneSubject, oneSubject+`,null`), attest.CodeMalformedStatement},
	{"subject is an object", statement(`[`+oneSubject+`]`, oneSubject), attest.CodeMalformedStatement},
	{"V-34 no digest", statement(`"digest":{"sha256":"`+hex64+`"}`, `"uri":"u"`), attest.CodeSubjectNoDigest},
	{"V-34 digest null", statement(`{"sha256":"`+hex64+`"}`, `null`), attest.CodeSubjectNoDigest},
	{"V-34 digest empty", statement(`{"sha256":"`+hex64+`"}`, `{}`), attest.CodeSubjectNoDigest},
	{"V-38 empty value", statement(hex64, ``), attest.CodeMalformedStatement},
	{"V-38 upper case", statement(hex64, strings.ToUpper(hex64)), attest.CodeMalformedStatement},
	{"V-38 65 digits", statement(hex64, hex64+"0"), attest.CodeMalformedStatement},
	{"V-38 63 digits", statement(hex64, hex64[1:]), attest.CodeMalformedStatement},
	{"V-38 algorithm inside", statement(hex64, "sha256:"+hex64), attest.CodeMalformedStatement},
	{"V-38 spaces", statement(hex64, " "+hex64[1:]), attest.CodeMalformedStatement},
	{"V-38 a number", statement(`"`+hex64+`"`, `1`), attest.CodeMalformedStatement},
	{"V-38 in the second subject", statement(oneSubject, oneSubject+","+strings.Replace(oneSubject, "0123", "012", 1)), attest.CodeMalformedStatement},
	{"duplicate subjects field", statement(`"predicateType"`, `"subject":[],"predicateType"`), attest.CodeMalformedStatement},
	{"V-32 trailing garbage", statement() + "x", attest.CodeMalformedStatement},
	{"V-32 two statements", statement() + statement(), attest.CodeMalformedStatement},
	{"V-32 byte order mark", "\xef\xbb\xbf" + statement(), attest.CodeMalformedStatement},
	{"V-32 invalid UTF-8 in a name", statement(`"a"`, "\"\xff\""), attest.CodeMalformedStatement},
	{"V-31 number out of range", statement(`"x":1`, `"x":1e400`), attest.CodeMalformedStatement},
	{"V-33 deep", statement(`"x":1`, `"x":`+strings.Repeat("[", 300)+strings.Repeat("]", 300)), attest.CodeLimit},
	{"V-25 no JSON", "statement", attest.CodeMalformedStatement},
	{"V-25 empty", "", attest.CodeMalformedStatement},
	{"V-25 a list", "[]", attest.CodeMalformedStatement},
	{"V-25 null", "null", attest.CodeMalformedStatement},
}

func TestDecodeStatement(t *testing.T) {
	for _, c := range statements {
		t.Run(c.name, func(t *testing.T) {
			st, err := attest.DecodeStatement([]byte(c.in))
			if attest.RejectCode(err) != c.code || (err == nil) != (c.code == "") {
				t.Fatalf("%v (code %q), expected code %q", err, attest.RejectCode(err), c.code)
			}
			if err == nil && (len(st.Subject) == 0 || string(st.Predicate) != `{"x":1}` || !st.About(attest.DigestSet{"sha256": hex64})) {
				t.Errorf("read %+v", st)
			}
			if err != nil && (st.Type != "" || st.Subject != nil) {
				t.Errorf("a statement came back with the error: %+v", st)
			}
		})
	}
}

func TestV39_Limits(t *testing.T) {
	subjects := func(n int) string {
		return statement(oneSubject, strings.TrimSuffix(strings.Repeat(oneSubject+",", n), ","))
	}
	digests := func(n int) string {
		var b strings.Builder
		for i := range n - 1 {
			fmt.Fprintf(&b, `"alg%d":"x",`, i)
		}
		return statement(`"digest":{`, `"digest":{`+b.String())
	}
	for _, c := range []struct {
		name, in, code string
	}{
		{"as many subjects as may be", subjects(attest.MaxSubjects), ""},
		{"one subject more", subjects(attest.MaxSubjects + 1), attest.CodeLimit},
		{"as many digests as may be", digests(attest.MaxDigests), ""},
		{"one digest more", digests(attest.MaxDigests + 1), attest.CodeLimit},
		{"payload too large", statement() + strings.Repeat(" ", attest.MaxPayload), attest.CodeLimit},
	} {
		if _, err := attest.DecodeStatement([]byte(c.in)); attest.RejectCode(err) != c.code || (err == nil) != (c.code == "") {
			t.Errorf("%s: %v, expected %q", c.name, err, c.code)
		}
	}
}

func TestV39_AnySubjectMatches(t *testing.T) {
	st, err := attest.DecodeStatement([]byte(statement(oneSubject, strings.Replace(oneSubject, hex64, other, 1)+","+oneSubject)))
	if err != nil || !st.About(attest.DigestSet{"sha256": hex64}) || !st.About(attest.DigestSet{"sha256": other}) || st.About(attest.DigestSet{"sha256": strings.Repeat("0", 64)}) {
		t.Errorf("%+v, %v", st, err)
	}
}

func TestEncodeStatement(t *testing.T) {
	sub := attest.Subject{Name: "a", Digest: attest.DigestSet{"sha256": hex64, "sha512": hex64 + hex64}}
	first, err := attest.EncodeStatement("https://example.com/p", map[string]any{"b": "<", "a": 1}, sub)
	if err != nil {
		t.Fatal(err)
	}
	for range 20 {
		again, err := attest.EncodeStatement("https://example.com/p", map[string]any{"a": 1, "b": "<"}, sub)
		if err != nil || !bytes.Equal(first, again) {
			t.Fatalf("%s, then %s (%v)", first, again, err)
		}
	}
	for name, bad := range map[string]func() error{
		"no subject":        func() error { _, err := attest.EncodeStatement("t", 1); return err },
		"no predicate type": func() error { _, err := attest.EncodeStatement("", 1, sub); return err },
		"predicate null":    func() error { _, err := attest.EncodeStatement("t", nil, sub); return err },
		"no digest":         func() error { _, err := attest.EncodeStatement("t", 1, attest.Subject{Name: "a"}); return err },
		"bad digest": func() error {
			_, err := attest.EncodeStatement("t", 1, attest.Subject{Name: "a", Digest: attest.DigestSet{"sha256": "x"}})
			return err
		},
		"predicate that JSON can't hold": func() error { _, err := attest.EncodeStatement("t", func() {}, sub); return err },
	} {
		if bad() == nil {
			t.Errorf("%s: a statement was written", name)
		}
	}
}

// FuzzDecodeStatement: what is read can be written and read again as the same thing.
func FuzzDecodeStatement(f *testing.F) {
	for _, c := range statements {
		f.Add([]byte(c.in))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		st, err := attest.DecodeStatement(in)
		if err != nil {
			if attest.RejectCode(err) == "" {
				t.Fatalf("an error without a code: %v", err)
			}
			return
		}
		if len(st.Subject) == 0 || st.PredicateType == "" || len(st.Predicate) == 0 {
			t.Fatalf("read %+v", st)
		}
		out, err := attest.EncodeStatement(st.PredicateType, st.Predicate, st.Subject...)
		if err != nil {
			t.Fatalf("can't write what was read: %v", err)
		}
		again, err := attest.DecodeStatement(out)
		if err != nil || again.PredicateType != st.PredicateType || len(again.Subject) != len(st.Subject) {
			t.Fatalf("%+v came back as %+v (%v)", st, again, err)
		}
		for i := range st.Subject {
			if fmt.Sprint(st.Subject[i]) != fmt.Sprint(again.Subject[i]) {
				t.Fatalf("subject %+v came back as %+v", st.Subject[i], again.Subject[i])
			}
		}
	})
}
