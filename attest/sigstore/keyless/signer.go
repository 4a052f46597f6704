// SPDX-License-Identifier: Apache-2.0

package keyless

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"errors"
	"fmt"
	"net/http"
	"sync"
	"time"

	"github.com/secure-systems-lab/go-securesystemslib/dsse"
	protobundle "github.com/sigstore/protobuf-specs/gen/pb-go/bundle/v1"
	protocommon "github.com/sigstore/protobuf-specs/gen/pb-go/common/v1"
	protorekor "github.com/sigstore/protobuf-specs/gen/pb-go/rekor/v1"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/sigstore"
)

// maxAnew is how often a signature is made anew because a log that can't give an entry again (Rekor v2) has it already.
const maxAnew = 3

// Options are what a signer needs. All but the audience and the budget are required.
type Options struct {
	Services Services
	Token    func(ctx context.Context) (string, error) // asked for each certificate: a Source's Token
	Audience string                                    // that tokens must be meant for; default DefaultAudience
	HTTP     http.RoundTripper
	Now      func() time.Time
	Budget   time.Duration // how long each server is asked again; default DefaultBudget
	// Degraded allows a signature with time stamps alone while the logs are down, and is told each time. Without it, that is an error.
	Degraded func(down *DownError)
}

// Signer signs with short-lived certificates. It implements attest.Signer and is safe for concurrent use. A server that it found down it does not
// ask again.
type Signer struct {
	opt   Options
	known outages

	mu   sync.Mutex
	id   attest.Identity
	held *credential

	telling sync.Mutex // Degraded is told of one signature at a time
}

// credential is a key and its certificate.
type credential struct {
	key   *ecdsa.PrivateKey
	cert  *x509.Certificate
	asked time.Time // by this machine's clock, so that a wrong one does not matter
}

// New makes a signer. It asks nobody yet.
func New(opt Options) (*Signer, error) {
	if opt.Token == nil || opt.HTTP == nil || opt.Now == nil {
		return nil, errors.New("keyless signing needs a source of tokens, a way to send requests and a clock")
	}
	if err := opt.Services.check(); err != nil {
		return nil, err
	}
	if opt.Audience == "" {
		opt.Audience = DefaultAudience
	}
	return &Signer{opt: opt}, nil
}

// Identity is whom the certificate names. Before Unlock it is what the token leads to expect, if Identify was called, else nobody.
func (s *Signer) Identity() attest.Identity {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.id
}

// Identify gets a token and tells whom its certificate would name. It is a guess, for recognising one's own earlier work: what is signed later says
// who signed.
func (s *Signer) Identify(ctx context.Context) (attest.Identity, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.held != nil {
		return s.id, nil
	}
	_, c, err := s.token(ctx)
	if err == nil {
		s.id = c.identity()
	}
	return s.id, err
}

// Unlock gets a certificate, unless a valid one is held. Then it is known that the token is good and who signs.
func (s *Signer) Unlock(ctx context.Context) error {
	_, err := s.credential(ctx)
	return err
}

// Sign wraps the statement's bytes in a DSSE envelope and a Sigstore bundle v0.3, with certificate, time stamps and log entries.
func (s *Signer) Sign(ctx context.Context, statement []byte) ([]byte, error) {
	if _, err := attest.DecodeStatement(statement); err != nil {
		return nil, fmt.Errorf("refusing to sign: %w", err)
	}
	return s.bundle(ctx, dsse.PAE(attest.PayloadInToto, statement), func(sig []byte) *protobundle.Bundle { return sigstore.Enveloped(statement, sig) })
}

// SignBlob signs bytes as they are: a bundle with a message signature.
func (s *Signer) SignBlob(ctx context.Context, data []byte) ([]byte, error) {
	return s.bundle(ctx, data, func(sig []byte) *protobundle.Bundle { return sigstore.Signed(data, sig) })
}

func (s *Signer) caller(service string) *caller {
	return &caller{service, s.opt.HTTP, s.opt.Budget, &s.known}
}

