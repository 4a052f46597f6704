// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/sigstore/kms"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/report"
)

// ruleTimeout bounds one evaluation of the rules. It is generous: a slow machine must not turn an answer into "undecided".
const ruleTimeout = 20 * time.Second

// app is what most commands need: pipeline, policy, store and gate, as the options name them.
type app struct {
	*options
	keys      *keyring
	pipeline  *stage.Pipeline // nil where there is none and none is needed
	gate      *gate.Gate
	storeName string           // as it was named: a folder, or oci://HOST/REPOSITORY
	storeDir  string           // the folder, or "" where the store is none
	signed    policyBundle     // the policy as its pinned signer signed it; empty where none is pinned
	client    *registry.Client // speaks to registries with credentials of its own; nil: the command's
	attached  bool             // the policy counts what others attest, who may write cosign's older tag at any time
}

// open loads the pipeline (if it is there or must be), the policy and the store. Where makeKeys is set, missing local keys of the policy are
// made: that is for commands that do the pipeline's work, never for those that only judge.
//
// The references are those that the command is about: they say where evidence lies if nothing else does.
func (o *options) open(ctx context.Context, needPipeline, makeKeys bool, refs ...string) (*app, error) {
	a := &app{options: o, keys: &keyring{options: o}}
	if err := a.loadPipeline(needPipeline); err != nil {
		return nil, err
	}
	uri, fromTree := o.policy, false
	if uri == "" && a.pipeline != nil {
		uri, fromTree = a.pipeline.Policy, true
	}
	if uri == "" {
		return nil, usagef("no policy: name one with --policy, or in sealock.yaml\nhint: 'sealock init' writes both")
	}
	p, err := a.loadPolicy(ctx, uri, fromTree, makeKeys)
	if err != nil {
		return nil, err
	}
	if err := a.nameStore(refs); err != nil {
		return nil, err
	}
	a.attached = len(p.Attached) > 0
	store, err := a.openStore(a.storeName)
	if err != nil {
		return nil, err
	}
	if a.gate, err = a.newGate(p, store); err != nil {
		return nil, err
	}
	a.gate.Recorder = a.recorder()
	return a, nil
}

// newGate decides by a policy over what a store holds.
func (a *app) newGate(p *gate.Policy, store attest.Store) (*gate.Gate, error) {
	verifier, err := a.policyVerifier(p)
	if err != nil {
		return nil, err
	}
	return gate.New(p, verifier, store, version)
}

// gateOf decides by another policy over the same store.
func (a *app) gateOf(ctx context.Context, policy string) (*gate.Gate, error) {
	p, err := a.loadPolicy(ctx, policy, false, false)
	if err != nil {
		return nil, err
	}
	return a.newGate(p, a.gate.Store)
}

// openAnyway is open for commands that can do without a policy: it is loaded if one is named anywhere, else there is no gate.
func (o *options) openAnyway(ctx context.Context, refs []string) (*app, error) {
	a := &app{options: o, keys: &keyring{options: o}}
	if err := a.loadPipeline(false); err != nil {
		return nil, err
	}
	if o.policy != "" || a.pipeline != nil && a.pipeline.Policy != "" {
		return o.open(ctx, false, false, refs...)
	}
	return a, a.nameStore(refs)
}

func (a *app) loadPipeline(need bool) error {
	file := a.config
	if file == "" {
		file = stage.ConfigFile
	}
	p, err := stage.LoadPipeline(a.path(file))
	if errors.Is(err, stage.ErrNoPipeline) && !need && a.config == "" {
		return nil
	}
	a.pipeline = p
	return err
}

func (a *app) loadPolicy(ctx context.Context, uri string, fromTree, makeKeys bool) (*gate.Policy, error) {
	local := a.keys.public
	if makeKeys {
		local = func(name string) ([]byte, error) {
			made, err := a.keys.ensure(name)
			if err != nil {
				return nil, err
			}
			if made {
				dir, _ := a.keys.folder() // it was just written to
				a.say("made local key %s in %s", name, dir)
			}
			return a.keys.public(name)
		}
	}
	opt := a.loadOptions()
	opt.LocalKey, opt.Origin = local, gate.Origin{FromTree: fromTree}
	p, signed, err := a.openPolicy(ctx, uri, opt)
	a.signed = signed
	return p, err
}

