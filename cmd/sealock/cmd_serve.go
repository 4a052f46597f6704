// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"crypto/x509"
	"errors"
	"log/slog"
	"net"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/sync/errgroup"

	"github.com/sealock-dev/sealock/attest"
	"github.com/sealock-dev/sealock/attest/registry"
	"github.com/sealock-dev/sealock/cmd/stage"
	"github.com/sealock-dev/sealock/gate"
	"github.com/sealock-dev/sealock/gate/admission"
	"github.com/sealock-dev/sealock/gate/admission/trace"
)

// Bounds on the connections of the webhook.
const (
	maxAdmissionConfig = 1 << 20 // bytes
	headerTime         = 5 * time.Second
	requestTime        = 30 * time.Second
	idleTime           = 2 * time.Minute
	shutdownTime       = 10 * time.Second
	maxHeaderBytes     = 16 << 10
)

// serveOptions are the flags of "sealock serve".
type serveOptions struct {
	*options
	listen, cert, keyFile, clientCA, config string
	reload                                  time.Duration
	kubernetes, tokenFile, authority        string
	limits                                  admission.Limits
}

// Where a pod finds the API server and what it is allowed to say to it.
const (
	podToken     = "/var/run/secrets/kubernetes.io/serviceaccount/token" //nolint:gosec // a path
	podAuthority = "/var/run/secrets/kubernetes.io/serviceaccount/ca.crt"
)

func serveCommand(opt *options) *cobra.Command {
	s := &serveOptions{options: opt}
	cmd := &cobra.Command{
		Use:   "serve --policy POLICY --tls-cert FILE --tls-key FILE",
		Short: "Let only promoted workloads into a Kubernetes cluster: a validating admission webhook",
		Long: `Serve a validating admission webhook (admission.k8s.io/v1) over HTTPS. Every image of an object must be named by digest and may stay in the
environment of the object's namespace, as "sealock explain IMAGE --env ENV --promoted" says; else the object is refused, with the reason. What can't be
found out is refused too.

Which namespace is which environment stands in the admission configuration (--admission FILE) or in labels of the namespaces; --env names the
environment of all others. Policy and certificates are read anew while it runs. It answers on /validate, /healthz, /readyz and /metrics, and sends traces
where OTEL_EXPORTER_OTLP_ENDPOINT leads.`,
		Example: `  sealock serve --policy oci://registry.acme.io/policy/shop:v12 --policy-key policy.pub --tls-cert tls.crt --tls-key tls.key --listen :8443 --admission admission.yaml`,
		Args:    cobra.NoArgs,
		RunE:    func(cmd *cobra.Command, _ []string) error { return s.run(cmd.Context()) },
	}
	opt.environmentFlag(cmd, "environment of the namespaces that nothing else says it of")
	f := cmd.Flags()
	f.StringVar(&s.listen, "listen", "127.0.0.1:8443", "address to listen on; :8443 in a pod")
	f.StringVar(&s.cert, "tls-cert", "", "certificate, in PEM; read anew when it changes")
	f.StringVar(&s.keyFile, "tls-key", "", "its private key, in PEM")
	f.StringVar(&s.clientCA, "client-ca", "", "take reviews only from clients with a certificate by this authority, in PEM")
	f.StringVar(&s.config, "admission", "", "admission configuration: namespaces, modes, further kinds")
	f.DurationVar(&s.reload, "reload", 30*time.Second, "how often the policy is loaded anew")
	f.StringVar(&s.kubernetes, "kubernetes", "", "API server to ask for labels of namespaces and pull secrets, https://HOST:PORT (default: that of the pod)")
	f.StringVar(&s.tokenFile, "kubernetes-token", podToken, "file with the token for it")
	f.StringVar(&s.authority, "kubernetes-ca", podAuthority, "file with the certificates of its authority")
	f.DurationVar(&s.limits.Allowed, "keep-allowed", 2*time.Minute, "how long an allowed verdict is kept")
	f.DurationVar(&s.limits.Refused, "keep-refused", 30*time.Second, "how long a refusal is kept")
	f.DurationVar(&s.limits.Deadline, "deadline", 8*time.Second, "for one review; always less than the API server waits")
	return cmd
}

