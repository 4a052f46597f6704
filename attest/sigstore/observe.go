// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"bytes"
	"crypto/x509"
	"encoding/hex"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/sigstore/sigstore-go/pkg/bundle"
	"github.com/sigstore/sigstore-go/pkg/root"
	"github.com/sigstore/sigstore-go/pkg/tlog"
	"github.com/sigstore/sigstore-go/pkg/verify"
	"github.com/sigstore/sigstore/pkg/signature"

	"github.com/sealock-dev/sealock/attest"
)

// need is how many distinct logs and time stamp authorities must vouch for one signature.
type need struct{ logs, timestamps int }

// observed is what logs and authorities of the trust root proved about one signature. What it holds was verified.
type observed struct {
	logs       map[string]*root.TransparencyLog // by id
	timestamps []time.Time                      // one an authority
	integrated []time.Time                      // of log entries whose inclusion promise verified
}

// times are all verified times.
func (o *observed) times() []time.Time { return slices.Concat(o.timestamps, o.integrated) }

// time is the time by which as many observers as are needed saw the signature; authorities go before logs.
func (o *observed) time(n need) (time.Time, attest.TimeSource) {
	for _, c := range []struct {
		times  []time.Time
		need   int
		source attest.TimeSource
	}{{o.timestamps, n.timestamps, attest.Authority}, {o.integrated, n.logs, attest.Log}} {
		if len(c.times) == 0 {
			continue
		}
		sorted := slices.SortedFunc(slices.Values(c.times), time.Time.Compare)
		return sorted[min(max(c.need, 1), len(sorted))-1].UTC(), c.source
	}
	return time.Time{}, ""
}

// observe verifies the log entries and time stamps of a bundle. Those of logs and authorities outside the trust root count for nothing; an entry of
// a trusted log that does not verify refuses the bundle, whether it is needed or not.
func observe(b *bundle.Bundle, material root.TrustedMaterial, n need) (*observed, error) {
	o := &observed{logs: map[string]*root.TransparencyLog{}}
	if err := o.readLogs(b, material, n.logs); err != nil {
		return nil, err
	}
	if err := o.readTimestamps(b, material, n.timestamps); err != nil {
		return nil, err
	}
	for id, log := range o.logs {
		for _, t := range o.times() {
			if t.Before(log.ValidityPeriodStart) || (!log.ValidityPeriodEnd.IsZero() && t.After(log.ValidityPeriodEnd)) {
				return nil, reject(CodeLogInvalid, "log %s (%.16s…) is not trusted at the time of the signature, %s: expected %s", log.BaseURL, id, stamp(t), window(log.ValidityPeriodStart, log.ValidityPeriodEnd))
			}
		}
	}
	return o, nil
}

func (o *observed) readLogs(b *bundle.Bundle, material root.TrustedMaterial, needed int) error {
	entries, err := b.TlogEntries()
	if err != nil {
		return &attest.Reject{Code: CodeLogInvalid, Detail: "reading log entries", Cause: err}
	}
	seen := map[string]bool{}
	trusted := material.RekorLogs()
	for i, e := range entries {
		id := hex.EncodeToString([]byte(e.LogKeyID()))
		log, known := trusted[id]
		if !known {
			continue
		}
		at := fmt.Sprintf("%s %d", id, e.LogIndex())
		if seen[at] {
			return reject(CodeLogInvalid, "log entry %d of %s is in the bundle twice", e.LogIndex(), log.BaseURL)
		}
		seen[at] = true
		when, err := checkEntry(b, e, material)
		if err != nil {
			var r *attest.Reject
			if errors.As(err, &r) {
				return err
			}
			return &attest.Reject{Code: CodeLogInvalid, Detail: fmt.Sprintf("entry %d of the bundle, %d of log %s", i, e.LogIndex(), log.BaseURL), Cause: err}
		}
		if _, twice := o.logs[id]; !twice && !when.IsZero() {
			o.integrated = append(o.integrated, when)
		}
		o.logs[id] = log
	}
	if len(o.logs) < needed {
		return reject(CodeLogMissing, "the signature is in %d transparency logs of the trust root, expected %d; the bundle holds %d log entries: sign with the log switched on", len(o.logs), needed, len(entries))
	}
	return nil
}

// single is a bundle with one of its log entries.
type single struct {
	*bundle.Bundle
	entry *tlog.Entry
}

func (s single) TlogEntries() ([]*tlog.Entry, error) { return []*tlog.Entry{s.entry}, nil }

// v1Origin is the first line of a checkpoint of Rekor v1: a name and the number of a tree.
var v1Origin = regexp.MustCompile(`^.* - [0-9]+$`)

