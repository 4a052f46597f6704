// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/spf13/pflag"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/drift"
	"github.com/sealock-dev/sealock/gate/drift/cluster"
)

// manifestFlags name what live objects are held against.
type manifestFlags struct {
	ref, path, stage, namespace string
	managers                    []string
}

func (m *manifestFlags) register(f *pflag.FlagSet) {
	f.StringVar(&m.ref, "manifests", "", "hold live objects against these manifests, which a stage must have attested: git:REV, dir:PATH or file:PATH")
	f.StringVar(&m.path, "manifests-path", ".", "folder or file in --manifests")
	f.StringVar(&m.stage, "manifests-stage", "", "stage that must have attested them (default: any of the policy)")
	f.StringVar(&m.namespace, "manifests-namespace", "", "namespace of objects that name none (default: that of the kubeconfig's context)")
	f.StringArrayVar(&m.managers, "manager", nil, "fields that this field manager owns may differ from the manifests; may be repeated")
}

func (m *manifestFlags) check() error {
	switch {
	case m.ref == "" && (m.path != "." || m.stage != "" || m.namespace != "" || len(m.managers) > 0):
		return usagef("--manifests-path, --manifests-stage, --manifests-namespace and --manager say more about --manifests, which is missing")
	case !fs.ValidPath(m.inside()):
		return usagef("--manifests-path %s: expected a path inside of --manifests", m.path)
	}
	return nil
}

func (m *manifestFlags) inside() string { return path.Clean(filepath.ToSlash(m.path)) }

// file is the folder or file that is named, "" where it is no such.
func (m *manifestFlags) file() string {
	if ref, err := subject.Parse(m.ref); err == nil && (ref.Scheme == subject.Dir || ref.Scheme == subject.File) {
		return ref.Path
	}
	return ""
}

// objects holds what lives against the manifests, if somebody vouches for them.
func (o *driftOptions) objects(ctx context.Context, p driftPass, in *drift.Input) error {
	a := p.app
	res, err := a.resolve(ctx, o.manifests.ref)
	if err != nil {
		if exitCode(err) == exitUsage {
			return err
		}
		d := a.gate.Failed(ctx, gate.Request{Subject: attest.Subject{Name: o.manifests.ref, Digest: attest.DigestSet{}}, Stage: o.manifests.stage, Question: gate.Stay, At: in.At.UTC()}, exitCode(err) == exitUndecided, reasonOf(err))
		in.Manifests = o.vouched(d)
		return nil
	}
	if s := res.Ref.Scheme; s != subject.Git && s != subject.Dir && s != subject.File {
		return usagef("--manifests %s: expected git:REV, dir:PATH or file:PATH", o.manifests.ref)
	}
	if stage := o.manifests.stage; stage != "" {
		if _, known := a.gate.Policy.Stages[stage]; !known {
			return usagef("--manifests-stage %s: the policy has no such stage", stage)
		}
	}
	in.Manifests = o.vouched(o.attested(ctx, a, res))
	if in.Manifests.Verdict != gate.Allowed {
		return nil
	}
	m, err := o.readManifests(ctx, res)
	if err != nil {
		return err
	}
	in.Manifests.Skipped = append(in.Manifests.Skipped, m.Skipped...)
	namespace := o.manifests.namespace
	if namespace == "" {
		namespace = p.cluster.Namespace()
	}
	in.Objects, err = p.cluster.Objects(ctx, m, p.listing, cluster.ObjectOptions{Namespace: namespace, Managers: o.manifests.managers})
	return err
}

func (o *driftOptions) vouched(d gate.Decision) *drift.Manifests {
	m := &drift.Manifests{Subject: d.Subject, Stage: d.Stage, Decision: d.ID, Verdict: d.Verdict, Reasons: append([]gate.Reason{}, d.Reasons...), Skipped: []gate.Skip{}}
	if m.Path = o.manifests.inside(); m.Path == "." {
		m.Path = ""
	}
	return m
}

// attested decides whether a stage vouches for manifests today: the first that does speaks, else one that has a receipt for them. Only its decision goes on the
// record, since nobody asked about the others.
func (o *driftOptions) attested(ctx context.Context, a *app, res *subject.Resolved) gate.Decision {
	all := map[string]bool{}
	for name := range a.gate.Policy.Stages {
		all[name] = o.manifests.stage == "" || o.manifests.stage == name
	}
	silent := *a.gate
	silent.Recorder = nil
	ask := func(g *gate.Gate, stage string) gate.Decision {
		req := a.request(res, "", gate.Stay)
		req.Stage = stage
		return g.Check(ctx, req)
	}
	best, rank := "", -1
	for _, stage := range a.gate.Policy.StageOrder(all) {
		if !all[stage] {
			continue
		}
		d, value := ask(&silent, stage), 0
		switch {
		case d.Verdict == gate.Allowed:
			value = 3
		case d.Verdict == gate.Undecided:
			value = 2
		case len(d.Stages) > 0 && d.Stages[len(d.Stages)-1].Receipt != "":
			value = 1
		}
		if value > rank {
			best, rank = stage, value
		}
	}
	return ask(a.gate, best)
}

// readManifests reads the content that was resolved, and makes sure that it is what was read.
func (o *driftOptions) readManifests(ctx context.Context, res *subject.Resolved) (cluster.Manifests, error) {
	tmp, err := os.MkdirTemp("", "sealock-manifests-*")
	if err != nil {
		return cluster.Manifests{}, err
	}
	defer func() { _ = os.RemoveAll(tmp) }()
	sources, err := res.Sources(ctx, tmp)
	if err != nil {
		return cluster.Manifests{}, err
	}
	if len(sources) != 1 {
		return cluster.Manifests{}, fmt.Errorf("reading manifests %s: %d sources, expected one", o.manifests.ref, len(sources))
	}
	folder, inside := sources[0].Path, o.manifests.inside()
	if res.Ref.Scheme == subject.File {
		folder, inside = filepath.Split(folder)
	}
	root, err := os.OpenRoot(folder)
	if err != nil {
		return cluster.Manifests{}, err
	}
	defer root.Close()
	m, err := cluster.ReadManifests(root.FS(), inside)
	if err != nil {
		return cluster.Manifests{}, usageError{err}
	}
	return m, res.Verify(ctx)
}
