// SPDX-License-Identifier: Apache-2.0

package admission

import (
	"context"
	"fmt"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/gate"
)

// Policy is a loaded policy with the means to decide by it. The means are the program's own, those of the command line.
type Policy struct {
	*gate.Policy
	Verifier *attest.Verifier // by the policy's own trust, for break-glass statements

	// Decide answers whether an image may stay in an environment. It never fails: what can't be found out is an undecided decision.
	Decide func(ctx context.Context, i Image, environment string) gate.Decision
	// Tag gives the digest that a tag names now, for messages; nil: tags are not looked up.
	Tag func(ctx context.Context, repository, tag string) (attest.Digest, error)

	trustRoot string
}

// Load loads the policy, and takes it if it is sound: the first one, and later one of the same name that is not older. Whatever goes wrong, the last good
// policy stays in force until it expires.
func (s *Server) Load(ctx context.Context) error {
	s.loading.Lock()
	defer s.loading.Unlock()
	p, err := s.o.Load(ctx)
	if err == nil {
		err = s.acceptable(p)
	}
	if err != nil {
		s.metrics.reload(false)
		return err
	}
	s.metrics.reload(true)
	p.trustRoot = p.TrustRoot()
	if old := s.policy.Swap(p); old == nil || old.Digest != p.Digest {
		s.log.Info("policy loaded", "policy", p.Name, "version", p.Version, "digest", p.Digest.String(), "expires", p.Expires.UTC().Format(time.RFC3339))
	}
	return nil
}

func (s *Server) acceptable(p *Policy) error {
	if p == nil || p.Policy == nil || p.Verifier == nil || p.Decide == nil {
		return fmt.Errorf("loading the policy: it came without the means to decide by it")
	}
	if !s.now().Before(p.Expires) {
		return &attest.Reject{Code: gate.CodePolicyExpired, Detail: fmt.Sprintf("policy %s version %d expired on %s", p.Name, p.Version, p.Expires.UTC().Format(time.RFC3339))}
	}
	if old := s.policy.Load(); old != nil && old.Name != p.Name {
		return &attest.Reject{Code: gate.CodePolicyIntegrity, Detail: fmt.Sprintf("expected policy %s, found policy %s\nhint: another policy needs a restart", old.Name, p.Name)}
	} else if old != nil && p.Version < old.Version {
		return &attest.Reject{Code: gate.CodePolicyRollback, Detail: fmt.Sprintf("policy %s version %d is in force, found version %d\nhint: a policy only moves on; raise its version", old.Name, old.Version, p.Version)}
	}
	return s.o.Config.CheckEnvironments(p.Policy)
}

// Run loads the policy anew at every interval until ctx ends. Until the first one is loaded it tries every second.
func (s *Server) Run(ctx context.Context, every time.Duration) {
	for {
		wait := every
		if s.policy.Load() == nil {
			wait = min(time.Second, every)
		}
		if attest.Sleep(ctx, wait) != nil {
			return
		}
		if err := s.Load(ctx); err != nil && ctx.Err() == nil {
			s.log.Error("policy not loaded", "error", err.Error(), "inForce", s.policy.Load() != nil)
		}
	}
}

// Ready says why the server can't decide, or "".
func (s *Server) Ready() string {
	p := s.policy.Load()
	switch {
	case p == nil:
		return "no policy is loaded"
	case !s.now().Before(p.Expires):
		return "the policy has expired"
	}
	return ""
}
