// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sigstore/sigstore-go/pkg/tlog"
)

// What servers and token services answer never ends the program, and a token that is sent is meant for Sigstore and valid.
func FuzzAnswers(f *testing.F) {
	at := time.Date(2026, 11, 22, 6, 0, 0, 0, time.UTC)
	enc := base64.RawURLEncoding.EncodeToString
	f.Add([]byte("e30." + enc([]byte(`{"iss":"https://i.example","sub":"s","aud":["a","sigstore"],"exp":1795327200}`)) + ".e30"))
	f.Add([]byte(`{"a":{"body":"eyJhcGlWZXJzaW9uIjoiMC4wLjEiLCJraW5kIjoiZHNzZSJ9","integratedTime":1,"logID":"00","logIndex":1,"verification":{"signedEntryTimestamp":"AA==","inclusionProof":{"checkpoint":"x","hashes":["00"],"logIndex":1,"rootHash":"00","treeSize":2}}}}`))
	f.Add([]byte("\x00\x00\x00\x00\x09\x0a\x07\x0a\x01x\x12\x02ab"))
	f.Add([]byte(`{"value":"a.b.c"}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if c, err := readToken(string(data), DefaultAudience, at); err == nil {
			if !slices.Contains(c.Audience, DefaultAudience) || c.Issuer == "" || !at.Before(time.Unix(int64(c.Expires), 0)) {
				t.Errorf("accepted: %+v", c)
			}
		} else if s := strings.TrimSpace(string(data)); len(s) > 12 && strings.Contains(err.Error(), s) {
			t.Errorf("the message holds the token: %v", err)
		}
		if e, err := entryV1(data); err == nil {
			_, _ = tlog.ParseTransparencyLogEntry(e)
		}
		if token, err := readSVID(data); err == nil && len(token) > len(data) {
			t.Errorf("token of %d bytes in %d", len(token), len(data))
		}
		_, _ = field(data, "value", "https://x.example")
		if s := said(data, "Bearer secret-of-the-job"); strings.Contains(s, "secret-of-the-job") || len(s) > maxDetail+8 {
			t.Errorf("quoted: %s", s)
		}
	})
}
