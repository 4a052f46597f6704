// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"crypto/sha256"
	"crypto/x509"
	_ "embed"
	"encoding/hex"
	"errors"
	"fmt"
	"net"
	"net/url"
	"slices"
	"strings"
	"time"

	prototrust "github.com/sigstore/protobuf-specs/gen/pb-go/trustroot/v1"
	"github.com/sigstore/sigstore-go/pkg/root"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// MaxConfig bounds the bytes of a signing configuration.
const MaxConfig = 1 << 20

// publicGood names the servers of Sigstore's public-good instance, in the form of its signing_config.v0.2.json.
//
//go:embed publicgood.json
var publicGood []byte

// Service is one server.
type Service struct {
	URL     string
	Version uint32 // of its API; logs have 1 or 2
}

// Choice is how many of several servers are used. They are taken in their order, and one that is down is replaced by the next.
type Choice struct {
	From  []Service
	Count int
}

// Services are the servers of a Sigstore instance.
type Services struct {
	CA         Service
	Issuers    []Service // where people log in
	Logs       Choice
	Timestamps Choice
}

// PublicGood are the servers of Sigstore's public-good instance.
func PublicGood(at time.Time) (Services, error) { return ParseSigningConfig(publicGood, at) }

// ParseSigningConfig reads a signing_config.json of version 0.2 and picks the servers that are in use at a time.
func ParseSigningConfig(json []byte, at time.Time) (Services, error) {
	if len(json) > MaxConfig {
		return Services{}, fmt.Errorf("signing configuration has %d bytes, limit %d", len(json), MaxConfig)
	}
	if err := attest.CheckJSON(json); err != nil {
		return Services{}, fmt.Errorf("signing configuration is not sound JSON: %w", err)
	}
	c, err := root.NewSigningConfigFromJSON(json)
	if err != nil {
		return Services{}, fmt.Errorf("reading signing configuration: %w\nhint: expected a file of the media type %s", err, root.SigningConfigMediaType02)
	}
	ca, err := root.SelectService(c.FulcioCertificateAuthorityURLs(), authorityVersions, at)
	if err != nil {
		return Services{}, fmt.Errorf("signing configuration: certificate authority: %w", err)
	}
	s := Services{CA: Service{ca.URL, ca.MajorAPIVersion}}
	for _, i := range c.OIDCProviderURLs() {
		if i.ValidAtTime(at) {
			s.Issuers = append(s.Issuers, Service{i.URL, i.MajorAPIVersion})
		}
	}
	if s.Logs, err = choose(c.RekorLogURLs(), c.RekorLogURLsConfig(), logVersions, at); err != nil {
		return Services{}, fmt.Errorf("signing configuration: transparency log: %w", err)
	}
	if s.Timestamps, err = choose(c.TimestampAuthorityURLs(), c.TimestampAuthorityURLsConfig(), stamperVersions, at); err != nil {
		return Services{}, fmt.Errorf("signing configuration: time stamp authority: %w", err)
	}
	return s, s.check()
}

// choose keeps every server that could be used, one an operator, and how many are wanted.
func choose(all []root.Service, want root.ServiceConfiguration, versions []uint32, at time.Time) (Choice, error) {
	if len(all) == 0 {
		return Choice{}, nil
	}
	usable, err := root.SelectServices(all, root.ServiceConfiguration{Selector: prototrust.ServiceSelector_ALL}, versions, at)
	if err != nil {
		return Choice{}, err
	}
	var c Choice
	for _, s := range usable {
		c.From = append(c.From, Service{s.URL, s.MajorAPIVersion})
	}
	switch want.Selector {
	case prototrust.ServiceSelector_ALL:
		c.Count = len(c.From)
	case prototrust.ServiceSelector_EXACT:
		c.Count = int(want.Count)
	default: // ANY, and where nothing is said
		c.Count = 1
	}
	if c.Count < 1 || c.Count > len(c.From) {
		return Choice{}, fmt.Errorf("%d are to be used, of %d", c.Count, len(c.From))
	}
	return c, nil
}