func (s *Signer) token(ctx context.Context) (string, claims, error) {
	token, err := s.opt.Token(ctx)
	if err != nil {
		return "", claims{}, err
	}
	c, err := readToken(token, s.opt.Audience, s.opt.Now())
	return token, c, err
}

// credential gives the certificate that is held if it is valid for some time yet, else a new one.
func (s *Signer) credential(ctx context.Context) (*credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if h := s.held; h != nil {
		life := h.cert.NotAfter.Sub(h.cert.NotBefore)
		if age := s.opt.Now().Sub(h.asked); age >= 0 && age < life-life/5 {
			return h, nil
		}
		s.held = nil
	}
	token, about, err := s.token(ctx)
	if err != nil {
		return nil, err
	}
	c := &credential{asked: s.opt.Now()}
	if c.key, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err != nil {
		return nil, fmt.Errorf("making a key: %w", err)
	}
	if c.cert, err = s.certify(ctx, c.key, token, about.name()); err != nil {
		return nil, fmt.Errorf("getting a certificate: %w", err)
	}
	id, err := sigstore.Holder(c.cert)
	if err != nil {
		return nil, fmt.Errorf("reading the certificate of %s: %w", redacted(s.opt.Services.CA.URL), err)
	}
	s.held, s.id = c, id
	return c, nil
}

// bundle signs bytes, has the signature stamped and logged, and puts all of it together; whole makes a bundle of the signature.
func (s *Signer) bundle(ctx context.Context, data []byte, whole func(sig []byte) *protobundle.Bundle) ([]byte, error) {
	var err error
	for range maxAnew {
		var b *protobundle.Bundle
		if b, err = s.once(ctx, data, whole); err == nil {
			return sigstore.EncodeBundle(b)
		}
		if !errors.Is(err, errKnown) {
			break
		}
	}
	return nil, fmt.Errorf("signing: %w", err)
}

func (s *Signer) once(ctx context.Context, data []byte, whole func(sig []byte) *protobundle.Bundle) (*protobundle.Bundle, error) {
	c, err := s.credential(ctx)
	if err != nil {
		return nil, err
	}
	sig, err := signature(c.key, data)
	if err != nil {
		return nil, err
	}
	b := whole(sig)
	b.VerificationMaterial = &protobundle.VerificationMaterial{Content: &protobundle.VerificationMaterial_Certificate{Certificate: &protocommon.X509Certificate{RawBytes: c.cert.Raw}}}
	stamps, err := pick(s.opt.Services.Timestamps, func(t Service) ([]byte, error) { return s.stamp(ctx, t, sig) })
	if err != nil {
		return nil, err
	}
	for _, t := range stamps {
		if b.VerificationMaterial.TimestampVerificationData == nil {
			b.VerificationMaterial.TimestampVerificationData = &protobundle.TimestampVerificationData{}
		}
		d := b.VerificationMaterial.TimestampVerificationData
		d.Rfc3161Timestamps = append(d.Rfc3161Timestamps, &protocommon.RFC3161SignedTimestamp{SignedTimestamp: t})
	}
	b.VerificationMaterial.TlogEntries, err = pick(s.opt.Services.Logs, func(l Service) (*protorekor.TransparencyLogEntry, error) {
		return log{l, s.caller(transparency)}.add(ctx, b, c.cert)
	})
	var down *DownError
	if errors.As(err, &down) && s.opt.Degraded != nil && len(stamps) > 0 {
		s.telling.Lock()
		defer s.telling.Unlock()
		s.opt.Degraded(down)
		return b, nil
	}
	return b, err
}

// pick asks as many servers as are wanted. One that is down is replaced by another, if there is one more.
func pick[T any](c Choice, ask func(Service) (T, error)) ([]T, error) {
	var out []T
	var failed []error
	for _, s := range c.From {
		if len(out) == c.Count {
			break
		}
		v, err := ask(s)
		var down *DownError
		switch {
		case err == nil:
			out = append(out, v)
		case errors.As(err, &down):
			failed = append(failed, err)
		default:
			return nil, err
		}
	}
	if len(out) < c.Count {
		return nil, errors.Join(failed...)
	}
	return out, nil
}
