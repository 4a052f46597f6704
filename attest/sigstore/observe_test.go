// SPDX-License-Identifier: Apache-2.0

package sigstore_test

import (
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/base64"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/attesttest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// proof changes the inclusion proof of the first log entry.
func proof(change func(p map[string]any)) func(map[string]any) {
	return func(b map[string]any) {
		change(material(b)["tlogEntries"].([]any)[0].(map[string]any)["inclusionProof"].(map[string]any))
	}
}

// checkpoint changes the log's statement about itself in the first entry.
func checkpoint(change func(note string) string) func(map[string]any) {
	return proof(func(p map[string]any) {
		c := p["checkpoint"].(map[string]any)
		c["envelope"] = change(c["envelope"].(string))
	})
}

func TestV03_InclusionProofs(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	trust := sigstore.DefaultTrust(s.Root(t))
	hashes := func(change func(h [][]byte) [][]byte) func(map[string]any) {
		return proof(func(p map[string]any) { p["hashes"] = change(p["hashes"].([][]byte)) })
	}
	for name, change := range map[string]func(map[string]any){
		"a changed hash":           hashes(func(h [][]byte) [][]byte { h[0] = attesttest.Flip(h[0], 3); return h }),
		"one hash less":            hashes(func(h [][]byte) [][]byte { return h[:len(h)-1] }),
		"one hash more":            hashes(func(h [][]byte) [][]byte { return append(h, h[0]) }),
		"thousands of hashes":      hashes(func(h [][]byte) [][]byte { return slices.Repeat(h[:1], 5000) }),
		"no hashes":                hashes(func([][]byte) [][]byte { return nil }),
		"another root":             proof(func(p map[string]any) { p["rootHash"] = attesttest.Flip(p["rootHash"].([]byte), 0) }),
		"an index below zero":      proof(func(p map[string]any) { p["logIndex"] = "-1" }),
		"an index behind the tree": proof(func(p map[string]any) { p["logIndex"] = "1000" }),
		"an empty tree":            proof(func(p map[string]any) { p["treeSize"] = "0" }),
		"a tree below zero":        proof(func(p map[string]any) { p["treeSize"] = "-5" }),
		"no checkpoint":            proof(func(p map[string]any) { delete(p, "checkpoint") }),
	} {
		t.Run(name, func(t *testing.T) {
			_, code := judge(t, trust, s.Sign(t, payload(t, name), attesttest.Signing{By: buildJob, Logs: []string{attesttest.LogV1}, Change: change}))
			if code != sigstore.CodeLogInvalid && code != attest.CodeMalformedBundle {
				t.Errorf("version 1: %q", code)
			}
			// Version 2 reads root, size and index elsewhere: what it does not read changes nothing.
			_, code = judge(t, trust, s.Sign(t, payload(t, name), attesttest.Signing{By: buildJob, Change: change}))
			if unread := slices.Contains([]string{"another root", "an empty tree", "a tree below zero", "an index below zero", "an index behind the tree"}, name); !unread && code != sigstore.CodeLogInvalid && code != attest.CodeMalformedBundle {
				t.Errorf("version 2: %q", code)
			}
		})
	}
}

func TestV04_Checkpoints(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	trust := sigstore.DefaultTrust(s.Root(t))
	line := func(n int, text string) func(string) string {
		return func(note string) string {
			lines := strings.Split(note, "\n")
			lines[n] = text
			return strings.Join(lines, "\n")
		}
	}
	for name, change := range map[string]func(note string) string{
		"another origin":     line(0, "log9.example"),
		"another tree":       line(0, "log1.example - 9"),
		"no origin":          func(note string) string { return note[strings.Index(note, "\n")+1:] },
		"an origin too many": func(note string) string { return "more\n" + note },
		"another size":       line(1, "4"),
		"no size":            line(1, ""),
		"another root":       line(2, base64.StdEncoding.EncodeToString(make([]byte, 32))),
		"no signature":       func(note string) string { return note[:strings.Index(note, "\n\n")+2] },
		"another key's hint": func(note string) string { return strings.Replace(note, ".example ", ".example AAAA", 1) },
		"by somebody else": func(note string) string {
			return note[:strings.Index(note, "\n\n")+2] + "— other.example " + base64.StdEncoding.EncodeToString(make([]byte, 68)) + "\n"
		},
		"empty": func(string) string { return "" },
		"of the other version": func(note string) string {
			if strings.Contains(note, " - ") {
				return strings.Replace(note, " - 1234", "", 1)
			}
			return strings.Replace(note, ".example\n", ".example - 1234\n", 1)
		},
	} {
		for _, log := range []string{attesttest.LogV1, attesttest.LogV2} {
			_, code := judge(t, trust, s.Sign(t, payload(t, name), attesttest.Signing{By: buildJob, Logs: []string{log}, Change: checkpoint(change)}))
			if code != sigstore.CodeLogInvalid && code != attest.CodeMalformedBundle {
				t.Errorf("%s, version %s: %q", name, log, code)
			}
		}
	}
}

// Thresholds count distinct authorities, and the time is the one by which enough of them had seen the signature.
func TestTimestampThresholds(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	second, stampSecond := s.Authority(t, "https://time2.example", nil)
	twin, stampTwin := s.Authority(t, "https://time.example", nil) // another certificate of the first
	root := s.Root(t, func(root map[string]any) {
		root["timestampAuthorities"] = append(root["timestampAuthorities"].([]any), second, twin)
	})
	trust := sigstore.Trust{Root: root, Timestamps: 2, SCT: true}
	minute := func(n int) time.Time { return signedAt.Add(time.Duration(n) * time.Minute) }
	type stamper func(sig []byte) []byte
	first := func(n int) stamper { return func(sig []byte) []byte { return s.Stamp(t, sig, minute(n)) } }
	other := func(n int) stamper { return func(sig []byte) []byte { return stampSecond(sig, minute(n)) } }
	same := func(n int) stamper { return func(sig []byte) []byte { return stampTwin(sig, minute(n)) } }
	for _, c := range []struct {
		name   string
		stamps []stamper
		code   string
		time   time.Time
	}{
		{"two authorities", []stamper{first(1), other(3)}, "", minute(3)},
		{"two authorities, the later one first", []stamper{other(3), first(1)}, "", minute(3)},
		{"one authority twice", []stamper{first(1), first(2)}, sigstore.CodeTimestampInvalid, time.Time{}},
		{"two certificates of one authority", []stamper{first(1), same(2)}, sigstore.CodeTimestampInvalid, time.Time{}},
		{"one", []stamper{other(1)}, sigstore.CodeTimestampInvalid, time.Time{}},
		{"V-11 two, one of them outside of the certificate", []stamper{first(1), other(11)}, sigstore.CodeCertExpired, time.Time{}},
		{"33 time stamps", slices.Repeat([]stamper{first(1)}, 33), sigstore.CodeTimestampInvalid, time.Time{}},
	} {
		t.Run(c.name, func(t *testing.T) {
			b := s.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob, Logs: []string{}, Change: func(b map[string]any) {
				sig := b["dsseEnvelope"].(map[string]any)["signatures"].([]any)[0].(map[string]any)["sig"].([]byte)
				out := []any{}
				for _, stamp := range c.stamps {
					out = append(out, map[string]any{"signedTimestamp": stamp(sig)})
				}
				material(b)["timestampVerificationData"] = map[string]any{"rfc3161Timestamps": out}
			}})
			e, code := judge(t, trust, b)
			if code != c.code {
				t.Fatalf("%q, expected %q", code, c.code)
			}
			if when, source := e.Time(); code == "" && (!when.Equal(c.time) || source != attest.Authority) {
				t.Errorf("%s by %q, expected %s", when, source, c.time)
			}
		})
	}
}