// FromTrustedRoot takes the servers from a trusted root, for an instance that has no signing configuration: the newest certificate authority, one
// log and one time stamp authority. That of the public-good instance means PublicGood.
func FromTrustedRoot(trusted *sigstore.TrustedRoot, at time.Time) (Services, error) {
	if trusted == nil {
		return Services{}, errors.New("no trusted root given")
	}
	r := trusted.Material()
	var cas, logs, tsas []root.Service
	for _, a := range r.FulcioCertificateAuthorities() {
		if ca, ok := a.(*root.FulcioCertificateAuthority); ok && ca.URI != "" {
			cas = append(cas, root.Service{URL: ca.URI, MajorAPIVersion: 1, ValidityPeriodStart: ca.ValidityPeriodStart, ValidityPeriodEnd: ca.ValidityPeriodEnd})
		}
	}
	for id, l := range r.RekorLogs() {
		logs = append(logs, root.Service{URL: l.BaseURL, MajorAPIVersion: logVersion(id, l), ValidityPeriodStart: l.ValidityPeriodStart, ValidityPeriodEnd: l.ValidityPeriodEnd, Operator: l.BaseURL})
	}
	slices.SortFunc(logs, func(a, b root.Service) int { return strings.Compare(a.URL, b.URL) }) // they come from a map
	for _, a := range r.TimestampingAuthorities() {
		if t, ok := a.(*root.SigstoreTimestampingAuthority); ok && t.URI != "" {
			tsas = append(tsas, root.Service{URL: t.URI, MajorAPIVersion: 1, ValidityPeriodStart: t.ValidityPeriodStart, ValidityPeriodEnd: t.ValidityPeriodEnd, Operator: t.URI})
		}
	}
	ca, err := root.SelectService(cas, authorityVersions, at)
	if err != nil {
		return Services{}, errors.New("the trusted root names no certificate authority with a URL that is in use now\nhint: give a signing configuration (--signing-config)")
	}
	good, err := PublicGood(at)
	if err == nil && good.CA.URL == ca.URL {
		return good, nil
	}
	s := Services{CA: Service{ca.URL, ca.MajorAPIVersion}}
	one := root.ServiceConfiguration{Selector: prototrust.ServiceSelector_ANY}
	if s.Logs, err = choose(logs, one, logVersions, at); err != nil {
		return Services{}, fmt.Errorf("trusted root: transparency log: %w", err)
	}
	if s.Timestamps, err = choose(tsas, one, stamperVersions, at); err != nil {
		return Services{}, fmt.Errorf("trusted root: time stamp authority: %w", err)
	}
	return s, s.check()
}

// logVersion tells the version of a log by its id: that of Rekor v1 is the sha256 of its key, that of v2 the key id of its checkpoints.
func logVersion(id string, l *root.TransparencyLog) uint32 {
	der, err := x509.MarshalPKIXPublicKey(l.PublicKey)
	if err != nil {
		return 2
	}
	if sum := sha256.Sum256(der); id == hex.EncodeToString(sum[:]) {
		return 1
	}
	return 2
}

// Want asks for as many log entries and time stamps as a verifier will, if the servers offer them. No log entry at all (log: none) leaves nothing in
// a public log.
func (s Services) Want(logs, timestamps int) (Services, error) {
	if logs > len(s.Logs.From) || timestamps > len(s.Timestamps.From) {
		return Services{}, fmt.Errorf("%d log entries and %d time stamps are asked for; the Sigstore instance has %d logs and %d time stamp authorities that are in use now", logs, timestamps, len(s.Logs.From), len(s.Timestamps.From))
	}
	if logs == 0 {
		s.Logs = Choice{}
	} else {
		s.Logs.Count = max(s.Logs.Count, logs)
	}
	s.Timestamps.Count = max(s.Timestamps.Count, timestamps)
	return s, s.check()
}

// check refuses servers to which a token or a statement must not be sent, and signatures whose time nobody would know.
func (s Services) check() error {
	if err := checkURL(authority, s.CA.URL); err != nil {
		return err
	}
	for _, i := range s.Issuers {
		if err := checkURL(issuer, i.URL); err != nil {
			return err
		}
	}
	timed := s.Timestamps.Count > 0
	for _, l := range s.Logs.From {
		if err := checkURL(transparency, l.URL); err != nil {
			return err
		}
		timed = timed || (s.Logs.Count > 0 && l.Version == 1)
	}
	for _, t := range s.Timestamps.From {
		if u, err := url.Parse(t.URL); err != nil || u.Host == "" || u.User != nil || (u.Scheme != "http" && u.Scheme != "https") { // its answers are signed, and it learns a hash
			return fmt.Errorf("time stamp authority: expected an http or https URL without a user, found %q", redacted(t.URL))
		}
	}
	if !timed {
		return errors.New("nobody would vouch for the time of a signature: there is no time stamp authority, and no log that tells the time (Rekor v2 does not)\nhint: name a time stamp authority in the signing configuration")
	}
	return nil
}

// checkURL accepts https, and http to this machine.
func checkURL(what, raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil || u.Host == "" || u.User != nil:
		return fmt.Errorf("%s: expected an https URL without a user, found %q", what, redacted(raw))
	case u.Scheme == "https", u.Scheme == "http" && local(u.Hostname()):
		return nil
	}
	return fmt.Errorf("%s %s: expected https (or this machine): what is sent there must not be read on the way", what, redacted(raw))
}

func local(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || (ip != nil && ip.IsLoopback())
}

// redacted is a URL as it may be shown: without user, query and fragment.
func redacted(raw string) string {
	u, err := url.Parse(raw)
	if err != nil {
		return "(not a URL)"
	}
	u.User, u.RawQuery, u.Fragment = nil, "", ""
	return u.String()
}