// parseKey reads a public key and names it.
func parseKey(pem []byte) (crypto.PublicKey, string, error) {
	key, err := sigstore.ParsePublicKey(pem)
	if err != nil {
		return nil, "", err
	}
	id, err := sigstore.KeyID(key)
	return key, id, err
}

// exclude is what no dir: subject includes.
func (a *app) exclude() []string {
	if a.pipeline != nil {
		return a.pipeline.Exclude(a.storeDir)
	}
	if a.storeDir == "" {
		return nil
	}
	return []string{a.storeDir}
}

// own are the files of the pipeline itself, which "init" has just written.
func (a *app) own() []string {
	out := []string{stage.ConfigFile}
	if a.pipeline != nil && a.pipeline.Policy != "" && !strings.Contains(a.pipeline.Policy, "://") {
		for _, name := range []string{"policy.yaml", "waivers.yaml", gate.BaselineFile, "revoked.yaml"} {
			out = append(out, filepath.Join(a.pipeline.Policy, name))
		}
	}
	return out
}

func (a *app) resolve(ctx context.Context, ref string) (*subject.Resolved, error) {
	return stage.Resolve(ctx, ref, subject.Options{Dir: a.dir, Exclude: a.exclude(), Own: a.own(), Env: a.environ, Registry: a.remote})
}

// signAs finds the signer for one of the named identities: the key given with --key, or the local key of the first of them that has one here.
func (a *app) signAs(what string, names []string) (attest.Signer, error) {
	if a.key == keylessRef {
		return a.keylessSigner()
	}
	if a.key != "" {
		return a.keys.signer(a.key)
	}
	if local := a.localKey(names); local != "" {
		return a.keys.signer(local)
	}
	if a.anyCertificate(names) {
		return a.keylessSigner()
	}
	return nil, usagef("no key to %s: none of %s has a local key here\nhint: give --key FILE, or SEALOCK_KEY", what, strings.Join(names, ", "))
}

// localKey is the local key of the first of the named identities that has one here, "" if none has.
func (a *app) localKey(names []string) string {
	for _, name := range a.gate.Policy.Expand(names) {
		local := a.gate.Policy.LocalName(name)
		if local == "" {
			continue
		}
		if private, _, err := a.keys.files(local); err == nil {
			if _, err := os.Stat(private); err == nil {
				return "local:" + local
			}
		}
	}
	return ""
}

// unlockEarly begins to decrypt the key by which signAs is going to sign, beside what comes before that.
func (a *app) unlockEarly(names []string) {
	ref := a.key
	if ref == "" {
		ref = a.localKey(names)
	}
	if ref != "" && ref != keylessRef && !kms.Named(ref) {
		go a.keys.unlock(ref)
	}
}

// request starts a question about a subject.
func (a *app) request(res *subject.Resolved, env string, q gate.Question) gate.Request {
	req := stage.Request(res)
	req.Environment, req.Question, req.At, req.MinVersion, req.Insecure = env, q, a.now().UTC(), a.minVersion, a.insecure()
	return req
}

// productRefs are the references that the product stages of the pipeline make.
func (a *app) productRefs() []string {
	var out []string
	if a.pipeline == nil {
		return nil
	}
	seen := map[string]bool{}
	for _, name := range a.pipeline.Names() {
		for _, kind := range a.gate.Policy.Artifacts {
			if kind.Product != name || seen[name] {
				continue
			}
			seen[name] = true
			out = append(out, a.pipeline.Stages[name].Subjects...)
		}
	}
	return out
}

// failed writes an error that refuses, or leaves undecided, as a decision in the formats that were asked for, and gives the error back.
func (a *app) failed(req gate.Request, err error) error {
	code := exitCode(err)
	if len(a.output) == 0 || (code != exitRefused && code != exitUndecided) {
		return err
	}
	req.Question, req.At = gate.Enter, a.now().UTC()
	d := a.gate.Policy.Failed(req, version, code == exitUndecided, reasonOf(err))
	if renderErr := a.render([]gate.Decision{d}, ""); renderErr != nil {
		return errors.Join(err, renderErr)
	}
	return err
}

// folderFlag repeats -C in a command to type next.
func (a *app) folderFlag() string {
	if a.dir == "." {
		return ""
	}
	return " -C " + report.Word(a.dir)
}