// checkEntry verifies one entry of a trusted log: that it is about this signature, and that the log holds it. It gives the time at which the log
// took it in, if the log promised that.
func checkEntry(b *bundle.Bundle, e *tlog.Entry, material root.TrustedMaterial) (time.Time, error) {
	if err := tlog.ValidateEntry(e); err != nil {
		return time.Time{}, err
	}
	if err := sameSignature(b, e, material); err != nil {
		return time.Time{}, err
	}
	if err := insideCertificate(b, e.IntegratedTime()); err != nil {
		return time.Time{}, err
	}
	// An entry of one version with the checkpoint of the other would be compared with less than it should be.
	origin, _, _ := strings.Cut(e.TransparencyLogEntry().GetInclusionProof().GetCheckpoint().GetEnvelope(), "\n")
	if e.HasInclusionProof() && e.IsRekorV2() == v1Origin.MatchString(origin) {
		return time.Time{}, errors.New("its checkpoint is of another version of the log than the entry")
	}
	times, err := verify.VerifyTlogEntry(single{b, e}, material, 1, true)
	if err != nil {
		return time.Time{}, plainly(err)
	}
	if len(times) == 0 {
		return time.Time{}, nil
	}
	return times[0].Time, nil
}

// plainly says in one line what sigstore-go says in several, or in other words than what happened. The verdict does not depend on it.
func plainly(err error) error {
	switch text := err.Error(); {
	case strings.Contains(text, "not enough verified log entries"): // of one: an entry whose promise does not verify is passed over
		return errors.New("its inclusion promise does not verify, or the log is not trusted at the time it gives")
	case strings.Contains(text, "does not match expected root"): // followed by the bytes of both
		return errors.New("its inclusion proof leads to another root than that of the log's checkpoint")
	}
	return err
}

// insideCertificate checks the time that an entry gives, whether anybody vouches for it or not.
func insideCertificate(b *bundle.Bundle, when time.Time) error {
	by, err := b.VerificationContent()
	if err != nil {
		return err
	}
	if leaf := by.Certificate(); leaf != nil && !when.IsZero() && (when.Before(leaf.NotBefore) || when.After(leaf.NotAfter)) {
		return reject(CodeCertExpired, "the certificate was not valid when the log took the signature in, %s: expected %s", stamp(when), window(leaf.NotBefore, leaf.NotAfter))
	}
	return nil
}

// sameSignature compares an entry with the signature and the certificate or key in the bundle (CVE-2022-36056).
func sameSignature(b *bundle.Bundle, e *tlog.Entry, material root.TrustedMaterial) error {
	content, err := b.SignatureContent()
	if err != nil {
		return err
	}
	if !bytes.Equal(content.Signature(), e.Signature()) {
		return reject(CodeLogMismatch, "log entry %d is about another signature", e.LogIndex())
	}
	by, err := b.VerificationContent()
	if err != nil {
		return err
	}
	if by.PublicKey() != nil {
		if !by.CompareKey(e.PublicKey(), material) {
			return reject(CodeLogMismatch, "log entry %d is about another key", e.LogIndex())
		}
		return nil
	}
	if cert, ok := e.PublicKey().(*x509.Certificate); !ok || !cert.Equal(by.Certificate()) {
		return reject(CodeLogMismatch, "log entry %d is about another certificate", e.LogIndex())
	}
	return nil
}

func (o *observed) readTimestamps(b *bundle.Bundle, material root.TrustedMaterial, needed int) error {
	stamps := b.VerificationMaterial.GetTimestampVerificationData().GetRfc3161Timestamps()
	verified, problems, err := verify.VerifySignedTimestamp(b, material)
	if err != nil {
		return &attest.Reject{Code: CodeTimestampInvalid, Detail: "reading time stamps", Cause: err}
	}
	for _, v := range verified {
		o.timestamps = append(o.timestamps, v.Time)
	}
	switch {
	case len(verified) >= needed:
		return nil
	case len(stamps) == 0:
		return reject(CodeTimestampMissing, "the bundle has no time stamp, expected %d by authorities of the trust root: sign with a time stamp authority", needed)
	}
	return &attest.Reject{Code: CodeTimestampInvalid, Detail: fmt.Sprintf("%d of %d time stamps verify with distinct authorities of the trust root, expected %d", len(verified), len(stamps), needed), Cause: errors.Join(problems...)}
}

// keyMaterial is a trust root and the one key that verified: whatever hint a bundle gives, that key is meant.
type keyMaterial struct {
	root.TrustedMaterial
	verifier signature.Verifier
}

func (k keyMaterial) PublicKeyVerifier(string) (root.TimeConstrainedVerifier, error) {
	return root.NewExpiringKey(k.verifier, time.Time{}, time.Time{}), nil // its window is judged by the gate
}

func stamp(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// window tells a time span; an end may be open.
func window(from, to time.Time) string {
	switch {
	case from.IsZero() && to.IsZero():
		return "any time"
	case to.IsZero():
		return "from " + stamp(from) + " on"
	}
	return stamp(from) + " to " + stamp(to)
}
