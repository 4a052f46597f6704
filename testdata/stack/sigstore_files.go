// SPDX-License-Identifier: Apache-2.0

package stack

import (
	"crypto/sha256"
	"crypto/x509"
	"encoding/json"
	"os"
	"time"
)

// The forms of https://github.com/sigstore/protobuf-specs, sigstore_trustroot.proto, as far as they are needed here.
type (
	validity struct {
		Start time.Time `json:"start"`
	}
	rawBytes struct {
		RawBytes []byte `json:"rawBytes"`
	}
	keyEntry struct {
		RawBytes   []byte   `json:"rawBytes"`
		KeyDetails string   `json:"keyDetails"`
		ValidFor   validity `json:"validFor"`
	}
	logID struct {
		KeyID []byte `json:"keyId"`
	}
	logEntry struct {
		BaseURL   string   `json:"baseUrl"`
		Hash      string   `json:"hashAlgorithm"`
		PublicKey keyEntry `json:"publicKey"`
		LogID     logID    `json:"logId"`
	}
	chainEntry struct {
		Certificates []rawBytes `json:"certificates"`
	}
	authorityEntry struct {
		Subject   map[string]string `json:"subject"`
		URI       string            `json:"uri"`
		CertChain chainEntry        `json:"certChain"`
		ValidFor  validity          `json:"validFor"`
	}
	trustedRoot struct {
		MediaType   string           `json:"mediaType"`
		Logs        []logEntry       `json:"tlogs"`
		Authorities []authorityEntry `json:"certificateAuthorities"`
		CTLogs      []logEntry       `json:"ctlogs"`
		Stampers    []authorityEntry `json:"timestampAuthorities"`
	}
	serviceEntry struct {
		URL      string   `json:"url"`
		Version  int      `json:"majorApiVersion"`
		ValidFor validity `json:"validFor"`
		Operator string   `json:"operator"`
	}
	selector struct {
		Selector string `json:"selector"`
	}
	signingConfig struct {
		MediaType string         `json:"mediaType"`
		CA        []serviceEntry `json:"caUrls"`
		OIDC      []serviceEntry `json:"oidcUrls"`
		Logs      []serviceEntry `json:"rekorTlogUrls"`
		LogsWant  selector       `json:"rekorTlogConfig"`
		TSA       []serviceEntry `json:"tsaUrls"`
		TSAWant   selector       `json:"tsaConfig"`
	}
)

// writeTrustedRoot writes what verifiers need to know of the servers.
func (p *sigstorePKI) writeTrustedRoot(file string, u URLs) error {
	since := validity{p.validFrom}
	ctPub, err := x509.MarshalPKIXPublicKey(p.ctKey)
	if err != nil {
		return err
	}
	logPub, err := x509.MarshalPKIXPublicKey(p.logKey)
	if err != nil {
		return err
	}
	ctID := sha256.Sum256(ctPub)
	authority := func(uri string, chain []*x509.Certificate) []authorityEntry {
		a := authorityEntry{Subject: map[string]string{"organization": "example", "commonName": chain[len(chain)-1].Subject.CommonName}, URI: uri, ValidFor: since}
		for _, c := range chain {
			a.CertChain.Certificates = append(a.CertChain.Certificates, rawBytes{c.Raw})
		}
		return []authorityEntry{a}
	}
	return writeJSON(file, trustedRoot{
		MediaType:   "application/vnd.dev.sigstore.trustedroot+json;version=0.1",
		Logs:        []logEntry{{u.Log, "SHA2_256", keyEntry{logPub, "PKIX_ED25519", since}, logID{p.logID()}}},
		Authorities: authority(u.CA, p.authority),
		CTLogs:      []logEntry{{u.CTLog, "SHA2_256", keyEntry{ctPub, "PKIX_ECDSA_P256_SHA_256", since}, logID{ctID[:]}}},
		Stampers:    authority(u.TSA, p.stamper),
	})
}

// writeSigningConfig writes what signers need to know: where to ask.
func writeSigningConfig(file string, u URLs, since time.Time) error {
	one := func(url string, version int) []serviceEntry {
		return []serviceEntry{{url, version, validity{since}, "example"}}
	}
	return writeJSON(file, signingConfig{"application/vnd.dev.sigstore.signingconfig.v0.2+json", one(u.CA, 1), one(u.Issuer, 1), one(u.Log, 2), selector{"ANY"}, one(u.TSA, 1), selector{"ANY"}})
}

func writeJSON(file string, v any) error {
	data, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(file, append(data, '\n'), 0o600)
}
