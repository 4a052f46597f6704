// SPDX-License-Identifier: Apache-2.0

package sigstore

import (
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"
	"github.com/sigstore/rekor-tiles/v2/pkg/note"
	rekorverify "github.com/sigstore/rekor-tiles/v2/pkg/verify"
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
func observe(b *parsed, material root.TrustedMaterial, n need) (*observed, error) {
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

func (o *observed) readLogs(b *parsed, material root.TrustedMaterial, needed int) error {
	entries := b.whole.GetVerificationMaterial().GetTlogEntries()
	seen := map[string]bool{}
	trusted := material.RekorLogs()
	for i, e := range entries {
		id := hex.EncodeToString(e.GetLogId().GetKeyId())
		log, known := trusted[id]
		if !known {
			continue
		}
		at := fmt.Sprintf("%s %d", id, e.GetLogIndex())
		if seen[at] {
			return reject(CodeLogInvalid, "log entry %d of %s is in the bundle twice", e.GetLogIndex(), log.BaseURL)
		}
		seen[at] = true
		when, err := checkEntry(b, e, log, material)
		if err != nil {
			if attest.RejectCode(err) != "" {
				return err
			}
			return &attest.Reject{Code: CodeLogInvalid, Detail: fmt.Sprintf("entry %d of the bundle, %d of log %s", i, e.GetLogIndex(), log.BaseURL), Cause: err}
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

// checkEntry verifies one entry of a trusted log: that it is about this signature, and that the log holds it. It gives the time at which the log
// took it in, if the log promised that.
func checkEntry(b *parsed, e *protorekor.TransparencyLogEntry, log *root.TransparencyLog, material root.TrustedMaterial) (time.Time, error) {
	body, err := readBody(e)
	if err != nil {
		return time.Time{}, err
	}
	if err := body.about(b, e.GetLogIndex(), material); err != nil {
		return time.Time{}, err
	}
	if err := insideCertificate(b, e.GetIntegratedTime()); err != nil {
		return time.Time{}, err
	}
	verifier, err := signature.LoadVerifier(log.PublicKey, log.SignatureHashFunc)
	if err != nil {
		return time.Time{}, fmt.Errorf("key of the log: %w", err)
	}
	if body.v2 {
		return time.Time{}, includedV2(e, log, verifier)
	}
	return includedV1(e, log, verifier, material)
}

// includedV2 verifies the proof and checkpoint of an entry in a log of version 2 (tiles). Such logs promise nothing and know no time; a checkpoint is
// a signed note by the log's host name.
func includedV2(e *protorekor.TransparencyLogEntry, log *root.TransparencyLog, verifier signature.Verifier) error {
	if e.GetInclusionProof() == nil {
		return errors.New("an entry of a log of version 2 must have an inclusion proof")
	}
	if len(e.GetInclusionPromise().GetSignedEntryTimestamp()) > 0 {
		return errors.New("a log of version 2 makes no inclusion promises")
	}
	signer, err := note.NewNoteVerifier(hostOf(log), verifier)
	if err != nil {
		return fmt.Errorf("name of the log in the trust root, %q: %w", log.BaseURL, err)
	}
	return plainly(rekorverify.VerifyLogEntry(e, signer))
}

// includedV1 verifies an entry in a log of version 1: its promise, its proof and checkpoint, whichever there are, and at least one of them.
func includedV1(e *protorekor.TransparencyLogEntry, log *root.TransparencyLog, verifier signature.Verifier, material root.TrustedMaterial) (time.Time, error) {
	entry, err := tlog.ParseTransparencyLogEntry(e)
	if err != nil {
		return time.Time{}, err
	}
	if !entry.HasInclusionPromise() && !entry.HasInclusionProof() {
		return time.Time{}, errors.New("it has neither an inclusion proof nor a promise")
	}
	if entry.HasInclusionProof() {
		origin, _, _ := strings.Cut(e.GetInclusionProof().GetCheckpoint().GetEnvelope(), "\n")
		if !v1Origin().MatchString(origin) && origin != hostOf(log) {
			return time.Time{}, fmt.Errorf("its checkpoint is of %.100q, expected the log %s", origin, hostOf(log))
		}
		if err := tlog.VerifyInclusion(entry, verifier); err != nil {
			return time.Time{}, plainly(err)
		}
	}
	if !entry.HasInclusionPromise() {
		return time.Time{}, nil
	}
	if err := tlog.VerifySET(entry, material.RekorLogs()); err != nil {
		return time.Time{}, fmt.Errorf("its inclusion promise: %w", err)
	}
	return entry.IntegratedTime(), nil
}

// v1Origin is the first line of a checkpoint of Rekor v1: a name and the number of a tree.
var v1Origin = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^.* - [0-9]+$`) })

// hostOf is the name by which a log signs its checkpoints.
func hostOf(log *root.TransparencyLog) string {
	u, err := url.Parse(log.BaseURL)
	if err != nil {
		return ""
	}
	return u.Hostname()
}

// plainly says in one line what the libraries say in several.
func plainly(err error) error {
	if err != nil && strings.Contains(err.Error(), "does not match expected root") { // followed by the bytes of both
		return errors.New("its inclusion proof leads to another root than that of the log's checkpoint")
	}
	return err
}

// insideCertificate checks the time that an entry gives, whether anybody vouches for it or not.
func insideCertificate(b *parsed, seconds int64) error {
	by, err := b.VerificationContent()
	if err != nil {
		return err
	}
	when := time.Unix(seconds, 0)
	if leaf := by.Certificate(); leaf != nil && seconds != 0 && (when.Before(leaf.NotBefore) || when.After(leaf.NotAfter)) {
		return reject(CodeCertExpired, "the certificate was not valid when the log took the signature in, %s: expected %s", stamp(when), window(leaf.NotBefore, leaf.NotAfter))
	}
	return nil
}

func (o *observed) readTimestamps(b *parsed, material root.TrustedMaterial, needed int) error {
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
