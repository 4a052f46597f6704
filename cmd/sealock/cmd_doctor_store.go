// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/dir"
	"github.com/sealock-dev/sealock/attest/predicate"
)

// maxExamined bounds the bundles that doctor verifies.
const maxExamined = 2000

// examineStore looks whether evidence can be read and written, and whether any of it comes from the future.
func (d *doctor) examineStore(ctx context.Context) {
	if d.unnamed != nil {
		d.fail("store", d.unnamed, "name one with --store")
		return
	}
	if d.storeDir == "" { // in a registry
		return
	}
	store, err := dir.Open(d.storeDir)
	if err != nil {
		d.fail("store", err, "name another folder with --store")
		return
	}
	place, is := d.storeDir, "will be made in"
	if _, err := os.Stat(place); err == nil {
		is = "in"
	}
	for {
		if _, err := os.Stat(place); !errors.Is(err, fs.ErrNotExist) || filepath.Dir(place) == place {
			break
		}
		place = filepath.Dir(place)
	}
	if !writable(place) {
		d.missing("store", "give yourself the right to write there, or name another folder with --store", "%s can't be written to", place)
		return
	}
	e, err := d.readStore(ctx, store)
	if err != nil {
		d.fail("store", err, "give yourself the right to read it")
		return
	}
	more := ""
	if e.cut {
		more = " (and more, not looked at)"
	}
	d.ok("store", "%s %s, %s of evidence%s", is, d.storeDir, plural(e.evidence, "piece"), more)
	if e.other > 0 {
		d.warn("store", "nothing, if others keep evidence there too; 'sealock verify' names what it ignores", "no evidence for this policy: %s", plural(e.other, "file"))
	}
	if e.future != "" {
		d.warn("clock", "check the clocks of this machine and of the one that signed", "%s says that it was made in the future", e.future)
	}
}

// examined is what was found in a store.
type examined struct {
	evidence, other int
	future          string // name of a bundle with a time after now
	cut             bool
}

// readStore reads the store wholly, up to a bound. Without a policy nothing can be verified, so it only lists.
func (d *doctor) readStore(ctx context.Context, store *dir.Store) (examined, error) {
	var e examined
	entries, err := os.ReadDir(store.Path())
	if errors.Is(err, fs.ErrNotExist) {
		return e, nil
	}
	if err != nil {
		return e, err
	}
	verify, err := d.verifier()
	if err != nil {
		return e, err
	}
	seen := map[attest.Digest]bool{}
	for _, entry := range entries {
		alg, hex, _ := strings.Cut(entry.Name(), "-")
		digest := attest.Digest{Algorithm: alg, Hex: hex}
		if digest.Validate() != nil {
			continue
		}
		list, err := store.List(ctx, digest)
		if err != nil {
			return e, err
		}
		for _, s := range list {
			id := attest.SHA256(s.Bundle)
			if s.Err == nil && seen[id] {
				continue
			}
			seen[id] = true
			if e.cut = len(seen) > maxExamined; e.cut {
				return e, nil
			}
			d.look(ctx, verify, s, &e)
		}
	}
	return e, nil
}

func (d *doctor) look(ctx context.Context, verify *attest.Verifier, s attest.Stored, e *examined) {
	if s.Err != nil || verify == nil {
		e.other++
		return
	}
	evidence, err := verify.Verify(ctx, s.Bundle)
	if err != nil {
		e.other++
		return
	}
	e.evidence++
	for _, at := range claimedTimes(evidence.Statement()) {
		if at.Sub(d.now()) > maxSkew {
			e.future = s.Name
		}
	}
}

// verifier trusts the policy's keys; nil without a policy.
func (d *doctor) verifier() (*attest.Verifier, error) {
	if d.policy == nil {
		return nil, nil
	}
	auth, err := d.policyAuthenticator(d.policy)
	if err != nil {
		return nil, err
	}
	return attest.NewVerifier(auth)
}