// A certificate that may do other things too does not stamp times (RFC 3161, 2.3).
func TestV09_TimestampCertificates(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	for name, edit := range map[string]func(c *x509.Certificate){
		"not critical": func(c *x509.Certificate) {
			c.ExtraExtensions, c.ExtKeyUsage = nil, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping}
		},
		"code signing": func(c *x509.Certificate) {
			c.ExtraExtensions, c.ExtKeyUsage = nil, []x509.ExtKeyUsage{x509.ExtKeyUsageCodeSigning}
		},
		"two usages": func(c *x509.Certificate) {
			c.ExtraExtensions, c.ExtKeyUsage = nil, []x509.ExtKeyUsage{x509.ExtKeyUsageTimeStamping, x509.ExtKeyUsageCodeSigning}
		},
		"none":         func(c *x509.Certificate) { c.ExtraExtensions = nil },
		"an authority": func(c *x509.Certificate) { c.IsCA, c.BasicConstraintsValid = true, true },
		"a name more":  func(c *x509.Certificate) { c.Subject = pkix.Name{CommonName: "b"} }, // sound: the control
	} {
		entry, stamp := s.Authority(t, "https://time2.example", edit)
		root := s.Root(t, func(root map[string]any) { root["timestampAuthorities"] = []any{entry} })
		_, code := judge(t, sigstore.DefaultTrust(root), s.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob, Change: func(b map[string]any) {
			sig := b["dsseEnvelope"].(map[string]any)["signatures"].([]any)[0].(map[string]any)["sig"].([]byte)
			stampBytes(stamp(sig, signedAt))(b)
		}}))
		want := sigstore.CodeTimestampInvalid
		if name == "a name more" {
			want = ""
		}
		if code != want {
			t.Errorf("%s: %q, expected %q", name, code, want)
		}
	}
}

