// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/predicate"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/audit"
)

// noLedger is what --ledger says where nothing is to be recorded.
const noLedger = "none"

// ledgerFile names the ledger, "" for none, and whether it was asked for: then no decision counts that it does not hold.
func (o *options) ledgerFile() (file string, asked bool) {
	switch {
	case o.ledger == noLedger:
		return "", false
	case o.ledger != "":
		return o.path(o.ledger), true
	}
	return o.ownLedger(), false
}

// ownLedger is the ledger in the user's state folder, "" where there is no such folder.
func (o *options) ownLedger() string {
	base := o.getenv("XDG_STATE_HOME")
	if home := o.getenv("HOME"); base == "" && home != "" {
		base = filepath.Join(home, ".local", "state")
	}
	if !filepath.IsAbs(base) { // as the XDG base directory specification has it
		return ""
	}
	return filepath.Join(base, "sealock", ownLedgerFile)
}

// recorder keeps the decisions of this command, nil where nothing is to be kept.
func (o *options) recorder() gate.Recorder {
	file, asked := o.ledgerFile()
	if file == "" || !asked && !slices.Contains(deciding, o.command) {
		return nil
	}
	o.recording.once.Do(func() {
		o.recording.recorder = &recorder{options: o, file: file, asked: asked, keep: slices.Contains(servers, o.command)}
	})
	return o.recording.recorder
}

// recording is made once a command.
type recording struct {
	once     sync.Once
	recorder *recorder
}

// servers are the commands that go on for long: they open the ledger once.
var servers = []string{"serve", "drift"}

// recorder writes to a ledger, for everybody in this process. One that nobody asked for stops nothing if it can't be written.
type recorder struct {
	*options
	file  string
	asked bool
	keep  bool // the ledger stays open

	mu    sync.Mutex
	open  ledgerHandle
	ended bool // it was said that nothing is recorded
}

// ledgerHandle is a ledger that is open.
type ledgerHandle interface {
	audit.Ledger
	io.Closer
}

// Record appends a decision.
func (r *recorder) Record(ctx context.Context, rec gate.Record) error {
	return r.tolerate(r.write(ctx, func(to *audit.Recorder) error { return to.Record(ctx, rec) }))
}

// promotion appends that a decision was acted on.
func (r *recorder) promotion(ctx context.Context, d gate.Decision, vsa attest.Evidence, name string) error {
	var v predicate.VSA
	if err := predicate.Decode(vsa.Statement(), &v); err != nil {
		return err
	}
	return r.tolerate(r.write(ctx, func(to *audit.Recorder) error { return to.Promotion(ctx, d, vsa, v.ResourceURI, name) }))
}

// BreakGlass appends that something is about to be let in against a decision.
func (r *recorder) BreakGlass(ctx context.Context, d gate.Decision, by gate.Emergency, statement attest.Evidence) error {
	return r.tolerate(r.write(ctx, func(to *audit.Recorder) error { return to.BreakGlass(ctx, d, by, statement) }))
}

// remediation appends that something is about to be done because of a decision.
func (r *recorder) remediation(ctx context.Context, d gate.Decision, what audit.Remedied) error {
	return r.tolerate(r.write(ctx, func(to *audit.Recorder) error { return to.Remediation(ctx, d, what) }))
}

func (r *recorder) tolerate(err error) error {
	if err == nil || r.asked {
		return err
	}
	r.mu.Lock()
	said := r.ended
	r.ended = true
	r.mu.Unlock()
	if !said {
		r.say("not recorded in the ledger: %v", err)
	}
	return nil
}

// write opens the ledger for one entry, unless it stays open: a file that is closed is whole by itself, and can be copied.
func (r *recorder) write(ctx context.Context, add func(*audit.Recorder) error) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.open == nil {
		l, err := openLedger(ctx, r.file)
		if err != nil {
			return err
		}
		r.open = l
	}
	run, user := r.whoRuns()
	err := add(&audit.Recorder{Ledger: r.open, Now: r.now, Actor: audit.Actor{Via: r.command, User: user, Run: run}, TrustRoot: r.rootJSON, Recorded: func(_ audit.Entry, h audit.Head) {
		if r.verbose {
			r.say("recorded as entry %d of %s: %s", h.Seq, r.file, h.Hash)
		}
	}})
	if r.keep && err == nil {
		return nil
	}
	if closed := r.open.Close(); err == nil && closed != nil {
		err = fmt.Errorf("closing ledger %s: %w", r.file, closed)
	}
	r.open = nil
	return err
}

// recordPromotion puts a signed promotion on the record.
func (a *app) recordPromotion(ctx context.Context, d gate.Decision, vsa attest.Evidence) error {
	r, ok := a.gate.Recorder.(*recorder)
	if !ok {
		return nil
	}
	if err := r.promotion(context.WithoutCancel(ctx), d, vsa, a.gate.Policy.NameOf(vsa.Signer())); err != nil {
		return fmt.Errorf("recording the promotion to %s, which is signed and stored: %w\nhint: make the ledger writable and promote again", d.Environment, err)
	}
	return nil
}

// whoRuns names the pipeline run and the user as the CI system or the machine calls them. Neither is proven.
func (h *host) whoRuns() (run, user string) {
	switch {
	case h.getenv("GITHUB_ACTIONS") == "true":
		return h.getenv("GITHUB_SERVER_URL") + "/" + h.getenv("GITHUB_REPOSITORY") + "/actions/runs/" + h.getenv("GITHUB_RUN_ID"), "github:" + h.getenv("GITHUB_ACTOR")
	case h.getenv("GITLAB_CI") == "true":
		return h.getenv("CI_JOB_URL"), "gitlab:" + h.getenv("GITLAB_USER_LOGIN")
	}
	for _, name := range []string{"SUDO_USER", "USER", "LOGNAME"} {
		if u := h.getenv(name); u != "" {
			return "", u
		}
	}
	return "", ""
}

// rootJSON is the trusted_root.json by which a policy's evidence is verified, nil where keys alone are trusted.
func (o *options) rootJSON(p *gate.Policy) ([]byte, error) {
	if p.Trust.Sigstore == gate.TrustNone {
		return nil, nil
	}
	if own := p.TrustedRoot(); own != nil {
		return own, nil
	}
	root, err := o.rootOf(nil)
	if err != nil {
		return nil, err
	}
	return root.JSON(), nil
}