func (s *serveOptions) run(ctx context.Context) error {
	switch {
	case s.policy == "":
		return usagef("no policy: name it with --policy; the webhook takes none from a tree that it judges")
	case s.cert == "" || s.keyFile == "":
		return usagef("expected --tls-cert and --tls-key: an API server speaks to webhooks over TLS only")
	case s.reload < time.Second || s.limits.Allowed <= 0 || s.limits.Refused <= 0 || s.limits.Deadline <= 0:
		return usagef("expected --reload of a second at least, and --keep-allowed, --keep-refused and --deadline above zero")
	}
	config, err := s.admissionConfig()
	if err != nil {
		return err
	}
	o := admission.Options{Config: config, Version: version, MinVersion: s.minVersion, Insecure: s.insecure(), Registries: s.plain, Now: s.now, Limits: s.limits}
	if err := s.cluster(&o); err != nil {
		return err
	}
	if r, ok := s.recorder().(admission.Recorder); ok {
		o.Recorder = r
	}
	if o.Trace, err = trace.FromEnvironment(s.getenv); err != nil {
		return usageError{err}
	}
	certificates, err := admission.LoadCertificates(s.path(s.cert), s.path(s.keyFile))
	if err != nil {
		return usageError{err}
	}
	clients, err := s.clients()
	if err != nil {
		return err
	}
	log := slog.New(slog.NewJSONHandler(s.stderr, nil))
	s.host = &host{environ: s.environ, stdin: s.stdin, stdout: s.stdout, stderr: logLines{log}, now: s.now, secrets: s.secrets} // what else is said takes its form
	j := &judge{options: s.options, keys: &keyring{options: s.options}}
	work, end := context.WithCancel(context.WithoutCancel(ctx)) // what is in flight when it is to end gets its answer
	defer end()
	o.Load, o.ClientCA, o.Expiry, o.Log = j.load, clients != nil, certificates.Expiry, log
	server, err := admission.New(work, o)
	if err != nil {
		return err
	}
	if err := server.Load(ctx); err != nil { // it may be there soon; until then nothing is admitted
		if exitCode(err) == exitUsage {
			return err
		}
		log.Error("policy not loaded", "error", stage.WithoutCredentials(err.Error()), "inForce", false)
	}
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", s.listen)
	if err != nil {
		return usagef("listening on %s: %w", s.listen, err)
	}
	web := &http.Server{Handler: server, TLSConfig: certificates.TLS(clients), ReadHeaderTimeout: headerTime, ReadTimeout: requestTime, WriteTimeout: requestTime, IdleTimeout: idleTime,
		MaxHeaderBytes: maxHeaderBytes, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelWarn)}
	var group errgroup.Group
	group.Go(func() error { server.Run(ctx, s.reload); return nil })
	group.Go(func() error { server.RunTrace(ctx); return nil })
	group.Go(func() error { server.RunRecords(ctx); return nil })
	group.Go(func() error {
		certificates.Watch(ctx, 10*time.Second, func(changed bool, err error) {
			if err != nil {
				log.Error("certificate not loaded", "error", err.Error())
			} else if changed {
				log.Info("certificate loaded", "expires", certificates.Expiry().UTC().Format(time.RFC3339))
			}
		})
		return nil
	})
	group.Go(func() error {
		<-ctx.Done()
		end, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
		defer cancel()
		return web.Shutdown(end)
	})
	log.Info("serving", "address", listener.Addr().String(), "version", version)
	if err := web.ServeTLS(listener, "", ""); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return group.Wait()
}

// admissionConfig reads the configuration; without a file it is empty but for --env.
func (s *serveOptions) admissionConfig() (*admission.Config, error) {
	config := &admission.Config{}
	if s.config != "" {
		data, err := s.readFile(s.config, maxAdmissionConfig, "admission configuration")
		if err != nil {
			return nil, err
		}
		if config, err = admission.ParseConfig(s.config, data); err != nil {
			return nil, err
		}
	}
	switch {
	case s.env != "" && config.Default.Environment != "" && config.Default.Environment != s.env:
		return nil, usagef("--env says %s, and default.environment in %s says %s", s.env, s.config, config.Default.Environment)
	case s.env != "":
		config.Default.Environment = s.env
	}
	if config.Default.Environment == "" && len(config.Namespaces) == 0 && !config.Labels {
		return nil, usagef("nothing says which namespace is which environment\nhint: give --env, or --admission FILE with namespaces, default or labels: true")
	}
	return config, nil
}

// cluster fills in what is asked of the API server, where the configuration wants it.
func (s *serveOptions) cluster(o *admission.Options) error {
	if !o.Config.Labels && !o.Config.PullSecrets {
		return nil
	}
	base := s.kubernetes
	if base == "" {
		host, port := s.getenv("KUBERNETES_SERVICE_HOST"), s.getenv("KUBERNETES_SERVICE_PORT")
		if host == "" || port == "" {
			return usagef("labels of namespaces or pull secrets are asked for, and this is no pod\nhint: name the API server with --kubernetes https://HOST:PORT")
		}
		base = "https://" + net.JoinHostPort(host, port)
	}
	authority, err := s.readFile(s.authority, maxKeyFile, "authority of the API server")
	if err != nil {
		return err
	}
	api, err := admission.NewAPI(base, authority, s.path(s.tokenFile))
	if err != nil {
		return usageError{err}
	}
	if o.Config.Labels {
		o.Labels = api.Namespace
	}
	if o.Config.PullSecrets {
		o.PullSecrets = api
	}
	return nil
}

