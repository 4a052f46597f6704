// SPDX-License-Identifier: Apache-2.0

//go:build !gateonly

package main

import (
	"context"
	"io"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/oci"
	"github.com/sealock-dev/sealock/attest/sigstore"
	"github.com/sealock-dev/sealock/attest/subject"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/drift"
	"github.com/sealock-dev/sealock/gate/drift/cluster"
)

// driftOptions are the flags of the command.
type driftOptions struct {
	*options
	images     string
	kubeconfig string
	context    string
	label      string
	skip       []string
	watch      bool
	every      time.Duration
	manifests  manifestFlags
	remedies   remedyFlags
	metrics    string
}

func driftCommand(opt *options) *cobra.Command {
	o := &driftOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "drift [--images FILE | --kubeconfig FILE]",
		Short: "Hold what runs against what was attested and promoted",
		Long: `List what runs in a cluster, or in a file, and say of each image whether it may stay in its environment: the question that "verify --promoted"
asks, about the digest that the runtime reports. A cluster is only read.

The label of a namespace names its environment; --env is the environment of namespaces without one, which are else not looked at.
Exit codes: 0 no drift, 1 something drifted, 2 something could not be found out.`,
		Example: `  sealock drift --env-label sealock.dev/environment
  sealock drift --images running.txt -o sarif=drift.sarif
  sealock drift --manifests git:HEAD --manifests-path deploy/prod
  sealock drift --watch --every 10m`,
		Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if err := o.check(); err != nil {
				return err
			}
			if o.watch {
				return o.watchDrift(cmd.Context())
			}
			ctx, cancel := opt.context(cmd)
			defer cancel()
			return o.once(ctx)
		},
	}
	opt.environmentFlag(cmd, "environment of namespaces without the label, and of entries of a list in JSON that name none")
	f := cmd.Flags()
	f.StringVar(&o.images, "images", "", "file with what runs: lines ENV IMAGE@sha256:… [WORKLOAD], or JSON (instead of a cluster)")
	f.StringVar(&o.kubeconfig, "kubeconfig", "", "how to reach the cluster (default: KUBECONFIG, ~/.kube/config, or the pod's own service account)")
	f.StringVar(&o.context, "context", "", "context of the kubeconfig")
	f.StringVar(&o.label, "env-label", cluster.DefaultLabel, "label of a namespace that names its environment")
	f.StringArrayVar(&o.skip, "skip-namespace", nil, "do not look at this namespace; may be repeated")
	o.manifests.register(f)
	o.remedies.register(f)
	f.BoolVar(&o.watch, "watch", false, "go on, and print what changes")
	f.DurationVar(&o.every, "every", 10*time.Minute, "with --watch: look at everything again after this time")
	f.StringVar(&o.metrics, "metrics", "", "with --watch: serve Prometheus metrics on this address, over plain HTTP")
	return cmd
}

func (o *driftOptions) check() error {
	switch {
	case o.images != "" && (o.kubeconfig != "" || o.context != "" || len(o.skip) > 0):
		return usagef("--images and a cluster exclude each other: give --images, or --kubeconfig, --context and --skip-namespace")
	case o.every < time.Second:
		return usagef("--every %s: expected at least a second", o.every)
	case o.label == "":
		return usagef("--env-label: expected the name of a label")
	case o.offline && o.images == "":
		return usagef("--offline: a cluster can't be listed without a network\nhint: give --images FILE")
	case o.images != "" && o.manifests.ref != "":
		return usagef("--manifests: objects are read from a cluster, and --images names a list")
	case o.metrics != "" && !o.watch:
		return usagef("--metrics: only --watch goes on for long enough to ask for metrics")
	}
	if err := o.remedies.check(o.images != ""); err != nil {
		return err
	}
	return o.manifests.check()
}

// once compares once and prints the report.
func (o *driftOptions) once(ctx context.Context) error {
	p, err := o.compare(ctx)
	if err != nil {
		return err
	}
	if err := o.eachOutput(func(w io.Writer, format string) error { return drift.Write(w, format, p.report, o.verbose) }); err != nil {
		return err
	}
	o.remedy(ctx, p, &remedies{touched: map[string]time.Time{}}, func(string, bool) {})
	if p.report.Verdict != gate.Allowed {
		return verdictError{p.report.Verdict}
	}
	return nil
}

// driftPass is one comparison with all that it was made from.
type driftPass struct {
	report  drift.Report
	listing cluster.Listing
	cluster *cluster.Cluster // nil where a list was read
	app     *app
	judge   *driftJudge
	marks   *marks // with --watch
}

// compare lists what runs, loads the policy as it is now, and judges.
func (o *driftOptions) compare(ctx context.Context) (driftPass, error) {
	var out driftPass
	var err error
	if o.images != "" {
		out.listing, err = o.list()
	} else if out.cluster, err = o.cluster(); err == nil {
		out.listing, err = out.cluster.List(ctx)
	}
	if err != nil {
		return out, err
	}
	if o.watch {
		out.marks = &marks{by: map[string]*mark{}}
		out.marks.notePolicy(ctx, o.options)
	}
	if out.app, err = o.open(ctx, false, false); err != nil {
		return out, err
	}
	p := out.app.gate.Policy
	in := drift.Input{Running: out.listing.Running, Excluded: out.listing.Excluded, At: out.app.now(),
		Policy: gate.PolicyRef{Name: p.Name, Version: p.Version, URI: p.URI, Digest: attest.DigestSet{p.Digest.Algorithm: p.Digest.Hex}}}
	if o.manifests.ref != "" {
		if err := o.objects(ctx, out, &in); err != nil {
			return out, err
		}
	}
	out.judge = &driftJudge{app: out.app, apps: map[string]*app{}, decisions: map[string]gate.Decision{}, marks: out.marks}
	out.report, err = drift.Compare(ctx, in, out.judge)
	return out, err
}