func TestV14_ExpiredIntermediate(t *testing.T) {
	s := attesttest.NewSigstore(t, signedAt)
	b := s.Sign(t, payload(t, "x"), attesttest.Signing{By: buildJob, NoSCT: true})
	for _, c := range []struct {
		name     string
		from, to time.Time
		code     string
	}{
		{"valid", signedAt.AddDate(0, -1, 0), signedAt.AddDate(0, 1, 0), ""},
		{"valid to that second", signedAt.AddDate(0, -1, 0), signedAt, ""},
		{"expired before", signedAt.AddDate(0, -1, 0), signedAt.Add(-time.Second), sigstore.CodeCertExpired},
		{"not valid yet", signedAt.Add(time.Second), signedAt.AddDate(0, 1, 0), sigstore.CodeCertExpired},
	} {
		root := s.Root(t, func(root map[string]any) { root["certificateAuthorities"] = []any{s.Intermediate(t, c.from, c.to)} })
		if _, code := judge(t, sigstore.Trust{Root: root, Logs: 1}, b); code != c.code {
			t.Errorf("%s: %q, expected %q", c.name, code, c.code)
		}
	}
}

// Signatures of keys have a trusted time only where that is asked for, and an entry or stamp verifies.
func TestTimesOfKeySignatures(t *testing.T) {
	s, other := attesttest.NewSigstore(t, signedAt), attesttest.NewSigstore(t, signedAt)
	k, stranger := attesttest.NewKey(t, sigstore.ECDSAP256), attesttest.NewKey(t, sigstore.ECDSAP256)
	plain := sigstore.DefaultTrust(s.Root(t))
	timed := plain
	timed.KeyTimes = true
	foreign := s.Sign(t, payload(t, "y"), attesttest.Signing{Key: &k})
	for _, c := range []struct {
		name   string
		trust  sigstore.Trust
		how    attesttest.Signing
		source attest.TimeSource
		code   string
	}{
		{"not asked for", plain, attesttest.Signing{}, "", ""},
		{"not asked for, and wrong", plain, attesttest.Signing{Change: entriesOf(t, foreign)}, "", ""},
		{"a time stamp", timed, attesttest.Signing{}, attest.Authority, ""},
		{"a promise", timed, attesttest.Signing{Logs: []string{attesttest.LogV1}, NoTimestamp: true}, attest.Log, ""},
		{"an entry without a time", timed, attesttest.Signing{NoTimestamp: true}, "", ""},
		{"nothing", timed, attesttest.Signing{Logs: []string{}, NoTimestamp: true}, "", ""},
		{"the time stamp of a stranger", timed, attesttest.Signing{Logs: []string{}, Change: stampsOf(t, other)}, "", ""},
		{"V-01 the entry of another signature", timed, attesttest.Signing{Change: entriesOf(t, foreign)}, "", sigstore.CodeLogMismatch},
		{"V-70 another key", timed, attesttest.Signing{Key: &stranger}, "", attest.CodeSignatureInvalid},
	} {
		t.Run(c.name, func(t *testing.T) {
			if c.how.Key == nil {
				c.how.Key = &k
			}
			e, code := judge(t, c.trust, s.Sign(t, payload(t, "x"), c.how), k)
			if when, source := e.Time(); code != c.code || source != c.source || (source != "") != when.Equal(signedAt) {
				t.Errorf("%q, %s by %q", code, when, source)
			}
		})
	}
}