func (s *serveOptions) clients() (*x509.CertPool, error) {
	if s.clientCA == "" {
		return nil, nil //nolint:nilnil // nobody has to show a certificate
	}
	pem, err := s.readFile(s.clientCA, maxKeyFile, "client authority")
	if err != nil {
		return nil, err
	}
	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(pem) {
		return nil, usagef("client authority %s: expected certificates in PEM", s.clientCA)
	}
	return pool, nil
}

// logLines puts what is said in passing into the log.
type logLines struct{ log *slog.Logger }

func (l logLines) Write(p []byte) (int, error) {
	if text := strings.TrimSpace(string(p)); text != "" {
		l.log.Info(text)
	}
	return len(p), nil
}

// judge decides about images for those who enforce. It is the command line's own way from a reference to a decision, with a store of its own for each: a
// store remembers what it read, and what is decided later has to see what was written since.
type judge struct {
	*options
	keys *keyring
}

func (j *judge) load(ctx context.Context) (*admission.Policy, error) {
	a := &app{options: j.options, keys: j.keys}
	p, err := a.loadPolicy(ctx, j.policy, false, false)
	if err != nil {
		return nil, err
	}
	verifier, err := a.policyVerifier(p)
	if err != nil {
		return nil, err
	}
	return &admission.Policy{Policy: p, Verifier: verifier, Tag: j.tag,
		Decide: func(ctx context.Context, i admission.Image, env string) gate.Decision {
			return j.decide(ctx, p, verifier, i, env)
		}}, nil
}

// decide asks whether an image may stay in an environment. What the command line calls a mistake of usage, an image that is not there say, leaves the
// question open here: nobody is there to correct it.
func (j *judge) decide(ctx context.Context, p *gate.Policy, v *attest.Verifier, i admission.Image, env string) gate.Decision {
	a := &app{options: j.options, keys: j.keys, attached: len(p.Attached) > 0, storeName: j.store}
	d, err := gate.Decision{}, error(nil)
	if a.client, err = j.as(ctx, i); err == nil {
		d, err = a.stays(ctx, p, v, i.Repository, i.Ref(), env)
	}
	if err == nil {
		return d
	}
	req := gate.Request{Subject: attest.Subject{Name: i.Repository, Digest: attest.DigestSet{i.Digest.Algorithm: i.Digest.Hex}}, Repository: i.Repository, Environment: env, Question: gate.Stay,
		At: j.now().UTC(), MinVersion: j.minVersion, Insecure: j.insecure()}
	if a.gate != nil {
		return a.gate.Failed(ctx, req, true, reasonOf(err))
	}
	return p.Failed(req, version, true, reasonOf(err))
}

// as chooses who asks about an image: the first of the pod's credentials that the registry shows it to, as a kubelet tries them, else the webhook itself.
func (j *judge) as(ctx context.Context, i admission.Image) (*registry.Client, error) {
	if len(i.Logins) == 0 {
		return nil, nil //nolint:nilnil // the webhook itself
	}
	own, _, err := j.registries()
	if err != nil {
		return nil, err
	}
	for _, login := range i.Logins {
		client := own.As(login)
		r, err := client.Repository(i.Repository)
		if err != nil {
			return nil, err
		}
		if _, err = r.Head(ctx, i.Digest.String()); !slices.Contains([]registry.Code{registry.Unauthorized, registry.Denied, registry.NotFound}, registry.CodeOf(err)) {
			return client, nil // what else is wrong with it, the decision says
		}
	}
	return nil, nil //nolint:nilnil // the webhook itself
}

// stays decides whether what a reference names may stay in an environment, on the evidence in the store, or beside the image.
func (a *app) stays(ctx context.Context, p *gate.Policy, v *attest.Verifier, repository, ref, env string) (gate.Decision, error) {
	name := a.storeName
	if name == "" {
		name = registryStore + repository
	}
	store, err := a.openStore(name)
	if err != nil {
		return gate.Decision{}, err
	}
	if a.gate, err = gate.New(p, v, store, version); err != nil {
		return gate.Decision{}, err
	}
	a.gate.Recorder = a.recorder()
	d, _, err := a.decideOne(ctx, ref, env, gate.Stay)
	return d, err
}

// tag is the digest that a tag names now.
func (j *judge) tag(ctx context.Context, repository, tag string) (attest.Digest, error) {
	r, err := j.repository(repository)
	if err != nil {
		return attest.Digest{}, err
	}
	d, err := r.Head(ctx, tag)
	return d.Digest, err
}
