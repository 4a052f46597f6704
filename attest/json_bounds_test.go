// SPDX-License-Identifier: Apache-2.0

package attest

import (
	"strings"
	"testing"

	stdjson "encoding/json"
)

// FuzzCheckJSON holds the quick way against the exact one: whatever is read was found sound token by token, and the reason why something is not is the
// same.
func FuzzCheckJSON(f *testing.F) {
	deep := strings.Repeat("[", MaxDepth)
	for _, s := range []string{`{}`, ` {"a":[1,-2.5,1e3,true,false,null,"x\\"]} `, `"\\\""`, `"\\\\"`, `"\`, `{"a\"b":1}`, `[1e400]`, `[` + strings.Repeat("9", 400) + `]`, `{"a":1,"a":2}`, `{"u":{"a":1,"\u0061":2}}`,
		"\"\xff\"", `"\ud800"`, `{}{}`, `[1,]`, `tru`, `truefalse`, `-`, `01`, `1.`, `--1`, `1.2.3`, `"`, ``, deep + strings.Repeat("]", MaxDepth), "[" + deep + strings.Repeat("]", MaxDepth+1), `{"predicate":{"a":1,"a":1}}`,
		`{"_type":"https://in-toto.io/Statement/v1","subject":[{"name":"x","digest":{"sha256":"ab"}}],"predicateType":"t","predicate":{"x":[1]}}`} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		exact := checkTokens(in)
		same := func(what string, err error) {
			if (err == nil) != (exact == nil) || err != nil && err.Error() != exact.Error() {
				t.Errorf("%s of %q: %v, token by token %v", what, in, err, exact)
			}
		}
		same("CheckJSON", CheckJSON(in))
		var raw stdjson.RawMessage
		same("DecodeJSON of anything", DecodeJSON(in, &raw))
		var v any
		if err := DecodeJSON(in, &v); err == nil || exact != nil {
			same("DecodeJSON as it is", err)
		}
		var st wireStatement
		if err := DecodeJSON(in, &st); err == nil || exact != nil {
			same("DecodeJSON of a statement", err)
		}
	})
}
