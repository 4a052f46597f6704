// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"bytes"
	"testing"

	"github.com/sealock-dev/sealock/attest"
)

// What is written by hand says what the encoder says.
func TestAnswerIsWrittenAsTheEncoderWrites(t *testing.T) {
	for _, r := range []*Response{
		{UID: "u", Allowed: true, AuditAnnotations: map[string]string{"verdict": "allowed", "mode": "enforce", "decision": "sha256:ab", "policy": `a "b" \ <c> & ü`}},
		{UID: "line\nend", AuditAnnotations: map[string]string{"": "\x01"}},
		{UID: "u", Allowed: true, AuditAnnotations: map[string]string{"verdict": "allowed"}, Warnings: []string{"w"}},
		{UID: "u", Status: forbidden("no"), AuditAnnotations: map[string]string{"verdict": "refused"}},
		{UID: "\xff", Allowed: true, AuditAnnotations: map[string]string{"verdict": "allowed"}},
	} {
		want, err := attest.EncodeJSON(Review{APIVersion: reviewVersion, Kind: reviewKind, Response: r})
		if err != nil {
			t.Fatal(err)
		}
		got, err := r.encode()
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("written:\n%s\nencoded:\n%s\n%v", got, want, err)
		}
	}
}

// An object is the same whether it is read with its review or after it, and what has another shape is left for later.
func TestObjectReadWithItsReview(t *testing.T) {
	for object, shaped := range map[string]bool{
		`{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"web","image":"x"}]}}`: true,
		` {"spec" : {"template":{"spec":{"containers":[]}}}, "data":{"a":1}, "items":[1]} `:    true,
		`{}`: true, `{"spec":{"template":"text"}}`: false, `{"spec":{"containers":{}}}`: false, `null`: false, `[]`: false, `"text"`: false, `7`: false,
	} {
		raw := []byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object": ` + object + ` ,"operation":"CREATE","kind":{"kind":"Pod"}}}`)
		q, err := decodeReview(raw)
		if err != nil {
			t.Errorf("%s: %v", object, err)
			continue
		}
		if (q.shape != nil) != shaped || !bytes.Equal(bytes.TrimSpace(q.Object), bytes.TrimSpace([]byte(object))) || q.Operation != opCreate || q.Kind.Kind != "Pod" {
			t.Errorf("%s: shaped %v, read as %s, %+v", object, q.shape != nil, q.Object, q)
		}
		if !isObject(q.Object) {
			continue
		}
		a, one := kinds{}.extract(q.Kind, q.Object, q.shape)
		b, two := kinds{}.extract(q.Kind, q.Object, nil)
		if len(a.images) != len(b.images) || (one == nil) != (two == nil) || one != nil && one.Code != two.Code {
			t.Errorf("%s: %+v %v, later %+v %v", object, a, one, b, two)
		}
	}
	for _, object := range []string{`{"spec":{"containers":[],"containers":[]}}`, `{"a":1,"a":2}`, "{\"a\":\"\xff\"}", `{`} {
		if _, err := decodeReview([]byte(`{"apiVersion":"admission.k8s.io/v1","kind":"AdmissionReview","request":{"uid":"u","object":` + object + `}}`)); err == nil {
			t.Errorf("%s was read", object)
		}
	}
}
