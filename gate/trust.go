// SPDX-License-Identifier: Apache-2.0

package gate

import (
	"path"
	"time"
)

// What trust.sigstore and trust.log may say beside the name of a file.
const (
	TrustNone       = "none"
	TrustPublicGood = "public-good"
	LogRequired     = "required"
	LogNone         = "none"
)

// maxDegraded bounds how long the policy may do without a transparency log.
const maxDegraded = Duration(7 * 24 * time.Hour)

// TrustedRoot is the trusted_root.json in the policy that Trust names, nil where it names none or a public instance. It must not be changed.
func (p *Policy) TrustedRoot() []byte { return p.root }

// checkTrust checks what is said about certificates, logs and time stamps, and fills in what is left out.
func (p *Policy) checkTrust(places Places) error {
	t := &p.Trust
	if t.Sigstore == "" && places.has("trust.sigstore") {
		return places.Errorf("trust.sigstore", "write none to trust keys alone", "expected %s, %s, or a trusted_root.json in the policy", TrustNone, TrustPublicGood)
	}
	if t.Sigstore == "" || t.Sigstore == TrustNone {
		for _, key := range []string{"log", "logs", "timestamps", "degraded"} {
			if places.has("trust." + key) {
				return places.Errorf("trust."+key, "name the trust root too: trust: {sigstore: public-good, …}", "says nothing where trust is %s", TrustNone)
			}
		}
		*t = Trust{Sigstore: TrustNone, Log: LogNone}
		return nil
	}
	if t.Log == "" && !places.has("trust.log") {
		t.Log = LogRequired
	}
	switch {
	case t.Log != LogRequired && t.Log != LogNone:
		return places.Errorf("trust.log", "", "is %q, expected %s or %s", t.Log, LogRequired, LogNone)
	case t.Logs < 0 || t.Timestamps < 0:
		return places.Errorf("trust", "", "a number of logs or time stamps is below zero")
	case t.Log == LogNone && t.Logs > 0:
		return places.Errorf("trust.logs", "leave it out, or write log: required", "%d logs are asked for, and log is %s", t.Logs, LogNone)
	case t.Log == LogNone && t.Timestamps == 0 && places.has("trust.timestamps"):
		return places.Errorf("trust.timestamps", "write 1 or more", "without a log only a time stamp says when a certificate was used")
	case t.Log == LogRequired && t.Logs == 0 && places.has("trust.logs"):
		return places.Errorf("trust.logs", "write log: none, and timestamps: 1, to do without a log", "no log is asked for, and log is %s", LogRequired)
	case t.Log == LogNone && places.has("trust.degraded"):
		return places.Errorf("trust.degraded", "leave it out", "no log is asked for, so nothing can be degraded")
	case places.has("trust.degraded") && (t.Degraded <= 0 || t.Degraded > maxDegraded):
		return places.Errorf("trust.degraded", "for example degraded: 4h; leave it out to do without no log at any time", "is %s, expected more than nothing and at most %s", t.Degraded, maxDegraded)
	case t.Log == LogRequired && t.Logs == 0:
		t.Logs = 1
	case t.Log == LogNone && t.Timestamps == 0:
		t.Timestamps = 1
	}
	return nil
}

// loadTrust reads the trust root and returns the file it used.
func (p *Policy) loadTrust(places Places, files map[string][]byte, opt LoadOptions) (map[string][]byte, error) {
	name := p.Trust.Sigstore
	if name == TrustNone {
		return nil, nil
	}
	const at = "trust.sigstore"
	if opt.TrustRoot == nil {
		return nil, places.Errorf(at, "write trust: none and use keys", "certificates, logs and time stamps are not accepted here")
	}
	used := map[string][]byte{}
	if name != TrustPublicGood {
		file := path.Clean(name)
		data, ok := files[file]
		if !ok {
			return nil, places.Errorf(at, "paths are relative to the policy folder; public instances: "+TrustPublicGood, "no file %q in the policy", name)
		}
		used[file], p.root = data, data
	}
	digest, err := opt.TrustRoot(p.root)
	if err != nil {
		return nil, places.Errorf(at, "expected a trusted_root.json as Sigstore clients read it", "%s: %v", name, err)
	}
	p.rootDigest = digest
	return used, nil
}
