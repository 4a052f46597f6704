// SPDX-License-Identifier: Apache-2.0

package attest_test

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
)

// says is an authenticator with one answer.
type says struct {
	a   attest.Authenticated
	err error
}

func (s says) Authenticate(context.Context, []byte) (attest.Authenticated, error) { return s.a, s.err }

func verifier(t *testing.T, s says) *attest.Verifier {
	t.Helper()
	v, err := attest.NewVerifier(s)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestVerifierWantsProof(t *testing.T) {
	key := attest.Identity{Key: "sha256:" + hex64}
	sound := attest.Authenticated{PayloadType: attest.PayloadInToto, Payload: []byte(statement()), Signer: key, Time: time.Unix(1, 0), TimeSource: attest.Log}
	change := func(f func(*attest.Authenticated)) says { a := sound; f(&a); return says{a: a} }
	e, err := verifier(t, says{a: sound}).Verify(t.Context(), []byte("bundle"))
	if err != nil || e.ID() != attest.SHA256(sound.Payload) || e.BundleID() != attest.SHA256([]byte("bundle")) || e.Signer().Key != key.Key {
		t.Fatalf("%+v, %v", e, err)
	}
	if when, src := e.Time(); !when.Equal(time.Unix(1, 0)) || src != attest.Log {
		t.Errorf("time %s by %q", when, src)
	}
	broken := errors.New("disk on fire")
	for name, c := range map[string]struct {
		s    says
		code string
	}{
		"nobody signed": {change(func(a *attest.Authenticated) { a.Signer = attest.Identity{} }), attest.CodeSignatureInvalid},
		"claims without a name": {change(func(a *attest.Authenticated) {
			a.Signer = attest.Identity{Serial: "01", Claims: map[string]string{"a": "b"}}
		}), attest.CodeSignatureInvalid},
		"another payload type": {change(func(a *attest.Authenticated) { a.PayloadType += ";charset=utf-8" }), attest.CodePayloadType},
		"no payload type":      {change(func(a *attest.Authenticated) { a.PayloadType = "" }), attest.CodePayloadType},
		"no statement":         {change(func(a *attest.Authenticated) { a.Payload = []byte("{}") }), attest.CodeMalformedStatement},
		"not found out":        {says{err: broken}, ""},
		"rejected":             {says{a: sound, err: &attest.Reject{Code: attest.CodeUnsupported}}, attest.CodeUnsupported},
	} {
		e, err := verifier(t, c.s).Verify(t.Context(), []byte("bundle"))
		if err == nil || attest.RejectCode(err) != c.code || !e.ID().IsZero() || e.Bundle() != nil {
			t.Errorf("%s: %v, expected code %q and no evidence", name, err, c.code)
		}
	}
	if _, err := verifier(t, says{err: broken}).Verify(t.Context(), nil); !errors.Is(err, broken) {
		t.Errorf("the cause is lost: %v", err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := verifier(t, says{a: sound}).Verify(ctx, []byte("bundle")); !errors.Is(err, context.Canceled) || attest.RejectCode(err) != "" {
		t.Errorf("cancelled: %v", err)
	}
	if _, err := verifier(t, says{a: sound}).Verify(t.Context(), make([]byte, attest.MaxBundle+1)); attest.RejectCode(err) != attest.CodeLimit {
		t.Errorf("too large: %v", err)
	}
	if _, err := attest.NewVerifier(nil); err == nil {
		t.Error("a verifier without an authenticator was made")
	}
}

func TestRejectsKeepTheirCause(t *testing.T) {
	cause := errors.New("cause")
	err := fmt.Errorf("reading: %w", &attest.Reject{Code: attest.CodeLimit, Detail: "too much", Cause: cause})
	if attest.RejectCode(err) != attest.CodeLimit || !errors.Is(err, cause) || err.Error() != "reading: too much: cause" || attest.RejectCode(cause) != "" || attest.RejectCode(nil) != "" {
		t.Errorf("%v", err)
	}
}

// Who signed is the key, or issuer and subject together; neither can be written so that it passes for the other.
func TestPrincipals(t *testing.T) {
	all := []attest.Identity{
		{Key: "sha256:a"}, {Key: "sha256:b"}, {Issuer: "i", Subject: "s"}, {Issuer: "is", Subject: ""}, {Issuer: "", Subject: "is"}, {Issuer: "i:", Subject: "s"}, {Issuer: "1:i", Subject: "s"}, {Issuer: "sha256:a"},
	}
	seen := map[string]int{}
	for i, id := range all {
		if other, ok := seen[id.Principal()]; ok {
			t.Errorf("%+v passes for %+v", id, all[other])
		}
		seen[id.Principal()] = i
	}
	a, b := attest.Identity{Key: "k", Serial: "1"}, attest.Identity{Key: "k", Serial: "2", Claims: map[string]string{"x": "y"}}
	if a.Principal() != b.Principal() {
		t.Error("one key is two signers")
	}
	if (attest.Identity{}).String() != "nobody" || !(attest.Identity{}).IsZero() {
		t.Error("nobody has a name")
	}
}
