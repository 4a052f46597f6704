// SPDX-License-Identifier: Apache-2.0

package foreign_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/foreign"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// made is one statement, as a bundle and as an envelope.
func made(t testing.TB) (k attesttest.Key, bundle, envelope string) {
	t.Helper()
	k = attesttest.NewKey(t, sigstore.Ed25519)
	b := k.Attest(t, "https://example.com/p", map[string]any{"x": 1}, attesttest.Artifact("a", "a"))
	e, err := sigstore.Envelope(b)
	if err != nil {
		t.Fatal(err)
	}
	return k, string(b), string(e)
}

func pretty(t testing.TB, in string) string {
	t.Helper()
	var b bytes.Buffer
	if err := json.Indent(&b, []byte(in), "", "  "); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// describe is what was found, one word an item.
func describe(items []foreign.Item) string {
	var out []string
	for _, i := range items {
		what := i.Format
		if i.Err != nil {
			what += " " + attest.RejectCode(i.Err)
		}
		if i.Unknown {
			what += " unknown"
		}
		out = append(out, i.Place+" "+strings.TrimSpace(what))
	}
	return strings.Join(out, "; ")
}

func TestFormats(t *testing.T) {
	k, b, e := made(t)
	cosign := `{"base64Signature":"` + base64.StdEncoding.EncodeToString([]byte(e)) + `","cert":"","rekorBundle":{}}`
	blob := `{"base64Signature":"` + base64.StdEncoding.EncodeToString([]byte("signature")) + `","cert":""}`
	verified := `{"attestation":{"bundle":` + b + `,"bundle_url":"","initiator":"user"},"verificationResult":{"signature":{}}}`
	for _, c := range []struct{ name, in, want string }{
		{"one bundle", b, "f:1 Sigstore bundle"},
		{"a pretty one, after blank lines", "\n\n" + pretty(t, b) + "\n", "f:3 Sigstore bundle"},
		{"gh attestation download", b + "\n" + b + "\n", "f:1 Sigstore bundle; f:2 Sigstore bundle"},
		{"one envelope", e, "f:1 DSSE envelope"},
		{"witness", pretty(t, e), "f:1 DSSE envelope"},
		{"intoto.jsonl", e + "\n\n" + e, "f:1 DSSE envelope; f:3 DSSE envelope"},
		{"lines of Windows", e + "\r\n" + b + "\r\n", "f:1 DSSE envelope; f:2 Sigstore bundle"},
		{"a list", "[" + b + "," + e + "]", "f:1[0] Sigstore bundle; f:1[1] DSSE envelope"},
		{"gh attestation verify --format json", "[" + verified + "," + verified + "]", "f:1[0] Sigstore bundle; f:1[1] Sigstore bundle"},
		{"GitHub's API", pretty(t, `{"attestations":[{"bundle":`+b+`,"repository_id":1,"bundle_url":"https://example.com/b"}]}`), "f:1[0] Sigstore bundle"},
		{"GitHub's API without the bundle", `{"attestations":[{"bundle":null,"bundle_url":"https://example.com/b"}]}`, "f:1[0] GitHub attestation UNSUPPORTED"},
		{"no attestation", `{"attestations":[]}`, ""},
		{"cosign attest-blob --bundle", cosign, "f:1 cosign attest-blob bundle"},
		{"cosign sign-blob --bundle", blob, "f:1 cosign attest-blob bundle PAYLOAD_TYPE"},
		{"unsigned", string(attesttest.Payload(t, []byte(b))), "f:1 unsigned statement DSSE_SIGNATURE_COUNT"},
		{"unknown lines between", b + "\n# a comment\n{\"more\":1}\n\"text\"\n7\n" + e, "f:1 Sigstore bundle; f:2 MALFORMED_BUNDLE unknown; f:3 MALFORMED_BUNDLE unknown; f:4 MALFORMED_BUNDLE unknown; f:5 MALFORMED_BUNDLE unknown; f:6 DSSE envelope"},
		{"a line that was cut", b + "\n" + b[:100], "f:1 Sigstore bundle; f:2 MALFORMED_BUNDLE"},
		{"V-32 one line with two", b + b, "f:1 MALFORMED_BUNDLE"},
		{"V-32 byte order mark", "\xef\xbb\xbf" + b, "f:1 MALFORMED_BUNDLE unknown"},
		{"a pretty one that was cut", pretty(t, b)[:300], "f:1 MALFORMED_BUNDLE"},
		{"no JSON", "hello\nworld\n", "f:1 MALFORMED_BUNDLE"},
		{"one line of no JSON", "hello", "f:1 MALFORMED_BUNDLE unknown"},
		{"null", "null", "f:1 MALFORMED_BUNDLE unknown"},
		{"V-41 nulls in a list", "[null," + b + "]", "f:1[0] MALFORMED_BUNDLE unknown; f:1[1] Sigstore bundle"},
		{"V-41 nulls in an answer", `{"attestations":[null,{"bundle":null},{"attestation":null}]}`, "f:1[0] MALFORMED_BUNDLE unknown; f:1[1] GitHub attestation UNSUPPORTED; f:1[2] MALFORMED_BUNDLE unknown"},
		{"attestations is text", `{"attestations":"x"}`, "f:1 MALFORMED_BUNDLE unknown"},
		{"names twice", `{"payload":"","payload":"","signatures":[]}`, "f:1 MALFORMED_BUNDLE"},
		{"V-33 deep", strings.Repeat("[", 100_000), "f:1 MALFORMED_BUNDLE unknown"},
		{"V-33 lists in lists", strings.Repeat("[", 5) + strings.Repeat("]", 5), "f:1[0][0][0][0] LIMIT"},
		{"empty", "", ""},
		{"blank", "\n \t\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			items, err := foreign.Read(strings.NewReader(c.in), "f")
			if err != nil {
				t.Fatal(err)
			}
			if got := describe(items); got != c.want {
				t.Fatalf("%s\nexpected %s", got, c.want)
			}
			for _, i := range items {
				if (i.Raw == nil) == (i.Err == nil) {
					t.Errorf("%s: bytes %q and error %v", i.Place, i.Raw, i.Err)
				}
				if i.Raw != nil {
					attesttest.Verify(t, i.Raw, k)
				}
			}
		})
	}
}