// claimedTimes are the times that a receipt, a promotion, an approval or a scan says it was made at.
func claimedTimes(st attest.Statement) []time.Time {
	var p struct {
		FinishedOn   string                 `json:"finishedOn"`
		TimeVerified string                 `json:"timeVerified"`
		TimeCreated  string                 `json:"timeCreated"`
		Metadata     predicate.ScanMetadata `json:"metadata"`
		Environment  predicate.Environment  `json:"environment"`
	}
	if predicate.Decode(st, &p) != nil {
		return nil
	}
	var out []time.Time
	for _, s := range []string{p.FinishedOn, p.TimeVerified, p.TimeCreated, p.Metadata.ScanFinishedOn, p.Environment.FinishedOn} {
		if t, err := time.Parse(time.RFC3339, s); err == nil {
			out = append(out, t)
		}
	}
	return out
}

// examineSigners says which of the policy's roles this machine's keys can fill.
func (d *doctor) examineSigners() {
	if d.policy == nil {
		return
	}
	have, err := d.held()
	if err != nil {
		d.fail("keys", err, "")
		return
	}
	for _, name := range d.stagesHere() {
		d.role("stage "+name, d.policy.Stages[name].SignedBy, have)
	}
	for _, name := range d.policy.EnvironmentOrder() {
		e := d.policy.Environments[name]
		d.role("promotion to "+name, e.PromotedBy, have)
		if e.Approvals != nil {
			d.role("approval for "+name, []string{e.Approvals.By}, have)
		}
	}
}

// stagesHere are the stages of the pipeline, or all of the policy where there is no pipeline, in order.
func (d *doctor) stagesHere() []string {
	set := map[string]bool{}
	for name := range d.policy.Stages {
		if d.pipeline != nil {
			if _, ok := d.pipeline.Stages[name]; !ok {
				continue
			}
		}
		set[name] = true
	}
	return d.policy.StageOrder(set)
}

// held are the identities of the policy whose private keys are here: the pairs in the user's key folder, and --key. The value says what
// to add to a command, if anything.
func (d *doctor) held() (map[string]string, error) {
	out := map[string]string{}
	names, err := d.keys.list()
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		pem, err := d.keys.public(name)
		if err != nil {
			return nil, err
		}
		_, id, err := parseKey(pem)
		private, _, nameErr := d.keys.files(name)
		if info, statErr := os.Stat(private); err != nil || nameErr != nil || statErr != nil {
			d.warn("keys", "restore the pair, or move what is left of it away", "local key %s is not whole", name)
			continue
		} else if info.Mode().Perm()&0o077 != 0 {
			d.warn("keys", "chmod 600 "+private, "others on this machine can read the private key %s", private)
		}
		for _, identity := range d.policy.Names(attest.Identity{Key: id}) {
			out[identity] = " (with --key local:" + name + ")"
			if d.policy.LocalName(identity) == name {
				out[identity] = ""
			}
		}
	}
	if d.key == "" {
		return out, nil
	}
	signer, err := d.keys.signer(d.key)
	if err != nil {
		return nil, err
	}
	for _, identity := range d.policy.Names(signer.Identity()) {
		out[identity] = ""
	}
	return out, nil
}

// role says who can fill a role here.
func (d *doctor) role(what string, names []string, have map[string]string) {
	var here, makeable []string
	all := d.policy.Expand(names)
	for _, n := range all {
		if with, ok := have[n]; ok {
			here = append(here, n+with)
		} else if local := d.policy.LocalName(n); local != "" && slices.Contains(d.absent, local) {
			makeable = append(makeable, local)
		}
	}
	switch {
	case len(here) > 0:
		d.ok("keys", "%s can be signed here by %s", what, strings.Join(here, ", "))
	case len(makeable) > 0:
		d.warn("keys", "'sealock run' makes it, or 'sealock keys generate "+makeable[0]+"'", "%s can't be signed here yet: no local key of %s", what, strings.Join(all, ", "))
	default:
		d.warn("keys", "give --key FILE, or leave it to who holds the key", "%s can't be signed here: no key of %s", what, strings.Join(all, ", "))
	}
}