func (o *driftOptions) list() (cluster.Listing, error) {
	data, err := o.readFile(o.images, drift.MaxList, "list of images")
	if err != nil {
		return cluster.Listing{}, err
	}
	running, err := drift.ParseList(data, o.env)
	if err != nil {
		return cluster.Listing{}, usagef("list of images %s: %w", o.images, err)
	}
	return cluster.Listing{Running: running}, nil
}

func (o *driftOptions) cluster() (*cluster.Cluster, error) {
	file := o.kubeconfig
	if file != "" {
		file = o.path(file)
	}
	c, err := cluster.Open(cluster.Options{Kubeconfig: file, Paths: o.getenv("KUBECONFIG"), Home: o.getenv("HOME"), Context: o.context, Label: o.label, Environment: o.env,
		Skip: o.skip, UserAgent: "sealock/" + version, Warn: o.say})
	if err != nil {
		return nil, usageError{err}
	}
	return c, nil
}

// driftJudge judges images that lie in several repositories, each with its evidence where it lies.
type driftJudge struct {
	app   *app
	marks *marks // nil where nobody waits for changes

	mu        sync.Mutex
	apps      map[string]*app          // by repository
	decisions map[string]gate.Decision // by id
}

// decision is one that this judge made.
func (j *driftJudge) decision(id string) gate.Decision {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.decisions[id]
}

// of gives the app whose store holds the evidence about an image: that which was named, else the image's own repository.
func (j *driftJudge) of(ref string) (*app, error) {
	a := j.app
	parsed, err := subject.Parse(ref)
	if err != nil || parsed.Scheme != subject.Registry || a.store != "" || a.pipeline != nil && a.pipeline.Store != "" {
		return a, err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if known := j.apps[parsed.Path]; known != nil {
		return known, nil
	}
	repo, err := a.repository(parsed.Path)
	if err != nil {
		return nil, err
	}
	own := *a
	own.gate, err = a.newGate(a.gate.Policy, oci.Open(repo, oci.Options{Now: a.now, Warn: a.say, Att: a.attached, Bundle: sigstore.FromAnnotations}))
	if err != nil {
		return nil, err
	}
	own.gate.Recorder = a.gate.Recorder
	j.apps[parsed.Path] = &own
	return &own, nil
}

// Judge asks whether an image may stay.
func (j *driftJudge) Judge(ctx context.Context, ref, environment string) drift.Judgement {
	out := j.ask(ctx, ref, environment)
	j.mu.Lock()
	defer j.mu.Unlock()
	j.decisions[out.Decision.ID] = out.Decision
	return out
}

// ask judges. A repository from which nothing may come is not asked for anything, whatever a pod names.
func (j *driftJudge) ask(ctx context.Context, ref, environment string) drift.Judgement {
	if r := j.misplaced(ref, environment); r != nil {
		return drift.NoEvidence(j.app.gate.Failed(ctx, j.static(ref, environment), false, *r))
	}
	a, err := j.of(ref)
	if err != nil {
		return j.failed(ctx, ref, environment, err)
	}
	j.marks.noteEvidence(ctx, a, ref)
	res, err := a.resolve(ctx, ref)
	if err != nil {
		return j.failed(ctx, ref, environment, err)
	}
	return drift.NewJudgement(ctx, a.gate, a.request(res, environment, gate.Stay))
}

// failed is the judgement on what could not be resolved. That a registry does not have it is an answer; all else is not.
func (j *driftJudge) failed(ctx context.Context, ref, environment string, err error) drift.Judgement {
	return drift.NoEvidence(j.app.gate.Failed(ctx, j.static(ref, environment), subject.CodeOf(err) != subject.NotFound, reasonOf(err)))
}

// misplaced is the reason against a repository from which nothing may come.
func (j *driftJudge) misplaced(ref, environment string) *gate.Reason {
	if environment == "" {
		environment = j.app.gate.Policy.EnvironmentOrder()[0] // every policy has one, and places are the same in all
	}
	d, _ := j.app.gate.Policy.Static(j.static(ref, environment), version)
	for _, r := range d.Reasons {
		if r.Code == gate.CodeRepository {
			return &r
		}
	}
	return nil
}

// static is the question about an image as far as its name tells it.
func (j *driftJudge) static(ref, environment string) gate.Request {
	req := gate.Request{Subject: attest.Subject{Name: ref, Digest: attest.DigestSet{}}, Environment: environment, Question: gate.Stay, At: j.app.now().UTC(),
		MinVersion: j.app.minVersion, Insecure: j.app.insecure()}
	name, digest, _ := strings.Cut(ref, "@")
	if d, err := attest.ParseDigest(digest); err == nil {
		req.Subject = attest.Subject{Name: name, Digest: attest.DigestSet{d.Algorithm: d.Hex}}
	}
	if repository, ok := strings.CutPrefix(name, registryStore); ok {
		req.Subject.Name, req.Repository = repository, repository
	}
	return req
}

// Holds reports whether an image is an index with the platform.
func (j *driftJudge) Holds(ctx context.Context, ref string, platform attest.Digest) (bool, error) {
	if j.misplaced(ref, "") != nil {
		return false, nil
	}
	a, err := j.of(ref)
	if err != nil {
		return false, err
	}
	res, err := a.resolve(ctx, ref)
	if err != nil {
		return false, err
	}
	for _, leaf := range res.Leaves() {
		if res.Index && leaf.Digest.Primary() == platform {
			return true, nil
		}
	}
	return false, nil
}