func TestV67_Limits(t *testing.T) {
	const small = `{"payload":"","signatures":[]}` + "\n"
	for name, c := range map[string]struct {
		in   io.Reader
		code string
	}{
		"as many items as may be": {strings.NewReader(strings.Repeat(small, foreign.MaxItems)), ""},
		"one more":                {strings.NewReader(strings.Repeat(small, foreign.MaxItems+1)), attest.CodeLimit},
		"as many in one list":     {strings.NewReader("[" + strings.Repeat("{},", foreign.MaxItems-1) + "{}]"), ""},
		"one more in a list":      {strings.NewReader("[" + strings.Repeat("{},", foreign.MaxItems) + "{}]"), attest.CodeLimit},
		"as many lines":           {strings.NewReader(strings.Repeat("\n", foreign.MaxLines-1) + small), ""},
		"one more line":           {strings.NewReader(strings.Repeat("\n", foreign.MaxLines-1) + small + small), attest.CodeLimit},
		"as many bytes":           {io.LimitReader(spaces{}, foreign.MaxFile), ""},
		"one more byte":           {io.LimitReader(spaces{}, foreign.MaxFile+1), attest.CodeLimit},
		"no end":                  {spaces{}, attest.CodeLimit},
	} {
		items, err := foreign.Read(c.in, "f")
		if attest.RejectCode(err) != c.code || (err != nil && (c.code == "" || !strings.Contains(err.Error(), "f "))) {
			t.Errorf("%s: %d items, %v", name, len(items), err)
		}
	}
}

type spaces struct{}

func (spaces) Read(p []byte) (int, error) {
	for i := range p {
		p[i] = ' '
	}
	return len(p), nil
}

func TestUnreadable(t *testing.T) {
	cause := errors.New("the disk is gone")
	if items, err := foreign.Read(iotest.ErrReader(cause), "f"); !errors.Is(err, cause) || items != nil {
		t.Errorf("%v, %v", items, err)
	}
}

func FuzzRead(f *testing.F) {
	_, b, e := made(f)
	for _, seed := range []string{b, e, b + "\n" + e, "[" + b + "]", `{"attestations":[{"bundle":` + b + `}]}`, `{"base64Signature":"e30="}`, "[[[[[]]]]]", "{\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, in []byte) {
		items, err := foreign.Read(bytes.NewReader(in), "f")
		if err != nil && attest.RejectCode(err) == "" {
			t.Fatalf("an error without a code: %v", err)
		}
		for _, i := range items {
			if (i.Raw == nil) == (i.Err == nil) || (i.Err != nil && attest.RejectCode(i.Err) == "") || (i.Unknown && i.Err == nil) {
				t.Fatalf("%+v", i)
			}
			if i.Raw != nil && attest.CheckJSON(i.Raw) != nil {
				t.Fatalf("unsound JSON is handed on: %q", i.Raw)
			}
			if i.Raw != nil && i.Format != foreign.FormatCosign && !bytes.Contains(in, i.Raw) {
				t.Fatal("other bytes than those of the file")
			}
			if !strings.HasPrefix(i.Place, "f:") {
				t.Fatalf("place %q", i.Place)
			}
		}
	})
}
