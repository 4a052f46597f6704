// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"
)

const plainText = `{"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json","verificationMaterial":{"publicKey":{"hint":"aGludA=="}},"dsseEnvelope":{"payload":"e30=","payloadType":"application/vnd.in-toto+json","signatures":[{"sig":"c2ln"}]}}`

// What is read without protojson is what protojson reads, and all that is not plain is left to it.
func TestPlainReadsAsProtojson(t *testing.T) {
	for name, c := range map[string]struct {
		old, new string
		plain    bool
	}{
		"as it is":                   {"", "", true},
		"with spaces":                {`{"publicKey":`, "\n{ \"publicKey\" : ", true},
		"a key id":                   {`{"sig":"c2ln"}`, `{"keyid":"k","sig":"c2ln"}`, true},
		"names in another order":     {`{"sig":"c2ln"}`, `{"sig":"c2ln","keyid":""}`, true},
		"escapes":                    {`"payload":"e30="`, `"payl\u006fad":"\u00653\u0030="`, true},
		"null hint":                  {`"aGludA=="`, `null`, true},
		"no hint":                    {`"hint":"aGludA=="`, ``, true},
		"no type":                    {`"mediaType":"application/vnd.dev.sigstore.bundle.v0.3+json",`, ``, true},
		"spare bits":                 {`e30=`, `e31=`, true},
		"base64 without padding":     {`e30=`, `e30`, false},
		"URL-safe base64":            {`e30=`, `-_-_`, false},
		"line break in base64":       {`e30=`, `e3\n0=`, false},
		"no payload":                 {`"payload":"e30=",`, ``, false},
		"null payload":               {`"e30="`, `null`, false},
		"no signature":               {`{"sig":"c2ln"}`, ``, false},
		"null signature":             {`{"sig":"c2ln"}`, `null`, false},
		"empty signature":            {`"c2ln"`, `""`, false},
		"two signatures":             {`{"sig":"c2ln"}`, `{"sig":"c2ln"},{"sig":"c2ln"}`, false},
		"names of protobuf":          {`"mediaType"`, `"media_type"`, false},
		"both spellings":             {`"mediaType"`, `"media_type":"x","mediaType"`, false},
		"twice":                      {`"payload":"e30="`, `"payload":"e30=","payload":"e30="`, false},
		"unknown name":               {`{"mediaType"`, `{"x":1,"mediaType"`, false},
		"unknown name, null":         {`{"mediaType"`, `{"x":null,"mediaType"`, false},
		"unknown in the signature":   {`{"sig":`, `{"x":{},"sig":`, false},
		"unknown in the key":         {`{"hint":`, `{"x":[],"hint":`, false},
		"unknown in the envelope":    {`{"payload":`, `{"x":"","payload":`, false},
		"log entries":                {`{"publicKey":`, `{"tlogEntries":[],"publicKey":`, false},
		"time stamps":                {`{"publicKey":`, `{"timestampVerificationData":{},"publicKey":`, false},
		"a certificate too":          {`{"publicKey":`, `{"certificate":{"rawBytes":"e30="},"publicKey":`, false},
		"null key":                   {`{"hint":"aGludA=="}`, `null`, false},
		"null envelope":              {`"dsseEnvelope":{`, `"dsseEnvelope":null,"y":{`, false},
		"a number in place of text":  {`"aGludA=="`, `1`, false},
		"another document behind it": {`]}}`, `]}}{}`, false},
	} {
		t.Run(name, func(t *testing.T) {
			text := plainText
			if c.old != "" {
				if strings.Count(text, c.old) != 1 {
					t.Fatalf("%q is there %d times", c.old, strings.Count(text, c.old))
				}
				text = strings.Replace(text, c.old, c.new, 1)
			}
			if got := samePlain(t, []byte(text)); got != c.plain {
				t.Errorf("read without protojson: %v, expected %v", got, c.plain)
			}
		})
	}
}

// samePlain reports whether plain reads a bundle, which protojson must then read alike.
func samePlain(t *testing.T, raw []byte) bool {
	t.Helper()
	got := plain(raw)
	if got == nil {
		return false
	}
	want := &protobundle.Bundle{}
	if err := protojson.Unmarshal(raw, want); err != nil {
		t.Errorf("%q: protojson does not read it: %v", raw, err)
	} else if !proto.Equal(got, want) {
		t.Errorf("%q: read as\n%v\nby protojson as\n%v", raw, got, want)
	}
	return true
}

func FuzzPlain(f *testing.F) {
	f.Add([]byte(plainText))
	f.Add([]byte(strings.Replace(plainText, "e30=", base64.StdEncoding.EncodeToString(bytes.Repeat([]byte(`{"a":1}`), 9)), 1)))
	f.Add([]byte(strings.Replace(plainText, `"publicKey":{`, `"publicKey":null,"x509CertificateChain":{`, 1)))
	f.Fuzz(func(t *testing.T, raw []byte) { samePlain(t, raw) })
}
